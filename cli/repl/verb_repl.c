/*
 * trapeze repl: the laboratory bench.
 */
#include "cli/repl/repl.h"

#include "cli/bench.h"
#include "cli/terminal.h"

#include <stdlib.h>
#include <unistd.h>

enum { KEY_INPUT = 512, KEY_RECORD, KEY_REPLAY };

struct repl {
	struct session session;
	struct words guests, scripts;
};

static const struct argp_option options[] = {
	{ "execute", 'x', "FILE", 0, "the commands of a file, and no others; again for more", 2 },
	{ "input", KEY_INPUT, "FILE", 0, "the console's input; again for further guests", 3 },
	{ "record", KEY_RECORD, "FILE", 0, "write the console's input with its times", 3 },
	{ "replay", KEY_REPLAY, "FILE", 0, "the console's input as it was recorded", 3 },
	{ 0 },
};

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct repl *r = state->input;

	switch (key) {
	case ARGP_KEY_INIT: state->child_inputs[0] = &r->session.options; return 0;
	case 'x': words_add(&r->scripts, arg); return 0;
	case KEY_INPUT: words_add(&r->session.inputs, arg); return 0;
	case KEY_RECORD: words_add(&r->session.console_options.record, arg); return 0;
	case KEY_REPLAY: words_add(&r->session.replays, arg); return 0;
	case ARGP_KEY_ARG: words_add(&r->guests, arg); return 0;
	case ARGP_KEY_END:
		if (r->guests.count > 1 && r->session.options.kind < 0)
			argp_error(state, "several guests need a monitor: add --monitor vmm");
		return 0;
	default: return ARGP_ERR_UNKNOWN;
	}
}

static const struct argp_child children[] = { { &lab_argp, 0, NULL, 0 }, { 0 } };
static const struct argp argp = {
	options,
	parse,
	"[GUEST[:SIZE]...]",
	"The laboratory bench: step guests, bare and through monitors."
	"\vType 'help' for what there is to type. On a terminal a guest's console is the terminal "
	"while the guest runs, and Ctrl-C leads back to the prompt. Without one, commands come from "
	"stdin, and 'type' gives a console its input.",
	children,
	NULL,
	NULL,
};

static bool run_scripts(struct repl *r)
{
	bool ok = true;

	for (unsigned i = 0; i < r->scripts.count && !r->session.quit; i++)
		ok = run_file(&r->session, r->scripts.word[i]) && ok;
	return ok;
}

static int run_session(struct repl *r)
{
	struct session *s = &r->session;
	bool ok = true;

	if (r->guests.count && !worlds_add(s, &s->options, r->guests.word, r->guests.count))
		return argp_err_exit_status;
	if (s->terminal && s->now)
		show_place(s);
	if (r->scripts.count)
		ok = run_scripts(r);
	else if (s->terminal)
		run_terminal(s);
	else
		run_file(s, "-");
	return (s->failed || !ok) && !s->terminal ? argp_err_exit_status : STATUS_YES;
}

static void tear_down(struct repl *r)
{
	struct session *s = &r->session;

	points_free(s);
	displays_free(s);
	worlds_free(s);
	free(s->last);
	words_free(&r->guests);
	words_free(&r->scripts);
	words_free(&s->options.deposit);
	words_free(&s->options.own);
	words_free(&s->inputs);
	words_free(&s->console_options.record);
	words_free(&s->replays);
}

void bench_with(struct lab *l, struct guest *guest, const struct lab_options *o)
{
	struct repl r = { .session = { .options = *o, .terminal = true, .paging = true } };
	struct session *s = &r.session;

	s->options.deposit = s->options.own = (struct words){ 0 };
	s->flag = interrupt_catch();
	if (worlds_lend(s, l, guest, o)) {
		show_place(s);
		run_terminal(s);
	}
	tear_down(&r);
}

static int run(int argc, char **argv)
{
	struct repl r = { .session = { .options = lab_defaults() } };
	struct session *s = &r.session;
	int status;

	argp_parse(&argp, argc, argv, 0, NULL, &r);
	s->terminal = r.scripts.count == 0 && isatty(STDIN_FILENO) && isatty(STDOUT_FILENO);
	s->echo = !s->terminal;
	s->paging = true;
	s->console_options.ignore_stdin = !s->terminal || s->inputs.count || s->replays.count;
	s->flag = interrupt_catch();
	status = run_session(&r);
	tear_down(&r);
	return interrupt_which() ? interrupt_end() : status;
}

const struct verb verb_repl = { "repl", "step guests and monitors at a prompt", run };
