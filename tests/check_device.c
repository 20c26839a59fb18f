/* What all devices have, and the console: machine/device.h, machine/devices/console.c. */
#include "tests/device_rig.h"

/* ---- the registry ---- */

START_TEST(classes_are_found_by_name)
{
	for (unsigned i = 0; device_classes[i]; i++)
		ck_assert_ptr_eq(device_class_named(device_classes[i]->name), device_classes[i]);
	ck_assert_ptr_null(device_class_named("teletype"));
	ck_assert_ptr_eq(con->class, device_class_named("console"));
	ck_assert_ptr_null(devices_find(r.isa, r.machine->device, "teletype"));
}
END_TEST

static const struct {
	const char *declaration, *reason;
} wrong[] = {
	{ "device D : teletype;", "no class teletype; there are: console, drum" },
	{ "device D : console(speed = 4);", "no parameter speed; it has: line, delay" },
	{ "device D : console(block = 4);", "no parameter block" },
	{ "device D : console(delay = 0);", "delay must be 1" },
	{ "device D : drum(delay = 0);", "delay must be 1" },
	{ "device D : drum(block = 0);", "block * blocks" },
	{ "device D : drum(blocks = 0x100000000, block = 0x100000000);", "block * blocks" },
	{ "device D : drum(blocks = 0x10000000, block = 2);", "block * blocks" },
};

START_TEST(a_wrong_declaration_is_refused_with_the_reason)
{
	struct diag_list *diags = diag_new();
	char text[512], reason[256] = "";
	struct isa *isa;

	snprintf(text, sizeof text,
		 "machine m { word 64; %s " REST "format F { op:64 }"
		 "instr NOP F op=0 \"NOP\" { } }",
		 wrong[_i].declaration);
	isa = isa_load_text(diags, "m.isa", text);
	if (isa) {
		ck_assert_ptr_null(machine_new(isa, 64, 1, reason, sizeof reason));
		ck_assert_msg(strstr(reason, wrong[_i].reason) != NULL, "%s", reason);
		ck_assert_ptr_nonnull(strstr(reason, "device D"));
	} else {
		ck_assert_uint_gt(diag_errors(diags), 0);
	}
	isa_free(isa);
	diag_free(diags);
}
END_TEST

/* ---- the console ---- */

START_TEST(a_printed_byte_keeps_the_printer_busy_for_the_delay)
{
	size_t n;

	advance(con, 10);
	ck_assert_uint_eq(in(con, STATUS) & OUT_READY, OUT_READY);
	out(con, DATA, 'a');
	ck_assert_uint_eq(in(con, STATUS) & OUT_READY, 0);
	ck_assert_uint_eq(in(con, PRINTER), 0);
	ck_assert_uint_eq(event(con), 13);
	advance(con, 12);
	out(con, DATA, 'x');
	ck_assert_uint_eq(in(con, STATUS) & OUT_READY, 0);
	advance(con, 13);
	ck_assert_uint_eq(in(con, STATUS) & OUT_READY, OUT_READY);
	ck_assert_uint_eq(in(con, PRINTER), OUT_READY);
	out(con, DATA, 0x1234500 + 'b');
	ck_assert_int_eq(memcmp(console_printed(con, &n), "ab", 2), 0);
	ck_assert_uint_eq(n, 2);
}
END_TEST

static char heard[8];

static void hear(void *context, int byte)
{
	char *end = context;

	end[strlen(end)] = (char)byte;
}

START_TEST(printed_bytes_are_passed_on)
{
	memset(heard, 0, sizeof heard);
	console_on_output(con, hear, heard);
	out(con, DATA, 'h');
	out(con, DATA, 'x');
	advance(con, 3);
	out(con, DATA, 'i');
	console_on_output(con, NULL, NULL);
	advance(con, 6);
	out(con, DATA, '!');
	ck_assert_str_eq(heard, "hi");
}
END_TEST

