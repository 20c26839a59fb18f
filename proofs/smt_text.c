/*
 * A query as SMT-LIB 2 text.
 *
 * Truth values are Bool, everything else (_ BitVec n); where a bit vector of one
 * bit is needed, (ite b #b1 #b0).  Terms used more than once get a definition.
 * They are numbered in the order of first use, so that the text depends on
 * nothing but the conditions.  Names get a $ in front: none is then a word of
 * SMT-LIB, nor one of ours (t1, t2 ... for what is shared, v0, v1 ... for what
 * the model is to give).
 */
#include "proofs/smt_private.h"

#include "isa/alloc.h"

#include <inttypes.h>
#include <stdio.h>

struct writer {
	FILE *to;
	unsigned *uses;	  /* by id */
	unsigned *number; /* by id; 0: not defined yet */
	unsigned defined;
	const struct term **wanted;
	unsigned nwanted, capacity;
};

static void count(struct writer *w, const struct term *t)
{
	if (w->uses[t->id]++)
		return;
	for (int i = 0; i < 3 && t->arg[i]; i++)
		count(w, t->arg[i]);
	if (t->op != T_VARIABLE && t->op != T_APPLY)
		return;
	w->uses[t->id]++; /* as something wanted */
	if (w->nwanted == w->capacity) {
		w->capacity = w->capacity ? 2 * w->capacity : 32;
		w->wanted = xrealloc(w->wanted, w->capacity * sizeof *w->wanted);
	}
	w->wanted[w->nwanted++] = t;
}

static void write_sort(struct writer *w, unsigned width)
{
	if (width == 1)
		fputs("Bool", w->to);
	else
		fprintf(w->to, "(_ BitVec %u)", width);
}

static void declare_all(struct writer *w)
{
	for (unsigned i = 0; i < w->nwanted; i++) {
		const struct term *t = w->wanted[i];
		bool again = false;
		for (unsigned j = 0; j < i && !again; j++)
			again = w->wanted[j]->name == t->name;
		if (again)
			continue;
		fprintf(w->to, "(declare-fun |$%s| (", t->name);
		if (t->arg[0])
			fprintf(w->to, "(_ BitVec %u)", t->arg[0]->width);
		fputs(") ", w->to);
		write_sort(w, t->width);
		fputs(")\n", w->to);
	}
}

static void write_term(struct writer *w, const struct term *t);

/* As a bit vector, also when it is a truth value. */
static void write_bits(struct writer *w, const struct term *t)
{
	if (t->width > 1) {
		write_term(w, t);
		return;
	}
	fputs("(ite ", w->to);
	write_term(w, t);
	fputs(" #b1 #b0)", w->to);
}

static const char *const bool_name[X_OPS] = {
	[X_NOT] = "not", [X_AND] = "and", [X_OR] = "or", [X_XOR] = "xor", [X_EQ] = "=",
};

static const char *const bits_name[X_OPS] = {
	[X_NOT] = "bvnot",     [X_NEG] = "bvneg",   [X_ADD] = "bvadd",	 [X_SUB] = "bvsub",
	[X_MUL] = "bvmul",     [X_UDIV] = "bvudiv", [X_UREM] = "bvurem", [X_SDIV] = "bvsdiv",
	[X_SREM] = "bvsrem",   [X_AND] = "bvand",   [X_OR] = "bvor",	 [X_XOR] = "bvxor",
	[X_SHL] = "bvshl",     [X_LSHR] = "bvlshr", [X_ASHR] = "bvashr", [X_EQ] = "=",
	[X_ULT] = "bvult",     [X_ULE] = "bvule",   [X_SLT] = "bvslt",	 [X_SLE] = "bvsle",
	[X_CONCAT] = "concat", [X_ITE] = "ite",
};

/* A shift's amount has the width of what is shifted; more than that shifts all out. */
static void write_amount(struct writer *w, const struct term *amount, unsigned width)
{
	if (amount->width == width) {
		write_bits(w, amount);
	} else if (amount->width < width) {
		fprintf(w->to, "((_ zero_extend %u) ", width - amount->width);
		write_bits(w, amount);
		fputc(')', w->to);
	} else {
		fprintf(w->to, "(ite (bvult ");
		write_bits(w, amount);
		fprintf(w->to, " (_ bv%u %u)) ((_ extract %u 0) ", width, amount->width, width - 1);
		write_bits(w, amount);
		fprintf(w->to, ") (_ bv%" PRIu64 " %u))", isa_mask(width), width);
	}
}

static void write_operator(struct writer *w, const struct term *t)
{
	bool truths = t->arg[0]->width == 1 && bool_name[t->op];

	fprintf(w->to, "(%s", truths ? bool_name[t->op] : bits_name[t->op]);
	for (int i = 0; i < 3 && t->arg[i]; i++) {
		fputc(' ', w->to);
		if (truths || t->op == X_ITE)
			write_term(w, t->arg[i]);
		else if (i == 1 && (t->op == X_SHL || t->op == X_LSHR || t->op == X_ASHR))
			write_amount(w, t->arg[i], t->arg[0]->width);
		else
			write_bits(w, t->arg[i]);
	}
	fputc(')', w->to);
}

