/*
 * Rounds: an instruction that meets the clock or surely traps, together with the settling of
 * time before and after it and with the performance of its trap, as one program.  Translated
 * code that comes to such an instruction goes on through it, without the run loop, wherever
 * that would do no more than this:
 *
 *     skip(done); the instruction, or trapseq; tick; horizon
 *
 * What comes seldom (a device has something to say, tick traps) leaves as T_COLD, the state as
 * it was before: then the run loop (machine/run.c) does it all, step by step.  A trap finds the few
 * registers that the instruction had written as they were; what has done more leaves likewise.
 */
#include "machine/translator/private.h"

#include "isa/alloc.h"

struct writer {
	const struct translator *t;
	const struct instruction *in; /* NULL: some access that was missed, at WORK_AT */
	struct program *program; /* what is written; owned */
	uint32_t count, capacity;
	bool able;
	unsigned nkept;
	uint32_t kept[ROUND_KEPT]; /* registers that traps find as they were */
};

static uint32_t work(const struct writer *w, enum work which)
{
	return w->t->layout.work + which;
}

static struct uop *put(struct writer *w, struct uop u)
{
	if (w->count == w->capacity) {
		w->capacity = w->capacity ? w->capacity * 2 : 256;
		w->program = xrealloc(w->program,
				      sizeof *w->program + w->capacity * sizeof *w->program->uop);
	}
	w->program->uop[w->count] = u;
	return &w->program->uop[w->count++];
}

static void constant(struct writer *w, uint32_t d, uint64_t value)
{
	put(w, (struct uop){ .op = U_CONST, .width = 64, .d = d, .imm = value });
}

static void move(struct writer *w, uint32_t d, uint32_t a)
{
	put(w, (struct uop){ .op = U_MOVE, .width = 64, .d = d, .a = a });
}

static void operate(struct writer *w, enum uop_op op, uint32_t d, uint32_t a, uint32_t b)
{
	put(w, (struct uop){ .op = (uint8_t)op, .width = 64, .d = d, .a = a, .b = b });
}

static void operate_imm(struct writer *w, enum uop_op op, uint32_t d, uint32_t a, uint64_t imm)
{
	put(w, (struct uop){ .op = (uint8_t)op, .width = 64, .d = d, .a = a, .imm = imm });
}

/* If a op b is `sense`, jumps to what `land` is told of. */
static uint32_t jump_if(struct writer *w, enum uop_op op, uint32_t a, uint32_t b, bool sense)
{
	put(w, (struct uop){ .op = (uint8_t)op, .width = 64, .aux = sense, .a = a, .b = b });
	return w->count - 1;
}

static uint32_t jump_if_imm(struct writer *w, enum uop_op op, uint32_t a, uint64_t imm, bool sense)
{
	put(w, (struct uop){ .op = (uint8_t)op, .width = 64, .aux = sense, .a = a, .imm = imm });
	return w->count - 1;
}

static void land(struct writer *w, uint32_t jump)
{
	w->program->uop[jump].d = w->count - jump - 1;
}

/* Leaves as if nothing had been begun, if a op b is `sense`. */
static void cold_if(struct writer *w, enum uop_op op, uint32_t a, uint32_t b, bool sense)
{
	uint32_t around = jump_if(w, op, a, b, !sense);

	put(w, (struct uop){ .op = T_COLD });
	land(w, around);
}

static void cold_if_imm(struct writer *w, enum uop_op op, uint32_t a, uint64_t imm, bool sense)
{
	uint32_t around = jump_if_imm(w, op, a, imm, !sense);

	put(w, (struct uop){ .op = T_COLD });
	land(w, around);
}

static unsigned length(const struct program *p)
{
	unsigned n = 0;

	while (p->uop[n].op != U_END)
		n++;
	return n;
}

/* What the description says, where the time is that of the round. */
static void copy(struct writer *w, const struct uop *u)
{
	struct uop *c = put(w, *u);
	struct effect e = ops_effect(u);

	for (unsigned i = 0; i < e.nuses; i++)
		if (e.use[i] == work(w, WORK_TIME))
			*(c->a == e.use[i]   ? &c->a
			  : c->b == e.use[i] ? &c->b
					     : &c->d) = work(w, WORK_NOW);
}

