/*
 * What a description tells about guests that make sense: from which cells trapseq
 * takes a new PSW, and which values of fields its instructions ask for.
 *
 * The cells are found by trying: trapseq runs over storage filled at random, again
 * and again, and a cell whose bits are a register's new value each time is where
 * the register comes from.
 */
#include "vmm/fuzz_private.h"

#include "isa/alloc.h"
#include "vmm/private.h"

#include <inttypes.h>
#include <stdio.h>

enum { FILLS = 32, SEARCHED = 512 /* words in which cells are looked for */, LEAST_ROOM = 8 };

/* ---- cells of the new PSW ---- */

struct search {
	struct fuzz_plan *plan;
	struct machine *machine;
	uint64_t words;		  /* searched */
	uint64_t *fill;		  /* FILLS times the words that stood in storage */
	uint64_t *before, *after; /* FILLS times the registers */
	unsigned fills;		  /* in which the trap could be performed */
};

static void fill_storage(struct search *s, struct fuzz_random *random)
{
	struct fuzz_plan *p = s->plan;
	struct view *v = &s->machine->view[0];
	uint64_t *words = s->fill + s->fills * s->words;

	for (uint64_t i = 0; i < s->words; i++) {
		words[i] = fuzz_draw(random) & isa_mask(p->isa->word);
		for (unsigned u = 0; u < p->word_units; u++) {
			unsigned place = p->big ? p->word_units - 1 - u : u;

			window_put(&v->window, i * p->word_units + place,
				   words[i] >> u * p->isa->unit & isa_mask(p->isa->unit));
		}
	}
	for (unsigned slot = 0; slot < p->isa->nslots; slot++)
		v->cpu->state[slot] =
			fuzz_draw(random) & isa_mask(isa_slot_reg(p->isa, slot)->width);
}

static void try_trap(struct search *s, const struct isa_trap *kind, struct fuzz_random *random)
{
	const struct isa *isa = s->plan->isa;
	struct view *v = &s->machine->view[0];
	struct trap trap = { .kind = kind, .source = SOURCE_INSTRUCTION };
	size_t bytes = isa->nslots * sizeof(uint64_t);

	fill_storage(s, random);
	v->cpu->status = CPU_RUNNING;
	memcpy(s->before + s->fills * isa->nslots, v->cpu->state, bytes);
	if (!trap_perform(v, &trap))
		return;
	memcpy(s->after + s->fills * isa->nslots, v->cpu->state, bytes);
	s->fills++;
}

static bool comes_from(const struct search *s, unsigned slot, uint64_t word, unsigned shift)
{
	const struct isa *isa = s->plan->isa;
	uint64_t mask = isa_mask(isa_slot_reg(isa, slot)->width);

	for (unsigned i = 0; i < s->fills; i++)
		if ((s->fill[i * s->words + word] >> shift & mask) !=
		    s->after[i * isa->nslots + slot])
			return false;
	return s->fills > FILLS / 2;
}

static bool untouched(const struct search *s, unsigned slot)
{
	unsigned nslots = s->plan->isa->nslots;

	for (unsigned i = 0; i < s->fills; i++)
		if (s->before[i * nslots + slot] != s->after[i * nslots + slot])
			return false;
	return true;
}

static void add_cell(struct fuzz_plan *p, struct fuzz_cell cell)
{
	uint64_t end = cell.address + p->word_units;

	for (unsigned i = 0; i < p->ncells; i++)
		if (memcmp(&p->cell[i], &cell, sizeof cell) == 0)
			return;
	p->cell = xrealloc(p->cell, (p->ncells + 1) * sizeof *p->cell);
	p->cell[p->ncells++] = cell;
	if (end > p->low)
		p->low = end;
}

static void find_source(const struct search *s, unsigned slot)
{
	struct fuzz_plan *p = s->plan;
	unsigned spare = p->isa->word - isa_slot_reg(p->isa, slot)->width;

	if (isa_slot_reg(p->isa, slot)->width > p->isa->word || untouched(s, slot))
		return;
	for (uint64_t word = 0; word < s->words; word++)
		for (unsigned shift = 0; shift <= spare; shift++)
			if (comes_from(s, slot, word, shift)) {
				struct fuzz_cell cell;

				memset(&cell, 0, sizeof cell);
				cell.address = word * p->word_units;
				cell.shift = shift;
				cell.slot = slot;
				add_cell(p, cell);
				return;
			}
}

static void find_cells(struct fuzz_plan *p, struct machine *machine)
{
	struct fuzz_random random = { .state = 1 };
	struct search s = { .plan = p, .machine = machine };
	size_t registers = (size_t)FILLS * p->isa->nslots;

	s.words = machine->view[0].window.size / p->word_units;
	s.fill = xcalloc((size_t)FILLS * s.words, sizeof *s.fill);
	s.before = xcalloc(registers, sizeof *s.before);
	s.after = xcalloc(registers, sizeof *s.after);
	for (unsigned k = 0; k < p->isa->ntraps; k++) {
		s.fills = 0;
		for (unsigned i = 0; i < FILLS; i++)
			try_trap(&s, &p->isa->trap[k], &random);
		for (unsigned slot = 0; slot < p->isa->nslots; slot++)
			find_source(&s, slot);
	}
	free(s.fill);
	free(s.before);
	free(s.after);
}

