/* Advice: the weakest map, and what would mend each offender, as text and as JSON. */
#include "cli/advice.h"
#include "cli/layout.h"
#include "isa/alloc.h"
#include "proofs/advice.h"

static void show_progress(const char *text)
{
	progress("%s", text);
}

static FILE *begin_text(char **text, size_t *size)
{
	return must(open_memstream(text, size));
}

/* ---- the weakest map ---- */

static const char *const monitor_name[] = { [1] = "monitor", [3] = "hybrid monitor" };

/* A text as comments of the language, in 80 columns; frees it. */
static void print_comment(char *text)
{
	int column = 0;

	for (const char *at = text; *at;) {
		int n = (int)strcspn(at, " ");
		if (column == 0 || column + 1 + n > 80)
			column = printf("%s//", column ? "\n" : "");
		column += printf(" %.*s", n, at);
		at += n + (at[n] == ' ');
	}
	putchar('\n');
	free(text);
}

static char *why(const struct advised_line *l)
{
	char *text;
	size_t size;
	FILE *f = begin_text(&text, &size);

	if (l->user)
		fputs("user mode", f);
	else if (l->kind == MAP_COMPOSED)
		fputs("relocation", f);
	else if (l->composition)
		fputs("composition fails otherwise", f);
	else if (l->if_virtual && l->if_virtual == l->if_mirrored)
		fprintf(f, "%s fails, were it virtual or mirrored", l->if_virtual->name);
	else if (l->if_virtual && l->if_mirrored)
		fprintf(f, "%s fails, were it virtual; %s, were it mirrored", l->if_virtual->name,
			l->if_mirrored->name);
	else if (l->if_virtual && l->unsafe_mirrored)
		fprintf(f, "%s fails, were it virtual; mirrored, it holds off %s",
			l->if_virtual->name, l->unsafe_mirrored->name);
	else if (l->if_virtual)
		fprintf(f, "%s fails, were it virtual", l->if_virtual->name);
	else if (l->if_mirrored)
		fprintf(f, "%s fails, were it mirrored", l->if_mirrored->name);
	else if (l->kind == MAP_MIRRORED && l->reg->constant)
		fputs("identification, the same everywhere", f);
	else
		fputs("nothing that runs depends on it", f);
	fclose(f);
	return text;
}

static char *warning(const struct advised_line *l)
{
	char *text;
	size_t size;
	FILE *f;

	if (!l->holds_off || l->kind == MAP_VIRTUAL)
		return NULL;
	f = begin_text(&text, &size);
	if (l->kind == MAP_MIRRORED)
		fprintf(f,
			"mirroring %s lets a guest hold off the trap %s of the real machine, by "
			"which its monitor may hear of timer or devices: with %s = %llu it never comes",
			l->reg->name, l->holds_off->name, l->reg->name,
			(unsigned long long)l->held_off_by);
	else
		fprintf(f,
			"with %s pinned to %s the real machine never raises %s while a guest runs: "
			"a monitor must not count on it",
			l->reg->name, l->value, l->holds_off->name);
	fclose(f);
	return text;
}

static char *blocking_text(const struct decision *d, const struct advised_map *a, int theorem)
{
	unsigned of = theorem == 1 ? 0 : 1;
	char *text;
	size_t size;
	FILE *f = begin_text(&text, &size);

	fprintf(f, "%s: no map serves Theorem %d's %s", d->isa->name, theorem,
		monitor_name[theorem]);
	if (!a->modes)
		fputs(": no value of its registers that was tried is user mode", f);
	for (unsigned i = 0; i < a->nblocking[of]; i++)
		fprintf(f, "%s%s",
			i	       ? ", "
			: a->clash[of] ? ": some map serves each, and none tried serves all, of "
				       : ": under every map tried for it fails ",
			a->blocking[of][i]->name);
	fclose(f);
	return text;
}

static char *map_text(const struct decision *d, const struct advised_map *a)
{
	char name[32], line[256], *text, *reason;
	size_t size;
	FILE *f = begin_text(&text, &size);

	fprintf(f, "map %s \"for Theorem %d's %s, found by trapeze check --find-map\" {\n",
		advised_map_name(d->isa, name, sizeof(name)), a->theorem, monitor_name[a->theorem]);
	for (unsigned i = 0; i < a->nlines; i++) {
		reason = why(&a->line[i]);
		fprintf(f, "  %-22s // %s\n", advised_line_text(&a->line[i], line, sizeof(line)),
			reason);
		free(reason);
	}
	fputs("}\n", f);
	fclose(f);
	return text;
}

static void print_warnings(const struct advised_map *a)
{
	for (unsigned i = 0; i < a->nlines; i++) {
		char *text = warning(&a->line[i]);
		if (text)
			print_comment(xformat("warning: %s", text));
		free(text);
	}
}

