/*
 * The end of a round: what pages depend on and the round changed is told, and where the control
 * context is the one that the round led to the last time, execution goes on there at once.
 */
#include "machine/translator/tiler.h"

#include "isa/alloc.h"

#include <stddef.h>

/* rax := what of a key's register counts; rdx changes. */
static void load_key(struct tiler *w, unsigned i)
{
	uint64_t mask = w->t->key_mask[i];

	x86_rm(&w->x, true, 0x8b, RAX, tile_home(w, w->t->key_slot[i]));
	if (mask == isa_mask(w->t->width[w->t->key_slot[i]]))
		return;
	if (mask <= INT32_MAX) {
		x86_ri(&w->x, false, G1_AND, RAX, (int32_t)mask);
		return;
	}
	x86_constant(&w->x, RDX, mask);
	x86_rr(&w->x, true, OP_AND, RAX, RDX);
}

void exit_load_position(struct tiler *w)
{
	x86_rm(&w->x, true, 0x8b, RCX, tile_home(w, w->t->part_of_position[0].slot));
	for (unsigned i = 1; i < w->t->nposition_parts; i++) {
		x86_rm(&w->x, true, 0x8b, RAX, tile_home(w, w->t->part_of_position[i].slot));
		x86_shift(&w->x, true, G2_SHL, RAX, w->t->part_of_position[i].shift);
		x86_rr(&w->x, true, 0x0b, RCX, RAX);
	}
}

/* Is a slot defined by operations [from, to)? */
static bool is_defined(const struct ops *o, unsigned from, unsigned to, uint32_t slot)
{
	for (unsigned i = from; i < to; i++)
		if (ops_effect(&o->op[i]).defines && o->op[i].d == slot)
			return true;
	return false;
}

/* Are all writes of what pages depend on by the same index, to elements that count by number? */
static bool tells_element(const struct tiler *w)
{
	const struct translator *t = w->t;
	const struct ops *o = &w->in->ops;
	const struct uop *last = NULL;

	for (const struct uop *u = o->op; u < o->op + o->count; u++) {
		if (ops_effect(u).defines && u->d < t->isa->nslots && t->watched[u->d])
			return false;
		if (u->op != U_SETELEM || !t->watched[u->b])
			continue;
		if (!page_counts_by_number(t, u->b) ||
		    (last && (last->a != u->a || is_defined(o, (unsigned)(last - o->op),
							    (unsigned)(u - o->op), u->a))))
			return false;
		last = u;
	}
	return last != NULL;
}

void exit_note_element(struct tiler *w, const struct uop *u)
{
	unsigned index;

	if (!is_round(w->region->how) || !w->t->watched[u->b])
		return;
	index = tile_in(w, u->a, RAX);
	x86_rm(&w->x, true, OP_STORE, index, tile_home(w, w->t->layout.work + WORK_ELEMENT));
}

static struct x86_memory at_element(const struct tiler *w, uint32_t slot)
{
	struct x86_memory m = tile_home(w, slot);

	m.index = RDX;
	m.scale = sizeof(uint64_t);
	return m;
}

/* The element in rdx is as it was noted. */
static void note_element(struct tiler *w)
{
	const uint64_t *watched = w->t->pages_watched;

	for (unsigned i = 0; i < w->t->nwatched; i++) {
		const struct isa_reg *r = w->t->watched_reg[i];

		if (w->t->beside[i]) {
			x86_rm(&w->x, true, OP_LOAD, RAX, at_element(w, r->slot));
			x86_constant(&w->x, RCX, (uintptr_t)watched);
			x86_rm(&w->x, true, OP_STORE, RAX,
			       (struct x86_memory){ .base = RCX,
						    .index = RDX,
						    .scale = sizeof *watched });
		}
		watched += r->count;
	}
}

enum { CHANGE_LOG = 5 };
_Static_assert(sizeof(struct change) == 1 << CHANGE_LOG, "an index can be shifted to an offset");

/* Has the instruction said which addresses the element matches? */
static bool tells_match(const struct tiler *w)
{
	const struct ops *o = &w->in->ops;

	for (const struct uop *u = o->op; u < o->op + o->count; u++)
		if (u->op == T_PUT && u->d == w->t->layout.work + WORK_MASK)
			return true;
	return false;
}

/* From the state vector to the change at rax. */
static void note_part(struct tiler *w, enum work from, size_t to)
{
	x86_rm(&w->x, true, OP_LOAD, RCX, tile_home(w, w->t->layout.work + from));
	x86_rm(&w->x, true, OP_STORE, RCX,
	       (struct x86_memory){ .base = RAX, .index = RSP, .disp = (int32_t)to });
}

