/*
 * Instructions as written against the syntax strings of the description.  Those
 * with the same mnemonic are tried in order; if none fits, the error of the one
 * that came furthest is told.
 */
#include "isa/asm_private.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

enum { MOST_TRIES = 10000 }; /* ways to divide a line into operands */

/* Of errors at the same place the weightier is told: it knows more of what was meant. */
enum weight { W_NONE, W_FORM, W_EXPRESSION, W_RANGE };

struct match {
	struct scan *scan;
	const struct isa_instr *instr;
	uint64_t value[64]; /* of the format's fields */
	unsigned tries;
	struct scan best;   /* the error so far */
	enum weight weight; /* its weight */
};

/* Remembers the scan's error if it is the best. */
static bool failed(struct match *m, enum weight weight)
{
	const char *at = m->scan->error_at;

	if (m->weight == W_NONE || at > m->best.error_at ||
	    (at == m->best.error_at && weight > m->weight)) {
		m->best = *m->scan;
		m->weight = weight;
	}
	return false;
}

/* How an instruction is written, "LD {rd}, {imm}({rs})"; returns buffer. */
static char *form(const struct isa_instr *instr, char *buffer, size_t size)
{
	size_t n = 0;

	for (unsigned i = 0; i < instr->nsyntax && n < size; i++) {
		const struct isa_syntax *piece = &instr->syntax[i];
		const char *field = instr->format->field[piece->text ? 0 : piece->field[0]].name;

		n += (size_t)snprintf(buffer + n, size - n, piece->text ? "%s" : "{%s}",
				      piece->text ? piece->text : field);
	}
	return buffer;
}

static bool expected(struct match *m, char c)
{
	char text[ASM_TEXT / 2];

	asm_fail(m->scan, m->scan->p, "'%c' is expected here: %s", c,
		 form(m->instr, text, sizeof(text)));
	return failed(m, W_FORM);
}

/* Literal text, blanks apart. */
static bool literal(struct match *m, const char *text)
{
	struct scan *s = m->scan;

	for (; *text; text++) {
		if (asm_blank(*text))
			continue;
		asm_skip_blanks(s);
		if (s->p == s->end ||
		    tolower((unsigned char)*s->p) != tolower((unsigned char)*text))
			return expected(m, *text);
		s->p++;
	}
	return true;
}

/* Takes an operand's value, which stands at `at`. */
static bool take(struct match *m, const struct isa_syntax *piece, asm_number v, const char *at)
{
	struct scan *s = m->scan;
	char reason[ASM_TEXT];
	uint64_t value;

	if (asm_to_field(s->as->isa, m->instr, piece, v, s->here, &value, reason)) {
		isa_operand_split(m->instr, piece, value, m->value);
		return true;
	}
	asm_fail(s, at, "%s", reason);
	return failed(m, W_RANGE);
}

static bool register_number(struct scan *s, asm_number *number)
{
	uint64_t n = 0;
	const char *p = s->p;

	if (asm_accept(s, '['))
		return asm_expression(s, number) &&
		       (asm_accept(s, ']') || asm_fail(s, s->p, "']' is missing here"));
	for (; p < s->end && isdigit((unsigned char)*p) && n < 1000000; p++)
		n = 10 * n + (unsigned)(*p - '0');
	if (p == s->p || (p < s->end && asm_name_part(*p)))
		return false;
	s->p = p;
	*number = n;
	return true;
}

/* Is this how people write a slot of the state: G3, g3, g[3]? */
static bool is_slot_name(const struct isa *isa, unsigned slot, const char *name)
{
	const struct isa_reg *reg = isa_slot_reg(isa, slot);
	char full[ASM_TEXT];

	if (!strcasecmp(isa_slot_name(isa, slot, full, sizeof(full)), name))
		return true;
	snprintf(full, sizeof(full), "%s[%u]", reg->name, slot - reg->slot);
	return reg->array && !strcasecmp(full, name);
}

unsigned asm_register_width(const struct isa *isa, const char *name, char *full, size_t size)
{
	unsigned element;
	const struct isa_reg *reg = isa_slot_named(isa, name, &element);
	unsigned slot = reg ? reg->slot + element : 0;

	while (!reg && slot < isa->nslots && !is_slot_name(isa, slot, name))
		slot++;
	if (slot == isa->nslots)
		return 0;
	isa_slot_name(isa, slot, full, size);
	return isa_slot_reg(isa, slot)->width;
}

