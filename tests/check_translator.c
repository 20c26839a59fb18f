/*
 * The translator: it runs what the oracle runs, to the instruction, and what changes under it
 * is noticed.  That the two engines do the same on random guests is tests/engines.c.
 */
#include "tests/lab.h"

#include "machine/translator.h"

#define ORIGIN ".machine pg\n.org 8\n.word 0, handler, 0, 4096, 0, 0\n.org 16\nstart:\n"

/* A loop of a thousand rounds, and its end. */
#define LOOP(body)                                                                                 \
	ORIGIN "LA G2, 1000(G0)\nagain:\n" body "ADDI G2, G2, -1\nBNE G2, G0, again\nHALT 0\n"     \
	       "handler: HALT 1\n"

static struct lab lab_translated(const char *guest, const struct translator_options *options)
{
	struct lab l = lab_of("pg");

	lab_assemble(&l, guest);
	l.bare = lab_machine(&l, l.size);
	lab_enter(&l, &l.bare->view[0]);
	ck_assert(machine_translate(l.bare, options));
	return l;
}

static struct translator_counts counts_of(const struct lab *l)
{
	return translator_counts(l->bare->translator);
}

static struct outcome run(struct lab *l, uint64_t n)
{
	return view_run(&l->bare->view[0], n);
}

static uint64_t examine(const struct lab *l, const char *name)
{
	return lab_examine(&l->bare->view[0], name);
}

static const struct translator_options usual = { 0 }, at_once = { .hot = 1 };

START_TEST(loops_run_translated)
{
	struct lab l = lab_translated(LOOP("ADD G3, G3, G2\n"), &usual);

	run(&l, UINT64_MAX);
	ck_assert_int_eq(l.bare->cpu[0]->status, CPU_HALTED);
	ck_assert_uint_eq(examine(&l, "G3"), 500500);
	ck_assert_uint_eq(l.bare->cpu[0]->steps, 3002);
	ck_assert_uint_gt(counts_of(&l).translated, 2700);
	lab_close(&l);
}
END_TEST

/* Ten instructions of this loop are never run. */
static uint64_t instructions_translated(const struct translator_options *options)
{
	struct lab l = lab_translated(LOOP("BNE G2, G0, on\n"
					   "ADDI G3, G3, 1\nADDI G3, G3, 1\nADDI G3, G3, 1\n"
					   "ADDI G3, G3, 1\nADDI G3, G3, 1\nADDI G3, G3, 1\n"
					   "ADDI G3, G3, 1\nADDI G3, G3, 1\nADDI G3, G3, 1\n"
					   "ADDI G3, G3, 1\non:\n"),
				      options);
	uint64_t n;

	run(&l, UINT64_MAX);
	ck_assert_int_eq(l.bare->cpu[0]->status, CPU_HALTED);
	ck_assert_uint_eq(examine(&l, "G3"), 0);
	n = counts_of(&l).instructions;
	lab_close(&l);
	return n;
}

START_TEST(what_execution_has_not_come_to_is_not_translated)
{
	const struct translator_options at_first_sight = { .hot = 1 };

	ck_assert_uint_gt(instructions_translated(&usual), 0);
	ck_assert_uint_lt(instructions_translated(&usual), 10);
	ck_assert_uint_gt(instructions_translated(&at_first_sight), 10);
}
END_TEST

START_TEST(a_run_stops_after_exactly_so_many_steps)
{
	struct lab l = lab_translated(LOOP("ADD G3, G3, G2\n"), &usual);

	for (uint64_t n = 1, steps = 0; steps + n < 3000; n = n * 7 % 61 + 1) {
		ck_assert_uint_eq(run(&l, n).steps, n);
		steps += n;
		ck_assert_uint_eq(l.bare->cpu[0]->steps, steps);
		/* one instruction before the loop, and the first of three counts up G3 */
		ck_assert_uint_eq(examine(&l, "G2"), 1000 - (steps >= 2 ? (steps - 1 + 1) / 3 : 0));
	}
	lab_close(&l);
}
END_TEST