/* Counts a change of the element in rdx. */
static void count_change(struct tiler *w)
{
	struct x86_memory at = { .base = RAX, .index = RSP };
	bool told = tells_match(w);

	x86_constant(&w->x, RAX, (uintptr_t)&w->t->pages);
	x86_rm(&w->x, true, OP_LOAD, RCX, at);
	x86_ri(&w->x, true, G1_ADD, RCX, 1);
	x86_rm(&w->x, true, OP_STORE, RCX, at);
	x86_ri(&w->x, false, G1_AND, RCX, CHANGES - 1);
	x86_shift(&w->x, false, G2_SHL, RCX, CHANGE_LOG);
	x86_constant(&w->x, RAX, (uintptr_t)w->t->change);
	x86_rr(&w->x, true, OP_ADD, RAX, RCX);
	x86_rm(&w->x, true, OP_STORE, RDX, at);
	at.disp = offsetof(struct change, only);
	x86_mov_mi(&w->x, at, told ? ONLY_TOLD : ONLY);
	if (!told)
		return;
	note_part(w, WORK_MASK, offsetof(struct change, match.mask));
	note_part(w, WORK_VALUE, offsetof(struct change, match.value));
}

/*
 * What pages depend on changed: that is told, and the context's pages hold, where none depends on
 * it.  Jumps if it cannot be told; how many.
 */
static unsigned tell_change(struct tiler *w, uint8_t **miss)
{
	struct x86_memory at = { .base = RAX, .index = RSP };
	uint8_t *depends;
	unsigned n = 0;

	x86_constant(&w->x, RAX, (uintptr_t)&w->t->pages_untold);
	x86_mov_mi(&w->x, at, true);
	if (!tells_element(w)) {
		miss[n++] = x86_jmp(&w->x);
		return n;
	}
	x86_rm(&w->x, true, OP_LOAD, RDX, tile_home(w, w->t->layout.work + WORK_ELEMENT));
	x86_ri(&w->x, true, G1_CMP, RDX, (int32_t)w->t->paging.searched->count);
	miss[n++] = x86_jcc(&w->x, CC_AE);
	x86_mov_mi(&w->x, at, false);
	note_element(w);
	count_change(w);
	x86_constant(&w->x, RAX, (uintptr_t)&w->region->context->pages);
	at.disp = offsetof(struct page_cache, ndependent);
	x86_cmp_mi(&w->x, sizeof(unsigned), at, 0);
	depends = x86_jcc(&w->x, CC_NE);
	x86_constant(&w->x, RCX, (uintptr_t)&w->t->pages);
	x86_rm(&w->x, true, OP_LOAD, RCX, (struct x86_memory){ .base = RCX, .index = RSP });
	at.disp = offsetof(struct page_cache, verified);
	x86_rm(&w->x, true, OP_STORE, RCX, at);
	x86_patch(depends, w->x.at);
	return n;
}

/* Do the pages of the context in rsi hold, or can they be made to, as its registers hold?  A jump if
 * not. */
static uint8_t *look_at_pages(struct tiler *w)
{
	struct x86_memory at;
	uint8_t *hold, *miss;

	x86_constant(&w->x, RCX, (uintptr_t)&w->t->pages);
	x86_rm(&w->x, true, OP_LOAD, RAX, (struct x86_memory){ .base = RCX, .index = RSP });
	at = (struct x86_memory){ .base = RSI, .index = RSP };
	at.disp = offsetof(struct context, pages) + offsetof(struct page_cache, verified);
	x86_rm(&w->x, true, OP_CMP, RAX, at);
	hold = x86_jcc(&w->x, CC_E);
	x86_constant(&w->x, RDI, (uintptr_t)w->t);
	exit_call(w, (uintptr_t)called_follow);
	x86_test_wide(&w->x, RAX, UINT8_MAX);
	miss = x86_jcc(&w->x, CC_E);
	x86_patch(hold, w->x.at);
	return miss;
}

/* Where a round led the last time. */
static struct link *link_of(const struct tiler *w)
{
	const struct region *r = w->region;

	if (r->how == SIMPLIFY_MISSING)
		return &r->context->missing[r->access].link;
	return &context_entry(w->t, r->context, r->frame, w->in->p)->link;
}

static void note_trapped(struct tiler *w, size_t where, unsigned reg)
{
	x86_rm(&w->x, true, OP_STORE, reg,
	       (struct x86_memory){ .base = RCX, .index = RSP, .disp = (int32_t)where });
}

