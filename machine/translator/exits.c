/*
 * The ways into translated code and out of it.  Outside, all registers are in the
 * state vector, P too; within, those that are allocated are in the host's.
 */
#include "machine/translator/tiler.h"

#include "isa/alloc.h"

/* ---- jumps ---- */

static uint8_t *emit_jump(struct tiler *w, int cc)
{
	return cc < 0 ? x86_jmp(&w->x) : x86_jcc(&w->x, (enum x86_condition)cc);
}

static void add_side_exit(struct tiler *w, struct side_exit s)
{
	if (w->nside_exits == w->side_exits_capacity) {
		w->side_exits_capacity = w->side_exits_capacity ? w->side_exits_capacity * 2 : 64;
		w->side_exit = xrealloc(w->side_exit, w->side_exits_capacity * sizeof *w->side_exit);
	}
	w->side_exit[w->nside_exits++] = s;
}

static void add_fix(struct tiler *w, struct fix f)
{
	if (w->nfixes == w->fixes_capacity) {
		w->fixes_capacity = w->fixes_capacity ? w->fixes_capacity * 2 : 64;
		w->fix = xrealloc(w->fix, w->fixes_capacity * sizeof *w->fix);
	}
	w->fix[w->nfixes++] = f;
}

/* Steps that were taken from the budget and that are not done. */
static unsigned not_done(const struct tiler *w)
{
	const struct block *b = &w->region->block[w->block];

	return is_round(w->region->how) ? 0 : b->count - w->index + b->after;
}

static struct side_exit *exit_because(struct tiler *w, uint8_t *jump, enum side_exit_kind kind)
{
	add_side_exit(w, (struct side_exit){ .jump = jump,
				   .kind = kind,
				   .p = w->in->p,
				   .back = not_done(w),
				   .undo_from = w->undo_from,
				   .undo_to = w->nundo });
	return &w->side_exit[w->nside_exits - 1];
}

void exit_cold(struct tiler *w, int cc)
{
	exit_because(w, emit_jump(w, cc), SIDE_EXIT_COLD);
}

void exit_code(struct tiler *w, const struct near_code *c)
{
	uint8_t *found[MOST_JUMPS];
	unsigned n = tile_seek_code(w, c, found);

	for (unsigned i = 0; i < n; i++)
		exit_because(w, found[i], SIDE_EXIT_COLD);
}

void exit_near_code(struct tiler *w, int cc, const struct near_code *c)
{
	struct side_exit *s = exit_because(w, emit_jump(w, cc), SIDE_EXIT_CODE);

	s->near = *c;
	s->on = w->x.at;
}

void exit_missing(struct tiler *w, int cc, const struct uop *place)
{
	struct side_exit *s = exit_because(
		w, emit_jump(w, cc), place->aux == ACCESS_READ ? SIDE_EXIT_READ : SIDE_EXIT_WRITE);

	s->address = place->a;
	s->address_reg = w->a.reg[place->a];
}

void exit_goto(struct tiler *w, int cc, uint64_t p)
{
	int block = region_block(w->region, p);

	if (block < 0 || !w->region->block[block].count || w->region->how != SIMPLIFY_FREE ||
	    (w->region->steps && (unsigned)block != w->block + 1))
		add_side_exit(w, (struct side_exit){ .jump = emit_jump(w, cc),
						     .kind = SIDE_EXIT_GOTO,
						     .p = p,
						     .back = w->region->block[w->block].after });
	else if ((unsigned)block > w->block || !x86_jump_back(&w->x, cc, w->start[block]))
		add_fix(w, (struct fix){ emit_jump(w, cc), (unsigned)block });
}

/* Leaves at p if `least` steps, of those that are left, are not there; takes `taken` of them. */
static void require(struct tiler *w, uint64_t p, unsigned least, unsigned taken)
{
	x86_ri(&w->x, true, taken ? G1_SUB : G1_CMP, R15, (int32_t)least);
	add_side_exit(w, (struct side_exit){ .jump = x86_jcc(&w->x, CC_B),
					     .kind = SIDE_EXIT_BUDGET,
					     .p = p,
					     .back = taken });
}

