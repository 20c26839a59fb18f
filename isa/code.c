/* Facts about pieces of a description's code, by walking the typed tree. */
#include "isa/tree.h"

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

static bool stmts_write(const struct stmt *s, const struct isa_reg *reg)
{
	for (; s; s = s->next)
		if (((s->op == S_SET || s->op == S_SETELEM) && s->reg == reg) ||
		    stmts_write(s->body, reg) || stmts_write(s->otherwise, reg))
			return true;
	return false;
}

static bool stmts_hold(const struct stmt *s, enum stmt_op op)
{
	for (; s; s = s->next)
		if (s->op == op || stmts_hold(s->body, op) || stmts_hold(s->otherwise, op))
			return true;
	return false;
}

bool code_reads(const struct code *code, const struct isa_reg *reg)
{
	return code && stmts_read(code->body, reg);
}

bool code_writes(const struct code *code, const struct isa_reg *reg)
{
	return code && stmts_write(code->body, reg);
}

bool code_holds(const struct code *code, enum stmt_op op)
{
	return code && stmts_hold(code->body, op);
}
