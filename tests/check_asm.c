/*
 * isa/asm: programs.  tests/asm/ok_*.s say in their first lines what they assemble to,
 * err_*.s what is wrong with them.
 */
#include "isa/asm.h"
#include "tests/program.h"

#include <check.h>
#include <glob.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { LINE = 512 };

static struct diag_list *diags;
static struct isa *isa;

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

static void load_named(const char *name)
{
	isa_free(isa);
	isa = program_machine(diags, name);
}

static struct image *assemble(const struct source *source)
{
	return asm_assemble(isa, diags, source);
}

/* The image of a text without errors, on pg. */
static struct image *image_of(const char *text)
{
	load_named("pg");
	return program_image(diags, isa, text);
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
static void head_lines(const struct source *source, void (*see)(void *, const char *),
		       void *context)
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
	program_survives_disassembly(diags, isa, image);
	program_survives_elf(diags, isa, image);
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
	ck_assert_msg(!strncmp(error, line + 10, strlen(line + 10)), "expected %s, got %s",
		      line + 10, error);
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
		"",	  "WAIT\nWAIT",		  ".word 1, 2", "here: WAIT",
		"n = 5",  ".org 7\nWAIT",	  ".space 0",	"BR loop",
		"WAIT 5", ".include \"nothing\"",
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
	static const struct {
		uint64_t address;
		int line;
	} wanted[] = { { 0, 1 }, { 4, 6 }, { 8, 4 } };

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

static void discover(void)
{
	char *pattern = program_path("tests/asm/ok_*.s");

	glob(pattern, 0, NULL, &oks);
	free(pattern);
	pattern = program_path("tests/asm/err_*.s");
	glob(pattern, 0, NULL, &errs);
	free(pattern);
}

/* The tests in loops are as many as these. */
START_TEST(programs_are_found)
{
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
	tcase_add_test(t, programs_are_found);
	tcase_add_loop_test(t, a_good_program_becomes_what_it_says, 0, (int)oks.gl_pathc);
	tcase_add_loop_test(t, a_bad_program_is_refused_with_the_reasons, 0, (int)errs.gl_pathc);
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
