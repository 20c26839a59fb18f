/*
 * Monitors with one known bug each (vmm/fault.def): they teach, and they score the
 * tests.  A fault that is a line at its place is written there, behind faulty();
 * here stand those that need more.
 */
#include "vmm/private.h"

#include <string.h>

static const struct {
	const char *name, *text;
} faults[FAULTS] = {
	[FAULT_NONE] = { "none", "nothing" },
#define FAULT(id, name, text) [id] = { name, text },
#include "vmm/fault.def"
#undef FAULT
};

const char *fault_name(enum fault fault)
{
	return faults[fault].name;
}

const char *fault_text(enum fault fault)
{
	return faults[fault].text;
}

int fault_named(const char *name)
{
	for (int i = 0; i < FAULTS; i++)
		if (strcmp(name, faults[i].name) == 0)
			return i;
	return -1;
}

/* ---- around an emulation ---- */

void fault_before(struct vm *vm)
{
	if (faulty(vm, FAULT_STALE_MODE) || (faulty(vm, FAULT_STALE_RELOCATION) && !vm->stale))
		memcpy(vm->before, vm->view.cpu->state, vm->view.isa->nslots * sizeof *vm->before);
}

/* Puts back the registers that tell the mode. */
static void keep_mode(struct vm *vm)
{
	const struct isa *isa = vm->view.isa;

	for (const struct isa_reg *r = isa->reg; r < isa->reg + isa->nregs; r++)
		if (expr_reads(isa->user, r))
			memcpy(vm->view.cpu->state + r->slot, vm->before + r->slot,
			       r->count * sizeof *vm->before);
}

static bool same_role(const struct vm *vm, enum isa_role role)
{
	unsigned slot = vm->view.isa->role[role]->slot;

	return vm->before[slot] == vm->view.cpu->state[slot];
}

void fault_after(struct vm *vm, enum answer answer)
{
	if (answer != ANSWER_RESUME)
		return;
	if (faulty(vm, FAULT_STALE_MODE))
		keep_mode(vm);
	if (faulty(vm, FAULT_STALE_RELOCATION) && !vm->stale)
		vm->stale = !same_role(vm, ROLE_BASE) || !same_role(vm, ROLE_BOUND);
}

bool fault_spin(struct vm *vm)
{
	const struct isa *isa = vm->view.isa;
	const struct isa_instr *instr;
	uint64_t word, place;
	uint64_t *p = &vm->view.cpu->state[isa->role[ROLE_PC]->slot];

	if (view_user(&vm->view) || !view_fetch(&vm->view, &word, &place))
		return false;
	instr = isa_decode(isa, word);
	if (!instr || !code_holds(&instr->code, S_WAIT))
		return false;
	*p = (*p + isa->length) & isa_mask(isa->role[ROLE_PC]->width);
	vm->view.cpu->steps++;
	dispatcher_unit(vm);
	return true;
}

/* ---- when a trap is given to the guest ---- */

/* Runs the instruction that completed once more, in place of its trap. */
static void run_again(struct vm *vm, const struct trap *trap)
{
	vm->view.cpu->state[vm->view.isa->role[ROLE_PC]->slot] = trap->p;
	view_step(&vm->view);
	vm->view.cpu->steps--;
}

bool fault_trap(struct vm *vm, struct trap *trap)
{
	bool first_hand = trap->source == SOURCE_INSTRUCTION;

	vm->stale = false;
	if (faulty(vm, FAULT_COMPLETE_AGAIN) && trap->phase == PHASE_COMPLETE) {
		run_again(vm, trap);
		return false;
	}
	if (faulty(vm, FAULT_LOST_TIMER) && trap->source == SOURCE_TICK &&
	    vm->view.cpu->steps >= vm->quantum_end)
		return false;
	if (faulty(vm, FAULT_REFLECT_NEXT) && trap->phase == PHASE_NULLIFY)
		trap->tpc = (trap->p + vm->view.isa->length) &
			    isa_mask(vm->view.isa->role[ROLE_PC]->width);
	if (faulty(vm, FAULT_SVC_AT) && trap->phase == PHASE_NEXT)
		trap->tpc = trap->p;
	if (faulty(vm, FAULT_NO_INFO) && first_hand)
		trap->info = 0;
	return true;
}

struct view fault_view(const struct vm *vm, const struct trap *trap)
{
	struct view view = vm->view;
	const struct control *c = &vm->monitor->control;

	if (faulty(vm, FAULT_FOREIGN_E0) && trap->source == SOURCE_INSTRUCTION)
		view.window = control_window(c, 0, control_size(c));
	return view;
}
