/*
 * The operations as instructions of the host; those on storage are in tile_storage.c.  A slot's
 * value is zero above its width, in its register as in the state vector.
 */
#include "machine/translator/tiler.h"

#include "isa/arith.h"

/* ---- operands ---- */

/*
 * The slot that rbp points at.  Those in front of it and behind it within 128 bytes are reached by
 * short instructions: P and what stands behind it, or what stands before it.
 */
static uint32_t middle(const struct translator *t)
{
	enum { REACH = 128 / sizeof(uint64_t) };
	uint32_t p = t->part_of_position[0].slot;

	if (p + REACH < t->isa->nslots)
		return p + REACH;
	return p + 1 < REACH ? 0 : p + 1 - REACH;
}

int32_t tile_middle(const struct translator *t)
{
	return (int32_t)(middle(t) * sizeof(uint64_t));
}

struct x86_memory tile_home(const struct tiler *w, uint32_t slot)
{
	return (struct x86_memory){ .base = RBP,
				    .index = RSP,
				    .disp = (int32_t)(slot * sizeof(uint64_t)) - tile_middle(w->t) };
}

/* Was it stored right before, from there? */
static bool is_in_rax(const struct tiler *w, uint32_t slot)
{
	return w->stored_at == w->x.at && w->stored == slot;
}

unsigned tile_in(struct tiler *w, uint32_t slot, unsigned scratch)
{
	if (w->a.reg[slot] != NO_REG)
		return w->a.reg[slot];
	if (is_in_rax(w, slot)) {
		x86_move(&w->x, scratch, RAX);
		return scratch;
	}
	x86_rm(&w->x, true, OP_LOAD, scratch, tile_home(w, slot));
	return scratch;
}

unsigned tile_out(const struct tiler *w, uint32_t slot)
{
	return w->a.reg[slot] != NO_REG ? w->a.reg[slot] : RAX;
}

void tile_put(struct tiler *w, uint32_t slot, unsigned reg)
{
	if (w->a.reg[slot] != NO_REG)
		x86_move(&w->x, w->a.reg[slot], reg);
	else
		x86_rm(&w->x, true, OP_STORE, reg, tile_home(w, slot));
	if (w->a.reg[slot] == NO_REG && reg == RAX) {
		w->stored_at = w->x.at;
		w->stored = slot;
	}
}

/* reg op slot, the slot wherever it is. */
static void with_slot(struct tiler *w, bool wide, unsigned op, unsigned reg, uint32_t slot)
{
	if (w->a.reg[slot] != NO_REG)
		x86_rr(&w->x, wide, op, reg, w->a.reg[slot]);
	else if (wide && op == OP_LOAD && is_in_rax(w, slot))
		x86_move(&w->x, reg, RAX);
	else
		x86_rm(&w->x, wide, op, reg, tile_home(w, slot));
}

static bool fits(bool wide, uint64_t v)
{
	return wide ? (uint64_t)(int32_t)v == v : v <= UINT32_MAX;
}

static bool is_wide(unsigned width)
{
	return width > 32;
}

/* Cuts a register to its width. */
static void cut(struct tiler *w, unsigned reg, unsigned width)
{
	if (width == 64)
		return;
	if (width == 8)
		x86_rr8(&w->x, OP_MOVZX8, reg, reg);
	else if (width == 16)
		x86_rr(&w->x, false, OP_MOVZX16, reg, reg);
	else if (width == 32)
		x86_rr(&w->x, false, OP_LOAD, reg, reg);
	else if (width < 32)
		x86_ri(&w->x, false, G1_AND, reg, (int32_t)isa_mask(width));
	else {
		x86_shift(&w->x, true, G2_SHL, reg, 64 - width);
		x86_shift(&w->x, true, G2_SHR, reg, 64 - width);
	}
}

/* Cuts what an operation of the host, on 32 bits or 64, left. */
static void cut_result(struct tiler *w, unsigned reg, const struct uop *u)
{
	if (!(u->aux & EXACT) && u->width != 32)
		cut(w, reg, u->width);
}

/* reg := slot, its sign extended to 64 bits. */
static void load_signed(struct tiler *w, unsigned reg, uint32_t slot, unsigned width)
{
	with_slot(w, true, OP_LOAD, reg, slot);
	if (width == 32) {
		x86_rr(&w->x, true, OP_MOVSXD, reg, reg);
	} else if (width != 64) {
		x86_shift(&w->x, true, G2_SHL, reg, 64 - width);
		x86_shift(&w->x, true, G2_SAR, reg, 64 - width);
	}
}

/* ---- operators of the host's kind ---- */

