/*
 * Classification by exhaustion: each question as a search for states that say yes.
 *
 * Instructions are taken word by word, so that what one word is is known before words
 * are put together: a theorem's condition breaks at a word that is sensitive itself
 * and executes in user mode itself.
 */
#include "proofs/enumerate_private.h"

#include "isa/alloc.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

/* ---- what can be enumerated ---- */

static bool odd_expr(const struct expr *x)
{
	if (x->op == X_LINE)
		return true;
	for (int i = 0; i < 3 && x->arg[i]; i++)
		if (odd_expr(x->arg[i]))
			return true;
	return false;
}

static bool odd_code(const struct stmt *s)
{
	for (; s; s = s->next)
		if (s->op == S_IN || s->op == S_OUT || s->op == S_UNSPECIFIED ||
		    (s->value && odd_expr(s->value)) || (s->address && odd_expr(s->address)) ||
		    odd_code(s->body) || odd_code(s->otherwise))
			return true;
	return false;
}

static bool refuse(char *reason, size_t size, const struct isa *isa, const char *why)
{
	snprintf(reason, size, "%s cannot be enumerated: %s", isa->name, why);
	return false;
}

static bool fit_registers(const struct isa *isa)
{
	for (unsigned i = 0; i < isa->nregs; i++)
		if (isa->reg[i].width > isa->word)
			return false;
	return isa->nslots <= SLOTS && isa->role[ROLE_BASE]->width == isa->word &&
	       isa->role[ROLE_BOUND]->width == isa->word;
}

static bool fit_code(const struct isa *isa)
{
	for (unsigned i = 0; i < isa->ninstrs; i++)
		if (isa->instr[i].code.nlocals > LOCALS || odd_code(isa->instr[i].code.body))
			return false;
	return isa->trapseq->nlocals <= LOCALS && !odd_code(isa->trapseq->body);
}

bool enumerate_fit(const struct isa *isa, char *reason, size_t size)
{
	if (!classifier_fit(isa, reason, size))
		return false;
	if (isa->word > 4 || isa->unit != isa->word || isa->length > CELLS)
		return refuse(reason, size, isa, "its words have more than 4 bits, or bytes");
	if (!fit_registers(isa))
		return refuse(reason, size, isa, "it has many registers, or odd ones");
	if (isa->ndevices || !fit_code(isa))
		return refuse(reason, size, isa, "it has devices, lines or unspecified values");
	return true;
}

/* ---- the enumerator ---- */

static unsigned effective_bound(struct placement p)
{
	unsigned left = p.size > p.base ? p.size - p.base : 0;

	return p.bound < left ? p.bound : left;
}

static void list_placements(struct enumerator *e)
{
	unsigned n = 1u << e->isa->word;
	struct placement p;

	for (unsigned i = 0; i < CELLS; i++)
		e->placement[i] = xcalloc(n * n * e->limits.size, sizeof *e->placement[i]);
	for (p.base = 0; p.base < n; p.base++)
		for (p.bound = 0; p.bound < n; p.bound++)
			for (p.size = 1; p.size <= e->limits.size; p.size++) {
				unsigned b = effective_bound(p);
				e->placement[b][e->nplacements[b]++] = p;
			}
}

static struct enumerator *enumerator_new(const struct isa *isa, const struct isa_map *map,
					 const struct isa_instr *instr, struct enumeration limits)
{
	struct enumerator *e = xcalloc(1, sizeof *e);
	char reason[256];

	e->isa = isa;
	e->map = map;
	e->instr = instr;
	e->limits = limits;
	if (!limits.size || limits.size > UINT64_C(1) << isa->word)
		e->limits.size = UINT64_C(1) << isa->word;
	e->stream = limits.seed;
	e->machine = machine_new(isa, e->limits.size, 1, reason, sizeof reason);
	assert(e->machine);
	e->machine->view[0].resident = true;
	list_placements(e);
	return e;
}

static void enumerator_free(struct enumerator *e)
{
	for (unsigned i = 0; i < CELLS; i++)
		free(e->placement[i]);
	machine_free(e->machine);
	free(e);
}

/* ---- beginning a question ---- */

