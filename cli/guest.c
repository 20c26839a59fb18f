/*
 * Loading guests, and putting them into a machine.
 */
#include "cli/guest.h"

#include "cli/carry.h"
#include "cli/program.h"

#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static const struct place nowhere = { NULL, 0, 0 };

/* ---- the shelf ---- */

struct shelf *shelf_new(void)
{
	struct shelf *s = make(1, sizeof(*s));

	s->diagnostics = diag_new();
	return s;
}

void shelf_free(struct shelf *s)
{
	if (!s)
		return;
	for (unsigned i = 0; i < s->count; i++) {
		isa_free(s->entry[i].isa);
		free(s->entry[i].path);
	}
	free(s->entry);
	diag_free(s->diagnostics);
	free(s);
}

static const struct isa *shelf_put(struct shelf *s, char *path, struct isa *isa)
{
	struct shelf_entry *grown = realloc(s->entry, (s->count + 1) * sizeof(*grown));

	if (!grown) {
		say_error("out of memory");
		exit(argp_err_exit_status);
	}
	s->entry = grown;
	s->entry[s->count++] = (struct shelf_entry){ path, isa };
	return isa;
}

const struct isa *shelf_isa(struct shelf *s, const char *name)
{
	char *path = isa_find(s->diagnostics, name);
	struct isa *isa;

	if (!path)
		return NULL;
	for (unsigned i = 0; i < s->count; i++) {
		if (strcmp(s->entry[i].path, path) == 0) {
			free(path);
			return s->entry[i].isa;
		}
	}
	isa = isa_load(s->diagnostics, path);
	if (!isa) {
		free(path);
		return NULL;
	}
	return shelf_put(s, path, isa);
}

bool known_by_name(const struct isa *isa)
{
	struct diag_list *messages = diag_new();
	char *path = isa_find(messages, isa->name);
	bool known = path && strcmp(path, isa->path) == 0;

	free(path);
	diag_free(messages);
	return known;
}

char *machine_words(const struct isa *isa, char *buffer, size_t size)
{
	return shell_quote(known_by_name(isa) ? isa->name : isa->path, buffer, size);
}

const struct isa_map *map_asked(const struct isa *isa, const char *name)
{
	const struct isa_map *map = isa_map_named(isa, name);
	char words[4200];

	if (!map)
		say_error("%s has no map '%s'; 'trapeze doc %s' lists them", isa->name, name,
			  machine_words(isa, words, sizeof(words)));
	return map;
}

/* ---- the machine of a guest ---- */

struct name_list {
	char text[512];
};

static void add_name(void *context, const char *name, const char *path)
{
	struct name_list *l = context;
	size_t n = strlen(l->text);

	(void)path;
	snprintf(l->text + n, sizeof(l->text) - n, "%s%s", n ? ", " : "", name);
}

static void no_machine(struct shelf *s, const struct guest *g)
{
	struct name_list known = { "" };

	isa_each_known(add_name, &known);
	diag_add(s->diagnostics, DIAG_ERROR, diag_file(s->diagnostics, g->path),
		 "no machine is named: write \".machine NAME\" in it or give --isa NAME"
		 "; there are %s",
		 *known.text ? known.text : "none installed (see TRAPEZE_PATH)");
}

/* The machine that a guest names itself, or that is asked for, on the board that is asked for. */
static const struct isa *machine_of(struct shelf *s, const struct guest_wish *w, const char *named)
{
	const char *name = w->isa ? w->isa : named;
	char *whole = w->board ? program_machine(s, name, w->board) : NULL;
	const struct isa *isa = w->board && !whole ? NULL : shelf_isa(s, whole ? whole : name);

	free(whole);
	return isa;
}

