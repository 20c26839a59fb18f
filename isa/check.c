/* The order of things: items collected and overridden, then each kind in turn. */
#include "isa/check.h"

#include <inttypes.h>
#include <string.h>

void *take(struct checker *c, size_t size)
{
	return memset(obstack_alloc(c->arena, size), 0, size);
}

void complain(struct checker *c, struct place place, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	diag_vadd(c->diags, DIAG_ERROR, place, format, args);
	va_end(args);
}

/* ---- collecting: what remains after override and remove ---- */

enum space {
	SP_ENUM,
	SP_CONST,
	SP_REG,
	SP_TRAP,
	SP_DEVICE,
	SP_FN,
	SP_FORMAT,
	SP_INSTR,
	SP_MAP,
	SP_CODE,
	SP_SINGLE,
	SPACES
};

static const char *const space_word[SPACES] = { "enum",	  "const", "reg", "trap", "device", "fn",
						"format", "instr", "map", "code", "item" };

struct named {
	const char *name;
	struct place place;
	const struct ast_item *item;
	const struct ast_entry *entry; /* of the item, where it lists several */
};

struct collection {
	struct checker *c;
	unsigned n[SPACES], capacity[SPACES];
	struct named *of[SPACES];
	unsigned ninvariants, nreasons;
};

static struct named *collected(struct collection *all, enum space space, const char *name)
{
	for (unsigned i = 0; i < all->n[space]; i++)
		if (!strcmp(all->of[space][i].name, name))
			return &all->of[space][i];
	return NULL;
}

static void complain_twice(struct checker *c, const struct named *old, const struct named *new)
{
	bool here = old->place.source == new->place.source;
	complain(c, new->place, "%s is defined already, in %s%sline %d: say override to replace it",
		 new->name, here ? "" : old->place.source->name, here ? "" : ", ", old->place.line);
}

static void collect(struct collection *all, enum space space, struct named new)
{
	struct named *old = collected(all, space, new.name);
	bool override = new.item->override;
	if (override && !old) {
		complain(all->c, new.place, "there is no %s %s to override", space_word[space],
			 new.name);
		return;
	}
	if (old && !override) {
		complain_twice(all->c, old, &new);
		return;
	}
	if (old) {
		*old = new;
		return;
	}
	if (all->n[space] == all->capacity[space]) {
		all->capacity[space] = all->capacity[space] ? 2 * all->capacity[space] : 16;
		all->of[space] =
			xrealloc(all->of[space], all->capacity[space] * sizeof *all->of[space]);
	}
	all->of[space][all->n[space]++] = new;
}

static void collect_entries(struct collection *all, enum space space, const struct ast_item *item)
{
	for (const struct ast_entry *e = item->entries; e; e = e->next)
		collect(all, space, (struct named){ e->name, e->place, item, e });
}

static void collect_remove(struct collection *all, const struct ast_item *item)
{
	for (unsigned space = 0; space < SP_CODE; space++) {
		if (strcmp(space_word[space], item->other))
			continue;
		struct named *old = collected(all, space, item->name);
		if (!old) {
			complain(all->c, item->place, "there is no %s %s to remove", item->other,
				 item->name);
			return;
		}
		struct named *end = all->of[space] + --all->n[space];
		memmove(old, old + 1, (size_t)((char *)end - (char *)old));
		return;
	}
	complain(all->c, item->other_place, "'%s' cannot be removed", item->other);
}

