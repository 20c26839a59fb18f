/*
 * Images from the ELF files of other tools: what a linker made for a machine that ELF has a number
 * for (System V ABI, generic, chapters 4 and 5).
 *
 * The segments of the program header that are to be loaded, at their physical addresses, which
 * linkers make the virtual ones unless they are told, and with the zeros behind what the file has of
 * them; symbols as far as the assembler could have them.  The file may be anything: whatever is used
 * of it was checked before.
 */
#include "isa/image.h"

#include "isa/alloc.h"
#include "isa/asm_private.h"

#include <errno.h>
#include <fcntl.h>
#include <gelf.h>
#include <inttypes.h>
#include <sys/stat.h>
#include <unistd.h>

enum { PROGRAM_UNITS = 1 << 26 }; /* the largest program */

struct program_file {
	struct diag_list *diags;
	struct place place; /* the file as a whole */
	int fd;
	Elf *elf;
	GElf_Ehdr header;
	const uint8_t *bytes; /* of the file; libelf's */
	size_t size;
	uint64_t total; /* units so far */
	bool entered;	/* the entry is in one of the segments so far */
	struct image *image;
};

static bool wrong(struct program_file *f, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

static bool wrong(struct program_file *f, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	diag_vadd(f->diags, DIAG_ERROR, f->place, format, args);
	va_end(args);
	return false;
}

static bool open_file(struct program_file *f, const char *path)
{
	char *raw;

	elf_version(EV_CURRENT);
	f->fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK); /* a pipe might never open */
	if (f->fd < 0)
		return wrong(f, "cannot be read: %s", strerror(errno));
	f->elf = elf_begin(f->fd, ELF_C_READ, NULL);
	if (!f->elf || elf_kind(f->elf) != ELF_K_ELF || !gelf_getehdr(f->elf, &f->header))
		return wrong(f, "is not a whole ELF file; it may be truncated");
	raw = elf_rawfile(f->elf, &f->size);
	f->bytes = (const uint8_t *)raw;
	return raw || wrong(f, "cannot be read: %s", elf_errmsg(-1));
}

static void close_file(struct program_file *f)
{
	elf_end(f->elf);
	if (f->fd >= 0)
		close(f->fd);
}

bool image_elf_kind(const char *path, struct elf_kind *kind)
{
	struct program_file f = { .diags = diag_new(), .fd = -1 };
	bool ok = open_file(&f, path) && f.header.e_machine != EM_NONE;

	if (ok)
		*kind = (struct elf_kind){ .machine = f.header.e_machine,
					   .word = gelf_getclass(f.elf) == ELFCLASS64 ? 64 : 32,
					   .big = f.header.e_ident[EI_DATA] == ELFDATA2MSB };
	close_file(&f);
	diag_free(f.diags);
	return ok;
}

/* ---- segments ---- */

static bool add_segment(struct program_file *f, const GElf_Phdr *p, size_t number)
{
	struct image *image = f->image;
	uint64_t most = gelf_getclass(f->elf) == ELFCLASS64 ? UINT64_MAX : UINT32_MAX;
	uint64_t *unit;

	if (p->p_offset > f->size || p->p_filesz > f->size - p->p_offset)
		return wrong(f, "segment %zu is not within the file, which may be truncated", number);
	if (p->p_filesz > p->p_memsz || p->p_paddr > most || p->p_memsz - 1 > most - p->p_paddr)
		return wrong(f, "segment %zu is larger than its place", number);
	if (p->p_memsz > PROGRAM_UNITS - f->total)
		return wrong(f, "holds more than %d bytes", PROGRAM_UNITS);
	f->total += p->p_memsz;
	f->entered |= f->header.e_entry - p->p_vaddr < p->p_memsz;
	unit = xcalloc(p->p_memsz, sizeof(*unit));
	for (uint64_t i = 0; i < p->p_filesz; i++)
		unit[i] = f->bytes[p->p_offset + i];
	image->segment = xrealloc(image->segment, (image->nsegments + 1) * sizeof(*image->segment));
	image->segment[image->nsegments++] = (struct segment){ p->p_paddr, p->p_memsz, unit };
	return true;
}

