/* The operations through which a monitor acts on its machine, as a real machine offers them. */
#include "vmm/control.h"

#include <assert.h>
#include <string.h>

static struct outcome machine_run(void *owner, uint64_t n)
{
	return view_run(owner, n);
}

static bool machine_run_on(void *owner, struct cpu *guest, uint64_t n, struct outcome *o)
{
	return view_run_on(owner, guest, n, o);
}

struct control control_of_machine(struct machine *machine)
{
	struct view *view = &machine->view[0];

	view->resident = view->deprivileged = true;
	return (struct control){
		.view = view, .run = machine_run, .run_on = machine_run_on, .owner = view
	};
}

void control_load(const struct control *c, unsigned slot, unsigned count, const uint64_t *from)
{
	for (unsigned i = 0; i < count; i++) /* they are few, most often */
		c->view->cpu->state[slot + i] = from[i];
}

void control_save(const struct control *c, unsigned slot, unsigned count, uint64_t *to)
{
	memcpy(to, c->view->cpu->state + slot, count * sizeof *to);
}

void control_load_stream(const struct control *c, uint64_t stream)
{
	c->view->cpu->unspecified = stream;
}

uint64_t control_save_stream(const struct control *c)
{
	return c->view->cpu->unspecified;
}

struct outcome control_run(const struct control *c, uint64_t n, struct stops *stops)
{
	struct stops *own = c->view->stops;
	struct outcome o;

	c->view->stops = stops;
	o = c->run(c->owner, n);
	c->view->stops = own;
	return o;
}

bool control_share(const struct control *c, const bool *shared)
{
	return c->run_on && view_share(c->view, shared);
}

bool control_run_on(const struct control *c, struct cpu *guest, uint64_t n, struct stops *stops,
		    struct outcome *o)
{
	struct stops *own = c->view->stops;
	bool done;

	c->view->stops = stops;
	done = c->run_on(c->owner, guest, n, o);
	c->view->stops = own;
	return done;
}

struct window control_window(const struct control *c, uint64_t base, uint64_t size)
{
	struct window whole = c->view->window;

	assert(base <= whole.size && size <= whole.size - base);
	return (struct window){ .storage = whole.storage, .base = whole.base + base, .size = size };
}

uint64_t control_size(const struct control *c)
{
	return c->view->window.size;
}

bool control_stopped(const struct control *c)
{
	return c->view->stop && *c->view->stop;
}
