/* Expressions: every operator, as isa/tree.h defines it, in all forms that lowering gives it. */
#include "tests/rig.h"

/* ---- operators, against plain arithmetic on 128 bits ---- */

typedef unsigned __int128 wide;
typedef __int128 swide;

#define OPS_MACHINE                                                                                \
	"machine ops { word 64; visible P : word role pc, A : 64, B : 64, C : 1, E[5] : 64;"       \
	"traps illegal, memory; translate(a, access) { return a; }"                                \
	"trapseq(kind, tpc, info) { P := 0; }"                                                     \
	"format F { op:64 } instr NOP F op=0 \"NOP\" { } }"

static struct rig ops;
static struct expr reg_a, reg_b;

static void set_up_ops(void)
{
	ops = rig_of(OPS_MACHINE, 4);
	reg_a = (struct expr){ .op = X_REG, .width = 64, .reg = isa_reg_named(ops.isa, "A") };
	reg_b = (struct expr){ .op = X_REG, .width = 64, .reg = isa_reg_named(ops.isa, "B") };
}

static void tear_down_ops(void)
{
	rig_close(&ops);
}

static wide cut(wide v, unsigned width)
{
	return v & (((wide)1 << width) - 1);
}

static swide sign(uint64_t v, unsigned width)
{
	return (v >> (width - 1)) & 1 ? (swide)v - ((swide)1 << width) : (swide)v;
}

static wide sdiv(swide a, swide b)
{
	return b == 0 ? (a < 0 ? 1 : ~(wide)0) : (wide)(a / b);
}

static wide plain(enum expr_op op, unsigned w, uint64_t a, uint64_t b)
{
	swide sa = sign(a, w), sb = sign(b, w);

	switch ((int)op) {
	case X_ADD: return (wide)a + b;
	case X_SUB: return (wide)((swide)a - (swide)b);
	case X_MUL: return (wide)a * b;
	case X_UDIV: return b ? a / b : ~(wide)0;
	case X_UREM: return b ? a % b : a;
	case X_SDIV: return sdiv(sa, sb);
	case X_SREM: return (wide)(sb == 0 ? sa : sa % sb);
	case X_AND: return a & b;
	case X_OR: return a | b;
	case X_XOR: return a ^ b;
	case X_SHL: return b < w ? (wide)a << b : 0;
	case X_LSHR: return b < w ? (wide)a >> b : 0;
	case X_ASHR: return (wide)(sa >> (b < w ? b : w));
	case X_EQ: return a == b;
	case X_NE: return a != b;
	case X_ULT: return a < b;
	case X_ULE: return a <= b;
	case X_SLT: return sa < sb;
	case X_SLE: return sa <= sb;
	}
	ck_abort_msg("no operator on two operands");
	return 0;
}

static const unsigned widths[] = { 1, 4, 8, 31, 32, 33, 63, 64 };
enum { WIDTHS = sizeof widths / sizeof *widths, VALUES = 14 };

/* Boundaries of a width, then random values. */
static uint64_t value_of(unsigned i, unsigned w, uint64_t *stream)
{
	const uint64_t top = UINT64_C(1) << (w - 1);
	const uint64_t boundary[] = { 0,       1,   2,	     w - 1,	   w,		w + 1,
				      top - 1, top, top + 1, ~UINT64_C(0), ~UINT64_C(1) };
	unsigned n = sizeof boundary / sizeof *boundary;

	return (uint64_t)cut(i < n ? boundary[i] : rig_random(stream), w);
}

static uint64_t eval(const struct expr *e)
{
	return view_eval(ops.view, e);
}

