/* Lowering of statements and programs: see machine/lower.h. */
#include "machine/lowering.h"

#include "isa/alloc.h"

#include <assert.h>

/* ---- storage ---- */

static void lower_list(struct lower *l, const struct stmt *s);

static void count_writes(const struct stmt *s, uint8_t *writes)
{
	for (; s; s = s->next) {
		bool local = s->op == S_LET || s->op == S_LOAD || s->op == S_IN ||
			     s->op == S_UNSPECIFIED;

		if (local && writes[s->index] < 2)
			writes[s->index]++;
		count_writes(s->body, writes);
		count_writes(s->otherwise, writes);
	}
}

static void frame_init(struct frame *f, const struct code *code, uint32_t base)
{
	f->code = code;
	f->base = base;
	f->local = xcalloc(code->nlocals, sizeof *f->local);
	f->writes = xcalloc(code->nlocals, sizeof *f->writes);
	for (unsigned i = 0; i < code->nlocals; i++)
		f->local[i] = operand_at(base + i);
	count_writes(code->body, f->writes);
}

static void frame_fini(struct frame *f)
{
	free(f->local);
	free(f->writes);
}

/* A parameter's value: known by that name, or copied if the code assigns to it. */
static void bind(struct lower *l, struct frame *f, unsigned param, struct operand o)
{
	if (!f->writes[param])
		f->local[param] = o;
	else if (o.constant)
		uop_emit(l, U_CONST, 64, f->base + param, 0, 0, o.value);
	else
		uop_emit(l, U_MOVE, 64, f->base + param, o.slot, 0, 0);
}

/* translate, inlined.  The place lasts until the next one. */
static struct operand inline_translate(struct lower *l, struct operand address, enum access access)
{
	const struct code *code = l->isa->translate;
	struct frame *outer = l->frame, f;
	struct operand place;

	frame_init(&f, code, l->layout->translate);
	bind(l, &f, 0, address);
	bind(l, &f, 1, operand_constant(access));
	l->frame = &f;
	lower_list(l, code->body);
	l->frame = outer;
	place = f.local[code->result];
	frame_fini(&f);
	return place;
}

/* An access of one or several units. */
struct reach {
	unsigned units;
	enum access access;
	bool physical;
	uint32_t address; /* of the first unit */
	uint32_t place;	  /* of the first unit; the others' are in the slots that follow */
	unsigned aux;	  /* of its micro-operations: UNSEEN, MAPPED */
};

static uint32_t place_of(struct lower *l, const struct reach *r, uint32_t address)
{
	if (r->physical)
		return address;
	return operand_slot(l, inline_translate(l, operand_at(address), r->access));
}

/* May it reach a device?  Others than instructions reach storage alone. */
static unsigned may_be_mapped(const struct lower *l)
{
	return l->isa->mapped && l->instr && l->frame->code != l->isa->translate ? MAPPED : 0;
}

/* By whatever does U_PLACE. */
static void lower_apart(struct lower *l, struct reach *r)
{
	r->place = l->temp;
	for (unsigned i = 0; i < r->units; i++)
		lower_temp(l);
	uop_emit(l, U_PLACE, 0, r->place, r->address, 0, r->units)->aux =
		r->access | (r->aux & MAPPED);
}

/* Each unit is translated, in ascending order, before anything is done. */
static void lower_places(struct lower *l, struct reach *r)
{
	uint32_t address = r->address;

	if (l->apart && !r->physical) {
		lower_apart(l, r);
		return;
	}
	if (r->units == 1) {
		r->place = place_of(l, r, address);
		return;
	}
	r->place = l->temp;
	for (unsigned i = 0; i < r->units; i++)
		lower_temp(l);
	for (unsigned i = 0; i < r->units; i++) {
		uint32_t mark = l->temp;

		if (i) {
			address = lower_temp(l);
			uop_emit(l, U_ADDI, l->isa->word, address, r->address, 0, i);
		}
		uop_emit(l, U_MOVE, 64, r->place + i, place_of(l, r, address), 0, 0);
		uop_emit(l, U_CHECK, 0, 0, r->place + i, address, 0)->aux = r->aux & MAPPED;
		l->temp = mark;
	}
}

/* Is there more than one way in which the units of an access may stand in a word? */
static bool has_order(const struct lower *l, const struct reach *r)
{
	return r->units > 1 || (r->aux & MAPPED && l->isa->unit < l->isa->word);
}

