/*
 * Which words of an instruction are the bad ones.
 *
 * Two lists grow until they meet.  A bad word comes with the states that show it, and these show it
 * of other words, too: a condition on the word (proofs/instance.c).  Where no such condition meets
 * a set of words, and the solver finds no bad word in it, it is a set of good ones.  Once no word
 * is in neither list, the bad words are those that are in no good set: exactly.  Where the lists do
 * not meet in time, they are among those.
 */
#include "proofs/guilt.h"

#include "isa/alloc.h"
#include "proofs/classify_private.h"

#include <string.h>

enum { NARROW = 4, ROUNDS = 48, GUESSES = 6, MOST_TERMS = 8000, MAX_KNOWN = 256 };

struct trial {
	struct classifier *c;
	const struct isa_instr *instr;
	unsigned offences;		 /* those that some word may commit, as bits */
	bool user;			 /* Theorem 3's */
	const struct term *word, *legal; /* $word, its fixed bits as they are, its ignored ones 0 */
	struct word_set all;
	const struct term *bad; /* of the word: a witness found shows it */
	bool lost;		/* that has become too much to be asked about */
	unsigned nknown;
	uint64_t known[MAX_KNOWN]; /* bad words */
	unsigned ngood;
	struct word_set good[MAX_GUILTY_CASES];
};

/* ---- values of a field ---- */

static uint64_t field_bits(const struct isa_field *f)
{
	return isa_mask(f->width) << f->lo;
}

bool field_set_any(const struct field_set *s)
{
	return s->narrow ? s->values == s->of : !s->mask;
}

bool field_set_has(const struct field_set *s, uint64_t value)
{
	if (s->narrow)
		return s->values >> value & 1;
	return (((value ^ s->match) & s->mask) == 0) != s->negated;
}

/* Cubes: the bits that the mask has, as in match.  Is the one part of the other? */
static bool within(const struct field_set *a, const struct field_set *b)
{
	return !(b->mask & ~a->mask) && !((a->match ^ b->match) & b->mask);
}

static bool disjoint(const struct field_set *a, const struct field_set *b)
{
	if (a->narrow)
		return !(a->values & b->values);
	if (a->negated != b->negated)
		return a->negated ? within(b, a) : within(a, b);
	if (!a->negated)
		return a->mask & b->mask & (a->match ^ b->match);
	return a->mask == b->mask && !(a->mask & (a->mask - 1)) && a->match != b->match;
}

static struct field_set exactly(const struct field_set *any, uint64_t value)
{
	struct field_set s = *any;

	s.values = UINT64_C(1) << (value & 63);
	s.mask = s.narrow ? 0 : isa_mask(s.field->width);
	s.match = value & s.mask;
	return s;
}

static const struct term *holds_narrow(struct classifier *c, const struct field_set *s,
				       const struct term *field)
{
	const struct term *any = term_false(TS);

	for (unsigned v = 0; v < 1u << s->field->width; v++)
		if (s->values >> v & 1)
			any = term_or(TS, any, term_eq(TS, field, term_const(TS, field->width, v)));
	return any;
}

static const struct term *holds_field(struct classifier *c, const struct field_set *s,
				      const struct term *word)
{
	const struct isa_field *f = s->field;
	const struct term *field = term_slice(TS, word, f->lo + f->width - 1, f->lo);
	const struct term *like = term_true(TS);

	if (field_set_any(s))
		return term_true(TS);
	if (s->narrow)
		return holds_narrow(c, s, field);
	for (unsigned b = 0; b < f->width; b++)
		if (s->mask >> b & 1)
			like = term_and(TS, like,
					term_eq(TS, term_slice(TS, field, b, b),
						term_const(TS, 1, s->match >> b & 1)));
	return s->negated ? term_not(TS, like) : like;
}

/* ---- sets of words ---- */

