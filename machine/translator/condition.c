/*
 * Conditions that may come to hold at each instruction, since they speak of where execution is or
 * of what time changes: each instruction begins by finding out whether one holds, and leaves if it
 * did not before, or the other way round.  Then, and wherever else such code is left, run loop or
 * monitor settle time and look themselves.
 *
 * P is known at each place, so most of what speaks of it is known when code is made.  What time
 * changes is what skip would make of it here; that is done aside.  Words of storage and variables of
 * devices are looked up when code is entered, which is left when one may have changed; words at
 * addresses that P tells are looked at where they are.
 */
#include "machine/compiled.h"
#include "machine/translator/private.h"

#include "isa/alloc.h"

/* Slots among layout.spare: those that hold values of the stack, and those for what skip changes. */
enum { STACK_SLOTS = PIECES + 2, SKIPPED_MOST = SPARE_SLOTS - STACK_SLOTS };

struct value {
	bool constant;
	bool moves; /* made of what changes without an instruction that is known to write it */
	uint64_t number;
	uint32_t slot;
	unsigned from; /* the first operation that it takes */
};

/* What skip changes, and where that stands meanwhile. */
struct skipped {
	unsigned n;
	uint32_t slot[SKIPPED_MOST];
};

struct writer {
	const struct translator *t;
	const struct view *view;     /* that the code is for; NULL: none is made */
	const struct window *window; /* of the view that has the conditions */
	uint64_t p; /* position */
	struct ops *into;
	struct skipped skipped;
	uint32_t fails; /* a label: it cannot be told */
	unsigned steps; /* taken from the budget and not done */
	bool may_fail, timed, words, able;
	uint32_t first_word; /* slots of the words */
	unsigned nwords, depth;
	struct value stack[PIECES + 1];
};

/* ---- what time changes ---- */

static uint32_t aside(const struct translator *t, const struct skipped *s, uint32_t slot)
{
	for (unsigned i = 0; i < s->n; i++)
		if (s->slot[i] == slot)
			return t->layout.spare + STACK_SLOTS + i;
	return slot;
}

static bool is_plain(const struct uop *u)
{
	return u->op <= J_ALWAYS || u->op == U_ELEM || u->op == U_KEEP;
}

static bool add_skipped(struct skipped *s, const struct translator *t, uint32_t slot)
{
	if (slot >= t->isa->nslots || aside(t, s, slot) != slot)
		return true;
	if (s->n == SKIPPED_MOST)
		return false;
	s->slot[s->n++] = slot;
	return true;
}

static bool reads_time(const struct translator *t, const struct uop *u)
{
	struct effect e = ops_effect(u);

	for (unsigned i = 0; i < e.nuses; i++)
		if (e.use[i] == t->layout.work + WORK_TIME)
			return true;
	return false;
}

/* Do elements that are reached by an index change? */
static bool elements_move(const struct skipped *s, const struct uop *u)
{
	for (unsigned i = 0; u->op == U_ELEM && i < s->n; i++)
		if (s->slot[i] - u->b < u->imm)
			return true;
	return false;
}

/* False: skip does what cannot be done aside. */
static bool skipped_by(const struct translator *t, struct skipped *s)
{
	const struct program *p = t->oracle->code[CODE_SKIP];

	s->n = 0;
	if (!p)
		return t->oracle->code[CODE_TICK] == NULL;
	for (const struct uop *u = p->uop; u->op != U_END; u++)
		if (!is_plain(u) || reads_time(t, u) || (ops_is_jump(u) && (int32_t)u->d < 0) ||
		    (ops_effect(u).defines && !add_skipped(s, t, u->d)))
			return false;
	for (const struct uop *u = p->uop; u->op != U_END; u++)
		if (elements_move(s, u))
			return false;
	return true;
}

static uint32_t new_label(struct ops *o)
{
	return o->labels++;
}

static void label(struct ops *o, uint32_t number)
{
	ops_add(o, (struct uop){ .op = T_LABEL, .d = number });
}

/* Its operands where they are meanwhile. */
static struct uop renamed(const struct writer *w, const struct uop *u)
{
	struct effect e = ops_effect(u);
	struct uop r = *u;

	if (e.nuses > 0)
		r.a = aside(w->t, &w->skipped, u->a);
	if (e.nuses > 1)
		r.b = aside(w->t, &w->skipped, u->b);
	if (e.defines)
		r.d = aside(w->t, &w->skipped, u->d);
	return r;
}

