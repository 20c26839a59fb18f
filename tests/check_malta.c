/*
 * The Malta board: machine/boards/.  Each chip through the board's addresses, as its manual has it,
 * and the whole of it in programs of mips32-malta and mips32eb-malta, which have either byte order.
 */
#include "tests/lab.h"

#include "machine/translator.h"

enum { RATE = 20000000, IO = 0x8000000, GT = 0xbe00000, FPGA = 0xf000000, ROM = 0xfc00000 };
enum { EPOCH = 1767225600 }; /* Thursday, the 1st of January 2026 */

static struct lab l;
static struct view *v;
static struct device *board, *console;
static uint64_t now;

static void set_up_machine(const char *name)
{
	l = lab_of(name);
	l.bare = lab_machine(&l, 1 << 16);
	v = &l.bare->view[0];
	board = devices_find(l.isa, l.bare->device, "malta");
	console = devices_find(l.isa, l.bare->device, "console");
	now = 0;
}

static void set_up(void)
{
	set_up_machine("mips32-malta");
}

static void set_up_big(void)
{
	set_up_machine("mips32eb-malta");
}

static void tear_down(void)
{
	lab_close(&l);
}

static uint64_t load(uint64_t at, unsigned n)
{
	uint64_t value = 0;

	ck_assert(board->class->access(board, at, n, false, &value));
	return value;
}

static void store(uint64_t at, unsigned n, uint64_t value)
{
	ck_assert(board->class->access(board, at, n, true, &value));
}

/* A word, as the processor has it. */
static uint64_t load_word(uint64_t at)
{
	uint64_t value = load(at, 4);

	return board->big_endian ? __builtin_bswap32((uint32_t)value) : value;
}

static void store_word(uint64_t at, uint64_t value)
{
	store(at, 4, board->big_endian ? __builtin_bswap32((uint32_t)value) : value);
}

static uint64_t in(unsigned port)
{
	return load(IO + port, 1);
}

static void out(unsigned port, unsigned value)
{
	store(IO + port, 1, value);
}

/* The time is told to the console first, as it is declared first. */
static void go_to(uint64_t time)
{
	now = time;
	console->class->advance(console, time);
	board->class->advance(board, time);
}

static bool interrupts(void)
{
	return board->class->line(board);
}

static uint64_t acknowledge(void)
{
	return load(GT + 0xc34, 4);
}

static const char *printed(void)
{
	static char text[64];
	size_t n;
	const char *bytes = console_printed(console, &n);

	snprintf(text, sizeof text, "%.*s", (int)n, bytes);
	return text;
}

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

