/* A witness as a guest. */
#include "cli/witness_guest.h"
#include "cli/lab.h"

#include "cli/detector.h"
#include "isa/alloc.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

static void add_storage(struct image *image, const struct witness *w)
{
	uint64_t size = w->machine[SIDE_VIRTUAL]->storage->size;

	image->nsegments = 1;
	image->segment = make(1, sizeof(*image->segment));
	image->segment[0].count = size;
	image->segment[0].unit = make(size, sizeof(uint64_t));
	memcpy(image->segment[0].unit, w->storage_before[SIDE_VIRTUAL], size * sizeof(uint64_t));
}

/* The registers that are not what a reset leaves in them. */
static void add_deposits(struct image *image, const struct isa *isa, const struct witness *w)
{
	const struct machine *m = w->machine[SIDE_VIRTUAL];
	const uint64_t *state = w->before[SIDE_VIRTUAL]->state;
	struct cpu *reset = cpu_new(isa, 1);
	struct view view = m->view[0];
	char name[64];

	view.cpu = reset;
	view_reset(&view);
	image->deposit = make(isa->nslots, sizeof(*image->deposit));
	for (unsigned slot = 0; slot < isa->nslots; slot++)
		if (state[slot] != reset->state[slot])
			image->deposit[image->ndeposits++] = (struct deposit){
				.name = xstrdup(isa_slot_name(isa, slot, name, sizeof(name))),
				.value = state[slot],
			};
	cpu_free(reset);
}

static struct image *image_of(const struct isa *isa, const struct witness *w)
{
	struct image *image = make(1, sizeof(*image));

	add_storage(image, w);
	add_deposits(image, isa, w);
	image->machine = xstrdup(isa->name);
	image->hash = isa->hash;
	return image;
}

static FILE *create(const char *path)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_EXCL, 0666);

	if (fd >= 0)
		return fdopen(fd, "w");
	say_error("%s: %s", path, strerror(errno));
	return NULL;
}

bool guest_write(const struct isa *isa, const struct image *image, const char *title, uint64_t size,
		 const char *path)
{
	FILE *f = create(path);
	bool good;

	if (!f)
		return false;
	fprintf(f, "; %s;\n; its machine has %" PRIu64 " units of storage.\n", title, size);
	disasm_image(isa, image, f);
	good = !ferror(f);
	if (fclose(f) == 0 && good)
		return true;
	say_error("%s: %s", path, strerror(errno));
	return false;
}

static bool write_guest(const struct decision *d, const struct classification *k,
			const struct witness *w, const char *path)
{
	struct image *image = image_of(d->isa, w);
	char text[128];
	char *title = xformat("A witness against %s of %s: at P stands %s.\n"
			      "; A monitor lets it run, and differs",
			      k->instr->name, d->isa->name,
			      disasm_word(d->isa, w->word, 0, NULL, text, sizeof(text)));
	bool good = guest_write(d->isa, image, title, w->machine[SIDE_VIRTUAL]->storage->size, path);

	free(title);
	image_free(image);
	return good;
}

/* Can what the instruction does in the real machine depend on a register? */
static bool counts(const struct isa *isa, const struct isa_instr *instr, const struct witness *w,
		   const struct isa_reg *reg)
{
	return code_reads(&instr->code, reg) ||
	       (!w->completed[SIDE_REAL] && code_reads(isa->trapseq, reg));
}

/* What the witness's real machine holds of the monitor's own, as far as it counts. */
static void add_own(struct words *own, const struct decision *d, const struct isa_instr *instr,
		    const struct witness *w)
{
	const uint64_t *state = w->before[SIDE_REAL]->state;
	char name[64];

	for (unsigned slot = 0; slot < d->isa->nslots; slot++) {
		const struct isa_reg *reg = isa_slot_reg(d->isa, slot);
		if (reg->role != ROLE_PC && d->map->entry[reg->index].kind == MAP_VIRTUAL &&
		    counts(d->isa, instr, w, reg))
			words_add(own, xformat("%s=%#" PRIx64,
					       isa_slot_name(d->isa, slot, name, sizeof(name)),
					       state[slot]));
	}
}

static void say_equiv(const struct decision *d, const struct isa_instr *instr,
		      const struct witness *w, bool hybrid, const char *path)
{
	struct lab_options o = lab_defaults();
	char word[4200], arguments[16384];

	o.isa = known_by_name(d->isa) ? NULL : d->isa->path;
	o.map = d->map == d->isa->map ? NULL : d->map->name;
	add_own(&o.own, d, instr, w);
	say_next(stdout, "trapeze equiv --monitor %s%s %s:%" PRIu64, hybrid ? "hybrid" : "vmm",
		 lab_arguments(&o, arguments, sizeof(arguments)),
		 shell_quote(path, word, sizeof(word)), w->machine[SIDE_VIRTUAL]->storage->size);
	for (unsigned i = 0; i < o.own.count; i++)
		free((char *)o.own.word[i]);
	words_free(&o.own);
}

int witness_guest(const struct decision *d, const struct classification *k, enum witness_style style,
		  const char *path)
{
	bool hybrid = k->direct_hybrid == ANSWER_YES;
	int status = STATUS_USAGE;

	if (k->direct_vmm != ANSWER_YES) {
		say_error("there is no witness against %s: %s", k->instr->name,
			  k->direct_vmm == ANSWER_NO ? "under a monitor it does what it should"
						     : "whether one exists was not decided");
		return k->direct_vmm == ANSWER_NO ? STATUS_USAGE : STATUS_UNDECIDED;
	}
	if (style == STYLE_DETECTOR)
		return detector_write(d, k, hybrid, path);
	struct witness w = witness_find(d->classifier, k->instr, hybrid);
	if (w.found != ANSWER_YES) {
		say_error("no witness with small storages was found");
		status = STATUS_UNDECIDED;
	} else if (write_guest(d, k, &w, path)) {
		say_equiv(d, k->instr, &w, hybrid, path);
		status = STATUS_YES;
	}
	witness_free(&w);
	return status;
}
