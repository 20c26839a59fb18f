/* Traces for other programs: a graph for Graphviz, a timeline for Perfetto. */
#include "cli/picture.h"
#include "cli/trace_print.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

/* ---- the graph of who leads to whom ---- */

/* The guest's two, and then those of each monitor. */
enum node { NODE_PROGRAM, NODE_SYSTEM, GUEST_NODES };
enum part { DISPATCHER, INTERPRETER, DELIVERY, ALLOCATOR, PARTS };

static const struct {
	const char *id, *label, *mode, *colour;
} guest_nodes[GUEST_NODES] = {
	{ "program", "program", "user mode", "#d5e8d4" },
	{ "system", "operating system", "supervisor mode", "#dae8fc" },
};

static const struct {
	const char *id, *label, *colour;
} parts[PARTS] = {
	{ "dispatcher", "dispatcher D", "#ffe6cc" },
	{ "interpreter", "interpreters v\\nemulate", "#ffe6cc" },
	{ "delivery", "trap is\\ngiven on", "#ffe6cc" },
	{ "allocator", "allocator A\\nswitches", "#ffe6cc" },
};

static unsigned node_of(unsigned level, enum part part)
{
	return GUEST_NODES + (level - 1) * PARTS + part;
}

static char *node_id(unsigned node, char *buffer, size_t size)
{
	if (node < GUEST_NODES)
		snprintf(buffer, size, "%s", guest_nodes[node].id);
	else
		snprintf(buffer, size, "%s%u", parts[(node - GUEST_NODES) % PARTS].id,
			 1 + (node - GUEST_NODES) / PARTS);
	return buffer;
}

struct edges {
	unsigned at;	/* the node where execution is */
	unsigned guest; /* which of the guest's was resumed last */
	unsigned count;
	struct edge {
		unsigned from, to;
		char label[64];
		uint64_t times;
	} * edge; /* owned */
};

/* From where execution is to another node. */
static void go(struct edges *e, unsigned to, const char *label)
{
	struct edge *more;
	unsigned from = e->at;

	e->at = to;
	for (unsigned i = 0; i < e->count; i++)
		if (e->edge[i].from == from && e->edge[i].to == to &&
		    strcmp(e->edge[i].label, label) == 0) {
			e->edge[i].times++;
			return;
		}
	more = make(e->count + 1, sizeof(*more));
	for (unsigned i = 0; i < e->count; i++)
		more[i] = e->edge[i];
	free(e->edge);
	e->edge = more;
	e->edge[e->count] = (struct edge){ .from = from, .to = to, .times = 1 };
	snprintf(e->edge[e->count++].label, sizeof(e->edge->label), "%s", label);
}

static unsigned guest_node(bool user)
{
	return user ? NODE_PROGRAM : NODE_SYSTEM;
}

/* The processor is that of the level below, or the real one. */
static void resume(struct edges *e, const struct trace_machine *m, bool user)
{
	if (m->guest)
		e->guest = guest_node(user);
	if (m->level > 1)
		go(e, node_of(m->level - 1, DISPATCHER), "resume");
	else if (e->at != e->guest)
		go(e, e->guest, "resume");
}

/* Under a monitor: each record is an edge from where execution was. */
static void follow(struct edges *e, const struct trace_machine *m, const struct trace_record *r)
{
	switch (r->kind) {
	case TRACE_TRAP:
		if (m->level == 1)
			e->at = m->guest ? guest_node(r->user) : e->guest;
		go(e, node_of(m->level, DISPATCHER), r->trap->name);
		break;
	case TRACE_EMULATE: go(e, node_of(m->level, INTERPRETER), r->instr->name); break;
	case TRACE_REFLECT:
	case TRACE_TIMER:
	case TRACE_INTERRUPT: go(e, node_of(m->level, DELIVERY), r->trap->name); break;
	case TRACE_SWITCH:
		e->at = node_of(m->level, DISPATCHER);
		go(e, node_of(m->level, ALLOCATOR), "quantum");
		break;
	case TRACE_RESUME: resume(e, m, r->user); break;
	case TRACE_MODE:
	case TRACE_DISPATCH:
	case TRACE_DEVICE:
	case TRACE_ALLOCATION:
	case TRACE_RELOCATION:
	case TRACE_COUNT: break;
	}
}

/* Bare: traps lead from program or system to the system, and mode changes back. */
static void follow_bare(struct edges *e, const struct trace_record *r)
{
	switch (r->kind) {
	case TRACE_TRAP:
	case TRACE_TIMER:
	case TRACE_INTERRUPT:
		e->at = guest_node(r->user);
		go(e, NODE_SYSTEM, r->trap->name);
		break;
	case TRACE_MODE:
		e->at = NODE_SYSTEM;
		if (r->a)
			go(e, NODE_PROGRAM, "enters user mode");
		break;
	case TRACE_EMULATE:
	case TRACE_REFLECT:
	case TRACE_SWITCH:
	case TRACE_RESUME:
	case TRACE_DISPATCH:
	case TRACE_DEVICE:
	case TRACE_ALLOCATION:
	case TRACE_RELOCATION:
	case TRACE_COUNT: break;
	}
}

