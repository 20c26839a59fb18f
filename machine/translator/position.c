/*
 * Positions: P and, where instructions move P themselves, the registers that P is moved
 * from, one above the other in 64 bits.  With delay slots a place is run in as many ways as
 * there are places to go on at, and each is an entry of its own.
 */
#include "machine/translator/private.h"

/* The scalar register that the code copies into another first of all; NULL: none. */
static const struct isa_reg *copied_into(const struct isa *isa, const struct stmt *s,
					 const struct isa_reg *into)
{
	for (; s; s = s->next) {
		const struct isa_reg *to = s->op == S_NEXT  ? isa->role[ROLE_PC]
					   : s->op == S_SET ? s->reg
							    : NULL;

		if (to == into)
			return s->value->op == X_REG ? s->value->reg : NULL;
	}
	return NULL;
}

static bool add_part(struct translator *t, const struct isa_reg *r)
{
	unsigned shift = 0;

	for (unsigned i = 0; i < t->nposition_parts; i++)
		shift += t->part_of_position[i].width;
	if (t->nposition_parts == POSITION_PARTS || position_part(t, r->slot) >= 0 ||
	    shift + r->width > 64)
		return false;
	t->part_of_position[t->nposition_parts++] =
		(struct position_part){ r->slot, r->width, shift };
	return true;
}

void position_init(struct translator *t)
{
	const struct isa *isa = t->isa;
	const struct isa_reg *r = isa->role[ROLE_PC];

	while (r && add_part(t, r) && isa->advance && isa->ninstrs)
		r = copied_into(isa, isa->instr[0].code.body, r);
}

uint64_t position_joined(const struct translator *t, const uint64_t *state)
{
	uint64_t position = 0;

	for (unsigned i = 0; i < t->nposition_parts; i++)
		position |= state[t->part_of_position[i].slot] << t->part_of_position[i].shift;
	return position;
}

uint64_t position_value(const struct translator *t, uint64_t position, unsigned part)
{
	const struct position_part *q = &t->part_of_position[part];

	return position >> q->shift & isa_mask(q->width);
}

uint64_t position_next(const struct translator *t, uint64_t position)
{
	uint64_t p = position_p(t, position), next = 0;

	for (unsigned i = 0; i < t->nposition_parts; i++) {
		const struct position_part *q = &t->part_of_position[i];

		p += t->isa->length;
		next |= (p & isa_mask(q->width)) << q->shift;
	}
	return next;
}

uint64_t position_behind(const struct translator *t, uint64_t position)
{
	unsigned last = t->nposition_parts - 1;
	uint64_t behind = 0;

	for (unsigned i = 0; i <= last; i++) {
		const struct position_part *q = &t->part_of_position[i];
		uint64_t p = i < last ? position_value(t, position, i + 1) :
					position_value(t, position, i) + t->isa->length;

		behind |= (p & isa_mask(q->width)) << q->shift;
	}
	return behind;
}

bool position_is_straight(const struct translator *t, uint64_t position)
{
	unsigned width = t->part_of_position[0].width;
	uint64_t p = position_p(t, position);

	for (unsigned i = 1; i < t->nposition_parts; i++) {
		p += t->isa->length;
		if (t->part_of_position[i].width != width ||
		    position_value(t, position, i) != (p & isa_mask(width)))
			return false;
	}
	return true;
}
