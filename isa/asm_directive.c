/* The assembler's directives: what each takes in pass 1 and holds in pass 2. */
#include "isa/asm_private.h"

#include "isa/alloc.h"

#include <strings.h>

struct directive {
	const char *name;
	/* Pass 1: the units it takes; NULL: none.  What it needs to know must be known. */
	bool (*layout)(struct scan *, uint64_t *count);
	/* Pass 2: fills them in; NULL: nothing is left to do. */
	bool (*fill)(struct scan *, uint64_t *unit, uint64_t count);
};

/* ---- .word and .byte ---- */

/* Expressions between commas, counted without being understood. */
static uint64_t count_items(const struct scan *s)
{
	uint64_t n = 1;

	for (const char *p = s->p; p < s->end;) {
		size_t constant = asm_char_length(p, s->end);

		n += *p == ',';
		p += constant ? constant : 1;
	}
	return n;
}

/* An expression that must fit a width, read signed or unsigned. */
static bool value_of_width(struct scan *s, unsigned width, uint64_t *value)
{
	char is[ASM_NUMBER], low[ASM_NUMBER], high[ASM_NUMBER];
	const char *at;
	asm_number v;

	asm_skip_blanks(s);
	at = s->p;
	if (!asm_expression(s, &v))
		return false;
	if (!asm_fits(v, width))
		return asm_fail(s, at, "%s does not fit %u bits: %s to %s", asm_number_text(v, is),
				width, asm_number_text(-((asm_number)1 << (width - 1)), low),
				asm_number_text(((asm_number)1 << width) - 1, high));
	*value = (uint64_t)v & isa_mask(width);
	return true;
}

static bool word_layout(struct scan *s, uint64_t *count)
{
	*count = count_items(s) * asm_word_units(s->as->isa);
	return true;
}

static bool fill_items(struct scan *s, unsigned width, unsigned nunits, uint64_t *unit)
{
	uint64_t value;

	do {
		if (!value_of_width(s, width, &value))
			return false;
		asm_pack(s->as->isa, value, nunits, unit);
		unit += nunits;
	} while (asm_accept(s, ','));
	return asm_at_end(s);
}

static bool word_fill(struct scan *s, uint64_t *unit, uint64_t count)
{
	(void)count;
	return fill_items(s, s->as->isa->word, asm_word_units(s->as->isa), unit);
}

static bool byte_layout(struct scan *s, uint64_t *count)
{
	*count = count_items(s);
	return true;
}

static bool byte_fill(struct scan *s, uint64_t *unit, uint64_t count)
{
	unsigned width = s->as->isa->unit;

	(void)count;
	return fill_items(s, width < 8 ? width : 8, 1, unit);
}

/* ---- .ascii and .asciz ---- */

/* A string's characters to unit (NULL: only counted); moves past it. */
static bool string(struct scan *s, uint64_t *unit, uint64_t *count)
{
	const char *at;
	uint8_t c;

	if (!asm_accept(s, '"'))
		return asm_fail(s, s->p, "a text in quotes is expected here");
	while (s->p < s->end && *s->p != '"') {
		at = s->p;
		if (!asm_character(s, &c))
			return false;
		if (!asm_fits(c, s->as->isa->unit))
			return asm_fail(s, at, "this character does not fit a unit of %u bits",
					s->as->isa->unit);
		if (unit)
			unit[*count] = c;
		++*count;
	}
	return asm_accept(s, '"') || asm_fail(s, s->p, "the text does not end on this line");
}

static bool strings(struct scan *s, uint64_t *unit, bool zero, uint64_t *count)
{
	*count = 0;
	do {
		if (!string(s, unit, count))
			return false;
		*count += zero;
	} while (asm_accept(s, ','));
	return asm_at_end(s);
}

static bool ascii_layout(struct scan *s, uint64_t *count)
{
	return strings(s, NULL, false, count);
}

static bool ascii_fill(struct scan *s, uint64_t *unit, uint64_t count)
{
	return strings(s, unit, false, &count);
}

static bool asciz_layout(struct scan *s, uint64_t *count)
{
	return strings(s, NULL, true, count);
}

