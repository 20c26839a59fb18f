/* The VM map f: composition, values, mirrored and virtual registers, and whom it is refused. */
#include "tests/lab.h"

#include "vmm/private.h"

/* ---- a small machine to vary ---- */

#define HEAD "machine tiny { word 16; enum Mode { s, u }\n"
#define STATE                                                                                      \
	"control M : Mode role mode, L : word role base, B : word role bound;\n"                   \
	"visible P : word role pc, R[4] : word;\n"                                                 \
	"user = M == u;\n"
#define TRAPS "traps illegal = 0, memory = 1, priv = 2;\n"
#define TRANSLATE                                                                                  \
	"translate(a, access) { if (a >= B) memtrap; let p = zext(a, 17) + zext(L, 17);\n"         \
	"if (p >= size) memtrap; return p[15:0]; }\n"
#define TRAPSEQ                                                                                    \
	"trapseq(kind, tpc, info) { phys[0] := tpc; phys[1] := zext(M); M := s; P := phys[2];\n"   \
	"L := phys[3]; B := phys[4]; }\n"                                                          \
	"reset(size) { M := s; B := size[15:0]; P := 8; }\n"
#define BODY                                                                                       \
	"format I { op:6, rd:2, imm:8 }\n"                                                         \
	"instr ADDI I op=1 \"ADDI {rd}, {imm:s}\" { R[rd] := R[rd] + sext(imm); }\n"               \
	"instr NOP I op=0, rd=0, imm=0 \"NOP\" { }\n"
#define TAIL "}\n"

static struct lab start(const char *machine, uint64_t seed)
{
	struct lab l = lab_of(machine);

	l.size = 64;
	lab_start(&l, &(struct monitor_options){ .reserve = 100, .seed = seed });
	return l;
}

static struct relocation compose(struct lab *l, uint64_t base, uint64_t bound)
{
	lab_deposit(l->virtual, "L", base);
	lab_deposit(l->virtual, "B", bound);
	return map_relocation(l->vm);
}

/* ---- relocation ---- */

START_TEST(relocation_inside_the_region_is_added_to_its_base)
{
	struct lab l = start("pg", 1);
	struct relocation r = compose(&l, 10, 20);

	ck_assert_uint_eq(r.base, 110);
	ck_assert_uint_eq(r.bound, 20);
	lab_close(&l);
}
END_TEST

START_TEST(a_bound_past_the_region_is_clipped_to_it)
{
	struct lab l = start("pg", 1);

	ck_assert_uint_eq(compose(&l, 10, 55).bound, 54);
	ck_assert_uint_eq(compose(&l, 10, 54).bound, 54);
	ck_assert_uint_eq(compose(&l, 0, UINT32_MAX).bound, 64);
	ck_assert_uint_eq(compose(&l, 63, 2).bound, 1);
	lab_close(&l);
}
END_TEST

START_TEST(a_base_past_the_region_reaches_nothing)
{
	struct lab l = start("pg", 1);
	const uint64_t bases[] = { 64, 65, 0x7fffffff, 0x80000000, UINT32_MAX, UINT32_MAX - 99 };

	for (unsigned i = 0; i < sizeof bases / sizeof *bases; i++)
		ck_assert_uint_eq(compose(&l, bases[i], UINT32_MAX).bound, 0);
	lab_close(&l);
}
END_TEST

START_TEST(no_composition_leaves_the_region)
{
	struct lab l = start("pg", 1);
	uint64_t x = 88172645463325252;

	for (unsigned i = 0; i < 20000; i++) {
		struct relocation r;

		x ^= x << 13;
		x ^= x >> 7;
		x ^= x << 17;
		r = compose(&l, x >> (x & 1 ? 32 : 57), (x * 31) >> (x & 2 ? 32 : 57));
		ck_assert(r.bound == 0 || (r.base >= 100 && r.base + r.bound <= 164));
	}
	lab_close(&l);
}
END_TEST

