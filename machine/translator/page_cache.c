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

/* The line of those for the access in which the page of an address may be. */
static unsigned line_at(const struct page_cache *c, enum access access, uint64_t address)
{
	return access * PAGES + (unsigned)(address >> c->log) % PAGES;
}

/* ---- what has changed ---- */

static void note_change(struct change *change, uint64_t element)
{
	if (change->element != UINT64_MAX && change->element != element)
		change->only = NOT_ONLY;
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

static const struct change nothing = { .element = UINT64_MAX, .only = ONLY };

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

/* ---- dropping ---- */

bool page_cache_holds(const struct translator *t, struct page_cache *c)
{
	if (!c->ndependent)
		c->verified = t->pages;
	return c->verified == t->pages;
}

/* Page 0 is in line 0, so it is none of another one's; and page 1 is none of that. */
static uint64_t empty_tag(const struct page_cache *c, unsigned line)
{
	return line % PAGES ? 0 : page_size(c);
}

static void clear_line(struct page_cache *c, unsigned line)
{
	c->line[line].tag = empty_tag(c, line);
	c->origin[line].depends = 0;
	c->ndependent--;
}

static void leave_list(struct page_cache *c, unsigned line)
{
	const struct page_origin *o = &c->origin[line];

	*(o->before ? &c->origin[o->before - 1].next : &c->first[o->depends - 1]) = o->next;
	if (o->next)
		c->origin[o->next - 1].before = o->before;
}

static inline void join_list(struct page_cache *c, unsigned line, uint32_t depends)
{
	uint16_t *first = &c->first[depends - 1];

	c->origin[line] = (struct page_origin){ depends, *first, 0 };
	if (*first)
		c->origin[*first - 1].before = (uint16_t)(line + 1);
	*first = (uint16_t)(line + 1);
}

static inline bool is_fetched(unsigned line)
{
	return line / PAGES == ACCESS_FETCH;
}

static void drop_lines(const struct translator *t, struct context *context, uint16_t *first)
{
	struct page_cache *c = &context->pages;
	bool fetched = false;

	for (unsigned at = *first; at; at = c->origin[at - 1].next) {
		clear_line(c, at - 1);
		fetched |= is_fetched(at - 1);
	}
	*first = 0;
	if (fetched)
		context_clear_near(t, context);
}

/* Most lists are empty. */
static inline void drop_list(const struct translator *t, struct context *context, unsigned list)
{
	if (context->pages.first[list])
		drop_lines(t, context, &context->pages.first[list]);
}

/* One line. */
static void drop_line(const struct translator *t, struct context *context, unsigned line)
{
	leave_list(&context->pages, line);
	clear_line(&context->pages, line);
	if (is_fetched(line))
		context_clear_near(t, context);
}

/* Drops a line that depends on more than an element, if that matches it. */
static void drop_matching(struct translator *t, struct context *context, const struct view *v,
			  unsigned line, uint64_t element)
{
	struct page_cache *c = &context->pages;

	if (c->origin[line].depends > element + 1 &&
	    search_match(t, v, (enum access)(line / PAGES), c->line[line].tag, element))
		drop_line(t, context, line);
}

static inline bool fits(const struct page_line *line, struct match m)
{
	return !((line->tag ^ m.value) & m.mask);
}

/* Of the lines of an index, does the address of any fit? */
static inline bool any_fits(const struct page_line *line, struct match m)
{
	return fits(&line[ACCESS_FETCH * PAGES], m) || fits(&line[ACCESS_READ * PAGES], m) ||
	       fits(&line[ACCESS_WRITE * PAGES], m);
}

/* Those that can be meant have all numbers made of the open bits, and of the others as they are asked
 * for. */
static void __attribute__((noinline))
drop_few(struct translator *t, struct context *context, const struct view *v, uint64_t element,
	 struct match m, unsigned asked, unsigned open)
{
	unsigned i = 0;

	do {
		for (unsigned line = asked | i; line < PAGE_LINES; line += PAGES)
			if (fits(&context->pages.line[line], m))
				drop_matching(t, context, v, line, element);
		i = (i - open) & open;
	} while (i);
}

/* All lines that depend on more. */
static void __attribute__((noinline))
drop_any(struct translator *t, struct context *context, const struct view *v, uint64_t element,
	 struct match m)
{
	const struct page_cache *c = &context->pages;

	for (unsigned list = (unsigned)element + 1; list < t->paging.elements; list++)
		for (unsigned at = c->first[list], next; at; at = next) {
			next = c->origin[at - 1].next;
			if (fits(&c->line[at - 1], m))
				drop_matching(t, context, v, at - 1, element);
		}
}

/* Are at most three bits 1? */
static inline bool is_few(unsigned bits)
{
	bits &= bits - 1;
	bits &= bits - 1;
	return !(bits & (bits - 1));
}

/* Drops the lines that may come from an element now. */
static inline void drop_at(struct translator *t, struct context *context, const struct view *v,
			   uint64_t element, struct match m)
{
	unsigned log = context->pages.log, open = (unsigned)(~m.mask >> log) % PAGES;
	unsigned asked = (unsigned)(m.value >> log) % PAGES & ~open;
	const struct page_line *line = &context->pages.line[asked];

	m.mask = m.mask >> log << log;
	if (!is_few(open))
		drop_any(t, context, v, element, m);
	else if (open & (open - 1) || any_fits(line, m) || any_fits(line + open, m))
		drop_few(t, context, v, element, m, asked, open);
}

/* A line is another now, if it came from what has changed; or it may come from it now. */
static inline void drop_changed(struct translator *t, struct context *context,
				const struct view *v, const struct change *change)
{
	unsigned n = t->paging.elements, first = (unsigned)change->element;

	if (change->element == UINT64_MAX)
		return;
	drop_list(t, context, n);
	if (change->only == NOT_ONLY || !t->paging.match) {
		for (unsigned list = first; list < n; list++)
			drop_list(t, context, list);
		return;
	}
	drop_list(t, context, first);
	drop_at(t, context, v, first,
		change->only == ONLY_TOLD ? change->match : search_addresses(t, v, first));
}

void page_cache_refresh(struct translator *t, struct context *context, const struct view *v)
{
	struct page_cache *c = &context->pages;

	if (t->pages - c->verified > CHANGES)
		page_cache_drop(t, context);
	for (uint64_t n = c->verified + 1; n <= t->pages && c->ndependent; n++)
		drop_changed(t, context, v, &t->change[n % CHANGES]);
	c->verified = t->pages;
}

void page_cache_drop(const struct translator *t, struct context *context)
{
	for (unsigned list = 0; list <= t->paging.elements && context->pages.ndependent; list++)
		drop_list(t, context, list);
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

void page_cache_init(const struct translator *t, struct page_cache *c, uint64_t size)
{
	if (!t->paging.works)
		return;
	c->log = log_for(t, size);
	c->lines = lines_new();
	c->line = c->lines->line;
	c->origin = c->lines->origin;
	for (unsigned line = 0; line < PAGE_LINES; line += PAGES)
		c->line[line].tag = empty_tag(c, line); /* others are so */
	c->first = xcalloc(t->paging.elements + 1, sizeof *c->first);
}

void page_cache_fini(struct page_cache *c)
{
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

/* On how many elements a page depends that came of the one found, and of nothing else; or of none. */
static uint32_t depends_on(const struct translator *t, uint64_t found)
{
	bool known = found == UINT64_MAX || found < t->paging.elements;

	return known ? (uint32_t)(found + 1) : t->paging.elements + 1;
}

/* On how many one does that translate has just told of. */
static uint32_t depends_now(const struct translator *t, const struct view *v)
{
	const struct paging *p = &t->paging;

	for (unsigned i = 0; i < p->nwalks; i++)
		if (v->cpu->state[t->layout.spare + i] != UINT64_MAX)
			return t->paging.elements + 1;
	if (p->elsewhere)
		return t->paging.elements + 1;
	return p->searched ?
		       depends_on(t, v->cpu->state[t->layout.translate + p->search->index]) :
		       0;
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

/* The page in a line is at a place. */
static inline const struct page_line *enter(const struct translator *t, struct context *context,
					    unsigned line, struct page_line what, uint32_t depends)
{
	struct page_cache *c = &context->pages;

	if (c->origin[line].depends)
		drop_line(t, context, line); /* nobody watches that page any more */
	c->line[line] = what;
	if (depends) {
		join_list(c, line, depends);
		c->ndependent++;
	}
	return &c->line[line];
}

static const struct page_line *fill(struct translator *t, struct context *context,
				    const struct view *v, enum access access, uint64_t page)
{
	struct page_cache *c = &context->pages;
	uint64_t place;

	if (!translate_page(t, c, v, access, page, &place))
		return NULL;
	return enter(t, context, line_at(c, access, page), (struct page_line){ page, place },
		     depends_now(t, v));
}

const struct page_line *page_cache_get(struct translator *t, struct context *context,
				       const struct view *v, enum access access, uint64_t address)
{
	const struct page_cache *c = &context->pages;
	uint64_t page = address & ~(page_size(c) - 1);
	const struct page_line *line;

	if (!c->log)
		return NULL;
	line = &c->line[line_at(c, access, page)];
	if (line->tag == page)
		return line;
	return v ? fill(t, context, v, access, page) : NULL;
}

bool page_cache_knows(const struct translator *t, const struct context *context,
		      enum access access, uint64_t address, unsigned n, uint64_t *place)
{
	const struct page_cache *c = &context->pages;
	uint64_t offset = address & (page_size(c) - 1);
	const struct page_line *line = &c->line[line_at(c, access, address)];

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
		enter(t, c, line_at(&c->pages, access, address),
		      (struct page_line){ address - offset, place - offset }, depends_now(t, v));
	else if (!page_cache_get(t, c, v, access, address))
		return MISSED_NOTHING;
	return MISSED_FILLED;
}

bool page_cache_fill_told(const struct translator *t, struct context *context, uint64_t *state,
			  enum access access)
{
	const struct page_cache *c = &context->pages;
	uint64_t *work = state + t->layout.work, address = work[WORK_MISSED], place = work[WORK_PLACE];
	uint64_t offset = address & (page_size(c) - 1), page = address - offset;
	unsigned line = line_at(c, access, address);

	if (!place || !c->log || c->line[line].tag == page)
		return false;
	work[WORK_PLACE] = 0;
	enter(t, context, line, (struct page_line){ page, place - 1 - offset },
	      depends_on(t, work[WORK_FOUND]));
	return true;
}

/*
 * Nothing was found for it among all elements, and translate trapped.  One was written since: if there
 * is a place now, that was found.
 */
void page_cache_fill_trapped(struct translator *t, struct context *context, const struct view *v)
{
	const struct change *change = &t->change[t->pages % CHANGES];
	struct trapped *at = &context->trapped;
	enum access access = (enum access)(at->access - 1);
	uint64_t address = at->address, offset = address & (page_size(&context->pages) - 1);
	uint64_t *state = v->cpu->state;
	const void *code;

	if (!at->access || at->pages + 1 != t->pages || at->found != t->paging.elements ||
	    change->only != ONLY_TOLD || (address ^ change->match.value) & change->match.mask)
		return;
	at->access = 0;
	code = context->missing[access].given.code;
	if (!code)
		return;
	state[t->layout.locals] = address;
	state[t->layout.work + WORK_ELEMENT] = change->element;
	if (t->enter(state, 1, code).why == LEAVE_NEXT)
		enter(t, context, line_at(&context->pages, access, address),
		      (struct page_line){ address - offset,
					  state[t->layout.work + WORK_RESULT] - offset },
		      (uint32_t)change->element + 1);
}
