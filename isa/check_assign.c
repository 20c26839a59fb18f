/* Assignment: to locals, registers and their parts, elements of arrays, storage. */
#include "isa/check.h"

#include <inttypes.h>
#include <string.h>

struct target {
	enum { T_LOCAL, T_REG, T_ELEM, T_STORE } kind;
	unsigned local;
	const struct isa_reg *reg;
	struct val index; /* T_ELEM, T_STORE */
	unsigned units;
	bool physical;
	unsigned width;	 /* of the whole */
	unsigned hi, lo; /* the part that is assigned */
};

static bool resolve(struct coder *, const struct ast_expr *, struct target *);

static bool resolve_reg(struct coder *k, const struct isa_reg *reg, struct place place,
			struct target *t)
{
	t->kind = T_REG;
	t->reg = reg;
	t->width = reg->width;
	return permit(k, MAY_SET, place, "change registers");
}

static bool resolve_name(struct coder *k, const struct ast_expr *e, struct target *t)
{
	for (const struct scope *s = k->scope; s; s = s->outer)
		if (!strcmp(s->name, e->name)) {
			if (s->bound) {
				complain(k->c, e->place, "'%s' cannot be assigned", e->name);
				return false;
			}
			t->kind = T_LOCAL;
			t->local = s->local;
			t->width = k->local[s->local].width;
			return true;
		}
	const struct isa_reg *reg = isa_reg_named(k->c->isa, e->name);
	if (reg && !reg->array)
		return resolve_reg(k, reg, e->place, t);
	if (reg)
		complain(k->c, e->place, "%s is an array: say which element, %s[i]", e->name,
			 e->name);
	else
		complain(k->c, e->place, "there is no register or local '%s' to assign", e->name);
	return false;
}

static bool resolve_storage(struct coder *k, const struct ast_expr *e, unsigned bits, bool physical,
			    struct target *t)
{
	t->kind = T_STORE;
	t->physical = physical;
	t->width = bits;
	t->units = storage_units(k, bits, e->place);
	t->index = (struct val){ check_word(k, e->arg[1]), false, 0 };
	return permit(k, MAY_WRITE_STORAGE, e->place, "write storage") &&
	       (physical || permit(k, MAY_MEM, e->place, "reach storage by way of translate")) &&
	       t->index.x && t->units;
}

static bool narrow(struct coder *k, struct target *t, uint64_t hi, uint64_t lo, struct place place)
{
	unsigned width = t->hi - t->lo + 1;
	if (t->kind == T_STORE) {
		complain(k->c, place,
			 "a part of a storage cell cannot be assigned: load, change, store");
		return false;
	}
	if (hi >= width || lo > hi) {
		complain(k->c, place, "[%" PRIu64 ":%" PRIu64 "] is no slice of %u bits", hi, lo,
			 width);
		return false;
	}
	t->hi = t->lo + (unsigned)hi;
	t->lo += (unsigned)lo;
	return true;
}

bool constant_of(struct coder *k, const struct ast_expr *e, uint64_t *value)
{
	struct val v = check_expr(k, e, 64);
	if (!v.x)
		return false;
	*value = v.x->value;
	if (v.x->op == X_CONST)
		return true;
	complain(k->c, e->place, "a constant is needed here");
	return false;
}

static bool resolve_index(struct coder *k, const struct ast_expr *e, struct target *t)
{
	const char *name = e->arg[0]->op == A_NAME ? e->arg[0]->name : "";
	unsigned bits;
	bool physical;
	uint64_t bit;
	if (storage_name(k, name, &bits, &physical)) {
		bool good = resolve_storage(k, e, bits, physical, t);
		t->hi = t->width - 1;
		return good;
	}
	const struct isa_reg *reg = isa_reg_named(k->c->isa, name);
	if (reg && reg->array) {
		t->index = (struct val){ check_index(k, e->arg[1], reg), false, 0 };
		bool good = resolve_reg(k, reg, e->place, t);
		t->kind = T_ELEM;
		t->hi = t->width - 1;
		return good && t->index.x;
	}
	return resolve(k, e->arg[0], t) && constant_of(k, e->arg[1], &bit) &&
	       narrow(k, t, bit, bit, e->place);
}

