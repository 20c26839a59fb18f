/*
 * The drum: blocks of words that are moved to and from its owner's storage
 * while the processor goes on.  Registers and timing: machine/device.h.
 *
 * While a transfer is under way, only `control` can be written.
 */
#include "machine/device.h"

#include "isa/alloc.h"

#include <errno.h>
#include <inttypes.h>
#include <sys/file.h>
#include <sys/stat.h>

enum {
	REG_COMMAND,
	REG_STATUS,
	REG_CONTROL,
	REG_BLOCK,
	REG_ADDRESS,
	REG_COUNT,
	REG_SIZE,
	NVARS,
	VAR_DONE = REG_SIZE, /* when the transfer ends; the variables are the other registers */
};
enum { COMMAND_READ = 1, COMMAND_WRITE = 2 };
enum { BUSY = 1, DONE = 2, FAILED = 4 };
enum { IRQ_DONE = 1 };

static const char *const var_names[NVARS] = {
	[REG_COMMAND] = "command", [REG_STATUS] = "status",   [REG_CONTROL] = "control",
	[REG_BLOCK] = "block",	   [REG_ADDRESS] = "address", [REG_COUNT] = "count",
	[VAR_DONE] = "done",
};

/* Larger drums are refused: 2^28 words are 2 GB of the host's storage. */
static const uint64_t most_words = UINT64_C(1) << 28;

struct drum {
	struct device device;
	uint64_t block, blocks, delay; /* words, blocks, units of time for each block */
	uint64_t now;		       /* of the last advance */
	uint64_t *word;		       /* block * blocks; owned */
	FILE *file;		       /* NULL: none attached */
	bool read_only;
	bool dirty; /* the file holds something else */
};

struct saved {
	uint64_t now;
	uint64_t word[];
};

static size_t words_of(const struct drum *m)
{
	return (size_t)(m->block * m->blocks);
}

static bool drum_init(struct device *d, char *reason, size_t reason_size)
{
	struct drum *m = (struct drum *)d;

	m->block = device_param(d, "block", 64);
	m->blocks = device_param(d, "blocks", 64);
	m->delay = device_param(d, "delay", 100);
	if (!m->block || !m->blocks || m->block > most_words / m->blocks) {
		snprintf(reason, reason_size,
			 "device %s: block * blocks must be 1 to %" PRIu64 " words", d->decl->name,
			 most_words);
		return false;
	}
	if (m->delay < 1 || m->delay > UINT32_MAX) {
		snprintf(reason, reason_size, "device %s: delay must be 1 to %" PRIu32,
			 d->decl->name, UINT32_MAX);
		return false;
	}
	m->word = xcalloc(words_of(m), sizeof *m->word);
	return true;
}

static void drum_fini(struct device *d)
{
	struct drum *m = (struct drum *)d;
	char reason[1];

	drum_flush(d, reason, sizeof reason);
	if (m->file)
		fclose(m->file);
	free(m->word);
}

/* ---- the transfer ---- */

/* The storage unit that holds part i (0: the lowest) of the word at an address. */
static uint64_t unit_of(const struct device *d, uint64_t address, unsigned i)
{
	return address + (d->big_endian ? d->word_units - 1 - i : i);
}

static void to_storage(const struct device *d, uint64_t address, uint64_t word)
{
	unsigned bits = d->window.storage->unit;

	for (unsigned i = 0; i < d->word_units; i++)
		window_put(&d->window, unit_of(d, address, i), word >> i * bits & isa_mask(bits));
}

static uint64_t from_storage(const struct device *d, uint64_t address)
{
	unsigned bits = d->window.storage->unit;
	uint64_t word = 0, part = 0;

	for (unsigned i = 0; i < d->word_units; i++) {
		window_get(&d->window, unit_of(d, address, i), &part);
		word |= part << i * bits;
	}
	return word;
}