/* An effective bound, and a P from which the word is fetched. */
static void begin(struct enumerator *e)
{
	const struct isa *isa = e->isa;
	unsigned pc = isa->role[ROLE_PC]->slot, cells = 1u << isa->word, n = isa->length;
	unsigned most = e->limits.size < cells ? (unsigned)e->limits.size : cells - 1;

	memset(&e->visible, 0xff, sizeof e->visible);
	e->bound = n + choose(&e->tape, most - n + 1);
	unsigned p = choose(&e->tape, e->bound - n + 1);
	e->visible.slot[pc] = (int)p;
	for (unsigned i = 0; i < n; i++)
		e->visible.cell[p + i] =
			(int)(e->word >> (n - 1 - i) * isa->unit & isa_mask(isa->unit));
}

static bool in_user(struct enumerator *e, struct lazy *s)
{
	return lazy_eval(e, s, e->isa->user, false);
}

/* Registers of the real machine whose value the map derives from another state; false: where this
 * state has that register from elsewhere, it is another value. */
static bool map_from(struct enumerator *e, struct lazy *s, struct lazy *other)
{
	for (unsigned i = 0; i < e->isa->nregs; i++) {
		const struct isa_reg *r = &e->isa->reg[i];
		const struct isa_map_entry *m = &e->map->entry[i];
		if (r->class != CLASS_CONTROL || m->kind != MAP_VALUE || r->array)
			continue;
		if (s->slot_origin[r->slot] == CHOSEN && s->other == other &&
		    r->role != ROLE_BASE && r->role != ROLE_BOUND)
			s->slot_origin[r->slot] = MAPPED;
		else if (lazy_slot(e, s, r->slot) != lazy_eval(e, other, m->value, false))
			return false;
	}
	return true;
}

/* A user state of the real machine. */
static bool begin_real_user(struct enumerator *e, struct lazy **state)
{
	begin(e);
	struct lazy *any = lazy_state(e, 1, NULL);
	*state = lazy_state(e, 0, any);
	return map_from(e, *state, any) && in_user(e, *state);
}

static bool executes(const struct lazy *s)
{
	return !s->trap.kind || s->trap.phase == PHASE_COMPLETE || s->stays;
}

static bool runs(const struct lazy *s)
{
	return !s->trap.kind || s->stays;
}

static bool completes(const struct lazy *s)
{
	return s->trap.kind && s->trap.phase == PHASE_COMPLETE;
}

static bool nullified(const struct lazy *s)
{
	return s->trap.kind && s->trap.phase != PHASE_COMPLETE;
}

static bool completions_differ(const struct lazy *a, const struct lazy *b)
{
	if (!completes(a) || !completes(b))
		return completes(a) != completes(b);
	return a->trap.kind != b->trap.kind || a->trap.info != b->trap.info;
}

/* ---- searching ---- */

struct question {
	bool (*found)(struct enumerator *, const struct question *);
	bool execute;        /* executes, not runs */
	bool first_user, second_user, image, hybrid, timeless;
	const char *part;    /* of what it changes; NULL: any */
	const char *kind;    /* what related states do not share */
	const struct isa_reg *reg; /* or this register */
};

static bool search(struct enumerator *e, struct question q)
{
	e->tape = (struct tape){ 0 };
	e->runs = 0;
	do {
		if (q.found(e, &q))
			return true;
		if (e->limits.runs && e->runs > e->limits.runs) {
			e->exhausted = true;
			return false;
		}
	} while (tape_next(&e->tape));
	return false;
}

/* ---- trapping ---- */

static bool found_in_user(struct enumerator *e, const struct question *q)
{
	struct lazy *s;

	if (!begin_real_user(e, &s))
		return false;
	lazy_run(e, s);
	return q->execute ? executes(s) : runs(s);
}

static bool found_anywhere(struct enumerator *e, const struct question *q)
{
	(void)q;
	begin(e);
	struct lazy *s = lazy_state(e, 0, NULL);
	lazy_run(e, s);
	return runs(s);
}

static bool found_trap(struct enumerator *e, const struct question *q)
{
	(void)q;
	begin(e);
	struct lazy *s = lazy_state(e, 0, NULL);
	if (!in_user(e, s))
		return false;
	lazy_run(e, s);
	return !runs(s) && s->trap.kind != e->isa->memory;
}

/* ---- control sensitivity ---- */

static const char *name_of(const struct isa_reg *r)
{
	return r->role == ROLE_MODE				 ? "mode"
	       : r->role == ROLE_BASE || r->role == ROLE_BOUND ? "relocation"
								 : r->name;
}

static bool asked(const char *part, const char *name)
{
	return !part || !strcmp(part, name);
}

static bool is_mirrored(const struct enumerator *e, const struct isa_reg *r)
{
	return e->map->entry[r->index].kind == MAP_MIRRORED;
}

