/* Queries to solvers: answers are those of brute force, models those of the terms. */
#include "tests/smt_rig.h"

static const char *const solvers[] = { "z3", "cvc5" };
enum { SOLVERS = 2 };

/* ---- what a solver says that terms are, on values given to it as variables ---- */

struct ledger {
	const struct term *condition[128], *result[64];
	uint64_t expected[64];
	char what[64][200];
	unsigned nconditions, nresults;
};

static const struct term *given(struct ledger *l, unsigned width, uint64_t value)
{
	char name[16];

	snprintf(name, sizeof name, "x%u", l->nconditions);
	const struct term *x = variable(name, width),
			  *v = term_const(ts, width, value & isa_mask(width));
	/* not as an equation, which would be put in place of x before the solver sees it */
	l->condition[l->nconditions++] =
		term_and(ts, term_binary(ts, X_ULE, x, v), term_binary(ts, X_ULE, v, x));
	return x;
}

static void expect(struct ledger *l, const struct term *t, uint64_t value)
{
	char name[16];

	snprintf(name, sizeof name, "r%u", l->nresults);
	const struct term *r = variable(name, t->width);
	l->condition[l->nconditions++] = term_eq(ts, t, r);
	FILE *what = fmemopen(l->what[l->nresults], sizeof *l->what, "w");
	term_print(t, what);
	fclose(what);
	l->expected[l->nresults] = value;
	l->result[l->nresults++] = r;
}

static void settle(const struct ledger *l, const char *solver)
{
	struct smt *s = solver_with((struct smt_options){ .solver = solver });

	ck_assert_msg(smt_ask(s, "ledger", l->nconditions, l->condition) == SMT_SAT, "%s",
		      smt_reason(s));
	for (unsigned i = 0; i < l->nresults; i++)
		ck_assert_msg(smt_value(s, l->result[i]) == l->expected[i], "%s: %llx, not %llx",
			      l->what[i], (unsigned long long)smt_value(s, l->result[i]),
			      (unsigned long long)l->expected[i]);
	smt_free(s);
	terms_free(ts);
	ts = terms_new();
}

static const unsigned widths[] = { 1, 4, 8, 32, 33, 63, 64 };
enum { WIDTHS = sizeof widths / sizeof *widths, CASES = 7 };

static void check_operator(const char *solver, enum expr_op op, unsigned w, unsigned of_b)
{
	const uint64_t left[CASES] = { 0,
				       1,
				       5,
				       ~UINT64_C(0),
				       UINT64_C(1) << (w - 1),
				       UINT64_C(0x123456789abcdef),
				       UINT64_C(0xfedcba987654321) };
	const uint64_t right[CASES] = { 0, 3, 0, ~UINT64_C(0), ~UINT64_C(0), w, 2 };
	struct ledger l = { 0 };

	for (unsigned i = 0; i < CASES; i++) {
		const struct term *a = given(&l, w, left[i]), *b = given(&l, of_b, right[i]);
		expect(&l, op < X_ADD ? term_unary(ts, op, a) : two(op, a, b),
		       expr_apply(op, w, left[i] & isa_mask(w), right[i] & isa_mask(of_b)));
	}
	settle(&l, solver);
}

START_TEST(operators_mean_the_same_to_the_solver)
{
	unsigned w = widths[_i % WIDTHS];

	for (enum expr_op op = X_NOT; op <= X_SLE; op++)
		if (op != X_SLICE && op != X_ZEXT && op != X_SEXT)
			check_operator(solvers[_i / WIDTHS], op, w, w);
}
END_TEST

START_TEST(shifts_by_amounts_of_any_width_mean_the_same_to_the_solver)
{
	for (enum expr_op op = X_SHL; op <= X_ASHR; op++)
		for (unsigned i = 0; i < WIDTHS; i++)
			check_operator(solvers[_i / WIDTHS], op, widths[_i % WIDTHS], widths[i]);
}
END_TEST

