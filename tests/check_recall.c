/*
 * What was made of a word is made of it again elsewhere (machine/translator/recall.c).  Whatever is
 * recalled must be what simplification gives at that place, in that context, with what is known there.
 */
#include "tests/lab.h"

#include "machine/translator/private.h"

#include <inttypes.h>

enum { CONTEXTS = 4, KNOWLEDGES = 3, WORDS = 3 /* of each instruction */, TRIALS = 8000 };

struct rig {
	struct lab lab;
	struct view *view;
	struct translator *t;
	uint64_t random;
	struct context *context[CONTEXTS];
	unsigned nwords;
	uint64_t *word;			 /* owned */
	struct range *known[KNOWLEDGES]; /* by slot; owned */
	unsigned recalled;		 /* and not left to the oracle */
};

static uint64_t draw(struct rig *r)
{
	r->random ^= r->random << 13;
	r->random ^= r->random >> 7;
	r->random ^= r->random << 17;
	return r->random;
}

static bool chance(struct rig *r, unsigned percent)
{
	return draw(r) % 100 < percent;
}

static struct rig rig_of(const char *machine)
{
	const struct translator_options usual = { 0 };
	struct rig r = { .lab = lab_of(machine), .random = 88172645463325252 };

	r.lab.bare = machine_new(r.lab.isa, 1 << 16, 1, NULL, 0);
	ck_assert_ptr_nonnull(r.lab.bare);
	ck_assert(machine_translate(r.lab.bare, &usual));
	r.view = &r.lab.bare->view[0];
	r.t = r.lab.bare->translator;
	return r;
}

static void rig_close(struct rig *r)
{
	free(r->word);
	for (unsigned i = 0; i < KNOWLEDGES; i++)
		free(r->known[i]);
	lab_close(&r->lab);
}

/* What region.c does with a word that is not recalled. */
static struct instruction make(struct rig *r, struct context *c, uint64_t p, uint64_t word)
{
	const struct program *program = oracle_decode(r->t->oracle, word);
	struct program *in_line = NULL;
	struct instruction in;

	if (program->loops && r->t->paging.works)
		program = in_line = lower_instr_in_line(r->lab.isa, &r->t->layout, program->instr,
							word);
	simplify(r->t, c, program, SIMPLIFY_FREE, p, &in);
	in.instr = program->instr;
	free(in_line);
	return in;
}

static void check_name(struct rig *r, struct context *c, uint64_t word, const char *name)
{
	struct instruction in = make(r, c, 0x1000, word);

	ck_assert_str_eq(in.instr->name, name);
	ops_free(&in.ops);
}

/* Parts of a position are P and, one behind the other, what follows; or the last is elsewhere. */
static uint64_t position_at(const struct translator *t, uint64_t p, uint64_t last)
{
	uint64_t position = 0;

	for (unsigned i = 0; i < t->nposition_parts; i++) {
		const struct position_part *q = &t->part_of_position[i];
		uint64_t at = p + i * t->isa->length;

		if (i && i + 1 == t->nposition_parts)
			at += last;
		position |= (at & isa_mask(q->width)) << q->shift;
	}
	return position;
}

/* ---- the same? ---- */

static bool same_told(const struct translator *t, const struct instruction *a,
		      const struct instruction *b)
{
	const struct told *x = carry_told(t, a), *y = carry_told(t, b);

	if (a->ntold != b->ntold)
		return false;
	for (unsigned i = 0; i < a->ntold; i++)
		if (x[i].slot != y[i].slot || x[i].range.lo != y[i].range.lo ||
		    x[i].range.hi != y[i].range.hi)
			return false;
	return true;
}

/* What differs; NULL: nothing. */
static const char *difference(const struct translator *t, const struct instruction *a,
			      const struct instruction *b)
{
	if (a->p != b->p || a->next != b->next)
		return "where it is, or what follows";
	if (a->ops.count != b->ops.count || a->ops.labels != b->ops.labels)
		return "how many operations there are";
	if (a->ops.count && memcmp(a->ops.op, b->ops.op, a->ops.count * sizeof *a->ops.op) != 0)
		return "the operations";
	if (a->clock != b->clock || a->alone != b->alone || a->instr != b->instr ||
	    a->traps != b->traps || a->repages != b->repages)
		return "what kind it is of";
	if (a->calls != b->calls || (a->calls && a->back != b->back))
		return "whether it calls, and from where";
	if (a->informs != b->informs || a->retried != b->retried || a->bound != b->bound)
		return "what it says of others";
	return same_told(t, a, b) ? NULL : "what is known behind it";
}

