/*
 * The monitor: guests behave under it as they do bare, stay in their regions, share
 * the processor, and live in virtual time.
 */
#include "tests/lab.h"
#include "tests/odd.h"

#include <inttypes.h>

#define START ".machine pg\n.org 8\n.word 0, handler, 0, 4096, 0, 0\n.org 16\nstart:\n"

static struct vm *create(struct lab *l, uint64_t size, char *reason, size_t reason_size)
{
	return monitor_create(l->monitor, "another", size, 1, reason, reason_size);
}

static uint64_t steps_of(struct vm *vm)
{
	return vm_view(vm)->cpu->steps;
}

static uint64_t traps_of(const struct lab *l)
{
	const struct vm_stats *s = vm_stats(l->vm);
	uint64_t n = 0;

	for (unsigned i = 0; i < l->isa->ntraps; i++)
		n += s->by_cause[i];
	return n;
}

/* ---- running ---- */

#define COUNTDOWN START "LA G2, 50(G0)\nagain: ADDI G2, G2, -1\nBNE G2, G0, again\nHALT 3\nhandler: HALT 9\n"

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
	l.monitor = monitor_new(l.real, &(struct monitor_options){ .kind = kind, .reserve = RESERVED },
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
		uint64_t value = strcmp(f->name, "rd") == 0 ? 3 : strcmp(f->name, "rs") == 0 ? 2 : 0;

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
		      "%s to %#" PRIx64 " with L = %#" PRIx64 ", B = %#" PRIx64 ", M = %" PRIu64 ": %s",
		      instr->name, address, base, bound, mode, lab_difference(&e));
	equivalence_free(&e);
}

static const uint64_t edges[] = {
	0, 1, 2, 13, SMALL - 4, SMALL - 3, SMALL - 2, SMALL - 1, SMALL, SMALL + 1,
	2 * SMALL - 1, 2 * SMALL, /* wrap-around, below this region and below all */
	(uint32_t)-1, (uint32_t)-2, (uint32_t)-4, (uint32_t)-SMALL, (uint32_t)-(SMALL + RESERVED),
	(uint32_t)-(SMALL + RESERVED) + 1, (uint32_t)-(SMALL + RESERVED) - 1, 0x7fffffff, 0x80000000,
};
static const uint64_t bases[] = { 0, 1, SMALL - 1, SMALL, SMALL + 1, (uint32_t)-1,
				  (uint32_t)-(SMALL + RESERVED) };
static const uint64_t bounds[] = { 0, SMALL / 2, SMALL - 1, SMALL, SMALL + 1, 4 * SMALL,
				   (uint32_t)-1 };