static bool asciz_fill(struct scan *s, uint64_t *unit, uint64_t count)
{
	return strings(s, unit, true, &count);
}

/* ---- .org, .space, .align ---- */

static bool org_layout(struct scan *s, uint64_t *count)
{
	const char *at;
	asm_number address;

	*count = 0;
	asm_skip_blanks(s);
	at = s->p;
	if (!asm_expression(s, &address) || !asm_at_end(s))
		return false;
	s->p = at;
	return asm_move(s, address);
}

/* A number of units, at least `least`. */
static bool amount(struct scan *s, asm_number least, uint64_t *count)
{
	char text[ASM_NUMBER];
	const char *at;
	asm_number v;

	asm_skip_blanks(s);
	at = s->p;
	if (!asm_expression(s, &v))
		return false;
	if (v < least)
		return asm_fail(s, at, "%s is too small: at least %d", asm_number_text(v, text),
				(int)least);
	if (v > IMAGE_UNITS)
		return asm_fail(s, at, "%s is too large: a program has at most %d units",
				asm_number_text(v, text), IMAGE_UNITS);
	*count = (uint64_t)v;
	return true;
}

static bool space_layout(struct scan *s, uint64_t *count)
{
	return amount(s, 0, count);
}

static bool space_fill(struct scan *s, uint64_t *unit, uint64_t count)
{
	uint64_t value = 0;

	if (!amount(s, 0, &count))
		return false;
	if (asm_accept(s, ',') && !value_of_width(s, s->as->isa->unit, &value))
		return false;
	for (uint64_t i = 0; value && i < count; i++)
		unit[i] = value;
	return asm_at_end(s);
}

static bool align_layout(struct scan *s, uint64_t *count)
{
	uint64_t n;

	if (!amount(s, 1, &n) || !asm_at_end(s))
		return false;
	*count = (n - s->here % n) % n;
	return true;
}

/* ---- .equ, .include, .machine, .deposit ---- */

static bool equ_layout(struct scan *s, uint64_t *count)
{
	*count = 0;
	asm_skip_blanks(s);
	return asm_equate(s, ',');
}

static bool equ_fill(struct scan *s, uint64_t *unit, uint64_t count)
{
	asm_number value;
	size_t n;

	(void)unit;
	(void)count;
	asm_skip_blanks(s);
	n = asm_name_length(s->p, s->end);
	return asm_symbol_value(s, s->p, n, &value);
}

static bool include_layout(struct scan *s, uint64_t *count)
{
	const char *at;
	uint64_t length = 0, *unit;
	char *name;
	bool ok;

	*count = 0;
	asm_skip_blanks(s);
	at = s->p;
	unit = xcalloc((size_t)(s->end - s->p), sizeof(*unit));
	ok = string(s, unit, &length) && asm_at_end(s);
	name = xcalloc(length + 1, 1);
	for (uint64_t i = 0; i < length; i++)
		name[i] = (char)unit[i];
	ok = ok && asm_include(s, at, name);
	free(name);
	free(unit);
	return ok;
}

bool asm_machine_name(struct scan *s, char **name)
{
	const char *at;
	bool quoted;

	asm_skip_blanks(s);
	quoted = asm_accept(s, '"');
	at = s->p;
	while (s->p < s->end && (quoted ? *s->p != '"' : !asm_blank(*s->p)))
		s->p++;
	if (s->p == at)
		return asm_fail(s, at, "the name of a machine is expected here");
	*name = must(strndup(at, (size_t)(s->p - at)));
	if ((!quoted || asm_accept(s, '"')) && asm_at_end(s))
		return true;
	free(*name);
	*name = NULL;
	return asm_fail(s, s->p,
			quoted ? "the text does not end on this line"
			       : "one name of a machine is expected, no more");
}

/* The last part of a path, without ".isa"; its length. */
static int stem(const char **path)
{
	const char *slash = strrchr(*path, '/'), *dot;

	if (slash)
		*path = slash + 1;
	dot = strstr(*path, ".isa");
	return dot ? (int)(dot - *path) : (int)strlen(*path);
}

