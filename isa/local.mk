noinst_LIBRARIES += %D%/libisa.a
%C%_libisa_a_SOURCES = \
	%D%/alloc.h \
	%D%/asm.h \
	%D%/ast.h \
	%D%/diag.c \
	%D%/diag.h \
	%D%/image.h \
	%D%/isa.h \
	%D%/tree.c \
	%D%/tree.h

dist_machines_DATA += \
	%D%/machines/pg.isa \
	%D%/machines/pg-jrst1.isa \
	%D%/machines/pg-sgdt.isa