/* ---- hints ---- */

static void add_hint(struct fuzz_plan *p, struct fuzz_hint hint)
{
	p->hint = xrealloc(p->hint, (p->nhints + 1) * sizeof *p->hint);
	p->hint[p->nhints++] = hint;
}

/* field == constant, or field[hi:lo] == constant */
static void hint_of(struct fuzz_plan *p, unsigned instr, const struct expr *field,
		    const struct expr *constant)
{
	unsigned open = 0;

	while (field->op == X_SLICE || field->op == X_ZEXT) {
		if (field->op == X_SLICE)
			open += (unsigned)field->value;
		field = field->arg[0];
	}
	if (field->op == X_FIELD && constant->op == X_CONST)
		add_hint(p,
			 (struct fuzz_hint){ instr, field->index, constant->value << open, open });
}

static void hints_of_expr(struct fuzz_plan *p, unsigned instr, const struct expr *x)
{
	if (x->op == X_EQ || x->op == X_NE) {
		hint_of(p, instr, x->arg[0], x->arg[1]);
		hint_of(p, instr, x->arg[1], x->arg[0]);
	}
	for (unsigned i = 0; i < expr_op_arity(x->op); i++)
		hints_of_expr(p, instr, x->arg[i]);
}

static void hints_of_stmts(struct fuzz_plan *p, unsigned instr, const struct stmt *s)
{
	for (; s; s = s->next) {
		if (s->value)
			hints_of_expr(p, instr, s->value);
		hints_of_stmts(p, instr, s->body);
		hints_of_stmts(p, instr, s->otherwise);
	}
}

/* ---- the plan ---- */

static struct machine *scratch_machine(const struct fuzz_plan *p, char *reason, size_t size)
{
	uint64_t units = (uint64_t)SEARCHED * p->word_units;

	if (p->isa->word < 63 && units > UINT64_C(1) << p->isa->word)
		units = UINT64_C(1) << p->isa->word;
	return machine_new(p->isa, units, 1, reason, size);
}

static void note_reset(struct fuzz_plan *p, struct view *v)
{
	view_reset(v);
	p->reset = xcalloc(p->isa->nslots, sizeof *p->reset);
	p->mode = xcalloc(p->isa->nslots, sizeof *p->mode);
	for (unsigned slot = 0; slot < p->isa->nslots; slot++) {
		p->reset[slot] = v->cpu->state[slot];
		p->mode[slot] =
			p->isa->user && expr_reads(p->isa->user, isa_slot_reg(p->isa, slot));
	}
}

/* How many bits of an address count: those of the base register, which has to reach guests. */
static unsigned address_bits(const struct isa *isa)
{
	const struct isa_reg *base = isa->role[ROLE_BASE];
	unsigned bits = base && base->width < isa->word ? base->width : isa->word;

	return bits < 34 ? bits : 34;
}

/* A guest gets at most a quarter of the addresses there are; false: that is too little. */
static bool find_room(struct fuzz_plan *p, char *reason, size_t size)
{
	uint64_t quarter = (UINT64_C(1) << address_bits(p->isa)) / 4;

	p->most = quarter / p->word_units * p->word_units;
	if (p->most >= p->low + LEAST_ROOM * p->word_units + p->isa->length)
		return true;
	snprintf(reason, size,
		 "a quarter of the addresses of %s is too little for a guest: its traps need "
		 "%" PRIu64 " units",
		 p->isa->name, p->low);
	return false;
}

struct fuzz_plan *fuzz_plan_new(const struct isa *isa, char *reason, size_t size)
{
	struct fuzz_plan *p = xcalloc(1, sizeof *p);
	struct machine *m;

	p->isa = isa;
	p->word_units = isa->word / isa->unit;
	p->big = isa->endian == ENDIAN_BIG;
	m = scratch_machine(p, reason, size);
	if (!m) {
		free(p);
		return NULL;
	}
	p->table = table_new(isa);
	note_reset(p, &m->view[0]);
	find_cells(p, m);
	for (unsigned i = 0; i < isa->ninstrs; i++)
		hints_of_stmts(p, i, isa->instr[i].code.body);
	machine_free(m);
	if (find_room(p, reason, size))
		return p;
	fuzz_plan_free(p);
	return NULL;
}

void fuzz_plan_free(struct fuzz_plan *p)
{
	if (!p)
		return;
	table_free(p->table);
	free(p->cell);
	free(p->hint);
	free(p->reset);
	free(p->mode);
	free(p);
}
