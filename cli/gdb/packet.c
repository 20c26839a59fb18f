/* Packets of gdb's remote serial protocol: $data#checksum. */
#define _GNU_SOURCE
#include "cli/gdb/packet.h"

#include "cli/cli.h"
#include "cli/terminal.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { CTRL_C = 3, ESCAPE = '}', ESCAPED = 0x20 };

static const char digits[] = "0123456789abcdef";

static volatile sig_atomic_t listening, spoken;

static void on_input(int signal)
{
	(void)signal;
	if (!listening)
		return;
	spoken = 1;
	interrupt_with(SIGINT);
}

void link_open(struct link *l, int fd)
{
	struct sigaction catch = { .sa_handler = on_input, .sa_flags = SA_RESTART };

	*l = (struct link){ .fd = fd, .acks = true };
	sigemptyset(&catch.sa_mask);
	sigaction(SIGIO, &catch, NULL);
	fcntl(fd, F_SETOWN, getpid());
	fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_ASYNC);
}

void link_close(struct link *l)
{
	close(l->fd);
	free(l->last);
	l->last = NULL;
}

/* ---- bytes ---- */

/* Waits for some; the signals that end a wait are looked for now and then, too, since one may come
 * just before it. */
static enum link_event fill(struct link *l)
{
	struct pollfd p = { .fd = l->fd, .events = POLLIN };
	ssize_t n;

	do {
		if (interrupt_which())
			return LINK_INTERRUPTED;
	} while (poll(&p, 1, 100) <= 0);
	n = recv(l->fd, l->in, sizeof(l->in), MSG_DONTWAIT);
	if (n < 0 && (errno == EINTR || errno == EAGAIN))
		return LINK_NOTHING;
	if (n <= 0)
		return LINK_GONE;
	l->at = 0;
	l->count = (size_t)n;
	return LINK_PACKET;
}

/* False: *event says why there is none. */
static bool next_byte(struct link *l, int *byte, enum link_event *event)
{
	while (l->at == l->count) {
		*event = fill(l);
		if (*event != LINK_PACKET && *event != LINK_NOTHING)
			return false;
	}
	*byte = l->in[l->at++];
	return true;
}

/* A client that has gone is noticed when it is read from. */
static void send_bytes(const struct link *l, const char *bytes, size_t length)
{
	while (length) {
		ssize_t n = send(l->fd, bytes, length, MSG_NOSIGNAL);

		if (n < 0 && errno == EINTR && !interrupt_which())
			continue;
		if (n <= 0)
			return;
		bytes += n;
		length -= (size_t)n;
	}
}

/* ---- packets that come ---- */

static int digit(int byte)
{
	return !isxdigit(byte) ? -1 : isdigit(byte) ? byte - '0' : (byte | ESCAPED) - 'a' + 10;
}

/* How reading one ended. */
enum framing { FRAMED, DAMAGED, TOO_LONG, AGAIN /* a '$': another begins */, ENDED };

static enum framing read_checksum(struct link *l, unsigned sum, enum link_event *event)
{
	int high, low;

	if (!next_byte(l, &high, event) || !next_byte(l, &low, event))
		return ENDED;
	return digit(high) >= 0 && digit(low) >= 0 &&
			       (unsigned)(digit(high) << 4 | digit(low)) == (sum & 0xff)
		       ? FRAMED
		       : DAMAGED;
}

/* Behind the '$'. */
static enum framing read_packet(struct link *l, enum link_event *event)
{
	unsigned sum = 0;
	size_t read = 0;
	bool escaped = false;
	int byte;

	l->length = 0;
	for (; next_byte(l, &byte, event); read++) {
		if (byte == '$')
			return AGAIN;
		if (byte == '#') {
			enum framing end = read_checksum(l, sum, event);

			l->packet[l->length] = '\0';
			return end == FRAMED && read > PACKET_MOST ? TOO_LONG : end;
		}
		sum += (unsigned)byte;
		if (byte == ESCAPE && !escaped) {
			escaped = true;
			continue;
		}
		if (l->length < PACKET_MOST)
			l->packet[l->length++] = (char)(escaped ? byte ^ ESCAPED : byte);
		escaped = false;
	}
	return ENDED;
}

