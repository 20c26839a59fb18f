/*
 * What was decided as a table in Markdown, and as a picture of the paper's sets in
 * the language of Graphviz.  A set that is empty is not drawn.
 */
#include "cli/decision.h"
#include "cli/layout.h"

#include <string.h>

/* ---- Markdown ---- */

/* "yes (mode, IE)"; nothing for "no". */
static char *parts_cell(enum answer is, const struct parts *p, char *buffer, size_t size)
{
	FILE *f = fmemopen(buffer, size, "w");

	buffer[0] = 0;
	if (!f)
		return buffer;
	if (is != ANSWER_NO) {
		fputs(answer_name(is), f);
		print_parts_apart(p, f);
	}
	fclose(f);
	return buffer;
}

static const char *answer_cell(enum answer a)
{
	return a == ANSWER_NO ? "" : answer_name(a);
}

/* In user mode alone. */
static enum answer user_answer(const struct classification *k)
{
	if (k->user_sensitive == ANSWER_YES || k->user_trap == ANSWER_YES)
		return ANSWER_YES;
	return k->user_sensitive == ANSWER_NO && k->user_trap == ANSWER_NO ? ANSWER_NO
									   : ANSWER_UNKNOWN;
}

static void markdown_row(struct grid *g, const struct classification *k)
{
	char control[256], behaviour[256];

	parts_cell(k->control_sensitive, &k->control, control, sizeof(control));
	parts_cell(k->behaviour_sensitive, &k->behaviour, behaviour, sizeof(behaviour));
	grid_row(g, (const char *[]){ k->instr->name, trapping_name(k->trapping), control,
				      behaviour, answer_cell(k->trap_sensitive),
				      answer_cell(user_answer(k)), what_breaks(k) });
}

void decision_markdown(const struct decision *d, FILE *to)
{
	struct grid *g = grid_new(7);
	const struct layout l = { to, true };
	char text[256];

	snprintf(text, sizeof(text), "%s, classified", d->isa->name);
	layout_heading(&l, 1, text);
	snprintf(text, sizeof(text),
		 "All states, all storage sizes, relative to the map %s. Translation lemma: %s; "
		 "composition: %s.",
		 d->map->name, answer_name(d->lemma), answer_name(d->composition));
	layout_paragraph(&l, text);
	grid_row(g, (const char *[]){ "instruction", "trapping", "control sensitive",
				      "behaviour sensitive", "trap sensitive", "user sensitive",
				      "verdict" });
	for (unsigned i = 0; i < d->n; i++)
		markdown_row(g, &d->of[i]);
	grid_print(g, &l);
}

/* ---- Graphviz ---- */

/* Where a set is drawn: each nest lies within the one before it. */
enum nest { NEST_ALL, NEST_SENSITIVE, NEST_TRAPPING, NESTS };

static const struct {
	const char *label, *pen, *fill;
} nests[NESTS] = {
	[NEST_ALL] = { "all instructions", "gray50", "white" },
	[NEST_SENSITIVE] = { "sensitive", "chocolate", "antiquewhite" },
	[NEST_TRAPPING] = { "sensitive, and trapping in user mode", "darkgreen", "honeydew" },
};

enum set {
	SET_PRIVILEGED,
	SET_IN_USER,
	SET_ALWAYS_SENSITIVE,
	SET_BREAKS_BOTH,
	SET_BREAKS_FIRST,
	SET_HARMLESS,
	SET_DIRECT,
	SET_INNOCUOUS,
	SET_TRAPPING_INNOCUOUS,
	SET_UNDECIDED,
	SETS,
};

static const struct {
	const char *label;
	enum nest nest;
	const char *fill;
	bool named; /* with what it is sensitive to, one instruction a line */
} sets[SETS] = {
	[SET_PRIVILEGED] = { "privileged", NEST_TRAPPING, "palegreen", false },
	[SET_IN_USER] = { "traps in user mode", NEST_TRAPPING, "palegreen", false },
	[SET_ALWAYS_SENSITIVE] = { "always traps", NEST_TRAPPING, "palegreen", false },
	[SET_BREAKS_BOTH] = { "breaks the conditions of Theorems 1 and 3", NEST_SENSITIVE, "tomato",
			      true },
	[SET_BREAKS_FIRST] = { "breaks Theorem 1's condition only", NEST_SENSITIVE, "lightsalmon",
			       true },
	[SET_HARMLESS] = { "breaks nothing", NEST_SENSITIVE, "palegreen", true },
	[SET_DIRECT] = { "breaks the direct question only", NEST_ALL, "plum", true },
	[SET_INNOCUOUS] = { "innocuous", NEST_ALL, "aliceblue", false },
	[SET_TRAPPING_INNOCUOUS] = { "trapping, and innocuous", NEST_ALL, "palegreen", false },
	[SET_UNDECIDED] = { "undecided", NEST_ALL, "khaki", true },
};

static enum set set_of_offender(const struct classification *k)
{
	if (k->breaks_theorem3 == ANSWER_YES)
		return SET_BREAKS_BOTH;
	return k->breaks_theorem1 == ANSWER_YES ? SET_BREAKS_FIRST : SET_DIRECT;
}

