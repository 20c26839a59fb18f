/* Machines as a whole: runs, snapshots, the state table; machine/machine.h. */
#include "tests/rig.h"

#include <unistd.h>

static const char *const pg = "pg.isa";
enum { SIZE = 512 };

/* The path of a shipped machine by its file's name. */
static const char *shipped_named(const char *name)
{
	for (unsigned i = 0; i < rig_nshipped; i++)
		if (strcmp(strrchr(rig_shipped[i], '/') + 1, name) == 0)
			return rig_shipped[i];
	ck_abort_msg("%s is not there", name);
	return NULL;
}

/* ---- random programs ---- */

/* A word that is mostly an instruction. */
static uint64_t random_word(const struct isa *isa, uint64_t *stream)
{
	const struct isa_instr *in = &isa->instr[rig_random(stream) % isa->ninstrs];
	uint64_t word = rig_random(stream), kind = rig_random(stream) % 16;

	if (kind == 0)
		return word & isa_mask(isa->length * isa->unit);
	if (kind < 12) /* small numbers: addresses inside, near branches */
		word &= UINT64_C(0xfffffffffff0ff3f);
	return ((word & ~in->mask) | in->match) & isa_mask(isa->length * isa->unit);
}

static void fill_registers(struct rig *r, uint64_t *stream)
{
	for (unsigned i = 0; i < r->isa->nregs; i++) {
		const struct isa_reg *reg = &r->isa->reg[i];

		for (unsigned j = 0; reg->class == CLASS_VISIBLE && j < reg->count; j++)
			r->view->cpu->state[reg->slot + j] = rig_value(stream, reg->width);
	}
}

static void fill(struct rig *r, uint64_t *stream)
{
	uint64_t unit[64];

	for (uint64_t a = 0; a + r->isa->length <= r->view->window.size; a += r->isa->length) {
		isa_pack(r->isa, random_word(r->isa, stream), unit);
		for (unsigned i = 0; i < r->isa->length; i++)
			window_put(&r->view->window, a + i, unit[i]);
	}
	fill_registers(r, stream);
	for (unsigned i = 0; i < r->isa->ndevices; i++)
		if (strcmp(r->isa->device[i].class, "console") == 0)
			console_give(r->machine->device[i], "some input", 10);
}

/* A PSW for pg's traps that goes on in the storage, half of the time with a timer. */
static void set_vector(struct rig *r, uint64_t *stream)
{
	uint64_t random = rig_random(stream);
	uint64_t psw[] = { random & 1, 16 + random / 2 % 200, random / 512 % 3,
			   SIZE - 8,   random >> 20 & 1,      (random >> 21) % 30 };

	for (unsigned i = 0; i < 6; i++)
		window_put(&r->view->window, 8 + i, psw[i]);
}

static struct rig random_rig(const char *path, uint64_t seed)
{
	struct rig r = rig_at(path, SIZE);
	uint64_t stream = seed;

	fill(&r, &stream);
	set_vector(&r, &stream);
	return r;
}

/* Runs n steps in slices of at most so many; 0: in one. */
static void run_in_slices(struct view *v, uint64_t n, uint64_t most, uint64_t *stream)
{
	struct outcome o = { .event = EVENT_STEPS };

	for (uint64_t done = 0; done < n && o.event == EVENT_STEPS; done += o.steps) {
		uint64_t slice = most ? 1 + rig_random(stream) % most : n;

		slice = slice < n - done ? slice : n - done;
		o = view_run(v, slice);
		if (o.event == EVENT_STEPS)
			ck_assert_uint_eq(o.steps, slice);
	}
}

/* A machine that came to an end, or only traps, starts again, elsewhere in its storage. */
static void start_again(struct rig *r, uint64_t since, uint64_t *stream)
{
	uint64_t place = rig_random(stream) % (SIZE / r->isa->length) * r->isa->length;

	if (r->view->cpu->status == CPU_RUNNING && r->view->cpu->time != since)
		return;
	r->view->cpu->status = CPU_RUNNING;
	view_reset(r->view);
	fill_registers(r, stream);
	r->view->cpu->state[r->isa->role[ROLE_PC]->slot] =
		place & isa_mask(r->isa->role[ROLE_PC]->width);
}