/* An operator that gives bits, where its one bit is wanted as a truth value. */
static bool gives_bit(const struct term *t)
{
	bool truth = t->op == T_VARIABLE || t->op == T_APPLY || t->op == X_CONST ||
		     t->op == X_ITE || (t->op >= X_EQ && t->op <= X_SLE);

	return t->width == 1 && !truth && !bool_name[t->op];
}

static void write_const(struct writer *w, const struct term *t)
{
	if (t->width == 1)
		fputs(t->value ? "true" : "false", w->to);
	else
		fprintf(w->to, "(_ bv%" PRIu64 " %u)", t->value, t->width);
}

/* What begins an operator on bits that is not just a word. */
static void write_prefix(struct writer *w, const struct term *t)
{
	if (t->op == T_APPLY)
		fprintf(w->to, "|$%s|", t->name);
	else if (t->op == X_SLICE)
		fprintf(w->to, "(_ extract %u %u)", (unsigned)t->value + t->width - 1,
			(unsigned)t->value);
	else
		fprintf(w->to, "(_ %s %u)", t->op == X_ZEXT ? "zero_extend" : "sign_extend",
			(unsigned)(t->width - t->arg[0]->width));
}

static void write_body(struct writer *w, const struct term *t)
{
	bool bit = gives_bit(t);

	if (bit)
		fputs("(= #b1 ", w->to);
	if (t->op == X_CONST) {
		write_const(w, t);
	} else if (t->op == T_VARIABLE) {
		fprintf(w->to, "|$%s|", t->name);
	} else if (t->op == T_APPLY || t->op == X_SLICE || t->op == X_ZEXT || t->op == X_SEXT) {
		fputc('(', w->to);
		write_prefix(w, t);
		fputc(' ', w->to);
		write_bits(w, t->arg[0]);
		fputc(')', w->to);
	} else {
		write_operator(w, t);
	}
	if (bit)
		fputc(')', w->to);
}

static void write_term(struct writer *w, const struct term *t)
{
	if (w->number[t->id])
		fprintf(w->to, "t%u", w->number[t->id]);
	else
		write_body(w, t);
}

static bool is_leaf(const struct term *t)
{
	return t->op == X_CONST || t->op == T_VARIABLE;
}

/* Definitions of shared terms, operands first. */
static void define(struct writer *w, const struct term *t, bool *seen)
{
	if (seen[t->id] || is_leaf(t))
		return;
	seen[t->id] = true;
	for (int i = 0; i < 3 && t->arg[i]; i++)
		define(w, t->arg[i], seen);
	if (w->uses[t->id] < 2)
		return;
	fprintf(w->to, "(define-fun t%u () ", w->defined + 1);
	write_sort(w, t->width);
	fputc(' ', w->to);
	write_body(w, t);
	fputs(")\n", w->to);
	w->number[t->id] = ++w->defined;
}

static void write_wanted(struct writer *w)
{
	for (unsigned i = 0; i < w->nwanted; i++) {
		fprintf(w->to, "(define-fun v%u () ", i);
		write_sort(w, w->wanted[i]->width);
		fputc(' ', w->to);
		write_term(w, w->wanted[i]);
		fputs(")\n", w->to);
	}
}

static char *get_values(unsigned n)
{
	char *text;
	size_t size;
	FILE *to = open_memstream(&text, &size);

	fputs("(get-value (", to);
	for (unsigned i = 0; i < n; i++)
		fprintf(to, "v%u ", i);
	fputs("))\n", to);
	fclose(to);
	return text;
}

struct smt_query query_write(struct terms *ts, unsigned n, const struct term *const *condition)
{
	unsigned terms = terms_count(ts);
	struct smt_query q = { .nconditions = n, .condition = condition };
	size_t size;
	struct writer w = { .to = open_memstream(&q.text, &size),
			    .uses = xcalloc(terms, sizeof *w.uses),
			    .number = xcalloc(terms, sizeof *w.number) };
	bool *seen = xcalloc(terms, sizeof *seen);

	if (!w.to)
		abort();
	for (unsigned i = 0; i < n; i++)
		count(&w, condition[i]);
	fputs("(reset)\n(set-option :produce-models true)\n(set-logic QF_UFBV)\n", w.to);
	declare_all(&w);
	for (unsigned i = 0; i < n; i++)
		define(&w, condition[i], seen);
	write_wanted(&w);
	for (unsigned i = 0; i < n; i++) {
		fputs("(assert ", w.to);
		write_term(&w, condition[i]);
		fputs(")\n", w.to);
	}
	fputs("(check-sat)\n", w.to);
	fclose(w.to);
	free(w.uses);
	free(w.number);
	free(seen);
	q.get_value = get_values(w.nwanted);
	q.nwanted = w.nwanted;
	q.wanted = w.wanted;
	return q;
}

void query_free(struct smt_query *q)
{
	free(q->text);
	free(q->get_value);
	free(q->wanted);
}