static bool changes_register(struct enumerator *e, struct lazy *s, const char *part, bool unmirrored)
{
	for (unsigned i = 0; i < e->isa->nslots; i++) {
		const struct isa_reg *r = isa_slot_reg(e->isa, i);
		if (r->class != CLASS_CONTROL || s->slot_after[i] == UNSEEN ||
		    !asked(part, name_of(r)) || (unmirrored && is_mirrored(e, r)))
			continue;
		if ((uint64_t)s->slot_after[i] != lazy_slot(e, s, i))
			return true;
	}
	return false;
}

static bool changes_outside(struct enumerator *e, struct lazy *s)
{
	for (unsigned i = 0; i < CELLS; i++)
		if (s->outside_after[i] != UNSEEN &&
		    (uint64_t)s->outside_after[i] != lazy_outside(e, s, i))
			return true;
	return false;
}

/* Of a state after its run; part NULL: anything. */
static bool changes(struct enumerator *e, struct lazy *s, const char *part, bool unmirrored)
{
	return (s->halts && asked(part, "halt")) || (s->waits && asked(part, "wait")) ||
	       (s->stays && asked(part, "trap")) ||
	       (asked(part, "storage outside") && changes_outside(e, s)) ||
	       changes_register(e, s, part, unmirrored);
}

/* A trap into another of user mode's modes. */
static bool enters_mode(struct enumerator *e, struct lazy *s)
{
	return s->stays && s->mode != lazy_slot(e, s, e->isa->role[ROLE_MODE]->slot);
}

static bool found_change(struct enumerator *e, const struct question *q)
{
	begin(e);
	struct lazy *s = lazy_state(e, 0, NULL);
	if (q->first_user && !in_user(e, s))
		return false;
	lazy_run(e, s);
	return executes(s) && (changes(e, s, q->part, false) ||
			       (q->part && !strcmp(q->part, "mode") && enters_mode(e, s)));
}

/* ---- related states ---- */

static bool is_mode(const struct isa *isa, const struct isa_reg *r)
{
	return r->role == ROLE_MODE || expr_reads(isa->user, r);
}

static bool is_one_of(const char *kind, const char *a, const char *b)
{
	return !strcmp(kind, a) || !strcmp(kind, b);
}

/* Control registers that related states need not share. */
static bool is_free(const struct enumerator *e, const struct question *q, const struct isa_reg *r)
{
	if (r->constant && is_mirrored(e, r))
		return false;
	if (q->reg)
		return r == q->reg;
	if (!strcmp(q->kind, "any"))
		return true;
	if (!strcmp(q->kind, "image"))
		return !r->time && !is_mirrored(e, r);
	return is_mode(e->isa, r) ? !strcmp(q->kind, "mode") : r->time && !strcmp(q->kind, "time");
}

static enum origin free_if(bool free)
{
	return free ? CHOSEN : SHARED;
}

static void relate(struct enumerator *e, struct lazy *s, const struct question *q)
{
	const char *kind = q->reg ? "register" : q->kind;
	bool all = is_one_of(kind, "any", "image"), moved = all || !strcmp(kind, "relocation");

	for (unsigned i = 0; i < e->isa->nslots; i++)
		s->slot_origin[i] = free_if(is_free(e, q, isa_slot_reg(e->isa, i)));
	s->base_origin = free_if(moved || !strcmp(kind, "location"));
	s->bound_origin = free_if(moved || !strcmp(kind, "bound"));
	s->size_origin = free_if(moved || !strcmp(kind, "size"));
	s->outside_origin = free_if(moved || is_one_of(kind, "location", "storage outside"));
	s->time_origin = free_if(is_one_of(kind, "any", "time"));
}

/* Registers' and cells' values that either run has changed are all that can differ. */
static bool visible_differ(struct enumerator *e, struct lazy *a, struct lazy *b, bool mirrored)
{
	for (unsigned i = 0; i < e->isa->nslots; i++) {
		const struct isa_reg *r = isa_slot_reg(e->isa, i);
		bool compared = r->class == CLASS_VISIBLE || (mirrored && is_mirrored(e, r));
		if (compared && (a->slot_after[i] != UNSEEN || b->slot_after[i] != UNSEEN) &&
		    lazy_slot_after(e, a, i) != lazy_slot_after(e, b, i))
			return true;
	}
	for (unsigned i = 0; i < e->bound; i++)
		if ((a->cell_after[i] != UNSEEN || b->cell_after[i] != UNSEEN) &&
		    lazy_cell_after(e, a, i) != lazy_cell_after(e, b, i))
			return true;
	return false;
}

