/* How terms are simplified, rule by rule. */
#include "tests/term_rig.h"

START_TEST(constants_are_computed)
{
	ck_assert_ptr_eq(two(X_ADD, k(200), k(100)), k(44));
	ck_assert_ptr_eq(two(X_UDIV, k(200), k(0)), k(255));
	ck_assert_ptr_eq(two(X_SHL, k(1), term_const(ts, 64, UINT64_C(1) << 40)), k(0));
	ck_assert_ptr_eq(two(X_ASHR, k(0x80), term_const(ts, 2, 3)), k(0xf0));
	ck_assert_ptr_eq(two(X_SLT, k(255), k(0)), term_true(ts));
	ck_assert_ptr_eq(two(X_NE, k(255), k(255)), term_false(ts));
	ck_assert_ptr_eq(two(X_CONCAT, k(0x12), k(0x34)), term_const(ts, 16, 0x1234));
	ck_assert_ptr_eq(term_unary(ts, X_NEG, k(1)), k(255));
	ck_assert_ptr_eq(bits(k(0xa5), 7, 4), term_const(ts, 4, 10));
	ck_assert_ptr_eq(signs(k(0x80), 64), term_const(ts, 64, ~UINT64_C(0x7f)));
	ck_assert_ptr_eq(zeros(k(0x80), 64), term_const(ts, 64, 0x80));
	ck_assert_ptr_eq(ite(term_true(ts), x, y), x);
	ck_assert_ptr_eq(ite(term_false(ts), x, y), y);
}
END_TEST

START_TEST(sums_gather_their_constants)
{
	ck_assert_ptr_eq(two(X_ADD, two(X_ADD, x, k(3)), k(4)), two(X_ADD, x, k(7)));
	ck_assert_ptr_eq(two(X_ADD, two(X_ADD, x, k(3)), k(253)), x);
	ck_assert_ptr_eq(two(X_SUB, two(X_ADD, x, k(3)), k(3)), x);
	ck_assert_ptr_eq(two(X_SUB, x, k(1)), two(X_ADD, x, k(255)));
	ck_assert_ptr_eq(two(X_ADD, two(X_ADD, x, k(1)), two(X_ADD, y, k(2))),
			 two(X_ADD, two(X_ADD, x, y), k(3)));
	ck_assert_ptr_eq(two(X_ADD, k(0), x), x);
}
END_TEST

START_TEST(what_is_added_and_taken_away_is_gone)
{
	ck_assert_ptr_eq(two(X_SUB, two(X_ADD, x, y), y), x);
	ck_assert_ptr_eq(two(X_SUB, two(X_ADD, x, y), x), y);
	ck_assert_ptr_eq(two(X_ADD, two(X_SUB, x, y), y), x);
	ck_assert_ptr_eq(two(X_ADD, y, two(X_SUB, x, y)), x);
	ck_assert_ptr_eq(two(X_SUB, x, x), k(0));
	ck_assert_ptr_eq(two(X_SUB, two(X_ADD, two(X_ADD, x, k(5)), y), y), two(X_ADD, x, k(5)));
	ck_assert_ptr_eq(two(X_SUB, two(X_ADD, x, y), two(X_ADD, y, k(1))), two(X_ADD, x, k(255)));
	ck_assert_ptr_eq(two(X_SUB, two(X_ADD, x, k(9)), two(X_ADD, x, k(4))), k(5));
	ck_assert_ptr_eq(two(X_SUB, two(X_ADD, x, k(9)), y), two(X_ADD, two(X_SUB, x, y), k(9)));
	ck_assert_ptr_eq(two(X_ADD, two(X_SUB, k(5), y), two(X_ADD, y, k(3))), k(8));
}
END_TEST

START_TEST(products_with_0_and_1_are_no_products)
{
	ck_assert_ptr_eq(two(X_MUL, x, k(0)), k(0));
	ck_assert_ptr_eq(two(X_MUL, k(0), x), k(0));
	ck_assert_ptr_eq(two(X_MUL, x, k(1)), x);
	ck_assert_ptr_eq(two(X_MUL, k(1), x), x);
}
END_TEST

