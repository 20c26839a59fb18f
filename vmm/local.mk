noinst_LIBRARIES += %D%/libvmm.a
%C%_libvmm_a_SOURCES = \
	%D%/allocator.c \
	%D%/audit.c \
	%D%/compare.c \
	%D%/compare.h \
	%D%/control.c \
	%D%/control.h \
	%D%/dispatcher.c \
	%D%/equiv.c \
	%D%/equiv.h \
	%D%/fault.c \
	%D%/fault.def \
	%D%/fuzz.c \
	%D%/fuzz.h \
	%D%/fuzz_case.c \
	%D%/fuzz_generate.c \
	%D%/fuzz_plan.c \
	%D%/fuzz_private.h \
	%D%/fuzz_shrink.c \
	%D%/interpreter.c \
	%D%/map.c \
	%D%/moment.c \
	%D%/moment.h \
	%D%/monitor.c \
	%D%/monitor.h \
	%D%/private.h \
	%D%/relocation.c \
	%D%/rewind.c \
	%D%/rewind.h \
	%D%/scheduler.c
