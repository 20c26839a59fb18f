/* What is known of the slots while an instruction is simplified: see simplify.h. */
#include "machine/translator/simplify.h"

#include "isa/alloc.h"

/* ---- what is known ---- */

struct fact fact_range(uint64_t lo, uint64_t hi)
{
	return (struct fact){ .lo = lo, .hi = hi, .base = NO_BASE, .wrapped = NO_BASE };
}

struct fact fact_const(uint64_t v)
{
	return fact_range(v, v);
}

static struct fact fact_moving(uint64_t v)
{
	struct fact f = fact_const(v);

	f.place = MOVES;
	return f;
}

/* What a slot surely holds before the instruction, whatever the instructions before it found out. */
static bool surely_before(const struct simplifier *s, uint32_t slot, uint64_t *value)
{
	const struct translator *t = s->t;
	int part = position_part(t, slot);

	if (part >= 0 && knows_position(s->how)) {
		*value = position_value(t, s->into->p, (unsigned)part);
		return true;
	}
	if (slot >= t->isa->nslots || !t->keyed[slot] || !s->context->key.keyed)
		return false;
	for (unsigned i = 0; i < t->nkeys; i++)
		if (t->key_slot[i] == slot && t->key_apart[i] == isa_mask(t->width[slot])) {
			*value = s->context->key.slot[i];
			return true;
		}
	return false;
}

/* Of a slot before the instruction. */
static struct fact value_before(const struct simplifier *s, uint32_t slot)
{
	const struct translator *t = s->t;
	uint64_t value;

	if (surely_before(s, slot, &value))
		return position_part(t, slot) >= 0 ? fact_moving(value) : fact_const(value);
	if (slot == t->layout.work + WORK_NEXT)
		return fact_moving(position_p(t, s->into->next));
	if (slot == t->layout.work + WORK_SIZE)
		return fact_const(s->context->key.size);
	if (slot == t->layout.work + WORK_MISSED) /* an address */
		return fact_range(0, isa_mask(t->isa->word));
	if (slot == t->layout.locals && s->storage->parameter)
		return fact_range(s->storage->parameter->lo, s->storage->parameter->hi);
	if (slot < t->isa->nslots && s->how == SIMPLIFY_FREE)
		return fact_range(t->before[slot].lo, t->before[slot].hi);
	return fact_range(0, slot < t->isa->nslots ? isa_mask(t->width[slot]) : UINT64_MAX);
}

static struct fact fact_initial(const struct simplifier *s, uint32_t slot)
{
	struct fact f = value_before(s, slot);

	f.initial = slot < s->t->isa->nslots;
	return f;
}

void state_extend(const struct simplifier *s, struct state *state, unsigned n)
{
	for (; state->n < n; state->n++)
		state->fact[state->n] = fact_initial(s, s->slot[state->n]);
}

uint32_t simplify_named(const struct simplifier *s, uint32_t slot)
{
	return slot < s->t->isa->nslots && s->renamed[slot] ? s->t->layout.shadow + slot : slot;
}

/* The dense number of a slot; counted from 1 in t->dense, 0: none yet. */
static unsigned number(struct simplifier *s, uint32_t slot)
{
	unsigned n = s->t->dense[slot];

	if (n)
		return n - 1;
	n = s->now.n;
	/* the time is told before what runs by itself */
	s->failed |= slot == s->t->layout.work + WORK_TIME && s->how == SIMPLIFY_FREE;
	if (n == MOST) {
		s->failed = true;
		return 0;
	}
	s->slot[n] = slot;
	s->leaned_on[n] = false;
	s->t->dense[slot] = (uint16_t)(n + 1);
	state_extend(s, &s->now, n + 1);
	return n;
}

void fact_at_most(struct fact *f, uint64_t hi)
{
	if (f->hi > hi && f->lo <= hi)
		f->hi = hi;
}

void fact_at_least(struct fact *f, uint64_t lo)
{
	if (f->lo < lo && f->hi >= lo)
		f->lo = lo;
}

/* What was learned of its base since holds of a slot, too. */
static struct fact *fact_here(struct simplifier *s, uint32_t slot)
{
	struct fact *f = &s->now.fact[number(s, slot)];
	const struct fact *base;

