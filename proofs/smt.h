/*
 * Queries to an SMT solver: SMT-LIB 2.6 text, logic QF_UFBV, piped to a process of
 * its own with (reset) between queries.
 *
 * Unknown, a time-out, a solver that is missing or dies, or an answer that is not
 * understood are each SMT_UNDECIDED with a reason: never guessed around.
 */
#ifndef PROOFS_SMT_H
#define PROOFS_SMT_H

#include "proofs/term.h"

enum smt_answer { SMT_UNSAT, SMT_SAT, SMT_UNDECIDED };
const char *smt_answer_name(enum smt_answer);

struct smt_options {
	const char *solver;    /* "z3" (NULL: this) or "cvc5", found in PATH; or a path to one */
	unsigned milliseconds; /* for one query; 0: 60000 */
	const char *directory; /* each query is kept there as NAME.smt2, with its name as a comment
				  and its answer as (set-info :status), those that need no solver,
				  too; one of a name that was asked before as NAME+2.smt2 and so
				  on; NULL: not kept */
	const char *cache;     /* a folder where answers are kept by a hash of the query's text
				  and the solver; NULL: none.  Undecided ones are not kept; one
				  that was damaged is asked again */
};

struct smt;

/* NULL with a reason when the solver cannot be run: what to install is said. */
struct smt *smt_new(struct terms *, const struct smt_options *, char *reason, size_t reason_size);
void smt_free(struct smt *);

/*
 * Can all these conditions (width 1) hold at once?  Constant ones need no solver.
 * name: for the kept file, e.g. "pg.JRST1.control.mode"; characters that a file name cannot
 * have are written as % and two digits, so that different names have different files.  After
 * SMT_SAT smt_value gives the model, until the next query; the conditions were found to hold in
 * it.
 */
enum smt_answer smt_ask(struct smt *, const char *name, unsigned n,
			const struct term *const *condition);

/* The value of any term in the model of the last SMT_SAT; terms need not have been asked about.
 * (The solver is asked with get-value for those that it knows; what it never saw is 0.) */
uint64_t smt_value(struct smt *, const struct term *);

/* Why the last answer was SMT_UNDECIDED. */
const char *smt_reason(const struct smt *);

struct smt_counts {
	unsigned queries;    /* asked of the solver */
	unsigned simplified; /* decided without it */
	unsigned cached;
	unsigned undecided;
	double seconds; /* waiting for the solver */
};
struct smt_counts smt_counts(const struct smt *);
const char *smt_solver_name(const struct smt *); /* "z3 4.8.12" */

#endif
