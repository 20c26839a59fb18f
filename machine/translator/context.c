/*
 * Contexts: translations are kept by the control context they were made for, so a
 * monitor that changes R, or goes from one world to another, drops nothing.
 */
#include "machine/translator/private.h"

#include "machine/stops.h"

#include "isa/alloc.h"

/* Are traps performed on a view, and is nobody told of them? */
static bool performs(const struct view *v)
{
	return !v->resident && !v->stops_in_user && !(v->stops && v->stops->trap);
}

/* Which registers are watched depends on whose they are. */
static uint64_t mark_of(const struct view *v)
{
	return v->stops ? v->stops->mark ^ (uint64_t)(v->stops->view == v) << 1 : 0;
}

unsigned translator_sharing(struct translator *t, const bool *shared)
{
	size_t size = t->isa->nslots * sizeof *shared;

	for (unsigned i = 0; i < t->nsharings; i++)
		if (memcmp(t->sharing[i], shared, size) == 0)
			return i + 1;
	t->sharing = xrealloc(t->sharing, (t->nsharings + 1) * sizeof *t->sharing);
	t->sharing[t->nsharings] = memcpy(xcalloc(1, size), shared, size);
	return ++t->nsharings;
}

/* As far as the masks say. */
static inline bool registers_hold(const struct translator *t, const struct key *k,
				  const struct view *v, const uint64_t *mask)
{
	const uint64_t *state = v->cpu->state;

	for (unsigned i = 0; i < t->nkeys; i++)
		if ((k->slot[i] ^ state[t->key_slot[i]]) & mask[i])
			return false;
	return true;
}

static inline bool rest_holds(const struct key *k, const struct view *v)
{
	return k->base == v->window.base && k->size == v->window.size &&
	       k->logged == (v->window.storage->log != NULL) && k->sharing == v->sharing &&
	       k->rounds == performs(v) && k->stops == mark_of(v);
}

/* Registers are what differs most often. */
static inline bool key_holds(const struct translator *t, const struct key *k, const struct view *v)
{
	return (!k->keyed || registers_hold(t, k, v, t->key_mask)) && rest_holds(k, v);
}

bool context_holds(struct translator *t, struct context *c, const struct view *v)
{
	if (!key_holds(t, &c->key, v))
		return false;
	if (t->paging.works)
		page_cache_note(t, v);
	return !t->paging.works || page_cache_holds(t, &c->pages);
}

static inline bool all_told(const struct translator *t)
{
	return !t->pages_untold && t->pages_walks == t->walks;
}

bool context_stayed(const struct translator *t, const struct context *c, const struct view *v)
{
	return registers_hold(t, &c->key, v, t->key_mask) &&
	       (!t->paging.works || (c->pages.verified == t->pages && all_told(t)));
}

/* P can be any number, so that what is not there leads back. */
static struct near nowhere(const struct translator *t)
{
	return (struct near){ .p = UINT64_MAX, .code = t->leave };
}

void context_clear_near(const struct translator *t, struct context *c)
{
	if (c->nnoted <= NOTED)
		for (unsigned i = 0; i < c->nnoted; i++)
			c->near[c->noted[i]] = (struct near){ .p = 0 };
	else
		memset(c->near, 0, sizeof c->near);
	c->near[0] = nowhere(t);
	c->nnoted = 0;
}

void context_note_near(const struct translator *t, struct context *c, uint64_t p, const void *code)
{
	unsigned i = context_near(t, p);

	if (c->nnoted < NOTED)
		c->noted[c->nnoted] = (uint16_t)i;
	if (c->nnoted <= NOTED)
		c->nnoted++;
	c->near[i] = (struct near){ p, code };
}

void context_forget_near(const struct translator *t, struct context *c, uint64_t p)
{
	struct near *near = &c->near[context_near(t, p)];

	if (near->p == p)
		*near = nowhere(t);
}

static void note_registers(const struct translator *t, struct key *k, const struct view *v)
{
	for (unsigned i = 0; i < t->nkeys; i++)
		k->slot[i] = v->cpu->state[t->key_slot[i]] & t->key_mask[i];
}

