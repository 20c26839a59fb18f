/*
 * trapeze check: can this machine be virtualized?  Theorems 1, 2 and 3 of Popek and
 * Goldberg (1974), decided for all states and all storage sizes; and, with --syntax,
 * whether descriptions are well formed.
 */
#include "cli/advice.h"
#include "cli/decision.h"
#include "cli/watch.h"
#include "cli/witness_guest.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum {
	KEY_SYNTAX = 512,
	KEY_JSON,
	KEY_WITNESS,
	KEY_ALL,
	KEY_MARKDOWN,
	KEY_DOT,
	KEY_FIND_MAP,
	KEY_FIX,
	KEY_WATCH,
	KEY_STYLE
};

enum form { FORM_TEXT, FORM_JSON, FORM_MARKDOWN, FORM_DOT };

struct check {
	bool syntax, all, find_map, fix, watch;
	enum form form;
	unsigned forms;	     /* those asked for, as bits */
	struct words isas;   /* --syntax: descriptions; else one, and instructions */
	const char *witness; /* an instruction, whose witness goes to: */
	const char *output;
	int style; /* enum witness_style; -1: not given */
	struct decision_options decision;
};

static const struct argp_option options[] = {
	{ "syntax", KEY_SYNTAX, NULL, 0, "check the descriptions themselves, without any solver",
	  0 },
	{ "all", KEY_ALL, NULL, 0, "list every instruction, not only those that matter", 0 },
	{ "json", KEY_JSON, NULL, 0, "print the result as JSON", 0 },
	{ "markdown", KEY_MARKDOWN, NULL, 0, "print a table of every instruction, in Markdown", 0 },
	{ "dot", KEY_DOT, NULL, 0, "print the sets as a picture for Graphviz", 0 },
	{ "find-map", KEY_FIND_MAP, NULL, 0,
	  "search the weakest VM map under which the machine can be virtualized", 0 },
	{ "fix", KEY_FIX, NULL, 0, "say what would mend each instruction that breaks a condition",
	  0 },
	{ "watch", KEY_WATCH, NULL, 0,
	  "check again whenever a description changes, until interrupted", 0 },
	{ "witness", KEY_WITNESS, "INSTRUCTION", 0,
	  "write the witness against an instruction as a guest, to the file of --output", 0 },
	{ "style", KEY_STYLE, "STYLE", 0,
	  "what the guest does: plain (the default) shows the divergence to 'trapeze equiv', detector "
	  "prints BARE or VIRTUAL on the console (under the hybrid monitor BARE, where its first lines "
	  "say that it cannot tell)",
	  0 },
	{ "output", 'o', "FILE", 0, "where the witness goes", 0 },
	{ 0 },
};

static int parse_style(struct argp_state *state, const char *name)
{
	static const char *const styles[] = {
		[STYLE_PLAIN] = "plain", [STYLE_DETECTOR] = "detector"
	};

	for (int i = STYLE_PLAIN; i <= STYLE_DETECTOR; i++)
		if (strcmp(name, styles[i]) == 0)
			return i;
	argp_error(state, "--style is plain or detector, not '%s'", name);
	return -1;
}

static void choose_form(struct check *c, enum form form)
{
	c->form = form;
	c->forms |= 1u << form;
}

/* What cannot be asked for together. */
static void reconcile(const struct check *c, struct argp_state *state)
{
	const struct {
		bool wrong;
		const char *message;
	} rules[] = {
		{ c->isas.count == 0, "no machine is named" },
		{ c->forms & (c->forms - 1), "--json, --markdown and --dot exclude each other" },
		{ c->syntax && c->form > FORM_JSON, "--syntax is told as text or as JSON" },
		{ c->syntax && (c->all || decision_options_given(&c->decision)),
		  "--syntax decides nothing, and takes none of --all, --map, --solver, --smt-dir, "
		  "--time-limit and --no-cache" },
		{ c->all && (c->find_map || c->witness),
		  "--all lists what a report has, which --find-map and --witness have not" },
		{ !c->witness != !c->output, "--witness and --output go together" },
		{ c->style >= 0 && !c->witness, "--style is about a --witness" },
		{ c->witness && (c->syntax || c->form != FORM_TEXT || c->isas.count > 1),
		  "--witness takes one machine and one instruction" },
		{ c->find_map + c->fix + c->syntax + !!c->witness > 1,
		  "--find-map, --fix, --syntax and --witness exclude each other" },
		{ c->watch && c->witness, "--watch writes no witness" },
		{ (c->find_map || c->fix) && c->form > FORM_JSON,
		  "advice is told as text or as JSON" },
		{ c->find_map && (c->isas.count > 1 || c->decision.map),
		  "--find-map takes one machine, and no --map" },
	};

	for (size_t i = 0; i < sizeof(rules) / sizeof(*rules); i++)
		if (rules[i].wrong)
			argp_error(state, "%s", rules[i].message);
}

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct check *c = state->input;

	switch (key) {
	case ARGP_KEY_INIT: state->child_inputs[0] = &c->decision; return 0;
	case KEY_SYNTAX: c->syntax = true; return 0;
	case KEY_ALL: c->all = true; return 0;
	case KEY_JSON: choose_form(c, FORM_JSON); return 0;
	case KEY_MARKDOWN: choose_form(c, FORM_MARKDOWN); return 0;
	case KEY_DOT: choose_form(c, FORM_DOT); return 0;
	case KEY_FIND_MAP: c->find_map = true; return 0;
	case KEY_FIX: c->fix = true; return 0;
	case KEY_WATCH: c->watch = true; return 0;
	case KEY_WITNESS: c->witness = arg; return 0;
	case KEY_STYLE: c->style = parse_style(state, arg); return 0;
	case 'o': c->output = arg; return 0;
	case ARGP_KEY_ARG: words_add(&c->isas, arg); return 0;
	case ARGP_KEY_END: reconcile(c, state); return 0;
	default: return ARGP_ERR_UNKNOWN;
	}
}

