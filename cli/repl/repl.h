/*
 * The laboratory bench: what the commands of `trapeze repl` share.  Only cli/repl/ includes this, and
 * cli/gdb/, where gdb uses it.
 *
 * A session holds worlds, each a bare machine or a monitor with its virtual machines, and one
 * machine that commands speak of.  Terminal, script and pipe enter by the same door, run_line.
 */
#ifndef CLI_REPL_REPL_H
#define CLI_REPL_REPL_H

#include "cli/console.h"
#include "cli/lab.h"
#include "cli/report.h"
#include "machine/compiled.h"
#include "machine/trace.h"
#include "vmm/history.h"

struct world {
	char name[64];		    /* "bare", "vmm", "hybrid2", "vmm/vmm" */
	struct lab_options options; /* kind -1: bare */
	unsigned number;	    /* among those of its kind, from 1 */
	unsigned count;	     /* machines */
	uint64_t turned;     /* the total + 1 when a run last stopped since a turn began */
	struct lab *lab;     /* owned, unless it is lent */
	struct guest *guest; /* of each machine; likewise */
	bool lent;	     /* by another verb, which goes on with it */
	struct shelf *shelf; /* owned: messages about one world's input are not said of another's */
	struct consoles *consoles; /* owned */
	struct history *history;   /* owned */
};

/* Where runs stop, or what they are to stop at. */
struct point {
	enum point_kind {
		POINT_PLACE,
		POINT_STORAGE,
		POINT_REGISTER,
		POINT_INSTR,
		POINT_TRAP,
		POINT_TURN,
		POINT_IF
	} kind;
	unsigned number; /* as the user calls it */
	struct world *world;
	unsigned machine;   /* of the world */
	uint64_t place;	    /* POINT_PLACE; of POINT_TRAP and POINT_TURN, how many there were */
	struct watch watch; /* POINT_STORAGE */
	unsigned index;	    /* slot, or number of the instruction or the trap */
	char *condition;    /* an expression; NULL: always; owned */
	struct when *when;  /* POINT_IF, NULL: it is looked at by its text, step by step; owned */
	struct compiled *compiled; /* another's condition, if it can be; owned; else NULL */
	bool held;	    /* another POINT_IF, when it was looked at last */
	char *text;	    /* as given; owned */
	uint64_t hits;
};

struct session {
	struct lab_options options;
	struct console_options console_options;
	struct words inputs, replays; /* of the n-th machine of a world */
	const volatile sig_atomic_t *flag;
	unsigned nworlds;
	struct world **world; /* owned */
	struct world *now;    /* NULL: there is none yet */
	unsigned machine;     /* of the world */
	unsigned npoints, points_made;
	struct point *point; /* owned */
	unsigned ndisplays, displays_made;
	struct display {
		unsigned number;
		char *text;   /* owned */
		char isa[64]; /* on machines of this name */
	} * display;	      /* owned */
	struct trace *trace;  /* owned; NULL: nothing is recorded */
	struct world *traced; /* of which world */
	bool recording;	      /* now */
	bool predicting;      /* steps are asked for */
	unsigned predictions, right;
	bool terminal;	   /* commands are typed */
	bool echo, paging; /* settings */
	bool interrupted;  /* a command, by Ctrl-C: the rest of a file of them is not done */
	bool quit;
	unsigned failed;       /* commands */
	unsigned depth;	       /* of files read by `source` */
	uint64_t next_address; /* for x and disassemble without one */
	char *last;	       /* the last line, which an empty one repeats; owned */
};

/* ---- commands ---- */

struct command {
	const char *name, *alias; /* alias: NULL if it has none */
	const char *usage;	  /* behind the name */
	const char *help;	  /* one line */
	const char *more;	  /* further lines; or NULL */
	/* The n-th word that may stand there, to free; NULL past the last; or no completer. */
	char *(*complete)(const struct session *, const char *start, unsigned n);
	/* False: it failed, and has said why. */
	bool (*run)(struct session *, const char *arguments);
	bool needs_machine, repeats, pages;
	bool files; /* behind the first word files may be named */
};

/* A group of them: cli/repl/NAME.c has a table each, which ends with an empty name. */
struct command_group {
	const char *title;
	const struct command *command;
};
extern const struct command_group command_groups[]; /* ends with an empty title */
extern const struct command running_commands[], stop_commands[], state_commands[], world_commands[],
	session_commands[], map_commands[], inside_commands[], trace_commands[], time_commands[],
	draw_commands[], call_commands[];

