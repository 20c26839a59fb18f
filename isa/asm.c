/*
 * The assembler: statements and its two passes.
 *
 * Pass 1 reads every line, defines labels and gives each statement its address;
 * pass 2 goes over the statements again and fills in their units.  Both go on
 * after an error, so that one run tells several.
 */
#include "isa/asm_private.h"

#include "isa/alloc.h"

static void *grown(void *array, unsigned count, size_t size)
{
	/* doubles at each power of two */
	return count & (count - 1) ? array
				   : xrealloc(array, (count ? 2 * (size_t)count : 1) * size);
}

void asm_report(const struct scan *s)
{
	if (s->error[0] && s->as->diags)
		diag_add(s->as->diags, DIAG_ERROR, s->error_place, "%s", s->error);
}

/* ---- where units go ---- */

static unsigned __int128 past_the_last(const struct assembler *as)
{
	return (unsigned __int128)1 << as->isa->word;
}

static void new_chunk(struct scan *s)
{
	struct assembler *as = s->as;

	as->chunk = grown(as->chunk, as->nchunks, sizeof(*as->chunk));
	as->chunk[as->nchunks++] = (struct chunk){
		.address = (uint64_t)as->address,
		.place = asm_place(s, s->p),
	};
}

bool asm_advance(struct scan *s, unsigned __int128 count)
{
	struct assembler *as = s->as;
	char last[ASM_NUMBER];

	if (!count)
		return true;
	if (as->full)
		return false; /* said once, until the next .org */
	as->full = count > IMAGE_UNITS - as->total || as->address + count > past_the_last(as);
	if (count > IMAGE_UNITS - as->total)
		return asm_fail(s, s->p, "the program is too large: it can have %d units",
				IMAGE_UNITS);
	if (as->full)
		return asm_fail(s, s->p, "this reaches past the last address, %s",
				asm_number_text((asm_number)past_the_last(as) - 1, last));
	if (!as->nchunks)
		new_chunk(s);
	as->chunk[as->nchunks - 1].count += (uint64_t)count;
	as->total += (uint64_t)count;
	as->address += count;
	return true;
}

bool asm_move(struct scan *s, asm_number address)
{
	struct assembler *as = s->as;
	char is[ASM_NUMBER], last[ASM_NUMBER];

	if (address < 0 || (unsigned __int128)address >= past_the_last(as))
		return asm_fail(s, s->p, "%s is not an address: 0 to %s",
				asm_number_text(address, is),
				asm_number_text((asm_number)past_the_last(as) - 1, last));
	if (as->nchunks && !as->full && as->address == (unsigned __int128)address)
		return true;
	as->address = (unsigned __int128)address;
	as->full = false;
	new_chunk(s);
	return true;
}

/* ---- pass 1 ---- */

static void remember(struct scan *s, const struct directive *directive, struct spot spot,
		     uint64_t count)
{
	struct assembler *as = s->as;

	as->statement = grown(as->statement, as->nstatements, sizeof(*as->statement));
	as->statement[as->nstatements++] = (struct statement){
		.spot = spot,
		.directive = directive,
		.chunk = as->nchunks - 1,
		.offset = as->nchunks ? as->chunk[as->nchunks - 1].count - count : 0,
		.count = count,
	};
}

/* The label at the scan, NAME and ':'; its length, 0 if there is none. */
static size_t label_length(const struct scan *s)
{
	size_t n = asm_name_length(s->p, s->end);
	const char *q = s->p + n;

	while (q < s->end && asm_blank(*q))
		q++;
	return n && q < s->end && *q == ':' ? n : 0;
}

static bool read_label(struct scan *s, size_t length)
{
	struct asm_symbol *symbol;

	if (s->as->address >= past_the_last(s->as))
		return asm_fail(s, s->p, "a label cannot stand past the last address");
	symbol = asm_define(s, s->p, length);
	s->p += length;
	asm_accept(s, ':');
	if (symbol) {
		symbol->label = true;
		symbol->value = s->here;
	}
	return true;
}

