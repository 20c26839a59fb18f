/*
 * The two states compared: registers, storage, devices, clock and status of a bare
 * machine and of a virtual one, as its guest believes it.
 */
#include "vmm/compare.h"

#include "isa/alloc.h"

#include <inttypes.h>
#include <stdarg.h>

struct comparison {
	struct view *bare, *virtual;
	struct write_log bare_log, real_log;
	size_t bare_passed, real_passed;	   /* of them: compared already */
	struct write_log *outer_bare, *outer_real; /* whose logs stood there before */
	size_t *printed;			   /* by device: output bytes found alike */
	uint64_t *vars; /* all devices' variables, bare and virtual, at the last forget */
};

static unsigned var_count(const struct view *v)
{
	unsigned n = 0;

	for (unsigned i = 0; i < v->isa->ndevices; i++)
		n += v->device[i]->class->nvars;
	return n;
}

struct comparison *compare_new(struct view *bare, struct vm *vm)
{
	struct comparison *c = xcalloc(1, sizeof *c);

	c->bare = bare;
	c->virtual = vm_view(vm);
	c->outer_bare = bare->window.storage->log;
	c->outer_real = c->virtual->window.storage->log;
	bare->window.storage->log = &c->bare_log;
	c->virtual->window.storage->log = &c->real_log;
	c->printed = xcalloc(bare->isa->ndevices, sizeof *c->printed);
	c->vars = xcalloc(2 * var_count(bare), sizeof *c->vars);
	return c;
}

void compare_free(struct comparison *c)
{
	c->bare->window.storage->log = c->outer_bare;
	c->virtual->window.storage->log = c->outer_real;
	write_log_free(&c->bare_log);
	write_log_free(&c->real_log);
	free(c->printed);
	free(c->vars);
	free(c);
}

const struct write_log *compare_bare_log(const struct comparison *c)
{
	return &c->bare_log;
}

const struct write_log *compare_real_log(const struct comparison *c)
{
	return &c->real_log;
}

/* ---- noting a difference ---- */

struct finding { /* of one comparison */
	struct difference *at;
	bool added;
};

static void __attribute__((format(printf, 5, 6)))
note(struct finding *f, enum depth deepest, uint64_t bare, uint64_t virtual, const char *format,
     ...)
{
	va_list args;

	for (enum depth d = DEPTH_CAUSE; d <= deepest; d++) {
		if (f->at[d].found || (d == DEPTH_SEEN && deepest == DEPTH_OUTPUT))
			continue;
		f->at[d].found = f->added = true;
		f->at[d].bare = bare;
		f->at[d].virtual = virtual;
		va_start(args, format);
		vsnprintf(f->at[d].what, sizeof f->at[d].what, format, args);
		va_end(args);
	}
}

/* ---- what is compared ---- */

static void compare_registers(const struct comparison *c, struct finding *f)
{
	const uint64_t *bare = c->bare->cpu->state, *virtual = c->virtual->cpu->state;
	const struct isa *isa = c->bare->isa;
	char name[64];

	for (unsigned slot = 0; slot < isa->nslots; slot++)
		if (bare[slot] != virtual[slot])
			note(f,
			     isa_slot_reg(isa, slot)->class == CLASS_VISIBLE ? DEPTH_SEEN
									     : DEPTH_CAUSE,
			     bare[slot], virtual[slot], "%s",
			     isa_slot_name(isa, slot, name, sizeof name));
}

static void compare_cell(const struct comparison *c, uint64_t address, struct finding *f)
{
	uint64_t bare = 0, virtual = 0;

	window_get(&c->bare->window, address, &bare);
	window_get(&c->virtual->window, address, &virtual);
	if (bare != virtual)
		note(f, DEPTH_SEEN, bare, virtual, "E[%#" PRIx64 "]", address);
}

/* The cells of a log, from the i-th on, that lie in the window it was kept for. */
static void compare_logged(const struct comparison *c, const struct write_log *log, size_t i,
			   uint64_t base, struct finding *f)
{
	for (; i < log->count; i++)
		if (log->address[i] - base < c->bare->window.size)
			compare_cell(c, log->address[i] - base, f);
}

static void compare_storage(const struct comparison *c, bool everything, struct finding *f)
{
	if (f->at[DEPTH_SEEN].found)
		return;
	if (!everything) {
		compare_logged(c, &c->bare_log, c->bare_passed, c->bare->window.base, f);
		compare_logged(c, &c->real_log, c->real_passed, c->virtual->window.base, f);
		return;
	}
	for (uint64_t a = 0; a < c->bare->window.size; a++)
		compare_cell(c, a, f);
	if (c->bare->window.size != c->virtual->window.size)
		note(f, DEPTH_CAUSE, c->bare->window.size, c->virtual->window.size, "size");
}

static bool is_class(const struct device *d, const char *name)
{
	return d->class == device_class_named(name);
}

