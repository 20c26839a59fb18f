/*
 * Stops: runs end at break places and at accesses to what is watched, exactly, on both engines,
 * bare and under both monitors, however they are cut into slices.
 */
#include "tests/stopping.h"

START_TEST(a_run_ends_whenever_it_comes_to_a_break_place)
{
	struct trace t;

	everywhere("pg", LOOP, STOPS("middle", "end"), &t);
	ck_assert_uint_eq(t.count, 42);
	for (unsigned i = 0; i < 40; i++)
		expect(&t, i, EVENT_BREAK, 2 + 4 * i);
	expect(&t, 40, EVENT_BREAK, 161);
	expect(&t, 41, EVENT_HALT, 162);
}
END_TEST

/* Where it begins is told by stops_stand. */
START_TEST(a_run_passes_the_place_that_it_begins_at)
{
	for (unsigned i = 0; i < COUNT(worlds); i++) {
		struct lab l = lab_of("pg");
		struct view *v;

		lab_assemble(&l, LOOP);
		start(&l, &worlds[i]);
		v = view_in(&l, &worlds[i]);
		ck_assert(!stops_stand(v));
		stops_add_break(stops_new(v), 16);
		stops_add_break(v->stops, 17);
		ck_assert(!stops_add_break(v->stops, 17));
		ck_assert(stops_stand(v));
		ck_assert_int_eq(run(&l, &worlds[i], 100), EVENT_BREAK);
		ck_assert_uint_eq(v->cpu->steps, 1);
		ck_assert_int_eq(run(&l, &worlds[i], 4), EVENT_BREAK);
		ck_assert_uint_eq(v->cpu->steps, 5);
		ck_assert_int_eq(run(&l, &worlds[i], 3), EVENT_STEPS);
		ck_assert(stops_remove_break(v->stops, 17));
		ck_assert(!stops_remove_break(v->stops, 17));
		ck_assert_int_eq(run(&l, &worlds[i], 1000), EVENT_HALT);
		stops_free(v->stops);
		ck_assert_ptr_null(v->stops);
		lab_close(&l);
	}
}
END_TEST

/* Adds up a table, and counts in a cell. */
#define TABLE                                                                                      \
	".machine pg\n.org 16\nLA G2, 30(G0)\nagain: LD G3, table(G2)\nADD G4, G4, G3\n"           \
	"ST G4, sum(G0)\nXCHG G4, other(G0)\nXCHG G4, other(G0)\nADDI G2, G2, -1\n"                \
	"BNE G2, G0, again\nend: HALT 0\n"                                                         \
	"sum: .word 0\nother: .word 0\ntable: .space 20\ninner: .space 20\n"

START_TEST(a_run_ends_after_an_access_to_what_is_watched)
{
	struct trace t;

	everywhere("pg", TABLE, STOPS("r:inner"), &t);
	ck_assert_uint_eq(t.count, 2);
	expect(&t, 0, EVENT_WATCH, 1 + 7 * 10 + 1);
	ck_assert_uint_eq(t.at[0].hit.p, 17);
	ck_assert_uint_eq(t.at[0].p, 18);
	ck_assert_int_eq(t.at[0].hit.access, ACCESS_READ);
	everywhere("pg", TABLE, STOPS("w:inner"), &t);
	ck_assert_uint_eq(t.count, 1);
	everywhere("pg", TABLE, STOPS("r:sum"), &t);
	ck_assert_uint_eq(t.count, 1);
	everywhere("pg", TABLE, STOPS("w:sum", "r:other"), &t);
	ck_assert_uint_eq(t.count, 91);
	expect(&t, 0, EVENT_WATCH, 4);
	ck_assert_int_eq(t.at[0].hit.access, ACCESS_WRITE);
	expect(&t, 1, EVENT_WATCH, 5);
	expect(&t, 2, EVENT_WATCH, 6);
	expect(&t, 3, EVENT_WATCH, 11);
}
END_TEST

START_TEST(a_load_may_be_far_from_what_a_store_behind_it_meets)
{
	struct trace t;

	everywhere("pg",
		   ".machine pg\n.org 16\nLA G2, 90(G0)\nLA G5, more(G0)\nagain: LD G3, 0(G5)\n"
		   "ADDI G3, G3, 1\nST G3, 0(G5)\nADDI G5, G5, 1\nADDI G2, G2, -1\n"
		   "BNE G2, G0, again\nHALT 0\n"
		   "more: .space 60\ninner: .space 40\nother: .word 0\n",
		   STOPS("w:inner", "r:other"), &t);
	ck_assert_uint_eq(t.count, 2);
	expect(&t, 0, EVENT_WATCH, 2 + 60 * 6 + 3);
}
END_TEST

