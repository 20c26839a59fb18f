/* The machine's own code: translate, trapseq, tick ..., user, maps, invariants. */
#include "isa/check.h"

#include <stddef.h>
#include <string.h>

static const struct context pure = { .name = "a plain expression" };

/* ---- code with parameters ---- */

enum param_width { PW_NONE, PW_WORD, PW_ACCESS, PW_PC };

static const struct special {
	struct context context;
	enum param_width param[3];
	bool result;
	size_t member; /* of struct isa */
} specials[] = {
	{ { "translate", MAY_TRAP | MAY_READ_STORAGE, PHASE_NULLIFY, true },
	  { PW_WORD, PW_ACCESS },
	  true,
	  offsetof(struct isa, translate) },
	{ { "trapseq", MAY_READ_STORAGE | MAY_WRITE_STORAGE | MAY_SET | MAY_MEM, PHASE_NULLIFY,
	    true },
	  { PW_WORD, PW_PC, PW_WORD },
	  false,
	  offsetof(struct isa, trapseq) },
	{ { "tick", MAY_TRAP | MAY_SET | MAY_LINE, PHASE_COMPLETE, true },
	  { PW_NONE },
	  false,
	  offsetof(struct isa, tick) },
	{ { "horizon", MAY_LINE, PHASE_NULLIFY, true },
	  { PW_NONE },
	  true,
	  offsetof(struct isa, horizon) },
	{ { "skip", MAY_SET | MAY_LINE, PHASE_NULLIFY, true },
	  { PW_WORD },
	  false,
	  offsetof(struct isa, skip) },
	{ { "interrupt", MAY_TRAP | MAY_SET | MAY_LINE, PHASE_COMPLETE, true },
	  { PW_WORD },
	  false,
	  offsetof(struct isa, interrupt) },
	{ { "reset", MAY_SET, PHASE_NULLIFY, true },
	  { PW_WORD },
	  false,
	  offsetof(struct isa, reset) },
	{ { "goto", MAY_SET, PHASE_NULLIFY, true },
	  { PW_PC },
	  false,
	  offsetof(struct isa, go) },
};

static unsigned param_width(const struct isa *isa, enum param_width w)
{
	switch (w) {
	case PW_NONE: return 0;
	case PW_WORD: return isa->word;
	case PW_ACCESS: return 2;
	case PW_PC: return isa->role[ROLE_PC] ? isa->role[ROLE_PC]->width : isa->word;
	}
	return 0;
}

/* All parameters exist; those that the description names can be used. */
static unsigned declare_params(struct coder *k, const struct special *special,
			       const struct ast_item *item)
{
	const struct ast_entry *p = item->entries;
	unsigned n = 0;
	for (; n < 3 && special->param[n] != PW_NONE; n++) {
		unsigned width = param_width(k->c->isa, special->param[n]);
		unsigned local = new_local(k, p ? p->name : "", width);
		if (!p)
			continue;
		if (p->type && check_type(k->c, p->type, NULL) != width)
			complain(k->c, p->place, "parameter %s of %s is %u bits wide", p->name,
				 item->name, width);
		push_name(k, p->name, local);
		p = p->next;
	}
	if (p)
		complain(k->c, p->place, "%s has only %u parameter%s", item->name, n,
			 n == 1 ? "" : "s");
	return n;
}

static void check_special_code(struct checker *c, const struct special *special,
			       const struct ast_item *item)
{
	struct coder k;
	struct stmt *head;
	unsigned result = 0;
	coder_init(&k, c, &special->context, &head);
	unsigned nparams = declare_params(&k, special, item);
	if (special->result) {
		result = new_local(&k, "", c->isa->word);
		check_returning(&k, item, result);
	} else {
		check_stmts(&k, item->body);
	}
	struct code *code = take(c, sizeof *code);
	*code = coder_finish(&k, item->body_place, nparams, head, result);
	*(const struct code **)((char *)c->isa + special->member) = code;
}

void check_special(struct checker *c, const struct ast_item *item)
{
	if (!strcmp(item->name, "advance")) {
		c->advance = item;
		c->isa->advance = true;
		if (item->entries)
			complain(c, item->entries->place, "advance has no parameters");
		return;
	}
	for (size_t i = 0; i < sizeof specials / sizeof *specials; i++)
		if (!strcmp(specials[i].context.name, item->name))
			check_special_code(c, &specials[i], item);
}

void check_advance(struct coder *k)
{
	if (!k->c->advance)
		return;
	const struct isa_format *format = k->format;
	k->format = NULL;
	check_stmts(k, k->c->advance->body);
	k->format = format;
	k->scope = NULL;
}

/* ---- pure expressions ---- */

