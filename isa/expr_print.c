/* Expressions of the typed tree, printed as a description has them. */
#include "isa/isa.h"

#include <inttypes.h>

static void print(const struct expr_scope *, const struct expr *, FILE *);

static const char *const infix[X_OPS] = {
	[X_ADD] = "+",	 [X_SUB] = "-",	  [X_MUL] = "*",    [X_UDIV] = "/",  [X_UREM] = "%",
	[X_SDIV] = "/s", [X_SREM] = "%s", [X_AND] = "&",    [X_OR] = "|",    [X_XOR] = "^",
	[X_SHL] = "<<",	 [X_LSHR] = ">>", [X_ASHR] = ">>s", [X_EQ] = "==",   [X_NE] = "!=",
	[X_ULT] = "<",	 [X_ULE] = "<=",  [X_SLT] = "<s",   [X_SLE] = "<=s",
};

const struct expr *expr_resolve(const struct expr_scope *scope, const struct expr *x)
{
	while (x->op == X_LOCAL && scope->definition && scope->definition[x->index])
		x = scope->definition[x->index];
	return x;
}

const struct isa_bits *expr_bits(const struct expr *x)
{
	const struct expr *of = x->op == X_SLICE ? x->arg[0] : NULL;

	for (unsigned i = 0; of && of->op == X_REG && i < of->reg->nbits; i++)
		if (of->reg->bits[i].lo == x->value &&
		    of->reg->bits[i].hi == x->value + x->width - 1)
			return &of->reg->bits[i];
	return NULL;
}

/* The enumeration that a value belongs to, or NULL. */
static const struct isa_enum *type_of(const struct expr_scope *scope, const struct expr *x)
{
	const struct isa_bits *bits;

	x = expr_resolve(scope, x);
	bits = expr_bits(x);
	return x->op == X_REG || x->op == X_ELEM ? x->reg->type : bits ? bits->type : NULL;
}

static bool print_member(const struct isa_enum *type, const struct expr *x, FILE *to)
{
	for (unsigned i = 0; type && x->op == X_CONST && i < type->nmembers; i++)
		if (type->member[i].value == x->value) {
			fputs(type->member[i].name, to);
			return true;
		}
	return false;
}

static void print_const(uint64_t value, FILE *to)
{
	fprintf(to, value < 10 ? "%" PRIu64 : "0x%" PRIx64, value);
}

/* An operand, in parentheses where it has operators of its own. */
static void print_operand(const struct expr_scope *scope, const struct expr *x,
			  const struct isa_enum *type, FILE *to)
{
	x = expr_resolve(scope, x);
	if (print_member(type, x, to))
		return;
	bool nested = infix[x->op] || x->op == X_ITE;
	fputs(nested ? "(" : "", to);
	print(scope, x, to);
	fputs(nested ? ")" : "", to);
}

static void print_infix(const struct expr_scope *scope, const struct expr *x, FILE *to)
{
	const struct isa_enum *a = type_of(scope, x->arg[0]), *b = type_of(scope, x->arg[1]);
	bool truth = x->width == 1 && (x->op == X_AND || x->op == X_OR);

	print_operand(scope, x->arg[0], b, to);
	fprintf(to, " %s%s ", infix[x->op], truth ? infix[x->op] : "");
	print_operand(scope, x->arg[1], a, to);
}

static void print_slice(const struct expr_scope *scope, const struct expr *x, FILE *to)
{
	const struct isa_bits *bits = expr_bits(x);

	print_operand(scope, x->arg[0], NULL, to);
	if (bits)
		fprintf(to, ".%s", bits->name);
	else if (x->width == 1)
		fprintf(to, "[%" PRIu64 "]", x->value);
	else
		fprintf(to, "[%" PRIu64 ":%" PRIu64 "]", x->value + x->width - 1, x->value);
}

static void print_not(const struct expr_scope *scope, const struct expr *x, FILE *to)
{
	const struct expr *of = expr_resolve(scope, x->arg[0]);
	struct expr opposite = *of;

	if (of->op == X_EQ || of->op == X_NE) {
		opposite.op = of->op == X_EQ ? X_NE : X_EQ;
		print_infix(scope, &opposite, to);
		return;
	}
	fputs(x->width == 1 ? "!" : "~", to);
	print_operand(scope, of, NULL, to);
}

/* name(a, b) */
static void print_call(const struct expr_scope *scope, const char *name, const struct expr *x,
		       FILE *to)
{
	fprintf(to, "%s(", name);
	for (unsigned i = 0; i < expr_op_arity(x->op); i++) {
		fputs(i ? ", " : "", to);
		print(scope, x->arg[i], to);
	}
	fputc(')', to);
}

static void print_ite(const struct expr_scope *scope, const struct expr *x, FILE *to)
{
	print_operand(scope, x->arg[0], NULL, to);
	fputs(" ? ", to);
	print_operand(scope, x->arg[1], NULL, to);
	fputs(" : ", to);
	print_operand(scope, x->arg[2], NULL, to);
}

static void print(const struct expr_scope *scope, const struct expr *x, FILE *to)
{
	x = expr_resolve(scope, x);
	switch (x->op) {
	case X_CONST: print_const(x->value, to); break;
	case X_FIELD: fputs(scope->format->field[x->index].name, to); break;
	case X_LOCAL: {
		const char *name = scope->code->local[x->index].name;
		fputs(*name ? name : "...", to);
		break;
	}
	case X_REG: fputs(x->reg->name, to); break;
	case X_ELEM:
		fprintf(to, "%s[", x->reg->name);
		print(scope, x->arg[0], to);
		fputc(']', to);
		break;
	case X_SIZE: fputs("size", to); break;
	case X_TIME: fputs("time", to); break;
	case X_LINE: print_call(scope, "line", x, to); break;
	case X_FIND: fprintf(to, "find(%s ...)", x->reg->name); break;
	case X_NOT: print_not(scope, x, to); break;
	case X_NEG:
		fputc('-', to);
		print_operand(scope, x->arg[0], NULL, to);
		break;
	case X_SLICE: print_slice(scope, x, to); break;
	case X_ZEXT: print_call(scope, "zext", x, to); break;
	case X_SEXT: print_call(scope, "sext", x, to); break;
	case X_CONCAT:
		fputc('{', to);
		print(scope, x->arg[0], to);
		fputs(", ", to);
		print(scope, x->arg[1], to);
		fputc('}', to);
		break;
	case X_ITE: print_ite(scope, x, to); break;
	case X_ADD ... X_SLE: print_infix(scope, x, to); break;
	case X_OPS: break;
	}
}

void expr_print(const struct expr_scope *scope, const struct expr *x, FILE *to)
{
	print(scope, x, to);
}
