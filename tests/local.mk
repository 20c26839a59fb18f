# Unit tests: one Check suite per module, tests/check_MODULE.c, listed here as
#	check_PROGRAMS += %D%/check_MODULE
# Shell tests: tests/NAME.sh, run by bash, printing TAP by tests/tap.sh, listed in shell_tests;
# those that take long in expensive_tests.  Files they read go to EXTRA_DIST.

# Suites find the harness, and all the layers below cli/.
LDADD = $(TRAPEZE_LIBS) $(CHECK_LIBS)
EXTRA_DIST += %D%/harness.h %D%/rig.h %D%/forced.h %D%/stopping.h

check_PROGRAMS += %D%/check_diag %D%/check_find %D%/check_parse
check_PROGRAMS += %D%/check_storage %D%/check_device %D%/check_drum %D%/check_malta %D%/check_malta_bus %D%/check_mapped %D%/check_oracle
EXTRA_DIST += %D%/device_rig.h %D%/malta_rig.h %D%/paged_rig.h
check_PROGRAMS += %D%/check_operators %D%/check_clock %D%/check_machine %D%/check_spin
check_PROGRAMS += %D%/check_translator %D%/check_recall %D%/check_rounds %D%/check_pages %D%/check_page_tables
check_PROGRAMS += %D%/check_missing %D%/check_refills %D%/check_stops %D%/check_watches
check_PROGRAMS += %D%/check_direct

check_PROGRAMS += %D%/check_term %D%/check_simplification %D%/check_smt %D%/check_solver
EXTRA_DIST += %D%/smt_rig.h %D%/term_rig.h

check_PROGRAMS += %D%/check_classify %D%/check_theorems %D%/check_enumerate %D%/check_guilt
EXTRA_DIST += %D%/classify_rig.h %D%/proofs

check_PROGRAMS += %D%/check_language
%C%_check_language_SOURCES = %D%/check_language.c %D%/valid.c %D%/valid.h
EXTRA_DIST += %D%/isa

check_PROGRAMS += %D%/check_asm %D%/check_disasm %D%/check_elf
%C%_check_disasm_SOURCES = %D%/check_disasm.c %D%/program.c %D%/program.h %D%/same.h
%C%_check_asm_SOURCES = %D%/check_asm.c %D%/program.c %D%/program.h %D%/same.h
%C%_check_elf_SOURCES = %D%/check_elf.c %D%/program.c %D%/program.h %D%/same.h
EXTRA_DIST += %D%/asm

check_PROGRAMS += %D%/check_map %D%/check_monitor %D%/check_sharing %D%/check_hosted
check_PROGRAMS += %D%/check_equiv %D%/check_fuzz %D%/check_history
EXTRA_DIST += %D%/lab.h %D%/odd.h %D%/escape.h

# The longest first, so that none is waited for at the end.
shell_tests = \
	%D%/tower.sh \
	%D%/advice.sh \
	%D%/cli.sh \
	%D%/detector.sh \
	%D%/verdicts.sh \
	%D%/guests.sh \
	%D%/hard.sh \
	%D%/docs.sh \
	%D%/campaign.sh \
	%D%/counterexamples.sh \
	%D%/docmap.sh \
	%D%/elf.sh \
	%D%/gdb.sh \
	%D%/layers.sh \
	%D%/man.sh \
	%D%/boards.sh \
	%D%/mips.sh \
	%D%/mips_programs.sh \
	%D%/monitor_faults.sh \
	%D%/repl.sh \
	%D%/terminal.sh \
	%D%/vectors.sh \
	%D%/zoo.sh

expensive_tests = \
	%D%/agreement.sh \
	%D%/crosscheck.sh \
	%D%/long_engines.sh \
	%D%/long_campaign.sh \
	%D%/long_detector.sh \
	%D%/long_forced.sh \
	%D%/long_malta.sh \
	%D%/long_mips.sh \
	%D%/long_towers.sh \
	%D%/long_verdicts.sh

TESTS += $(check_PROGRAMS) $(shell_tests)
EXTRA_DIST += %D%/tap.sh %D%/malta.sh $(shell_tests) $(expensive_tests)
EXTRA_DIST += %D%/expected %D%/hard %D%/mips %D%/repl
EXTRA_DIST += %D%/mips_bench.sh %D%/tower_bench.sh %D%/trace_bench.sh %D%/tally.sh %D%/stats.sh %D%/coverage.sh %D%/fuzz.sh

TEST_EXTENSIONS = .sh
SH_LOG_DRIVER = env AM_TAP_AWK='$(AWK)' $(SHELL) $(top_srcdir)/build-aux/tap-driver.sh
SH_LOG_COMPILER = timeout $(TEST_TIMEOUT) bash
TEST_TIMEOUT = 900

# What a test may rely on: trapeze in PATH finds the machines of this tree, and
# TOP_SRCDIR (to be read only) and TOP_BUILDDIR are absolute.
TEST_SETTINGS = \
	PATH='$(abs_top_builddir)':"$$PATH" \
	TRAPEZE='$(abs_top_builddir)/trapeze$(EXEEXT)' \
	TRAPEZE_PATH='$(abs_top_srcdir)/isa/machines' \
	TOP_SRCDIR='$(abs_top_srcdir)' \
	TOP_BUILDDIR='$(abs_top_builddir)' \
	CK_DEFAULT_TIMEOUT="$${CK_DEFAULT_TIMEOUT-240}" \
	NO_COLOR=1 \
	LC_ALL=C.UTF-8
