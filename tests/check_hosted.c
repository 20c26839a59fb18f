/*
 * Monitors on monitors: a virtual machine is a machine (Theorem 2).
 */
#include "tests/escape.h"
#include "tests/lab.h"
#include "vmm/control.h"

enum { DEPTH = 3, REGION = ESCAPE_SIZE, RESERVE = 32, ABOVE = 64 /* that nobody has */ };

#define SPIN	      ".machine pg\n.org 16\nstart: SIE 0\nspin: BR spin\n"
#define COUNT_FOREVER ".machine pg\n.org 16\nstart: ADDI G2, G2, 1\nST G2, 100(G0)\nBR start\n"
struct tower {
	struct lab lab; /* its monitor is the innermost, its machine the guest's */
	struct monitor *level[DEPTH];
	struct vm *beside[DEPTH]; /* a neighbour at each level */
};

static struct monitor_options level_options(unsigned i, unsigned kinds)
{
	return (struct monitor_options){ .kind = (enum monitor_kind)(kinds >> i & 1),
					 .quantum = 50,
					 .reserve = RESERVE,
					 .seed = 7 + i,
					 .collapsed = kinds >> DEPTH };
}

/*
 * DEPTH monitors, of the kinds that the bits say, the highest bit: collapsed; and neighbours.  The
 * innermost one has a fault.
 */
static struct tower faulty_tower_of(const char *guest, const char *beside, unsigned kinds,
				    enum fault fault)
{
	struct tower t = { .lab = lab_of("pg") };
	struct lab *l = &t.lab;
	char reason[256] = "";

	l->size = REGION;
	lab_assemble(l, beside);
	for (unsigned i = 0; i < DEPTH; i++) {
		struct monitor_options options = level_options(i, kinds);
		uint64_t size = (DEPTH - i) * (RESERVE + REGION + ABOVE) + REGION;

		options.fault = i == DEPTH - 1 ? fault : FAULT_NONE;
		if (i == 0) {
			l->real = lab_machine(l, size);
			l->monitor = monitor_new(l->real, &options, reason, sizeof reason);
		} else {
			struct vm *carrier = lab_vm(l, "carrier", size);

			l->monitor = monitor_on(carrier, &options, reason, sizeof reason);
		}
		ck_assert_msg(l->monitor != NULL, "%s", reason);
		t.level[i] = l->monitor;
		t.beside[i] = lab_vm(l, "beside", REGION);
		lab_enter(l, vm_view(t.beside[i]));
	}
	l->vm = lab_vm(l, "guest", REGION);
	l->virtual = vm_view(l->vm);
	l->bare = lab_machine(l, REGION);
	lab_assemble(l, guest);
	lab_enter(l, &l->bare->view[0]);
	lab_enter(l, l->virtual);
	return t;
}

static struct tower tower_of(const char *guest, const char *beside, unsigned kinds)
{
	return faulty_tower_of(guest, beside, kinds, FAULT_NONE);
}

static void tower_close(struct tower *t)
{
	t->lab.monitor = t->level[0];
	lab_close(&t->lab);
}

/* All units of the real machine's storage, to be freed. */
static uint64_t *units_of(const struct lab *l)
{
	const struct window *w = &l->real->view[0].window;
	uint64_t *unit = calloc(w->size, sizeof *unit);

	for (uint64_t a = 0; a < w->size; a++)
		ck_assert(window_get(w, a, &unit[a]));
	return unit;
}

/* What has changed since then lies in this machine's storage. */
static void expect_the_rest(const struct lab *l, const uint64_t *before, const struct window *in)
{
	uint64_t *after = units_of(l);

	for (uint64_t a = 0; a < l->real->view[0].window.size; a++)
		ck_assert(a - in->base < in->size || after[a] == before[a]);
	free(after);
}

START_TEST(a_guest_cannot_tell_a_tower_from_the_machine)
{
	struct tower t = tower_of(ESCAPE, COUNT_FOREVER, (unsigned)_i);
	struct equivalence e = lab_compare(&t.lab, 10000);

	ck_assert_msg(e.holds && e.violations == 0, "%s", lab_difference(&e));
	ck_assert(e.complete);
	equivalence_free(&e);
	tower_close(&t);
}
END_TEST

