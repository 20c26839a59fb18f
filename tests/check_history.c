/*
 * Going back in time: wherever a random walk leads, the whole state is what it was there.
 */
#include "vmm/history.h"

#include "tests/lab.h"

#include <inttypes.h>

enum { SIZE = 16384, FIRST = 30000, PLACES = 1000, WALKS = 100 };

/* Where it walks. */
struct ground {
	const char *what;
	bool bare, hybrid, beside, tower, translator;
};

static const struct ground grounds[] = {
	{ .what = "bare", .bare = true },
	{ .what = "bare, translated", .bare = true, .translator = true },
	{ .what = "vmm" },
	{ .what = "vmm, translated", .translator = true },
	{ .what = "hybrid", .hybrid = true },
	{ .what = "hybrid, translated", .hybrid = true, .translator = true },
	{ .what = "with a neighbour", .beside = true },
	{ .what = "with a neighbour, translated", .beside = true, .translator = true },
	{ .what = "tower", .tower = true },
	{ .what = "tower, translated", .tower = true, .translator = true },
	{ .what = "tower of a hybrid monitor", .tower = true, .hybrid = true },
};

/* A walk's machine: bare, or the virtual one. */
struct walk {
	struct lab lab;
	struct view *view;
	struct vm *beside; /* NULL: none */
	struct vm *machine[2];
	struct history *history;
	uint64_t hash[PLACES]; /* of the state after FIRST + i steps */
};

static uint64_t mix(uint64_t hash, uint64_t value)
{
	return (hash ^ value) * UINT64_C(0x9e3779b97f4a7c15) + (hash >> 29);
}

static uint64_t hash_of_registers(uint64_t hash, const struct view *v)
{
	for (unsigned i = 0; i < v->isa->nslots; i++)
		hash = mix(hash, v->cpu->state[i]);
	return mix(mix(mix(hash, v->cpu->status), v->cpu->halt_status), v->cpu->unspecified);
}

static uint64_t hash_of_storage(uint64_t hash, const struct window *w)
{
	uint64_t unit;

	for (uint64_t a = 0; a < w->size && window_get(w, a, &unit); a++)
		hash = mix(hash, unit);
	return hash;
}

static uint64_t hash_of_devices(uint64_t hash, const struct view *v)
{
	const unsigned char *text;
	size_t n;

	for (unsigned i = 0; i < v->isa->ndevices; i++)
		for (unsigned k = 0; k < v->device[i]->class->nvars; k++)
			hash = mix(hash, v->device[i]->var[k]);
	text = (const unsigned char *)console_printed(devices_find(v->isa, v->device, "console"),
						      &n);
	for (size_t i = 0; i < n; i++)
		hash = mix(hash, text[i]);
	return hash;
}

static uint64_t hash_of_counts(uint64_t hash, const struct vm *vm)
{
	const struct vm_stats *s = vm_stats(vm);
	const struct isa *isa = vm_view((struct vm *)vm)->isa;

	hash = mix(mix(hash, s->emulated), s->reflected);
	hash = mix(mix(hash, s->direct + s->interpreted), s->delivered);
	for (unsigned i = 0; i < isa->ntraps; i++)
		hash = mix(hash, s->by_cause[i]);
	for (unsigned i = 0; i < isa->ninstrs; i++)
		hash = mix(hash, s->by_instr[i]);
	return hash;
}

/* Of all that a machine is, under a monitor also of all real storage, in which its neighbours are,
 * and of what the real processor holds. */
