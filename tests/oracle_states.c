/*
 * The oracle's side of proofs/coq/Oracle.v: draws random states, lets the oracle execute one
 * instruction in each, and the unit of time that follows, traps performed, and prints what it came
 * to: of each state a line, a checksum, and the interrupt lines that were asserted.  Before the unit,
 * devices are told to interrupt, in half of them.
 *
 *	oracle_states [--plain] MACHINE SEED COUNT
 *	oracle_states [--plain] MACHINE SEED COUNT MODULE
 *
 * The second prints a Coq file instead: a function of those lines, to be extracted, for MODULE, the
 * Coq module that `trapeze prove` made of the machine; tests/proofs/compare.ml applies it.  With
 * --plain the module is one of proofs/coq/Plain.v, and the instruction is compared by itself, a trap
 * by its cause and operand: proofs/coq/PlainOracle.v.
 */
#include "isa/asm.h"
#include "machine/machine.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { SIZE = 24, DEVICE_REGISTERS = 16, MAX_UNITS = 8 };

static uint32_t generator;

/* ---- as in Oracle.v and PlainOracle.v, definition by definition ---- */

static uint64_t draw(void)
{
	generator ^= generator << 13;
	generator ^= generator >> 17;
	generator ^= generator << 5;
	return generator >> 8;
}

static uint64_t value(unsigned width)
{
	uint64_t drawn = draw(), kind = drawn & 3, high = drawn >> 2;

	if (kind == 0)
		return high & 31;
	if (kind == 1)
		return isa_mask(width) - (high & 31);
	return (width <= 16 ? high : high << 24 ^ draw()) & isa_mask(width);
}

static uint64_t near(unsigned width, uint64_t limit)
{
	uint64_t drawn = draw();

	return drawn & 7 ? (drawn >> 3) % limit : value(width);
}

static uint64_t instruction_word(const struct isa *isa)
{
	uint64_t i = draw() % (isa->ninstrs + 1), v = value(isa->unit * isa->length);

	return i < isa->ninstrs ? isa->instr[i].match | (v & ~isa->instr[i].mask) : v;
}

static bool is_visible(const struct isa_reg *r)
{
	return r->class == CLASS_VISIBLE && r->role != ROLE_PC;
}

static bool is_other(const struct isa_reg *r)
{
	return r->class == CLASS_CONTROL && r->role == ROLE_NONE;
}

/* Bytes are more than words. */
static uint64_t times(const struct isa *isa)
{
	return isa->unit == isa->word ? 1 : 2;
}

/* An instruction, from a place on, as far as there is storage. */
static void put_instruction(const struct view *v, uint64_t at, uint64_t word)
{
	uint64_t unit[MAX_UNITS];

	isa_pack(v->isa, word, unit);
	for (unsigned i = 0; i < v->isa->length; i++)
		if (at + i < v->window.size)
			storage_put(v->window.storage, at + i, unit[i]);
}

static void draw_state(const struct view *v, bool plain)
{
	const struct isa *isa = v->isa;
	uint64_t *s = v->cpu->state, at, n = times(isa);

	for (unsigned i = 0; i < SIZE * n; i++)
		storage_put(v->window.storage, i, value(isa->unit));
	for (const struct isa_reg *r = isa->reg; r < isa->reg + isa->nregs; r++)
		for (unsigned i = 0; is_visible(r) && i < r->count; i++)
			s[r->slot + i] = value(isa->word) & isa_mask(r->width);
	s[isa->role[ROLE_MODE]->slot] = draw() & isa_mask(isa->role[ROLE_MODE]->width);
	at = near(isa->word, SIZE * n) & isa_mask(isa->role[ROLE_PC]->width);
	s[isa->role[ROLE_PC]->slot] = at;
	at += s[isa->role[ROLE_BASE]->slot] = near(isa->word, 8 * n);
	s[isa->role[ROLE_BOUND]->slot] = near(isa->word, 32 * n);
	for (const struct isa_reg *r = isa->reg; r < isa->reg + isa->nregs; r++)
		for (unsigned i = 0; is_other(r) && i < r->count; i++)
			s[r->slot + i] = value(32) & isa_mask(r->width);
	if (plain)
		v->cpu->time = value(32);
	put_instruction(v, at, instruction_word(isa));
}

