/*
 * Equivalence through a tower of self-hosted monitors (vmm/tower.h).
 *
 * The real machine is in user mode exactly when it runs some virtual machine directly.  It is the
 * innermost one if each level's monitor has given its machine to the one that leads inwards, and
 * each machine on the way is itself in virtual user mode: if not, it is its monitor that runs.
 *
 * What the real machine holds then are the visible registers.  Control state is in the innermost
 * block; but time, and what depends on it, is there as of when the innermost monitor last gave
 * its machine away.  If an outer monitor interrupted since, that is not now, and these are not
 * compared.
 */
#include "vmm/tower.h"

#include "isa/alloc.h"
#include "isa/tree.h"

#include <inttypes.h>

enum { DEFAULT_LIMIT = 100000000, DEFAULT_PATIENCE = 1000000000, CHUNK = 1 << 20 };

struct tower {
	struct view *bare, *real;
	const struct tower_level *level;
	unsigned nlevels;
	struct tower_options options;
	struct table *table;
	struct device *console; /* the bare machine's; NULL: it has none */
	struct view shadow;	/* a machine on the way, as its block has it */
	bool fresh;		/* the innermost monitor has run since the innermost machine did */
	uint64_t compared;	/* steps of the innermost machine when they were compared last */
	struct write_log bare_log, real_log;
	struct write_log *outer_bare, *outer_real;
	struct difference here;
	struct tower_run run;
};

/* ---- what stands in blocks ---- */

static struct window whole(const struct tower *t)
{
	return t->real->window;
}

static uint64_t word_at(const struct window *w, uint64_t address)
{
	uint64_t value = 0;

	window_get(w, address, &value);
	return value;
}

/* The storage of the machine that leads inwards; false: the monitor has not given it any. */
static bool inwards(const struct tower_level *l, struct window *w)
{
	uint64_t base = word_at(w, l->machine + l->base), size = word_at(w, l->machine + l->size);

	if (base == 0 || base > w->size || size > w->size - base)
		return false;
	w->base += base;
	w->size = size;
	return true;
}

static bool as_it_is(const struct isa_reg *r)
{
	return r->class == CLASS_VISIBLE || r->role == ROLE_PC;
}

/* Is the machine of a level, whose monitor's storage is w, in virtual user mode? */
static bool in_user_mode(const struct tower *t, const struct tower_level *l, const struct window *w)
{
	for (unsigned i = 0; i < table_size(t->table); i++) {
		const struct table_entry *e = table_entry(t->table, i);

		if (e->reg && l->field[i] != TOWER_NOWHERE)
			t->shadow.cpu->state[e->slot] =
				word_at(w, l->machine + (uint64_t)l->field[i]);
	}
	return view_user(&t->shadow);
}

/* ---- who runs ---- */

enum who { WHO_OTHER, WHO_INNERMOST_MONITOR, WHO_INNERMOST };

/* Of a real machine in user mode. */
static enum who who_runs(const struct tower *t)
{
	struct window w = whole(t);

	for (unsigned i = 0; i < t->nlevels; i++) {
		const struct tower_level *l = &t->level[i];

		if (word_at(&w, l->running) != l->machine)
			return WHO_OTHER;
		if (i + 1 == t->nlevels)
			break;
		if (!in_user_mode(t, l, &w))
			return i + 2 == t->nlevels ? WHO_INNERMOST_MONITOR : WHO_OTHER;
		if (!inwards(l, &w))
			return WHO_OTHER;
	}
	return WHO_INNERMOST;
}

/* ---- comparing ---- */

static void __attribute__((format(printf, 5, 6)))
note(struct tower *t, enum depth depth, uint64_t bare, uint64_t virtual, const char *format, ...)
{
	struct difference d = t->here;
	va_list args;

	if (t->run.result.at[DEPTH_CAUSE].found)
		return;
	d.found = true;
	d.step = t->run.result.steps;
	d.bare = bare;
	d.virtual = virtual;
	va_start(args, format);
	vsnprintf(d.what, sizeof d.what, format, args);
	va_end(args);
	t->run.result.at[DEPTH_CAUSE] = d;
	t->run.result.at[depth] = d;
}

/* Does time change it, by itself? */
static bool timed(const struct isa *isa, const struct table_entry *e)
{
	if (!e->reg)
		return true;
	return (isa->tick && code_writes(isa->tick, e->reg)) ||
	       (isa->skip && code_writes(isa->skip, e->reg));
}

/* One entry of the state table; `over`: the tower has stopped, and all is in the block. */
static void compare_entry(struct tower *t, unsigned i, const struct window *w, bool over)
{
	const struct tower_level *l = &t->level[t->nlevels - 1];
	const struct table_entry *e = table_entry(t->table, i);
	uint64_t bare = table_examine(t->bare, e) & isa_mask(t->bare->isa->word), virtual;
	bool direct = e->reg && as_it_is(e->reg) && !over;

	if (!direct &&
	    (l->field[i] == TOWER_NOWHERE || (timed(t->bare->isa, e) && !t->fresh && !over)))
		return;
	virtual = direct ? table_examine(t->real, e)
			 : word_at(w, l->machine + (uint64_t)l->field[i]);
	if (bare == virtual)
		return;
	if (!t->run.result.at[DEPTH_CAUSE].found)
		t->run.by_time = timed(t->bare->isa, e);
	note(t, e->class == CLASS_VISIBLE ? DEPTH_SEEN : DEPTH_CAUSE, bare, virtual, "%s", e->name);
}

