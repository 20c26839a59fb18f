/* Pictures of what there is: the VM map f, the tower of machines, a step as the square of f. */
#include "cli/repl/repl.h"

#include "cli/picture.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#define GUEST	"#d5e8d4"
#define VIRTUAL "#dae8fc"
#define MONITOR "#ffe6cc"
#define REAL	"#f5f5f5"

/* ---- the commuting square ---- */

/* One corner: the registers that have a role. */
static void print_corner(const char *id, const char *title, const char *colour, const struct view *v,
			 FILE *f)
{
	struct table *t = table_new(v->isa);
	char value[64];

	fprintf(f, "  %s [group=\"%s\", fillcolor=\"%s\", label=\"%s\\n", id,
		strchr(id, '1') ? "after" : "before", colour, title);
	for (unsigned i = 0; i < table_size(t); i++) {
		const struct table_entry *e = table_entry(t, i);

		if (e->reg && e->role != ROLE_NONE)
			fprintf(f, "%s = %s\\l", e->name,
				table_format(e, table_examine(v, e), value, sizeof(value)));
	}
	fputs("\"];\n", f);
	table_free(t);
}

/* The machine, and below it its image. */
static void print_side(const struct session *s, const char *above, const char *below,
		       const char *prime, FILE *f)
{
	struct view *mapped = mapped_new(s);
	char title[16];

	snprintf(title, sizeof(title), "v%s", prime);
	print_corner(above, title, VIRTUAL, view_of(s), f);
	snprintf(title, sizeof(title), "f(v%s)", prime);
	print_corner(below, title, REAL, mapped, f);
	mapped_free(mapped);
}

/* What happens below, by what the step above leads to. */
static const char *path_below(const char *fate)
{
	static const struct {
		const char *fate, *path;
	} paths[] = {
		{ "runs", "the same, directly" },
		{ "emulated", "traps: dispatcher,\\ninterpreter routine, resume" },
		{ "reflected", "traps: dispatcher,\\ntrap given to the guest" },
		{ "interpreted", "by the hybrid monitor's\\ninterpreter" },
	};

	for (unsigned i = 0; i < sizeof(paths) / sizeof(*paths); i++)
		if (strcmp(paths[i].fate, fate) == 0)
			return paths[i].path;
	return fate;
}

static void print_paths(const char *instruction, const char *fate, FILE *f)
{
	fputs("  v -> v1 [label=\"  ", f);
	picture_text(instruction, f);
	fputs("  \", color=\"#1f6f3f\", penwidth=2];\n", f);
	fprintf(f, "  fv -> fv1 [label=\"%s\", color=\"#b46504\", penwidth=2];\n",
		path_below(fate));
	fputs("  v -> fv [label=\" f\", style=dashed, weight=10];\n"
	      "  v1 -> fv1 [label=\" f\", style=dashed, weight=10];\n"
	      "  { rank=same; v; v1; } { rank=same; fv; fv1; }\n"
	      "  legend [shape=note, fillcolor=\"#ffffff\", fontsize=10, label=\"Blue: the virtual "
	      "machine before and after a step (green).\\lGrey: what the map f makes of it on the "
	      "machine below,\\land how that gets there (orange).\\lEquivalence: both ways lead to "
	      "the same corner.\\l\"];\n"
	      "  fv -> legend [style=invis]; fv1 -> legend [style=invis];\n}\n",
	      f);
}

static bool square_can_be_drawn(const struct session *s)
{
	bool ok = under_monitor(s);

	char end[128];

	if (ok && view_of(s)->cpu->status != CPU_RUNNING) {
		say_error("there is no step to be drawn: the machine is %s",
			  report_end(view_of(s), end, sizeof(end)));
		ok = false;
	}
	return ok;
}

