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

static void mark(struct translator *t, uint64_t from, uint64_t to)
{
	for (uint64_t i = from; i < to; i++)
		storage_add_code(t->storage, i, MAP_CODE);
}

static void unmark(struct translator *t, const struct part *part)
{
	storage_drop_codes(t->storage, part->from, part->to, (uint8_t)~MAP_CODE);
}

static void add_part(struct translator *t, struct translation *of, struct part part)
{
	for (uint64_t i = part.from >> ORIGIN_LOG; i <= (part.to - 1) >> ORIGIN_LOG; i++) {
		struct origin *p = xmalloc(sizeof *p);

		*p = (struct origin){ part, of, t->origin[i] };
		t->origin[i] = p;
	}
	mark(t, part.from, part.to);
}

static void take_origins(struct origin **list, const struct translation *of)
{
	while (*list) {
		struct origin *p = *list;

		if (p->of != of) {
			list = &p->next;
			continue;
		}
		*list = p->next;
		free(p);
	}
}

/* Others may come from the same units. */
static void mark_again(struct translator *t, const struct origin *list, const struct part *part)
{
	for (const struct origin *p = list; p; p = p->next)
		mark(t, p->part.from > part->from ? p->part.from : part->from,
		     p->part.to < part->to ? p->part.to : part->to);
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
	of->part[of->nparts++] = (struct part){ from, to };
}

static void hold(struct translator *t, struct translation *n)
{
	for (unsigned i = 0; i < n->nparts; i++)
		add_part(t, n, n->part[i]);
}

static void let_go(struct translator *t, struct translation *n)
{
	for (const struct part *p = n->part; p < n->part + n->nparts; p++)
		for (uint64_t i = p->from >> ORIGIN_LOG; i <= (p->to - 1) >> ORIGIN_LOG; i++)
			take_origins(&t->origin[i], n);
	for (const struct part *p = n->part; p < n->part + n->nparts; p++) {
		unmark(t, p);
		for (uint64_t i = p->from >> ORIGIN_LOG; i <= (p->to - 1) >> ORIGIN_LOG; i++)
			mark_again(t, t->origin[i], p);
	}
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

bool translation_revive(struct translator *t, struct entry *head)
{
	struct translation **at = &head->shelf, *n;

	while (*at && !holds_again(t, *at))
		at = &(*at)->older;
	if (!(n = *at))
		return false;
	*at = n->older;
	take_out(n);
	translation_holds(t, n);
	for (unsigned i = 0; i < n->nentries; i++)
		if (!n->entry[i]->from) {
			n->entry[i]->from = n;
			n->entry[i]->code = n->code[i];
		}
	return true;
}

/* A translation that came from a unit; NULL: there is none. */
static struct translation *come_from(const struct translator *t, uint64_t address)
{
	for (const struct origin *p = t->origin[address >> ORIGIN_LOG]; p; p = p->next)
		if (address >= p->part.from && address < p->part.to)
			return p->of;
	return NULL;
}

void origin_written(void *owner, uint64_t address)
{
	struct translator *t = owner;
	struct translation *n = come_from(t, address);

	if (t->storage->code[address] & MAP_WALKED)
		t->walks++;
	storage_drop_code(t->storage, address, MAP_READ | MAP_WRITTEN);
	if (!n)
		return;
	if (t->changed[address >> CHANGED_LOG] < UINT8_MAX)
		t->changed[address >> CHANGED_LOG]++;
	for (; n; n = come_from(t, address)) {
		let_go(t, n);
		drop(t, n);
		take_out(n);
		if (n->head)
			shelve(t, n);
		else
			translation_free(n);
	}
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
	for (struct translation *n = t->translation; n; n = n->next)
		let_go(t, n);
	free_list(&t->translation);
	free_list(&t->shelved);
}
