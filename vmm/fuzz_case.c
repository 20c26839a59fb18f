/*
 * Cases of the fuzzer: machines are made for one, its guests put in, and the two
 * runs compared; its states are captured; its guests become programs.
 */
#include "vmm/fuzz_private.h"

#include "isa/alloc.h"

#include <stdio.h>

enum { ENOUGH_PATIENCE = 1 };

/* ---- machines for a case ---- */

struct stage { /* what one run needs; any may be NULL */
	struct machine *bare, *real;
	struct monitor *monitor; /* the innermost; the outermost has the others */
	struct monitor *outermost;
	struct vm *vm;
};

void fuzz_guest_enter(const struct fuzz_plan *p, const struct fuzz_guest *g, struct view *v)
{
	struct device *console = devices_find(p->isa, v->device, "console");

	for (uint64_t a = 0; a < g->size; a++)
		if (g->unit[a])
			window_put(&v->window, a, g->unit[a]);
	for (unsigned i = 0; i < table_size(p->table); i++)
		if (g->deposited[i])
			table_deposit(v, table_entry(p->table, i), g->value[i]);
	if (console)
		console_give(console, (const char *)g->input, g->input_count);
}

static struct machine *machine_for(const struct fuzz_subject *s, uint64_t size, uint64_t seed,
				   char *reason, size_t reason_size)
{
	struct machine *m = machine_new(s->plan->isa, size, seed, reason, reason_size);

	if (m && s->engine.engine == ENGINE_TRANSLATOR)
		machine_translate(m, &s->engine.options);
	return m;
}

static struct machine *bare_machine(const struct fuzz_subject *s, const struct fuzz_case *c,
				    char *reason, size_t size)
{
	uint64_t seed = c->setting.seed ? c->setting.seed : 1;
	struct machine *m = machine_for(s, c->guest.size, seed, reason, size);

	if (!m)
		return NULL;
	m->view[0].stop = s->stop;
	fuzz_guest_enter(s->plan, &c->guest, &m->view[0]);
	return m;
}

/* Storage for the guests under so many monitors. */
static uint64_t size_under(const struct fuzz_case *c, unsigned monitors)
{
	uint64_t size = 2 * c->setting.reserve * monitors + c->guest.size;

	for (unsigned i = 0; i < c->setting.neighbours; i++)
		if (c->setting.outwards[i] < monitors)
			size += c->neighbour[i].size;
	return size;
}

static struct vm *put_vm(const struct fuzz_subject *s, struct monitor *m, const char *name,
			 const struct fuzz_guest *g, uint64_t seed, char *reason, size_t size)
{
	struct vm *vm = monitor_create(m, name, g->size, seed ? seed : 1, reason, size);

	if (vm)
		fuzz_guest_enter(s->plan, g, vm_view(vm));
	return vm;
}

static struct monitor *outwards(struct monitor *m, unsigned n)
{
	while (n-- > 0)
		m = vm_monitor(monitor_carrier(m));
	return m;
}

/* The monitors, outermost first. */
static bool set_up_monitors(struct stage *t, const struct fuzz_subject *s,
			    const struct fuzz_case *c, char *reason, size_t size)
{
	const struct fuzz_setting *set = &c->setting;

	for (unsigned i = 0; i <= set->below; i++) {
		bool innermost = i == set->below;
		struct monitor_options options = {
			.kind = innermost ? set->kind : set->outer[i],
			.map = s->map,
			.quantum = set->quantum,
			.reserve = set->reserve,
			.seed = set->seed,
			.fault = innermost ? s->fault : FAULT_NONE,
			.collapsed = set->collapsed,
		};
		struct vm *carrier;

		if (i == 0) {
			t->monitor = t->outermost = monitor_new(t->real, &options, reason, size);
		} else {
			carrier =
				monitor_create(t->monitor, "monitor",
					       size_under(c, set->below - i + 1), 1, reason, size);
			t->monitor = carrier ? monitor_on(carrier, &options, reason, size) : NULL;
		}
		if (!t->monitor)
			return false;
	}
	return true;
}

static bool set_up(struct stage *t, const struct fuzz_subject *s, const struct fuzz_case *c,
		   char *reason, size_t size)
{
	const struct fuzz_setting *set = &c->setting;

	t->bare = bare_machine(s, c, reason, size);
	t->real = t->bare ? machine_for(s, size_under(c, set->below + 1), 1, reason, size) : NULL;
	if (!t->real)
		return false;
	t->real->view[0].stop = s->stop;
	if (!set_up_monitors(t, s, c, reason, size))
		return false;
	t->vm = put_vm(s, t->monitor, "guest", &c->guest, set->seed, reason, size);
	for (unsigned i = 0; t->vm && i < set->neighbours; i++)
		if (!put_vm(s, outwards(t->monitor, set->outwards[i]), "neighbour",
			    &c->neighbour[i], set->seed + 1 + i, reason, size))
			return false;
	return t->vm != NULL;
}

