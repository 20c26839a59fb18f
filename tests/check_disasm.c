/*
 * isa/asm_encode, isa/disasm, isa/image: words and programs there and back.  Whatever
 * holds of a machine is tested on all machines that isa_find knows, and on those of
 * tests/asm/.
 */
#include "isa/asm.h"
#include "tests/program.h"

#include <check.h>
#include <glob.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

enum { MOST = 64, LINE = 512 };

static struct diag_list *diags;
static struct isa *isa;

static unsigned nmachines;
static char *machine_path[MOST];

static void set_up(void)
{
	diags = diag_new();
	isa = NULL;
}

static void tear_down(void)
{
	isa_free(isa);
	diag_free(diags);
}

static void load(const char *path)
{
	isa = isa_load(diags, path);
	program_no_errors(diags);
	ck_assert_ptr_nonnull(isa);
}

static void load_named(const char *name)
{
	isa_free(isa);
	isa = program_machine(diags, name);
}

static struct image *assemble_text(const char *text)
{
	return program_image(diags, isa, text);
}

/* The same on pg. */
static struct image *image_of(const char *text)
{
	load_named("pg");
	return assemble_text(text);
}

/* ---- every instruction of every machine ---- */

/* The boundary values of a field: how many are distinct depends on its width. */
static uint64_t boundary(const struct isa_field *field, unsigned n)
{
	uint64_t max = isa_mask(field->width), sign = max / 2 + 1;
	const uint64_t values[] = { 0, 1, max, max - 1, sign, sign - 1, max / 3 };

	return values[n] & max;
}

enum { BOUNDARIES = 7 };

/* Could a source not say this word?  Then it must come out as data. */
static bool unwritable(const struct isa_instr *instr, uint64_t word)
{
	for (unsigned i = 0; i < instr->nsyntax; i++) {
		const struct isa_syntax *s = &instr->syntax[i];

		if (s->file && isa_operand_of(instr, s, word) >= s->file->count)
			return true;
		/* farther than around all addresses: the target does not tell */
		if (s->relative && isa_operand_width(instr, s) + s->shift > isa->word)
			return true;
	}
	return (word & instr->ignored) != 0;
}

static void comes_back(const struct isa_instr *instr, const uint64_t *fields, uint64_t address)
{
	uint64_t word = isa_encode(instr, fields), again = ~word, units[64];
	char text[LINE];

	ck_assert_uint_eq(word & instr->mask, instr->match);
	ck_assert_ptr_eq(isa_decode(isa, word), instr);
	for (unsigned i = 0; i < instr->format->nfields; i++)
		if (!isa_field_fixed(instr, i))
			ck_assert_uint_eq(isa_field_of(&instr->format->field[i], word), fields[i]);
	isa_pack(isa, word, units);
	ck_assert_uint_eq(isa_unpack(isa, units), word);
	disasm_word(isa, word, address, NULL, text, sizeof(text));
	ck_assert_msg(asm_one(isa, diags, text, address, NULL, &again) && again == word,
		      "%s: 0x%" PRIx64 " at 0x%" PRIx64 " is '%s', which is 0x%" PRIx64,
		      instr->name, word, address, text, again);
	ck_assert_msg((text[0] == '.') <= unwritable(instr, word), "%s: 0x%" PRIx64 " is '%s'",
		      instr->name, word, text);
}

/* One field takes its boundary values, the others one of theirs. */
static void try_field(const struct isa_instr *instr, unsigned field, uint64_t address)
{
	const struct isa_format *format = instr->format;
	uint64_t fields[64];

	for (unsigned others = 0; others < BOUNDARIES; others += 3)
		for (unsigned n = 0; n < BOUNDARIES; n++) {
			for (unsigned i = 0; i < format->nfields; i++)
				fields[i] = boundary(&format->field[i], i == field ? n : others);
			comes_back(instr, fields, address);
		}
}

static uint64_t last_place(void)
{
	return isa_mask(isa->word) - (isa->length - 1);
}

static void try_instruction(const struct isa_instr *instr)
{
	const uint64_t places[] = { 0, last_place() / 2, last_place() };

	for (unsigned p = 0; p < 3; p++)
		for (unsigned i = 0; i < instr->format->nfields; i++)
			try_field(instr, i, places[p]);
}

START_TEST(every_word_survives_disassembly_and_assembly)
{
	load(machine_path[_i]);
	ck_assert_uint_gt(isa->ninstrs, 0);
	for (unsigned i = 0; i < isa->ninstrs; i++) {
		try_instruction(&isa->instr[i]);
		diag_free(diags); /* it keeps what was assembled */
		diags = diag_new();
	}
}
END_TEST

