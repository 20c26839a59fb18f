/*
 * Raw mode, and its end on every way out.
 */
#include "cli/terminal.h"

#include "cli/cli.h"

#include <stdlib.h>
#include <termios.h>
#include <unistd.h>

static struct termios cooked;
static volatile sig_atomic_t raw;
static volatile sig_atomic_t interrupted;

/* ---- signals ---- */

static void on_interrupt(int signal)
{
	if (interrupted) {
		terminal_restore();
		_exit(STATUS_INTERRUPTED);
	}
	interrupted = signal;
}

/* A failure of our own: the handler is gone by now, so raising it again ends us. */
static void on_crash(int signal)
{
	terminal_restore();
	raise(signal);
}

const volatile sig_atomic_t *interrupt_catch(void)
{
	struct sigaction catch = { .sa_handler = on_interrupt }, before;

	sigemptyset(&catch.sa_mask);
	sigaction(SIGINT, &catch, NULL);
	sigaction(SIGTERM, &catch, NULL);
	if (sigaction(SIGHUP, &catch, &before) == 0 && before.sa_handler == SIG_IGN)
		signal(SIGHUP, SIG_IGN);
	signal(SIGPIPE, SIG_IGN);
	return &interrupted;
}

void interrupt_with(int signal)
{
	if (!interrupted)
		interrupted = signal;
}

int interrupt_which(void)
{
	return interrupted;
}

void interrupt_clear(void)
{
	interrupted = 0;
}

int interrupt_end(void)
{
	int which = interrupted;

	if (which == SIGINT || which == SIGPIPE)
		return STATUS_INTERRUPTED;
	fflush(stdout);
	signal(which, SIG_DFL);
	raise(which);
	return 128 + which;
}

/* ---- raw mode ---- */

static void catch_crashes(void)
{
	struct sigaction catch = { .sa_handler = on_crash, .sa_flags = SA_RESETHAND };

	sigemptyset(&catch.sa_mask);
	sigaction(SIGABRT, &catch, NULL);
	sigaction(SIGSEGV, &catch, NULL);
	sigaction(SIGBUS, &catch, NULL);
	sigaction(SIGFPE, &catch, NULL);
}

bool terminal_raw(void)
{
	static bool prepared;
	struct termios t;

	if (tcgetattr(STDIN_FILENO, &cooked) != 0)
		return false;
	if (!prepared) {
		atexit(terminal_restore);
		catch_crashes();
		prepared = true;
	}
	t = cooked;
	t.c_iflag &= (tcflag_t) ~(IXON | ISTRIP | INLCR | IGNCR);
	t.c_iflag |= ICRNL;
	t.c_lflag &= (tcflag_t) ~(ICANON | ECHO | ISIG | IEXTEN);
	t.c_cc[VMIN] = 1;
	t.c_cc[VTIME] = 0;
	raw = 1;
	if (tcsetattr(STDIN_FILENO, TCSADRAIN, &t) == 0)
		return true;
	raw = 0;
	return false;
}

/* Called from signal handlers too: tcsetattr is one of the calls allowed there. */
void terminal_restore(void)
{
	if (!raw)
		return;
	raw = 0;
	tcsetattr(STDIN_FILENO, TCSADRAIN, &cooked);
}

void terminal_suspend(void)
{
	terminal_restore();
	raise(SIGTSTP);
	terminal_raw();
}
