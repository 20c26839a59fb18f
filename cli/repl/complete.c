/* What completes the words of commands. */
#include "cli/repl/repl.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

static bool begins(const char *word, const char *start)
{
	return strncmp(word, start, strlen(start)) == 0;
}

char *complete_nothing(const struct session *s, const char *start, unsigned n)
{
	(void)s;
	(void)start;
	(void)n;
	return NULL;
}

char *complete_from(const char *const *words, const char *start, unsigned *n)
{
	for (; *words; words++)
		if (begins(*words, start) && (*n)-- == 0)
			return strdup(*words);
	return NULL;
}

char *complete_place(const struct session *s, const char *start, unsigned n)
{
	const struct image *image = s->now ? guest_of(s)->image : NULL;

	for (unsigned i = 0; image && i < image->nsymbols; i++)
		if (begins(image->symbol[i].name, start) && n-- == 0)
			return strdup(image->symbol[i].name);
	return s->now ? complete_instr(s, start, n) : NULL;
}

/* A copy, in small letters if it is typed so. */
static char *in_case_of(const char *start, const char *name)
{
	char *copy = strdup(name);

	for (char *p = copy; p && islower((unsigned char)*start) && *p; p++)
		*p = (char)tolower((unsigned char)*p);
	return copy;
}

char *complete_instr(const struct session *s, const char *start, unsigned n)
{
	const struct isa *isa = s->now ? s->now->lab->isa : NULL;

	for (unsigned i = 0; isa && i < isa->ninstrs; i++)
		if (strncasecmp(isa->instr[i].name, start, strlen(start)) == 0 && n-- == 0)
			return in_case_of(start, isa->instr[i].name);
	return NULL;
}

char *complete_register(const struct session *s, const char *start, unsigned n)
{
	struct table *t = s->now ? table_new(s->now->lab->isa) : NULL;
	char *found = NULL;

	for (unsigned i = 0; t && !found && i < table_size(t); i++)
		if (begins(table_entry(t, i)->name, start) && n-- == 0)
			found = strdup(table_entry(t, i)->name);
	table_free(t);
	return found || !s->now ? found : complete_place(s, start, n);
}

static char *complete_trap(const struct isa *isa, const char *start, unsigned *n)
{
	for (unsigned i = 0; i < isa->ntraps; i++)
		if (begins(isa->trap[i].name, start) && (*n)-- == 0)
			return strdup(isa->trap[i].name);
	return NULL;
}

/* All that 'break' takes. */
char *complete_stop(const struct session *s, const char *start, unsigned n)
{
	static const char *const words[] = { "--all", "if", "trap", NULL };
	const struct lab *l = s->now ? s->now->lab : NULL;
	char *found = complete_from(words, start, &n);

	for (unsigned i = 0; !found && l && l->monitor && i < l->count; i++)
		if (begins(vm_name(l->vm[i]), start) && n-- == 0)
			found = strdup(vm_name(l->vm[i]));
	if (!found && l)
		found = complete_trap(l->isa, start, &n);
	return found ? found : complete_place(s, start, n);
}
