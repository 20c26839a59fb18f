/*
 * Watched registers, conditions on them, instructions and traps: they end runs exactly, on both
 * engines, bare and under both monitors, however these are cut into slices.
 */
#include "tests/stopping.h"

/* ---- registers ---- */

START_TEST(registers_that_change_are_told)
{
	struct trace t;

	everywhere("pg", LOOP, STOPS("=G3", "end"), &t);
	ck_assert_uint_eq(t.count, 42);
	for (unsigned i = 0; i < 40; i++) {
		expect(&t, i, EVENT_WATCH, 2 + 4 * i);
		ck_assert_uint_eq(t.at[i].hit.before, i);
		ck_assert_uint_eq(t.at[i].hit.p, 17);
	}
	everywhere("pg", CALLS, STOPS("=M", "=TIMER"), &t);
	ck_assert_uint_gt(t.count, 100);
	everywhere("pg", CALLS, STOPS("=IE", "w:kind", "=G6", "user"), &t);
	ck_assert_uint_gt(t.count, 60);
	everywhere("pg", WAITS, STOPS("=TIMER", "=G4"), &t);
	ck_assert_uint_gt(t.count, 60);
}
END_TEST

/* Where an instruction that jumps writes it, and where one writes it or not. */
#define JUMPS                                                                                      \
	".machine pg\n.org 16\nLA G2, 12(G0)\nagain: CALL G15, sub\nCALL G15, sub\n"              \
	"ADDI G2, G2, -1\nBNE G2, G0, again\nend: HALT 0\n"                                        \
	"sub: SLTI G3, G2, 6\nBEQ G3, G0, back\nLD G4, again(G0)\nback: RET G15\n"

START_TEST(calls_write_registers_too)
{
	struct trace t;

	everywhere("pg", JUMPS, STOPS("=G15"), &t);
	ck_assert_uint_ge(t.count, 13);
	for (unsigned i = 0; i < 8; i++)
		ck_assert_uint_eq(t.at[i].hit.p, 17 + i % 2);
	everywhere("pg", JUMPS, STOPS("=G15", "=G3", "sub", "end"), &t);
	ck_assert_uint_ge(t.count, 25);
}
END_TEST

START_TEST(many_registers_may_be_watched)
{
	struct trace t;

	everywhere("pg", CALLS,
		   STOPS("=G0", "=G1", "=G2", "=G3", "=G4", "=G5", "=G6", "=G7", "=G8", "=G9", "=G10",
			 "=G11", "=G12", "=G13", "=G14", "=G15"),
		   &t);
	ck_assert_uint_gt(t.count, 100);
	everywhere("pg", CALLS,
		   STOPS("=G0", "=G1", "=G2", "=G3", "=G4", "=G5", "=G6", "=G7", "=G8", "=G9", "=G10",
			 "=G11", "=G12", "=G13", "=G14", "=G15", "=L", "=B", "=M"),
		   &t);
	ck_assert_uint_gt(t.count, 100);
}
END_TEST

START_TEST(a_register_that_is_not_watched_any_more_is_not_told)
{
	struct lab l = lab_of("pg");
	struct view *v;
	unsigned g3 = isa_reg_named(l.isa, "G")->slot + 3;

	lab_assemble(&l, LOOP);
	start(&l, &worlds[3]);
	v = view_in(&l, &worlds[3]);
	hang(&l, v, STOPS("=G3", "?G3"));
	ck_assert(!stops_add_register(v->stops, g3));
	ck_assert_int_eq(run(&l, &worlds[3], 200), EVENT_WATCH);
	ck_assert(stops_remove_register(v->stops, g3));
	ck_assert(!stops_remove_register(v->stops, g3));
	ck_assert_int_eq(run(&l, &worlds[3], UINT64_MAX), EVENT_HALT);
	stops_free(v->stops);
	lab_close(&l);
}
END_TEST

/* ---- conditions ---- */

START_TEST(conditions_are_told_when_they_come_to_hold)
{
	struct trace t;

	everywhere("pg", LOOP, STOPS("?G2"), &t);
	ck_assert_uint_eq(t.count, 2); /* and the end */
	expect(&t, 0, EVENT_BREAK, 1 + 4 * 35 + 3);
	everywhere("pg", LOOP, STOPS("?G3"), &t); /* it does from the beginning on */
	ck_assert_uint_eq(t.count, 1);
	everywhere("pg", CALLS, STOPS("?G4", "?G2", "=G6"), &t);
	ck_assert_uint_gt(t.count, 10);
	everywhere("pg", CALLS, STOPS("?M", "?TIMER"), &t);
	ck_assert_uint_gt(t.count, 3);
	everywhere("pg", WAITS, STOPS("?TIMER", "?G4", "?P"), &t);
	ck_assert_uint_gt(t.count, 3);
}
END_TEST

