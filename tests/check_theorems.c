/*
 * The theorems: the lemmas that verdicts rest on, and the verdicts of the pg machines,
 * instruction by instruction.
 */
#include "tests/classify_rig.h"

/* ---- the lemmas ---- */

static const char *const without_lemma[] = {
	"last_address", "supervisor", "wraps", "other_trap", "operand", "read_only", "page",
};

START_TEST(other_translations_have_no_lemma)
{
	char path[64];

	snprintf(path, sizeof path, "tests/proofs/lemma_%s", without_lemma[_i]);
	struct lab l = lab_of(path, NULL);
	ck_assert_int_eq(classifier_lemma(l.classifier), ANSWER_NO);
	lab_close(&l);
}
END_TEST

START_TEST(base_and_bounds_in_other_words_has_it)
{
	struct lab l = lab_of("tests/proofs/lemma_holds", "paper");

	ck_assert_int_eq(classifier_lemma(l.classifier), ANSWER_YES);
	ck_assert_int_eq(classifier_composition(l.classifier), ANSWER_YES);
	lab_close(&l);
}
END_TEST

START_TEST(a_map_that_does_not_compose_has_no_composition)
{
	struct lab l = lab_of("tests/proofs/lemma_holds", "fixed");

	ck_assert_int_eq(classifier_lemma(l.classifier), ANSWER_YES);
	ck_assert_int_eq(classifier_composition(l.classifier), ANSWER_NO);
	lab_close(&l);
}
END_TEST

/* A machine relocated by base and bounds composes under the map; or not, for this reason. */
static void expect_composition(const char *items, const char *map, const char *trapped,
			       const char *reason)
{
	char text[2048];

	snprintf(text, sizeof text,
		 "machine relocated \"\" { word 8; %s\n"
		 "control L : 8 role base, B : 8 role bound; visible P : 8 role pc, A : 8;\n"
		 "translate(a, access) { let p = zext(a, 9) + zext(L, 9);\n"
		 "if (a >= B || p >= size) memtrap; return p[7:0]; }\n"
		 "trapseq(k, t, i) { %s P := 0; } map m { %s L, B composed; }\n"
		 "format F { op : 16 } instr NOP F op=0 \"nop\" { A := A; } }",
		 items, trapped, map);
	struct lab l = lab_of_text(text);
	ck_assert_int_eq(classifier_composition(l.classifier), reason ? ANSWER_NO : ANSWER_YES);
	if (reason)
		ck_assert_ptr_nonnull(strstr(classifier_reason(l.classifier), reason));
	lab_close(&l);
}

/* The order of bytes is the virtual machine's, or instructions are fetched that are not there. */
static const struct {
	const char *endian, *map, *reason; /* NULL: it is */
} orders[] = {
	{ "BE", "BE mirrored;", NULL },		{ "BE", "BE virtual;", "order of bytes" },
	{ "BE", "BE := 1;", "order of bytes" }, { "BE ^ M", "BE mirrored;", "order of bytes" },
	{ "BE & M & ~M", "BE virtual;", NULL },
};

START_TEST(the_order_of_bytes_is_kept)
{
	char items[256], map[256];

	snprintf(items, sizeof items,
		 "addressing byte endian(%s); control M : 1 role mode, BE : 1; user = M;",
		 orders[_i].endian);
	snprintf(map, sizeof map, "M := 1; %s", orders[_i].map);
	expect_composition(items, map, "M := 0;", orders[_i].reason);
}
END_TEST

/* What the checker of descriptions does not see: too many values to try them, or an array. */
static const struct {
	const char *user, *map, *reason; /* NULL: it does */
} user_maps[] = {
	{ "PSW[20] == 1", "", NULL },
	{ "PSW[20] == 1", "PSW := PSW | 0x100000;", NULL },
	{ "PSW != 0xfeedf00d", "PSW := PSW * 3 + 1;", "user mode" },
	{ "PSW[20] == 1 && KEY[0] == 0", "PSW := 0x100000;", "user mode" },
};

START_TEST(the_real_machine_stays_in_user_mode)
{
	char items[256];

	snprintf(items, sizeof items, "control PSW : 32, KEY[2] : 1; user = %s;",
		 user_maps[_i].user);
	expect_composition(items, user_maps[_i].map, "PSW := 0;", user_maps[_i].reason);
}
END_TEST