static void collect_item(struct collection *all, const struct ast_item *item)
{
	struct named named = { item->name, item->place, item, NULL };
	switch (item->kind) {
	case AI_WORD: named.name = "word"; break;
	case AI_ADDRESSING: named.name = "addressing"; break;
	case AI_ELF: named.name = "elf"; break;
	case AI_ABSTRACT: named.name = "abstract translation"; break;
	case AI_USER: named.name = "user"; break;
	case AI_GDB: named.name = "gdb"; break;
	case AI_ENUM: collect(all, SP_ENUM, named); return;
	case AI_CONST: collect_entries(all, SP_CONST, item); return;
	case AI_VISIBLE:
	case AI_CONTROL: collect_entries(all, SP_REG, item); return;
	case AI_TRAPS: collect_entries(all, SP_TRAP, item); return;
	case AI_DEVICE: collect(all, SP_DEVICE, named); return;
	case AI_CODE: collect(all, SP_CODE, named); return;
	case AI_FN: collect(all, SP_FN, named); return;
	case AI_FORMAT: collect(all, SP_FORMAT, named); return;
	case AI_INSTR: collect(all, SP_INSTR, named); return;
	case AI_MAP: collect(all, SP_MAP, named); return;
	case AI_INVARIANT: all->ninvariants++; return;
	case AI_WHY:
		for (const struct ast_entry *e = item->entries; e; e = e->next)
			all->nreasons++;
		return;
	case AI_REMOVE: collect_remove(all, item); return;
	}
	collect(all, SP_SINGLE, named);
}

static const struct ast_item *single(struct collection *all, const char *name)
{
	struct named *found = collected(all, SP_SINGLE, name);
	return found ? found->item : NULL;
}

/* ---- look-ups while checking ---- */

const struct isa_enum *find_enum(const struct checker *c, const char *name)
{
	for (unsigned i = 0; i < c->isa->nenums; i++)
		if (!strcmp(c->isa->enums[i].name, name))
			return &c->isa->enums[i];
	return NULL;
}

const struct isa_const *find_const(const struct checker *c, const char *name)
{
	for (unsigned i = 0; i < c->isa->nconsts; i++)
		if (!strcmp(c->isa->consts[i].name, name))
			return &c->isa->consts[i];
	for (unsigned i = 0; i < c->isa->nenums; i++)
		for (unsigned j = 0; j < c->isa->enums[i].nmembers; j++)
			if (!strcmp(c->isa->enums[i].member[j].name, name))
				return &c->isa->enums[i].member[j];
	return NULL;
}

const struct isa_device *find_device(const struct checker *c, const char *name)
{
	for (unsigned i = 0; i < c->isa->ndevices; i++)
		if (!strcmp(c->isa->device[i].name, name))
			return &c->isa->device[i];
	return NULL;
}

struct function *find_function(const struct checker *c, const char *name)
{
	for (unsigned i = 0; i < c->nfunctions; i++)
		if (!strcmp(c->function[i].name, name))
			return &c->function[i];
	return NULL;
}

bool check_constant(struct checker *c, const struct ast_expr *e, uint64_t *value)
{
	static const struct context context = { .name = "a declaration" };
	struct coder k;
	struct stmt *head;
	coder_init(&k, c, &context, &head);
	struct val v = check_expr(&k, e, 64);
	free(k.local);
	if (!v.x)
		return false;
	*value = v.x->value;
	if (v.x->op == X_CONST)
		return true;
	complain(c, e->place, "a constant is needed here");
	return false;
}

bool check_number(struct checker *c, const struct ast_expr *e, uint64_t lo, uint64_t hi,
		  const char *what, uint64_t *value)
{
	if (!check_constant(c, e, value))
		return false;
	if (*value >= lo && *value <= hi)
		return true;
	complain(c, e->place, "%s lies between %" PRIu64 " and %" PRIu64 ", not %" PRId64, what, lo,
		 hi, (int64_t)*value);
	return false;
}

unsigned check_type(struct checker *c, const struct ast_type *type,
		    const struct isa_enum **enumeration)
{
	if (!type->name) {
		if (type->bits >= 1 && type->bits <= 64)
			return (unsigned)type->bits;
		complain(c, type->place, "a width is 1 to 64 bits, not %" PRIu64, type->bits);
		return 0;
	}
	if (!strcmp(type->name, "word"))
		return c->isa->word;
	const struct isa_enum *e = find_enum(c, type->name);
	if (!e) {
		complain(c, type->place,
			 "there is no type '%s': a number of bits, word or an enum is needed",
			 type->name);
		return 0;
	}
	if (enumeration)
		*enumeration = e;
	return e->width;
}

