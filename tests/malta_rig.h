/* The Malta board, as its tests have it: by its units, or as a processor has its words. */
#ifndef TESTS_MALTA_RIG_H
#define TESTS_MALTA_RIG_H

#include "tests/lab.h"

enum { RATE = 20000000, IO = 0x8000000, GT = 0xbe00000, FPGA = 0xf000000, ROM = 0xfc00000 };
enum { EPOCH = 1767225600 }; /* Thursday, the 1st of January 2026 */

static struct lab l;
static struct view *v;
static struct device *board, *console;
static uint64_t now;

static inline void set_up_machine(const char *name)
{
	l = lab_of(name);
	l.bare = lab_machine(&l, 1 << 16);
	v = &l.bare->view[0];
	board = devices_find(l.isa, l.bare->device, "malta");
	console = devices_find(l.isa, l.bare->device, "console");
	now = 0;
}

static inline void set_up(void)
{
	set_up_machine("mips32-malta");
}

static inline void set_up_big(void)
{
	set_up_machine("mips32eb-malta");
}

static inline void tear_down(void)
{
	lab_close(&l);
}

static inline uint64_t load(uint64_t at, unsigned n)
{
	uint64_t value = 0;

	ck_assert(board->class->access(board, at, n, false, &value));
	return value;
}

static inline void store(uint64_t at, unsigned n, uint64_t value)
{
	ck_assert(board->class->access(board, at, n, true, &value));
}

/* A word, as the processor has it. */
static inline uint64_t load_word(uint64_t at)
{
	uint64_t value = load(at, 4);

	return board->big_endian ? __builtin_bswap32((uint32_t)value) : value;
}

static inline void store_word(uint64_t at, uint64_t value)
{
	store(at, 4, board->big_endian ? __builtin_bswap32((uint32_t)value) : value);
}

static inline uint64_t in(unsigned port)
{
	return load(IO + port, 1);
}

static inline void out(unsigned port, unsigned value)
{
	store(IO + port, 1, value);
}

/* The time is told to the console first, as it is declared first. */
static inline void go_to(uint64_t time)
{
	now = time;
	console->class->advance(console, time);
	board->class->advance(board, time);
}

/* So many cycles of the interval timer take. */
static inline uint64_t pit_time(uint64_t cycles)
{
	return (cycles * RATE + 1193181) / 1193182;
}

static inline bool interrupts(void)
{
	return board->class->line(board);
}

static inline uint64_t acknowledge(void)
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

#define LOOP(test, rows) tcase_add_loop_test(c, test, 0, COUNT(rows))

#endif
