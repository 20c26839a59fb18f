/*
 * What makes traps, time and short runs cheap on the translator: rounds, by which translated code
 * goes on through a trap; exits of a guest served by them; runs that begin and end within a block;
 * translations that are found again: that it happens, and that it is right.
 */
#include "tests/lab.h"

#include "machine/translator.h"

#include <inttypes.h>

static const struct translator_options usual = { 0 };

/*
 * A thousand supervisor calls from user mode, relocated; the handler adds up their operands in G5,
 * counts other traps in G6, and sets the timer to G7 after these.
 */
static const char *calls(unsigned timer)
{
	static char text[1024];

	snprintf(text, sizeof text,
		 ".machine pg\n.deposit G7, %u\n"
		 ".org 8\n.word 0, handler, 0, 4096, 0, 0\n.org 16\n"
		 "LA G2, 1000(G0)\nLPSW user_psw(G0)\n"
		 "user_psw: .word 1, 0, user, 16, 1, %u\n"
		 "handler: LD G4, 6(G0)\nLA G3, 3(G0)\nBNE G4, G3, other\nLD G4, 7(G0)\n"
		 "BEQ G4, G0, done\nADD G5, G5, G4\nLPSW 0(G0)\n"
		 "other: ADDI G6, G6, 1\nST G7, 5(G0)\nLPSW 0(G0)\n"
		 "done: HALT 0\n"
		 "user: SVC 1\nADDI G2, G2, -1\nBNE G2, G0, user\nSVC 0\n",
		 timer, timer);
	return text;
}

/* The guest on a bare machine, on the translator or on the oracle. */
static struct lab lab_bare_of(const char *isa, uint64_t size, const char *guest, bool translated)
{
	struct lab l = lab_of(isa);
	char reason[256];

	l.size = size;
	lab_assemble(&l, guest);
	l.bare = machine_new(l.isa, l.size, 1, reason, sizeof reason);
	lab_enter(&l, &l.bare->view[0]);
	if (translated)
		ck_assert(forced_translate(l.bare, &usual));
	return l;
}

static struct lab lab_bare(const char *guest, bool translated)
{
	return lab_bare_of("pg", 4096, guest, translated);
}

static struct translator_counts counts_of(const struct lab *l)
{
	return translator_counts(l->bare->translator);
}

/*
 * The same on a machine with delay slots and a TLB, whose handler finds the place of the call in a
 * register: a thousand calls, and thousands of refills, as three pairs of pages are mapped at a time.
 */
static const char mips_calls[] =
	".machine mips32-bench\n"
	".org 0\nmfc0 R26, 10, 0\nsrl R26, R26, 13\nsll R26, R26, 7\nori R26, R26, 31\n"
	"mtc0 R26, 2, 0\naddiu R26, R26, 64\nmtc0 R26, 3, 0\ntlbwr\naddiu R27, R27, 1\neret\n"
	".org 0x180\nmfc0 R26, 14, 0\naddiu R26, R26, 4\nmtc0 R26, 14, 0\n"
	"beq R2, R0, end\naddiu R25, R25, 1\neret\nend: lui R4, 0xbf00\nsw R0, 0x200(R4)\n"
	".org 0x400\nstart: addiu R8, R0, 18\nmtc0 R8, 12, 0\naddiu R8, R0, user\n"
	"mtc0 R8, 14, 0\naddiu R8, R0, 13\nmtc0 R8, 6, 0\naddiu R2, R0, 1000\neret\n"
	"user: syscall 0\nlw R3, 0x2000(R0)\nlw R3, 0x5000(R0)\nlw R3, 0x6000(R0)\nbne R2, R0, user\naddiu R2, R2, -1\n";

static void run_in_slices(struct lab *l, uint64_t slice, uint64_t *traps)
{
	struct outcome o;

	*traps = 0;
	do {
		o = view_run(&l->bare->view[0], slice);
		*traps += o.traps;
	} while (o.event == EVENT_STEPS);
	ck_assert_int_eq(o.event, EVENT_HALT);
}