/* skip, its parameter being in the first local. */
static void skip_aside(const struct writer *w, struct ops *o)
{
	const struct uop *op = w->t->oracle->code[CODE_SKIP]->uop;
	unsigned n = 0;
	uint32_t *at;

	while (op[n].op != U_END)
		n++;
	at = xcalloc(n + 1, sizeof *at); /* a label, plus 1 */
	for (unsigned i = 0; i < n; i++)
		if (ops_is_jump(&op[i]) && !at[i + 1 + op[i].d])
			at[i + 1 + op[i].d] = new_label(o) + 1;
	for (unsigned i = 0; i <= n; i++) {
		struct uop u;

		if (at[i])
			label(o, at[i] - 1);
		if (i == n || op[i].op == U_KEEP)
			continue;
		u = renamed(w, &op[i]);
		if (ops_is_jump(&u))
			u.d = at[i + 1 + op[i].d] - 1;
		ops_add(o, u);
	}
	free(at);
}

/* done := the steps of the burst that are; left: another slot. */
static void count_done(const struct writer *w, struct ops *o, uint32_t done, uint32_t left)
{
	uint32_t burst = w->t->layout.work + WORK_BURST;

	ops_add(o, (struct uop){ .op = T_BUDGET, .width = 64, .d = left });
	ops_add(o, (struct uop){ .op = U_ADDI, .width = 64, .d = left, .a = left, .imm = w->steps });
	ops_add(o, (struct uop){ .op = T_GET, .width = 64, .d = done, .a = burst });
	ops_add(o, (struct uop){ .op = U_SUB, .width = 64, .d = done, .a = done, .b = left });
}

/* What the clock's registers are at an instruction. */
static void settle_aside(const struct writer *w, struct ops *o)
{
	const struct layout *at = &w->t->layout;
	uint32_t done = at->locals, left = at->spare, none = new_label(o);

	for (unsigned i = 0; i < w->skipped.n; i++)
		ops_add(o, (struct uop){ .op = U_MOVE,
					 .width = 64,
					 .d = aside(w->t, &w->skipped, w->skipped.slot[i]),
					 .a = w->skipped.slot[i] });
	count_done(w, o, done, left);
	if (w->t->isa->word < 64) /* skip speaks of words */
		ops_add(o, (struct uop){ .op = J_ULEI,
					 .width = 64,
					 .a = done,
					 .d = LABEL_COLD,
					 .imm = isa_mask(w->t->isa->word) });
	ops_add(o, (struct uop){ .op = J_EQI, .width = 64, .aux = true, .a = done, .d = none });
	skip_aside(w, o);
	label(o, none);
}

/* ---- the stack ---- */

static struct uop *put(struct writer *w, enum uop_op op, uint32_t d, uint32_t a, uint32_t b,
		       uint64_t imm)
{
	return ops_add(w->into, (struct uop){ .op = (uint8_t)op,
					      .width = 64,
					      .d = d,
					      .a = a,
					      .b = b,
					      .imm = imm });
}

static uint32_t stack_slot(const struct writer *w, unsigned depth)
{
	return w->t->layout.spare + depth;
}

static void push(struct writer *w, struct value v)
{
	v.from = w->into->count;
	w->stack[w->depth++] = v;
}

static void push_register(struct writer *w, uint32_t slot)
{
	int part = position_part(w->t, slot);
	uint32_t meanwhile = aside(w->t, &w->skipped, slot);

	if (part >= 0) {
		push(w, (struct value){ .constant = true,
					.moves = true,
					.number = position_value(w->t, w->p, (unsigned)part) });
		return;
	}
	w->timed |= meanwhile != slot;
	push(w, (struct value){ .moves = meanwhile != slot, .slot = meanwhile });
}

/* The time when the burst began, and one for each step that was done in it. */
static void push_time(struct writer *w)
{
	uint32_t d = stack_slot(w, w->depth), above = d + 1;

	push(w, (struct value){ .moves = true, .slot = d });
	count_done(w, w->into, d, above);
	ops_add(w->into, (struct uop){ .op = T_GET,
				       .width = 64,
				       .d = above,
				       .a = w->t->layout.work + WORK_CLOCK });
	put(w, U_ADD, d, d, above, 0);
}

/* What came before is a constant now; what it took is not needed. */
static void constant(struct writer *w, struct value *v, uint64_t number)
{
	if (!w->may_fail)
		w->into->count = v->from;
	v->constant = true;
	v->number = number;
}