static bool add_segments(struct program_file *f)
{
	size_t n;
	GElf_Phdr p;

	if (f->header.e_type != ET_EXEC)
		return wrong(f, "is an ELF file, but not an executable one: link it, to fixed "
				"addresses");
	if (f->header.e_phoff > f->size ||
	    (uint64_t)f->header.e_phnum * f->header.e_phentsize > f->size - f->header.e_phoff)
		return wrong(f, "is truncated: its table of segments is not there");
	if (elf_getphdrnum(f->elf, &n) != 0)
		return wrong(f, "has no program header: %s", elf_errmsg(-1));
	for (size_t i = 0; i < n; i++) {
		if (!gelf_getphdr(f->elf, (int)i, &p))
			return wrong(f, "segment %zu cannot be read: %s", i, elf_errmsg(-1));
		if (p.p_type == PT_LOAD && p.p_memsz && !add_segment(f, &p, i))
			return false;
	}
	return !f->image->nsegments || f->entered ||
	       wrong(f, "begins at 0x%" PRIx64 ", which is in none of its segments",
		     f->header.e_entry);
}

/* ---- symbols ---- */

/* Is it one of the program's own, with a name that can be typed? */
static bool usable(const GElf_Sym *sym, const char *name)
{
	unsigned type = GELF_ST_TYPE(sym->st_info);
	size_t length = name ? strlen(name) : 0;

	return length && asm_name_length(name, name + length) == length &&
	       sym->st_shndx != SHN_UNDEF &&
	       (type == STT_NOTYPE || type == STT_OBJECT || type == STT_FUNC);
}

static void add_symbols(struct program_file *f, Elf_Scn *scn, GElf_Word names)
{
	Elf_Data *data = elf_getdata(scn, NULL);
	struct image *image = f->image;
	size_t room = image->nsymbols;
	GElf_Sym sym;

	for (int i = 1; data && gelf_getsym(data, i, &sym); i++) {
		const char *name = elf_strptr(f->elf, names, sym.st_name);

		if (!usable(&sym, name))
			continue;
		if (image->nsymbols == room) {
			room = room ? 2 * room : 64;
			image->symbol = xrealloc(image->symbol, room * sizeof(*image->symbol));
		}
		image->symbol[image->nsymbols++] =
			(struct symbol){ .name = xstrdup(name),
					 .value = sym.st_value,
					 .label = sym.st_shndx != SHN_ABS };
	}
}

static int by_name(const void *a, const void *b)
{
	const struct symbol *x = a, *y = b;
	int order = strcmp(x->name, y->name);

	return order ? order : (x->value > y->value) - (x->value < y->value);
}

/* By name; of several of one name, which files of C may have, the lowest. */
static void sort_symbols(struct image *image)
{
	unsigned n = 0;

	if (image->nsymbols)
		qsort(image->symbol, image->nsymbols, sizeof(*image->symbol), by_name);
	for (unsigned i = 0; i < image->nsymbols; i++) {
		if (n && strcmp(image->symbol[n - 1].name, image->symbol[i].name) == 0)
			free(image->symbol[i].name);
		else
			image->symbol[n++] = image->symbol[i];
	}
	image->nsymbols = n;
}

static void read_symbols(struct program_file *f)
{
	GElf_Shdr shdr;

	for (Elf_Scn *scn = NULL; (scn = elf_nextscn(f->elf, scn)) != NULL;)
		if (gelf_getshdr(scn, &shdr) && shdr.sh_type == SHT_SYMTAB)
			add_symbols(f, scn, shdr.sh_link);
	sort_symbols(f->image);
}

struct image *image_read_program(struct diag_list *diags, const char *path)
{
	struct program_file f = { .diags = diags,
				  .place = diag_file(diags, path),
				  .fd = -1,
				  .image = xcalloc(1, sizeof(struct image)) };
	bool ok = open_file(&f, path) && add_segments(&f);

	if (ok) {
		read_symbols(&f);
		f.image->has_entry = true;
		f.image->entry = f.header.e_entry;
	}
	close_file(&f);
	if (ok)
		return f.image;
	image_free(f.image);
	return NULL;
}
