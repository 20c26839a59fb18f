/* isa/elf, isa/elf_read: objects that are not as they should be. */
#include "tests/program.h"

#include <check.h>
#include <elf.h>
#include <inttypes.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static struct diag_list *diags;
static char path[] = "check_elf.XXXXXX";

static uint8_t *file; /* a good object: ELF32, little-endian */
static size_t size;

static const char source[] = ".deposit G3, 5\n"
			     "start: WAIT\nBR start\nend:\n"
			     ".org 0x100\ntable: .word 1, 2, 3\n"
			     "n = -1\n";

static uint8_t *slurp(const char *name, size_t *length)
{
	FILE *f = fopen(name, "rb");
	struct stat st;
	uint8_t *bytes;

	ck_assert_ptr_nonnull(f);
	ck_assert_int_eq(fstat(fileno(f), &st), 0);
	*length = (size_t)st.st_size;
	bytes = malloc(*length);
	ck_assert_uint_eq(fread(bytes, 1, *length, f), *length);
	fclose(f);
	return bytes;
}

static void set_up(void)
{
	struct isa *isa;
	struct image *image;

	diags = diag_new();
	isa = program_machine(diags, "pg");
	image = program_image(diags, isa, source);
	strcpy(strrchr(path, '.'), ".XXXXXX");
	program_write(diags, isa, image, path);
	file = slurp(path, &size);
	image_free(image);
	isa_free(isa);
}

static void tear_down(void)
{
	unlink(path);
	free(file);
	diag_free(diags);
}

/* ---- help ---- */

static void put_file(const uint8_t *bytes, size_t length)
{
	FILE *f = fopen(path, "wb");

	ck_assert_ptr_nonnull(f);
	ck_assert_uint_eq(fwrite(bytes, 1, length, f), length);
	ck_assert_int_eq(fclose(f), 0);
}

static void put_byte(size_t at, uint8_t byte)
{
	FILE *f = fopen(path, "r+b");

	ck_assert_ptr_nonnull(f);
	ck_assert_int_eq(fseek(f, (long)at, SEEK_SET), 0);
	ck_assert_int_eq(fputc(byte, f), byte);
	ck_assert_int_eq(fclose(f), 0);
}

/* Reads what was put; errors begin anew. */
static struct image *read_again(void)
{
	diag_free(diags);
	diags = diag_new();
	return image_read_elf(diags, path);
}

/* The file as it is now is refused, and the first error says so. */
static void refused(const char *words)
{
	enum diag_level level;
	struct place place;
	const char *text;

	put_file(file, size);
	ck_assert_ptr_null(read_again());
	ck_assert(diag_get(diags, 0, &level, &place, &text));
	ck_assert_int_eq(level, DIAG_ERROR);
	ck_assert_str_eq(place.source->name, path);
	ck_assert_msg(strstr(text, words) != NULL, "'%s' does not say '%s'", text, words);
}

static Elf32_Ehdr *header(void)
{
	return (Elf32_Ehdr *)file;
}

static Elf32_Shdr *section(unsigned i)
{
	return (Elf32_Shdr *)(file + header()->e_shoff) + i;
}

enum { FIRST = 1, SECOND, NOTES, SYMBOLS }; /* the sections of the object */

/* Whatever was read, it must be an image. */
static void is_sound(const struct image *image)
{
	uint64_t total = 0;

	ck_assert_ptr_nonnull(image->machine);
	for (unsigned i = 0; i < image->nsegments; i++) {
		const struct segment *s = &image->segment[i];

		ck_assert_uint_gt(s->count, 0);
		total += s->count;
		if (i)
			ck_assert_uint_ge(s->address - s[-1].address, s[-1].count);
	}
	ck_assert_uint_le(total, IMAGE_UNITS);
	for (unsigned i = 1; i < image->nsymbols; i++)
		ck_assert_int_lt(strcmp(image->symbol[i - 1].name, image->symbol[i].name), 0);
}

/* ---- the tests ---- */

