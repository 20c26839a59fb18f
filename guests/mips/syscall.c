/*
 * A program in user mode that calls the system in a loop; the system counts.  Then it does what
 * programs may not, and is ended for each.
 */
#include "bench.h"

enum { CALLS = 2000 };
static unsigned calls, causes;

void exception(struct frame *f)
{
	unsigned code = f->cause >> 2 & 31;

	if (code == EXC_SYS) {
		calls++;
		f->r[1] = calls; /* v0 */
		f->epc += 4;
		return;
	}
	causes = causes * 100 + code;
	leave();
}

static void caller(void)
{
	__asm__ volatile("1: syscall\n bne $2, %0, 1b\n break" : : "r"(CALLS) : "$2");
}

static void reader_of_cp0(void)
{
	__asm__ volatile("mfc0 $2, $12" : : : "$2");
}

static void reader_of_kseg0(void)
{
	__asm__ volatile("lui $2, 0x8000\n lw $2, 0($2)" : : : "$2");
}

int main(void)
{
	enter_user(caller, 0x70000);
	enter_user(reader_of_cp0, 0x70000);
	enter_user(reader_of_kseg0, 0x70000);
	put_number(calls);
	puts_(" system calls; ended by exceptions ");
	put_number(causes);
	put('\n');
	return calls != CALLS || causes != 91104; /* Bp, CpU, AdEL */
}