enum { LEGS = 40, LEG = 50 };

/* The same random machine, run in slices of at most so many steps. */
static struct rig run_random(const char *path, uint64_t seed, uint64_t most)
{
	struct rig r = random_rig(path, seed);
	uint64_t slices = seed, again = seed;

	for (unsigned leg = 0; leg < LEGS; leg++) {
		uint64_t since = r.view->cpu->time;

		run_in_slices(r.view, LEG, most, &slices);
		start_again(&r, since, &again);
	}
	return r;
}

/* Units of time compared: instructions that did something. */
static uint64_t compare_runs(const char *path, uint64_t seed)
{
	struct rig whole = run_random(path, seed, 0);
	static const uint64_t most[] = { 1, 20 };
	uint64_t time = whole.view->cpu->time;

	for (unsigned i = 0; i < 2; i++) {
		struct rig sliced = run_random(path, seed, most[i]);
		const char *difference = rig_difference(whole.view, sliced.view);

		ck_assert_msg(difference == NULL, "%s, seed %llu: %s", path,
			      (unsigned long long)seed, difference);
		rig_close(&sliced);
	}
	rig_close(&whole);
	return time;
}

START_TEST(a_run_is_the_same_in_any_slices)
{
	uint64_t together = 0;

	for (uint64_t seed = 1; seed <= 60; seed++)
		together += compare_runs(rig_shipped[_i], seed);
	ck_assert_msg(together > 60 * LEGS / 4, "%s: only %llu units were compared",
		      rig_shipped[_i], (unsigned long long)together);
}
END_TEST

/* The oracle with every instruction settled alone: the same description without a horizon. */
START_TEST(a_run_is_the_same_without_a_horizon)
{
	for (uint64_t seed = 1; seed <= 60; seed++) {
		struct rig batched = random_rig(shipped_named(pg), seed);
		struct rig alone = random_rig(shipped_named(pg), seed);

		machine_use(alone.machine, ENGINE_ORACLE);
		((struct isa *)alone.isa)->horizon = NULL;
		oracle_free(alone.machine->oracle);
		alone.machine->oracle = alone.view->oracle = oracle_new(alone.isa);
		view_run(batched.view, 3000);
		view_run(alone.view, 3000);
		/* while nothing is in sight, nothing says so but a horizon */
		if (batched.view->cpu->status != CPU_WAITING)
			ck_assert_same(batched.view, alone.view);
		rig_close(&batched);
		rig_close(&alone);
	}
}
END_TEST

/* ---- exact stops ---- */

static const char counter[] = "start: ADDI G2, G2, 1\n BR start";

START_TEST(a_run_stops_after_exactly_n_steps)
{
	struct rig r = rig_at(shipped_named(pg), SIZE);
	uint64_t total = 0;

	rig_program(&r, counter);
	for (uint64_t n = 0; n < 300; n++) {
		struct outcome o = view_run(r.view, n);

		total += n;
		ck_assert_int_eq(o.event, EVENT_STEPS);
		ck_assert_uint_eq(o.steps, n);
		ck_assert_uint_eq(r.view->cpu->steps, total);
		ck_reg(r.view, "G2", (total + 1) / 2);
	}
	view_run(r.view, 200000);
	ck_assert_uint_eq(r.view->cpu->steps, total + 200000);
	rig_close(&r);
}
END_TEST

START_TEST(the_stop_flag_ends_a_run_soon)
{
	struct rig r = rig_at(shipped_named(pg), SIZE);
	volatile sig_atomic_t stop = 1;
	struct outcome o;

	rig_program(&r, counter);
	r.view->stop = &stop;
	o = view_run(r.view, UINT64_MAX);
	ck_assert_int_eq(o.event, EVENT_STOPPED);
	stop = 0;
	o = view_run(r.view, 10);
	ck_assert_int_eq(o.event, EVENT_STEPS);
	ck_reg(r.view, "G2", 5);
	rig_close(&r);
}
END_TEST

static volatile sig_atomic_t alarmed;

static void on_alarm(int signal)
{
	(void)signal;
	alarmed = 1;
}

