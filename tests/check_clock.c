/* Time, rule by rule: DESIGN section 3 "Time"; machine/clock.c and run.c. */
#include "tests/rig.h"

/* TICKS counts ticks, so that none is lost or doubled unseen; TICKED: those before the trap. */
#define STATE                                                                                      \
	"word 16; control IE : 1, TIMER : word, TICKS : word, KIND : word, TPC : word,"            \
	"INFO : word, TRAPS : word, TICKED : word;"                                                \
	"visible P : word role pc, A : word;"                                                      \
	"traps illegal = 0, memory = 1, own = 3, timer = 4, device = 5;"                           \
	"translate(a, access) { return a; }"                                                       \
	"trapseq(kind, tpc, info) { KIND := kind; TPC := tpc; INFO := info; IE := 0;"              \
	"  TRAPS := TRAPS + 1; TICKED := TICKS; P := 0x40; }"
#define TICK                                                                                       \
	"tick() { TICKS := TICKS + 1;"                                                             \
	"  if (IE && TIMER != 0) { TIMER := TIMER - 1; if (TIMER == 0) trap timer complete; } }"
#define BATCH                                                                                      \
	"horizon() { return IE && TIMER != 0 ? TIMER - 1 : never; }"                               \
	"skip(n) { TICKS := TICKS + n; if (IE && TIMER != 0) TIMER := TIMER - n; }"
#define DEVICES                                                                                    \
	"device CON : console(line = 1, delay = 3); device DRUM : drum(line = 0, block = 1);"      \
	"interrupt(n) { if (IE) trap device(n) complete; }"
#define INSTRS                                                                                     \
	"format F { op:8, n:8 }"                                                                   \
	"instr NOP F op=0, n=0 \"NOP\" { }"                                                        \
	"instr ADD F op=1 \"ADD {n}\" { A := A + zext(n); }"                                       \
	"instr TIM F op=2 \"TIM {n}\" { TIMER := zext(n); IE := 1; }"                              \
	"instr IE F op=3 \"IE {n}\" { IE := n[0]; }"                                               \
	"instr OWN F op=4, n=0 \"OWN\" { trap own; }"                                              \
	"instr SVC F op=5, n=0 \"SVC\" { trap own next; }"                                         \
	"instr DBG F op=6, n=0 \"DBG\" { A := 9; trap own complete; }"                             \
	"instr WAIT F op=7, n=0 \"WAIT\" { wait; }"                                                \
	"instr HALT F op=8, n=0 \"HALT\" { halt; }"                                                \
	"instr NOW F op=9, n=0 \"NOW\" { A := time[15:0]; }"                                       \
	"instr BR F op=11 \"BR {n:pc}\" { P := P + sext(n); }"
#define USE_DEVICES                                                                                \
	"instr OUT F op=12 \"OUT {n}\" { out(CON, zext(n[7:4]), zext(n[3:0])); }"                  \
	"instr IN F op=13 \"IN {n}\" { A := in(CON, zext(n)); }"                                   \
	"instr DRUM F op=14 \"DRUM {n}\" { out(DRUM, zext(n[7:4]), zext(n[3:0])); }"               \
	"instr LINE F op=15 \"LINE {n}\" { A := zext(line(zext(n))); }"

#define FULL  "machine timed { " STATE TICK BATCH DEVICES INSTRS USE_DEVICES "}"
#define ALONE "machine timed { " STATE TICK DEVICES INSTRS USE_DEVICES "}"

/* Each rule holds with batched ticks and without. */
static const char *const machines[] = { FULL, ALONE };

static struct rig r;
static struct view *v;

static void begin_on(const char *machine, const char *program)
{
	r = rig_of(machine, strstr(machine, "word 4;") ? 16 : 128);
	v = r.view;
	rig_program(&r, program);
}

static void begin(int i, const char *program)
{
	begin_on(machines[i], program);
	console_live(devices_find(r.isa, r.machine->device, "console"));
}

static void end(void)
{
	rig_close(&r);
}

