/* Terms: made once, and simplified to something that always has the same value. */
#include "proofs/smt_private.h"
#include "tests/term_rig.h"

/* ---- random terms against the same made without simplification ---- */

enum { WORLDS = 8, POOL = 250 };

static uint64_t stream;

static uint64_t chance(void)
{
	return rig_random(&stream);
}

static unsigned below(unsigned n)
{
	return (unsigned)(chance() % n);
}

/* What variables and functions are in a world: small and boundary values often. */
static uint64_t world(void *context, const char *name, const uint64_t *argument, unsigned width)
{
	uint64_t h = *(const unsigned *)context * UINT64_C(0x9e3779b97f4a7c15);

	while (*name)
		h = (h ^ (unsigned char)*name++) * UINT64_C(0xbf58476d1ce4e5b9) ^ h >> 31;
	if (argument)
		h = (h ^ *argument) * UINT64_C(0x94d049bb133111eb) ^ h >> 27;
	h ^= h >> 33;
	const uint64_t boundary[] = {
		h, h, h >> 7 & 3, ~UINT64_C(0), UINT64_C(1) << (width - 1), 0
	};
	return boundary[h % 6] & isa_mask(width);
}

/* A term, and what it should be. */
struct pair {
	const struct term *term;
	uint64_t value[WORLDS];
};

static struct pair pool[POOL];
static unsigned npool;

static uint64_t interesting(unsigned width)
{
	const uint64_t value[] = {
		0, 1, 2, ~UINT64_C(0), UINT64_C(1) << (width - 1), width, chance() & 15, chance()
	};
	return value[below(8)] & isa_mask(width);
}

static struct pair constant(unsigned width)
{
	uint64_t value = interesting(width);
	struct pair made = { .term = term_const(ts, width, value) };

	for (unsigned i = 0; i < WORLDS; i++)
		made.value[i] = value;
	return made;
}

static struct pair variable(unsigned width)
{
	char name[16];

	snprintf(name, sizeof name, "%c%u", "abc"[below(3)], width);
	struct pair made = { .term = term_variable(ts, name, width) };
	for (unsigned i = 0; i < WORLDS; i++)
		made.value[i] = world(&i, name, NULL, width);
	return made;
}

/* One of the pool of this width, recent ones rather; or a new leaf. */
static struct pair some(unsigned width)
{
	for (unsigned tries = 0; npool && tries < 20; tries++) {
		unsigned back = below(2) ? below(npool) : below(npool < 12 ? npool : 12);
		if (pool[npool - 1 - back].term->width == width)
			return pool[npool - 1 - back];
	}
	return below(3) ? variable(width) : constant(width);
}

static struct pair apply(struct pair a, unsigned width)
{
	char name[16];

	snprintf(name, sizeof name, "f%u_%u", a.term->width, width);
	struct pair made = { .term = term_apply(ts, name, width, a.term) };
	for (unsigned i = 0; i < WORLDS; i++)
		made.value[i] = world(&i, name, &a.value[i], width);
	return made;
}

static struct pair unary(enum expr_op op, struct pair a)
{
	struct pair made = { .term = term_unary(ts, op, a.term) };

	for (unsigned i = 0; i < WORLDS; i++)
		made.value[i] = expr_apply(op, a.term->width, a.value[i], 0);
	return made;
}

static struct pair binary(enum expr_op op, struct pair a, struct pair b)
{
	struct pair made = { .term = term_binary(ts, op, a.term, b.term) };

	for (unsigned i = 0; i < WORLDS; i++)
		made.value[i] = op == X_CONCAT
					? a.value[i] << b.term->width | b.value[i]
					: expr_apply(op, a.term->width, a.value[i], b.value[i]);
	return made;
}

static struct pair slice(struct pair a, unsigned hi, unsigned lo)
{
	struct pair made = { .term = term_slice(ts, a.term, hi, lo) };

	for (unsigned i = 0; i < WORLDS; i++)
		made.value[i] = a.value[i] >> lo & isa_mask(hi - lo + 1);
	return made;
}

