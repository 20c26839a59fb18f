/*
 * The weakest map: greedy from the one that demands nothing, a move for the first obligation that
 * is not met, then another for what is left; with backtracking, and each register weakened again
 * at the end.
 */
#include "proofs/mapping.h"

#include <stdio.h>

struct search {
	struct mapping m;
	struct user_mode mode[MAX_MODES + 1];
	unsigned nmodes;
	bool *closed; /* by register: chosen for an obligation met before */
	bool *stuck;  /* by obligation: no move was left for it */
	unsigned steps;
	int theorem;
	unsigned limits; /* of searches that found nothing */
};

static const struct isa *isa_of(const struct search *s)
{
	return s->m.c.sym.isa;
}

static void close_move(struct search *s, const struct move *move, bool closed)
{
	for (unsigned i = 0; i < move->n; i++)
		s->closed[move->reg[i]->index] = closed;
}

static bool solve(struct search *s)
{
	unsigned unmet = mapping_unmet(&s->m, s->theorem);
	bool solved = false;

	if (unmet == s->m.nobligations)
		return true;
	if (s->steps++ > MAX_STEPS) {
		s->m.undecided = true;
		s->limits |= 1u << LIMIT_STEPS;
		return false;
	}
	struct moves moves = moves_for(&s->m, unmet, s->closed);
	for (unsigned i = 0; i < moves.n && !solved; i++) {
		struct move *move = &moves.of[i];
		move_make(&s->m, move);
		close_move(s, move, true);
		solved = mapping_met(&s->m, unmet, s->theorem) == ANSWER_YES && solve(s);
		close_move(s, move, false);
		if (!solved)
			move_undo(&s->m, move);
	}
	s->limits |= solved ? 0 : moves.limits;
	moves_free(&moves);
	s->stuck[unmet] |= !solved;
	return solved;
}

/* Does some move, by itself, meet the obligation? */
static bool hopeful(struct search *s, unsigned obligation)
{
	struct moves moves = moves_for(&s->m, obligation, s->closed);
	bool met = mapping_met(&s->m, obligation, s->theorem) == ANSWER_YES;

	for (unsigned i = 0; i < moves.n && !met; i++) {
		move_make(&s->m, &moves.of[i]);
		met = mapping_met(&s->m, obligation, s->theorem) == ANSWER_YES;
		move_undo(&s->m, &moves.of[i]);
	}
	s->limits |= met ? 0 : moves.limits;
	moves_free(&moves);
	return met;
}

/* Instructions that no move serves; returns how many, and sets `other` if composition is not. */
static unsigned find_blocking(struct search *s, const struct isa_instr **blocking, bool *other)
{
	unsigned n = 0;

	for (unsigned i = 0; i < s->m.nobligations; i++) {
		if (hopeful(s, i))
			continue;
		if (mapping_instr(&s->m, i))
			blocking[n++] = mapping_instr(&s->m, i);
		else
			*other = true;
	}
	return n;
}

/* Instructions of which each needs what another cannot bear. */
static unsigned find_clashing(const struct search *s, const struct isa_instr **blocking)
{
	unsigned n = 0;

	for (unsigned i = 0; i < isa_of(s)->ninstrs; i++)
		if (s->stuck[i])
			blocking[n++] = mapping_instr(&s->m, i);
	return n;
}

/* ---- each register weakened, and why it cannot be ---- */

/* With this choice instead, which obligation is not met first? */
static unsigned unmet_with(struct search *s, const struct isa_reg *r, unsigned choice)
{
	unsigned before = s->m.chosen[r->index], unmet;

	mapping_choose(&s->m, r, choice);
	s->m.tried++;
	unmet = mapping_unmet(&s->m, s->theorem);
	if (unmet < s->m.nobligations)
		mapping_choose(&s->m, r, before);
	return unmet;
}

/* By register: the obligations that fail, were it virtual or mirrored; nobligations: none. */
struct reasons {
	unsigned *if_virtual, *if_mirrored;
};

/* Mirrored it would serve as well as pinned, or not. */
static void note_mirrored(struct search *s, const struct isa_reg *r, unsigned mirrored,
			  struct reasons *why)
{
	unsigned chosen = s->m.chosen[r->index];

	if (s->m.choices[r->index].of[chosen].entry.kind != MAP_VALUE)
		return;
	why->if_mirrored[r->index] = unmet_with(s, r, mirrored);
	mapping_choose(&s->m, r, chosen);
}

