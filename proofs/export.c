/* A description as a Coq file. */
#include "proofs/export_private.h"

#include <inttypes.h>

/* ---- registers ---- */

bool export_other(const struct isa_reg *r)
{
	return r->class == CLASS_CONTROL && r->role == ROLE_NONE;
}

/* Elements of the registers before this one that are of its sort. */
static unsigned before(const struct isa *isa, const struct isa_reg *r, bool other)
{
	unsigned n = 0;

	for (const struct isa_reg *q = isa->reg; q < r; q++)
		if (other ? export_other(q) : q->class == CLASS_VISIBLE && q->role != ROLE_PC)
			n += q->count;
	return n;
}

unsigned export_first(const struct isa *isa, const struct isa_reg *r)
{
	return before(isa, r, export_other(r));
}

/* The name of a register's role, or its place among those without. */
static void print_register(const struct isa *isa, const struct isa_reg *r, const char *prefix,
			   FILE *to)
{
	static const char *const role[ROLES] = {
		[ROLE_PC] = "Pc", [ROLE_MODE] = "Mode", [ROLE_BASE] = "Base", [ROLE_BOUND] = "Bound"
	};

	if (role[r->role])
		fprintf(to, "%s%s", prefix, role[r->role]);
	else
		fprintf(to, "(%s%s %u)", prefix, export_other(r) ? "Control" : "Visible",
			before(isa, r, export_other(r)));
}

unsigned export_count(const struct isa *isa, bool other)
{
	return before(isa, isa->reg + isa->nregs, other);
}

void export_reg(const struct isa *isa, const struct isa_reg *r, FILE *to)
{
	print_register(isa, r, "R", to);
}

/* ---- what can be exported ---- */

static const char *roles_unfit(const struct isa *isa)
{
	const struct isa_reg *const *role = isa->role;

	if (!role[ROLE_MODE] || !role[ROLE_BASE] || !role[ROLE_BOUND] || !isa->user)
		return "it has no mode, or no relocation-bounds register";
	return NULL;
}

static const char *registers_unfit(const struct isa *isa)
{
	const struct isa_reg *const *role = isa->role;

	if (role[ROLE_BASE]->width != isa->word || role[ROLE_BOUND]->width != isa->word)
		return "its relocation and bound are not words";
	for (const struct isa_reg *r = isa->reg; r < isa->reg + isa->nregs; r++)
		if (r->class == CLASS_CONTROL && r->array && !export_units(isa))
			return "it has an array of control registers";
	return NULL;
}

static const char *units_unfit(const struct isa *isa)
{
	return export_units(isa) ? "it addresses bytes" : NULL;
}

static const char *psw_unfit(const struct isa *isa)
{
	if (isa->role[ROLE_MODE]->width != 1)
		return "its mode is more than one bit";
	if (isa->role[ROLE_PC]->width != isa->word)
		return "its P is not a word";
	return NULL;
}

/* user = M == value */
static const char *user_unfit(const struct isa *isa)
{
	const struct expr *u = isa->user;

	if (u->op == X_EQ && u->arg[0]->op == X_REG && u->arg[0]->reg == isa->role[ROLE_MODE] &&
	    u->arg[1]->op == X_CONST)
		return NULL;
	return "its user mode is not a value of its mode";
}

static const char *map_unfit(const struct isa *isa, const struct isa_map *map)
{
	for (const struct isa_reg *r = isa->reg; r < isa->reg + isa->nregs; r++) {
		const struct isa_map_entry *e = &map->entry[r->index];

		if (r->class != CLASS_CONTROL)
			continue;
		if ((r->role == ROLE_BASE || r->role == ROLE_BOUND) != (e->kind == MAP_COMPOSED) ||
		    (r->role == ROLE_MODE && (e->kind != MAP_VALUE || e->value->op != X_CONST ||
					      e->value->value != isa->user->arg[1]->value)) ||
		    (e->kind == MAP_VALUE && e->value->op != X_CONST) || e->kind == MAP_MIRRORED)
			return "its map is not the paper's: user mode, relocation composed, the "
			       "rest constant or virtual";
	}
	return NULL;
}

