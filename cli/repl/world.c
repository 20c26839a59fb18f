/* Worlds: bare machines, monitors and virtual machines, and the commands about them. */
#include "cli/repl/repl.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

/* ---- making and ending worlds ---- */

static struct lab *make_lab(struct world *w)
{
	struct lab_options o = w->options;

	/* room for as many virtual machines again */
	if (o.kind >= 0 && !o.below && !o.storage && w->guest->isa->word >= 18)
		o.storage = 4 * lab_guest_size(w->guest) * w->count;
	return o.kind < 0 ? lab_bare(w->guest, &o)
			  : lab_monitor(w->guest, w->count, (enum monitor_kind)o.kind, &o);
}

/* "bare", "hybrid", "vmm/vmm"; returns buffer. */
static char *kinds_of(const struct world *w, char *buffer, size_t size)
{
	if (w->options.kind >= 0)
		return lab_monitors(&w->options, (enum monitor_kind)w->options.kind, buffer, size);
	snprintf(buffer, size, "bare");
	return buffer;
}

static void name_world(const struct session *s, struct world *w)
{
	char name[sizeof(w->name)];

	kinds_of(w, name, sizeof(name));
	w->number = 1;
	for (unsigned i = 0; i < s->nworlds; i++) {
		char other[sizeof(name)];

		if (strcmp(kinds_of(s->world[i], other, sizeof(other)), name) == 0 &&
		    s->world[i]->number >= w->number)
			w->number = s->world[i]->number + 1;
	}
	if (w->number == 1)
		snprintf(w->name, sizeof(w->name), "%s", name);
	else
		snprintf(w->name, sizeof(w->name), "%.48s%u", name, w->number);
}

/* What the user named a file for, whole, so that it can be replayed; else what is typed. */
static bool give_input(const struct session *s, struct view *v, unsigned i)
{
	const char *input = words_at(&s->inputs, i, true);
	const char *replay = words_at(&s->replays, i, false);
	struct device *d = devices_find(v->isa, v->device, "console");
	struct text text = { 0 };
	bool ok = true;

	if (!input && !replay) {
		if (d)
			console_live(d);
		return true;
	}
	if (!replay)
		ok = text_read(input, &text);
	ok = ok && console_prepare(v, &text, replay);
	free(text.bytes);
	return ok;
}

/* The set of consoles, anew, and time, which begins now. */
static bool open_set(struct session *s, struct world *w)
{
	struct lab *l = w->lab;

	w->consoles = consoles_new(&s->console_options, s->flag);
	for (unsigned i = 0; i < l->count; i++)
		consoles_add(w->consoles, l->count > 1 ? vm_name(l->vm[i]) : NULL, l->view[i]);
	if (!consoles_open(w->consoles))
		return false;
	consoles_pause(w->consoles);
	w->history = history_new(l->monitor ? NULL : l->view[0], l->vm, l->count);
	return true;
}

/* Before machines come or go. */
static void close_set(struct world *w)
{
	if (w->consoles)
		consoles_close(w->consoles);
	consoles_free(w->consoles);
	history_free(w->history);
	w->consoles = NULL;
	w->history = NULL;
}

static bool open_consoles(struct session *s, struct world *w)
{
	lab_stop_by(w->lab, s->flag);
	for (unsigned i = 0; i < w->lab->count; i++)
		if (!give_input(s, w->lab->view[i], i))
			return false;
	return open_set(s, w);
}

static void close_lab(struct world *w)
{
	if (w->lab)
		for (unsigned i = 0; i < w->lab->count; i++)
			stops_free(w->lab->view[i]->stops);
	close_set(w);
	if (!w->lent)
		lab_free(w->lab);
	w->lab = NULL;
}

static void world_free(struct world *w)
{
	close_lab(w);
	for (unsigned i = 0; i < w->count && !w->lent; i++)
		guest_free(&w->guest[i]);
	shelf_free(w->shelf);
	if (!w->lent)
		free(w->guest);
	free(w);
}

static void put_world(struct session *s, struct world *w)
{
	struct world **grown = realloc(s->world, (s->nworlds + 1) * sizeof(*grown));

	if (!grown) {
		say_error("out of memory");
		exit(argp_err_exit_status);
	}
	s->world = grown;
	s->world[s->nworlds++] = s->now = w;
	s->machine = 0;
}

