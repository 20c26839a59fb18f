/*
 * The dispatcher D (Popek and Goldberg 1974, section 4): entered whenever the real
 * machine comes back, it decides what is done about the cause.
 *
 * One rule replaces all case analysis: on a trap of the instruction at P, run that
 * instruction again on the virtual machine (vmm/interpreter.c).  In virtual
 * supervisor mode it is emulated; in virtual user mode the same semantics trap
 * there, too, and the trap is reflected.  A completion trap is delivered and never
 * re-interpreted: the instruction has run.
 *
 * What a monitor on a virtual machine asks of that one enters it, too: vmm/hosted.c.
 *
 * Virtual time is kept here: k instructions that ran directly are k units of it,
 * as many as surely raise nothing at once, each of the others alone.
 */
#include "vmm/private.h"

#include "isa/alloc.h"

/* Why the real machine came back, and the handler of each cause. */
#define CAUSES(X)                                                                                  \
	X(CAUSE_BUDGET, on_budget)	     /* it did the instructions it was given */            \
	X(CAUSE_INSTRUCTION, on_instruction) /* the instruction at P trapped and had no effect */  \
	X(CAUSE_COMPLETION, on_completion)   /* it trapped after its effects */                    \
	X(CAUSE_OWN_TIMER, on_budget)	     /* tick of the real machine: the monitor's timer */   \
	X(CAUSE_OWN_INTERRUPT, on_budget)    /* a device of the real machine */                    \
	X(CAUSE_HALT, on_taken)		     /* the guest halted the real processor */             \
	X(CAUSE_IDLE, on_taken)		     /* it made it wait, and nothing will come */          \
	X(CAUSE_CHECKSTOP, on_taken)	     /* it stopped itself */                               \
	X(CAUSE_STOPPED, on_stopped)	     /* somebody outside asked for it */

enum cause {
#define X(cause, handler) cause,
	CAUSES(X)
#undef X
		CAUSES
};

/* As traces call them. */
static const char *const cause_names[] = {
	[CAUSE_BUDGET] = "its steps are done",
	[CAUSE_INSTRUCTION] = "run it again on the virtual machine",
	[CAUSE_COMPLETION] = "it is done: give its trap to the guest",
	[CAUSE_OWN_TIMER] = "the monitor's own timer",
	[CAUSE_OWN_INTERRUPT] = "a device of the real machine",
	[CAUSE_HALT] = "the guest halted the real processor",
	[CAUSE_IDLE] = "the guest made the real processor wait",
	[CAUSE_CHECKSTOP] = "the real processor is check-stopped",
	[CAUSE_STOPPED] = "stopped from outside",
};

static enum cause cause_of_trap(const struct trap *trap)
{
	switch (trap->source) {
	case SOURCE_INSTRUCTION:
		return trap->phase == PHASE_COMPLETE ? CAUSE_COMPLETION : CAUSE_INSTRUCTION;
	case SOURCE_TICK: return CAUSE_OWN_TIMER;
	case SOURCE_INTERRUPT: return CAUSE_OWN_INTERRUPT;
	}
	abort();
}

static enum cause cause_of(const struct outcome *o)
{
	switch (o->event) {
	case EVENT_STEPS:
	case EVENT_BREAK:
	case EVENT_WATCH: return CAUSE_BUDGET; /* dispatcher_run sees to the stops */
	case EVENT_TRAP: return cause_of_trap(&o->trap);
	case EVENT_HALT: return CAUSE_HALT;
	case EVENT_IDLE: return CAUSE_IDLE;
	case EVENT_CHECKSTOP: return CAUSE_CHECKSTOP;
	case EVENT_STOPPED: return CAUSE_STOPPED;
	}
	abort();
}

/* ---- what the guest is given ---- */

/*
 * Performs a trap on the virtual machine, then the unit of time of what completed by it.  If a
 * monitor is resident there, the trap is that one's.
 */
static void reflect(struct vm *vm, struct trap trap)
{
	struct view view;

	if (!fault_trap(vm, &trap))
		return;
	if (recording(vm))
		record_reflected(vm, &trap);
	vm->stats.by_cause[trap.kind->index]++;
	if (vm->view.stops)
		stops_trapped(&vm->view, trap.kind);
	vm->stats.delivered += trap.phase == PHASE_COMPLETE;
	if (vm->carried) {
		vm->handed = trap;
		return;
	}
	view = fault_view(vm, &trap);
	control_storage(&vm->monitor->control, &view.window);
	vm->at = trap.p;
	if (trap_perform(&view, &trap) && trap.source == SOURCE_INSTRUCTION &&
	    trap.phase != PHASE_NULLIFY)
		dispatcher_unit(vm);
}

