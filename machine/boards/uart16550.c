/*
 * The National PC16550D, wired to a console: what it sends is printed, what is typed it receives.
 *
 * National Semiconductor PC16550D (SNLS378): section 8, "Registers".  Bytes are as long as the
 * console takes for them, whatever the divisor.  The console keeps what is received until it is
 * read, so that nothing is ever overrun; there are no errors and no breaks, and the other side is
 * always ready.  In the loop only the modem's lines are led back.
 *
 * The line has hardware handshaking, which is what YAMON's environment says of it ("hw"): who types
 * waits for RTS.  Programs without handshaking receive, too: with the modem's lines as the boot ROM
 * has left them, and while they take interrupts for what is received.  Who clears the receiver's
 * FIFO finds it empty for as long as a byte takes at the highest speed.
 */
#include "machine/boards/chips.h"

#define V(chip, name) chip##_##name,
enum { UART16550_VARS(V, own) NVARS };
#undef V

enum { DATA, INTERRUPTS, IDENTIFICATION, FORMAT, MODEM, STATUS, MODEM_STATUS, SCRATCH };
enum { RECEIVED = 1, EMPTY = 2, ALL_INTERRUPTS = 15 }; /* the interrupts */
enum { BY_NONE = 1, BY_EMPTY = 2, BY_RECEIVED = 4, HAS_FIFOS = 0xc0 };
enum { FIFOS = 1, CLEAR_RECEIVED = 2, CLEAR_SENDING = 4, DIVISOR = 0x80 };
enum { READY = 1, SENDER_EMPTY = 0x20, ALL_SENT = 0x40 }; /* the line's status */
enum { CLEAR_DATA_SET_CARRIER = 0xb0 };
enum { REQUEST = 2, LOOP = 0x10, AS_LEFT = 0x100 }; /* the modem; AS_LEFT: never written */
enum { FIFO = 16, MODEM_LINES = 0x1f, BYTES_A_SECOND = 11520 };

void uart16550_reset(uint64_t *var)
{
	var[own_empty] = 1;
	var[own_divisor] = 1;
	var[own_modem] = AS_LEFT;
}

/* May the other side send? */
static bool is_open(const uint64_t *var)
{
	return !var[own_quiet] && !(var[own_modem] & LOOP) &&
	       (var[own_modem] & (REQUEST | AS_LEFT) || var[own_enabled] & RECEIVED);
}

static bool receives(const uint64_t *var, const struct device *console)
{
	return console && is_open(var) && console_has_input(console);
}

/* What interrupts, as the identification register says it. */
static unsigned cause(const uint64_t *var, const struct device *console)
{
	if (var[own_enabled] & RECEIVED && receives(var, console))
		return BY_RECEIVED;
	return var[own_enabled] & EMPTY && var[own_empty] ? BY_EMPTY : BY_NONE;
}

bool uart16550_line(const uint64_t *var, const struct device *console)
{
	return cause(var, console) != BY_NONE;
}

/* ---- sending ---- */

static uint64_t first_byte(uint64_t *var)
{
	uint64_t byte = var[own_send0] & 0xff;

	var[own_send0] = var[own_send0] >> 8 | var[own_send1] << 56;
	var[own_send1] >>= 8;
	var[own_empty] = --var[own_sending] == 0;
	return byte;
}

static void send_all(uint64_t *var, struct device *console)
{
	while (var[own_sending] && (!console || console_is_ready(console))) {
		uint64_t byte = first_byte(var);

		if (console)
			console->class->write(console, CONSOLE_DATA, byte);
	}
}

void uart16550_advance(uint64_t *var, struct device *console, uint64_t now)
{
	if (var[own_quiet] <= now)
		var[own_quiet] = 0;
	send_all(var, console);
}

uint64_t uart16550_next_event(const uint64_t *var)
{
	return var[own_quiet] ? var[own_quiet] : NEVER;
}

static void send(uint64_t *var, struct device *console, uint64_t byte)
{
	uint64_t room = var[own_fifos] & FIFOS ? FIFO : 1, at;

	if (var[own_modem] & LOOP)
		return;
	if (var[own_sending] == room)
		var[own_sending]--;
	at = var[own_sending]++;
	var[at < 8 ? own_send0 : own_send1] &= ~(UINT64_C(0xff) << at % 8 * 8);
	var[at < 8 ? own_send0 : own_send1] |= byte << at % 8 * 8;
	var[own_empty] = 0;
	send_all(var, console);
}

