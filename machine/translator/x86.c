/* Encoding of x86-64 instructions: see machine/translator/x86.h. */
#include "machine/translator/x86.h"

#include <string.h>

void x86_byte(struct x86 *x, unsigned byte)
{
	if (x->at < x->end)
		*x->at++ = (uint8_t)byte;
	else
		x->full = true;
}

void x86_align(struct x86 *x, unsigned to)
{
	/* as Intel's manual recommends them, by length */
	static const uint8_t nop[][9] = {
		{ 0x90 },
		{ 0x66, 0x90 },
		{ 0x0f, 0x1f, 0x00 },
		{ 0x0f, 0x1f, 0x40 },
		{ 0x0f, 0x1f, 0x44 },
		{ 0x66, 0x0f, 0x1f, 0x44 },
		{ 0x0f, 0x1f, 0x80 },
		{ 0x0f, 0x1f, 0x84 },
		{ 0x66, 0x0f, 0x1f, 0x84 },
	};

	for (unsigned left = -(uintptr_t)x->at & (to - 1), n; left && !x->full; left -= n) {
		n = left < sizeof *nop ? left : sizeof *nop;
		for (unsigned i = 0; i < n; i++)
			x86_byte(x, nop[n - 1][i]);
	}
}

static void word32(struct x86 *x, uint32_t v)
{
	for (unsigned i = 0; i < 4; i++)
		x86_byte(x, v >> 8 * i & 0xff);
}

static void word64(struct x86 *x, uint64_t v)
{
	word32(x, (uint32_t)v);
	word32(x, (uint32_t)(v >> 32));
}

static bool fits8(int32_t v)
{
	return v >= -128 && v < 128;
}

/* REX 0100WRXB; a byte register above 3 needs one to be the low byte. */
static void rex(struct x86 *x, bool wide, unsigned reg, unsigned index, unsigned base, bool force)
{
	unsigned bits = (unsigned)wide << 3 | (reg >> 3) << 2 | (index >> 3) << 1 | base >> 3;

	if (bits || force)
		x86_byte(x, 0x40 | bits);
}

static void operation(struct x86 *x, unsigned op)
{
	if (op > 0xff)
		x86_byte(x, op >> 8);
	x86_byte(x, op & 0xff);
}

static void modrm(struct x86 *x, unsigned mod, unsigned reg, unsigned rm)
{
	x86_byte(x, mod << 6 | (reg & 7) << 3 | (rm & 7));
}

static unsigned log2_of(unsigned scale)
{
	return scale == 8 ? 3 : scale >> 1;
}

/* ModRM, SIB and displacement of a storage operand. */
static void address(struct x86 *x, unsigned reg, struct x86_memory m)
{
	bool sib = m.index != RSP || (m.base & 7) == RSP;
	unsigned mod = m.disp == 0 && (m.base & 7) != RBP ? 0 : fits8(m.disp) ? 1 : 2;

	modrm(x, mod, reg, sib ? RSP : m.base);
	if (sib)
		modrm(x, log2_of(m.scale), m.index, m.base);
	if (mod == 1)
		x86_byte(x, (uint32_t)m.disp & 0xff);
	else if (mod == 2)
		word32(x, (uint32_t)m.disp);
}

static unsigned index_of(struct x86_memory m)
{
	return m.index == RSP ? 0 : m.index;
}

void x86_rr(struct x86 *x, bool wide, unsigned op, unsigned reg, unsigned rm)
{
	rex(x, wide, reg, 0, rm, false);
	operation(x, op);
	modrm(x, 3, reg, rm);
}

void x86_rm(struct x86 *x, bool wide, unsigned op, unsigned reg, struct x86_memory m)
{
	rex(x, wide, reg, index_of(m), m.base, false);
	operation(x, op);
	address(x, reg, m);
}

void x86_rm16(struct x86 *x, unsigned op, unsigned reg, struct x86_memory m)
{
	x86_byte(x, 0x66);
	x86_rm(x, false, op, reg, m);
}

void x86_rr8(struct x86 *x, unsigned op, unsigned reg, unsigned rm)
{
	rex(x, false, reg, 0, rm, reg > RBX || rm > RBX);
	operation(x, op);
	modrm(x, 3, reg, rm);
}