START_TEST(no_level_is_reached_by_a_guest_that_tries_all_bounds)
{
	struct tower t = tower_of(ESCAPE, ".machine pg\n.org 16\nstart: HALT 0\n.space 230, 77\n",
				  (unsigned)_i);
	uint64_t *before = units_of(&t.lab);

	lab_run(&t.lab, 10000);
	ck_assert_int_eq(t.lab.virtual->cpu->status, CPU_HALTED);
	for (unsigned i = 0; i < DEPTH; i++)
		ck_assert_int_eq(vm_view(t.beside[i])->cpu->status, CPU_HALTED);
	expect_the_rest(&t.lab, before, &t.lab.virtual->window);
	free(before);
	tower_close(&t);
}
END_TEST

START_TEST(the_guest_that_tries_all_bounds_finds_a_wrong_one)
{
	static const enum fault faults[] = { FAULT_NO_CLIP, FAULT_BOUND_OFF_BY_ONE,
					     FAULT_NEIGHBOUR };
	struct tower t = faulty_tower_of(ESCAPE, SPIN, (unsigned)_i / 3 << DEPTH, faults[_i % 3]);
	struct equivalence e = lab_compare(&t.lab, 10000);

	ck_assert(!e.holds);
	ck_assert_uint_gt(e.violations, 0);
	equivalence_free(&e);
	tower_close(&t);
}
END_TEST

START_TEST(preemption_works_at_every_level)
{
	struct tower t = tower_of(SPIN, COUNT_FOREVER, (unsigned)_i);

	lab_run(&t.lab, 20000);
	ck_assert_uint_eq(t.lab.virtual->cpu->steps, 20000);
	for (unsigned i = 0; i < DEPTH; i++)
		ck_assert_uint_gt(vm_view(t.beside[i])->cpu->steps, 5000);
	tower_close(&t);
}
END_TEST

/* ---- machines that go on ---- */

/* Is the machine as a bare one is after as many steps of this program? */
static void expect_as_bare(struct lab *l, struct vm *vm, const char *program)
{
	struct machine *bare = lab_machine(l, vm_size(vm));
	struct view *v = vm_view(vm), *b = &bare->view[0];
	struct table *table = table_new(l->isa);
	uint64_t here, there;

	lab_assemble(l, program);
	lab_enter(l, b);
	view_run(b, v->cpu->steps);
	for (unsigned i = 0; i < table_size(table); i++) {
		const struct table_entry *e = table_entry(table, i);

		ck_assert_msg(table_examine(v, e) == table_examine(b, e), "%s", e->name);
	}
	for (uint64_t a = 0; a < vm_size(vm); a++) {
		ck_assert(window_get(&v->window, a, &here));
		ck_assert(window_get(&b->window, a, &there));
		ck_assert_uint_eq(here, there);
	}
	table_free(table);
	machine_free(bare);
}

/* Another tower of two monitors on a machine of its own, for one guest. */
struct other {
	struct vm *carrier, *guest;
};

static struct other another_tower(struct lab *l, struct monitor *outer, unsigned kinds,
				  const char *program)
{
	struct monitor_options options = level_options(1, kinds);
	struct other o;
	char reason[256] = "";

	l->monitor = outer;
	o.carrier = lab_vm(l, "carrier", RESERVE + REGION);
	l->monitor = monitor_on(o.carrier, &options, reason, sizeof reason);
	ck_assert_msg(l->monitor != NULL, "%s", reason);
	o.guest = lab_beside(l, "guest", program, REGION);
	return o;
}

