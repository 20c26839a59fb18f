/*
 * trapeze new: a description of one's own, made from another.
 */
#include "cli/guest.h"
#include "cli/manual.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { KEY_FROM = 512 };

struct creation {
	const char *name, *from, *output;
};

static const struct argp_option options[] = {
	{ "from", KEY_FROM, "ISA", 0, "the machine to begin with (default: pg)", 0 },
	{ "output", 'o', "FILE", 0, "the file to write (default: NAME.isa)", 0 },
	{ 0 },
};

static bool is_name(const char *s)
{
	if (!isalpha((unsigned char)*s))
		return false;
	while (isalnum((unsigned char)*s) || *s == '_' || *s == '-')
		s++;
	return *s == '\0';
}

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct creation *c = state->input;

	switch (key) {
	case KEY_FROM: c->from = arg; return 0;
	case 'o': c->output = arg; return 0;
	case ARGP_KEY_ARG:
		if (c->name)
			argp_error(state, "'%s' is one argument too many", arg);
		if (!is_name(arg))
			argp_error(state,
				   "'%s' is no name for a machine: a letter, then letters, "
				   "digits, '-' and '_'; -o says which file",
				   arg);
		c->name = arg;
		return 0;
	case ARGP_KEY_NO_ARGS: argp_error(state, "no name is given"); return 0;
	default: return ARGP_ERR_UNKNOWN;
	}
}

static const struct argp argp = {
	options,
	parse,
	"NAME",
	"Write the description of a machine of one's own: another one, included, and what may be "
	"changed.",
	NULL,
	NULL,
	NULL,
};

/* Commented out, line by line. */
static void print_comment(FILE *f, const char *text)
{
	while (*text) {
		int n = (int)strcspn(text, "\n");

		fprintf(f, "  // %.*s\n", n, text);
		text += n + (text[n] == '\n');
	}
}

static void print_override(FILE *f, const struct isa_instr *in)
{
	char *source = manual_source(in);
	char *text = make(strlen(source ? source : "") + sizeof("override instr "), 1);

	strcat(strcpy(text, "override instr "), source ? source : "");
	if (source)
		print_comment(f, text);
	free(source);
	free(text);
}

/* How the new file names the old one: by its name when that is how it was found. */
static char *include_name(const struct creation *c, const struct isa *isa)
{
	const char *slash = strrchr(isa->path, '/');

	if (strchr(c->from, '/') || !slash)
		return realpath(isa->path, NULL);
	return strdup(slash + 1);
}

static void print_description(FILE *f, const struct creation *c, const struct isa *isa)
{
	const struct isa_instr *in = isa->ninstrs ? &isa->instr[0] : NULL;
	char *include = include_name(c, isa);

	fprintf(f, "// %s: a machine made from %s.\n", c->name, isa->name);
	fprintf(f, "include \"%s\"\n\n", include ? include : isa->path);
	fprintf(f, "machine %s \"%s, changed\" {\n", c->name, isa->name);
	fputs("  // What stands here comes on top of what was included. Take away the slashes to "
	      "see\n"
	      "  // what a line does.\n",
	      f);
	if (in) {
		fputs("\n  // An instruction with another meaning:\n", f);
		print_override(f, in);
		fprintf(f, "\n  // One instruction less:\n  // remove instr %s;\n", in->name);
	}
	fputs("}\n", f);
	free(include);
}

static int write_description(const struct creation *c, const char *path, const struct isa *isa)
{
	FILE *f = say_into(path);
	bool ok;

	if (!f)
		return STATUS_USAGE;
	print_description(f, c, isa);
	ok = !ferror(f);
	ok = fclose(f) == 0 && ok;
	if (!ok) {
		say_error("%s: %s", path, strerror(errno));
		unlink(path);
		return STATUS_USAGE;
	}
	printf("%s is written\n", path);
	say_next(stdout, "trapeze check --syntax %s", path);
	return STATUS_YES;
}

static int run(int argc, char **argv)
{
	struct creation c = { .from = "pg" };
	struct shelf *s = shelf_new();
	const struct isa *isa;
	int status = STATUS_USAGE;
	char *path;

	argp_parse(&argp, argc, argv, 0, NULL, &c);
	path = make(strlen(c.name) + sizeof(".isa"), 1);
	strcat(strcpy(path, c.name), ".isa");
	isa = shelf_isa(s, c.from);
	if (say_diagnostics(s->diagnostics) && isa)
		status = write_description(&c, c.output ? c.output : path, isa);
	free(path);
	shelf_free(s);
	return status;
}

const struct verb verb_new = { "new", "write a machine of one's own, from another", run };
