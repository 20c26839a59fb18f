/*
 * Snapshots and replay: see vmm/history.h.  A snapshot costs as much as the storage, so there are
 * few: when there are as many as there may be, every other one goes, and from then on they are
 * taken half as often.  Going back costs one interval of running at most.
 */
#include "vmm/history.h"

#include "isa/alloc.h"
#include "vmm/past.h"
#include "vmm/private.h"

enum {
	INTERVAL = 1000000, /* steps between snapshots, at first */
	MOST = 64,	    /* snapshots */
	LEAST = 8,
};
#define MOST_BYTES (UINT64_C(256) << 20)

struct instant {
	uint64_t total;
	uint64_t *steps; /* of each machine; owned */
	bool by_hand;	 /* what was before does not lead here */
	bool between;	 /* history_divide's */
	struct snapshot *real;
	struct past *kept; /* NULL: bare */
};

struct history {
	struct view *real;	 /* the bare machine's view, or the real machine's */
	struct monitor *monitor; /* the outermost; NULL: bare */
	struct vm *const *vm;	 /* not owned */
	unsigned machines;
	unsigned count, most;
	uint64_t interval;
	struct instant *instant; /* by total; owned */
	struct instant marked;	 /* real NULL: none */
};

static struct cpu *cpu_of(const struct history *h, unsigned machine)
{
	return h->monitor ? vm_view(h->vm[machine])->cpu : h->real->cpu;
}

uint64_t history_total(const struct history *h)
{
	uint64_t total = 0;

	for (unsigned i = 0; i < h->machines; i++)
		total += cpu_of(h, i)->steps;
	return total;
}

/* ---- snapshots ---- */

static struct instant instant_now(const struct history *h)
{
	struct instant i = { .total = history_total(h),
			     .steps = xcalloc(h->machines, sizeof *i.steps),
			     .real = snapshot_take(h->real),
			     .kept = h->monitor ? past_new(h->monitor) : NULL };

	for (unsigned k = 0; k < h->machines; k++)
		i.steps[k] = cpu_of(h, k)->steps;
	return i;
}

static void drop(struct instant *i)
{
	past_free(i->kept);
	snapshot_free(i->real);
	free(i->steps);
	*i = (struct instant){ .real = NULL };
}

static void restore(struct history *h, const struct instant *to)
{
	snapshot_restore(h->real, to->real);
	if (to->kept)
		past_restore(to->kept);
}

static void drop_from(struct history *h, unsigned i)
{
	while (h->count > i)
		drop(&h->instant[--h->count]);
}

void history_join(struct history *h)
{
	unsigned left = 0;

	for (unsigned i = 0; i < h->count; i++) {
		if (h->instant[i].between)
			drop(&h->instant[i]);
		else
			h->instant[left++] = h->instant[i];
	}
	h->count = left;
}

/* Every other one goes, but the first and those that nothing else leads to. */
static void thin(struct history *h)
{
	unsigned left = 0;

	for (unsigned i = 0; i < h->count; i++) {
		if (i % 2 && !h->instant[i].by_hand)
			drop(&h->instant[i]);
		else
			h->instant[left++] = h->instant[i];
	}
	h->count = left;
	h->interval *= 2;
}

/* At its place among the others. */
static void insert(struct history *h, unsigned at, struct instant i)
{
	h->instant = xrealloc(h->instant, (h->count + 1) * sizeof *h->instant);
	memmove(&h->instant[at + 1], &h->instant[at], (h->count - at) * sizeof *h->instant);
	h->instant[at] = i;
	h->count++;
}

static void take(struct history *h, bool by_hand)
{
	struct instant i = instant_now(h);

	if (h->count >= h->most)
		thin(h);
	i.by_hand = by_hand;
	insert(h, h->count, i);
}

struct history *history_new(struct view *bare, struct vm *const *vm, unsigned count)
{
	struct history *h = xcalloc(1, sizeof *h);
	uint64_t bytes, most;