static bool is_used(const struct edges *e, unsigned node)
{
	for (unsigned i = 0; i < e->count; i++)
		if (e->edge[i].from == node || e->edge[i].to == node)
			return true;
	return false;
}

/* One monitor of those that there are, outermost first: "vmm/hybrid". */
static void print_monitor(const struct trace_subject *s, const struct edges *e, unsigned level,
			  const char *kind, FILE *f)
{
	char number[16] = "";

	if (s->levels > 1)
		snprintf(number, sizeof(number), " %u", level);
	fprintf(f,
		"  subgraph cluster_monitor%u {\n    label=\"monitor%s (%.*s)\";\n"
		"    labeljust=l; labelloc=%c; style=\"rounded\"; color=\"#b46504\";\n",
		level, number, (int)strcspn(kind, "/"), kind,
		level < s->levels ? 'b' : 't'); /* where fewer edges pass */
	for (unsigned i = 0; i < PARTS; i++)
		if (is_used(e, node_of(level, i)))
			fprintf(f, "    %s%u [label=\"%s\", fillcolor=\"%s\"];\n", parts[i].id,
				level, parts[i].label, parts[i].colour);
	fputs("  }\n", f);
}

static void print_guest(const struct trace_subject *s, enum node node, FILE *f)
{
	fprintf(f, "  %s [label=\"%s\\n(%s%s)\", fillcolor=\"%s\"];\n", guest_nodes[node].id,
		guest_nodes[node].label, s->monitor ? "virtual " : "", guest_nodes[node].mode,
		guest_nodes[node].colour);
}

static void print_nodes(const struct trace_subject *s, const struct edges *e, FILE *f)
{
	const char *kind = s->monitor;

	for (unsigned i = 0; i < GUEST_NODES; i++)
		if (is_used(e, i))
			print_guest(s, i, f);
	for (unsigned level = s->levels; level > 0; level--) {
		kind = s->monitor;
		for (unsigned i = 1; i < level; i++)
			kind += strcspn(kind, "/") + 1;
		print_monitor(s, e, level, kind, f);
	}
}

static void print_legend(bool monitor, FILE *f)
{
	fprintf(f,
		"  legend [shape=note, fillcolor=\"#ffffff\", fontsize=10, label=\"An edge says why "
		"execution went there,\\land how often. Green: the guest's program,\\lblue: its operating "
		"system%s.\\l\"];\n",
		monitor ? ", orange:\\lthe monitor" : "");
}

/* All that leads from one node to another is one edge with several lines. */
static void print_edge(const struct edges *e, unsigned from, unsigned to, FILE *f)
{
	uint64_t times = 0;
	char a[32], b[32];

	for (unsigned i = 0; i < e->count; i++)
		if (e->edge[i].from == from && e->edge[i].to == to)
			times += e->edge[i].times;
	if (!times)
		return;
	fprintf(f, "  %s -> %s [penwidth=%d, label=\"", node_id(from, a, sizeof(a)),
		node_id(to, b, sizeof(b)), 1 + (times > 30) + (times > 1000));
	for (unsigned i = 0; i < e->count; i++)
		if (e->edge[i].from == from && e->edge[i].to == to)
			fprintf(f, "  %s: %" PRIu64 "  \\l", e->edge[i].label, e->edge[i].times);
	fputs("\"];\n", f);
}

static void print_guests(const struct trace_subject *s, FILE *f)
{
	const char *comma = "";

	for (unsigned i = 0; i < s->count; i++) {
		if (!s->machine[i].guest)
			continue;
		fputs(comma, f);
		picture_text(s->machine[i].guest->path, f);
		comma = ", ";
	}
}

/* The guest's two on one side and a monitor on the other leave room for what leads back; with more
 * monitors, or none, from top to bottom. */
static void print_layout(const struct trace_subject *s, const struct edges *e, FILE *f)
{
	if (s->levels != 1) {
		fputs("  nodesep=0.8; ranksep=0.9;\n", f);
		return;
	}
	fputs("  rankdir=LR; nodesep=0.5; ranksep=1.2;\n  { rank=min;", f);
	for (unsigned i = 0; i < GUEST_NODES; i++)
		if (is_used(e, i))
			fprintf(f, " %s;", guest_nodes[i].id);
	fputs(" }\n", f);
}

void trace_print_dot(const struct trace_subject *s, const struct trace *t, unsigned from, FILE *f)
{
	struct edges e = { .at = NODE_SYSTEM, .guest = NODE_SYSTEM };
	unsigned nodes = node_of(s->levels + 1, DISPATCHER);

	for (unsigned i = from; i < trace_count(t); i++) {
		struct trace_machine m = trace_machine_of(s, trace_at(t, i));

		if (!s->monitor)
			follow_bare(&e, trace_at(t, i));
		else if (m.name)
			follow(&e, &m, trace_at(t, i));
	}
	fputs("digraph traps {\n  label=\"Traps of ", f);
	print_guests(s, f);
	fprintf(f, ", %s", s->monitor ? s->monitor : "bare");
	fputs("\"; labelloc=t; fontname=\"Helvetica\";\n"
	      "  node [shape=box, style=\"rounded,filled\", fontname=\"Helvetica\"];\n"
	      "  edge [fontname=\"Helvetica\", fontsize=10];\n",
	      f);
	print_layout(s, &e, f);
	print_nodes(s, &e, f);
	for (unsigned i = 0; i < nodes * nodes; i++)
		print_edge(&e, i / nodes, i % nodes, f);
	print_legend(s->monitor != NULL, f);
	fputs("}\n", f);
	free(e.edge);
}

