/* Programs in tests: tests/program.h. */
#include "tests/program.h"
#include "tests/same.h"

#include <check.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

char *program_path(const char *path)
{
	const char *top = getenv("TOP_SRCDIR");
	char *full;

	if (!top)
		top = ".";
	full = malloc(strlen(path) + strlen(top) + 2);
	sprintf(full, "%s/%s", top, path);
	return full;
}

void program_no_errors(struct diag_list *diags)
{
	if (diag_errors(diags))
		diag_print(diags, stderr);
	ck_assert_uint_eq(diag_errors(diags), 0);
}

struct isa *program_machine(struct diag_list *diags, const char *name)
{
	char file[512], *path;
	struct isa *isa;

	snprintf(file, sizeof(file), "tests/asm/%s.isa", name);
	path = program_path(file);
	if (access(path, R_OK)) {
		free(path);
		path = isa_find(diags, name);
		program_no_errors(diags);
	}
	isa = isa_load(diags, path);
	free(path);
	program_no_errors(diags);
	ck_assert_ptr_nonnull(isa);
	return isa;
}

struct image *program_image(struct diag_list *diags, const struct isa *isa, const char *text)
{
	struct image *image = asm_assemble(isa, diags, diag_read_text(diags, "test.s", text));

	program_no_errors(diags);
	ck_assert_ptr_nonnull(image);
	return image;
}

uint64_t program_unit(const struct image *image, uint64_t address)
{
	for (unsigned i = 0; i < image->nsegments; i++) {
		const struct segment *s = &image->segment[i];

		if (address - s->address < s->count)
			return s->unit[address - s->address];
	}
	ck_abort_msg("nothing at 0x%" PRIx64, address);
}

void program_same(const struct image *a, const struct image *b)
{
	const char *what = image_difference(a, b);

	ck_assert_msg(!what, "the images differ in their %s", what);
	ck_assert_str_eq(a->machine, b->machine);
	ck_assert_uint_eq(a->hash, b->hash);
}

void program_write(struct diag_list *diags, const struct isa *isa, const struct image *image,
		   char *path)
{
	int fd = mkstemp(path);

	ck_assert_int_ge(fd, 0);
	close(fd);
	ck_assert(image_write_elf(image, isa, diags, path));
	ck_assert(image_is_elf(path));
}

void program_survives_disassembly(struct diag_list *diags, const struct isa *isa,
				  const struct image *image)
{
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);
	struct image *again;

	disasm_image(isa, image, out);
	fclose(out);
	again = program_image(diags, isa, text);
	program_same(image, again);
	image_free(again);
	free(text);
}

void program_survives_elf(struct diag_list *diags, const struct isa *isa, const struct image *image)
{
	char path[] = "program.XXXXXX";
	struct image *again;

	program_write(diags, isa, image, path);
	again = image_read_elf(diags, path);
	unlink(path);
	program_no_errors(diags);
	program_same(image, again);
	image_free(again);
}
