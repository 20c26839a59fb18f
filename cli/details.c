/* Under what an instruction traps, and which of its words are bad, in words and as JSON. */
#include "cli/decision.h"

#include <inttypes.h>
#include <stdlib.h>

/* ---- guards ---- */

char *guard_words(const struct guard *g)
{
	bool all = g->n > 0;
	char *text;
	size_t size;
	FILE *f = open_memstream(&text, &size);

	for (unsigned i = 0; i < g->n; i++) {
		fprintf(f, "%s%s", i ? "; " : "", g->of[i].trap->name);
		if (*g->of[i].when)
			fprintf(f, " when %s", g->of[i].when);
		all &= *g->of[i].when != 0;
	}
	if (!all && g->on.n) {
		fputs(g->n ? "; it depends on " : "it depends on ", f);
		print_parts(&g->on, f);
	}
	fclose(f);
	return text;
}

json_t *guard_json(const struct guard *g)
{
	json_t *traps = json_array();

	for (unsigned i = 0; i < g->n; i++)
		json_array_append_new(traps,
				      json_pack("{s:s, s:s?}", "trap", g->of[i].trap->name, "when",
						*g->of[i].when ? g->of[i].when : NULL));
	return json_pack("{s:o, s:o}", "traps", traps, "depends_on", parts_json(&g->on));
}

/* ---- bad words ---- */

static void print_values(uint64_t values, FILE *f)
{
	const char *separator = "";

	for (unsigned v = 0; v < 64; v++)
		if (values >> v & 1) {
			fprintf(f, "%s%u", separator, v);
			separator = " or ";
		}
}

/* Those values, or, if they are fewer, the others. */
static void print_narrow(const struct field_set *s, FILE *f)
{
	uint64_t others = s->of & ~s->values;
	bool few = __builtin_popcountll(others) < __builtin_popcountll(s->values);

	fprintf(f, "%s %s ", s->field->name, few ? "not" : "=");
	print_values(few ? others : s->values, f);
}

/* "imm = 5", "imm[6] not 1", "imm[5:3] = 2". */
static void print_run(const struct field_set *s, unsigned lo, unsigned hi, FILE *f)
{
	fputs(s->field->name, f);
	if (lo == hi)
		fprintf(f, "[%u]", lo);
	else if (lo || hi + 1 < s->field->width)
		fprintf(f, "[%u:%u]", hi, lo);
	uint64_t value = s->match >> lo & isa_mask(hi - lo + 1);
	fprintf(f, value < 10 ? " %s %" PRIu64 : " %s 0x%" PRIx64, s->negated ? "not" : "=", value);
}

static void print_wide(const struct field_set *s, FILE *f)
{
	const char *separator = "";

	for (unsigned lo = 0, hi; lo < s->field->width; lo = hi + 1) {
		hi = lo;
		if (!(s->mask >> lo & 1))
			continue;
		while (hi + 1 < s->field->width && s->mask >> (hi + 1) & 1)
			hi++;
		fputs(separator, f);
		print_run(s, lo, hi, f);
		separator = s->negated ? " or " : ", ";
	}
}

static void print_field(const struct field_set *s, FILE *f)
{
	if (s->narrow)
		print_narrow(s, f);
	else
		print_wide(s, f);
}

static void print_case(const struct word_set *set, FILE *f)
{
	const char *separator = "";

	for (unsigned i = 0; i < set->n; i++)
		if (!field_set_any(&set->of[i])) {
			fputs(separator, f);
			print_field(&set->of[i], f);
			separator = ", ";
		}
}

static void print_cases(const struct guilt *g, FILE *f)
{
	for (unsigned i = 0; i < g->n; i++) {
		fputs(i ? " and those with " : "those with ", f);
		print_case(&g->of[i], f);
	}
}

char *guilt_words(const struct guilt *g)
{
	char *text;
	size_t size;
	FILE *f = open_memstream(&text, &size);

	if (guilt_every(g)) {
		fputs("every one", f);
	} else if (guilt_nothing(g)) {
		fputs("some; which, was not found out", f);
	} else {
		fputs(g->but && g->exact ? "all but " : g->but ? "none of " : "", f);
		print_cases(g, f);
		if (!g->exact)
			fputs(g->but ? "; which of the others, was not found out"
				     : ", or some of these; which, was not found out",
			      f);
	}
	fclose(f);
	return text;
}

static json_t *case_json(const struct word_set *set)
{
	json_t *fields = json_array();

	for (unsigned i = 0; i < set->n; i++)
		if (!field_set_any(&set->of[i])) {
			char *rule;
			size_t size;
			FILE *f = open_memstream(&rule, &size);
			print_field(&set->of[i], f);
			fclose(f);
			json_array_append_new(fields,
					      json_pack("{s:s, s:s}", "field",
							set->of[i].field->name, "rule", rule));
			free(rule);
		}
	return fields;
}

json_t *guilt_json(const struct guilt *g)
{
	char *condition = guilt_condition(g);
	json_t *cases = json_array();

	for (unsigned i = 0; i < g->n; i++)
		json_array_append_new(cases, case_json(&g->of[i]));
	json_t *o = json_pack("{s:b, s:b, s:b, s:o, s:s}", "every", guilt_every(g), "exact",
			      g->exact, "all_but", g->but, "cases", cases, "condition", condition);
	free(condition);
	return o;
}

/* ---- where the paper's classes and the direct question differ ---- */

static bool broken(const struct classification *k)
{
	return k->breaks_theorem1 == ANSWER_YES || k->breaks_theorem3 == ANSWER_YES;
}

static const char *why_harmless(const struct classification *k)
{
	if (k->time_only_vmm)
		return "the words that run in user mode are sensitive to time alone: with the same "
		       "time "
		       "on the clock, the virtual machine and the real one do the same";
	if (k->executes_in_user == ANSWER_NO)
		return "";
	if (k->direct_vmm == ANSWER_NO)
		return "a monitor is not harmed: the words that are sensitive trap where it runs "
		       "them, or "
		       "they depend on, or change, only what the map mirrors, which is the same in "
		       "both";
	return "";
}

const char *disagreement(const struct classification *k)
{
	if (!broken(k) && breaks_something(k))
		return "the paper's classes see nothing of it: they compare states in which it "
		       "does not "
		       "trap, or registers that every state may hold; the map's real machine "
		       "differs "
		       "from its virtual one all the same";
	if (k->breaks_theorem1 == ANSWER_YES && k->direct_vmm == ANSWER_NO)
		return "under this map a monitor is not harmed: whatever the virtual machine's "
		       "state, the "
		       "real one does the same (the condition is sufficient, not necessary)";
	if (k->breaks_theorem3 == ANSWER_YES && k->direct_hybrid == ANSWER_NO &&
	    k->direct_vmm != ANSWER_NO)
		return "under this map a hybrid monitor is not harmed: in virtual user mode the "
		       "real "
		       "machine does the same (the condition is sufficient, not necessary)";
	return sensitive(k) && !breaks_something(k) && !undecided(k) ? why_harmless(k) : "";
}
