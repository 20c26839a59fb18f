/*
 * trapeze check: is a description well formed?  Whether it can be virtualized is
 * decided elsewhere.
 */
#include "cli/guest.h"

#include <stdlib.h>

enum { KEY_SYNTAX = 512, KEY_JSON };

struct check {
	bool syntax, json;
	struct words isas;
};

static const struct argp_option options[] = {
	{"syntax", KEY_SYNTAX, NULL, 0, "check the descriptions themselves, without any solver", 0},
	{"json", KEY_JSON, NULL, 0, "print the result as JSON", 0},
	{0},
};

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct check *c = state->input;

	switch (key) {
	case KEY_SYNTAX: c->syntax = true; return 0;
	case KEY_JSON: c->json = true; return 0;
	case ARGP_KEY_ARG: words_add(&c->isas, arg); return 0;
	case ARGP_KEY_END:
		if (!c->syntax)
			argp_error(state, "deciding whether a machine can be virtualized is not "
					  "part of this version; --syntax checks its description");
		if (c->isas.count == 0)
			argp_error(state, "no machine is named");
		return 0;
	default: return ARGP_ERR_UNKNOWN;
	}
}

static const struct argp argp = {
	options,
	parse,
	"--syntax ISA...",
	"Check descriptions: names, widths, encodings, roles, maps."
	"\vISA is a name, or a path with '/' or '.isa' in it. Exit status: 0 all are well formed, "
	"2 one is not.",
	NULL,
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

	if (c->json) {
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

static int run(int argc, char **argv)
{
	struct check c = {0};
	json_t *results;
	bool ok = true;

	argp_parse(&argp, argc, argv, 0, NULL, &c);
	results = json_array();
	for (unsigned i = 0; i < c.isas.count; i++)
		ok = check_one(&c, c.isas.word[i], results) && ok;
	if (c.json)
		say_json(results);
	else
		json_decref(results);
	words_free(&c.isas);
	return ok ? STATUS_YES : STATUS_USAGE;
}

const struct verb verb_check = {"check", "check the description of a machine", run};
