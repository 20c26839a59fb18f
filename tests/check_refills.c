/*
 * Refills of a TLB (mipscp0) in translated code.  Where a page was missed, what the handler has
 * written since may tell where it is; or there is more to know.
 */
#include "tests/paged_rig.h"

enum { ROUNDS = 600 };

/*
 * The guest's code is at 0x2000, by entry 0, in user mode, or with its `mode` 0 in the kernel's. It
 * adds up in R6 what it loads from 0x5000, 600 times (R7), and each time ends with a call.  In the
 * places 0x3000 and 0x4000 are 1 and 1000.  R20 counts refills, R21 other traps: pages that are not
 * valid.
 */
static const char guest[] =
	".machine mipscp0\n.org 0\nj refilled\naddiu R20, R20, 1\n"
	".org 0x80\nmfc0 R26, 13\nandi R26, R26, 0x7c\naddiu R27, R0, 0x20\n"
	"beq R26, R27, called\naddu R0, R0, R0\naddiu R21, R21, 1\n%s"
	"back: mfc0 R26, 14\njr R26\nrfe\n"
	"refilled:\n%sj back\naddu R0, R0, R0\n"
	"called:\n%saddiu R7, R7, -1\nbeq R7, R0, off\nmfc0 R26, 14\n"
	"addiu R26, R26, 4\njr R26\nrfe\noff: halt 0\n"
	".org 0x400\naddiu R8, R0, 0x2000\nmtc0 R8, 10\naddiu R9, R0, 0x2700\nmtc0 R9, 2\n"
	"mtc0 R0, 0\ntlbwi\naddiu R7, R0, 600\n%s"
	"addiu R9, R0, %u\nmtc0 R9, 12\naddiu R8, R0, 0x5000\naddiu R26, R0, 0x2000\njr R26\nrfe\n"
	".org 0x2000\nagain: lw R5, 0(R8)\naddu R6, R6, R5\nsyscall 0\n"
	"beq R0, R0, again\naddu R0, R0, R0\n"
	".org 0x3000\n.word 1\n.org 0x4000\n.word 1000\n";

/* An entry: its page and address space, and its place and what may be done there. */
#define WRITE(entry, high, low)                                                                    \
	"addiu R9, R0, " entry "\nmtc0 R9, 0\naddiu R9, R0, " high                                 \
	"\nmtc0 R9, 10\naddiu R9, R0, " low "\nmtc0 R9, 2\ntlbwi\n"
/* For a page that nobody asks for. */
#define AWAY(entry) WRITE(entry, "0x7000", "0x3700")
/* The first one where a register is odd, and else the other. */
#define IF_ODD(reg, first, other)                                                                  \
	"andi R9, " reg ", 1\nbeq R9, R0, other\naddu R0, R0, R0\n" first                          \
	"j done\naddu R0, R0, R0\nother:\n" other "done:\n"

struct handlers {
	const char *set;     /* first of all */
	const char *refill;  /* where no entry matches */
	const char *invalid; /* where one says that the page is not valid */
	const char *call;
	uint64_t refills, invalids, sum;
};

static void check_in(unsigned mode, const struct handlers *h)
{
	char text[4096];
	struct lab l;

	snprintf(text, sizeof text, guest, h->invalid, h->refill, h->call, h->set, mode);
	l = lab_paged("mipscp0", text);
	run_to_halt(&l, 0);
	ck_assert_uint_eq(examine(&l, "R20"), h->refills);
	ck_assert_uint_eq(examine(&l, "R21"), h->invalids);
	ck_assert_uint_eq(examine(&l, "R6"), h->sum);
	check_share(&l, 75);
	lab_close(&l);
}

static void check(const struct handlers *h)
{
	enum { KERNEL = 0, USER = 8 };

	check_in(USER, h);
	check_in(KERNEL, h);
}

START_TEST(a_page_is_where_the_entry_says_that_was_written_for_it)
{
	check(&(struct handlers){ .set = "",
				  .refill = WRITE("0x700", "0x5000", "0x3700"),
				  .invalid = "",
				  .call = AWAY("0x700"),
				  .refills = ROUNDS,
				  .sum = ROUNDS });
}
END_TEST

START_TEST(of_two_entries_that_were_written_the_first_one_counts)
{
	check(&(struct handlers){ .set = "",
				  .refill = WRITE("0x500", "0x5000", "0x3700")
					  WRITE("0x700", "0x5000", "0x4700"),
				  .invalid = "",
				  .call = AWAY("0x500") AWAY("0x700"),
				  .refills = ROUNDS,
				  .sum = ROUNDS });
}
END_TEST

START_TEST(an_entry_that_is_not_valid_hides_one_written_behind_it)
{
	/* first entry 7 is written, which does not help */
	check(&(struct handlers){ .set = WRITE("0x500", "0x5000", "0x3500"),
				  .refill = "",
				  .invalid = IF_ODD("R21", WRITE("0x700", "0x5000", "0x4700"),
						    WRITE("0x500", "0x5000", "0x3700")),
				  .call = AWAY("0x700") WRITE("0x500", "0x5000", "0x3500"),
				  .invalids = 2 * ROUNDS,
				  .sum = ROUNDS });
}
END_TEST