/* The step is done while it is drawn. */
static void draw_square(struct session *s, FILE *f)
{
	const struct view *v = view_of(s);
	const char *fate = fate_name(s);
	char text[128] = "?", name[64];
	uint64_t word, p = v->cpu->state[v->isa->role[ROLE_PC]->slot];

	if (trace_instruction(v, &word))
		disasm_word(v->isa, word, p, guest_of(s)->image, text, sizeof(text));
	machine_name(s, s->now, s->machine, name, sizeof(name));
	fprintf(f,
		"digraph square {\n  label=\"Step %" PRIu64 " of %s\"; labelloc=t; "
		"fontname=\"Helvetica\"; nodesep=1.2; ranksep=0.7;\n"
		"  node [shape=box, style=\"rounded,filled\", fontname=\"Helvetica\", width=1.8];\n"
		"  edge [fontname=\"Helvetica\", fontsize=11];\n",
		v->cpu->steps + 1, name);
	print_side(s, "v", "fv", "", f);
	run_steps(s, 1, NULL);
	print_side(s, "v1", "fv1", "\'", f);
	print_paths(text, fate, f);
}

/* ---- the VM map ---- */

static void begin_table(const char *id, const char *title, const char *colour, FILE *f)
{
	fprintf(f,
		"  %s [label=<<TABLE BORDER=\"0\" CELLBORDER=\"1\" CELLSPACING=\"0\" "
		"CELLPADDING=\"4\">\n    <TR><TD COLSPAN=\"2\" BGCOLOR=\"%s\"><B>",
		id, colour);
	picture_text(title, f);
	fputs("</B></TD></TR>\n", f);
}

static bool is_mapped(const struct isa_reg *r)
{
	return r->class == CLASS_CONTROL && !r->array && r->role != ROLE_PC;
}

static const char *kind_colour(enum map_kind kind)
{
	switch (kind) {
	case MAP_VALUE: return "#ffffff";
	case MAP_COMPOSED: return MONITOR;
	case MAP_MIRRORED: return GUEST;
	case MAP_VIRTUAL: return "#e6e6e6";
	}
	return "#ffffff";
}

/* A register's, as people read it; returns buffer. */
static char *value_of(const struct view *v, const struct isa_reg *r, char *buffer, size_t size)
{
	const struct table_entry e = { .width = r->width, .reg = r, .type = r->type };

	return table_format(&e, v->cpu->state[r->slot], buffer, size);
}

/* Each control register: as the guest has it, how f maps it, as the machine below has it. */
static void draw_control(const struct session *s, FILE *f)
{
	const struct isa *isa = s->now->lab->isa;
	struct view *mapped = mapped_new(s);
	char name[128];

	machine_name(s, s->now, s->machine, name, sizeof(name));
	fprintf(f,
		"  control [label=<<TABLE BORDER=\"0\" CELLBORDER=\"1\" CELLSPACING=\"0\" "
		"CELLPADDING=\"4\">\n    <TR><TD BGCOLOR=\"%s\" COLSPAN=\"2\"><B>v: %s</B></TD>"
		"<TD><B>f</B></TD><TD BGCOLOR=\"%s\"><B>f(v): the machine below</B></TD></TR>\n",
		VIRTUAL, name, REAL);
	for (const struct isa_reg *r = isa->reg; r < isa->reg + isa->nregs; r++) {
		enum map_kind kind = monitor_map(monitor_of(s))->entry[r->index].kind;
		char virtual[64], real[64];

		if (is_mapped(r))
			fprintf(f,
				"    <TR><TD ALIGN=\"LEFT\">%s</TD><TD ALIGN=\"RIGHT\">%s"
				"</TD><TD BGCOLOR=\"%s\">%s &#8594;</TD><TD ALIGN=\"RIGHT\">%s"
				"</TD></TR>\n",
				r->name, value_of(view_of(s), r, virtual, sizeof(virtual)),
				kind_colour(kind), map_kind_name(kind),
				value_of(mapped, r, real, sizeof(real)));
	}
	fputs("    <TR><TD COLSPAN=\"3\" ALIGN=\"LEFT\">P and visible registers</TD>"
	      "<TD>the same</TD></TR>\n    <TR><TD COLSPAN=\"3\" ALIGN=\"LEFT\">storage</TD>"
	      "<TD PORT=\"storage\">lies at</TD></TR>\n  </TABLE>>];\n",
	      f);
	mapped_free(mapped);
}

