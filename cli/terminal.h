/*
 * The terminal and the signals of a run: raw while a guest's console is on it,
 * and as it was on every way out.
 */
#ifndef CLI_TERMINAL_H
#define CLI_TERMINAL_H

#include <signal.h>
#include <stdbool.h>

/*
 * From now on SIGINT, SIGTERM and SIGHUP only set the flag, to their number; a second one ends
 * the program at once.  A SIGHUP that is ignored, as under nohup, stays so.  SIGPIPE is ignored: whoever writes sees the error, and calls
 * interrupt_with(SIGPIPE).  The flag is what views' stop points to.
 */
const volatile sig_atomic_t *interrupt_catch(void);
void interrupt_with(int signal);
/* The signal that came, 0: none. */
int interrupt_which(void);
/* It has been dealt with: the flag is clear again. */
void interrupt_clear(void);
/* After the report: the exit status for an interrupt.  SIGTERM and SIGHUP end the program as
 * they end others; what SIGPIPE means is left to say_exit. */
int interrupt_end(void);

/* Puts stdin's terminal into raw mode; false if it is none. */
bool terminal_raw(void);
/* As it was before; harmless when it is. */
void terminal_restore(void);
/* Ctrl-Z: stops the program, with the terminal as it was meanwhile. */
void terminal_suspend(void);

#endif
