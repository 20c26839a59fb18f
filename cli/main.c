/*
 * trapeze: finds the verb and runs it.
 */
#include <config.h>

#include "cli/cli.h"
#include "isa/find.h"

#include <stdlib.h>
#include <string.h>

static const struct verb *const verbs[] = {
	&verb_tour,    &verb_run,   &verb_repl, &verb_trace,  &verb_equiv, &verb_fuzz, &verb_check,
	&verb_explain, &verb_prove, &verb_asm,	&verb_disasm, &verb_doc,   &verb_new,
};
enum { VERBS = sizeof(verbs) / sizeof(verbs[0]) };

const char *argp_program_version = PACKAGE_NAME " " PACKAGE_VERSION;

static const char greeting[] =
	"Trapeze runs guests bare and under a monitor derived from one .isa description.\n"
	"  trapeze tour          a walk through it, in five minutes\n"
	"  trapeze run FILE.s    assembles a guest and runs it\n"
	"  trapeze help          lists all that it can do\n";

static const struct verb *verb_named(const char *name)
{
	for (unsigned i = 0; i < VERBS; i++) {
		if (strcmp(verbs[i]->name, name) == 0)
			return verbs[i];
	}
	return NULL;
}

static int unknown_verb(const char *name)
{
	const char *names[VERBS + 1] = { NULL };
	const char *guess;

	for (unsigned i = 0; i < VERBS; i++)
		names[i] = verbs[i]->name;
	guess = find_nearest(name, names);
	if (guess)
		say_error("there is no verb '%s'; did you mean '%s'?", name, guess);
	else
		say_error("there is no verb '%s'; 'trapeze help' lists them", name);
	return argp_err_exit_status;
}

static int print_help(void)
{
	puts("Usage: trapeze VERB [OPTION...] [ARGUMENT...]\n");
	for (unsigned i = 0; i < VERBS; i++)
		printf("  %-8s %s\n", verbs[i]->name, verbs[i]->help);
	puts("\n  trapeze help VERB      what a verb does, and its options\n"
	     "  trapeze --version      the version of this program\n"
	     "\nExit status: 0 yes or success; 1 the answer is no; 2 wrong usage or bad input;\n"
	     "3 undecided; 130 interrupted.");
	return STATUS_YES;
}

/* Runs a verb with its own arguments, its name becoming "trapeze VERB". */
static int run_verb(const struct verb *v, int argc, char **argv)
{
	char *who = make(strlen(v->name) + sizeof("trapeze "), 1);
	int status;

	strcat(strcpy(who, "trapeze "), v->name);
	say_who(who);
	argv[0] = who;
	status = v->run(argc, argv);
	say_who("trapeze");
	free(who);
	return status;
}

/* help [VERB] */
static int help(int argc, char **argv)
{
	static char option[] = "--help";
	char *arguments[] = { NULL, option, NULL };
	const struct verb *v;

	if (argc < 2 || strcmp(argv[1], "help") == 0)
		return print_help();
	if (argc > 2) {
		say_error("help takes one verb");
		return STATUS_USAGE;
	}
	v = verb_named(argv[1]);
	return v ? run_verb(v, 2, arguments) : unknown_verb(argv[1]);
}

/* A guest's status is the program's own only if asked for; failures of ours then stand out. */
static bool wants_guest_status(int argc, char **argv)
{
	for (int i = 1; i < argc && strcmp(argv[i], "--") != 0; i++) {
		if (strcmp(argv[i], "--guest-status") == 0)
			return true;
	}
	return false;
}

static int dispatch(int argc, char **argv)
{
	const struct verb *v;

	if (argc < 2) {
		fputs(greeting, stdout);
		return STATUS_YES;
	}
	if (strcmp(argv[1], "help") == 0)
		return help(argc - 1, argv + 1);
	if (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-?") == 0)
		return print_help();
	if (strcmp(argv[1], "--version") == 0 || strcmp(argv[1], "-V") == 0) {
		puts(argp_program_version);
		return STATUS_YES;
	}
	if (argv[1][0] == '-') {
		say_error("there is no option '%s' before a verb; see 'trapeze help'", argv[1]);
		return argp_err_exit_status;
	}
	v = verb_named(argv[1]);
	return v ? run_verb(v, argc - 1, argv + 1) : unknown_verb(argv[1]);
}

int main(int argc, char **argv)
{
	argp_err_exit_status = wants_guest_status(argc, argv) ? STATUS_OWN : STATUS_USAGE;
	say_exit(dispatch(argc, argv));
}