/* The same expression with locals and registers replaced where replacements are given. */
struct replacement {
	const struct expr **local; /* by local; NULL entries stay */
	const struct expr **reg;   /* by register index; likewise; NULL: none */
};

static const struct expr *replace(struct checker *c, const struct expr *x,
				  const struct replacement *r)
{
	if (x->op == X_LOCAL && r->local && r->local[x->index])
		return r->local[x->index];
	if (x->op == X_REG && r->reg && r->reg[x->reg->index])
		return r->reg[x->reg->index];
	if (!expr_op_arity(x->op))
		return x;
	struct expr *copy = new_expr(c, x->op, x->width);
	*copy = *x;
	for (unsigned i = 0; i < expr_op_arity(x->op); i++)
		copy->arg[i] = replace(c, x->arg[i], r);
	return copy;
}

/* Follows straight code and ifs; what each local holds at the end, as an expression. */
static void absorb(struct checker *c, const struct stmt *s, const struct expr **local, unsigned n)
{
	for (; s; s = s->next) {
		const struct replacement r = { local, NULL };
		const struct expr *value = s->value ? replace(c, s->value, &r) : NULL;
		if (s->op == S_LET)
			local[s->index] = value;
		if (s->op != S_IF)
			continue;
		const struct expr **other = take(c, n * sizeof *other);
		memcpy(other, local, n * sizeof *other);
		absorb(c, s->body, local, n);
		absorb(c, s->otherwise, other, n);
		for (unsigned i = 0; i < n; i++)
			if (!local[i])
				local[i] = other[i];
			else if (other[i] && local[i] != other[i])
				local[i] = x_ite(c, value, local[i], other[i]);
	}
}

enum { PURE_LIMIT = 20000 };

/* A local read twice doubles what stands for it; those who walk an expression see it all. */
static bool fits(const struct expr *x, unsigned *room)
{
	if (!*room)
		return false;
	--*room;
	for (unsigned i = 0; i < expr_op_arity(x->op); i++)
		if (!fits(x->arg[i], room))
			return false;
	return true;
}

const struct expr *check_pure(struct checker *c, const struct ast_expr *e, unsigned width,
			      const struct context *context)
{
	struct coder k;
	struct stmt *head;
	coder_init(&k, c, context ? context : &pure, &head);
	const struct expr *x = check_width(&k, e, width);
	if (x && head) {
		const struct expr **local = take(c, (k.nlocals + 1) * sizeof *local);
		absorb(c, head, local, k.nlocals);
		x = replace(c, x, &(struct replacement){ local, NULL });
	}
	unsigned room = PURE_LIMIT;
	if (x && !fits(x, &room)) {
		complain(c, e->place,
			 "this expression grows too large when its functions are inlined");
		x = NULL;
	}
	coder_finish(&k, e->place, 0, NULL, 0);
	return x;
}

void check_user(struct checker *c, const struct ast_item *item)
{
	static const struct context context = { .name = "user" };
	c->isa->user = check_pure(c, item->value, 1, &context);
}

/* ---- why ---- */

/* With `info`, the trap's operand; NULL after an error. */
static const struct code *check_reason(struct checker *c, const struct ast_item *item)
{
	static const struct context context = { .name = "a reason", .may = MAY_LINE };
	struct code *code = take(c, sizeof *code);
	struct coder k;
	struct stmt *head;
	coder_init(&k, c, &context, &head);
	push_name(&k, "info", new_local(&k, "info", c->isa->word));
	const struct expr *x = check_condition(&k, item->value);
	unsigned result = new_local(&k, "", 1);
	if (x)
		emit_let(&k, item->value->place, result, x);
	*code = coder_finish(&k, item->value->place, 1, head, result);
	return x ? code : NULL;
}

void check_why(struct checker *c, const struct ast_item *item)
{
	const struct code *code = item->value ? check_reason(c, item) : NULL;
	for (const struct ast_entry *e = item->entries; e; e = e->next) {
		const struct isa_trap *trap = isa_trap_named(c->isa, e->name);
		if (!trap)
			complain(c, e->place, "there is no trap '%s'", e->name);
		else
			c->isa->reason[c->isa->nreasons++] =
				(struct isa_reason){ trap, code, item->doc };
	}
}

uint64_t eval_pure(const struct expr *x, const uint64_t *state)
{
	uint64_t v[3] = { 0 };
	for (unsigned i = 0; i < expr_op_arity(x->op); i++)
		v[i] = eval_pure(x->arg[i], state);
	switch (x->op) {
	case X_CONST: return x->value;
	case X_REG: return state[x->reg->slot];
	case X_ELEM: return v[0] < x->reg->count ? state[x->reg->slot + v[0]] : 0;
	case X_SLICE: return v[0] >> x->value & isa_mask(x->width);
	case X_ZEXT: return v[0];
	case X_SEXT: return (uint64_t)isa_signed(v[0], x->arg[0]->width) & isa_mask(x->width);
	case X_CONCAT: return v[0] << x->arg[1]->width | v[1];
	case X_ITE: return v[0] ? v[1] : v[2];
	case X_FIELD:
	case X_LOCAL:
	case X_SIZE:
	case X_TIME:
	case X_LINE:
	case X_FIND: return 0;
	case X_NOT:
	case X_NEG:
	case X_ADD ... X_SLE:
	case X_OPS: break;
	}
	return expr_apply(x->op, x->arg[0]->width, v[0], v[1]);
}