/* What time does to the real machine, a monitor hears of only where it traps. */
static const struct {
	const char *clock, *map, *reason; /* NULL: f survives */
} clocks[] = {
	{ "tick() { A := A + 1; C := C + 1; }", "", NULL },
	{ "tick() { if (M) A := A + 1; }", "", "leave in A" },
	{ "tick() { N[A[1:0]] := C; }", "", "leave in N" },
	{ "tick() { C := C + 1; if (C == 0) M := 0; }", "", "leave in M" },
	{ "tick() { C := C + 1; if (C == 0) { M := 0; trap timer complete; } }", "", NULL },
	{ "tick() { C := C + 1; if (C == 0) trap inner complete; }", "", "no monitor hears" },
	{ "tick() { C := C + 1; if (C == 0) trap inner complete; }", "C mirrored;",
	  "no monitor hears" },
	{ "tick() { if (C != 0) trap inner complete; }", "C := 0;", NULL },
	{ "tick() { C := C + 1; }", "C := 0;", "leave in C" },
	{ "tick() { C := C + 1; }", "C mirrored;", NULL },
	{ "tick() { C := zext(M); }", "C mirrored;", "leave in C" },
	{ "tick() { if (C == 0) L := 0; }", "", "leave in L" },
	{ "tick() { A := time[7:0]; }", "", "leave in A" },
	{ "tick() { if (!M) C := C + 1; }", "C := 0; D := 1;", NULL },
	{ "tick() { if (!M) C := C + 1; }", "C := 0; D := C | D;", "leave in D" },
	{ "tick() { A := A + 1; if (A == 5) trap timer complete; }", "", "acts by A" },
	{ "tick() { if (A != 0) A := A - 1; }", "", NULL },
	{ "tick() { if (A != 0) { A := A - 1; if (A == 0) C := 1; } }", "", "acts by A" },
	{ "tick() { C := C + 1; if (C == 5) trap timer complete; }\n"
	  "instr SETC F op=2 \"setc\" { C := A; }",
	  "C mirrored;", "acts by C" },
	{ "tick() { C := C + 1; if (C == 5) trap timer complete; }\n"
	  "instr SETC F op=2 \"setc\" { privileged; C := A; }",
	  "C mirrored;", NULL },
	{ "tick() { C := C + 1; }\n"
	  "instr SETC F op=2 \"setc\" { C := A; }",
	  "C mirrored;", NULL },
	{ "tick() { A := unspecified(8); }", "", "leave in A" },
	{ "interrupt(n) { C := n; trap timer complete; }", "", NULL },
	{ "interrupt(n) { A := n; trap timer complete; }", "", "leave in A" },
	{ "interrupt(n) { if (n != 3) A := n; trap timer complete; }", "", NULL },
	{ "interrupt(n) { trap inner complete; }", "", "interrupt of the real machine can trap" },
	{ "interrupt(n) { C := 1; }", "C := 0;", "leave in C" },
};

START_TEST(time_leaves_the_image)
{
	char items[512], map[256];

	snprintf(items, sizeof items,
		 "control M : 1 role mode, C : 8, D : 8; visible N[4] : 8; user = M;\n"
		 "traps timer = 2, inner = 3, priv = 4; device CON : console(line = 3); %s",
		 clocks[_i].clock);
	snprintf(map, sizeof map, "M := 1; %s", clocks[_i].map);
	expect_composition(items, map, "if (k != inner) M := 0;", clocks[_i].reason);
}
END_TEST

/* An enumerated type's members are all that a register holds only where nothing loads another. */
static const struct {
	const char *code;
	enum answer breaks;
} members[] = {
	{ "", ANSWER_NO },
	{ "instr SETM F op=2 \"setm\" { privileged; M := A[1:0]; }", ANSWER_YES },
	{ "instr SETM F op=2 \"setm\" { privileged; if (A[1:0] < 3) M := A[1:0]; }", ANSWER_NO },
	{ "instr SETX F op=2 \"setx\" { privileged; X := A[1:0]; }\n"
	  "instr RFI F op=3 \"rfi\" { privileged; M := X; }",
	  ANSWER_YES },
	{ "instr RFI F op=3 \"rfi\" { privileged; M := X; }", ANSWER_NO },
	{ "override trapseq(k, t, i) { M := phys[0][1:0]; P := 0; }", ANSWER_YES },
	{ "override trapseq(k, t, i) { M := k[1:0]; P := 0; }", ANSWER_NO },
	{ "traps three = 3; override trapseq(k, t, i) { M := k[1:0]; P := 0; }", ANSWER_YES },
	{ "tick() { M := M + 1; }", ANSWER_YES },
	{ "override reset(size) { M := 3; }", ANSWER_YES },
};

