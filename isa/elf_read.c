/*
 * Images from ELF files: isa/elf_private.h has the layout.
 *
 * The file may be anything.  Whatever is used of it was checked before: that it
 * lies in the file, that it fits the machine that the note describes, and that
 * the segments do not overlap.
 */
#include "isa/image.h"

#include "isa/alloc.h"
#include "isa/asm_private.h"
#include "isa/elf_private.h"

#include <errno.h>
#include <gelf.h>
#include <inttypes.h>
#include <sys/stat.h>

enum { MOST_BYTES = 1 << 28 }; /* of a file */

struct reader {
	struct diag_list *diags;
	struct place place; /* the file as a whole */
	struct image *image;
	uint8_t *bytes; /* the file */
	size_t size;
	Elf *elf;
	GElf_Ehdr header;
	bool big;
	unsigned word, unit; /* bits, from the note; 0: none so far */
	uint64_t total;	     /* units */
};

static bool wrong(struct reader *r, const char *format, ...) __attribute__((format(printf, 2, 3)));

static bool wrong(struct reader *r, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	diag_vadd(r->diags, DIAG_ERROR, r->place, format, args);
	va_end(args);
	return false;
}

/* ---- the file ---- */

static bool slurp(struct reader *r, FILE *file)
{
	struct stat st;

	if (fstat(fileno(file), &st))
		return wrong(r, "cannot be read: %s", strerror(errno));
	if (!S_ISREG(st.st_mode))
		return wrong(r, "cannot be read: it is not a regular file");
	if (st.st_size > MOST_BYTES)
		return wrong(r, "is too large for an object: %lld bytes", (long long)st.st_size);
	r->bytes = xmalloc((size_t)st.st_size);
	r->size = fread(r->bytes, 1, (size_t)st.st_size, file);
	return !ferror(file) || wrong(r, "cannot be read: %s", strerror(errno));
}

static bool read_file(struct reader *r, const char *path)
{
	FILE *file = fopen(path, "rb");
	bool ok;

	if (!file)
		return wrong(r, "cannot be read: %s", strerror(errno));
	ok = slurp(r, file);
	fclose(file);
	return ok;
}

static bool lies_inside(const struct reader *r, uint64_t offset, uint64_t size)
{
	return offset <= r->size && size <= r->size - offset;
}

static bool read_header(struct reader *r)
{
	uint64_t table;

	elf_version(EV_CURRENT);
	r->elf = elf_memory((char *)r->bytes, r->size);
	if (r->size < SELFMAG || memcmp(r->bytes, ELFMAG, SELFMAG) != 0)
		return wrong(r, "is not an ELF file");
	if (!r->elf || elf_kind(r->elf) != ELF_K_ELF || !gelf_getehdr(r->elf, &r->header))
		return wrong(r, "is not a whole ELF file; it may be truncated");
	r->big = r->header.e_ident[EI_DATA] == ELFDATA2MSB;
	if (r->header.e_machine != EM_NONE || r->header.e_type != ET_EXEC)
		return wrong(r, "is an ELF file, but not one of Trapeze's");
	table = (uint64_t)r->header.e_shnum * r->header.e_shentsize;
	if (!r->header.e_shoff || !r->header.e_shnum || !lies_inside(r, r->header.e_shoff, table))
		return wrong(r, "is truncated: its table of sections is not there");
	return true;
}

/* Calls back for every section of a type, after seeing that it lies in the file. */
static bool each_section(struct reader *r, GElf_Word type,
			 bool (*see)(struct reader *, Elf_Scn *, const GElf_Shdr *))
{
	for (Elf_Scn *scn = NULL; (scn = elf_nextscn(r->elf, scn)) != NULL;) {
		GElf_Shdr shdr;

		if (!gelf_getshdr(scn, &shdr))
			return wrong(r, "section %zu cannot be read: %s", elf_ndxscn(scn),
				     elf_errmsg(-1));
		if (shdr.sh_type != type)
			continue;
		if (!lies_inside(r, shdr.sh_offset, shdr.sh_size))
			return wrong(r,
				     "section %zu is not within the file, which may be truncated",
				     elf_ndxscn(scn));
		if (!see(r, scn, &shdr))
			return false;
	}
	return true;
}

/* ---- notes ---- */

/* The name behind the integers of a note; NULL if it does not end where the note does. */
static const char *note_name(const uint8_t *from, size_t size)
{
	const char *name = (const char *)from;

	if (size < 2 || memchr(name, '\0', size) != name + size - 1)
		return NULL;
	for (const char *p = name; *p; p++)
		if (*p <= ' ' || *p > '~' || strchr(",;\"", *p))
			return NULL;
	return name;
}

