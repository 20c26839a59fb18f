/* What the programs for the mips32-bench share: its devices, its exceptions. */
#ifndef BENCH_H
#define BENCH_H

enum { EXC_INT = 0, EXC_MOD = 1, EXC_TLBL = 2, EXC_TLBS = 3, EXC_SYS = 8, EXC_BP = 9, EXC_RI = 10, EXC_CPU = 11 };

/* What an exception finds, in the order in which start.S saves it: r[0] is EPC's place. */
struct frame {
	unsigned epc, r[31]; /* r[i] is register i + 1 */
	unsigned hi, lo, status, cause, badvaddr;
};

/* The program's own: called for every exception but a TLB refill; goes on at f->epc. */
void exception(struct frame *f);
/* How often the TLB was refilled, from the identity: kuseg is the storage. */
extern volatile unsigned refills;
/* In user mode, at a place of this program as kuseg has it; comes back by leave(). */
void enter_user(void (*where)(void), unsigned stack);
void leave(void);

/* The devices, in kseg1, as isa/machines/mips32-bench.isa has them. */
struct console {
	unsigned data, status, control, printer;
};
enum { INPUT_READY = 1, OUTPUT_READY = 2, INPUT_END = 4 };   /* its status */
enum { IRQ_INPUT = 1, IRQ_OUTPUT = 2 };			     /* its control */
enum { CONSOLE_LINE = 1 << 10, DISK_LINE = 1 << 11, TIMER_LINE = 1 << 15 }; /* of Cause and Status */

struct disk {
	unsigned command, status, control, block, address, count, size;
};
enum { DISK_READ = 1, DISK_WRITE = 2 };			/* its command */
enum { DISK_BUSY = 1, DISK_DONE = 2, DISK_FAILED = 4 }; /* its status */

#define CONSOLE ((volatile struct console *)0xbf000000)
#define DISK ((volatile struct disk *)0xbf000100)
#define POWER ((volatile unsigned *)0xbf000200)

static inline void put(char c)
{
	while (!(CONSOLE->printer & OUTPUT_READY))
		;
	CONSOLE->data = (unsigned char)c;
}

static inline void puts_(const char *s)
{
	while (*s)
		put(*s++);
}

static inline void put_number(unsigned n)
{
	if (n >= 10)
		put_number(n / 10);
	put((char)('0' + n % 10));
}

static inline void switch_off(unsigned status)
{
	*POWER = status;
	for (;;)
		;
}

#endif
