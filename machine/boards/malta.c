/*
 * The board MIPS Malta with a CoreLV: a device class that has the physical addresses from
 * 0x10000000 to 0x1fffffff, and all chips that are there.
 *
 * MIPS Malta User's Manual (MD00048): 3 "Memory Map", 4 "CBUS", 5 "PCI and ISA"; MIPS YAMON
 * Reference Manual (MD00009) for what the boot ROM leaves behind.
 *
 * The first serial line is the console that is declared beside it; nothing is at the other one.
 * There are no PCI cards.  Switching off and a reset end the run.
 *
 * The processor has either byte order; accesses come here as units in the order of their addresses.
 * Ports of PCI and the system controller's registers have their low bytes first for both.  The CBUS
 * is a processor's words, so that a register's low byte is the last one of four for a big-endian
 * one, and so is the data of configuration cycles, turned once by the system controller and once
 * more on its way to PCI; its own configuration space is not on PCI.
 */
#include "machine/boards/chips.h"

#include "isa/alloc.h"

#include <inttypes.h>

#define MALTA_VARS(V)                                                                              \
	I8259_VARS(V)                                                                              \
	I8254_VARS(V)                                                                              \
	MC146818_VARS(V)                                                                           \
	UART16550_VARS(V, tty0)                                                                    \
	UART16550_VARS(V, tty1)                                                                    \
	GT64120_VARS(V)                                                                            \
	PIIX4_VARS(V)                                                                              \
	V(board, port_b) V(board, leds) V(board, text) V(board, reset)

#define V(chip, name) chip##_##name,
enum { MALTA_VARS(V) NVARS };
#undef V

/* The first of each chip's. */
enum {
	PIC = pic1_request,
	PIT = pit0_control,
	RTC = rtc_index,
	TTY0 = tty0_enabled,
	TTY1 = tty1_enabled,
	GT = gt_io_low,
	PIIX = piix_isa_command,
};

#define V(chip, name) #chip "." #name,
static const char *const var_names[NVARS] = { MALTA_VARS(V) };
#undef V

enum { IRQ_TIMER = 0, IRQ_TTY1 = 3, IRQ_TTY0 = 4, IRQ_CLOCK = 8 };

struct malta {
	struct device device;
	struct device *console; /* NULL: none is declared; not owned */
	uint64_t rate;		/* units of time in a second */
	uint64_t now;
};

/* ---- byte order ---- */

static uint64_t turned(uint64_t bytes, unsigned n)
{
	uint64_t turned = 0;

	for (unsigned i = 0; i < n; i++)
		turned |= (bytes >> i * 8 & 0xff) << (n - 1 - i) * 8;
	return turned;
}

typedef bool access_to(struct malta *, unsigned at, unsigned n, bool write, uint64_t *value);

/* By wires that turn the bytes of a word, of which n are accessed. */
static bool access_turned(access_to *to, struct malta *m, unsigned at, unsigned n, bool write,
			  uint64_t *value)
{
	uint64_t part = write ? turned(*value, n) : 0;
	bool found = to(m, (at & ~3U) + 4 - at % 4 - n, n, write, &part);

	if (!write)
		*value = turned(part, n);
	return found;
}

/* ---- ISA: ports of bytes ---- */

static uint64_t *var_of(struct malta *m, unsigned first)
{
	return m->device.var + first;
}

static uint64_t read_pic(struct malta *m, unsigned port)
{
	return i8259_read(var_of(m, PIC), port >> 7, port & 1);
}

static void write_pic(struct malta *m, unsigned port, uint64_t value)
{
	i8259_write(var_of(m, PIC), port >> 7, port & 1, value);
}

static uint64_t read_level(struct malta *m, unsigned port)
{
	return i8259_read(var_of(m, PIC), port & 1, 2);
}

static void write_level(struct malta *m, unsigned port, uint64_t value)
{
	i8259_write(var_of(m, PIC), port & 1, 2, value);
}

static uint64_t read_pit(struct malta *m, unsigned port)
{
	return i8254_read(var_of(m, PIT), port & 3, m->now, m->rate);
}

static void write_pit(struct malta *m, unsigned port, uint64_t value)
{
	i8254_write(var_of(m, PIT), port & 3, value, m->now, m->rate);
}

/* Port B: bits 1 and 0 as written, bit 5 the output of counter 2. */
static uint64_t read_b(struct malta *m, unsigned port)
{
	(void)port;
	return m->device.var[board_port_b] |
	       (i8254_output(var_of(m, PIT), 2, m->now, m->rate) ? 0x20U : 0);
}

