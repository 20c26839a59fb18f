/*
 * The Intel 8254: three counters of 1.193182 MHz, of which the first one interrupts.
 *
 * Intel 8254 Programmable Interval Timer (231164): "Programming the 8254", "Mode Definitions".
 * Gates are always open, so that modes 1 and 5, which wait for a gate, do not start; counting is
 * binary where BCD is asked for, too.
 */
#include "machine/boards/chips.h"

#define V(chip, name) chip##_##name,
enum { I8254_ONE_VARS(V, own) NVARS };
#undef V

enum { HZ = 1193182, COUNTERS = 3, CONTROL = 3 };
enum { LOW_ALONE = 1, HIGH_ALONE = 2, BOTH = 3 }; /* bits 5 and 4 of a control word */

enum {		       /* of own_halves */
       WRITE_HIGH = 1, /* the next byte written is the high one */
       READ_HIGH = 2,
       COUNT_LATCHED = 4,  /* own_latch, bits 15 to 0 */
       STATUS_LATCHED = 8, /* own_latch, bits 23 to 16 */
};

static unsigned mode(const uint64_t *c)
{
	unsigned m = c[own_control] >> 1 & 7;

	return m > 5 ? m - 4 : m;
}

static unsigned halves(const uint64_t *c)
{
	return c[own_control] >> 4 & 3;
}

static bool periodic(const uint64_t *c)
{
	return mode(c) == 2 || mode(c) == 3;
}

/* The count that 0 stands for is the greatest. */
static uint64_t loaded(const uint64_t *c)
{
	return c[own_count] ? c[own_count] : 0x10000;
}

static uint64_t elapsed(const uint64_t *c, uint64_t now, uint64_t rate)
{
	return c[own_running] ? cycles_in(now - c[own_since], rate, HZ) : 0;
}

static uint64_t count(const uint64_t *c, uint64_t now, uint64_t rate)
{
	uint64_t n = loaded(c), t = elapsed(c, now, rate);

	if (mode(c) == 3)
		return (n - 2 * t % n) & 0xfffe;
	return (periodic(c) ? n - t % n : n - t) & 0xffff;
}

static bool output(const uint64_t *c, uint64_t now, uint64_t rate)
{
	uint64_t n = loaded(c), t = elapsed(c, now, rate);

	switch (mode(c)) {
	case 0: return c[own_running] && t >= n;
	case 2: return t % n != n - 1;
	case 3: return t % n < (n + 1) / 2;
	case 4: return !c[own_running] || t != n;
	default: return true;
	}
}

bool i8254_output(const uint64_t *var, unsigned counter, uint64_t now, uint64_t rate)
{
	return output(var + counter * NVARS, now, rate);
}

/* ---- ports ---- */

static void latch(uint64_t *c, bool status, bool counted, uint64_t now, uint64_t rate)
{
	if (counted && !(c[own_halves] & COUNT_LATCHED)) {
		c[own_latch] = (c[own_latch] & 0xff0000) | count(c, now, rate);
		c[own_halves] |= COUNT_LATCHED;
	}
	if (status && !(c[own_halves] & STATUS_LATCHED)) {
		uint64_t byte = (output(c, now, rate) ? 0x80U : 0) | (c[own_running] ? 0 : 0x40U) |
				(c[own_control] & 0x3f);

		c[own_latch] = (c[own_latch] & 0xffff) | byte << 16;
		c[own_halves] |= STATUS_LATCHED;
	}
}

static uint64_t read_counter(uint64_t *c, uint64_t now, uint64_t rate)
{
	bool latched = c[own_halves] & COUNT_LATCHED;
	uint64_t value = latched ? c[own_latch] & 0xffff : count(c, now, rate);
	bool high = halves(c) == HIGH_ALONE || (c[own_halves] & READ_HIGH);

	if (c[own_halves] & STATUS_LATCHED) {
		c[own_halves] &= ~(uint64_t)STATUS_LATCHED;
		return c[own_latch] >> 16 & 0xff;
	}
	if (halves(c) == BOTH)
		c[own_halves] ^= READ_HIGH;
	if (high || halves(c) == LOW_ALONE)
		c[own_halves] &= ~(uint64_t)COUNT_LATCHED;
	return high ? value >> 8 : value & 0xff;
}

uint64_t i8254_read(uint64_t *var, unsigned port, uint64_t now, uint64_t rate)
{
	return port < COUNTERS ? read_counter(var + port * NVARS, now, rate) : 0;
}

static void start(uint64_t *c, uint64_t value, uint64_t now)
{
	c[own_count] = value;
	c[own_running] = mode(c) != 1 && mode(c) != 5;
	c[own_since] = now;
	c[own_edges] = 0;
}

static void write_counter(uint64_t *c, uint64_t value, uint64_t now)
{
	if (halves(c) == HIGH_ALONE) {
		start(c, value << 8, now);
	} else if (halves(c) == LOW_ALONE) {
		start(c, value, now);
	} else if (c[own_halves] & WRITE_HIGH) {
		c[own_halves] &= ~(uint64_t)WRITE_HIGH;
		start(c, value << 8 | c[own_low], now);
	} else {
		c[own_halves] |= WRITE_HIGH;
		c[own_low] = value;
	}
}

/* Read-back: bits 5 and 4, low, latch count and status of the counters in bits 3 to 1. */
static void read_back(uint64_t *var, uint64_t value, uint64_t now, uint64_t rate)
{
	for (unsigned i = 0; i < COUNTERS; i++)
		if (value >> (i + 1) & 1)
			latch(var + i * NVARS, !(value & 0x10), !(value & 0x20), now, rate);
}

static void control(uint64_t *c, uint64_t value, uint64_t now, uint64_t rate)
{
	if (!(value & 0x30)) {
		latch(c, false, true, now, rate);
		return;
	}
	c[own_control] = value & 0x3f;
	c[own_halves] = c[own_running] = 0;
}

void i8254_write(uint64_t *var, unsigned port, uint64_t value, uint64_t now, uint64_t rate)
{
	value &= 0xff;
	if (port < COUNTERS)
		write_counter(var + port * NVARS, value, now);
	else if (value >> 6 == CONTROL)
		read_back(var, value, now, rate);
	else
		control(var + (value >> 6) * NVARS, value, now, rate);
}

/* ---- the interrupt ---- */

/* How often the output has risen since it was started. */
static uint64_t rises(const uint64_t *c, uint64_t now, uint64_t rate)
{
	uint64_t t = elapsed(c, now, rate);

	return periodic(c) ? t / loaded(c) : t >= loaded(c) + (mode(c) == 4);
}

bool i8254_risen(uint64_t *var, uint64_t now, uint64_t rate)
{
	uint64_t n = rises(var, now, rate), before = var[own_edges];

	if (!var[own_running])
		return false;
	var[own_edges] = n;
	return n > before;
}

uint64_t i8254_next_event(const uint64_t *var, uint64_t rate)
{
	uint64_t n = loaded(var) * (var[own_edges] + 1) + (mode(var) == 4);

	if (!var[own_running] || (!periodic(var) && var[own_edges]))
		return NEVER;
	return var[own_since] + units_of(n, rate, HZ);
}
