/*
 * Allocation that does not fail: without storage there is nothing left to say,
 * so the program aborts.  Obstacks allocate so, too.
 */
#ifndef ISA_ALLOC_H
#define ISA_ALLOC_H

#include <obstack.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static inline void *must(void *p)
{
	if (!p)
		abort();
	return p;
}

static inline void *xmalloc(size_t size)
{
	return must(malloc(size ? size : 1));
}

static inline void *xcalloc(size_t count, size_t size)
{
	return must(calloc(count ? count : 1, size ? size : 1));
}

static inline void *xrealloc(void *p, size_t size)
{
	return must(realloc(p, size ? size : 1));
}

static inline char *xstrdup(const char *s)
{
	return must(strdup(s));
}

/* A text made as printf does, to free. */
__attribute__((format(printf, 1, 2))) static inline char *xformat(const char *format, ...)
{
	char *text;
	size_t size;
	FILE *f = must(open_memstream(&text, &size));
	va_list ap;

	va_start(ap, format);
	vfprintf(f, format, ap);
	va_end(ap);
	fclose(f);
	return must(text);
}

#define obstack_chunk_alloc xmalloc
#define obstack_chunk_free free

/* The GNU header aligns by an offset from a null pointer, which clang's sanitizer reports. */
#ifdef __PTR_ALIGN
#undef __PTR_ALIGN
#define __PTR_ALIGN(base, p, mask) __BPTR_ALIGN(base, p, mask)
#endif

#endif