static void weaken(struct search *s, const struct isa_reg *r, struct reasons *why)
{
	const struct choices *all = &s->m.choices[r->index];

	for (unsigned k = 0; k < all->n; k++) {
		if (all->of[k].entry.kind == MAP_MIRRORED)
			note_mirrored(s, r, k, why);
		if (all->of[k].cost >= all->of[s->m.chosen[r->index]].cost)
			continue;
		unsigned unmet = unmet_with(s, r, k);
		if (unmet == s->m.nobligations)
			return;
		if (all->of[k].entry.kind == MAP_VIRTUAL)
			why->if_virtual[r->index] = unmet;
	}
}

static void weaken_all(struct search *s, struct reasons *why)
{
	const struct isa *isa = isa_of(s);

	for (unsigned i = 0; i < isa->nregs; i++) {
		why->if_virtual[i] = why->if_mirrored[i] = s->m.nobligations;
		if (isa->reg[i].class == CLASS_CONTROL && !decides_user(isa, &isa->reg[i]))
			weaken(s, &isa->reg[i], why);
	}
}

/* ---- a map to hand out ---- */

char *advised_value_text(const struct isa_reg *r, const struct isa_map_entry *e)
{
	char text[32];

	if (e->place.source)
		return isa_map_value_quote(e);
	for (unsigned i = 0; r->type && i < r->type->nmembers; i++)
		if (r->type->member[i].value == e->value->value)
			return xstrdup(r->type->member[i].name);
	snprintf(text, sizeof text, e->value->value < 10 ? "%llu" : "0x%llx",
		 (unsigned long long)e->value->value);
	return xstrdup(text);
}

static const struct isa_trap *unsafe_mirrored(const struct choices *all)
{
	for (unsigned k = 0; k < all->n; k++)
		if (all->of[k].entry.kind == MAP_MIRRORED)
			return all->of[k].holds_off;
	return NULL;
}

static struct advised_line line_of(struct search *s, const struct isa_reg *r,
				   const struct reasons *why)
{
	const struct choice *choice = &s->m.choices[r->index].of[s->m.chosen[r->index]];
	unsigned virtual = why->if_virtual[r->index], mirrored = why->if_mirrored[r->index];
	struct advised_line line = { .reg = r,
				     .kind = choice->entry.kind,
				     .user = decides_user(isa_of(s), r),
				     .holds_off = choice->holds_off,
				     .held_off_by = choice->held_off_by };

	if (line.kind == MAP_VALUE)
		line.value = advised_value_text(r, &choice->entry);
	if (line.kind == MAP_VALUE && !line.user && mirrored == s->m.nobligations)
		line.unsafe_mirrored = unsafe_mirrored(&s->m.choices[r->index]);
	line.if_virtual = mapping_instr(&s->m, virtual);
	line.if_mirrored = mapping_instr(&s->m, mirrored);
	line.composition = virtual + 1 == s->m.nobligations || mirrored + 1 == s->m.nobligations;
	return line;
}

static unsigned cost_of(const struct search *s)
{
	unsigned cost = 0;

	for (unsigned i = 0; i < isa_of(s)->nregs; i++)
		if (!decides_user(isa_of(s), &isa_of(s)->reg[i]))
			cost += s->m.choices[i].of[s->m.chosen[i]].cost;
	return cost;
}

static void take_lines(struct search *s, struct advised_map *a, const struct reasons *why)
{
	const struct isa *isa = isa_of(s);

	for (unsigned i = 0; i < a->nlines; i++)
		free(a->line[i].value);
	a->nlines = 0;
	for (unsigned i = 0; i < isa->nregs; i++)
		if (isa->reg[i].class == CLASS_CONTROL)
			a->line[a->nlines++] = line_of(s, &isa->reg[i], why);
}

/* ---- the search ---- */

static void begin_mode(struct search *s, const struct user_mode *mode)
{
	for (unsigned i = 0; i < isa_of(s)->nregs; i++)
		mapping_choose(&s->m, &isa_of(s)->reg[i], mode->choice[i]);
	memset(s->stuck, 0, s->m.nobligations * sizeof *s->stuck);
	s->steps = 0;
	s->m.tried++;
}