/* The paper's (c) and (d). */
static bool resources_kept(struct enumerator *e, struct lazy *s)
{
	for (enum isa_role role = ROLE_MODE; role <= ROLE_BOUND; role++) {
		unsigned slot = e->isa->role[role]->slot;
		if (s->slot_after[slot] != UNSEEN && lazy_slot_after(e, s, slot) != lazy_slot(e, s, slot))
			return false;
	}
	return !s->stays;
}

static bool found_behaviour(struct enumerator *e, const struct question *q)
{
	begin(e);
	struct lazy *a = lazy_state(e, 0, NULL), *b = lazy_state(e, 1, a);
	relate(e, b, q);
	if ((q->first_user && !in_user(e, a)) || (q->second_user && !in_user(e, b)))
		return false;
	lazy_run(e, a);
	if (!executes(a) || !resources_kept(e, a))
		return false;
	lazy_run(e, b);
	return executes(b) && resources_kept(e, b) && visible_differ(e, a, b, false);
}

/* Not the paper's privileged: it traps in supervisor mode, or does not in user mode. */
static bool found_unprivileged(struct enumerator *e, const struct question *q)
{
	begin(e);
	struct lazy *a = lazy_state(e, 0, NULL), *b = lazy_state(e, 1, a);
	relate(e, b, q);
	if (in_user(e, a) || !in_user(e, b))
		return false;
	lazy_run(e, a);
	lazy_run(e, b);
	if (a->trap.kind == e->isa->memory || b->trap.kind == e->isa->memory)
		return false;
	return !runs(a) || runs(b);
}

static bool found_trap_difference(struct enumerator *e, const struct question *q)
{
	begin(e);
	struct lazy *a = lazy_state(e, 0, NULL), *b = lazy_state(e, 1, a), *any = lazy_state(e, 2, NULL);
	relate(e, b, q);
	if (!map_from(e, b, q->image ? a : any) || !in_user(e, b) || (q->first_user && !in_user(e, a)))
		return false;
	lazy_run(e, b);
	if (!executes(b) || b->stays)
		return false;
	lazy_run(e, a);
	return nullified(a) || completions_differ(a, b);
}

/* ---- the direct question ---- */

static void make_image(struct enumerator *e, struct lazy *real, bool timeless)
{
	static const enum origin origins[] = {
		[MAP_VALUE] = MAPPED, [MAP_COMPOSED] = CHOSEN,
		[MAP_MIRRORED] = SHARED, [MAP_VIRTUAL] = CHOSEN,
	};

	real->image = true;
	real->time_origin = timeless ? SHARED : CHOSEN;
	for (unsigned i = 0; i < e->isa->nslots; i++) {
		const struct isa_reg *r = isa_slot_reg(e->isa, i);
		if (r->class == CLASS_CONTROL)
			real->slot_origin[i] = timeless && r->time ? SHARED
								   : origins[e->map->entry[r->index].kind];
	}
}

static bool image_lost(struct enumerator *e, struct lazy *v, struct lazy *r)
{
	for (unsigned i = 0; i < e->isa->nregs; i++) {
		const struct isa_reg *reg = &e->isa->reg[i];
		const struct isa_map_entry *m = &e->map->entry[i];
		if (reg->class == CLASS_CONTROL && m->kind == MAP_VALUE && !reg->array &&
		    lazy_slot_after(e, r, reg->slot) != lazy_eval(e, v, m->value, true))
			return true;
	}
	return false;
}

static bool found_violation(struct enumerator *e, const struct question *q)
{
	begin(e);
	struct lazy *v = lazy_state(e, 0, NULL), *r = lazy_state(e, 1, v);
	make_image(e, r, q->timeless);
	if (q->hybrid && !in_user(e, v))
		return false;
	lazy_run(e, r);
	if (!executes(r))
		return false;
	lazy_run(e, v);
	return nullified(v) || completions_differ(v, r) || changes(e, v, NULL, true) ||
	       changes(e, r, NULL, true) || visible_differ(e, v, r, true) || image_lost(e, v, r);
}

/* ---- one word ---- */

static bool ask_in_user(struct enumerator *e, bool execute)
{
	return search(e, (struct question){ .found = found_in_user, .execute = execute });
}