static struct context *context_new(const struct translator *t, const struct view *v, bool keyed)
{
	struct context *c = xcalloc(1, sizeof *c);

	c->key.keyed = keyed;
	c->key.base = v->window.base;
	c->key.size = v->window.size;
	c->key.logged = v->window.storage->log != NULL;
	c->key.rounds = performs(v);
	c->key.sharing = v->sharing;
	c->key.stops = mark_of(v);
	if (v->stops) {
		c->key.from = v->stops->window.base + v->stops->from - v->window.base;
		c->key.to = v->stops->window.base + v->stops->to - v->window.base;
	}
	c->key.slot = xcalloc(t->nkeys + 1, sizeof *c->key.slot);
	note_registers(t, &c->key, v);
	context_clear_near(t, c);
	page_cache_init(t, &c->pages, v->window.size);
	for (int a = ACCESS_FETCH; a <= ACCESS_WRITE; a++)
		c->missing[a] = (struct missing){
			.code = t->leave_because[leave_missing((enum access)a)],
			.link = context_link(c)
		};
	return c;
}

void context_free(struct context *c)
{
	for (struct entries *e = c->entries, *next; e; e = next) {
		next = e->next;
		free(e);
	}
	free(c->bucket);
	page_cache_fini(&c->pages);
	free(c->key.slot);
	free(c);
}

/* Fibonacci hashing, of what is part of the key. */
static struct context **bucket_of(struct translator *t, const struct view *v, bool keyed)
{
	const uint64_t factor = UINT64_C(0x9e3779b97f4a7c15);
	uint64_t h = (v->window.base ^ v->window.size << 32) + performs(v) + v->sharing * 2 +
		     mark_of(v);

	for (unsigned i = 0; keyed && i < t->nkeys; i++)
		h = (h ^ (v->cpu->state[t->key_slot[i]] & t->key_apart[i])) * factor;
	return &t->by_key[h * factor >> (64 - CONTEXT_BUCKETS_LOG)];
}

/* What translate searches for may be something else now. */
static struct context *as_now(const struct translator *t, struct context *c, const struct view *v)
{
	if (!registers_hold(t, &c->key, v, t->key_mask)) {
		note_registers(t, &c->key, v);
		page_cache_drop(t, c);
		c->trapped.access = 0;
	}
	return c;
}

static struct context *find_context(struct translator *t, const struct view *v, bool keyed)
{
	struct context **bucket = bucket_of(t, v, keyed), *c;

	for (c = *bucket; c; c = c->next)
		if (c->key.keyed == keyed && rest_holds(&c->key, v) &&
		    (!keyed || registers_hold(t, &c->key, v, t->key_apart)))
			return keyed ? as_now(t, c, v) : c;
	if (t->ncontexts == CONTEXTS_MOST)
		translator_flush(t);
	if (t->ncontexts == t->contexts_capacity) {
		t->contexts_capacity = t->contexts_capacity ? t->contexts_capacity * 2 : 4;
		t->context = xrealloc(t->context, t->contexts_capacity * sizeof(struct context *));
	}
	c = t->context[t->ncontexts++] = context_new(t, v, keyed);
	c->next = *bucket;
	return *bucket = c;
}

/* The last one, or the one after it: a guest and its system alternate, and so do worlds. */
static inline struct context *likely_context(const struct translator *t, struct context *last,
					     const struct view *v)
{
	if (last && key_holds(t, &last->key, v))
		return last;
	if (last && last->after && key_holds(t, &last->after->key, v))
		return last->after;
	return NULL;
}

static struct context *another_context(struct translator *t, const struct view *v)
{
	struct context *last = t->last[v->sharing != 0], *c;
	uint64_t flushes = t->counts.flushes;

	c = find_context(t, v, true);
	if (last && t->counts.flushes == flushes)
		last->after = c;
	return c;
}

/* Where it is neither of these, or goes by pages. */
static struct context *__attribute__((noinline))
context_of_others(struct translator *t, const struct view *v, struct context *c)
{
	if (!c)
		c = another_context(t, v);
	if (t->paging.works && !page_cache_holds(t, &c->pages))
		page_cache_refresh(t, c, v);
	return t->last[v->sharing != 0] = c;
}

