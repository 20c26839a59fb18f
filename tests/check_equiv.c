/*
 * Equivalence: what holds is said to hold, and each way not to is found, at the step
 * and the instruction that cause it.
 */
#include "tests/lab.h"

#include <inttypes.h>

#define ORIGIN ".machine pg\n.org 8\n.word 0, handler, 0, 4096, 0, 0\n.org 16\nstart:\n"

/* ---- one guest for each fault ---- */

#define TO_USER(code)                                                                              \
	ORIGIN "LPSW user(G0)\nuser: .word 1, 0, code, 64, 0, 0\nhandler: LPSW 0(G0)\n"            \
	       "code: " code

static const struct crime {
	enum fault fault;
	const char *guest;
	uint64_t quantum;
	uint64_t step;	   /* of the cause */
	const char *instr; /* its instruction */
	const char *what;  /* what differs first, its beginning */
} crimes[] = {
	{ FAULT_NO_CLIP, ORIGIN "LUI G3, 2\nLRB G0, G3\nST G3, 4100(G0)\nHALT 0\nhandler: HALT 1\n",
	  0, 3, "ST", "B" },
	{ FAULT_BOUND_OFF_BY_ONE,
	  ORIGIN
	  "LUI G3, 2\nLRB G0, G3\nST G3, 4095(G0)\nLD G4, 4096(G0)\nHALT 0\nhandler: HALT 1\n",
	  0, 4, "LD", "B" },
	{ FAULT_STALE_MODE, TO_USER("LA G2, 1(G0)\nBR code\n"), 0, 1, "LPSW", "M" },
	{ FAULT_STALE_RELOCATION,
	  ORIGIN
	  "LA G2, 2(G0)\nLA G3, 64(G0)\nLRB G2, G3\nLA G4, 1(G0)\nLA G4, 2(G0)\nLA G4, 3(G0)\n"
	  "handler: HALT 0\n",
	  0, 4, "LA", "G4" },
	{ FAULT_DOUBLE_TICK, TO_USER("LA G2, 1(G0)\nSVC 1\nBR code\n"), 0, 3, "SVC", "time" },
	{ FAULT_REAL_TICK, ORIGIN "LA G2, 9(G0)\nSTIM G2\nhandler: HALT 0\n", 0, 2, "STIM",
	  "time" },
	{ FAULT_REFLECT_NEXT, TO_USER("LA G2, 1(G0)\nHALT 0\n"), 0, 3, "HALT", "E[0x1]" },
	{ FAULT_SVC_AT, TO_USER("LA G2, 1(G0)\nSVC 1\n"), 0, 3, "SVC", "E[0x1]" },
	{ FAULT_NO_INFO, TO_USER("LA G2, 1(G0)\nLD G2, 64(G0)\n"), 0, 3, "LD", "E[0x7]" },
	{ FAULT_FOREIGN_E0, TO_USER("LA G2, 1(G0)\nSVC 1\n"), 0, 3, "SVC", "B" },
	{ FAULT_REAL_SUPERVISOR, ORIGIN "LA G2, 9(G0)\nSTIM G2\nhandler: HALT 0\n", 0, 2, "STIM",
	  "TIMER" },
	{ FAULT_NEIGHBOUR, ORIGIN "LA G2, 1(G0)\nADDI G2, G2, 1\nADDI G2, G2, 1\nhandler: HALT 0\n",
	  0, 2, "ADDI", "G2" },
	{ FAULT_LOST_TIMER,
	  ORIGIN
	  ".deposit IE, 1\n.deposit TIMER, 6\nLA G2, 1(G0)\nagain: ADDI G2, G2, 1\nBR again\n"
	  "handler: HALT 0\n",
	  3, 6, "ADDI", "IE" },
	{ FAULT_LOST_INTERRUPT,
	  ORIGIN "LA G2, 2(G0)\nOUT G2, 2\nSIE 1\nLA G2, 3(G0)\nhandler: HALT 0\n", 0, 3, "SIE",
	  "IE" },
	{ FAULT_LOST_REGISTER,
	  ORIGIN "LA G15, 1(G0)\nLA G15, 2(G0)\nLA G15, 3(G0)\nhandler: HALT 0\n", 2, 2, "LA",
	  "G15" },
	{ FAULT_DMA_UNCLIPPED,
	  ORIGIN
	  "LA G2, 512(G0)\nOUT G2, 0x14\nLA G2, 1(G0)\nOUT G2, 0x15\nLA G2, 2(G0)\nOUT G2, 0x10\n"
	  "LA G2, 1(G0)\nOUT G2, 0x12\nWAIT\nhandler: HALT 0\n.org 512\n.word 1, 2, 3\n",
	  0, 9, "WAIT", "DRUM contents" },
	{ FAULT_COMPLETE_AGAIN,
	  ORIGIN
	  ".deposit IE, 1\n.deposit TIMER, 4\nLA G2, 1(G0)\nagain: ADDI G2, G2, 1\nBR again\n"
	  "handler: HALT 0\n",
	  0, 4, "ADDI", "IE" },
	{ FAULT_WAIT_SPINS, ORIGIN ".deposit IE, 1\n.deposit TIMER, 40\nWAIT\nhandler: HALT 0\n", 0,
	  1, "WAIT", "IE" },
};
_Static_assert(sizeof crimes / sizeof *crimes == FAULTS - 1, "a guest for each fault");

