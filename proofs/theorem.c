/* The theorems' verdicts. */
#include "proofs/classify_private.h"

#include "isa/alloc.h"

bool breaks_theorem(const struct classification *k, int theorem)
{
	if (theorem == 1)
		return k->breaks_theorem1 == ANSWER_YES ||
		       (k->direct_vmm == ANSWER_YES && !k->time_only_vmm);
	return k->breaks_theorem3 == ANSWER_YES ||
	       (k->direct_hybrid == ANSWER_YES && !k->time_only_hybrid);
}

struct verdict verdict_of(int theorem, const struct classification *k, unsigned n,
			  enum answer lemma, enum answer composition)
{
	struct verdict v = { .offender = xcalloc(n + 1, sizeof *v.offender) };
	enum answer broken = ANSWER_NO, differs = ANSWER_NO, kept = ANSWER_YES, fast = ANSWER_YES;
	bool founded = lemma == ANSWER_YES && composition == ANSWER_YES;

	for (unsigned i = 0; i < n; i++) {
		enum answer b = theorem == 1 ? k[i].breaks_theorem1 : k[i].breaks_theorem3;
		enum answer d = theorem == 1 ? k[i].direct_vmm : k[i].direct_hybrid;
		bool time_only = theorem == 1 ? k[i].time_only_vmm : k[i].time_only_hybrid;

		v.up_to_time |= time_only;
		kept = answer_both(kept,
				   theorem == 1 ? k[i].controlled_vmm : k[i].controlled_hybrid);
		fast = answer_both(fast, theorem == 1 ? k[i].efficient : ANSWER_NO);
		broken = answer_either(broken, b);
		differs = answer_either(differs, time_only ? ANSWER_NO : d);
		if (breaks_theorem(&k[i], theorem))
			v.offender[v.noffenders++] = &k[i];
	}
	v.holds = lemma == ANSWER_YES ? answer_negate(broken) : ANSWER_UNKNOWN;
	v.equivalence = founded ? answer_negate(differs) : ANSWER_UNKNOWN;
	v.control = founded ? kept : ANSWER_UNKNOWN;
	v.efficiency = founded ? fast : ANSWER_UNKNOWN;
	return v;
}

void verdict_free(struct verdict *v)
{
	free(v->offender);
}
