/*
 * The translator where translate goes by pages that registers or tables in storage tell of, in
 * invented machines: what changes a translation is seen at once, whoever does it.
 */
#include "tests/paged_rig.h"

/* ---- registers for pages ---- */

/* Four pages of 64 words, each where a register says; who may set one sets it in one step. */
#define REGISTERS_OF(word, op, distance, translation)                                              \
	"machine registers \"a register for each page\" { word " word "; addressing word;\n"       \
	"control PAGE[4] : word, LIMIT : word; visible P : word role pc, G[8] : word;\n"           \
	"traps illegal = 0, memory = 1;\n"                                                         \
	"translate(a, access) { " translation " }\n"                                               \
	"trapseq(kind, tpc, info) { P := 0; }\n"                                                   \
	"format F { op:" op ", r:3, q:3, n:6 }\n"                                                  \
	"instr ADDI F op=2, q=0 \"ADDI {r}, {n:s}\" { G[r] := G[r] + sext(n); }\n"                 \
	"instr XOR  F op=3, n=0 \"XOR {r}, {q}\" { G[r] := G[r] ^ G[q]; }\n"                       \
	"instr LD   F op=4, n=0 \"LD {r}, {q}\" { G[r] := mem[G[q]]; }\n"                          \
	"instr ST   F op=5, n=0 \"ST {r}, {q}\" { mem[G[q]] := G[r]; }\n"                          \
	"instr BNZ  F op=6, q=0 \"BNZ {r}, {n:pc}\" { if (G[r] != 0) P := P + sext(n); }\n"        \
	"instr SET  F op=7, n=0 \"SET {r}, {q}\" { PAGE[q[1:0]] := G[r]; }\n"                      \
	"instr SETX F op=8, n=0 \"SETX {r}, {q}\" { PAGE[G[q][1:0]] := G[r]; }\n"                  \
	"instr SWAP F op=9, n=0 \"SWAP {r}, {q}\" { PAGE[2] := G[r]; G[q] := mem[128]; }\n"        \
	"instr BOTH F op=10, n=0 \"BOTH {r}, {q}\" { G[r] := mem[G[q]] + mem[G[q] + " distance      \
	"]; }\n"                                                                                   \
	"instr HALT F op=15, r=0, q=0 \"HALT {n}\" { halt(zext(n)); }\n"                           \
	"}"
#define BY_NUMBER "return PAGE[a[7:6]] + zext(a[5:0]);"
#define REGISTERS REGISTERS_OF("16", "4", "0x4000", BY_NUMBER)
#define LIMITED                                                                                    \
	REGISTERS_OF("16", "4", "0x4000",                                                          \
		     "if (a >= LIMIT) memtrap(a); return {PAGE[a[7:6]][9:0], a[5:0]};")

/* Counts up the word at 128, by turns in two places that `set` puts page 2 to. */
static void check_registers(const char *set)
{
	char guest[1024];
	struct lab l;

	snprintf(guest, sizeof guest,
		 ".deposit G1, 128\n.deposit G2, 2\n.deposit G3, 0x300\n.deposit G6, 0x100\n"
		 ".deposit G4, 200\n.deposit PAGE2, 0x200\nround: LD G0, G1\nADDI G0, 1\n"
		 "ST G0, G1\n%s\nXOR G3, G6\nADDI G4, -1\nBNZ G4, round\nHALT 0\n",
		 set);
	l = lab_paged(REGISTERS, guest);
	run_to_halt(&l, 0);
	ck_assert_uint_eq(unit_at(&l, 0x200), 100);
	ck_assert_uint_eq(unit_at(&l, 0x300), 100);
	lab_close(&l);
}

START_TEST(registers_for_pages_count_once_they_are_set)
{
	check_registers("SET G3, 2");
	check_registers("SETX G3, G2");
	check_registers("SWAP G3, G7\nXOR G7, G7");
}
END_TEST

