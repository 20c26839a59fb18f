/*
 * Words that print a text, found by trial on the oracle; and where traps lead.  Nothing here knows
 * what an instruction is for: it is run, and what it did is looked at.
 */
#include "cli/draft.h"

#include "isa/alloc.h"

#include <string.h>

enum {
	TRIES = 400000, /* words tried for one purpose */
	PADDING = 64,	/* words between two bytes, at most, while the console is busy */
};

struct printer {
	struct draft *d;
	struct view *v; /* the scratch machine */
	struct device *console;
	struct snapshot *now; /* it, before the next word; owned */
	const struct isa_instr *avoid;
	struct write_log log;
	uint64_t place;		      /* of the next word */
	unsigned slot;		      /* of the register that is printed */
	uint64_t output;	      /* the word that prints it */
	const struct isa_instr *load; /* what last put a constant there; or NULL */
};

static uint64_t printed_count(const struct printer *p)
{
	size_t count;

	console_printed(p->console, &count);
	return count;
}

static int last_printed(const struct printer *p)
{
	size_t count;
	const char *text = console_printed(p->console, &count);

	return count ? (unsigned char)text[count - 1] : -1;
}

static bool next_place(struct printer *p)
{
	uint64_t word;

	return view_fetch(p->v, &word, &p->place) && draft_room(p->d, p->place, 1);
}

static void poke(struct printer *p, uint64_t word)
{
	uint64_t unit[64];

	isa_pack(p->d->isa, word, unit);
	for (unsigned i = 0; i < p->d->isa->length; i++)
		window_put(&p->v->window, p->place + i, unit[i]);
}

static bool control_kept(const struct isa *isa, const struct view *v, const uint64_t *before)
{
	for (unsigned i = 0; i < isa->nregs; i++) {
		const struct isa_reg *r = &isa->reg[i];

		if (r->class == CLASS_CONTROL && !r->time &&
		    memcmp(v->cpu->state + r->slot, before + r->slot, r->count * sizeof(*before)) !=
			    0)
			return false;
	}
	return true;
}

/* Runs a word from where the machine stands: does it go on behind it, and leave storage alone? */
static bool straight(struct printer *p, uint64_t word)
{
	const struct isa *isa = p->d->isa;
	unsigned pc = isa->role[ROLE_PC]->slot;
	uint64_t *before = xmalloc(isa->nslots * sizeof(*before)), place, next;
	struct outcome o;
	bool good;

	memcpy(before, p->v->cpu->state, isa->nslots * sizeof(*before));
	poke(p, word);
	write_log_clear(&p->log);
	p->v->window.storage->log = &p->log;
	o = view_step(p->v);
	p->v->window.storage->log = NULL;
	good = o.traps == 0 && p->v->cpu->status == CPU_RUNNING && p->log.count == 0 &&
	       p->v->cpu->state[pc] != before[pc] && view_fetch(p->v, &next, &place) &&
	       place == p->place + isa->length && control_kept(isa, p->v, before);
	free(before);
	return good;
}

/* The word is kept, and the machine stands behind it. */
static bool accept(struct printer *p, uint64_t word)
{
	snapshot_restore(p->v, p->now);
	if (!straight(p, word))
		return false;
	draft_put(p->d, p->place, word);
	snapshot_free(p->now);
	p->now = snapshot_take(p->v);
	return next_place(p);
}

static bool prints_slot(struct printer *p, uint64_t word, unsigned slot, int byte)
{
	uint64_t before;

	snapshot_restore(p->v, p->now);
	before = printed_count(p);
	p->v->cpu->state[slot] = (uint64_t)byte;
	return straight(p, word) && printed_count(p) == before + 1 && last_printed(p) == byte;
}

static bool printable(const struct isa_reg *r)
{
	return r->class == CLASS_VISIBLE && r->role != ROLE_PC && r->width >= 7;
}

/* The register whose value a word prints. */
static bool printed_slot(struct printer *p, uint64_t word)
{
	const struct isa *isa = p->d->isa;

	for (unsigned slot = 0; slot < isa->nslots; slot++)
		if (printable(isa_slot_reg(isa, slot)) && prints_slot(p, word, slot, 'B') &&
		    prints_slot(p, word, slot, '\n') && prints_slot(p, word, slot, 'I')) {
			p->slot = slot;
			p->output = word;
			return true;
		}
	return false;
}

