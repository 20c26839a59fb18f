/*
 * Devices that are reached like storage: machine/mapped.h, on both engines, bare and in virtual
 * machines.
 */
#include "tests/lab.h"

#include "machine/translator.h"

/* Devices behind the storage, as long as it is less than 64K. */
#define MACHINE_WITH(TRANSLATE)                                                                    \
	"machine mapped { word 32; addressing byte endian(E); enum Mode { s, u }"                  \
	"control M : Mode role mode, L : word role base, B : word role bound, E : 1, IE : 1;"      \
	"visible P : word role pc, G[8] : word; user = M == u;"                                    \
	"traps illegal = 0, memory = 1, priv = 2, svc = 3, line0 = 4;"                             \
	"device CON : console(line = 0) at 0x10000 units 16;"                                      \
	"device DRUM : drum(line = 1, blocks = 4, block = 2, delay = 2) at 0x10020 units 32;"      \
	"device SWITCH : power at 0x11000 units 4;"                                                \
	"translate(a, access) {" TRANSLATE "}"                                                     \
	"trapseq(kind, tpc, info) { phys[0] := zext(M); phys[4] := tpc; phys[8] := kind;"          \
	"  phys[12] := info; M := s; IE := 0; P := phys[16]; }"                                    \
	"reset(size) { B := 0xffffffff; P := 64; }"                                                \
	"interrupt(n) { if (IE) trap line0(n) complete; }"                                         \
	"map m { M := u; IE := 1; L, B composed; E mirrored; }"                                    \
	"format I { op:8, rd:3, rs:3, pad:2 = 0, n:16 }"                                           \
	"instr LW I op=1 \"LW {rd}, {n:x}({rs})\" { G[rd] := mem[G[rs] + sext(n)]; }"              \
	"instr LH I op=2 \"LH {rd}, {n:x}({rs})\""                                                 \
	"  { G[rd] := zext(mem16[G[rs] + sext(n)]); }"                                             \
	"instr LB I op=3 \"LB {rd}, {n:x}({rs})\""                                                 \
	"  { G[rd] := zext(mem8[G[rs] + sext(n)]); }"                                              \
	"instr SW I op=4 \"SW {rd}, {n:x}({rs})\" { mem[G[rs] + sext(n)] := G[rd]; }"              \
	"instr SH I op=5 \"SH {rd}, {n:x}({rs})\""                                                 \
	"  { mem16[G[rs] + sext(n)] := G[rd][15:0]; }"                                             \
	"instr SB I op=6 \"SB {rd}, {n:x}({rs})\""                                                 \
	"  { mem8[G[rs] + sext(n)] := G[rd][7:0]; }"                                               \
	"instr LI I op=7, rs=0 \"LI {rd}, {n:x}\" { G[rd] := zext(n); }"                           \
	"instr LUI I op=8, rs=0 \"LUI {rd}, {n:x}\" { G[rd] := {n, 16'0}; }"                       \
	"instr ADDI I op=9 \"ADDI {rd}, {rs}, {n:s}\" { G[rd] := G[rs] + sext(n); }"               \
	"instr BNE I op=10 \"BNE {rd}, {rs}, {n:pc}\""                                             \
	"  { if (G[rd] != G[rs]) P := P + sext(n); }"                                              \
	"instr JR I op=11, rs=0, n=0 \"JR {rd}\" { P := G[rd]; }"                                  \
	"instr HALT I op=12, rs=0, n=0 \"HALT {rd}\" { privileged; halt(G[rd]); }"                 \
	"instr SETE I op=13, rs=0, n=0 \"SETE {rd}\" { privileged; E := G[rd][0]; }"               \
	"instr SETI I op=14, rs=0, n=0 \"SETI {rd}\" { privileged; IE := G[rd][0]; }"              \
	"instr RET I op=15, rd=0, rs=0, n=0 \"RET\""                                               \
	"  { privileged; M := phys[0][0]; IE := 1; P := phys[4]; }"                                \
	"instr PUSH I op=16 \"PUSH {rd}, {n:x}({rs})\" \"count, then store the count\""            \
	"  { G[rd] := G[rd] + 1; mem[G[rs] + sext(n)] := G[rd]; }"                                 \
	"instr TAKE I op=17 \"TAKE {rd}, {n:x}({rs})\" \"load, then trap\""                        \
	"  { G[rd] := mem[G[rs] + sext(n)]; trap svc(G[rd]); }"                                    \
	"instr COPY I op=18 \"COPY {rd}, {n:x}({rs})\" \"from storage by place\""                  \
	"  { privileged; phys[G[rd]] := phys[G[rs] + sext(n)]; } }"

