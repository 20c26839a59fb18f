/*
 * Simplification: the micro-operations of an instruction (machine/lower.h) become
 * those of machine/translator/ir.h, in one pass forward that keeps what is known of
 * each slot: its range, and whether it is another slot plus a constant.
 *
 * Where a control context gives the relocation, the checks of translate come down to
 * one comparison: this is where translation by base and bounds becomes one.
 */
#include "machine/translator/simplify.h"

#include "isa/alloc.h"

#include <stddef.h>

/* ---- ends of paths ---- */

static bool same_end(const struct end *e, bool is_known, uint64_t next)
{
	return e->known == is_known && (!is_known || e->next == next);
}

/* A part of it, if it is known.  What does not move with the instruction holds here only. */
static bool part_known(struct simplifier *s, uint32_t slot, uint64_t *v)
{
	if (fact_moves(s, slot, v))
		return true;
	if (!fact_known(s, slot, v))
		return false;
	s->bound = true;
	return true;
}

/* Is it known where execution goes on? */
static bool next_known(struct simplifier *s, uint64_t *position)
{
	const struct translator *t = s->t;
	uint64_t v;

	if (!t->isa->advance)
		return part_known(s, t->layout.work + WORK_NEXT, position);
	*position = 0;
	for (unsigned i = 0; i < t->nposition_parts; i++) {
		const struct position_part *part = &t->part_of_position[i];

		if (!part_known(s, simplify_named(s, part->slot), &v))
			return false;
		*position |= v << part->shift;
	}
	return true;
}

/* All parts of it but one? */
static bool next_known_but_one(struct simplifier *s, struct uop *indirect)
{
	const struct translator *t = s->t;
	unsigned unknown = 0;
	uint64_t v;

	for (unsigned i = 0; t->isa->advance && i < t->nposition_parts; i++) {
		const struct position_part *part = &t->part_of_position[i];
		uint32_t slot = simplify_named(s, part->slot);

		if (fact_known(s, slot, &v)) {
			indirect->imm |= v << part->shift;
			continue;
		}
		indirect->a = fact_root(s, slot);
		indirect->aux = (uint16_t)(i + 1);
		unknown++;
	}
	return unknown == 1;
}

/* A slot that holds it when it is not. */
static uint32_t next_slot(struct simplifier *s)
{
	const struct translator *t = s->t;
	uint32_t sum;

	if (!t->isa->advance)
		return fact_root(s, t->layout.work + WORK_NEXT);
	sum = simplify_spare(s);
	simplify_const(s, sum, 0);
	for (unsigned i = 0; i < t->nposition_parts; i++) {
		const struct position_part *part = &t->part_of_position[i];
		uint32_t moved = simplify_spare(s), next = simplify_spare(s);
		struct uop u = { .op = U_SHLI, .width = 64, .imm = part->shift };

		u.a = part->slot;
		simplify_operator(s, &u, moved);
		u = (struct uop){ .op = U_OR, .width = 64, .a = sum, .b = moved };
		simplify_operator(s, &u, next);
		sum = next;
	}
	return fact_root(s, sum);
}

static void go_indirectly(struct simplifier *s)
{
	struct uop u = { .op = T_INDIRECT };

	if (!next_known_but_one(s, &u))
		u = (struct uop){ .op = T_INDIRECT, .a = next_slot(s) };
	simplify_emit(s, u);
}

/* A jump that comes to the end of the instruction: the label where its path ends. */
unsigned simplify_jump_to_end(struct simplifier *s)
{
	uint64_t next = 0;
	bool is_known = next_known(s, &next);
	struct end *e = s->end;

	while (e < s->end + s->nends && !same_end(e, is_known, next))
		e++;
	if (e == s->end + ENDS) {
		s->failed = true;
		return 0;
	}
	if (e == s->end + s->nends) {
		s->nends++;
		*e = (struct end){ .next = next,
				   .known = is_known,
				   .label = s->into->ops.labels++ };
	}
	state_remember(s, &e->state);
	return e->label;
}

/* New values of registers become theirs; where execution goes on is said otherwise. */
static void commit(struct simplifier *s)
{
	bool all = s->how == SIMPLIFY_CODE || is_round(s->how) || !s->t->isa->advance;

	for (uint32_t i = 0; i < s->t->isa->nslots; i++)
		if (s->renamed[i] && (all || position_part(s->t, i) < 0))
			simplify_copy(s, i, s->t->layout.shadow + i);
	simplify_commit_stream(s);
}

/* What code gives, for whoever knows its parameter. */
static void note_result(struct simplifier *s)
{
	struct fact line = fact_linear(s, s->t->layout.work + WORK_RESULT);

	s->storage->result_base = s->slot[line.base];
	s->storage->result_offset = line.offset;
}