static bool read_directive(struct scan *s, const struct directive *directive)
{
	struct spot spot = asm_spot(s);
	uint64_t count;

	if (!asm_directive_layout(directive, s, &count))
		return false;
	s->p = spot.p;
	if (!asm_advance(s, count))
		return false;
	remember(s, directive, spot, count);
	return true;
}

static bool read_dot(struct scan *s)
{
	const char *at = s->p++;
	size_t n = asm_name_length(s->p, s->end);
	const struct directive *directive = asm_directive(s->p, n);

	s->p += n;
	if (!directive)
		return asm_fail(s, at, "there is no directive '%.*s'", (int)(s->p - at), at);
	return read_directive(s, directive);
}

static bool is_equate(const struct scan *s)
{
	const char *q = s->p + asm_name_length(s->p, s->end);

	while (q < s->end && asm_blank(*q))
		q++;
	return q > s->p && q < s->end && *q == '=';
}

static bool read_equate(struct scan *s)
{
	struct spot spot = asm_spot(s);

	if (!asm_equate(s, '='))
		return false;
	remember(s, asm_equ, spot, 0);
	return true;
}

static bool read_instruction(struct scan *s)
{
	if (!asm_advance(s, s->as->isa->length))
		return false;
	remember(s, NULL, asm_spot(s), s->as->isa->length);
	return true;
}

static bool read_statement(struct scan *s)
{
	size_t n;

	asm_skip_blanks(s);
	while ((n = label_length(s)) > 0) {
		if (!read_label(s, n))
			return false;
		asm_skip_blanks(s);
	}
	if (s->p == s->end)
		return true;
	if (*s->p == '.')
		return read_dot(s);
	return is_equate(s) ? read_equate(s) : read_instruction(s);
}

/* A scan of the line that begins at p; the beginning of the next one, NULL: the text is over. */
static const char *scan_line(struct scan *s, const char *p)
{
	const char *end = s->source->text + s->source->length;
	const char *newline = memchr(p, '\n', (size_t)(end - p));

	s->line++;
	s->start = s->p = p;
	s->end = asm_statement_end(p, newline ? newline : end);
	s->depth = 0;
	s->error[0] = '\0';
	return newline ? newline + 1 : NULL;
}

static void read_source(struct assembler *as, const struct source *source)
{
	struct scan s = { .as = as, .source = source };

	for (const char *p = source->text; p;) {
		p = scan_line(&s, p);
		s.here = (uint64_t)as->address;
		if (!read_statement(&s))
			asm_report(&s);
	}
}

/* ---- .include ---- */

/* The path of an included file: beside the including one. */
static char *beside(const char *including, const char *name)
{
	const char *slash = *name == '/' ? NULL : strrchr(including, '/');
	size_t folder = slash ? (size_t)(slash - including) + 1 : 0;
	char *path = xmalloc(folder + strlen(name) + 1);

	memcpy(path, including, folder);
	strcpy(path + folder, name);
	return path;
}

static bool is_included(const struct assembler *as, const char *path)
{
	for (const struct including *i = as->including; i; i = i->by)
		if (i->path && !strcmp(i->path, path))
			return true;
	return false;
}

static bool include_file(struct scan *s, const char *at, const char *path)
{
	struct assembler *as = s->as;
	char *real = realpath(path, NULL);
	struct including including = { real ? real : path, as->including };
	const struct source *source;

	if (is_included(as, including.path)) {
		free(real);
		return asm_fail(s, at, "'%s' includes itself", path);
	}
	source = diag_read_file(as->diags, path, asm_place(s, at));
	if (source) {
		as->including = &including;
		read_source(as, source);
		as->including = including.by;
	}
	free(real);
	return source != NULL; /* else diag_read_file has said why */
}