#define RELOCATION                                                                                 \
	"if (a >= B) memtrap; let p = zext(a, 33) + zext(L, 33);"                                  \
	"if (p >= size && (p[32] || !mapped(p[31:0]))) memtrap; return p[31:0];"

static const char machine[] = MACHINE_WITH(RELOCATION);

enum { SIZE = 4096, CON = 0x10000, DRUM = 0x10020 };

static const struct translator_options at_once = { .hot = 1 };

/* A guest on a bare machine: on the oracle, or on the translator. */
static struct lab l;
static struct view *v;

static void start(const char *guest, int translated)
{
	l = lab_of(machine);
	l.size = SIZE;
	lab_assemble(&l, guest);
	l.bare = lab_machine(&l, SIZE);
	forced_translate(l.bare, &at_once);
	if (!translated)
		machine_use(l.bare, ENGINE_ORACLE);
	v = &l.bare->view[0];
	lab_enter(&l, v);
}

static struct device *device(const struct view *view, const char *class)
{
	return devices_find(view->isa, view->device, class);
}

static const char *printed(const struct view *view)
{
	static char text[64];
	size_t n;
	const char *bytes = console_printed(device(view, "console"), &n);

	snprintf(text, sizeof text, "%.*s", (int)n, bytes);
	return text;
}

static uint64_t reg(const char *name)
{
	return lab_examine(v, name);
}

/* ---- accesses ---- */

START_TEST(an_access_of_a_devices_place_is_one_of_its_register)
{
	start(".org 64\nLUI G1, 1\nLI G2, 72\nSW G2, 0(G1)\nLW G3, 4(G1)\n"
	      "LI G4, 9\nLI G5, 9\nLW G6, 4(G1)\nSW G4, 0x2c(G1)\nLW G7, 0x2c(G1)\nHALT G0\n",
	      _i);
	ck_assert_int_eq(view_run(v, 100).event, EVENT_HALT);
	ck_assert_str_eq(printed(v), "H");
	ck_assert_uint_eq(reg("G3"), 4); /* printing; the end of input */
	ck_assert_uint_eq(reg("G6"), 6); /* the time has passed */
	ck_assert_uint_eq(reg("G7"), 9); /* the drum's register 3, its block */
	lab_close(&l);
}
END_TEST

/* Of a register, its bytes in the order of storage: by address, what was loaded from it. */
static const struct {
	const char *load;
	unsigned order;
	uint64_t expected;
} part[] = {
	{ "LB G7, 0x30(G1)", 0, 0x44 },	      { "LB G7, 0x30(G1)", 1, 0x11 },
	{ "LB G7, 0x31(G1)", 0, 0x33 },	      { "LB G7, 0x31(G1)", 1, 0x22 },
	{ "LB G7, 0x33(G1)", 0, 0x11 },	      { "LB G7, 0x33(G1)", 1, 0x44 },
	{ "LH G7, 0x30(G1)", 0, 0x3344 },     { "LH G7, 0x30(G1)", 1, 0x1122 },
	{ "LH G7, 0x32(G1)", 0, 0x1122 },     { "LH G7, 0x32(G1)", 1, 0x3344 },
	{ "LH G7, 0x31(G1)", 0, 0x2233 },     { "LH G7, 0x31(G1)", 1, 0x2233 },
	{ "LW G7, 0x30(G1)", 0, 0x11223344 }, { "LW G7, 0x30(G1)", 1, 0x11223344 },
};

START_TEST(a_narrow_load_gives_a_part_of_the_register)
{
	for (int translated = 0; translated < 2; translated++) {
		char guest[256];

		snprintf(guest, sizeof guest,
			 ".org 64\nLI G0, %u\nSETE G0\nLUI G1, 1\nLUI G2, 0x1122\n"
			 "ADDI G2, G2, 0x3344\nSW G2, 0x30(G1)\n%s\nHALT G0\n",
			 part[_i].order, part[_i].load);
		start(guest, translated);
		ck_assert_int_eq(view_run(v, 100).event, EVENT_HALT);
		ck_assert_uint_eq(reg("G7"), part[_i].expected);
		lab_close(&l);
	}
}
END_TEST

