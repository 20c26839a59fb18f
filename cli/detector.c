/*
 * A guest that prints BARE or VIRTUAL, found by trial.  The solver gives a state near to a reset's
 * in which a word of the instruction makes a monitor differ; it is run on the bare machine and
 * under monitors at once, and cli/detector_search.c brings the difference to P.  There each world
 * has its own routine.
 */
#include "cli/detector_private.h"

#include "cli/witness_guest.h"
#include "isa/alloc.h"

#include <inttypes.h>
#include <string.h>

enum {
	PATIENCE = 400, /* words tried for one step, at first; each round three times more */
	ROUNDS = 5,
	BUDGET = 1200000, /* words tried for a detector */
	WORDS = 8,	  /* words of the instruction tried in one kind of state */
	MARGIN = 640,	  /* units below a virtual machine that lies elsewhere */
};

static const char *const texts[] = { "BARE\n", "VIRTUAL\n" };

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
	bool good = draft_print(&t->draft, t->scratch.view, s, texts[world], t->instr, &t->recipe);

	snapshot_free(s);
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

/* The worlds as they will be, from the beginning; and what the others print. */
static bool truthful(struct detector *t)
{
	bool good = true;

	for (unsigned i = 0; good && i < t->nworlds; i++) {
		struct world w = { 0 };
		const struct world *like = &t->world[i];
		uint64_t reserve = like->lab->vm ? vm_base(like->lab->vm[0]) : 0;
		int kind = i == 0 ? -1 : (int)((i - 1) / 2);

		good = world_open(&w, &t->draft, kind, reserve) &&
		       world_prints(&w, &t->draft, texts[i > 0]);
		world_close(&w);
	}
	return good;
}

