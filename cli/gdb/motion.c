/*
 * gdb's ways of moving a machine, forward and back, and what it is told where that ends.
 *
 * A branch and its delay slot are one step to gdb: it knows nothing of a branch that is pending, and
 * would look for the next instruction behind the slot.
 */
#include "cli/gdb/gdb.h"

#include "cli/terminal.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

enum {
	SIGNAL_INT = 2,
	SIGNAL_ABORT = 6,
	SIGNAL_TRAP = 5,
	SLOTS = 64 /* steps in a row that all leave a branch pending; there may be no end of them */
};

/* ---- what gdb is told ---- */

static void stopped(struct gdb *g, int signal, const char *why)
{
	snprintf(g->stop, sizeof(g->stop), "T%02x%sthread:1;", signal, why);
}

/* Shown to gdb's user. */
static void tell(struct gdb *g, const char *text)
{
	char packet[512] = "O";
	size_t n = 1;

	for (; *text && n + 5 < sizeof(packet); text++)
		n += (size_t)snprintf(packet + n, sizeof(packet) - n, "%02x", (unsigned char)*text);
	n += (size_t)snprintf(packet + n, sizeof(packet) - n, "0a");
	link_send(&g->link, packet, n);
}

static void tell_end(struct gdb *g, const char *what_next)
{
	char name[64], end[128], text[256];

	machine_name(g->session, g->world, g->session->machine, name, sizeof(name));
	snprintf(text, sizeof(text), "%s %s%s", name,
		 report_end(view_of(g->session), end, sizeof(end)), what_next);
	tell(g, text);
}

/* It stays to be looked at, and to be gone back from, until gdb wants it to go on again. */
static void stopped_at_end(struct gdb *g)
{
	const struct cpu *c = view_of(g->session)->cpu;

	if (!g->over) {
		g->over = true;
		tell_end(g, "; going on from here ends the session");
		stopped(g, SIGNAL_TRAP, "replaylog:end;");
		return;
	}
	g->ended = true;
	if (c->status == CPU_HALTED)
		snprintf(g->stop, sizeof(g->stop), "W%02x", (unsigned)(c->halt_status & 0xff));
	else
		snprintf(g->stop, sizeof(g->stop), "X%02x", SIGNAL_ABORT);
}

static void stopped_at_point(struct gdb *g)
{
	static const char *const kinds[] = { ['2'] = "watch", ['3'] = "rwatch", ['4'] = "awatch" };
	const struct gdb_point *p = gdb_watch_hit(g);
	char why[64] = "";

	if (p)
		snprintf(why, sizeof(why), "%s:%" PRIx64 ";", kinds[(unsigned char)p->type],
			 p->address);
	stopped(g, SIGNAL_TRAP, why);
}

static void stopped_by(struct gdb *g, enum ending ending)
{
	switch (ending) {
	case ENDED_STEPS: stopped(g, SIGNAL_TRAP, ""); break;
	case ENDED_POINT: stopped_at_point(g); break;
	case ENDED_INTERRUPTED: stopped(g, SIGNAL_INT, ""); break;
	case ENDED_IDLE:
		tell_end(g, "");
		stopped(g, SIGNAL_TRAP, "");
		break;
	case ENDED_OVER: stopped_at_end(g); break;
	}
}

/* ---- forward ---- */

/* Would it go elsewhere if P were set to what it is? */
static bool branch_pending(const struct session *s)
{
	struct view *v = view_of(s);
	size_t size = v->isa->nslots * sizeof(uint64_t);
	uint64_t *before = make(v->isa->nslots, sizeof(uint64_t));
	bool pending;

	memcpy(before, v->cpu->state, size);
	view_goto(v, before[v->isa->role[ROLE_PC]->slot]);
	pending = memcmp(before, v->cpu->state, size) != 0;
	memcpy(v->cpu->state, before, size);
	free(before);
	return pending && v->cpu->status == CPU_RUNNING;
}

/* Until it ends; what gdb says meanwhile is a break, whatever it is. */
static enum ending run_for(struct gdb *g, uint64_t n)
{
	enum link_event heard = LINK_NOTHING;
	enum ending ending;