static struct equivalence investigate(const struct crime *c, enum fault fault, uint64_t slice)
{
	struct equiv_options options = { .limit = 2000, .slice = slice, .patience = 100 };
	struct lab l = lab_of("pg");
	struct equivalence e;

	lab_assemble(&l, c->guest);
	lab_start(&l,
		  &(struct monitor_options){ .reserve = 8, .quantum = c->quantum, .fault = fault });
	e = equiv_run(&l.bare->view[0], l.monitor, l.vm, &options);
	/* what is reported of the instruction must outlive the description here */
	ck_assert(!e.at[DEPTH_CAUSE].found || !e.at[DEPTH_CAUSE].instr ||
		  strcmp(e.at[DEPTH_CAUSE].instr->name, c->instr) == 0);
	if (!e.at[DEPTH_CAUSE].instr)
		ck_assert(!e.at[DEPTH_CAUSE].found);
	e.at[DEPTH_CAUSE].instr = NULL;
	lab_close(&l);
	return e;
}

START_TEST(each_fault_is_found_at_its_instruction)
{
	const struct crime *c = &crimes[_i];
	struct equivalence e = investigate(c, c->fault, 1);

	ck_assert_msg(!e.holds, "%s is not found", fault_name(c->fault));
	ck_assert_msg(e.at[DEPTH_CAUSE].step == c->step, "%s: %s", fault_name(c->fault),
		      lab_difference(&e));
	ck_assert_msg(strncmp(e.at[DEPTH_CAUSE].what, c->what, strlen(c->what)) == 0, "%s: %s",
		      fault_name(c->fault), lab_difference(&e));
	ck_assert_uint_eq(e.steps, c->step);
	equivalence_free(&e);
}
END_TEST

START_TEST(and_by_slices_too)
{
	const struct crime *c = &crimes[_i];

	for (uint64_t slice = 2; slice < 200; slice = slice * 2 + 1) {
		struct equivalence e = investigate(c, c->fault, slice);

		ck_assert_msg(!e.holds && e.at[DEPTH_CAUSE].step == c->step,
			      "%s, slice %" PRIu64 ": %s", fault_name(c->fault), slice,
			      lab_difference(&e));
		equivalence_free(&e);
	}
}
END_TEST

START_TEST(without_its_fault_the_guest_is_equivalent)
{
	for (uint64_t slice = 1; slice < 200; slice = slice * 3 + 1) {
		struct equivalence e = investigate(&crimes[_i], FAULT_NONE, slice);

		ck_assert_msg(e.holds && e.violations == 0, "%s", lab_difference(&e));
		equivalence_free(&e);
	}
}
END_TEST

START_TEST(and_by_random_slices_on_the_translator)
{
	const struct crime *c = &crimes[_i];

	for (uint64_t seed = 1; seed <= 8; seed++) {
		const struct translator_options at_once = { .hot = 1 };
		struct equiv_options options = equiv_thoroughly(seed);
		struct lab l = lab_of("pg");
		struct equivalence e;

		options.limit = 2000;
		options.patience = 100;
		lab_assemble(&l, c->guest);
		lab_start_on(&l, &at_once,
			     &(struct monitor_options){
				     .reserve = 8, .quantum = c->quantum, .fault = c->fault });
		e = equiv_run(&l.bare->view[0], l.monitor, l.vm, &options);
		ck_assert_msg(!e.holds && !e.by_engine && e.at[DEPTH_CAUSE].step == c->step,
			      "%s, seed %" PRIu64 ": %s", fault_name(c->fault), seed,
			      lab_difference(&e));
		equivalence_free(&e);
		lab_close(&l);
	}
}
END_TEST

