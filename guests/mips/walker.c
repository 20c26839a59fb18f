/* Page tables of three levels, as a machine without a TLB would keep them, walked by the program. */
#include "bench.h"

enum { LEVELS = 3, LOG = 5, ENTRIES = 1 << LOG, PAGE_LOG = 8, PAGES = 3000 };

struct table {
	unsigned entry[ENTRIES]; /* 0: nothing; else the number of a table, or of a page */
};

static struct table table[200];
static unsigned tables = 1, missed;

static unsigned index_at(unsigned page, unsigned level)
{
	return page >> LOG * (LEVELS - 1 - level) & (ENTRIES - 1);
}

/* The entry for a page; makes the tables that lead there if it may. */
static unsigned *walk(unsigned page, int make)
{
	unsigned at = 0;

	for (unsigned level = 0; level < LEVELS - 1; level++) {
		unsigned *entry = &table[at].entry[index_at(page, level)];

		if (!*entry && !make)
			return 0;
		if (!*entry)
			*entry = tables++;
		at = *entry;
	}
	return &table[at].entry[index_at(page, LEVELS - 1)];
}

static unsigned place_of(unsigned address)
{
	unsigned *entry = walk(address >> PAGE_LOG, 0);

	if (!entry || !*entry) {
		missed++;
		return 0;
	}
	return *entry << PAGE_LOG | (address & ((1 << PAGE_LOG) - 1));
}

void exception(struct frame *f)
{
	switch_off(100 + (f->cause >> 2 & 31));
}

int main(void)
{
	unsigned address = 12345, sum = 0;

	for (unsigned i = 0; i < PAGES; i++)
		*walk(i * 5 % 4096, 1) = i + 1;
	for (unsigned i = 0; i < 20000; i++) {
		sum = sum * 31 + place_of(address);
		address = (address * 1103515245 + 12345) & ((1 << (LEVELS * LOG + PAGE_LOG - 3)) - 1);
	}
	put_number(tables);
	puts_(" tables, ");
	put_number(missed);
	puts_(" misses, sum ");
	put_number(sum);
	put('\n');
	return 0;
}