static void require_same(const struct lab *a, const struct lab *b)
{
	const struct cpu *x = a->bare->cpu[0], *y = b->bare->cpu[0];

	ck_assert_uint_eq(x->steps, y->steps);
	ck_assert_uint_eq(x->time, y->time);
	ck_assert_uint_eq(x->halt_status, y->halt_status);
	for (unsigned i = 0; i < a->isa->nslots; i++)
		ck_assert_uint_eq(x->state[i], y->state[i]);
	for (uint64_t i = 0; i < a->size; i++)
		ck_assert_uint_eq(storage_get(a->bare->storage, i),
				  storage_get(b->bare->storage, i));
}

START_TEST(traps_do_not_leave_translated_code)
{
	struct lab l = lab_bare(calls(0), true);
	uint64_t traps;

	run_in_slices(&l, UINT64_MAX, &traps);
	ck_assert_uint_eq(lab_examine(&l.bare->view[0], "G5"), 1000);
	ck_assert_uint_eq(traps, 1001);
	ck_assert_uint_gt(counts_of(&l).trapped, 900);
	ck_assert_uint_lt(counts_of(&l).exits, 300);
	lab_close(&l);
}
END_TEST

START_TEST(nor_do_they_where_pages_and_delay_slots_are)
{
	struct lab a = lab_bare_of("mips32-bench", 1 << 16, mips_calls, false);
	struct lab b = lab_bare_of("mips32-bench", 1 << 16, mips_calls, true);
	uint64_t traps[2];

	run_in_slices(&a, UINT64_MAX, &traps[0]);
	run_in_slices(&b, UINT64_MAX, &traps[1]);
	ck_assert_uint_eq(traps[0], traps[1]);
	require_same(&a, &b);
	ck_assert_uint_eq(lab_examine(&a.bare->view[0], "R25"), 1001);
	ck_assert_uint_gt(counts_of(&b).trapped, 900);
	lab_close(&a);
	lab_close(&b);
}
END_TEST

/*
 * One entry of the TLB for two pairs of pages, which are where they say, so that each access finds
 * its page missing; refills are counted in R27.
 */
#define REFILLS(body)                                                                              \
	".machine mips32-bench\n"                                                                  \
	".org 0\nmfc0 R26, 10, 0\nsrl R26, R26, 13\nsll R26, R26, 7\nori R26, R26, 31\n"           \
	"mtc0 R26, 2, 0\naddiu R26, R26, 64\nmtc0 R26, 3, 0\ntlbwr\naddiu R27, R27, 1\neret\n"     \
	".org 0x400\naddiu R8, R0, 15\nmtc0 R8, 6, 0\naddiu R2, R0, 2000\n"                        \
	"addiu R10, R0, 0x2000\naddiu R11, R0, 0x4000\n"                                           \
	"round: " body "addiu R2, R2, -1\nbne R2, R0, round\naddu R0, R0, R0\n"                    \
	"lui R4, 0xbf00\nsw R0, 0x200(R4)\n"                                                       \
	".org 0x2000\njr R31\naddiu R5, R5, 1\n.org 0x4000\njr R31\naddiu R5, R5, 2\n"
static const char *const missed[] = {
	REFILLS("lw R3, 4(R10)\naddu R5, R5, R3\nlw R3, 4(R11)\naddu R5, R5, R3\n"),
	REFILLS("sw R2, 4(R10)\nsw R5, 4(R11)\naddiu R5, R5, 3\n"),
	REFILLS("jalr R31, R10\naddu R0, R0, R0\njalr R31, R11\naddu R0, R0, R0\n"),
};

