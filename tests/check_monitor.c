/*
 * The monitor: guests behave under it as they do bare, and stay in their regions.
 */
#include "tests/lab.h"
#include "tests/odd.h"

#include <inttypes.h>

#define START ".machine pg\n.org 8\n.word 0, handler, 0, 4096, 0, 0\n.org 16\nstart:\n"

static uint64_t traps_of(const struct lab *l)
{
	const struct vm_stats *s = vm_stats(l->vm);
	uint64_t n = 0;

	for (unsigned i = 0; i < l->isa->ntraps; i++)
		n += s->by_cause[i];
	return n;
}

/* ---- running ---- */

#define COUNTDOWN                                                                                  \
	START "LA G2, 50(G0)\nagain: ADDI G2, G2, -1\nBNE G2, G0, again\nHALT 3\nhandler: HALT 9\n"

START_TEST(a_guest_without_traps_runs_directly)
{
	struct lab l = lab_on("pg", COUNTDOWN, MONITOR_VMM);

	ck_assert_uint_eq(lab_run(&l, 1000), 102);
	ck_assert_int_eq(l.virtual->cpu->status, CPU_HALTED);
	ck_assert_uint_eq(l.virtual->cpu->halt_status, 3);
	ck_assert_uint_eq(vm_stats(l.vm)->direct, 101);
	ck_assert_uint_eq(vm_stats(l.vm)->emulated, 1);
	ck_assert_uint_eq(vm_stats(l.vm)->by_instr[isa_instr_named(l.isa, "HALT")->index], 1);
	ck_assert_uint_eq(vm_stats(l.vm)->exits[l.isa->priv->index], 1);
	ck_assert_uint_eq(traps_of(&l), 0);
	lab_close(&l);
}
END_TEST

START_TEST(hybrid_interprets_virtual_supervisor_mode)
{
	struct lab l = lab_on("pg", COUNTDOWN, MONITOR_HYBRID);

	ck_assert_uint_eq(lab_run(&l, 1000), 102);
	ck_assert_int_eq(l.virtual->cpu->status, CPU_HALTED);
	ck_assert_uint_eq(vm_stats(l.vm)->direct, 0);
	ck_assert_uint_eq(vm_stats(l.vm)->interpreted, 102);
	ck_assert_uint_eq(l.real->cpu[0]->steps, 0);
	lab_close(&l);
}
END_TEST

/* A user program, with an SVC, a privileged instruction, an illegal one and a bound. */
#define USER                                                                                       \
	START "LPSW user(G0)\n"                                                                    \
	      "user: .word 1, 0, code, 8, 0, 0\n"                                                  \
	      "handler: LD G9, 6(G0)\nADD G10, G10, G9\nLD G9, 7(G0)\nADD G11, G11, G9\n"          \
	      "ADDI G12, G12, 1\nSLTI G8, G12, 6\nBEQ G8, G0, done\n"                              \
	      "LD G9, 6(G0)\nADDI G9, G9, -3\nBEQ G9, G0, back\n"                                  \
	      "LD G9, 1(G0)\nADDI G9, G9, 1\nST G9, 1(G0)\n"                                       \
	      "back: LPSW 0(G0)\ndone: HALT 0\n"                                                   \
	      "code: SVC 5\nHALT 1\n.word 0\nLD G2, 8(G0)\nST G2, 7(G0)\nDIV G2, G2, G0\n"         \
	      "BR code\n.word 0\n"

START_TEST(traps_of_a_user_program_are_reflected)
{
	for (enum monitor_kind kind = MONITOR_VMM; kind <= MONITOR_HYBRID; kind++) {
		struct lab l = lab_on("pg", USER, kind);

		lab_run(&l, 1000);
		ck_assert_int_eq(l.virtual->cpu->status, CPU_HALTED);
		ck_assert_uint_eq(lab_examine(l.virtual, "G10"), 3 + 2 + 0 + 1 + 6 + 3);
		ck_assert_uint_eq(lab_examine(l.virtual, "G11"), 5 + 0 + 0 + 8 + 0 + 5);
		ck_assert_uint_eq(vm_stats(l.vm)->reflected, 6);
		ck_assert_uint_eq(traps_of(&l), 6);
		ck_assert_uint_gt(vm_stats(l.vm)->direct, 0);
		lab_close(&l);
	}
	lab_expect_equal("pg", USER, 0);
}
END_TEST