	if (f->base == NO_BASE)
		return f;
	base = &s->now.fact[f->base];
	if ((int64_t)f->offset >= 0 || base->lo >= -f->offset) {
		fact_at_most(f, base->hi + f->offset);
		fact_at_least(f, base->lo + f->offset);
	}
	return f;
}

struct fact *fact_of(struct simplifier *s, uint32_t slot)
{
	struct fact *f = fact_here(s, slot);

	s->bound |= f->place != ANYWHERE;
	return f;
}

bool fact_moves(struct simplifier *s, uint32_t slot, uint64_t *v)
{
	const struct fact *f = fact_here(s, slot);

	*v = f->lo;
	return f->place == MOVES;
}

/* Of what has not been looked at the same is known as before; where execution is, is known anyway. */
void fact_pass_on(struct simplifier *s)
{
	const struct translator *t = s->t;

	for (unsigned i = 0; i < s->now.n; i++) {
		uint32_t slot = s->slot[i];
		struct range *r = &t->after[slot];
		const struct fact *f;

		if (slot >= t->isa->nslots || position_part(t, slot) >= 0)
			continue;
		f = fact_of(s, slot);
		if (!s->reached_next)
			*r = (struct range){ f->lo, f->hi };
		else if (i >= s->passed)
			*r = t->before[slot];
		r->lo = f->lo < r->lo ? f->lo : r->lo;
		r->hi = f->hi > r->hi ? f->hi : r->hi;
	}
	s->passed = s->now.n;
	s->reached_next = true;
}

void fact_tell(struct simplifier *s)
{
	const struct translator *t = s->t;
	struct instruction *in = s->into;

	in->told = s->storage->ntold;
	for (unsigned i = 0; i < s->now.n; i++) {
		struct told told = { .slot = s->slot[i] };
		uint64_t value;

		if (told.slot >= t->isa->nslots || surely_before(s, told.slot, &value))
			continue;
		told.range = i < s->passed ? t->after[told.slot] : t->before[told.slot];
		carry_tell(t, &told);
	}
	in->ntold = s->storage->ntold - in->told;
}

bool fact_known(struct simplifier *s, uint32_t slot, uint64_t *v)
{
	const struct fact *f = fact_of(s, slot);

	*v = f->lo;
	return f->lo == f->hi;
}

bool fact_bits_known(struct simplifier *s, uint32_t slot, uint64_t mask, uint64_t *value)
{
	const struct translator *t = s->t;
	uint32_t root = fact_root(s, slot);

	if (root >= t->isa->nslots || !t->keyed[root] || !s->context->key.keyed ||
	    !fact_of(s, root)->initial)
		return false;
	for (unsigned i = 0; i < t->nkeys; i++)
		if (t->key_slot[i] == root && !(mask & ~t->key_apart[i])) {
			*value = s->context->key.slot[i] & mask;
			return true;
		}
	return false;
}

static uint32_t root_of(const struct simplifier *s, uint32_t slot, const struct fact *f)
{
	return f->base != NO_BASE && f->offset == 0 ? s->slot[f->base] : slot;
}

/* The slot that holds the same value for longer. */
uint32_t fact_root(struct simplifier *s, uint32_t slot)
{
	return root_of(s, slot, fact_of(s, slot));
}

/* A slot as a base and an offset: itself and 0 at least. */
struct fact fact_linear(struct simplifier *s, uint32_t slot)
{
	struct fact f = *fact_of(s, slot);

	if (f.base == NO_BASE) {
		f.base = (uint16_t)number(s, slot);
		f.offset = 0;
	}
	return f;
}

static void forget_base(struct fact *f, unsigned n)
{
	if (f->base == n)
		f->base = NO_BASE;
	if (f->wrapped == n)
		f->wrapped = NO_BASE;
}

/* A slot gets a new value. */
void fact_define(struct simplifier *s, uint32_t slot, struct fact f)
{
	unsigned n = number(s, slot);

	for (unsigned i = 0; s->leaned_on[n] && i < s->now.n; i++)
		forget_base(&s->now.fact[i], n);
	forget_base(&f, n);
	f.initial = false;
	if (f.base != NO_BASE)
		s->leaned_on[f.base] = true;
	if (f.wrapped != NO_BASE)
		s->leaned_on[f.wrapped] = true;
	s->now.fact[n] = f;
}

