/* Points: breaks and watches, and the commands about them. */
#include "cli/repl/repl.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* A condition that runs end at. */
struct when {
	struct stop_condition condition;
	struct compiled *compiled; /* owned */
};

/* ---- hanging them up ---- */

static void hang_condition(struct view *v, const struct when *when, struct stop_condition *c)
{
	const unsigned *slot;
	unsigned n = compiled_slots(when->compiled, &slot);

	*c = compiled_condition(when->compiled);
	stops_add_condition(v->stops, c, slot, n);
}

void point_hang(const struct point *p)
{
	struct view *v = p->world->lab->view[p->machine];

	if (!v->stops)
		stops_new(v);
	switch (p->kind) {
	case POINT_PLACE: stops_add_break(v->stops, p->place); break;
	case POINT_STORAGE: stops_add_watch(v->stops, &p->watch); break;
	case POINT_REGISTER: stops_add_register(v->stops, p->index); break;
	case POINT_INSTR: stops_add_instr(v->stops, p->index); break;
	case POINT_TRAP: stops_add_trap(v->stops, p->index); break;
	case POINT_IF:
		if (p->when)
			hang_condition(v, p->when, &p->when->condition);
		break;
	case POINT_TURN: stops_add_turns(v->stops); break;
	}
}

void unhang_all(struct session *s)
{
	for (unsigned i = 0; i < s->now->count; i++)
		stops_free(s->now->lab->view[i]->stops);
}

/* Is it reached when a count goes up? */
static bool counts(const struct point *p)
{
	return p->kind == POINT_TRAP || p->kind == POINT_TURN;
}

/* Surely not, by its pieces? */
static bool fails(const struct point *p)
{
	struct stop_cells cells = { .n = 0 };
	struct view copy;

	if (!p->compiled)
		return false;
	copy = *p->world->lab->view[p->machine];
	copy.stops = NULL; /* to look is no access */
	return !compiled_holds(&copy, p->compiled, &cells);
}

/* A condition that cannot be told stops the run, too: the error has been said. */
static bool condition_holds(const struct point *p)
{
	uint64_t value;

	if (fails(p))
		return false;
	return !p->condition ||
	       !evaluate(p->world->lab->view[p->machine], &p->world->guest[p->machine],
			 p->condition, NULL, &value) ||
	       value;
}

/* Is it looked for at each step? */
static bool closely(const struct point *p)
{
	return p->kind == POINT_IF && !p->when;
}

void points_hang(struct session *s)
{
	unhang_all(s);
	for (unsigned i = 0; i < s->npoints; i++)
		if (s->point[i].world == s->now)
			point_hang(&s->point[i]);
	for (unsigned i = 0; i < s->npoints; i++)
		if (s->point[i].world == s->now && counts(&s->point[i]))
			s->point[i].place = point_count(&s->point[i]);
		else if (s->point[i].world == s->now && closely(&s->point[i]))
			s->point[i].held = condition_holds(&s->point[i]);
}

bool points_careful(const struct session *s)
{
	for (unsigned i = 0; i < s->npoints; i++)
		if (s->point[i].world == s->now && closely(&s->point[i]))
			return true;
	return false;
}

/* ---- reaching them ---- */

/* How many of its traps the machine's guest has seen, or turns it has had. */
uint64_t point_count(const struct point *p)
{
	const struct lab *l = p->world->lab;

	if (p->kind == POINT_TURN)
		return vm_stats(l->vm[p->machine])->switches;
	return l->monitor ? vm_stats(l->vm[p->machine])->by_cause[p->index] : l->traps[p->index];
}

static bool at_instruction(const struct view *v, unsigned index)
{
	struct view copy = *v;
	uint64_t word, place;
	const struct isa_instr *i;

	copy.stops = NULL;
	i = view_fetch(&copy, &word, &place) ? isa_decode(v->isa, word) : NULL;
	return i && i->index == index;
}

static bool touched(const struct point *p, const struct hit *hit)
{
	if (!hit)
		return false;
	if (p->kind == POINT_REGISTER)
		return hit->slot == (int)p->index;
	return hit->slot < 0 && hit->address >= p->watch.first &&
	       hit->address - p->watch.first < p->watch.count;
}

static bool comes_to_hold(struct point *p)
{
	bool held = p->held;

	if (p->when)
		return p->when->condition.came;
	p->held = condition_holds(p);
	return p->held && !held;
}

