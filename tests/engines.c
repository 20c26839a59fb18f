/*
 * The engines against each other: random guests (vmm/fuzz.h) run on the oracle and on
 * the translator, in the same random slices, and everything is compared after each.
 *
 *     engines [-n COUNT] [-f FIRST] [-s SEED] [-l STEPS]  [MACHINE...]
 *
 * The translator translates at once, in a setting drawn for each guest: how many
 * registers of the host it may use, how large regions are, how often it drops everything.
 * Without machines, it tries all that are known, a few guests each.
 * A line for each machine: guests, steps, how many instructions completed, and how many of a
 * hundred of these ran as translated code.  Most steps of a random guest trap: those that the
 * oracle gives up to whoever performs them tell nothing of the translator.  At least half must
 * have run translated, or it is the oracle that was tested.
 */
#include "isa/alloc.h"
#include "machine/translator.h"
#include "vmm/fuzz_private.h"

#include <inttypes.h>
#include <stdio.h>
#include <unistd.h>

enum { SHORT = 60 /* guests of each machine */ };

struct options {
	uint64_t count, first, seed, steps;
	unsigned machines, failed; /* of those that are known */
};

/* One guest on both. */
struct pair {
	const struct fuzz_plan *plan;
	const struct fuzz_guest *guest;
	struct machine *oracle, *translator;
	struct fuzz_random random;
	struct translator_options setting;
	uint64_t steps;
	char difference[256];
};

static struct machine *machine_of(const struct fuzz_plan *p, const struct fuzz_case *c)
{
	char reason[256];
	struct machine *m =
		machine_new(p->isa, c->guest.size, c->setting.seed, reason, sizeof reason);

	if (!m) {
		fprintf(stderr, "engines: %s\n", reason);
		exit(2);
	}
	fuzz_guest_enter(p, &c->guest, &m->view[0]);
	return m;
}

static struct translator_options draw_setting(struct fuzz_random *r)
{
	static const unsigned pools[] = { 0, 1, 4 }, blocks[] = { 0, 1, 3 };

	return (struct translator_options){
		/* random guests come to most places once */
		.hot = fuzz_chance(r, 80) ? 1 : 2 + (unsigned)fuzz_below(r, 2),
		.pool = pools[fuzz_below(r, 3)],
		.blocks = blocks[fuzz_below(r, 3)],
		.flush = fuzz_chance(r, 20) ? 1 + (unsigned)fuzz_below(r, 20) : 0,
		.memory = fuzz_chance(r, 20) ? (size_t)TRANSLATOR_LEAST_MEMORY << fuzz_below(r, 3)
					     : 0,
	};
}

static void differ(struct pair *p, const char *what, uint64_t a, uint64_t b)
{
	if (!p->difference[0])
		snprintf(p->difference, sizeof p->difference,
			 "%s: %#" PRIx64 " on the oracle, %#" PRIx64 " on the translator", what, a,
			 b);
}

static void compare(struct pair *p, const char *what, uint64_t a, uint64_t b)
{
	if (a != b)
		differ(p, what, a, b);
}

static void compare_states(struct pair *p)
{
	const struct view *a = &p->oracle->view[0], *b = &p->translator->view[0];

	for (unsigned i = 0; i < table_size(p->plan->table); i++) {
		const struct table_entry *e = table_entry(p->plan->table, i);

		compare(p, e->name, table_examine(a, e), table_examine(b, e));
	}
	compare(p, "the stream of unspecified values", a->cpu->unspecified, b->cpu->unspecified);
	compare(p, "status", a->cpu->status, b->cpu->status);
	compare(p, "status at the halt", a->cpu->halt_status, b->cpu->halt_status);
	for (uint64_t i = 0; i < a->window.size; i++)
		if (storage_get(a->window.storage, i) != storage_get(b->window.storage, i)) {
			char what[32];

			snprintf(what, sizeof what, "E[%#" PRIx64 "]", i);
			differ(p, what, storage_get(a->window.storage, i),
			       storage_get(b->window.storage, i));
		}
}

