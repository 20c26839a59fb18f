/*
 * The chips of the Malta board, machine/boards/, each through the board's addresses, as its manual has
 * it.
 */
#include "tests/malta_rig.h"

/* ---- interrupt controllers ---- */

/* Vectors 0x20 to 0x2f, all but these inputs masked. */
static void begin_pic(unsigned mask)
{
	static const unsigned icw[2][4] = { { 0x11, 0x20, 4, 1 }, { 0x11, 0x28, 2, 1 } };

	for (unsigned which = 0; which < 2; which++)
		for (unsigned i = 0; i < 4; i++)
			out((which ? 0xa0 : 0x20) + (i > 0), icw[which][i]);
	out(0x21, mask & 0xff);
	out(0xa1, mask >> 8);
}

/* Counter 0 in a mode, with a count. */
static void begin_pit(unsigned mode, unsigned count)
{
	out(0x43, 0x30 | mode << 1);
	out(0x40, count & 0xff);
	out(0x40, count >> 8);
}

START_TEST(an_interrupt_is_acknowledged_and_ended)
{
	begin_pic(0xfffe);
	begin_pit(2, 100);
	ck_assert_uint_eq(board->class->next_event(board), pit_time(100));
	go_to(pit_time(100) - 1);
	ck_assert(!interrupts());
	go_to(pit_time(100));
	ck_assert(interrupts());
	ck_assert_uint_eq(acknowledge(), 0x20);
	ck_assert(!interrupts());
	go_to(pit_time(200)); /* waits for the end of the one in service */
	ck_assert(!interrupts());
	out(0x20, 0x20);
	ck_assert(interrupts());
	ck_assert_uint_eq(acknowledge(), 0x20);
}
END_TEST

START_TEST(a_masked_interrupt_waits)
{
	begin_pic(0xffff);
	begin_pit(0, 100);
	go_to(pit_time(100));
	ck_assert(!interrupts());
	ck_assert_uint_eq(in(0x20), 1); /* the request register */
	out(0x21, 0xfe);
	ck_assert(interrupts());
}
END_TEST

/* Clock and serial line at once: the clock, input 8 behind input 2, comes before input 4. */
START_TEST(the_second_controller_interrupts_through_the_first)
{
	begin_pic(0xffff & ~(1U << 2 | 1U << 4 | 1U << 8));
	out(0x70, 11);
	out(0x71, 0x12); /* at each update */
	out(0x3f9, 2);	 /* when there is nothing to send */
	go_to(RATE);
	ck_assert_uint_eq(acknowledge(), 0x28);
	out(0x20, 0x0b);
	out(0xa0, 0x0b);
	ck_assert_uint_eq(in(0x20), 4); /* the service registers */
	ck_assert_uint_eq(in(0xa0), 1);
	ck_assert(!interrupts()); /* input 4 is below input 2 */
	out(0xa0, 0x60);
	out(0x20, 0x62);
	ck_assert(interrupts());
	ck_assert_uint_eq(acknowledge(), 0x24);
}
END_TEST

START_TEST(without_a_request_the_acknowledgement_is_spurious)
{
	begin_pic(0xffff);
	ck_assert_uint_eq(acknowledge(), 0x27);
	out(0x20, 0x0b);
	ck_assert_uint_eq(in(0x20), 0);
}
END_TEST

START_TEST(a_poll_acknowledges)
{
	begin_pic(0xffef);
	out(0x3f9, 2);
	out(0x20, 0x0c);
	ck_assert_uint_eq(in(0x20), 0x84);
	out(0x20, 0x0b);
	ck_assert_uint_eq(in(0x20), 0x10);
}
END_TEST

/* ---- interval timer ---- */

static const struct {
	unsigned mode, count;
	uint64_t first, second; /* cycles after which it interrupts; 0: never */
} pit_row[] = {
	{ 0, 50, 50, 0 },   { 2, 50, 50, 100 }, { 3, 50, 50, 100 },	 { 4, 50, 51, 0 },
	{ 0, 0, 65536, 0 }, { 6, 50, 50, 100 }, { 2, 0, 65536, 131072 }, { 1, 50, 0, 0 },
};

START_TEST(each_mode_interrupts_in_its_time)
{
	uint64_t cycles[] = { pit_row[_i].first, pit_row[_i].second };

	begin_pic(0xfffe);
	begin_pit(pit_row[_i].mode, pit_row[_i].count);
	for (unsigned i = 0; i < 2; i++) {
		uint64_t next = cycles[i] ? pit_time(cycles[i]) : NEVER;

		ck_assert_uint_eq(board->class->next_event(board), next);
		if (!cycles[i])
			return;
		go_to(next - 1);
		ck_assert(!interrupts());
		go_to(next);
		ck_assert(interrupts());
		acknowledge();
		out(0x20, 0x20);
	}
}
END_TEST