static void find_map_text(const struct decision *d, const struct advised_map *a)
{
	struct smt_counts n = smt_counts(d->smt);
	char *text;

	if (a->theorem != 1)
		print_comment(blocking_text(d, a, 1));
	if (a->theorem == 0)
		print_comment(blocking_text(d, a, 3));
	print_comment(xformat(
		"%s: %u map%s tried, %s, %u queries, %.1f s%s", d->isa->name, a->tried,
		plural(a->tried), smt_solver_name(d->smt), n.queries + n.cached, n.seconds,
		a->undecided
			? "; the search was cut short or a question undecided, which counts as a no"
			: ""));
	if (a->limits)
		print_comment(limits_text("not tried: ", a->limits));
	if (!a->theorem)
		return;
	print_comment(xformat("The weakest map found under which Theorem %d's condition holds, and "
			      "equivalence for every guest",
			      a->theorem));
	text = map_text(d, a);
	fputs(text, stdout);
	free(text);
	print_warnings(a);
}

static json_t *line_json(const struct advised_line *l)
{
	char *reason = why(l), *warn = warning(l);
	json_t *o = json_pack("{s:s, s:s, s:s?, s:s, s:s?, s:s?, s:s?}", "register", l->reg->name,
			      "kind", map_kind_name(l->kind), "value", l->value, "why", reason,
			      "fails_if_virtual", l->if_virtual ? l->if_virtual->name : NULL,
			      "fails_if_mirrored", l->if_mirrored ? l->if_mirrored->name : NULL,
			      "warning", warn);

	free(reason);
	free(warn);
	return o;
}

static json_t *names_json(const struct isa_instr *const *instr, unsigned n)
{
	json_t *all = json_array();

	for (unsigned i = 0; i < n; i++)
		json_array_append_new(all, json_string(instr[i]->name));
	return all;
}

static json_t *limits_json(unsigned limits)
{
	json_t *all = json_array();

	for (unsigned i = 0; i < SEARCH_LIMITS; i++)
		if (limits >> i & 1) {
			char *text = limits_text("", 1u << i);
			json_array_append_new(all, json_string(text));
			free(text);
		}
	return all;
}

static void find_map_json(const struct decision *d, const struct advised_map *a)
{
	json_t *lines = json_array();
	json_t *o =
		json_pack("{s:s, s:s, s:i, s:i, s:b, s:o, s:o, s:b, s:b}", "machine", d->isa->name,
			  "solver", smt_solver_name(d->smt), "theorem", a->theorem, "maps_tried",
			  (int)a->tried, "undecided", a->undecided, "in_the_way_of_theorem_1",
			  names_json(a->blocking[0], a->nblocking[0]), "in_the_way_of_theorem_3",
			  names_json(a->blocking[1], a->nblocking[1]), "clash_for_theorem_1",
			  a->clash[0] && a->theorem != 1, "clash_for_theorem_3",
			  a->clash[1] && a->theorem == 0);
	char *text = a->theorem ? map_text(d, a) : NULL;

	for (unsigned i = 0; a->theorem && i < a->nlines; i++)
		json_array_append_new(lines, line_json(&a->line[i]));
	json_object_set_new(o, "registers", lines);
	json_object_set_new(o, "not_tried", limits_json(a->limits));
	json_object_set_new(o, "map", text ? json_string(text) : json_null());
	free(text);
	say_json(o);
}

int find_map(struct decision *d, const struct isa *isa, const struct decision_options *o, bool json)
{
	struct advised_map a;
	int status = STATUS_NO;

	if (!decision_begin(d, isa, o))
		return STATUS_USAGE;
	if (d->lemma == ANSWER_UNKNOWN) {
		say_error("the lemma about translate of %s is undecided: no verdict", isa->name);
		return STATUS_UNDECIDED;
	}
	a = advise_map(isa, d->smt, d->terms, show_progress);
	progress("%s", "");
	if (json)
		find_map_json(d, &a);
	else
		find_map_text(d, &a);
	if (a.theorem == 1)
		status = STATUS_YES;
	else if (a.undecided)
		status = STATUS_UNDECIDED;
	advised_map_free(&a);
	return status;
}

/* ---- fixes ---- */

/* Of all instructions but those advised about, does none break the theorem? */
static enum answer others_hold(const struct decision *d, const struct advice *of, unsigned n,
			       int theorem)
{
	enum answer all = d->whole ? d->lemma : ANSWER_UNKNOWN;

	all = answer_both(all, d->composition);
	for (unsigned i = 0; i < d->n; i++) {
		bool advised = false;
		for (unsigned k = 0; k < n; k++)
			advised |= of[k].instr == d->of[i].instr;
		if (!advised && breaks_theorem(&d->of[i], theorem))
			all = answer_both(all, ANSWER_NO);
		else if (!advised && undecided(&d->of[i]))
			all = answer_both(all, ANSWER_UNKNOWN);
	}
	return all;
}

