/* A console by interrupts: lines that are typed come back in capitals.  The program itself only moves
 * bytes from one queue to another, and waits. */
#include "bench.h"

enum { ROOM = 64 };

struct queue {
	char byte[ROOM];
	unsigned first, count;
};

static volatile struct queue in, out;
static volatile unsigned ended, interrupts;

static void add(volatile struct queue *q, char c)
{
	q->byte[(q->first + q->count) % ROOM] = c;
	q->count++;
}

static char take(volatile struct queue *q)
{
	char c = q->byte[q->first];

	q->first = (q->first + 1) % ROOM;
	q->count--;
	return c;
}

/* What may interrupt: input while there is room for it, output while there is something to say. */
static void listen(void)
{
	CONSOLE->control = (!ended && in.count < ROOM ? IRQ_INPUT : 0) | (out.count ? IRQ_OUTPUT : 0);
}

void exception(struct frame *f)
{
	unsigned status;

	if ((f->cause >> 2 & 31) != EXC_INT)
		switch_off(100 + (f->cause >> 2 & 31));
	interrupts++;
	status = CONSOLE->status;
	if (status & INPUT_READY && in.count < ROOM)
		add(&in, (char)CONSOLE->data);
	else if (status & INPUT_END)
		ended = 1;
	if (status & OUTPUT_READY && out.count)
		CONSOLE->data = (unsigned char)take(&out);
	listen();
}

static void set_status(unsigned status)
{
	__asm__ volatile("mtc0 %0, $12; ehb" : : "r"(status) : "memory");
}

static void reply(void)
{
	char c = take(&in);

	add(&out, c >= 'a' && c <= 'z' ? (char)(c - 'a' + 'A') : c);
}

int main(void)
{
	listen();
	while (!ended || in.count || out.count) {
		while (in.count && out.count < ROOM)
			reply();
		listen();
		if (!ended || out.count)
			__asm__ volatile("wait"); /* for an interrupt, which is not taken yet */
		set_status(CONSOLE_LINE | 1);
		set_status(CONSOLE_LINE);
	}
	return interrupts == 0;
}
