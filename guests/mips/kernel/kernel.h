/* A small kernel for the bench, to read in an evening: doc/teaching-kernel.md. */
#ifndef KERNEL_H
#define KERNEL_H

#include "../bench.h"

/* System calls: the number in v0, arguments in a0 and a1; the result in v0. */
enum {
	SYS_EXIT,   /* a0: the status.  Does not come back */
	SYS_WRITE,  /* a0: where, a1: how many bytes.  How many were printed */
	SYS_NUMBER, /* which process is this, from 1 on? */
	SYSCALLS
};

/* Virtual addresses of a process. */
#define USER_TEXT 0x00400000 /* its program, as user.c was linked: text, then data */
#define USER_HEAP 0x10000000 /* pages of zeros, each there once it is touched */
#define USER_HEAP_END 0x10100000
#define USER_STACK 0x7fff0000 /* the same, for the stack below */
#define USER_STACK_TOP 0x80000000

#define PAGE 4096

/* An entry of a page table is as the TLB has it, EntryLo: the frame's number from bit 6 on. */
enum { ENTRY_CACHED = 3 << 3, ENTRY_WRITE = 4, ENTRY_VALID = 2 };

struct process {
	struct frame frame; /* its registers while it does not run; first: start.S saves them here */
	unsigned **directory; /* 1024 page tables, each of 1024 entries: 4 MB of addresses */
	unsigned number;    /* from 1 on; its address space in the TLB, too */
	unsigned runs;	    /* or has it ended? */
};

/* memory.c: frames and page tables.  All addresses are those of kseg0. */
void memory_begin(char *from, char *to);
char *frame_new(void); /* a frame of zeros */
unsigned **directory_new(void);
void page_map(struct process *, unsigned address, char *frame, unsigned bits);
/* Where a process's byte is in storage; 0: it has none there, and may have none. */
char *page_find(struct process *, unsigned address);
/* A page of a process was missed: gives it one, if it may have one.  Was it? */
int page_fault(struct process *, unsigned address);

extern unsigned page_faults;

#endif