static bool has_word(const struct word_set *set, uint64_t word)
{
	for (unsigned i = 0; i < set->n; i++)
		if (!field_set_has(&set->of[i], isa_field_of(set->of[i].field, word)))
			return false;
	return true;
}

/* All but for one field. */
static bool has_word_but(const struct word_set *set, unsigned but, uint64_t word)
{
	for (unsigned i = 0; i < set->n; i++)
		if (i != but && !field_set_has(&set->of[i], isa_field_of(set->of[i].field, word)))
			return false;
	return true;
}

static bool apart(const struct word_set *a, const struct word_set *b)
{
	for (unsigned i = 0; i < a->n; i++)
		if (disjoint(&a->of[i], &b->of[i]))
			return true;
	return false;
}

static const struct term *holds(struct classifier *c, const struct word_set *set,
				const struct term *word)
{
	const struct term *all = term_true(TS);

	for (unsigned i = 0; i < set->n; i++)
		all = term_and(TS, all, holds_field(c, &set->of[i], word));
	return all;
}

static struct word_set only(const struct word_set *all, uint64_t word)
{
	struct word_set set = *all;

	for (unsigned i = 0; i < set.n; i++)
		set.of[i] = exactly(&all->of[i], isa_field_of(set.of[i].field, word));
	return set;
}

/* ---- what is known of words ---- */

static void note_bad(struct trial *t, uint64_t word)
{
	if (t->nknown < MAX_KNOWN)
		t->known[t->nknown++] = word;
}

/* Is there a word like that?  After ANSWER_YES the model has it. */
static enum answer some_word(struct trial *t, const struct term *like)
{
	struct conditions q = { 0 };

	require(&q, like);
	return ask(t->c, &q, t->instr->name, "words", NULL);
}

static uint64_t word_found(struct trial *t)
{
	return smt_value(t->c->smt, t->legal);
}

static uint64_t value_for(void *word, const char *name, const uint64_t *argument, unsigned width)
{
	(void)name; /* it is the only variable */
	(void)argument;
	(void)width;
	return *(const uint64_t *)word;
}

/* Does a witness found so far show the word? */
static bool is_shown(struct trial *t, uint64_t word)
{
	return term_value(t->c->sym.terms, t->bad, value_for, &word);
}

static uint64_t with_field(const struct isa_field *f, uint64_t word, uint64_t value)
{
	return (word & ~field_bits(f)) | value << f->lo;
}

/* The word, or, where it does not have what the set's fields have, another that does. */
static uint64_t moved_into(const struct word_set *set, uint64_t word, uint64_t other)
{
	for (unsigned i = 0; i < set->n; i++) {
		const struct isa_field *f = set->of[i].field;
		if (!field_set_has(&set->of[i], isa_field_of(f, word)))
			word = with_field(f, word, isa_field_of(f, other));
	}
	return word;
}

static bool try_word(struct trial *t, const struct word_set *set, uint64_t word)
{
	if (!has_word(set, word) || !is_shown(t, word))
		return false;
	note_bad(t, word);
	return true;
}

/* Words that differ from that one in one field, by a bit or by a value. */
static bool shown_near(struct trial *t, const struct word_set *set, uint64_t word)
{
	for (unsigned i = 0; i < set->n; i++) {
		const struct isa_field *f = set->of[i].field;
		uint64_t value = isa_field_of(f, word);
		unsigned n = set->of[i].narrow ? 1u << f->width : f->width;
		for (unsigned k = 0; k < n; k++)
			if (try_word(t, set,
				     with_field(f, word,
						set->of[i].narrow ? k : value ^ UINT64_C(1) << k)))
				return true;
	}
	return false;
}

/* Is one of the set?  Those known, and what is near them, are tried: what that misses, the
 * question about the set finds, and adds it. */