/* What engines do alike, each in slices of its own. */
START_TEST(a_run_stops_exactly_whichever_way_it_went)
{
	const char *guest = LOOP("ANDI G3, G2, 5\nBNE G3, G0, odd\nADDI G4, G4, 1\nADDI G4, G4, 2\n"
				 "ANDI G3, G2, 2\nBEQ G3, G0, odd\nADDI G5, G5, 7\nodd:\n");
	struct lab l = lab_translated(guest, &usual), o = lab_of("pg");

	lab_assemble(&o, guest);
	o.bare = lab_machine(&o, o.size);
	lab_enter(&o, &o.bare->view[0]);
	for (uint64_t n = 1; o.bare->cpu[0]->status == CPU_RUNNING; n = n * 7 % 61 + 1) {
		ck_assert_uint_eq(run(&l, n).steps, run(&o, n).steps);
		for (unsigned i = 0; i < l.isa->nslots; i++)
			ck_assert_uint_eq(l.bare->cpu[0]->state[i], o.bare->cpu[0]->state[i]);
	}
	ck_assert_uint_gt(counts_of(&l).translated, 1000);
	lab_close(&o);
	lab_close(&l);
}
END_TEST

START_TEST(stores_next_to_code_change_none)
{
	/* right before and behind the loop, by a register and a little more */
	struct lab l =
		lab_translated(ORIGIN "BR begin\nbefore: .space 2\nbegin: LA G2, 1000(G0)\n"
				      "LA G5, before(G0)\nLA G6, behind(G0)\nagain: ST G2, 0(G5)\n"
				      "ST G2, 1(G5)\nST G2, 1(G6)\nST G2, 0(G6)\n"
				      "ADDI G2, G2, -1\nBNE G2, G0, again\nHALT 0\n"
				      "behind: .space 2\nhandler: HALT 1\n",
			       &usual);

	run(&l, UINT64_MAX);
	ck_assert_int_eq(l.bare->cpu[0]->status, CPU_HALTED);
	ck_assert_uint_eq(l.bare->cpu[0]->steps, 5 + 6 * 1000);
	ck_assert_uint_eq(counts_of(&l).dropped, 0);
	ck_assert_uint_gt(counts_of(&l).translated, 6 * 900);
	lab_close(&l);
}
END_TEST

START_TEST(a_sum_that_wraps_around_is_an_address_too)
{
	struct lab l = lab_translated(LOOP("ADDI G5, G0, -3\nLD G4, 25(G5)\nADDI G5, G0, 19\n"
					   "LD G6, 3(G5)\nADD G3, G3, G4\nSUB G3, G3, G6\n"
					   "ADDI G3, G3, 1\n"),
				      &usual);

	run(&l, UINT64_MAX);
	ck_assert_uint_eq(examine(&l, "G3"), 1000);
	ck_assert_uint_eq(l.bare->cpu[0]->steps, 2 + 9 * 1000);
	lab_close(&l);
}
END_TEST

START_TEST(code_that_a_guest_changes_is_translated_again)
{
	/* the loop's ADDI becomes another one in its 500th round: G3 is 499 + 2 * 501 then */
	struct lab l = lab_translated(
		ORIGIN
		"LA G2, 1000(G0)\nLA G5, 501(G0)\nagain:\nBNE G2, G5, place\nLD G4, other(G0)\n"
		"ST G4, place(G0)\nplace: ADDI G3, G3, 1\nADDI G2, G2, -1\nBNE G2, G0, again\n"
		"HALT 0\nhandler: HALT 1\nother: ADDI G3, G3, 2\n",
		&usual);

	run(&l, UINT64_MAX);
	ck_assert_uint_eq(examine(&l, "G3"), 499 + 2 * 501);
	ck_assert_uint_gt(counts_of(&l).dropped, 0);
	ck_assert_uint_gt(counts_of(&l).translated, 3000);
	lab_close(&l);
}
END_TEST

START_TEST(code_that_somebody_else_changes_is_translated_again)
{
	struct lab l = lab_translated(LOOP("place: ADDI G3, G3, 1\n"), &usual);
	uint64_t word;

	run(&l, 1 + 3 * 500);
	ck_assert_uint_eq(examine(&l, "G3"), 500);
	window_get(&l.bare->view[0].window, 17, &word);
	window_put(&l.bare->view[0].window, 17, word + 1);
	run(&l, UINT64_MAX);
	ck_assert_uint_eq(examine(&l, "G3"), 500 + 2 * 500);
	lab_close(&l);
}
END_TEST

