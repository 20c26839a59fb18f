/*
 * Reports: a machine's state, what a monitor did, where two runs differ.
 */
#ifndef CLI_REPORT_H
#define CLI_REPORT_H

#include "cli/lab.h"
#include "vmm/equiv.h"

/* "P=0x10: ADD G1, G2, G3", with the label before it, if the image has one. */
void report_place(const struct view *, const struct image *, FILE *);
/* " (main+3)" for an address; nothing without a label. */
void report_label(const struct image *, uint64_t address, FILE *);
/* All registers, through the state table; of large arrays only what is not 0. */
void report_registers(const struct view *, FILE *);

/* How a machine stands: "halted with status 3", "waits for an event that does not come". */
char *report_end(const struct view *, char *buffer, size_t size);
const char *cpu_status_name(enum cpu_status);

/* ---- statistics: cli/stats.c ---- */

/* The share of a machine's instructions that the real processor ran directly, 0 to 1. */
double stats_share(const struct vm_stats *);
/* All traps of the real machine while it ran, and all that the guest saw. */
uint64_t stats_exits(const struct isa *, const struct vm_stats *);
uint64_t stats_traps(const struct isa *, const struct vm_stats *);
/* Of the i-th guest of a lab. */
void stats_print(const struct lab *, unsigned i, FILE *);
json_t *stats_json(const struct lab *, unsigned i);
/* Of the monitors, outermost first: their operations on their machines, and what these machines
 * cost the monitors below. */
void stats_print_levels(const struct lab *, FILE *);
json_t *stats_json_levels(const struct lab *);

/* ---- differences: cli/difference.c ---- */

/* The three depths, and the registers before the cause, side by side where they differ. */
void difference_print(const struct isa *, const struct image *, const struct equivalence *, FILE *);
json_t *difference_json(const struct isa *, const struct image *, const struct equivalence *);

#endif
