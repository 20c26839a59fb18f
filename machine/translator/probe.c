/*
 * The place of an address, where translate goes by pages: as code of the host, from the
 * cache of what it gave (page_cache.c).
 */
#include "machine/translator/tiler.h"

#include <stddef.h>

enum { LINE_LOG = 4 }; /* of the bytes in a struct page_line */
_Static_assert(sizeof(struct page_line) == 1 << LINE_LOG, "an index can be shifted to an offset");

/* rax := where the line of the address in a register is, from the first one for the access on. */
static void find_line(struct tiler *w, unsigned address)
{
	unsigned log = w->region->context->pages.log;
	bool wide = log + PAGES_LOG > 32; /* higher bits do not count */

	x86_rr(&w->x, wide, OP_LOAD, RAX, address);
	if (log > LINE_LOG)
		x86_shift(&w->x, wide, G2_SHR, RAX, log - LINE_LOG);
	else if (log < LINE_LOG)
		x86_shift(&w->x, wide, G2_SHL, RAX, LINE_LOG - log);
	x86_ri(&w->x, false, G1_AND, RAX, (PAGES - 1) << LINE_LOG);
}

/* A line that find_line found; rdx changes if they are far from storage. */
static struct x86_memory line_at(struct tiler *w, enum access access)
{
	const struct page_line *first = w->region->context->pages.line + access * PAGES;
	int64_t distance = (const uint8_t *)first - tile_origin(w);

	if (distance == (int32_t)distance && distance < INT32_MAX - (int)sizeof *first)
		return (struct x86_memory){
			.base = R14, .index = RAX, .scale = 1, .disp = (int32_t)distance
		};
	x86_constant(&w->x, RDX, (uintptr_t)first);
	return (struct x86_memory){ .base = RDX, .index = RAX, .scale = 1 };
}

/* Which bits of an address u wants to be 0, or leaves for the oracle; 0: it does something else. */
static uint32_t wants_zero(const struct uop *u)
{
	bool jumps = u->op == J_NEI ? u->aux & 1 : u->op == J_EQI && !(u->aux & 1);

	return jumps && u->d == LABEL_COLD && !u->imm ? u->b : 0;
}

bool tile_aligns(const struct tiler *w, const struct uop *u, const struct uop *place)
{
	uint32_t bits = wants_zero(u);

	return w->region->how == SIMPLIFY_FREE && bits && !(bits & (bits + 1)) &&
	       bits <= MOST_ALIGNED && place->op == U_PLACE && place->a == u->a &&
	       place->imm <= bits + 1 && w->region->context->pages.log < 31 &&
	       bits >> w->region->context->pages.log == 0;
}

/* An address in the page is less than a page behind the tag; at a multiple of some power of 2 all
 * of an access is in that page.  place := where it is; the jump that leaves where it is not there. */
static uint8_t *probe(struct tiler *w, enum access access, unsigned units, unsigned bits, unsigned address,
		      unsigned place)
{
	const struct page_cache *c = &w->region->context->pages;
	struct x86_memory m;
	uint8_t *missing;

	find_line(w, address);
	m = line_at(w, access);
	x86_move(&w->x, place, address);
	x86_rm(&w->x, true, OP_SUB, place, m);
	if (bits) {
		x86_test_wide(&w->x, place, -(INT32_C(1) << c->log) | (int32_t)bits);
		missing = x86_jcc(&w->x, CC_NE);
	} else {
		x86_ri(&w->x, true, G1_CMP, place, (int32_t)((UINT64_C(1) << c->log) - units));
		missing = x86_jcc(&w->x, CC_A);
	}
	m.disp += (int32_t)offsetof(struct page_line, place);
	x86_rm(&w->x, true, OP_ADD, place, m);
	return missing;
}

/* Where addresses stand in a row: place := how far one, base + more, is from the first; how many jumps
 * leave where it is not among them. */
struct standing {
	const struct straight *row;
	const struct uop *u;
	unsigned bits, base, place;
	uint64_t more;
	bool summed;
};
static unsigned stand(struct tiler *w, const struct standing *s)
{
	struct x86_memory m = { .base = s->base, .index = RSP };
	unsigned place = s->place, bits = s->bits;
	uint64_t size = w->key->size;

	m.disp = (int32_t)(uint32_t)(s->more - s->row->from);
	x86_rm(&w->x, false, OP_LEA, place, m);
	if ((size & (size - 1)) == 0 && (bits || s->u->imm == 1)) {
		x86_test_ri(&w->x, place, -(uint32_t)size | bits);
		exit_probe(w, x86_jcc(&w->x, CC_NE), s->u, bits, place, s->summed);
		return 1;
	}
	x86_ri(&w->x, true, G1_CMP, place, (int32_t)(size - s->u->imm));
	exit_probe(w, x86_jcc(&w->x, CC_A), s->u, bits, place, s->summed);
	if (!bits)
		return 1;
	x86_test_ri(&w->x, place, bits);
	exit_probe(w, x86_jcc(&w->x, CC_NE), s->u, bits, place, s->summed);
	return 2;
}

/* Most accesses of a context that has a row are there. */
static const struct straight *row_of(const struct tiler *w, const struct uop *place)
{
	const struct straight *row = &w->region->context->straight[place->aux];

	return w->region->how == SIMPLIFY_FREE && row->is ? row : NULL;
}

bool tile_sums(const struct tiler *w, const struct uop *u, const struct uop *place)
{
	const struct ops *o = &w->in->ops;

	if (u->d != place->a || u->width != 32 || !w->a.local[u->d] || !row_of(w, place))
		return false;
	for (const struct uop *v = place + 1; v < o->op + o->count && place->d != u->d; v++) {
		struct effect e = ops_effect(v);

		for (unsigned k = 0; k < e.nuses; k++)
			if (e.use[k] == u->d)
				return false;
	}
	return true;
}

void tile_place(struct tiler *w, const struct uop *sum, const struct uop *u, unsigned bits)
{
	unsigned base = tile_in(w, sum ? sum->a : u->a, RCX), d = tile_out(w, u->d);
	const struct straight *row = row_of(w, u);

	/* on the way out the address is where it was */
	if (d == RAX || d == base)
		d = RCX;
	if (row) {
		struct standing s = { row, u, bits, base, d, sum ? sum->imm : 0, sum != NULL };

		exit_probed(w, stand(w, &s));
	} else {
		exit_missing(w, probe(w, (enum access)u->aux, (unsigned)u->imm, bits, base, d), u, bits);
	}
	tile_put(w, u->d, d);
}

uint8_t *tile_probe(struct tiler *w, const struct side_exit *s)
{
	const struct straight *row = &w->region->context->straight[s->access];
	struct x86_memory m = { .base = s->place_reg, .index = RSP, .disp = (int32_t)row->from };
	unsigned address = s->address_reg;

	if (address == NO_REG || address == RSP)
		x86_rm(&w->x, false, OP_LEA, address = RCX, m);
	if (s->address_reg == RSP)
		x86_rm(&w->x, true, OP_STORE, address, tile_home(w, w->t->layout.work + WORK_MISSED));
	return probe(w, s->access, s->units, s->bits, address, s->place_reg);
}
