/*
 * Guests that carry guests (cli/carry.h).
 */
#include "cli/carry.h"

#include "cli/lab.h"
#include "vmm/carry.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* ---- the argument ---- */

const char *carry_inside(const char *argument)
{
	const char *bracket = strchr(argument, '[');

	return bracket && strrchr(bracket, ']') && access(argument, F_OK) != 0 ? bracket + 1 : NULL;
}

/* The end of the guest that begins here: a comma, or the bracket that closes the list. */
static const char *guest_end(const char *at)
{
	unsigned depth = 0;

	for (; *at; at++) {
		if (depth == 0 && (*at == ',' || *at == ']'))
			return at;
		depth += *at == '[';
		depth -= *at == ']';
	}
	return at;
}

static struct guest *another(struct guest *g)
{
	struct guest *grown = realloc(g->inner, (g->ninner + 1) * sizeof(*grown));

	if (!grown) {
		say_error("out of memory");
		exit(argp_err_exit_status);
	}
	g->inner = grown;
	return &grown[g->ninner++];
}

static bool refuse(const struct guest *g, struct shelf *s, const char *reason)
{
	diag_add(s->diagnostics, DIAG_ERROR, diag_file(s->diagnostics, g->path), "%s", reason);
	return false;
}

static bool load_inner(struct guest *g, struct shelf *s, const char *inside,
		       const struct guest_wish *wish)
{
	const char *end;
	bool ok = true;

	do {
		char *argument;

		end = guest_end(inside);
		if (end == inside)
			return refuse(g, s, "a guest in its brackets has no name");
		argument = strndup(inside, (size_t)(end - inside));
		ok = guest_load(another(g), s, argument, wish) && ok;
		free(argument);
		inside = end + 1;
	} while (*end == ',');
	return ok;
}

bool carry_guests(struct guest *g, struct shelf *s, const char *inside,
		  const struct guest_wish *wish)
{
	struct carried *carried;
	char reason[256];
	uint64_t size;
	bool ok;

	if (!load_inner(g, s, inside, wish))
		return false;
	for (unsigned i = 0; i < g->ninner; i++)
		if (g->inner[i].program)
			return refuse(&g->inner[i], s, "what is carried is assembled here");
	for (unsigned i = 0; i < g->ninner; i++)
		if (g->inner[i].isa != g->isa)
			return refuse(&g->inner[i], s,
				      "it is for another machine than its monitor");
	for (unsigned i = 0; i < g->ninner; i++)
		if (g->inner[i].level)
			return refuse(&g->inner[i], s, "@LEVEL is of the monitors of --monitor");
	carried = make(g->ninner, sizeof(*carried));
	for (unsigned i = 0; i < g->ninner; i++)
		carried[i] = (struct carried){ g->inner[i].image, lab_guest_size(&g->inner[i]) };
	ok = carry_load(g->image, g->isa, carried, g->ninner, &size, reason, sizeof(reason)) ||
	     refuse(g, s, reason);
	free(carried);
	if (!g->size)
		g->size = size;
	return ok;
}

/* ---- towers ---- */

const struct guest *innermost(const struct guest *g)
{
	while (g->ninner)
		g = &g->inner[0];
	return g;
}

bool tower_alone(const struct guest *g)
{
	for (; g->ninner; g = &g->inner[0])
		if (g->ninner > 1)
			return false;
	return true;
}

struct tower_level *tower_levels(const struct guest *g, unsigned *count)
{
	struct tower_level *level;
	char reason[256];
	unsigned n = 0;
	bool ok = true;

	for (const struct guest *at = g; at->ninner; at = &at->inner[0])
		n++;
	if (!n) {
		say_error("%s carries no guest; write 'MONITOR.s[%s]'", g->path, g->path);
		return NULL;
	}
	level = make(n, sizeof(*level));
	*count = n;
	for (unsigned i = 0; ok && i < n; i++, g = &g->inner[0]) {
		ok = carry_level(g->image, g->isa, &level[i], reason, sizeof(reason));
		if (!ok)
			say_error("%s: %s", g->path, reason);
	}
	if (ok)
		return level;
	tower_levels_free(level, n);
	return NULL;
}

void tower_levels_free(struct tower_level *level, unsigned count)
{
	for (unsigned i = 0; level && i < count; i++)
		carry_level_free(&level[i]);
	free(level);
}
