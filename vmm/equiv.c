/*
 * Equivalence: the two runs side by side, and where they part (vmm/equiv.h).
 *
 * Until the first difference both runs do the same number of steps between
 * comparisons.  A slice that ends differently is run again by single steps, on the
 * oracle, each compared: the cause is where these part.  If they do not, it is the
 * engine that differs, and the slice is bisected: the shortest run from its
 * beginning that the translator ends differently, of those tried by halving.
 * After the cause the two go on, each by single steps of its own, to find what the
 * guest sees and what comes out.
 */
#include "vmm/equiv.h"

#include "isa/alloc.h"
#include "machine/translator.h"
#include "vmm/compare.h"
#include "vmm/moment.h"
#include "vmm/rewind.h"

enum { DEFAULT_LIMIT = 100000000, DEFAULT_SLICE = 1, DEFAULT_PATIENCE = 1000000 };
enum { DEFAULT_RANDOM = 1000, SHORT = 8 }; /* of random slices, some are short */
enum { TOLD_EVERY = 1 << 16 };		   /* steps between calls of progress */

struct run {
	struct view *bare;
	struct monitor *monitor;
	struct vm *vm;
	struct equiv_options options;
	struct comparison *comparison;
	struct rewind *rewind; /* NULL when each step is compared */
	struct moment *moment; /* where a slice led */
	uint64_t random;       /* the stream of slices' lengths */
	struct equivalence *result;
	struct difference here; /* the instruction that the next step runs, bare */
	bool attributed[DEPTHS];
	uint64_t told; /* steps when progress was called last */
	struct cpu *before;
	bool stopped; /* from outside: the two may have stopped at different steps */
};

const char *depth_name(enum depth depth)
{
	static const char *const names[DEPTHS] = { "cause", "seen", "output" };
	return names[depth];
}

/* ---- going on ---- */

/* Both do n steps, or as many as they can; returns the larger number done. */
static uint64_t advance(struct run *r, uint64_t n)
{
	struct outcome bare = view_run(r->bare, n);
	enum monitor_event event;
	uint64_t virtual = monitor_run_vm(r->monitor, r->vm, n, &event);

	r->stopped |= bare.event == EVENT_STOPPED || event == MONITOR_STOPPED;
	return bare.steps > virtual ? bare.steps : virtual;
}

static void tell(struct run *r)
{
	uint64_t steps = r->result->steps;

	if (!r->options.progress || steps - r->told < TOLD_EVERY)
		return;
	r->told = steps;
	r->options.progress(r->options.context, steps);
}

/* Before a step: the instruction it will run, and the registers. */
static void look(struct run *r)
{
	uint64_t place;

	r->here.p = r->bare->cpu->state[r->bare->isa->role[ROLE_PC]->slot];
	r->here.instruction_known =
		r->bare->cpu->status == CPU_RUNNING && view_fetch(r->bare, &r->here.word, &place);
	if (!r->options.registers)
		return;
	cpu_copy(r->bare->isa, r->before, r->bare->cpu);
}

/* Writes the step and its instruction to the depths that have just been found. */
static void attribute(struct run *r)
{
	for (enum depth d = DEPTH_CAUSE; d < DEPTHS; d++) {
		struct difference *at = &r->result->at[d];

		if (!at->found || r->attributed[d])
			continue;
		r->attributed[d] = true;
		at->step = r->result->steps;
		at->instruction_known = r->here.instruction_known;
		at->p = r->here.p;
		at->word = r->here.word;
		if (at->instruction_known)
			at->instr = isa_decode(r->bare->isa, at->word);
	}
}

static bool compare(struct run *r, bool everything)
{
	bool differ = compare_now(r->comparison, everything, r->result->at);

	attribute(r);
	return differ;
}

/* Both have come to their ends; what they put out is all there. */
static void compare_ends(struct run *r)
{
	r->here.instruction_known = false;
	compare_output(r->comparison, r->result->at);
	attribute(r);
}

/* ---- the cause ---- */