static bool shown(struct trial *t, const struct word_set *set, uint64_t around)
{
	for (unsigned i = 0; i < t->nknown; i++)
		if (has_word(set, t->known[i]))
			return true;
	for (unsigned i = 0; i < t->nknown; i++)
		if (try_word(t, set, moved_into(set, t->known[i], around)))
			return true;
	return shown_near(t, set, around);
}

/* How many terms it is made of, of those not seen yet. */
static unsigned size_of(const struct term *t, bool *seen)
{
	unsigned n = !seen[t->id];

	for (int i = 0; !seen[t->id] && i < 3 && t->arg[i]; i++)
		n += size_of(t->arg[i], seen);
	seen[t->id] = true;
	return n;
}

static bool is_too_large(const struct term *t)
{
	bool *seen = xcalloc(t->id + 1u, sizeof *seen);
	unsigned size = size_of(t, seen);

	free(seen);
	return size > MOST_TERMS;
}

/* The word of the last question's model is bad, and so are those that its states show. */
static void add_witness(struct trial *t, const struct conditions *asked)
{
	struct classifier *c = t->c;
	uint64_t word = smt_value(c->smt, t->word) & ~t->instr->ignored;
	const struct word_set itself = only(&t->all, word);
	const struct term *like = instance_of_word(c, asked, t->legal);

	note_bad(t, word);
	t->bad = term_or(TS, t->bad, term_or(TS, like, holds(c, &itself, t->legal)));
	t->lost = t->lost || is_too_large(t->bad);
}

/* Does a word of the set commit the offence?  If so, its witness is added. */
static enum answer commits(struct trial *t, const struct word_set *set, unsigned which)
{
	struct classifier *c = t->c;
	struct conditions asked;
	enum answer a;

	c->within = holds(c, set, t->word);
	c->asked = &asked;
	a = offence(c, t->instr, which, t->user);
	c->within = NULL;
	c->asked = NULL;
	if (a == ANSWER_YES)
		add_witness(t, &asked);
	return a;
}

/* Is a bad word in the set? */
static enum answer bad_word(struct trial *t, const struct word_set *set)
{
	enum answer any = ANSWER_NO;

	for (unsigned i = 0; i < OFFENCES && any != ANSWER_YES; i++)
		if (t->offences >> i & 1)
			any = answer_either(any, commits(t, set, i));
	return any;
}

/* Each offence of which no word is guilty need not be asked about again. */
static void begin(struct trial *t)
{
	for (unsigned i = 0; i < OFFENCES; i++)
		if (t->offences >> i & 1 && commits(t, &t->all, i) == ANSWER_NO)
			t->offences &= ~(1u << i);
}

/* ---- the widest set of words around one that is disjoint from what is bad ---- */

typedef bool meets(struct trial *, const struct word_set *, uint64_t word);

struct avoided { /* words, of which a set is to have none */
	meets *meets;
	/* All values of a wide field but theirs, the word's among them; false: there is no such
	 * set. */
	bool (*rest)(struct trial *, struct word_set *, unsigned field, uint64_t word, meets *);
};

static void widen_narrow(struct trial *t, struct word_set *set, unsigned i, uint64_t word,
			 const struct avoided *no)
{
	uint64_t of = set->of[i].of, values = set->of[i].values;

	for (unsigned v = 0; of >> v; v++) {
		if (!(of >> v & 1) || values >> v & 1)
			continue;
		set->of[i].values = UINT64_C(1) << v;
		if (!no->meets(t, set, word))
			values |= UINT64_C(1) << v;
	}
	set->of[i].values = values;
}

static void widen_bits(struct trial *t, struct word_set *set, unsigned i, uint64_t word,
		       const struct avoided *no)
{
	struct field_set *s = &set->of[i];

	for (unsigned b = s->field->width; b-- > 0;) {
		struct field_set before = *s;
		s->mask &= ~(UINT64_C(1) << b);
		s->match &= s->mask;
		if (no->meets(t, set, word))
			*s = before;
	}
}

