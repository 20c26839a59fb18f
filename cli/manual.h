/*
 * The manual of an instruction set, made from its description.
 */
#ifndef CLI_MANUAL_H
#define CLI_MANUAL_H

#include "cli/layout.h"

void manual_print(const struct layout *, const struct isa *);
void manual_instruction(const struct layout *, const struct isa *, const struct isa_instr *);

/* The text of an instruction as the description has it, from its name to the end of its body; to
 * free, or NULL. */
char *manual_source(const struct isa_instr *);

/* Has the instruction that name or mnemonic, capitals apart? */
bool manual_is_called(const struct isa_instr *, const char *name);

#endif
