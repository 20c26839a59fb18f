/*
 * A machine's state, as people read it.
 */
#include "cli/report.h"

#include <inttypes.h>
#include <string.h>

#define WIDTH	    80 /* columns */
#define LARGE_ARRAY 32 /* elements; of larger ones only those that are not 0 are shown */

const char *cpu_status_name(enum cpu_status status)
{
	switch (status) {
	case CPU_RUNNING: return "running";
	case CPU_WAITING: return "idle";
	case CPU_HALTED: return "halted";
	case CPU_CHECKSTOP: return "check-stopped";
	}
	return "";
}

char *report_end(const struct view *v, char *buffer, size_t size)
{
	switch (v->cpu->status) {
	case CPU_RUNNING: snprintf(buffer, size, "still running"); break;
	case CPU_WAITING: snprintf(buffer, size, "idle: it waits, and no event will come"); break;
	case CPU_HALTED:
		snprintf(buffer, size, "halted with status %" PRIu64, v->cpu->halt_status);
		break;
	case CPU_CHECKSTOP:
		snprintf(buffer, size,
			 "check-stopped: a trap could not be performed within its storage");
		break;
	}
	return buffer;
}

static uint64_t pc_of(const struct view *v)
{
	return v->cpu->state[v->isa->role[ROLE_PC]->slot];
}

/* Units of the program: what is further from a label is none of the label's. */
static uint64_t length_of(const struct image *image)
{
	uint64_t length = 0;

	for (unsigned i = 0; i < image->nsegments; i++)
		length += image->segment[i].count;
	return length;
}

void report_label(const struct image *image, uint64_t address, FILE *f)
{
	const struct symbol *s = image ? image_label_before(image, address) : NULL;

	if (s && s->value == address)
		fprintf(f, " (%s)", s->name);
	else if (s && address - s->value < length_of(image))
		fprintf(f, " (%s+%" PRIu64 ")", s->name, address - s->value);
}

void report_place(const struct view *v, const struct image *image, FILE *f)
{
	uint64_t p = pc_of(v), word, place;
	struct view copy = *v;
	char text[128];

	fprintf(f, "%s=0x%" PRIx64, v->isa->role[ROLE_PC]->name, p);
	report_label(image, p, f);
	if (view_fetch(&copy, &word, &place))
		fprintf(f, ": %s\n", disasm_word(v->isa, word, p, image, text, sizeof(text)));
	else
		fputs(": no instruction can be fetched here\n", f);
}

static bool worth_showing(const struct table_entry *e, uint64_t value)
{
	return e->reg && (value != 0 || e->reg->count <= LARGE_ARRAY);
}

void report_registers(const struct view *v, FILE *f)
{
	struct table *t = table_new(v->isa);
	int column = 0, blanks = 0, width;
	char cell[128], value[64];

	for (unsigned i = 0; i < table_size(t); i++) {
		const struct table_entry *e = table_entry(t, i);
		uint64_t n = table_examine(v, e);

		if (!worth_showing(e, n))
			continue;
		width = snprintf(cell, sizeof(cell), "%s=%s", e->name,
				 table_format(e, n, value, sizeof(value)));
		if (column + 2 + width > WIDTH) {
			fputc('\n', f);
			column = blanks = 0;
		}
		fprintf(f, "%*s%s", blanks + (column ? 0 : 2), "", cell);
		/* Columns of 16, 32, ...: equal registers stand below each other. */
		blanks = (width + 2 + 15) / 16 * 16 - width;
		column += width + blanks;
	}
	fputc('\n', f);
	table_free(t);
}
