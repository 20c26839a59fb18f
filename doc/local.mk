# Chapters of the manual.  The man page is listed as: dist_man1_MANS += %D%/trapeze.1
dist_doc_DATA += \
	%D%/assembler.md \
	%D%/glossary.md \
	%D%/language.md \
	%D%/paper-map.md \
	%D%/reading-guide.md \
	%D%/tutorial.md
