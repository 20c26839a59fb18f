/*
 * The fuzzer: guests come from their numbers alone, sound monitors pass, every
 * fault and every machine that is not virtualizable is found and made small.
 */
#include "tests/lab.h"
#include "tests/odd.h"

#include "vmm/fuzz.h"
#include "vmm/fuzz_private.h"

#include <inttypes.h>

struct findings {
	struct lab *lab;
	unsigned failures, most_instructions;
	char instr[32];	 /* of the last */
	bool reproduced; /* each of them */
};

/* The failing guest once more, from its program alone. */
static bool reproduces(struct lab *l, const struct fuzz_failure *f, enum fault fault)
{
	struct equiv_options options = { .limit = f->setting.steps, .patience = 1 };
	struct equivalence e;
	uint64_t seed = f->setting.seed ? f->setting.seed : 1;
	char reason[256] = "";
	struct vm *vm;

	lab_stop(l);
	l->bare = machine_new(l->isa, f->guest.size, seed, reason, sizeof reason);
	l->real = lab_machine(l, f->guest.size + 2 * f->setting.reserve);
	l->monitor = monitor_new(l->real,
				 &(struct monitor_options){ .kind = f->setting.kind,
							    .quantum = f->setting.quantum,
							    .reserve = f->setting.reserve,
							    .seed = f->setting.seed,
							    .fault = fault },
				 reason, sizeof reason);
	ck_assert_msg(l->monitor != NULL, "%s", reason);
	vm = monitor_create(l->monitor, "guest", f->guest.size, seed, reason, sizeof reason);
	ck_assert(view_load(&l->bare->view[0], f->guest.image, reason, sizeof reason));
	ck_assert(view_load(vm_view(vm), f->guest.image, reason, sizeof reason));
	console_give(l->bare->device[0], (const char *)f->guest.input, f->guest.input_count);
	console_give(vm_view(vm)->device[0], (const char *)f->guest.input, f->guest.input_count);
	e = equiv_run(&l->bare->view[0], l->monitor, vm, &options);
	return (!e.holds || e.violations) && e.at[DEPTH_CAUSE].instr == f->cause.instr &&
	       e.at[DEPTH_CAUSE].step == f->cause.step;
}

struct search {
	struct findings found;
	enum fault fault;
};

static void note(void *context, const struct fuzz_failure *f)
{
	struct search *s = context;

	s->found.failures++;
	if (f->instructions > s->found.most_instructions)
		s->found.most_instructions = f->instructions;
	snprintf(s->found.instr, sizeof s->found.instr, "%s",
		 f->cause.instr ? f->cause.instr->name : "");
	s->found.reproduced &= f->setting.neighbours > 0 || reproduces(s->found.lab, f, s->fault);
}

static struct findings hunt(struct lab *l, enum fault fault, unsigned kinds, uint64_t count,
			    uint64_t enough)
{
	struct search s = { .found = { .lab = l, .reproduced = true }, .fault = fault };
	struct fuzz_options options = { .isa = l->isa,
					.kinds = kinds,
					.fault = fault,
					.seed = 1,
					.count = count,
					.enough = enough };
	struct fuzz_callbacks callbacks = { .failed = note, .context = &s };
	struct fuzz_result result;
	char reason[256] = "";

	ck_assert_msg(fuzz_run(&options, &callbacks, &result, reason, sizeof reason), "%s", reason);
	ck_assert_uint_eq(result.failures, s.found.failures);
	return s.found;
}

enum { VMM_ONLY = 1 << MONITOR_VMM, HYBRID_ONLY = 1 << MONITOR_HYBRID };

/* ---- sound monitors ---- */

START_TEST(sound_monitors_pass)
{
	static const char *const machines[] = { "pg", ODD };
	struct lab l = lab_of(machines[_i]);

	ck_assert_uint_eq(hunt(&l, FAULT_NONE, 0, 150, 0).failures, 0);
	lab_close(&l);
}
END_TEST

START_TEST(the_hybrid_monitor_passes_on_jrst1)
{
	struct lab l = lab_of("pg-jrst1");

	ck_assert_uint_eq(hunt(&l, FAULT_NONE, HYBRID_ONLY, 150, 0).failures, 0);
	lab_close(&l);
}
END_TEST

static void none_fails(void *context, const struct fuzz_failure *f)
{
	(void)context;
	ck_abort_msg("guest %" PRIu64 " fails", f->number);
}

/* Counters that tick counts and programs set, one of them mirrored, are neither lost nor counted
 * twice. */