static uint64_t hash_of(const struct walk *w)
{
	const struct view *v = w->view;
	uint64_t hash = mix(v->cpu->steps, v->cpu->time);

	hash = hash_of_devices(hash_of_registers(hash, v), v);
	hash = hash_of_storage(hash, &v->window);
	if (v != w->lab.virtual)
		return hash;
	hash = hash_of_counts(hash, w->lab.vm);
	if (w->beside) {
		hash = mix(hash, vm_view(w->beside)->cpu->steps);
		hash = hash_of_registers(hash, vm_view(w->beside));
	}
	for (struct vm *vm = w->lab.vm; vm; vm = monitor_carrier(vm_monitor(vm)))
		hash = hash_of_registers(mix(hash, vm_view(vm)->cpu->time), vm_view(vm));
	return hash_of_storage(hash_of_registers(hash, &w->lab.real->view[0]),
			       &w->lab.real->view[0].window);
}

static uint64_t next_random(uint64_t *state)
{
	*state = *state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
	return *state >> 33;
}

/* Another monitor on a machine of the one that there is, and the guest on that. */
static void put_higher(struct lab *l, const struct monitor_options *options)
{
	char reason[256] = "";

	monitor_destroy(l->monitor, l->vm);
	l->monitor = monitor_on(lab_vm(l, "carrier", 2 * l->size), options, reason, sizeof reason);
	ck_assert_msg(l->monitor != NULL, "%s", reason);
	l->vm = lab_vm(l, "guest", l->size);
	l->virtual = vm_view(l->vm);
	lab_enter(l, l->virtual);
}

/* minios, an operating system with processes, the timer, the console and idle times. */
static void minios(struct walk *w, const struct ground *g)
{
	struct translator_options translator = { .hot = 1 };
	struct monitor_options options = { .kind = g->hybrid ? MONITOR_HYBRID : MONITOR_VMM,
					   .quantum = g->beside ? 70 : 0,
					   .reserve = 64,
					   .seed = 7 };
	struct lab *l = &w->lab;
	char text[4096];

	*l = lab_of("pg");
	snprintf(text, sizeof text, ".include \"%s/guests/pg/minios.s\"\n", getenv("TOP_SRCDIR"));
	l->size = SIZE;
	lab_assemble(l, text);
	lab_start_on(l, g->translator ? &translator : NULL, &options);
	if (g->tower)
		put_higher(l, &options);
	if (g->beside)
		w->beside = lab_beside(l, "beside",
				       ".machine pg\n.org 16\nstart: ADDI G2, G2, 1\n"
				       "ST G2, 100(G0)\nBR start\n",
				       256);
	w->view = g->bare ? &l->bare->view[0] : l->virtual;
}

static void run(struct walk *w, uint64_t n)
{
	history_resume(w->history);
	if (w->view == w->lab.virtual)
		lab_run(&w->lab, n);
	else
		view_run(w->view, n);
	history_note(w->history);
}

static void walk_begin(struct walk *w, const struct ground *g)
{
	struct device *console;

	*w = (struct walk){ .beside = NULL };
	minios(w, g);
	w->machine[0] = w->lab.vm;
	w->machine[1] = w->beside;
	w->history = history_new(g->bare ? w->view : NULL, w->machine, w->beside ? 2 : 1);
	console = devices_find(w->lab.isa, w->view->device, "console");
	console_live(console);
	for (const char *p = "help\nps\n"; *p; p++)
		console_type(console, 29000 + 10 * (uint64_t)*p, *p);
	run(w, FIRST);
	for (unsigned i = 0; i < PLACES; i++) {
		ck_assert_uint_eq(w->view->cpu->steps, FIRST + i);
		w->hash[i] = hash_of(w);
		if (i % 500 == 100)
			history_changed(w->history); /* a snapshot; nothing was changed */
		run(w, 1);
	}
}

static void walk_end(struct walk *w)
{
	history_free(w->history);
	lab_close(&w->lab);
}

START_TEST(wherever_a_walk_leads_the_state_is_what_it_was)
{
	struct walk w;
	uint64_t random = 1;

	walk_begin(&w, &grounds[_i]);
	for (unsigned n = 0; n < WALKS; n++) {
		uint64_t to = next_random(&random) % PLACES, on = next_random(&random) % 20;

		ck_assert(history_go(w.history, 0, FIRST + to));
		ck_assert_uint_eq(hash_of(&w), w.hash[to]);
		if (to + on < PLACES) {
			/* what was "changed by hand" is no change, so the run may go over it */
			if (w.view == w.lab.virtual)
				lab_run(&w.lab, on);
			else
				view_run(w.view, on);
			ck_assert_uint_eq(hash_of(&w), w.hash[to + on]);
		}
	}
	walk_end(&w);
}
END_TEST