#define COUNTING                                                                                   \
	ORIGIN "LA G2, 400(G0)\nagain: ADDI G3, G3, 1\nADDI G2, G2, -1\n"                          \
	       "BNE G2, G0, again\nHALT 0\nhandler: HALT 1\n"

#ifdef __x86_64__
START_TEST(slices_run_as_translated_code)
{
	const struct translator_options at_once = { .hot = 1 };
	struct equiv_options options = equiv_thoroughly(3);
	struct lab l = lab_of("pg");
	struct equivalence e;

	lab_assemble(&l, COUNTING);
	lab_start_on(&l, &at_once, &(struct monitor_options){ .reserve = 8 });
	e = equiv_run(&l.bare->view[0], l.monitor, l.vm, &options);
	ck_assert_msg(e.holds && e.complete && !e.by_engine, "%s", lab_difference(&e));
	ck_assert_uint_eq(e.steps, 1202);
	ck_assert_uint_ge(e.sliced, 2 * 1201);
	ck_assert_uint_gt(e.translated * 10, e.sliced * 9);
	lab_close(&l);
}
END_TEST

/* Behind its back: the translator goes on with what stood there before. */
static void change_unseen(struct storage *s, uint64_t at, uint32_t word)
{
	((uint32_t *)s->cell)[at] = word;
}

START_TEST(a_translator_that_is_wrong_is_told_from_a_monitor_that_is)
{
	const struct translator_options at_once = { .hot = 1 };
	struct equiv_options options = equiv_thoroughly(3);
	struct write_log logs[2] = { 0 };
	struct lab l = lab_of("pg");
	struct equivalence e;
	uint64_t word;

	lab_assemble(&l, COUNTING);
	lab_start_on(&l, &at_once, &(struct monitor_options){ .reserve = 8 });
	/* translations are made for storage with a log */
	l.bare->storage->log = &logs[0];
	l.real->storage->log = &logs[1];
	view_run(&l.bare->view[0], 31);
	lab_run(&l, 31);
	word = storage_get(l.bare->storage, 17) + 1; /* ADDI G3, G3, 2 */
	ck_assert_uint_eq(l.bare->storage->cell_size, 4);
	change_unseen(l.bare->storage, 17, (uint32_t)word);
	change_unseen(l.real->storage, vm_base(l.vm) + 17, (uint32_t)word);
	options.limit = 500;
	e = equiv_run(&l.bare->view[0], l.monitor, l.vm, &options);
	ck_assert(!e.holds && e.by_engine);
	ck_assert_str_eq(e.at[DEPTH_CAUSE].what, "G3");
	/* at the instruction that was changed, or at the end of its block: by what was translated */
	ck_assert(strcmp(e.at[DEPTH_CAUSE].instr->name, "ADDI") == 0 ||
		  strcmp(e.at[DEPTH_CAUSE].instr->name, "BNE") == 0);
	ck_assert_uint_gt(e.at[DEPTH_CAUSE].bare, e.at[DEPTH_CAUSE].virtual);
	equivalence_free(&e);
	l.bare->storage->log = l.real->storage->log = NULL;
	write_log_free(&logs[0]);
	write_log_free(&logs[1]);
	lab_close(&l);
}
END_TEST
#endif

START_TEST(a_fault_is_known_by_its_name)
{
	for (int f = 0; f < FAULTS; f++) {
		ck_assert_int_eq(fault_named(fault_name((enum fault)f)), f);
		ck_assert_uint_gt(strlen(fault_text((enum fault)f)), 5);
	}
	ck_assert_int_eq(fault_named("no-such-fault"), -1);
}
END_TEST

/* ---- machines that are not virtualizable ---- */

