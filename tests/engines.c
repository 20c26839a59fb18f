/*
 * The engines against each other: random guests (vmm/fuzz.h) run on the oracle and on
 * the translator, in the same random slices, and everything is compared after each.
 *
 *     engines [-v] [-n COUNT] [-f FIRST] [-s SEED] [-l STEPS]  [MACHINE...]
 *
 * The translator translates at once, in a setting drawn for each guest: how many
 * registers of the host it may use, and its vectors or not, how large regions are, how often it
 * drops everything.
 * Every other guest has break places and watches, which come and go.
 * Without machines, it tries all that are known and tests/isa/ok_seldom.isa, a few guests each.
 * A line for each machine: guests, steps, how many instructions completed, and how many of a
 * hundred of these ran as translated code.  Most steps of a random guest trap: those that the
 * oracle gives up to whoever performs them tell nothing of the translator.  At least half must
 * have run translated, or it is the oracle that was tested.
 *
 * -v: also how often each trap came, and translations that the guests themselves made stale.
 */
#include "isa/alloc.h"
#include "machine/stops.h"
#include "machine/translator.h"
#include "vmm/fuzz_private.h"

#include <inttypes.h>
#include <stdio.h>
#include <unistd.h>

enum { SHORT = 60 /* guests of each machine */ };

struct options {
	uint64_t count, first, seed, steps;
	bool verbose;
	unsigned machines, failed; /* of those that are known */
};