START_TEST(cases_that_say_the_same_are_one)
{
	const struct term *p = term_variable(ts, "p", 1), *q = term_variable(ts, "q", 1);
	const struct term *no = term_not(ts, q);

	ck_assert_ptr_eq(term_or(ts, term_and(ts, p, q), term_and(ts, p, no)), p);
	ck_assert_ptr_eq(term_or(ts, term_and(ts, q, p), term_and(ts, no, p)), p);
	ck_assert_ptr_eq(term_and(ts, term_or(ts, p, q), term_or(ts, no, p)), p);
	ck_assert_ptr_eq(ite(term_eq(ts, x, k(3)), x, k(3)), k(3));
	ck_assert_ptr_eq(ite(term_and(ts, p, term_eq(ts, x, y)), x, y), y);
	ck_assert_ptr_ne(ite(term_or(ts, p, term_eq(ts, x, y)), x, y), y);
}
END_TEST

START_TEST(and_knows_its_operands)
{
	ck_assert_ptr_eq(two(X_AND, x, k(0)), k(0));
	ck_assert_ptr_eq(two(X_AND, k(255), x), x);
	ck_assert_ptr_eq(two(X_AND, x, x), x);
	ck_assert_ptr_eq(two(X_AND, x, not(x)), k(0));
	ck_assert_ptr_eq(two(X_AND, two(X_AND, x, y), x), two(X_AND, x, y));
	ck_assert_ptr_eq(two(X_AND, y, two(X_AND, x, y)), two(X_AND, x, y));
	ck_assert_ptr_eq(two(X_AND, two(X_AND, x, y), not(x)), k(0));
	ck_assert_ptr_eq(two(X_AND, two(X_OR, x, y), x), x);
	ck_assert_ptr_eq(two(X_AND, y, two(X_OR, x, y)), y);
}
END_TEST

START_TEST(or_knows_its_operands)
{
	ck_assert_ptr_eq(two(X_OR, x, k(0)), x);
	ck_assert_ptr_eq(two(X_OR, k(255), x), k(255));
	ck_assert_ptr_eq(two(X_OR, x, x), x);
	ck_assert_ptr_eq(two(X_OR, x, not(x)), k(255));
	ck_assert_ptr_eq(two(X_OR, two(X_OR, x, y), x), two(X_OR, x, y));
	ck_assert_ptr_eq(two(X_OR, not(y), two(X_OR, x, y)), k(255));
	ck_assert_ptr_eq(two(X_OR, two(X_AND, x, y), x), x);
	ck_assert_ptr_eq(two(X_OR, y, two(X_AND, x, y)), y);
}
END_TEST

START_TEST(nothing_equals_two_constants)
{
	const struct term *is_1 = term_eq(ts, x, k(1)), *is_2 = term_eq(ts, x, k(2));

	ck_assert(term_is_false(term_and(ts, is_1, is_2)));
	ck_assert(term_is_false(term_and(ts, term_and(ts, p, is_1), is_2)));
	ck_assert(term_is_true(term_or(ts, not(is_1), not(is_2))));
	ck_assert(!term_is_false(term_and(ts, is_1, term_eq(ts, y, k(2)))));
	const struct term *v[] = { x, y, z, k(1) };
	for (unsigned i = 0; i < 64; i++) { /* whichever comes first in an equality */
		const struct term *a = term_eq(ts, v[i % 4], v[i / 4 % 4]);
		ck_assert(!term_is_false(term_and(ts, a, term_eq(ts, v[i % 4], v[i / 16]))));
	}
	ck_assert(!term_is_true(term_or(ts, is_1, is_2)));
}
END_TEST

START_TEST(xor_knows_its_operands)
{
	ck_assert_ptr_eq(two(X_XOR, x, x), k(0));
	ck_assert_ptr_eq(two(X_XOR, x, k(0)), x);
	ck_assert_ptr_eq(two(X_XOR, x, k(255)), not(x));
	ck_assert_ptr_eq(two(X_XOR, x, not(x)), k(255));
	ck_assert_ptr_eq(two(X_XOR, p, term_true(ts)), not(p));
}
END_TEST

START_TEST(complements_of_complements_are_gone)
{
	ck_assert_ptr_eq(not(not(x)), x);
	ck_assert_ptr_eq(term_unary(ts, X_NEG, term_unary(ts, X_NEG, x)), x);
	ck_assert_ptr_ne(term_unary(ts, X_NEG, not(x)), x);
}
END_TEST

