/*
 * Who called: backtrace.  No description says which instructions are calls, nor where return
 * addresses are kept, so calls are told from what was done: the last stretch of the past is done
 * again, instruction by instruction.  A call has left its return address in a register and gone
 * elsewhere; it is over when execution is there again.  A trap is over when the machine is in user
 * mode again.
 */
#include "cli/repl/repl.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

enum { MOST = 256 /* calls within calls */, STRETCH = 1000000 /* steps that are done again, if nothing is said */ };

struct call {
	bool trap;
	uint64_t from, to; /* places */
	uint64_t back;	   /* where it leads back to */
	uint64_t step;
};

struct calls {
	unsigned count;
	bool lost; /* some, the outermost */
	struct call call[MOST];
};

/* What a step may have been. */
struct before {
	uint64_t p, steps;
	bool user;
	uint64_t *state; /* owned */
};

static uint64_t pc_of(const struct view *v)
{
	return v->cpu->state[v->isa->role[ROLE_PC]->slot];
}

static uint64_t behind(const struct view *v, uint64_t p)
{
	return (p + v->isa->length) & isa_mask(v->isa->role[ROLE_PC]->width);
}

static bool left_address(const struct view *v, const struct before *b)
{
	for (unsigned i = 0; i < v->isa->nslots; i++)
		if (i != v->isa->role[ROLE_PC]->slot && v->cpu->state[i] == behind(v, b->p) &&
		    b->state[i] != v->cpu->state[i])
			return true;
	return false;
}

static void push(struct calls *c, struct call call)
{
	if (c->count == MOST) {
		memmove(c->call, c->call + 1, (MOST - 1) * sizeof(*c->call));
		c->count--;
		c->lost = true;
	}
	c->call[c->count++] = call;
}

/* Those that are over when execution is at p. */
static void pop(struct calls *c, uint64_t p)
{
	for (unsigned i = c->count; i-- > 0 && !c->call[i].trap;)
		if (p == c->call[i].back) {
			c->count = i;
			return;
		}
}

/* In user mode again: the last trap is over, with what its handler called.  If another program goes
 * on, nothing is known of its calls. */
static void pop_trap(struct calls *c, uint64_t p)
{
	while (c->count > 0 && !c->call[c->count - 1].trap)
		c->count--;
	if (c->count > 0)
		c->count--;
	if (c->call[c->count].trap && (p == c->call[c->count].back || p == c->call[c->count].from))
		return;
	c->count = 0;
	c->lost = true;
}

static void note(struct calls *c, const struct view *v, const struct before *b)
{
	uint64_t p = pc_of(v);
	struct call call = { .trap = b->user && !view_user(v),
			     .from = b->p,
			     .to = p,
			     .back = behind(v, b->p),
			     .step = v->cpu->steps };

	if (call.trap || (p != call.back && left_address(v, b)))
		push(c, call);
	else if (!b->user && view_user(v))
		pop_trap(c, p);
	else
		pop(c, p);
}

static void follow(struct session *s, struct calls *c, uint64_t end)
{
	struct view *v = view_of(s);
	struct before b = { .state = make(v->isa->nslots, sizeof(*b.state)) };

	while (v->cpu->steps < end && !*s->flag) {
		enum ending ending;

		b.p = pc_of(v);
		b.user = view_user(v);
		memcpy(b.state, v->cpu->state, v->isa->nslots * sizeof(*b.state));
		ending = run_slice(s, 1, false);
		if (ending == ENDED_OVER || ending == ENDED_IDLE)
			break;
		note(c, v, &b);
	}
	free(b.state);
}

static void print_place(const struct session *s, uint64_t p)
{
	printf("0x%" PRIx64, p);
	report_label(guest_of(s)->image, p, stdout);
}

static void print_calls(const struct session *s, const struct calls *c, uint64_t from)
{
	printf("#0 ");
	print_place(s, pc_of(view_of(s)));
	putchar('\n');
	for (unsigned i = c->count; i-- > 0;) {
		const struct call *call = &c->call[i];

		printf("#%u ", c->count - i);
		print_place(s, call->from);
		fputs(call->trap ? ", trapped to " : ", called ", stdout);
		print_place(s, call->to);
		printf(" in step %" PRIu64 "\n", call->step);
	}
	if (from)
		printf("only steps after %" PRIu64 " are looked at; 'backtrace STEPS' takes more\n",
		       from);
	else if (c->lost)
		puts("what was called before that is not known");
}

static bool run_backtrace(struct session *s, const char *arguments)
{
	struct history *h = s->now->history;
	uint64_t now = view_of(s)->cpu->steps, stretch = STRETCH, from;
	struct calls *c;
	bool known;

	if (*arguments && !evaluate_count(s, arguments, &stretch))
		return false;
	from = now > stretch ? now - stretch : 0;
	c = make(1, sizeof(*c));
	unhang_all(s);
	history_mark(h);
	consoles_mute(s->now->consoles, true);
	known = history_go(h, s->machine, from);
	if (known)
		follow(s, c, now);
	history_return(h);
	history_forget(h);
	consoles_mute(s->now->consoles, false);
	if (known && !*s->flag)
		print_calls(s, c, from);
	else
		say_error(*s->flag ? "interrupted" : "the past is not known so far back");
	free(c);
	return known && !*s->flag;
}

const struct command call_commands[] = {
	{ "backtrace", "bt", "[STEPS]", "the calls and traps that led here",
	  "Told from what was done last, in so many steps, 1000000 if nothing is said: on any machine a\n"
	  "call leaves its return address in a register.",
	  .complete = complete_nothing, .run = run_backtrace, .needs_machine = true },
	{ 0 },
};