/* An operator on two slots, slot and constant, constant and slot, two constants; and as a jump. */
static void check_operator(enum expr_op op, unsigned w, uint64_t a, uint64_t b)
{
	unsigned result = op >= X_EQ && op <= X_SLE ? 1 : w;
	uint64_t expected = (uint64_t)cut(plain(op, w, a, b), result);
	struct expr slot_a = { .op = X_SLICE, .width = (uint8_t)w, .arg = { &reg_a } };
	struct expr slot_b = { .op = X_SLICE, .width = (uint8_t)w, .arg = { &reg_b } };
	struct expr const_a = { .op = X_CONST, .width = (uint8_t)w, .value = a };
	struct expr const_b = { .op = X_CONST, .width = (uint8_t)w, .value = b };
	struct expr yes = { .op = X_CONST, .width = 8, .value = 77 };
	struct expr no = { .op = X_CONST, .width = 8, .value = 11 };

	*rig_reg(ops.view, "A") = a;
	*rig_reg(ops.view, "B") = b;
	for (unsigned i = 0; i < 4; i++) {
		struct expr e = { .op = op,
				  .width = (uint8_t)result,
				  .arg = { i & 1 ? &const_a : &slot_a,
					   i & 2 ? &const_b : &slot_b } };
		struct expr ite = { .op = X_ITE, .width = 8, .arg = { &e, &yes, &no } };

		ck_assert_msg(eval(&e) == expected, "%s at %u: %#llx, %#llx gives %#llx, not %#llx",
			      expr_op_name(op), w, (unsigned long long)a, (unsigned long long)b,
			      (unsigned long long)eval(&e), (unsigned long long)expected);
		if (result == 1)
			ck_assert_uint_eq(eval(&ite), expected ? 77 : 11);
	}
}

START_TEST(operators_agree_with_plain_arithmetic)
{
	enum expr_op op = X_ADD + _i / WIDTHS;
	unsigned w = widths[_i % WIDTHS];
	uint64_t stream = (uint64_t)_i;

	for (unsigned i = 0; i < VALUES; i++)
		for (unsigned j = 0; j < VALUES; j++) {
			uint64_t a = value_of(i, w, &stream);

			check_operator(op, w, a, value_of(j, w, &stream));
		}
}
END_TEST

START_TEST(shift_amounts_may_be_of_any_width)
{
	struct expr wide_amount = { .op = X_REG, .width = 64, .reg = reg_b.reg };
	struct expr value = { .op = X_SLICE, .width = 8, .arg = { &reg_a } };
	struct expr shift = { .op = X_SHL, .width = 8, .arg = { &value, &wide_amount } };

	*rig_reg(ops.view, "A") = 0x181;
	*rig_reg(ops.view, "B") = UINT64_C(1) << 40;
	ck_assert_uint_eq(eval(&shift), 0);
	shift.op = X_ASHR;
	ck_assert_uint_eq(eval(&shift), 0xff);
	*rig_reg(ops.view, "B") = 7;
	ck_assert_uint_eq(eval(&shift), 0xff);
	shift.op = X_LSHR;
	ck_assert_uint_eq(eval(&shift), 1);
}
END_TEST

START_TEST(unary_operators_agree_with_plain_arithmetic)
{
	unsigned w = widths[_i];
	struct expr slot = { .op = X_SLICE, .width = (uint8_t)w, .arg = { &reg_a } };
	uint64_t stream = 5;

	for (unsigned i = 0; i < 40; i++) {
		uint64_t a = value_of(i, w, &stream);
		struct expr fixed = { .op = X_CONST, .width = (uint8_t)w, .value = a };

		*rig_reg(ops.view, "A") = a;
		for (unsigned constant = 0; constant < 2; constant++) {
			struct expr e = { .width = (uint8_t)w,
					  .arg = { constant ? &fixed : &slot } };

			e.op = X_NOT;
			ck_assert_uint_eq(eval(&e), (uint64_t)cut(~(wide)a, w));
			e.op = X_NEG;
			ck_assert_uint_eq(eval(&e), (uint64_t)cut(-(wide)a, w));
			for (unsigned to = w; to <= 64; to++) {
				e.width = (uint8_t)to;
				e.op = X_ZEXT;
				ck_assert_uint_eq(eval(&e), a);
				e.op = X_SEXT;
				ck_assert_uint_eq(eval(&e), (uint64_t)cut((wide)sign(a, w), to));
			}
			for (unsigned lo = 0; lo < w; lo++) {
				e.op = X_SLICE;
				e.width = (uint8_t)(w - lo - (w - lo) / 3);
				e.value = lo;
				ck_assert_uint_eq(eval(&e), (uint64_t)cut((wide)a >> lo, e.width));
			}
		}
	}
}
END_TEST

