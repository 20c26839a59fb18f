/* What the programs for the mips32-bench share: its console, its switch, its exceptions. */
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

static inline unsigned console_status(void)
{
	unsigned v;

	__asm__ volatile("mfc2 %0, $1" : "=r"(v));
	return v;
}

static inline void put(char c)
{
	while (!(console_status() & 2))
		;
	__asm__ volatile("mtc2 %0, $0" : : "r"(c));
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
	__asm__ volatile("mtc2 %0, $4" : : "r"(status));
	for (;;)
		;
}

#endif
