/*
 * Direct execution on the guest's own registers (view_run_on): the same as on a real processor
 * that is loaded and saved at each resume, which is how the oracle runs guests.
 */
#include "tests/lab.h"

#include "machine/translator.h"

static const struct translator_options at_once = { .hot = 1 };

/*
 * A system that calls its user program again and again.  It adds up what the program finds in
 * the registers that are the monitor's, not its own.
 */
#define SYSTEM(program)                                                                            \
	".machine pg-sgdt\n.deposit G2, 300\n.org 8\n.word 0, handler, 0, 4096, 0, 0\n.org 16\n"   \
	"start: LPSW user(G0)\nuser: .word 1, code, 0, 4096, 1, 5000\n"                            \
	"handler: ADDI G2, G2, -1\nBEQ G2, G0, done\nLPSW user(G0)\ndone: HALT 0\n"               \
	"code: LA G3, 9(G0)\nagain: " program "ADDI G3, G3, -1\nBNE G3, G0, again\nSVC 1\n"

static const char *const programs[] = {
	SYSTEM("ADD G4, G4, G3\nXOR G5, G5, G4\n"),
	SYSTEM("SGR 200(G0)\nLD G6, 200(G0)\nADD G4, G4, G6\nLD G6, 201(G0)\nADD G5, G5, G6\n"),
	SYSTEM("SMSW G6\nADD G4, G4, G6\nADDI G7, G7, 2\nPOPF G7\n"),
	SYSTEM("ST G3, 200(G0)\nLD G5, 4095(G3)\nADD G4, G4, G5\n"), /* beyond its bound */
};

struct findings {
	uint64_t value[8];
	uint64_t time, steps, direct, exits;
	double translated; /* share */
};

static struct findings run(const char *program, const struct translator_options *options,
			   enum monitor_kind kind, uint64_t slice)
{
	static const char *const names[] = { "G2", "G3", "G4", "G5", "G6", "G7", "P", "M" };
	struct lab l = lab_of("pg-sgdt");
	struct findings f = { 0 };

	lab_assemble(&l, program);
	lab_start_on(&l, options,
		     &(struct monitor_options){ .kind = kind, .reserve = 64, .seed = 3 });
	while (lab_run(&l, slice) == slice)
		;
	ck_assert_int_eq(l.virtual->cpu->status, CPU_HALTED);
	for (unsigned i = 0; i < COUNT(names); i++)
		f.value[i] = lab_examine(l.virtual, names[i]);
	f.time = l.virtual->cpu->time;
	f.steps = l.virtual->cpu->steps;
	f.direct = vm_stats(l.vm)->direct;
	for (unsigned i = 0; i < l.isa->ntraps; i++)
		f.exits = f.exits * 31 + vm_stats(l.vm)->exits[i];
	if (options)
		f.translated = (double)translator_counts(l.real->translator).translated /
			       (double)(f.steps + 1);
	lab_close(&l);
	return f;
}

static void same(const struct findings *a, const struct findings *b)
{
	for (unsigned i = 0; i < COUNT(a->value); i++)
		ck_assert_uint_eq(a->value[i], b->value[i]);
	ck_assert_uint_eq(a->time, b->time);
	ck_assert_uint_eq(a->steps, b->steps);
	ck_assert_uint_eq(a->direct, b->direct);
	ck_assert_uint_eq(a->exits, b->exits);
}

START_TEST(a_guest_finds_what_it_finds_on_the_oracle)
{
	for (enum monitor_kind kind = MONITOR_VMM; kind <= MONITOR_HYBRID; kind++)
		for (uint64_t slice = 7; slice < 100000; slice = slice * 5 + 1) {
			struct findings oracle = run(programs[_i], NULL, kind, slice);
			struct findings direct = run(programs[_i], &at_once, kind, slice);

			same(&oracle, &direct);
			if (slice > 10000)
				ck_assert(direct.translated > 0.5);
		}
}
END_TEST

/* What stands in the real processor when nobody runs is f of the guest that ran last. */
START_TEST(the_real_registers_are_loaded_when_a_run_ends)
{
	struct lab l = lab_of("pg-sgdt");

	lab_assemble(&l, programs[0]);
	lab_start_on(&l, &at_once, &(struct monitor_options){ .reserve = 64, .seed = 3 });
	for (unsigned i = 0; i < 50; i++) {
		const struct view *real = &l.real->view[0];

		lab_run(&l, 101);
		ck_assert_uint_eq(lab_examine(real, "P"), lab_examine(l.virtual, "P"));
		ck_assert_uint_eq(lab_examine(real, "G3"), lab_examine(l.virtual, "G3"));
		ck_assert_uint_eq(lab_examine(real, "G4"), lab_examine(l.virtual, "G4"));
		ck_assert_uint_eq(lab_examine(real, "L"),
				  lab_examine(l.virtual, "L") + vm_base(l.vm));
		ck_assert_uint_eq(lab_examine(real, "M"), 1);
	}
	lab_close(&l);
}
END_TEST

static Suite *suite(void)
{
	Suite *s = suite_create("direct");
	TCase *c = tcase_create("direct");

	tcase_set_timeout(c, 60);
#ifdef __x86_64__
	tcase_add_loop_test(c, a_guest_finds_what_it_finds_on_the_oracle, 0, COUNT(programs));
	tcase_add_test(c, the_real_registers_are_loaded_when_a_run_ends);
#endif
	suite_add_tcase(s, c);
	return s;
}

#include "tests/harness.h"