static bool resolve_member(struct coder *k, const struct ast_expr *e, struct target *t)
{
	if (!resolve(k, e->arg[0], t))
		return false;
	const struct isa_bits *bits =
		t->reg && t->hi - t->lo + 1 == t->width ? find_bits(t->reg, e->name) : NULL;
	if (bits)
		return narrow(k, t, bits->hi, bits->lo, e->place);
	complain(k->c, e->place, "%s has no field %s", t->reg ? t->reg->name : "this", e->name);
	return false;
}

/* What an assignment changes, its index or address evaluated. */
static bool resolve(struct coder *k, const struct ast_expr *e, struct target *t)
{
	uint64_t hi, lo;
	if (e->op == A_NAME) {
		bool good = resolve_name(k, e, t);
		t->hi = t->width - 1;
		return good;
	}
	if (e->op == A_INDEX)
		return resolve_index(k, e, t);
	if (e->op == A_SLICE)
		return resolve(k, e->arg[0], t) && constant_of(k, e->arg[1], &hi) &&
		       constant_of(k, e->arg[2], &lo) && narrow(k, t, hi, lo, e->place);
	if (e->op == A_MEMBER)
		return resolve_member(k, e, t);
	complain(k->c, e->place, "this cannot be assigned");
	return false;
}

static const struct expr *old_value(struct coder *k, const struct target *t)
{
	if (t->kind == T_LOCAL)
		return x_local(k, t->local);
	struct expr *x = new_expr(k->c, t->kind == T_ELEM ? X_ELEM : X_REG, t->width);
	x->reg = t->reg;
	x->arg[0] = t->kind == T_ELEM ? t->index.x : NULL;
	return x;
}

/* The whole with the part replaced. */
static const struct expr *with_part(struct coder *k, const struct target *t,
				    const struct expr *part)
{
	const struct expr *x = part;
	if (t->lo > 0)
		x = x_concat(k->c, x, x_slice(k->c, old_value(k, t), t->lo - 1, 0));
	if (t->hi + 1 < t->width)
		x = x_concat(k->c, x_slice(k->c, old_value(k, t), t->width - 1, t->hi + 1), x);
	return x;
}

static void emit_store(struct coder *k, const struct target *t, const struct expr *value,
		       struct place place)
{
	static const enum stmt_op op[] = {
		[T_LOCAL] = S_LET, [T_REG] = S_SET, [T_ELEM] = S_SETELEM, [T_STORE] = S_STORE
	};
	bool next = t->kind == T_REG && t->reg->role == ROLE_PC && k->deferred_pc;
	struct stmt *s = emit(k, next ? S_NEXT : op[t->kind], place);
	s->index = t->local;
	s->reg = next ? NULL : t->reg;
	s->address = t->index.x;
	s->units = t->units;
	s->physical = t->physical;
	s->value = value;
}

static void keep_index(struct coder *k, struct target *t, struct place place)
{
	if (t->index.x && !is_stable(t->index.x)) {
		unsigned local = new_local(k, "", t->index.x->width);
		emit_let(k, place, local, t->index.x);
		t->index.x = x_local(k, local);
	}
}

/* Does evaluating this change registers?  Only a function that is called can. */
static bool calls(const struct ast_expr *e)
{
	if (e->op == A_CALL && strcmp(e->name, "zext") && strcmp(e->name, "sext"))
		return true;
	for (int i = 0; i < 3; i++)
		if (e->arg[i] && calls(e->arg[i]))
			return true;
	for (const struct ast_expr *a = e->list; a; a = a->next)
		if (calls(a))
			return true;
	return false;
}

void check_assign(struct coder *k, const struct ast_stmt *s)
{
	struct target t = { .width = 1 };
	if (!resolve(k, s->target, &t)) {
		check_expr(k, s->value, 0);
		return;
	}
	if (calls(s->value))
		keep_index(k, &t, s->place);
	const struct expr *value = check_width(k, s->value, t.hi - t.lo + 1);
	if (value)
		emit_store(k, &t, with_part(k, &t, value), s->place);
}
