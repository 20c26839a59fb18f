/* The oracle: storage, traps and transactions, as isa/tree.h and DESIGN say. */
#include "tests/rig.h"

/* ---- a machine for everything else ---- */

#define ZOO                                                                                        \
	"machine zoo { word 16;"                                                                   \
	"control B : word role bound, KIND : word, TPC : word, INFO : word, TRAPS : word,"         \
	"        S[3] : word, T[5] : word;"                                                        \
	"visible P : word role pc, G[4] : word;"                                                   \
	"traps illegal = 0, memory = 1, own = 5;"                                                  \
	"translate(a, access) { if (a >= B) memtrap; return a; }"                                  \
	"trapseq(kind, tpc, info) {"                                                               \
	"  KIND := kind; TPC := tpc; INFO := info; TRAPS := TRAPS + 1; P := 0x80; }"               \
	"reset(size) { B := size; P := 0x10; }"                                                    \
	"format F { op:8, x:2, y:2, n:4 }"                                                         \
	"instr NOP F op=0, x=0, y=0, n=0 \"NOP\" { }"                                              \
	"instr LI F op=1, y=0 \"LI {x}, {n:s}\" { G[x] := sext(n); }"                              \
	"instr MOVE3 F op=2, n=0 \"MOVE3 {x}, {y}\" {"                                             \
	"  for i in 0..2 { mem[G[x] + i] := mem[G[y] + i]; } }"                                    \
	"instr MESS F op=3, n=0 \"MESS {x}, {y}\" {"                                               \
	"  let t = unspecified(16);"                                                               \
	"  G[3] := t; S[1] := 7; S[G[x][1:0]] := 8; P := 0x20; mem[0x30] := 9;"                    \
	"  mem[0x30] := 10; G[0] := mem[G[y]]; }"                                                  \
	"instr OWN F op=4, x=0, y=0 \"OWN {n}\" {"                                                 \
	"  G[1] := 1; mem[0x31] := 1; P := 0x28;"                                                  \
	"  if (n == 0) trap own(11); if (n == 1) trap own(12) next;"                               \
	"  if (n == 2) trap own(13) complete; G[1] := 2; }"                                        \
	"instr RND F op=5, y=0, n=0 \"RND {x}\" { let t = unspecified(16); G[x] := t; }"           \
	"instr ST F op=6, n=0 \"ST {x}, {y}\" { mem[G[y]] := G[x]; }"                              \
	"instr LD F op=7, n=0 \"LD {x}, {y}\" { G[x] := mem[G[y]]; }"                              \
	"instr PH F op=8, n=0 physical \"PH {x}, {y}\" { G[x] := phys[G[y]]; }"                    \
	"instr SET F op=9, n=0 \"SET {x}, {y}\" { T[G[x][2:0]] := G[y]; }"                         \
	"instr FIND F op=10, n=0 \"FIND {x}, {y}\" {"                                              \
	"  G[x] := zext(find e in T where T[e] == G[y] && e != 0); }"                              \
	"instr HERE F op=11, n=0 \"HERE {x}, {y}\" {"                                              \
	"  G[x] := P; P := P + 5; G[y] := P; }"                                                    \
	"instr SWAP F op=12, n=0 \"SWAP {x}, {y}\" { G[x] := {G[y][7:0], G[x][15:8]}; }"           \
	"instr MIX F op=14, n=0 \"MIX {x}, {y}\" { G[x] := G[y] * 3 - G[x]; }"                     \
	"instr HALT F op=13, x=0, y=0 \"HALT {n}\" { halt(zext(n)); G[0] := 3; }"                  \
	"}"

static struct rig zoo;

static void set_up_zoo(void)
{
	zoo = rig_of(ZOO, 256);
}

static void tear_down_zoo(void)
{
	rig_close(&zoo);
}

static struct outcome step(void)
{
	return view_step(zoo.view);
}

