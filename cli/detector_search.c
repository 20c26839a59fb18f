/* From a difference between worlds to one in P: words drawn one by one. */
#include "cli/detector_private.h"

#include "isa/alloc.h"

#include <string.h>

enum { DEPTH = 12 }; /* steps from the word to where P differs */
#define NO_PLACE UINT64_MAX

/* What the next word is to do. */
enum aim {
	LEAVE_USER, /* trap: only the supervisor's mode reaches the console */
	CLOSER,	    /* to P */
	ASIDE,	    /* make of what differs something that is easier to compare */
	APART,	    /* jump to where there is room */
};

/* ---- what differs ---- */

static uint64_t p_of(const struct view *v)
{
	return v->cpu->state[v->isa->role[ROLE_PC]->slot];
}

static bool class_differs(const struct view *a, const struct view *b, enum isa_class class)
{
	for (unsigned i = 0; i < a->isa->nregs; i++) {
		const struct isa_reg *r = &a->isa->reg[i];

		if (r->class == class && !r->time &&
		    memcmp(a->cpu->state + r->slot, b->cpu->state + r->slot,
			   r->count * sizeof(uint64_t)) != 0)
			return true;
	}
	return false;
}

static bool devices_differ(const struct view *a, const struct view *b)
{
	for (unsigned i = 0; i < a->isa->ndevices; i++)
		if (memcmp(a->device[i]->var, b->device[i]->var,
			   a->device[i]->class->nvars * sizeof(uint64_t)) != 0)
			return true;
	return false;
}

static const char *cells(const struct window *w)
{
	return (const char *)w->storage->cell + w->base * w->storage->cell_size;
}

static bool storage_differs(const struct view *a, const struct view *b)
{
	return memcmp(cells(&a->window), cells(&b->window),
		      a->window.size * a->window.storage->cell_size) != 0;
}

/* The first unit from a place on that differs; the size where none does. */
static uint64_t storage_difference(const struct view *a, const struct view *b, uint64_t from)
{
	if (!storage_differs(a, b))
		return a->window.size;
	for (uint64_t i = from; i < a->window.size; i++) {
		uint64_t x = 0, y = 0;

		window_get(&a->window, i, &x);
		window_get(&b->window, i, &y);
		if (x != y)
			return i;
	}
	return a->window.size;
}

static enum difference between(const struct view *a, const struct view *b)
{
	if (a->cpu->status != CPU_RUNNING || b->cpu->status != CPU_RUNNING)
		return DIFFERENCE_BAD;
	if (p_of(a) != p_of(b))
		return IN_P;
	if (class_differs(a, b, CLASS_VISIBLE))
		return IN_REGISTERS;
	if (storage_differs(a, b))
		return IN_STORAGE;
	return class_differs(a, b, CLASS_CONTROL) || devices_differ(a, b) ? IN_CONTROL
									  : DIFFERENCE_NONE;
}

/* What a world makes differ from the bare machine; the monitors' must all stand in one place. */
static enum difference against_bare(const struct detector *t, unsigned i)
{
	enum difference now = between(t->world[0].view, t->world[i].view);

	if (i > 1 && now == IN_P && p_of(t->world[i].view) != p_of(t->world[1].view))
		return DIFFERENCE_BAD;
	return now;
}

/* ---- one word ---- */

/* NO_PLACE: what is there already is run. */
static void poke(struct detector *t, const struct view *v, uint64_t place, uint64_t word)
{
	uint64_t unit[64];

	if (place == NO_PLACE)
		return;
	isa_pack(t->isa, word, unit);
	for (unsigned i = 0; i < t->isa->length; i++)
		window_put(&v->window, place + i, unit[i]);
}

/* Runs a word in those worlds that stand at it; the least that a monitor makes differ. */
static enum difference run(struct detector *t, uint64_t place, uint64_t word, const bool *there,
			   enum difference floor)
{
	enum difference least = IN_P;

	t->tries++;
	for (unsigned i = 0; i < t->nworlds; i++) {
		enum difference now;

		world_back(&t->world[i]);
		poke(t, t->world[i].view, place, word);
		if (!world_run(&t->world[i], there[i])) {
			world_renew(&t->world[i], &t->draft);
			return DIFFERENCE_BAD;
		}
		now = i ? against_bare(t, i) : IN_P;
		least = now < least ? now : least;
		if (least <= floor)
			return least;
	}
	return least;
}

/* The word that was run last is the draft's. */
static void keep(struct detector *t, uint64_t place, uint64_t word)
{
	if (place != NO_PLACE)
		draft_put(&t->draft, place, word);
	for (unsigned i = 0; i < t->nworlds; i++) {
		draft_reserve_changed(&t->draft, t->world[i].view);
		world_keep(&t->world[i]);
	}
}

static void back(struct detector *t)
{
	for (unsigned i = 0; i < t->nworlds; i++)
		world_back(&t->world[i]);
}