/* What was paid too much for this way comes back. */
void exit_budget(struct tiler *w, const struct block *b)
{
	int32_t take = (int32_t)(b->count + b->after) - (int32_t)b->before;

	if (b->checked && take >= (int32_t)b->ahead) {
		require(w, b->p, (unsigned)take, (unsigned)take);
		return;
	}
	if (b->checked)
		require(w, b->p, b->ahead, 0);
	if (take)
		x86_ri(&w->x, true, G1_SUB, R15, take);
}

void exit_round_budget(struct tiler *w, uint64_t p)
{
	require(w, p, 1, 0);
}

/* ---- leaving ---- */

static bool is_register(const struct tiler *w, uint32_t slot)
{
	return slot < w->t->isa->nslots;
}

static void spill(struct tiler *w)
{
	for (unsigned i = 0; i < w->a.n; i++)
		if (is_register(w, w->a.slot[i]) && w->a.written[w->a.slot[i]])
			x86_rm(&w->x, true, 0x89, w->a.reg[w->a.slot[i]], tile_home(w->a.slot[i]));
}

/* Registers; code finds its parameters in other slots, and rounds what they work on. */
static bool comes_in(const struct tiler *w, uint32_t slot)
{
	switch (w->region->how) {
	case SIMPLIFY_FREE: return is_register(w, slot) || slot >= w->t->layout.watched;
	case SIMPLIFY_SETTLED: return is_register(w, slot) || slot == w->t->layout.work + WORK_TIME;
	case SIMPLIFY_CODE: return true;
	case SIMPLIFY_ROUND:
	case SIMPLIFY_MISSING: return slot < w->t->layout.locals || slot >= w->t->layout.traps;
	}
	return false;
}

static void reload(struct tiler *w)
{
	x86_constant(&w->x, R14, (uintptr_t)tile_origin(w));
	for (unsigned i = 0; i < w->a.n; i++)
		if (comes_in(w, w->a.slot[i]))
			x86_rm(&w->x, true, 0x8b, w->a.reg[w->a.slot[i]], tile_home(w->a.slot[i]));
}

void tile_constant(struct tiler *w, struct x86_memory m, uint64_t v)
{
	if (v <= INT32_MAX) {
		x86_mov_mi(&w->x, m, (int32_t)v);
		return;
	}
	x86_constant(&w->x, RAX, v);
	x86_rm(&w->x, true, 0x89, RAX, m);
}

static void store_position(struct tiler *w, uint64_t p)
{
	for (unsigned i = 0; i < w->t->nposition_parts; i++)
		tile_constant(w, tile_home(w->t->part_of_position[i].slot),
			       position_value(w->t, p, i));
}

/* What is in rcx; rax changes. */
static void store_rcx_as_position(struct tiler *w)
{
	if (w->t->nposition_parts == 1) {
		x86_rm(&w->x, true, 0x89, RCX, tile_home(w->t->part_of_position[0].slot));
		return;
	}
	for (unsigned i = 0; i < w->t->nposition_parts; i++) {
		const struct position_part *q = &w->t->part_of_position[i];
		unsigned above = 64 - q->shift - q->width;

		x86_move(&w->x, RAX, RCX);
		if (above)
			x86_shift(&w->x, true, G2_SHL, RAX, above);
		x86_shift(&w->x, true, G2_SHR, RAX, 64 - q->width);
		x86_rm(&w->x, true, 0x89, RAX, tile_home(q->slot));
	}
}

/* Where the return of translated code is, as seen from where it is written. */
static const uint8_t *written_at(const struct tiler *w, const void *code)
{
	return w->t->memory.write + ((const uint8_t *)code - w->t->memory.execute);
}

static void leave(struct tiler *w, enum leave why)
{
	const uint8_t *to = written_at(w, w->t->leave_because[why]);

	x86_patch(x86_jmp(&w->x), to);
}

