/* Changes of descriptions, told by the kernel (inotify). */
#include "cli/watch.h"

#include <errno.h>
#include <libgen.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <unistd.h>

enum { MOMENT = 50 }; /* milliseconds */

struct watch {
	int fd;
};

struct watch *watch_new(void)
{
	struct watch *w = malloc(sizeof(*w));

	if (w && (w->fd = inotify_init1(IN_CLOEXEC)) >= 0)
		return w;
	free(w);
	return NULL;
}

void watch_free(struct watch *w)
{
	if (!w)
		return;
	close(w->fd);
	free(w);
}

bool watch_add(struct watch *w, const char *path)
{
	const uint32_t changes = IN_CLOSE_WRITE | IN_MOVED_TO | IN_MOVED_FROM | IN_DELETE;
	char *copy = strdup(path);
	bool added = copy && inotify_add_watch(w->fd, dirname(copy), changes) >= 0;

	free(copy);
	return added;
}

static bool is_description(const char *name)
{
	size_t n = strlen(name);

	return n > 4 && strcmp(name + n - 4, ".isa") == 0;
}

/* Reads what there is; 1 if a description was among it, -1 after an error. */
static int changed(struct watch *w)
{
	char buffer[16384] __attribute__((aligned(__alignof__(struct inotify_event))));
	ssize_t n = read(w->fd, buffer, sizeof(buffer)), at = 0;
	int any = 0;

	while (at < n) {
		const struct inotify_event *e = (const struct inotify_event *)(buffer + at);
		any |= e->len && is_description(e->name);
		at += (ssize_t)(sizeof(*e) + e->len);
	}
	return n < 0 ? -1 : any;
}

bool watch_wait(struct watch *w)
{
	struct pollfd more = { w->fd, POLLIN, 0 };
	int any;

	while ((any = changed(w)) == 0)
		;
	while (any > 0 && poll(&more, 1, MOMENT) > 0)
		if (changed(w) < 0)
			any = -1;
	return any > 0;
}
