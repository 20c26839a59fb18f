/*
 * Setting up machines and monitors from what the user asked for.
 */
#include "cli/lab.h"

#include "cli/program.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#define RESERVE 1024 /* units: a base other than 0 shows what depends on it */

/* ---- sizes ---- */

uint64_t lab_guest_size(const struct guest *g)
{
	if (g->size)
		return g->size;
	if (g->program)
		return program_storage(g);
	/* A quarter of a small address space: a monitor and neighbours have room beside it. */
	if (g->isa->word < 18)
		return UINT64_C(1) << (g->isa->word > 2 ? g->isa->word - 2 : 0);
	return GUEST_STORAGE;
}

static uint64_t reserve_of(const struct isa *isa, const struct lab_options *o)
{
	if (o->reserve_given)
		return o->reserve;
	return isa->word < 13 ? UINT64_C(1) << isa->word >> 3 : RESERVE;
}

/* What the guests need that are on this monitor, 1 the outermost, or on those on it. */
static uint64_t guests_from(const struct guest *guest, unsigned count, unsigned level)
{
	uint64_t sum = 0;

	for (unsigned i = 0; i < count; i++)
		if ((!guest[i].level || guest[i].level >= level) &&
		    __builtin_add_overflow(sum, lab_guest_size(&guest[i]), &sum))
			return UINT64_MAX;
	return sum;
}

/*
 * Storage for guests under so many monitors, and what these keep: with as much above guests as
 * below them, overruns at both ends show; but where the user said how much there is, no more than
 * they need.
 */
static uint64_t size_under(const struct guest *guest, unsigned count, unsigned monitors,
			   const struct lab_options *o)
{
	uint64_t sum;

	if (__builtin_mul_overflow(reserve_of(guest->isa, o), (o->storage ? 1 : 2) * monitors,
				   &sum) ||
	    __builtin_add_overflow(sum, guests_from(guest, count, o->below + 2 - monitors), &sum))
		return UINT64_MAX;
	return sum;
}

static uint64_t real_size(const struct guest *guest, unsigned count, const struct lab_options *o)
{
	return o->storage ? o->storage : size_under(guest, count, o->below + 1, o);
}

uint64_t lab_deepest(const struct guest *guest, unsigned count, const struct lab_options *o)
{
	uint64_t size = real_size(guest, count, o), reserve = reserve_of(guest->isa, o),
		 guests = guests_from(guest, count, 1);

	if (guests > size)
		return 0;
	return reserve ? (size - guests) / reserve : UINT64_MAX;
}

/* Is there room for all monitors that are asked for? */
static bool tower_fits(const struct guest *guest, unsigned count, const struct lab_options *o)
{
	uint64_t deepest = lab_deepest(guest, count, o);

	if (!o->below || o->below < deepest)
		return true;
	say_error("%u monitors, which keep %" PRIu64
		  " units each, and their guests do not fit into %" PRIu64
		  " units of storage: at most %" PRIu64 " monitor%s; give a larger --storage",
		  o->below + 1, reserve_of(guest->isa, o), o->storage, deepest, plural(deepest));
	return false;
}

static bool levels_exist(const struct guest *guest, unsigned count, unsigned levels)
{
	for (unsigned i = 0; i < count; i++) {
		if (guest[i].level <= levels)
			continue;
		say_error("%s@%u: there %s %u monitor%s", guest[i].path, guest[i].level,
			  levels == 1 ? "is" : "are", levels, plural(levels));
		return false;
	}
	return true;
}

static unsigned level_of(const struct guest *g, const struct lab_options *o)
{
	return g->level ? g->level : o->below + 1;
}

/* The guests of a monitor, which stand behind the machine of the next one. */
static void plan_guests(const struct guest *guest, unsigned count, unsigned level,
			const struct lab_options *o, FILE *f)
{
	uint64_t base = level * reserve_of(guest->isa, o);

	if (level <= o->below)
		base += size_under(guest, count, o->below + 1 - level, o);
	for (unsigned i = 0; i < count; i++) {
		if (level_of(&guest[i], o) != level)
			continue;
		fprintf(f, "%-24.24s %12" PRIu64 " %12" PRIu64 "\n", guest[i].path, base,
			lab_guest_size(&guest[i]));
		base += lab_guest_size(&guest[i]);
	}
}

