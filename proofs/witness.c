/* Witnesses: the solver's values put into two machines, and the instruction run in both. */
#include "proofs/witness.h"

#include "isa/alloc.h"

enum { SMALL = 64, MORE = 4096 }; /* units of real storage tried */
enum { SEEDS = 1024 };		  /* tried where the architecture leaves a value open */

static struct machine *machine_with(const struct isa *isa, uint64_t size, uint64_t seed,
				    const uint64_t *state, const uint64_t *storage, uint64_t time)
{
	char reason[256];
	struct machine *m = machine_new(isa, size, seed, reason, sizeof reason);

	if (!m)
		return NULL;
	memcpy(m->cpu[0]->state, state, isa->nslots * sizeof *state);
	m->cpu[0]->time = time;
	for (uint64_t i = 0; i < size; i++)
		window_put(&m->view[0].window, i, storage[i]);
	m->view[0].resident = true;
	return m;
}

static bool set_up(struct witness *w, const struct isa *isa, const struct violation *v)
{
	for (int i = 0; i < SIDES; i++) {
		w->machine[i] = machine_with(isa, v->size[i], w->seed, v->state[i], v->storage[i],
					     v->time[i]);
		if (!w->machine[i])
			return false;
		w->before[i] = cpu_new(isa, w->seed);
		cpu_copy(isa, w->before[i], w->machine[i]->cpu[0]);
		w->storage_before[i] = xmalloc((v->size[i] + 1) * sizeof *w->storage_before[i]);
		memcpy(w->storage_before[i], v->storage[i],
		       v->size[i] * sizeof *w->storage_before[i]);
	}
	return true;
}

/* ---- what the replay must show ---- */

/* Registers that a guest and the real machine share while it runs: visible, and mirrored ones. */
static bool is_shared(const struct isa_map *map, const struct isa_reg *r)
{
	return r->class == CLASS_VISIBLE || map->entry[r->index].kind == MAP_MIRRORED;
}

static bool registers_differ(const struct isa *isa, const struct isa_map *map, bool shared,
			     const struct cpu *a, const struct cpu *b)
{
	for (unsigned i = 0; i < isa->nregs; i++) {
		const struct isa_reg *r = &isa->reg[i];
		if (is_shared(map, r) == shared &&
		    memcmp(&a->state[r->slot], &b->state[r->slot], r->count * sizeof *a->state))
			return true;
	}
	return false;
}

/* Does a side change what only a monitor may: control registers, or whether it runs? */
static bool changes_control(const struct isa *isa, const struct isa_map *map,
			    const struct witness *w, int side)
{
	const struct cpu *after = w->machine[side]->cpu[0];

	return registers_differ(isa, map, false, w->before[side], after) ||
	       after->status != CPU_RUNNING;
}

bool witness_place(const struct witness *w, enum world_side side, uint64_t place, uint64_t *other)
{
	if (!w->place) { /* it lies in the region */
		*other = side == SIDE_REAL ? place - w->region : place + w->region;
		return side == SIDE_VIRTUAL || *other < w->machine[SIDE_VIRTUAL]->storage->size;
	}
	for (unsigned i = 0; i < w->nplaces; i++)
		if (w->place[i].at[side] == place) {
			*other = w->place[i].at[!side];
			return true;
		}
	return false;
}

/* One side's storage: what its cells hold on the other, and elsewhere what was there. */
static bool differs_on(const struct witness *w, enum world_side side)
{
	const struct window *own = &w->machine[side]->view[0].window,
			    *others = &w->machine[!side]->view[0].window;

	for (uint64_t i = 0; i < own->size; i++) {
		uint64_t now = 0, expected = w->storage_before[side][i], other;

		window_get(own, i, &now);
		if (witness_place(w, side, i, &other))
			window_get(others, other, &expected);
		if (now != expected)
			return true;
	}
	return false;
}

static bool storage_differs(const struct witness *w)
{
	return differs_on(w, SIDE_VIRTUAL) || differs_on(w, SIDE_REAL);
}

/* in, out: what the device is told or tells is not in the state. */
static bool uses_device(const struct stmt *s)
{
	for (; s; s = s->next)
		if (s->op == S_IN || s->op == S_OUT || uses_device(s->body) ||
		    uses_device(s->otherwise))
			return true;
	return false;
}

