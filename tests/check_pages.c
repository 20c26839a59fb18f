/*
 * The translator where translate goes by the pages of a translation buffer (mipscp0).  What changes
 * a translation is seen at once, whoever does it, and what it gave before is not used again.
 */
#include "tests/paged_rig.h"

#include "machine/stops.h"

/* ---- a translation buffer ---- */

/* A kernel's code, in kseg0; entry 0 of the TLB: the page at 0x1000 is at 0x2000, R9 for ENTRYLO.
 */
#define KERNEL                                                                                     \
	".machine mipscp0\n.org 0x80\nhalt 9\n.org 0x400\n"                                        \
	"addiu R8, R0, 0x1000\nmtc0 R8, 10\naddiu R9, R0, 0x2700\nmtc0 R9, 2\ntlbwi\n"
/* The page goes to the other of two places. */
#define MOVE "xori R9, R9, 0x1000\nmtc0 R9, 2\ntlbwi\n"
/* So many rounds that count up the word at R8; R6: their number. */
#define COUNT_UP(label, rounds)                                                                    \
	"addiu R4, R0, " rounds "\n" label ": lw R5, 0(R8)\naddiu R5, R5, 1\n"                     \
	"sw R5, 0(R8)\naddiu R4, R4, -1\nbne R4, R0, " label "\naddiu R6, R6, 1\n"

START_TEST(a_loop_that_loads_and_stores_runs_translated)
{
	struct lab l = lab_paged("mipscp0", KERNEL COUNT_UP("again", "5000") "halt 0\n");

	run_to_halt(&l, 0);
	ck_assert_uint_eq(word_at(&l, 0x2000), 5000);
	ck_assert_uint_eq(examine(&l, "R6"), 5000);
	check_share(&l, 97);
	lab_close(&l);
}
END_TEST

START_TEST(runs_stop_exactly_in_delay_slots_too)
{
	struct lab l = lab_paged("mipscp0", KERNEL COUNT_UP("again", "5000") "halt 0\n");

	for (uint64_t n = 1, steps = 0; steps < 20000; n = n * 7 % 61 + 1) {
		uint64_t in_loop;

		ck_assert_uint_eq(run(&l, n).steps, n);
		steps += n;
		in_loop = steps > 6 ? steps - 6 : 0;
		ck_assert_uint_eq(examine(&l, "R6"), in_loop / 6);
		ck_assert_uint_eq(word_at(&l, 0x2000), (in_loop + 3) / 6);
		ck_assert_uint_eq(examine(&l, "SLOT"), in_loop % 6 == 5);
	}
	lab_close(&l);
}
END_TEST

START_TEST(a_page_that_moves_is_loaded_and_stored_where_it_is)
{
	struct lab l =
		lab_paged("mipscp0", KERNEL
			  "addiu R7, R0, 40\nround: addiu R7, R7, -1\n" COUNT_UP("again", "50") MOVE
			  "bne R7, R0, round\naddu R0, R0, R0\nhalt 0\n");

	run_to_halt(&l, 0);
	ck_assert_uint_eq(word_at(&l, 0x2000), 20 * 50);
	ck_assert_uint_eq(word_at(&l, 0x3000), 20 * 50);
	check_share(&l, 80);
	lab_close(&l);
}
END_TEST

/* In mips32 the place of a page is in another array than what is compared, which stays here. */
START_TEST(a_page_whose_place_is_in_an_array_beside_moves)
{
	struct lab l = lab_paged(
		"mips32-bench",
		".machine mips32-bench\n.org 0x400\naddiu R8, R0, 0x2000\nmtc0 R8, 10, 0\n"
		"addiu R9, R0, 0x9f\nmtc0 R9, 2, 0\nmtc0 R9, 3, 0\ntlbwi\n"
		"addiu R7, R0, 40\nround: addiu R7, R7, -1\n" COUNT_UP("again", "50")
		"xori R9, R9, 0x40\nmtc0 R9, 2, 0\ntlbwi\n"
		"bne R7, R0, round\naddu R0, R0, R0\nlui R8, 0xbf00\nsw R0, 0x200(R8)\n");

	run_to_halt(&l, 0);
	for (uint64_t place = 0x2000; place <= 0x3000; place += 0x1000)
		ck_assert_uint_eq(unit_at(&l, place) + 256 * unit_at(&l, place + 1), 20 * 50);
	check_share(&l, 80);
	lab_close(&l);
}
END_TEST

