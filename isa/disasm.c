/*
 * The disassembler: words as text that the assembler takes back.  Every text is
 * given to the assembler to see that it does; what it would not take back is
 * shown as data.
 */
#include "isa/asm_private.h"

#include "isa/alloc.h"

#include <assert.h>
#include <inttypes.h>
#include <stdarg.h>

enum {
	TEXT = 512,   /* bytes of one statement */
	ZEROS = 16,   /* units: so many zeros or more become .space */
	COMMENT = 40, /* column of the address */
};

struct text {
	char *buffer;
	size_t size, length; /* of what was to be written, cut off or not */
};

static void put(struct text *t, const char *format, ...) __attribute__((format(printf, 2, 3)));

static void put(struct text *t, const char *format, ...)
{
	size_t at = t->length < t->size ? t->length : t->size;
	va_list args;

	va_start(args, format);
	t->length += (size_t)vsnprintf(t->buffer + at, t->size - at, format, args);
	va_end(args);
}

/* ---- data ---- */

/* `count` units as .word, or as .byte where they are not whole words. */
static void put_data(struct text *t, const struct isa *isa, const uint64_t *units, unsigned count)
{
	unsigned step = asm_word_units(isa);
	const char *before = ".word ";

	if (count % step) {
		step = 1;
		before = ".byte ";
	}
	for (unsigned i = 0; i < count; i += step) {
		put(t, "%s0x%" PRIx64, before, asm_unpack(isa, step, units + i));
		before = ", ";
	}
}

static void put_word_as_data(struct text *t, const struct isa *isa, uint64_t word)
{
	uint64_t units[64];

	assert(isa->length <= 64);
	isa_pack(isa, word, units);
	put_data(t, isa, units, isa->length);
}

/* ---- instructions ---- */

static const struct symbol *label_at(const struct image *symbols, uint64_t address)
{
	for (unsigned i = 0; symbols && i < symbols->nsymbols; i++)
		if (symbols->symbol[i].label && symbols->symbol[i].value == address)
			return &symbols->symbol[i];
	return NULL;
}

static void put_operand(struct text *t, const struct isa *isa, const struct isa_instr *instr,
			const struct isa_syntax *piece, uint64_t word, uint64_t address,
			const struct image *symbols)
{
	uint64_t field = isa_operand_of(instr, piece, word);
	asm_number v = asm_from_field(isa, instr, piece, field, address);
	const struct symbol *label;
	char number[ASM_NUMBER];

	if (piece->file) {
		put(t, "%s%" PRIu64, piece->file->name, field);
	} else if (piece->relative) {
		label = label_at(symbols, (uint64_t)v);
		if (label)
			put(t, "%s", label->name);
		else
			put(t, "0x%" PRIx64, (uint64_t)v);
	} else if (piece->hex) {
		put(t, "%s0x%" PRIx64, v < 0 ? "-" : "", (uint64_t)(v < 0 ? -v : v));
	} else {
		put(t, "%s", asm_number_text(v, number));
	}
}

static void put_instruction(struct text *t, const struct isa *isa, const struct isa_instr *instr,
			    uint64_t word, uint64_t address, const struct image *symbols)
{
	for (unsigned i = 0; i < instr->nsyntax; i++) {
		const struct isa_syntax *piece = &instr->syntax[i];

		if (piece->text)
			put(t, "%s", piece->text);
		else
			put_operand(t, isa, instr, piece, word, address, symbols);
	}
}

/* Would the assembler make this word of the text? */
static bool taken_back(const struct isa *isa, const char *text, uint64_t word, uint64_t address,
		       const struct image *symbols)
{
	struct assembler as = { .isa = isa, .given = symbols };
	struct scan s = {
		.as = &as,
		.start = text,
		.p = text,
		.end = asm_statement_end(text, text + strlen(text)),
		.here = address,
	};
	uint64_t again;

	return asm_instruction(&s, &again) && again == word;
}

static bool try_instruction(const struct isa *isa, uint64_t word, uint64_t address,
			    const struct image *symbols, char *buffer, size_t size)
{
	const struct isa_instr *instr = isa_decode(isa, word);
	struct text t = { buffer, size, 0 };

	if (!instr || (word & instr->ignored))
		return false;
	put_instruction(&t, isa, instr, word, address, symbols);
	return t.length < size && taken_back(isa, buffer, word, address, symbols);
}

static bool instruction_text(const struct isa *isa, uint64_t word, uint64_t address,
			     const struct image *symbols, char *buffer, size_t size)
{
	return try_instruction(isa, word, address, symbols, buffer, size) ||
	       (symbols && try_instruction(isa, word, address, NULL, buffer, size));
}