START_TEST(shifts_by_constants_are_slices)
{
	ck_assert_ptr_eq(two(X_SHL, x, k(0)), x);
	ck_assert_ptr_eq(two(X_ASHR, k(0), y), k(0));
	ck_assert_ptr_eq(two(X_SHL, x, k(3)), two(X_CONCAT, bits(x, 4, 0), term_const(ts, 3, 0)));
	ck_assert_ptr_eq(two(X_LSHR, x, k(3)), zeros(bits(x, 7, 3), 8));
	ck_assert_ptr_eq(two(X_ASHR, x, k(3)), signs(bits(x, 7, 3), 8));
	ck_assert_ptr_eq(two(X_SHL, x, k(8)), k(0));
	ck_assert_ptr_eq(two(X_LSHR, x, term_const(ts, 40, UINT64_C(1) << 39)), k(0));
	ck_assert_ptr_eq(two(X_ASHR, x, k(200)), signs(bits(x, 7, 7), 8));
	ck_assert_ptr_eq(two(X_LSHR, two(X_SHL, x, k(4)), k(4)), zeros(bits(x, 3, 0), 8));
}
END_TEST

START_TEST(equality_of_sums_is_that_of_their_bases)
{
	ck_assert(term_is_true(term_eq(ts, x, x)));
	ck_assert(term_is_false(term_eq(ts, x, two(X_ADD, x, k(1)))));
	ck_assert(term_is_false(term_eq(ts, two(X_ADD, x, k(2)), two(X_ADD, x, k(1)))));
	ck_assert_ptr_eq(term_eq(ts, two(X_ADD, x, k(1)), k(0)), term_eq(ts, x, k(255)));
}
END_TEST

START_TEST(equality_with_a_truth_is_itself)
{
	ck_assert_ptr_eq(term_eq(ts, p, term_true(ts)), p);
	ck_assert_ptr_eq(term_eq(ts, term_false(ts), p), not(p));
	ck_assert(term_is_false(term_eq(ts, p, not(p))));
	ck_assert(term_is_false(term_eq(ts, not(x), x)));
	ck_assert_ptr_eq(two(X_NE, x, y), not(term_eq(ts, x, y)));
}
END_TEST

START_TEST(a_choice_equals_one_of_its_results_when_it_is_chosen)
{
	ck_assert_ptr_eq(term_eq(ts, ite(p, k(1), k(2)), k(1)), p);
	ck_assert_ptr_eq(term_eq(ts, ite(p, k(1), k(2)), k(2)), not(p));
	ck_assert(term_is_false(term_eq(ts, ite(p, k(1), k(2)), k(3))));
	ck_assert_ptr_eq(term_eq(ts, ite(p, k(1), x), k(2)),
			 term_and(ts, not(p), term_eq(ts, x, k(2))));
	/* unchanged? unless the guard held, and then if the new is the old */
	ck_assert_ptr_eq(term_eq(ts, ite(p, y, x), x), term_or(ts, not(p), term_eq(ts, x, y)));
	ck_assert_ptr_eq(term_eq(ts, x, ite(p, y, ite(q, z, x))),
			 ite(p, term_eq(ts, x, y), term_or(ts, not(q), term_eq(ts, x, z))));
	ck_assert_ptr_eq(term_eq(ts, ite(p, x, y), ite(p, x, z)),
			 term_or(ts, p, term_eq(ts, y, z)));
}
END_TEST

START_TEST(parts_are_compared_apart)
{
	const struct term *both = two(X_CONCAT, x, y);

	ck_assert_ptr_eq(term_eq(ts, both, term_const(ts, 16, 0x1234)),
			 term_and(ts, term_eq(ts, x, k(0x12)), term_eq(ts, y, k(0x34))));
	ck_assert_ptr_eq(term_eq(ts, zeros(x, 9), term_const(ts, 9, 5)), term_eq(ts, x, k(5)));
	ck_assert(term_is_false(term_eq(ts, zeros(x, 9), term_const(ts, 9, 0x105))));
	ck_assert_ptr_eq(term_eq(ts, signs(x, 9), term_const(ts, 9, 0x1ff)),
			 term_eq(ts, x, k(255)));
	ck_assert(term_is_false(term_eq(ts, signs(x, 9), term_const(ts, 9, 0xff))));
	ck_assert_ptr_eq(term_eq(ts, zeros(x, 12), zeros(y, 12)), term_eq(ts, x, y));
	ck_assert_ptr_eq(term_eq(ts, signs(x, 12), signs(y, 12)), term_eq(ts, x, y));
	ck_assert_ptr_ne(term_eq(ts, zeros(x, 12), signs(y, 12)), term_eq(ts, x, y));
}
END_TEST

START_TEST(order_knows_the_ends)
{
	ck_assert(term_is_false(two(X_ULT, x, x)));
	ck_assert(term_is_false(two(X_ULT, x, k(0))));
	ck_assert(term_is_false(two(X_ULT, k(255), x)));
	ck_assert(term_is_true(two(X_ULE, x, x)));
	ck_assert(term_is_true(two(X_ULE, k(0), x)));
	ck_assert(term_is_true(two(X_ULE, x, k(255))));
	ck_assert(term_is_false(two(X_SLT, x, x)));
	ck_assert(term_is_true(two(X_SLE, x, x)));
	ck_assert(!term_is_false(two(X_SLT, x, k(0))));
}
END_TEST

