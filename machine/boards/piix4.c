/*
 * The Intel 82371AB, PIIX4: the south bridge's own functions, 0 (bridge to ISA) and 3 (power
 * management).
 *
 * 82371AB PCI-to-ISA/IDE Xcelerator (290562-001): 4.1, 7.1 (configuration), 7.2 (ports).  IDE and
 * USB, functions 1 and 2, are not there.  Interrupts of PCI are routed to nothing, as no device has
 * one.  Of the sleeping states there is soft off, which begins when it is enabled: the processor's
 * Stop Grant cycle is not waited for, as Linux cannot make one by way of a GT-64120.
 */
#include "machine/boards/chips.h"

#define V(chip, name) chip##_##name,
enum { PIIX4_VARS(V) NVARS };
#undef V

enum { SLEEP = 0x2000, SLEEP_TYPE = 0x1c00 }; /* of control; type 0: soft off */
enum { STATUS = 0, ENABLE = 2, CONTROL = 4, TIMER = 8, PORTS = 64, TIMER_HZ = 3579545 };
enum { CONSTANT = -1 };

/* The registers that are not 0; a constant's variable is none. */
static const struct {
	unsigned function, reg;
	int var;
	uint64_t at_reset, mask;
} table[] = {
	{ 0, 0x00, CONSTANT, 0x71108086, 0 },
	{ 0, 0x04, piix_isa_command, 0x02800007, 0x00000108 },
	{ 0, 0x08, CONSTANT, 0x06010002, 0 },
	{ 0, 0x0c, CONSTANT, 0x00800000, 0 }, /* there are more functions */
	{ 0, 0x4c, piix_isa_bus, 0x0003004d, 0x07ff007f },
	{ 0, 0x60, piix_isa_route, 0x80808080, 0x8f8f8f8f },
	{ 0, 0x64, piix_isa_serial, 0x00000010, 0x000000ff },
	{ 0, 0x68, piix_isa_memory, 0x00000200, 0x0000fe00 },
	{ 0, 0xb0, piix_isa_general, 0, 0xffffffff },
	{ 3, 0x00, CONSTANT, 0x71138086, 0 },
	{ 3, 0x04, piix_pm_command, 0x02800000, 0x00000001 },
	{ 3, 0x08, CONSTANT, 0x06800002, 0 },
	{ 3, 0x3c, piix_pm_line, 0x00000100, 0x000000ff },
	{ 3, 0x40, piix_pm_base, 0x00000001, 0x0000ffc0 },
	{ 3, 0x58, piix_pm_activity, 0, 0xffffffff },
	{ 3, 0x80, piix_pm_enable, 0, 0x00000001 },
	{ 3, 0x90, piix_smb_base, 0x00000001, 0x0000fff0 },
	{ 3, 0xd0, piix_smb_host, 0, 0x0000ffff },
};
enum { ENTRIES = sizeof table / sizeof *table };

void piix4_reset(uint64_t *var)
{
	for (unsigned i = 0; i < ENTRIES; i++)
		if (table[i].var != CONSTANT)
			var[table[i].var] = table[i].at_reset;
}

static bool is_there(unsigned function)
{
	return function == 0 || function == 3;
}

bool piix4_config_read(const uint64_t *var, unsigned function, unsigned reg, uint64_t *value)
{
	*value = 0;
	for (unsigned i = 0; i < ENTRIES; i++)
		if (table[i].function == function && table[i].reg == reg)
			*value = table[i].var == CONSTANT ? table[i].at_reset : var[table[i].var];
	return is_there(function);
}

bool piix4_config_write(uint64_t *var, unsigned function, unsigned reg, uint64_t value,
			uint64_t mask)
{
	for (unsigned i = 0; i < ENTRIES; i++) {
		uint64_t written = mask & table[i].mask;

		if (table[i].function == function && table[i].reg == reg && written)
			var[table[i].var] = (var[table[i].var] & ~written) | (value & written);
	}
	return is_there(function);
}

/* ---- power management's ports ---- */

bool piix4_port(const uint64_t *var, uint64_t port, unsigned *reg)
{
	*reg = (unsigned)(port % PORTS);
	return var[piix_pm_enable] & 1 && port - *reg == (var[piix_pm_base] & 0xffc0);
}

/* A byte of a register that begins at `from`. */
static uint64_t byte_of(uint64_t value, unsigned reg, unsigned from)
{
	return value >> (reg - from) * 8 & 0xff;
}

uint64_t piix4_read(const uint64_t *var, unsigned reg, uint64_t now, uint64_t rate)
{
	if (reg >= TIMER && reg < TIMER + 4)
		return byte_of(cycles_in(now, rate, TIMER_HZ) & 0xffffff, reg, TIMER);
	switch (reg & ~1U) {
	case STATUS: return byte_of(var[piix_status], reg, STATUS);
	case ENABLE: return byte_of(var[piix_enabled], reg, ENABLE);
	case CONTROL: return byte_of(var[piix_control], reg, CONTROL);
	default: return 0;
	}
}

/* Its timer counts. */
uint64_t piix4_steady(unsigned reg, bool write, uint64_t now)
{
	return write || (reg >= TIMER && reg < TIMER + 4) ? now : NEVER;
}

static void set_byte(uint64_t *value, unsigned at, uint64_t byte)
{
	*value = (*value & ~(UINT64_C(0xff) << at * 8)) | byte << at * 8;
}

void piix4_write(uint64_t *var, unsigned reg, uint64_t value)
{
	switch (reg & ~1U) {
	case STATUS: var[piix_status] &= ~(value << reg * 8); break; /* ones clear */
	case ENABLE: set_byte(&var[piix_enabled], reg - ENABLE, value); break;
	case CONTROL: set_byte(&var[piix_control], reg - CONTROL, value); break;
	}
	if (var[piix_control] & SLEEP && !(var[piix_control] & SLEEP_TYPE))
		var[piix_off] = 1;
}