static const struct isa_instr *some_instr(struct printer *p)
{
	return &p->d->isa->instr[draft_random(p->d, p->d->isa->ninstrs)];
}

static bool puts_constant(struct printer *p, uint64_t word, int byte, uint64_t mask)
{
	snapshot_restore(p->v, p->now);
	return straight(p, word) && (p->v->cpu->state[p->slot] & mask) == (uint64_t)byte;
}

static bool find_constant(struct printer *p, int byte, uint64_t *word)
{
	p->d->nhints = 0;
	draft_hint(p->d, (uint64_t)byte);
	draft_hint(p->d, p->slot - isa_slot_reg(p->d->isa, p->slot)->slot);
	for (unsigned i = 0; i < TRIES; i++) {
		const struct isa_instr *instr = p->load && i % 2 ? p->load : some_instr(p);

		*word = draft_word(p->d, instr);
		if (instr != p->avoid &&
		    puts_constant(p, *word, byte, i < TRIES / 2 ? UINT64_MAX : 0xff)) {
			p->load = instr;
			return true;
		}
	}
	return false;
}

/* A word that prints a register, for which there is one that puts a constant into it. */
static bool find_output(struct printer *p)
{
	uint64_t ignored;

	for (unsigned i = 0; i < TRIES; i++) {
		const struct isa_instr *instr = some_instr(p);
		uint64_t word, before;

		p->d->nhints = 0;
		word = draft_word(p->d, instr);
		snapshot_restore(p->v, p->now);
		before = printed_count(p);
		if (instr != p->avoid && straight(p, word) && printed_count(p) == before + 1 &&
		    printed_slot(p, word) && find_constant(p, 'A', &ignored))
			return true;
	}
	return false;
}

/* The constant, as often as it takes the console to be ready, and its output. */
static bool print_byte(struct printer *p, int byte)
{
	uint64_t word, before;

	if (!find_constant(p, byte, &word))
		return false;
	for (unsigned i = 0; i < PADDING; i++) {
		if (!accept(p, word) || (p->v->cpu->state[p->slot] & 0xff) != (uint64_t)byte)
			return false;
		before = printed_count(p);
		if (straight(p, p->output) && printed_count(p) == before + 1 &&
		    last_printed(p) == byte)
			return accept(p, p->output);
		snapshot_restore(p->v, p->now);
	}
	return false;
}

static bool halt_here(struct printer *p)
{
	p->d->nhints = 0;
	for (unsigned i = 0; i < TRIES; i++) {
		const struct isa_instr *instr = some_instr(p);
		uint64_t word = draft_word(p->d, instr);
		struct outcome o;

		snapshot_restore(p->v, p->now);
		poke(p, word);
		o = view_step(p->v);
		if (instr != p->avoid && o.traps == 0 && p->v->cpu->status == CPU_HALTED &&
		    p->v->cpu->halt_status == 0) {
			draft_put(p->d, p->place, word);
			return true;
		}
	}
	return false;
}

static bool print(struct printer *p, const char *text)
{
	if (!next_place(p) || !find_output(p))
		return false;
	for (; *text; text++)
		if (!print_byte(p, (unsigned char)*text))
			return false;
	return halt_here(p);
}

bool draft_print(struct draft *d, struct view *scratch, const struct snapshot *from,
		 const char *text, const struct isa_instr *avoid)
{
	struct draft copy = draft_copy(d);
	struct printer p = { .d = &copy, .v = scratch, .avoid = avoid };
	bool good;

	snapshot_restore(scratch, from);
	p.console = devices_find(d->isa, scratch->device, "console");
	p.now = snapshot_take(scratch);
	good = p.console && print(&p, text);
	snapshot_free(p.now);
	write_log_free(&p.log);
	if (good) {
		struct draft was = *d;

		*d = copy;
		copy = was;
	}
	draft_free(&copy);
	return good;
}

/* ---- where traps lead ---- */

struct aim {
	struct draft *d;
	struct view *v;
	struct snapshot *base;
	uint64_t place;	       /* where they should */
	const uint64_t *reset; /* the registers that the trap's handler should have */
};