static void add_into(struct tiler *w, const struct uop *u, unsigned d, unsigned a)
{
	if (w->a.reg[u->b] != NO_REG && d != a && d != w->a.reg[u->b])
		x86_rm(&w->x, is_wide(u->width), OP_LEA, d,
		       (struct x86_memory){ .base = a, .index = w->a.reg[u->b], .scale = 1 });
	else if (w->a.reg[u->b] == d && d != a)
		x86_rr(&w->x, is_wide(u->width), OP_ADD, d, a);
	else {
		x86_move(&w->x, d, a);
		with_slot(w, is_wide(u->width), OP_ADD, d, u->b);
	}
}

static void binary(struct tiler *w, const struct uop *u, unsigned op)
{
	unsigned d = tile_out(w, u->d), a = tile_in(w, u->a, w->a.reg[u->b] == d ? RAX : d);

	if (op == OP_ADD) {
		add_into(w, u, d, a);
	} else if (w->a.reg[u->b] == d && d != a) {
		if (op == OP_SUB) {
			x86_move(&w->x, RAX, a);
			x86_rr(&w->x, is_wide(u->width), op, RAX, d);
			x86_move(&w->x, d, RAX);
		} else {
			x86_rr(&w->x, is_wide(u->width), op, d, a);
		}
	} else {
		x86_move(&w->x, d, a);
		with_slot(w, is_wide(u->width), op, d, u->b);
	}
	cut_result(w, d, u);
	tile_put(w, u->d, d);
}

static void group1_immediate(struct tiler *w, const struct uop *u, enum x86_group1 ext, unsigned op)
{
	/* with a small operand, the result of an and is small */
	bool wide = is_wide(u->width) && !(op == OP_AND && u->imm <= UINT32_MAX);
	unsigned d = tile_out(w, u->d), a = tile_in(w, u->a, d);
	uint64_t v = u->imm;

	if (!fits(wide, v)) {
		x86_constant(&w->x, RCX, v);
		x86_move(&w->x, d, a);
		x86_rr(&w->x, wide, op, d, RCX);
	} else if (d != a && ext == G1_ADD) {
		x86_rm(&w->x, wide, OP_LEA, d,
		       (struct x86_memory){ .base = a, .index = RSP, .disp = (int32_t)v });
	} else {
		x86_move(&w->x, d, a);
		x86_ri(&w->x, wide, ext, d, (int32_t)v);
	}
	cut_result(w, d, u);
	tile_put(w, u->d, d);
}

static void multiply_immediate(struct tiler *w, const struct uop *u)
{
	bool wide = is_wide(u->width);
	unsigned a = tile_in(w, u->a, RAX), d = tile_out(w, u->d);

	if (fits(wide, u->imm)) {
		x86_imul_ri(&w->x, wide, d, a, (int32_t)u->imm);
	} else {
		x86_constant(&w->x, RCX, u->imm);
		x86_move(&w->x, d, a);
		x86_rr(&w->x, wide, OP_IMUL, d, RCX);
	}
	cut_result(w, d, u);
	tile_put(w, u->d, d);
}

/* ---- shifts ---- */

static void shift_immediate(struct tiler *w, const struct uop *u, enum x86_group2 ext)
{
	unsigned d = tile_out(w, u->d), count = (unsigned)u->imm;
	bool arithmetic = ext == G2_SAR;

	if (u->imm >= u->width && !arithmetic) {
		x86_constant(&w->x, d, 0);
		tile_put(w, u->d, d);
		return;
	}
	if (arithmetic) {
		if (u->imm >= u->width)
			count = u->width - 1;
		load_signed(w, RAX, u->a, u->width);
		x86_shift(&w->x, true, ext, RAX, count);
		cut(w, RAX, u->width);
		tile_put(w, u->d, RAX);
		return;
	}
	x86_move(&w->x, d, tile_in(w, u->a, d));
	x86_shift(&w->x, is_wide(u->width), ext, d, count);
	if (ext == G2_SHL)
		cut_result(w, d, u);
	tile_put(w, u->d, d);
}

/* By a number of bits that may be the width and more. */
static void shift(struct tiler *w, const struct uop *u, enum x86_group2 ext)
{
	with_slot(w, true, OP_LOAD, RCX, u->b);
	if (ext == G2_SAR) {
		load_signed(w, RAX, u->a, u->width);
		if (!(u->aux & SMALL)) {
			x86_constant(&w->x, RDX, u->width - 1);
			x86_ri(&w->x, true, G1_CMP, RCX, (int32_t)u->width);
			x86_rr(&w->x, true, OP_CMOVAE, RCX, RDX);
		}
		x86_shift_cl(&w->x, true, ext, RAX);
	} else {
		with_slot(w, true, OP_LOAD, RAX, u->a);
		x86_shift_cl(&w->x, true, ext, RAX);
		if (!(u->aux & SMALL)) {
			x86_constant(&w->x, RDX, 0);
			x86_ri(&w->x, true, G1_CMP, RCX, (int32_t)u->width);
			x86_rr(&w->x, true, OP_CMOVAE, RAX, RDX);
		}
	}
	if (ext != G2_SHR)
		cut(w, RAX, u->width);
	tile_put(w, u->d, RAX);
}