static const struct argp_child children[] = { { &decision_argp, 0, NULL, 0 }, { 0 } };

static const struct argp argp = {
	options,
	parse,
	"ISA [INSTRUCTION...]\n--syntax ISA...",
	"Decide whether a machine can be virtualized: classify its instructions for all states and "
	"all storage sizes, and hold Popek and Goldberg's theorems against them."
	"\vISA is a name, or a path with '/' or '.isa' in it. Exit status: 0 Theorem 1's condition "
	"holds (of the instructions named: none breaks it), or all descriptions are well formed; 1 "
	"it "
	"fails; 2 bad input; 3 undecided.",
	children,
	NULL,
	NULL,
};

static json_t *summary_json(const struct isa *isa)
{
	return json_pack("{s:s, s:s, s:i, s:i, s:i, s:i, s:i, s:i}", "machine", isa->name, "path",
			 isa->path, "instructions", (int)isa->ninstrs, "registers", (int)isa->nregs,
			 "formats", (int)isa->nformats, "traps", (int)isa->ntraps, "devices",
			 (int)isa->ndevices, "maps", (int)isa->nmaps);
}

static json_t *messages_json(const struct diag_list *d)
{
	json_t *all = json_array();
	enum diag_level level;
	struct place p;
	const char *text;

	for (unsigned n = 0; diag_get(d, n, &level, &p, &text); n++)
		json_array_append_new(all,
				      json_pack("{s:s, s:s?, s:i, s:i, s:s}", "level",
						level == DIAG_ERROR	? "error"
						: level == DIAG_WARNING ? "warning"
									: "note",
						"file", p.source ? p.source->name : NULL, "line",
						p.line, "column", p.column, "text", text));
	return all;
}

static void print_summary(const struct isa *isa)
{
	printf("%s: machine %s, %u instruction%s, %u register%s, %u trap%s: %swell formed%s\n",
	       isa->path, isa->name, isa->ninstrs, isa->ninstrs == 1 ? "" : "s", isa->nregs,
	       isa->nregs == 1 ? "" : "s", isa->ntraps, isa->ntraps == 1 ? "" : "s",
	       colour(stdout, COLOUR_GOOD), colour(stdout, COLOUR_END));
}

/* One description; adds to `results` with --json. */
static bool check_one(const struct check *c, const char *name, json_t *results)
{
	struct shelf *s = shelf_new();
	const struct isa *isa = shelf_isa(s, name);
	bool ok = isa && diag_errors(s->diagnostics) == 0;
	json_t *o;

	if (c->form == FORM_JSON) {
		o = ok ? summary_json(isa) : json_pack("{s:s}", "machine", name);
		json_object_set_new(o, "well_formed", json_boolean(ok));
		json_object_set_new(o, "messages", messages_json(s->diagnostics));
		json_array_append_new(results, o);
	} else {
		say_diagnostics(s->diagnostics);
		if (ok)
			print_summary(isa);
	}
	shelf_free(s);
	return ok;
}

static bool check_syntax(const struct check *c)
{
	json_t *results = json_array();
	bool ok = true;

	for (unsigned i = 0; i < c->isas.count; i++)
		ok = check_one(c, c->isas.word[i], results) && ok;
	if (c->form == FORM_JSON)
		say_json(results);
	else
		json_decref(results);
	return ok;
}

/* ---- deciding ---- */

static int status_of(const struct decision *d, const struct verdict *one)
{
	static const int status[] = { [ANSWER_NO] = STATUS_NO,
				      [ANSWER_YES] = STATUS_YES,
				      [ANSWER_UNKNOWN] = STATUS_UNDECIDED };
	if (one->holds == ANSWER_YES)
		return status[answer_both(d->lemma, d->composition)];
	return status[one->holds];
}

