/*
 * The place of an address, where translate goes by pages: as code of the host, from the
 * cache of what it gave (page_cache.c).
 */
#include "machine/translator/tiler.h"

#include <stddef.h>

enum { LINE_LOG = 4 }; /* of the bytes in a struct page_line */
_Static_assert(sizeof(struct page_line) == 1 << LINE_LOG, "an index can be shifted to an offset");

/* rdx := the line of the address in a register. */
static void find_line(struct tiler *w, unsigned address, enum access access)
{
	const struct page_cache *c = &w->region->context->pages;

	x86_move(&w->x, RAX, address);
	if (c->log > LINE_LOG)
		x86_shift(&w->x, true, G2_SHR, RAX, c->log - LINE_LOG);
	else if (c->log < LINE_LOG)
		x86_shift(&w->x, true, G2_SHL, RAX, LINE_LOG - c->log);
	x86_ri(&w->x, false, G1_AND, RAX, (PAGES - 1) << LINE_LOG);
	x86_constant(&w->x, RDX, (uintptr_t)c->line[access]);
	x86_rr(&w->x, true, 0x03, RDX, RAX);
}

/* An address in the page is less than a page behind the tag. */
void tile_place(struct tiler *w, const struct uop *u)
{
	const struct page_cache *c = &w->region->context->pages;
	struct x86_memory m = { .base = RDX, .index = RSP };
	unsigned address = tile_in(w, u->a, RCX);

	find_line(w, address, (enum access)u->aux);
	x86_move(&w->x, RCX, address);
	x86_rm(&w->x, true, 0x2b, RCX, m);
	x86_ri(&w->x, true, G1_CMP, RCX, (int32_t)((UINT64_C(1) << c->log) - u->imm));
	exit_missing(w, CC_A, (enum access)u->aux);
	m.disp = offsetof(struct page_line, place);
	x86_rm(&w->x, true, 0x03, RCX, m);
	tile_put(w, u->d, RCX);
}
