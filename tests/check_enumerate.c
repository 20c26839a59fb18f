/*
 * The solver's answers held to account by exhaustion: on tiny machines with every pitfall,
 * and on random ones, classification by queries and by enumeration have to agree.
 */
#include "proofs/enumerate.h"
#include "tests/classify_rig.h"

/* ---- comparing ---- */

static int by_name(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static const char *describe_sorted(struct classification k)
{
	qsort(k.control.name, k.control.n, sizeof *k.control.name, by_name);
	qsort(k.behaviour.name, k.behaviour.n, sizeof *k.behaviour.name, by_name);
	return describe(&k);
}

static bool breaks(const struct classification *k)
{
	return k->breaks_theorem1 == ANSWER_YES || k->breaks_theorem3 == ANSWER_YES ||
	       (k->direct_vmm == ANSWER_YES && !k->time_only_vmm) ||
	       (k->direct_hybrid == ANSWER_YES && !k->time_only_hybrid);
}

/* The word that the solver found breaks something by itself. */
static void word_breaks(const struct lab *l, const struct classification *k,
			struct enumeration limits)
{
	struct isa_instr word = *k->instr;

	word.mask = isa_mask(l->isa->length * l->isa->unit);
	word.match = k->word;
	struct classification w = enumerate(l->isa, classifier_map(l->classifier), &word, limits);
	ck_assert_msg(breaks(&w), "%s: the word 0x%llx is harmless", word.name,
		      (unsigned long long)k->word);
}

static void compare(const struct lab *l, const struct isa_instr *instr, struct enumeration limits,
		    const char *what)
{
	struct classification e = enumerate(l->isa, classifier_map(l->classifier), instr, limits),
			      k = classify(l->classifier, instr);
	char text[512];

	snprintf(text, sizeof text, "%s", describe_sorted(e));
	ck_assert_msg(!strcmp(text, describe_sorted(k)) && e.executes_in_user == k.executes_in_user,
		      "%s\n%s enumerated: %s\nasked: %s", what, instr->name, text,
		      describe_sorted(k));
	if (breaks(&k))
		word_breaks(l, &k, limits);
}

static void compare_all(const struct lab *l, struct enumeration limits, const char *what)
{
	char reason[256] = "";

	ck_assert_msg(enumerate_fit(l->isa, reason, sizeof reason), "%s", reason);
	ck_assert(enumerate_lemma(l->isa, limits.size));
	ck_assert_int_eq(classifier_lemma(l->classifier), ANSWER_YES);
	for (unsigned i = 0; i < l->isa->ninstrs; i++)
		compare(l, &l->isa->instr[i], limits, what);
	ck_assert_uint_eq(smt_counts(l->smt).undecided, 0);
}

/* ---- written machines ---- */

static const struct written {
	const char *path, *map;
	uint64_t size; /* of storage; 0: all sizes */
} written[] = {
	{ "tests/proofs/tiny", NULL, 0 },
	{ "tests/proofs/tiny_reads", NULL, 6 },
	{ "tests/proofs/tiny_changes", "paper", 0 },
	{ "tests/proofs/tiny_changes", "mirrored", 5 },
	{ "tests/proofs/tiny_traps", NULL, 0 },
	{ "tests/proofs/tiny_modes", "compressed", 0 },
	{ "tests/proofs/tiny_modes", "flat", 0 },
	/* all that these instructions do shows in four words */
	{ "tests/proofs/tiny_word4", NULL, 4 },
};

START_TEST(solver_and_enumeration_agree)
{
	const struct written *w = &written[_i];
	struct lab l = lab_of(w->path, w->map);

	compare_all(&l, (struct enumeration){ .size = w->size, .seed = 1 }, w->path);
	lab_close(&l);
}
END_TEST

/* ---- random machines ---- */

struct author {
	FILE *f;
	uint64_t stream;
};

static unsigned pick(struct author *a, unsigned n)
{
	return (unsigned)(rig_random(&a->stream) >> 32) % n;
}

static void write_word(struct author *a, int depth);

static void write_condition(struct author *a, int depth)
{
	static const char *const simple[] = { "M == s", "M == u", "F == 1", "n == 1", "n == 0" };
	static const char *const comparison[] = { " == ", " < ", " != " };

	if (depth == 0 || pick(a, 2)) {
		fputs(simple[pick(a, 5)], a->f);
		return;
	}
	write_word(a, depth - 1);
	fputs(comparison[pick(a, 3)], a->f);
	write_word(a, depth - 1);
}

static void write_word(struct author *a, int depth)
{
	static const char *const simple[] = { "G[0]",	   "G[n]",    "G[0]",	  "G[n]",
					      "P",	   "zext(n)", "~G[n]",	  "G[1]",
					      "L",	   "B",	      "zext(M)",  "zext(F)",
					      "size[1:0]", "CLOCK",   "time[1:0]" };
	static const char *const operation[] = { " + ", " - ", " ^ ", " & " };
	unsigned kind = depth ? pick(a, 8) : 0;

	if (kind < 3) {
		fputs(simple[pick(a, pick(a, 2) ? 8 : 15)], a->f);
		return;
	}
	fputs(kind == 3 ? "mem[" : kind == 4 ? "phys[" : "(", a->f);
	if (kind == 5) {
		write_condition(a, depth - 1);
		fputs(" ? ", a->f);
	}
	write_word(a, depth - 1);
	if (kind >= 5) {
		fputs(kind == 5 ? " : " : operation[pick(a, 4)], a->f);
		write_word(a, depth - 1);
	}
	fputs(kind < 5 ? "]" : ")", a->f);
}

static void write_assignment(struct author *a, const char *target)
{
	fprintf(a->f, "%s := ", target);
	write_word(a, 2);
	fputs("; ", a->f);
}

static void write_store(struct author *a)
{
	fputs(pick(a, 2) ? "mem[" : "phys[", a->f);
	write_word(a, 1);
	write_assignment(a, "]");
}

static void write_trap(struct author *a)
{
	static const char *const phase[] = { "", " next", " complete" };

	fputs("trap svc(", a->f);
	write_word(a, 1);
	fprintf(a->f, ")%s; ", phase[pick(a, 3)]);
}

static void write_body(struct author *a, int depth);

static void write_if(struct author *a, int depth)
{
	fputs("if (", a->f);
	write_condition(a, 1);
	fputs(") { ", a->f);
	if (pick(a, 3))
		write_body(a, depth - 1);
	else
		write_trap(a);
	fputs("} ", a->f);
	if (pick(a, 2)) {
		fputs("else { ", a->f);
		write_body(a, depth - 1);
		fputs("} ", a->f);
	}
}

static void write_statement(struct author *a, int depth)
{
	static const char *const visible[] = { "G[0]", "G[n]", "P" };
	static const char *const control[] = { "L", "B", "CLOCK" };

	switch (pick(a, depth ? 12 : 8)) {
	case 0: write_store(a); break;
	case 1: write_assignment(a, control[pick(a, 3)]); break;
	case 2: fprintf(a->f, "M := %s; ", pick(a, 2) ? "s" : "G[0][0] == 1 ? u : s"); break;
	case 3: fputs("F := G[n][0]; ", a->f); break;
	case 4:
	case 5:
	case 6:
	case 7: write_assignment(a, visible[pick(a, 3)]); break;
	default: write_if(a, depth); break;
	}
}

static void write_body(struct author *a, int depth)
{
	if (pick(a, 8) == 0)
		fputs("privileged; ", a->f);
	for (unsigned n = 1 + pick(a, 2); n; n--)
		write_statement(a, depth);
}

static void write_machine(struct author *a, unsigned ninstrs)
{
	static const char *const map[] = { "F mirrored;",
					   "F virtual;",
					   "F := 1;",
					   "F := 0;",
					   "CLOCK mirrored;",
					   "F, CLOCK mirrored;",
					   "F mirrored; CLOCK := zext(F);",
					   "F := M == u;" };
	static const char *const trapseq[] = { "M := s; P := 0;", "M := phys[1][0]; P := phys[2];",
					       "if (F == 1) M := s; P := tpc;", "L := 0; M := s;",
					       "if (kind != 3) M := s; L := tpc; P := 0;" };

	fprintf(a->f,
		"machine random { word 2; enum Mode { s, u }\n"
		"control M : Mode role mode, L : word role base, B : word role bound, F : 1, CLOCK : word%s;\n"
		"visible P : word role pc, G[2] : word; user = M == u;\n"
		"traps illegal = 0, memory = 1, priv = 2, svc = 3;\n"
		"translate(a, access) { if (a >= B) memtrap; let p = zext(a, 3) + zext(L, 3);\n"
		"  if (p >= size) memtrap; return p[1:0]; }\n"
		"trapseq(kind, tpc, info) { %s }\n"
		"reset(size) { B := size[1:0]; }\n"
		"map m { M := u; %s }\n"
		"format I { op:3, n:1 }\n",
		pick(a, 2) ? " time" : "", trapseq[pick(a, 5)], map[pick(a, 8)]);
	for (unsigned i = 0; i < ninstrs; i++) {
		fprintf(a->f, "instr I%u I op=%u \"I%u {n}\" physical { ", i, i, i);
		write_body(a, 2);
		if (pick(a, 12) == 0)
			fputs(pick(a, 2) ? "halt; " : "if (n == 1) wait; ", a->f);
		fputs("}\n", a->f);
	}
	fputs("}\n", a->f);
}

enum { INSTRUCTIONS = 4 };

static void compare_random(uint64_t seed)
{
	char *text = NULL;
	size_t size = 0;
	struct author a = { open_memstream(&text, &size), seed };

	write_machine(&a, INSTRUCTIONS);
	fclose(a.f);
	struct lab l = lab_of_text(text);
	compare_all(&l, (struct enumeration){ .seed = seed }, text);
	lab_close(&l);
	free(text);
}

enum { MACHINES = 16 };

START_TEST(they_agree_on_random_machines)
{
	compare_random((uint64_t)_i);
}
END_TEST

/* ---- what cannot be enumerated ---- */

START_TEST(large_machines_are_refused)
{
	static const char *const paths[] = { "isa/machines/pg", "tests/proofs/moved",
					     "isa/machines/i8086" };
	static const char *const reasons[] = { "more than 4 bits", "more than 4 bits",
					       "no user mode" };
	struct diag_list *diags = diag_new();
	char full[1024], reason[256] = "";
	const char *top = getenv("TOP_SRCDIR");

	snprintf(full, sizeof full, "%s/%s.isa", top ? top : ".", paths[_i]);
	struct isa *isa = isa_load(diags, full);
	ck_assert_ptr_nonnull(isa);
	ck_assert(!enumerate_fit(isa, reason, sizeof reason));
	ck_assert_ptr_nonnull(strstr(reason, reasons[_i]));
	isa_free(isa);
	diag_free(diags);
}
END_TEST

START_TEST(a_search_that_is_given_up_says_no_to_nothing)
{
	struct diag_list *diags = diag_new();
	const char *top = getenv("TOP_SRCDIR");
	char full[1024];

	snprintf(full, sizeof full, "%s/tests/proofs/tiny.isa", top ? top : ".");
	struct isa *isa = isa_load(diags, full);
	ck_assert_ptr_nonnull(isa);
	struct classification k = enumerate(isa, &isa->map[0], isa_instr_named(isa, "LD"),
					    (struct enumeration){ .runs = 10 });
	ck_assert_int_eq(k.trapping, TRAPS_UNKNOWN);
	ck_assert_int_eq(k.control_sensitive, ANSWER_UNKNOWN);
	ck_assert_int_eq(k.breaks_theorem1, ANSWER_UNKNOWN);
	ck_assert_int_eq(k.direct_hybrid, ANSWER_UNKNOWN);
	isa_free(isa);
	diag_free(diags);
}
END_TEST

static Suite *suite(void)
{
	Suite *s = suite_create("enumerate");
	TCase *t = tcase_create("enumerate");
	const char *machines = getenv("RANDOM_MACHINES"); /* more of them, for a longer search */
	bool z3 = have("z3");

	tcase_set_timeout(t, 120);
	tcase_add_checked_fixture(t, set_up, tear_down);
	tcase_add_loop_test(t, large_machines_are_refused, 0, 3);
	tcase_add_test(t, a_search_that_is_given_up_says_no_to_nothing);
	add_if(z3, t, solver_and_enumeration_agree, (int)(sizeof written / sizeof *written));
	add_if(z3, t, they_agree_on_random_machines, machines ? atoi(machines) : MACHINES);
	suite_add_tcase(s, t);
	return s;
}

#include "tests/harness.h"
