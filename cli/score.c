/*
 * The score: every seeded fault, looked for by fuzzing and by comparing guests.
 */
#include "cli/score.h"

#include "cli/console.h"
#include "cli/lab.h"
#include "cli/terminal.h"

#include <inttypes.h>
#include <stdlib.h>

#define LIMIT 2000000 /* steps of a guest */
#define SLICE 1000    /* compared at once */

struct score {
	const struct campaign *campaign;
	unsigned nguests;
	struct guest *guest;
	unsigned faults, found, by_fuzz, by_guests;
};

static bool tries(const struct score *s, enum monitor_kind kind)
{
	unsigned kinds = s->campaign->fuzz.kinds;

	return kinds == 0 || (kinds & 1U << kind);
}

/* ---- by fuzzing ---- */

/* "guest 12 under vmm, 1 instruction" */
static bool find_by_fuzz(const struct score *s, enum fault fault, char *text, size_t size)
{
	struct campaign c = *s->campaign;
	struct tally t;
	const json_t *o;

	c.fuzz.fault = fault;
	c.fuzz.enough = 1;
	c.output = NULL;
	tally_init(&t);
	campaign_run(&c, &t);
	o = json_array_get(t.failures, 0);
	if (o)
		snprintf(text, size, "fuzz: guest %lld under %s, %lld instruction%s",
			 (long long)json_integer_value(json_object_get(o, "number")),
			 json_string_value(json_object_get(o, "monitor")),
			 (long long)json_integer_value(json_object_get(o, "instructions")),
			 plural((uint64_t)json_integer_value(json_object_get(o, "instructions"))));
	else
		snprintf(text, size, "fuzz: not in %" PRIu64 " guests", t.sum.guests);
	tally_free(&t);
	return o != NULL;
}

/* ---- by comparing guests ---- */

/* A guest with itself as its neighbour, so that what belongs to another can be seen. */
static bool differs(const struct score *s, const struct guest *g, enum monitor_kind kind,
		    enum fault fault, uint64_t *step)
{
	const struct equiv_options options = { .limit = LIMIT, .slice = SLICE, .patience = 1 };
	struct guest both[2] = { *g, *g };
	struct lab_options o = lab_defaults();
	struct text none = { NULL, 0 };
	struct lab *bare, *lab;
	struct equivalence e = { .holds = true };

	o.fault = fault;
	if (s->campaign->engine.text)
		o.engine = s->campaign->engine;
	o.quantum = 97; /* many world switches */
	bare = lab_bare(g, &o);
	lab = bare ? lab_monitor(both, 2, kind, &o) : NULL;
	if (lab && console_prepare(bare->view[0], &none, NULL) &&
	    console_prepare(lab->view[0], &none, NULL) &&
	    console_prepare(lab->view[1], &none, NULL)) {
		lab_stop_by(bare, interrupt_catch());
		lab_stop_by(lab, interrupt_catch());
		e = equiv_run(bare->view[0], lab->monitor, lab->vm[0], &options);
	}
	*step = e.at[DEPTH_CAUSE].found ? e.at[DEPTH_CAUSE].step : e.steps;
	lab_free(lab);
	lab_free(bare);
	equivalence_free(&e);
	return !e.holds || e.violations;
}

/* "equiv: echo under vmm, step 123" */
static bool find_by_guests(const struct score *s, enum fault fault, char *text, size_t size)
{
	char name[64];
	uint64_t step;

	for (unsigned i = 0; i < s->nguests; i++) {
		for (int kind = MONITOR_VMM; kind <= MONITOR_HYBRID && !interrupt_which(); kind++) {
			if (!tries(s, (enum monitor_kind)kind) ||
			    !differs(s, &s->guest[i], (enum monitor_kind)kind, fault, &step))
				continue;
			snprintf(text, size, "equiv: %s under %s, step %" PRIu64,
				 guest_short_name(&s->guest[i], name, sizeof(name)),
				 monitor_kind_name((enum monitor_kind)kind), step);
			return true;
		}
	}
	snprintf(text, size, "equiv: in no guest");
	return false;
}

/* ---- the table ---- */

static void score_fault(struct score *s, enum fault fault)
{
	char fuzz[128], guests[128] = "";
	bool by_fuzz = find_by_fuzz(s, fault, fuzz, sizeof(fuzz));
	bool by_guests = s->nguests && find_by_guests(s, fault, guests, sizeof(guests));

	if (interrupt_which())
		return;
	s->faults++;
	s->by_fuzz += by_fuzz;
	s->by_guests += by_guests;
	s->found += by_fuzz || by_guests;
	printf("%sok %-2u - %-18s %s%s%s\n", by_fuzz || by_guests ? "" : "not ", s->faults,
	       fault_name(fault), fuzz, *guests ? "; " : "", guests);
	fflush(stdout);
}

static bool load(struct score *s, struct shelf *shelf, const char *const *guests)
{
	s->guest = make(s->nguests, sizeof(struct guest));
	return lab_load(shelf, s->guest, s->nguests, guests, &(struct guest_wish){ .isa = NULL });
}

int score(const struct campaign *c, struct shelf *shelf, unsigned nguests,
	  const char *const *guests)
{
	struct score s = { .campaign = c, .nguests = nguests };
	bool loaded = load(&s, shelf, guests);

	for (int f = FAULT_NONE + 1; loaded && f < FAULTS && !interrupt_which(); f++)
		score_fault(&s, (enum fault)f);
	for (unsigned i = 0; i < nguests; i++)
		guest_free(&s.guest[i]);
	free(s.guest);
	if (!loaded)
		return STATUS_USAGE;
	if (interrupt_which())
		return interrupt_end();
	printf("1..%u\n# %u of %u faults found: %u by fuzzing", s.faults, s.found, s.faults,
	       s.by_fuzz);
	if (nguests)
		printf(", %u by comparing guests", s.by_guests);
	putchar('\n');
	return s.found == s.faults ? STATUS_YES : STATUS_NO;
}
