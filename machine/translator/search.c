/*
 * What translate searches - the entries of a TLB - as code of the host: a page that is missed, and
 * a change of an entry, are looked at with it, once that is worth it.
 */
#include "machine/translator/private.h"

#include "isa/alloc.h"

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
	if (which == SEARCH_ADDRESSES)
		return t->paging.addresses;
	return which == SEARCH_MATCH ? t->paging.match : t->paging.alone[which];
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
	for (enum searching which = 0; which < SEARCHES; which++)
		if (t->search[which].wanted >= t->options.hot && !t->search[which].fails)
			make(t, v, which);
}

void search_forget(struct translator *t)
{
	memset(t->search, 0, sizeof t->search);
}

static uint32_t length(const struct program *p)
{
	uint32_t n = 0;

	while (p->uop[n].op != U_END)
		n++;
	return n;
}

struct program *search_program(const struct translator *t, enum access access)
{
	struct program *p = lower_translate_in_line(t->isa, &t->layout, access), *all;
	uint32_t found = t->layout.translate, n = length(p);

	found += t->paging.searched ? t->paging.search->index : 0;
	all = xcalloc(1, sizeof *all + (n + 3) * sizeof *all->uop);
	all->uop[0] = (struct uop){ .op = U_CONST, .width = 64, .d = found, .imm = UINT64_MAX };
	memcpy(all->uop + 1, p->uop, n * sizeof *all->uop);
	all->uop[n + 1] = (struct uop){ .op = T_PUT, .d = t->layout.work + WORK_FOUND, .a = found };
	all->uop[n + 2] = (struct uop){ .op = U_END };
	free(p);
	return all;
}

enum searched search_translate(struct translator *t, const struct view *v, enum access access,
			       uint64_t address, uint64_t *place, struct trap *trap)
{
	struct left left;

	if (!t->paging.alone[access])
		return SEARCHED_NOT;
	if (!stands(t, v, (enum searching)access)) {
		t->search[access].wanted++;
		return SEARCHED_NOT;
	}
	v->cpu->state[t->layout.locals] = address;
	left = translator_enter(v, 1, t->search[access].single.code);
	if ((left.why & 0xff) == LEAVE_TRAP) {
		translator_left_trap(v, left.why, trap);
		return SEARCHED_TRAP;
	}
	*place = oracle_result(v);
	return left.why == LEAVE_NEXT ? SEARCHED_PLACE : SEARCHED_NOT;
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

struct program *search_addresses_program(const struct translator *t)
{
	struct program *p = lower_addresses(t->isa, &t->layout, t->paging.search);
	uint32_t n = length(p), work = t->layout.work;

	p = xrealloc(p, sizeof *p + (n + 3) * sizeof *p->uop);
	p->uop[n] = (struct uop){ .op = T_PUT, .d = work + WORK_MASK, .a = work + WORK_REST };
	p->uop[n + 1] = (struct uop){ .op = T_PUT, .d = work + WORK_VALUE, .a = work + WORK_INFO };
	p->uop[n + 2] = (struct uop){ .op = U_END };
	return p;
}

struct match search_addresses(struct translator *t, const struct view *v, uint64_t element)
{
	const uint64_t *work = v->cpu->state + t->layout.work;

	if (!stands(t, v, SEARCH_ADDRESSES)) {
		t->search[SEARCH_ADDRESSES].wanted++;
		return (struct match){ 0, 0 };
	}
	v->cpu->state[t->layout.translate + t->paging.search->index] = element;
	translator_enter(v, 1, t->search[SEARCH_ADDRESSES].single.code);
	return (struct match){ work[WORK_MASK], work[WORK_VALUE] };
}