bool lab_plan(const struct guest *guest, unsigned count, const struct lab_options *o, FILE *f)
{
	uint64_t reserve = reserve_of(guest->isa, o), deepest = lab_deepest(guest, count, o);
	char name[64];

	if (!levels_exist(guest, count, o->below + 1))
		return false;
	fprintf(f, "%-24s %12s %12s\n", "", "from", "units");
	fprintf(f, "%-24s %12d %12" PRIu64 "\n", "the real machine", 0, real_size(guest, count, o));
	for (unsigned i = 0; i <= o->below; i++) {
		snprintf(
			name, sizeof(name), "monitor %u, %s", i + 1,
			monitor_kind_name(i < o->below ? o->outer[i] : (enum monitor_kind)o->kind));
		fprintf(f, "%-24s %12" PRIu64 " %12" PRIu64 "\n", name, i * reserve, reserve);
	}
	for (unsigned level = o->below + 1; level > 0; level--)
		plan_guests(guest, count, level, o, f);
	if (deepest == UINT64_MAX)
		fprintf(f, "monitors that keep nothing: any number fits\n");
	else
		fprintf(f, "at most %" PRIu64 " monitor%s would fit\n", deepest, plural(deepest));
	return true;
}

/* ---- machines ---- */

static struct lab *lab_new(const struct isa *isa, unsigned count)
{
	struct lab *l = make(1, sizeof(*l));

	l->isa = isa;
	l->count = count;
	l->view = make(count, sizeof(struct view *));
	return l;
}

static bool make_machine(struct lab *l, uint64_t size, const struct lab_options *o)
{
	char reason[256];

	l->machine = machine_new(l->isa, size, o->seed ? o->seed : 1, reason, sizeof(reason));
	if (!l->machine) {
		say_error("%s", reason);
		return false;
	}
	engine_use(l->machine, &o->engine);
	return true;
}

/* What besides FILE:SIZE gives a guest more storage. */
static const char *more_storage(const struct lab *l, const struct guest *g,
				const struct lab_options *o)
{
	if (!o->storage)
		return "";
	if (l->monitor)
		return " and a --storage that has room for it";
	return g->size ? "" : " or a larger --storage";
}

static bool enter(const struct lab *l, const struct guest *g, struct view *v,
		  const struct lab_options *o)
{
	bool ok = guest_enter(g, v, more_storage(l, g, o));

	for (unsigned i = 0; ok && i < o->deposit.count; i++)
		ok = guest_deposit(v, "--deposit", o->deposit.word[i]);
	return ok;
}

static struct lab *lab_if(struct lab *l, bool ok)
{
	if (ok)
		return l;
	lab_free(l);
	return NULL;
}

struct lab *lab_bare(const struct guest *g, const struct lab_options *o)
{
	struct lab *l = lab_new(g->isa, 1);
	uint64_t size = g->size || !o->storage ? lab_guest_size(g) : o->storage;

	if (!make_machine(l, size, o))
		return lab_if(l, false);
	l->view[0] = &l->machine->view[0];
	l->view[0]->traps = l->traps = make(g->isa->ntraps, sizeof(uint64_t));
	return lab_if(l, enter(l, g, l->view[0], o));
}

/* Deposits a value in the real machine's register, which the monitor finds there. */
static bool keep_own(const struct lab *l, const char *text)
{
	struct view *real = &l->machine->view[0];
	char name[128];
	unsigned element;

	if (!guest_deposit(real, "--own", text))
		return false;
	snprintf(name, sizeof(name), "%.*s", (int)strcspn(text, "="), text);
	const struct isa_reg *reg = isa_slot_named(l->isa, name, &element);
	if (reg && monitor_keep(l->monitor, reg->slot + element))
		return true;
	say_error("--own %s: map %s does not make it virtual, so the monitor keeps nothing there",
		  text, monitor_map(l->monitor)->name);
	return false;
}

/* A monitor on the real machine, or on one of the monitor that there is. */
static struct monitor *next_monitor(struct lab *l, uint64_t size, const struct monitor_options *mo,
				    char *reason, size_t reason_size)
{
	struct vm *vm;

	if (!l->monitor)
		return l->outermost = monitor_new(l->machine, mo, reason, reason_size);
	vm = monitor_create(l->monitor, "monitor", size, 1, reason, reason_size);
	return vm ? monitor_on(vm, mo, reason, reason_size) : NULL;
}

/* Of a tower, the one with so many below it. */
static bool make_monitor(struct lab *l, enum monitor_kind kind, uint64_t size,
			 const struct lab_options *o)
{
	struct monitor_options mo = {
		.kind = kind,
		.quantum = o->quantum,
		.reserve = reserve_of(l->isa, o),
		.seed = o->seed,
		.fault = o->fault,
		.collapsed = o->collapsed,
	};
	char reason[256];

	mo.map = o->map ? map_asked(l->isa, o->map) : NULL;
	if (o->map && !mo.map)
		return false;
	l->monitor = next_monitor(l, size, &mo, reason, sizeof(reason));
	if (!l->monitor)
		say_error("%s cannot be given a %s monitor: %s", l->isa->name,
			  monitor_kind_name(kind), reason);
	for (unsigned i = 0; l->monitor && l->monitor == l->outermost && i < o->own.count; i++)
		if (!keep_own(l, o->own.word[i]))
			return false;
	return l->monitor != NULL;
}

