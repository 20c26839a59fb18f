/* Images to ELF files: isa/elf_private.h has the layout. */
#include "isa/image.h"

#include "isa/alloc.h"
#include "isa/elf_private.h"

#include <errno.h>
#include <fcntl.h>
#include <gelf.h>
#include <inttypes.h>
#include <obstack.h>
#include <sys/stat.h>
#include <unistd.h>

struct bytes {
	char *at;
	size_t length;
};

struct writer {
	const struct image *image;
	const struct isa *isa;
	Elf *elf;
	bool big;
	struct obstack arena;	     /* what the sections hold, until it is written */
	struct bytes names, strings; /* of .shstrtab and .strtab */
};

/* ---- bytes ---- */

/* Adds a text with its NUL; where it begins. */
static GElf_Word add_string(struct bytes *b, const char *text)
{
	size_t at = b->length, n = strlen(text) + 1;

	b->at = xrealloc(b->at, at + n);
	memcpy(b->at + at, text, n);
	b->length += n;
	return (GElf_Word)at;
}

static void grow_integer(struct writer *w, uint64_t value, unsigned n)
{
	uint8_t p[8];

	elf_put(p, value, n, w->big);
	obstack_grow(&w->arena, p, (int)n);
}

static size_t padding(size_t n)
{
	return -n & 3;
}

/* A note: its header, the owner, and `size` bytes of the integers, then a name or nothing. */
static void grow_note(struct writer *w, enum elf_note type, size_t size, const char *name)
{
	size_t owner = sizeof(ELF_NOTE_OWNER);

	grow_integer(w, owner, 4);
	grow_integer(w, size + (name ? strlen(name) + 1 : 0), 4);
	grow_integer(w, type, 4);
	obstack_grow(&w->arena, ELF_NOTE_OWNER, (int)owner);
	obstack_grow(&w->arena, "\0\0\0", (int)padding(owner));
}

/* The end of a note. */
static void grow_name(struct writer *w, const char *name)
{
	size_t n = strlen(name) + 1;

	obstack_grow(&w->arena, name, (int)n);
	obstack_grow(&w->arena, "\0\0\0", (int)padding(n));
}

/* ---- sections ---- */

/* A section with this content and header; what libelf has of it, NULL if it refuses. */
static Elf_Data *add_section(struct writer *w, GElf_Shdr header, Elf_Type type, void *content,
			     size_t size)
{
	Elf_Scn *section = elf_newscn(w->elf);
	Elf_Data *data = section ? elf_newdata(section) : NULL;

	if (!data)
		return NULL;
	data->d_buf = content;
	data->d_size = size;
	data->d_type = type;
	data->d_align = header.sh_addralign;
	return gelf_update_shdr(section, &header) ? data : NULL;
}

static bool add_segment(struct writer *w, const struct segment *segment)
{
	unsigned bytes = elf_unit_bytes(w->isa->unit);
	uint8_t *content = obstack_alloc(&w->arena, (int)(segment->count * bytes));
	GElf_Shdr header = {
		.sh_type = SHT_PROGBITS,
		.sh_flags = SHF_ALLOC | SHF_WRITE | SHF_EXECINSTR,
		.sh_addr = segment->address,
		.sh_addralign = 1,
		.sh_entsize = bytes,
	};
	char name[32];

	for (uint64_t i = 0; i < segment->count; i++)
		elf_put(content + i * bytes, segment->unit[i], bytes, w->big);
	snprintf(name, sizeof(name), ".storage.0x%" PRIx64, segment->address);
	header.sh_name = add_string(&w->names, name);
	return add_section(w, header, ELF_T_BYTE, content, segment->count * bytes) != NULL;
}

static bool add_notes(struct writer *w)
{
	const struct image *image = w->image;
	GElf_Shdr header = {
		.sh_name = add_string(&w->names, ".note.trapeze"),
		.sh_type = SHT_NOTE,
		.sh_addralign = 4,
	};
	size_t size;

	grow_note(w, NOTE_MACHINE, 16, image->machine);
	grow_integer(w, image->hash, 8);
	grow_integer(w, w->isa->word, 4);
	grow_integer(w, w->isa->unit, 4);
	grow_name(w, image->machine);
	if (image->has_entry) {
		grow_note(w, NOTE_ENTRY, 8, NULL);
		grow_integer(w, image->entry, 8);
	}
	for (unsigned i = 0; i < image->ndeposits; i++) {
		grow_note(w, NOTE_DEPOSIT, 8, image->deposit[i].name);
		grow_integer(w, image->deposit[i].value, 8);
		grow_name(w, image->deposit[i].name);
	}
	size = (size_t)obstack_object_size(&w->arena);
	return add_section(w, header, ELF_T_BYTE, obstack_finish(&w->arena), size) != NULL;
}

/* The section of a label: sections 1, 2 ... are the segments. */
static unsigned section_of(const struct image *image, const struct symbol *symbol)
{
	for (unsigned i = 0; symbol->label && i < image->nsegments; i++)
		if (symbol->value - image->segment[i].address <= image->segment[i].count)
			return i + 1;
	return SHN_ABS;
}