/* Every address: the real machine reaches what the virtual one does, or traps as it does. */
START_TEST(composed_translation_agrees_with_the_guests_own)
{
	static const uint64_t at[] = { 0, 1, 31, 62, 63, 64, 65, 0xfffffffe, 0xffffffff };
	const unsigned n = sizeof at / sizeof *at;
	struct lab l = start("pg", 1);
	struct view *real = &l.real->view[0];

	for (unsigned i = 0; i < n * n * n; i++) {
		uint64_t a = at[i % n], mine = 0, theirs = 0;
		struct trap trap;
		bool ok;

		compose(&l, at[i / n % n], at[i / n / n]);
		map_load(l.vm);
		ok = view_translate(l.virtual, a, ACCESS_READ, &mine, &trap);
		ck_assert_int_eq(view_translate(real, a, ACCESS_READ, &theirs, &trap), ok);
		ck_assert(!ok || theirs == mine + 100);
	}
	lab_close(&l);
}
END_TEST

/* ---- the other registers ---- */

START_TEST(real_mode_is_user_whatever_the_virtual_one_is)
{
	struct lab l = start("pg", 1);

	for (uint64_t mode = 0; mode < 2; mode++) {
		lab_deposit(l.virtual, "M", mode);
		map_load(l.vm);
		ck_assert(view_user(&l.real->view[0]));
		ck_assert_uint_eq(lab_examine(l.virtual, "M"), mode);
	}
	lab_close(&l);
}
END_TEST

START_TEST(a_virtual_register_holds_the_monitors_own_value)
{
	uint64_t first = 0;

	for (uint64_t seed = 1; seed <= 2; seed++) {
		struct lab l = start("pg", seed);
		uint64_t own;

		lab_deposit(l.virtual, "TIMER", 1234);
		map_load(l.vm);
		own = lab_examine(&l.real->view[0], "TIMER");
		ck_assert_uint_ne(own, 0);
		ck_assert_uint_ne(own, 1234);
		ck_assert_uint_ne(own, first);
		map_save(l.vm, false);
		ck_assert_uint_eq(lab_examine(l.virtual, "TIMER"), 1234);
		first = own;
		lab_close(&l);
	}
}
END_TEST

START_TEST(visible_registers_go_there_and_back)
{
	struct lab l = start("pg", 1);
	struct view *real = &l.real->view[0];

	lab_deposit(l.virtual, "G0", 5);
	lab_deposit(l.virtual, "G15", 6);
	lab_deposit(l.virtual, "P", 7);
	map_load(l.vm);
	ck_assert_uint_eq(lab_examine(real, "G0"), 5);
	ck_assert_uint_eq(lab_examine(real, "G15"), 6);
	ck_assert_uint_eq(lab_examine(real, "P"), 7);
	lab_deposit(real, "G15", 60);
	lab_deposit(real, "P", 70);
	map_save(l.vm, false);
	ck_assert_uint_eq(lab_examine(l.virtual, "G15"), 60);
	ck_assert_uint_eq(lab_examine(l.virtual, "P"), 70);
	lab_close(&l);
}
END_TEST

#define MIRROR(more)                                                                               \
	HEAD STATE "control X[2] : word, Y : word;\n" TRAPS TRANSLATE TRAPSEQ BODY more            \
		   "map m { M := u; L, B composed; X mirrored; Y := Y + 1; }\n" TAIL

START_TEST(the_image_is_what_a_resume_loads_and_touches_nothing)
{
	struct lab l = start("pg", 7);
	const unsigned slots = l.isa->nslots;
	uint64_t *image = calloc(slots, sizeof *image), *real = calloc(slots, sizeof *real);

	lab_deposit(l.virtual, "G3", 1234);
	lab_deposit(l.virtual, "P", 17);
	compose(&l, 10, 20);
	memcpy(real, l.real->view[0].cpu->state, slots * sizeof *real);
	vm_image(l.vm, image);
	ck_assert_mem_eq(l.real->view[0].cpu->state, real, slots * sizeof *real);
	map_load(l.vm);
	ck_assert_mem_eq(l.real->view[0].cpu->state, image, slots * sizeof *image);
	ck_assert_mem_ne(image, real, slots * sizeof *image);
	free(image);
	free(real);
	lab_close(&l);
}
END_TEST

START_TEST(a_mirrored_register_goes_there_and_back)
{
	struct lab l = start(MIRROR(""), 1);
	struct view *real = &l.real->view[0];

	lab_deposit(l.virtual, "X1", 9);
	map_load(l.vm);
	ck_assert_uint_eq(lab_examine(real, "X1"), 9);
	lab_deposit(real, "X1", 10);
	map_save(l.vm, false);
	ck_assert_uint_eq(lab_examine(l.virtual, "X1"), 10);
	lab_close(&l);
}
END_TEST

