/* A witness as a guest. */
#include "cli/witness_guest.h"
#include "cli/lab.h"

#include "cli/detector.h"
#include "isa/alloc.h"
#include "vmm/equiv.h"

#include <errno.h>
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
	image->deposit = make(isa->nslots + 1, sizeof(*image->deposit)); /* and a device's */
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

bool guest_write(const struct isa *isa, const struct image *image, const char *title, uint64_t size,
		 const char *path)
{
	FILE *f = say_into(path);
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

/* A witness as a guest, and the monitor that it is run under. */
struct trial {
	const struct decision *d;
	const struct classification *k;
	const struct witness *w;
	enum monitor_kind kind;
	struct image *image;	    /* owned */
	struct lab_options options; /* its own words are owned */
	bool seizes;		    /* nothing differs, but it changes what is the monitor's */
};

static void trial_begin(struct trial *t)
{
	const struct decision *d = t->d;

	t->image = image_of(d->isa, t->w);
	t->options = lab_defaults();
	t->options.guests.isa = known_by_name(d->isa) ? NULL : d->isa->path;
	t->options.map = d->map == d->isa->map ? NULL : d->map->name;
	t->options.seed = t->w->seed;
	add_own(&t->options.own, d, t->k->instr, t->w);
}

static void trial_end(struct trial *t)
{
	for (unsigned i = 0; i < t->options.own.count; i++)
		free((char *)t->options.own.word[i]);
	words_free(&t->options.own);
	image_free(t->image);
}

static uint64_t trial_size(const struct trial *t)
{
	return t->w->machine[SIDE_VIRTUAL]->storage->size;
}

/* Does the guest's first step differ under the monitor, or change what is the monitor's? */
static bool differs(struct trial *t)
{
	const struct guest g = { .path = (char *)"the witness",
				 .size = trial_size(t),
				 .isa = t->d->isa,
				 .image = t->image };
	const struct equiv_options first = { .limit = 1, .patience = 1 };
	struct lab *bare = lab_bare(&g, &t->options),
		   *lab = lab_monitor(&g, 1, t->kind, &t->options);
	bool holds = true;

	if (bare && lab) {
		struct equivalence e = equiv_run(bare->view[0], lab->monitor, lab->vm[0], &first);
		holds = e.holds && e.violations == 0;
		t->seizes = e.holds && e.violations > 0;
		equivalence_free(&e);
	}
	lab_free(lab);
	lab_free(bare);
	return !holds;
}

/* What a witness says of a device is that it is used; which of its states shows that is tried. */
static bool differs_by_device(struct trial *t)
{
	const struct isa *isa = t->d->isa;
	const uint64_t values[] = { 1, isa_mask(isa->word) };
	struct image *image = t->image;

	for (unsigned i = 0; i < isa->ndevices; i++) {
		const struct device_class *class = device_class_named(isa->device[i].class);
		for (unsigned k = 0; k < 2 * class->nvars; k++) {
			struct deposit *deposit = &image->deposit[image->ndeposits++];
			*deposit = (struct deposit){
				.name = xformat("%s.%s", isa->device[i].name,
						class->var_name[k / 2]),
				.value = values[k % 2],
			};
			if (differs(t))
				return true;
			free(deposit->name);
			image->ndeposits--;
		}
	}
	return false;
}

/* Some show it only where they lie as the witness does, in a real storage of that size. */
static bool differs_in_place(struct trial *t)
{
	t->options.reserve = t->w->region;
	t->options.reserve_given = true;
	t->options.storage = t->w->machine[SIDE_REAL]->storage->size;
	if (differs(t))
		return true;
	t->options.reserve_given = false;
	t->options.storage = 0;
	return false;
}

static bool trial_write(const struct trial *t, const char *path)
{
	const struct isa *isa = t->d->isa;
	char text[128];
	char *title = xformat("A witness against %s of %s: at P stands %s.\n"
			      "; A monitor lets it run, and differs",
			      t->k->instr->name, isa->name,
			      disasm_word(isa, t->w->word, 0, NULL, text, sizeof(text)));
	bool good = guest_write(isa, t->image, title, trial_size(t), path);

	free(title);
	return good;
}

static void say_equiv(const struct trial *t, const char *path)
{
	char word[4200], arguments[16384];

	say_next(stdout, "trapeze equiv --monitor %s%s%s %s:%" PRIu64, monitor_kind_name(t->kind),
		 lab_arguments(&t->options, arguments, sizeof(arguments)),
		 t->seizes ? " --limit 1" : "", shell_quote(path, word, sizeof(word)),
		 trial_size(t));
}

static int write_witness(const struct decision *d, const struct classification *k,
			 const struct witness *w, const char *path)
{
	struct trial t = { d,	 k,
			   w,	 k->direct_hybrid == ANSWER_YES ? MONITOR_HYBRID : MONITOR_VMM,
			   NULL, lab_defaults(),
			   false };
	int status = STATUS_USAGE;

	trial_begin(&t);
	if (!differs(&t) && !differs_in_place(&t) && !differs_by_device(&t)) {
		say_error("no guest was found that shows the witness against %s", k->instr->name);
		status = STATUS_UNDECIDED;
	} else if (trial_write(&t, path)) {
		say_equiv(&t, path);
		status = STATUS_YES;
	}
	trial_end(&t);
	return status;
}

int witness_guest(const struct decision *d, const struct classification *k,
		  enum witness_style style, const char *path)
{
	bool hybrid = k->direct_hybrid == ANSWER_YES;
	int status = STATUS_UNDECIDED;

	if (k->direct_vmm != ANSWER_YES) {
		say_error("there is no witness against %s: %s", k->instr->name,
			  k->direct_vmm == ANSWER_NO ? "under a monitor it does what it should"
						     : "whether one exists was not decided");
		return k->direct_vmm == ANSWER_NO ? STATUS_USAGE : STATUS_UNDECIDED;
	}
	if (d->isa->abstract_translation) {
		say_error("no monitor here runs a guest by abstract translation; "
			  "'trapeze explain %s %s' shows the witness",
			  known_by_name(d->isa) ? d->isa->name : d->isa->path, k->instr->name);
		return STATUS_USAGE;
	}
	if (style == STYLE_DETECTOR)
		return detector_write(d, k, hybrid, path);
	struct witness w = witness_find(d->classifier, k->instr, hybrid);
	if (w.found != ANSWER_YES)
		say_error("no witness with small storages was found");
	else
		status = write_witness(d, k, &w, path);
	witness_free(&w);
	return status;
}