static bool ask_change(struct enumerator *e, bool user, const char *part)
{
	return search(e, (struct question){ .found = found_change, .first_user = user, .part = part });
}

static bool ask_behaviour(struct enumerator *e, const char *kind, bool first, bool second)
{
	return search(e, (struct question){ .found = found_behaviour, .kind = kind,
					    .first_user = first, .second_user = second });
}

static bool ask_trap(struct enumerator *e, bool image, bool user)
{
	return search(e, (struct question){ .found = found_trap_difference,
					    .kind = image ? "image" : "any", .image = image,
					    .first_user = user });
}

static bool ask_direct(struct enumerator *e, bool hybrid, bool timeless)
{
	return search(e, (struct question){ .found = found_violation, .hybrid = hybrid,
					    .timeless = timeless });
}

/* What all words are together. */
struct sum {
	struct classification k;
	bool runs_in_user, runs_anywhere, unprivileged, traps, timeless_vmm, timeless_hybrid;
};

static void part_add(struct parts *p, const char *name)
{
	for (unsigned i = 0; i < p->n; i++)
		if (!strcmp(p->name[i], name))
			return;
	if (p->n < MAX_PARTS)
		p->name[p->n++] = name;
}

static void yes_if(enum answer *a, bool condition)
{
	if (condition)
		*a = ANSWER_YES;
}

static void add_control(struct enumerator *e, struct classification *k)
{
	static const char *const others[] = { "halt", "wait", "storage outside", "trap" };

	yes_if(&k->control_sensitive, true);
	for (unsigned i = 0; i < e->isa->nregs; i++)
		if (e->isa->reg[i].class == CLASS_CONTROL &&
		    ask_change(e, false, name_of(&e->isa->reg[i])))
			part_add(&k->control, name_of(&e->isa->reg[i]));
	for (size_t i = 0; i < sizeof others / sizeof *others; i++)
		if (ask_change(e, false, others[i]))
			part_add(&k->control, others[i]);
	yes_if(&k->user_control, ask_change(e, true, NULL));
}

static void add_behaviour_kinds(struct enumerator *e, struct parts *p)
{
	static const char *const relocation[] = { "location", "bound", "size" },
			  *const others[] = { "mode", "storage outside", "time" };
	bool found = false;

	for (size_t i = 0; i < sizeof relocation / sizeof *relocation; i++)
		if (ask_behaviour(e, relocation[i], false, false)) {
			part_add(p, relocation[i]);
			found = true;
		}
	if (!found && ask_behaviour(e, "relocation", false, false))
		part_add(p, "relocation");
	for (size_t i = 0; i < sizeof others / sizeof *others; i++)
		if (ask_behaviour(e, others[i], false, false))
			part_add(p, others[i]);
}

static void add_behaviour(struct enumerator *e, struct classification *k)
{
	yes_if(&k->behaviour_sensitive, true);
	add_behaviour_kinds(e, &k->behaviour);
	for (unsigned i = 0; i < e->isa->nregs; i++) {
		const struct isa_reg *r = &e->isa->reg[i];
		struct question q = { .found = found_behaviour, .reg = r };
		if (r->class == CLASS_CONTROL && !r->time && !is_mode(e->isa, r) &&
		    r->role == ROLE_NONE && search(e, q))
			part_add(&k->behaviour, r->name);
	}
	yes_if(&k->user_behaviour, ask_behaviour(e, "any", true, true));
	yes_if(&k->user_sensitive_literal, ask_behaviour(e, "any", true, false));
}

/* A word that executes in user mode and is sensitive, mode for mode as a theorem has it. */
static bool word_breaks(struct enumerator *e, bool user)
{
	return ask_change(e, user, NULL) || ask_behaviour(e, "image", user, user) ||
	       ask_trap(e, true, user);
}

static void add_direct(struct enumerator *e, bool hybrid, enum answer *a, bool *timeless)
{
	if (!ask_direct(e, hybrid, false))
		return;
	*a = ANSWER_YES;
	*timeless |= ask_direct(e, hybrid, true);
}

static void add_trapping(struct enumerator *e, struct sum *s, bool executes_in_user)
{
	s->runs_in_user |= executes_in_user && ask_in_user(e, false);
	s->runs_anywhere |= search(e, (struct question){ .found = found_anywhere });
	s->unprivileged |= search(e, (struct question){ .found = found_unprivileged, .kind = "mode" });
	s->traps |= search(e, (struct question){ .found = found_trap });
}