START_TEST(slices_extensions_and_choices_mean_the_same_to_the_solver)
{
	struct ledger l = { 0 };
	const struct term *x = given(&l, 8, 0xd7), *y = given(&l, 64, UINT64_C(0x89abcdef01234567));
	const struct term *p = given(&l, 1, 1), *z = term_slice(ts, x, 6, 2);

	expect(&l, z, 0x15);
	expect(&l, term_slice(ts, x, 7, 7), 1);
	expect(&l, term_slice(ts, y, 63, 32), 0x89abcdef);
	expect(&l, term_extend(ts, X_ZEXT, z, 64), 0x15);
	expect(&l, term_extend(ts, X_SEXT, z, 9), 0x1f5);
	expect(&l, term_extend(ts, X_SEXT, p, 33), UINT64_C(0x1ffffffff));
	expect(&l, term_extend(ts, X_ZEXT, p, 2), 1);
	expect(&l, two(X_CONCAT, x, p), 0x1af);
	expect(&l, two(X_CONCAT, p, term_not(ts, p)), 2);
	expect(&l, two(X_CONCAT, term_slice(ts, y, 55, 0), x), UINT64_C(0xabcdef01234567d7));
	expect(&l, term_ite(ts, p, x, term_unary(ts, X_NEG, x)), 0xd7);
	expect(&l, term_ite(ts, term_not(ts, p), p, term_slice(ts, x, 3, 3)), 0);
	settle(&l, solvers[_i]);
}
END_TEST

START_TEST(functions_of_any_width_have_one_value_for_each_argument)
{
	struct smt *s = solver_with((struct smt_options){ .solver = solvers[_i] });
	static const unsigned w[][2] = { { 1, 1 }, { 1, 8 }, { 8, 1 }, { 64, 33 } };

	for (unsigned i = 0; i < 4; i++) {
		char f[8], name[8];
		snprintf(f, sizeof f, "f%u", i);
		snprintf(name, sizeof name, "a%u", i);
		const struct term *a = variable(name, w[i][0]);
		name[0] = 'b';
		const struct term *b = variable(name, w[i][0]);
		const struct term *fa = term_apply(ts, f, w[i][1], a),
				  *fb = term_apply(ts, f, w[i][1], b);
		const struct term *condition[] = { two(X_NE, fa, fb), two(X_NE, a, b) };
		ck_assert_int_eq(smt_ask(s, "different", 2, condition), SMT_SAT);
		ck_assert_uint_ne(smt_value(s, fa), smt_value(s, fb));
		ck_assert_uint_ne(smt_value(s, a), smt_value(s, b));
		condition[1] = term_eq(ts, a, b);
		ck_assert_int_eq(smt_ask(s, "same", 2, condition), SMT_UNSAT);
	}
	smt_free(s);
}
END_TEST

START_TEST(applications_of_applications_are_in_the_model)
{
	struct smt *s = solver_with((struct smt_options){ .solver = solvers[_i] });
	const struct term *x = variable("x", 8), *f = term_apply(ts, "f", 8, two(X_ADD, x, x));
	const struct term *ff = term_apply(ts, "f", 8, f),
			  *again = term_apply(ts, "f", 8, constant(8, 7));
	const struct term *condition[] = { is(f, 7), is(ff, 9), is(x, 200) };

	ck_assert_int_eq(smt_ask(s, "nested", 3, condition), SMT_SAT);
	ck_assert_uint_eq(smt_value(s, ff), 9);
	ck_assert_uint_eq(smt_value(s, again), 9); /* never asked about, but known */
	ck_assert_uint_eq(smt_value(s, term_apply(ts, "f", 8, constant(8, 144))), 7);
	ck_assert_uint_eq(smt_value(s, two(X_ADD, x, constant(8, 1))), 201);
	ck_assert_uint_eq(smt_value(s, variable("unseen", 8)), 0);
	ck_assert_uint_eq(smt_value(s, term_apply(ts, "unseen_f", 8, x)), 0);
	smt_free(s);
}
END_TEST

/* ---- against brute force ---- */

static uint64_t stream;

static unsigned below(unsigned n)
{
	return (unsigned)(rig_random(&stream) % n);
}

