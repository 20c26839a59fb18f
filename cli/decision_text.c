/* What was decided, as text: the offenders, what the others are, the verdicts. */
#include "cli/decision.h"
#include "cli/layout.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

/* Where lines go on that are too long for the terminal. */
enum { INSTRUCTION_COLUMN = 10, THEOREM_COLUMN = 22 };

/* A head as wide as the column, and after it a text, wrapped; frees the text. */
static void print_wrapped(const char *head, int column, char *text)
{
	fputs(head, stdout);
	layout_wrap(stdout, text, column);
	free(text);
}

/* Where its user mode traps anyway, it goes without saying. */
static bool in_supervisor_only(const struct classification *k)
{
	return k->user_sensitive == ANSWER_NO && k->user_trap == ANSWER_NO &&
	       k->executes_in_user != ANSWER_NO;
}

static char *line_text(const struct classification *k)
{
	char parts[512], *text;
	size_t size;
	FILE *f = open_memstream(&text, &size);

	sensitivity(k, parts, sizeof(parts));
	fprintf(f, "user mode: %s", trapping_name(k->trapping));
	if (*parts)
		fprintf(f, "   sensitive: %s%s", parts,
			in_supervisor_only(k) ? ", in supervisor mode only" : "");
	else if (!undecided(k))
		fputs("   innocuous", f);
	if (undecided(k))
		fputs("   undecided in part", f);
	fclose(f);
	return text;
}

/* "          traps: divide when ..."; frees the text. */
static void print_detail(const char *what, char *text)
{
	char head[64];

	snprintf(head, sizeof(head), "%*s%s: ", INSTRUCTION_COLUMN, "", what);
	print_wrapped(head, (int)strlen(head), text);
}

static void print_line(const struct decision *d, unsigned i)
{
	const struct classification *k = &d->of[i];
	char head[64];

	snprintf(head, sizeof(head), " %-8s ", k->instr->name);
	print_wrapped(head, INSTRUCTION_COLUMN, line_text(k));
	if (k->trapping == TRAPS_CONDITIONALLY)
		print_detail("traps", guard_words(&d->guard[i]));
	if (*what_breaks(k))
		printf("%*s%s%s%s\n", INSTRUCTION_COLUMN, "", colour(stdout, COLOUR_BAD),
		       what_breaks(k), colour(stdout, COLOUR_END));
	if (*disagreement(k))
		print_detail("but", strdup(disagreement(k)));
}

static void print_words(const struct decision *d, unsigned i)
{
	uint64_t word = d->of[i].word;
	char text[128];

	print_detail("bad words", guilt_words(&d->guilt[i]));
	printf(" %-8s for example 0x%" PRIx64 ": %s\n", "", word,
	       disasm_word(d->isa, word, 0, NULL, text, sizeof(text)));
}

static const char *group_of(const struct classification *k)
{
	if (undecided(k))
		return "undecided";
	if (k->trapping == TRAPS_CONDITIONALLY || k->trapping == TRAPS_NOT)
		return sensitive(k) ? "sensitive, yet harmless" : "innocuous";
	return trapping_name(k->trapping);
}

static void print_counts(const struct decision *d)
{
	static const char *const groups[] = {
		"privileged", "traps in user mode",	 "always traps",
		"innocuous",  "sensitive, yet harmless", "undecided"
	};
	const char *separator = " others: ";

	for (size_t g = 0; g < sizeof(groups) / sizeof(*groups); g++) {
		unsigned n = 0;
		for (unsigned i = 0; i < d->n; i++)
			n += !breaks_something(&d->of[i]) &&
			     strcmp(group_of(&d->of[i]), groups[g]) == 0;
		if (!n)
			continue;
		printf("%s%u %s", separator, n, groups[g]);
		separator = ", ";
	}
	putchar('\n');
}

/* The paper's definition of user sensitive asks that of one state only. */
static void print_literal(const struct decision *d)
{
	unsigned tight = 0, literal = 0;

	for (unsigned i = 0; i < d->n; i++) {
		tight += d->of[i].user_sensitive == ANSWER_YES;
		literal += d->of[i].user_sensitive_literal == ANSWER_YES;
	}
	printf(" user sensitive: %u with both states in user mode; %u as printed in the paper\n",
	       tight, literal);
}

