/*
 * Random guests (vmm/fuzz.h) inside towers of the monitor in assembly, guests/pg/monitor.s, in
 * lockstep with the bare machine (vmm/tower.h).
 *
 *     towers [-n COUNT] [-f FIRST] [-s SEED] [-l STEPS] [-d DEPTH] [MONITOR.s]
 *
 * Of three guests, one has a neighbour at each level that has halted, and one neighbours that run
 * for ever.  Their storage is a pattern of which no word may change.  They have their share of the
 * drum, too, so the bare machine of such a guest has one that is as much smaller.  DEPTH is that of
 * the deepest; shallower ones take turns with it.  Then the operating system, minios, does its work
 * beside the same neighbours at each depth, and a guest tries to escape by every bound.  Exit
 * status 1 if a guest can tell, or gets at a neighbour; or if the monitor executes too many
 * privileged instructions for a trap.
 */
#include "isa/alloc.h"
#include "isa/asm.h"
#include "tests/escape.h"
#include "vmm/carry.h"
#include "vmm/fuzz_private.h"

#include <inttypes.h>
#include <stdio.h>
#include <unistd.h>

enum {
	DEEPEST = 6,
	PATTERN = 64, /* words of a neighbour's storage */
	SLACK = 100,  /* words of each machine behind those that its monitor gives away */
	DRUM = 64,    /* blocks; and a neighbour's share, SHARE of guests/pg/monitor/layout.s */
	SHARE = 4,
	MINIOS = 16384,
	STEPS = 1000000,    /* more than they need, minios and the guest that tries to escape */
	PATIENCE = 3000000, /* real steps, until a guest beside which others run has halted */
};

enum company { ALONE, BESIDE_HALTED, BESIDE_RUNNING, COMPANIES };

struct options {
	uint64_t count, first, seed, steps;
	unsigned depth;
	const char *monitor;
};

struct lab {
	struct diag_list *diags;
	struct isa *isa;
	struct isa *bare[DEEPEST + 1]; /* the same with a smaller drum, by neighbours; [0] is isa */
	struct image *monitor, *minios, *escape, *neighbour[COMPANIES];
	struct fuzz_plan *plan;
};

struct sums {
	uint64_t steps, real, ended, failed;
};

static void fail(const char *what)
{
	fprintf(stderr, "towers: %s\n", what);
	exit(2);
}

/* ---- towers ---- */

struct subject { /* in the innermost machine */
	const char *name;
	const struct image *image;
	uint64_t size;
	const char *input; /* of its console */
	size_t input_count;
};

struct tower {
	unsigned depth;
	enum company company;
	struct image level[DEEPEST]; /* outermost first; their segments are owned */
	struct tower_level seen[DEEPEST];
	uint64_t size;
};

/* A copy to load guests into: all but the segments are the original's. */
static struct image copy_of(const struct image *image)
{
	struct image copy = *image;

	copy.segment = xmalloc(image->nsegments * sizeof *copy.segment);
	for (unsigned i = 0; i < image->nsegments; i++) {
		size_t bytes = image->segment[i].count * sizeof *image->segment[i].unit;

		copy.segment[i] = image->segment[i];
		copy.segment[i].unit = xmalloc(bytes);
		memcpy(copy.segment[i].unit, image->segment[i].unit, bytes);
	}
	return copy;
}

static void build(struct tower *t, const struct lab *l, const struct subject *guest)
{
	struct carried inner[2] = { { guest->image, guest->size },
				    { l->neighbour[t->company], PATTERN } };
	char reason[256];

	for (unsigned i = t->depth; i-- > 0;) {
		t->level[i] = copy_of(l->monitor);
		if (!carry_load(&t->level[i], l->isa, inner, 1 + (t->company != ALONE), &t->size,
				reason, sizeof reason) ||
		    !carry_level(&t->level[i], l->isa, &t->seen[i], reason, sizeof reason))
			fail(reason);
		t->size += SLACK;
		inner[0] = (struct carried){ &t->level[i], t->size };
	}
}