static void write_b(struct malta *m, unsigned port, uint64_t value)
{
	(void)port;
	m->device.var[board_port_b] = value & 3;
}

static uint64_t read_rtc(struct malta *m, unsigned port)
{
	return mc146818_read(var_of(m, RTC), port & 1, m->now, m->rate);
}

static void write_rtc(struct malta *m, unsigned port, uint64_t value)
{
	mc146818_write(var_of(m, RTC), port & 1, value, m->now, m->rate);
}

static uint64_t read_tty0(struct malta *m, unsigned port)
{
	return uart16550_read(var_of(m, TTY0), m->console, port & 7);
}

static void write_tty0(struct malta *m, unsigned port, uint64_t value)
{
	uart16550_write(var_of(m, TTY0), m->console, port & 7, value, m->now, m->rate);
}

static uint64_t read_tty1(struct malta *m, unsigned port)
{
	return uart16550_read(var_of(m, TTY1), NULL, port & 7);
}

static void write_tty1(struct malta *m, unsigned port, uint64_t value)
{
	uart16550_write(var_of(m, TTY1), NULL, port & 7, value, m->now, m->rate);
}

/* Until when an access does the same: struct device_class. */
static uint64_t steady_pic(const struct malta *m, unsigned port, bool write)
{
	return write ? m->now : i8259_steady(m->device.var + PIC, port >> 7, port & 1, m->now);
}

static uint64_t steady_level(const struct malta *m, unsigned port, bool write)
{
	return write ? m->now : i8259_steady(m->device.var + PIC, port & 1, 2, m->now);
}

static uint64_t steady_rtc(const struct malta *m, unsigned port, bool write)
{
	return mc146818_steady(m->device.var + RTC, port & 1, write, m->now, m->rate);
}

static uint64_t steady_tty0(const struct malta *m, unsigned port, bool write)
{
	return uart16550_steady(m->device.var + TTY0, m->console, port & 7, write, m->now);
}

static uint64_t steady_tty1(const struct malta *m, unsigned port, bool write)
{
	return uart16550_steady(m->device.var + TTY1, NULL, port & 7, write, m->now);
}

/* What counts. */
static uint64_t never_steady(const struct malta *m, unsigned port, bool write)
{
	(void)port;
	(void)write;
	return m->now;
}

static const struct port {
	unsigned first, last;
	uint64_t (*read)(struct malta *, unsigned port);
	void (*write)(struct malta *, unsigned port, uint64_t value);
	uint64_t (*steady)(const struct malta *, unsigned port, bool write);
} ports[] = {
	{ 0x020, 0x021, read_pic, write_pic, steady_pic },
	{ 0x040, 0x043, read_pit, write_pit, never_steady },
	{ 0x061, 0x061, read_b, write_b, never_steady },
	{ 0x070, 0x071, read_rtc, write_rtc, steady_rtc },
	{ 0x0a0, 0x0a1, read_pic, write_pic, steady_pic },
	{ 0x2f8, 0x2ff, read_tty1, write_tty1, steady_tty1 },
	{ 0x3f8, 0x3ff, read_tty0, write_tty0, steady_tty0 },
	{ 0x4d0, 0x4d1, read_level, write_level, steady_level },
};
enum { NPORTS = sizeof ports / sizeof *ports };

/* NULL: it is none of these. */
static const struct port *find_port(unsigned port)
{
	for (unsigned i = 0; i < NPORTS; i++)
		if (port >= ports[i].first && port <= ports[i].last)
			return &ports[i];
	return NULL;
}

/* Nothing answers at other ports: the bus is high. */
static uint64_t read_port(struct malta *m, unsigned port)
{
	const struct port *known = find_port(port);
	unsigned reg;

	if (known)
		return known->read(m, port) & 0xff;
	if (piix4_port(var_of(m, PIIX), port, &reg))
		return piix4_read(var_of(m, PIIX), reg, m->now, m->rate);
	return 0xff;
}

static void write_port(struct malta *m, unsigned port, uint64_t value)
{
	const struct port *known = find_port(port);
	unsigned reg;

	if (known)
		known->write(m, port, value);
	else if (piix4_port(var_of(m, PIIX), port, &reg))
		piix4_write(var_of(m, PIIX), reg, value);
}

