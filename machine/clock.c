/*
 * Time: DESIGN section 3 "Time".  A unit is settled in this order: time + 1; tick,
 * on the state as it is; the devices advance; if tick raised nothing, the asserted
 * lines are offered to interrupt, lowest first, until one traps.
 *
 * Batching: clock_horizon promises that so many units raise nothing, whoever
 * settles them, and clock_skip settles them at once.
 */
#include "machine/oracle.h"

#include <string.h>

/* ---- what the clock's code depends on ---- */

/* Is an expression, its operands apart, different from one unit to the next? */
typedef bool varies(const struct isa *, const struct expr *);

static bool time_varies(const struct isa *isa, const struct expr *e)
{
	(void)isa;
	return e->op == X_TIME;
}

static bool ticks_vary(const struct isa *isa, const struct expr *e)
{
	return e->op == X_TIME ||
	       (e->reg && (code_writes(isa->tick, e->reg) || code_writes(isa->skip, e->reg)));
}

static bool expr_steady(const struct isa *isa, const struct expr *e, varies *varies)
{
	if (!e)
		return true;
	for (unsigned i = 0; i < expr_op_arity(e->op); i++)
		if (!expr_steady(isa, e->arg[i], varies))
			return false;
	return !varies(isa, e);
}

static bool list_steady(const struct isa *isa, const struct stmt *s, varies *varies)
{
	for (; s; s = s->next)
		if (s->op == S_UNSPECIFIED || !expr_steady(isa, s->address, varies) ||
		    !expr_steady(isa, s->value, varies) || !list_steady(isa, s->body, varies) ||
		    !list_steady(isa, s->otherwise, varies))
			return false;
	return true;
}

bool clock_interrupt_steady(const struct isa *isa)
{
	return !isa->interrupt || list_steady(isa, isa->interrupt->body, ticks_vary);
}

bool clock_tick_steady(const struct isa *isa)
{
	return !isa->tick || list_steady(isa, isa->tick->body, time_varies);
}

static bool comes_from_outside(const struct isa *isa, const struct expr *e)
{
	(void)isa;
	return e->op == X_TIME || e->op == X_LINE;
}

unsigned clock_inputs(const struct isa *isa, uint32_t slot[CLOCK_INPUTS])
{
	const struct code *const code[] = { isa->tick, isa->horizon, isa->skip };
	unsigned n = 0;

	for (unsigned i = 0; i < 3; i++)
		if (!code[i] || !list_steady(isa, code[i]->body, comes_from_outside) ||
		    code_holds(code[i], S_LOAD) || code_holds(code[i], S_STORE))
			return 0;
	for (const struct isa_reg *r = isa->reg; r < isa->reg + isa->nregs; r++) {
		bool counts = false;

		for (unsigned i = 0; i < 3; i++)
			counts |= code_reads(code[i], r) || code_writes(code[i], r);
		for (unsigned i = 0; counts && i < r->count; i++) {
			if (n == CLOCK_INPUTS)
				return 0;
			slot[n++] = r->slot + i;
		}
	}
	return n;
}

/* ---- lines ---- */

bool clock_line(const struct view *v, uint64_t n)
{
	for (unsigned i = 0; i < v->isa->ndevices; i++) {
		const struct device *d = v->device[i];

		if (d->decl->line >= 0 && (uint64_t)d->decl->line == n && d->class->line(d))
			return true;
	}
	return false;
}

/* The lowest asserted line from n on; -1: none. */
static int asserted_line(const struct view *v, int n)
{
	int lowest = -1;

	for (unsigned i = 0; i < v->isa->ndevices; i++) {
		const struct device *d = v->device[i];
		int line = d->decl->line;

		if (line >= n && (lowest < 0 || line < lowest) && d->class->line(d))
			lowest = line;
	}
	return lowest;
}

/* ---- one unit ---- */

static inline bool quiet(const struct view *v)
{
	return v->cpu->time < v->cpu->quiet;
}

static void tell(const struct view *v, uint64_t time)
{
	for (unsigned i = 0; i < v->isa->ndevices; i++)
		v->device[i]->class->advance(v->device[i], time);
	v->cpu->untold = 0;
}

static inline void advance(const struct view *v)
{
	if (quiet(v))
		v->cpu->untold = v->cpu->time;
	else
		tell(v, v->cpu->time);
}

void clock_wake(const struct view *v)
{
	if (v->cpu->untold)
		tell(v, v->cpu->untold);
	v->cpu->quiet = 0;
}

