/*
 * Expressions at the prompt: C's operators and precedence on the machine's state.
 *
 *   123 0x7b 'c'       numbers
 *   G1 G[1] CON.status registers and devices' variables, as in the state table
 *   STATUS.IM          named fields of registers
 *   $G1 $pc            the same in gdb's manner; pc is the program counter, whatever its name
 *   fib                labels and constants of the guest; names of enumerations
 *   mem[a] *a phys[a]  a word of storage: at a virtual address, at a place
 */
#include "cli/repl/repl.h"

#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

enum { DEEPEST = 200 };

struct reader {
	const struct view *view;
	const struct guest *guest;
	const char *p;
	unsigned depth;
	bool failed;	      /* which has been said */
	struct compiled *into; /* NULL: only the value is wanted */
};

static uint64_t fail(struct reader *r, const char *what)
{
	if (!r->failed) {
		if (*r->p)
			say_error("%s at '%s'", what, r->p);
		else
			say_error("%s at the end", what);
	}
	r->failed = true;
	return 0;
}

static void skip_blanks(struct reader *r)
{
	while (isspace((unsigned char)*r->p))
		r->p++;
}

static bool take(struct reader *r, char c)
{
	skip_blanks(r);
	if (*r->p != c)
		return false;
	r->p++;
	return true;
}

static uint64_t binary(struct reader *, unsigned lowest);

/* Notes what the value is made of. */
static uint64_t noted(struct reader *r, enum piece_kind kind, uint64_t number, uint64_t value)
{
	if (r->into)
		compiled_add(r->into, (struct piece){ kind, number });
	return value;
}

/* ---- storage ---- */

unsigned units_of_word(const struct isa *isa)
{
	return isa->word > isa->unit ? isa->word / isa->unit : 1;
}

static bool is_big(const struct view *v)
{
	switch (v->isa->endian) {
	case ENDIAN_NONE:
	case ENDIAN_LITTLE: return false;
	case ENDIAN_BIG: return true;
	case ENDIAN_STATE: return view_eval(v, v->isa->big) != 0;
	}
	return false;
}

static bool read_unit(const struct view *v, uint64_t address, bool physical, uint64_t *value)
{
	struct view copy = *v;
	struct trap trap;
	uint64_t place = address;

	copy.stops = NULL;
	if (!physical && !view_translate(&copy, address, ACCESS_READ, &place, &trap)) {
		say_error("0x%" PRIx64 " cannot be reached: trap %s; phys[...] reads a place of "
			  "storage",
			  address, trap.kind->name);
		return false;
	}
	if (window_get(&v->window, place, value))
		return true;
	say_error("0x%" PRIx64 " is not within storage, which has 0x%" PRIx64 " units", place,
		  v->window.size);
	return false;
}

bool read_memory(const struct view *v, uint64_t address, unsigned units, bool physical,
		 uint64_t *value)
{
	unsigned bits = v->isa->unit;
	bool big = is_big(v);
	uint64_t unit;

	*value = 0;
	for (unsigned i = 0; i < units; i++) {
		if (!read_unit(v, (address + i) & isa_mask(v->isa->word), physical, &unit))
			return false;
		if (units == 1)
			*value = unit;
		else if (big)
			*value = *value << bits | unit;
		else
			*value |= unit << i * bits;
	}
	return true;
}

bool write_memory(struct view *v, uint64_t address, uint64_t value)
{
	unsigned n = units_of_word(v->isa);
	struct view copy = *v;
	uint64_t old;

	if (!read_memory(v, address, n, false, &old))
		return false;
	copy.stops = NULL;
	for (unsigned i = 0; i < n; i++) {
		unsigned unit = is_big(v) ? n - 1 - i : i;
		uint64_t place;
		struct trap trap;

		view_translate(&copy, (address + i) & isa_mask(v->isa->word), ACCESS_READ, &place,
			       &trap);
		window_put(&v->window, place, value >> unit * v->isa->unit & isa_mask(v->isa->unit));
	}
	return true;
}

static uint64_t word_at(struct reader *r, uint64_t address, bool physical)
{
	uint64_t value = 0;

	if (!r->failed &&
	    !read_memory(r->view, address, units_of_word(r->view->isa), physical, &value))
		r->failed = true;
	if (r->into)
		compiled_add_word(r->into, r->view->isa, physical);
	return value;
}

static uint64_t storage(struct reader *r, bool physical)
{
	uint64_t address;

	if (!take(r, '['))
		return fail(r, "'[' is missing");
	address = binary(r, 0);
	if (!r->failed && !take(r, ']'))
		return fail(r, "']' is missing");
	return word_at(r, address, physical);
}

/* ---- names ---- */

static bool entry_named(const struct view *v, const char *name, struct table_entry *entry)
{
	struct table *t = table_new(v->isa);
	int i = table_find(t, name);

	if (i >= 0)
		*entry = *table_entry(t, (unsigned)i);
	table_free(t);
	return i >= 0;
}