/* One of the levels is killed, by _i, under all kinds of monitors. */
START_TEST(a_level_that_is_killed_takes_what_is_on_it_and_nothing_else)
{
	unsigned level = (unsigned)_i % (DEPTH - 1), kinds = (unsigned)_i / (DEPTH - 1);
	struct tower t = tower_of(SPIN, COUNT_FOREVER, kinds);
	struct vm *carrier = monitor_vm(t.level[level], 1);
	struct window storage = vm_view(carrier)->window;
	uint64_t *before, unit;
	struct equivalence e;

	monitor_run(t.lab.monitor, 2000);
	before = units_of(&t.lab);
	monitor_destroy(t.level[level], carrier);
	expect_the_rest(&t.lab, before, &storage);
	for (uint64_t a = 0; a < storage.size; a++)
		ck_assert(window_get(&storage, a, &unit) && unit == 0);
	ck_assert_uint_eq(monitor_count(t.level[level]), 1);
	for (unsigned i = 0; i <= level; i++) {
		uint64_t steps = vm_view(t.beside[i])->cpu->steps;

		ck_assert_int_eq(monitor_run(t.level[i], 1000), MONITOR_STEPS);
		ck_assert_uint_gt(vm_view(t.beside[i])->cpu->steps, steps);
	}
	for (unsigned i = 0; i <= level; i++)
		expect_as_bare(&t.lab, t.beside[i], COUNT_FOREVER);
	t.lab.vm = another_tower(&t.lab, t.level[level], kinds, ESCAPE).guest;
	machine_free(t.lab.bare);
	t.lab.bare = lab_machine(&t.lab, REGION);
	lab_enter(&t.lab, &t.lab.bare->view[0]);
	e = lab_compare(&t.lab, 10000);
	ck_assert_msg(e.holds && e.violations == 0, "%s", lab_difference(&e));
	equivalence_free(&e);
	for (unsigned i = 0; i <= level; i++)
		expect_as_bare(&t.lab, t.beside[i], COUNT_FOREVER);
	free(before);
	tower_close(&t);
}
END_TEST

/* Two towers and a guest on one monitor: a lab whose monitor is that one. */
struct town {
	struct lab lab;
	struct vm *plain;
	struct other tower[2];
};

static struct town town_of(const char *program, unsigned kinds)
{
	struct town t = { .lab = lab_of("pg") };
	struct monitor_options options = level_options(0, kinds);
	struct monitor *outer;
	char reason[256] = "";

	t.lab.size = REGION;
	t.lab.real = lab_machine(&t.lab, 3 * (RESERVE + REGION) + ABOVE);
	t.lab.monitor = outer = monitor_new(t.lab.real, &options, reason, sizeof reason);
	ck_assert_msg(outer != NULL, "%s", reason);
	t.tower[0] = another_tower(&t.lab, outer, kinds, program);
	t.lab.monitor = outer;
	t.plain = lab_beside(&t.lab, "plain", program, REGION);
	t.tower[1] = another_tower(&t.lab, outer, kinds, program);
	t.lab.monitor = outer;
	return t;
}

START_TEST(towers_side_by_side_take_turns)
{
	struct town t = town_of(COUNT_FOREVER, (unsigned)_i);
	struct vm *const vm[] = { t.plain, t.tower[0].guest, t.tower[1].guest };

	ck_assert_int_eq(monitor_run(t.lab.monitor, 30000), MONITOR_STEPS);
	for (unsigned i = 0; i < 3; i++) {
		ck_assert_uint_gt(vm_view(vm[i])->cpu->steps, 9000);
		ck_assert_uint_lt(vm_view(vm[i])->cpu->steps, 11000);
		expect_as_bare(&t.lab, vm[i], COUNT_FOREVER);
	}
	/* one is killed, and the others go on */
	monitor_destroy(t.lab.monitor, t.tower[0].carrier);
	ck_assert_int_eq(monitor_run(t.lab.monitor, 20000), MONITOR_STEPS);
	ck_assert_uint_gt(vm_view(t.tower[1].guest)->cpu->steps, 19000);
	expect_as_bare(&t.lab, t.tower[1].guest, COUNT_FOREVER);
	expect_as_bare(&t.lab, t.plain, COUNT_FOREVER);
	lab_close(&t.lab);
}
END_TEST

START_TEST(a_run_of_towers_ends_when_all_their_guests_have)
{
	struct town t = town_of(ESCAPE, (unsigned)_i);

	ck_assert_int_eq(monitor_run(t.lab.monitor, 100000), MONITOR_DONE);
	ck_assert_int_eq(vm_view(t.plain)->cpu->status, CPU_HALTED);
	ck_assert_int_eq(vm_view(t.tower[0].guest)->cpu->status, CPU_HALTED);
	ck_assert_int_eq(vm_view(t.tower[1].guest)->cpu->status, CPU_HALTED);
	lab_close(&t.lab);
}
END_TEST

START_TEST(a_guest_cannot_tell_that_there_is_another_tower)
{
	struct town t = town_of(COUNT_FOREVER, (unsigned)_i);
	struct monitor *outer = t.lab.monitor;
	struct equivalence e;

	t.lab.bare = lab_machine(&t.lab, REGION);
	lab_enter(&t.lab, &t.lab.bare->view[0]);
	t.lab.vm = t.tower[0].guest;
	t.lab.monitor = vm_monitor(t.lab.vm);
	e = lab_compare(&t.lab, 10000);
	ck_assert_msg(e.holds && e.violations == 0, "%s", lab_difference(&e));
	equivalence_free(&e);
	ck_assert_uint_gt(vm_view(t.tower[1].guest)->cpu->steps, 5000);
	expect_as_bare(&t.lab, t.tower[1].guest, COUNT_FOREVER);
	t.lab.monitor = outer;
	lab_close(&t.lab);
}
END_TEST

