/* Program images: their memory, and what is found in them. */
#include "isa/image.h"

#include "isa/alloc.h"

void image_free(struct image *image)
{
	if (!image)
		return;
	for (unsigned i = 0; i < image->nsegments; i++)
		free(image->segment[i].unit);
	for (unsigned i = 0; i < image->nsymbols; i++)
		free(image->symbol[i].name);
	for (unsigned i = 0; i < image->ndeposits; i++)
		free(image->deposit[i].name);
	free(image->segment);
	free(image->symbol);
	free(image->deposit);
	free(image->line);
	free(image->machine);
	free(image);
}

uint64_t image_end(const struct image *image)
{
	const struct segment *last;

	if (!image->nsegments)
		return 0;
	last = &image->segment[image->nsegments - 1];
	return last->address + last->count;
}

static int by_name(const void *name, const void *symbol)
{
	return strcmp(name, ((const struct symbol *)symbol)->name);
}

const struct symbol *image_symbol(const struct image *image, const char *name)
{
	if (!image->nsymbols)
		return NULL;
	return bsearch(name, image->symbol, image->nsymbols, sizeof(*image->symbol), by_name);
}

const struct symbol *image_label_before(const struct image *image, uint64_t address)
{
	const struct symbol *best = NULL;

	for (unsigned i = 0; i < image->nsymbols; i++) {
		const struct symbol *s = &image->symbol[i];

		if (s->label && s->value <= address && (!best || s->value > best->value))
			best = s;
	}
	return best;
}

static bool segment_fits(const struct segment *segment, const struct isa *isa)
{
	uint64_t excess = (segment->address + segment->count - 1) & ~isa_mask(isa->word);

	for (uint64_t i = 0; !excess && i < segment->count; i++)
		excess = segment->unit[i] & ~isa_mask(isa->unit);
	return !excess;
}

bool image_fits(const struct image *image, const struct isa *isa, struct diag_list *diags,
		const char *path)
{
	bool fits = !(image->entry & ~isa_mask(isa->word));

	for (unsigned i = 0; fits && i < image->nsegments; i++)
		fits = segment_fits(&image->segment[i], isa);
	for (unsigned i = 0; fits && i < image->nsymbols; i++)
		fits = !(image->symbol[i].value & ~isa_mask(isa->word));
	if (!fits)
		diag_add(diags, DIAG_ERROR, diag_file(diags, path),
			 "is for a machine with wider words than %s: %u bits, %u in a unit",
			 isa->name, isa->word, isa->unit);
	return fits;
}