START_TEST(tick_follows_the_instruction_that_sets_the_timer)
{
	begin(_i, "start: TIM 1\n NOP");
	struct outcome o = view_run(v, 1);

	ck_assert_uint_eq(o.traps, 1);
	ck_assert_int_eq(o.trap.source, SOURCE_TICK);
	ck_assert_int_eq(o.trap.phase, PHASE_COMPLETE);
	ck_assert_uint_eq(o.trap.p, 0);
	ck_reg(v, "KIND", 4);
	ck_reg(v, "TPC", 1);
	ck_reg(v, "TICKS", 1);
	ck_assert_uint_eq(v->cpu->time, 1);
	end();
}
END_TEST

START_TEST(the_timer_traps_after_as_many_instructions_as_it_was_set_to)
{
	begin(_i, "start: TIM 10\n loop: ADD 1\n BR loop");
	view_run(v, 10);
	ck_reg(v, "TRAPS", 1);
	ck_reg(v, "TICKED", 10);
	ck_reg(v, "A", 5);
	ck_reg(v, "TPC", 2);
	ck_assert_uint_eq(v->cpu->time, 10);
	end();
}
END_TEST

START_TEST(a_nullified_instruction_takes_no_time)
{
	begin(_i, "start: TIM 9\n OWN");
	struct outcome o = view_run(v, 2);

	ck_assert_uint_eq(o.steps, 2);
	ck_assert_uint_eq(o.units, 1);
	ck_reg(v, "TICKS", 1);
	ck_reg(v, "TIMER", 8);
	ck_reg(v, "TPC", 1);
	ck_assert_uint_eq(v->cpu->time, 1);
	ck_assert_uint_eq(v->cpu->steps, 2);
	end();
}
END_TEST

START_TEST(after_a_next_trap_tick_runs_on_what_trapseq_made)
{
	begin(_i, "start: TIM 9\n SVC");
	view_run(v, 2);
	ck_reg(v, "TICKED", 1);
	ck_reg(v, "TICKS", 2);
	ck_reg(v, "TIMER", 8); /* trapseq disabled interrupts before the tick came */
	ck_reg(v, "TPC", 2);
	ck_assert_uint_eq(v->cpu->time, 2);
	end();
}
END_TEST

START_TEST(after_a_complete_trap_of_an_instruction_its_unit_is_settled)
{
	begin(_i, "start: TIM 9\n DBG");
	view_run(v, 2);
	ck_reg(v, "A", 9);
	ck_reg(v, "TICKED", 1);
	ck_reg(v, "TICKS", 2);
	ck_reg(v, "TPC", 2);
	end();
}
END_TEST

START_TEST(a_tick_may_trap_in_the_unit_of_a_next_trap)
{
	/* with a trap sequence that leaves interrupts on */
	begin_on("machine m { word 16; control TIMER : word, N : word, LAST : word;"
		 "visible P : word role pc; traps illegal, memory, own, timer;"
		 "translate(a, access) { return a; }"
		 "trapseq(kind, tpc, info) { N := N + 1; LAST := tpc; P := 0x40; }"
		 "tick() { TIMER := TIMER - 1; if (TIMER == 0) trap timer; }"
		 "format F { op:16 } instr SVC F op=1 \"SVC\" { trap own next; } }",
		 "start: SVC");
	*rig_reg(v, "TIMER") = 1;
	struct outcome o = view_run(v, 1);

	ck_assert_uint_eq(o.traps, 2);
	ck_assert_uint_eq(o.steps, 1);
	ck_assert_int_eq(o.trap.source, SOURCE_TICK);
	ck_assert_uint_eq(o.trap.p, 0);
	ck_assert_uint_eq(o.trap.tpc, 0x40);
	ck_reg(v, "N", 2);
	end();
}
END_TEST

START_TEST(trap_storms_end_by_their_steps)
{
	begin(_i, "start: .word 0xff00\n .org 0x40\n .word 0xff00");
	struct outcome o = view_run(v, 1000);

	ck_assert_int_eq(o.event, EVENT_STEPS);
	ck_assert_uint_eq(o.steps, 1000);
	ck_assert_uint_eq(o.traps, 1000);
	ck_assert_uint_eq(o.units, 0);
	ck_reg(v, "TICKS", 0);
	end();
}
END_TEST