static bool broke_third(const struct decision *d, const struct advice *of, unsigned n)
{
	for (unsigned i = 0; i < d->n; i++)
		for (unsigned k = 0; k < n; k++)
			if (of[k].instr == d->of[i].instr && breaks_theorem(&d->of[i], 3))
				return true;
	return false;
}

/* What is known once some instructions are changed. */
static char *outcome(const struct decision *d, const struct advice *of, unsigned n,
		     const struct remedied *then)
{
	enum answer one = answer_both(then->theorem1, others_hold(d, of, n, 1));
	enum answer three = answer_both(then->theorem3, others_hold(d, of, n, 3));
	char *text;
	size_t size;
	FILE *f = begin_text(&text, &size);

	fputs("with this, ", f);
	if (one == ANSWER_YES)
		fputs("Theorem 1's condition holds; equivalence proved for every guest", f);
	else if (three == ANSWER_YES && broke_third(d, of, n))
		fputs("Theorem 3's condition holds; equivalence proved for every guest of a hybrid "
		      "monitor",
		      f);
	else if (then->theorem1 == ANSWER_YES && then->theorem3 == ANSWER_YES)
		fprintf(f, "%s break%s neither Theorem 1's condition nor Theorem 3's",
			n == 1 ? of[0].instr->name : "these", n == 1 ? "s" : "");
	else
		fprintf(f, "%s break%s not Theorem %d's condition",
			n == 1 ? of[0].instr->name : "these", n == 1 ? "s" : "",
			then->theorem1 == ANSWER_YES ? 1 : 3);
	if (then->questions)
		fprintf(f, ": checked, %u question%s", then->questions, plural(then->questions));
	else
		fputs(": checked, by questions asked above", f);
	fclose(f);
	return text;
}

struct fixes {
	unsigned n;
	struct advice *of; /* by offender */
	bool together;
	struct combined combined;
};

static struct fixes find_fixes(const struct decision *d)
{
	struct fixes x = { .of = make(d->n + 1, sizeof(*x.of)) };
	struct adviser *by = adviser_new(d->classifier, show_progress);

	for (unsigned i = 0; i < d->n; i++)
		if (breaks_something(&d->of[i]))
			x.of[x.n++] = advise(by, &d->of[i], &d->guilt[i]);
	progress("%s: the first change to each, together", d->isa->name);
	x.together = advise_combined(by, x.of, x.n, &x.combined);
	adviser_free(by);
	progress("%s", "");
	return x;
}

static void fixes_free(struct fixes *x)
{
	for (unsigned i = 0; i < x->n; i++)
		advice_free(&x->of[i]);
	if (x->together)
		free(x->combined.text);
	free(x->of);
}

static const struct isa_instr *always_traps(const struct decision *d)
{
	for (unsigned i = 0; i < d->n; i++)
		if (d->of[i].trapping == TRAPS_ALWAYS)
			return d->of[i].instr;
	return NULL;
}

/* Techniques that serve such a machine as it is, each with its reason; owned by the caller. */
struct technique {
	const char *name;
	char *reason;
};
enum { TECHNIQUES = 3 };

static char *hybrid_reason(const struct decision *d, const struct verdict *three)
{
	bool holds = three->holds == ANSWER_YES && three->equivalence == ANSWER_YES;

	if (!d->whole)
		return xformat(
			holds ? "serves what is named: it does not break Theorem 3's condition"
			      : "does not serve: what is named breaks Theorem 3's condition");
	if (holds)
		return xformat(
			"serves: Theorem 3's condition holds; it interprets virtual supervisor "
			"mode, and only there do these instructions differ");
	return xformat("does not serve: Theorem 3's condition %s",
		       three->holds == ANSWER_NO ? "fails" : "is not proved");
}

static void find_techniques(const struct decision *d, const struct verdict *three,
			    struct technique *to)
{
	const struct isa_instr *svc = always_traps(d);
	const char *trap = svc ? svc->name : "a word that traps";

	to[0] = (struct technique){ "hybrid monitor", hybrid_reason(d, three) };
	to[1] = (struct technique){
		"binary translation",
		xformat("serves, and so does patching: the monitor reads code before it runs, and puts "
			"%s, as long as any instruction, in the place of each such word; it has to "
			"keep guests from seeing or undoing that",
			trap)
	};
	to[2] = (struct technique){
		"paravirtual guests",
		xformat("serve: their source is changed, so that %s calls the monitor where the "
			"instruction stood",
			trap)
	};
}

