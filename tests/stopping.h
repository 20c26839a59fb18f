/*
 * What suites about stops share: the same guests, with the same stops, bare and under both monitors,
 * on both engines, however their runs are cut into slices.
 */
#ifndef TESTS_STOPPING_H
#define TESTS_STOPPING_H

#include "tests/lab.h"

#include "isa/alloc.h"
#include "machine/compiled.h"
#include "machine/stops.h"
#include "machine/translator.h"
#include "vmm/fuzz_private.h"

#include <inttypes.h>

/* ---- worlds ---- */

static const struct translator_options at_once = { .hot = 1 }, usual = { 0 };

enum { BARE = -1, NEIGHBOURS = 2 };
static const struct world {
	int kind;				     /* of monitor */
	const struct translator_options *translator; /* NULL: the oracle */
} worlds[] = {
	{ BARE, NULL },	    { MONITOR_VMM, NULL },     { MONITOR_HYBRID, NULL },
	{ BARE, &at_once }, { MONITOR_VMM, &at_once }, { MONITOR_HYBRID, &at_once },
	{ BARE, &usual },   { MONITOR_VMM, &usual },   { MONITOR_HYBRID, &usual },
};

static void start(struct lab *l, const struct world *w)
{
	lab_start_on(l, w->translator,
		     &(struct monitor_options){
			     .kind = w->kind == BARE ? MONITOR_VMM : (enum monitor_kind)w->kind,
			     .reserve = 64,
			     .quantum = 100,
			     .seed = 7 });
}

static struct view *view_in(const struct lab *l, const struct world *w)
{
	return w->kind == BARE ? &l->bare->view[0] : l->virtual;
}

/* How a run of at most n steps ends, for the guest. */
static enum event run(struct lab *l, const struct world *w, uint64_t n)
{
	enum monitor_event event;

	if (w->kind == BARE)
		return view_run(&l->bare->view[0], n).event;
	monitor_run_vm(l->monitor, l->vm, n, &event);
	switch (event) {
	case MONITOR_STEPS: return EVENT_STEPS;
	case MONITOR_BREAK: return EVENT_BREAK;
	case MONITOR_WATCH: return EVENT_WATCH;
	case MONITOR_IDLE: return EVENT_IDLE;
	case MONITOR_STOPPED: return EVENT_STOPPED;
	case MONITOR_DONE: break;
	}
	return l->virtual->cpu->status == CPU_HALTED ? EVENT_HALT : EVENT_CHECKSTOP;
}

/* ---- what a run came to ---- */

enum { MOST = 4000 };
struct trace {
	unsigned count;
	struct moment_of_trace {
		enum event event;
		uint64_t steps, p;
		struct hit hit;
	} at[MOST];
};

static uint64_t p_of(const struct view *v)
{
	return v->cpu->state[v->isa->role[ROLE_PC]->slot];
}

static void note(struct trace *t, const struct view *v, enum event event)
{
	struct moment_of_trace *m = &t->at[t->count++];

	*m = (struct moment_of_trace){ event, v->cpu->steps, p_of(v), { .p = 0 } };
	if (event == EVENT_WATCH)
		m->hit = *stops_hit(v);
}

/* Runs in slices until the guest ends by itself, or has done so many steps. */
static void follow(struct lab *l, const struct world *w, uint64_t slice, uint64_t limit,
		   struct trace *t)
{
	struct view *v = view_in(l, w);
	enum event event = EVENT_STEPS;

	t->count = 0;
	while (t->count < MOST && v->cpu->steps < limit &&
	       (event == EVENT_STEPS || event == EVENT_BREAK || event == EVENT_WATCH)) {
		uint64_t left = limit - v->cpu->steps;

		event = run(l, w, slice < left ? slice : left);
		if (event != EVENT_STEPS)
			note(t, v, event);
	}
}

static bool same_hit(const struct hit *a, const struct hit *b)
{
	return a->slot == b->slot && a->before == b->before && a->watch.first == b->watch.first &&
	       a->watch.count == b->watch.count && a->access == b->access &&
	       a->address == b->address && a->p == b->p;
}