START_TEST(storage_is_looked_at_when_it_is_written)
{
	struct trace t;

	everywhere("pg",
		   ".machine pg\n.org 16\nLA G2, 40(G0)\nagain: ANDI G4, G2, 7\nST G4, 100(G0)\n"
		   "ADDI G2, G2, -1\nBNE G2, G0, again\nHALT 0\n",
		   STOPS("#100"), &t);
	ck_assert_uint_eq(t.count, 6); /* it is 0 from the beginning on */
	expect(&t, 0, EVENT_BREAK, 1 + 4 * 6 + 2);
	everywhere("pg", CALLS, STOPS("#6", "#1", "=G6"), &t); /* by traps */
	ck_assert_uint_gt(t.count, 5);
}
END_TEST

/* ---- instructions and traps ---- */

START_TEST(instructions_are_told_before_they_are_done)
{
	struct trace t;

	everywhere("pg", LOOP, STOPS("!BNE"), &t);
	ck_assert_uint_eq(t.count, 41);
	for (unsigned i = 0; i < 40; i++)
		expect(&t, i, EVENT_BREAK, 4 + 4 * i);
	everywhere("pg", CALLS, STOPS("!LPSW", "!SVC", "old"), &t);
	ck_assert_uint_gt(t.count, 60);
}
END_TEST

START_TEST(instructions_that_are_written_are_told)
{
	struct trace t;

	everywhere("pg",
		   ".machine pg\n.org 16\nLA G2, 40(G0)\nagain: ANDI G4, G2, 1\nLD G5, one(G4)\n"
		   "ST G5, cell(G0)\nADDI G2, G2, -1\ncell: ADD G3, G3, G3\nBNE G2, G0, again\n"
		   "HALT 0\none: ADD G3, G3, G3\nSUB G4, G4, G3\n",
		   STOPS("!ADD", "?G2"), &t);
	ck_assert_uint_eq(t.count, 22);
}
END_TEST

START_TEST(traps_are_told_when_they_are_performed)
{
	struct trace t;

	everywhere("pg", CALLS, STOPS("^svc"), &t);
	ck_assert_uint_eq(t.count, 32); /* the last svc ends it, and then it halts */
	for (unsigned i = 0; i < 31; i++)
		ck_assert_uint_eq(t.at[i].p, 24);
	everywhere("pg", CALLS, STOPS("^timer", "=G6", "?G2"), &t);
	ck_assert_uint_gt(t.count, 10);
	everywhere("pg", WAITS, STOPS("^timer"), &t);
	ck_assert_uint_gt(t.count, 19);
}
END_TEST

/* ---- random guests ---- */

static void hang_others(struct view *v, uint64_t number)
{
	struct fuzz_random r = { (number + 1) * UINT64_C(0x9e3779b97f4a7c15) };
	struct stops *s = stops_new(v);
	const struct isa *isa = v->isa;

	for (unsigned i = 0; i < 1 + number % 3; i++) {
		if (number % 2)
			stops_add_register(s, (unsigned)fuzz_below(&r, isa->nslots));
		if (number % 3)
			hang_below(s, (unsigned)fuzz_below(&r, isa->nslots), fuzz_below(&r, 9));
		if (number % 4 == 1)
			hang_unit_below(s, (unsigned)fuzz_below(&r, v->window.size),
					UINT64_C(1) << fuzz_below(&r, 30));
		if (number % 5 < 2)
			stops_add_instr(s, (unsigned)fuzz_below(&r, isa->ninstrs));
		if (number % 7 < 2)
			stops_add_trap(s, (unsigned)fuzz_below(&r, isa->ntraps));
	}
	stops_add_break(s, p_of(v) + fuzz_below(&r, 24));
}

/* ---- conditions as pieces, on what each instruction changes ---- */

/* P, what time changes, or any register. */
static unsigned random_slot(struct fuzz_random *r, const struct isa *isa)
{
	unsigned slot = (unsigned)fuzz_below(r, isa->nslots);

	if (fuzz_below(r, 3) == 0)
		return isa->role[ROLE_PC]->slot;
	for (unsigned i = 0; i < isa->nregs && fuzz_below(r, 2); i++)
		if (code_writes(isa->tick, &isa->reg[i]) || code_writes(isa->skip, &isa->reg[i]))
			slot = isa->reg[i].slot;
	return slot;
}