START_TEST(interrupts_come_lowest_line_first)
{
	/* the console asks at once, the drum after 100 units; then interrupts are enabled */
	begin(_i, "start: OUT 0x22\n DRUM 0x21\n DRUM 0x51\n DRUM 0x01\n WAIT\n"
		  "loop: BR loop");
	view_run(v, 5 + 200);
	ck_reg(v, "TRAPS", 0);
	*rig_reg(v, "IE") = 1;
	struct outcome o = view_run(v, 1);

	ck_assert_int_eq(o.trap.source, SOURCE_INTERRUPT);
	ck_reg(v, "KIND", 5);
	ck_reg(v, "INFO", 0);
	*rig_reg(v, "IE") = 1;
	r.machine->device[1]->class->read(r.machine->device[1], 1);
	view_run(v, 1);
	ck_reg(v, "INFO", 1);
	ck_reg(v, "TRAPS", 2);
	end();
}
END_TEST

START_TEST(a_trap_of_tick_keeps_lines_from_being_sampled_in_its_unit)
{
	begin(_i, "start: OUT 0x22\n TIM 1\n .org 0x40\n IE 1\n NOP");
	view_run(v, 2);
	ck_reg(v, "KIND", 4);
	ck_reg(v, "TRAPS", 1);
	view_run(v, 1);
	ck_reg(v, "KIND", 5);
	ck_reg(v, "TPC", 0x41);
	ck_reg(v, "TRAPS", 2);
	end();
}
END_TEST

START_TEST(lines_are_sampled_only_when_time_passes)
{
	begin(_i, "start: OUT 0x22\n OWN\n .org 0x40\n .word 0xff00");
	view_run(v, 2);
	*rig_reg(v, "IE") = 1;
	view_run(v, 1);
	ck_reg(v, "KIND", 0);
	ck_assert_uint_eq(v->cpu->time, 1);
	end();
}
END_TEST

START_TEST(an_interrupt_comes_in_the_unit_in_which_the_device_changes)
{
	begin(_i, "start: OUT 0x22\n OUT 0x05\n IE 1\n loop: ADD 1\n BR loop");
	view_run(v, 10);
	/* printed at time 1, so ready again at 1 + 3 = 4: after the first ADD */
	ck_reg(v, "TRAPS", 1);
	ck_reg(v, "INFO", 1);
	ck_reg(v, "TICKED", 4);
	ck_reg(v, "TPC", 4);
	ck_reg(v, "A", 1);
	end();
}
END_TEST

START_TEST(wait_jumps_to_the_tick_that_traps)
{
	begin(_i, "start: TIM 100\n WAIT\n NOP");
	struct outcome o = view_run(v, 2);

	ck_assert_int_eq(o.event, EVENT_STEPS);
	ck_assert_uint_eq(o.steps, 2);
	ck_assert_uint_eq(o.units, 100);
	ck_reg(v, "TICKED", 100);
	ck_reg(v, "KIND", 4);
	ck_reg(v, "TPC", 2);
	ck_assert_uint_eq(o.trap.p, 1);
	end();
}
END_TEST

START_TEST(wait_jumps_to_the_next_event_of_a_device)
{
	begin(_i, "start: DRUM 0x51\n DRUM 0x01\n WAIT\n ADD 1");
	struct outcome o = view_run(v, 3);

	ck_assert_int_eq(o.event, EVENT_STEPS);
	ck_assert_uint_eq(v->cpu->time, 1 + 100);
	ck_reg(v, "TICKS", 101);
	ck_reg(v, "P", 3);
	ck_assert_uint_eq(r.machine->device[1]->class->read(r.machine->device[1], 1), 2);
	view_run(v, 1);
	ck_reg(v, "A", 1);
	end();
}
END_TEST