START_TEST(missed_pages_trap_without_the_oracle)
{
	struct lab a = lab_bare_of("mips32-bench", 1 << 16, missed[_i], false);
	struct lab b = lab_bare_of("mips32-bench", 1 << 16, missed[_i], true);
	struct translator_counts first, then;
	uint64_t traps[2];

	ck_assert_int_eq(view_run(&b.bare->view[0], 30000).event, EVENT_STEPS);
	first = counts_of(&b);
	run_in_slices(&a, UINT64_MAX, &traps[0]);
	run_in_slices(&b, UINT64_MAX, &traps[1]);
	then = counts_of(&b);
	require_same(&a, &b);
	ck_assert_uint_eq(lab_examine(&b.bare->view[0], "R27"), 4000);
	ck_assert_uint_gt(traps[1], 1500);
	ck_assert_uint_eq(then.trapped - first.trapped, traps[1]);
	ck_assert_uint_le(then.oracle - first.oracle, 10);
	lab_close(&a);
	lab_close(&b);
}
END_TEST

/* The clock is read, which a round does that goes on right behind. */
START_TEST(rounds_that_lead_to_a_certain_place_do_not_leave_translated_code)
{
	const char *guest = ".machine mips32-bench\n.org 0x400\naddiu R2, R0, 5000\n"
			    "round: mfc0 R3, 9, 0\naddu R5, R5, R3\naddiu R2, R2, -1\n"
			    "bne R2, R0, round\naddu R0, R0, R0\nlui R4, 0xbf00\nsw R0, 0x200(R4)\n";
	struct lab a = lab_bare_of("mips32-bench", 1 << 16, guest, false);
	struct lab b = lab_bare_of("mips32-bench", 1 << 16, guest, true);
	uint64_t traps;

	run_in_slices(&a, UINT64_MAX, &traps);
	run_in_slices(&b, UINT64_MAX, &traps);
	require_same(&a, &b);
	ck_assert_uint_lt(counts_of(&b).exits, 300);
	lab_close(&a);
	lab_close(&b);
}
END_TEST

/*
 * One page of two address spaces; a handler, in a context of its own, changes from one to the other.
 * What it returns to has found pages of the other one.
 */
static const char spaces[] =
	".machine mips32-bench\n"
	".org 0x180\nmfc0 R26, 14, 0\naddiu R26, R26, 4\nmtc0 R26, 14, 0\nxori R9, R9, 3\n"
	"mtc0 R9, 10, 0\neret\n"
	".org 0x400\naddiu R9, R0, 0x2001\nmtc0 R9, 10, 0\naddiu R10, R0, 0x86\nmtc0 R10, 2, 0\n"
	"mtc0 R10, 3, 0\ntlbwi\naddiu R9, R0, 0x2002\nmtc0 R9, 10, 0\naddiu R10, R0, 0x106\n"
	"mtc0 R10, 2, 0\nmtc0 R10, 3, 0\naddiu R10, R0, 1\nmtc0 R10, 0, 0\ntlbwi\n"
	"addiu R9, R0, 1\nmtc0 R9, 10, 0\naddiu R2, R0, 2000\n"
	"round: lw R3, 0x2000(R0)\naddu R5, R5, R3\nsyscall 0\naddiu R2, R2, -1\n"
	"bne R2, R0, round\naddu R0, R0, R0\nlui R4, 0xbf00\nsw R0, 0x200(R4)\n"
	".org 0x2000\n.word 1\n.org 0x4000\n.word 100\n";

START_TEST(who_returns_to_another_address_space_finds_its_pages)
{
	struct lab l = lab_bare_of("mips32-bench", 1 << 16, spaces, true);
	uint64_t traps;

	run_in_slices(&l, UINT64_MAX, &traps);
	ck_assert_uint_eq(traps, 2000);
	ck_assert_uint_eq(lab_examine(&l.bare->view[0], "R5"), 1000 * 1 + 1000 * 100);
	lab_close(&l);
}
END_TEST

/*
 * A function of two callers, whose return has a delay slot; translated first, or with them.  What it
 * returns to is known: it is in the region of the loop, and needs none of its own.
 */
