/*
 * trapeze explain: one instruction's classification in sentences, and the two
 * worlds of a witness side by side.
 */
#include "cli/decision.h"
#include "cli/layout.h"

#include "isa/alloc.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

struct explain {
	const char *isa, *instr;
	struct decision_options decision;
};

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct explain *e = state->input;

	switch (key) {
	case ARGP_KEY_INIT: state->child_inputs[0] = &e->decision; return 0;
	case ARGP_KEY_ARG:
		if (state->arg_num > 1)
			argp_error(state,
				   "one machine and one instruction are explained at a time");
		*(state->arg_num ? &e->instr : &e->isa) = arg;
		return 0;
	case ARGP_KEY_END:
		if (!e->instr)
			argp_error(state, "a machine and an instruction are wanted");
		return 0;
	default: return ARGP_ERR_UNKNOWN;
	}
}

static const struct argp_child children[] = { { &decision_argp, 0, NULL, 0 }, { 0 } };

static const struct argp argp = {
	NULL,
	parse,
	"ISA INSTRUCTION",
	"Explain how an instruction is classified, and what goes wrong where it breaks a theorem's "
	"condition.",
	children,
	NULL,
	NULL,
};

/* ---- what it is, in sentences ---- */

/* A sentence or two, from a column on, wrapped. */
static void __attribute__((format(printf, 2, 3))) sentence(int column, const char *format, ...)
{
	char *text;
	size_t size;
	FILE *f = open_memstream(&text, &size);
	va_list args;

	va_start(args, format);
	vfprintf(f, format, args);
	va_end(args);
	fclose(f);
	printf("%*s", column, "");
	layout_wrap(stdout, text, column);
	free(text);
}

/* "HEAD: words.", wrapped; frees the words. */
static void explain_wrapped(const char *head, char *words)
{
	char *text = xformat("%s.", words);

	printf("%s: ", head);
	layout_wrap(stdout, text, (int)strlen(head) + 2);
	free(text);
	free(words);
}

static void explain_guard(const struct guard *g)
{
	explain_wrapped("Its traps there", guard_words(g));
}

static void explain_trapping(const struct classification *k)
{
	static const char *const words[] = {
		[TRAPS_ALWAYS] = "It traps in every state, so every monitor sees it.",
		[TRAPS_PRIVILEGED] =
			"It is privileged: it traps in user mode and does not in supervisor "
			"mode (Popek and Goldberg 1974, section 3).",
		[TRAPS_IN_USER] =
			"It traps in every user state, though it is not exactly what the paper "
			"calls privileged: it may trap in supervisor mode, too.",
		[TRAPS_CONDITIONALLY] = "In user mode it traps in some states and runs in others.",
		[TRAPS_NOT] = "In user mode it runs: no monitor sees it.",
		[TRAPS_UNKNOWN] = "Whether it traps in user mode was not decided.",
	};
	sentence(0, "%s", words[k->trapping]);
}

static void explain_parts(const char *what, const char *before, const struct parts *p)
{
	char *list;
	size_t size;
	FILE *f = open_memstream(&list, &size);

	print_parts(p, f);
	fclose(f);
	sentence(0, "%s", what);
	sentence(0, "%s %s.", before, list);
	free(list);
}

static void explain_sensitivity(const struct classification *k)
{
	if (k->control_sensitive == ANSWER_YES)
		explain_parts(
			"It is control sensitive (section 4): there is a state S from which it "
			"does not trap, and after it control state is not that of S.",
			"It changes", &k->control);
	if (k->behaviour_sensitive == ANSWER_YES)
		explain_parts(
			"It is behaviour sensitive (section 4): there are two states S and S' "
			"that differ only in control state, it traps in neither, and leaves "
			"different results.",
			"They depend on", &k->behaviour);
	if (k->trap_sensitive == ANSWER_YES)
		sentence(0,
			 "It is trap sensitive (not in the paper): there are two states that "
			 "differ only in control state; in one it traps, and in the other, a user "
			 "state, it runs.");
	if (!sensitive(k) && !undecided(k))
		sentence(0, "It is innocuous: it changes no control state, and depends on none.");
	if (sensitive(k) && k->user_sensitive == ANSWER_NO && k->user_trap == ANSWER_NO)
		sentence(0,
			 "In user mode none of this shows, so a hybrid monitor, which interprets "
			 "virtual supervisor mode, can have it (section 8).");
}

static void explain_verdict(const struct classification *k)
{
	if (*what_breaks(k))
		sentence(0, "So it %s%s.", what_breaks(k),
			 k->breaks_theorem1 == ANSWER_YES || k->breaks_theorem3 == ANSWER_YES
				 ? ": sensitive, and not trapping in user mode"
				 : "");
	else if (!undecided(k))
		puts("It breaks no theorem's condition.");
	if (*disagreement(k))
		explain_wrapped("But", strdup(disagreement(k)));
}

static void explain_words(const struct guilt *g)
{
	explain_wrapped("Its bad words", guilt_words(g));
}

/* ---- the witness ---- */

