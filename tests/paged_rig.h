/* What the tests of the translator where translate goes by pages share. */
#ifndef TESTS_PAGED_RIG_H
#define TESTS_PAGED_RIG_H

#include "tests/lab.h"

#include "machine/translator.h"

static const struct translator_options usual = { 0 };

static inline struct lab lab_paged_of(const char *machine, const char *guest, uint64_t size)
{
	struct lab l = lab_of(machine);

	l.size = size;
	lab_assemble(&l, guest);
	l.bare = lab_machine(&l, l.size);
	lab_enter(&l, &l.bare->view[0]);
	ck_assert(forced_translate(l.bare, &usual));
	return l;
}

static inline struct lab lab_paged(const char *machine, const char *guest)
{
	return lab_paged_of(machine, guest, 1 << 16);
}

static inline struct outcome run(struct lab *l, uint64_t n)
{
	return view_run(&l->bare->view[0], n);
}

static inline uint64_t examine(const struct lab *l, const char *name)
{
	return lab_examine(&l->bare->view[0], name);
}

static inline uint64_t unit_at(const struct lab *l, uint64_t place)
{
	uint64_t v = 0;

	ck_assert(window_get(&l->bare->view[0].window, place, &v));
	return v;
}

/* Of four bytes. */
static inline uint64_t word_at(const struct lab *l, uint64_t place)
{
	uint64_t v = 0;

	for (unsigned i = 0; i < 4; i++)
		v = v << 8 | unit_at(l, place + i);
	return v;
}

/* All but a little ran translated. */
static inline void check_share(const struct lab *l, unsigned percent)
{
	uint64_t steps = l->bare->cpu[0]->steps,
		 translated = translator_counts(l->bare->translator).translated;

	ck_assert_msg(translated * 100 >= steps * percent, "%u of %u steps translated",
		      (unsigned)translated, (unsigned)steps);
}

static inline void run_to_halt(struct lab *l, uint64_t status)
{
	run(l, UINT64_MAX);
	ck_assert_int_eq(l->bare->cpu[0]->status, CPU_HALTED);
	ck_assert_uint_eq(l->bare->cpu[0]->halt_status, status);
}

#endif