/* ---- word, enums, constants ---- */

static void check_word_size(struct checker *c, struct collection *all)
{
	const struct ast_item *item = single(all, "word");
	uint64_t bits = 32;
	c->isa->word = 32;
	if (item && check_number(c, item->value, 1, 64, "the word's width", &bits))
		c->isa->word = (unsigned)bits;
	c->isa->unit = c->isa->word;
}

static void check_addressing(struct checker *c, struct collection *all)
{
	const struct ast_item *item = single(all, "addressing");
	static const int endian[] = { [AE_NONE] = ENDIAN_LITTLE,
				      [AE_LITTLE] = ENDIAN_LITTLE,
				      [AE_BIG] = ENDIAN_BIG,
				      [AE_EXPR] = ENDIAN_STATE };
	c->isa->abstract_translation = single(all, "abstract translation") != NULL;
	if (!item || !strcmp(item->name, "word"))
		return;
	if (strcmp(item->name, "byte"))
		complain(c, item->place, "addressing is word or byte");
	c->isa->unit = 8;
	c->isa->endian = endian[item->endian];
	if (c->isa->word % 8)
		complain(c, item->place, "bytes do not divide a word of %u bits", c->isa->word);
}

static void check_elf_number(struct checker *c, struct collection *all)
{
	const struct ast_item *item = single(all, "elf");
	uint64_t number = 0;
	if (item && check_number(c, item->value, 1, 0xffff, "ELF's number of a machine", &number))
		c->isa->elf = (unsigned)number;
}

static void check_endian(struct checker *c, struct collection *all)
{
	static const struct context context = { .name = "the byte order" };
	const struct ast_item *item = single(all, "addressing");
	if (c->isa->endian != ENDIAN_STATE)
		return;
	const struct expr *big = check_pure(c, item->value, 1, &context);
	if (big && big->op == X_CONST)
		c->isa->endian = big->value ? ENDIAN_BIG : ENDIAN_LITTLE;
	else
		c->isa->big = big;
}

static void check_enumerator(struct checker *c, const struct ast_entry *e, struct isa_const *member,
			     uint64_t *value)
{
	if (e->value)
		check_constant(c, e->value, value);
	if (find_const(c, e->name))
		complain(c, e->place, "%s is defined already", e->name);
	*member = (struct isa_const){ e->name, e->doc, (*value)++, NULL };
}

static void check_enum(struct checker *c, const struct ast_item *item, struct isa_enum *out)
{
	unsigned n = 0;
	uint64_t value = 0, most = 1;
	for (const struct ast_entry *e = item->entries; e; e = e->next)
		n++;
	struct isa_const *member = take(c, (n + 1) * sizeof *member);
	*out = (struct isa_enum){ item->name, item->doc, 1, 0, member };
	for (const struct ast_entry *e = item->entries; e; e = e->next) {
		check_enumerator(c, e, &member[out->nmembers], &value);
		if (member[out->nmembers].value > most)
			most = member[out->nmembers].value;
		member[out->nmembers++].type = out;
	}
	while (out->width < 64 && most >> out->width)
		out->width++;
	if (!n)
		complain(c, item->place, "enum %s has no members", item->name);
}

static void check_enums(struct checker *c, struct collection *all)
{
	struct isa_enum *e = take(c, (all->n[SP_ENUM] + 1) * sizeof *e);
	c->isa->enums = e;
	for (unsigned i = 0; i < all->n[SP_ENUM]; i++) {
		c->isa->nenums = i + 1;
		check_enum(c, all->of[SP_ENUM][i].item, &e[i]);
	}
}

static void check_consts(struct checker *c, struct collection *all)
{
	struct isa_const *k = take(c, (all->n[SP_CONST] + 1) * sizeof *k);
	c->isa->consts = k;
	for (unsigned i = 0; i < all->n[SP_CONST]; i++) {
		const struct ast_entry *e = all->of[SP_CONST][i].entry;
		uint64_t value = 0;
		check_constant(c, e->value, &value);
		if (find_const(c, e->name))
			complain(c, e->place, "%s is defined already", e->name);
		k[i] = (struct isa_const){ e->name, e->doc, value, NULL };
		c->isa->nconsts = i + 1;
	}
}

