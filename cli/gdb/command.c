/*
 * The packets that gdb sends, and what they are answered.
 * GDB's manual, appendix "GDB Remote Serial Protocol", sections Packets, General Query Packets.
 */
#include "cli/gdb/gdb.h"

#include <ctype.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

enum { BAD_NUMBER = 1, BAD_ADDRESS = 14, BAD_VALUE = 22 }; /* as gdb shows them; it knows no meaning */

static void ok(struct gdb *g)
{
	fputs("OK", g->out);
}

static void refuse(struct gdb *g, int error)
{
	fprintf(g->out, "E%02x", error);
}

static void answer(struct gdb *g, bool good, int error)
{
	if (good)
		ok(g);
	else
		refuse(g, error);
}

/* ---- reading ---- */

int hex_byte(const char *digits)
{
	char text[3];

	if (!isxdigit((unsigned char)digits[0]) || !isxdigit((unsigned char)digits[1]))
		return -1;
	snprintf(text, sizeof(text), "%.2s", digits);
	return (int)strtoul(text, NULL, 16);
}

/* A hexadecimal number and what ends it, a 0 for the packet's end; *text moves behind both. */
static bool read_hex(const char **text, char end, uint64_t *value)
{
	char *rest;

	if (!isxdigit((unsigned char)**text))
		return false;
	*value = strtoull(*text, &rest, 16);
	if (*rest != end)
		return false;
	*text = rest + (end != '\0');
	return true;
}

/* ADDRESS,LENGTH: no more units than a reply has room for. */
static bool read_range(const struct gdb *g, const char **text, char end, uint64_t *address,
		       uint64_t *units)
{
	return read_hex(text, ',', address) && read_hex(text, end, units) &&
	       *units <= (PACKET_MOST - 8) / 2 / target_unit(g);
}

/* ---- registers ---- */

static void read_registers(struct gdb *g, const char *arguments)
{
	(void)arguments;
	for (unsigned i = 0; i < g->nregisters; i++)
		target_print(g, i, g->out);
}

static bool is_absent(const char *digits, unsigned bytes)
{
	return strspn(digits, "xX") >= 2 * (size_t)bytes;
}

/* Those that gdb does not know, and those that it cannot change, keep their values. */
static void write_registers(struct gdb *g, const char *digits)
{
	size_t left = strlen(digits);
	bool good = true;

	for (unsigned i = 0; i < g->nregisters && left; i++) {
		unsigned bytes = g->reg[i].bytes;

		if (left < 2 * (size_t)bytes) {
			good = false;
			break;
		}
		if (g->reg[i].writable && !is_absent(digits, bytes))
			good = target_set(g, i, digits, left) && good;
		digits += 2 * (size_t)bytes;
		left -= 2 * (size_t)bytes;
	}
	answer(g, good, BAD_VALUE);
}

static void read_register(struct gdb *g, const char *text)
{
	uint64_t n;

	if (read_hex(&text, '\0', &n) && n < g->nregisters)
		target_print(g, (unsigned)n, g->out);
	else
		refuse(g, BAD_NUMBER);
}

static void write_register(struct gdb *g, const char *text)
{
	uint64_t n;

	if (!read_hex(&text, '=', &n) || n >= g->nregisters)
		refuse(g, BAD_NUMBER);
	else
		answer(g, strlen(text) == 2 * (size_t)g->reg[n].bytes &&
				  target_set(g, (unsigned)n, text, strlen(text)),
		       BAD_VALUE);
}

/* ---- storage ---- */

static void read_storage(struct gdb *g, const char *text)
{
	uint64_t address, units;

	if (!read_range(g, &text, '\0', &address, &units))
		refuse(g, BAD_NUMBER);
	else if (target_read(g, address, units, g->out) == 0 && units)
		refuse(g, BAD_ADDRESS);
}

static void write_units(struct gdb *g, uint64_t address, uint64_t units, const unsigned char *bytes,
			size_t count)
{
	if (count != units * target_unit(g))
		refuse(g, BAD_NUMBER);
	else
		answer(g, target_write(g, address, units, bytes) == units, BAD_ADDRESS);
}