START_TEST(given_input_arrives_a_delay_after_the_byte_before_was_read)
{
	console_give(con, "ab", 2);
	ck_assert_uint_eq(in(con, STATUS), OUT_READY);
	ck_assert_uint_eq(in(con, DATA), 0);
	advance(con, 1);
	ck_assert_uint_eq(in(con, STATUS), OUT_READY | IN_READY);
	advance(con, 20);
	ck_assert_uint_eq(in(con, DATA), 'a');
	ck_assert_uint_eq(in(con, STATUS), OUT_READY);
	ck_assert_uint_eq(in(con, DATA), 0);
	ck_assert_uint_eq(event(con), 23);
	advance(con, 22);
	ck_assert_uint_eq(in(con, STATUS), OUT_READY);
	advance(con, 23);
	ck_assert_uint_eq(in(con, STATUS), OUT_READY | IN_READY);
	ck_assert_uint_eq(event(con), NEVER);
	ck_assert_uint_eq(in(con, DATA), 'b');
	advance(con, 25);
	ck_assert_uint_eq(in(con, STATUS), OUT_READY);
	advance(con, 26);
	ck_assert_uint_eq(in(con, STATUS), OUT_READY | END);
	ck_assert_uint_eq(event(con), NEVER);
}
END_TEST

START_TEST(more_input_takes_the_end_back)
{
	advance(con, 1);
	ck_assert_uint_eq(in(con, STATUS), OUT_READY | END);
	console_give(con, "c", 1);
	advance(con, 2);
	ck_assert_uint_eq(in(con, STATUS), OUT_READY | IN_READY);
	ck_assert_uint_eq(in(con, DATA), 'c');
}
END_TEST

START_TEST(a_live_console_does_not_end_by_itself)
{
	console_live(con);
	advance(con, 1000);
	ck_assert_uint_eq(in(con, STATUS), OUT_READY);
	ck_assert_uint_eq(event(con), NEVER);
	console_type(con, 1000, 'z');
	ck_assert_uint_eq(event(con), 1001);
	advance(con, 1001);
	ck_assert_uint_eq(in(con, DATA), 'z');
	console_type(con, 1001, -1);
	advance(con, 1004);
	ck_assert_uint_eq(in(con, STATUS), OUT_READY | END);
}
END_TEST

START_TEST(interrupts_are_asked_for_by_control)
{
	console_live(con);
	ck_assert(!line(con));
	out(con, CONTROL, 2);
	ck_assert(line(con));
	out(con, DATA, 'a');
	ck_assert(!line(con));
	advance(con, 3);
	ck_assert(line(con));
	out(con, CONTROL, 1);
	ck_assert(!line(con));
	console_type(con, 3, 'q');
	advance(con, 4);
	ck_assert(line(con));
	in(con, DATA);
	ck_assert(!line(con));
	console_type(con, 4, -1);
	advance(con, 9);
	ck_assert(line(con));
	out(con, CONTROL, 0xfffffff0);
	ck_assert_uint_eq(in(con, CONTROL), 0);
}
END_TEST

START_TEST(a_record_of_live_input_replays_at_the_same_times)
{
	struct rig other = rig_of("machine m { word 32; " TWO_DEVICES REST
				  "format F { op:32 } instr NOP F op=0 \"NOP\" { } }",
				  64);
	struct device *replay = devices_find(other.isa, other.machine->device, "console");
	uint64_t stream = 1;
	char reason[256] = "";
	FILE *record = tmpfile();

	console_live(con);
	for (uint64_t now = 0; now < 300; now++)
		if (rig_random(&stream) % 7 == 0)
			console_type(con, now, (int)(rig_random(&stream) % 256));
	console_type(con, 300, -1);
	console_save_record(con, record);
	rewind(record);
	ck_assert_msg(console_load_record(replay, record, reason, sizeof reason), "%s", reason);
	fclose(record);
	for (uint64_t now = 1; now < 1000; now++) {
		advance(con, now);
		advance(replay, now);
		ck_assert_uint_eq(in(con, STATUS), in(replay, STATUS));
		ck_assert_uint_eq(event(con), event(replay));
		if (now % 5 == 0)
			ck_assert_uint_eq(in(con, DATA), in(replay, DATA));
	}
	ck_assert_uint_eq(in(con, STATUS), OUT_READY | END);
	rig_close(&other);
}
END_TEST

