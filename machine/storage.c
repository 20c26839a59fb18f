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

/* Cells begin at such an address; the map of code before them ends with at least one unit more
 * than there are, so that a map of neighbours can be read at once. */
enum { ALIGNMENT = 64 };

struct storage *storage_new(uint64_t size, unsigned unit)
{
	unsigned cell_size = cell_size_of(unit);
	uint64_t map = (size + ALIGNMENT) / ALIGNMENT * ALIGNMENT;
	struct storage *s;
	uint8_t *code;

	if (size > (SIZE_MAX - ALIGNMENT) / (cell_size + 1))
		return NULL;
	code = calloc(map + size * cell_size, 1);
	if (!code)
		return NULL;
	s = xmalloc(sizeof *s);
	*s = (struct storage){
		.size = size, .unit = unit, .cell_size = cell_size, .cell = code + map, .code = code
	};
	return s;
}

void storage_free(struct storage *s)
{
	if (!s)
		return;
	free(s->code);
	free(s);
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
