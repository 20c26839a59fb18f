/* Loading a description, and looking things up in it. */
#include "isa/isa.h"

#include "isa/check.h"

#include <errno.h>
#include <string.h>

struct loaded { /* what isa_load makes: the isa first */
	struct isa isa;
	struct obstack arena;
	struct ast *ast; /* owns the names */
};

static struct isa *load(struct diag_list *diags, const struct source *source)
{
	unsigned errors = diag_errors(diags);
	struct loaded *loaded = xcalloc(1, sizeof *loaded);
	struct checker c = { .diags = diags, .isa = &loaded->isa, .arena = &loaded->arena };
	obstack_init(&loaded->arena);
	loaded->ast = c.ast = ast_parse(diags, source);
	loaded->isa.path = source->name;
	loaded->isa.name = loaded->ast->name;
	loaded->isa.doc = loaded->ast->doc;
	loaded->isa.hash = loaded->ast->hash;
	loaded->isa.files = loaded->ast->files;
	if (diag_errors(diags) == errors)
		check_machine(&c);
	if (diag_errors(diags) == errors)
		return &loaded->isa;
	isa_free(&loaded->isa);
	return NULL;
}

struct isa *isa_load(struct diag_list *diags, const char *path)
{
	const struct source *source = diag_read_file(diags, path, (struct place){ 0 });
	return source ? load(diags, source) : NULL;
}

struct isa *isa_load_text(struct diag_list *diags, const char *name, const char *text)
{
	return load(diags, diag_read_text(diags, name, text));
}

void isa_free(struct isa *isa)
{
	if (!isa)
		return;
	struct loaded *loaded = (struct loaded *)isa;
	ast_free(loaded->ast);
	obstack_free(&loaded->arena, NULL);
	free(loaded);
}

const char *map_kind_name(enum map_kind kind)
{
	static const char *const names[] = { "value", "composed", "mirrored", "virtual" };
	return names[kind];
}

/* A look-up by name in one of the isa's tables. */
#define NAMED(type, function, table, count)                                                        \
	const struct type *function(const struct isa *isa, const char *name)                       \
	{                                                                                          \
		for (unsigned i = 0; i < isa->count; i++)                                          \
			if (!strcmp(isa->table[i].name, name))                                     \
				return &isa->table[i];                                             \
		return NULL;                                                                       \
	}

NAMED(isa_reg, isa_reg_named, reg, nregs)
NAMED(isa_instr, isa_instr_named, instr, ninstrs)
NAMED(isa_trap, isa_trap_named, trap, ntraps)
NAMED(isa_map, isa_map_named, map, nmaps)
NAMED(isa_format, isa_format_named, format, nformats)

const struct isa_trap *isa_trap_numbered(const struct isa *isa, uint64_t number)
{
	for (unsigned i = 0; i < isa->ntraps; i++)
		if (isa->trap[i].number == number)
			return &isa->trap[i];
	return NULL;
}

/* "3" or "[3]", nothing after it; false if it is no element of the array. */
static bool parse_element(const struct isa_reg *reg, const char *s, unsigned *element)
{
	bool bracket = *s == '[';
	char *end;
	s += bracket;
	if (*s < '0' || *s > '9')
		return false;
	errno = 0;
	unsigned long n = strtoul(s, &end, 10);
	if (errno || n >= reg->count || (bracket && *end++ != ']') || *end)
		return false;
	*element = (unsigned)n;
	return true;
}

const struct isa_reg *isa_slot_named(const struct isa *isa, const char *name, unsigned *element)
{
	const struct isa_reg *reg = isa_reg_named(isa, name);
	*element = 0;
	if (reg)
		return reg->array ? NULL : reg;
	for (unsigned i = 0; i < isa->nregs; i++) {
		size_t length = strlen(isa->reg[i].name);
		if (isa->reg[i].array && !strncmp(isa->reg[i].name, name, length) &&
		    parse_element(&isa->reg[i], name + length, element))
			return &isa->reg[i];
	}
	return NULL;
}

const struct isa_reg *isa_slot_reg(const struct isa *isa, unsigned slot)
{
	for (unsigned i = 0; i < isa->nregs; i++)
		if (slot - isa->reg[i].slot < isa->reg[i].count)
			return &isa->reg[i];
	return NULL;
}

uint64_t isa_reg_member(const struct isa_reg *r, uint64_t value)
{
	if (!r->type || r->type->nmembers >> r->width)
		return value;
	for (unsigned i = 0; i < r->type->nmembers; i++)
		if (r->type->member[i].value == value)
			return value;
	return r->type->member[value % r->type->nmembers].value;
}

char *isa_slot_name(const struct isa *isa, unsigned slot, char *buffer, size_t size)
{
	const struct isa_reg *reg = isa_slot_reg(isa, slot);
	if (reg->array)
		snprintf(buffer, size, "%s%u", reg->name, slot - reg->slot);
	else
		snprintf(buffer, size, "%s", reg->name);
	return buffer;
}

const struct isa_instr *isa_decode(const struct isa *isa, uint64_t word)
{
	for (unsigned i = 0; i < isa->ninstrs; i++)
		if ((word & isa->instr[i].mask) == isa->instr[i].match)
			return &isa->instr[i];
	return NULL;
}

uint64_t isa_field_of(const struct isa_field *field, uint64_t word)
{
	return word >> field->lo & isa_mask(field->width);
}