START_TEST(loads_of_neighbours_are_told_one_by_one)
{
	struct trace t;

	everywhere("pg",
		   ".machine pg\n.org 16\nLA G2, 50(G0)\nLA G5, more(G0)\nagain:\n"
		   "LD G3, 0(G5)\nLD G4, 1(G5)\nLD G6, 2(G5)\nLD G7, 3(G5)\nLD G8, 4(G5)\n"
		   "LD G9, 5(G5)\nLD G10, 6(G5)\nLD G11, 7(G5)\nADDI G5, G5, 1\n"
		   "ADDI G2, G2, -1\nBNE G2, G0, again\nHALT 0\n"
		   "more: .space 40\ninner: .space 40\n",
		   STOPS("r:inner"), &t);
	ck_assert_uint_eq(t.count, 9);
	for (unsigned i = 0; i < 8; i++)
		expect(&t, i, EVENT_WATCH, 2 + 33 * 11 + 8 + i * 10);
}
END_TEST

/* At a break place behind an access, the access is told; the place is not told again. */
START_TEST(an_access_is_told_before_the_place_that_follows)
{
	struct trace t;

	everywhere("pg", TABLE, STOPS("rw:other", "end", "again"), &t);
	expect(&t, 0, EVENT_BREAK, 1);
	expect(&t, 1, EVENT_WATCH, 5);
	expect(&t, 2, EVENT_WATCH, 6);
	expect(&t, 3, EVENT_BREAK, 8);
	ck_assert_uint_eq(t.count, 30 * 3 + 2);
}
END_TEST

/* Calls of a supervisor from user mode, relocated, with a timer. */
START_TEST(traps_and_ticks_lead_to_break_places)
{
	struct trace t;

	everywhere("pg", CALLS, STOPS("handler", "done"), &t);
	expect(&t, 0, EVENT_BREAK, 3);
	ck_assert_uint_gt(t.count, 33);
	/* the first of the user program: whoever is there, too */
	everywhere("pg", CALLS, STOPS("old", "other"), &t);
	ck_assert_uint_gt(t.count, 30);
}
END_TEST

START_TEST(what_trapseq_touches_is_told)
{
	struct trace t;

	everywhere("pg", CALLS, STOPS("w:kind"), &t);
	expect(&t, 0, EVENT_WATCH, 3);
	ck_assert_uint_eq(t.at[0].hit.p, 0);
	ck_assert_uint_eq(t.at[0].p, 24);
	ck_assert_uint_gt(t.count, 33);
	everywhere("pg", CALLS, STOPS("r:kind", "w:old"), &t);
	ck_assert_uint_gt(t.count, 66);
}
END_TEST

/* Patches an instruction of a loop, which is a break place, at each pass. */
#define PATCHES                                                                                    \
	".machine pg\n.org 16\nLA G2, 50(G0)\nagain: LD G3, patch(G0)\nADDI G4, G4, 1\n"           \
	"ANDI G5, G4, 1\nBEQ G5, G0, even\nLD G3, even(G0)\n"                                      \
	"even: ADDI G6, G6, 1\nST G3, place(G0)\nplace: ADDI G7, G7, 1\n"                          \
	"ADDI G2, G2, -1\nBNE G2, G0, again\nHALT 0\npatch: ADDI G7, G7, 2\n"

START_TEST(code_that_changes_stops_alike)
{
	struct trace t;

	everywhere("pg", PATCHES, STOPS("place"), &t);
	ck_assert_uint_eq(t.count, 51);
	everywhere("pg", PATCHES, STOPS("w:place", "r:even", "even"), &t);
	ck_assert_uint_eq(t.count, 50 + 25 + 50 + 1 - 25);
}
END_TEST

