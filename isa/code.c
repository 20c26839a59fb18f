/* Facts about pieces of a description's code, by walking the typed tree. */
#include "isa/isa.h"

#include "isa/alloc.h"

bool expr_reads(const struct expr *x, const struct isa_reg *reg)
{
	if (x->reg == reg)
		return true;
	for (unsigned i = 0; i < expr_op_arity(x->op); i++)
		if (expr_reads(x->arg[i], reg))
			return true;
	return false;
}

static bool stmts_read(const struct stmt *s, const struct isa_reg *reg)
{
	for (; s; s = s->next)
		if ((s->value && expr_reads(s->value, reg)) ||
		    (s->address && expr_reads(s->address, reg)) || stmts_read(s->body, reg) ||
		    stmts_read(s->otherwise, reg))
			return true;
	return false;
}

static bool expr_searches(const struct expr *x, const struct isa_reg *reg)
{
	if (x->op == X_FIND && x->reg == reg)
		return true;
	for (unsigned i = 0; i < expr_op_arity(x->op); i++)
		if (expr_searches(x->arg[i], reg))
			return true;
	return false;
}

static bool stmts_search(const struct stmt *s, const struct isa_reg *reg)
{
	for (; s; s = s->next)
		if ((s->value && expr_searches(s->value, reg)) ||
		    (s->address && expr_searches(s->address, reg)) || stmts_search(s->body, reg) ||
		    stmts_search(s->otherwise, reg))
			return true;
	return false;
}

static bool stmts_write(const struct stmt *s, const struct isa_reg *reg)
{
	for (; s; s = s->next)
		if (((s->op == S_SET || s->op == S_SETELEM) && s->reg == reg) ||
		    stmts_write(s->body, reg) || stmts_write(s->otherwise, reg))
			return true;
	return false;
}

/* Statements that do nothing but set the register. */
static bool stmts_set_alone(const struct stmt *s, const struct isa_reg *reg)
{
	for (; s; s = s->next)
		if (s->op == S_IF
			    ? !stmts_set_alone(s->body, reg) || !stmts_set_alone(s->otherwise, reg)
			    : s->op != S_SET || s->reg != reg)
			return false;
	return true;
}

static bool stmts_act_by(const struct stmt *s, const struct isa_reg *reg)
{
	for (; s; s = s->next) {
		bool reads = (s->value && expr_reads(s->value, reg)) ||
			     (s->address && expr_reads(s->address, reg));
		bool apart = s->op == S_IF ? stmts_set_alone(s->body, reg) &&
						     stmts_set_alone(s->otherwise, reg)
					   : s->op == S_SET && s->reg == reg;

		if ((reads && !apart) || stmts_act_by(s->body, reg) ||
		    stmts_act_by(s->otherwise, reg))
			return true;
	}
	return false;
}

static bool stmts_hold(const struct stmt *s, enum stmt_op op)
{
	for (; s; s = s->next)
		if (s->op == op || stmts_hold(s->body, op) || stmts_hold(s->otherwise, op))
			return true;
	return false;
}

/* What holds values from storage: locals, and registers by their index. */
struct loaded {
	bool *local, *reg;
};

static bool expr_loaded(const struct expr *x, const struct loaded *l)
{
	if ((x->reg && l->reg[x->reg->index]) || (x->op == X_LOCAL && l->local[x->index]))
		return true;
	for (unsigned i = 0; i < expr_op_arity(x->op); i++)
		if (expr_loaded(x->arg[i], l))
			return true;
	return false;
}

/* `chosen`: whether the statements run depends on such a value. */
static void stmts_load(const struct stmt *s, const struct loaded *l, bool chosen)
{
	for (; s; s = s->next) {
		bool from = chosen || (s->value && expr_loaded(s->value, l)) ||
			    (s->address && expr_loaded(s->address, l));

		if (s->op == S_LET || s->op == S_LOAD)
			l->local[s->index] |= from || s->op == S_LOAD;
		else if (s->op == S_SET || s->op == S_SETELEM)
			l->reg[s->reg->index] |= from;
		stmts_load(s->body, l, from);
		stmts_load(s->otherwise, l, from);
	}
}

bool code_loads(const struct isa *isa, const struct code *code, const struct expr *x)
{
	struct loaded l = { xcalloc(code->nlocals + 1, sizeof *l.local),
			    xcalloc(isa->nregs, sizeof *l.reg) };

	stmts_load(code->body, &l, false);
	bool loads = expr_loaded(x, &l);
	free(l.local);
	free(l.reg);
	return loads;
}

bool code_acts_by(const struct code *code, const struct isa_reg *reg)
{
	return code && stmts_act_by(code->body, reg);
}

bool code_reads(const struct code *code, const struct isa_reg *reg)
{
	return code && stmts_read(code->body, reg);
}

bool code_searches(const struct code *code, const struct isa_reg *reg)
{
	return code && stmts_search(code->body, reg);
}

bool code_writes(const struct code *code, const struct isa_reg *reg)
{
	return code && stmts_write(code->body, reg);
}

bool code_holds(const struct code *code, enum stmt_op op)
{
	return code && stmts_hold(code->body, op);
}

static bool expr_fixed(const struct expr *e)
{
	if (e->op == X_ELEM || e->op == X_FIND || e->op == X_TIME || e->op == X_LINE ||
	    (e->op == X_REG && e->reg->class != CLASS_CONTROL))
		return false;
	for (unsigned i = 0; i < expr_op_arity(e->op); i++)
		if (!expr_fixed(e->arg[i]))
			return false;
	return true;
}

static bool stmts_fixed(const struct stmt *s)
{
	for (; s; s = s->next)
		if (s->op == S_LOAD || s->op == S_UNSPECIFIED ||
		    (s->address && !expr_fixed(s->address)) ||
		    (s->value && !expr_fixed(s->value)) || !stmts_fixed(s->body) ||
		    !stmts_fixed(s->otherwise))
			return false;
	return true;
}

bool code_fixed(const struct code *code)
{
	return stmts_fixed(code->body);
}