/* One step; false once the guest has ended, or a difference was found. */
static bool step(struct run *r)
{
	uint64_t done;

	look(r);
	done = advance(r, 1);
	if (r->stopped)
		return false;
	r->result->steps += done;
	return !compare(r, false) && done == 1;
}

/* What both translators have counted; one for each engine there is. */
static struct translator_counts counts_now(const struct run *r)
{
	const struct translator *bare = r->bare->translator, *real = vm_view(r->vm)->translator;
	struct translator_counts sum = { 0 }, one;

	if (bare)
		sum = translator_counts(bare);
	if (real) {
		one = translator_counts(real);
		sum.translated += one.translated;
		sum.oracle += one.oracle;
	}
	return sum;
}

/* A slice on the engine that there is. */
static uint64_t advance_slice(struct run *r, uint64_t n)
{
	struct translator_counts before = counts_now(r), after;
	uint64_t done = advance(r, n);

	after = counts_now(r);
	r->result->translated += after.translated - before.translated;
	r->result->sliced += after.translated + after.oracle - before.translated - before.oracle;
	return done;
}

/* The slice by single steps, on the oracle: false if it ends there, or they part. */
static bool step_through(struct run *r, uint64_t n)
{
	bool going = true;

	rewind_back(r->rewind);
	rewind_on_oracle(r->rewind, true);
	while (n-- && going) {
		going = step(r);
		compare_pass(r->comparison);
	}
	rewind_on_oracle(r->rewind, false);
	return going;
}

/* Do n steps from the point end otherwise on the oracle?  In the latter's state. */
static bool engines_differ(struct run *r, uint64_t n, struct difference *d)
{
	struct difference any[DEPTHS] = { 0 };

	rewind_back(r->rewind);
	advance(r, n);
	if (compare_now(r->comparison, false, any)) {
		*d = any[DEPTH_CAUSE];
		return true;
	}
	moment_take(&r->moment, r->bare, compare_bare_log(r->comparison));
	rewind_back(r->rewind);
	rewind_on_oracle(r->rewind, true);
	advance(r, n);
	rewind_on_oracle(r->rewind, false);
	return !moment_same(r->moment, r->bare, compare_bare_log(r->comparison), d);
}

/* A slice of n steps ended differently on the translator, and not on the oracle. */
static void blame_engine(struct run *r, uint64_t n, uint64_t begun)
{
	uint64_t same = 0, different = n;
	struct difference d = { 0 }, at = { 0 };

	while (different - same > 1 && !r->stopped) {
		uint64_t middle = same + (different - same) / 2;

		if (engines_differ(r, middle, &d))
			different = middle;
		else
			same = middle;
	}
	rewind_back(r->rewind);
	rewind_on_oracle(r->rewind, true);
	advance(r, same);
	look(r);
	rewind_on_oracle(r->rewind, false);
	if (!engines_differ(r, different, &at))
		at = d;
	r->result->steps = begun + different;
	r->result->by_engine = true;
	r->result->at[DEPTH_CAUSE] = at;
	attribute(r);
}

/* One slice; false once the guest has ended, or a difference was found. */
static bool slice(struct run *r, uint64_t n)
{
	struct difference any[DEPTHS] = { 0 };
	uint64_t begun = r->result->steps, done = advance_slice(r, n);
	bool differ, going = true;

	if (r->stopped)
		return false;
	differ = compare_now(r->comparison, false, any);
	if (differ || r->options.each) {
		moment_take(&r->moment, r->bare, compare_bare_log(r->comparison));
		going = step_through(r, done);
	} else {
		r->result->steps += done;
	}
	if (r->result->at[DEPTH_CAUSE].found || r->stopped)
		return false;
	if (differ || (r->options.each &&
		       !moment_same(r->moment, r->bare, compare_bare_log(r->comparison), any))) {
		blame_engine(r, done, begun);
		return false;
	}
	rewind_mark(r->rewind);
	return going && done == n;
}

