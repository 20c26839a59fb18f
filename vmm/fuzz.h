/*
 * Random guests against a monitor: guests for any instruction set, made from its
 * formats, run bare and under monitors, compared (vmm/equiv.h), and made small when
 * the two differ.
 *
 * A campaign is numbered: guest n of seed s is always the same, wherever it is
 * run, so that a campaign can be split and its parts put together again.
 */
#ifndef VMM_FUZZ_H
#define VMM_FUZZ_H

#include "isa/image.h"
#include "machine/translator.h"
#include "vmm/equiv.h"

enum { FUZZ_NEIGHBOURS = 2, FUZZ_INPUT = 8, FUZZ_BELOW = 7 };

struct fuzz_options {
	const struct isa *isa;
	const struct isa_map *map; /* as in monitor_options */
	unsigned kinds;		   /* bits 1 << monitor_kind; 0: all */
	enum fault fault;
	unsigned below; /* monitors below the one that is tried, at most FUZZ_BELOW; see monitor_on
			 */
	struct engine_choice engine;
	uint64_t seed;
	uint64_t first, count;		   /* guests first .. first + count - 1 */
	uint64_t max_steps;		   /* of each guest; 0: 1000 */
	uint64_t enough;		   /* stop after so many failing guests; 0: never */
	const volatile sig_atomic_t *stop; /* stops soon after this becomes nonzero; or NULL */
};

/* How a run is set up, besides its guests. */
struct fuzz_setting {
	enum monitor_kind kind;
	uint64_t quantum, reserve, slice, steps;
	uint64_t seed;	     /* of unspecified values and of the monitor's own */
	unsigned neighbours; /* at most FUZZ_NEIGHBOURS */
	unsigned below;	     /* monitors; their kinds, outermost first */
	enum monitor_kind outer[FUZZ_BELOW];
	unsigned outwards[FUZZ_NEIGHBOURS]; /* of each, by how many monitors from the innermost */
	bool collapsed;
};

/* A guest, or a neighbour, of a failing run. */
struct fuzz_program {
	uint64_t size;			 /* of its storage, units */
	struct image *image;		 /* deposits included, P among them; owned */
	unsigned char input[FUZZ_INPUT]; /* of its console */
	unsigned input_count;
};

struct fuzz_failure {
	uint64_t number; /* of the guest in its campaign */
	struct fuzz_setting setting;
	struct fuzz_program guest, neighbour[FUZZ_NEIGHBOURS];
	unsigned instructions;	 /* different ones that ran up to the difference */
	struct difference cause; /* not found: only resource control was violated */
	char violation[128];	 /* "" if it was not */
};

struct fuzz_result {
	uint64_t guests;   /* tried */
	uint64_t runs;	   /* comparisons: one for each guest and monitor */
	uint64_t steps;	   /* compared in all */
	uint64_t ended;	   /* guests that came to an end by themselves */
	uint64_t failures; /* runs that differed, or violated resource control */
	bool stopped;	   /* before the last guest: enough failures, or options.stop */
};

struct fuzz_callbacks {
	/* The failure is borrowed. */
	void (*failed)(void *context, const struct fuzz_failure *);
	/* After each guest; or NULL. */
	void (*progress)(void *context, const struct fuzz_result *);
	void *context;
};

/* False, with a reason, if machine or monitor cannot be made at all. */
bool fuzz_run(const struct fuzz_options *, const struct fuzz_callbacks *, struct fuzz_result *,
	      char *reason, size_t reason_size);

#endif