/* The real register no longer holds what the map makes of the virtual state. */
static bool image_lost(const struct isa *isa, const struct isa_map *map, const struct witness *w)
{
	const struct view *v = &w->machine[SIDE_VIRTUAL]->view[0];
	const struct cpu *real = w->machine[SIDE_REAL]->cpu[0];

	for (unsigned i = 0; i < isa->nregs; i++) {
		const struct isa_reg *r = &isa->reg[i];
		const struct isa_map_entry *e = &map->entry[i];
		if (r->class == CLASS_CONTROL && e->kind == MAP_VALUE && !r->array &&
		    view_eval(v, e->value) != real->state[r->slot])
			return true;
	}
	return false;
}

/* A monitor delivers the trap after an instruction's effects as the real machine has it. */
static bool completions_unlike(const struct witness *w)
{
	const struct trap *v = &w->trap[SIDE_VIRTUAL], *r = &w->trap[SIDE_REAL];

	if (w->completed[SIDE_VIRTUAL] || w->completed[SIDE_REAL])
		return w->completed[SIDE_VIRTUAL] != w->completed[SIDE_REAL];
	return v->kind != r->kind || v->info != r->info;
}

static bool shows(const struct isa *isa, const struct isa_map *map, const struct isa_instr *instr,
		  const struct witness *w)
{
	bool complete[SIDES];

	for (int i = 0; i < SIDES; i++)
		complete[i] = w->completed[i] || w->trap[i].phase == PHASE_COMPLETE;
	if (!complete[SIDE_REAL])
		return false; /* the real machine must not trap */
	return !complete[SIDE_VIRTUAL] || completions_unlike(w) ||
	       changes_control(isa, map, w, SIDE_VIRTUAL) ||
	       changes_control(isa, map, w, SIDE_REAL) || image_lost(isa, map, w) ||
	       registers_differ(isa, map, true, w->machine[SIDE_VIRTUAL]->cpu[0],
				w->machine[SIDE_REAL]->cpu[0]) ||
	       storage_differs(w) || uses_device(instr->code.body);
}

/* The trap is performed, and leaves the machine in user mode: no monitor saw it. */
static bool stays(struct witness *w, int side)
{
	struct view *v = &w->machine[side]->view[0];

	return !w->completed[side] && trap_perform(v, &w->trap[side]) && view_user(v);
}

static void replay(struct witness *w, const struct violation *v, struct classifier *c,
		   const struct isa_instr *instr)
{
	for (int i = 0; i < SIDES; i++)
		w->completed[i] = view_instruction(&w->machine[i]->view[0], &w->trap[i]);
	w->replayed = v->stays[SIDE_REAL] ? stays(w, SIDE_REAL)
					  : shows(classifier_isa(c), classifier_map(c), instr, w);
}

static void tear_down(struct witness *w)
{
	for (int i = 0; i < SIDES; i++) {
		machine_free(w->machine[i]);
		cpu_free(w->before[i]);
		free(w->storage_before[i]);
		w->machine[i] = NULL;
		w->before[i] = NULL;
		w->storage_before[i] = NULL;
	}
}

/* Can what happens depend on a value that the architecture leaves open? */
static bool is_open(const struct isa *isa, const struct isa_instr *instr)
{
	return code_holds(&instr->code, S_UNSPECIFIED) || code_holds(isa->trapseq, S_UNSPECIFIED);
}

static struct witness witness_of(struct classifier *c, const struct isa_instr *instr,
				 struct violation *v)
{
	const struct isa *isa = classifier_isa(c);
	struct witness w = { .found = ANSWER_YES, .word = v->word, .region = v->region };

	w.nplaces = v->nplaces;
	w.place = v->place;
	v->place = NULL;
	for (w.seed = 1; set_up(&w, isa, v); w.seed++) {
		replay(&w, v, c, instr);
		if (w.replayed || w.seed == SEEDS || !is_open(isa, instr))
			break;
		tear_down(&w);
	}
	violation_free(v);
	return w;
}

struct witness witness_find(struct classifier *c, const struct isa_instr *instr, bool hybrid)
{
	struct violation v;
	enum answer found = classifier_violation(c, instr, hybrid, SMALL, NULL, &v);

	if (found == ANSWER_NO)
		found = classifier_violation(c, instr, hybrid, MORE, NULL, &v);
	return found == ANSWER_YES ? witness_of(c, instr, &v) : (struct witness){ .found = found };
}

struct witness witness_near(struct classifier *c, const struct isa_instr *instr, bool hybrid,
			    const struct violation_wish *wish)
{
	struct violation v;
	enum answer found = classifier_violation(c, instr, hybrid, 4 * wish->size, wish, &v);

	return found == ANSWER_YES ? witness_of(c, instr, &v) : (struct witness){ .found = found };
}

void witness_free(struct witness *w)
{
	tear_down(w);
	free(w->place);
}
