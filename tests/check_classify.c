/*
 * Classification: instructions on which classifiers go wrong, each held to what it is, and
 * confirmed by a witness on the oracle.
 */
#include "proofs/witness.h"
#include "tests/classify_rig.h"

struct expectation {
	const char *path, *map, *instr, *text;
};

/* Sensitive in user mode and unprivileged: all goes wrong. */
#define WRONG		"; breaks 1; breaks 3; vmm differs; hybrid differs"
#define WRONG_CONTROL	"; user control" WRONG
#define WRONG_BEHAVIOUR "; user behaviour" WRONG
/* In supervisor mode only. */
#define WRONG_1		"; breaks 1; vmm differs"

#define PITFALLS "tests/proofs/pitfalls", NULL
static const struct expectation pitfalls[] = {
	{ PITFALLS, "LDI", "runs" },
	{ PITFALLS, "ADD", "runs" },
	{ PITFALLS, "LD", "runs" },
	{ PITFALLS, "ST", "runs" },
	{ PITFALLS, "BR", "runs" },
	{ PITFALLS, "SVC", "always traps" },
	{ PITFALLS, "LRB", "privileged; control relocation" },
	{ PITFALLS, "HALT", "privileged; control halt" },
	{ PITFALLS, "SMODE", "runs; behaviour mode; user, literally" WRONG_1 },
	{ PITFALLS, "GETB", "runs; behaviour bound" WRONG_BEHAVIOUR },
	{ PITFALLS, "GETL", "runs; behaviour location" WRONG_BEHAVIOUR },
	{ PITFALLS, "GETQ", "runs; behaviour size" WRONG_BEHAVIOUR },
	{ PITFALLS, "LDPAST",
	  "runs; behaviour location,bound,storage outside; trap; user behaviour; user trap" WRONG },
	{ PITFALLS, "LPHY",
	  "runs; behaviour location,storage outside; trap; user behaviour; user trap" WRONG },
	{ PITFALLS, "GETT",
	  "runs; behaviour time; user behaviour; vmm differs in time; "
	  "hybrid differs in time" },
	{ PITFALLS, "GETC",
	  "runs; behaviour time; user behaviour; vmm differs in time; "
	  "hybrid differs in time" },
	{ PITFALLS, "GETCM",
	  "runs; behaviour mode,time; user behaviour; breaks 1; vmm differs; "
	  "hybrid differs in time" },
	{ PITFALLS, "GETID", "runs" },
	{ PITFALLS, "ANYTHING", "runs; behaviour mode; user, literally" WRONG_1 },
	{ PITFALLS, "GETL0", "runs" },
	{ PITFALLS, "STPAST",
	  "runs; control storage outside; trap; user control; user trap" WRONG },
	{ PITFALLS, "SAMEL", "runs" },
	{ PITFALLS, "SMODES", "runs; control mode" WRONG_1 },
	{ PITFALLS, "SETC", "runs; control CLOCK" WRONG_CONTROL },
	{ PITFALLS, "UHALT", "runs; control halt" WRONG_CONTROL },
	{ PITFALLS, "UWAIT", "runs; control wait" WRONG_CONTROL },
	{ PITFALLS, "LRBSAME", "traps conditionally; control relocation; trap; user trap" WRONG },
	{ PITFALLS, "TRAP0", "traps conditionally; trap; user trap" WRONG },
	{ PITFALLS, "STRAP", "runs; trap" WRONG_1 },
	{ PITFALLS, "DIVT", "traps conditionally" },
	{ PITFALLS, "LPSWX", "traps in user mode; control mode" },
	{ PITFALLS, "MEMPRIV", "privileged; control relocation" },
	{ PITFALLS, "NEVER", "always traps" },
	{ PITFALLS, "SEIZE", "runs; control mode; trap; user control" WRONG },
	{ PITFALLS, "TSTEP", "always traps" },
	{ PITFALLS, "TSTEPM", "runs; trap" WRONG_1 },
	{ PITFALLS, "TINFO", "always traps; trap" WRONG_1 },
	{ PITFALLS, "TSEIZE", "always traps; control mode" WRONG_CONTROL },
	{ PITFALLS, "TMODE", "always traps" },
	{ PITFALLS, "FUNC", "runs; behaviour location" WRONG_BEHAVIOUR },
	{ PITFALLS, "FPRIV", "traps conditionally; behaviour location" },
};