bool worlds_add(struct session *s, const struct lab_options *o, const char *const *guests,
		unsigned count)
{
	struct world *w = make(1, sizeof(*w));

	w->options = *o;
	w->count = count;
	w->shelf = shelf_new();
	w->guest = make(count, sizeof(struct guest));
	name_world(s, w);
	if (!lab_load(w->shelf, w->guest, count, guests, &s->options.guests) ||
	    !(w->lab = make_lab(w)) || !open_consoles(s, w)) {
		world_free(w);
		return false;
	}
	put_world(s, w);
	return true;
}

bool worlds_lend(struct session *s, struct lab *l, struct guest *guest, const struct lab_options *o)
{
	struct world *w = make(1, sizeof(*w));

	w->lent = true;
	w->options = *o;
	w->count = l->count;
	w->shelf = shelf_new();
	w->guest = guest;
	w->lab = l;
	name_world(s, w);
	if (!open_set(s, w)) {
		world_free(w);
		return false;
	}
	put_world(s, w);
	return true;
}

/* What is lent stays as many machines as it was, and is not begun again. */
static bool is_own(const struct world *w)
{
	if (w->lent)
		say_error("these are the machines of 'trapeze run', which goes on with them when "
			  "this session ends; 'run' begins the same guests on machines of the "
			  "session's own, which may come and go");
	return !w->lent;
}

static void remove_world(struct session *s, struct world *w)
{
	unsigned i = 0;

	points_forget(s, w);
	if (s->traced == w)
		tracing_stop(s);
	while (s->world[i] != w)
		i++;
	s->nworlds--;
	memmove(&s->world[i], &s->world[i + 1], (s->nworlds - i) * sizeof(*s->world));
	world_free(w);
	if (s->now == w) {
		s->now = s->nworlds ? s->world[s->nworlds - 1] : NULL;
		s->machine = 0;
	}
}

/* A guest as one would name it again; false: by no name alone. */
static bool argument_of(const struct guest *g, char *buffer, size_t size)
{
	size_t n = (size_t)snprintf(buffer, size, "%s", g->path);

	if (g->size && n < size)
		n += (size_t)snprintf(buffer + n, size - n, ":%" PRIu64, g->size);
	if (g->level && n < size)
		n += (size_t)snprintf(buffer + n, size - n, "@%u", g->level);
	return n < size && g->ninner == 0;
}

/* The guests of machines that are lent, on machines of the session's own. */
static bool begin_own(struct session *s, const struct world *lent)
{
	char (*text)[4096] = make(lent->count, sizeof(*text));
	const char **argument = make(lent->count, sizeof(*argument));
	bool ok = true;

	for (unsigned i = 0; ok && i < lent->count; i++) {
		ok = argument_of(&lent->guest[i], text[i], sizeof(text[i]));
		argument[i] = text[i];
	}
	if (!ok)
		say_error("these are the machines of 'trapeze run'; 'load GUEST' and 'monitor' give "
			  "some of the session's own");
	ok = ok && worlds_add(s, &lent->options, argument, lent->count);
	free(argument);
	free(text);
	return ok;
}

bool worlds_restart(struct session *s)
{
	struct world *w = s->now;

	if (w->lent)
		return begin_own(s, w);
	close_lab(w);
	w->lab = make_lab(w);
	if (w->lab && open_consoles(s, w))
		return true;
	remove_world(s, w);
	return false;
}

void worlds_free(struct session *s)
{
	while (s->nworlds)
		remove_world(s, s->world[s->nworlds - 1]);
	free(s->world);
}

/* ---- the commands ---- */

static bool refused_arguments(const char *arguments, const char *what)
{
	if (!*arguments)
		say_error("%s is missing", what);
	return !*arguments;
}

/* A bare machine has one guest. */
static bool one_if_bare(const struct lab_options *o, const struct words *guests)
{
	if (o->kind < 0 && guests->count > 1)
		say_error("a bare machine has one guest, not %u; 'monitor vmm GUEST...' has more",
			  guests->count);
	return o->kind >= 0 || guests->count <= 1;
}

static bool open_from(struct session *s, const struct lab_options *o, const char *arguments)
{
	struct words guests = { 0 };
	char *word;
	bool ok;

	while ((word = next_word(&arguments)))
		words_add(&guests, word);
	if (guests.count == 0 && s->now)
		words_add(&guests, strdup(s->now->guest[s->machine].path));
	ok = guests.count > 0 && one_if_bare(o, &guests) && worlds_add(s, o, guests.word, guests.count);
	if (guests.count == 0)
		say_error("a guest is missing");
	for (unsigned i = 0; i < guests.count; i++)
		free((char *)guests.word[i]);
	words_free(&guests);
	if (ok)
		show_place(s);
	return ok;
}

