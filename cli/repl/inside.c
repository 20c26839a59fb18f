/*
 * Into the monitor: what an instruction leads to, before it is done (explain), while it is done
 * (step --into), and if it stood there (exec).
 *
 * explain tries the instruction on copies of the state, by the description's own semantics: as the
 * guest's machine would run it, and with the control state that is real under the map.
 */
#include "cli/repl/repl.h"

#include "cli/trace_print.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

/* ---- trying ---- */

struct trial {
	bool completes;
	struct trap trap; /* else */
	const char *why;  /* it was raised, as the description says; NULL: it does not */
	enum cpu_status status;
	uint64_t *before, *after; /* registers; owned */
};

static void trial_free(struct trial *t)
{
	free(t->before);
	free(t->after);
}

static uint64_t *registers_of(const struct view *v)
{
	uint64_t *copy = make(v->isa->nslots, sizeof(*copy));

	memcpy(copy, v->cpu->state, v->isa->nslots * sizeof(*copy));
	return copy;
}

/* The instruction at P, the state being what it was afterwards; real: under the map. */
static struct trial attempt(const struct session *s, bool real)
{
	struct view *v = view_of(s);
	struct snapshot *before = snapshot_take(v);
	const struct isa_map *map = s->now->lab->monitor ? monitor_map(monitor_of(s)) : NULL;
	uint64_t *values = make(v->isa->nregs, sizeof(*values));
	struct stops *stops = v->stops;
	struct trial t = { 0 };

	for (unsigned i = 0; real && i < v->isa->nregs; i++)
		if (map->entry[i].kind == MAP_VALUE && v->isa->reg[i].class == CLASS_CONTROL)
			values[i] = view_eval(v, map->entry[i].value);
	for (unsigned i = 0; real && i < v->isa->nregs; i++)
		if (map->entry[i].kind == MAP_VALUE && v->isa->reg[i].class == CLASS_CONTROL)
			v->cpu->state[v->isa->reg[i].slot] = values[i];
	v->stops = NULL;
	consoles_mute(s->now->consoles, true);
	t.before = registers_of(v);
	t.completes = view_instruction(v, &t.trap);
	t.why = t.completes ? NULL : view_why(v, &t.trap);
	t.after = registers_of(v);
	t.status = v->cpu->status;
	snapshot_restore(v, before);
	consoles_mute(s->now->consoles, false);
	v->stops = stops;
	snapshot_free(before);
	free(values);
	return t;
}

static void say_trap(const struct trap *t)
{
	printf("trap %s", t->kind->name);
	if (t->info)
		printf(", operand 0x%" PRIx64, t->info);
}

/* From a new line on, in 80 columns. */
static void say_below(const char *before, const char *text, const char *behind)
{
	int column = printf("\n      %s", before) - 1;
	const char *blank = "";
	char *word;

	while ((word = next_word(&text))) {
		int length = (int)strlen(word);

		if (column + length + 2 > 79)
			column = printf("\n      ") - 1;
		else
			column += printf("%s", blank);
		column += printf("%s", word);
		blank = " ";
		free(word);
	}
	fputs(behind, stdout);
}

/* What the description says of it, and why it was raised here. */
static void say_doc(const struct trial *t)
{
	if (t->trap.kind->doc)
		say_below("(", t->trap.kind->doc, ")");
	if (t->why)
		say_below("because ", t->why, "");
}

/* Which instruction it is, and in whose world it is run. */
static void say_instruction(const struct session *s)
{
	struct view *v = view_of(s);
	char name[64];

	report_place(v, guest_of(s)->image, stdout);
	printf("in %s mode of %s",
	       !v->isa->user  ? "the only"
	       : view_user(v) ? "user"
			      : "supervisor",
	       machine_name(s, s->now, s->machine, name, sizeof(name)));
}

static void explain_bare(const struct trial *t)
{
	if (t->completes) {
		puts(": it completes; nothing traps");
		return;
	}
	fputs(": it raises ", stdout);
	say_trap(&t->trap);
	say_doc(t);
	puts("\nnext: the machine's own trap sequence stores the old state and goes to the handler");
}

/* The register in which direct execution shows: control state that the virtual machine would have
 * changed, or a visible register that comes out otherwise; NULL: none. */
static const struct isa_reg *shows_in(const struct isa *isa, const struct trial *virtual,
				      const struct trial *real)
{
	for (unsigned i = 0; i < isa->nslots; i++) {
		const struct isa_reg *r = isa_slot_reg(isa, i);
		bool visible = r->class == CLASS_VISIBLE || r->role == ROLE_PC;

		if (visible ? virtual->after[i] != real->after[i]
			    : !r->time && virtual->after[i] != virtual->before[i] &&
				      real->after[i] == real->before[i])
			return r;
	}
	return NULL;
}