static const struct {
	const char *store;
	unsigned order;
	uint64_t expected;
} lane[] = {
	{ "SB G2, 0x30(G1)", 0, 0x44 },	      { "SB G2, 0x30(G1)", 1, 0x44000000 },
	{ "SB G2, 0x32(G1)", 0, 0x440000 },   { "SB G2, 0x32(G1)", 1, 0x4400 },
	{ "SH G2, 0x30(G1)", 0, 0x3344 },     { "SH G2, 0x30(G1)", 1, 0x33440000 },
	{ "SH G2, 0x31(G1)", 0, 0x334400 },   { "SH G2, 0x31(G1)", 1, 0x334400 },
	{ "SH G2, 0x32(G1)", 0, 0x33440000 }, { "SH G2, 0x32(G1)", 1, 0x3344 },
	{ "SW G2, 0x30(G1)", 0, 0x11223344 }, { "SW G2, 0x30(G1)", 1, 0x11223344 },
};

START_TEST(a_narrow_store_writes_zeros_beside_it)
{
	for (int translated = 0; translated < 2; translated++) {
		char guest[256];

		snprintf(guest, sizeof guest,
			 ".org 64\nLI G0, %u\nSETE G0\nLUI G1, 1\nLUI G2, 0x1122\n"
			 "ADDI G2, G2, 0x3344\nLI G3, 0xffff\nSW G3, 0x30(G1)\n%s\nHALT G0\n",
			 lane[_i].order, lane[_i].store);
		start(guest, translated);
		ck_assert_int_eq(view_run(v, 100).event, EVENT_HALT);
		ck_assert_uint_eq(lab_examine(v, "DRUM.address"), lane[_i].expected);
		lab_close(&l);
	}
}
END_TEST

/* Accesses that reach nothing, and the address that they trap with. */
static const struct {
	const char *access;
	uint64_t operand;
} nowhere[] = {
	{ "SW G2, 0x2e(G1)", CON + 0x2e }, /* two registers */
	{ "LW G2, 0x0d(G1)", CON + 0x10 }, /* a register and nothing */
	{ "SH G2, 0x0f(G1)", CON + 0x10 },
	{ "LB G2, 0x10(G1)", CON + 0x10 },
	{ "SB G2, 0x1f(G1)", CON + 0x1f },
	{ "LH G2, 0x1f(G1)", CON + 0x1f },
	{ "SW G2, 0x40(G1)", CON + 0x40 },
	{ "SW G2, 0xffff(G1)", CON - 1 },
	{ "JR G1", CON }, /* nothing is fetched from a device */
};

START_TEST(what_is_in_no_register_traps)
{
	for (int translated = 0; translated < 2; translated++) {
		struct outcome o;
		char guest[256];

		snprintf(guest, sizeof guest, ".org 64\nLUI G1, 1\nLI G2, 65\n%s\nHALT G0\n",
			 nowhere[_i].access);
		start(guest, translated);
		v->resident = true;
		o = view_run(v, 100);
		ck_assert_int_eq(o.event, EVENT_TRAP);
		ck_assert_str_eq(o.trap.kind->name, "memory");
		ck_assert_uint_eq(o.trap.info, nowhere[_i].operand);
		ck_assert_str_eq(printed(v), "");
		ck_assert_uint_eq(reg("G2"), 65);
		ck_assert_uint_eq(lab_examine(v, "DRUM.block"), 0);
		lab_close(&l);
	}
}
END_TEST

START_TEST(code_that_reaches_places_may_reach_a_device)
{
	start(".org 64\nLUI G1, 1\nLI G2, 88\nSW G2, 0x200(G0)\nCOPY G1, 0x200(G0)\nHALT G0\n", _i);
	ck_assert_int_eq(view_run(v, 100).event, EVENT_HALT);
	ck_assert_str_eq(printed(v), "X");
	lab_close(&l);
}
END_TEST

