/*
 * Watched registers (machine/stops.h): behind each instruction that can write one, the next one
 * begins by comparing it with what it was, and leaves if that differs.  Which instruction it was
 * is noted when it begins.  Other code is as it would be without.
 */
#include "machine/stops.h"
#include "machine/translator/private.h"

static bool looks(const struct view *v)
{
	return v->stops && v->stops->nregisters && !stops_alone(v);
}

static bool op_writes(const struct uop *u, uint32_t slot)
{
	if (u->op == U_SETELEM)
		return slot - u->b < u->imm;
	return u->d == slot && (u->op == T_PUT || ops_effect(u).defines);
}

static bool writes(const struct view *v, const struct ops *o)
{
	const struct stops *s = v->stops;

	for (unsigned k = 0; k < s->nregisters; k++)
		for (unsigned i = 0; stops_compares(s, v, &s->reg[k]) && i < o->count; i++)
			if (op_writes(&o->op[i], s->reg[k].slot))
				return true;
	return false;
}

static void compare(const struct translator *t, const struct view *v, struct ops *into)
{
	const struct stops *s = v->stops;

	for (unsigned k = 0; k < s->nregisters; k++)
		if (stops_compares(s, v, &s->reg[k]))
			ops_add(into, (struct uop){ .op = J_NE,
						    .width = 64,
						    .aux = true,
						    .d = LABEL_COLD,
						    .a = s->reg[k].slot,
						    .b = t->layout.watched + k });
}

/* In front of what an instruction does. */
static void begin(const struct translator *t, const struct view *v, struct instruction *in,
		  bool after_write, bool write)
{
	struct ops o = { .labels = in->ops.labels };

	if (after_write)
		compare(t, v, &o);
	if (write)
		ops_add(&o, (struct uop){ .op = T_NOTE,
					  .d = t->layout.work + WORK_WRITER,
					  .imm = position_p(t, in->p) });
	for (unsigned i = 0; i < in->ops.count; i++)
		ops_add(&o, in->ops.op[i]);
	ops_free(&in->ops);
	in->ops = o;
}

void watch_region(const struct translator *t, const struct view *v, struct region *r)
{
	if (!looks(v))
		return;
	for (const struct block *b = r->block; b < r->block + r->nblocks; b++) {
		bool after_write = true; /* whoever came from elsewhere */

		for (unsigned i = b->first; i < b->first + b->count; i++) {
			struct instruction *in = &r->instruction[i];
			bool write = writes(v, &in->ops);

			if (after_write || write)
				begin(t, v, in, after_write, write);
			after_write = write;
		}
	}
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
}

bool watch_end(const struct view *v)
{
	if (!looks(v))
		return false;
	v->stops->p = v->cpu->state[v->oracle->layout.work + WORK_WRITER];
	return stops_compare(v->stops, v);
}
