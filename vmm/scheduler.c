/*
 * The scheduler: which virtual machine runs, and for how long.  Round robin by
 * quantum, in order of creation; machines that wait for an event or have halted
 * are passed over.  A quantum ends whatever its guest does: it never gets the real
 * processor for longer than is left of it.
 */
#include "vmm/private.h"

/*
 * Who has no neighbours is given many quanta at once: nobody waits for the end of one.  A
 * monitor with a bug has it at each end.
 */
static uint64_t quantum_of(const struct monitor *m)
{
	enum { AT_ONCE = 64 };
	uint64_t quantum = m->options.quantum;

	if (m->nvms > 1 || m->options.fault != FAULT_NONE || quantum > UINT64_MAX / AT_ONCE)
		return quantum;
	return quantum * AT_ONCE;
}

static void enter(struct monitor *m, struct vm *vm)
{
	if (__builtin_add_overflow(vm->view.cpu->steps, quantum_of(m), &vm->quantum_end))
		vm->quantum_end = UINT64_MAX;
	if (m->running != vm)
		vm->stats.switches++;
	m->running = vm;
}

static unsigned place_of(const struct monitor *m, const struct vm *vm)
{
	unsigned i = 0;

	while (i < m->nvms && m->vm[i] != vm)
		i++;
	return i;
}

/* The machine whose turn it is; NULL: none can run. */
static struct vm *next_machine(struct monitor *m)
{
	struct vm *last = m->running;
	unsigned from = last ? place_of(m, last) + 1 : 0;

	if (last && last->view.cpu->steps < last->quantum_end && dispatcher_ready(last))
		return last;
	for (unsigned i = 0; i < m->nvms; i++) {
		struct vm *vm = m->vm[(from + i) % m->nvms];

		if (!dispatcher_ready(vm))
			continue;
		enter(m, vm);
		return vm;
	}
	return NULL;
}

static uint64_t at_most(uint64_t a, uint64_t b)
{
	return a < b ? a : b;
}

static uint64_t run_quantum(struct vm *vm, uint64_t n)
{
	return dispatcher_run(vm, at_most(n, vm->quantum_end - vm->view.cpu->steps));
}

/* Why no machine runs, or this one does not; a wait may have been stopped from outside. */
static enum monitor_event ended(const struct monitor *m, const struct vm *only)
{
	if (control_stopped(&m->control))
		return MONITOR_STOPPED;
	for (unsigned i = 0; i < m->nvms; i++)
		if ((!only || only == m->vm[i]) && m->vm[i]->view.cpu->status == CPU_WAITING)
			return MONITOR_IDLE;
	return MONITOR_DONE;
}

/* Has a machine come to one of its stops?  MONITOR_STEPS: no. */
static enum monitor_event stopped(struct monitor *m, struct vm *vm)
{
	enum event event = vm->stopped;

	if (event == EVENT_STEPS)
		return MONITOR_STEPS;
	m->stopped = vm;
	vm->stopped = EVENT_STEPS;
	return event == EVENT_BREAK ? MONITOR_BREAK : MONITOR_WATCH;
}

enum monitor_event monitor_run(struct monitor *m, uint64_t n)
{
	enum monitor_event event = MONITOR_STEPS;

	m->stopped = NULL;
	while (n > 0 && event == MONITOR_STEPS) {
		struct vm *vm = next_machine(m);

		if (!vm)
			return ended(m, NULL);
		n -= at_most(n, run_quantum(vm, n));
		event = stopped(m, vm);
		if (event == MONITOR_STEPS && control_stopped(&m->control))
			event = MONITOR_STOPPED;
	}
	return event;
}

struct vm *monitor_stopped(const struct monitor *m)
{
	return m->stopped;
}

uint64_t monitor_run_vm(struct monitor *m, struct vm *vm, uint64_t n, enum monitor_event *event)
{
	uint64_t start = vm->view.cpu->steps, done = 0;

	*event = MONITOR_STEPS;
	m->stopped = NULL;
	while (done < n && *event == MONITOR_STEPS) {
		struct vm *next;

		if (!dispatcher_ready(vm)) {
			*event = ended(m, vm);
			break;
		}
		next = next_machine(m);
		run_quantum(next, next == vm ? n - done : UINT64_MAX);
		done = vm->view.cpu->steps - start;
		*event = stopped(m, next);
		if (*event == MONITOR_STEPS && control_stopped(&m->control))
			*event = MONITOR_STOPPED;
	}
	return done;
}