START_TEST(a_step_back_and_a_step_are_nothing)
{
	struct walk w;

	walk_begin(&w, &grounds[_i]);
	for (unsigned i = PLACES - 1; i > PLACES - 60; i--) {
		ck_assert(history_go(w.history, 0, FIRST + i));
		ck_assert(history_go(w.history, 0, FIRST + i - 1));
		run(&w, 1);
		ck_assert_uint_eq(hash_of(&w), w.hash[i]);
	}
	walk_end(&w);
}
END_TEST

/* ---- guests on several levels, which take turns ---- */

enum { LEVELS_MACHINES = 4, LEVELS_PLACES = 600, LEVELS_STRIDE = 7 };

struct levels {
	struct lab lab;
	struct vm *machine[LEVELS_MACHINES];
	struct history *history;
	uint64_t hash[LEVELS_PLACES];
};

#define COUNTS ".machine pg\n.org 16\nstart: ADDI G2, G2, 1\nST G2, 100(G0)\nBR start\n"

/* Two beside a third, which carries a monitor with two more. */
static void levels_begin(struct levels *w, bool translated)
{
	struct translator_options translator = { .hot = 1 };
	struct monitor_options options = { .quantum = 70, .reserve = 64, .seed = 7 };
	struct lab *l = &w->lab;
	char reason[256];

	*l = lab_of("pg");
	l->size = 4096;
	lab_assemble(l, COUNTS);
	lab_start_on(l, translated ? &translator : NULL, &options);
	w->machine[0] = l->vm;
	w->machine[1] = lab_beside(l, "beside", COUNTS, 256);
	options.quantum = 30;
	l->monitor = monitor_on(lab_vm(l, "carrier", 2048), &options, reason, sizeof reason);
	ck_assert_ptr_nonnull(l->monitor);
	w->machine[2] = lab_beside(l, "inner", COUNTS, 256);
	w->machine[3] = lab_beside(l, "innermost", COUNTS, 256);
	w->history = history_new(NULL, w->machine, LEVELS_MACHINES);
}

static uint64_t levels_hash(const struct levels *w)
{
	struct monitor *outer = vm_monitor(w->machine[0]);
	const struct view *real = &monitor_machine(outer)->view[0];
	uint64_t hash = history_total(w->history);

	for (unsigned i = 0; i < LEVELS_MACHINES; i++) {
		const struct view *v = vm_view(w->machine[i]);

		hash = hash_of_registers(mix(mix(hash, v->cpu->steps), v->cpu->time), v);
		hash = mix(hash, vm_stats(w->machine[i])->switches);
	}
	return hash_of_storage(hash, &real->window);
}

/* However runs are cut, and wherever they go back to, turns begin and end where they did. */
START_TEST(guests_on_several_levels_go_back_alike)
{
	struct levels w;
	uint64_t random = 5;

	levels_begin(&w, _i);
	for (unsigned i = 0; i < LEVELS_PLACES; i++) {
		ck_assert(history_go_total(w.history, i * LEVELS_STRIDE));
		w.hash[i] = levels_hash(&w);
		if (i % 97 == 50)
			history_changed(w.history); /* a snapshot */
	}
	for (unsigned i = 0; i < LEVELS_MACHINES; i++)
		ck_assert_uint_gt(vm_view(w.machine[i])->cpu->steps, 400);
	for (unsigned n = 0; n < 200; n++) {
		uint64_t to = next_random(&random) % LEVELS_PLACES;
		uint64_t on = next_random(&random) % 40;
		uint64_t end = (to + on) * LEVELS_STRIDE;

		ck_assert(history_go_total(w.history, to * LEVELS_STRIDE));
		ck_assert_uint_eq(levels_hash(&w), w.hash[to]);
		while (history_total(w.history) < end) {
			uint64_t left = end - history_total(w.history);
			uint64_t n = 1 + next_random(&random) % 100;

			monitor_run(vm_monitor(w.machine[0]), n < left ? n : left);
		}
		if (to + on < LEVELS_PLACES)
			ck_assert_uint_eq(levels_hash(&w), w.hash[to + on]);
	}
	history_free(w.history);
	lab_close(&w.lab);
}
END_TEST