/* An access to one unit or several, in the order of bytes that holds now. */
static void lower_units(struct lower *l, enum uop_op op, const struct reach *r, uint32_t d)
{
	chain big = 0, end = 0;

	if (!has_order(l, r)) {
		uop_emit(l, op, 0, d, r->place, r->address, 0)->aux = r->aux;
		return;
	}
	if (l->isa->endian == ENDIAN_STATE) {
		lower_jump_if(l, l->isa->big, true, &big);
		uop_emit(l, op, 0, d, r->place, r->address, r->units)->aux = r->aux;
		uop_jump(l, &end);
		uop_land(l, big);
	}
	uop_emit(l, op, 0, d, r->place, r->address, r->units)->aux =
		r->aux | (l->isa->endian != ENDIAN_LITTLE);
	uop_land(l, end);
}

static void lower_load(struct lower *l, const struct stmt *s)
{
	struct reach r = { .units = s->units, .access = ACCESS_READ, .physical = s->physical };
	uint32_t d = l->frame->base + s->index;

	r.aux = may_be_mapped(l) | (l->frame->code == l->isa->translate ? UNSEEN : 0);
	r.address = lower_slot(l, s->address, NO_SLOT);
	lower_places(l, &r);
	if (l->noting)
		uop_emit(l, U_MOVE, 64, l->layout->spare + l->nnoted++, r.place, 0, 0);
	lower_units(l, r.units == 1 ? U_LOAD : U_LOADS, &r, d);
}

static void lower_store(struct lower *l, const struct stmt *s)
{
	struct reach r = { .units = s->units, .access = ACCESS_WRITE, .physical = s->physical };
	uint32_t value;

	r.aux = may_be_mapped(l);
	r.address = lower_slot(l, s->address, NO_SLOT);
	value = lower_slot(l, s->value, NO_SLOT);
	lower_places(l, &r);
	if (l->undo && r.units == 1)
		uop_emit(l, U_CHECK, 0, 0, r.place, r.address, 0)->aux = r.aux;
	for (unsigned i = 0; l->undo && i < r.units; i++)
		uop_emit(l, U_KEEPUNIT, 0, 0, r.place + i, 0, 0);
	lower_units(l, r.units == 1 ? U_STORE : U_STORES, &r, value);
}

/* ---- statements ---- */

static void lower_let(struct lower *l, const struct stmt *s)
{
	struct operand *local = &l->frame->local[s->index];
	uint64_t value;

	if (l->frame->writes[s->index] == 1 && lower_known(l, s->value, &value))
		*local = operand_constant(value);
	else
		lower_into(l, s->value, local->slot);
}

static void lower_set(struct lower *l, const struct expr *value, uint32_t slot)
{
	if (l->undo)
		uop_emit(l, U_KEEP, 0, slot, 0, 0, 0);
	lower_into(l, value, slot);
}

static void lower_setelem(struct lower *l, const struct stmt *s)
{
	const struct isa_reg *reg = s->reg;
	uint32_t index, value;
	uint64_t i;

	if (lower_known(l, s->address, &i)) {
		if (i < reg->count)
			lower_set(l, s->value, reg->slot + (uint32_t)i);
		return;
	}
	index = lower_slot(l, s->address, NO_SLOT);
	value = lower_slot(l, s->value, NO_SLOT);
	if (l->undo)
		uop_emit(l, U_KEEPELEM, 0, 0, index, reg->slot, reg->count);
	uop_emit(l, U_SETELEM, 0, value, index, reg->slot, reg->count);
}

static void lower_next(struct lower *l, const struct stmt *s)
{
	if (l->instr && !l->isa->advance)
		lower_into(l, s->value, l->layout->work + WORK_NEXT);
	else
		lower_set(l, s->value, l->isa->role[ROLE_PC]->slot);
}

static void lower_if(struct lower *l, const struct stmt *s)
{
	chain otherwise = 0, end = 0;
	uint64_t v;

	if (lower_known(l, s->value, &v)) {
		lower_list(l, v ? s->body : s->otherwise);
		return;
	}
	lower_jump_if(l, s->value, false, &otherwise);
	lower_list(l, s->body);
	if (s->otherwise)
		uop_jump(l, &end);
	uop_land(l, otherwise);
	lower_list(l, s->otherwise);
	uop_land(l, end);
}