/* Then execution goes on elsewhere. */
static void finish(struct simplifier *s)
{
	uint64_t v;

	commit(s);
	if (is_round(s->how))
		simplify_emit(s, (struct uop){ .op = T_ROUND,
					       .a = fact_root(s, s->t->layout.work + WORK_LEFT) });
	else if (s->how == SIMPLIFY_CODE) {
		note_result(s);
		simplify_emit(s,
			      (struct uop){ .op = T_DONE, .a = s->t->layout.work + WORK_RESULT });
	} else if (next_known(s, &v)) {
		simplify_emit(s, (struct uop){ .op = T_GOTO, .imm = v });
		if (v == s->into->next)
			fact_pass_on(s);
	} else
		go_indirectly(s);
	s->reachable = false;
}

static void finish_others(struct simplifier *s)
{
	for (unsigned i = 0; i < s->nends && !s->failed; i++) {
		struct end *e = &s->end[i];

		state_extend(s, e->state, s->now.n);
		state_copy(&s->now, e->state);
		simplify_emit(s, (struct uop){ .op = T_LABEL, .d = e->label });
		finish(s);
	}
}

/* ---- traps ---- */

/*
 * A trap that surely comes is given to whoever runs the code at once; what comes seldom is
 * left to the oracle.  Other code than instructions traps when it is done.
 */
static void trap(struct simplifier *s, const struct uop *u)
{
	struct uop t = { .op = T_TRAP, .aux = u->aux, .b = u->b };
	bool code = s->how == SIMPLIFY_CODE, moved = s->t->isa->advance && u->aux == PHASE_NEXT;

	s->reachable = false;
	if (is_round(s->how) ||
	    (!code && (s->forked || u->aux == PHASE_COMPLETE || moved))) {
		simplify_emit(s, (struct uop){ .op = T_COLD });
		return;
	}
	t.a = simplify_spare(s);
	simplify_copy(s, t.a, simplify_named(s, u->a));
	if (code)
		commit(s);
	simplify_emit(s, t);
}

/* A round leaves as T_COLD where a line is asserted: round.c, after(). */
static void line(struct simplifier *s, const struct uop *u)
{
	if (is_round(s->how))
		simplify_const(s, simplify_named(s, u->d), 0);
	else
		s->failed = true;
}

/* ---- the pass ---- */

static void one(struct simplifier *s, unsigned i)
{
	const struct uop *u = &s->program->uop[i];

	if (u->op >= U_ADD && u->op < J_EQ) {
		simplify_operator(s, u, simplify_named(s, u->d));
		return;
	}
	if (ops_is_conditional(u)) {
		simplify_jump(s, u, i + 1 + u->d);
		return;
	}
	switch (u->op) {
	case U_CONST: simplify_const(s, simplify_named(s, u->d), u->imm); break;
	case U_MOVE: simplify_copy(s, simplify_named(s, u->d), simplify_named(s, u->a)); break;
	case U_NEG:
	case U_SLICE:
	case U_SEXT: simplify_unary(s, u, simplify_named(s, u->d)); break;
	case J_ALWAYS: simplify_jump_always(s, i + 1 + u->d); break;
	case U_ELEM: simplify_element(s, u, false); break;
	case U_SETELEM: simplify_element(s, u, true); break;
	case V_ELEMS ... U_FIRST: simplify_lanes(s, u); break;
	case U_CHECK: simplify_check(s, simplify_named(s, u->a)); break;
	case U_LOAD: simplify_unit(s, u, false); break;
	case U_STORE: simplify_unit(s, u, true); break;
	case U_LOADS: simplify_units(s, u, false); break;
	case U_STORES: simplify_units(s, u, true); break;
	case U_PLACE: simplify_place(s, u); break;
	case U_TRAP: trap(s, u); break;
	case U_LINE: line(s, u); break;
	case U_UNSPECIFIED: simplify_unspecified(s, u, simplify_named(s, u->d)); break;
	case T_BUDGET:
		simplify_emit(s, *u);
		fact_define(s, u->d, fact_range(0, INT64_MAX));
		break;
	case T_PUT:
		simplify_emit(
			s, (struct uop){ .op = T_PUT, .d = u->d, .a = simplify_operand(s, u->a) });
		break;
	case T_COLD:
		simplify_emit(s, *u);
		s->reachable = false;
		break;
	case U_KEEP:
	case U_KEEPELEM:
	case U_KEEPUNIT: break;
	default: s->failed = true;
	}
}

