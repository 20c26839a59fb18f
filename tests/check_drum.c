/* The drum: machine/devices/drum.c. */
#include "tests/device_rig.h"

#include <sys/stat.h>
#include <unistd.h>

/* ---- the drum ---- */

static void start(uint64_t command, uint64_t block, uint64_t address, uint64_t count)
{
	out(drum, BLOCK, block);
	out(drum, ADDRESS, address);
	out(drum, COUNT, count);
	out(drum, COMMAND, command);
}

START_TEST(a_transfer_happens_at_the_end_of_its_time)
{
	size_t n;

	for (uint64_t i = 0; i < 64; i++)
		window_put(&r.view->window, i, 1000 + i);
	advance(drum, 100);
	start(2, 3, 20, 2);
	ck_assert_uint_eq(in(drum, D_STATUS), BUSY);
	ck_assert_uint_eq(event(drum), 120);
	advance(drum, 119);
	ck_assert_uint_eq(in(drum, D_STATUS), BUSY);
	window_put(&r.view->window, 27, 7);
	advance(drum, 120);
	ck_assert_uint_eq(in(drum, D_STATUS), DONE);
	ck_assert_uint_eq(in(drum, D_STATUS), 0);
	ck_assert_uint_eq(event(drum), NEVER);
	for (uint64_t i = 0; i < 32; i++)
		ck_assert_uint_eq(drum_words(drum, &n)[i], i == 19	       ? 7
							   : i >= 12 && i < 20 ? 1020 + i - 12
									       : 0);
	ck_assert_uint_eq(n, 32);

	start(1, 4, 60, 1);
	advance(drum, 130);
	ck_assert_uint_eq(in(drum, D_STATUS), DONE);
	ck_assert_uint_eq(rig_cell(r.view, 59), 1059);
	ck_assert_uint_eq(rig_cell(r.view, 60), 1024);
	ck_assert_uint_eq(rig_cell(r.view, 63), 7);
	ck_assert_uint_eq(in(drum, SIZE), 8);
}
END_TEST

static const struct {
	uint64_t block, address, count;
	bool good;
} transfers[] = {
	{ 0, 0, 8, true },	     { 7, 60, 1, true },	  { 8, 0, 0, true },
	{ 0, 64, 0, true },	     { 0, 0, 9, false },	  { 8, 0, 1, false },
	{ 7, 0, 2, false },	     { 0, 61, 1, false },	  { 0, 64, 1, false },
	{ 0, 0xffffffff, 1, false }, { 0, 0xfffffffc, 1, false }, { 0xffffffff, 0, 1, false },
	{ 0xffffffff, 0, 2, false }, { 0, 33, 8, false },	  { 0, 0, 0xffffffff, false },
	{ 0, 0, 0x40000000, false }, { 0, 32, 8, true },	  { 0, 65, 0, false },
};

START_TEST(a_transfer_across_a_bound_fails_and_does_nothing)
{
	for (uint64_t command = 1; command <= 2; command++) {
		struct window whole = r.view->window;

		for (uint64_t i = 0; i < 64; i++)
			window_put(&whole, i, 5);
		start(command, transfers[_i].block, transfers[_i].address, transfers[_i].count);
		if (transfers[_i].count)
			advance(drum, event(drum) - 1);
		ck_assert_uint_eq(in(drum, D_STATUS), BUSY);
		advance(drum, event(drum));
		ck_assert_uint_eq(in(drum, D_STATUS), transfers[_i].good ? DONE : DONE | FAILED);
		for (uint64_t i = 0; i < 64 && !transfers[_i].good; i++)
			ck_assert_uint_eq(rig_cell(r.view, i), 5);
	}
}
END_TEST