void x86_rm8(struct x86 *x, unsigned op, unsigned reg, struct x86_memory m)
{
	rex(x, false, reg, index_of(m), m.base, reg > RBX);
	operation(x, op);
	address(x, reg, m);
}

void x86_ri(struct x86 *x, bool wide, enum x86_group1 ext, unsigned rm, int32_t v)
{
	rex(x, wide, 0, 0, rm, false);
	x86_byte(x, fits8(v) ? 0x83 : 0x81);
	modrm(x, 3, ext, rm);
	if (fits8(v))
		x86_byte(x, (uint32_t)v & 0xff);
	else
		word32(x, (uint32_t)v);
}

void x86_cmp_mi(struct x86 *x, unsigned bytes, struct x86_memory m, int8_t v)
{
	if (bytes == 2)
		x86_byte(x, 0x66);
	rex(x, bytes == 8, 0, index_of(m), m.base, false);
	x86_byte(x, bytes == 1 ? 0x80 : 0x83);
	address(x, G1_CMP, m);
	x86_byte(x, (uint8_t)v);
}

void x86_test_mi(struct x86 *x, unsigned bytes, struct x86_memory m, uint8_t each)
{
	if (bytes == 2)
		x86_byte(x, 0x66);
	rex(x, false, 0, index_of(m), m.base, false);
	x86_byte(x, bytes == 1 ? 0xf6 : 0xf7);
	address(x, 0, m);
	for (unsigned i = 0; i < bytes; i++)
		x86_byte(x, each);
}

void x86_test_ri(struct x86 *x, unsigned rm, uint32_t v)
{
	bool byte = v <= INT8_MAX;

	rex(x, false, 0, 0, rm, byte && rm > RBX);
	x86_byte(x, byte ? 0xf6 : 0xf7);
	modrm(x, 3, 0, rm);
	if (byte)
		x86_byte(x, v);
	else
		word32(x, v);
}

void x86_test_wide(struct x86 *x, unsigned rm, int32_t v)
{
	rex(x, true, 0, 0, rm, false);
	x86_byte(x, 0xf7);
	modrm(x, 3, 0, rm);
	word32(x, (uint32_t)v);
}

void x86_shift(struct x86 *x, bool wide, enum x86_group2 ext, unsigned rm, unsigned count)
{
	rex(x, wide, 0, 0, rm, false);
	x86_byte(x, 0xc1);
	modrm(x, 3, ext, rm);
	x86_byte(x, count);
}

void x86_shift_cl(struct x86 *x, bool wide, enum x86_group2 ext, unsigned rm)
{
	rex(x, wide, 0, 0, rm, false);
	x86_byte(x, 0xd3);
	modrm(x, 3, ext, rm);
}

void x86_constant(struct x86 *x, unsigned reg, uint64_t v)
{
	if (v == 0) {
		x86_rr(x, false, 0x31, reg, reg);
	} else if (v <= UINT32_MAX) {
		rex(x, false, 0, 0, reg, false);
		x86_byte(x, 0xb8 | (reg & 7));
		word32(x, (uint32_t)v);
	} else {
		rex(x, true, 0, 0, reg, false);
		x86_byte(x, 0xb8 | (reg & 7));
		word64(x, v);
	}
}

void x86_mov_mi(struct x86 *x, struct x86_memory m, int32_t v)
{
	rex(x, true, 0, index_of(m), m.base, false);
	x86_byte(x, 0xc7);
	address(x, 0, m);
	word32(x, (uint32_t)v);
}

void x86_move(struct x86 *x, unsigned to, unsigned from)
{
	if (to != from)
		x86_rr(x, true, 0x8b, to, from);
}

void x86_imul_ri(struct x86 *x, bool wide, unsigned reg, unsigned rm, int32_t v)
{
	rex(x, wide, reg, 0, rm, false);
	x86_byte(x, 0x69);
	modrm(x, 3, reg, rm);
	word32(x, (uint32_t)v);
}

void x86_bswap(struct x86 *x, bool wide, unsigned reg)
{
	rex(x, wide, 0, 0, reg, false);
	x86_byte(x, 0x0f);
	x86_byte(x, 0xc8 | (reg & 7));
}

void x86_set(struct x86 *x, enum x86_condition cc, unsigned reg)
{
	x86_rr8(x, 0x0f90 | cc, 0, reg);
	x86_rr8(x, 0x0fb6, reg, reg);
}