/* One unit of virtual time.  The real machine ticked what the guest sees, if it passed there. */
static void unit(struct vm *vm, bool passed)
{
	struct trap raised = { .kind = NULL };

	clock_unit(&vm->view, &raised);
	if (!raised.kind && faulty(vm, FAULT_DOUBLE_TICK))
		clock_unit(&vm->view, &raised);
	if (passed)
		map_save_ticked(vm);
	raised.p = vm->at;
	if (raised.kind)
		reflect(vm, raised);
}

void dispatcher_unit(struct vm *vm)
{
	unit(vm, false);
}

/* ---- the handlers ---- */

static enum answer on_budget(struct vm *vm, const struct outcome *o)
{
	(void)vm;
	(void)o;
	return ANSWER_RESUME;
}

static enum answer on_instruction(struct vm *vm, const struct outcome *o)
{
	(void)o;
	if (faulty(vm, FAULT_REAL_TICK))
		dispatcher_unit(vm);
	return interpreter_emulate(vm);
}

static enum answer on_completion(struct vm *vm, const struct outcome *o)
{
	vm->pending = o->trap;
	return ANSWER_REFLECT;
}

/* An unprivileged instruction stopped the real processor, so the monitor has lost it. */
static enum answer on_taken(struct vm *vm, const struct outcome *o)
{
	const struct cpu *real = vm->monitor->control.view->cpu;

	vm->view.cpu->time += o->event == EVENT_HALT; /* which nothing ticks any more */
	vm->view.cpu->status = real->status;
	vm->view.cpu->halt_status = real->halt_status;
	vm->monitor->taken = true;
	audit_taken(vm);
	return ANSWER_STOP;
}

static enum answer on_stopped(struct vm *vm, const struct outcome *o)
{
	(void)vm;
	(void)o;
	return ANSWER_STOP;
}

typedef enum answer handler(struct vm *, const struct outcome *);

static handler *const handlers[] = {
#define X(cause, handler) [cause] = handler,
	CAUSES(X)
#undef X
};
_Static_assert(sizeof handlers / sizeof *handlers == CAUSES, "each cause has its handler");

/* ---- direct execution ---- */

/* On the guest's own registers, where that comes to the same: nothing is copied. */
static bool run_in_place(struct vm *vm, uint64_t n, struct outcome *o)
{
	struct monitor *m = vm->monitor;

	if (!m->shares)
		return false;
	map_load_control(vm);
	audit_resume(vm);
	return control_run_on(&m->control, vm->view.cpu, n, vm->view.stops, o);
}

/* Collapsed, it is the machines below that the real processor is taken from. */
static uint64_t take_turn(struct monitor *m, uint64_t n)
{
	if (!m->options.collapsed)
		return n;
	scheduler_charge(m->carrier, m->used);
	m->used = 0;
	return at_most(n, scheduler_room(m->carrier));
}

/* The one place where a guest gets the real processor. */
static void resume(struct vm *vm, uint64_t n, struct outcome *o)
{
	struct monitor *m = vm->monitor;
	struct cpu *cpu = vm->view.cpu;

	n = take_turn(m, n);
	if (!run_in_place(vm, n, o)) {
		map_load(vm);
		audit_resume(vm);
		if (stops_close(&vm->view))
			n = 1; /* the real processor has not all registers that conditions speak of */
		*o = control_run(&m->control, n, vm->view.stops);
		map_save(vm, cpu->steps + o->steps >= vm->quantum_end);
	}
	m->used = o->steps;
}

/* Virtual time for `done` instructions that ran directly. */
static void settle(struct vm *vm, uint64_t done, bool alone)
{
	if (alone) {
		if (done)
			unit(vm, true);
		return;
	}
	clock_skip(&vm->view, done);
	map_save_ticked(vm);
}

/*
 * The instruction at P once more, on the virtual machine, and virtual time up to its end, at once;
 * false: it takes the long way.
 */
static bool serve(struct vm *vm, uint64_t done)
{
	struct service s;

	if (!vm->plain || !view_serve(&vm->view, done, &s))
		return false;
	control_storage(&vm->monitor->control, &vm->view.window);
	vm->horizon = s.horizon;
	if (s.trap.kind) {
		vm->stats.reflected++;
		vm->stats.by_cause[s.trap.kind->index]++;
	} else {
		vm->stats.emulated++;
		vm->stats.by_instr[s.instr->index]++;
	}
	return true;
}