struct giver {
	const char *text;
	size_t given; /* bytes, and the end */
	bool refuses;
};

static int give_byte(void *context, size_t n)
{
	struct giver *g = context;

	if (g->refuses)
		return CONSOLE_UNKNOWN;
	ck_assert_uint_eq(n, g->given);
	g->given++;
	return n < strlen(g->text) ? g->text[n] : CONSOLE_END;
}

START_TEST(input_is_asked_for_when_a_program_can_tell)
{
	struct giver g = { .text = "ab" };

	console_ask(con, give_byte, &g);
	ck_assert_uint_eq(in(con, STATUS), OUT_READY);
	ck_assert_uint_eq(event(con), 0);
	advance(con, 9);
	ck_assert_uint_eq(event(con), NEVER);
	out(con, DATA, 'x');
	out(con, CONTROL, 2);
	ck_assert(!line(con));
	ck_assert_uint_eq(in(con, PRINTER), 0);
	advance(con, 20);
	ck_assert(line(con));
	ck_assert_uint_eq(g.given, 0);
	ck_assert_uint_eq(in(con, STATUS), OUT_READY | IN_READY);
	ck_assert_uint_eq(g.given, 1);
	ck_assert_uint_eq(in(con, DATA), 'a');
	ck_assert_uint_eq(event(con), 23);
	advance(con, 30);
	ck_assert_uint_eq(g.given, 1);
	out(con, CONTROL, 1);
	ck_assert(line(con));
	ck_assert_uint_eq(g.given, 2);
	ck_assert_uint_eq(in(con, DATA), 'b');
	ck_assert(!line(con));
	advance(con, 32);
	ck_assert_uint_eq(g.given, 2);
	advance(con, 33);
	ck_assert(line(con));
	ck_assert_uint_eq(in(con, STATUS), OUT_READY | END);
	advance(con, 1000);
	ck_assert_uint_eq(g.given, 3);
}
END_TEST

START_TEST(without_an_answer_nothing_has_come)
{
	struct giver g = { .text = "a", .refuses = true };

	console_ask(con, give_byte, &g);
	advance(con, 1);
	ck_assert_uint_eq(in(con, STATUS), OUT_READY);
	ck_assert_uint_eq(in(con, DATA), 0);
	out(con, CONTROL, 1);
	ck_assert(!line(con));
	g.refuses = false;
	advance(con, 2);
	ck_assert(line(con));
	ck_assert_uint_eq(in(con, DATA), 'a');
}
END_TEST

/* What a program could do at random, on two consoles alike. */
static void do_alike(struct device *a, struct device *b, uint64_t what)
{
	uint64_t reg = what / 8 % 4, value = what / 32;

	if (what % 8 == 0)
		out(a, reg, value), out(b, reg, value);
	else if (what % 8 < 3)
		ck_assert_uint_eq(in(a, reg), in(b, reg));
	ck_assert_uint_eq(event(a), event(b));
	ck_assert(line(a) == line(b));
}

static void alike_for(struct device *a, struct device *b, uint64_t from, uint64_t to,
		      uint64_t stream)
{
	for (uint64_t now = from; now < to; now++) {
		do_alike(a, b, rig_random(&stream));
		if (rig_random(&stream) % 3)
			continue;
		advance(a, now);
		advance(b, now);
	}
}