START_TEST(code_on_a_page_that_moves_is_what_is_there)
{
	/* the same address has two functions in turn, which count by 1 and by 100 */
	struct lab l = lab_paged("mipscp0", KERNEL "addiu R7, R0, 400\nround: jalr R31, R8\n"
						   "addiu R7, R7, -1\n" MOVE
						   "bne R7, R0, round\naddu R0, R0, R0\nhalt 0\n"
						   ".org 0x2000\njr R31\naddiu R6, R6, 1\n"
						   ".org 0x3000\njr R31\naddiu R6, R6, 100\n");

	run_to_halt(&l, 0);
	ck_assert_uint_eq(examine(&l, "R6"), 200 * 101);
	ck_assert_uint_eq(translator_counts(l.bare->translator).dropped, 0);
	check_share(&l, 30);
	lab_close(&l);
}
END_TEST

/* An entry without V or D after 1000 rounds: the trap, with so many rounds of 2000 done. */
static void check_revoked(const char *entry, const char *trap)
{
	char guest[1024];
	struct lab l;
	struct outcome out;

	snprintf(guest, sizeof guest,
		 "%saddiu R7, R0, 2\nround: %saddiu R9, R0, %s\nmtc0 R9, 2\ntlbwi\n"
		 "addiu R7, R7, -1\nbne R7, R0, round\naddu R0, R0, R0\nhalt 0\n",
		 KERNEL, COUNT_UP("again", "1000"), entry);
	l = lab_paged("mipscp0", guest);
	l.bare->view[0].resident = true;
	out = run(&l, UINT64_MAX);
	ck_assert_int_eq(out.event, EVENT_TRAP);
	ck_assert_str_eq(out.trap.kind->name, trap);
	ck_assert_uint_eq(out.trap.info, 0x1000);
	ck_assert_uint_eq(examine(&l, "R6"), 1000);
	ck_assert_uint_eq(word_at(&l, 0x2000), 1000);
	lab_close(&l);
}

START_TEST(an_entry_that_is_made_invalid_lets_nobody_through)
{
	check_revoked("0x2500", "tlbl");
	check_revoked("0x2300", "modified");
}
END_TEST

/* An access that was aligned in 1000 rounds, and then is not: that comes first, whatever the page is. */
static void check_unaligned(const char *access, const char *add, const char *trap, uint64_t at)
{
	char guest[1024];
	struct lab l;
	struct outcome out;

	snprintf(guest, sizeof guest,
		 "%saddiu R7, R0, 2\nround: addiu R4, R0, 1000\nagain: %s R5, 0(R8)\n"
		 "addiu R4, R4, -1\nbne R4, R0, again\naddiu R6, R6, 1\naddiu R8, R8, %s\n"
		 "addiu R7, R7, -1\nbne R7, R0, round\naddu R0, R0, R0\nhalt 0\n",
		 KERNEL, access, add);
	l = lab_paged("mipscp0", guest);
	l.bare->view[0].resident = true;
	out = run(&l, UINT64_MAX);
	ck_assert_int_eq(out.event, EVENT_TRAP);
	ck_assert_str_eq(out.trap.kind->name, trap);
	ck_assert_uint_eq(out.trap.info, at);
	ck_assert_uint_eq(examine(&l, "R6"), 1000);
	check_share(&l, 90);
	lab_close(&l);
}

START_TEST(an_access_that_is_not_aligned_traps_for_that)
{
	check_unaligned("lw", "2", "adel", 0x1002);
	check_unaligned("lh", "1", "adel", 0x1001);
	check_unaligned("sw", "3", "ades", 0x1003);
	check_unaligned("sh", "5", "ades", 0x1005);
	check_unaligned("lw", "0x1001", "adel", 0x2001);
	check_unaligned("sw", "0x1002", "ades", 0x2002);
}
END_TEST

