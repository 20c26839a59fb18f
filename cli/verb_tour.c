/*
 * trapeze tour: the first commands, explained and run.
 */
#include "cli/guest.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define MAX_ARGS 8

struct step {
	const char *text;
	const struct verb *verb;
	const char *argument[MAX_ARGS]; /* "*.s" is a guest of the tour */
	int status;			/* that it ends with */
};

static const struct step steps[] = {
	{ "All that Trapeze knows about a machine stands in one text, its .isa file.\n"
	  "This is what the description of the machine pg says about one instruction:",
	  &verb_doc,
	  { "pg", "SVC" },
	  STATUS_YES },
	{ "A guest is a program in assembly. It names its machine, is assembled in\n"
	  "memory and runs on the bare machine:",
	  &verb_run,
	  { "hello.s" },
	  STATUS_YES },
	{ "The same guest under a monitor that was derived from the description. The\n"
	  "guest believes that it is in supervisor mode; in truth it runs in user mode,\n"
	  "and what is privileged traps and is emulated:",
	  &verb_run,
	  { "--monitor", "vmm", "--stats", "hello.s" },
	  STATUS_YES },
	{ "Two virtual machines share one real machine, each with its own console:",
	  &verb_run,
	  { "--monitor", "vmm", "fib.s:16K", "sieve.s:16K" },
	  STATUS_YES },
	{ "Could a guest tell the difference? Both runs, compared at every step, under\n"
	  "both kinds of monitor:",
	  &verb_equiv,
	  { "traps.s", "--limit", "200000" },
	  STATUS_YES },
	{ "A monitor with a known bug, for comparison. Here the operand of a trap gets\n"
	  "lost on the way to the guest; the first difference names the instruction:",
	  &verb_equiv,
	  { "--monitor", "vmm", "--fault", "no-info", "traps.s", "--limit", "200000" },
	  STATUS_NO },
};
enum { STEPS = sizeof(steps) / sizeof(steps[0]) };

static const struct argp argp = {
	NULL, NULL, NULL, "Walk through Trapeze: its first commands, explained and run.",
	NULL, NULL, NULL,
};

/* ---- where the guests are ---- */

/* Beside the machines: as installed, or as in the sources.  A path to free, or NULL. */
static char *guest_folder(struct shelf *s)
{
	static const char *const places[] = { "../guests/pg", "../../guests/pg" };
	char *machine = isa_find(s->diagnostics, "pg"), *slash, *found = NULL;
	char folder[PATH_MAX];

	if (!machine)
		return NULL;
	slash = strrchr(machine, '/');
	if (slash)
		*slash = '\0';
	for (unsigned i = 0; !found && i < sizeof(places) / sizeof(places[0]); i++) {
		snprintf(folder, sizeof(folder), "%s/%s", slash ? machine : ".", places[i]);
		found = realpath(folder, NULL);
	}
	free(machine);
	if (!found)
		say_error("the guests of the tour are not installed");
	return found;
}

/* The folder as one would type it: relative, if it lies in the working folder. */
static const char *as_typed(const char *folder)
{
	char here[PATH_MAX];
	size_t n = getcwd(here, sizeof(here)) ? strlen(here) : 0;

	return n && strncmp(folder, here, n) == 0 && folder[n] == '/' ? folder + n + 1 : folder;
}

/* ---- steps ---- */

static bool is_guest(const char *argument)
{
	return strstr(argument, ".s") != NULL;
}

/* The step's arguments, guests with their folder. */
static int fill_in(const struct step *step, const char *folder, char **argv)
{
	int argc = 1;

	for (; argc <= MAX_ARGS && step->argument[argc - 1]; argc++) {
		const char *a = step->argument[argc - 1];
		size_t size = strlen(folder) + strlen(a) + 2;

		argv[argc] = make(size, 1);
		snprintf(argv[argc], size, is_guest(a) ? "%s/%s" : "%.0s%s", folder, a);
	}
	return argc;
}

static void print_command(const struct step *step, int argc, char **argv)
{
	char quoted[512];

	printf("\n%s$ trapeze %s", colour(stdout, COLOUR_HEAD), step->verb->name);
	for (int i = 1; i < argc; i++)
		printf(" %s", shell_quote(argv[i], quoted, sizeof(quoted)));
	printf("%s\n", colour(stdout, COLOUR_END));
	fflush(stdout);
}

/* Runs a verb in a process of its own, with nothing to read. */
static int run_apart(const struct verb *v, int argc, char **argv)
{
	char who[32];
	int status, nothing;
	pid_t pid = fork();

	if (pid == 0) {
		nothing = open("/dev/null", O_RDONLY);
		dup2(nothing, STDIN_FILENO);
		snprintf(who, sizeof(who), "trapeze %s", v->name);
		say_who(who);
		argv[0] = who;
		say_exit(v->run(argc, argv));
	}
	while (pid > 0 && waitpid(pid, &status, 0) < 0 && errno == EINTR)
		continue;
	if (pid < 0)
		say_error("%s", strerror(errno));
	return pid > 0 && WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static bool show(const struct step *step, unsigned number, const char *folder)
{
	char *argv[MAX_ARGS + 2] = { NULL };
	int argc = fill_in(step, folder, argv), status;

	printf("%s%u of %u\n%s\n", number > 1 ? "\n" : "", number, STEPS, step->text);
	print_command(step, argc, argv);
	status = run_apart(step->verb, argc, argv);
	for (int i = 1; i < argc; i++)
		free(argv[i]);
	if (status != step->status)
		say_error("this step ended with status %d, not %d", status, step->status);
	return status == step->status;
}

/* On a terminal: waits for Enter; false: enough. */
static bool go_on(void)
{
	int c, first;

	if (!isatty(STDIN_FILENO) || !isatty(STDOUT_FILENO))
		return true;
	printf("\n[Enter goes on, q ends] ");
	fflush(stdout);
	first = c = getchar();
	while (c != '\n' && c != EOF)
		c = getchar();
	return first != 'q' && first != EOF;
}

static int walk(const char *folder)
{
	for (unsigned i = 0; i < STEPS; i++) {
		if (i && !go_on())
			return STATUS_YES;
		if (!show(&steps[i], i + 1, folder))
			return STATUS_NO;
	}
	putchar('\n');
	say_next(stdout, "trapeze new my-machine");
	return STATUS_YES;
}

static int run(int argc, char **argv)
{
	struct shelf *s = shelf_new();
	int status = STATUS_USAGE;
	char *folder;

	argp_parse(&argp, argc, argv, 0, NULL, NULL);
	folder = guest_folder(s);
	if (say_diagnostics(s->diagnostics) && folder)
		status = walk(as_typed(folder));
	free(folder);
	shelf_free(s);
	return status;
}

const struct verb verb_tour = { "tour", "a walk through the first commands", run };
