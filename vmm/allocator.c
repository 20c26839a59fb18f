/*
 * The allocator A: owns the machine's storage and the virtual machines' devices
 * and time, and is the only code that gives any away (Popek and Goldberg 1974,
 * section 4).
 *
 * Storage is given in one stretch per machine, first fit from the bottom, and
 * cleared when it comes back.  Devices are made anew for each machine, bounded
 * by its window.  Time is a clock of its own, in its virtual processor.
 */
#include "vmm/private.h"

#include "isa/alloc.h"

#include <assert.h>
#include <inttypes.h>
#include <stdio.h>

/* The free stretch below a region in use, or below the end of storage (NULL). */
static uint64_t stretch_below(const struct allocator *a, uint64_t from, const struct region *next)
{
	uint64_t end = next ? next->base : a->size;

	return end > from ? end - from : 0;
}

static bool refuse(const struct allocator *a, uint64_t size, char *reason, size_t reason_size)
{
	uint64_t from = a->first, free = 0, largest = 0;

	for (const struct region *r = a->region;; r = r->next) {
		uint64_t stretch = stretch_below(a, from, r);

		free += stretch;
		if (stretch > largest)
			largest = stretch;
		if (!r)
			break;
		from = r->base + r->size;
	}
	snprintf(reason, reason_size,
		 "%" PRIu64 " units of storage are wanted, but of %" PRIu64 " only %" PRIu64
		 " are free, and the largest stretch is %" PRIu64,
		 size, a->size, free, largest);
	return false;
}

bool allocator_take(struct allocator *a, uint64_t size, uint64_t *base, char *reason,
		    size_t reason_size)
{
	struct region **at = &a->region, *r;

	*base = a->first;
	while (stretch_below(a, *base, *at) < size) {
		if (!*at)
			return refuse(a, size, reason, reason_size);
		*base = (*at)->base + (*at)->size;
		at = &(*at)->next;
	}
	if (size == 0 || *base > a->reach) {
		snprintf(reason, reason_size,
			 size ? "the base register does not reach a region at %#" PRIx64
			      : "a machine needs storage",
			 *base);
		return false;
	}
	r = xmalloc(sizeof *r);
	*r = (struct region){ .base = *base, .size = size, .next = *at };
	*at = r;
	return true;
}

void allocator_give_back(struct allocator *a, uint64_t base)
{
	struct region **at = &a->region, *r;

	while (*at && (*at)->base != base)
		at = &(*at)->next;
	assert(*at);
	r = *at;
	*at = r->next;
	free(r);
}

void allocator_free(struct allocator *a)
{
	for (struct region *r = a->region, *next; r; r = next) {
		next = r->next;
		free(r);
	}
	a->region = NULL;
}

/* A faulty monitor's devices reach all of its machine's storage. */
static void unclip(struct vm *vm)
{
	const struct control *c = &vm->monitor->control;

	for (unsigned i = 0; i < vm->view.isa->ndevices; i++)
		vm->view.device[i]->window = control_window(c, 0, control_size(c));
}

bool allocator_equip(struct vm *vm, uint64_t size, uint64_t seed, char *reason, size_t reason_size)
{
	struct monitor *m = vm->monitor;

	if (!allocator_take(&m->allocator, size, &vm->base, reason, reason_size))
		return false;
	vm->view.window = control_window(&m->control, vm->base, size);
	vm->view.device = devices_new(m->isa, vm->view.window, reason, reason_size);
	if (!vm->view.device) {
		allocator_give_back(&m->allocator, vm->base);
		return false;
	}
	vm->view.cpu = cpu_new(m->isa, seed);
	if (faulty(vm, FAULT_DMA_UNCLIPPED))
		unclip(vm);
	return true;
}

void allocator_strip(struct vm *vm)
{
	devices_free(vm->view.isa, vm->view.device);
	cpu_free(vm->view.cpu);
	for (uint64_t i = 0; i < vm->view.window.size; i++)
		window_put(&vm->view.window, i, 0);
	allocator_give_back(&vm->monitor->allocator, vm->base);
}
