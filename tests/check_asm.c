/*
 * isa/asm, isa/disasm, isa/image, isa/elf: programs.
 *
 * tests/asm/ok_*.s say in their first lines what they assemble to, err_*.s what is wrong
 * with them.  Whatever holds of a machine is tested on all machines that isa_find knows,
 * and on those of tests/asm/.
 */
#include "isa/asm.h"
#include "tests/program.h"

#include <check.h>
#include <glob.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { MOST = 64, LINE = 512 };

static struct diag_list *diags;
static struct isa *isa;

static unsigned nmachines;
static char *machine_path[MOST];
static glob_t oks, errs;

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

/* ---- help ---- */

static void no_errors(void)
{
	program_no_errors(diags);
}

static void load(const char *path)
{
	isa_free(isa);
	isa = isa_load(diags, path);
	no_errors();
	ck_assert_ptr_nonnull(isa);
}

static void load_named(const char *name)
{
	isa_free(isa);
	isa = program_machine(diags, name);
}

static struct image *assemble(const struct source *source)
{
	return asm_assemble(isa, diags, source);
}

static struct image *assemble_text(const char *text)
{
	return assemble(diag_read_text(diags, "test.s", text));
}

/* The image of a text without errors, on pg. */
static struct image *image_of(const char *text)
{
	load_named("pg");
	return program_image(diags, isa, text);
}

static void survives_disassembly(const struct image *image)
{
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);
	struct image *again;

	disasm_image(isa, image, out);
	fclose(out);
	again = assemble_text(text);
	no_errors();
	program_same(image, again);
	image_free(again);
	free(text);
}

static void survives_elf(const struct image *image)
{
	char path[] = "check_asm.XXXXXX";
	struct image *again;

	program_write(diags, isa, image, path);
	again = image_read_elf(diags, path);
	unlink(path);
	no_errors();
	program_same(image, again);
	image_free(again);
}

/* ---- tests/asm/ok_*.s ---- */

struct expectation {
	const struct image *image;
	uint64_t units;
	unsigned symbols, deposits;
	bool entry;
};

/* "; units ADDRESS: UNIT UNIT ..." */
static void expect_units(struct expectation *e, const char *p)
{
	char *end;
	uint64_t address = strtoull(p, &end, 16);

	ck_assert_int_eq(*end, ':');
	for (p = end + 1; strspn(p, " \r") != strlen(p); p = end) {
		uint64_t unit = strtoull(p, &end, 16);

		ck_assert_ptr_ne(p, end);
		ck_assert_msg(program_unit(e->image, address) == unit,
			      "0x%" PRIx64 " holds 0x%" PRIx64 ", not 0x%" PRIx64, address,
			      program_unit(e->image, address), unit);
		address++;
		e->units++;
	}
}

/* "; symbol NAME = VALUE" or "; symbol NAME = VALUE label" */
static void expect_symbol(struct expectation *e, const char *p)
{
	char name[LINE], label[LINE] = "";
	const struct symbol *symbol;
	uint64_t value;

	ck_assert_int_ge(sscanf(p, "%s = %" SCNx64 " %s", name, &value, label), 2);
	symbol = image_symbol(e->image, name);
	ck_assert_msg(symbol != NULL, "there is no symbol %s", name);
	ck_assert_uint_eq(symbol->value, value);
	ck_assert_int_eq(symbol->label, label[0] != '\0');
	e->symbols++;
}

static void expect_deposit(struct expectation *e, const char *p)
{
	char name[LINE];
	uint64_t value;

	ck_assert_int_eq(sscanf(p, "%s = %" SCNx64, name, &value), 2);
	ck_assert_uint_lt(e->deposits, e->image->ndeposits);
	ck_assert_str_eq(e->image->deposit[e->deposits].name, name);
	ck_assert_uint_eq(e->image->deposit[e->deposits].value, value);
	e->deposits++;
}