START_TEST(registers_hold_members_where_that_is_shown)
{
	char text[2048];

	snprintf(
		text, sizeof text,
		"machine members \"\" { word 8; enum Mode { s, e, u } control M : Mode role mode,\n"
		"X : Mode, L : 8 role base, B : 8 role bound; visible P : 8 role pc, A : 8;\n"
		"user = M != s; map m { M := u; L, B composed; } traps illegal = 0, memory = 1, priv = 2;\n"
		"translate(a, access) { let p = zext(a, 9) + zext(L, 9);\n"
		"if (a >= B || p >= size) memtrap; return p[7:0]; }\n"
		"trapseq(k, t, i) { M := s; P := 0; } reset(size) { M := s; B := size[7:0]; }\n"
		"format F { op : 8 } instr BAD F op=1 \"bad\" { if (M == 3) A := 1; }\n%s }",
		members[_i].code);
	struct lab l = lab_of_text(text);
	struct classification k = classify(l.classifier, isa_instr_named(l.isa, "BAD"));
	ck_assert_int_eq(k.breaks_theorem1, members[_i].breaks);
	ck_assert_int_eq(k.direct_vmm, members[_i].breaks);
	lab_close(&l);
}
END_TEST

/* What the trap sequence leaves open has nothing to do with what the instruction does: the trap
 * may lead into the middle mode, where no monitor hears of it. */
START_TEST(what_is_open_in_two_places_is_open_twice)
{
	static const char text[] =
		"machine open \"\" { word 8; enum Mode { k, m, u, v } control M : Mode role mode,\n"
		"L : 8 role base, B : 8 role bound; visible P : 8 role pc; user = M != k;\n"
		"map paper { M := u; L, B composed; } traps illegal = 0, memory = 1, step = 2;\n"
		"translate(a, access) { let p = zext(a, 9) + zext(L, 9);\n"
		"if (a >= B || p >= size) memtrap; return p[7:0]; }\n"
		"trapseq(c, t, i) { let x = unspecified(1); M := c == step && x == 0 ? m : k; P := 0; }\n"
		"format F { op : 8 } instr TU F op=1 \"tu\" { if (unspecified(1) == 1) trap step; } }";
	struct lab l = lab_of_text(text);
	struct classification k = classify(l.classifier, isa_instr_named(l.isa, "TU"));

	ck_assert_int_eq(k.direct_vmm, ANSWER_YES);
	ck_assert_int_eq(k.controlled_vmm, ANSWER_NO);
	lab_close(&l);
}
END_TEST

/* ---- abstract translation ---- */

static const char machine_start[] =
	"machine pages \"\" { word 8; addressing byte big; abstract translation;\n"
	"enum Mode { s, u, m }\n"
	"control M : Mode role mode, FRAME : 4; visible P : 8 role pc, A : 8;\n"
	"user = M != s; traps memory = 0, illegal = 1, gone = 2;\n"
	"format F { op : 8 } instr NOP F op=0 \"nop\" { A := A; }\n";

static const struct {
	const char *code, *reason; /* NULL: the lemma holds */
} translations[] = {
	{ "translate(a, access) { if (access == write && M == u) trap gone(1);\n"
	  "return {FRAME, a[3:0]}; } trapseq(k, t, i) { M := s; P := 0; }",
	  NULL },
	{ "translate(a, access) { return access == fetch ? a : {FRAME, a[3:0]}; }\n"
	  "trapseq(k, t, i) { M := s; P := 0; }",
	  "puts one address at different places" },
	{ "translate(a, access) { return {FRAME, a[3:0]} + A; } trapseq(k, t, i) { M := s; P := 0; }",
	  "reads what programs see" },
	{ "translate(a, access) { if (a[7]) trap gone(a); return {FRAME, a[3:0]}; }\n"
	  "trapseq(k, t, i) { M := k == gone ? m : s; P := 0; }",
	  "by a trap that no monitor sees" },
};

START_TEST(abstract_translation_has_a_lemma_of_its_own)
{
	char text[2048];

	snprintf(text, sizeof text, "%smap ring { M := u; } %s }", machine_start,
		 translations[_i].code);
	struct lab l = lab_of_text(text);
	ck_assert_int_eq(classifier_lemma(l.classifier),
			 translations[_i].reason ? ANSWER_NO : ANSWER_YES);
	if (translations[_i].reason)
		ck_assert_ptr_nonnull(
			strstr(classifier_reason(l.classifier), translations[_i].reason));
	lab_close(&l);
}
END_TEST