START_TEST(every_step_is_counted_once)
{
	for (enum monitor_kind kind = MONITOR_VMM; kind <= MONITOR_HYBRID; kind++) {
		struct lab l = lab_on("pg", USER, kind);
		const struct vm_stats *s = vm_stats(l.vm);
		uint64_t emulated = 0;

		lab_run(&l, 1000);
		ck_assert_uint_eq(s->direct + s->emulated + s->interpreted + s->reflected,
				  l.virtual->cpu->steps);
		for (unsigned i = 0; i < l.isa->ninstrs; i++)
			emulated += s->by_instr[i];
		ck_assert_uint_eq(emulated, s->emulated);
		lab_close(&l);
	}
}
END_TEST

START_TEST(a_run_stops_exactly)
{
	struct lab l = lab_on("pg", USER, MONITOR_VMM);

	for (uint64_t n = 1; n <= 20; n++) {
		ck_assert_uint_eq(lab_run(&l, n % 3), n % 3);
		view_run(&l.bare->view[0], n % 3);
		ck_assert_uint_eq(l.virtual->cpu->steps, l.bare->cpu[0]->steps);
		ck_assert_uint_eq(lab_examine(l.virtual, "P"), lab_examine(&l.bare->view[0], "P"));
	}
	lab_close(&l);
}
END_TEST

START_TEST(the_stop_flag_ends_a_run)
{
	struct lab l = lab_on("pg", START "handler: BR start\n", MONITOR_VMM);
	static volatile sig_atomic_t stop;
	enum monitor_event event;

	l.real->view[0].stop = &stop;
	ck_assert_int_eq(monitor_run(l.monitor, 1000), MONITOR_STEPS);
	stop = 1;
	ck_assert_int_eq(monitor_run(l.monitor, UINT64_MAX), MONITOR_STOPPED);
	monitor_run_vm(l.monitor, l.vm, UINT64_MAX, &event);
	ck_assert_int_eq(event, MONITOR_STOPPED);
	ck_assert_uint_eq(l.virtual->cpu->steps, 1000);
	l.virtual->cpu->status = CPU_WAITING; /* and nothing to come: idle, but for the flag */
	ck_assert_int_eq(monitor_run(l.monitor, 10), MONITOR_STOPPED);
	l.virtual->cpu->status = CPU_RUNNING;
	stop = 0;
	ck_assert_int_eq(monitor_run(l.monitor, 10), MONITOR_STEPS);
	lab_close(&l);
}
END_TEST

START_TEST(a_check_stop_ends_a_machine)
{
	/* the handler's storage is too small for its old PSW: 4 cells */
	struct lab l = lab_of("pg");

	for (enum monitor_kind kind = MONITOR_VMM; kind <= MONITOR_HYBRID; kind++) {
		l.size = 4;
		lab_start(&l, &(struct monitor_options){ .kind = kind, .reserve = 8 });
		lab_run(&l, 10);
		ck_assert_int_eq(view_run(&l.bare->view[0], 10).event, EVENT_CHECKSTOP);
		ck_assert_int_eq(l.virtual->cpu->status, CPU_CHECKSTOP);
		ck_assert_uint_eq(l.virtual->cpu->steps, l.bare->cpu[0]->steps);
		ck_assert_uint_eq(l.virtual->cpu->time, l.bare->cpu[0]->time);
		ck_assert_int_eq(monitor_run(l.monitor, 10), MONITOR_DONE);
	}
	lab_close(&l);
}
END_TEST

/* ---- escape attempts ---- */

enum { SMALL = 64, RESERVED = 32, PATTERN = 0x5a000000 };

/* A guest of 64 words between two neighbours, all storage around it patterned. */
static struct lab surrounded(enum monitor_kind kind)
{
	struct lab l = lab_of("pg");
	char reason[256] = "";

	l.size = SMALL;
	l.bare = lab_machine(&l, SMALL);
	l.real = lab_machine(&l, 2 * RESERVED + 3 * SMALL);
	l.monitor =
		monitor_new(l.real, &(struct monitor_options){ .kind = kind, .reserve = RESERVED },
			    reason, sizeof reason);
	ck_assert_msg(l.monitor != NULL, "%s", reason);
	vm_view(lab_vm(&l, "below", SMALL))->cpu->status = CPU_HALTED;
	l.vm = lab_vm(&l, "guest", SMALL);
	vm_view(lab_vm(&l, "above", SMALL))->cpu->status = CPU_HALTED;
	l.virtual = vm_view(l.vm);
	for (uint64_t a = 0; a < l.real->storage->size; a++)
		storage_put(l.real->storage, a, PATTERN + a);
	return l;
}