static struct pair extend(enum expr_op op, struct pair a, unsigned width)
{
	struct pair made = { .term = term_extend(ts, op, a.term, width) };
	uint64_t front = isa_mask(width) & ~isa_mask(a.term->width);

	for (unsigned i = 0; i < WORLDS; i++) {
		bool negative = op == X_SEXT && a.value[i] >> (a.term->width - 1) & 1;
		made.value[i] = a.value[i] | (negative ? front : 0);
	}
	return made;
}

static struct pair choose(struct pair c, struct pair a, struct pair b)
{
	struct pair made = { .term = term_ite(ts, c.term, a.term, b.term) };

	for (unsigned i = 0; i < WORLDS; i++)
		made.value[i] = c.value[i] ? a.value[i] : b.value[i];
	return made;
}

/* An operator on pairs of one width; a shift's amount of any. */
static struct pair random_binary(unsigned width)
{
	enum expr_op op = X_ADD + below(X_SLE - X_ADD + 1);
	bool shift = op >= X_SHL && op <= X_ASHR;
	struct pair a = some(width);
	unsigned of_b = shift && below(2) ? 1 + below(64) : width;

	return binary(op, a, below(12) || shift ? below(4) ? some(of_b) : constant(of_b) : a);
}

static struct pair random_pair(unsigned width)
{
	struct pair a = some(width);
	unsigned lo = below(width);

	switch (below(12)) {
	case 0: return unary(below(2) ? X_NOT : X_NEG, a);
	case 1: return slice(a, lo + below(width - lo), lo);
	case 2: return extend(below(2) ? X_ZEXT : X_SEXT, a, width + below(65 - width));
	case 3: return width < 64 ? binary(X_CONCAT, a, some(1 + below(64 - width))) : a;
	case 4:
	case 5: return choose(some(1), a, below(4) ? some(width) : constant(width));
	case 6: return apply(a, below(2) ? 1 : width);
	case 7: return binary(below(2) ? X_AND : X_OR, some(1), some(1));
	default: return random_binary(width);
	}
}

static const unsigned widths[] = { 1, 4, 8, 32, 33, 63, 64 };
enum { WIDTHS = sizeof widths / sizeof *widths };

static void check_pair(const struct pair *made)
{
	for (unsigned i = 0; i < WORLDS; i++) {
		uint64_t value = term_value(ts, made->term, world, &i);
		if (value == made->value[i])
			continue;
		term_print(made->term, stderr);
		ck_abort_msg("is %#llx, not %#llx", (unsigned long long)value,
			     (unsigned long long)made->value[i]);
	}
}

START_TEST(random_terms_have_the_value_of_what_they_were_made_from)
{
	unsigned width = widths[_i % WIDTHS];

	stream = (uint64_t)_i;
	for (unsigned round = 0; round < 20; round++) {
		struct terms *outer = ts;
		ts = terms_new();
		for (npool = 0; npool < POOL; npool++) {
			/* half of them of this width, the others of those that came about */
			unsigned w = npool && below(2) ? pool[below(npool)].term->width : width;
			pool[npool] = random_pair(w);
			check_pair(&pool[npool]);
		}
		terms_free(ts);
		ts = outer;
	}
}
END_TEST

/* ---- conditions propagated ---- */

/* That a random term is what it is in world 0. */
static const struct term *random_condition(void)
{
	const struct pair *made = &pool[below(npool)];
	unsigned zero = 0;
	const struct term *now =
		term_const(ts, made->term->width, term_value(ts, made->term, world, &zero));

	return below(4) ? term_eq(ts, made->term, now)
			: term_or(ts, term_eq(ts, made->term, now), some(1).term);
}

static bool all_hold(unsigned n, const struct term *const *condition, unsigned in)
{
	bool all = true;

	for (unsigned i = 0; i < n; i++)
		all = term_value(ts, condition[i], world, &in) && all;
	return all;
}

