/*
 * Solvers that misbehave, and answers kept between runs.  The solvers are scripts
 * that say they are z3, then do what is asked of them here.
 */
#include "tests/smt_rig.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>

/* Answers unsat to everything. */
#define WELL   "while read -r line; do case $line in '(check-sat)') echo unsat ;; esac; done\n"
/* Reads up to the question. */
#define LISTEN "while read -r line; do [ \"$line\" != '(check-sat)' ] || break; done\n"

/* A solver that does this when it is started to be asked. */
static const char *fake(const char *behaviour)
{
	const char *path = in_folder("fake");
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0777);

	ck_assert_int_ge(fd, 0);
	dprintf(fd,
		"#!/bin/bash\n"
		"if [ \"$1\" = --version ]; then echo 'Z3 version 9.9.9 - 64 bit'; exit; fi\n%s",
		behaviour);
	close(fd);
	return path;
}

/* One that does so the first time, and then works. */
static const char *fake_once(const char *behaviour)
{
	char text[2048];

	snprintf(text, sizeof text,
		 "if [ ! -e \"$0.once\" ]; then : >\"$0.once\"\n%s\nexit; fi\n" WELL, behaviour);
	return fake(text);
}

static void put_text(const char *path, const char *text)
{
	FILE *f = fopen(path, "w");

	ck_assert_ptr_nonnull(f);
	fputs(text, f);
	fclose(f);
}

static const struct term *question(void)
{
	return is(two(X_MUL, variable("x", 8), variable("y", 8)), 6);
}

static enum smt_answer ask(struct smt *s, const struct term *condition)
{
	return smt_ask(s, "question", 1, &condition);
}

static double now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

/* What a solver does, and what is said of it. */
static const struct {
	const char *behaviour, *reason;
} bad[] = {
	{ "exit 1", "died" },
	{ "exec 0<&-; sleep 0.2; kill -9 $$", "died" },
	{ LISTEN "kill -9 $$", "died" },
	{ LISTEN "echo unknown; " WELL, "does not know" },
	{ LISTEN "echo timeout; " WELL, "does not know" },
	{ LISTEN "echo 'segmentation fault'; " WELL, "said: segmentation fault" },
	{ LISTEN "printf '\\n\\n  \\033[31mred\\n'; " WELL, "said: ?[31mred" },
	{ LISTEN "echo '(error \"line 3 column 7: a (bad\nword\")'; " WELL, "line 3 column 7" },
	{ LISTEN "echo satisfied; " WELL, "said: satisfied" },
	{ LISTEN "echo 'unsat)'; " WELL, "said: unsat)" },
	{ LISTEN "printf unsat", "died" },
	{ LISTEN "printf '(sat\\n'", "died" },
	{ LISTEN "exec yes nonsense", "said: nonsense" },
	{ "exec yes nonsense", "said: nonsense" },
	{ LISTEN "yes nonsense | tr -d '\\n'", "said too much" },
	{ LISTEN "echo sat; exit", "died when it was asked for the model" },
	{ LISTEN "echo sat; echo '((v0 #x02))'; " WELL, "not understood" },
	{ LISTEN "echo sat; echo '((v0 #x02) (v2 #x03))'; " WELL, "not understood" },
	{ LISTEN "echo sat; echo '((v0 2) (v1 3))'; " WELL, "not understood" },
	{ LISTEN "echo sat; echo '((v0 #xzz) (v1 #x03))'; " WELL, "not understood" },
	{ LISTEN "echo sat; echo '((v0 #x02) (v1 #x03) (v2 #x03))'; " WELL, "not understood" },
	{ LISTEN "echo sat; echo hello; " WELL, "not understood" },
	{ LISTEN "echo sat; echo '((v0 #x02) (v1 #x04))'; " WELL, "a condition is false" },
};
enum { BAD = sizeof bad / sizeof *bad };