static bool run_load(struct session *s, const char *arguments)
{
	struct lab_options o = s->options;

	o.kind = -1;
	return !refused_arguments(arguments, "a guest") && open_from(s, &o, arguments);
}

static bool run_monitor(struct session *s, const char *arguments)
{
	struct lab_options o = s->options;
	char *name = next_word(&arguments), reason[128];
	bool ok = name && lab_kinds(&o, name, reason, sizeof(reason));

	if (!name)
		say_error("a kind is missing: vmm or hybrid, or vmm/vmm for a monitor on another's "
			  "machine");
	else if (!ok)
		say_error("a monitor %s", reason);
	free(name);
	return ok && open_from(s, &o, arguments);
}

/* Calls for each machine of each world; false once that says so. */
typedef bool each_machine(struct session *, struct world *, unsigned machine, void *context);

static bool for_each_machine(struct session *s, each_machine *each, void *context)
{
	for (unsigned i = 0; i < s->nworlds; i++)
		for (unsigned k = 0; k < s->world[i]->count; k++)
			if (!each(s, s->world[i], k, context))
				return false;
	return true;
}

static bool print_machine(struct session *s, struct world *w, unsigned machine, void *context)
{
	const struct view *v = w->lab->view[machine];
	char name[64], mode[64], end[128];

	(void)context;
	printf("%c %-12s %-10s %-24s %s", w == s->now && machine == s->machine ? '*' : ' ',
	       machine_name(s, w, machine, name, sizeof(name)), w->lab->isa->name,
	       w->guest[machine].path, mode_of(v, mode, sizeof(mode)));
	printf(" @%" PRIu64 ", %s\n", v->cpu->steps, report_end(v, end, sizeof(end)));
	return true;
}

static bool run_machines(struct session *s, const char *arguments)
{
	if (!at_end(arguments))
		return false;
	if (!s->now)
		puts("no machine yet: 'load GUEST' gives one");
	return for_each_machine(s, print_machine, NULL);
}

/* ---- machines that come and go ---- */

/* Errors stay with a shelf, so what may be wrong is loaded on another one first. */
static bool can_be_loaded(const struct session *s, const char *path)
{
	struct shelf *shelf = shelf_new();
	struct guest g = { 0 };
	bool ok = lab_load(shelf, &g, 1, &path, &s->options.guests);

	guest_free(&g);
	shelf_free(shelf);
	return ok;
}

static bool add_machine(struct session *s, struct world *w, const char *path)
{
	struct guest *guests = realloc(w->guest, (w->count + 1) * sizeof(*guests));
	bool ok;

	if (!guests) {
		say_error("out of memory");
		return false;
	}
	w->guest = guests;
	ok = lab_load(w->shelf, &w->guest[w->count], 1, &path, &s->options.guests);
	close_set(w);
	ok = ok && lab_add(w->lab, &w->guest[w->count], &w->options);
	if (ok) {
		s->machine = w->count++;
		ok = give_input(s, view_of(s), s->machine);
	} else {
		guest_free(&w->guest[w->count]);
	}
	return open_set(s, w) && ok;
}

static void kill_machine(struct session *s, struct world *w, unsigned machine)
{
	if (w->count == 1) {
		remove_world(s, w);
		return;
	}
	points_lose(s, w, machine);
	close_set(w);
	stops_free(w->lab->view[machine]->stops);
	lab_remove(w->lab, machine);
	guest_free(&w->guest[machine]);
	w->count--;
	memmove(&w->guest[machine], &w->guest[machine + 1],
		(w->count - machine) * sizeof(*w->guest));
	if (s->now == w && s->machine >= machine)
		s->machine -= s->machine > 0;
	open_set(s, w);
}

struct sought {
	const char *name;
	struct world *world;
	unsigned machine;
};

static bool is_sought(struct session *s, struct world *w, unsigned machine, void *context)
{
	struct sought *sought = context;
	char name[64];

	if (strcmp(machine_name(s, w, machine, name, sizeof(name)), sought->name) != 0)
		return true;
	sought->world = w;
	sought->machine = machine;
	return false;
}