/* Comes to a place that jumps may come to, too. */
static void arrive(struct simplifier *s, unsigned i)
{
	if (!s->at[i])
		return;
	if (s->reachable)
		state_remember(s, &s->at[i]);
	state_extend(s, s->at[i], s->now.n);
	state_copy(&s->now, s->at[i]);
	s->reachable = true;
	simplify_emit(s, (struct uop){ .op = T_LABEL, .d = i });
}

/* Does it lead to other pages? */
static bool changes_pages(const struct translator *t, const struct uop *u)
{
	bool any = false;

	if (ops_effect(u).defines && u->d < t->isa->nslots)
		return t->watched[u->d];
	for (uint64_t i = 0; u->op == U_SETELEM && i < u->imm; i++)
		any |= t->watched[u->b + i];
	return any;
}

/* To these, or to another context? */
static bool changes_context(const struct translator *t, const struct uop *u)
{
	return changes_pages(t, u) ||
	       (ops_effect(u).defines && u->d < t->isa->nslots && t->keyed[u->d]);
}

/* Renames what is written before a trap may come, and where execution goes on.  Fails for loops
 * and for what is not undone so. */
static void prepare(struct simplifier *s)
{
	bool changes = false, places = false;

	undo_prepare(s);
	for (unsigned i = 0; s->t->isa->advance && i < s->t->nposition_parts; i++)
		s->renamed[s->t->part_of_position[i].slot] = s->how != SIMPLIFY_CODE;
	while (s->program->uop[s->length].op != U_END) {
		const struct uop *u = &s->program->uop[s->length++];

		bool writes = ops_effect(u).defines && u->d < s->t->isa->nslots;

		if ((u->op == U_KEEP || writes) && (s->all || u->op == U_KEEP))
			s->renamed[u->d] = !s->saving || !s->indexed[u->d];
		s->failed |= ops_is_jump(u) && (int32_t)u->d < 0;
		if (u->op == U_KEEPELEM && !s->saving)
			s->failed = s->clashes = true;
		changes |= changes_context(s->t, u);
		s->into->repages |= changes_pages(s->t, u);
		places |= u->op == U_PLACE;
	}
	s->failed |= changes && places && s->how != SIMPLIFY_FREE;
}

/* What is known of a slot is in it, too, where paths meet of which only some write it. */
static void begin(struct simplifier *s)
{
	s->into->ops.labels = s->length;
	if (knows_position(s->how))
		simplify_moving(s, s->t->layout.work + WORK_NEXT, position_p(s->t, s->into->next));
	for (uint32_t i = 0; i < s->t->isa->nslots; i++)
		if (s->renamed[i])
			simplify_copy(s, s->t->layout.shadow + i, i);
	simplify_begin_stream(s);
	if (s->saving)
		undo_begin(s);
}

static void walk(struct simplifier *s)
{
	begin(s);
	for (unsigned i = 0; i < s->length && !s->failed; i++) {
		arrive(s, i);
		if (!s->reachable)
			continue;
		/* what surely traps before may stand among others */
		if (s->how == SIMPLIFY_FREE && changes_context(s->t, &s->program->uop[i]))
			s->failed = true;
		else
			one(s, i);
	}
	if (s->reachable && !s->failed)
		finish(s);
	finish_others(s);
}

static void forget(struct simplifier *s)
{
	for (unsigned i = 0; i < s->now.n; i++)
		s->t->dense[s->slot[i]] = 0;
	s->storage->nstates = 0;
}

struct simplifier_storage *simplifier_storage_new(const struct translator *t)
{
	struct simplifier_storage *of = xcalloc(1, sizeof *of);

	recall_begin(of);
	of->renamed = xcalloc(t->isa->nslots, sizeof *of->renamed);
	of->indexed = xcalloc(t->isa->nslots, sizeof *of->indexed);
	return of;
}

void simplifier_storage_free(struct simplifier_storage *of)
{
	if (!of)
		return;
	for (unsigned i = 0; i < of->states_capacity; i++)
		free(of->state[i]);
	free(of->state);
	free(of->at);
	free(of->told);
	recall_nothing(of);
	ops_free(&of->ops);
	free(of->recalled);
	free(of->renamed);
	free(of->indexed);
	free(of);
}

/* A program's length is known: nothing is known yet at any of its places. */
static void begin_places(struct simplifier *s)
{
	struct simplifier_storage *of = s->storage;

	if (s->length >= of->at_capacity) {
		of->at_capacity = 2 * s->length + 1;
		of->at = xrealloc(of->at, of->at_capacity * sizeof *of->at);
	}
	s->at = of->at;
	memset(s->at, 0, (s->length + 1) * sizeof *s->at);
}