START_TEST(a_transfer_stays_in_its_owners_window)
{
	struct storage *s = storage_new(128, 32);
	struct window middle = { .storage = s, .base = 32, .size = 64 };
	char reason[256];
	struct device *d = device_new(r.isa, drum->decl, middle, reason, sizeof reason);

	ck_assert_ptr_nonnull(d);
	for (uint64_t i = 0; i < 128; i++)
		storage_put(s, i, i);
	out(d, ADDRESS, 60);
	out(d, COUNT, 1);
	out(d, COMMAND, 1);
	advance(d, 10);
	out(d, ADDRESS, 64);
	out(d, COMMAND, 1);
	advance(d, 20);
	ck_assert_uint_eq(in(d, D_STATUS), DONE | FAILED);
	for (uint64_t i = 0; i < 128; i++)
		ck_assert_uint_eq(storage_get(s, i), i >= 92 && i < 96 ? 0 : i);
	device_free(d);
	storage_free(s);
}
END_TEST

START_TEST(a_busy_drum_takes_no_command)
{
	start(1, 0, 0, 1);
	start(2, 5, 5, 5);
	ck_assert_uint_eq(in(drum, COMMAND), 1);
	ck_assert_uint_eq(in(drum, BLOCK), 0);
	ck_assert_uint_eq(in(drum, COUNT), 1);
	out(drum, D_CONTROL, 1);
	ck_assert(!line(drum));
	advance(drum, 10);
	ck_assert(line(drum));
	ck_assert_uint_eq(in(drum, D_STATUS), DONE);
	ck_assert(!line(drum));
	start(3, 0, 0, 1);
	ck_assert_uint_eq(in(drum, D_STATUS), 0);
	ck_assert_uint_eq(event(drum), NEVER);
}
END_TEST

START_TEST(words_move_in_the_machines_order_of_bytes)
{
	static const char *const order[] = { "little", "big" };
	static const uint64_t expected[] = { 0x04030201, 0x01020304 };

	for (unsigned o = 0; o < 2; o++) {
		char text[512];
		struct rig b;
		struct device *d;
		size_t n;

		snprintf(text, sizeof text,
			 "machine m { word 32; addressing byte %s; device D : drum(block = 1);" REST
			 "format F { op:32 } instr NOP F op=0 \"NOP\" { } }",
			 order[o]);
		b = rig_of(text, 64);
		d = b.machine->device[0];
		for (uint64_t i = 0; i < 4; i++)
			window_put(&b.view->window, 9 + i, i + 1);
		out(d, ADDRESS, 9);
		out(d, COUNT, 1);
		out(d, COMMAND, 2);
		advance(d, 100);
		ck_assert_uint_eq(drum_words(d, &n)[0], expected[o]);
		out(d, ADDRESS, 60);
		out(d, COMMAND, 1);
		advance(d, 200);
		ck_assert_uint_eq(rig_cell(b.view, 60), 1);
		ck_assert_uint_eq(rig_cell(b.view, 63), 4);
		out(d, ADDRESS, 61);
		out(d, COMMAND, 1);
		advance(d, 300);
		ck_assert_uint_eq(in(d, D_STATUS), DONE | FAILED);
		rig_close(&b);
	}
}
END_TEST

/* ---- the drum's file ---- */

static char path[64];

static void write_file(const char *bytes, size_t count)
{
	int fd;

	strcpy(path, "drum.XXXXXX");
	fd = mkstemp(path);
	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq((int)write(fd, bytes, count), (int)count);
	close(fd);
}

START_TEST(blocks_come_from_a_file_and_go_back)
{
	unsigned char back[200];
	char reason[256] = "";
	size_t n;
	FILE *f;

	write_file("\1\2\3\4\5\6", 6);
	ck_assert_msg(drum_attach(drum, path, false, reason, sizeof reason), "%s", reason);
	ck_assert_uint_eq(drum_words(drum, &n)[0], 0x04030201);
	ck_assert_uint_eq(drum_words(drum, &n)[1], 0x0605);
	ck_assert_uint_eq(drum_words(drum, &n)[2], 0);
	window_put(&r.view->window, 0, 0xa1b2c3d4);
	start(2, 7, 0, 1);
	advance(drum, 10);
	ck_assert_msg(drum_flush(drum, reason, sizeof reason), "%s", reason);
	f = fopen(path, "rb");
	ck_assert_uint_eq(fread(back, 1, sizeof back, f), 32 * 4);
	fclose(f);
	ck_assert_int_eq(memcmp(back, "\1\2\3\4\5\6\0\0", 8), 0);
	ck_assert_int_eq(memcmp(back + 28 * 4, "\xd4\xc3\xb2\xa1\0\0\0\0", 8), 0);
	unlink(path);
}
END_TEST

