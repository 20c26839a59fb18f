/*
 * Where a bare run and a run under a monitor part: the three depths of DESIGN
 * section 5.
 */
#include "cli/report.h"

#include <inttypes.h>

static const char *const meaning[DEPTHS] = {
	[DEPTH_CAUSE] = "cause",
	[DEPTH_SEEN] = "the guest sees it",
	[DEPTH_OUTPUT] = "in the output",
};

static const char *instruction(const struct isa *isa, const struct image *image,
			       const struct difference *d, char *text, size_t size)
{
	return disasm_word(isa, d->word, d->p, image, text, size);
}

/* A value of a register with an enum's type by its name, any other as a number. */
static const char *value(const struct isa *isa, const char *what, uint64_t v, char *text,
			 size_t size)
{
	unsigned element;
	const struct isa_reg *reg = isa_slot_named(isa, what, &element);

	for (unsigned i = 0; reg && reg->type && i < reg->type->nmembers; i++)
		if (reg->type->member[i].value == v)
			return reg->type->member[i].name;
	snprintf(text, size, "0x%" PRIx64, v);
	return text;
}

static void print_depth(const struct isa *isa, const struct image *image, enum depth depth,
			const struct difference *d, FILE *f)
{
	char text[128], bare[24], virtual[24];

	if (!d->found) {
		fprintf(f, "  %-18s not within the steps that were run\n", meaning[depth]);
		return;
	}
	fprintf(f, "  %-18s step %" PRIu64, meaning[depth], d->step);
	if (d->instruction_known)
		fprintf(f, ", at 0x%" PRIx64 ": %s", d->p,
			instruction(isa, image, d, text, sizeof(text)));
	fprintf(f, "\n%21s%s is %s bare, %s under the monitor\n", "", d->what,
		value(isa, d->what, d->bare, bare, sizeof(bare)),
		value(isa, d->what, d->virtual, virtual, sizeof(virtual)));
}

/* A line of the table: a register before the cause, and after it in both runs. */
static void print_register(const struct isa *isa, const struct equivalence *e, unsigned slot,
			   FILE *f)
{
	char name[64], before[24], bare[24], virtual[24];

	isa_slot_name(isa, slot, name, sizeof(name));
	fprintf(f, "  %-18s %-18s %-18s %s\n", name,
		value(isa, name, e->before->state[slot], before, sizeof(before)),
		value(isa, name, e->bare_after->state[slot], bare, sizeof(bare)),
		value(isa, name, e->virtual_after->state[slot], virtual, sizeof(virtual)));
}

/* The two states after the cause, side by side where they differ. */
static void print_states(const struct isa *isa, const struct equivalence *e, FILE *f)
{
	bool any = false;

	for (unsigned slot = 0; e->before && slot < isa->nslots; slot++) {
		if (e->bare_after->state[slot] == e->virtual_after->state[slot])
			continue;
		if (!any)
			fprintf(f, "  %-18s %-18s %-18s %s\n", "register", "before the cause",
				"bare", "under the monitor");
		any = true;
		print_register(isa, e, slot, f);
	}
	if (e->before && !any)
		fputs("  all registers are the same after the cause\n", f);
}

void difference_print(const struct isa *isa, const struct image *image, const struct equivalence *e,
		      FILE *f)
{
	for (int depth = 0; depth < DEPTHS; depth++)
		print_depth(isa, image, (enum depth)depth, &e->at[depth], f);
	print_states(isa, e, f);
}

static json_t *hex(uint64_t value)
{
	return json_sprintf("0x%" PRIx64, value);
}

json_t *difference_json(const struct isa *isa, const struct image *image,
			const struct equivalence *e)
{
	json_t *all = json_object();
	char text[128];

	for (int depth = 0; depth < DEPTHS; depth++) {
		const struct difference *d = &e->at[depth];
		json_t *o;

		if (!d->found)
			continue;
		o = json_object();
		json_object_set_new(all, depth_name((enum depth)depth), o);
		json_object_set_new(o, "step", json_integer((json_int_t)d->step));
		json_object_set_new(o, "what", json_string(d->what));
		json_object_set_new(o, "bare", hex(d->bare));
		json_object_set_new(o, "virtual", hex(d->virtual));
		if (!d->instruction_known)
			continue;
		json_object_set_new(o, "p", hex(d->p));
		json_object_set_new(o, "instruction",
				    json_string(instruction(isa, image, d, text, sizeof(text))));
	}
	return all;
}
