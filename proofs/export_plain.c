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

/* Is the first unit the highest part of a value?  Of data, an expression; of an instruction, as
 * isa_pack has it, whatever the order of data is. */
static void print_order(const struct isa *isa, FILE *to)
{
	fputs("Definition order : expr := ", to);
	if (isa->endian == ENDIAN_STATE)
		export_expr(isa, isa->big, to);
	else
		fprintf(to, "Const %d", isa->endian == ENDIAN_BIG);
	fputs(".\n", to);
}

static bool high_first(const struct isa *isa)
{
	return isa->endian == ENDIAN_BIG || isa->endian == ENDIAN_NONE;
}

static void print_description(const struct isa *isa, FILE *to)
{
	if (export_units(isa))
		print_order(isa, to);
	fprintf(to,
		"Definition description : plain := {|\n  word_width := %u; unit_width := %u; "
		"instruction_units := %u; high_first := %s;\n"
		"  address_width := %u; mode_width := %u;\n  control_widths := ",
		isa->word, isa->unit, isa->length, high_first(isa) ? "true" : "false",
		isa->role[ROLE_PC]->width, isa->role[ROLE_MODE]->width);
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
		"(* %s under map %s, made by `trapeze prove`; what the words mean stands in Plain.v,\n"
		"   Units.v and Tree.v.  It is no architecture of Machine.v: %s.\n"
		"   So the conditions are proved, or refuted; that there is a monitor, or none, is not. *)\n"
		"From Coq Require Import List NArith.\nImport ListNotations.\n"
		"From Trapeze Require Import Word Tree Processor Plain Units PlainAnalysis Translation.\n"
		"Local Open Scope N_scope.\n\n",
		isa->name, map->name, why);
	print_description(isa, to);
	fputs("Lemma relocation_is_the_papers : (forall access, List.In access [0; 1; 2] ->\n"
	      "  is_the_papers (word_width description) (fault description access)\n"
	      "    (of_access access (relocate description))) /\\\n"
	      "  relocated description = 2.\n"
	      "Proof.\n  split; [|reflexivity]. intros access [<-|[<-|[<-|[]]]];\n"
	      "  (left; reflexivity) || (right; reflexivity).\n"
	      "Qed.\n\n"
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

/*
 * What is claimed of one of the conditions, in the words of Processor.v and PlainAnalysis.v.  Of
 * machines with bytes it is that sensitive instructions trap in user mode, as check has it: theirs
 * trap in supervisor mode, too, at odd addresses and the like.
 */
static void print_claim(const struct isa *isa, enum claim claim, const struct witness *against,
			const char *number, const char *condition, FILE *to)
{
	const char *reading = export_units(isa) ? "_in_user_mode" : "";

	if (claim == CLAIM_HOLDS) {
		fprintf(to,
			"Theorem condition%s : %s_condition%s machine.\n"
			"Proof. apply %s_%s_sound. vm_compute. reflexivity. Qed.\n\n",
			number, condition, reading, condition,
			export_units(isa) ? "traps" : "holds");
	} else if (claim == CLAIM_FAILS) {
		fputs("(* The virtual machine's state, and its image on the real one. *)\n", to);
		print_side(isa, against, SIDE_VIRTUAL, "virtual", number, to);
		print_side(isa, against, SIDE_REAL, "image", number, to);
		fprintf(to,
			"Theorem condition%s_fails : ~ %s_condition%s machine.\n"
			"Proof.\n  apply (%s_refuted%s _ _ %" PRIu64
			" virtual%s image%s).\n  vm_compute. reflexivity.\nQed.\n\n",
			number, condition, reading, condition, reading, against->word, number,
			number);
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
