/*
 * The operations as instructions of the host.  A slot's value is zero above its
 * width, in its register as in the state vector.
 */
#include "machine/translator/tiler.h"

#include "isa/arith.h"

#include <stddef.h>

/* Operation codes: reg := reg op r/m */
enum {
	OP_ADD = 0x03,
	OP_OR = 0x0b,
	OP_AND = 0x23,
	OP_SUB = 0x2b,
	OP_XOR = 0x33,
	OP_CMP = 0x3b,
	OP_MOVSXD = 0x63,
	OP_STORE8 = 0x88,
	OP_STORE = 0x89,
	OP_LOAD = 0x8b,
	OP_LEA = 0x8d,
	OP_CMOVAE = 0x0f43,
	OP_IMUL = 0x0faf,
	OP_MOVZX8 = 0x0fb6,
	OP_MOVZX16 = 0x0fb7,
	OP_MOVSX8 = 0x0fbe,
	OP_MOVSX16 = 0x0fbf,
};

/* ---- operands ---- */

struct x86_memory tile_home(uint32_t slot)
{
	return (struct x86_memory){ .base = RBP, .index = RSP, .disp = (int32_t)(slot * 8) };
}

unsigned tile_in(struct tiler *w, uint32_t slot, unsigned scratch)
{
	if (w->a.reg[slot] != NO_REG)
		return w->a.reg[slot];
	x86_rm(&w->x, true, OP_LOAD, scratch, tile_home(slot));
	return scratch;
}

/* Where a slot's new value is computed. */
static unsigned out(const struct tiler *w, uint32_t slot)
{
	return w->a.reg[slot] != NO_REG ? w->a.reg[slot] : RAX;
}

void tile_put(struct tiler *w, uint32_t slot, unsigned reg)
{
	if (w->a.reg[slot] != NO_REG)
		x86_move(&w->x, w->a.reg[slot], reg);
	else
		x86_rm(&w->x, true, OP_STORE, reg, tile_home(slot));
}

