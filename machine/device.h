/*
 * Devices: what `device CON : console(line = 0)` names.
 *
 * A class is written in C, in machine/devices/; a description sees only in, out,
 * line and wait.  Every owner, the real machine and each virtual machine, has
 * devices of its own, and a device's time is its owner's time.
 *
 * All that a program could ever observe of a device is in its variables, a
 * vector of words that the class names: they are shown in the state table,
 * snapshotted and compared.  What lies behind (the text that comes in, the text
 * that went out, the drum's blocks) is reached by the class's own functions.
 */
#ifndef MACHINE_DEVICE_H
#define MACHINE_DEVICE_H

#include "isa/isa.h"
#include "machine/storage.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#define NEVER UINT64_MAX /* a time that does not come */

struct device;

/* An access of a program. */
struct device_access {
	uint64_t at; /* the register; of a class that has `access`, the unit */
	unsigned units;
	bool write;
};

struct device_class {
	const char *name;
	unsigned nvars;
	const char *const *var_name;
	/* The parameters that a declaration may give besides line; NULL-terminated. */
	const char *const *param_name;
	size_t size; /* of the class's struct, which begins with struct device */

	/* Sets up a zeroed device; false with a reason if the declaration is wrong. */
	bool (*init)(struct device *, char *reason, size_t reason_size);
	/* Wires it to its owner's other devices, once all are there; NULL: it is by itself. */
	void (*connect)(struct device *, struct device *const *all, unsigned n);
	void (*fini)(struct device *);

	/* A program's access, at the owner's present time (advance was called). */
	uint64_t (*read)(struct device *, uint64_t reg);
	void (*write)(struct device *, uint64_t reg, uint64_t value);

	/*
	 * The same at a place (machine/mapped.h) for classes to which it matters which units are
	 * accessed: n units from `unit` of the device on, the first one lowest in *value.  False:
	 * nothing answers there, as where there is no storage.  NULL: read and write do.
	 */
	bool (*access)(struct device *, uint64_t unit, unsigned n, bool write, uint64_t *value);

	/*
	 * Until when an access that comes now would do the same if it came later instead, the
	 * device being told the time and otherwise left alone: it reads the same, it leaves the
	 * variables that time changes by themselves as it would have left them now, and it does
	 * nothing that is seen elsewhere.  NEVER: always; `now`: nobody knows.  Up to next_event,
	 * which says more.  NULL: nobody knows, of any.
	 */
	uint64_t (*steady)(const struct device *, const struct device_access *, uint64_t now);

	/* Lets time pass up to now; transfers due by then are made. */
	void (*advance)(struct device *, uint64_t now);
	/* The next time at which the device changes by itself, NEVER if none is known. */
	uint64_t (*next_event)(const struct device *);
	/* Do variables change at other times, too, such that a program cannot tell? */
	bool drifts;
	/* Is the interrupt line asserted? */
	bool (*line)(const struct device *);
	/* Has it been told to end the run, and with what status?  Asked when it was written to, at
	 * an instruction that completes; NULL: it cannot be. */
	bool (*off)(const struct device *, uint64_t *status);

	/* What snapshot must keep besides the variables; NULL: nothing. */
	void *(*save)(const struct device *);          /* to free with forget */
	void (*restore)(struct device *, const void *saved);
	void (*forget)(void *saved);

	/* Do the two look the same to a program, the variables apart?  NULL: always. */
	bool (*same)(const struct device *, const struct device *);
};

struct device {
	const struct device_class *class;
	const struct isa_device *decl;
	struct window window; /* its owner's storage, for transfers */
	uint64_t word_mask;   /* all ones in a word of the machine */
	unsigned word_units;  /* addressable units of a word */
	bool big_endian;      /* a word's high part is stored first */
	uint64_t *var;        /* class->nvars words; owned */
};

/* The class of that name, NULL if there is none; and all of them, for messages. */
const struct device_class *device_class_named(const char *name);
extern const struct device_class *const device_classes[]; /* NULL-terminated */

/* A device as declared, for an owner with this storage; NULL with a reason. */
struct device *device_new(const struct isa *, const struct isa_device *, struct window,
			  char *reason, size_t reason_size);
void device_free(struct device *);
/* A parameter of its declaration, or what holds when it is not given. */
uint64_t device_param(const struct device *, const char *name, uint64_t otherwise);