/* New output bytes: those that differ, and, short of that, how many there are. */
static void compare_printed(struct comparison *c, unsigned i, struct finding *f)
{
	const char *name = c->bare->isa->device[i].name;
	size_t nb, nv, at = c->printed[i];
	const char *bare = console_printed(c->bare->device[i], &nb);
	const char *virtual = console_printed(c->virtual->device[i], &nv);

	while (at < nb && at < nv && bare[at] == virtual[at])
		at++;
	if (at < nb && at < nv)
		note(f, DEPTH_OUTPUT, (unsigned char)bare[at], (unsigned char)virtual[at],
		     "%s output, byte %zu", name, at);
	else if (nb != nv)
		note(f, DEPTH_CAUSE, nb, nv, "%s output, bytes", name);
}

/* Have the variables of either changed since the last forget? */
static bool device_changed(const struct comparison *c, unsigned i, unsigned first)
{
	size_t n = c->bare->device[i]->class->nvars;
	const uint64_t *bare = c->vars + 2 * first, *virtual = bare + n;

	return memcmp(c->bare->device[i]->var, bare, n * sizeof *bare) != 0 ||
	       memcmp(c->virtual->device[i]->var, virtual, n * sizeof *virtual) != 0;
}

static void compare_device(struct comparison *c, unsigned i, bool changed, struct finding *f)
{
	const struct device *bare = c->bare->device[i], *virtual = c->virtual->device[i];
	const char *name = c->bare->isa->device[i].name;

	for (unsigned v = 0; v < bare->class->nvars; v++)
		if (bare->var[v] != virtual->var[v])
			note(f, DEPTH_CAUSE, bare->var[v], virtual->var[v], "%s.%s", name,
			     bare->class->var_name[v]);
	if (is_class(bare, "console"))
		compare_printed(c, i, f);
	if (changed && bare->class->same && !bare->class->same(bare, virtual))
		note(f, DEPTH_CAUSE, 0, 0, "%s contents", name);
}

static void compare_clock(const struct comparison *c, struct finding *f)
{
	const struct cpu *bare = c->bare->cpu, *virtual = c->virtual->cpu;

	if (bare->status != virtual->status)
		note(f, DEPTH_CAUSE, bare->status, virtual->status, "status");
	if (bare->status == CPU_HALTED && bare->halt_status != virtual->halt_status)
		note(f, DEPTH_CAUSE, bare->halt_status, virtual->halt_status, "halt status");
	if (bare->steps != virtual->steps)
		note(f, DEPTH_CAUSE, bare->steps, virtual->steps, "steps");
	if (bare->time != virtual->time)
		note(f, DEPTH_CAUSE, bare->time, virtual->time, "time");
}

bool compare_now(struct comparison *c, bool everything, struct difference at[DEPTHS])
{
	struct finding f = { .at = at };
	unsigned first = 0;

	compare_registers(c, &f);
	compare_storage(c, everything, &f);
	for (unsigned i = 0; i < c->bare->isa->ndevices; i++) {
		compare_device(c, i, everything || device_changed(c, i, first), &f);
		first += c->bare->device[i]->class->nvars;
	}
	compare_clock(c, &f);
	return f.added;
}

void compare_output(struct comparison *c, struct difference at[DEPTHS])
{
	struct finding f = { .at = at };

	for (unsigned i = 0; i < c->bare->isa->ndevices; i++) {
		const struct device *bare = c->bare->device[i], *virtual = c->virtual->device[i];
		const char *name = c->bare->isa->device[i].name;
		size_t nb = 0, nv = 0;

		if (is_class(bare, "console")) {
			console_printed(bare, &nb);
			console_printed(virtual, &nv);
			if (nb != nv)
				note(&f, DEPTH_OUTPUT, nb, nv, "%s output, bytes", name);
		}
		if (is_class(bare, "drum") &&
		    memcmp(drum_words(bare, &nb), drum_words(virtual, &nv), nb * sizeof(uint64_t)))
			note(&f, DEPTH_OUTPUT, 0, 0, "%s contents", name);
	}
}

void compare_forget(struct comparison *c)
{
	write_log_clear(&c->bare_log);
	write_log_clear(&c->real_log);
	compare_pass(c);
}

void compare_pass(struct comparison *c)
{
	uint64_t *vars = c->vars;

	c->bare_passed = c->bare_log.count;
	c->real_passed = c->real_log.count;
	for (unsigned i = 0; i < c->bare->isa->ndevices; i++) {
		size_t n = c->bare->device[i]->class->nvars, same, other;

		memcpy(vars, c->bare->device[i]->var, n * sizeof *vars);
		memcpy(vars + n, c->virtual->device[i]->var, n * sizeof *vars);
		vars += 2 * n;
		if (!is_class(c->bare->device[i], "console"))
			continue;
		console_printed(c->bare->device[i], &same);
		console_printed(c->virtual->device[i], &other);
		c->printed[i] = same < other ? same : other;
	}
}