static void add_word(struct enumerator *e, struct sum *s)
{
	struct classification *k = &s->k;
	bool executes_in_user = ask_in_user(e, true);

	yes_if(&k->executes_in_user, executes_in_user);
	add_trapping(e, s, executes_in_user);
	if (ask_change(e, false, NULL))
		add_control(e, k);
	if (ask_behaviour(e, "any", false, false))
		add_behaviour(e, k);
	yes_if(&k->trap_sensitive, ask_trap(e, false, false));
	yes_if(&k->user_trap, ask_trap(e, false, true));
	yes_if(&k->breaks_theorem1, executes_in_user && word_breaks(e, false));
	yes_if(&k->breaks_theorem3, executes_in_user && word_breaks(e, true));
	add_direct(e, false, &k->direct_vmm, &s->timeless_vmm);
	add_direct(e, true, &k->direct_hybrid, &s->timeless_hybrid);
}

/* ---- all words ---- */

static enum trapping trapping_of(const struct sum *s)
{
	if (s->runs_in_user)
		return s->traps ? TRAPS_CONDITIONALLY : TRAPS_NOT;
	if (!s->runs_anywhere)
		return TRAPS_ALWAYS;
	return s->unprivileged ? TRAPS_IN_USER : TRAPS_PRIVILEGED;
}

/* No was not found to be so. */
static void unknown_if_no(enum answer *a)
{
	if (*a == ANSWER_NO)
		*a = ANSWER_UNKNOWN;
}

static void give_up(struct classification *k)
{
	enum answer *const all[] = {
		&k->executes_in_user, &k->control_sensitive, &k->behaviour_sensitive,
		&k->trap_sensitive, &k->user_sensitive, &k->user_sensitive_literal,
		&k->user_control, &k->user_behaviour, &k->user_trap, &k->breaks_theorem1,
		&k->breaks_theorem3, &k->direct_vmm, &k->direct_hybrid,
	};

	for (size_t i = 0; i < sizeof all / sizeof *all; i++)
		unknown_if_no(all[i]);
	k->trapping = TRAPS_UNKNOWN;
	k->control.unknown = k->behaviour.unknown = true;
}

struct classification enumerate(const struct isa *isa, const struct isa_map *map,
				const struct isa_instr *instr, struct enumeration limits)
{
	struct enumerator *e = enumerator_new(isa, map, instr, limits);
	struct sum s = { .k = { .instr = instr, .word = instr->match } };
	uint64_t words = UINT64_C(1) << isa->length * isa->unit;

	for (e->word = 0; e->word < words; e->word++)
		if ((e->word & instr->mask) == instr->match)
			add_word(e, &s);
	s.k.trapping = trapping_of(&s);
	s.k.time_only_vmm = s.k.direct_vmm == ANSWER_YES && !s.timeless_vmm;
	s.k.time_only_hybrid = s.k.direct_hybrid == ANSWER_YES && !s.timeless_hybrid;
	yes_if(&s.k.user_sensitive, s.k.user_control || s.k.user_behaviour);
	yes_if(&s.k.user_sensitive_literal, s.k.user_control);
	if (e->exhausted)
		give_up(&s.k);
	enumerator_free(e);
	return s.k;
}

/* ---- the lemma ---- */

static bool translates(struct view *v, const struct placement *p, unsigned address)
{
	unsigned bound = effective_bound(*p);
	uint64_t place = 0;

	for (int access = ACCESS_FETCH; access <= ACCESS_WRITE; access++) {
		struct trap trap = { .kind = NULL };
		bool reached = view_translate(v, address, (enum access)access, &place, &trap);
		if (reached != (address < bound))
			return false;
		if (reached ? place != p->base + address
			    : trap.kind != v->isa->memory || trap.info != address)
			return false;
	}
	return true;
}

/* For every base, bound, size and address; other registers and storage at random, many times. */
bool enumerate_lemma(const struct isa *isa, uint64_t size)
{
	struct enumerator *e = enumerator_new(isa, NULL, NULL, (struct enumeration){ .size = size });
	bool holds = true;

	for (unsigned b = 0; b < CELLS && holds; b++)
		for (unsigned i = 0; i < e->nplacements[b] && holds; i++)
			for (unsigned a = 0; a < 1u << isa->word && holds; a++)
				holds = translates(lazy_deposit(e, &e->placement[b][i]),
						   &e->placement[b][i], a);
	enumerator_free(e);
	return holds;
}