static bool same_machine(const struct isa *isa, const char *name)
{
	const char *path = isa->path ? isa->path : "";
	int length, path_length;

	if (!strcmp(name, isa->name))
		return true;
	length = stem(&name);
	path_length = stem(&path);
	return length == path_length && !strncmp(name, path, (size_t)length);
}

static bool machine_layout(struct scan *s, uint64_t *count)
{
	const struct isa *isa = s->as->isa;
	const char *at;
	char *name;

	*count = 0;
	asm_skip_blanks(s);
	at = s->p;
	if (!asm_machine_name(s, &name))
		return false;
	if (!same_machine(isa, name))
		diag_add(s->as->diags, DIAG_WARNING, asm_place(s, at),
			 "this is for the machine %s, but is assembled for %s", name, isa->name);
	free(name);
	return true;
}

/* CON.status: a variable of a device.  Its class knows which it has, the loader asks it. */
static bool names_device(const struct isa *isa, const char *name)
{
	size_t length = strcspn(name, ".");

	for (unsigned i = 0; i < isa->ndevices && name[length]; i++)
		if (strlen(isa->device[i].name) == length &&
		    !strncmp(isa->device[i].name, name, length))
			return true;
	return false;
}

static unsigned deposit_width(const struct isa *isa, const char *name, char *full, size_t size)
{
	unsigned width = asm_register_width(isa, name, full, size);

	if (width || !names_device(isa, name))
		return width;
	snprintf(full, size, "%s", name);
	return 64;
}

static bool add_deposit(struct scan *s, const char *at, const char *name)
{
	struct image *image = s->as->image;
	char full[ASM_TEXT];
	unsigned width = deposit_width(s->as->isa, name, full, sizeof(full));
	uint64_t value;

	if (!width)
		return asm_fail(s, at, "'%s' is not a register of %s", name, s->as->isa->name);
	if (!asm_accept(s, ','))
		return asm_fail(s, s->p, "',' and a value are expected here");
	if (!value_of_width(s, width, &value) || !asm_at_end(s))
		return false;
	image->deposit = xrealloc(image->deposit, (image->ndeposits + 1) * sizeof(*image->deposit));
	image->deposit[image->ndeposits++] =
		(struct deposit){ xstrdup(full), value, asm_place(s, at) };
	return true;
}

static bool deposit_fill(struct scan *s, uint64_t *unit, uint64_t count)
{
	const char *at;
	char *name;
	bool ok;

	(void)unit;
	(void)count;
	asm_skip_blanks(s);
	at = s->p;
	while (s->p < s->end && *s->p != ',' && !asm_blank(*s->p))
		s->p++;
	name = must(strndup(at, (size_t)(s->p - at)));
	ok = add_deposit(s, at, name);
	free(name);
	return ok;
}

/* ---- the table ---- */

static const struct directive directives[] = {
	{ "equ", equ_layout, equ_fill },       { "align", align_layout, NULL },
	{ "ascii", ascii_layout, ascii_fill }, { "asciz", asciz_layout, asciz_fill },
	{ "byte", byte_layout, byte_fill },    { "deposit", NULL, deposit_fill },
	{ "include", include_layout, NULL },   { "machine", machine_layout, NULL },
	{ "org", org_layout, NULL },	       { "space", space_layout, space_fill },
	{ "word", word_layout, word_fill },
};

const struct directive *const asm_equ = &directives[0];

const struct directive *asm_directive(const char *name, size_t length)
{
	for (size_t i = 0; i < sizeof(directives) / sizeof(*directives); i++)
		if (strlen(directives[i].name) == length &&
		    !strncasecmp(directives[i].name, name, length))
			return &directives[i];
	return NULL;
}

bool asm_directive_layout(const struct directive *d, struct scan *s, uint64_t *count)
{
	*count = 0;
	return !d->layout || d->layout(s, count);
}

bool asm_directive_fill(const struct directive *d, struct scan *s, uint64_t *unit, uint64_t count)
{
	return !d->fill || d->fill(s, unit, count);
}