/* Under the hybrid monitor, where the instruction need not tell: BARE, or VIRTUAL, nothing else. */
static bool hybrid_prints(struct detector *t)
{
	for (unsigned i = 0; i < 2; i++) {
		struct world w = { 0 };
		bool good = world_open(&w, &t->draft, MONITOR_HYBRID, 0) &&
			    world_prints(&w, &t->draft, texts[i]);

		world_close(&w);
		t->under_hybrid = texts[i];
		if (good)
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

static void drop_storage(struct detector *t, uint64_t word, uint64_t from, uint64_t to)
{
	struct draft before = draft_copy(&t->draft);
	uint64_t middle = from + (to - from) / 2;
	enum difference now;
	bool any = false;

	for (uint64_t i = from; i < to; i++)
		if (t->taken[i] && t->draft.used[i]) {
			t->draft.used[i] = false;
			t->draft.unit[i] = 0;
			any = true;
		}
	if (!any || begin(t, word, &now)) {
		draft_free(&before);
		return;
	}
	draft_free(&t->draft);
	t->draft = before;
	if (to - from > 1) {
		drop_storage(t, word, from, middle);
		drop_storage(t, word, middle, to);
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

/* Some variable of a device is not as a reset leaves it. */
static void take_device(struct detector *t)
{
	const struct isa_device *device =
		&t->isa->device[draft_random(&t->draft, t->isa->ndevices)];
	const struct device_class *class = device_class_named(device->class);

	t->draft.device = device;
	t->draft.var = class->var_name[draft_random(&t->draft, class->nvars)];
	t->draft.var_value = 1 + draft_random(&t->draft, 3);
}

enum { WITNESS_KINDS = 3, DEVICE_STARTS = 12 };

static bool try_start(struct detector *t, const struct witness *w)
{
	for (unsigned n = 0; n < WORDS && t->tries < t->budget; n++) {
		uint64_t word = n % 2 ? draft_word(&t->draft, t->instr) : w->word;

		t->draft.nhints = t->draft.nindices = 0;
		if (attempt(t, word))
			return true;
	}
	return false;
}

/* One round: from the witness's state, parts of it, and with devices that are not at rest. */
static bool try_starts(struct detector *t, const struct witness *w)
{
	struct draft fresh = draft_copy(&t->draft);
	bool found = false;

	for (unsigned kind = 0; !found && kind < WITNESS_KINDS + DEVICE_STARTS; kind++) {
		draft_free(&t->draft);
		fresh.random = t->draft.random;
		t->draft = draft_copy(&fresh);
		take_witness(t, w, kind % WITNESS_KINDS);
		take_storage(t, w);
		memcpy(t->taken, t->draft.used, t->draft.size * sizeof(*t->taken));
		for (uint64_t i = 0; i < t->draft.size; i++)
			t->taken[i] = t->draft.used[i] && !fresh.used[i];
		if (kind >= WITNESS_KINDS)
			take_device(t);
		drop_storage(t, w->word, 0, t->draft.size);
		found = try_start(t, w);
	}
	if (!found) {
		fresh.random = t->draft.random;
		draft_free(&t->draft);
		t->draft = fresh;
	} else {
		draft_free(&fresh);
	}
	return found;
}

static bool search(struct detector *t, const struct witness *w)
{
	t->patience = PATIENCE;
	for (unsigned i = 0; i < ROUNDS && t->tries < t->budget; i++, t->patience *= 3)
		if (try_starts(t, w))
			return true;
	return false;
}

/* ---- aiming ---- */

static void aim_mode(struct detector *t, uint64_t handler, uint64_t mode, const uint64_t *reset)
{
	const struct isa_reg *r = t->isa->role[ROLE_MODE];

	t->draft.state[r->slot] = mode;
	world_enter(&t->scratch, &t->draft);
	if (mode != reset[r->slot] && view_user(t->scratch.view))
		draft_aim_traps(&t->draft, t->scratch.view, handler, reset);
	t->draft.state[r->slot] = reset[r->slot];
}

/* Traps from the mode of a reset, and from each user mode, lead to a handler. */
static void aim_traps(struct detector *t)
{
	const struct isa_reg *mode = t->isa->role[ROLE_MODE];
	size_t bytes = t->isa->nslots * sizeof(uint64_t);
	uint64_t handler = t->draft.size / 8 * 5, *reset = xmalloc(bytes);

	handler -= handler % t->isa->length;
	memcpy(reset, t->draft.state, bytes);
	world_enter(&t->scratch, &t->draft);
	draft_aim_traps(&t->draft, t->scratch.view, handler, reset);
	if (mode->type)
		for (unsigned i = 0; i < mode->type->nmembers; i++)
			aim_mode(t, handler, mode->type->member[i].value, reset);
	else
		for (uint64_t i = 0; i < 8 && i <= isa_mask(mode->width); i++)
			aim_mode(t, handler, i, reset);
	memcpy(t->aimed, t->draft.state, bytes);
	free(reset);
}

/* ---- setting up ---- */

static uint64_t reset_p(const struct isa *isa)
{
	char reason[256];
	struct machine *m = machine_new(isa, 1, 1, reason, sizeof(reason));
	uint64_t p = m ? m->cpu[0]->state[isa->role[ROLE_PC]->slot] : 0;

	machine_free(m);
	return p;
}

/* Units that leave room for the routines, behind where a reset begins. */
static uint64_t size_for(const struct isa *isa, uint64_t room)
{
	uint64_t size = UINT64_C(1024) * isa->length, most, start = reset_p(isa);

	while (size < start + 12 * room * isa->length && size < GUEST_STORAGE)
		size *= 2;
	most = isa->word < 18 ? UINT64_C(1) << (isa->word > 2 ? isa->word - 2 : 0) : size;
	return size < most ? size : most;
}

static bool open_worlds(struct detector *t, bool hybrid)
{
	bool good = world_open(&t->world[t->nworlds++], &t->draft, -1, 0);

	for (int kind = MONITOR_VMM; good && kind <= (hybrid ? MONITOR_HYBRID : MONITOR_VMM);
	     kind++)
		for (unsigned far = 0; good && far < 2; far++) {
			uint64_t base = far ? vm_base(t->world[t->nworlds - 1].lab->vm[0]) : 0;

			base += far ? MARGIN : 0;
			good = world_open(&t->world[t->nworlds++], &t->draft, kind, base);
		}
	return good;
}

/* Words that a routine needs: as the machine's console is slow. */
static uint64_t room_for(const struct isa *isa)
{
	char reason[256];
	struct machine *m = machine_new(isa, 1, 1, reason, sizeof(reason));
	uint64_t room = m ? draft_print_room(&m->view[0], texts[1]) : 0;

	machine_free(m);
	return room;
}

static void set_up(struct detector *t, const struct decision *d, const struct isa_instr *instr)
{
	*t = (struct detector){ .isa = d->isa, .instr = instr };
	t->lexicon = lexicon_new(d->isa);
	t->room = room_for(d->isa);
	draft_init(&t->draft, d->isa, d->map, t->lexicon, size_for(d->isa, t->room));
	t->aimed = xcalloc(d->isa->nslots, sizeof(*t->aimed));
	t->taken = xcalloc(t->draft.size, sizeof(*t->taken));
	t->wish = (struct violation_wish){
		.size = t->draft.size,
		.from = t->draft.size / 4 * 3,
		.to = t->draft.size,
		.state = t->aimed,
	};
}

static void close_worlds(struct detector *t)
{
	for (unsigned i = 0; i < WORLDS; i++)
		world_close(&t->world[i]);
	t->nworlds = 0;
}

static void tear_down(struct detector *t)
{
	close_worlds(t);
	world_close(&t->scratch);
	draft_free(&t->draft);
	lexicon_free(t->lexicon);
	free(t->aimed);
	free(t->taken);
}

/* Can the machine, from a reset, print at all? */
static bool prints(struct detector *t)
{
	struct draft copy = draft_copy(&t->draft);
	bool good;

	world_enter(&t->scratch, &copy);
	struct snapshot *s = snapshot_take(t->scratch.view);
	good = draft_print(&copy, t->scratch.view, s, texts[0], t->instr, &t->recipe);
	snapshot_free(s);
	draft_free(&copy);
	return good;
}

/* ---- the verb's ---- */

static bool write_detector(struct detector *t, bool hybrid, const char *path)
{
	struct image *image = draft_image(&t->draft);
	char *title = xformat("A detector by %s of %s: it prints BARE on the bare machine, VIRTUAL "
			      "under the vmm\n; monitor%s",
			      t->instr->name, t->isa->name, hybrid ? " and the hybrid one" : "");
	char *more =
		hybrid ? xstrdup("")
		       : xformat(".\n; Under the hybrid monitor it cannot tell, and prints %.*s",
				 (int)strlen(t->under_hybrid) - 1, t->under_hybrid);
	char *all = xformat("%s%s", title, more);
	bool good = guest_write(t->isa, image, all, t->draft.size, path);

	free(title);
	free(more);
	free(all);
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

static bool has_console(const struct isa *isa)
{
	for (unsigned i = 0; i < isa->ndevices; i++)
		if (strcmp(isa->device[i].class, "console") == 0)
			return true;
	return false;
}

/* For both monitors, or for vmm alone. */
static bool find(struct detector *t, const struct decision *d, bool hybrid)
{
	struct witness w = witness_near(d->classifier, t->instr, hybrid, &t->wish);
	bool found = false;

	if (w.found == ANSWER_YES && w.machine[SIDE_VIRTUAL]->storage->size == t->draft.size) {
		t->budget = t->tries + BUDGET;
		found = open_worlds(t, hybrid) && search(t, &w);
		close_worlds(t);
	}
	witness_free(&w);
	return found;
}

static const char *why_not(const struct detector *t)
{
	switch (t->reached) {
	case STAGE_NONE: return "in no state that was tried did it make a difference";
	case STAGE_STOPS:
		return "where it makes a difference one of the machines stops, and prints nothing "
		       "any "
		       "more";
	case STAGE_CONTROL:
		return "the difference is one of control state or devices, and no word was found "
		       "that shows it and goes on in both worlds";
	case STAGE_SEEN:
		return "a difference can be seen, but among the words tried none led from it to "
		       "two "
		       "places in the program";
	case STAGE_APART:
		return "the program goes two ways, but they were not found to print the truth in "
		       "all "
		       "places";
	}
	return "";
}

static int detect(struct detector *t, const struct decision *d, bool hybrid, const char *path)
{
	if (!world_open(&t->scratch, &t->draft, -1, 0))
		return STATUS_USAGE;
	if (!prints(t)) {
		say_error("no detector by %s was found: no words were found that print on the "
			  "console "
			  "of %s and halt",
			  t->instr->name, t->isa->name);
		return STATUS_UNDECIDED;
	}
	aim_traps(t);
	if (!(hybrid && find(t, d, true))) {
		hybrid = false;
		if (!find(t, d, false)) {
			say_error("no detector by %s was found: %s", t->instr->name, why_not(t));
			return STATUS_UNDECIDED;
		}
	}
	if (!write_detector(t, hybrid, path))
		return STATUS_USAGE;
	say_commands(t, hybrid, path);
	return STATUS_YES;
}

int detector_write(const struct decision *d, const struct classification *k, bool hybrid,
		   const char *path)
{
	struct detector t;
	int status;

	if (!has_console(d->isa)) {
		say_error("machine %s has no console to print on", d->isa->name);
		return STATUS_USAGE;
	}
	set_up(&t, d, k->instr);
	progress("writing a detector by %s", k->instr->name);
	status = detect(&t, d, hybrid, path);
	progress("%s", "");
	tear_down(&t);
	return status;
}
