/*
 * make bench: how fast guests run, bare and under the monitors.
 *
 *     bench [-n ROUNDS] -o TSV GUEST.s...
 *
 * Each round runs every guest on the translator, bare, bare in slices between which nobody looks at
 * devices, under vmm and under hybrid, and what it does as a program of the host, one after the
 * other, so that what else the machine does falls on all alike; and that several times if it is
 * short, of which the least times count: neighbours only ever add to them.  The first round runs it
 * on the oracle, too.  GUEST.in, if there is such a file, is typed at the guest's console, REPEATS
 * times.
 *
 * The table gives medians of processor time, and the ratios to bare within one round with their
 * spread; how often traps were performed, or the monitor was entered, and the time for each of
 * these, with what the guest does between them; and what translation cost.  At its end, geometric
 * means of the ratios over the guests that exist as programs of the host.  The TSV file gets one
 * line per run.
 */
#include "isa/asm.h"
#include "machine/machine.h"
#include "machine/translator.h"
#include "tests/native.h"
#include "vmm/monitor.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { BARE, BY_10000, BY_1000, VMM, HYBRID, NATIVE, ORACLE, WORLDS, MAX_ROUNDS = 99 };
static const char *const world_name[WORLDS] = { "bare",	  "by 10000", "by 1000", "vmm",
						"hybrid", "native",   "oracle" };

enum { STORAGE = 1 << 20, REAL_STORAGE = 1 << 21, REPEATS = 16 };

/* A round's passes: so many that its bare runs take this long together, within limits. */
enum { MOST_PASSES = 8 };
static const double pass_seconds = 0.2;

struct guest {
	const char *path;
	char *input; /* owned */
	size_t input_length;
	struct diag_list *diags;
	struct isa *isa;
	struct image *image;
};

struct run {
	double seconds;
	uint64_t steps;
	uint64_t traps; /* performed bare, or exits to the monitor */
	struct translator_counts counts;
};

static void fail(const char *path, const char *reason)
{
	fprintf(stderr, "bench: %s: %s\n", path, reason);
	exit(2);
}

/* What is typed at its console. */
static void read_input(struct guest *g)
{
	int stem = (int)strlen(g->path) - 2; /* without ".s" */
	char path[4096], *line = NULL;
	size_t size = 0;
	ssize_t length;
	FILE *f, *typed = open_memstream(&g->input, &g->input_length);

	snprintf(path, sizeof path, "%.*s.in", stem, g->path);
	for (unsigned i = 0; i < REPEATS && (f = fopen(path, "r")); i++) {
		while ((length = getline(&line, &size, f)) > 0)
			fwrite(line, 1, (size_t)length, typed);
		fclose(f);
	}
	free(line);
	fclose(typed);
}

static struct guest guest_open(const char *path)
{
	struct guest g = { .path = path, .diags = diag_new() };
	const struct source *source = diag_read_file(g.diags, path, (struct place){ 0 });
	char *name = source ? asm_machine(g.diags, source) : NULL;
	char *machine = name ? isa_find(g.diags, name) : NULL;

	g.isa = machine ? isa_load(g.diags, machine) : NULL;
	g.image = g.isa ? asm_assemble(g.isa, g.diags, source) : NULL;
	if (!g.image) {
		diag_print(g.diags, stderr);
		fail(path, "is no guest");
	}
	free(name);
	free(machine);
	read_input(&g);
	return g;
}

static double now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

static void enter(const struct guest *g, struct view *v)
{
	char reason[256];

	if (!view_load(v, g->image, reason, sizeof reason))
		fail(g->path, reason);
	for (unsigned i = 0; i < g->isa->ndevices; i++)
		if (!strcmp(g->isa->device[i].class, "console"))
			console_give(v->device[i], g->input, g->input_length);
}

static void require_halt(const struct guest *g, const struct cpu *cpu)
{
	if (cpu->status != CPU_HALTED || cpu->halt_status)
		fail(g->path, "did not halt with status 0");
}

static struct machine *machine_of(const struct guest *g, uint64_t size, enum engine engine)
{
	char reason[256];
	struct machine *m = machine_new(g->isa, size, 1, reason, sizeof reason);

	if (!m)
		fail(g->path, reason);
	machine_use(m, engine);
	return m;
}