/* Copies four words, over and over, of which the last ones are out of bounds. */
#define COPIES                                                                                     \
	".machine pg\n.org 8\n.word 0, handler, 0, 4096, 0, 0\n.org 16\nLA G2, 30(G0)\n"           \
	"LPSW psw(G0)\npsw: .word 1, user, 0, 102, 0, 0\n"                                         \
	"handler: ADDI G2, G2, -1\nBNE G2, G0, again\nHALT 0\nagain: LPSW psw(G0)\n"               \
	".org 50\nuser: LA G3, 90(G0)\nLD G4, 98(G0)\nlast: MOVE4 G3, 100(G0)\n"                   \
	".org 91\nto: .word 0\n.org 100\nfrom: .word 1\n"

START_TEST(what_is_undone_has_not_been_touched)
{
	struct trace t;

	everywhere("pg", COPIES, STOPS("r:from", "w:to"), &t);
	ck_assert_uint_eq(t.count, 1);
	everywhere("pg", COPIES, STOPS("rw:from", "rw:to", "last"), &t);
	ck_assert_uint_eq(t.count, 31);
}
END_TEST

/* Waits for the timer, again and again; interrupts are masked where it goes on. */
START_TEST(who_is_woken_comes_to_break_places)
{
	struct trace t;

	everywhere("pg", WAITS, STOPS("handler", "after"), &t);
	ck_assert_uint_eq(t.count, 41);
	everywhere("pg", WAITS, STOPS("end", "w:again"), &t);
	ck_assert_uint_eq(t.count, 2);
}
END_TEST

/* Idle until somebody types: the instruction behind the wait is a break place. */
START_TEST(input_wakes_to_a_break_place)
{
	for (unsigned i = 0; i < COUNT(worlds); i++) {
		struct lab l = lab_of("pg");
		struct device *console;
		struct view *v;

		lab_assemble(&l, ".machine pg\n.org 16\nLA G2, 1(G0)\nOUT G2, 2\nWAIT\n"
				 "after: IN G3, 1\nHALT 0\n");
		start(&l, &worlds[i]);
		v = view_in(&l, &worlds[i]);
		console = devices_find(v->isa, v->device, "console");
		console_live(console);
		stops_add_break(stops_new(v), place(&l, "after"));
		ck_assert_int_eq(run(&l, &worlds[i], 100), EVENT_IDLE);
		console_type(console, v->cpu->time, 'x');
		ck_assert_int_eq(run(&l, &worlds[i], 100), EVENT_BREAK);
		ck_assert_uint_eq(p_of(v), place(&l, "after"));
		ck_assert_int_eq(run(&l, &worlds[i], 100), EVENT_HALT);
		stops_free(v->stops);
		lab_close(&l);
	}
}
END_TEST

START_TEST(delay_slots_are_places)
{
	static const char guest[] = ".machine mipscp0\n.org 0x80\nhalt 9\n.org 0x400\n"
				    "addiu R7, R0, 40\nagain: addiu R7, R7, -1\nbne R7, R0, again\n"
				    "slot: addiu R8, R8, 1\nend: halt 0\n";
	static const uint64_t slices[] = { UINT64_MAX, 1, 3 };

	for (unsigned i = 0; i < COUNT(worlds) * COUNT(slices); i++) {
		const struct world *w = &worlds[i % COUNT(worlds)];
		struct lab l = lab_of("mipscp0");
		struct trace t;

		if (w->kind != BARE) {
			lab_close(&l);
			continue;
		}
		lab_assemble(&l, guest);
		l.bare = lab_machine(&l, l.size);
		if (w->translator)
			machine_translate(l.bare, w->translator);
		lab_enter(&l, &l.bare->view[0]);
		/* labels are places in storage, which the kernel sees higher up */
		stops_add_break(stops_new(&l.bare->view[0]), 0x80000000 + place(&l, "slot"));
		follow(&l, w, slices[i / COUNT(worlds)], UINT64_MAX, &t);
		ck_assert_uint_eq(t.count, 41);
		expect(&t, 0, EVENT_BREAK, 3);
		expect(&t, 39, EVENT_BREAK, 3 + 39 * 3);
		stops_free(l.bare->view[0].stops);
		lab_close(&l);
	}
}
END_TEST