static void check_undecided(struct smt *s, const struct term *condition, const char *reason)
{
	enum smt_answer answer = ask(s, condition);

	ck_assert_msg(answer == SMT_UNDECIDED, "%s, not undecided: %s", smt_answer_name(answer),
		      reason);
	ck_assert_msg(strstr(smt_reason(s), reason) != NULL, "%s, not %s", smt_reason(s), reason);
}

START_TEST(a_solver_that_misbehaves_is_undecided_and_the_next_query_works)
{
	struct smt_options o = { .solver = fake_once(bad[_i].behaviour),
				 .cache = in_folder("cache") };
	struct smt *s = solver_with(o);

	check_undecided(s, question(), bad[_i].reason);
	ck_assert_int_eq(ask(s, question()), SMT_UNSAT);
	ck_assert_uint_eq(smt_counts(s).undecided, 1);
	ck_assert_uint_eq(smt_counts(s).queries, 2);
	smt_free(s);
}
END_TEST

START_TEST(a_solver_that_goes_after_an_answer_is_missed_once)
{
	struct smt *s =
		solver_with((struct smt_options){ .solver = fake_once(LISTEN "echo unsat; exit") });

	ck_assert_int_eq(ask(s, question()), SMT_UNSAT);
	usleep(300000);
	check_undecided(s, question(), "died");
	ck_assert_int_eq(ask(s, question()), SMT_UNSAT);
	smt_free(s);
}
END_TEST

/* So long that no pipe holds it. */
static const struct term *long_question(void)
{
	const struct term *all = question();

	for (unsigned i = 0; i < 6000; i++) {
		char name[32];
		snprintf(name, sizeof name, "a_long_name_%u", i);
		all = term_and(ts, all, term_eq(ts, variable(name, 8), variable("x", 8)));
	}
	return all;
}

static const char *const hangs[] = { LISTEN "exec sleep 1000", "exec sleep 1000",
				     LISTEN "printf '(sat'; exec sleep 1000",
				     LISTEN "echo sat; exec sleep 1000" };

START_TEST(a_solver_that_hangs_is_left_at_the_limit_and_the_next_query_works)
{
	struct smt_options o = { .solver = fake_once(hangs[_i]), .milliseconds = 1 };
	struct smt *s = solver_with(o);
	double start = now();

	check_undecided(s, _i == 1 ? long_question() : question(),
			"did not stop at the time limit");
	ck_assert(now() - start < 12);
	ck_assert_int_eq(ask(s, question()), SMT_UNSAT);
	smt_free(s);
}
END_TEST

START_TEST(a_long_query_arrives_whole)
{
	struct smt *s = solver_with((struct smt_options){
		.solver = fake("n=0; while read -r line; do case $line in\n"
			       "*a_long_name_*declare*) ;; '(declare-fun'*) n=$((n + 1)) ;;\n"
			       "'(check-sat)') echo \"$n declared\" ;; esac; done\n") });

	check_undecided(s, long_question(), "said: 6002 declared");
	smt_free(s);
}
END_TEST

/* ---- who is it? ---- */

static void check_refused(const char *solver, const char *one, const char *two)
{
	char reason[256] = "";
	struct smt_options o = { .solver = solver };

	ck_assert_ptr_null(smt_new(ts, &o, reason, sizeof reason));
	ck_assert_msg(strstr(reason, one) && strstr(reason, two), "%s", reason);
}

START_TEST(a_missing_solver_is_a_reason_with_its_package)
{
	char *path = strdup(getenv("PATH"));

	setenv("PATH", folder, 1);
	check_refused(NULL, "z3 cannot be run (No such file", "apt-get install z3");
	check_refused("z3", "z3 cannot be run (No such file", "apt-get install z3");
	check_refused("cvc5", "cvc5 cannot be run (No such file", "apt-get install cvc5");
	setenv("PATH", path, 1);
	free(path);
	check_refused("/none/bin/cvc5", "No such file", "apt-get install cvc5");
	check_refused("/none/bin/z3-new", "No such file", "apt-get install z3");
	check_refused(in_folder("."), "Permission denied", "apt-get install z3");
}
END_TEST

