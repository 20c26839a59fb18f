bin_PROGRAMS += trapeze
trapeze_SOURCES = \
	%D%/campaign.c \
	%D%/campaign.h \
	%D%/cli.h \
	%D%/console.c \
	%D%/console.h \
	%D%/decision.c \
	%D%/decision.h \
	%D%/decision_json.c \
	%D%/decision_print.c \
	%D%/decision_text.c \
	%D%/difference.c \
	%D%/failure.c \
	%D%/guest.c \
	%D%/guest.h \
	%D%/input.c \
	%D%/input.h \
	%D%/lab.c \
	%D%/lab.h \
	%D%/layout.c \
	%D%/layout.h \
	%D%/main.c \
	%D%/manual.c \
	%D%/manual.h \
	%D%/number.c \
	%D%/report.c \
	%D%/report.h \
	%D%/say.c \
	%D%/score.c \
	%D%/score.h \
	%D%/stats.c \
	%D%/terminal.c \
	%D%/terminal.h \
	%D%/verb_asm.c \
	%D%/verb_check.c \
	%D%/verb_disasm.c \
	%D%/verb_doc.c \
	%D%/verb_equiv.c \
	%D%/verb_explain.c \
	%D%/verb_fuzz.c \
	%D%/verb_new.c \
	%D%/verb_run.c \
	%D%/verb_tour.c \
	%D%/witness_guest.c \
	%D%/witness_guest.h
trapeze_LDADD = $(TRAPEZE_LIBS)