static struct equivalence compare_on(const char *machine, const char *guest, enum monitor_kind kind,
				     char *instr)
{
	struct lab l = lab_on(machine, guest, kind);
	struct equivalence e = lab_compare(&l, 1000);
	const struct isa_instr *cause = e.at[DEPTH_CAUSE].instr;

	strcpy(instr, cause ? cause->name : "");
	lab_close(&l);
	return e;
}

/* JRST 1 to user mode, where printing is not allowed; the handler prints something else. */
#define JRST1                                                                                      \
	".machine pg-jrst1\n.org 8\n.word 0, handler, 0, 4096, 0, 0\n.org 16\n"                    \
	"start: LA G2, 'x'(G0)\nJRST1 there(G0)\nHALT 1\nthere: LA G3, 1(G0)\nOUT G2, 0\nHALT 0\n" \
	"handler: LA G2, 'p'(G0)\nOUT G2, 0\nHALT 0\n"

START_TEST(jrst1_breaks_the_vmm_and_is_named_at_three_depths)
{
	char instr[32];
	struct equivalence e = compare_on("pg-jrst1", JRST1, MONITOR_VMM, instr);

	ck_assert(!e.holds);
	ck_assert_str_eq(instr, "JRST1");
	ck_assert_str_eq(e.at[DEPTH_CAUSE].what, "M");
	ck_assert_uint_eq(e.at[DEPTH_CAUSE].bare, 1);
	ck_assert_uint_eq(e.at[DEPTH_CAUSE].virtual, 0);
	ck_assert_uint_eq(e.at[DEPTH_CAUSE].step, 2);
	ck_assert_uint_eq(e.at[DEPTH_CAUSE].p, 17);
	ck_assert(e.at[DEPTH_SEEN].found);
	ck_assert_uint_eq(e.at[DEPTH_SEEN].step, 4);
	ck_assert_str_eq(e.at[DEPTH_SEEN].what, "P");
	ck_assert(e.at[DEPTH_OUTPUT].found);
	ck_assert_uint_eq(e.at[DEPTH_OUTPUT].bare, 'p');
	ck_assert_uint_eq(e.at[DEPTH_OUTPUT].virtual, 'x');
	ck_assert_uint_eq(e.at[DEPTH_OUTPUT].step, 6);
	equivalence_free(&e);
}
END_TEST

START_TEST(jrst1_does_not_break_the_hybrid_monitor)
{
	char instr[32];
	struct equivalence e = compare_on("pg-jrst1", JRST1, MONITOR_HYBRID, instr);

	ck_assert_msg(e.holds && e.complete, "%s", lab_difference(&e));
	equivalence_free(&e);
}
END_TEST

/* What mode the trap found is told: 'u' at once, 's' after some steps more. */
#define TELL_MODE(last)                                                                            \
	".machine pg-jrst1\n.org 8\n.word 0, handler, 0, 4096, 0, 0\n.org 16\n"                    \
	"start: JRST1 there(G0)\nthere: SVC 1\n"                                                   \
	"handler: LD G2, 0(G0)\nLA G3, 'u'(G0)\nBNE G2, G0, tell\n"                                \
	"LA G3, 's'(G0)\nLA G4, 1(G0)\n" last "tell: OUT G3, 0\nHALT 0\n.word 0x6e\n"

START_TEST(a_step_after_the_bare_machine_stopped_names_no_instruction)
{
	struct lab l = lab_on("pg-jrst1", TELL_MODE(""), MONITOR_VMM);
	struct equivalence e = lab_compare(&l, 1000);

	ck_assert_uint_eq(l.bare->cpu[0]->steps, 7);
	ck_assert_uint_eq(l.virtual->cpu->steps, 8);
	ck_assert(e.at[DEPTH_CAUSE].found && e.at[DEPTH_CAUSE].instruction_known);
	ck_assert_str_eq(e.at[DEPTH_OUTPUT].what, "CON output, byte 0");
	ck_assert_uint_eq(e.at[DEPTH_OUTPUT].step, 8);
	ck_assert(!e.at[DEPTH_OUTPUT].instruction_known);
	ck_assert_ptr_null(e.at[DEPTH_OUTPUT].instr);
	equivalence_free(&e);
	lab_close(&l);
}
END_TEST

