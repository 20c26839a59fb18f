/*
 * Watched registers (machine/stops.h): behind each instruction that can write one, the next one
 * begins by comparing it with what it was, and leaves if that differs; those that time changes are
 * compared before each instruction (condition.c).  Which instruction it was is noted when it begins.
 * Other code is as it would be without.
 */
#include "machine/stops.h"
#include "machine/translator/private.h"

static bool looks(const struct view *v)
{
	return v->stops && stops_look(v->stops) && !stops_alone(v);
}

static bool op_writes(const struct uop *u, uint32_t slot)
{
	if (u->op == U_SETELEM)
		return slot - u->b < u->imm;
	return u->d == slot && (u->op == T_PUT || ops_effect(u).defines);
}

static bool leaves(const struct stops *s, const struct view *v, unsigned k)
{
	return s->reg[k].leaves && !s->reg[k].close && stops_compares(s, v, &s->reg[k]);
}

static bool writes(const struct view *v, const struct ops *o)
{
	const struct stops *s = v->stops;

	for (unsigned k = 0; k < s->nregisters; k++)
		for (unsigned i = 0; leaves(s, v, k) && i < o->count; i++)
			if (op_writes(&o->op[i], s->reg[k].slot))
				return true;
	return false;
}

static void compare(const struct translator *t, const struct view *v, struct ops *into)
{
	const struct stops *s = v->stops;

	for (unsigned k = 0; k < s->nregisters; k++)
		if (leaves(s, v, k))
			ops_add(into, (struct uop){ .op = J_NE,
						    .width = 64,
						    .aux = true,
						    .d = LABEL_COLD,
						    .a = s->reg[k].slot,
						    .b = t->layout.watched + k });
}

/* In front of what an instruction does. */
static void begin(const struct translator *t, struct instruction *in, bool write, struct ops *front)
{
	if (write)
		ops_add(front, (struct uop){ .op = T_NOTE,
					     .d = t->layout.work + WORK_WRITER,
					     .imm = position_p(t, in->p) });
	for (unsigned i = 0; front->count && i < in->ops.count; i++)
		ops_add(front, in->ops.op[i]);
	if (!front->count)
		return;
	ops_free(&in->ops);
	in->ops = *front;
}

/* Steps that were taken from the budget and that are not done when an instruction of a block begins. */
static unsigned not_done(const struct region *r, const struct block *b, unsigned i)
{
	return r->how == SIMPLIFY_ROUND ? 0 : b->count - (i - b->first) + b->after;
}

static void watch_block(const struct translator *t, const struct view *v, struct region *r,
			const struct block *b)
{
	bool after_write = true; /* whoever came from elsewhere */
	/* of a guest's registers the real processor has some only, unless they are shared */
	bool close = stops_close(v) && (v->stops->view == v || r->context->key.sharing);
	int known[STOPS_CLOSE];

	for (unsigned i = 0; i < STOPS_CLOSE; i++)
		known[i] = -1;
	for (unsigned i = b->first; i < b->first + b->count; i++) {
		struct instruction *in = &r->instruction[i];
		struct ops front = { .labels = in->ops.labels };
		bool write = writes(v, &in->ops);

		if (after_write)
			compare(t, v, &front);
		if (close)
			condition_look(t, v, in->p, not_done(r, b, i), known, &front);
		begin(t, in, write || (close && v->stops->timed), &front);
		after_write = write;
	}
}

void watch_region(const struct translator *t, const struct view *v, struct region *r)
{
	if (!looks(v))
		return;
	for (const struct block *b = r->block; b < r->block + r->nblocks; b++)
		watch_block(t, v, r, b);
}

void watch_begin(const struct view *v)
{
	uint64_t *state = v->cpu->state;
	const struct layout *at = &v->oracle->layout;

	if (!looks(v))
		return;
	for (unsigned k = 0; k < v->stops->nregisters; k++)
		state[at->watched + k] = v->stops->reg[k].before;
	state[at->work + WORK_WRITER] = v->stops->p;
	if (stops_close(v))
		condition_begin(v);
}

bool watch_end(const struct view *v)
{
	if (!looks(v))
		return false;
	v->stops->p = v->cpu->state[v->oracle->layout.work + WORK_WRITER];
	return stops_compare(v->stops, v);
}