static void tear_down(struct tower *t)
{
	for (unsigned i = 0; i < t->depth; i++) {
		for (unsigned k = 0; k < t->level[i].nsegments; k++)
			free(t->level[i].segment[k].unit);
		free(t->level[i].segment);
		carry_level_free(&t->seen[i]);
	}
}

/* The neighbour of a level lies behind the machine that leads inwards. */
static bool neighbours_intact(const struct tower *t, const struct lab *l, const struct machine *m)
{
	struct window w = m->view[0].window;
	const struct segment *s = &l->neighbour[t->company]->segment[0];
	uint64_t base, size, unit;

	for (unsigned i = 0; i < t->depth; i++) {
		const struct tower_level *at = &t->seen[i];

		if (!window_get(&w, at->machine + at->base, &base) ||
		    !window_get(&w, at->machine + at->size, &size))
			return false;
		for (uint64_t a = 0; a < s->count; a++)
			if (!window_get(&w, base + size + s->address + a, &unit) ||
			    unit != s->unit[a])
				return false;
		w.base += base;
		w.size = size;
	}
	return true;
}

/* ---- one guest ---- */

static struct machine *machine_with(const struct isa *isa, const struct image *image, uint64_t size)
{
	char reason[256];
	struct machine *m = machine_new(isa, size, 1, reason, sizeof reason);

	if (!m || !view_load(&m->view[0], image, reason, sizeof reason))
		fail(reason);
	return m;
}

static int byte_of(void *context, size_t n)
{
	const struct subject *s = context;

	return n < s->input_count ? (unsigned char)s->input[n] : CONSOLE_END;
}

/* Registers only: what stands in devices' variables need not be a state that devices reach. */
static void forget_devices(const struct lab *l, struct fuzz_guest *g)
{
	for (unsigned i = 0; i < table_size(l->plan->table); i++)
		g->deposited[i] &= table_entry(l->plan->table, i)->reg != NULL;
}

static void say(const struct tower_run *r, uint64_t number, unsigned depth)
{
	const struct difference *d = &r->result.at[DEPTH_CAUSE];

	printf("guest %" PRIu64 " at depth %u: after step %" PRIu64 ", %s at %#" PRIx64
	       ", %s is %#" PRIx64 " bare, %#" PRIx64 " inside\n",
	       number, depth, d->step, d->instr ? d->instr->name : "nothing known", d->p, d->what,
	       d->bare, d->virtual);
}

static bool run(const struct lab *l, struct tower *t, struct subject *s, uint64_t number,
		uint64_t steps, struct sums *sum)
{
	const struct isa *isa = l->bare[t->company == ALONE ? 0 : t->depth];
	struct machine *bare = machine_with(isa, s->image, s->size);
	struct machine *real = machine_with(l->isa, &t->level[0], t->size);
	struct tower_options options = { .limit = steps,
					 .alone = t->company == ALONE,
					 .patience = t->company == BESIDE_RUNNING ? PATIENCE : 0 };
	struct tower_run r;
	bool ok;

	console_ask(devices_find(isa, bare->device, "console"), byte_of, s);
	console_give(devices_find(l->isa, real->device, "console"), s->input, s->input_count);
	if (number % 2)
		machine_use(real, ENGINE_TRANSLATOR);
	r = tower_run(&bare->view[0], &real->view[0], t->seen, t->depth, &options);
	ok = t->company == ALONE || neighbours_intact(t, l, real);
	if (!ok)
		printf("guest %" PRIu64 " at depth %u: a neighbour was changed\n", number,
		       t->depth);
	if (!r.result.holds)
		say(&r, number, t->depth);
	ok = ok && r.result.holds;
	sum->steps += r.result.steps;
	sum->real += r.real;
	sum->ended += r.result.complete;
	machine_free(real);
	machine_free(bare);
	return ok;
}

static bool try_guest(const struct lab *l, const struct options *o, uint64_t number,
		      struct sums *sum)
{
	struct fuzz_case c = fuzz_generate(l->plan, o->seed, number, o->steps);
	struct tower t = { .depth = 1 + number % o->depth, .company = number % COMPANIES };
	struct subject subject;
	struct fuzz_program p;
	bool ok;