/* A command by name, alias or unambiguous prefix; NULL with an error said. */
const struct command *command_find(const char *name);
/* Does one line; false if it failed. */
bool run_line(struct session *, const char *line);
/* All lines of a file, "-" being stdin; false if it cannot be read or a line failed. */
bool run_file(struct session *, const char *path);
/* The terminal, until the user leaves. */
void run_terminal(struct session *);

/* Says so of a file, "" being none; true. */
bool tell_written(const char *path);

/* Completers. */
char *complete_nothing(const struct session *, const char *start, unsigned n);
/* The n-th of a list of words, which ends with NULL, that begins so; *n is how many are left to be
 * passed by. */
char *complete_from(const char *const *words, const char *start, unsigned *n);
char *complete_register(const struct session *, const char *start, unsigned n);
char *complete_place(const struct session *, const char *start, unsigned n);
char *complete_stop(const struct session *, const char *start, unsigned n);
char *complete_command(const struct session *, const char *start, unsigned n);
char *complete_machine(const struct session *, const char *start, unsigned n);
char *complete_instr(const struct session *, const char *start, unsigned n);

/* The next word of a text, to free; NULL at its end; *text moves behind it. */
char *next_word(const char **text);
/* Nothing but blanks?  Else an error is said. */
bool at_end(const char *arguments);
/* No more than one?  Else an error is said. */
bool one_word(const char *arguments);

/* ---- the machine that commands speak of ---- */

struct view *view_of(const struct session *);
const struct guest *guest_of(const struct session *);
struct vm *vm_of(const struct session *);	    /* NULL: it is bare */
struct monitor *monitor_of(const struct session *); /* that made it; NULL likewise */
/* "bare", "vm1", "hybrid.vm2"; returns buffer. */
char *machine_name(const struct session *, const struct world *, unsigned machine, char *buffer,
		   size_t size);
/* "s", "u": as the mode's type has it; "" if there are no modes; returns buffer. */
char *mode_of(const struct view *, char *buffer, size_t size);
/* "vm1 s @1204> "; returns buffer. */
char *prompt_of(const struct session *, char *buffer, size_t size);

/* ---- worlds: cli/repl/world.c ---- */

/* A guest on a bare machine, or under a monitor; becomes the one that commands speak of. */
bool worlds_add(struct session *, const struct lab_options *, const char *const *guests,
		unsigned count);
void worlds_free(struct session *);
/* One whose lab and guests are lent. */
bool worlds_lend(struct session *, struct lab *, struct guest *, const struct lab_options *);
/* The world now, as it was when it began. */
bool worlds_restart(struct session *);
/* Where the machine is, after whatever moved it. */
void show_place(const struct session *);

/* The word of an instruction as typed, between quotes or not, where the machine is; false with an
 * error said: cli/repl/state.c */
bool instruction_typed(const struct session *, const char *typed, uint64_t *word);

/* The displays, which are shown with each place. */
void displays_print(const struct session *);
void displays_free(struct session *);

/* The tables that translate searches: cli/repl/searched.c */
void searched_print(const struct session *);

/* ---- running: cli/repl/run.c ---- */

enum ending {
	ENDED_STEPS,	   /* all that was asked for */
	ENDED_POINT,	   /* at a point, which is told */
	ENDED_OVER,	   /* the machine cannot go on */
	ENDED_IDLE,	   /* it waits for what does not come by itself */
	ENDED_INTERRUPTED, /* Ctrl-C */
};
/* What a run is to reach. */
struct goal {
	bool (*reached)(struct session *, void *context); /* asked after the first step, and later: */
	void *context;
	const struct point *only; /* where the machine comes to this alone; NULL: after each step */
};
/* The machine does n steps more, all others of its world getting their quanta; n = UINT64_MAX
 * without a goal: all go on. */
enum ending run_steps(struct session *, uint64_t n, const struct goal *);
/* One slice: at most n steps, of the machine or of all; ENDED_POINT: at any stop. */
enum ending run_slice(struct session *, uint64_t n, bool all);
/* At most n steps of all machines, without their consoles; ENDED_POINT: at one of the points. */
enum ending run_quietly(struct session *, uint64_t n);
/* Says how it ended, and where. */
void tell_ending(struct session *, enum ending);

/* ---- the VM map: cli/repl/mapping.c ---- */

/* False with an error said: the machine is bare. */
bool under_monitor(const struct session *);
/* The machine with f(v) in its registers, to look at: what the machine below holds whenever it runs
 * there directly. */
