/*
 * What translate gave, by pages, as long as that holds: until elements that it looked at
 * change, or storage that it read is written.
 */
#include "machine/translator/private.h"

#include "isa/alloc.h"

#include <sys/mman.h>

static uint64_t page_size(const struct page_cache *c)
{
	return UINT64_C(1) << c->log;
}

unsigned page_cache_index(const struct page_cache *c, uint64_t address)
{
	return (address >> c->log) % PAGES;
}

/* ---- dropping ---- */

/* An address in the page behind is in another line, so it is none of this one's. */
static void drop_line(struct page_cache *c, unsigned access, unsigned i)
{
	c->line[access][i].tag = ((uint64_t)i + 1) << c->log;
	c->depends[access][i] = 0;
}

/* What has changed since a cache was filled. */
struct change {
	uint64_t element; /* the first one of what is searched; 0 if something else has, too */
	bool only;	  /* and no other */
};

static void note_change(struct change *change, uint64_t element)
{
	change->only &= change->element == UINT64_MAX || change->element == element;
	change->element = element < change->element ? element : change->element;
}

static struct change change_of(const struct translator *t, const struct page_cache *c,
			       const struct view *v)
{
	struct change change = { UINT64_MAX, true };
	const uint64_t *before = c->watched;

	if (c->walks != t->walks)
		return (struct change){ 0 };
	for (unsigned i = 0; i < t->nwatched; i++) {
		const struct isa_reg *r = t->watched_reg[i];
		const uint64_t *now = v->cpu->state + r->slot;
		bool beside = t->paging.searched && !t->paging.elsewhere &&
			      page_runs_beside(&t->paging, r);

		for (unsigned k = 0; k < r->count; k++)
			if (before[k] != now[k] && r != t->paging.searched && !beside)
				return (struct change){ 0 };
			else if (before[k] != now[k])
				note_change(&change, k);
		before += r->count;
	}
	return change;
}

/* May a line be another now?  It is, if it came from what has changed, or would come from it. */
static bool concerns(struct translator *t, const struct page_cache *c, const struct view *v,
		     const struct change *change, enum access access, unsigned i)
{
	uint64_t depends = c->depends[access][i];

	if (depends <= change->element)
		return false;
	if (!change->only || !t->paging.match || depends == UINT64_MAX ||
	    depends == change->element + 1)
		return true;
	return search_match(t, v, access, c->line[access][i].tag, change->element);
}

/* Do watched registers hold the same as before? */
static bool same_watched(const struct translator *t, const uint64_t *before, const struct view *v)
{
	for (unsigned i = 0; i < t->nwatched; i++) {
		const struct isa_reg *r = t->watched_reg[i];

		if (memcmp(before, v->cpu->state + r->slot, r->count * sizeof *before))
			return false;
		before += r->count;
	}
	return true;
}

static void note_watched(const struct translator *t, uint64_t *now, const struct view *v)
{
	for (unsigned i = 0; i < t->nwatched; i++) {
		const struct isa_reg *r = t->watched_reg[i];

		memcpy(now, v->cpu->state + r->slot, r->count * sizeof *now);
		now += r->count;
	}
}

/* What caches say now is so while t->pages stays. */
static void note_pages(struct translator *t, const struct view *v)
{
	if (t->pages && t->pages_walks == t->walks && same_watched(t, t->pages_watched, v))
		return;
	note_watched(t, t->pages_watched, v);
	t->pages_walks = t->walks;
	t->pages++;
}

/* What the lines depend on is so now. */
static void note_now(const struct translator *t, struct page_cache *c, const struct view *v)
{
	note_watched(t, c->watched, v);
	c->walks = t->walks;
}

bool page_cache_holds(struct translator *t, struct page_cache *c, const struct view *v)
{
	note_pages(t, v);
	if (c->verified == t->pages)
		return true;
	if (c->ndependent && (c->walks != t->walks || !same_watched(t, c->watched, v)))
		return false;
	c->verified = t->pages;
	return true;
}