/* To the place in rcx, by the table of near places in rdx. */
static void go_near(struct tiler *w)
{
	unsigned shift = w->t->log_length;
	struct x86_memory at = { .base = RDX, .index = RSP };

	x86_move(&w->x, RAX, RCX);
	if (shift)
		x86_shift(&w->x, true, G2_SHR, RAX, shift);
	x86_ri(&w->x, false, G1_AND, RAX, NEAR - 1);
	x86_shift(&w->x, false, G2_SHL, RAX, 4);
	x86_rr(&w->x, true, 0x03, RDX, RAX);
	x86_rm(&w->x, true, 0x3b, RCX, at);
	x86_patch(x86_jcc(&w->x, CC_NE), written_at(w, w->t->leave_because[LEAVE_NEXT]));
	at.disp = offsetof(struct near, code);
	x86_jmp_memory(&w->x, at);
}

/* To whatever is translated there, or back: always, where the context may be another now. */
static void go_to(struct tiler *w, uint64_t p)
{
	struct context *c = w->region->context;
	struct entry *e;

	if (w->region->how == SIMPLIFY_SETTLED) {
		leave(w, LEAVE_NEXT);
		return;
	}
	if (!context_same_page(w->t, c, p, w->region->p)) {
		/* which translation it is depends on where that page is */
		x86_constant(&w->x, RCX, p);
		x86_constant(&w->x, RDX, (uintptr_t)c->near);
		go_near(w);
		return;
	}
	e = context_entry(w->t, c, w->region->frame, p);
	x86_constant(&w->x, RAX, (uintptr_t)&e->code);
	x86_jmp_memory(&w->x, (struct x86_memory){ .base = RAX, .index = RSP });
}

/* The address whose page was not there. */
static void store_missing(struct tiler *w, const struct side_exit *s)
{
	unsigned address = s->address_reg;

	if (address == NO_REG)
		x86_rm(&w->x, true, OP_LOAD, address = RCX, tile_home(s->address));
	x86_rm(&w->x, true, OP_STORE, address, tile_home(w->t->layout.work + WORK_MISSED));
}

/* Is there what performs the trap of an access whose page is missing? */
static bool has_missing(const struct region *r)
{
	return r->context->key.rounds && !r->served &&
	       (r->how == SIMPLIFY_FREE || r->how == SIMPLIFY_ROUND);
}

static void go_missing(struct tiler *w, enum access access)
{
	x86_constant(&w->x, RAX, (uintptr_t)&w->region->context->missing[access].code);
	x86_jmp_memory(&w->x, (struct x86_memory){ .base = RAX, .index = RSP });
}

/* Where the block at p is longer than the budget: to code that can end within it, if there is any.
 */
static void go_within(struct tiler *w, uint64_t p)
{
	struct context *c = w->region->context;
	struct entry *e;

	if (w->region->how != SIMPLIFY_FREE || w->region->steps) {
		leave(w, LEAVE_BUDGET);
		return;
	}
	e = context_entry(w->t, c, w->region->frame, p);
	x86_constant(&w->x, RAX, (uintptr_t)&e->budget);
	x86_jmp_memory(&w->x, (struct x86_memory){ .base = RAX, .index = RSP });
}

static const enum leave side_exit_leave[] = {
	[SIDE_EXIT_GOTO] = LEAVE_NEXT, [SIDE_EXIT_BUDGET] = LEAVE_BUDGET, [SIDE_EXIT_COLD] = LEAVE_COLD,
	[SIDE_EXIT_CODE] = LEAVE_COLD, [SIDE_EXIT_READ] = LEAVE_READ,	[SIDE_EXIT_WRITE] = LEAVE_WRITE,
};

static enum leave leave_of(const struct tiler *w, const struct side_exit *s)
{
	if (w->region->how == SIMPLIFY_MISSING)
		return leave_missing(w->region->access);
	return side_exit_leave[s->kind];
}

