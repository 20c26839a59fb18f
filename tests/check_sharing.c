/*
 * The monitor's machines: several share the processor and storage, and each lives in its own
 * virtual time.
 */
#include "tests/lab.h"

#include <inttypes.h>

static struct vm *create(struct lab *l, uint64_t size, char *reason, size_t reason_size)
{
	return monitor_create(l->monitor, "another", size, 1, reason, reason_size);
}

static uint64_t steps_of(struct vm *vm)
{
	return vm_view(vm)->cpu->steps;
}

/* ---- several machines ---- */

#define SPIN	      ".machine pg\n.org 16\nstart: SIE 0\nspin: BR spin\n"
#define HALTING	      ".machine pg\n.org 16\nstart: LA G2, 1(G0)\nHALT 0\n"
#define COUNT_FOREVER ".machine pg\n.org 16\nstart: ADDI G2, G2, 1\nBR start\n"

START_TEST(a_guest_that_spins_with_interrupts_off_is_preempted)
{
	struct lab l = lab_on("pg", SPIN, (enum monitor_kind)_i);
	struct vm *a = lab_beside(&l, "a", COUNT_FOREVER, 100),
		  *b = lab_beside(&l, "b", HALTING, 4096);

	ck_assert_int_eq(monitor_run(l.monitor, 300000), MONITOR_STEPS);
	ck_assert_uint_gt(steps_of(l.vm), 100000);
	ck_assert_uint_gt(steps_of(a), 100000);
	ck_assert_int_eq(vm_view(b)->cpu->status, CPU_HALTED);
	ck_assert_uint_eq(steps_of(b), 2);
	lab_close(&l);
}
END_TEST

START_TEST(machines_take_turns_by_quantum)
{
	struct lab l = lab_of("pg");
	struct vm *vm[3];

	lab_start(&l, &(struct monitor_options){ .quantum = 100 });
	monitor_destroy(l.monitor, l.vm);
	for (unsigned i = 0; i < 3; i++)
		vm[i] = lab_beside(&l, "one", COUNT_FOREVER, 100);
	for (unsigned turn = 1; turn <= 30; turn++) {
		monitor_run(l.monitor, 100);
		for (unsigned i = 0; i < 3; i++)
			ck_assert_uint_eq(steps_of(vm[i]), (turn + 2 - i) / 3 * 100);
	}
	ck_assert_uint_eq(vm_stats(vm[0])->switches, 10);
	lab_close(&l);
}
END_TEST

START_TEST(neighbours_get_their_quanta_while_one_is_stepped)
{
	struct lab l = lab_on("pg", COUNT_FOREVER, MONITOR_VMM);
	struct vm *other = lab_beside(&l, "other", COUNT_FOREVER, 100);

	for (unsigned i = 0; i < 30000; i++)
		lab_run(&l, 1);
	ck_assert_uint_eq(steps_of(l.vm), 30000);
	ck_assert_uint_ge(steps_of(other), 20000);
	lab_close(&l);
}
END_TEST

START_TEST(when_all_have_halted_the_monitor_is_done)
{
	struct lab l = lab_on("pg", HALTING, MONITOR_VMM);

	lab_beside(&l, "other", HALTING, 4096);
	ck_assert_int_eq(monitor_run(l.monitor, 1000000), MONITOR_DONE);
	lab_close(&l);
}
END_TEST

START_TEST(an_empty_monitor_is_done)
{
	struct lab l = lab_on("pg", HALTING, MONITOR_VMM);

	monitor_destroy(l.monitor, l.vm);
	ck_assert_int_eq(monitor_run(l.monitor, 10), MONITOR_DONE);
	lab_close(&l);
}
END_TEST

