/* The operations through which a monitor acts on its machine; the real one does them here. */
#include "vmm/control.h"

#include <assert.h>
#include <string.h>

const char *operation_name(enum operation operation)
{
	static const char *const names[] = {
#define X(id, name) [id] = name,
		CONTROL_OPERATIONS(X)
#undef X
	};
	return names[operation];
}

struct control control_of_machine(struct machine *machine, uint64_t *done)
{
	struct view *view = &machine->view[0];

	view->resident = view->deprivileged = true;
	return (struct control){ .view = view, .registers = view->cpu, .done = done };
}

void control_fini(struct control *c)
{
	if (c->request)
		cpu_free(c->registers);
}

/* Counts an operation.  Is it done here?  Else it is to be requested of the dispatcher below. */
static bool here(const struct control *c, enum operation operation)
{
	c->done[operation]++;
	return !c->request;
}

static void request_registers(const struct control *c, enum operation operation)
{
	struct request r = { operation, .registers = c->registers };

	c->request(c->owner, &r);
}

/* ---- registers ---- */

void control_put_stream(const struct control *c, uint64_t stream)
{
	c->registers->unspecified = stream;
}

void control_load(const struct control *c)
{
	if (!here(c, OPERATION_LOAD))
		request_registers(c, OPERATION_LOAD);
}

void control_save(const struct control *c)
{
	if (!here(c, OPERATION_SAVE))
		request_registers(c, OPERATION_SAVE);
}

void control_take(const struct control *c, unsigned slot, unsigned n, uint64_t *to)
{
	memcpy(to, c->registers->state + slot, n * sizeof *to);
}

uint64_t control_take_stream(const struct control *c)
{
	return c->registers->unspecified;
}

/* ---- run ---- */

static struct outcome request_run(const struct control *c, uint64_t n)
{
	struct request r = { OPERATION_RUN, .n = n };

	c->request(c->owner, &r);
	return r.outcome;
}

struct outcome control_run(const struct control *c, uint64_t n, struct stops *stops)
{
	struct stops *own = c->view->stops;
	struct outcome o;

	c->view->stops = stops;
	o = here(c, OPERATION_RUN) ? view_run(c->view, n) : request_run(c, n);
	c->view->stops = own;
	return o;
}

bool control_share(const struct control *c, const bool *shared)
{
	return !c->request && view_share(c->view, shared);
}

bool control_run_on(const struct control *c, struct cpu *guest, uint64_t n, struct stops *stops,
		    struct outcome *o)
{
	struct stops *own = c->view->stops;
	bool done;

	assert(!c->request);
	c->view->stops = stops;
	done = view_run_on(c->view, guest, n, o);
	c->view->stops = own;
	c->done[OPERATION_RUN_ON] += done;
	return done;
}

/* ---- storage ---- */

static struct window request_window(const struct control *c, uint64_t base, uint64_t size)
{
	struct request r = { OPERATION_WINDOW, .base = base, .size = size };

	c->request(c->owner, &r);
	return r.window;
}

struct window control_window(const struct control *c, uint64_t base, uint64_t size)
{
	struct window whole = c->view->window;

	assert(base <= whole.size && size <= whole.size - base);
	if (!here(c, OPERATION_WINDOW))
		return request_window(c, base, size);
	return (struct window){ .storage = whole.storage, .base = whole.base + base, .size = size };
}

uint64_t control_size(const struct control *c)
{
	return c->view->window.size;
}

static void request_storage(const struct control *c, struct window window)
{
	struct request r = { OPERATION_STORAGE, .window = window };

	c->request(c->owner, &r);
}

void control_storage(const struct control *c, const struct window *window)
{
	if (!here(c, OPERATION_STORAGE))
		request_storage(c, *window);
}