static void write_side_exit(struct tiler *w, const struct side_exit *s)
{
	bool misses = s->kind == SIDE_EXIT_READ || s->kind == SIDE_EXIT_WRITE;

	if (misses)
		store_missing(w, s);
	for (unsigned i = s->undo_to; i-- > s->undo_from;)
		tile_undo(w, &w->undo[i]);
	spill(w);
	if (knows_position(w->region->how))
		store_position(w, s->p);
	if (s->back)
		x86_ri(&w->x, true, G1_ADD, R15, (int32_t)s->back);
	if (s->kind == SIDE_EXIT_GOTO) {
		go_to(w, s->p);
		return;
	}
	if (s->kind == SIDE_EXIT_BUDGET)
		go_within(w, s->p);
	else if (misses && has_missing(w->region))
		go_missing(w, s->kind == SIDE_EXIT_READ ? ACCESS_READ : ACCESS_WRITE);
	else
		leave(w, leave_of(w, s));
}

/* Do two side exits do the same? */
static bool same_side_exit(const struct side_exit *a, const struct side_exit *b)
{
	return side_exit_leave[a->kind] == side_exit_leave[b->kind] && a->p == b->p &&
	       a->back == b->back && a->address == b->address &&
	       a->address_reg == b->address_reg && a->undo_from == b->undo_from && a->undo_to == b->undo_to;
}

/* The jumps to what a side exit does. */
static unsigned jumps_of(struct tiler *w, const struct side_exit *s, uint8_t **jump)
{
	unsigned n;

	if (s->kind != SIDE_EXIT_CODE) {
		jump[0] = s->jump;
		return 1;
	}
	x86_patch(s->jump, w->x.at);
	n = tile_seek_code(w, &s->near, jump);
	x86_patch(x86_jmp(&w->x), s->on);
	return n;
}

void exit_write_all(struct tiler *w)
{
	const uint8_t *last = NULL;
	uint8_t *jump[MOST_JUMPS];

	for (unsigned i = 0; i < w->nside_exits && !w->x.full; i++) {
		unsigned n = jumps_of(w, &w->side_exit[i], jump);

		if (!last || !same_side_exit(&w->side_exit[i], &w->side_exit[i - 1])) {
			last = w->x.at;
			write_side_exit(w, &w->side_exit[i]);
		}
		while (n-- > 0)
			x86_patch(jump[n], last);
	}
	for (unsigned i = 0; i < w->nfixes && !w->x.full; i++)
		x86_patch(w->fix[i].jump, w->start[w->fix[i].block]);
}

/* Is one of the places that calls return to where an indirect jump may go to?  Then *value is what
 * its slot holds. */
static bool may_return(const struct tiler *w, const struct uop *u, uint64_t place, uint64_t *value)
{
	const struct translator *t = w->t;
	int block = region_block(w->region, place);

	*value = place;
	if (block < 0 || !w->region->block[block].count)
		return false;
	if (!u->aux)
		return place <= INT32_MAX;
	*value = position_value(t, place, u->aux - 1u);
	return t->part_of_position[u->aux - 1].width <= 32 &&
	       place == (u->imm | *value << t->part_of_position[u->aux - 1].shift);
}

/* Jumps that were predicted: to where a call in this region returns. */
static void try_returns(struct tiler *w, const struct uop *u, unsigned slot)
{
	const struct region *r = w->region;
	uint64_t value;

	for (unsigned i = 0; i < r->nreturns; i++) {
		if (!may_return(w, u, r->returns[i], &value))
			continue;
		x86_ri(&w->x, !u->aux, G1_CMP, slot, (int32_t)value);
		exit_goto(w, CC_E, r->returns[i]);
	}
}

/* Where all parts but one are known.  rcx := the position; rax changes. */
static void store_but_one(struct tiler *w, const struct uop *u, unsigned value)
{
	const struct position_part *part = &w->t->part_of_position[u->aux - 1];

	store_position(w, u->imm);
	x86_rm(&w->x, true, OP_STORE, value, tile_home(part->slot));
	x86_move(&w->x, RCX, value);
	if (part->shift)
		x86_shift(&w->x, true, G2_SHL, RCX, part->shift);
	x86_constant(&w->x, RAX, u->imm);
	x86_rr(&w->x, true, OP_OR, RCX, RAX);
}

