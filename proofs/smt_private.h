/* What the parts of smt*.c share. */
#ifndef PROOFS_SMT_PRIVATE_H
#define PROOFS_SMT_PRIVATE_H

#include "proofs/smt.h"

#include <string.h>
#include <sys/types.h>

/* A solver as a child: it is told text, and answers s-expressions. */
struct process {
	pid_t pid; /* 0: none */
	int to, from;
	char *buffer;
	size_t length, capacity; /* read but not given yet */
	size_t given;		 /* of it, by the last process_read */
	size_t looked;		 /* of it, for the end of the answer, and what was found: */
	int depth;
	bool quoted, begun;
	bool timed_out;
};

enum {
	GRACE = 5000,	   /* milliseconds after the solver's own time limit */
	LONGEST = 64 << 20 /* answer that is listened to, in bytes */
};

/* What a program says that it is, "z3 4.8.12" or "cvc5 1.0.3".  False with a reason if it is
 * neither, or cannot be run. */
bool process_identify(const char *solver, char *version, size_t size, char *reason,
		      size_t reason_size);
/* version: as above. */
bool process_start(struct process *, const char *solver, const char *version,
		   unsigned milliseconds);
void process_stop(struct process *);
/* All of the text; false: not in time, or no solver. */
bool process_send(struct process *, const char *text, uint64_t milliseconds);
/* The next answer, a word or a whole parenthesised expression; NULL: none in time, or no
 * solver.  Valid until the next call. */
char *process_read(struct process *, uint64_t milliseconds);

struct model_entry {
	const char *name; /* as terms have it */
	bool applied;
	uint64_t argument, value;
};

struct model {
	unsigned count, capacity;
	struct model_entry *entry;
};

/* A query as text; the same for equal conditions in every run. */
struct smt_query {
	char *text;	 /* from (reset) to (check-sat) */
	char *get_value; /* of v0, v1 ..., which text defines as: */
	unsigned nwanted;
	const struct term **wanted; /* variables and applications */
	unsigned nconditions;
	const struct term *const *condition; /* the caller's */
};

struct smt_query query_write(struct terms *, unsigned n, const struct term *const *condition);
void query_free(struct smt_query *);

struct kept { /* queries of one name */
	char *name;
	unsigned times;
};

struct smt {
	struct terms *terms;
	char *solver, *directory, *cache; /* NULL: none */
	unsigned milliseconds;
	char version[64], reason[256];
	struct process process;
	struct model model;
	struct smt_counts counts;
	unsigned nkept;
	struct kept *kept;
};

/* smt_files.c: kept queries, cached answers.  cache_read: SMT_UNDECIDED if there is none. */
bool folder_make(const char *path);
bool query_keep(struct smt *, const char *name, const struct smt_query *, enum smt_answer);
void kept_free(struct smt *);
enum smt_answer cache_read(const struct smt *, const struct smt_query *, char **model);
void cache_write(const struct smt *, const struct smt_query *, enum smt_answer, const char *model);

/* ---- propagate.c ---- */

struct propagated { /* conditions */
	unsigned n;
	const struct term **term; /* owned */
};
/* Conditions that hold for the same states as these, each simplified by what the others say. */
struct propagated propagate(struct terms *, unsigned n, const struct term *const *condition);
void propagated_free(struct propagated *); /* what it owns */

#endif
