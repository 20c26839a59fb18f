/*
 * What a run cost, and how a monitor earned it: Popek and Goldberg's efficiency,
 * counted.
 */
#include "cli/report.h"

#include "vmm/control.h"

#include <inttypes.h>

double stats_share(const struct vm_stats *s)
{
	uint64_t all = s->direct + s->emulated + s->interpreted;

	return all ? (double)s->direct / (double)all : 1;
}

static uint64_t sum(const uint64_t *count, unsigned n)
{
	uint64_t total = 0;

	for (unsigned i = 0; i < n; i++)
		total += count[i];
	return total;
}

uint64_t stats_exits(const struct isa *isa, const struct vm_stats *s)
{
	return sum(s->exits, isa->ntraps);
}

uint64_t stats_traps(const struct isa *isa, const struct vm_stats *s)
{
	return sum(s->by_cause, isa->ntraps);
}

static void print_traps(const struct isa *isa, const char *what, const uint64_t *count, FILE *f)
{
	for (unsigned i = 0; i < isa->ntraps; i++) {
		if (count[i])
			fprintf(f, "  %-22s %12" PRIu64 "  %s\n", what, count[i],
				isa->trap[i].name);
	}
}

static void print_monitor(const struct isa *isa, const struct vm_stats *s, FILE *f)
{
	fprintf(f, "  %-22s %11.2f%%\n", "direct share", 100 * stats_share(s));
	fprintf(f, "  %-22s %12" PRIu64 "\n", "direct", s->direct);
	fprintf(f, "  %-22s %12" PRIu64 "\n", "emulated", s->emulated);
	fprintf(f, "  %-22s %12" PRIu64 "\n", "interpreted", s->interpreted);
	fprintf(f, "  %-22s %12" PRIu64 "\n", "traps reflected", s->reflected);
	fprintf(f, "  %-22s %12" PRIu64 "\n", "traps delivered", s->delivered);
	fprintf(f, "  %-22s %12" PRIu64 "\n", "world switches", s->switches);
	print_traps(isa, "guest's trap", s->by_cause, f);
	print_traps(isa, "real trap", s->exits, f);
	for (unsigned i = 0; i < isa->ninstrs; i++) {
		if (s->by_instr[i])
			fprintf(f, "  %-22s %12" PRIu64 "  %s\n", "emulation", s->by_instr[i],
				isa->instr[i].name);
	}
}

static void print_clock(const struct view *v, FILE *f)
{
	fprintf(f, "  %-22s %12" PRIu64 "\n", "instructions", v->cpu->steps);
	fprintf(f, "  %-22s %12" PRIu64 "\n", "time", v->cpu->time);
}

void stats_print(const struct lab *l, unsigned i, FILE *f)
{
	const struct view *v = l->view[i];
	char end[128];

	if (l->monitor)
		fprintf(f, "%s: ", vm_name(l->vm[i]));
	fprintf(f, "%s\n", report_end(v, end, sizeof(end)));
	print_clock(v, f);
	if (l->monitor)
		print_monitor(l->isa, vm_stats(l->vm[i]), f);
	else
		print_traps(l->isa, "trap", l->traps, f);
}

/* A monitor, those below it first.  How many there are up to it. */
static unsigned print_level(const struct monitor *m, FILE *f)
{
	struct vm *carrier = monitor_carrier(m);
	unsigned level = 1 + (carrier ? print_level(vm_monitor(carrier), f) : 0);

	fprintf(f, "monitor %u, %s: on %s\n", level, monitor_kind_name(monitor_kind(m)),
		monitor_collapsed(m) ? "a virtual machine, collapsed"
		: carrier	     ? "a virtual machine"
				     : "the real machine");
	for (enum operation o = 0; o < OPERATIONS; o++)
		if (monitor_operations(m)[o])
			fprintf(f, "  %-22s %12" PRIu64 "  %s\n", "operation",
				monitor_operations(m)[o], operation_name(o));
	if (carrier && !monitor_collapsed(m)) { /* else its machine did not run */
		print_clock(vm_view(carrier), f);
		fprintf(f, "  %-22s %12" PRIu64 "\n", "requests", vm_stats(carrier)->requests);
		print_monitor(vm_view(carrier)->isa, vm_stats(carrier), f);
	}
	return level;
}

