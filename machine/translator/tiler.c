/*
 * The tiler: a region as code of the host, block after block.  Each block takes its
 * steps from the budget when it begins, so that runs end exactly; what is rare stands
 * behind the blocks (exits.c).
 */
#include "machine/translator/tiler.h"

#include "isa/alloc.h"

/* An instruction's labels while it is tiled; the room for them serves the next one, too. */
struct labels {
	unsigned labels_capacity, ops_capacity;
	uint8_t **place; /* by label; NULL: not yet; owned */
	bool *wanted;	 /* owned */
	unsigned njumps;
	struct label_jump {
		uint8_t *jump;
		uint32_t label;
	} * jump;      /* there are no more than operations; owned */
	unsigned done; /* so many operations are tiled with one before them */
	unsigned nends;
	uint8_t **end; /* jumps to the instruction behind; owned */
};

static void labels_begin(struct labels *l, const struct ops *o)
{
	if (o->labels >= l->labels_capacity) {
		l->labels_capacity = 2 * o->labels + 1;
		l->place = xrealloc(l->place, l->labels_capacity * sizeof *l->place);
		l->wanted = xrealloc(l->wanted, l->labels_capacity * sizeof *l->wanted);
	}
	if (o->count >= l->ops_capacity) {
		l->ops_capacity = 2 * o->count + 1;
		l->jump = xrealloc(l->jump, l->ops_capacity * sizeof *l->jump);
		l->end = xrealloc(l->end, l->ops_capacity * sizeof *l->end);
	}
	memset(l->place, 0, (o->labels + 1) * sizeof *l->place);
	memset(l->wanted, 0, (o->labels + 1) * sizeof *l->wanted);
	l->njumps = l->nends = l->done = 0;
}

static void labels_end(struct tiler *w, struct labels *l)
{
	for (unsigned i = 0; i < l->njumps; i++)
		x86_patch(l->jump[i].jump, l->place[l->jump[i].label]);
	for (unsigned i = 0; i < l->nends; i++)
		x86_patch(l->end[i], w->x.at);
	if (l->nends)
		w->stored_at = NULL;
}

static void labels_fini(struct labels *l)
{
	free(l->place);
	free(l->wanted);
	free(l->jump);
	free(l->end);
}

/* The next operation that will be tiled from i on; NULL: none. */
static const struct uop *next_tiled(const struct ops *o, const struct labels *l, unsigned i)
{
	bool reachable = false;

	for (; i < o->count; i++) {
		if (o->op[i].op == T_LABEL)
			reachable |= l->wanted[o->op[i].d];
		else if (reachable)
			return &o->op[i];
	}
	return NULL;
}

/* Does the code at p come right behind this block's? */
static bool comes_next(const struct tiler *w, uint64_t p)
{
	const struct block *b = &w->region->block[w->block];

	if (w->index + 1 < b->count)
		return p == w->in->next;
	return w->block + 1 < w->region->nblocks && b[1].count && b[1].p == p;
}

/* Execution goes on at p: at once if nothing of this instruction is left to tile. */
static void go_to(struct tiler *w, struct labels *l, unsigned i, int cc, uint64_t p)
{
	const struct block *b = &w->region->block[w->block];
	bool within = w->index + 1 < b->count && p == w->in->next;

	if (cc < 0 && !next_tiled(&w->in->ops, l, i + 1) && comes_next(w, p))
		return;
	if (!within) {
		exit_goto(w, cc, p);
		return;
	}
	l->end[l->nends++] = cc < 0 ? x86_jmp(&w->x) : x86_jcc(&w->x, (enum x86_condition)cc);
}

static const struct uop *at_label(const struct ops *o, uint32_t label)
{
	const struct uop *u = o->op;

	while (u->op != T_LABEL || u->d != label)
		u++;
	while (u->op == T_LABEL)
		u++;
	return u;
}

/* A jump to what comes next anyway, before one elsewhere: the other way round is one jump. */
static bool jump_around(struct tiler *w, struct labels *l, unsigned i, const struct uop *target)
{
	const struct ops *o = &w->in->ops;

	return target->op == T_GOTO && comes_next(w, target->imm) && i + 1 < o->count &&
	       o->op[i + 1].op == T_GOTO && !next_tiled(o, l, i + 2);
}

static void jump(struct tiler *w, struct labels *l, unsigned i, const struct uop *u)
{
	int cc = u->op == J_ALWAYS ? -1 : (int)tile_condition(w, u);
	const struct uop *target;

	if (u->d == LABEL_COLD) {
		exit_cold(w, cc);
		return;
	}
	target = at_label(&w->in->ops, u->d);
	if (cc >= 0 && jump_around(w, l, i, target)) {
		go_to(w, l, i, cc ^ 1, w->in->ops.op[i + 1].imm);
		l->done = i + 2;
		return;
	}
	if (target->op == T_GOTO) {
		go_to(w, l, i, cc, target->imm);
		return;
	}
	l->wanted[u->d] = true;
	l->jump[l->njumps].label = u->d;
	l->jump[l->njumps++].jump =
		cc < 0 ? x86_jmp(&w->x) : x86_jcc(&w->x, (enum x86_condition)cc);
}

static void add_undo(struct tiler *w, const struct uop *u)
{
	if (w->nundo == w->undo_capacity) {
		w->undo_capacity = w->undo_capacity ? w->undo_capacity * 2 : 16;
		w->undo = xrealloc(w->undo, w->undo_capacity * sizeof *w->undo);
	}
	w->undo[w->nundo++] = *u;
}

