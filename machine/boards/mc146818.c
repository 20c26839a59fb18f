/*
 * The Motorola MC146818, a clock with calendar, alarm and 114 bytes of storage.
 *
 * Motorola MC146818A Real-Time Clock plus RAM (ADI856R1).  It counts seconds of virtual time.
 * The divider, daylight saving and the square wave's output do nothing; a register that no program
 * can be waiting for is made when it is read.
 */
#include "machine/boards/chips.h"

#define V(chip, name) chip##_##name,
enum { MC146818_VARS(V) NVARS };
#undef V

enum {
	SECONDS,
	SECONDS_ALARM,
	MINUTES,
	MINUTES_ALARM,
	HOURS,
	HOURS_ALARM,
	WEEKDAY,
	DAY,
	MONTH,
	YEAR,
	REG_A,
	REG_B,
	REG_C,
	REG_D,
	REGISTERS = 128
};
enum { UPDATING = 0x80 };						   /* A */
enum { SET = 0x80, PLAIN = 4, HOURS_24 = 2 };				   /* B */
enum { PERIODIC = 0x40, ALARM = 0x20, UPDATED = 0x10, INTERRUPTS = 0x70 }; /* B and C */
enum { VALID = 0x80 };							   /* D */
enum { UPDATE_US = 244 + 1984, DAY_SECONDS = 86400, PM = 0x80, ANY = 0xc0 };

static uint64_t reg(const uint64_t *var, unsigned n)
{
	return var[rtc_ram0 + n / 8] >> n % 8 * 8 & 0xff;
}

static void set_reg(uint64_t *var, unsigned n, uint64_t value)
{
	uint64_t *word = &var[rtc_ram0 + n / 8];

	*word = (*word & ~(UINT64_C(0xff) << n % 8 * 8)) | (value & 0xff) << n % 8 * 8;
}

/* ---- the calendar ---- */

static bool leap(uint64_t year)
{
	return year % 4 == 0 && (year % 100 || year % 400 == 0);
}

static uint64_t days_of(uint64_t year, unsigned month)
{
	static const uint8_t days[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };

	return days[month] + (month == 1 && leap(year));
}

static uint64_t coded(const uint64_t *var, uint64_t n)
{
	return reg(var, REG_B) & PLAIN ? n : n / 10 << 4 | n % 10;
}

static uint64_t decoded(const uint64_t *var, uint64_t n)
{
	return reg(var, REG_B) & PLAIN ? n : (n >> 4) * 10 + (n & 15);
}

static uint64_t coded_hour(const uint64_t *var, uint64_t hour)
{
	if (reg(var, REG_B) & HOURS_24)
		return coded(var, hour);
	return coded(var, (hour + 11) % 12 + 1) | (hour >= 12 ? PM : 0);
}

static uint64_t decoded_hour(const uint64_t *var, uint64_t value)
{
	if (reg(var, REG_B) & HOURS_24)
		return decoded(var, value);
	return decoded(var, value & ~(uint64_t)PM) % 12 + (value & PM ? 12 : 0);
}

/* The clock's registers for a number of seconds since 1970 began, a Thursday. */
static void show(uint64_t *var, uint64_t seconds)
{
	uint64_t days = seconds / DAY_SECONDS, year = 1970;
	unsigned month = 0;

	set_reg(var, SECONDS, coded(var, seconds % 60));
	set_reg(var, MINUTES, coded(var, seconds / 60 % 60));
	set_reg(var, HOURS, coded_hour(var, seconds / 3600 % 24));
	set_reg(var, WEEKDAY, coded(var, (days + 4) % 7 + 1));
	for (; days >= 365U + leap(year); year++)
		days -= 365U + leap(year);
	for (; days >= days_of(year, month); month++)
		days -= days_of(year, month);
	set_reg(var, DAY, coded(var, days + 1));
	set_reg(var, MONTH, coded(var, month + 1));
	set_reg(var, YEAR, coded(var, year % 100));
}

/* And back; years from 70 on are of the last century. */
static uint64_t shown(const uint64_t *var)
{
	uint64_t year = decoded(var, reg(var, YEAR)), days = decoded(var, reg(var, DAY)) - 1;
	uint64_t month = decoded(var, reg(var, MONTH));

	year += year < 70 ? 2000 : 1900;
	for (uint64_t y = 1970; y < year; y++)
		days += 365U + leap(y);
	for (unsigned m = 0; m + 1 < month && m < 12; m++)
		days += days_of(year, m);
	return days * DAY_SECONDS + decoded_hour(var, reg(var, HOURS)) * 3600 +
	       decoded(var, reg(var, MINUTES)) * 60 + decoded(var, reg(var, SECONDS));
}

static uint64_t seconds_at(const uint64_t *var, uint64_t now, uint64_t rate)
{
	return var[rtc_offset] + now / rate;
}

/* ---- what happens by itself ---- */

/* Hz of the periodic interrupt, 0 for none: table 5, with a time base of 32,768 Hz. */
static uint64_t periodic_rate(const uint64_t *var)
{
	unsigned select = reg(var, REG_A) & 15;

	return !select ? 0 : select < 3 ? 32768U >> (select + 6) : 32768U >> (select - 1);
}

