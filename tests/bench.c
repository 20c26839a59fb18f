/*
 * make bench: how fast guests run, bare and under the monitors.
 *
 *     bench [-n ROUNDS] -o TSV GUEST.s...
 *
 * Each round runs every guest on the translator, bare, bare in slices, under vmm and under hybrid,
 * and what it does as a program of the host, one after the other, so that what else the machine
 * does falls on all alike; the first round runs it on the oracle, too.  The table gives medians of processor time, and
 * the ratios to bare within one round with their spread; the TSV file gets one line per run.
 */
#include "isa/asm.h"
#include "machine/machine.h"
#include "tests/native.h"
#include "vmm/monitor.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { BARE, BY_10000, BY_1000, VMM, HYBRID, NATIVE, ORACLE, WORLDS, MAX_ROUNDS = 99 };
static const char *const world_name[WORLDS] = { "bare",	  "by 10000", "by 1000", "vmm",
						"hybrid", "native",   "oracle" };

enum { STORAGE = 1 << 20, REAL_STORAGE = 1 << 21 };

struct guest {
	const char *path;
	struct diag_list *diags;
	struct isa *isa;
	struct image *image;
};

struct run {
	double seconds;
	uint64_t steps, exits;
};

static void fail(const char *path, const char *reason)
{
	fprintf(stderr, "bench: %s: %s\n", path, reason);
	exit(2);
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
			console_give(v->device[i], "", 0);
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
	double start = now();
	while (view_run(&m->view[0], slice).event == EVENT_STEPS)
		;
	struct run r = { now() - start, m->cpu[0]->steps, 0 };
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
	struct run r = { now() - start, vm_view(vm)->cpu->steps, exits_of(g, vm) };
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

	return (struct run){ a < b ? a : b, 0, 0 };
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

static void print_row(const struct guest *g, struct run (*runs)[WORLDS], unsigned rounds)
{
	for (int w = 0; w < WORLDS; w++) {
		double seconds[MAX_ROUNDS], ratio[MAX_ROUNDS];
		unsigned n = w == ORACLE ? 1 : rounds;

		for (unsigned i = 0; i < n; i++) {
			seconds[i] = runs[i][w].seconds;
			ratio[i] = runs[i][w].seconds / runs[i][BARE].seconds;
		}
		if (seconds[0] == 0)
			continue;
		printf("%-12s %-8s %11" PRIu64 " %9" PRIu64 " %8.2f %8.3f  %.3f-%.3f\n",
		       w ? "" : base_name(g->path), world_name[w], runs[0][w].steps,
		       runs[0][w].exits, median(seconds, n) * 1e3, median(ratio, n),
		       extreme(ratio, n, -1), extreme(ratio, n, 1));
	}
	fflush(stdout);
}

static void bench(const char *path, unsigned rounds, FILE *tsv)
{
	struct guest g = guest_open(path);
	struct run runs[MAX_ROUNDS][WORLDS];

	for (unsigned i = 0; i < rounds; i++)
		for (int w = 0; w < WORLDS - (i > 0); w++) {
			runs[i][w] = run_in(&g, w);
			fprintf(tsv, "%s\t%s\t%u\t%" PRIu64 "\t%" PRIu64 "\t%.6f\n",
				base_name(path), world_name[w], i, runs[i][w].steps,
				runs[i][w].exits, runs[i][w].seconds);
		}
	print_row(&g, runs, rounds);
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
	fprintf(tsv, "guest\tworld\tround\tsteps\texits\tseconds\n");
	printf("%-12s %-8s %11s %9s %8s %8s  %s\n", "guest", "world", "steps", "exits", "ms",
	       "/ bare", "spread");
	for (int i = optind; i < argc; i++)
		bench(argv[i], rounds, tsv);
	return fclose(tsv) ? 2 : 0;
}