/* ---- division ---- */

/* What is left in rax and rdx when the divisor, in rcx, is 0. */
static void divide_by_zero(struct tiler *w, const struct uop *u, bool is_signed)
{
	uint8_t *minus;

	x86_move(&w->x, RDX, RAX);
	if (!is_signed) {
		x86_constant(&w->x, RAX, isa_mask(u->width));
		return;
	}
	x86_rr(&w->x, true, OP_TEST, RAX, RAX);
	x86_constant(&w->x, RAX, isa_mask(u->width));
	/* xor would have changed the flags, but the mask is not 0 */
	minus = x86_jcc(&w->x, CC_NS);
	x86_constant(&w->x, RAX, 1);
	x86_patch(minus, w->x.at);
}

static void group3(struct tiler *w, bool wide, unsigned ext)
{
	/* f7 /6 div, /7 idiv of rdx:rax by rcx */
	if (wide)
		x86_byte(&w->x, 0x48);
	x86_byte(&w->x, 0xf7);
	x86_byte(&w->x, 0xc0 | ext << 3 | RCX);
}

/* The quotient by -1, in rcx, and what is left: the host's division would overflow at one value. */
static void divide_by_minus_one(struct tiler *w)
{
	x86_imul_ri(&w->x, true, RAX, RAX, -1);
	x86_constant(&w->x, RDX, 0);
}

static bool is_division(const struct uop *u)
{
	return u->op == U_UDIV || u->op == U_UREM || u->op == U_SDIV || u->op == U_SREM;
}

static unsigned result_of(const struct uop *division)
{
	return division->op == U_UDIV || division->op == U_SDIV ? RAX : RDX;
}

static bool divides_signed(const struct uop *division)
{
	return division->op == U_SDIV || division->op == U_SREM;
}

bool tile_divides_both(const struct uop *u, const struct uop *next)
{
	return is_division(u) && is_division(next) && divides_signed(u) == divides_signed(next) &&
	       result_of(u) != result_of(next) && u->width == next->width && u->a == next->a &&
	       u->b == next->b && u->d != u->a && u->d != u->b;
}

static void put_result(struct tiler *w, const struct uop *u)
{
	if (divides_signed(u))
		cut(w, result_of(u), u->width);
	tile_put(w, u->d, result_of(u));
}

/* On sign-extended values: of less than 64 bits, nothing overflows. */
void tile_divide(struct tiler *w, const struct uop *u, const struct uop *next)
{
	bool is_signed = divides_signed(u), wide = is_signed || is_wide(u->width);
	bool may_overflow = is_signed && u->width == 64;
	uint8_t *zero = NULL, *minus_one = NULL, *done[2] = { 0 };

	if (is_signed) {
		load_signed(w, RCX, u->b, u->width);
		load_signed(w, RAX, u->a, u->width);
	} else {
		with_slot(w, true, OP_LOAD, RCX, u->b);
		with_slot(w, true, OP_LOAD, RAX, u->a);
	}
	if (!(u->aux & NONZERO)) {
		x86_rr(&w->x, true, OP_TEST, RCX, RCX);
		zero = x86_jcc(&w->x, CC_E);
	}
	if (may_overflow) {
		x86_ri(&w->x, true, G1_CMP, RCX, -1);
		minus_one = x86_jcc(&w->x, CC_E);
	}
	if (is_signed) {
		x86_byte(&w->x, 0x48);
		x86_byte(&w->x, 0x99); /* cqo */
	} else {
		x86_constant(&w->x, RDX, 0);
	}
	group3(w, wide, is_signed ? 7 : 6);
	if (minus_one) {
		done[0] = x86_jmp(&w->x);
		x86_patch(minus_one, w->x.at);
		divide_by_minus_one(w);
	}
	if (zero) {
		done[1] = x86_jmp(&w->x);
		x86_patch(zero, w->x.at);
		divide_by_zero(w, u, is_signed);
	}
	for (unsigned i = 0; i < 2; i++)
		if (done[i])
			x86_patch(done[i], w->x.at);
	put_result(w, u);
	if (next)
		put_result(w, next);
}