START_TEST(the_stop_flag_set_by_a_signal_ends_an_endless_run)
{
	struct rig r = rig_at(shipped_named(pg), SIZE);
	struct outcome o;

	rig_program(&r, counter);
	r.view->stop = &alarmed;
	signal(SIGALRM, on_alarm);
	alarm(1);
	o = view_run(r.view, UINT64_MAX);
	ck_assert_int_eq(o.event, EVENT_STOPPED);
	ck_assert_uint_eq(o.steps, r.view->cpu->steps);
	ck_reg(r.view, "G2", ((o.steps + 1) / 2) & 0xffffffff);
	rig_close(&r);
}
END_TEST

START_TEST(events_have_names)
{
	for (enum event e = EVENT_STEPS; e <= EVENT_STOPPED; e++)
		ck_assert_uint_gt(strlen(event_name(e)), 2);
}
END_TEST

/* ---- snapshots ---- */

START_TEST(a_restored_run_is_replayed)
{
	for (uint64_t seed = 1; seed <= 15; seed++) {
		struct rig r = random_rig(rig_shipped[_i], seed);
		struct rig other = random_rig(rig_shipped[_i], seed);
		struct snapshot *before, *after;

		view_run(r.view, 100 + seed);
		before = snapshot_take(r.view);
		view_run(r.view, 1500);
		after = snapshot_take(r.view);
		snapshot_restore(r.view, before);
		view_run(other.view, 100 + seed);
		ck_assert_same(r.view, other.view);
		view_run(r.view, 1500);
		view_run(other.view, 1500);
		ck_assert_same(r.view, other.view);
		view_run(r.view, 700);
		snapshot_restore(r.view, after);
		ck_assert_same(r.view, other.view);
		snapshot_free(before);
		snapshot_free(after);
		rig_close(&r);
		rig_close(&other);
	}
}
END_TEST

START_TEST(a_snapshot_holds_output_input_and_blocks)
{
	struct rig r = rig_at(shipped_named(pg), SIZE);
	struct device *con = devices_find(r.isa, r.machine->device, "console");
	struct device *drum = devices_find(r.isa, r.machine->device, "drum");
	const struct device_class *c = con->class, *d = drum->class;
	struct snapshot *one, *two;
	size_t n;

	console_give(con, "xyz", 3);
	c->write(con, 0, 'a');
	c->advance(con, 10);
	ck_assert_uint_eq(c->read(con, 0), 'x');
	window_put(&r.view->window, 0, 77);
	d->write(drum, 5, 1);
	d->write(drum, 0, 2);
	one = snapshot_take(r.view);
	d->advance(drum, 100);
	c->write(con, 0, 'b');
	c->advance(con, 20);
	ck_assert_uint_eq(c->read(con, 0), 'y');
	window_put(&r.view->window, 0, 78);
	two = snapshot_take(r.view);
	ck_assert_uint_eq(drum_words(drum, &n)[0], 77);

	snapshot_restore(r.view, one);
	ck_assert_int_eq(memcmp(console_printed(con, &n), "a", 1), 0);
	ck_assert_uint_eq(n, 1);
	ck_assert_uint_eq(drum_words(drum, &n)[0], 0);
	ck_assert_uint_eq(rig_cell(r.view, 0), 77);
	c->write(con, 0, 'c');
	c->advance(con, 15);
	ck_assert_uint_eq(c->read(con, 0), 'y');
	ck_assert_int_eq(memcmp(console_printed(con, &n), "ac", 2), 0);

	snapshot_restore(r.view, two);
	ck_assert_int_eq(memcmp(console_printed(con, &n), "ab", 2), 0);
	ck_assert_uint_eq(drum_words(drum, &n)[0], 77);
	c->advance(con, 30);
	ck_assert_uint_eq(c->read(con, 0), 'z');
	snapshot_free(one);
	snapshot_free(two);
	rig_close(&r);
}
END_TEST