/* The place of an access, with what stands in front of it and is one with it; how many operations. */
static unsigned place_from(struct tiler *w, unsigned i)
{
	const struct ops *o = &w->in->ops;
	const struct uop *u = &o->op[i], *sum = NULL;
	unsigned bits = 0, n = 1;

	if (u->op == U_ADDI && i + 1 < o->count)
		sum = u++, n++;
	if (i + n < o->count && tile_aligns(w, u, u + 1))
		bits = u++->b, n++;
	if (u->op != U_PLACE || n == 1 || (sum && !tile_sums(w, sum, u)))
		return 0;
	tile_place(w, sum, u, bits);
	return n;
}

static void tile_one(struct tiler *w, struct labels *l, unsigned i)
{
	const struct uop *u = &w->in->ops.op[i];
	unsigned n = place_from(w, i);

	if (n)
		l->done = i + n;
	else if (ops_is_jump(u))
		jump(w, l, i, u);
	else if (u->op == T_COLD)
		exit_cold(w, -1);
	else if (u->op == T_GOTO)
		go_to(w, l, i, -1, u->imm);
	else if (u->op == T_INDIRECT)
		exit_indirect(w, u);
	else if (u->op == T_TRAP)
		exit_trap(w, u);
	else if (u->op == T_DONE)
		exit_done(w);
	else if (u->op == T_ROUND)
		exit_round(w, u);
	else if (u->op == T_UNDO || u->op == T_UNDO_SLOT || u->op == T_UNDO_ELEM)
		add_undo(w, u);
	else if (i + 1 < w->in->ops.count && tile_divides_both(u, u + 1)) {
		tile_divide(w, u, u + 1);
		l->done = i + 2;
	} else
		tile_op(w, u);
}

static void tile_instruction(struct tiler *w, struct labels *l)
{
	const struct ops *o = &w->in->ops;
	bool reachable = true;

	labels_begin(l, o);
	allocate_begin(&w->a, o);
	w->undo_from = w->nundo;
	for (unsigned i = 0; i < o->count && !w->x.full; i++) {
		const struct uop *u = &o->op[i];

		if (u->op == T_LABEL) {
			w->stored_at = NULL;
			l->place[u->d] = w->x.at;
			reachable |= l->wanted[u->d];
		} else if (reachable) {
			if (i >= l->done)
				tile_one(w, l, i);
			reachable = !ops_ends_path(u);
		}
	}
	if (w->x.full)
		l->njumps = 0;
	labels_end(w, l);
	allocate_end(&w->a);
}

/* Where jumps lead back the host fetches code in pieces of so many bytes. */
enum { LOOP_ALIGNMENT = 64 };

static void tile_block(struct tiler *w, struct labels *l)
{
	const struct block *b = &w->region->block[w->block];

	if (b->heads)
		x86_align(&w->x, LOOP_ALIGNMENT);
	w->start[w->block] = w->x.at;
	w->stored_at = NULL;
	if (!b->count)
		return;
	if (w->region->how == SIMPLIFY_FREE)
		exit_budget(w, b);
	else if (w->region->how == SIMPLIFY_ROUND && !w->region->served)
		exit_round_budget(w, b->p);
	for (w->index = 0; w->index < b->count; w->index++) {
		w->in = &w->region->instruction[b->first + w->index];
		tile_instruction(w, l);
	}
}

static void account(struct translator *t, const struct tiler *w)
{
	size_t used = (size_t)(w->x.at - t->memory.write);

	t->counts.bytes += used - t->memory.used;
	t->counts.regions++;
	for (unsigned i = 0; i < w->region->nblocks; i++)
		t->counts.instructions += w->region->block[i].count;
	t->memory.used = used;
}

/* By how much the region's instructions, and so most addresses, are relocated. */
static uint64_t relocation(const struct translator *t, const struct region *r)
{
	const struct block *b = r->block;

	while (!b->count)
		b++;

	const struct instruction *in = &r->instruction[b->first];
	uint64_t p = position_p(t, in->p);

	return t->paging.works || in->place < p ? 0 : in->place - p;
}

bool tile(struct translator *t, struct region *r, struct single *single)
{
	struct tiler *w = xcalloc(1, sizeof *w);
	struct labels labels = { 0 };
	const uint8_t *at_once = NULL;
	bool ok;

	w->t = t;
	w->region = r;
	w->key = &r->context->key;
	w->origin = relocation(t, r);
	w->x = (struct x86){ .at = t->memory.write + t->memory.used,
			     .end = t->memory.write + t->memory.size };
	if (r->how == SIMPLIFY_FREE)
		context_straighten(t, r->context, r->frame, r->p);
	allocate(t, r, &w->a);
	if (r->how != SIMPLIFY_FREE) {
		at_once = w->x.at;
		enter_at_once(w);
	}
	for (w->block = 0; w->block < r->nblocks; w->block++)
		tile_block(w, &labels);
	exit_write_all(w);
	if (single)
		enter_single(w, single, at_once);
	else
		enter_region(w, at_once);
	ok = !w->x.full;
	if (ok)
		account(t, w);
	labels_fini(&labels);
	allocation_fini(&w->a);
	free(w->side_exit);
	free(w->fix);
	free(w->undo);
	free(w);
	return ok;
}