START_TEST(order_is_that_of_what_was_extended)
{
	ck_assert_ptr_eq(two(X_ULT, zeros(x, 9), zeros(y, 9)), two(X_ULT, x, y));
	ck_assert_ptr_eq(two(X_ULE, zeros(x, 9), zeros(y, 9)), two(X_ULE, x, y));
	ck_assert_ptr_eq(two(X_ULT, zeros(x, 9), term_const(ts, 9, 255)), two(X_ULT, x, k(255)));
	ck_assert(term_is_true(two(X_ULT, zeros(x, 9), term_const(ts, 9, 256))));
	ck_assert(term_is_true(two(X_ULE, zeros(x, 9), term_const(ts, 9, 300))));
	ck_assert(term_is_false(two(X_ULE, term_const(ts, 9, 256), zeros(x, 9))));
	ck_assert_ptr_eq(two(X_ULT, term_const(ts, 9, 3), zeros(x, 9)), two(X_ULT, k(3), x));
	ck_assert_uint_eq(two(X_ULT, zeros(x, 12), zeros(zeros(p, 9), 12))->op, X_ULT);
}
END_TEST

START_TEST(slices_of_slices_are_slices)
{
	ck_assert_ptr_eq(bits(x, 7, 0), x);
	ck_assert_ptr_eq(bits(bits(x, 6, 1), 4, 2), bits(x, 5, 3));
}
END_TEST

START_TEST(slices_find_their_part)
{
	const struct term *both = two(X_CONCAT, x, y);

	ck_assert_ptr_eq(bits(both, 15, 8), x);
	ck_assert_ptr_eq(bits(both, 7, 0), y);
	ck_assert_ptr_eq(bits(both, 11, 4), two(X_CONCAT, bits(x, 3, 0), bits(y, 7, 4)));
	ck_assert_ptr_eq(bits(zeros(x, 16), 7, 0), x);
	ck_assert_ptr_eq(bits(zeros(x, 16), 12, 8), term_const(ts, 5, 0));
	ck_assert_ptr_eq(bits(zeros(x, 16), 9, 2), zeros(bits(x, 7, 2), 8));
	ck_assert_ptr_eq(bits(signs(x, 16), 9, 2), signs(bits(x, 7, 2), 8));
	ck_assert_ptr_eq(bits(signs(x, 16), 12, 9), signs(bits(x, 7, 7), 4));
	ck_assert_ptr_eq(bits(ite(p, k(0x12), k(0x34)), 7, 4),
			 ite(p, term_const(ts, 4, 1), term_const(ts, 4, 3)));
}
END_TEST

START_TEST(a_sum_of_extended_terms_is_cut_before_it_is_added)
{
	ck_assert_ptr_eq(bits(two(X_ADD, zeros(x, 9), zeros(y, 9)), 7, 0), two(X_ADD, x, y));
	ck_assert_ptr_eq(
		bits(two(X_ADD, two(X_ADD, zeros(x, 9), zeros(y, 9)), term_const(ts, 9, 1)), 7, 0),
		two(X_ADD, two(X_ADD, x, y), k(1)));
	/* but one of plain terms stays whole, to be put together again */
	const struct term *sum = two(X_ADD, x, y);
	ck_assert_ptr_eq(two(X_CONCAT, bits(sum, 7, 4), bits(sum, 3, 0)), sum);
}
END_TEST

START_TEST(slices_side_by_side_are_one)
{
	const struct term *low = bits(x, 1, 0), *middle = bits(x, 4, 2), *high = bits(x, 7, 5);

	ck_assert_ptr_eq(two(X_CONCAT, high, two(X_CONCAT, middle, low)), x);
	ck_assert_ptr_eq(two(X_CONCAT, two(X_CONCAT, high, middle), low), x);
	ck_assert_ptr_eq(two(X_CONCAT, high, two(X_CONCAT, middle, y)),
			 two(X_CONCAT, bits(x, 7, 2), y));
	ck_assert_ptr_eq(two(X_CONCAT, two(X_CONCAT, y, middle), low),
			 two(X_CONCAT, y, bits(x, 4, 0)));
	ck_assert_ptr_eq(two(X_CONCAT, term_const(ts, 3, 0), x), zeros(x, 11));
	ck_assert_ptr_ne(two(X_CONCAT, low, high), x);
	ck_assert_uint_eq(two(X_CONCAT, high, low)->op, X_CONCAT);
	ck_assert_uint_eq(two(X_CONCAT, bits(x, 7, 3), bits(x, 4, 0))->op, X_CONCAT);
	ck_assert_uint_eq(two(X_CONCAT, bits(x, 7, 4), bits(y, 3, 0))->op, X_CONCAT);
}
END_TEST