AM_TESTS_ENVIRONMENT = export $(TEST_SETTINGS);

# Fuzzers of the parsers: tests/fuzz/fuzz_NAME.c with LLVMFuzzerTestOneInput, listed here
# as the line below and %C%_fuzz_fuzz_NAME_LDFLAGS = $(FUZZ_LINK).  The dictionary
# tests/fuzz/NAME.dict and the inputs in the folder tests/NAME/ are used when there.
fuzzers = %D%/fuzz/fuzz_isa %D%/fuzz/fuzz_asm %D%/fuzz/fuzz_elf
%C%_fuzz_fuzz_isa_SOURCES = %D%/fuzz/fuzz_isa.c %D%/valid.c %D%/valid.h
%C%_fuzz_fuzz_isa_LDFLAGS = $(FUZZ_LINK)
%C%_fuzz_fuzz_asm_SOURCES = %D%/fuzz/fuzz_asm.c %D%/fuzz/must.h %D%/same.h
%C%_fuzz_fuzz_asm_LDFLAGS = $(FUZZ_LINK)
%C%_fuzz_fuzz_elf_SOURCES = %D%/fuzz/fuzz_elf.c %D%/fuzz/must.h %D%/same.h
%C%_fuzz_fuzz_elf_LDFLAGS = $(FUZZ_LINK)
EXTRA_DIST += %D%/fuzz/isa.dict %D%/fuzz/asm.dict
FUZZ_LINK = $(AM_LDFLAGS) -fsanitize=fuzzer
FUZZ_SECONDS = 30
if FUZZERS
noinst_PROGRAMS += $(fuzzers)
endif

fuzz: $(fuzzers)
	$(AM_V_at)bash $(srcdir)/%D%/fuzz.sh $(FUZZ_SECONDS) $(fuzzers)

.PHONY: check-proofs check-expensive check-valgrind bench stats coverage fuzz
check-expensive: all
	TEST_CACHE='$(abs_top_builddir)/expensive-cache' \
	$(MAKE) $(AM_MAKEFLAGS) check TESTS='$(expensive_tests)' TEST_TIMEOUT=3000 \
		TEST_SUITE_LOG=expensive-suite.log

# The theory of proofs/coq, and what `trapeze prove` makes of the machines; skipped without Coq.
# oracle_states comes after `all`, lest two makes build the same libraries at once.
EXTRA_DIST += %D%/proofs.sh
EXTRA_PROGRAMS += %D%/oracle_states
CLEANFILES += %D%/oracle_states$(EXEEXT)
check-proofs: all
	$(MAKE) $(AM_MAKEFLAGS) %D%/oracle_states$(EXEEXT)
	$(MAKE) $(AM_MAKEFLAGS) check TESTS='%D%/proofs.sh' TEST_TIMEOUT=3000 \
		TEST_SUITE_LOG=proofs-suite.log

# The suites only: what is spawned by a shell test is not watched.
check-valgrind: $(check_PROGRAMS)
	CK_FORK=no $(MAKE) $(AM_MAKEFLAGS) check TESTS='$(check_PROGRAMS)' \
		LOG_COMPILER='valgrind --quiet --error-exitcode=1 --leak-check=full' \
		TEST_SUITE_LOG=valgrind-suite.log

# The engines against each other, on random guests: a few when run as a test.
check_PROGRAMS += %D%/engines

# Random guests in towers of the monitor in assembly: a few when run as a test.
check_PROGRAMS += %D%/towers

# Somebody at a terminal, for shell tests.
check_PROGRAMS += %D%/typed

BENCH_ROUNDS = 5
EXTRA_PROGRAMS += %D%/bench
%C%_bench_SOURCES = %D%/bench.c %D%/native.c %D%/native.h %D%/native.def
%C%_bench_LDADD = $(LDADD) -lm
CLEANFILES += %D%/bench$(EXEEXT) bench.tsv
bench: all %D%/bench$(EXEEXT)
	$(AM_V_at)$(TEST_SETTINGS) %D%/bench -n $(BENCH_ROUNDS) -o bench.tsv $(srcdir)/guests/pg/bench/*.s
	$(AM_V_at)BENCH_ROUNDS=$(BENCH_ROUNDS) $(TEST_SETTINGS) bash $(srcdir)/%D%/mips_bench.sh
	$(AM_V_at)$(TEST_SETTINGS) bash $(srcdir)/%D%/tower_bench.sh
	$(AM_V_at)$(TEST_SETTINGS) bash $(srcdir)/%D%/trace_bench.sh

stats:
	$(AM_V_at)bash $(srcdir)/%D%/stats.sh $(srcdir)

coverage:
	$(AM_V_at)bash $(srcdir)/%D%/coverage.sh $(builddir)

# The installed program finds what was installed with it.
installcheck-local:
	env -u TRAPEZE_PATH '$(bindir)/trapeze' equiv '$(pkgdatadir)/guests/pg/hello.s'

clean-local:
	rm -rf proofs/theory expensive-cache
	-find . \( -name '*.gcda' -o -name '*.gcno' \) -delete

CLEANFILES += proofs-suite.log expensive-suite.log valgrind-suite.log
