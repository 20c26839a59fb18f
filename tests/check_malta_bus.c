/*
 * The Malta board beside its chips, machine/boards/: what stands at which address, what a processor of
 * either byte order sees there, and the whole of it in programs of mips32-malta and mips32eb-malta.
 */
#include "tests/malta_rig.h"

#include "machine/translator.h"

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

/* ---- in programs ---- */

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
	Suite *s = suite_create("malta bus");
	TCase *c = tcase_create("little-endian");

	tcase_add_checked_fixture(c, set_up, tear_down);
	LOOP(configuration_cycles_find_the_functions, functions);
	tcase_add_test(c, a_part_of_a_configuration_register_is_written);
	tcase_add_test(c, power_management_switches_off);
	tcase_add_test(c, the_windows_are_as_the_boot_rom_leaves_them);
	tcase_add_test(c, the_fpga_shows_and_resets);
	tcase_add_test(c, nothing_answers_elsewhere);
	LOOP(a_little_endian_processor_sees_its_words, seen);
	tcase_add_loop_test(c, bytes_are_accessed_by_programs, 0, 2);
	tcase_add_loop_test(c, nowhere_is_a_bus_error, 0, 2);
	tcase_add_loop_test(c, the_timer_wakes_a_waiting_processor, 0, 2);
	suite_add_tcase(s, c);
	suite_add_tcase(s, big_case());
	return s;
}

#include "tests/harness.h"