/* Code of the description, its parameters in the first locals already. */
static void code(struct writer *w, enum code_kind kind)
{
	const struct program *p = w->t->oracle->code[kind];

	for (unsigned i = 0; p && p->uop[i].op != U_END; i++)
		copy(w, &p->uop[i]);
}

/* ---- its parts ---- */

/* The steps done in this burst, of which time knows nothing yet. */
static void before(struct writer *w)
{
	uint32_t done = work(w, WORK_DONE), none;

	put(w, (struct uop){ .op = T_BUDGET, .d = work(w, WORK_LEFT) });
	operate(w, U_SUB, done, work(w, WORK_BURST), work(w, WORK_LEFT));
	operate(w, U_ADD, work(w, WORK_NOW), work(w, WORK_CLOCK), done);
	if (!w->t->oracle->code[CODE_TICK])
		return;
	if (w->t->oracle->code[CODE_SKIP]->uop[0].op == U_END)
		return;
	/* tick, horizon and skip speak of words */
	if (w->t->isa->word < 64)
		cold_if_imm(w, J_ULEI, done, isa_mask(w->t->isa->word), false);
	none = jump_if_imm(w, J_EQI, done, 0, true);
	move(w, w->t->layout.locals, done);
	code(w, CODE_SKIP);
	land(w, none);
}

/* A unit of time, in which no device has anything to say. */
static void unit(struct writer *w)
{
	operate_imm(w, U_ADDI, work(w, WORK_NOW), work(w, WORK_NOW), 1);
	code(w, CODE_TICK);
}

/* How long the next burst may be. */
static void after(struct writer *w)
{
	uint32_t left = work(w, WORK_LEFT), room = work(w, WORK_REST), h = work(w, WORK_RESULT);
	uint32_t no;

	cold_if(w, J_ULT, work(w, WORK_NOW), work(w, WORK_QUIET), false);
	operate(w, U_SUB, room, work(w, WORK_ROOM), work(w, WORK_DONE));
	operate_imm(w, U_SUBI, room, room, 1);
	operate(w, U_SUB, left, work(w, WORK_QUIET), work(w, WORK_NOW));
	operate_imm(w, U_SUBI, left, left, 1);
	if (w->t->oracle->code[CODE_TICK]) {
		code(w, CODE_HORIZON);
		no = jump_if_imm(w, J_EQI, h, isa_mask(w->t->isa->word), true);
		uint32_t more = jump_if(w, J_ULT, left, h, true);
		move(w, left, h);
		land(w, more);
		land(w, no);
	}
	no = jump_if(w, J_ULT, left, room, true);
	move(w, left, room);
	land(w, no);
	put(w, (struct uop){ .op = T_PUT, .d = work(w, WORK_ROOM), .a = room });
	put(w, (struct uop){ .op = T_PUT, .d = work(w, WORK_CLOCK), .a = work(w, WORK_NOW) });
	put(w, (struct uop){ .op = T_PUT, .d = work(w, WORK_BURST), .a = left });
}

static void put_constant(struct writer *w, enum work where, uint64_t value)
{
	constant(w, work(w, WORK_DONE), value);
	put(w, (struct uop){ .op = T_PUT, .d = work(w, where), .a = work(w, WORK_DONE) });
}

/* The trap that was performed, for who asks later. */
static void report(struct writer *w, const struct uop *trap)
{
	uint32_t count = w->t->layout.traps + trap->b;

	operate_imm(w, U_ADDI, work(w, WORK_DONE), count, 1);
	put(w, (struct uop){ .op = T_PUT, .d = count, .a = work(w, WORK_DONE) });
	put(w, (struct uop){ .op = T_PUT, .d = work(w, WORK_TRAP_INFO), .a = work(w, WORK_INFO) });
	if (w->in)
		put_constant(w, WORK_TRAP_P, position_p(w->t, w->in->p));
	else
		put(w, (struct uop){
			       .op = T_PUT, .d = work(w, WORK_TRAP_P), .a = work(w, WORK_AT) });
	put_constant(w, WORK_TRAP, why_trap(trap->b, (enum phase)trap->aux));
}

