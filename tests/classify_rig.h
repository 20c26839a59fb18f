/*
 * For the suites that classify: a description under a map, and a classification as a
 * line of text, in which what is not said is "no".
 */
#ifndef TESTS_CLASSIFY_RIG_H
#define TESTS_CLASSIFY_RIG_H

#include "proofs/classify.h"
#include "tests/smt_rig.h"

struct lab {
	struct diag_list *diags;
	struct isa *isa;
	struct smt *smt;
	struct classifier *classifier;
};

static inline struct lab lab_with(struct diag_list *diags, struct isa *isa, const char *map)
{
	struct lab l = { .diags = diags, .isa = isa };

	if (!isa)
		diag_print(diags, stderr);
	ck_assert_ptr_nonnull(isa);
	l.smt = solver_with((struct smt_options){ 0 });
	l.classifier = classifier_new(isa, map ? isa_map_named(isa, map) : &isa->map[0], l.smt, ts);
	return l;
}

/* A description of the source tree; map NULL: its first. */
static inline struct lab lab_of(const char *path, const char *map)
{
	const char *top = getenv("TOP_SRCDIR");
	struct diag_list *diags = diag_new();
	char full[1024];

	snprintf(full, sizeof full, "%s/%s.isa", top ? top : ".", path);
	return lab_with(diags, isa_load(diags, full), map);
}

static inline struct lab lab_of_text(const char *text)
{
	struct diag_list *diags = diag_new();

	return lab_with(diags, isa_load_text(diags, "test.isa", text), NULL);
}

static inline void lab_close(struct lab *l)
{
	classifier_free(l->classifier);
	smt_free(l->smt);
	isa_free(l->isa);
	diag_free(l->diags);
}

/* ---- a classification as text ---- */

static inline void say(FILE *f, const char *word, enum answer a)
{
	if (a != ANSWER_NO)
		fprintf(f, "%s%s", word, a == ANSWER_UNKNOWN ? "?" : "");
}

static inline void say_parts(FILE *f, const char *word, enum answer a, const struct parts *p)
{
	say(f, word, a);
	for (unsigned i = 0; a != ANSWER_NO && i < p->n; i++)
		fprintf(f, "%s%s", i ? "," : " ", p->name[i]);
	if (p->unknown)
		fputc('?', f);
}

static inline void say_direct(FILE *f, const char *word, enum answer a, bool time_only)
{
	say(f, word, a);
	if (time_only)
		fputs(" in time", f);
}

static inline const char *describe(const struct classification *k)
{
	static char text[512];
	FILE *f = fmemopen(text, sizeof text, "w");

	fputs(trapping_name(k->trapping), f);
	say_parts(f, "; control", k->control_sensitive, &k->control);
	say_parts(f, "; behaviour", k->behaviour_sensitive, &k->behaviour);
	say(f, "; trap", k->trap_sensitive);
	say(f, "; user control", k->user_control);
	say(f, "; user behaviour", k->user_behaviour);
	say(f, "; user trap", k->user_trap);
	if (k->user_sensitive != k->user_sensitive_literal)
		say(f, "; user, literally", k->user_sensitive_literal);
	say(f, "; breaks 1", k->breaks_theorem1);
	say(f, "; breaks 3", k->breaks_theorem3);
	say_direct(f, "; vmm differs", k->direct_vmm, k->time_only_vmm);
	say_direct(f, "; hybrid differs", k->direct_hybrid, k->time_only_hybrid);
	fclose(f);
	return text;
}

#endif