/* reg op slot, the slot wherever it is. */
static void with_slot(struct tiler *w, bool wide, unsigned op, unsigned reg, uint32_t slot)
{
	if (w->a.reg[slot] != NO_REG)
		x86_rr(&w->x, wide, op, reg, w->a.reg[slot]);
	else
		x86_rm(&w->x, wide, op, reg, tile_home(slot));
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
	unsigned a = tile_in(w, u->a, RAX), d = out(w, u->d);

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
	unsigned a = tile_in(w, u->a, RAX), d = out(w, u->d);
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
	unsigned a = tile_in(w, u->a, RAX), d = out(w, u->d);

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
	unsigned d = out(w, u->d), count = (unsigned)u->imm;
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
	x86_move(&w->x, d, tile_in(w, u->a, RAX));
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
	x86_rr(&w->x, true, 0x85, RAX, RAX);
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

/* On sign-extended values: of less than 64 bits, nothing overflows. */
static void divide(struct tiler *w, const struct uop *u, bool is_signed, unsigned result)
{
	bool wide = is_signed || is_wide(u->width);
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
		x86_rr(&w->x, true, 0x85, RCX, RCX);
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
	if (is_signed)
		cut(w, result, u->width);
	tile_put(w, u->d, result);
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

	compare(w, u, comparisons[n].is_signed, (u->op - J_EQ) & 1);
	return comparisons[n].cc ^ !(u->aux & 1);
}

static void compare_to_slot(struct tiler *w, const struct uop *u)
{
	unsigned n = (unsigned)(u->op - U_EQ) / 2;

	compare(w, u, comparisons[n].is_signed, (u->op - U_EQ) & 1);
	x86_set(&w->x, comparisons[n].cc, out(w, u->d));
	tile_put(w, u->d, out(w, u->d));
}

/* ---- one operand ---- */

static void slice(struct tiler *w, const struct uop *u)
{
	unsigned a = tile_in(w, u->a, RAX), d = out(w, u->d);

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
	unsigned to = (unsigned)__builtin_popcountll(u->imm), d = out(w, u->d);

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
	unsigned d = out(w, u->d);

	x86_move(&w->x, RAX, tile_in(w, u->a, RAX));
	x86_constant(&w->x, RCX, 0);
	x86_rr(&w->x, true, OP_SUB, RCX, RAX);
	cut(w, RCX, u->width);
	(void)d;
	tile_put(w, u->d, RCX);
}

static void constant(struct tiler *w, const struct uop *u)
{
	if (w->a.reg[u->d] != NO_REG) {
		x86_constant(&w->x, w->a.reg[u->d], u->imm);
	} else if (u->imm <= INT32_MAX) {
		x86_mov_mi(&w->x, tile_home(u->d), (int32_t)u->imm);
	} else {
		x86_constant(&w->x, RAX, u->imm);
		tile_put(w, u->d, RAX);
	}
}

/* ---- arrays of registers ---- */

static struct x86_memory element_at(unsigned index, uint32_t first)
{
	return (struct x86_memory){
		.base = RBP, .index = index, .scale = 8, .disp = (int32_t)(first * 8)
	};
}

static void element(struct tiler *w, const struct uop *u)
{
	unsigned index = tile_in(w, u->a, RAX);
	uint8_t *past = NULL;

	if (!(u->aux & EXACT)) {
		x86_constant(&w->x, RCX, 0);
		x86_ri(&w->x, true, G1_CMP, index, (int32_t)u->imm);
		past = x86_jcc(&w->x, CC_AE);
	}
	x86_rm(&w->x, true, OP_LOAD, RCX, element_at(index, u->b));
	if (past)
		x86_patch(past, w->x.at);
	tile_put(w, u->d, RCX);
}

static void set_element(struct tiler *w, const struct uop *u)
{
	unsigned index = tile_in(w, u->a, RAX), value = tile_in(w, u->d, RCX);
	uint8_t *past = NULL;

	if (!(u->aux & EXACT)) {
		x86_ri(&w->x, true, G1_CMP, index, (int32_t)u->imm);
		past = x86_jcc(&w->x, CC_AE);
	}
	x86_rm(&w->x, true, OP_STORE, value, element_at(index, u->b));
	if (past)
		x86_patch(past, w->x.at);
}

/* ---- storage ---- */

static unsigned cell_size(const struct tiler *w)
{
	return w->t->storage->cell_size;
}

/* place RSP: none. */
static struct x86_memory cell_at(const struct tiler *w, unsigned place, uint32_t offset)
{
	return (struct x86_memory){ .base = R14,
				    .index = place,
				    .scale = cell_size(w),
				    .disp = (int32_t)offset * (int32_t)cell_size(w) };
}

/* Of the map of code, which stands before the cells. */
static struct x86_memory code_at(const struct tiler *w, unsigned place, uint32_t offset)
{
	const struct storage *s = w->t->storage;
	int64_t base = (int64_t)w->key->base,
		map = s->code - (const uint8_t *)s->cell + base - base * cell_size(w);

	return (struct x86_memory){
		.base = R14, .index = place, .scale = 1, .disp = (int32_t)(map + (int32_t)offset)
	};
}

/* Is a place, in a register, in storage? */
static void compare_to_size(struct tiler *w, unsigned place)
{
	if (fits(true, w->key->size)) {
		x86_ri(&w->x, true, G1_CMP, place, (int32_t)w->key->size);
	} else {
		x86_constant(&w->x, RDX, w->key->size);
		x86_rr(&w->x, true, OP_CMP, place, RDX);
	}
}

static void check(struct tiler *w, const struct uop *u)
{
	compare_to_size(w, tile_in(w, u->a, RAX));
	exit_cold(w, CC_AE);
}

static void load_bytes(struct tiler *w, unsigned bytes, unsigned d, struct x86_memory m)
{
	static const unsigned op[] = {
		[1] = OP_MOVZX8, [2] = OP_MOVZX16, [4] = OP_LOAD, [8] = OP_LOAD
	};

	x86_rm(&w->x, bytes == 8, op[bytes], d, m);
}

static void store_bytes(struct tiler *w, unsigned bytes, unsigned value, struct x86_memory m)
{
	if (bytes == 1)
		x86_rm8(&w->x, OP_STORE8, value, m);
	else if (bytes == 2)
		x86_rm16(&w->x, OP_STORE, value, m);
	else
		x86_rm(&w->x, bytes == 8, OP_STORE, value, m);
}

/* The bytes of a value the other way round. */
static void turn(struct tiler *w, unsigned reg, unsigned bytes)
{
	x86_bswap(&w->x, bytes == 8, reg);
	if (bytes == 2)
		x86_shift(&w->x, false, G2_SHR, reg, 16);
}

static unsigned place_in(struct tiler *w, uint32_t slot, unsigned scratch)
{
	return slot == NO_INDEX ? RSP : tile_in(w, slot, scratch);
}

static void load(struct tiler *w, const struct uop *u)
{
	unsigned place = place_in(w, u->a, RAX), d = out(w, u->d);

	load_bytes(w, cell_size(w), d, cell_at(w, place, u->b));
	tile_put(w, u->d, d);
}

static void load_units(struct tiler *w, const struct uop *u)
{
	unsigned place = place_in(w, u->a, RAX), d = out(w, u->d), n = (unsigned)u->imm;

	load_bytes(w, n, d, cell_at(w, place, u->b));
	if (u->aux & 1)
		turn(w, d, n);
	tile_put(w, u->d, d);
}

/* Is there room in the write log?  The oracle makes some. */
static void want_log(struct tiler *w, unsigned n)
{
	struct x86_memory m = { .base = RDX, .index = RSP };

	x86_constant(&w->x, RDX, (uintptr_t)&w->t->storage->log);
	x86_rm(&w->x, true, OP_LOAD, RDX, m);
	m.disp = offsetof(struct write_log, capacity);
	x86_rm(&w->x, true, OP_LOAD, RAX, m);
	m.disp = offsetof(struct write_log, count);
	x86_rm(&w->x, true, OP_SUB, RAX, m);
	x86_ri(&w->x, true, G1_CMP, RAX, (int32_t)n);
	exit_cold(w, CC_B);
}

/* Adds n addresses from place + offset on; rdx: the log. */
static void log_units(struct tiler *w, unsigned place, uint32_t offset, unsigned n)
{
	struct x86_memory m = { .base = RDX, .index = RSP },
			  address = { .base = place, .index = RSP };

	address.disp = (int32_t)((int64_t)w->key->base + (int32_t)offset);
	if (place == RSP)
		x86_constant(&w->x, RCX, (uint64_t)(int64_t)address.disp);
	else
		x86_rm(&w->x, true, OP_LEA, RCX, address);
	m.disp = offsetof(struct write_log, count);
	x86_rm(&w->x, true, OP_LOAD, RAX, m);
	x86_ri(&w->x, true, G1_ADD, RAX, (int32_t)n);
	x86_rm(&w->x, true, OP_STORE, RAX, m);
	m.disp = offsetof(struct write_log, address);
	x86_rm(&w->x, true, OP_LOAD, RDX, m);
	for (unsigned i = 0; i < n; i++) {
		x86_rm(&w->x, true, OP_STORE, RCX,
		       (struct x86_memory){ .base = RDX,
					    .index = RAX,
					    .scale = 8,
					    .disp = (int32_t)(8 * i) - (int32_t)(8 * n) });
		x86_ri(&w->x, true, G1_ADD, RCX, 1);
	}
}

static void store(struct tiler *w, const struct uop *u, unsigned n, bool turned)
{
	unsigned place, value, bytes = n * cell_size(w);

	if (w->key->logged)
		want_log(w, n);
	place = place_in(w, u->a, RCX);
	x86_cmp_mi(&w->x, n, code_at(w, place, u->b), 0);
	exit_cold(w, CC_NE);
	value = tile_in(w, u->d, RAX);
	if (turned) {
		x86_move(&w->x, RAX, value);
		turn(w, value = RAX, bytes);
	}
	store_bytes(w, bytes, value, cell_at(w, place, u->b));
	if (w->key->logged)
		log_units(w, place, u->b, n);
}

static void undo_storage(struct tiler *w, const struct uop *u)
{
	struct x86_memory m = { .base = RDX, .index = RSP };
	unsigned n = (unsigned)u->imm, place = tile_in(w, u->a, RCX), old = tile_in(w, u->d, RAX);
	uint8_t *nothing;

	compare_to_size(w, place);
	nothing = x86_jcc(&w->x, CC_AE);
	store_bytes(w, n * cell_size(w), old, cell_at(w, place, 0));
	if (w->key->logged) {
		x86_constant(&w->x, RDX, (uintptr_t)&w->t->storage->log);
		x86_rm(&w->x, true, OP_LOAD, RDX, m);
		m.disp = offsetof(struct write_log, count);
		x86_rm(&w->x, true, OP_LOAD, RAX, m);
		x86_ri(&w->x, true, G1_SUB, RAX, (int32_t)n);
		x86_rm(&w->x, true, OP_STORE, RAX, m);
	}
	x86_patch(nothing, w->x.at);
}

void tile_undo(struct tiler *w, const struct uop *u)
{
	if (u->op == T_UNDO_SLOT)
		tile_put(w, u->b, tile_in(w, u->d, RAX));
	else if (u->op == T_UNDO_ELEM)
		set_element(w, u);
	else
		undo_storage(w, u);
}

/* ---- by operation ---- */

/* clang-format off */
void tile_op(struct tiler *w, const struct uop *u)
{
	switch (u->op) {
	case U_CONST: constant(w, u); break;
	case U_MOVE: tile_put(w, u->d, tile_in(w, u->a, RAX)); break;
	case U_NEG: negate(w, u); break;
	case U_SLICE: slice(w, u); break;
	case U_SEXT: sign_extend(w, u); break;
	case U_ADD: binary(w, u, OP_ADD); break;
	case U_ADDI: group1_immediate(w, u, G1_ADD, OP_ADD); break;
	case U_SUB: binary(w, u, OP_SUB); break;
	case U_SUBI: group1_immediate(w, u, G1_SUB, OP_SUB); break;
	case U_MUL: binary(w, u, OP_IMUL); break;
	case U_MULI: multiply_immediate(w, u); break;
	case U_UDIV: divide(w, u, false, RAX); break;
	case U_UDIVI: divide_immediate(w, u, RAX); break;
	case U_UREM: divide(w, u, false, RDX); break;
	case U_UREMI: divide_immediate(w, u, RDX); break;
	case U_SDIV: divide(w, u, true, RAX); break;
	case U_SREM: divide(w, u, true, RDX); break;
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
	case U_ELEM: element(w, u); break;
	case U_SETELEM: set_element(w, u); break;
	case U_CHECK: check(w, u); break;
	case U_PLACE: tile_place(w, u); break;
	case U_LOAD: load(w, u); break;
	case U_LOADS: load_units(w, u); break;
	case T_BUDGET: tile_put(w, u->d, R15); break;
	case T_GET: x86_rm(&w->x, true, OP_LOAD, RAX, tile_home(u->a)); tile_put(w, u->d, RAX); break;
	case T_PUT: x86_rm(&w->x, true, OP_STORE, tile_in(w, u->a, RAX), tile_home(u->d)); break;
	case U_STORE: store(w, u, 1, false); break;
	case U_STORES: store(w, u, (unsigned)u->imm, u->aux & 1); break;
	}
}
/* clang-format on */
