/*
 * Regions: the blocks that are reached from one place by jumps whose targets are
 * known, as far as they are worth it.  Every block's first instruction is an entry.
 */
#define _POSIX_C_SOURCE 200809L
#include "machine/stops.h"
#include "machine/translator/private.h"

#include <stdlib.h>
#include <time.h>

/* ---- instructions ---- */

/* The place of the unit at an address. */
static bool place_of(struct translator *t, struct context *c, struct view *v, uint64_t address,
		     uint64_t *place)
{
	struct trap trap;
	uint64_t frame;

	if (!t->paging.works)
		return view_translate(v, address, ACCESS_FETCH, place, &trap);
	if (!context_frame(t, c, v, address, &frame))
		return false;
	*place = frame + (address & isa_mask(c->pages.log));
	return true;
}

/* The word at p, as fetching gives it, and the place of each of its units. */
static bool fetch(struct translator *t, struct context *c, struct view *v, uint64_t p,
		  uint64_t *word, uint64_t *place)
{
	const struct isa *isa = t->isa;
	bool big = isa->endian == ENDIAN_BIG || isa->endian == ENDIAN_NONE;
	unsigned bits = isa->unit;

	*word = 0;
	for (unsigned i = 0; i < isa->length; i++) {
		uint64_t unit, a = (p + i) & isa_mask(isa->word);

		if (!place_of(t, c, v, a, &place[i]))
			return false;
		unit = storage_get(v->window.storage, v->window.base + place[i]);
		*word |= unit << (big ? isa->length - 1 - i : i) * bits;
	}
	return true;
}

enum { LONGEST = 64 };

/* Does it keep changing? */
static bool restless(const struct translator *t, const struct view *v, const uint64_t *place)
{
	for (unsigned i = 0; i < t->isa->length; i++)
		if (t->changed[(v->window.base + place[i]) >> CHANGED_LOG] >= CHANGED_MOST)
			return true;
	return false;
}

static bool neighbours(const struct translator *t, const uint64_t *place)
{
	for (unsigned i = 1; i < t->isa->length; i++)
		if (place[i] != place[0] + i)
			return false;
	return true;
}

/* Does any path of it end in translated code? */
static bool ends_here(const struct instruction *in)
{
	for (unsigned i = 0; i < in->ops.count; i++)
		if (ops_ends_path(&in->ops.op[i]) && in->ops.op[i].op != T_COLD &&
		    in->ops.op[i].op != J_ALWAYS)
			return true;
	return false;
}

/* Does a stretch of registers hold one that is the real processor's, while a guest's are run on? */
static bool apart(const struct translator *t, const struct context *c, uint64_t slot, uint64_t n)
{
	for (uint64_t i = slot; i < slot + n && i < t->isa->nslots; i++)
		if (!t->sharing[c->key.sharing - 1][i])
			return true;
	return false;
}

static bool op_reaches_apart(const struct translator *t, const struct context *c,
			     const struct uop *u)
{
	struct effect e = ops_effect(u);
	bool reaches = e.defines && apart(t, c, u->d, 1);

	for (unsigned i = 0; i < e.nuses; i++)
		reaches |= apart(t, c, e.use[i], 1);
	switch (u->op) {
	case U_ELEM:
	case V_ELEMS:
	case U_SETELEM: return reaches || apart(t, c, u->b, u->imm);
	case T_PUT: return reaches || apart(t, c, u->d, 1);
	case T_GET: return reaches || apart(t, c, u->a, 1);
	}
	return reaches;
}

/* Must it run on the real processor's own registers? */
static bool reaches_apart(const struct translator *t, const struct context *c,
			  const struct instruction *in)
{
	for (unsigned i = 0; c->key.sharing && i < in->ops.count; i++)
		if (op_reaches_apart(t, c, &in->ops.op[i]))
			return true;
	return false;
}

static void alone_at(struct instruction *in, const struct translator *t, uint64_t p)
{
	*in = (struct instruction){ .p = p, .alone = true };
	in->next = position_next(t, p);
}

