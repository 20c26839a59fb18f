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

/* Page 0 is in line 0, so it is none of another one's; and page 1 is none of that. */
static void clear_line(struct page_cache *c, unsigned access, unsigned i)
{
	c->line[access][i].tag = i ? 0 : page_size(c);
	c->depends[access][i] = 0;
}

static void note_change(struct change *change, uint64_t element)
{
	if (change->element != UINT64_MAX && change->element != element)
		change->only = false;
	change->element = element < change->element ? element : change->element;
}

/* What of a register is not as it was; others than those that are searched have no elements. */
static bool note_changes(struct change *change, const uint64_t *before, const uint64_t *now,
			 const struct isa_reg *r, bool searched)
{
	if (memcmp(before, now, r->count * sizeof *now) == 0)
		return true;
	for (unsigned k = 0; k < r->count && searched; k++)
		if (before[k] != now[k])
			note_change(change, k);
	return searched;
}

static const struct change nothing = { UINT64_MAX, true };

static struct change change_of(const struct translator *t, const uint64_t *before,
			       const struct view *v)
{
	struct change change = nothing;

	for (unsigned i = 0; i < t->nwatched; i++) {
		const struct isa_reg *r = t->watched_reg[i];

		if (!note_changes(&change, before, v->cpu->state + r->slot, r, t->beside[i]))
			return (struct change){ 0 };
		before += r->count;
	}
	return change;
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

void page_cache_note(struct translator *t, const struct view *v)
{
	bool walked = t->pages_walks != t->walks;

	t->pages_untold = false;
	if (t->pages && !walked && same_watched(t, t->pages_watched, v))
		return;
	t->pages++;
	t->change[t->pages % CHANGES] =
		walked ? (struct change){ 0 } : change_of(t, t->pages_watched, v);
	note_watched(t, t->pages_watched, v);
	t->pages_walks = t->walks;
}

/* What the lines depend on is so now. */
static void note_now(const struct translator *t, struct page_cache *c, const struct view *v)
{
	note_watched(t, c->watched, v);
	c->walks = t->walks;
}

bool page_cache_holds(const struct translator *t, struct page_cache *c)
{
	if (!c->ndependent)
		c->verified = t->pages;
	return c->verified == t->pages;
}

static unsigned list_of_all(const struct translator *t)
{
	return t->paging.searched ? t->paging.searched->count : 0;
}

/* What a line depends on as the number of its list. */
static unsigned list_of(const struct translator *t, uint64_t depends)
{
	return depends == UINT64_MAX ? list_of_all(t) : (unsigned)depends - 1;
}

static uint16_t *list_of_line(const struct translator *t, struct page_cache *c, unsigned line)
{
	return &c->first[list_of(t, c->depends[line / PAGES][line % PAGES])];
}

static void leave_list(const struct translator *t, struct page_cache *c, unsigned line)
{
	uint16_t next = c->next[line], before = c->before[line];

	*(before ? &c->next[before - 1] : list_of_line(t, c, line)) = next;
	if (next)
		c->before[next - 1] = before;
	c->ndependent--;
}

static void join_list(const struct translator *t, struct page_cache *c, unsigned line)
{
	uint16_t *first = list_of_line(t, c, line);

	c->next[line] = *first;
	c->before[line] = 0;
	if (*first)
		c->before[*first - 1] = (uint16_t)(line + 1);
	*first = (uint16_t)(line + 1);
	c->ndependent++;
}

static void drop_line(const struct translator *t, struct context *context, unsigned line)
{
	struct page_cache *c = &context->pages;

	leave_list(t, c, line);
	clear_line(c, line / PAGES, line % PAGES);
	if (line / PAGES == ACCESS_FETCH)
		context_clear_near(t, context);
}

/* Drops the lines of a list, all or those that an element matches. */
static void drop_list(struct translator *t, struct context *context, const struct view *v,
		      unsigned list, const struct change *matches)
{
	struct page_cache *c = &context->pages;

	for (unsigned at = c->first[list], next; at; at = next) {
		unsigned line = at - 1, access = line / PAGES, i = line % PAGES;

		next = c->next[line];
		if (!matches || search_match(t, v, (enum access)access, c->line[access][i].tag,
					     matches->element))
			drop_line(t, context, line);
	}
}

/* Drops those of the lines i that depend on more than an element, and that it matches. */
static void drop_at(struct translator *t, struct context *context, const struct view *v, unsigned i,
		    uint64_t element, const struct match *match)
{
	const struct page_cache *c = &context->pages;

	for (unsigned access = ACCESS_FETCH; access <= ACCESS_WRITE; access++) {
		uint64_t tag = c->line[access][i].tag;

		if (!((tag ^ match->value) & match->mask) && c->depends[access][i] > element + 1 &&
		    search_match(t, v, (enum access)access, tag, element))
			drop_line(t, context, access * PAGES + i);
	}
}

/* Are at most three bits 1? */
static bool is_few(unsigned bits)
{
	bits &= bits - 1;
	bits &= bits - 1;
	return !(bits & (bits - 1));
}

/* The same of all lines, if those that can be meant are few; else false. */
static bool drop_few(struct translator *t, struct context *context, const struct view *v,
		     const struct change *change)
{
	unsigned log = context->pages.log, open, asked, i = 0;
	struct match match;

	if (!search_addresses(t, v, change->element, &match))
		return false;
	if (match.none)
		return true;
	match.mask &= ~(page_size(&context->pages) - 1);
	open = ~(unsigned)(match.mask >> log) % PAGES;
	if (!is_few(open))
		return false;
	asked = ((unsigned)(match.value >> log) & ~open) % PAGES;
	/* all numbers made of the open bits, and of the others as they are asked for */
	do {
		drop_at(t, context, v, asked | i, change->element, &match);
		i = (i - open) & open;
	} while (i);
	return true;
}

/* A line is another now, if it came from what has changed; or it may come from it now. */
static void drop_changed(struct translator *t, struct context *context, const struct view *v,
			 const struct change *change)
{
	unsigned all = list_of_all(t);
	const struct change *matches = change->only && t->paging.match ? change : NULL;

	if (change->element == UINT64_MAX)
		return;
	drop_list(t, context, v, all, NULL);
	if (change->element < all)
		drop_list(t, context, v, (unsigned)change->element, NULL);
	if (matches && drop_few(t, context, v, change))
		return;
	for (unsigned i = (unsigned)change->element + 1; i < all; i++)
		drop_list(t, context, v, i, matches);
}

/* As it is now, where it is one. */
static void note_element(const struct translator *t, struct page_cache *c, const struct view *v,
			 uint64_t element)
{
	uint64_t *now = c->watched;

	for (unsigned i = 0; i < t->nwatched; i++) {
		const struct isa_reg *r = t->watched_reg[i];

		if (element < r->count && t->beside[i])
			now[element] = v->cpu->state[r->slot + element];
		now += r->count;
	}
}

/* The changes one by one, where these are known and of elements; false: they are not. */
static bool follow(struct translator *t, struct context *context, const struct view *v)
{
	uint64_t from = context->pages.verified + 1;

	if (t->pages - from >= CHANGES)
		return false;
	for (uint64_t n = from; n <= t->pages; n++)
		if (!t->change[n % CHANGES].only)
			return false;
	for (uint64_t n = from; n <= t->pages; n++) {
		drop_changed(t, context, v, &t->change[n % CHANGES]);
		note_element(t, &context->pages, v, t->change[n % CHANGES].element);
	}
	return true;
}

void page_cache_refresh(struct translator *t, struct context *context, const struct view *v)
{
	struct page_cache *c = &context->pages;
	struct change change = { 0 };

	if (!follow(t, context, v)) {
		if (c->walks == t->walks)
			change = change_of(t, c->watched, v);
		drop_changed(t, context, v, &change);
		note_now(t, c, v);
	}
	c->verified = t->pages;
}

bool page_cache_follow(struct translator *t, struct context *context, const struct view *v)
{
	if (page_cache_holds(t, &context->pages))
		return true;
	if (!follow(t, context, v))
		return false;
	context->pages.verified = t->pages;
	return true;
}

void page_cache_drop(const struct translator *t, struct context *context)
{
	for (unsigned i = 0; i <= list_of_all(t) && context->pages.first; i++)
		while (context->pages.first[i])
			drop_line(t, context, context->pages.first[i] - 1u);
}

/* ---- filling ---- */

/* Pages that fill the window, so that none is in it by half. */
static unsigned log_for(const struct translator *t, uint64_t size)
{
	unsigned log = size ? (unsigned)__builtin_ctzll(size) : 0;

	log = log < t->paging.log ? log : t->paging.log;
	return t->paging.works && UINT64_C(1) << log >= t->isa->length ? log : 0;
}

/*
 * By the system, so that they are not far from a large storage, as code has it (probe.c), and take no
 * memory before they are used.
 */
static struct page_lines *lines_new(void)
{
	void *lines = mmap(NULL, sizeof(struct page_lines), PROT_READ | PROT_WRITE,
			   MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (lines == MAP_FAILED)
		abort();
	return lines;
}

void page_cache_init(const struct translator *t, struct page_cache *c, const struct view *v)
{
	if (!t->paging.works)
		return;
	c->log = log_for(t, v->window.size);
	c->lines = lines_new();
	c->line = c->lines->line;
	c->depends = c->lines->depends;
	c->next = c->lines->next;
	c->before = c->lines->before;
	c->watched = xcalloc(t->nwatched_slots + 1, sizeof *c->watched);
	note_now(t, c, v);
	for (unsigned access = ACCESS_FETCH; access <= ACCESS_WRITE; access++)
		clear_line(c, access, 0); /* as the others are */
	c->first = xcalloc(list_of_all(t) + 1, sizeof *c->first);
}

void page_cache_fini(struct page_cache *c)
{
	free(c->watched);
	if (c->lines)
		munmap(c->lines, sizeof *c->lines);
	free(c->first);
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

static bool translate_by_oracle(const struct translator *t, const struct view *v,
				enum access access, uint64_t address, uint64_t *place,
				struct trap *trap)
{
	uint64_t *state = v->cpu->state;
	bool done;

	if (t->paging.searched)
		state[t->layout.translate + t->paging.search->index] = UINT64_MAX;
	for (unsigned i = 0; i < t->paging.nwalks; i++)
		state[t->layout.spare + i] = UINT64_MAX;
	done = oracle_call(v, t->paging.translate[access], trap, address, 0, 0) != END_TRAP;
	note_walks(t, v);
	*place = oracle_result(v);
	return done;
}

/* What translated code has found is where translate leaves it. */
static void take_found(const struct translator *t, const struct view *v)
{
	uint64_t *state = v->cpu->state;

	if (t->paging.searched)
		state[t->layout.translate + t->paging.search->index] =
			state[t->layout.work + WORK_FOUND];
}

/* translate; false: it traps. */
static bool translate(struct translator *t, const struct view *v, enum access access,
		      uint64_t address, uint64_t *place, struct trap *trap)
{
	enum searched searched = search_translate(t, v, access, address, place, trap);

	if (searched == SEARCHED_NOT)
		return translate_by_oracle(t, v, access, address, place, trap);
	take_found(t, v);
	return searched == SEARCHED_PLACE;
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

/* The page is at a place, as translate has just said. */
static const struct page_line *enter(struct translator *t, struct context *context,
				     const struct view *v, enum access access, struct page_line line)
{
	struct page_cache *c = &context->pages;
	unsigned i = page_cache_index(c, line.tag);

	if (access == ACCESS_FETCH && c->depends[access][i])
		context_clear_near(t, context); /* nobody watches the other page any more */
	if (c->depends[access][i])
		leave_list(t, c, access * PAGES + i);
	if (!c->ndependent)
		note_now(t, c, v);
	c->line[access][i] = line;
	c->depends[access][i] = elements_used(t, v);
	if (c->depends[access][i])
		join_list(t, c, access * PAGES + i);
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

/* Translated code has told where it is, and what it found. */
static bool is_told(const struct translator *t, const struct view *v, uint64_t *place)
{
	uint64_t *work = v->cpu->state + t->layout.work;

	if (!work[WORK_PLACE])
		return false;
	*place = work[WORK_PLACE] - 1;
	work[WORK_PLACE] = 0;
	take_found(t, v);
	return true;
}

enum missed page_cache_missed(struct translator *t, struct context *c, const struct view *v,
			      uint64_t why, struct trap *trap)
{
	enum access access = why == LEAVE_READ ? ACCESS_READ : ACCESS_WRITE;
	uint64_t address = v->cpu->state[t->layout.work + WORK_MISSED];
	uint64_t offset = address & (page_size(&c->pages) - 1), place;
	bool told = is_told(t, v, &place);

	if ((why != LEAVE_READ && why != LEAVE_WRITE) || !c->pages.log ||
	    page_cache_get(t, c, NULL, access, address))
		return MISSED_NOTHING;
	if (!told && !translate(t, v, access, address, &place, trap))
		return is_own(t, v, trap) ? MISSED_TRAPS : MISSED_NOTHING;
	if (t->paging.even[access])
		enter(t, c, v, access, (struct page_line){ address - offset, place - offset });
	else if (!page_cache_get(t, c, v, access, address))
		return MISSED_NOTHING;
	return MISSED_FILLED;
}

bool page_cache_fill_told(struct translator *t, struct context *c, const struct view *v,
			  enum access access)
{
	uint64_t address = v->cpu->state[t->layout.work + WORK_MISSED];
	uint64_t offset = address & (page_size(&c->pages) - 1), place;

	if (!c->pages.log || !t->paging.even[access] ||
	    page_cache_get(t, c, NULL, access, address) || !is_told(t, v, &place))
		return false;
	enter(t, c, v, access, (struct page_line){ address - offset, place - offset });
	return true;
}