static void widen(struct trial *t, struct word_set *set, unsigned i, uint64_t word,
		  const struct avoided *no)
{
	struct field_set narrow = set->of[i];

	set->of[i] = t->all.of[i];
	if (!no->meets(t, set, word))
		return;
	set->of[i] = narrow;
	if (narrow.narrow)
		widen_narrow(t, set, i, word, no);
	else if (!no->rest(t, set, i, word, no->meets))
		widen_bits(t, set, i, word, no);
}

static struct word_set widest(struct trial *t, uint64_t word, const struct avoided *no)
{
	struct word_set set = t->all;

	if (!no->meets(t, &set, word))
		return set;
	set = only(&t->all, word);
	for (unsigned i = 0; i < set.n; i++)
		widen(t, &set, i, word, no);
	return set;
}

/* ---- what is avoided: the bad words shown so far ---- */

/* What the bad words known have in common, which are in the set but for this field. */
static struct field_set common(const struct trial *t, const struct word_set *set, unsigned i)
{
	struct field_set s = set->of[i];
	bool first = true;

	s.negated = true;
	s.mask = isa_mask(s.field->width);
	for (unsigned k = 0; k < t->nknown; k++) {
		uint64_t value = isa_field_of(s.field, t->known[k]);
		if (!has_word_but(set, i, t->known[k]))
			continue;
		s.match = first ? value : s.match;
		s.mask &= ~(s.match ^ value);
		first = false;
	}
	s.match &= s.mask;
	s.mask = first ? 0 : s.mask;
	return s;
}

/* A few bits that they have in common, or one value. */
static bool rest_of_bad(struct trial *t, struct word_set *set, unsigned i, uint64_t word,
			meets *meets)
{
	const struct field_set narrow = set->of[i];
	uint64_t value = isa_field_of(narrow.field, word);

	for (unsigned known = t->nknown + 1; known != t->nknown;) {
		known = t->nknown;
		set->of[i] = common(t, set, i);
		if (!set->of[i].mask || !field_set_has(&set->of[i], value))
			break;
		if (!meets(t, set, word))
			return true;
	}
	set->of[i] = narrow;
	return false;
}

/* Those that no witness shows, too, at the price of a question. */
static bool has_bad(struct trial *t, const struct word_set *set, uint64_t word)
{
	return shown(t, set, word) || bad_word(t, set) != ANSWER_NO;
}

static const struct avoided the_shown = { shown, rest_of_bad }, the_bad = { has_bad, rest_of_bad };

/* ---- the two lists ---- */

/* In none of these sets? */
static const struct term *in_none(struct trial *t, const struct word_set *set, unsigned n)
{
	struct classifier *c = t->c;
	const struct term *any = term_false(TS);

	for (unsigned i = 0; i < n; i++)
		any = term_or(TS, any, holds(c, &set[i], t->legal));
	return term_not(TS, any);
}

/* A good word: what is good around it, at a guess first.  False: that was not found out. */
static bool add_good(struct trial *t, uint64_t word)
{
	enum answer bad = ANSWER_YES;
	struct word_set set;

	for (int guess = 0; guess < GUESSES && bad == ANSWER_YES; guess++) {
		set = widest(t, word, &the_shown);
		bad = bad_word(t, &set);
	}
	if (bad == ANSWER_YES)
		set = widest(t, word, &the_bad);
	if (bad == ANSWER_UNKNOWN || t->ngood == MAX_GUILTY_CASES)
		return false;
	t->good[t->ngood++] = set;
	return true;
}

static bool is_open(struct trial *t, uint64_t word)
{
	for (unsigned i = 0; i < t->ngood; i++)
		if (has_word(&t->good[i], word))
			return false;
	return !is_shown(t, word);
}

/* The highest such word on the way up, bit by bit: what shows one at a high address often shows
 * the others. */