static void require_same(const struct trace *a, const struct trace *b, const char *where)
{
	unsigned n = a->count < b->count ? a->count : b->count;

	for (unsigned i = 0; i < n; i++) {
		const struct moment_of_trace *x = &a->at[i], *y = &b->at[i];

		ck_assert_msg(x->event == y->event && x->steps == y->steps && x->p == y->p &&
				      same_hit(&x->hit, &y->hit),
			      "%s, stop %u: %s after %" PRIu64 " steps at %#" PRIx64
			      " (slot %d by %#" PRIx64 ") on the oracle, %s after %" PRIu64
			      " at %#" PRIx64 " (slot %d by %#" PRIx64 ")",
			      where, i, event_name(x->event), x->steps, x->p, x->hit.slot,
			      x->hit.p, event_name(y->event), y->steps, y->p, y->hit.slot,
			      y->hit.p);
	}
	ck_assert_msg(a->count == b->count, "%s: %u stops, then %u", where, a->count, b->count);
}

/* ---- guests with known stops ---- */

static uint64_t place(const struct lab *l, const char *label)
{
	const struct symbol *s = image_symbol(l->image, label);

	ck_assert_msg(s != NULL, "no label %s", label);
	return s->value;
}

/* A register that has come to be below a value. */
struct below {
	struct stop_condition condition;
	unsigned slot;
	uint64_t value;
};

static bool is_below(const struct view *v, const void *context, struct stop_cells *cells)
{
	const struct below *b = context;

	(void)cells;
	return v->cpu->state[b->slot] < b->value;
}

/* Or, the slot being none, the unit of storage that it says. */
static bool unit_is_below(const struct view *v, const void *context, struct stop_cells *cells)
{
	const struct below *b = context;
	uint64_t unit = 0;

	cells->place[cells->n++] = b->slot;
	return window_get(&v->window, b->slot, &unit) && unit < b->value;
}

/* As long as so many others have not been made. */
static struct below *some_below(unsigned slot, uint64_t value)
{
	static struct below pool[64];
	static unsigned n;
	struct below *b = &pool[n++ % COUNT(pool)];

	*b = (struct below){ .slot = slot, .value = value };
	b->condition = (struct stop_condition){ .holds = is_below, .context = b };
	return b;
}

static void hang_below(struct stops *s, unsigned slot, uint64_t value)
{
	stops_add_condition(s, &some_below(slot, value)->condition, &slot, 1);
}

static void hang_unit_below(struct stops *s, unsigned place, uint64_t value)
{
	struct below *b = some_below(place, value);

	b->condition.holds = unit_is_below;
	stops_add_condition(s, &b->condition, NULL, 0);
}

/* A register leaves a number when it is divided, as pieces; leads: the word where it leads does,
 * physical: which is a place, no address. */
static void hang_remainder(struct stops *s, unsigned slot, bool leads, bool physical,
			   uint64_t divisor, uint64_t left)
{
	static struct stop_condition pool[64];
	static struct compiled *compiled[64];
	static unsigned n;
	unsigned i = n++ % COUNT(pool);
	struct compiled *c = compiled_new();

	compiled_free(compiled[i]);
	compiled[i] = c;
	compiled_add(c, (struct piece){ PIECE_SLOT, slot });
	if (leads)
		compiled_add_word(c, s->view->isa, physical);
	compiled_add(c, (struct piece){ PIECE_NUMBER, divisor });
	compiled_add(c, (struct piece){ PIECE_BINARY, MOD });
	compiled_add(c, (struct piece){ PIECE_NUMBER, left });
	compiled_add(c, (struct piece){ PIECE_BINARY, EQ });
	pool[i] = compiled_condition(c);
	stops_add_condition(s, &pool[i], &slot, 1);
}

/* "=G3" watches a register, "?G3" ends when it is below 5, "%G3" when 7 leaves 3 of it, "#100" when
 * that unit is below 3, "@G3" and "*G3" when 5 leaves 2 of the word at that address or place, "!ADD"
 * breaks before an instruction, "^svc" after a trap; false: it is something else. */
