/*
 * trapeze doc: the manual of an instruction set.
 */
#include "cli/guest.h"
#include "cli/manual.h"
#include "isa/find.h"

#include <ctype.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { KEY_MARKDOWN = 512 };

struct request {
	bool markdown;
	const char *isa, *instr;
};

static const struct argp_option options[] = {
	{ "markdown", KEY_MARKDOWN, NULL, 0, "print Markdown", 0 },
	{ 0 },
};

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct request *r = state->input;

	switch (key) {
	case KEY_MARKDOWN: r->markdown = true; return 0;
	case ARGP_KEY_ARG:
		if (state->arg_num > 1)
			argp_error(state, "'%s' is one argument too many", arg);
		*(state->arg_num ? &r->instr : &r->isa) = arg;
		return 0;
	case ARGP_KEY_NO_ARGS:
		argp_error(state, "no machine is named; 'trapeze doc pg' is one");
		return 0;
	default: return ARGP_ERR_UNKNOWN;
	}
}

static const struct argp argp = {
	options,
	parse,
	"ISA [INSTRUCTION]",
	"Print the manual of an instruction set, or of one instruction, from its description."
	"\vISA is a name, or a path with '/' or '.isa' in it. On a terminal $PAGER shows the "
	"manual.",
	NULL,
	NULL,
	NULL,
};

static int unknown_instruction(const struct isa *isa, const char *name)
{
	const char **names = make(isa->ninstrs + 1, sizeof(*names));
	char *capitals = strdup(name);
	const char *guess;

	for (unsigned i = 0; i < isa->ninstrs; i++)
		names[i] = isa->instr[i].name;
	for (char *c = capitals; c && *c; c++)
		*c = (char)toupper((unsigned char)*c);
	guess = find_nearest(name, names);
	if (!guess && capitals)
		guess = find_nearest(capitals, names);
	if (guess)
		say_error("machine %s has no instruction '%s'; did you mean '%s'?", isa->name, name,
			  guess);
	else
		say_error("machine %s has no instruction '%s'", isa->name, name);
	free(capitals);
	free(names);
	return STATUS_USAGE;
}

static int print_manual(const struct request *r, const struct isa *isa, FILE *to)
{
	struct layout l = { to, r->markdown };
	bool found = false;

	if (!r->instr) {
		manual_print(&l, isa);
		return STATUS_YES;
	}
	for (unsigned i = 0; i < isa->ninstrs; i++) {
		if (!manual_is_called(&isa->instr[i], r->instr))
			continue;
		manual_instruction(&l, isa, &isa->instr[i]);
		found = true;
	}
	return found ? STATUS_YES : unknown_instruction(isa, r->instr);
}

static int page(const struct request *r, const struct isa *isa)
{
	const char *pager = isatty(STDOUT_FILENO) ? getenv("PAGER") : NULL;
	FILE *to = pager && *pager && !r->instr ? popen(pager, "w") : NULL;
	int status;

	if (!to)
		return print_manual(r, isa, stdout);
	/* A reader who leaves early has seen enough. */
	signal(SIGPIPE, SIG_IGN);
	status = print_manual(r, isa, to);
	pclose(to);
	return status;
}

static int run(int argc, char **argv)
{
	struct request r = { 0 };
	struct shelf *s = shelf_new();
	const struct isa *isa;
	int status = STATUS_USAGE;

	argp_parse(&argp, argc, argv, 0, NULL, &r);
	isa = shelf_isa(s, r.isa);
	if (say_diagnostics(s->diagnostics) && isa)
		status = page(&r, isa);
	shelf_free(s);
	return status;
}

const struct verb verb_doc = { "doc", "print the manual of an instruction set", run };
