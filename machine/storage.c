/* Storage, windows onto it, and the log of what was written. */
#include "machine/storage.h"

#include "isa/alloc.h"

static unsigned cell_size_of(unsigned unit)
{
	unsigned bytes = 1;

	while (bytes * 8 < unit)
		bytes *= 2;
	return bytes;
}

/* Maps are of so many bytes, or a multiple; that of code has at least CODE_NEAR units more than
 * there are, so that a map of neighbours can be read at once. */
enum { ALIGNMENT = 64 };

static uint64_t aligned(uint64_t size)
{
	return (size + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
}

struct storage *storage_new(uint64_t size, unsigned unit)
{
	unsigned cell_size = cell_size_of(unit);
	uint64_t map, lines;
	struct storage *s;
	uint8_t *memory;

	if (size > (SIZE_MAX - 3 * ALIGNMENT) / (cell_size + 2))
		return NULL;
	map = aligned(size + CODE_NEAR);
	lines = aligned((size >> CODE_LINE_LOG) + 1);
	memory = calloc(lines + map + size * cell_size, 1);
	if (!memory)
		return NULL;
	s = xmalloc(sizeof *s);
	*s = (struct storage){ .size = size,
			       .unit = unit,
			       .cell_size = cell_size,
			       .cell = memory + lines + map,
			       .code = memory + lines,
			       .code_line = memory };
	return s;
}

void storage_free(struct storage *s)
{
	if (!s)
		return;
	free(s->code_line);
	free(s);
}

/* The first line that tells of a unit. */
static uint64_t first_line(uint64_t address)
{
	return (address < CODE_NEAR ? 0 : address - CODE_NEAR) >> CODE_LINE_LOG;
}

void storage_add_code(struct storage *s, uint64_t address, uint8_t bits)
{
	s->code[address] |= bits;
	for (uint64_t i = first_line(address); i <= address >> CODE_LINE_LOG; i++)
		s->code_line[i] = 1;
}

static bool any_code(const struct storage *s, uint64_t line)
{
	const uint8_t *from = s->code + (line << CODE_LINE_LOG);

	for (unsigned i = 0; i < (1 << CODE_LINE_LOG) + CODE_NEAR; i++)
		if (from + i < (const uint8_t *)s->cell && from[i])
			return true;
	return false;
}

void storage_drop_codes(struct storage *s, uint64_t from, uint64_t to, uint8_t but)
{
	for (uint64_t i = from; i < to; i++)
		s->code[i] &= but;
	for (uint64_t i = first_line(from); i <= (to - 1) >> CODE_LINE_LOG; i++)
		s->code_line[i] = any_code(s, i);
}

void storage_drop_code(struct storage *s, uint64_t address, uint8_t but)
{
	storage_drop_codes(s, address, address + 1, but);
}

void write_log_add(struct write_log *log, uint64_t address)
{
	if (log->count == log->capacity) {
		log->capacity = log->capacity ? log->capacity * 2 : 64;
		log->address = xrealloc(log->address, log->capacity * sizeof *log->address);
	}
	log->address[log->count++] = address;
}

void write_log_clear(struct write_log *log)
{
	log->count = 0;
}

void write_log_free(struct write_log *log)
{
	free(log->address);
	*log = (struct write_log){ 0 };
}

bool window_get(const struct window *w, uint64_t address, uint64_t *value)
{
	if (address >= w->size)
		return false;
	*value = storage_get(w->storage, w->base + address);
	return true;
}

bool window_put(const struct window *w, uint64_t address, uint64_t value)
{
	if (address >= w->size)
		return false;
	storage_put(w->storage, w->base + address, value);
	return true;
}