/* ---- registers ---- */

static void check_bits(struct checker *c, const struct ast_entry *entry, struct isa_reg *reg)
{
	unsigned n = 0;
	for (const struct ast_entry *e = entry->bits; e; e = e->next)
		n++;
	struct isa_bits *bits = take(c, (n + 1) * sizeof *bits);
	reg->bits = bits;
	for (const struct ast_entry *e = entry->bits; e; e = e->next) {
		uint64_t hi = 0, lo;
		if (!check_number(c, e->hi, 0, reg->width - 1u, "a field's high bit", &hi))
			continue;
		lo = hi;
		if (e->lo && !check_number(c, e->lo, 0, hi, "a field's low bit", &lo))
			continue;
		if (find_bits(reg, e->name))
			complain(c, e->place, "field %s stands twice in %s", e->name, reg->name);
		struct isa_bits *b = &bits[reg->nbits++];
		*b = (struct isa_bits){ e->name, e->doc, (unsigned)hi, (unsigned)lo, NULL };
		if (e->type && check_type(c, e->type, &b->type) != hi - lo + 1)
			complain(c, e->place, "field %s is not as wide as its type", e->name);
	}
}

static void check_role(struct checker *c, const struct ast_entry *e, struct isa_reg *reg)
{
	static const char *const roles[ROLES] = { NULL, "pc", "mode", "base", "bound" };
	unsigned role = ROLE_PC;
	if (!e->role)
		return;
	while (role < ROLES && strcmp(roles[role], e->role))
		role++;
	if (role == ROLES) {
		complain(c, e->role_place, "'%s' is no role: pc, mode, base or bound", e->role);
		return;
	}
	if (c->isa->role[role])
		complain(c, e->role_place, "%s has the role %s already", c->isa->role[role]->name,
			 e->role);
	if (reg->array)
		complain(c, e->role_place, "an array cannot have a role");
	if (role != ROLE_PC && reg->class == CLASS_VISIBLE)
		complain(c, e->role_place, "a register of role %s is control state", e->role);
	if (role == ROLE_PC && reg->width > c->isa->word)
		complain(c, e->role_place, "the program counter is wider than a word");
	if ((role == ROLE_BASE || role == ROLE_BOUND) && reg->width > c->isa->word)
		complain(c, e->role_place, "%s is wider than a word", reg->name);
	reg->role = role;
	c->isa->role[role] = reg;
}

enum { ARRAY_LIMIT = 1 << 16 };

static void check_reg(struct checker *c, const struct named *from, struct isa_reg *reg)
{
	const struct ast_entry *e = from->entry;
	uint64_t count = 1;
	*reg = (struct isa_reg){ .name = e->name, .doc = e->doc, .place = e->place };
	reg->class = from->item->kind == AI_VISIBLE ? CLASS_VISIBLE : CLASS_CONTROL;
	reg->width = (uint8_t)check_type(c, e->type, &reg->type);
	if (!reg->width)
		reg->width = 1;
	if (e->count && check_number(c, e->count, 1, ARRAY_LIMIT, "an array's length", &count))
		reg->array = true;
	reg->array = e->count != NULL;
	reg->count = (unsigned)count;
	reg->index = c->isa->nregs;
	reg->slot = c->isa->nslots;
	reg->time = e->time;
	reg->constant = e->constant;
	c->isa->nslots += reg->count;
	c->isa->nregs++;
	if (find_const(c, e->name))
		complain(c, e->place, "%s is a constant already", e->name);
	check_bits(c, e, reg);
	check_role(c, e, reg);
}

