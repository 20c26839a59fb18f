/*
 * What a hosted monitor may do to its machine: the fixed list of operations of
 * DESIGN section 5.  The monitor acts on it through nothing else, so whatever
 * offers them can carry a monitor: the real machine does, and a virtual machine
 * can (Popek and Goldberg's Theorem 2, 1974, section 7).
 *
 *   load and save   all registers, and the stream of unspecified values
 *   run             at most n instructions: the timer that gives the machine back; and, where the
 *                   machine offers it, on the guest's registers where they are, in place of
 *                   loading and saving them
 *   window          onto its storage, to give away
 *   storage         read and written through such a window, by one instruction or trap that the
 *                   monitor performs itself, or by a stretch of instructions that it interprets
 *
 * There is no device among them: guests have virtual devices (vmm/allocator.c),
 * which reach the host by the callbacks of their classes.
 *
 * Each is counted.  The real machine does it at once; on a virtual one it is a request to the
 * dispatcher of the monitor that offers that machine (vmm/hosted.c).
 */
#ifndef VMM_CONTROL_H
#define VMM_CONTROL_H

#include "machine/machine.h"

#define CONTROL_OPERATIONS(X)                                                                      \
	X(OPERATION_LOAD, "load")                                                                  \
	X(OPERATION_SAVE, "save")                                                                  \
	X(OPERATION_RUN, "run")                                                                    \
	X(OPERATION_RUN_ON, "run in place") /* on the guest's own registers */                     \
	X(OPERATION_WINDOW, "window")                                                              \
	X(OPERATION_STORAGE, "storage")

enum operation {
#define X(id, name) id,
	CONTROL_OPERATIONS(X)
#undef X
		OPERATIONS
};
const char *operation_name(enum operation);

/* An operation on a virtual machine, for the dispatcher below. */
struct request {
	enum operation operation;
	struct cpu *registers;	/* load and save: all of them, and the stream */
	uint64_t n;		/* run: instructions, at most; not to be 0 */
	struct outcome outcome; /* its answer */
	struct window window;	/* storage: which; window: the answer */
	uint64_t base, size;	/* window: which units of the machine's storage */
};

struct control {
	struct view *view;     /* of the machine's processor; a control program is resident */
	struct cpu *registers; /* what is loaded, or was saved: the processor itself where that is
				  real; else to be freed by control_fini */
	void (*request)(void *owner, struct request *); /* NULL: the machine is real */
	void *owner;
	uint64_t *done; /* how often, by operation; not owned */
};

/* The operations of a real machine, on its first processor; a monitor is resident from now on. */
struct control control_of_machine(struct machine *, uint64_t *done);
void control_fini(struct control *);

/*
 * To load: stretches of `count` slots of the state vector from `slot`, and the stream of
 * unspecified values, which belongs to whoever runs, are put in place; then the operation is done.
 * On a virtual machine all registers must have been put.
 */
static inline void control_put(const struct control *c, unsigned slot, unsigned count,
			       const uint64_t *from)
{
	for (unsigned i = 0; i < count; i++) /* they are few, most often */
		c->registers->state[slot + i] = from[i];
}
void control_put_stream(const struct control *, uint64_t stream);
void control_load(const struct control *);

/* To save is the operation, after which such stretches, and the stream, can be taken. */
void control_save(const struct control *);
void control_take(const struct control *, unsigned slot, unsigned count, uint64_t *to);
uint64_t control_take_stream(const struct control *);

/*
 * Runs from the state that was loaded, until a trap or for n instructions; or to one of the stops,
 * NULL: none, of whom it is loaded for.
 */
struct outcome control_run(const struct control *, uint64_t n, struct stops *);

/* Which registers, by slot, are a guest's when it runs on its own; false: that is not offered. */
bool control_share(const struct control *, const bool *shared);
/* The same on a guest's own registers, the others being loaded.  False: nothing could be run so. */
bool control_run_on(const struct control *, struct cpu *guest, uint64_t n, struct stops *,
		    struct outcome *);

/* The units [base, base + size) of its storage; base + size <= control_size. */
struct window control_window(const struct control *, uint64_t base, uint64_t size);
uint64_t control_size(const struct control *);
/* What the monitor performs next reads and writes storage through the window. */
void control_storage(const struct control *, const struct window *);

/* Was the run asked to end from outside? */
static inline bool control_stopped(const struct control *c)
{
	return c->view->stop && *c->view->stop;
}

#endif