static bool hang_other(struct stops *s, const char *stop)
{
	const struct isa *isa = s->view->isa;
	unsigned element;
	const struct isa_reg *r = isa_slot_named(isa, stop + 1, &element);

	switch (*stop) {
	case '=': ck_assert(stops_add_register(s, r->slot + element)); return true;
	case '?': hang_below(s, r->slot + element, 5); return true;
	case '%': hang_remainder(s, r->slot + element, false, false, 7, 3); return true;
	case '@': hang_remainder(s, r->slot + element, true, false, 5, 2); return true;
	case '*': hang_remainder(s, r->slot + element, true, true, 5, 2); return true;
	case '#': hang_unit_below(s, (unsigned)atoi(stop + 1), 3); return true;
	case '!': ck_assert(stops_add_instr(s, isa_instr_named(isa, stop + 1)->index)); return true;
	case '^': ck_assert(stops_add_trap(s, isa_trap_named(isa, stop + 1)->index)); return true;
	}
	return false;
}

/* What is to stop it: "label" breaks there; "r:label", "w:label", "rw:label" watch the unit; or see
 * hang_other. */
static void hang(const struct lab *l, struct view *v, const char *const *stop)
{
	struct stops *s = stops_new(v);

	for (; *stop; stop++) {
		const char *colon = strchr(*stop, ':'), *label = colon ? colon + 1 : *stop;
		struct watch w;

		if (hang_other(s, *stop))
			continue;
		w = (struct watch){ place(l, label), 1, (*stop)[0] == 'r',
				    colon && colon[-1] == 'w' };

		ck_assert(colon ? stops_add_watch(s, &w) : stops_add_break(s, place(l, label)));
	}
}

/* In all worlds and slices the same as on the bare machine's oracle at once, which is given. */
static void everywhere(const char *machine, const char *guest, const char *const *stop,
		       struct trace *expected)
{
	static const uint64_t slices[] = { UINT64_MAX, 1, 2, 7, 64 };
	struct trace *t = xcalloc(1, sizeof *t);
	char where[64];

	for (unsigned i = 0; i < COUNT(worlds) * COUNT(slices); i++) {
		const struct world *w = &worlds[i % COUNT(worlds)];
		struct lab l = lab_of(machine);

		lab_assemble(&l, guest);
		start(&l, w);
		hang(&l, view_in(&l, w), stop);
		follow(&l, w, slices[i / COUNT(worlds)], UINT64_MAX, i ? t : expected);
		snprintf(where, sizeof where, "world %u, slice %u", i % (unsigned)COUNT(worlds),
			 i / (unsigned)COUNT(worlds));
		if (i)
			require_same(expected, t, where);
		stops_free(view_in(&l, w)->stops);
		lab_close(&l);
	}
	free(t);
}

#define STOPS(...) ((const char *const[]){ __VA_ARGS__, NULL })

static void expect(const struct trace *t, unsigned i, enum event event, uint64_t steps)
{
	ck_assert_uint_lt(i, t->count);
	ck_assert_str_eq(event_name(t->at[i].event), event_name(event));
	ck_assert_uint_eq(t->at[i].steps, steps);
}

#define LOOP                                                                                       \
	".machine pg\n.org 16\nLA G2, 40(G0)\nagain: ADDI G3, G3, 1\nmiddle: ADDI G4, G4, 1\n"     \
	"ADDI G2, G2, -1\nBNE G2, G0, again\nend: HALT 0\n"

#define CALLS                                                                                      \
	".machine pg\n.deposit G7, 11\n"                                                           \
	"old: .word 0, 0, 0, 0, 0, 0\nkind: .word 0, 0\n.word 0, handler, 0, 4096, 0, 0\n"         \
	".org 16\nLA G2, 30(G0)\nLPSW user_psw(G0)\n"                                              \
	"user_psw: .word 1, 0, user, 16, 1, 11\n"                                                  \
	"handler: LD G4, 6(G0)\nLA G3, 3(G0)\nBNE G4, G3, other\nLD G4, 7(G0)\n"                   \
	"BEQ G4, G0, done\nADD G5, G5, G4\nLPSW 0(G0)\n"                                           \
	"other: ADDI G6, G6, 1\nST G7, 5(G0)\nLPSW 0(G0)\n"                                        \
	"done: HALT 0\n"                                                                           \
	"user: SVC 1\nADDI G2, G2, -1\nBNE G2, G0, user\nSVC 0\n"