START_TEST(calls_with_delay_slots_return_in_translated_code)
{
	const struct translator_options options = { .hot = (unsigned)_i };
	struct lab l = lab_bare_of("mips32-bench", 1 << 16,
				   ".machine mips32-bench\n.org 0x400\naddiu R4, R0, 2000\n"
				   "round: jal f\naddu R0, R0, R0\njal f\naddiu R6, R6, 1\n"
				   "addiu R4, R4, -1\nbne R4, R0, round\naddu R0, R0, R0\n"
				   "lui R4, 0xbf00\nsw R0, 0x200(R4)\n"
				   "f: addiu R5, R5, 1\njr R31\naddu R5, R5, R6\n",
				   false);
	struct translator_counts first, then;
	uint64_t traps;

	ck_assert(machine_translate(l.bare, &options));
	ck_assert_int_eq(view_run(&l.bare->view[0], 5000).event, EVENT_STEPS);
	first = counts_of(&l);
	run_in_slices(&l, UINT64_MAX, &traps);
	then = counts_of(&l);
	ck_assert_uint_eq(lab_examine(&l.bare->view[0], "R5"), 2 * 2000 + 2000 * 2000);
	ck_assert_uint_le(then.exits - first.exits, 20);
	ck_assert_uint_le(then.oracle - first.oracle, 10);
	ck_assert_uint_le(then.regions, options.hot == 1 ? 10 : 2);
	lab_close(&l);
}
END_TEST

/* The timer runs out anywhere: in the calls, in the handler's LPSW, between them. */
START_TEST(time_passes_in_rounds_as_it_does_elsewhere)
{
	static const unsigned timers[] = { 0, 2, 3, 5, 7, 11, 64, 1000 };
	static const uint64_t slices[] = { UINT64_MAX, 1000, 97, 10, 3 };
	uint64_t traps[2];

	for (unsigned i = 0; i < COUNT(timers) * COUNT(slices); i++) {
		struct lab a = lab_bare(calls(timers[i % COUNT(timers)]), false);
		struct lab b = lab_bare(calls(timers[i % COUNT(timers)]), true);

		run_in_slices(&a, UINT64_MAX, &traps[0]);
		run_in_slices(&b, slices[i / COUNT(timers)], &traps[1]);
		ck_assert_uint_eq(traps[0], traps[1]);
		require_same(&a, &b);
		lab_close(&a);
		lab_close(&b);
	}
}
END_TEST

START_TEST(runs_begin_and_end_within_blocks_in_translated_code)
{
	struct lab l = lab_bare(".machine pg\n.org 16\nLA G2, 5000(G0)\nagain: ADDI G3, G3, 1\n"
				"ADDI G4, G4, 2\nADDI G5, G5, 3\nADDI G6, G6, 4\nADDI G7, G7, 5\n"
				"ADDI G2, G2, -1\nBNE G2, G0, again\nHALT 0\n",
				true);
	uint64_t traps;

	run_in_slices(&l, 10, &traps);
	ck_assert_uint_eq(lab_examine(&l.bare->view[0], "G7"), 25000);
	ck_assert_uint_eq(l.bare->cpu[0]->steps, 2 + 7 * 5000);
	ck_assert_uint_gt(counts_of(&l).translated, 7 * 5000 * 9 / 10);
	lab_close(&l);
}
END_TEST