static void check_regs(struct checker *c, struct collection *all)
{
	struct isa_reg *reg = take(c, (all->n[SP_REG] + 1) * sizeof *reg);
	c->isa->reg = reg;
	for (unsigned i = 0; i < all->n[SP_REG]; i++)
		check_reg(c, &all->of[SP_REG][i], &reg[i]);
	if (!c->isa->role[ROLE_PC])
		complain(c, c->ast->place,
			 "no register has the role pc: visible P : word role pc;");
}

/* ---- traps and devices ---- */

static const struct isa_trap *add_trap(struct checker *c, struct isa_trap *trap, const char *name,
				       const char *doc, struct place place, uint64_t number)
{
	const struct isa_trap *same = isa_trap_numbered(c->isa, number);
	if (same)
		complain(c, place, "trap %s has the number of %s, %" PRIu64, name, same->name,
			 number);
	trap = &trap[c->isa->ntraps];
	*trap = (struct isa_trap){ name, doc, place, (unsigned)number, c->isa->ntraps };
	c->isa->ntraps++;
	return trap;
}

/* illegal and memory exist without being declared, as 0 and 1, if neither is. */
static void check_traps(struct checker *c, struct collection *all)
{
	struct isa_trap *trap = take(c, (all->n[SP_TRAP] + 3) * sizeof *trap);
	struct named *illegal = collected(all, SP_TRAP, "illegal"),
		     *memory = collected(all, SP_TRAP, "memory");
	uint64_t number = 0, most = c->isa->word < 31 ? isa_mask(c->isa->word) : INT32_MAX;
	c->isa->trap = trap;
	if (!illegal && !memory) {
		add_trap(c, trap, "illegal", "no instruction has this encoding", c->ast->place,
			 number++);
		add_trap(c, trap, "memory", "an address that reaches no storage", c->ast->place,
			 number++);
	}
	for (unsigned i = 0; i < all->n[SP_TRAP]; i++) {
		const struct ast_entry *e = all->of[SP_TRAP][i].entry;
		if (e->value)
			check_number(c, e->value, 0, most, "a trap's number", &number);
		add_trap(c, trap, e->name, e->doc, e->place, number++);
	}
	if (!illegal && memory)
		add_trap(c, trap, "illegal", "no instruction has this encoding", c->ast->place,
			 number++);
	if (illegal && !memory)
		add_trap(c, trap, "memory", "an address that reaches no storage", c->ast->place,
			 number++);
	c->isa->illegal = isa_trap_named(c->isa, "illegal");
	c->isa->memory = isa_trap_named(c->isa, "memory");
	c->isa->priv = isa_trap_named(c->isa, "priv");
}

static void check_devices(struct checker *c, struct collection *all)
{
	struct isa_device *device = take(c, (all->n[SP_DEVICE] + 1) * sizeof *device);
	c->isa->device = device;
	for (; c->isa->ndevices < all->n[SP_DEVICE]; c->isa->ndevices++)
		check_device(c, all->of[SP_DEVICE][c->isa->ndevices].item,
			     &device[c->isa->ndevices]);
}

/* ---- the rest in turn ---- */

static void check_functions(struct checker *c, struct collection *all)
{
	c->nfunctions = all->n[SP_FN];
	c->function = take(c, (c->nfunctions + 1) * sizeof *c->function);
	for (unsigned i = 0; i < c->nfunctions; i++)
		c->function[i] = (struct function){ all->of[SP_FN][i].name, all->of[SP_FN][i].item,
						    false, false };
}

static void check_formats(struct checker *c, struct collection *all)
{
	struct isa_format *format = take(c, (all->n[SP_FORMAT] + 1) * sizeof *format);
	c->isa->format = format;
	for (; c->isa->nformats < all->n[SP_FORMAT]; c->isa->nformats++)
		check_format(c, all->of[SP_FORMAT][c->isa->nformats].item,
			     &format[c->isa->nformats]);
	if (!c->isa->length)
		c->isa->length = c->isa->word / c->isa->unit;
}