bool asm_include(struct scan *s, const char *at, const char *name)
{
	char *path;
	bool ok;

	if (s->as->nincluded++ >= ASM_INCLUDES)
		return asm_fail(s, at, "more than %d files are included", ASM_INCLUDES);
	path = beside(s->source->name, name);
	ok = include_file(s, at, path);
	free(path);
	return ok;
}

/* ---- pass 2 ---- */

static int by_address(const void *a, const void *b)
{
	const struct chunk *x = *(struct chunk *const *)a, *y = *(struct chunk *const *)b;

	if (x->address != y->address)
		return x->address < y->address ? -1 : 1;
	return (x > y) - (x < y);
}

/* The chunks that hold something, by address; an array to free. */
static struct chunk **sorted_chunks(const struct assembler *as, unsigned *count)
{
	struct chunk **sorted = xcalloc(as->nchunks, sizeof(*sorted));

	*count = 0;
	for (unsigned i = 0; i < as->nchunks; i++)
		if (as->chunk[i].count)
			sorted[(*count)++] = &as->chunk[i];
	qsort(sorted, *count, sizeof(*sorted), by_address);
	return sorted;
}

static void report_overlap(struct assembler *as, const struct chunk *a, const struct chunk *b)
{
	const struct chunk *later = a > b ? a : b, *earlier = a > b ? b : a;
	uint64_t last = later->address + later->count - 1;
	char from[ASM_NUMBER], to[ASM_NUMBER];

	diag_add(as->diags, DIAG_ERROR, later->place,
		 "what begins here takes the addresses %s to %s, which are in use",
		 asm_number_text(later->address, from), asm_number_text(last, to));
	diag_add(as->diags, DIAG_NOTE, earlier->place, "by what begins here, at %s",
		 asm_number_text(earlier->address, from));
}

static void check_overlaps(struct assembler *as)
{
	unsigned n;
	struct chunk **sorted = sorted_chunks(as, &n), *longest = n ? sorted[0] : NULL;

	for (unsigned i = 1; i < n; i++) {
		if (sorted[i]->address - longest->address < longest->count)
			report_overlap(as, longest, sorted[i]);
		if (sorted[i]->address + sorted[i]->count - 1 >
		    longest->address + longest->count - 1)
			longest = sorted[i];
	}
	free(sorted);
}

static bool fill_instruction(struct scan *s, uint64_t *unit)
{
	uint64_t word;

	if (!asm_instruction(s, &word))
		return false;
	isa_pack(s->as->isa, word, unit);
	return true;
}

static void add_line(struct image *image, const struct scan *s)
{
	image->line = grown(image->line, image->nlines, sizeof(*image->line));
	image->line[image->nlines++] = (struct line){ s->here, asm_place(s, s->p) };
}

static void fill(struct assembler *as)
{
	for (unsigned i = 0; i < as->nchunks; i++)
		as->chunk[i].unit = xcalloc(as->chunk[i].count, sizeof(uint64_t));
	for (unsigned i = 0; i < as->nstatements; i++) {
		const struct statement *st = &as->statement[i];
		struct scan s = asm_scan(as, &st->spot);
		uint64_t *unit = st->count ? as->chunk[st->chunk].unit + st->offset : NULL;

		if (st->count)
			add_line(as->image, &s);
		if (!(st->directive ? asm_directive_fill(st->directive, &s, unit, st->count)
				    : fill_instruction(&s, unit)))
			asm_report(&s);
	}
}

/* ---- the image ---- */

/* Adds a chunk behind the segments so far, joined to the last one if it follows it. */
static void add_segment(struct image *image, struct chunk *chunk)
{
	struct segment *last = image->nsegments ? &image->segment[image->nsegments - 1] : NULL;

	if (last && last->address + last->count == chunk->address) {
		last->unit = xrealloc(last->unit, (last->count + chunk->count) * sizeof(uint64_t));
		memcpy(last->unit + last->count, chunk->unit, chunk->count * sizeof(uint64_t));
		last->count += chunk->count;
		return;
	}
	image->segment = grown(image->segment, image->nsegments, sizeof(*image->segment));
	image->segment[image->nsegments++] =
		(struct segment){ chunk->address, chunk->count, chunk->unit };
	chunk->unit = NULL;
}