void exit_indirect(struct tiler *w, const struct uop *u)
{
	unsigned value = tile_in(w, u->a, RCX);

	try_returns(w, u, value);
	spill(w);
	if (u->aux) {
		store_but_one(w, u, value);
	} else {
		x86_move(&w->x, RCX, value);
		store_rcx_as_position(w);
	}
	if (w->region->how == SIMPLIFY_SETTLED) {
		leave(w, LEAVE_NEXT);
		return;
	}
	x86_constant(&w->x, RDX, (uintptr_t)w->region->context->near);
	go_near(w);
}

/* rax := what of a key's register counts; rdx changes. */
static void load_key(struct tiler *w, unsigned i)
{
	uint64_t mask = w->t->key_mask[i];

	x86_rm(&w->x, true, 0x8b, RAX, tile_home(w->t->key_slot[i]));
	if (mask == isa_mask(w->t->width[w->t->key_slot[i]]))
		return;
	x86_constant(&w->x, RDX, mask);
	x86_rr(&w->x, true, 0x23, RAX, RDX);
}

/* rcx := where execution goes on, as the registers have it; rax changes. */
static void load_position(struct tiler *w)
{
	x86_rm(&w->x, true, 0x8b, RCX, tile_home(w->t->part_of_position[0].slot));
	for (unsigned i = 1; i < w->t->nposition_parts; i++) {
		x86_rm(&w->x, true, 0x8b, RAX, tile_home(w->t->part_of_position[i].slot));
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
	x86_rm(&w->x, true, OP_STORE, index, tile_home(w->t->layout.work + WORK_ELEMENT));
}

static struct x86_memory at_element(uint32_t slot)
{
	struct x86_memory m = tile_home(slot);

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
			x86_rm(&w->x, true, OP_LOAD, RAX, at_element(r->slot));
			x86_constant(&w->x, RCX, (uintptr_t)watched);
			x86_rm(&w->x, true, OP_STORE, RAX,
			       (struct x86_memory){ .base = RCX,
						    .index = RDX,
						    .scale = sizeof *watched });
		}
		watched += r->count;
	}
}

enum { CHANGE_LOG = 4 };
_Static_assert(sizeof(struct change) == 1 << CHANGE_LOG, "an index can be shifted to an offset");

/* Counts a change of the element in rdx. */
static void count_change(struct tiler *w)
{
	struct x86_memory at = { .base = RAX, .index = RSP };

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
	x86_mov_mi(&w->x, at, true);
}

/*
 * What pages depend on changed: that is told, and the context's pages hold, where none depends on
 * it.  Jumps if that is not so; how many.
 */
static unsigned tell_change(struct tiler *w, uint8_t **miss)
{
	struct x86_memory at = { .base = RAX, .index = RSP };
	unsigned n = 0;

	x86_constant(&w->x, RAX, (uintptr_t)&w->t->pages_untold);
	x86_mov_mi(&w->x, at, true);
	if (!tells_element(w)) {
		miss[n++] = x86_jmp(&w->x);
		return n;
	}
	x86_rm(&w->x, true, OP_LOAD, RDX, tile_home(w->t->layout.work + WORK_ELEMENT));
	x86_ri(&w->x, true, G1_CMP, RDX, (int32_t)w->t->paging.searched->count);
	miss[n++] = x86_jcc(&w->x, CC_AE);
	x86_mov_mi(&w->x, at, false);
	note_element(w);
	count_change(w);
	x86_constant(&w->x, RAX, (uintptr_t)&w->region->context->pages);
	at.disp = offsetof(struct page_cache, ndependent);
	x86_cmp_mi(&w->x, sizeof(unsigned), at, 0);
	miss[n++] = x86_jcc(&w->x, CC_NE);
	x86_constant(&w->x, RCX, (uintptr_t)&w->t->pages);
	x86_rm(&w->x, true, OP_LOAD, RCX, (struct x86_memory){ .base = RCX, .index = RSP });
	at.disp = offsetof(struct page_cache, verified);
	x86_rm(&w->x, true, OP_STORE, RCX, at);
	return n;
}

