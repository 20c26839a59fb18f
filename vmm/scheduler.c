/*
 * The scheduler: which virtual machine runs, and for how long.  Round robin by
 * quantum, in order of creation; machines that wait for an event or have halted
 * are passed over.  A quantum ends whatever its guest does: it never gets the real
 * processor for longer than is left of it.
 *
 * To a machine that carries a monitor, its turn is that monitor's: it runs its own machines, on
 * this one, and nobody else has a turn meanwhile.  But whoever runs that monitor himself runs the
 * machine through its operations (vmm/hosted.c); then it is the others that have theirs in between.
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
	vm->turn_done = 0;
	if (m->running != vm) {
		vm->stats.switches++;
		vm->turned = vm->view.stops && vm->view.stops->turns;
		if (recording(vm))
			record_switch(vm);
	}
	m->running = vm;
}

static unsigned place_of(const struct monitor *m, const struct vm *vm)
{
	unsigned i = 0;

	while (i < m->nvms && m->vm[i] != vm)
		i++;
	return i;
}

/* Can it be given the processor?  What carries a monitor, unless that one asks, if one of its can.
 */
static bool can_run(struct vm *vm, const struct vm *asked)
{
	if (!vm->carried || vm == asked)
		return dispatcher_ready(vm);
	for (unsigned i = 0; i < vm->carried->nvms; i++)
		if (can_run(vm->carried->vm[i], NULL))
			return true;
	return false;
}

/* The machine whose turn it is; NULL: none can run. */
static struct vm *next_machine(struct monitor *m, struct vm *asked)
{
	struct vm *last = m->running;
	unsigned from = last ? place_of(m, last) + 1 : 0;

	if (asked && asked->in_turn) { /* the monitor on it sees to it that this ends */
		if (last != asked || asked->view.cpu->steps >= asked->quantum_end)
			enter(m, asked);
		return asked;
	}
	if (last && last->view.cpu->steps < last->quantum_end && can_run(last, asked))
		return last;
	for (unsigned i = 0; i < m->nvms; i++) {
		struct vm *vm = m->vm[(from + i) % m->nvms];

		if (!can_run(vm, asked))
			continue;
		enter(m, vm);
		return vm;
	}
	return NULL;
}

static uint64_t run_some(struct monitor *, uint64_t n, enum monitor_event *);

static uint64_t turn_left(const struct vm *vm)
{
	uint64_t quantum = quantum_of(vm->monitor);

	return quantum > vm->turn_done ? quantum - vm->turn_done : 0;
}

/*
 * The monitor on a machine runs for at most n steps, and for no more than is left of a quantum: the
 * machine's turn, which a stop does not end.
 */
static uint64_t run_carried(struct vm *vm, uint64_t n, enum monitor_event *event)
{
	struct monitor *m = vm->monitor;
	uint64_t left = turn_left(vm);
	bool over = false;

	vm->in_turn = true;
	n = run_some(vm->carried, at_most(n, left), event);
	vm->in_turn = false;
	vm->turn_done += n;
	if (*event == MONITOR_BREAK || *event == MONITOR_WATCH) {
		m->stopped = vm->carried->stopped;
	} else if (*event != MONITOR_STOPPED) {
		over = *event != MONITOR_STEPS;
		*event = MONITOR_STEPS; /* others may go on */
	}
	left = over ? 0 : turn_left(vm);
	if (__builtin_add_overflow(vm->view.cpu->steps, left, &vm->quantum_end))
		vm->quantum_end = UINT64_MAX;
	return n;
}

