/*
 * Making a failing case small.  Each change is kept if the case still fails alike:
 * at the same instruction, or at none, or only by a violation of resource control.
 *
 *   setting    no neighbours, every step compared, the default quantum, few steps
 *   start      as late as it still fails: the state just before the cause
 *   storage    cleared, in halves, quarters and so on
 *   deposits   dropped, or made simple
 *   fields     of instructions that are left, cleared
 */
#include "vmm/fuzz_private.h"

#include "isa/alloc.h"
#include "isa/asm.h"

struct shrink {
	const struct fuzz_subject *subject;
	struct fuzz_case *best;
	struct equivalence *how;
	bool changed; /* in this round */
};

static bool alike(const struct equivalence *a, const struct equivalence *b)
{
	const struct difference *x = &a->at[DEPTH_CAUSE], *y = &b->at[DEPTH_CAUSE];

	if (!fuzz_failing(b) || x->found != y->found)
		return false;
	return !x->found || (x->instruction_known == y->instruction_known && x->instr == y->instr);
}

/* Takes a changed case as the best if it still fails alike; the change is over in any case. */
static bool keep_if_alike(struct shrink *s, struct fuzz_case *changed)
{
	struct equivalence e;
	char reason[1];

	if (!fuzz_try(s->subject, changed, &e, reason, sizeof reason) || !alike(s->how, &e)) {
		fuzz_case_free(changed);
		return false;
	}
	fuzz_case_free(s->best);
	*s->best = *changed;
	*s->how = e;
	s->best->setting.steps = e.steps + e.at[DEPTH_CAUSE].found;
	s->changed = true;
	return true;
}

static struct fuzz_case changeable(const struct shrink *s)
{
	return fuzz_case_copy(s->subject->plan, s->best);
}

/* ---- the setting ---- */

static void shrink_setting(struct shrink *s)
{
	struct fuzz_case c = changeable(s);

	c.setting.slice = 1;
	keep_if_alike(s, &c);
	while (s->best->setting.neighbours > 0) {
		c = changeable(s);
		c.setting.neighbours--;
		if (!keep_if_alike(s, &c))
			break;
	}
	if (s->best->setting.quantum) {
		c = changeable(s);
		c.setting.quantum = 0;
		keep_if_alike(s, &c);
	}
	c = changeable(s);
	c.guest.input_count = 0;
	if (s->best->guest.input_count)
		keep_if_alike(s, &c);
	else
		fuzz_case_free(&c);
}

/* A violation has no step of its own: the fewest steps in which it comes, by halving. */
static void shrink_steps(struct shrink *s)
{
	uint64_t without = 0, with = s->how->steps;

	while (!s->how->at[DEPTH_CAUSE].found && with - without > 1) {
		struct fuzz_case c = changeable(s);

		c.setting.steps = without + (with - without) / 2;
		if (keep_if_alike(s, &c))
			with = s->best->setting.steps = s->how->steps;
		else
			without += (with - without) / 2;
	}
}

/* ---- the start ---- */

static bool start_later(struct shrink *s, uint64_t steps)
{
	struct fuzz_case c = changeable(s);
	struct fuzz_guest later = fuzz_later(s->subject, s->best, steps);

	fuzz_guest_free(&c.guest);
	c.guest = later;
	return keep_if_alike(s, &c);
}

static void shrink_start(struct shrink *s)
{
	uint64_t cause =
		s->how->at[DEPTH_CAUSE].found ? s->how->at[DEPTH_CAUSE].step : s->how->steps;

	for (uint64_t back = 1; back < cause;
	     back *= 2) /* the cause is the last of so many steps */
		if (start_later(s, cause - back))
			return;
}

/* ---- storage ---- */

static void clear_chunks(struct shrink *s, struct fuzz_guest *(*of)(struct fuzz_case *),
			 uint64_t chunk)
{
	uint64_t size = of(s->best)->size;

	for (uint64_t a = 0; a < size; a += chunk) {
		uint64_t n = size - a < chunk ? size - a : chunk, used = 0;
		struct fuzz_case c;

		for (uint64_t i = a; i < a + n; i++)
			used |= of(s->best)->unit[i];
		if (!used)
			continue;
		c = changeable(s);
		memset(of(&c)->unit + a, 0, n * sizeof(uint64_t));
		keep_if_alike(s, &c);
	}
}