/* How long the next slice may be: now and then a short one, where code is not entered. */
static uint64_t slice_length(struct run *r)
{
	uint64_t most = r->options.slice;

	if (!r->options.random)
		return most;
	r->random = r->random * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
	if (r->random >> 62 == 0 && most > SHORT)
		most = SHORT;
	return 1 + (r->random >> 32) % most;
}

static void find_cause(struct run *r)
{
	uint64_t limit = r->options.limit;

	if (compare(r, true))
		return;
	compare_forget(r->comparison);
	if (r->options.slice > 1)
		r->rewind = rewind_new(r->bare, r->monitor, r->comparison);
	while (r->result->steps < limit) {
		uint64_t left = limit - r->result->steps, n = slice_length(r);

		if (!(r->rewind ? slice(r, left < n ? left : n) : step(r)))
			break;
		if (!r->rewind)
			compare_forget(r->comparison);
		tell(r);
	}
	if (!r->result->at[DEPTH_CAUSE].found && !r->stopped) {
		r->here.instruction_known = false;
		compare(r, true);
	}
}

/* ---- what it leads to ---- */

static bool all_found(const struct equivalence *e)
{
	return e->at[DEPTH_SEEN].found && e->at[DEPTH_OUTPUT].found;
}

static void find_consequences(struct run *r)
{
	uint64_t compared = r->result->steps, done = 1;

	r->options.registers = false; /* those around the cause stay */
	for (uint64_t n = 0; n < r->options.patience && done && !r->stopped; n++) {
		if (all_found(r->result))
			break;
		look(r);
		done = advance(r, 1);
		r->result->steps += done;
		compare(r, false);
		compare_forget(r->comparison);
		tell(r);
	}
	if (!done)
		compare_ends(r);
	r->result->steps = compared;
}

/* ---- the whole ---- */

static struct equiv_options filled_in(const struct equiv_options *options)
{
	struct equiv_options o = *options;

	if (o.limit == 0)
		o.limit = DEFAULT_LIMIT;
	if (o.slice == 0)
		o.slice = o.random ? DEFAULT_RANDOM : DEFAULT_SLICE;
	if (o.patience == 0)
		o.patience = DEFAULT_PATIENCE;
	return o;
}

static struct cpu *copy_of(const struct isa *isa, const struct cpu *cpu)
{
	struct cpu *copy = cpu_new(isa, 1);

	cpu_copy(isa, copy, cpu);
	return copy;
}

static void keep_registers(struct run *r)
{
	const struct isa *isa = r->bare->isa;

	if (!r->result->at[DEPTH_CAUSE].found || !r->options.registers) {
		cpu_free(r->before);
		return;
	}
	r->result->before = r->before;
	r->result->bare_after = copy_of(isa, r->bare->cpu);
	r->result->virtual_after = copy_of(isa, vm_view(r->vm)->cpu);
}

struct equiv_options equiv_thoroughly(uint64_t seed)
{
	return (struct equiv_options){ .random = true, .seed = seed, .each = true };
}

struct equivalence equiv_run(struct view *bare, struct monitor *m, struct vm *vm,
			     const struct equiv_options *options)
{
	struct equivalence e = { 0 };
	struct run r = { .bare = bare, .monitor = m, .vm = vm, .result = &e };
	struct audit *audit = audit_new(m);

	r.options = filled_in(options);
	r.random = options->seed;
	r.comparison = compare_new(bare, vm);
	r.before = copy_of(bare->isa, bare->cpu);
	find_cause(&r);
	e.holds = !e.at[DEPTH_CAUSE].found;
	e.end = bare->cpu->status;
	e.complete = e.end != CPU_RUNNING;
	keep_registers(&r);
	if (!e.holds && !e.by_engine)
		find_consequences(&r);
	e.violations = audit_violations(audit, e.violation, sizeof e.violation);
	rewind_free(r.rewind);
	moment_free(r.moment);
	compare_free(r.comparison);
	audit_free(audit);
	return e;
}

void equivalence_free(struct equivalence *e)
{
	cpu_free(e->before);
	cpu_free(e->bare_after);
	cpu_free(e->virtual_after);
	e->before = e->bare_after = e->virtual_after = NULL;
}
