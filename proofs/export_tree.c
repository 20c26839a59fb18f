/* Code as Coq data: the constructors of proofs/coq/Tree.v. */
#include "proofs/export_private.h"

#include <inttypes.h>

/* Constructors, by operator; NULL where it has a form of its own, or none. */
static const char *const binary[X_OPS] = {
	[X_ADD] = "Add",   [X_SUB] = "Sub",   [X_MUL] = "Mul",	 [X_UDIV] = "Udiv",
	[X_UREM] = "Urem", [X_SDIV] = "Sdiv", [X_SREM] = "Srem", [X_AND] = "And",
	[X_OR] = "Or",	   [X_XOR] = "Xor",   [X_SHL] = "Shl",	 [X_LSHR] = "Lshr",
	[X_ASHR] = "Ashr", [X_EQ] = "Eq",     [X_NE] = "Ne",	 [X_ULT] = "Ult",
	[X_ULE] = "Ule",   [X_SLT] = "Slt",   [X_SLE] = "Sle",
};

/* ---- what can be exported ---- */

bool export_units(const struct isa *isa)
{
	return isa->unit != isa->word || isa->length != 1;
}

const char *export_expr_unfit(const struct isa *isa, const struct expr *x)
{
	const char *why = NULL;

	if (x->op == X_FIND)
		return "code that searches a table";
	if (x->op == X_LINE && (x->arg[0]->op != X_CONST || x->arg[0]->value >= EXPORT_LINES))
		return "code that reads an interrupt line whose number it computes";
	if (x->op == X_ELEM && x->reg->class == CLASS_CONTROL && !export_units(isa))
		return "an array of control registers";
	for (unsigned i = 0; i < expr_op_arity(x->op) && !why; i++)
		why = export_expr_unfit(isa, x->arg[i]);
	return why;
}

static const char *stmt_unfit(const struct isa *isa, const struct stmt *s)
{
	const char *why = NULL;

	if ((s->op == S_LOAD || s->op == S_STORE) && s->physical && !export_units(isa))
		return "an instruction that reaches storage past translate";
	if (s->op == S_UNSPECIFIED && !export_units(isa))
		return "values that the architecture leaves open";
	if (s->op == S_SETELEM && s->reg->class == CLASS_CONTROL && !export_units(isa))
		return "an array of control registers";
	if (s->op == S_SET && s->reg == isa->role[ROLE_PC])
		return "an instruction that moves P itself";
	if (s->address)
		why = export_expr_unfit(isa, s->address);
	if (s->value && !why)
		why = export_expr_unfit(isa, s->value);
	return why;
}

static const char *stmts_unfit(const struct isa *isa, const struct stmt *s)
{
	const char *why = NULL;

	for (; s && !why; s = s->next) {
		why = stmt_unfit(isa, s);
		if (!why)
			why = stmts_unfit(isa, s->body);
		if (!why)
			why = stmts_unfit(isa, s->otherwise);
	}
	return why;
}

const char *export_code_unfit(const struct isa *isa, const struct code *code)
{
	return stmts_unfit(isa, code->body);
}

/* ---- registers that the machine has not, and its data has ---- */

static bool completes(const struct stmt *s)
{
	for (; s; s = s->next)
		if ((s->op == S_TRAP && s->phase == PHASE_COMPLETE) || completes(s->body) ||
		    completes(s->otherwise))
			return true;
	return false;
}

bool export_after(const struct isa *isa)
{
	for (unsigned i = 0; i < isa->ninstrs; i++)
		if (completes(isa->instr[i].code.body))
			return true;
	return false;
}

static bool expr_holds(const struct expr *x, enum expr_op op)
{
	if (x->op == op)
		return true;
	for (unsigned i = 0; i < expr_op_arity(x->op); i++)
		if (expr_holds(x->arg[i], op))
			return true;
	return false;
}

static bool computes(const struct stmt *s, enum expr_op op)
{
	for (; s; s = s->next)
		if ((s->address && expr_holds(s->address, op)) ||
		    (s->value && expr_holds(s->value, op)) || computes(s->body, op) ||
		    computes(s->otherwise, op))
			return true;
	return false;
}

bool export_computes(const struct code *code, enum expr_op op)
{
	return computes(code->body, op);
}