static bool access_ports(struct malta *m, unsigned at, unsigned n, bool write, uint64_t *value)
{
	for (unsigned i = 0; i < n; i++)
		if (write)
			write_port(m, at + i, *value >> i * 8 & 0xff);
		else
			*value |= read_port(m, at + i) << i * 8;
	return true;
}

static uint64_t steady_port(const struct malta *m, unsigned port, bool write)
{
	const struct port *known = find_port(port);
	unsigned reg;

	if (known)
		return known->steady(m, port, write);
	if (piix4_port(m->device.var + PIIX, port, &reg))
		return piix4_steady(reg, write, m->now);
	return NEVER;
}

static uint64_t steady_ports(const struct malta *m, unsigned at, unsigned n, bool write)
{
	uint64_t first = NEVER;

	for (unsigned i = 0; i < n; i++) {
		uint64_t until = steady_port(m, at + i, write);

		first = until < first ? until : first;
	}
	return first;
}

/* ---- PCI ---- */

enum { SYSTEM_CONTROLLER = 0, SOUTH_BRIDGE = 10, ALL_ONES = 0xffffffff };

static uint64_t read_config(struct malta *m)
{
	struct pci_place p;
	uint64_t value = 0;
	bool here = gt64120_place(var_of(m, GT), &p);

	if (here && p.device == SYSTEM_CONTROLLER && !p.function)
		return gt64120_config_read(var_of(m, GT), p.reg);
	if (here && p.device == SOUTH_BRIDGE &&
	    piix4_config_read(var_of(m, PIIX), p.function, p.reg, &value))
		return value;
	gt64120_abort(var_of(m, GT));
	return ALL_ONES;
}

static void write_config(struct malta *m, uint64_t value, uint64_t mask)
{
	struct pci_place p;
	bool here = gt64120_place(var_of(m, GT), &p);

	if (here && p.device == SYSTEM_CONTROLLER && !p.function)
		gt64120_config_write(var_of(m, GT), p.reg, value, mask);
	else if (!here || p.device != SOUTH_BRIDGE ||
		 !piix4_config_write(var_of(m, PIIX), p.function, p.reg, value, mask))
		gt64120_abort(var_of(m, GT));
}

static uint64_t read_controller(struct malta *m, unsigned reg)
{
	if (reg == GT64120_CONFIG_DATA)
		return read_config(m);
	if (reg == GT64120_ACKNOWLEDGE)
		return i8259_acknowledge(var_of(m, PIC));
	return gt64120_read(var_of(m, GT), reg);
}

/* A part of a register, the rest of which stays. */
static bool access_register(struct malta *m, unsigned at, unsigned n, bool write, uint64_t *value)
{
	unsigned reg = at & ~3U, shift = at % 4 * 8;
	uint64_t mask = isa_mask(n * 8) << shift;

	if (!write)
		*value = read_controller(m, reg) >> shift;
	else if (reg == GT64120_CONFIG_DATA)
		write_config(m, *value << shift, mask);
	else
		gt64120_write(var_of(m, GT), reg,
			      (gt64120_read(var_of(m, GT), reg) & ~mask) | *value << shift);
	return true;
}

static bool is_turned(struct malta *m, unsigned reg)
{
	struct pci_place p;
	bool here = gt64120_place(var_of(m, GT), &p);

	return reg == GT64120_CONFIG_DATA && gt64120_turns(var_of(m, GT)) &&
	       !(here && p.device == SYSTEM_CONTROLLER);
}

static bool access_controller(struct malta *m, unsigned at, unsigned n, bool write, uint64_t *value)
{
	if (is_turned(m, at & ~3U))
		return access_turned(access_register, m, at, n, write, value);
	return access_register(m, at, n, write, value);
}

static uint64_t steady_controller(const struct malta *m, unsigned at, unsigned n, bool write)
{
	unsigned reg = at & ~3U;

	(void)n;
	return write || reg == GT64120_CONFIG_DATA || reg == GT64120_ACKNOWLEDGE ? m->now : NEVER;
}

/* No card decodes it: the cycle ends with a master abort. */
static bool access_cards(struct malta *m, unsigned at, unsigned n, bool write, uint64_t *value)
{
	(void)at;
	gt64120_abort(var_of(m, GT));
	if (!write)
		*value = isa_mask(n * 8);
	return true;
}

/* ---- CBUS: FPGA, flash, boot ROM ---- */

