/*
 * Guests that other tools made: ELF files of a linker's, and raw images.
 *
 * They are loaded as a boot loader would: each byte at the place that its address has after a reset.
 * Where the machine's description has a boot program beside it (NAME.boot for NAME.isa, or for a file
 * that it includes), that is put into the last pages of storage and run first: it gives the guest
 * what a board's does, the arguments and an initial disk among it.  It is assembly in which words
 * between two @ are replaced:
 *
 *   @BOOT@         the address where there is room for it
 *   @ENTRY@        the guest's entry
 *   @STORAGE@      the size of storage
 *   @APPEND@       the arguments (--append), as they stand in a string
 *   @INITRD@       the address of what --initrd names; 0 without
 *   @INITRD_SIZE@  its bytes
 */
#ifndef CLI_PROGRAM_H
#define CLI_PROGRAM_H

#include "cli/guest.h"

struct program {
	uint64_t offset;	   /* of addresses against places, modulo a word, for its first byte */
	const struct source *boot; /* NULL: there is none; the shelf's */
	const char *append;	   /* borrowed */
	uint8_t *initrd;	   /* NULL: none; owned */
	size_t initrd_size;
};

/* The name of a machine with a board: NAME-BOARD; to free.  NULL with an error recorded. */
char *program_machine(struct shelf *, const char *name, const char *board);
/* Loads a guest's file; false with errors recorded in the shelf's list. */
bool program_load(struct guest *, struct shelf *, const struct guest_wish *);
/* Storage for it, where the user says nothing: twice what it needs, a power of two. */
uint64_t program_storage(const struct guest *);
/* Puts what belongs to it into a view that it was loaded into; false with an error said. */
bool program_enter(const struct guest *, struct view *);
void program_free(struct program *);

/* Gives each segment of an image, at addresses, its place after the view's reset, and sorts them;
 * false with a reason.  cli/placing.c */
bool placing(struct image *, struct view *, char *reason, size_t size);

#endif