/* Every word outside the guest's region is as it was. */
static bool untouched(const struct lab *l)
{
	for (uint64_t a = 0; a < l->real->storage->size; a++)
		if (a - vm_base(l->vm) >= SMALL && storage_get(l->real->storage, a) != PATTERN + a)
			return false;
	return true;
}

static void put_both(struct lab *l, uint64_t address, uint64_t word)
{
	ck_assert(window_put(&l->virtual->window, address, word));
	ck_assert(window_put(&l->bare->view[0].window, address, word));
}

static void deposit_both(struct lab *l, const char *name, uint64_t value)
{
	unsigned element = 0;
	const struct isa_reg *r = isa_slot_named(l->isa, name, &element);

	l->virtual->cpu->state[r->slot + element] = value & isa_mask(r->width);
	l->bare->cpu[0]->state[r->slot + element] = value & isa_mask(r->width);
}

/* The instruction with rd = 3 and rs = 2, everywhere but in the cells of the trap sequence. */
static void fill_with(struct lab *l, const struct isa_instr *instr)
{
	uint64_t word = instr->match;

	for (unsigned i = 0; i < instr->format->nfields; i++) {
		const struct isa_field *f = &instr->format->field[i];
		uint64_t value = strcmp(f->name, "rd") == 0   ? 3
				 : strcmp(f->name, "rs") == 0 ? 2
							      : 0;

		word |= (value << f->lo) & ~instr->mask;
	}
	ck_assert_ptr_eq(isa_decode(l->isa, word), instr);
	for (uint64_t a = 0; a < SMALL; a++)
		put_both(l, a, word);
	for (uint64_t a = 8; a < 14; a++)
		put_both(l, a, a == 11 ? SMALL : 0);
}

/* One store, from any R in either mode, to an address: as bare, and nothing outside changes. */
static void try_store(struct lab *l, const struct isa_instr *instr, uint64_t base, uint64_t bound,
		      uint64_t mode, uint64_t address)
{
	struct equiv_options options = { .limit = 2, .patience = 1 };
	struct equivalence e;

	fill_with(l, instr);
	deposit_both(l, "M", mode);
	deposit_both(l, "L", base);
	deposit_both(l, "B", bound);
	deposit_both(l, "P", 14);
	deposit_both(l, "G2", address);
	deposit_both(l, "G3", address - 1);
	e = equiv_run(&l->bare->view[0], l->monitor, l->vm, &options);
	ck_assert_msg(e.holds && e.violations == 0 && untouched(l),
		      "%s to %#" PRIx64 " with L = %#" PRIx64 ", B = %#" PRIx64 ", M = %" PRIu64
		      ": %s",
		      instr->name, address, base, bound, mode, lab_difference(&e));
	equivalence_free(&e);
}

static const uint64_t edges[] = {
	0,
	1,
	2,
	13,
	SMALL - 4,
	SMALL - 3,
	SMALL - 2,
	SMALL - 1,
	SMALL,
	SMALL + 1,
	2 * SMALL - 1,
	2 * SMALL, /* wrap-around, below this region and below all */
	(uint32_t)-1,
	(uint32_t)-2,
	(uint32_t)-4,
	(uint32_t)-SMALL,
	(uint32_t) - (SMALL + RESERVED),
	(uint32_t) - (SMALL + RESERVED) + 1,
	(uint32_t) - (SMALL + RESERVED) - 1,
	0x7fffffff,
	0x80000000,
};
static const uint64_t bases[] = {
	0, 1, SMALL - 1, SMALL, SMALL + 1, (uint32_t)-1, (uint32_t) - (SMALL + RESERVED)
};
static const uint64_t bounds[] = { 0,	      SMALL / 2, SMALL - 1,   SMALL,
				   SMALL + 1, 4 * SMALL, (uint32_t)-1 };

static void try_all_stores(struct lab *l, const struct isa_instr *instr)
{
	for (unsigned i = 0; i < COUNT(bases); i++)
		for (unsigned j = 0; j < COUNT(bounds); j++)
			for (unsigned k = 0; k < COUNT(edges); k++)
				for (uint64_t mode = 0; mode < 2; mode++)
					try_store(l, instr, bases[i], bounds[j], mode, edges[k]);
}

static bool stores(const struct stmt *s)
{
	for (; s; s = s->next)
		if (s->op == S_STORE || stores(s->body) || stores(s->otherwise))
			return true;
	return false;
}

