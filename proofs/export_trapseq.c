/*
 * The trap sequence, read as the paper has it: the old PSW to the words from 0 on, the new
 * one from those that follow.
 */
#include "proofs/export_private.h"

/* What stands in a word that trapseq stores; its parameters are kind, tpc and info. */
static struct psw_word word_stored(const struct expr *x)
{
	static const enum word_kind parameter[] = { WORD_KIND, WORD_PC, WORD_INFO };

	while (x->op == X_ZEXT)
		x = x->arg[0];
	if (x->op == X_LOCAL && x->index < 3)
		return (struct psw_word){ .kind = parameter[x->index] };
	if (x->op == X_REG)
		return (struct psw_word){ .kind = WORD_REG, .reg = x->reg };
	return (struct psw_word){ WORD_NONE, NULL };
}

/* Is a register set to the low bits of a local? */
static bool sets_low(const struct stmt *s, unsigned local)
{
	const struct expr *x = s->value;

	if (s->op != S_SET)
		return false;
	if (x->op == X_SLICE && x->value == 0)
		x = x->arg[0];
	return x->op == X_LOCAL && x->index == local;
}

static bool stores(const struct stmt *s, unsigned at)
{
	return s && s->op == S_STORE && s->physical && s->units == 1 && s->address->op == X_CONST &&
	       s->address->value == at && at < MAX_WORDS;
}

static bool loads(const struct stmt *s, unsigned at)
{
	return s && s->op == S_LOAD && s->physical && s->units == 1 && s->address->op == X_CONST &&
	       s->address->value == at && at < 2 * MAX_WORDS && s->next &&
	       sets_low(s->next, s->index);
}

bool export_layout(const struct isa *isa, struct psw_layout *l)
{
	const struct stmt *s = isa->trapseq->body;

	*l = (struct psw_layout){ 0 };
	for (; stores(s, l->nold); s = s->next) {
		l->old[l->nold] = word_stored(s->value);
		if (l->old[l->nold++].kind == WORD_NONE)
			return false;
	}
	for (; loads(s, l->nold + l->nnew) && l->nnew < MAX_WORDS; s = s->next->next)
		l->new[l->nnew++] = (struct psw_word){ WORD_REG, s->next->reg };
	return !s && l->nnew <= l->nold;
}

/* The phases in which a trap is raised, as bits. */
static unsigned phases(const struct stmt *s, const struct isa_trap *trap)
{
	unsigned found = 0;

	for (; s; s = s->next) {
		if (s->op == S_TRAP && s->trap == trap)
			found |= 1u << s->phase;
		found |= phases(s->body, trap) | phases(s->otherwise, trap);
	}
	return found;
}

/* A trap that time raises finds P where execution would go on, and stores it as it is. */
static bool time_raises(const struct code *code, const struct isa_trap *trap)
{
	return code && phases(code->body, trap);
}

bool export_phase(const struct isa *isa, const struct isa_trap *trap, bool *next)
{
	unsigned found = 0;

	if (trap == isa->memory || trap == isa->illegal || time_raises(isa->tick, trap) ||
	    time_raises(isa->interrupt, trap))
		found |= 1u << PHASE_NULLIFY;
	for (unsigned i = 0; i < isa->ninstrs; i++)
		found |= phases(isa->instr[i].code.body, trap);
	*next = found == 1u << PHASE_NEXT;
	return !(found & (found - 1));
}
