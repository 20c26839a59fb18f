noinst_LIBRARIES += %D%/libisa.a
%C%_libisa_a_SOURCES = \
	%D%/alloc.h \
	%D%/arith.h \
	%D%/asm.c \
	%D%/asm.h \
	%D%/asm_directive.c \
	%D%/asm_encode.c \
	%D%/asm_expr.c \
	%D%/asm_listing.c \
	%D%/asm_operand.c \
	%D%/asm_private.h \
	%D%/asm_symbol.c \
	%D%/ast.h \
	%D%/build.c \
	%D%/check.c \
	%D%/check.h \
	%D%/check_assign.c \
	%D%/check_code.c \
	%D%/check_expr.c \
	%D%/check_inline.c \
	%D%/check_instr.c \
	%D%/check_state.c \
	%D%/check_stmt.c \
	%D%/code.c \
	%D%/diag.c \
	%D%/diag.h \
	%D%/disasm.c \
	%D%/elf.c \
	%D%/elf_private.h \
	%D%/elf_read.c \
	%D%/expr_print.c \
	%D%/facts.c \
	%D%/find.c \
	%D%/find.h \
	%D%/image.c \
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
	%D%/quote.c \
	%D%/tree.c \
	%D%/tree.h

dist_machines_DATA += \
	%D%/machines/armv7.isa \
	%D%/machines/i8086.isa \
	%D%/machines/itanium.isa \
	%D%/machines/ka10.isa \
	%D%/machines/m68000.isa \
	%D%/machines/m68010.isa \
	%D%/machines/mipscp0.isa \
	%D%/machines/pdp11.isa \
	%D%/machines/pg-jrst1.isa \
	%D%/machines/pg-sgdt.isa \
	%D%/machines/pg.isa \
	%D%/machines/rv32.isa \
	%D%/machines/s370-das.isa \
	%D%/machines/s370.isa \
	%D%/machines/vax.isa \
	%D%/machines/x86-umip.isa \
	%D%/machines/x86.isa
