/*
 * The chips of boards, to compose a device class of them (machine/boards/malta.c does).
 *
 * All state of a chip is in variables of the device that it is part of: X_VARS lists them as
 * V(chip, name), of which the class makes their numbers and names, and the chip's file the numbers
 * of its own.  `var` below is the first of them.
 *
 * X_steady is what device_class.steady asks, of its ports.
 *
 * A chip learns the time by advance and through `now`, in units of the owner's; `rate` of them are
 * a second.
 */
#ifndef MACHINE_BOARDS_CHIPS_H
#define MACHINE_BOARDS_CHIPS_H

#include "machine/device.h"

/* Cycles of a clock of f Hz in so many units of time, and the least time that has n of them. */
static inline uint64_t cycles_in(uint64_t units, uint64_t rate, uint64_t f)
{
	return units / rate * f + units % rate * f / rate;
}

static inline uint64_t units_of(uint64_t cycles, uint64_t rate, uint64_t f)
{
	return cycles / f * rate + (cycles % f * rate + f - 1) / f;
}

/* ---- the pair of interrupt controllers: machine/boards/i8259.c ---- */

#define I8259_ONE_VARS(V, chip)                                                                    \
	V(chip, request)                                                                           \
	V(chip, service) V(chip, mask) V(chip, input) V(chip, level) V(chip, vector) V(chip, step) \
		V(chip, mode) V(chip, lowest)
#define I8259_VARS(V) I8259_ONE_VARS(V, pic1) I8259_ONE_VARS(V, pic2)

/* Input n, 0 to 15, is at this level now; or had an edge since, though it may be low again. */
void i8259_input(uint64_t *var, unsigned n, bool level);
void i8259_edge(uint64_t *var, unsigned n);
/* Is the processor interrupted?  Its acknowledgement: the vector. */
bool i8259_output(const uint64_t *var);
uint64_t i8259_acknowledge(uint64_t *var);
/* Of controller 0 or 1: its ports 0 and 1, and its edge/level register as port 2. */
uint64_t i8259_read(uint64_t *var, unsigned which, unsigned port);
void i8259_write(uint64_t *var, unsigned which, unsigned port, uint64_t value);
/* Of reading. */
uint64_t i8259_steady(const uint64_t *var, unsigned which, unsigned port, uint64_t now);

/* ---- the interval timer: machine/boards/i8254.c ---- */

#define I8254_ONE_VARS(V, chip)                                                                    \
	V(chip, control)                                                                           \
	V(chip, count) V(chip, low) V(chip, halves) V(chip, latch) V(chip, running) V(chip, since) \
		V(chip, edges)
#define I8254_VARS(V) I8254_ONE_VARS(V, pit0) I8254_ONE_VARS(V, pit1) I8254_ONE_VARS(V, pit2)

uint64_t i8254_read(uint64_t *var, unsigned port, uint64_t now, uint64_t rate);
void i8254_write(uint64_t *var, unsigned port, uint64_t value, uint64_t now, uint64_t rate);
/* Has the output of counter 0 risen since this was asked last? */
bool i8254_risen(uint64_t *var, uint64_t now, uint64_t rate);
/* When it rises next. */
uint64_t i8254_next_event(const uint64_t *var, uint64_t rate);
/* The output of a counter. */
bool i8254_output(const uint64_t *var, unsigned counter, uint64_t now, uint64_t rate);

/* ---- the clock: machine/boards/mc146818.c ---- */

#define MC146818_VARS(V)                                                                           \
	V(rtc, index)                                                                              \
	V(rtc, flags) V(rtc, offset) V(rtc, seen) V(rtc, ram0) V(rtc, ram1) V(rtc, ram2)           \
		V(rtc, ram3) V(rtc, ram4) V(rtc, ram5) V(rtc, ram6) V(rtc, ram7) V(rtc, ram8)      \
			V(rtc, ram9) V(rtc, ram10) V(rtc, ram11) V(rtc, ram12) V(rtc, ram13)       \
				V(rtc, ram14) V(rtc, ram15)

/* At time 0 it is `epoch` seconds after 1970 began. */
void mc146818_reset(uint64_t *var, uint64_t epoch);
uint64_t mc146818_read(uint64_t *var, unsigned port, uint64_t now, uint64_t rate);
void mc146818_write(uint64_t *var, unsigned port, uint64_t value, uint64_t now, uint64_t rate);
uint64_t mc146818_steady(const uint64_t *var, unsigned port, bool write, uint64_t now,
			 uint64_t rate);
