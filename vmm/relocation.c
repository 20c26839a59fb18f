/*
 * Does translate relocate by base and bounds?  Only then does f compose it: the
 * real R that puts a region's base below the guest's own R must mean what f takes
 * it to mean.
 *
 *     translate traps iff a >= e, else gives l + a,
 *     where e = min(b, q - l), and 0 if l >= q
 *
 * Below b it may give the places of mapped devices, too, which are all behind q: for a guest's
 * region the composed bound never lets it.
 *
 * It is tried on many states, the corners of l, b, a and q first of all, the other
 * registers at random.  Classification proves the same (DESIGN section 6); a
 * monitor has no solver at hand.
 */
#include "vmm/private.h"

#include <inttypes.h>
#include <stdio.h>

enum { PROBES = 2000, PER_STATE = 8 /* of the other registers */ };

struct probe {
	const struct isa *isa;
	const struct isa_reg *base, *bound;
	struct view view; /* a scratch processor before a storage that is never touched */
	uint64_t random;
};

static uint64_t draw(struct probe *p)
{
	uint64_t x = p->random;

	x ^= x << 13;
	x ^= x >> 7;
	x ^= x << 17;
	return p->random = x;
}

/* A value where relocation may go wrong: near 0, near `mark`, near the highest, or any. */
static uint64_t corner(struct probe *p, uint64_t mark, unsigned width)
{
	uint64_t r = draw(p), near = (r >> 8) % 5 - 2, value = 0;

	switch (r & 7) {
	case 0: value = near; break;
	case 1:
	case 2: value = mark + near; break;
	case 3: value = mark ? (r >> 16) % mark : 0; break;
	case 4: value = mark / 2 + near; break;
	case 5: value = isa_mask(width) / 2 + near; break;
	case 6: value = isa_mask(width) - (r >> 8) % 3; break;
	case 7: value = draw(p); break;
	}
	return value & isa_mask(width);
}

/* An address that may reach a device, if there is one. */
static uint64_t near_device(struct probe *p, uint64_t l)
{
	const struct isa_device *d = &p->isa->device[draw(p) % p->isa->ndevices];
	uint64_t place = d->at + (d->units ? draw(p) % d->units : 0);

	return (draw(p) & 1 ? place : place - l) & isa_mask(p->isa->word);
}

static void scramble(struct probe *p)
{
	for (const struct isa_reg *r = p->isa->reg; r < p->isa->reg + p->isa->nregs; r++)
		for (unsigned i = 0; i < r->count; i++)
			p->view.cpu->state[r->slot + i] = draw(p) & isa_mask(r->width);
}

static bool one_probe(struct probe *p, char *reason, size_t size)
{
	static const char *const access_name[] = { "fetched", "read", "written" };
	unsigned word = p->isa->word;
	uint64_t q = p->view.window.size = corner(p, 4096, word - 1) + 1;
	uint64_t l = corner(p, q, p->base->width), b = corner(p, q, p->bound->width);
	uint64_t reach = l >= q ? 0 : b < q - l ? b : q - l;
	uint64_t a = p->isa->mapped && draw(p) % 4 == 0 ? near_device(p, l)
							: corner(p, draw(p) & 1 ? reach : q, word),
		 place = 0;
	enum access access = draw(p) % 3;
	struct trap trap;
	char gives[32] = "traps";
	bool ok;

	p->view.cpu->state[p->base->slot] = l;
	p->view.cpu->state[p->bound->slot] = b;
	ok = view_reach(&p->view, a, access, &place, &trap);
	if (ok ? (a < reach || (place >= q && a < b)) && place == l + a : a >= reach)
		return true;
	if (ok)
		snprintf(gives, sizeof gives, "gives %#" PRIx64, place);
	snprintf(reason, size,
		 "translate does not relocate by base and bounds: with %s = %#" PRIx64
		 ", %s = %#" PRIx64 " and %#" PRIx64 " units of storage, address %#" PRIx64
		 " when %s %s; %s was expected",
		 p->base->name, l, p->bound->name, b, q, a, access_name[access], gives,
		 a < reach ? "base + address" : "a trap");
	return false;
}

bool relocation_composes(const struct view *real, char *reason, size_t size)
{
	struct probe p = {
		.isa = real->isa,
		.base = real->isa->role[ROLE_BASE],
		.bound = real->isa->role[ROLE_BOUND],
		.view = *real,
		.random = UINT64_C(0x2545f4914f6cdd1d),
	};
	bool ok = true;

	if (!p.base || !p.bound) {
		snprintf(reason, size,
			 "%s gives no register the role %s: a monitor cannot compose its "
			 "relocation",
			 p.isa->name,
			 p.base	   ? "bound"
			 : p.bound ? "base"
				   : "base, and none the role bound");
		return false;
	}
	if (code_holds(p.isa->translate, S_LOAD)) {
		snprintf(reason, size,
			 "translate of %s reads storage: it does not relocate by base and "
			 "bounds",
			 p.isa->name);
		return false;
	}
	p.view.cpu = cpu_new(p.isa, 1);
	for (unsigned i = 0; ok && i < PROBES; i++) {
		if (i % PER_STATE == 0)
			scramble(&p);
		ok = one_probe(&p, reason, size);
	}
	cpu_free(p.view.cpu);
	return ok;
}
