/*
 * For the suites that ask SMT solvers: terms, a folder of the test's own, and which
 * solvers are here.  Tests of one that is not are left out, and named.
 */
#ifndef TESTS_SMT_RIG_H
#define TESTS_SMT_RIG_H

#define _GNU_SOURCE
#include "proofs/smt.h"
#include "tests/rig.h"

#include <dirent.h>
#include <stdarg.h>
#include <sys/stat.h>
#include <unistd.h>

static struct terms *ts;
static char folder[sizeof "smt.XXXXXX"];

static void set_up(void)
{
	strcpy(folder, "smt.XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(folder));
	ts = terms_new();
}

static void remove_folder(const char *path)
{
	struct dirent **entry;
	int n = scandir(path, &entry, NULL, NULL);

	for (int i = 0; i < n; i++) {
		char inner[512];
		snprintf(inner, sizeof inner, "%s/%s", path, entry[i]->d_name);
		if (strcmp(entry[i]->d_name, ".") && strcmp(entry[i]->d_name, "..") &&
		    remove(inner))
			remove_folder(inner);
		free(entry[i]);
	}
	if (n >= 0)
		free(entry);
	rmdir(path);
}

static void tear_down(void)
{
	terms_free(ts);
	remove_folder(folder);
}

/* A path in the folder; the last few stay valid. */
static inline const char *in_folder(const char *name)
{
	static char path[8][160];
	static unsigned next;
	char *p = path[next++ % 8];

	snprintf(p, sizeof *path, "%s/%s", folder, name);
	return p;
}

static inline struct smt *solver_with(struct smt_options o)
{
	char reason[256] = "";
	struct smt *s = smt_new(ts, &o, reason, sizeof reason);

	ck_assert_msg(s != NULL, "%s", reason);
	return s;
}

static inline char *text_of(const char *path)
{
	static char text[8][65536];
	static unsigned next;
	char *t = text[next++ % 8];
	FILE *f = fopen(path, "r");

	ck_assert_msg(f != NULL, "no file %s", path);
	t[fread(t, 1, sizeof *text - 1, f)] = 0;
	fclose(f);
	return t;
}

static inline bool have(const char *solver)
{
	char reason[256];
	struct terms *terms = terms_new();
	struct smt *s =
		smt_new(terms, &(struct smt_options){ .solver = solver }, reason, sizeof reason);

	smt_free(s);
	terms_free(terms);
	return s != NULL;
}

/* Adds a test that needs a solver, from 0 to n. */
#define add_if(here, tcase, test, n)                                                               \
	do {                                                                                       \
		if (here)                                                                          \
			tcase_add_loop_test(tcase, test, 0, n);                                    \
		else                                                                               \
			printf("skipped, for want of a solver: " #test "\n");                      \
	} while (0)

static inline const struct term *variable(const char *name, unsigned width)
{
	return term_variable(ts, name, width);
}

static inline const struct term *constant(unsigned width, uint64_t value)
{
	return term_const(ts, width, value);
}

static inline const struct term *is(const struct term *t, uint64_t value)
{
	return term_eq(ts, t, constant(t->width, value));
}

static inline const struct term *two(enum expr_op op, const struct term *a, const struct term *b)
{
	return term_binary(ts, op, a, b);
}

#endif
