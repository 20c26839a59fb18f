/*
 * Any file is an object or is refused with an error; what is read is well formed and,
 * written again, reads as the same.  The input changes bytes of good objects: a byte
 * says of which, then come an offset of two bytes and a byte for it, again and again.
 * An input that begins as ELF does is taken as a file itself.
 */
#define _GNU_SOURCE /* memfd_create */
#include "isa/asm.h"
#include "tests/fuzz/must.h"
#include "tests/same.h"

#include <stddef.h>
#include <sys/mman.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { OBJECTS = 3, LARGEST = 1 << 16 };

static struct {
	struct isa *isa;
	uint8_t bytes[LARGEST];
	size_t size;
} object[OBJECTS];

static int fd = -1;
static char path[64];

static void make_object(struct diag_list *list, unsigned i, const char *name)
{
	static const char text[] = ".deposit P, 5\nstart: .word 1, -1\nend:\nn = -1\n"
				   ".org 0x100\n.byte 1, 2, 3\ntable: .org 0x800\nfar:\n";
	char *description = isa_find(list, name);
	struct image *image;

	object[i].isa = description ? isa_load(list, description) : NULL;
	diag_print(list, stderr);
	must_hold(object[i].isa != NULL, "the machines can be loaded");
	image = asm_assemble(object[i].isa, list, diag_read_text(list, "text", text));
	must_hold(ftruncate(fd, 0) == 0 && image_write_elf(image, object[i].isa, list, path),
		  "objects can be written");
	object[i].size = (size_t)pread(fd, object[i].bytes, LARGEST, 0);
	image_free(image);
	free(description);
}

static void make_objects(void)
{
	static const char *const names[OBJECTS] = { "pg", "bytes", "big" };
	static struct diag_list *kept;

	kept = diag_new();
	fd = memfd_create("object", 0);
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	for (unsigned i = 0; i < OBJECTS; i++)
		make_object(kept, i, names[i]);
}

static size_t change(uint8_t *bytes, size_t size, const uint8_t *data, size_t n)
{
	for (size_t i = 1; i + 3 <= n; i += 3) {
		size_t at = data[i] | (size_t)data[i + 1] << 8;

		if (at < size)
			bytes[at] = data[i + 2];
		else
			size -= size > 64 ? at % 64 : 0;
	}
	return size;
}

static void put_file(const uint8_t *bytes, size_t size)
{
	must_hold(ftruncate(fd, 0) == 0 && pwrite(fd, bytes, size, 0) == (ssize_t)size,
		  "files can be written");
}

static void survives(struct diag_list *list, const struct isa *isa, const struct image *image)
{
	struct image *again;

	must_hold(image_write_elf(image, isa, list, path), "what was read can be written");
	again = image_read_elf(list, path);
	must_hold(again && !image_difference(image, again), "it is the same");
	image_free(again);
}

static void examine(struct diag_list *list, const struct isa *isa, const struct image *image)
{
	for (unsigned i = 1; i < image->nsegments; i++)
		must_hold(image->segment[i].address - image->segment[i - 1].address >=
				  image->segment[i - 1].count,
			  "segments do not overlap");
	if (image_fits(image, isa, list, path))
		survives(list, isa, image);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static uint8_t bytes[LARGEST];
	struct diag_list *list = diag_new();
	unsigned which = size ? data[0] % OBJECTS : 0;
	struct image *image;

	if (fd < 0)
		make_objects();
	memcpy(bytes, object[which].bytes, object[which].size);
	if (size > 4 && !memcmp(data, "\177ELF", 4))
		put_file(data, size);
	else
		put_file(bytes, change(bytes, object[which].size, data, size));
	image = image_read_elf(list, path);
	must_hold(!image == (diag_errors(list) > 0), "no image without an error");
	if (image)
		examine(list, object[which].isa, image);
	image_free(image);
	diag_free(list);
	return 0;
}