static struct run run_bare(const struct guest *g, enum engine engine, uint64_t slice)
{
	struct machine *m = machine_of(g, STORAGE, engine);

	enter(g, &m->view[0]);

	/* as a monitor has it, which runs machines by slices, too */
	m->view[0].unattended = true;
	struct run r = { .seconds = -now() };
	struct outcome o;

	do {
		o = view_run(&m->view[0], slice);
		r.traps += o.traps;
	} while (o.event == EVENT_STEPS);
	clock_wake(&m->view[0]);
	r.seconds += now();
	r.steps = m->cpu[0]->steps;
	if (m->translator)
		r.counts = translator_counts(m->translator);
	require_halt(g, m->cpu[0]);
	machine_free(m);
	return r;
}

static uint64_t exits_of(const struct guest *g, const struct vm *vm)
{
	uint64_t n = 0;

	for (unsigned i = 0; i < g->isa->ntraps; i++)
		n += vm_stats(vm)->exits[i];
	return n;
}

static struct run run_monitored(const struct guest *g, enum monitor_kind kind)
{
	struct machine *m = machine_of(g, REAL_STORAGE, ENGINE_TRANSLATOR);
	const struct monitor_options options = { .kind = kind, .seed = 1, .reserve = 1024 };
	char reason[256];
	struct monitor *monitor = monitor_new(m, &options, reason, sizeof reason);
	struct vm *vm =
		monitor ? monitor_create(monitor, "vm1", STORAGE, 1, reason, sizeof reason) : NULL;

	if (!vm)
		fail(g->path, reason);
	enter(g, vm_view(vm));
	double start = now();
	monitor_run(monitor, UINT64_MAX);
	struct run r = { .seconds = now() - start,
			 .steps = vm_view(vm)->cpu->steps,
			 .traps = exits_of(g, vm) };
	require_halt(g, vm_view(vm)->cpu);
	monitor_free(monitor);
	machine_free(m);
	return r;
}