START_TEST(propagated_conditions_hold_for_the_same_states)
{
	enum { CONDITIONS = 12 };
	const struct term *condition[CONDITIONS];

	stream = (uint64_t)_i + 1000;
	for (npool = 0; npool < POOL; npool++)
		pool[npool] = random_pair(npool && below(2) ? pool[below(npool)].term->width
							    : widths[_i % WIDTHS]);
	for (unsigned round = 0; round < 40; round++) {
		for (unsigned i = 0; i < CONDITIONS; i++)
			condition[i] = random_condition();
		struct propagated out = propagate(ts, CONDITIONS, condition);
		ck_assert(all_hold(out.n, out.term, 0));
		for (unsigned i = 1; i < WORLDS; i++)
			ck_assert_int_eq(all_hold(out.n, out.term, i),
					 all_hold(CONDITIONS, condition, i));
		propagated_free(&out);
	}
}
END_TEST

START_TEST(what_one_condition_says_the_others_know)
{
	const struct term *guard = term_and(ts, q, two(X_ULT, x, y));
	const struct term *condition[] = { term_or(ts, term_not(ts, p), guard), p,
					   term_eq(ts, x, k(200)), term_eq(ts, y, k(100)) };
	struct propagated out = propagate(ts, 4, condition);
	bool contradiction = false;

	for (unsigned i = 0; i < out.n; i++)
		contradiction |= term_is_false(out.term[i]);
	ck_assert(contradiction);
	propagated_free(&out);
}
END_TEST

/* ---- every pair of small terms ---- */

static const struct term *of_depth_one(unsigned i)
{
	const struct term *a = term_variable(ts, "a", 3), *b = term_variable(ts, "b", 3);
	const struct term *leaf[] = { a,
				      b,
				      term_const(ts, 3, 0),
				      term_const(ts, 3, 1),
				      term_const(ts, 3, 5),
				      term_const(ts, 3, 7) };
	const struct term *l = leaf[i % 6], *m = leaf[i / 6 % 6];
	unsigned op = i / 36;

	if (op <= X_ASHR - X_ADD)
		return term_binary(ts, X_ADD + op, l, m);
	switch (op - (X_ASHR - X_ADD)) {
	case 1: return not(l);
	case 2: return term_unary(ts, X_NEG, l);
	case 3: return ite(two(X_EQ, a, m), l, b);
	case 4: return ite(two(X_ULT, b, m), l, a);
	case 5: return zeros(bits(l, 1, 0), 3);
	case 6: return signs(bits(l, 1, 0), 3);
	case 7: return two(X_CONCAT, bits(l, 1, 0), bits(m, 2, 2));
	default: return l;
	}
}
enum { DEPTH_ONE = 36 * (X_ASHR - X_ADD + 9) };

static uint64_t bits_of_context(void *context, const char *name, const uint64_t *argument,
				unsigned width)
{
	unsigned values = *(const unsigned *)context;

	(void)argument;
	return values >> (*name == 'a' ? 0 : 3) & isa_mask(width);
}

/* The distinct terms of depth one, with their values in all worlds. */
static unsigned small_terms(const struct term **term, uint64_t (*value)[64])
{
	unsigned n = 0;

	for (unsigned i = 0; i < DEPTH_ONE; i++) {
		unsigned j = 0;
		term[n] = of_depth_one(i);
		while (term[j] != term[n])
			j++;
		n += j == n;
	}
	for (unsigned i = 0; i < n; i++)
		for (unsigned w = 0; w < 64; w++)
			value[i][w] = term_value(ts, term[i], bits_of_context, &w);
	return n;
}

START_TEST(every_pair_of_small_terms_keeps_its_value)
{
	static const struct term *term[DEPTH_ONE + 1];
	static uint64_t value[DEPTH_ONE + 1][64];
	unsigned n = small_terms(term, value);

	ck_assert_uint_gt(n, 100);
	for (unsigned i = (unsigned)_i; i < n; i += 8, terms_free(ts), ts = terms_new()) {
		small_terms(term, value);
		for (unsigned j = 0; j < n; j++) {
			enum expr_op op = X_ADD + (i * 7 + j) % (X_SLE - X_ADD + 1);
			const struct term *made = two(op, term[i], term[j]);
			for (unsigned w = (i + j) % 5; w < 64; w += 5)
				ck_assert_uint_eq(term_value(ts, made, bits_of_context, &w),
						  expr_apply(op, 3, value[i][w], value[j][w]));
		}
	}
}
END_TEST

