/*
 * Setting up what an experiment needs: a bare machine with a guest, or a monitor
 * on a real machine with one virtual machine for each guest.
 */
#ifndef CLI_LAB_H
#define CLI_LAB_H

#include "cli/engine.h"
#include "cli/guest.h"
#include "vmm/monitor.h"

enum { LAB_BELOW = 63 };

/* The options that `run` and `equiv` share; lab_argp reads them. */
struct lab_options {
	struct guest_wish guests; /* what the user says of them */
	const char *map; /* NULL: the description's first */
	int kind;	 /* enum monitor_kind of the innermost; -1: none given */
	bool collapsed;	 /* their maps composed */
	unsigned below;	 /* monitors below that one */
	enum monitor_kind outer[LAB_BELOW]; /* theirs, outermost first */
	enum fault fault;
	uint64_t quantum; /* 0: the monitor's own */
	uint64_t storage; /* of the real machine, units; 0: what the guests need */
	uint64_t reserve; /* units below the guests */
	bool reserve_given;
	uint64_t seed;
	struct words deposit; /* "REG=VALUE" */
	struct engine_option engine;
	struct words own;     /* likewise, of the monitor's */
};

/* The kinds of monitors from "vmm/vmm/hybrid", outermost first; false with what is wrong, behind the
 * words "a monitor". */
bool lab_kinds(struct lab_options *, const char *list, char *reason, size_t size);
/* The monitors as the user names them, "vmm/hybrid"; the innermost is of this kind. */
char *lab_monitors(const struct lab_options *, enum monitor_kind, char *buffer, size_t size);
/* As they are when no option is given. */
bool lab_of_monitors(const struct lab_options *); /* is any given that only monitors have? */
struct lab_options lab_defaults(void);
/* An argp child; its input is a struct lab_options. */
extern const struct argp lab_argp;

/* The options that were given, the monitor's kind apart, as one would type them again: each with
 * a blank before it.  Returns buffer. */
char *lab_arguments(const struct lab_options *, char *buffer, size_t size);

struct lab {
	const struct isa *isa;
	struct machine *machine;
	struct monitor *monitor;   /* the innermost; NULL: bare */
	struct monitor *outermost; /* which has the others, owned; NULL: bare */
	unsigned count;		 /* of guests */
	struct view **view;	 /* each guest's machine */
	struct vm **vm;		 /* NULL when bare */
	uint64_t *traps;	 /* bare: by isa->trap index; owned */
};

/* Units of storage for a guest's machine: as the user said, else 64K or what the addresses
 * leave room for. */
uint64_t lab_guest_size(const struct guest *);

/* NULL with an error said. */
struct lab *lab_bare(const struct guest *, const struct lab_options *);
/* All guests must be for one machine, and each for a monitor that there is. */
struct lab *lab_monitor(const struct guest *, unsigned count, enum monitor_kind,
			const struct lab_options *);
/* One more virtual machine, the last; or one less.  False with an error said. */
bool lab_add(struct lab *, const struct guest *, const struct lab_options *);
void lab_remove(struct lab *, unsigned i);
/* How many monitors, one on another, the storage has room for; UINT64_MAX: they keep none. */
uint64_t lab_deepest(const struct guest *, unsigned count, const struct lab_options *);
/* Prints where everything would be in the real machine's storage; false with an error said. */
bool lab_plan(const struct guest *, unsigned count, const struct lab_options *, FILE *);
void lab_free(struct lab *);
/* A run of the machine, bare or under its monitor, ends soon after the flag is set. */
void lab_stop_by(struct lab *, const volatile sig_atomic_t *flag);

/* Loads guests and prints the messages about them; false when one has errors. */
bool lab_load(struct shelf *, struct guest *, unsigned count, const char *const *arguments,
	      const struct guest_wish *);

#endif