START_TEST(an_instruction_sees_the_page_that_it_sets_itself)
{
	struct lab l = lab_paged(
		REGISTERS, ".deposit G3, 0x300\n.deposit G6, 0x100\n.deposit G4, 200\n"
			   ".deposit G1, 128\n.deposit PAGE2, 0x200\n"
			   "round: LD G7, G1\nSWAP G3, G5\nXOR G2, G5\nXOR G3, G6\nADDI G4, -1\n"
			   "BNZ G4, round\nSWAP G6, G5\nHALT 0\n"
			   ".org 0x100\n.word 7\n.org 0x200\n.word 1\n.org 0x300\n.word 2\n");

	for (unsigned i = 0; i < 6 * 200 - 3; i++) /* one by one, which is another way */
		run(&l, 1);
	ck_assert_uint_eq(examine(&l, "G5"), 1);
	ck_assert_uint_eq(examine(&l, "G2"), 0);
	run_to_halt(&l, 0);
	ck_assert_uint_eq(examine(&l, "G5"), 7);
	lab_close(&l);
}
END_TEST

START_TEST(two_pages_that_share_a_line_serve_one_instruction)
{
	/* 0x1000 pages behind it */
	struct lab l = lab_paged(REGISTERS_OF("20", "8", "0x40000", BY_NUMBER),
				 ".deposit G1, 128\n.deposit G4, 200\n"
				 ".deposit PAGE2, 0x200\nround: BOTH G0, G1\n"
				 "ADDI G4, -1\nBNZ G4, round\nHALT 0\n"
				 ".org 0x200\n.word 21\n");

	run_to_halt(&l, 0);
	ck_assert_uint_eq(examine(&l, "G0"), 42);
	lab_close(&l);
}
END_TEST

START_TEST(a_limit_within_a_page_holds)
{
	struct lab l = lab_paged(LIMITED, ".deposit G1, 150\n.deposit G6, 1\n"
					  ".deposit PAGE2, 8\n.deposit LIMIT, 160\n"
					  "round: LD G0, G1\nBNZ G6, round\n");
	struct outcome out;

	l.bare->view[0].resident = true;
	ck_assert_int_eq(run(&l, 1000).event, EVENT_STEPS);
	lab_deposit(&l.bare->view[0], "G1", 170);
	out = run(&l, 1000);
	ck_assert_int_eq(out.event, EVENT_TRAP);
	ck_assert_uint_eq(out.trap.info, 170);
	lab_close(&l);
}
END_TEST

START_TEST(a_page_that_wraps_around_does_so)
{
	struct lab l = lab_paged(REGISTERS, ".deposit G1, 168\n.deposit G2, 128\n.deposit G4, 200\n"
					    ".deposit PAGE2, 0xffe0\nround: LD G3, G2\n"
					    "LD G0, G1\nADDI G0, 1\nST G0, G1\n"
					    "ADDI G4, -1\nBNZ G4, round\nHALT 0\n.word 0\n");

	run_to_halt(&l, 0);
	ck_assert_uint_eq(unit_at(&l, 8), 200);
	lab_close(&l);
}
END_TEST