START_TEST(restoring_logs_the_cells_that_change)
{
	struct rig r = rig_at(shipped_named(pg), SIZE);
	struct write_log log = { 0 };
	struct snapshot *s = snapshot_take(r.view);

	window_put(&r.view->window, 7, 1);
	window_put(&r.view->window, 300, 1);
	r.machine->storage->log = &log;
	snapshot_restore(r.view, s);
	ck_assert_uint_eq(log.count, 2);
	ck_assert_uint_eq(log.address[0], 7);
	ck_assert_uint_eq(log.address[1], 300);
	write_log_free(&log);
	r.machine->storage->log = NULL;
	snapshot_free(s);
	rig_close(&r);
}
END_TEST

START_TEST(live_input_that_was_recorded_replays_to_the_same_state)
{
	static const char echo[] =
		"start: LA G2, 1(G0)\n OUT G2, 0x02\n"
		"more: WAIT\n IN G3, 0x01\n ANDI G4, G3, 1\n BEQ G4, G0, done\n IN G3, 0x00\n"
		"OUT G3, 0x00\n ADD G5, G5, G3\n BR more\n"
		"done: ANDI G4, G3, 4\n BEQ G4, G0, more\n HALT 0";
	struct rig live = rig_at(shipped_named(pg), SIZE), replay = rig_at(shipped_named(pg), SIZE);
	struct device *con = devices_find(live.isa, live.machine->device, "console");
	struct device *again = devices_find(replay.isa, replay.machine->device, "console");
	FILE *record = tmpfile();
	char reason[256] = "";
	uint64_t stream = 3;
	size_t n;

	rig_program(&live, echo);
	rig_program(&replay, echo);
	for (unsigned i = 0; i < 200; i++) {
		view_run(live.view, 1 + rig_random(&stream) % 30);
		if (rig_random(&stream) % 3 == 0)
			console_type(con, live.view->cpu->time, 'a' + (int)(i % 26));
	}
	console_type(con, live.view->cpu->time, -1);
	ck_assert_int_eq(view_run(live.view, 100000).event, EVENT_HALT);
	console_save_record(con, record);
	rewind(record);
	ck_assert_msg(console_load_record(again, record, reason, sizeof reason), "%s", reason);
	fclose(record);
	ck_assert_int_eq(view_run(replay.view, 100000).event, EVENT_HALT);
	ck_assert_same(live.view, replay.view);
	console_printed(con, &n);
	ck_assert_uint_gt(n, 20);
	rig_close(&live);
	rig_close(&replay);
}
END_TEST

/* ---- machines ---- */

#define TINY(word)                                                                                 \
	"machine tiny { word " word "; visible P : word role pc; traps illegal, memory;"           \
	"translate(a, access) { return a; } trapseq(k, t, i) { P := 0; }"                          \
	"format F { op:" word " } instr NOP F op=0 \"NOP\" { } }"

START_TEST(storage_that_addresses_do_not_reach_is_refused)
{
	struct rig r = rig_of(TINY("4"), 16);
	char reason[256] = "";

	ck_assert_ptr_null(machine_new(r.isa, 17, 1, reason, sizeof reason));
	ck_assert_msg(strstr(reason, "16 units") != NULL, "%s", reason);
	ck_assert_ptr_null(machine_new(r.isa, 0, 1, reason, sizeof reason));
	rig_close(&r);
	r = rig_of(TINY("64"), 16);
	ck_assert_ptr_null(machine_new(r.isa, UINT64_MAX, 1, reason, sizeof reason));
	ck_assert_msg(strstr(reason, "no room") != NULL, "%s", reason);
	rig_close(&r);
}
END_TEST

START_TEST(reset_clears_what_it_does_not_set)
{
	struct rig r = rig_at(shipped_named(pg), SIZE);

	for (unsigned i = 0; i < r.isa->nslots; i++)
		r.view->cpu->state[i] = 1;
	view_reset(r.view);
	ck_reg(r.view, "B", SIZE);
	ck_reg(r.view, "G1", SIZE);
	ck_reg(r.view, "P", 16);
	ck_reg(r.view, "G5", 0);
	ck_reg(r.view, "M", 0);
	ck_assert(!view_user(r.view));
	*rig_reg(r.view, "M") = 1;
	ck_assert(view_user(r.view));
	rig_close(&r);
}
END_TEST

