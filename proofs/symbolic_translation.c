/*
 * How an address reaches storage, symbolically, in two forms.
 *
 * By base and bounds: storage is keyed by the virtual address, and one value, the
 * effective bound, says which there are.  Related states share it.
 *
 * By abstract translation (isa->abstract_translation: page tables, translation
 * buffers): which addresses a fetch, a load or a store reaches are functions that
 * nothing is known of, and so is the cell that an address names; several addresses may
 * name one.  Related states share them, as they do the effective bound: what a
 * monitor's translation refuses beyond the virtual machine's, it traps, and the
 * monitor sees it.  Where a cell lies is each state's own, injectively.
 *
 * That translate is one or the other is shown first: proofs/lemma.c.
 */
#include "proofs/symbolic_private.h"

#include "isa/alloc.h"

/* ---- what translate is ---- */

const struct isa_trap *sym_refusal(const struct sym *s, enum access access)
{
	struct sym_state *state = sym_state_new(s, "1");
	struct sym_run *run =
		sym_run_code(s, state, s->isa->translate,
			     (const struct term *[]){ term_variable(TS, "$address", s->isa->word),
						      term_const(TS, 2, access) });
	const struct isa_trap *trap = run->ntraps ? run->trap[0].trap : s->isa->memory;

	sym_run_free(run);
	sym_state_free(state);
	return trap;
}

bool sym_relocates(const struct sym *s, const struct isa_reg *r)
{
	return r->role == ROLE_BASE || r->role == ROLE_BOUND ||
	       (s->isa->abstract_translation && code_reads(s->isa->translate, r));
}

/* ---- the state's own translation ---- */

const struct term *sym_effective_bound(const struct sym *s, const struct sym_state *state)
{
	const struct term *b = role_word(s, state, ROLE_BOUND);
	const struct term *l = zext(s, role_word(s, state, ROLE_BASE), s->size_width);
	const struct term *left = term_binary(TS, X_SUB, state->size, l);
	const struct term *fits = term_binary(TS, X_ULE, zext(s, b, s->size_width), left);
	const struct term *bound = term_ite(TS, fits, b, term_slice(TS, left, s->isa->word - 1, 0));

	return term_ite(TS, term_binary(TS, X_ULE, state->size, l), word_const(s, 0), bound);
}

const struct term *sym_in_bounds(const struct sym *s, const struct sym_state *state,
				 const struct term *cell)
{
	if (s->isa->abstract_translation)
		return term_true(TS);
	return term_binary(TS, X_ULT, cell, state->bound);
}

const struct term *sym_reaches(const struct sym *s, const struct sym_state *state,
			       const struct term *address, enum access access)
{
	if (s->isa->abstract_translation)
		return term_apply(TS, state->reach[access], 1, address);
	return sym_in_bounds(s, state, address);
}

const struct term *sym_cell(const struct sym *s, const struct sym_state *state,
			    const struct term *address)
{
	return s->isa->abstract_translation ? term_apply(TS, state->cell, s->isa->word, address)
					    : address;
}

/* What translate refuses an address with: its own operand, or one that is not known. */
const struct term *refusal_info(const struct sym *s, const struct term *address)
{
	return s->isa->abstract_translation ? term_apply(TS, "$operand", s->isa->word, address)
					    : address;
}

/* ---- physical places ---- */

static const char *own(const struct sym *s, const struct sym_state *state, const char *what)
{
	return sym_name(s, "$%s.%s", what, state->placing);
}

const struct term *sym_cell_at(const struct sym *s, const struct sym_state *state,
			       const struct term *place)
{
	if (s->isa->abstract_translation)
		return term_apply(TS, own(s, state, "cell-at"), s->isa->word, place);
	return term_binary(TS, X_SUB, place, role_word(s, state, ROLE_BASE));
}

const struct term *sym_physical_in_bounds(const struct sym *s, const struct sym_state *state,
					  const struct term *place)
{
	const struct term *l = role_word(s, state, ROLE_BASE);

	if (s->isa->abstract_translation)
		return term_apply(TS, own(s, state, "placed"), 1, place);
	return term_and(TS, term_binary(TS, X_ULE, l, place),
			sym_in_bounds(s, state, sym_cell_at(s, state, place)));
}

/* Two places hold two cells, if they hold any. */
static const struct term *apart(const struct sym *s, const struct sym_state *state,
				const struct term *a, const struct term *b)
{
	const struct term *both = term_and(TS, sym_physical_in_bounds(s, state, a),
					   sym_physical_in_bounds(s, state, b));
	const struct term *one = term_eq(TS, sym_cell_at(s, state, a), sym_cell_at(s, state, b));

	return term_or(TS, term_not(TS, term_and(TS, both, one)), term_eq(TS, a, b));
}

const struct term *sym_places_apart(const struct sym *s, const struct sym_run *r)
{
	const struct term *all = term_true(TS);

	for (unsigned i = 0; i < r->nplaces && s->isa->abstract_translation; i++)
		for (unsigned k = 0; k < i; k++)
			all = term_and(TS, all, apart(s, r->before, r->place[i], r->place[k]));
	return all;
}

/* ---- once the instruction has changed R ---- */

const struct term *moved_reaches(const struct sym *s, const struct sym_state *now,
				 const struct term *address, enum access access)
{
	if (s->isa->abstract_translation)
		return term_apply(TS, own(s, now, sym_name(s, "moved.%s", access_name(access))), 1,
				  address);
	return term_binary(TS, X_ULT, address, sym_effective_bound(s, now));
}

const struct term *moved_place(const struct sym *s, const struct sym_state *now,
			       const struct term *address)
{
	if (s->isa->abstract_translation)
		return term_apply(TS, own(s, now, "moved"), s->isa->word, address);
	return term_binary(TS, X_ADD, role_word(s, now, ROLE_BASE), address);
}
