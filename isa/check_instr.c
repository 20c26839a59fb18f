/* Formats, encodings, syntax strings, instructions. */
#include "isa/check.h"

#include <inttypes.h>
#include <string.h>

/* ---- formats ---- */

static const struct isa_field *find_field(const struct isa_format *format, const char *name)
{
	for (unsigned i = 0; i < format->nfields; i++)
		if (!strcmp(format->field[i].name, name))
			return &format->field[i];
	return NULL;
}

static void check_format_field(struct checker *c, const struct ast_entry *e,
			       struct isa_field *field)
{
	uint64_t value = 0;
	field->name = e->name;
	field->doc = e->doc;
	field->width = check_type(c, e->type, NULL);
	if (!field->width)
		field->width = 1;
	if (e->value &&
	    check_number(c, e->value, 0, isa_mask(field->width), "a field's value", &value)) {
		field->fixed = true;
		field->value = value;
	}
}

void check_format(struct checker *c, const struct ast_item *item, struct isa_format *format)
{
	unsigned n = 0, lo = 0;
	for (const struct ast_entry *e = item->entries; e; e = e->next)
		n++;
	struct isa_field *field = take(c, (n + 1) * sizeof *field);
	*format = (struct isa_format){ item->name, item->doc, item->place, 0, field };
	for (const struct ast_entry *e = item->entries; e; e = e->next) {
		if (find_field(format, e->name))
			complain(c, e->place, "field %s stands twice in format %s", e->name,
				 item->name);
		check_format_field(c, e, &field[format->nfields++]);
	}
	for (unsigned i = n; i-- > 0; lo += field[i].width)
		field[i].lo = lo < 64 ? lo : 63; /* past 64 bits an error follows */
	if (lo == 0 || lo > 64 || lo % c->isa->unit)
		complain(c, item->place,
			 "format %s is %u bits wide: a multiple of %u, 64 at most, is needed",
			 item->name, lo, c->isa->unit);
	else if (c->isa->length && c->isa->length != lo / c->isa->unit)
		complain(c, item->place,
			 "format %s is %u bits wide, the others %u: all must be equal", item->name,
			 lo, c->isa->length * c->isa->unit);
	else
		c->isa->length = lo / c->isa->unit;
}

/* ---- encodings ---- */

static void fix_field(struct isa_instr *instr, const struct isa_field *field, uint64_t value)
{
	uint64_t mask = isa_mask(field->width) << field->lo;
	instr->mask |= mask;
	instr->match = (instr->match & ~mask) | value << field->lo;
}

static void check_fixed(struct checker *c, const struct ast_item *item, struct isa_instr *instr)
{
	const struct isa_format *format = instr->format;
	for (unsigned i = 0; i < format->nfields; i++)
		if (format->field[i].fixed)
			fix_field(instr, &format->field[i], format->field[i].value);
	for (const struct ast_entry *e = item->entries; e; e = e->next) {
		const struct isa_field *field = find_field(format, e->name);
		uint64_t value;
		if (!field)
			complain(c, e->place, "format %s has no field %s", format->name, e->name);
		else if (check_number(c, e->value, 0, isa_mask(field->width), "this field's value",
				      &value))
			fix_field(instr, field, value);
	}
}

static bool is_fixed(const struct isa_instr *instr, const struct isa_field *field)
{
	return instr->mask >> field->lo & 1;
}

void check_encodings(struct checker *c)
{
	const struct isa *isa = c->isa;
	for (unsigned i = 0; i < isa->ninstrs; i++)
		for (unsigned j = 0; j < i; j++) {
			const struct isa_instr *a = &isa->instr[j], *b = &isa->instr[i];
			uint64_t both = a->mask & b->mask;
			if ((a->match ^ b->match) & both)
				continue;
			if ((a->mask & ~b->mask) == 0)
				complain(c, b->place,
					 "%s is unreachable: every word of it is %s already",
					 b->name, a->name);
			else
				complain(c, b->place,
					 "the encodings of %s and %s overlap: both take 0x%" PRIx64,
					 a->name, b->name, a->match | b->match);
		}
}

/* ---- which fields the code reads, and as registers of which array ---- */

struct usage {
	const struct isa_format *format;
	bool *read;
	const struct isa_reg **file; /* the array that a field indexes */
	bool *ambiguous;	     /* it indexes several */
};