struct context *context_again(struct translator *t, const struct view *v)
{
	if (!all_told(t))
		page_cache_note(t, v);
	return context_of_others(t, v, likely_context(t, t->last[v->sharing != 0], v));
}

struct context *context_of(struct translator *t, const struct view *v)
{
	struct context **last = &t->last[v->sharing != 0];
	struct context *c = likely_context(t, *last, v);

	if (t->paging.works)
		page_cache_note(t, v);
	if (!c || t->paging.works)
		return context_of_others(t, v, c);
	return *last = c;
}

struct context *context_world(struct translator *t, const struct view *v)
{
	if (!t->last_world || !key_holds(t, &t->last_world->key, v))
		t->last_world = find_context(t, v, false);
	return t->last_world;
}

static struct entry *entry_new(const struct translator *t, struct context *c, uint64_t frame,
			       uint64_t p)
{
	enum { PIECE = sizeof c->entries->entry / sizeof *c->entries->entry };
	struct entry *e;

	if (!c->entries || c->entries->used == PIECE) {
		struct entries *more = xmalloc(sizeof *more);

		more->next = c->entries;
		more->used = 0;
		c->entries = more;
	}
	e = &c->entries->entry[c->entries->used++];
	*e = (struct entry){ .p = p,
			     .frame = frame,
			     .code = t->leave,
			     .budget = t->leave_because[LEAVE_BUDGET] };
	e->link = context_link(c);
	return e;
}

/* Places that differ in where they lead only are apart, too. */
static struct entry **entry_bucket(const struct context *c, uint64_t p)
{
	uint64_t h = p * UINT64_C(0x9e3779b97f4a7c15);

	return &c->bucket[h >> 32 & (c->nbuckets - 1)];
}

/* Twice as many buckets. */
static void spread(struct context *c)
{
	enum { FEW = 64 };
	struct entry **before = c->bucket;
	unsigned n = c->nbuckets;

	c->nbuckets = n ? n * 2 : FEW;
	c->bucket = xcalloc(c->nbuckets, sizeof(struct entry *));
	for (unsigned i = 0; i < n; i++)
		for (struct entry *e = before[i], *next, **at; e; e = next) {
			next = e->next;
			at = entry_bucket(c, e->p);
			e->next = *at;
			*at = e;
		}
	free(before);
}

static struct entry *look_up(const struct context *c, uint64_t frame, uint64_t p)
{
	struct entry *e = c->nbuckets ? *entry_bucket(c, p) : NULL;

	while (e && (e->p != p || e->frame != frame))
		e = e->next;
	return e;
}

struct entry *context_entry(struct translator *t, struct context *c, uint64_t frame, uint64_t p)
{
	struct entry *e = look_up(c, frame, p), **at;

	if (e)
		return e;
	if (c->nentries == c->nbuckets)
		spread(c);
	c->nentries++;
	e = entry_new(t, c, frame, p);
	at = entry_bucket(c, p);
	e->next = *at;
	return *at = e;
}

bool context_has_code(struct translator *t, struct context *c, uint64_t p)
{
	uint64_t place = position_place(t, p), frame;
	const struct entry *e;

	if (!place_noted(places_at(t, place)->entered, place) ||
	    !context_frame(t, c, NULL, p, &frame))
		return false;
	e = look_up(c, frame, p);
	return e && e->from;
}

const void *context_code_apart(struct translator *t, struct context *c, uint64_t p)
{
	const struct entry *e;
	uint64_t frame;

	e = context_frame(t, c, NULL, p, &frame) ? look_up(c, frame, p) : NULL;
	if (!e)
		return NULL;
	return e->from ? e->code : e->steps.code;
}

bool context_same_page(const struct translator *t, const struct context *c, uint64_t a, uint64_t b)
{
	return !t->paging.works ||
	       position_p(t, a) >> c->pages.log == position_p(t, b) >> c->pages.log;
}

bool context_frame(struct translator *t, struct context *c, const struct view *v, uint64_t p,
		   uint64_t *frame)
{
	uint64_t address = position_p(t, p) & isa_mask(t->isa->word);
	const struct page_line *line;

	*frame = 0;
	if (!t->paging.works)
		return true;
	line = page_cache_get(t, c, v, ACCESS_FETCH, address);
	if (line)
		*frame = line->place;
	return line != NULL;
}