static void take_down(struct stage *t)
{
	if (t->outermost)
		monitor_free(t->outermost);
	if (t->real)
		machine_free(t->real);
	if (t->bare)
		machine_free(t->bare);
}

bool fuzz_try(const struct fuzz_subject *s, const struct fuzz_case *c, struct equivalence *e,
	      char *reason, size_t size)
{
	struct equiv_options options = { .slice = c->setting.slice };
	struct stage t = { 0 };
	bool ok = set_up(&t, s, c, reason, size);

	if (ok && t.bare->translator)
		options = equiv_thoroughly(c->setting.seed);
	options.limit = c->setting.steps;
	options.patience = ENOUGH_PATIENCE;
	if (ok)
		*e = equiv_run(&t.bare->view[0], t.monitor, t.vm, &options);
	take_down(&t);
	return ok;
}

bool fuzz_failing(const struct equivalence *e)
{
	return !e->holds || e->violations > 0;
}

/* ---- states of the bare run ---- */

struct fuzz_guest fuzz_later(const struct fuzz_subject *s, const struct fuzz_case *c,
			     uint64_t steps)
{
	const struct fuzz_plan *p = s->plan;
	struct fuzz_guest g = fuzz_guest_new(p, c->guest.size);
	char reason[1];
	struct machine *m = must(bare_machine(s, c, reason, sizeof reason));
	struct view *v = &m->view[0];

	view_run(v, steps);
	for (uint64_t a = 0; a < g.size; a++)
		window_get(&v->window, a, &g.unit[a]);
	for (unsigned i = 0; i < table_size(p->table); i++) {
		const struct table_entry *e = table_entry(p->table, i);

		g.deposited[i] = e->reg || e->device >= 0;
		g.value[i] = table_examine(v, e);
	}
	machine_free(m);
	return g;
}

bool *fuzz_reached(const struct fuzz_subject *s, const struct fuzz_case *c, uint64_t steps)
{
	bool *reached = xcalloc(c->guest.size, sizeof *reached);
	char reason[1];
	struct machine *m = must(bare_machine(s, c, reason, sizeof reason));
	struct view *v = &m->view[0];
	uint64_t word, place;

	for (uint64_t i = 0; i < steps && v->cpu->status == CPU_RUNNING; i++) {
		if (view_fetch(v, &word, &place))
			reached[place] = true;
		view_step(v);
	}
	machine_free(m);
	return reached;
}

/* ---- programs ---- */

static void add_segment(struct image *image, const uint64_t *unit, uint64_t from, uint64_t to)
{
	struct segment *s;
	size_t bytes = (to - from) * sizeof *unit;

	image->segment = xrealloc(image->segment, (image->nsegments + 1) * sizeof *s);
	s = &image->segment[image->nsegments++];
	*s = (struct segment){ .address = from, .count = to - from, .unit = xmalloc(bytes) };
	memcpy(s->unit, unit + from, bytes);
}

static bool is_empty(const uint64_t *unit, uint64_t n)
{
	while (n > 0)
		if (unit[--n])
			return false;
	return true;
}

/* Stretches of words that are not 0. */
static void add_storage(const struct fuzz_plan *p, struct image *image, const struct fuzz_guest *g)
{
	uint64_t from = 0, step = p->word_units;

	for (uint64_t a = 0; a < g->size; a += step) {
		uint64_t n = g->size - a < step ? g->size - a : step;

		if (!is_empty(g->unit + a, n))
			continue;
		if (a > from)
			add_segment(image, g->unit, from, a);
		from = a + n;
	}
	if (g->size > from)
		add_segment(image, g->unit, from, g->size);
}

struct fuzz_program fuzz_program_of(const struct fuzz_plan *p, const struct fuzz_guest *g)
{
	struct fuzz_program program = { .size = g->size, .input_count = g->input_count };
	struct image *image = xcalloc(1, sizeof *image);
	unsigned n = table_size(p->table);

	memcpy(program.input, g->input, sizeof program.input);
	add_storage(p, image, g);
	image->deposit = xcalloc(n, sizeof *image->deposit);
	for (unsigned i = 0; i < n; i++)
		if (g->deposited[i])
			image->deposit[image->ndeposits++] = (struct deposit){
				.name = xstrdup(table_entry(p->table, i)->name),
				.value = g->value[i],
			};
	image->machine = xstrdup(p->isa->name);
	image->hash = p->isa->hash;
	program.image = image;
	return program;
}
