/* Traces as text: a line each, or in columns. */
#include "cli/trace_print.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

static const struct {
	const char *name;
	trace_printer *print;
} printers[] = {
	{ "text", trace_print_text },
	{ "flow", trace_print_flow },
	{ "dot", trace_print_dot },
	{ "chrome", trace_print_chrome },
};

trace_printer *trace_printer_named(const char *name)
{
	for (unsigned i = 0; i < sizeof(printers) / sizeof(*printers); i++)
		if (strcmp(printers[i].name, name) == 0)
			return printers[i].print;
	return NULL;
}

static bool add_kind(const char *name, size_t length, unsigned *kinds)
{
	char word[32], known[256] = "";
	int kind;

	snprintf(word, sizeof(word), "%.*s", (int)length, name);
	kind = trace_kind_named(word);
	if (kind >= 0) {
		*kinds |= 1u << kind;
		return true;
	}
	for (int i = 0; i < TRACE_COUNT; i++) {
		size_t n = strlen(known);

		snprintf(known + n, sizeof(known) - n, "%s%s", i ? ", " : "",
			 trace_kind_name((enum trace_kind)i));
	}
	say_error("nothing of the kind '%s' is recorded; there are %s", word, known);
	return false;
}

bool trace_kinds_parse(const char *list, unsigned *kinds)
{
	*kinds = 0;
	for (; *list; list += strspn(list, ",")) {
		size_t length = strcspn(list, ",");

		if (!add_kind(list, length, kinds))
			return false;
		list += length;
	}
	return true;
}

/* ---- what happened ---- */

static const struct image *image_of(const struct trace_subject *s, const struct trace_record *r)
{
	const struct guest *guest = trace_machine_of(s, r).guest;

	return guest ? guest->image : NULL;
}

static char *instruction(const struct trace_subject *s, const struct trace_record *r, char *buffer,
			 size_t size)
{
	*buffer = '\0';
	if (r->instr)
		disasm_word(s->isa, r->word, r->p, image_of(s, r), buffer, size);
	return buffer;
}

static char *trap_name(const struct trace_record *r, char *buffer, size_t size)
{
	if (r->a)
		snprintf(buffer, size, "%s(0x%" PRIx64 ")", r->trap->name, r->a);
	else
		snprintf(buffer, size, "%s", r->trap->name);
	return buffer;
}

char *trace_describe(const struct trace_subject *s, const struct trace_record *r, char *buffer,
		     size_t size)
{
	char text[128], trap[96];

	instruction(s, r, text, sizeof(text));
	if (r->trap)
		trap_name(r, trap, sizeof(trap));
	switch (r->kind) {
	case TRACE_TRAP:
		snprintf(buffer, size, "%s%s%s%s", trap, s->monitor ? ", to the monitor" : "",
			 *text ? ": " : "", text);
		break;
	case TRACE_DISPATCH: snprintf(buffer, size, "%s", r->text); break;
	case TRACE_EMULATE: snprintf(buffer, size, "%s", text); break;
	case TRACE_REFLECT: snprintf(buffer, size, "%s, to the %s", trap, r->text); break;
	case TRACE_TIMER: snprintf(buffer, size, "%s, of the guest's timer", trap); break;
	case TRACE_INTERRUPT: snprintf(buffer, size, "%s, of the guest's device", trap); break;
	case TRACE_RESUME:
		snprintf(buffer, size, "user mode, real base 0x%" PRIx64 ", bound 0x%" PRIx64, r->a,
			 r->b);
		break;
	case TRACE_SWITCH: snprintf(buffer, size, "its quantum begins"); break;
	case TRACE_DEVICE: snprintf(buffer, size, "%s", text); break;
	case TRACE_ALLOCATION:
		snprintf(buffer, size, "storage at real 0x%" PRIx64 ", 0x%" PRIx64 " units", r->a,
			 r->b);
		break;
	case TRACE_RELOCATION:
		snprintf(buffer, size, "base 0x%" PRIx64 ", bound 0x%" PRIx64, r->a, r->b);
		break;
	case TRACE_MODE: snprintf(buffer, size, "%s mode", r->a ? "user" : "supervisor"); break;
	case TRACE_COUNT: break;
	}
	return buffer;
}

static const char *name_of(const struct trace_subject *s, const struct trace_record *r)
{
	const char *name = trace_machine_of(s, r).name;

	return name ? name : "?";
}

void trace_print_record(const struct trace_subject *s, const struct trace_record *r, FILE *f)
{
	char text[256];

	if (s->levels > 1)
		fprintf(f, "%-2u ", trace_machine_of(s, r).level);
	fprintf(f, "@%-8" PRIu64 " %-*s 0x%-6" PRIx64 " %-10s %s\n", r->step,
		s->levels > 1 ? 7 : 5, name_of(s, r), r->p, trace_kind_name(r->kind),
		trace_describe(s, r, text, sizeof(text)));
}

void trace_print_text(const struct trace_subject *s, const struct trace *t, unsigned from, FILE *f)
{
	for (unsigned i = from; i < trace_count(t); i++)
		trace_print_record(s, trace_at(t, i), f);
}

/* ---- columns ---- */

enum column { PROGRAM, SYSTEM, MONITOR, HARDWARE, COLUMNS };
enum { WIDTH = 17, STEP_WIDTH = 8 };

static const char *const titles[COLUMNS] = { "Program", "Operating system", "Monitor", "Hardware" };

