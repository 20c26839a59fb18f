/*
 * The descriptions of tests/isa: an err_*.isa must be refused with exactly the errors that its
 * lines "// expect: LINE:COLUMN: part of the message" state, an ok_*.isa must load, with the
 * warnings of its lines "// expect-warning: ..." and no others.
 */
#include "isa/isa.h"
#include "tests/valid.h"

#include <check.h>
#include <dirent.h>
#include <stdlib.h>
#include <string.h>

static char folder[4096];
static char **wrong, **right; /* names of files, NULL at the end */

struct expectation {
	char text[256]; /* LINE:COLUMN: part of the message */
	bool met;
};

struct expectations {
	unsigned n;
	struct expectation of[32];
};

/* The lines of a file that begin with a mark. */
static struct expectations expectations(const char *path, const char *mark)
{
	struct expectations all = { 0 };
	FILE *in = fopen(path, "r");
	char line[512];

	ck_assert_ptr_nonnull(in);
	while (fgets(line, sizeof(line), in)) {
		line[strcspn(line, "\n")] = '\0';
		if (strncmp(line, mark, strlen(mark)))
			continue;
		ck_assert_uint_lt(all.n, 32);
		snprintf(all.of[all.n++].text, sizeof(all.of[0].text), "%s", line + strlen(mark));
	}
	fclose(in);
	return all;
}

static bool meets(const struct expectation *e, struct place place, const char *text)
{
	char at[64];

	snprintf(at, sizeof(at), "%d:%d: ", place.line, place.column);
	return !e->met && !strncmp(e->text, at, strlen(at)) && strstr(text, e->text + strlen(at));
}

static void meet(struct expectations *all, struct place place, const char *text, const char *path)
{
	for (unsigned i = 0; i < all->n; i++) {
		if (meets(&all->of[i], place, text)) {
			all->of[i].met = true;
			return;
		}
	}
	ck_abort_msg("%s: not expected: %d:%d: %s", path, place.line, place.column, text);
}

static void expect_all_met(const struct expectations *all, const char *path)
{
	for (unsigned i = 0; i < all->n; i++)
		ck_assert_msg(all->of[i].met, "%s: missing: %s", path, all->of[i].text);
}

/* Holds what was recorded against what the file says of itself. */
static void compare(const struct diag_list *list, const char *path)
{
	struct expectations errors = expectations(path, "// expect: ");
	struct expectations warnings = expectations(path, "// expect-warning: ");
	enum diag_level level;
	struct place place;
	const char *text;

	for (unsigned i = 0; diag_get(list, i, &level, &place, &text); i++) {
		if (level == DIAG_ERROR)
			meet(&errors, place, text, path);
		else if (level == DIAG_WARNING)
			meet(&warnings, place, text, path);
	}
	expect_all_met(&errors, path);
	expect_all_met(&warnings, path);
}

static void path_of(char *path, size_t size, const char *name)
{
	ck_assert_int_lt(snprintf(path, size, "%s/%s", folder, name), (int)size);
}

START_TEST(a_wrong_description_is_refused_as_it_says)
{
	struct diag_list *list = diag_new();
	struct isa *isa;
	char path[5000];

	path_of(path, sizeof(path), wrong[_i]);
	isa = isa_load(list, path);
	compare(list, path);
	ck_assert_msg(!isa, "%s: was accepted", path);
	ck_assert_uint_gt(diag_errors(list), 0);
	diag_free(list);
}
END_TEST

static void dump(const struct isa *isa)
{
	char *text;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	code_dump(isa->trapseq, out);
	for (unsigned i = 0; i < isa->ninstrs; i++)
		code_dump(&isa->instr[i].code, out);
	fclose(out);
	ck_assert_uint_gt(size, 0);
	free(text);
}

START_TEST(a_right_description_loads_and_is_well_formed)
{
	struct diag_list *list = diag_new();
	struct isa *isa;
	const char *fault;
	char path[5000];

	path_of(path, sizeof(path), right[_i]);
	isa = isa_load(list, path);
	compare(list, path);
	ck_assert_msg(isa != NULL, "%s: was refused", path);
	fault = isa_fault(isa);
	ck_assert_msg(!fault, "%s: %s", path, fault);
	dump(isa);
	isa_free(isa);
	diag_free(list);
}
END_TEST

static int begins_with_err(const struct dirent *entry)
{
	return !strncmp(entry->d_name, "err_", 4);
}

static int begins_with_ok(const struct dirent *entry)
{
	return !strncmp(entry->d_name, "ok_", 3);
}

static char **names(int (*which)(const struct dirent *), int *n)
{
	struct dirent **entry;
	char **name;

	*n = scandir(folder, &entry, which, alphasort);
	if (*n < 0) {
		perror(folder);
		exit(EXIT_FAILURE);
	}
	name = calloc((size_t)*n + 1, sizeof(*name));
	for (int i = 0; i < *n; i++) {
		name[i] = strdup(entry[i]->d_name);
		free(entry[i]);
	}
	free(entry);
	return name;
}

static void free_names(char **name)
{
	for (char **p = name; *p; p++)
		free(*p);
	free(name);
}

static void forget_names(void)
{
	free_names(wrong);
	free_names(right);
}

static Suite *suite(void)
{
	Suite *s = suite_create("language");
	TCase *c = tcase_create("descriptions");
	const char *top = getenv("TOP_SRCDIR");
	int nwrong, nright;

	snprintf(folder, sizeof(folder), "%s/tests/isa", top ? top : ".");
	wrong = names(begins_with_err, &nwrong);
	right = names(begins_with_ok, &nright);
	atexit(forget_names);
	tcase_add_loop_test(c, a_wrong_description_is_refused_as_it_says, 0, nwrong);
	tcase_add_loop_test(c, a_right_description_loads_and_is_well_formed, 0, nright);
	suite_add_tcase(s, c);
	return s;
}

#include "tests/harness.h"