void page_cache_refresh(struct translator *t, struct context *context, const struct view *v)
{
	struct page_cache *c = &context->pages;
	struct change change = change_of(t, c, v);
	unsigned n = c->ndependent;
	bool fetches = false;

	c->ndependent = 0;
	for (unsigned k = 0; k < n; k++) {
		unsigned access = c->dependent[k] / PAGES, i = c->dependent[k] % PAGES;

		if (concerns(t, c, v, &change, (enum access)access, i)) {
			drop_line(c, access, i);
			fetches |= access == ACCESS_FETCH;
		} else {
			c->dependent[c->ndependent++] = c->dependent[k];
		}
	}
	if (fetches)
		context_clear_near(t, context);
	note_now(t, c, v);
	c->verified = t->pages;
}

void page_cache_drop(const struct translator *t, struct context *context)
{
	struct page_cache *c = &context->pages;
	bool fetches = false;

	while (c->ndependent) {
		unsigned line = c->dependent[--c->ndependent];

		drop_line(c, line / PAGES, line % PAGES);
		fetches |= line / PAGES == ACCESS_FETCH;
	}
	if (fetches)
		context_clear_near(t, context);
}

/* ---- filling ---- */

/* Pages that fill the window, so that none is in it by half. */
static unsigned log_for(const struct translator *t, uint64_t size)
{
	unsigned log = size ? (unsigned)__builtin_ctzll(size) : 0;

	log = log < t->paging.log ? log : t->paging.log;
	return t->paging.works && UINT64_C(1) << log >= t->isa->length ? log : 0;
}

