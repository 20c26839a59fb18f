/* Symbolic states: what they hold, and what can be read of them before and after a run. */
#include "proofs/symbolic_private.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

struct sym sym_of(const struct isa *isa, struct terms *terms)
{
	struct sym s = { isa, terms, isa->word < 64 ? isa->word + 1 : 64, { NULL }, NULL };

	for (enum access access = ACCESS_FETCH; access <= ACCESS_WRITE; access++)
		s.refusal[access] = sym_refusal(&s, access);
	return s;
}

const char *sym_name(const struct sym *s, const char *format, ...)
{
	char text[256];
	va_list ap;

	va_start(ap, format);
	vsnprintf(text, sizeof text, format, ap);
	va_end(ap);
	return terms_name(TS, text);
}

/* ---- states ---- */

static const char *tagged(const struct sym *s, const struct isa_reg *r, const char *tag)
{
	return r->class == CLASS_VISIBLE ? r->name : sym_name(s, "%s.%s", r->name, tag);
}

struct sym_state *sym_state_new(const struct sym *s, const char *tag)
{
	struct sym_state *state = xcalloc(1, sizeof *state);

	state->tag = sym_name(s, "%s", tag);
	state->reg = array_new(s->isa->nregs, sizeof *state->reg);
	state->array = array_new(s->isa->nregs, sizeof *state->array);
	for (unsigned i = 0; i < s->isa->nregs; i++) {
		const struct isa_reg *r = &s->isa->reg[i];
		if (r->array)
			state->array[i] = tagged(s, r, tag);
		else
			state->reg[i] = term_variable(TS, tagged(s, r, tag), r->width);
	}
	state->size = term_variable(TS, sym_name(s, "$size.%s", tag), s->size_width);
	state->bound = term_variable(TS, "$bound", s->isa->word);
	state->time = term_variable(TS, sym_name(s, "$time.%s", tag), 64);
	state->storage = "$E";
	state->cell = "$cell-of";
	state->placing = state->tag;
	for (enum access access = ACCESS_FETCH; access <= ACCESS_WRITE; access++)
		state->reach[access] = sym_name(s, "$%s", access_name(access));
	state->outside = sym_name(s, "$outside.%s", tag);
	state->line = sym_name(s, "$line.%s", tag);
	state->input = sym_name(s, "$in.%s", tag);
	return state;
}

struct sym_state *sym_state_copy(const struct sym *s, const struct sym_state *from)
{
	struct sym_state *state = xmalloc(sizeof *state);
	size_t n = s->isa->nregs + 1;

	*state = *from;
	state->reg = array_new(n, sizeof *state->reg);
	state->array = array_new(n, sizeof *state->array);
	memcpy(state->reg, from->reg, n * sizeof *state->reg);
	memcpy(state->array, from->array, n * sizeof *state->array);
	return state;
}

void sym_state_free(struct sym_state *state)
{
	if (!state)
		return;
	free(state->reg);
	free(state->array);
	free(state);
}

const struct term *role_word(const struct sym *s, const struct sym_state *state, enum isa_role role)
{
	const struct isa_reg *r = s->isa->role[role];

	return r ? zext(s, state->reg[r->index], s->isa->word) : word_const(s, 0);
}

const struct term *sym_is_member(const struct sym *s, const struct isa_reg *r,
				 const struct term *value)
{
	const struct term *any = term_false(TS);

	for (unsigned i = 0; i < r->type->nmembers; i++)
		any = term_or(
			TS, any,
			term_eq(TS, value, term_const(TS, r->width, r->type->member[i].value)));
	return any;
}

const struct term *sym_valid(const struct sym *s, const struct sym_state *state)
{
	const struct term *all =
		term_binary(TS, X_ULT, term_const(TS, s->size_width, 0), state->size);

	if (s->isa->word < 64)
		all = term_and(
			TS, all,
			term_binary(TS, X_ULE, state->size,
				    term_const(TS, s->size_width, UINT64_C(1) << s->isa->word)));
	if (!s->isa->abstract_translation)
		all = term_and(TS, all, term_eq(TS, state->bound, sym_effective_bound(s, state)));
	for (unsigned i = 0; i < s->isa->nregs; i++)
		if (s->member && s->member[i])
			all = term_and(TS, all, sym_is_member(s, &s->isa->reg[i], state->reg[i]));
	return all;
}

