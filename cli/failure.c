/*
 * Failing guests as files that fail again.
 */
#include "cli/campaign.h"
#include "cli/console.h"
#include "cli/lab.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { PROGRAMS = FUZZ_NEIGHBOURS + 1 };

/* The files of one failure. */
struct files {
	char source[PROGRAMS][512]; /* the guest's and its neighbours' */
	char input[PROGRAMS][512];  /* "" where there is none */
	unsigned count;
};

static const struct fuzz_program *program(const struct fuzz_failure *f, unsigned i)
{
	return i == 0 ? &f->guest : &f->neighbour[i - 1];
}

/* ---- the command that runs them ---- */

/* The monitor that it is on, 1 the outermost; 0: the innermost. */
static unsigned level_of(const struct fuzz_failure *f, unsigned i)
{
	unsigned outwards = i ? f->setting.outwards[i - 1] : 0;

	return outwards ? f->setting.below + 1 - outwards : 0;
}

/* "FILE.s:SIZE", and "@LEVEL". */
static char *name_program(const struct fuzz_failure *f, const struct files *files, unsigned i,
			  char *text, size_t size)
{
	size_t n;

	snprintf(text, size, "%s:%" PRIu64, files->source[i], program(f, i)->size);
	n = strlen(text);
	if (level_of(f, i))
		snprintf(text + n, size - n, "@%u", level_of(f, i));
	return text;
}

/* An input for everybody up to the last that has one. */
static void add_inputs(char *text, size_t size, const struct files *files)
{
	unsigned last = files->count;

	while (last > 0 && !*files->input[last - 1])
		last--;
	for (unsigned i = 0; i < last; i++)
		add_option(text, size, "input", *files->input[i] ? files->input[i] : "/dev/null");
}

/* The failure's setting, as `trapeze equiv` takes it. */
static struct lab_options options_of(const struct campaign *c, const struct fuzz_failure *f)
{
	bool by_path = strchr(c->isa, '/') || strstr(c->isa, ".isa");

	struct lab_options o = {
		.guests.isa = by_path ? c->isa : NULL,
		.map = c->fuzz.map ? c->fuzz.map->name : NULL,
		.kind = (int)f->setting.kind,
		.fault = c->fuzz.fault,
		.quantum = f->setting.quantum,
		.reserve = f->setting.reserve,
		.reserve_given = true,
		.seed = f->setting.seed,
		.engine = c->engine,
		.below = f->setting.below,
		.collapsed = f->setting.collapsed,
	};

	memcpy(o.outer, f->setting.outer, sizeof(f->setting.outer));
	return o;
}

/* The monitors under which it fails. */
static char *monitors_of(const struct fuzz_failure *f, char *text, size_t size)
{
	struct lab_options o = { .below = f->setting.below };

	memcpy(o.outer, f->setting.outer, sizeof(f->setting.outer));
	return lab_monitors(&o, f->setting.kind, text, size);
}

static void describe_command(const struct campaign *c, const struct fuzz_failure *f,
			     const struct files *files, char *text, size_t size)
{
	const struct lab_options o = options_of(c, f);
	char arguments[2048], name[600];
	size_t n;

	snprintf(text, size, "trapeze equiv --monitor %s%s%s", monitors_of(f, name, sizeof(name)),
		 f->setting.collapsed ? " --collapsed" : "",
		 lab_arguments(&o, arguments, sizeof(arguments)));
	if (o.engine.choice.engine == ENGINE_ORACLE)
		add_option_number(text, size, "slice", f->setting.slice);
	add_option_number(text, size, "limit", f->setting.steps);
	add_inputs(text, size, files);
	for (unsigned i = 1; i < files->count; i++)
		add_option(text, size, "neighbours", name_program(f, files, i, name, sizeof(name)));
	name_program(f, files, 0, name, sizeof(name));
	n = strlen(text);
	snprintf(text + n, size - n, " %s", shell_quote(name, arguments, sizeof(arguments)));
}