	h->monitor = bare ? NULL : outermost(vm_monitor(vm[0]));
	h->real = bare ? bare : &monitor_machine(h->monitor)->view[0];
	h->vm = vm;
	h->machines = bare ? 1 : count;
	h->interval = INTERVAL;
	bytes = h->real->window.size * h->real->window.storage->cell_size;
	most = MOST_BYTES / (bytes ? bytes : 1);
	h->most = most < LEAST ? LEAST : most > MOST ? MOST : (unsigned)most;
	take(h, true);
	return h;
}

void history_free(struct history *h)
{
	if (!h)
		return;
	history_forget(h);
	drop_from(h, 0);
	free(h->instant);
	free(h);
}

void history_resume(struct history *h)
{
	uint64_t now = history_total(h);

	history_join(h);
	for (unsigned i = 1; i < h->count; i++)
		if (h->instant[i].by_hand && h->instant[i].total > now) {
			drop_from(h, i);
			return;
		}
}

void history_note(struct history *h)
{
	uint64_t now = history_total(h), last = h->instant[h->count - 1].total;

	if (now > last && now - last >= h->interval)
		take(h, false);
}

void history_changed(struct history *h)
{
	uint64_t now = history_total(h);
	unsigned i = 0;

	while (i < h->count && h->instant[i].total < now)
		i++;
	drop_from(h, i);
	take(h, true);
}

void history_mark(struct history *h)
{
	history_forget(h);
	h->marked = instant_now(h);
}

void history_return(struct history *h)
{
	restore(h, &h->marked);
}

void history_forget(struct history *h)
{
	drop(&h->marked);
}

unsigned history_count(const struct history *h)
{
	return h->count;
}

uint64_t history_at(const struct history *h, unsigned i)
{
	return h->instant[i].total;
}

/* ---- going there ---- */

void history_restore(struct history *h, unsigned i)
{
	restore(h, &h->instant[i]);
}

enum { ALL = -1 };

static uint64_t done(const struct history *h, int machine)
{
	return machine == ALL ? history_total(h) : cpu_of(h, (unsigned)machine)->steps;
}

/* At most n steps; false: it cannot go on by itself.  Stops are passed. */
static bool run_some(struct history *h, int machine, uint64_t n)
{
	enum monitor_event event;
	enum event bare;

	if (!h->monitor) {
		bare = view_run(h->real, n).event;
		return bare == EVENT_STEPS || bare == EVENT_BREAK || bare == EVENT_WATCH;
	}
	if (machine == ALL)
		event = monitor_run(h->monitor, n);
	else
		monitor_run_vm(vm_monitor(h->vm[machine]), h->vm[machine], n, &event);
	return event == MONITOR_STEPS || event == MONITOR_BREAK || event == MONITOR_WATCH;
}

/* Until a machine, or all of them, has done so many. */
static bool run_to(struct history *h, int machine, uint64_t end)
{
	bool goes_on = true;

	while (goes_on && done(h, machine) < end)
		goes_on = run_some(h, machine, end - done(h, machine));
	return done(h, machine) >= end;
}

bool history_go(struct history *h, unsigned machine, uint64_t steps)
{
	unsigned i = h->count;

	while (i > 0 && h->instant[i - 1].steps[machine] > steps)
		i--;
	if (i == 0)
		return false;
	history_restore(h, i - 1);
	return run_to(h, (int)machine, steps);
}

bool history_go_total(struct history *h, uint64_t total)
{
	unsigned i = h->count;

	while (i > 0 && h->instant[i - 1].total > total)
		i--;
	if (i == 0)
		return false;
	history_restore(h, i - 1);
	return run_to(h, ALL, total);
}

unsigned history_divide(struct history *h, unsigned i, uint64_t end)
{
	unsigned parts = h->most / 2, made = 0;
	uint64_t start = h->instant[i].total, length = (end - start) / parts;

	history_join(h);
	restore(h, &h->instant[i]);
	while (length && made + 1 < parts && run_to(h, ALL, start + (made + 1) * length)) {
		struct instant between = instant_now(h);

		between.between = true;
		insert(h, i + ++made, between);
	}
	return made;
}
