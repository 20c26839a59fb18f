/*
 * Snapshots for bisection: the bare machine, the monitor's, and everything that the
 * monitor, those below it, and others on these, know (vmm/past.c).
 */
#include "vmm/rewind.h"

#include "isa/alloc.h"
#include "vmm/past.h"
#include "vmm/private.h"

struct rewind {
	struct view *bare;
	struct view *real; /* of the real machine */
	struct comparison *comparison;
	struct storage *bare_storage, *real_storage;  /* copies */
	struct snapshot *bare_state;		      /* registers, clock and devices */
	struct past *kept;			      /* the same of the real one, and all monitors */
	struct translator *bare_engine, *real_engine; /* NULL: the oracle */
};

static void copy_logged(struct storage *to, const struct storage *from, const struct write_log *log)
{
	struct write_log *outer = to->log;

	to->log = NULL; /* what is copied is not written */
	for (size_t i = 0; i < log->count; i++)
		storage_put(to, log->address[i], storage_get(from, log->address[i]));
	to->log = outer;
}

static struct storage *copy_of(const struct storage *s)
{
	struct storage *copy = must(storage_new(s->size, s->unit));

	memcpy(copy->cell, s->cell, s->size * s->cell_size);
	return copy;
}

struct rewind *rewind_new(struct view *bare, struct monitor *m, struct comparison *comparison)
{
	struct rewind *r = xcalloc(1, sizeof *r);

	r->bare = bare;
	r->real = &m->machine->view[0];
	r->comparison = comparison;
	r->bare_engine = bare->translator;
	r->real_engine = r->real->translator;
	r->bare_storage = copy_of(bare->window.storage);
	r->real_storage = copy_of(r->real->window.storage);
	r->kept = past_new(m);
	rewind_mark(r);
	return r;
}

void rewind_free(struct rewind *r)
{
	if (!r)
		return;
	snapshot_free(r->bare_state);
	past_free(r->kept);
	storage_free(r->bare_storage);
	storage_free(r->real_storage);
	free(r);
}

void rewind_mark(struct rewind *r)
{
	copy_logged(r->bare_storage, r->bare->window.storage, compare_bare_log(r->comparison));
	copy_logged(r->real_storage, r->real->window.storage, compare_real_log(r->comparison));
	compare_forget(r->comparison);
	snapshot_free(r->bare_state);
	r->bare_state = past_registers(r->bare);
	past_take(r->kept);
}

void rewind_on_oracle(struct rewind *r, bool oracle)
{
	r->bare->translator = oracle ? NULL : r->bare_engine;
	past_run_by(r->kept, oracle ? NULL : r->real_engine);
}

void rewind_back(struct rewind *r)
{
	rewind_on_oracle(r, false);
	copy_logged(r->bare->window.storage, r->bare_storage, compare_bare_log(r->comparison));
	copy_logged(r->real->window.storage, r->real_storage, compare_real_log(r->comparison));
	past_put_registers(r->bare, r->bare_state);
	past_restore(r->kept);
	compare_forget(r->comparison);
}