/* At in->p, as a round. */
static void read_round(const struct translator *t, const struct context *c,
		       const struct program *program, struct instruction *in)
{
	struct program *round = round_program(t, program, in);

	in->alone = !round;
	if (round)
		simplify(t, c, round, SIMPLIFY_ROUND, in->p, in);
	free(round);
}

/* By pages, the places of an access are left open. */
static void simplify_word(struct translator *t, const struct context *c, enum simplify how,
			  uint64_t p, uint64_t word, struct instruction *in)
{
	const struct program *program;
	struct program *in_line = NULL;

	if (how == SIMPLIFY_FREE && recall(t, c, p, word, in))
		return;
	program = oracle_decode(t->oracle, word);
	/* data, most likely; but a guest may trap so on purpose, again and again */
	if (!program->instr && (how != SIMPLIFY_ROUND || t->paging.works))
		return;
	if (program->loops && t->paging.works)
		program = in_line =
			lower_instr_in_line(t->isa, &t->layout, program->instr, word);
	if (how == SIMPLIFY_ROUND)
		read_round(t, c, program, in);
	else
		simplify(t, c, program, how, p, in);
	in->instr = program->instr;
	free(in_line);
	if (how == SIMPLIFY_FREE)
		recall_later(t, c, word, in);
}

/* Do runs end before this instruction, wherever it stands? */
static bool is_stop(const struct translator *t, const struct view *v, uint64_t word)
{
	const bool *stop = v->stops ? v->stops->instr : NULL;
	const struct isa_instr *i = stop ? oracle_decode(t->oracle, word)->instr : NULL;

	return i && stop[i->index];
}

static void read_instruction(struct translator *t, struct view *v, struct context *c,
			     enum simplify how, uint64_t p, struct instruction *in)
{
	uint64_t word, place[LONGEST], last = position_p(t, p) + t->isa->length - 1;

	alone_at(in, t, p);
	if (v->stops && stops_at(v->stops, position_p(t, p)))
		return;
	if (t->isa->length > LONGEST || !context_same_page(t, c, p, last) ||
	    !fetch(t, c, v, position_p(t, p), &word, place) || !neighbours(t, place) ||
	    is_stop(t, v, word))
		return;
	if (restless(t, v, place)) {
		if (p == t->region.p)
			context_entry(t, c, t->region.frame, p)->restless = true;
		if (!t->region.restless)
			return;
	}
	in->place = place[0];
	simplify_word(t, c, how, p, word, in);
	in->place = place[0];
	in->alone |= !ends_here(in) || (in->traps && c->key.rounds && how == SIMPLIFY_FREE) ||
		     reaches_apart(t, c, in);
}

/* Does execution surely go on right after it, or leave by the oracle? */
static bool goes_on(const struct instruction *in)
{
	for (unsigned i = 0; i < in->ops.count; i++)
		if (in->ops.op[i].op == T_INDIRECT || in->ops.op[i].op == T_TRAP ||
		    (in->ops.op[i].op == T_GOTO && in->ops.op[i].imm != in->next))
			return false;
	return true;
}

/* ---- blocks ---- */

struct search {
	struct translator *t;
	struct view *view;
	struct region *region;
	unsigned most; /* blocks */
	unsigned nleaders;
	uint64_t leader[MAX_BLOCKS];
	unsigned total;
};

/* Has execution come to a place?  Where all is translated at first sight, nobody knows. */
static bool came_to(const struct translator *t, uint64_t p)
{
	uint64_t place = position_place(t, p);

	return t->options.hot == 1 || place_noted(places_at(t, place)->seen, place);
}

/* A block may begin here.  What execution has not come to so far most likely is not worth it. */
static void lead(struct search *s, uint64_t p)
{
	if (!came_to(s->t, p))
		return;
	for (unsigned i = 0; i < s->nleaders; i++)
		if (s->leader[i] == p)
			return;
	if (s->nleaders < s->most)
		s->leader[s->nleaders++] = p;
}