START_TEST(a_trap_in_translated_code_finds_the_state_of_its_instruction)
{
	/* stores upwards, to the end of storage */
	struct lab l = lab_translated(ORIGIN "LA G2, 100(G0)\nagain: ADDI G3, G3, 1\nST G3, 0(G2)\n"
					     "ADDI G2, G2, 1\nBR again\nhandler: HALT 0\n",
				      &usual);
	uint64_t stored = l.size - 100, p, info;

	run(&l, UINT64_MAX);
	ck_assert_uint_eq(examine(&l, "G3"), stored + 1);
	window_get(&l.bare->view[0].window, 1, &p);
	window_get(&l.bare->view[0].window, 7, &info);
	ck_assert_uint_eq(p, 18);
	ck_assert_uint_eq(info, l.size);
	ck_assert_uint_gt(counts_of(&l).translated, 4 * stored * 9 / 10);
	lab_close(&l);
}
END_TEST

START_TEST(the_timer_runs_out_in_translated_code)
{
	struct lab l = lab_translated(ORIGIN ".deposit IE, 1\n.deposit TIMER, 2000\n"
					     "again: ADDI G2, G2, 1\nBR again\nhandler: HALT 0\n",
				      &usual);

	run(&l, UINT64_MAX);
	ck_assert_uint_eq(examine(&l, "G2"), 1000);
	ck_assert_uint_gt(counts_of(&l).translated, 1800);
	lab_close(&l);
}
END_TEST

START_TEST(little_memory_for_code_is_used_again)
{
	struct lab l = lab_of("pg");
	const struct translator_options small = { .hot = 1, .memory = 1 << 12, .blocks = 1 };
	char guest[8192] = ORIGIN "LA G2, 100(G0)\nagain:\n";

	for (unsigned i = 0; i < 100; i++)
		strcat(guest, "ADDI G3, G3, 1\nBR .+2\nHALT 9\n");
	strcat(guest, "ADDI G2, G2, -1\nBNE G2, G0, again\nHALT 0\nhandler: HALT 1\n");
	lab_close(&l);
	l = lab_translated(guest, &small);
	run(&l, UINT64_MAX);
	ck_assert_uint_eq(examine(&l, "G3"), 10000);
	ck_assert_uint_gt(counts_of(&l).flushes, 0);
	ck_assert_uint_gt(counts_of(&l).translated, 10000);
	lab_close(&l);
}
END_TEST

/* One region of it is larger than the least cache there is. */
START_TEST(what_does_not_fit_the_cache_is_translated_in_parts)
{
	const struct translator_options little = { .hot = 1, .memory = 1 };
	char body[8192] = "";
	struct lab l;

	for (unsigned i = 0; i < 60; i++) {
		char text[128];

		snprintf(text, sizeof text, "LD G3, %u(G0)\nADD G4, G4, G3\nBEQ G4, G0, again\n",
			 200 + i);
		strcat(body, text);
	}
	char guest[9216];
	snprintf(guest, sizeof guest,
		 ORIGIN "LA G2, 40(G0)\nLA G4, 1(G0)\nagain:\n%sADDI G2, G2, -1\n"
			"BNE G2, G0, again\nHALT 0\nhandler: HALT 1\n",
		 body);
	l = lab_translated(guest, &little);
	run(&l, 1000000);
	ck_assert_int_eq(l.bare->cpu[0]->status, CPU_HALTED);
	ck_assert_uint_eq(l.bare->cpu[0]->halt_status, 0);
	ck_assert_uint_gt(counts_of(&l).translated, 5000);
	ck_assert_uint_gt(counts_of(&l).flushes, 10);
	lab_close(&l);
}
END_TEST

START_TEST(engines_are_chosen_by_name)
{
	static const char *const wrong[] = {
		"",
		"oracles",
		"oracle:flush=1",
		"translator:",
		"translator:flush",
		"translator:flush=",
		"translator:flush=0",
		"translator:flush=3,",
		"translator:flush=3x",
		"translator:flush=-3",
		"translator:flush=99999999999999999999999",
		"translator:cache=100",
		"translator:speed=3",
		"translator:vectors=2",
		"translator,flush=3",
	};
	struct engine_choice c;
	char reason[256];

	ck_assert(engine_choose("oracle", &c, reason, sizeof reason));
	ck_assert_int_eq(c.engine, ENGINE_ORACLE);
	ck_assert(engine_choose("translator:flush=3,cache=64K,blocks=1,pool=0,hot=2,vectors=0", &c,
				reason, sizeof reason));
	ck_assert_int_eq(c.engine, ENGINE_TRANSLATOR);
	ck_assert_uint_eq(c.options.flush, 3);
	ck_assert_uint_eq(c.options.memory, 65536);
	ck_assert_uint_eq(c.options.blocks, 1);
	ck_assert_uint_eq(c.options.pool, 1);
	ck_assert_uint_eq(c.options.hot, 2);
	ck_assert_uint_eq(c.options.vectors, 1);
	for (unsigned i = 0; i < COUNT(wrong); i++) {
		*reason = '\0';
		ck_assert_msg(!engine_choose(wrong[i], &c, reason, sizeof reason), "%s", wrong[i]);
		ck_assert_str_ne(reason, "");
	}
}
END_TEST

