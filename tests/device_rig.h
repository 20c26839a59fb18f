/* For the suites of devices: a console and a drum of a machine that does nothing. */
#ifndef TESTS_DEVICE_RIG_H
#define TESTS_DEVICE_RIG_H

#include "tests/rig.h"

enum { DATA, STATUS, CONTROL, PRINTER };			    /* of the console */
enum { COMMAND, D_STATUS, D_CONTROL, BLOCK, ADDRESS, COUNT, SIZE }; /* of the drum */
enum { IN_READY = 1, OUT_READY = 2, END = 4 };
enum { BUSY = 1, DONE = 2, FAILED = 4 };

#define REST                                                                                       \
	"visible P : word role pc; traps illegal, memory; translate(a, access) { return a; }"      \
	"trapseq(kind, tpc, info) { P := 0; }"
#define TWO_DEVICES                                                                                \
	"device CON : console(line = 0, delay = 3);"                                               \
	"device DRUM : drum(line = 1, block = 4, blocks = 8, delay = 10);"

static struct rig r;
static struct device *con, *drum;

static void set_up(void)
{
	r = rig_of("machine m { word 32; " TWO_DEVICES REST
		   "format F { op:32 } instr NOP F op=0 \"NOP\" { } }",
		   64);
	con = devices_find(r.isa, r.machine->device, "console");
	drum = devices_find(r.isa, r.machine->device, "drum");
}

static void tear_down(void)
{
	rig_close(&r);
}

static inline uint64_t in(struct device *d, uint64_t reg)
{
	return d->class->read(d, reg);
}

static inline void out(struct device *d, uint64_t reg, uint64_t value)
{
	d->class->write(d, reg, value);
}

static inline void advance(struct device *d, uint64_t now)
{
	d->class->advance(d, now);
}

static inline uint64_t event(const struct device *d)
{
	return d->class->next_event(d);
}

static inline bool line(const struct device *d)
{
	return d->class->line(d);
}

#endif
