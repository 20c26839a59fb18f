/* Conditions as pieces for a stack: see machine/compiled.h. */
#include "machine/compiled.h"

#include "isa/alloc.h"

struct compiled *compiled_new(void)
{
	return xcalloc(1, sizeof(struct compiled));
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

void compiled_add_word(struct compiled *c, const struct isa *isa, bool physical)
{
	unsigned n = isa->word > isa->unit ? isa->word / isa->unit : 1;

	c->nunits += n;
	c->other |= isa->endian == ENDIAN_STATE || c->nunits > STOPS_CELLS ||
		    (!physical && code_holds(isa->translate, S_LOAD));
	for (const struct isa_reg *r = isa->reg; !physical && r < isa->reg + isa->nregs; r++) {
		if (!code_reads(isa->translate, r))
			continue;
		c->other |= r->array || c->nslots == PIECES;
		if (!c->other)
			add_slot(c, r->slot);
	}
	compiled_add(c, (struct piece){ PIECE_WORD, physical });
}

void compiled_add_device(struct compiled *c, const struct view *v, unsigned device, unsigned variable)
{
	bool drifts = v->device[device]->class->drifts;

	compiled_add(c, (struct piece){ drifts ? PIECE_OTHER : PIECE_DEVICE,
					(uint64_t)device << 32 | variable });
}

bool compiled_complete(const struct compiled *c)
{
	return !c->other;
}

bool compiled_has(const struct compiled *c, enum piece_kind kind)
{
	for (const struct piece *p = c->piece; p < c->piece + c->npieces; p++)
		if (p->kind == kind)
			return true;
	return false;
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

/* A word of storage, at a virtual address or at a place; false: it cannot be reached. */
static bool read_word(const struct view *v, bool physical, uint64_t address,
		      struct stop_cells *cells, uint64_t *word)
{
	const struct isa *isa = v->isa;
	unsigned n = isa->word > isa->unit ? isa->word / isa->unit : 1;
	struct view copy = *v;
	uint64_t place, unit;
	struct trap trap;

	*word = 0;
	for (unsigned i = 0; i < n; i++) {
		place = (address + i) & isa_mask(isa->word);
		if (!physical && !view_translate(&copy, place, ACCESS_READ, &place, &trap))
			return false;
		if (cells->n == STOPS_CELLS || !window_get(&v->window, place, &unit))
			return false;
		cells->place[cells->n++] = place;
		if (isa->endian == ENDIAN_BIG)
			*word |= unit << (n - 1 - i) * isa->unit;
		else
			*word |= unit << i * isa->unit;
	}
	return true;
}

/* One piece; false: what it makes cannot be told, and is 0. */
static bool apply(const struct view *v, const struct piece *p, uint64_t **top,
		  struct stop_cells *cells)
{
	uint64_t *at = *top;
	bool told = true;

	switch (p->kind) {
	case PIECE_NUMBER: *at++ = p->number; break;
	case PIECE_SLOT: *at++ = v->cpu->state[p->number]; break;
	case PIECE_UNARY: at[-1] = expression_unary(v->isa, (char)p->number, at[-1]); break;
	case PIECE_BINARY:
		at--;
		told = expression_binary(v->isa, (enum operation)p->number, at[-1], at[0], &at[-1]);
		break;
	case PIECE_WORD: told = read_word(v, p->number, at[-1], cells, &at[-1]); break;
	case PIECE_TIME: *at++ = v->cpu->time; break;
	case PIECE_DEVICE:
		*at++ = v->device[p->number >> 32]->var[p->number & UINT32_MAX];
		break;
	case PIECE_OTHER: break;
	}
	if (!told)
		at[-1] = 0;
	*top = at;
	return told;
}

bool compiled_holds(const struct view *v, const void *compiled, struct stop_cells *cells)
{
	const struct compiled *c = compiled;
	uint64_t stack[PIECES], *top = stack; /* above the last */

	for (const struct piece *p = c->piece; p < c->piece + c->npieces; p++)
		if (!apply(v, p, &top, cells))
			return true;
	return stack[0] != 0;
}

/* Is it looked up when code is entered? */
static bool is_word(const struct piece *p)
{
	return p->kind == PIECE_WORD || p->kind == PIECE_DEVICE;
}

unsigned compiled_nwords(const struct compiled *c)
{
	unsigned n = 0;

	for (const struct piece *p = c->piece; p < c->piece + c->npieces; p++)
		n += is_word(p);
	return n;
}

unsigned compiled_words(const struct view *v, const struct compiled *c, uint64_t *word)
{
	uint64_t stack[PIECES], *top = stack;
	struct stop_cells cells = { .n = 0 };
	unsigned n = compiled_nwords(c);
	struct view copy = *v;

	copy.stops = NULL; /* to look is no access */
	for (const struct piece *p = c->piece; n && p < c->piece + c->npieces; p++) {
		bool told = apply(&copy, p, &top, &cells);

		if (is_word(p)) {
			*word++ = top[-1];
			*word++ = !told;
		}
	}
	return n;
}

struct stop_condition compiled_condition(const struct compiled *c)
{
	return (struct stop_condition){ .holds = compiled_holds, .context = c, .compiled = c };
}