static void explain_unseen(const struct isa *isa, const struct trial *virtual,
			   const struct trial *real)
{
	const struct isa_reg *r = shows_in(isa, virtual, real);

	puts(": it runs directly; the monitor does not see it");
	if (!virtual->completes) {
		fputs("but on its own machine it would raise ", stdout);
		say_trap(&virtual->trap);
		puts(": the guest can tell");
	} else if (virtual->status != real->status || r) {
		printf("but on its own machine it would do otherwise%s%s: the guest can tell\n",
		       r ? ", in " : "", r ? r->name : "");
	}
}

static void explain_direct(const struct isa *isa, const struct trial *virtual,
			   const struct trial *real)
{
	if (real->completes) {
		explain_unseen(isa, virtual, real);
		return;
	}
	fputs(":\nwhy:  on the real machine, in user mode, it raises ", stdout);
	say_trap(&real->trap);
	say_doc(real);
	puts("\nwho:  the dispatcher, which runs it again on the virtual machine");
	if (virtual->completes) {
		puts("next: there it completes, so it is emulated by its interpreter routine");
		return;
	}
	fputs("next: there it raises ", stdout);
	say_trap(&virtual->trap);
	if (virtual->trap.kind != real->trap.kind || virtual->why != real->why)
		say_doc(virtual);
	puts(",\n      so that is reflected: the guest's own trap sequence is run for it");
}

static bool explain(struct session *s)
{
	struct view *v = view_of(s);
	struct trial virtual, real = { 0 };

	if (v->cpu->status != CPU_RUNNING) {
		char end[128];

		printf("the machine is %s\n", report_end(v, end, sizeof(end)));
		return true;
	}
	say_instruction(s);
	virtual = attempt(s, false);
	if (!s->now->lab->monitor) {
		explain_bare(&virtual);
	} else if (monitor_kind(monitor_of(s)) == MONITOR_HYBRID && !view_user(v)) {
		puts(", which the hybrid monitor interprets, never runs directly");
		fputs("there", stdout);
		explain_bare(&virtual);
	} else {
		real = attempt(s, true);
		explain_direct(v->isa, &virtual, &real);
	}
	trial_free(&virtual);
	trial_free(&real);
	return true;
}

/* Of the instruction that was done last: one step back, and here again. */
static bool explain_last(struct session *s)
{
	struct history *h = s->now->history;
	uint64_t now = view_of(s)->cpu->steps;
	bool ok;

	if (now == 0) {
		say_error("nothing has been done yet");
		return false;
	}
	unhang_all(s);
	history_mark(h);
	consoles_mute(s->now->consoles, true);
	ok = history_go(h, s->machine, now - 1);
	if (ok)
		ok = explain(s);
	else
		say_error("what was before is not known");
	consoles_mute(s->now->consoles, true);
	history_return(h);
	consoles_mute(s->now->consoles, false);
	history_forget(h);
	return ok;
}

static bool run_explain(struct session *s, const char *arguments)
{
	if (strcmp(arguments, "--last") == 0)
		return explain_last(s);
	return at_end(arguments) && explain(s);
}

static char *complete_explain(const struct session *s, const char *start, unsigned n)
{
	static const char *const words[] = { "--last", NULL };

	(void)s;
	return complete_from(words, start, &n);
}

/* ---- predictions ---- */

enum fate { FATE_RUNS, FATE_TRAPS, FATE_EMULATED, FATE_REFLECTED, FATE_INTERPRETED, FATES };

static const char *const fates[FATES] = { "runs", "traps", "emulated", "reflected", "interpreted" };

static enum fate fate_of(const struct session *s)
{
	struct trial virtual = attempt(s, false), real = { 0 };
	enum fate fate = virtual.completes ? FATE_RUNS : FATE_TRAPS;

	if (monitor_of(s) && monitor_kind(monitor_of(s)) == MONITOR_HYBRID &&
	    !view_user(view_of(s))) {
		fate = FATE_INTERPRETED;
	} else if (monitor_of(s)) {
		real = attempt(s, true);
		fate = real.completes	   ? FATE_RUNS
		       : virtual.completes ? FATE_EMULATED
					   : FATE_REFLECTED;
	}
	trial_free(&virtual);
	trial_free(&real);
	return fate;
}

const char *fate_name(const struct session *s)
{
	return fates[fate_of(s)];
}

