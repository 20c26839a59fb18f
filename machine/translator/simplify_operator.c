/* Operators, simplified: see simplify.h. */
#include "machine/translator/simplify.h"

#include "isa/arith.h"

/* ---- operators ---- */

/* The lowest 2^k - 1 that is not below v. */
static uint64_t ones_up_to(uint64_t v)
{
	return v ? UINT64_MAX >> __builtin_clzll(v) : 0;
}

enum expr_op simplify_operator_of(unsigned op)
{
	static const enum expr_op operators[] = {
#define OP(name) X_##name,
		UOP_OPERATORS(OP) UOP_COMPARISONS(OP)
#undef OP
	};
	return operators[(op - U_ADD) / 2];
}

static unsigned operation(enum expr_op op)
{
	unsigned i = U_ADD;

	while (simplify_operator_of(i) != op)
		i += 2;
	return i;
}

static bool commutes(enum expr_op op)
{
	return op == X_ADD || op == X_MUL || op == X_AND || op == X_OR || op == X_XOR ||
	       op == X_EQ || op == X_NE;
}

/* The range of a op b; *exact: without being cut to the width. */
static struct fact range_of(enum expr_op op, unsigned width, struct fact a, struct fact b,
			    bool *exact)
{
	uint64_t most = isa_mask(width), lo, hi;

	*exact = false;
	switch (op) {
	case X_ADD:
		*exact = !__builtin_add_overflow(a.hi, b.hi, &hi) && hi <= most;
		return *exact ? fact_range(a.lo + b.lo, hi) : fact_range(0, most);
	case X_SUB:
		*exact = a.lo >= b.hi;
		return *exact ? fact_range(a.lo - b.hi, a.hi - b.lo) : fact_range(0, most);
	case X_MUL:
		*exact = !__builtin_mul_overflow(a.hi, b.hi, &hi) && hi <= most;
		return *exact ? fact_range(a.lo * b.lo, hi) : fact_range(0, most);
	case X_AND: *exact = true; return fact_range(0, a.hi < b.hi ? a.hi : b.hi);
	case X_OR:
	case X_XOR: *exact = true; return fact_range(0, ones_up_to(a.hi | b.hi));
	case X_UREM: return fact_range(0, b.lo ? (b.hi - 1 < a.hi ? b.hi - 1 : a.hi) : a.hi);
	case X_SHL:
		if (b.lo != b.hi || b.lo >= 64 || a.hi > most >> b.lo)
			return fact_range(0, most);
		*exact = true;
		return fact_range(a.lo << b.lo, a.hi << b.lo);
	case X_LSHR:
		lo = b.hi < 64 ? a.lo >> b.hi : 0;
		hi = b.lo < 64 ? a.hi >> b.lo : 0;
		*exact = true;
		return fact_range(lo, hi);
	case X_EQ:
	case X_NE:
	case X_ULT:
	case X_ULE:
	case X_SLT:
	case X_SLE: *exact = true; return fact_range(0, 1);
	default: return fact_range(0, most);
	}
}

/* Is a op v always a? */
static bool identity(enum expr_op op, struct fact a, uint64_t v)
{
	switch (op) {
	case X_ADD:
	case X_SUB:
	case X_OR:
	case X_XOR:
	case X_SHL:
	case X_LSHR:
	case X_ASHR: return v == 0;
	case X_AND: return (ones_up_to(a.hi) & ~v) == 0;
	case X_MUL: return v == 1;
	default: return false;
	}
}

/* How many of the lowest bits of a place say all that matters? */
static bool in_low_bits(const struct simplifier *s, uint64_t mask)
{
	return mask >> s->t->log_length == 0;
}

/* a op v, of an a that moves with the instruction. */
static bool set_moved(struct simplifier *s, enum expr_op op, unsigned width, uint32_t d, uint32_t a,
		      uint64_t v)
{
	uint64_t moves;

	if (!fact_moves(s, a, &moves))
		return false;
	if ((op == X_ADD || op == X_SUB) && width == s->t->part_of_position[0].width)
		simplify_moving(s, d, arith_apply(op, width, moves, v));
	else if (op == X_AND && in_low_bits(s, v))
		simplify_const(s, d, moves & v);
	else
		return false;
	return true;
}