/* An access trapped as its page was missing. */
static void tell_trapped(struct tiler *w)
{
	struct context *c = w->region->context;
	struct x86_memory at = { .base = RAX, .index = RSP };

	x86_constant(&w->x, RCX, (uintptr_t)&c->trapped);
	x86_constant(&w->x, RAX, (uintptr_t)&w->t->pages);
	x86_rm(&w->x, true, OP_LOAD, RAX, at);
	note_trapped(w, offsetof(struct trapped, pages), RAX);
	x86_rm(&w->x, true, OP_LOAD, RAX, tile_home(w, w->t->layout.work + WORK_MISSED));
	note_trapped(w, offsetof(struct trapped, address), RAX);
	x86_rm(&w->x, true, OP_LOAD, RAX, tile_home(w, w->t->layout.work + WORK_FOUND));
	note_trapped(w, offsetof(struct trapped, found), RAX);
	at.base = RCX;
	at.disp = offsetof(struct trapped, access);
	x86_mov_mi(&w->x, at, (int32_t)w->region->access + 1);
}

/* Where the context is not that of the link jumps are noted; how many. */
static unsigned compare_keys(struct tiler *w, const struct link *link, uint8_t **miss)
{
	unsigned n = 0;

	x86_constant(&w->x, RCX, (uintptr_t)link);
	x86_rm(&w->x, true, OP_LOAD, RCX, (struct x86_memory){ .base = RCX, .index = RSP });
	for (unsigned i = 0; i < w->t->nkeys; i++) {
		load_key(w, i);
		x86_rm(&w->x, true, OP_CMP, RAX,
		       (struct x86_memory){ .base = RCX,
					    .index = RSP,
					    .disp = (int32_t)(i * sizeof(uint64_t)) });
		miss[n++] = x86_jcc(&w->x, CC_NE);
	}
	return n;
}

/* Does the round, which ends by u, surely lead to one place?  Then this is it. */
static bool is_known(const struct tiler *w, const struct uop *u, uint64_t *p)
{
	const struct translator *t = w->t;

	*p = 0;
	for (unsigned i = 0; i < t->nposition_parts; i++) {
		const struct position_part *part = &t->part_of_position[i];
		const struct uop *set = u;

		do {
			if (set == w->in->ops.op || set->op == T_LABEL)
				return false;
			set--;
		} while (!ops_effect(set).defines || set->d != part->slot);
		if (set->op != U_CONST)
			return false;
		*p |= set->imm << part->shift;
	}
	return true;
}

/* To what is translated there, in the context that has been found to hold. */
static void go_on(struct tiler *w, const struct link *link, const struct uop *u)
{
	struct x86_memory at = { .base = RDX, .index = RSP, .disp = offsetof(struct link, near) };
	uint64_t p;

	x86_constant(&w->x, RDX, (uintptr_t)link);
	x86_rm(&w->x, true, OP_LOAD, RDX, at);
	if (is_known(w, u, &p)) {
		exit_near_known(w, p);
		return;
	}
	exit_load_position(w);
	exit_near(w);
}

/* Where the control context is that of the link, to what is translated there for P. */
void exit_round(struct tiler *w, const struct uop *u)
{
	struct link *link = link_of(w);
	struct x86_memory at = { .base = RDX, .index = RSP };
	uint8_t **miss = xcalloc(w->t->nkeys + 4, sizeof *miss), *hit;
	unsigned nmisses = 0;

	x86_move(&w->x, R15, tile_in(w, u->a, RAX));
	exit_spill(w);
	if (w->region->served) {
		exit_leave(w, LEAVE_NEXT);
		free(miss);
		return;
	}
	if (w->region->how == SIMPLIFY_MISSING && w->t->paging.given[w->region->access])
		tell_trapped(w);
	if (w->in->repages)
		nmisses = tell_change(w, miss);
	nmisses += compare_keys(w, link, miss + nmisses);
	if (w->t->paging.works) {
		at.disp = offsetof(struct link, context);
		x86_constant(&w->x, RDX, (uintptr_t)link);
		x86_rm(&w->x, true, OP_LOAD, RSI, at);
		miss[nmisses++] = look_at_pages(w);
	}
	hit = x86_jmp(&w->x);
	while (nmisses)
		x86_patch(miss[--nmisses], w->x.at);
	x86_constant(&w->x, RDX, (uintptr_t)link);
	x86_rm(&w->x, true, OP_STORE, RDX, tile_home(w, w->t->layout.work + WORK_LINK));
	exit_leave(w, LEAVE_ROUND);
	x86_patch(hit, w->x.at);
	go_on(w, link, u);
	free(miss);
}