START_TEST(wait_goes_on_at_once_when_a_line_is_asserted)
{
	begin(_i, "start: OUT 0x22\n WAIT\n ADD 1");
	view_run(v, 3);
	ck_reg(v, "A", 1);
	ck_reg(v, "TRAPS", 0);
	ck_assert_uint_eq(v->cpu->time, 3);
	end();
}
END_TEST

START_TEST(wait_with_nothing_in_sight_is_idle)
{
	begin(0, "start: NOP\n WAIT\n NOP");
	struct outcome o = view_run(v, 100);

	ck_assert_int_eq(o.event, EVENT_IDLE);
	ck_assert_uint_eq(o.steps, 2);
	ck_assert_uint_eq(o.units, 2);
	ck_assert_int_eq(v->cpu->status, CPU_WAITING);
	ck_reg(v, "P", 2);
	for (unsigned i = 0; i < 3; i++) {
		o = view_run(v, 100);
		ck_assert_int_eq(o.event, EVENT_IDLE);
		ck_assert_uint_eq(o.steps, 0);
		ck_assert_uint_eq(v->cpu->time, 2);
	}
	end();
}
END_TEST

START_TEST(an_idle_processor_goes_on_when_input_comes)
{
	begin(0, "start: OUT 0x21\n IE 1\n WAIT\n NOP\n .org 0x40\n IN 0\n HALT");
	struct device *con = devices_find(r.isa, r.machine->device, "console");

	ck_assert_int_eq(view_run(v, 100).event, EVENT_IDLE);
	ck_assert_int_eq(view_run(v, 100).event, EVENT_IDLE);
	console_type(con, v->cpu->time, 'k');
	ck_assert_int_eq(view_run(v, 100).event, EVENT_HALT);
	ck_reg(v, "A", 'k');
	ck_reg(v, "KIND", 5);
	ck_reg(v, "TPC", 3);
	ck_assert_uint_eq(v->cpu->time, 3 + 1 + 2);
	end();
}
END_TEST

START_TEST(a_wait_for_a_distant_event_is_one_jump)
{
	const uint64_t far = UINT64_C(1) << 63;
	struct table *table;

	begin_on("machine m { word 16; control TIMER : word; visible P : word role pc;"
		 " device CON : console;"
		 " translate(a, access) { return a; } trapseq(kind, tpc, info) { P := tpc; }"
		 " tick() { if (TIMER != 0) TIMER := TIMER - 1; } horizon() { return never; }"
		 " skip(n) { if (TIMER != 0) TIMER := n < TIMER ? TIMER - n : 0; }"
		 " format F { op:16 } instr WAIT F op=1 \"WAIT\" { wait; } }",
		 "start: WAIT");
	table = table_new(v->isa);
	table_deposit(v, table_entry(table, (unsigned)table_find(table, "CON.arrival")), far);
	table_free(table);
	ck_assert_int_eq(view_run(v, 1).event, EVENT_STEPS);
	ck_assert_uint_eq(v->cpu->time, far);
	end();
}
END_TEST

START_TEST(a_tick_that_changes_nothing_is_idle_without_a_horizon)
{
	static const char machine[] =
		"machine m { word 16; control TIMER : word; visible P : word role pc;"
		"traps illegal, memory, timer; translate(a, access) { return a; }"
		"trapseq(kind, tpc, info) { P := 0x40; }"
		"tick() { if (TIMER != 0) { TIMER := TIMER - 1; if (TIMER == 5) trap timer; } }"
		"format F { op:16 } instr WAIT F op=1 \"WAIT\" { wait; } }";

	begin_on(machine, "start: WAIT\n WAIT\n .org 0x40\n WAIT");
	*rig_reg(v, "TIMER") = 100;
	struct outcome o = view_run(v, 1);

	ck_assert_uint_eq(o.units, 95);
	ck_reg(v, "P", 0x40);
	o = view_run(v, 5);
	ck_assert_int_eq(o.event, EVENT_IDLE);
	ck_assert_uint_eq(v->cpu->time, 96);
	ck_reg(v, "TIMER", 4);
	view_run(v, 5);
	ck_assert_uint_eq(v->cpu->time, 96);
	end();
}
END_TEST