static bool reached(struct point *p)
{
	const struct view *v = p->world->lab->view[p->machine];
	uint64_t count;

	switch (p->kind) {
	case POINT_PLACE: return v->cpu->state[v->isa->role[ROLE_PC]->slot] == p->place;
	case POINT_STORAGE:
	case POINT_REGISTER: return touched(p, stops_hit(v));
	case POINT_INSTR: return at_instruction(v, p->index);
	case POINT_TRAP:
	case POINT_TURN:
		count = point_count(p);
		if (count == p->place)
			return false;
		p->place = count;
		return true;
	case POINT_IF: return comes_to_hold(p);
	}
	return false;
}

struct point *point_reached(struct session *s, unsigned machine)
{
	struct point *first = NULL;

	/* each is to know what it has seen */
	for (unsigned i = 0; i < s->npoints; i++) {
		struct point *p = &s->point[i];

		if (p->world == s->now && p->machine == machine && reached(p) && !first &&
		    condition_holds(p))
			first = p;
	}
	if (first) {
		first->hits++;
		s->now->turned = first->kind == POINT_TURN ? history_total(s->now->history) + 1 : 0;
	}
	return first;
}

/* ---- making and removing them ---- */

struct point *point_add(struct session *s, const struct point *made)
{
	struct point *grown = realloc(s->point, (s->npoints + 1) * sizeof(*grown));

	if (!grown) {
		say_error("out of memory");
		exit(argp_err_exit_status);
	}
	s->point = grown;
	s->point[s->npoints] = *made;
	s->point[s->npoints].number = ++s->points_made;
	s->point[s->npoints].world = s->now;
	s->point[s->npoints].machine = s->machine;
	return &s->point[s->npoints++];
}

void point_release(struct point *p)
{
	struct view *v = p->world->lab ? p->world->lab->view[p->machine] : NULL;

	if (v)
		stops_free(v->stops); /* those that stay are hung up again before the next run */
	if (p->when)
		compiled_free(p->when->compiled);
	free(p->when);
	compiled_free(p->compiled);
	free(p->condition);
	free(p->text);
}

void point_remove(struct session *s, struct point *p)
{
	point_release(p);
	s->npoints--;
	memmove(p, p + 1, (size_t)(&s->point[s->npoints] - p) * sizeof(*p));
}

void points_forget(struct session *s, const struct world *w)
{
	for (unsigned i = s->npoints; i-- > 0;)
		if (s->point[i].world == w)
			point_remove(s, &s->point[i]);
}

void points_lose(struct session *s, const struct world *w, unsigned machine)
{
	for (unsigned i = s->npoints; i-- > 0;) {
		if (s->point[i].world != w || s->point[i].machine < machine)
			continue;
		if (s->point[i].machine == machine)
			point_remove(s, &s->point[i]);
		else
			s->point[i].machine--;
	}
}

void points_free(struct session *s)
{
	while (s->npoints)
		point_remove(s, &s->point[s->npoints - 1]);
	free(s->point);
}

/* ---- the commands ---- */

static void print_point(const struct session *s, const struct point *p)
{
	static const char *const kinds[] = { "break", "watch", "watch", "break",
					     "break", "break", "break" };
	char name[64];

	printf("%s %u: %s on %s", kinds[p->kind], p->number, p->text,
	       machine_name(s, p->world, p->machine, name, sizeof(name)));
	if (p->hits)
		printf(", reached %" PRIu64 " time%s", p->hits, plural(p->hits));
	putchar('\n');
}

/* Where "if CONDITION" stands, or " if CONDITION"; NULL: nowhere. */
static const char *condition_in(const char *text)
{
	size_t length = strlen(text);

	if (strncmp(text, "if ", 3) == 0 || strcmp(text, "if") == 0)
		return text;
	if (length > 3 && strcmp(text + length - 3, " if") == 0)
		return text + length - 3;
	return strstr(text, " if ");
}

/* "TEXT if CONDITION": copies of both; the condition must be one. */
static bool split_condition(const struct session *s, const char *text, struct point *p)
{
	const char *at = condition_in(text);
	uint64_t value;

	p->text = strdup(text);
	if (!at)
		return true;
	at += at == text ? 2 : 3;
	at += *at == ' ';
	if (!*at) {
		say_error("behind 'if' a condition is missing");
		free(p->text);
		return false;
	}
	p->condition = strdup(at);
	if (evaluate(view_of(s), guest_of(s), at, NULL, &value))
		return true;
	free(p->text);
	free(p->condition);
	return false;
}

/* What stands before " if", to free. */
static char *subject(const char *text)
{
	const char *at = condition_in(text);

	return at ? strndup(text, (size_t)(at - text)) : strdup(text);
}

/* As the description has it, or, if nothing else is called so, in letters of either case. */
static const struct isa_instr *instr_called(const struct isa *isa, const struct view *v,
					    const char *text)
{
	const struct isa_instr *found = isa_instr_named(isa, text);
	struct table_entry e;

	for (unsigned i = 0; !found && i < isa->ninstrs; i++)
		if (strcasecmp(isa->instr[i].name, text) == 0)
			found = &isa->instr[i];
	return found && strcmp(found->name, text) != 0 && named_entry(v, text, &e) ? NULL : found;
}

