/* The server: gdb comes, is answered, and goes. */
#include "cli/gdb/gdb.h"

#include "cli/bench.h"
#include "cli/terminal.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* On the loopback interface, where only this computer's programs reach it; -1 with an error said. */
static int listen_at(unsigned *port)
{
	struct sockaddr_in a = { .sin_family = AF_INET,
				 .sin_port = htons((uint16_t)*port),
				 .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t length = sizeof(a);
	int fd = socket(AF_INET, SOCK_STREAM, 0), on = 1;

	if (fd < 0 || setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)) < 0 ||
	    bind(fd, (struct sockaddr *)&a, sizeof(a)) < 0 || listen(fd, 1) < 0 ||
	    getsockname(fd, (struct sockaddr *)&a, &length) < 0) {
		say_error("port %u: %s", *port, strerror(errno));
		if (fd >= 0)
			close(fd);
		return -1;
	}
	*port = ntohs(a.sin_port);
	return fd;
}

/* -1: a signal came first. */
static int accept_at(int listener)
{
	struct pollfd p = { .fd = listener, .events = POLLIN };
	int fd, on = 1;

	while (!interrupt_which()) {
		if (poll(&p, 1, 100) <= 0)
			continue;
		fd = accept(listener, NULL, NULL);
		if (fd >= 0) {
			setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
			return fd;
		}
	}
	return -1;
}

/* Until gdb goes, or ends the session. */
static enum link_event converse(struct gdb *g)
{
	enum link_event event = LINK_PACKET;

	while (!g->ended && !interrupt_which()) {
		event = link_receive(&g->link);
		if (event == LINK_PACKET)
			gdb_answer(g);
		else if (event != LINK_BREAK) /* there is nothing to be stopped */
			break;
	}
	return event;
}

static void serve(struct gdb *g, int listener, unsigned port)
{
	while (!g->ended && !interrupt_which()) {
		int fd = accept_at(listener);
		enum link_event event;

		if (fd < 0)
			return;
		link_open(&g->link, fd);
		event = converse(g);
		link_close(&g->link);
		gdb_remove_all(g);
		if (event == LINK_STRANGER)
			say_warning("whoever came to port %u does not speak as gdb does, and was sent away", port);
		else if (event == LINK_GONE && !g->ended)
			say("gdb has gone without a word; the machine stands, and port %u is open", port);
	}
}

static void announce(const struct gdb *g, unsigned port)
{
	const struct isa *isa = g->world->lab->isa;
	char name[64];

	say("%s waits for gdb: target remote 127.0.0.1:%u",
	    machine_name(g->session, g->world, g->machine, name, sizeof(name)), port);
	if (!isa->gdb)
		say_warning("gdb knows nothing of machine %s, whose description has no 'gdb'; it will not "
			    "take the registers for its own",
			    isa->name);
}

/* As without gdb, when that has let it go. */
static void go_on_alone(struct session *s)
{
	enum ending ending = run_steps(s, UINT64_MAX, NULL);

	if (ending == ENDED_INTERRUPTED)
		interrupt_with(SIGINT);
}

static void serve_session(struct session *s, int listener, unsigned port)
{
	struct gdb g = { .session = s, .world = s->now, .machine = s->machine, .stop = "T05thread:1;" };

	target_open(&g);
	announce(&g, port);
	serve(&g, listener, port);
	if (g.detached && !interrupt_which())
		go_on_alone(s);
	target_close(&g);
}

bool bench_with_gdb(struct lab *l, struct guest *guest, const struct lab_options *o,
		    const struct console_options *consoles, unsigned port)
{
	struct session s = { .options = *o, .console_options = *consoles };
	int listener = listen_at(&port);
	bool ok = listener >= 0;

	s.options.deposit = s.options.own = (struct words){ 0 };
	s.flag = interrupt_catch();
	lab_stop_by(l, s.flag);
	ok = ok && worlds_lend(&s, l, guest, o);
	if (ok)
		serve_session(&s, listener, port);
	points_free(&s);
	displays_free(&s);
	worlds_free(&s);
	free(s.last);
	if (listener >= 0)
		close(listener);
	return ok;
}