/* By the system, so that they are not far from a large storage, as code has it (probe.c). */
enum { LINES_SIZE = 3 * PAGES * sizeof(struct page_line) };
static void *lines_new(void)
{
	void *lines = mmap(NULL, LINES_SIZE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (lines == MAP_FAILED)
		abort();
	return lines;
}

void page_cache_init(const struct translator *t, struct page_cache *c, const struct view *v)
{
	if (!t->paging.works)
		return;
	c->log = log_for(t, v->window.size);
	c->line = lines_new();
	c->watched = xcalloc(t->nwatched_slots + 1, sizeof *c->watched);
	note_now(t, c, v);
	for (unsigned access = ACCESS_FETCH; access <= ACCESS_WRITE; access++)
		for (unsigned i = 0; i < PAGES; i++)
			drop_line(c, access, i);
}

void page_cache_fini(struct page_cache *c)
{
	free(c->watched);
	if (c->line)
		munmap(c->line, LINES_SIZE);
}

/* A write to what was read will be heard of. */
static void note_walks(const struct translator *t, const struct view *v)
{
	const struct window *w = &v->window;

	for (unsigned i = 0; i < t->paging.nwalks; i++) {
		uint64_t place = v->cpu->state[t->layout.spare + i];

		for (unsigned k = 0; place != UINT64_MAX && k < t->paging.walk[i]; k++, place++) {
			place &= isa_mask(t->isa->word);
			if (place < w->size)
				storage_add_code(w->storage, w->base + place, MAP_WALKED);
		}
	}
}

/* translate; false: it traps. */
static bool translate(struct translator *t, const struct view *v, enum access access,
		      uint64_t address, uint64_t *place, struct trap *trap)
{
	const struct program *program = t->paging.translate[access];
	uint64_t *state = v->cpu->state;
	bool done;

	if (search_all(t, v, access, address, &state[t->layout.work + WORK_FOUND]))
		program = t->paging.found[access];
	if (t->paging.searched)
		state[t->layout.translate + t->paging.search->index] = UINT64_MAX;
	for (unsigned i = 0; i < t->paging.nwalks; i++)
		state[t->layout.spare + i] = UINT64_MAX;
	done = oracle_call(v, program, trap, address, 0, 0) != END_TRAP;
	note_walks(t, v);
	*place = oracle_result(v);
	return done;
}

/* On how many elements the outcome depends; without walks and other registers perhaps on none. */
static uint64_t elements_used(const struct translator *t, const struct view *v)
{
	const struct paging *p = &t->paging;
	uint64_t found;

	for (unsigned i = 0; i < p->nwalks; i++)
		if (v->cpu->state[t->layout.spare + i] != UINT64_MAX)
			return UINT64_MAX;
	if (p->elsewhere)
		return UINT64_MAX;
	if (!p->searched)
		return 0;
	found = v->cpu->state[t->layout.translate + p->search->index];
	return found == UINT64_MAX || found < p->searched->count ? found + 1 : UINT64_MAX;
}

/* The place of the page at an address; false: there is none for all of it. */
static bool translate_page(struct translator *t, const struct page_cache *c,
			   const struct view *v, enum access access, uint64_t page, uint64_t *place)
{
	struct trap none;
	uint64_t last;

	if (t->paging.even[access])
		return translate(t, v, access, page, place, &none);
	return translate(t, v, access, page + page_size(c) - 1, &last, &none) &&
	       translate(t, v, access, page, place, &none) && last - *place == page_size(c) - 1;
}

/* Has the list the lines that depend on some element, and no others? */
static void note_dependent(struct page_cache *c, unsigned access, unsigned i, bool before)
{
	uint16_t line = (uint16_t)(access * PAGES + i);
	unsigned k = 0;

	if (!before && c->depends[access][i])
		c->dependent[c->ndependent++] = line;
	if (!before || c->depends[access][i])
		return;
	while (c->dependent[k] != line)
		k++;
	c->dependent[k] = c->dependent[--c->ndependent];
}

/* The page is at a place, as translate has just said. */
static const struct page_line *enter(struct translator *t, struct context *context,
				     const struct view *v, enum access access, struct page_line line)
{
	struct page_cache *c = &context->pages;
	unsigned i = page_cache_index(c, line.tag);
	uint64_t before = c->depends[access][i];

	if (access == ACCESS_FETCH && before)
		context_clear_near(t, context); /* nobody watches the other page any more */
	if (!c->ndependent)
		note_now(t, c, v);
	c->line[access][i] = line;
	c->depends[access][i] = elements_used(t, v);
	note_dependent(c, access, i, before != 0);
	return &c->line[access][i];
}

static const struct page_line *fill(struct translator *t, struct context *context,
				    const struct view *v, enum access access, uint64_t page)
{
	uint64_t place;

	if (!translate_page(t, &context->pages, v, access, page, &place))
		return NULL;
	return enter(t, context, v, access, (struct page_line){ page, place });
}

const struct page_line *page_cache_get(struct translator *t, struct context *context,
				       const struct view *v, enum access access, uint64_t address)
{
	const struct page_cache *c = &context->pages;
	uint64_t page = address & ~(page_size(c) - 1);
	const struct page_line *line = &c->line[access][page_cache_index(c, page)];

	if (!c->log)
		return NULL;
	if (line->tag == page)
		return line;
	return v ? fill(t, context, v, access, page) : NULL;
}

bool page_cache_knows(const struct translator *t, const struct context *context,
		      enum access access, uint64_t address, unsigned n, uint64_t *place)
{
	const struct page_cache *c = &context->pages;
	uint64_t offset = address & (page_size(c) - 1);
	const struct page_line *line = &c->line[access][page_cache_index(c, address)];

	/* what was read may have been written since it was last looked at */
	if (!c->log || line->tag != address - offset || page_size(c) - offset < n ||
	    t->walks != t->pages_walks)
		return false;
	*place = line->place + offset;
	return true;
}

/*
 * Is a trap of translate the access's own?  What is not in storage may be a device's, and a trap that
 * takes back nothing is the oracle's.
 */
static bool is_own(const struct translator *t, const struct view *v, struct trap *trap)
{
	if (trap->phase != PHASE_NULLIFY || trap->kind == t->isa->memory)
		return false;
	translator_place_trap(v, trap, v->cpu->state[t->isa->role[ROLE_PC]->slot]);
	return true;
}

enum missed page_cache_missed(struct translator *t, struct context *c, const struct view *v,
			      uint64_t why, struct trap *trap)
{
	enum access access = why == LEAVE_READ ? ACCESS_READ : ACCESS_WRITE;
	uint64_t address = oracle_result(v), offset = address & (page_size(&c->pages) - 1), place;

	if ((why != LEAVE_READ && why != LEAVE_WRITE) || !c->pages.log ||
	    page_cache_get(t, c, NULL, access, address))
		return MISSED_NOTHING;
	if (!translate(t, v, access, address, &place, trap))
		return is_own(t, v, trap) ? MISSED_TRAPS : MISSED_NOTHING;
	if (t->paging.even[access])
		enter(t, c, v, access, (struct page_line){ address - offset, place - offset });
	else if (!page_cache_get(t, c, v, access, address))
		return MISSED_NOTHING;
	return MISSED_FILLED;
}
