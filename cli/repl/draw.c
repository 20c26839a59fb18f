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
static void print_corner(const char *id, const char *title, const struct view *v, FILE *f)
{
	struct table *t = table_new(v->isa);
	char value[64];

	fprintf(f, "  %s [label=\"%s\\n", id, title);
	for (unsigned i = 0; i < table_size(t); i++) {
		const struct table_entry *e = table_entry(t, i);

		if (e->reg && e->role != ROLE_NONE)
			fprintf(f, "%s = %s\\l", e->name,
				table_format(e, table_examine(v, e), value, sizeof(value)));
	}
	fputs("\"];\n", f);
	table_free(t);
}

static void print_paths(const char *instruction, const char *fate, FILE *f)
{
	bool direct = strcmp(fate, "runs") == 0;

	fputs("  v -> v1 [label=\"  ", f);
	picture_text(instruction, f);
	fputs("  \", color=\"#1f6f3f\"];\n", f);
	fprintf(f, "  fv -> fv1 [label=\"  %s  \", color=\"#b46504\"];\n",
		direct ? "the same, directly" : fate);
	fputs("  v -> fv [label=\" f\", style=dashed];\n  v1 -> fv1 [label=\" f\", style=dashed];\n"
	      "  { rank=same; v; v1; } { rank=same; fv; fv1; }\n"
	      "  legend [shape=note, fillcolor=\"#ffffff\", fontsize=10, label=\"Above the virtual "
	      "machine, below that of its monitor.\\lEquivalence: both paths lead to the same "
	      "corner.\\l\"];\n}\n",
	      f);
}

static bool square_can_be_drawn(const struct session *s)
{
	bool ok = under_monitor(s);

	if (ok && (view_of(s)->cpu->status != CPU_RUNNING || view_of(s)->cpu->steps == 0)) {
		say_error("the machine must be on its way: 'step' first");
		ok = false;
	}
	return ok;
}

/* The step is done while it is drawn. */
static void draw_square(struct session *s, FILE *f)
{
	const struct view *v = view_of(s), *real = view_below(s);
	const char *fate = fate_name(s);
	char text[128] = "?";
	uint64_t word, p = v->cpu->state[v->isa->role[ROLE_PC]->slot];

	if (trace_instruction(v, &word))
		disasm_word(v->isa, word, p, guest_of(s)->image, text, sizeof(text));
	fputs("digraph square {\n  node [shape=box, style=\"rounded,filled\", "
	      "fontname=\"Helvetica\", fillcolor=\"" VIRTUAL "\"];\n"
	      "  edge [fontname=\"Helvetica\", fontsize=11]; nodesep=1.5; ranksep=0.8;\n",
	      f);
	print_corner("v", "v", v, f);
	print_corner("fv", "f(v)", real, f);
	run_steps(s, 1, NULL, NULL);
	print_corner("v1", "v\'", v, f);
	print_corner("fv1", "f(v\')", real, f);
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

static void draw_control(const char *id, const char *title, const char *colour,
			 const struct view *v, FILE *f)
{
	begin_table(id, title, colour, f);
	for (unsigned i = 0; i < v->isa->nregs; i++)
		if (is_mapped(&v->isa->reg[i]))
			fprintf(f,
				"    <TR><TD PORT=\"l%u\">%s</TD><TD PORT=\"r%u\">0x%" PRIx64
				"</TD></TR>\n",
				i, v->isa->reg[i].name, i, v->cpu->state[v->isa->reg[i].slot]);
	fputs("    <TR><TD COLSPAN=\"2\" PORT=\"storage\">storage</TD></TR>\n  </TABLE>>];\n", f);
}

/* Storage from its top down: what lies where, what is free. */
static void draw_storage(const struct session *s, FILE *f)
{
	const struct lab *l = s->now->lab;
	uint64_t end = l->machine->view[0].window.size;

	begin_table("storage", "real storage", REAL, f);
	for (uint64_t top = end; top > 0; top = end) {
		const struct vm *vm = NULL;

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
		fprintf(f,
			"    <TR><TD>0x%" PRIx64
			"</TD><TD PORT=\"%s\" BGCOLOR=\"%s\">%s</TD></TR>\n",
			end, vm_name(vm), VIRTUAL, vm_name(vm));
	}
	fputs("  </TABLE>>];\n", f);
}

static void draw_map(struct session *s, FILE *f)
{
	const struct isa *isa = s->now->lab->isa;
	const struct isa_map *map = monitor_map(monitor_of(s));
	char name[128];

	fprintf(f,
		"digraph map {\n  label=\"f, the VM map %s of %s\"; labelloc=t; "
		"fontname=\"Helvetica\"; rankdir=LR; ranksep=1.2;\n"
		"  node [shape=plain, fontname=\"Helvetica\"]; edge [fontname=\"Helvetica\", "
		"fontsize=10];\n",
		map->name, isa->name);
	machine_name(s, s->now, s->machine, name, sizeof(name));
	draw_control("virtual", name, VIRTUAL, view_of(s), f);
	draw_control("real", "the machine below", REAL, view_below(s), f);
	draw_storage(s, f);
	for (unsigned i = 0; i < isa->nregs; i++)
		if (is_mapped(&isa->reg[i]))
			fprintf(f, "  virtual:r%u -> real:l%u [label=\"%s\"];\n", i, i,
				map_kind_name(map->entry[i].kind));
	fprintf(f,
		"  virtual:storage:e -> storage:%s:w [style=dashed, label=\"at 0x%" PRIx64 "\"];\n"
		"  real:storage -> storage [style=invis];\n"
		"  legend [shape=note, fontsize=10, label=\"Control state, as the guest believes it "
		"to be and\\las it is now. An arrow says how f makes the one\\lfrom the other; where "
		"its storage is, is dashed.\\l\"];\n}\n",
		vm_name(vm_of(s)), view_of(s)->window.base);
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
	fprintf(f, "\\n%" PRIu64 " steps, ", l->view[i]->cpu->steps);
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
	return picture_end(p);
}

static bool run_draw(struct session *s, const char *arguments)
{
	char *name = next_word(&arguments);
	const struct drawing *d = drawing_named(name);
	bool ok;

	free(name);
	while (*arguments == ' ')
		arguments++;
	ok = d && d->can_be_drawn(s) && draw_into(s, d, arguments);
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