void stats_print_levels(const struct lab *l, FILE *f)
{
	print_level(l->monitor, f);
}

static json_t *counts(unsigned n, const uint64_t *count,
		      const char *(*name)(const struct isa *, unsigned), const struct isa *isa)
{
	json_t *o = json_object();

	for (unsigned i = 0; i < n; i++) {
		if (count[i])
			json_object_set_new(o, name(isa, i), json_integer((json_int_t)count[i]));
	}
	return o;
}

static const char *trap_name(const struct isa *isa, unsigned i)
{
	return isa->trap[i].name;
}

static const char *instr_name(const struct isa *isa, unsigned i)
{
	return isa->instr[i].name;
}

static void set_count(json_t *o, const char *name, uint64_t n)
{
	json_object_set_new(o, name, json_integer((json_int_t)n));
}

static void add_monitor(json_t *o, const struct isa *isa, const struct vm_stats *s)
{
	json_object_set_new(o, "direct_share", json_real(stats_share(s)));
	set_count(o, "direct", s->direct);
	set_count(o, "emulated", s->emulated);
	set_count(o, "interpreted", s->interpreted);
	set_count(o, "traps_reflected", s->reflected);
	set_count(o, "traps_delivered", s->delivered);
	set_count(o, "world_switches", s->switches);
	json_object_set_new(o, "guest_traps", counts(isa->ntraps, s->by_cause, trap_name, isa));
	json_object_set_new(o, "real_traps", counts(isa->ntraps, s->exits, trap_name, isa));
	json_object_set_new(o, "emulations", counts(isa->ninstrs, s->by_instr, instr_name, isa));
}

static void add_clock(json_t *o, const struct view *v)
{
	set_count(o, "instructions", v->cpu->steps);
	set_count(o, "time", v->cpu->time);
}

json_t *stats_json(const struct lab *l, unsigned i)
{
	const struct view *v = l->view[i];
	json_t *o = json_object();

	json_object_set_new(o, "name", json_string(l->monitor ? vm_name(l->vm[i]) : "bare"));
	json_object_set_new(o, "end", json_string(cpu_status_name(v->cpu->status)));
	if (v->cpu->status == CPU_HALTED)
		set_count(o, "status", v->cpu->halt_status);
	add_clock(o, v);
	if (l->monitor)
		add_monitor(o, l->isa, vm_stats(l->vm[i]));
	else
		json_object_set_new(o, "traps",
				    counts(l->isa->ntraps, l->traps, trap_name, l->isa));
	return o;
}

static json_t *carrier_json(const struct monitor *m)
{
	struct vm *carrier = monitor_carrier(m);
	json_t *o;

	if (!carrier || monitor_collapsed(m)) /* collapsed, the machine does not run */
		return json_null();
	o = json_object();
	set_count(o, "requests", vm_stats(carrier)->requests);
	add_clock(o, vm_view(carrier));
	add_monitor(o, vm_view(carrier)->isa, vm_stats(carrier));
	return o;
}

static void add_level(json_t *levels, const struct monitor *m)
{
	json_t *level = json_object(), *operations = json_object();

	if (monitor_carrier(m))
		add_level(levels, vm_monitor(monitor_carrier(m)));
	for (enum operation o = 0; o < OPERATIONS; o++)
		set_count(operations, operation_name(o), monitor_operations(m)[o]);
	json_object_set_new(level, "monitor", json_string(monitor_kind_name(monitor_kind(m))));
	json_object_set_new(level, "operations", operations);
	json_object_set_new(level, "carrier", carrier_json(m));
	json_object_set_new(level, "collapsed", json_boolean(monitor_collapsed(m)));
	json_array_append_new(levels, level);
}

json_t *stats_json_levels(const struct lab *l)
{
	json_t *levels = json_array();

	if (l->monitor)
		add_level(levels, l->monitor);
	return levels;
}