START_TEST(a_program_that_is_no_solver_is_refused)
{
	check_refused("true", "true is no solver known here", "neither z3 nor cvc5");
	check_refused("yes", "yes is no solver known here", "neither z3 nor cvc5");
}
END_TEST

/* How many a folder has, and the path of one. */
static unsigned entries(const char *path, char *name, size_t size)
{
	DIR *d = opendir(path);
	unsigned n = 0;

	ck_assert_ptr_nonnull(d);
	for (struct dirent *e; (e = readdir(d));)
		if (e->d_name[0] != '.') {
			snprintf(name, size, "%s/%.64s", path, e->d_name);
			n++;
		}
	closedir(d);
	return n;
}

START_TEST(nothing_of_a_solver_stays_behind)
{
	struct smt *s = solver_with((struct smt_options){ .solver = fake(WELL) });
	char name[256];
	unsigned before = entries("/proc/self/fd", name, sizeof name);

	ck_assert_int_eq(ask(s, question()), SMT_UNSAT);
	smt_free(s);
	check_refused("/none/bin/cvc5", "No such file", "cvc5");
	ck_assert_int_eq(waitpid(-1, NULL, WNOHANG), -1);
	ck_assert_int_eq(errno, ECHILD);
	ck_assert_uint_eq(entries("/proc/self/fd", name, sizeof name), before);
}
END_TEST

/* ---- answers kept ---- */

/* A model of the question, once; then every answer but a kept one would be unsat. */
#define SAT_ONCE LISTEN "echo sat; echo '((v0 #x02) (v1 #x03))'; read -r line; read -r line"

START_TEST(a_kept_answer_needs_no_solver)
{
	struct smt_options o = { .solver = fake_once(SAT_ONCE), .cache = in_folder("x/cache") };
	struct smt *s = solver_with(o);

	ck_assert_msg(ask(s, question()) == SMT_SAT, "%s", smt_reason(s));
	ck_assert_uint_eq(smt_counts(s).cached, 0);
	smt_free(s);
	terms_free(ts);
	ts = terms_new();
	o.solver = fake("exit 1");
	s = solver_with(o);
	ck_assert_int_eq(ask(s, question()), SMT_SAT);
	ck_assert_uint_eq(smt_value(s, variable("x", 8)) * smt_value(s, variable("y", 8)), 6);
	ck_assert_uint_eq(smt_counts(s).cached, 1);
	ck_assert_uint_eq(smt_counts(s).queries, 0);
	check_undecided(s, is(variable("x", 8), 1), "died");
	smt_free(s);
}
END_TEST

START_TEST(a_kept_unsat_needs_no_solver)
{
	struct smt_options o = { .solver = fake(WELL), .cache = in_folder("cache") };
	struct smt *s = solver_with(o);

	ck_assert_int_eq(ask(s, question()), SMT_UNSAT);
	smt_free(s);
	o.solver = fake("exit 1");
	s = solver_with(o);
	ck_assert_int_eq(ask(s, question()), SMT_UNSAT);
	ck_assert_uint_eq(smt_counts(s).cached, 1);
	smt_free(s);
}
END_TEST

START_TEST(an_answer_is_kept_for_its_solver_only)
{
	struct smt_options o = { .solver = fake(WELL), .cache = in_folder("cache") };
	struct smt *s = solver_with(o);

	ck_assert_int_eq(ask(s, question()), SMT_UNSAT);
	smt_free(s);
	o.solver = fake("if [ \"$1\" = --version ]; then echo unreachable; fi; exit 1");
	char *text = text_of(o.solver), *version = strstr(text, "9.9.9");
	memcpy(version, "9.9.8", 5);
	put_text(o.solver, text);
	s = solver_with(o);
	ck_assert_str_eq(smt_solver_name(s), "z3 9.9.8");
	check_undecided(s, question(), "died");
	ck_assert_uint_eq(smt_counts(s).cached, 0);
	smt_free(s);
}
END_TEST