#define MOVED	"tests/proofs/moved", NULL
#define VECTORS "tests/proofs/vectors", NULL
#define MIDDLE	"tests/proofs/middle", "compressed"
#define MAPPED	"tests/proofs/mapped"
static const struct expectation others[] = {
	{ MOVED, "ADD", "runs" },
	{ MOVED, "LD", "runs" },
	{ MOVED, "ST", "runs" },
	{ MOVED, "RESET", "privileged; control outside" },
	{ MOVED, "LRBLD", "privileged; control relocation" },
	{ MOVED, "PEEK",
	  "runs; behaviour location,storage outside; trap; user behaviour; user trap" WRONG },
	{ MOVED, "POKE", "runs; control storage outside; trap; user control; user trap" WRONG },
	{ MOVED, "LDB", "runs" },
	/* the bound register may exceed storage, but never the real one in a virtual machine */
	{ MOVED, "STPHY",
	  "runs; control storage outside; trap; user control; user trap; breaks 1; "
	  "breaks 3" },
	{ MOVED, "GETO", "runs; behaviour outside" WRONG_BEHAVIOUR },

	{ VECTORS, "ADD", "runs" },
	{ VECTORS, "LB", "privileged; control relocation" },
	{ VECTORS, "WPTBR", "privileged; control PTBR" },
	{ VECTORS, "RPTBR", "privileged; behaviour PTBR" },
	{ VECTORS, "MRET", "runs; control mode; behaviour mode,MEPC; user, literally" WRONG_1 },
	{ VECTORS, "MRETP", "privileged; control mode; behaviour MEPC" },
	{ VECTORS, "INVLPG", "runs; control TLBASID" WRONG_CONTROL },

	{ MIDDLE, "ADD", "runs" },
	{ MIDDLE, "CHMK", "always traps" },
	{ MIDDLE, "CHME", "runs; control mode,trap" WRONG_CONTROL },
	{ MIDDLE, "CHMS", "runs; control mode,trap" WRONG_CONTROL },
	{ MIDDLE, "CHMU", "runs; control trap" WRONG_CONTROL },
	{ MIDDLE, "CALL", "traps in user mode; control mode,trap; user control" },
	{ MIDDLE, "VECT", "always traps" },
	{ MIDDLE, "CHMED", "runs; control mode,trap" WRONG_CONTROL },
	{ MIDDLE, "MOVPSL", "runs; behaviour mode,PREV" WRONG_BEHAVIOUR },
	{ MIDDLE, "LPCTX", "privileged; control SCBB" },
	{ MIDDLE, "PROBE", "runs; behaviour mode,PREV" WRONG_BEHAVIOUR },
	{ MIDDLE, "EPRIV", "traps conditionally; trap; user trap" },
	{ "tests/proofs/middle", "flat", "EPRIV", "traps in user mode" },
	{ "tests/proofs/middle", "flat", "CHME", "runs; control mode,trap" WRONG_CONTROL },

	{ MAPPED, "mirrored", "SETF", "runs; control F; user control; breaks 1; breaks 3" },
	{ MAPPED, "mirrored", "GETF",
	  "traps conditionally; behaviour F; trap; user behaviour; user trap" },
	{ MAPPED, "derived", "SETF", "runs; control F" WRONG_CONTROL },
	{ MAPPED, "derived", "GETF",
	  "traps conditionally; behaviour F; trap; user behaviour; user trap" WRONG },
	{ MAPPED, "apart", "GETF",
	  "traps conditionally; behaviour F; trap; user behaviour; user trap" WRONG },
	{ MAPPED, "closed", "GETF", "traps in user mode; behaviour F; user behaviour" },
};

#define PAGES "tests/proofs/abstract", "paper"
#define KEPT  "tests/proofs/abstract", "mirror"
#define R3000 "isa/machines/mipscp0", NULL
static const struct expectation translated[] = {
	{ PAGES, "ADD", "runs" },
	{ PAGES, "LOAD", "runs" },
	{ PAGES, "STORE", "runs" },
	{ PAGES, "MOVE", "runs" },
	{ PAGES, "SETP", "privileged; control PAGE" },
	{ PAGES, "SVC", "always traps" },
	{ PAGES, "PEEK", "privileged; behaviour location,storage outside,PAGE" },
	{ PAGES, "RFI", "privileged; control mode; behaviour OLDP" },
	{ PAGES, "RASID", "runs; behaviour ASID" WRONG_BEHAVIOUR },
	{ PAGES, "WASID", "runs; control ASID" WRONG_CONTROL },
	{ PAGES, "PROBE", "runs; behaviour PAGE" WRONG_BEHAVIOUR },
	{ PAGES, "FLUSH", "runs; control PAGE" WRONG_CONTROL },
	{ PAGES, "LOOK",
	  "runs; behaviour location,storage outside,PAGE; trap; user behaviour; user trap" WRONG },
	{ PAGES, "POKE",
	  "runs; control storage outside; behaviour location,PAGE; trap; "
	  "user control; user behaviour; user trap" WRONG },
	{ PAGES, "RMODE", "runs; behaviour mode; user, literally" WRONG_1 },
	{ PAGES, "DROP", "runs; behaviour mode; user, literally" WRONG_1 },
	{ PAGES, "LOADU", "runs; trap" WRONG_1 },
	{ PAGES, "WKEY", "runs; control KEY" WRONG_CONTROL },
	{ PAGES, "HIT", "runs; behaviour PAGE" WRONG_BEHAVIOUR },
	{ PAGES, "SWITCH",
	  "runs; control PAGE; behaviour location,storage outside,PAGE; trap; "
	  "user control; user behaviour; user trap" WRONG },
	{ KEPT, "RASID", "runs; behaviour ASID; user behaviour" },
	{ KEPT, "WKEY", "runs; control KEY; user control; breaks 1; breaks 3" },
	{ R3000, "LW", "runs" },
	{ R3000, "BEQ", "runs" },
	{ R3000, "MFC0",
	  "traps in user mode; behaviour mode,device,time,STATUS,CAUSE,EPC,BADVADDR,"
	  "CONTEXT,INDEX,ENTRYHI,ENTRYLO; user behaviour" },
	{ R3000, "TLBWI", "traps in user mode; control TLB; user control" },
};