/* G3 or G[3]. */
static bool register_operand(struct match *m, const struct isa_syntax *piece)
{
	struct scan *s = m->scan;
	size_t length = strlen(piece->file->name);
	const char *at;
	asm_number number;

	asm_skip_blanks(s);
	at = s->p;
	s->error[0] = '\0';
	if ((size_t)(s->end - s->p) > length && !strncasecmp(s->p, piece->file->name, length)) {
		s->p += length;
		if (register_number(s, &number))
			return take(m, piece, number, at);
	}
	if (s->error[0])
		return failed(m, W_EXPRESSION);
	asm_fail(s, at, "a register is expected here, as %s0: the operand '%s' of %s",
		 piece->file->name, m->instr->format->field[piece->field[0]].name, m->instr->name);
	return failed(m, W_FORM);
}

static bool expression_operand(struct match *m, const struct isa_syntax *piece)
{
	struct scan *s = m->scan;
	asm_number v;
	const char *at;

	asm_skip_blanks(s);
	at = s->p;
	s->depth = 0;
	if (!asm_expression(s, &v))
		return failed(m, W_EXPRESSION);
	return take(m, piece, v, at);
}

static bool pieces(struct match *m, unsigned i);

/*
 * An expression that is followed by text which could also continue it, as in "{a}+{b}":
 * each place where the text stands is tried as its end.
 */
static bool shorter_expression(struct match *m, unsigned i, const char *from)
{
	struct scan *s = m->scan;
	const struct isa_syntax *piece = &m->instr->syntax[i];
	const char *text = i + 1 < m->instr->nsyntax ? piece[1].text : NULL, *end = s->end;

	while (text && asm_blank(*text))
		text++;
	if (!text || !*text || !strchr("+-*/%<>&^|", *text))
		return false;
	for (const char *q = from; q < end && m->tries < MOST_TRIES; q++) {
		bool ok;

		if (*q != *text)
			continue;
		m->tries++;
		s->p = from;
		s->end = q;
		ok = expression_operand(m, piece) && asm_at_end(s);
		s->end = end;
		if (ok && pieces(m, i + 1))
			return true;
	}
	return false;
}

/* The pieces of the syntax from the i-th on. */
static bool pieces(struct match *m, unsigned i)
{
	const struct isa_syntax *piece = &m->instr->syntax[i];
	const char *from = m->scan->p;

	if (i == m->instr->nsyntax)
		return asm_at_end(m->scan) || failed(m, W_FORM);
	if (piece->text)
		return literal(m, piece->text) && pieces(m, i + 1);
	if (piece->file)
		return register_operand(m, piece) && pieces(m, i + 1);
	if (expression_operand(m, piece) && pieces(m, i + 1))
		return true;
	return shorter_expression(m, i, from);
}

/* Does the statement begin with this mnemonic? */
static bool has_mnemonic(const struct scan *s, const struct isa_instr *instr)
{
	const char *text = instr->syntax[0].text;
	size_t length = strcspn(text, " \t"), left = (size_t)(s->end - s->p);

	return length <= left && !strncasecmp(s->p, text, length) &&
	       (length == left || !asm_name_part(s->p[length]) || !asm_name_part(text[length - 1]));
}

static bool unknown(struct scan *s)
{
	const char *q = s->p;

	while (q < s->end && !asm_blank(*q))
		q++;
	return asm_fail(s, s->p, "'%.*s' is not an instruction of %s",
			q - s->p > 40 ? 40 : (int)(q - s->p), s->p, s->as->isa->name);
}

bool asm_instruction(struct scan *s, uint64_t *word)
{
	const struct isa *isa = s->as->isa;
	struct match m = { .scan = s };
	const char *from = s->p;

	for (unsigned i = 0; i < isa->ninstrs; i++) {
		m.instr = &isa->instr[i];
		if (!has_mnemonic(s, m.instr))
			continue;
		memset(m.value, 0, sizeof(m.value)); /* what is not shown is 0 */
		if (pieces(&m, 0)) {
			*word = isa_encode(m.instr, m.value);
			return true;
		}
		s->p = from;
	}
	if (m.weight == W_NONE)
		return unknown(s);
	*s = m.best;
	return false;
}
