/*
 * Which words of an instruction are the bad ones, told by their fields.  Each field is
 * asked about by itself, of all words: with which of its values is there a bad one?
 */
#include "proofs/classify_private.h"
#include "proofs/guard.h"

enum { NARROW = 4, FEW = 5, MAX_KNOWN = 64 }; /* bits; words remembered */

struct trial {
	struct classifier *c;
	const struct classification *k;
	unsigned nknown;
	uint64_t known[MAX_KNOWN]; /* bad words */
};

static const struct term *field_term(struct classifier *c, const struct isa_field *f)
{
	return term_slice(TS, sym_word(SYM, "$word"), f->lo + f->width - 1, f->lo);
}

static const struct term *holds(struct classifier *c, const struct isa_field *f, uint64_t value)
{
	return term_eq(TS, field_term(c, f), term_const(TS, f->width, value));
}

/* Is there a bad word within the term? */
static enum answer bad_word(struct trial *t, const struct term *within)
{
	struct classifier *c = t->c;
	enum answer a;

	c->within = within;
	a = bad_question(c, t->k);
	c->within = NULL;
	if (a == ANSWER_YES && t->nknown < MAX_KNOWN)
		t->known[t->nknown++] = smt_value(c->smt, sym_word(SYM, "$word"));
	return a;
}

static bool is_known(const struct trial *t, const struct isa_field *f, uint64_t value)
{
	for (unsigned i = 0; i < t->nknown; i++)
		if (isa_field_of(f, t->known[i]) == value)
			return true;
	return false;
}

static enum answer bad_with(struct trial *t, const struct isa_field *f, uint64_t value)
{
	return is_known(t, f, value) ? ANSWER_YES : bad_word(t, holds(t->c, f, value));
}

/* Bits of the field that make no other instruction, and mean something. */
static bool is_free(const struct isa_instr *instr, const struct isa_field *f)
{
	uint64_t bits = isa_mask(f->width) << f->lo;

	return !f->fixed && (bits & ~instr->mask & ~instr->ignored);
}

static struct field_guilt narrow_field(struct trial *t, const struct isa_field *f)
{
	struct field_guilt g = { .field = f };

	for (uint64_t v = 0; v <= isa_mask(f->width); v++) {
		uint64_t fixed = t->k->instr->mask & (isa_mask(f->width) << f->lo);
		if (((v << f->lo) & fixed) != (t->k->instr->match & fixed))
			continue; /* another instruction's */
		enum answer a = bad_with(t, f, v);
		if (a == ANSWER_UNKNOWN)
			return (struct field_guilt){ .field = f, .rule = FIELD_UNKNOWN };
		*(a == ANSWER_YES ? &g.values : &g.others) |= UINT64_C(1) << v;
	}
	g.rule = g.others ? FIELD_ONE_OF : FIELD_ANY;
	return g;
}

static struct field_guilt wide_field(struct trial *t, const struct isa_field *f)
{
	uint64_t one = isa_field_of(f, t->known[0]);
	enum answer other = bad_word(t, term_not(t->c->sym.terms, holds(t->c, f, one)));
	enum answer zero = other == ANSWER_YES ? bad_with(t, f, 0) : ANSWER_YES;
	struct field_guilt g = { .field = f, .match = one, .rule = FIELD_ANY };

	if (other == ANSWER_UNKNOWN || zero == ANSWER_UNKNOWN)
		g.rule = FIELD_UNKNOWN;
	else if (other == ANSWER_NO)
		g.rule = FIELD_VALUE;
	else if (zero == ANSWER_NO)
		g.rule = FIELD_NOT_ZERO;
	return g;
}

/* ---- every word ---- */

/* The n-th word of the instruction, of those that differ in bits that mean something. */
static uint64_t spread(const struct isa_instr *instr, uint64_t bits, unsigned n)
{
	uint64_t word = instr->match;

	for (unsigned i = 0; i < 64; i++)
		if (bits >> i & 1) {
			word |= (uint64_t)(n & 1) << i;
			n >>= 1;
		}
	return word;
}

static bool every_word(struct trial *t)
{
	const struct isa_instr *instr = t->k->instr;
	struct classifier *c = t->c;
	const struct term *word = sym_word(SYM, "$word");
	uint64_t bits = isa_mask(word->width) & ~instr->mask & ~instr->ignored;
	int nbits = __builtin_popcountll(bits);

	for (unsigned n = 0; nbits <= FEW && n < 1u << nbits; n++)
		if (bad_word(t, term_eq(TS, word,
					term_const(TS, word->width, spread(instr, bits, n)))) !=
		    ANSWER_YES)
			return false;
	return nbits <= FEW;
}

struct guilt guilt_of(struct classifier *c, const struct classification *k)
{
	struct trial t = { .c = c, .k = k, .nknown = 1, .known = { k->word } };
	struct guilt g = { .every = every_word(&t) };
	const struct isa_format *format = k->instr->format;

	for (unsigned i = 0; !g.every && i < format->nfields && g.n < MAX_GUILTY_FIELDS; i++) {
		const struct isa_field *f = &format->field[i];
		if (is_free(k->instr, f))
			g.of[g.n++] = f->width <= NARROW ? narrow_field(&t, f) : wide_field(&t, f);
	}
	return g;
}