START_TEST(a_mirrored_register_that_ticks_keeps_virtual_time)
{
	struct lab l = start(MIRROR("tick() { X[0] := X[0] + 1; }\n"), 1);
	struct view *real = &l.real->view[0];

	lab_deposit(l.virtual, "X0", 9);
	map_load(l.vm);
	ck_assert_uint_eq(lab_examine(real, "X0"), 9);
	lab_deposit(real, "X0", 100);
	map_save(l.vm, false);
	ck_assert_uint_eq(lab_examine(l.virtual, "X0"), 9);
	lab_close(&l);
}
END_TEST

START_TEST(a_value_is_computed_from_the_virtual_state)
{
	struct lab l = start(MIRROR(""), 1);

	lab_deposit(l.virtual, "Y", 41);
	lab_deposit(&l.real->view[0], "Y", 7);
	map_load(l.vm);
	ck_assert_uint_eq(lab_examine(&l.real->view[0], "Y"), 42);
	map_save(l.vm, false);
	ck_assert_uint_eq(lab_examine(l.virtual, "Y"), 41);
	lab_close(&l);
}
END_TEST

/* ---- refusals ---- */

static void refused(const char *machine, const char *why)
{
	struct lab l = lab_of(machine);
	struct monitor_options options = { 0 };
	char reason[256] = "";
	struct monitor *m;

	l.real = lab_machine(&l, 256);
	m = monitor_new(l.real, &options, reason, sizeof reason);
	ck_assert_msg(m == NULL, "a monitor was made; %s was expected", why);
	ck_assert_msg(strstr(reason, why) != NULL, "'%s' does not say '%s'", reason, why);
	lab_close(&l);
}

START_TEST(without_user_mode_there_is_no_monitor)
{
	refused(HEAD "control L : word role base, B : word role bound; visible P : word role pc, "
		     "R[4] : word;\n" TRAPS TRANSLATE
		     "trapseq(kind, tpc, info) { phys[0] := tpc; P := phys[1]; }\n" BODY TAIL,
		"no user mode");
}
END_TEST

#define UNSET(base, bound)                                                                         \
	HEAD "control M : Mode role mode, L : word" base ", B : word" bound ";\n"                  \
	     "visible P : word role pc, R[4] : word; user = M == u;\n" TRAPS TRANSLATE TRAPSEQ     \
		     BODY TAIL

START_TEST(an_unset_base_is_named)
{
	refused(UNSET("", " role bound"), "no register the role base:");
}
END_TEST

START_TEST(an_unset_bound_is_named)
{
	refused(UNSET(" role base", ""), "no register the role bound:");
}
END_TEST

START_TEST(both_roles_unset_are_named)
{
	refused(UNSET("", ""), "role base, and none the role bound:");
}
END_TEST

#define WITH(translate) HEAD STATE TRAPS "translate(a, access) {" translate "}\n" TRAPSEQ BODY TAIL

/* None of these is base and bounds; each differs from it in one way only. */
START_TEST(other_translations_are_refused_with_an_example)
{
	static const char *const others[] = {
		/* the bound is the last address */
		WITH("if (a > B) memtrap; let p = zext(a, 17) + zext(L, 17);"
		     "if (p >= size) memtrap; return p[15:0];"),
		/* the sum wraps */
		WITH("if (a >= B) memtrap; let p = a + L; if (zext(p, 17) >= size) memtrap; return p;"),
		/* or instead of plus */
		WITH("if (a >= B) memtrap; let p = a | L; if (zext(p, 17) >= size) memtrap; return p;"),
		/* the storage's end is not looked at for writes */
		WITH("if (a >= B) memtrap; let p = zext(a, 17) + zext(L, 17);"
		     "if (access != 2 && p >= size) memtrap; return p[15:0];"),
		/* supervisor mode is not relocated */
		WITH("if (M == s) { if (zext(a, 17) >= size) memtrap; return a; }"
		     "if (a >= B) memtrap; let p = zext(a, 17) + zext(L, 17);"
		     "if (p >= size) memtrap; return p[15:0];"),
		/* user mode may not write its first cell */
		WITH("if (a >= B || (access == 2 && a == 0)) memtrap;"
		     "let p = zext(a, 17) + zext(L, 17); if (p >= size) memtrap; return p[15:0];"),
	};

	for (unsigned i = 0; i < sizeof others / sizeof *others; i++)
		refused(others[i], "translate does not relocate by base and bounds: with L = ");
}
END_TEST