char *disasm_word(const struct isa *isa, uint64_t word, uint64_t address,
		  const struct image *symbols, char *buffer, size_t size)
{
	struct text t = { buffer, size, 0 };

	if (!instruction_text(isa, word, address, symbols, buffer, size))
		put_word_as_data(&t, isa, word);
	return buffer;
}

/* ---- images ---- */

struct walk {
	const struct isa *isa;
	const struct image *image;
	FILE *out;
	const struct symbol **label; /* by address */
	unsigned nlabels, next;	     /* those before next are written */
	uint64_t here;		     /* the address at which the assembler would be */
	bool placed;		     /* an .org was written */
};

static int by_address(const void *a, const void *b)
{
	const struct symbol *x = *(const struct symbol *const *)a;
	const struct symbol *y = *(const struct symbol *const *)b;

	if (x->value != y->value)
		return x->value < y->value ? -1 : 1;
	return strcmp(x->name, y->name);
}

/* All labels, and `entry` where the image begins and no label says so. */
static void collect_labels(struct walk *w, const struct symbol *entry)
{
	const struct image *image = w->image;

	w->label = xcalloc(image->nsymbols + 1, sizeof(*w->label));
	for (unsigned i = 0; i < image->nsymbols; i++)
		if (image->symbol[i].label)
			w->label[w->nlabels++] = &image->symbol[i];
	if (image->has_entry && !image_symbol(image, "start") && !image_symbol(image, "_start"))
		w->label[w->nlabels++] = entry;
	qsort(w->label, w->nlabels, sizeof(*w->label), by_address);
}

static void go_to(struct walk *w, uint64_t address)
{
	if (w->placed ? w->here != address : true)
		fprintf(w->out, "\n\t.org 0x%" PRIx64 "\n", address);
	w->placed = true;
	w->here = address;
}

/* Writes the labels up to an address. */
static void write_labels(struct walk *w, uint64_t limit)
{
	for (; w->next < w->nlabels && w->label[w->next]->value <= limit; w->next++) {
		go_to(w, w->label[w->next]->value);
		fprintf(w->out, "%s:\n", w->label[w->next]->name);
	}
}

static uint64_t zeros(const uint64_t *unit, uint64_t count)
{
	uint64_t n = 0;

	while (n < count && !unit[n])
		n++;
	return n;
}

/* One statement for the first of `count` units, among which no label stands; how many it took. */
static uint64_t write_statement(struct walk *w, const uint64_t *unit, uint64_t count)
{
	char buffer[TEXT];
	struct text t = { buffer, sizeof(buffer), 0 };
	uint64_t run = zeros(unit, count), n = w->isa->length;

	if (run >= ZEROS) {
		put(&t, ".space %" PRIu64, run);
		n = run;
	} else if (count < n) {
		n = count;
		put_data(&t, w->isa, unit, (unsigned)n);
	} else {
		disasm_word(w->isa, isa_unpack(w->isa, unit), w->here, w->image, buffer,
			    sizeof(buffer));
	}
	fprintf(w->out, "\t%-*s; 0x%" PRIx64 "\n", COMMENT - 8, buffer, w->here);
	return n;
}

static void write_segment(struct walk *w, const struct segment *segment)
{
	uint64_t n;

	for (uint64_t i = 0; i < segment->count; i += n, w->here += n) {
		uint64_t left = segment->count - i;

		write_labels(w, segment->address + i);
		go_to(w, segment->address + i);
		if (w->next < w->nlabels && w->label[w->next]->value - w->here < left)
			left = w->label[w->next]->value - w->here;
		n = write_statement(w, segment->unit + i, left);
	}
}

static void write_head(const struct walk *w)
{
	const struct image *image = w->image;

	fprintf(w->out, "\t.machine %s\n", w->isa->name);
	for (unsigned i = 0; i < image->nsymbols; i++)
		if (!image->symbol[i].label)
			fprintf(w->out, "%s = 0x%" PRIx64 "\n", image->symbol[i].name,
				image->symbol[i].value);
	for (unsigned i = 0; i < image->ndeposits; i++)
		fprintf(w->out, "\t.deposit %s, 0x%" PRIx64 "\n", image->deposit[i].name,
			image->deposit[i].value);
}

void disasm_image(const struct isa *isa, const struct image *image, FILE *out)
{
	struct symbol entry = { .name = (char *)"_start", .value = image->entry, .label = true };
	struct walk w = { .isa = isa, .image = image, .out = out };

	collect_labels(&w, &entry);
	write_head(&w);
	for (unsigned i = 0; i < image->nsegments; i++)
		write_segment(&w, &image->segment[i]);
	write_labels(&w, UINT64_MAX);
	free(w.label);
}
