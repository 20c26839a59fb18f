/*
 * The ways out of translated code.  Outside, all registers are in the state vector, P too; within,
 * those that are allocated are in the host's.
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

static enum side_exit_kind missing(enum access access)
{
	return access == ACCESS_READ ? SIDE_EXIT_READ : SIDE_EXIT_WRITE;
}

static struct side_exit *exit_from(struct tiler *w, uint8_t *jump, enum side_exit_kind kind,
				   const struct uop *place, unsigned bits)
{
	struct side_exit *s = exit_because(w, jump, kind);

	s->address = place->a;
	s->address_reg = w->a.reg[place->a];
	s->bits = (uint8_t)bits;
	return s;
}

void exit_missing(struct tiler *w, uint8_t *jump, const struct uop *place, unsigned bits)
{
	exit_from(w, jump, missing((enum access)place->aux), place, bits);
}

void exit_probe(struct tiler *w, uint8_t *jump, const struct uop *place, unsigned bits, unsigned reg,
		bool summed)
{
	struct side_exit *s = exit_from(w, jump, SIDE_EXIT_PROBE, place, bits);

	s->access = (enum access)place->aux;
	s->units = (uint8_t)place->imm;
	s->place_reg = (uint8_t)reg;
	if (summed)
		s->address_reg = RSP;
}

void exit_probed(struct tiler *w, unsigned n)
{
	for (unsigned i = w->nside_exits - n; i < w->nside_exits; i++)
		w->side_exit[i].on = w->x.at;
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

bool exit_is_register(const struct tiler *w, uint32_t slot)
{
	return slot < w->t->isa->nslots;
}

void exit_spill(struct tiler *w)
{
	for (unsigned i = 0; i < w->a.n; i++)
		if (exit_is_register(w, w->a.slot[i]) && w->a.written[w->a.slot[i]])
			x86_rm(&w->x, true, 0x89, w->a.reg[w->a.slot[i]], tile_home(w, w->a.slot[i]));
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

void exit_position(struct tiler *w, uint64_t p)
{
	for (unsigned i = 0; i < w->t->nposition_parts; i++)
		tile_constant(w, tile_home(w, w->t->part_of_position[i].slot),
			       position_value(w->t, p, i));
}

/* What is in rcx; rax changes. */
static void store_rcx_as_position(struct tiler *w)
{
	if (w->t->nposition_parts == 1) {
		x86_rm(&w->x, true, 0x89, RCX, tile_home(w, w->t->part_of_position[0].slot));
		return;
	}
	for (unsigned i = 0; i < w->t->nposition_parts; i++) {
		const struct position_part *q = &w->t->part_of_position[i];
		unsigned above = 64 - q->shift - q->width;
		bool low = !q->shift && q->width == 32;

		x86_rr(&w->x, !low, OP_LOAD, RAX, RCX);
		if (above && !low)
			x86_shift(&w->x, true, G2_SHL, RAX, above);
		if (q->width < 64 && !low)
			x86_shift(&w->x, true, G2_SHR, RAX, 64 - q->width);
		x86_rm(&w->x, true, 0x89, RAX, tile_home(w, q->slot));
	}
}

/* Where the return of translated code is, as seen from where it is written. */
static const uint8_t *written_at(const struct tiler *w, const void *code)
{
	return w->t->memory.write + ((const uint8_t *)code - w->t->memory.execute);
}

void exit_leave(struct tiler *w, enum leave why)
{
	const uint8_t *to = written_at(w, w->t->leave_because[why]);

	x86_patch(x86_jmp(&w->x), to);
}

/* Where code is entered, and so within it, the stack is half of what calls want it to be aligned to. */
void exit_call(struct tiler *w, uintptr_t function)
{
	enum { HALF = 8 };

	x86_ri(&w->x, true, G1_SUB, RSP, HALF);
	x86_constant(&w->x, RAX, function);
	x86_call_reg(&w->x, RAX);
	x86_ri(&w->x, true, G1_ADD, RSP, HALF);
}

