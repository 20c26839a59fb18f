/*
 * What a hosted monitor may do to its machine: the fixed list of operations of
 * DESIGN section 5.  The monitor acts on it through nothing else, so whatever
 * offers them can carry a monitor: the real machine does, and a virtual machine
 * can (Popek and Goldberg's Theorem 2, 1974, section 7).
 *
 *   load and save   registers, and the stream of unspecified values
 *   run             at most n instructions: the timer that gives the machine back; and, where the
 *                   machine offers it, on the guest's registers where they are, in place of
 *                   loading and saving them
 *   storage         windows onto it, to read, to write and to give away
 *
 * There is no device among them: guests have virtual devices (vmm/allocator.c),
 * which reach the host by the callbacks of their classes.
 */
#ifndef VMM_CONTROL_H
#define VMM_CONTROL_H

#include "machine/machine.h"

struct control {
	struct view *view; /* of the machine's processor; a control program is resident */
	struct outcome (*run)(void *owner, uint64_t n);
	/* NULL: it is not offered */
	bool (*run_on)(void *owner, struct cpu *guest, uint64_t n, struct outcome *);
	void *owner;
};

/* The operations of a real machine, on its first processor; a monitor is resident from now on. */
struct control control_of_machine(struct machine *);

/* Registers: `count` slots of the state vector from `slot`. */
void control_load(const struct control *, unsigned slot, unsigned count, const uint64_t *from);
void control_save(const struct control *, unsigned slot, unsigned count, uint64_t *to);

/* The stream of unspecified values: it belongs to whoever runs. */
void control_load_stream(const struct control *, uint64_t stream);
uint64_t control_save_stream(const struct control *);

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

/* Was the run asked to end from outside? */
bool control_stopped(const struct control *);

#endif
