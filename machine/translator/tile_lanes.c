/*
 * Several elements at once: operations on vectors as instructions of the host (AVX2), each with four
 * lanes of 64 bits.  They stand together, and no vector lives longer than they do.
 */
#include "machine/translator/tiler.h"

/* Those on two vectors: prefix, map and operation code. */
static const struct x86_vex operators[] = {
	[V_AND - V_AND] = { VEX_66, VEX_0F, 0xdb },    [V_ANDNOT - V_AND] = { VEX_66, VEX_0F, 0xdf },
	[V_OR - V_AND] = { VEX_66, VEX_0F, 0xeb },
	[V_XOR - V_AND] = { VEX_66, VEX_0F, 0xef },    [V_ADD - V_AND] = { VEX_66, VEX_0F, 0xd4 },
	[V_SUB - V_AND] = { VEX_66, VEX_0F, 0xfb },    [V_EQ - V_AND] = { VEX_66, VEX_0F38, 0x29 },
};
static const struct x86_vex load = { VEX_F3, VEX_0F, 0x6f }, broadcast = { VEX_66, VEX_0F38, 0x59 },
			    signs = { VEX_66, VEX_0F, 0x50 };

static void spread(struct tiler *w, const struct uop *u)
{
	if (w->a.reg[u->a] == NO_REG) {
		x86_vector_rm(&w->x, broadcast, u->d, tile_home(w, u->a));
		return;
	}
	x86_vector_from(&w->x, u->d, w->a.reg[u->a]);
	x86_vector_rr(&w->x, broadcast, u->d, 0, u->d);
}

static void numbers(struct tiler *w, const struct uop *u)
{
	static const uint64_t number[] = { 0,  1,  2,  3,  4,  5,  6,  7,  8,  9,  10, 11, 12,
					   13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25,
					   26, 27, 28, 29, 30, 31, 32, 33, 34, 35, 36, 37, 38,
					   39, 40, 41, 42, 43, 44, 45, 46, 47, 48, 49, 50, 51,
					   52, 53, 54, 55, 56, 57, 58, 59, 60, 61, 62, 63 };

	x86_constant(&w->x, RAX, (uintptr_t)(number + u->imm));
	x86_vector_rm(&w->x, load, u->d, (struct x86_memory){ .base = RAX, .index = RSP });
}

static void signs_to_slot(struct tiler *w, const struct uop *u)
{
	x86_vector_rr(&w->x, signs, tile_out(w, u->d), 0, u->a);
	if (u->b)
		x86_vector_end(&w->x);
	tile_put(w, u->d, tile_out(w, u->d));
}

void tile_first(struct tiler *w, const struct uop *u)
{
	x86_count_zeros(&w->x, tile_out(w, u->d), tile_in(w, u->a, RAX));
	tile_put(w, u->d, tile_out(w, u->d));
}

void tile_lanes(struct tiler *w, const struct uop *u)
{
	switch (u->op) {
	case V_ELEMS: x86_vector_rm(&w->x, load, u->d, tile_home(w, u->b)); break;
	case V_SPREAD: spread(w, u); break;
	case V_NUMBERS: numbers(w, u); break;
	case V_SHL: x86_vector_shift(&w->x, G2_SHL, u->d, u->a, (unsigned)u->imm); break;
	case V_LSHR: x86_vector_shift(&w->x, G2_SHR, u->d, u->a, (unsigned)u->imm); break;
	case V_SIGNS: signs_to_slot(w, u); break;
	default: x86_vector_rr(&w->x, operators[u->op - V_AND], u->d, u->a, u->b); break;
	}
}
