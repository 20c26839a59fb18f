/* isa/diag: what is kept, and how it is printed. */
#include "isa/diag.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static struct diag_list *list;

static void set_up(void)
{
	list = diag_new();
}

static void tear_down(void)
{
	diag_free(list);
}

static char text_printed[4096];

/* What diag_print says, up to the next call. */
static const char *printed(void)
{
	FILE *out = fmemopen(text_printed, sizeof(text_printed), "w");

	diag_print(list, out);
	fclose(out);
	return text_printed;
}

static void expect_printed(const char *expected)
{
	ck_assert_str_eq(printed(), expected);
}

static const char *first_text(void)
{
	enum diag_level level;
	struct place place;
	const char *text;

	ck_assert(diag_get(list, 0, &level, &place, &text));
	return text;
}

/* Writes bytes to a new file and reads it as a source. */
static const struct source *read_bytes(const char *bytes, size_t length)
{
	char path[] = "check_diag.XXXXXX";
	int file = mkstemp(path);
	const struct source *source;

	ck_assert_int_ge(file, 0);
	ck_assert_int_eq(write(file, bytes, length), (ssize_t)length);
	close(file);
	source = diag_read_file(list, path, (struct place){ 0 });
	unlink(path);
	return source;
}

START_TEST(a_message_shows_its_line_and_a_caret)
{
	const struct source *s = diag_read_text(list, "pg.isa", "one\n  R := x[4:0];\nthree\n");

	diag_add(list, DIAG_ERROR, (struct place){ s, 2, 8 }, "this is %d bits wide", 5);
	expect_printed("pg.isa:2:8: error: this is 5 bits wide\n"
		       "    2 |   R := x[4:0];\n"
		       "      |        ^\n");
}
END_TEST

START_TEST(a_place_without_a_source_gives_the_message_alone)
{
	diag_add(list, DIAG_WARNING, (struct place){ 0 }, "careful");
	expect_printed("warning: careful\n");
}
END_TEST

START_TEST(line_0_is_the_file_as_a_whole)
{
	const struct source *s = diag_read_text(list, "x.isa", "text\n");

	diag_add(list, DIAG_NOTE, (struct place){ s, 0, 0 }, "all of it");
	expect_printed("x.isa: note: all of it\n");
}
END_TEST

START_TEST(tabs_before_the_caret_stay_tabs)
{
	const struct source *s = diag_read_text(list, "x", "\ta\tb c\n");

	diag_add(list, DIAG_ERROR, (struct place){ s, 1, 6 }, "c");
	expect_printed("x:1:6: error: c\n    1 | \ta\tb c\n      | \t \t  ^\n");
}
END_TEST

START_TEST(a_character_of_several_bytes_takes_one_column_of_the_caret_line)
{
	const struct source *s = diag_read_text(list, "x", "\"\xc3\xa9\" @\n");

	diag_add(list, DIAG_ERROR, (struct place){ s, 1, 6 }, "at");
	expect_printed("x:1:6: error: at\n    1 | \"\xc3\xa9\" @\n      |     ^\n");
}
END_TEST

START_TEST(a_long_line_is_trimmed_around_the_caret)
{
	static char text[2001];
	const char *out, *caret, *line;
	const struct source *s;

	memset(text, 'a', 2000);
	text[1000] = 'X';
	text[2000] = '\0';
	s = diag_read_text(list, "x", text);
	diag_add(list, DIAG_ERROR, (struct place){ s, 1, 1001 }, "here");
	out = printed();
	ck_assert_uint_lt(strlen(out), 300);
	line = strstr(out, "    1 | ...");
	ck_assert_ptr_nonnull(line);
	caret = strstr(out, "      | ");
	ck_assert_int_eq(strchr(line, 'X') - line, strchr(caret, '^') - caret);
}
END_TEST

START_TEST(a_place_past_the_end_is_shown_at_the_end)
{
	const struct source *s = diag_read_text(list, "x", "ab");

	diag_add(list, DIAG_ERROR, (struct place){ s, 1, 99 }, "m");
	diag_add(list, DIAG_ERROR, (struct place){ s, 7, 1 }, "n");
	expect_printed("x:1:99: error: m\n    1 | ab\n      |   ^\n"
		       "x:7:1: error: n\n    7 | \n      | ^\n");
}
END_TEST

START_TEST(control_characters_do_not_reach_the_terminal)
{
	const struct source *s = diag_read_text(list, "x", "a\033[2J\r\n");

	diag_add(list, DIAG_ERROR, (struct place){ s, 1, 1 }, "m");
	expect_printed("x:1:1: error: m\n    1 | a?[2J\n      | ^\n");
}
END_TEST

START_TEST(twenty_errors_are_kept_and_all_are_counted)
{
	enum diag_level level;
	struct place place;
	const char *text;

	for (int i = 0; i < 25; i++)
		diag_add(list, DIAG_ERROR, (struct place){ 0 }, "error %d", i);
	ck_assert_uint_eq(diag_errors(list), 25);
	ck_assert(diag_get(list, 19, &level, &place, &text));
	ck_assert_str_eq(text, "error 19");
	ck_assert(!diag_get(list, 20, &level, &place, &text));
	ck_assert_ptr_nonnull(strstr(printed(), "and 5 more\n"));
}
END_TEST