START_TEST(before_the_beginning_there_is_nothing)
{
	struct lab l = lab_on("pg", ".machine pg\n.org 16\nstart: BR start\n", MONITOR_VMM);
	struct history *h;

	lab_run(&l, 10);
	h = history_new(NULL, &l.vm, 1);
	ck_assert(!history_go(h, 0, 9));
	ck_assert(!history_go_total(h, 9));
	ck_assert_uint_eq(l.virtual->cpu->steps, 10);
	ck_assert(history_go_total(h, 20));
	ck_assert_uint_eq(l.virtual->cpu->steps, 20);
	history_free(h);
	lab_close(&l);
}
END_TEST

START_TEST(what_was_changed_by_hand_is_where_it_was_done)
{
	struct lab l = lab_on("pg", ".machine pg\n.org 16\nstart: ADDI G2, G2, 1\nBR start\n",
			      MONITOR_VMM);
	struct history *h = history_new(NULL, &l.vm, 1);

	lab_run(&l, 10);
	lab_deposit(l.virtual, "G2", 100);
	history_changed(h);
	lab_run(&l, 10);
	ck_assert_uint_eq(lab_examine(l.virtual, "G2"), 105);
	ck_assert(history_go(h, 0, 9));
	ck_assert_uint_eq(lab_examine(l.virtual, "G2"), 5);
	ck_assert(history_go(h, 0, 12));
	ck_assert_uint_eq(lab_examine(l.virtual, "G2"), 101);
	ck_assert(history_go(h, 0, 4));
	history_resume(h); /* from here on nobody deposits */
	ck_assert(history_go(h, 0, 12));
	ck_assert_uint_eq(lab_examine(l.virtual, "G2"), 6);
	history_free(h);
	lab_close(&l);
}
END_TEST

START_TEST(there_are_not_too_many_snapshots)
{
	struct lab l = lab_on("pg", ".machine pg\n.org 16\nstart: ADDI G2, G2, 1\nBR start\n",
			      MONITOR_VMM);
	struct history *h = history_new(NULL, &l.vm, 1);

	for (unsigned i = 0; i < 70; i++) {
		lab_run(&l, 1000000);
		history_note(h);
		ck_assert_uint_le(history_count(h), 64);
	}
	ck_assert(history_go(h, 0, 12345678));
	ck_assert_uint_eq(lab_examine(l.virtual, "G2"), 6172839);
	history_free(h);
	lab_close(&l);
}
END_TEST

static Suite *suite(void)
{
	Suite *s = suite_create("history");
	TCase *t = tcase_create("walks");

	tcase_set_timeout(t, 120);
	tcase_add_loop_test(t, wherever_a_walk_leads_the_state_is_what_it_was, 0, COUNT(grounds));
	tcase_add_loop_test(t, a_step_back_and_a_step_are_nothing, 0, COUNT(grounds));
	tcase_add_loop_test(t, guests_on_several_levels_go_back_alike, 0, 2);
	tcase_add_test(t, before_the_beginning_there_is_nothing);
	tcase_add_test(t, what_was_changed_by_hand_is_where_it_was_done);
	tcase_add_test(t, there_are_not_too_many_snapshots);
	suite_add_tcase(s, t);
	return s;
}

#include "tests/harness.h"
