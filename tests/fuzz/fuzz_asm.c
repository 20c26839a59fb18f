/*
 * Any text is a program or is refused with an error; what it assembles to can be listed,
 * and disassembled to a source that assembles to the same.  The machines are pg and those
 * of tests/asm; the text's .machine chooses.
 */
#define _GNU_SOURCE /* strcasestr */
#include "isa/asm.h"
#include "tests/fuzz/must.h"
#include "tests/same.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { MACHINES = 4 };

static struct isa *machine[MACHINES];

static void load_machines(void)
{
	static const char *const names[MACHINES] = { "pg", "bytes", "big", "wide" };
	static struct diag_list *kept;

	kept = diag_new();
	for (unsigned i = 0; i < MACHINES; i++) {
		char *path = isa_find(kept, names[i]);

		machine[i] = path ? isa_load(kept, path) : NULL;
		free(path);
	}
	diag_print(kept, stderr);
	must_hold(diag_errors(kept) == 0, "the machines can be loaded");
}

static const struct isa *choose(struct diag_list *list, const struct source *source)
{
	char *name = asm_machine(list, source);
	unsigned i = 0;

	while (name && i + 1 < MACHINES && strcmp(name, machine[i]->name) != 0)
		i++;
	free(name);
	return machine[i];
}

static void examine(const struct isa *isa, struct diag_list *list, const struct source *source,
		    const struct image *image)
{
	char *text;
	size_t size;
	FILE *out = open_memstream(&text, &size);
	struct image *again;

	asm_listing(isa, image, source, out);
	rewind(out);
	disasm_image(isa, image, out);
	fputc('\0', out);
	fclose(out);
	again = asm_assemble(isa, list, diag_read_text(list, "again", text));
	must_hold(again != NULL, "what is disassembled can be assembled");
	must_hold(!image_difference(image, again), "it is the same");
	image_free(again);
	free(text);
}

static void assemble(struct diag_list *list, const char *text)
{
	const struct source *source = diag_read_text(list, "fuzz", text);
	const struct isa *isa = choose(list, source);
	unsigned before = diag_errors(list);
	struct image *image = asm_assemble(isa, list, source);
	uint64_t word;

	must_hold(!image == (diag_errors(list) > before), "no image without an error");
	if (image)
		examine(isa, list, source, image);
	asm_one(isa, list, text, 16, image, &word);
	image_free(image);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct diag_list *list = diag_new();
	char *text = malloc(size + 1), *printed;
	size_t length;
	FILE *out = open_memstream(&printed, &length);

	if (!machine[0])
		load_machines();
	memcpy(text, data, size);
	text[size] = '\0';
	/* no file of the host is read, and no time spent on large empty images */
	if (!strcasestr(text, "include") && !strcasestr(text, "space") &&
	    !strcasestr(text, "align"))
		assemble(list, text);
	diag_print(list, out);
	fclose(out);
	free(printed);
	diag_free(list);
	free(text);
	return 0;
}
