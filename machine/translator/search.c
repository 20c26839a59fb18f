/*
 * What translate searches - the entries of a TLB - as code of the host: a page that is missed, and
 * a change of an entry, are looked at with it, once that is worth it.
 */
#include "machine/translator/private.h"

#include <string.h>

/* Code that stands now, and speaks of storage of this size. */
static bool stands(const struct translator *t, const struct view *v, enum searching which)
{
	const struct searcher *s = &t->search[which];

	return s->single.code && s->size == v->window.size;
}

static void set(const struct translator *t, const struct view *v, enum access access,
		uint64_t address)
{
	uint64_t *local = v->cpu->state + t->layout.translate;

	local[0] = address;
	local[1] = access;
}

static const struct program *program_of(const struct translator *t, enum searching which)
{
	return which == SEARCH_ALL ? t->paging.all : t->paging.match;
}

static void make(struct translator *t, struct view *v, enum searching which)
{
	struct searcher *s = &t->search[which];
	bool room = true;

	s->wanted = 0;
	s->size = v->window.size;
	if (region_code(t, context_world(t, v), program_of(t, which), &t->region))
		room = tile(t, &t->region, &s->single);
	else
		s->fails = true;
	region_fini(t);
	if (!room)
		translator_flush(t);
}

void search_make(struct translator *t, struct view *v)
{
	for (enum searching which = SEARCH_ALL; which < SEARCHES; which++)
		if (t->search[which].wanted >= t->options.hot && !t->search[which].fails)
			make(t, v, which);
}

void search_forget(struct translator *t)
{
	memset(t->search, 0, sizeof t->search);
}

bool search_all(struct translator *t, const struct view *v, enum access access, uint64_t address,
		uint64_t *found)
{
	if (!t->paging.all)
		return false;
	if (!stands(t, v, SEARCH_ALL)) {
		t->search[SEARCH_ALL].wanted++;
		return false;
	}
	set(t, v, access, address);
	translator_enter(v, 1, t->search[SEARCH_ALL].single.code);
	*found = oracle_result(v);
	return true;
}

bool search_match(struct translator *t, const struct view *v, enum access access, uint64_t address,
		  uint64_t element)
{
	struct trap none;

	set(t, v, access, address);
	v->cpu->state[t->layout.translate + t->paging.search->index] = element;
	if (stands(t, v, SEARCH_MATCH)) {
		translator_enter(v, 1, t->search[SEARCH_MATCH].single.code);
	} else {
		t->search[SEARCH_MATCH].wanted++;
		oracle_execute(v, t->paging.match, &none);
	}
	return oracle_result(v);
}