START_TEST(a_block_move_that_faults_at_its_third_word_leaves_no_effect)
{
	rig_program(&zoo, "start: MOVE3 G1, G2\n .org 0x40\n .word 1, 2, 3");
	*rig_reg(zoo.view, "G1") = 254;
	*rig_reg(zoo.view, "G2") = 0x40;
	step();
	ck_reg(zoo.view, "KIND", 1);
	ck_reg(zoo.view, "INFO", 256);
	ck_reg(zoo.view, "TPC", 0x0);
	ck_assert_uint_eq(rig_cell(zoo.view, 254), 0);
	ck_assert_uint_eq(rig_cell(zoo.view, 255), 0);

	*rig_reg(zoo.view, "G1") = 253;
	*rig_reg(zoo.view, "P") = 0;
	step();
	for (uint64_t i = 0; i < 3; i++)
		ck_assert_uint_eq(rig_cell(zoo.view, 253 + i), i + 1);
	ck_reg(zoo.view, "TRAPS", 1);
}
END_TEST

START_TEST(whatever_an_instruction_changed_is_put_back_when_it_traps)
{
	uint64_t stream = zoo.view->cpu->unspecified;
	struct snapshot *before;

	rig_program(&zoo, "start: MESS G1, G2\n .org 0x30\n .word 5");
	*rig_reg(zoo.view, "G1") = 2;
	*rig_reg(zoo.view, "G2") = 0x1000;
	*rig_reg(zoo.view, "S1") = 51;
	*rig_reg(zoo.view, "S2") = 52;
	before = snapshot_take(zoo.view);
	zoo.view->resident = true;
	struct outcome o = step();

	ck_assert_int_eq(o.event, EVENT_TRAP);
	ck_assert_uint_eq(o.trap.info, 0x1000);
	ck_assert_uint_eq(o.steps, 1);
	ck_assert_uint_eq(o.units, 0);
	ck_reg(zoo.view, "G3", 0);
	ck_reg(zoo.view, "S1", 51);
	ck_reg(zoo.view, "S2", 52);
	ck_reg(zoo.view, "P", 0);
	ck_assert_uint_eq(rig_cell(zoo.view, 0x30), 5);
	ck_assert_uint_eq(zoo.view->cpu->unspecified, stream);

	snapshot_restore(zoo.view, before);
	snapshot_free(before);
	*rig_reg(zoo.view, "G2") = 0x30;
	ck_assert_int_eq(step().event, EVENT_STEPS);
	ck_reg(zoo.view, "S1", 7);
	ck_reg(zoo.view, "S2", 8);
	ck_reg(zoo.view, "G0", 10);
	ck_reg(zoo.view, "P", 0x20);
	ck_assert_uint_eq(rig_cell(zoo.view, 0x30), 10);
	ck_assert_uint_ne(zoo.view->cpu->unspecified, stream);
}
END_TEST

START_TEST(a_rolled_back_element_past_the_end_is_nobodys)
{
	rig_program(&zoo, "start: MESS G1, G2");
	*rig_reg(zoo.view, "G1") = 3;
	*rig_reg(zoo.view, "G2") = 0x1000;
	*rig_reg(zoo.view, "T0") = 99;
	step();
	ck_reg(zoo.view, "T0", 99);
	*rig_reg(zoo.view, "P") = 0;
	*rig_reg(zoo.view, "G2") = 0x40;
	step();
	ck_reg(zoo.view, "T0", 99);
	ck_reg(zoo.view, "S1", 7);
}
END_TEST

static const struct {
	unsigned n;
	uint64_t info, tpc, g1, cell;
	uint64_t units; /* settled when the trap is performed */
} phases[] = {
	{ 0, 11, 0, 0, 0, 0 },
	{ 1, 12, 1, 0, 0, 1 },
	{ 2, 13, 0x28, 1, 1, 1 },
};

START_TEST(a_trap_leaves_what_its_phase_says)
{
	char text[64];
	struct outcome o;

	snprintf(text, sizeof text, "start: OWN %u", phases[_i].n);
	rig_program(&zoo, text);
	o = step();
	ck_assert_int_eq(o.event, EVENT_STEPS);
	ck_assert_uint_eq(o.traps, 1);
	ck_assert_str_eq(o.trap.kind->name, "own");
	ck_assert_int_eq(o.trap.source, SOURCE_INSTRUCTION);
	ck_assert_uint_eq(o.trap.p, 0);
	ck_assert_uint_eq(o.units, phases[_i].units);
	ck_reg(zoo.view, "KIND", 5);
	ck_reg(zoo.view, "INFO", phases[_i].info);
	ck_reg(zoo.view, "TPC", phases[_i].tpc);
	ck_reg(zoo.view, "G1", phases[_i].g1);
	ck_reg(zoo.view, "P", 0x80);
	ck_assert_uint_eq(rig_cell(zoo.view, 0x31), phases[_i].cell);
}
END_TEST

