/*
 * Where a detector starts: from the state that the witness has, parts of it, and others near it;
 * and what the search makes of each.
 */
#include "cli/detector_private.h"

#include "isa/alloc.h"

#include <string.h>

enum {
	PATIENCE = 400, /* words tried for one step, at first; each round three times more */
	ROUNDS = 5,
	BUDGET = 500000,     /* words tried for a detector */
	WORDS = 8,	     /* words of the instruction tried in one kind of state */
	PRINT_TRIES = 20000, /* what it counts for not to find how to print */
	SEEDS = 3,	     /* tried of what is left open */
	WITNESS_KINDS = 3,
	VAR_VALUES = 3,	     /* of a device's variable tried */
	DISTURBED = 24,	     /* states tried that differ from the witness's */
	DISTURBANCES = 1000, /* and those that are looked at for them */
};

const char *const detector_texts[2] = { "BARE\n", "VIRTUAL\n" };

static void reached(struct detector *t, enum stage stage)
{
	if (stage > t->reached)
		t->reached = stage;
}

/* ---- from the word to a detector ---- */

static bool print_in(struct detector *t, unsigned world)
{
	world_back(&t->world[world]);
	struct snapshot *s = snapshot_take(t->world[world].view);
	bool good = draft_print(&t->draft, t->scratch.view, s, detector_texts[world], t->instr,
				&t->recipe, true);

	snapshot_free(s);
	if (!good)
		t->tries += PRINT_TRIES;
	return good;
}

/* The word at P: does it make the worlds differ? */
static bool begin(struct detector *t, uint64_t word, enum difference *now)
{
	uint64_t ignored, place;

	for (unsigned i = 0; i < t->nworlds; i++) {
		world_enter(&t->world[i], &t->draft);
		world_keep(&t->world[i]);
	}
	if (!view_fetch(t->world[0].view, &ignored, &place) || !draft_room(&t->draft, place, 1))
		return false;
	*now = search_first(t, place, word);
	if (*now == DIFFERENCE_BAD)
		reached(t, STAGE_STOPS);
	return *now > DIFFERENCE_NONE;
}

/* A world of that kind as it will be, from the beginning: does it print this? */
static bool prints_there(const struct detector *t, const struct world *like, uint64_t seed,
			 const char *text)
{
	struct world w = { 0 };
	bool good = world_open(&w, &t->draft, like->kind, like->reserve, seed) &&
		    world_prints(&w, &t->draft, text);

	world_close(&w);
	return good;
}

/* Whatever the monitors keep for themselves, and unspecified values are. */
static bool truthful(const struct detector *t)
{
	for (unsigned i = 0; i < t->nworlds; i++)
		for (uint64_t seed = 1; seed <= SEEDS; seed++)
			if (!prints_there(t, &t->world[i], seed, detector_texts[i > 0]))
				return false;
	return true;
}

/* Under the hybrid monitor, where the instruction need not tell: BARE, or VIRTUAL, nothing else. */
static bool hybrid_prints(struct detector *t)
{
	const struct world hybrid = { .kind = MONITOR_HYBRID };

	for (unsigned i = 0; i < 2; i++)
		if (prints_there(t, &hybrid, 1, detector_texts[i])) {
			t->under_hybrid = detector_texts[i];
			return true;
		}
	return false;
}

static bool try_word(struct detector *t, uint64_t word)
{
	enum difference now;

	if (!begin(t, word, &now))
		return false;
	reached(t, now == IN_CONTROL ? STAGE_CONTROL : STAGE_SEEN);
	if (!search_p(t, now))
		return false;
	reached(t, STAGE_APART);
	return print_in(t, 0) && print_in(t, 1);
}

