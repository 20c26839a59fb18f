/*
 * Pages that are missed, where translated code answers (round_missing in machine/translator/round.c,
 * called.c) and goes on in another context (exit_round.c): what one access was told is not taken for
 * another's, and what holds in one context is not taken to hold in another.
 */
#include "tests/paged_rig.h"

/*
 * Words; pages of 64 from 0x1000 on are where an entry of the TLB says, in the mode that it is for.
 * Pages with the same number in the cache are 0x40000 apart.
 */
#define TLB_OF(rest, find, place)                                                                  \
	"machine tlb \"entries for one mode or the other\" {\n"                                    \
	"  word 32; addressing word; enum Mode { s, u }\n"                                         \
	"  control M : Mode role mode, LIMIT : word;\n"                                            \
	"  control KEY[4] : word { VALID : 31, USER : 30, PAGE : 19..0 }, PLACE[4] : word;\n"      \
	"  visible P : word role pc, G[16] : word;\n"                                              \
	"  user = M == u;\n"                                                                       \
	"  traps illegal = 0, memory = 1, miss = 2;\n"                                             \
	"  translate(a, access) {\n"                                                               \
	"    if (a < 0x1000) return a;\n" rest "    let place : word = 0;\n"                       \
	"    find e in KEY where " find " { place := {" place ", a[5:0]}; } else trap miss(a);\n"  \
	"    return place;\n"                                                                      \
	"  }\n"                                                                                    \
	"  trapseq(kind, tpc, info) { M := s; P := 0x20; }\n"                         \
	"  reset(size) { P := 0x40; }\n"                                                           \
	"  format F { op:8, r:4, q:4, x:4, n:12 }\n"                                               \
	"  instr ADDI F op=1, x=0 \"ADDI {r}, {q}, {n:s}\" { G[r] := G[q] + sext(n); }\n"          \
	"  instr ADD F op=2, x=0, n=0 \"ADD {r}, {q}\" { G[r] := G[r] + G[q]; }\n"                 \
	"  instr LD F op=3, x=0 \"LD {r}, {n:s}({q})\" { G[r] := mem[G[q] + sext(n)]; }\n"         \
	"  instr ST F op=4, x=0 \"ST {r}, {n:s}({q})\" { mem[G[q] + sext(n)] := G[r]; }\n"         \
	"  instr BOTH F op=5, n=0 \"BOTH {r}, {q}, {x}\" { G[r] := mem[G[q]] + mem[G[x]]; }\n"     \
	"  instr BNZ F op=6, q=0, x=0 \"BNZ {r}, {n:pc}\" { if (G[r] != 0) P := P + sext(n); }\n"  \
	"  instr SET F op=7, n=0 \"SET {r}, {q}, {x}\" {\n"                                        \
	"    let i = G[x][1:0]; KEY[i] := G[r]; PLACE[i] := G[q]; }\n"                             \
	"  instr GO F op=8, x=0, n=0 \"GO {r}, {q}\" { M := G[r][0]; P := G[q]; }\n"               \
	"  instr KEYS F op=9, q=0, n=0 \"KEYS {r}, {x}\" { KEY[G[x][1:0]] := G[r]; }\n"            \
	"  instr HALT F op=15, r=0, q=0, x=0 \"HALT {n}\" { halt(zext(n)); }\n"                    \
	"}"
#define MATCH "KEY[e].VALID == 1 && KEY[e].PAGE == a[25:6]"
#define PLACE "PLACE[e][25:0]"
#define TLB   TLB_OF("", MATCH, PLACE)

/* G1 is 1, and G0 always 0; G12 .. G15 number the entries; who traps comes to 0x20. */
#define GUEST                                                                                      \
	".machine tlb\n.deposit G1, 1\n.deposit G13, 1\n.deposit G14, 2\n.deposit G15, 3\n"        \
	".org 0x20\nHALT 99\n.org 0x40\n"

