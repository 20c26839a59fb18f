/*
 * The Intel 8259A, two of them: the second one's output is input 2 of the first.
 *
 * Intel 8259A Programmable Interrupt Controller (order number 231468): "Programming the 8259A".
 * Edge and level of each input are chosen as in the 82371AB (PIIX4; 290562), ELCR1 and ELCR2.
 * The 8080's mode, buffered mode and the cascade's programming (ICW3) do nothing.
 */
#include "machine/boards/chips.h"

#define V(chip, name) chip##_##name,
enum { I8259_ONE_VARS(V, own) NVARS };
#undef V

enum { /* of own_mode */
       NEEDS_ICW4 = 1,
       SINGLE = 2,
       AUTOMATIC_END = 4,
       READ_SERVICE = 8,
       POLL = 16,
       SPECIAL_MASK = 32,
       ROTATES = 64, /* at each automatic end */
       SPECIAL_NESTED = 128,
};

enum { CASCADE = 2, SPURIOUS = 7 };

static uint64_t *second(uint64_t *var)
{
	return var + NVARS;
}

/* The input of highest priority in a set, -1 if there is none; input 0 is the highest at first. */
static int highest(const uint64_t *var, uint64_t set)
{
	for (unsigned i = 1; i <= 8; i++) {
		unsigned n = (unsigned)(var[own_lowest] + i) & 7;

		if (set >> n & 1)
			return (int)n;
	}
	return -1;
}

/* How far an input is from the highest priority. */
static unsigned rank(const uint64_t *var, int n)
{
	return n < 0 ? 8 : ((unsigned)n - (unsigned)var[own_lowest] - 1) & 7;
}

/* The request that interrupts; -1: none does. */
static int pending(const uint64_t *var)
{
	uint64_t service = var[own_service];
	int n = highest(var, var[own_request] & ~var[own_mask]);

	if (var[own_mode] & SPECIAL_MASK)
		service &= ~var[own_mask];
	if (var[own_mode] & SPECIAL_NESTED)
		service &= ~(UINT64_C(1) << CASCADE);
	return n >= 0 && rank(var, n) < rank(var, highest(var, service)) ? n : -1;
}

static void set_input(uint64_t *var, unsigned n, bool level)
{
	uint64_t bit = UINT64_C(1) << n;

	if (var[own_level] & bit)
		var[own_request] = level ? var[own_request] | bit : var[own_request] & ~bit;
	else if (level && !(var[own_input] & bit))
		var[own_request] |= bit;
	var[own_input] = level ? var[own_input] | bit : var[own_input] & ~bit;
}

static void cascade(uint64_t *var)
{
	set_input(var, CASCADE, pending(second(var)) >= 0);
}

void i8259_input(uint64_t *var, unsigned n, bool level)
{
	set_input(n < 8 ? var : second(var), n & 7, level);
	cascade(var);
}

void i8259_edge(uint64_t *var, unsigned n)
{
	i8259_input(var, n, true);
	i8259_input(var, n, false);
}

bool i8259_output(const uint64_t *var)
{
	return pending(var) >= 0;
}

/* Takes the request that interrupts into service; a spurious one if there is none any more. */
static unsigned accept(uint64_t *var)
{
	int n = pending(var);
	uint64_t bit;

	if (n < 0)
		return SPURIOUS;
	bit = UINT64_C(1) << n;
	if (!(var[own_level] & bit))
		var[own_request] &= ~bit;
	if (!(var[own_mode] & AUTOMATIC_END))
		var[own_service] |= bit;
	else if (var[own_mode] & ROTATES)
		var[own_lowest] = (uint64_t)n;
	return (unsigned)n;
}

uint64_t i8259_acknowledge(uint64_t *var)
{
	bool cascaded = pending(var) == CASCADE;
	unsigned n = accept(var);
	uint64_t vector = var[own_vector] + n;

	if (cascaded) {
		n = accept(second(var));
		vector = second(var)[own_vector] + n;
	}
	cascade(var);
	return vector;
}

/* ---- ports ---- */

static uint64_t poll(uint64_t *var)
{
	bool any = pending(var) >= 0;
	unsigned n = accept(var);

	var[own_mode] &= ~(uint64_t)POLL;
	return any ? 0x80 | n : 0;
}

static uint64_t read_port(uint64_t *var, unsigned port)
{
	if (port == 2)
		return var[own_level];
	if (var[own_mode] & POLL)
		return poll(var);
	if (port == 1)
		return var[own_mask];
	return var[var[own_mode] & READ_SERVICE ? own_service : own_request];
}

uint64_t i8259_read(uint64_t *var, unsigned which, unsigned port)
{
	uint64_t value = read_port(which ? second(var) : var, port);

	cascade(var);
	return value;
}

uint64_t i8259_steady(const uint64_t *var, unsigned which, unsigned port, uint64_t now)
{
	const uint64_t *own = which ? var + NVARS : var;

	return port < 2 && own[own_mode] & POLL ? now : NEVER;
}

static void begin(uint64_t *var, uint64_t icw1)
{
	var[own_request] = var[own_service] = var[own_mask] = var[own_input] = 0;
	var[own_lowest] = 7;
	var[own_mode] = (icw1 & 1 ? NEEDS_ICW4 : 0) | (icw1 & 2 ? SINGLE : 0);
	var[own_step] = 2;
}

/* Initialization command words 2 to 4, as step says which is due. */
static void initialize(uint64_t *var, uint64_t value)
{
	uint64_t step = var[own_step], mode = var[own_mode];

	if (step == 2)
		var[own_vector] = value & 0xf8;
	if (step == 4)
		var[own_mode] |=
			(value & 2 ? AUTOMATIC_END : 0) | (value & 16 ? SPECIAL_NESTED : 0);
	if (step == 2 && !(mode & SINGLE))
		var[own_step] = 3;
	else if (step != 4 && mode & NEEDS_ICW4)
		var[own_step] = 4;
	else
		var[own_step] = 0;
}

/* Operation command word 2: ends and rotations. */
static void end(uint64_t *var, uint64_t value)
{
	unsigned command = value >> 5 & 7;
	int n = command & 2 ? (int)(value & 7) : highest(var, var[own_service]);

	if (command == 0 || command == 4)
		var[own_mode] = (var[own_mode] & ~(uint64_t)ROTATES) | (command ? ROTATES : 0);
	if (command & 1 && n >= 0)
		var[own_service] &= ~(UINT64_C(1) << n);
	if ((command == 5 || command == 6 || command == 7) && n >= 0)
		var[own_lowest] = (uint64_t)n;
}

/* Operation command word 3: what is read, polling, the special mask. */
static void choose(uint64_t *var, uint64_t value)
{
	uint64_t mode = var[own_mode];

	if (value & 4)
		mode |= POLL;
	if (value & 2)
		mode = value & 1 ? mode | READ_SERVICE : mode & ~(uint64_t)READ_SERVICE;
	if (value & 64)
		mode = value & 32 ? mode | SPECIAL_MASK : mode & ~(uint64_t)SPECIAL_MASK;
	var[own_mode] = mode;
}

static void write_port(uint64_t *var, unsigned port, uint64_t value)
{
	if (port == 2)
		var[own_level] = value;
	else if (port == 1 && var[own_step])
		initialize(var, value);
	else if (port == 1)
		var[own_mask] = value;
	else if (value & 16)
		begin(var, value);
	else if (value & 8)
		choose(var, value);
	else
		end(var, value);
}

void i8259_write(uint64_t *var, unsigned which, unsigned port, uint64_t value)
{
	write_port(which ? second(var) : var, port, value & 0xff);
	cascade(var);
}