/* In kseg0 addresses stand in a row, and need no page: the same instructions reach both. */
START_TEST(a_row_and_pages_are_reached_by_the_same_instructions)
{
	struct lab l = lab_paged("mipscp0", KERNEL "lui R10, 0x8000\nori R10, R10, 0x3000\n"
				 "addiu R4, R0, 5000\nagain: lw R5, 0(R8)\naddiu R5, R5, 1\n"
				 "sw R5, 0(R8)\nlbu R7, 3(R8)\nsh R7, 6(R8)\nlhu R7, 6(R8)\n"
				 "addu R11, R11, R7\nxor R8, R8, R10\naddiu R4, R4, -1\n"
				 "bne R4, R0, again\naddiu R6, R6, 1\nhalt 0\n");
	uint64_t sum = 0;

	for (unsigned i = 1; i <= 5000; i++)
		sum += i & 0xff;
	run_to_halt(&l, 0);
	ck_assert_uint_eq(word_at(&l, 0x2000), 5000);
	ck_assert_uint_eq(word_at(&l, 0x2004), 5000 & 0xff);
	ck_assert_uint_eq(examine(&l, "R11"), sum);
	ck_assert_uint_eq(examine(&l, "R6"), 5000);
	check_share(&l, 97);
	lab_close(&l);
}
END_TEST

/* An access of a row, again and again a little farther, up to where it traps. */
static void check_row_ends(const char *machine, const char *access, unsigned from, unsigned step,
			   const char *trap, uint64_t at)
{
	struct outcome out;
	char guest[512];
	struct lab l;

	snprintf(guest, sizeof guest,
		 ".machine %s\n.org 0x400\nlui R8, 0x8000\nori R8, R8, 0x%x\n"
		 "again: %s R5, 0(R8)\naddiu R6, R6, 1\nbeq R0, R0, again\naddiu R8, R8, %u\n",
		 machine, from, access, step);
	l = lab_paged(machine, guest);
	l.bare->view[0].resident = true;
	out = run(&l, UINT64_MAX);
	ck_assert_int_eq(out.event, EVENT_TRAP);
	ck_assert_str_eq(out.trap.kind->name, trap);
	ck_assert_uint_eq(out.trap.info, at);
	ck_assert_uint_eq(examine(&l, "R6"), (at - 0x80000000 - from + step - 1) / step);
	check_share(&l, 90);
	lab_close(&l);
}

START_TEST(a_row_ends_where_storage_does)
{
	check_row_ends("mipscp0", "lw", 0xe000, 4, "memory", 0x80010000);
	check_row_ends("mipscp0", "sh", 0xe000, 2, "memory", 0x80010000);
	check_row_ends("mipscp0", "sb", 0xe000, 1, "memory", 0x80010000);
	check_row_ends("mips32-bench", "lbu", 0xe000, 1, "memory", 0x80010000);
	check_row_ends("mips32-bench", "swl", 0xe003, 4, "memory", 0x80010003);
}
END_TEST

START_TEST(pages_that_may_be_read_need_not_be_written)
{
	/* a store that ran translated, on a page that meanwhile may only be read, and is */
	struct lab l = lab_paged("mipscp0", KERNEL
				 "addiu R7, R0, 100\nputs: jal put\naddiu R7, R7, -1\n"
				 "bne R7, R0, puts\naddu R0, R0, R0\n"
				 "addiu R9, R0, 0x2300\nmtc0 R9, 2\ntlbwi\naddiu R7, R0, 100\n"
				 "gets: lw R6, 0(R8)\naddiu R7, R7, -1\nbne R7, R0, gets\n"
				 "addu R0, R0, R0\njal put\naddiu R7, R7, -1\nhalt 0\n"
				 "put: sw R7, 0(R8)\njr R31\naddu R0, R0, R0\n");
	struct outcome out;

	l.bare->view[0].resident = true;
	out = run(&l, UINT64_MAX);
	ck_assert_int_eq(out.event, EVENT_TRAP);
	ck_assert_str_eq(out.trap.kind->name, "modified");
	ck_assert_uint_eq(word_at(&l, 0x2000), 0);
	lab_close(&l);
}
END_TEST