static void settle_trap(const struct view *v, enum trap_source source, struct trap *raised)
{
	raised->source = source;
	raised->phase = PHASE_COMPLETE;
	raised->p = raised->tpc = v->cpu->state[v->isa->role[ROLE_PC]->slot];
}

/* Offers the asserted lines, lowest first; true if one traps. */
static bool sample(const struct view *v, struct trap *raised)
{
	bool trapped = false;

	for (int n = asserted_line(v, 0); n >= 0 && !trapped; n = asserted_line(v, n + 1))
		trapped =
			oracle_call(v, v->oracle->interrupt, raised, (uint64_t)n, 0, 0) == END_TRAP;
	return trapped;
}

void clock_unit(struct view *v, struct trap *raised)
{
	const struct oracle *o = v->oracle;
	bool ticked;

	v->cpu->time++;
	ticked = o->code[CODE_TICK] && engine_code(v, CODE_TICK, raised, 0, 0, 0) == END_TRAP;
	advance(v);
	if (ticked) {
		settle_trap(v, SOURCE_TICK, raised);
	} else if (o->interrupt && !quiet(v) && sample(v, raised)) {
		settle_trap(v, SOURCE_INTERRUPT, raised);
	} else {
		raised->kind = NULL;
	}
	oracle_commit(v->oracle);
}

/* ---- many units ---- */

static uint64_t next_event(const struct view *v)
{
	uint64_t first = NEVER;

	for (unsigned i = 0; i < v->isa->ndevices; i++) {
		uint64_t t = v->device[i]->class->next_event(v->device[i]);

		first = t < first ? t : first;
	}
	return first;
}

void clock_calm(const struct view *v)
{
	if (!quiet(v))
		v->cpu->quiet = asserted_line(v, 0) < 0 ? next_event(v) : 0;
}

/* Units before the one in which a device changes. */
static inline uint64_t device_horizon(const struct view *v)
{
	uint64_t event = quiet(v) ? v->cpu->quiet : next_event(v), time = v->cpu->time;

	if (event == NEVER)
		return NEVER;
	return event > time ? event - time - 1 : 0;
}

/*
 * What horizon said is so again whenever the registers that it depends on have the same values; and
 * where it said that nothing will come and a tick changed nothing, the clock stands still.
 */
static inline bool recalled(const struct view *v)
{
	const struct oracle *o = v->oracle;
	const struct clock_memory *m = &v->cpu->clock;
	const uint64_t *state = v->cpu->state;

	for (unsigned i = 0; i < o->nclock; i++)
		if (state[o->clock_slot[i]] != m->input[i])
			return false;
	return m->known;
}

/* Would a unit change nothing? */
static bool changes_nothing(const struct view *v)
{
	const struct oracle *o = v->oracle;
	struct cpu *cpu = v->cpu;
	struct trap none;
	bool still = true;

	engine_code(v, CODE_SKIP, &none, 1, 0, 0);
	for (unsigned i = 0; i < o->nclock; i++) {
		still &= cpu->state[o->clock_slot[i]] == cpu->clock.input[i];
		cpu->state[o->clock_slot[i]] = cpu->clock.input[i];
	}
	return still;
}

static void remember(const struct view *v, uint64_t horizon)
{
	struct oracle *o = v->oracle;
	struct clock_memory *m = &v->cpu->clock;

	for (unsigned i = 0; i < o->nclock; i++)
		m->input[i] = v->cpu->state[o->clock_slot[i]];
	m->known = o->nclock > 0;
	m->horizon = horizon;
	m->still = false;
	if (!m->known || horizon != NEVER || o->counts_always)
		return;
	m->still = changes_nothing(v);
	o->counts_always = !m->still;
}

static uint64_t ask_horizon(const struct view *v)
{
	struct trap none;
	uint64_t h;

	engine_code(v, CODE_HORIZON, &none, 0, 0, 0);
	h = oracle_result(v);
	if (h == isa_mask(v->isa->word))
		h = NEVER;
	remember(v, h);
	return h;
}

static inline uint64_t tick_horizon(const struct view *v)
{
	const struct oracle *o = v->oracle;

	if (!o->code[CODE_TICK])
		return NEVER;
	if (!o->code[CODE_HORIZON])
		return 0;
	return recalled(v) ? v->cpu->clock.horizon : ask_horizon(v);
}

