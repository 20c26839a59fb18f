/*
 * For the suites of machine/: a bare machine with a description and a program.
 * What cannot be set up fails the test, with the messages.
 */
#ifndef TESTS_RIG_H
#define TESTS_RIG_H

#include "isa/asm.h"
#include "isa/isa.h"
#include "machine/machine.h"
#include "tests/forced.h"

#include <check.h>
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct rig {
	struct diag_list *diags;
	struct isa *isa;
	struct machine *machine;
	struct view *view;
};

static inline void rig_require(const struct rig *r, const void *made)
{
	if (!made)
		diag_print(r->diags, stderr);
	ck_assert_ptr_nonnull(made);
}

/* A machine of so many units from a description's text. */
static inline struct rig rig_of(const char *text, uint64_t size)
{
	struct rig r = { .diags = diag_new() };
	char reason[256] = "";

	r.isa = isa_load_text(r.diags, "test.isa", text);
	rig_require(&r, r.isa);
	r.machine = forced(machine_new(r.isa, size, 1, reason, sizeof reason));
	ck_assert_msg(r.machine != NULL, "%s", reason);
	r.view = &r.machine->view[0];
	return r;
}

static inline void rig_close(struct rig *r)
{
	machine_free(r->machine);
	isa_free(r->isa);
	diag_free(r->diags);
}

static inline uint64_t *rig_reg(const struct view *v, const char *name)
{
	unsigned element = 0;
	const struct isa_reg *reg = isa_slot_named(v->isa, name, &element);

	ck_assert_msg(reg != NULL, "no register %s", name);
	return &v->cpu->state[reg->slot + element];
}

#define ck_reg(view, name, expected) ck_assert_uint_eq(*rig_reg(view, name), expected)

static inline uint64_t rig_cell(const struct view *v, uint64_t address)
{
	uint64_t value = 0;

	ck_assert(window_get(&v->window, address, &value));
	return value;
}

/* Puts a program into the storage; P goes to its start, if it has one. */
static inline void rig_program(struct rig *r, const char *text)
{
	const struct source *source = diag_read_text(r->diags, "test.s", text);
	struct image *image = asm_assemble(r->isa, r->diags, source);
	char reason[256] = "";

	rig_require(r, image);
	ck_assert_msg(view_load(r->view, image, reason, sizeof reason), "%s", reason);
	image_free(image);
}

/* A seeded stream of numbers: splitmix64 (Steele, Lea and Flood 2014). */
static inline uint64_t rig_random(uint64_t *stream)
{
	uint64_t z = *stream += UINT64_C(0x9e3779b97f4a7c15);

	z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
	return z ^ z >> 31;
}

/* Small values and boundaries are likelier than others: timers run out soon. */
static inline uint64_t rig_value(uint64_t *stream, unsigned width)
{
	uint64_t x = rig_random(stream), kind = rig_random(stream) % 8;

	return (kind < 5 ? x % 40 : kind == 5 ? ~(x % 3) : x) & isa_mask(width);
}

/* The first entry of the state table, cell or output in which two views differ; NULL: none. */
static inline const char *rig_difference(const struct view *a, const struct view *b)
{
	static char text[128];
	struct table *t = table_new(a->isa);
	const char *found = NULL;

	for (unsigned i = 0; i < table_size(t) && !found; i++) {
		const struct table_entry *e = table_entry(t, i);
		uint64_t x = table_examine(a, e), y = table_examine(b, e);

		if (x == y)
			continue;
		snprintf(text, sizeof text, "%s: %#llx, %#llx", e->name, (unsigned long long)x,
			 (unsigned long long)y);
		found = text;
	}
	table_free(t);
	for (uint64_t i = 0; i < a->window.size && !found; i++) {
		if (rig_cell(a, i) == rig_cell(b, i))
			continue;
		snprintf(text, sizeof text, "storage at %#llx", (unsigned long long)i);
		found = text;
	}
	if (!found && (a->cpu->status != b->cpu->status ||
		       a->cpu->unspecified != b->cpu->unspecified))
		found = "status or stream";
	for (unsigned i = 0; i < a->isa->ndevices && !found; i++) {
		const struct device_class *class = a->device[i]->class;

		if (class->same && !class->same(a->device[i], b->device[i]))
			found = "a device";
	}
	return found;
}

#define ck_assert_same(a, b)                                           \
	do {                                                           \
		const char *found = rig_difference(a, b);              \
		ck_assert_msg(found == NULL, "%s", found ? found : ""); \
	} while (0)

/* The paths of all descriptions of isa/machines. */
static char **rig_shipped;
static unsigned rig_nshipped;

static inline void rig_find_shipped(void)
{
	const char *top = getenv("TOP_SRCDIR");
	char folder[2048];
	struct dirent *e;
	DIR *d;

	snprintf(folder, sizeof folder, "%s/isa/machines", top ? top : ".");
	d = opendir(folder);
	while (d && (e = readdir(d))) {
		size_t n = strlen(e->d_name);
		char path[4096];

		if (n < 4 || strcmp(e->d_name + n - 4, ".isa") != 0)
			continue;
		snprintf(path, sizeof path, "%s/%s", folder, e->d_name);
		rig_shipped = realloc(rig_shipped, (rig_nshipped + 1) * sizeof *rig_shipped);
		rig_shipped[rig_nshipped++] = strdup(path);
	}
	if (d)
		closedir(d);
}

/* A machine of so many units from a description's file; its consoles are live. */
static inline struct rig rig_at(const char *path, uint64_t size)
{
	struct rig x = { .diags = diag_new() };
	char reason[256] = "";

	x.isa = isa_load(x.diags, path);
	rig_require(&x, x.isa);
	x.machine = forced(machine_new(x.isa, size, 1, reason, sizeof reason));
	ck_assert_msg(x.machine != NULL, "%s: %s", path, reason);
	x.view = &x.machine->view[0];
	for (unsigned i = 0; i < x.isa->ndevices; i++)
		if (strcmp(x.isa->device[i].class, "console") == 0)
			console_live(x.machine->device[i]);
	return x;
}

#endif