START_TEST(a_resident_program_finds_the_state_before_the_trap)
{
	static const uint64_t p[] = { 0, 0, 0x28 };
	char text[64];
	struct outcome o;

	snprintf(text, sizeof text, "start: OWN %u", phases[_i].n);
	rig_program(&zoo, text);
	zoo.view->resident = true;
	o = view_run(zoo.view, 100);
	ck_assert_int_eq(o.event, EVENT_TRAP);
	ck_assert_int_eq(o.trap.phase, _i);
	ck_assert_uint_eq(o.traps, 0);
	ck_assert_uint_eq(o.steps, 1);
	ck_assert_uint_eq(o.units, 0);
	ck_assert_uint_eq(o.trap.tpc, phases[_i].tpc);
	ck_reg(zoo.view, "P", p[_i]);
	ck_reg(zoo.view, "G1", phases[_i].g1);
	ck_reg(zoo.view, "TRAPS", 0);
	ck_assert(trap_perform(zoo.view, &o.trap));
	ck_reg(zoo.view, "TRAPS", 1);
	ck_reg(zoo.view, "TPC", phases[_i].tpc);
}
END_TEST

START_TEST(unspecified_values_are_a_seeded_stream)
{
	struct rig other = rig_of(ZOO, 256);

	rig_program(&zoo, "start: RND G1\n RND G2\n RND G3");
	rig_program(&other, "start: RND G1\n RND G2\n RND G3");
	view_run(zoo.view, 3);
	view_run(other.view, 3);
	ck_assert_same(zoo.view, other.view);
	ck_assert_uint_ne(*rig_reg(zoo.view, "G1"), *rig_reg(zoo.view, "G2"));
	*rig_reg(other.view, "P") = 0;
	view_run(other.view, 3);
	ck_assert_uint_ne(*rig_reg(zoo.view, "G1"), *rig_reg(other.view, "G1"));
	rig_close(&other);
}
END_TEST

START_TEST(an_illegal_word_traps_with_the_word)
{
	rig_program(&zoo, "start: .word 0x1234 + 0xde00");
	step();
	ck_reg(zoo.view, "KIND", 0);
	ck_reg(zoo.view, "INFO", 0xf034);
	ck_reg(zoo.view, "TPC", 0);
	ck_assert_uint_eq(zoo.view->cpu->time, 0);
	ck_assert_uint_eq(zoo.view->cpu->steps, 1);
}
END_TEST

START_TEST(a_fetch_that_translate_refuses_traps_memory)
{
	uint64_t word, place;
	struct trap trap;

	*rig_reg(zoo.view, "P") = 0x90;
	*rig_reg(zoo.view, "B") = 0x90;
	ck_assert(!view_fetch(zoo.view, &word, &place));
	ck_assert(!view_translate(zoo.view, 0x90, ACCESS_READ, &place, &trap));
	ck_assert_uint_eq(trap.info, 0x90);
	ck_assert_str_eq(trap.kind->name, "memory");
	step();
	ck_reg(zoo.view, "KIND", 1);
	ck_reg(zoo.view, "INFO", 0x90);
	ck_reg(zoo.view, "TPC", 0x90);
	ck_assert(view_translate(zoo.view, 0x8f, ACCESS_READ, &place, &trap));
	ck_assert_uint_eq(place, 0x8f);
}
END_TEST