struct entry *context_find_page(struct translator *t, struct context *c, const struct view *v,
				uint64_t p)
{
	uint64_t frame;

	return context_frame(t, c, v, p, &frame) ? context_entry(t, c, frame, p) : NULL;
}

/* ---- from time to time ---- */

void translator_flush(struct translator *t)
{
	for (unsigned i = 0; i < t->ncontexts; i++)
		context_free(t->context[i]);
	t->ncontexts = 0;
	recall_nothing(t->simplifier);
	memset(t->by_key, 0, sizeof t->by_key);
	t->last[false] = t->last[true] = t->last_world = NULL;
	t->memory.used = t->frame;
	origin_forget(t);
	search_forget(t);
	t->counts.flushes++;
}

/* ---- making one ---- */

/* A register that translate reads and that is not part of the context. */
static void watch(struct translator *t, const struct isa_reg *r)
{
	if (t->watched[r->slot])
		return;
	memset(t->watched + r->slot, true, r->count);
	t->watched_reg[t->nwatched++] = r;
	t->nwatched_slots += r->count;
}

/* Some bits of a register are part of it; `apart`: they tell contexts apart. */
static void add_key(struct translator *t, const struct isa_reg *r, uint64_t mask, bool apart)
{
	unsigned i = 0;

	while (i < t->nkeys && t->key_slot[i] != r->slot)
		i++;
	if (i == t->nkeys)
		t->key_slot[t->nkeys++] = r->slot;
	t->keyed[r->slot] = true;
	t->key_mask[i] |= mask;
	if (apart)
		t->key_apart[i] |= mask;
}

/* What an expression takes of its operand: by pages, much of a register may change that is not
 * looked at. */
static uint64_t key_mask(const struct translator *t, const struct expr *e)
{
	return e->op == X_SLICE && t->paging.works ? isa_mask(e->width) << e->value : UINT64_MAX;
}

static void keys_of_expr(struct translator *t, const struct expr *e, uint64_t mask, bool apart)
{
	if (!e)
		return;
	if (e->op == X_REG && e->reg->class == CLASS_CONTROL)
		add_key(t, e->reg, mask & isa_mask(e->reg->width), apart);
	else if (e->op == X_REG || e->op == X_ELEM)
		watch(t, e->reg);
	mask = key_mask(t, e);
	apart &= e->op != X_FIND || !t->paging.works;
	for (unsigned i = 0; i < expr_op_arity(e->op); i++)
		keys_of_expr(t, e->arg[i], mask, apart);
}

static void keys_of_list(struct translator *t, const struct stmt *s)
{
	for (; s; s = s->next) {
		keys_of_expr(t, s->address, UINT64_MAX, true);
		keys_of_expr(t, s->value, UINT64_MAX, true);
		keys_of_list(t, s->body);
		keys_of_list(t, s->otherwise);
	}
}

/* The scalar control registers in it. */
static void keys_of_mode(struct translator *t, const struct expr *e, uint64_t mask)
{
	if (!e)
		return;
	if (e->op == X_REG && e->reg->class == CLASS_CONTROL)
		add_key(t, e->reg, mask & isa_mask(e->reg->width), true);
	mask = key_mask(t, e);
	for (unsigned i = 0; i < expr_op_arity(e->op); i++)
		keys_of_mode(t, e->arg[i], mask);
}

