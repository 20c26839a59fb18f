/*
 * Where translate goes by pages, a stretch of addresses may all the same stand in storage in a row in a
 * context, as a processor's segment does that no table maps: accesses there need no cache.  Where the
 * code's own page is tells where such a stretch would begin; that translate does nothing else there is
 * what its simplification shows, or it is not taken to be so.
 */
#include "machine/translator/private.h"

#include <stdlib.h>

/* Is there room for all units of the window from an address on, and are they reached by 32 bits? */
static bool fits(const struct translator *t, const struct context *c, uint64_t from)
{
	return t->isa->word == 32 && c->key.size && c->key.size <= UINT64_C(1) << 31 &&
	       from + c->key.size <= UINT64_C(1) << 32;
}

static bool is_straight(struct translator *t, const struct context *c, enum access access, uint64_t from)
{
	struct range addresses = { from, from + c->key.size - 1 };
	struct program *program = lower_translate_in_line(t->isa, &t->layout, access);
	uint64_t by;
	bool is = simplify_shifts(t, c, program, addresses, &by) && by == -from;

	free(program);
	return is;
}

static bool was_tried(const struct straight *s, uint64_t from)
{
	for (unsigned i = 0; i < s->ntried; i++)
		if (s->tried[i] == from)
			return true;
	return false;
}

static void try(struct translator *t, struct context *c, enum access access, uint64_t from)
{
	struct straight *s = &c->straight[access];

	if (s->is || s->ntried == STRAIGHT_TRIES || was_tried(s, from))
		return;
	s->tried[s->ntried++] = from;
	s->from = from;
	s->is = is_straight(t, c, access, from);
}

void context_straighten(struct translator *t, struct context *c, uint64_t frame, uint64_t p)
{
	uint64_t address = position_p(t, p) & isa_mask(t->isa->word), from;

	if (!t->paging.works || !c->pages.log)
		return;
	from = ((address & ~isa_mask(c->pages.log)) - frame) & isa_mask(t->isa->word);
	if (!fits(t, c, from))
		return;
	try(t, c, ACCESS_READ, from);
	try(t, c, ACCESS_WRITE, from);
}