void x86_push(struct x86 *x, unsigned reg)
{
	rex(x, false, 0, 0, reg, false);
	x86_byte(x, 0x50 | (reg & 7));
}

void x86_pop(struct x86 *x, unsigned reg)
{
	rex(x, false, 0, 0, reg, false);
	x86_byte(x, 0x58 | (reg & 7));
}

uint8_t *x86_jcc(struct x86 *x, enum x86_condition cc)
{
	x86_byte(x, 0x0f);
	x86_byte(x, 0x80 | cc);
	word32(x, 0);
	return x->at - 4;
}

uint8_t *x86_jmp(struct x86 *x)
{
	x86_byte(x, 0xe9);
	word32(x, 0);
	return x->at - 4;
}

bool x86_jump_back(struct x86 *x, int cc, const uint8_t *to)
{
	enum { LENGTH = 2 };
	int64_t distance = to - (x->at + LENGTH);

	if (distance < INT8_MIN)
		return false;
	x86_byte(x, cc < 0 ? 0xeb : 0x70 | (unsigned)cc);
	x86_byte(x, (uint8_t)distance);
	return true;
}

void x86_patch(uint8_t *jump, const uint8_t *to)
{
	int32_t distance = (int32_t)(to - (jump + 4));

	memcpy(jump, &distance, sizeof distance);
}

void x86_jmp_memory(struct x86 *x, struct x86_memory m)
{
	rex(x, false, 0, index_of(m), m.base, false);
	x86_byte(x, 0xff);
	address(x, 4, m);
}

void x86_jmp_reg(struct x86 *x, unsigned reg)
{
	rex(x, false, 0, 0, reg, false);
	x86_byte(x, 0xff);
	modrm(x, 3, 4, reg);
}

void x86_call_reg(struct x86 *x, unsigned reg)
{
	rex(x, false, 0, 0, reg, false);
	x86_byte(x, 0xff);
	modrm(x, 3, 2, reg);
}

/* ---- vectors ---- */

bool x86_has_vectors(void)
{
#ifdef __x86_64__
	return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("bmi");
#else
	return false;
#endif
}

/* The prefix of three bytes: registers' high bits are negated in it. */
static void vex(struct x86 *x, struct x86_vex v, bool wide, unsigned reg, unsigned index,
		unsigned base, unsigned a, bool half)
{
	x86_byte(x, 0xc4);
	x86_byte(x, (~reg >> 3 & 1) << 7 | (~index >> 3 & 1) << 6 | (~base >> 3 & 1) << 5 | v.map);
	x86_byte(x, (unsigned)wide << 7 | (~a & 15) << 3 | (unsigned)!half << 2 | v.prefix);
	x86_byte(x, v.op);
}

void x86_vector_rr(struct x86 *x, struct x86_vex v, unsigned reg, unsigned a, unsigned rm)
{
	vex(x, v, false, reg, 0, rm, a, false);
	modrm(x, 3, reg, rm);
}

void x86_vector_rm(struct x86 *x, struct x86_vex v, unsigned reg, struct x86_memory m)
{
	vex(x, v, false, reg, index_of(m), m.base, 0, false);
	address(x, reg, m);
}

void x86_vector_shift(struct x86 *x, enum x86_group2 how, unsigned to, unsigned from,
		      unsigned count)
{
	vex(x, (struct x86_vex){ VEX_66, VEX_0F, 0x73 }, false, 0, 0, from, to, false);
	modrm(x, 3, how == G2_SHL ? 6 : 2, from);
	x86_byte(x, count);
}

void x86_vector_from(struct x86 *x, unsigned to, unsigned reg)
{
	vex(x, (struct x86_vex){ VEX_66, VEX_0F, 0x6e }, true, to, 0, reg, 0, true);
	modrm(x, 3, to, reg);
}

void x86_vector_end(struct x86 *x)
{
	static const uint8_t vzeroupper[] = { 0xc5, 0xf8, 0x77 };

	for (unsigned i = 0; i < sizeof vzeroupper; i++)
		x86_byte(x, vzeroupper[i]);
}

void x86_count_zeros(struct x86 *x, unsigned reg, unsigned rm)
{
	x86_byte(x, 0xf3);
	x86_rr(x, true, 0x0fbc, reg, rm);
}