static void read_description(struct translator *t)
{
	const struct isa *isa = t->isa;
	bool is_fixed = code_fixed(isa->translate);

	t->log_length = (unsigned)__builtin_ctz(isa->length);
	if (!is_fixed)
		page_analyse(t, &t->paging);
	position_init(t);
	t->watched_reg = xcalloc(isa->nregs, sizeof *t->watched_reg);
	t->watched = xcalloc(isa->nslots, sizeof *t->watched);
	t->key_slot = xcalloc(isa->nslots, sizeof *t->key_slot);
	t->key_mask = xcalloc(isa->nslots, sizeof *t->key_mask);
	t->key_apart = xcalloc(isa->nslots, sizeof *t->key_apart);
	t->keyed = xcalloc(isa->nslots, sizeof *t->keyed);
	t->width = xcalloc(isa->nslots, sizeof *t->width);
	t->before = xcalloc(isa->nslots, sizeof *t->before);
	t->after = xcalloc(isa->nslots, sizeof *t->after);
	for (const struct isa_reg *r = isa->reg; r < isa->reg + isa->nregs; r++)
		memset(t->width + r->slot, r->width, r->count);
	/* what changes most often comes first */
	keys_of_mode(t, isa->user, UINT64_MAX);
	keys_of_list(t, isa->translate->body);
	keys_of_mode(t, isa->big, UINT64_MAX);
	t->pages_watched = xcalloc(t->nwatched_slots + 1, sizeof *t->pages_watched);
	t->beside = xcalloc(t->nwatched + 1, sizeof *t->beside);
	for (unsigned i = 0; i < t->nwatched; i++)
		t->beside[i] = t->paging.searched &&
			       (t->watched_reg[i] == t->paging.searched ||
				(!t->paging.elsewhere &&
				 page_runs_beside(&t->paging, t->watched_reg[i])));
	t->able = (is_fixed || t->paging.works) &&
		  t->storage->size * (t->storage->cell_size + 1) < UINT64_C(1) << 30;
}

/* With the translator, which has nothing else. */
static void free_description(struct translator *t)
{
	for (int a = ACCESS_FETCH; a <= ACCESS_WRITE; a++)
		free(t->paging.translate[a]), free(t->paging.alone[a]);
	for (unsigned i = 0; i < t->nsharings; i++)
		free(t->sharing[i]);
	free(t->sharing);
	free(t->paging.match);
	free(t->paging.addresses);
	free(t->watched_reg);
	free(t->pages_watched);
	free(t->beside);
	free(t->watched);
	free(t->key_slot);
	free(t->key_mask);
	free(t->key_apart);
	free(t->keyed);
	free(t->width);
	free(t->before);
	free(t->after);
	free(t);
}

struct translator *translator_new(const struct isa *isa, struct storage *storage,
				  struct oracle *oracle, const struct translator_options *options)
{
#ifdef __x86_64__
	enum { MEMORY = 64 << 20, HOT = 16 };
	struct translator *t = xcalloc(1, sizeof *t);

	t->isa = isa;
	t->storage = storage;
	t->oracle = oracle;
	t->layout = oracle->layout;
	t->layout.vectors = options->vectors != 1 && x86_has_vectors();
	t->options = *options;
	if (!t->options.hot)
		t->options.hot = HOT;
	if (!t->options.memory)
		t->options.memory = MEMORY;
	if (t->options.memory < TRANSLATOR_LEAST_MEMORY)
		t->options.memory = TRANSLATOR_LEAST_MEMORY;
	if (!t->options.blocks || t->options.blocks > MAX_BLOCKS)
		t->options.blocks = MAX_BLOCKS;
	read_description(t);
	if (!t->able || !code_memory_init(&t->memory, t->options.memory)) {
		free_description(t);
		return NULL;
	}
	t->changed = xcalloc((storage->size >> CHANGED_LOG) + 1, sizeof *t->changed);
	t->origin = xcalloc((storage->size >> ORIGIN_LOG) + 1, sizeof(struct origin *));
	t->places = xcalloc((1 << PLACES_LOG) / 64, sizeof *t->places);
	t->dense = xcalloc(t->layout.total, sizeof *t->dense);
	t->simplifier = simplifier_storage_new(t);
	carry_nothing(t);
	tile_frame(t);
	storage->code_owner = t;
	storage->code_written = origin_written;
	return t;
#else
	(void)isa, (void)storage, (void)oracle, (void)options;
	return NULL;
#endif
}

void translator_free(struct translator *t)
{
	if (!t)
		return;
	translator_flush(t);
	t->storage->code_written = NULL;
	code_memory_fini(&t->memory);
	free(t->context);
	free(t->origin);
	free(t->changed);
	free(t->places);
	free(t->dense);
	simplifier_storage_free(t->simplifier);
	free_description(t);
}

struct translator_counts translator_counts(const struct translator *t)
{
	return t->counts;
}
