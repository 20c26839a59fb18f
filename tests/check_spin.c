/*
 * Busy waiting: machine/spin.c.  What is run at once, with rounds skipped, is compared with the same
 * run step by step, where nothing can be.
 */
#include "tests/lab.h"

#include "machine/stops.h"
#include "machine/translator.h"

enum { RATE = 20000000, UPDATE = 44560 /* units of it */ };

static const struct translator_options at_once = { .hot = 1 }, usual = { 0 };
static const struct translator_options *const engine[] = { NULL, &at_once, &usual };

/* The same guest twice: as users run it, and by steps of the oracle. */
struct pair {
	struct lab lab;
	struct machine *at_once, *by_steps;
};

static struct machine *machine_of(struct lab *l, uint64_t time)
{
	struct machine *m = lab_machine(l, 1 << 16);
	struct device *console = devices_find(l->isa, m->device, "console");

	if (console)
		console_live(console);
	lab_enter(l, &m->view[0]);
	m->cpu[0]->time = time;
	return m;
}

static struct pair pair_of(const char *machine, const char *guest, uint64_t time, unsigned by)
{
	struct pair p = { .lab = lab_of(machine) };

	lab_assemble(&p.lab, guest);
	p.at_once = machine_of(&p.lab, time);
	p.by_steps = machine_of(&p.lab, time);
	if (engine[by])
		machine_translate(p.at_once, engine[by]);
	return p;
}

static void pair_close(struct pair *p)
{
	machine_free(p->at_once);
	machine_free(p->by_steps);
	lab_close(&p->lab);
}

static uint64_t skipped(const struct pair *p)
{
	return p->at_once->cpu[0]->spin.skipped;
}

static void check_device(const struct device *a, const struct device *b)
{
	for (unsigned i = 0; i < a->class->nvars; i++)
		ck_assert_msg(a->var[i] == b->var[i], "%s.%s", a->decl->name, a->class->var_name[i]);
	ck_assert(!a->class->same || a->class->same(a, b));
}

static void check_same(const struct pair *p)
{
	const struct cpu *a = p->at_once->cpu[0], *b = p->by_steps->cpu[0];
	const struct isa *isa = p->lab.isa;

	ck_assert_uint_eq(a->time, b->time);
	ck_assert_uint_eq(a->steps, b->steps);
	ck_assert_uint_eq(a->unspecified, b->unspecified);
	ck_assert_int_eq(a->status, b->status);
	ck_assert_mem_eq(a->state, b->state, isa->nslots * sizeof *a->state);
	ck_assert_mem_eq(p->at_once->storage->cell, p->by_steps->storage->cell,
			 p->at_once->storage->size * p->at_once->storage->cell_size);
	for (unsigned i = 0; i < isa->ndevices; i++)
		check_device(p->at_once->device[i], p->by_steps->device[i]);
}

static void run(struct pair *p, uint64_t n)
{
	struct outcome out = view_run(&p->at_once->view[0], n);
	uint64_t steps = 0, units = 0;

	for (uint64_t i = 0; i < n; i++) {
		struct outcome one = view_step(&p->by_steps->view[0]);

		steps += one.steps;
		units += one.units;
	}
	ck_assert_uint_eq(out.steps, steps);
	ck_assert_uint_eq(out.units, units);
	check_same(p);
}

/* A byte comes from outside. */
static void type(struct pair *p, int byte)
{
	struct machine *const m[] = { p->at_once, p->by_steps };

	for (unsigned i = 0; i < 2; i++)
		console_type(devices_find(p->lab.isa, m[i]->device, "console"),
			     m[i]->cpu[0]->time, byte);
}

/* ---- loops ---- */

/* R2 has the ports, R3 the FPGA, or the bench's devices; system calls do nothing. */
#define CALLS                                                                                      \
	".org 0x180\nmfc0 R26, 14, 0\naddiu R26, R26, 4\nmtc0 R26, 14, 0\neret\n"                  \
	".org 0x400\nlui R29, 0x8000\nori R29, R29, 0x2000\n"
#define MALTA CALLS "lui R2, 0xb800\nlui R3, 0xbf00\naddiu R5, R0, 10\n"
#define BENCH                                                                                      \
	CALLS "lui R3, 0xbf00\naddiu R5, R0, 10\nlui R7, 1\nsrl R7, R7, 2\nsw R7, 0x110(R3)\n"      \
	      "addiu R7, R0, 48\nsw R7, 0x114(R3)\naddiu R7, R0, 1\nsw R7, 0x100(R3)\n"
#define UPDATING(more)                                                                             \
	"again: sb R5, 0x70(R2)\n" more "lbu R6, 0x71(R2)\nandi R7, R6, 0x80\n"                    \
	"beq R7, R0, again\naddu R0, R0, R0\n"