START_TEST(a_latched_count_stays_until_it_is_read)
{
	begin_pit(2, 1000);
	go_to(pit_time(300));
	out(0x43, 0x00);
	go_to(pit_time(400));
	ck_assert_uint_eq(in(0x40), 700 & 0xff);
	ck_assert_uint_eq(in(0x40), 700 >> 8);
	ck_assert_uint_eq(in(0x40), 600 & 0xff);
	ck_assert_uint_eq(in(0x40), 600 >> 8);
	out(0x43, 0xc2); /* read-back: status, then count */
	ck_assert_uint_eq(in(0x40), 0xb4);
	ck_assert_uint_eq(in(0x40), 600 & 0xff);
	ck_assert_uint_eq(in(0x40), 600 >> 8);
}
END_TEST

START_TEST(counter_2_shows_in_port_b)
{
	out(0x43, 0xb0);
	out(0x42, 100);
	out(0x42, 0);
	ck_assert_uint_eq(in(0x61), 0);
	go_to(pit_time(100));
	ck_assert_uint_eq(in(0x61), 0x20);
	out(0x61, 0xff);
	ck_assert_uint_eq(in(0x61), 0x23);
}
END_TEST

/* ---- clock ---- */

static uint64_t rtc(unsigned reg)
{
	out(0x70, reg);
	return in(0x71);
}

static void set_rtc(unsigned reg, unsigned value)
{
	out(0x70, reg);
	out(0x71, value);
}

static uint64_t date(void)
{
	uint64_t value = 0;
	static const unsigned reg[] = { 9, 8, 7, 4, 2, 0 };

	for (unsigned i = 0; i < 6; i++)
		value = value << 8 | rtc(reg[i]);
	return value;
}

static const struct {
	uint64_t seconds, date; /* after the epoch; in BCD */
	unsigned weekday;
} dates[] = {
	{ 0, 0x260101000000, 5 },
	{ 59, 0x260101000059, 5 },
	{ 3661, 0x260101010101, 5 },
	{ 86400 * 31, 0x260201000000, 1 },
	{ 86400 * 58 + 86399, 0x260228235959, 7 },
	{ 86400 * 59, 0x260301000000, 1 },
	{ 86400 * (365 * 2 + 59), 0x280229000000, 3 },
	{ UINT64_C(86400) * (365 * 74 + 18), 0x000101000000, 6 },
};

START_TEST(the_clock_counts_seconds)
{
	go_to(dates[_i].seconds * RATE);
	ck_assert_uint_eq(date(), dates[_i].date);
	ck_assert_uint_eq(rtc(6), dates[_i].weekday);
	go_to(now + RATE - 1);
	ck_assert_uint_eq(date(), dates[_i].date);
}
END_TEST

START_TEST(before_it_changes_the_clock_says_so)
{
	uint64_t update = RATE / 1000000 * (244 + 1984);

	ck_assert_uint_eq(rtc(10), 0x26);
	go_to(RATE - update - 1);
	ck_assert_uint_eq(rtc(10), 0x26);
	go_to(RATE - update);
	ck_assert_uint_eq(rtc(10), 0xa6);
	go_to(RATE - 1);
	ck_assert_uint_eq(rtc(10), 0xa6);
	go_to(RATE);
	ck_assert_uint_eq(rtc(10), 0x26);
}
END_TEST

START_TEST(the_clock_is_set)
{
	static const unsigned at[][2] = { { 9, 0x99 }, { 8, 0x12 }, { 7, 0x31 },
					  { 4, 0x23 }, { 2, 0x59 }, { 0, 0x58 } };

	set_rtc(11, 0x82);
	for (unsigned i = 0; i < 6; i++)
		set_rtc(at[i][0], at[i][1]);
	go_to(5 * RATE); /* stands */
	ck_assert_uint_eq(date(), 0x991231235958);
	set_rtc(11, 0x02);
	ck_assert_uint_eq(date(), 0x991231235958);
	go_to(7 * RATE);
	ck_assert_uint_eq(date(), 0x000101000000);
	set_rtc(11, 0x04); /* binary, and twice twelve hours */
	ck_assert_uint_eq(rtc(4), 12);
	set_rtc(4, 0x8b);
	set_rtc(2, 45);
	set_rtc(11, 0x06);
	ck_assert_uint_eq(rtc(4), 23);
	ck_assert_uint_eq(rtc(2), 45);
	set_rtc(0x40, 0x5a);
	ck_assert_uint_eq(rtc(0x40), 0x5a);
}
END_TEST