static void check_codes(struct checker *c, struct collection *all)
{
	const struct ast_item *user = single(all, "user");
	if (user)
		check_user(c, user);
	for (unsigned i = 0; i < all->n[SP_CODE]; i++)
		check_special(c, all->of[SP_CODE][i].item);
	if (!c->isa->translate && !collected(all, SP_CODE, "translate"))
		complain(c, c->ast->place,
			 "translate is missing: it says how an address reaches storage");
	if (!c->isa->trapseq && !collected(all, SP_CODE, "trapseq"))
		complain(c, c->ast->place, "trapseq is missing: it says what a trap does");
	if (c->isa->horizon && !c->isa->skip)
		complain(c, collected(all, SP_CODE, "horizon")->place,
			 "horizon needs skip, which lets that much time pass");
}

static void check_maps(struct checker *c, struct collection *all)
{
	unsigned n = all->n[SP_MAP];
	struct isa_map *map = take(c, (n + 1) * sizeof *map);
	c->isa->map = map;
	for (unsigned i = 0; i < n; i++)
		check_map(c, all->of[SP_MAP][i].item, &map[i]);
	if (!n && c->isa->user)
		default_map(c, &map[n++]);
	c->isa->nmaps = n;
}

static void check_debugger(struct checker *c, struct collection *all)
{
	const struct ast_item *item = single(all, "gdb");
	if (item)
		check_gdb(c, item);
}

static void check_invariants(struct checker *c, struct collection *all)
{
	static const struct context context = { .name = "an invariant" };
	const struct expr **invariant = take(c, (all->ninvariants + 1) * sizeof *invariant);
	c->isa->invariant = invariant;
	for (const struct ast_item *i = c->ast->items; i; i = i->next)
		if (i->kind == AI_INVARIANT) {
			const struct expr *x = check_pure(c, i->value, 1, &context);
			if (x)
				invariant[c->isa->ninvariants++] = x;
		}
}

static void check_reasons(struct checker *c, struct collection *all)
{
	c->isa->reason = take(c, (all->nreasons + 1) * sizeof *c->isa->reason);
	for (const struct ast_item *i = c->ast->items; i; i = i->next)
		if (i->kind == AI_WHY)
			check_why(c, i);
}

static void check_instrs(struct checker *c, struct collection *all)
{
	struct isa_instr *instr = take(c, (all->n[SP_INSTR] + 1) * sizeof *instr);
	c->isa->instr = instr;
	for (unsigned i = 0; i < all->n[SP_INSTR]; i++) {
		instr[i].index = i;
		check_instr(c, all->of[SP_INSTR][i].item, &instr[i]);
		c->isa->ninstrs = i + 1;
	}
	if (!c->isa->ninstrs)
		complain(c, c->ast->place, "%s has no instructions", c->isa->name);
	check_encodings(c);
}

/* Functions that nothing called were not checked; after an error its callers may not have been. */
static void check_uncalled(struct checker *c)
{
	if (diag_errors(c->diags))
		return;
	for (unsigned i = 0; i < c->nfunctions; i++)
		if (!c->function[i].called)
			diag_add(c->diags, DIAG_WARNING, c->function[i].item->place,
				 "%s is never called, and so not checked", c->function[i].name);
}

void check_machine(struct checker *c)
{
	struct collection all = { .c = c };
	for (const struct ast_item *i = c->ast->items; i; i = i->next)
		collect_item(&all, i);
	check_word_size(c, &all);
	check_enums(c, &all);
	check_consts(c, &all);
	check_addressing(c, &all);
	check_elf_number(c, &all);
	check_regs(c, &all);
	check_traps(c, &all);
	check_devices(c, &all);
	check_functions(c, &all);
	check_formats(c, &all);
	if (c->isa->role[ROLE_PC]) {
		check_endian(c, &all);
		check_codes(c, &all);
		check_maps(c, &all);
		check_debugger(c, &all);
		check_invariants(c, &all);
		check_reasons(c, &all);
		check_instrs(c, &all);
		check_uncalled(c);
		check_clock(c);
	}
	for (unsigned s = 0; s < SPACES; s++)
		free(all.of[s]);
}
