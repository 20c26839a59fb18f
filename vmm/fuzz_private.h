/*
 * What the parts of the fuzzer share:
 *
 *   fuzz_plan.c      what a description tells about guests that make sense
 *   fuzz_generate.c  a guest from a number
 *   fuzz_case.c      cases: setting up, running, comparing, as images
 *   fuzz_shrink.c    a smaller case that fails alike
 *   fuzz.c           the campaign
 */
#ifndef VMM_FUZZ_PRIVATE_H
#define VMM_FUZZ_PRIVATE_H

#include "vmm/fuzz.h"

struct fuzz_random {
	uint64_t state;
};

uint64_t fuzz_draw(struct fuzz_random *);
/* 0 .. n - 1 */
uint64_t fuzz_below(struct fuzz_random *, uint64_t n);
/* True so many times in a hundred. */
bool fuzz_chance(struct fuzz_random *, unsigned percent);

/* ---- the plan ---- */

/* Bits of a word in storage that trapseq moves into a register: part of a new PSW. */
struct fuzz_cell {
	uint64_t address;
	unsigned shift, slot;
};

/* A value that an instruction compares a field with: a port, a function code. */
struct fuzz_hint {
	unsigned instr, field;
	uint64_t value;
	unsigned open; /* bits below it that the comparison leaves open */
};

struct fuzz_plan {
	const struct isa *isa;
	struct table *table;
	unsigned word_units; /* units of a word */
	bool big;	     /* the first unit of a word is its highest */
	unsigned ncells;
	struct fuzz_cell *cell;
	uint64_t low;  /* the cells' end: where programs may begin, a multiple of a word */
	uint64_t most; /* the largest guest: two neighbours find room beside it */
	unsigned nhints;
	struct fuzz_hint *hint;
	uint64_t *reset; /* by slot: the value after a reset */
	bool *mode;	 /* by slot: tells user mode */
};

/* NULL with a reason if no machine can be made. */
struct fuzz_plan *fuzz_plan_new(const struct isa *, char *reason, size_t reason_size);
void fuzz_plan_free(struct fuzz_plan *);

/* ---- guests ---- */

struct fuzz_guest {
	uint64_t size;
	uint64_t *unit;	 /* size of them; owned */
	bool *deposited; /* by table entry; owned */
	uint64_t *value; /* likewise */
	unsigned char input[FUZZ_INPUT];
	unsigned input_count;
};

struct fuzz_case {
	struct fuzz_setting setting;
	struct fuzz_guest guest, neighbour[FUZZ_NEIGHBOURS];
};

struct fuzz_guest fuzz_guest_new(const struct fuzz_plan *, uint64_t size);
void fuzz_guest_free(struct fuzz_guest *); /* what it owns */
struct fuzz_guest fuzz_guest_copy(const struct fuzz_plan *, const struct fuzz_guest *);
struct fuzz_case fuzz_case_copy(const struct fuzz_plan *, const struct fuzz_case *);
void fuzz_case_free(struct fuzz_case *);
void fuzz_guest_put(const struct fuzz_plan *, struct fuzz_guest *, uint64_t address, uint64_t word);
uint64_t fuzz_guest_get(const struct fuzz_plan *, const struct fuzz_guest *, uint64_t address);

/* Puts it into a machine: storage, registers, input. */
void fuzz_guest_enter(const struct fuzz_plan *, const struct fuzz_guest *, struct view *);

/* Guest `number` of a campaign, with its neighbours and a setting. */
struct fuzz_case fuzz_generate(const struct fuzz_plan *, uint64_t seed, uint64_t number,
			       uint64_t max_steps);
/* ---- cases ---- */

/* Which monitor is tried, for all cases of a campaign. */
struct fuzz_subject {
	const struct fuzz_plan *plan;
	const struct isa_map *map;
	enum fault fault;
	struct engine_choice engine;
	const volatile sig_atomic_t *stop;
};

/* Runs a case; false with a reason if it cannot be set up. */
bool fuzz_try(const struct fuzz_subject *, const struct fuzz_case *, struct equivalence *,
	      char *reason, size_t reason_size);
/* Did it fail? */
bool fuzz_failing(const struct equivalence *);
/* The bare run of a case after so many steps, as a guest to start from. */
struct fuzz_guest fuzz_later(const struct fuzz_subject *, const struct fuzz_case *, uint64_t steps);
/* Which units the bare run reaches as instructions in so many steps: a flag for each; to free. */
bool *fuzz_reached(const struct fuzz_subject *, const struct fuzz_case *, uint64_t steps);
/* The guest as a program. */
struct fuzz_program fuzz_program_of(const struct fuzz_plan *, const struct fuzz_guest *);

/* Makes a failing case small; `how` it fails is kept alike, and brought up to date. */
void fuzz_shrink(const struct fuzz_subject *, struct fuzz_case *, struct equivalence *how);

#endif
