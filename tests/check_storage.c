/* Storage, windows and the log of writes: machine/storage.h. */
#include "machine/storage.h"

#include <check.h>

START_TEST(a_cell_holds_every_value_of_its_unit)
{
	static const unsigned units[] = { 1, 4, 8, 9, 16, 31, 32, 33, 63, 64 };

	for (unsigned i = 0; i < sizeof units / sizeof *units; i++) {
		struct storage *s = storage_new(5, units[i]);
		uint64_t all = ~UINT64_C(0) >> (64 - units[i]);

		ck_assert_ptr_nonnull(s);
		ck_assert_uint_ge(s->cell_size * 8, units[i]);
		storage_put(s, 4, all);
		storage_put(s, 3, all / 3);
		ck_assert_uint_eq(storage_get(s, 4), all);
		ck_assert_uint_eq(storage_get(s, 3), all / 3);
		ck_assert_uint_eq(storage_get(s, 0), 0);
		storage_free(s);
	}
}
END_TEST

START_TEST(storage_that_the_host_cannot_hold_is_refused)
{
	ck_assert_ptr_null(storage_new(UINT64_MAX, 64));
	ck_assert_ptr_null(storage_new(UINT64_C(1) << 61, 64));
}
END_TEST

START_TEST(a_line_tells_of_code_in_it_and_a_little_behind)
{
	const uint64_t line = 1 << CODE_LINE_LOG, size = 4 * line;
	struct storage *s = storage_new(size, 8);

	for (uint64_t code = 0; code < size; code++) {
		storage_add_code(s, code, 1);
		storage_add_code(s, code, 2);
		storage_drop_code(s, code, 1);
		for (uint64_t i = 0; i < size; i += line)
			ck_assert_int_eq(s->code_line[i / line],
					 code >= i && code < i + line + CODE_NEAR);
		storage_drop_code(s, code, 0);
		for (uint64_t i = 0; i < size; i += line)
			ck_assert_int_eq(s->code_line[i / line], 0);
	}
	storage_free(s);
}
END_TEST

START_TEST(a_window_reaches_its_own_units_and_no_others)
{
	struct storage *s = storage_new(16, 32);
	struct window w = { .storage = s, .base = 4, .size = 8 };
	uint64_t value = 99;

	for (uint64_t i = 0; i < 16; i++)
		storage_put(s, i, i);
	ck_assert(window_get(&w, 0, &value));
	ck_assert_uint_eq(value, 4);
	ck_assert(window_get(&w, 7, &value));
	ck_assert_uint_eq(value, 11);
	ck_assert(!window_get(&w, 8, &value));
	ck_assert(!window_get(&w, UINT64_MAX, &value));
	ck_assert(!window_get(&w, UINT64_MAX - 3, &value));
	ck_assert_uint_eq(value, 11);

	ck_assert(window_put(&w, 7, 70));
	ck_assert(!window_put(&w, 8, 80));
	ck_assert(!window_put(&w, UINT64_MAX - 3, 80));
	for (uint64_t i = 0; i < 16; i++)
		ck_assert_uint_eq(storage_get(s, i), i == 11 ? 70 : i);
	storage_free(s);
}
END_TEST

START_TEST(the_log_names_absolute_addresses_in_order)
{
	struct storage *s = storage_new(4096, 8);
	struct window w = { .storage = s, .base = 1000, .size = 3000 };
	struct write_log log = { 0 };

	window_put(&w, 1, 1);
	s->log = &log;
	for (uint64_t i = 0; i < 3000; i++)
		window_put(&w, 2999 - i, 7);
	ck_assert(!window_put(&w, 3000, 7));
	ck_assert_uint_eq(log.count, 3000);
	for (uint64_t i = 0; i < 3000; i++)
		ck_assert_uint_eq(log.address[i], 3999 - i);
	write_log_clear(&log);
	ck_assert_uint_eq(log.count, 0);
	window_put(&w, 5, 5);
	ck_assert_uint_eq(log.count, 1);
	ck_assert_uint_eq(log.address[0], 1005);
	write_log_free(&log);
	ck_assert_ptr_null(log.address);
	storage_free(s);
}
END_TEST

static Suite *suite(void)
{
	Suite *s = suite_create("storage");
	TCase *c = tcase_create("storage");

	tcase_add_test(c, a_cell_holds_every_value_of_its_unit);
	tcase_add_test(c, storage_that_the_host_cannot_hold_is_refused);
	tcase_add_test(c, a_line_tells_of_code_in_it_and_a_little_behind);
	tcase_add_test(c, a_window_reaches_its_own_units_and_no_others);
	tcase_add_test(c, the_log_names_absolute_addresses_in_order);
	suite_add_tcase(s, c);
	return s;
}

#include "tests/harness.h"