static void value_text(const struct isa_reg *r, uint64_t v, char *text, size_t size)
{
	snprintf(text, size, "0x%" PRIx64, v);
	for (unsigned i = 0; r->type && i < r->type->nmembers; i++)
		if (r->type->member[i].value == v)
			snprintf(text, size, "%s", r->type->member[i].name);
}

static void print_row(const char *name, char (*cell)[24])
{
	printf("  %-10s %-16s %-16s | %-16s %s\n", name, cell[0], cell[1], cell[2], cell[3]);
}

static void print_register(const struct isa *isa, const struct witness *w, unsigned slot)
{
	const struct isa_reg *r = isa_slot_reg(isa, slot);
	char name[64], cell[4][24];
	bool any = false;

	for (int side = 0; side < SIDES; side++) {
		uint64_t before = w->before[side]->state[slot];
		uint64_t after = w->machine[side]->cpu[0]->state[slot];
		value_text(r, before, cell[2 * side], sizeof(cell[0]));
		value_text(r, after, cell[2 * side + 1], sizeof(cell[0]));
		any |= before || after;
	}
	if (any || r->role == ROLE_PC || r->role == ROLE_MODE)
		print_row(isa_slot_name(isa, slot, name, sizeof(name)), cell);
}

/* A unit of storage before and after; true if it changed. */
static bool cell_text(const struct witness *w, enum world_side side, uint64_t place,
		      char (*cell)[24])
{
	uint64_t before = w->storage_before[side][place], after = 0;

	window_get(&w->machine[side]->view[0].window, place, &after);
	snprintf(cell[2 * side], sizeof(cell[0]), "0x%" PRIx64, before);
	snprintf(cell[2 * side + 1], sizeof(cell[0]), "0x%" PRIx64, after);
	return before != after;
}

/* The cells of the virtual machine that one of the runs changed, and others of the real one. */
static void print_cells(const struct witness *w)
{
	for (enum world_side side = SIDE_VIRTUAL; side <= SIDE_REAL; side++)
		for (uint64_t i = 0; i < w->machine[side]->storage->size; i++) {
			char name[32], cell[4][24] = { "", "", "", "" };
			uint64_t other;
			bool shared = witness_place(w, side, i, &other), changed;

			if (shared && side == SIDE_REAL)
				continue;
			changed = cell_text(w, side, i, cell);
			if (shared)
				changed |= cell_text(w, SIDE_REAL, other, cell);
			snprintf(name, sizeof(name),
				 side == SIDE_VIRTUAL ? "E[%" PRIu64 "]" : "real %" PRIu64, i);
			if (changed)
				print_row(name, cell);
		}
}

static void print_end(const struct witness *w, enum world_side side, const char *name)
{
	static const char *const status[] = { [CPU_RUNNING] = "goes on",
					      [CPU_WAITING] = "waits",
					      [CPU_HALTED] = "halts",
					      [CPU_CHECKSTOP] = "stops" };

	if (w->completed[side])
		printf("  the %s %s\n", name, status[w->machine[side]->cpu[0]->status]);
	else
		printf("  the %s traps: %s\n", name, w->trap[side].kind->name);
}

/* ---- what the monitor will do wrong ---- */

/* A control register of the virtual machine: the monitor knows what it last was. */
static void explain_belief(const struct isa_reg *r, const char *name, uint64_t believed,
			   uint64_t is)
{
	char old[32], new[32];

	value_text(r, believed, old, sizeof(old));
	value_text(r, is, new, sizeof(new));
	if (believed != is)
		sentence(2,
			 "%s of the virtual machine should now be %s; the monitor believes it is "
			 "%s%s.",
			 name, new, old,
			 r->role == ROLE_MODE ? ", and will answer its next traps as of that mode"
					      : "");
}

/* A register that the guest reads for itself. */
static void explain_sight(const struct isa_reg *r, const char *name, uint64_t should, uint64_t is)
{
	char good[32], bad[32];

	value_text(r, should, good, sizeof(good));
	value_text(r, is, bad, sizeof(bad));
	if (should != is)
		sentence(2,
			 "The guest finds %s in %s, and should find %s: it can tell that it is "
			 "not alone.",
			 bad, name, good);
}

static void explain_register(const struct isa *isa, const struct isa_map *map,
			     const struct witness *w, unsigned slot)
{
	const struct isa_reg *r = isa_slot_reg(isa, slot);
	uint64_t now[SIDES], was[SIDES];
	char name[64];

	isa_slot_name(isa, slot, name, sizeof(name));
	for (enum world_side side = SIDE_VIRTUAL; side < SIDES; side++) {
		was[side] = w->before[side]->state[slot];
		now[side] = w->machine[side]->cpu[0]->state[slot];
	}
	if (r->class == CLASS_VISIBLE || map->entry[r->index].kind == MAP_MIRRORED) {
		explain_sight(r, name, now[SIDE_VIRTUAL], now[SIDE_REAL]);
		return;
	}
	explain_belief(r, name, was[SIDE_VIRTUAL], now[SIDE_VIRTUAL]);
	if (was[SIDE_REAL] != now[SIDE_REAL])
		sentence(2, "The real %s changes, which the monitor alone may set.", name);
}