START_TEST(no_store_leaves_the_region)
{
	struct lab l = surrounded((enum monitor_kind)_i);
	unsigned tried = 0;

	for (unsigned i = 0; i < l.isa->ninstrs; i++)
		if (stores(l.isa->instr[i].code.body)) {
			try_all_stores(&l, &l.isa->instr[i]);
			tried++;
		}
	ck_assert_uint_ge(tried, 4);
	lab_close(&l);
}
END_TEST

/* The test above is able to fail: the same with a monitor that does not clip. */
START_TEST(an_escape_would_be_seen)
{
	struct lab l = lab_of("pg");
	char reason[256];

	l.real = lab_machine(&l, 4 * SMALL);
	l.monitor = monitor_new(
		l.real, &(struct monitor_options){ .reserve = SMALL, .fault = FAULT_NO_CLIP },
		reason, sizeof reason);
	l.vm = lab_vm(&l, "guest", SMALL);
	l.virtual = vm_view(l.vm);
	for (uint64_t a = 0; a < 4 * SMALL; a++)
		storage_put(l.real->storage, a, PATTERN + a);
	lab_assemble(&l, ".machine pg\n.org 16\nstart: ST G3, 64(G0)\n");
	lab_enter(&l, l.virtual);
	lab_deposit(l.virtual, "B", SMALL + 1);
	lab_run(&l, 1);
	ck_assert(!untouched(&l));
	lab_close(&l);
}
END_TEST

#define DRUM(command)                                                                              \
	".machine pg\n.org 16\nstart: OUT G2, 0x14\nOUT G3, 0x15\nLA G4, " command                 \
	"(G0)\nOUT G4, 0x10\n"                                                                     \
	"LA G4, 1(G0)\nOUT G4, 0x12\nWAIT\nIN G5, 0x11\nHALT 0\n"

START_TEST(no_drum_transfer_leaves_the_region)
{
	static const char *const guests[] = { DRUM("1"), DRUM("2") };
	/* where the first of the drum's 64 words goes: behind the program; 192 - 64 just fits */
	static const uint64_t addresses[] = {
		32, 127, 128, 129, 191, 192, (uint32_t)-64, (uint32_t)-1, (uint32_t)-32, 0x80000000
	};

	for (unsigned i = 0; i < COUNT(guests) * COUNT(addresses); i++) {
		struct lab l = lab_of("pg");
		struct equivalence e;
		uint64_t failed, address = addresses[i % COUNT(addresses)];

		l.size = 192;
		lab_assemble(&l, guests[i / COUNT(addresses)]);
		lab_start(&l, &(struct monitor_options){ .kind = (enum monitor_kind)_i,
							 .reserve = 64 });
		for (uint64_t a = 0; a < 4 * l.size; a++)
			if (a - vm_base(l.vm) >= l.size)
				storage_put(l.real->storage, a, PATTERN + a);
		deposit_both(&l, "G2", address);
		deposit_both(&l, "G3", 1);
		e = lab_compare(&l, 1000);
		ck_assert_msg(e.holds && e.violations == 0 && e.complete, "%s", lab_difference(&e));
		failed = lab_examine(l.virtual, "G5") & 4;
		ck_assert_int_eq(failed != 0, address > 128);
		for (uint64_t a = 0; a < 4 * l.size; a++)
			ck_assert(a - vm_base(l.vm) < l.size ||
				  storage_get(l.real->storage, a) == PATTERN + a);
		lab_close(&l);
	}
}
END_TEST

/* ---- another machine ---- */

#define ODDLY(code)                                                                                \
	".machine odd\n.org 32\n.word 0x01000000 * 0, 80, 82, 0, 4096, 0\n.org 64\nstart: " code   \
	"\n.org 80\nLI R7, 1\nLI R6, 12\nLD R5, R6\nADD R4, R4, R5\nLI R6, 0\nPSW R6\nADD R3, R3, R7\n"

START_TEST(a_completion_trap_is_delivered_once)
{
	struct lab l = lab_on(ODD, ODDLY("STEP R2\nSTEP R2\nSTEP R2\nHALT 5\n"), MONITOR_VMM);

	lab_run(&l, 1);
	ck_assert_uint_eq(lab_examine(l.virtual, "R2"), 1);
	ck_assert_uint_eq(lab_examine(l.virtual, "P"), 80);
	ck_assert_uint_eq(l.virtual->cpu->time, 1);
	ck_assert_uint_eq(vm_stats(l.vm)->delivered, 1);
	ck_assert_uint_eq(vm_stats(l.vm)->direct, 1);
	lab_close(&l);
	lab_expect_equal(ODD, ODDLY("STEP R2\nSTEP R2\nSTEP R2\nHALT 5\n"), 100);
}
END_TEST

