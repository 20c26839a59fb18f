# Chapters are listed as: dist_doc_DATA += %D%/language.md; the man page: dist_man1_MANS += %D%/trapeze.1
# Their ```console blocks are run by tests/docs.sh, whose head says how they are written.
dist_doc_DATA += \
	%D%/glossary.md
