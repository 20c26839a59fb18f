/*
 * Words by chance.  A field's values are drawn so that what is likely to matter is likely to be
 * drawn: hints, numbers of registers, and the numbers that the instruction's definition names,
 * such as the addresses of registers in storage.
 */
#include "cli/draft.h"

#include "isa/alloc.h"

enum {
	LITERALS = 64, /* of an instruction */
	NARROW = 6,    /* bits of a field that may name a register */
};

struct literals {
	unsigned n;
	uint64_t value[LITERALS];
};

struct lexicon {
	struct literals *of; /* by instruction's index; owned */
};

static void add_literal(struct literals *l, uint64_t value)
{
	for (unsigned i = 0; i < l->n; i++)
		if (l->value[i] == value)
			return;
	if (value > 1 && l->n < LITERALS)
		l->value[l->n++] = value;
}

static void add_expr(struct literals *l, const struct expr *e)
{
	if (!e)
		return;
	if (e->op == X_CONST)
		add_literal(l, e->value);
	for (unsigned i = 0; i < expr_op_arity(e->op); i++)
		add_expr(l, e->arg[i]);
}

static void add_stmts(struct literals *l, const struct stmt *s)
{
	for (; s; s = s->next) {
		add_expr(l, s->address);
		add_expr(l, s->value);
		add_stmts(l, s->body);
		add_stmts(l, s->otherwise);
	}
}

struct lexicon *lexicon_new(const struct isa *isa)
{
	struct lexicon *l = xcalloc(1, sizeof(*l));

	l->of = xcalloc(isa->ninstrs, sizeof(*l->of));
	for (unsigned i = 0; i < isa->ninstrs; i++)
		add_stmts(&l->of[i], isa->instr[i].code.body);
	return l;
}

void lexicon_free(struct lexicon *l)
{
	if (l)
		free(l->of);
	free(l);
}

void draft_hint(struct draft *d, uint64_t value)
{
	if (d->nhints < DRAFT_HINTS)
		d->hint[d->nhints++] = value;
}

void draft_index(struct draft *d, unsigned slot)
{
	const struct isa_reg *r = isa_slot_reg(d->isa, slot);

	if (r->array && d->nindices < DRAFT_INDICES)
		d->index[d->nindices++] = slot - r->slot;
}

uint64_t draft_random(struct draft *d, uint64_t n)
{
	d->random ^= d->random << 13;
	d->random ^= d->random >> 7;
	d->random ^= d->random << 17;
	return (d->random >> 11) % n;
}

const struct isa_instr *draft_instr(struct draft *d)
{
	return &d->isa->instr[draft_random(d, d->isa->ninstrs)];
}

static uint64_t narrow_value(struct draft *d, unsigned width)
{
	if (d->nindices && draft_random(d, 2))
		return d->index[draft_random(d, d->nindices)];
	return draft_random(d, UINT64_C(1) << width);
}

static uint64_t wide_value(struct draft *d, const struct literals *l, unsigned width)
{
	unsigned bits = 1 + (unsigned)draft_random(d, width < 48 ? width : 48);

	switch (draft_random(d, 12)) {
	case 0: return 0;
	case 1: return draft_random(d, 16);
	case 2: return draft_random(d, UINT64_C(1) << bits);
	case 3: return draft_random(d, 256) * d->isa->length;
	case 4: return -draft_random(d, 64);
	case 5: return UINT64_C(1) << (bits - 1);
	case 6:
	case 7:
		if (l->n)
			return l->value[draft_random(d, l->n)];
		break;
	default: break;
	}
	return d->nhints ? d->hint[draft_random(d, d->nhints)] : draft_random(d, 64);
}

uint64_t draft_word(struct draft *d, const struct isa_instr *instr)
{
	const struct literals *l = &d->lexicon->of[instr->index];
	uint64_t value[64] = { 0 };

	for (unsigned i = 0; i < instr->format->nfields && i < 64; i++) {
		unsigned width = instr->format->field[i].width;

		if (!isa_field_fixed(instr, i))
			value[i] = (width > NARROW ? wide_value(d, l, width)
						   : narrow_value(d, width)) &
				   isa_mask(width);
	}
	return isa_encode(instr, value);
}