/* One attempt from a copy of the draft; it is kept if it succeeds. */
static bool attempt(struct detector *t, uint64_t word)
{
	struct draft before = draft_copy(&t->draft), *failed = &t->draft;
	bool good = try_word(t, word) && truthful(t) && hybrid_prints(t);

	if (!good) {
		before.random = failed->random;
		draft_free(failed);
		*failed = before;
	} else {
		draft_free(&before);
	}
	return good;
}

/* ---- where it starts ---- */

/* The witness's storage, where it is free; all of it, less what the difference does without. */
static void take_storage(struct detector *t, const struct witness *w)
{
	for (uint64_t i = t->wish.from; i < t->wish.to; i++)
		if (!t->draft.used[i] && w->storage_before[SIDE_VIRTUAL][i] != 0) {
			t->draft.unit[i] = w->storage_before[SIDE_VIRTUAL][i];
			t->draft.used[i] = true;
		}
}

/* What the word does to the worlds.  The draft is as before. */
struct effect {
	enum difference difference;
	uint64_t p[2];
};

static struct effect effect_of(struct detector *t, uint64_t word)
{
	struct draft before = draft_copy(&t->draft);
	struct effect e = { .difference = DIFFERENCE_NONE };

	begin(t, word, &e.difference);
	for (unsigned i = 0; i < 2; i++)
		e.p[i] = t->world[i].view->cpu->state[t->isa->role[ROLE_PC]->slot];
	draft_free(&t->draft);
	t->draft = before;
	return e;
}

static void drop_storage(struct detector *t, uint64_t word, const struct effect *want,
			 uint64_t from, uint64_t to)
{
	struct draft before = draft_copy(&t->draft);
	uint64_t middle = from + (to - from) / 2;
	struct effect now;
	bool any = false;

	for (uint64_t i = from; i < to; i++)
		if (t->taken[i] && t->draft.used[i]) {
			t->draft.used[i] = false;
			t->draft.unit[i] = 0;
			any = true;
		}
	now = any ? effect_of(t, word) : *want;
	if (now.difference == want->difference && now.p[0] == want->p[0] &&
	    now.p[1] == want->p[1]) {
		draft_free(&before);
		return;
	}
	draft_free(&t->draft);
	t->draft = before;
	if (to - from > 1) {
		drop_storage(t, word, want, from, middle);
		drop_storage(t, word, want, middle, to);
	}
}

/* The draft as the witness has it: registers, or those of some classes; and storage. */
static void take_witness(struct detector *t, const struct witness *w, unsigned kind)
{
	const uint64_t *from = w->before[SIDE_VIRTUAL]->state;

	memcpy(t->draft.state, t->aimed, t->isa->nslots * sizeof(*t->aimed));
	for (unsigned slot = 0; slot < t->isa->nslots; slot++) {
		const struct isa_reg *r = isa_slot_reg(t->isa, slot);

		if (kind == 0 || (kind == 1 && (r->class == CLASS_VISIBLE || r->role == ROLE_MODE)))
			t->draft.state[slot] = from[slot];
	}
}

static bool try_start(struct detector *t, const struct witness *w, unsigned words)
{
	for (unsigned n = 0; n < words && t->tries < t->budget; n++) {
		uint64_t word = n % 2 ? draft_word(&t->draft, t->instr) : w->word;

		t->draft.nhints = t->draft.nindices = 0;
		if (attempt(t, word))
			return true;
	}
	return false;
}

/* From the witness's state, or a part of it. */
static bool try_witness(struct detector *t, const struct witness *w, const struct draft *fresh,
			unsigned kind)
{
	struct effect effect;

	take_witness(t, w, kind);
	take_storage(t, w);
	for (uint64_t i = 0; i < t->draft.size; i++)
		t->taken[i] = t->draft.used[i] && !fresh->used[i];
	effect = effect_of(t, w->word);
	drop_storage(t, w->word, &effect, 0, t->draft.size);
	return try_start(t, w, WORDS);
}