void mc146818_advance(uint64_t *var, uint64_t now, uint64_t rate);
uint64_t mc146818_next_event(const uint64_t *var, uint64_t rate);
bool mc146818_line(const uint64_t *var);

/* ---- the serial line: machine/boards/uart16550.c ---- */

#define UART16550_VARS(V, chip)                                                                    \
	V(chip, enabled)                                                                           \
	V(chip, quiet) V(chip, empty) V(chip, fifos) V(chip, format) V(chip, modem)                \
		V(chip, scratch) V(chip, divisor) V(chip, sending) V(chip, send0) V(chip, send1)

/* Wired to a console, or to nothing (NULL). */
void uart16550_reset(uint64_t *var);
uint64_t uart16550_read(uint64_t *var, struct device *console, unsigned port);
void uart16550_write(uint64_t *var, struct device *console, unsigned port, uint64_t value,
		     uint64_t now, uint64_t rate);
uint64_t uart16550_steady(const uint64_t *var, const struct device *console, unsigned port,
			  bool write, uint64_t now);
/* The console has been told the time: what waits to be sent is sent. */
void uart16550_advance(uint64_t *var, struct device *console, uint64_t now);
/* When it can receive again. */
uint64_t uart16550_next_event(const uint64_t *var);
bool uart16550_line(const uint64_t *var, const struct device *console);

/* ---- system controller and south bridge: machine/boards/gt64120.c, piix4.c ---- */

#define GT64120_VARS(V)                                                                            \
	V(gt, io_low)                                                                              \
	V(gt, io_high) V(gt, mem0_low) V(gt, mem0_high) V(gt, mem1_low) V(gt, mem1_high)           \
		V(gt, io_remap) V(gt, mem0_remap) V(gt, mem1_remap) V(gt, command) V(gt, cause)    \
			V(gt, mask) V(gt, address) V(gt, status) V(gt, processor)
#define PIIX4_VARS(V)                                                                              \
	V(piix, isa_command)                                                                       \
	V(piix, isa_bus) V(piix, isa_route) V(piix, isa_serial) V(piix, isa_memory)                \
		V(piix, isa_general) V(piix, pm_command) V(piix, pm_line) V(piix, pm_base)         \
			V(piix, pm_activity) V(piix, pm_enable) V(piix, smb_base)                  \
				V(piix, smb_host) V(piix, status) V(piix, enabled)                 \
					V(piix, control) V(piix, off)

/* Where a configuration cycle goes: the device and function of bus 0, and the doubleword there. */
struct pci_place {
	unsigned device, function, reg;
};

/* Its registers have their low byte first, whatever the processor's order is. */
void gt64120_reset(uint64_t *var, bool big);
/* Its registers; that of configuration data and of the interrupt acknowledgement apart. */
enum { GT64120_CONFIG_DATA = 0xcfc, GT64120_ACKNOWLEDGE = 0xc34 };
uint64_t gt64120_read(const uint64_t *var, unsigned reg);
void gt64120_write(uint64_t *var, unsigned reg, uint64_t value);
/* Does it turn the bytes of what goes to PCI? */
bool gt64120_turns(const uint64_t *var);
/* Where its configuration address points: false if to no bus 0. */
bool gt64120_place(const uint64_t *var, struct pci_place *);
/* Nobody has answered. */
void gt64120_abort(uint64_t *var);
/* Its own configuration space, of device 0. */
uint64_t gt64120_config_read(const uint64_t *var, unsigned reg);
void gt64120_config_write(uint64_t *var, unsigned reg, uint64_t value, uint64_t mask);

void piix4_reset(uint64_t *var);
/* Its functions' configuration spaces; false: there is none such. */
bool piix4_config_read(const uint64_t *var, unsigned function, unsigned reg, uint64_t *value);
bool piix4_config_write(uint64_t *var, unsigned function, unsigned reg, uint64_t value,
			uint64_t mask);
/* Power management: the byte registers, if the port is one of theirs. */
bool piix4_port(const uint64_t *var, uint64_t port, unsigned *reg);
uint64_t piix4_read(const uint64_t *var, unsigned reg, uint64_t now, uint64_t rate);
uint64_t piix4_steady(unsigned reg, bool write, uint64_t now);
void piix4_write(uint64_t *var, unsigned reg, uint64_t value);

#endif
