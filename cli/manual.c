/*
 * The manual: registers, traps, devices, maps, formats, instructions.
 */
#include "cli/manual.h"

#include "cli/cli.h"

#include <ctype.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define ROW(...)                                                                                   \
	(const char *const[])                                                                      \
	{                                                                                          \
		__VA_ARGS__                                                                        \
	}

/* ---- text of the description ---- */

/* The blanks that all lines but the first begin with. */
static size_t common_indent(const char *begin, const char *end)
{
	size_t least = SIZE_MAX;

	for (const char *s = begin; s < end; s++) {
		size_t n = strspn(s, " \t");

		if (s != begin && s[-1] == '\n' && s[n] != '\n' && s + n < end && n < least)
			least = n;
	}
	return least == SIZE_MAX ? 0 : least;
}

/* What stands in the braces after a place, lines moved to the left; NULL if there are none. */
static char *body_text(struct place p)
{
	const char *begin = NULL, *end = NULL;
	size_t indent, n = 0;
	char *text;

	if (!isa_braces(p, &begin, &end))
		return NULL;
	while (begin < end && isspace((unsigned char)*begin) && *begin != '\n')
		begin++;
	indent = common_indent(begin, end);
	if (*begin == '\n')
		begin += 1 + (strspn(begin + 1, " \t") < indent ? 0 : indent);
	while (end > begin && isspace((unsigned char)end[-1]))
		end--;
	text = make((size_t)(end - begin) + 1, 1);
	for (const char *s = begin; s < end; s++) {
		text[n++] = *s;
		if (*s == '\n' && strspn(s + 1, " \t") >= indent)
			s += indent;
	}
	return text;
}

char *manual_source(const struct isa_instr *in)
{
	const char *begin = NULL, *end = NULL, *start;

	if (!isa_braces(in->code.place, &begin, &end))
		return NULL;
	start = isa_text_at(in->place);
	return strndup(start, (size_t)(end + 1 - start));
}

static void print_body(const struct layout *l, struct place p)
{
	char *text = body_text(p);

	if (text && *text)
		layout_verbatim(l, text);
	free(text);
}

/* ---- state ---- */

static const char *const role_names[ROLES] = {
	[ROLE_PC] = "program counter",
	[ROLE_MODE] = "mode",
	[ROLE_BASE] = "base",
	[ROLE_BOUND] = "bound",
};

static void describe_width(const struct isa_reg *r, char *text, size_t size)
{
	if (r->type)
		snprintf(text, size, "%s", r->type->name);
	else
		snprintf(text, size, "%u bit%s", r->width, plural(r->width));
}

static void print_registers(const struct layout *l, const struct isa *isa)
{
	struct grid *g = grid_new(5);
	char name[64], width[32], role[64];

	layout_heading(l, 2, "Registers");
	grid_row(g, ROW("name", "width", "class", "role", "meaning"));
	for (unsigned i = 0; i < isa->nregs; i++) {
		const struct isa_reg *r = &isa->reg[i];

		snprintf(name, sizeof(name), r->array ? "%s[%u]" : "%s", r->name, r->count);
		describe_width(r, width, sizeof(width));
		snprintf(role, sizeof(role), "%s%s%s", r->role ? role_names[r->role] : "",
			 r->time ? " time" : "", r->constant ? " constant" : "");
		grid_row(g, ROW(name, width, r->class == CLASS_VISIBLE ? "visible" : "control",
				role, r->doc));
		for (unsigned b = 0; b < r->nbits; b++) {
			const struct isa_bits *f = &r->bits[b];

			snprintf(name, sizeof(name), "  .%s", f->name);
			snprintf(width, sizeof(width), f->hi == f->lo ? "%u" : "%u:%u", f->hi,
				 f->lo);
			grid_row(g, ROW(name, width, "", f->type ? f->type->name : "", f->doc));
		}
	}
	grid_print(g, l);
}

static void print_enums(const struct layout *l, const struct isa *isa)
{
	struct grid *g = grid_new(3);
	char value[32];

	if (isa->nenums)
		layout_heading(l, 2, "Modes and other named values");
	grid_row(g, ROW("name", "value", "meaning"));
	for (unsigned i = 0; i < isa->nenums; i++) {
		const struct isa_enum *e = &isa->enums[i];

		grid_row(g, ROW(e->name, "", e->doc));
		for (unsigned m = 0; m < e->nmembers; m++) {
			char name[64];

			snprintf(name, sizeof(name), "  %s", e->member[m].name);
			snprintf(value, sizeof(value), "%" PRIu64, e->member[m].value);
			grid_row(g, ROW(name, value, e->member[m].doc));
		}
	}
	grid_print(g, l);
}