bool export_reads(const struct isa *isa, enum expr_op op)
{
	for (unsigned i = 0; i < isa->ninstrs; i++)
		if (export_computes(&isa->instr[i].code, op))
			return true;
	return false;
}

unsigned export_lines(const struct isa *isa)
{
	return export_reads(isa, X_LINE) ? EXPORT_LINES : 0;
}

static unsigned time_register(const struct isa *isa)
{
	return export_count(isa, true);
}

static unsigned line_register(const struct isa *isa, uint64_t line)
{
	return export_count(isa, true) + export_reads(isa, X_TIME) + line;
}

/* The first of the two in which a trap after an instruction's effects is left. */
static unsigned trap_register(const struct isa *isa)
{
	return export_count(isa, false);
}

/* ---- what time may do ---- */

static bool clock_reg(const struct isa *isa, const struct isa_reg *r)
{
	return r == isa->role[ROLE_MODE] || export_other(r);
}

static bool clock_expr(const struct isa *isa, const struct expr *x)
{
	static const bool outside[X_OPS] = { [X_FIELD] = true, [X_ELEM] = true, [X_SIZE] = true,
					     [X_TIME] = true,  [X_LINE] = true, [X_FIND] = true };

	if (outside[x->op] || (x->op == X_REG && !clock_reg(isa, x->reg)))
		return false;
	for (unsigned i = 0; i < expr_op_arity(x->op); i++)
		if (!clock_expr(isa, x->arg[i]))
			return false;
	return true;
}

static bool clock_stmt(const struct stmt *s, bool sets)
{
	return s->op == S_LET || s->op == S_IF || s->op == S_TRAP ||
	       (s->op == S_SET && sets && export_other(s->reg));
}

bool export_clock(const struct isa *isa, const struct stmt *s, bool sets)
{
	for (; s; s = s->next)
		if (!clock_stmt(s, sets) || (s->value && !clock_expr(isa, s->value)) ||
		    !export_clock(isa, s->body, sets) || !export_clock(isa, s->otherwise, sets))
			return false;
	return true;
}

/* ---- expressions ---- */

static void print_args(const struct isa *isa, const struct expr *x, FILE *to)
{
	for (unsigned i = 0; i < expr_op_arity(x->op); i++) {
		fputc(' ', to);
		export_expr(isa, x->arg[i], to);
	}
}

/* An access to an array's element: where it begins in the list of its sort, and how long it is. */
static void print_array(const struct isa *isa, const char *access, const struct isa_reg *r,
			FILE *to)
{
	fprintf(to, "%s%s %u %u", access, r->class == CLASS_CONTROL ? "Control" : "",
		export_first(isa, r), r->count);
}

/* The operator, and the widths that it needs. */
static void print_op(const struct isa *isa, const struct expr *x, FILE *to)
{
	unsigned of = x->arg[0] ? x->arg[0]->width : 0;

	if (binary[x->op]) {
		fprintf(to, "Bin %s %u", binary[x->op], of);
	} else if (x->op == X_REG) {
		fputs("Reg ", to);
		export_reg(isa, x->reg, to);
	} else if (x->op == X_ELEM) {
		print_array(isa, "Elem", x->reg, to);
	} else if (x->op == X_CONST) {
		fprintf(to, "Const %" PRIu64, x->value);
	} else if (x->op == X_FIELD || x->op == X_LOCAL) {
		fprintf(to, "%s %u", x->op == X_FIELD ? "Field" : "Local", x->index);
	} else if (x->op == X_TIME) {
		fprintf(to, "Reg (RControl %u)", time_register(isa));
	} else if (x->op == X_LINE) {
		fprintf(to, "Reg (RControl %u)", line_register(isa, x->arg[0]->value));
	} else if (x->op == X_SLICE) {
		fprintf(to, "Slice %" PRIu64 " %u", x->value, x->width);
	} else if (x->op == X_SEXT) {
		fprintf(to, "Sext %u %u", of, x->width);
	} else if (x->op == X_CONCAT) {
		fprintf(to, "Concat %u", x->arg[1]->width);
	} else if (x->op == X_NOT || x->op == X_NEG) {
		fprintf(to, "%s %u", x->op == X_NOT ? "Not" : "Neg", of);
	} else {
		fputs(x->op == X_SIZE ? "Size" : x->op == X_ZEXT ? "Zext" : "Ite", to);
	}
}