/* Interrupts by what, and the time of the first and the second. */
static const struct {
	unsigned enable, flag;
	uint64_t first, second;
} rtc_row[] = {
	{ 0x12, 0x10, RATE, 2 * RATE },
	{ 0x22, 0x20, 5 * RATE, 65 * RATE }, /* alarm at 5 seconds of each minute */
	{ 0x42, 0x40, 19532, 39063 },	     /* 1024 Hz */
};

START_TEST(the_clock_interrupts)
{
	uint64_t due[] = { rtc_row[_i].first, rtc_row[_i].second };

	begin_pic(0xffff & ~(1U << 2 | 1U << 8));
	set_rtc(1, 5);
	set_rtc(3, 0xff);
	set_rtc(5, 0xc0);
	set_rtc(11, rtc_row[_i].enable);
	for (unsigned i = 0; i < 2; i++) {
		while (board->class->next_event(board) < due[i]) {
			go_to(board->class->next_event(board));
			ck_assert(!interrupts());
		}
		ck_assert_uint_eq(board->class->next_event(board), due[i]);
		go_to(due[i]);
		ck_assert(interrupts());
		ck_assert_uint_eq(acknowledge(), 0x28);
		ck_assert_uint_eq(rtc(12) & (0x80 | rtc_row[_i].flag), 0x80 | rtc_row[_i].flag);
		ck_assert_uint_eq(rtc(12), 0);
		out(0xa0, 0x20);
		out(0x20, 0x20);
		ck_assert(!interrupts());
	}
}
END_TEST

/* ---- serial lines ---- */

START_TEST(what_is_sent_is_printed)
{
	out(0x3fa, 1); /* fifos */
	ck_assert_uint_eq(in(0x3fd), 0x60);
	for (unsigned i = 0; i < 5; i++)
		out(0x3f8, "hello"[i]);
	ck_assert_uint_eq(in(0x3fd), 0);
	for (uint64_t t = 1; t <= 64; t++)
		go_to(t);
	ck_assert_str_eq(printed(), "hello");
	ck_assert_uint_eq(in(0x3fd), 0x60);
}
END_TEST

START_TEST(an_empty_sender_interrupts_once)
{
	begin_pic(0xffef);
	out(0x3f9, 2);
	ck_assert(interrupts());
	ck_assert_uint_eq(in(0x3fa), 2);
	ck_assert_uint_eq(in(0x3fa), 1);
	out(0x3f8, 'a'); /* goes at once */
	ck_assert_uint_eq(in(0x3fa), 2);
	out(0x3f8, 'b'); /* waits for it */
	ck_assert_uint_eq(in(0x3fa), 1);
	for (uint64_t t = 1; t <= 8; t++)
		go_to(t);
	ck_assert_uint_eq(in(0x3fa), 2);
	ck_assert_str_eq(printed(), "ab");
}
END_TEST

START_TEST(what_is_typed_is_received)
{
	console_give(console, "xy", 2);
	begin_pic(0xffef);
	acknowledge();
	out(0x3f9, 1);
	go_to(100);
	ck_assert(interrupts());
	ck_assert_uint_eq(acknowledge(), 0x24);
	ck_assert_uint_eq(in(0x3fa), 4);
	ck_assert_uint_eq(in(0x3fd), 0x61);
	ck_assert_uint_eq(in(0x3f8), 'x');
	ck_assert_uint_eq(in(0x3fd), 0x60);
	ck_assert_uint_eq(in(0x3fa), 1);
	out(0x3f9, 0);
	go_to(200); /* without interrupts, too */
	ck_assert_uint_eq(in(0x3fd), 0x61);
	ck_assert_uint_eq(in(0x3f8), 'y');
	ck_assert_uint_eq(in(0x3f8), 0);
}
END_TEST

/* With interrupts, and without. */
START_TEST(what_is_typed_waits_for_the_driver)
{
	console_give(console, "xyz", 3);
	go_to(100);
	ck_assert_uint_eq(in(0x3fd), 0x61);
	out(0x3fc, 0x1a); /* a driver looks for the chip: loop, RTS, OUT2 */
	ck_assert_uint_eq(in(0x3fd), 0x60);
	out(0x3fc, 0);
	out(0x3fa, 1);
	out(0x3fa, 7); /* clears both fifos */
	go_to(10000);
	ck_assert_uint_eq(in(0x3fd), 0x60);
	ck_assert_uint_eq(in(0x3f8), 0);
	ck_assert_uint_eq(in(0x3fc), 0);
	out(_i ? 0x3f9 : 0x3fc, _i ? 1 : 3); /* now it listens */
	ck_assert_uint_eq(in(0x3fd), 0x61);
	ck_assert_uint_eq(in(0x3f8), 'x');
	go_to(10200);
	ck_assert_uint_eq(in(0x3fd), 0x61);
	out(0x3fc, 1);
	ck_assert_uint_eq(in(0x3fd), _i ? 0x61 : 0x60);
	ck_assert_uint_eq(in(0x3f8), _i ? 'y' : 0);
	out(0x3fc, 2);
	go_to(10300);
	ck_assert_uint_eq(in(0x3f8), _i ? 'z' : 'y');
}
END_TEST