/* Where user mode reaches storage by no translation of the monitor's, it cannot be withheld. */
static const struct {
	const char *map; /* of the frame; "": it is the monitor's own */
	const char *code;
	enum answer withheld, reaches;
} shadows[] = {
	{ "", "if (FRAME == 0) memtrap(a); return {FRAME, a[3:0]};", ANSWER_YES, ANSWER_YES },
	{ "FRAME mirrored;", "if (FRAME == 0) memtrap(a); return {FRAME, a[3:0]};", ANSWER_NO,
	  ANSWER_YES },
	{ "FRAME := 0;", "if (FRAME == 0) memtrap(a); return {FRAME, a[3:0]};", ANSWER_YES,
	  ANSWER_NO },
	{ "", "let e = phys[{FRAME, a[7:4]}]; if (!e[7]) memtrap(a); return {e[3:0], a[3:0]};",
	  ANSWER_YES, ANSWER_YES },
	{ "",
	  "if (M == s) return a; let e = phys[{FRAME, a[7:4]}]; if (!e[7]) memtrap(a);\n"
	  "return {e[3:0], a[3:0]};",
	  ANSWER_YES, ANSWER_YES },
	{ "",
	  "if (M == s) return a; let e = phys[{FRAME, a[7:4]}]; if (a[7] || !e[7]) memtrap(a);\n"
	  "return {e[3:0], a[3:0]};",
	  ANSWER_YES, ANSWER_NO },
	{ "",
	  "let e = phys[zext(a[7:4])]; if (a[7]) return a; if (!e[7]) memtrap(a);\n"
	  "return {e[3:0], a[3:0]};",
	  ANSWER_NO, ANSWER_YES },
	{ "",
	  "let e = phys[zext(a[7:4])]; if (e == zext(a[7:4])) memtrap(a); return {e[3:0], a[3:0]};",
	  ANSWER_UNKNOWN, ANSWER_YES },
	{ "", "if (a[7]) return a; if (FRAME == 0) memtrap(a); return {FRAME, a[3:0]};", ANSWER_NO,
	  ANSWER_YES },
	{ "", "if (a[7] && M != s || FRAME == 0) memtrap(a); return {FRAME, a[3:0]};", ANSWER_YES,
	  ANSWER_NO },
	{ "", "if (a[7:4] == FRAME) return zext(a[3:0]); memtrap(a);", ANSWER_NO, ANSWER_YES },
};

START_TEST(what_a_monitor_can_withhold_and_let_in)
{
	char text[2048];
	uint64_t address = 0;

	snprintf(text, sizeof text,
		 "%smap ring { M := u; %s } translate(a, access) { %s }\n"
		 "trapseq(k, t, i) { M := s; P := 0; } }",
		 machine_start, shadows[_i].map, shadows[_i].code);
	struct lab l = lab_of_text(text);
	ck_assert_int_eq(classifier_composition(l.classifier), shadows[_i].withheld);
	ck_assert_int_eq(classifier_reach(l.classifier, &address), shadows[_i].reaches);
	ck_assert(shadows[_i].reaches == ANSWER_YES || *shadows[_i].map || address >= 128);
	lab_close(&l);
}
END_TEST

START_TEST(translation_by_nothing_is_no_relocation)
{
	char text[2048], reason[256];

	snprintf(text, sizeof text,
		 "%stranslate(a, access) { return a; } trapseq(k, t, i) { M := s; } }",
		 machine_start);
	struct lab l = lab_of_text(text);
	ck_assert(!classifier_fit(l.isa, reason, sizeof reason));
	ck_assert_ptr_nonnull(strstr(reason, "no relocation"));
	lab_close(&l);
}
END_TEST

/* ---- verdicts ---- */

static const struct classification harmless = { .trapping = TRAPS_NOT };

static struct verdict verdict_with(int theorem, struct classification k, enum answer lemma,
				   enum answer composition)
{
	static struct classification both[2];

	both[0] = harmless;
	both[1] = k;
	return verdict_of(theorem, both, 2, lemma, composition);
}