bool named_entry(const struct view *v, const char *text, struct table_entry *entry)
{
	char name[64];
	int n = 0;

	while (isspace((unsigned char)*text))
		text++;
	text += *text == '$';
	if (sscanf(text, "%63[][A-Za-z0-9_.] %n", name, &n) != 1 || text[n])
		return false;
	return entry_named(v, name, entry);
}

/* STATUS.IM */
static bool field_named(struct reader *r, const char *name, uint64_t *value)
{
	const struct view *v = r->view;
	const char *dot = strchr(name, '.');
	char reg[64];
	struct table_entry e;
	uint64_t mask;

	if (!dot || (size_t)(dot - name) >= sizeof(reg))
		return false;
	snprintf(reg, sizeof(reg), "%.*s", (int)(dot - name), name);
	if (!entry_named(v, reg, &e) || !e.reg)
		return false;
	for (unsigned i = 0; i < e.reg->nbits; i++) {
		const struct isa_bits *b = &e.reg->bits[i];

		if (strcmp(b->name, dot + 1) == 0) {
			mask = isa_mask(b->hi - b->lo + 1);
			noted(r, PIECE_SLOT, e.slot, 0);
			noted(r, PIECE_NUMBER, b->lo, 0);
			noted(r, PIECE_BINARY, SHR, 0);
			noted(r, PIECE_NUMBER, mask, 0);
			noted(r, PIECE_BINARY, BIT_AND, 0);
			*value = table_examine(v, &e) >> b->lo & mask;
			return true;
		}
	}
	return false;
}

static bool constant_named(const struct isa *isa, const char *name, uint64_t *value)
{
	for (unsigned i = 0; i < isa->nenums; i++)
		for (unsigned k = 0; k < isa->enums[i].nmembers; k++)
			if (strcmp(isa->enums[i].member[k].name, name) == 0) {
				*value = isa->enums[i].member[k].value;
				return true;
			}
	for (unsigned i = 0; i < isa->nconsts; i++)
		if (strcmp(isa->consts[i].name, name) == 0) {
			*value = isa->consts[i].value;
			return true;
		}
	return false;
}

/* G[expression] */
static uint64_t element(struct reader *r, const struct isa_reg *reg)
{
	uint64_t i;

	if (!take(r, '['))
		return fail(r, "'[' is missing");
	i = binary(r, 0);
	if (!r->failed && !take(r, ']'))
		return fail(r, "']' is missing");
	if (r->failed)
		return 0;
	if (i >= reg->count) {
		say_error("%s has elements 0 to %u", reg->name, reg->count - 1);
		r->failed = true;
		return 0;
	}
	return noted(r, PIECE_OTHER, 0, r->view->cpu->state[reg->slot + i]);
}

/* What is no register. */
static uint64_t variable(struct reader *r, const struct table_entry *e)
{
	uint64_t value = table_examine(r->view, e);

	if (!r->into || e->device < 0)
		return noted(r, strcmp(e->name, "time") ? PIECE_OTHER : PIECE_TIME, 0, value);
	compiled_add_device(r->into, r->view, (unsigned)e->device, e->slot);
	return value;
}

static uint64_t unknown(struct reader *r, const char *name)
{
	say_error("machine %s has no register '%s', nor the guest such a label", r->view->isa->name,
		  name);
	r->failed = true;
	return 0;
}

static uint64_t name(struct reader *r)
{
	const struct view *v = r->view;
	const struct isa_reg *reg;
	const struct symbol *s;
	struct table_entry e;
	unsigned index;
	char word[64];
	uint64_t value;
	int n = 0;

	r->p += *r->p == '$';
	if (sscanf(r->p, "%63[A-Za-z0-9_.$]%n", word, &n) != 1 || (size_t)n >= sizeof(word) - 1)
		return fail(r, "a number, a register or a label is missing");
	r->p += n;
	if (strcmp(word, "mem") == 0 || strcmp(word, "phys") == 0)
		return storage(r, *word == 'p');
	reg = isa_reg_named(v->isa, word);
	if (reg && reg->array)
		return element(r, reg);
	reg = isa_slot_named(v->isa, word, &index);
	if (reg)
		return noted(r, PIECE_SLOT, reg->slot + index, v->cpu->state[reg->slot + index]);
	if (entry_named(v, word, &e))
		return variable(r, &e);
	if (field_named(r, word, &value))
		return value;
	if (constant_named(v->isa, word, &value))
		return noted(r, PIECE_NUMBER, value, value);
	s = r->guest ? image_symbol(r->guest->image, word) : NULL;
	if (!s && strcmp(word, "pc") == 0) {
		index = v->isa->role[ROLE_PC]->slot;
		return noted(r, PIECE_SLOT, index, v->cpu->state[index]);
	}
	return s ? noted(r, PIECE_NUMBER, s->value, s->value) : unknown(r, word);
}

/* ---- numbers and operators ---- */