static bool named_instr(const struct view *v, const char *text, struct point *p)
{
	const struct isa *isa = v->isa;
	const struct isa_instr *i = instr_called(isa, v, text);
	const struct isa_trap *t =
		strncmp(text, "trap ", 5) == 0 ? isa_trap_named(isa, text + 5) : NULL;

	if (!i && !t)
		return false;
	p->kind = i ? POINT_INSTR : POINT_TRAP;
	p->index = i ? i->index : t->index;
	return true;
}

static bool is_trap(const char *text)
{
	return strncmp(text, "trap", 4) == 0 && (!text[4] || text[4] == ' ');
}

static bool no_trap(const struct isa *isa, const char *name)
{
	char list[512] = "";

	for (unsigned i = 0; i < isa->ntraps; i++) {
		size_t n = strlen(list);

		snprintf(list + n, sizeof(list) - n, "%s%s", n ? ", " : "", isa->trap[i].name);
	}
	name += *name == ' ';
	if (*name)
		say_error("machine %s has no trap '%s'; it has %s", isa->name, name, list);
	else
		say_error("which trap: %s", list);
	return false;
}

struct when *when_of(const struct session *s, const char *condition)
{
	struct compiled *c = compile(view_of(s), guest_of(s), condition);
	struct when *when = c ? make(1, sizeof(*when)) : NULL;

	if (when)
		when->compiled = c;
	return when;
}

static bool subject_of_break(struct session *s, const char *text, struct point *p)
{
	const struct isa *isa = s->now->lab->isa;

	if (!*text && p->condition) {
		p->kind = POINT_IF;
		p->when = when_of(s, p->condition);
		return true;
	}
	if (image_symbol(guest_of(s)->image, text) || !named_instr(view_of(s), text, p)) {
		if (is_trap(text))
			return no_trap(isa, text + 4);
		p->kind = POINT_PLACE;
		return evaluate(view_of(s), guest_of(s), text, NULL, &p->place) &&
		       can_be_address(view_of(s), p->place);
	}
	return true;
}

typedef bool subject_of(struct session *, const char *text, struct point *);

/* On the machine that commands speak of. */
static bool add_point(struct session *s, const char *text, subject_of *subject_of)
{
	struct point p = { 0 };
	char *what;
	bool ok;

	if (!split_condition(s, text, &p))
		return false;
	what = subject(text);
	ok = what && subject_of(s, what, &p);
	free(what);
	if (ok) {
		if (p.condition && p.kind != POINT_IF)
			p.compiled = compile(view_of(s), guest_of(s), p.condition);
		print_point(s, point_add(s, &p));
		return true;
	}
	free(p.text);
	free(p.condition);
	return false;
}

static bool break_on_all(struct session *s, const char *text)
{
	unsigned machine = s->machine;
	bool ok = true;

	for (s->machine = 0; ok && s->machine < s->now->count; s->machine++)
		ok = add_point(s, text, subject_of_break);
	s->machine = machine;
	return ok;
}

static bool subject_of_turn(struct session *s, const char *text, struct point *p)
{
	(void)s;
	(void)text;
	p->kind = POINT_TURN;
	return true;
}

/* The machine of the world whose name stands there; its count if there is none. */
static unsigned machine_at(const struct session *s, const char *text)
{
	const struct lab *l = s->now->lab;
	size_t length = strcspn(text, " ");
	unsigned i = 0;

	while (i < l->count && !(l->monitor && strlen(vm_name(l->vm[i])) == length &&
				 strncmp(text, vm_name(l->vm[i]), length) == 0))
		i++;
	return i;
}

/* "VM" is its turn, "VM PLACE" a place on it. */
static bool break_on_machine(struct session *s, unsigned of, const char *text)
{
	const char *rest = text + strcspn(text, " ");
	unsigned machine = s->machine;
	bool ok;

	rest += strspn(rest, " ");
	s->machine = of;
	if (!*rest || strncmp(rest, "if ", 3) == 0)
		ok = add_point(s, text, subject_of_turn);
	else
		ok = add_point(s, rest, subject_of_break);
	s->machine = machine;
	return ok;
}

static bool run_break(struct session *s, const char *text)
{
	bool all = strncmp(text, "--all ", 6) == 0;

	text += *text == '*'; /* gdb's mark of an address */
	if (!*text || strcmp(text, "--all") == 0) {
		say_error("a place is missing: an address, a label, an instruction's name, "
			  "'trap NAME', a machine's name or 'if CONDITION'");
		return false;
	}
	if (!all && machine_at(s, text) < s->now->count)
		return break_on_machine(s, machine_at(s, text), text);
	return all ? break_on_all(s, text + 6) : add_point(s, text, subject_of_break);
}

