/*
 * What translated code calls, where all that would be left for is a look at the cache of pages: an
 * exit and an entry cost more than that.  All registers are in the state vector, and execution is
 * between two instructions.
 */
#include "machine/translator/private.h"

/* Is it known what the running code changed? */
static bool all_told(const struct translator *t)
{
	return t->entered && !t->pages_untold && t->pages_walks == t->walks;
}

bool called_follow(struct translator *t, struct context *c)
{
	const struct view *v = t->entered;

	if (!all_told(t))
		return false;
	/* what is called may enter other code, which begins with the stream where this one's has come to */
	v->cpu->unspecified = v->cpu->state[t->layout.work + WORK_STREAM];
	page_cache_refresh(t, c, v);
	if (c->trapped.access)
		page_cache_fill_trapped(t, c, v);
	return true;
}

const void *called_fill(struct translator *t, struct context *c, enum access access,
			uint64_t position, uint64_t left)
{
	const void *code = NULL;

	if (all_told(t) && t->missed != left && c->pages.verified == t->pages)
		code = context_code(t, c, position);
	if (!code || !page_cache_fill_told(t, c, t->entered->cpu->state, access))
		return t->leave_because[leave_missing(access)];
	t->missed = left;
	return code;
}
