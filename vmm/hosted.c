/*
 * A virtual machine is a machine (Popek and Goldberg 1974, Theorem 2): it offers the operations of
 * vmm/control.h as the real one does, and so a monitor can be resident on it.
 *
 * Here each of them enters the dispatcher of the monitor that offers the machine.  That one does on
 * its own machine what it takes, by operations again, and so down to the real one.  What would be a
 * trap of this machine ends a run, as a trap of the real one does: dispatcher.c hands it over
 * instead of performing it.
 */
#include "vmm/private.h"

#include <assert.h>

/* ---- registers ---- */

static void copy_registers(const struct isa *isa, struct cpu *to, const struct cpu *from)
{
	for (unsigned i = 0; i < isa->nslots; i++)
		to->state[i] = from->state[i];
	to->unspecified = from->unspecified;
}

/* The machine below holds f of what it runs at any time, as the dispatcher leaves it. */
static void on_load(struct vm *vm, struct request *r)
{
	copy_registers(vm->view.isa, vm->view.cpu, r->registers);
	dispatcher_leave(vm);
}

/* They have been in the control block since the machine stopped. */
static void on_save(struct vm *vm, struct request *r)
{
	copy_registers(vm->view.isa, r->registers, vm->view.cpu);
}

/* ---- run ---- */

static enum event event_of(const struct vm *vm, enum monitor_event event)
{
	if (vm->handed.kind)
		return EVENT_TRAP;
	switch (vm->view.cpu->status) {
	case CPU_HALTED: return EVENT_HALT;
	case CPU_CHECKSTOP: return EVENT_CHECKSTOP;
	case CPU_WAITING: return EVENT_IDLE;
	case CPU_RUNNING: break;
	}
	switch (event) {
	case MONITOR_STOPPED: return EVENT_STOPPED;
	case MONITOR_BREAK: return EVENT_BREAK;
	case MONITOR_WATCH: return EVENT_WATCH;
	case MONITOR_DONE: return EVENT_CHECKSTOP; /* somebody took the real processor away */
	case MONITOR_STEPS:
	case MONITOR_IDLE: break;
	}
	return EVENT_STEPS;
}

static void on_run(struct vm *vm, struct request *r)
{
	uint64_t time = vm->view.cpu->time;
	enum monitor_event event;
	struct outcome *o = &r->outcome;

	vm->handed.kind = NULL;
	o->steps = monitor_run_vm(vm->monitor, vm, r->n, &event);
	o->event = event_of(vm, event);
	o->units = vm->view.cpu->time - time;
	o->trap = vm->handed;
	vm->handed.kind = NULL;
}

/* ---- storage ---- */

static void on_window(struct vm *vm, struct request *r)
{
	r->window = control_window(&vm->monitor->control, vm->base + r->base, r->size);
}

/* The monitor on the machine reaches no storage but that machine's. */
static void on_storage(struct vm *vm, struct request *r)
{
	uint64_t from = r->window.base - vm->view.window.base;

	assert(from <= vm_size(vm) && r->window.size <= vm_size(vm) - from);
	control_storage(&vm->monitor->control, &r->window);
}

/* ---- the dispatcher is entered ---- */

static void (*const handlers[])(struct vm *, struct request *) = {
	[OPERATION_LOAD] = on_load,	[OPERATION_SAVE] = on_save,	  [OPERATION_RUN] = on_run,
	[OPERATION_RUN_ON] = NULL, /* control_share refuses: there are no real registers here */
	[OPERATION_WINDOW] = on_window, [OPERATION_STORAGE] = on_storage,
};
_Static_assert(sizeof handlers / sizeof *handlers == OPERATIONS, "each operation has its handler");

static void request(void *owner, struct request *r)
{
	struct vm *vm = owner;

	vm->stats.requests++;
	handlers[r->operation](vm, r);
}

struct control control_of_vm(struct vm *vm, uint64_t *done)
{
	vm->view.stop = vm->monitor->control.view->stop;
	return (struct control){ .view = &vm->view,
				 .registers = cpu_new(vm->view.isa, 1),
				 .request = request,
				 .owner = vm,
				 .done = done };
}