static void expect_entry(struct expectation *e, const char *p)
{
	ck_assert(e->image->has_entry);
	ck_assert_uint_eq(e->image->entry, strtoull(p, NULL, 16));
	e->entry = true;
}

static void expect_line(struct expectation *e, const char *line)
{
	static const struct {
		const char *word;
		void (*check)(struct expectation *, const char *);
	} kinds[] = { { "; units ", expect_units },
		      { "; symbol ", expect_symbol },
		      { "; deposit ", expect_deposit },
		      { "; entry ", expect_entry } };

	for (size_t i = 0; i < sizeof(kinds) / sizeof(*kinds); i++)
		if (!strncmp(line, kinds[i].word, strlen(kinds[i].word)))
			kinds[i].check(e, line + strlen(kinds[i].word));
}

/* Calls back for the lines at the beginning that are comments. */
static void head_lines(const struct source *source, void (*see)(void *, const char *), void *context)
{
	char line[LINE];

	for (const char *p = source->text; *p == ';'; p += strcspn(p, "\n") + 1) {
		ck_assert_uint_lt(strcspn(p, "\n"), sizeof(line));
		snprintf(line, sizeof(line), "%.*s", (int)strcspn(p, "\n"), p);
		see(context, line);
	}
}

static void see_expectation(void *context, const char *line)
{
	expect_line(context, line);
}

static const struct source *read_test(const char *path)
{
	const struct source *source = diag_read_file(diags, path, (struct place){ 0 });
	char *machine = asm_machine(diags, source);

	no_errors();
	ck_assert_ptr_nonnull(machine);
	load_named(machine);
	free(machine);
	return source;
}

START_TEST(a_good_program_becomes_what_it_says)
{
	const struct source *source = read_test(oks.gl_pathv[_i]);
	struct image *image = assemble(source);
	struct expectation e = { .image = image };
	uint64_t units = 0;

	no_errors();
	head_lines(source, see_expectation, &e);
	for (unsigned i = 0; i < image->nsegments; i++)
		units += image->segment[i].count;
	ck_assert_uint_eq(units, e.units);
	ck_assert_uint_eq(image->nsymbols, e.symbols);
	ck_assert_uint_eq(image->ndeposits, e.deposits);
	ck_assert_int_eq(image->has_entry, e.entry);
	survives_disassembly(image);
	survives_elf(image);
	image_free(image);
}
END_TEST

/* ---- tests/asm/err_*.s ---- */

/* The n-th error as "LINE:COLUMN: text"; false past the last. */
static bool nth_error(unsigned n, char error[LINE])
{
	enum diag_level level;
	struct place place;
	const char *text;

	for (unsigned i = 0; diag_get(diags, i, &level, &place, &text); i++) {
		if (level != DIAG_ERROR || n-- > 0)
			continue;
		snprintf(error, LINE, "%d:%d: %s", place.line, place.column, text);
		return true;
	}
	return false;
}

static void see_error(void *context, const char *line)
{
	unsigned *n = context;
	char error[LINE] = "nothing";

	if (strncmp(line, "; expect: ", 10) != 0)
		return;
	nth_error((*n)++, error);
	ck_assert_msg(!strncmp(error, line + 10, strlen(line + 10)), "expected %s, got %s", line + 10,
		      error);
}

START_TEST(a_bad_program_is_refused_with_the_reasons)
{
	const struct source *source = read_test(errs.gl_pathv[_i]);
	struct image *image = assemble(source);
	char further[LINE];
	unsigned n = 0;

	ck_assert_ptr_null(image);
	head_lines(source, see_error, &n);
	ck_assert_uint_gt(n, 0);
	ck_assert_msg(!nth_error(n, further), "not expected: %s", further);
}
END_TEST

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
		const struct isa_field *field = s->text ? NULL : &instr->format->field[s->field];

		if (field && s->file && isa_field_of(field, word) >= s->file->count)
			return true;
		/* farther than around all addresses: the target does not tell */
		if (field && s->relative && field->width + s->shift > isa->word)
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
		      "%s: 0x%" PRIx64 " at 0x%" PRIx64 " is '%s', which is 0x%" PRIx64, instr->name,
		      word, address, text, again);
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
	no_errors();
	ck_assert_uint_eq(image->nsegments, 2);
	survives_disassembly(image);
	survives_elf(image);
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
	no_errors();
	ck_assert(again->has_entry);
	ck_assert_uint_eq(again->entry, 0);
	image_free(again);
	image_free(image);
	free(text);
}
END_TEST