	forget_devices(l, &c.guest);
	p = fuzz_program_of(l->plan, &c.guest);
	p.image->has_entry = false;
	subject = (struct subject){ "a guest", p.image, p.size, (const char *)p.input,
				    p.input_count };
	build(&t, l, &subject);
	ok = run(l, &t, &subject, number, c.setting.steps, sum);
	tear_down(&t);
	image_free(p.image);
	fuzz_case_free(&c);
	return ok;
}

/* ---- guests that are known, beside neighbours ---- */

static const char typed[] = "write 1 text\nread 1\nrun count\nexit\n";

static bool beside(const struct lab *l, struct subject s, unsigned depth, enum company company,
		   struct sums *sum)
{
	struct tower t = { .depth = depth, .company = company };
	uint64_t ended = sum->ended;
	bool ok;

	build(&t, l, &s);
	ok = run(l, &t, &s, (uint64_t)depth + company, STEPS, sum);
	tear_down(&t);
	if (sum->ended == ended)
		printf("%s at depth %u has not halted\n", s.name, depth);
	return ok && sum->ended > ended;
}

/* How many failed. */
static unsigned all_beside(const struct lab *l, unsigned depth, struct sums *sum)
{
	const struct subject subject[] = {
		{ "minios", l->minios, MINIOS, typed, sizeof typed - 1 },
		{ "the guest that tries to escape", l->escape, ESCAPE_SIZE, NULL, 0 },
	};
	unsigned failed = 0;

	for (unsigned i = 0; i < sizeof subject / sizeof *subject; i++)
		for (enum company c = BESIDE_HALTED; c < COMPANIES; c++)
			failed += !beside(l, subject[i], depth, c, sum);
	return failed;
}

/* ---- privileged instructions ---- */

enum { PRIVILEGED = 4 }; /* for a trap, at most: each is one more for the monitor below */

/* One step of a machine with a monitor; how many it has executed since the last trap. */
static unsigned count_privileged(struct view *v, unsigned n)
{
	const struct isa_instr *instr;
	uint64_t word, place;

	if (!view_user(v) && view_fetch(v, &word, &place)) {
		instr = isa_decode(v->isa, word);
		n += instr && instr->privileged;
	}
	return view_step(v).traps ? 0 : n;
}

/* Two operating systems at work, with disk, timers and keyboard. */
static bool few_privileged(const struct lab *l, const struct image *minios)
{
	struct carried inner[2] = { { minios, MINIOS }, { minios, MINIOS } };
	struct image image = copy_of(l->monitor);
	struct tower t = { .depth = 1, .level = { image } };
	struct machine *m;
	unsigned most = 0, n = 0;
	char reason[256];
	bool begun = false;

	if (!carry_load(&t.level[0], l->isa, inner, 2, &t.size, reason, sizeof reason))
		fail(reason);
	m = machine_with(l->isa, &t.level[0], t.size);
	console_give(devices_find(l->isa, m->device, "console"), typed, strlen(typed));
	while (m->cpu[0]->status == CPU_RUNNING) {
		begun |= view_user(&m->view[0]);
		n = count_privileged(&m->view[0], n);
		if (!begun)
			n = 0;
		most = n > most ? n : most;
	}
	if (most > PRIVILEGED)
		printf("%u privileged instructions for a trap\n", most);
	tear_down(&t);
	machine_free(m);
	return most > 0 && most <= PRIVILEGED;
}

/* ---- the whole ---- */

static struct image *assemble(struct lab *l, const struct source *source)
{
	struct image *image = source ? asm_assemble(l->isa, l->diags, source) : NULL;

	if (image)
		return image;
	diag_print(l->diags, stderr);
	exit(2);
}

/* The machine with a drum from which so many neighbours have their share. */
static struct isa *with_less_drum(struct lab *l, unsigned neighbours)
{
	char text[256];
	struct isa *isa;

	snprintf(text, sizeof text,
		 "include \"pg.isa\"\nmachine pg-shared \"pg with a share of the drum\" {\n"
		 "override device DRUM : drum(line = 1, blocks = %u) \"a share\";\n}\n",
		 DRUM - SHARE * neighbours);
	isa = isa_load_text(l->diags, "shared.isa", text);
	if (!isa) {
		diag_print(l->diags, stderr);
		exit(2);
	}
	return isa;
}

