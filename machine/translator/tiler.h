/*
 * What the parts of the tiler share.  Registers of the host in translated code:
 *
 *     rbp  in the state vector      r14  a cell of the window: tiler->origin
 *     r15  steps left               rax, rcx, rdx  for computing
 *     the others  slots, as allocated for the region
 *
 * tiler.c goes through a region; tile_op.c, tile_storage.c and tile_lanes.c have the operations, probe.c
 * one of them, exits.c and exit_round.c the ways out, entries.c those in.
 */
#ifndef MACHINE_TRANSLATOR_TILER_H
#define MACHINE_TRANSLATOR_TILER_H

#include "machine/translator/private.h"

/* Bits of an address that an access may want to be 0. */
enum { MOST_ALIGNED = 7 };

/* A jump out of a block, to code that stands behind all blocks. */
struct side_exit {
	uint8_t *jump;
	enum side_exit_kind {
		SIDE_EXIT_GOTO,
		SIDE_EXIT_BUDGET,
		SIDE_EXIT_COLD,
		SIDE_EXIT_CODE, /* the same if there is code, else it goes on */
		SIDE_EXIT_READ,
		SIDE_EXIT_WRITE,
		SIDE_EXIT_PROBE, /* a place that is to be looked for in the cache, and on */
		SIDE_EXITS
	} kind;
	uint64_t p;
	unsigned back;		     /* steps to give back */
	unsigned undo_from, undo_to; /* of tiler->undo: what is put back first */
	/* of SIDE_EXIT_READ, SIDE_EXIT_WRITE: the slot with the address, and its register or NO_REG, or RSP:
	   it is where who comes wants it */
	uint32_t address;
	uint8_t address_reg;
	uint8_t bits; /* of the address that are 0, or the oracle is wanted */
	/* of SIDE_EXIT_CODE: the units from place + offset on, place in a register or RSP: 0 */
	struct near_code {
		unsigned place;
		uint32_t offset;
		unsigned count;
		uint8_t bits; /* of the map; 0: any */
	} near;
	/* of SIDE_EXIT_PROBE: what it is for, for so many units, and the register that gets the place */
	enum access access;
	uint8_t units, place_reg;
	const uint8_t *on; /* where it goes on */
};

/* A jump to a block. */
struct fix {
	uint8_t *jump;
	unsigned block;
};

struct tiler {
	struct translator *t;
	struct region *region;
	const struct key *key;
	uint64_t origin; /* a place; what most addresses are relocated by */
	struct x86 x;
	struct allocation a;
	uint8_t *start[MAX_BLOCKS + 1]; /* of each block */
	unsigned nside_exits, side_exits_capacity;
	struct side_exit *side_exit; /* owned */
	/* of each kind, and by its `bits`, what it ends with; NULL: not yet */
	const uint8_t *tail[SIDE_EXITS][MOST_ALIGNED + 1];
	unsigned nfixes, fixes_capacity;
	struct fix *fix; /* owned */
	unsigned nundo, undo_capacity;
	struct uop *undo;   /* T_UNDO, of all instructions; owned */
	unsigned undo_from; /* of this one */
	/* a slot that was stored last, from rax: where that is, if nothing can come there otherwise */
	const uint8_t *stored_at;
	uint32_t stored;
	/* where we are */
	unsigned block, index; /* and the instruction in it */
	const struct instruction *in;
};

/* ---- tile_op.c ---- */

/* Computes, loads or stores; not labels, jumps and ends. */
void tile_op(struct tiler *, const struct uop *);
/* tile_lanes.c: those on vectors; and the lowest bit. */
void tile_lanes(struct tiler *, const struct uop *);
void tile_first(struct tiler *, const struct uop *);
/* Is an operation a division and the next one the same, of which the other result is wanted?  Then
 * both are one; next may be NULL. */
bool tile_divides_both(const struct uop *, const struct uop *next);
void tile_divide(struct tiler *, const struct uop *, const struct uop *next);
/* Sets the flags for a jump; the condition under which it jumps. */
enum x86_condition tile_condition(struct tiler *, const struct uop *);
/* A slot's value in a register: its own, or scratch. */
unsigned tile_in(struct tiler *, uint32_t slot, unsigned scratch);
/* Where a slot's new value is computed. */
unsigned tile_out(const struct tiler *, uint32_t slot);
/* A slot gets what is in a register. */
void tile_put(struct tiler *, uint32_t slot, unsigned reg);
struct x86_memory tile_home(const struct tiler *, uint32_t slot);
/* How far from the state vector's beginning rbp points. */
int32_t tile_middle(const struct translator *);