START_TEST(regions_do_not_overlap_and_refusals_say_why)
{
	struct lab l = lab_of("pg");
	char reason[256];
	struct vm *a, *b, *c;

	l.real = lab_machine(&l, 1000);
	l.monitor = monitor_new(l.real, &(struct monitor_options){ .reserve = 100 }, reason,
				sizeof reason);
	a = create(&l, 300, reason, sizeof reason);
	b = create(&l, 200, reason, sizeof reason);
	c = create(&l, 300, reason, sizeof reason);
	ck_assert(a && b && c);
	ck_assert_uint_eq(vm_base(a), 100);
	ck_assert_uint_eq(vm_base(b), 400);
	ck_assert_uint_eq(vm_base(c), 600);
	ck_assert_ptr_null(create(&l, 101, reason, sizeof reason));
	ck_assert_str_eq(reason,
			 "101 units of storage are wanted, but of 1000 only 100 are free, and "
			 "the largest stretch is 100");
	monitor_destroy(l.monitor, b);
	ck_assert_uint_eq(monitor_count(l.monitor), 2);
	ck_assert_ptr_null(create(&l, 201, reason, sizeof reason));
	ck_assert_ptr_nonnull(strstr(reason, "only 300 are free, and the largest stretch is 200"));
	b = create(&l, 150, reason, sizeof reason);
	ck_assert_uint_eq(vm_base(b), 400);
	ck_assert_uint_eq(vm_base(create(&l, 50, reason, sizeof reason)), 550);
	ck_assert_ptr_null(create(&l, 0, reason, sizeof reason));
	lab_close(&l);
}
END_TEST

START_TEST(freed_storage_is_cleared)
{
	struct lab l = lab_on("pg", COUNT_FOREVER, MONITOR_VMM);
	uint64_t base = vm_base(l.vm);

	for (uint64_t a = 0; a < l.size; a++)
		window_put(&l.virtual->window, a, ~a);
	monitor_destroy(l.monitor, l.vm);
	for (uint64_t a = 0; a < 4 * l.size; a++)
		ck_assert_uint_eq(storage_get(l.real->storage, a), 0);
	ck_assert_uint_eq(vm_base(lab_vm(&l, "again", l.size)), base);
	lab_close(&l);
}
END_TEST

START_TEST(destroying_one_leaves_the_others_running)
{
	struct lab l = lab_on("pg", SPIN, MONITOR_VMM);
	struct vm *a = lab_beside(&l, "a", COUNT_FOREVER, 100);

	monitor_run(l.monitor, 50000);
	monitor_destroy(l.monitor, l.vm);
	ck_assert_ptr_eq(monitor_vm(l.monitor, 0), a);
	monitor_run(l.monitor, 50000);
	ck_assert_uint_eq(lab_examine(vm_view(a), "G2") * 2, steps_of(a));
	ck_assert_uint_gt(steps_of(a), 50000);
	lab_close(&l);
}
END_TEST

START_TEST(each_machine_has_its_own_console)
{
	struct lab l =
		lab_on("pg", ".machine pg\n.org 16\nstart: LA G2, 'a'(G0)\nOUT G2, 0\nHALT 0\n",
		       MONITOR_VMM);
	struct vm *b = lab_beside(
		&l, "b", ".machine pg\n.org 16\nstart: LA G2, 'b'(G0)\nOUT G2, 0\nHALT 0\n", 100);
	size_t n;

	monitor_run(l.monitor, 100);
	ck_assert_mem_eq(console_printed(devices_find(l.isa, l.virtual->device, "console"), &n),
			 "a", 1);
	ck_assert_uint_eq(n, 1);
	ck_assert_mem_eq(console_printed(devices_find(l.isa, vm_view(b)->device, "console"), &n),
			 "b", 1);
	console_printed(l.real->device[0], &n);
	ck_assert_uint_eq(n, 0);
	lab_close(&l);
}
END_TEST

/* ---- time ---- */