/* ---- one instruction at a prompt ---- */

START_TEST(one_instruction_is_assembled_with_an_images_symbols)
{
	struct image *image = image_of("loop: WAIT\nn = -3\n");
	uint64_t word;

	ck_assert(asm_one(isa, diags, "BR loop", 16, image, &word));
	ck_assert_uint_eq(word, 0x390ffff0);
	ck_assert(asm_one(isa, diags, "LD G1, n(G2) ; a comment", 0, image, &word));
	ck_assert_uint_eq(word, 0x2012fffd);
	ck_assert(asm_one(isa, diags, ".word -2", 0, NULL, &word));
	ck_assert_uint_eq(word, 0xfffffffe);
	image_free(image);
}
END_TEST

START_TEST(one_instruction_must_be_one)
{
	static const char *const wrong[] = {
		"", "WAIT\nWAIT", ".word 1, 2", "here: WAIT", "n = 5", ".org 7\nWAIT", ".space 0",
		"BR loop", "WAIT 5", ".include \"nothing\"",
	};
	uint64_t word;

	load_named("pg");
	for (unsigned i = 0; i < sizeof(wrong) / sizeof(*wrong); i++) {
		ck_assert_msg(!asm_one(isa, diags, wrong[i], 3, NULL, &word), "'%s'", wrong[i]);
		ck_assert_uint_eq(diag_errors(diags), i + 1);
	}
}
END_TEST

/* ---- .machine ---- */

static void names_machine(const char *text, const char *name)
{
	char *found = asm_machine(diags, diag_read_text(diags, "test.s", text));

	no_errors();
	if (name)
		ck_assert_str_eq(found, name);
	else
		ck_assert_ptr_null(found);
	free(found);
}

START_TEST(the_machine_is_found_before_assembling)
{
	names_machine("; .machine no\n\n  .Machine pg-jrst1 ; yes\n.machine later\n", "pg-jrst1");
	names_machine(".machine \"my machines/x.isa\"", "my machines/x.isa");
	names_machine(".machine ./x.isa // here", "./x.isa");
	names_machine("start: WAIT\n.machines x\n", NULL);
	names_machine("", NULL);
}
END_TEST

START_TEST(a_malformed_machine_line_is_an_error)
{
	ck_assert_ptr_null(asm_machine(diags, diag_read_text(diags, "test.s", "\n.machine a b\n")));
	ck_assert_uint_eq(diag_errors(diags), 1);
	ck_assert_ptr_null(asm_machine(diags, diag_read_text(diags, "test.s", ".machine ; a")));
	ck_assert_uint_eq(diag_errors(diags), 2);
}
END_TEST

static unsigned warnings(const char *text)
{
	enum diag_level level;
	struct place place;
	const char *message;
	unsigned n = 0;

	image_free(image_of(text));
	for (unsigned i = 0; diag_get(diags, i, &level, &place, &message); i++)
		n += level == DIAG_WARNING;
	return n;
}

START_TEST(another_machines_program_gives_a_warning)
{
	ck_assert_uint_eq(warnings(".machine pg\n.machine dir/pg.isa\n.machine ../pg.isa\n"), 0);
	ck_assert_uint_eq(warnings(".machine pg-jrst1\n"), 1);
}
END_TEST

/* ---- places ---- */

