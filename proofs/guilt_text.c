/* The words of an instruction that are described, as a condition of the language on its fields. */
#include "proofs/guilt.h"

#include "isa/alloc.h"

#include <inttypes.h>
#include <stdio.h>

/* Conditions joined, the first of them without. */
struct joined {
	FILE *to;
	const char *by;
	unsigned n;
};

static FILE *next(struct joined *j)
{
	fputs(j->n++ ? j->by : "", j->to);
	return j->to;
}

/* Of the field's values, either "f == 1 || f == 6" or "f != 2 && f != 3", whichever is shorter. */
static unsigned print_values(const struct field_set *s, bool not, FILE *to)
{
	uint64_t in = not ? s->of & ~s->values : s->values, out = s->of & ~in;
	bool few = __builtin_popcountll(in) <= __builtin_popcountll(out);
	struct joined j = { to, few ? " || " : " && ", 0 };

	for (unsigned v = 0; v < 64; v++)
		if ((few ? in : out) >> v & 1)
			fprintf(next(&j), "%s %s %u", s->field->name, few ? "==" : "!=", v);
	return j.n;
}

/* The lowest run of bits that the mask has; it loses them. */
static void take_run(uint64_t *mask, unsigned *lo, unsigned *hi)
{
	*lo = *hi = (unsigned)__builtin_ctzll(*mask);
	while (*hi < 63 && *mask >> (*hi + 1) & 1)
		++*hi;
	*mask &= ~(isa_mask(*hi - *lo + 1) << *lo);
}

/* "f[6] == 1 && f[3:0] == 2". */
static unsigned print_bits(const struct field_set *s, bool not, FILE *to)
{
	bool equal = s->negated == not ;
	struct joined j = { to, equal ? " && " : " || ", 0 };
	uint64_t mask = s->mask;
	unsigned lo, hi;

	while (mask) {
		take_run(&mask, &lo, &hi);
		fputs(s->field->name, next(&j));
		if (lo == hi)
			fprintf(to, "[%u]", lo);
		else if (lo || hi + 1 != s->field->width)
			fprintf(to, "[%u:%u]", hi, lo);
		uint64_t value = s->match >> lo & isa_mask(hi - lo + 1);
		fprintf(to, value < 10 ? " %s %" PRIu64 : " %s 0x%" PRIx64,
			equal ? "==" : "!=", value);
	}
	return j.n;
}

/* In parentheses if it has several parts, and is not alone. */
static void print_field(const struct field_set *s, bool not, bool alone, FILE *to)
{
	char *text;
	size_t size;
	FILE *f = must(open_memstream(&text, &size));
	unsigned n = s->narrow ? print_values(s, not, f) : print_bits(s, not, f);

	fclose(f);
	fprintf(to, n > 1 && !alone ? "(%s)" : "%s", text);
	free(text);
}

static unsigned told_by(const struct word_set *set)
{
	unsigned n = 0;

	for (unsigned i = 0; i < set->n; i++)
		n += !field_set_any(&set->of[i]);
	return n;
}

/* All of the set's fields, or, with not, the opposite. */
static void print_case(const struct word_set *set, bool not, bool alone, FILE *to)
{
	unsigned fields = told_by(set);
	struct joined j = { to, not ? " || " : " && ", 0 };

	fputs(fields > 1 && !alone ? "(" : "", to);
	for (unsigned i = 0; i < set->n; i++)
		if (!field_set_any(&set->of[i])) {
			next(&j);
			print_field(&set->of[i], not, alone && fields == 1, to);
		}
	fputs(fields > 1 && !alone ? ")" : "", to);
}

char *guilt_condition(const struct guilt *g)
{
	char *text;
	size_t size;
	FILE *to = must(open_memstream(&text, &size));
	struct joined j = { to, g->but ? " && " : " || ", 0 };

	for (unsigned i = 0; i < g->n; i++) {
		next(&j);
		print_case(&g->of[i], g->but, g->n == 1, to);
	}
	fclose(to);
	return text;
}
