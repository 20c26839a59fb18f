/* Guests that other tools made: which machine they are for, and what is in them. */
#include "cli/program.h"

#include "isa/alloc.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { LEAST = 1 << 20, MOST = 1 << 28 /* units of storage that are tried */ };

static const struct place nowhere = { NULL, 0, 0 };

static bool refuse(struct shelf *s, const struct guest *g, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

static bool refuse(struct shelf *s, const struct guest *g, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	diag_vadd(s->diagnostics, DIAG_ERROR, diag_file(s->diagnostics, g->path), format, args);
	va_end(args);
	return false;
}

/* ---- the machine ---- */

/* Names for messages: System V ABI, e_machine. */
static const struct {
	unsigned number;
	const char *name;
} machines[] = {
	{ 2, "SPARC" },	   { 3, "x86" },      { 4, "68000" },  { 8, "MIPS" },
	{ 20, "PowerPC" }, { 21, "PowerPC" }, { 22, "S/390" }, { 40, "ARM" },
	{ 50, "Itanium" }, { 62, "x86-64" },  { 75, "VAX" },   { 183, "AArch64" },
	{ 243, "RISC-V" },
};

/* "a 64-bit big-endian ELF file for machine 8, MIPS"; returns buffer. */
static char *kind_words(const struct elf_kind *k, char *buffer, size_t size)
{
	const char *name = NULL;

	for (size_t i = 0; i < sizeof(machines) / sizeof(machines[0]); i++)
		if (machines[i].number == k->machine)
			name = machines[i].name;
	snprintf(buffer, size, "a %u-bit %s-endian ELF file for machine %u%s%s", k->word,
		 k->big ? "big" : "little", k->machine, name ? ", " : "", name ? name : "");
	return buffer;
}

static bool is_for(const struct elf_kind *k, const struct isa *isa)
{
	return isa->elf == k->machine && isa->unit == 8 && (isa->word > 32) == (k->word == 64) &&
	       (isa->endian == ENDIAN_STATE || (isa->endian == ENDIAN_BIG) == k->big);
}

/* The machines known by name that are for an ELF file. */
struct candidates {
	const struct elf_kind *kind;
	size_t count;
	char **name;	  /* owned */
	char others[512]; /* for the same machine, but of another kind */
};

static void consider(void *context, const char *name, const char *path)
{
	struct candidates *c = context;
	struct diag_list *messages = diag_new();
	struct isa *isa = isa_load(messages, path);
	size_t n = strlen(c->others);

	if (isa && is_for(c->kind, isa)) {
		c->name = xrealloc(c->name, (c->count + 1) * sizeof(*c->name));
		c->name[c->count++] = xstrdup(name);
	} else if (isa && isa->elf == c->kind->machine) {
		snprintf(c->others + n, sizeof(c->others) - n, "%s%s", n ? ", " : "", name);
	}
	isa_free(isa);
	diag_free(messages);
}

/* Is a name that of a machine, or of it on a board: NAME or NAME-BOARD? */
static bool is_of(const char *name, const char *machine)
{
	size_t n = strlen(machine);

	return strncmp(name, machine, n) == 0 && (name[n] == '\0' || name[n] == '-');
}

/* Of one machine and the same on boards, that machine; NULL: they are several. */
static const char *plain_one(const struct candidates *c)
{
	for (size_t i = 0; i < c->count; i++) {
		size_t n = 0;

		while (n < c->count && is_of(c->name[n], c->name[i]))
			n++;
		if (n == c->count)
			return c->name[i];
	}
	return NULL;
}

static char *list_names(const struct candidates *c, char *buffer, size_t size)
{
	*buffer = '\0';
	for (size_t i = 0; i < c->count; i++)
		snprintf(buffer + strlen(buffer), size - strlen(buffer), "%s%s", i ? ", " : "",
			 c->name[i]);
	return buffer;
}

static void free_names(struct candidates *c)
{
	for (size_t i = 0; i < c->count; i++)
		free(c->name[i]);
	free(c->name);
}

static bool choose(struct guest *g, struct shelf *s, const struct elf_kind *k, char **name)
{
	struct candidates c = { .kind = k };
	const char *plain;
	char words[128], names[512];

	isa_each_known(consider, &c);
	plain = plain_one(&c);
	*name = plain ? xstrdup(plain) : NULL;
	kind_words(k, words, sizeof(words));
	if (!c.count && *c.others)
		refuse(s, g, "is %s; those known for that machine are of another kind: %s", words,
		       c.others);
	else if (!c.count)
		refuse(s, g, "is %s, for which no description is known", words);
	else if (!plain)
		refuse(s, g, "is %s; give --isa: one of %s", words,
		       list_names(&c, names, sizeof(names)));
	free_names(&c);
	return *name != NULL;
}

/* What a name has behind that of the processor: "-BOARD", or nothing. */
static const char *board_of(const char *name)
{
	const char *dash = strchr(name, '-');

	return dash ? dash : "";
}

/* Those on the same board as one that will not do, else all; returns buffer. */
static char *others_words(const struct elf_kind *k, const char *name, char *buffer, size_t size)
{
	struct candidates c = { .kind = k };
	char names[512];

	isa_each_known(consider, &c);
	*buffer = *names = '\0';
	for (size_t i = 0; i < c.count; i++)
		if (strcmp(board_of(c.name[i]), board_of(name)) == 0)
			snprintf(names + strlen(names), sizeof(names) - strlen(names), "%s%s",
				 *names ? ", " : "", c.name[i]);
	if (c.count)
		snprintf(buffer, size, "; it is one for %s",
			 *names ? names : list_names(&c, names, sizeof(names)));
	free_names(&c);
	return buffer;
}

static bool check_kind(struct shelf *s, const struct guest *g, const struct elf_kind *k)
{
	const struct isa *isa = g->isa;
	char words[128], others[560];

	if (is_for(k, isa))
		return true;
	kind_words(k, words, sizeof(words));
	others_words(k, isa->name, others, sizeof(others));
	if (!isa->elf)
		return refuse(s, g,
			      "is %s, and %s takes none: its description has no number for ELF%s",
			      words, isa->name, others);
	return refuse(s, g, "is %s, and %s takes %u-bit %s-endian ones for machine %u%s", words,
		      isa->name, isa->word > 32 ? 64 : 32,
		      isa->endian == ENDIAN_BIG ? "big" : "little", isa->elf, others);
}

/* The boards that there are for a machine. */
struct boards {
	const char *machine;
	char text[512];
};

static void note_board(void *context, const char *name, const char *path)
{
	struct boards *b = context;
	size_t n = strlen(b->text);

	(void)path;
	if (is_of(name, b->machine) && name[strlen(b->machine)] == '-')
		snprintf(b->text + n, sizeof(b->text) - n, "%s%s", n ? ", " : "",
			 name + strlen(b->machine) + 1);
}

struct wanted {
	const char *name;
	bool found;
};

static void note_wanted(void *context, const char *name, const char *path)
{
	struct wanted *w = context;

	(void)path;
	w->found = w->found || strcmp(w->name, name) == 0;
}

char *program_machine(struct shelf *s, const char *name, const char *board)
{
	char *whole = xmalloc(strlen(name) + strlen(board) + 2);
	struct boards b = { .machine = name };
	struct wanted w = { .name = whole };

	sprintf(whole, "%s-%s", name, board);
	isa_each_known(note_wanted, &w);
	if (w.found)
		return whole;
	isa_each_known(note_board, &b);
	diag_add(s->diagnostics, DIAG_ERROR, nowhere, "there is no board '%s' for %s; %s%s", board,
		 name, *b.text ? "there are: " : "none is known", b.text);
	free(whole);
	return NULL;
}

/* A processor alone prints nothing. */
static void note_boards(const struct guest *g, struct shelf *s)
{
	struct boards b = { .machine = g->isa->name };

	isa_each_known(note_board, &b);
	if (!g->isa->ndevices && *b.text)
		diag_add(s->diagnostics, DIAG_WARNING, diag_file(s->diagnostics, g->path),
			 "runs on %s alone, without devices; --board takes: %s", g->isa->name,
			 b.text);
}

static bool find_machine(struct guest *g, struct shelf *s, const struct guest_wish *w,
			 const struct elf_kind *k)
{
	char *name = NULL, *whole;

	if (w->isa)
		name = xstrdup(w->isa);
	else if (!k)
		return refuse(s, g, "is a raw image: give --isa, the machine that it is for");
	else if (!choose(g, s, k, &name))
		return false;
	if (w->board) {
		whole = program_machine(s, name, w->board);
		free(name);
		name = whole;
	}
	g->isa = name ? shelf_isa(s, name) : NULL;
	free(name);
	if (g->isa && !w->isa && !w->board)
		note_boards(g, s);
	return g->isa != NULL;
}

/* ---- what is in the files ---- */

/* A regular file, whole; NULL with an error recorded.  `what` it is for. */
static uint8_t *slurp(struct shelf *s, const char *path, const char *what, size_t *size)
{
	struct stat st;
	FILE *file = NULL;
	uint8_t *bytes = NULL;
	const char *wrong = NULL;

	if (stat(path, &st) != 0)
		wrong = strerror(errno);
	else if (!S_ISREG(st.st_mode)) /* one of another kind might never open */
		wrong = "it is not a regular file";
	else if (st.st_size == 0)
		wrong = "it is empty";
	else if (!(file = fopen(path, "rb")))
		wrong = strerror(errno);
	else if (!(bytes = malloc((size_t)st.st_size)))
		wrong = strerror(errno);
	else
		*size = fread(bytes, 1, (size_t)st.st_size, file);
	if (!wrong && *size < (size_t)st.st_size)
		wrong = "it is shorter than it was";
	if (file)
		fclose(file);
	if (!wrong)
		return bytes;
	free(bytes);
	diag_add(s->diagnostics, DIAG_ERROR, diag_file(s->diagnostics, path),
		 "%s cannot be read: %s", what, wrong);
	return NULL;
}

/* Bytes at an address, which is the entry, too. */
static struct image *raw_image(struct shelf *s, const struct guest *g, const struct guest_wish *w)
{
	struct image *image;
	uint64_t *unit;
	uint8_t *bytes;
	size_t size;

	if (g->isa->unit != 8) {
		refuse(s, g, "is bytes, and %s addresses units of %u bits", g->isa->name,
		       g->isa->unit);
		return NULL;
	}
	bytes = slurp(s, g->path, "the image", &size);
	if (!bytes)
		return NULL;
	unit = xcalloc(size, sizeof(*unit));
	for (size_t i = 0; i < size; i++)
		unit[i] = bytes[i];
	free(bytes);
	image = xcalloc(1, sizeof(*image));
	image->segment = xcalloc(1, sizeof(*image->segment));
	image->segment[image->nsegments++] = (struct segment){ w->raw, size, unit };
	image->has_entry = true;
	image->entry = w->raw_entry;
	return image;
}

/* Storage ends before the first device. */
static uint64_t below_devices(const struct isa *isa, uint64_t size)
{
	for (unsigned i = 0; i < isa->ndevices; i++)
		if (isa->device[i].units && isa->device[i].at < size)
			size = isa->device[i].at;
	return size;
}

/* In a machine with so much storage. */
static bool place_within(struct guest *g, uint64_t size, char *reason, size_t reason_size)
{
	struct machine *m = machine_new(g->isa, size, 1, reason, reason_size);
	uint64_t address = g->image->segment[0].address, place;
	struct trap trap;
	bool ok = m && placing(g->image, &m->view[0], reason, reason_size);

	if (ok && view_reach(&m->view[0], address, ACCESS_READ, &place, &trap))
		g->program->offset = address - place;
	machine_free(m);
	return ok;
}

/* An address may have no place for want of storage. */
static bool place_image(struct guest *g, struct shelf *s)
{
	char reason[256];

	for (uint64_t size = LEAST; size <= MOST; size *= 16)
		if (place_within(g, below_devices(g->isa, size), reason, sizeof(reason)))
			return true;
	return refuse(s, g, "%s", reason);
}

/* The boot program beside the description, or beside one that it includes. */
static const struct source *find_boot(struct shelf *s, const struct isa *isa)
{
	const struct source *boot = NULL;

	for (const struct source *const *file = isa->files; *file && !boot; file++) {
		size_t n = strlen((*file)->name);
		char *path;

		if (n < 4 || strcmp((*file)->name + n - 4, ".isa") != 0)
			continue;
		path = xmalloc(n + 2);
		sprintf(path, "%.*s.boot", (int)(n - 4), (*file)->name);
		if (access(path, F_OK) == 0)
			boot = diag_read_file(s->diagnostics, path, nowhere);
		free(path);
	}
	return boot;
}

static bool provide(struct guest *g, struct shelf *s, const struct guest_wish *w)
{
	struct program *p = g->program;

	p->append = w->append ? w->append : "";
	p->boot = find_boot(s, g->isa);
	if (!p->boot && (w->append || w->initrd))
		return refuse(s, g,
			      "%s has no boot program, which would tell it of --append or --initrd",
			      g->isa->name);
	if (w->initrd)
		p->initrd = slurp(s, w->initrd, "the initial disk", &p->initrd_size);
	return !w->initrd || p->initrd;
}

bool program_load(struct guest *g, struct shelf *s, const struct guest_wish *w)
{
	struct elf_kind kind;
	bool elf = image_elf_kind(g->path, &kind);

	if (!find_machine(g, s, w, elf ? &kind : NULL) || (elf && !check_kind(s, g, &kind)))
		return false;
	g->program = make(1, sizeof(*g->program));
	g->image = elf ? image_read_program(s->diagnostics, g->path) : raw_image(s, g, w);
	if (!g->image)
		return false;
	if (!g->image->nsegments)
		return true; /* guest_load says so */
	return place_image(g, s) && provide(g, s, w);
}

uint64_t program_storage(const struct guest *g)
{
	uint64_t need = 2 * (image_end(g->image) + g->program->initrd_size), size = LEAST;

	while (size < need && size << 1)
		size <<= 1;
	return below_devices(g->isa, size);
}

void program_free(struct program *p)
{
	if (p)
		free(p->initrd);
	free(p);
}
