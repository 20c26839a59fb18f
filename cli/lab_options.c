/*
 * What the user asks for of machines and monitors, by options, and the same as one would type it again.
 */
#include "cli/lab.h"

#include "isa/find.h"

#include <inttypes.h>
#include <string.h>

enum {
	KEY_ISA = 256,
	KEY_MONITOR,
	KEY_MAP,
	KEY_FAULT,
	KEY_QUANTUM,
	KEY_STORAGE,
	KEY_RESERVE,
	KEY_SEED,
	KEY_DEPOSIT,
	KEY_ENGINE,
	KEY_OWN,
	KEY_COLLAPSED,
	KEY_BOARD,
	KEY_APPEND,
	KEY_INITRD,
	KEY_RAW
};

static const struct argp_option options[] = {
	{ "isa", KEY_ISA, "ISA", 0, "the machine, whatever the guest says: a name or a path", 1 },
	{ "board", KEY_BOARD, "NAME", 0,
	  "the machine on that board: for mips32 and 'bench' this is the machine mips32-bench", 1 },
	{ "append", KEY_APPEND, "TEXT", 0,
	  "arguments for an ELF file of another tool, which the board's boot program passes on", 1 },
	{ "initrd", KEY_INITRD, "FILE", 0, "likewise an initial disk, bytes in storage", 1 },
	{ "raw", KEY_RAW, "ADDRESS[,ENTRY]", 0,
	  "a guest that is no ELF file is bytes, not assembly, for that address, and begins there or at ENTRY",
	  1 },
	{ "monitor", KEY_MONITOR, "KIND", 0,
	  "under a monitor: vmm (Theorem 1) or hybrid "
	  "(Theorem 3, alias hvm); vmm/hybrid is one on a virtual machine of the other, to any depth",
	  1 },
	{ "collapsed", KEY_COLLAPSED, NULL, 0,
	  "of monitors on monitors: traps go to the level that they are for, not through those below",
	  1 },
	{ "map", KEY_MAP, "NAME", 0, "the description's VM map of that name", 1 },
	{ "fault", KEY_FAULT, "NAME", 0, "a monitor with one known bug; 'list' lists them", 1 },
	{ "quantum", KEY_QUANTUM, "N", 0, "steps between world switches", 1 },
	{ "storage", KEY_STORAGE, "SIZE", 0, "units of storage of the real machine", 1 },
	{ "reserve", KEY_RESERVE, "N", 0, "units below the guests that the monitor keeps", 1 },
	{ "seed", KEY_SEED, "N", 0, "for values that the architecture or the map leaves open", 1 },
	{ "deposit", KEY_DEPOSIT, "REG=VALUE", 0, "set a register before the start", 1 },
	{ "engine", KEY_ENGINE, "NAME", 0,
	  "what runs guests: translator (x86-64 code; the default where the host has it) or " ENGINE_HELP,
	  1 },
	{ "own", KEY_OWN, "REG=VALUE", 0,
	  "what the monitor keeps in a register of the real machine that the map makes virtual",
	  1 },
	{ 0 },
};

static void list_faults(void)
{
	for (int f = FAULT_NONE + 1; f < FAULTS; f++)
		printf("%-18s %s\n", fault_name((enum fault)f), fault_text((enum fault)f));
	say_exit(STATUS_YES);
}

static enum fault parse_fault(struct argp_state *state, const char *name)
{
	const char *names[FAULTS] = { NULL };
	const char *guess;
	int f = fault_named(name);

	if (strcmp(name, "list") == 0)
		list_faults();
	if (f >= 0)
		return (enum fault)f;
	for (f = FAULT_NONE + 1; f < FAULTS; f++)
		names[f - 1] = fault_name((enum fault)f);
	guess = find_nearest(name, names);
	if (guess)
		argp_error(state, "there is no fault '%s'; did you mean '%s'?", name, guess);
	argp_error(state, "there is no fault '%s'; --fault list lists them", name);
	return FAULT_NONE;
}

static bool parse_kind(const char *name, int *kind, char *reason, size_t size)
{
	*kind = monitor_kind_named(name);
	if (*kind < 0)
		snprintf(reason, size, "is vmm or hybrid, not '%s'", name);
	return *kind >= 0;
}

bool lab_kinds(struct lab_options *o, const char *list, char *reason, size_t size)
{
	char name[32];
	size_t length;
	int kind;

	o->below = 0;
	for (; list[length = strcspn(list, "/")] == '/'; list += length + 1) {
		if (o->below == LAB_BELOW) {
			snprintf(reason, size, "has no more than %d levels", LAB_BELOW + 1);
			return false;
		}
		snprintf(name, sizeof(name), "%.*s", (int)length, list);
		if (!parse_kind(name, &kind, reason, size))
			return false;
		o->outer[o->below++] = (enum monitor_kind)kind;
	}
	return parse_kind(list, &o->kind, reason, size);
}