static void print_traps(const struct layout *l, const struct isa *isa)
{
	struct grid *g = grid_new(3);
	char number[16];

	layout_heading(l, 2, "Traps");
	grid_row(g, ROW("number", "name", "meaning"));
	for (unsigned i = 0; i < isa->ntraps; i++) {
		snprintf(number, sizeof(number), "%u", isa->trap[i].number);
		grid_row(g, ROW(number, isa->trap[i].name, isa->trap[i].doc));
	}
	grid_print(g, l);
}

static void print_devices(const struct layout *l, const struct isa *isa)
{
	struct grid *g = grid_new(4);
	char line[16], params[128];

	if (isa->ndevices)
		layout_heading(l, 2, "Devices");
	grid_row(g, ROW("name", "class", "line", "meaning"));
	for (unsigned i = 0; i < isa->ndevices; i++) {
		const struct isa_device *d = &isa->device[i];
		size_t n = 0;

		line[0] = '\0';
		if (d->line >= 0)
			snprintf(line, sizeof(line), "%d", d->line);
		snprintf(params, sizeof(params), "%s", d->class);
		for (unsigned p = 0; p < d->nparams; p++) {
			n = strlen(params);
			if (strcmp(d->param[p].name, "line") != 0)
				snprintf(params + n, sizeof(params) - n, " %s=%" PRIu64,
					 d->param[p].name, d->param[p].value);
		}
		n = strlen(params);
		if (d->units)
			snprintf(params + n, sizeof(params) - n,
				 " at %#" PRIx64 " to %#" PRIx64, d->at, d->at + d->units - 1);
		grid_row(g, ROW(d->name, params, line, d->doc));
	}
	grid_print(g, l);
}

/* ---- the VM maps ---- */

static void print_map(const struct layout *l, const struct isa *isa, const struct isa_map *m)
{
	struct grid *g = grid_new(3);
	char heading[128];

	snprintf(heading, sizeof(heading), m->doc ? "map %s: %s" : "map %s", m->name, m->doc);
	layout_heading(l, 3, heading);
	grid_row(g, ROW("register", "is", "because"));
	for (unsigned i = 0; i < isa->nregs; i++) {
		if (isa->reg[i].class == CLASS_CONTROL)
			grid_row(g, ROW(isa->reg[i].name, map_kind_name(m->entry[i].kind),
					m->entry[i].place.source ? "the map says so"
								 : "the default applies"));
	}
	grid_print(g, l);
	print_body(l, m->place);
}

static void print_maps(const struct layout *l, const struct isa *isa)
{
	if (isa->nmaps)
		layout_heading(l, 2, "VM maps");
	for (unsigned i = 0; i < isa->nmaps; i++)
		print_map(l, isa, &isa->map[i]);
}

/* ---- what happens by itself ---- */

static void print_sequences(const struct layout *l, const struct isa *isa)
{
	const struct {
		const char *name;
		const struct code *code;
	} part[] = {
		{ "reset", isa->reset },
		{ "goto: P set from outside", isa->go },
		{ "translate: addresses", isa->translate },
		{ "trapseq: a trap", isa->trapseq },
		{ "tick: a unit of time", isa->tick },
		{ "interrupt: a device's line", isa->interrupt },
	};

	layout_heading(l, 2, "Sequences");
	for (unsigned i = 0; i < sizeof(part) / sizeof(part[0]); i++) {
		if (!part[i].code || !part[i].code->place.source)
			continue;
		layout_heading(l, 3, part[i].name);
		print_body(l, part[i].code->place);
	}
}

static void print_formats(const struct layout *l, const struct isa *isa)
{
	char heading[160];

	layout_heading(l, 2, "Formats");
	for (unsigned i = 0; i < isa->nformats; i++) {
		const struct isa_format *f = &isa->format[i];

		snprintf(heading, sizeof(heading), f->doc ? "%s: %s" : "%s", f->name, f->doc);
		layout_heading(l, 3, heading);
		layout_format(l, f);
	}
}

/* ---- instructions ---- */

static void collect(const struct isa *isa, const struct stmt *s, bool *raises)
{
	for (; s; s = s->next) {
		if (s->op == S_TRAP)
			raises[s->trap->index] = true;
		if ((s->op == S_LOAD || s->op == S_STORE) && !s->physical)
			collect(isa, isa->translate->body, raises);
		if ((s->op == S_LOAD || s->op == S_STORE) && s->physical)
			raises[isa->memory->index] = true;
		collect(isa, s->body, raises);
		collect(isa, s->otherwise, raises);
	}
}

static void describe_traps(const struct isa *isa, const struct isa_instr *in, char *text,
			   size_t size)
{
	bool *raises = make(isa->ntraps, sizeof(bool));
	size_t n = 0;

	*text = '\0';
	collect(isa, in->code.body, raises);
	for (unsigned i = 0; i < isa->ntraps; i++) {
		if (raises[i] && n < size)
			n += (size_t)snprintf(text + n, size - n, "%s%s", n ? ", " : "",
					      isa->trap[i].name);
	}
	if (n == 0)
		snprintf(text, size, "none");
	free(raises);
}