/* Is a word recalled?  Then it is what would be made of it.  Others before it have told something. */
static bool look(struct rig *r, struct context *c, uint64_t p, uint64_t word)
{
	static const struct told another = { .range = { 1, 0 } };
	struct instruction recalled, made;
	const char *differs = NULL;
	bool found;

	carry_begin(r->t);
	for (unsigned i = draw(r) % 4; i-- > 0;)
		carry_tell(r->t, &another);
	found = recall(r->t, c, p, word, &recalled);
	carry_tell(r->t, &another);
	made = make(r, c, p, word);
	if (found) {
		differs = difference(r->t, &recalled, &made);
		r->recalled += !made.alone;
		ops_free(&recalled.ops);
	} else {
		recall_later(r->t, c, word, &made);
	}
	ck_assert_msg(!differs, "%s, the word %#" PRIx64 " at %#" PRIx64 ": %s differ",
		      made.instr ? made.instr->name : "an illegal word", word, p, differs);
	ops_free(&made.ops);
	return found;
}

/* ---- at random ---- */

static void draw_contexts(struct rig *r)
{
	const struct translator *t = r->t;

	for (unsigned i = 0; i < CONTEXTS; i++) {
		for (unsigned k = 0; i && k < t->nkeys; k++)
			r->view->cpu->state[t->key_slot[k]] =
				draw(r) & isa_mask(t->width[t->key_slot[k]]);
		r->context[i] = context_of(r->t, r->view);
	}
}

static void draw_words(struct rig *r)
{
	const struct isa *isa = r->lab.isa;
	uint64_t all = isa_mask(isa->length * isa->unit);

	r->word = calloc(isa->ninstrs * WORDS, sizeof *r->word);
	for (unsigned i = 0; i < isa->ninstrs; i++)
		for (unsigned k = 0; k < WORDS; k++) {
			const struct isa_instr *in = &isa->instr[i];

			r->word[r->nwords++] = (in->match | (draw(r) & ~in->mask)) & all;
		}
}

/* Of some registers nothing, a value, or that they are small. */
static void draw_knowledge(struct rig *r)
{
	uint32_t nslots = r->lab.isa->nslots;

	for (unsigned i = 0; i < KNOWLEDGES; i++) {
		r->known[i] = calloc(nslots, sizeof *r->known[i]);
		for (uint32_t s = 0; s < nslots; s++) {
			uint64_t most = isa_mask(r->t->width[s]), v = draw(r) & most;

			r->known[i][s] = (struct range){ 0, most };
			if (i && chance(r, 30))
				r->known[i][s] = (struct range){ v, v };
			else if (i && chance(r, 30))
				r->known[i][s].hi = v >> 1;
		}
	}
}

static uint64_t draw_position(struct rig *r)
{
	uint64_t p = draw(r);

	if (chance(r, 70))
		p &= 0xffff;
	else if (chance(r, 30))
		p = UINT64_MAX - p % 16;
	if (chance(r, 90))
		p &= ~(uint64_t)(r->lab.isa->length - 1);
	return position_at(r->t, p, chance(r, 80) ? 0 : draw(r) % 64 * r->lab.isa->length);
}

/* Machines by base and bounds, by pages, with delay slots, in either byte order, of 36 and 64 bits. */
static const char *const machines[] = {
	"pg",
	"x86",
	"armv7",
	"rv32",
	"vax",
	"mips32",
	"mips32eb",
	"mipscp0",
	"tests/hard/hard36.isa",
	"tests/hard/hard64.isa",
	"tests/hard/mapped36.isa",
	"tests/hard/mips_mapped.isa",
	"tests/isa/ok_seldom.isa",
	"tests/isa/ok_bytes_either.isa",
};

START_TEST(what_is_recalled_is_what_would_be_made)
{
	const char *top = getenv("TOP_SRCDIR");
	char path[4096];
	struct rig r;

	snprintf(path, sizeof path, "%s/%s", top ? top : ".", machines[_i]);
	r = rig_of(strchr(machines[_i], '/') ? path : machines[_i]);
	draw_contexts(&r);
	draw_words(&r);
	draw_knowledge(&r);
	for (unsigned i = 0; i < TRIALS; i++) {
		const struct range *known = r.known[draw(&r) % KNOWLEDGES];

		memcpy(r.t->before, known, r.lab.isa->nslots * sizeof *known);
		look(&r, r.context[draw(&r) % CONTEXTS], draw_position(&r),
		     r.word[draw(&r) % r.nwords]);
	}
	ck_assert_uint_gt(r.recalled, TRIALS / 20);
	rig_close(&r);
}
END_TEST