static void print_instructions(const struct decision *d, bool all)
{
	for (unsigned i = 0; i < d->n; i++)
		if (breaks_something(&d->of[i])) {
			print_line(d, i);
			print_words(d, i);
		}
	for (unsigned i = 0; i < d->n; i++)
		if (!breaks_something(&d->of[i]) && (all || undecided(&d->of[i])))
			print_line(d, i);
	if (!all)
		print_counts(d);
	else if (d->whole)
		print_literal(d);
}

/* Replays a witness against the first offender that has one; what became of it. */
static const char *witness_words(const struct decision *d, const struct verdict *v, bool hybrid)
{
	for (unsigned i = 0; i < v->noffenders; i++) {
		struct witness w = witness_find(d->classifier, v->offender[i]->instr, hybrid);
		bool found = w.found == ANSWER_YES, replayed = w.replayed;

		witness_free(&w);
		if (found)
			return replayed ? "witness replayed"
					: "its witness did not replay: a defect of this program";
	}
	return "no small witness was found";
}

typedef bool pick(const struct classification *);

/* " (A, B, C)" of those that a test picks. */
static void name_picked(FILE *f, const struct decision *d, pick *picked)
{
	enum { SHOWN = 6 };
	unsigned n = 0;

	for (unsigned i = 0; i < d->n; i++)
		if (picked(&d->of[i]) && n++ < SHOWN)
			fprintf(f, "%s%s", n > 1 ? ", " : " (", d->of[i].instr->name);
	if (n)
		fputs(n > SHOWN ? ", ...)" : ")", f);
}

static bool offends_first(const struct classification *k)
{
	return breaks_theorem(k, 1);
}

static bool offends_third(const struct classification *k)
{
	return breaks_theorem(k, 3);
}

static char *theorem_text(const struct decision *d, int theorem, const struct verdict *v)
{
	char *text;
	size_t size;
	FILE *f = open_memstream(&text, &size);

	switch (v->holds) {
	case ANSWER_YES:
		fputs("condition holds", f);
		/* the theorem supposes a map that composes */
		fputs(d->composition == ANSWER_YES ? ", so a monitor exists"
						   : "; composition is open",
		      f);
		break;
	case ANSWER_UNKNOWN: fputs("undecided", f); break;
	case ANSWER_NO:
		fputs("condition fails", f);
		name_picked(f, d, theorem == 1 ? offends_first : offends_third);
		break;
	}
	if (v->equivalence == ANSWER_YES)
		fprintf(f, "; equivalence proved for every guest%s",
			v->up_to_time ? ", up to time" : "");
	else if (v->equivalence == ANSWER_NO)
		fprintf(f, ". Every monitor that runs unprivileged instructions directly fails: %s",
			witness_words(d, v, theorem == 3));
	if (v->holds == ANSWER_YES && v->equivalence == ANSWER_NO)
		fputs("; the paper's classes see nothing of it", f);
	if (v->holds == ANSWER_NO && v->equivalence == ANSWER_YES)
		fputs(", although the paper's condition, which is sufficient, fails", f);
	fclose(f);
	return text;
}

static void print_theorem(const struct decision *d, int theorem, const struct verdict *v)
{
	char head[64];

	snprintf(head, sizeof(head), " Theorem %d  %-10s", theorem,
		 theorem == 1 ? "monitor" : "hybrid");
	print_wrapped(head, THEOREM_COLUMN, theorem_text(d, theorem, v));
}

static const char *const proof_words[] = {
	[ANSWER_NO] = "fails", [ANSWER_YES] = "proved", [ANSWER_UNKNOWN] = "undecided"
};

/* ---- the properties of section 4 ---- */

static bool not_equivalent(const struct classification *k)
{
	return k->direct_vmm == ANSWER_YES && !k->time_only_vmm;
}

static bool not_controlled(const struct classification *k)
{
	return k->controlled_vmm == ANSWER_NO;
}

static bool not_efficient(const struct classification *k)
{
	return k->efficient == ANSWER_NO;
}

