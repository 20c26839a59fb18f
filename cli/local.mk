# With main.c: bin_PROGRAMS += trapeze, trapeze_SOURCES = %D%/main.c ..., trapeze_LDADD = $(TRAPEZE_LIBS)