START_TEST(a_translation_by_tables_is_refused)
{
	refused(WITH("let p = phys[a >> 4]; return p + a;"), "reads storage");
}
END_TEST

START_TEST(a_map_that_does_not_compose_is_refused)
{
	refused(HEAD STATE TRAPS TRANSLATE TRAPSEQ BODY
		"map m { M := u; L mirrored; B composed; }\n" TAIL,
		"map m does not compose L");
}
END_TEST

START_TEST(a_map_of_another_description_is_refused)
{
	struct lab l = lab_of("pg"), other = lab_of("pg");
	struct monitor_options options = { .map = &other.isa->map[0] };
	char reason[256];

	l.real = lab_machine(&l, 256);
	ck_assert_ptr_null(monitor_new(l.real, &options, reason, sizeof reason));
	ck_assert_ptr_nonnull(strstr(reason, "not one of pg"));
	lab_close(&l);
	lab_close(&other);
}
END_TEST

START_TEST(a_region_that_the_base_register_does_not_reach_is_refused)
{
	struct lab l = lab_of(
		HEAD
		"control M : Mode role mode, L : 4 role base, B : word role bound;\n"
		"visible P : word role pc, R[4] : word; user = M == u;\n" TRAPS
		"translate(a, access) { if (a >= B) memtrap;\n"
		"let p = zext(a, 17) + zext(L, 17);\n"
		"if (p >= size) memtrap; return p[15:0]; }\n"
		"trapseq(kind, tpc, info) { phys[0] := tpc; M := s; P := phys[2]; }\n" BODY TAIL);
	char reason[256];

	l.real = lab_machine(&l, 256);
	l.monitor = monitor_new(l.real, &(struct monitor_options){ .reserve = 8 }, reason,
				sizeof reason);
	ck_assert_msg(l.monitor != NULL, "%s", reason);
	ck_assert_ptr_nonnull(monitor_create(l.monitor, "a", 8, 1, reason, sizeof reason));
	ck_assert_ptr_null(monitor_create(l.monitor, "b", 8, 1, reason, sizeof reason));
	ck_assert_msg(strstr(reason, "does not reach a region at 0x10") != NULL, "%s", reason);
	lab_close(&l);
}
END_TEST

static Suite *suite(void)
{
	Suite *s = suite_create("map");
	TCase *c = tcase_create("relocation");

	tcase_add_test(c, relocation_inside_the_region_is_added_to_its_base);
	tcase_add_test(c, a_bound_past_the_region_is_clipped_to_it);
	tcase_add_test(c, a_base_past_the_region_reaches_nothing);
	tcase_add_test(c, no_composition_leaves_the_region);
	tcase_add_test(c, composed_translation_agrees_with_the_guests_own);
	suite_add_tcase(s, c);
	c = tcase_create("registers");
	tcase_add_test(c, real_mode_is_user_whatever_the_virtual_one_is);
	tcase_add_test(c, a_virtual_register_holds_the_monitors_own_value);
	tcase_add_test(c, visible_registers_go_there_and_back);
	tcase_add_test(c, the_image_is_what_a_resume_loads_and_touches_nothing);
	tcase_add_test(c, a_mirrored_register_goes_there_and_back);
	tcase_add_test(c, a_mirrored_register_that_ticks_keeps_virtual_time);
	tcase_add_test(c, a_value_is_computed_from_the_virtual_state);
	suite_add_tcase(s, c);
	c = tcase_create("refusals");
	tcase_add_test(c, without_user_mode_there_is_no_monitor);
	tcase_add_test(c, an_unset_base_is_named);
	tcase_add_test(c, an_unset_bound_is_named);
	tcase_add_test(c, both_roles_unset_are_named);
	tcase_add_test(c, other_translations_are_refused_with_an_example);
	tcase_add_test(c, a_translation_by_tables_is_refused);
	tcase_add_test(c, a_map_that_does_not_compose_is_refused);
	tcase_add_test(c, a_map_of_another_description_is_refused);
	tcase_add_test(c, a_region_that_the_base_register_does_not_reach_is_refused);
	suite_add_tcase(s, c);
	return s;
}

#include "tests/harness.h"