#define END "end: addiu R8, R8, 1\nbeq R0, R0, end\naddu R0, R0, R0\n"
#define BEFORE_UPDATE (RATE - UPDATE - 12500)
#define PG ".machine pg\n.org 8\n.word 0, done, 0, 0x10000, 0, 0\n.org 16\n"
#define PG_END "done: ADDI G8, G8, 1\nBR done\n"
#define DRUM                                                                                       \
	"LA G2, 0x4000(G0)\nOUT G2, 0x14\nLA G2, 60(G0)\nOUT G2, 0x15\nLA G2, 1(G0)\nOUT G2, 0x10\n"

static const struct {
	const char *name, *machine, *guest;
	uint64_t time;
	bool skips;
} loops[] = {
	{ "until the clock is updating", "mips32-malta", MALTA UPDATING("") END, BEFORE_UPDATE,
	  true },
	{ "the same in C, which spills", "mips32-malta",
	  MALTA UPDATING("sw R5, 0(R29)\nsw R6, 4(R29)\nlw R5, 0(R29)\n") END, BEFORE_UPDATE, true },
	{ "the same with interrupts disabled meanwhile", "mips32-malta",
	  MALTA UPDATING("mfc0 R9, 12, 0\nmtc0 R0, 12, 0\nmtc0 R9, 12, 0\n") END, BEFORE_UPDATE,
	  true },
	{ "until it is not", "mips32-malta",
	  MALTA "sb R5, 0x70(R2)\nagain: lb R6, 0x71(R2)\nbltz R6, again\naddu R0, R0, R0\n" END,
	  RATE - 12500, true },
	{ "until it is the next second", "mips32-malta",
	  MALTA "sb R0, 0x70(R2)\nlbu R7, 0x71(R2)\nagain: lbu R6, 0x71(R2)\n"
		"beq R6, R7, again\naddu R0, R0, R0\n" END,
	  RATE - 12500, true },
	{ "until something is typed", "mips32-malta",
	  MALTA "again: lbu R6, 0x3fd(R2)\nandi R6, R6, 1\nlbu R7, 0x80(R2)\n"
		"beq R6, R0, again\naddu R0, R0, R0\n" END,
	  0, true },
	{ "until a timer's interrupt, which is masked", "mips32-malta",
	  MALTA "addiu R7, R0, 0x30\nsb R7, 0x43(R2)\nsb R0, 0x40(R2)\naddiu R7, R0, 2\n"
		"sb R7, 0x40(R2)\nagain: lbu R6, 0x20(R2)\nandi R6, R6, 1\nbeq R6, R0, again\n"
		"addu R0, R0, R0\n" END,
	  0, true },
	{ "until the processor's timer interrupts", "mips32-malta",
	  MALTA "addiu R7, R0, 0x2000\nmtc0 R7, 11, 0\nori R7, R0, 0x8001\nmtc0 R7, 12, 0\n" UPDATING(
		  "") END,
	  0, true },
	{ "until blocks have come", "mips32-bench",
	  BENCH "again: lw R6, 0x104(R3)\nandi R6, R6, 1\nbne R6, R0, again\naddu R0, R0, R0\n" END,
	  0, true },
	{ "until blocks have come from a drum", "pg",
	  PG DRUM "again: IN G3, 0x11\nANDI G3, G3, 1\nBNE G3, G0, again\n" PG_END, 0, true },
	{ "while the interval timer runs", "pg",
	  PG "LA G2, 8000(G0)\nSTIM G2\nSIE 1\nagain: IN G3, 1\nANDI G3, G3, 1\nBEQ G3, G0, "
	     "again\n" PG_END,
	  0, true },

	{ "Count is read", "mips32-malta", MALTA UPDATING("mfc0 R9, 9, 0\n") END, BEFORE_UPDATE,
	  false },
	{ "Count is read for nothing", "mips32-malta",
	  MALTA UPDATING("mfc0 R9, 9, 0\naddu R9, R0, R0\n") END, BEFORE_UPDATE, false },
	{ "rounds are counted", "mips32-malta", MALTA UPDATING("addiu R9, R9, 1\n") END,
	  BEFORE_UPDATE, false },
	{ "rounds are counted in storage", "mips32-malta",
	  MALTA UPDATING("lw R9, 0(R29)\naddiu R9, R9, 1\nsw R9, 0(R29)\naddu R9, R0, R0\n") END,
	  BEFORE_UPDATE, false },
	{ "a counter is read", "mips32-malta",
	  MALTA "addiu R7, R0, 0x30\nsb R7, 0x43(R2)\nsb R0, 0x40(R2)\nsb R0, 0x40(R2)\n" UPDATING(
		  "sb R0, 0x43(R2)\nlbu R9, 0x40(R2)\nlbu R9, 0x40(R2)\naddu R9, R0, R0\n") END,
	  BEFORE_UPDATE, false },
	{ "what reading clears is read", "mips32-malta",
	  MALTA UPDATING("addiu R9, R0, 12\nsb R9, 0x70(R2)\nlbu R9, 0x71(R2)\nsb R5, 0x70(R2)\n")
		  END,
	  BEFORE_UPDATE, false },
	{ "unspecified values are drawn", "mips32-malta", MALTA UPDATING("clz R0, R5, R6\n") END,
	  BEFORE_UPDATE, false },
	{ "there is a trap in it", "mips32-malta", MALTA UPDATING("syscall 0\n") END, BEFORE_UPDATE,
	  false },
	{ "bytes are printed", "mips32-malta", MALTA UPDATING("sb R5, 0x3f8(R2)\n") END,
	  BEFORE_UPDATE, false },
	{ "the interval timer is read", "pg",
	  PG "LA G2, 8000(G0)\nSTIM G2\nSIE 1\nagain: RTIM G4\nADD G4, G0, G0\nIN G3, 1\n"
	     "ANDI G3, G3, 1\nBEQ G3, G0, again\n" PG_END,
	  0, false },
	{ "the interval timer stands at times", "pg",
	  PG "LA G2, 8000(G0)\nSTIM G2\nagain: SIE 1\nIN G3, 1\nSIE 0\nANDI G3, G3, 1\n"
	     "BEQ G3, G0, again\n" PG_END,
	  0, false },
};