START_TEST(what_is_undecided_is_not_kept)
{
	struct smt_options o = { .solver = fake(LISTEN "echo unknown; exit"),
				 .cache = in_folder("cache") };
	struct smt *s = solver_with(o);
	char name[256];

	check_undecided(s, question(), "does not know");
	ck_assert_uint_eq(entries(o.cache, name, sizeof name), 0);
	smt_free(s);
}
END_TEST

/* What is kept instead; under the checksum that there was, or not. */
enum { CHECKSUM = 33 }; /* the first line of an entry */
static const struct {
	bool summed;
	const char *text;
} spoilt[] = {
	{ false, "" },
	{ false, "sat\n" },
	{ false, "sat\nnonsense\n" },
	{ false, "unsa" },
	{ false, "unsat" },
	{ false, "unknown\n-\n" },
	{ false, "sat\n((v0 #x02) (v1 #x04))\n" },
	{ false, "sat\n((v0 #x02)\n" },
	{ true, "unsat\n-\n" },
};

/* The solver is asked again, and its answer replaces what was kept. */
START_TEST(a_kept_answer_that_is_spoilt_is_none)
{
	struct smt_options o = { .solver = fake_once(SAT_ONCE), .cache = in_folder("cache") };
	struct smt *s = solver_with(o);
	char name[256], damaged[256];

	ck_assert_int_eq(ask(s, question()), SMT_SAT);
	smt_free(s);
	ck_assert_uint_eq(entries(o.cache, name, sizeof name), 1);
	snprintf(damaged, sizeof damaged, "%.*s%s", spoilt[_i].summed ? CHECKSUM : 0, text_of(name),
		 spoilt[_i].text);
	put_text(name, damaged);
	remove(in_folder("fake.once"));
	s = solver_with(o);
	ck_assert_int_eq(ask(s, question()), SMT_SAT);
	ck_assert_uint_eq(smt_counts(s).cached, 0);
	ck_assert_uint_eq(smt_counts(s).queries, 1);
	ck_assert_int_eq(ask(s, question()), SMT_SAT);
	ck_assert_uint_eq(smt_counts(s).cached, 1);
	ck_assert_uint_eq(entries(o.cache, name, sizeof name), 1);
	smt_free(s);
}
END_TEST

/* What is kept is now this: it is not believed, and the solver's answer replaces it. */
static void check_asked_again(struct smt *s, const char *path, const char *damaged,
			      const char *entry)
{
	struct smt_counts before = smt_counts(s);

	put_text(path, damaged);
	ck_assert_int_eq(ask(s, question()), SMT_UNSAT);
	ck_assert_msg(smt_counts(s).queries == before.queries + 1, "believed: %s", damaged);
	ck_assert_uint_eq(smt_counts(s).cached, before.cached);
	ck_assert_str_eq(text_of(path), entry);
}

START_TEST(no_byte_of_a_kept_unsat_can_be_damaged)
{
	struct smt_options o = { .solver = fake(WELL), .cache = in_folder("cache") };
	struct smt *s = solver_with(o);
	char path[256], entry[128], damaged[128];

	ck_assert_int_eq(ask(s, question()), SMT_UNSAT);
	ck_assert_uint_eq(entries(o.cache, path, sizeof path), 1);
	strcpy(entry, text_of(path));
	ck_assert_ptr_nonnull(strstr(entry, "\nunsat\n"));
	for (size_t i = 0; entry[i]; i++) {
		strcpy(damaged, entry);
		damaged[i] ^= 1;
		check_asked_again(s, path, damaged, entry);
		damaged[i] = 0;
		check_asked_again(s, path, damaged, entry);
	}
	strcat(strcpy(damaged, entry), "x");
	check_asked_again(s, path, damaged, entry);
	ck_assert_int_eq(ask(s, question()), SMT_UNSAT);
	ck_assert_uint_eq(smt_counts(s).cached, 1);
	smt_free(s);
}
END_TEST