START_TEST(a_file_that_is_not_there_is_an_error_with_its_name)
{
	char reason[256] = "";

	ck_assert(!drum_attach(drum, "no/such/drum", false, reason, sizeof reason));
	ck_assert_ptr_nonnull(strstr(reason, "no/such/drum"));
	ck_assert_ptr_nonnull(strstr(reason, "No such file"));
	ck_assert(!drum_attach(drum, ".", true, reason, sizeof reason));
}
END_TEST

START_TEST(two_drums_do_not_write_one_file)
{
	char reason[256] = "";
	struct rig b = rig_of("machine m { word 32; " TWO_DEVICES REST
			      "format F { op:32 } instr NOP F op=0 \"NOP\" { } }",
			      64);
	struct device *other = devices_find(b.isa, b.machine->device, "drum");

	write_file("\7\0\0\0", 4);
	ck_assert_msg(drum_attach(drum, path, false, reason, sizeof reason), "%s", reason);
	ck_assert(!drum_attach(other, path, false, reason, sizeof reason));
	ck_assert_ptr_nonnull(strstr(reason, "another drum"));
	ck_assert_msg(drum_attach(other, path, true, reason, sizeof reason), "%s", reason);
	rig_close(&b);
	unlink(path);
}
END_TEST

START_TEST(what_is_no_regular_file_is_refused)
{
	char reason[256] = "";

	ck_assert(!drum_attach(drum, "/dev/null", false, reason, sizeof reason));
	ck_assert_ptr_nonnull(strstr(reason, "regular file"));
	ck_assert(!drum_attach(drum, "/dev/null", true, reason, sizeof reason));
}
END_TEST

START_TEST(a_read_only_drum_is_read_and_never_written)
{
	char reason[256] = "";
	struct stat status;

	write_file("\7\0\0\0", 4);
	ck_assert_int_eq(chmod(path, 0400), 0);
	ck_assert_msg(drum_attach(drum, path, true, reason, sizeof reason), "%s", reason);
	start(1, 0, 8, 1);
	advance(drum, 10);
	ck_assert_uint_eq(in(drum, D_STATUS), DONE);
	ck_assert_uint_eq(rig_cell(r.view, 8), 7);
	start(2, 0, 0, 1);
	advance(drum, 20);
	ck_assert_uint_eq(in(drum, D_STATUS), DONE | FAILED);
	ck_assert(drum_flush(drum, reason, sizeof reason));
	ck_assert_int_eq(stat(path, &status), 0);
	ck_assert_int_eq((int)status.st_size, 4);
	unlink(path);
}
END_TEST

static Suite *suite(void)
{
	Suite *s = suite_create("drum");
	TCase *c = tcase_create("drum");

	tcase_add_checked_fixture(c, set_up, tear_down);
	tcase_add_test(c, a_transfer_happens_at_the_end_of_its_time);
	tcase_add_loop_test(c, a_transfer_across_a_bound_fails_and_does_nothing, 0,
			    sizeof transfers / sizeof *transfers);
	tcase_add_test(c, a_transfer_stays_in_its_owners_window);
	tcase_add_test(c, a_busy_drum_takes_no_command);
	tcase_add_test(c, words_move_in_the_machines_order_of_bytes);
	tcase_add_test(c, blocks_come_from_a_file_and_go_back);
	tcase_add_test(c, a_file_that_is_not_there_is_an_error_with_its_name);
	tcase_add_test(c, two_drums_do_not_write_one_file);
	tcase_add_test(c, what_is_no_regular_file_is_refused);
	tcase_add_test(c, a_read_only_drum_is_read_and_never_written);
	suite_add_tcase(s, c);
	return s;
}

#include "tests/harness.h"