static void compare_outcomes(struct pair *p, const struct outcome *a, const struct outcome *b)
{
	compare(p, "event", a->event, b->event);
	compare(p, "steps", a->steps, b->steps);
	compare(p, "units", a->units, b->units);
	compare(p, "traps", a->traps, b->traps);
	if (a->trap.kind != b->trap.kind)
		differ(p, "trap", a->trap.kind ? a->trap.kind->index : UINT64_MAX,
		       b->trap.kind ? b->trap.kind->index : UINT64_MAX);
	else if (a->trap.kind) {
		compare(p, "trap's operand", a->trap.info, b->trap.info);
		compare(p, "trap's P", a->trap.p, b->trap.p);
		compare(p, "trap's tpc", a->trap.tpc, b->trap.tpc);
		compare(p, "trap's phase", a->trap.phase, b->trap.phase);
		compare(p, "trap's source", a->trap.source, b->trap.source);
	}
}

/* Somebody else writes storage, as a transfer would, now and then into code. */
static void interfere(struct pair *p)
{
	uint64_t at = fuzz_below(&p->random, p->oracle->storage->size),
		 value = fuzz_draw(&p->random) & isa_mask(p->plan->isa->unit);

	storage_put(p->oracle->storage, at, value);
	storage_put(p->translator->storage, at, value);
}

static void deposit(struct pair *p, const struct table_entry *e, uint64_t value)
{
	table_deposit(&p->oracle->view[0], e, value);
	table_deposit(&p->translator->view[0], e, value);
}

/* A value for a register that lets a guest go on for a while. */
static uint64_t fresh_value(struct pair *p, const struct table_entry *e, unsigned i)
{
	uint64_t size = p->oracle->storage->size;
	bool usual = fuzz_chance(&p->random, 80);

	switch (e->role) {
	case ROLE_PC:
		return fuzz_below(&p->random, size) / p->plan->isa->length * p->plan->isa->length;
	case ROLE_BASE: return usual ? 0 : fuzz_below(&p->random, size);
	case ROLE_BOUND: return usual ? size : fuzz_below(&p->random, size);
	case ROLE_MODE: return fuzz_draw(&p->random);
	default: break;
	}
	if (e->class == CLASS_CONTROL)
		return p->plan->reset[e->slot];
	return usual ? fuzz_below(&p->random, size) : p->guest->value[i];
}

/* After a trap that nobody handles, or an end: the guest goes on elsewhere. */
static void go_elsewhere(struct pair *p)
{
	p->oracle->cpu[0]->status = p->translator->cpu[0]->status = CPU_RUNNING;
	for (unsigned i = 0; i < table_size(p->plan->table); i++) {
		const struct table_entry *e = table_entry(p->plan->table, i);

		if (e->reg && !e->reg->constant &&
		    (e->role == ROLE_PC || fuzz_chance(&p->random, 50)))
			deposit(p, e, fresh_value(p, e, i));
	}
}

static void run_pair(struct pair *p, uint64_t limit)
{
	struct write_log logs[2] = { 0 };

	while (p->steps < limit && !p->difference[0]) {
		uint64_t n = fuzz_chance(&p->random, 30) ? 1 + fuzz_below(&p->random, 8)
							 : 1 + fuzz_below(&p->random, limit);
		bool resident = fuzz_chance(&p->random, 80), logged = fuzz_chance(&p->random, 30);
		struct outcome a, b;

		p->oracle->view[0].resident = p->translator->view[0].resident = resident;
		p->oracle->storage->log = logged ? &logs[0] : NULL;
		p->translator->storage->log = logged ? &logs[1] : NULL;
		if (fuzz_chance(&p->random, 10))
			interfere(p);
		a = view_run(&p->oracle->view[0], n);
		b = view_run(&p->translator->view[0], n);
		compare_outcomes(p, &a, &b);
		compare_states(p);
		compare(p, "writes logged", logs[0].count, logs[1].count);
		for (size_t i = 0; i < logs[0].count && !p->difference[0]; i++)
			compare(p, "address logged", logs[0].address[i], logs[1].address[i]);
		write_log_clear(&logs[0]);
		write_log_clear(&logs[1]);
		p->steps += a.steps ? a.steps : 1;
		if (a.traps > 2 || a.event == EVENT_TRAP ||
		    p->oracle->cpu[0]->status != CPU_RUNNING)
			go_elsewhere(p);
	}
	write_log_free(&logs[0]);
	write_log_free(&logs[1]);
}

/* Is the machine one that the translator serves? */
static bool is_served(const struct isa *isa)
{
	char reason[256];
	struct machine *m = machine_new(isa, 256, 1, reason, sizeof reason);
	bool served = m && machine_use(m, ENGINE_TRANSLATOR);

	machine_free(m);
	return served;
}

