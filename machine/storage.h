/*
 * Storage: the cells E[0] .. E[q-1] of a machine, and windows onto them.
 *
 * A window is what one owner may touch: all of it for the real machine, the
 * allocated region for a virtual one.  Every access, a device's transfers
 * included, goes through a window, so that no guest reaches outside its own.
 */
#ifndef MACHINE_STORAGE_H
#define MACHINE_STORAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Addresses written since the log was cleared; absolute, in units. */
struct write_log {
	size_t count, capacity;
	uint64_t *address; /* owned */
};

/*
 * In the map of a storage, by unit: what an engine made of it, and who watches it
 * (machine/stops.h).
 */
enum { MAP_CODE = 1, MAP_WALKED = 2, MAP_READ = 4, MAP_WRITTEN = 8 };

struct stops;

struct storage {
	uint64_t size;     /* units */
	unsigned unit;     /* bits of a unit */
	unsigned cell_size; /* bytes of the host that hold one: 1, 2, 4 or 8 */
	void *cell;        /* owned; size cells */
	struct write_log *log; /* NULL: nothing is logged; not owned */
	/* By unit, the map above; the engine is to hear when what it has marked is written.
	 * It stands right before the cells. */
	uint8_t *code;
	/* By line of units, whether there may be a bit for one in it, or for the CODE_NEAR behind
	 * it: a small map of those that are far from code.  It stands before the other; owned. */
	uint8_t *code_line;
	void (*code_written)(void *owner, uint64_t address);
	void *code_owner;
	struct stops *stops; /* those that watch it; not owned */
};

enum { CODE_LINE_LOG = 5 /* of the units in a line */, CODE_NEAR = 7 };

/* The map of a unit gets these bits; no bits but those. */
void storage_add_code(struct storage *, uint64_t address, uint8_t bits);
void storage_drop_code(struct storage *, uint64_t address, uint8_t but);
/* The same of the units [from, to), of which there is one. */
void storage_drop_codes(struct storage *, uint64_t from, uint64_t to, uint8_t but);

/* NULL when the host has not the memory. */
struct storage *storage_new(uint64_t size, unsigned unit);
void storage_free(struct storage *);

void write_log_add(struct write_log *, uint64_t address);
void write_log_clear(struct write_log *);
void write_log_free(struct write_log *); /* what it owns, not itself */

static inline uint64_t storage_get(const struct storage *s, uint64_t address)
{
	switch (s->cell_size) {
	case 1: return ((const uint8_t *)s->cell)[address];
	case 2: return ((const uint16_t *)s->cell)[address];
	case 4: return ((const uint32_t *)s->cell)[address];
	default: return ((const uint64_t *)s->cell)[address];
	}
}

static inline void storage_put(struct storage *s, uint64_t address, uint64_t value)
{
	switch (s->cell_size) {
	case 1: ((uint8_t *)s->cell)[address] = (uint8_t)value; break;
	case 2: ((uint16_t *)s->cell)[address] = (uint16_t)value; break;
	case 4: ((uint32_t *)s->cell)[address] = (uint32_t)value; break;
	default: ((uint64_t *)s->cell)[address] = value; break;
	}
	if (__builtin_expect(s->log != NULL, 0))
		write_log_add(s->log, address);
	if (__builtin_expect(s->code[address] & (MAP_CODE | MAP_WALKED), 0))
		s->code_written(s->code_owner, address);
}

/* The units [base, base + size) of a storage, numbered from 0. */
struct window {
	struct storage *storage; /* not owned */
	uint64_t base, size;
};

/* One unit; false, and nothing done, if the address lies outside the window. */
bool window_get(const struct window *, uint64_t address, uint64_t *value);
bool window_put(const struct window *, uint64_t address, uint64_t value);

#endif