/* ---- registers ---- */

static uint64_t line_status(const uint64_t *var, struct device *console)
{
	bool idle = !console || console_is_ready(console);
	uint64_t received = 0;

	if (console && is_open(var))
		received = console->class->read(console, CONSOLE_STATUS) & READY;
	return received | (var[own_sending] ? 0 : SENDER_EMPTY | (idle ? ALL_SENT : 0));
}

static uint64_t modem_status(const uint64_t *var)
{
	uint64_t m = var[own_modem];

	/* DTR, RTS, OUT1 and OUT2 come back as DSR, CTS, RI and DCD */
	return m & LOOP ? (m & 1) << 5 | (m & 2) << 3 | (m & 12) << 4 : CLEAR_DATA_SET_CARRIER;
}

static uint64_t identify(uint64_t *var, const struct device *console)
{
	unsigned by = cause(var, console);

	if (by == BY_EMPTY)
		var[own_empty] = 0;
	return by | (var[own_fifos] & FIFOS ? HAS_FIFOS : 0);
}

uint64_t uart16550_read(uint64_t *var, struct device *console, unsigned port)
{
	bool divisor = var[own_format] & DIVISOR;

	switch (port) {
	case DATA:
		if (divisor)
			return var[own_divisor] & 0xff;
		if (!console || !is_open(var))
			return 0;
		return console->class->read(console, CONSOLE_DATA) & 0xff;
	case INTERRUPTS: return divisor ? var[own_divisor] >> 8 : var[own_enabled];
	case IDENTIFICATION: return identify(var, console);
	case FORMAT: return var[own_format];
	case MODEM: return var[own_modem] & MODEM_LINES;
	case STATUS: return line_status(var, console);
	case MODEM_STATUS: return modem_status(var);
	default: return var[own_scratch];
	}
}

static uint64_t console_steady(const struct device *console, unsigned at, uint64_t now)
{
	const struct device_access a = { .at = at, .units = 1 };

	return console->class->steady(console, &a, now);
}

uint64_t uart16550_steady(const uint64_t *var, const struct device *console, unsigned port,
			  bool write, uint64_t now)
{
	if (write)
		return port == SCRATCH ? NEVER : now;
	if (port == IDENTIFICATION)
		return cause(var, console) == BY_EMPTY ? now : NEVER;
	if (!console || !is_open(var) || (port == DATA && var[own_format] & DIVISOR))
		return NEVER;
	if (port != DATA && port != STATUS)
		return NEVER;
	return console_steady(console, port == DATA ? CONSOLE_DATA : CONSOLE_STATUS, now);
}

static void enable(uint64_t *var, struct device *console, uint64_t value)
{
	if (value & ~var[own_enabled] & EMPTY && !var[own_sending])
		var[own_empty] = 1;
	var[own_enabled] = value & ALL_INTERRUPTS;
	if (console)
		console->class->write(console, CONSOLE_CONTROL,
				      value & RECEIVED ? CONSOLE_IRQ_INPUT : 0);
}

static void control_fifos(uint64_t *var, uint64_t value, uint64_t now, uint64_t rate)
{
	var[own_fifos] = value & FIFOS;
	if (value & CLEAR_RECEIVED)
		var[own_quiet] = now + rate / BYTES_A_SECOND;
	if (value & CLEAR_SENDING && var[own_sending]) {
		var[own_sending] = 0;
		var[own_empty] = 1;
	}
}

void uart16550_write(uint64_t *var, struct device *console, unsigned port, uint64_t value,
		     uint64_t now, uint64_t rate)
{
	bool divisor = var[own_format] & DIVISOR;

	value &= 0xff;
	switch (port) {
	case DATA:
		if (divisor)
			var[own_divisor] = (var[own_divisor] & 0xff00) | value;
		else
			send(var, console, value);
		break;
	case INTERRUPTS:
		if (divisor)
			var[own_divisor] = (var[own_divisor] & 0xff) | value << 8;
		else
			enable(var, console, value);
		break;
	case IDENTIFICATION: control_fifos(var, value, now, rate); break;
	case FORMAT: var[own_format] = value; break;
	case MODEM: var[own_modem] = value & MODEM_LINES; break;
	case SCRATCH: var[own_scratch] = value; break;
	}
}