struct view *mapped_new(const struct session *);
void mapped_free(struct view *);

/* ---- traces: cli/repl/tracing.c, inside.c ---- */

/* Where the world now is recorded; NULL: nowhere. */
struct trace *tracing(const struct session *);
void tracing_stop(struct session *);
void trace_print_from(const struct session *, const struct trace *, unsigned from,
		      const char *format, FILE *);
/* What the next step leads to: "runs", "emulated" ... */
const char *fate_name(const struct session *);
/* What 'step' says while predictions are asked for. */
void ask_prediction(const struct session *);
/* One step, with all that happens in it and what it changes. */
enum ending step_into(struct session *);

/* ---- points: cli/repl/points.c ---- */

/* No stops on any machine of the world now, until points_hang. */
void unhang_all(struct session *);
/* Hangs the points on the views of their machines; one more, which is none of the user's. */
void points_hang(struct session *);
void point_hang(const struct point *);
/* A condition alone, of the machine that commands speak of; NULL: it depends on more than registers,
 * storage, time and devices. */
struct when *when_of(const struct session *, const char *condition);
/* What it owns; nothing is hung on its machine then. */
void point_release(struct point *);
/* Must runs go step by step for them? */
bool points_careful(const struct session *);
/* The point that the machine of the world now has come to, its condition holding; NULL: none.
 * Counts a hit. */
struct point *point_reached(struct session *, unsigned machine);
void point_remove(struct session *, struct point *);
void points_free(struct session *);
uint64_t point_count(const struct point *);
void points_print(const struct session *);
/* Those of a world that goes away. */
void points_forget(struct session *, const struct world *);
/* Those of a machine that goes away; those behind it move up. */
void points_lose(struct session *, const struct world *, unsigned machine);

/* On the machine that commands speak of, with a number of its own; the texts become the point's. */
struct point *point_add(struct session *, const struct point *);

/* ---- back in time: cli/repl/time.c ---- */

/* To where the machine had done so many steps; false: it cannot be gone to, and nothing changes. */
bool time_go(struct session *, uint64_t steps);
/* Back to the last point that was reached before now; false: to none, and nothing changes. */
bool time_back_to_stop(struct session *);

/* ---- expressions: cli/repl/expression.c ---- */

/* The value of an expression on the machine; *end is where it ends, NULL: it must be all of the
 * text.  False with an error said. */
bool evaluate(const struct view *, const struct guest *, const char *text, const char **end,
	      uint64_t *value);
/* The same for later, when it has been evaluated once; NULL: it does not depend on registers,
 * storage, time and devices alone, or is too long. */
struct compiled *compile(const struct view *, const struct guest *, const char *text);
/* Is the text the name of one entry of the state table?  Then which. */
bool named_entry(const struct view *, const char *text, struct table_entry *entry);
/* Units of storage at a virtual address, as one number; false with an error said. */
bool read_memory(const struct view *, uint64_t address, unsigned units, bool physical,
		 uint64_t *value);
/* A word at a virtual address, wherever one can be read; false with an error said, nothing written. */
bool write_memory(struct view *, uint64_t address, uint64_t value);
unsigned units_of_word(const struct isa *);

/* What a text names that holds something: cli/repl/location.c */
struct location {
	enum location_kind {
		LOCATION_REGISTER, /* G2, G[3], $pc */
		LOCATION_FIELD,	   /* STATUS.IM */
		LOCATION_VARIABLE, /* of a device, or the clock */
		LOCATION_MEM,	   /* mem[ADDRESS], *ADDRESS */
		LOCATION_PHYS,	   /* phys[PLACE] */
		LOCATION_PLACE	   /* another expression: the number of a place */
	} kind;
	struct table_entry entry; /* of the first three; of the register that the field is in */
	unsigned low, width;	  /* of the field; the width of the others */
	uint64_t address;	  /* LOCATION_MEM */
	uint64_t place;		  /* in storage: where the address leads now */
};
/* *end is where it ends.  False with an error said. */
bool location_read(const struct session *, const char *text, const char **end, struct location *);
bool location_is_storage(const struct location *);
/* Is it seen when it changes?  Else an error is said. */
bool location_can_be_seen(const struct location *);
/* Can the program counter be there?  Else an error is said. */
bool can_be_address(const struct view *, uint64_t value);
/* How many, or how far: no less than 0.  False with an error said. */
bool evaluate_count(const struct session *, const char *text, uint64_t *n);

#endif