static void mix(uint64_t *h, uint64_t v)
{
	*h = (*h << 5 | *h >> 59) ^ v;
}

static uint64_t checksum(const struct view *v)
{
	static const enum isa_role role[] = { ROLE_MODE, ROLE_PC, ROLE_BASE, ROLE_BOUND };
	const struct isa *isa = v->isa;
	const uint64_t *s = v->cpu->state;
	uint64_t h = 0;

	for (unsigned i = 0; i < SIZE * times(isa); i++)
		mix(&h, storage_get(v->window.storage, i));
	for (const struct isa_reg *r = isa->reg; r < isa->reg + isa->nregs; r++)
		for (unsigned i = 0; is_visible(r) && i < r->count; i++)
			mix(&h, s[r->slot + i]);
	for (unsigned i = 0; i < sizeof(role) / sizeof(*role); i++)
		mix(&h, s[isa->role[role[i]]->slot]);
	for (const struct isa_reg *r = isa->reg; r < isa->reg + isa->nregs; r++)
		for (unsigned i = 0; is_other(r) && i < r->count; i++)
			mix(&h, s[r->slot + i]);
	mix(&h, v->cpu->status == CPU_HALTED ? v->cpu->halt_status + 1 : 0);
	return h;
}

/* ---- the oracle ---- */

static struct machine *machine_of(const struct isa *isa)
{
	char reason[256];
	struct machine *m = machine_new(isa, SIZE * times(isa), 1, reason, sizeof(reason));

	if (!m) {
		fprintf(stderr, "%s: %s\n", isa->name, reason);
		exit(2);
	}
	return m;
}

enum { CONTROL = 2 }; /* the register by which devices are told to interrupt */

static void demand_interrupts(const struct machine *m, uint64_t wanted)
{
	for (unsigned i = 0; i < m->isa->ndevices; i++)
		m->device[i]->class->write(m->device[i], CONTROL, wanted);
}

static void pass_unit(struct view *v)
{
	struct trap raised;

	clock_unit(v, &raised);
	if (raised.kind)
		trap_perform(v, &raised);
}

/* An instruction and what follows it; a processor that has halted, or trapped by it, does not tick.
 */
static void step(struct machine *m, uint64_t wanted)
{
	struct view *v = &m->view[0];
	struct trap trap;
	bool completed = view_instruction(v, &trap);

	if (!completed)
		trap_perform(v, &trap);
	demand_interrupts(m, wanted);
	if (v->cpu->status != CPU_HALTED && (completed || trap.phase != PHASE_NULLIFY))
		pass_unit(v);
}

static void print_lines(const struct view *v)
{
	const struct isa *isa = v->isa;

	for (uint64_t n = 0; n <= isa->ndevices; n++)
		if (clock_line(v, n))
			printf(" %" PRIu64, n);
}

/* One state: the checksum, and the lines that were asserted. */
static void print_outcome(const struct isa *isa, uint32_t seed)
{
	struct machine *m = machine_of(isa);

	generator = seed;
	draw_state(&m->view[0], false);
	step(m, seed & 1 ? isa_mask(isa->word) : 0);
	printf("%" PRIu64, checksum(&m->view[0]));
	print_lines(&m->view[0]);
	putchar('\n');
	machine_free(m);
}

/* The same of an instruction by itself: the checksum, or that of its trap. */
static void print_plain_outcome(const struct isa *isa, uint32_t seed)
{
	struct machine *m = machine_of(isa);
	struct trap trap;
	uint64_t h = 0;
	bool completed;

	generator = seed;
	draw_state(&m->view[0], true);
	completed = view_instruction(&m->view[0], &trap);
	if (completed || trap.phase == PHASE_COMPLETE)
		h = checksum(&m->view[0]);
	if (!completed) {
		mix(&h, trap.kind->index + (trap.phase == PHASE_COMPLETE));
		mix(&h, trap.info);
	}
	printf("%" PRIu64 "\n", h);
	machine_free(m);
}