START_TEST(time_reads_as_the_units_that_have_passed)
{
	begin(_i, "start: NOP\n OWN\n .org 0x40\n NOP\n NOW\n ADD 0\n NOW");
	view_run(v, 4);
	ck_reg(v, "A", 2);
	view_run(v, 2);
	ck_reg(v, "A", 4);
	end();
}
END_TEST

START_TEST(a_line_reads_as_it_is_now)
{
	begin(_i, "start: LINE 1\n OUT 0x22\n LINE 1\n OUT 0x07\n LINE 1\n NOP\n LINE 1\n LINE 0");
	static const uint64_t expected[] = { 0, 0, 1, 1, 0, 0, 1, 0 };

	for (unsigned i = 0; i < 8; i++) {
		view_step(v);
		ck_reg(v, "A", expected[i]);
	}
	end();
}
END_TEST

START_TEST(a_resident_program_gets_traps_of_the_clock_after_their_unit)
{
	begin(_i, "start: TIM 2\n ADD 3\n NOP");
	v->resident = true;
	struct outcome o = view_run(v, 10);

	ck_assert_int_eq(o.event, EVENT_TRAP);
	ck_assert_int_eq(o.trap.source, SOURCE_TICK);
	ck_assert_uint_eq(o.steps, 2);
	ck_assert_uint_eq(o.units, 2);
	ck_assert_uint_eq(o.trap.p, 1);
	ck_assert_uint_eq(o.trap.tpc, 2);
	ck_reg(v, "A", 3);
	ck_reg(v, "TICKS", 2);
	ck_reg(v, "TRAPS", 0);
	end();
}
END_TEST

START_TEST(a_masked_line_is_not_skipped_over_when_ticks_can_unmask_it)
{
	begin_on("machine m { " STATE "control MASK : 1;"
		 "tick() { TICKS := TICKS + 1; if (TIMER != 0) { TIMER := TIMER - 1;"
		 "  if (TIMER == 0) trap timer; } }"
		 "horizon() { return TIMER != 0 ? TIMER - 1 : never; }"
		 "skip(n) { TICKS := TICKS + n; if (TIMER != 0) TIMER := TIMER - n; }"
		 "device CON : console(line = 1, delay = 3);"
		 "interrupt(n) { if (TIMER < 20) trap device(n) complete; }" INSTRS
		 "instr OUT F op=12 \"OUT {n}\" { out(CON, zext(n[7:4]), zext(n[3:0])); } }",
		 "start: OUT 0x22\n TIM 50\n loop: ADD 1\n BR loop");
	console_live(r.machine->device[0]);
	*rig_reg(v, "TIMER") = 40;
	v->resident = true;
	struct outcome o = view_run(v, 200);

	ck_assert_int_eq(o.event, EVENT_TRAP);
	ck_assert_int_eq(o.trap.source, SOURCE_INTERRUPT);
	ck_assert_uint_eq(o.units, 1 + 31);
	ck_reg(v, "TIMER", 19);
	end();
}
END_TEST

START_TEST(an_interrupt_that_only_notes_its_line_is_seen)
{
	begin_on("machine m { word 16; control PENDING : word; visible P : word role pc, A : word;"
		 "traps illegal, memory; translate(a, access) { return a; }"
		 "trapseq(kind, tpc, info) { P := 0; } device CON : console(line = 3, delay = 9);"
		 "interrupt(n) { PENDING := PENDING | (1 << n); }"
		 "format F { op:8, n:8 } instr ADD F op=1 \"ADD {n}\" { A := A + zext(n); }"
		 "instr BR F op=2 \"BR {n:pc}\" { P := P + sext(n); }"
		 "instr OUT F op=3 \"OUT {n}\" { out(CON, zext(n[7:4]), zext(n[3:0])); }"
		 "instr GET F op=4, n=0 \"GET\" { A := PENDING; } }",
		 "start: OUT 0x22\n GET\n OUT 0x01\n loop: ADD 1\n BR loop");
	view_run(v, 1);
	ck_reg(v, "PENDING", 8);
	view_run(v, 1);
	ck_reg(v, "A", 8);
	view_run(v, 100);
	ck_reg(v, "PENDING", 8);
	ck_assert_uint_eq(v->cpu->time, 102);
	end();
}
END_TEST

