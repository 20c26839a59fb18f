/*
 * Words that print a text and halt, found by trial on the oracle.  A word prints what it finds: in
 * a register, for which other words have constants; or in itself, or in storage, which is then
 * given what is to be printed.
 */
#include "cli/draft.h"

#include "isa/alloc.h"

#include <string.h>

enum {
	TRIES = 100000, /* words tried for one purpose */
	PAUSE_TRIES = 5000,
	DIRECT_TRIES = 500,
	CANDIDATES = 20,     /* words that print, looked at closely */
	AGAIN_TRIES = 20000, /* where a recipe was known, and did not do */
	OUTPUT_TRIES = 3000, /* for a constant, while another output word might do better */
	USEFUL = 96,	     /* words of which a constant may be built */
	DEEP = 3,	     /* so many of them */
	DEEP_TRIES = 400000,
};

struct printer {
	struct draft *d;
	struct view *v; /* the scratch machine */
	struct device *console;
	struct snapshot *now; /* it, before the next word; owned */
	const struct isa_instr *avoid;
	struct recipe *recipe;
	unsigned tries;	   /* for a recipe */
	uint64_t from, to; /* the routine's own storage */
	struct write_log log;
	uint64_t place;	  /* of the next word */
	uint64_t *before; /* registers before a word; owned */
	bool *scratch; /* units that hold nothing the guest began with, such as a stack's; owned */
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

static uint64_t delay(const struct device *console)
{
	return device_param(console, "delay", 4);
}

uint64_t draft_print_room(const struct view *v, const char *text)
{
	const struct device *console = devices_find(v->isa, v->device, "console");

	return console ? 16 + strlen(text) * (4 + delay(console)) : 0;
}

/* ---- one word ---- */

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

/* Are registers of a class, P and time apart, as they were before the word? */
static bool kept(const struct printer *p, enum isa_class class)
{
	const struct isa *isa = p->d->isa;

	for (unsigned i = 0; i < isa->nregs; i++) {
		const struct isa_reg *r = &isa->reg[i];

		if (r->class == class && !r->time && r->role != ROLE_PC &&
		    memcmp(p->v->cpu->state + r->slot, p->before + r->slot,
			   r->count * sizeof(*p->before)) != 0)
			return false;
	}
	return true;
}

/* It wrote to free storage only, and not to where words will be. */
static bool writes_aside(const struct printer *p)
{
	for (size_t i = 0; i < p->log.count; i++) {
		uint64_t a = p->log.address[i];

		if ((p->d->used[a] && !p->scratch[a]) || (a >= p->from && a < p->to))
			return false;
	}
	return true;
}

/* Runs a word from where the machine stands: does it go on behind it, and leave alone what counts?
 */
static bool straight(struct printer *p, uint64_t word)
{
	const struct isa *isa = p->d->isa;
	unsigned pc = isa->role[ROLE_PC]->slot;
	uint64_t place, next;
	struct outcome o;

	memcpy(p->before, p->v->cpu->state, isa->nslots * sizeof(*p->before));
	poke(p, word);
	write_log_clear(&p->log);
	p->v->window.storage->log = &p->log;
	o = view_step(p->v);
	p->v->window.storage->log = NULL;
	return o.traps == 0 && p->v->cpu->status == CPU_RUNNING &&
	       p->v->cpu->state[pc] != p->before[pc] && view_fetch(p->v, &next, &place) &&
	       place == p->place + isa->length && kept(p, CLASS_CONTROL) && writes_aside(p);
}

/* The same from the last word that was kept. */
static bool runs(struct printer *p, uint64_t word)
{
	snapshot_restore(p->v, p->now);
	return straight(p, word);
}

static void stand(struct printer *p)
{
	snapshot_free(p->now);
	p->now = snapshot_take(p->v);
}

/* The word is kept, and the machine stands behind it. */
static bool accept(struct printer *p, uint64_t word)
{
	if (!runs(p, word))
		return false;
	draft_put(p->d, p->place, word);
	for (size_t i = 0; i < p->log.count; i++)
		p->d->used[p->log.address[i]] = p->scratch[p->log.address[i]] = true;
	stand(p);
	return next_place(p);
}

static const struct isa_instr *some_instr(struct printer *p)
{
	const struct isa_instr *instr = draft_instr(p->d);

	return instr == p->avoid ? draft_instr(p->d) : instr;
}

/* Gives a console that is busy time to print.  A word that does nothing. */
static bool pass_time(struct printer *p)
{
	uint64_t count;

	snapshot_restore(p->v, p->now);
	count = printed_count(p);
	for (unsigned i = 0; i < PAUSE_TRIES; i++) {
		uint64_t word = draft_word(p->d, some_instr(p));

		if (runs(p, word) && kept(p, CLASS_VISIBLE) &&
		    (p->log.count == 0 || i > PAUSE_TRIES / 2) && printed_count(p) == count)
			return accept(p, word);
	}
	return false;
}

/* ---- from a register ---- */

static bool printable(const struct isa_reg *r)
{
	return r->class == CLASS_VISIBLE && r->role != ROLE_PC && r->width >= 7;
}

static bool prints_slot(struct printer *p, uint64_t word, unsigned slot, int byte)
{
	uint64_t before;

	snapshot_restore(p->v, p->now);
	before = printed_count(p);
	p->v->cpu->state[slot] = (uint64_t)byte;
	return straight(p, word) && printed_count(p) == before + 1 && last_printed(p) == byte;
}

/* The register whose value a word prints. */
static bool printed_slot(struct printer *p, uint64_t word)
{
	const struct isa *isa = p->d->isa;

	for (unsigned slot = 0; slot < isa->nslots; slot++)
		if (printable(isa_slot_reg(isa, slot)) && prints_slot(p, word, slot, 'B') &&
		    prints_slot(p, word, slot, '\n') && prints_slot(p, word, slot, 'I')) {
			p->recipe->slot = slot;
			p->recipe->output = word;
			return true;
		}
	return false;
}

static bool holds(const struct printer *p, int byte)
{
	return (p->v->cpu->state[p->recipe->slot] & 0xff) == (uint64_t)byte;
}

static void hint_constant(struct printer *p, int byte)
{
	p->d->nhints = p->d->nindices = 0;
	draft_hint(p->d, (uint64_t)byte);
	draft_index(p->d, p->recipe->slot);
}

/* One word that puts a constant there. */
static bool find_load(struct printer *p, int byte, unsigned tries, uint64_t *word)
{
	hint_constant(p, byte);
	for (unsigned i = 0; i < tries; i++) {
		const struct isa_instr *load = p->recipe->load;
		const struct isa_instr *instr = load && i % 2 ? load : some_instr(p);

		*word = draft_word(p->d, instr);
		if (runs(p, *word) && holds(p, byte)) {
			p->recipe->load = instr;
			return true;
		}
	}
	return false;
}

/* Words that change the register, each instruction's by different values. */
static unsigned find_useful(struct printer *p, uint64_t *word)
{
	uint64_t value[USEFUL];
	unsigned n = 0;

	hint_constant(p, 0);
	for (unsigned i = 0; i < OUTPUT_TRIES && n < USEFUL; i++) {
		const struct isa_instr *instr = some_instr(p);
		unsigned k = 0;

		word[n] = draft_word(p->d, instr);
		if (!runs(p, word[n]) || p->log.count > 0)
			continue;
		value[n] = p->v->cpu->state[p->recipe->slot];
		while (k < n && (value[k] != value[n] || isa_decode(p->d->isa, word[k]) != instr))
			k++;
		n += k == n;
	}
	return n;
}

/* Some of the words, one behind the other, that put a constant there; at most `depth`. */
static bool find_words(struct printer *p, int byte, const uint64_t *useful, unsigned n,
		       unsigned depth, uint64_t *found, unsigned *tries)
{
	struct snapshot *start = p->now;
	uint64_t place = p->place, next;
	bool good = false;

	for (unsigned i = 0; i < n && !good && (*tries)++ < DEEP_TRIES; i++) {
		p->now = start;
		p->place = place;
		*found = useful[i];
		if (!runs(p, useful[i]))
			continue;
		if (depth == 1) {
			good = holds(p, byte);
		} else if (view_fetch(p->v, &next, &p->place)) {
			p->now = snapshot_take(p->v);
			good = find_words(p, byte, useful, n, depth - 1, found + 1, tries);
			snapshot_free(p->now);
		}
	}
	p->now = start;
	p->place = place;
	return good;
}

/* Words that leave a constant in the register; *last is the last of them. */
static bool build(struct printer *p, int byte, unsigned tries, uint64_t *last)
{
	uint64_t useful[USEFUL], found[DEEP];
	unsigned n, spent = 0;

	if (!p->recipe->by_words) {
		if (find_load(p, byte, tries, last))
			return accept(p, *last);
	}
	n = find_useful(p, useful);
	for (unsigned depth = 1; depth <= DEEP; depth++) {
		if (!find_words(p, byte, useful, n, depth, found, &spent))
			continue;
		p->recipe->by_words = true;
		for (unsigned i = 0; i < depth; i++)
			if (!accept(p, found[i]))
				return false;
		*last = found[depth - 1];
		return true;
	}
	return false;
}

static bool print_register(struct printer *p, int byte)
{
	uint64_t word = 0;

	if (!build(p, byte, TRIES, &word))
		return false;
	for (uint64_t i = 0; i <= delay(p->console) + 2; i++) {
		if (prints_slot(p, p->recipe->output, p->recipe->slot, byte))
			return accept(p, p->recipe->output);
		/* the same again: a word that surely does no harm, or else one that does nothing */
		if (!(runs(p, word) && holds(p, byte) && accept(p, word)) && !pass_time(p))
			return false;
	}
	return false;
}

/* ---- from the word itself, or from storage ---- */

/* Free storage holds the byte everywhere, between two places excepted. */
static void fill(struct printer *p, int byte, uint64_t from, uint64_t to)
{
	for (uint64_t i = 0; i < p->d->size; i++)
		if (!p->d->used[i] && !(i >= p->from && i < p->to) && !(i >= from && i < to))
			window_put(&p->v->window, i, (uint64_t)byte);
}

static bool prints_filled(struct printer *p, uint64_t word, int byte, uint64_t from, uint64_t to)
{
	uint64_t before;

	snapshot_restore(p->v, p->now);
	before = printed_count(p);
	if (to - from < p->d->size)
		fill(p, byte, from, to);
	return straight(p, word) && printed_count(p) == before + 1 && last_printed(p) == byte;
}

/* Gives the byte to those units there that must have it. */
static void give(struct printer *p, uint64_t word, int byte, uint64_t from, uint64_t to)
{
	uint64_t middle = from + (to - from) / 2;

	if (prints_filled(p, word, byte, from, to))
		return;
	if (to - from > 1) {
		give(p, word, byte, from, middle);
		give(p, word, byte, middle, to);
	} else {
		p->d->unit[from] = (uint64_t)byte;
		p->d->used[from] = true;
		snapshot_restore(p->v, p->now);
		window_put(&p->v->window, from, (uint64_t)byte);
		stand(p);
	}
}

/* Flips the word's bits as long as it prints something nearer. */
static bool climb(struct printer *p, uint64_t *word, int byte)
{
	const struct isa_instr *instr = isa_decode(p->d->isa, *word);
	unsigned bits = p->d->isa->length * p->d->isa->unit;
	int wrong = __builtin_popcount((unsigned)(last_printed(p) ^ byte));

	for (unsigned bit = 0; bit < bits && bit < 64 && wrong > 0; bit++) {
		uint64_t before, other = *word ^ UINT64_C(1) << bit;
		int now;

		if (isa_decode(p->d->isa, other) != instr)
			continue;
		snapshot_restore(p->v, p->now);
		before = printed_count(p);
		if (!straight(p, other) || printed_count(p) != before + 1)
			continue;
		now = __builtin_popcount((unsigned)(last_printed(p) ^ byte));
		if (now < wrong) {
			wrong = now;
			*word = other;
		}
	}
	return wrong == 0;
}

static bool prints_itself(struct printer *p, uint64_t *word, int byte)
{
	uint64_t before;

	snapshot_restore(p->v, p->now);
	before = printed_count(p);
	return straight(p, *word) && printed_count(p) == before + 1 && climb(p, word, byte);
}

static bool find_direct(struct printer *p, int byte, unsigned tries, uint64_t *word)
{
	p->d->nhints = p->d->nindices = 0;
	draft_hint(p->d, (uint64_t)byte);
	for (unsigned i = 0; i < tries; i++) {
		*word = draft_word(p->d, p->recipe->print);
		if (prints_itself(p, word, byte) || prints_filled(p, *word, byte, 0, 0))
			return true;
	}
	return false;
}

/* Has the console, which loses what it is given while it prints, printed? */
static bool wait_until_ready(struct printer *p)
{
	enum { PRINTER = 3, READY = 2 }; /* machine/device.h */

	for (uint64_t i = 0; i <= delay(p->console) + 2; i++) {
		snapshot_restore(p->v, p->now);
		if (p->console->class->read(p->console, PRINTER) & READY)
			return true;
		if (!pass_time(p))
			return false;
	}
	return false;
}

/* A word after which one prints the byte, as from the top of a stack. */
static bool print_after(struct printer *p, int byte)
{
	uint64_t place = p->place, next;

	p->d->nhints = p->d->nindices = 0;
	draft_hint(p->d, (uint64_t)byte);
	for (unsigned i = 0; i < OUTPUT_TRIES; i++) {
		uint64_t word = draft_word(p->d, some_instr(p));
		uint64_t output = draft_word(p->d, p->recipe->print), count;
		bool good;

		if (!runs(p, word) || !view_fetch(p->v, &next, &p->place))
			continue;
		count = printed_count(p);
		good = straight(p, output) && printed_count(p) == count + 1 &&
		       last_printed(p) == byte;
		p->place = place;
		if (good)
			return accept(p, word) && accept(p, output);
	}
	return false;
}

static bool print_direct(struct printer *p, int byte)
{
	uint64_t word;

	if (!wait_until_ready(p))
		return false;
	if (!find_direct(p, byte, DIRECT_TRIES, &word))
		return print_after(p, byte);
	give(p, word, byte, 0, p->d->size);
	return prints_filled(p, word, byte, 0, p->d->size) && accept(p, word);
}

/* ---- a way to print ---- */

/* Can its register be given constants? */
static bool loadable(struct printer *p)
{
	struct draft copy = draft_copy(p->d), *was = p->d;
	struct snapshot *start;
	uint64_t ignored, place = p->place;
	bool good;

	snapshot_restore(p->v, p->now);
	start = snapshot_take(p->v);
	p->d = &copy;
	good = build(p, 'A', OUTPUT_TRIES, &ignored);
	p->d = was;
	p->d->random = copy.random;
	p->place = place;
	draft_free(&copy);
	snapshot_free(p->now);
	p->now = start;
	return good;
}

static bool suits(struct printer *p, uint64_t word)
{
	p->recipe->print = isa_decode(p->d->isa, word);
	p->recipe->load = NULL;
	p->recipe->by_words = false;
	p->recipe->by_register = printed_slot(p, word) && loadable(p);
	return p->recipe->by_register ||
	       (find_direct(p, 'B', 200, &word) && find_direct(p, '\n', 200, &word));
}

static bool find_recipe(struct printer *p)
{
	unsigned candidates = 0;

	for (unsigned i = 0; i < p->tries && candidates < CANDIDATES; i++) {
		uint64_t word, before;

		p->d->nhints = p->d->nindices = 0;
		word = draft_word(p->d, some_instr(p));
		snapshot_restore(p->v, p->now);
		before = printed_count(p);
		if (!straight(p, word) || printed_count(p) != before + 1)
			continue;
		candidates++;
		if (suits(p, word))
			return p->recipe->known = true;
	}
	return false;
}

/* ---- the end ---- */

static bool halts(struct printer *p, uint64_t word)
{
	struct outcome o;

	poke(p, word);
	o = view_step(p->v);
	return o.traps == 0 && p->v->cpu->status == CPU_HALTED;
}

/* A word that halts, with status 0 if there is one. */
static bool find_halt(struct printer *p, uint64_t *halt)
{
	bool found = false;

	p->d->nhints = p->d->nindices = 0;
	for (unsigned i = 0; i < TRIES; i++) {
		uint64_t word = draft_word(p->d, some_instr(p));

		snapshot_restore(p->v, p->now);
		if (!halts(p, word))
			continue;
		*halt = word;
		found = true;
		if (p->v->cpu->halt_status == 0)
			return true;
	}
	return found;
}

/* A word before it by which its status becomes 0. */
static bool find_status(struct printer *p, uint64_t halt)
{
	for (unsigned i = 0; i < TRIES; i++) {
		uint64_t word = draft_word(p->d, some_instr(p)), behind = p->place;

		if (!runs(p, word) || !view_fetch(p->v, &(uint64_t){ 0 }, &p->place))
			continue;
		bool good = halts(p, halt) && p->v->cpu->halt_status == 0;
		p->place = behind;
		if (good)
			return accept(p, word);
	}
	return false;
}

static bool halt_here(struct printer *p)
{
	uint64_t word = 0;

	if (!find_halt(p, &word))
		return false;
	snapshot_restore(p->v, p->now);
	if ((!halts(p, word) || p->v->cpu->halt_status != 0) && !find_status(p, word))
		return false;
	draft_put(p->d, p->place, word);
	return true;
}

static bool print_text(struct printer *p, const char *text)
{
	for (; *text; text++)
		if (!(p->recipe->by_register ? print_register : print_direct)(p,
									      (unsigned char)*text))
			return false;
	return halt_here(p);
}

static void begin(struct printer *p, const struct snapshot *from)
{
	snapshot_restore(p->v, from);
	p->console = devices_find(p->d->isa, p->v->device, "console");
	stand(p);
	for (uint64_t i = 0; i < p->d->size; i++) {
		uint64_t now = p->d->unit[i];

		window_get(&p->v->window, i, &now);
		p->scratch[i] = now != p->d->unit[i];
	}
}

/* Do words run at all, one behind the other?  They do not where each is interrupted. */
static bool calm(struct printer *p)
{
	for (unsigned i = 0; i < 300; i++)
		if (runs(p, draft_word(p->d, some_instr(p))))
			return true;
	return false;
}

/* By the recipe; or by one that is found now. */
static bool print(struct printer *p, const struct snapshot *from, const char *text)
{
	begin(p, from);
	if (!p->console || !next_place(p))
		return false;
	p->from = p->place;
	p->to = p->from + draft_print_room(p->v, text) * p->d->isa->length;
	return calm(p) && (p->recipe->known || find_recipe(p)) && print_text(p, text);
}

static bool attempt(struct draft *d, struct printer *p, const struct snapshot *from,
		    const char *text)
{
	struct draft copy = draft_copy(d), other;
	bool good;

	p->d = &copy;
	good = print(p, from, text);
	d->random = copy.random;
	if (good) {
		other = *d;
		*d = copy;
		copy = other;
	}
	draft_free(&copy);
	return good;
}

bool draft_print(struct draft *d, struct view *scratch, const struct snapshot *from,
		 const char *text, const struct isa_instr *avoid, struct recipe *recipe, bool look)
{
	struct printer p = { .v = scratch, .avoid = avoid, .recipe = recipe };
	struct recipe known = *recipe;
	bool good;

	p.before = xmalloc(d->isa->nslots * sizeof(*p.before));
	p.scratch = xcalloc(d->size, sizeof(*p.scratch));
	good = recipe->known && attempt(d, &p, from, text);
	if (!good && look) {
		p.tries = recipe->known ? AGAIN_TRIES : TRIES;
		recipe->known = false;
		good = attempt(d, &p, from, text);
	}
	if (!good)
		*recipe = known;
	snapshot_free(p.now);
	write_log_free(&p.log);
	free(p.before);
	free(p.scratch);
	return good;
}
