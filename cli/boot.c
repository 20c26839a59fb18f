/* What a board's boot program is given, and where: cli/program.h. */
#include "cli/program.h"

#include "isa/alloc.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

enum { PAGE = 4096 };

struct boot {
	const struct guest *guest;
	struct view *view;
	uint64_t boot, initrd; /* addresses */
	char *text;	       /* the boot program with its words replaced; owned */
	size_t length;
};

static bool too_little(const struct boot *b)
{
	say_error("%s: %" PRIu64 " units of storage are too little for it, what it boots with and "
		  "its initial disk: give %s:SIZE",
		  b->guest->path, b->view->window.size, b->guest->path);
	return false;
}

/* The address of a place, as the guest's own first byte has one. */
static bool address_of(const struct boot *b, uint64_t place, uint64_t *address)
{
	struct trap trap;
	uint64_t back;

	*address = (place + b->guest->program->offset) & isa_mask(b->view->isa->word);
	if (view_reach(b->view, *address, ACCESS_READ, &back, &trap) && back == place)
		return true;
	say_error("%s: the end of its storage, 0x%" PRIx64 ", is further than its addresses reach: "
		  "give it less",
		  b->guest->path, place);
	return false;
}

/* ---- the words between two @ ---- */

static void add_text(struct boot *b, const char *text, size_t n)
{
	b->text = xrealloc(b->text, b->length + n + 1);
	memcpy(b->text + b->length, text, n);
	b->length += n;
	b->text[b->length] = '\0';
}

static void add_number(struct boot *b, uint64_t n)
{
	char text[32];

	add_text(b, text, (size_t)snprintf(text, sizeof(text), "0x%" PRIx64, n));
}

/* As it stands in a string of the assembler's. */
static void add_string(struct boot *b, const char *s)
{
	char escape[8];

	for (; *s; s++) {
		unsigned char c = (unsigned char)*s;

		if (c >= ' ' && c <= '~' && c != '"' && c != '\\')
			add_text(b, s, 1);
		else
			add_text(b, escape,
				 (size_t)snprintf(escape, sizeof(escape), "\\%03o", c));
	}
}

static bool add_word(struct boot *b, const char *word, size_t n)
{
	const struct program *p = b->guest->program;
	const struct {
		const char *name;
		uint64_t value;
	} numbers[] = {
		{ "BOOT", b->boot },
		{ "ENTRY", b->guest->image->entry },
		{ "STORAGE", b->view->window.size },
		{ "INITRD", b->initrd },
		{ "INITRD_SIZE", p->initrd_size },
	};

	for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++) {
		if (strlen(numbers[i].name) == n && strncmp(numbers[i].name, word, n) == 0) {
			add_number(b, numbers[i].value);
			return true;
		}
	}
	if (n != strlen("APPEND") || strncmp("APPEND", word, n) != 0)
		return false;
	add_string(b, p->append);
	return true;
}

/* Replaces what is known; any other @ stays. */
static void fill_in(struct boot *b)
{
	const char *at = b->guest->program->boot->text, *mark, *end;

	b->length = 0;
	add_text(b, "", 0);
	while ((mark = strchr(at, '@')) && (end = strchr(mark + 1, '@'))) {
		add_text(b, at, (size_t)(mark - at));
		at = add_word(b, mark + 1, (size_t)(end - mark - 1)) ? end + 1 : mark + 1;
		if (at == mark + 1)
			add_text(b, mark, 1);
	}
	add_text(b, at, strlen(at));
}

/* ---- the program ---- */

/* Assembled for where it is to be; NULL with errors said. */
static struct image *assemble(struct boot *b)
{
	struct diag_list *messages = diag_new();
	struct image *image;

	fill_in(b);
	image = asm_assemble(b->view->isa, messages,
			     diag_read_text(messages, b->guest->program->boot->name, b->text));
	if (!say_diagnostics(messages)) {
		image_free(image);
		image = NULL;
	}
	if (image && !image->has_entry) {
		say_error("%s has no label start", b->guest->program->boot->name);
		image_free(image);
		image = NULL;
	}
	diag_free(messages);
	return image;
}

/* How many units it takes from where it is told to be, in whole pages. */
static uint64_t extent(const struct boot *b, const struct image *image)
{
	uint64_t most = 0;

	for (unsigned i = 0; i < image->nsegments; i++) {
		uint64_t end = image->segment[i].address + image->segment[i].count - b->boot;

		if (image->segment[i].address >= b->boot && end > most)
			most = end;
	}
	return (most + PAGE - 1) / PAGE * PAGE;
}

/* Finds room for both, the boot program last, below the end of storage. */
static bool lay_out(struct boot *b, uint64_t boot_size, uint64_t *initrd)
{
	const struct program *p = b->guest->program;
	uint64_t room = b->view->window.size / PAGE * PAGE, end = image_end(b->guest->image);

	if (room < boot_size || room - boot_size < p->initrd_size)
		return too_little(b);
	*initrd = (room - boot_size - p->initrd_size) / PAGE * PAGE;
	if (*initrd < end)
		return too_little(b);
	return address_of(b, room - boot_size, &b->boot) &&
	       (!p->initrd || address_of(b, *initrd, &b->initrd));
}

static bool load(const struct boot *b, struct image *image)
{
	char reason[256];

	if (placing(image, b->view, reason, sizeof(reason)) &&
	    view_load(b->view, image, reason, sizeof(reason)))
		return true;
	say_error("%s: %s", b->guest->program->boot->name, reason);
	return false;
}

static bool boot(struct boot *b)
{
	const struct program *p = b->guest->program;
	struct image *image;
	uint64_t initrd, size;
	bool ok;

	if (!address_of(b, 0, &b->boot))
		return false;
	image = assemble(b);
	if (!image)
		return false;
	size = extent(b, image);
	image_free(image);
	if (!lay_out(b, size, &initrd))
		return false;
	image = assemble(b);
	ok = image && load(b, image);
	image_free(image);
	for (size_t i = 0; ok && i < p->initrd_size; i++)
		window_put(&b->view->window, initrd + i, p->initrd[i]);
	return ok;
}

bool program_enter(const struct guest *g, struct view *v)
{
	struct boot b = { .guest = g, .view = v };
	bool ok = !g->program->boot || boot(&b);

	free(b.text);
	return ok;
}