START_TEST(every_truncated_object_is_refused)
{
	for (size_t n = size; n-- > 0;) {
		struct image *image;

		ck_assert_int_eq(truncate(path, (off_t)n), 0);
		image = read_again();
		ck_assert_msg(!image, "%zu of %zu bytes were taken for an object", n, size);
		ck_assert_uint_ge(diag_errors(diags), 1);
	}
}
END_TEST

START_TEST(no_changed_byte_breaks_the_reader)
{
	static const uint8_t values[] = { 0, 1, 0x7f, 0x80, 0xff };
	unsigned good = 0, bad = 0;

	for (size_t i = 0; i < size; put_byte(i, file[i]), i++)
		for (unsigned v = 0; v < sizeof(values); v++) {
			struct image *image;

			put_byte(i, values[v]);
			image = read_again();
			ck_assert_int_eq(image == NULL, diag_errors(diags) > 0);
			if (image)
				is_sound(image);
			*(image ? &good : &bad) += 1;
			image_free(image);
		}
	ck_assert_uint_gt(good, 0);
	ck_assert_uint_gt(bad, 0);
}
END_TEST

START_TEST(other_files_are_refused)
{
	ck_assert_ptr_null(image_read_elf(diags, "/proc/self/exe"));
	ck_assert_ptr_null(image_read_elf(diags, "no/such/file"));
	ck_assert_ptr_null(image_read_elf(diags, "."));
	ck_assert_uint_eq(diag_errors(diags), 3);
	ck_assert(!image_is_elf("no/such/file"));
	ck_assert(!image_is_elf("."));
	ck_assert(image_is_elf("/proc/self/exe"));
	size = 20;
	refused("not a whole ELF file");
	size = 3;
	refused("is not an ELF file");
}
END_TEST

START_TEST(headers_must_be_ours)
{
	Elf32_Ehdr saved = *header();

	header()->e_ident[EI_CLASS] = ELFCLASS64;
	refused("");
	*header() = saved;
	header()->e_machine = EM_386;
	refused("not one of Trapeze's");
	*header() = saved;
	header()->e_type = ET_DYN;
	refused("not one of Trapeze's");
	*header() = saved;
	header()->e_shoff = UINT32_MAX;
	refused("truncated");
	*header() = saved;
	header()->e_shnum = 60000;
	refused("truncated");
}
END_TEST

START_TEST(sections_must_lie_in_the_file)
{
	Elf32_Shdr saved = *section(FIRST);

	section(FIRST)->sh_offset = UINT32_MAX - 1;
	refused("not within the file");
	*section(FIRST) = saved;
	section(FIRST)->sh_size = 0xfffffff0;
	refused("not within the file");
	*section(FIRST) = saved;
	section(FIRST)->sh_size = 6;
	refused("ends within a unit");
	*section(FIRST) = saved;
	section(FIRST)->sh_addr = UINT32_MAX;
	refused("addresses of more than 32 bits");
	*section(FIRST) = saved;
	section(NOTES)->sh_offset = (Elf32_Word)size - 4;
	refused("not within the file");
}
END_TEST

START_TEST(sections_must_not_overlap)
{
	section(SECOND)->sh_addr = section(FIRST)->sh_addr + 1;
	refused("overlap at 0x1");
	section(SECOND)->sh_addr = section(FIRST)->sh_addr;
	refused("overlap at 0x0");
	section(FIRST)->sh_addr = 0x102;
	section(SECOND)->sh_addr = 0x100;
	refused("overlap at 0x102");
}
END_TEST

START_TEST(the_note_must_be_there_and_make_sense)
{
	uint8_t *note = file + section(NOTES)->sh_offset, *content = note + 20;

	content[8] = 65; /* bits of a word */
	refused("words of 65 bits");
	content[8] = 8;
	refused("addresses of more than 8 bits");
	content[8] = 32;
	content[12] = 1; /* bits of a unit: in the file a byte */
	refused("in a unit of 1 bits");
	content[12] = 32;
	content[18] = 'x'; /* the NUL after pg */
	refused("note of the machine is malformed");
	content[18] = 0;
	note[4] = 0xff; /* length of the content */
	refused("longer than its section");
	note[4] = 19;
	note[12] = 't'; /* the owner */
	refused("no note \"Trapeze\"");
	note[12] = 'T';
	note[8] = 0x77; /* the type */
	refused("unknown type");
	section(NOTES)->sh_type = SHT_PROGBITS;
	refused("no note \"Trapeze\"");
}
END_TEST