START_TEST(views_of_one_oracle_take_turns)
{
	struct rig r = rig_at(shipped_named(pg), SIZE);
	struct rig apart = rig_at(shipped_named(pg), SIZE);
	struct cpu *cpu = cpu_new(r.isa, 1);
	struct view second = *r.view;

	/* the second one lives in the upper half of the storage */
	rig_program(&r, counter);
	second.cpu = cpu;
	second.window.base = second.window.size = SIZE / 2;
	view_reset(&second);
	ck_assert_uint_eq(*rig_reg(&second, "B"), SIZE / 2);
	*rig_reg(&second, "P") = 0;
	window_put(&second.window, 0, rig_cell(r.view, 0));
	window_put(&second.window, 1, rig_cell(r.view, 1));
	rig_program(&apart, counter);
	for (unsigned i = 0; i < 50; i++) {
		view_run(r.view, 3);
		view_run(&second, 5);
	}
	view_run(apart.view, 150);
	ck_assert_uint_eq(*rig_reg(r.view, "G2"), *rig_reg(apart.view, "G2"));
	ck_assert_uint_eq(*rig_reg(&second, "G2"), 125);
	ck_assert(!window_put(&second.window, SIZE / 2, 0));
	cpu_free(cpu);
	rig_close(&r);
	rig_close(&apart);
}
END_TEST

/* ---- the state table ---- */

START_TEST(the_table_names_every_register_variable_and_clock)
{
	struct rig r = rig_at(shipped_named(pg), SIZE);
	struct table *t = table_new(r.isa);
	unsigned vars = 0;

	for (unsigned i = 0; i < r.isa->ndevices; i++)
		vars += r.machine->device[i]->class->nvars;
	ck_assert_uint_eq(table_size(t), r.isa->nslots + vars + 2);
	for (unsigned i = 0; i < table_size(t); i++)
		ck_assert_int_eq(table_find(t, table_entry(t, i)->name), (int)i);
	ck_assert_int_ge(table_find(t, "G15"), 0);
	ck_assert_int_eq(table_find(t, "G[15]"), table_find(t, "G15"));
	ck_assert_int_ge(table_find(t, "CON.status"), 0);
	ck_assert_int_ge(table_find(t, "DRUM.count"), 0);
	ck_assert_int_ge(table_find(t, "time"), 0);
	ck_assert_int_eq(table_find(t, "G16"), -1);
	table_free(t);
	rig_close(&r);
}
END_TEST

START_TEST(what_is_deposited_is_examined)
{
	struct rig r = rig_at(shipped_named(pg), SIZE);
	struct table *t = table_new(r.isa);

	for (unsigned i = 0; i < table_size(t); i++) {
		const struct table_entry *e = table_entry(t, i);

		table_deposit(r.view, e, UINT64_C(0xfedcba9876543210) + i);
		ck_assert_uint_eq(table_examine(r.view, e),
				  (UINT64_C(0xfedcba9876543210) + i) & isa_mask(e->width));
	}
	ck_assert_uint_eq(r.view->cpu->time - r.view->cpu->steps, 1);
	table_free(t);
	rig_close(&r);
}
END_TEST

START_TEST(values_are_written_as_people_read_them)
{
	struct rig r = rig_at(shipped_named(pg), SIZE);
	struct table *t = table_new(r.isa);
	const struct table_entry *m = table_entry(t, (unsigned)table_find(t, "M"));
	const struct table_entry *g = table_entry(t, (unsigned)table_find(t, "G3"));
	char text[64];

	ck_assert_str_eq(table_format(m, 1, text, sizeof text), "u");
	ck_assert_str_eq(table_format(g, 255, text, sizeof text), "0xff");
	ck_assert_int_eq(m->role, ROLE_MODE);
	ck_assert_int_eq(m->class, CLASS_CONTROL);
	ck_assert_int_eq(g->class, CLASS_VISIBLE);
	table_free(t);
	rig_close(&r);
}
END_TEST

/* ---- loading ---- */