/* The same on the oracle: registers and storage. */
static void require_as_the_oracle(struct lab *l, uint64_t status)
{
	struct machine *oracle = machine_new(l->isa, l->size, 1, NULL, 0);
	const struct view *a = &oracle->view[0], *b = &l->bare->view[0];
	const struct storage *x = a->window.storage, *y = b->window.storage;

	lab_enter(l, &oracle->view[0]);
	view_run(&oracle->view[0], UINT64_MAX);
	ck_assert_uint_eq(oracle->cpu[0]->halt_status, status);
	run_to_halt(l, status);
	for (unsigned i = 0; i < l->isa->nslots; i++)
		ck_assert_uint_eq(a->cpu->state[i], b->cpu->state[i]);
	ck_assert(!memcmp(x->cell, y->cell, x->size * x->cell_size));
	machine_free(oracle);
}

/*
 * The user's page 0x4000 is at 0x2000 by entry 1, and then at 0x3000 by entry 0.  `shared` goes to the
 * user, and right after the change back to the supervisor, in whose mode entry 0 is for no page, or
 * for another.
 */
static const struct by_mode {
	const char *find, *key;
} by_mode[] = {
	{ MATCH " && KEY[e].USER == (M == u ? 1 : 0)", "0xc0000100" },
	{ "KEY[e].VALID == 1 && (KEY[e].PAGE ^ (M == u ? 20'1 : 20'0)) == a[25:6]", "0x80000101" },
};

START_TEST(pages_are_looked_at_by_the_registers_of_their_context)
{
	char machine[8192], guest[2048];
	struct lab l;

	snprintf(machine, sizeof machine, TLB_OF("", "%s", PLACE), by_mode[_i].find);
	snprintf(guest, sizeof guest,
		 GUEST ".deposit G8, %s\n.deposit G9, 0x80\n.deposit G10, 0xc0\n"
		       ".deposit G11, 0x4000\n.deposit G7, 200\n"
		       "round: SET G0, G0, G12\nSET G8, G9, G13\nADDI G2, G0, 1\n"
		       "ADDI G3, G0, user\nADDI G4, G0, first\nBNZ G1, shared\n"
		       "first: SET G8, G10, G12\nADDI G2, G0, 0\nADDI G3, G0, next\nBNZ G1, shared\n"
		       "next: ADDI G4, G0, second\nADDI G3, G0, user\nGO G1, G3\n"
		       "second: ADDI G7, G7, -1\nBNZ G7, round\nHALT 0\n"
		       "shared: GO G2, G3\n"
		       "user: LD G5, 0(G11)\nADD G6, G5\nGO G0, G4\n"
		       ".org 0x2000\n.word 1\n.org 0x3000\n.word 100\n",
		 by_mode[_i].key);
	l = lab_paged(machine, guest);
	require_as_the_oracle(&l, 0);
	ck_assert_uint_eq(examine(&l, "G6"), 200 * 101);
	check_share(&l, 80);
	lab_close(&l);
}
END_TEST

/* More changes than are remembered, while the user's context is left alone. */
START_TEST(a_context_that_missed_many_changes_looks_at_everything)
{
	struct lab l = lab_paged(
		TLB, GUEST ".deposit G8, 0x80000100\n.deposit G9, 0x80\n.deposit G10, 0xc0\n"
			   ".deposit G11, 0x4000\n.deposit G7, 100\n"
			   "round: SET G8, G9, G13\nADDI G4, G0, first\nBNZ G1, over\n"
			   "first: SET G8, G10, G13\nADDI G4, G0, second\n"
			   "over: ADDI G2, G0, 40\n"
			   "again: SET G2, G2, G14\nADDI G2, G2, -1\nBNZ G2, again\n"
			   "ADDI G3, G0, user\nGO G1, G3\n"
			   "second: ADDI G7, G7, -1\nBNZ G7, round\nHALT 0\n"
			   "user: LD G5, 0(G11)\nADD G6, G5\nGO G0, G4\n"
			   ".org 0x2000\n.word 1\n.org 0x3000\n.word 100\n");

	require_as_the_oracle(&l, 0);
	ck_assert_uint_eq(examine(&l, "G6"), 100 * 101);
	check_share(&l, 80);
	lab_close(&l);
}
END_TEST