static void address_after(struct writer *w, uint32_t d, const struct uop *trap)
{
	if (!w->in)
		move(w, d, work(w, WORK_AT));
	else
		constant(w, d,
			 position_p(w->t, trap->aux == PHASE_NEXT ? w->in->next : w->in->p));
}

/* trapseq finds the registers as they were before. */
static void put_back(struct writer *w)
{
	for (unsigned i = 0; i < w->nkept; i++)
		move(w, w->kept[i], work(w, WORK_KEPT) + i);
}

/* The element of what pages depend on that is written, or found. */
static uint32_t element(const struct writer *w)
{
	return w->t->layout.translate + w->t->paging.search->index;
}

/* The instruction traps: trapseq instead. */
static void perform(struct writer *w, const struct uop *trap)
{
	uint32_t local = w->t->layout.locals;

	if (!w->in && w->t->paging.searched)
		put(w, (struct uop){ .op = T_PUT, .d = work(w, WORK_FOUND), .a = element(w) });
	move(w, work(w, WORK_INFO), trap->a);
	put_back(w);
	constant(w, local, w->t->isa->trap[trap->b].number);
	address_after(w, local + 1, trap);
	move(w, local + 2, work(w, WORK_INFO));
	code(w, CODE_TRAPSEQ);
	if (trap->aux == PHASE_NEXT)
		unit(w);
	after(w);
	report(w, trap);
}

/* ---- the instruction ---- */

static bool is_kept(const struct writer *w, uint32_t slot)
{
	for (unsigned i = 0; i < w->nkept; i++)
		if (w->kept[i] == slot)
			return true;
	return false;
}

static bool writes(const struct writer *w, const struct uop *u)
{
	return ops_effect(u).defines && u->d < w->t->isa->nslots;
}

/* Something that is not put back. */
static bool changes(const struct writer *w, const struct uop *u)
{
	return u->op == U_STORE || u->op == U_STORES || u->op == U_SETELEM || u->op == U_OUT ||
	       u->op == U_UNSPECIFIED || (writes(w, u) && !is_kept(w, u->d));
}

/*
 * Where P has been moved, what comes after it is not known here.  What is not in storage may be a
 * device's.
 */
static bool is_performed(const struct writer *w, const struct uop *u)
{
	if (!w->in)
		return u->op == U_TRAP && u->aux == PHASE_NULLIFY &&
		       u->b != w->t->isa->memory->index;
	return u->op == U_TRAP && u->aux != PHASE_COMPLETE &&
	       !(w->t->isa->advance && u->aux == PHASE_NEXT);
}

/* Keeps registers that are written before a trap. */
static void keep(struct writer *w, const struct program *p)
{
	unsigned last = 0;

	for (unsigned i = 0; i < length(p); i++)
		if (is_performed(w, &p->uop[i]))
			last = i;
	for (unsigned i = 0; i < last && w->nkept < ROUND_KEPT; i++)
		if (writes(w, &p->uop[i]) && !is_kept(w, p->uop[i].d))
			w->kept[w->nkept++] = p->uop[i].d;
	for (unsigned i = 0; i < w->nkept; i++)
		move(w, work(w, WORK_KEPT) + i, w->kept[i]);
}

/* Does it write one, of which can be told which addresses it matches? */
static bool writes_element(const struct writer *w, const struct uop *u)
{
	return u->op == U_SETELEM && w->t->paging.addresses && page_counts_by_number(w->t, u->b);
}

/* Its traps are performed as long as it has changed nothing; `end` collects jumps to the end. */
static void instruction(struct writer *w, const struct program *p, uint32_t *end, unsigned *nends)
{
	unsigned n = length(p);
	uint32_t *at = xcalloc(n + 1, sizeof *at), *jump = xcalloc(n + 1, sizeof *jump);
	bool changed = false;

	keep(w, p);
	for (unsigned i = 0; i < n; i++) {
		const struct uop *u = &p->uop[i];

		at[i] = w->count;
		changed |= changes(w, u);
		if (is_performed(w, u) && !changed) {
			perform(w, u);
			end[(*nends)++] = w->count;
			put(w, (struct uop){ .op = J_ALWAYS });
			continue;
		}
		jump[i] = w->count + 1; /* never 0 */
		copy(w, u);
		if (writes_element(w, u))
			move(w, element(w), u->a);
		if (ops_is_jump(u) && (int32_t)u->d < 0)
			w->able = false; /* a loop */
	}
	at[n] = w->count;
	for (unsigned i = 0; i < n && w->able; i++)
		if (ops_is_jump(&p->uop[i]) && jump[i])
			w->program->uop[jump[i] - 1].d = at[i + 1 + p->uop[i].d] - jump[i];
	free(at);
	free(jump);
}