void simplify_emit(struct simplifier *s, struct uop u)
{
	ops_add(&s->into->ops, u);
}

/* Has a register, under its own name, surely this value?  Where execution is, no register says. */
static bool holds(struct simplifier *s, uint32_t slot, uint64_t v)
{
	uint64_t now;

	return slot < s->t->isa->nslots && position_part(s->t, slot) < 0 &&
	       fact_known(s, slot, &now) && now == v;
}

void simplify_const(struct simplifier *s, uint32_t d, uint64_t v)
{
	if (holds(s, d, v))
		return;
	simplify_emit(s, (struct uop){ .op = U_CONST, .width = 64, .d = d, .imm = v });
	fact_define(s, d, fact_const(v));
}

void simplify_moving(struct simplifier *s, uint32_t d, uint64_t v)
{
	uint64_t now;

	if (d < s->t->isa->nslots && position_part(s->t, d) < 0 && fact_known(s, d, &now)) {
		s->bound = true; /* elsewhere it may be that, or not */
		if (now == v)
			return;
	}
	simplify_emit(s, (struct uop){
				 .op = U_CONST, .width = 64, .aux = MOVING, .d = d, .imm = v });
	fact_define(s, d, fact_moving(v));
}

uint32_t simplify_spare(struct simplifier *s)
{
	if (s->spare == SPARE_SLOTS) {
		s->failed = true;
		return s->t->layout.spare;
	}
	return s->t->layout.spare + s->spare++;
}

/* An operand as a slot that holds it; constants are made where they are used. */
uint32_t simplify_operand(struct simplifier *s, uint32_t slot)
{
	uint64_t v;
	uint32_t d;

	slot = simplify_named(s, slot);
	if (!fact_known(s, slot, &v))
		return fact_root(s, slot);
	d = simplify_spare(s);
	simplify_const(s, d, v);
	return d;
}

void simplify_copy(struct simplifier *s, uint32_t d, uint32_t a)
{
	struct fact f;
	uint64_t v;

	if (fact_moves(s, a, &v)) {
		simplify_moving(s, d, v);
		return;
	}
	if (fact_known(s, a, &v)) {
		simplify_const(s, d, v);
		return;
	}
	if (fact_root(s, a) == root_of(s, d, fact_here(s, d))) /* whatever d holds, it is lost */
		return;
	f = fact_linear(s, a);
	simplify_emit(s, (struct uop){ .op = U_MOVE, .width = 64, .d = d, .a = fact_root(s, a) });
	fact_define(s, d, f);
}

/* ---- joining ---- */

static void meet(struct state *into, const struct state *from)
{
	for (unsigned i = 0; i < into->n; i++) {
		struct fact *a = &into->fact[i];
		const struct fact *b = &from->fact[i];

		if (a->base != b->base || a->offset != b->offset)
			a->base = NO_BASE;
		if (a->wrapped != b->wrapped || a->addend != b->addend)
			a->wrapped = NO_BASE;
		a->initial &= b->initial;
		if (a->place != b->place || (a->place == MOVES && a->lo != b->lo))
			a->place = BOUND;
		a->lo = a->lo < b->lo ? a->lo : b->lo;
		a->hi = a->hi > b->hi ? a->hi : b->hi;
	}
}

void state_copy(struct state *to, const struct state *from)
{
	to->n = from->n;
	memcpy(to->fact, from->fact, from->n * sizeof *from->fact);
}

/* One that nobody uses until this attempt is over. */
static struct state *state_new(struct simplifier *s)
{
	struct simplifier_storage *of = s->storage;

	if (of->nstates == of->states_capacity) {
		of->state = xrealloc(of->state, ++of->states_capacity * sizeof *of->state);
		of->state[of->nstates] = xmalloc(sizeof **of->state);
	}
	return of->state[of->nstates++];
}

void state_remember(struct simplifier *s, struct state **at)
{
	if (*at) {
		state_extend(s, *at, s->now.n);
		meet(*at, &s->now);
		return;
	}
	*at = state_new(s);
	state_copy(*at, &s->now);
}