START_TEST(an_interrupt_that_counts_its_samples_is_sampled_in_each_unit)
{
	begin_on("machine m { word 16; control SEEN : word; visible P : word role pc;"
		 "traps illegal, memory; translate(a, access) { return a; }"
		 "trapseq(kind, tpc, info) { P := 0; } device CON : console(line = 3);"
		 "interrupt(n) { SEEN := SEEN + 1; }"
		 "format F { op:8, n:8 } instr BR F op=2 \"BR {n:pc}\" { P := P + sext(n); }"
		 "instr OUT F op=3 \"OUT {n}\" { out(CON, zext(n[7:4]), zext(n[3:0])); } }",
		 "start: OUT 0x22\n loop: BR loop");
	view_run(v, 100);
	ck_reg(v, "SEEN", 100);
	end();
}
END_TEST

START_TEST(a_device_is_used_at_the_present_time_after_a_batch)
{
	begin(_i, "start: NOP\n NOP\n NOP\n NOP\n NOP\n NOP\n OUT 0x05\n NOP\n NOP");
	struct table *t = table_new(r.isa);
	int done = table_find(t, "CON.done");

	view_run(v, 9);
	ck_assert_uint_eq(table_examine(v, table_entry(t, (unsigned)done)), 6 + 3);
	table_free(t);
	end();
}
END_TEST

START_TEST(skip_is_told_of_no_more_units_than_a_word_holds)
{
	begin_on("machine m { word 4; control COUNT : 32; visible P : word role pc;"
		 "traps illegal, memory; translate(a, access) { return a; }"
		 "trapseq(kind, tpc, info) { P := 0; } tick() { COUNT := COUNT + 1; }"
		 "horizon() { return never; } skip(n) { COUNT := COUNT + zext(n - 1, 32) + 1; }"
		 "format F { op:4 } instr NOP F op=0 \"NOP\" { } }",
		 "start: NOP");
	/* the storage is all NOPs: P runs around it */
	struct outcome o = view_run(v, 1000);

	ck_assert_uint_eq(o.traps, 0);
	ck_reg(v, "COUNT", 1000);
	end();
}
END_TEST

/* ---- horizon and skip, on every machine that there is ---- */

static void random_state(struct view *a, struct view *b, uint64_t *stream)
{
	for (unsigned i = 0; i < a->isa->nregs; i++)
		for (unsigned j = 0; j < a->isa->reg[i].count; j++)
			a->cpu->state[a->isa->reg[i].slot + j] =
				b->cpu->state[a->isa->reg[i].slot + j] =
					rig_value(stream, a->isa->reg[i].width);
	a->cpu->time = b->cpu->time = rig_random(stream) % 1000;
}

/* Registers and clock alone: the devices are quiet. */
static void expect_same_registers(const struct view *a, const struct view *b, const char *path)
{
	for (unsigned i = 0; i < a->isa->nslots; i++) {
		char name[64];

		ck_assert_msg(a->cpu->state[i] == b->cpu->state[i],
			      "%s: %s is %#llx after ticks, %#llx after skip", path,
			      isa_slot_name(a->isa, i, name, sizeof name),
			      (unsigned long long)a->cpu->state[i],
			      (unsigned long long)b->cpu->state[i]);
	}
	ck_assert_uint_eq(a->cpu->time, b->cpu->time);
}