/* In one user mode; false: no map serves, and why is noted if it is less than was. */
static bool search_mode(struct search *s, struct advised_map *a, bool first)
{
	const struct isa_instr **blocking = xcalloc(isa_of(s)->ninstrs + 1, sizeof *blocking);
	unsigned of = s->theorem == 1 ? 0 : 1;
	bool composition = false;
	unsigned n = find_blocking(s, blocking, &composition);
	bool clash = n == 0 && !composition, solved = clash && solve(s);

	if (!solved && clash)
		n = find_clashing(s, blocking);
	if (!solved && (first || n < a->nblocking[of])) {
		free(a->blocking[of]);
		a->blocking[of] = blocking;
		a->nblocking[of] = n;
		a->clash[of] = clash;
	} else {
		free(blocking);
	}
	return solved;
}

static bool search_theorem(struct search *s, struct advised_map *a, int theorem)
{
	const struct isa *isa = isa_of(s);
	struct reasons why = { xcalloc(isa->nregs + 1, sizeof(unsigned)),
			       xcalloc(isa->nregs + 1, sizeof(unsigned)) };
	unsigned least = 0;
	bool found = false;

	s->theorem = theorem;
	for (unsigned i = 0; i < s->nmodes && !(found && least == 0); i++) {
		begin_mode(s, &s->mode[i]);
		if (!search_mode(s, a, i == 0))
			continue;
		weaken_all(s, &why);
		if (!found || cost_of(s) < least)
			take_lines(s, a, &why);
		least = found && least < cost_of(s) ? least : cost_of(s);
		found = true;
	}
	free(why.if_virtual);
	free(why.if_mirrored);
	return found;
}

struct advised_map advise_map(const struct isa *isa, struct smt *smt, struct terms *terms,
			      advice_progress *progress)
{
	struct search s = { .closed = xcalloc(isa->nregs + 1, sizeof *s.closed) };
	struct advised_map a = { .line = xcalloc(isa->nregs + 1, sizeof *a.line) };

	mapping_begin(&s.m, isa, smt, terms, progress);
	s.stuck = xcalloc(s.m.nobligations, sizeof *s.stuck);
	s.nmodes = mapping_user_modes(&s.m, s.mode, MAX_MODES + 1);
	if (s.nmodes > MAX_MODES) {
		s.nmodes = MAX_MODES;
		s.limits |= 1u << LIMIT_MODES;
	}
	if (search_theorem(&s, &a, 1))
		a.theorem = 1;
	else if (search_theorem(&s, &a, 3))
		a.theorem = 3;
	a.modes = s.nmodes;
	a.tried = s.m.tried;
	a.undecided = s.m.undecided;
	a.limits = a.theorem == 1 ? 0 : s.limits;
	mapping_end(&s.m);
	free(s.closed);
	free(s.stuck);
	return a;
}

void advised_map_free(struct advised_map *a)
{
	for (unsigned i = 0; i < a->nlines; i++)
		free(a->line[i].value);
	free(a->line);
	free(a->blocking[0]);
	free(a->blocking[1]);
}

char *limits_text(const char *head, unsigned limits)
{
	static const struct {
		unsigned most;
		const char *what;
	} names[] = {
		[LIMIT_REGISTERS] = { MOVE_REGISTERS,
				      "registers moved at once for an instruction" },
		[LIMIT_CHOICES] = { MAX_OPTIONS, "choices of registers for an instruction" },
		[LIMIT_MOVES] = { MAX_MOVES, "moves for an instruction" },
		[LIMIT_STEPS] = { MAX_STEPS, "steps of the search" },
		[LIMIT_MODES] = { MAX_MODES, "user modes" },
	};
	_Static_assert(sizeof names / sizeof *names == SEARCH_LIMITS, "each limit has its name");
	char *text;
	size_t size;
	FILE *f = must(open_memstream(&text, &size));
	const char *separator = head;

	for (unsigned i = 0; i < SEARCH_LIMITS; i++)
		if (limits >> i & 1) {
			fprintf(f, "%smore than %u %s", separator, names[i].most, names[i].what);
			separator = "; ";
		}
	fclose(f);
	return text;
}

char *advised_map_name(const struct isa *isa, char *buffer, size_t size)
{
	snprintf(buffer, size, "found");
	for (unsigned i = 2; isa_map_named(isa, buffer); i++)
		snprintf(buffer, size, "found%u", i);
	return buffer;
}

char *advised_line_text(const struct advised_line *line, char *buffer, size_t size)
{
	if (line->kind == MAP_VALUE)
		snprintf(buffer, size, "%s := %s;", line->reg->name, line->value);
	else
		snprintf(buffer, size, "%s %s;", line->reg->name, map_kind_name(line->kind));
	return buffer;
}