/* Is a value one of the addresses at which execution goes on if an instruction does not jump? */
static bool follows(const struct translator *t, const struct instruction *in, uint64_t value)
{
	for (unsigned i = 0; t->nposition_parts > 1 && i < t->nposition_parts; i++)
		if (position_value(t, in->next, i) == value)
			return true;
	return t->nposition_parts == 1 && value == in->next;
}

bool simplify_calls(const struct translator *t, struct instruction *in)
{
	for (unsigned i = 0; i < in->ops.count; i++) {
		const struct uop *u = &in->ops.op[i];

		if (u->op != U_CONST || u->d >= t->isa->nslots || !follows(t, in, u->imm))
			continue;
		in->back = u->imm;
		return true;
	}
	return false;
}

enum attempt { KEEP_JOURNAL, KEEP_REGISTERS, KEEP_STORAGE, ATTEMPTS };

/* What was made is clean, and the oracle finds the state as it was. */
static bool good(const struct simplifier *s)
{
	uint32_t nslots = s->t->isa->nslots;

	ops_clean(&s->into->ops, nslots);
	return ops_restartable(&s->into->ops, nslots, s->saving ? s->indexed : NULL,
			       s->how == SIMPLIFY_CODE);
}

/* False if keeping more may help. */
static bool attempt(const struct translator *t, const struct context *context,
		    const struct program *program, enum simplify how, enum attempt attempt,
		    struct instruction *into)
{
	struct simplifier *s = &t->simplifier->simplifier;
	bool enough;

	memset(s, 0, offsetof(struct simplifier, end));
	s->now.n = 0;
	s->storage = t->simplifier;
	s->t = t;
	s->context = context;
	s->program = program;
	s->into = into;
	s->how = how;
	s->all = attempt >= KEEP_REGISTERS;
	s->saving = attempt == KEEP_STORAGE;
	s->reachable = true;
	s->renamed = s->storage->renamed;
	s->indexed = s->storage->indexed;
	memset(s->renamed, 0, t->isa->nslots * sizeof *s->renamed);
	memset(s->indexed, 0, t->isa->nslots * sizeof *s->indexed);
	prepare(s);
	begin_places(s);
	if (!s->failed)
		walk(s);
	into->alone = s->failed;
	into->informs = s->reached_next;
	into->bound |= s->bound;
	if (how == SIMPLIFY_FREE)
		fact_tell(s);
	enough = s->failed ? !s->clashes : good(s);
	forget(s);
	return enough;
}

/* Does an operation nothing but compute what is no register? */
static bool computes(const struct uop *u, uint32_t nslots)
{
	return (u->op == U_CONST || u->op == U_MOVE || u->op == U_SLICE ||
		(u->op >= U_ADD && u->op < J_EQ)) &&
	       u->d >= nslots;
}

bool simplify_shifts(const struct translator *t, const struct context *context,
		     const struct program *program, struct range parameter, uint64_t *by)
{
	struct simplifier_storage *of = t->simplifier;
	struct instruction in;
	bool shifts;

	of->parameter = &parameter;
	of->result_base = NO_INDEX;
	simplify(t, context, program, SIMPLIFY_CODE, 0, &in);
	of->parameter = NULL;
	shifts = !in.alone && of->result_base == t->layout.locals;
	for (unsigned i = 0; i < in.ops.count; i++)
		shifts &= in.ops.op[i].op == T_DONE || computes(&in.ops.op[i], t->isa->nslots);
	*by = of->result_offset;
	ops_free(&in.ops);
	return shifts;
}

static bool only_traps(const struct ops *o)
{
	for (unsigned i = 0; i < o->count; i++)
		if (ops_ends_path(&o->op[i]) && o->op[i].op != T_TRAP)
			return false;
	return true;
}

void simplify(const struct translator *t, const struct context *context,
	      const struct program *program, enum simplify how, uint64_t p,
	      struct instruction *into)
{
	struct simplifier_storage *of = t->simplifier;
	bool enough = false;

	*into = (struct instruction){ .p = p, .next = position_next(t, p) };
	into->clock = program->clock;
	into->ops = of->ops;
	for (enum attempt a = KEEP_JOURNAL; a < ATTEMPTS && !enough; a++) {
		into->ops.count = into->ops.labels = 0;
		into->retried = a > KEEP_JOURNAL;
		enough = attempt(t, context, program, how, a, into);
	}
	of->ops = into->ops;
	into->ops = ops_copy(&of->ops);
	into->alone |= !enough;
	/* what meets the clock must find it settled, but a trap does nothing to it */
	if (program->clock && how == SIMPLIFY_FREE)
		into->alone |= !only_traps(&into->ops);
	into->traps = !into->alone && only_traps(&into->ops);
	into->calls = !into->alone && simplify_calls(t, into);
}
