/*
 * Expressions that read state: names, registers, fields, storage, devices; and calls.
 */
#include "isa/check.h"

#include <inttypes.h>
#include <string.h>

static const struct val wrong = { NULL, false, 0 };

/* ---- state ---- */

static const struct ast_expr *plain_name(const struct ast_expr *e)
{
	return e->op == A_NAME ? e : NULL;
}

static const struct scope *find_scope(const struct coder *k, const char *name)
{
	for (const struct scope *s = k->scope; s; s = s->outer)
		if (!strcmp(s->name, name))
			return s;
	return NULL;
}

static struct val check_reg(struct coder *k, const struct isa_reg *reg, struct place place)
{
	if (reg->array) {
		complain(k->c, place, "%s is an array: say which element, %s[i]", reg->name,
			 reg->name);
		return wrong;
	}
	struct expr *x = new_expr(k->c, X_REG, reg->width);
	x->reg = reg;
	return fixed(x);
}

static struct val check_field(struct coder *k, const char *name)
{
	if (!k->format || k->inlining)
		return wrong;
	for (unsigned i = 0; i < k->format->nfields; i++)
		if (!strcmp(k->format->field[i].name, name)) {
			struct expr *x = new_expr(k->c, X_FIELD, k->format->field[i].width);
			x->index = i;
			return fixed(x);
		}
	return wrong;
}

static unsigned size_width(const struct isa *isa)
{
	return isa->word < 64 ? isa->word + 1 : 64;
}

/* Names that the language itself gives a meaning. */
static struct val check_builtin(struct coder *k, const struct ast_expr *e)
{
	static const char *const access[] = { "fetch", "read", "write" };
	if (!strcmp(e->name, "size"))
		return fixed(new_expr(k->c, X_SIZE, size_width(k->c->isa)));
	if (!strcmp(e->name, "time"))
		return permit(k, MAY_LINE, e->place, "read the time")
			       ? fixed(new_expr(k->c, X_TIME, 64))
			       : wrong;
	if (!strcmp(e->name, "never"))
		return literal(k, UINT64_MAX, 0);
	if (!strcmp(e->name, "user") && k->c->isa->user)
		return fixed(k->c->isa->user);
	for (unsigned i = 0; i < 3; i++)
		if (!strcmp(e->name, access[i]))
			return literal(k, i, 2);
	return wrong;
}

struct val check_name(struct coder *k, const struct ast_expr *e)
{
	const struct scope *s = find_scope(k, e->name);
	if (s)
		return s->bound ? s->value : fixed(x_local(k, s->local));
	struct val v = check_field(k, e->name);
	if (v.x)
		return v;
	const struct isa_reg *reg = isa_reg_named(k->c->isa, e->name);
	if (reg)
		return check_reg(k, reg, e->place);
	const struct isa_const *constant = find_const(k->c, e->name);
	if (constant)
		return literal(k, constant->value, constant->type ? constant->type->width : 0);
	v = check_builtin(k, e);
	if (v.x)
		return v;
	const struct isa_trap *trap = isa_trap_named(k->c->isa, e->name);
	if (trap)
		return literal(k, trap->number, 0);
	complain(k->c, e->place, "there is no '%s' here", e->name);
	return wrong;
}

bool storage_name(const struct coder *k, const char *name, unsigned *bits, bool *physical)
{
	static const struct {
		const char *name;
		unsigned bits; /* 0: a word */
		bool physical;
	} names[] = {
		{ "mem", 0, false },	{ "mem8", 8, false },	{ "mem16", 16, false },
		{ "mem32", 32, false }, { "mem64", 64, false }, { "phys", 0, true },
		{ "phys8", 8, true },	{ "phys16", 16, true }, { "phys32", 32, true },
		{ "phys64", 64, true },
	};
	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		if (!strcmp(names[i].name, name)) {
			*bits = names[i].bits ? names[i].bits : k->c->isa->word;
			*physical = names[i].physical;
			return true;
		}
	return false;
}

unsigned storage_units(struct coder *k, unsigned bits, struct place place)
{
	const struct isa *isa = k->c->isa;
	if (bits % isa->unit == 0 && (isa->unit == 8 || bits == isa->word))
		return bits / isa->unit;
	complain(k->c, place, "storage is addressed by words here: only mem and phys reach it");
	return 0;
}

static struct val check_load(struct coder *k, const struct ast_expr *e, unsigned bits,
			     bool physical)
{
	const struct expr *address = check_word(k, e->arg[1]);
	unsigned units = storage_units(k, bits, e->place);
	if (!permit(k, physical ? MAY_READ_STORAGE : MAY_MEM, e->place,
		    physical ? "reach storage" : "reach storage by way of translate"))
		return wrong;
	if (!address || !units)
		return wrong;
	struct stmt *s = emit(k, S_LOAD, e->place);
	s->index = new_local(k, "", bits);
	s->address = address;
	s->units = units;
	s->physical = physical;
	return fixed(x_local(k, s->index));
}