/* As it is, or what a number leaves of it, so that it comes again. */
static void add_time(struct compiled *c, struct fuzz_random *r)
{
	compiled_add(c, (struct piece){ PIECE_TIME, 0 });
	if (fuzz_below(r, 3) == 0)
		return;
	compiled_add(c, (struct piece){ PIECE_NUMBER, 2 + fuzz_below(r, 40) });
	compiled_add(c, (struct piece){ PIECE_BINARY, MOD });
}

static void add_variable(struct compiled *c, struct fuzz_random *r, const struct view *v)
{
	unsigned device = (unsigned)fuzz_below(r, v->isa->ndevices ? v->isa->ndevices : 1);

	if (v->isa->ndevices)
		compiled_add_device(c, v, device,
				    (unsigned)fuzz_below(r, v->device[device]->class->nvars));
	else
		add_time(c, r);
}

static void add_leaf(struct compiled *c, struct fuzz_random *r, const struct view *v)
{
	static const unsigned bits[] = { 1, 4, 5, 12, 32, 64 };
	uint64_t near = v->cpu->state[v->isa->role[ROLE_PC]->slot] + fuzz_below(r, 24);

	switch (fuzz_below(r, 8)) {
	case 6: add_time(c, r); break;
	case 7: add_variable(c, r, v); break;
	case 0: compiled_add(c, (struct piece){ PIECE_NUMBER, near }); break;
	case 1:
		compiled_add(c, (struct piece){ PIECE_NUMBER,
						fuzz_draw(r) & isa_mask(bits[fuzz_below(r, 6)]) });
		break;
	case 2:
		if (fuzz_below(r, 3))
			compiled_add(c, (struct piece){ fuzz_below(r, 4) ? PIECE_NUMBER : PIECE_SLOT,
							fuzz_below(r, v->isa->nslots) });
		else
			compiled_add(c, (struct piece){ PIECE_SLOT,
							v->isa->role[ROLE_PC]->slot });
		if (fuzz_below(r, 2))
			compiled_add_word(c, v->isa, fuzz_below(r, 2));
		break;
	default: compiled_add(c, (struct piece){ PIECE_SLOT, random_slot(r, v->isa) }); break;
	}
}

static void add_random(struct compiled *c, struct fuzz_random *r, const struct view *v, unsigned depth)
{
	if (depth == 0 || fuzz_below(r, 5) == 0) {
		add_leaf(c, r, v);
	} else if (fuzz_below(r, 7) == 0) {
		add_random(c, r, v, depth - 1);
		compiled_add(c, (struct piece){ PIECE_UNARY, (uint64_t)"-~!"[fuzz_below(r, 3)] });
	} else {
		add_random(c, r, v, depth - 1);
		add_random(c, r, v, depth - 1);
		compiled_add(c, (struct piece){ PIECE_BINARY, fuzz_below(r, MOD + 1) });
	}
}

/* More than there is room for in translated code. */
enum { MANY = STOPS_CLOSE + 10 };

/* Conditions stay until the next guest's are made. */
static struct compiled *random_condition(struct fuzz_random *r, const struct view *v, unsigned i)
{
	static struct compiled *pool[MANY];

	compiled_free(pool[i]);
	pool[i] = compiled_new();
	add_random(pool[i], r, v, 1 + (unsigned)fuzz_below(r, 4));
	return pool[i];
}

static void hang_some(struct stops *s, struct view *v, struct fuzz_random *r, unsigned count)
{
	static struct stop_condition condition[MANY];

	for (unsigned i = 0; i < count; i++) {
		struct compiled *c = random_condition(r, v, i);
		const unsigned *slot;
		unsigned n = compiled_slots(c, &slot);

		condition[i] = compiled_condition(c);
		if (compiled_complete(c))
			stops_add_condition(s, &condition[i], slot, n);
	}
}

static void hang_conditions(struct view *v, uint64_t number)
{
	struct fuzz_random r = { (number + 11) * UINT64_C(0x9e3779b97f4a7c15) };
	struct stops *s = stops_new(v);

	hang_some(s, v, &r, 1 + number % 4);
	if (number % 3 == 0)
		stops_add_register(s, (unsigned)fuzz_below(&r, v->isa->nslots));
	if (number % 5 == 0)
		stops_add_break(s, p_of(v) + fuzz_below(&r, 24));
	if (number % 7 == 0)
		stops_add_trap(s, (unsigned)fuzz_below(&r, v->isa->ntraps));
}

