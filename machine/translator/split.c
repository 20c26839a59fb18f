/*
 * Values that stand in one slot, one after the other, as those of expressions do: each gets a slot of
 * its own, so that it can have a register of the host for as long as it is needed (allocate.c).  One
 * pass backward tells which mentions of a slot speak of the same value: jumps only go forward.
 */
#include "machine/translator/private.h"

#include "isa/alloc.h"

enum { PLACES_OF_SLOTS = 3 }; /* in an operation: d, a, b */

struct splitter {
	struct ops *ops;
	const bool *may;   /* by slot */
	unsigned nslots;   /* that are split, numbered densely from 1 on */
	unsigned *dense;   /* by slot; owned */
	uint32_t *slot;	   /* by number; owned */
	unsigned *now;	   /* by number: the value that is wanted here; 0: none; owned */
	unsigned **at;	   /* by label, the same there; owned, each of them, too */
	unsigned nvalues;  /* from 1 on */
	unsigned *same;	   /* by value, one that is the same, or itself; owned */
	unsigned *mention; /* PLACES_OF_SLOTS for each operation: its value; owned */
	uint32_t *own;	   /* by value: its slot; 0: not yet; owned */
	bool *settled;	   /* by number: is the slot a value's own?  owned */
	bool *spoken;	   /* by slot; owned */
	uint32_t next, end; /* slots that may be free */
};

static unsigned value_of(struct splitter *s, unsigned value)
{
	while (s->same[value] != value)
		value = s->same[value] = s->same[s->same[value]];
	return value;
}

/* The slots that an operation speaks of; a field that is none is NULL. */
static void mentioned(struct uop *u, uint32_t **field, bool *defined)
{
	unsigned traits = ops_traits[u->op];

	*defined = traits & DEFINES_D;
	field[0] = traits & (DEFINES_D | USES_D) ? &u->d : NULL;
	field[1] = traits & USES_A && u->a != NO_INDEX ? &u->a : NULL;
	field[2] = traits & USES_B ? &u->b : NULL;
}

static void number_slots(struct splitter *s)
{
	uint32_t *field[PLACES_OF_SLOTS];
	bool defined;

	for (unsigned i = 0; i < s->ops->count; i++) {
		mentioned(&s->ops->op[i], field, &defined);
		for (unsigned k = 0; k < PLACES_OF_SLOTS; k++)
			if (field[k] && s->may[*field[k]] && !s->dense[*field[k]]) {
				s->dense[*field[k]] = ++s->nslots;
				s->slot[s->nslots] = *field[k];
			}
	}
}

static unsigned new_value(struct splitter *s)
{
	s->nvalues++;
	s->same[s->nvalues] = s->nvalues;
	return s->nvalues;
}

/* What is wanted at a label is wanted here. */
static void want(struct splitter *s, const unsigned *there)
{
	for (unsigned n = 1; n <= s->nslots; n++)
		if (there[n] && s->now[n])
			s->same[value_of(s, there[n])] = value_of(s, s->now[n]);
		else if (there[n])
			s->now[n] = there[n];
}

static size_t size_of_state(const struct splitter *s)
{
	return (s->nslots + 1) * sizeof *s->now;
}

/* From what is wanted behind an operation to what is wanted in front of it. */
static void before(struct splitter *s, unsigned i)
{
	struct uop *u = &s->ops->op[i];
	uint32_t *field[PLACES_OF_SLOTS];
	bool defined;

	if (u->op == T_LABEL) {
		s->at[u->d] = xmalloc(size_of_state(s));
		memcpy(s->at[u->d], s->now, size_of_state(s));
		return;
	}
	if (ops_ends_path(u))
		memset(s->now, 0, size_of_state(s));
	if (ops_is_jump(u) && u->d != LABEL_COLD)
		want(s, s->at[u->d]);
	mentioned(u, field, &defined);
	for (unsigned k = 0; k < PLACES_OF_SLOTS; k++) {
		unsigned n = field[k] ? s->dense[*field[k]] : 0;

		if (!n)
			continue;
		if (!s->now[n])
			s->now[n] = new_value(s);
		s->mention[i * PLACES_OF_SLOTS + k] = s->now[n];
		if (k == 0 && defined)
			s->now[n] = 0;
	}
}

/* ---- slots ---- */

/* Which slots are spoken of, in front of `end`. */
static bool *find_mentioned(const struct ops *o, uint32_t end)
{
	bool *spoken = xcalloc(end, sizeof *spoken), defined;
	uint32_t *field[PLACES_OF_SLOTS];

	for (unsigned i = 0; i < o->count; i++) {
		mentioned(&o->op[i], field, &defined);
		for (unsigned k = 0; k < PLACES_OF_SLOTS; k++)
			if (field[k] && *field[k] < end)
				spoken[*field[k]] = true;
	}
	return spoken;
}

/* A value gets its slot: the one where it stands, if that is not another's yet, or one that nobody
 * speaks of, as long as there are some. */
static void settle(struct splitter *s, unsigned value, unsigned number)
{
	if (s->own[value])
		return;
	s->own[value] = s->slot[number];
	while (s->settled[number] && s->next < s->end && s->spoken[s->next])
		s->next++;
	if (s->settled[number] && s->next < s->end)
		s->own[value] = s->next++;
	s->settled[number] = true;
}

static void rename_all(struct splitter *s)
{
	uint32_t *field[PLACES_OF_SLOTS];
	bool defined;

	/* what they begin with is where it is */
	for (unsigned n = 1; n <= s->nslots; n++)
		if (s->now[n])
			settle(s, value_of(s, s->now[n]), n);
	for (unsigned i = 0; i < s->ops->count; i++) {
		mentioned(&s->ops->op[i], field, &defined);
		for (unsigned k = 0; k < PLACES_OF_SLOTS; k++) {
			unsigned value = s->mention[i * PLACES_OF_SLOTS + k];

			if (!value)
				continue;
			value = value_of(s, value);
			settle(s, value, s->dense[*field[k]]);
			*field[k] = s->own[value];
		}
	}
}

void ops_split(struct ops *o, bool *may, const struct layout *layout)
{
	unsigned most = PLACES_OF_SLOTS * o->count + 1;
	struct splitter s = { .ops = o,
			      .may = may,
			      .dense = xcalloc(layout->total, sizeof *s.dense),
			      .slot = xcalloc(most, sizeof *s.slot),
			      .at = xcalloc(o->labels + 1, sizeof *s.at),
			      .same = xcalloc(most, sizeof *s.same),
			      .mention = xcalloc(most, sizeof *s.mention),
			      .own = xcalloc(most, sizeof *s.own),
			      .spoken = find_mentioned(o, layout->shadow),
			      .next = layout->temps,
			      .end = layout->shadow };

	number_slots(&s);
	s.settled = xcalloc(s.nslots + 1, sizeof *s.settled);
	s.now = xcalloc(s.nslots + 1, sizeof *s.now);
	for (unsigned i = o->count; i-- > 0;)
		before(&s, i);
	rename_all(&s);
	for (unsigned n = 1; n <= s.nslots; n++)
		if (s.now[n])
			may[s.slot[n]] = false;
	for (unsigned i = 0; i <= o->labels; i++)
		free(s.at[i]);
	free(s.at);
	free(s.now);
	free(s.settled);
	free(s.spoken);
	free(s.dense);
	free(s.slot);
	free(s.same);
	free(s.mention);
	free(s.own);
}