/* ---- hash-consing ---- */

START_TEST(equal_terms_are_the_same)
{
	ck_assert_ptr_eq(two(X_MUL, x, y), two(X_MUL, x, y));
	ck_assert_ptr_eq(term_variable(ts, "x", 8), x);
	ck_assert_ptr_eq(term_const(ts, 8, 0x105), k(5));
	ck_assert_ptr_eq(term_apply(ts, "f", 4, x), term_apply(ts, "f", 4, x));
	ck_assert_ptr_ne(term_apply(ts, "f", 4, x), term_apply(ts, "f", 4, y));
	ck_assert_ptr_ne(term_apply(ts, "f", 4, x), term_apply(ts, "g", 4, x));
	ck_assert_ptr_ne(k(5), term_const(ts, 9, 5));
	ck_assert_ptr_ne(bits(x, 3, 0), bits(x, 4, 1));
	ck_assert_ptr_ne(zeros(x, 9), zeros(x, 10));
}
END_TEST

START_TEST(many_terms_are_still_found)
{
	static const struct term *made[20000];

	for (unsigned i = 0; i < 20000; i++)
		made[i] = two(X_XOR, zeros(x, 32), term_const(ts, 32, i + 1));
	unsigned count = terms_count(ts);
	for (unsigned i = 0; i < 20000; i++)
		ck_assert_ptr_eq(made[i], two(X_XOR, zeros(x, 32), term_const(ts, 32, i + 1)));
	ck_assert_uint_eq(terms_count(ts), count);
}
END_TEST

START_TEST(operands_are_older_than_what_uses_them)
{
	const struct term *sum = two(X_ADD, two(X_MUL, x, y), two(X_MUL, y, z));

	ck_assert_uint_gt(sum->id, sum->arg[0]->id);
	ck_assert_uint_gt(sum->id, sum->arg[1]->id);
	ck_assert_uint_gt(terms_count(ts), sum->id);
}
END_TEST

START_TEST(operators_that_commute_are_one_in_either_order)
{
	static const enum expr_op op[] = { X_ADD, X_MUL, X_AND, X_OR, X_XOR, X_EQ, X_NE };

	for (unsigned i = 0; i < sizeof op / sizeof *op; i++) {
		ck_assert_ptr_eq(two(op[i], x, y), two(op[i], y, x));
		ck_assert_ptr_eq(two(op[i], x, k(9)), two(op[i], k(9), x));
	}
	ck_assert_ptr_ne(two(X_SUB, x, y), two(X_SUB, y, x));
	ck_assert_ptr_ne(two(X_ULT, x, y), two(X_ULT, y, x));
}
END_TEST

START_TEST(the_order_of_operands_does_not_depend_on_which_was_made_first)
{
	struct terms *other = terms_new();
	const struct term *b = term_variable(other, "y", 8), *a = term_variable(other, "x", 8);
	const struct term *here = two(X_ADD, x, y), *there = term_binary(other, X_ADD, a, b);

	ck_assert_str_eq(here->arg[0]->name, there->arg[0]->name);
	ck_assert_str_eq(here->arg[1]->name, there->arg[1]->name);
	ck_assert_uint_eq(here->hash, there->hash);
	terms_free(other);
}
END_TEST

START_TEST(names_are_kept)
{
	char name[] = "once";
	const struct term *v = term_variable(ts, name, 3);

	name[0] = 'O';
	ck_assert_str_eq(v->name, "once");
	ck_assert_ptr_eq(v->name, terms_name(ts, "once"));
	ck_assert_ptr_eq(term_variable(ts, "once", 3), v);
}
END_TEST

