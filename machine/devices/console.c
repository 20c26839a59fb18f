/*
 * The console: an operator's keyboard and printer, byte by byte, with an
 * interrupt for each.  Registers and timing: machine/device.h.
 *
 * Input is a queue of arrivals, each with the earliest time at which it can be
 * seen.  Queue and position alone decide what a program reads, so a run whose
 * live input was recorded replays exactly.
 *
 * Input that is asked for is no other: when its next byte, or its end, arrives is
 * known without it.  Which it is stays open (due) until a program can tell.
 */
#include "machine/device.h"

#include "isa/alloc.h"

#include <ctype.h>
#include <errno.h>
#include <inttypes.h>

enum { INPUT_READY = 1, OUTPUT_READY = 2, INPUT_END = 4 };

enum {
	VAR_DATA, /* the byte that can be read when INPUT_READY */
	VAR_STATUS,
	VAR_CONTROL,
	VAR_TAKEN,   /* arrivals that have come */
	VAR_ARRIVAL, /* before this time no further one comes */
	VAR_DONE,    /* when the printer is ready again, while it is busy */
	VAR_PRINTED, /* bytes printed */
	NVARS
};

static const char *const var_names[NVARS] = {
	[VAR_DATA] = "data",	   [VAR_STATUS] = "status",   [VAR_CONTROL] = "control",
	[VAR_TAKEN] = "taken",	   [VAR_ARRIVAL] = "arrival", [VAR_DONE] = "done",
	[VAR_PRINTED] = "printed",
};

struct arrival {
	uint64_t time; /* not before this one; 0: whenever the console is free */
	int byte;      /* or CONSOLE_END */
};

struct console {
	struct device device;
	uint64_t delay;
	uint64_t now;			     /* of the last advance */
	bool live;			     /* the end of the queue is not the end of input */
	bool due;			     /* something has arrived, but nobody has looked what */
	int (*ask)(void *context, size_t n); /* NULL: all there is is in the queue */
	void *ask_context;
	struct arrival *queue; /* owned */
	size_t queued, queue_capacity;
	char *text; /* printed; owned.  Its length is not the variable's, which can be deposited */
	size_t text_length, text_capacity;
	void (*on_output)(void *context, int byte);
	void *context;
};

struct saved {
	uint64_t now;
	bool due;
	size_t length;
	char text[];
};

static bool console_init(struct device *d, char *reason, size_t reason_size)
{
	struct console *c = (struct console *)d;

	c->delay = device_param(d, "delay", 4);
	if (c->delay < 1 || c->delay > UINT32_MAX) {
		snprintf(reason, reason_size, "device %s: delay must be 1 to %" PRIu32,
			 d->decl->name, UINT32_MAX);
		return false;
	}
	d->var[VAR_STATUS] = OUTPUT_READY;
	return true;
}

static void console_fini(struct device *d)
{
	struct console *c = (struct console *)d;

	free(c->queue);
	free(c->text);
}

static uint64_t later(uint64_t a, uint64_t b)
{
	return a > b ? a : b;
}

static void enqueue(struct console *c, uint64_t time, int byte)
{
	if (c->queued == c->queue_capacity) {
		c->queue_capacity = c->queue_capacity ? c->queue_capacity * 2 : 64;
		c->queue = xrealloc(c->queue, c->queue_capacity * sizeof *c->queue);
	}
	if (c->queued)
		time = later(time, c->queue[c->queued - 1].time);
	c->queue[c->queued++] = (struct arrival){ .time = time, .byte = byte };
}

/* When the next byte, or the end, can be seen. */
static uint64_t input_time(const struct console *c)
{
	const uint64_t *var = c->device.var;

	if (var[VAR_STATUS] & INPUT_READY || c->due)
		return NEVER;
	if (var[VAR_TAKEN] < c->queued)
		return later(var[VAR_ARRIVAL], c->queue[var[VAR_TAKEN]].time);
	return c->live || var[VAR_STATUS] & INPUT_END ? NEVER : var[VAR_ARRIVAL];
}

static uint64_t output_time(const struct console *c)
{
	const uint64_t *var = c->device.var;

	return var[VAR_STATUS] & OUTPUT_READY ? NEVER : var[VAR_DONE];
}

static void arrive(struct console *c)
{
	uint64_t *var = c->device.var;
	int byte = CONSOLE_END;

	if (var[VAR_TAKEN] < c->queued)
		byte = c->queue[var[VAR_TAKEN]++].byte;
	if (byte == CONSOLE_END) {
		var[VAR_STATUS] |= INPUT_END;
		return;
	}
	var[VAR_DATA] = (uint64_t)byte & c->device.word_mask;
	var[VAR_STATUS] = (var[VAR_STATUS] & ~(uint64_t)INPUT_END) | INPUT_READY;
}