/* Where paths of an instruction meet, of which only some jump. */
START_TEST(a_jump_on_one_of_two_paths_that_meet_is_taken_on_that_one)
{
	struct lab l =
		lab_of("include \"pg.isa\"\n"
		       "machine t \"a test\" {\n"
		       "  instr SKIP I op=0x50 \"SKIP {rd}, {imm:s}({rs})\" \"skip and count\" {\n"
		       "    if (G[rs][0] == 0) P := P + 2;\n"
		       "    G[rd] := G[rd] + sext(imm);\n"
		       "  }\n"
		       "}\n");
	const struct translator_options at_once = { .hot = 1 };

	lab_assemble(&l, ".machine t\n.org 16\nstart: LA G2, 100(G0)\n"
			 "again: SKIP G3, 2(G2)\nADDI G4, G4, 1\nADDI G2, G2, -1\n"
			 "BNE G2, G0, again\nHALT 0\n");
	l.bare = lab_machine(&l, l.size);
	lab_enter(&l, &l.bare->view[0]);
	ck_assert(machine_translate(l.bare, &at_once));
	run(&l, 10000);
	ck_assert_int_eq(l.bare->cpu[0]->status, CPU_HALTED);
	ck_assert_uint_eq(examine(&l, "G3"), 200);
	ck_assert_uint_eq(examine(&l, "G4"), 50);
	lab_close(&l);
}
END_TEST

START_TEST(worlds_are_switched_without_dropping_anything)
{
	/* two virtual machines on one real one, a hundred world switches */
	struct lab l = lab_of("pg");
	struct monitor_options options = { .kind = MONITOR_VMM, .quantum = 50, .reserve = 64 };
	char reason[256];
	enum monitor_event event;

	lab_assemble(&l, LOOP("ADD G3, G3, G2\n"));
	l.real = lab_machine(&l, 4 * l.size);
	ck_assert(machine_translate(l.real, &usual));
	l.monitor = monitor_new(l.real, &options, reason, sizeof reason);
	for (unsigned i = 0; i < 2; i++)
		lab_enter(&l, vm_view(lab_vm(&l, "guest", l.size)));
	event = monitor_run(l.monitor, UINT64_MAX);
	ck_assert_int_eq(event, MONITOR_DONE);
	for (unsigned i = 0; i < 2; i++) {
		ck_assert_uint_eq(lab_examine(vm_view(monitor_vm(l.monitor, i)), "G3"), 500500);
		ck_assert_uint_gt(vm_stats(monitor_vm(l.monitor, i))->switches, 50);
	}
	ck_assert_uint_eq(translator_counts(l.real->translator).dropped, 0);
	ck_assert_uint_eq(translator_counts(l.real->translator).flushes, 0);
	ck_assert_uint_gt(translator_counts(l.real->translator).translated, 3000);
	lab_close(&l);
}
END_TEST

START_TEST(no_memory_is_both_written_and_executed)
{
	struct lab l = lab_translated(LOOP("ADD G3, G3, G2\n"), &usual);
	FILE *maps = fopen("/proc/self/maps", "r");
	char line[512];

	run(&l, UINT64_MAX);
	while (maps && fgets(line, sizeof line, maps))
		ck_assert_msg(!strstr(line, " rwx"), "%s", line);
	if (maps)
		fclose(maps);
	lab_close(&l);
}
END_TEST

/* ---- what blocks know of each other ---- */