START_TEST(skip_is_as_many_ticks_and_horizon_never_lies)
{
	struct rig a = rig_at(rig_shipped[_i], 64), b = rig_at(rig_shipped[_i], 64);
	uint64_t stream = 77 + (uint64_t)_i, checked = 0;
	struct trap raised;

	for (unsigned round = 0; round < 4000; round++) {
		uint64_t horizon, n;

		random_state(a.view, b.view, &stream);
		horizon = clock_horizon(a.view);
		n = horizon < 300 ? horizon : rig_random(&stream) % 300;
		for (uint64_t i = 0; i < n; i++) {
			clock_unit(a.view, &raised);
			ck_assert_msg(raised.kind == NULL, "%s: unit %llu of %llu raised %s",
				      rig_shipped[_i], (unsigned long long)i,
				      (unsigned long long)horizon,
				      raised.kind ? raised.kind->name : "");
		}
		clock_skip(b.view, n);
		expect_same_registers(a.view, b.view, rig_shipped[_i]);
		checked += n;
	}
	if (!a.isa->tick || a.isa->horizon)
		ck_assert_uint_gt(checked, 4000);
	rig_close(&a);
	rig_close(&b);
}
END_TEST

static Suite *suite(void)
{
	Suite *s = suite_create("clock");
	TCase *time = tcase_create("time"), *wait = tcase_create("wait");
	TCase *batch = tcase_create("batches");

	rig_find_shipped();
	tcase_add_loop_test(time, tick_follows_the_instruction_that_sets_the_timer, 0, 2);
	tcase_add_loop_test(time, the_timer_traps_after_as_many_instructions_as_it_was_set_to, 0,
			    2);
	tcase_add_loop_test(time, a_nullified_instruction_takes_no_time, 0, 2);
	tcase_add_loop_test(time, after_a_next_trap_tick_runs_on_what_trapseq_made, 0, 2);
	tcase_add_loop_test(time, after_a_complete_trap_of_an_instruction_its_unit_is_settled, 0,
			    2);
	tcase_add_test(time, a_tick_may_trap_in_the_unit_of_a_next_trap);
	tcase_add_loop_test(time, trap_storms_end_by_their_steps, 0, 2);
	tcase_add_loop_test(time, interrupts_come_lowest_line_first, 0, 2);
	tcase_add_loop_test(time, a_trap_of_tick_keeps_lines_from_being_sampled_in_its_unit, 0, 2);
	tcase_add_loop_test(time, lines_are_sampled_only_when_time_passes, 0, 2);
	tcase_add_loop_test(time, an_interrupt_comes_in_the_unit_in_which_the_device_changes, 0, 2);
	tcase_add_loop_test(time, time_reads_as_the_units_that_have_passed, 0, 2);
	tcase_add_loop_test(time, a_line_reads_as_it_is_now, 0, 2);
	tcase_add_loop_test(time, a_resident_program_gets_traps_of_the_clock_after_their_unit, 0,
			    2);
	tcase_add_loop_test(wait, wait_jumps_to_the_tick_that_traps, 0, 2);
	tcase_add_loop_test(wait, wait_jumps_to_the_next_event_of_a_device, 0, 2);
	tcase_add_loop_test(wait, wait_goes_on_at_once_when_a_line_is_asserted, 0, 2);
	tcase_add_test(wait, wait_with_nothing_in_sight_is_idle);
	tcase_add_test(wait, an_idle_processor_goes_on_when_input_comes);
	tcase_add_test(wait, a_wait_for_a_distant_event_is_one_jump);
	tcase_add_test(wait, a_tick_that_changes_nothing_is_idle_without_a_horizon);
	tcase_add_test(batch, a_masked_line_is_not_skipped_over_when_ticks_can_unmask_it);
	tcase_add_test(batch, an_interrupt_that_only_notes_its_line_is_seen);
	tcase_add_test(batch, an_interrupt_that_counts_its_samples_is_sampled_in_each_unit);
	tcase_add_loop_test(batch, a_device_is_used_at_the_present_time_after_a_batch, 0, 2);
	tcase_add_test(batch, skip_is_told_of_no_more_units_than_a_word_holds);
	tcase_add_loop_test(batch, skip_is_as_many_ticks_and_horizon_never_lies, 0,
			    (int)rig_nshipped);
	suite_add_tcase(s, time);
	suite_add_tcase(s, wait);
	suite_add_tcase(s, batch);
	return s;
}

#include "tests/harness.h"
