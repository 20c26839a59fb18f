/*
 * A guest that prints BARE or VIRTUAL, found by trial: the witness's word is run on the bare
 * machine and under monitors at once; then words are looked for, one by one, that bring the
 * difference to where it can be acted upon, from control registers to storage, to registers, to P.
 * Where P differs, each world has its own routine.
 */
#include "cli/detector.h"

#include "cli/draft.h"
#include "cli/witness_guest.h"
#include "isa/alloc.h"

#include <inttypes.h>
#include <string.h>

enum {
	WORLDS = 5,	    /* the bare machine, and two places under each monitor */
	ROOM = 96,	    /* words that a routine may need */
	TRIES = 30000,	    /* words tried for one step */
	ALL_TRIES = 300000, /* for a detector */
	WORDS = 64,	    /* words of the instruction tried in one kind of state */
	DEPTH = 6,	    /* steps from the word to where P differs */
	MARGIN = 640,	    /* units below a virtual machine that lies elsewhere */
};

/* Where two worlds differ, the more useful the greater. */
enum difference {
	DIFFERENCE_BAD = -1,
	DIFFERENCE_NONE,
	IN_CONTROL,
	IN_STORAGE,
	IN_REGISTERS,
	IN_P
};

struct detector {
	const struct isa *isa;
	const struct isa_instr *instr;
	const struct witness *witness;
	struct draft draft;
	unsigned nworlds;
	struct world world[WORLDS]; /* the first is bare */
	struct world scratch;
	uint64_t tries;
	uint64_t *
		before[2]; /* bare and under a monitor, the registers before the next word; owned */
};

/* What the next word is to do. */
enum aim {
	LEAVE_USER, /* trap: only the supervisor's mode reaches the console */
	CLOSER,	    /* to P */
	ASIDE,	    /* in the registers, something to compare a difference with, or another */
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

static const char *cells(const struct window *w)
{
	return (const char *)w->storage->cell + w->base * w->storage->cell_size;
}

/* The first unit from a place on that differs; the size where none does. */
static uint64_t storage_difference(const struct view *a, const struct view *b, uint64_t from)
{
	if (memcmp(cells(&a->window), cells(&b->window),
		   a->window.size * a->window.storage->cell_size) == 0)
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
	if (storage_difference(a, b, 0) < a->window.size)
		return IN_STORAGE;
	return class_differs(a, b, CLASS_CONTROL) ? IN_CONTROL : DIFFERENCE_NONE;
}

/* Runs the draft, in worlds with the lead's P a step more; the least that a monitor makes differ.
 */
static enum difference run(struct detector *t, const bool *more, enum difference floor)
{
	enum difference least = IN_P;

