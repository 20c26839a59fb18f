/* Expressions on registers as pieces for a stack: see cli/repl/compiled.h. */
#include "cli/repl/compiled.h"

#include <stdlib.h>
#include <string.h>

enum { PIECES = 64 }; /* longer ones are none of these */

struct compiled {
	unsigned npieces, nslots;
	bool other;
	struct piece piece[PIECES];
	unsigned slot[PIECES];
};

struct compiled *compiled_new(void)
{
	struct compiled *c = calloc(1, sizeof(*c));

	if (!c)
		abort();
	return c;
}

void compiled_free(struct compiled *c)
{
	free(c);
}

static void add_slot(struct compiled *c, unsigned slot)
{
	for (unsigned i = 0; i < c->nslots; i++)
		if (c->slot[i] == slot)
			return;
	c->slot[c->nslots++] = slot;
}

void compiled_add(struct compiled *c, struct piece p)
{
	c->other |= p.kind == PIECE_OTHER || c->npieces == PIECES;
	if (c->other)
		return;
	c->piece[c->npieces++] = p;
	if (p.kind == PIECE_SLOT)
		add_slot(c, (unsigned)p.number);
}

bool compiled_complete(const struct compiled *c)
{
	return !c->other;
}

unsigned compiled_slots(const struct compiled *c, const unsigned **slot)
{
	*slot = c->slot;
	return c->nslots;
}

uint64_t expression_unary(const struct isa *isa, char sign, uint64_t a)
{
	switch (sign) {
	case '-': return -a & isa_mask(isa->word);
	case '~': return ~a & isa_mask(isa->word);
	}
	return !a;
}

bool expression_binary(const struct isa *isa, enum operation operation, uint64_t a, uint64_t b,
		       uint64_t *value)
{
	switch (operation) {
	case OR: *value = a || b; break;
	case AND: *value = a && b; break;
	case BIT_OR: *value = a | b; break;
	case BIT_XOR: *value = a ^ b; break;
	case BIT_AND: *value = a & b; break;
	case EQ: *value = a == b; break;
	case NE: *value = a != b; break;
	case LE: *value = a <= b; break;
	case GE: *value = a >= b; break;
	case SHL: *value = b < 64 ? a << b : 0; break;
	case SHR: *value = b < 64 ? a >> b : 0; break;
	case LT: *value = a < b; break;
	case GT: *value = a > b; break;
	case ADD: *value = a + b; break;
	case SUB: *value = a >= b ? a - b : (a - b) & isa_mask(isa->word); break;
	case MUL: *value = a * b; break;
	case DIV:
	case MOD:
		if (b)
			*value = operation == DIV ? a / b : a % b;
		return b != 0;
	}
	return true;
}

bool compiled_holds(const struct view *v, const void *compiled)
{
	const struct compiled *c = compiled;
	uint64_t stack[PIECES], *top = stack; /* above the last */

	for (const struct piece *p = c->piece; p < c->piece + c->npieces; p++) {
		switch (p->kind) {
		case PIECE_NUMBER: *top++ = p->number; break;
		case PIECE_SLOT: *top++ = v->cpu->state[p->number]; break;
		case PIECE_UNARY:
			top[-1] = expression_unary(v->isa, (char)p->number, top[-1]);
			break;
		case PIECE_BINARY:
			top--;
			if (!expression_binary(v->isa, (enum operation)p->number, top[-1], top[0],
					       &top[-1]))
				return true;
			break;
		case PIECE_OTHER: break;
		}
	}
	return stack[0] != 0;
}