START_TEST(what_is_said_twice_of_a_place_is_printed_once)
{
	const struct source *s = diag_read_text(list, "x", "a b\n");

	for (int i = 0; i < 30; i++)
		diag_add(list, DIAG_ERROR, (struct place){ s, 1, 1 }, "m");
	diag_add(list, DIAG_ERROR, (struct place){ s, 1, 3 }, "m");
	ck_assert_uint_eq(diag_errors(list), 31);
	expect_printed("x:1:1: error: m\n    1 | a b\n      | ^\n"
		       "x:1:3: error: m\n    1 | a b\n      |   ^\n");
}
END_TEST

START_TEST(many_warnings_leave_room_for_errors)
{
	for (int i = 0; i < 1000; i++)
		diag_add(list, DIAG_WARNING, (struct place){ 0 }, "w");
	for (int i = 0; i < 20; i++)
		diag_add(list, DIAG_ERROR, (struct place){ 0 }, "error %d", i);
	ck_assert_uint_eq(diag_errors(list), 20);
	ck_assert_ptr_nonnull(strstr(printed(), "error: error 19\n"));
}
END_TEST

START_TEST(a_file_is_read_whole)
{
	char text[10000];
	const struct source *s;

	memset(text, 'z', sizeof(text));
	s = read_bytes(text, sizeof(text));
	ck_assert_ptr_nonnull(s);
	ck_assert_uint_eq(s->length, sizeof(text));
	ck_assert_int_eq(s->text[9999], 'z');
	ck_assert_int_eq(s->text[10000], '\0');
}
END_TEST

START_TEST(an_empty_file_is_a_source)
{
	const struct source *s = read_bytes("", 0);

	ck_assert_ptr_nonnull(s);
	ck_assert_uint_eq(s->length, 0);
}
END_TEST

START_TEST(a_nul_byte_is_an_error_with_its_place)
{
	enum diag_level level;
	struct place place;
	const char *text;

	ck_assert_ptr_null(read_bytes("ab\ncd\0ef", 8));
	ck_assert(diag_get(list, 0, &level, &place, &text));
	ck_assert_int_eq(place.line, 2);
	ck_assert_int_eq(place.column, 3);
}
END_TEST

START_TEST(a_missing_file_is_an_error)
{
	ck_assert_ptr_null(diag_read_file(list, "no/such/file", (struct place){ 0 }));
	ck_assert_uint_eq(diag_errors(list), 1);
	ck_assert_str_eq(first_text(), "cannot read 'no/such/file': No such file or directory");
}
END_TEST

START_TEST(a_folder_is_an_error)
{
	ck_assert_ptr_null(diag_read_file(list, "/", (struct place){ 0 }));
	ck_assert_str_eq(first_text(), "cannot read '/': Is a directory");
}
END_TEST

START_TEST(an_unreadable_file_is_reported_where_it_was_asked_for)
{
	const struct source *s = diag_read_text(list, "x", "include \"y\"\n");

	diag_read_file(list, "no/such/file", (struct place){ s, 1, 9 });
	expect_printed("x:1:9: error: cannot read 'no/such/file': No such file or directory\n"
		       "    1 | include \"y\"\n      |         ^\n");
}
END_TEST

START_TEST(a_file_without_end_is_refused)
{
	ck_assert_ptr_null(diag_read_file(list, "/dev/zero", (struct place){ 0 }));
	ck_assert_str_eq(first_text(), "cannot read '/dev/zero': it is larger than 64 MiB");
}
END_TEST

static Suite *suite(void)
{
	Suite *s = suite_create("diag");
	TCase *c = tcase_create("diag");

	tcase_add_checked_fixture(c, set_up, tear_down);
	tcase_add_test(c, a_message_shows_its_line_and_a_caret);
	tcase_add_test(c, a_place_without_a_source_gives_the_message_alone);
	tcase_add_test(c, line_0_is_the_file_as_a_whole);
	tcase_add_test(c, tabs_before_the_caret_stay_tabs);
	tcase_add_test(c, a_character_of_several_bytes_takes_one_column_of_the_caret_line);
	tcase_add_test(c, a_long_line_is_trimmed_around_the_caret);
	tcase_add_test(c, a_place_past_the_end_is_shown_at_the_end);
	tcase_add_test(c, control_characters_do_not_reach_the_terminal);
	tcase_add_test(c, twenty_errors_are_kept_and_all_are_counted);
	tcase_add_test(c, what_is_said_twice_of_a_place_is_printed_once);
	tcase_add_test(c, many_warnings_leave_room_for_errors);
	tcase_add_test(c, a_file_is_read_whole);
	tcase_add_test(c, an_empty_file_is_a_source);
	tcase_add_test(c, a_nul_byte_is_an_error_with_its_place);
	tcase_add_test(c, a_missing_file_is_an_error);
	tcase_add_test(c, a_folder_is_an_error);
	tcase_add_test(c, an_unreadable_file_is_reported_where_it_was_asked_for);
	tcase_add_test(c, a_file_without_end_is_refused);
	suite_add_tcase(s, c);
	return s;
}

#include "tests/harness.h"