/* False if they differ. */
static bool try_guest(const struct fuzz_plan *plan, const struct options *o, uint64_t number,
		      uint64_t *steps, struct translator_counts *sum)
{
	struct fuzz_case c = fuzz_generate(plan, o->seed, number, o->steps);
	struct pair p = { .plan = plan, .guest = &c.guest, .random = { c.setting.seed | 1 } };
	struct translator_counts counts;

	p.setting = draw_setting(&p.random);
	p.oracle = machine_of(plan, &c);
	p.translator = machine_of(plan, &c);
	machine_translate(p.translator, &p.setting);
	run_pair(&p, o->steps);
	counts = translator_counts(p.translator->translator);
	sum->translated += counts.translated;
	sum->oracle += counts.oracle;
	sum->trapped += counts.trapped;
	sum->regions += counts.regions;
	sum->dropped += counts.dropped;
	*steps += p.steps;
	if (p.difference[0])
		printf("%s: guest %" PRIu64 " of seed %" PRIu64 ", within %" PRIu64
		       " steps: %s (pool %u, blocks %u, flush %u)\n",
		       plan->isa->name, number, o->seed, p.steps, p.difference, p.setting.pool,
		       p.setting.blocks, p.setting.flush);
	machine_free(p.oracle);
	machine_free(p.translator);
	fuzz_case_free(&c);
	return !p.difference[0];
}

static uint64_t completed(const struct translator_counts *c)
{
	return c->translated + c->oracle;
}

/* Too few guests may have been unlucky. */
static bool tells(const struct translator_counts *c)
{
	enum { MANY = 5000 };

	return completed(c) < MANY || c->translated * 2 >= completed(c);
}

/* The number of guests that differ; one more if too few instructions ran translated. */
static unsigned try_machine(const char *name, const struct options *o)
{
	struct diag_list *diags = diag_new();
	char *path = isa_find(diags, name), reason[256];
	struct isa *isa = path ? isa_load(diags, path) : NULL;
	struct fuzz_plan *plan = isa ? fuzz_plan_new(isa, reason, sizeof reason) : NULL;
	struct translator_counts sum = { 0 };
	uint64_t steps = 0, guests = 0;
	unsigned failed = 0;

	if (!plan) {
		diag_print(diags, stderr);
		exit(2);
	}
	if (is_served(isa))
		for (; guests < o->count; guests++)
			failed += !try_guest(plan, o, o->first + guests, &steps, &sum);
	else
		printf("%-10s is left to the oracle:\n", isa->name);
	printf("%-10s %8" PRIu64 " guests %10" PRIu64 " steps, %9" PRIu64
	       " completed, %3u %% translated, %" PRIu64 " traps performed, %" PRIu64
	       " regions, %" PRIu64 " dropped: %s%s\n",
	       isa->name, guests, steps, completed(&sum),
	       completed(&sum) ? (unsigned)(sum.translated * 100 / completed(&sum)) : 0,
	       sum.trapped, sum.regions, sum.dropped, failed ? "DIFFERENT" : "the same",
	       tells(&sum) ? "" : ", TOO FEW TRANSLATED");
	failed += !tells(&sum);
	fflush(stdout);
	fuzz_plan_free(plan);
	isa_free(isa);
	diag_free(diags);
	free(path);
	return failed;
}

static void try_known(void *context, const char *name, const char *path)
{
	struct options *o = context;

	(void)name;
	o->machines++;
	o->failed += try_machine(path, o);
}

int main(int argc, char **argv)
{
	struct options o = { .count = SHORT, .seed = 1, .steps = 1000 };
	unsigned failed = 0;
	int option;

	while ((option = getopt(argc, argv, "n:f:s:l:")) != -1) {
		uint64_t value = optarg ? strtoull(optarg, NULL, 10) : 0;

		switch (option) {
		case 'n': o.count = value; break;
		case 'f': o.first = value; break;
		case 's': o.seed = value; break;
		case 'l': o.steps = value; break;
		default: return 2;
		}
	}
	for (int i = optind; i < argc; i++)
		failed += try_machine(argv[i], &o);
	if (optind < argc)
		return failed > 0;
	isa_each_known(try_known, &o);
	return o.machines == 0 || o.failed;
}