static uint64_t climb(struct trial *t, uint64_t word)
{
	for (unsigned i = 0; i < t->all.n; i++)
		for (unsigned b = t->all.of[i].field->width; b-- > 0;) {
			uint64_t higher = word | UINT64_C(1) << (t->all.of[i].field->lo + b);
			if (has_word(&t->all, higher) && is_open(t, higher))
				word = higher;
		}
	return word;
}

/* A word that is neither known to be bad, nor to be good. */
static enum answer open_word(struct trial *t, uint64_t *word)
{
	struct classifier *c = t->c;
	enum answer more =
		some_word(t, term_and(TS, in_none(t, t->good, t->ngood), term_not(TS, t->bad)));

	if (more == ANSWER_YES)
		*word = climb(t, word_found(t));
	return more;
}

/* Fills the list of good sets; true: each other word is bad. */
static bool find_good(struct trial *t)
{
	for (int round = 0; round < ROUNDS && !t->lost; round++) {
		uint64_t word = 0;
		enum answer more = open_word(t, &word);
		if (more != ANSWER_YES)
			return more == ANSWER_NO;
		const struct word_set itself = only(&t->all, word);
		enum answer bad = bad_word(t, &itself);
		if (bad == ANSWER_UNKNOWN || (bad == ANSWER_NO && !add_good(t, word)))
			return false;
	}
	return false;
}

static bool meets_good(struct trial *t, const struct word_set *set, uint64_t word)
{
	(void)word;
	for (unsigned i = 0; i < t->ngood; i++)
		if (!apart(set, &t->good[i]))
			return true;
	return false;
}

/* What one of the good sets has there, the other way round. */
static bool rest_of_good(struct trial *t, struct word_set *set, unsigned i, uint64_t word,
			 meets *meets)
{
	const struct field_set narrow = set->of[i];
	uint64_t value = isa_field_of(narrow.field, word);

	for (unsigned k = 0; k < t->ngood; k++) {
		set->of[i] = t->good[k].of[i];
		set->of[i].negated = !set->of[i].negated;
		if (set->of[i].mask && field_set_has(&set->of[i], value) && !meets(t, set, word))
			return true;
	}
	set->of[i] = narrow;
	return false;
}

static const struct avoided the_good = { meets_good, rest_of_good };

/* The words in no good set, as sets of their own; false: these are too many. */
static bool find_rest(struct trial *t, struct guilt *g)
{
	struct classifier *c = t->c;
	const struct term *left = in_none(t, t->good, t->ngood);

	for (;;) {
		const struct term *more = term_and(TS, left, in_none(t, g->of, g->n));
		enum answer any = some_word(t, more);
		if (any != ANSWER_YES || g->n == MAX_GUILTY_CASES)
			return any == ANSWER_NO;
		g->of[g->n++] = widest(t, word_found(t), &the_good);
	}
}

/* ---- the shorter description ---- */

/* Without those that the others have among them. */
static unsigned prune(struct trial *t, struct word_set *set, unsigned n)
{
	struct classifier *c = t->c;

	for (unsigned i = n; n > 1 && i-- > 0;) {
		const struct word_set last = set[i];
		memmove(&set[i], &set[i + 1], (n - i - 1) * sizeof *set);
		if (some_word(t, term_and(TS, holds(c, &last, t->legal), in_none(t, set, n - 1))) ==
		    ANSWER_NO) {
			n--;
		} else {
			memmove(&set[i + 1], &set[i], (n - i - 1) * sizeof *set);
			set[i] = last;
		}
	}
	return n;
}

static unsigned length_of(const struct word_set *set, unsigned n)
{
	unsigned length = 0;

	for (unsigned i = 0; i < n; i++)
		for (unsigned k = 0; k < set[i].n; k++)
			length += !field_set_any(&set[i].of[k]);
	return length;
}

static struct guilt describe(struct trial *t, bool exact)
{
	struct guilt rest = { .exact = exact },
		     good = { .exact = exact, .but = true, .n = t->ngood };