START_TEST(a_loop_leads_where_its_steps_lead)
{
	unsigned n = (unsigned)_i / COUNT(engine), by = (unsigned)_i % COUNT(engine);
	struct pair p =
		pair_of(loops[n].machine, loops[n].guest, loops[n].time, by);

	run(&p, 4001);
	run(&p, 37);
	type(&p, 'x');
	for (uint64_t steps = 1; steps < 4000; steps = steps * 3 + 1)
		run(&p, steps);
	run(&p, 9000);
	ck_assert_msg((skipped(&p) > 2000) == loops[n].skips, "%s: %u skipped", loops[n].name,
		      (unsigned)skipped(&p));
	pair_close(&p);
}
END_TEST

/* ---- loops at random ---- */

static const char *const malta_piece[] = {
	"sb R5, 0x70(R2)",  "sb R0, 0x70(R2)",	"lbu R6, 0x71(R2)",  "lbu R6, 0x71(R2)",
	"lbu R6, 0x3fd(R2)", "lbu R6, 0x3f8(R2)", "lbu R6, 0x3fa(R2)", "sb R5, 0x3ff(R2)",
	"lbu R6, 0x20(R2)", "lbu R6, 0xa1(R2)", "lbu R6, 0x40(R2)",  "lbu R6, 0x80(R2)",
	"sb R5, 0x408(R3)", "lw R7, 0x410(R3)", "sb R6, 0x3f8(R2)",  "lhu R6, 0x70(R2)",
};
static const char *const bench_piece[] = {
	"lw R6, 4(R3)",	    "lw R6, 0(R3)",	"lw R6, 12(R3)",     "sw R5, 0(R3)",
	"lw R6, 0x104(R3)", "lw R6, 0x108(R3)", "lw R6, 0x118(R3)",  "sw R5, 0x10c(R3)",
	"lw R6, 0x104(R3)", "lw R6, 0x200(R3)", "lbu R6, 0x104(R3)", "sw R0, 8(R3)",
};
static const char *const piece[] = {
	"sw R6, 0(R29)",   "lw R7, 0(R29)", "sw R8, 4(R29)",   "xor R8, R8, R6",
	"addiu R8, R8, 1", "xori R8, R8, 1", "mfc0 R9, 9, 0",   "mtc0 R0, 12, 0",
	"syscall 0",	   "mul R10, R6, R5", "clz R0, R5, R6", "addu R0, R0, R0",
	"and R7, R6, R5",  "lw R11, 8(R29)", "addu R9, R6, R7", "sltu R7, R6, R5",
};

static unsigned below(uint64_t *seed, unsigned n)
{
	*seed = *seed * UINT64_C(6364136223846793005) + 1442695040888963407;
	return (unsigned)(*seed >> 33) % n;
}

/* Mostly of what can be skipped. */
static void make_loop(char *guest, size_t size, const char *begin, const char *const *device,
		      unsigned ndevice, uint64_t *seed)
{
	size_t used = (size_t)snprintf(guest, size, "%sagain: addu R0, R0, R0\n", begin);
	unsigned n = below(seed, 5) + 1;

	for (unsigned i = 0; i < n; i++)
		used += (size_t)snprintf(guest + used, size - used, "%s\n",
					 i == 0 || below(seed, 3) ? device[below(seed, ndevice)]
								  : piece[below(seed, COUNT(piece))]);
	snprintf(guest + used, size - used, "%s\nbeq R0, R0, again\naddu R0, R0, R0\n",
		 "addu R6, R0, R0");
}