START_TEST(the_trap_sequence_reaches_storage_alone)
{
	struct lab m = lab_of("machine m { word 32; visible P : word role pc;"
			      "device CON : console at 0x1000 units 4;"
			      "translate(a, access) { return a; } reset(size) { P := 1; }"
			      "trapseq(kind, tpc, info) { phys[0x1000] := kind; }"
			      "format F { op:32 } instr NOP F op=1 \"NOP\" { } }");
	struct machine *bare = lab_machine(&m, 64);

	ck_assert_int_eq(view_run(&bare->view[0], 1).event, EVENT_CHECKSTOP);
	machine_free(bare);
	lab_close(&m);
}
END_TEST

/* ---- what can and what cannot be undone ---- */

START_TEST(what_stands_before_an_access_is_done_once)
{
	/* the console is busy for a while after each byte, so that some are lost */
	start(".org 64\nLUI G1, 1\nLI G2, 64\nLI G3, 90\nagain: PUSH G2, 0(G1)\n"
	      "ADDI G4, G4, 1\nADDI G4, G4, 1\nADDI G4, G4, 1\nBNE G2, G3, again\nHALT G0\n",
	      _i);
	ck_assert_int_eq(view_run(v, 1000).event, EVENT_HALT);
	ck_assert_str_eq(printed(v), "ABCDEFGHIJKLMNOPQRSTUVWXYZ");
	ck_assert_uint_eq(reg("G4"), 78);
	lab_close(&l);
}
END_TEST

START_TEST(a_trap_after_an_access_leaves_the_device_as_it_is)
{
	struct outcome o;

	start(".org 64\nLUI G1, 1\nLI G2, 3\nLI G3, 4\nTAKE G2, 0(G1)\n", _i);
	console_give(device(v, "console"), "xy", 2);
	v->resident = true;
	o = view_run(v, 100);
	ck_assert_str_eq(o.trap.kind->name, "svc");
	ck_assert_uint_eq(o.trap.info, 'x');
	ck_assert_uint_eq(reg("G2"), 3);
	ck_assert_uint_eq(lab_examine(v, "CON.status") & 1, 0);
	view_run(v, 1);
	view_run(v, 1);
	ck_assert_uint_eq(reg("P"), 64 + 12);
	lab_close(&l);
}
END_TEST

/* ---- time, interrupts, transfers ---- */

#define ECHO                                                                                       \
	".org 16\n.word handler\n.org 64\nLUI G1, 1\nLI G2, 1\nSW G2, 8(G1)\nSETI G2\n"            \
	"spin: ADDI G3, G3, 1\nBNE G3, G0, spin\n"                                                 \
	"handler: LW G4, 4(G1)\nLI G5, 6\nBNE G4, G5, busy\nHALT G0\n"                             \
	"busy: LI G5, 4\nBNE G4, G5, more\nRET\n"                                                  \
	"more: LW G4, 0(G1)\nSB G4, 0(G1)\nRET\n"

START_TEST(a_mapped_console_interrupts)
{
	start(ECHO, _i);
	console_give(device(v, "console"), "hello", 5);
	ck_assert_int_eq(view_run(v, 10000).event, EVENT_HALT);
	ck_assert_str_eq(printed(v), "hello");
	lab_close(&l);
}
END_TEST

START_TEST(both_engines_see_the_same_at_each_step)
{
	for (uint64_t slice = 1; slice < 8; slice++) {
		struct lab other;

		start(ECHO, 0);
		console_give(device(v, "console"), "abc", 3);
		other = l;
		start(ECHO, 1);
		console_give(device(v, "console"), "abc", 3);
		for (unsigned i = 0; i < 40; i++) {
			view_run(v, slice);
			view_run(&other.bare->view[0], slice);
			ck_assert_mem_eq(v->cpu->state, other.bare->cpu[0]->state,
					 v->isa->nslots * sizeof(uint64_t));
			ck_assert_uint_eq(v->cpu->time, other.bare->cpu[0]->time);
		}
		lab_close(&other);
		lab_close(&l);
	}
}
END_TEST

