/* The session's own commands, and what completes their words. */
#include "cli/repl/repl.h"

#include <inttypes.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

/* ---- help ---- */

static void print_group(const struct command_group *g)
{
	printf("%s%s%s\n", colour(stdout, COLOUR_HEAD), g->title, colour(stdout, COLOUR_END));
	for (const struct command *c = g->command; c->name; c++)
		printf("  %-16s %s\n", c->name, c->help);
}

static bool print_all_help(void)
{
	for (const struct command_group *g = command_groups; g->title; g++)
		print_group(g);
	puts("\n'help COMMAND' tells more. A command can be cut short as long as it is one only;\n"
	     "an empty line does the last step again; '!LINE' is for the shell.");
	return true;
}

/* In 80 columns, broken between words. */
static void print_wrapped(const char *text)
{
	unsigned column = 0;
	char *word;

	while ((word = next_word(&text))) {
		unsigned length = (unsigned)strlen(word);
		const char *before = !column ? "" : column + 1 + length > 79 ? "\n" : " ";

		column = *before == ' ' ? column + 1 + length : length;
		printf("%s%s", before, word);
		free(word);
	}
	putchar('\n');
}

static bool run_help(struct session *s, const char *arguments)
{
	char *name = next_word(&arguments);
	const struct command *c = name ? command_find(name) : NULL;
	char usage[256];

	(void)s;
	if (!name)
		return print_all_help();
	free(name);
	if (!c || !at_end(arguments))
		return false;
	snprintf(usage, sizeof(usage), "%s %s", c->name, c->usage);
	print_wrapped(usage);
	if (c->alias)
		printf("  or, for short: %s\n", c->alias);
	printf("  %s\n", c->help);
	if (c->more) {
		putchar('\n');
		print_wrapped(c->more);
	}
	return true;
}

/* ---- settings ---- */

static const struct setting {
	const char *name, *help;
	size_t offset;
} settings[] = {
	{ "echo", "commands of scripts are printed", offsetof(struct session, echo) },
	{ "paging", "what is long is shown by $PAGER", offsetof(struct session, paging) },
};
enum { SETTINGS = sizeof(settings) / sizeof(*settings) };

static bool *setting_of(struct session *s, const struct setting *setting)
{
	return (bool *)((char *)s + setting->offset);
}

static const struct setting *setting_named(const char *name)
{
	for (unsigned i = 0; i < SETTINGS; i++)
		if (strcmp(settings[i].name, name) == 0)
			return &settings[i];
	return NULL;
}

static bool set_setting(struct session *s, const struct setting *setting, const char *value)
{
	bool on = strcmp(value, "on") == 0;

	if (!on && strcmp(value, "off") != 0) {
		say_error("%s is on or off, not '%s'", setting->name, value);
		return false;
	}
	*setting_of(s, setting) = on;
	return true;
}

/* Has what is called so that many bits? */
static bool fits(const char *name, size_t length, unsigned width, uint64_t value)
{
	if (value & ~isa_mask(width))
		say_error("0x%" PRIx64 " is no value for %.*s, which has %u bit%s", value,
			  (int)length, name, width, plural(width));
	return !(value & ~isa_mask(width));
}

/* A register, a part of one, or a variable of a device. */
static bool set_entry(struct session *s, const struct location *l, uint64_t value)
{
	const struct table_entry *e = &l->entry;
	struct view *v = view_of(s);
	uint64_t whole = value;

	if (l->kind == LOCATION_FIELD)
		whole = (table_examine(v, e) & ~(isa_mask(l->width) << l->low)) | value << l->low;
	if (e->type && isa_reg_member(e->reg, whole) != whole) {
		say_error("0x%" PRIx64 " is no value of %s", whole, e->name);
		return false;
	}
	if (e->role == ROLE_PC)
		view_goto(v, whole);
	else
		table_deposit(v, e, whole);
	return true;
}