static void divide_immediate(struct tiler *w, const struct uop *u, unsigned result)
{
	with_slot(w, true, OP_LOAD, RAX, u->a);
	x86_constant(&w->x, RCX, u->imm);
	x86_constant(&w->x, RDX, 0);
	group3(w, is_wide(u->width), 6);
	tile_put(w, u->d, result);
}

/* ---- comparisons ---- */

/* Compares as signed what is no 32 or 64 bits: moved up, so that the signs meet. */
static void compare_moved(struct tiler *w, const struct uop *u, bool immediate)
{
	unsigned by = 64 - u->width;

	with_slot(w, true, OP_LOAD, RAX, u->a);
	x86_shift(&w->x, true, G2_SHL, RAX, by);
	if (immediate) {
		x86_constant(&w->x, RCX, u->imm << by);
	} else {
		with_slot(w, true, OP_LOAD, RCX, u->b);
		x86_shift(&w->x, true, G2_SHL, RCX, by);
	}
	x86_rr(&w->x, true, OP_CMP, RAX, RCX);
}

static void compare(struct tiler *w, const struct uop *u, bool is_signed, bool immediate)
{
	bool wide = is_wide(u->width) || (immediate && u->imm > UINT32_MAX);
	unsigned a;

	if (is_signed && u->width != 32 && u->width != 64) {
		compare_moved(w, u, immediate);
		return;
	}
	a = tile_in(w, u->a, RAX);
	if (!immediate) {
		with_slot(w, wide, OP_CMP, a, u->b);
	} else if (u->imm == 0) {
		/* the carry and overflow are 0, as after a comparison with 0 */
		x86_rr(&w->x, wide, OP_TEST, a, a);
	} else if (fits(wide, u->imm)) {
		x86_ri(&w->x, wide, G1_CMP, a, (int32_t)u->imm);
	} else {
		x86_constant(&w->x, RCX, u->imm);
		x86_rr(&w->x, wide, OP_CMP, a, RCX);
	}
}

/* In the order of UOP_COMPARISONS. */
static const struct {
	enum x86_condition cc;
	bool is_signed;
} comparisons[] = {
	{ CC_E, false },  { CC_NE, false }, { CC_B, false },
	{ CC_BE, false }, { CC_L, true },   { CC_LE, true },
};

enum x86_condition tile_condition(struct tiler *w, const struct uop *u)
{
	unsigned n = (unsigned)(u->op - J_EQ) / 2;

	if ((u->op == J_EQI || u->op == J_NEI) && u->b) {
		x86_test_ri(&w->x, tile_in(w, u->a, RAX), u->b);
		return comparisons[n].cc ^ !(u->aux & 1);
	}
	compare(w, u, comparisons[n].is_signed, (u->op - J_EQ) & 1);
	return comparisons[n].cc ^ !(u->aux & 1);
}

static void compare_to_slot(struct tiler *w, const struct uop *u)
{
	unsigned n = (unsigned)(u->op - U_EQ) / 2;

	compare(w, u, comparisons[n].is_signed, (u->op - U_EQ) & 1);
	x86_set(&w->x, comparisons[n].cc, tile_out(w, u->d));
	tile_put(w, u->d, tile_out(w, u->d));
}

/* ---- one operand ---- */

static void slice(struct tiler *w, const struct uop *u)
{
	unsigned d = tile_out(w, u->d), a = tile_in(w, u->a, d);

	if (u->imm == 0 && u->width == 8) {
		x86_rr8(&w->x, OP_MOVZX8, d, a);
	} else if (u->imm == 0 && u->width == 32) {
		x86_rr(&w->x, false, OP_LOAD, d, a);
	} else {
		x86_move(&w->x, d, a);
		if (u->imm)
			x86_shift(&w->x, true, G2_SHR, d, (unsigned)u->imm);
		if (!(u->aux & EXACT))
			cut(w, d, u->width);
	}
	tile_put(w, u->d, d);
}

static void sign_extend(struct tiler *w, const struct uop *u)
{
	unsigned to = (unsigned)__builtin_popcountll(u->imm), d = tile_out(w, u->d);

	if (u->width == 8 && to == 32) {
		x86_rr8(&w->x, OP_MOVSX8, d, tile_in(w, u->a, RAX));
	} else if (u->width == 16 && to == 32) {
		x86_rr(&w->x, false, OP_MOVSX16, d, tile_in(w, u->a, RAX));
	} else {
		load_signed(w, d, u->a, u->width);
		cut(w, d, to);
	}
	tile_put(w, u->d, d);
}