/* A number that a program may well have in a register: of a place with room, for one. */
static uint64_t some_value(struct detector *t, unsigned width)
{
	uint64_t length = t->isa->length, units = t->isa->word / t->isa->unit;
	uint64_t place = draft_random(&t->draft, t->draft.size);

	switch (draft_random(&t->draft, 4)) {
	case 0: return place - place % units;
	case 1: return (place - place % length) & isa_mask(width);
	case 2: return draft_random(&t->draft, 256);
	default: return draft_random(&t->draft, UINT64_MAX) & isa_mask(width);
	}
}

/* Some register is not as a reset leaves it: it may keep a device's interrupts away, or be used. */
static void disturb(struct detector *t)
{
	for (unsigned i = 0; i < t->isa->nregs; i++) {
		const struct isa_reg *r = &t->isa->reg[draft_random(&t->draft, t->isa->nregs)];

		if (r->role != ROLE_NONE)
			continue;
		t->draft.state[r->slot + draft_random(&t->draft, r->count)] =
			some_value(t, r->width) & isa_mask(r->width);
		return;
	}
}

/* The witness may rest on what a monitor keeps in the real registers, and this one keeps something
 * else there: other states than the witness's, as long as the word makes a difference. */
static bool try_disturbed(struct detector *t, const struct witness *w)
{
	unsigned found = 0;

	take_storage(t, w);
	for (unsigned i = 0; i < DISTURBANCES && found < DISTURBED; i++) {
		take_witness(t, w, 0);
		for (unsigned n = 0; n <= i % 4; n++)
			disturb(t);
		if (effect_of(t, w->word).difference <= DIFFERENCE_NONE)
			continue;
		found++;
		if (try_start(t, w, 1))
			return true;
	}
	return false;
}

/* A variable of a device is not as a reset leaves it: the word can reset it. */
static bool try_variable(struct detector *t, const struct witness *w,
			 const struct isa_device *device, const char *var)
{
	take_witness(t, w, 0);
	t->draft.device = device;
	t->draft.var = var;
	for (t->draft.var_value = 1; t->draft.var_value <= VAR_VALUES; t->draft.var_value++) {
		if (effect_of(t, w->word).difference <= DIFFERENCE_NONE)
			continue;
		for (unsigned i = 0; i < DISTURBED; i++) {
			take_witness(t, w, 0);
			if (i)
				disturb(t);
			if (try_start(t, w, 1))
				return true;
		}
	}
	return false;
}

static bool try_devices(struct detector *t, const struct witness *w)
{
	for (unsigned i = 0; i < t->isa->ndevices; i++) {
		const struct isa_device *device = &t->isa->device[i];
		const struct device_class *class = device_class_named(device->class);

		for (unsigned v = 0; v < class->nvars; v++)
			if (try_variable(t, w, device, class->var_name[v]))
				return true;
	}
	return false;
}

/* One round: from the witness's state, parts of it, and with devices that are not at rest. */
static bool try_starts(struct detector *t, const struct witness *w)
{
	struct draft fresh = draft_copy(&t->draft);
	bool found = false;

	for (unsigned kind = 0; !found && kind < WITNESS_KINDS + 2; kind++) {
		fresh.random = t->draft.random;
		draft_free(&t->draft);
		t->draft = draft_copy(&fresh);
		found = kind < WITNESS_KINDS	? try_witness(t, w, &fresh, kind)
			: kind == WITNESS_KINDS ? try_disturbed(t, w)
						: try_devices(t, w);
	}
	if (!found) {
		fresh.random = t->draft.random;
		draft_free(&t->draft);
		t->draft = draft_copy(&fresh);
	}
	draft_free(&fresh);
	return found;
}

bool search_starts(struct detector *t, const struct witness *w)
{
	t->budget = t->tries + BUDGET;
	t->patience = PATIENCE;
	for (unsigned i = 0; i < ROUNDS && t->tries < t->budget; i++, t->patience *= 3)
		if (try_starts(t, w))
			return true;
	return false;
}