/* Some of the lowest bits of a value, of which some are taken. */
static void take_at_once(struct simplifier *s, struct uop *and)
{
	const struct uop *low = ops_maker(&s->into->ops, s->into->ops.count, and->a);

	if (!low || low->op != U_SLICE || low->imm || low->width >= 32)
		return;
	and->a = low->a;
	and->imm &= isa_mask(low->width);
	and->aux |= EXACT;
}

static void set_operator_const(struct simplifier *s, enum expr_op op, unsigned width, uint32_t d,
			       uint32_t a, uint64_t v)
{
	struct uop u = { .width = (uint8_t)width, .d = d, .imm = v };
	struct fact fa, f;
	bool exact;

	if (set_moved(s, op, width, d, a, v))
		return;
	fa = *fact_of(s, a);
	if (fa.lo == fa.hi) {
		simplify_const(s, d, arith_apply(op, width, fa.lo, v));
		return;
	}
	if (identity(op, fa, v)) {
		simplify_copy(s, d, a);
		return;
	}
	if (op == X_MUL && v && (v & (v - 1)) == 0) {
		op = X_SHL;
		u.imm = v = (uint64_t)__builtin_ctzll(v);
	}
	if (op == X_SDIV || op == X_SREM || (v == 0 && (op == X_UDIV || op == X_UREM))) {
		u.op = (uint8_t)operation(op);
		u.b = simplify_spare(s);
		simplify_const(s, u.b, v);
		u.a = fact_root(s, a);
		simplify_emit(s, u);
		fact_define(s, d, fact_range(0, isa_mask(width)));
		return;
	}
	f = range_of(op, width, fa, fact_const(v), &exact);
	if (op == X_ADD || op == X_SUB) {
		struct fact line = fact_linear(s, a);

		line.offset += op == X_ADD ? v : -v;
		if (exact) {
			f.base = line.base;
			f.offset = line.offset;
		} else {
			f.wrapped = line.base;
			f.addend = line.offset & isa_mask(width);
		}
	}
	u.a = fact_root(s, a);
	u.aux = exact ? EXACT : 0;
	u.op = (uint8_t)(operation(op) + 1);
	if (op == X_AND)
		take_at_once(s, &u);
	simplify_emit(s, u);
	fact_define(s, d, f);
}

void simplify_operator(struct simplifier *s, const struct uop *from, uint32_t d)
{
	bool immediate = (from->op - U_ADD) & 1, exact;
	enum expr_op op = simplify_operator_of(from->op);
	uint32_t a = simplify_named(s, from->a), b = immediate ? 0 : simplify_named(s, from->b);
	uint64_t v = from->imm;
	struct uop u = *from;
	struct fact f;

	if (immediate || fact_known(s, b, &v)) {
		set_operator_const(s, op, from->width, d, a, v);
		return;
	}
	if (commutes(op) && fact_known(s, a, &v)) {
		set_operator_const(s, op, from->width, d, b, v);
		return;
	}
	f = range_of(op, from->width, *fact_of(s, a), *fact_of(s, b), &exact);
	u.a = simplify_operand(s, a);
	u.b = fact_root(s, b);
	u.d = d;
	u.aux = exact ? EXACT : 0;
	if (fact_of(s, b)->hi < from->width)
		u.aux |= SMALL;
	if (fact_of(s, b)->lo > 0)
		u.aux |= NONZERO;
	simplify_emit(s, u);
	fact_define(s, d, f);
}

/* Are the bits from one on the same in all of a range? */
static bool same_above(const struct fact *f, unsigned bit)
{
	return bit >= 64 || f->lo >> bit == f->hi >> bit;
}

