/*
 * trapeze asm: assembles a guest into an object.
 */
#include "cli/guest.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

enum { KEY_ISA = 512, KEY_LISTING, KEY_SYMBOLS };

struct assembly {
	const char *file, *output, *isa;
	bool listing, symbols;
};

static const struct argp_option options[] = {
	{ "output", 'o', "FILE", 0, "where the object goes (default: FILE.o, here)", 0 },
	{ "isa", KEY_ISA, "ISA", 0, "the machine, whatever the source says", 0 },
	{ "listing", KEY_LISTING, NULL, 0,
	  "print addresses, units and lines; an object only "
	  "with -o",
	  0 },
	{ "symbols", KEY_SYMBOLS, NULL, 0, "print the symbols by name; an object only with -o", 0 },
	{ 0 },
};

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct assembly *a = state->input;

	switch (key) {
	case 'o': a->output = arg; return 0;
	case KEY_ISA: a->isa = arg; return 0;
	case KEY_LISTING: a->listing = true; return 0;
	case KEY_SYMBOLS: a->symbols = true; return 0;
	case ARGP_KEY_ARG:
		if (a->file)
			argp_error(state, "one source at a time; '%s' is one too many", arg);
		a->file = arg;
		return 0;
	case ARGP_KEY_NO_ARGS: argp_error(state, "no source is named"); return 0;
	default: return ARGP_ERR_UNKNOWN;
	}
}

static const struct argp argp = {
	options,  parse,
	"FILE.s", "Assemble a guest into an ELF object, which 'trapeze run' and readelf can read.",
	NULL,	  NULL,
	NULL,
};

static bool same_file(const char *a, const char *b)
{
	struct stat s, t;

	return stat(a, &s) == 0 && stat(b, &t) == 0 && s.st_dev == t.st_dev && s.st_ino == t.st_ino;
}

/* "x/y.s" gives "y.o". */
static char *object_name(const char *file)
{
	const char *slash = strrchr(file, '/'), *name = slash ? slash + 1 : file;
	const char *dot = strrchr(name, '.');
	size_t stem = dot && dot != name ? (size_t)(dot - name) : strlen(name);
	char *object = make(stem + 3, 1);

	memcpy(object, name, stem);
	memcpy(object + stem, ".o", 3);
	return object;
}

static void print_symbols(const struct image *image)
{
	for (unsigned i = 0; i < image->nsymbols; i++) {
		const struct symbol *s = &image->symbol[i];

		printf("0x%08" PRIx64 " %s %s\n", s->value, s->label ? "label" : "value", s->name);
	}
}

static int write_object(const struct assembly *a, const struct guest *g)
{
	char *named = a->output ? NULL : object_name(a->file);
	const char *output = a->output ? a->output : named;
	int status = STATUS_USAGE;
	struct diag_list *d = diag_new();

	if (same_file(a->file, output))
		say_error("%s is the source itself; give another name with -o", output);
	else if (image_write_elf(g->image, g->isa, d, output))
		status = STATUS_YES;
	say_diagnostics(d);
	diag_free(d);
	if (status == STATUS_YES && !a->output && !a->listing)
		say_next(stdout, "trapeze run %s", output);
	free(named);
	return status;
}

static int assemble(const struct assembly *a, const struct guest *g)
{
	if (!g->source) {
		say_error("%s is an object already; 'trapeze disasm' reads it", a->file);
		return STATUS_USAGE;
	}
	if (a->listing)
		asm_listing(g->isa, g->image, g->source, stdout);
	if (a->symbols)
		print_symbols(g->image);
	if ((a->listing || a->symbols) && !a->output)
		return STATUS_YES;
	return write_object(a, g);
}

static int run(int argc, char **argv)
{
	struct shelf *s = shelf_new();
	struct assembly a = { 0 };
	int status = STATUS_USAGE;
	struct guest g;
	bool ok;

	argp_parse(&argp, argc, argv, 0, NULL, &a);
	ok = guest_load(&g, s, a.file, &(struct guest_wish){ .isa = a.isa });
	if (say_diagnostics(s->diagnostics) && ok)
		status = assemble(&a, &g);
	guest_free(&g);
	shelf_free(s);
	return status;
}

const struct verb verb_asm = { "asm", "assemble a guest into an object", run };
