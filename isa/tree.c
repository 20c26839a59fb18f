/* The typed tree's names, its arithmetic and its printed form. */
#include "isa/tree.h"

#include "isa/arith.h"
#include "isa/isa.h"

#include <inttypes.h>

static const struct {
	const char *name;
	unsigned arity;
} ops[X_OPS] = {
	[X_CONST] = { "const", 0 },   [X_FIELD] = { "field", 0 }, [X_LOCAL] = { "local", 0 },
	[X_REG] = { "reg", 0 },	      [X_ELEM] = { "elem", 1 },	  [X_SIZE] = { "size", 0 },
	[X_TIME] = { "time", 0 },     [X_LINE] = { "line", 1 },	  [X_FIND] = { "find", 1 },
	[X_NOT] = { "not", 1 },	      [X_NEG] = { "neg", 1 },	  [X_SLICE] = { "slice", 1 },
	[X_ZEXT] = { "zext", 1 },     [X_SEXT] = { "sext", 1 },	  [X_ADD] = { "add", 2 },
	[X_SUB] = { "sub", 2 },	      [X_MUL] = { "mul", 2 },	  [X_UDIV] = { "udiv", 2 },
	[X_UREM] = { "urem", 2 },     [X_SDIV] = { "sdiv", 2 },	  [X_SREM] = { "srem", 2 },
	[X_AND] = { "and", 2 },	      [X_OR] = { "or", 2 },	  [X_XOR] = { "xor", 2 },
	[X_SHL] = { "shl", 2 },	      [X_LSHR] = { "lshr", 2 },	  [X_ASHR] = { "ashr", 2 },
	[X_EQ] = { "eq", 2 },	      [X_NE] = { "ne", 2 },	  [X_ULT] = { "ult", 2 },
	[X_ULE] = { "ule", 2 },	      [X_SLT] = { "slt", 2 },	  [X_SLE] = { "sle", 2 },
	[X_CONCAT] = { "concat", 2 }, [X_ITE] = { "ite", 3 },
};

const char *expr_op_name(enum expr_op op)
{
	return ops[op].name;
}

unsigned expr_op_arity(enum expr_op op)
{
	return ops[op].arity;
}

const char *stmt_op_name(enum stmt_op op)
{
	static const char *const names[S_OPS] = {
		[S_LET] = "let",   [S_SET] = "set",   [S_SETELEM] = "setelem",
		[S_NEXT] = "next", [S_LOAD] = "load", [S_STORE] = "store",
		[S_IN] = "in",	   [S_OUT] = "out",   [S_UNSPECIFIED] = "unspecified",
		[S_IF] = "if",	   [S_TRAP] = "trap", [S_HALT] = "halt",
		[S_WAIT] = "wait",
	};
	return names[op];
}

const char *phase_name(enum phase phase)
{
	static const char *const names[] = { "nullify", "next", "complete" };
	return names[phase];
}

const char *access_name(enum access access)
{
	static const char *const names[] = { "fetch", "read", "write" };
	return names[access];
}

uint64_t expr_apply(enum expr_op op, unsigned width, uint64_t a, uint64_t b)
{
	return arith_apply(op, width, a, b);
}

static void dump_expr(const struct expr *x, FILE *to)
{
	fprintf(to, "(%s:%u", expr_op_name(x->op), x->width);
	if (x->reg)
		fprintf(to, " %s", x->reg->name);
	if (x->op == X_CONST || x->op == X_SLICE)
		fprintf(to, " %" PRIu64, x->value);
	if (x->op == X_FIELD || x->op == X_LOCAL || x->op == X_FIND)
		fprintf(to, " %u", x->index);
	for (unsigned i = 0; i < expr_op_arity(x->op); i++) {
		fputc(' ', to);
		dump_expr(x->arg[i], to);
	}
	fputc(')', to);
}

static void dump_stmts(const struct stmt *s, int depth, FILE *to)
{
	for (; s; s = s->next) {
		fprintf(to, "%*s%s", depth * 2, "", stmt_op_name(s->op));
		if (s->reg)
			fprintf(to, " %s", s->reg->name);
		if (s->device)
			fprintf(to, " %s", s->device->name);
		if (s->trap)
			fprintf(to, " %s %s", s->trap->name, phase_name(s->phase));
		if (s->op == S_LET || s->op == S_LOAD || s->op == S_IN || s->op == S_UNSPECIFIED)
			fprintf(to, " %u", s->index);
		if (s->units)
			fprintf(to, " %s[%u]", s->physical ? "phys" : "mem", s->units);
		if (s->address) {
			fputc(' ', to);
			dump_expr(s->address, to);
		}
		if (s->value) {
			fputc(' ', to);
			dump_expr(s->value, to);
		}
		fputc('\n', to);
		dump_stmts(s->body, depth + 1, to);
		if (s->otherwise) {
			fprintf(to, "%*selse\n", depth * 2, "");
			dump_stmts(s->otherwise, depth + 1, to);
		}
	}
}

void code_dump(const struct code *code, FILE *to)
{
	for (unsigned i = 0; i < code->nlocals; i++)
		fprintf(to, "local %u %s : %u%s\n", i, code->local[i].name, code->local[i].width,
			i < code->nparams ? " parameter" : "");
	dump_stmts(code->body, 0, to);
}