static uint64_t number(struct reader *r)
{
	int base = 10;
	char *end;
	uint64_t value;

	if (r->p[0] == '0' && (r->p[1] == 'x' || r->p[1] == 'X'))
		base = 16;
	if (r->p[0] == '0' && (r->p[1] == 'b' || r->p[1] == 'B'))
		base = 2;
	errno = 0;
	value = strtoull(r->p + (base == 2 ? 2 : 0), &end, base);
	if (errno == ERANGE)
		return fail(r, "this number has more than 64 bits");
	if (isalnum((unsigned char)*end) || *end == '_' || (base == 2 && end == r->p + 2))
		return fail(r, "this is no number");
	r->p = end;
	return noted(r, PIECE_NUMBER, value, value);
}

static uint64_t character(struct reader *r)
{
	static const char letters[] = "ntr0\\'", meant[] = "\n\t\r\0\\'";
	bool escaped = r->p[1] == '\\';
	const char *at = r->p + 1 + escaped;
	const char *letter = escaped && *at ? strchr(letters, *at) : NULL;
	uint64_t value;

	if (!*at || at[1] != '\'' || (escaped && !letter))
		return fail(r, "this is no character");
	value = (unsigned char)(letter ? meant[letter - letters] : *at);
	r->p = at + 2;
	return noted(r, PIECE_NUMBER, value, value);
}

static uint64_t primary(struct reader *r)
{
	uint64_t value;

	skip_blanks(r);
	if (isdigit((unsigned char)*r->p))
		return number(r);
	if (*r->p == '\'')
		return character(r);
	if (!take(r, '('))
		return name(r);
	value = binary(r, 0);
	if (!r->failed && !take(r, ')'))
		return fail(r, "')' is missing");
	return value;
}

static uint64_t unary(struct reader *r)
{
	uint64_t value = 0;

	if (r->failed || ++r->depth > DEEPEST)
		return fail(r, "this is nested too deeply");
	skip_blanks(r);
	if (*r->p && strchr("-~!", *r->p)) {
		char sign = *r->p++;

		value = unary(r);
		value = noted(r, PIECE_UNARY, (uint64_t)sign,
			      expression_unary(r->view->isa, sign, value));
	} else if (*r->p == '*') {
		r->p++;
		value = word_at(r, unary(r), false);
	} else {
		value = primary(r);
	}
	r->depth--;
	return value;
}

/* The longest come first. */
static const struct operator
{
	const char *text;
	unsigned level;
	enum operation operation;
}
operators[] = {
	{ "||", 1, OR },    { "&&", 2, AND },	 { "==", 6, EQ },     { "!=", 6, NE },
	{ "<=", 7, LE },    { ">=", 7, GE },	 { "<<", 8, SHL },    { ">>", 8, SHR },
	{ "|", 3, BIT_OR }, { "^", 4, BIT_XOR }, { "&", 5, BIT_AND }, { "<", 7, LT },
	{ ">", 7, GT },	    { "+", 9, ADD },	 { "-", 9, SUB },     { "*", 10, MUL },
	{ "/", 10, DIV },   { "%", 10, MOD },
};

static const struct operator* operator_at(const char *p)
{
	for (unsigned i = 0; i < sizeof(operators) / sizeof(*operators); i++)
		if (strncmp(p, operators[i].text, strlen(operators[i].text)) == 0)
			return &operators[i];
	return NULL;
}

static uint64_t apply(struct reader *r, enum operation operation, uint64_t a, uint64_t b)
{
	uint64_t value = 0;

	if (!expression_binary(r->view->isa, operation, a, b, &value))
		return fail(r, "division by 0");
	return noted(r, PIECE_BINARY, operation, value);
}

static uint64_t binary(struct reader *r, unsigned lowest)
{
	uint64_t value = unary(r);
	const struct operator* o;

	for (skip_blanks(r); !r->failed && (o = operator_at(r->p)) && o->level > lowest;
	     skip_blanks(r)) {
		r->p += strlen(o->text);
		value = apply(r, o->operation, value, binary(r, o->level));
	}
	return value;
}

bool evaluate(const struct view *v, const struct guest *g, const char *text, const char **end,
	      uint64_t *value)
{
	struct reader r = { .view = v, .guest = g, .p = text };

	*value = binary(&r, 0);
	if (!r.failed && !end && !at_end(r.p))
		r.failed = true;
	if (end)
		*end = r.p;
	return !r.failed;
}

bool evaluate_count(const struct session *s, const char *text, uint64_t *n)
{
	if (!evaluate(view_of(s), guest_of(s), text, NULL, n))
		return false;
	if (*text == '-' && *n)
		say_error("'%s' is less than 0", text);
	return *text != '-' || !*n;
}

struct compiled *compile(const struct view *v, const struct guest *g, const char *text)
{
	struct compiled *c = compiled_new();
	struct reader r = { .view = v, .guest = g, .p = text, .into = c };

	binary(&r, 0);
	if (!r.failed && compiled_complete(c))
		return c;
	compiled_free(c);
	return NULL;
}