START_TEST(an_access_that_begins_in_one_page_may_end_in_another)
{
	/* the page behind it in storage is not the one behind it */
	struct lab l = lab_paged(
		"machine bytes \"pages of 64 bytes\" { word 16; addressing byte big;\n"
		"control PAGE[4] : word; visible P : word role pc, G[8] : word;\n"
		"traps illegal = 0, memory = 1;\n"
		"translate(a, access) { return PAGE[a[7:6]] + zext(a[5:0]); }\n"
		"trapseq(kind, tpc, info) { P := 0; }\n"
		"format F { op:4, r:3, q:3, n:6 }\n"
		"instr ADDI F op=2, q=0 \"ADDI {r}, {n:s}\" { G[r] := G[r] + sext(n); }\n"
		"instr LD   F op=4, n=0 \"LD {r}, {q}\" { G[r] := mem16[G[q]]; }\n"
		"instr ST   F op=5, n=0 \"ST {r}, {q}\" { mem16[G[q]] := G[r]; }\n"
		"instr BNZ  F op=6, q=0 \"BNZ {r}, {n:pc}\" { if (G[r] != 0) P := P + sext(n); }\n"
		"instr HALT F op=15, r=0, q=0 \"HALT {n}\" { halt(zext(n)); }\n"
		"}",
		".deposit G1, 127\n.deposit G2, 64\n.deposit G4, 1000\n.deposit PAGE1, 0x200\n"
		".deposit PAGE2, 0x300\nround: LD G3, G2\nLD G0, G1\nADDI G0, 1\nST G0, G1\n"
		"ADDI G4, -1\nBNZ G4, round\nHALT 0\n");

	run_to_halt(&l, 0);
	ck_assert_uint_eq(unit_at(&l, 0x23f) << 8 | unit_at(&l, 0x300), 1000);
	ck_assert_uint_eq(unit_at(&l, 0x240), 0);
	check_share(&l, 30);
	lab_close(&l);
}
END_TEST

/* ---- tables in storage ---- */

/* Sixteen pages of 256 words; a table at PT says where each is, with a highest bit of 1. */
#define TABLES                                                                                     \
	"machine tables \"page tables in storage\" { word 16; addressing word;\n"                  \
	"enum Mode { s, u }\n"                                                                     \
	"control M : Mode role mode, PT : word; visible P : word role pc, G[8] : word;\n"          \
	"user = M == u; traps illegal = 0, memory = 1, missing = 2;\n"                             \
	"translate(a, access) { if (a[15:12] != 0) memtrap(a);\n"                                  \
	"  let e = phys[PT + zext(a[11:8])]; if (!e[15]) trap missing(a);\n"                       \
	"  return {e[7:0], a[7:0]}; }\n"                                                           \
	"trapseq(kind, tpc, info) { M := s; P := 0; }\n"                                           \
	"format F { op:4, r:3, q:3, n:6 }\n"                                                       \
	"instr ADD  F op=1, n=0 \"ADD {r}, {q}\" { G[r] := G[r] + G[q]; }\n"                       \
	"instr ADDI F op=2, q=0 \"ADDI {r}, {n:s}\" { G[r] := G[r] + sext(n); }\n"                 \
	"instr XOR  F op=3, n=0 \"XOR {r}, {q}\" { G[r] := G[r] ^ G[q]; }\n"                       \
	"instr LD   F op=4, n=0 \"LD {r}, {q}\" { G[r] := mem[G[q]]; }\n"                          \
	"instr ST   F op=5, n=0 \"ST {r}, {q}\" { mem[G[q]] := G[r]; }\n"                          \
	"instr BNZ  F op=6, q=0 \"BNZ {r}, {n:pc}\" { if (G[r] != 0) P := P + sext(n); }\n"        \
	"instr CALL F op=7, n=0 \"CALL {r}, {q}\" { let to = G[q]; G[r] := P + 1; P := to; }\n"    \
	"instr HALT F op=8, r=0, q=0 \"HALT {n}\" { halt(zext(n)); }\n"                            \
	"instr SPT  F op=9, q=0, n=0 \"SPT {r}\" { PT := G[r]; }\n"                                \
	"}"
/* Code in page 0, which is where it is; page 4 is in page 4 and, by turns, 5. */
#define TABLE                                                                                      \
	".deposit PT, 0x100\n.deposit G1, 0x400\n.deposit G2, 0x104\n.deposit G3, 1\n"             \
	".deposit P, 16\n.org 0x100\n.word 0x8000, 0x8001, 0, 0, 0x8004, 0x8005\n.org 16\n"
#define TURN "LD G0, G2\nXOR G0, G3\nST G0, G2\n"