START_TEST(what_ticks_under_the_guest_is_the_guests)
{
	static const char text[] =
		"machine counting \"\" { word 16; enum Mode { s, u } control M : Mode role mode, C : 8,\n"
		"L : 16 role base, B : 16 role bound; visible P : 16 role pc, A : 8, V : 8;\n"
		"user = M == u; traps illegal = 0, memory = 1, priv = 2;\n"
		"map m { M := u; L, B composed; C mirrored; }\n"
		"translate(a, access) { let p = zext(a, 17) + zext(L, 17);\n"
		"if (a >= B || p >= size) memtrap; return p[15:0]; }\n"
		"trapseq(k, t, i) { phys[0] := t; M := s; P := phys[1]; }\n"
		"tick() { C := C + 1; if (V != 0) V := V - 1; }\n"
		"reset(size) { B := size[15:0]; P := 2; } format F { op : 16 }\n"
		"instr SETC F op=1 \"setc\" { C := A; }\n"
		"instr GETC F op=2 \"getc\" { A := C; }\n"
		"instr SETV F op=3 \"setv\" { V := A; }\n"
		"instr SUBV F op=4 \"subv\" { A := V - A; }\n"
		"instr LVS F op=5 \"lvs\" { privileged; M := u; } }";
	struct diag_list *diags = diag_new();
	struct isa *isa = isa_load_text(diags, "counting.isa", text);
	struct fuzz_callbacks callbacks = { .failed = none_fails };
	struct fuzz_options options = { .isa = isa, .seed = 1, .count = 300 };
	struct fuzz_result result;
	char reason[256] = "";

	diag_print(diags, stderr);
	ck_assert_ptr_nonnull(isa);
	ck_assert_msg(fuzz_run(&options, &callbacks, &result, reason, sizeof reason), "%s", reason);
	ck_assert_uint_eq(result.failures, 0);
	isa_free(isa);
	diag_free(diags);
}
END_TEST

/* Of 256 addresses a base register of 7 bits reaches 128; and those that end are counted under
 * either monitor. */
START_TEST(regions_are_where_the_base_register_reaches)
{
	static const char text[] =
		"machine narrow \"\" { word 8; enum Mode { s, u } control M : Mode role mode,\n"
		"L : 7 role base, B : 8 role bound; visible P : 8 role pc, A : 8; user = M == u;\n"
		"traps illegal = 0, memory = 1, priv = 2;\n"
		"translate(a, access) { let p = zext(a, 9) + zext(L, 9);\n"
		"if (a >= B || p >= size) memtrap; return p[7:0]; }\n"
		"trapseq(k, t, i) { phys[0] := t; M := s; P := phys[1]; }\n"
		"reset(size) { B := size[7:0]; P := 2; } format F { op : 8 }\n"
		"instr INC F op=1 \"inc\" { A := A + 1; }\n"
		"instr HLT F op=2 \"hlt\" { privileged; halt; } }";
	struct diag_list *diags = diag_new();
	struct isa *isa = isa_load_text(diags, "narrow.isa", text);
	struct fuzz_callbacks callbacks = { .failed = none_fails };
	char reason[256] = "";

	diag_print(diags, stderr);
	ck_assert_ptr_nonnull(isa);
	for (unsigned kinds = VMM_ONLY; kinds <= HYBRID_ONLY; kinds++) {
		struct fuzz_options options = {
			.isa = isa, .kinds = kinds, .seed = 1, .count = 200
		};
		struct fuzz_result result;

		ck_assert_msg(fuzz_run(&options, &callbacks, &result, reason, sizeof reason), "%s",
			      reason);
		ck_assert_uint_eq(result.failures, 0);
		ck_assert_uint_gt(result.ended, 0);
	}
	isa_free(isa);
	diag_free(diags);
}
END_TEST

/* ---- what must be found ---- */

START_TEST(jrst1_is_found_under_the_vmm)
{
	struct lab l = lab_of("pg-jrst1");
	struct findings f = hunt(&l, FAULT_NONE, VMM_ONLY, 2000, 1);

	ck_assert_uint_eq(f.failures, 1);
	ck_assert_str_eq(f.instr, "JRST1");
	ck_assert_uint_le(f.most_instructions, 10);
	ck_assert(f.reproduced);
	lab_close(&l);
}
END_TEST

START_TEST(sgdt_is_found_under_both)
{
	for (unsigned kinds = VMM_ONLY; kinds <= HYBRID_ONLY; kinds++) {
		struct lab l = lab_of("pg-sgdt");
		struct findings f = hunt(&l, FAULT_NONE, kinds, 2000, 1);

		ck_assert_uint_eq(f.failures, 1);
		ck_assert_uint_le(f.most_instructions, 10);
		ck_assert(f.reproduced);
		lab_close(&l);
	}
}
END_TEST

