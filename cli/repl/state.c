/* Looking at a machine's state, and changing it. */
#include "cli/repl/repl.h"

#include <ctype.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

enum { MOST = 4096 /* at once, of whatever is examined */ };

/* ---- numbers ---- */

static void print_binary(uint64_t value, unsigned width)
{
	fputs("0b", stdout);
	for (unsigned i = width; i-- > 0;)
		putchar('0' + (int)(value >> i & 1));
}

static void print_character(uint64_t value)
{
	if (value < 256 && isprint((int)value))
		printf("'%c'", (int)value);
	else
		printf("0x%" PRIx64, value);
}

/* In a format of x: x d u t c a. */
static void print_as(const struct session *s, char format, uint64_t value, unsigned width)
{
	value &= isa_mask(width);
	switch (format) {
	case 'd': printf("%" PRId64, isa_signed(value, width)); break;
	case 'u': printf("%" PRIu64, value); break;
	case 't': print_binary(value, width); break;
	case 'c': print_character(value); break;
	case 'a':
		printf("0x%" PRIx64, value);
		report_label(guest_of(s)->image, value, stdout);
		break;
	default: printf("0x%" PRIx64, value);
	}
}

/* "/8xw": how many, of which format, of how many units.  False with an error said. */
struct form {
	uint64_t count;
	char format;
	unsigned units;
};

static bool set_size(char c, const struct isa *isa, struct form *f)
{
	unsigned bits = c == 'b' ? 8 : c == 'h' ? 16 : c == 'g' ? 64 : 0;

	if (c == 'w') {
		f->units = units_of_word(isa);
		return true;
	}
	if (!bits || (bits != isa->unit && (isa->unit != 8 || bits > 64)))
		return false;
	f->units = bits / isa->unit;
	return true;
}

static bool read_form(const char **text, const struct isa *isa, struct form *f)
{
	const char *p = *text;
	char *end;

	if (*p != '/')
		return true;
	p++;
	if (isdigit((unsigned char)*p)) {
		f->count = strtoull(p, &end, 10);
		p = end;
	}
	for (; *p && !isspace((unsigned char)*p); p++) {
		if (strchr("xdutcasi", *p)) {
			f->format = *p;
		} else if (!set_size(*p, isa, f)) {
			say_error(
				"'/%c' is neither a format (x d u t c a s i) nor a size (w, and in "
				"bytes b h g)",
				*p);
			return false;
		}
	}
	if (f->count < 1 || f->count > MOST)
		say_error("1 to %d of them can be examined at once", MOST);
	while (isspace((unsigned char)*p))
		p++;
	*text = p;
	return f->count >= 1 && f->count <= MOST;
}

/* ---- print, display ---- */

/* As its type has it, if the text is a register's name. */
static void print_value(const struct session *s, char format, const char *text, uint64_t value)
{
	struct table_entry e;
	char buffer[64];

	if (!named_entry(view_of(s), text, &e)) {
		if (format)
			print_as(s, format, value, s->now->lab->isa->word);
		else
			printf("0x%" PRIx64 " = %" PRIu64, value, value);
	} else if (format) {
		print_as(s, format, value, e.width);
	} else {
		fputs(table_format(&e, value, buffer, sizeof(buffer)), stdout);
		if (!e.type)
			printf(" = %" PRIu64, value);
	}
}

/* Behind its number, if it is a display. */
static bool print_numbered(struct session *s, unsigned number, const char *arguments)
{
	struct form f = { .count = 1 };
	uint64_t value;

	if (!read_form(&arguments, s->now->lab->isa, &f))
		return false;
	if (f.format == 's' || f.format == 'i' || f.count != 1 || f.units) {
		say_error("one number is printed, as x, d, u, t, c or a; 'x' shows storage");
		return false;
	}
	if (!*arguments) {
		say_error("an expression is missing");
		return false;
	}
	if (!evaluate(view_of(s), guest_of(s), arguments, NULL, &value))
		return false;
	if (number)
		printf("%u: ", number);
	printf("%s = ", arguments);
	print_value(s, f.format, arguments, value);
	putchar('\n');
	return true;
}

static bool print_one(struct session *s, const char *arguments)
{
	return print_numbered(s, 0, arguments);
}

