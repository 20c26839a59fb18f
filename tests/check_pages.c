/*
 * The translator where translate goes by pages: a translation buffer (mipscp0), tables in
 * storage (an invented machine).  What changes a translation is seen at once, whoever does
 * it, and what it gave before is not used again.
 */
#include "tests/lab.h"

#include "machine/stops.h"
#include "machine/translator.h"

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

static const struct translator_options usual = { 0 };

static struct lab lab_paged(const char *machine, const char *guest)
{
	struct lab l = lab_of(machine);

	l.size = 1 << 16;
	lab_assemble(&l, guest);
	l.bare = lab_machine(&l, l.size);
	lab_enter(&l, &l.bare->view[0]);
	ck_assert(machine_translate(l.bare, &usual));
	return l;
}

static struct outcome run(struct lab *l, uint64_t n)
{
	return view_run(&l->bare->view[0], n);
}

static uint64_t examine(const struct lab *l, const char *name)
{
	return lab_examine(&l->bare->view[0], name);
}

static uint64_t unit_at(const struct lab *l, uint64_t place)
{
	uint64_t v = 0;

	ck_assert(window_get(&l->bare->view[0].window, place, &v));
	return v;
}

/* Of four bytes. */
static uint64_t word_at(const struct lab *l, uint64_t place)
{
	uint64_t v = 0;

	for (unsigned i = 0; i < 4; i++)
		v = v << 8 | unit_at(l, place + i);
	return v;
}

/* All but a little ran translated. */
static void check_share(const struct lab *l, unsigned percent)
{
	uint64_t steps = l->bare->cpu[0]->steps,
		 translated = translator_counts(l->bare->translator).translated;

	ck_assert_msg(translated * 100 >= steps * percent, "%u of %u steps translated",
		      (unsigned)translated, (unsigned)steps);
}

static void run_to_halt(struct lab *l, uint64_t status)
{
	run(l, UINT64_MAX);
	ck_assert_int_eq(l->bare->cpu[0]->status, CPU_HALTED);
	ck_assert_uint_eq(l->bare->cpu[0]->halt_status, status);
}

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
	tcase_add_test(t, entries_that_somebody_else_writes_count);
	tcase_add_test(t, each_address_space_has_its_own_pages);
	tcase_add_test(t, address_spaces_share_what_is_translated);
	tcase_add_test(t, an_earlier_entry_goes_before_the_one_that_was_found);
	tcase_add_test(t, words_across_pages_are_put_together);
	tcase_add_test(t, code_that_goes_on_in_another_page_goes_on_where_that_is);
	tcase_add_test(t, a_loop_over_two_pages_runs_translated);
	tcase_add_loop_test(t, pages_at_random_are_as_the_oracle_has_them, 1, 6);
	tcase_add_test(t, pages_that_share_a_line_of_the_cache_are_told_apart);
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