START_TEST(a_place_outside_the_storage_traps_memory)
{
	*rig_reg(zoo.view, "B") = 0xffff;
	rig_program(&zoo, "start: LD G1, G2\n ST G1, G2\n PH G1, G2");
	*rig_reg(zoo.view, "G2") = 0x100;
	for (uint64_t i = 0; i < 3; i++) {
		*rig_reg(zoo.view, "P") = i;
		step();
		ck_reg(zoo.view, "TRAPS", i + 1);
		ck_reg(zoo.view, "KIND", 1);
		ck_reg(zoo.view, "INFO", 0x100);
		ck_reg(zoo.view, "TPC", i);
	}
	*rig_reg(zoo.view, "B") = 0x80;
	*rig_reg(zoo.view, "G2") = 0xff;
	*rig_reg(zoo.view, "P") = 2;
	step();
	ck_reg(zoo.view, "TRAPS", 3);
}
END_TEST

START_TEST(a_program_may_change_its_own_instructions)
{
	rig_program(&zoo, "start: LD G1, G2\n ST G1, G3\n .org 0x20\n loop: LI G0, 1\n .org 0x40\n"
			  "LI G0, 5");
	*rig_reg(zoo.view, "P") = 0x20;
	step();
	ck_reg(zoo.view, "G0", 1);
	*rig_reg(zoo.view, "G2") = 0x40;
	*rig_reg(zoo.view, "G3") = 0x20;
	*rig_reg(zoo.view, "P") = 0;
	view_run(zoo.view, 2);
	*rig_reg(zoo.view, "P") = 0x20;
	step();
	ck_reg(zoo.view, "G0", 5);
}
END_TEST

START_TEST(setting_an_element_past_the_end_does_nothing)
{
	rig_program(&zoo, "start: SET G1, G2");
	*rig_reg(zoo.view, "G2") = 77;
	for (uint64_t i = 0; i < 8; i++) {
		*rig_reg(zoo.view, "P") = 0;
		*rig_reg(zoo.view, "G1") = i;
		step();
	}
	ck_reg(zoo.view, "T0", 77);
	ck_reg(zoo.view, "T4", 77);
	ck_reg(zoo.view, "P", 1);
	ck_reg(zoo.view, "G0", 0);
	ck_reg(zoo.view, "G1", 7);
}
END_TEST

START_TEST(find_gives_the_lowest_index_or_the_count)
{
	static const struct {
		uint64_t wanted, expected;
	} of[] = { { 5, 1 }, { 6, 4 }, { 9, 5 }, { 0, 2 } };

	rig_program(&zoo, "start: FIND G1, G2");
	*rig_reg(zoo.view, "T0") = 5;
	*rig_reg(zoo.view, "T1") = 5;
	*rig_reg(zoo.view, "T4") = 6;
	for (unsigned i = 0; i < 4; i++) {
		*rig_reg(zoo.view, "P") = 0;
		*rig_reg(zoo.view, "G2") = of[i].wanted;
		step();
		ck_reg(zoo.view, "G1", of[i].expected);
	}
}
END_TEST

START_TEST(p_reads_as_the_address_of_the_instruction_throughout)
{
	rig_program(&zoo, ".org 0x21\n start: HERE G1, G2");
	*rig_reg(zoo.view, "P") = 0x21;
	step();
	ck_reg(zoo.view, "G1", 0x21);
	ck_reg(zoo.view, "G2", 0x21);
	ck_reg(zoo.view, "P", 0x26);
}
END_TEST

START_TEST(a_new_value_is_made_of_the_old_ones)
{
	rig_program(&zoo, "start: SWAP G1, G1\n SWAP G1, G2\n MIX G1, G2");
	*rig_reg(zoo.view, "G1") = 0x1234;
	*rig_reg(zoo.view, "G2") = 0x5678;
	step();
	ck_reg(zoo.view, "G1", 0x3412);
	step();
	ck_reg(zoo.view, "G1", 0x7834);
	step();
	ck_reg(zoo.view, "G1", (0x5678 * 3 - 0x7834) & 0xffff);
}
END_TEST

