/*
 * Classification by exhaustion: which machines it can be done for, and an instruction by what is
 * found of its words.
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

/* ---- one word ---- */

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
		    ask_change(e, false, component_of(&e->isa->reg[i])))
			part_add(&k->control, component_of(&e->isa->reg[i]));
	for (size_t i = 0; i < sizeof others / sizeof *others; i++)
		if (ask_change(e, false, others[i]))
			part_add(&k->control, others[i]);
	yes_if(&k->user_control, ask_change(e, true, NULL));
}

static void add_behaviour_kinds(struct enumerator *e, struct parts *p)
{
	static const char *const relocation[] = { "location", "bound", "size" };
	static const char *const others[] = { "mode", "storage outside", "time" };
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
		if (r->class == CLASS_CONTROL && !r->time && !is_mode(e->isa, r) &&
		    r->role == ROLE_NONE && ask_behaviour_by(e, r))
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
	s->runs_anywhere |= ask_anywhere(e);
	s->unprivileged |= ask_unprivileged(e);
	s->traps |= ask_refusal(e);
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
		&k->trap_sensitive,   &k->user_sensitive,    &k->user_sensitive_literal,
		&k->user_control,     &k->user_behaviour,    &k->user_trap,
		&k->breaks_theorem1,  &k->breaks_theorem3,   &k->direct_vmm,
		&k->direct_hybrid,
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
	struct enumerator *e =
		enumerator_new(isa, NULL, NULL, (struct enumeration){ .size = size });
	bool holds = true;

	for (unsigned b = 0; b < CELLS && holds; b++)
		for (unsigned i = 0; i < e->nplacements[b] && holds; i++)
			for (unsigned a = 0; a < 1u << isa->word && holds; a++)
				holds = translates(lazy_deposit(e, &e->placement[b][i]),
						   &e->placement[b][i], a);
	enumerator_free(e);
	return holds;
}