static bool read_watch_kinds(const char *text, struct watch *w)
{
	w->read = *text == 'r';
	text += w->read;
	w->write = *text == 'w';
	text += w->write;
	if (*text == '\0' && (w->read || w->write))
		return true;
	say_error("after ':' comes r, w or rw, not '%s'", text);
	return false;
}

/* [,COUNT][:r|:w|:rw] behind a place */
static bool read_range(struct session *s, const char *p, struct watch *w)
{
	if (*p == ',' && !evaluate(view_of(s), guest_of(s), p + 1, &p, &w->count))
		return false;
	return *p == ':' ? read_watch_kinds(p + 1, w) : at_end(p);
}

static bool within(const struct view *v, const struct watch *w)
{
	if (w->count && w->first < v->window.size && w->count <= v->window.size - w->first)
		return true;
	if (!w->count)
		say_error("no units are to be watched");
	else
		say_error("place 0x%" PRIx64 " and what follows is not within the storage, which has "
			  "0x%" PRIx64 " units; mem[ADDRESS] is where an address leads",
			  w->first, v->window.size);
	return false;
}

static bool subject_of_watch(struct session *s, const char *text, struct point *p)
{
	struct location l;
	const char *end;

	if (!location_read(s, text, &end, &l) || !location_can_be_seen(&l))
		return false;
	if (l.kind == LOCATION_REGISTER && *end == ':') {
		say_error("of a register changes are watched; (%s)%s is the place that it holds",
			  l.entry.name, end);
		return false;
	}
	if (l.kind == LOCATION_REGISTER && !*end) {
		p->kind = POINT_REGISTER;
		p->index = l.entry.slot;
		return true;
	}
	p->kind = POINT_STORAGE; /* from where a register leads, if a count stands behind it */
	p->watch = (struct watch){ .first = l.kind == LOCATION_REGISTER ?
						    table_examine(view_of(s), &l.entry) :
						    l.place,
				   .count = units_of_word(s->now->lab->isa),
				   .write = true };
	return read_range(s, end, &p->watch) && within(view_of(s), &p->watch);
}

static bool run_watch(struct session *s, const char *arguments)
{
	if (*arguments)
		return add_point(s, arguments, subject_of_watch);
	say_error("what is to be watched: a register, or PLACE[,COUNT][:r|:w|:rw]");
	return false;
}

static bool delete_all(struct session *s)
{
	while (s->npoints)
		point_remove(s, &s->point[s->npoints - 1]);
	return true;
}

static bool run_delete(struct session *s, const char *arguments)
{
	char *word;
	bool ok = true;

	if (!*arguments)
		return delete_all(s);
	while (ok && (word = next_word(&arguments))) {
		uint64_t number;
		unsigned i = s->npoints;

		if (number_parse(word, 1, UINT32_MAX, &number))
			for (i = 0; i < s->npoints && s->point[i].number != number;)
				i++;
		ok = i < s->npoints;
		if (ok)
			point_remove(s, &s->point[i]);
		else
			say_error("there is no break or watch '%s'; 'info points' lists them",
				  word);
		free(word);
	}
	return ok;
}

void points_print(const struct session *s)
{
	if (!s->npoints)
		puts("no breaks, no watches");
	for (unsigned i = 0; i < s->npoints; i++)
		print_point(s, &s->point[i]);
}

const struct command stop_commands[] = {
	{ "break", "b", "[--all | VM] PLACE | INSTRUCTION | trap NAME [if CONDITION] | VM | if CONDITION",
	  "stop at a place, an instruction, a trap, a turn, a condition",
	  "--all: one for each machine of the world; VM: on that one, or, alone, when its turn has begun.\n"
	  "PLACE is an expression for the program counter, such as a label. A condition alone stops\n"
	  "where it comes to hold. For conditions alone that depend on more than registers, storage,\n"
	  "time and devices, the machine goes step by step.",
	  complete_stop, run_break, .needs_machine = true },
	{ "watch", NULL, "REGISTER | PLACE[,COUNT][:r|:w|:rw] [if CONDITION]",
	  "stop when a register changed or storage was touched",
	  "PLACE is in the machine's storage, or mem[ADDRESS], where an address leads now; COUNT in\n"
	  "units of storage, a word if it is not said.",
	  complete_register, run_watch, .needs_machine = true },
	{ "delete", "d", "[N...]", "remove breaks and watches: these, or all",
	  .complete = complete_nothing, .run = run_delete },
	{ 0 },
};