static bool alarm_at(const uint64_t *var, uint64_t seconds)
{
	uint64_t s = reg(var, SECONDS_ALARM), m = reg(var, MINUTES_ALARM),
		 h = reg(var, HOURS_ALARM);

	return (s >= ANY || decoded(var, s) == seconds % 60) &&
	       (m >= ANY || decoded(var, m) == seconds / 60 % 60) &&
	       ((h & ANY) == ANY || decoded_hour(var, h) == seconds / 3600 % 24);
}

/* Any alarm is seen within a day. */
static bool alarm_between(const uint64_t *var, uint64_t from, uint64_t to)
{
	if (to - from > DAY_SECONDS)
		from = to - DAY_SECONDS;
	for (uint64_t s = from + 1; s <= to; s++)
		if (alarm_at(var, s))
			return true;
	return false;
}

void mc146818_advance(uint64_t *var, uint64_t now, uint64_t rate)
{
	uint64_t before = seconds_at(var, var[rtc_seen], rate), f = periodic_rate(var);
	uint64_t after = seconds_at(var, now, rate);

	if (f && cycles_in(now, rate, f) != cycles_in(var[rtc_seen], rate, f))
		var[rtc_flags] |= PERIODIC;
	if (after != before && !(reg(var, REG_B) & SET)) {
		var[rtc_flags] |= UPDATED;
		if (alarm_between(var, before, after))
			var[rtc_flags] |= ALARM;
	}
	var[rtc_seen] = now;
}

uint64_t mc146818_next_event(const uint64_t *var, uint64_t rate)
{
	uint64_t enabled = reg(var, REG_B), seen = var[rtc_seen], f = periodic_rate(var);
	uint64_t second = (seen / rate + 1) * rate, next = NEVER;

	if (enabled & (UPDATED | ALARM) && !(enabled & SET))
		next = second;
	if (enabled & PERIODIC && f) {
		uint64_t period = units_of(cycles_in(seen, rate, f) + 1, rate, f);

		next = period < next ? period : next;
	}
	return next;
}

bool mc146818_line(const uint64_t *var)
{
	return var[rtc_flags] & reg(var, REG_B) & INTERRUPTS;
}

/* ---- ports ---- */

void mc146818_reset(uint64_t *var, uint64_t epoch)
{
	var[rtc_offset] = epoch;
	set_reg(var, REG_A, 0x26); /* 32,768 Hz; a periodic interrupt would be of 1,024 Hz */
	set_reg(var, REG_B, HOURS_24);
	set_reg(var, REG_D, VALID);
}

static uint64_t update_units(uint64_t rate)
{
	return (rate * UPDATE_US + 999999) / 1000000;
}

static bool updating(uint64_t now, uint64_t rate)
{
	return now % rate >= rate - update_units(rate);
}

static bool of_the_clock(unsigned n)
{
	return n <= YEAR && n != SECONDS_ALARM && n != MINUTES_ALARM && n != HOURS_ALARM;
}

static uint64_t read_flags(uint64_t *var)
{
	uint64_t flags = var[rtc_flags] | (mc146818_line(var) ? 0x80 : 0);

	var[rtc_flags] = 0;
	return flags;
}

uint64_t mc146818_read(uint64_t *var, unsigned port, uint64_t now, uint64_t rate)
{
	unsigned n = (unsigned)var[rtc_index];
	bool stands = reg(var, REG_B) & SET;

	if (port == 0)
		return 0xff;
	if (of_the_clock(n) && !stands)
		show(var, seconds_at(var, now, rate));
	if (n == REG_A)
		return reg(var, n) | (updating(now, rate) && !stands ? UPDATING : 0);
	return n == REG_C ? read_flags(var) : reg(var, n);
}

/* When it says otherwise whether it is updating. */
static uint64_t updating_until(uint64_t now, uint64_t rate)
{
	uint64_t second = (now / rate + 1) * rate;

	return updating(now, rate) ? second : second - update_units(rate);
}

uint64_t mc146818_steady(const uint64_t *var, unsigned port, bool write, uint64_t now,
			 uint64_t rate)
{
	unsigned n = (unsigned)var[rtc_index];
	bool stands = reg(var, REG_B) & SET;

	if (port == 0)
		return NEVER;
	if (write || n == REG_C)
		return now;
	if (stands)
		return NEVER;
	if (of_the_clock(n))
		return (now / rate + 1) * rate;
	return n == REG_A ? updating_until(now, rate) : NEVER;
}

static void write_reg(uint64_t *var, unsigned n, uint64_t value, uint64_t now, uint64_t rate)
{
	bool stood = reg(var, REG_B) & SET;

	if (!stood)
		show(var, seconds_at(var, now, rate));
	if (n == REG_A)
		value &= ~(uint64_t)UPDATING;
	if (n != REG_C && n != REG_D)
		set_reg(var, n, value);
	if (stood ? !(reg(var, REG_B) & SET) : of_the_clock(n))
		var[rtc_offset] = shown(var) - now / rate;
}

void mc146818_write(uint64_t *var, unsigned port, uint64_t value, uint64_t now, uint64_t rate)
{
	if (port == 0)
		var[rtc_index] = value % REGISTERS;
	else
		write_reg(var, (unsigned)var[rtc_index], value, now, rate);
}