/* A program of all instructions, with labels among them, and of what is none. */
static char *everything(void)
{
	char *text = NULL, line[LINE];
	uint64_t fields[64], address = 0;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	for (unsigned i = 0; i < isa->ninstrs; i++, address += isa->length) {
		const struct isa_instr *instr = &isa->instr[i];

		for (unsigned f = 0; f < instr->format->nfields; f++)
			fields[f] = boundary(&instr->format->field[f], (i + f) % BOUNDARIES);
		disasm_word(isa, isa_encode(instr, fields), address, NULL, line, sizeof(line));
		fprintf(out, "at%" PRIu64 ": %s\n", address, line);
	}
	fprintf(out, ".word -1\nend: .space 40\n.byte 5\n.org 0x%" PRIx64 "\nlast: .byte 6\n",
		isa_mask(isa->word));
	fclose(out);
	return text;
}

START_TEST(programs_survive_disassembly_and_elf)
{
	struct image *image;
	char *text;

	load(machine_path[_i]);
	text = everything();
	image = assemble_text(text);
	ck_assert_uint_eq(image->nsegments, 2);
	program_survives_disassembly(diags, isa, image);
	program_survives_elf(diags, isa, image);
	image_free(image);
	free(text);
}
END_TEST

/* ---- disassembly ---- */

START_TEST(targets_are_shown_as_labels)
{
	struct image *image = image_of(".org 4\nloop: BR loop\nBR loop + 2\nloops = 4\n");
	char text[LINE];

	disasm_word(isa, program_unit(image, 4), 4, image, text, sizeof(text));
	ck_assert_str_eq(text, "BR loop");
	disasm_word(isa, program_unit(image, 5), 5, image, text, sizeof(text));
	ck_assert_str_eq(text, "BR 0x6");
	disasm_word(isa, program_unit(image, 4), 4, NULL, text, sizeof(text));
	ck_assert_str_eq(text, "BR 0x4");
	image_free(image);
}
END_TEST

START_TEST(words_that_are_no_instruction_are_shown_as_data)
{
	char text[LINE];

	load_named("pg");
	ck_assert_str_eq(disasm_word(isa, 0, 0, NULL, text, sizeof(text)), ".word 0x0");
	load_named("bytes");
	ck_assert_str_eq(disasm_word(isa, 0xfc0000, 0, NULL, text, sizeof(text)),
			 ".byte 0x0, 0x0, 0xfc");
	/* SWAP ignores the bits of b; only zeros there can be written */
	ck_assert_str_eq(disasm_word(isa, 0x290000, 0, NULL, text, sizeof(text)), "SWAP R1");
	ck_assert_str_eq(disasm_word(isa, 0x292000, 0, NULL, text, sizeof(text)),
			 ".byte 0x0, 0x20, 0x29");
}
END_TEST

START_TEST(a_short_buffer_is_not_overrun)
{
	char text[8] = "1234567";

	load_named("pg");
	disasm_word(isa, 0x11120005, 0, NULL, text, 5);
	ck_assert_str_eq(text, ".wor");
	ck_assert_str_eq(text + 5, "67");
}
END_TEST

START_TEST(an_entry_without_a_label_gets_one)
{
	struct image *image = image_of("start: WAIT\n"), *again;
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	strcpy(image->symbol[0].name, "there");
	disasm_image(isa, image, out);
	fclose(out);
	again = assemble_text(text);
	ck_assert(again->has_entry);
	ck_assert_uint_eq(again->entry, 0);
	image_free(again);
	image_free(image);
	free(text);
}
END_TEST

/* The tests in loops are as many as these. */
START_TEST(machines_are_found)
{
	ck_assert_uint_gt(nmachines, 3); /* more than those of tests/asm */
}
END_TEST

static void find_machine(void *context, const char *name, const char *path)
{
	(void)context;
	(void)name;
	if (nmachines < MOST)
		machine_path[nmachines++] = strdup(path);
}

static void discover(void)
{
	char *pattern = program_path("tests/asm/*.isa");
	glob_t found;

	isa_each_known(find_machine, NULL);
	glob(pattern, 0, NULL, &found);
	for (size_t i = 0; i < found.gl_pathc; i++)
		if (!strstr(found.gl_pathv[i], "/base.isa"))
			find_machine(NULL, NULL, found.gl_pathv[i]);
	globfree(&found);
	free(pattern);
}

static Suite *suite(void)
{
	Suite *s = suite_create("disasm");
	TCase *t = tcase_create("disasm");

	discover();
	tcase_add_checked_fixture(t, set_up, tear_down);
	tcase_add_test(t, machines_are_found);
	tcase_add_loop_test(t, every_word_survives_disassembly_and_assembly, 0, (int)nmachines);
	tcase_add_loop_test(t, programs_survive_disassembly_and_elf, 0, (int)nmachines);
	tcase_add_test(t, targets_are_shown_as_labels);
	tcase_add_test(t, words_that_are_no_instruction_are_shown_as_data);
	tcase_add_test(t, a_short_buffer_is_not_overrun);
	tcase_add_test(t, an_entry_without_a_label_gets_one);
	suite_add_tcase(s, t);
	return s;
}

#include "tests/harness.h"