START_TEST(output_that_only_one_has_is_found_at_the_end)
{
	struct lab l = lab_on("pg-jrst1", TELL_MODE("HALT 1\n"), MONITOR_VMM);
	struct equivalence e = lab_compare(&l, 1000);

	ck_assert_str_eq(e.at[DEPTH_OUTPUT].what, "CON output, bytes");
	ck_assert_uint_eq(e.at[DEPTH_OUTPUT].bare, 1);
	ck_assert_uint_eq(e.at[DEPTH_OUTPUT].virtual, 0);
	ck_assert_uint_eq(e.at[DEPTH_OUTPUT].step, 8);
	ck_assert(!e.at[DEPTH_OUTPUT].instruction_known);
	equivalence_free(&e);
	lab_close(&l);
}
END_TEST

#define IN_USER(code)                                                                              \
	".machine pg-sgdt\n.org 8\n.word 0, handler, 0, 4096, 0, 0\n.org 16\n"                     \
	"start: LPSW user(G0)\nuser: .word 1, 0, code, 64, 0, 0\nhandler: HALT 0\n"                \
	"code: LA G2, 9(G0)\n" code "\nSVC 0\n"

START_TEST(sgdt_and_smsw_break_both)
{
	static const char *const guests[] = { IN_USER("SGR 40(G0)"), IN_USER("SMSW G3") };
	static const char *const names[] = { "SGR", "SMSW" };
	static const char *const what[] = { "E[", "G3" };

	for (enum monitor_kind kind = MONITOR_VMM; kind <= MONITOR_HYBRID; kind++)
		for (unsigned i = 0; i < 2; i++) {
			char instr[32];
			struct equivalence e = compare_on("pg-sgdt", guests[i], kind, instr);

			ck_assert(!e.holds);
			ck_assert_str_eq(instr, names[i]);
			ck_assert_uint_eq(e.at[DEPTH_CAUSE].step, 3);
			ck_assert_uint_eq(strncmp(e.at[DEPTH_CAUSE].what, what[i], strlen(what[i])),
					  0);
			equivalence_free(&e);
		}
}
END_TEST

START_TEST(popf_breaks_the_vmm_only)
{
	static const char guest[] =
		".machine pg-sgdt\n.org 16\nstart: LA G2, 2(G0)\nPOPF G2\nHALT 0\n";
	char instr[32];
	struct equivalence e = compare_on("pg-sgdt", guest, MONITOR_VMM, instr);

	ck_assert(!e.holds);
	ck_assert_str_eq(instr, "POPF");
	ck_assert_str_eq(e.at[DEPTH_CAUSE].what, "IE");
	e = compare_on("pg-sgdt", guest, MONITOR_HYBRID, instr);
	ck_assert(e.holds);
}
END_TEST

/* ---- the comparison itself ---- */

#define LOOP                                                                                       \
	ORIGIN "LA G2, 300(G0)\nagain: ADDI G2, G2, -1\nST G2, 100(G2)\nBNE G2, G0, again\nhandler: HALT 4\n"

START_TEST(a_guest_that_ends_is_compared_completely)
{
	struct lab l = lab_on("pg", LOOP, MONITOR_VMM);
	struct equivalence e = lab_compare(&l, 0);

	ck_assert(e.holds && e.complete);
	ck_assert_int_eq(e.end, CPU_HALTED);
	ck_assert_uint_eq(e.steps, 902);
	lab_close(&l);
}
END_TEST

START_TEST(the_limit_ends_it_exactly)
{
	for (uint64_t slice = 1; slice < 600; slice = slice * 3 + 2) {
		struct lab l = lab_on("pg", LOOP, MONITOR_VMM);
		struct equiv_options options = { .limit = 500, .slice = slice };
		struct equivalence e = equiv_run(&l.bare->view[0], l.monitor, l.vm, &options);

		ck_assert(e.holds && !e.complete);
		ck_assert_uint_eq(e.steps, 500);
		ck_assert_uint_eq(l.bare->cpu[0]->steps, 500);
		ck_assert_uint_eq(l.virtual->cpu->steps, 500);
		lab_close(&l);
	}
}
END_TEST

static void count_calls(void *context, uint64_t steps)
{
	uint64_t *calls = context;

	ck_assert_uint_ge(steps, ++*calls << 16);
}