/* ---- is it a step forward? ---- */

/* Does it have to leave its mode to print? */
static bool lowly(const struct detector *t, const struct view *v)
{
	uint64_t mode = v->cpu->state[t->isa->role[ROLE_MODE]->slot];

	return view_user(v) || (mode < MODES && t->lowly >> mode & 1);
}

static unsigned user_worlds(const struct detector *t)
{
	unsigned n = 0;

	for (unsigned i = 0; i < t->nworlds; i++)
		n += lowly(t, t->world[i].view);
	return n;
}

/* Between where the two kinds of world stand, units. */
static uint64_t distance(const struct detector *t)
{
	uint64_t word, place[2] = { 0, 0 };

	for (unsigned i = 0; i < 2; i++)
		if (!view_fetch(t->world[i].view, &word, &place[i]))
			return 0;
	return place[0] < place[1] ? place[1] - place[0] : place[0] - place[1];
}

/* Can each world go on where it stands, for so many words until it meets the other? */
static bool have_room(const struct detector *t, bool apart, uint64_t words)
{
	uint64_t place, word;

	for (unsigned i = 0; i < 2; i++)
		if (!view_fetch(t->world[i].view, &word, &place) ||
		    !draft_room(&t->draft, place, words))
			return false;
	return !apart || distance(t) >= words * t->isa->length;
}

static bool comparable(const struct isa *isa, unsigned slot)
{
	const struct isa_reg *r = isa_slot_reg(isa, slot);

	return r->role != ROLE_PC && !r->time;
}

static struct value_pair pair_of(const struct detector *t, unsigned slot)
{
	return (struct value_pair){ t->world[0].view->cpu->state[slot],
				    t->world[1].view->cpu->state[slot] };
}

static bool known_pair(const struct detector *t, struct value_pair p)
{
	for (unsigned i = 0; i < t->npairs; i++)
		if (t->pair[i].bare == p.bare && t->pair[i].virtual == p.virtual)
			return true;
	return false;
}

/* Pairs in which registers differ; and values that both have where they would be of use. */
static void remember_pairs(struct detector *t)
{
	for (unsigned slot = 0; slot < t->isa->nslots; slot++) {
		struct value_pair p = pair_of(t, slot);

		if (t->npairs < PAIRS && comparable(t->isa, slot) && !known_pair(t, p))
			t->pair[t->npairs++] = p;
	}
}

static bool is_hint(const struct detector *t, uint64_t value)
{
	for (unsigned i = 0; i < t->draft.nhints; i++)
		if (t->draft.hint[i] == value)
			return true;
	return false;
}

/* Does a register differ by other values than before, or have both worlds a value that was hinted
 * at? */
static bool helps(const struct detector *t)
{
	for (unsigned slot = 0; slot < t->isa->nslots; slot++) {
		struct value_pair p = pair_of(t, slot);

		if (comparable(t->isa, slot) && !known_pair(t, p) &&
		    (p.bare != p.virtual || is_hint(t, p.bare)))
			return true;
	}
	return false;
}

/* How the worlds stand before a word. */
struct standing {
	unsigned users;
	uint64_t enough; /* a distance that is a step forward */
};

static bool acceptable(const struct detector *t, enum difference now, enum difference floor,
		       enum aim aim, const struct standing *before)
{
	bool apart = now == IN_P;
	unsigned users = before->users;

	if (!have_room(t, apart, apart ? 1 : 2))
		return false;
	switch (aim) {
	case LEAVE_USER: return now >= IN_STORAGE && user_worlds(t) < users;
	case CLOSER: return now > floor;
	case ASIDE: return now == floor && user_worlds(t) <= users && helps(t);
	case APART:
		return apart && user_worlds(t) == 0 &&
		       (have_room(t, true, t->room) || distance(t) >= before->enough);
	}
	return false;
}

/* ---- hints ---- */

static void hint_address(struct detector *t, uint64_t at)
{
	const struct view *a = t->world[0].view;

	draft_hint(&t->draft, at);
	draft_hint(&t->draft, at - p_of(a));
	draft_hint(&t->draft, at - p_of(a) - t->isa->length);
	for (unsigned slot = 0; slot < t->isa->nslots; slot++)
		if (comparable(t->isa, slot) && a->cpu->state[slot] > 1 &&
		    draft_random(&t->draft, t->isa->nslots) < 3)
			draft_hint(&t->draft, at - a->cpu->state[slot]);
}

static void hint_storage(struct detector *t)
{
	const struct view *a = t->world[0].view, *b = t->world[1].view;
	uint64_t at = storage_difference(a, b, 0), word = t->isa->word / t->isa->unit;

	for (unsigned n = 0; n < 2 && at < a->window.size; n++) {
		hint_address(t, at - at % word);
		if (at % word)
			hint_address(t, at);
		at = storage_difference(a, b, at - at % word + word);
	}
}

