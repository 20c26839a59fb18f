/*
 * The storage that translations came from.  When it is written they are dropped, but laid on a
 * shelf: a control program that loads the same program to the same place again finds them there.
 */
#include "machine/translator/private.h"

#include "isa/alloc.h"

/* ---- lists ---- */

static void put_into(struct translation **list, struct translation *n)
{
	n->at = list;
	n->next = *list;
	if (n->next)
		n->next->at = &n->next;
	*list = n;
}

static void take_out(struct translation *n)
{
	*n->at = n->next;
	if (n->next)
		n->next->at = n->at;
}

static void translation_free(struct translation *n)
{
	free(n->part);
	free(n->unit);
	free(n);
}

/* ---- what it came from ---- */

static void put_part(struct translator *t, struct part part)
{
	struct stretch *s = &t->stretch[t->nparts / PARTS_TOGETHER];

	if (t->nparts % PARTS_TOGETHER == 0)
		*s = (struct stretch){ part.from, part.to };
	s->from = part.from < s->from ? part.from : s->from;
	s->to = part.to > s->to ? part.to : s->to;
	t->part[t->nparts++] = part;
}

static void mark(struct translator *t, const struct part *part)
{
	for (uint64_t i = part->from; i < part->to; i++)
		storage_add_code(t->storage, i, MAP_CODE);
}

static void unmark(struct translator *t, const struct part *part)
{
	for (uint64_t i = part->from; i < part->to; i++)
		storage_drop_code(t->storage, i, (uint8_t)~MAP_CODE);
}

static void add_part(struct translator *t, struct part part)
{
	if (t->nparts == t->parts_capacity) {
		t->parts_capacity = t->parts_capacity ? t->parts_capacity * 2 : PARTS_TOGETHER;
		t->part = xrealloc(t->part, t->parts_capacity * sizeof *t->part);
		t->stretch = xrealloc(t->stretch, t->parts_capacity / PARTS_TOGETHER *
							  sizeof *t->stretch);
	}
	put_part(t, part);
	mark(t, &part);
}

void translation_covers(struct translator *t, struct translation *of, uint64_t from, uint64_t to)
{
	struct part *last = of->nparts ? &of->part[of->nparts - 1] : NULL;

	of->unit = xrealloc(of->unit, (of->nunits + to - from) * sizeof *of->unit);
	for (uint64_t i = from; i < to; i++)
		of->unit[of->nunits++] = storage_get(t->storage, i);
	if (last && last->to == from) {
		last->to = to;
		return;
	}
	of->part = xrealloc(of->part, (of->nparts + 1) * sizeof *of->part);
	of->part[of->nparts++] = (struct part){ from, to, of };
}

static void hold(struct translator *t, struct translation *n)
{
	for (unsigned i = 0; i < n->nparts; i++)
		add_part(t, n->part[i]);
}

struct translation *translation_new(struct context *c)
{
	struct translation *n = xcalloc(1, sizeof *n);

	n->context = c;
	return n;
}

void translation_holds(struct translator *t, struct translation *n)
{
	put_into(&t->translation, n);
	hold(t, n);
}

/* Does the storage hold again what it came from? */
static bool holds_again(const struct translator *t, const struct translation *n)
{
	const uint64_t *unit = n->unit;

	for (unsigned i = 0; i < n->nparts; i++)
		for (uint64_t at = n->part[i].from; at < n->part[i].to; at++)
			if (storage_get(t->storage, at) != *unit++)
				return false;
	return true;
}

/* ---- where it is entered ---- */

void translation_enters(struct translation *from, struct entry *e, const void *code)
{
	e->from = from;
	e->code = code;
	from->code[from->nentries] = code;
	from->entry[from->nentries++] = e;
}

void translation_serves(struct translation *from, struct single *s, const void *code)
{
	s->from = from;
	s->code = code;
	from->single = s;
}

void translation_steps(struct translation *from, struct entry *e, const void *code)
{
	e->steps.from = from;
	e->steps.code = e->budget = code;
	from->entry[from->nentries++] = e;
}

/* ---- when it is written ---- */