/* ---- maps ---- */

enum { TRIED_BITS = 16 };

/* The scalar registers that an expression reads, and which of their bits. */
struct reads {
	unsigned n, bits;
	const struct isa_reg *reg[64];
	uint64_t mask[64];
	bool other; /* arrays or more than can be tried */
};

static void note_bits(struct reads *r, const struct isa_reg *reg, uint64_t mask)
{
	unsigned i = 0;
	while (i < r->n && r->reg[i] != reg)
		i++;
	if (i == 64) {
		r->other = true;
		return;
	}
	if (i == r->n) {
		r->reg[r->n++] = reg;
		r->mask[i] = 0;
	}
	r->bits += (unsigned)__builtin_popcountll(mask & ~r->mask[i]);
	r->mask[i] |= mask;
}

static void note_reads(struct reads *r, const struct expr *x)
{
	if (x->op == X_SLICE && x->arg[0]->op == X_REG) {
		note_bits(r, x->arg[0]->reg, isa_mask(x->width) << x->value);
		return;
	}
	if (x->op == X_REG)
		note_bits(r, x->reg, isa_mask(x->width));
	r->other |= x->op == X_ELEM;
	for (unsigned i = 0; i < expr_op_arity(x->op); i++)
		note_reads(r, x->arg[i]);
}

/* Bits, from the lowest on, into the places that the mask has. */
static uint64_t deposit(uint64_t bits, uint64_t mask)
{
	uint64_t value = 0;
	for (; mask; mask &= mask - 1, bits >>= 1)
		if (bits & 1)
			value |= mask & -mask;
	return value;
}

static void spread(const struct reads *r, uint64_t bits, uint64_t *state)
{
	for (unsigned i = 0; i < r->n; i++) {
		unsigned n = (unsigned)__builtin_popcountll(r->mask[i]);
		state[r->reg[i]->slot] = deposit(bits, r->mask[i]);
		bits = n < 64 ? bits >> n : 0;
	}
}

/* Values that an expression of too many bits to try them all may turn on. */
struct guess {
	const struct expr *x;
	uint64_t wanted;
	const struct reads *r;
	uint64_t *state;
	bool found;
};

static void guess_value(struct guess *g, uint64_t v, unsigned at, uint64_t others)
{
	if (g->found)
		return;
	for (unsigned i = 0; i < g->r->n; i++)
		g->state[g->r->reg[i]->slot] = deposit(i == at ? v : others, g->r->mask[i]);
	g->found = eval_pure(g->x, g->state) == g->wanted;
}

static void guess_constant(const struct expr *x, void *context)
{
	struct guess *g = context;
	if (x->op != X_CONST)
		return;
	for (unsigned i = 0; i < g->r->n; i++)
		for (unsigned d = 0; d < 3; d++) {
			guess_value(g, x->value + d - 1, i, 0);
			guess_value(g, x->value + d - 1, i, UINT64_MAX);
		}
}

/* The first values of the registers read for which x is `wanted`; false: none was found. */
static bool find_values(const struct expr *x, uint64_t wanted, struct reads *r, uint64_t *state)
{
	memset(r, 0, sizeof *r);
	note_reads(r, x);
	unsigned bits = r->bits < TRIED_BITS ? r->bits : TRIED_BITS;
	for (uint64_t v = 0; v < UINT64_C(1) << bits; v++) {
		spread(r, v, state);
		if (eval_pure(x, state) == wanted)
			return true;
	}
	struct guess g = { x, wanted, r, state, false };
	if (bits < r->bits)
		expr_each(x, guess_constant, &g);
	return g.found;
}

/* False: no value was found that puts the machine into user mode. */
static bool map_user_mode(struct checker *c, struct isa_map_entry *entry)
{
	struct reads r;
	uint64_t *state = take(c, c->isa->nslots * sizeof *state + 1);
	if (!c->isa->user || !find_values(c->isa->user, 1, &r, state))
		return false;
	for (unsigned i = 0; i < r.n; i++)
		if (r.reg[i]->class == CLASS_CONTROL) {
			struct isa_map_entry *e = &entry[r.reg[i]->index];
			e->kind = MAP_VALUE;
			e->value = x_const(c, r.reg[i]->width, state[r.reg[i]->slot]);
		}
	return true;
}