/* "vm2" is enough in a world that has one. */
static bool is_near(struct session *s, struct sought *sought)
{
	const struct lab *l = s->now ? s->now->lab : NULL;

	for (unsigned i = 0; l && l->monitor && i < l->count; i++)
		if (strcmp(vm_name(l->vm[i]), sought->name) == 0) {
			sought->world = s->now;
			sought->machine = i;
			return true;
		}
	return false;
}

/* The machine of that name; says so if there is none. */
static bool seek(struct session *s, struct sought *sought)
{
	bool found = sought->name && (!for_each_machine(s, is_sought, sought) || is_near(s, sought));

	if (!sought->name)
		say_error("a machine is missing; 'machines' lists them");
	else if (!found)
		say_error("there is no machine '%s'; 'machines' lists them", sought->name);
	return found;
}

static bool vm_new(struct session *s, const char *arguments)
{
	char *path = next_word(&arguments);
	bool ok = false;

	if (!s->now)
		say_error("there is no machine yet: 'load GUEST' gives one");
	else if (!s->now->lab->monitor)
		say_error("the machine is bare: 'monitor vmm' makes a monitor");
	else if (!at_end(arguments))
		ok = false;
	else if (is_own(s->now) && (!path || can_be_loaded(s, path)))
		ok = add_machine(s, s->now, path ? path : guest_of(s)->path);
	free(path);
	if (ok)
		show_place(s);
	return ok;
}

static bool vm_kill(struct session *s, const char *arguments)
{
	char *name = next_word(&arguments);
	struct sought sought = { .name = name };
	bool found = at_end(arguments) && seek(s, &sought);

	if (found && (found = is_own(sought.world)))
		kill_machine(s, sought.world, sought.machine);
	free(name);
	return found;
}

static bool run_switch(struct session *s, const char *arguments)
{
	char *name = next_word(&arguments);
	struct sought sought = { .name = name };
	bool found = at_end(arguments) && seek(s, &sought);

	free(name);
	if (!found)
		return false;
	s->now = sought.world;
	s->machine = sought.machine;
	show_place(s);
	return true;
}

static bool run_vm(struct session *s, const char *arguments)
{
	static const struct {
		const char *name;
		bool (*run)(struct session *, const char *);
	} actions[] = { { "new", vm_new }, { "kill", vm_kill }, { "switch", run_switch } };
	char *word = next_word(&arguments);

	for (unsigned i = 0; word && i < sizeof(actions) / sizeof(*actions); i++)
		if (strcmp(word, actions[i].name) == 0) {
			free(word);
			return actions[i].run(s, arguments);
		}
	say_error("new, kill or switch%s%s", word ? ", not " : "", word ? word : "");
	free(word);
	return false;
}

static char *complete_kind(const struct session *s, const char *start, unsigned n)
{
	static const char *const kinds[] = { "vmm", "hybrid", NULL };

	(void)s;
	return complete_from(kinds, start, &n);
}

static char *complete_vm(const struct session *s, const char *start, unsigned n)
{
	static const char *const words[] = { "new", "kill", "switch", NULL };
	char *word = complete_from(words, start, &n);

	return word ? word : complete_machine(s, start, n);
}

char *complete_machine(const struct session *s, const char *start, unsigned n)
{
	char name[64];

	for (unsigned i = 0; i < s->nworlds; i++)
		for (unsigned k = 0; k < s->world[i]->count; k++)
			if (strncmp(machine_name(s, s->world[i], k, name, sizeof(name)), start,
				    strlen(start)) == 0 &&
			    n-- == 0)
				return strdup(name);
	return NULL;
}

const struct command world_commands[] = {
	{ "load", NULL, "GUEST", "a guest on a bare machine", .run = run_load },
	{ "monitor", NULL, "KIND[/KIND...] [GUEST...]",
	  "guests, or this one, under a monitor, each on a vm",
	  "KIND is vmm or hybrid; vmm/hybrid is a hybrid monitor on a virtual machine of another.",
	  complete_kind, .run = run_monitor, .files = true },
	{ "machines", NULL, "", "all machines of the session", .complete = complete_nothing, .run = run_machines },
	{ "vm", NULL, "new [GUEST] | kill MACHINE | switch MACHINE",
	  "machines of the monitor come and go",
	  "Time begins anew then: nothing before is gone back to.", .complete = complete_vm,
	  .run = run_vm },
	{ "switch", NULL, "MACHINE", "speak of another machine from now on",
	  .complete = complete_machine, .run = run_switch, .needs_machine = true },
	{ 0 },
};