/* Some bits of what has the same ones above these wherever in its range it is: they rise with it. */
static void slice_evenly(struct simplifier *s, const struct uop *from, uint32_t d, uint32_t a,
			 const struct fact *f)
{
	uint64_t cut = isa_mask(from->width), lo = f->lo >> from->imm & cut, hi = f->hi >> from->imm & cut;
	struct uop u = *from;

	if (lo == hi) {
		simplify_const(s, d, lo);
	} else if (u.imm == 0) {
		set_operator_const(s, X_SUB, 64, d, a, f->lo & ~cut);
	} else {
		u.a = fact_root(s, a);
		u.d = d;
		u.aux = f->hi >> u.imm <= cut ? EXACT : 0;
		simplify_emit(s, u);
		fact_define(s, d, fact_range(lo, hi));
	}
}

void simplify_unary(struct simplifier *s, const struct uop *from, uint32_t d)
{
	uint32_t a = simplify_named(s, from->a);
	struct uop u = *from;
	uint64_t v, cut = isa_mask(from->width ? from->width : 64);
	struct fact f;

	if (u.op == U_SLICE && u.imm < 32 && cut < UINT32_MAX && in_low_bits(s, cut << u.imm) &&
	    fact_moves(s, a, &v)) {
		simplify_const(s, d, v >> u.imm & cut);
		return;
	}
	f = *fact_of(s, a);
	v = f.lo;
	if (f.lo == f.hi) {
		if (u.op == U_NEG)
			v = arith_apply(X_NEG, u.width, v, 0);
		else if (u.op == U_SLICE)
			v = v >> u.imm & cut;
		else
			v = (uint64_t)isa_signed(v, u.width) & u.imm;
		simplify_const(s, d, v);
		return;
	}
	if (u.op == U_SLICE && fact_bits_known(s, a, cut << u.imm, &v)) {
		simplify_const(s, d, v >> u.imm);
		return;
	}
	if ((u.op == U_SLICE && u.imm == 0 && f.hi <= cut) ||
	    (u.op == U_SEXT && f.hi <= cut >> 1)) {
		simplify_copy(s, d, a);
		return;
	}
	if (u.op == U_SLICE && same_above(&f, (unsigned)u.imm + u.width)) {
		slice_evenly(s, &u, d, a, &f);
		return;
	}
	u.a = fact_root(s, a);
	u.d = d;
	if (u.op == U_SEXT)
		cut = u.imm;
	simplify_emit(s, u);
	fact_define(s, d, fact_range(0, cut));
}

/* ---- unspecified values ---- */

void simplify_begin_stream(struct simplifier *s)
{
	s->stream = NO_INDEX;
	for (unsigned i = 0; i < s->length; i++)
		if (s->program->uop[i].op == U_UNSPECIFIED)
			s->stream = 0;
	if (s->stream == NO_INDEX)
		return;
	s->stream = simplify_spare(s);
	simplify_emit(
		s,
		(struct uop){ .op = T_GET, .d = s->stream, .a = s->t->layout.work + WORK_STREAM });
	fact_define(s, s->stream, fact_range(0, UINT64_MAX));
}

void simplify_commit_stream(struct simplifier *s)
{
	if (s->stream != NO_INDEX)
		simplify_emit(s, (struct uop){ .op = T_PUT,
					       .d = s->t->layout.work + WORK_STREAM,
					       .a = fact_root(s, s->stream) });
}

static void operate(struct simplifier *s, unsigned op, uint32_t d, uint32_t a, uint64_t imm)
{
	struct uop u = { .op = (uint8_t)op, .width = 64, .a = a, .imm = imm };

	simplify_operator(s, &u, d);
}

void simplify_unspecified(struct simplifier *s, const struct uop *from, uint32_t d)
{
	struct uop fold = { .op = U_XOR, .width = 64, .a = s->stream, .b = d };

	operate(s, U_MULI, s->stream, s->stream, STREAM_FACTOR);
	operate(s, U_ADDI, s->stream, s->stream, STREAM_STEP);
	if (from->width > STREAM_HALF) {
		operate(s, U_LSHRI, d, s->stream, STREAM_HALF);
		simplify_operator(s, &fold, d);
		operate(s, U_LSHRI, d, d, 64 - from->width);
	} else {
		operate(s, U_LSHRI, d, s->stream, 64 - from->width);
	}
}
