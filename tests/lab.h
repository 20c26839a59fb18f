/*
 * For the suites of the monitor: a guest on a bare machine and the same guest
 * under a monitor.  What cannot be set up fails the test, with the messages.
 */
#ifndef TESTS_LAB_H
#define TESTS_LAB_H

#include "isa/asm.h"
#include "isa/isa.h"
#include "machine/machine.h"
#include "tests/forced.h"
#include "vmm/equiv.h"
#include "vmm/monitor.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define COUNT(a) (sizeof(a) / sizeof *(a))

struct lab {
	struct diag_list *diagnostics;
	struct isa *isa;
	struct image *image;    /* of the guest; NULL: none */
	uint64_t size;          /* of the guest's storage */
	struct machine *bare, *real;
	struct monitor *monitor;
	struct vm *vm;          /* the guest */
	struct view *virtual;   /* its view */
};

static inline void lab_require(struct lab *l, const void *made)
{
	if (!made)
		diag_print(l->diagnostics, stderr);
	ck_assert_ptr_nonnull(made);
}

/* A machine by name ("pg"), or from a text (with a '{'). */
static inline struct lab lab_of(const char *machine)
{
	struct lab l = { .diagnostics = diag_new(), .size = 4096 };
	char *path;

	if (strchr(machine, '{')) {
		l.isa = isa_load_text(l.diagnostics, "test.isa", machine);
	} else {
		path = isa_find(l.diagnostics, machine);
		lab_require(&l, path);
		l.isa = isa_load(l.diagnostics, path);
		free(path);
	}
	lab_require(&l, l.isa);
	return l;
}

static inline void lab_assemble(struct lab *l, const char *guest)
{
	const struct source *source = diag_read_text(l->diagnostics, "guest.s", guest);

	image_free(l->image);
	l->image = asm_assemble(l->isa, l->diagnostics, source);
	lab_require(l, l->image);
}

static inline void lab_deposit(struct view *v, const char *name, uint64_t value)
{
	struct table *t = table_new(v->isa);
	int i = table_find(t, name);

	ck_assert_msg(i >= 0, "no register %s", name);
	table_deposit(v, table_entry(t, (unsigned)i), value);
	table_free(t);
}

static inline uint64_t lab_examine(const struct view *v, const char *name)
{
	struct table *t = table_new(v->isa);
	int i = table_find(t, name);
	uint64_t value;

	ck_assert_msg(i >= 0, "no register %s", name);
	value = table_examine(v, table_entry(t, (unsigned)i));
	table_free(t);
	return value;
}

/* Puts the guest into a view. */
static inline void lab_enter(const struct lab *l, struct view *v)
{
	char reason[256] = "";

	ck_assert_msg(view_load(v, l->image, reason, sizeof reason), "%s", reason);
}

static inline struct machine *lab_machine(struct lab *l, uint64_t size)
{
	char reason[256] = "";
	struct machine *m = forced(machine_new(l->isa, size, 1, reason, sizeof reason));

	ck_assert_msg(m != NULL, "%s", reason);
	return m;
}

static inline struct vm *lab_vm(struct lab *l, const char *name, uint64_t size)
{
	char reason[256] = "";
	struct vm *vm = monitor_create(l->monitor, name, size, 1, reason, sizeof reason);

	ck_assert_msg(vm != NULL, "%s", reason);
	return vm;
}

/* Another guest beside it, which becomes the image. */
static inline struct vm *lab_beside(struct lab *l, const char *name, const char *guest,
				    uint64_t size)
{
	struct vm *vm = lab_vm(l, name, size);

	lab_assemble(l, guest);
	lab_enter(l, vm_view(vm));
	return vm;
}

/* Takes down what lab_start and lab_bare made, to start again. */
static inline void lab_stop(struct lab *l)
{
	while (l->monitor && monitor_carrier(l->monitor)) /* the outermost takes the others with it */
		l->monitor = vm_monitor(monitor_carrier(l->monitor));
	monitor_free(l->monitor);
	if (l->real)
		machine_free(l->real);
	if (l->bare)
		machine_free(l->bare);
	l->monitor = NULL;
	l->real = l->bare = NULL;
}

static inline void lab_close(struct lab *l)
{
	lab_stop(l);
	image_free(l->image);
	isa_free(l->isa);
	diag_free(l->diagnostics);
}

/* A monitor with the guest's machine, and as much storage again for others; on the translator
 * with these options, if there are any. */
static inline void lab_start_on(struct lab *l, const struct translator_options *translator,
				const struct monitor_options *options)
{
	char reason[256] = "";

	lab_stop(l);
	l->bare = lab_machine(l, l->size);
	l->real = lab_machine(l, 4 * l->size);
	if (translator) {
		machine_translate(l->bare, translator);
		machine_translate(l->real, translator);
	}
	l->monitor = monitor_new(l->real, options, reason, sizeof reason);
	ck_assert_msg(l->monitor != NULL, "%s", reason);
	l->vm = lab_vm(l, "guest", l->size);
	l->virtual = vm_view(l->vm);
	if (l->image) {
		lab_enter(l, &l->bare->view[0]);
		lab_enter(l, l->virtual);
	}
}

static inline void lab_start(struct lab *l, const struct monitor_options *options)
{
	lab_start_on(l, NULL, options);
}

/* The guest on pg (or another machine), ready to run bare and under this kind of monitor. */
static inline struct lab lab_on(const char *machine, const char *guest, enum monitor_kind kind)
{
	struct lab l = lab_of(machine);

	lab_assemble(&l, guest);
	lab_start(&l, &(struct monitor_options){ .kind = kind, .reserve = 64, .seed = 7 });
	return l;
}

static inline uint64_t lab_run(struct lab *l, uint64_t n)
{
	enum monitor_event event;

	return monitor_run_vm(l->monitor, l->vm, n, &event);
}

static inline struct equivalence lab_compare(struct lab *l, uint64_t limit)
{
	struct equiv_options options = { 0 };

	if (l->bare->translator)
		options = equiv_thoroughly(limit);
	options.limit = limit;
	options.patience = 1000;
	return equiv_run(&l->bare->view[0], l->monitor, l->vm, &options);
}

/* A difference in words, for a failing test. */
static inline const char *lab_difference(const struct equivalence *e)
{
	static char text[256];
	const struct difference *d = &e->at[DEPTH_CAUSE];

	snprintf(text, sizeof text, "step %llu, P %#llx, %s: %s bare %#llx, virtual %#llx; %s",
		 (unsigned long long)d->step, (unsigned long long)d->p,
		 d->instr ? d->instr->name : "?", d->what, (unsigned long long)d->bare,
		 (unsigned long long)d->virtual, e->violation);
	return text;
}

/* Runs bare and under both monitors; nothing may differ. */
static inline void lab_expect_equal(const char *machine, const char *guest, uint64_t limit)
{
	for (enum monitor_kind kind = MONITOR_VMM; kind <= MONITOR_HYBRID; kind++) {
		struct lab l = lab_on(machine, guest, kind);
		struct equivalence e = lab_compare(&l, limit);

		ck_assert_msg(e.holds && e.violations == 0, "%s: %s", monitor_kind_name(kind),
			      lab_difference(&e));
		equivalence_free(&e);
		lab_close(&l);
	}
}

#endif
