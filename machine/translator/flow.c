/*
 * What flows from block to block of a region: registers that are set, and set again before anybody
 * can see them, need not be; and where a register surely has a value already, it need not be set to
 * that.
 *
 * Both are done for the registers that a region sets to constants, as the bits are that tell what an
 * instruction is: in a delay slot, say.  Whoever leaves a region sees all registers; so does the
 * oracle, for which any operation may leave that is not sure to go on.
 */
#include "machine/translator/private.h"

#include "isa/alloc.h"

/* Registers that are looked at are bits of sets. */
enum { FLOWS = 32 };
/* Operations for which there is room on the stack. */
enum { FEW = 256 };
typedef uint64_t set;
static const set all = UINT64_MAX;

struct flow {
	struct region *region;
	unsigned n;
	uint32_t slot[FLOWS];
	uint32_t nslots;
	uint8_t *number; /* by slot, from 1; 0: it is not looked at; owned */
	set live[MAX_BLOCKS + 1]; /* by block: whoever sees it, or goes on from there, may look at these */
	set *at;		  /* by label of an instruction; owned */
	unsigned labels;
	/* by block, what is known when it begins */
	struct known {
		set is;
		uint64_t value[FLOWS];
	} known[MAX_BLOCKS + 1];
};

/* A register's bit; 0: it is not looked at. */
static set bit_of(const struct flow *f, uint32_t slot)
{
	unsigned i = slot < f->nslots ? f->number[slot] : 0;

	return i ? (set)1 << (i - 1) : 0;
}

static struct ops *ops_of(const struct flow *f, const struct block *b, unsigned i)
{
	return &f->region->instruction[b->first + i].ops;
}

/* The registers of a region that it sets to constants. */
static void choose(struct flow *f)
{
	const struct region *r = f->region;

	for (const struct block *b = r->block; b < r->block + r->nblocks; b++)
		for (unsigned i = 0; i < b->count; i++) {
			const struct ops *o = ops_of(f, b, i);

			f->labels = o->labels > f->labels ? o->labels : f->labels;
			for (unsigned k = 0; k < o->count; k++)
				if (o->op[k].op == U_CONST && o->op[k].d < f->nslots &&
				    f->n < FLOWS && !bit_of(f, o->op[k].d)) {
					f->slot[f->n++] = o->op[k].d;
					f->number[o->op[k].d] = (uint8_t)f->n;
				}
		}
}

/* The block that an instruction goes to, unless it is the next of the same one; -1: elsewhere. */
static int block_at(const struct flow *f, uint64_t p)
{
	int i = region_block(f->region, p);

	return i >= 0 && f->region->block[i].count ? i : -1;
}

/* ---- who may look ---- */

static bool leaves(const struct uop *u)
{
	return ops_may_go_cold(u) || (ops_ends_path(u) && u->op != J_ALWAYS && u->op != T_GOTO);
}

/* Elements that are reached by an index, and what operations say of slots where they stay. */
static bool looks_at_all(const struct uop *u)
{
	return u->op == U_ELEM || u->op == V_ELEMS || u->op == T_GET || u->op == T_PUT || u->op == T_NOTE ||
	       u->op == T_UNDO || u->op == T_UNDO_SLOT || u->op == T_UNDO_ELEM;
}

static bool is_dead(const struct flow *f, const struct uop *u, set live)
{
	set bit = ops_effect(u).defines ? bit_of(f, u->d) : 0;

	return bit && !(live & bit) && !leaves(u) && !looks_at_all(u);
}

/* What is live before an operation, from what is after it. */
static set live_before(struct flow *f, const struct uop *u, set live, const struct instruction *in,
		       set next, bool last)
{
	struct effect e = ops_effect(u);
	int to;

	if (u->op == T_GOTO) {
		to = block_at(f, u->imm);
		return !last && u->imm == in->next ? next : to < 0 ? all : f->live[to];
	}
	if (u->op == J_ALWAYS)
		live = f->at[u->d];
	else if (ops_is_conditional(u))
		live |= u->d == LABEL_COLD ? all : f->at[u->d];
	if (e.defines)
		live &= ~bit_of(f, u->d);
	for (unsigned k = 0; k < e.nuses; k++)
		live |= bit_of(f, e.use[k]);
	if (leaves(u) || looks_at_all(u))
		live = all;
	if (u->op == T_LABEL)
		f->at[u->d] = live;
	return live;
}

static void sweep(struct ops *o, const bool *gone)
{
	unsigned n = 0;

	for (unsigned i = 0; i < o->count; i++)
		if (!gone[i])
			o->op[n++] = o->op[i];
	o->count = n;
}

/* Backward through an instruction; removes what nobody can see, if that is asked for. */
static set through(struct flow *f, const struct block *b, unsigned i, set next, bool removes)
{
	const struct instruction *in = &f->region->instruction[b->first + i];
	struct ops *o = ops_of(f, b, i);
	bool few[FEW], *gone = o->count <= FEW ? few : xmalloc(o->count * sizeof *gone);
	set live = all;

	for (unsigned k = o->count; k-- > 0;) {
		gone[k] = removes && is_dead(f, &o->op[k], live);
		if (!gone[k])
			live = live_before(f, &o->op[k], live, in, next, i + 1 == b->count);
	}
	if (removes)
		sweep(o, gone);
	if (gone != few)
		free(gone);
	return live;
}

static set through_block(struct flow *f, const struct block *b, bool removes)
{
	set live = all;

	for (unsigned i = b->count; i-- > 0;)
		live = through(f, b, i, live, removes);
	/* where the budget is looked at, the region may be left */
	return b->checked ? all : live;
}