/* One guest on both. */
struct pair {
	const struct fuzz_plan *plan;
	const struct fuzz_guest *guest;
	struct machine *oracle, *translator;
	uint64_t *traps; /* by kind: those performed by each engine; then those given up */
	uint64_t sources[SOURCE_INTERRUPT + 1];
	uint64_t foreign; /* translations that others' writes dropped */
	struct fuzz_random random;
	struct translator_options setting;
	uint64_t reach; /* the address of the first unit, as it is after a reset */
	uint64_t steps;
	bool stops; /* both views have some, now and then */
	uint64_t events[EVENT_WATCH + 1];
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
		.vectors = (unsigned)fuzz_below(r, 3),
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

static void compare_devices(struct pair *p)
{
	const struct isa *isa = p->plan->isa;

	for (unsigned i = 0; i < isa->ndevices; i++) {
		const struct device *a = p->oracle->device[i], *b = p->translator->device[i];
		size_t na = 0, nb = 0;

		if (strcmp(isa->device[i].class, "console") == 0) {
			const char *x = console_printed(a, &na), *y = console_printed(b, &nb);

			compare(p, "bytes printed", na, nb);
			if (na == nb && na && memcmp(x, y, na) != 0)
				differ(p, "what is printed", 0, 0);
		}
		if (a->class->same && !a->class->same(a, b))
			differ(p, "a device", i, i);
	}
}

/* By kind, those that runs performed. */
static void compare_traps(struct pair *p)
{
	for (unsigned k = 0; k < p->plan->isa->ntraps; k++)
		compare(p, p->plan->isa->trap[k].name, p->traps[k],
			p->traps[p->plan->isa->ntraps + k]);
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
	compare_devices(p);
	compare_traps(p);
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

	p->foreign -= translator_counts(p->translator->translator).dropped;
	storage_put(p->oracle->storage, at, value);
	storage_put(p->translator->storage, at, value);
	p->foreign += translator_counts(p->translator->translator).dropped;
}

static void deposit(struct pair *p, const struct table_entry *e, uint64_t value)
{
	table_deposit(&p->oracle->view[0], e, value);
	table_deposit(&p->translator->view[0], e, value);
}

/* Some machines have their storage at high addresses, the first they have elsewhere. */
static uint64_t find_reach(struct view *v)
{
	enum { TOP = 4 /* bits of an address that are tried */ };
	unsigned shift = v->isa->word > TOP ? v->isa->word - TOP : 0;
	struct trap trap;
	uint64_t place;

	for (uint64_t i = 0; i < 1 << TOP; i++)
		if (view_translate(v, i << shift, ACCESS_WRITE, &place, &trap) && place == 0)
			return i << shift;
	return 0;
}

/* A value for a register that lets a guest go on for a while. */
static uint64_t fresh_value(struct pair *p, const struct table_entry *e, unsigned i)
{
	uint64_t size = p->oracle->storage->size;
	bool usual = fuzz_chance(&p->random, 80);

	switch (e->role) {
	case ROLE_PC:
		return p->reach +
		       fuzz_below(&p->random, size) / p->plan->isa->length * p->plan->isa->length;
	case ROLE_BASE: return usual ? 0 : fuzz_below(&p->random, size);
	case ROLE_BOUND: return usual ? size : fuzz_below(&p->random, size);
	case ROLE_MODE: return fuzz_draw(&p->random);
	default: break;
	}
	if (e->class == CLASS_CONTROL)
		return usual			     ? p->plan->reset[e->slot]
		       : fuzz_chance(&p->random, 50) ? p->guest->value[i]
						     : fuzz_draw(&p->random);
	return usual ? p->reach + fuzz_below(&p->random, size) : p->guest->value[i];
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

/* ---- stops ---- */

static uint64_t some_place(struct pair *p)
{
	uint64_t near = p->oracle->cpu[0]->state[p->plan->isa->role[ROLE_PC]->slot];
	unsigned length = p->plan->isa->length;

	return fuzz_chance(&p->random, 50)
		       ? near + fuzz_below(&p->random, 16) * length
		       : p->reach +
				 fuzz_below(&p->random, p->oracle->storage->size) / length * length;
}

static struct watch some_watch(struct pair *p)
{
	uint64_t size = p->oracle->storage->size;
	struct watch w = { .count = 1 + fuzz_below(&p->random,
						   fuzz_chance(&p->random, 80) ? 8 : size) };
	unsigned kinds = 1 + (unsigned)fuzz_below(&p->random, 3);

	w.first = fuzz_below(&p->random, size);
	w.read = kinds & 1;
	w.write = kinds & 2;
	return w;
}

/* A place or a watch more, or all of them gone. */
static void change_stops(struct pair *p)
{
	struct view *a = &p->oracle->view[0], *b = &p->translator->view[0];

	if (!a->stops) {
		stops_new(a);
		stops_new(b);
	}
	if (fuzz_chance(&p->random, 20)) {
		stops_free(a->stops);
		stops_free(b->stops);
	} else if (fuzz_chance(&p->random, 20) && a->stops->nwatches) {
		struct watch w = a->stops->watch[fuzz_below(&p->random, a->stops->nwatches)];

		stops_remove_watch(a->stops, &w);
		stops_remove_watch(b->stops, &w);
	} else if (fuzz_chance(&p->random, 10)) {
		unsigned slot = (unsigned)fuzz_below(&p->random, p->plan->isa->nslots);

		stops_add_register(a->stops, slot);
		stops_add_register(b->stops, slot);
	} else if (fuzz_chance(&p->random, 50)) {
		struct watch w = some_watch(p);

		stops_add_watch(a->stops, &w);
		stops_add_watch(b->stops, &w);
	} else {
		uint64_t at = some_place(p);

		stops_add_break(a->stops, at);
		stops_add_break(b->stops, at);
	}
}

static void compare_hits(struct pair *p)
{
	const struct hit *a = stops_hit(&p->oracle->view[0]),
			 *b = stops_hit(&p->translator->view[0]);

	compare(p, "something watched was touched", a != NULL, b != NULL);
	if (!a || !b)
		return;
	compare(p, "the first unit of the watch", a->watch.first, b->watch.first);
	compare(p, "the access", a->access, b->access);
	compare(p, "the address touched", a->address, b->address);
	compare(p, "P of what touched it", a->p, b->p);
	compare(p, "the register that changed", (uint64_t)a->slot, (uint64_t)b->slot);
	compare(p, "its value before", a->before, b->before);
}

/* One that came to a resident program, or the last of those performed. */
static void count_trap(struct pair *p, const struct outcome *o)
{
	if (!o->trap.kind)
		return;
	p->sources[o->trap.source]++;
	if (o->event == EVENT_TRAP)
		p->traps[2 * p->plan->isa->ntraps + o->trap.kind->index]++;
}

static void run_pair(struct pair *p, uint64_t limit)
{
	struct write_log logs[2] = { 0 };

	while (p->steps < limit && !p->difference[0]) {
		bool resident = fuzz_chance(&p->random, 80), logged = fuzz_chance(&p->random, 30);
		/* who performs traps by itself does nothing else before long */
		uint64_t most = resident ? limit : 100,
			 n = 1 + fuzz_below(&p->random, fuzz_chance(&p->random, 30) ? 8 : most);
		struct outcome a, b;

		p->oracle->view[0].resident = p->translator->view[0].resident = resident;
		p->oracle->storage->log = logged ? &logs[0] : NULL;
		p->translator->storage->log = logged ? &logs[1] : NULL;
		if (fuzz_chance(&p->random, 10))
			interfere(p);
		if (p->stops && fuzz_chance(&p->random, 30))
			change_stops(p);
		a = view_run(&p->oracle->view[0], n);
		b = view_run(&p->translator->view[0], n);
		compare_outcomes(p, &a, &b);
		compare_hits(p);
		p->events[a.event]++;
		compare_states(p);
		count_trap(p, &a);
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

/* Is the machine one that the translator serves?  And where is its storage? */
static bool is_served(const struct isa *isa, uint64_t *reach)
{
	char reason[256];
	struct machine *m = machine_new(isa, 256, 1, reason, sizeof reason);
	bool served = m && machine_use(m, ENGINE_TRANSLATOR);

	*reach = m ? find_reach(&m->view[0]) : 0;
	machine_free(m);
	return served;
}

/* What the guests of a machine came to. */
struct sums {
	uint64_t steps, foreign, sources[SOURCE_INTERRUPT + 1], events[EVENT_WATCH + 1];
	uint64_t *traps; /* by kind */
	struct translator_counts counts;
};

static void add_up(struct sums *sum, const struct pair *p)
{
	struct translator_counts counts = translator_counts(p->translator->translator);
	unsigned ntraps = p->plan->isa->ntraps;

	sum->counts.translated += counts.translated;
	sum->counts.oracle += counts.oracle;
	sum->counts.trapped += counts.trapped;
	sum->counts.regions += counts.regions;
	sum->counts.dropped += counts.dropped;
	sum->steps += p->steps;
	sum->foreign += p->foreign;
	for (unsigned i = 0; i <= SOURCE_INTERRUPT; i++)
		sum->sources[i] += p->sources[i];
	for (unsigned i = 0; i <= EVENT_WATCH; i++)
		sum->events[i] += p->events[i];
	for (unsigned k = 0; k < ntraps; k++)
		sum->traps[k] += p->traps[k] + p->traps[2 * ntraps + k];
}

/* False if they differ. */
static bool try_guest(const struct fuzz_plan *plan, const struct options *o, uint64_t number,
		      uint64_t reach, struct sums *sum)
{
	struct fuzz_case c = fuzz_generate(plan, o->seed, number, o->steps);
	struct pair p = { .plan = plan, .guest = &c.guest, .random = { c.setting.seed | 1 } };

	p.setting = draw_setting(&p.random);
	p.stops = number % 2;
	p.oracle = machine_of(plan, &c);
	p.translator = machine_of(plan, &c);
	p.reach = reach;
	machine_translate(p.translator, &p.setting);
	p.traps = xcalloc(3 * plan->isa->ntraps, sizeof *p.traps);
	p.oracle->view[0].traps = p.traps;
	p.translator->view[0].traps = p.traps + plan->isa->ntraps;
	run_pair(&p, o->steps);
	add_up(sum, &p);
	if (p.difference[0])
		printf("%s: guest %" PRIu64 " of seed %" PRIu64 ", within %" PRIu64
		       " steps: %s (pool %u, blocks %u, flush %u, vectors %u)\n",
		       plan->isa->name, number, o->seed, p.steps, p.difference, p.setting.pool,
		       p.setting.blocks, p.setting.flush, p.setting.vectors);
	stops_free(p.oracle->view[0].stops);
	stops_free(p.translator->view[0].stops);
	machine_free(p.oracle);
	machine_free(p.translator);
	fuzz_case_free(&c);
	free(p.traps);
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

static void report(const struct isa *isa, const struct options *o, uint64_t guests,
		   const struct sums *sum, unsigned failed)
{
	const struct translator_counts *c = &sum->counts;

	printf("%-10s %8" PRIu64 " guests %10" PRIu64 " steps, %9" PRIu64
	       " completed, %3u %% translated, %" PRIu64 " traps performed, %" PRIu64
	       " regions, %" PRIu64 " dropped: %s%s\n",
	       isa->name, guests, sum->steps, completed(c),
	       completed(c) ? (unsigned)(c->translated * 100 / completed(c)) : 0, c->trapped,
	       c->regions, c->dropped, failed ? "DIFFERENT" : "the same",
	       tells(c) ? "" : ", TOO FEW TRANSLATED");
	if (!o->verbose)
		return;
	printf("    dropped by guests %" PRIu64 "; breaks %" PRIu64 ", watches %" PRIu64
	       "; seen from ticks %" PRIu64 ", interrupts %" PRIu64 "; all:",
	       c->dropped - sum->foreign, sum->events[EVENT_BREAK], sum->events[EVENT_WATCH],
	       sum->sources[SOURCE_TICK], sum->sources[SOURCE_INTERRUPT]);
	for (unsigned k = 0; k < isa->ntraps; k++)
		printf(" %s %" PRIu64, isa->trap[k].name, sum->traps[k]);
	putchar('\n');
}

/* The number of guests that differ; one more if too few instructions ran translated. */
static unsigned try_machine(const char *name, const struct options *o)
{
	struct diag_list *diags = diag_new();
	char *path = isa_find(diags, name), reason[256];
	struct isa *isa = path ? isa_load(diags, path) : NULL;
	struct fuzz_plan *plan = isa ? fuzz_plan_new(isa, reason, sizeof reason) : NULL;
	struct sums sum = { 0 };
	uint64_t guests = 0, reach;
	unsigned failed = 0;

	if (!plan) {
		diag_print(diags, stderr);
		exit(2);
	}
	sum.traps = xcalloc(isa->ntraps, sizeof *sum.traps);
	if (is_served(isa, &reach))
		for (; guests < o->count; guests++)
			failed += !try_guest(plan, o, o->first + guests, reach, &sum);
	else
		printf("%-10s is left to the oracle:\n", isa->name);
	report(isa, o, guests, &sum, failed);
	failed += !tells(&sum.counts);
	fflush(stdout);
	free(sum.traps);
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

/* And one of our own, of what the others do seldom. */
static void try_seldom(struct options *o)
{
	const char *top = getenv("TOP_SRCDIR");
	char path[4096];

	snprintf(path, sizeof path, "%s/tests/isa/ok_seldom.isa", top ? top : ".");
	o->failed += try_machine(path, o);
}

int main(int argc, char **argv)
{
	struct options o = { .count = SHORT, .seed = 1, .steps = 1000 };
	unsigned failed = 0;
	int option;

	while ((option = getopt(argc, argv, "vn:f:s:l:")) != -1) {
		uint64_t value = optarg ? strtoull(optarg, NULL, 10) : 0;

		switch (option) {
		case 'v': o.verbose = true; break;
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
	try_seldom(&o);
	return o.machines == 0 || o.failed;
}