static void hint_registers(struct detector *t)
{
	for (unsigned slot = 0; slot < t->isa->nslots; slot++) {
		struct value_pair p = pair_of(t, slot);

		if (isa_slot_reg(t->isa, slot)->class != CLASS_VISIBLE ||
		    !comparable(t->isa, slot) || p.bare == p.virtual)
			continue;
		draft_hint(&t->draft, p.bare);
		draft_hint(&t->draft, p.virtual);
		draft_hint(&t->draft, p.bare ^ p.virtual);
		draft_index(&t->draft, slot);
	}
}

/* Where there is room, as an address and from here, in units and in words. */
static void hint_room(struct detector *t, uint64_t p)
{
	uint64_t length = t->isa->length, far = 2 * t->room * length,
		 to = (p + far) / length * length;

	draft_hint(&t->draft, to);
	draft_hint(&t->draft, far);
	draft_hint(&t->draft, to / length);
	draft_hint(&t->draft, far / length);
}

static void give_hints(struct detector *t, unsigned lead)
{
	t->draft.nhints = t->draft.nindices = 0;
	hint_room(t, p_of(t->world[lead].view));
	hint_registers(t);
	hint_storage(t);
}

/* ---- the search ---- */

/* Draws words for a place until one is a step forward; *floor: the difference there was, and is. */
static bool draw(struct detector *t, uint64_t place, const bool *there, enum difference *floor,
		 enum aim aim, struct standing *before)
{
	enum difference from = aim == LEAVE_USER ? IN_CONTROL : aim == CLOSER ? *floor : *floor - 1;

	for (uint64_t i = 0; i < t->patience && t->tries < t->budget; i++) {
		uint64_t word = draft_word(&t->draft, draft_instr(&t->draft));
		enum difference now = run(t, place, word, there, from);

		if (now > from && acceptable(t, now, *floor, aim, before)) {
			*floor = now;
			keep(t, place, word);
			return true;
		}
	}
	return false;
}

/* Where no word can be put: what is there, or a trap for want of it, is a step, too. */
static bool go_on(struct detector *t, const bool *there, enum difference *floor)
{
	enum difference now = run(t, NO_PLACE, 0, there, DIFFERENCE_NONE);

	if (now <= DIFFERENCE_NONE)
		return false;
	*floor = now;
	keep(t, NO_PLACE, 0);
	return true;
}

/* Finds a word for where the lead stands, and those worlds that are there, too. */
static bool extend(struct detector *t, unsigned lead, enum difference *floor, enum aim aim)
{
	uint64_t word, place;
	bool there[WORLDS];
	struct standing before;

	back(t);
	before.users = user_worlds(t);
	before.enough = distance(t) + t->room / 4 * t->isa->length;
	for (unsigned i = 0; i < t->nworlds; i++)
		there[i] = p_of(t->world[i].view) == p_of(t->world[lead].view);
	if (!view_fetch(t->world[lead].view, &word, &place) || !draft_room(&t->draft, place, 1))
		return aim != APART && go_on(t, there, floor);
	give_hints(t, lead);
	remember_pairs(t);
	return draw(t, place, there, floor, aim, &before);
}

/* The first world in user mode; the number of worlds if there is none. */
static unsigned user_world(struct detector *t)
{
	unsigned i = 0;

	back(t);
	while (i < t->nworlds && !lowly(t, t->world[i].view))
		i++;
	return i;
}

/* One step more. */
static bool advance(struct detector *t, enum difference *now)
{
	unsigned user = user_world(t), first;

	if (user < t->nworlds)
		return extend(t, user, now, LEAVE_USER) ||
		       (*now < IN_P && extend(t, user, now, CLOSER)) ||
		       (*now < IN_STORAGE && extend(t, user, now, ASIDE));
	if (*now < IN_P)
		return extend(t, 0, now, CLOSER) || extend(t, 0, now, ASIDE);
	first = p_of(t->world[0].view) > p_of(t->world[1].view);
	return extend(t, first, now, APART) || extend(t, !first, now, APART);
}

static bool done(struct detector *t, enum difference now)
{
	return now == IN_P && user_world(t) == t->nworlds && have_room(t, true, t->room);
}

bool search_p(struct detector *t, enum difference now)
{
	t->npairs = 0;
	for (unsigned i = 0; i < DEPTH; i++) {
		if (done(t, now))
			return true;
		if (!advance(t, &now))
			return false;
	}
	return done(t, now);
}

enum difference search_first(struct detector *t, uint64_t place, uint64_t word)
{
	bool there[WORLDS];
	enum difference now;

	for (unsigned i = 0; i < t->nworlds; i++)
		there[i] = true;
	now = run(t, place, word, there, DIFFERENCE_NONE);
	if (now > DIFFERENCE_NONE)
		keep(t, place, word);
	return now;
}
