/*
 * Is a loaded description well formed?  What isa/tree.h and isa/isa.h promise of
 * every isa: widths that agree, locals that exist and are set, arguments in place.
 * Shared by the tests of the language and its fuzzer.
 */
#ifndef TESTS_VALID_H
#define TESTS_VALID_H

#include "isa/isa.h"

/* NULL, or what is wrong first; the text is static. */
const char *isa_fault(const struct isa *);

#endif
