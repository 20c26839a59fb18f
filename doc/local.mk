# Chapters are listed as: dist_doc_DATA += %D%/language.md; the man page: dist_man1_MANS += %D%/trapeze.1
dist_doc_DATA += %D%/glossary.md