	t->tries++;
	for (unsigned i = 0; i < t->nworlds; i++) {
		struct world *w = &t->world[i];
		enum difference now;

		world_enter(w, &t->draft);
		world_run(w, w->steps + (more && more[i]));
		now = i ? between(t->world[0].view, w->view) : IN_P;
		if (i > 1 && now == IN_P && p_of(w->view) != p_of(t->world[1].view))
			now = DIFFERENCE_BAD;
		least = now < least ? now : least;
		if (least <= floor)
			return least;
	}
	return least;
}

static bool some_user(const struct detector *t)
{
	for (unsigned i = 0; i < t->nworlds; i++)
		if (view_user(t->world[i].view))
			return true;
	return false;
}

/* ---- one more word ---- */

/* Can each world go on where it stands, and print there if P differs? */
static bool have_room(const struct detector *t, bool apart, unsigned words)
{
	uint64_t place[2], word, distance;

	for (unsigned i = 0; i < 2; i++)
		if (!view_fetch(t->world[i].view, &word, &place[i]) ||
		    !draft_room(&t->draft, place[i], words))
			return false;
	distance = place[0] < place[1] ? place[1] - place[0] : place[0] - place[1];
	return !apart || distance >= (uint64_t)words * t->isa->length;
}

static bool comparable(const struct isa *isa, unsigned slot)
{
	const struct isa_reg *r = isa_slot_reg(isa, slot);

	return r->class == CLASS_VISIBLE && r->role != ROLE_PC && !r->time;
}

static unsigned differences(const struct isa *isa, const uint64_t *a, const uint64_t *b)
{
	unsigned n = 0;

	for (unsigned slot = 0; slot < isa->nslots; slot++)
		n += comparable(isa, slot) && a[slot] != b[slot];
	return n;
}

/* Does some register newly hold, in each world, this value? */
static bool newly_holds(const struct detector *t, uint64_t value)
{
	const uint64_t *a = t->world[0].view->cpu->state, *b = t->world[1].view->cpu->state;

	for (unsigned slot = 0; slot < t->isa->nslots; slot++)
		if (comparable(t->isa, slot) && a[slot] == value && b[slot] == value &&
		    (t->before[0][slot] != value || t->before[1][slot] != value))
			return true;
	return false;
}

/* Is there something new to compare a register that differs with? */
static bool helps(const struct detector *t, bool any)
{
	const uint64_t *a = t->world[0].view->cpu->state, *b = t->world[1].view->cpu->state;

	for (unsigned slot = 0; slot < t->isa->nslots; slot++)
		if (comparable(t->isa, slot) && a[slot] != b[slot] &&
		    (newly_holds(t, a[slot]) || newly_holds(t, b[slot])))
			return true;
	return any && differences(t->isa, a, b) > differences(t->isa, t->before[0], t->before[1]);
}

/* Is it a step forward, from `floor`? */
static bool acceptable(const struct detector *t, enum difference now, enum difference floor,
		       enum aim aim, bool any)
{
	bool apart = now == IN_P;

	if (!have_room(t, apart, apart ? ROOM : 2))
		return false;
	switch (aim) {
	case LEAVE_USER: return now >= IN_STORAGE && !some_user(t);
	case CLOSER: return now > floor && (!apart || !some_user(t));
	case ASIDE: return now == floor && !some_user(t) && helps(t, any);
	}
	return false;
}

static void give_hints(struct detector *t, uint64_t place)
{
	const struct view *a = t->world[0].view, *b = t->world[1].view;
	uint64_t at = 0;

	t->draft.nhints = 0;
	draft_hint(&t->draft, place + 2 * ROOM * t->isa->length);
	draft_hint(&t->draft, ROOM * t->isa->length + t->isa->length);
	for (unsigned n = 0; n < 4; n++) {
		at = storage_difference(a, b, at);
		if (at >= a->window.size)
			break;
		draft_hint(&t->draft, at);
		draft_hint(&t->draft, at++ - p_of(a));
	}
	for (unsigned slot = 0; slot < t->isa->nslots; slot++)
		if (comparable(t->isa, slot) && a->cpu->state[slot] != b->cpu->state[slot]) {
			draft_hint(&t->draft, a->cpu->state[slot]);
			draft_hint(&t->draft, b->cpu->state[slot]);
		}
}

/* The word at a place is kept: the worlds in question have run it. */
static void keep_word(struct detector *t, const bool *more)
{
	for (unsigned i = 0; i < t->nworlds; i++) {
		t->world[i].steps += more[i];
		draft_reserve_changed(&t->draft, t->world[i].view);
	}
}

/* Draws words for a place until one is a step forward; *floor: the difference there was, and is. */
static bool draw(struct detector *t, uint64_t place, const bool *more, enum difference *floor,
		 enum aim aim)
{
	enum difference from = aim == LEAVE_USER ? IN_CONTROL : aim == ASIDE ? *floor - 1 : *floor;