static void explain_storage(const struct witness *w)
{
	for (uint64_t i = 0; i < w->machine[SIDE_VIRTUAL]->storage->size; i++) {
		uint64_t other, should = 0, is = 0;

		if (!witness_place(w, SIDE_VIRTUAL, i, &other))
			continue;
		window_get(&w->machine[SIDE_VIRTUAL]->view[0].window, i, &should);
		window_get(&w->machine[SIDE_REAL]->view[0].window, other, &is);
		if (should != is)
			printf("  E[%" PRIu64 "] holds 0x%" PRIx64 ", and should hold 0x%" PRIx64
			       ".\n",
			       i, is, should);
	}
}

static void explain_consequences(const struct isa *isa, const struct isa_map *map,
				 const struct witness *w)
{
	if (!w->completed[SIDE_VIRTUAL]) {
		sentence(2,
			 "The virtual machine's trap (%s) is never delivered: its handler does "
			 "not run.",
			 w->trap[SIDE_VIRTUAL].kind->name);
		return;
	}
	if (w->machine[SIDE_VIRTUAL]->cpu[0]->status != w->machine[SIDE_REAL]->cpu[0]->status)
		puts("  One of the two goes on, and the other does not.");
	for (unsigned slot = 0; slot < isa->nslots; slot++)
		explain_register(isa, map, w, slot);
	explain_storage(w);
}

static void print_witness(const struct isa *isa, const struct isa_map *map, const struct witness *w)
{
	char text[128];

	char *at = w->place ? xstrdup("") : xformat(" at %" PRIu64, w->region);
	putchar('\n');
	sentence(0,
		 "A witness: %s (0x%" PRIx64 "), virtual storage of %" PRIu64 " units%s of %" PRIu64
		 " real ones.",
		 disasm_word(isa, w->word, 0, NULL, text, sizeof(text)), w->word,
		 w->machine[SIDE_VIRTUAL]->storage->size, at, w->machine[SIDE_REAL]->storage->size);
	putchar('\n');
	free(at);
	printf("  %-10s %-33s | %s\n", "", "virtual machine, as it should be",
	       "real machine, under the monitor");
	print_row("", (char[4][24]){ "before", "after", "before", "after" });
	for (unsigned slot = 0; slot < isa->nslots; slot++)
		print_register(isa, w, slot);
	print_cells(w);
	print_end(w, SIDE_VIRTUAL, "virtual machine");
	print_end(w, SIDE_REAL, "real machine");
	if (!w->replayed) {
		puts("\nThis witness did not replay on the oracle: a defect of this program.");
		return;
	}
	putchar('\n');
	sentence(0,
		 "Replayed on the oracle. %s, so the monitor never learns of it, and what it then "
		 "believes of the virtual machine is wrong.",
		 w->completed[SIDE_REAL] || w->trap[SIDE_REAL].phase == PHASE_COMPLETE
			 ? "The real machine does not trap"
			 : "The real machine's trap stays in user mode");
	explain_consequences(isa, map, w);
}

static int explain(const struct decision *d)
{
	const struct classification *k = &d->of[0];
	bool hybrid = k->direct_hybrid == ANSWER_YES;
	char words[4200];

	sentence(0, "%s of %s%s%s", k->instr->name, d->isa->name, k->instr->doc ? ": " : "",
		 k->instr->doc ? k->instr->doc : "");
	putchar('\n');
	explain_trapping(k);
	if (k->trapping == TRAPS_CONDITIONALLY)
		explain_guard(&d->guard[0]);
	explain_sensitivity(k);
	explain_verdict(k);
	if (breaks_something(k))
		explain_words(&d->guilt[0]);
	if (k->direct_vmm != ANSWER_YES || !breaks_something(k))
		return undecided(k) ? STATUS_UNDECIDED : STATUS_YES;
	struct witness w = witness_find(d->classifier, k->instr, hybrid);
	if (w.found == ANSWER_YES) {
		print_witness(d->isa, d->map, &w);
		say_next(stdout, "trapeze doc %s %s", machine_words(d->isa, words, sizeof(words)),
			 k->instr->name);
	} else {
		puts("\nNo witness with small storages was found.");
	}
	witness_free(&w);
	return STATUS_YES;
}

static int run(int argc, char **argv)
{
	struct explain e = { 0 };
	struct shelf *s = shelf_new();
	struct words instr = { 0 };
	struct decision d = { 0 };
	int status = STATUS_USAGE;

	argp_parse(&argp, argc, argv, 0, NULL, &e);
	const struct isa *isa = shelf_isa(s, e.isa);
	say_diagnostics(s->diagnostics);
	words_add(&instr, e.instr);
	if (isa && decide(&d, isa, &e.decision, &instr))
		status = explain(&d);
	decision_free(&d);
	words_free(&instr);
	shelf_free(s);
	return status;
}

const struct verb verb_explain = { "explain", "explain the classification of an instruction", run };
