/*
 * trapeze fuzz: random guests under monitors, for any instruction set.
 */
#include "cli/campaign.h"
#include "cli/guest.h"
#include "cli/score.h"
#include "cli/terminal.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#define GUESTS 1000 /* where no count is given */

enum {
	KEY_COUNT = 512,
	KEY_SEED,
	KEY_MONITOR,
	KEY_MAP,
	KEY_FAULT,
	KEY_STEPS,
	KEY_ENOUGH,
	KEY_SHARD,
	KEY_OUTPUT,
	KEY_SCORE,
	KEY_MERGE,
	KEY_JSON,
	KEY_ENGINE,
	KEY_BELOW
};

struct fuzz {
	struct campaign campaign;
	struct words arguments; /* ISA and guests to score with, or files to merge */
	const char *map;
	uint64_t shard, shards;
	bool score, merge, json;
};

static const struct argp_option options[] = {
	{ "count", KEY_COUNT, "N", 0, "guests of the campaign (default: 1000)", 1 },
	{ "seed", KEY_SEED, "N", 0, "of the campaign: the same seed gives the same guests", 1 },
	{ "steps", KEY_STEPS, "N", 0, "steps of each guest, at most", 1 },
	{ "enough", KEY_ENOUGH, "N", 0, "stop after N failing guests (default: 1; 0: never)", 1 },
	{ "monitor", KEY_MONITOR, "KIND", 0, "vmm or hybrid (default: both)", 2 },
	{ "below", KEY_BELOW, "N", 0,
	  "N monitors below it (at most 7), each on a virtual machine of the one before: all kinds, "
	  "faithful and collapsed, in turn",
	  2 },
	{ "map", KEY_MAP, "NAME", 0, "the description's VM map of that name", 2 },
	{ "fault", KEY_FAULT, "NAME", 0, "monitors with one known bug", 2 },
	{ "engine", KEY_ENGINE, "NAME", 0,
	  "what runs guests: translator, " ENGINE_HELP " (default: oracle)", 2 },
	{ "jobs", 'j', "N", 0, "processes (default: 1)", 3 },
	{ "shard", KEY_SHARD, "I/N", 0, "only the I-th of N parts, I from 1", 3 },
	{ "output", KEY_OUTPUT, "DIR", 0, "where failing guests are written (default: here)", 4 },
	{ "json", KEY_JSON, NULL, 0, "print JSON lines, for --merge", 4 },
	{ "score", KEY_SCORE, NULL, 0,
	  "seed every known fault, and print which are found; by "
	  "comparing the GUESTs, too",
	  5 },
	{ "merge", KEY_MERGE, NULL, 0, "add up the JSON lines of several campaigns", 5 },
	{ 0 },
};

static void parse_shard(struct fuzz *f, const char *arg, struct argp_state *state)
{
	const char *slash = strchr(arg, '/');
	char *first = strndup(arg, slash ? (size_t)(slash - arg) : 0);

	if (!slash || !first || !number_parse(slash + 1, 1, UINT32_MAX, &f->shards) ||
	    !number_parse(first, 1, f->shards, &f->shard))
		argp_error(state, "--shard needs I/N with 1 <= I <= N, not '%s'", arg);
	free(first);
}

static unsigned parse_kind(const char *arg, struct argp_state *state)
{
	int kind = monitor_kind_named(arg);

	if (kind < 0)
		argp_error(state, "--monitor is vmm or hybrid, not '%s'", arg);
	return 1U << kind;
}

static enum fault parse_fault(const char *arg, struct argp_state *state)
{
	int fault = fault_named(arg);

	if (fault < 0)
		argp_error(state, "there is no fault '%s'; 'trapeze run --fault list' lists them",
			   arg);
	return (enum fault)fault;
}