static void parse_monitors(struct argp_state *state, const char *list)
{
	char reason[128];

	if (!lab_kinds(state->input, list, reason, sizeof(reason)))
		argp_error(state, "--monitor %s", reason);
}

char *lab_monitors(const struct lab_options *o, enum monitor_kind kind, char *buffer, size_t size)
{
	*buffer = '\0';
	for (unsigned i = 0; i < o->below; i++)
		snprintf(buffer + strlen(buffer), size - strlen(buffer), "%s/",
			 monitor_kind_name(o->outer[i]));
	snprintf(buffer + strlen(buffer), size - strlen(buffer), "%s", monitor_kind_name(kind));
	return buffer;
}

/* "ADDRESS[,ENTRY]" */
static void parse_raw(struct argp_state *state, char *text)
{
	struct guest_wish *w = &((struct lab_options *)state->input)->guests;
	char *comma = strchr(text, ',');

	if (comma)
		*comma = '\0';
	w->is_raw = true;
	w->raw = arg_number(state, "--raw", text, 0, UINT64_MAX);
	w->raw_entry = comma ? arg_number(state, "--raw", comma + 1, 0, UINT64_MAX) : w->raw;
	if (comma)
		*comma = ',';
}

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct lab_options *o = state->input;

	switch (key) {
	case KEY_ISA: o->guests.isa = arg; return 0;
	case KEY_BOARD: o->guests.board = arg; return 0;
	case KEY_APPEND: o->guests.append = arg; return 0;
	case KEY_INITRD: o->guests.initrd = arg; return 0;
	case KEY_RAW: parse_raw(state, arg); return 0;
	case KEY_MONITOR: parse_monitors(state, arg); return 0;
	case KEY_COLLAPSED: o->collapsed = true; return 0;
	case KEY_MAP: o->map = arg; return 0;
	case KEY_FAULT: o->fault = parse_fault(state, arg); return 0;
	case KEY_QUANTUM: o->quantum = arg_number(state, "--quantum", arg, 1, UINT64_MAX); return 0;
	case KEY_STORAGE: o->storage = arg_size(state, "--storage", arg); return 0;
	case KEY_RESERVE:
		o->reserve = strcmp(arg, "0") == 0 ? 0 : arg_size(state, "--reserve", arg);
		o->reserve_given = true;
		return 0;
	case KEY_SEED: o->seed = arg_number(state, "--seed", arg, 0, UINT64_MAX); return 0;
	case KEY_DEPOSIT: words_add(&o->deposit, arg); return 0;
	case KEY_ENGINE: arg_engine(state, arg, &o->engine); return 0;
	case KEY_OWN: words_add(&o->own, arg); return 0;
	default: return ARGP_ERR_UNKNOWN;
	}
}

bool lab_of_monitors(const struct lab_options *o)
{
	return o->map || o->fault != FAULT_NONE || o->quantum || o->reserve_given ||
	       o->own.count || o->collapsed;
}

const struct argp lab_argp = { .options = options, .parser = parse };

struct lab_options lab_defaults(void)
{
	return (struct lab_options){ .kind = -1,
				     .fault = FAULT_NONE,
				     .seed = 1,
				     .guests = { .programs = true },
				     .engine = engine_default(ENGINE_TRANSLATOR) };
}

char *lab_arguments(const struct lab_options *o, char *buffer, size_t size)
{
	char raw[64];

	*buffer = '\0';
	if (o->guests.isa)
		add_option(buffer, size, "isa", o->guests.isa);
	if (o->guests.board)
		add_option(buffer, size, "board", o->guests.board);
	if (o->guests.append)
		add_option(buffer, size, "append", o->guests.append);
	if (o->guests.initrd)
		add_option(buffer, size, "initrd", o->guests.initrd);
	if (o->guests.is_raw) {
		snprintf(raw, sizeof(raw), "0x%" PRIx64 ",0x%" PRIx64, o->guests.raw,
			 o->guests.raw_entry);
		add_option(buffer, size, "raw", raw);
	}
	if (o->map)
		add_option(buffer, size, "map", o->map);
	if (o->fault != FAULT_NONE)
		add_option(buffer, size, "fault", fault_name(o->fault));
	if (o->quantum)
		add_option_number(buffer, size, "quantum", o->quantum);
	if (o->storage)
		add_option_number(buffer, size, "storage", o->storage);
	if (o->reserve_given)
		add_option_number(buffer, size, "reserve", o->reserve);
	if (o->seed != lab_defaults().seed)
		add_option_number(buffer, size, "seed", o->seed);
	if (o->engine.text)
		add_option(buffer, size, "engine", o->engine.text);
	for (unsigned i = 0; i < o->deposit.count; i++)
		add_option(buffer, size, "deposit", o->deposit.word[i]);
	for (unsigned i = 0; i < o->own.count; i++)
		add_option(buffer, size, "own", o->own.word[i]);
	return buffer;
}