/* What holds after so many steps, bare and under both monitors. */
static const struct moment {
	const char *rule, *guest;
	uint64_t steps;
	const char *name;
	uint64_t value;
} moments[] = {
#define TIMED                                                                                      \
	".machine pg\n.org 8\n.word 0, handler, 0, 4096, 0, 0\n.deposit IE, 1\n.org 16\nstart:\n"
	{ "the instruction that sets the timer is counted",
	  TIMED ".deposit G2, 5\nSTIM G2\nhandler:\n", 1, "TIMER", 4 },
	{ "each completed instruction is",
	  TIMED ".deposit TIMER, 9\nLA G2, 1(G0)\nLA G2, 1(G0)\nhandler:\n", 2, "TIMER", 7 },
	{ "the timer counts only while interrupts are enabled",
	  ".machine pg\n.org 16\n.deposit TIMER, 9\nstart: LA G2, 1(G0)\nLA G2, 1(G0)\n", 2,
	  "TIMER", 9 },
	{ "a nullified instruction is not", TIMED ".deposit TIMER, 9\n.word 0\nhandler:\n", 1,
	  "time", 0 },
	{ "nor by the timer", TIMED ".deposit TIMER, 9\n.word 0\nhandler: LD G2, 5(G0)\n", 2, "G2",
	  9 },
	{ "though its attempt is a step", TIMED ".word 0\nhandler:\n", 1, "steps", 1 },
	{ "an SVC takes time", TIMED "SVC 1\nhandler:\n", 1, "time", 1 },
	{ "after its trap: the new timer ticks, the old one does not",
	  ".machine pg\n.org 8\n.word 0, handler, 0, 4096, 1, 7\n.org 16\n.deposit IE, 1\n.deposit TIMER, 3\n"
	  "start: SVC 1\nhandler:\n",
	  1, "TIMER", 6 },
	{ "and the old PSW has it",
	  ".machine pg\n.org 8\n.word 0, handler, 0, 4096, 1, 7\n.org 16\n"
	  ".deposit IE, 1\n.deposit TIMER, 3\nstart: SVC 1\nhandler: LD G2, 5(G0)\n",
	  2, "G2", 3 },
	{ "a timer trap comes after the instruction in which the timer ran out",
	  TIMED ".deposit TIMER, 2\nLA G2, 1(G0)\nLA G2, 2(G0)\nLA G2, 3(G0)\nhandler:\n", 2, "G2",
	  2 },
	{ "with P where execution would go on",
	  TIMED ".deposit TIMER, 2\nLA G2, 1(G0)\nLA G2, 2(G0)\n"
		"LA G2, 3(G0)\nhandler: LD G2, 1(G0)\n",
	  3, "G2", 18 },
	{ "a timer of 1 runs out at once", TIMED ".deposit G2, 1\nSTIM G2\nhandler: LD G3, 6(G0)\n",
	  2, "G3", 4 },
	{ "wait completes, then time jumps to the timer",
	  TIMED ".deposit TIMER, 10\nWAIT\nhandler:\n", 1, "time", 10 },
	{ "whose trap comes with it", TIMED ".deposit TIMER, 10\nWAIT\nhandler: LD G3, 6(G0)\n", 2,
	  "G3", 4 },
	{ "waiting is one step", TIMED ".deposit TIMER, 10\nWAIT\nhandler:\n", 1, "steps", 1 },
	{ "a wait to which a device comes, interrupts off",
	  ".machine pg\n.org 16\nstart: LA G2, 2(G0)\n"
	  "OUT G2, 2\nLA G2, 'x'(G0)\nOUT G2, 0\nWAIT\nLA G3, 7(G0)\n",
	  6, "G3", 7 },
	{ "the lowest line is first",
	  TIMED
	  "handler0: SIE 0\nLA G2, 1(G0)\nOUT G2, 0x12\nOUT G2, 0x15\n"
	  "OUT G2, 0x10\nLA G2, 2(G0)\nOUT G2, 2\nLA G4, 200(G0)\nloop: ADDI G4, G4, -1\nBNE G4, G0, loop\n"
	  "SIE 1\nhandler: LD G3, 7(G0)\n",
	  408 + 1, "G3", 0 },
	{ "tick keeps the lines from being sampled in its unit",
	  TIMED ".deposit IE, 0\nLA G2, 2(G0)\n"
		"OUT G2, 2\nLA G2, 1(G0)\nSTIM G2\nSIE 1\nhandler: LD G3, 6(G0)\n",
	  6, "G3", 4 },
	{ "a storm of traps takes steps, but no time",
	  ".machine pg\n.org 8\n.word 0, 0xffffff, 0, 16\n"
	  ".org 16\nstart: .word 0\n",
	  50, "steps", 50 },
	{ "none at all", ".machine pg\n.org 8\n.word 0, 0xffffff, 0, 16\n.org 16\nstart: .word 0\n",
	  50, "time", 0 },
	{ "a storm of timer traps, each with an instruction",
	  ".machine pg\n.org 8\n.word 0, handler, 0, 4096, 1, 1\n.org 16\nstart: .deposit IE, 1\n"
	  ".deposit TIMER, 1\nLA G2, 1(G0)\nhandler: ADDI G3, G3, 1\n",
	  50, "G3", 49 },
};

static void expect_value(const struct view *v, const struct moment *m, const char *where)
{
	uint64_t value = lab_examine(v, m->name);

	ck_assert_msg(value == m->value, "%s (%s): %s is %" PRIu64 ", not %" PRIu64, m->rule, where,
		      m->name, value, m->value);
}

