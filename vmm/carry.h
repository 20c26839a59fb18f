/*
 * Monitors that are guests themselves, written in the machine's own assembly: loaded together
 * with the guests of their virtual machines, and looked into from outside.
 *
 * Such a monitor publishes by symbols where its control blocks are and what stands in them:
 *
 *   machine_count   how many machines there are: filled in by carry_load
 *   machines        the first control block; the others follow, each vm_words long
 *   current         the word that holds the address of the block of the machine that runs
 *   storage         the first address behind the monitor: there the machines' storage begins,
 *                   one behind the other
 *   vm_NAME         offset in a block of the register, or the device's variable, NAME
 *   vm_size         of the machine's storage, and vm_base, which the monitor fills in, where it is
 *   vm_time         virtual time
 *   vm_printed      how many bytes the machine has printed, and vm_last, the last of them; and
 *   vm_status       what it halted with: these are compared if they are published
 */
#ifndef VMM_CARRY_H
#define VMM_CARRY_H

#include "isa/image.h"
#include "vmm/tower.h"

struct carried { /* a guest, and its machine's storage in units */
	const struct image *image;
	uint64_t size;
};

/*
 * Puts guests into a monitor's image, in their order, as an operator would at the front panel of
 * each machine: it is reset, and the guest put in.  *size becomes the storage that monitor and
 * guests need.  False with a reason: the monitor does not publish enough, has not so many blocks,
 * or a guest does not fit; the image is then of no use.
 */
bool carry_load(struct image *monitor, const struct isa *, const struct carried *, unsigned count,
		uint64_t *size, char *reason, size_t reason_size);

/* A level of a tower, inwards by the monitor's first machine.  False with a reason. */
bool carry_level(const struct image *monitor, const struct isa *, struct tower_level *,
		 char *reason, size_t reason_size);
void carry_level_free(struct tower_level *); /* what it owns */

#endif