/* Are the pages of the context that the link at rdx leads to known to be so?  A jump if not. */
static uint8_t *look_at_pages(struct tiler *w)
{
	struct x86_memory at = { .base = RDX, .index = RSP };

	at.disp = offsetof(struct link, verified);
	x86_rm(&w->x, true, 0x8b, RCX, at);
	at = (struct x86_memory){ .base = RCX, .index = RSP };
	x86_rm(&w->x, true, 0x8b, RAX, at);
	x86_constant(&w->x, RCX, (uintptr_t)&w->t->pages);
	x86_rm(&w->x, true, 0x3b, RAX, at);
	return x86_jcc(&w->x, CC_NE);
}

/* Where a round led the last time. */
static struct link *link_of(const struct tiler *w)
{
	const struct region *r = w->region;

	if (r->how == SIMPLIFY_MISSING)
		return &r->context->missing[r->access].link;
	return &context_entry(w->t, r->context, r->frame, w->in->p)->link;
}

/* Where the control context is that of the link, to what is translated there for P. */
void exit_round(struct tiler *w, const struct uop *u)
{
	struct link *link = link_of(w);
	struct x86_memory at = { .base = RDX, .index = RSP };
	uint8_t **miss = xcalloc(w->t->nkeys + 4, sizeof *miss);
	unsigned nmisses = 0;
	uint8_t *hit;

	x86_move(&w->x, R15, tile_in(w, u->a, RAX));
	spill(w);
	if (w->region->served) {
		leave(w, LEAVE_NEXT);
		free(miss);
		return;
	}
	if (w->in->repages)
		nmisses = tell_change(w, miss);
	x86_constant(&w->x, RDX, (uintptr_t)link);
	if (w->t->paging.works)
		miss[nmisses++] = look_at_pages(w);
	x86_rm(&w->x, true, 0x8b, RCX, at);
	for (unsigned i = 0; i < w->t->nkeys; i++) {
		load_key(w, i);
		x86_rm(&w->x, true, 0x3b, RAX,
		       (struct x86_memory){ .base = RCX,
					    .index = RSP,
					    .disp = (int32_t)(i * sizeof(uint64_t)) });
		miss[nmisses++] = x86_jcc(&w->x, CC_NE);
	}
	hit = x86_jmp(&w->x);
	while (nmisses)
		x86_patch(miss[--nmisses], w->x.at);
	x86_constant(&w->x, RDX, (uintptr_t)link);
	x86_rm(&w->x, true, 0x89, RDX, tile_home(w->t->layout.work + WORK_LINK));
	leave(w, LEAVE_ROUND);
	x86_patch(hit, w->x.at);
	x86_constant(&w->x, RDX, (uintptr_t)link);
	at.disp = offsetof(struct link, near);
	x86_rm(&w->x, true, 0x8b, RDX, at);
	load_position(w);
	go_near(w);
	free(miss);
}

void exit_trap(struct tiler *w, const struct uop *u)
{
	uint32_t result = w->t->layout.work + WORK_RESULT;
	unsigned operand;

	if (w->nundo > w->undo_from && w->region->how != SIMPLIFY_CODE) {
		exit_cold(w, -1);
		return;
	}
	operand = tile_in(w, u->a, RAX);
	x86_rm(&w->x, true, 0x89, operand, tile_home(result));
	spill(w);
	if (w->region->how != SIMPLIFY_CODE)
		store_position(w, w->in->p);
	x86_ri(&w->x, true, G1_ADD, R15, (int32_t)not_done(w));
	x86_constant(&w->x, RDX, why_trap(u->b, (enum phase)u->aux));
	x86_patch(x86_jmp(&w->x), written_at(w, w->t->leave_out));
}

/* The result is where code leaves it. */
void exit_done(struct tiler *w)
{
	uint32_t result = w->t->layout.work + WORK_RESULT;

	if (w->a.reg[result] != NO_REG)
		x86_rm(&w->x, true, 0x89, w->a.reg[result], tile_home(result));
	spill(w);
	leave(w, LEAVE_NEXT);
}

/* ---- entering ---- */