static void write_storage(struct gdb *g, const char *text)
{
	uint64_t address, units;
	unsigned char *bytes = make(PACKET_MOST / 2 + 1, 1);
	size_t count = 0;
	bool good = read_range(g, &text, ':', &address, &units);

	for (; good && *text; text += 2) {
		int byte = hex_byte(text);

		if (byte < 0)
			good = false;
		else
			bytes[count++] = (unsigned char)byte;
	}
	if (good)
		write_units(g, address, units, bytes, count);
	else
		refuse(g, BAD_NUMBER);
	free(bytes);
}

/* The same with the bytes as they are. */
static void write_binary(struct gdb *g, const char *text)
{
	uint64_t address, units;

	if (read_range(g, &text, ':', &address, &units))
		write_units(g, address, units, (const unsigned char *)text,
			    (size_t)(g->link.packet + g->link.length - text));
	else
		refuse(g, BAD_NUMBER);
}

/* ---- breaks and watches: Z0,ADDRESS,KIND ---- */

static void change_point(struct gdb *g, const char *text,
			 bool change(struct gdb *, char, uint64_t, uint64_t))
{
	char type = *text;
	uint64_t address, length;

	if (type < '0' || type > '4')
		return; /* gdb knows then that there are none such */
	text += 1 + (text[1] == ',');
	if (read_hex(&text, ',', &address) && read_hex(&text, '\0', &length))
		answer(g, change(g, type, address, length), BAD_ADDRESS);
	else
		refuse(g, BAD_NUMBER);
}

static void insert(struct gdb *g, const char *text)
{
	change_point(g, text, gdb_insert);
}

static void take_out(struct gdb *g, const char *text)
{
	change_point(g, text, gdb_remove);
}

/* ---- motion ---- */

static void tell_stop(struct gdb *g, const char *text)
{
	(void)text;
	fputs(g->stop, g->out);
}

typedef void motion(struct gdb *);

static void move(struct gdb *g, motion *move)
{
	move(g);
	tell_stop(g, "");
}

/* [ADDRESS]: from there on. */
static void move_from(struct gdb *g, const char *text, motion *how)
{
	uint64_t p;

	if (*text && read_hex(&text, '\0', &p)) {
		view_goto(view_of(g->session), p);
		history_changed(g->world->history);
	} else if (*text) {
		refuse(g, BAD_NUMBER);
		return;
	}
	move(g, how);
}

static void go_on(struct gdb *g, const char *text)
{
	move_from(g, text, motion_continue);
}

static void step(struct gdb *g, const char *text)
{
	move_from(g, text, motion_step);
}

/* SIGNAL[;ADDRESS]: a machine takes no signals. */
static const char *behind_signal(const char *text)
{
	const char *at = strchr(text, ';');

	return at ? at + 1 : "";
}

static void go_on_signalled(struct gdb *g, const char *text)
{
	go_on(g, behind_signal(text));
}

static void step_signalled(struct gdb *g, const char *text)
{
	step(g, behind_signal(text));
}

/* ;ACTION[:THREAD]...: the first action is for the one thread that there is. */
static void go_on_as(struct gdb *g, const char *text)
{
	switch (text[0] == ';' ? text[1] : '\0') {
	case 'c':
	case 'C': move(g, motion_continue); break;
	case 's':
	case 'S': move(g, motion_step); break;
	default: refuse(g, BAD_NUMBER);
	}
}

static void actions(struct gdb *g, const char *text)
{
	(void)text;
	fputs("vCont;c;C;s;S", g->out);
}

static void back(struct gdb *g, const char *text)
{
	(void)text;
	move(g, motion_reverse_continue);
}

static void step_back(struct gdb *g, const char *text)
{
	(void)text;
	move(g, motion_reverse_step);
}

/* ---- the session ---- */

static void end(struct gdb *g, const char *text)
{
	(void)text;
	g->ended = true;
}

static void end_told(struct gdb *g, const char *text)
{
	(void)text;
	g->ended = true;
	ok(g);
}

static void detach(struct gdb *g, const char *text)
{
	(void)text;
	g->ended = g->detached = true;
	ok(g);
}

static void agree(struct gdb *g, const char *text)
{
	(void)text;
	ok(g);
}

static void without_acks(struct gdb *g, const char *text)
{
	(void)text;
	g->link.acks = false;
	ok(g);
}