START_TEST(a_cleared_receiver_is_empty_for_a_while)
{
	console_give(console, "x", 1);
	begin_pic(0xffef);
	out(0x3fc, 3);
	out(0x3f9, 1);
	go_to(100);
	out(0x3fa, 7);
	ck_assert_uint_eq(in(0x3f8), 0);
	ck_assert_uint_eq(in(0x3fd), 0x60);
	ck_assert_uint_eq(in(0x3fa), 0xc1);
	acknowledge();
	out(0x20, 0x20);
	ck_assert(!interrupts());
	ck_assert_uint_eq(board->class->next_event(board), 100 + RATE / 11520);
	go_to(100 + RATE / 11520);
	ck_assert(interrupts());
	ck_assert_uint_eq(in(0x3f8), 'x');
}
END_TEST

/* Of both lines: what a driver does to find them. */
START_TEST(a_driver_finds_a_16550)
{
	unsigned base = _i ? 0x2f8 : 0x3f8;

	out(base + 1, 0xff);
	ck_assert_uint_eq(in(base + 1), 15);
	out(base + 7, 0xa5);
	ck_assert_uint_eq(in(base + 7), 0xa5);
	out(base + 2, 1);
	ck_assert_uint_eq(in(base + 2) & 0xc0, 0xc0);
	out(base + 2, 0);
	ck_assert_uint_eq(in(base + 2) & 0xc0, 0);
	out(base + 3, 0x83);
	out(base, 12);
	out(base + 1, 1);
	ck_assert_uint_eq(in(base), 12);
	ck_assert_uint_eq(in(base + 1), 1);
	out(base + 3, 3);
	ck_assert_uint_eq(in(base + 1), 15);
	out(base + 4, 0x1a);
	ck_assert_uint_eq(in(base + 6), 0x90);
	out(base + 4, 0x0b);
	ck_assert_uint_eq(in(base + 6), 0xb0);
}
END_TEST

/* ---- all of them ---- */

START_TEST(a_snapshot_has_all_of_it)
{
	struct snapshot *s;

	begin_pic(0xfffe);
	begin_pit(2, 100);
	go_to(500);
	set_rtc(0x30, 7);
	out(0x3ff, 0x77);
	s = snapshot_take(v);
	go_to(pit_time(100));
	set_rtc(0x30, 8);
	out(0x3ff, 0x78);
	begin_pic(0xffff);
	snapshot_restore(v, s);
	snapshot_free(s);
	ck_assert(!interrupts());
	ck_assert_uint_eq(rtc(0x30), 7);
	ck_assert_uint_eq(in(0x3ff), 0x77);
	ck_assert_uint_eq(board->class->next_event(board), pit_time(100));
	go_to(pit_time(100));
	ck_assert_uint_eq(acknowledge(), 0x20);
}
END_TEST

static Suite *suite(void)
{
	Suite *s = suite_create("malta");
	TCase *c = tcase_create("malta");

	tcase_add_checked_fixture(c, set_up, tear_down);
	tcase_add_test(c, an_interrupt_is_acknowledged_and_ended);
	tcase_add_test(c, a_masked_interrupt_waits);
	tcase_add_test(c, the_second_controller_interrupts_through_the_first);
	tcase_add_test(c, without_a_request_the_acknowledgement_is_spurious);
	tcase_add_test(c, a_poll_acknowledges);
	LOOP(each_mode_interrupts_in_its_time, pit_row);
	tcase_add_test(c, a_latched_count_stays_until_it_is_read);
	tcase_add_test(c, counter_2_shows_in_port_b);
	LOOP(the_clock_counts_seconds, dates);
	tcase_add_test(c, before_it_changes_the_clock_says_so);
	tcase_add_test(c, the_clock_is_set);
	LOOP(the_clock_interrupts, rtc_row);
	tcase_add_test(c, what_is_sent_is_printed);
	tcase_add_test(c, an_empty_sender_interrupts_once);
	tcase_add_test(c, what_is_typed_is_received);
	tcase_add_test(c, a_cleared_receiver_is_empty_for_a_while);
	tcase_add_loop_test(c, what_is_typed_waits_for_the_driver, 0, 2);
	tcase_add_loop_test(c, a_driver_finds_a_16550, 0, 2);
	tcase_add_test(c, a_snapshot_has_all_of_it);
	suite_add_tcase(s, c);
	return s;
}

#include "tests/harness.h"
