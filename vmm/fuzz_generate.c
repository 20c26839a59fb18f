/*
 * A random guest from a number.  Most of its storage is instructions with fields
 * that are small, near a bound, or any; its registers point near where something
 * happens: 0, the storage's end, a PSW; its traps lead to code of its own.
 */
#include "vmm/fuzz_private.h"

#include "isa/alloc.h"
#include "isa/asm.h"

enum { BLOCKS = 3, POOL = 24, LEAST_WORDS = 32, DEFAULT_STEPS = 1000 };

/* ---- chance: splitmix64 ---- */

uint64_t fuzz_draw(struct fuzz_random *r)
{
	uint64_t x = r->state += UINT64_C(0x9e3779b97f4a7c15);

	x = (x ^ x >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
	x = (x ^ x >> 27) * UINT64_C(0x94d049bb133111eb);
	return x ^ x >> 31;
}

uint64_t fuzz_below(struct fuzz_random *r, uint64_t n)
{
	return fuzz_draw(r) % n;
}

bool fuzz_chance(struct fuzz_random *r, unsigned percent)
{
	return fuzz_below(r, 100) < percent;
}

/* ---- guests ---- */

struct fuzz_guest fuzz_guest_new(const struct fuzz_plan *p, uint64_t size)
{
	unsigned n = table_size(p->table);

	return (struct fuzz_guest){
		.size = size,
		.unit = xcalloc(size, sizeof(uint64_t)),
		.deposited = xcalloc(n, sizeof(bool)),
		.value = xcalloc(n, sizeof(uint64_t)),
	};
}

void fuzz_guest_free(struct fuzz_guest *g)
{
	free(g->unit);
	free(g->deposited);
	free(g->value);
	*g = (struct fuzz_guest){ 0 };
}

struct fuzz_guest fuzz_guest_copy(const struct fuzz_plan *p, const struct fuzz_guest *from)
{
	struct fuzz_guest g = *from, own = fuzz_guest_new(p, from->size);
	unsigned n = table_size(p->table);

	if (!from->unit) {
		fuzz_guest_free(&own);
		return g;
	}
	memcpy(own.unit, from->unit, from->size * sizeof *own.unit);
	memcpy(own.deposited, from->deposited, n * sizeof *own.deposited);
	memcpy(own.value, from->value, n * sizeof *own.value);
	g.unit = own.unit;
	g.deposited = own.deposited;
	g.value = own.value;
	return g;
}

struct fuzz_case fuzz_case_copy(const struct fuzz_plan *p, const struct fuzz_case *from)
{
	struct fuzz_case c = *from;

	c.guest = fuzz_guest_copy(p, &from->guest);
	for (unsigned i = 0; i < FUZZ_NEIGHBOURS; i++)
		c.neighbour[i] = fuzz_guest_copy(p, &from->neighbour[i]);
	return c;
}

void fuzz_case_free(struct fuzz_case *c)
{
	fuzz_guest_free(&c->guest);
	for (unsigned i = 0; i < FUZZ_NEIGHBOURS; i++)
		fuzz_guest_free(&c->neighbour[i]);
}

void fuzz_guest_put(const struct fuzz_plan *p, struct fuzz_guest *g, uint64_t address,
		    uint64_t word)
{
	for (unsigned u = 0; u < p->word_units; u++)
		g->unit[address + (p->big ? p->word_units - 1 - u : u)] =
			word >> u * p->isa->unit & isa_mask(p->isa->unit);
}

uint64_t fuzz_guest_get(const struct fuzz_plan *p, const struct fuzz_guest *g, uint64_t address)
{
	uint64_t word = 0;

	for (unsigned u = 0; u < p->word_units; u++)
		word |= g->unit[address + (p->big ? p->word_units - 1 - u : u)] << u * p->isa->unit;
	return word;
}

/* ---- values ---- */

struct maker {
	const struct fuzz_plan *plan;
	struct fuzz_random random;
	struct fuzz_guest *guest;
	uint64_t pool[POOL]; /* values worth trying: addresses and sizes of this guest */
	unsigned npool;
};

static uint64_t code_address(struct maker *m)
{
	uint64_t length = m->plan->isa->length;
	uint64_t from = (m->plan->low + length - 1) / length;

	return (from + fuzz_below(&m->random, m->guest->size / length - from)) * length;
}

static uint64_t any_value(struct maker *m)
{
	switch (fuzz_below(&m->random, 10)) {
	case 0: return fuzz_below(&m->random, 4);
	case 1: return fuzz_draw(&m->random);
	case 2: return ~fuzz_below(&m->random, 4);
	case 3: return m->guest->size + fuzz_below(&m->random, 5) - 2;
	case 4:
	case 5: return m->pool[fuzz_below(&m->random, m->npool)];
	default: return fuzz_below(&m->random, m->guest->size);
	}
}

static uint64_t base_value(struct maker *m)
{
	uint64_t size = m->guest->size;

	if (fuzz_chance(&m->random, 60))
		return 0;
	return fuzz_chance(&m->random, 60) ? fuzz_below(&m->random, size / 2) : any_value(m);
}

static uint64_t bound_value(struct maker *m)
{
	uint64_t size = m->guest->size;

	if (fuzz_chance(&m->random, 60))
		return size;
	return fuzz_chance(&m->random, 50) ? size / 2 + fuzz_below(&m->random, size) : any_value(m);
}

static uint64_t control_value(struct maker *m, const struct isa_reg *r)
{
	if (r->width == 1 || fuzz_chance(&m->random, 10))
		return fuzz_draw(&m->random);
	return fuzz_chance(&m->random, 25) ? 0 : fuzz_below(&m->random, 24);
}

/* Of a device's variable; times among them are near, so that waiting for one ends. */
static uint64_t device_value(struct maker *m)
{
	return fuzz_below(&m->random, fuzz_chance(&m->random, 70) ? 4 : 2 * m->guest->size);
}

/* A value for a register, as its role asks; modes mostly those of a reset. */
static uint64_t register_value(struct maker *m, unsigned slot, unsigned stay_percent)
{
	const struct isa_reg *r = isa_slot_reg(m->plan->isa, slot);

	if (m->plan->mode[slot] && fuzz_chance(&m->random, stay_percent))
		return m->plan->reset[slot];
	switch (r->role) {
	case ROLE_PC: return code_address(m);
	case ROLE_BASE: return base_value(m);
	case ROLE_BOUND: return bound_value(m);
	case ROLE_MODE: return fuzz_draw(&m->random);
	case ROLE_NONE: break;
	case ROLES: break;
	}
	return r->class == CLASS_CONTROL ? control_value(m, r) : any_value(m);
}

/* ---- instructions ---- */

static uint64_t field_value(const struct fuzz_plan *p, const struct isa_instr *instr,
			    unsigned field, struct fuzz_random *random, const uint64_t *pool,
			    unsigned npool)
{
	unsigned from = (unsigned)fuzz_below(random, p->nhints + 1);
	uint64_t small = fuzz_below(random, 17) - 8;

	for (unsigned i = from; i < p->nhints && fuzz_chance(random, 80); i++)
		if (p->hint[i].instr == instr->index && p->hint[i].field == field)
			return p->hint[i].value |
			       (fuzz_below(random, 8) & ((UINT64_C(1) << p->hint[i].open) - 1));
	switch (fuzz_below(random, 6)) {
	case 0: return fuzz_draw(random);
	case 1: return ~fuzz_below(random, 3);
	case 2: return pool[fuzz_below(random, npool)];
	case 3: return fuzz_below(random, 4);
	default: return small;
	}
}

/* A random word that is an instruction. */
static uint64_t random_instruction(const struct fuzz_plan *p, struct fuzz_random *random,
				   const uint64_t *pool, unsigned npool)
{
	for (;;) {
		const struct isa_instr *instr = &p->isa->instr[fuzz_below(random, p->isa->ninstrs)];
		uint64_t word = 0;

		for (unsigned i = 0; i < instr->format->nfields; i++) {
			const struct isa_field *f = &instr->format->field[i];
			uint64_t value = f->width <= 6
						 ? fuzz_draw(random)
						 : field_value(p, instr, i, random, pool, npool);

			word |= (value & isa_mask(f->width)) << f->lo;
		}
		word = (word & ~(instr->mask | instr->ignored)) | instr->match;
		if (isa_decode(p->isa, word) == instr)
			return word;
	}
}

static void put_instruction(struct maker *m, uint64_t address)
{
	uint64_t word = random_instruction(m->plan, &m->random, m->pool, m->npool);

	isa_pack(m->plan->isa, word, m->guest->unit + address);
}

/* ---- storage ---- */

/* The cells of a new PSW, moved by a distance. */
static void put_psw(struct maker *m, uint64_t distance)
{
	const struct fuzz_plan *p = m->plan;

	for (unsigned i = 0; i < p->ncells; i++) {
		const struct fuzz_cell *c = &p->cell[i];
		uint64_t mask = isa_mask(isa_slot_reg(p->isa, c->slot)->width) << c->shift;
		uint64_t at = c->address + distance, value;

		value = register_value(m, c->slot, distance ? 50 : 85) << c->shift & mask;
		value |= fuzz_guest_get(p, m->guest, at) & ~mask;
		fuzz_guest_put(p, m->guest, at, value);
	}
}

static void fill(struct maker *m)
{
	const struct isa *isa = m->plan->isa;
	uint64_t step = isa->length;
	unsigned percent = 70 + (unsigned)fuzz_below(&m->random, 30);

	for (uint64_t a = 0; a + step <= m->guest->size; a += step)
		if (fuzz_chance(&m->random, percent))
			put_instruction(m, a);
	for (uint64_t a = 0; a + m->plan->word_units <= m->guest->size; a += m->plan->word_units)
		if (!fuzz_chance(&m->random, percent))
			fuzz_guest_put(m->plan, m->guest, a, any_value(m));
}

/* Where the cells begin. */
static uint64_t psw_start(const struct fuzz_plan *p)
{
	uint64_t start = p->low;

	for (unsigned i = 0; i < p->ncells; i++)
		if (p->cell[i].address < start)
			start = p->cell[i].address;
	return start;
}

static void make_storage(struct maker *m)
{
	const struct fuzz_plan *p = m->plan;
	uint64_t start = psw_start(p), blocks[BLOCKS], room = m->guest->size - p->low;

	for (unsigned i = 0; i < BLOCKS; i++) {
		blocks[i] = fuzz_below(&m->random, room / p->word_units + 1) * p->word_units;
		m->pool[m->npool++] = blocks[i] + start;
	}
	while (m->npool < POOL)
		m->pool[m->npool++] = fuzz_chance(&m->random, 70)
					      ? code_address(m)
					      : fuzz_below(&m->random, m->guest->size);
	fill(m);
	for (unsigned i = 0; i < BLOCKS; i++)
		put_psw(m, blocks[i]);
	put_psw(m, 0);
}

/* ---- registers, devices, input ---- */

static void make_deposits(struct maker *m)
{
	const struct fuzz_plan *p = m->plan;
	bool devices = fuzz_chance(&m->random, 30);

	for (unsigned i = 0; i < table_size(p->table); i++) {
		const struct table_entry *e = table_entry(p->table, i);

		if (e->reg ? e->reg->constant : e->device < 0 || !devices)
			continue;
		m->guest->deposited[i] = e->reg || fuzz_chance(&m->random, 50);
		m->guest->value[i] = (e->reg ? register_value(m, e->slot, 65) : device_value(m)) &
				     isa_mask(e->width);
		if (e->reg)
			m->guest->value[i] = isa_reg_member(e->reg, m->guest->value[i]);
	}
	m->guest->input_count = (unsigned)fuzz_below(&m->random, FUZZ_INPUT + 1);
	for (unsigned i = 0; i < m->guest->input_count; i++)
		m->guest->input[i] = (unsigned char)fuzz_draw(&m->random);
}

static struct fuzz_guest make_guest(const struct fuzz_plan *p, struct fuzz_random *random)
{
	uint64_t words = LEAST_WORDS + fuzz_below(random, 32) * fuzz_below(random, 8);
	uint64_t size = p->low + words * p->word_units;
	struct fuzz_guest g = fuzz_guest_new(p, size < p->most ? size : p->most);
	struct maker m = { .plan = p, .random = *random, .guest = &g };

	make_storage(&m);
	make_deposits(&m);
	*random = m.random;
	return g;
}

static struct fuzz_setting make_setting(const struct fuzz_plan *p, struct fuzz_random *random,
					uint64_t max_steps)
{
	return (struct fuzz_setting){
		.quantum = fuzz_chance(random, 20) ? 0 : 1 + fuzz_below(random, 40),
		.reserve = 1 + fuzz_below(random, p->most < 512 ? p->most / 8 : 64),
		.slice = fuzz_chance(random, 40) ? 1 : 2 + fuzz_below(random, 60),
		.steps = max_steps ? max_steps : DEFAULT_STEPS,
		.seed = fuzz_draw(random),
		.neighbours = (unsigned)fuzz_below(random, FUZZ_NEIGHBOURS + 1),
	};
}

struct fuzz_case fuzz_generate(const struct fuzz_plan *p, uint64_t seed, uint64_t number,
			       uint64_t max_steps)
{
	struct fuzz_random random = { .state = seed };
	struct fuzz_case c = { 0 };

	random.state = fuzz_draw(&random) ^ number * UINT64_C(0xd1342543de82ef95);
	c.setting = make_setting(p, &random, max_steps);
	c.guest = make_guest(p, &random);
	for (unsigned i = 0; i < c.setting.neighbours; i++)
		c.neighbour[i] = make_guest(p, &random);
	return c;
}