/* A slot that holds it: its own one on the stack, unless it is in one. */
static uint32_t slot_of(struct writer *w, const struct value *v)
{
	uint32_t own = stack_slot(w, (unsigned)(v - w->stack));

	if (!v->constant)
		return v->slot;
	put(w, U_CONST, own, 0, 0, v->number);
	return own;
}

static void fail_if_zero(struct writer *w, uint32_t slot)
{
	struct uop *u = put(w, J_EQI, w->fails, slot, 0, 0);

	u->aux = true;
	w->may_fail = true;
}

static void unary(struct writer *w, char sign)
{
	struct value *v = &w->stack[w->depth - 1];
	uint32_t d = stack_slot(w, w->depth - 1);
	unsigned word = w->t->isa->word;

	if (v->constant) {
		constant(w, v, expression_unary(w->t->isa, sign, v->number));
		return;
	}
	switch (sign) {
	case '-': put(w, U_NEG, d, v->slot, 0, 0)->width = (uint8_t)word; break;
	case '~':
		put(w, U_XORI, d, v->slot, 0, UINT64_MAX);
		put(w, U_ANDI, d, d, 0, isa_mask(word));
		break;
	default: put(w, U_EQI, d, v->slot, 0, 0); break;
	}
	v->slot = d;
}

/* Cut to a word if it is below 0. */
static void subtract(struct writer *w, uint32_t d, uint32_t a, uint32_t b)
{
	uint32_t whole = new_label(w->into), end = new_label(w->into);

	put(w, J_ULT, whole, a, b, 0);
	put(w, U_SUB, d, a, b, 0);
	put(w, U_ANDI, d, d, 0, isa_mask(w->t->isa->word));
	put(w, J_ALWAYS, end, 0, 0, 0);
	label(w->into, whole);
	put(w, U_SUB, d, a, b, 0);
	label(w->into, end);
}

static void divide(struct writer *w, enum uop_op op, uint32_t d, uint32_t a, uint32_t b)
{
	fail_if_zero(w, b);
	put(w, op, d, a, b, 0)->aux = NONZERO;
}

/* Is each not 0?  As 1 or 0, in their slots of the stack. */
static void truths(struct writer *w, uint32_t d, uint32_t a, uint32_t b)
{
	put(w, U_NEI, d + 1, b, 0, 0);
	put(w, U_NEI, d, a, 0, 0);
}

static void operate(struct writer *w, enum operation operation, uint32_t d, uint32_t a, uint32_t b)
{
	switch (operation) {
	case OR:
		put(w, U_OR, d, a, b, 0);
		put(w, U_NEI, d, d, 0, 0);
		break;
	case AND:
		truths(w, d, a, b);
		put(w, U_AND, d, d, d + 1, 0);
		break;
	case BIT_OR: put(w, U_OR, d, a, b, 0); break;
	case BIT_XOR: put(w, U_XOR, d, a, b, 0); break;
	case BIT_AND: put(w, U_AND, d, a, b, 0); break;
	case EQ: put(w, U_EQ, d, a, b, 0); break;
	case NE: put(w, U_NE, d, a, b, 0); break;
	case LE: put(w, U_ULE, d, a, b, 0); break;
	case GE: put(w, U_ULE, d, b, a, 0); break;
	case LT: put(w, U_ULT, d, a, b, 0); break;
	case GT: put(w, U_ULT, d, b, a, 0); break;
	case SHL: put(w, U_SHL, d, a, b, 0); break;
	case SHR: put(w, U_LSHR, d, a, b, 0); break;
	case ADD: put(w, U_ADD, d, a, b, 0); break;
	case SUB: subtract(w, d, a, b); break;
	case MUL: put(w, U_MUL, d, a, b, 0); break;
	case DIV: divide(w, U_UDIV, d, a, b); break;
	case MOD: divide(w, U_UREM, d, a, b); break;
	}
}

/* Operators with a form for a constant on their right; others: U_END. */
static enum uop_op immediate_form(enum operation operation)
{
	switch (operation) {
	case BIT_OR: return U_ORI;
	case BIT_XOR: return U_XORI;
	case BIT_AND: return U_ANDI;
	case EQ: return U_EQI;
	case NE: return U_NEI;
	case LE: return U_ULEI;
	case LT: return U_ULTI;
	case ADD: return U_ADDI;
	case MUL: return U_MULI;
	case OR:
	case AND:
	case GE:
	case GT:
	case SHL:
	case SHR:
	case SUB:
	case DIV:
	case MOD: break;
	}
	return U_END;
}