/* "op=0x01 rd rs rt zero=0" */
static void describe_encoding(const struct isa_instr *in, char *text, size_t size)
{
	size_t n = (size_t)snprintf(text, size, "%s:", in->format->name);

	for (unsigned i = 0; i < in->format->nfields && n < size; i++) {
		const struct isa_field *f = &in->format->field[i];
		uint64_t bits = isa_mask(f->width) << f->lo;

		n += (size_t)snprintf(text + n, size - n, " %s", f->name);
		if ((in->mask & bits) == bits && n < size)
			n += (size_t)snprintf(text + n, size - n, "=0x%" PRIx64,
					      (in->match & bits) >> f->lo);
	}
}

/* The syntax as the assembler takes it, operands by the names of their fields. */
static void describe_syntax(const struct isa_instr *in, char *text, size_t size)
{
	size_t n = 0;

	*text = '\0';
	for (unsigned i = 0; i < in->nsyntax && n < size; i++) {
		const struct isa_syntax *s = &in->syntax[i];

		if (s->text)
			n += (size_t)snprintf(text + n, size - n, "%s", s->text);
		for (unsigned k = 0; k < s->nfields && n < size; k++)
			n += (size_t)snprintf(text + n, size - n, "%s%s",
					      k		? "_"
					      : s->file ? s->file->name
							: "",
					      in->format->field[s->field[k]].name);
	}
}

void manual_instruction(const struct layout *l, const struct isa *isa, const struct isa_instr *in)
{
	int digits = (int)(isa->length * isa->unit + 3) / 4;
	char text[512], heading[256];
	struct grid *g = grid_new(2);

	snprintf(heading, sizeof(heading), in->doc ? "%s: %s" : "%s", in->name, in->doc);
	layout_heading(l, 3, heading);
	grid_row(g, ROW("", ""));
	describe_syntax(in, text, sizeof(text));
	grid_row(g, ROW("syntax", text));
	describe_encoding(in, text, sizeof(text));
	grid_row(g, ROW("encoding", text));
	snprintf(text, sizeof(text), "0x%0*" PRIx64 " under mask 0x%0*" PRIx64, digits, in->match,
		 digits, in->mask);
	grid_row(g, ROW("word", text));
	grid_row(g, ROW("privileged", in->privileged ? "yes" : "no"));
	describe_traps(isa, in, text, sizeof(text));
	grid_row(g, ROW("traps", text));
	if (in->physical)
		grid_row(g, ROW("physical", "reaches storage past the relocation"));
	grid_print(g, l);
	print_body(l, in->code.place);
}

static void print_instructions(const struct layout *l, const struct isa *isa)
{
	layout_heading(l, 2, "Instructions");
	for (unsigned i = 0; i < isa->ninstrs; i++)
		manual_instruction(l, isa, &isa->instr[i]);
}

bool manual_is_called(const struct isa_instr *in, const char *name)
{
	size_t n = strlen(name);

	if (strcasecmp(in->name, name) == 0)
		return true;
	return in->nsyntax && in->syntax[0].text && strcspn(in->syntax[0].text, " ") == n &&
	       strncasecmp(in->syntax[0].text, name, n) == 0;
}

/* ---- the whole ---- */

static const char *endian_text(const struct isa *isa)
{
	switch (isa->endian) {
	case ENDIAN_NONE: return "";
	case ENDIAN_LITTLE: return ", little end first";
	case ENDIAN_BIG: return ", big end first";
	case ENDIAN_STATE: return ", in the byte order that its state says";
	}
	return "";
}

static void print_introduction(const struct layout *l, const struct isa *isa)
{
	char text[512];

	snprintf(text, sizeof(text), isa->doc ? "Machine %s: %s" : "Machine %s", isa->name,
		 isa->doc);
	layout_heading(l, 1, text);
	snprintf(
		text, sizeof(text),
		"Words have %u bits; storage is addressed by %s of %u bits%s. An instruction takes "
		"%u unit%s. %s",
		isa->word, isa->unit == isa->word ? "words" : "units", isa->unit, endian_text(isa),
		isa->length, plural(isa->length),
		isa->user ? "There is a user mode." : "There is no user mode.");
	layout_paragraph(l, text);
	snprintf(text, sizeof(text), "Description: %s, hash %016" PRIx64 ".", isa->path, isa->hash);
	layout_paragraph(l, text);
}

void manual_print(const struct layout *l, const struct isa *isa)
{
	print_introduction(l, isa);
	print_registers(l, isa);
	print_enums(l, isa);
	print_traps(l, isa);
	print_devices(l, isa);
	print_maps(l, isa);
	print_sequences(l, isa);
	print_formats(l, isa);
	print_instructions(l, isa);
}
