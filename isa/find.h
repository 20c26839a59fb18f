/*
 * Looking for included files, which is isa/'s own affair (machines: isa_find), and for the
 * word that somebody meant, which is everybody's.
 */
#ifndef ISA_FIND_H
#define ISA_FIND_H

/*
 * A file to include: looked for in a folder (that of the including file; "" is the working
 * folder), then where machines are.  Returns a path to free, or NULL.
 */
char *find_included(const char *folder, const char *name);

/* The nearest of some words (the last is NULL) to one that is not among them, to ask "did you
 * mean ...?"; NULL if none is near. */
const char *find_nearest(const char *word, const char *const *words);

#endif
