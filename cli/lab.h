/*
 * Setting up what an experiment needs: a bare machine with a guest, or a monitor
 * on a real machine with one virtual machine for each guest.
 */
#ifndef CLI_LAB_H
#define CLI_LAB_H

#include "cli/engine.h"
#include "cli/guest.h"
#include "vmm/monitor.h"

/* The options that `run` and `equiv` share; lab_argp reads them. */
struct lab_options {
	const char *isa; /* NULL: as the guest says */
	const char *map; /* NULL: the description's first */
	int kind;	 /* enum monitor_kind; -1: none given */
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

/* As they are when no option is given. */
struct lab_options lab_defaults(void);
/* An argp child; its input is a struct lab_options. */
extern const struct argp lab_argp;

/* The options that were given, the monitor's kind apart, as one would type them again: each with
 * a blank before it.  Returns buffer. */
char *lab_arguments(const struct lab_options *, char *buffer, size_t size);

struct lab {
	const struct isa *isa;
	struct machine *machine;
	struct monitor *monitor; /* NULL: bare */
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
/* All guests must be for one machine. */
struct lab *lab_monitor(const struct guest *, unsigned count, enum monitor_kind,
			const struct lab_options *);
void lab_free(struct lab *);
/* A run of the machine, bare or under its monitor, ends soon after the flag is set. */
void lab_stop_by(struct lab *, const volatile sig_atomic_t *flag);

/* Loads guests and prints the messages about them; false when one has errors. */
bool lab_load(struct shelf *, struct guest *, unsigned count, const char *const *arguments,
	      const char *isa_name);

#endif