static void print_outcome(const struct decision *d, const struct advice *of, unsigned n,
			  const struct remedied *then)
{
	char *text = outcome(d, of, n, then);

	fputs("    ", stdout);
	layout_wrap(stdout, text, 4);
	free(text);
}

static void print_alternative(const struct decision *d, const struct advice *of,
			      const struct alternative *a, unsigned number)
{
	if (a->remedy == REMEDY_MAP)
		printf("  %u %s: instead of these lines of map %s\n", number,
		       remedy_name(a->remedy), d->map->name);
	else
		printf("  %u %s: first in its body\n", number, remedy_name(a->remedy));
	printf("      %s\n", a->text);
	print_outcome(d, of, 1, &a->then);
	if (a->holds_off)
		printf("    warning: so the trap %s of the real machine can be held off from its monitor\n",
		       a->holds_off->name);
}

static void print_advice(const struct decision *d, const struct advice *of)
{
	const struct place p = of->instr->place;

	printf("\n %s, %s:%d\n", of->instr->name, p.source->name, p.line);
	if (of->n == 0)
		puts("  nothing that was tried mends it");
	for (unsigned i = 0; i < of->n; i++)
		print_alternative(d, of, &of->of[i], i + 1);
	if (of->limits) {
		char *text = limits_text("no other map was found; not tried: ", of->limits);
		fputs("  ", stdout);
		layout_wrap(stdout, text, 2);
		free(text);
	}
}

static void print_techniques(const struct decision *d, const struct verdict *three)
{
	struct technique t[TECHNIQUES];

	find_techniques(d, three, t);
	puts("\n Or, as the machine is");
	for (int i = 0; i < TECHNIQUES; i++) {
		printf("  %-20s", t[i].name);
		layout_wrap(stdout, t[i].reason, 22);
		free(t[i].reason);
	}
}

void fixes_text(const struct decision *d, const struct verdict *three)
{
	struct fixes x = find_fixes(d);

	if (x.n == 0)
		puts(" Nothing to mend.");
	for (unsigned i = 0; i < x.n; i++)
		print_advice(d, &x.of[i]);
	if (x.together && x.n > 1) {
		printf("\n The first of each, together\n\n%s\n", x.combined.text);
		print_outcome(d, x.of, x.n, &x.combined.then);
	}
	if (x.n)
		print_techniques(d, three);
	fixes_free(&x);
}

static json_t *remedied_json(const struct decision *d, const struct advice *of, unsigned n,
			     const struct remedied *then)
{
	return json_pack("{s:s, s:s, s:s, s:s, s:i}", "mended_for_theorem_1",
			 answer_name(then->theorem1), "mended_for_theorem_3",
			 answer_name(then->theorem3), "theorem_1_holds",
			 answer_name(answer_both(then->theorem1, others_hold(d, of, n, 1))),
			 "theorem_3_holds",
			 answer_name(answer_both(then->theorem3, others_hold(d, of, n, 3))),
			 "questions", (int)then->questions);
}

static json_t *advice_json(const struct decision *d, const struct advice *of)
{
	json_t *all = json_array();

	for (unsigned i = 0; i < of->n; i++) {
		const struct alternative *a = &of->of[i];
		json_array_append_new(all, json_pack("{s:s, s:s, s:s?, s:o, s:s?}", "remedy",
						     remedy_name(a->remedy), "text", a->text,
						     "item", a->item, "then",
						     remedied_json(d, of, 1, &a->then), "holds_off",
						     a->holds_off ? a->holds_off->name : NULL));
	}
	return json_pack("{s:s, s:o, s:o}", "instruction", of->instr->name, "alternatives", all,
			 "not_tried", limits_json(of->limits));
}

json_t *fixes_json(const struct decision *d, const struct verdict *three)
{
	struct fixes x = find_fixes(d);
	struct technique t[TECHNIQUES];
	json_t *of = json_array(), *techniques = json_object();
	json_t *o = json_pack("{s:o, s:o}", "offenders", of, "techniques", techniques);

	for (unsigned i = 0; i < x.n; i++)
		json_array_append_new(of, advice_json(d, &x.of[i]));
	if (x.together)
		json_object_set_new(o, "together",
				    json_pack("{s:s, s:o}", "text", x.combined.text, "then",
					      remedied_json(d, x.of, x.n, &x.combined.then)));
	find_techniques(d, three, t);
	for (int i = 0; i < TECHNIQUES; i++) {
		json_object_set_new(techniques, t[i].name, json_string(t[i].reason));
		free(t[i].reason);
	}
	fixes_free(&x);
	return o;
}