static bool run_display(struct session *s, const char *arguments)
{
	struct display *grown;

	if (!*arguments) {
		displays_print(s);
		return true;
	}
	if (!print_one(s, arguments))
		return false;
	grown = realloc(s->display, (s->ndisplays + 1) * sizeof(*grown));
	if (!grown)
		return false;
	s->display = grown;
	s->display[s->ndisplays++] =
		(struct display){ .number = ++s->displays_made, .text = strdup(arguments) };
	snprintf(s->display[s->ndisplays - 1].isa, sizeof(s->display->isa), "%s",
		 s->now->lab->isa->name);
	return true;
}

static bool run_undisplay(struct session *s, const char *arguments)
{
	uint64_t number;
	unsigned i = 0;

	if (!*arguments) {
		displays_free(s);
		return true;
	}
	if (!number_parse(arguments, 1, UINT32_MAX, &number))
		number = 0;
	while (i < s->ndisplays && s->display[i].number != number)
		i++;
	if (i == s->ndisplays) {
		say_error("there is no display '%s'", arguments);
		return false;
	}
	free(s->display[i].text);
	memmove(&s->display[i], &s->display[i + 1], (--s->ndisplays - i) * sizeof(*s->display));
	return true;
}

void displays_print(const struct session *s)
{
	for (unsigned i = 0; s->now && i < s->ndisplays; i++)
		if (strcmp(s->display[i].isa, s->now->lab->isa->name) == 0)
			print_numbered((struct session *)s, s->display[i].number,
				       s->display[i].text);
}

void displays_free(struct session *s)
{
	while (s->ndisplays)
		free(s->display[--s->ndisplays].text);
	free(s->display);
	s->display = NULL;
}

/* ---- storage ---- */

static bool print_string(struct session *s, uint64_t *address)
{
	uint64_t value;

	printf("0x%" PRIx64 ": \"", *address);
	for (unsigned n = 0; n < MOST; n++) {
		if (!read_memory(view_of(s), (*address)++, 1, false, &value))
			return false;
		if ((value & 0xff) == 0)
			break;
		if (isprint((int)(value & 0xff)))
			putchar((int)(value & 0xff));
		else
			printf("\\%03o", (unsigned)(value & 0xff));
	}
	puts("\"");
	return true;
}

static bool print_instruction(struct session *s, uint64_t *address)
{
	const struct isa *isa = s->now->lab->isa;
	const struct view *v = view_of(s);
	uint64_t units[8] = { 0 }, p = *address;
	char text[128];

	for (unsigned i = 0; i < isa->length; i++)
		if (!read_memory(v, (p + i) & isa_mask(isa->word), 1, false, &units[i]))
			return false;
	printf("%c 0x%" PRIx64, p == v->cpu->state[isa->role[ROLE_PC]->slot] ? '>' : ' ', p);
	report_label(guest_of(s)->image, p, stdout);
	printf(": %s\n",
	       disasm_word(isa, isa_unpack(isa, units), p, guest_of(s)->image, text, sizeof(text)));
	*address = (p + isa->length) & isa_mask(isa->word);
	return true;
}

/* Reads first, so that an error does not stand within a line. */
static bool print_numbers(struct session *s, const struct form *f, uint64_t *address)
{
	const struct isa *isa = s->now->lab->isa;
	unsigned width = f->units * isa->unit;
	uint64_t i = 0, *values = make(f->count, sizeof(*values)), at = *address;

	while (i < f->count && read_memory(view_of(s), at, f->units, false, &values[i])) {
		at = (at + f->units) & isa_mask(isa->word);
		i++;
	}
	for (uint64_t k = 0; k < i; k++) {
		if (k % 4 == 0) {
			printf("%s0x%" PRIx64, k ? "\n" : "", *address);
			report_label(guest_of(s)->image, *address, stdout);
			putchar(':');
		}
		putchar(' ');
		print_as(s, f->format, values[k], width > 64 ? 64 : width);
		*address = (*address + f->units) & isa_mask(isa->word);
	}
	if (i)
		putchar('\n');
	free(values);
	return i == f->count;
}

static bool examine(struct session *s, const char *arguments, struct form f)
{
	bool ok = true;

	if (*arguments && !evaluate(view_of(s), guest_of(s), arguments, NULL, &s->next_address))
		return false;
	if (f.format != 's' && f.format != 'i')
		return print_numbers(s, &f, &s->next_address);
	for (uint64_t i = 0; ok && i < f.count; i++)
		ok = f.format == 's' ? print_string(s, &s->next_address)
				     : print_instruction(s, &s->next_address);
	return ok;
}