/* ---- Chrome's JSON ---- */

static json_t *event(const char *phase, const char *name, unsigned process, unsigned thread,
		     uint64_t at)
{
	return json_pack("{s:s, s:s, s:i, s:i, s:I}", "ph", phase, "name", name, "pid",
			 (int)process, "tid", (int)thread, "ts", (json_int_t)at);
}

/* A machine's and a lane's name. */
static void add_name(json_t *list, const char *what, unsigned process, unsigned thread,
		     const char *name)
{
	json_t *o = event("M", what, process, thread, 0);

	json_object_set_new(o, "args", json_pack("{s:s}", "name", name));
	json_array_append_new(list, o);
}

#define LANES(X)                                                                                   \
	X(LANE_MODE, "mode")                                                                       \
	X(LANE_EVENTS, "events")                                                                   \
	X(LANE_TIMER, "timer")                                                                     \
	X(LANE_INTERRUPT, "interrupts")                                                            \
	X(LANE_DEVICE, "devices")

enum lane {
#define X(lane, name) lane,
	LANES(X)
#undef X
		LANES
};

static const char *const lanes[] = {
#define X(lane, name) [lane] = name,
	LANES(X)
#undef X
};

static enum lane lane_of(enum trace_kind kind)
{
	static const enum lane own[TRACE_COUNT] = { [TRACE_MODE] = LANE_MODE,
						    [TRACE_TIMER] = LANE_TIMER,
						    [TRACE_INTERRUPT] = LANE_INTERRUPT,
						    [TRACE_DEVICE] = LANE_DEVICE };

	return own[kind] || kind == TRACE_MODE ? own[kind] : LANE_EVENTS;
}

/* Stretches in one mode are bars; all else stands at its place. */
static void add_records(const struct trace_subject *s, const struct trace *t, unsigned from,
			json_t *list)
{
	char text[256];

	for (unsigned i = from; i < trace_count(t); i++) {
		const struct trace_record *r = trace_at(t, i);
		json_t *o =
			event("i", trace_kind_name(r->kind), r->machine, lane_of(r->kind), r->step);

		json_object_set_new(o, "s", json_string("t"));
		json_object_set_new(o, "args",
				    json_pack("{s:s, s:I, s:I}", "what",
					      trace_describe(s, r, text, sizeof(text)), "p",
					      (json_int_t)r->p, "time", (json_int_t)r->time));
		json_array_append_new(list, o);
	}
}

static void add_mode(json_t *list, unsigned machine, bool user, uint64_t begun, uint64_t end)
{
	json_t *o;

	if (begun == end)
		return; /* nothing was done in it */
	o = event("X", user ? "program" : "operating system", machine, LANE_MODE, begun);
	json_object_set_new(o, "dur", json_integer((json_int_t)(end - begun)));
	json_array_append_new(list, o);
}

static void add_modes(const struct trace *t, unsigned from, unsigned machine, json_t *list)
{
	uint64_t begun = 0, last = 0;
	bool user = false, any = false;

	for (unsigned i = from; i < trace_count(t); i++) {
		const struct trace_record *r = trace_at(t, i);

		if (r->machine != machine)
			continue;
		if (!any) {
			any = true;
			begun = r->step;
			user = r->kind == TRACE_MODE ? !r->a : r->user;
		}
		last = r->step;
		if (r->kind != TRACE_MODE)
			continue;
		add_mode(list, machine, user, begun, last);
		begun = last;
		user = r->a;
	}
	if (any)
		add_mode(list, machine, user, begun, last);
}

/* A machine is a process, its lanes are threads. */
static void add_machine(const struct trace_subject *s, unsigned machine, json_t *list)
{
	const struct trace_machine *m = &s->machine[machine];
	char name[128];

	snprintf(name, sizeof(name), s->levels > 1 ? "%s, of monitor %u" : "%s", m->name, m->level);
	add_name(list, "process_name", machine, 0, name);
	for (unsigned k = 0; k < LANES; k++)
		add_name(list, "thread_name", machine, k, lanes[k]);
}

void trace_print_chrome(const struct trace_subject *s, const struct trace *t, unsigned from,
			FILE *f)
{
	json_t *o = json_object(), *list = json_array();

	for (unsigned i = 0; i < s->count; i++) {
		if (!s->machine[i].name)
			continue;
		add_machine(s, i, list);
		add_modes(t, from, i, list);
	}
	add_records(s, t, from, list);
	json_object_set_new(o, "traceEvents", list);
	json_dumpf(o, f, JSON_COMPACT);
	fputc('\n', f);
	json_decref(o);
}