START_TEST(time_passes_virtually_as_it_does_bare)
{
	const struct moment *m = &moments[_i];

	for (enum monitor_kind kind = MONITOR_VMM; kind <= MONITOR_HYBRID; kind++) {
		struct lab l = lab_on("pg", m->guest, kind);

		view_run(&l.bare->view[0], m->steps);
		expect_value(&l.bare->view[0], m, "bare");
		lab_run(&l, m->steps);
		expect_value(l.virtual, m, monitor_kind_name(kind));
		lab_close(&l);
	}
	lab_expect_equal("pg", m->guest, m->steps);
}
END_TEST

/* A timer of n instructions, again and again, in a program of user mode. */
#define TICKING(n)                                                                                 \
	".machine pg\n.org 8\n.word 0, handler, 0, 4096, 0, 0\n.org 16\n"                          \
	"start: LPSW user(G0)\nuser: .word 1, 0, code, 20, 1, " n "\n"                             \
	"handler: ADDI G9, G9, 1\nLD G8, 6(G0)\nADD G7, G7, G8\nADDI G8, G8, -4\n"                 \
	"BNE G8, G0, back\nLA G8, " n "(G0)\nST G8, 5(G0)\nback: LPSW 0(G0)\n"                     \
	"code: ADDI G2, G2, 3\nSVC 3\nXCHG G2, 9(G0)\nADDI G3, G3, 1\nBNE G3, G0, code\nBR code\n"

START_TEST(the_virtual_timer_is_exact_to_the_instruction)
{
	static const char *const guests[] = { TICKING("1"), TICKING("2"),  TICKING("3"),
					      TICKING("5"), TICKING("17"), TICKING("100") };
	static const uint64_t quanta[] = { 1, 2, 3, 7, 0 };

	for (unsigned i = 0; i < COUNT(guests) * COUNT(quanta); i++) {
		struct lab l = lab_of("pg");
		struct equiv_options options = { .limit = 2000, .slice = 1 + i % 4 * 13 };
		struct equivalence e;

		lab_assemble(&l, guests[i / COUNT(quanta)]);
		lab_start(&l, &(struct monitor_options){ .kind = (enum monitor_kind)_i,
							 .reserve = 5,
							 .quantum = quanta[i % COUNT(quanta)] });
		lab_beside(&l, "other", COUNT_FOREVER, 50);
		e = equiv_run(&l.bare->view[0], l.monitor, l.vm, &options);
		ck_assert_msg(e.holds && e.violations == 0, "%s", lab_difference(&e));
		ck_assert_uint_eq(e.steps, 2000);
		ck_assert_uint_gt(vm_stats(l.vm)->by_cause[isa_trap_named(l.isa, "timer")->index],
				  5);
		equivalence_free(&e);
		lab_close(&l);
	}
}
END_TEST

#define IDLE                                                                                       \
	".machine pg\n.org 8\n.word 0, handler, 0, 4096, 0, 0\n.org 16\n"                          \
	"start: LA G2, 1(G0)\nOUT G2, 2\nSIE 1\nagain: WAIT\nBR again\n"                           \
	"handler: IN G3, 0\nADD G4, G4, G3\nLD G3, 1(G0)\nADD G5, G5, G3\nLPSW 0(G0)\n"

/* G5 adds up where it was interrupted: behind WAIT, each time. */
START_TEST(an_idle_guest_waits_for_live_input)
{
	struct lab l = lab_on("pg", IDLE, (enum monitor_kind)_i);
	struct view *views[] = { &l.bare->view[0], l.virtual };

	for (unsigned i = 0; i < 2; i++)
		console_live(devices_find(l.isa, views[i]->device, "console"));
	for (int byte = 'a'; byte <= 'c'; byte++) {
		ck_assert_int_eq(view_run(&l.bare->view[0], 1000).event, EVENT_IDLE);
		ck_assert_int_eq(monitor_run(l.monitor, 1000), MONITOR_IDLE);
		ck_assert_int_eq(l.virtual->cpu->status, CPU_WAITING);
		ck_assert_uint_eq(l.virtual->cpu->steps, l.bare->cpu[0]->steps);
		ck_assert_uint_eq(l.virtual->cpu->time, l.bare->cpu[0]->time);
		for (unsigned i = 0; i < 2; i++)
			console_type(devices_find(l.isa, views[i]->device, "console"),
				     views[i]->cpu->time, byte);
	}
	view_run(&l.bare->view[0], 1000);
	monitor_run(l.monitor, 1000);
	ck_assert_uint_eq(lab_examine(l.virtual, "G4"), 'a' + 'b' + 'c');
	ck_assert_uint_eq(lab_examine(&l.bare->view[0], "G5"), 3 * 20);
	ck_assert_uint_eq(lab_examine(l.virtual, "G5"), 3 * 20);
	ck_assert_uint_eq(l.virtual->cpu->time, l.bare->cpu[0]->time);
	lab_close(&l);
}
END_TEST