/* Two pages of one line of the cache, each of which is missed when it is wanted; 3 and 4 are there. */
#define TWO                                                                                        \
	GUEST ".deposit KEY0, 0x80000100\n.deposit PLACE0, 0x80\n"                                 \
	      ".deposit KEY1, 0x80001100\n.deposit PLACE1, 0x81\n"                                 \
	      ".deposit KEY2, 0x80000102\n.deposit PLACE2, 0x82\n"                                 \
	      ".deposit G8, 0x4000\n.deposit G9, 0x44000\n.deposit G10, 0x4080\n"
#define THERE ".org 0x2000\n.word 3\n.org 0x2040\n.word 4\n"

/* Many reads that were missed, and then the first write, of another page: after a read within a block,
 * at its beginning, and by an instruction for which the oracle is wanted. */
static const char *const told[] = {
	"ADDI G2, G0, 1\nLD G5, 0(G8)\nADD G6, G5\nLD G5, 0(G9)\nADD G6, G5\n"
	"BNZ G1, put\nHALT 1\nput: ",
	"LD G5, 0(G8)\nADD G6, G5\nBNZ G1, other\nHALT 1\n"
	"other: LD G5, 0(G9)\nADD G6, G5\n",
	"BOTH G5, G8, G9\nADD G6, G5\n",
};

START_TEST(a_place_that_was_told_is_not_that_of_another_access)
{
	char guest[2048];
	struct lab l;

	for (unsigned n = 10; n < 40; n++) { /* until what is within blocks is translated, too */
		snprintf(guest, sizeof guest,
			 TWO ".deposit G7, %u\n.deposit G11, 0x500\n"
			     "round: %sST G1, 5(G11)\nADDI G7, G7, -1\nBNZ G7, round\n"
			     "BNZ G3, end\nADDI G3, G0, 1\nADDI G7, G0, 1\n"
			     "ADDI G11, G10, 0\nBNZ G1, round\nend: HALT 0\n" THERE,
			 n, told[_i]);
		l = lab_paged(TLB, guest);
		require_as_the_oracle(&l, 0);
		ck_assert_uint_eq(examine(&l, "G6"), (n + 1) * 7);
		ck_assert_uint_eq(unit_at(&l, 0x2085), 1);
		lab_close(&l);
	}
}
END_TEST

/*
 * A page that entry 1 has somewhere, or else entry 2, by turns, and another that entry 3 has in two
 * places; read where a block begins, and within.
 */
START_TEST(a_page_that_was_told_goes_with_its_element)
{
	char guest[2048];
	struct lab l;

	for (unsigned i = 0; i < 4; i++) {
		const char *x = i & 1 ? "ADD G6, G0\n" : "", *y = i & 2 ? "BNZ G1, .+2\nHALT 1\n" : "";

		snprintf(guest, sizeof guest,
			 GUEST ".deposit G8, 0x80000100\n.deposit G9, 0x80000101\n"
			       ".deposit KEY2, 0x80000100\n.deposit PLACE2, 0x82\n"
			       ".deposit G2, 0x80\n.deposit G3, 0x81\n.deposit G11, 0x83\n"
			       ".deposit G12, 0x4000\n.deposit G14, 0x4040\n.deposit G7, 200\n"
			       "round: SET G9, G3, G15\nSET G8, G2, G13\n"
			       "%sLD G5, 0(G12)\nADD G6, G5\n%sLD G5, 0(G14)\nADD G6, G5\n"
			       "SET G9, G11, G15\n%sLD G5, 0(G14)\nADD G6, G5\n"
			       "KEYS G0, G13\n%sLD G5, 0(G12)\nADD G6, G5\n"
			       "ADDI G7, G7, -1\nBNZ G7, round\nHALT 0\n"
			       ".org 0x2000\n.word 1\n.org 0x2040\n.word 10\n"
			       ".org 0x2080\n.word 100\n.org 0x20c0\n.word 1000\n",
			 x, y, y, x);
		l = lab_paged(TLB, guest);
		require_as_the_oracle(&l, 0);
		ck_assert_uint_eq(examine(&l, "G6"), 200 * 1111);
		lab_close(&l);
	}
}
END_TEST

