/* Processes: made, run in turn, served, ended. */
#include "kernel.h"

enum { PROCESSES = 3, QUANTUM = 10000 /* Count's steps: twice as many instructions */ };
enum { IN_USER_MODE = 0x10, EXL = 2, INTERRUPTS = 1 };

/* From kernel.ld: the program of user.c in storage, at pages. */
extern char user_text[], user_data[], user_end[], _end[];

void resume(void) __attribute__((noreturn));
void trap(struct frame *);
void kernel(unsigned size, char *boot);

static struct process process[PROCESSES];
static unsigned switches;

struct process *current; /* start.S saves its registers */
unsigned **directory;	 /* current's, for the TLB refill */

/* ---- running in turn ---- */

static void start_timer(void)
{
	unsigned count;

	__asm__ volatile("mfc0 %0, $9" : "=r"(count));
	__asm__ volatile("mtc0 %0, $11" : : "r"(count + QUANTUM)); /* Compare; the interrupt is over */
}

/* What the TLB has for the others stays: it is for other address spaces. */
static void let_run(struct process *p)
{
	switches += p != current;
	current = p;
	directory = p->directory;
	__asm__ volatile("mtc0 %0, $10; ehb" : : "r"(p->number)); /* EntryHi: the address space */
	start_timer();
}

static void __attribute__((noreturn)) end(void)
{
	puts_("kernel: all have ended; switches ");
	put_number(switches);
	puts_(", page faults ");
	put_number(page_faults);
	put('\n');
	switch_off(0);
	for (;;)
		;
}

/* The next one, from the one that runs on. */
static void schedule(void)
{
	unsigned at = current->number; /* the index of the one behind it */

	for (unsigned i = 0; i < PROCESSES; i++) {
		struct process *p = &process[(at + i) % PROCESSES];

		if (p->runs) {
			let_run(p);
			return;
		}
	}
	end();
}

/* ---- the ends of processes ---- */

static void say_who(void)
{
	puts_("kernel: process ");
	put_number(current->number);
}

static void ended(void)
{
	current->runs = 0;
	schedule();
}

static void put_hexadecimal(unsigned n)
{
	for (int shift = 28; shift >= 0; shift -= 4)
		put("0123456789abcdef"[n >> shift & 15]);
}

static void kill(const struct frame *f)
{
	say_who();
	puts_(" is ended by exception ");
	put_number(f->cause >> 2 & 31);
	puts_(" at address ");
	put_hexadecimal(f->badvaddr);
	put('\n');
	ended();
}

/* ---- system calls ---- */

static unsigned sys_exit(unsigned status, unsigned unused)
{
	(void)unused;
	say_who();
	puts_(" ends with status ");
	put_number(status);
	put('\n');
	ended();
	return 0;
}

/* A process may name any address: only what is its own is printed. */
static unsigned sys_write(unsigned address, unsigned count)
{
	unsigned n;

	for (n = 0; n < count; n++) {
		char *c = page_find(current, address + n);

		if (!c)
			break;
		put(*c);
	}
	return n;
}

static unsigned sys_number(unsigned unused, unsigned unused_too)
{
	(void)unused;
	(void)unused_too;
	return current->number;
}

static unsigned (*const calls[SYSCALLS])(unsigned, unsigned) = {
	[SYS_EXIT] = sys_exit,
	[SYS_WRITE] = sys_write,
	[SYS_NUMBER] = sys_number,
};

enum { V0 = 1, A0 = 3, A1 = 4, SP = 28 }; /* in frame.r, which begins with register 1 */

static void system_call(struct frame *f)
{
	unsigned number = f->r[V0];

	f->epc += 4; /* behind the instruction */
	f->r[V0] = number < SYSCALLS ? calls[number](f->r[A0], f->r[A1]) : -1U;
}

/* ---- exceptions ---- */

/* Called by start.S, whose resume goes on with current. */
void trap(struct frame *f)
{
	switch (f->cause >> 2 & 31) {
	case EXC_INT: schedule(); break; /* the timer's: its quantum is over */
	case EXC_SYS: system_call(f); break;
	case EXC_TLBL:
	case EXC_TLBS:
		if (page_fault(current, f->badvaddr))
			break; /* and the instruction is done again */
		/* fall through */
	default: kill(f);
	}
}

/* ---- the beginning ---- */

/* Text is shared, and cannot be written; data each has for itself. */
static void map_program(struct process *p)
{
	unsigned address = USER_TEXT;

	for (char *from = user_text; from < user_end; from += PAGE, address += PAGE) {
		char *frame = from;

		if (from >= user_data) {
			frame = frame_new();
			for (unsigned i = 0; i < PAGE; i++)
				frame[i] = from[i];
		}
		page_map(p, address, frame, from >= user_data ? ENTRY_WRITE : 0);
	}
}

static void make_process(struct process *p, unsigned number)
{
	p->number = number;
	p->directory = directory_new();
	p->runs = 1;
	map_program(p);
	p->frame.epc = USER_TEXT;
	p->frame.r[SP] = USER_STACK_TOP - 16;
	p->frame.status = TIMER_LINE | IN_USER_MODE | EXL | INTERRUPTS; /* ERET ends EXL */
}

/* `boot`: the boot program, and what is behind it, are at the end of storage. */
void kernel(unsigned size, char *boot)
{
	memory_begin(_end, boot);
	for (unsigned i = 0; i < PROCESSES; i++)
		make_process(&process[i], i + 1);
	puts_("kernel: storage of ");
	put_number(size >> 10);
	puts_(" KB, three processes\n");
	let_run(&process[0]);
	resume();
}