static void shrink_storage(struct shrink *s, struct fuzz_guest *(*of)(struct fuzz_case *))
{
	uint64_t unit = s->subject->plan->word_units, chunk = of(s->best)->size;

	while (chunk > unit) {
		chunk = chunk / 2 / unit * unit;
		if (chunk < unit)
			chunk = unit;
		clear_chunks(s, of, chunk);
	}
}

/* ---- deposits ---- */

/* A value in place of a deposit's, if it is simpler. */
static bool try_value(struct shrink *s, struct fuzz_guest *(*of)(struct fuzz_case *), unsigned i,
		      uint64_t value)
{
	const struct isa_reg *reg = table_entry(s->subject->plan->table, i)->reg;
	struct fuzz_case c;

	if (of(s->best)->value[i] <= value || (reg && isa_reg_member(reg, value) != value))
		return false;
	c = changeable(s);
	of(&c)->value[i] = value;
	return keep_if_alike(s, &c);
}

static void shrink_deposits(struct shrink *s, struct fuzz_guest *(*of)(struct fuzz_case *))
{
	for (unsigned i = 0; i < table_size(s->subject->plan->table); i++) {
		struct fuzz_case c;

		if (!of(s->best)->deposited[i])
			continue;
		c = changeable(s);
		of(&c)->deposited[i] = false;
		if (keep_if_alike(s, &c) || try_value(s, of, i, 0) || try_value(s, of, i, 1))
			continue;
		try_value(s, of, i, of(s->best)->size);
	}
}

/* ---- instructions ---- */

static bool clear_field(struct shrink *s, uint64_t a, const struct isa_instr *instr, uint64_t word,
			const struct isa_field *f)
{
	uint64_t simpler = word & ~((isa_mask(f->width) << f->lo) & ~instr->mask);
	struct fuzz_case c;

	if (simpler == word)
		return false;
	c = changeable(s);
	isa_pack(s->subject->plan->isa, simpler, c.guest.unit + a);
	return keep_if_alike(s, &c);
}

static void shrink_instructions(struct shrink *s)
{
	const struct isa *isa = s->subject->plan->isa;

	for (uint64_t a = 0; a + isa->length <= s->best->guest.size; a += isa->length) {
		uint64_t word = isa_unpack(isa, s->best->guest.unit + a);
		const struct isa_instr *instr = isa_decode(isa, word);

		for (unsigned i = 0; instr && word && i < instr->format->nfields; i++)
			if (clear_field(s, a, instr, word, &instr->format->field[i]))
				word = isa_unpack(isa, s->best->guest.unit + a);
	}
}

/* ---- all of it ---- */

static struct fuzz_guest *the_guest(struct fuzz_case *c)
{
	return &c->guest;
}

static struct fuzz_guest *neighbour_1(struct fuzz_case *c)
{
	return &c->neighbour[0];
}

static struct fuzz_guest *neighbour_2(struct fuzz_case *c)
{
	return &c->neighbour[1];
}

void fuzz_shrink(const struct fuzz_subject *subject, struct fuzz_case *best,
		 struct equivalence *how)
{
	static struct fuzz_guest *(*const of[])(struct fuzz_case *) = { the_guest, neighbour_1,
									neighbour_2 };
	struct shrink s = { .subject = subject, .best = best, .how = how, .changed = true };

	shrink_setting(&s);
	shrink_steps(&s);
	shrink_start(&s);
	for (unsigned round = 0; s.changed && round < 4; round++) {
		s.changed = false;
		for (unsigned i = 0; i <= best->setting.neighbours; i++) {
			shrink_storage(&s, of[i]);
			shrink_deposits(&s, of[i]);
		}
		shrink_instructions(&s);
		shrink_setting(&s);
	}
}
