/*
 * The monitor as a whole: it is made on a machine, and virtual machines are made
 * and destroyed on it (vmm/monitor.h).
 */
#include "vmm/private.h"

#include "isa/alloc.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

enum { DEFAULT_QUANTUM = 10000 };

const char *monitor_kind_name(enum monitor_kind kind)
{
	static const char *const names[] = { "vmm", "hybrid" };
	return names[kind];
}

int monitor_kind_named(const char *name)
{
	if (strcmp(name, "vmm") == 0)
		return MONITOR_VMM;
	return strcmp(name, "hybrid") == 0 || strcmp(name, "hvm") == 0 ? MONITOR_HYBRID : -1;
}

/* ---- refusals ---- */

static bool map_belongs(const struct isa *isa, const struct isa_map *map)
{
	return map && map >= isa->map && map < isa->map + isa->nmaps;
}

static bool refused(const struct isa *isa, const struct isa_map *map, char *reason, size_t size)
{
	static const enum isa_role composed[] = { ROLE_BASE, ROLE_BOUND };

	if (!isa->user) {
		snprintf(reason, size, "%s has no user mode, so nothing would trap to a monitor",
			 isa->name);
		return true;
	}
	if (!map_belongs(isa, map)) {
		snprintf(reason, size, "the map is not one of %s", isa->name);
		return true;
	}
	for (unsigned i = 0; i < 2; i++) {
		const struct isa_reg *r = isa->role[composed[i]];

		if (!r || map->entry[r->index].kind == MAP_COMPOSED)
			continue;
		snprintf(reason, size,
			 "map %s does not compose %s, which relocates: a guest would not "
			 "stay in its region",
			 map->name, r->name);
		return true;
	}
	return false;
}

/* ---- the monitor ---- */

/* On the real machine, or on a virtual one of it. */
static struct monitor *make(struct machine *machine, struct vm *carrier,
			    const struct monitor_options *options, char *reason, size_t reason_size)
{
	struct view *view = carrier ? &carrier->view : &machine->view[0];
	uint64_t place;
	const struct isa *isa = machine->isa;
	const struct isa_map *map = options->map ? options->map : isa->map;
	struct monitor *m;

	if (refused(isa, map, reason, reason_size) ||
	    !relocation_composes(view, reason, reason_size))
		return NULL;
	m = xcalloc(1, sizeof *m);
	m->isa = isa;
	m->carrier = carrier;
	m->machine = machine;
	m->trace = carrier ? carrier->monitor->trace : NULL;
	m->whole = view->window;
	if (!carrier || options->collapsed)
		m->control = control_of_machine(machine, m->operations);
	else
		m->control = control_of_vm(carrier, m->operations);
	place = m->whole.base - m->control.view->window.base;
	m->options = *options;
	m->options.map = map;
	if (m->options.quantum == 0)
		m->options.quantum = DEFAULT_QUANTUM;
	m->allocator = (struct allocator){
		.first = place + options->reserve,
		.size = place + m->whole.size,
		.reach = isa_mask(isa->role[ROLE_BASE]->width),
	};
	map_init(m);
	return m;
}

struct monitor *monitor_new(struct machine *machine, const struct monitor_options *options,
			    char *reason, size_t reason_size)
{
	return make(machine, NULL, options, reason, reason_size);
}

struct monitor *monitor_on(struct vm *vm, const struct monitor_options *options, char *reason,
			   size_t reason_size)
{
	assert(!vm->carried);
	vm->carried = make(vm->monitor->machine, vm, options, reason, reason_size);
	return vm->carried;
}

void monitor_free(struct monitor *m)
{
	if (!m)
		return;
	if (m->carrier)
		m->carrier->carried = NULL;
	while (m->nvms > 0)
		monitor_destroy(m, m->vm[m->nvms - 1]);
	free(m->vm);
	allocator_free(&m->allocator);
	map_fini(m);
	control_fini(&m->control);
	free(m);
}