START_TEST(a_flag_that_the_guest_sets_itself_starts_its_timer_in_time)
{
	static const char guest[] =
		ODDLY("TIM 9\nLI R1, 20\nGO 1\nLI R1, 1\nLI R1, 2\nGO 0\nLI R1, 3\nGO 1\n");

	lab_expect_equal(ODD, guest, 200);
}
END_TEST

START_TEST(a_visible_register_that_ticks_counts_virtual_time)
{
	struct lab l = lab_on(ODD, ODDLY("LI R1, 1\nSVC 3\nANY R2\nSTEP R1\n"), MONITOR_VMM);

	for (unsigned i = 0; i < 40; i++) {
		lab_run(&l, 3);
		ck_assert_uint_eq(lab_examine(l.virtual, "COUNT"), l.virtual->cpu->time);
	}
	lab_close(&l);
}
END_TEST

START_TEST(unspecified_values_are_the_same_bare_and_virtual)
{
	lab_expect_equal(ODD, ODDLY("ANY R1\nANY R2\nSVC 1\nANY R3\nBNZ R1, start\nANY R4\n"), 100);
}
END_TEST

START_TEST(a_guest_that_halts_the_real_processor_is_reported)
{
	static const char *const guests[] = { ODDLY("LI R1, 3\nSTOP 2\n"),
					      ODDLY("LI R1, 3\nDOZE\n") };

	struct lab l = lab_on(ODD_LOOSE, guests[_i], MONITOR_VMM);
	struct vm *other = lab_beside(
		&l, "other", ODDLY("BNZ R0, start\nBNZ R1, start\nLI R1, 1\nLI R1, 1\n"), 200);
	struct audit *audit = audit_new(l.monitor);
	char first[128];
	uint64_t steps;

	console_live(devices_find(l.isa, l.virtual->device, "console"));
	console_live(devices_find(l.isa, l.real->device, "console"));
	monitor_run(l.monitor, 1000000);
	ck_assert_int_eq(l.virtual->cpu->status, _i ? CPU_WAITING : CPU_HALTED);
	ck_assert_uint_eq(l.virtual->cpu->steps, 2);
	ck_assert_uint_ge(audit_violations(audit, first, sizeof first), 1);
	ck_assert_str_eq(first, "guest stopped the real processor");
	steps = vm_view(other)->cpu->steps;
	ck_assert_int_ne(monitor_run(l.monitor, 1000), MONITOR_STEPS);
	ck_assert_uint_eq(vm_view(other)->cpu->steps, steps);
	audit_free(audit);
	lab_close(&l);
}
END_TEST

static Suite *suite(void)
{
	Suite *s = suite_create("monitor");
	TCase *c = tcase_create("running");

	tcase_add_test(c, a_guest_without_traps_runs_directly);
	tcase_add_test(c, hybrid_interprets_virtual_supervisor_mode);
	tcase_add_test(c, traps_of_a_user_program_are_reflected);
	tcase_add_test(c, every_step_is_counted_once);
	tcase_add_test(c, a_run_stops_exactly);
	tcase_add_test(c, the_stop_flag_ends_a_run);
	tcase_add_test(c, a_check_stop_ends_a_machine);
	suite_add_tcase(s, c);
	c = tcase_create("escape");
	tcase_add_loop_test(c, no_store_leaves_the_region, 0, 2);
	tcase_add_test(c, an_escape_would_be_seen);
	tcase_add_loop_test(c, no_drum_transfer_leaves_the_region, 0, 2);
	suite_add_tcase(s, c);
	c = tcase_create("odd");
	tcase_add_test(c, a_completion_trap_is_delivered_once);
	tcase_add_test(c, a_flag_that_the_guest_sets_itself_starts_its_timer_in_time);
	tcase_add_test(c, a_visible_register_that_ticks_counts_virtual_time);
	tcase_add_test(c, unspecified_values_are_the_same_bare_and_virtual);
	tcase_add_loop_test(c, a_guest_that_halts_the_real_processor_is_reported, 0, 2);
	suite_add_tcase(s, c);
	return s;
}

#include "tests/harness.h"