static void hang_many(struct view *v, uint64_t number)
{
	struct fuzz_random r = { (number + 5) * UINT64_C(0x9e3779b97f4a7c15) };

	hang_some(stops_new(v), v, &r, 5 + (unsigned)(number * 17 % (MANY - 4)));
}

START_TEST(many_conditions_are_told_alike)
{
	try_guests("pg", 20, hang_many);
	try_guests("rv32", 8, hang_many);
	try_guests_on("mipscp0", 12, hang_many, true);
}
END_TEST

START_TEST(conditions_as_pieces_are_told_alike)
{
	static const struct {
		const char *machine;
		uint64_t guests;
		bool bare_alone;
	} tried[] = {
		{ "pg", 150, false },  { "rv32", 40, false }, { "pdp11", 40, false },
		{ "s370", 40, false }, { "x86", 40, false },  { "mips32", 100, true },
		{ "mipscp0", 100, true },
	};

	for (unsigned i = 0; i < COUNT(tried); i++)
		try_guests_on(tried[i].machine, tried[i].guests, hang_conditions,
			      tried[i].bare_alone);
}
END_TEST

/* Blocks that lead on to each other pay for steps in advance; timers run meanwhile, and run out. */
#define BRANCHES                                                                                   \
	".machine pg\n.org 8\n.word 0, handler, 0, 4096, 0, 0\n.org 16\n"                          \
	"LA G2, 300(G0)\nLA G3, 500(G0)\nSTIM G3\nSIE 1\n"                                         \
	"again: ANDI G4, G2, 3\nBEQ G4, G0, less\nADDI G5, G5, 1\nADDI G5, G5, 2\n"                \
	"less: ADDI G6, G6, 1\nANDI G4, G2, 5\nBEQ G4, G0, more\nADDI G5, G5, 3\n"                 \
	"more: ADDI G2, G2, -1\nBNE G2, G0, again\nend: HALT 0\n"                                   \
	"handler: ADDI G7, G7, 1\nST G3, 5(G0)\nLPSW 0(G0)\n"

START_TEST(time_is_seen_within_blocks)
{
	struct trace t;

	everywhere("pg", BRANCHES, STOPS("%TIMER"), &t);
	ck_assert_uint_gt(t.count, 300);
	everywhere("pg", BRANCHES, STOPS("%TIMER", "%P", "%G5"), &t);
	ck_assert_uint_gt(t.count, 500);
	everywhere("pg", BRANCHES, STOPS("=TIMER", "=G6"), &t);
	ck_assert_uint_gt(t.count, 600);
	everywhere("pg", BRANCHES, STOPS("=TIMER", "%P", "@P", "=G5"), &t);
	ck_assert_uint_gt(t.count, 600);
	everywhere("pg", BRANCHES, STOPS("%P", "more", "w:less"), &t);
	ck_assert_uint_gt(t.count, 300);
	everywhere("pg", CALLS, STOPS("%TIMER", "%P", "=M"), &t);
	ck_assert_uint_gt(t.count, 90);
	everywhere("pg", WAITS, STOPS("%TIMER", "%P"), &t);
	ck_assert_uint_gt(t.count, 40);
}
END_TEST

/* A loop that writes one of its own instructions. */
#define REWRITES                                                                                   \
	".machine pg\n.org 16\nLA G2, 60(G0)\nagain: LD G3, cell(G0)\nADDI G3, G3, 1\n"          \
	"ANDI G4, G2, 7\nST G3, cell(G0)\nBEQ G4, G0, cell\nADDI G5, G5, 1\n"                     \
	"cell: ADDI G6, G6, 0\nADDI G2, G2, -1\nBNE G2, G0, again\nend: HALT 0\n"

START_TEST(words_where_execution_is_are_looked_at)
{
	struct trace t;

	everywhere("pg", REWRITES, STOPS("@P"), &t);
	ck_assert_uint_gt(t.count, 10);
	everywhere("pg", REWRITES, STOPS("*P", "%G2", "w:cell"), &t);
	ck_assert_uint_gt(t.count, 60);
	everywhere("pg", CALLS, STOPS("@P", "=M"), &t);
	ck_assert_uint_gt(t.count, 60);
	everywhere("pg", BRANCHES, STOPS("@P", "*P", "@TIMER", "%TIMER"), &t);
	ck_assert_uint_gt(t.count, 300);
	everywhere("rv32",
		   ".machine rv32\nstart: addi x5, x0, 40\nagain: addi x6, x6, 2\naddi x5, x5, -1\n"
		   "bne x5, x0, again\nend: poweroff 0\n",
		   STOPS("@pc", "*pc"), &t);
	ck_assert_uint_gt(t.count, 40);
}
END_TEST