static const char *trapseq_unfit(const struct isa *isa)
{
	struct psw_layout l;
	bool next;

	if (!export_layout(isa, &l))
		return "its trap sequence is not an exchange of program status words";
	for (unsigned i = 0; i < isa->ntraps; i++)
		if (!export_phase(isa, &isa->trap[i], &next))
			return "one of its traps is raised in different phases";
	return NULL;
}

static const char *code_unfit(const struct isa *isa)
{
	const char *why = export_code_unfit(isa, isa->translate);

	if (!why)
		why = export_expr_unfit(isa, isa->user);
	if (!why && isa->big)
		why = export_expr_unfit(isa, isa->big);
	for (unsigned i = 0; i < isa->ninstrs && !why; i++)
		why = export_code_unfit(isa, &isa->instr[i].code);
	return why;
}

static const char *clock_unfit(const struct isa *isa)
{
	if (isa->tick && !export_clock(isa, isa->tick->body, true))
		return "its tick looks at more than control registers, or changes the relocation";
	if (isa->interrupt && !export_clock(isa, isa->interrupt->body, false))
		return "its interrupt looks at more than control registers, or changes some";
	return NULL;
}

/* What data of plain machines has registers for. */
static const char *besides_unfit(const struct isa *isa)
{
	if (export_after(isa))
		return "an instruction traps after its effects";
	if (export_reads(isa, X_TIME) || export_reads(isa, X_LINE))
		return "instructions read time or interrupt lines";
	return NULL;
}

static const char *shape_unfit(const struct isa *isa)
{
	if (isa->abstract_translation || isa->advance)
		return "it has abstract translation or delay slots";
	if (isa->mapped)
		return "its devices are reached as storage is";
	return NULL;
}

/* What translate raises, by whatever way of access. */
static const char *faults_unfit(const struct isa *isa, const struct stmt *s)
{
	const char *why = NULL;

	for (; s && !why; s = s->next) {
		if (s->op == S_TRAP && s->trap != isa->memory)
			return "its translate raises traps besides memory";
		why = faults_unfit(isa, s->body);
		if (!why)
			why = faults_unfit(isa, s->otherwise);
	}
	return why;
}

/* What either way of exporting asks for. */
static const char *unfit(const struct isa *isa)
{
	const char *why = roles_unfit(isa);

	if (!why)
		why = shape_unfit(isa);
	if (!why)
		why = registers_unfit(isa);
	if (!why && !export_units(isa))
		why = faults_unfit(isa, isa->translate->body);
	if (!why)
		why = code_unfit(isa);
	return why;
}

/* Why a machine is not an architecture of proofs/coq/Machine.v, or NULL. */
static const char *architecture_unfit(const struct isa *isa, const struct isa_map *map)
{
	const char *why = units_unfit(isa);

	if (!why)
		why = psw_unfit(isa);
	if (!why)
		why = user_unfit(isa);
	if (!why)
		why = map_unfit(isa, map);
	if (!why)
		why = trapseq_unfit(isa);
	if (!why)
		why = besides_unfit(isa);
	if (!why)
		why = clock_unfit(isa);
	return why;
}

bool export_fit(const struct isa *isa, const struct isa_map *map, char *reason, size_t reason_size)
{
	const char *why = unfit(isa);

	/* One with the paper's PSW and traps is an architecture, or is refused. */
	if (!why && !units_unfit(isa) && !psw_unfit(isa) && !trapseq_unfit(isa))
		why = architecture_unfit(isa, map);
	if (why)
		snprintf(reason, reason_size, "%s", why);
	return !why;
}

/* ---- the description ---- */

