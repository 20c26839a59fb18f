/* The VM map f, and a machine beside its image under f. */
#include "cli/repl/repl.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

enum { BAR = 64 /* columns */ };

/* ---- map ---- */

bool under_monitor(const struct session *s)
{
	if (!s->now->lab->monitor)
		say_error("the machine is bare: there is no f; 'monitor vmm' makes one");
	return s->now->lab->monitor != NULL;
}

struct view *mapped_new(const struct session *s)
{
	const struct view *v = view_of(s);
	struct view *mapped = make(1, sizeof(*mapped));

	*mapped = *v;
	mapped->stops = NULL;
	mapped->cpu = make(1, sizeof(*mapped->cpu));
	*mapped->cpu = *v->cpu;
	mapped->cpu->state = make(v->isa->nslots, sizeof(*mapped->cpu->state));
	vm_image(vm_of(s), mapped->cpu->state);
	return mapped;
}

void mapped_free(struct view *mapped)
{
	free(mapped->cpu->state);
	free(mapped->cpu);
	free(mapped);
}

static void print_entry(const struct session *s, const struct isa_reg *r, const struct view *mapped)
{
	const struct isa_map *map = monitor_map(monitor_of(s));

	printf("  %-10s %-9s 0x%-17" PRIx64 " 0x%" PRIx64 "\n", r->name,
	       map_kind_name(map->entry[r->index].kind), view_of(s)->cpu->state[r->slot],
	       mapped->cpu->state[r->slot]);
}

static void print_control(const struct session *s)
{
	const struct isa *isa = s->now->lab->isa;
	struct view *mapped = mapped_new(s);

	printf("map %s of %s\n  %-10s %-9s %-19s %s\n", monitor_map(monitor_of(s))->name, isa->name,
	       "control", "how", "v, virtual", "f(v), real");
	for (unsigned i = 0; i < isa->nregs; i++)
		if (isa->reg[i].class == CLASS_CONTROL && !isa->reg[i].array &&
		    isa->reg[i].role != ROLE_PC)
			print_entry(s, &isa->reg[i], mapped);
	mapped_free(mapped);
}

static void print_relocation(const char *whose, uint64_t base, uint64_t bound)
{
	printf("  %-20s base 0x%" PRIx64 ", bound 0x%" PRIx64 "\n", whose, base, bound);
}

/* Through all monitors of a tower, down to the real machine. */
static void print_composition(const struct session *s)
{
	const struct isa *isa = s->now->lab->isa;
	unsigned l = isa->role[ROLE_BASE]->slot, b = isa->role[ROLE_BOUND]->slot;
	const struct vm *carrier = monitor_carrier(monitor_of(s));
	struct view *mapped;
	uint64_t base, bound;

	if (!carrier || monitor_collapsed(monitor_of(s)))
		return;
	mapped = mapped_new(s);
	base = mapped->cpu->state[l];
	bound = mapped->cpu->state[b];
	mapped_free(mapped);
	puts("relocation, level by level:");
	print_relocation("virtual", view_of(s)->cpu->state[l], view_of(s)->cpu->state[b]);
	for (; carrier; carrier = monitor_carrier(vm_monitor(carrier))) {
		print_relocation("composed", base, bound);
		base += vm_base(carrier);
	}
	print_relocation("real", base, bound);
}

/* In the real machine's storage, however many monitors are between. */
static uint64_t place_of(struct vm *vm)
{
	return vm_view(vm)->window.base;
}

static void print_bar(const struct session *s)
{
	const struct lab *l = s->now->lab;
	uint64_t size = l->machine->view[0].window.size;
	char bar[BAR + 1];

	memset(bar, '.', BAR);
	bar[BAR] = '\0';
	for (unsigned i = 0; i < l->count; i++) {
		uint64_t from = place_of(l->vm[i]) * BAR / size,
			 to = (place_of(l->vm[i]) + vm_size(l->vm[i]) - 1) * BAR / size;

		for (uint64_t k = from; k <= to && k < BAR; k++)
			bar[k] = i < 9 ? (char)('1' + i) : '#';
	}
	printf("real storage, 0x%" PRIx64 " units, . being free:\n  [%s]\n", size, bar);
	for (unsigned i = 0; i < l->count; i++)
		printf("  %-6s 0x%" PRIx64 " to 0x%" PRIx64 "\n", vm_name(l->vm[i]),
		       place_of(l->vm[i]), place_of(l->vm[i]) + vm_size(l->vm[i]) - 1);
}