START_TEST(entries_that_somebody_else_writes_count)
{
	struct lab l = lab_paged("mipscp0", KERNEL COUNT_UP("again", "3000") "halt 0\n");

	run(&l, 6 + 6 * 1000);
	ck_assert_uint_eq(word_at(&l, 0x2000), 1000);
	lab_deposit(&l.bare->view[0], "TLB0", UINT64_C(0x0000100000003700));
	run(&l, 6 * 500);
	ck_assert_uint_eq(word_at(&l, 0x3000), 500);
	lab_deposit(&l.bare->view[0], "TLB0", UINT64_C(0x0000100000002700));
	run_to_halt(&l, 0);
	ck_assert_uint_eq(word_at(&l, 0x2000), 2500);
	lab_close(&l);
}
END_TEST

START_TEST(each_address_space_has_its_own_pages)
{
	/* entries 0 and 1 are for the same page in spaces 0 and 1, which take turns */
	struct lab l =
		lab_paged("mipscp0", KERNEL
			  "addiu R9, R0, 0x2600\nmtc0 R9, 2\ntlbwi\n"
			  "addiu R10, R8, 0x40\nmtc0 R10, 10\naddiu R9, R0, 0x3600\n"
			  "mtc0 R9, 2\naddiu R11, R0, 0x100\nmtc0 R11, 0\ntlbwi\n"
			  "addiu R7, R0, 40\nround: xori R10, R10, 0x40\nmtc0 R10, 10\n" COUNT_UP(
				  "again", "50") "addiu R7, R7, -1\nbne R7, R0, round\n"
						 "addu R0, R0, R0\nhalt 0\n");

	run_to_halt(&l, 0);
	ck_assert_uint_eq(word_at(&l, 0x2000), 20 * 50);
	ck_assert_uint_eq(word_at(&l, 0x3000), 20 * 50);
	check_share(&l, 85);
	lab_close(&l);
}
END_TEST

/* The page at 0x2000 of so many address spaces, each at another place, is counted up by turns. */
static uint64_t regions_for(unsigned spaces)
{
	char guest[1024];
	struct lab l;
	uint64_t regions;

	snprintf(guest, sizeof guest,
		 ".machine mips32-bench\n.org 0x400\naddiu R8, R0, 0x2000\naddiu R10, R0, %u\n"
		 "set: or R11, R8, R10\nmtc0 R11, 10, 0\nmtc0 R10, 0, 0\naddiu R9, R10, 4\n"
		 "sll R9, R9, 6\nori R9, R9, 0x1e\nmtc0 R9, 2, 0\nmtc0 R0, 3, 0\ntlbwi\n"
		 "addiu R10, R10, -1\nbne R10, R0, set\naddu R0, R0, R0\n"
		 "addiu R7, R0, 40\nround: addiu R10, R0, %u\n"
		 "space: or R11, R8, R10\nmtc0 R11, 10, 0\n" COUNT_UP("again", "50")
		 "addiu R10, R10, -1\nbne R10, R0, space\naddu R0, R0, R0\n"
		 "addiu R7, R7, -1\nbne R7, R0, round\naddu R0, R0, R0\n"
		 "lui R8, 0xbf00\nsw R0, 0x200(R8)\n",
		 spaces, spaces);
	l = lab_paged("mips32-bench", guest);
	run_to_halt(&l, 0);
	for (unsigned i = 1; i <= spaces; i++)
		ck_assert_uint_eq(unit_at(&l, (4 + i) * 0x1000) |
					  unit_at(&l, (4 + i) * 0x1000 + 1) << 8,
				  40 * 50);
	regions = translator_counts(l.bare->translator).regions;
	lab_close(&l);
	return regions;
}

START_TEST(address_spaces_share_what_is_translated)
{
	uint64_t two = regions_for(2);

	ck_assert_uint_gt(two, 0);
	ck_assert_uint_eq(regions_for(3), two);
	ck_assert_uint_eq(regions_for(8), two);
}
END_TEST