static void check_random(struct pair *p, uint64_t *seed)
{
	for (unsigned i = 0; i < 6; i++) {
		run(p, below(seed, 3000) + 1);
		if (below(seed, 4) == 0)
			type(p, (int)below(seed, 256));
	}
	pair_close(p);
}

START_TEST(loops_at_random_lead_where_their_steps_lead)
{
	uint64_t seed = (uint64_t)_i;
	uint64_t times[] = { 0, RATE - UPDATE - below(&seed, 9000), RATE - below(&seed, 9000) };
	char guest[2048];
	struct pair p;

	make_loop(guest, sizeof guest, MALTA, malta_piece, COUNT(malta_piece), &seed);
	p = pair_of("mips32-malta", guest, times[below(&seed, 3)], (unsigned)_i % COUNT(engine));
	check_random(&p, &seed);
	make_loop(guest, sizeof guest, BENCH, bench_piece, COUNT(bench_piece), &seed);
	p = pair_of("mips32-bench", guest, 0, (unsigned)_i % COUNT(engine));
	check_random(&p, &seed);
}
END_TEST

/* ---- who looks sees all of it ---- */

START_TEST(nothing_is_skipped_where_runs_may_stop)
{
	struct pair p = pair_of("mips32-malta", MALTA UPDATING("sw R5, 0(R29)\n") END,
				BEFORE_UPDATE, 0);
	struct stops *s = stops_new(&p.at_once->view[0]);
	const uint64_t again = 0x80000418; /* the sixth instruction */
	struct outcome out;

	ck_assert(stops_add_break(s, again));
	for (unsigned i = 0; i < 1000; i++) {
		out = view_run(&p.at_once->view[0], 100);
		ck_assert_int_eq(out.event, EVENT_BREAK);
		ck_assert_uint_eq(lab_examine(&p.at_once->view[0], "P"), again);
	}
	ck_assert(stops_remove_break(s, again));
	ck_assert(stops_add_watch(s, &(struct watch){ .first = 0x2000, .count = 4, .write = true }));
	for (unsigned i = 0; i < 100; i++)
		ck_assert_int_eq(view_run(&p.at_once->view[0], 100).event, EVENT_WATCH);
	ck_assert(stops_remove_watch(s, &(struct watch){ .first = 0x2000, .count = 4, .write = true }));
	ck_assert(stops_add_register(s, 5));
	view_run(&p.at_once->view[0], 2000);
	ck_assert_uint_eq(skipped(&p), 0);
	ck_assert(stops_remove_register(s, 5));
	stops_free(s);
	pair_close(&p);
}
END_TEST

START_TEST(rounds_are_skipped_where_runs_stop_elsewhere)
{
	struct pair p = pair_of("mips32-malta", MALTA UPDATING("sw R5, 0(R29)\n") END,
				BEFORE_UPDATE, 0);
	struct stops *s = stops_new(&p.at_once->view[0]);

	ck_assert(stops_add_break(s, 0x80000000));
	ck_assert(stops_add_watch(s, &(struct watch){ .first = 0x2004, .count = 4, .write = true }));
	run(&p, 4000);
	run(&p, 9000);
	ck_assert_uint_gt(skipped(&p), 2000);
	stops_free(s);
	pair_close(&p);
}
END_TEST

/* Addresses are written down as often as they are written to, but those of rounds skipped. */
START_TEST(a_write_log_has_every_address)
{
	struct pair p = pair_of("mips32-malta", MALTA UPDATING("sb R5, 0(R29)\n") END,
				BEFORE_UPDATE, 2);
	struct write_log log = { 0 };

	p.at_once->storage->log = &log;
	run(&p, 9000);
	ck_assert_uint_gt(skipped(&p), 0);
	ck_assert_uint_gt(log.count, 0);
	ck_assert_uint_eq(log.address[log.count - 1], 0x2000);
	p.at_once->storage->log = NULL;
	write_log_free(&log);
	pair_close(&p);
}
END_TEST

static Suite *suite(void)
{
	Suite *s = suite_create("spin");
	TCase *c = tcase_create("spin");

	tcase_add_loop_test(c, a_loop_leads_where_its_steps_lead, 0,
			    (int)(COUNT(loops) * COUNT(engine)));
	tcase_add_loop_test(c, loops_at_random_lead_where_their_steps_lead, 0, 12);
	tcase_add_test(c, nothing_is_skipped_where_runs_may_stop);
	tcase_add_test(c, rounds_are_skipped_where_runs_stop_elsewhere);
	tcase_add_test(c, a_write_log_has_every_address);
	suite_add_tcase(s, c);
	return s;
}

#include "tests/harness.h"