static uint64_t pit_time(uint64_t cycles)
{
	return (cycles * RATE + 1193181) / 1193182;
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

/* ---- PCI ---- */

static void point(unsigned device, unsigned function, unsigned reg)
{
	store(GT + 0xcf8, 4, 0x80000000 | device << 11 | function << 8 | reg);
}

static uint64_t config(unsigned device, unsigned function, unsigned reg)
{
	point(device, function, reg);
	return load(GT + 0xcfc, 4);
}

static const struct {
	unsigned device, function;
	uint64_t id, class;
} functions[] = {
	{ 0, 0, 0x462011ab, 0x05800010 },  { 10, 0, 0x71108086, 0x06010002 },
	{ 10, 3, 0x71138086, 0x06800002 }, { 10, 1, 0xffffffff, 0xffffffff },
	{ 11, 0, 0xffffffff, 0xffffffff },
};

START_TEST(configuration_cycles_find_the_functions)
{
	bool there = functions[_i].id != 0xffffffff;

	ck_assert_uint_eq(config(functions[_i].device, functions[_i].function, 0),
			  functions[_i].id);
	ck_assert_uint_eq(config(functions[_i].device, functions[_i].function, 8),
			  functions[_i].class);
	ck_assert_uint_eq(load(GT + 0xc18, 4), there ? 0 : 1 << 18);
	store(GT + 0xc18, 4, 0xffffffff & ~(1U << 18));
	ck_assert_uint_eq(load(GT + 0xc18, 4), 0);
}
END_TEST

START_TEST(a_part_of_a_configuration_register_is_written)
{
	ck_assert_uint_eq(config(10, 0, 0x60), 0x80808080);
	store(GT + 0xcfd, 1, 0x0a);
	ck_assert_uint_eq(load(GT + 0xcfc, 4), 0x80800a80);
	ck_assert_uint_eq(load(GT + 0xcfe, 2), 0x8080);
	point(10, 0, 0);
	store(GT + 0xcfc, 4, 0);
	ck_assert_uint_eq(load(GT + 0xcfc, 4), 0x71108086);
}
END_TEST

static bool is_off(void)
{
	uint64_t status = 99;
	bool off = board->class->off(board, &status);

	ck_assert_uint_eq(status, off ? 0 : 99);
	return off;
}

START_TEST(power_management_switches_off)
{
	ck_assert_uint_eq(in(0x1004), 0xff); /* not there yet */
	point(10, 3, 0x40);
	store(GT + 0xcfc, 2, 0x1000);
	point(10, 3, 0x80);
	store(GT + 0xcfc, 1, 1);
	ck_assert_uint_eq(in(0x1004), 0);
	go_to(RATE);
	ck_assert_uint_eq(load(IO + 0x1008, 4), 3579545);
	store(IO + 0x1004, 2, 0x0401);
	ck_assert_uint_eq(load(IO + 0x1004, 2), 0x0401);
	store(IO + 0x1004, 2, 0x2400); /* to sleep, but not to switch off */
	ck_assert(!is_off());
	store(IO + 0x1004, 2, 0x2000);
	ck_assert(is_off());
}
END_TEST

START_TEST(the_windows_are_as_the_boot_rom_leaves_them)
{
	ck_assert_uint_eq(load(GT + 0x48, 4) << 21, 0x18000000);
	ck_assert_uint_eq(load(GT + 0x58, 4) << 21, 0x10000000);
	ck_assert_uint_eq(load(GT + 0x80, 4) << 21, 0x18200000);
	store(GT + 0xf0, 4, 0);
	ck_assert_uint_eq(load(GT + 0xf0, 4), 0);
	ck_assert_uint_eq(load(0x000b8000, 2), 0xffff); /* a card's storage */
	ck_assert_uint_eq(in(0x64), 0xff);		/* no keyboard controller */
}
END_TEST

/* ---- FPGA, boot ROM, nothing ---- */

START_TEST(the_fpga_shows_and_resets)
{
	store(FPGA + 0x408, 4, 0xa5);
	ck_assert_uint_eq(load(FPGA + 0x408, 4), 0xa5);
	for (unsigned i = 0; i < 8; i++)
		store(FPGA + 0x418 + i * 8, 4, "Trapeze!"[i]);
	ck_assert_uint_eq(lab_examine(v, "BOARD.board.text"), UINT64_C(0x21657a6570617254));
	ck_assert_uint_eq(load(ROM + 0x10, 4), 0x420);
	ck_assert_uint_eq(load(ROM + 0x11, 1), 4);
	ck_assert_uint_eq(load(ROM, 4), 0);
	store(FPGA + 0x500, 4, 0x41);
	ck_assert(!is_off());
	store(FPGA + 0x500, 4, 0x42);
	ck_assert(is_off());
}
END_TEST

START_TEST(nothing_answers_elsewhere)
{
	static const uint64_t nowhere[] = { 0xbe01000, 0xc000000, 0xe400000, 0xf000c00 };
	uint64_t value = 0;

	for (unsigned i = 0; i < COUNT(nowhere); i++)
		for (unsigned write = 0; write < 2; write++)
			ck_assert(!board->class->access(board, nowhere[i], 4, write, &value));
}
END_TEST

/* ---- byte orders ---- */

/* Words as a little-endian processor and a big-endian one have them: those of the CBUS are the same
 * for both, registers of the GT-64120 and ports have their low bytes first. */
static const struct {
	uint64_t at, word[2];
} seen[] = {
	{ GT, { 0x1000, 0 } },		      /* Endianess */
	{ GT + 0xc00, { 0x10001, 0 } },	      /* MByteSwap, SByteSwap */
	{ GT + 0x048, { 0xc0, 0xc0000000 } }, /* a window */
	{ IO + 0x3fc, { 0x0fb06000, 0x0060b00f } },
	{ FPGA + 0x208, { 0, 2 } }, /* BIGEND */
	{ FPGA + 0x408, { 0xa5, 0xa5 } },
	{ ROM + 0x10, { 0x420, 0x420 } },
};

static void sees_its_words(bool big, unsigned row)
{
	out(0x3ff, 0x0f);
	store_word(FPGA + 0x408, 0xa5);
	ck_assert_uint_eq(load_word(seen[row].at), seen[row].word[big]);
	ck_assert_uint_eq(board->class->read(board, seen[row].at / 4), seen[row].word[big]);
}

START_TEST(a_little_endian_processor_sees_its_words)
{
	sees_its_words(false, (unsigned)_i);
}
END_TEST

START_TEST(a_big_endian_processor_sees_its_words)
{
	sees_its_words(true, (unsigned)_i);
}
END_TEST

static void point_big(unsigned device, unsigned function, unsigned reg)
{
	store_word(GT + 0xcf8, __builtin_bswap32(0x80000000 | device << 11 | function << 8 | reg));
}

/* The system controller's own are not on PCI, and have their low bytes first, too. */
START_TEST(configuration_cycles_of_a_big_endian_processor)
{
	uint64_t id = functions[_i].id, class = functions[_i].class;
	bool own = functions[_i].device == 0;

	point_big(functions[_i].device, functions[_i].function, 0);
	ck_assert_uint_eq(load_word(GT + 0xcfc), own ? __builtin_bswap32((uint32_t)id) : id);
	point_big(functions[_i].device, functions[_i].function, 8);
	ck_assert_uint_eq(load_word(GT + 0xcfc), own ? __builtin_bswap32((uint32_t) class) : class);
}
END_TEST

START_TEST(a_part_of_them_is_written_with_the_high_byte_first)
{
	point_big(10, 0, 0x60);
	store_word(GT + 0xcfc, 0x01020304);
	store(GT + 0xcfd, 1, 0x0a);
	ck_assert_uint_eq(load_word(GT + 0xcfc), 0x010a0304);
	ck_assert_uint_eq(load(GT + 0xcfe, 2), 0x0403);
	ck_assert_uint_eq(load(GT + 0xcff, 1), 4);
}
END_TEST

START_TEST(the_command_says_whether_bytes_are_turned)
{
	point_big(10, 0, 0);
	store_word(GT + 0xc00, 0x01000000); /* MByteSwap */
	ck_assert_uint_eq(load_word(GT + 0xcfc), 0x86801071);
	point_big(0, 0, 0);
	ck_assert_uint_eq(load_word(GT + 0xcfc), 0xab112046);
}
END_TEST

/* ---- the whole of it ---- */

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

static void run(const char *guest, bool translated)
{
	static const struct translator_options at_once = { .hot = 1 };

	lab_assemble(&l, guest);
	if (translated)
		machine_translate(l.bare, &at_once);
	lab_enter(&l, v);
	ck_assert_int_eq(view_run(v, 100000).event, EVENT_HALT);
}

/* R2 has the ports, R3 the FPGA. */
#define BEGIN ".org 0x400\nlui R2, 0xb800\nlui R3, 0xbf00\naddiu R4, R0, 0x42\n"
#define RESET "sw R4, 0x500(R3)\n"

START_TEST(bytes_are_accessed_by_programs)
{
	run(BEGIN "addiu R5, R0, 72\nsb R5, 0x3f8(R2)\nlbu R6, 0x3fd(R2)\n"
		  "addiu R5, R0, 0xa5\nsb R5, 0x3ff(R2)\nlw R7, 0x3fc(R2)\nlhu R8, 0x3fe(R2)\n"
		  "lui R9, 0xbfc0\nlw R10, 16(R9)\n" RESET,
	    _i);
	ck_assert_str_eq(printed(), "H");
	ck_assert_uint_eq(lab_examine(v, "R6"), 0x20);
	ck_assert_uint_eq(lab_examine(v, "R7") >> 16, 0xa5b0);
	ck_assert_uint_eq(lab_examine(v, "R8"), 0xa5b0);
	ck_assert_uint_eq(lab_examine(v, "R10"), 0x420);
	ck_assert_uint_eq(v->cpu->halt_status, 0);
}
END_TEST

START_TEST(bytes_are_accessed_by_big_endian_programs)
{
	run(BEGIN "addiu R5, R0, 72\nsb R5, 0x3f8(R2)\nlbu R6, 0x3fd(R2)\n"
		  "addiu R5, R0, 0xa5\nsb R5, 0x3ff(R2)\nlw R7, 0x3fc(R2)\nlhu R8, 0x3fe(R2)\n"
		  "lui R9, 0xbfc0\nlbu R10, 18(R9)\nlhu R11, 18(R9)\n"
		  "addiu R5, R0, 0x5a\nsb R5, 0x40b(R3)\nlw R12, 0x408(R3)\n"
		  "sb R4, 0x500(R3)\nsb R4, 0x503(R3)\naddiu R13, R0, 1\n",
	    _i);
	ck_assert_str_eq(printed(), "H");
	ck_assert_uint_eq(lab_examine(v, "R6"), 0x20);
	ck_assert_uint_eq(lab_examine(v, "R7") & 0xffff, 0xb0a5);
	ck_assert_uint_eq(lab_examine(v, "R8"), 0xb0a5);
	ck_assert_uint_eq(lab_examine(v, "R10"), 4);
	ck_assert_uint_eq(lab_examine(v, "R11"), 0x420);
	ck_assert_uint_eq(lab_examine(v, "R12"), 0x5a);
	ck_assert_uint_eq(lab_examine(v, "R13"), 0); /* off before that */
}
END_TEST

/* The vector at 0x80000180 keeps Cause and goes on behind the access. */
START_TEST(nowhere_is_a_bus_error)
{
	run(".org 0x180\nmfc0 R10, 13, 0\nmfc0 R11, 14, 0\n"
	    "addiu R11, R11, 4\nmtc0 R11, 14, 0\neret\n" BEGIN
	    "lui R9, 0xbc00\nlw R8, 0(R9)\naddiu R12, R0, 1\n" RESET,
	    _i);
	ck_assert_uint_eq(lab_examine(v, "R10") >> 2 & 31, 7);
	ck_assert_uint_eq(lab_examine(v, "R12"), 1);
}
END_TEST

/* Counter 0 in mode 0; the processor waits for hardware interrupt 0. */
START_TEST(the_timer_wakes_a_waiting_processor)
{
	run(".org 0x180\nlui R11, 0xbbe0\nlw R12, 0xc34(R11)\n" RESET ".org 0x400\n"
	    "lui R2, 0xb800\nlui R3, 0xbf00\naddiu R4, R0, 0x42\n"
	    "addiu R5, R0, 0x11\nsb R5, 0x20(R2)\naddiu R5, R0, 0x20\nsb R5, 0x21(R2)\n"
	    "addiu R5, R0, 4\nsb R5, 0x21(R2)\naddiu R5, R0, 1\nsb R5, 0x21(R2)\n"
	    "addiu R5, R0, 0xfe\nsb R5, 0x21(R2)\n"
	    "addiu R5, R0, 0x30\nsb R5, 0x43(R2)\nsb R0, 0x40(R2)\naddiu R5, R0, 64\nsb R5, 0x40(R2)\n"
	    "addiu R5, R0, 0x401\nmtc0 R5, 12, 0\nwait 0\nagain: beq R0, R0, again\naddu R0, R0, R0\n",
	    _i);
	ck_assert_uint_eq(lab_examine(v, "R12"), board->big_endian ? 0x20000000 : 0x20);
	ck_assert_uint_ge(v->cpu->time, pit_time(64 << 8));
	ck_assert_uint_le(v->cpu->time, pit_time(64 << 8) + 100);
	ck_assert_uint_le(v->cpu->steps, 100);
}
END_TEST

#define LOOP(test, rows) tcase_add_loop_test(c, test, 0, COUNT(rows))

static TCase *big_case(void)
{
	TCase *c = tcase_create("big-endian");

	tcase_add_checked_fixture(c, set_up_big, tear_down);
	LOOP(a_big_endian_processor_sees_its_words, seen);
	LOOP(configuration_cycles_of_a_big_endian_processor, functions);
	tcase_add_test(c, a_part_of_them_is_written_with_the_high_byte_first);
	tcase_add_test(c, the_command_says_whether_bytes_are_turned);
	tcase_add_loop_test(c, bytes_are_accessed_by_big_endian_programs, 0, 2);
	tcase_add_loop_test(c, nowhere_is_a_bus_error, 0, 2);
	tcase_add_loop_test(c, the_timer_wakes_a_waiting_processor, 0, 2);
	return c;
}

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
	LOOP(configuration_cycles_find_the_functions, functions);
	tcase_add_test(c, a_part_of_a_configuration_register_is_written);
	tcase_add_test(c, power_management_switches_off);
	tcase_add_test(c, the_windows_are_as_the_boot_rom_leaves_them);
	tcase_add_test(c, the_fpga_shows_and_resets);
	tcase_add_test(c, nothing_answers_elsewhere);
	LOOP(a_little_endian_processor_sees_its_words, seen);
	tcase_add_test(c, a_snapshot_has_all_of_it);
	tcase_add_loop_test(c, bytes_are_accessed_by_programs, 0, 2);
	tcase_add_loop_test(c, nowhere_is_a_bus_error, 0, 2);
	tcase_add_loop_test(c, the_timer_wakes_a_waiting_processor, 0, 2);
	suite_add_tcase(s, c);
	suite_add_tcase(s, big_case());
	return s;
}

#include "tests/harness.h"