static const struct term *random_term(unsigned width, unsigned depth);

static const struct term *random_truth(unsigned depth)
{
	static const enum expr_op logic[] = { X_AND, X_OR, X_XOR, X_EQ, X_NE };
	unsigned w = below(3) ? 4 : 1 + below(6);

	if (!depth)
		return variable("p", 1);
	switch (below(6)) {
	case 0: return term_not(ts, random_truth(depth - 1));
	case 1: return two(logic[below(5)], random_truth(depth - 1), random_truth(depth - 1));
	case 2: return term_apply(ts, "f", 1, random_truth(depth - 1));
	case 3: return term_slice(ts, random_term(4, depth - 1), 2, 2);
	default:
		return two(X_EQ + below(X_SLE - X_EQ + 1), random_term(w, depth - 1),
			   random_term(w, depth - 1));
	}
}

static const struct term *random_leaf(unsigned width)
{
	const struct term *x = variable(below(2) ? "a" : "b", 4);

	if (!below(4))
		return constant(width, rig_random(&stream));
	if (width > 4)
		return term_extend(ts, below(2) ? X_ZEXT : X_SEXT, x, width);
	return term_slice(ts, x, width - 1, 0);
}

static const struct term *random_term(unsigned width, unsigned depth)
{
	if (!depth)
		return random_leaf(width);
	switch (below(8)) {
	case 0: return term_unary(ts, below(2) ? X_NOT : X_NEG, random_term(width, depth - 1));
	case 1:
		return term_ite(ts, random_truth(depth - 1), random_term(width, depth - 1),
				random_term(width, depth - 1));
	case 2:
		return two(X_SHL + below(3), random_term(width, depth - 1),
			   random_term(1 + below(7), depth - 1));
	default:
		return two(X_ADD + below(X_SHL - X_ADD), random_term(width, depth - 1),
			   random_term(width, depth - 1));
	}
}

/* A world is 4 bits each of a and b, one of p, two of f: 1 bit to 1 bit. */
enum { WORLDS = 1 << 11, CONDITIONS = 3, SEEDS = 4 };

static uint64_t in_world(void *context, const char *name, const uint64_t *argument, unsigned width)
{
	unsigned world = *(const unsigned *)context;

	(void)width;
	switch (*name) {
	case 'a': return world & 15;
	case 'b': return world >> 4 & 15;
	case 'p': return world >> 8 & 1;
	default: return world >> (9 + *argument) & 1;
	}
}

static bool holds(unsigned world, const struct term *const *condition)
{
	for (unsigned i = 0; i < CONDITIONS; i++)
		if (!term_value(ts, condition[i], in_world, &world))
			return false;
	return true;
}

static unsigned model_world(struct smt *s)
{
	unsigned world = (unsigned)smt_value(s, variable("a", 4));

	world |= (unsigned)smt_value(s, variable("b", 4)) << 4;
	world |= (unsigned)smt_value(s, variable("p", 1)) << 8;
	for (unsigned i = 0; i < 2; i++)
		world |= (unsigned)smt_value(s, term_apply(ts, "f", 1, constant(1, i))) << (9 + i);
	return world;
}

START_TEST(answers_are_those_of_brute_force)
{
	unsigned found[2] = { 0 };

	stream = (uint64_t)(_i % SEEDS);
	for (unsigned round = 0; round < 25; round++) {
		struct smt *s = solver_with((struct smt_options){ .solver = solvers[_i / SEEDS] });
		const struct term *condition[CONDITIONS];
		bool possible = false;
		for (unsigned i = 0; i < CONDITIONS; i++)
			condition[i] = random_truth(2 + below(3));
		for (unsigned world = 0; world < WORLDS && !possible; world++)
			possible = holds(world, condition);
		enum smt_answer answer = smt_ask(s, "random", CONDITIONS, condition);
		ck_assert_msg(answer == (possible ? SMT_SAT : SMT_UNSAT), "%s, but %s: %s",
			      smt_answer_name(answer), possible ? "possible" : "impossible",
			      smt_reason(s));
		ck_assert(!possible || holds(model_world(s), condition));
		found[possible]++;
		smt_free(s);
		terms_free(ts);
		ts = terms_new();
	}
	ck_assert_uint_gt(found[0], 0);
	ck_assert_uint_gt(found[1], 0);
}
END_TEST