/* Both monitors' violations are found again in small states, on the oracle. */
static void confirm(const struct lab *l, const struct classification *k)
{
	for (int hybrid = 0; hybrid < 2; hybrid++) {
		if ((hybrid ? k->direct_hybrid : k->direct_vmm) != ANSWER_YES)
			continue;
		struct witness w = witness_find(l->classifier, k->instr, hybrid);
		ck_assert_msg(w.found == ANSWER_YES && w.replayed, "%s: found %d, replayed %d",
			      k->instr->name, w.found, w.replayed);
		ck_assert_ptr_eq(isa_decode(l->isa, w.word), k->instr);
		witness_free(&w);
	}
}

static void expect(const struct expectation *e)
{
	struct lab l = lab_of(e->path, e->map);
	const struct isa_instr *instr = isa_instr_named(l.isa, e->instr);

	ck_assert_msg(instr != NULL, "no %s", e->instr);
	struct classification k = classify(l.classifier, instr);
	ck_assert_str_eq(describe(&k), e->text);
	ck_assert_ptr_eq(isa_decode(l.isa, k.word), instr);
	confirm(&l, &k);
	lab_close(&l);
}

START_TEST(each_pitfall_is_classified_rightly)
{
	expect(&pitfalls[_i]);
}
END_TEST

START_TEST(so_are_other_vectors)
{
	expect(&others[_i]);
}
END_TEST

START_TEST(so_are_those_of_machines_with_abstract_translation)
{
	expect(&translated[_i]);
}
END_TEST

START_TEST(the_word_that_breaks_has_the_bad_function_code)
{
	struct lab l = lab_of("tests/proofs/pitfalls", NULL);
	const struct isa_instr *instr = isa_instr_named(l.isa, "FUNC");
	struct classification k = classify(l.classifier, instr);

	ck_assert_uint_eq(isa_field_of(&instr->format->field[1], k.word), 5);
	lab_close(&l);
}
END_TEST

/* Every instruction of a description has its line here. */
static void complete(const struct expectation *e, unsigned n, const char *path)
{
	struct diag_list *diags = diag_new();
	const char *top = getenv("TOP_SRCDIR");
	char full[1024];

	snprintf(full, sizeof full, "%s/%s.isa", top ? top : ".", path);
	struct isa *isa = isa_load(diags, full);
	ck_assert_ptr_nonnull(isa);
	for (unsigned i = 0; i < isa->ninstrs; i++) {
		bool found = false;
		for (unsigned j = 0; j < n; j++)
			found |=
				!strcmp(e[j].path, path) && !strcmp(e[j].instr, isa->instr[i].name);
		ck_assert_msg(found, "%s is not tested", isa->instr[i].name);
	}
	isa_free(isa);
	diag_free(diags);
}

enum {
	NPITFALLS = sizeof pitfalls / sizeof *pitfalls,
	NOTHERS = sizeof others / sizeof *others,
	NTRANSLATED = sizeof translated / sizeof *translated
};

START_TEST(no_instruction_is_left_out)
{
	complete(pitfalls, NPITFALLS, "tests/proofs/pitfalls");
	complete(others, NOTHERS, "tests/proofs/moved");
	complete(others, NOTHERS, "tests/proofs/vectors");
	complete(others, NOTHERS, "tests/proofs/middle");
	complete(translated, NTRANSLATED, "tests/proofs/abstract");
}
END_TEST

static Suite *suite(void)
{
	Suite *s = suite_create("classify");
	TCase *t = tcase_create("instructions");
	bool z3 = have("z3");

	tcase_set_timeout(t, 120);
	tcase_add_checked_fixture(t, set_up, tear_down);
	tcase_add_test(t, no_instruction_is_left_out);
	add_if(z3, t, each_pitfall_is_classified_rightly, NPITFALLS);
	add_if(z3, t, so_are_other_vectors, NOTHERS);
	add_if(z3, t, so_are_those_of_machines_with_abstract_translation, NTRANSLATED);
	add_if(z3, t, the_word_that_breaks_has_the_bad_function_code, 1);
	suite_add_tcase(s, t);
	return s;
}

#include "tests/harness.h"