/* Storage from its top down: what lies where, what is free. */
static void draw_storage(const struct session *s, FILE *f)
{
	const struct lab *l = s->now->lab;
	uint64_t end = l->machine->view[0].window.size;

	begin_table("storage", "real storage", REAL, f);
	for (uint64_t top = end; top > 0; top = end) {
		const struct vm *vm = NULL;
		bool own;

		end = 0;
		for (unsigned i = 0; i < l->count; i++) { /* the highest one below */
			const struct window *w = &l->view[i]->window;

			if (w->base < top && w->base + w->size > end) {
				end = w->base + w->size;
				vm = l->vm[i];
			}
		}
		if (end < top)
			fprintf(f,
				"    <TR><TD>0x%" PRIx64
				"</TD><TD>free, or a monitor's</TD></TR>\n",
				end);
		if (!vm)
			break;
		end -= vm_size(vm);
		own = vm == vm_of(s);
		fprintf(f,
			"    <TR><TD PORT=\"%s\">0x%" PRIx64
			"</TD><TD BGCOLOR=\"%s\">%s%s%s</TD></TR>\n",
			vm_name(vm), end, VIRTUAL, own ? "<B>" : "", vm_name(vm),
			own ? "</B>" : "");
	}
	fputs("  </TABLE>>];\n", f);
}

static void draw_map(struct session *s, FILE *f)
{
	const struct isa *isa = s->now->lab->isa;
	const struct isa_map *map = monitor_map(monitor_of(s));

	fprintf(f,
		"digraph map {\n  label=\"f, the VM map %s of %s\"; labelloc=t; "
		"fontname=\"Helvetica\"; rankdir=LR; ranksep=1.2;\n"
		"  node [shape=plain, fontname=\"Helvetica\"]; edge [fontname=\"Helvetica\", "
		"fontsize=10];\n",
		map->name, isa->name);
	draw_control(s, f);
	draw_storage(s, f);
	fprintf(f,
		"  control:storage:e -> storage:%s:w [style=dashed];\n"
		"  legend [shape=note, fontsize=10, label=\"value: by the description's expression\\l"
		"composed (orange): relocation, composed with\\l  that of the monitor's region\\l"
		"mirrored (green): as the guest has it\\l"
		"virtual (grey): the monitor's own value; what\\l  the guest has is kept for it\\l"
		"Storage: from each address up to the next.\\l\"];\n"
		"  { rank=same; storage; legend; }\n  storage -> legend [style=invis];\n}\n",
		vm_name(vm_of(s)));
}

/* ---- the tower of machines ---- */

static unsigned depth_of(const struct monitor *m)
{
	const struct vm *carrier = monitor_carrier(m);

	return carrier ? 1 + depth_of(vm_monitor(carrier)) : 1;
}

static void draw_box(const char *id, unsigned number, const char *colour, const char *name, FILE *f)
{
	fprintf(f, "  %s%u [fillcolor=\"%s\", label=\"", id, number, colour);
	picture_text(name, f);
}

static void draw_vm(const struct vm *vm, FILE *f)
{
	draw_box("vm", vm_number(vm), VIRTUAL, vm_name(vm), f);
	if (strcmp(vm_name(vm), "monitor") == 0)
		fprintf(f, " %u's machine", depth_of(vm_monitor(vm)) + 1);
	fprintf(f, "\\n0x%" PRIx64 " units at 0x%" PRIx64 "\"];\n  monitor%u -> vm%u;\n",
		vm_size(vm), vm_base(vm), depth_of(vm_monitor(vm)), vm_number(vm));
}

/* A monitor, and below it what it is on; the innermost is drawn first. */
static void draw_monitors(const struct monitor *m, FILE *f)
{
	const struct vm *carrier = monitor_carrier(m);

	draw_box("monitor", depth_of(m), MONITOR, "monitor", f);
	fprintf(f, " %u (%s)\"];\n", depth_of(m), monitor_kind_name(monitor_kind(m)));
	if (!carrier) {
		fputs("  real -> monitor1;\n", f);
		return;
	}
	fprintf(f, "  vm%u -> monitor%u;\n", vm_number(carrier), depth_of(m));
	draw_vm(carrier, f);
	draw_monitors(vm_monitor(carrier), f);
}