#define COUNT(a) (sizeof(a) / sizeof *(a))

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
	l.monitor = monitor_new(l.real, &(struct monitor_options){ .reserve = SMALL, .fault = FAULT_NO_CLIP },
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
	".machine pg\n.org 16\nstart: OUT G2, 0x14\nOUT G3, 0x15\nLA G4, " command "(G0)\nOUT G4, 0x10\n" \
	"LA G4, 1(G0)\nOUT G4, 0x12\nWAIT\nIN G5, 0x11\nHALT 0\n"

START_TEST(no_drum_transfer_leaves_the_region)
{
	static const char *const guests[] = { DRUM("1"), DRUM("2") };
	/* where the first of the drum's 64 words goes: behind the program; 192 - 64 just fits */
	static const uint64_t addresses[] = { 32, 127, 128, 129, 191, 192, (uint32_t)-64, (uint32_t)-1,
					      (uint32_t)-32, 0x80000000 };

	for (unsigned i = 0; i < COUNT(guests) * COUNT(addresses); i++) {
		struct lab l = lab_of("pg");
		struct equivalence e;
		uint64_t failed, address = addresses[i % COUNT(addresses)];

		l.size = 192;
		lab_assemble(&l, guests[i / COUNT(addresses)]);
		lab_start(&l, &(struct monitor_options){ .kind = (enum monitor_kind)_i, .reserve = 64 });
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

/* ---- several machines ---- */

#define SPIN ".machine pg\n.org 16\nstart: SIE 0\nspin: BR spin\n"
#define COUNT_FOREVER ".machine pg\n.org 16\nstart: ADDI G2, G2, 1\nBR start\n"

static struct vm *beside(struct lab *l, const char *name, const char *guest, uint64_t size)
{
	struct vm *vm = lab_vm(l, name, size);

	lab_assemble(l, guest);
	lab_enter(l, vm_view(vm));
	return vm;
}

START_TEST(a_guest_that_spins_with_interrupts_off_is_preempted)
{
	struct lab l = lab_on("pg", SPIN, (enum monitor_kind)_i);
	struct vm *a = beside(&l, "a", COUNT_FOREVER, 100), *b = beside(&l, "b", COUNTDOWN, 4096);

	ck_assert_int_eq(monitor_run(l.monitor, 300000), MONITOR_STEPS);
	ck_assert_uint_gt(steps_of(l.vm), 100000);
	ck_assert_uint_gt(steps_of(a), 100000);
	ck_assert_int_eq(vm_view(b)->cpu->status, CPU_HALTED);
	ck_assert_uint_eq(steps_of(b), 102);
	lab_close(&l);
}
END_TEST

START_TEST(machines_take_turns_by_quantum)
{
	struct lab l = lab_of("pg");
	struct vm *vm[3];

	lab_start(&l, &(struct monitor_options){ .quantum = 100 });
	monitor_destroy(l.monitor, l.vm);
	for (unsigned i = 0; i < 3; i++)
		vm[i] = beside(&l, "one", COUNT_FOREVER, 100);
	for (unsigned turn = 1; turn <= 30; turn++) {
		monitor_run(l.monitor, 100);
		for (unsigned i = 0; i < 3; i++)
			ck_assert_uint_eq(steps_of(vm[i]), (turn + 2 - i) / 3 * 100);
	}
	ck_assert_uint_eq(vm_stats(vm[0])->switches, 10);
	lab_close(&l);
}
END_TEST

START_TEST(neighbours_get_their_quanta_while_one_is_stepped)
{
	struct lab l = lab_on("pg", COUNT_FOREVER, MONITOR_VMM);
	struct vm *other = beside(&l, "other", COUNT_FOREVER, 100);

	for (unsigned i = 0; i < 30000; i++)
		lab_run(&l, 1);
	ck_assert_uint_eq(steps_of(l.vm), 30000);
	ck_assert_uint_ge(steps_of(other), 20000);
	lab_close(&l);
}
END_TEST

START_TEST(when_all_have_halted_the_monitor_is_done)
{
	struct lab l = lab_on("pg", COUNTDOWN, MONITOR_VMM);

	beside(&l, "other", COUNTDOWN, 4096);
	ck_assert_int_eq(monitor_run(l.monitor, 1000000), MONITOR_DONE);
	lab_close(&l);
}
END_TEST

START_TEST(an_empty_monitor_is_done)
{
	struct lab l = lab_on("pg", COUNTDOWN, MONITOR_VMM);

	monitor_destroy(l.monitor, l.vm);
	ck_assert_int_eq(monitor_run(l.monitor, 10), MONITOR_DONE);
	lab_close(&l);
}
END_TEST

START_TEST(regions_do_not_overlap_and_refusals_say_why)
{
	struct lab l = lab_of("pg");
	char reason[256];
	struct vm *a, *b, *c;

	l.real = lab_machine(&l, 1000);
	l.monitor = monitor_new(l.real, &(struct monitor_options){ .reserve = 100 }, reason, sizeof reason);
	a = create(&l, 300, reason, sizeof reason);
	b = create(&l, 200, reason, sizeof reason);
	c = create(&l, 300, reason, sizeof reason);
	ck_assert(a && b && c);
	ck_assert_uint_eq(vm_base(a), 100);
	ck_assert_uint_eq(vm_base(b), 400);
	ck_assert_uint_eq(vm_base(c), 600);
	ck_assert_ptr_null(create(&l, 101, reason, sizeof reason));
	ck_assert_str_eq(reason, "101 units of storage are wanted, but of 1000 only 100 are free, and "
				 "the largest stretch is 100");
	monitor_destroy(l.monitor, b);
	ck_assert_uint_eq(monitor_count(l.monitor), 2);
	ck_assert_ptr_null(create(&l, 201, reason, sizeof reason));
	ck_assert_ptr_nonnull(strstr(reason, "only 300 are free, and the largest stretch is 200"));
	b = create(&l, 150, reason, sizeof reason);
	ck_assert_uint_eq(vm_base(b), 400);
	ck_assert_uint_eq(vm_base(create(&l, 50, reason, sizeof reason)), 550);
	ck_assert_ptr_null(create(&l, 0, reason, sizeof reason));
	lab_close(&l);
}
END_TEST

START_TEST(freed_storage_is_cleared)
{
	struct lab l = lab_on("pg", COUNT_FOREVER, MONITOR_VMM);
	uint64_t base = vm_base(l.vm);

	for (uint64_t a = 0; a < l.size; a++)
		window_put(&l.virtual->window, a, ~a);
	monitor_destroy(l.monitor, l.vm);
	for (uint64_t a = 0; a < 4 * l.size; a++)
		ck_assert_uint_eq(storage_get(l.real->storage, a), 0);
	ck_assert_uint_eq(vm_base(lab_vm(&l, "again", l.size)), base);
	lab_close(&l);
}
END_TEST

START_TEST(destroying_one_leaves_the_others_running)
{
	struct lab l = lab_on("pg", SPIN, MONITOR_VMM);
	struct vm *a = beside(&l, "a", COUNT_FOREVER, 100);

	monitor_run(l.monitor, 50000);
	monitor_destroy(l.monitor, l.vm);
	ck_assert_ptr_eq(monitor_vm(l.monitor, 0), a);
	monitor_run(l.monitor, 50000);
	ck_assert_uint_eq(lab_examine(vm_view(a), "G2") * 2, steps_of(a));
	ck_assert_uint_gt(steps_of(a), 50000);
	lab_close(&l);
}
END_TEST

START_TEST(each_machine_has_its_own_console)
{
	struct lab l = lab_on("pg", ".machine pg\n.org 16\nstart: LA G2, 'a'(G0)\nOUT G2, 0\nHALT 0\n",
			      MONITOR_VMM);
	struct vm *b = beside(&l, "b", ".machine pg\n.org 16\nstart: LA G2, 'b'(G0)\nOUT G2, 0\nHALT 0\n",
			      100);
	size_t n;

	monitor_run(l.monitor, 100);
	ck_assert_mem_eq(console_printed(devices_find(l.isa, l.virtual->device, "console"), &n), "a", 1);
	ck_assert_uint_eq(n, 1);
	ck_assert_mem_eq(console_printed(devices_find(l.isa, vm_view(b)->device, "console"), &n), "b", 1);
	console_printed(l.real->device[0], &n);
	ck_assert_uint_eq(n, 0);
	lab_close(&l);
}
END_TEST

/* ---- time ---- */

/* What holds after so many steps, bare and under both monitors. */
static const struct moment {
	const char *rule, *guest;
	uint64_t steps;
	const char *name;
	uint64_t value;
} moments[] = {
#define TIMED ".machine pg\n.org 8\n.word 0, handler, 0, 4096, 0, 0\n.deposit IE, 1\n.org 16\nstart:\n"
	{ "the instruction that sets the timer is counted", TIMED ".deposit G2, 5\nSTIM G2\nhandler:\n", 1,
	  "TIMER", 4 },
	{ "each completed instruction is", TIMED ".deposit TIMER, 9\nLA G2, 1(G0)\nLA G2, 1(G0)\nhandler:\n",
	  2, "TIMER", 7 },
	{ "the timer counts only while interrupts are enabled",
	  ".machine pg\n.org 16\n.deposit TIMER, 9\nstart: LA G2, 1(G0)\nLA G2, 1(G0)\n", 2, "TIMER", 9 },
	{ "a nullified instruction is not", TIMED ".deposit TIMER, 9\n.word 0\nhandler:\n", 1, "time", 0 },
	{ "nor by the timer", TIMED ".deposit TIMER, 9\n.word 0\nhandler: LD G2, 5(G0)\n", 2, "G2", 9 },
	{ "though its attempt is a step", TIMED ".word 0\nhandler:\n", 1, "steps", 1 },
	{ "an SVC takes time", TIMED "SVC 1\nhandler:\n", 1, "time", 1 },
	{ "after its trap: the new timer ticks, the old one does not",
	  ".machine pg\n.org 8\n.word 0, handler, 0, 4096, 1, 7\n.org 16\n.deposit IE, 1\n.deposit TIMER, 3\n"
	  "start: SVC 1\nhandler:\n", 1, "TIMER", 6 },
	{ "and the old PSW has it", ".machine pg\n.org 8\n.word 0, handler, 0, 4096, 1, 7\n.org 16\n"
	  ".deposit IE, 1\n.deposit TIMER, 3\nstart: SVC 1\nhandler: LD G2, 5(G0)\n", 2, "G2", 3 },
	{ "a timer trap comes after the instruction in which the timer ran out",
	  TIMED ".deposit TIMER, 2\nLA G2, 1(G0)\nLA G2, 2(G0)\nLA G2, 3(G0)\nhandler:\n", 2, "G2", 2 },
	{ "with P where execution would go on", TIMED ".deposit TIMER, 2\nLA G2, 1(G0)\nLA G2, 2(G0)\n"
	  "LA G2, 3(G0)\nhandler: LD G2, 1(G0)\n", 3, "G2", 18 },
	{ "a timer of 1 runs out at once", TIMED ".deposit G2, 1\nSTIM G2\nhandler: LD G3, 6(G0)\n", 2,
	  "G3", 4 },
	{ "wait completes, then time jumps to the timer", TIMED ".deposit TIMER, 10\nWAIT\nhandler:\n", 1,
	  "time", 10 },
	{ "whose trap comes with it", TIMED ".deposit TIMER, 10\nWAIT\nhandler: LD G3, 6(G0)\n", 2, "G3",
	  4 },
	{ "waiting is one step", TIMED ".deposit TIMER, 10\nWAIT\nhandler:\n", 1, "steps", 1 },
	{ "a wait to which a device comes, interrupts off", ".machine pg\n.org 16\nstart: LA G2, 2(G0)\n"
	  "OUT G2, 2\nLA G2, 'x'(G0)\nOUT G2, 0\nWAIT\nLA G3, 7(G0)\n", 6, "G3", 7 },
	{ "the lowest line is first", TIMED "handler0: SIE 0\nLA G2, 1(G0)\nOUT G2, 0x12\nOUT G2, 0x15\n"
	  "OUT G2, 0x10\nLA G2, 2(G0)\nOUT G2, 2\nLA G4, 200(G0)\nloop: ADDI G4, G4, -1\nBNE G4, G0, loop\n"
	  "SIE 1\nhandler: LD G3, 7(G0)\n", 408 + 1, "G3", 0 },
	{ "tick keeps the lines from being sampled in its unit", TIMED ".deposit IE, 0\nLA G2, 2(G0)\n"
	  "OUT G2, 2\nLA G2, 1(G0)\nSTIM G2\nSIE 1\nhandler: LD G3, 6(G0)\n", 6, "G3", 4 },
	{ "a storm of traps takes steps, but no time", ".machine pg\n.org 8\n.word 0, 0xffffff, 0, 16\n"
	  ".org 16\nstart: .word 0\n", 50, "steps", 50 },
	{ "none at all", ".machine pg\n.org 8\n.word 0, 0xffffff, 0, 16\n.org 16\nstart: .word 0\n", 50,
	  "time", 0 },
	{ "a storm of timer traps, each with an instruction",
	  ".machine pg\n.org 8\n.word 0, handler, 0, 4096, 1, 1\n.org 16\nstart: .deposit IE, 1\n"
	  ".deposit TIMER, 1\nLA G2, 1(G0)\nhandler: ADDI G3, G3, 1\n", 50, "G3", 49 },
};

static void expect_value(const struct view *v, const struct moment *m, const char *where)
{
	uint64_t value = lab_examine(v, m->name);

	ck_assert_msg(value == m->value, "%s (%s): %s is %" PRIu64 ", not %" PRIu64, m->rule, where,
		      m->name, value, m->value);
}

START_TEST(time_passes_virtually_as_it_does_bare)
{
	const struct moment *m = &moments[_i];

	for (enum monitor_kind kind = MONITOR_VMM; kind <= MONITOR_HYBRID; kind++) {
		struct lab l = lab_on("pg", m->guest, kind);

		view_run(&l.bare->view[0], m->steps);
		expect_value(&l.bare->view[0], m, "bare");
		lab_run(&l, m->steps);
		expect_value(l.virtual, m, monitor_kind_name(kind));
		lab_close(&l);
	}
	lab_expect_equal("pg", m->guest, m->steps);
}
END_TEST

/* A timer of n instructions, again and again, in a program of user mode. */
#define TICKING(n)                                                                                 \
	".machine pg\n.org 8\n.word 0, handler, 0, 4096, 0, 0\n.org 16\n"                          \
	"start: LPSW user(G0)\nuser: .word 1, 0, code, 20, 1, " n "\n"                             \
	"handler: ADDI G9, G9, 1\nLD G8, 6(G0)\nADD G7, G7, G8\nADDI G8, G8, -4\n"              \
	"BNE G8, G0, back\nLA G8, " n "(G0)\nST G8, 5(G0)\nback: LPSW 0(G0)\n"                                                                             \
	"code: ADDI G2, G2, 3\nSVC 3\nXCHG G2, 9(G0)\nADDI G3, G3, 1\nBNE G3, G0, code\nBR code\n"

START_TEST(the_virtual_timer_is_exact_to_the_instruction)
{
	static const char *const guests[] = { TICKING("1"), TICKING("2"), TICKING("3"), TICKING("5"),
					      TICKING("17"), TICKING("100") };
	static const uint64_t quanta[] = { 1, 2, 3, 7, 0 };

	for (unsigned i = 0; i < COUNT(guests) * COUNT(quanta); i++) {
		struct lab l = lab_of("pg");
		struct equiv_options options = { .limit = 2000, .slice = 1 + i % 4 * 13 };
		struct equivalence e;

		lab_assemble(&l, guests[i / COUNT(quanta)]);
		lab_start(&l, &(struct monitor_options){ .kind = (enum monitor_kind)_i, .reserve = 5,
							 .quantum = quanta[i % COUNT(quanta)] });
		beside(&l, "other", COUNT_FOREVER, 50);
		e = equiv_run(&l.bare->view[0], l.monitor, l.vm, &options);
		ck_assert_msg(e.holds && e.violations == 0, "%s", lab_difference(&e));
		ck_assert_uint_eq(e.steps, 2000);
		ck_assert_uint_gt(vm_stats(l.vm)->by_cause[isa_trap_named(l.isa, "timer")->index], 5);
		equivalence_free(&e);
		lab_close(&l);
	}
}
END_TEST

#define IDLE ".machine pg\n.org 8\n.word 0, handler, 0, 4096, 0, 0\n.org 16\n"                     \
	     "start: LA G2, 1(G0)\nOUT G2, 2\nSIE 1\nagain: WAIT\nBR again\n"                      \
	     "handler: IN G3, 0\nADD G4, G4, G3\nLD G3, 1(G0)\nADD G5, G5, G3\nLPSW 0(G0)\n"

/* G5 adds up where it was interrupted: behind WAIT, each time. */
START_TEST(an_idle_guest_waits_for_live_input)
{
	struct lab l = lab_on("pg", IDLE, (enum monitor_kind)_i);
	struct view *views[] = { &l.bare->view[0], l.virtual };

	for (unsigned i = 0; i < 2; i++)
		console_live(devices_find(l.isa, views[i]->device, "console"));
	for (int byte = 'a'; byte <= 'c'; byte++) {
		ck_assert_int_eq(view_run(&l.bare->view[0], 1000).event, EVENT_IDLE);
		ck_assert_int_eq(monitor_run(l.monitor, 1000), MONITOR_IDLE);
		ck_assert_int_eq(l.virtual->cpu->status, CPU_WAITING);
		ck_assert_uint_eq(l.virtual->cpu->steps, l.bare->cpu[0]->steps);
		ck_assert_uint_eq(l.virtual->cpu->time, l.bare->cpu[0]->time);
		for (unsigned i = 0; i < 2; i++)
			console_type(devices_find(l.isa, views[i]->device, "console"),
				     views[i]->cpu->time, byte);
	}
	view_run(&l.bare->view[0], 1000);
	monitor_run(l.monitor, 1000);
	ck_assert_uint_eq(lab_examine(l.virtual, "G4"), 'a' + 'b' + 'c');
	ck_assert_uint_eq(lab_examine(&l.bare->view[0], "G5"), 3 * 20);
	ck_assert_uint_eq(lab_examine(l.virtual, "G5"), 3 * 20);
	ck_assert_uint_eq(l.virtual->cpu->time, l.bare->cpu[0]->time);
	lab_close(&l);
}
END_TEST

START_TEST(an_idle_guest_does_not_hold_up_others)
{
	struct lab l = lab_on("pg", IDLE, MONITOR_VMM);
	struct vm *other = beside(&l, "other", COUNT_FOREVER, 100);

	console_live(devices_find(l.isa, l.virtual->device, "console"));
	ck_assert_int_eq(monitor_run(l.monitor, 100000), MONITOR_STEPS);
	ck_assert_int_eq(l.virtual->cpu->status, CPU_WAITING);
	ck_assert_uint_gt(steps_of(other), 99900);
	lab_close(&l);
}
END_TEST

/* Input and output interrupts in the middle of a user program. */
#define INTERRUPTED                                                                                \
	".machine pg\n.org 8\n.word 0, handler, 0, 4096, 0, 0\n.org 16\n"                          \
	"start: LA G2, 3(G0)\nOUT G2, 2\nLPSW user(G0)\nuser: .word 1, 0, code, 20, 1, 11\n"       \
	"handler: ADDI G9, G9, 1\nIN G8, 1\nADD G7, G7, G8\nIN G8, 0\nADD G7, G7, G8\n"           \
	"OUT G7, 0\nSLTI G8, G9, 40\nBNE G8, G0, back\nHALT 1\nback: LPSW 0(G0)\n"                 \
	"code: ADDI G2, G2, 3\nXCHG G2, 9(G0)\nADDI G3, G3, 1\nMOVE4 G0, 2(G0)\nBR code\n"

START_TEST(interrupts_come_at_the_same_instruction)
{
	for (uint64_t quantum = 1; quantum < 40; quantum += 3) {
		struct lab l = lab_of("pg");
		struct equivalence e;

		lab_assemble(&l, INTERRUPTED);
		lab_start(&l, &(struct monitor_options){ .kind = (enum monitor_kind)_i, .reserve = 3,
							 .quantum = quantum });
		console_give(devices_find(l.isa, l.bare->device, "console"), "some input", 10);
		console_give(devices_find(l.isa, l.virtual->device, "console"), "some input", 10);
		e = lab_compare(&l, 10000);
		ck_assert_msg(e.holds && e.violations == 0 && e.complete, "%s", lab_difference(&e));
		ck_assert_uint_gt(vm_stats(l.vm)->by_cause[isa_trap_named(l.isa, "device")->index], 20);
		equivalence_free(&e);
		lab_close(&l);
	}
}
END_TEST

/* ---- another machine ---- */

#define ODDLY(code)                                                                                \
	".machine odd\n.org 32\n.word 0x01000000 * 0, 80, 82, 0, 4096, 0\n.org 64\nstart: " code  \
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
	static const char guest[] = ODDLY("TIM 9\nLI R1, 20\nGO 1\nLI R1, 1\nLI R1, 2\nGO 0\nLI R1, 3\nGO 1\n");

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
	static const char *const guests[] = { ODDLY("LI R1, 3\nSTOP 2\n"), ODDLY("LI R1, 3\nDOZE\n") };

	struct lab l = lab_on(ODD_LOOSE, guests[_i], MONITOR_VMM);
	struct vm *other = beside(&l, "other", ODDLY("BNZ R0, start\nBNZ R1, start\nLI R1, 1\nLI R1, 1\n"),
				  200);
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
	steps = steps_of(other);
	ck_assert_int_ne(monitor_run(l.monitor, 1000), MONITOR_STEPS);
	ck_assert_uint_eq(steps_of(other), steps);
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
	c = tcase_create("several");
	tcase_add_loop_test(c, a_guest_that_spins_with_interrupts_off_is_preempted, 0, 2);
	tcase_add_test(c, machines_take_turns_by_quantum);
	tcase_add_test(c, neighbours_get_their_quanta_while_one_is_stepped);
	tcase_add_test(c, when_all_have_halted_the_monitor_is_done);
	tcase_add_test(c, an_empty_monitor_is_done);
	tcase_add_test(c, regions_do_not_overlap_and_refusals_say_why);
	tcase_add_test(c, freed_storage_is_cleared);
	tcase_add_test(c, destroying_one_leaves_the_others_running);
	tcase_add_test(c, each_machine_has_its_own_console);
	suite_add_tcase(s, c);
	c = tcase_create("time");
	tcase_add_loop_test(c, time_passes_virtually_as_it_does_bare, 0, (int)COUNT(moments));
	tcase_add_loop_test(c, the_virtual_timer_is_exact_to_the_instruction, 0, 2);
	tcase_add_loop_test(c, an_idle_guest_waits_for_live_input, 0, 2);
	tcase_add_test(c, an_idle_guest_does_not_hold_up_others);
	tcase_add_loop_test(c, interrupts_come_at_the_same_instruction, 0, 2);
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
