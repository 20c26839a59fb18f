/* Breaks and watches that gdb inserts: the session's points, so that both have the same. */
#include "cli/gdb/gdb.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

static struct gdb_point *find(const struct gdb *g, char type, uint64_t address, uint64_t length)
{
	for (unsigned i = 0; i < g->npoints; i++)
		if (g->point[i].type == type && g->point[i].address == address &&
		    g->point[i].length == length)
			return &g->point[i];
	return NULL;
}

/* The units that are to be watched must lie together in storage, as they do for the processor. */
static bool read_watch(const struct gdb *g, char type, uint64_t address, uint64_t length,
		       struct watch *w)
{
	uint64_t place;

	*w = (struct watch){ .count = length, .read = type != '2', .write = type != '3' };
	if (length < 1 || length > UINT16_MAX || !target_place(g, address, &w->first))
		return false;
	for (uint64_t i = 1; i < length; i++)
		if (!target_place(g, address + i, &place) || place != w->first + i)
			return false;
	return w->first < view_of(g->session)->window.size &&
	       length <= view_of(g->session)->window.size - w->first;
}

static void add(struct gdb *g, const struct gdb_point *made)
{
	struct gdb_point *grown = realloc(g->point, (g->npoints + 1) * sizeof(*grown));

	if (!grown) {
		say_error("out of memory");
		exit(argp_err_exit_status);
	}
	g->point = grown;
	g->point[g->npoints++] = *made;
}

bool gdb_insert(struct gdb *g, char type, uint64_t address, uint64_t length)
{
	struct point p = { .kind = POINT_PLACE };
	char text[64];

	if (find(g, type, address, length))
		return true;
	p.place = address & isa_mask(g->world->lab->isa->role[ROLE_PC]->width);
	if (type >= '2') {
		p.kind = POINT_STORAGE;
		if (!read_watch(g, type, address, length, &p.watch))
			return false;
	}
	snprintf(text, sizeof(text), "0x%" PRIx64 " (gdb's)", address);
	p.text = strdup(text);
	add(g, &(struct gdb_point){ type, address, length, point_add(g->session, &p)->number });
	return true;
}

/* It may be gone, by a command of the bench. */
static void remove_point(struct session *s, unsigned number)
{
	for (unsigned i = 0; i < s->npoints; i++)
		if (s->point[i].number == number) {
			point_remove(s, &s->point[i]);
			return;
		}
}

bool gdb_remove(struct gdb *g, char type, uint64_t address, uint64_t length)
{
	struct gdb_point *p = find(g, type, address, length);

	if (!p)
		return false;
	remove_point(g->session, p->number);
	*p = g->point[--g->npoints];
	return true;
}

void gdb_remove_all(struct gdb *g)
{
	while (g->npoints)
		remove_point(g->session, g->point[--g->npoints].number);
	free(g->point);
	g->point = NULL;
}

const struct gdb_point *gdb_watch_hit(const struct gdb *g)
{
	const struct session *s = g->session;
	const struct hit *hit = stops_hit(view_of(s));

	for (unsigned i = 0; hit && hit->slot < 0 && i < g->npoints; i++)
		for (unsigned k = 0; k < s->npoints; k++) {
			const struct point *p = &s->point[k];

			if (p->number == g->point[i].number && p->kind == POINT_STORAGE &&
			    hit->address >= p->watch.first &&
			    hit->address - p->watch.first < p->watch.count)
				return &g->point[i];
		}
	return NULL;
}