START_TEST(halt_completes_and_stops_for_good)
{
	rig_program(&zoo, "start: NOP\n HALT 9");
	struct outcome o = view_run(zoo.view, 100);

	ck_assert_int_eq(o.event, EVENT_HALT);
	ck_assert_uint_eq(o.steps, 2);
	ck_assert_uint_eq(o.units, 2);
	ck_assert_uint_eq(zoo.view->cpu->halt_status, 9);
	ck_reg(zoo.view, "G0", 3);
	ck_reg(zoo.view, "P", 2);
	o = view_run(zoo.view, 100);
	ck_assert_int_eq(o.event, EVENT_HALT);
	ck_assert_uint_eq(o.steps, 0);
	ck_assert_uint_eq(zoo.view->cpu->time, 2);
}
END_TEST

START_TEST(p_wraps_at_its_width)
{
	struct rig r =
		rig_of("machine m { word 4; visible P : 4 role pc, A : 4; traps illegal, memory;"
		       "translate(a, access) { return a; } trapseq(k, t, i) { P := 0; }"
		       "format F { op:4 }"
		       "instr DEC F op=0 \"DEC\" { A := A - 1; }"
		       "instr MUL F op=1 \"MUL\" { A := A * 7; mem[A] := A; } }",
		       16);

	*rig_reg(r.view, "P") = 15;
	view_step(r.view);
	ck_reg(r.view, "P", 0);
	ck_reg(r.view, "A", 15);
	window_put(&r.view->window, 0, 1);
	view_step(r.view);
	ck_reg(r.view, "A", 9);
	ck_assert_uint_eq(rig_cell(r.view, 9), 9);
	rig_close(&r);
}
END_TEST

START_TEST(words_of_64_bits_are_whole)
{
	struct rig r = rig_of("machine m { word 64; visible P : 64 role pc, A : 64, Q : 64;"
			      "traps illegal, memory;"
			      "translate(a, access) { if (zext(a, 64) >= size) memtrap; return a; }"
			      "trapseq(k, t, i) { A := i; P := 0; }"
			      "format F { op:32, n:32 }"
			      "instr NEG F op=1, n=0 \"NEG\" { A := -A; Q := A /s Q; }"
			      "instr LD F op=2 \"LD {n}\" { A := mem[zext(n) - 1]; } }",
			      16);

	rig_program(&r, "start: NEG\n LD 1\n LD 0");
	*rig_reg(r.view, "A") = UINT64_C(1) << 63;
	*rig_reg(r.view, "Q") = ~UINT64_C(0);
	view_step(r.view);
	ck_reg(r.view, "A", UINT64_C(1) << 63);
	ck_reg(r.view, "Q", UINT64_C(1) << 63);
	view_step(r.view);
	ck_reg(r.view, "A", UINT64_C(1) << 32);
	view_step(r.view);
	ck_reg(r.view, "A", ~UINT64_C(0));
	ck_reg(r.view, "P", 0);
	rig_close(&r);
}
END_TEST

/* ---- bytes ---- */

#define BYTES(order)                                                                               \
	"machine bytes { word 32; addressing byte " order ";"                                      \
	"control B : word role bound, KIND : word, INFO : word, BE : 1;"                           \
	"visible P : word role pc, G[4] : 32; traps illegal, memory;"                              \
	"translate(a, access) { if (a >= B) memtrap; return a ^ 0x100; }"                          \
	"trapseq(kind, tpc, info) { KIND := kind; INFO := info; P := 0; }"                         \
	"reset(size) { B := size; }"                                                               \
	"format F { op:8, x:4, n:4 }"                                                              \
	"instr L1 F op=1 \"L1 {x}, {n}\" { G[x[1:0]] := zext(mem8[G[n[1:0]]]); }"                  \
	"instr L2 F op=2 \"L2 {x}, {n}\" { G[x[1:0]] := zext(mem16[G[n[1:0]]]); }"                 \
	"instr L4 F op=3 \"L4 {x}, {n}\" { G[x[1:0]] := mem[G[n[1:0]]]; }"                         \
	"instr S1 F op=4 \"S1 {x}, {n}\" { mem8[G[n[1:0]]] := G[x[1:0]][7:0]; }"                   \
	"instr S2 F op=5 \"S2 {x}, {n}\" { mem16[G[n[1:0]]] := G[x[1:0]][15:0]; }"                 \
	"instr S4 F op=6 \"S4 {x}, {n}\" { mem[G[n[1:0]]] := G[x[1:0]]; }"                         \
	"instr S8 F op=7 \"S8 {x}, {n}\" { mem64[G[n[1:0]]] := {G[0], G[x[1:0]]}; }"               \
	"}"