/* Does the transfer fit into the drum and into the owner's storage? */
static bool fits(const struct drum *m)
{
	const uint64_t *var = m->device.var;
	uint64_t count = var[REG_COUNT], size = m->device.window.size, units;

	if (count > m->blocks || var[REG_BLOCK] > m->blocks - count)
		return false;
	units = count * m->block * m->device.word_units;
	return units <= size && var[REG_ADDRESS] <= size - units;
}

static bool transfer(struct drum *m)
{
	struct device *d = &m->device;
	uint64_t count = d->var[REG_COUNT] * m->block, address = d->var[REG_ADDRESS];
	bool writing = d->var[REG_COMMAND] == COMMAND_WRITE;
	uint64_t *word;

	if (!fits(m) || (writing && m->read_only))
		return false;
	word = m->word + d->var[REG_BLOCK] * m->block;
	for (uint64_t i = 0; i < count; i++, address += d->word_units)
		if (writing)
			word[i] = from_storage(d, address);
		else
			to_storage(d, address, word[i]);
	m->dirty |= writing;
	return true;
}

static void drum_advance(struct device *d, uint64_t now)
{
	struct drum *m = (struct drum *)d;

	m->now = now;
	if (d->var[REG_STATUS] & BUSY && d->var[VAR_DONE] <= now)
		d->var[REG_STATUS] = transfer(m) ? DONE : DONE | FAILED;
}

static uint64_t drum_next_event(const struct device *d)
{
	return d->var[REG_STATUS] & BUSY ? d->var[VAR_DONE] : NEVER;
}

static bool drum_line(const struct device *d)
{
	return d->var[REG_CONTROL] & IRQ_DONE && d->var[REG_STATUS] & DONE;
}

/* ---- registers ---- */

static uint64_t drum_read(struct device *d, uint64_t reg)
{
	uint64_t value;

	if (reg == REG_SIZE)
		return ((struct drum *)d)->blocks & d->word_mask;
	if (reg > REG_SIZE)
		return 0;
	value = d->var[reg] & d->word_mask;
	if (reg == REG_STATUS)
		d->var[REG_STATUS] &= ~(uint64_t)DONE;
	return value;
}

/* Its status is read once; what is written may be a command. */
static uint64_t drum_steady(const struct device *d, const struct device_access *a, uint64_t now)
{
	return a->write || (a->at == REG_STATUS && d->var[REG_STATUS] & DONE) ? now : NEVER;
}

static void start(struct drum *m, uint64_t command)
{
	uint64_t *var = m->device.var, count = var[REG_COUNT];

	if (command != COMMAND_READ && command != COMMAND_WRITE)
		return;
	if (count > m->blocks)
		count = m->blocks;
	var[REG_COMMAND] = command;
	var[REG_STATUS] = BUSY;
	var[VAR_DONE] = m->now + count * m->delay;
}

static void drum_write(struct device *d, uint64_t reg, uint64_t value)
{
	value &= d->word_mask;
	if (reg == REG_CONTROL)
		d->var[REG_CONTROL] = value & IRQ_DONE;
	else if (d->var[REG_STATUS] & BUSY)
		return;
	else if (reg == REG_COMMAND)
		start((struct drum *)d, value);
	else if (reg == REG_BLOCK || reg == REG_ADDRESS || reg == REG_COUNT)
		d->var[reg] = value;
}

/* ---- snapshots ---- */

static void *drum_save(const struct device *d)
{
	const struct drum *m = (const struct drum *)d;
	struct saved *s = xmalloc(sizeof *s + words_of(m) * sizeof *s->word);

	s->now = m->now;
	memcpy(s->word, m->word, words_of(m) * sizeof *s->word);
	return s;
}

static void drum_restore(struct device *d, const void *saved)
{
	struct drum *m = (struct drum *)d;
	const struct saved *s = saved;

	m->now = s->now;
	m->dirty |= memcmp(m->word, s->word, words_of(m) * sizeof *s->word) != 0;
	memcpy(m->word, s->word, words_of(m) * sizeof *s->word);
}