static void lower_out(struct lower *l, const struct stmt *s)
{
	uint32_t reg = lower_slot(l, s->address, NO_SLOT);

	uop_emit(l, U_OUT, 0, lower_slot(l, s->value, NO_SLOT), reg, s->device->index, 0);
}

static void lower_trap(struct lower *l, const struct stmt *s)
{
	uint32_t info =
		operand_slot(l, s->value ? lower_expr(l, s->value, NO_SLOT) : operand_constant(0));

	uop_emit(l, U_TRAP, 0, 0, info, s->trap->index, 0)->aux = s->phase;
}

static void lower_stmt(struct lower *l, const struct stmt *s)
{
	uint32_t local = l->frame->base + s->index;

	switch (s->op) {
	case S_LET: lower_let(l, s); break;
	case S_SET: lower_set(l, s->value, s->reg->slot); break;
	case S_SETELEM: lower_setelem(l, s); break;
	case S_NEXT: lower_next(l, s); break;
	case S_LOAD: lower_load(l, s); break;
	case S_STORE: lower_store(l, s); break;
	case S_IN:
		uop_emit(l, U_IN, 0, local, lower_slot(l, s->address, NO_SLOT), s->device->index,
			 0);
		break;
	case S_OUT: lower_out(l, s); break;
	case S_UNSPECIFIED:
		uop_emit(l, U_UNSPECIFIED, l->frame->code->local[s->index].width, local, 0, 0, 0);
		break;
	case S_IF: lower_if(l, s); break;
	case S_TRAP: lower_trap(l, s); break;
	case S_HALT: uop_emit(l, U_HALT, 0, 0, lower_slot(l, s->value, NO_SLOT), 0, 0); break;
	case S_WAIT: uop_emit(l, U_WAIT, 0, 0, 0, 0, 0); break;
	case S_OPS: assert(!"a statement has no operator");
	}
}

static void lower_list(struct lower *l, const struct stmt *s)
{
	for (; s; s = s->next) {
		uint32_t mark = l->temp;

		lower_stmt(l, s);
		l->temp = mark;
		if (s->op == S_TRAP)
			return;
	}
}

/* ---- programs ---- */

static struct lower begin(const struct isa *isa, const struct layout *layout)
{
	struct lower l = { .isa = isa, .layout = layout, .temp = layout->temps };

	l.program = xcalloc(1, sizeof *l.program);
	return l;
}

static struct program *end(struct lower *l)
{
	uop_emit(l, U_END, 0, 0, 0, 0, 0);
	return xrealloc(l->program, sizeof *l->program + l->count * sizeof *l->program->uop);
}

static struct program *instruction(const struct isa *isa, const struct layout *layout,
				   const struct isa_instr *instr, uint64_t word, bool in_line)
{
	struct lower l = begin(isa, layout);
	struct frame f;

	l.apart = layout->apart;
	l.in_line = in_line;
	l.instr = instr;
	l.word = word;
	l.undo = instr->undo;
	l.program->instr = instr;
	l.program->clock = instr->clock;
	l.program->mode = instr->mode;
	frame_init(&f, &instr->code, layout->locals);
	l.frame = &f;
	lower_list(&l, instr->code.body);
	frame_fini(&f);
	l.program = end(&l);
	l.program->clock = instr->clock && lower_meets_clock(isa, layout, l.program);
	return l.program;
}

struct program *lower_instr(const struct isa *isa, const struct layout *layout,
			    const struct isa_instr *instr, uint64_t word)
{
	return instruction(isa, layout, instr, word, false);
}

struct program *lower_instr_in_line(const struct isa *isa, const struct layout *layout,
				    const struct isa_instr *instr, uint64_t word)
{
	return instruction(isa, layout, instr, word, true);
}

struct program *lower_illegal(const struct isa *isa, const struct layout *layout, uint64_t word)
{
	struct lower l = begin(isa, layout);
	uint32_t info = operand_slot(&l, operand_constant(word & isa_mask(isa->word)));

	uop_emit(&l, U_TRAP, 0, 0, info, isa->illegal->index, 0)->aux = PHASE_NULLIFY;
	return end(&l);
}

struct program *lower_fetch(const struct isa *isa, const struct layout *layout)
{
	struct lower l = begin(isa, layout);
	struct reach r = { .units = isa->length, .access = ACCESS_FETCH };
	uint32_t d = layout->work + WORK_WORD;
	bool big = isa->endian == ENDIAN_BIG || isa->endian == ENDIAN_NONE;