START_TEST(a_table_that_the_guest_writes_counts)
{
	struct lab l = lab_paged(TABLES, TABLE
				 "ADDI G4, 20\nround: ADDI G5, 25\nagain: LD G0, G1\nADDI G0, 1\n"
				 "ST G0, G1\nADDI G5, -1\nBNZ G5, again\n" TURN
				 "ADDI G4, -1\nBNZ G4, round\nHALT 0\n");

	run_to_halt(&l, 0);
	ck_assert_uint_eq(unit_at(&l, 0x400), 10 * 25);
	ck_assert_uint_eq(unit_at(&l, 0x500), 10 * 25);
	check_share(&l, 60);
	lab_close(&l);
}
END_TEST

START_TEST(code_where_the_guest_writes_the_table_is_what_is_there)
{
	struct lab l = lab_paged(TABLES, TABLE "ADDI G4, 31\nADD G4, G4\nADD G4, G4\nADD G4, G4\n"
					       "round: CALL G7, G1\n" TURN
					       "ADDI G4, -1\nBNZ G4, round\nHALT 0\n"
					       ".org 0x400\nADDI G6, 1\nCALL G0, G7\n"
					       ".org 0x500\nADDI G6, 20\nCALL G0, G7\n");

	run_to_halt(&l, 0);
	ck_assert_uint_eq(examine(&l, "G6"), 124 * 21);
	lab_close(&l);
}
END_TEST

START_TEST(a_table_that_somebody_else_writes_counts)
{
	struct lab l =
		lab_paged(TABLES, TABLE "again: LD G0, G1\nADDI G0, 1\nST G0, G1\nBNZ G3, again\n");

	run(&l, 4 * 1000);
	ck_assert_uint_eq(unit_at(&l, 0x400), 1000);
	window_put(&l.bare->view[0].window, 0x104, 0x8007);
	run(&l, 4 * 500);
	ck_assert_uint_eq(unit_at(&l, 0x400), 1000);
	ck_assert_uint_eq(unit_at(&l, 0x700), 500);
	window_put(&l.bare->view[0].window, 0x104, 0x0007);
	l.bare->view[0].resident = true;
	ck_assert_str_eq(run(&l, 10).trap.kind->name, "missing");
	check_share(&l, 90);
	lab_close(&l);
}
END_TEST

START_TEST(another_table_leads_elsewhere)
{
	/* two tables, by turns; what was translated stays */
	struct lab l = lab_paged(TABLES, TABLE
				 "ADDI G4, 20\nround: ADDI G5, 25\nagain: LD G0, G1\nADDI G0, 1\n"
				 "ST G0, G1\nADDI G5, -1\nBNZ G5, again\n"
				 "XOR G2, G3\nSPT G2\nADDI G4, -1\nBNZ G4, round\nHALT 0\n"
				 ".deposit G2, 0x100\n.deposit G3, 0x10\n"
				 ".org 0x110\n.word 0x8000, 0x8001, 0, 0, 0x8005\n");

	run_to_halt(&l, 0);
	ck_assert_uint_eq(unit_at(&l, 0x400), 10 * 25);
	ck_assert_uint_eq(unit_at(&l, 0x500), 10 * 25);
	lab_close(&l);
}
END_TEST

static Suite *suite(void)
{
	Suite *s = suite_create("page tables");
	TCase *t = tcase_create("page tables");

#ifdef __x86_64__
	tcase_add_test(t, registers_for_pages_count_once_they_are_set);
	tcase_add_test(t, an_instruction_sees_the_page_that_it_sets_itself);
	tcase_add_test(t, two_pages_that_share_a_line_serve_one_instruction);
	tcase_add_test(t, a_limit_within_a_page_holds);
	tcase_add_test(t, a_page_that_wraps_around_does_so);
	tcase_add_test(t, an_access_that_begins_in_one_page_may_end_in_another);
	tcase_add_test(t, a_table_that_the_guest_writes_counts);
	tcase_add_test(t, code_where_the_guest_writes_the_table_is_what_is_there);
	tcase_add_test(t, a_table_that_somebody_else_writes_counts);
	tcase_add_test(t, another_table_leads_elsewhere);
#endif
	suite_add_tcase(s, t);
	return s;
}

#include "tests/harness.h"