static bool assign_value(struct session *s, const char *text, size_t length,
			 const struct location *l, uint64_t value)
{
	const struct isa *isa = s->now->lab->isa;
	unsigned unit = isa->unit;

	switch (l->kind) {
	case LOCATION_REGISTER:
	case LOCATION_FIELD:
	case LOCATION_VARIABLE:
		return fits(text, length, l->width, value) && set_entry(s, l, value);
	case LOCATION_MEM:
		return fits(text, length, unit * units_of_word(isa), value) &&
		       write_memory(view_of(s), l->address, value);
	case LOCATION_PHYS:
		if (!fits(text, length, unit, value))
			return false;
		if (window_put(&view_of(s)->window, l->place, value))
			return true;
		say_error("0x%" PRIx64 " is not within storage", l->place);
		return false;
	case LOCATION_PLACE: break;
	}
	say_error("'%.*s' is nothing that can be set: a register, mem[ADDRESS], phys[PLACE]",
		  (int)length, text);
	return false;
}

/* WHERE=EXPRESSION */
static bool assign(struct session *s, const char *text)
{
	struct location l;
	const char *end;
	size_t length;
	uint64_t value;
	bool ok;

	if (!s->now) {
		say_error("there is no machine yet: 'load GUEST' gives one");
		return false;
	}
	if (!location_read(s, text, &end, &l))
		return false;
	if (*end != '=') {
		say_error("this is an expression, which has no '=' and value behind it");
		return false;
	}
	if (!evaluate(view_of(s), guest_of(s), end + 1, NULL, &value))
		return false;
	for (length = (size_t)(end - text); length && text[length - 1] == ' ';)
		length--;
	ok = assign_value(s, text, length, &l, value);
	if (ok)
		history_changed(s->now->history);
	return ok;
}

static bool run_set(struct session *s, const char *arguments)
{
	const char *rest = arguments;
	char *name = next_word(&rest);
	const struct setting *setting = name ? setting_named(name) : NULL;

	free(name);
	while (*rest == ' ')
		rest++;
	if (setting)
		return set_setting(s, setting, rest);
	if (strchr(arguments, '='))
		return assign(s, arguments);
	say_error("this is neither REGISTER = VALUE nor a setting; 'show' lists these");
	return false;
}

static char *complete_setting(const struct session *s, const char *start, unsigned n)
{
	(void)s;
	for (unsigned i = 0; i < SETTINGS; i++)
		if (strncmp(settings[i].name, start, strlen(start)) == 0 && n-- == 0)
			return strdup(settings[i].name);
	return NULL;
}

/* A register, a setting, or what that can be. */
static char *complete_settable(const struct session *s, const char *start, unsigned n)
{
	const char *words[SETTINGS + 3] = { "on", "off" };

	for (unsigned i = 0; i < SETTINGS; i++)
		words[i + 2] = settings[i].name;
	char *word = complete_from(words, start, &n);

	return word ? word : complete_register(s, start, n);
}

static bool run_show(struct session *s, const char *arguments)
{
	char *name = next_word(&arguments);
	bool known = !name || setting_named(name);

	if (name && known && !at_end(arguments)) {
		free(name);
		return false;
	}
	for (unsigned i = 0; i < SETTINGS; i++)
		if (!name || strcmp(settings[i].name, name) == 0)
			printf("%-8s %-4s %s\n", settings[i].name,
			       *setting_of(s, &settings[i]) ? "on" : "off", settings[i].help);
	if (!known)
		say_error("there is no setting '%s'", name);
	free(name);
	return known;
}

/* ---- info ---- */

static void info_status(const struct session *s)
{
	char name[64];

	printf("%s, ", machine_name(s, s->now, s->machine, name, sizeof(name)));
	show_place(s);
	stats_print(s->now->lab, s->machine, stdout);
}

static void info_registers(const struct session *s)
{
	report_registers(view_of(s), stdout);
}

static void info_devices(const struct session *s)
{
	struct table *t = table_new(s->now->lab->isa);
	char value[64];

	for (unsigned i = 0; i < table_size(t); i++) {
		const struct table_entry *e = table_entry(t, i);

		if (!e->reg)
			printf("%-16s %s\n", e->name,
			       table_format(e, table_examine(view_of(s), e), value, sizeof(value)));
	}
	table_free(t);
}

static void info_labels(const struct session *s)
{
	const struct image *image = guest_of(s)->image;

	for (unsigned i = 0; i < image->nsymbols; i++)
		if (image->symbol[i].label)
			printf("0x%-10" PRIx64 " %s\n", image->symbol[i].value,
			       image->symbol[i].name);
}

