/*
 * What the guests of the benchmark compute, by the same algorithms in C: how fast the
 * host can be.
 */
#ifndef TESTS_NATIVE_H
#define TESTS_NATIVE_H

#include <stdbool.h>
#include <stdint.h>

/* Runs what the guest of that file does; false: there is no such program. */
bool native_run(const char *name, bool vectorised);

#endif
