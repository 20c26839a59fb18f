/* Stops: see machine/stops.h. */
#include "machine/compiled.h"

#include "isa/alloc.h"

/* ---- which there are ---- */

/* So that different sets have different marks: SplitMix64 (Steele, Lea and Flood 2014). */
static uint64_t scatter(uint64_t x)
{
	x += UINT64_C(0x9e3779b97f4a7c15);
	x = (x ^ x >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
	x = (x ^ x >> 27) * UINT64_C(0x94d049bb133111eb);
	return x ^ x >> 31;
}

static void note_reads(struct stops *s, const struct watch *w)
{
	if (!w->read)
		return;
	if (s->to == 0)
		s->from = w->first;
	s->from = w->first < s->from ? w->first : s->from;
	s->to = w->first + w->count > s->to ? w->first + w->count : s->to;
}

static uint64_t mark_pieces(const struct compiled *c)
{
	uint64_t mark = c->npieces;

	for (const struct piece *p = c->piece; p < c->piece + c->npieces; p++)
		mark = scatter(scatter(mark + p->kind) ^ p->number);
	return mark;
}

/* Instructions, registers and close conditions; each kind by numbers of its own. */
static uint64_t mark_others(const struct stops *s)
{
	uint64_t mark = 0;

	for (unsigned i = 0; s->instr && i < s->view->isa->ninstrs; i++)
		if (s->instr[i])
			mark ^= scatter(scatter(i) + 1);
	for (unsigned i = 0; i < s->nregisters; i++)
		mark ^= scatter(scatter(4 * s->reg[i].slot + 2 * s->reg[i].close +
					s->reg[i].leaves) +
				2 + i);
	for (unsigned i = 0; i < s->nconditions; i++)
		if (s->condition[i]->close)
			mark = scatter(mark ^ mark_pieces(s->condition[i]->compiled));
	return mark;
}

static void changed(struct stops *s)
{
	s->mark = mark_others(s);
	s->from = s->to = 0;
	for (unsigned i = 0; i < s->nbreaks; i++)
		s->mark ^= scatter(s->at[i]);
	for (unsigned i = 0; i < s->nwatches; i++)
		note_reads(s, &s->watch[i]);
	if (s->to)
		s->mark ^= scatter(scatter(s->from) + s->to);
	if (s->nbreaks || s->to || s->instr || s->nregisters || s->nclose)
		s->mark |= 1;
}

/* In the storage's map. */
static void mark_units(const struct stops *s, const struct watch *w)
{
	uint8_t bits = (w->read ? MAP_READ : 0) | (w->write ? MAP_WRITTEN : 0);

	for (uint64_t i = 0; i < w->count; i++)
		storage_add_code(s->window.storage, s->window.base + w->first + i, bits);
}

static struct watch cell_watch(uint64_t place)
{
	return (struct watch){ .first = place, .count = 1, .write = true };
}

/* Others on this storage may watch the same. */
static void mark_all(const struct storage *storage)
{
	for (const struct stops *s = storage->stops; s; s = s->next) {
		for (unsigned i = 0; i < s->nwatches; i++)
			mark_units(s, &s->watch[i]);
		for (unsigned i = 0; i < s->nconditions; i++)
			for (unsigned k = 0; k < s->condition[i]->cells.n; k++) {
				struct watch w = cell_watch(s->condition[i]->cells.place[k]);

				mark_units(s, &w);
			}
	}
}

static void unmark_units(const struct stops *s, const struct watch *w)
{
	for (uint64_t i = 0; i < w->count; i++)
		storage_drop_code(s->window.storage, s->window.base + w->first + i,
				  MAP_CODE | MAP_WALKED);
}

/* A condition looks at these from now on. */
static void look_into(struct stops *s, struct stop_condition *c, const struct stop_cells *cells)
{
	struct stop_cells old = c->cells;

	if (cells->n == old.n &&
	    memcmp(cells->place, old.place, old.n * sizeof *old.place) == 0)
		return;
	c->cells = *cells;
	s->looks |= cells->n > 0;
	for (unsigned i = 0; i < old.n; i++) {
		struct watch w = cell_watch(old.place[i]);

		unmark_units(s, &w);
	}
	mark_all(s->window.storage);
}

struct stops *stops_new(struct view *v)
{
	struct stops *s = xcalloc(1, sizeof *s);

	s->view = v;
	s->window = v->window;
	s->next = v->window.storage->stops;
	v->window.storage->stops = s;
	return v->stops = s;
}

void stops_free(struct stops *s)
{
	struct stops **at;

	if (!s)
		return;
	at = &s->window.storage->stops;
	while (s->nwatches)
		stops_remove_watch(s, &s->watch[s->nwatches - 1]);
	for (unsigned i = 0; i < s->nconditions; i++)
		look_into(s, s->condition[i], &(struct stop_cells){ .n = 0 });
	while (*at != s)
		at = &(*at)->next;
	*at = s->next;
	s->view->stops = NULL;
	free(s->at);
	free(s->watch);
	free(s->reg);
	free(s->condition);
	free(s->instr);
	free(s->trap);
	free(s);
}

/* ---- breaks ---- */

/* The first place that is not below p. */
static unsigned place_of(const struct stops *s, uint64_t p)
{
	unsigned low = 0, high = s->nbreaks;

	while (low < high) {
		unsigned middle = (low + high) / 2;

		if (s->at[middle] < p)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

bool stops_at(const struct stops *s, uint64_t p)
{
	unsigned i = place_of(s, p);

	return i < s->nbreaks && s->at[i] == p;
}

bool stops_add_break(struct stops *s, uint64_t p)
{
	unsigned i = place_of(s, p);

	if (stops_at(s, p))
		return false;
	s->at = xrealloc(s->at, (s->nbreaks + 1) * sizeof *s->at);
	memmove(s->at + i + 1, s->at + i, (s->nbreaks++ - i) * sizeof *s->at);
	s->at[i] = p;
	changed(s);
	return true;
}

bool stops_remove_break(struct stops *s, uint64_t p)
{
	unsigned i = place_of(s, p);

	if (!stops_at(s, p))
		return false;
	memmove(s->at + i, s->at + i + 1, (--s->nbreaks - i) * sizeof *s->at);
	changed(s);
	return true;
}

/* ---- watches ---- */

bool stops_add_watch(struct stops *s, const struct watch *w)
{
	if (w->count == 0 || w->count > s->window.size || w->first > s->window.size - w->count ||
	    !(w->read || w->write))
		return false;
	s->watch = xrealloc(s->watch, (s->nwatches + 1) * sizeof *s->watch);
	s->watch[s->nwatches++] = *w;
	mark_units(s, w);
	changed(s);
	return true;
}

static bool same(const struct watch *a, const struct watch *b)
{
	return a->first == b->first && a->count == b->count && a->read == b->read &&
	       a->write == b->write;
}

bool stops_remove_watch(struct stops *s, const struct watch *w)
{
	unsigned i = 0;

	while (i < s->nwatches && !same(&s->watch[i], w))
		i++;
	if (i == s->nwatches)
		return false;
	unmark_units(s, w);
	memmove(s->watch + i, s->watch + i + 1, (--s->nwatches - i) * sizeof *s->watch);
	mark_all(s->window.storage);
	changed(s);
	return true;
}

/* The one that an access to a unit concerns; NULL: none. */
static const struct watch *watch_of(const struct stops *s, uint64_t address, enum access access)
{
	for (unsigned i = 0; i < s->nwatches; i++) {
		const struct watch *w = &s->watch[i];

		if (address - w->first < w->count && (access == ACCESS_READ ? w->read : w->write))
			return w;
	}
	return NULL;
}

static bool is_cell(const struct stops *s, uint64_t address)
{
	for (unsigned i = 0; i < s->nconditions; i++)
		for (unsigned k = 0; k < s->condition[i]->cells.n; k++)
			if (s->condition[i]->cells.place[k] == address)
				return true;
	return false;
}

void stops_touch(struct stops *s, const struct window *from, const uint64_t *place, unsigned n,
		 enum access access)
{
	for (unsigned i = 0; i < n; i++) {
		uint64_t address = from->base + place[i] - s->window.base;
		const struct watch *w = watch_of(s, address, access);

		s->touched |= access == ACCESS_WRITE && is_cell(s, address);
		if (!w || s->struck)
			continue;
		s->struck = true;
		s->hit = (struct hit){ -1, 0, *w, access, address, s->p };
	}
}

/* ---- registers ---- */

static struct watched_register *register_of(const struct stops *s, unsigned slot)
{
	for (unsigned i = 0; i < s->nregisters; i++)
		if (s->reg[i].slot == slot)
			return &s->reg[i];
	return NULL;
}

static const struct isa_reg *reg_at(const struct isa *isa, unsigned slot)
{
	const struct isa_reg *r = isa->reg;

	while (slot - r->slot >= r->count)
		r++;
	return r;
}

bool stops_leads(const struct isa *isa, unsigned slot)
{
	const struct isa_reg *r = reg_at(isa, slot);

	return r == isa->role[ROLE_PC] ||
	       (isa->advance && isa->ninstrs && !r->array &&
		code_writes(&isa->instr[0].code, r)); /* as each of them moves P on */
}

/* Can it change without an instruction that is known to write it? */
static bool restless(const struct isa *isa, unsigned slot)
{
	const struct isa_reg *r = reg_at(isa, slot);

	return stops_leads(isa, slot) || code_writes(isa->tick, r) || code_writes(isa->skip, r);
}

static void registers_changed(struct stops *s)
{
	s->alone = s->opaque || s->nregisters > STOPS_REGISTERS;
	s->timed = false;
	for (unsigned i = 0; i < s->nregisters; i++) {
		struct watched_register *r = &s->reg[i];
		bool moves = r->told && restless(s->view->isa, r->slot);

		r->close = moves && translator_follows(s->view, r->slot);
		s->timed |= r->close;
		s->alone |= moves && !r->close;
	}
	changed(s);
}

/* Looked at from now on; there may be reasons already. */
static struct watched_register *look_at(struct stops *s, unsigned slot)
{
	struct watched_register *r = register_of(s, slot);

	if (r)
		return r;
	s->reg = xrealloc(s->reg, (s->nregisters + 1) * sizeof *s->reg);
	r = &s->reg[s->nregisters++];
	*r = (struct watched_register){
		.slot = slot, .visible = reg_at(s->view->isa, slot)->class == CLASS_VISIBLE
	};
	return r;
}

bool stops_add_register(struct stops *s, unsigned slot)
{
	struct watched_register *r = look_at(s, slot);

	if (r->told)
		return false;
	r->told = r->leaves = true;
	registers_changed(s);
	return true;
}

bool stops_remove_register(struct stops *s, unsigned slot)
{
	struct watched_register *r = register_of(s, slot);

	if (!r || !r->told)
		return false;
	r->told = false;
	if (!r->conditions)
		*r = s->reg[--s->nregisters];
	registers_changed(s);
	return true;
}

/* Can translated code find out before each instruction whether it holds? */
static bool looks_closely(struct stops *s, const struct stop_condition *c)
{
	unsigned words = c->compiled ? compiled_nwords(c->compiled) : 0;

	if (!c->compiled || s->nclose == STOPS_CLOSE || s->nwords + words > STOPS_WORDS ||
	    !translator_looks(s->view, c->compiled))
		return false;
	s->nclose++;
	s->nwords += words;
	return true;
}

void stops_add_condition(struct stops *s, struct stop_condition *c, const unsigned *slot, unsigned n)
{
	bool timed = c->compiled && compiled_has(c->compiled, PIECE_TIME), moves = timed;

	for (unsigned i = 0; i < n; i++)
		moves |= restless(s->view->isa, slot[i]);
	c->devices = c->compiled && compiled_has(c->compiled, PIECE_DEVICE);
	c->known = false;
	s->looks |= timed || c->devices;
	c->close = moves && looks_closely(s, c);
	s->opaque |= moves && !c->close;
	for (unsigned i = 0; i < n; i++) {
		struct watched_register *r = look_at(s, slot[i]);

		r->conditions++;
		r->leaves |= !c->close ||
			     (compiled_has(c->compiled, PIECE_WORD) &&
			      !restless(s->view->isa, slot[i]));
	}
	s->condition = xrealloc(s->condition,
				(s->nconditions + 1) * sizeof(struct stop_condition *));
	s->condition[s->nconditions++] = c;
	registers_changed(s);
}

static bool holds(struct stops *s, struct stop_condition *c)
{
	struct stop_cells cells = { .n = 0 };
	struct view copy = *s->view;
	bool holds;

	copy.stops = NULL; /* to look is no access */
	holds = c->holds(&copy, c->context, &cells);
	look_into(s, c, &cells);
	return holds;
}

void stops_note(struct stops *s)
{
	const struct view *v = s->view;

	s->touched = false;
	for (unsigned i = 0; i < s->nregisters; i++)
		s->reg[i].before = v->cpu->state[s->reg[i].slot];
	for (unsigned i = 0; i < s->nconditions; i++) {
		struct stop_condition *c = s->condition[i];

		c->came = false;
		c->held = (!c->devices || !c->known || c->held) && holds(s, c);
		c->known = true;
	}
}

static void strike(struct stops *s, const struct watched_register *r)
{
	if (s->struck)
		return;
	s->struck = true;
	s->hit = (struct hit){ .slot = (int)r->slot, .before = r->before, .p = s->p };
}

static void ask(struct stops *s)
{
	for (unsigned i = 0; i < s->nconditions; i++) {
		struct stop_condition *c = s->condition[i];
		bool now = holds(s, c);

		c->came |= now && !c->held;
		c->held = now;
		s->broke |= c->came;
	}
}

/*
 * settled: time is.  Else what conditions on it would say now need not be so, and where each step
 * runs by itself it is not over: what it did, a trap of its unit of time may undo, and a monitor
 * settles that later.
 */
static bool compare(struct stops *s, const struct view *v, bool settled)
{
	bool own = s->view->cpu == v->cpu, any = s->touched;

	for (unsigned i = 0; i < s->nregisters; i++) {
		struct watched_register *r = &s->reg[i];
		uint64_t now = v->cpu->state[r->slot];

		if (now == r->before || !stops_compares(s, v, r))
			continue;
		any = true;
		if ((s->alone || s->timed) && !(own && settled))
			continue;
		if (r->told)
			strike(s, r);
		if (own)
			r->before = now;
	}
	if (own)
		s->waits = s->touched = false;
	if (any && own && (settled || !(s->alone || s->nclose || s->timed)))
		ask(s);
	else if (any && own)
		s->touched = true; /* to be asked later */
	else if (any)
		s->waits = true;
	return any;
}

bool stops_compare(struct stops *s, const struct view *v)
{
	return compare(s, v, false);
}

bool stops_compare_settled(struct stops *s, const struct view *v)
{
	return compare(s, v, true);
}

/* ---- instructions and traps ---- */

static bool add(bool **set, unsigned n, unsigned index)
{
	if (!*set)
		*set = xcalloc(n, sizeof **set);
	if ((*set)[index])
		return false;
	return (*set)[index] = true;
}

bool stops_add_instr(struct stops *s, unsigned index)
{
	bool added = add(&s->instr, s->view->isa->ninstrs, index);

	changed(s);
	return added;
}

bool stops_add_trap(struct stops *s, unsigned index)
{
	return add(&s->trap, s->view->isa->ntraps, index);
}

void stops_add_turns(struct stops *s)
{
	s->turns = true;
}

void stops_trapped(const struct view *v, const struct isa_trap *trap)
{
	if (v->stops->trap && v->stops->view == v && v->stops->trap[trap->index])
		v->stops->broke = true;
}

/* ---- what came of them ---- */

/* What is fetched for this purpose is not touched. */
static bool before_instr(const struct stops *s, const struct view *v)
{
	struct view copy = s->view->cpu == v->cpu ? *s->view : *v;
	const struct isa_instr *i;
	uint64_t word, place;

	copy.stops = NULL;
	i = view_fetch(&copy, &word, &place) ? isa_decode(v->isa, word) : NULL;
	return i && s->instr[i->index];
}

bool stops_stand(const struct view *v)
{
	const struct stops *s = v->stops;

	return s && ((s->nbreaks && stops_at(s, v->cpu->state[v->isa->role[ROLE_PC]->slot])) ||
		     (s->instr && before_instr(s, v)));
}

const struct hit *stops_hit(const struct view *v)
{
	return v->stops && v->stops->struck ? &v->stops->hit : NULL;
}
