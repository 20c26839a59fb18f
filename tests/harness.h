/*
 * The main program of a Check suite.  A test file defines its suite and includes
 * this last:
 *
 *     static Suite *suite(void) { ... }
 *     #include "tests/harness.h"
 *
 * CK_VERBOSITY, CK_FORK, CK_RUN_CASE and so on are honoured.
 */
#ifndef TESTS_HARNESS_H
#define TESTS_HARNESS_H

#include <check.h>
#include <stdlib.h>

int main(void)
{
	SRunner *runner = srunner_create(suite());
	int run, failed;

	srunner_run_all(runner, CK_ENV);
	run = srunner_ntests_run(runner);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return run > 0 && failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}

#endif
