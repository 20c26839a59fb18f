/*
 * The Galileo GT-64120: the system controller between processor, storage and PCI.
 *
 * GT-64120 System Controller (Galileo, revision 1.4): "Register Tables".  There is what a system
 * looks at: the windows of PCI 0, the configuration mechanism and the interrupt causes.  The
 * windows are those that YAMON sets up, and stay where they are; registers that are not here are
 * 0.
 *
 * At a reset it is told the processor's byte order: Endianess of the CPU interface configuration,
 * and MByteSwap and SByteSwap of the PCI command, 1 for little.  Without MByteSwap it turns the
 * bytes of what goes to PCI, which a big-endian processor needs, so that a byte has the same
 * address on both sides.  Here the bit concerns the data of configuration cycles alone: ports are
 * always at their addresses.
 */
#include "machine/boards/chips.h"

#define V(chip, name) chip##_##name,
enum { GT64120_VARS(V) NVARS };
#undef V

enum { MASTER_ABORT = 1 << 18, LITTLE = 1 << 12, MASTER_SWAP = 1, SLAVE_SWAP = 1 << 16 };
enum { CAUSE = 0xc18, COMMAND = 4, ID = 0x462011ab, CLASS = 0x05800010 };

static const struct {
	unsigned reg, var;
	uint64_t at_reset, mask;
} table[] = {
	{ 0x000, gt_processor, 0, 0 },	       { 0x048, gt_io_low, 0xc0, 0x7fff },
	{ 0x050, gt_io_high, 0x40, 0x7f },     { 0x058, gt_mem0_low, 0x80, 0x7fff },
	{ 0x060, gt_mem0_high, 0x3f, 0x7f },   { 0x080, gt_mem1_low, 0xc1, 0x7fff },
	{ 0x088, gt_mem1_high, 0x5e, 0x7f },   { 0x0f0, gt_io_remap, 0xc0, 0x7ff },
	{ 0x0f8, gt_mem0_remap, 0x80, 0x7ff }, { 0x100, gt_mem1_remap, 0xc1, 0x7ff },
	{ 0xc00, gt_command, 0, 0xffffffff },  { 0xc1c, gt_mask, 0, 0xffffffff },
	{ 0xcf8, gt_address, 0, 0x80fffffc },  { CAUSE, gt_cause, 0, 0xffffffff },
};
enum { ENTRIES = sizeof table / sizeof *table };

void gt64120_reset(uint64_t *var, bool big)
{
	for (unsigned i = 0; i < ENTRIES; i++)
		var[table[i].var] = table[i].at_reset;
	var[gt_status] = 6; /* storage and bus master enabled */
	var[gt_processor] = big ? 0 : LITTLE;
	var[gt_command] = big ? 0 : MASTER_SWAP | SLAVE_SWAP;
}

uint64_t gt64120_read(const uint64_t *var, unsigned reg)
{
	for (unsigned i = 0; i < ENTRIES; i++)
		if (table[i].reg == reg)
			return var[table[i].var];
	return 0;
}

/* Zeros clear causes. */
void gt64120_write(uint64_t *var, unsigned reg, uint64_t value)
{
	for (unsigned i = 0; i < ENTRIES; i++)
		if (table[i].reg == reg)
			var[table[i].var] = value & (reg == CAUSE ? var[gt_cause] : table[i].mask);
}

bool gt64120_turns(const uint64_t *var)
{
	return !(var[gt_command] & MASTER_SWAP);
}

/* ---- configuration: bit 31 enables, bus 23 to 16, device 15 to 11, function 10 to 8 ---- */

bool gt64120_place(const uint64_t *var, struct pci_place *p)
{
	uint64_t a = var[gt_address];

	p->device = a >> 11 & 31;
	p->function = a >> 8 & 7;
	p->reg = a & 0xfc;
	return a >> 31 && !(a >> 16 & 0xff);
}

void gt64120_abort(uint64_t *var)
{
	var[gt_cause] |= MASTER_ABORT;
}

uint64_t gt64120_config_read(const uint64_t *var, unsigned reg)
{
	return reg == 0 ? ID : reg == COMMAND ? var[gt_status] : reg == 8 ? CLASS : 0;
}

void gt64120_config_write(uint64_t *var, unsigned reg, uint64_t value, uint64_t mask)
{
	mask &= 0x147; /* the command bits that can be set */
	if (reg == COMMAND)
		var[gt_status] = (var[gt_status] & ~mask) | (value & mask);
}
