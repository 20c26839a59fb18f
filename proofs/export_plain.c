/* A machine whose trap exchanges no program status words, as Coq data: proofs/coq/Plain.v. */
#include "proofs/export_private.h"

#include <inttypes.h>

static void print_widths_besides(const struct isa *isa, bool other, const char *separator, FILE *to)
{
	unsigned lines = other ? export_lines(isa) : 0;

	if (!other && export_after(isa))
		fprintf(to, "%s16; %u", separator, isa->word);
	if (other && export_reads(isa, X_TIME)) {
		fprintf(to, "%s64", separator);
		separator = "; ";
	}
	for (; lines; lines--, separator = "; ")
		fprintf(to, "%s1", separator);
}

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
	print_widths_besides(isa, other, separator, to);
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

/* Of the registers in the data, those of the machine; for the comparison with the oracle. */
static void print_own(const struct isa *isa, FILE *to)
{
	fprintf(to,
		"Definition own_visible : nat := %u%%nat.\nDefinition own_control : nat := %u%%nat.\n"
		"Definition reads_time : bool := %s.\n\n",
		export_count(isa, false), export_count(isa, true),
		export_reads(isa, X_TIME) ? "true" : "false");
}

static void print_beginning(const struct isa *isa, const struct isa_map *map, const char *why,
			    FILE *to)
{
	fprintf(to,
		"(* %s under map %s, made by `trapeze prove`; what the words mean stands in Plain.v,\n"
		"   Units.v and Tree.v.  It is no architecture of Machine.v: %s.\n"
		"   So the conditions are proved, or refuted; that there is a monitor, or none, is not. *)\n"
		"From Coq Require Import List NArith.\nImport ListNotations.\n"
		"From Trapeze Require Import Word Tree Processor Plain Units PlainAnalysis Mapped\n"
		"  Translation.\n"
		"Local Open Scope N_scope.\n\n",
		isa->name, map->name, why);
	print_description(isa, to);
	print_own(isa, to);
	fputs("Lemma relocation_is_the_papers : (forall access, List.In access [0; 1; 2] ->\n"
	      "  is_the_papers (word_width description) (fault description access)\n"
	      "    (of_access access (relocate description))) /\\\n"
	      "  relocated description = 2.\n"
	      "Proof.\n  split; [|reflexivity]. intros access [<-|[<-|[<-|[]]]];\n"
	      "  (left; reflexivity) || (right; left; reflexivity) ||\n"
	      "  (right; right; reflexivity).\n"
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
	export_values(isa, w->before[side], true, to);
	fputs("; visibles := ", to);
	export_values(isa, w->before[side], false, to);
	fputs(";\n  outside := (Running, d) |}.\n", to);
}

/* ---- what is claimed ---- */

/* Is a register one whose real value a map chooses, so that instructions may read it? */
static bool map_chooses(const struct isa *isa, const struct isa_map *map, const struct isa_reg *r)
{
	enum map_kind kind = map->entry[r->index].kind;

	return export_other(r) && !expr_reads(isa->user, r) &&
	       (r->time || kind == MAP_MIRRORED || kind == MAP_VALUE);
}

/*
 * Do conditions depend on the map?  They do where an instruction that is not privileged reads time, or
 * what the map keeps in real control registers, besides those that make user mode.
 */
static bool by_map(const struct isa *isa, const struct isa_map *map)
{
	for (const struct isa_instr *in = isa->instr; in < isa->instr + isa->ninstrs; in++) {
		if (in->privileged)
			continue;
		if (export_computes(&in->code, X_TIME))
			return true;
		for (const struct isa_reg *r = isa->reg; r < isa->reg + isa->nregs; r++)
			if (map_chooses(isa, map, r) && code_reads(&in->code, r))
				return true;
	}
	return false;
}

/* The constants that the map keeps in real registers, and the registers that it mirrors. */
static void print_mapping(const struct isa *isa, const struct isa_map *map, FILE *to)
{
	const char *separator = "";

	fputs("Definition real_registers : mapping := {|\n  held := [", to);
	for (const struct isa_reg *r = isa->reg; r < isa->reg + isa->nregs; r++) {
		const struct isa_map_entry *e = &map->entry[r->index];

		if (!export_other(r) || r->array || e->kind != MAP_VALUE || e->value->op != X_CONST)
			continue;
		fprintf(to, "%s(", separator);
		export_reg(isa, r, to);
		fprintf(to, ", %" PRIu64 ")", e->value->value);
		separator = "; ";
	}
	fputs("];\n  mirrored := [", to);
	separator = "";
	for (const struct isa_reg *r = isa->reg; r < isa->reg + isa->nregs; r++) {
		if (!export_other(r) ||
		    (!r->time && map->entry[r->index].kind != MAP_MIRRORED))
			continue;
		for (unsigned i = 0; i < r->count; i++, separator = "; ")
			fprintf(to, "%s%u", separator, export_first(isa, r) + i);
	}
	if (export_reads(isa, X_TIME))
		fprintf(to, "%s%u", separator, export_count(isa, true));
	fputs("] |}.\n\n", to);
}

/*
 * A condition, in the words of Processor.v.  Of machines with bytes it is that sensitive instructions
 * trap in user mode, as check has it: theirs trap in supervisor mode, too, at odd addresses and the
 * like.  Where it depends on the map, it is that under the map.
 */
struct reading {
	const char *suffix; /* of the condition's and the refutation's names */
	const char *holds;  /* what is computed where it holds */
	const char *of;     /* of what it is, besides the machine */
	const char *args;   /* of the refutation, besides the description and the world */
};
static const struct reading literal = { "", "holds", "", "" },
			    in_user_mode = { "_in_user_mode", "traps", "", "" },
			    under_map = { "_under", "under", " (image description real_registers V)",
					  " _" };

static const struct reading *reading_of(const struct isa *isa, const struct isa_map *map)
{
	return by_map(isa, map) ? &under_map : export_units(isa) ? &in_user_mode : &literal;
}

static void print_claim(const struct isa *isa, const struct reading *r, enum claim claim,
			const struct witness *against, const char *number, const char *condition,
			FILE *to)
{
	if (claim == CLAIM_HOLDS) {
		fprintf(to,
			"Theorem condition%s : %s_condition%s machine%s.\n"
			"Proof. apply %s_%s_sound. vm_compute. reflexivity. Qed.\n\n",
			number, condition, r->suffix, r->of, condition, r->holds);
	} else if (claim == CLAIM_FAILS) {
		fputs("(* The virtual machine's state, and its image on the real one. *)\n", to);
		print_side(isa, against, SIDE_VIRTUAL, "virtual", number, to);
		print_side(isa, against, SIDE_REAL, "image", number, to);
		fprintf(to,
			"Theorem condition%s_fails : ~ %s_condition%s machine%s.\n"
			"Proof.\n  apply (%s_refuted%s _ _%s %" PRIu64
			" virtual%s image%s).\n  vm_compute. reflexivity.\nQed.\n\n",
			number, condition, r->suffix, r->of, condition, r->suffix, r->args,
			against->word, number, number);
	}
}

void export_plain(const struct isa *isa, const struct isa_map *map, const char *why,
		  const struct claims *claims, FILE *to)
{
	const struct reading *r = reading_of(isa, map);

	print_beginning(isa, map, why, to);
	if (r == &under_map)
		print_mapping(isa, map, to);
	print_claim(isa, r, claims->one, claims->against_one, "1", "first", to);
	print_claim(isa, r, claims->three, claims->against_three, "3", "third", to);
	fputs("End Machine.\n", to);
}