/* ---- one by one ---- */

/*
 * Instructions that speak of their place, and how.  Some must be recalled elsewhere, for which that is
 * made; others would be something else there.
 */
#define PLACES                                                                                     \
	"machine places \"what instructions make of where they are\" {\n"                           \
	"  word 32; addressing byte little; visible P : word role pc, G[4] : word, LOW : 8, D : 64;\n" \
	"  control K : 2 role mode; user = K == 3;\n"                                             \
	"  traps illegal = 0, memory = 1, odd = 2;\n"                                             \
	"  translate(a, access) { return a + zext(K); }\n"                                        \
	"  trapseq(kind, tpc, info) { P := 8; }\n"                                                \
	"  format I { op:8, rd:2, rs:2, n:20 }\n"

static const struct example {
	const char *name, *text; /* its operands are the format's */
	bool elsewhere;
} places[] = {
	{ "ADD", "G[rd] := G[rs] + zext(n);", true },
	{ "GO", "P := P + sext(n);", true },
	{ "TO", "P := zext(n);", false },
	{ "CALL", "G[rd] := P + 4; P := P + sext(n);", true },
	{ "IF", "if (G[rd] == G[rs]) P := P + sext(n);", true },
	{ "LEAVE", "P := G[rs];", true },
	{ "BACK", "G[rd] := P - zext(n); P := G[rs];", true },
	{ "LOAD", "G[rd] := mem32[G[rs]];", true },
	{ "NEAR", "G[rd] := mem32[P + zext(n)];", false },
	{ "TRAP", "trap odd(P + zext(n));", true },
	{ "NEXT", "if (G[rs] == 0) trap odd(P) next; G[rd] := 1;", true },
	{ "LOW", "LOW := zext(P[1:0], 8); P := G[rs];", true },
	{ "MASK", "if ((P & 3) == 2) G[rd] := 1; else G[rd] := 5; P := G[rs];", true },
	{ "HIGH", "LOW := P[9:2]; P := G[rs];", false },
	{ "WHERE", "if (P < 0x1002) G[rd] := 3; P := G[rs];", false },
	{ "TWICE", "G[rd] := P + P; P := G[rs];", false },
	{ "EIGHT", "LOW := zext(P[2:0], 8); P := G[rs];", false },
	{ "DOUBLE", "D := zext(P, 64) + 8; P := G[rs];", false },
	{ "WIDE", "LOW := ({1'0, P} + 1)[32:25]; P := G[rs];", false },
	{ "MEET", "let x = G[rs] == 0 ? P : 0x1000; G[rd] := x; P := G[rs];", false },
	{ "EITHER", "let x = G[rs] == 0 ? P : P + 4; G[rd] := x; P := G[rs];", false },
	{ "SAME", "let x = G[rs] == 0 ? P : P + 0; G[rd] := x; P := G[rs];", true },
	{ "MODE", "if (K == 1) G[rd] := G[rd] + 1;", true },
	{ "ANY", "G[rd] := unspecified(32);", true },
};

static char *places_text(void)
{
	static char text[8192];
	size_t n = (size_t)snprintf(text, sizeof text, "%s", PLACES);

	for (unsigned i = 0; i < COUNT(places); i++)
		n += (size_t)snprintf(text + n, sizeof text - n,
				      "  instr %s I op=%u \"%s {rd}, {rs}, {n}\" { %s }\n",
				      places[i].name, i + 1, places[i].name, places[i].text);
	snprintf(text + n, sizeof text - n, "}\n");
	return text;
}

START_TEST(a_word_is_recalled_unless_it_says_more_of_its_place)
{
	const struct example *e = &places[_i];
	uint64_t word = (uint64_t)(_i + 1) << 24 | 1 << 22 | 2 << 20 | 16;
	struct rig r = rig_of(places_text());
	struct context *c = context_of(r.t, r.view);

	carry_nothing(r.t);
	check_name(&r, c, word, e->name);
	ck_assert(!look(&r, c, 0x1000, word));
	ck_assert(look(&r, c, 0x1004, word) || !e->elsewhere);
	ck_assert(look(&r, c, 0xfffffffc, word) || !e->elsewhere);
	look(&r, c, 0x1002, word);
	ck_assert(!look(&r, c, 0x1000, word ^ 1 << 20));
	rig_close(&r);
}
END_TEST

