/*
 * Traces as people and other programs read them: lines, columns, a graph, Chrome's JSON.
 */
#ifndef CLI_TRACE_PRINT_H
#define CLI_TRACE_PRINT_H

#include "cli/lab.h"
#include "machine/trace.h"

/* Whose machines a trace is of. */
struct trace_subject {
	const struct isa *isa;
	const char *monitor;	/* what there is, "vmm/hybrid"; NULL: bare */
	unsigned count, levels; /* levels: of monitors, one on another; 0: bare */
	struct trace_machine {
		const char *name;	   /* NULL: there is none of this number now */
		const struct guest *guest; /* NULL: it carries a monitor */
		unsigned level;		   /* of the monitor that made it, 1 the outermost */
	} * machine;			   /* by number in records; owned */
	char kinds[256];
};

/* Of a lab with these guests; a bare machine is called so.  It refers to all of them. */
struct trace_subject *trace_subject_new(const struct lab *, const struct guest *,
					const struct lab_options *, const char *bare);
void trace_subject_free(struct trace_subject *);
/* Of a record's machine; all empty: there is none of this number now. */
struct trace_machine trace_machine_of(const struct trace_subject *, const struct trace_record *);

typedef void trace_printer(const struct trace_subject *, const struct trace *, unsigned from,
			   FILE *);

/* One line. */
void trace_print_record(const struct trace_subject *, const struct trace_record *, FILE *);
/* One line each, from the from-th on. */
trace_printer trace_print_text;
/* The columns Program | Operating system | Monitor | Hardware, as the timelines of the OSTEP
 * book's chapter on virtual machine monitors have them; 80 columns. */
trace_printer trace_print_flow;
/* Who leads to whom, and how often, for Graphviz, with a legend. */
trace_printer trace_print_dot;
/* For Perfetto and chrome://tracing: a machine is a process, a step a microsecond. */
trace_printer trace_print_chrome;

/* By the name of the format: text, flow, dot, chrome; NULL: there is none. */
trace_printer *trace_printer_named(const char *name);

/* "trap,dispatch": the kinds of a list, bits 1 << kind; false with an error said. */
bool trace_kinds_parse(const char *list, unsigned *kinds);

/* What happened, without who and when; returns buffer. */
char *trace_describe(const struct trace_subject *, const struct trace_record *, char *buffer,
		     size_t size);

#endif