static const struct instruction *instruction_at(struct search *s, uint64_t p)
{
	struct region *r = s->region;

	for (unsigned i = 0; i < r->ninstructions; i++)
		if (r->instruction[i].p == p)
			return &r->instruction[i];
	if (r->ninstructions == MAX_INSTRUCTIONS || !context_same_page(s->t, r->context, p, r->p))
		return NULL;
	read_instruction(s->t, s->view, r->context, SIMPLIFY_FREE, p,
			 &r->instruction[r->ninstructions]);
	return &r->instruction[r->ninstructions++];
}

/* Notes a value, unless it is there or there is no room. */
static void note(uint64_t *list, unsigned *n, uint64_t value)
{
	for (unsigned i = 0; i < *n; i++)
		if (list[i] == value)
			return;
	if (*n < MAX_RETURNS)
		list[(*n)++] = value;
}

/* What a call comes back to.  With delay slots, that is known where something returns: its own slot
 * stands in between. */
static void note_call(struct search *s, const struct instruction *in)
{
	struct region *r = s->region;

	if (s->t->nposition_parts > 1)
		note(r->back, &r->nbacks, in->back);
	else
		note(r->returns, &r->nreturns, in->next);
	lead(s, in->next);
}

/* With delay slots: the places that what goes somewhere indirectly comes to, if it returns from a
 * call of the region. */
static void lead_back(struct search *s)
{
	struct region *r = s->region;

	for (unsigned i = 0; r->nbacks && i < r->ninstructions; i++) {
		const struct ops *o = &r->instruction[i].ops;
		const struct uop *u = o->count ? &o->op[o->count - 1] : NULL;

		if (!u || u->op != T_INDIRECT || !u->aux)
			continue;
		for (unsigned k = 0; k < r->nbacks; k++) {
			uint64_t p = u->imm | r->back[k]
						      << s->t->part_of_position[u->aux - 1].shift;

			note(r->returns, &r->nreturns, p);
			lead(s, p);
		}
	}
}

/* Does it trap so that execution goes on behind it, sooner or later? */
static bool calls_supervisor(const struct instruction *in)
{
	const struct uop *last = &in->ops.op[in->ops.count - 1];

	return in->traps && last->aux == PHASE_NEXT;
}

/* The places that an instruction may go to. */
static void lead_on(struct search *s, const struct instruction *in)
{
	for (unsigned i = 0; i < in->ops.count; i++)
		if (in->ops.op[i].op == T_GOTO)
			lead(s, in->ops.op[i].imm);
	if (calls_supervisor(in))
		lead(s, in->next);
	if (in->calls)
		note_call(s, in);
}

/* Follows a block to its end, so that what it leads to is known. */
static void follow(struct search *s, uint64_t p)
{
	for (unsigned n = 0; n < MAX_BLOCK_LENGTH; n++) {
		const struct instruction *in = instruction_at(s, p);

		if (!in)
			return;
		if (in->traps || (!in->alone && !goes_on(in))) {
			lead_on(s, in);
			return;
		}
		if (in->alone)
			return;
		p = in->next;
	}
	lead(s, p);
}

