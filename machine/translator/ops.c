/* Lists of operations: see machine/translator/ir.h. */
#include "machine/translator/ir.h"

#include "isa/alloc.h"

struct uop *ops_add(struct ops *o, struct uop u)
{
	if (o->count == o->capacity) {
		o->capacity = o->capacity ? o->capacity * 2 : 16;
		o->op = xrealloc(o->op, o->capacity * sizeof *o->op);
	}
	o->op[o->count] = u;
	return &o->op[o->count++];
}

void ops_free(struct ops *o)
{
	free(o->op);
	*o = (struct ops){ 0 };
}

bool ops_is_conditional(const struct uop *u)
{
	return u->op >= J_EQ && u->op < J_ALWAYS;
}

bool ops_is_jump(const struct uop *u)
{
	return u->op >= J_EQ && u->op <= J_ALWAYS;
}

bool ops_ends_path(const struct uop *u)
{
	return u->op == J_ALWAYS || u->op == T_GOTO || u->op == T_INDIRECT || u->op == T_COLD ||
	       u->op == T_TRAP || u->op == T_DONE || u->op == T_ROUND;
}

bool ops_may_go_cold(const struct uop *u)
{
	return u->op == T_COLD || u->op == T_TRAP || u->op == U_CHECK || u->op == U_PLACE ||
	       u->op == T_NOCODE || (ops_is_jump(u) && u->d == LABEL_COLD);
}

/* Operators and comparisons stand in pairs: on two slots, on a slot and an immediate. */
static bool takes_immediate(unsigned op, unsigned first)
{
	return (op - first) & 1;
}

struct effect ops_effect(const struct uop *u)
{
	struct effect none = { 0 };
	struct effect jump = { .nuses = 2, .use = { u->a, u->b } };
	struct effect one = { .nuses = 1, .use = { u->a }, .defines = true };
	struct effect two = { .nuses = 2, .use = { u->a, u->b }, .defines = true };

	if (u->op >= U_ADD && u->op < J_EQ)
		return takes_immediate(u->op, U_ADD) ? one : two;
	if (ops_is_conditional(u)) {
		jump.nuses -= takes_immediate(u->op, J_EQ);
		return jump;
	}
	switch (u->op) {
	case U_CONST:
	case T_BUDGET:
	case T_GET: return (struct effect){ .defines = true };
	case U_LOAD:
	case U_LOADS: one.nuses = u->a != NO_INDEX; return one;
	case U_MOVE:
	case U_NEG:
	case U_SLICE:
	case U_SEXT:
	case U_PLACE:
	case U_ELEM: return one;
	case U_SETELEM:
	case U_STORE:
	case U_STORES:
	case T_UNDO:
	case T_UNDO_ELEM:
	case T_KEPT:
		return (struct effect){ .nuses = u->a == NO_INDEX ? 1 : 2, .use = { u->d, u->a } };
	case T_UNDO_SLOT: return (struct effect){ .nuses = 1, .use = { u->d } };
	case T_NOCODE: return (struct effect){ .nuses = u->a != NO_INDEX, .use = { u->a } };
	case U_CHECK:
	case T_TRAP:
	case T_DONE:
	case T_PUT:
	case T_ROUND:
	case T_INDIRECT: return (struct effect){ .nuses = 1, .use = { u->a } };
	}
	return none;
}
