/*
 * Descriptions being edited: waits until one of them changes.
 *
 * Folders are watched, not files, so that a file that is replaced by another of its
 * name, as editors do, or that goes and comes back, is still the same to us.
 */
#ifndef CLI_WATCH_H
#define CLI_WATCH_H

#include "isa/isa.h"

struct watch;

/* NULL, with errno set, if the system has no room for one. */
struct watch *watch_new(void);
void watch_free(struct watch *);
/* Watches a file's folder; false with errno set. */
bool watch_add(struct watch *, const char *path);
/* Waits until a file of a folder watched changes that is a description by its name; true when one
 * did, false if waiting fails, errno set.  What changes within the same moment is one change. */
bool watch_wait(struct watch *);

#endif
