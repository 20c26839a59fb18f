/*
 * What a trace has of a monitor (machine/trace.h): the three modules call these where they decide.
 */
#include "machine/trace.h"
#include "vmm/private.h"

static uint64_t pc_of(const struct vm *vm)
{
	return vm->view.cpu->state[vm->view.isa->role[ROLE_PC]->slot];
}

static void add(struct vm *vm, struct trace_record about)
{
	about.machine = vm->number;
	about.user = view_user(&vm->view);
	trace_add(vm->monitor->trace, &vm->view, about);
}

void record_created(struct vm *vm)
{
	add(vm, (struct trace_record){
			.kind = TRACE_ALLOCATION, .a = vm->base, .b = vm->view.window.size });
}

void record_switch(struct vm *vm)
{
	add(vm, (struct trace_record){ .kind = TRACE_SWITCH, .p = pc_of(vm) });
}

void record_resume(struct vm *vm)
{
	struct relocation r = map_relocation(vm);

	record_look(vm);
	add(vm, (struct trace_record){
			.kind = TRACE_RESUME, .p = pc_of(vm), .a = r.base, .b = r.bound });
}

void record_exit(struct vm *vm, const struct trap *trap, const char *cause)
{
	struct trace_record about = { .kind = TRACE_TRAP, .p = pc_of(vm), .text = cause };

	if (!trap)
		return;
	about.trap = trap->kind;
	about.a = trap->info;
	about.p = trap->p;
	if (trap->source == SOURCE_INSTRUCTION && trap->phase != PHASE_COMPLETE)
		about.instr = trace_instruction(&vm->view, &about.word);
	add(vm, about);
	about.kind = TRACE_DISPATCH;
	add(vm, about);
}

void record_emulated(struct vm *vm, const struct isa_instr *instr, uint64_t word, uint64_t p,
		     uint64_t steps)
{
	struct trace_record about = {
		.kind = TRACE_EMULATE, .instr = instr, .word = word, .p = p, .a = steps
	};

	if (!instr)
		return;
	add(vm, about);
	about.kind = TRACE_DEVICE;
	if (code_holds(&instr->code, S_IN) || code_holds(&instr->code, S_OUT))
		add(vm, about);
}

static enum trace_kind kind_of(const struct trap *trap)
{
	switch (trap->source) {
	case SOURCE_INSTRUCTION: return TRACE_REFLECT;
	case SOURCE_TICK: return TRACE_TIMER;
	case SOURCE_INTERRUPT: return TRACE_INTERRUPT;
	}
	return TRACE_REFLECT;
}

void record_reflected(struct vm *vm, const struct trap *trap)
{
	add(vm, (struct trace_record){ .kind = kind_of(trap),
				       .trap = trap->kind,
				       .p = trap->p,
				       .a = trap->info,
				       .text = vm->carried ? "monitor" : "guest" });
}

void record_look(struct vm *vm)
{
	trace_look(vm->monitor->trace, &vm->view, vm->number);
}