static int same_bits(uint64_t a, uint64_t b, unsigned width)
{
	return (int)width - __builtin_popcountll((a ^ b) & isa_mask(width));
}

/* How near the state after a trap is to what it should be; -1: it cannot be performed. */
static int nearness(struct aim *a, const struct isa_trap *kind)
{
	const struct isa *isa = a->d->isa;
	unsigned pc = isa->role[ROLE_PC]->slot;
	struct trap t = { .kind = kind, .phase = PHASE_NULLIFY };
	int sum = 0;

	snapshot_restore(a->v, a->base);
	for (uint64_t i = 0; i < a->d->size; i++)
		if (a->d->unit[i])
			window_put(&a->v->window, i, a->d->unit[i]);
	memcpy(a->v->cpu->state, a->d->state, isa->nslots * sizeof(*a->d->state));
	t.p = t.tpc = a->d->state[pc];
	if (!trap_perform(a->v, &t))
		return -1;
	for (enum isa_role r = ROLE_MODE; r < ROLES; r++)
		if (isa->role[r])
			sum += same_bits(a->v->cpu->state[isa->role[r]->slot],
					 a->reset[isa->role[r]->slot], isa->role[r]->width);
	sum += same_bits(a->v->cpu->state[pc], a->place, isa->role[ROLE_PC]->width);
	return sum + (view_user(a->v) ? 0 : 64);
}

/* Flips bits of one value, as long as that brings the trap nearer. */
static bool climb(struct aim *a, const struct isa_trap *kind, uint64_t *value, unsigned width,
		  int *near)
{
	bool changed = false;

	for (unsigned bit = width; bit-- > 0;) {
		int now;

		*value ^= UINT64_C(1) << bit;
		now = nearness(a, kind);
		if (now > *near) {
			*near = now;
			changed = true;
		} else {
			*value ^= UINT64_C(1) << bit;
		}
	}
	return changed;
}

/* Storage that the trap sequence reads; it is told by complementing it. */
static void aim_by_storage(struct aim *a, const struct isa_trap *kind, int *near)
{
	uint64_t mask = isa_mask(a->d->isa->unit);
	size_t bytes = a->d->isa->nslots * sizeof(uint64_t);
	uint64_t *as_is = xmalloc(bytes);

	nearness(a, kind);
	memcpy(as_is, a->v->cpu->state, bytes);

	for (uint64_t i = 0; i < a->d->size; i++) {
		if (a->d->used[i])
			continue;
		a->d->unit[i] ^= mask;
		nearness(a, kind);
		a->d->unit[i] ^= mask;
		if (memcmp(as_is, a->v->cpu->state, bytes) == 0)
			continue;
		climb(a, kind, &a->d->unit[i], a->d->isa->unit, near);
		a->d->used[i] = true;
		nearness(a, kind);
		memcpy(as_is, a->v->cpu->state, bytes);
	}
	free(as_is);
}

static void aim_by_registers(struct aim *a, const struct isa_trap *kind, int *near)
{
	const struct isa *isa = a->d->isa;

	for (unsigned slot = 0; slot < isa->nslots; slot++) {
		const struct isa_reg *r = isa_slot_reg(isa, slot);

		if (r->class == CLASS_CONTROL && r->role == ROLE_NONE)
			climb(a, kind, &a->d->state[slot], r->width, near);
	}
}

void draft_aim_traps(struct draft *d, struct view *scratch, uint64_t place, const uint64_t *reset)
{
	struct aim a = { .d = d, .v = scratch, .place = place, .reset = reset };

	a.base = snapshot_take(scratch);
	for (unsigned i = 0; i < d->isa->ntraps; i++) {
		const struct isa_trap *kind = &d->isa->trap[i];
		int near = nearness(&a, kind);

		if (near < 0) /* for want of a stack, perhaps */
			aim_by_registers(&a, kind, &near);
		aim_by_storage(&a, kind, &near);
		if (i == 0)
			aim_by_registers(&a, kind, &near);
		nearness(&a, kind);
		draft_reserve_changed(d, scratch);
	}
	snapshot_free(a.base);
}
