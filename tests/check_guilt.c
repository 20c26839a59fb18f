/*
 * Bad words: what is said of an instruction's words together, held against each word asked about by
 * itself.
 */
#include "proofs/guilt.h"
#include "proofs/mapping.h"
#include "tests/classify_rig.h"

static const struct {
	const char *instr, *condition; /* NULL: there are several that say the same */
	bool exact;
} cases[] = {
	{ "EACH", "", true },
	{ "ONE", "a == 1", true },
	{ "BOTH", "a == 1 && w == 5", true },
	{ "EITHER", NULL, true },
	{ "BUT", NULL, true },
	{ "CHOICE", NULL, true },
	{ "RANGE", NULL, true },
	{ "TRAPS", "a == 0 && w != 0", true },
	{ "STORE", "a == 1", true },
	{ "PARITY", NULL, false }, /* 16 cases */
};

/* The instruction with that one word. */
static bool is_bad(struct lab *l, const struct isa_instr *instr, uint64_t word)
{
	struct isa_instr some = *instr;

	some.mask = isa_mask(l->isa->length * l->isa->unit);
	some.match = word;
	return instruction_met(l->classifier, &some, 1) != ANSWER_YES;
}

/* a and w stand in bits 23 to 18. */
static uint64_t word_of(const struct isa_instr *instr, unsigned n)
{
	return instr->match | (uint64_t)n << 18;
}

static struct guilt guilt_in(struct lab *l, const struct isa_instr *instr)
{
	struct classification k = classify(l->classifier, instr);

	ck_assert(breaks_theorem(&k, 1));
	return guilt_of(l->classifier, &k);
}

START_TEST(each_word_is_what_is_said_of_them_all)
{
	struct lab l = lab_of("tests/proofs/guilty", NULL);
	const struct isa_instr *instr = isa_instr_named(l.isa, cases[_i].instr);
	struct guilt g = guilt_in(&l, instr);
	char *condition = guilt_condition(&g);

	ck_assert_int_eq(g.exact, cases[_i].exact);
	if (cases[_i].condition)
		ck_assert_str_eq(condition, cases[_i].condition);
	for (unsigned n = 0; n < 64; n++) {
		bool bad = is_bad(&l, instr, word_of(instr, n)),
		     said = guilt_has(&g, word_of(instr, n));
		ck_assert_msg(g.exact ? bad == said : !bad || said, "%s, %u: %d, said: %d",
			      instr->name, n, bad, said);
	}
	free(condition);
	lab_close(&l);
}
END_TEST

START_TEST(an_address_may_be_out_of_reach)
{
	struct lab l = lab_of("isa/machines/pg-sgdt", NULL);
	const struct isa_instr *sgr = isa_instr_named(l.isa, "SGR");
	struct guilt g = guilt_in(&l, sgr);

	/* SGR stores two words: without a register, -1 and -2 reach the end of all storage */
	ck_assert(g.exact);
	ck_assert(!guilt_has(&g, sgr->match | 0xffff) && !guilt_has(&g, sgr->match | 0xfffe));
	ck_assert(guilt_has(&g, sgr->match | 0xfffd) && guilt_has(&g, sgr->match | 0x7fff));
	ck_assert(guilt_has(&g, sgr->match | 0x1ffff));
	lab_close(&l);
}
END_TEST

static Suite *suite(void)
{
	Suite *s = suite_create("guilt");
	TCase *t = tcase_create("guilt");
	bool z3 = have("z3");

	tcase_set_timeout(t, 240);
	tcase_add_checked_fixture(t, set_up, tear_down);
	add_if(z3, t, each_word_is_what_is_said_of_them_all, (int)(sizeof cases / sizeof *cases));
	add_if(z3, t, an_address_may_be_out_of_reach, 1);
	suite_add_tcase(s, t);
	return s;
}

#include "tests/harness.h"