/* Two programs take turns at one place, forty times each. */
START_TEST(a_program_that_is_loaded_again_is_not_translated_again)
{
	struct lab l = lab_bare(".machine pg\n.org 16\nLA G2, 80(G0)\nLA G8, one(G0)\n"
				"LA G9, two(G0)\nload: LD G3, 0(G8)\nST G3, place(G0)\n"
				"ADDI G3, G8, 0\nADDI G8, G9, 0\nADDI G9, G3, 0\n"
				"LA G4, 100(G0)\nagain: ADDI G7, G7, 0\nplace: ADDI G7, G7, 0\n"
				"ADDI G4, G4, -1\nBNE G4, G0, again\n"
				"ADDI G2, G2, -1\nBNE G2, G0, load\nHALT 0\n"
				"one: ADDI G5, G5, 1\ntwo: ADDI G6, G6, 1\n",
				true);
	uint64_t traps;

	run_in_slices(&l, UINT64_MAX, &traps);
	ck_assert_uint_eq(lab_examine(&l.bare->view[0], "G5"), 4000);
	ck_assert_uint_eq(lab_examine(&l.bare->view[0], "G6"), 4000);
	ck_assert_uint_gt(counts_of(&l).dropped, 60);
	ck_assert_uint_lt(counts_of(&l).regions, 20);
	ck_assert_uint_gt(counts_of(&l).translated, 80 * 400 * 8 / 10);
	lab_close(&l);
}
END_TEST

/* What a monitor does and counts, on either engine. */
START_TEST(exits_are_served_and_counted_alike)
{
	struct vm_stats stats[2];
	uint64_t by_cause[2] = { 0 }, by_instr[2] = { 0 }, time[2], steps[2];

	for (unsigned engine = 0; engine < 2; engine++) {
		struct lab l = lab_of("pg");

		lab_assemble(&l, calls(50));
		lab_start_on(&l, engine ? &usual : NULL,
			     &(struct monitor_options){ .kind = MONITOR_VMM, .reserve = 64 });
		lab_run(&l, UINT64_MAX);
		ck_assert_uint_eq(l.virtual->cpu->halt_status, 0);
		ck_assert_uint_eq(lab_examine(l.virtual, "G5"), 1000);
		stats[engine] = *vm_stats(l.vm);
		time[engine] = l.virtual->cpu->time;
		steps[engine] = l.virtual->cpu->steps;
		for (unsigned i = 0; i < l.isa->ntraps; i++)
			by_cause[engine] = by_cause[engine] * 31 + stats[engine].by_cause[i];
		for (unsigned i = 0; i < l.isa->ninstrs; i++)
			by_instr[engine] = by_instr[engine] * 31 + stats[engine].by_instr[i];
		lab_close(&l);
	}
	ck_assert_uint_gt(stats[0].reflected, 1000);
	ck_assert_uint_eq(stats[0].direct, stats[1].direct);
	ck_assert_uint_eq(stats[0].emulated, stats[1].emulated);
	ck_assert_uint_eq(stats[0].reflected, stats[1].reflected);
	ck_assert_uint_eq(stats[0].delivered, stats[1].delivered);
	ck_assert_uint_eq(by_cause[0], by_cause[1]);
	ck_assert_uint_eq(by_instr[0], by_instr[1]);
	ck_assert_uint_eq(time[0], time[1]);
	ck_assert_uint_eq(steps[0], steps[1]);
}
END_TEST

static Suite *suite(void)
{
	Suite *s = suite_create("rounds");
	TCase *t = tcase_create("rounds");

	tcase_set_timeout(t, 60);
#ifdef __x86_64__
	tcase_add_test(t, traps_do_not_leave_translated_code);
	tcase_add_test(t, nor_do_they_where_pages_and_delay_slots_are);
	tcase_add_loop_test(t, missed_pages_trap_without_the_oracle, 0, COUNT(missed));
	tcase_add_test(t, rounds_that_lead_to_a_certain_place_do_not_leave_translated_code);
	tcase_add_test(t, who_returns_to_another_address_space_finds_its_pages);
	tcase_add_loop_test(t, calls_with_delay_slots_return_in_translated_code, 0, 2);
	tcase_add_test(t, time_passes_in_rounds_as_it_does_elsewhere);
	tcase_add_test(t, runs_begin_and_end_within_blocks_in_translated_code);
	tcase_add_test(t, a_program_that_is_loaded_again_is_not_translated_again);
	tcase_add_test(t, exits_are_served_and_counted_alike);
#endif
	suite_add_tcase(s, t);
	return s;
}

#include "tests/harness.h"