enum { STATUS = 0x208, BIG_ENDIAN_SWITCH = 2 };
enum { LEDS = 0x408, ASCII = 0x418, ASCII_END = 0x458, RESET = 0x500, GO = 0x42 };

static bool access_fpga(struct malta *m, unsigned at, unsigned n, bool write, uint64_t *value)
{
	uint64_t *var = m->device.var;
	unsigned digit = (at - ASCII) / 8 * 8;

	(void)n;
	if (!write && at == STATUS && m->device.big_endian)
		*value = BIG_ENDIAN_SWITCH;
	if (!write && at == LEDS)
		*value = var[board_leds];
	if (write && at == LEDS)
		var[board_leds] = *value & 0xff;
	if (write && at == RESET && (*value & 0xff) == GO)
		var[board_reset] = 1;
	if (write && at >= ASCII && at < ASCII_END)
		var[board_text] = (var[board_text] & ~(UINT64_C(0xff) << digit)) | (*value & 0xff)
											   << digit;
	return true;
}

/* The serial line of the CBUS is not fitted. */
static bool access_nothing(struct malta *m, unsigned at, unsigned n, bool write, uint64_t *value)
{
	(void)m;
	(void)at;
	if (!write)
		*value = isa_mask(n * 8);
	return true;
}

/* Empty but for the revision register: a Malta with a CoreLV, whose controller is a GT-64120. */
static bool access_rom(struct malta *m, unsigned at, unsigned n, bool write, uint64_t *value)
{
	enum { REVISION_AT = 0x10, REVISION = 0x420 };

	(void)m;
	(void)n;
	if (!write && at / 4 == REVISION_AT / 4)
		*value = REVISION >> at % 4 * 8;
	return true;
}

/* What is never otherwise, nor does anything that it has not done already. */
static uint64_t always_steady(const struct malta *m, unsigned at, unsigned n, bool write)
{
	(void)m;
	(void)at;
	(void)n;
	(void)write;
	return NEVER;
}

/* ---- what stands where ---- */

/* From 0x10000000 on. */
static const struct part {
	uint64_t first, units;
	access_to *access;
	bool words; /* of the processor's order */
	uint64_t (*steady)(const struct malta *, unsigned at, unsigned n, bool write);
} parts[] = {
	/* 0x10000000: PCI storage */
	{ 0x00000000, 0x08000000, access_cards, false, always_steady },
	/* 0x18000000: PCI ports, ISA's */
	{ 0x08000000, 0x00010000, access_ports, false, steady_ports },
	/* 0x18010000: more of both */
	{ 0x08010000, 0x03bf0000, access_cards, false, always_steady },
	/* 0x1be00000: GT-64120 */
	{ 0x0be00000, 0x00001000, access_controller, false, steady_controller },
	/* 0x1e000000: flash, not fitted */
	{ 0x0e000000, 0x00400000, access_nothing, true, always_steady },
	/* 0x1f000000: FPGA */
	{ 0x0f000000, 0x00000900, access_fpga, true, always_steady },
	/* 0x1f000900: serial line, not fitted */
	{ 0x0f000900, 0x00000040, access_nothing, true, always_steady },
	/* 0x1f000a00: FPGA */
	{ 0x0f000a00, 0x00000200, access_fpga, true, always_steady },
	/* 0x1fc00000: boot ROM */
	{ 0x0fc00000, 0x00400000, access_rom, true, always_steady },
};
enum { NPARTS = sizeof parts / sizeof *parts };

/* NULL: nothing is there. */
static const struct part *find_part(uint64_t unit)
{
	for (unsigned i = 0; i < NPARTS; i++)
		if (unit - parts[i].first < parts[i].units)
			return &parts[i];
	return NULL;
}

static void look_at_lines(struct malta *m)
{
	uint64_t *pic = var_of(m, PIC);

	if (i8254_risen(var_of(m, PIT), m->now, m->rate))
		i8259_edge(pic, IRQ_TIMER);
	i8259_input(pic, IRQ_TTY0, uart16550_line(var_of(m, TTY0), m->console));
	i8259_input(pic, IRQ_TTY1, uart16550_line(var_of(m, TTY1), NULL));
	i8259_input(pic, IRQ_CLOCK, mc146818_line(var_of(m, RTC)));
}

static bool access_part(struct malta *m, const struct part *part, uint64_t unit, unsigned n,
			 bool write, uint64_t *value)
{
	unsigned at = (unsigned)(unit - part->first);

	if (part->words && m->device.big_endian)
		return access_turned(part->access, m, at, n, write, value);
	return part->access(m, at, n, write, value);
}

