/*
 * Does what was lowered of an instruction meet the clock?  An instruction that reaches many registers
 * by a number in its word, as those do that move control registers, need not meet it by each of them.
 */
#include "machine/lowering.h"

/* The slots that an operation reads and writes, of an array the first one; NO_SLOT: none. */
struct touch {
	uint32_t read[2], written;
};

static struct touch touch_of(const struct uop *u)
{
	struct touch t = { { u->a, NO_SLOT }, u->d };

	switch (u->op) {
	case U_CONST:
	case U_UNSPECIFIED: t.read[0] = NO_SLOT; break;
	case J_ALWAYS:
	case U_KEEP:
	case U_KEEPELEM:
	case U_KEEPUNIT:
	case U_END: t.read[0] = t.written = NO_SLOT; break;
	case U_CHECK:
	case U_TRAP: t.written = NO_SLOT; break;
	case U_STORE:
	case U_STORES: t = (struct touch){ { u->a, u->d }, NO_SLOT }; break;
	case U_ELEM: t.read[1] = u->b; break;
	case V_ELEMS: t = (struct touch){ { NO_SLOT, u->b }, NO_SLOT }; break;
	case V_SPREAD: t.written = NO_SLOT; break;
	case V_SIGNS: t.read[0] = NO_SLOT; break;
	case V_NUMBERS:
	case V_SHL ... V_EQ: t.read[0] = t.written = NO_SLOT; break;
	case U_SETELEM: t = (struct touch){ { u->a, u->d }, u->b }; break;
	default: break;
	}
	if (u->op >= U_ADD && u->op < J_ALWAYS && (u->op - (u->op < J_EQ ? U_ADD : J_EQ)) % 2 == 0)
		t.read[1] = u->b;
	if (u->op >= J_EQ && u->op < J_ALWAYS)
		t.written = NO_SLOT;
	return t;
}

static const struct isa_reg *register_at(const struct isa *isa, uint32_t slot)
{
	if (slot >= isa->nslots)
		return NULL;
	for (const struct isa_reg *r = isa->reg; r < isa->reg + isa->nregs; r++)
		if (slot >= r->slot && slot - r->slot < r->count)
			return r;
	return NULL;
}

static bool op_meets(const struct isa *isa, const struct layout *layout, const struct uop *u)
{
	struct touch t = touch_of(u);
	const struct isa_reg *r;

	if (u->op == U_LINE || u->op == U_IN || u->op == U_OUT || u->op == U_HALT ||
	    u->op == U_WAIT)
		return true;
	for (unsigned i = 0; i < 2; i++) {
		r = register_at(isa, t.read[i]);
		if (t.read[i] == layout->work + WORK_TIME || (r && r->clock_writes))
			return true;
	}
	r = register_at(isa, t.written);
	return r && (r->clock_reads || r->clock_writes);
}

/* ---- and time itself? ---- */

static bool ticks_write(const struct isa *isa, const struct isa_reg *r)
{
	return code_writes(isa->tick, r) || code_writes(isa->skip, r);
}

static bool ticks_read(const struct isa *isa, const struct isa_reg *r)
{
	return code_reads(isa->tick, r) || code_reads(isa->skip, r);
}

/* Ticks that write no register may trap, but do not depend on what has been. */
static bool ticks_write_any(const struct isa *isa)
{
	for (const struct isa_reg *r = isa->reg; r < isa->reg + isa->nregs; r++)
		if (ticks_write(isa, r))
			return true;
	return false;
}

/* Of the device's operations touch_of does not speak. */
static struct touch touch_anyway(const struct uop *u)
{
	switch (u->op) {
	case U_LINE:
	case U_IN: return (struct touch){ { u->a, NO_SLOT }, u->d };
	case U_OUT: return (struct touch){ { u->a, u->d }, NO_SLOT };
	case U_HALT: return (struct touch){ { u->a, NO_SLOT }, NO_SLOT };
	case U_WAIT: return (struct touch){ { NO_SLOT, NO_SLOT }, NO_SLOT };
	default: return touch_of(u);
	}
}

static bool op_meets_ticks(const struct isa *isa, const struct layout *layout, const struct uop *u)
{
	struct touch t = touch_anyway(u);
	const struct isa_reg *r;

	for (unsigned i = 0; i < 2; i++) {
		r = register_at(isa, t.read[i]);
		if (t.read[i] == layout->work + WORK_TIME || (r && ticks_write(isa, r)))
			return true;
	}
	r = register_at(isa, t.written);
	return r && (ticks_write(isa, r) || (ticks_read(isa, r) && ticks_write_any(isa)));
}

bool lower_meets_ticks(const struct isa *isa, const struct layout *layout, const struct program *p)
{
	for (const struct uop *u = p->uop; u->op != U_END; u++)
		if (op_meets_ticks(isa, layout, u))
			return true;
	return false;
}

/* ---- the whole of it ---- */

bool lower_meets_clock(const struct isa *isa, const struct layout *layout, const struct program *p)
{
	for (const struct uop *u = p->uop; u->op != U_END; u++)
		if (op_meets(isa, layout, u))
			return true;
	return isa->clock_translates;
}