START_TEST(an_earlier_entry_goes_before_the_one_that_was_found)
{
	/* entry 5 is found until entry 2 is for the page, too, and again when it is not any more */
	struct lab l = lab_paged(
		"mipscp0", KERNEL
		"addiu R11, R0, 0x500\nmtc0 R11, 0\ntlbwi\naddiu R10, R0, 0x7000\n"
		"mtc0 R10, 10\nmtc0 R0, 0\ntlbwi\naddiu R7, R0, 20\nround:\n" COUNT_UP(
			"a", "50") "addiu R11, R0, 0x200\nmtc0 R11, 0\nmtc0 R8, 10\n"
				   "addiu R9, R0, 0x3700\nmtc0 R9, 2\ntlbwi\n" COUNT_UP(
					   "b",
					   "70") "mtc0 R10, 10\ntlbwi\naddiu R7, R7, -1\n"
						 "bne R7, R0, round\naddu R0, R0, R0\nhalt 0\n");

	run_to_halt(&l, 0);
	ck_assert_uint_eq(word_at(&l, 0x2000), 20 * 50);
	ck_assert_uint_eq(word_at(&l, 0x3000), 20 * 70);
	lab_close(&l);
}
END_TEST

START_TEST(words_across_pages_are_put_together)
{
	/* two pages that are no neighbours in storage; the counter's halves are on both */
	struct lab l = lab_paged("mipscp0", KERNEL
				 "addiu R10, R0, 0x2000\nmtc0 R10, 10\naddiu R9, R0, 0x5700\n"
				 "mtc0 R9, 2\naddiu R11, R0, 0x100\nmtc0 R11, 0\ntlbwi\n"
				 "addiu R4, R0, 500\nagain: lwl R5, 4094(R8)\nlwr R5, 4097(R8)\n"
				 "addiu R5, R5, 1000\nswl R5, 4094(R8)\nswr R5, 4097(R8)\n"
				 "addiu R4, R4, -1\nbne R4, R0, again\naddu R0, R0, R0\nhalt 0\n");

	run_to_halt(&l, 0);
	ck_assert_uint_eq(unit_at(&l, 0x2ffe) << 24 | unit_at(&l, 0x2fff) << 16 |
				  unit_at(&l, 0x5000) << 8 | unit_at(&l, 0x5001),
			  500000);
	check_share(&l, 40);
	lab_close(&l);
}
END_TEST

START_TEST(code_that_goes_on_in_another_page_goes_on_where_that_is)
{
	/* two pages of code, the second of which moves, also to where the first one is */
	struct lab l = lab_paged("mipscp0", KERNEL
				 "addiu R10, R0, 0x2000\nmtc0 R10, 10\naddiu R9, R0, 0x3700\n"
				 "mtc0 R9, 2\naddiu R11, R0, 0x100\nmtc0 R11, 0\ntlbwi\n"
				 "addiu R8, R8, 0xff8\naddiu R4, R0, 600\naddiu R12, R0, 0x2700\n"
				 "round: jalr R31, R8\naddiu R4, R4, -1\n"
				 "addiu R9, R9, -0x1000\nslt R13, R9, R12\nbeq R13, R0, move\n"
				 "addu R0, R0, R0\naddiu R9, R0, 0x4700\nmove: mtc0 R9, 2\ntlbwi\n"
				 "bne R4, R0, round\naddu R0, R0, R0\nhalt 0\n"
				 ".org 0x2000\naddiu R6, R6, 1\njr R31\naddu R0, R0, R0\n"
				 ".org 0x2ff8\naddiu R6, R6, 1\naddiu R6, R6, 1\n"
				 ".org 0x3000\naddiu R6, R6, 10\njr R31\naddu R0, R0, R0\n"
				 ".org 0x4000\naddiu R6, R6, 100\njr R31\naddu R0, R0, R0\n");

	run_to_halt(&l, 0);
	ck_assert_uint_eq(examine(&l, "R6"), 600 * 2 + 200 * 111);
	lab_close(&l);
}
END_TEST