static int ascending(const void *a, const void *b)
{
	const uint64_t *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

static int by_place(const void *a, const void *b)
{
	const struct instruction *x = a, *y = b;

	return (x->p > y->p) - (x->p < y->p);
}

static int find_instruction(const struct region *r, uint64_t p)
{
	unsigned low = 0, high = r->ninstructions;

	while (low < high) {
		unsigned middle = (low + high) / 2;

		if (r->instruction[middle].p == p)
			return (int)middle;
		if (r->instruction[middle].p < p)
			low = middle + 1;
		else
			high = middle;
	}
	return -1;
}

int region_block(const struct region *r, uint64_t p)
{
	for (unsigned i = 0; i < r->nblocks; i++)
		if (r->block[i].p == p)
			return (int)i;
	return -1;
}

/* Does the next instruction stand right behind in the list, too, as part of the same block? */
static bool same_block(const struct region *r, unsigned last, uint64_t next)
{
	return last + 1 < r->ninstructions && r->instruction[last + 1].p == next &&
	       !r->instruction[last + 1].alone && region_block(r, next) < 0;
}

static void measure(struct region *r, struct block *b)
{
	int at = find_instruction(r, b->p);
	unsigned last;

	if (at < 0 || r->instruction[at].alone)
		return;
	b->first = last = (unsigned)at;
	while (last - b->first + 1 < MAX_BLOCK_LENGTH && goes_on(&r->instruction[last]) &&
	       same_block(r, last, r->instruction[last].next))
		last++;
	b->count = last - b->first + 1;
	b->falls = goes_on(&r->instruction[last]);
}

static void deepen(struct region *r, const struct block *from, uint64_t target)
{
	int to = region_block(r, target);

	if (to < 0 || &r->block[to] > from)
		return;
	for (struct block *b = &r->block[to]; b <= from; b++)
		b->depth++;
}

static void find_loops(struct region *r)
{
	for (struct block *b = r->block; b < r->block + r->nblocks; b++) {
		const struct instruction *in = &r->instruction[b->first];

		if (!b->count)
			continue;
		in += b->count - 1;
		for (unsigned i = 0; i < in->ops.count; i++)
			if (in->ops.op[i].op == T_GOTO && !in->calls)
				deepen(r, b, in->ops.op[i].imm);
	}
}

static uint64_t nanoseconds(void)
{
	struct timespec t;

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
	return (uint64_t)t.tv_sec * 1000000000 + (uint64_t)t.tv_nsec;
}

/* An entry for p was found, so it is known where its page is. */
static void begin(struct translator *t, struct region *r, struct context *c, enum simplify how,
		  uint64_t p)
{
	r->began = nanoseconds();
	carry_begin(t);
	context_frame(t, c, NULL, p, &r->frame);
	r->context = c;
	r->how = how;
	r->steps = r->served = r->restless = false;
	r->p = p;
	r->nblocks = r->ninstructions = r->nreturns = r->nbacks = r->nsettings = 0;
}

/* The same instruction, with more known: is its part in the region what it was? */
static bool agrees(const struct instruction *a, const struct instruction *b)
{
	return !b->alone && a->traps == b->traps && a->calls == b->calls &&
	       goes_on(a) == goes_on(b);
}

/* Simplifies each instruction of a block once more, of which those before it found out something. */
static void inform(struct search *s, const struct block *b)
{
	struct region *r = s->region;

	for (unsigned i = b->first; i < b->first + b->count; i++) {
		struct instruction *in = &r->instruction[i], again;

		if (!carry_concerns(s->t, in)) {
			carry_on(s->t, in);
			continue;
		}
		read_instruction(s->t, s->view, r->context, SIMPLIFY_FREE, in->p, &again);
		if (agrees(in, &again))
			carry_on(s->t, &again);
		else
			carry_nothing(s->t);
		if (agrees(in, &again)) {
			ops_free(&in->ops);
			*in = again;
		} else {
			ops_free(&again.ops);
		}
	}
	carry_nothing(s->t);
	carry_checks(r, b, s->t->isa->nslots);
}

bool region_find(struct translator *t, struct view *v, struct context *c, uint64_t p, unsigned most,
		 struct region *r)
{
	struct search s = { .t = t, .view = v, .region = r, .most = most };

	begin(t, r, c, SIMPLIFY_FREE, p);
	r->restless = context_entry(t, c, r->frame, p)->restless;
	s.leader[s.nleaders++] = p;
	for (unsigned i = 0; i < s.nleaders; i++) {
		follow(&s, s.leader[i]);
		if (i + 1 == s.nleaders)
			lead_back(&s);
	}
	qsort(s.leader, s.nleaders, sizeof *s.leader, ascending);
	qsort(r->instruction, r->ninstructions, sizeof *r->instruction, by_place);
	for (unsigned i = 0; i < s.nleaders; i++)
		r->block[r->nblocks++] = (struct block){ .p = s.leader[i] };
	for (unsigned i = 0; i < r->nblocks; i++)
		measure(r, &r->block[i]);
	for (unsigned i = 0; i < r->nblocks; i++)
		inform(&s, &r->block[i]);
	find_loops(r);
	order_blocks(r);
	budget_plan(r);
	if (!v->stops)
		flow_region(t, r);
	watch_region(t, v, r);
	return r->block[region_block(r, p)].count > 0;
}

bool region_steps(struct translator *t, struct view *v, struct context *c, uint64_t p,
		  struct region *r)
{
	struct search s = { .t = t, .view = v, .region = r };

	begin(t, r, c, SIMPLIFY_FREE, p);
	r->steps = true;
	while (r->nblocks < MAX_BLOCKS) {
		const struct instruction *in = instruction_at(&s, p);

		if (!in || in->alone)
			break;
		r->block[r->nblocks] = (struct block){ .p = p,
						       .first = r->nblocks,
						       .count = 1,
						       .falls = goes_on(in),
						       .checked = true,
						       .ahead = 1 };
		p = in->next;
		if (!r->block[r->nblocks++].falls)
			break;
	}
	watch_region(t, v, r);
	return r->nblocks > 0;
}

static void begin_single(struct translator *t, struct region *r, struct context *c,
			 enum simplify how, uint64_t p)
{
	begin(t, r, c, how, p);
	r->nblocks = r->ninstructions = 1;
	r->block[0] = (struct block){ .p = p, .count = 1 };
}

bool region_single(struct translator *t, struct view *v, struct context *c, uint64_t p,
		   struct region *r)
{
	begin_single(t, r, c, SIMPLIFY_SETTLED, p);
	read_instruction(t, v, c, SIMPLIFY_SETTLED, p, &r->instruction[0]);
	return !r->instruction[0].alone;
}

bool region_round(struct translator *t, struct view *v, struct context *c, uint64_t p, bool served,
		  struct region *r)
{
	begin_single(t, r, c, SIMPLIFY_ROUND, p);
	r->served = served;
	r->restless = !served && context_entry(t, c, r->frame, p)->restless;
	read_instruction(t, v, c, SIMPLIFY_ROUND, p, &r->instruction[0]);
	if (!served)
		watch_region(t, v, r);
	/* who asks to be served counts instructions */
	return !r->instruction[0].alone && (r->instruction[0].instr || !served);
}

bool region_code(struct translator *t, struct context *c, const struct program *program,
		 struct region *r)
{
	begin_single(t, r, c, SIMPLIFY_CODE, 0);
	simplify(t, c, program, SIMPLIFY_CODE, 0, &r->instruction[0]);
	return !r->instruction[0].alone;
}

bool region_given(struct translator *t, struct context *c, enum access access, struct region *r)
{
	struct program *program = lower_translate_given(t->isa, &t->layout, access);
	bool able = region_code(t, c, program, r);

	free(program);
	return able;
}

bool region_missing(struct translator *t, struct context *c, enum access access, struct region *r)
{
	struct program *program = round_missing(t, access);

	begin_single(t, r, c, SIMPLIFY_MISSING, 0);
	r->access = access;
	r->instruction[0] = (struct instruction){ .alone = true };
	if (program)
		simplify(t, c, program, SIMPLIFY_MISSING, 0, &r->instruction[0]);
	free(program);
	return !r->instruction[0].alone;
}

void region_fini(struct translator *t)
{
	struct region *r = &t->region;

	t->counts.nanoseconds += nanoseconds() - r->began;
	for (unsigned i = 0; i < r->ninstructions; i++)
		ops_free(&r->instruction[i].ops);
	r->ninstructions = 0;
}