const struct term *sym_in_region(const struct sym *s, const struct sym_state *state,
				 const struct term *place)
{
	if (!state->region)
		return term_false(TS);
	const struct term *offset = term_binary(TS, X_SUB, place, state->region);
	return term_and(TS, term_binary(TS, X_ULE, state->region, place),
			term_binary(TS, X_ULT, zext(s, offset, s->size_width), state->region_size));
}

const struct term *sym_outside(const struct sym *s, const struct sym_state *state,
			       const struct term *place)
{
	const struct term *cell = term_apply(TS, state->outside, s->isa->unit, place);

	if (!state->region)
		return cell;
	return term_ite(TS, sym_in_region(s, state, place),
			term_apply(TS, state->region_outside, s->isa->unit,
				   term_binary(TS, X_SUB, place, state->region)),
			cell);
}

unsigned sym_index_width(const struct isa_reg *r)
{
	unsigned width = 1;

	while (width < 63 && r->count > UINT64_C(1) << width)
		width++;
	return width;
}

const struct term *sym_element(const struct sym *s, const struct sym_state *state,
			       const struct isa_reg *r, const struct term *index)
{
	return term_apply(TS, state->array[r->index], r->width, index);
}

const struct term *sym_word(const struct sym *s, const char *name)
{
	return term_variable(TS, name, s->isa->length * s->isa->unit);
}

/* ---- before and after ---- */

unsigned place_of(const struct isa *isa, unsigned i, unsigned n, bool big)
{
	return (big ? n - 1 - i : i) * isa->unit;
}

const struct term *sym_storage_after(const struct sym *s, const struct sym_run *r,
				     const struct term *cell)
{
	const struct term *value = term_apply(TS, r->before->storage, s->isa->unit, cell);

	for (unsigned i = 0; i < r->nstores; i++) {
		const struct sym_store *st = &r->store[i];
		const struct term *hit =
			st->physical
				? term_and(
					  TS, sym_physical_in_bounds(s, r->before, st->address),
					  term_eq(TS, cell, sym_cell_at(s, r->before, st->address)))
				: term_eq(TS, cell, st->address);
		value = term_ite(TS, term_and(TS, st->guard, hit), st->value, value);
	}
	return value;
}

const struct term *sym_outside_after(const struct sym *s, const struct sym_run *r,
				     const struct term *place)
{
	const struct term *value = sym_outside(s, r->before, place);

	for (unsigned i = 0; i < r->nstores; i++) {
		const struct sym_store *st = &r->store[i];
		if (!st->physical)
			continue;
		const struct term *hit = term_and(
			TS, term_not(TS, sym_physical_in_bounds(s, r->before, st->address)),
			term_eq(TS, place, st->address));
		value = term_ite(TS, term_and(TS, st->guard, hit), st->value, value);
	}
	return value;
}

const struct term *sym_element_after(const struct sym *s, const struct sym_run *r,
				     const struct isa_reg *reg, const struct term *index)
{
	const struct term *value = sym_element(s, r->before, reg, index);

	for (unsigned i = 0; i < r->nelements; i++) {
		const struct sym_element *e = &r->element[i];
		if (e->reg == reg)
			value = term_ite(TS, term_and(TS, e->guard, term_eq(TS, index, e->index)),
					 e->value, value);
	}
	return value;
}

const struct term *sym_fetched(const struct sym *s, const struct sym_state *state,
			       const struct isa_instr *instr, const struct term *word)
{
	unsigned width = s->isa->length * s->isa->unit, w = s->isa->unit, n = s->isa->length;
	const struct term *p = role_word(s, state, ROLE_PC);
	const struct term *all =
		term_eq(TS, term_binary(TS, X_AND, word, term_const(TS, width, instr->mask)),
			term_const(TS, width, instr->match));
	const struct term *big =
		s->isa->endian == ENDIAN_STATE ? sym_eval(s, state, s->isa->big) : NULL;

	for (unsigned i = 0; i < n; i++) {
		const struct term *a = term_binary(TS, X_ADD, p, word_const(s, i));
		bool high_first = s->isa->endian == ENDIAN_BIG || s->isa->endian == ENDIAN_NONE;
		unsigned lo = place_of(s->isa, i, n, high_first),
			 other = place_of(s->isa, i, n, !high_first);
		const struct term *unit = term_slice(TS, word, lo + w - 1, lo);
		if (big)
			unit = term_ite(TS, big, term_slice(TS, word, other + w - 1, other), unit);
		all = term_and(TS, all, sym_reaches(s, state, a, ACCESS_FETCH));
		all = term_and(TS, all,
			       term_eq(TS, term_apply(TS, state->storage, w, sym_cell(s, state, a)),
				       unit));
	}
	return all;
}