START_TEST(progress_is_told_now_and_then)
{
	for (uint64_t slice = 1; slice <= 1000; slice += 999) {
		struct lab l =
			lab_on("pg", ORIGIN "again: BR again\nhandler: HALT 0\n", MONITOR_VMM);
		uint64_t calls = 0;
		struct equiv_options options = {
			.limit = 300000, .slice = slice, .progress = count_calls, .context = &calls
		};
		struct equivalence e = equiv_run(&l.bare->view[0], l.monitor, l.vm, &options);

		ck_assert(e.holds);
		ck_assert_uint_eq(calls, 4);
		lab_close(&l);
	}
}
END_TEST

START_TEST(guests_that_differ_at_first_differ_at_step_0)
{
	struct lab l = lab_on("pg", LOOP, MONITOR_VMM);
	struct equivalence e;

	window_put(&l.virtual->window, 4000, 7);
	e = lab_compare(&l, 100);
	ck_assert(!e.holds);
	ck_assert_uint_eq(e.at[DEPTH_CAUSE].step, 0);
	ck_assert(!e.at[DEPTH_CAUSE].instruction_known);
	ck_assert_str_eq(e.at[DEPTH_CAUSE].what, "E[0xfa0]");
	ck_assert_uint_eq(e.at[DEPTH_CAUSE].virtual, 7);
	lab_close(&l);
}
END_TEST

START_TEST(a_cell_that_only_one_side_wrote_is_a_difference)
{
	struct lab l = lab_on("pg", LOOP, MONITOR_VMM);
	struct equivalence e;

	/* the bare program stores a register that differs in nothing else */
	lab_deposit(&l.bare->view[0], "G7", 1);
	e = lab_compare(&l, 100);
	ck_assert(!e.holds);
	ck_assert_str_eq(e.at[DEPTH_CAUSE].what, "G7");
	ck_assert_str_eq(e.at[DEPTH_SEEN].what, "G7");
	ck_assert(!e.at[DEPTH_OUTPUT].found);
	lab_close(&l);
}
END_TEST

START_TEST(the_states_around_the_cause_are_kept)
{
	for (uint64_t slice = 1; slice < 20; slice += 9) {
		struct lab l = lab_of("pg");
		struct equiv_options options = { .limit = 100, .slice = slice, .registers = true };
		unsigned pc = l.isa->role[ROLE_PC]->slot;
		struct equivalence e;

		lab_assemble(&l, crimes[0].guest);
		lab_start(&l, &(struct monitor_options){ .reserve = 8, .fault = crimes[0].fault });
		e = equiv_run(&l.bare->view[0], l.monitor, l.vm, &options);
		ck_assert_ptr_nonnull(e.before);
		ck_assert_uint_eq(e.before->steps, e.at[DEPTH_CAUSE].step - 1);
		ck_assert_uint_eq(e.before->state[pc], e.at[DEPTH_CAUSE].p);
		ck_assert_uint_eq(e.bare_after->steps, e.at[DEPTH_CAUSE].step);
		ck_assert_uint_eq(e.virtual_after->steps, e.at[DEPTH_CAUSE].step);
		ck_assert_uint_ne(e.bare_after->state[pc], e.virtual_after->state[pc]);
		equivalence_free(&e);
		lab_close(&l);
	}
}
END_TEST

START_TEST(a_violation_of_resource_control_is_reported)
{
	struct lab l = lab_of("pg");
	struct equivalence e;

	lab_assemble(&l, crimes[0].guest);
	lab_start(&l, &(struct monitor_options){ .reserve = 8, .fault = FAULT_NO_CLIP });
	e = lab_compare(&l, 100);
	ck_assert_uint_gt(e.violations, 0);
	ck_assert_msg(strstr(e.violation, "outside its region") != NULL, "%s", e.violation);
	lab_close(&l);
}
END_TEST

