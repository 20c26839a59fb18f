/*
 * The interpreters {v_i} (Popek and Goldberg 1974, section 4): what an instruction
 * means, run on a virtual machine's state.  They are not written again; each is the
 * description's own code, run by either engine on the virtual machine's view.
 *
 * A trap that comes of it stops the view before it is performed, so that the
 * dispatcher alone gives traps to the guest.
 */
#include "vmm/private.h"

/* At most n instructions: when the view stops in user mode, as far as that. */
static enum answer interpret(struct vm *vm, uint64_t n)
{
	struct outcome o;

	if (faulty(vm, FAULT_WAIT_SPINS) && fault_spin(vm))
		return ANSWER_RESUME;
	control_storage(&vm->monitor->control, &vm->view.window);
	o = view_run(&vm->view, n);
	vm->pending = o.trap;
	if (o.event != EVENT_TRAP)
		return o.event == EVENT_STEPS ? ANSWER_RESUME : ANSWER_STOP;
	if (o.trap.source == SOURCE_INTERRUPT && faulty(vm, FAULT_LOST_INTERRUPT))
		return ANSWER_RESUME;
	return ANSWER_REFLECT;
}

static enum answer interpret_carefully(struct vm *vm, uint64_t n)
{
	enum answer answer;

	fault_before(vm);
	answer = interpret(vm, n);
	fault_after(vm, answer);
	return answer;
}

static const struct isa_instr *instruction_at_p(struct vm *vm, uint64_t *word)
{
	uint64_t place;

	return view_fetch(&vm->view, word, &place) ? isa_decode(vm->view.isa, *word) : NULL;
}

enum answer interpreter_emulate(struct vm *vm)
{
	uint64_t word, steps = vm->view.cpu->steps;
	uint64_t p = vm->view.cpu->state[vm->view.isa->role[ROLE_PC]->slot];
	const struct isa_instr *instr = instruction_at_p(vm, &word);
	enum answer answer = interpret_carefully(vm, 1);

	if (answer == ANSWER_REFLECT && vm->pending.source == SOURCE_INSTRUCTION) {
		vm->stats.reflected++;
		return answer;
	}
	if (recording(vm))
		record_emulated(vm, instr, word, p, vm->view.cpu->steps - steps);
	vm->stats.emulated += vm->view.cpu->steps - steps;
	if (instr)
		vm->stats.by_instr[instr->index] += vm->view.cpu->steps - steps;
	return answer;
}

enum answer interpreter_supervise(struct vm *vm, uint64_t n)
{
	uint64_t steps = vm->view.cpu->steps, room = scheduler_room(vm->monitor->carrier);
	/* what a faulty monitor does wrong it does at each instruction */
	bool at_once = vm->monitor->options.fault == FAULT_NONE;
	enum answer answer;

	vm->horizon = 0;
	vm->view.stops_in_user = true;
	answer = interpret_carefully(vm, at_once ? at_most(n, room) : 1);
	vm->view.stops_in_user = false;
	if (recording(vm))
		record_look(vm);
	vm->stats.interpreted += vm->view.cpu->steps - steps;
	scheduler_charge(vm->monitor->carrier, vm->view.cpu->steps - steps);
	return answer;
}