/* The page that was missed last ends at its 16th word. */
START_TEST(a_limit_within_a_page_that_was_missed_holds)
{
	struct lab l = lab_paged(TLB_OF("    if (a >= LIMIT) trap miss(a);\n", MATCH, PLACE),
				 TWO ".deposit LIMIT, 0x44010\n.deposit G7, 200\n"
				     "round: LD G5, 0(G8)\nADD G6, G5\nBNZ G1, other\nHALT 1\n"
				     "other: LD G5, 0(G9)\nADD G6, G5\n"
				     "ADDI G7, G7, -1\nBNZ G7, round\nLD G5, 0x20(G9)\nHALT 0\n"
				     THERE);

	require_as_the_oracle(&l, 99);
	ck_assert_uint_eq(examine(&l, "G6"), 200 * 7);
	lab_close(&l);
}
END_TEST

/* Entry 3 is for no page, but moves them all. */
START_TEST(an_entry_that_counts_for_all_pages_counts_for_those_that_were_told)
{
	struct lab l = lab_paged(
		TLB_OF("", MATCH, PLACE " + zext(KEY[3][27:24], 26)"),
		TWO ".deposit G2, 0x02000000\n.deposit G7, 200\n"
		    "round: KEYS G0, G15\nLD G5, 0(G8)\nADD G6, G5\nKEYS G2, G15\nLD G5, 0(G8)\n"
		    "ADD G6, G5\nADDI G7, G7, -1\nBNZ G7, round\nHALT 0\n" THERE
		    ".org 0x2080\n.word 50\n");

	require_as_the_oracle(&l, 0);
	ck_assert_uint_eq(examine(&l, "G6"), 200 * 53);
	lab_close(&l);
}
END_TEST

/* A table in storage moves them, which the guest writes. */
START_TEST(a_table_counts_for_pages_that_were_told)
{
	struct lab l = lab_paged(
		TLB_OF("    let moved = phys[0xf00 + zext(a[8:6])];\n", MATCH, PLACE " + moved[25:0]"),
		TWO ".deposit G2, 2\n.deposit G3, 0xf00\n.deposit G7, 200\n"
		    "round: ST G0, 0(G3)\nLD G5, 0(G8)\nADD G6, G5\nLD G5, 0(G9)\nST G2, 0(G3)\n"
		    "LD G5, 0(G8)\nADD G6, G5\nADDI G7, G7, -1\nBNZ G7, round\nHALT 0\n" THERE
		    ".org 0x2080\n.word 50\n");

	require_as_the_oracle(&l, 0);
	ck_assert_uint_eq(examine(&l, "G6"), 200 * 53);
	lab_close(&l);
}
END_TEST

static Suite *suite(void)
{
	Suite *s = suite_create("missing");
	TCase *t = tcase_create("missing");

#ifdef __x86_64__
	tcase_add_loop_test(t, pages_are_looked_at_by_the_registers_of_their_context, 0,
			    COUNT(by_mode));
	tcase_add_test(t, a_context_that_missed_many_changes_looks_at_everything);
	tcase_add_loop_test(t, a_place_that_was_told_is_not_that_of_another_access, 0, COUNT(told));
	tcase_add_test(t, a_page_that_was_told_goes_with_its_element);
	tcase_add_test(t, a_limit_within_a_page_that_was_missed_holds);
	tcase_add_test(t, an_entry_that_counts_for_all_pages_counts_for_those_that_were_told);
	tcase_add_test(t, a_table_counts_for_pages_that_were_told);
#endif
	suite_add_tcase(s, t);
	return s;
}

#include "tests/harness.h"