START_TEST(a_loop_over_two_pages_runs_translated)
{
	/* they are no neighbours in storage */
	struct lab l = lab_paged("mipscp0", KERNEL
				 "addiu R10, R0, 0x2000\nmtc0 R10, 10\naddiu R9, R0, 0x5700\n"
				 "mtc0 R9, 2\naddiu R11, R0, 0x100\nmtc0 R11, 0\ntlbwi\n"
				 "addiu R4, R0, 1000\naddiu R8, R8, 0xff8\njr R8\naddu R0, R0, R0\n"
				 ".org 0x2ff8\naddiu R4, R4, -1\naddiu R6, R6, 1\n"
				 ".org 0x5000\nbne R4, R0, .-8\naddiu R6, R6, 2\nhalt 0\n");

	run_to_halt(&l, 0);
	ck_assert_uint_eq(examine(&l, "R6"), 3000);
	check_share(&l, 90);
	lab_close(&l);
}
END_TEST

#ifdef __x86_64__
/* ---- searches ---- */

/* A guest that fills all 64 entries and looks for each of them 50 times; bytes of code for it. */
static uint64_t code_that_searches(unsigned vectors)
{
	const struct translator_options options = { .vectors = vectors };
	struct lab l = lab_paged("mipscp0", KERNEL
				 "fill: sll R8, R7, 12\nmtc0 R8, 10\nsll R8, R7, 8\n"
				 "mtc0 R8, 0\ntlbwi\naddiu R7, R7, 1\nslti R5, R7, 64\n"
				 "bne R5, R0, fill\naddu R0, R0, R0\naddiu R4, R0, 50\n"
				 "round: addu R7, R0, R0\n"
				 "seek: sll R8, R7, 12\nmtc0 R8, 10\ntlbp\nmfc0 R5, 0\n"
				 "addu R6, R6, R5\naddiu R7, R7, 1\nslti R5, R7, 64\n"
				 "bne R5, R0, seek\naddu R0, R0, R0\naddiu R4, R4, -1\n"
				 "bgtz R4, round\naddu R0, R0, R0\nhalt 0\n");
	uint64_t bytes;

	ck_assert(machine_translate(l.bare, &options));
	run_to_halt(&l, 0);
	ck_assert_uint_eq(examine(&l, "R6"), 50 * (63 * 64 / 2) << 8);
	check_share(&l, 90);
	bytes = translator_counts(l.bare->translator).bytes;
	lab_close(&l);
	return bytes;
}

START_TEST(searches_are_by_vectors_where_the_host_has_them_and_they_may_be)
{
	bool has = __builtin_cpu_supports("avx2") && __builtin_cpu_supports("bmi");
	uint64_t usually = code_that_searches(0), never = code_that_searches(1);

	ck_assert_uint_eq(code_that_searches(2), usually);
	if (has)
		ck_assert_uint_lt(usually, never);
	else
		ck_assert_uint_eq(usually, never);
}
END_TEST
#endif

/* ---- everything at once ---- */

#define NEXT "multu R16, R17\nmflo R16\naddu R16, R16, R18\n"
/* Some bits of the random number, at another place. */
#define DRAW(reg, from, mask, to)                                                                  \
	"srl " reg ", R16, " from "\nandi " reg ", " reg ", " mask "\nsll " reg ", " reg ", " to   \
	"\n"
/* From an exception: to what called the page, or to the instruction behind it. */
#define HANDLER                                                                                    \
	"mfc0 R26, 14\naddiu R21, R21, 1\nbgez R26, .+16\naddiu R26, R26, 4\njr R26\nrfe\n"        \
	"jr R31\nrfe\n"
#define FRAME(at, n) ".org " at "\naddiu R6, R6, " n "\njr R31\naddiu R20, R20, " n "\n"

/*
 * Random entries for eight pages in two address spaces; loads, stores and calls there, which may
 * trap; and stores into the code of those pages.  R16 is the random number.
 */
