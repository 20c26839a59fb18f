/*
 * The assembler's symbols: labels, which have their value from pass 1, and
 * equates, whose expressions are evaluated when first needed.
 */
#define _GNU_SOURCE /* twalk_r, tdestroy */
#include "isa/asm_private.h"

#include "isa/alloc.h"

#include <search.h>

static int by_name(const void *a, const void *b)
{
	return strcmp(((const struct asm_symbol *)a)->name, ((const struct asm_symbol *)b)->name);
}

static struct asm_symbol *find(const struct assembler *as, const char *at, size_t length)
{
	char *name = must(strndup(at, length));
	struct asm_symbol key = { .name = name };
	struct asm_symbol **found = tfind(&key, &as->symbols, by_name);

	free(name);
	return found ? *found : NULL;
}

struct asm_symbol *asm_define(struct scan *s, const char *name, size_t length)
{
	struct asm_symbol *symbol = find(s->as, name, length);

	if (symbol) {
		asm_fail(s, name, "'%s' is defined a second time", symbol->name);
		asm_report(s);
		s->error[0] = '\0';
		if (s->as->diags)
			diag_add(s->as->diags, DIAG_NOTE, symbol->place, "'%s' was defined here",
				 symbol->name);
		return NULL;
	}
	symbol = xcalloc(1, sizeof(*symbol));
	symbol->name = must(strndup(name, length));
	symbol->place = asm_place(s, name);
	must(tsearch(symbol, &s->as->symbols, by_name));
	return symbol;
}

/*
 * Evaluates an equate on behalf of a statement.  In pass 1 a failure may only mean that
 * a label is not known yet; in pass 2 it is final, and whoever meets it first reports it.
 */
static bool evaluate(struct scan *user, struct asm_symbol *symbol)
{
	struct scan inner = asm_scan(user->as, &symbol->spot);
	bool ok;

	inner.depth = user->depth + 1;
	symbol->state = SYMBOL_EVALUATING;
	ok = asm_expression(&inner, &symbol->value) && asm_at_end(&inner);
	symbol->state = ok ? SYMBOL_KNOWN : user->as->layout ? SYMBOL_EQUATE : SYMBOL_FAILED;
	user->error_place = inner.error_place;
	memcpy(user->error, inner.error, sizeof(inner.error));
	return ok;
}

bool asm_equate(struct scan *s, char separator)
{
	const char *name = s->p;
	size_t length = asm_name_length(s->p, s->end);
	struct asm_symbol *symbol;

	s->p += length;
	if (!length)
		return asm_fail(s, name, "a name is expected here");
	if (!asm_accept(s, separator))
		return asm_fail(s, s->p, "'%c' and a value are expected here", separator);
	symbol = asm_define(s, name, length);
	if (!symbol)
		return false;
	symbol->spot = asm_spot(s);
	evaluate(s, symbol);
	s->error[0] = '\0'; /* pass 2 tries again */
	return true;
}

/* The value of an equate on behalf of the statement that needs it. */
static bool equate_value(struct scan *s, const char *at, struct asm_symbol *symbol)
{
	if (evaluate(s, symbol))
		return true;
	s->error_at = at;
	if (s->as->layout)
		asm_fail(s, at, "the value of '%s' is needed here, but is not known yet",
			 symbol->name);
	return false;
}

static bool own_value(struct scan *s, const char *at, struct asm_symbol *symbol, asm_number *value)
{
	switch (symbol->state) {
	case SYMBOL_EQUATE:
		if (!equate_value(s, at, symbol))
			return false;
		break;
	case SYMBOL_EVALUATING:
		return asm_fail(s, at, "'%s' is defined by means of itself", symbol->name);
	case SYMBOL_FAILED: s->error[0] = '\0'; return false;
	case SYMBOL_KNOWN: break;
	}
	*value = symbol->value;
	return true;
}

/* A symbol of an image: equates were cut to a word and are read back as signed. */
static bool given_value(const struct assembler *as, const char *at, size_t length,
			asm_number *value)
{
	char *name = must(strndup(at, length));
	const struct symbol *symbol = as->given ? image_symbol(as->given, name) : NULL;

	free(name);
	if (symbol)
		*value = symbol->label ? (asm_number)symbol->value
				       : isa_signed(symbol->value, as->isa->word);
	return symbol != NULL;
}

static bool undefined(struct scan *s, const char *at, size_t length)
{
	char *name = must(strndup(at, length)), full[ASM_TEXT];
	unsigned width = asm_register_width(s->as->isa, name, full, sizeof(full));

	if (width)
		asm_fail(s, at, "%s is a register, but a value is expected here", full);
	else if (s->as->layout)
		asm_fail(s, at,
			 "'%s' is not known yet: its value is needed here, so it must be "
			 "defined on an earlier line",
			 name);
	else
		asm_fail(s, at, "'%s' is not defined", name);
	free(name);
	return false;
}

bool asm_symbol_value(struct scan *s, const char *at, size_t length, asm_number *value)
{
	struct asm_symbol *symbol = find(s->as, at, length);

	if (symbol)
		return own_value(s, at, symbol, value);
	if (given_value(s->as, at, length, value))
		return true;
	return undefined(s, at, length);
}

/* ---- the image's symbols ---- */

static void add_to_image(const void *node, VISIT visit, void *closure)
{
	const struct asm_symbol *from = *(struct asm_symbol *const *)node;
	struct image *image = closure;

	if (visit != postorder && visit != leaf)
		return;
	image->symbol = xrealloc(image->symbol, (image->nsymbols + 1) * sizeof(*image->symbol));
	image->symbol[image->nsymbols++] = (struct symbol){
		.name = xstrdup(from->name),
		.value = (uint64_t)from->value,
		.label = from->label,
		.place = from->place,
	};
}

void asm_finish_symbols(struct assembler *as)
{
	struct image *image = as->image;

	twalk_r(as->symbols, add_to_image, image);
	for (unsigned i = 0; i < image->nsymbols; i++)
		if (!image->symbol[i].label)
			image->symbol[i].value &= isa_mask(as->isa->word);
}

static void free_symbol(void *node)
{
	struct asm_symbol *symbol = node;

	free(symbol->name);
	free(symbol);
}

void asm_free_symbols(struct assembler *as)
{
	tdestroy(as->symbols, free_symbol);
}