/* A pattern behind a short program. */
static struct image *neighbour(struct lab *l, const char *program)
{
	char text[256];

	snprintf(text, sizeof text, ".machine pg\n.org 16\nstart: %s\n.space 40, 0x5a5a1234\n",
		 program);
	return assemble(l, diag_read_text(l->diags, "neighbour", text));
}

static struct lab lab_new(const char *top, const char *monitor)
{
	char minios[4096];
	static const struct place nowhere = { NULL, 0, 0 };
	struct lab l = { .diags = diag_new() };
	char *path = isa_find(l.diags, "pg"), reason[256];

	l.isa = path ? isa_load(l.diags, path) : NULL;
	if (!l.isa)
		fail("pg is not found");
	l.bare[0] = l.isa;
	for (unsigned i = 1; i <= DEEPEST; i++)
		l.bare[i] = with_less_drum(&l, i);
	l.monitor = assemble(&l, diag_read_file(l.diags, monitor, nowhere));
	snprintf(minios, sizeof minios, "%s/guests/pg/minios.s", top);
	l.minios = assemble(&l, diag_read_file(l.diags, minios, nowhere));
	l.neighbour[BESIDE_HALTED] = neighbour(&l, "HALT 0");
	/* the word that it changes is not in its image */
	l.neighbour[BESIDE_RUNNING] = neighbour(&l, "ADDI G2, G2, 1\nST G2, 60(G0)\nBR start");
	l.escape = assemble(&l, diag_read_text(l.diags, "escape", ESCAPE));
	l.plan = fuzz_plan_new(l.isa, reason, sizeof reason);
	if (!l.plan)
		fail(reason);
	free(path);
	return l;
}

static void lab_free(struct lab *l)
{
	fuzz_plan_free(l->plan);
	image_free(l->monitor);
	image_free(l->neighbour[BESIDE_HALTED]);
	image_free(l->neighbour[BESIDE_RUNNING]);
	image_free(l->minios);
	image_free(l->escape);
	for (unsigned i = 0; i <= DEEPEST; i++)
		isa_free(l->bare[i]);
	diag_free(l->diags);
}

static struct options options_of(int argc, char **argv)
{
	struct options o = { .count = 240, .seed = 1, .depth = 3 };
	int option;

	while ((option = getopt(argc, argv, "n:f:s:l:d:")) != -1) {
		uint64_t value = optarg ? strtoull(optarg, NULL, 10) : 0;

		switch (option) {
		case 'n': o.count = value; break;
		case 'f': o.first = value; break;
		case 's': o.seed = value; break;
		case 'l': o.steps = value; break;
		case 'd': o.depth = (unsigned)value; break;
		default: exit(2);
		}
	}
	if (o.depth < 1 || o.depth > DEEPEST)
		fail("the depth is 1 to 6");
	o.monitor = argv[optind];
	return o;
}

int main(int argc, char **argv)
{
	struct options o = options_of(argc, argv);
	const char *top = getenv("TOP_SRCDIR") ? getenv("TOP_SRCDIR") : ".";
	struct sums sum = { 0 };
	char path[4096];
	struct lab l;

	snprintf(path, sizeof path, "%s/guests/pg/monitor.s", top);
	l = lab_new(top, o.monitor ? o.monitor : path);
	for (uint64_t i = 0; i < o.count; i++)
		sum.failed += !try_guest(&l, &o, o.first + i, &sum);
	for (unsigned depth = 1; depth <= o.depth; depth++)
		sum.failed += all_beside(&l, depth, &sum);
	sum.failed += !few_privileged(&l, l.minios);
	printf("%" PRIu64 " guests, %" PRIu64 " steps, %" PRIu64 " of the real machine, %" PRIu64
	       " ended: %" PRIu64 " failed\n",
	       o.count, sum.steps, sum.real, sum.ended, sum.failed);
	lab_free(&l);
	return sum.failed > 0;
}