static void print_markdown(const struct decision *d, const struct verdict *one,
			   const struct verdict *three)
{
	decision_markdown(d, stdout);
	if (!d->whole)
		return;
	puts("```text");
	decision_verdicts(d, one, three);
	puts("```");
}

static json_t *report_json(const struct check *c, const struct decision *d,
			   const struct verdict *one, const struct verdict *three)
{
	json_t *o = decision_json(d, one, three);

	if (c->fix)
		json_object_set_new(o, "fixes", fixes_json(d, three));
	return o;
}

static int report(const struct check *c, const struct decision *d)
{
	struct verdict one = verdict_of(1, d->of, d->n, d->lemma, d->composition);
	struct verdict three = verdict_of(3, d->of, d->n, d->lemma, d->composition);
	int status = status_of(d, &one);

	switch (c->form) {
	case FORM_TEXT:
		decision_text(d, c->all, &one, &three);
		if (c->fix)
			fixes_text(d, &three);
		decision_next(d);
		break;
	case FORM_JSON: say_json(report_json(c, d, &one, &three)); break;
	case FORM_MARKDOWN: print_markdown(d, &one, &three); break;
	case FORM_DOT: decision_dot(d, &one, &three, stdout); break;
	}
	verdict_free(&one);
	verdict_free(&three);
	return status;
}

static int check_decide(const struct check *c)
{
	struct shelf *s = shelf_new();
	const struct isa *isa = shelf_isa(s, c->isas.word[0]);
	const struct words instructions = { c->witness ? 1 : c->isas.count - 1,
					    c->witness ? (const char **)&c->witness
						       : c->isas.word + 1 };
	struct decision d = { 0 };
	int status = STATUS_USAGE;

	say_diagnostics(s->diagnostics);
	if (isa && c->find_map)
		status = find_map(&d, isa, &c->decision, c->form == FORM_JSON);
	else if (isa && decide(&d, isa, &c->decision, &instructions))
		status = c->witness ? witness_guest(&d, &d.of[0],
						    c->style == STYLE_DETECTOR ? STYLE_DETECTOR
									       : STYLE_PLAIN,
						    c->output)
				    : report(c, &d);
	decision_free(&d);
	shelf_free(s);
	return status;
}

static int check_once(const struct check *c)
{
	if (c->syntax)
		return check_syntax(c) ? STATUS_YES : STATUS_USAGE;
	return check_decide(c);
}

/* ---- again and again ---- */

/* The folders of a description and of what it includes; what cannot be read now has a folder, too.
 */
static bool watch_description(struct watch *w, const char *name)
{
	struct shelf *s = shelf_new();
	char *path = isa_find(s->diagnostics, name);
	const struct isa *isa = path ? shelf_isa(s, name) : NULL;
	bool ok = path != NULL;

	if (!path)
		say_diagnostics(s->diagnostics);
	else if (!watch_add(w, path)) {
		say_error("%s cannot be watched: %s", path, strerror(errno));
		ok = false;
	}
	for (unsigned i = 0; ok && isa && isa->files[i]; i++)
		watch_add(w, isa->files[i]->name);
	free(path);
	shelf_free(s);
	return ok;
}

/* Later it may go and come back. */
static bool is_there(const char *name)
{
	struct diag_list *d = diag_new();
	char *path = isa_find(d, name);
	bool there = path && access(path, R_OK) == 0;

	if (!path)
		say_diagnostics(d);
	else if (!there)
		say_error("%s: %s", path, strerror(errno));
	free(path);
	diag_free(d);
	return there;
}

/* A line between a report and the one after it. */
static void separate(void)
{
	time_t now = time(NULL);
	char text[32];

	strftime(text, sizeof(text), "%H:%M:%S", localtime(&now));
	printf("---- %s\n", text);
}

/* Ends with an interrupt, or where it cannot go on. */
static int check_watching(const struct check *c)
{
	struct watch *w = watch_new();
	unsigned n = c->syntax ? c->isas.count : 1;
	bool ok = w != NULL;

	for (unsigned i = 0; ok && i < n; i++)
		ok = is_there(c->isas.word[i]) && watch_description(w, c->isas.word[i]);
	while (ok) {
		check_once(c);
		fflush(stdout);
		ok = watch_wait(w);
		separate();
		for (unsigned i = 0; ok && i < n; i++)
			watch_description(w, c->isas.word[i]);
	}
	watch_free(w);
	return STATUS_USAGE;
}

static int run(int argc, char **argv)
{
	struct check c = { .style = -1 };
	int status;

	argp_parse(&argp, argc, argv, 0, NULL, &c);
	status = c.watch ? check_watching(&c) : check_once(&c);
	words_free(&c.isas);
	return status;
}

const struct verb verb_check = { "check", "decide whether a machine can be virtualized", run };
