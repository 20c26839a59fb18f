# The chapters of the manual, and the man page.
dist_doc_DATA += \
	%D%/assembler.md \
	%D%/boards.md \
	%D%/commands.md \
	%D%/deciding.md \
	%D%/translator.md \
	%D%/glossary.md \
	%D%/language.md \
	%D%/paper-map.md \
	%D%/proofs.md \
	%D%/reading-guide.md \
	%D%/repl.md \
	%D%/teaching-kernel.md \
	%D%/towers.md \
	%D%/tutorial.md \
	%D%/zoo.md

dist_man1_MANS += %D%/trapeze.1