START_TEST(extensions_of_extensions_are_one)
{
	ck_assert_ptr_eq(zeros(x, 8), x);
	ck_assert_ptr_eq(zeros(zeros(x, 9), 12), zeros(x, 12));
	ck_assert_ptr_eq(signs(signs(x, 9), 12), signs(x, 12));
	ck_assert_ptr_eq(signs(zeros(x, 9), 12), zeros(x, 12));
	ck_assert_uint_eq(zeros(signs(x, 9), 12)->op, X_ZEXT);
	ck_assert_ptr_eq(zeros(signs(x, 9), 12)->arg[0], signs(x, 9));
}
END_TEST

START_TEST(choices_know_their_results)
{
	ck_assert_ptr_eq(ite(p, x, x), x);
	ck_assert_ptr_eq(ite(not(p), x, y), ite(p, y, x));
	ck_assert_ptr_eq(ite(p, ite(p, x, y), z), ite(p, x, z));
	ck_assert_ptr_eq(ite(p, x, ite(p, y, z)), ite(p, x, z));
	ck_assert_ptr_eq(ite(p, x, ite(q, x, y)), ite(term_or(ts, p, q), x, y));
	ck_assert_ptr_eq(ite(p, ite(q, x, y), y), ite(term_and(ts, p, q), x, y));
}
END_TEST

START_TEST(choices_of_truths_are_logic)
{
	ck_assert_ptr_eq(ite(p, term_true(ts), term_false(ts)), p);
	ck_assert_ptr_eq(ite(p, term_false(ts), term_true(ts)), not(p));
	ck_assert_ptr_eq(ite(p, term_true(ts), q), term_or(ts, p, q));
	ck_assert_ptr_eq(ite(p, q, term_false(ts)), term_and(ts, p, q));
	ck_assert_ptr_eq(ite(p, term_false(ts), q), term_and(ts, not(p), q));
	ck_assert_ptr_eq(ite(p, q, term_true(ts)), term_or(ts, not(p), q));
	ck_assert_ptr_eq(ite(p, p, q), term_or(ts, p, q));
	ck_assert_ptr_eq(ite(p, q, p), term_and(ts, p, q));
	ck_assert_uint_eq(ite(p, q, r)->op, X_ITE);
}
END_TEST

static Suite *suite(void)
{
	Suite *s = suite_create("simplification");
	TCase *c = tcase_create("rules");

	tcase_add_checked_fixture(c, set_up, tear_down);
	tcase_add_test(c, constants_are_computed);
	tcase_add_test(c, sums_gather_their_constants);
	tcase_add_test(c, what_is_added_and_taken_away_is_gone);
	tcase_add_test(c, products_with_0_and_1_are_no_products);
	tcase_add_test(c, cases_that_say_the_same_are_one);
	tcase_add_test(c, and_knows_its_operands);
	tcase_add_test(c, or_knows_its_operands);
	tcase_add_test(c, nothing_equals_two_constants);
	tcase_add_test(c, xor_knows_its_operands);
	tcase_add_test(c, complements_of_complements_are_gone);
	tcase_add_test(c, shifts_by_constants_are_slices);
	tcase_add_test(c, equality_of_sums_is_that_of_their_bases);
	tcase_add_test(c, equality_with_a_truth_is_itself);
	tcase_add_test(c, a_choice_equals_one_of_its_results_when_it_is_chosen);
	tcase_add_test(c, parts_are_compared_apart);
	tcase_add_test(c, order_knows_the_ends);
	tcase_add_test(c, order_is_that_of_what_was_extended);
	tcase_add_test(c, slices_of_slices_are_slices);
	tcase_add_test(c, slices_find_their_part);
	tcase_add_test(c, a_sum_of_extended_terms_is_cut_before_it_is_added);
	tcase_add_test(c, slices_side_by_side_are_one);
	tcase_add_test(c, extensions_of_extensions_are_one);
	tcase_add_test(c, choices_know_their_results);
	tcase_add_test(c, choices_of_truths_are_logic);
	suite_add_tcase(s, c);
	return s;
}

#include "tests/harness.h"