START_TEST(a_mapped_drum_moves_storage)
{
	uint64_t word;

	start(".org 64\nLUI G1, 1\nLUI G2, 0x1234\nSW G2, 0x104(G0)\nLI G2, 0x100\n"
	      "SW G2, 0x30(G1)\nLI G2, 2\nSW G2, 0x2c(G1)\nLI G2, 1\nSW G2, 0x34(G1)\n"
	      "LI G2, 2\nSW G2, 0x20(G1)\n"
	      "busy: LW G3, 0x24(G1)\nLI G4, 2\nBNE G3, G4, busy\n"
	      "LI G2, 0x180\nSW G2, 0x30(G1)\nLI G2, 1\nSW G2, 0x20(G1)\n"
	      "busy2: LW G3, 0x24(G1)\nBNE G3, G4, busy2\nLW G7, 0x184(G0)\nHALT G0\n",
	      _i);
	ck_assert_int_eq(view_run(v, 1000).event, EVENT_HALT);
	ck_assert_uint_eq(reg("G7"), 0x12340000);
	ck_assert(window_get(&v->window, 0x187, &word) && word == 0x12);
	lab_close(&l);
}
END_TEST

START_TEST(a_transfer_reaches_storage_alone)
{
	start(".org 64\nLUI G1, 1\nSW G1, 0x30(G1)\nLI G2, 1\nSW G2, 0x34(G1)\nSW G2, 0x20(G1)\n"
	      "ADDI G3, G3, 1\nADDI G3, G3, 1\nADDI G3, G3, 1\nADDI G3, G3, 1\n"
	      "LW G7, 0x24(G1)\nHALT G0\n",
	      _i);
	ck_assert_int_eq(view_run(v, 1000).event, EVENT_HALT);
	ck_assert_uint_eq(reg("G7"), 4 | 2); /* done, and failed */
	ck_assert_str_eq(printed(v), "");
	lab_close(&l);
}
END_TEST

/* ---- the switch ---- */

START_TEST(a_write_to_the_switch_ends_the_run)
{
	start(".org 64\nLUI G1, 1\nLI G2, 77\nLW G3, 0x1000(G1)\nSW G2, 0x1000(G1)\nLI G2, 1\n", _i);
	ck_assert_int_eq(view_run(v, 100).event, EVENT_HALT);
	ck_assert_int_eq(v->cpu->status, CPU_HALTED);
	ck_assert_uint_eq(v->cpu->halt_status, 77);
	ck_assert_uint_eq(v->cpu->steps, 4);
	ck_assert_uint_eq(v->cpu->time, 4);
	ck_assert_uint_eq(reg("G2"), 77);
	ck_assert_uint_eq(reg("G3"), 0);
	ck_assert_uint_eq(reg("P"), 64 + 16);
	ck_assert_int_eq(view_run(v, 100).event, EVENT_HALT);
	ck_assert_uint_eq(v->cpu->steps, 4);
	lab_close(&l);
}
END_TEST

START_TEST(a_run_goes_on_from_before_the_switch)
{
	struct snapshot *before;

	start(".org 64\nLUI G1, 1\nSB G2, 0x1000(G1)\nHALT G1\n", _i);
	view_run(v, 1);
	before = snapshot_take(v);
	ck_assert_int_eq(view_run(v, 100).event, EVENT_HALT);
	ck_assert_uint_eq(v->cpu->halt_status, 0);
	snapshot_restore(v, before);
	ck_assert_uint_eq(lab_examine(v, "SWITCH.off"), 0);
	ck_assert_int_eq(view_run(v, 1).event, EVENT_HALT);
	ck_assert_uint_eq(lab_examine(v, "SWITCH.off"), 1);
	snapshot_free(before);
	lab_close(&l);
}
END_TEST

START_TEST(a_switch_can_be_written_by_out)
{
	struct lab m = lab_of("machine m { word 32; visible P : word role pc;"
			      "device SWITCH : power;"
			      "translate(a, access) { return a; } reset(size) { P := 1; }"
			      "trapseq(kind, tpc, info) { }"
			      "format F { op:8, n:24 }"
			      "instr OUT F op=1 \"OUT {n}\" { out(SWITCH, 1, 9); out(SWITCH, 0, zext(n)); } }");
	struct view *view;

	lab_assemble(&m, ".org 1\nOUT 3\nOUT 4\n");
	m.bare = lab_machine(&m, 64);
	if (_i)
		machine_translate(m.bare, &at_once);
	view = &m.bare->view[0];
	lab_enter(&m, view);
	ck_assert_int_eq(view_run(view, 10).event, EVENT_HALT);
	ck_assert_uint_eq(view->cpu->halt_status, 3);
	ck_assert_uint_eq(view->cpu->steps, 1);
	lab_close(&m);
}
END_TEST