/* Is the result known though only one operand is?  What cannot be told must still be found out. */
static bool settled_by_one(const struct writer *w, enum operation operation, const struct value *a,
			   const struct value *b, uint64_t *result)
{
	const struct value *c = a->constant ? a : b;

	if (!c->constant || w->may_fail)
		return false;
	*result = operation == OR;
	return (operation == OR && c->number) || (operation == AND && !c->number);
}

static void binary(struct writer *w, enum operation operation)
{
	struct value *a = &w->stack[w->depth - 2], *b = &w->stack[w->depth - 1];
	uint32_t d = stack_slot(w, w->depth - 2);
	uint64_t result = 0;

	w->depth--;
	a->moves |= b->moves;
	if ((a->constant && b->constant &&
	     expression_binary(w->t->isa, operation, a->number, b->number, &result)) ||
	    settled_by_one(w, operation, a, b, &result)) {
		constant(w, a, result);
		return;
	}
	if (b->constant && !a->constant && immediate_form(operation) != U_END) {
		put(w, immediate_form(operation), d, a->slot, 0, b->number);
	} else {
		uint32_t left = slot_of(w, a);

		operate(w, operation, d, left, slot_of(w, b));
	}
	a->constant = false;
	a->slot = d;
}

static uint32_t word_slot(struct writer *w)
{
	return w->first_word + 2 * w->nwords++;
}

/* Where a unit is, from the code's window on; false: nowhere that is near. */
static bool unit_near(const struct writer *w, uint64_t address, bool physical, uint32_t *near)
{
	enum { FAR = 1 << 27 };
	struct view copy = *w->view;
	uint64_t place = address;
	struct trap trap;

	copy.stops = NULL;
	if (!physical && !view_translate(&copy, address, ACCESS_READ, &place, &trap))
		return false;
	place += physical ? w->window->base : copy.window.base;
	if (place - w->window->base >= w->window->size || place - copy.window.base >= FAR)
		return false;
	*near = (uint32_t)(place - copy.window.base);
	return true;
}

/*
 * At an address that is known here, but not elsewhere: translate gives the same for it as long as
 * the context does.  Where it cannot be reached so, run loop or monitor find out.
 */
static void word_here(struct writer *w, struct value *v, bool physical)
{
	const struct isa *isa = w->t->isa;
	unsigned n = isa->word > isa->unit ? isa->word / isa->unit : 1;
	uint32_t d = stack_slot(w, w->depth - 1), unit = d + 1;

	put(w, U_CONST, d, 0, 0, 0);
	for (unsigned i = 0; w->view && i < n; i++) {
		struct uop load = { .op = U_LOAD, .width = 64, .d = unit, .a = NO_INDEX };
		uint64_t address = (v->number + i) & isa_mask(isa->word);

		if (!v->constant || !unit_near(w, address, physical, &load.b)) {
			put(w, U_CONST, unit, 0, 0, 0);
			put(w, J_EQI, LABEL_COLD, unit, 0, 0)->aux = true;
			break;
		}
		ops_add(w->into, load);
		put(w, U_SHLI, unit, unit, 0,
		    (isa->endian == ENDIAN_BIG ? n - 1 - i : i) * isa->unit);
		put(w, U_OR, d, d, unit, 0);
	}
	*v = (struct value){ .moves = true, .slot = d, .from = v->from };
}

/* It is in a slot, and beside it whether it cannot be reached. */
static void word(struct writer *w, bool physical)
{
	struct value *v = &w->stack[w->depth - 1];
	uint32_t slot = word_slot(w);

	if (v->moves) {
		w->able &= v->constant && !w->t->paging.works;
		word_here(w, v, physical);
		return;
	}
	w->words = true;
	put(w, J_NEI, w->fails, slot + 1, 0, 0)->aux = true;
	w->may_fail = true;
	*v = (struct value){ .slot = slot, .from = v->from };
}

static void piece(struct writer *w, const struct piece *p)
{
	switch (p->kind) {
	case PIECE_NUMBER:
		push(w, (struct value){ .constant = true, .number = p->number });
		break;
	case PIECE_SLOT: push_register(w, (uint32_t)p->number); break;
	case PIECE_UNARY: unary(w, (char)p->number); break;
	case PIECE_BINARY: binary(w, (enum operation)p->number); break;
	case PIECE_WORD: word(w, p->number); break;
	case PIECE_TIME: push_time(w); break;
	case PIECE_DEVICE: push(w, (struct value){ .slot = word_slot(w) }); break;
	case PIECE_OTHER: w->able = false; break;
	}
}

/* Its value, to be compared with `held`; returns it where it is the same whatever comes: 0 or 1,
 * and no operations; else -1. */