static void check_arguments(const struct fuzz *f, struct argp_state *state)
{
	if (f->merge && f->score)
		argp_error(state, "--merge and --score exclude each other");
	if (f->arguments.count == 0)
		argp_error(state, f->merge ? "no file is named" : "no machine is named");
	if (!f->merge && !f->score && f->arguments.count > 1)
		argp_error(state, "'%s' is one argument too many", f->arguments.word[1]);
	if (f->score && f->campaign.fuzz.fault != FAULT_NONE)
		argp_error(state, "--score seeds every fault; --fault one");
}

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct fuzz *f = state->input;
	struct fuzz_options *o = &f->campaign.fuzz;

	switch (key) {
	case KEY_COUNT: o->count = arg_number(state, "--count", arg, 1, COUNT_MAX); return 0;
	case KEY_SEED: o->seed = arg_number(state, "--seed", arg, 0, UINT64_MAX); return 0;
	case KEY_STEPS: o->max_steps = arg_number(state, "--steps", arg, 1, UINT32_MAX); return 0;
	case KEY_ENOUGH: o->enough = arg_number(state, "--enough", arg, 0, UINT64_MAX); return 0;
	case KEY_MONITOR: o->kinds |= parse_kind(arg, state); return 0;
	case KEY_BELOW:
		o->below = (unsigned)arg_number(state, "--below", arg, 0, FUZZ_BELOW);
		return 0;
	case KEY_MAP: f->map = arg; return 0;
	case KEY_FAULT: o->fault = parse_fault(arg, state); return 0;
	case KEY_ENGINE: arg_engine(state, arg, &f->campaign.engine); return 0;
	case 'j': f->campaign.jobs = (unsigned)arg_number(state, "--jobs", arg, 1, 1024); return 0;
	case KEY_SHARD: parse_shard(f, arg, state); return 0;
	case KEY_OUTPUT: f->campaign.output = arg; return 0;
	case KEY_SCORE: f->score = true; return 0;
	case KEY_MERGE: f->merge = true; return 0;
	case KEY_JSON: f->json = true; return 0;
	case ARGP_KEY_ARG: words_add(&f->arguments, arg); return 0;
	case ARGP_KEY_END: check_arguments(f, state); return 0;
	default: return ARGP_ERR_UNKNOWN;
	}
}

static const struct argp argp = {
	options,
	parse,
	"ISA\n--score ISA [GUEST[:SIZE]...]\n--merge FILE...",
	"Run random guests of any instruction set bare and under monitors, compare, and write each "
	"failing guest, made small, as a file that fails again."
	"\vA campaign splits over machines with --shard; --merge adds up what their --json wrote. "
	"Exit status: 0 nothing was found, 1 something was, 2 bad input; with --score, 0 every "
	"fault was found.",
	NULL,
	NULL,
	NULL,
};

/* ---- what was found ---- */

static const char *text_of(const json_t *o, const char *name, const char *otherwise)
{
	const char *s = json_string_value(json_object_get(o, name));

	return s ? s : otherwise;
}

static void print_failure(const json_t *o)
{
	printf("%s: guest %lld of seed %s differs under %s%s%s\n", text_of(o, "machine", "?"),
	       (long long)json_integer_value(json_object_get(o, "number")), text_of(o, "seed", "?"),
	       text_of(o, "monitor", "?"), json_object_get(o, "file") ? ": " : "",
	       text_of(o, "file", ""));
	if (json_object_get(o, "step"))
		printf("  at step %lld, %s: %s is %s bare, %s under the monitor\n",
		       (long long)json_integer_value(json_object_get(o, "step")),
		       text_of(o, "instruction", "no instruction"), text_of(o, "what", "?"),
		       text_of(o, "bare", "?"), text_of(o, "virtual", "?"));
	if (json_object_get(o, "violation"))
		printf("  resource control: %s\n", text_of(o, "violation", "?"));
	printf("  made small: %lld instruction%s\n",
	       (long long)json_integer_value(json_object_get(o, "instructions")),
	       plural((uint64_t)json_integer_value(json_object_get(o, "instructions"))));
	if (json_is_false(json_object_get(o, "reproduces")))
		say_warning("%s does not fail when it is run again",
			    text_of(o, "file", "the file"));
	if (json_object_get(o, "replay"))
		say_next(stdout, "%s", text_of(o, "replay", ""));
}

static void print_tally(const struct tally *t)
{
	const struct fuzz_result *r = &t->sum;
	bool found = json_array_size(t->failures) > 0 || r->failures > 0;

	printf("%" PRIu64 " guest%s, %" PRIu64 " comparison%s, %" PRIu64
	       " step%s compared, %" PRIu64 " guest%s came to an end: %s%" PRIu64 " failed%s%s\n",
	       r->guests, plural(r->guests), r->runs, plural(r->runs), r->steps, plural(r->steps),
	       r->ended, plural(r->ended), colour(stdout, found ? COLOUR_BAD : COLOUR_GOOD),
	       r->failures, colour(stdout, COLOUR_END), r->stopped ? " (stopped early)" : "");
}

