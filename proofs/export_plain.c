/* A machine whose trap exchanges no program status words, as Coq data: proofs/coq/Plain.v. */
#include "proofs/export_private.h"

#include <inttypes.h>

/* The widths of the visible registers but P, or of the other control registers, by element. */
static void print_widths(const struct isa *isa, bool other, FILE *to)
{
	const char *separator = "";

	fputc('[', to);
	for (const struct isa_reg *r = isa->reg; r < isa->reg + isa->nregs; r++) {
		if (other ? !export_other(r) : r->class != CLASS_VISIBLE || r->role == ROLE_PC)
			continue;
		for (unsigned i = 0; i < r->count; i++) {
			fprintf(to, "%s%u", separator, r->width);
			separator = "; ";
		}
	}
	fputc(']', to);
}

static void print_description(const struct isa *isa, FILE *to)
{
	fprintf(to,
		"Definition description : plain := {|\n  word_width := %u; address_width := %u; "
		"mode_width := %u;\n  control_widths := ",
		isa->word, isa->role[ROLE_PC]->width, isa->role[ROLE_MODE]->width);
	print_widths(isa, true, to);
	fputs(";\n  visible_widths := ", to);
	print_widths(isa, false, to);
	fputs(";\n  is_user := ", to);
	export_expr(isa, isa->user, to);
	fprintf(to,
		";\n  illegal_trap := %u; memory_fault := %u;\n  relocated := %u;\n  relocate := ",
		isa->illegal->index, isa->memory->index, isa->translate->result);
	export_code(isa, isa->translate, to);
	fputs(";\n  table := ", to);
	export_instructions(isa, to);
	fputs(" |}.\n\n", to);
}

static void print_beginning(const struct isa *isa, const struct isa_map *map, const char *why,
			    FILE *to)
{
	fprintf(to,
		"(* %s under map %s, made by `trapeze prove`; what the words mean stands in Plain.v\n"
		"   and Tree.v.  It is no architecture of Machine.v: %s.  So\n"
		"   the conditions are proved, or refuted; that there is a monitor, or none, is not. *)\n"
		"From Coq Require Import List NArith.\nImport ListNotations.\n"
		"From Trapeze Require Import Word Tree Processor Plain PlainAnalysis Translation.\n"
		"Local Open Scope N_scope.\n\n",
		isa->name, map->name, why);
	print_description(isa, to);
	fputs("Lemma relocation_is_the_papers : relocate description =\n"
	      "  standard_translate (word_width description) (memory_fault description) 2 3 /\\\n"
	      "  relocated description = 2.\nProof. split; reflexivity. Qed.\n\n"
	      "Section Machine.\n(* Whatever the devices do, and wherever they begin. *)\n"
	      "Variable V : world.\nVariable d : wD V.\n"
	      "Definition machine : processor := plain_processor description V.\n\n",
	      to);
}

static void print_side(const struct isa *isa, const struct witness *w, enum world_side side,
		       const char *name, const char *number, FILE *to)
{
	const uint64_t *state = w->before[side]->state;
	const struct isa_reg *const *role = isa->role;

	fprintf(to, "Definition %s%s : configuration (wD V) := {|\n  storage := ", name, number);
	export_numbers(w->storage_before[side], w->machine[side]->storage->size, to);
	fprintf(to,
		";\n  mode_ := %" PRIu64 "; place := %" PRIu64 "; base_ := %" PRIu64
		"; bound_ := %" PRIu64 ";\n  controls := ",
		state[role[ROLE_MODE]->slot], state[role[ROLE_PC]->slot],
		state[role[ROLE_BASE]->slot], state[role[ROLE_BOUND]->slot]);
	export_values(isa, state, true, to);
	fputs("; visibles := ", to);
	export_values(isa, state, false, to);
	fputs(";\n  outside := (Running, d) |}.\n", to);
}

/* What is claimed of one of the conditions, in the words of Processor.v and PlainAnalysis.v. */
static void print_claim(const struct isa *isa, enum claim claim, const struct witness *against,
			const char *number, const char *condition, FILE *to)
{
	if (claim == CLAIM_HOLDS) {
		fprintf(to,
			"Theorem condition%s : %s_condition machine.\n"
			"Proof. apply %s_holds_sound. vm_compute. reflexivity. Qed.\n\n",
			number, condition, condition);
	} else if (claim == CLAIM_FAILS) {
		fputs("(* The virtual machine's state, and its image on the real one. *)\n", to);
		print_side(isa, against, SIDE_VIRTUAL, "virtual", number, to);
		print_side(isa, against, SIDE_REAL, "image", number, to);
		fprintf(to,
			"Theorem condition%s_fails : ~ %s_condition machine.\n"
			"Proof.\n  apply (%s_refuted _ _ %" PRIu64
			" virtual%s image%s).\n  vm_compute. reflexivity.\nQed.\n\n",
			number, condition, condition, against->word, number, number);
	}
}

void export_plain(const struct isa *isa, const struct isa_map *map, const char *why,
		  const struct claims *claims, FILE *to)
{
	print_beginning(isa, map, why, to);
	print_claim(isa, claims->one, claims->against_one, "1", "first", to);
	print_claim(isa, claims->three, claims->against_three, "3", "third", to);
	fputs("End Machine.\n", to);
}