static struct rig bytes_of(const char *text)
{
	struct rig r = rig_of(text, 0x200);

	*rig_reg(r.view, "G1") = 0x11223344;
	*rig_reg(r.view, "G2") = 0x1fa;
	return r;
}

/* One instruction at virtual 0, in the order in which storage holds instructions. */
static void run_word(struct rig *r, uint64_t word)
{
	uint64_t unit[8];

	isa_pack(r->isa, word, unit);
	for (unsigned i = 0; i < r->isa->length; i++)
		window_put(&r->view->window, 0x100 + i, unit[i]);
	*rig_reg(r->view, "P") = 0;
	*rig_reg(r->view, "KIND") = 99;
	view_step(r->view);
}

static void expect_bytes(const struct rig *r, uint64_t place, unsigned n, bool big, uint64_t value)
{
	for (unsigned i = 0; i < n; i++)
		ck_assert_uint_eq(rig_cell(r->view, place + i),
				  value >> (big ? n - 1 - i : i) * 8 & 0xff);
}

static void check_bytes(struct rig *r, bool big)
{
	run_word(r, 0x0612);
	expect_bytes(r, 0xfa, 4, big, 0x11223344);
	run_word(r, 0x0332);
	ck_reg(r->view, "G3", 0x11223344);
	run_word(r, 0x0232);
	ck_reg(r->view, "G3", big ? 0x1122 : 0x3344);
	run_word(r, 0x0132);
	ck_reg(r->view, "G3", big ? 0x11 : 0x44);
	run_word(r, 0x0512);
	expect_bytes(r, 0xfa, 2, big, 0x3344);
	run_word(r, 0x0412);
	ck_assert_uint_eq(rig_cell(r->view, 0xfa), 0x44);
	ck_assert_uint_eq(rig_cell(r->view, 0xfb), big ? 0x44 : 0x33);
	*rig_reg(r->view, "G0") = 0xaabbccdd;
	*rig_reg(r->view, "G2") = 0x1f8;
	run_word(r, 0x0712);
	expect_bytes(r, 0xf8, 8, big, UINT64_C(0xaabbccdd11223344));
	ck_reg(r->view, "KIND", 99);
}

START_TEST(bytes_lie_in_little_endian_order)
{
	struct rig r = bytes_of(BYTES("little"));

	check_bytes(&r, false);
	rig_close(&r);
}
END_TEST

START_TEST(bytes_lie_in_big_endian_order)
{
	struct rig r = bytes_of(BYTES("big"));

	check_bytes(&r, true);
	rig_close(&r);
}
END_TEST

START_TEST(the_order_of_bytes_may_be_part_of_the_state)
{
	struct rig r = bytes_of(BYTES("endian(BE)"));

	check_bytes(&r, false);
	*rig_reg(r.view, "G2") = 0x1fa;
	*rig_reg(r.view, "BE") = 1;
	check_bytes(&r, true);
	rig_close(&r);
}
END_TEST

START_TEST(each_unit_is_translated_before_any_effect)
{
	struct rig r = bytes_of(BYTES("big"));

	/* the addresses run across the bound, and their places, which translate moves, do not */
	*rig_reg(r.view, "B") = 0x1f0;
	for (uint64_t start = 0x1ed; start < 0x1f0; start++) {
		*rig_reg(r.view, "G2") = start;
		run_word(&r, 0x0612);
		ck_reg(r.view, "KIND", 1);
		ck_reg(r.view, "INFO", 0x1f0);
		for (uint64_t i = start; i < start + 4; i++)
			ck_assert_uint_eq(rig_cell(r.view, i ^ 0x100), 0);
		run_word(&r, 0x0312);
		ck_reg(r.view, "KIND", 1);
		ck_reg(r.view, "INFO", 0x1f0);
		ck_reg(r.view, "G1", 0x11223344);
	}
	*rig_reg(r.view, "G2") = 0x1ec;
	run_word(&r, 0x0612);
	ck_reg(r.view, "KIND", 99);
	expect_bytes(&r, 0xec, 4, true, 0x11223344);
	rig_close(&r);
}
END_TEST