void ask_prediction(const struct session *s)
{
	report_place(view_of(s), guest_of(s)->image, stdout);
	puts(s->now->lab->monitor
		     ? "'predict' runs, emulated, reflected or (by a hybrid monitor) interpreted?"
		     : "'predict' runs or traps?");
}

static bool predicted(struct session *s, enum fate said)
{
	enum fate fate = fate_of(s);

	s->predictions++;
	s->right += fate == said;
	printf("%s: it %s%s; %u of %u right\n", fate == said ? "right" : "wrong",
	       fate <= FATE_TRAPS ? "" : "is ", fates[fate], s->right, s->predictions);
	tell_ending(s, run_steps(s, 1, NULL));
	return true;
}

static bool can_go_on(const struct session *s)
{
	char end[128];
	bool can = view_of(s)->cpu->status == CPU_RUNNING;

	if (!can)
		say_error("there is no step to be predicted: the machine is %s",
			  report_end(view_of(s), end, sizeof(end)));
	return can;
}

static bool run_predict(struct session *s, const char *arguments)
{
	char *word = next_word(&arguments);
	bool on, known;
	int fate = FATES;

	for (int i = 0; word && i < FATES; i++)
		if (strcmp(word, fates[i]) == 0)
			fate = i;
	on = word && strcmp(word, "on") == 0;
	known = fate < FATES || on || (word && strcmp(word, "off") == 0);
	free(word);
	if (!known)
		say_error("on, off, runs, traps, emulated, reflected or interpreted");
	if (!known || !at_end(arguments))
		return false;
	if (fate < FATES)
		return can_go_on(s) && predicted(s, (enum fate)fate);
	s->predicting = on;
	if (on && view_of(s)->cpu->status == CPU_RUNNING)
		ask_prediction(s);
	return true;
}

static char *complete_fate(const struct session *s, const char *start, unsigned n)
{
	(void)s;
	for (unsigned i = 0; i < FATES; i++)
		if (strncmp(fates[i], start, strlen(start)) == 0 && n-- == 0)
			return strdup(fates[i]);
	return NULL;
}

/* ---- what changed ---- */

struct before {
	uint64_t *state; /* owned */
	struct write_log log, *outer;
};

static void look_before(const struct view *v, struct before *b)
{
	*b = (struct before){ .state = make(v->isa->nslots, sizeof(uint64_t)),
			      .outer = v->window.storage->log };
	memcpy(b->state, v->cpu->state, v->isa->nslots * sizeof(uint64_t));
	v->window.storage->log = &b->log;
}

static void print_changes(const struct session *s, struct before *b)
{
	struct view *v = view_of(s);
	char name[64];
	uint64_t value;

	v->window.storage->log = b->outer;
	for (unsigned i = 0; i < v->isa->nslots; i++)
		if (v->cpu->state[i] != b->state[i])
			printf("  %-8s 0x%" PRIx64 " -> 0x%" PRIx64 "\n",
			       isa_slot_name(v->isa, i, name, sizeof(name)), b->state[i],
			       v->cpu->state[i]);
	for (size_t i = 0; i < b->log.count; i++)
		if (window_get(&v->window, b->log.address[i] - v->window.base, &value))
			printf("  phys[0x%" PRIx64 "] := 0x%" PRIx64 "\n",
			       b->log.address[i] - v->window.base, value);
	write_log_free(&b->log);
	free(b->state);
}

/* What the monitor's parts read and write; NULL: of the emulated instruction, or nothing. */
static const struct part {
	enum trace_kind kind;
	const char *reads, *writes;
} parts[] = {
	{ TRACE_RESUME, "the virtual registers", "the real ones, by f" },
	{ TRACE_TRAP, "the real registers", "the visible virtual ones, and P" },
	{ TRACE_DISPATCH, "the trap, the virtual mode", NULL },
	{ TRACE_EMULATE, NULL, "what is changed below" },
	{ TRACE_REFLECT, "the virtual registers", "what is changed below" },
	{ TRACE_TIMER, "the virtual registers", "what is changed below" },
	{ TRACE_INTERRUPT, "the virtual registers", "what is changed below" },
	{ TRACE_SWITCH, "whose quantum is over", "who runs" },
};

/* Of which registers an instruction makes use. */
static void list_reads(const struct isa *isa, const struct isa_instr *instr)
{
	const char *comma = "";

	for (const struct isa_reg *r = isa->reg; r < isa->reg + isa->nregs; r++)
		if (code_reads(&instr->code, r)) {
			printf("%s%s", comma, r->name);
			comma = ", ";
		}
	if (!*comma)
		fputs("no register", stdout);
}