/* The first name that none of the first n has; returns buffer. */
static char *free_name(const struct lab *l, unsigned n, char *buffer, size_t size)
{
	unsigned number = 0, i = 0;

	do {
		snprintf(buffer, size, "vm%u", ++number);
		for (i = 0; i < n && strcmp(vm_name(l->vm[i]), buffer) != 0;)
			i++;
	} while (i < n);
	return buffer;
}

/* All of them, outermost first. */
static bool make_monitors(struct lab *l, const struct guest *guest, enum monitor_kind kind,
			  const struct lab_options *o)
{
	struct lab_options outer = *o;

	outer.fault = FAULT_NONE; /* a bug is the innermost's */
	for (unsigned i = 0; i < o->below; i++)
		if (!make_monitor(l, o->outer[i], size_under(guest, l->count, o->below - i + 1, o),
				  &outer))
			return false;
	return make_monitor(l, kind, size_under(guest, l->count, 1, o), o);
}

static struct monitor *monitor_of(const struct lab *l, unsigned level, const struct lab_options *o)
{
	struct monitor *m = l->monitor;

	for (unsigned i = o->below + 1; i > level; i--)
		m = vm_monitor(monitor_carrier(m));
	return m;
}

static bool make_vm(struct lab *l, unsigned i, const struct guest *g, const struct lab_options *o)
{
	char name[16], reason[256];

	free_name(l, i, name, sizeof(name));
	l->vm[i] = monitor_create(monitor_of(l, level_of(g, o), o), name, lab_guest_size(g),
				  o->seed + i ? o->seed + i : 1, reason, sizeof(reason));
	if (!l->vm[i]) {
		say_error("%s: %s; give a smaller %s:SIZE, or a larger --storage", g->path, reason,
			  g->path);
		return false;
	}
	l->view[i] = vm_view(l->vm[i]);
	return enter(l, g, l->view[i], o);
}

static bool same_machine(const struct guest *guest, unsigned count)
{
	for (unsigned i = 1; i < count; i++) {
		if (guest[i].isa != guest[0].isa) {
			say_error("%s is for machine %s, but %s for %s: one machine has one "
				  "instruction set",
				  guest[0].path, guest[0].isa->name, guest[i].path,
				  guest[i].isa->name);
			return false;
		}
	}
	return true;
}

struct lab *lab_monitor(const struct guest *guest, unsigned count, enum monitor_kind kind,
			const struct lab_options *o)
{
	struct lab *l = lab_new(guest->isa, count);

	l->vm = make(count, sizeof(struct vm *));
	if (!same_machine(guest, count) || !levels_exist(guest, count, o->below + 1) ||
	    !tower_fits(guest, count, o) || !make_machine(l, real_size(guest, count, o), o) ||
	    !make_monitors(l, guest, kind, o))
		return lab_if(l, false);
	for (unsigned i = 0; i < count; i++) {
		if (!make_vm(l, i, &guest[i], o))
			return lab_if(l, false);
	}
	return l;
}

static void *grown(void *array, unsigned count)
{
	void *more = realloc(array, count * sizeof(void *));

	if (!more) {
		say_error("out of memory");
		exit(argp_err_exit_status);
	}
	return more;
}

bool lab_add(struct lab *l, const struct guest *g, const struct lab_options *o)
{
	if (g->isa != l->isa) {
		say_error("%s is for machine %s, but the monitor for %s", g->path, g->isa->name,
			  l->isa->name);
		return false;
	}
	l->view = grown(l->view, l->count + 1);
	l->vm = grown(l->vm, l->count + 1);
	l->vm[l->count] = NULL;
	if (make_vm(l, l->count, g, o)) {
		l->count++;
		return true;
	}
	if (l->vm[l->count])
		monitor_destroy(vm_monitor(l->vm[l->count]), l->vm[l->count]);
	return false;
}

void lab_remove(struct lab *l, unsigned i)
{
	monitor_destroy(vm_monitor(l->vm[i]), l->vm[i]);
	l->count--;
	memmove(&l->vm[i], &l->vm[i + 1], (l->count - i) * sizeof(*l->vm));
	memmove(&l->view[i], &l->view[i + 1], (l->count - i) * sizeof(*l->view));
}

void lab_free(struct lab *l)
{
	if (!l)
		return;
	if (l->outermost)
		monitor_free(l->outermost);
	if (l->machine)
		machine_free(l->machine);
	free(l->view);
	free(l->traps);
	free(l->vm);
	free(l);
}

void lab_stop_by(struct lab *l, const volatile sig_atomic_t *flag)
{
	for (unsigned i = 0; i < l->machine->ncpus; i++)
		l->machine->view[i].stop = flag;
}

bool lab_load(struct shelf *s, struct guest *guest, unsigned count, const char *const *arguments,
	      const struct guest_wish *wish)
{
	bool ok = true;

	for (unsigned i = 0; i < count; i++)
		ok = guest_load(&guest[i], s, arguments[i], wish) && ok;
	return say_diagnostics(s->diagnostics) && ok;
}