START_TEST(addresses_of_several_units_wrap_at_a_word)
{
	struct rig r = bytes_of(BYTES("little"));

	*rig_reg(r.view, "B") = 0xffffffff;
	*rig_reg(r.view, "G2") = 0xfffffffe;
	run_word(&r, 0x0612);
	ck_reg(r.view, "KIND", 1);
	ck_reg(r.view, "INFO", 0xfffffffe);
	rig_close(&r);
}
END_TEST

/* ---- further ---- */

START_TEST(trapseq_outside_the_storage_is_a_check_stop)
{
	struct rig r =
		rig_of("machine m { word 32; visible P : word role pc; traps illegal, memory;"
		       "translate(a, access) { return a; }"
		       "trapseq(k, t, i) { phys[0] := t; phys[100] := t; P := 0; }"
		       "format F { op:32 } instr NOP F op=0 \"NOP\" { } }",
		       16);
	struct outcome o;

	window_put(&r.view->window, 1, 1);
	o = view_run(r.view, 10);
	ck_assert_int_eq(o.event, EVENT_CHECKSTOP);
	ck_assert_int_eq(r.view->cpu->status, CPU_CHECKSTOP);
	ck_assert_uint_eq(o.steps, 2);
	ck_assert_uint_eq(r.view->cpu->time, 1);
	ck_assert_int_eq(view_run(r.view, 10).event, EVENT_CHECKSTOP);
	ck_assert_uint_eq(r.view->cpu->steps, 2);
	rig_close(&r);
}
END_TEST

START_TEST(a_branch_with_a_delay_slot_takes_effect_one_instruction_late)
{
	struct rig r = rig_of("machine slot { word 16; control NPC : word, SLOT : 1, TPC : word;"
			      "visible P : word role pc, A : word; traps illegal, memory, own;"
			      "translate(a, access) { return a; }"
			      "trapseq(k, t, i) { TPC := t; P := 8; NPC := 9; }"
			      "reset(size) { NPC := 1; }"
			      "advance() { P := NPC; NPC := NPC + 1; SLOT := 0; }"
			      "format F { op:8, n:8 }"
			      "instr J F op=1 \"J {n}\" { NPC := zext(n); SLOT := 1; }"
			      "instr ADD F op=2 \"ADD {n}\" { A := A + zext(n); }"
			      "instr OWN F op=3, n=0 \"OWN\" { A := 0; trap own; }"
			      "instr SVC F op=4, n=0 \"SVC\" { trap own next; } }",
			      32);

	rig_program(&r, "start: J 4\n ADD 1\n ADD 10\n .org 4\n OWN\n SVC");
	view_step(r.view);
	ck_reg(r.view, "P", 1);
	ck_reg(r.view, "SLOT", 1);
	view_step(r.view);
	ck_reg(r.view, "P", 4);
	ck_reg(r.view, "A", 1);
	ck_reg(r.view, "SLOT", 0);
	r.view->resident = true;
	struct outcome o = view_step(r.view);

	ck_assert_uint_eq(o.trap.tpc, 4);
	ck_reg(r.view, "P", 4);
	ck_reg(r.view, "NPC", 5);
	ck_reg(r.view, "A", 1);
	*rig_reg(r.view, "P") = 5;
	*rig_reg(r.view, "NPC") = 20;
	o = view_step(r.view);
	ck_assert_uint_eq(o.trap.tpc, 20);
	ck_reg(r.view, "P", 5);
	ck_reg(r.view, "NPC", 20);
	rig_close(&r);
}
END_TEST

