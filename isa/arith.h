/*
 * The operators' arithmetic (isa/tree.h), inline, for engines that know the
 * operator when they are compiled; expr_apply is the same for those who do not.
 *
 * Operands lie within their width, and so does the result.
 */
#ifndef ISA_ARITH_H
#define ISA_ARITH_H

#include "isa/isa.h"

#include <assert.h>

static inline uint64_t arith_divide(unsigned width, uint64_t a, uint64_t b)
{
	return b ? a / b : isa_mask(width);
}

static inline uint64_t arith_remainder(uint64_t a, uint64_t b)
{
	return b ? a % b : a;
}

/* SMT-LIB's bvsdiv and bvsrem: on magnitudes, the sign put back. */
static inline uint64_t arith_signed(unsigned width, uint64_t a, uint64_t b, bool want_remainder)
{
	bool na = a >> (width - 1) & 1, nb = b >> (width - 1) & 1;
	uint64_t ma = (na ? -a : a) & isa_mask(width), mb = (nb ? -b : b) & isa_mask(width);
	uint64_t r = want_remainder ? arith_remainder(ma, mb) : arith_divide(width, ma, mb);
	return (want_remainder ? na : na != nb) ? -r : r;
}

/* An operator of one or two operands; width: of the left operand. */
static inline __attribute__((always_inline)) uint64_t
arith_apply(enum expr_op op, unsigned width, uint64_t a, uint64_t b)
{
	uint64_t mask = isa_mask(width);
	switch (op) {
	case X_NOT: return ~a & mask;
	case X_NEG: return -a & mask;
	case X_ADD: return (a + b) & mask;
	case X_SUB: return (a - b) & mask;
	case X_MUL: return (a * b) & mask;
	case X_UDIV: return arith_divide(width, a, b);
	case X_UREM: return arith_remainder(a, b);
	case X_SDIV: return arith_signed(width, a, b, false) & mask;
	case X_SREM: return arith_signed(width, a, b, true) & mask;
	case X_AND: return a & b;
	case X_OR: return a | b;
	case X_XOR: return a ^ b;
	case X_SHL: return b < width ? a << b & mask : 0;
	case X_LSHR: return b < width ? a >> b : 0;
	case X_ASHR:
		return (uint64_t)(isa_signed(a, width) >> (b < width ? b : width - 1)) & mask;
	case X_EQ: return a == b;
	case X_NE: return a != b;
	case X_ULT: return a < b;
	case X_ULE: return a <= b;
	case X_SLT: return isa_signed(a, width) < isa_signed(b, width);
	case X_SLE: return isa_signed(a, width) <= isa_signed(b, width);
	case X_CONST:
	case X_FIELD:
	case X_LOCAL:
	case X_REG:
	case X_ELEM:
	case X_SIZE:
	case X_TIME:
	case X_LINE:
	case X_FIND:
	case X_SLICE:
	case X_ZEXT:
	case X_SEXT:
	case X_CONCAT:
	case X_ITE:
	case X_OPS: break;
	}
	assert(!"arith_apply: not an operator on equal widths");
	return 0;
}

#endif