static const char *base_name(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

static double seconds_native(const char *name, bool vectorised)
{
	double start = now();

	return native_run(name, vectorised) ? now() - start : 0;
}

/* The better of two ways to compile it; 0 seconds: there is no such program. */
static struct run run_native(const struct guest *g)
{
	double a = seconds_native(base_name(g->path), false),
	       b = seconds_native(base_name(g->path), true);

	return (struct run){ .seconds = a < b ? a : b };
}

static struct run run_in(const struct guest *g, int world)
{
	switch (world) {
	case BARE: return run_bare(g, ENGINE_TRANSLATOR, UINT64_MAX);
	case BY_10000: return run_bare(g, ENGINE_TRANSLATOR, 10000);
	case BY_1000: return run_bare(g, ENGINE_TRANSLATOR, 1000);
	case ORACLE: return run_bare(g, ENGINE_ORACLE, UINT64_MAX);
	case NATIVE: return run_native(g);
	default: return run_monitored(g, world == VMM ? MONITOR_VMM : MONITOR_HYBRID);
	}
}

static int ascending(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static double median(const double *values, unsigned n)
{
	double sorted[MAX_ROUNDS];

	memcpy(sorted, values, n * sizeof *values);
	qsort(sorted, n, sizeof *sorted, ascending);
	return n % 2 ? sorted[n / 2] : (sorted[n / 2 - 1] + sorted[n / 2]) / 2;
}

static double extreme(const double *values, unsigned n, int sign)
{
	double best = values[0];

	for (unsigned i = 1; i < n; i++)
		if ((values[i] - best) * sign > 0)
			best = values[i];
	return best;
}

/* Logarithms of the medians of ratios to bare, summed up. */
static struct means {
	double sum[WORLDS];
	unsigned guests;
} means;

static void print_world(const struct guest *g, struct run (*runs)[WORLDS], int w, unsigned rounds)
{
	double seconds[MAX_ROUNDS], ratio[MAX_ROUNDS];
	const struct run *first = &runs[0][w];

	for (unsigned i = 0; i < rounds; i++) {
		seconds[i] = runs[i][w].seconds;
		ratio[i] = runs[i][w].seconds / runs[i][BARE].seconds;
	}
	if (first->seconds == 0)
		return;
	printf("%-9s %-8s %9" PRIu64 " %8.2f %7.3f %7.3f-%-7.3f", w ? "" : base_name(g->path),
	       world_name[w], first->steps, median(seconds, rounds) * 1e3, median(ratio, rounds),
	       extreme(ratio, rounds, -1), extreme(ratio, rounds, 1));
	if (first->traps > 100)
		printf(" %8" PRIu64 " %6.0f", first->traps,
		       median(seconds, rounds) * 1e9 / (double)first->traps);
	putchar('\n');
	if (runs[0][NATIVE].seconds > 0)
		means.sum[w] += log(median(ratio, rounds));
}

static void print_guest(const struct guest *g, struct run (*runs)[WORLDS], unsigned rounds)
{
	const struct translator_counts *c = &runs[0][BARE].counts;

	for (int w = 0; w < WORLDS; w++)
		print_world(g, runs, w, w == ORACLE ? 1 : rounds);
	means.guests += runs[0][NATIVE].seconds > 0;
	printf("          %" PRIu64
	       " instructions translated, %.1f us each, into %.0f bytes each\n",
	       c->instructions, (double)c->nanoseconds / 1e3 / (double)c->instructions,
	       (double)c->bytes / (double)c->instructions);
	fflush(stdout);
}

static void print_means(void)
{
	if (!means.guests)
		return;
	printf("geometric means over %u guests, to bare:", means.guests);
	for (int w = 1; w < WORLDS; w++)
		printf(" %s %.3f", world_name[w], exp(means.sum[w] / means.guests));
	printf("\nbare to native: %.3f\n", exp(-means.sum[NATIVE] / means.guests));
}

/* Once in each of so many worlds; the quickest runs stay. */
static void pass(const struct guest *g, struct run *least, int worlds, bool first, unsigned round,
		 FILE *tsv)
{
	for (int w = 0; w < worlds; w++) {
		struct run r = run_in(g, w);

		if (first || r.seconds < least[w].seconds)
			least[w] = r;
		fprintf(tsv, "%s\t%s\t%u\t%" PRIu64 "\t%" PRIu64 "\t%.6f\t%.6f\n",
			base_name(g->path), world_name[w], round, r.steps, r.traps, r.seconds,
			(double)r.counts.nanoseconds * 1e-9);
	}
}

static unsigned passes_of(const struct run *bare)
{
	double n = pass_seconds / bare->seconds;

	return n < 1 ? 1 : n > MOST_PASSES ? MOST_PASSES : (unsigned)n;
}

static void bench(const char *path, unsigned rounds, FILE *tsv)
{
	struct guest g = guest_open(path);
	struct run runs[MAX_ROUNDS][WORLDS];

	for (unsigned i = 0; i < rounds; i++) {
		pass(&g, runs[i], WORLDS - (i > 0), true, i, tsv);
		for (unsigned n = passes_of(&runs[0][BARE]); n > 1; n--)
			pass(&g, runs[i], ORACLE, false, i, tsv);
	}
	print_guest(&g, runs, rounds);
	free(g.input);
	image_free(g.image);
	isa_free(g.isa);
	diag_free(g.diags);
}

int main(int argc, char **argv)
{
	unsigned rounds = 5;
	FILE *tsv = NULL;
	int option;

	while ((option = getopt(argc, argv, "n:o:")) != -1) {
		if (option == 'n')
			rounds = (unsigned)strtoul(optarg, NULL, 10);
		else if (option == 'o')
			tsv = fopen(optarg, "w");
		else
			return 2;
	}
	if (!rounds || rounds > MAX_ROUNDS || !tsv || optind == argc) {
		fprintf(stderr, "usage: bench [-n ROUNDS] -o TSV GUEST.s...\n");
		return 2;
	}
	fprintf(tsv, "guest\tworld\tround\tsteps\ttraps\tseconds\ttranslating\n");
	printf("%-9s %-8s %9s %8s %7s %-15s %8s %6s\n", "guest", "world", "steps", "ms", "/ bare",
	       " spread", "traps", "ns");
	for (int i = optind; i < argc; i++)
		bench(argv[i], rounds, tsv);
	print_means();
	return fclose(tsv) ? 2 : 0;
}
