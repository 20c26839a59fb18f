/*
 * Whether a machine can be virtualized, decided for the verbs check and explain.
 */
#ifndef CLI_DECISION_H
#define CLI_DECISION_H

#include "cli/cli.h"
#include "cli/guest.h"
#include "proofs/classify.h"
#include "proofs/guard.h"
#include "proofs/guilt.h"
#include "proofs/witness.h"

struct decision_options {
	const char *map; /* NULL: the description's first */
	struct smt_options smt;
	bool no_cache;
};
/* The argp options that fill one in; children of a verb's own. */
extern const struct argp decision_argp;
/* Was any of them given? */
bool decision_options_given(const struct decision_options *);

/* A description under examination. */
struct decision {
	const struct isa *isa;
	const struct isa_map *map;
	struct terms *terms;
	struct smt *smt;
	struct classifier *classifier;
	enum answer lemma, composition;
	const char *undecided; /* why composition is */
	enum answer reach; /* of abstract translation; ANSWER_NO with: */
	uint64_t unreached; /* an address that user mode never reaches */
	unsigned n;
	struct classification *of; /* n; owned */
	struct guard *guard; /* n, of those that trap conditionally; owned */
	struct guilt *guilt; /* n, of offenders; owned */
	char *cache;		   /* where answers are kept; owned; or NULL */
	bool whole;		   /* all instructions, so that verdicts can be given */
};

/*
 * Decides: every instruction, or those of the names given, each once.  False with an error said: not a
 * machine that the theorems speak of, an unknown map or instruction, no solver.
 */
bool decide(struct decision *, const struct isa *, const struct decision_options *,
	    const struct words *instructions);
void decision_free(struct decision *);
/* Of that the beginning: everything is there, the lemma is proved or undecided, and nothing else is
 * decided. */
bool decision_begin(struct decision *, const struct isa *, const struct decision_options *);

/* The machine as machine_words has it, and the map if it is not the first: "./my.isa --map other". */
char *decided_words(const struct decision *, char *buffer, size_t size);

/* Of one theorem or the other. */
bool breaks_something(const struct classification *);
bool sensitive(const struct classification *);
bool undecided(const struct classification *);
/* "mode, IE and TIMER". */
void print_parts(const struct parts *, FILE *);
/* " (mode, IE, TIMER)"; nothing, if there are none. */
void print_parts_apart(const struct parts *, FILE *);
json_t *parts_json(const struct parts *);
/* "control (mode), behaviour (location, bound), trap"; returns buffer. */
char *sensitivity(const struct classification *, char *buffer, size_t size);
/* "Theorem 1's condition", "the conditions of Theorems 1 and 3", "" ... */
const char *what_breaks(const struct classification *);
const char *answer_name(enum answer); /* "no", "yes", "undecided" */

/* ---- cli/details.c ---- */

/* "divide when G[rt] == 0"; to free. */
char *guard_words(const struct guard *);
json_t *guard_json(const struct guard *);
/* "every one", "those with fn = 3, r != 0" ...; to free. */
char *guilt_words(const struct guilt *);
json_t *guilt_json(const struct guilt *);
/* Why the paper's classes and the direct question differ about it; "" where they do not. */
const char *disagreement(const struct classification *);

/* ---- forms ---- */

/* On stdout: offenders first, the others in one line of counts, or, with all, each; the verdicts of
 * a whole machine.  cli/decision_text.c */
void decision_text(const struct decision *, bool all, const struct verdict *one,
		   const struct verdict *three);
/* What to do next. */
void decision_next(const struct decision *);
/* Of that, the verdicts alone. */
void decision_verdicts(const struct decision *, const struct verdict *one,
		       const struct verdict *three);
/* cli/decision_json.c; the verdicts of a whole machine only; the caller's. */
json_t *decision_json(const struct decision *, const struct verdict *one,
		      const struct verdict *three);
/* A table of all that was decided, in Markdown, without the verdicts.  cli/decision_print.c */
void decision_markdown(const struct decision *, FILE *);
/* The paper's sets, one within the other, and the verdicts, as a picture for Graphviz; of some
 * instructions only, without the verdicts. */
void decision_dot(const struct decision *, const struct verdict *one, const struct verdict *three,
		  FILE *);

#endif
