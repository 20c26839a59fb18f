/*
 * Programs in tests: where their files are, making them, comparing them.  Whatever
 * goes wrong fails the test.
 */
#ifndef TESTS_PROGRAM_H
#define TESTS_PROGRAM_H

#include "isa/asm.h"

/* A file of the source tree; to free. */
char *program_path(const char *path);
/* A machine of tests/asm, or one that isa_find knows. */
struct isa *program_machine(struct diag_list *, const char *name);
/* Fails, and prints them, if there are errors. */
void program_no_errors(struct diag_list *);
/* The image of a text without errors. */
struct image *program_image(struct diag_list *, const struct isa *, const char *text);
/* The unit at an address, which must be there. */
uint64_t program_unit(const struct image *, uint64_t address);
/* Are they equal in all but places? */
void program_same(const struct image *, const struct image *);
/* Writes it as ELF to a new file; the path ends in XXXXXX, which is replaced. */
void program_write(struct diag_list *, const struct isa *, const struct image *, char *path);
/* The source that disassembly makes of it assembles to the same. */
void program_survives_disassembly(struct diag_list *, const struct isa *, const struct image *);
/* Written as ELF and read back, it is the same. */
void program_survives_elf(struct diag_list *, const struct isa *, const struct image *);

#endif