#define WAITS                                                                                      \
	".machine pg\n.org 8\n.word 0, handler, 0, 4096, 0, 0\n.org 16\n"                          \
	"LA G2, 20(G0)\nagain: LA G3, 50(G0)\nSTIM G3\nSIE 1\nWAIT\nafter: ADDI G2, G2, -1\n"      \
	"BNE G2, G0, again\nend: HALT 0\nhandler: ADDI G4, G4, 1\nST G0, 4(G0)\nLPSW 0(G0)\n"

/* ---- random guests ---- */

struct subject {
	struct machine *machine;
	struct monitor *monitor;
	struct lab lab; /* as far as follow() looks at it */
	struct view *view;
};

static struct subject subject_of(const struct fuzz_plan *plan, const struct fuzz_case *c,
				 const struct world *w)
{
	struct monitor_options options = { .kind = (enum monitor_kind)w->kind,
					   .quantum = c->setting.quantum,
					   .reserve = 32,
					   .seed = c->setting.seed };
	struct subject s = { 0 };
	char reason[256];

	s.machine = machine_new(plan->isa, c->guest.size + (w->kind == BARE ? 0 : 64),
				c->setting.seed, reason, sizeof reason);
	ck_assert_ptr_nonnull(s.machine);
	if (w->translator)
		machine_translate(s.machine, w->translator);
	s.lab.bare = s.machine;
	s.view = &s.machine->view[0];
	if (w->kind != BARE) {
		s.lab.monitor = monitor_new(s.machine, &options, reason, sizeof reason);
		ck_assert_ptr_nonnull(s.lab.monitor);
		s.lab.vm = monitor_create(s.lab.monitor, "guest", c->guest.size, c->setting.seed,
					  reason, sizeof reason);
		ck_assert_ptr_nonnull(s.lab.vm);
		s.view = s.lab.virtual = vm_view(s.lab.vm);
	}
	fuzz_guest_enter(plan, &c->guest, s.view);
	return s;
}

/* The same stops for the same number. */
typedef void hang_random(struct view *, uint64_t number);

/* Under monitors, too, unless the machine has none. */
static void try_guests_on(const char *machine, uint64_t count, hang_random *hang, bool bare_alone)
{
	enum { STEPS = 600 };
	struct lab l = lab_of(machine);
	char reason[256], where[64];
	struct fuzz_plan *plan = fuzz_plan_new(l.isa, reason, sizeof reason);
	struct trace *expected = xcalloc(1, sizeof *expected), *t = xcalloc(1, sizeof *t);
	uint64_t stops = 0;

	for (uint64_t n = 0; n < count; n++) {
		struct fuzz_case c = fuzz_generate(plan, 3, n, STEPS);

		for (unsigned i = 0; i < COUNT(worlds); i++) {
			struct subject s;

			if (bare_alone && worlds[i].kind != BARE)
				continue;
			s = subject_of(plan, &c, &worlds[i]);
			hang(s.view, n);
			follow(&s.lab, &worlds[i], i ? 1 + (n * 7 + i) % 50 : UINT64_MAX, STEPS,
			       i ? t : expected);
			snprintf(where, sizeof where, "guest %" PRIu64 ", world %u", n, i);
			if (i)
				require_same(expected, t, where);
			stops_free(s.view->stops);
			if (s.lab.monitor)
				monitor_free(s.lab.monitor);
			machine_free(s.machine);
		}
		stops += expected->count;
		fuzz_case_free(&c);
	}
	ck_assert_uint_gt(stops, count);
	free(expected);
	free(t);
	fuzz_plan_free(plan);
	lab_close(&l);
}

static inline void try_guests(const char *machine, uint64_t count, hang_random *hang)
{
	try_guests_on(machine, count, hang, false);
}

#endif