START_TEST(every_fault_is_found_and_made_small)
{
	struct lab l = lab_of("pg");
	struct findings f = hunt(&l, (enum fault)_i, 0, 3000, 1);

	ck_assert_msg(f.failures >= 1, "%s is not found", fault_name((enum fault)_i));
	ck_assert_msg(f.most_instructions <= 10, "%s: %u instructions", fault_name((enum fault)_i),
		      f.most_instructions);
	ck_assert_msg(f.reproduced, "%s does not reproduce", fault_name((enum fault)_i));
	lab_close(&l);
}
END_TEST

/* ---- the campaign ---- */

static bool same_guest(const struct fuzz_plan *p, const struct fuzz_guest *a,
		       const struct fuzz_guest *b)
{
	unsigned n = table_size(p->table);

	return a->size == b->size && memcmp(a->unit, b->unit, a->size * sizeof *a->unit) == 0 &&
	       memcmp(a->deposited, b->deposited, n * sizeof *a->deposited) == 0 &&
	       memcmp(a->value, b->value, n * sizeof *a->value) == 0;
}

START_TEST(a_guest_comes_from_its_number)
{
	struct lab l = lab_of("pg");
	char reason[256];
	struct fuzz_plan *p = fuzz_plan_new(l.isa, reason, sizeof reason);

	for (uint64_t number = 0; number < 50; number++) {
		struct fuzz_case a = fuzz_generate(p, 3, number, 0),
				 b = fuzz_generate(p, 3, number, 0);
		struct fuzz_case other = fuzz_generate(p, 3, number + 1, 0);

		ck_assert(same_guest(p, &a.guest, &b.guest));
		ck_assert_uint_eq(a.setting.seed, b.setting.seed);
		ck_assert(!same_guest(p, &a.guest, &other.guest));
		fuzz_case_free(&a);
		fuzz_case_free(&b);
		fuzz_case_free(&other);
	}
	fuzz_plan_free(p);
	lab_close(&l);
}
END_TEST

/* Where the new PSW comes from, on a machine of words and on one of bytes. */
START_TEST(the_cells_of_the_new_psw_are_found)
{
	static const struct {
		const char *machine, *reg;
		uint64_t address;
		unsigned shift;
	} expected[] = {
		{ "pg", "M", 8, 0 },	 { "pg", "P", 9, 0 },	{ "pg", "L", 10, 0 },
		{ "pg", "B", 11, 0 },	 { "pg", "IE", 12, 0 }, { "pg", "TIMER", 13, 0 },
		{ ODD, "M", 32, 24 },	 { ODD, "GO", 32, 16 }, { ODD, "P", 36, 0 },
		{ ODD, "TIMER", 52, 0 },
	};

	for (unsigned i = 0; i < sizeof expected / sizeof *expected; i++) {
		struct lab l = lab_of(expected[i].machine);
		char reason[256];
		struct fuzz_plan *p = fuzz_plan_new(l.isa, reason, sizeof reason);
		unsigned slot = isa_reg_named(l.isa, expected[i].reg)->slot, found = 0;

		for (unsigned j = 0; j < p->ncells; j++)
			found += p->cell[j].slot == slot &&
				 p->cell[j].address == expected[i].address &&
				 p->cell[j].shift == expected[i].shift;
		ck_assert_msg(found == 1, "%s of %s", expected[i].reg, l.isa->name);
		ck_assert_uint_eq(p->low, l.isa->unit == 8 ? 56 : 14);
		fuzz_plan_free(p);
		lab_close(&l);
	}
}
END_TEST

/* Guests do things: of what they can do, a campaign leaves nothing out. */
START_TEST(guests_execute_every_instruction_and_take_every_trap)
{
	struct lab l = lab_of("pg");
	char reason[256];
	struct fuzz_plan *p = fuzz_plan_new(l.isa, reason, sizeof reason);
	unsigned *ran = calloc(l.isa->ninstrs, sizeof *ran),
		 *raised = calloc(l.isa->ntraps, sizeof *raised);

	for (uint64_t number = 0; number < 400; number++) {
		struct fuzz_case c = fuzz_generate(p, 1, number, 0);
		struct fuzz_program program = fuzz_program_of(p, &c.guest);
		struct machine *m = lab_machine(&l, c.guest.size);
		struct view *v = &m->view[0];

		ck_assert(view_load(v, program.image, reason, sizeof reason));
		for (unsigned i = 0; i < 300 && v->cpu->status == CPU_RUNNING; i++) {
			uint64_t word, place;
			const struct isa_instr *instr =
				view_fetch(v, &word, &place) ? isa_decode(l.isa, word) : NULL;
			struct outcome o = view_step(v);

			if (o.trap.kind)
				raised[o.trap.kind->index]++;
			else if (instr)
				ran[instr->index]++;
		}
		machine_free(m);
		image_free(program.image);
		fuzz_case_free(&c);
	}
	for (unsigned i = 0; i < l.isa->ninstrs; i++) /* SVC only traps */
		ck_assert_msg(ran[i] || strcmp(l.isa->instr[i].name, "SVC") == 0,
			      "%s never completes", l.isa->instr[i].name);
	for (unsigned i = 0; i < l.isa->ntraps; i++)
		ck_assert_msg(raised[i], "trap %s is never raised", l.isa->trap[i].name);
	free(ran);
	free(raised);
	fuzz_plan_free(p);
	lab_close(&l);
}
END_TEST