/* A table of pages in storage, from 0xf0 on, which translate reads and the guest, too. */
#define TABLES                                                                                     \
	"machine tables { word 16; addressing word;\n"                                             \
	"control C : word; visible P : word role pc, G[8] : word;\n"                               \
	"traps illegal = 0, memory = 1;\n"                                                         \
	"translate(a, access) { return phys[0xf0 + zext(a[7:6])] + zext(a[5:0]); }\n"              \
	"trapseq(kind, tpc, info) { P := 0; }\n"                                                   \
	"format F { op:4, r:3, q:3, n:6 }\n"                                                       \
	"instr ADDI F op=2, q=0 \"ADDI {r}, {n:s}\" { G[r] := G[r] + sext(n); }\n"                 \
	"instr LD   F op=4, n=0 \"LD {r}, {q}\" { G[r] := mem[G[q]]; }\n"                          \
	"instr BNZ  F op=6, q=0 \"BNZ {r}, {n:pc}\" { if (G[r] != 0) P := P + sext(n); }\n"        \
	"instr HALT F op=15, r=0, q=0 \"HALT {n}\" { halt(zext(n)); }\n"                           \
	"}"

START_TEST(what_translate_reads_is_not_told)
{
	const struct watch table = { 0xf0, 4, true, true }, page = { 0x280, 1, true, false };

	for (unsigned i = 0; i < COUNT(worlds); i++) {
		struct lab l = lab_of(TABLES);
		struct trace t;

		if (worlds[i].kind == BARE) {
			lab_assemble(&l, ".deposit G4, 100\n.deposit G1, 0x40\n.deposit G2, 0xf1\n"
					 "round: LD G0, G1\nADDI G4, -1\nBNZ G4, round\n"
					 "LD G0, G2\nHALT 0\n.org 0xf0\n.word 0, 0x280, 0, 0xc0\n");
			l.bare = lab_machine(&l, l.size);
			if (worlds[i].translator)
				machine_translate(l.bare, worlds[i].translator);
			lab_enter(&l, &l.bare->view[0]);
			stops_add_watch(stops_new(&l.bare->view[0]), &table);
			stops_add_watch(l.bare->view[0].stops, &page);
			follow(&l, &worlds[i], UINT64_MAX, UINT64_MAX, &t);
			ck_assert_uint_eq(t.count, 102);
			expect(&t, 0, EVENT_WATCH, 1);
			ck_assert_uint_eq(t.at[0].hit.address, 0x280);
			expect(&t, 100, EVENT_WATCH, 301);
			ck_assert_uint_eq(t.at[100].hit.address, 0xf1);
			stops_free(l.bare->view[0].stops);
		}
		lab_close(&l);
	}
}
END_TEST

/* ---- several machines ---- */

START_TEST(each_machine_has_its_own_stops)
{
	for (unsigned i = 0; i < COUNT(worlds); i++) {
		struct lab l = lab_of("pg");
		unsigned hits[NEIGHBOURS] = { 0 };
		struct vm *beside;
		enum monitor_event e;

		if (worlds[i].kind == BARE) {
			lab_close(&l);
			continue;
		}
		lab_assemble(&l, LOOP);
		start(&l, &worlds[i]);
		beside = lab_beside(&l, "beside", LOOP, l.size);
		stops_add_break(stops_new(l.virtual), place(&l, "middle"));
		stops_add_break(stops_new(vm_view(beside)), place(&l, "end"));
		while ((e = monitor_run(l.monitor, 33)) != MONITOR_DONE) {
			struct vm *vm = monitor_stopped(l.monitor);

			ck_assert(e == MONITOR_STEPS || e == MONITOR_BREAK);
			ck_assert((e == MONITOR_BREAK) == (vm != NULL));
			if (!vm)
				continue;
			ck_assert(stops_stand(vm_view(vm)));
			hits[vm == beside]++;
		}
		ck_assert_uint_eq(hits[0], 40);
		ck_assert_uint_eq(hits[1], 1);
		stops_free(l.virtual->stops);
		stops_free(vm_view(beside)->stops);
		lab_close(&l);
	}
}
END_TEST

/* ---- what is left of the storage's map ---- */