/* Registers that an instruction sets to constants; a trap hands on the first one in G5. */
#define FLAGS                                                                                      \
	"machine flags \"registers that instructions set to constants\" {\n"                       \
	"word 16; addressing word; visible P : word role pc, G[8] : word,\n"                       \
	"F : word, F1 : word, F2 : word, F3 : word, F4 : word, F5 : word;\n"                       \
	"traps illegal = 0, memory = 1, call = 2;\n"                                               \
	"translate(a, access) { if (a >= 0x400) memtrap(a); return a; }\n"                         \
	"trapseq(kind, tpc, info) { G[5] := F; G[7] := tpc; P := 8; }\n"                           \
	"format T { op:4, r:3, q:3, n:6 }\n"                                                       \
	"instr SET  T op=1, r=0, q=0 \"SET {n}\" { F := zext(n); F1 := zext(n); F2 := zext(n);\n"  \
	"  F3 := zext(n); F4 := zext(n); F5 := zext(n); }\n"                                       \
	"instr ADDI T op=2, q=0 \"ADDI {r}, {n:s}\" { G[r] := G[r] + sext(n); }\n"                 \
	"instr XOR  T op=3, n=0 \"XOR {r}, {q}\" { G[r] := G[r] ^ G[q]; }\n"                       \
	"instr LD   T op=4, n=0 \"LD {r}, {q}\" { G[r] := mem[G[q]]; }\n"                          \
	"instr ADD  T op=5, n=0 \"ADD {r}, {q}\" { G[r] := G[r] + G[q]; }\n"                       \
	"instr BNZ  T op=6, q=0 \"BNZ {r}, {n:pc}\" { if (G[r] != 0) P := P + sext(n); }\n"        \
	"instr RET  T op=7, q=0, n=0 \"RET {r}\" { P := G[r] + 1; }\n"                             \
	"instr HALT T op=8, r=0, q=0 \"HALT {n}\" { halt(zext(n)); }\n"                            \
	"instr CALL T op=9, r=0, q=0 \"CALL {n}\" { trap call(zext(n)); }\n"                       \
	"instr GETF T op=10, q=0, n=0 \"GETF {r}\" { G[r] := G[r] + F; }\n"                        \
	"}"
/* The handler adds up what it was handed. */
#define HANDED ".deposit P, 16\n.org 8\nADD G6, G5\nRET G7\n.org 16\n"

static struct lab lab_flags(const char *guest, const struct translator_options *options)
{
	struct lab l = lab_of(FLAGS);

	l.size = 1 << 10;
	lab_assemble(&l, guest);
	l.bare = lab_machine(&l, l.size);
	lab_enter(&l, &l.bare->view[0]);
	if (options)
		ck_assert(machine_translate(l.bare, options));
	return l;
}

static const struct {
	const char *middle;
	unsigned traps; /* of 500 rounds */
} between[] = {
	{ "LD G0, G1\n", 250 }, /* every other address is beyond storage */
	{ "CALL 3\n", 500 },
	{ "ADDI G3, 1\n", 0 },
};

/* Set in one block and again in the next: between them somebody may look, or nobody. */
START_TEST(a_trap_between_blocks_sees_what_was_set)
{
	static const struct translator_options options[] = { { 0 },
							     { .hot = 1 },
							     { .hot = 1, .pool = 1 } };
	char guest[512];

	snprintf(guest, sizeof guest,
		 ".deposit G1, 0x3ff\n.deposit G2, 0x400\n.deposit G4, 500\n" HANDED
		 "round: SET 7\nBNZ G3, next\nXOR G0, G0\nnext: %sSET 2\nXOR G1, G2\n"
		 "ADDI G4, -1\nBNZ G4, round\nHALT 0\n",
		 between[_i].middle);
	for (unsigned k = 0; k < COUNT(options); k++)
		for (uint64_t slice = 1000000; slice; slice /= 97) {
			struct lab l = lab_flags(guest, &options[k]), o = lab_flags(guest, NULL);

			do {
				ck_assert_uint_eq(run(&l, slice).steps, run(&o, slice).steps);
				for (unsigned i = 0; i < l.isa->nslots; i++)
					ck_assert_uint_eq(l.bare->cpu[0]->state[i],
							  o.bare->cpu[0]->state[i]);
			} while (l.bare->cpu[0]->status == CPU_RUNNING);
			ck_assert_uint_eq(l.bare->cpu[0]->halt_status, 0);
			ck_assert_uint_eq(examine(&l, "G6"), 7 * between[_i].traps);
			lab_close(&o);
			lab_close(&l);
		}
}
END_TEST

/* The bytes of code for a loop of three blocks: the last one sets what the others may have set. */
static uint64_t bytes_of(const char *first, const char *second, const char *middle)
{
	char guest[512];
	struct lab l;
	uint64_t bytes;

	snprintf(guest, sizeof guest,
		 ".deposit G1, 0x30\n.deposit G2, 1\n.deposit G4, 500\n" HANDED
		 "round: %sBNZ G3, next\n%snext: %sSET 2\nXOR G3, G2\n"
		 "ADDI G4, -1\nBNZ G4, round\nHALT 0\n",
		 first, second, middle);
	l = lab_flags(guest, &at_once);
	run(&l, UINT64_MAX);
	ck_assert_int_eq(l.bare->cpu[0]->status, CPU_HALTED);
	bytes = counts_of(&l).bytes;
	lab_close(&l);
	return bytes;
}

