/* What is watched, asked about or set: registers, fields of them, variables of devices, storage. */
#include "cli/repl/repl.h"

#include <ctype.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

static const char *past_blanks(const char *p)
{
	while (isspace((unsigned char)*p))
		p++;
	return p;
}

/* Nothing that would make an expression of what stands before it. */
static bool ends_there(const char *p)
{
	return !*p || *p == ',' || *p == ':' || (*p == '=' && p[1] != '=');
}

/* "[EXPRESSION]" and an end behind it. */
static bool in_brackets(const struct session *s, const char *p, const char **end, uint64_t *value)
{
	if (!evaluate(view_of(s), guest_of(s), p + 1, end, value))
		return false;
	if (**end == ']') {
		*end = past_blanks(*end + 1);
		return true;
	}
	if (**end)
		say_error("']' is missing at '%s'", *end);
	else
		say_error("']' is missing at the end");
	return false;
}

/* Where an address leads now. */
static bool lead(const struct session *s, uint64_t address, struct location *l)
{
	struct view copy = *view_of(s);
	struct trap trap;

	copy.stops = NULL;
	l->kind = LOCATION_MEM;
	l->address = address;
	if (view_translate(&copy, address, ACCESS_READ, &l->place, &trap))
		return true;
	say_error("0x%" PRIx64 " cannot be reached: trap %s; phys[...] is a place of storage",
		  address, trap.kind->name);
	return false;
}

/* STATUS.IM; false without an error: it is none. */
static bool field(const struct view *v, const char *name, struct location *l)
{
	const char *dot = strchr(name, '.');
	char reg[64];

	if (!dot)
		return false;
	snprintf(reg, sizeof(reg), "%.*s", (int)(dot - name), name);
	if (!named_entry(v, reg, &l->entry) || !l->entry.reg)
		return false;
	for (unsigned i = 0; i < l->entry.reg->nbits; i++)
		if (strcmp(l->entry.reg->bits[i].name, dot + 1) == 0) {
			l->kind = LOCATION_FIELD;
			l->low = l->entry.reg->bits[i].lo;
			l->width = l->entry.reg->bits[i].hi - l->low + 1;
			return true;
		}
	return false;
}

static bool whole(const struct view *v, const char *name, struct location *l)
{
	if (!named_entry(v, name, &l->entry) &&
	    (strcmp(name, "pc") != 0 ||
	     !named_entry(v, v->isa->role[ROLE_PC]->name, &l->entry)))
		return false;
	l->kind = l->entry.reg ? LOCATION_REGISTER : LOCATION_VARIABLE;
	l->width = l->entry.width;
	return true;
}

enum found { FOUND_NOT, FOUND, FOUND_WRONG /* which has been said */ };

/* G[expression] */
static enum found element(const struct session *s, const struct isa_reg *reg, const char *p,
			  const char **end, struct location *l)
{
	char name[80];
	uint64_t i;

	if (!in_brackets(s, p, end, &i))
		return FOUND_WRONG;
	if (i >= reg->count) {
		say_error("%s has elements 0 to %u", reg->name, reg->count - 1);
		return FOUND_WRONG;
	}
	snprintf(name, sizeof(name), "%s[%" PRIu64 "]", reg->name, i);
	return whole(view_of(s), name, l) && ends_there(*end) ? FOUND : FOUND_NOT;
}

/* mem[ADDRESS], phys[PLACE] */
static enum found storage(const struct session *s, bool physical, const char *p, const char **end,
			  struct location *l)
{
	uint64_t at;

	if (!in_brackets(s, p, end, &at))
		return FOUND_WRONG;
	if (!ends_there(*end))
		return FOUND_NOT;
	if (!physical)
		return lead(s, at, l) ? FOUND : FOUND_WRONG;
	l->kind = LOCATION_PHYS;
	l->place = at;
	return FOUND;
}

static enum found named(const struct session *s, const char *p, const char **end, struct location *l)
{
	const struct view *v = view_of(s);
	const struct isa_reg *reg;
	char name[64];
	int n = 0;

	p += *p == '$';
	if (sscanf(p, "%63[A-Za-z0-9_.]%n", name, &n) != 1)
		return FOUND_NOT;
	p = past_blanks(p + n);
	if (*p == '[' && (strcmp(name, "mem") == 0 || strcmp(name, "phys") == 0))
		return storage(s, *name == 'p', p, end, l);
	reg = isa_reg_named(v->isa, name);
	if (*p == '[' && reg && reg->array)
		return element(s, reg, p, end, l);
	*end = p;
	return ends_there(p) && (whole(v, name, l) || field(v, name, l)) ? FOUND : FOUND_NOT;
}

bool location_read(const struct session *s, const char *text, const char **end, struct location *l)
{
	const char *p = past_blanks(text);
	uint64_t address;

	*l = (struct location){ .kind = LOCATION_PLACE };
	if (*p == '*')
		return evaluate(view_of(s), guest_of(s), p + 1, end, &address) &&
		       lead(s, address, l);
	switch (named(s, p, end, l)) {
	case FOUND: return true;
	case FOUND_WRONG: return false;
	case FOUND_NOT: break; /* an expression */
	}
	*l = (struct location){ .kind = LOCATION_PLACE };
	return evaluate(view_of(s), guest_of(s), p, end, &l->place);
}

bool location_is_storage(const struct location *l)
{
	switch (l->kind) {
	case LOCATION_MEM:
	case LOCATION_PHYS:
	case LOCATION_PLACE: return true;
	case LOCATION_REGISTER:
	case LOCATION_FIELD:
	case LOCATION_VARIABLE: break;
	}
	return false;
}

bool location_can_be_seen(const struct location *l)
{
	if (l->kind == LOCATION_VARIABLE)
		say_error("%s is no register of the processor, and no place in storage: nobody sees "
			  "it change",
			  l->entry.name);
	if (l->kind == LOCATION_FIELD)
		say_error("this is a part of a register: it is %s that is seen to change",
			  l->entry.name);
	return l->kind == LOCATION_REGISTER || location_is_storage(l);
}

bool can_be_address(const struct view *v, uint64_t value)
{
	const struct isa_reg *pc = v->isa->role[ROLE_PC];
	bool can = !(value & ~isa_mask(pc->width));

	if (!can)
		say_error("0x%" PRIx64 " is never in %s, which has %u bits", value, pc->name,
			  pc->width);
	return can;
}