/* Adds what was asked for to the queue; false if there is no answer. */
static bool answered(struct console *c)
{
	int byte = c->ask(c->ask_context, c->queued);

	if (byte == CONSOLE_UNKNOWN)
		return false;
	if (byte == CONSOLE_END)
		c->ask = NULL;
	else
		enqueue(c, 0, byte);
	return true;
}

/* Is the queue at its end, and may more be asked for? */
static bool is_open(const struct console *c)
{
	return c->ask && c->device.var[VAR_TAKEN] >= c->queued;
}

/* A program can tell now what is due. */
static void look(struct console *c)
{
	if (!c->due || (is_open(c) && !answered(c)))
		return;
	c->due = false;
	arrive(c);
}

static void console_advance(struct device *d, uint64_t now)
{
	struct console *c = (struct console *)d;

	c->now = now;
	if (output_time(c) <= now)
		d->var[VAR_STATUS] |= OUTPUT_READY;
	if (input_time(c) <= now) {
		c->due = is_open(c);
		if (!c->due)
			arrive(c);
	}
	if (d->var[VAR_CONTROL] & CONSOLE_IRQ_INPUT)
		look(c);
}

static uint64_t console_next_event(const struct device *d)
{
	const struct console *c = (const struct console *)d;
	uint64_t in = input_time(c), out = output_time(c);

	return in < out ? in : out;
}

static bool console_line(const struct device *d)
{
	uint64_t status = d->var[VAR_STATUS], control = d->var[VAR_CONTROL];

	return (control & CONSOLE_IRQ_INPUT && status & (INPUT_READY | INPUT_END)) ||
	       (control & CONSOLE_IRQ_OUTPUT && status & OUTPUT_READY);
}

static uint64_t read_data(struct console *c)
{
	uint64_t *var = c->device.var, byte = var[VAR_DATA];

	if (!(var[VAR_STATUS] & INPUT_READY))
		return 0;
	var[VAR_DATA] = 0;
	var[VAR_STATUS] &= ~(uint64_t)INPUT_READY;
	var[VAR_ARRIVAL] = c->now + c->delay;
	return byte;
}

static uint64_t console_read(struct device *d, uint64_t reg)
{
	if (reg == CONSOLE_DATA || reg == CONSOLE_STATUS)
		look((struct console *)d);
	switch (reg) {
	case CONSOLE_DATA: return read_data((struct console *)d);
	case CONSOLE_STATUS: return d->var[VAR_STATUS] & d->word_mask;
	case CONSOLE_CONTROL: return d->var[VAR_CONTROL] & d->word_mask;
	case CONSOLE_PRINTER: return d->var[VAR_STATUS] & OUTPUT_READY & d->word_mask;
	}
	return 0;
}

static void print(struct console *c, char byte)
{
	uint64_t *var = c->device.var;

	if (!(var[VAR_STATUS] & OUTPUT_READY))
		return;
	if (c->text_length == c->text_capacity) {
		c->text_capacity = c->text_capacity ? c->text_capacity * 2 : 64;
		c->text = xrealloc(c->text, c->text_capacity);
	}
	c->text[c->text_length++] = byte;
	var[VAR_PRINTED]++;
	var[VAR_STATUS] &= ~(uint64_t)OUTPUT_READY;
	var[VAR_DONE] = c->now + c->delay;
	if (c->on_output)
		c->on_output(c->context, (unsigned char)byte);
}

static void console_write(struct device *d, uint64_t reg, uint64_t value)
{
	switch (reg) {
	case CONSOLE_DATA: print((struct console *)d, (char)value); break;
	case CONSOLE_CONTROL:
		d->var[VAR_CONTROL] = value & (CONSOLE_IRQ_INPUT | CONSOLE_IRQ_OUTPUT);
		if (value & CONSOLE_IRQ_INPUT)
			look((struct console *)d);
		break;
	}
}

/* What a byte of input takes is known when it has come, and been asked for. */
static uint64_t console_steady(const struct device *d, const struct device_access *a, uint64_t now)
{
	uint64_t status = d->var[VAR_STATUS];

	if (((const struct console *)d)->due && a->at <= CONSOLE_STATUS)
		return now;
	if (a->write)
		return a->at == CONSOLE_CONTROL ||
				       (a->at == CONSOLE_DATA && status & OUTPUT_READY)
			       ? now
			       : NEVER;
	return a->at == CONSOLE_DATA && status & INPUT_READY ? now : NEVER;
}