static void compare_cell(struct tower *t, const struct window *inner, uint64_t address)
{
	uint64_t bare = word_at(&t->bare->window, address), virtual = word_at(inner, address);

	if (bare != virtual)
		note(t, DEPTH_SEEN, bare, virtual, "E[%#" PRIx64 "]", address);
}

static void compare_log(struct tower *t, const struct write_log *log, uint64_t base,
			const struct window *inner)
{
	for (size_t i = 0; i < log->count; i++)
		if (log->address[i] - base < t->bare->window.size)
			compare_cell(t, inner, log->address[i] - base);
}

static void compare_storage(struct tower *t, const struct window *inner, bool everything)
{
	if (inner->size != t->bare->window.size)
		note(t, DEPTH_CAUSE, t->bare->window.size, inner->size, "size");
	for (uint64_t a = 0; everything && a < t->bare->window.size; a++)
		compare_cell(t, inner, a);
	if (!everything) {
		compare_log(t, &t->bare_log, t->bare->window.base, inner);
		compare_log(t, &t->real_log, inner->base, inner);
	}
	write_log_clear(&t->bare_log);
	write_log_clear(&t->real_log);
}

/*
 * What the innermost machine has printed, as its own monitor knows it: whoever else prints to the
 * real console is not in it.  Each byte is a trap, so after each it is compared.
 */
static void compare_printed(struct tower *t, const struct window *w)
{
	const struct tower_level *l = &t->level[t->nlevels - 1];
	const char *printed;
	size_t n;

	if (!t->console || l->printed == TOWER_NOWHERE || l->last == TOWER_NOWHERE)
		return;
	printed = console_printed(t->console, &n);
	if (word_at(w, l->machine + (uint64_t)l->printed) != n)
		note(t, DEPTH_OUTPUT, n, word_at(w, l->machine + (uint64_t)l->printed),
		     "console output, bytes");
	else if (n > 0 && word_at(w, l->machine + (uint64_t)l->last) != (uint8_t)printed[n - 1])
		note(t, DEPTH_OUTPUT, (uint8_t)printed[n - 1],
		     word_at(w, l->machine + (uint64_t)l->last), "console output, byte %zu", n - 1);
}

/* The innermost monitor's word for what its machine halted with. */
static void compare_status(struct tower *t, const struct window *w)
{
	const struct tower_level *l = &t->level[t->nlevels - 1];
	uint64_t status;

	if (t->bare->cpu->status != CPU_HALTED || l->status == TOWER_NOWHERE)
		return;
	status = word_at(w, l->machine + (uint64_t)l->status);
	if (status != t->bare->cpu->halt_status)
		note(t, DEPTH_CAUSE, t->bare->cpu->halt_status, status, "halt status");
}

/* The bare machine does as many steps as the innermost one has done. */
static void follow(struct tower *t)
{
	struct view *b = t->bare;
	uint64_t place, behind = t->run.result.steps - b->cpu->steps;

	if (behind > 1)
		view_run(b, behind - 1);
	if (behind == 0)
		return;
	t->here.p = b->cpu->state[b->isa->role[ROLE_PC]->slot];
	t->here.instruction_known =
		b->cpu->status == CPU_RUNNING && view_fetch(b, &t->here.word, &place);
	if (t->here.instruction_known)
		t->here.instr = isa_decode(b->isa, t->here.word);
	view_run(b, 1);
}

/* Finds the storage of the innermost monitor, and of its machine. */
static bool find_storage(const struct tower *t, struct window *monitor, struct window *inner)
{
	*inner = whole(t);
	for (unsigned i = 0; i < t->nlevels; i++) {
		*monitor = *inner;
		if (!inwards(&t->level[i], inner))
			return false;
	}
	return true;
}

static void compare(struct tower *t, bool over)
{
	struct window monitor, inner;

	follow(t);
	if (t->bare->cpu->steps != t->run.result.steps)
		note(t, DEPTH_CAUSE, t->bare->cpu->steps, t->run.result.steps, "steps");
	if (!find_storage(t, &monitor, &inner)) {
		note(t, DEPTH_CAUSE, 0, 0, "the storage of the machine");
		return;
	}
	for (unsigned i = 0; i < table_size(t->table); i++)
		compare_entry(t, i, &monitor, over);
	compare_printed(t, &monitor);
	if (over)
		compare_status(t, &monitor);
	compare_storage(t, &inner, over || t->run.points == 0);
	t->run.points++;
	t->run.timed += t->fresh || over;
	t->compared = t->run.result.steps;
}

/* ---- the end ---- */

