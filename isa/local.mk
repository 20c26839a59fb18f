noinst_LIBRARIES += %D%/libisa.a
%C%_libisa_a_SOURCES = \
	%D%/alloc.h \
	%D%/arith.h \
	%D%/asm.h \
	%D%/ast.h \
	%D%/check.c \
	%D%/check.h \
	%D%/check_code.c \
	%D%/check_expr.c \
	%D%/check_instr.c \
	%D%/check_stmt.c \
	%D%/diag.c \
	%D%/diag.h \
	%D%/facts.c \
	%D%/find.c \
	%D%/find.h \
	%D%/image.h \
	%D%/isa.c \
	%D%/isa.h \
	%D%/lex.c \
	%D%/lex.h \
	%D%/parse.c \
	%D%/parse.h \
	%D%/parse_expr.c \
	%D%/parse_item.c \
	%D%/parse_stmt.c \
	%D%/tree.c \
	%D%/tree.h

dist_machines_DATA += \
	%D%/machines/pg.isa \
	%D%/machines/pg-jrst1.isa \
	%D%/machines/pg-sgdt.isa