/* Has its turn begun, and is that to be told? */
static bool turned(struct monitor *m, struct vm *vm, enum monitor_event *event)
{
	if (!vm->turned)
		return false;
	vm->turned = false;
	m->stopped = vm;
	*event = MONITOR_BREAK;
	return true;
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

/* What is left of its quantum, or n steps; returns those done, its monitor's if it carries one. */
static uint64_t run_turn(struct vm *vm, uint64_t n, const struct vm *asked,
			 enum monitor_event *event)
{
	if (vm->carried && vm != asked)
		return run_carried(vm, n, event);
	n = dispatcher_run(vm, at_most(n, vm->quantum_end - vm->view.cpu->steps));
	*event = stopped(vm->monitor, vm);
	return n;
}

/* ---- what a monitor on a virtual machine does itself ---- */

uint64_t scheduler_room(const struct vm *carrier)
{
	uint64_t room = UINT64_MAX;

	for (; carrier; carrier = carrier->monitor->carrier) {
		uint64_t steps = carrier->view.cpu->steps, end = carrier->quantum_end;

		if (carrier->monitor->nvms > 1 && !carrier->in_turn)
			room = at_most(room, end > steps ? end - steps : 1);
	}
	return room;
}

/* Everybody else has a turn. */
static void pass_on(struct monitor *m, struct vm *vm)
{
	enum monitor_event event;

	for (unsigned i = 0; i < m->nvms; i++) {
		if (m->vm[i] == vm || !can_run(m->vm[i], NULL))
			continue;
		enter(m, m->vm[i]);
		m->vm[i]->turned = false; /* here nobody is told of stops */
		run_turn(m->vm[i], UINT64_MAX, NULL, &event);
	}
	enter(m, vm);
	vm->turned = false;
}

void scheduler_charge(struct vm *carrier, uint64_t n)
{
	for (; carrier; carrier = carrier->monitor->carrier) {
		struct monitor *m = carrier->monitor;

		if (m->nvms == 1 || carrier->in_turn)
			continue;
		if (m->running == carrier && carrier->quantum_end > carrier->view.cpu->steps + n)
			carrier->quantum_end -= n;
		else
			pass_on(m, carrier);
	}
}

static bool waits(const struct vm *vm)
{
	for (unsigned i = 0; vm->carried && i < vm->carried->nvms; i++)
		if (waits(vm->carried->vm[i]))
			return true;
	return vm->view.cpu->status == CPU_WAITING;
}

/* Why no machine runs, or this one does not; a wait may have been stopped from outside. */
static enum monitor_event ended(const struct monitor *m, const struct vm *only)
{
	if (control_stopped(&m->control))
		return MONITOR_STOPPED;
	for (unsigned i = 0; i < m->nvms; i++)
		if ((!only || only == m->vm[i]) && waits(m->vm[i]))
			return MONITOR_IDLE;
	return MONITOR_DONE;
}

/* The steps done, and why no more; waiting machines take none. */
static uint64_t run_some(struct monitor *m, uint64_t n, enum monitor_event *event)
{
	uint64_t done = 0;

	*event = MONITOR_STEPS;
	m->stopped = NULL;
	while (done < n && *event == MONITOR_STEPS) {
		struct vm *vm = next_machine(m, NULL);

		if (!vm) {
			*event = ended(m, NULL);
			break;
		}
		if (turned(m, vm, event))
			break;
		done += at_most(n - done, run_turn(vm, n - done, NULL, event));
		if (*event == MONITOR_STEPS && control_stopped(&m->control))
			*event = MONITOR_STOPPED;
	}
	return done;
}

enum monitor_event monitor_run(struct monitor *m, uint64_t n)
{
	enum monitor_event event;

	run_some(m, n, &event);
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
	while (done < n && *event == MONITOR_STEPS && !vm->handed.kind) {
		struct vm *next;

		if (!dispatcher_ready(vm)) {
			*event = ended(m, vm);
			break;
		}
		next = next_machine(m, vm);
		if (turned(m, next, event))
			break;
		run_turn(next, next == vm ? n - done : UINT64_MAX, vm, event);
		done = vm->view.cpu->steps - start;
		if (*event == MONITOR_STEPS && control_stopped(&m->control))
			*event = MONITOR_STOPPED;
	}
	return done;
}
