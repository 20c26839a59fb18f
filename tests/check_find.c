/* Where descriptions come from: includes (isa/parse), names and folders (isa/find). */
#include "isa/ast.h"
#include "isa/find.h"
#include "isa/isa.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static struct diag_list *list;
static struct ast *ast;
static char folder[] = "check_find.XXXXXX";

static void set_up(void)
{
	list = diag_new();
	ast = NULL;
	ck_assert_ptr_nonnull(mkdtemp(folder));
}

static void tear_down(void)
{
	char command[64];

	ast_free(ast);
	diag_free(list);
	snprintf(command, sizeof(command), "rm -rf %s", folder);
	ck_assert_int_eq(system(command), 0);
	strcpy(folder + strlen(folder) - 6, "XXXXXX");
}

static void parse(const char *text)
{
	ast_free(ast);
	ast = ast_parse(list, diag_read_text(list, "test", text));
	ck_assert_ptr_nonnull(ast);
}

static void write_file(const char *name, const char *text)
{
	char path[256];
	FILE *out;

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	out = fopen(path, "w");
	ck_assert_ptr_nonnull(out);
	fputs(text, out);
	fclose(out);
}

static void parse_file(const char *name)
{
	char path[256];

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	ast_free(ast);
	ast = ast_parse(list, diag_read_file(list, path, (struct place){ 0 }));
}

static const char *last_message(void)
{
	enum diag_level level;
	struct place place;
	const char *text = "";

	ck_assert_uint_gt(diag_errors(list), 0);
	diag_get(list, diag_errors(list) - 1, &level, &place, &text);
	return text;
}

/* ---- files */

START_TEST(an_included_machine_gives_its_items_and_not_its_name)
{
	write_file("base.isa", "machine base \"b\" { word 32; }\n");
	write_file("more.isa", "user = a;\n");
	write_file("top.isa",
		   "include \"base.isa\"\nmachine top { const A = 1; include \"more.isa\"; "
		   "const B = 2; }\n");
	parse_file("top.isa");
	ck_assert_uint_eq(diag_errors(list), 0);
	ck_assert_str_eq(ast->name, "top");
	ck_assert_ptr_null(ast->doc);
	ck_assert_int_eq(ast->items->kind, AI_WORD);
	ck_assert_int_eq(ast->items->next->kind, AI_CONST);
	ck_assert_int_eq(ast->items->next->next->kind, AI_USER);
	ck_assert_int_eq(ast->items->next->next->next->kind, AI_CONST);
	ck_assert_uint_eq(ast->nfiles, 3);
	ck_assert_ptr_null(ast->files[3]);
}
END_TEST

START_TEST(a_file_is_included_once)
{
	write_file("base.isa", "word 32;\n");
	write_file("b.isa", "include \"base.isa\"\nconst B = 1;\n");
	write_file("c.isa", "include \"./base.isa\"\nconst C = 1;\n");
	write_file("top.isa", "include \"b.isa\" include \"c.isa\" machine top { }");
	parse_file("top.isa");
	ck_assert_uint_eq(diag_errors(list), 0);
	ck_assert_uint_eq(ast->nfiles, 4);
	ck_assert_ptr_null(ast->items->next->next->next);
}
END_TEST

START_TEST(a_file_that_includes_itself_is_an_error)
{
	write_file("a.isa", "include \"b.isa\"\nmachine a { }\n");
	write_file("b.isa", "include \"./a.isa\"\nconst B = 1;");
	parse_file("a.isa");
	ck_assert_uint_eq(diag_errors(list), 1);
	ck_assert_ptr_nonnull(strstr(last_message(), "includes itself"));
}
END_TEST

START_TEST(includes_nest_sixteen_deep)
{
	char name[32], text[64];

	for (int i = 0; i < 20; i++) {
		snprintf(name, sizeof(name), "%d.isa", i);
		snprintf(text, sizeof(text), "include \"%d.isa\"\nconst A%d = 1;\n", i + 1, i);
		write_file(name, text);
	}
	write_file("20.isa", "const A20 = 1;\n");
	write_file("top.isa", "include \"4.isa\" machine top { }");
	parse_file("top.isa");
	ck_assert_uint_eq(diag_errors(list), 1);
	ck_assert_ptr_nonnull(strstr(last_message(), "nested too deeply"));
	write_file("top.isa", "include \"5.isa\" machine top { }");
	parse_file("top.isa");
	ck_assert_uint_eq(diag_errors(list), 1);
}
END_TEST

START_TEST(an_error_in_an_included_file_does_not_end_the_including_one)
{
	write_file("bad.isa", "const = 1;\nconst A = 1;\n");
	write_file("worse.isa", "machine { }\n");
	write_file("top.isa", "include \"bad.isa\"\ninclude \"worse.isa\"\ninclude \"none.isa\"\n"
			      "machine top { word; user = a; }");
	parse_file("top.isa");
	ck_assert_uint_eq(diag_errors(list), 4);
	ck_assert_str_eq(ast->name, "top");
	ck_assert_int_eq(ast->items->kind, AI_CONST);
	ck_assert_int_eq(ast->items->next->kind, AI_USER);
}
END_TEST