static bool add_symbol(struct writer *w, Elf_Data *table, int i)
{
	const struct symbol *symbol = &w->image->symbol[i];
	unsigned section = section_of(w->image, symbol);
	bool outside = symbol->label && section == SHN_ABS;
	GElf_Sym sym = {
		.st_name = add_string(&w->strings, symbol->name),
		.st_info = GELF_ST_INFO(STB_GLOBAL, outside ? STT_OBJECT : STT_NOTYPE),
		.st_shndx = (GElf_Half)section,
		.st_value = symbol->value,
	};

	return gelf_update_sym(table, i + 1, &sym) != 0;
}

/* The symbol table, its strings behind it. */
static bool add_symbols(struct writer *w)
{
	size_t count = (size_t)w->image->nsymbols + 1;
	size_t size = gelf_fsize(w->elf, ELF_T_SYM, count, EV_CURRENT);
	GElf_Shdr header = {
		.sh_name = add_string(&w->names, ".symtab"),
		.sh_type = SHT_SYMTAB,
		.sh_link = w->image->nsegments + 3,
		.sh_info = 1, /* the first global symbol */
		.sh_addralign = gelf_getclass(w->elf) == ELFCLASS32 ? 4 : 8,
		.sh_entsize = size / count,
	};
	void *content = memset(obstack_alloc(&w->arena, (int)size), 0, size);
	Elf_Data *table = add_section(w, header, ELF_T_SYM, content, size);

	for (unsigned i = 0; table && i < w->image->nsymbols; i++)
		if (!add_symbol(w, table, (int)i))
			return false;
	return table != NULL;
}

static bool add_strings(struct writer *w, GElf_Word name, const struct bytes *strings)
{
	GElf_Shdr header = { .sh_name = name, .sh_type = SHT_STRTAB, .sh_addralign = 1 };

	return add_section(w, header, ELF_T_BYTE, strings->at, strings->length) != NULL;
}

static bool write_header(struct writer *w)
{
	GElf_Ehdr header = { 0 };

	if (!gelf_newehdr(w->elf, w->isa->word > 32 ? ELFCLASS64 : ELFCLASS32) ||
	    !gelf_getehdr(w->elf, &header))
		return false;
	header.e_ident[EI_DATA] = w->big ? ELFDATA2MSB : ELFDATA2LSB;
	header.e_type = ET_EXEC;
	header.e_machine = EM_NONE;
	header.e_version = EV_CURRENT;
	header.e_entry = w->image->entry;
	header.e_shstrndx = (GElf_Half)(w->image->nsegments + 4);
	return gelf_update_ehdr(w->elf, &header) != 0;
}

/* The sections in their order: segments, notes, symbols, their strings, section names. */
static bool write_all(struct writer *w)
{
	const struct image *image = w->image;

	if (!write_header(w))
		return false;
	add_string(&w->names, "");
	add_string(&w->strings, "");
	for (unsigned i = 0; i < image->nsegments; i++)
		if (!add_segment(w, &image->segment[i]))
			return false;
	return add_notes(w) && add_symbols(w) &&
	       add_strings(w, add_string(&w->names, ".strtab"), &w->strings) &&
	       add_strings(w, add_string(&w->names, ".shstrtab"), &w->names) &&
	       elf_update(w->elf, ELF_C_WRITE) >= 0;
}

/* ---- the file ---- */

static bool write_to(const struct image *image, const struct isa *isa, int fd)
{
	struct writer w = { .image = image, .isa = isa, .big = isa->endian == ENDIAN_BIG };
	bool ok;

	elf_version(EV_CURRENT);
	w.elf = elf_begin(fd, ELF_C_WRITE, NULL);
	if (!w.elf)
		return false;
	obstack_init(&w.arena);
	ok = write_all(&w);
	elf_end(w.elf);
	obstack_free(&w.arena, NULL);
	free(w.names.at);
	free(w.strings.at);
	return ok;
}

static bool refuse(struct diag_list *diags, const char *path, const char *why)
{
	struct place file = diag_file(diags, path);

	diag_add(diags, DIAG_ERROR, file, "cannot be written: %s", why);
	return false;
}

/* Is there something that an object should not replace: a source, say? */
static bool precious(const char *path)
{
	struct stat st;

	return !stat(path, &st) && S_ISREG(st.st_mode) && st.st_size > 0 && !image_is_elf(path);
}

bool image_write_elf(const struct image *image, const struct isa *isa, struct diag_list *diags,
		     const char *path)
{
	bool ok;
	int fd;

	if (image->nsegments + 5 >= SHN_LORESERVE)
		return refuse(diags, path, "an object file cannot hold so many segments");
	if (precious(path))
		return refuse(diags, path,
			      "it exists and is not an object file; it stays as it is");
	fd = open(path, O_RDWR | O_CREAT | O_TRUNC, 0666);
	if (fd < 0)
		return refuse(diags, path, strerror(errno));
	ok = write_to(image, isa, fd);
	if (!ok)
		refuse(diags, path, elf_errmsg(-1));
	if (close(fd) && ok)
		return refuse(diags, path, strerror(errno));
	return ok;
}

bool image_is_elf(const char *path)
{
	char magic[SELFMAG] = "";
	struct stat st;
	FILE *file = !stat(path, &st) && S_ISREG(st.st_mode) ? fopen(path, "rb") : NULL;
	size_t n = file ? fread(magic, 1, sizeof(magic), file) : 0;

	if (file)
		fclose(file);
	return n == sizeof(magic) && !memcmp(magic, ELFMAG, SELFMAG);
}