START_TEST(watches_come_and_go)
{
	struct lab l = lab_of("pg");
	const struct watch a = { 100, 10, true, false }, b = { 105, 10, false, true },
			   wrong[] = { { 0, 0, true, true },
				       { 4095, 2, true, true },
				       { 5, UINT64_MAX, true, true },
				       { 5, 1, false, false } };
	const uint8_t *map;
	struct stops *s;

	l.bare = lab_machine(&l, l.size);
	map = l.bare->storage->code;
	s = stops_new(&l.bare->view[0]);
	for (unsigned i = 0; i < COUNT(wrong); i++)
		ck_assert(!stops_add_watch(s, &wrong[i]));
	ck_assert(stops_add_watch(s, &a) && stops_add_watch(s, &b));
	ck_assert_uint_eq(map[107], MAP_READ | MAP_WRITTEN);
	ck_assert(!stops_remove_watch(s, &wrong[0]));
	ck_assert(stops_remove_watch(s, &a) && !stops_remove_watch(s, &a));
	ck_assert_uint_eq(map[100], 0);
	ck_assert_uint_eq(map[107], MAP_WRITTEN);
	stops_free(s);
	for (unsigned i = 0; i < l.size; i++)
		ck_assert_uint_eq(map[i], 0);
	lab_close(&l);
}
END_TEST

START_TEST(other_code_stays_translated)
{
	struct lab l = lab_of("pg");
	struct translator_counts c;

	lab_assemble(&l, ".machine pg\n.org 16\nLA G2, 30000(G0)\nagain: LD G3, cell(G0)\n"
			 "ST G3, cell(G0)\nADDI G2, G2, -1\nBNE G2, G0, again\nend: HALT 0\n"
			 "cell: .word 0\nbeside: .word 0\n");
	l.bare = lab_machine(&l, l.size);
	ck_assert(machine_translate(l.bare, &usual));
	lab_enter(&l, &l.bare->view[0]);
	hang(&l, &l.bare->view[0], STOPS("end", "rw:beside"));
	ck_assert_int_eq(view_run(&l.bare->view[0], UINT64_MAX).event, EVENT_BREAK);
	c = translator_counts(l.bare->translator);
	ck_assert_uint_lt(c.oracle, 200);
	stops_free(l.bare->view[0].stops);
	lab_close(&l);
}
END_TEST

/* ---- random guests ---- */

/* The same for the same number. */
static void hang_some(struct view *v, uint64_t number)
{
	struct fuzz_random r = { (number + 1) * UINT64_C(0x9e3779b97f4a7c15) };
	struct stops *s = stops_new(v);

	for (unsigned i = 0; i < 6; i++) {
		unsigned kinds = 1 + (unsigned)fuzz_below(&r, 3);
		struct watch w = { fuzz_below(&r, v->window.size), 1 + fuzz_below(&r, 4), kinds & 1,
				   kinds & 2 };

		stops_add_break(s, fuzz_below(&r, v->window.size));
		if (number % 2)
			stops_add_watch(s, &w);
	}
	for (unsigned i = 0; i < 4; i++)
		stops_add_break(s, p_of(v) + fuzz_below(&r, 24));
}

START_TEST(random_guests_stop_alike)
{
	try_guests("pg", 150, hang_some);
}
END_TEST

static Suite *suite(void)
{
	Suite *s = suite_create("stops");
	TCase *t = tcase_create("stops");

	tcase_set_timeout(t, 120);
	tcase_add_test(t, a_run_ends_whenever_it_comes_to_a_break_place);
	tcase_add_test(t, a_run_passes_the_place_that_it_begins_at);
	tcase_add_test(t, a_run_ends_after_an_access_to_what_is_watched);
	tcase_add_test(t, a_load_may_be_far_from_what_a_store_behind_it_meets);
	tcase_add_test(t, loads_of_neighbours_are_told_one_by_one);
	tcase_add_test(t, an_access_is_told_before_the_place_that_follows);
	tcase_add_test(t, traps_and_ticks_lead_to_break_places);
	tcase_add_test(t, what_trapseq_touches_is_told);
	tcase_add_test(t, code_that_changes_stops_alike);
	tcase_add_test(t, what_is_undone_has_not_been_touched);
	tcase_add_test(t, what_translate_reads_is_not_told);
	tcase_add_test(t, who_is_woken_comes_to_break_places);
	tcase_add_test(t, input_wakes_to_a_break_place);
	tcase_add_test(t, delay_slots_are_places);
	tcase_add_test(t, each_machine_has_its_own_stops);
	tcase_add_test(t, watches_come_and_go);
	tcase_add_test(t, random_guests_stop_alike);
#ifdef __x86_64__
	tcase_add_test(t, other_code_stays_translated);
#endif
	suite_add_tcase(s, t);
	return s;
}

#include "tests/harness.h"