static void compare_output(struct tower *t)
{
	struct device *bare = t->console;
	struct device *real = devices_find(t->real->isa, t->real->device, "console");
	const char *a, *b;
	size_t na, nb, at = 0;

	if (!bare || !real)
		return;
	a = console_printed(bare, &na);
	b = console_printed(real, &nb);
	while (at < na && at < nb && a[at] == b[at])
		at++;
	if (at < na && at < nb)
		note(t, DEPTH_OUTPUT, (unsigned char)a[at], (unsigned char)b[at],
		     "console output, byte %zu", at);
	else if (na != nb)
		note(t, DEPTH_OUTPUT, na, nb, "console output, bytes");
}

static void compare_end(struct tower *t)
{
	const struct cpu *bare = t->bare->cpu, *real = t->real->cpu;

	compare(t, true);
	t->here.instruction_known = false;
	if (bare->status != real->status)
		note(t, DEPTH_CAUSE, bare->status, real->status, "status");
	if (!t->options.alone)
		return;
	if (bare->status == CPU_HALTED && bare->halt_status != real->halt_status)
		note(t, DEPTH_CAUSE, bare->halt_status, real->halt_status, "halt status");
	compare_output(t);
}

/* ---- running ---- */

static bool stopped(const struct tower *t)
{
	return t->real->cpu->status != CPU_RUNNING || (t->real->stop && *t->real->stop);
}

/* The monitors, and other machines than the innermost one, up to the next that gets the
 * machine. */
static void run_others(struct tower *t)
{
	t->real->stops_in_user = true;
	t->run.real += view_run(t->real, CHUNK).steps;
	t->real->stops_in_user = false;
}

static void run_innermost(struct tower *t)
{
	uint64_t limit = t->options.limit;

	t->run.entries++;
	compare(t, false);
	t->fresh = false;
	while (!stopped(t) && view_user(t->real) && t->run.result.steps < limit) {
		view_step(t->real);
		t->run.real++;
		t->run.result.steps++;
	}
	if (!stopped(t) && view_user(t->real)) /* the limit; no monitor has seen this yet */
		compare(t, false);
	if (t->options.progress)
		t->options.progress(t->options.context, t->run.result.steps);
}

static bool patient(const struct tower *t, uint64_t since)
{
	return t->run.real - since < t->options.patience;
}

static bool going(const struct tower *t, uint64_t since)
{
	bool over = t->run.result.steps >= t->options.limit && t->compared == t->run.result.steps;

	return !stopped(t) && !t->run.result.at[DEPTH_CAUSE].found && !over && patient(t, since);
}

static void run(struct tower *t)
{
	uint64_t since = 0; /* real steps when the innermost machine ran last */

	while (going(t, since)) {
		enum who who = view_user(t->real) ? who_runs(t) : WHO_OTHER;

		/* the one monitor of a tower of one runs before each entry */
		t->fresh |= who == WHO_INNERMOST_MONITOR || t->nlevels == 1;
		if (who == WHO_INNERMOST) {
			run_innermost(t);
			since = t->run.real;
		} else {
			run_others(t);
		}
	}
	if (t->run.result.at[DEPTH_CAUSE].found)
		return;
	if (t->real->cpu->status != CPU_RUNNING)
		compare_end(t);
	else if (!patient(t, since) && t->fresh) /* others run on, but it does not */
		compare(t, true);
}

/* ---- the whole ---- */

static void set_up(struct tower *t)
{
	const struct isa *isa = t->bare->isa;

	if (!t->options.limit)
		t->options.limit = DEFAULT_LIMIT;
	if (!t->options.patience)
		t->options.patience = DEFAULT_PATIENCE;
	t->table = table_new(isa);
	t->console = devices_find(isa, t->bare->device, "console");
	t->shadow = (struct view){ .isa = isa,
				   .cpu = cpu_new(isa, 1),
				   .oracle = t->real->oracle,
				   .window = t->real->window,
				   .device = t->real->device };
	t->outer_bare = t->bare->window.storage->log;
	t->outer_real = t->real->window.storage->log;
	t->bare->window.storage->log = &t->bare_log;
	t->real->window.storage->log = &t->real_log;
}

static void tear_down(struct tower *t)
{
	t->bare->window.storage->log = t->outer_bare;
	t->real->window.storage->log = t->outer_real;
	write_log_free(&t->bare_log);
	write_log_free(&t->real_log);
	cpu_free(t->shadow.cpu);
	table_free(t->table);
}

struct tower_run tower_run(struct view *bare, struct view *real, const struct tower_level *level,
			   unsigned nlevels, const struct tower_options *options)
{
	struct tower t = {
		.bare = bare, .real = real, .level = level, .nlevels = nlevels, .options = *options
	};

	set_up(&t);
	run(&t);
	t.run.result.holds = !t.run.result.at[DEPTH_CAUSE].found;
	t.run.result.end = bare->cpu->status;
	t.run.result.complete = bare->cpu->status != CPU_RUNNING;
	tear_down(&t);
	return t.run;
}