	memcpy(good.of, t->good, sizeof good.of);
	good.n = prune(t, good.of, good.n);
	if (!t->ngood || !find_rest(t, &rest))
		return good;
	rest.n = prune(t, rest.of, rest.n);
	if (length_of(rest.of, rest.n) > length_of(good.of, good.n))
		return good;
	return rest;
}

/* ---- of an instruction ---- */

/* The values that make no other instruction. */
static uint64_t values_of(const struct isa_instr *instr, const struct isa_field *f)
{
	uint64_t fixed = instr->mask & field_bits(f), values = 0;

	for (unsigned v = 0; v < 1u << f->width; v++)
		if (!(((uint64_t)v << f->lo ^ instr->match) & fixed))
			values |= UINT64_C(1) << v;
	return values;
}

/* Fields with bits that make no other instruction, and mean something. */
static struct word_set words_of(const struct isa_instr *instr)
{
	const struct isa_format *format = instr->format;
	struct word_set all = { 0 };

	for (unsigned i = 0; i < format->nfields && all.n < MAX_GUILTY_FIELDS; i++) {
		const struct isa_field *f = &format->field[i];
		struct field_set s = { .field = f, .narrow = f->width <= NARROW };
		if (f->fixed || !(field_bits(f) & ~instr->mask & ~instr->ignored))
			continue;
		s.values = s.of = s.narrow ? values_of(instr, f) : 0;
		all.of[all.n++] = s;
	}
	return all;
}

/* The word, put together of what is fixed and what is not. */
static const struct term *legal_word(struct classifier *c, const struct isa_instr *instr)
{
	const struct term *word = sym_word(SYM, "$word"), *legal = NULL;
	uint64_t fixed = instr->mask | instr->ignored;

	for (unsigned b = 0; b < word->width; b++) {
		const struct term *bit = fixed >> b & 1 ? term_const(TS, 1, instr->match >> b & 1)
							: term_slice(TS, word, b, b);
		legal = legal ? term_binary(TS, X_CONCAT, bit, legal) : bit;
	}
	return legal;
}

/* What some word may commit, as the classification has it. */
static unsigned offences_of(const struct classification *k, bool user)
{
	const bool time_only = user ? k->time_only_hybrid : k->time_only_vmm;
	const enum answer may[OFFENCES] = {
		[OFFENCE_CONTROL] = user ? k->user_control : k->control_sensitive,
		[OFFENCE_BEHAVIOUR] = user ? k->user_behaviour : k->behaviour_sensitive,
		[OFFENCE_TRAP] = user ? k->user_trap : k->trap_sensitive,
		[OFFENCE_DIRECT] = user ? k->direct_hybrid : k->direct_vmm,
	};
	unsigned offences = 0;

	for (unsigned i = 0; i < OFFENCES; i++)
		offences |= (may[i] != ANSWER_NO) << i;
	return time_only ? offences & ~(1u << OFFENCE_DIRECT) : offences;
}

struct guilt guilt_of(struct classifier *c, const struct classification *k)
{
	bool user = !breaks_theorem(k, 1);
	struct trial t = { .c = c,
			   .instr = k->instr,
			   .user = user,
			   .offences = offences_of(k, user),
			   .word = sym_word(SYM, "$word"),
			   .legal = legal_word(c, k->instr),
			   .all = words_of(k->instr),
			   .bad = term_false(TS) };

	begin(&t);
	return describe(&t, find_good(&t));
}

bool guilt_every(const struct guilt *g)
{
	return g->exact && g->but && g->n == 0;
}

bool guilt_nothing(const struct guilt *g)
{
	return !g->exact && g->but && g->n == 0;
}

bool guilt_has(const struct guilt *g, uint64_t word)
{
	for (unsigned i = 0; i < g->n; i++)
		if (has_word(&g->of[i], word))
			return !g->but;
	return g->but;
}