static void negate(struct tiler *w, const struct uop *u)
{
	unsigned d = tile_out(w, u->d);

	x86_move(&w->x, RAX, tile_in(w, u->a, RAX));
	x86_constant(&w->x, RCX, 0);
	x86_rr(&w->x, true, OP_SUB, RCX, RAX);
	cut(w, RCX, u->width);
	(void)d;
	tile_put(w, u->d, RCX);
}

static void move(struct tiler *w, const struct uop *u)
{
	if (w->a.reg[u->d] == NO_REG)
		tile_put(w, u->d, tile_in(w, u->a, RAX));
	else if (w->a.reg[u->d] != w->a.reg[u->a])
		with_slot(w, true, OP_LOAD, w->a.reg[u->d], u->a);
}

/* Of a slot where it stays. */
static void get(struct tiler *w, const struct uop *u)
{
	unsigned d = tile_out(w, u->d);

	x86_rm(&w->x, true, OP_LOAD, d, tile_home(w, u->a));
	tile_put(w, u->d, d);
}

static void constant(struct tiler *w, const struct uop *u)
{
	if (w->a.reg[u->d] != NO_REG) {
		x86_constant(&w->x, w->a.reg[u->d], u->imm);
	} else if (u->imm <= INT32_MAX) {
		x86_mov_mi(&w->x, tile_home(w, u->d), (int32_t)u->imm);
	} else {
		x86_constant(&w->x, RAX, u->imm);
		tile_put(w, u->d, RAX);
	}
}

/* ---- by operation ---- */

/* clang-format off */
void tile_op(struct tiler *w, const struct uop *u)
{
	switch (u->op) {
	case U_CONST: constant(w, u); break;
	case U_MOVE: move(w, u); break;
	case U_NEG: negate(w, u); break;
	case U_SLICE: slice(w, u); break;
	case U_SEXT: sign_extend(w, u); break;
	case U_ADD: binary(w, u, OP_ADD); break;
	case U_ADDI: group1_immediate(w, u, G1_ADD, OP_ADD); break;
	case U_SUB: binary(w, u, OP_SUB); break;
	case U_SUBI: group1_immediate(w, u, G1_SUB, OP_SUB); break;
	case U_MUL: binary(w, u, OP_IMUL); break;
	case U_MULI: multiply_immediate(w, u); break;
	case U_UDIV:
	case U_UREM:
	case U_SDIV:
	case U_SREM: tile_divide(w, u, NULL); break;
	case U_UDIVI: divide_immediate(w, u, RAX); break;
	case U_UREMI: divide_immediate(w, u, RDX); break;
	case U_AND: binary(w, u, OP_AND); break;
	case U_ANDI: group1_immediate(w, u, G1_AND, OP_AND); break;
	case U_OR: binary(w, u, OP_OR); break;
	case U_ORI: group1_immediate(w, u, G1_OR, OP_OR); break;
	case U_XOR: binary(w, u, OP_XOR); break;
	case U_XORI: group1_immediate(w, u, G1_XOR, OP_XOR); break;
	case U_SHL: shift(w, u, G2_SHL); break;
	case U_SHLI: shift_immediate(w, u, G2_SHL); break;
	case U_LSHR: shift(w, u, G2_SHR); break;
	case U_LSHRI: shift_immediate(w, u, G2_SHR); break;
	case U_ASHR: shift(w, u, G2_SAR); break;
	case U_ASHRI: shift_immediate(w, u, G2_SAR); break;
#define OP(name) case U_##name: case U_##name##I:
	UOP_COMPARISONS(OP) compare_to_slot(w, u); break;
#undef OP
	case V_ELEMS ... V_SIGNS: tile_lanes(w, u); break;
	case U_FIRST: tile_first(w, u); break;
	case U_ELEM: tile_element(w, u, false); break;
	case U_SETELEM: tile_element(w, u, true); break;
	case U_CHECK: tile_check(w, u); break;
	case T_NOCODE: tile_no_code(w, u); break;
	case U_PLACE: tile_place(w, NULL, u, 0); break;
	case U_LOAD: tile_load(w, u, 1); break;
	case U_LOADS: tile_load(w, u, (unsigned)u->imm); break;
	case T_BUDGET: tile_put(w, u->d, R15); break;
	case T_GET: get(w, u); break;
	case T_PUT: x86_rm(&w->x, true, OP_STORE, tile_in(w, u->a, RAX), tile_home(w, u->d)); break;
	case T_NOTE: tile_constant(w, tile_home(w, u->d), u->imm); break;
	case U_STORE: tile_store(w, u, 1); break;
	case U_STORES: tile_store(w, u, (unsigned)u->imm); break;
	}
}
/* clang-format on */