static int compiled_to(struct writer *w, const struct compiled *c, uint32_t held)
{
	const struct value *v = &w->stack[0];
	uint32_t end = new_label(w->into), d = stack_slot(w, 0);
	bool timed = w->timed;

	w->depth = w->nwords = 0;
	w->may_fail = w->words = false;
	w->fails = new_label(w->into);
	for (const struct piece *p = c->piece; p < c->piece + c->npieces; p++)
		piece(w, p);
	if (v->constant && !w->may_fail) {
		w->timed = timed;
		return v->number != 0;
	}
	put(w, U_NEI, d, slot_of(w, v), 0, 0);
	put(w, J_NE, LABEL_COLD, d, held, 0)->aux = true;
	if (!w->may_fail)
		return -1;
	put(w, J_ALWAYS, end, 0, 0, 0);
	label(w->into, w->fails);
	put(w, J_EQI, LABEL_COLD, held, 0, 0)->aux = true;
	label(w->into, end);
	return -1;
}

bool translator_looks(const struct view *v, const struct compiled *c)
{
	struct ops o = { .labels = 0 };
	struct writer w = { .t = v->translator, .into = &o, .able = true };

	if (!w.t || !skipped_by(w.t, &w.skipped))
		return false;
	for (unsigned i = 0; i < c->nslots; i++)
		w.able &= position_part(w.t, c->slot[i]) >= 0 || !stops_leads(v->isa, c->slot[i]);
	compiled_to(&w, c, 0);
	/* who divides by what is 0 now looks at no further words */
	for (unsigned i = 0; w.words && i < c->npieces; i++)
		w.able &= c->piece[i].kind != PIECE_BINARY ||
			  (c->piece[i].number != DIV && c->piece[i].number != MOD);
	ops_free(&o);
	return w.able;
}

bool translator_follows(const struct view *v, unsigned slot)
{
	struct skipped s;

	return v->translator && position_part(v->translator, slot) < 0 &&
	       !stops_leads(v->isa, slot) && skipped_by(v->translator, &s);
}

/* ---- before an instruction ---- */

static void add_all(struct ops *into, const struct ops *o)
{
	into->labels = o->labels;
	for (unsigned i = 0; i < o->count; i++)
		ops_add(into, o->op[i]);
}

/* Those that time changes. */
static void look_at_registers(struct writer *w, const struct stops *s)
{
	for (unsigned k = 0; k < s->nregisters; k++) {
		uint32_t meanwhile = aside(w->t, &w->skipped, s->reg[k].slot);

		if (!s->reg[k].close)
			continue;
		w->timed |= meanwhile != s->reg[k].slot;
		ops_add(w->into, (struct uop){ .op = J_NE,
					       .width = 64,
					       .aux = true,
					       .d = LABEL_COLD,
					       .a = meanwhile,
					       .b = w->t->layout.watched + k });
	}
}

void condition_look(const struct translator *t, const struct view *v, uint64_t position,
		    unsigned steps, int *known, struct ops *into)
{
	const struct stops *s = v->stops;
	struct ops body = { .labels = into->labels };
	struct writer w = { .t = t,
			    .view = v,
			    .window = &s->view->window,
			    .p = position,
			    .steps = steps,
			    .into = &body };
	uint32_t held = t->layout.held;

	skipped_by(t, &w.skipped);
	w.first_word = t->layout.words;
	for (unsigned i = 0; i < s->nconditions; i++) {
		int value;

		if (!s->condition[i]->close)
			continue;
		value = compiled_to(&w, s->condition[i]->compiled, held);
		if (value >= 0 && value != *known)
			put(&w, J_EQI, LABEL_COLD, held, 0, (uint64_t)value);
		*known++ = value;
		held++;
		w.first_word += 2 * w.nwords;
	}
	look_at_registers(&w, s);
	if (w.timed) {
		into->labels = body.labels;
		settle_aside(&w, into);
		body.labels = into->labels;
	}
	add_all(into, &body);
	ops_free(&body);
}

void condition_begin(const struct view *v)
{
	const struct stops *s = v->stops;
	const struct layout *at = &v->oracle->layout;
	uint64_t *held = v->cpu->state + at->held, *word = v->cpu->state + at->words;

	for (unsigned i = 0; i < s->nconditions; i++) {
		const struct stop_condition *c = s->condition[i];

		if (!c->close)
			continue;
		*held++ = c->held;
		word += 2 * compiled_words(s->view, c->compiled, word);
	}
}