static unsigned index_width(uint64_t count)
{
	unsigned width = 1;
	while (width < 64 && count > UINT64_C(1) << width)
		width++;
	return width;
}

const struct expr *check_index(struct coder *k, const struct ast_expr *a, const struct isa_reg *reg)
{
	unsigned width = index_width(reg->count);
	struct val v = check_expr(k, a, width);
	if (!v.x)
		return NULL;
	if (v.flexible && v.x->value >= reg->count) {
		complain(k->c, a->place, "%s has %u elements, 0 to %u", reg->name, reg->count,
			 reg->count - 1);
		return NULL;
	}
	if (!v.flexible && v.x->width < width)
		return x_extend(k->c, X_ZEXT, v.x, width);
	return coerce(k, v, width, a->place);
}

/* v[i]: one bit of a value. */
static struct val check_bit(struct coder *k, const struct ast_expr *e)
{
	struct val v = check_expr(k, e->arg[0], 0);
	struct hoist h = hoist_begin(k);
	struct val i = check_expr(k, e->arg[1], 0);
	hoist_end(k, h, &v, e->place);
	if (!v.x || !i.x)
		return wrong;
	v = sized(k, v, 0);
	if (i.x->op != X_CONST) {
		const struct expr *shifted = x_binary(k->c, X_LSHR, v.x, i.x);
		return fixed(x_slice(k->c, shifted, 0, 0));
	}
	if (i.x->value < v.x->width)
		return fixed(x_slice(k->c, v.x, (unsigned)i.x->value, (unsigned)i.x->value));
	complain(k->c, e->arg[1]->place, "there is no bit %" PRIu64 " in %u bits", i.x->value,
		 v.x->width);
	return wrong;
}

struct val check_element(struct coder *k, const struct ast_expr *e)
{
	const struct ast_expr *name = plain_name(e->arg[0]);
	unsigned bits;
	bool physical;
	if (!name || find_scope(k, name->name) || check_field(k, name->name).x)
		return check_bit(k, e);
	if (storage_name(k, name->name, &bits, &physical))
		return check_load(k, e, bits, physical);
	const struct isa_reg *reg = isa_reg_named(k->c->isa, name->name);
	if (!reg || !reg->array)
		return check_bit(k, e);
	const struct expr *index = check_index(k, e->arg[1], reg);
	if (!index)
		return wrong;
	struct expr *x = new_expr(k->c, X_ELEM, reg->width);
	x->reg = reg;
	x->arg[0] = index;
	return fixed(x);
}

struct val check_slice(struct coder *k, const struct ast_expr *e)
{
	struct val v = check_expr(k, e->arg[0], 0);
	uint64_t hi, lo;
	if (!v.x)
		return wrong;
	if (v.flexible && !v.natural) {
		complain(k->c, e->place, "a literal needs a width before it can be sliced");
		return wrong;
	}
	v = sized(k, v, 0);
	struct val h = check_expr(k, e->arg[1], 64), l = check_expr(k, e->arg[2], 64);
	if (!h.x || !l.x)
		return wrong;
	if (h.x->op != X_CONST || l.x->op != X_CONST) {
		complain(k->c, e->place, "the ends of a slice must be constants");
		return wrong;
	}
	hi = h.x->value;
	lo = l.x->value;
	if (hi < v.x->width && lo <= hi)
		return fixed(x_slice(k->c, v.x, (unsigned)hi, (unsigned)lo));
	complain(k->c, e->place,
		 "[%" PRIu64 ":%" PRIu64 "] is no slice of %u bits: hi first, %u at most", hi, lo,
		 v.x->width, v.x->width - 1);
	return wrong;
}

const struct isa_bits *find_bits(const struct isa_reg *reg, const char *name)
{
	for (unsigned i = 0; i < reg->nbits; i++)
		if (!strcmp(reg->bits[i].name, name))
			return &reg->bits[i];
	return NULL;
}

struct val check_member(struct coder *k, const struct ast_expr *e)
{
	struct val v = check_expr(k, e->arg[0], 0);
	if (!v.x)
		return wrong;
	const struct isa_bits *bits = v.x->reg ? find_bits(v.x->reg, e->name) : NULL;
	if (bits && (v.x->op == X_REG || v.x->op == X_ELEM))
		return fixed(x_slice(k->c, v.x, bits->hi, bits->lo));
	complain(k->c, e->place, "%s%shas no field %s", v.x->reg ? v.x->reg->name : "this", " ",
		 e->name);
	return wrong;
}

/* ---- calls ---- */

static unsigned count_list(const struct ast_expr *list)
{
	unsigned n = 0;
	for (; list; list = list->next)
		n++;
	return n;
}