#define SWITCHED ".org 16\n.word 64\n.org 64\nLUI G1, 1\nLI G2, 5\nSH G2, 0x1000(G1)\n"

START_TEST(a_virtual_machine_switches_itself_off_and_no_other)
{
	struct lab m = lab_of(machine);
	struct equivalence e;
	struct vm *second;

	m.size = 1024;
	lab_assemble(&m, SWITCHED);
	lab_start_on(&m, _i % 2 ? &at_once : NULL,
		     &(struct monitor_options){
			     .kind = _i / 2 ? MONITOR_HYBRID : MONITOR_VMM, .reserve = 64, .seed = 7 });
	e = lab_compare(&m, 5000);
	ck_assert_msg(e.holds && e.violations == 0, "%s", lab_difference(&e));
	equivalence_free(&e);
	ck_assert_int_eq(m.virtual->cpu->status, CPU_HALTED);
	ck_assert_uint_eq(m.virtual->cpu->halt_status, 5);
	ck_assert_int_eq(m.real->view[0].cpu->status, CPU_RUNNING);
	second = lab_beside(&m, "second", ".org 64\nLI G3, 8\nHALT G3\n", 1024);
	m.vm = second;
	lab_run(&m, 1000);
	ck_assert_uint_eq(vm_view(second)->cpu->halt_status, 8);
	lab_close(&m);
}
END_TEST

/* ---- virtual machines ---- */

static const enum monitor_kind kinds[] = { MONITOR_VMM, MONITOR_HYBRID };

START_TEST(a_virtual_machine_has_its_own_console)
{
	struct lab m = lab_of(machine);
	struct vm *second;

	m.size = 1024;
	lab_assemble(&m, ECHO);
	lab_start_on(&m, _i % 2 ? &at_once : NULL,
		     &(struct monitor_options){ .kind = kinds[_i / 2], .reserve = 64, .seed = 7 });
	console_give(device(m.virtual, "console"), "one", 3);
	second = lab_beside(&m, "second", ECHO, 1024);
	console_give(device(vm_view(second), "console"), "two", 3);
	lab_run(&m, 10000);
	ck_assert_int_eq(m.virtual->cpu->status, CPU_HALTED);
	ck_assert_str_eq(printed(m.virtual), "one");
	ck_assert_str_eq(printed(vm_view(second)), "");
	m.vm = second;
	lab_run(&m, 10000);
	ck_assert_str_eq(printed(vm_view(second)), "two");
	ck_assert_str_eq(printed(&m.real->view[0]), "");
	lab_close(&m);
}
END_TEST

START_TEST(a_guest_that_uses_mapped_devices_runs_as_on_a_bare_machine)
{
	struct lab m = lab_of(machine);
	struct equivalence e;

	m.size = 1024;
	lab_assemble(&m, ECHO);
	lab_start_on(&m, _i % 2 ? &at_once : NULL,
		     &(struct monitor_options){ .kind = kinds[_i / 2], .reserve = 64, .seed = 7 });
	console_give(device(m.virtual, "console"), "equal", 5);
	console_give(device(&m.bare->view[0], "console"), "equal", 5);
	e = lab_compare(&m, 5000);
	ck_assert_msg(e.holds && e.violations == 0, "%s", lab_difference(&e));
	equivalence_free(&e);
	ck_assert_str_eq(printed(&m.bare->view[0]), "equal");
	ck_assert_str_eq(printed(m.virtual), "equal");
	lab_close(&m);
}
END_TEST

/* ---- what is refused ---- */

START_TEST(storage_does_not_reach_the_devices)
{
	struct lab m = lab_of(machine);
	char reason[256] = "";
	struct machine *fits = machine_new(m.isa, CON, 1, reason, sizeof reason);

	ck_assert_ptr_nonnull(fits);
	machine_free(fits);
	ck_assert_ptr_null(machine_new(m.isa, CON + 1, 1, reason, sizeof reason));
	ck_assert_str_eq(reason, "storage of 65537 units would reach CON, which is at 0x10000: "
				 "give it less");
	lab_close(&m);
}
END_TEST