static void *console_save(const struct device *d)
{
	const struct console *c = (const struct console *)d;
	size_t length = c->text_length;
	struct saved *s = xmalloc(sizeof *s + length);

	*s = (struct saved){ .now = c->now, .due = c->due, .length = length };
	if (length)
		memcpy(s->text, c->text, length);
	return s;
}

static void console_restore(struct device *d, const void *saved)
{
	struct console *c = (struct console *)d;
	const struct saved *s = saved;

	c->now = s->now;
	c->due = s->due;
	if (s->length > c->text_capacity) {
		c->text_capacity = s->length;
		c->text = xrealloc(c->text, c->text_capacity);
	}
	c->text_length = s->length;
	if (s->length)
		memcpy(c->text, s->text, s->length);
}

const struct device_class console_class = {
	.name = "console",
	.nvars = NVARS,
	.var_name = var_names,
	.param_name = (const char *const[]){ "delay", NULL },
	.size = sizeof(struct console),
	.init = console_init,
	.fini = console_fini,
	.read = console_read,
	.write = console_write,
	.steady = console_steady,
	.advance = console_advance,
	.next_event = console_next_event,
	.line = console_line,
	.save = console_save,
	.restore = console_restore,
	.forget = free,
};

/* ---- for its owner ---- */

void console_give(struct device *d, const char *bytes, size_t count)
{
	for (size_t i = 0; i < count; i++)
		enqueue((struct console *)d, 0, (unsigned char)bytes[i]);
}

void console_ask(struct device *d, int (*byte)(void *context, size_t n), void *context)
{
	struct console *c = (struct console *)d;

	c->ask = byte;
	c->ask_context = context;
}

void console_live(struct device *d)
{
	((struct console *)d)->live = true;
}

void console_type(struct device *d, uint64_t now, int byte_or_minus_1)
{
	/* What happened at `now` has happened: a program sees it one unit later at the earliest. */
	enqueue((struct console *)d, now + 1, byte_or_minus_1);
}

/* One line of a record: "time byte"; an empty one is nothing. */
static bool load_line(struct console *c, const char *line)
{
	char *end;
	uint64_t time;
	long byte;

	while (isspace((unsigned char)*line))
		line++;
	if (!*line)
		return true;
	errno = 0;
	time = strtoull(line, &end, 10);
	if (!isdigit((unsigned char)*line) || !isspace((unsigned char)*end))
		return false;
	line = end;
	byte = strtol(line, &end, 10);
	if (end == line || errno || byte < CONSOLE_END || byte > 255)
		return false;
	while (isspace((unsigned char)*end))
		end++;
	if (*end)
		return false;
	enqueue(c, time, (int)byte);
	return true;
}

bool console_load_record(struct device *d, FILE *from, char *reason, size_t reason_size)
{
	struct console *c = (struct console *)d;
	char *line = NULL;
	size_t size = 0, before = c->queued;
	unsigned number = 0;
	bool ok = true;

	while (ok && getline(&line, &size, from) >= 0) {
		number++;
		ok = load_line(c, line);
	}
	free(line);
	c->live = true;
	if (!ok || ferror(from))
		c->queued = before; /* nothing, rather than a part */
	if (!ok)
		snprintf(reason, reason_size,
			 "line %u of the record is not a time and a byte (0 to 255, or -1)",
			 number);
	else if (ferror(from))
		snprintf(reason, reason_size, "the record cannot be read: %s", strerror(errno));
	return ok && !ferror(from);
}

void console_save_record(const struct device *d, FILE *to)
{
	const struct console *c = (const struct console *)d;

	for (size_t i = 0; i < c->queued; i++)
		fprintf(to, "%" PRIu64 " %d\n", c->queue[i].time, c->queue[i].byte);
	if (!c->live)
		fprintf(to, "%" PRIu64 " %d\n", UINT64_C(0), CONSOLE_END);
}

void console_on_output(struct device *d, void (*byte)(void *context, int byte), void *context)
{
	struct console *c = (struct console *)d;

	c->on_output = byte;
	c->context = context;
}

const char *console_printed(const struct device *d, size_t *count)
{
	const struct console *c = (const struct console *)d;

	*count = c->text_length;
	return c->text ? c->text : "";
}

bool console_has_input(const struct device *d)
{
	return d->var[VAR_STATUS] & INPUT_READY;
}

bool console_is_ready(const struct device *d)
{
	return d->var[VAR_STATUS] & OUTPUT_READY;
}
