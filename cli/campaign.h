/*
 * Fuzzing campaigns: parts that run in processes of their own, what they report
 * as JSON lines, and the adding up.
 */
#ifndef CLI_CAMPAIGN_H
#define CLI_CAMPAIGN_H

#include "cli/engine.h"
#include "vmm/fuzz.h"

#define COUNT_MAX (INT64_MAX / 2) /* guests: two such numbers can be added */

struct campaign {
	struct fuzz_options fuzz;
	const char *isa;    /* as the user named it */
	unsigned jobs;	    /* processes */
	const char *output; /* folder for failing guests; NULL: they are not written */
	struct engine_option engine;
};

/* What a campaign, or several, came to. */
struct tally {
	struct fuzz_result sum;
	uint64_t lost;	  /* processes that did not tell their result */
	bool complained;  /* a process could not run, and why has been said */
	json_t *failures; /* an array of what was told about each; owned */
	json_t *parts;	  /* an array of the results that were added; owned */
};

void tally_init(struct tally *);
void tally_free(struct tally *);
/* {"kind": "result", ...}: one line that tally_add_line reads back.  Without a campaign it says
 * about itself what all parts have in common. */
json_t *tally_json(const struct campaign *, const struct tally *);
/* Adds a line, of a process or of a file.  Returns NULL, or why it cannot be. */
const char *tally_add_line(struct tally *, const char *line);

/* The i-th (from 0) of n parts of a campaign's guests. */
struct campaign campaign_part(const struct campaign *, unsigned i, unsigned n);

/* Runs all jobs of a campaign to the end, or until enough has failed.  False, with an error
 * said, if none can be run. */
bool campaign_run(const struct campaign *, struct tally *);

/*
 * Writes a failing guest, its neighbours and their input into the folder, and tries whether
 * the files fail, too.  Returns {"kind": "failure", ...}.
 */
json_t *failure_save(const struct campaign *, const struct fuzz_failure *);
/* The same without files. */
json_t *failure_json(const struct campaign *, const struct fuzz_failure *);

#endif