/* What is made of a condition is looked at by translated code, not step by step. */
START_TEST(conditions_on_p_and_time_are_looked_at_closely)
{
	struct lab l = lab_of("pg");
	static const enum operation operations[] = { EQ, LT, MOD };
	const struct isa_reg *timer = isa_reg_named(l.isa, "TIMER"), *p = l.isa->role[ROLE_PC];

	lab_assemble(&l, LOOP);
	start(&l, &worlds[3]);
	for (unsigned i = 0; i < COUNT(operations); i++) {
		struct compiled *c = compiled_new();
		struct stop_condition condition = compiled_condition(c);
		struct view *v = view_in(&l, &worlds[3]);
		const unsigned *slot;
		unsigned n;

		compiled_add(c, (struct piece){ PIECE_SLOT, p->slot });
		compiled_add(c, (struct piece){ PIECE_SLOT, timer->slot });
		compiled_add(c, (struct piece){ PIECE_BINARY, operations[i] });
		n = compiled_slots(c, &slot);
		ck_assert_uint_eq(n, 2);
		stops_add_condition(stops_new(v), &condition, slot, n);
		ck_assert(condition.close && stops_close(v) && !stops_alone(v));
		stops_free(v->stops);
		compiled_free(c);
	}
	lab_close(&l);
}
END_TEST

/* Time, and devices' variables, are looked at without a step by itself either. */
START_TEST(conditions_on_time_and_devices_do_not_go_step_by_step)
{
	struct lab l = lab_of("pg");
	struct view *v;

	lab_assemble(&l, LOOP);
	start(&l, &worlds[3]);
	v = view_in(&l, &worlds[3]);
	for (unsigned kinds = 1; kinds < 4; kinds++) {
		struct compiled *c = compiled_new();
		struct stop_condition condition = compiled_condition(c);

		if (kinds & 1)
			compiled_add(c, (struct piece){ PIECE_TIME, 0 });
		if (kinds & 2)
			compiled_add_device(c, v, 0, 1);
		if (kinds == 3)
			compiled_add(c, (struct piece){ PIECE_BINARY, EQ });
		ck_assert(compiled_complete(c));
		stops_add_condition(stops_new(v), &condition, NULL, 0);
		ck_assert(condition.close == (kinds & 1) && !stops_alone(v));
		stops_free(v->stops);
		compiled_free(c);
	}
	ck_assert(stops_add_register(stops_new(v), isa_reg_named(l.isa, "TIMER")->slot));
	ck_assert(stops_close(v) && !stops_alone(v));
	ck_assert(stops_add_register(v->stops, l.isa->role[ROLE_PC]->slot));
	ck_assert(stops_alone(v));
	stops_free(v->stops);
	lab_close(&l);
}
END_TEST

START_TEST(random_guests_are_told_alike)
{
	try_guests("pg", 120, hang_others);
	try_guests("rv32", 40, hang_others);
	try_guests("pdp11", 40, hang_others);
}
END_TEST

static Suite *suite(void)
{
	Suite *s = suite_create("watches");
	TCase *t = tcase_create("watches");

	tcase_set_timeout(t, 120);
	tcase_add_test(t, registers_that_change_are_told);
	tcase_add_test(t, calls_write_registers_too);
	tcase_add_test(t, many_registers_may_be_watched);
	tcase_add_test(t, a_register_that_is_not_watched_any_more_is_not_told);
	tcase_add_test(t, conditions_are_told_when_they_come_to_hold);
	tcase_add_test(t, storage_is_looked_at_when_it_is_written);
	tcase_add_test(t, instructions_are_told_before_they_are_done);
	tcase_add_test(t, instructions_that_are_written_are_told);
	tcase_add_test(t, traps_are_told_when_they_are_performed);
	tcase_add_test(t, random_guests_are_told_alike);
	tcase_add_test(t, conditions_as_pieces_are_told_alike);
	tcase_add_test(t, many_conditions_are_told_alike);
	tcase_add_test(t, time_is_seen_within_blocks);
	tcase_add_test(t, words_where_execution_is_are_looked_at);
	tcase_add_test(t, conditions_on_p_and_time_are_looked_at_closely);
	tcase_add_test(t, conditions_on_time_and_devices_do_not_go_step_by_step);
	suite_add_tcase(s, t);
	return s;
}

#include "tests/harness.h"