static void print_all(const struct fuzz *f, const struct tally *t)
{
	const json_t *o;
	size_t i;

	json_array_foreach(t->failures, i, o)
	{
		if (!f->json) {
			print_failure(o);
			continue;
		}
		json_dumpf(o, stdout, JSON_COMPACT);
		putchar('\n');
	}
	if (!f->json) {
		print_tally(t);
		return;
	}
	json_t *result = tally_json(f->merge ? NULL : &f->campaign, t);

	json_dumpf(result, stdout, JSON_COMPACT);
	putchar('\n');
	json_decref(result);
}

static int status_of(const struct tally *t)
{
	if (interrupt_which())
		return interrupt_end();
	if (json_array_size(t->failures) || t->sum.failures)
		return STATUS_NO;
	return t->lost ? STATUS_USAGE : STATUS_YES;
}

/* ---- the three things it does ---- */

static bool is_blank(const char *line)
{
	return line[strspn(line, " \t\r\n")] == '\0';
}

static bool merge_lines(struct tally *t, FILE *in, const char *path)
{
	const char *reason = NULL;
	char *line = NULL;
	size_t size = 0;
	unsigned number = 0, used = 0;

	while (!reason && getline(&line, &size, in) >= 0) {
		number++;
		if (is_blank(line))
			continue;
		used++;
		reason = tally_add_line(t, line);
	}
	free(line);
	if (reason)
		say_error("%s:%u: %s", path, number, reason);
	else if (ferror(in))
		say_error("%s: %s", path, strerror(errno));
	else if (used == 0)
		say_error("%s: the file is empty: that part did not come to its end", path);
	return !reason && !ferror(in) && used;
}

static bool merge_file(struct tally *t, const char *path)
{
	FILE *in = strcmp(path, "-") == 0 ? stdin : fopen(path, "r");
	bool ok;

	if (!in) {
		say_error("%s: %s", path, strerror(errno));
		return false;
	}
	ok = merge_lines(t, in, path);
	if (in != stdin)
		fclose(in);
	return ok;
}

static int merge(struct fuzz *f)
{
	struct tally t;
	int status = STATUS_USAGE;
	bool ok = true;

	tally_init(&t);
	for (unsigned i = 0; i < f->arguments.count; i++)
		ok = merge_file(&t, f->arguments.word[i]) && ok;
	if (ok) {
		print_all(f, &t);
		status = status_of(&t);
	}
	tally_free(&t);
	return status;
}

static int run_campaign(struct fuzz *f)
{
	struct tally t;
	int status = STATUS_USAGE;

	tally_init(&t);
	if (campaign_run(&f->campaign, &t)) {
		print_all(f, &t);
		status = status_of(&t);
	}
	tally_free(&t);
	return status;
}

static void take_shard(struct fuzz *f)
{
	struct fuzz_options *o = &f->campaign.fuzz;
	struct campaign part;

	if (f->shards == 0)
		return;
	part = campaign_part(&f->campaign, (unsigned)f->shard - 1, (unsigned)f->shards);
	*o = part.fuzz;
}

static int with_machine(struct fuzz *f, struct shelf *s)
{
	struct campaign *c = &f->campaign;

	c->isa = f->arguments.word[0];
	c->fuzz.isa = shelf_isa(s, c->isa);
	if (!say_diagnostics(s->diagnostics) || !c->fuzz.isa)
		return STATUS_USAGE;
	c->fuzz.map = f->map ? isa_map_named(c->fuzz.isa, f->map) : NULL;
	if (f->map && !c->fuzz.map) {
		say_error("machine %s has no map '%s'", c->fuzz.isa->name, f->map);
		return STATUS_USAGE;
	}
	engine_at_once(&c->engine);
	c->fuzz.engine = c->engine.choice;
	take_shard(f);
	if (f->score)
		return score(c, s, f->arguments.count - 1, f->arguments.word + 1);
	return run_campaign(f);
}

static int run(int argc, char **argv)
{
	struct fuzz f = {
		.campaign = { .fuzz = { .seed = 1, .count = GUESTS, .enough = 1 },
			      .jobs = 1,
			      .output = ".",
			      .engine = engine_default(ENGINE_ORACLE) },
	};
	struct shelf *s = shelf_new();
	int status;

	argp_parse(&argp, argc, argv, 0, NULL, &f);
	status = f.merge ? merge(&f) : with_machine(&f, s);
	shelf_free(s);
	words_free(&f.arguments);
	return status;
}

const struct verb verb_fuzz = { "fuzz", "compare random guests bare and under monitors", run };