static enum set set_of(const struct classification *k)
{
	if (breaks_something(k))
		return set_of_offender(k);
	if (undecided(k))
		return SET_UNDECIDED;
	switch (k->trapping) {
	case TRAPS_PRIVILEGED: return sensitive(k) ? SET_PRIVILEGED : SET_TRAPPING_INNOCUOUS;
	case TRAPS_IN_USER: return sensitive(k) ? SET_IN_USER : SET_TRAPPING_INNOCUOUS;
	case TRAPS_ALWAYS: return sensitive(k) ? SET_ALWAYS_SENSITIVE : SET_TRAPPING_INNOCUOUS;
	case TRAPS_CONDITIONALLY:
	case TRAPS_NOT: return sensitive(k) ? SET_HARMLESS : SET_INNOCUOUS;
	case TRAPS_UNKNOWN: break;
	}
	return SET_UNDECIDED;
}

static unsigned size_of(const struct decision *d, enum set s)
{
	unsigned n = 0;

	for (unsigned i = 0; i < d->n; i++)
		n += set_of(&d->of[i]) == s;
	return n;
}

/* How many columns make n names about as wide as high. */
static unsigned columns_for(unsigned n)
{
	unsigned columns = 1;

	while (columns * columns < n)
		columns++;
	return columns;
}

static void dot_cell(const struct classification *k, bool named, FILE *to)
{
	char text[512];

	fprintf(to, "<td align=\"left\">%s", k->instr->name);
	if (named && *sensitivity(k, text, sizeof(text)))
		fprintf(to, "  <font point-size=\"10\">%s</font>", text);
	fputs("</td>", to);
}

/* A set: its name and number over a table of its instructions. */
static void dot_set(const struct decision *d, enum set s, FILE *to)
{
	unsigned n = size_of(d, s), columns = sets[s].named ? 1 : columns_for(n), at = 0;

	fprintf(to,
		"set%d [label=<<table border=\"1\" cellborder=\"0\" cellspacing=\"2\" "
		"bgcolor=\"%s\">\n<tr><td colspan=\"%u\"><b>%s: %u</b></td></tr>\n",
		s, sets[s].fill, columns, sets[s].label, n);
	for (unsigned i = 0; i < d->n; i++) {
		if (set_of(&d->of[i]) != s)
			continue;
		fputs(at % columns ? "" : "<tr>", to);
		dot_cell(&d->of[i], sets[s].named, to);
		at++;
		fputs(at % columns && at < n ? "" : "</tr>\n", to);
	}
	fputs("</table>>];\n", to);
}

static unsigned size_from(const struct decision *d, enum nest nest)
{
	unsigned n = 0;

	for (int s = 0; s < SETS; s++)
		n += sets[s].nest >= nest ? size_of(d, (enum set)s) : 0;
	return n;
}

/* A nest's own sets, one under the other. */
static void dot_column(const struct decision *d, enum nest nest, FILE *to)
{
	int above = SETS;

	for (int s = 0; s < SETS; s++) {
		if (sets[s].nest != nest || size_of(d, (enum set)s) == 0)
			continue;
		dot_set(d, (enum set)s, to);
		if (above != SETS)
			fprintf(to, "set%d -> set%d [style=invis]\n", above, s);
		above = s;
	}
}

static void dot_nest(const struct decision *d, enum nest nest, FILE *to)
{
	if (nest == NESTS || size_from(d, nest) == 0)
		return;
	fprintf(to,
		"subgraph cluster%d {\nlabel=\"%s%s%s: %u\" labelloc=t style=\"rounded,filled\" "
		"color=\"%s\" fillcolor=\"%s\" fontsize=16\n",
		nest, nest == NEST_ALL ? d->isa->name : "", nest == NEST_ALL ? ", " : "",
		nests[nest].label, size_from(d, nest), nests[nest].pen, nests[nest].fill);
	dot_nest(d, nest + 1, to);
	dot_column(d, nest, to);
	fputs("}\n", to);
}

static const char *const holds_words[] = {
	[ANSWER_NO] = "condition fails",
	[ANSWER_YES] = "condition holds",
	[ANSWER_UNKNOWN] = "undecided",
};

static void dot_legend(const struct decision *d, const struct verdict *one,
		       const struct verdict *three, FILE *to)
{
	static const char *const colours[][2] = {
		{ "tomato", "sensitive, and runs in user mode: breaks both conditions" },
		{ "lightsalmon", "sensitive, and runs in user mode: breaks Theorem 1's condition" },
		{ "palegreen", "traps where that matters, or finds under the map what is its own" },
		{ "aliceblue", "neither changes control state nor depends on it" },
	};

	fputs("label=<<table border=\"0\" cellborder=\"0\" cellspacing=\"3\">\n", to);
	for (size_t i = 0; i < sizeof(colours) / sizeof(colours[0]); i++)
		fprintf(to,
			"<tr><td bgcolor=\"%s\" border=\"1\" width=\"30\"></td>"
			"<td align=\"left\">%s</td></tr>\n",
			colours[i][0], colours[i][1]);
	if (d->whole)
		fprintf(to,
			"<tr><td></td><td align=\"left\"><b>Theorem 1, monitor: %s. "
			"Theorem 3, hybrid monitor: %s.</b></td></tr>\n",
			holds_words[one->holds], holds_words[three->holds]);
	fputs("</table>>\n", to);
}

void decision_dot(const struct decision *d, const struct verdict *one, const struct verdict *three,
		  FILE *to)
{
	fputs("digraph sets {\nfontname=\"Helvetica\" labelloc=b ranksep=0.2\n"
	      "node [shape=plain fontname=\"Helvetica\"]\n",
	      to);
	dot_legend(d, one, three, to);
	dot_nest(d, NEST_ALL, to);
	fputs("}\n", to);
}