/* Neighbours that trap, store and use devices do not change what the guest sees. */
START_TEST(neighbours_make_no_difference)
{
	for (uint64_t quantum = 1; quantum < 50; quantum += 6) {
		struct lab l = lab_of("pg");
		struct equivalence e;

		lab_assemble(&l, LOOP);
		lab_start(&l, &(struct monitor_options){ .reserve = 8, .quantum = quantum });
		for (unsigned i = 0; i < 2; i++) {
			lab_assemble(&l, i ? TO_USER("SVC 1\nST G2, 3(G0)\nBR code\n")
					   : ".machine pg\n.org 16\nstart: OUT G2, 0\nBR start\n");
			lab_enter(&l, vm_view(lab_vm(&l, "neighbour", 4096)));
		}
		e = lab_compare(&l, 0);
		ck_assert_msg(e.holds && e.complete && !e.violations, "%s", lab_difference(&e));
		ck_assert_uint_gt(vm_view(monitor_vm(l.monitor, 2))->cpu->steps, 800);
		lab_close(&l);
	}
}
END_TEST

START_TEST(a_run_that_is_stopped_is_no_difference)
{
	struct lab l = lab_on("pg", LOOP, MONITOR_VMM);
	static volatile sig_atomic_t stop = 1;
	struct equivalence e;

	l.bare->view[0].stop = l.real->view[0].stop = &stop;
	e = lab_compare(&l, 0);
	ck_assert(e.holds && !e.complete);
	ck_assert_uint_eq(e.steps, 0);
	lab_close(&l);
}
END_TEST

/* What a run by slices counts is what the same run by steps counts: bisection leaves no trace. */
START_TEST(bisection_does_not_count_twice)
{
	uint64_t direct[2], emulated[2];

	for (unsigned i = 0; i < 2; i++) {
		struct lab l = lab_of("pg");
		struct equiv_options options = { .limit = 100, .slice = i ? 64 : 1, .patience = 1 };

		lab_assemble(&l, crimes[0].guest);
		lab_start(&l, &(struct monitor_options){ .reserve = 8, .fault = crimes[0].fault });
		equiv_run(&l.bare->view[0], l.monitor, l.vm, &options);
		direct[i] = vm_stats(l.vm)->direct;
		emulated[i] = vm_stats(l.vm)->emulated;
		lab_close(&l);
	}
	ck_assert_uint_eq(direct[0], direct[1]);
	ck_assert_uint_eq(emulated[0], emulated[1]);
}
END_TEST

static Suite *suite(void)
{
	const int ncrimes = sizeof crimes / sizeof *crimes;
	Suite *s = suite_create("equiv");
	TCase *c = tcase_create("faults");

	tcase_add_loop_test(c, each_fault_is_found_at_its_instruction, 0, ncrimes);
	tcase_add_loop_test(c, and_by_slices_too, 0, ncrimes);
	tcase_add_loop_test(c, and_by_random_slices_on_the_translator, 0, ncrimes);
#ifdef __x86_64__
	tcase_add_test(c, slices_run_as_translated_code);
	tcase_add_test(c, a_translator_that_is_wrong_is_told_from_a_monitor_that_is);
#endif
	tcase_add_loop_test(c, without_its_fault_the_guest_is_equivalent, 0, ncrimes);
	tcase_add_test(c, a_fault_is_known_by_its_name);
	suite_add_tcase(s, c);
	c = tcase_create("machines");
	tcase_add_test(c, jrst1_breaks_the_vmm_and_is_named_at_three_depths);
	tcase_add_test(c, a_step_after_the_bare_machine_stopped_names_no_instruction);
	tcase_add_test(c, output_that_only_one_has_is_found_at_the_end);
	tcase_add_test(c, jrst1_does_not_break_the_hybrid_monitor);
	tcase_add_test(c, sgdt_and_smsw_break_both);
	tcase_add_test(c, popf_breaks_the_vmm_only);
	suite_add_tcase(s, c);
	c = tcase_create("comparison");
	tcase_add_test(c, a_guest_that_ends_is_compared_completely);
	tcase_add_test(c, the_limit_ends_it_exactly);
	tcase_add_test(c, progress_is_told_now_and_then);
	tcase_add_test(c, guests_that_differ_at_first_differ_at_step_0);
	tcase_add_test(c, a_cell_that_only_one_side_wrote_is_a_difference);
	tcase_add_test(c, the_states_around_the_cause_are_kept);
	tcase_add_test(c, a_violation_of_resource_control_is_reported);
	tcase_add_test(c, neighbours_make_no_difference);
	tcase_add_test(c, a_run_that_is_stopped_is_no_difference);
	tcase_add_test(c, bisection_does_not_count_twice);
	suite_add_tcase(s, c);
	return s;
}

#include "tests/harness.h"
