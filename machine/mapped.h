/*
 * Mapped devices: those that an instruction reaches by the places that translate gives, as it
 * reaches storage.  Each register of one is a word there, with its units in the order in which a
 * word of storage has them.
 *
 * An access is one of a device if it lies within one of these words.  Narrower ones read a part of
 * the register, and write it with zeros in the other parts.
 */
#ifndef MACHINE_MAPPED_H
#define MACHINE_MAPPED_H

#include "machine/machine.h"

/* The part of a device's register that an access concerns. */
struct mapped {
	struct device *device;
	uint64_t reg;
	uint64_t unit;	       /* the first one of the device's */
	unsigned units;
	unsigned shift, width; /* of the part, in bits */
	bool big;	       /* the access's order of units */
};

/* Is a place a device's? */
bool mapped_place(const struct isa *, uint64_t place);
/* What n units at such places, in the given order of a word, are; false: nothing that can be
 * reached at once. */
bool mapped_find(const struct view *, const uint64_t *place, unsigned n, bool big, struct mapped *);
/* The access itself; the device has been told the time.  False: nothing answers there. */
bool mapped_access(const struct mapped *, bool store, uint64_t *value);
/* Does storage of that size leave the devices their places?  False with a reason. */
bool mapped_fits(const struct isa *, uint64_t size, char *reason, size_t reason_size);

#endif