START_TEST(concatenation_puts_the_first_operand_high)
{
	uint64_t stream = 9;

	for (unsigned high = 1; high < 64; high += 3) {
		for (unsigned low = 1; high + low <= 64; low += 5) {
			uint64_t a = value_of(11, high, &stream), b = value_of(11, low, &stream);
			struct expr x = { .op = X_SLICE,
					  .width = (uint8_t)high,
					  .arg = { &reg_a } };
			struct expr y = { .op = X_SLICE, .width = (uint8_t)low, .arg = { &reg_b } };
			struct expr zero = { .op = X_CONST, .width = (uint8_t)low };
			struct expr e = { .op = X_CONCAT,
					  .width = (uint8_t)(high + low),
					  .arg = { &x, &y } };

			*rig_reg(ops.view, "A") = a;
			*rig_reg(ops.view, "B") = b;
			ck_assert_uint_eq(eval(&e), a << low | b);
			e.arg[1] = &zero;
			ck_assert_uint_eq(eval(&e), a << low);
		}
	}
}
END_TEST

/* A random tree over A, B, C and constants; nodes come from an array. */
struct grove {
	struct expr node[256];
	unsigned used;
	uint64_t stream;
};

static const struct expr *grow(struct grove *g, unsigned w, unsigned depth);

static struct expr *new_node(struct grove *g, enum expr_op op, unsigned w)
{
	struct expr *e = &g->node[g->used++];

	*e = (struct expr){ .op = op, .width = (uint8_t)w };
	return e;
}

static const struct expr *grow_leaf(struct grove *g, unsigned w)
{
	struct expr *e = new_node(g, X_CONST, w);
	uint64_t r = rig_random(&g->stream);

	e->value = (uint64_t)cut(r % 3 ? rig_random(&g->stream) : r / 3 % 4, w);
	if (r % 4 == 0)
		return e;
	e->op = X_SLICE;
	e->value = 0;
	e->arg[0] = r & 4 ? &reg_a : &reg_b;
	return e;
}

static const struct expr *grow(struct grove *g, unsigned w, unsigned depth)
{
	uint64_t r = rig_random(&g->stream);
	unsigned other = 1 + (unsigned)(r >> 20) % 64;
	struct expr *e;

	if (depth == 0 || g->used > 200)
		return grow_leaf(g, w);
	if (r % 8 == 0) {
		e = new_node(g, X_ITE, w);
		e->arg[0] = grow(g, 1, depth - 1);
		e->arg[1] = grow(g, w, depth - 1);
		e->arg[2] = grow(g, w, depth - 1);
	} else if (r % 8 == 1 && w > 1) {
		unsigned low = 1 + other % (w - 1);

		e = new_node(g, X_CONCAT, w);
		e->arg[0] = grow(g, w - low, depth - 1);
		e->arg[1] = grow(g, low, depth - 1);
	} else if (r % 8 == 2) {
		e = new_node(g, r & 8 ? X_NOT : X_NEG, w);
		e->arg[0] = grow(g, w, depth - 1);
	} else if (r % 8 == 3) {
		e = new_node(g, other <= w ? (r & 8 ? X_ZEXT : X_SEXT) : X_SLICE, w);
		e->value = other > w ? (r >> 40) % (other - w + 1) : 0;
		e->arg[0] = grow(g, other, depth - 1);
	} else if (w == 1 && r & 8) {
		e = new_node(g, X_EQ + (r >> 8) % (X_SLE - X_EQ + 1), 1);
		e->arg[0] = grow(g, other, depth - 1);
		e->arg[1] = grow(g, other, depth - 1);
	} else {
		e = new_node(g, X_ADD + (r >> 8) % (X_ASHR - X_ADD + 1), w);
		e->arg[0] = grow(g, w, depth - 1);
		e->arg[1] = grow(g, w, depth - 1);
	}
	return e;
}