/* Runs directly for as long as virtual time surely brings nothing, or one instruction. */
static enum answer run_directly(struct vm *vm, uint64_t n)
{
	uint64_t horizon = vm->monitor->fine ? 0
			   : vm->horizon     ? vm->horizon
					     : clock_horizon(&vm->view),
		 done;
	bool alone = horizon == 0;
	struct outcome o;
	enum cause cause;

	if (n > horizon)
		n = alone ? 1 : horizon;
	if (vm->careful)
		n = 1;
	vm->horizon = 0;
	vm->at = vm->view.cpu->state[vm->view.isa->role[ROLE_PC]->slot];
	stops_begin(&vm->view, vm->at);
	if (recording(vm))
		record_resume(vm);
	resume(vm, n, &o);
	cause = cause_of(&o);
	if (o.event == EVENT_TRAP)
		vm->stats.exits[o.trap.kind->index]++;
	done = o.steps - (cause == CAUSE_INSTRUCTION);
	vm->view.cpu->steps += done;
	vm->stats.direct += done;
	if (cause == CAUSE_INSTRUCTION)
		stops_begin(&vm->view, o.trap.p);
	if (cause == CAUSE_INSTRUCTION && !alone && serve(vm, done))
		return ANSWER_RESUME;
	if (recording(vm))
		record_exit(vm, o.event == EVENT_TRAP ? &o.trap : NULL, cause_names[cause]);
	settle(vm, done - (cause == CAUSE_COMPLETION || cause == CAUSE_HALT), alone);
	return handlers[cause](vm, &o);
}

/*
 * Must it go step by step, so that a watched register is seen to change?  Where the real processor
 * runs for it, visible registers alone are looked at.
 */
static bool watched_closely(const struct vm *vm)
{
	const struct monitor *m = vm->monitor;
	const struct stops *s = vm->view.stops;
	bool closely = s && stops_look(s) && s->view == &vm->view && (s->alone || m->carrier);

	for (unsigned i = 0; s && s->view == &vm->view && i < s->nregisters; i++)
		for (unsigned k = 0; k < m->nmirrored; k++)
			closely |= s->reg[i].slot - m->mirrored[k].slot < m->mirrored[k].count;
	return closely;
}

/* While a machine is served nobody looks at its devices from outside, nor at the real ones. */
static void attend(struct vm *vm, bool attended)
{
	struct view *real = vm->monitor->control.view;

	real->unattended = vm->view.unattended = !attended;
	if (!attended) {
		clock_calm(&vm->view);
		return;
	}
	clock_wake(real);
	clock_wake(&vm->view);
}

void dispatcher_leave(const struct vm *vm)
{
	if (!vm->monitor->taken)
		map_load(vm);
}

uint64_t dispatcher_run(struct vm *vm, uint64_t n)
{
	struct cpu *cpu = vm->view.cpu;
	uint64_t start = cpu->steps, end = start + n;
	enum answer answer = ANSWER_RESUME;

	vm->view.stop = vm->monitor->control.view->stop;
	vm->horizon = 0;
	vm->plain = vm->monitor->options.fault == FAULT_NONE && !vm->monitor->nticked &&
		    !recording(vm) && !vm->carried && !(vm->view.stops && vm->view.stops->trap);
	vm->careful = watched_closely(vm);
	audit_begin(vm);
	attend(vm, false);
	if (vm->stopped == EVENT_STEPS)
		stops_begin_run(&vm->view);
	while (answer != ANSWER_STOP && cpu->status == CPU_RUNNING && cpu->steps < end &&
	       !vm->handed.kind && vm->stopped == EVENT_STEPS &&
	       !control_stopped(&vm->monitor->control)) {
		answer = interpreter_wanted(vm) ? interpreter_supervise(vm, end - cpu->steps)
						: run_directly(vm, end - cpu->steps);
		if (answer == ANSWER_REFLECT)
			reflect(vm, vm->pending);
		vm->stopped = stops_event_settled(&vm->view, cpu->steps != start);
	}
	attend(vm, true);
	if (recording(vm))
		record_look(vm);
	dispatcher_leave(vm);
	audit_end(vm);
	return cpu->steps - start;
}

bool dispatcher_ready(struct vm *vm)
{
	struct cpu *cpu = vm->view.cpu;
	struct trap raised = { .kind = NULL };

	if (vm->monitor->taken)
		return false;
	if (cpu->status == CPU_WAITING)
		stops_begin_run(&vm->view);
	if (cpu->status == CPU_WAITING && clock_wait(&vm->view, &raised)) {
		cpu->status = CPU_RUNNING;
		if (raised.kind)
			reflect(vm, raised);
		vm->stopped = stops_event_settled(&vm->view, true);
	}
	return cpu->status == CPU_RUNNING;
}
