/* The typed tree examined: isa/tree.h. */
#include "tests/valid.h"

#include <string.h>

/* Code under examination: which locals were set on some path. */
struct view {
	const struct isa *isa;
	const struct code *code; /* NULL: a plain expression */
	const struct isa_format *format;
	bool *set;
	const char *fault;
};

static bool need(struct view *v, bool holds, const char *what)
{
	if (!holds && !v->fault)
		v->fault = what;
	return holds;
}

static void see_expr(struct view *v, const struct expr *e);

static void see_leaf(struct view *v, const struct expr *e)
{
	unsigned word = v->isa->word;

	if (e->op == X_CONST)
		need(v, !(e->value & ~isa_mask(e->width)), "a constant exceeds its width");
	else if (e->op == X_FIELD)
		need(v,
		     v->format && e->index < v->format->nfields &&
			     e->width == v->format->field[e->index].width,
		     "a field is not of the format");
	else if (e->op == X_LOCAL)
		need(v,
		     v->code && e->index < v->code->nlocals &&
			     e->width == v->code->local[e->index].width && v->set[e->index],
		     "a local is read that does not exist, is not set or has another width");
	else if (e->op == X_REG)
		need(v, e->reg && !e->reg->array && e->width == e->reg->width, "X_REG");
	else if (e->op == X_SIZE)
		need(v, e->width == (word < 64 ? word + 1 : 64), "X_SIZE");
	else
		need(v, e->op == X_TIME && e->width == 64, "X_TIME");
}

static unsigned bits_for(uint64_t count)
{
	unsigned width = 1;

	while (width < 64 && count > UINT64_C(1) << width)
		width++;
	return width;
}

static void see_find(struct view *v, const struct expr *e)
{
	bool *set, was;

	if (!need(v,
		  v->code && e->reg && e->reg->array && e->index < v->code->nlocals &&
			  e->width == bits_for((uint64_t)e->reg->count + 1) &&
			  e->arg[0]->width == 1,
		  "X_FIND"))
		return;
	set = &v->set[e->index];
	was = *set;
	*set = true;
	see_expr(v, e->arg[0]);
	*set = was;
}

static void see_operation(struct view *v, const struct expr *e)
{
	unsigned a = e->arg[0] ? e->arg[0]->width : 0, b = e->arg[1] ? e->arg[1]->width : 0;

	switch (e->op) {
	case X_ELEM: need(v, e->reg && e->reg->array && e->width == e->reg->width, "X_ELEM"); break;
	case X_LINE: need(v, e->width == 1, "X_LINE"); break;
	case X_NOT:
	case X_NEG: need(v, e->width == a, "~ or -"); break;
	case X_SLICE: need(v, e->value + e->width <= a, "a slice outside its operand"); break;
	case X_ZEXT:
	case X_SEXT: need(v, e->width >= a, "an extension that narrows"); break;
	case X_CONCAT: need(v, e->width == a + b, "a concatenation's width"); break;
	case X_SHL:
	case X_LSHR:
	case X_ASHR: need(v, e->width == a, "a shift's width"); break;
	case X_EQ:
	case X_NE:
	case X_ULT:
	case X_ULE:
	case X_SLT:
	case X_SLE: need(v, e->width == 1 && a == b, "a comparison's widths"); break;
	case X_ITE:
		need(v, a == 1 && e->width == b && e->arg[2] && b == e->arg[2]->width, "?:");
		break;
	case X_ADD:
	case X_SUB:
	case X_MUL:
	case X_UDIV:
	case X_UREM:
	case X_SDIV:
	case X_SREM:
	case X_AND:
	case X_OR:
	case X_XOR: need(v, e->width == a && a == b, "an operator's widths"); break;
	case X_CONST:
	case X_FIELD:
	case X_LOCAL:
	case X_REG:
	case X_SIZE:
	case X_TIME:
	case X_FIND:
	case X_OPS: need(v, false, "no operation");
	}
}

static void see_expr(struct view *v, const struct expr *e)
{
	unsigned arity = expr_op_arity(e->op);

	need(v, e->width >= 1 && e->width <= 64, "a width is not 1 to 64");
	for (unsigned i = 0; i < 3; i++)
		if (!need(v, (e->arg[i] != NULL) == (i < arity), "a missing or idle argument"))
			return;
	if (e->op == X_FIND) {
		see_find(v, e);
		return;
	}
	for (unsigned i = 0; i < arity; i++)
		see_expr(v, e->arg[i]);
	if (arity)
		see_operation(v, e);
	else
		see_leaf(v, e);
}

/* An expression of a width that a statement must have. */
static void see_part(struct view *v, const struct expr *e, unsigned width, const char *what)
{
	if (!need(v, e, what))
		return;
	see_expr(v, e);
	need(v, !width || e->width == width, what);
}

static void set_local(struct view *v, unsigned index, unsigned width, const char *what)
{
	if (need(v, index < v->code->nlocals && (!width || v->code->local[index].width == width),
		 what))
		v->set[index] = true;
}

static void see_stmts(struct view *v, const struct stmt *s);

static void see_access(struct view *v, const struct stmt *s, unsigned word)
{
	unsigned bits = s->units * v->isa->unit;

	see_part(v, s->address, word, "an address is a word");
	need(v, s->units >= 1 && bits <= 64, "an access of no or too many units");
	if (s->op == S_LOAD)
		set_local(v, s->index, bits, "a load's width");
	else
		see_part(v, s->value, bits, "a store's width");
}