START_TEST(without_lemma_or_composition_nothing_is_claimed)
{
	struct classification breaks = { .breaks_theorem1 = ANSWER_YES, .direct_vmm = ANSWER_YES };
	struct verdict v = verdict_with(1, breaks, ANSWER_NO, ANSWER_YES);

	ck_assert_int_eq(v.holds, ANSWER_UNKNOWN);
	ck_assert_int_eq(v.equivalence, ANSWER_UNKNOWN);
	verdict_free(&v);
	v = verdict_with(1, harmless, ANSWER_UNKNOWN, ANSWER_YES);
	ck_assert_int_eq(v.holds, ANSWER_UNKNOWN);
	verdict_free(&v);
	v = verdict_with(3, harmless, ANSWER_YES, ANSWER_NO);
	ck_assert_int_eq(v.holds, ANSWER_YES);
	ck_assert_int_eq(v.equivalence, ANSWER_UNKNOWN);
	verdict_free(&v);
}
END_TEST

START_TEST(undecided_is_never_holds)
{
	struct classification k = { .breaks_theorem1 = ANSWER_UNKNOWN,
				    .direct_vmm = ANSWER_UNKNOWN };
	struct verdict v = verdict_with(1, k, ANSWER_YES, ANSWER_YES);

	ck_assert_int_eq(v.holds, ANSWER_UNKNOWN);
	ck_assert_int_eq(v.equivalence, ANSWER_UNKNOWN);
	ck_assert_uint_eq(v.noffenders, 0);
	verdict_free(&v);
	v = verdict_with(3, k, ANSWER_YES, ANSWER_YES);
	ck_assert_int_eq(v.holds, ANSWER_YES);
	ck_assert_int_eq(v.equivalence, ANSWER_YES);
	verdict_free(&v);
}
END_TEST

START_TEST(what_only_time_shows_is_told_apart)
{
	struct classification k = { .direct_vmm = ANSWER_YES, .time_only_vmm = true };
	struct verdict v = verdict_with(1, k, ANSWER_YES, ANSWER_YES);

	ck_assert_int_eq(v.equivalence, ANSWER_YES);
	ck_assert(v.up_to_time);
	verdict_free(&v);
	v = verdict_with(3, k, ANSWER_YES, ANSWER_YES);
	ck_assert(!v.up_to_time);
	verdict_free(&v);
}
END_TEST

/* ---- pg ---- */

struct said {
	const char *instr, *text;
};

/* The others run, and are innocuous. */
static const struct said pg[] = {
	{ "DIV", "traps conditionally" },
	{ "REM", "traps conditionally" },
	{ "DIVU", "traps conditionally" },
	{ "REMU", "traps conditionally" },
	{ "SVC", "always traps" },
	{ "LPSW", "privileged; control mode,IE,relocation,TIMER" },
	{ "SPSW", "privileged; behaviour location,bound,IE,TIMER" },
	{ "LRB", "privileged; control relocation" },
	{ "SRB", "privileged; behaviour location,bound" },
	{ "STIM", "privileged; control TIMER" },
	{ "RTIM", "privileged; behaviour TIMER" },
	{ "SIE", "privileged; control IE" },
	{ "IN", "privileged; control device; behaviour device" },
	{ "OUT", "privileged; control device" },
	{ "WAIT", "privileged; control wait" },
	{ "HALT", "privileged; control halt" },
	{ "JRST1", "runs; control mode; breaks 1; vmm differs" },
	{ "SGR", "runs; behaviour location,bound; user behaviour; breaks 1; breaks 3; vmm differs; "
		 "hybrid differs" },
	{ "SMSW", "runs; behaviour mode,IE; user behaviour; breaks 1; breaks 3; vmm differs; "
		  "hybrid differs" },
	{ "POPF", "runs; control IE; breaks 1; vmm differs" },
};

static const char *pg_text(const char *instr)
{
	for (size_t i = 0; i < sizeof pg / sizeof *pg; i++)
		if (!strcmp(pg[i].instr, instr))
			return pg[i].text;
	return "runs";
}

static const struct pg_machine {
	const char *name;
	enum answer holds1, holds3; /* and equivalence likewise */
	unsigned own;		    /* its last instructions, that pg has not */
} pg_machines[] = {
	{ "pg", ANSWER_YES, ANSWER_YES, 0 },
	{ "pg-jrst1", ANSWER_NO, ANSWER_YES, 1 },
	{ "pg-sgdt", ANSWER_NO, ANSWER_NO, 3 },
};
enum { PG_MACHINES = sizeof pg_machines / sizeof *pg_machines };