static void name_property(FILE *f, const struct decision *d, const char *name, enum answer holds,
			  pick *against)
{
	fprintf(f, "%s%s %s", ftell(f) ? "; " : "", name, proof_words[holds]);
	if (holds == ANSWER_NO)
		name_picked(f, d, against);
}

static void print_properties(const struct decision *d, const struct verdict *v)
{
	char *text;
	size_t size;
	FILE *f = open_memstream(&text, &size);

	name_property(f, d, "equivalence", v->equivalence, not_equivalent);
	name_property(f, d, "resource control", v->control, not_controlled);
	name_property(f, d, "efficiency", answer_both(v->efficiency, d->reach), not_efficient);
	if (d->reach == ANSWER_NO)
		fprintf(f, ": in user mode each access to addresses such as 0x%" PRIx64 " traps",
			d->unreached);
	fclose(f);
	print_wrapped(" Properties monitor   ", THEOREM_COLUMN, text);
}

static void print_recursion(const struct verdict *first)
{
	static const char *const words[] = {
		[ANSWER_NO] = "first condition fails with Theorem 1's",
		[ANSWER_YES] = ("first condition holds; the second, a monitor without timing "
				"dependence, is the monitor's to meet"),
		[ANSWER_UNKNOWN] = "undecided",
	};
	print_wrapped(" Theorem 2  recursion ", THEOREM_COLUMN, strdup(words[first->holds]));
}

/* ---- what verdicts rest on ---- */

static bool not_reflected(const struct classification *k)
{
	return k->reflected != ANSWER_YES;
}

static enum answer reflection_of(const struct decision *d)
{
	enum answer all = ANSWER_YES;

	for (unsigned i = 0; i < d->n; i++)
		all = answer_both(all, d->of[i].reflected);
	return all;
}

static void print_grounds(const struct decision *d)
{
	enum answer reflection = reflection_of(d);
	char *text;
	size_t size;
	FILE *f = open_memstream(&text, &size);

	fprintf(f, "timing unobserved; %s%smap %s.",
		d->isa->abstract_translation ? "the translation of guests traced; " : "",
		d->isa->mapped ? "where devices are mapped, accesses trap; " : "",
		d->map->name);
	if (d->lemma == ANSWER_YES && d->composition == ANSWER_YES && reflection == ANSWER_YES) {
		fputs(" Lemma, composition, reflection proved.", f);
	} else {
		fprintf(f, " Lemma %s, composition %s", proof_words[d->lemma],
			proof_words[d->composition]);
		if (d->undecided)
			fprintf(f, " (%s)", d->undecided);
		fputs(", ", f);
		if (reflection == ANSWER_NO) {
			fputs("reflection not of some instructions", f);
			name_picked(f, d, not_reflected);
			fputs(": a monitor interprets them in virtual user mode, too.", f);
		} else {
			fprintf(f, "reflection %s.", proof_words[reflection]);
		}
	}
	fclose(f);
	print_wrapped(" assumes: ", INSTRUCTION_COLUMN, text);
}

static void print_head(const struct decision *d)
{
	struct smt_counts n = smt_counts(d->smt);

	printf("%s   %u instruction%s, all states, all storage sizes   %s, %u quer%s, %.1f s\n",
	       d->isa->name, d->n, d->n == 1 ? "" : "s", smt_solver_name(d->smt),
	       n.queries + n.cached, n.queries + n.cached == 1 ? "y" : "ies", n.seconds);
	print_grounds(d);
}

void decision_next(const struct decision *d)
{
	char words[4200];

	for (unsigned i = 0; i < d->n; i++)
		if (breaks_something(&d->of[i])) {
			say_next(stdout, "trapeze explain %s %s",
				 decided_words(d, words, sizeof(words)), d->of[i].instr->name);
			return;
		}
}

void decision_verdicts(const struct decision *d, const struct verdict *one,
		       const struct verdict *three)
{
	print_theorem(d, 1, one);
	print_recursion(one);
	print_theorem(d, 3, three);
	print_properties(d, one);
}

void decision_text(const struct decision *d, bool all, const struct verdict *one,
		   const struct verdict *three)
{
	print_head(d);
	print_instructions(d, all || !d->whole);
	if (d->whole)
		decision_verdicts(d, one, three);
}
