/* Finding machines by name: DESIGN "Finding a machine". */
#include "isa/find.h"

#include "isa/alloc.h"
#include "isa/isa.h"

#include <dirent.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static const char suffix[] = ".isa";

/* Calls back for each folder in which machines are, until it says true. */
static bool each_folder(bool (*visit)(void *context, const char *folder), void *context)
{
	const char *path = getenv("TRAPEZE_PATH");
	char *folders = xstrdup(path ? path : ""), *rest = folders, *folder;
	bool stop = false;

	while (!stop && (folder = strsep(&rest, ":")))
		stop = *folder && visit(context, folder);
	free(folders);
	return stop || visit(context, PKGDATADIR "/machines");
}

static char *join(const char *folder, const char *name, const char *ending)
{
	size_t length = strlen(folder);
	const char *slash = length && folder[length - 1] != '/' ? "/" : "";
	size_t size = length + strlen(name) + strlen(ending) + 2;
	char *path = xmalloc(size);

	snprintf(path, size, "%s%s%s%s", folder, slash, name, ending);
	return path;
}

struct search {
	const char *name, *ending;
	char *found;
};

static bool search_folder(void *context, const char *folder)
{
	struct search *s = context;
	char *path = join(folder, s->name, s->ending);

	if (access(path, F_OK) == 0)
		s->found = path;
	else
		free(path);
	return s->found;
}

char *find_included(const char *folder, const char *name)
{
	struct search s = { name, "", NULL };

	if (*name == '/')
		folder = "";
	if (!search_folder(&s, folder) && *name != '/')
		each_folder(search_folder, &s);
	return s.found;
}

/* ---- listing */

struct listing {
	void (*found)(void *context, const char *name, const char *path);
	void *context;
	char **name; /* already told: what is found first hides the rest */
	size_t count;
};

static bool told(const struct listing *l, const char *name)
{
	for (size_t i = 0; i < l->count; i++)
		if (!strcmp(l->name[i], name))
			return true;
	return false;
}

static int is_description(const struct dirent *entry)
{
	size_t length = strlen(entry->d_name), end = sizeof(suffix) - 1;

	return length > end && !strcmp(entry->d_name + length - end, suffix) &&
	       entry->d_name[0] != '.';
}

/* By name: pg before pg-jrst1, in every locale. */
static int by_name(const struct dirent **a, const struct dirent **b)
{
	size_t m = strlen((*a)->d_name) - (sizeof(suffix) - 1);
	size_t n = strlen((*b)->d_name) - (sizeof(suffix) - 1);
	int order = memcmp((*a)->d_name, (*b)->d_name, m < n ? m : n);

	return order ? order : (m > n) - (m < n);
}

static void tell(struct listing *l, const char *folder, const char *file)
{
	char *name = must(strndup(file, strlen(file) - (sizeof(suffix) - 1)));
	char *path = join(folder, file, "");

	if (told(l, name)) {
		free(name);
	} else {
		l->name = xrealloc(l->name, (l->count + 1) * sizeof(*l->name));
		l->name[l->count++] = name;
		l->found(l->context, name, path);
	}
	free(path);
}

static bool list_folder(void *context, const char *folder)
{
	struct dirent **entry;
	int n = scandir(folder, &entry, is_description, by_name);

	for (int i = 0; i < n; i++) {
		tell(context, folder, entry[i]->d_name);
		free(entry[i]);
	}
	if (n >= 0)
		free(entry);
	return false;
}

void isa_each_known(void (*found)(void *context, const char *name, const char *path), void *context)
{
	struct listing l = { found, context, NULL, 0 };

	each_folder(list_folder, &l);
	for (size_t i = 0; i < l.count; i++)
		free(l.name[i]);
	free(l.name);
}

/* ---- suggestions */

/* How many letters must be put in, left out or exchanged for others. */
static size_t edit_distance(const char *a, const char *b)
{
	size_t n = strlen(b), *row = xmalloc((n + 1) * sizeof(*row)), distance;

	for (size_t j = 0; j <= n; j++)
		row[j] = j;
	for (size_t i = 0; a[i]; i++) {
		size_t corner = row[0]++;

		for (size_t j = 0; j < n; j++) {
			size_t exchange = corner + (a[i] != b[j]);
			size_t shorter = row[j] < row[j + 1] ? row[j] : row[j + 1];

			corner = row[j + 1];
			row[j + 1] = exchange < shorter + 1 ? exchange : shorter + 1;
		}
	}
	distance = row[n];
	free(row);
	return distance;
}

const char *find_nearest(const char *word, const char *const *words)
{
	const char *nearest = NULL;
	size_t limit = strlen(word) / 3 + 2; /* what is further off is no slip of the pen */

	for (; *words; words++) {
		size_t distance = edit_distance(word, *words);

		if (distance < limit && distance < strlen(*words)) {
			nearest = *words;
			limit = distance;
		}
	}
	return nearest;
}

/* ---- a machine as the user names it */

struct known {
	struct obstack names; /* for the message */
	const char **name;    /* owned copies, NULL at the end */
	size_t count;
};

static void note_known(void *context, const char *name, const char *path)
{
	struct known *k = context;

	(void)path;
	if (k->count)
		obstack_grow(&k->names, ", ", 2);
	obstack_grow(&k->names, name, strlen(name));
	k->name = xrealloc(k->name, (k->count + 2) * sizeof(*k->name));
	k->name[k->count++] = xstrdup(name);
	k->name[k->count] = NULL;
}

static void refuse(struct diag_list *list, const char *name)
{
	struct known k = { .name = xcalloc(1, sizeof(*k.name)) };
	const char *near, *names;

	obstack_init(&k.names);
	isa_each_known(note_known, &k);
	obstack_1grow(&k.names, '\0');
	names = obstack_finish(&k.names);
	near = find_nearest(name, k.name);
	diag_add(list, DIAG_ERROR, (struct place){ 0 }, "there is no machine '%s'; %s%s%s%s%s",
		 name, k.count ? "known are " : "none is known, set TRAPEZE_PATH", names,
		 near ? "; did you mean '" : "", near ? near : "", near ? "'?" : "");
	for (size_t i = 0; i < k.count; i++)
		free((char *)k.name[i]);
	free(k.name);
	obstack_free(&k.names, NULL);
}

char *isa_find(struct diag_list *list, const char *name)
{
	bool is_file = strstr(name, suffix);
	struct search s = { name, is_file ? "" : suffix, NULL };

	if (strchr(name, '/'))
		return xstrdup(name);
	if (search_folder(&s, "") || each_folder(search_folder, &s))
		return s.found;
	refuse(list, name);
	return NULL;
}