static void print_control(const struct isa *isa, const struct isa_map *map, bool real, FILE *to)
{
	const char *separator = "";

	fputc('[', to);
	for (const struct isa_reg *r = isa->reg; r < isa->reg + isa->nregs; r++) {
		const struct isa_map_entry *e = &map->entry[r->index];

		if (!export_other(r))
			continue;
		fprintf(to, "%s%" PRIu64, separator,
			!real		       ? (uint64_t)r->width
			: e->kind == MAP_VALUE ? e->value->value
					       : 0);
		separator = "; ";
	}
	fputc(']', to);
}

static void print_words(const struct isa *isa, const struct psw_word *word, unsigned n, FILE *to)
{
	static const char *const name[] = {
		[WORD_PC] = "PPc", [WORD_KIND] = "PKind", [WORD_INFO] = "PInfo"
	};

	fputc('[', to);
	for (unsigned i = 0; i < n; i++) {
		fputs(i ? "; " : "", to);
		if (word[i].kind == WORD_REG)
			print_register(isa, word[i].reg, "P", to);
		else
			fputs(name[word[i].kind], to);
	}
	fputc(']', to);
}

static void print_traps(const struct isa *isa, FILE *to)
{
	fputs("  traps := [", to);
	for (unsigned i = 0; i < isa->ntraps; i++) {
		bool next;

		export_phase(isa, &isa->trap[i], &next);
		fprintf(to, "%s{| number := %u; next := %s |}", i ? ";\n    " : "",
			isa->trap[i].number, next ? "true" : "false");
	}
	fprintf(to, "];\n  illegal := %u; memory := %u;\n", isa->illegal->index,
		isa->memory->index);
}

static void print_instruction(const struct isa *isa, const struct isa_instr *in, FILE *to)
{
	fprintf(to, "  (* %s *)\n  {| mask := %" PRIu64 "; match_ := %" PRIu64 "; fields := [",
		in->name, in->mask, in->match);
	for (unsigned i = 0; i < in->format->nfields; i++)
		fprintf(to, "%s(%u, %u)", i ? "; " : "", in->format->field[i].lo,
			in->format->field[i].width);
	fprintf(to, "]; locals := %u;\n    code := ",
		in->code.nlocals + (export_units(isa) ? EXPORT_SPARE : 0));
	export_code(isa, &in->code, to);
	fputs(" |}", to);
}

/* Code of the clock, and how many locals it has besides parameters; there may be none. */
static void print_clock(const struct isa *isa, const char *name, const struct code *code, FILE *to)
{
	fprintf(to, "  %s := ", name);
	if (code)
		export_code(isa, code, to);
	else
		fputs("Done", to);
	fprintf(to, "; %s_locals := %u;\n", name, code ? code->nlocals - code->nparams : 0);
}

void export_instructions(const struct isa *isa, FILE *to)
{
	fputc('[', to);
	for (unsigned i = 0; i < isa->ninstrs; i++) {
		fputs(i ? ";\n" : "\n", to);
		print_instruction(isa, &isa->instr[i], to);
	}
	fputc(']', to);
}

/* What settles many units of time at once is no part of the machine: definitions beside it. */
static void print_batching(const struct isa *isa, FILE *to)
{
	if (!isa->horizon || !isa->skip)
		return;
	fputs("Definition horizon_code : stmt := ", to);
	export_code(isa, isa->horizon, to);
	fprintf(to, ".\nDefinition horizon_result : N := %u.\nDefinition skip_code : stmt := ",
		isa->horizon->result);
	export_code(isa, isa->skip, to);
	fputs(".\n\n", to);
}