static bool load_source(struct guest *g, struct shelf *s, const struct guest_wish *w)
{
	unsigned before = diag_errors(s->diagnostics);
	char *named = NULL;

	g->source = diag_read_file(s->diagnostics, g->path, nowhere);
	if (!g->source)
		return false;
	if (!w->isa) {
		named = asm_machine(s->diagnostics, g->source);
		if (!named && diag_errors(s->diagnostics) == before)
			no_machine(s, g);
		if (!named)
			return false;
	}
	g->isa = machine_of(s, w, named);
	free(named);
	if (!g->isa)
		return false;
	g->image = asm_assemble(g->isa, s->diagnostics, g->source);
	return g->image != NULL;
}

/* An object fits the description that it was made for, and no other. */
static bool check_object(const struct guest *g, struct shelf *s, bool overridden)
{
	const struct image *i = g->image;
	bool other = i->machine && strcmp(i->machine, g->isa->name) != 0;

	if (overridden) {
		if (other || i->hash != g->isa->hash)
			diag_add(s->diagnostics, DIAG_WARNING, diag_file(s->diagnostics, g->path),
				 "was assembled for machine %s (description %016" PRIx64
				 "), and runs on %s (%016" PRIx64 ")",
				 i->machine ? i->machine : "unknown", i->hash, g->isa->name,
				 g->isa->hash);
		return true;
	}
	if (i->hash == g->isa->hash)
		return true;
	diag_add(s->diagnostics, DIAG_ERROR, diag_file(s->diagnostics, g->path),
		 "was assembled for description %016" PRIx64 " of %s, but %s has %016" PRIx64
		 ": assemble it again, or give --isa",
		 i->hash, i->machine, g->isa->path, g->isa->hash);
	return false;
}

static bool load_object(struct guest *g, struct shelf *s, const struct guest_wish *w)
{
	g->image = image_read_elf(s->diagnostics, g->path);
	if (!g->image)
		return false;
	if (!w->isa && !g->image->machine) {
		no_machine(s, g);
		return false;
	}
	g->isa = machine_of(s, w, g->image->machine);
	return g->isa && image_fits(g->image, g->isa, s->diagnostics, g->path) &&
	       check_object(g, s, w->isa || w->board);
}

/* Only a boot program could tell what is loaded beside a guest. */
static bool check_wish(const struct guest *g, struct shelf *s, const struct guest_wish *w)
{
	if (!w->append && !w->initrd)
		return true;
	diag_add(s->diagnostics, DIAG_ERROR, diag_file(s->diagnostics, g->path),
		 "--append and --initrd are for ELF files of other tools and raw images");
	return false;
}

/* The file, as what it is. */
static bool load_file(struct guest *g, struct shelf *s, const struct guest_wish *w)
{
	struct elf_kind kind;

	if (image_is_elf(g->path))
		return w->programs && image_elf_kind(g->path, &kind)
			       ? program_load(g, s, w)
			       : load_object(g, s, w) && check_wish(g, s, w);
	return w->is_raw ? program_load(g, s, w) : load_source(g, s, w) && check_wish(g, s, w);
}

/* Takes "[...]" out of an argument, if it has that. */
static char *without_inside(const char *argument, const char *inside)
{
	char *path = strdup(argument);

	if (path && inside)
		strcpy(path + (inside - 1 - argument), strrchr(inside, ']') + 1);
	return path;
}

/* Takes "@LEVEL" off the path, if there is such an end. */
static void split_level(struct guest *g)
{
	char *at = strrchr(g->path, '@'), *end;
	unsigned long level;

	if (!at || at[1] < '1' || at[1] > '9')
		return;
	level = strtoul(at + 1, &end, 10);
	if (*end || level > UINT_MAX)
		return;
	g->level = (unsigned)level;
	*at = '\0';
}

/* Splits "FILE:SIZE@LEVEL"; a file that really has such a name is taken as it is. */
static bool split_argument(struct guest *g, const char *argument, const char *inside,
			   struct shelf *s)
{
	char *colon;