static bool machine_note(struct reader *r, const uint8_t *p, size_t size)
{
	const char *name = size > 16 ? note_name(p + 16, size - 16) : NULL;
	uint64_t word, unit;

	if (!name)
		return wrong(r, "its note of the machine is malformed");
	if (r->word)
		return wrong(r, "has two notes of the machine");
	word = elf_get(p + 8, 4, r->big);
	unit = elf_get(p + 12, 4, r->big);
	if (!word || word > 64 || !unit || unit > 64)
		return wrong(r, "its note tells of words of %" PRIu64 " bits and units of %" PRIu64,
			     word, unit);
	r->word = (unsigned)word;
	r->unit = (unsigned)unit;
	r->image->hash = elf_get(p, 8, r->big);
	r->image->machine = xstrdup(name);
	return true;
}

static bool entry_note(struct reader *r, const uint8_t *p, size_t size)
{
	if (size != 8 || r->image->has_entry)
		return wrong(r, "its note of the entry is malformed");
	r->image->has_entry = true;
	r->image->entry = elf_get(p, 8, r->big);
	return true;
}

static bool deposit_note(struct reader *r, const uint8_t *p, size_t size)
{
	struct image *image = r->image;
	const char *name = size > 8 ? note_name(p + 8, size - 8) : NULL;

	if (!name)
		return wrong(r, "its note of a deposit is malformed");
	image->deposit = xrealloc(image->deposit, (image->ndeposits + 1) * sizeof(*image->deposit));
	image->deposit[image->ndeposits++] =
		(struct deposit){ .name = xstrdup(name), .value = elf_get(p, 8, r->big) };
	return true;
}

static bool one_note(struct reader *r, uint64_t type, const uint8_t *p, size_t size)
{
	switch (type) {
	case NOTE_MACHINE: return machine_note(r, p, size);
	case NOTE_ENTRY: return entry_note(r, p, size);
	case NOTE_DEPOSIT: return deposit_note(r, p, size);
	}
	return wrong(r, "has a note of the unknown type %" PRIu64, type);
}

static uint64_t padded(uint64_t n)
{
	return (n + 3) & ~UINT64_C(3);
}

/* Lengths of the owner's name and of the content, type, name, content: all padded to 4. */
static bool note_section(struct reader *r, Elf_Scn *scn, const GElf_Shdr *shdr)
{
	const uint8_t *p = r->bytes + shdr->sh_offset, *end = p + shdr->sh_size;

	(void)scn;
	while (end - p >= 12) {
		uint64_t owner = elf_get(p, 4, r->big), size = elf_get(p + 4, 4, r->big);
		uint64_t type = elf_get(p + 8, 4, r->big);
		const uint8_t *content = p + 12 + padded(owner);

		if (padded(owner) + padded(size) > (uint64_t)(end - p) - 12)
			return wrong(r, "has a note that is longer than its section");
		if (owner == sizeof(ELF_NOTE_OWNER) && !memcmp(p + 12, ELF_NOTE_OWNER, owner) &&
		    !one_note(r, type, content, size))
			return false;
		p = content + padded(size);
	}
	return true;
}

/* ---- segments ---- */

static bool add_units(struct reader *r, const GElf_Shdr *shdr, unsigned bytes, uint64_t count)
{
	struct image *image = r->image;
	const uint8_t *p = r->bytes + shdr->sh_offset;
	uint64_t *unit = xcalloc(count, sizeof(*unit));

	image->segment = xrealloc(image->segment, (image->nsegments + 1) * sizeof(*image->segment));
	image->segment[image->nsegments++] = (struct segment){ shdr->sh_addr, count, unit };
	for (uint64_t i = 0; i < count; i++) {
		unit[i] = elf_get(p + i * bytes, bytes, r->big);
		if (unit[i] & ~isa_mask(r->unit))
			return wrong(r, "holds 0x%" PRIx64 " in a unit of %u bits", unit[i],
				     r->unit);
	}
	return true;
}

