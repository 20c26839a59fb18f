/*
 * trapeze disasm: a guest, or words, as assembly.
 */
#include "cli/guest.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

enum { KEY_ISA = 512, KEY_AT };

struct disassembly {
	const char *isa;
	const char *at; /* NULL: 0 */
	struct words words;
};

static const struct argp_option options[] = {
	{ "isa", KEY_ISA, "ISA", 0, "the machine, whatever the guest says", 0 },
	{ "at", KEY_AT, "ADDRESS", 0, "where the first word stands (default: 0)", 0 },
	{ 0 },
};

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct disassembly *d = state->input;

	switch (key) {
	case KEY_ISA: d->isa = arg; return 0;
	case KEY_AT: d->at = arg; return 0;
	case ARGP_KEY_ARG: words_add(&d->words, arg); return 0;
	case ARGP_KEY_NO_ARGS: argp_error(state, "no guest and no word is given"); return 0;
	default: return ARGP_ERR_UNKNOWN;
	}
}

static const struct argp argp = {
	options,
	parse,
	"FILE\n--isa=ISA WORD...",
	"Print a guest as assembly that makes the same guest, or words as instructions.",
	NULL,
	NULL,
	NULL,
};

static int print_words(const struct disassembly *d, const struct isa *isa)
{
	uint64_t max = isa_mask(isa->length * isa->unit), word, at = 0;
	int status = STATUS_YES;
	char text[128];

	if (d->at && !number_parse(d->at, 0, isa_mask(isa->word), &at)) {
		say_error("'%s' is no address of %u bits", d->at, isa->word);
		return STATUS_USAGE;
	}
	for (unsigned i = 0; i < d->words.count; i++, at += isa->length) {
		if (!number_parse(d->words.word[i], 0, max, &word)) {
			say_error("'%s' is no instruction word of %u bits, such as 0x%" PRIx64,
				  d->words.word[i], isa->length * isa->unit,
				  isa->ninstrs ? isa->instr[0].match : 0);
			status = STATUS_USAGE;
			continue;
		}
		puts(disasm_word(isa, word, at & isa_mask(isa->word), NULL, text, sizeof(text)));
	}
	return status;
}

static int print_file(const struct disassembly *d, struct shelf *s)
{
	struct guest g;
	bool ok = guest_load(&g, s, d->words.word[0], &(struct guest_wish){ .isa = d->isa });

	ok = say_diagnostics(s->diagnostics) && ok;
	if (ok)
		disasm_image(g.isa, g.image, stdout);
	guest_free(&g);
	return ok ? STATUS_YES : STATUS_USAGE;
}

/* With --isa: is it a word, and not a file's name? */
static bool words_are_meant(const struct disassembly *d)
{
	uint64_t word;

	return d->isa &&
	       (d->words.count > 1 || number_parse(d->words.word[0], 0, UINT64_MAX, &word));
}

static int run(int argc, char **argv)
{
	struct disassembly d = { 0 };
	struct shelf *s = shelf_new();
	const struct isa *isa;
	int status = STATUS_USAGE;

	argp_parse(&argp, argc, argv, 0, NULL, &d);
	if (words_are_meant(&d)) {
		isa = shelf_isa(s, d.isa);
		if (say_diagnostics(s->diagnostics) && isa)
			status = print_words(&d, isa);
	} else if (d.words.count > 1) {
		say_error("one guest at a time; words need --isa");
	} else if (d.at) {
		say_error("--at is for words; a guest knows its addresses");
	} else {
		status = print_file(&d, s);
	}
	shelf_free(s);
	words_free(&d.words);
	return status;
}

const struct verb verb_disasm = { "disasm", "print a guest, or words, as assembly", run };