/* ---- values ---- */

static uint64_t count_lookups(void *context, const char *name, const uint64_t *argument,
			      unsigned width)
{
	unsigned *lookups = context;

	(void)name, (void)argument, (void)width;
	++*lookups;
	return ~UINT64_C(0);
}

START_TEST(shared_terms_are_evaluated_once_and_cut_to_their_width)
{
	const struct term *f = term_apply(ts, "f", 8, x), *all = two(X_MUL, f, two(X_MUL, f, f));
	unsigned lookups = 0;

	for (int i = 0; i < 60; i++)
		all = two(X_MUL, all, two(X_XOR, all, y));
	term_value(ts, all, count_lookups, &lookups);
	ck_assert_uint_eq(lookups, 3);
	ck_assert_uint_eq(term_value(ts, f, count_lookups, &lookups), 0xff);
}
END_TEST

START_TEST(making_terms_that_share_takes_no_time_that_doubles)
{
	const struct term *a = x, *b = term_eq(ts, y, k(3));

	for (unsigned i = 0; i < 200; i++) {
		const struct term *c = term_apply(ts, "guard", 1, k(i)), *d = two(X_ULT, a, y);
		a = ite(c, ite(d, two(X_ADD, a, k(i)), a), ite(two(X_ULT, z, a), k(7), a));
		b = ite(c, not(ite(d, b, not(b))), two(X_XOR, b, d));
		ck_assert_ptr_nonnull(bits(two(X_ADD, a, two(X_XOR, a, y)), 3, 0));
		ck_assert_ptr_nonnull(term_eq(ts, a, k(7)));
		ck_assert_ptr_nonnull(term_eq(ts, a, x));
		ck_assert_ptr_nonnull(term_and(ts, not(b), term_or(ts, b, c)));
	}
}
END_TEST

static void check_printed(const struct term *t, const char *expected)
{
	char *text;
	size_t size;
	FILE *to = open_memstream(&text, &size);

	term_print(t, to);
	fclose(to);
	ck_assert_str_eq(text, expected);
	free(text);
}

START_TEST(terms_are_printed_with_the_operator_in_front)
{
	check_printed(two(X_SUB, x, y), "(sub x y)");
	check_printed(ite(p, bits(x, 6, 2), term_const(ts, 5, 17)), "(ite p (slice x 6 2) 0x11)");
	check_printed(term_apply(ts, "V", 4, two(X_UDIV, x, k(10))), "(V (udiv x 0xa))");
}
END_TEST

static Suite *suite(void)
{
	Suite *s = suite_create("term");
	TCase *c = tcase_create("values");

	tcase_add_checked_fixture(c, set_up, tear_down);
	tcase_add_loop_test(c, random_terms_have_the_value_of_what_they_were_made_from, 0,
			    3 * WIDTHS);
	tcase_add_loop_test(c, every_pair_of_small_terms_keeps_its_value, 0, 8);
	tcase_add_test(c, shared_terms_are_evaluated_once_and_cut_to_their_width);
	tcase_add_test(c, making_terms_that_share_takes_no_time_that_doubles);
	tcase_add_test(c, terms_are_printed_with_the_operator_in_front);
	suite_add_tcase(s, c);
	c = tcase_create("hash-consing");
	tcase_add_checked_fixture(c, set_up, tear_down);
	tcase_add_test(c, equal_terms_are_the_same);
	tcase_add_test(c, many_terms_are_still_found);
	tcase_add_loop_test(c, propagated_conditions_hold_for_the_same_states, 0, 8 * WIDTHS);
	tcase_add_test(c, what_one_condition_says_the_others_know);
	tcase_add_test(c, operands_are_older_than_what_uses_them);
	tcase_add_test(c, operators_that_commute_are_one_in_either_order);
	tcase_add_test(c, the_order_of_operands_does_not_depend_on_which_was_made_first);
	tcase_add_test(c, names_are_kept);
	suite_add_tcase(s, c);
	return s;
}

#include "tests/harness.h"