	for (unsigned i = 0; i < TRIES && t->tries < ALL_TRIES; i++) {
		const struct isa_instr *instr =
			&t->isa->instr[draft_random(&t->draft, t->isa->ninstrs)];
		enum difference now;

		draft_put(&t->draft, place, draft_word(&t->draft, instr));
		now = run(t, more, from);
		if (now > from && acceptable(t, now, *floor, aim, i > TRIES / 2)) {
			*floor = now;
			return true;
		}
	}
	return false;
}

/* Finds a word for where the lead stands, and those worlds that are there, too. */
static bool extend(struct detector *t, unsigned lead, enum difference *floor, enum aim aim)
{
	uint64_t word, place;
	bool more[WORLDS];

	run(t, NULL, DIFFERENCE_BAD);
	for (unsigned i = 0; i < t->nworlds; i++)
		more[i] = p_of(t->world[i].view) == p_of(t->world[lead].view);
	for (unsigned i = 0; i < 2; i++)
		memcpy(t->before[i], t->world[i].view->cpu->state,
		       t->isa->nslots * sizeof(uint64_t));
	if (!view_fetch(t->world[lead].view, &word, &place) || !draft_room(&t->draft, place, 1))
		return false;
	give_hints(t, place);
	if (draw(t, place, more, floor, aim)) {
		keep_word(t, more);
		return true;
	}
	memset(t->draft.unit + place, 0, t->isa->length * sizeof(uint64_t));
	memset(t->draft.used + place, 0, t->isa->length * sizeof(bool));
	return false;
}

/* The first world in user mode; the number of worlds if there is none. */
static unsigned user_world(struct detector *t)
{
	unsigned i = 0;

	run(t, NULL, DIFFERENCE_BAD);
	while (i < t->nworlds && !view_user(t->world[i].view))
		i++;
	return i;
}

/* From a difference anywhere to one in P, out of user mode. */
static bool bring_to_p(struct detector *t, enum difference now)
{
	for (unsigned i = 0; i < DEPTH; i++) {
		unsigned user = user_world(t);

		if (user < t->nworlds) {
			if (!extend(t, user, &now, LEAVE_USER) &&
			    (now == IN_P || !extend(t, user, &now, CLOSER)))
				return false;
		} else if (now == IN_P) {
			return have_room(t, true, ROOM);
		} else if (!extend(t, 0, &now, CLOSER) &&
			   (now != IN_REGISTERS || !extend(t, 0, &now, ASIDE))) {
			return false;
		}
	}
	return now == IN_P && user_world(t) == t->nworlds;
}

static bool print_in(struct detector *t, unsigned world, const char *text)
{
	struct snapshot *s;
	bool good;

	run(t, NULL, DIFFERENCE_BAD);
	s = snapshot_take(t->world[world].view);
	good = draft_print(&t->draft, t->scratch.view, s, text, t->instr);
	snapshot_free(s);
	return good;
}

/* ---- where it starts ---- */

enum { TAKE_VISIBLE = 1, TAKE_CONTROL = 2, TAKE_MODE = 4, TAKEN = 8 };

/* The witness's registers of some kinds; what directs traps, and R, stay. */
static void take_registers(struct detector *t, const uint64_t *aimed, const uint64_t *reset,
			   unsigned taken)
{
	const uint64_t *from = t->witness->before[SIDE_VIRTUAL]->state;

	for (unsigned slot = 0; slot < t->isa->nslots; slot++) {
		const struct isa_reg *r = isa_slot_reg(t->isa, slot);
		bool take = r->role == ROLE_MODE   ? taken & TAKE_MODE
			    : r->role != ROLE_NONE ? false
			    : r->class == CLASS_VISIBLE
				    ? taken & TAKE_VISIBLE
				    : taken & TAKE_CONTROL && aimed[slot] == reset[slot];

		t->draft.state[slot] = take ? from[slot] : aimed[slot];
	}
}

/* The word at P: does it make the worlds differ, and can they be told apart? */
static bool try_word(struct detector *t, uint64_t word)
{
	enum difference now;
	uint64_t ignored, place;

	world_enter(&t->world[0], &t->draft);
	if (!view_fetch(t->world[0].view, &ignored, &place) || !draft_room(&t->draft, place, 1))
		return false;
	draft_put(&t->draft, place, word);
	for (unsigned i = 0; i < t->nworlds; i++)
		t->world[i].steps = 1;
	now = run(t, NULL, DIFFERENCE_NONE);
	if (now <= DIFFERENCE_NONE)
		return false;
	for (unsigned i = 0; i < t->nworlds; i++)
		draft_reserve_changed(&t->draft, t->world[i].view);
	return bring_to_p(t, now) && print_in(t, 0, "BARE\n") && print_in(t, 1, "VIRTUAL\n");
}

/* The worlds as they will be, from the beginning. */
static bool truthful(struct detector *t)
{
	bool good = true;

	for (unsigned i = 0; good && i < t->nworlds; i++) {
		struct world w = { 0 };
		const struct world *like = &t->world[i];
		uint64_t reserve = like->lab->vm ? vm_base(like->lab->vm[0]) : 0;
		int kind = i == 0 ? -1 : (int)((i - 1) / 2);

		good = world_open(&w, &t->draft, kind, reserve) &&
		       world_prints(&w, &t->draft, i ? "VIRTUAL\n" : "BARE\n");
		world_close(&w);
	}
	return good;
}

/* One attempt from a copy of the draft; it is kept if it succeeds. */
static bool attempt(struct detector *t, uint64_t word)
{
	struct draft before = draft_copy(&t->draft), *failed = &t->draft;
	bool good = try_word(t, word) && truthful(t);

	if (!good) {
		before.random = failed->random;
		draft_free(failed);
		*failed = before;
	} else {
		draft_free(&before);
	}
	return good;
}

static bool try_states(struct detector *t, const uint64_t *aimed, const uint64_t *reset)
{
	for (unsigned taken = 0; taken < TAKEN; taken++) {
		take_registers(t, aimed, reset, taken);
		t->draft.nhints = 0;
		for (unsigned n = 0; n < WORDS; n++) {
			uint64_t word = n ? draft_word(&t->draft, t->instr) : t->witness->word;

			if (t->tries >= ALL_TRIES)
				return false;
			if (attempt(t, word))
				return true;
		}
	}
	return false;
}

/* Traps from the mode of a reset, and from the witness's, lead to a handler. */
static void aim_traps(struct detector *t, const uint64_t *reset)
{
	const struct isa_reg *mode = t->isa->role[ROLE_MODE];
	uint64_t handler = t->draft.size / 8 * 5;

	handler -= handler % t->isa->length;
	draft_aim_traps(&t->draft, t->scratch.view, handler, reset);
	if (!mode)
		return;
	t->draft.state[mode->slot] = t->witness->before[SIDE_VIRTUAL]->state[mode->slot];
	if (t->draft.state[mode->slot] != reset[mode->slot])
		draft_aim_traps(&t->draft, t->scratch.view, handler, reset);
	t->draft.state[mode->slot] = reset[mode->slot];
}

static bool search(struct detector *t)
{
	size_t bytes = t->isa->nslots * sizeof(uint64_t);
	uint64_t *reset = xmalloc(bytes), *aimed = xmalloc(bytes);
	bool found;

	memcpy(reset, t->draft.state, bytes);
	aim_traps(t, reset);
	memcpy(aimed, t->draft.state, bytes);
	found = try_states(t, aimed, reset);
	free(reset);
	free(aimed);
	return found;
}

/* ---- the verb's ---- */

/* Units that leave room for the routines, behind where a reset begins. */
static uint64_t size_for(const struct isa *isa, uint64_t start)
{
	uint64_t size = UINT64_C(1024) * isa->length, most;

	while (size < 4 * start && size < GUEST_STORAGE)
		size *= 2;
	most = isa->word < 18 ? UINT64_C(1) << (isa->word > 2 ? isa->word - 2 : 0) : size;
	return size < most ? size : most;
}

static uint64_t reset_p(const struct isa *isa)
{
	char reason[256];
	struct machine *m = machine_new(isa, 1, 1, reason, sizeof(reason));
	uint64_t p = m ? p_of(&m->view[0]) : 0;

	machine_free(m);
	return p;
}

static bool open_worlds(struct detector *t, bool hybrid)
{
	bool good = world_open(&t->scratch, &t->draft, -1, 0) &&
		    world_open(&t->world[t->nworlds++], &t->draft, -1, 0);

	for (int kind = MONITOR_VMM; good && kind <= (hybrid ? MONITOR_HYBRID : MONITOR_VMM);
	     kind++)
		for (unsigned far = 0; good && far < 2; far++) {
			uint64_t base = far ? vm_base(t->world[t->nworlds - 1].lab->vm[0]) : 0;

			base += far ? MARGIN : 0;
			good = world_open(&t->world[t->nworlds++], &t->draft, kind, base);
		}
	return good;
}

static bool write_detector(struct detector *t, const char *path)
{
	struct image *image = draft_image(&t->draft);
	char *title = xformat("A detector by %s of %s: prints BARE, or VIRTUAL under a monitor",
			      t->instr->name, t->isa->name);
	bool good = guest_write(t->isa, image, title, t->draft.size, path);

	free(title);
	image_free(image);
	return good;
}

static void say_command(const struct detector *t, const struct lab_options *o, const char *monitor,
			const char *path)
{
	char word[4200], arguments[4200];

	say_next(stdout, "trapeze run%s%s%s %s:%" PRIu64, monitor ? " --monitor " : "",
		 monitor ? monitor : "", lab_arguments(o, arguments, sizeof(arguments)),
		 shell_quote(path, word, sizeof(word)), t->draft.size);
}

static void say_commands(const struct detector *t, bool hybrid, const char *path)
{
	struct lab_options o = lab_defaults();

	o.isa = known_by_name(t->isa) ? NULL : t->isa->path;
	say_command(t, &o, NULL, path);
	o.map = t->draft.map == t->isa->map ? NULL : t->draft.map->name;
	say_command(t, &o, monitor_kind_name(MONITOR_VMM), path);
	if (hybrid)
		say_command(t, &o, monitor_kind_name(MONITOR_HYBRID), path);
}

static void close_all(struct detector *t)
{
	for (unsigned i = 0; i < WORLDS; i++)
		world_close(&t->world[i]);
	world_close(&t->scratch);
	draft_free(&t->draft);
	free(t->before[0]);
	free(t->before[1]);
}

static bool has_console(const struct isa *isa)
{
	for (unsigned i = 0; i < isa->ndevices; i++)
		if (strcmp(isa->device[i].class, "console") == 0)
			return true;
	return false;
}

int detector_write(const struct decision *d, const struct classification *k,
		   const struct witness *w, bool hybrid, const char *path)
{
	struct detector t = { .isa = d->isa, .instr = k->instr, .witness = w };
	int status = STATUS_UNDECIDED;

	if (!has_console(d->isa)) {
		say_error("machine %s has no console to print on", d->isa->name);
		return STATUS_USAGE;
	}
	draft_init(&t.draft, d->isa, d->map, size_for(d->isa, reset_p(d->isa)));
	for (unsigned i = 0; i < 2; i++)
		t.before[i] = xcalloc(d->isa->nslots, sizeof(uint64_t));
	progress("writing a detector by %s", k->instr->name);
	if (!open_worlds(&t, hybrid))
		status = STATUS_USAGE;
	else if (!search(&t))
		say_error("no detector by %s was found: among the words tried, none led from the "
			  "difference to BARE and VIRTUAL on the console",
			  k->instr->name);
	else if (write_detector(&t, path)) {
		say_commands(&t, hybrid, path);
		status = STATUS_YES;
	} else
		status = STATUS_USAGE;
	progress("%s", "");
	close_all(&t);
	return status;
}