	do {
		link_listen(&g->link, true);
		ending = run_steps(g->session, n, NULL);
		if (ending == ENDED_INTERRUPTED)
			heard = link_heard(&g->link);
		link_listen(&g->link, false);
	} while (ending == ENDED_INTERRUPTED && heard == LINK_NOTHING && !interrupt_which());
	return ending;
}

static enum ending leave_slot(struct gdb *g, enum ending ending)
{
	for (unsigned i = 0; i < SLOTS && branch_pending(g->session) &&
			     (ending == ENDED_STEPS || ending == ENDED_INTERRUPTED) &&
			     !interrupt_which();
	     i++) {
		enum ending next = run_steps(g->session, 1, NULL);

		ending = next == ENDED_STEPS ? ending : next;
	}
	return ending;
}

static void forward(struct gdb *g, uint64_t n)
{
	bool over = view_of(g->session)->cpu->status == CPU_HALTED ||
		    view_of(g->session)->cpu->status == CPU_CHECKSTOP;

	g->over = g->over && over;
	stopped_by(g, leave_slot(g, run_for(g, n)));
}

/*
 * Where it knows the instructions, gdb steps by a break behind the one that is next, inserted last, and
 * by going on.  From a delay slot the machine would not come there.
 */
static bool steps_out_of_slot(const struct gdb *g)
{
	const struct view *v = view_of(g->session);
	const struct gdb_point *last = g->npoints ? &g->point[g->npoints - 1] : NULL;
	uint64_t behind = v->cpu->state[v->isa->role[ROLE_PC]->slot] + v->isa->length;

	return last && last->type < '2' &&
	       last->address == (behind & isa_mask(v->isa->role[ROLE_PC]->width)) &&
	       branch_pending(g->session);
}

void motion_continue(struct gdb *g)
{
	forward(g, steps_out_of_slot(g) ? 1 : UINT64_MAX);
}

void motion_step(struct gdb *g)
{
	forward(g, 1);
}

/* ---- back ---- */

static uint64_t steps_now(const struct gdb *g)
{
	return view_of(g->session)->cpu->steps;
}

static void stopped_at_beginning(struct gdb *g)
{
	stopped(g, SIGNAL_TRAP, "replaylog:begin;");
}

/* False: it cannot be gone to; nothing has changed. */
static bool step_back(struct gdb *g)
{
	return steps_now(g) > 0 && time_go(g->session, steps_now(g) - 1);
}

void motion_reverse_step(struct gdb *g)
{
	g->over = false;
	if (!step_back(g)) {
		stopped_at_beginning(g);
		return;
	}
	for (unsigned i = 0; i < SLOTS && branch_pending(g->session) && step_back(g);)
		i++;
	stopped(g, SIGNAL_TRAP, "");
}

/* Before the access to what is watched, since gdb looks for what changed when it is undone. */
static void stop_before_access(struct gdb *g)
{
	stopped_at_point(g);
	step_back(g);
}

/* The last instruction is undone first: did it touch what is watched?  Else nothing changes. */
static bool undo_access(struct gdb *g)
{
	struct session *s = g->session;
	struct history *h = g->world->history;
	uint64_t now = steps_now(g);
	bool touched = false;

	unhang_all(s);
	history_mark(h);
	consoles_mute(g->world->consoles, true);
	if (now > 0 && history_go(h, s->machine, now - 1)) {
		points_hang(s);
		touched = run_quietly(s, 1) == ENDED_POINT && gdb_watch_hit(g);
	}
	if (!touched)
		history_return(h);
	consoles_mute(g->world->consoles, false);
	history_forget(h);
	if (touched)
		stop_before_access(g);
	return touched;
}

static void back_to_point(struct gdb *g)
{
	if (time_back_to_stop(g->session)) {
		if (gdb_watch_hit(g))
			stop_before_access(g);
		else
			stopped_at_point(g);
	} else if (interrupt_which()) {
		stopped(g, SIGNAL_INT, "");
	} else {
		history_restore(g->world->history, 0);
		stopped_at_beginning(g);
	}
}

void motion_reverse_continue(struct gdb *g)
{
	g->over = false;
	link_listen(&g->link, true);
	if (!undo_access(g))
		back_to_point(g);
	link_listen(&g->link, false);
	if (interrupt_which() == SIGINT)
		interrupt_clear(); /* at our own terminal, which has ended the search */
}