/* ---- the console: machine/devices/console.c ---- */

/*
 * Registers   0  data    read: the next input byte (0 if none); write: print a byte
 *             1  status  bit 0: input ready; bit 1: output ready; bit 2: end of input
 *             2  control bit 0: interrupt when input is ready (or has ended);
 *                        bit 1: interrupt when output is ready
 *             3  printer bit 1: output ready, as in status, for programs that only print
 *                        (read only)
 * A printed byte keeps the output busy for `delay` units of time (parameter; default 4).
 * Bytes written while it is busy are lost.  Input bytes arrive at least `delay` apart.
 */

/*
 * Input that is all there: bytes are copied; each arrives `delay` units after the
 * one before it was read.  The end of it is the end of input.
 */
void console_give(struct device *, const char *bytes, size_t count);
/*
 * The same, of input that need not be all there: byte(context, n) gives the n-th byte, 0 to
 * 255, CONSOLE_END after the last one, or CONSOLE_UNKNOWN, and is asked again.  It is called
 * only once a program can tell whether there is a byte: when it reads data or status, or lets
 * input interrupt.  What it does, and when, is the same as if all had been given.  There must
 * be no other input.
 */
enum { CONSOLE_END = -1, CONSOLE_UNKNOWN = -2 };
void console_ask(struct device *, int (*byte)(void *context, size_t n), void *context);
/*
 * Live input: a byte, or the end of input, arrives now (the owner's time); it is
 * recorded with its time.  A console that is live never ends by itself.
 */
void console_live(struct device *);
void console_type(struct device *, uint64_t now, int byte_or_minus_1);
/* Recorded input: each line "time byte" (decimal; byte -1: end).  False with a reason: nothing is given. */
bool console_load_record(struct device *, FILE *, char *reason, size_t reason_size);
/* So that it replays: the bytes that were asked for so far; the end of what was given. */
void console_save_record(const struct device *, FILE *);

/* Where printed bytes go besides the console's own record: a call for each; NULL: nowhere. */
void console_on_output(struct device *, void (*byte)(void *context, int byte), void *context);
/* All that was printed; borrowed until the console changes. */
const char *console_printed(const struct device *, size_t *count);

/*
 * For a device that is wired to it and has it print: is there a byte to be read, and is the printer
 * ready?  Input is asked for only when data or status is read or input may interrupt.
 */
enum { CONSOLE_DATA, CONSOLE_STATUS, CONSOLE_CONTROL, CONSOLE_PRINTER };
enum { CONSOLE_IRQ_INPUT = 1, CONSOLE_IRQ_OUTPUT = 2 };
bool console_has_input(const struct device *);
bool console_is_ready(const struct device *);

/* ---- the drum: machine/devices/drum.c ---- */

/*
 * Registers   0  command  1: read blocks into storage, 2: write blocks to the drum
 *                         (anything else is ignored); starts the transfer
 *             1  status   bit 0: busy; bit 1: done (cleared by reading); bit 2: failed
 *             2  control  bit 0: interrupt when done
 *             3  block    first block
 *             4  address  in storage, units of the owner
 *             5  count    blocks
 *             6  size     of the drum in blocks (read only)
 * A transfer of n blocks takes n * delay units of time (parameters: block = 64 words,
 * blocks = 64, delay = 100); n counts no further than the drum.  It happens at the end of
 * that time, whole or, if it does not fit into the drum or the storage, not at all: then
 * failed is set with done, until the next command.  While busy, only control is written.
 */

/* Uses a file as the drum's blocks, little-endian words of 4 or 8 bytes as the word needs;
 * a shorter file is filled up with zeros.  Written blocks reach it by drum_flush or
 * device_free.  False with a reason if it cannot be opened for reading (and writing,
 * unless read_only: then writing blocks fails as a full drum would), is no regular file, or
 * is being written by another drum. */
bool drum_attach(struct device *, const char *path, bool read_only, char *reason, size_t);
bool drum_flush(struct device *, char *reason, size_t reason_size);
/* The blocks' words, for tests and comparison; borrowed. */
const uint64_t *drum_words(const struct device *, size_t *count);

/* ---- the power switch: machine/devices/power.c ---- */

/*
 * Register    0  status   write: the run ends, as by `halt`, with that status; read: 0
 */

#endif