/* From nothing on, until nothing is added: then whatever is looked at is live. */
static void find_live(struct flow *f)
{
	struct region *r = f->region;
	bool news = true;

	while (news) {
		news = false;
		for (unsigned i = r->nblocks; i-- > 0;) {
			set live = through_block(f, &r->block[i], false);

			news |= r->block[i].count && live != f->live[i];
			f->live[i] = live;
		}
	}
	for (unsigned i = 0; i < r->nblocks; i++)
		through_block(f, &r->block[i], true);
}

/* ---- what is known ---- */

static void learn(struct known *known, unsigned i, uint64_t value)
{
	known->is |= (set)1 << i;
	known->value[i] = value;
}

static unsigned number_of(set bit)
{
	return (unsigned)__builtin_ctzll(bit);
}

/* Is a register known to hold a value? */
static bool holds(const struct known *known, set bit, uint64_t value)
{
	return (known->is & bit) && known->value[number_of(bit)] == value;
}

/* Forward through an instruction.  Behind a jump or a label, what is set is so on some paths only. */
static void know(const struct flow *f, struct ops *o, struct known *known, bool removes)
{
	bool few[FEW], *gone = o->count <= FEW ? few : xmalloc(o->count * sizeof *gone);
	bool some = false;

	for (unsigned k = 0; k < o->count; k++) {
		const struct uop *u = &o->op[k];
		set bit = ops_effect(u).defines ? bit_of(f, u->d) : 0;

		gone[k] = false;
		some |= u->op == T_LABEL || (ops_is_jump(u) && u->d != LABEL_COLD);
		if (u->op == U_SETELEM)
			known->is = 0;
		if (!bit)
			continue;
		if (u->op == U_CONST && holds(known, bit, u->imm))
			gone[k] = removes;
		else if (u->op == U_CONST && !some)
			learn(known, number_of(bit), u->imm);
		else
			known->is &= ~bit;
	}
	if (removes)
		sweep(o, gone);
	if (gone != few)
		free(gone);
}

/* From what is known where a block begins to what is where it ends. */
static void know_block(const struct flow *f, const struct block *b, struct known *known,
		       bool removes)
{
	for (unsigned i = 0; i < b->count; i++)
		know(f, ops_of(f, b, i), known, removes);
}

/* On another way less is known. */
static void meet(struct known *known, const struct known *other)
{
	for (set left = known->is; left; left &= left - 1)
		if (!holds(other, left & -left, known->value[number_of(left)]))
			known->is &= ~(left & -left);
}

static bool same(const struct known *a, const struct known *b)
{
	for (set left = a->is; left; left &= left - 1)
		if (!holds(b, left & -left, a->value[number_of(left)]))
			return false;
	return a->is == b->is;
}

/* Hands on what is known where a block ends to those that it leads to; `came`: somebody has. */
static void hand_on(const struct flow *f, unsigned from, struct known *next, bool *came)
{
	const struct block *b = &f->region->block[from];
	const struct ops *o = ops_of(f, b, b->count - 1);
	struct known known = f->known[from];

	know_block(f, b, &known, false);
	for (unsigned k = 0; k < o->count; k++) {
		int to = o->op[k].op == T_GOTO ? block_at(f, o->op[k].imm) : -1;

		if (to < 0)
			continue;
		if (came[to])
			meet(&next[to], &known);
		else
			next[to] = known;
		came[to] = true;
	}
}

/*
 * What is known when blocks begin: what all that lead to one know, of registers that are not live
 * there.  Whoever enters the region there may set these: nobody sees them.  From nothing on, each
 * time more follows.
 */
static bool find_more(struct flow *f)
{
	struct region *r = f->region;
	struct known *next = xcalloc(r->nblocks + 1, sizeof *next);
	bool came[MAX_BLOCKS + 1] = { false }, news = false;

	for (unsigned i = 0; i < r->nblocks; i++)
		if (r->block[i].count)
			hand_on(f, i, next, came);
	for (unsigned i = 0; i < r->nreturns; i++)
		if (block_at(f, r->returns[i]) >= 0) /* by jumps that say nothing here */
			next[block_at(f, r->returns[i])].is = 0;
	for (unsigned i = 0; i < r->nblocks; i++) {
		next[i].is &= ~f->live[i];
		news |= !same(&next[i], &f->known[i]);
		f->known[i] = next[i];
	}
	free(next);
	return news;
}

/* Who enters at a block sets what is known there. */
static void set_at_entry(const struct flow *f, unsigned block)
{
	const struct known *known = &f->known[block];
	struct region *r = f->region;

	for (set left = known->is; left; left &= left - 1) {
		unsigned i = number_of(left);

		r->setting[r->nsettings++] = (struct setting){ block, f->slot[i], known->value[i] };
	}
}

/* What is known where a block begins rests on what is where others do: all of it, or nothing. */
static void use_known(struct flow *f)
{
	struct region *r = f->region;
	unsigned n = 0;

	for (unsigned i = 0; i < r->nblocks; i++)
		n += (unsigned)__builtin_popcountll(f->known[i].is);
	if (n > SETTINGS)
		return;
	for (unsigned i = 0; i < r->nblocks; i++) {
		set_at_entry(f, i);
		know_block(f, &r->block[i], &f->known[i], true);
	}
}

void flow_region(const struct translator *t, struct region *r)
{
	struct flow *f = xcalloc(1, sizeof *f);
	unsigned rounds = 0;

	f->region = r;
	f->nslots = t->isa->nslots;
	f->number = xcalloc(f->nslots, sizeof *f->number);
	choose(f);
	f->at = xcalloc(f->labels + 1, sizeof *f->at);
	if (f->n) {
		find_live(f);
		while (find_more(f) && ++rounds < MAX_BLOCKS)
			;
		use_known(f);
	}
	free(f->number);
	free(f->at);
	free(f);
}