#define STRESS                                                                                                                                                           \
	".machine mipscp0\n.org 0\n" HANDLER ".org 0x80\n" HANDLER ".org 0x400\n"                                                                                        \
	"lui R17, 0x41c6\nori R17, R17, 0x4e6d\naddiu R18, R0, 12345\nlui R15, 0x8000\n"                                                                                 \
	"lui R14, 0x24c6\n"                                                                                                                                              \
	"loop:\n" NEXT DRAW("R2", "16", "7", "12") DRAW(                                                                                                                 \
		"R3", "19", "1", "6") "or R2, R2, R3\nmtc0 R2, 10\n" DRAW("R3", "20", "7", "12")                                                                         \
		DRAW("R4", "23", "7", "8") "or R3, R3, R4\nori R3, R3, 0x8000\nmtc0 R3, 2\n" DRAW(                                                                       \
			"R5", "26", "3",                                                                                                                                 \
			"8") "mtc0 R5, 0\ntlbwi\naddiu R19, R0, 6\n"                                                                                                     \
			     "access:\n" NEXT DRAW(                                                                                                                      \
				     "R8", "16", "0x7ffc",                                                                                                               \
				     "0") "ori R8, R8, 0x800\n"                                                                                                          \
					  "lw R9, 0(R8)\naddu R20, R20, R9\nsw R20, 4(R8)\n" DRAW(                                                                       \
						  "R8", "13",                                                                                                            \
						  "7", "12") "jalr R31, R8\naddu R0, R0, R0\n"                                                                           \
							     "addiu R19, R19, -1\nbne R19, R0, "                                                                         \
							     "access\naddu R0, R0, R0\n" NEXT DRAW("R8", "20", "7", "12") "ori R8, R8, 0x8000\naddu R8, R8, R15\n" DRAW( \
								     "R9", "16", "15",                                                                                   \
								     "0") "addu R9, R9, R14\nsw "                                                                        \
									  "R9, 0(R8)\n"                                                                                  \
									  "beq R0, R0, "                                                                                 \
									  "loop\naddu R0, R0, "                                                                          \
									  "R0\n" FRAME("0x8000", "1") FRAME(                                                             \
										  "0x9000",                                                                              \
										  "2") FRAME("0xa"                                                                       \
											     "00"                                                                        \
											     "0",                                                                        \
											     "3") FRAME("0xb000",                                                        \
													"4")                                                             \
										  FRAME("0xc000", "5") FRAME(                                                            \
											  "0xd00"                                                                        \
											  "0",                                                                           \
											  "6") FRAME("0xe000",                                                           \
												     "7")                                                                \
											  FRAME("0xf000",                                                                \
												"8")

static void check_same(const struct view *a, const struct view *b, uint64_t steps)
{
	const struct storage *x = a->window.storage, *y = b->window.storage;
	size_t bytes = x->size * x->cell_size, registers = a->isa->nslots * sizeof(uint64_t);

	ck_assert_msg(!memcmp(a->cpu->state, b->cpu->state, registers),
		      "the registers differ after %u steps", (unsigned)steps);
	ck_assert_msg(!memcmp(x->cell, y->cell, bytes), "storage differs after %u steps",
		      (unsigned)steps);
}

/* In the middle of the program, in a page that moves, and where it loads and stores. */
static void hang_stops(struct view *v)
{
	const struct watch w = { 0x9800, 0x80, true, true };

	stops_new(v);
	stops_add_break(v->stops, 0x80000440);
	stops_add_break(v->stops, 0x3000);
	stops_add_watch(v->stops, &w);
}

START_TEST(pages_at_random_are_as_the_oracle_has_them)
{
	struct lab l = lab_paged("mipscp0", STRESS);
	struct machine *oracle = machine_new(l.isa, l.size, 1, NULL, 0);
	struct view *a = &oracle->view[0], *b = &l.bare->view[0];
	unsigned stopped = 0;

	lab_enter(&l, a);
	lab_deposit(a, "R16", (uint64_t)_i);
	lab_deposit(b, "R16", (uint64_t)_i);
	if (_i % 2) {
		hang_stops(a);
		hang_stops(b);
	}
	for (uint64_t n = 1000, steps = 0; steps < 100000; n = (n * 31 + 7) % 4001 + 1) {
		struct outcome x = view_run(a, n), y = view_run(b, n);

		ck_assert_uint_eq(x.steps, y.steps);
		ck_assert_uint_eq(x.traps, y.traps);
		ck_assert_int_eq(x.event, y.event);
		stopped += x.event == EVENT_BREAK || x.event == EVENT_WATCH;
		steps += x.steps;
		check_same(a, b, steps);
	}
	ck_assert_uint_gt(examine(&l, "R6"), 1000);
	ck_assert_uint_gt(examine(&l, "R21"), 1000);
	check_share(&l, 50);
	ck_assert(_i % 2 == 0 || stopped > 100);
	stops_free(a->stops);
	stops_free(b->stops);
	machine_free(oracle);
	lab_close(&l);
}
END_TEST

