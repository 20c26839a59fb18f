/* Whose machines a trace is of: see cli/trace_print.h. */
#include "cli/trace_print.h"

#include <stdlib.h>

static unsigned level_of(const struct vm *vm)
{
	const struct vm *carrier = monitor_carrier(vm_monitor(vm));

	return carrier ? 1 + level_of(carrier) : 1;
}

static void add(struct trace_subject *s, unsigned number, struct trace_machine machine)
{
	if (number >= s->count) {
		struct trace_machine *more = make(number + 1, sizeof(*more));

		for (unsigned i = 0; i < s->count; i++)
			more[i] = s->machine[i];
		free(s->machine);
		s->machine = more;
		s->count = number + 1;
	}
	s->machine[number] = machine;
	if (machine.level > s->levels)
		s->levels = machine.level;
}

/* A guest's machine, and those that carry the monitors below it. */
static void add_vm(struct trace_subject *s, const struct vm *vm, const struct guest *guest)
{
	for (; vm; vm = monitor_carrier(vm_monitor(vm)), guest = NULL)
		add(s, vm_number(vm), (struct trace_machine){ vm_name(vm), guest, level_of(vm) });
}

struct trace_subject *trace_subject_new(const struct lab *l, const struct guest *guest,
					const struct lab_options *o, const char *bare)
{
	struct trace_subject *s = make(1, sizeof(*s));

	s->isa = l->isa;
	if (!l->monitor) {
		add(s, 0, (struct trace_machine){ bare, guest, 0 });
		return s;
	}
	s->monitor = lab_monitors(o, (enum monitor_kind)o->kind, s->kinds, sizeof(s->kinds));
	for (unsigned i = 0; i < l->count; i++)
		add_vm(s, l->vm[i], &guest[i]);
	return s;
}

void trace_subject_free(struct trace_subject *s)
{
	free(s->machine);
	free(s);
}

struct trace_machine trace_machine_of(const struct trace_subject *s, const struct trace_record *r)
{
	return r->machine < s->count ? s->machine[r->machine] : (struct trace_machine){ 0 };
}