	r.address = isa->role[ROLE_PC]->slot;
	lower_places(&l, &r);
	if (r.units == 1)
		uop_emit(&l, U_LOAD, 0, d, r.place, r.address, 0)->aux = UNSEEN;
	else /* as isa_pack does, whatever the order of data is now */
		uop_emit(&l, U_LOADS, 0, d, r.place, 0, r.units)->aux = UNSEEN | big;
	return end(&l);
}

static struct program *translation(const struct isa *isa, const struct layout *layout,
				   enum access access, struct lower how)
{
	struct lower l = begin(isa, layout);
	struct reach r = { .units = 1, .access = access, .address = layout->locals };

	l.noting = how.noting;
	l.in_line = how.in_line;
	l.given = how.given;
	lower_places(&l, &r);
	uop_emit(&l, U_CHECK, 0, 0, r.place, r.address, 0)->aux =
		isa->mapped && !how.noting && !how.in_line ? MAPPED : 0;
	uop_emit(&l, U_MOVE, 64, layout->work + WORK_RESULT, r.place, 0, 0);
	return end(&l);
}

struct program *lower_translate(const struct isa *isa, const struct layout *layout,
				enum access access)
{
	return translation(isa, layout, access, (struct lower){ 0 });
}

struct program *lower_translate_within(const struct isa *isa, const struct layout *layout,
				       enum access access)
{
	struct lower l = begin(isa, layout);
	struct operand place;

	l.temp = layout->within + 1;
	place = inline_translate(&l, operand_at(layout->within), access);
	uop_emit(&l, U_MOVE, 64, layout->within, operand_slot(&l, place), 0, 0);
	return end(&l);
}

struct program *lower_translate_noting(const struct isa *isa, const struct layout *layout,
				       enum access access)
{
	return translation(isa, layout, access, (struct lower){ .noting = true });
}

struct program *lower_translate_in_line(const struct isa *isa, const struct layout *layout,
					enum access access)
{
	return translation(isa, layout, access, (struct lower){ .in_line = true });
}

struct program *lower_translate_given(const struct isa *isa, const struct layout *layout,
				      enum access access)
{
	return translation(isa, layout, access, (struct lower){ .in_line = true, .given = true });
}

struct program *lower_condition(const struct isa *isa, const struct layout *layout,
				const struct expr *find)
{
	struct lower l = begin(isa, layout);
	struct frame f;

	l.in_line = true;
	frame_init(&f, isa->translate, layout->translate);
	l.frame = &f;
	lower_into(&l, find->arg[0], layout->work + WORK_RESULT);
	frame_fini(&f);
	return end(&l);
}

struct program *lower_addresses(const struct isa *isa, const struct layout *layout,
				const struct expr *find)
{
	struct lower l = begin(isa, layout);
	uint32_t work = layout->work;
	struct frame f;

	l.in_line = true;
	frame_init(&f, isa->translate, layout->translate);
	l.frame = &f;
	lower_bits_asked(&l, find, work + WORK_REST, work + WORK_INFO, work + WORK_RESULT);
	frame_fini(&f);
	return end(&l);
}

struct program *lower_code(const struct isa *isa, const struct layout *layout,
			   const struct code *code, bool has_result, bool undo)
{
	struct lower l = begin(isa, layout);
	uint32_t result = layout->work + WORK_RESULT;
	struct operand o;
	struct frame f;

	frame_init(&f, code, layout->locals);
	l.frame = &f;
	l.undo = undo;
	lower_list(&l, code->body);
	if (has_result) {
		o = f.local[code->result];
		uop_emit(&l, o.constant ? U_CONST : U_MOVE, 64, result, o.slot, 0, o.value);
	}
	frame_fini(&f);
	return end(&l);
}

struct program *lower_value(const struct isa *isa, const struct layout *layout,
			    const struct expr *e)
{
	const struct code code = { .nlocals = expr_locals(e) };
	struct lower l = begin(isa, layout);
	struct frame f;

	assert(layout->locals + code.nlocals <= layout->translate);
	frame_init(&f, &code, layout->locals);
	l.frame = &f;
	lower_into(&l, e, layout->work + WORK_RESULT);
	frame_fini(&f);
	return end(&l);
}