static void print_part(const struct isa *isa, const struct trace_record *r, bool to_monitor)
{
	const struct part *p = parts, *end = parts + sizeof(parts) / sizeof(*parts);
	const char *writes;

	while (p < end && p->kind != r->kind)
		p++;
	if (p == end)
		return;
	writes = to_monitor && r->kind == TRACE_REFLECT ? "the trap, for the monitor above" : p->writes;
	printf("%10s reads ", "");
	if (p->reads)
		fputs(p->reads, stdout);
	else
		list_reads(isa, r->instr);
	printf("%s%s\n", writes ? "; writes " : "", writes ? writes : "");
}

/* Each part of the monitor that has a share in it, and what runs directly. */
static void print_parts(const struct session *s, const struct trace *t, bool interpreted)
{
	const struct world *w = s->now;
	struct trace_subject *subject = trace_subject_new(w->lab, w->guest, &w->options, w->name);
	const struct trace_record *r = NULL;

	for (unsigned i = 0; i < trace_count(t); i++) {
		r = trace_at(t, i);
		trace_print_record(subject, r, stdout);
		if (subject->levels)
			print_part(w->lab->isa, r, !trace_machine_of(subject, r).guest);
	}
	if (interpreted)
		printf("%10s the monitor interprets the instruction; it does not run directly\n", "");
	else if (r && r->kind == TRACE_RESUME)
		printf("%10s and the real processor runs the instruction itself\n", "");
	trace_subject_free(subject);
}

enum ending step_into(struct session *s)
{
	struct trace *outer = s->trace;
	struct world *traced = s->traced;
	bool interpreted = view_of(s)->cpu->status == CPU_RUNNING && fate_of(s) == FATE_INTERPRETED;
	struct before b;
	enum ending ending;

	s->trace = trace_new(1000, ~0u);
	s->traced = s->now;
	look_before(view_of(s), &b);
	ending = run_steps(s, 1, NULL);
	print_parts(s, s->trace, interpreted);
	print_changes(s, &b);
	trace_free(s->trace);
	s->trace = outer;
	s->traced = traced;
	return ending;
}

/* ---- an instruction that does not stand there ---- */

static void put_word(struct view *v, uint64_t place, uint64_t word)
{
	uint64_t units[64];

	isa_pack(v->isa, word, units);
	for (unsigned i = 0; i < v->isa->length; i++)
		window_put(&v->window, place + i, units[i]);
}

static void try_word(struct session *s, uint64_t word)
{
	struct view *v = view_of(s);
	struct snapshot *before = snapshot_take(v);
	struct stops *stops = v->stops;
	struct trap trap;
	uint64_t old, place;
	struct before b;
	bool fetched;

	v->stops = NULL;
	fetched = view_fetch(v, &old, &place);
	if (fetched)
		put_word(v, place, word);
	look_before(v, &b);
	if (!fetched)
		puts("no instruction can be fetched from P");
	else if (view_instruction(v, &trap))
		printf("it completes%s:\n", v->cpu->status == CPU_HALTED    ? " and halts"
					    : v->cpu->status == CPU_WAITING ? " and waits"
									    : "");
	else {
		fputs("it raises ", stdout);
		say_trap(&trap);
		putchar('\n');
	}
	print_changes(s, &b);
	snapshot_restore(v, before);
	v->stops = stops;
	snapshot_free(before);
}

static bool run_exec(struct session *s, const char *arguments)
{
	uint64_t word;

	if (!instruction_typed(s, arguments, &word))
		return false;
	consoles_mute(s->now->consoles, true);
	try_word(s, word);
	consoles_mute(s->now->consoles, false);
	return true;
}

const struct command inside_commands[] = {
	{ "explain", "e", "[--last]", "what the next instruction will lead to, and why",
	  "Whether it traps, why, in whose world, and what the monitor does then: emulate or reflect.\n"
	  "--last: what the last one led to, for instance to the trap that the machine has come to.",
	  .complete = complete_explain, .run = run_explain, .needs_machine = true },
	{ "predict", NULL, "on | off | runs | traps | emulated | reflected | interpreted",
	  "say first what a step will do; the score is kept", "While it is on, 'step' asks for it.",
	  complete_fate, run_predict, .needs_machine = true },
	{ "exec", NULL, "INSTRUCTION", "what an instruction would change, if it stood here",
	  .complete = complete_instr, .run = run_exec, .needs_machine = true },
	{ 0 },
};