static void supported(struct gdb *g, const char *text)
{
	(void)text;
	fprintf(g->out,
		"PacketSize=%x;QStartNoAckMode+;qXfer:features:read+;ReverseStep+;ReverseContinue+;"
		"vContSupported+",
		PACKET_MOST);
}

static void current_thread(struct gdb *g, const char *text)
{
	(void)text;
	fputs("QC1", g->out);
}

static void first_threads(struct gdb *g, const char *text)
{
	(void)text;
	fputs("m1", g->out);
}

static void no_more(struct gdb *g, const char *text)
{
	(void)text;
	fputs("l", g->out);
}

/* Which machine it is, and in which mode. */
static void about_thread(struct gdb *g, const char *text)
{
	const struct session *s = g->session;
	char name[64], mode[64], both[136];

	(void)text;
	snprintf(both, sizeof(both), "%s %s", machine_name(s, s->now, s->machine, name, sizeof(name)),
		 mode_of(view_of(s), mode, sizeof(mode)));
	for (const char *p = both; *p; p++)
		fprintf(g->out, "%02x", (unsigned char)*p);
}

static void is_attached(struct gdb *g, const char *text)
{
	(void)text;
	fputs("1", g->out); /* gdb is to detach, when it is left, and not to kill */
}

/* OFFSET,LENGTH of the description */
static void describe(struct gdb *g, const char *text)
{
	uint64_t offset, length, all = strlen(g->description);
	size_t n;

	if (!read_hex(&text, ',', &offset) || !read_hex(&text, '\0', &length)) {
		refuse(g, BAD_NUMBER);
		return;
	}
	if (offset > all)
		offset = all;
	if (length > all - offset)
		length = all - offset;
	n = link_room(g->description + offset, (size_t)length);
	fputc(offset + n < all ? 'm' : 'l', g->out);
	fwrite(g->description + offset, 1, n, g->out);
}

/* ---- the table ---- */

/* By what a packet begins with; a longer one stands before those that it begins with.  What is not
 * there is answered with nothing, which says so. */
static const struct {
	const char *begin;
	void (*run)(struct gdb *, const char *text);
	bool whole; /* nothing more may follow */
} commands[] = {
	{ "?", tell_stop, true },
	{ "g", read_registers, true },
	{ "G", write_registers, false },
	{ "p", read_register, false },
	{ "P", write_register, false },
	{ "m", read_storage, false },
	{ "M", write_storage, false },
	{ "X", write_binary, false },
	{ "Z", insert, false },
	{ "z", take_out, false },
	{ "c", go_on, false },
	{ "s", step, false },
	{ "C", go_on_signalled, false },
	{ "S", step_signalled, false },
	{ "bc", back, true },
	{ "bs", step_back, true },
	{ "k", end, false },
	{ "D", detach, false },
	{ "H", agree, false },
	{ "T", agree, false },
	{ "vCont?", actions, true },
	{ "vCont", go_on_as, false },
	{ "vKill", end_told, false },
	{ "QStartNoAckMode", without_acks, true },
	{ "qSupported", supported, false },
	{ "qXfer:features:read:target.xml:", describe, false },
	{ "qRcmd,", gdb_monitor, false },
	{ "qAttached", is_attached, false },
	{ "qC", current_thread, true },
	{ "qfThreadInfo", first_threads, true },
	{ "qsThreadInfo", no_more, true },
	{ "qThreadExtraInfo,", about_thread, false },
	{ "qSymbol", agree, false },
};

/* The number of the one that a packet is; their count if it is none. */
static size_t command_of(const char *packet)
{
	size_t i = 0;

	for (; i < sizeof(commands) / sizeof(*commands); i++) {
		size_t n = strlen(commands[i].begin);

		if (strncmp(packet, commands[i].begin, n) == 0 && !(commands[i].whole && packet[n]))
			break;
	}
	return i;
}

void gdb_answer(struct gdb *g)
{
	size_t n = command_of(g->link.packet), length = 0;
	char *reply = NULL;

	g->out = open_memstream(&reply, &length);
	if (!g->out)
		return;
	if (n < sizeof(commands) / sizeof(*commands))
		commands[n].run(g, g->link.packet + strlen(commands[n].begin));
	fclose(g->out);
	if (!(g->ended && g->link.packet[0] == 'k')) /* to which gdb expects no answer */
		link_send(&g->link, reply, length);
	free(reply);
}