START_TEST(an_image_must_fit_the_machine_that_takes_it)
{
	struct isa *pg = program_machine(diags, "pg"), *bytes = program_machine(diags, "bytes");
	struct image *image = image_read_elf(diags, path);

	program_no_errors(diags);
	ck_assert(image_fits(image, pg, diags, path));
	ck_assert(!image_fits(image, bytes, diags, path)); /* -1 is not a byte */
	image->segment[0].unit[0] = UINT64_C(1) << 32;
	ck_assert(!image_fits(image, pg, diags, path));
	image->segment[0].unit[0] = 0;
	image->segment[0].address = UINT32_MAX;
	ck_assert(!image_fits(image, pg, diags, path));
	ck_assert_uint_eq(diag_errors(diags), 3);
	image_free(image);
	isa_free(pg);
	isa_free(bytes);
}
END_TEST

START_TEST(symbols_must_make_sense)
{
	Elf32_Sym *symbol = (Elf32_Sym *)(file + section(SYMBOLS)->sh_offset) + 1;
	Elf32_Sym saved = *symbol;

	symbol->st_name = UINT32_MAX;
	refused("a symbol whose name cannot be one");
	symbol->st_name = 0;
	refused("a symbol whose name cannot be one");
	symbol->st_name = symbol[1].st_name;
	refused("is defined twice");
	*symbol = saved;
	symbol->st_shndx = SHN_UNDEF;
	refused("'end' is not defined in it");
}
END_TEST

START_TEST(what_tools_add_does_no_harm)
{
	Elf32_Sym *symbol = (Elf32_Sym *)(file + section(SYMBOLS)->sh_offset) + 1;
	struct image *image;

	symbol->st_info = ELF32_ST_INFO(STB_LOCAL, STT_SECTION);
	section(FIRST)->sh_flags &= ~(Elf32_Word)SHF_ALLOC;
	put_file(file, size);
	image = read_again();
	program_no_errors(diags);
	ck_assert_uint_eq(image->nsymbols, 3);
	ck_assert_uint_eq(image->nsegments, 1);
	image_free(image);
}
END_TEST

START_TEST(only_objects_are_overwritten)
{
	static const uint8_t text[] = "start: WAIT\n";
	struct isa *isa = program_machine(diags, "pg");
	struct image *image = program_image(diags, isa, source);
	uint8_t *kept;
	size_t length;

	ck_assert(image_write_elf(image, isa, diags, path));
	put_file(text, sizeof(text));
	ck_assert(!image_write_elf(image, isa, diags, path));
	kept = slurp(path, &length);
	ck_assert_uint_eq(length, sizeof(text));
	ck_assert_mem_eq(kept, text, sizeof(text));
	ck_assert(!image_write_elf(image, isa, diags, "no/such/folder/x.o"));
	ck_assert(!image_write_elf(image, isa, diags, "/dev/full"));
	ck_assert_uint_eq(diag_errors(diags), 3);
	free(kept);
	image_free(image);
	isa_free(isa);
}
END_TEST

static Suite *suite(void)
{
	Suite *s = suite_create("elf");
	TCase *t = tcase_create("elf");

	tcase_add_checked_fixture(t, set_up, tear_down);
	tcase_add_test(t, every_truncated_object_is_refused);
	tcase_add_test(t, no_changed_byte_breaks_the_reader);
	tcase_add_test(t, other_files_are_refused);
	tcase_add_test(t, headers_must_be_ours);
	tcase_add_test(t, sections_must_lie_in_the_file);
	tcase_add_test(t, sections_must_not_overlap);
	tcase_add_test(t, the_note_must_be_there_and_make_sense);
	tcase_add_test(t, an_image_must_fit_the_machine_that_takes_it);
	tcase_add_test(t, symbols_must_make_sense);
	tcase_add_test(t, what_tools_add_does_no_harm);
	tcase_add_test(t, only_objects_are_overwritten);
	suite_add_tcase(s, t);
	return s;
}

#include "tests/harness.h"