static void note_usage(const struct expr *x, void *context)
{
	struct usage *u = context;
	if (x->op == X_FIELD)
		u->read[x->index] = true;
	if (x->op != X_ELEM)
		return;
	const struct expr *index = x->arg[0];
	while (index->op == X_ZEXT)
		index = index->arg[0];
	if (index->op != X_FIELD)
		return;
	if (u->file[index->index] && u->file[index->index] != x->reg)
		u->ambiguous[index->index] = true;
	u->file[index->index] = x->reg;
}

static void note_targets(const struct stmt *s, struct usage *u)
{
	for (; s; s = s->next) {
		if (s->op == S_SETELEM) {
			struct expr x = { .op = X_ELEM, .reg = s->reg, .arg = { s->address } };
			note_usage(&x, u);
		}
		note_targets(s->body, u);
		note_targets(s->otherwise, u);
	}
}

static struct usage find_usage(struct checker *c, const struct isa_instr *instr)
{
	unsigned n = instr->format->nfields + 1;
	struct usage u = { instr->format, take(c, n), take(c, n * sizeof *u.file), take(c, n) };
	code_each_expr(&instr->code, note_usage, &u);
	note_targets(instr->code.body, &u);
	for (unsigned i = 0; i < instr->format->nfields; i++)
		if (u.ambiguous[i])
			u.file[i] = NULL;
	return u;
}

/* ---- syntax strings ---- */

struct syntax_builder {
	struct checker *c;
	struct isa_instr *instr;
	const struct usage *usage;
	struct place place;
	struct isa_syntax *piece;
	bool *shown;
};

static const char *copy_text(struct checker *c, const char *from, size_t length)
{
	char *text = take(c, length + 1);
	memcpy(text, from, length);
	return text;
}

static bool read_count(const char *s, unsigned *value)
{
	char *end;
	unsigned long v = strtoul(s, &end, 0);
	*value = (unsigned)v;
	return *s >= '0' && *s <= '9' && !*end && v < 64;
}

/* One modifier of {field:modifier,...}. */
static void modify(struct syntax_builder *b, struct isa_syntax *s, const char *word)
{
	const struct isa_reg *reg = isa_reg_named(b->c->isa, word);
	if (!strcmp(word, "s"))
		s->is_signed = true;
	else if (!strcmp(word, "x"))
		s->hex = true;
	else if (!strcmp(word, "pc"))
		s->relative = true;
	else if (!strncmp(word, "pc+", 3) && read_count(word + 3, &s->relative_to))
		s->relative = true;
	else if (!strncmp(word, "<<", 2) && read_count(word + 2, &s->shift))
		;
	else if (reg && reg->array)
		s->file = reg;
	else
		complain(b->c, b->place,
			 "'%s' is no modifier of an operand: s, x, pc, pc+N, <<N or a register "
			 "array",
			 word);
}

static void modify_all(struct syntax_builder *b, struct isa_syntax *s, char *words)
{
	char *save;
	for (char *word = strtok_r(words, ", :", &save); word; word = strtok_r(NULL, ", :", &save))
		modify(b, s, word);
	if (s->relative && s->file)
		complain(b->c, b->place, "a register is not relative to P");
}

/* Shows a field, and puts its index into *i. */
static bool show_field(struct syntax_builder *b, const char *name, unsigned *i)
{
	const struct isa_format *format = b->instr->format;
	const struct isa_field *field = find_field(format, name);
	if (!field) {
		complain(b->c, b->place, "format %s has no field %s to show", format->name, name);
		return false;
	}
	*i = (unsigned)(field - format->field);
	if (is_fixed(b->instr, field) || b->shown[*i])
		complain(b->c, b->place, "field %s is %s", name,
			 b->shown[*i] ? "shown twice"
				      : "fixed by the encoding: it cannot be an operand");
	b->shown[*i] = true;
	return true;
}

/* {field,field:modifier}: the fields that make up an operand, its highest bits first. */
static void add_operand(struct syntax_builder *b, const char *from, size_t length)
{
	char *names = (char *)copy_text(b->c, from, length), *colon = strchr(names, ':'), *save;
	if (colon)
		*colon++ = 0;
	unsigned *field = take(b->c, (length + 1) * sizeof *field), n = 0;
	char *name = strtok_r(names, ", ", &save);
	if (!name)
		complain(b->c, b->place, "an operand of the syntax string names no field");
	for (; name; name = strtok_r(NULL, ", ", &save))
		n += show_field(b, name, &field[n]);
	if (!n)
		return;
	const struct isa_reg *file = n == 1 ? b->usage->file[field[0]] : NULL;
	struct isa_syntax *s = &b->piece[b->instr->nsyntax++];
	*s = (struct isa_syntax){ .nfields = n, .field = field, .file = file };
	if (colon)
		modify_all(b, s, colon);
	if (s->is_signed || s->hex || s->relative || s->shift)
		if (s->file == file)
			s->file = NULL;
}