/* ---- tile_storage.c ---- */

/* The cell at the origin. */
const uint8_t *tile_origin(const struct tiler *);
void tile_element(struct tiler *, const struct uop *, bool set);
void tile_check(struct tiler *, const struct uop *);
void tile_no_code(struct tiler *, const struct uop *);
/* One unit or several. */
void tile_load(struct tiler *, const struct uop *, unsigned n);
void tile_store(struct tiler *, const struct uop *, unsigned n);
/* Looks at each unit; jumps where there is code; how many jumps. */
enum { MOST_JUMPS = 4 };
unsigned tile_seek_code(struct tiler *, const struct near_code *, uint8_t **jump);
/* Puts back what T_UNDO kept. */
void tile_undo(struct tiler *, const struct uop *);

/* ---- probe.c ---- */

/* Does an operation leave by the oracle where an address is no multiple of a power of 2, and is the
 * next one the place of that?  Then both are one. */
bool tile_aligns(const struct tiler *, const struct uop *, const struct uop *place);
/* Is an operation of the instruction that is tiled the address that nobody but the place wants, so that
 * it need not be computed for itself? */
bool tile_sums(const struct tiler *, const struct uop *, const struct uop *place);
/* sum: such an operation, or NULL; bits: those of the address that must be 0, too. */
void tile_place(struct tiler *, const struct uop *sum, const struct uop *place, unsigned bits);
/* Looks into the cache, of an exit for that; the jump where the page is not there. */
uint8_t *tile_probe(struct tiler *, const struct side_exit *);

/* ---- exits.c ---- */

/* These emit jumps; cc -1: always. */
void exit_cold(struct tiler *, int cc);
/* Where there is code; where it is near, and proves to be there. */
void exit_code(struct tiler *, const struct near_code *);
void exit_near_code(struct tiler *, int cc, const struct near_code *);
void exit_goto(struct tiler *, int cc, uint64_t p);
/* From a U_PLACE whose page is not in the cache; or some of these bits of the address are not 0. */
void exit_missing(struct tiler *, uint8_t *jump, const struct uop *place, unsigned bits);
/* From one that is not where addresses stand in a row, most likely, its place to be in a register. */
void exit_probe(struct tiler *, uint8_t *jump, const struct uop *place, unsigned bits, unsigned reg,
		bool summed);
/* Where all these go on. */
void exit_probed(struct tiler *, unsigned n);
void exit_budget(struct tiler *, const struct block *);
/* A round counts its step itself, but there must be one. */
void exit_round_budget(struct tiler *, uint64_t p);
void exit_indirect(struct tiler *, const struct uop *);
void exit_trap(struct tiler *, const struct uop *);
void exit_done(struct tiler *);
/* What stands behind the blocks. */
void exit_write_all(struct tiler *);
bool exit_is_register(const struct tiler *, uint32_t slot);
/* All registers to the state vector. */
void exit_spill(struct tiler *);
void exit_position(struct tiler *, uint64_t p);
void exit_leave(struct tiler *, enum leave);
/* rax := what a function of C gives; its parameters are in their registers.  All others may change but
 * rbp, r14 and r15, and those of slots count no more. */
void exit_call(struct tiler *, uintptr_t function);
/* To the place in rcx, by the table of near places in rdx; and to one that is known. */
void exit_near(struct tiler *);
void exit_near_known(struct tiler *, uint64_t p);
/* Where the block at p is longer than the budget: to code that can end within it, if there is any.
 */
void exit_within(struct tiler *, uint64_t p);

/* ---- exit_round.c ---- */

/* rcx := where execution goes on, as the registers in the state vector have it; rax changes. */
void exit_load_position(struct tiler *);
void exit_round(struct tiler *, const struct uop *);
/* Of an array that pages depend on a round writes an element. */
void exit_note_element(struct tiler *, const struct uop *);

/* ---- entries.c ---- */

/* What is alone begins with what comes in; and where that is.  Of a region of others: NULL. */
void enter_at_once(struct tiler *);
void enter_region(struct tiler *, const uint8_t *at_once);
void enter_single(struct tiler *, struct single *, const uint8_t *at_once);

/* A constant to storage, by rax. */
void tile_constant(struct tiler *, struct x86_memory, uint64_t);

#endif