void exit_near(struct tiler *w)
{
	unsigned shift = w->t->log_length;
	struct x86_memory at = { .base = RDX, .index = RSP };

	x86_move(&w->x, RAX, RCX);
	if (w->t->nposition_parts > 1) {
		x86_shift(&w->x, true, G2_SHR, RAX, w->t->part_of_position[1].shift);
		x86_rr(&w->x, true, OP_ADD, RAX, RCX);
		shift++;
	}
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

void exit_near_known(struct tiler *w, uint64_t p)
{
	struct x86_memory at = { .base = RDX, .index = RSP };

	at.disp = (int32_t)(context_near(w->t, p) * sizeof(struct near));
	x86_constant(&w->x, RCX, p);
	x86_rm(&w->x, true, OP_CMP, RCX, at);
	x86_patch(x86_jcc(&w->x, CC_NE), written_at(w, w->t->leave_because[LEAVE_NEXT]));
	at.disp += (int32_t)offsetof(struct near, code);
	x86_jmp_memory(&w->x, at);
}

/* To whatever is translated there, or back: always, where the context may be another now. */
static void go_to(struct tiler *w, uint64_t p)
{
	struct context *c = w->region->context;
	struct entry *e;

	if (w->region->how == SIMPLIFY_SETTLED) {
		exit_leave(w, LEAVE_NEXT);
		return;
	}
	if (!context_same_page(w->t, c, p, w->region->p)) {
		/* which translation it is depends on where that page is */
		x86_constant(&w->x, RDX, (uintptr_t)c->near);
		exit_near_known(w, p);
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

	if (address == RSP)
		return;
	if (address == NO_REG)
		x86_rm(&w->x, true, OP_LOAD, address = RCX, tile_home(w, s->address));
	x86_rm(&w->x, true, OP_STORE, address, tile_home(w, w->t->layout.work + WORK_MISSED));
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

/* The page that was missed may have been found: then execution goes on with the access. */
static void fill(struct tiler *w)
{
	exit_load_position(w);
	x86_constant(&w->x, RDI, (uintptr_t)w->t);
	x86_constant(&w->x, RSI, (uintptr_t)w->region->context);
	x86_constant(&w->x, RDX, w->region->access);
	x86_move(&w->x, R8, R15);
	exit_call(w, (uintptr_t)called_fill);
	x86_jmp_reg(&w->x, RAX);
}

/* Is there code that ends where the budget does? */
static bool has_steps(const struct region *r)
{
	return r->how == SIMPLIFY_FREE && !r->steps;
}

/* Where the address of such code for the block at p is. */
static const void *within(struct tiler *w, uint64_t p)
{
	return &context_entry(w->t, w->region->context, w->region->frame, p)->budget;
}

void exit_within(struct tiler *w, uint64_t p)
{
	if (!has_steps(w->region)) {
		exit_leave(w, LEAVE_BUDGET);
		return;
	}
	x86_constant(&w->x, RAX, (uintptr_t)within(w, p));
	x86_jmp_memory(&w->x, (struct x86_memory){ .base = RAX, .index = RSP });
}

static const enum leave side_exit_leave[] = {
	[SIDE_EXIT_GOTO] = LEAVE_NEXT, [SIDE_EXIT_BUDGET] = LEAVE_BUDGET, [SIDE_EXIT_COLD] = LEAVE_COLD,
	[SIDE_EXIT_CODE] = LEAVE_COLD, [SIDE_EXIT_READ] = LEAVE_READ,	[SIDE_EXIT_WRITE] = LEAVE_WRITE,
	[SIDE_EXIT_PROBE] = LEAVES,
};

static enum leave leave_of(const struct tiler *w, const struct side_exit *s)
{
	if (w->region->how == SIMPLIFY_MISSING)
		return leave_missing(w->region->access);
	return side_exit_leave[s->kind];
}

static bool misses(const struct side_exit *s)
{
	return s->kind == SIDE_EXIT_READ || s->kind == SIDE_EXIT_WRITE;
}

static void give_back(struct tiler *w, const struct side_exit *s)
{
	if (s->back)
		x86_ri(&w->x, true, G1_ADD, R15, (int32_t)s->back);
}

/* To other code, which is what is done most: all by itself. */
static void write_goto(struct tiler *w, const struct side_exit *s)
{
	exit_spill(w);
	exit_position(w, s->p);
	give_back(w, s);
	go_to(w, s->p);
}

static const uint8_t **tail_of(struct tiler *w, const struct side_exit *s)
{
	return &w->tail[s->kind == SIDE_EXIT_CODE ? SIDE_EXIT_COLD : s->kind][s->bits];
}

/* What all exits of a kind end with: the position is in rcx. */
static void write_tail(struct tiler *w, const struct side_exit *s)
{
	struct side_exit cold = { .kind = SIDE_EXIT_COLD };
	struct x86_memory missed = tile_home(w, w->t->layout.work + WORK_MISSED);

	*tail_of(w, s) = w->x.at;
	if (s->bits) {
		if (!*tail_of(w, &cold)) {
			uint8_t *past = x86_jmp(&w->x);

			write_tail(w, &cold);
			x86_patch(past, w->x.at);
		}
		x86_test_mi(&w->x, 1, missed, s->bits);
		x86_patch(x86_jcc(&w->x, CC_NE), *tail_of(w, &cold));
	}
	exit_spill(w);
	if (knows_position(w->region->how))
		store_rcx_as_position(w);
	if (s->kind == SIDE_EXIT_BUDGET && has_steps(w->region))
		x86_jmp_memory(&w->x, (struct x86_memory){ .base = RDX, .index = RSP });
	else if (misses(s) && has_missing(w->region))
		go_missing(w, s->kind == SIDE_EXIT_READ ? ACCESS_READ : ACCESS_WRITE);
	else if (w->region->how == SIMPLIFY_MISSING && w->region->access != ACCESS_FETCH)
		fill(w);
	else
		exit_leave(w, leave_of(w, s));
}

static void write_side_exit(struct tiler *w, const struct side_exit *s)
{
	const uint8_t *tail = *tail_of(w, s);

	if (misses(s))
		store_missing(w, s);
	for (unsigned i = s->undo_to; i-- > s->undo_from;)
		tile_undo(w, &w->undo[i]);
	if (s->kind == SIDE_EXIT_GOTO) {
		write_goto(w, s);
		return;
	}
	if (knows_position(w->region->how))
		x86_constant(&w->x, RCX, s->p);
	if (s->kind == SIDE_EXIT_BUDGET && has_steps(w->region))
		x86_constant(&w->x, RDX, (uintptr_t)within(w, s->p));
	give_back(w, s);
	if (tail)
		x86_patch(x86_jmp(&w->x), tail);
	else
		write_tail(w, s);
}

/* Do two side exits do the same? */
static bool same_side_exit(const struct side_exit *a, const struct side_exit *b)
{
	return side_exit_leave[a->kind] == side_exit_leave[b->kind] && a->p == b->p &&
	       a->back == b->back && a->address == b->address && a->bits == b->bits &&
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

/* Looks for a page in the cache, and goes on; where it is missing, it leaves by an exit of its own. */
static void write_probe(struct tiler *w, struct side_exit s)
{
	x86_patch(s.jump, w->x.at);
	s.jump = tile_probe(w, &s);
	x86_patch(x86_jmp(&w->x), s.on);
	s.kind = missing(s.access);
	add_side_exit(w, s);
}

void exit_write_all(struct tiler *w)
{
	const uint8_t *last = NULL;
	uint8_t *jump[MOST_JUMPS];

	for (unsigned i = 0; i < w->nside_exits && !w->x.full; i++) {
		unsigned n;

		if (w->side_exit[i].kind == SIDE_EXIT_PROBE) {
			write_probe(w, w->side_exit[i]);
			last = NULL;
			continue;
		}
		n = jumps_of(w, &w->side_exit[i], jump);
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

	exit_position(w, u->imm);
	x86_rm(&w->x, true, OP_STORE, value, tile_home(w, part->slot));
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
	exit_spill(w);
	if (u->aux) {
		store_but_one(w, u, value);
	} else {
		x86_move(&w->x, RCX, value);
		store_rcx_as_position(w);
	}
	if (w->region->how == SIMPLIFY_SETTLED) {
		exit_leave(w, LEAVE_NEXT);
		return;
	}
	x86_constant(&w->x, RDX, (uintptr_t)w->region->context->near);
	exit_near(w);
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
	x86_rm(&w->x, true, 0x89, operand, tile_home(w, result));
	exit_spill(w);
	if (w->region->how != SIMPLIFY_CODE)
		exit_position(w, w->in->p);
	x86_ri(&w->x, true, G1_ADD, R15, (int32_t)not_done(w));
	x86_constant(&w->x, RDX, why_trap(u->b, (enum phase)u->aux));
	x86_patch(x86_jmp(&w->x), written_at(w, w->t->leave_out));
}

/* The result is where code leaves it. */
void exit_done(struct tiler *w)
{
	uint32_t result = w->t->layout.work + WORK_RESULT;

	if (w->a.reg[result] != NO_REG)
		x86_rm(&w->x, true, 0x89, w->a.reg[result], tile_home(w, result));
	exit_spill(w);
	exit_leave(w, LEAVE_NEXT);
}