static void add_text(struct syntax_builder *b, const char *from, size_t length)
{
	if (length)
		b->piece[b->instr->nsyntax++] =
			(struct isa_syntax){ .text = copy_text(b->c, from, length) };
}

static void parse_syntax(struct syntax_builder *b, const char *s)
{
	b->piece = take(b->c, (2 * strlen(s) + 4) * sizeof *b->piece);
	b->instr->syntax = b->piece;
	while (*s) {
		size_t text = strcspn(s, "{");
		add_text(b, s, text);
		s += text;
		if (!*s)
			break;
		size_t operand = strcspn(s, "}");
		if (!s[operand]) {
			complain(b->c, b->place, "'{' without '}' in the syntax string");
			return;
		}
		add_operand(b, s + 1, operand - 1);
		s += operand + 1;
	}
	if (!b->instr->nsyntax || !b->piece[0].text || b->piece[0].text[0] == ' ')
		complain(b->c, b->place, "a syntax string begins with the mnemonic");
}

static void grow(struct obstack *o, const char *text)
{
	obstack_grow(o, text, strlen(text));
}

/* Without a syntax string: the name, then every field that the body reads. */
static const char *default_syntax(struct checker *c, const struct isa_instr *instr,
				  const struct usage *u)
{
	const char *separator = " {";
	grow(c->arena, instr->name);
	for (unsigned i = 0; i < instr->format->nfields; i++) {
		const struct isa_field *field = &instr->format->field[i];
		if (is_fixed(instr, field) || !u->read[i])
			continue;
		grow(c->arena, separator);
		grow(c->arena, field->name);
		grow(c->arena, "}");
		separator = ", {";
	}
	obstack_1grow(c->arena, 0);
	return obstack_finish(c->arena);
}

static void check_syntax(struct checker *c, const struct ast_item *item, struct isa_instr *instr)
{
	struct usage u = find_usage(c, instr);
	struct syntax_builder b = { .c = c, .instr = instr, .usage = &u };
	b.place = item->syntax ? item->syntax_place : item->place;
	b.shown = take(c, instr->format->nfields + 1);
	parse_syntax(&b, item->syntax ? item->syntax : default_syntax(c, instr, &u));
	for (unsigned i = 0; i < instr->format->nfields; i++) {
		const struct isa_field *field = &instr->format->field[i];
		if (is_fixed(instr, field) || b.shown[i])
			continue;
		if (u.read[i])
			complain(c, b.place,
				 "field %s is read by %s, but the syntax string does not show it",
				 field->name, instr->name);
		instr->ignored |= isa_mask(field->width) << field->lo;
	}
}

/* ---- instructions ---- */

void check_instr(struct checker *c, const struct ast_item *item, struct isa_instr *instr)
{
	static const struct context context = { "an instruction",
						MAY_TRAP | MAY_READ_STORAGE | MAY_WRITE_STORAGE |
							MAY_SET | MAY_DEVICE | MAY_PRIVILEGED |
							MAY_MEM | MAY_LINE,
						PHASE_NULLIFY, false };
	struct coder k;
	struct stmt *head;
	unsigned index = instr->index;
	*instr = (struct isa_instr){ .name = item->name,
				     .doc = item->doc,
				     .place = item->place,
				     .index = index,
				     .physical = item->physical };
	instr->format = isa_format_named(c->isa, item->other);
	if (!instr->format) {
		static const struct isa_format none = { .name = "?" };
		complain(c, item->other_place, "there is no format '%s'", item->other);
		instr->format = &none;
		instr->mask = UINT64_MAX;
		instr->match = index;
		return;
	}
	check_fixed(c, item, instr);
	coder_init(&k, c, &context, &head);
	k.format = instr->format;
	k.deferred_pc = !c->isa->advance;
	check_advance(&k);
	struct stmt **own = k.tail;
	check_stmts(&k, item->body);
	instr->code = coder_finish(&k, item->body_place, 0, head, 0);
	check_syntax(c, item, instr);
	check_facts(c, instr, *own);
}