/* ---- the files ---- */

/* Creates a file that was not there, trying numbers behind the name. */
static FILE *create(char *path, size_t size, const char *stem, const char *suffix)
{
	int fd = -1;

	for (unsigned n = 1; fd < 0 && n < 10000; n++) {
		if (n == 1)
			snprintf(path, size, "%s%s", stem, suffix);
		else
			snprintf(path, size, "%s-%u%s", stem, n, suffix);
		fd = open(path, O_WRONLY | O_CREAT | O_EXCL, 0666);
		if (fd < 0 && errno != EEXIST)
			break;
	}
	if (fd < 0)
		say_error("%s: %s", path, strerror(errno));
	return fd < 0 ? NULL : fdopen(fd, "w");
}

static bool close_file(FILE *f, const char *path)
{
	bool ok = !ferror(f);

	ok = fclose(f) == 0 && ok;
	if (!ok)
		say_error("%s: %s", path, strerror(errno));
	return ok;
}

static bool write_input(const struct fuzz_program *p, const char *stem, char *path, size_t size)
{
	FILE *f = create(path, size, stem, ".in");

	if (!f)
		return false;
	fwrite(p->input, 1, p->input_count, f);
	return close_file(f, path);
}

static void write_head(const struct campaign *c, const struct fuzz_failure *f, unsigned i, FILE *to)
{
	fprintf(to, "; %s: guest %" PRIu64 " of seed %" PRIu64, c->fuzz.isa->name, f->number,
		c->fuzz.seed);
	if (i)
		fprintf(to, ", its neighbour %u\n", i);
	else
		fprintf(to, ", which differs under %s\n", monitor_kind_name(f->setting.kind));
}

static bool write_program(const struct campaign *c, const struct fuzz_failure *f, unsigned i,
			  struct files *files)
{
	const struct fuzz_program *p = program(f, i);
	char stem[400];
	FILE *to;

	snprintf(stem, sizeof(stem),
		 i ? "%.300s/%s-%" PRIu64 "-%" PRIu64 "-%s-neighbour%u"
		   : "%.300s/%s-%" PRIu64 "-%" PRIu64 "-%s",
		 c->output, c->fuzz.isa->name, c->fuzz.seed, f->number,
		 monitor_kind_name(f->setting.kind), i);
	to = create(files->source[i], sizeof(files->source[i]), stem, ".s");
	if (!to)
		return false;
	write_head(c, f, i, to);
	disasm_image(c->fuzz.isa, p->image, to);
	if (p->image->nsegments == 0)
		fputs("\t.word 0\n", to); /* a guest must have something in storage */
	return close_file(to, files->source[i]) &&
	       (p->input_count == 0 ||
		write_input(p, stem, files->input[i], sizeof(files->input[i])));
}

static bool write_all(const struct campaign *c, const struct fuzz_failure *f, struct files *files)
{
	if (mkdir(c->output, 0777) != 0 && errno != EEXIST) {
		say_error("%s: %s", c->output, strerror(errno));
		return false;
	}
	files->count = f->setting.neighbours + 1;
	for (unsigned i = 0; i < files->count; i++) {
		if (!write_program(c, f, i, files))
			return false;
	}
	return true;
}

/* ---- do they fail, too? ---- */

static bool give_inputs(const struct fuzz_failure *f, struct lab *bare, struct lab *lab)
{
	bool ok = true;

	for (unsigned i = 0; ok && i <= f->setting.neighbours; i++) {
		const struct fuzz_program *p = program(f, i);
		struct text t = { (char *)p->input, p->input_count };

		ok = console_prepare(lab->view[i], &t, NULL) &&
		     (i || console_prepare(bare->view[0], &t, NULL));
	}
	return ok;
}