static bool drum_same(const struct device *a, const struct device *b)
{
	const struct drum *m = (const struct drum *)a, *n = (const struct drum *)b;

	return words_of(m) == words_of(n) &&
	       memcmp(m->word, n->word, words_of(m) * sizeof *m->word) == 0;
}

const struct device_class drum_class = {
	.name = "drum",
	.nvars = NVARS,
	.var_name = var_names,
	.param_name = (const char *const[]){ "block", "blocks", "delay", NULL },
	.size = sizeof(struct drum),
	.init = drum_init,
	.fini = drum_fini,
	.read = drum_read,
	.write = drum_write,
	.steady = drum_steady,
	.advance = drum_advance,
	.next_event = drum_next_event,
	.line = drum_line,
	.save = drum_save,
	.restore = drum_restore,
	.forget = free,
	.same = drum_same,
};

/* ---- for its owner ---- */

/* Bytes of a word in the file. */
static unsigned bytes_of(const struct drum *m)
{
	return m->device.word_mask >> 16 >> 16 ? 8 : 4;
}

static bool load(struct drum *m, FILE *file)
{
	unsigned char byte[8];

	memset(m->word, 0, words_of(m) * sizeof *m->word);
	for (size_t i = 0; i < words_of(m); i++) {
		size_t got = fread(byte, 1, bytes_of(m), file);

		for (size_t b = 0; b < got; b++)
			m->word[i] |= (uint64_t)byte[b] << b * 8;
		m->word[i] &= m->device.word_mask;
		if (got < bytes_of(m))
			break;
	}
	return !ferror(file);
}

/* A file of its own: what two drums write, one would lose. */
static FILE *open_blocks(const char *path, bool read_only, char *reason, size_t size)
{
	const char *use = read_only ? "read" : "read and written";
	struct stat status;
	FILE *file;

	if (stat(path, &status) == 0 && !S_ISREG(status.st_mode) && !S_ISDIR(status.st_mode)) {
		snprintf(reason, size, "%s cannot be %s: it is not a regular file", path, use);
		return NULL;
	}
	file = fopen(path, read_only ? "rb" : "r+b");
	if (!file) {
		snprintf(reason, size, "%s cannot be %s: %s", path, use, strerror(errno));
	} else if (!read_only && flock(fileno(file), LOCK_EX | LOCK_NB) != 0 &&
		   errno == EWOULDBLOCK) {
		snprintf(reason, size, "%s is another drum's already", path);
		fclose(file);
		file = NULL;
	}
	return file;
}

bool drum_attach(struct device *d, const char *path, bool read_only, char *reason, size_t size)
{
	struct drum *m = (struct drum *)d;
	FILE *file;

	if (!drum_flush(d, reason, size))
		return false;
	file = open_blocks(path, read_only, reason, size);
	if (!file)
		return false;
	if (!load(m, file)) {
		snprintf(reason, size, "%s cannot be read: %s", path, strerror(errno));
		fclose(file);
		return false;
	}
	if (m->file)
		fclose(m->file);
	m->file = file;
	m->read_only = read_only;
	m->dirty = false;
	return true;
}

static bool store(const struct drum *m)
{
	rewind(m->file);
	for (size_t i = 0; i < words_of(m); i++)
		for (unsigned b = 0; b < bytes_of(m); b++)
			if (putc((int)(m->word[i] >> b * 8 & 0xff), m->file) == EOF)
				return false;
	return fflush(m->file) == 0;
}

bool drum_flush(struct device *d, char *reason, size_t reason_size)
{
	struct drum *m = (struct drum *)d;

	if (!m->dirty || !m->file || m->read_only)
		return true;
	if (!store(m)) {
		snprintf(reason, reason_size, "the blocks of %s cannot be written: %s",
			 d->decl->name, strerror(errno));
		return false;
	}
	m->dirty = false;
	return true;
}

const uint64_t *drum_words(const struct device *d, size_t *count)
{
	const struct drum *m = (const struct drum *)d;

	*count = words_of(m);
	return m->word;
}