/* ---- names ---- */

START_TEST(any_name_will_do)
{
	static const char *const name[] = { "and", "true", "t1", "v0",	"let",	  "bvadd", "BitVec",
					    "x y", "#b1",  "_",	 "a.1", "$",	  "(",	   "\"",
					    ";",   "0",	   "!",	 "",	"concat", "V'",	   "t2" };
	enum { N = sizeof name / sizeof *name };
	const struct term *condition[2 * N];
	struct smt *s = solver_with((struct smt_options){ .solver = solvers[_i] });

	for (unsigned i = 0; i < N; i++) {
		const struct term *x = variable(name[i], 8), *square = two(X_MUL, x, x);
		condition[2 * i] = is(x, i);
		condition[2 * i + 1] = two(X_ULE, two(X_XOR, square, x), two(X_OR, square, x));
	}
	ck_assert_msg(smt_ask(s, "names", 2 * N, condition) == SMT_SAT, "%s", smt_reason(s));
	for (unsigned i = 0; i < N; i++)
		ck_assert_uint_eq(smt_value(s, variable(name[i], 8)), i);
	smt_free(s);
}
END_TEST

/* ---- kept queries ---- */

static enum smt_answer ask_one(struct smt *s, const char *name, const struct term *condition)
{
	return smt_ask(s, name, 1, &condition);
}

/* The solver on a file, as anybody may run it: the first word that it prints. */
static const char *replay(const char *solver, const char *path)
{
	static char word[32];
	char command[256];

	snprintf(command, sizeof command, "%s %s 2>&1", solver, path);
	FILE *f = popen(command, "r");
	ck_assert_ptr_nonnull(f);
	if (fscanf(f, "%31s", word) != 1)
		strcpy(word, "nothing");
	while (fgetc(f) != EOF)
		;
	pclose(f);
	return word;
}

START_TEST(kept_queries_replay_in_any_solver)
{
	const char *kept = in_folder("a/b");
	struct smt *s = solver_with((struct smt_options){ .directory = kept });
	const struct term *x = variable("x", 8), *fx = term_apply(ts, "f", 8, x);
	const struct term *both[] = { is(x, 3), is(fx, 4) };
	const struct term *never[] = { two(X_ULT, x, fx), two(X_ULT, fx, x) };
	const struct term *simple[] = { is(x, 3), two(X_NE, x, constant(8, 3)) };
	static const char *const name[] = { "both", "never", "simple", "nothing",
					    "A%2fD%20I%28%25.control-x" };
	static const enum smt_answer answer[] = { SMT_SAT, SMT_UNSAT, SMT_UNSAT, SMT_SAT, SMT_SAT };

	ck_assert_int_eq(smt_ask(s, "both", 2, both), SMT_SAT);
	ck_assert_int_eq(smt_ask(s, "never", 2, never), SMT_UNSAT);
	ck_assert_int_eq(smt_ask(s, "simple", 2, simple), SMT_UNSAT);
	ck_assert_int_eq(smt_ask(s, "nothing", 0, NULL), SMT_SAT);
	ck_assert_int_eq(ask_one(s, "A/D I(%.control-x", is(x, 1)), SMT_SAT);
	ck_assert_uint_eq(smt_counts(s).queries, 3);
	ck_assert_uint_eq(smt_counts(s).simplified, 2);
	smt_free(s);
	for (unsigned i = 0; i < 5; i++) {
		char file[64], status[64];
		snprintf(file, sizeof file, "a/b/%s.smt2", name[i]);
		snprintf(status, sizeof status, "(set-info :status %s)",
			 smt_answer_name(answer[i]));
		ck_assert_ptr_nonnull(strstr(text_of(in_folder(file)), status));
		ck_assert_ptr_null(strstr(text_of(in_folder(file)), "(reset)"));
		ck_assert_str_eq(replay(solvers[_i], in_folder(file)), smt_answer_name(answer[i]));
	}
}
END_TEST