START_TEST(a_guest_that_reaches_the_real_devices_gets_no_monitor)
{
	static const char hole[] = MACHINE_WITH("if (mapped(a)) return a; " RELOCATION);
	struct lab m = lab_of(hole);
	struct machine *real = lab_machine(&m, SIZE);
	char reason[256] = "";

	ck_assert_ptr_null(monitor_new(real, &(struct monitor_options){ .kind = MONITOR_VMM },
				       reason, sizeof reason));
	ck_assert_ptr_nonnull(strstr(reason, "does not relocate by base and bounds"));
	machine_free(real);
	lab_close(&m);
}
END_TEST

START_TEST(an_address_of_a_device_has_a_place_that_is_no_storage)
{
	struct trap trap;
	uint64_t place = 0;

	start(".org 64\nHALT G0\n", _i);
	ck_assert(view_reach(v, DRUM + 3, ACCESS_READ, &place, &trap));
	ck_assert_uint_eq(place, DRUM + 3);
	ck_assert(!view_translate(v, DRUM + 3, ACCESS_READ, &place, &trap));
	ck_assert_str_eq(trap.kind->name, "memory");
	ck_assert_uint_eq(trap.info, DRUM + 3);
	ck_assert(!view_reach(v, DRUM + 32, ACCESS_READ, &place, &trap));
	ck_assert(view_translate(v, 8, ACCESS_READ, &place, &trap));
	lab_close(&l);
}
END_TEST

static Suite *suite(void)
{
	enum { ENGINES = 2, MONITORS = 4 /* two kinds, on either engine */ };
	Suite *s = suite_create("mapped");
	TCase *t = tcase_create("devices reached like storage");

	tcase_set_timeout(t, 60);
	tcase_add_loop_test(t, an_access_of_a_devices_place_is_one_of_its_register, 0, ENGINES);
	tcase_add_loop_test(t, a_narrow_load_gives_a_part_of_the_register, 0, COUNT(part));
	tcase_add_loop_test(t, a_narrow_store_writes_zeros_beside_it, 0, COUNT(lane));
	tcase_add_loop_test(t, what_is_in_no_register_traps, 0, COUNT(nowhere));
	tcase_add_loop_test(t, code_that_reaches_places_may_reach_a_device, 0, ENGINES);
	tcase_add_test(t, the_trap_sequence_reaches_storage_alone);
	tcase_add_loop_test(t, what_stands_before_an_access_is_done_once, 0, ENGINES);
	tcase_add_loop_test(t, a_trap_after_an_access_leaves_the_device_as_it_is, 0, ENGINES);
	tcase_add_loop_test(t, a_mapped_console_interrupts, 0, ENGINES);
	tcase_add_test(t, both_engines_see_the_same_at_each_step);
	tcase_add_loop_test(t, a_mapped_drum_moves_storage, 0, ENGINES);
	tcase_add_loop_test(t, a_transfer_reaches_storage_alone, 0, ENGINES);
	tcase_add_loop_test(t, a_write_to_the_switch_ends_the_run, 0, ENGINES);
	tcase_add_loop_test(t, a_run_goes_on_from_before_the_switch, 0, ENGINES);
	tcase_add_loop_test(t, a_switch_can_be_written_by_out, 0, ENGINES);
	tcase_add_loop_test(t, a_virtual_machine_switches_itself_off_and_no_other, 0, MONITORS);
	tcase_add_loop_test(t, a_virtual_machine_has_its_own_console, 0, MONITORS);
	tcase_add_loop_test(t, a_guest_that_uses_mapped_devices_runs_as_on_a_bare_machine, 0,
			    MONITORS);
	tcase_add_test(t, storage_does_not_reach_the_devices);
	tcase_add_test(t, a_guest_that_reaches_the_real_devices_gets_no_monitor);
	tcase_add_loop_test(t, an_address_of_a_device_has_a_place_that_is_no_storage, 0, ENGINES);
	suite_add_tcase(s, t);
	return s;
}

#include "tests/harness.h"
