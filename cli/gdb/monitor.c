/* `monitor LINE` of gdb: a line typed at the bench, and what it printed. */
#include "cli/gdb/gdb.h"

#include <stdlib.h>
#include <string.h>

enum { CHUNK = 2000 /* bytes of text in a packet */ };

/* To free; NULL: these are no digits of a text. */
static char *read_line(const char *digits)
{
	size_t length = strlen(digits) / 2;
	char *line = make(length + 1, 1);

	for (size_t i = 0; i < length; i++) {
		int byte = hex_byte(digits + 2 * i);

		if (byte <= 0) {
			free(line);
			return NULL;
		}
		line[i] = (char)byte;
	}
	return line;
}

static void send_text(struct gdb *g, const char *text, size_t length)
{
	char packet[1 + 2 * CHUNK + 1] = "O";

	while (length) {
		size_t n = length < CHUNK ? length : CHUNK;

		for (size_t i = 0; i < n; i++)
			snprintf(packet + 1 + 2 * i, 3, "%02x", (unsigned char)text[i]);
		link_send(&g->link, packet, 1 + 2 * n);
		text += n;
		length -= n;
	}
}

/* gdb has one machine, of one world; what commands opened besides stays for later lines. */
static void come_back(struct gdb *g)
{
	struct session *s = g->session;
	char name[64];

	if (s->now == g->world) {
		g->machine = s->machine;
		return;
	}
	s->now = g->world;
	s->machine = g->machine;
	printf("gdb stays with %s\n", machine_name(s, s->now, s->machine, name, sizeof(name)));
}

/* What is printed, results and messages, goes to gdb. */
static void run_captured(struct gdb *g, const char *line)
{
	FILE *own_out = stdout, *own_messages = stderr, *f;
	char *text = NULL;
	size_t length;

	f = open_memstream(&text, &length);
	if (!f)
		return;
	fflush(stdout);
	stdout = stderr = f;
	if (*line == '!')
		say_error("the shell is not for whoever can connect to a port");
	else
		run_line(g->session, line);
	come_back(g);
	stdout = own_out;
	stderr = own_messages;
	fclose(f);
	send_text(g, text, length);
	free(text);
}

void gdb_monitor(struct gdb *g, const char *digits)
{
	char *line = read_line(digits);

	if (line) {
		run_captured(g, line);
		g->ended = g->session->quit;
		fputs("OK", g->out);
	} else {
		fputs("E01", g->out);
	}
	free(line);
}