static uint64_t walk(const struct expr *e)
{
	uint64_t v[3] = { 0 };

	if (e->op == X_REG)
		return ops.view->cpu->state[e->reg->slot];
	for (unsigned i = 0; i < expr_op_arity(e->op); i++)
		v[i] = walk(e->arg[i]);
	switch ((int)e->op) {
	case X_CONST: return e->value;
	case X_ITE: return v[v[0] ? 1 : 2];
	case X_CONCAT: return v[0] << e->arg[1]->width | v[1];
	case X_NOT: return (uint64_t)cut(~(wide)v[0], e->width);
	case X_NEG: return (uint64_t)cut(-(wide)v[0], e->width);
	case X_ZEXT: return v[0];
	case X_SEXT: return (uint64_t)cut((wide)sign(v[0], e->arg[0]->width), e->width);
	case X_SLICE: return (uint64_t)cut((wide)v[0] >> e->value, e->width);
	}
	return (uint64_t)cut(plain(e->op, e->arg[0]->width, v[0], v[1]), e->width);
}

START_TEST(nested_expressions_agree_with_a_walk_of_the_tree)
{
	struct grove g = { .stream = (uint64_t)_i };

	for (unsigned i = 0; i < 300; i++) {
		const struct expr *e;

		g.used = 0;
		e = grow(&g, 1 + (unsigned)(rig_random(&g.stream) % 64), 5);
		*rig_reg(ops.view, "A") = rig_random(&g.stream);
		*rig_reg(ops.view, "B") = rig_random(&g.stream);
		ck_assert_uint_eq(eval(e), walk(e));
	}
}
END_TEST

START_TEST(an_element_past_the_end_reads_0)
{
	const struct isa_reg *e = isa_reg_named(ops.isa, "E");
	struct expr index = { .op = X_SLICE, .width = 3, .arg = { &reg_a } };
	struct expr elem = { .op = X_ELEM, .width = 64, .reg = e, .arg = { &index } };

	for (unsigned i = 0; i < 5; i++)
		ops.view->cpu->state[e->slot + i] = 100 + i;
	for (uint64_t i = 0; i < 8; i++) {
		struct expr fixed = { .op = X_CONST, .width = 3, .value = i };

		*rig_reg(ops.view, "A") = i;
		elem.arg[0] = &index;
		ck_assert_uint_eq(eval(&elem), i < 5 ? 100 + i : 0);
		elem.arg[0] = &fixed;
		ck_assert_uint_eq(eval(&elem), i < 5 ? 100 + i : 0);
	}
}
END_TEST

static Suite *suite(void)
{
	Suite *s = suite_create("operators");
	TCase *o = tcase_create("operators");

	tcase_add_checked_fixture(o, set_up_ops, tear_down_ops);
	tcase_add_loop_test(o, operators_agree_with_plain_arithmetic, 0,
			    (X_SLE - X_ADD + 1) * WIDTHS);
	tcase_add_test(o, shift_amounts_may_be_of_any_width);
	tcase_add_loop_test(o, unary_operators_agree_with_plain_arithmetic, 0, WIDTHS);
	tcase_add_test(o, concatenation_puts_the_first_operand_high);
	tcase_add_loop_test(o, nested_expressions_agree_with_a_walk_of_the_tree, 0, 10);
	tcase_add_test(o, an_element_past_the_end_reads_0);
	suite_add_tcase(s, o);
	return s;
}

#include "tests/harness.h"
