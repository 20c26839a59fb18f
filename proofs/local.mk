noinst_LIBRARIES += %D%/libproofs.a
%C%_libproofs_a_SOURCES = \
	%D%/classify.c \
	%D%/classify.h \
	%D%/classify_private.h \
	%D%/direct.c \
	%D%/enumerate.c \
	%D%/enumerate.h \
	%D%/enumerate_oracle.c \
	%D%/enumerate_private.h \
	%D%/enumerate_run.c \
	%D%/lemma.c \
	%D%/relation.c \
	%D%/shadow.c \
	%D%/smt.c \
	%D%/smt.h \
	%D%/smt_files.c \
	%D%/smt_private.h \
	%D%/smt_process.c \
	%D%/smt_text.c \
	%D%/symbolic.c \
	%D%/symbolic.h \
	%D%/symbolic_private.h \
	%D%/symbolic_state.c \
	%D%/symbolic_translation.c \
	%D%/term.c \
	%D%/term.h \
	%D%/term_binary.c \
	%D%/term_private.h \
	%D%/theorem.c \
	%D%/trapseq.c \
	%D%/violation.c \
	%D%/witness.c \
	%D%/witness.h
