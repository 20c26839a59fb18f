/*
 * Arrays of registers that are reached by an index, in instructions that may leave for the oracle
 * after they have changed some: these cannot be renamed, so their old values are kept.
 *
 * What is put back must not depend on the path.  So it is settled when the instruction begins:
 * elements that are written under a known index are kept then, and for each store by an index there
 * is a place for an index and a value, at first for no element.
 */
#include "machine/translator/simplify.h"

#include "isa/alloc.h"

void undo_prepare(struct simplifier *s)
{
	for (const struct uop *u = s->program->uop; u->op != U_END; u++)
		if (u->op == U_ELEM || u->op == U_SETELEM)
			memset(s->indexed + u->b, true, u->imm * sizeof *s->indexed);
}

static void keep_slot(struct simplifier *s, uint32_t slot)
{
	uint32_t old = simplify_spare(s);

	simplify_emit(s, (struct uop){ .op = U_MOVE, .width = 64, .d = old, .a = slot });
	simplify_emit(s, (struct uop){ .op = T_UNDO_SLOT, .d = old, .b = slot });
}

/* Of the n-th store by an index: spare slots, in pairs. */
static uint32_t kept_index(const struct simplifier *s, unsigned n)
{
	return s->kept + 2 * n;
}

static uint32_t kept_value(const struct simplifier *s, unsigned n)
{
	return s->kept + 2 * n + 1;
}

static void reserve(struct simplifier *s, const struct uop *store)
{
	uint32_t index = simplify_spare(s), value = simplify_spare(s);

	simplify_emit(s, (struct uop){ .op = U_CONST, .width = 64, .d = index, .imm = store->imm });
	simplify_emit(s, (struct uop){ .op = T_UNDO_ELEM,
				       .d = value,
				       .a = index,
				       .b = store->b,
				       .imm = store->imm });
}

void undo_begin(struct simplifier *s)
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
	s->kept = s->t->layout.spare + s->spare;
	for (unsigned i = 0; i < s->length; i++)
		if (s->program->uop[i].op == U_SETELEM)
			reserve(s, &s->program->uop[i]);
}

void undo_keep(struct simplifier *s, const struct uop *store)
{
	uint32_t n = 0, index = simplify_named(s, store->a);
	struct uop old = { .op = U_ELEM, .b = store->b, .imm = store->imm };
	uint64_t v;

	for (const struct uop *u = s->program->uop; u < store; u++)
		n += u->op == U_SETELEM;
	old.a = kept_index(s, n);
	old.d = kept_value(s, n);
	if (fact_known(s, index, &v))
		simplify_emit(s,
			      (struct uop){ .op = U_CONST, .width = 64, .d = old.a, .imm = v });
	else
		simplify_emit(s, (struct uop){ .op = U_MOVE,
					       .width = 64,
					       .d = old.a,
					       .a = fact_root(s, index) });
	simplify_emit(s, old);
	simplify_emit(s, (struct uop){ .op = T_KEPT, .d = old.d, .a = old.a });
}