START_TEST(pages_that_share_a_line_of_the_cache_are_told_apart)
{
	/*
	 * Code by turns in pages 0x1 and 0x1001, by entries 5 and 0; the former moves, while the
	 * latter, which needs not be looked at again, is the one that is remembered.
	 */
	struct lab l =
		lab_paged("mipscp0", KERNEL
			  "lui R10, 0x100\nori R10, R10, 0x1000\nmtc0 R10, 10\n"
			  "addiu R10, R10, 0x40\n"
			  "addiu R12, R0, 0x5700\nmtc0 R12, 2\ntlbwi\n"
			  "addiu R11, R0, 0x500\nmtc0 R11, 0\nmtc0 R8, 10\nmtc0 R9, 2\ntlbwi\n"
			  "addiu R7, R0, 400\nround: jalr R31, R8\naddu R0, R0, R0\n"
			  "jalr R31, R10\naddiu R7, R7, -1\n" MOVE
			  "bne R7, R0, round\naddu R0, R0, R0\nhalt 0\n"
			  ".org 0x2000\njr R31\naddiu R6, R6, 1\n"
			  ".org 0x3000\njr R31\naddiu R6, R6, 100\n"
			  ".org 0x5040\njr R31\naddiu R6, R6, 1000\n");

	run_to_halt(&l, 0);
	ck_assert_uint_eq(examine(&l, "R6"), 200 * 101 + 400 * 1000);
	lab_close(&l);
}
END_TEST

static Suite *suite(void)
{
	Suite *s = suite_create("pages");
	TCase *t = tcase_create("pages");

#ifdef __x86_64__
	tcase_add_test(t, a_loop_that_loads_and_stores_runs_translated);
	tcase_add_test(t, runs_stop_exactly_in_delay_slots_too);
	tcase_add_test(t, a_page_that_moves_is_loaded_and_stored_where_it_is);
	tcase_add_test(t, a_page_whose_place_is_in_an_array_beside_moves);
	tcase_add_test(t, code_on_a_page_that_moves_is_what_is_there);
	tcase_add_test(t, an_entry_that_is_made_invalid_lets_nobody_through);
	tcase_add_test(t, pages_that_may_be_read_need_not_be_written);
	tcase_add_test(t, an_access_that_is_not_aligned_traps_for_that);
	tcase_add_test(t, a_row_and_pages_are_reached_by_the_same_instructions);
	tcase_add_test(t, a_row_ends_where_storage_does);
	tcase_add_test(t, entries_that_somebody_else_writes_count);
	tcase_add_test(t, each_address_space_has_its_own_pages);
	tcase_add_test(t, address_spaces_share_what_is_translated);
	tcase_add_test(t, an_earlier_entry_goes_before_the_one_that_was_found);
	tcase_add_test(t, words_across_pages_are_put_together);
	tcase_add_test(t, code_that_goes_on_in_another_page_goes_on_where_that_is);
	tcase_add_test(t, a_loop_over_two_pages_runs_translated);
	tcase_add_test(t, searches_are_by_vectors_where_the_host_has_them_and_they_may_be);
	tcase_add_loop_test(t, pages_at_random_are_as_the_oracle_has_them, 1, 6);
	tcase_add_test(t, pages_that_share_a_line_of_the_cache_are_told_apart);
#endif
	suite_add_tcase(s, t);
	return s;
}

#include "tests/harness.h"