/* Classifies the last n instructions, or all. */
static struct classification *classify_last(const struct lab *l, unsigned n)
{
	struct classification *k = calloc(l->isa->ninstrs, sizeof *k);

	for (unsigned i = 0; i < n; i++) {
		k[i] = classify(l->classifier, &l->isa->instr[l->isa->ninstrs - n + i]);
		ck_assert_msg(!strcmp(describe(&k[i]), pg_text(k[i].instr->name)), "%s: %s",
			      k[i].instr->name, describe(&k[i]));
	}
	return k;
}

static void verdict_is(int theorem, const struct lab *l, const struct classification *k, unsigned n,
		       enum answer holds)
{
	struct verdict v = verdict_of(theorem, k, n, classifier_lemma(l->classifier),
				      classifier_composition(l->classifier));

	ck_assert_int_eq(v.holds, holds);
	ck_assert_int_eq(v.equivalence, holds);
	ck_assert(!v.up_to_time);
	ck_assert_uint_eq(v.noffenders != 0, holds == ANSWER_NO);
	verdict_free(&v);
}

/* pg-jrst1 and pg-sgdt are pg and a few instructions more. */
START_TEST(pg_machines_are_decided_instruction_by_instruction)
{
	const struct pg_machine *m = &pg_machines[_i];
	char path[64];

	snprintf(path, sizeof path, "isa/machines/%s", m->name);
	struct lab l = lab_of(path, NULL);
	unsigned n = m->own ? m->own : l.isa->ninstrs;
	struct classification *k = classify_last(&l, n);
	verdict_is(1, &l, k, n, m->holds1);
	verdict_is(3, &l, k, n, m->holds3);
	ck_assert_uint_eq(smt_counts(l.smt).undecided, 0);
	free(k);
	lab_close(&l);
}
END_TEST

START_TEST(machines_without_modes_or_relocation_are_not_asked_about)
{
	static const char *const paths[] = { "isa/machines/i8086", "tests/isa/ok_no_user_mode" };
	char reason[256] = "";
	struct diag_list *diags = diag_new();
	const char *top = getenv("TOP_SRCDIR");
	char full[1024];

	snprintf(full, sizeof full, "%s/%s.isa", top ? top : ".", paths[_i]);
	struct isa *isa = isa_load(diags, full);
	ck_assert_ptr_nonnull(isa);
	ck_assert(!classifier_fit(isa, reason, sizeof reason));
	ck_assert_ptr_nonnull(strstr(reason, "no user mode"));
	isa_free(isa);
	diag_free(diags);
}
END_TEST

static Suite *suite(void)
{
	Suite *s = suite_create("theorems");
	TCase *t = tcase_create("theorems");
	bool z3 = have("z3");

	tcase_set_timeout(t, 240);
	tcase_add_checked_fixture(t, set_up, tear_down);
	add_if(z3, t, other_translations_have_no_lemma,
	       (int)(sizeof without_lemma / sizeof *without_lemma));
	add_if(z3, t, base_and_bounds_in_other_words_has_it, 1);
	add_if(z3, t, a_map_that_does_not_compose_has_no_composition, 1);
	add_if(z3, t, abstract_translation_has_a_lemma_of_its_own,
	       (int)(sizeof translations / sizeof *translations));
	add_if(z3, t, what_a_monitor_can_withhold_and_let_in,
	       (int)(sizeof shadows / sizeof *shadows));
	tcase_add_loop_test(t, the_order_of_bytes_is_kept, 0, sizeof orders / sizeof *orders);
	tcase_add_loop_test(t, the_real_machine_stays_in_user_mode, 0,
			    sizeof user_maps / sizeof *user_maps);
	add_if(z3, t, registers_hold_members_where_that_is_shown,
	       (int)(sizeof members / sizeof *members));
	tcase_add_test(t, what_is_open_in_two_places_is_open_twice);
	add_if(z3, t, time_leaves_the_image, (int)(sizeof clocks / sizeof *clocks));
	tcase_add_test(t, translation_by_nothing_is_no_relocation);
	tcase_add_test(t, without_lemma_or_composition_nothing_is_claimed);
	tcase_add_test(t, undecided_is_never_holds);
	tcase_add_test(t, what_only_time_shows_is_told_apart);
	tcase_add_loop_test(t, machines_without_modes_or_relocation_are_not_asked_about, 0, 2);
	add_if(z3, t, pg_machines_are_decided_instruction_by_instruction, PG_MACHINES);
	suite_add_tcase(s, t);
	return s;
}

#include "tests/harness.h"
