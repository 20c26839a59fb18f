/*
 * The ways into translated code, and the code by which all of it is entered and left.
 */
#include "machine/translator/tiler.h"

/* Registers; code finds its parameters in other slots, and rounds what they work on. */
static bool comes_in(const struct tiler *w, uint32_t slot)
{
	switch (w->region->how) {
	case SIMPLIFY_FREE: return exit_is_register(w, slot) || slot >= w->t->layout.watched;
	case SIMPLIFY_SETTLED: return exit_is_register(w, slot) || slot == w->t->layout.work + WORK_TIME;
	case SIMPLIFY_CODE: return true;
	case SIMPLIFY_ROUND:
	case SIMPLIFY_MISSING: return slot < w->t->layout.locals || slot >= w->t->layout.traps;
	}
	return false;
}

/* Does some code reach storage, or the cache of pages, from the cell at the origin? */
static bool reaches_storage(const struct region *r)
{
	for (unsigned i = 0; i < r->ninstructions; i++)
		for (unsigned k = 0; k < r->instruction[i].ops.count; k++)
			switch (r->instruction[i].ops.op[k].op) {
			case U_LOAD:
			case U_LOADS:
			case U_STORE:
			case U_STORES:
			case U_PLACE:
			case T_NOCODE:
			case T_UNDO: return true;
			default: break;
			}
	return false;
}

static void reload(struct tiler *w)
{
	if (w->region->how == SIMPLIFY_FREE || reaches_storage(w->region))
		x86_constant(&w->x, R14, (uintptr_t)tile_origin(w));
	for (unsigned i = 0; i < w->a.n; i++)
		if (comes_in(w, w->a.slot[i]))
			x86_rm(&w->x, true, 0x8b, w->a.reg[w->a.slot[i]], tile_home(w, w->a.slot[i]));
}

/* A block that does not look at the budget is entered only if it suffices. */
static void enter_checked(struct tiler *w, const struct block *b)
{
	if (w->region->how != SIMPLIFY_FREE || b->checked)
		return;
	x86_ri(&w->x, true, G1_CMP, R15, (int32_t)b->ahead);
	uint8_t *enough = x86_jcc(&w->x, CC_AE);
	exit_position(w, b->p);
	exit_within(w, b->p);
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
			tile_constant(w, tile_home(w, s->slot), s->value);
	}
}

/*
 * Is a block entered elsewhere already, and better so?  A loop that was found first, and alone, is
 * not entered any more where a region has what stands around it, too.
 */
static bool is_entered(const struct region *r, const struct block *b, const struct entry *e)
{
	if (r->steps)
		return e->steps.from != NULL;
	return e->from && b->p != r->p && !(b->heads && e->from->nblocks < r->nblocks);
}

static void note_entered(struct translator *t, uint64_t p)
{
	uint64_t place = position_place(t, p);

	place_note(&places_at(t, place)->entered, place);
}

void enter_region(struct tiler *w, const uint8_t *at_once)
{
	struct translation *from = translation_new(w->region->context);
	const struct region *r = w->region;

	from->nblocks = r->nblocks;
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
		if (is_entered(r, b, e))
			continue;
		context_forget_near(w->t, r->context, e->p);
		note_entered(w->t, e->p);
		(r->steps ? translation_steps : translation_enters)(
			from, e, code_memory_executable(&w->t->memory, at_once ? at_once : w->x.at));
		if (at_once)
			continue;
		enter_checked(w, b);
		reload(w);
		set_known(w, i);
		x86_patch(x86_jmp(&w->x), w->start[i]);
	}
	translation_holds(w->t, from);
}

void enter_at_once(struct tiler *w)
{
	reload(w);
}

void enter_single(struct tiler *w, struct single *s, const uint8_t *at_once)
{
	struct translation *from = translation_new(w->region->context);
	const struct region *r = w->region;
	uint64_t at = r->context->key.base + r->instruction[0].place;

	if (knows_position(r->how))
		translation_covers(w->t, from, at, at + w->t->isa->length);
	s->clock = r->instruction[0].clock;
	s->instr = r->instruction[0].instr;
	translation_serves(from, s, code_memory_executable(&w->t->memory, at_once));
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
	x86_rm(&x, true, OP_LEA, RBP,
	       (struct x86_memory){ .base = RDI, .index = RSP, .disp = tile_middle(t) });
	x86_move(&x, R15, RSI);
	x86_jmp_reg(&x, RDX);
	write_leaving(t, &x);
	t->frame = t->memory.used = (size_t)(x.at - t->memory.write);
}
