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

struct ops ops_copy(const struct ops *from)
{
	struct ops o = { .count = from->count, .capacity = from->count, .labels = from->labels };

	if (o.count) {
		o.op = xmalloc(o.count * sizeof *o.op);
		memcpy(o.op, from->op, o.count * sizeof *o.op);
	}
	return o;
}

const uint8_t ops_traits[T_OPS] = {
#define OP(name) [U_##name] = DEFINES_D | USES_A | USES_B, [U_##name##I] = DEFINES_D | USES_A,
	UOP_OPERATORS(OP) UOP_COMPARISONS(OP)
#undef OP
#define OP(name) [J_##name] = USES_A | USES_B, [J_##name##I] = USES_A,
	UOP_COMPARISONS(OP)
#undef OP
	[J_ALWAYS] = ENDS_PATH,
	[U_CONST] = DEFINES_D,
	[U_MOVE] = DEFINES_D | USES_A,
	[U_NEG] = DEFINES_D | USES_A,
	[U_SLICE] = DEFINES_D | USES_A,
	[U_SEXT] = DEFINES_D | USES_A,
	[U_ELEM] = DEFINES_D | USES_A,
	[U_SETELEM] = USES_D | USES_A,
	[U_CHECK] = USES_A | MAY_GO_COLD,
	[U_LOAD] = DEFINES_D | USES_A,
	[U_LOADS] = DEFINES_D | USES_A,
	[U_STORE] = USES_D | USES_A,
	[U_STORES] = USES_D | USES_A,
	[U_PLACE] = DEFINES_D | USES_A | MAY_GO_COLD,
	[V_SPREAD] = USES_A,
	[V_SIGNS] = DEFINES_D,
	[U_FIRST] = DEFINES_D | USES_A,
	[T_BUDGET] = DEFINES_D,
	[T_GET] = DEFINES_D,
	[T_PUT] = USES_A,
	[T_GOTO] = ENDS_PATH,
	[T_INDIRECT] = USES_A | ENDS_PATH,
	[T_TRAP] = USES_A | ENDS_PATH | MAY_GO_COLD,
	[T_DONE] = USES_A | ENDS_PATH,
	[T_ROUND] = USES_A | ENDS_PATH,
	[T_COLD] = ENDS_PATH | MAY_GO_COLD,
	[T_NOCODE] = USES_A | MAY_GO_COLD,
	[T_UNDO] = USES_D | USES_A,
	[T_UNDO_ELEM] = USES_D | USES_A,
	[T_UNDO_SLOT] = USES_D,
	[T_KEPT] = USES_D | USES_A,
};
