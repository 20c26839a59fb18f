/*
 * What translated code calls, where all that would be left for is a look at the cache of pages: an
 * exit and an entry cost more than that.  All registers are in the state vector, and execution is
 * between two instructions.
 */
#include "machine/translator/private.h"

/*
 * The view on which code is running, if what it changed is known; NULL: it leaves.  What is called may
 * enter other code, which begins with the stream where this one's has come to.
 */
static const struct view *entered(const struct translator *t)
{
	const struct view *v = t->entered;

	if (!v || t->pages_untold || t->pages_walks != t->walks)
		return NULL;
	v->cpu->unspecified = v->cpu->state[t->layout.work + WORK_STREAM];
	return v;
}

bool called_follow(struct translator *t, struct context *c)
{
	const struct view *v = entered(t);

	return v && page_cache_follow(t, c, v);
}

const void *called_fill(struct translator *t, struct context *c, enum access access, uint64_t left)
{
	const struct view *v = entered(t);
	const void *code = NULL;

	if (v && t->missed != left && c->pages.verified == t->pages)
		code = context_code(t, c, position_of(t, v->cpu->state));
	if (!code || !page_cache_fill_told(t, c, v, access))
		return t->leave_because[leave_missing(access)];
	t->missed = left;
	return code;
}