void export_expr(const struct isa *isa, const struct expr *x, FILE *to)
{
	fputc('(', to);
	print_op(isa, x, to);
	if (x->op != X_LINE)
		print_args(isa, x, to);
	fputc(')', to);
}

/* ---- statements ---- */

static void print_stmts(const struct isa *isa, const struct stmt *s, const struct code *code,
			FILE *to);

/* A load or store: of one unit, or a form of Units.v, with locals to itself behind the code's. */
static void print_access(const struct isa *isa, const struct stmt *s, const struct code *code,
			 FILE *to)
{
	const char *access = s->op == S_LOAD ? "Load" : "Store";

	if (s->physical)
		fprintf(to, "%sPlace %u %u order %u %u %u", access, isa->word, isa->unit,
			isa->memory->index, s->units, code->nlocals);
	else if (s->units > 1)
		fprintf(to, "%sUnits %u %u order %u %u", access, isa->word, isa->unit, s->units,
			code->nlocals);
	else
		fputs(access, to);
	if (s->op == S_LOAD)
		fprintf(to, " %u", s->index);
}

/* The constructor, and what stands before the expressions. */
static void print_head(const struct isa *isa, const struct stmt *s, const struct code *code,
		       FILE *to)
{
	switch (s->op) {
	case S_LET: fprintf(to, "Let %u", s->index); break;
	case S_SET:
		fputs("SetReg ", to);
		export_reg(isa, s->reg, to);
		break;
	case S_SETELEM:
		print_array(isa, "SetElem", s->reg, to);
		if (s->reg->class == CLASS_CONTROL)
			fprintf(to, " %u", code->nlocals);
		break;
	case S_NEXT: fputs("Goto", to); break;
	case S_LOAD:
	case S_STORE: print_access(isa, s, code, to); break;
	case S_IN: fprintf(to, "In %u %u", s->index, s->device->index); break;
	case S_OUT: fprintf(to, "Out %u", s->device->index); break;
	case S_IF: fputs("If", to); break;
	case S_TRAP:
		if (s->phase == PHASE_COMPLETE && export_after(isa))
			fprintf(to, "TrapAfter %u %u", trap_register(isa), s->trap->index);
		else
			fprintf(to, "TrapTo %u", s->trap->index);
		break;
	case S_HALT: fputs("Halt", to); break;
	case S_WAIT: fputs("Wait", to); break;
	case S_UNSPECIFIED: /* whatever the world has; as a device behind the others */
		fprintf(to, "In %u %u (Const %u)", s->index, isa->ndevices,
			code->local[s->index].width);
		break;
	case S_OPS: break;
	}
}

static void print_stmt(const struct isa *isa, const struct stmt *s, const struct code *code,
		       FILE *to)
{
	print_head(isa, s, code, to);
	for (unsigned i = 0; i < 2; i++) {
		const struct expr *x = i ? s->value : s->address;

		if (x) {
			fputc(' ', to);
			export_expr(isa, x, to);
		}
	}
	if (s->op == S_IF) {
		fputs(" (", to);
		print_stmts(isa, s->body, code, to);
		fputs(") (", to);
		print_stmts(isa, s->otherwise, code, to);
		fputc(')', to);
	}
}

/* What follows a trap is never reached, and has no place. */
static void print_stmts(const struct isa *isa, const struct stmt *s, const struct code *code,
			FILE *to)
{
	unsigned open = 0;

	for (; s; s = s->next) {
		print_stmt(isa, s, code, to);
		if (s->op == S_TRAP)
			break;
		fputs("\n      (", to);
		open++;
		if (export_after(isa) && s->op == S_IF && s->next &&
		    (completes(s->body) || completes(s->otherwise))) {
			fprintf(to, "UnlessTrapped %u (", trap_register(isa));
			open++;
		}
	}
	if (!s)
		fputs("Done", to);
	while (open--)
		fputc(')', to);
}

void export_code(const struct isa *isa, const struct code *code, FILE *to)
{
	bool after = export_after(isa) && completes(code->body);

	fputc('(', to);
	if (after)
		fprintf(to, "NoTrapYet %u (", trap_register(isa));
	print_stmts(isa, code->body, code, to);
	fputs(after ? "))" : ")", to);
}
