/* Are two images equal in all but places?  For suites and fuzzers. */
#ifndef TESTS_SAME_H
#define TESTS_SAME_H

#include "isa/image.h"

#include <string.h>

static inline bool same_segment(const struct segment *a, const struct segment *b)
{
	return a->address == b->address && a->count == b->count &&
	       !memcmp(a->unit, b->unit, a->count * sizeof(uint64_t));
}

static inline bool same_symbol(const struct symbol *a, const struct symbol *b)
{
	return !strcmp(a->name, b->name) && a->value == b->value && a->label == b->label;
}

static inline bool same_deposit(const struct deposit *a, const struct deposit *b)
{
	return !strcmp(a->name, b->name) && a->value == b->value;
}

/* What differs, NULL if nothing does; names and hashes of machines apart. */
static inline const char *image_difference(const struct image *a, const struct image *b)
{
	bool same = a->nsegments == b->nsegments;

	for (unsigned i = 0; same && i < a->nsegments; i++)
		same = same_segment(&a->segment[i], &b->segment[i]);
	if (!same)
		return "segments";
	same = a->nsymbols == b->nsymbols;
	for (unsigned i = 0; same && i < a->nsymbols; i++)
		same = same_symbol(&a->symbol[i], &b->symbol[i]);
	if (!same)
		return "symbols";
	same = a->ndeposits == b->ndeposits;
	for (unsigned i = 0; same && i < a->ndeposits; i++)
		same = same_deposit(&a->deposit[i], &b->deposit[i]);
	if (!same)
		return "deposits";
	return a->has_entry == b->has_entry && a->entry == b->entry ? NULL : "entry";
}

#endif