static void drop(struct translator *t, struct translation *stale)
{
	for (unsigned i = 0; i < stale->nentries; i++) {
		struct entry *e = stale->entry[i];

		if (e->steps.from == stale) {
			e->steps = (struct single){ 0 };
			e->budget = t->leave_because[LEAVE_BUDGET];
		}
		if (e->from != stale)
			continue;
		context_forget_near(t, stale->context, e->p);
		e->from = NULL;
		e->code = t->leave;
		e->count = e->restless ? (int)t->options.hot - RESTLESS_HOT : 0;
	}
	if (stale->single)
		*stale->single = (struct single){ 0 };
	t->counts.dropped++;
}

/* Only where it was entered first is it looked for; the oldest goes. */
static void shelve(struct translator *t, struct translation *n)
{
	struct translation **last = &n->head->shelf;
	unsigned n_there = 0;

	while (*last && ++n_there < SHELF)
		last = &(*last)->older;
	if (*last) {
		take_out(*last);
		translation_free(*last);
		*last = NULL;
	}
	n->older = n->head->shelf;
	n->head->shelf = n;
	put_into(&t->shelved, n);
}

/* What stale translations came from is no code any more; all of it lies in what is given back. */
static struct stretch unmark_stale(struct translator *t)
{
	struct stretch s = { UINT64_MAX, 0 };

	for (const struct part *p = t->part; p < t->part + t->nparts; p++) {
		if (!p->of->stale)
			continue;
		s.from = p->from < s.from ? p->from : s.from;
		s.to = p->to > s.to ? p->to : s.to;
		unmark(t, p);
	}
	return s;
}

static void drop_stale(struct translator *t)
{
	struct stretch unmarked = unmark_stale(t);
	struct translation *n, *next;
	size_t before = t->nparts;

	t->nparts = 0;
	for (size_t i = 0; i < before; i++) {
		if (t->part[i].of->stale)
			continue;
		put_part(t, t->part[i]);
		if (t->part[i].from < unmarked.to && t->part[i].to > unmarked.from)
			mark(t, &t->part[i]);
	}
	for (n = t->translation; n; n = next) {
		next = n->next;
		if (!n->stale)
			continue;
		drop(t, n);
		take_out(n);
		if (n->head)
			shelve(t, n);
		else
			translation_free(n);
	}
}

bool translation_revive(struct translator *t, struct entry *head)
{
	struct translation **at = &head->shelf, *n;

	while (*at && !holds_again(t, *at))
		at = &(*at)->older;
	if (!(n = *at))
		return false;
	*at = n->older;
	take_out(n);
	n->stale = false;
	translation_holds(t, n);
	for (unsigned i = 0; i < n->nentries; i++)
		if (!n->entry[i]->from) {
			n->entry[i]->from = n;
			n->entry[i]->code = n->code[i];
		}
	return true;
}

/* Translations that came from there are stale; are there any? */
static bool spoil(struct translator *t, uint64_t address)
{
	bool any = false;

	for (size_t first = 0; first < t->nparts; first += PARTS_TOGETHER) {
		const struct stretch *s = &t->stretch[first / PARTS_TOGETHER];
		size_t end = first + PARTS_TOGETHER < t->nparts ? first + PARTS_TOGETHER : t->nparts;

		if (address < s->from || address >= s->to)
			continue;
		for (size_t i = first; i < end; i++)
			if (address >= t->part[i].from && address < t->part[i].to)
				any = t->part[i].of->stale = true;
	}
	return any;
}

void origin_written(void *owner, uint64_t address)
{
	struct translator *t = owner;
	bool any;

	if (t->storage->code[address] & MAP_WALKED)
		t->walks++;
	any = spoil(t, address);
	storage_drop_code(t->storage, address, MAP_READ | MAP_WRITTEN);
	if (!any)
		return;
	if (t->changed[address >> CHANGED_LOG] < UINT8_MAX)
		t->changed[address >> CHANGED_LOG]++;
	drop_stale(t);
}

static void free_list(struct translation **list)
{
	for (struct translation *n = *list, *next; n; n = next) {
		next = n->next;
		translation_free(n);
	}
	*list = NULL;
}

void origin_forget(struct translator *t)
{
	for (size_t i = 0; i < t->nparts; i++)
		unmark(t, &t->part[i]);
	t->nparts = 0;
	free_list(&t->translation);
	free_list(&t->shelved);
}