	g->path = without_inside(argument, inside);
	if (!g->path || access(g->path, F_OK) == 0)
		return true;
	split_level(g);
	colon = strrchr(g->path, ':');
	if (!colon || access(g->path, F_OK) == 0)
		return true;
	if (!size_parse(colon + 1, &g->size)) {
		diag_add(s->diagnostics, DIAG_ERROR, diag_file(s->diagnostics, argument),
			 "'%s' is no size; write FILE:16384, FILE:64K or FILE:1M", colon + 1);
		return false;
	}
	*colon = '\0';
	return true;
}

bool guest_load(struct guest *g, struct shelf *s, const char *argument,
		const struct guest_wish *wish)
{
	const char *inside = carry_inside(argument);

	memset(g, 0, sizeof(*g));
	if (!split_argument(g, argument, inside, s))
		return false;
	if (!load_file(g, s, wish))
		return false;
	if (inside && g->program) {
		diag_add(s->diagnostics, DIAG_ERROR, diag_file(s->diagnostics, g->path),
			 "what carries guests is assembled here, no ELF file of another tool");
		return false;
	}
	if (g->image->nsegments == 0) {
		diag_add(s->diagnostics, DIAG_ERROR, diag_file(s->diagnostics, g->path),
			 "the guest is empty: there is nothing to run");
		return false;
	}
	return !inside || carry_guests(g, s, inside, wish);
}

void guest_free(struct guest *g)
{
	for (unsigned i = 0; i < g->ninner; i++)
		guest_free(&g->inner[i]);
	free(g->inner);
	program_free(g->program);
	image_free(g->image);
	free(g->path);
	memset(g, 0, sizeof(*g));
}

char *guest_short_name(const struct guest *g, char *buffer, size_t size)
{
	const char *slash = strrchr(g->path, '/');
	char *dot;

	snprintf(buffer, size, "%s", slash ? slash + 1 : g->path);
	dot = strrchr(buffer, '.');
	if (dot && dot != buffer)
		*dot = '\0';
	return buffer;
}

/* ---- entering it ---- */

/* A number, with a sign perhaps, or an enumerator's name. */
static bool read_value(const struct table_entry *e, const char *text, uint64_t *value)
{
	uint64_t max = isa_mask(e->width);

	for (unsigned i = 0; e->type && i < e->type->nmembers; i++) {
		if (strcmp(e->type->member[i].name, text) == 0) {
			*value = e->type->member[i].value;
			return true;
		}
	}
	if (text[0] != '-')
		return number_parse(text, 0, max, value);
	if (!number_parse(text + 1, 0, max / 2 + 1, value))
		return false;
	*value = -*value & max;
	return true;
}

static bool deposit(struct view *v, const struct table *t, const char *name, const char *value)
{
	int i = table_find(t, name);
	const struct table_entry *e;
	uint64_t n;

	if (i < 0) {
		say_error("machine %s has no register '%s'; 'trapeze doc %s' lists them",
			  v->isa->name, name, v->isa->name);
		return false;
	}
	e = table_entry(t, (unsigned)i);
	if (!read_value(e, value, &n)) {
		say_error("'%s' is no value for %s, which has %u bit%s", value, e->name, e->width,
			  plural(e->width));
		return false;
	}
	table_deposit(v, e, n);
	return true;
}

bool guest_deposit(struct view *v, const char *option, const char *text)
{
	const char *equals = strchr(text, '=');
	struct table *t;
	char *name;
	bool ok;

	if (!equals || equals == text) {
		say_error("%s needs REG=VALUE, not '%s'", option, text);
		return false;
	}
	t = table_new(v->isa);
	name = strndup(text, (size_t)(equals - text));
	ok = name && deposit(v, t, name, equals + 1);
	free(name);
	table_free(t);
	return ok;
}

bool guest_enter(const struct guest *g, struct view *v, const char *or_else)
{
	char reason[256];

	if (view_load(v, g->image, reason, sizeof(reason)))
		return !g->program || program_enter(g, v);
	if (image_end(g->image) - 1 < v->window.size)
		say_error("%s: %s", g->path, reason);
	else
		say_error("%s: %s; give %s:SIZE%s", g->path, reason, g->path, or_else);
	return false;
}