static bool fails_again(const struct fuzz_failure *f, struct lab *bare, struct lab *lab)
{
	struct equiv_options options = { .slice = f->setting.slice };
	struct equivalence e;
	bool failing;

	if (!bare || !lab || !give_inputs(f, bare, lab))
		return false;
	if (bare->machine->translator)
		options = equiv_thoroughly(f->setting.seed);
	options.limit = f->setting.steps;
	options.patience = 1;
	e = equiv_run(bare->view[0], lab->monitor, lab->vm[0], &options);
	failing = !e.holds || e.violations;
	equivalence_free(&e);
	return failing;
}

static bool load_files(const struct campaign *c, const struct fuzz_failure *f,
		       const struct files *files, struct shelf *s, struct guest *guest)
{
	struct guest_wish wish = { .isa = c->isa };
	bool ok = true;

	for (unsigned i = 0; i < files->count; i++) {
		ok = guest_load(&guest[i], s, files->source[i], &wish) && ok;
		guest[i].size = program(f, i)->size;
		guest[i].level = level_of(f, i);
	}
	return say_diagnostics(s->diagnostics) && ok;
}

static bool reproduces(const struct campaign *c, const struct fuzz_failure *f,
		       const struct files *files)
{
	const struct lab_options o = options_of(c, f);
	struct guest guest[PROGRAMS] = { { .path = NULL } };
	struct shelf *s = shelf_new();
	struct lab *bare = NULL, *lab = NULL;
	bool failing;

	if (load_files(c, f, files, s, guest)) {
		bare = lab_bare(&guest[0], &o);
		lab = lab_monitor(guest, files->count, f->setting.kind, &o);
	}
	failing = fails_again(f, bare, lab);
	lab_free(lab);
	lab_free(bare);
	for (unsigned i = 0; i < files->count; i++)
		guest_free(&guest[i]);
	shelf_free(s);
	return failing;
}

/* ---- as JSON ---- */

json_t *failure_json(const struct campaign *c, const struct fuzz_failure *f)
{
	const struct difference *d = &f->cause;
	const struct isa_instr *instr;
	json_t *o = json_object();
	char text[128];

	json_object_set_new(o, "kind", json_string("failure"));
	json_object_set_new(o, "machine", json_string(c->fuzz.isa->name));
	json_object_set_new(o, "fault", json_string(fault_name(c->fuzz.fault)));
	json_object_set_new(o, "seed", json_sprintf("%" PRIu64, c->fuzz.seed));
	json_object_set_new(o, "number", json_integer((json_int_t)f->number));
	json_object_set_new(o, "monitor", json_string(monitors_of(f, text, sizeof(text))));
	json_object_set_new(o, "neighbours", json_integer(f->setting.neighbours));
	json_object_set_new(o, "instructions", json_integer(f->instructions));
	if (*f->violation)
		json_object_set_new(o, "violation", json_string(f->violation));
	if (!d->found)
		return o;
	json_object_set_new(o, "step", json_integer((json_int_t)d->step));
	json_object_set_new(o, "what", json_string(d->what));
	json_object_set_new(o, "bare", json_sprintf("0x%" PRIx64, d->bare));
	json_object_set_new(o, "virtual", json_sprintf("0x%" PRIx64, d->virtual));
	if (!d->instruction_known)
		return o;
	json_object_set_new(
		o, "instruction",
		json_string(disasm_word(c->fuzz.isa, d->word, d->p, NULL, text, sizeof(text))));
	instr = isa_decode(c->fuzz.isa, d->word);
	json_object_set_new(o, "name", instr ? json_string(instr->name) : json_null());
	return o;
}

json_t *failure_save(const struct campaign *c, const struct fuzz_failure *f)
{
	json_t *o = failure_json(c, f);
	struct files files = { .count = 0 };
	char command[8192];

	if (!write_all(c, f, &files))
		return o;
	describe_command(c, f, &files, command, sizeof(command));
	json_object_set_new(o, "file", json_string(files.source[0]));
	json_object_set_new(o, "replay", json_string(command));
	json_object_set_new(o, "reproduces", json_boolean(reproduces(c, f, &files)));
	return o;
}
