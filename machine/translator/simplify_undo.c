/*
 * What an instruction keeps, that may leave for the oracle after it has changed something: what
 * the units held that it stores into, and the elements of arrays that are reached by an index, so
 * that they cannot be renamed.
 *
 * What is put back must not depend on the path.  So it is settled when the instruction begins:
 * elements that are written under a known index are kept then, and for each other store there is
 * room for a place and a value, at first for no place.
 */
#include "machine/translator/simplify.h"

#include "isa/alloc.h"

void undo_prepare(struct simplifier *s)
{
	for (const struct uop *u = s->program->uop; u->op != U_END; u++)
		if (u->op == U_ELEM || u->op == V_ELEMS || u->op == U_SETELEM)
			memset(s->indexed + u->b, true, u->imm * sizeof *s->indexed);
}

static bool is_store(const struct uop *u)
{
	return u->op == U_STORE || u->op == U_STORES || u->op == U_SETELEM;
}

/* The rooms are pairs of spare slots, in the order of the program. */
uint32_t undo_place(const struct simplifier *s, const struct uop *store)
{
	uint32_t slot = s->rooms;

	for (const struct uop *u = s->program->uop; u < store; u++)
		slot += is_store(u) ? 2 : 0;
	return slot;
}

uint32_t undo_value(const struct simplifier *s, const struct uop *store)
{
	return undo_place(s, store) + 1;
}

static void keep_slot(struct simplifier *s, uint32_t slot)
{
	uint32_t old = simplify_spare(s);

	simplify_emit(s, (struct uop){ .op = U_MOVE, .width = 64, .d = old, .a = slot });
	simplify_emit(s, (struct uop){ .op = T_UNDO_SLOT, .d = old, .b = slot });
}

static void keep_slots(struct simplifier *s)
{
	bool *kept = xcalloc(s->t->isa->nslots, sizeof *kept);

	for (unsigned i = 0; i < s->length; i++) {
		const struct uop *u = &s->program->uop[i];

		if (!ops_effect(u).defines || u->d >= s->t->isa->nslots || !s->indexed[u->d] ||
		    kept[u->d])
			continue;
		kept[u->d] = true;
		keep_slot(s, u->d);
	}
	free(kept);
}

static void make_room(struct simplifier *s, const struct uop *store)
{
	uint32_t place = simplify_spare(s), value = simplify_spare(s);
	struct uop undo = { .op = T_UNDO_ELEM, .d = value, .a = place, .b = store->b };

	undo.imm = store->op == U_STORE ? 1 : store->imm;
	if (store->op != U_SETELEM)
		undo.op = T_UNDO;
	simplify_emit(s, (struct uop){ .op = U_CONST, .width = 64, .d = place, .imm = UINT64_MAX });
	simplify_emit(s, undo);
}

void undo_begin(struct simplifier *s)
{
	keep_slots(s);
	s->rooms = s->t->layout.spare + s->spare;
	for (unsigned i = 0; i < s->length; i++)
		if (is_store(&s->program->uop[i]))
			make_room(s, &s->program->uop[i]);
}

void undo_from(struct simplifier *s, const struct uop *store)
{
	uint32_t place = simplify_named(s, store->a), room = undo_place(s, store);
	struct uop move = { .op = U_MOVE, .width = 64, .d = room };

	if (fact_known(s, place, &move.imm))
		move.op = U_CONST;
	else
		move.a = fact_root(s, place);
	simplify_emit(s, move);
	simplify_emit(s, (struct uop){ .op = T_KEPT, .d = undo_value(s, store), .a = room });
}