static bool segment_section(struct reader *r, Elf_Scn *scn, const GElf_Shdr *shdr)
{
	unsigned bytes = elf_unit_bytes(r->unit);
	uint64_t count = shdr->sh_size / bytes;

	if (!(shdr->sh_flags & SHF_ALLOC) || !count)
		return true;
	if (shdr->sh_size % bytes)
		return wrong(r, "section %zu ends within a unit", elf_ndxscn(scn));
	if (shdr->sh_addr > isa_mask(r->word) || count - 1 > isa_mask(r->word) - shdr->sh_addr)
		return wrong(r, "section %zu has addresses of more than %u bits", elf_ndxscn(scn),
			     r->word);
	r->total += count;
	if (r->total > IMAGE_UNITS)
		return wrong(r, "holds more than %d units", IMAGE_UNITS);
	return add_units(r, shdr, bytes, count);
}

static int by_address(const void *a, const void *b)
{
	const struct segment *x = a, *y = b;

	return (x->address > y->address) - (x->address < y->address);
}

static bool sort_segments(struct reader *r)
{
	struct image *image = r->image;

	if (image->nsegments)
		qsort(image->segment, image->nsegments, sizeof(*image->segment), by_address);
	for (unsigned i = 1; i < image->nsegments; i++) {
		const struct segment *before = &image->segment[i - 1];

		if (image->segment[i].address - before->address < before->count)
			return wrong(r, "its sections overlap at 0x%" PRIx64,
				     image->segment[i].address);
	}
	return true;
}

/* ---- symbols ---- */

static bool add_symbol(struct reader *r, const GElf_Sym *sym, const char *name)
{
	struct image *image = r->image;
	size_t length = name ? strlen(name) : 0;
	bool label = sym->st_shndx != SHN_ABS || GELF_ST_TYPE(sym->st_info) == STT_OBJECT;

	if (!length || asm_name_length(name, name + length) != length)
		return wrong(r, "has a symbol whose name cannot be one");
	if (sym->st_shndx == SHN_UNDEF)
		return wrong(r, "the symbol '%s' is not defined in it", name);
	if (sym->st_value > isa_mask(r->word))
		return wrong(r, "the symbol '%s' has more than %u bits", name, r->word);
	image->symbol = xrealloc(image->symbol, (image->nsymbols + 1) * sizeof(*image->symbol));
	image->symbol[image->nsymbols++] =
		(struct symbol){ .name = xstrdup(name), .value = sym->st_value, .label = label };
	return true;
}

static bool symbol_section(struct reader *r, Elf_Scn *scn, const GElf_Shdr *shdr)
{
	Elf_Data *data = elf_getdata(scn, NULL);
	GElf_Sym sym;

	for (int i = 1; data && gelf_getsym(data, i, &sym); i++) {
		unsigned type = GELF_ST_TYPE(sym.st_info);

		if (type != STT_NOTYPE && type != STT_OBJECT)
			continue; /* a section's or a file's own */
		if (!add_symbol(r, &sym, elf_strptr(r->elf, shdr->sh_link, sym.st_name)))
			return false;
	}
	return true;
}

static int by_name(const void *a, const void *b)
{
	return strcmp(((const struct symbol *)a)->name, ((const struct symbol *)b)->name);
}

static bool sort_symbols(struct reader *r)
{
	struct image *image = r->image;

	if (image->nsymbols)
		qsort(image->symbol, image->nsymbols, sizeof(*image->symbol), by_name);
	for (unsigned i = 1; i < image->nsymbols; i++)
		if (!strcmp(image->symbol[i - 1].name, image->symbol[i].name))
			return wrong(r, "the symbol '%s' is defined twice", image->symbol[i].name);
	return true;
}

/* ---- all of it ---- */

static bool read_all(struct reader *r, const char *path)
{
	if (!read_file(r, path) || !read_header(r) || !each_section(r, SHT_NOTE, note_section))
		return false;
	if (!r->word)
		return wrong(r,
			     "has no note \"%s\" that tells the machine: it is not one of "
			     "Trapeze's",
			     ELF_NOTE_OWNER);
	if (r->image->entry > isa_mask(r->word))
		return wrong(r, "its entry has more than %u bits", r->word);
	return each_section(r, SHT_PROGBITS, segment_section) && sort_segments(r) &&
	       each_section(r, SHT_SYMTAB, symbol_section) && sort_symbols(r);
}

struct image *image_read_elf(struct diag_list *diags, const char *path)
{
	struct reader r = {
		.diags = diags,
		.place = diag_file(diags, path),
		.image = xcalloc(1, sizeof(struct image)),
	};
	bool ok = read_all(&r, path);

	elf_end(r.elf);
	free(r.bytes);
	if (ok)
		return r.image;
	image_free(r.image);
	return NULL;
}