START_TEST(includes_are_found_where_machines_are)
{
	write_file("base.isa", "word 32;\n");
	setenv("TRAPEZE_PATH", folder, 1);
	parse("include \"base.isa\" machine m { }");
	ck_assert_uint_eq(diag_errors(list), 0);
	ck_assert_int_eq(ast->items->kind, AI_WORD);
}
END_TEST

START_TEST(the_hash_covers_included_files)
{
	uint64_t hash;

	write_file("base.isa", "word 32;\n");
	write_file("top.isa", "include \"base.isa\" machine m { }");
	parse_file("top.isa");
	hash = ast->hash;
	write_file("base.isa", "word 31;\n");
	parse_file("top.isa");
	ck_assert_uint_ne(ast->hash, hash);
}
END_TEST

/* ---- finding */

static void expect_found(const char *name, const char *expected)
{
	char *path = isa_find(list, name);

	ck_assert_ptr_nonnull(path);
	ck_assert_str_eq(path, expected);
	free(path);
}

START_TEST(a_machine_is_found_by_name_in_the_folders_of_trapeze_path)
{
	char expected[256], path[256];

	write_file("xyz.isa", "");
	snprintf(path, sizeof(path), "nowhere::%s", folder);
	setenv("TRAPEZE_PATH", path, 1);
	snprintf(expected, sizeof(expected), "%s/xyz.isa", folder);
	expect_found("xyz", expected);
	expect_found("xyz.isa", expected);
}
END_TEST

START_TEST(the_working_folder_comes_first)
{
	write_file("xyz.isa", "");
	setenv("TRAPEZE_PATH", "..", 1);
	ck_assert_int_eq(chdir(folder), 0);
	expect_found("xyz", "xyz.isa");
	ck_assert_int_eq(chdir(".."), 0);
}
END_TEST

START_TEST(a_path_is_taken_as_it_is)
{
	expect_found("no/such", "no/such");
	expect_found("./x.isa", "./x.isa");
}
END_TEST

START_TEST(an_unknown_machine_lists_what_there_is)
{
	write_file("alpha.isa", "");
	write_file("beta.isa", "");
	write_file("beta-2.isa", "");
	write_file("notes.txt", "");
	setenv("TRAPEZE_PATH", folder, 1);
	ck_assert_ptr_null(isa_find(list, "bta"));
	ck_assert_ptr_nonnull(strstr(last_message(), "alpha, beta, beta-2"));
	ck_assert_ptr_nonnull(strstr(last_message(), "did you mean 'beta'?"));
	ck_assert_ptr_null(strstr(last_message(), "notes"));
	ck_assert_ptr_null(isa_find(list, "vax"));
	ck_assert_ptr_null(strstr(last_message(), "did you mean"));
}
END_TEST

static void count(void *context, const char *name, const char *path)
{
	ck_assert_ptr_nonnull(path);
	*(int *)context += !strcmp(name, "same");
}

START_TEST(of_two_machines_of_one_name_the_first_is_told)
{
	char path[256], sub[128];
	int n = 0;

	write_file("same.isa", "");
	snprintf(sub, sizeof(sub), "%s/sub", folder);
	ck_assert_int_eq(mkdir(sub, 0777), 0);
	write_file("sub/same.isa", "");
	snprintf(path, sizeof(path), "%s:%s", sub, folder);
	setenv("TRAPEZE_PATH", path, 1);
	isa_each_known(count, &n);
	ck_assert_int_eq(n, 1);
	strcat(sub, "/same.isa");
	expect_found("same", sub);
}
END_TEST

START_TEST(suggestions_are_near)
{
	static const char *const words[] = { "format", "fn", "instr", NULL };

	ck_assert_str_eq(find_nearest("fromat", words), "format");
	ck_assert_str_eq(find_nearest("inst", words), "instr");
	ck_assert_ptr_null(find_nearest("banana", words));
	ck_assert_ptr_null(find_nearest("x", words));
}
END_TEST

static void add_includes(Suite *s)
{
	TCase *c = tcase_create("includes");

	tcase_add_checked_fixture(c, set_up, tear_down);
	tcase_add_test(c, an_included_machine_gives_its_items_and_not_its_name);
	tcase_add_test(c, a_file_is_included_once);
	tcase_add_test(c, a_file_that_includes_itself_is_an_error);
	tcase_add_test(c, includes_nest_sixteen_deep);
	tcase_add_test(c, an_error_in_an_included_file_does_not_end_the_including_one);
	tcase_add_test(c, includes_are_found_where_machines_are);
	tcase_add_test(c, the_hash_covers_included_files);
	suite_add_tcase(s, c);
}

static void add_names(Suite *s)
{
	TCase *c = tcase_create("names");

	tcase_add_checked_fixture(c, set_up, tear_down);
	tcase_add_test(c, a_machine_is_found_by_name_in_the_folders_of_trapeze_path);
	tcase_add_test(c, the_working_folder_comes_first);
	tcase_add_test(c, a_path_is_taken_as_it_is);
	tcase_add_test(c, an_unknown_machine_lists_what_there_is);
	tcase_add_test(c, of_two_machines_of_one_name_the_first_is_told);
	tcase_add_test(c, suggestions_are_near);
	suite_add_tcase(s, c);
}

static Suite *suite(void)
{
	Suite *s = suite_create("find");

	add_includes(s);
	add_names(s);
	return s;
}

#include "tests/harness.h"
