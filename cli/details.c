/* Under what an instruction traps, and which of its words are bad, in words and as JSON. */
#include "cli/decision.h"

#include <inttypes.h>
#include <stdlib.h>

/* ---- guards ---- */

static void print_on(const struct parts *on, FILE *f)
{
	for (unsigned i = 0; i < on->n; i++)
		fprintf(f, "%s%s", i == 0 ? "" : i + 1 < on->n ? ", " : " and ", on->name[i]);
}

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
		print_on(&g->on, f);
	}
	fclose(f);
	return text;
}

json_t *guard_json(const struct guard *g)
{
	json_t *traps = json_array(), *on = json_array();

	for (unsigned i = 0; i < g->n; i++)
		json_array_append_new(traps,
				      json_pack("{s:s, s:s?}", "trap", g->of[i].trap->name, "when",
						*g->of[i].when ? g->of[i].when : NULL));
	for (unsigned i = 0; i < g->on.n; i++)
		json_array_append_new(on, json_string(g->on.name[i]));
	return json_pack("{s:o, s:o}", "traps", traps, "depends_on", on);
}

/* ---- bad words ---- */

static bool tells(const struct field_guilt *g)
{
	return g->rule != FIELD_ANY;
}

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
static void print_narrow(const struct field_guilt *g, FILE *f)
{
	uint64_t others = g->others;
	bool few = __builtin_popcountll(others) < __builtin_popcountll(g->values);

	fputs(few ? "not " : "= ", f);
	print_values(few ? others : g->values, f);
}

static void print_field(const struct field_guilt *g, FILE *f)
{
	fprintf(f, "%s ", g->field->name);
	switch (g->rule) {
	case FIELD_ONE_OF: print_narrow(g, f); break;
	case FIELD_VALUE: fprintf(f, "= %" PRIu64, g->match); break;
	case FIELD_NOT_ZERO: fputs("not 0", f); break;
	case FIELD_UNKNOWN: fputs("undecided", f); break;
	case FIELD_ANY: break;
	}
}

char *guilt_words(const struct guilt *g)
{
	const char *separator = "those with ";
	char *text;
	size_t size;
	FILE *f = open_memstream(&text, &size);

	for (unsigned i = 0; i < g->n; i++)
		if (tells(&g->of[i])) {
			fputs(separator, f);
			print_field(&g->of[i], f);
			separator = ", ";
		}
	if (g->every)
		fputs("every one", f);
	else if (ftell(f) == 0)
		fputs("no field by itself tells them apart", f);
	fclose(f);
	return text;
}

static json_t *field_json(const struct field_guilt *g)
{
	char *rule;
	size_t size;
	FILE *f = open_memstream(&rule, &size);

	print_field(g, f);
	fclose(f);
	json_t *o = json_pack("{s:s, s:s}", "field", g->field->name, "rule", rule);
	free(rule);
	return o;
}

json_t *guilt_json(const struct guilt *g)
{
	json_t *fields = json_array();

	for (unsigned i = 0; i < g->n; i++)
		if (tells(&g->of[i]))
			json_array_append_new(fields, field_json(&g->of[i]));
	return json_pack("{s:b, s:o}", "every", g->every, "fields", fields);
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