START_TEST(the_answer_to_another_question_is_not_believed)
{
	struct smt_options o = { .solver = fake(WELL), .cache = in_folder("cache") };
	struct smt *s = solver_with(o);
	char first[256], other[256], entry[128];

	ck_assert_int_eq(ask(s, question()), SMT_UNSAT);
	ck_assert_uint_eq(entries(o.cache, first, sizeof first), 1);
	strcpy(entry, text_of(first));
	ck_assert_int_eq(rename(first, in_folder("away")), 0);
	ck_assert_int_eq(ask(s, is(variable("x", 8), 1)), SMT_UNSAT);
	ck_assert_uint_eq(entries(o.cache, other, sizeof other), 1);
	check_asked_again(s, first, text_of(other), entry);
	smt_free(s);
}
END_TEST

START_TEST(without_a_folder_to_keep_them_in_answers_are_just_not_kept)
{
	fclose(fopen(in_folder("file"), "w"));
	struct smt_options o = { .solver = fake(WELL), .cache = in_folder("file/cache") };
	struct smt *s = solver_with(o);

	ck_assert_int_eq(ask(s, question()), SMT_UNSAT);
	ck_assert_int_eq(ask(s, question()), SMT_UNSAT);
	ck_assert_uint_eq(smt_counts(s).queries, 2);
	smt_free(s);
}
END_TEST

/* ---- queries kept ---- */

START_TEST(a_kept_query_begins_with_its_name)
{
	struct smt *s = solver_with(
		(struct smt_options){ .solver = fake(WELL), .directory = in_folder("kept") });
	static const char begin[] = "; pg.ADD.control?(exit)??\xc3\xa9\n"
				    "(set-info :status unsat)\n";
	const struct term *condition = question();
	char path[256], *text;

	smt_ask(s, "pg.ADD.control\n(exit)\r\x7f\xc3\xa9", 1, &condition);
	ck_assert_uint_eq(entries(in_folder("kept"), path, sizeof path), 1);
	text = text_of(path);
	ck_assert_ptr_eq(strstr(text, begin), text);
	smt_free(s);
}
END_TEST

START_TEST(kept_queries_of_different_names_do_not_replace_each_other)
{
	static const char *const names[] = { "a b", "a_b", "a/b", "a%b", "a%20b", "a\nb", "a?b" };
	enum { NAMES = sizeof names / sizeof *names };
	struct smt *s = solver_with(
		(struct smt_options){ .solver = fake(WELL), .directory = in_folder("kept") });
	char path[256];

	for (unsigned i = 0; i < NAMES; i++) {
		const struct term *condition = is(variable("x", 8), i);
		ck_assert_int_eq(smt_ask(s, names[i], 1, &condition), SMT_UNSAT);
		ck_assert_uint_eq(entries(in_folder("kept"), path, sizeof path), i + 1);
	}
	smt_free(s);
}
END_TEST

START_TEST(queries_of_one_name_are_numbered)
{
	static const char *const names[] = { "a", "a+2", "a", "a" };
	static const char *const files[] = { "a.smt2", "a%2b2.smt2", "a+2.smt2", "a+3.smt2" };
	static const char *const heads[] = { "; a\n", "; a+2\n", "; a+2\n", "; a+3\n" };
	struct smt *s = solver_with(
		(struct smt_options){ .solver = fake(WELL), .directory = in_folder("kept") });

	for (unsigned i = 0; i < 4; i++) {
		const char *const variables[] = { "first", "second", "third", "fourth" };
		const struct term *condition = is(variable(variables[i], 8), 1);
		char path[64];
		smt_ask(s, names[i], 1, &condition);
		snprintf(path, sizeof path, "kept/%s", files[i]);
		ck_assert_ptr_nonnull(strstr(text_of(in_folder(path)), variables[i]));
		ck_assert(!strncmp(text_of(in_folder(path)), heads[i], strlen(heads[i])));
	}
	smt_free(s);
}
END_TEST