/* Which addresses the element matches that the instruction has written, if that is a certain one. */
static void tell_addresses(struct writer *w, const struct program *p)
{
	const struct program *addresses = w->t->paging.addresses;
	bool any = false;

	for (unsigned i = 0; i < length(p); i++)
		any |= writes_element(w, &p->uop[i]);
	for (unsigned i = 0; any && i < length(addresses); i++)
		put(w, addresses->uop[i]);
}

static bool possible(const struct translator *t)
{
	struct program *const *code = t->oracle->code;

	return code[CODE_TRAPSEQ] && (!code[CODE_TICK] || (code[CODE_HORIZON] && code[CODE_SKIP]));
}

struct program *round_program(const struct translator *t, const struct program *p,
			      const struct instruction *in)
{
	struct writer w = { .t = t, .in = in, .able = true };
	uint32_t *end = xcalloc(length(p) + 1, sizeof *end);
	unsigned nends = 0;

	if (possible(t)) {
		before(&w);
		if (t->paging.addresses)
			constant(&w, element(&w), 0); /* where none is written */
		instruction(&w, p, end, &nends);
		tell_addresses(&w, p);
		if (!t->isa->advance)
			move(&w, t->isa->role[ROLE_PC]->slot, work(&w, WORK_NEXT));
		unit(&w);
		after(&w);
		for (unsigned i = 0; i < nends; i++)
			land(&w, end[i]);
		put(&w, (struct uop){ .op = U_END });
		w.program->instr = p->instr;
		w.program->clock = p->clock;
		w.program->mode = p->mode;
	}
	free(end);
	if (possible(t) && w.able)
		return w.program;
	free(w.program);
	return NULL;
}

/* Where the page is: known to the cache by what was found, if one address of a page tells of all. */
static void tell(struct writer *w, enum access access)
{
	const struct paging *p = &w->t->paging;
	uint32_t found = work(w, WORK_DONE);

	if (p->nwalks || p->elsewhere || !p->even[access] || access == ACCESS_FETCH)
		return;
	if (p->searched)
		found = w->t->layout.translate + p->search->index;
	else
		constant(w, found, UINT64_MAX);
	put(w, (struct uop){ .op = T_PUT, .d = work(w, WORK_FOUND), .a = found });
	operate_imm(w, U_ADDI, work(w, WORK_DONE), work(w, WORK_RESULT), 1);
	put(w, (struct uop){ .op = T_PUT, .d = work(w, WORK_PLACE), .a = work(w, WORK_DONE) });
}

struct program *round_missing(const struct translator *t, enum access access)
{
	struct writer w = { .t = t, .able = true };
	struct program *p;
	uint32_t *end;
	unsigned nends = 0;

	if (!possible(t))
		return NULL;
	p = lower_translate_in_line(t->isa, &t->layout, access);
	end = xcalloc(length(p) + 1, sizeof *end);
	before(&w);
	move(&w, work(&w, WORK_AT), t->isa->role[ROLE_PC]->slot);
	move(&w, t->layout.locals, work(&w, WORK_MISSED));
	if (t->paging.searched)
		constant(&w, t->layout.translate + t->paging.search->index, UINT64_MAX);
	instruction(&w, p, end, &nends);
	tell(&w, access);
	put(&w, (struct uop){ .op = T_COLD });
	for (unsigned i = 0; i < nends; i++)
		land(&w, end[i]);
	put(&w, (struct uop){ .op = U_END });
	w.program->instr = NULL;
	w.program->clock = w.program->mode = false;
	free(end);
	free(p);
	if (w.able)
		return w.program;
	free(w.program);
	return NULL;
}