static void draw_guest(const struct session *s, unsigned i, FILE *f)
{
	const struct lab *l = s->now->lab;
	char end[128];

	draw_box("guest", i, GUEST, s->now->guest[i].path, f);
	fprintf(f, "\\n%" PRIu64 " step%s, ", l->view[i]->cpu->steps, plural(l->view[i]->cpu->steps));
	picture_text(report_end(l->view[i], end, sizeof(end)), f);
	fputs("\"];\n", f);
	if (l->monitor)
		fprintf(f, "  vm%u -> guest%u;\n", vm_number(l->vm[i]), i);
	else
		fprintf(f, "  real -> guest%u;\n", i);
}

static void draw_tower(struct session *s, FILE *f)
{
	const struct lab *l = s->now->lab;

	fprintf(f,
		"digraph tower {\n  label=\"Machines of %s\"; labelloc=t; fontname=\"Helvetica\"; "
		"rankdir=BT;\n  node [shape=box, style=\"rounded,filled\", fontname=\"Helvetica\"];\n"
		"  edge [arrowhead=none];\n  real [fillcolor=\"%s\", label=\"the real machine (%s)\\n"
		"0x%" PRIx64 " units\"];\n",
		s->now->name, REAL, l->isa->name, l->machine->view[0].window.size);
	if (l->monitor)
		draw_monitors(l->monitor, f);
	for (unsigned i = 0; i < l->count; i++) {
		if (l->monitor)
			draw_vm(l->vm[i], f);
		draw_guest(s, i, f);
	}
	fputs("  legend [shape=note, fillcolor=\"#ffffff\", fontsize=10, label=\"Each box runs on the "
	      "one below it.\\lOrange: monitors, blue: virtual machines,\\lgreen: guests.\\l\"];\n}\n",
	      f);
}

/* ---- the command ---- */

static bool always(const struct session *s)
{
	(void)s;
	return true;
}

static const struct drawing {
	const char *name;
	bool (*can_be_drawn)(const struct session *);
	void (*draw)(struct session *, FILE *);
} drawings[] = {
	{ "map", under_monitor, draw_map },
	{ "square", square_can_be_drawn, draw_square },
	{ "tower", always, draw_tower },
};
enum { DRAWINGS = sizeof(drawings) / sizeof(*drawings) };

static const struct drawing *drawing_named(const char *name)
{
	for (unsigned i = 0; name && i < DRAWINGS; i++)
		if (strcmp(drawings[i].name, name) == 0)
			return &drawings[i];
	say_error("map, square or tower%s%s", name ? "; not " : "", name ? name : "");
	return NULL;
}

static bool draw_into(struct session *s, const struct drawing *d, const char *path)
{
	struct picture *p = picture_new(path);

	if (!p)
		return false;
	d->draw(s, picture_file(p));
	return picture_end(p) && tell_written(path);
}

static bool run_draw(struct session *s, const char *arguments)
{
	char *name = next_word(&arguments);
	const struct drawing *d = drawing_named(name);
	bool ok;

	free(name);
	while (*arguments == ' ')
		arguments++;
	ok = d && one_word(arguments) && d->can_be_drawn(s) && draw_into(s, d, arguments);
	if (ok && d->draw == draw_square)
		show_place(s);
	return ok;
}

static char *complete_drawing(const struct session *s, const char *start, unsigned n)
{
	(void)s;
	for (unsigned i = 0; i < DRAWINGS; i++)
		if (strncmp(drawings[i].name, start, strlen(start)) == 0 && n-- == 0)
			return strdup(drawings[i].name);
	return NULL;
}

const struct command draw_commands[] = {
	{ "draw", NULL, "map | square | tower [FILE]", "a picture, for Graphviz, or by it",
	  "map: the VM map f; square: a step, which is done, as the commuting square of f; tower: the\n"
	  "machines and monitors. A FILE.svg or FILE.png is rendered.",
	  complete_drawing, run_draw, .needs_machine = true, .files = true },
	{ 0 },
};