static void join_chunks(struct assembler *as)
{
	unsigned n;
	struct chunk **sorted = sorted_chunks(as, &n);

	for (unsigned i = 0; i < n; i++)
		add_segment(as->image, sorted[i]);
	free(sorted);
}

static int line_order(const void *a, const void *b)
{
	const struct line *x = a, *y = b;

	return (x->address > y->address) - (x->address < y->address);
}

static void find_entry(struct image *image)
{
	static const char *const names[] = { "_start", "start" };

	for (size_t i = 0; i < 2; i++) {
		const struct symbol *symbol = image_symbol(image, names[i]);

		if (symbol && symbol->label) {
			image->has_entry = true;
			image->entry = symbol->value;
		}
	}
}

static void finish(struct assembler *as)
{
	struct image *image = as->image;

	join_chunks(as);
	asm_finish_symbols(as);
	if (image->nlines)
		qsort(image->line, image->nlines, sizeof(*image->line), line_order);
	find_entry(image);
	image->machine = xstrdup(as->isa->name);
	image->hash = as->isa->hash;
}

static void release(struct assembler *as)
{
	for (unsigned i = 0; i < as->nchunks; i++)
		free(as->chunk[i].unit);
	free(as->chunk);
	free(as->statement);
	asm_free_symbols(as);
}

/* Both passes; the image, or NULL after errors. */
static struct image *assemble(struct assembler *as, const struct source *source)
{
	unsigned errors = diag_errors(as->diags);
	struct including main_file = { realpath(source->name, NULL), NULL };
	struct image *image = as->image = xcalloc(1, sizeof(*image));

	as->including = &main_file;
	as->layout = true;
	read_source(as, source);
	as->layout = false;
	check_overlaps(as);
	fill(as);
	if (diag_errors(as->diags) == errors) {
		finish(as);
	} else {
		image_free(image);
		image = NULL;
	}
	release(as);
	free((char *)main_file.path);
	return image;
}

struct image *asm_assemble(const struct isa *isa, struct diag_list *diags,
			   const struct source *source)
{
	struct assembler as = { .isa = isa, .diags = diags };

	return assemble(&as, source);
}

bool asm_one(const struct isa *isa, struct diag_list *diags, const char *text, uint64_t address,
	     const struct image *symbols, uint64_t *word)
{
	struct assembler as = { .isa = isa, .diags = diags, .given = symbols, .address = address };
	const struct source *source = diag_read_text(diags, "(typed)", text);
	struct image *image = assemble(&as, source);
	bool one = image && image->nsegments == 1 && image->segment[0].count == isa->length &&
		   image->segment[0].address == address && !image->nsymbols;

	if (one)
		*word = isa_unpack(isa, image->segment[0].unit);
	else if (image)
		diag_add(diags, DIAG_ERROR, (struct place){ source, 1, 1 },
			 "one instruction is expected here");
	image_free(image);
	return one;
}

/* ---- .machine, before anything is assembled ---- */

static bool is_machine_line(struct scan *s)
{
	const char *name;
	size_t n;

	asm_skip_blanks(s);
	if (!asm_accept(s, '.'))
		return false;
	name = s->p;
	n = asm_name_length(name, s->end);
	s->p += n;
	return asm_directive(name, n) == asm_directive("machine", 7);
}

char *asm_machine(struct diag_list *diags, const struct source *source)
{
	struct assembler as = { .diags = diags };
	struct scan s = { .as = &as, .source = source };
	char *name = NULL;

	for (const char *p = source->text; p;) {
		p = scan_line(&s, p);
		if (!is_machine_line(&s))
			continue;
		if (!asm_machine_name(&s, &name))
			asm_report(&s);
		break;
	}
	return name;
}