static const struct topic {
	const char *name;
	void (*print)(const struct session *);
} topics[] = {
	{ "breakpoints", points_print }, { "devices", info_devices }, { "display", displays_print },
	{ "labels", info_labels },	 { "points", points_print },  { "registers", info_registers },
	{ "status", info_status },	 { "tlb", searched_print },
};
enum { TOPICS = sizeof(topics) / sizeof(*topics) };

/* By the beginning of its name, if no other one begins so. */
static const struct topic *topic_named(const char *name)
{
	const struct topic *found = NULL;

	for (unsigned i = 0; i < TOPICS; i++) {
		if (strcmp(topics[i].name, name) == 0)
			return &topics[i];
		if (strncmp(topics[i].name, name, strlen(name)) != 0)
			continue;
		if (found)
			return NULL;
		found = &topics[i];
	}
	return found;
}

static bool run_info(struct session *s, const char *arguments)
{
	char *name = next_word(&arguments);
	const char *wanted = name ? name : "status";
	const struct topic *t = topic_named(wanted);

	if (t && !at_end(arguments))
		t = NULL;
	else if (t)
		t->print(s);
	else
		say_error("there is nothing on '%s': devices, display, labels, points, registers, status, tlb",
			  wanted);
	free(name);
	return t != NULL;
}

static char *complete_topic(const struct session *s, const char *start, unsigned n)
{
	(void)s;
	for (unsigned i = 0; i < TOPICS; i++)
		if (strncmp(topics[i].name, start, strlen(start)) == 0 && n-- == 0)
			return strdup(topics[i].name);
	return NULL;
}

bool tell_written(const char *path)
{
	if (*path)
		printf("%s is written\n", path);
	return true;
}

/* ---- input ---- */

/* Types a text to the machine's console; \n, \t, \e (Ctrl-D: the end) are understood. */
static bool run_type(struct session *s, const char *arguments)
{
	struct view *v = view_of(s);
	struct device *d = devices_find(v->isa, v->device, "console");

	if (!d) {
		say_error("machine %s has no console", v->isa->name);
		return false;
	}
	if (!*arguments) {
		say_error("what is typed?  '\\n' ends a line, '\\e' is the end of input");
		return false;
	}
	for (const char *p = arguments; *p; p++) {
		int byte = (unsigned char)*p;

		if (*p == '\\' && p[1]) {
			p++;
			byte = *p == 'n' ? '\n' : *p == 't' ? '\t' : *p == 'e' ? -1 : *p;
		}
		console_type(d, v->cpu->time, byte);
	}
	history_changed(s->now->history);
	return true;
}

static bool run_source(struct session *s, const char *arguments)
{
	char *path = next_word(&arguments);
	bool ok = path && at_end(arguments) && run_file(s, path);

	if (!path)
		say_error("a file is missing");
	free(path);
	return ok;
}

static bool run_quit(struct session *s, const char *arguments)
{
	s->quit = at_end(arguments);
	return s->quit;
}

const struct command session_commands[] = {
	{ "help", "h", "[COMMAND]", "what there is to type", .complete = complete_command,
	  .run = run_help, .pages = true },
	{ "info", "i", "[devices | display | labels | points | registers | status | tlb]",
	  "what is known of the machine", "tlb: the tables in which translate searches for an address.",
	  .complete = complete_topic, .run = run_info,
	  .needs_machine = true, .pages = true },
	{ "set", NULL, "REGISTER = EXPRESSION | mem[ADDRESS] = EXPRESSION | phys[PLACE] = EXPRESSION | SETTING on|off",
	  "change the machine, or a setting", "mem[ADDRESS] is a word, phys[PLACE] a unit.", .complete = complete_settable, .run = run_set },
	{ "show", NULL, "[SETTING]", "the settings", .complete = complete_setting, .run = run_show },
	{ "type", NULL, "TEXT", "input for the machine's console",
	  "\\n ends a line, \\e is the end of input.", complete_nothing, .run = run_type, .needs_machine = true },
	{ "source", NULL, "FILE", "the commands of a file", .run = run_source },
	{ "quit", "q", "", "leave", .complete = complete_nothing, .run = run_quit },
	{ 0 },
};