START_TEST(a_campaign_in_parts_finds_the_same)
{
	struct lab l = lab_of("pg-sgdt");
	struct search s = { .found = { .lab = &l } };
	struct fuzz_callbacks callbacks = { .failed = note, .context = &s };
	struct fuzz_options options = { .isa = l.isa, .seed = 2, .count = 120 };
	struct fuzz_result whole, part, sum = { 0 };
	char reason[256];

	ck_assert(fuzz_run(&options, &callbacks, &whole, reason, sizeof reason));
	for (options.count = 30; options.first < 120; options.first += 30) {
		ck_assert(fuzz_run(&options, &callbacks, &part, reason, sizeof reason));
		sum.guests += part.guests;
		sum.steps += part.steps;
		sum.failures += part.failures;
	}
	ck_assert_uint_eq(sum.guests, 120);
	ck_assert_uint_eq(sum.steps, whole.steps);
	ck_assert_uint_eq(sum.failures, whole.failures);
	ck_assert_uint_gt(sum.failures, 0);
	lab_close(&l);
}
END_TEST

START_TEST(a_machine_that_no_monitor_takes_is_refused_with_the_reason)
{
	struct lab l =
		lab_of("machine bare { word 16; visible P : word role pc;\n"
		       "traps illegal = 0, memory = 1;\n"
		       "translate(a, access) { if (zext(a, 17) >= size) memtrap; return a; }\n"
		       "trapseq(kind, tpc, info) { phys[0] := tpc; P := phys[1]; }\n"
		       "format I { op:16 }\ninstr NOP I op=1 \"NOP\" { }\n}\n");
	struct fuzz_options options = { .isa = l.isa, .count = 1 };
	struct fuzz_callbacks callbacks = { .failed = note };
	struct fuzz_result result;
	char reason[256] = "";

	ck_assert(!fuzz_run(&options, &callbacks, &result, reason, sizeof reason));
	ck_assert_ptr_nonnull(strstr(reason, "no user mode"));
	lab_close(&l);
}
END_TEST

START_TEST(a_stopped_campaign_says_so)
{
	static volatile sig_atomic_t stop = 1;
	struct lab l = lab_of("pg");
	struct fuzz_options options = { .isa = l.isa, .count = 100, .stop = &stop };
	struct fuzz_callbacks callbacks = { .failed = note };
	struct fuzz_result result;
	char reason[256] = "";

	ck_assert(fuzz_run(&options, &callbacks, &result, reason, sizeof reason));
	ck_assert(result.stopped);
	ck_assert_uint_eq(result.guests, 0);
	lab_close(&l);
}
END_TEST

static Suite *suite(void)
{
	Suite *s = suite_create("fuzz");
	TCase *c = tcase_create("sound");

	tcase_add_loop_test(c, sound_monitors_pass, 0, 2);
	tcase_add_test(c, what_ticks_under_the_guest_is_the_guests);
	tcase_add_test(c, regions_are_where_the_base_register_reaches);
	tcase_add_test(c, the_hybrid_monitor_passes_on_jrst1);
	suite_add_tcase(s, c);
	c = tcase_create("found");
	tcase_add_test(c, jrst1_is_found_under_the_vmm);
	tcase_add_test(c, sgdt_is_found_under_both);
	tcase_add_loop_test(c, every_fault_is_found_and_made_small, FAULT_NONE + 1, FAULTS);
	suite_add_tcase(s, c);
	c = tcase_create("campaign");
	tcase_add_test(c, a_guest_comes_from_its_number);
	tcase_add_test(c, the_cells_of_the_new_psw_are_found);
	tcase_add_test(c, guests_execute_every_instruction_and_take_every_trap);
	tcase_add_test(c, a_campaign_in_parts_finds_the_same);
	tcase_add_test(c, a_machine_that_no_monitor_takes_is_refused_with_the_reason);
	tcase_add_test(c, a_stopped_campaign_says_so);
	suite_add_tcase(s, c);
	return s;
}

#include "tests/harness.h"