START_TEST(units_lead_back_to_their_lines)
{
	struct image *image = image_of(".word 1, 2\n\n.org 8\nx: WAIT\n.org 4\n.space 2\n");
	static const struct { uint64_t address; int line; } wanted[] = { { 0, 1 }, { 4, 6 }, { 8, 4 } };

	ck_assert_uint_eq(image->nlines, 3);
	for (unsigned i = 0; i < 3; i++) {
		ck_assert_uint_eq(image->line[i].address, wanted[i].address);
		ck_assert_int_eq(image->line[i].place.line, wanted[i].line);
	}
	ck_assert_uint_eq(image_end(image), 9);
	ck_assert_ptr_null(image_label_before(image, 7));
	ck_assert_str_eq(image_label_before(image, 100)->name, "x");
	image_free(image);
}
END_TEST

START_TEST(the_listing_shows_addresses_units_lines_and_symbols)
{
	static const char text[] = "n = 2\nstart: SVC n\n\tLUI G1, n ; two\nend:\n";
	static const char wanted[] = "                                       1  n = 2\n"
				     "00000000  3f000002                     2  start: SVC n\n"
				     "00000001  1b100002                     3  \tLUI G1, n ; two\n"
				     "00000002                               4  end:\n"
				     "\nsymbols\n"
				     "00000002  end\n"
				     "00000002  n (a value)\n"
				     "00000000  start\n";
	const struct source *source = diag_read_text(diags, "test.s", text);
	struct image *image;
	char *listing = NULL;
	size_t size;
	FILE *out = open_memstream(&listing, &size);

	load_named("pg");
	image = assemble(source);
	no_errors();
	asm_listing(isa, image, source, out);
	fclose(out);
	ck_assert_str_eq(listing, wanted);
	image_free(image);
	free(listing);
}
END_TEST

static void find_machine(void *context, const char *name, const char *path)
{
	(void)context;
	(void)name;
	if (nmachines < MOST)
		machine_path[nmachines++] = strdup(path);
}

/* The machines of tests/asm, and all the files there. */
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
	pattern = program_path("tests/asm/ok_*.s");
	glob(pattern, 0, NULL, &oks);
	free(pattern);
	pattern = program_path("tests/asm/err_*.s");
	glob(pattern, 0, NULL, &errs);
	free(pattern);
}

/* The tests in loops are as many as these. */
START_TEST(machines_and_programs_are_found)
{
	ck_assert_uint_gt(nmachines, 3); /* those of tests/asm, and what isa_find knows */
	ck_assert_uint_gt(oks.gl_pathc, 0);
	ck_assert_uint_gt(errs.gl_pathc, 0);
}
END_TEST

static Suite *suite(void)
{
	Suite *s = suite_create("asm");
	TCase *t = tcase_create("asm");

	discover();
	tcase_add_checked_fixture(t, set_up, tear_down);
	tcase_add_test(t, machines_and_programs_are_found);
	tcase_add_loop_test(t, a_good_program_becomes_what_it_says, 0, (int)oks.gl_pathc);
	tcase_add_loop_test(t, a_bad_program_is_refused_with_the_reasons, 0, (int)errs.gl_pathc);
	tcase_add_loop_test(t, every_word_survives_disassembly_and_assembly, 0, (int)nmachines);
	tcase_add_loop_test(t, programs_survive_disassembly_and_elf, 0, (int)nmachines);
	tcase_add_test(t, targets_are_shown_as_labels);
	tcase_add_test(t, words_that_are_no_instruction_are_shown_as_data);
	tcase_add_test(t, a_short_buffer_is_not_overrun);
	tcase_add_test(t, an_entry_without_a_label_gets_one);
	tcase_add_test(t, one_instruction_is_assembled_with_an_images_symbols);
	tcase_add_test(t, one_instruction_must_be_one);
	tcase_add_test(t, the_machine_is_found_before_assembling);
	tcase_add_test(t, a_malformed_machine_line_is_an_error);
	tcase_add_test(t, another_machines_program_gives_a_warning);
	tcase_add_test(t, units_lead_back_to_their_lines);
	tcase_add_test(t, the_listing_shows_addresses_units_lines_and_symbols);
	suite_add_tcase(s, t);
	return s;
}

#include "tests/harness.h"