static void print_description(const struct isa *isa, const struct isa_map *map, FILE *to)
{
	struct psw_layout l;

	export_layout(isa, &l);
	fprintf(to,
		"Definition description : isa := {|\n  width := %u; user_value := %" PRIu64 ";\n",
		isa->word, isa->user->arg[1]->value);
	fputs("  control := ", to);
	print_control(isa, map, false, to);
	fputs("; real := ", to);
	print_control(isa, map, true, to);
	fputs(";\n", to);
	print_traps(isa, to);
	fputs("  old_words := ", to);
	print_words(isa, l.old, l.nold, to);
	fputs(";\n  new_words := ", to);
	print_words(isa, l.new, l.nnew, to);
	fprintf(to, ";\n  result_local := %u;\n  translate := ", isa->translate->result);
	export_code(isa, isa->translate, to);
	fputs(";\n", to);
	print_clock(isa, "tick", isa->tick, to);
	print_clock(isa, "interrupt", isa->interrupt, to);
	fputs("  instructions := ", to);
	export_instructions(isa, to);
	fputs(" |}.\n\n", to);
}

/* ---- states ---- */

void export_numbers(const uint64_t *value, uint64_t n, FILE *to)
{
	fputc('[', to);
	for (uint64_t i = 0; i < n; i++)
		fprintf(to, "%s%" PRIu64, i ? "; " : "", value[i]);
	fputc(']', to);
}

/* Time, the lines, of which none is asserted; no trap that is left behind. */
static void print_besides(const struct isa *isa, const struct cpu *cpu, bool other, FILE *to)
{
	unsigned zeros = other ? export_lines(isa) : 2 * export_after(isa);
	const char *separator = export_count(isa, other) ? "; " : "";

	if (other && export_reads(isa, X_TIME)) {
		fprintf(to, "%s%" PRIu64, separator, cpu->time);
		separator = "; ";
	}
	for (; zeros; zeros--, separator = "; ")
		fprintf(to, "%s0", separator);
}

/* The elements of the registers of one sort. */
void export_values(const struct isa *isa, const struct cpu *cpu, bool other, FILE *to)
{
	const uint64_t *state = cpu->state;
	const char *separator = "";

	fputc('[', to);
	for (const struct isa_reg *r = isa->reg; r < isa->reg + isa->nregs; r++) {
		if (other ? !export_other(r) : r->class != CLASS_VISIBLE || r->role == ROLE_PC)
			continue;
		for (unsigned i = 0; i < r->count; i++) {
			fprintf(to, "%s%" PRIu64, separator, state[r->slot + i]);
			separator = "; ";
		}
	}
	print_besides(isa, cpu, other, to);
	fputc(']', to);
}

/* A state, of type state: storage of so many units, visible registers, PSW; its devices are `d`. */
static void print_state(const struct isa *isa, const struct cpu *cpu, const uint64_t *storage,
			uint64_t size, FILE *to)
{
	const uint64_t *state = cpu->state;
	const struct isa_reg *const *role = isa->role;
	bool user = state[role[ROLE_MODE]->slot] == isa->user->arg[1]->value;

	fputs("mkst ", to);
	export_numbers(storage, size, to);
	fputs(" ", to);
	export_values(isa, cpu, false, to);
	fprintf(to,
		" (Running, d) (mkpsw %s (wrap %u %" PRIu64 ") (rr description %" PRIu64 " %" PRIu64
		" ",
		user ? "Usr" : "Sup", isa->word, state[role[ROLE_PC]->slot],
		state[role[ROLE_BASE]->slot], state[role[ROLE_BOUND]->slot]);
	export_values(isa, cpu, true, to);
	fputs("))", to);
}

/* ---- the file ---- */