static bool run_map(struct session *s, const char *arguments)
{
	if (!at_end(arguments) || !under_monitor(s))
		return false;
	print_control(s);
	print_composition(s);
	print_bar(s);
	return true;
}

/* ---- compare ---- */

/* The bare machine of the same guest; NULL: there is none. */
static struct world *bare_world(const struct session *s)
{
	for (unsigned i = 0; i < s->nworlds; i++)
		if (s->world[i]->options.kind < 0 &&
		    strcmp(s->world[i]->guest[0].path, guest_of(s)->path) == 0)
			return s->world[i];
	return NULL;
}

static unsigned compare_registers(const struct view *bare, const struct view *v)
{
	unsigned different = 0;
	char name[64];

	for (unsigned i = 0; i < v->isa->nslots; i++) {
		if (bare->cpu->state[i] == v->cpu->state[i])
			continue;
		printf("  %-10s 0x%-14" PRIx64 " 0x%" PRIx64 "\n",
		       isa_slot_name(v->isa, i, name, sizeof(name)), bare->cpu->state[i],
		       v->cpu->state[i]);
		different++;
	}
	return different;
}

static unsigned compare_storage(const struct view *bare, const struct view *v)
{
	enum { LINES = 8 };
	unsigned different = 0;
	uint64_t a, b;

	for (uint64_t i = 0; i < bare->window.size && i < v->window.size; i++) {
		if (!window_get(&bare->window, i, &a) || !window_get(&v->window, i, &b) || a == b)
			continue;
		if (different++ < LINES)
			printf("  phys[0x%" PRIx64 "] 0x%-10" PRIx64 " 0x%" PRIx64 "\n", i, a, b);
	}
	if (different > LINES)
		printf("  ... %u units of storage\n", different);
	return different;
}

/* The bare machine, brought to as many steps, beside the virtual one. */
static bool run_compare(struct session *s, const char *arguments)
{
	const struct view *v = view_of(s), *bare;
	struct world *w;
	char name[64];
	unsigned different = 0;

	if (!at_end(arguments) || !under_monitor(s))
		return false;
	w = bare_world(s);
	if (!w) {
		say_error("there is no bare machine with %s; 'load %s:%" PRIu64 "' gives one",
			  guest_of(s)->path, guest_of(s)->path, v->window.size);
		return false;
	}
	consoles_mute(w->consoles, true);
	if (history_go(w->history, 0, v->cpu->steps))
		history_note(w->history);
	consoles_mute(w->consoles, false);
	bare = w->lab->view[0];
	if (strcmp(w->lab->isa->name, v->isa->name) != 0 || w->lab->isa->nslots != v->isa->nslots) {
		say_error("the bare machine has another instruction set");
		return false;
	}
	printf("  %-10s %-16s %s\n", "", "bare",
	       machine_name(s, s->now, s->machine, name, sizeof(name)));
	printf("  %-10s %-16" PRIu64 " %" PRIu64 "\n  %-10s %-16" PRIu64 " %" PRIu64 "\n", "steps",
	       bare->cpu->steps, v->cpu->steps, "time", bare->cpu->time, v->cpu->time);
	if (bare->window.size != v->window.size) {
		printf("  %-10s 0x%-14" PRIx64 " 0x%" PRIx64 "\n", "storage", bare->window.size,
		       v->window.size);
		different++;
	}
	different += bare->cpu->steps != v->cpu->steps || bare->cpu->time != v->cpu->time;
	different += compare_registers(bare, v);
	different += compare_storage(bare, v);
	puts(different ? "they differ" : "all registers and all storage are the same");
	return true;
}

const struct command map_commands[] = {
	{ "map", "m", "", "the VM map f: control state, layout of storage", .complete = complete_nothing, .run = run_map,
	  .needs_machine = true },
	{ "compare", "cmp", "", "the bare machine after as many steps, beside this",
	  .complete = complete_nothing, .run = run_compare, .needs_machine = true },
	{ 0 },
};