static const char loadable[] =
	"machine m { word 16; visible P : word role pc, G[2] : word, C : 4;\n"
	"translate(a, access) { return a; } trapseq(k, p, i) { }"
	"format F { op:8, x:8 } instr NOP F op=0 \"NOP {x}\" { } }";

START_TEST(a_guest_is_loaded_with_its_entry_and_deposits)
{
	struct rig r = rig_of(loadable, 8);

	rig_program(&r, ".org 6\nstart: .word 7, 8\n.deposit G[1], -1\n.deposit C, 15");
	ck_assert_uint_eq(rig_cell(r.view, 7), 8);
	ck_reg(r.view, "P", 6);
	ck_reg(r.view, "G1", 0xffff);
	ck_reg(r.view, "C", 15);
	rig_close(&r);
}
END_TEST

static void refuses_to_load(struct image *image, const char *wanted)
{
	struct rig r = rig_of(loadable, 8);
	char reason[256] = "";

	ck_assert(!view_load(r.view, image, reason, sizeof reason));
	ck_assert_str_eq(reason, wanted);
	for (uint64_t a = 0; a < 8; a++)
		ck_assert_uint_eq(rig_cell(r.view, a), image->nsegments > 1 || a != 5 ? 0 : 9);
	rig_close(&r);
}

START_TEST(a_guest_that_does_not_fit_is_not_loaded)
{
	uint64_t unit[] = { 9, 9 };
	struct segment segment[] = { { 5, 1, unit }, { 7, 2, unit } };
	struct deposit deposit = { .name = "C", .value = 16 };
	struct image image = { .nsegments = 2, .segment = segment };

	refuses_to_load(&image, "the guest reaches up to unit 8, but its storage has 8 units");
	segment[1].address = UINT64_MAX - 1;
	refuses_to_load(&image, "the guest reaches up to unit 18446744073709551615, but its "
				"storage has 8 units");
	image = (struct image){ 1, segment, .ndeposits = 1, .deposit = &deposit };
	refuses_to_load(&image, "0x10 is to be deposited in C, of 4 bits");
	deposit.name = "Q";
	refuses_to_load(&image, "machine m has no register 'Q' to deposit");
}
END_TEST

static Suite *suite(void)
{
	Suite *s = suite_create("machine");
	TCase *runs = tcase_create("runs"), *snapshots = tcase_create("snapshots");
	TCase *machines = tcase_create("machines"), *tables = tcase_create("table");
	TCase *loading = tcase_create("loading");

	rig_find_shipped();
	tcase_add_loop_test(runs, a_run_is_the_same_in_any_slices, 0, (int)rig_nshipped);
	tcase_add_test(runs, a_run_is_the_same_without_a_horizon);
	tcase_add_test(runs, a_run_stops_after_exactly_n_steps);
	tcase_add_test(runs, the_stop_flag_ends_a_run_soon);
	tcase_add_test(runs, the_stop_flag_set_by_a_signal_ends_an_endless_run);
	tcase_add_test(runs, events_have_names);
	tcase_add_loop_test(snapshots, a_restored_run_is_replayed, 0, (int)rig_nshipped);
	tcase_add_test(snapshots, a_snapshot_holds_output_input_and_blocks);
	tcase_add_test(snapshots, restoring_logs_the_cells_that_change);
	tcase_add_test(snapshots, live_input_that_was_recorded_replays_to_the_same_state);
	tcase_add_test(machines, storage_that_addresses_do_not_reach_is_refused);
	tcase_add_test(machines, reset_clears_what_it_does_not_set);
	tcase_add_test(machines, views_of_one_oracle_take_turns);
	tcase_add_test(tables, the_table_names_every_register_variable_and_clock);
	tcase_add_test(tables, what_is_deposited_is_examined);
	tcase_add_test(tables, values_are_written_as_people_read_them);
	suite_add_tcase(s, runs);
	suite_add_tcase(s, snapshots);
	suite_add_tcase(s, machines);
	tcase_add_test(loading, a_guest_is_loaded_with_its_entry_and_deposits);
	tcase_add_test(loading, a_guest_that_does_not_fit_is_not_loaded);
	suite_add_tcase(s, tables);
	suite_add_tcase(s, loading);
	return s;
}

#include "tests/harness.h"