static void print_beginning(const struct isa *isa, const struct isa_map *map, FILE *to)
{
	fprintf(to,
		"(* %s under map %s, made by `trapeze prove`; what the words mean stands in Tree.v. *)\n"
		"From Coq Require Import List NArith.\nImport ListNotations.\n"
		"From Trapeze Require Import Machine Classification Word Tree Instance Analysis\n"
		"  Translation Resident Clockwork PerIsa.\nLocal Open Scope N_scope.\n\n",
		isa->name, map->name);
	print_description(isa, map, to);
	print_batching(isa, to);
	fputs("Lemma trap_sequence : sequence_ok description = true.\n"
	      "Proof. vm_compute. reflexivity. Qed.\n"
	      "Lemma relocation_is_the_papers : translate description =\n"
	      "  standard_translate (width description) (memory description) 2 3 /\\\n"
	      "  result_local description = 2.\nProof. split; reflexivity. Qed.\n\n"
	      "Section Machine.\n(* Whatever the devices do, and wherever they begin. *)\n"
	      "Variable V : world.\nVariable d : wD V.\n"
	      "Definition machine : arch := architecture description V trap_sequence.\n\n"
	      "Lemma clock : clock_ok description V d = true.\n"
	      "Proof. vm_compute. reflexivity. Qed.\n"
	      "Definition time := clock_of description V d clock trap_sequence.\n\n",
	      to);
}

/* What is claimed of one of the theorems, in the words of Classification.v and PerIsa.v. */
struct statement {
	const char *number, *condition, *monitor;
	const char *direct; /* the virtual modes in which the hosted monitor runs instructions */
};
static const struct statement one = { "1", "virtualizable", "monitor_exists", "in_any_mode" },
			      three = { "3", "hybrid_virtualizable", "hybrid_monitor_exists",
					"in_user_mode" };

static void print_holds(const struct statement *s, FILE *to)
{
	fprintf(to,
		"Theorem condition%s : %s machine.\n"
		"Proof. apply condition%s_sound. vm_compute. reflexivity. Qed.\n"
		"Theorem theorem%s : %s machine.\nProof. exact (theorem%s_of _ condition%s). Qed.\n",
		s->number, s->condition, s->number, s->number, s->monitor, s->number, s->number);
	fprintf(to,
		"Theorem theorem%s_with_time : hosted_monitor_exists machine time %s.\n"
		"Proof. exact (hosted%s_of _ _ (clock_steady description V d clock trap_sequence)"
		" condition%s). Qed.\n\n",
		s->number, s->direct, s->number, s->number);
}

static void print_side(const struct isa *isa, const struct witness *w, enum world_side side,
		       const char *name, FILE *to)
{
	fprintf(to, "Definition %s : stateA machine :=\n  ", name);
	print_state(isa, w->before[side], w->storage_before[side],
		    w->machine[side]->storage->size, to);
	fputs(".\n", to);
}

static void print_fails(const struct isa *isa, const struct witness *w, const struct statement *s,
			FILE *to)
{
	char name[64];

	fprintf(to, "(* The virtual machine's state, and its image on the real one. *)\n");
	snprintf(name, sizeof(name), "virtual%s", s->number);
	print_side(isa, w, SIDE_VIRTUAL, name, to);
	snprintf(name, sizeof(name), "image%s", s->number);
	print_side(isa, w, SIDE_REAL, name, to);
	fprintf(to,
		"Theorem condition%s_fails : ~ %s machine.\n"
		"Proof.\n  apply (condition%s_refuted _ _ _ %" PRIu64
		" virtual%s image%s).\n  vm_compute. reflexivity.\nQed.\n\n",
		s->number, s->condition, s->number, w->word, s->number, s->number);
}

static void print_claim(const struct isa *isa, enum claim claim, const struct witness *against,
			const struct statement *s, FILE *to)
{
	if (claim == CLAIM_HOLDS)
		print_holds(s, to);
	else if (claim == CLAIM_FAILS)
		print_fails(isa, against, s, to);
}

void export_print(const struct isa *isa, const struct isa_map *map, const struct claims *claims,
		  FILE *to)
{
	const char *why = architecture_unfit(isa, map);

	if (why) {
		export_plain(isa, map, why, claims, to);
		return;
	}
	print_beginning(isa, map, to);
	print_claim(isa, claims->one, claims->against_one, &one, to);
	print_claim(isa, claims->three, claims->against_three, &three, to);
	fputs("End Machine.\n", to);
}