static bool malta_access(struct device *d, uint64_t unit, unsigned n, bool write, uint64_t *value)
{
	struct malta *m = (struct malta *)d;
	const struct part *part = find_part(unit);
	bool found;

	if (!write)
		*value = 0;
	found = part && access_part(m, part, unit, n, write, value);
	look_at_lines(m);
	return found;
}

static uint64_t malta_steady(const struct device *d, const struct device_access *a, uint64_t now)
{
	const struct malta *m = (const struct malta *)d;
	const struct part *part = find_part(a->at);

	return part ? part->steady(m, (unsigned)(a->at - part->first), a->units, a->write) :
		       now;
}

/* The processor's words, for who does not come by an address. */
static uint64_t malta_read(struct device *d, uint64_t reg)
{
	uint64_t value = 0;

	malta_access(d, reg * 4, 4, false, &value);
	return d->big_endian ? turned(value, 4) : value;
}

static void malta_write(struct device *d, uint64_t reg, uint64_t value)
{
	uint64_t bytes = d->big_endian ? turned(value, 4) : value;

	malta_access(d, reg * 4, 4, true, &bytes);
}

/* ---- the class ---- */

static bool malta_init(struct device *d, char *reason, size_t reason_size)
{
	struct malta *m = (struct malta *)d;

	m->rate = device_param(d, "rate", 20000000);
	if (m->rate < 1000000 || m->rate > UINT32_MAX) {
		snprintf(reason, reason_size, "device %s: rate must be 1000000 to %" PRIu32,
			 d->decl->name, UINT32_MAX);
		return false;
	}
	mc146818_reset(var_of(m, RTC), device_param(d, "epoch", 0));
	uart16550_reset(var_of(m, TTY0));
	uart16550_reset(var_of(m, TTY1));
	gt64120_reset(var_of(m, GT), d->big_endian);
	piix4_reset(var_of(m, PIIX));
	return true;
}

static void malta_fini(struct device *d)
{
	(void)d;
}

static void malta_connect(struct device *d, struct device *const *all, unsigned n)
{
	for (unsigned i = 0; i < n; i++)
		if (strcmp(all[i]->class->name, "console") == 0)
			((struct malta *)d)->console = all[i];
}

static void malta_advance(struct device *d, uint64_t now)
{
	struct malta *m = (struct malta *)d;

	m->now = now;
	mc146818_advance(var_of(m, RTC), now, m->rate);
	uart16550_advance(var_of(m, TTY0), m->console, now);
	uart16550_advance(var_of(m, TTY1), NULL, now);
	look_at_lines(m);
}

static uint64_t malta_next_event(const struct device *d)
{
	const struct malta *m = (const struct malta *)d;
	uint64_t events[] = { i8254_next_event(d->var + PIT, m->rate),
			      mc146818_next_event(d->var + RTC, m->rate),
			      uart16550_next_event(d->var + TTY0),
			      uart16550_next_event(d->var + TTY1) };
	uint64_t first = NEVER;

	for (unsigned i = 0; i < sizeof events / sizeof *events; i++)
		first = events[i] < first ? events[i] : first;
	return first;
}

static bool malta_line(const struct device *d)
{
	return i8259_output(d->var + PIC);
}

static bool malta_off(const struct device *d, uint64_t *status)
{
	bool off = d->var[piix_off] || d->var[board_reset];

	if (off)
		*status = 0;
	return off;
}

static void *malta_save(const struct device *d)
{
	uint64_t *now = xmalloc(sizeof *now);

	*now = ((const struct malta *)d)->now;
	return now;
}

static void malta_restore(struct device *d, const void *saved)
{
	((struct malta *)d)->now = *(const uint64_t *)saved;
}

const struct device_class malta_class = {
	.name = "malta",
	.nvars = NVARS,
	.var_name = var_names,
	.param_name = (const char *const[]){ "rate", "epoch", NULL },
	.size = sizeof(struct malta),
	.init = malta_init,
	.connect = malta_connect,
	.fini = malta_fini,
	.read = malta_read,
	.write = malta_write,
	.access = malta_access,
	.steady = malta_steady,
	.advance = malta_advance,
	.next_event = malta_next_event,
	.drifts = true, /* the clock */
	.line = malta_line,
	.off = malta_off,
	.save = malta_save,
	.restore = malta_restore,
	.forget = free,
};