/* ---- the file ---- */

static void print_inputs(const struct isa *isa)
{
	printf("Definition inputs : list (list N) := [");
	for (unsigned d = 0; d < isa->ndevices; d++) {
		printf("%s[", d ? "; " : "");
		for (unsigned r = 0; r < DEVICE_REGISTERS; r++) {
			struct machine *m = machine_of(isa);
			struct device *device = m->device[d];

			printf("%s%" PRIu64, r ? "; " : "",
			       device->class->read(device, r) & device->word_mask);
			machine_free(m);
		}
		printf("]");
	}
	printf("].\n");
}

static unsigned visible_registers(const struct isa *isa)
{
	unsigned n = 0;

	for (const struct isa_reg *r = isa->reg; r < isa->reg + isa->nregs; r++)
		n += is_visible(r) ? r->count : 0;
	return n;
}

static void print_imports(const char *oracle, const char *module)
{
	printf("From Coq Require Import List NArith Extraction.\nImport ListNotations.\n"
	       "From Trapeze Require Import %s.\nFrom Machines Require Import %s.\n"
	       "Local Open Scope N_scope.\n",
	       oracle, module);
}

static void print_extraction(void)
{
	printf("Extraction \"states.ml\" differing no_bits bit.\n");
}

static void print_file(const struct isa *isa, const char *module, uint32_t seed)
{
	print_imports("Clockwork Oracle", module);
	print_inputs(isa);
	printf("Lemma clock : clock_ok description (bench inputs) [] = true.\n"
	       "Proof. vm_compute. reflexivity. Qed.\n"
	       "Definition differing (found : list (list N)) : list N :=\n"
	       "  differences description trap_sequence %u inputs clock %" PRIu32 " 0\n"
	       "    (map (fun l => (tl l, hd 0 l)) found).\n",
	       visible_registers(isa), seed);
	print_extraction();
}

/* What unspecified values come from in a new machine. */
static uint64_t first_stream(const struct isa *isa)
{
	struct machine *m = machine_of(isa);
	uint64_t stream = m->view[0].cpu->unspecified;

	machine_free(m);
	return stream;
}

static void print_plain_file(const struct isa *isa, const char *module, uint32_t seed)
{
	print_imports("Oracle PlainOracle", module);
	print_inputs(isa);
	printf("Definition differing (found : list (list N)) : list N :=\n"
	       "  plain_differences description own_visible own_control reads_time inputs %" PRIu64
	       " %" PRIu32 " 0\n    (map (hd 0) found).\n",
	       first_stream(isa), seed);
	print_extraction();
}

static uint32_t number(const char *text)
{
	return (uint32_t)strtoul(text, NULL, 10);
}

int main(int argc, char **argv)
{
	bool plain = argc > 1 && strcmp(argv[1], "--plain") == 0;
	char **arg = argv + 1 + plain;
	int n = argc - 1 - plain;
	struct diag_list *d;
	char *path;
	struct isa *isa;

	if (n != 3 && n != 4) {
		fprintf(stderr, "usage: %s [--plain] MACHINE SEED COUNT [MODULE]\n", argv[0]);
		return 2;
	}
	d = diag_new();
	path = isa_find(d, arg[0]);
	isa = path ? isa_load(d, path) : NULL;
	diag_print(d, stderr);
	if (!isa)
		return 2;
	if (n == 4)
		(plain ? print_plain_file : print_file)(isa, arg[3], number(arg[1]));
	else
		for (uint32_t i = 0; i < number(arg[2]); i++)
			(plain ? print_plain_outcome : print_outcome)(
				isa, number(arg[1]) + i * UINT32_C(2654435761));
	isa_free(isa);
	free(path);
	diag_free(d);
	return 0;
}
