/*
 * A guest that prints BARE or VIRTUAL, found by trial.  The solver gives a state near to a reset's
 * in which a word of the instruction makes a monitor differ.  From there, and from states like it
 * (cli/detector_start.c), it is run on the bare machine and under monitors at once, and words are
 * looked for that bring the difference to P (cli/detector_search.c).  There each world has its own
 * routine.
 */
#include "cli/detector_private.h"

#include "cli/witness_guest.h"
#include "isa/alloc.h"

#include <inttypes.h>
#include <string.h>

enum { MARGIN = 640 }; /* units below a virtual machine that lies elsewhere */

/* ---- aiming ---- */

/* Calls back for each value that the mode may have. */
static void each_mode(struct detector *t, void (*call)(struct detector *, uint64_t mode))
{
	const struct isa_reg *r = t->isa->role[ROLE_MODE];

	if (r->type)
		for (unsigned i = 0; i < r->type->nmembers; i++)
			call(t, r->type->member[i].value);
	else
		for (uint64_t i = 0; i < MODES && i <= isa_mask(r->width); i++)
			call(t, i);
}

static uint64_t handler(const struct detector *t)
{
	uint64_t place = t->draft.size / 8 * 5;

	return place - place % t->isa->length;
}

static void aim_mode(struct detector *t, uint64_t mode)
{
	unsigned slot = t->isa->role[ROLE_MODE]->slot;
	uint64_t reset = t->reset[slot];

	t->draft.state[slot] = mode;
	world_enter(&t->scratch, &t->draft);
	if (mode == reset || view_user(t->scratch.view))
		t->wide &= draft_aim_traps(&t->draft, t->scratch.view, handler(t), t->reset);
	t->draft.state[slot] = reset;
}

/* Traps from the mode of a reset, and from each user mode, lead to a handler.  False: to none in
 * storage of this size. */
static bool aim_traps(struct detector *t)
{
	t->wide = true;
	aim_mode(t, t->reset[t->isa->role[ROLE_MODE]->slot]);
	each_mode(t, aim_mode);
	memcpy(t->aimed, t->draft.state, t->isa->nslots * sizeof(*t->aimed));
	return t->wide;
}

/* Can words print in a mode as they do in a reset's? */
static void look_at_mode(struct detector *t, uint64_t mode)
{
	struct draft copy = draft_copy(&t->draft);
	struct recipe recipe = t->recipe;
	struct snapshot *s;

	copy.state[t->isa->role[ROLE_MODE]->slot] = mode;
	world_enter(&t->scratch, &copy);
	s = snapshot_take(t->scratch.view);
	if (mode < MODES &&
	    (view_user(t->scratch.view) ||
	     !draft_print(&copy, t->scratch.view, s, "B", t->instr, &recipe, false)))
		t->lowly |= UINT64_C(1) << mode;
	snapshot_free(s);
	draft_free(&copy);
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
	bool good = world_open(&t->world[t->nworlds++], &t->draft, -1, 0, 1);

	for (int kind = MONITOR_VMM; good && kind <= (hybrid ? MONITOR_HYBRID : MONITOR_VMM);
	     kind++)
		for (unsigned far = 0; good && far < 2; far++) {
			uint64_t base = far ? vm_base(t->world[t->nworlds - 1].lab->vm[0]) : 0;

			base += far ? MARGIN : 0;
			good = world_open(&t->world[t->nworlds++], &t->draft, kind, base, 1 + far);
		}
	return good;
}

/* Words that a routine needs: as the machine's console is slow. */
static uint64_t room_for(const struct isa *isa)
{
	char reason[256];
	struct machine *m = machine_new(isa, 1, 1, reason, sizeof(reason));
	uint64_t room = m ? draft_print_room(&m->view[0], detector_texts[1]) : 0;

	machine_free(m);
	return room;
}

static void set_up(struct detector *t, const struct decision *d, const struct isa_instr *instr,
		   uint64_t size)
{
	*t = (struct detector){ .isa = d->isa, .instr = instr };
	t->lexicon = lexicon_new(d->isa);
	t->room = room_for(d->isa);
	draft_init(&t->draft, d->isa, d->map, t->lexicon, size ? size : size_for(d->isa, t->room));
	t->reset = xmalloc(d->isa->nslots * sizeof(*t->reset));
	memcpy(t->reset, t->draft.state, d->isa->nslots * sizeof(*t->reset));
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
	free(t->reset);
	free(t->taken);
}

/* Can the machine, from a reset, print at all? */
static bool prints(struct detector *t)
{
	struct draft copy = draft_copy(&t->draft);
	bool good;

	world_enter(&t->scratch, &copy);
	struct snapshot *s = snapshot_take(t->scratch.view);
	good = draft_print(&copy, t->scratch.view, s, detector_texts[0], t->instr, &t->recipe,
			   true);
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

	o.guests.isa = known_by_name(t->isa) ? NULL : t->isa->path;
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
		found = open_worlds(t, hybrid) && search_starts(t, &w);
		close_worlds(t);
	}
	witness_free(&w);
	return found;
}

static const char *why_not(const struct detector *t)
{
	switch (t->reached) {
	case STAGE_NONE:
		return "in no state that was tried did it make a difference under all the monitors "
		       "tried, which keep different values in registers of their own";
	case STAGE_STOPS:
		return "where it makes a difference one of the machines stops, and prints "
		       "nothing any more";
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

/* A draft whose traps lead into its storage, if that is possible. */
static bool lay_out(struct detector *t, const struct decision *d, const struct isa_instr *instr)
{
	uint64_t size = 0;

	for (;;) {
		set_up(t, d, instr, size);
		if (!world_open(&t->scratch, &t->draft, -1, 0, 1))
			return false;
		size = 2 * t->draft.size;
		if (aim_traps(t) || size > GUEST_STORAGE || d->isa->word < 18)
			return true;
		tear_down(t);
	}
}

static int detect(struct detector *t, const struct decision *d, bool hybrid, const char *path)
{
	if (!prints(t)) {
		say_error("no detector by %s was found: no words were found that print on the "
			  "console "
			  "of %s and halt",
			  t->instr->name, t->isa->name);
		return STATUS_UNDECIDED;
	}
	each_mode(t, look_at_mode);
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
	if (k->time_only_vmm) {
		say_error("no detector by %s was found: all that it shows is the time, and how "
			  "much of it has passed does not tell a virtual machine",
			  k->instr->name);
		return STATUS_UNDECIDED;
	}
	progress("writing a detector by %s", k->instr->name);
	status = lay_out(&t, d, k->instr) ? detect(&t, d, hybrid, path) : STATUS_USAGE;
	progress("%s", "");
	tear_down(&t);
	return status;
}