static bool expect_arguments(struct coder *k, const struct ast_expr *e, unsigned least,
			     unsigned most)
{
	unsigned n = count_list(e->list);
	if (n >= least && n <= most)
		return true;
	complain(k->c, e->place, "%s takes %u%s argument%s, not %u", e->name, least,
		 most > least ? " or more" : "", most == 1 ? "" : "s", n);
	return false;
}

static struct val call_extend(struct coder *k, const struct ast_expr *e)
{
	uint64_t width = k->c->isa->word;
	if (!expect_arguments(k, e, 1, 2))
		return wrong;
	if (e->list->next) {
		struct val w = check_expr(k, e->list->next, 64);
		if (!w.x)
			return wrong;
		width = w.x->value;
		if (w.x->op != X_CONST || width < 1 || width > 64) {
			complain(k->c, e->list->next->place, "a width is a constant from 1 to 64");
			return wrong;
		}
	}
	enum expr_op op = !strcmp(e->name, "zext") ? X_ZEXT : X_SEXT;
	const struct expr *x = extended(k, e->list, op, (unsigned)width);
	return x ? fixed(x) : wrong;
}

static struct val call_in(struct coder *k, const struct ast_expr *e)
{
	if (!expect_arguments(k, e, 1, 2) || !permit(k, MAY_DEVICE, e->place, "read a device"))
		return wrong;
	const struct ast_expr *name = plain_name(e->list);
	const struct isa_device *device = name ? find_device(k->c, name->name) : NULL;
	if (!device) {
		complain(k->c, e->list->place, "the first argument of in must be a device");
		return wrong;
	}
	const struct expr *reg =
		e->list->next ? check_word(k, e->list->next) : x_const(k->c, k->c->isa->word, 0);
	if (!reg)
		return wrong;
	struct stmt *s = emit(k, S_IN, e->place);
	s->index = new_local(k, "", k->c->isa->word);
	s->device = device;
	s->address = reg;
	return fixed(x_local(k, s->index));
}

static struct val call_line(struct coder *k, const struct ast_expr *e)
{
	if (!expect_arguments(k, e, 1, 1) ||
	    !permit(k, MAY_LINE, e->place, "look at interrupt lines"))
		return wrong;
	const struct expr *n = check_word(k, e->list);
	if (!n)
		return wrong;
	struct expr *x = new_expr(k->c, X_LINE, 1);
	x->arg[0] = n;
	return fixed(x);
}

static struct val call_unspecified(struct coder *k, const struct ast_expr *e)
{
	if (!expect_arguments(k, e, 1, 1) ||
	    !permit(k, MAY_SET, e->place, "draw an unspecified value"))
		return wrong;
	struct val w = check_expr(k, e->list, 64);
	if (!w.x)
		return wrong;
	if (w.x->op != X_CONST || w.x->value < 1 || w.x->value > 64) {
		complain(k->c, e->list->place, "a width is a constant from 1 to 64");
		return wrong;
	}
	struct stmt *s = emit(k, S_UNSPECIFIED, e->place);
	s->index = new_local(k, "", (unsigned)w.x->value);
	return fixed(x_local(k, s->index));
}

struct val check_call(struct coder *k, const struct ast_expr *e)
{
	static const struct {
		const char *name;
		struct val (*check)(struct coder *, const struct ast_expr *);
	} builtin[] = {
		{ "zext", call_extend },
		{ "sext", call_extend },
		{ "in", call_in },
		{ "line", call_line },
		{ "mapped", call_mapped },
		{ "unspecified", call_unspecified },
	};
	for (size_t i = 0; i < sizeof builtin / sizeof *builtin; i++)
		if (!strcmp(builtin[i].name, e->name))
			return builtin[i].check(k, e);
	return inline_call(k, e, true);
}

/* find e in TLB where cond: the condition is pure, over one element at a time. */
struct val check_find(struct coder *k, const struct ast_expr *e)
{
	const struct ast_expr *name = plain_name(e->arg[0]);
	const struct isa_reg *reg = name ? isa_reg_named(k->c->isa, name->name) : NULL;
	if (!reg || !reg->array) {
		complain(k->c, e->arg[0]->place, "find looks through a register array");
		return wrong;
	}
	unsigned local = new_local(k, e->name, index_width(reg->count));
	struct scope *outer = k->scope;
	struct stmt *head;
	push_name(k, e->name, local);
	struct val v = check_apart(k, e->arg[1], 1, &head);
	k->scope = outer;
	const struct expr *condition = coerce(k, v, 1, e->arg[1]->place);
	if (head) {
		complain(k->c, e->arg[1]->place,
			 "the condition of find must not load, draw or call code with statements");
		return wrong;
	}
	if (!condition)
		return wrong;
	struct expr *x = new_expr(k->c, X_FIND, index_width((uint64_t)reg->count + 1));
	x->reg = reg;
	x->index = local;
	x->arg[0] = condition;
	return fixed(x);
}