/* A block that does not look at the budget is entered only if it suffices. */
static void enter_checked(struct tiler *w, const struct block *b)
{
	if (w->region->how != SIMPLIFY_FREE || b->checked)
		return;
	x86_ri(&w->x, true, G1_CMP, R15, (int32_t)b->ahead);
	uint8_t *enough = x86_jcc(&w->x, CC_AE);
	store_position(w, b->p);
	go_within(w, b->p);
	x86_patch(enough, w->x.at);
	if (b->before)
		x86_ri(&w->x, true, G1_SUB, R15, (int32_t)b->before);
}

/* What is not live where a block begins, as its code has it. */
static void set_known(struct tiler *w, unsigned block)
{
	for (unsigned i = 0; i < w->region->nsettings; i++) {
		const struct setting *s = &w->region->setting[i];

		if (s->block == block && w->a.reg[s->slot] != NO_REG)
			x86_constant(&w->x, w->a.reg[s->slot], s->value);
		else if (s->block == block)
			tile_constant(w, tile_home(s->slot), s->value);
	}
}

void exit_entries(struct tiler *w)
{
	struct translation *from = translation_new(w->region->context);
	const struct region *r = w->region;

	if (!r->steps)
		from->head = context_entry(w->t, r->context, r->frame, r->p);
	for (unsigned i = 0; i < r->nblocks; i++) {
		const struct block *b = &r->block[i];
		struct entry *e;

		for (unsigned k = b->first; k < b->first + b->count; k++) {
			uint64_t at = r->context->key.base + r->instruction[k].place;

			translation_covers(w->t, from, at, at + w->t->isa->length);
		}
		if (!b->count)
			continue;
		e = context_entry(w->t, r->context, r->frame, b->p);
		if (r->steps ? e->steps.from != NULL : e->from && b->p != r->p)
			continue;
		(r->steps ? translation_steps : translation_enters)(
			from, e, code_memory_executable(&w->t->memory, w->x.at));
		enter_checked(w, b);
		reload(w);
		set_known(w, i);
		x86_patch(x86_jmp(&w->x), w->start[i]);
	}
	translation_holds(w->t, from);
}

void exit_single(struct tiler *w, struct single *s)
{
	struct translation *from = translation_new(w->region->context);
	const struct region *r = w->region;
	uint64_t at = r->context->key.base + r->instruction[0].place;

	if (knows_position(r->how))
		translation_covers(w->t, from, at, at + w->t->isa->length);
	s->clock = r->instruction[0].clock;
	s->instr = r->instruction[0].instr;
	translation_serves(from, s, code_memory_executable(&w->t->memory, w->x.at));
	reload(w);
	x86_patch(x86_jmp(&w->x), w->start[0]);
	translation_holds(w->t, from);
}

static const uint8_t saved[] = { RBX, RBP, R12, R13, R14, R15 };

static void write_leaving(struct translator *t, struct x86 *x)
{
	const uint8_t *out;

	out = x->at;
	t->leave_out = code_memory_executable(&t->memory, out);
	x86_move(x, RAX, R15);
	for (unsigned i = sizeof saved; i-- > 0;)
		x86_pop(x, saved[i]);
	x86_byte(x, 0xc3);
	for (unsigned i = 0; i < LEAVES; i++) {
		t->leave_because[i] = code_memory_executable(&t->memory, x->at);
		x86_constant(x, RDX, i);
		x86_patch(x86_jmp(x), out);
	}
	t->leave = t->leave_because[LEAVE_NEXT];
}

void tile_frame(struct translator *t)
{
	struct x86 x = { .at = t->memory.write, .end = t->memory.write + t->memory.size };

	t->enter = (enter_code *)(uintptr_t)t->memory.execute;
	for (unsigned i = 0; i < sizeof saved; i++)
		x86_push(&x, saved[i]);
	x86_move(&x, RBP, RDI);
	x86_move(&x, R15, RSI);
	x86_jmp_reg(&x, RDX);
	write_leaving(t, &x);
	t->frame = t->memory.used = (size_t)(x.at - t->memory.write);
}