START_TEST(what_is_set_again_before_anybody_sees_it_is_not_set)
{
	const char *nothing = "ADDI G6, 0\n", *seen = "LD G0, G1\n";

	ck_assert_uint_eq(bytes_of("SET 7\n", "SET 5\n", nothing),
			  bytes_of(nothing, nothing, nothing));
	ck_assert_uint_gt(bytes_of("SET 7\n", "SET 5\n", seen), bytes_of(nothing, nothing, seen));
}
END_TEST

/* The second block's SET sets what is so already, unless somebody enters there. */
START_TEST(who_enters_between_blocks_finds_what_they_know)
{
	struct lab l = lab_flags(".deposit G4, 0x7fff\n" HANDED
				 "round: SET 2\nBNZ G1, out\nADDI G3, 1\nSET 2\n"
				 "BNZ G1, out\nGETF G6\nADDI G4, -1\nBNZ G4, round\n"
				 "out: HALT 0\n",
				 &usual);

	run(&l, 8 * 100 + 2);
	for (unsigned rounds = 101; rounds < 200; rounds += 9) {
		ck_assert_uint_eq(examine(&l, "P"), 18);
		for (unsigned i = 0; i < 6; i++)
			lab_deposit(&l.bare->view[0], i ? (char[]){ 'F', (char)('0' + i), 0 } : "F",
				    40);
		run(&l, 8 * 9);
		ck_assert_uint_eq(examine(&l, "G6"), 2 * (rounds + 8));
	}
	lab_close(&l);
}
END_TEST

/* Where the low bits of an address do not pass through translate, it does not go by pages. */
START_TEST(a_machine_that_scatters_addresses_is_left_to_the_oracle)
{
	struct lab l =
		lab_of("machine m { word 16; addressing word; control B : word, T[4] : word;\n"
		       "visible P : word role pc; traps illegal = 0, memory = 1;\n"
		       "translate(a, access) { return a + T[a[1:0]]; }\n"
		       "trapseq(kind, tpc, info) { P := 0; }\n"
		       "format F { op:16 } instr NOP F op=0 \"NOP\" { } }");

	l.bare = lab_machine(&l, l.size);
	ck_assert(!machine_use(l.bare, ENGINE_TRANSLATOR));
	ck_assert_ptr_null(l.bare->view[0].translator);
	lab_close(&l);
}
END_TEST

static Suite *suite(void)
{
	Suite *s = suite_create("translator");
	TCase *t = tcase_create("runs");

	tcase_set_timeout(t, 60);

#ifdef __x86_64__
	tcase_add_test(t, loops_run_translated);
	tcase_add_test(t, what_execution_has_not_come_to_is_not_translated);
	tcase_add_test(t, a_run_stops_after_exactly_so_many_steps);
	tcase_add_test(t, a_run_stops_exactly_whichever_way_it_went);
	tcase_add_test(t, stores_next_to_code_change_none);
	tcase_add_test(t, a_sum_that_wraps_around_is_an_address_too);
	tcase_add_test(t, code_that_a_guest_changes_is_translated_again);
	tcase_add_test(t, code_that_somebody_else_changes_is_translated_again);
	tcase_add_test(t, a_trap_in_translated_code_finds_the_state_of_its_instruction);
	tcase_add_test(t, the_timer_runs_out_in_translated_code);
	tcase_add_test(t, little_memory_for_code_is_used_again);
	tcase_add_test(t, what_does_not_fit_the_cache_is_translated_in_parts);
	tcase_add_test(t, a_jump_on_one_of_two_paths_that_meet_is_taken_on_that_one);
	tcase_add_loop_test(t, a_trap_between_blocks_sees_what_was_set, 0, COUNT(between));
	tcase_add_test(t, what_is_set_again_before_anybody_sees_it_is_not_set);
	tcase_add_test(t, who_enters_between_blocks_finds_what_they_know);
	tcase_add_test(t, worlds_are_switched_without_dropping_anything);
	tcase_add_test(t, no_memory_is_both_written_and_executed);
#endif
	tcase_add_test(t, engines_are_chosen_by_name);
	tcase_add_test(t, a_machine_that_scatters_addresses_is_left_to_the_oracle);
	suite_add_tcase(s, t);
	return s;
}

#include "tests/harness.h"
