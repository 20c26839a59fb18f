/* Frames of storage, and page tables made of them. */
#include "kernel.h"

unsigned page_faults;

static char *next, *end;	  /* frames that nobody has */
static unsigned no_pages[1024]; /* the page table where a process has none: no entry is valid */

void memory_begin(char *from, char *to)
{
	next = (char *)(((unsigned)from + PAGE - 1) & -PAGE);
	end = (char *)((unsigned)to & -PAGE);
}

char *frame_new(void)
{
	char *frame = next;

	if (next == end) {
		puts_("kernel: no storage is left\n");
		switch_off(1);
	}
	next += PAGE;
	for (unsigned i = 0; i < PAGE; i += sizeof(unsigned))
		*(unsigned *)(frame + i) = 0;
	return frame;
}

unsigned **directory_new(void)
{
	unsigned **directory = (unsigned **)frame_new();

	for (unsigned i = 0; i < 1024; i++)
		directory[i] = no_pages;
	return directory;
}

/* The entry for an address. */
static unsigned *entry_of(struct process *p, unsigned address)
{
	return &p->directory[address >> 22][address >> 12 & 1023];
}

void page_map(struct process *p, unsigned address, char *frame, unsigned bits)
{
	unsigned **table = &p->directory[address >> 22];

	if (*table == no_pages)
		*table = (unsigned *)frame_new();
	/* kseg0 shows storage from 0x80000000 on */
	*entry_of(p, address) = ((unsigned)frame & 0x1ffff000) >> 6 | ENTRY_CACHED | ENTRY_VALID | bits;
}

/* The TLB has the entry for this address as it was before: invalid. */
static void tlb_drop(unsigned address, unsigned space)
{
	int index;

	__asm__ volatile("mtc0 %1, $10; ehb; tlbp; ehb; mfc0 %0, $0" /* EntryHi; Index */
			 : "=r"(index) : "r"((address & -(2 * PAGE)) | space));
	if (index < 0)
		return;
	/* a pair that nobody can ask for, as kseg0 does not go through the TLB */
	__asm__ volatile("mtc0 $0, $2; mtc0 $0, $3; mtc0 %0, $10; ehb; tlbwi; ehb; mtc0 %1, $10; ehb"
			 : : "r"(0x80000000 + 2 * PAGE * index), "r"(space));
}

static int may_have(unsigned address)
{
	return (address >= USER_HEAP && address < USER_HEAP_END) ||
	       (address >= USER_STACK && address < USER_STACK_TOP);
}

int page_fault(struct process *p, unsigned address)
{
	if (!may_have(address) || *entry_of(p, address) & ENTRY_VALID)
		return 0;
	page_map(p, address, frame_new(), ENTRY_WRITE);
	tlb_drop(address, p->number);
	page_faults++;
	return 1;
}

char *page_find(struct process *p, unsigned address)
{
	unsigned entry;

	if (address >= USER_STACK_TOP)
		return 0;
	entry = *entry_of(p, address);
	if (!(entry & ENTRY_VALID)) {
		if (!page_fault(p, address))
			return 0;
		entry = *entry_of(p, address);
	}
	return (char *)(0x80000000 | (entry >> 6) << 12 | (address & (PAGE - 1)));
}