static void see_stmt(struct view *v, const struct stmt *s)
{
	unsigned word = v->isa->word;

	switch (s->op) {
	case S_LET:
		see_part(v, s->value,
			 s->index < v->code->nlocals ? v->code->local[s->index].width : 0, "let");
		set_local(v, s->index, 0, "let");
		break;
	case S_SET:
		see_part(v, s->value, s->reg && !s->reg->array ? s->reg->width : 65, "set");
		break;
	case S_SETELEM:
		see_part(v, s->value, s->reg && s->reg->array ? s->reg->width : 65, "setelem");
		see_part(v, s->address, 0, "setelem");
		break;
	case S_NEXT: see_part(v, s->value, v->isa->role[ROLE_PC]->width, "next"); break;
	case S_LOAD:
	case S_STORE: see_access(v, s, word); break;
	case S_IN:
		see_part(v, s->address, word, "in");
		set_local(v, s->index, word, "in");
		need(v, s->device, "in");
		break;
	case S_OUT:
		see_part(v, s->address, word, "out");
		see_part(v, s->value, word, "out");
		need(v, s->device, "out");
		break;
	case S_UNSPECIFIED: set_local(v, s->index, 0, "unspecified"); break;
	case S_IF:
		see_part(v, s->value, 1, "if");
		see_stmts(v, s->body);
		see_stmts(v, s->otherwise);
		break;
	case S_TRAP:
		see_part(v, s->value, word, "trap");
		need(v, s->trap, "trap");
		break;
	case S_HALT: see_part(v, s->value, word, "halt"); break;
	case S_WAIT: break;
	case S_OPS: need(v, false, "no statement");
	}
}

static void see_stmts(struct view *v, const struct stmt *s)
{
	for (; s && !v->fault; s = s->next)
		see_stmt(v, s);
}

static const char *code_fault(const struct isa *isa, const struct code *code, unsigned nparams,
			      unsigned result, const struct isa_format *format)
{
	struct view v = { .isa = isa, .code = code, .format = format };
	bool set[code->nlocals + 1];

	memset(set, 0, sizeof(set));
	v.set = set;
	need(&v, code->nparams == nparams && nparams <= code->nlocals, "parameters");
	for (unsigned i = 0; i < nparams && !v.fault; i++)
		set[i] = true;
	see_stmts(&v, code->body);
	if (result && !v.fault)
		need(&v,
		     code->result < code->nlocals && code->local[code->result].width == result &&
			     set[code->result],
		     "the result is never set");
	return v.fault;
}

static const char *special_fault(const struct isa *isa)
{
	const struct {
		const struct code *code;
		unsigned nparams, result;
	} codes[] = {
		{ isa->translate, 2, isa->word },
		{ isa->trapseq, 3, 0 },
		{ isa->tick, 0, 0 },
		{ isa->horizon, 0, isa->word },
		{ isa->skip, 1, 0 },
		{ isa->interrupt, 1, 0 },
		{ isa->reset, 1, 0 },
		{ isa->go, 1, 0 },
	};
	const char *fault = NULL;

	for (size_t i = 0; i < sizeof(codes) / sizeof(codes[0]) && !fault; i++)
		if (codes[i].code)
			fault = code_fault(isa, codes[i].code, codes[i].nparams, codes[i].result,
					   NULL);
	for (unsigned i = 0; i < isa->nreasons && !fault; i++)
		if (isa->reason[i].code)
			fault = code_fault(isa, isa->reason[i].code, 1, 1, NULL);
	return fault;
}

static const char *instr_fault(const struct isa *isa, const struct isa_instr *i)
{
	unsigned bits = isa->length * isa->unit;

	if (!i->format || i->index != (unsigned)(i - isa->instr))
		return "an instruction has no format or another index";
	if (bits < 1 || bits > 64 || (i->mask & ~isa_mask(bits)) || (i->match & ~i->mask))
		return "an instruction's mask or match";
	if (isa_decode(isa, i->match) != i || isa_decode(isa, i->match | ~i->mask) != i)
		return "an instruction's own word decodes to another";
	if (!i->nsyntax || !i->syntax[0].text)
		return "an instruction has no mnemonic";
	return code_fault(isa, &i->code, 0, 0, i->format);
}

static const char *map_fault(const struct isa *isa, const struct isa_map *map)
{
	struct view v = { .isa = isa };

	for (unsigned i = 0; i < isa->nregs; i++)
		if (isa->reg[i].class == CLASS_CONTROL && map->entry[i].kind == MAP_VALUE)
			see_part(&v, map->entry[i].value, isa->reg[i].width, "a map's value");
	return v.fault;
}

const char *isa_fault(const struct isa *isa)
{
	struct view v = { .isa = isa };
	const char *fault = special_fault(isa);

	if (!isa->role[ROLE_PC] || !isa->illegal || !isa->memory || !isa->translate ||
	    !isa->trapseq)
		return "what every machine has is missing";
	if (isa->user)
		see_part(&v, isa->user, 1, "user");
	for (unsigned i = 0; i < isa->ninvariants; i++)
		see_part(&v, isa->invariant[i], 1, "an invariant");
	if (isa->endian == ENDIAN_STATE)
		see_part(&v, isa->big, 1, "the byte order");
	fault = fault ? fault : v.fault;
	for (unsigned i = 0; i < isa->nmaps && !fault; i++)
		fault = map_fault(isa, &isa->map[i]);
	for (unsigned i = 0; i < isa->ninstrs && !fault; i++)
		fault = instr_fault(isa, &isa->instr[i]);
	return fault;
}