void monitor_trace(struct monitor *m, struct trace *trace)
{
	m->trace = trace;
	for (unsigned i = 0; i < m->nvms; i++)
		if (m->vm[i]->carried)
			monitor_trace(m->vm[i]->carried, trace);
}

unsigned monitor_count(const struct monitor *m)
{
	return m->nvms;
}

struct vm *monitor_vm(const struct monitor *m, unsigned i)
{
	assert(i < m->nvms);
	return m->vm[i];
}

const struct isa_map *monitor_map(const struct monitor *m)
{
	return m->options.map;
}

struct machine *monitor_machine(const struct monitor *m)
{
	return m->machine;
}

enum monitor_kind monitor_kind(const struct monitor *m)
{
	return m->options.kind;
}

unsigned vm_number(const struct vm *vm)
{
	return vm->number;
}

struct vm *monitor_carrier(const struct monitor *m)
{
	return m->carrier;
}

bool monitor_collapsed(const struct monitor *m)
{
	return m->carrier && m->options.collapsed;
}

struct monitor *vm_monitor(const struct vm *vm)
{
	return vm->monitor;
}

const uint64_t *monitor_operations(const struct monitor *m)
{
	return m->operations;
}

/* ---- virtual machines ---- */

struct monitor *outermost(struct monitor *m)
{
	while (m->carrier)
		m = m->carrier->monitor;
	return m;
}

static void stats_init(struct vm_stats *stats, const struct isa *isa)
{
	stats->by_cause = xcalloc(isa->ntraps, sizeof *stats->by_cause);
	stats->exits = xcalloc(isa->ntraps, sizeof *stats->exits);
	stats->by_instr = xcalloc(isa->ninstrs, sizeof *stats->by_instr);
}

static void vm_free(struct vm *vm)
{
	free(vm->stats.by_cause);
	free(vm->stats.exits);
	free(vm->stats.by_instr);
	free(vm->before);
	free(vm->name);
	free(vm);
}

struct vm *monitor_create(struct monitor *m, const char *name, uint64_t size, uint64_t vm_seed,
			  char *reason, size_t reason_size)
{
	struct vm *vm = xcalloc(1, sizeof *vm);

	vm->monitor = m;
	vm->number = outermost(m)->made++;
	vm->name = xstrdup(name);
	vm->view = (struct view){ .isa = m->isa,
				  .oracle = m->control.view->oracle,
				  .translator = m->control.view->translator,
				  .resident = true };
	vm->before = xcalloc(m->isa->nslots, sizeof *vm->before);
	stats_init(&vm->stats, m->isa);
	if (!allocator_equip(vm, size, vm_seed, reason, reason_size)) {
		vm_free(vm);
		return NULL;
	}
	view_reset(&vm->view);
	m->vm = xrealloc(m->vm, (m->nvms + 1) * sizeof(struct vm *));
	m->vm[m->nvms++] = vm;
	if (recording(vm))
		record_created(vm);
	return vm;
}

void monitor_destroy(struct monitor *m, struct vm *vm)
{
	unsigned i = 0;

	while (i < m->nvms && m->vm[i] != vm)
		i++;
	assert(i < m->nvms);
	monitor_free(vm->carried);
	m->nvms--;
	memmove(m->vm + i, m->vm + i + 1, (m->nvms - i) * sizeof(struct vm *));
	if (m->running == vm)
		m->running = NULL;
	if (m->stopped == vm)
		m->stopped = NULL;
	allocator_strip(vm);
	vm_free(vm);
}

const char *vm_name(const struct vm *vm)
{
	return vm->name;
}

struct view *vm_view(struct vm *vm)
{
	return &vm->view;
}

uint64_t vm_base(const struct vm *vm)
{
	return vm->base;
}

uint64_t vm_size(const struct vm *vm)
{
	return vm->view.window.size;
}

const struct vm_stats *vm_stats(const struct vm *vm)
{
	return &vm->stats;
}