START_TEST(instructions_of_several_words_have_their_high_part_first)
{
	struct rig r = rig_of("machine two { word 16; visible P : word role pc, A : word;"
			      "traps illegal, memory; translate(a, access) { return a; }"
			      "trapseq(k, t, i) { P := 0; } format F { op:16, n:16 }"
			      "instr LI F op=1 \"LI {n}\" { A := n; } }",
			      32);
	uint64_t word, place;

	rig_program(&r, "start: .word 0\n.org 6\n LI 0x1234");
	ck_assert_uint_eq(rig_cell(r.view, 6), 1);
	*rig_reg(r.view, "P") = 6;
	ck_assert(view_fetch(r.view, &word, &place));
	ck_assert_uint_eq(word, 0x11234);
	ck_assert_uint_eq(place, 6);
	view_step(r.view);
	ck_reg(r.view, "A", 0x1234);
	ck_reg(r.view, "P", 8);
	rig_close(&r);
}
END_TEST

START_TEST(thousands_of_different_words_are_decoded_right)
{
	/* more of them than the decoder keeps, each executed twice */
	struct rig r = rig_of("machine many { word 32; visible P : word role pc, A : word;"
			      "traps illegal, memory; translate(a, access) { return a; }"
			      "trapseq(k, t, i) { P := 0; } format F { op:8, n:24 }"
			      "instr ADD F op=1 \"ADD {n}\" { A := A + zext(n); } }",
			      40000);
	uint64_t sum = 0;

	for (uint64_t i = 0; i < 40000; i++)
		window_put(&r.view->window, i, 1 << 24 | i * 77);
	for (unsigned round = 0; round < 2; round++) {
		*rig_reg(r.view, "P") = 0;
		view_run(r.view, 40000);
		for (uint64_t i = 0; i < 40000; i++)
			sum += i * 77;
		ck_reg(r.view, "A", sum & 0xffffffff);
	}
	rig_close(&r);
}
END_TEST

static Suite *suite(void)
{
	Suite *s = suite_create("oracle");
	TCase *z = tcase_create("instructions");
	TCase *b = tcase_create("bytes"), *f = tcase_create("further");

	tcase_add_checked_fixture(z, set_up_zoo, tear_down_zoo);
	tcase_add_test(z, a_block_move_that_faults_at_its_third_word_leaves_no_effect);
	tcase_add_test(z, whatever_an_instruction_changed_is_put_back_when_it_traps);
	tcase_add_test(z, a_rolled_back_element_past_the_end_is_nobodys);
	tcase_add_loop_test(z, a_trap_leaves_what_its_phase_says, 0, 3);
	tcase_add_loop_test(z, a_resident_program_finds_the_state_before_the_trap, 0, 3);
	tcase_add_test(z, unspecified_values_are_a_seeded_stream);
	tcase_add_test(z, an_illegal_word_traps_with_the_word);
	tcase_add_test(z, a_fetch_that_translate_refuses_traps_memory);
	tcase_add_test(z, a_place_outside_the_storage_traps_memory);
	tcase_add_test(z, a_program_may_change_its_own_instructions);
	tcase_add_test(z, setting_an_element_past_the_end_does_nothing);
	tcase_add_test(z, find_gives_the_lowest_index_or_the_count);
	tcase_add_test(z, p_reads_as_the_address_of_the_instruction_throughout);
	tcase_add_test(z, a_new_value_is_made_of_the_old_ones);
	tcase_add_test(z, halt_completes_and_stops_for_good);
	tcase_add_test(b, bytes_lie_in_little_endian_order);
	tcase_add_test(b, bytes_lie_in_big_endian_order);
	tcase_add_test(b, the_order_of_bytes_may_be_part_of_the_state);
	tcase_add_test(b, each_unit_is_translated_before_any_effect);
	tcase_add_test(b, addresses_of_several_units_wrap_at_a_word);
	tcase_add_test(f, p_wraps_at_its_width);
	tcase_add_test(f, words_of_64_bits_are_whole);
	tcase_add_test(f, trapseq_outside_the_storage_is_a_check_stop);
	tcase_add_test(f, a_branch_with_a_delay_slot_takes_effect_one_instruction_late);
	tcase_add_test(f, instructions_of_several_words_have_their_high_part_first);
	tcase_add_test(f, thousands_of_different_words_are_decoded_right);
	suite_add_tcase(s, z);
	suite_add_tcase(s, b);
	suite_add_tcase(s, f);
	return s;
}

#include "tests/harness.h"