/* Would the asserted lines, offered at each unit, neither trap nor change anything? */
static bool asserted_quiet(const struct view *v)
{
	uint64_t stream = v->cpu->unspecified;
	struct trap ignored;
	bool nothing;

	if (!v->oracle->interrupt_steady)
		return false;
	nothing = !sample(v, &ignored) && !oracle_changed(v);
	oracle_rollback(v);
	v->cpu->unspecified = stream;
	return nothing;
}

static inline bool lines_quiet(const struct view *v)
{
	return !v->oracle->interrupt || quiet(v) || asserted_line(v, 0) < 0 || asserted_quiet(v);
}

static uint64_t __attribute__((noinline)) look_ahead(const struct view *v)
{
	uint64_t d = device_horizon(v), t = d ? tick_horizon(v) : 0;

	return t && lines_quiet(v) ? (t < d ? t : d) : 0;
}

uint64_t clock_horizon(const struct view *v)
{
	uint64_t d, t;

	if (!quiet(v) || !recalled(v))
		return look_ahead(v);
	d = device_horizon(v);
	t = v->cpu->clock.horizon;
	return t < d ? t : d;
}

/* As many of n units as skip can be told of at once; returns how many. */
static uint64_t tick_many(const struct view *v, uint64_t n)
{
	const struct oracle *o = v->oracle;
	uint64_t most = isa_mask(v->isa->word);
	struct trap none;

	if (!o->code[CODE_TICK]) {
		v->cpu->time += n;
	} else if (!o->code[CODE_SKIP]) {
		n = 1;
		v->cpu->time++;
		engine_code(v, CODE_TICK, &none, 0, 0, 0);
	} else {
		n = n < most ? n : most;
		v->cpu->time += n;
		engine_code(v, CODE_SKIP, &none, n, 0, 0);
	}
	return n;
}

void clock_pass(struct view *v, uint64_t n)
{
	v->cpu->time += n;
	advance(v);
}

static void __attribute__((noinline)) tick_on(struct view *v, uint64_t n)
{
	while (n)
		n -= tick_many(v, n);
	advance(v);
}

void clock_skip(struct view *v, uint64_t n)
{
	if (n && v->cpu->clock.still && recalled(v))
		clock_pass(v, n);
	else if (n)
		tick_on(v, n);
}

/* ---- waiting ---- */

/*
 * A tick that goes on changing the state, with no horizon that says where this
 * leads, is followed for so many units before nothing is said to be in sight.
 */
static const uint64_t patience = UINT64_C(1) << 26;

/* Settles a unit; did tick leave the state as it was, and will so again? */
static bool unit_changes_nothing(struct view *v, struct trap *raised)
{
	size_t size = v->isa->nslots * sizeof *v->cpu->state;
	uint64_t *before = v->oracle->before_unit;

	memcpy(before, v->cpu->state, size);
	clock_unit(v, raised);
	return v->oracle->tick_steady && memcmp(before, v->cpu->state, size) == 0;
}

/* Time goes on to the next event; false: there is none. */
static bool next_event_comes(struct view *v, struct trap *raised)
{
	uint64_t most = isa_mask(v->isa->word);

	for (uint64_t i = 0; i < patience && !(v->stop && *v->stop); i++) {
		uint64_t d = device_horizon(v), t = tick_horizon(v), n = t < d ? t : d;
		bool still;

		if (n == NEVER)
			return false;
		n = n < most ? n : most; /* what skip takes at once, so that stop is looked at */
		clock_skip(v, n);
		still = unit_changes_nothing(v, raised);
		if (raised->kind || n == d || asserted_line(v, 0) >= 0)
			return true;
		if (!still)
			continue;
		d = device_horizon(v);
		if (d == NEVER)
			return false;
		v->cpu->time += d;
		advance(v);
	}
	return false;
}

bool clock_wait(struct view *v, struct trap *raised)
{
	size_t size = v->isa->nslots * sizeof *v->cpu->state;
	uint64_t time = v->cpu->time;

	clock_wake(v);
	memcpy(v->oracle->before_wait, v->cpu->state, size);
	raised->kind = NULL;
	v->cpu->status = CPU_RUNNING;
	if (next_event_comes(v, raised))
		return true;
	/* no time has passed, so that to look again later changes nothing either */
	memcpy(v->cpu->state, v->oracle->before_wait, size);
	v->cpu->time = time;
	advance(v);
	v->cpu->status = CPU_WAITING;
	return false;
}
