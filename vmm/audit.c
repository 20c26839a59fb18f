/*
 * Resource control (Popek and Goldberg 1974, section 5), checked while guests run:
 * real mode and relocation are the monitor's at every resume, nothing is written
 * outside the region of the machine that runs, and nobody stops the real processor.
 */
#include "vmm/private.h"

#include "isa/alloc.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>

struct audit *audit_new(struct monitor *m)
{
	struct audit *a = xcalloc(1, sizeof *a);

	a->monitor = m;
	a->below = m->carrier ? audit_new(m->carrier->monitor) : NULL;
	m->audit = a;
	return a;
}

void audit_free(struct audit *a)
{
	if (!a)
		return;
	audit_free(a->below);
	a->monitor->audit = NULL;
	write_log_free(&a->log);
	free(a);
}

uint64_t audit_violations(const struct audit *a, char *first, size_t size)
{
	uint64_t below = a->below ? audit_violations(a->below, first, size) : 0;

	if (!below)
		snprintf(first, size, "%s", a->first);
	return a->violations + below;
}

static void __attribute__((format(printf, 2, 3)))
violation(struct audit *a, const char *format, ...)
{
	va_list args;

	if (a->violations++ > 0)
		return;
	va_start(args, format);
	vsnprintf(a->first, sizeof a->first, format, args);
	va_end(args);
}

void audit_begin(struct vm *vm)
{
	struct audit *a = vm->monitor->audit;

	if (!a)
		return;
	a->outer = vm->view.window.storage->log;
	vm->view.window.storage->log = &a->log;
}

void audit_end(struct vm *vm)
{
	struct audit *a = vm->monitor->audit;
	const struct window *w = &vm->view.window, *machine = &vm->monitor->whole;

	if (!a)
		return;
	w->storage->log = a->outer;
	for (size_t i = 0; i < a->log.count; i++) {
		uint64_t address = a->log.address[i];

		/* outside of the monitor's machine somebody else may have run, too */
		if (address - w->base >= w->size && address - machine->base < machine->size)
			violation(a,
				  "%s wrote real E[%#" PRIx64 "], outside its region %#" PRIx64
				  "..%#" PRIx64,
				  vm->name, address, w->base, w->base + w->size - 1);
		if (a->outer)
			write_log_add(a->outer, address);
	}
	write_log_clear(&a->log);
}

void audit_loaded(struct vm *vm)
{
	struct audit *a = vm->monitor->audit;
	const struct view *real = vm->monitor->control.view;
	const struct isa *isa = real->isa;
	uint64_t l = real->cpu->state[isa->role[ROLE_BASE]->slot];
	uint64_t b = real->cpu->state[isa->role[ROLE_BOUND]->slot];

	if (!view_user(real))
		violation(a, "%s was resumed in the real machine's supervisor mode", vm->name);
	if (b > 0 &&
	    (l < vm->base || l - vm->base >= vm_size(vm) || b > vm_size(vm) - (l - vm->base)))
		violation(a,
			  "%s was resumed with real relocation %#" PRIx64 ", bound %#" PRIx64
			  ", outside its region",
			  vm->name, l, b);
}

void audit_taken(struct vm *vm)
{
	if (vm->monitor->audit)
		violation(vm->monitor->audit, "%s stopped the real processor", vm->name);
}