START_TEST(what_is_asked_for_is_as_if_it_was_given)
{
	static const char text[] = "so that there is something to be read, and then the end";
	struct rig other = rig_of("machine m { word 32; " TWO_DEVICES REST
				  "format F { op:32 } instr NOP F op=0 \"NOP\" { } }",
				  64);
	struct device *given = devices_find(other.isa, other.machine->device, "console");
	struct giver g = { .text = text };
	struct snapshot *s[2];

	console_ask(con, give_byte, &g);
	console_give(given, text, strlen(text));
	alike_for(con, given, 1, 20 + (uint64_t)_i * 20, (uint64_t)_i + 1);
	s[0] = snapshot_take(r.view);
	s[1] = snapshot_take(other.view);
	for (unsigned again = 0; again < 2; again++) {
		alike_for(con, given, 20 + (uint64_t)_i * 20, 3000, (uint64_t)_i + 1);
		ck_assert_uint_eq(in(con, STATUS), in(given, STATUS));
		ck_assert_same(r.view, other.view);
		snapshot_restore(r.view, s[0]);
		snapshot_restore(other.view, s[1]);
	}
	ck_assert_uint_eq(g.given, strlen(text) + 1);
	snapshot_free(s[0]);
	snapshot_free(s[1]);
	rig_close(&other);
}
END_TEST

START_TEST(given_input_replays_from_its_record_with_its_end)
{
	struct rig other = rig_of("machine m { word 32; " TWO_DEVICES REST
				  "format F { op:32 } instr NOP F op=0 \"NOP\" { } }",
				  64);
	struct device *replay = devices_find(other.isa, other.machine->device, "console");
	FILE *record = tmpfile();
	char reason[256] = "";

	console_give(con, "word", 4);
	console_save_record(con, record);
	rewind(record);
	ck_assert_msg(console_load_record(replay, record, reason, sizeof reason), "%s", reason);
	fclose(record);
	alike_for(con, replay, 1, 1000, 1);
	ck_assert_uint_eq(in(con, STATUS) & END, END);
	rig_close(&other);
}
END_TEST

static const struct {
	const char *text;
	bool good;
} records[] = {
	{ "", true },
	{ "1 2\n", true },
	{ "\n 7  -1 \n\n", true },
	{ "1\n", false },
	{ "x 1\n", false },
	{ "1 256\n", false },
	{ "1 -2\n", false },
	{ "-1 5\n", false },
	{ "1 2 3\n", false },
	{ "1x 2\n", false },
	{ "99999999999999999999999 1\n", false },
};

START_TEST(a_malformed_record_is_refused_with_its_line)
{
	char reason[256] = "";
	FILE *f = tmpfile();

	fprintf(f, "5 65\n%s", records[_i].text);
	rewind(f);
	ck_assert_int_eq(console_load_record(con, f, reason, sizeof reason), records[_i].good);
	if (!records[_i].good)
		ck_assert_ptr_nonnull(strstr(reason, "line 2"));
	fclose(f);
}
END_TEST

static Suite *suite(void)
{
	Suite *s = suite_create("device");
	TCase *registry = tcase_create("registry"), *console = tcase_create("console");

	tcase_add_checked_fixture(registry, set_up, tear_down);
	tcase_add_checked_fixture(console, set_up, tear_down);
	tcase_add_test(registry, classes_are_found_by_name);
	tcase_add_loop_test(registry, a_wrong_declaration_is_refused_with_the_reason, 0,
			    sizeof wrong / sizeof *wrong);
	tcase_add_test(console, a_printed_byte_keeps_the_printer_busy_for_the_delay);
	tcase_add_test(console, printed_bytes_are_passed_on);
	tcase_add_test(console, given_input_arrives_a_delay_after_the_byte_before_was_read);
	tcase_add_test(console, more_input_takes_the_end_back);
	tcase_add_test(console, a_live_console_does_not_end_by_itself);
	tcase_add_test(console, interrupts_are_asked_for_by_control);
	tcase_add_test(console, a_record_of_live_input_replays_at_the_same_times);
	tcase_add_test(console, input_is_asked_for_when_a_program_can_tell);
	tcase_add_test(console, without_an_answer_nothing_has_come);
	tcase_add_loop_test(console, what_is_asked_for_is_as_if_it_was_given, 0, 20);
	tcase_add_test(console, given_input_replays_from_its_record_with_its_end);
	tcase_add_loop_test(console, a_malformed_record_is_refused_with_its_line, 0,
			    sizeof records / sizeof *records);
	suite_add_tcase(s, registry);
	suite_add_tcase(s, console);
	return s;
}

#include "tests/harness.h"