static bool run_x(struct session *s, const char *arguments)
{
	const struct isa *isa = s->now->lab->isa;
	struct form f = { .count = 1, .format = 'x', .units = units_of_word(isa) };

	return read_form(&arguments, isa, &f) && examine(s, arguments, f);
}

static bool run_disassemble(struct session *s, const char *arguments)
{
	struct form f = { .count = 10, .format = 'i' };

	if (!read_form(&arguments, s->now->lab->isa, &f))
		return false;
	if (f.format != 'i' || f.units) {
		say_error("behind '/' comes only how many instructions");
		return false;
	}
	return examine(s, *arguments ? arguments : s->now->lab->isa->role[ROLE_PC]->name, f);
}

static bool print_register(struct session *s, const char *name)
{
	struct table_entry e;
	uint64_t value;

	if (named_entry(view_of(s), name, &e))
		return print_one(s, name);
	/* Elements and fields are expressions: G[1], STATUS.IM. */
	if (!strpbrk(name, ".["))
		say_error("machine %s has no register '%s'", s->now->lab->isa->name, name);
	return strpbrk(name, ".[") &&
	       evaluate(view_of(s), guest_of(s), name, NULL, &value) && print_one(s, name);
}

static bool run_registers(struct session *s, const char *arguments)
{
	bool ok = true;
	char *name;

	if (!*arguments)
		report_registers(view_of(s), stdout);
	while (ok && (name = next_word(&arguments))) {
		ok = print_register(s, name);
		free(name);
	}
	return ok;
}

bool instruction_typed(const struct session *s, const char *typed, uint64_t *word)
{
	const struct isa *isa = s->now->lab->isa;
	struct diag_list *messages = diag_new();
	size_t n = strlen(typed);
	bool quoted = n > 1 && typed[0] == '"' && typed[n - 1] == '"', ok;
	char *text = quoted ? strndup(typed + 1, n - 2) : strdup(typed);

	ok = *text &&
	     asm_one(isa, messages, text, view_of(s)->cpu->state[isa->role[ROLE_PC]->slot],
		     guest_of(s)->image, word);
	if (!*text)
		say_error("an instruction is missing");
	else if (!ok)
		say_diagnostics(messages);
	diag_free(messages);
	free(text);
	return ok;
}

static bool run_assemble(struct session *s, const char *arguments)
{
	const struct isa *isa = s->now->lab->isa;
	char text[128];
	uint64_t word;

	if (!instruction_typed(s, arguments, &word))
		return false;
	printf("0x%" PRIx64 "  %s\n", word,
	       disasm_word(isa, word, view_of(s)->cpu->state[isa->role[ROLE_PC]->slot],
			   guest_of(s)->image, text, sizeof(text)));
	return true;
}

const struct command state_commands[] = {
	{ "print", "p", "[/FORMAT] EXPRESSION", "the value of an expression",
	  "Registers, labels, numbers, C's operators, mem[ADDRESS], phys[PLACE]; FORMAT is x, d, u, t,\n"
	  "c or a: hexadecimal, signed, unsigned, binary, a character, an address.",
	  complete_register, print_one, .needs_machine = true },
	{ "x", NULL, "[/[N]FORMAT[SIZE]] [ADDRESS]", "storage at a virtual address",
	  "FORMAT as for print, and s: a string, i: instructions. SIZE is w, a word, or, where bytes\n"
	  "have addresses, b, h or g. Without an address, what follows what was seen last.",
	  complete_place, run_x, .needs_machine = true, .repeats = true, .pages = true },
	{ "disassemble", "dis", "[/N] [ADDRESS]", "instructions, from P on if nothing is said",
	  .complete = complete_place, .run = run_disassemble, .needs_machine = true,
	  .pages = true },
	{ "assemble", "as", "INSTRUCTION", "the word of an instruction", .complete = complete_instr,
	  .run = run_assemble, .needs_machine = true },
	{ "registers", "reg", "[NAME...]", "all registers, or these", .complete = complete_register,
	  .run = run_registers, .needs_machine = true, .pages = true },
	{ "display", NULL, "[[/FORMAT] EXPRESSION]",
	  "show an expression wherever the machine stops", .complete = complete_register,
	  .run = run_display, .needs_machine = true },
	{ "undisplay", NULL, "[N]", "no longer", .complete = complete_nothing, .run = run_undisplay },
	{ 0 },
};