/* a and b, in terms that were made after others. */
static void ask_for_text(const char *name, bool before)
{
	struct terms *outer = ts;
	struct smt_options o = { .directory = folder };

	ts = terms_new();
	if (before) {
		for (unsigned i = 0; i < 50; i++)
			two(X_MUL, variable("b", 8), constant(8, i));
		two(X_UDIV, term_apply(ts, "f", 8, variable("b", 8)), variable("q", 8));
		two(X_AND, variable("b", 8), variable("a", 8));
	}
	struct smt *s = solver_with(o);
	const struct term *a = variable("a", 8), *b = variable("b", 8),
			  *f = term_apply(ts, "f", 8, a);
	const struct term *sum = two(X_ADD, two(X_MUL, a, b), two(X_XOR, b, f));
	const struct term *condition[] = { two(X_ULT, a, sum), is(two(X_OR, sum, f), 255),
					   two(X_NE, two(X_AND, a, b), f) };
	ck_assert_int_eq(smt_ask(s, name, 3, condition), SMT_SAT);
	smt_free(s);
	terms_free(ts);
	ts = outer;
}

START_TEST(the_text_depends_on_nothing_but_the_conditions)
{
	char first[65536];

	ask_for_text("q", false);
	strcpy(first, text_of(in_folder("q.smt2")));
	remove(in_folder("q.smt2"));
	ask_for_text("q", true);
	ck_assert_str_eq(text_of(in_folder("q.smt2")), first);
}
END_TEST

START_TEST(a_folder_that_cannot_be_is_a_reason)
{
	char reason[256] = "";
	const char *file = in_folder("file");

	fclose(fopen(file, "w"));
	struct smt_options o = { .directory = in_folder("file/inner") };
	ck_assert_ptr_null(smt_new(ts, &o, reason, sizeof reason));
	ck_assert_ptr_nonnull(strstr(reason, o.directory));
}
END_TEST

START_TEST(a_query_that_cannot_be_kept_is_undecided)
{
	struct smt *s = solver_with((struct smt_options){ .directory = in_folder("kept") });

	ck_assert_int_eq(mkdir(in_folder("kept/q.smt2"), 0777), 0);
	ck_assert_int_eq(ask_one(s, "q", is(variable("x", 8), 1)), SMT_UNDECIDED);
	ck_assert_ptr_nonnull(strstr(smt_reason(s), "kept"));
	ck_assert_uint_eq(smt_counts(s).undecided, 1);
	ck_assert_int_eq(ask_one(s, "r", is(variable("x", 8), 1)), SMT_SAT);
	smt_free(s);
}
END_TEST

/* ---- without asking ---- */

START_TEST(what_is_simple_is_decided_without_the_solver)
{
	struct smt *s = solver_with((struct smt_options){ 0 });
	const struct term *x = variable("x", 8), *p = variable("p", 1);
	const struct term *contrary[] = { p, is(x, 3), term_not(ts, p) };

	ck_assert_int_eq(smt_ask(s, "contrary", 3, contrary), SMT_UNSAT);
	ck_assert_int_eq(ask_one(s, "same", term_eq(ts, x, x)), SMT_SAT);
	ck_assert_int_eq(smt_ask(s, "empty", 0, NULL), SMT_SAT);
	ck_assert_uint_eq(smt_value(s, x), 0);
	ck_assert_uint_eq(smt_counts(s).simplified, 3);
	ck_assert_uint_eq(smt_counts(s).queries, 0);
	ck_assert(smt_counts(s).seconds == 0);
	smt_free(s);
}
END_TEST

