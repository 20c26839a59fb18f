noinst_LIBRARIES += %D%/libmachine.a
%C%_libmachine_a_SOURCES = \
	%D%/clock.c \
	%D%/device.c \
	%D%/device.h \
	%D%/devices/console.c \
	%D%/devices/drum.c \
	%D%/layout.c \
	%D%/load.c \
	%D%/lower.c \
	%D%/lower.h \
	%D%/lower_expr.c \
	%D%/lowering.h \
	%D%/machine.c \
	%D%/machine.h \
	%D%/oracle.c \
	%D%/oracle.h \
	%D%/run.c \
	%D%/snapshot.c \
	%D%/storage.c \
	%D%/storage.h \
	%D%/table.c