START_TEST(an_entry_that_is_written_without_being_valid_leads_to_the_other_handler)
{
	check(&(struct handlers){ .set = "",
				  .refill = WRITE("0x700", "0x5000", "0x4500"),
				  .invalid = WRITE("0x700", "0x5000", "0x3700"),
				  .call = AWAY("0x700"),
				  .refills = ROUNDS,
				  .invalids = ROUNDS,
				  .sum = ROUNDS });
}
END_TEST

START_TEST(an_entry_for_another_page_does_not_help)
{
	check(&(struct handlers){ .set = "",
				  .refill = IF_ODD("R20", WRITE("0x700", "0x4000", "0x4700"),
						   WRITE("0x700", "0x5000", "0x3700")),
				  .invalid = "",
				  .call = AWAY("0x700"),
				  .refills = 2 * ROUNDS,
				  .sum = ROUNDS });
}
END_TEST

START_TEST(an_entry_of_another_address_space_does_not_help)
{
	/* nor is it the one that the handler goes back to */
	check(&(struct handlers){
		.set = "",
		.refill = IF_ODD(
			"R20",
			WRITE("0x700", "0x5040", "0x4600") "addiu R9, R0, 0x5000\nmtc0 R9, 10\n",
			WRITE("0x700", "0x5000", "0x3600")),
		.invalid = "",
		.call = AWAY("0x700"),
		.refills = 2 * ROUNDS,
		.sum = ROUNDS });
}
END_TEST

START_TEST(another_address_space_has_its_own_entries)
{
	/* what was missed in space 0 is there in space 1, where the handler loads from another page
	   and goes back to, by entry 3 */
	check(&(struct handlers){
		.set = WRITE("0x300", "0x5040", "0x3600"),
		.refill = "addiu R9, R0, 0x5040\nmtc0 R9, 10\nlw R9, 0x2000(R0)\n" WRITE(
			"0x700", "0x5040", "0x4600"),
		.invalid = "",
		.call = AWAY("0x700"),
		.refills = ROUNDS - 1,
		.sum = ROUNDS });
}
END_TEST

START_TEST(an_entry_before_the_one_that_was_found_is_seen)
{
	check(&(struct handlers){
		.set = WRITE("0x700", "0x5000", "0x4700"),
		.refill = "",
		.invalid = "",
		.call = IF_ODD("R7", AWAY("0x500"), WRITE("0x500", "0x5000", "0x3700")),
		.sum = ROUNDS / 2 * 1001 });
}
END_TEST

START_TEST(a_page_that_is_fetched_ends_where_storage_does)
{
	/* that is not at a multiple of the largest page */
	struct lab l = lab_paged_of("mips32-bench",
				    ".machine mips32-bench\n.org 0x400\naddiu R7, R0, 1000\n"
				    "lui R8, 0x8000\nori R8, R8, 0x63f8\nround: jalr R31, R8\n"
				    "addiu R7, R7, -1\nbne R7, R0, round\naddiu R8, R8, 0\n"
				    "addiu R8, R8, 8\njr R8\naddiu R7, R0, 7\n"
				    ".org 0x63f8\njr R31\naddiu R6, R6, 1\n",
				    0x6400);
	struct outcome out;

	l.bare->view[0].resident = true;
	out = run(&l, UINT64_MAX);
	ck_assert_int_eq(out.event, EVENT_TRAP);
	ck_assert_str_eq(out.trap.kind->name, "ibe");
	ck_assert_uint_eq(out.trap.info, 0x80006400);
	ck_assert_uint_eq(examine(&l, "R6"), 1000);
	ck_assert_uint_eq(examine(&l, "R7"), 7);
	check_share(&l, 90);
	lab_close(&l);
}
END_TEST

static Suite *suite(void)
{
	Suite *s = suite_create("refills");
	TCase *t = tcase_create("refills");

#ifdef __x86_64__
	tcase_add_test(t, a_page_is_where_the_entry_says_that_was_written_for_it);
	tcase_add_test(t, of_two_entries_that_were_written_the_first_one_counts);
	tcase_add_test(t, an_entry_that_is_not_valid_hides_one_written_behind_it);
	tcase_add_test(t, an_entry_that_is_written_without_being_valid_leads_to_the_other_handler);
	tcase_add_test(t, an_entry_for_another_page_does_not_help);
	tcase_add_test(t, an_entry_of_another_address_space_does_not_help);
	tcase_add_test(t, another_address_space_has_its_own_entries);
	tcase_add_test(t, an_entry_before_the_one_that_was_found_is_seen);
	tcase_add_test(t, a_page_that_is_fetched_ends_where_storage_does);
#endif
	suite_add_tcase(s, t);
	return s;
}

#include "tests/harness.h"