static void acknowledge(const struct link *l, const char *how)
{
	if (l->acks)
		send_bytes(l, how, 1);
}

/* Behind a '$'; LINK_NOTHING: none that counts. */
static enum link_event take_packet(struct link *l)
{
	enum link_event event = LINK_GONE;
	enum framing end;

	while ((end = read_packet(l, &event)) == AGAIN)
		;
	switch (end) {
	case FRAMED:
		acknowledge(l, "+");
		l->known = true;
		return LINK_PACKET;
	case DAMAGED: acknowledge(l, "-"); return LINK_NOTHING;
	case TOO_LONG:
		acknowledge(l, "+");
		link_send(l, "E22", 3);
		return LINK_NOTHING;
	case AGAIN:
	case ENDED: break;
	}
	return event;
}

/* Between packets; LINK_NOTHING: it is of no importance. */
static enum link_event take_byte(struct link *l, int byte)
{
	switch (byte) {
	case '$': return take_packet(l);
	case CTRL_C: return LINK_BREAK;
	case '-':
		if (l->last && l->acks)
			send_bytes(l, l->last, l->last_length);
		return LINK_NOTHING;
	case '+': return LINK_NOTHING;
	default: return l->known ? LINK_NOTHING : LINK_STRANGER;
	}
}

enum link_event link_receive(struct link *l)
{
	enum link_event event = LINK_NOTHING;
	int byte;

	while (event == LINK_NOTHING && next_byte(l, &byte, &event))
		event = take_byte(l, byte);
	return event;
}

/* ---- packets that go ---- */

static bool must_be_escaped(char c)
{
	return c == '#' || c == '$' || c == '*' || c == ESCAPE;
}

size_t link_room(const char *bytes, size_t length)
{
	size_t room = PACKET_MOST - 8, i = 0;

	for (; i < length; i++) {
		size_t needs = must_be_escaped(bytes[i]) ? 2 : 1;

		if (needs > room)
			break;
		room -= needs;
	}
	return i;
}

void link_send(struct link *l, const char *bytes, size_t length)
{
	char *framed = make(2 * length + 4, 1);
	size_t n = 0;
	unsigned sum = 0;

	framed[n++] = '$';
	for (size_t i = 0; i < length; i++) {
		bool escape = must_be_escaped(bytes[i]);

		if (escape)
			framed[n++] = ESCAPE;
		framed[n++] = (char)(escape ? bytes[i] ^ ESCAPED : bytes[i]);
	}
	for (size_t i = 1; i < n; i++)
		sum += (unsigned char)framed[i];
	framed[n++] = '#';
	framed[n++] = digits[sum >> 4 & 15];
	framed[n++] = digits[sum & 15];
	send_bytes(l, framed, n);
	free(l->last);
	l->last = framed;
	l->last_length = n;
}

/* ---- while a machine runs ---- */

void link_listen(struct link *l, bool on)
{
	struct pollfd p = { .fd = l->fd, .events = POLLIN };

	listening = on;
	if (!on && spoken && interrupt_which() == SIGINT)
		interrupt_clear(); /* it came when the run had ended already */
	spoken = 0;
	if (on && (l->at < l->count || poll(&p, 1, 0) > 0))
		on_input(SIGIO);
}

enum link_event link_heard(struct link *l)
{
	int byte = '+';

	if (!spoken)
		return LINK_BREAK; /* it was somebody else, at our own terminal */
	while (byte == '+') {
		if (l->at == l->count) {
			ssize_t n = recv(l->fd, l->in, sizeof(l->in), MSG_DONTWAIT);

			if (n <= 0)
				return n == 0 ? LINK_GONE : LINK_NOTHING;
			l->at = 0;
			l->count = (size_t)n;
		}
		byte = l->in[l->at++];
	}
	if (byte != CTRL_C)
		l->at--; /* for link_receive */
	return LINK_BREAK;
}