/* User mode, base and bound composed, identification the same, everything else virtual. */
static struct isa_map_entry *default_entries(struct checker *c, bool *enters_user)
{
	const struct isa *isa = c->isa;
	struct isa_map_entry *entry = take(c, (isa->nregs + 1) * sizeof *entry);
	for (unsigned i = 0; i < isa->nregs; i++) {
		const struct isa_reg *reg = &isa->reg[i];
		entry[i].kind =
			reg->class == CLASS_VISIBLE || reg->constant ? MAP_MIRRORED : MAP_VIRTUAL;
		if (reg->role == ROLE_BASE || reg->role == ROLE_BOUND)
			entry[i].kind = MAP_COMPOSED;
	}
	*enters_user = map_user_mode(c, entry);
	return entry;
}

static void check_map_line(struct checker *c, const struct ast_map_line *line,
			   struct isa_map_entry *entries)
{
	static const struct context context = { .name = "a map" };
	const struct isa_reg *reg = isa_reg_named(c->isa, line->reg);
	if (!reg || reg->class != CLASS_CONTROL) {
		complain(c, line->place,
			 reg ? "%s is visible state: a map says only what becomes of control state"
			     : "there is no register '%s'",
			 line->reg);
		return;
	}
	struct isa_map_entry *e = &entries[reg->index];
	if (e->place.source) {
		complain(c, line->place, "%s stands twice in this map", line->reg);
		return;
	}
	static const enum map_kind kinds[] = { [AM_VALUE] = MAP_VALUE,
					       [AM_COMPOSED] = MAP_COMPOSED,
					       [AM_MIRRORED] = MAP_MIRRORED,
					       [AM_VIRTUAL] = MAP_VIRTUAL };
	*e = (struct isa_map_entry){ .kind = kinds[line->kind], .place = line->place };
	if (e->kind == MAP_COMPOSED && reg->role != ROLE_BASE && reg->role != ROLE_BOUND)
		complain(c, line->place,
			 "only registers of role base and bound are composed, not %s", line->reg);
	if (e->kind != MAP_VALUE)
		return;
	if (reg->array)
		complain(c, line->place, "%s is an array: it can be mirrored or virtual",
			 line->reg);
	e->value = check_pure(c, line->value, reg->width, &context);
	if (!e->value)
		e->value = x_const(c, reg->width, 0);
}

/* The real machine must be in user mode whenever a guest runs on it. */
static void check_map_user(struct checker *c, const struct isa_map *map)
{
	const struct isa *isa = c->isa;
	struct reads r = { 0 };
	if (!isa->user)
		return;
	const struct expr **reg = take(c, (isa->nregs + 1) * sizeof *reg);
	note_reads(&r, isa->user);
	for (unsigned i = 0; i < r.n; i++) {
		const struct isa_map_entry *e = &map->entry[r.reg[i]->index];
		if (e->kind == MAP_VALUE)
			reg[r.reg[i]->index] = e->value;
		else if (e->kind != MAP_MIRRORED) {
			complain(c, map->place,
				 "map %s does not say what %s holds, on which user mode depends",
				 map->name, r.reg[i]->name);
			return;
		}
	}
	const struct expr *x = replace(c, isa->user, &(struct replacement){ NULL, reg });
	uint64_t *state = take(c, isa->nslots * sizeof *state + 1);
	if (!find_values(x, 0, &r, state))
		return;
	if (r.n)
		complain(c, map->place, "map %s leaves user mode when the guest's %s is %llu",
			 map->name, r.reg[0]->name, (unsigned long long)state[r.reg[0]->slot]);
	else
		complain(c, map->place, "map %s does not put the machine into user mode",
			 map->name);
}

void check_map(struct checker *c, const struct ast_item *item, struct isa_map *map)
{
	bool enters_user;
	struct isa_map_entry *entries = default_entries(c, &enters_user);
	*map = (struct isa_map){ item->name, item->doc, item->place, entries };
	for (const struct ast_map_line *line = item->lines; line; line = line->next)
		check_map_line(c, line, entries);
	check_map_user(c, map);
}

void default_map(struct checker *c, struct isa_map *map)
{
	const struct isa *isa = c->isa;
	bool enters_user, relocates = (isa->role[ROLE_BASE] && isa->role[ROLE_BOUND]) ||
				      isa->abstract_translation;
	*map = (struct isa_map){ "default",
				 "user mode, relocation composed, everything else virtual",
				 { 0 },
				 default_entries(c, &enters_user) };
	if (!enters_user && relocates)
		complain(c, c->ast->place,
			 "no state in user mode was found, and no map says which it "
			 "is: write one (map NAME { ... })");
}