START_TEST(the_model_of_one_query_is_not_that_of_the_next)
{
	struct smt *s = solver_with((struct smt_options){ 0 });
	const struct term *x = variable("x", 8), *y = variable("y", 8);

	ck_assert_int_eq(ask_one(s, "x", is(x, 9)), SMT_SAT);
	ck_assert_uint_eq(smt_value(s, x), 9);
	ck_assert_int_eq(ask_one(s, "y", is(y, 8)), SMT_SAT);
	ck_assert_uint_eq(smt_value(s, x), 0);
	ck_assert_uint_eq(smt_value(s, y), 8);
	ck_assert_int_eq(smt_ask(s, "none", 0, NULL), SMT_SAT);
	ck_assert_uint_eq(smt_value(s, y), 0);
	smt_free(s);
}
END_TEST

/* ---- time ---- */

/* What a scrambled sum must have been: no solver finds that in a moment. */
static const struct term *hard_question(void)
{
	const struct term *h = variable("a", 64), *b = variable("b", 64);

	for (unsigned i = 0; i < 6; i++) {
		h = two(X_MUL, two(X_XOR, h, b), constant(64, UINT64_C(0x9e3779b97f4a7c15)));
		h = two(X_XOR, h, two(X_LSHR, h, constant(6, 31)));
		h = two(X_MUL, h, two(X_OR, h, constant(64, 1)));
	}
	return is(h, 12345);
}

START_TEST(the_time_limit_is_for_each_query)
{
	struct smt *s =
		solver_with((struct smt_options){ .solver = solvers[_i], .milliseconds = 1000 });

	for (unsigned i = 1; i <= 2; i++) {
		ck_assert_int_eq(ask_one(s, "hard", hard_question()), SMT_UNDECIDED);
		ck_assert_str_ne(smt_reason(s), "");
		ck_assert_uint_eq(smt_counts(s).undecided, i);
		ck_assert_int_eq(ask_one(s, "easy", is(variable("x", 8), i)), SMT_SAT);
		ck_assert_uint_eq(smt_value(s, variable("x", 8)), i);
	}
	smt_free(s);
}
END_TEST

START_TEST(the_solver_says_who_it_is)
{
	struct smt *s = solver_with((struct smt_options){ .solver = solvers[_i] });
	char name[8];
	int major, minor;

	ck_assert_int_eq(sscanf(smt_solver_name(s), "%4[z3cv5] %d.%d", name, &major, &minor), 3);
	ck_assert_str_eq(name, solvers[_i]);
	smt_free(s);
}
END_TEST

static Suite *suite(void)
{
	Suite *s = suite_create("smt");
	TCase *c = tcase_create("solvers");
	bool z3 = have("z3"), both = z3 && have("cvc5");
	int solvers_here = both ? SOLVERS : 1;

	tcase_add_checked_fixture(c, set_up, tear_down);
	suite_add_tcase(s, c);
	if (!both)
		printf("skipped, for want of a solver: everything with cvc5\n");
	add_if(z3, c, operators_mean_the_same_to_the_solver, solvers_here * WIDTHS);
	add_if(z3, c, shifts_by_amounts_of_any_width_mean_the_same_to_the_solver,
	       solvers_here * WIDTHS);
	add_if(z3, c, slices_extensions_and_choices_mean_the_same_to_the_solver, solvers_here);
	add_if(z3, c, functions_of_any_width_have_one_value_for_each_argument, solvers_here);
	add_if(z3, c, applications_of_applications_are_in_the_model, solvers_here);
	add_if(z3, c, answers_are_those_of_brute_force, SEEDS * solvers_here);
	add_if(z3, c, any_name_will_do, solvers_here);
	add_if(z3, c, kept_queries_replay_in_any_solver, solvers_here);
	add_if(z3, c, the_text_depends_on_nothing_but_the_conditions, 1);
	add_if(z3, c, a_query_that_cannot_be_kept_is_undecided, 1);
	add_if(z3, c, what_is_simple_is_decided_without_the_solver, 1);
	add_if(z3, c, the_model_of_one_query_is_not_that_of_the_next, 1);
	add_if(z3, c, the_time_limit_is_for_each_query, solvers_here);
	add_if(z3, c, the_solver_says_who_it_is, solvers_here);
	tcase_add_test(c, a_folder_that_cannot_be_is_a_reason);
	return s;
}

#include "tests/harness.h"