struct cell {
	enum column column;
	char text[144];
};

/* The guest's side of a record: its program, or its operating system. */
static enum column guest_side(const struct trace_record *r)
{
	return r->user ? PROGRAM : SYSTEM;
}

/* What happens between levels of a tower is all on the monitors' side. */
static unsigned cells_above(const struct trace_record *r, const char *trap, struct cell *cell)
{
	if (r->kind == TRACE_TRAP)
		snprintf(cell->text, sizeof(cell->text), "is given %s", trap);
	else
		snprintf(cell->text, sizeof(cell->text), "resume at 0x%" PRIx64, r->p);
	return 1;
}

/* What stands in which column; at most two cells, one below the other.  Returns how many. */
static unsigned cells_of(const struct trace_subject *s, const struct trace_record *r,
			 struct cell cell[2])
{
	char text[128] = "", trap[96] = "";

	instruction(s, r, text, sizeof(text));
	if (r->trap)
		trap_name(r, trap, sizeof(trap));
	cell[0] = (struct cell){ .column = MONITOR };
	cell[1] = (struct cell){ .column = HARDWARE };
	if (trace_machine_of(s, r).level > 1 && (r->kind == TRACE_TRAP || r->kind == TRACE_RESUME))
		return cells_above(r, trap, cell);
	switch (r->kind) {
	case TRACE_TRAP:
		cell[0].column = guest_side(r);
		snprintf(cell[0].text, sizeof(cell[0].text), "%s", *text ? text : "runs");
		snprintf(cell[1].text, sizeof(cell[1].text), "trap %s%s", trap,
			 s->monitor ? "; enter monitor" : "; enter handler");
		return 2;
	case TRACE_DISPATCH: return 0;
	case TRACE_EMULATE:
		snprintf(cell[0].text, sizeof(cell[0].text), "emulate %s", text);
		return 1;
	case TRACE_REFLECT:
		snprintf(cell[0].text, sizeof(cell[0].text), "give %s to the %s", trap,
			 trace_machine_of(s, r).guest ? "OS" : "one above");
		return 1;
	case TRACE_TIMER:
	case TRACE_INTERRUPT:
		cell[0].column = s->monitor ? MONITOR : HARDWARE;
		snprintf(cell[0].text, sizeof(cell[0].text), "%s %s%s",
			 r->kind == TRACE_TIMER ? "timer:" : "device:", trap,
			 s->monitor ? " to the OS" : "; enter handler");
		return 1;
	case TRACE_RESUME:
		cell[0].column = HARDWARE;
		snprintf(cell[0].text, sizeof(cell[0].text), "run from 0x%" PRIx64 " in user mode",
			 r->p);
		return 1;
	case TRACE_SWITCH:
		snprintf(cell[0].text, sizeof(cell[0].text), "switch to %s", name_of(s, r));
		return 1;
	case TRACE_ALLOCATION:
		snprintf(cell[0].text, sizeof(cell[0].text), "storage for %s", name_of(s, r));
		return 1;
	case TRACE_MODE:
		cell[0].column = r->a ? PROGRAM : SYSTEM;
		snprintf(cell[0].text, sizeof(cell[0].text), "%s 0x%" PRIx64,
			 r->a ? "goes on at" : "handler at", r->p);
		return 1;
	case TRACE_DEVICE:
	case TRACE_RELOCATION:
	case TRACE_COUNT: return 0;
	}
	return 0;
}

/* Prints a text within its column, in as many lines as it takes; breaks between words. */
static void print_cell(const char *step, const struct cell *cell, FILE *f)
{
	const char *p = cell->text;

	do {
		size_t n = strlen(p), cut = n;

		if (n > WIDTH) {
			for (cut = WIDTH; cut > 0 && p[cut] != ' ';)
				cut--;
			cut = cut ? cut : WIDTH;
		}
		fprintf(f, "%*s %*s%.*s\n", STEP_WIDTH, step, (int)cell->column * (WIDTH + 1), "",
			(int)cut, p);
		p += cut + (p[cut] == ' ');
		step = "";
	} while (*p);
}

/* Which of several monitors it is. */
static void tell_level(const struct trace_subject *s, const struct trace_record *r,
		       struct cell *cell)
{
	char text[sizeof(cell->text)];

	if (s->levels < 2 || cell->column != MONITOR)
		return;
	snprintf(text, sizeof(text), "%s", cell->text);
	snprintf(cell->text, sizeof(cell->text), "%u: %.100s", trace_machine_of(s, r).level, text);
}

void trace_print_flow(const struct trace_subject *s, const struct trace *t, unsigned from, FILE *f)
{
	struct cell cell[2];
	char step[32];

	fprintf(f, "%*s ", STEP_WIDTH, "step");
	for (unsigned i = 0; i + 1 < COLUMNS; i++)
		fprintf(f, "%-*s ", WIDTH, titles[i]);
	fprintf(f, "%s\n", titles[HARDWARE]);
	for (unsigned i = from; i < trace_count(t); i++) {
		const struct trace_record *r = trace_at(t, i);
		unsigned n = cells_of(s, r, cell);

		for (unsigned k = 0; k < n; k++) {
			tell_level(s, r, &cell[k]);
			snprintf(step, sizeof(step), "%" PRIu64, r->step);
			print_cell(k ? "" : step, &cell[k], f);
		}
	}
}