static uint64_t sum_of(const uint64_t *done)
{
	uint64_t sum = 0;

	for (enum operation o = 0; o < OPERATIONS; o++)
		sum += done[o];
	return sum;
}

/* What is done to a machine enters the dispatcher below, which does it on its own in its turn. */
static void expect_below(const struct monitor *m)
{
	static const enum operation handed_down[] = { OPERATION_LOAD, OPERATION_WINDOW,
						      OPERATION_STORAGE };
	const struct vm *carrier = monitor_carrier(m);
	const uint64_t *done = monitor_operations(m), *below;

	below = monitor_operations(vm_monitor(carrier));
	ck_assert_uint_eq(vm_stats(carrier)->requests, sum_of(done));
	for (unsigned i = 0; i < sizeof handed_down / sizeof *handed_down; i++)
		ck_assert_uint_gt(below[handed_down[i]], done[handed_down[i]]);
	ck_assert_uint_gt(below[OPERATION_RUN] + below[OPERATION_RUN_ON], done[OPERATION_RUN]);
}

START_TEST(operations_enter_the_dispatcher_below_and_are_counted)
{
	struct tower t = tower_of(ESCAPE, SPIN, (unsigned)_i << DEPTH);
	bool collapsed = _i;

	lab_run(&t.lab, 10000);
	for (unsigned i = 0; i < DEPTH; i++) {
		const uint64_t *done = monitor_operations(t.level[i]);
		uint64_t levels = collapsed ? 1 : DEPTH - i; /* whose machines lie in its own */

		ck_assert_uint_eq(done[OPERATION_WINDOW], 2 * levels);
		ck_assert_uint_gt(done[OPERATION_RUN] + done[OPERATION_RUN_ON],
				  10); /* its neighbour's among them */
		if (i > 0 && !collapsed)
			expect_below(t.level[i]);
		else if (i > 0)
			ck_assert_uint_eq(vm_stats(monitor_carrier(t.level[i]))->requests, 0);
	}
	tower_close(&t);
}
END_TEST

START_TEST(a_tower_too_high_for_its_storage_is_refused)
{
	struct lab l = lab_of("pg");
	struct monitor_options options = { .reserve = RESERVE };
	char reason[256] = "";

	lab_start(&l, &options);
	ck_assert_ptr_null(
		monitor_create(l.monitor, "carrier", 4 * l.size, 1, reason, sizeof reason));
	ck_assert_str_ne(reason, "");
	lab_close(&l);
}
END_TEST

static Suite *suite(void)
{
	Suite *s = suite_create("hosted");
	TCase *towers = tcase_create("towers");

	tcase_add_loop_test(towers, a_guest_cannot_tell_a_tower_from_the_machine, 0, 2 << DEPTH);
	tcase_add_loop_test(towers, no_level_is_reached_by_a_guest_that_tries_all_bounds, 0,
			    2 << DEPTH);
	tcase_add_loop_test(towers, the_guest_that_tries_all_bounds_finds_a_wrong_one, 0, 6);
	tcase_add_loop_test(towers, preemption_works_at_every_level, 0, 2 << DEPTH);
	tcase_add_loop_test(towers, a_level_that_is_killed_takes_what_is_on_it_and_nothing_else, 0,
			    (DEPTH - 1) * (2 << DEPTH));
	tcase_add_loop_test(towers, towers_side_by_side_take_turns, 0, 2 << DEPTH);
	tcase_add_loop_test(towers, a_run_of_towers_ends_when_all_their_guests_have, 0, 2 << DEPTH);
	tcase_add_loop_test(towers, a_guest_cannot_tell_that_there_is_another_tower, 0, 2 << DEPTH);
	tcase_add_loop_test(towers, operations_enter_the_dispatcher_below_and_are_counted, 0, 2);
	tcase_add_test(towers, a_tower_too_high_for_its_storage_is_refused);
	suite_add_tcase(s, towers);
	return s;
}

#include "tests/harness.h"