START_TEST(an_idle_guest_does_not_hold_up_others)
{
	struct lab l = lab_on("pg", IDLE, MONITOR_VMM);
	struct vm *other = lab_beside(&l, "other", COUNT_FOREVER, 100);

	console_live(devices_find(l.isa, l.virtual->device, "console"));
	ck_assert_int_eq(monitor_run(l.monitor, 100000), MONITOR_STEPS);
	ck_assert_int_eq(l.virtual->cpu->status, CPU_WAITING);
	ck_assert_uint_gt(steps_of(other), 99900);
	lab_close(&l);
}
END_TEST

/* Input and output interrupts in the middle of a user program. */
#define INTERRUPTED                                                                                \
	".machine pg\n.org 8\n.word 0, handler, 0, 4096, 0, 0\n.org 16\n"                          \
	"start: LA G2, 3(G0)\nOUT G2, 2\nLPSW user(G0)\nuser: .word 1, 0, code, 20, 1, 11\n"       \
	"handler: ADDI G9, G9, 1\nIN G8, 1\nADD G7, G7, G8\nIN G8, 0\nADD G7, G7, G8\n"            \
	"OUT G7, 0\nSLTI G8, G9, 40\nBNE G8, G0, back\nHALT 1\nback: LPSW 0(G0)\n"                 \
	"code: ADDI G2, G2, 3\nXCHG G2, 9(G0)\nADDI G3, G3, 1\nMOVE4 G0, 2(G0)\nBR code\n"

START_TEST(interrupts_come_at_the_same_instruction)
{
	for (uint64_t quantum = 1; quantum < 40; quantum += 3) {
		struct lab l = lab_of("pg");
		struct equivalence e;

		lab_assemble(&l, INTERRUPTED);
		lab_start(&l, &(struct monitor_options){ .kind = (enum monitor_kind)_i,
							 .reserve = 3,
							 .quantum = quantum });
		console_give(devices_find(l.isa, l.bare->device, "console"), "some input", 10);
		console_give(devices_find(l.isa, l.virtual->device, "console"), "some input", 10);
		e = lab_compare(&l, 10000);
		ck_assert_msg(e.holds && e.violations == 0 && e.complete, "%s", lab_difference(&e));
		ck_assert_uint_gt(vm_stats(l.vm)->by_cause[isa_trap_named(l.isa, "device")->index],
				  20);
		equivalence_free(&e);
		lab_close(&l);
	}
}
END_TEST

static Suite *suite(void)
{
	Suite *s = suite_create("sharing");
	TCase *c = tcase_create("several");

	tcase_add_loop_test(c, a_guest_that_spins_with_interrupts_off_is_preempted, 0, 2);
	tcase_add_test(c, machines_take_turns_by_quantum);
	tcase_add_test(c, neighbours_get_their_quanta_while_one_is_stepped);
	tcase_add_test(c, when_all_have_halted_the_monitor_is_done);
	tcase_add_test(c, an_empty_monitor_is_done);
	tcase_add_test(c, regions_do_not_overlap_and_refusals_say_why);
	tcase_add_test(c, freed_storage_is_cleared);
	tcase_add_test(c, destroying_one_leaves_the_others_running);
	tcase_add_test(c, each_machine_has_its_own_console);
	suite_add_tcase(s, c);
	c = tcase_create("time");
	tcase_add_loop_test(c, time_passes_virtually_as_it_does_bare, 0, (int)COUNT(moments));
	tcase_add_loop_test(c, the_virtual_timer_is_exact_to_the_instruction, 0, 2);
	tcase_add_loop_test(c, an_idle_guest_waits_for_live_input, 0, 2);
	tcase_add_test(c, an_idle_guest_does_not_hold_up_others);
	tcase_add_loop_test(c, interrupts_come_at_the_same_instruction, 0, 2);
	suite_add_tcase(s, c);
	return s;
}

#include "tests/harness.h"