/* With files that can be no longer than this: the disk is full. */
static enum smt_answer ask_within(struct smt *s, rlim_t bytes)
{
	struct rlimit limit, small;
	enum smt_answer answer;

	getrlimit(RLIMIT_FSIZE, &limit);
	small = (struct rlimit){ .rlim_cur = bytes, .rlim_max = limit.rlim_max };
	signal(SIGXFSZ, SIG_IGN);
	setrlimit(RLIMIT_FSIZE, &small);
	answer = ask(s, question());
	setrlimit(RLIMIT_FSIZE, &limit);
	signal(SIGXFSZ, SIG_DFL);
	return answer;
}

START_TEST(what_does_not_fit_leaves_nothing_behind)
{
	struct smt_options o = { .solver = fake(WELL),
				 .directory = in_folder("kept"),
				 .cache = in_folder("cache") };
	struct smt *s = solver_with(o);
	char path[256];

	ck_assert_int_eq(ask_within(s, 20), SMT_UNDECIDED);
	ck_assert_msg(strstr(smt_reason(s), "could not be kept in") != NULL, "%s", smt_reason(s));
	ck_assert_uint_eq(smt_counts(s).undecided, 1);
	ck_assert_uint_eq(entries(o.directory, path, sizeof path), 0);
	ck_assert_uint_eq(entries(o.cache, path, sizeof path), 0);
	ck_assert_int_eq(ask(s, question()), SMT_UNSAT);
	ck_assert_uint_eq(smt_counts(s).queries, 2);
	ck_assert_uint_eq(entries(o.directory, path, sizeof path), 1);
	smt_free(s);
}
END_TEST

static Suite *suite(void)
{
	Suite *s = suite_create("solver");
	TCase *c = tcase_create("misbehaves");

	tcase_add_checked_fixture(c, set_up, tear_down);
	tcase_add_loop_test(c, a_solver_that_misbehaves_is_undecided_and_the_next_query_works, 0,
			    BAD);
	tcase_add_test(c, a_solver_that_goes_after_an_answer_is_missed_once);
	tcase_add_loop_test(c, a_solver_that_hangs_is_left_at_the_limit_and_the_next_query_works, 0,
			    sizeof hangs / sizeof *hangs);
	tcase_add_test(c, a_long_query_arrives_whole);
	tcase_add_test(c, a_missing_solver_is_a_reason_with_its_package);
	tcase_add_test(c, a_program_that_is_no_solver_is_refused);
	tcase_add_test(c, nothing_of_a_solver_stays_behind);
	suite_add_tcase(s, c);
	c = tcase_create("kept");
	tcase_add_checked_fixture(c, set_up, tear_down);
	tcase_add_test(c, a_kept_answer_needs_no_solver);
	tcase_add_test(c, a_kept_unsat_needs_no_solver);
	tcase_add_test(c, an_answer_is_kept_for_its_solver_only);
	tcase_add_test(c, what_is_undecided_is_not_kept);
	tcase_add_loop_test(c, a_kept_answer_that_is_spoilt_is_none, 0,
			    sizeof spoilt / sizeof *spoilt);
	tcase_add_test(c, no_byte_of_a_kept_unsat_can_be_damaged);
	tcase_add_test(c, the_answer_to_another_question_is_not_believed);
	tcase_add_test(c, without_a_folder_to_keep_them_in_answers_are_just_not_kept);
	tcase_add_test(c, a_kept_query_begins_with_its_name);
	tcase_add_test(c, kept_queries_of_different_names_do_not_replace_each_other);
	tcase_add_test(c, queries_of_one_name_are_numbered);
	tcase_add_test(c, what_does_not_fit_leaves_nothing_behind);
	suite_add_tcase(s, c);
	return s;
}

#include "tests/harness.h"