START_TEST(another_context_has_its_own)
{
	struct rig r = rig_of(places_text());
	struct context *c = context_of(r.t, r.view), *other;
	uint64_t word = UINT64_C(1) << 24;

	carry_nothing(r.t);
	r.view->cpu->state[r.t->key_slot[0]] = 1;
	other = context_of(r.t, r.view);
	ck_assert_ptr_ne(c, other);
	ck_assert(!look(&r, c, 0x1000, word));
	ck_assert(!look(&r, other, 0x1004, word));
	ck_assert(look(&r, c, 0x1004, word));
	ck_assert(look(&r, other, 0x1004, word));
	rig_close(&r);
}
END_TEST

/* What is known of the registers that it looks at counts, of others it does not. */
START_TEST(a_word_is_recalled_where_the_same_is_known)
{
	struct rig r = rig_of(places_text());
	struct context *c = context_of(r.t, r.view);
	uint64_t word = UINT64_C(1) << 24 | 1 << 22 | 2 << 20;
	uint32_t g = r.lab.isa->role[ROLE_PC]->slot + 1;

	carry_nothing(r.t);
	ck_assert(!look(&r, c, 0x1000, word));
	r.t->before[g + 3] = (struct range){ 7, 7 };
	ck_assert(look(&r, c, 0x1004, word));
	r.t->before[g + 2] = (struct range){ 7, 7 };
	ck_assert(!look(&r, c, 0x1008, word));
	ck_assert(look(&r, c, 0x100c, word));
	r.t->before[g + 2] = (struct range){ 7, 8 };
	ck_assert(!look(&r, c, 0x1010, word));
	carry_nothing(r.t);
	ck_assert(look(&r, c, 0x1014, word));
	rig_close(&r);
}
END_TEST

/* A register that holds already what an instruction makes of its place holds something else elsewhere. */
START_TEST(what_is_known_may_be_the_place)
{
	struct rig r = rig_of(places_text());
	struct context *c = context_of(r.t, r.view);
	uint32_t g = r.lab.isa->role[ROLE_PC]->slot + 1;
	uint64_t word = UINT64_C(4) << 24 | 1 << 22;

	carry_nothing(r.t);
	check_name(&r, c, word, "CALL");
	r.t->before[g + 1] = (struct range){ 0x1004, 0x1004 };
	look(&r, c, 0x1000, word);
	look(&r, c, 0x1004, word);
	look(&r, c, 0x1000, word);
	rig_close(&r);
}
END_TEST

/* With delay slots: only where one instruction stands behind the other. */
START_TEST(nothing_is_recalled_in_delay_slots)
{
	struct rig r = rig_of("mips32");
	struct context *c = context_of(r.t, r.view);
	uint64_t word = 0x00430821; /* addu R1, R2, R3 */

	carry_nothing(r.t);
	ck_assert_uint_eq(r.t->nposition_parts, 2);
	ck_assert(!look(&r, c, position_at(r.t, 0x1000, 64), word));
	ck_assert(!look(&r, c, position_at(r.t, 0x1004, 64), word));
	ck_assert(!look(&r, c, position_at(r.t, 0x1000, 0), word));
	ck_assert(look(&r, c, position_at(r.t, 0x1004, 0), word));
	ck_assert(!look(&r, c, position_at(r.t, 0x1004, 64), word));
	rig_close(&r);
}
END_TEST

START_TEST(nothing_is_recalled_of_contexts_that_are_gone)
{
	struct rig r = rig_of("pg");
	struct context *c = context_of(r.t, r.view);
	struct instruction none;

	carry_nothing(r.t);
	for (uint64_t word = 0; word < 100; word++)
		look(&r, c, 16, UINT64_C(0x04000000) + word);
	ck_assert(look(&r, c, 17, 0x04000000));
	translator_flush(r.t);
	for (uint64_t word = 0; word < 100; word++)
		ck_assert(!recall(r.t, c, 17, UINT64_C(0x04000000) + word, &none));
	rig_close(&r);
}
END_TEST

static Suite *suite(void)
{
	Suite *s = suite_create("recall");
	TCase *t = tcase_create("recall");

#ifdef __x86_64__
	tcase_add_loop_test(t, what_is_recalled_is_what_would_be_made, 0, COUNT(machines));
	tcase_add_loop_test(t, a_word_is_recalled_unless_it_says_more_of_its_place, 0,
			    COUNT(places));
	tcase_add_test(t, another_context_has_its_own);
	tcase_add_test(t, a_word_is_recalled_where_the_same_is_known);
	tcase_add_test(t, what_is_known_may_be_the_place);
	tcase_add_test(t, nothing_is_recalled_in_delay_slots);
	tcase_add_test(t, nothing_is_recalled_of_contexts_that_are_gone);
#endif
	suite_add_tcase(s, t);
	return s;
}

#include "tests/harness.h"
