/* Where a run is to stop: see cli/stop.h. */
#include "cli/stop.h"

#include "machine/stops.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

void stop_options_free(struct stop_options *o)
{
	words_free(&o->places);
	words_free(&o->ranges);
}

/* ---- reading ---- */

enum found { FOUND, NO_SUCH_LABEL, NO_PLACE };

/* text[0..length) is cut off what the user gave. */
static enum found read_place(const struct image *image, const char *text, size_t length,
			     uint64_t *place)
{
	char *copy = strndup(text, length), *plus = copy ? strchr(copy, '+') : NULL;
	enum found found = FOUND;
	const struct symbol *s;
	uint64_t more = 0;

	if (plus)
		*plus++ = '\0';
	if (!copy || (plus && !number_parse(plus, 0, UINT64_MAX, &more))) {
		found = NO_PLACE;
	} else if (!number_parse(copy, 0, UINT64_MAX, place)) {
		s = image_symbol(image, copy);
		*place = s ? s->value : 0;
		found = s ? FOUND : NO_SUCH_LABEL;
	}
	*place += more;
	free(copy);
	return found;
}

static uint64_t word_units(const struct isa *isa)
{
	return isa->word > isa->unit ? isa->word / isa->unit : 1;
}

static bool read_kinds(const char *text, struct watch *w)
{
	w->read = *text == 'r';
	text += w->read;
	w->write = *text == 'w';
	text += w->write;
	return *text == '\0' && (w->read || w->write);
}

static enum found read_range(const struct image *image, const struct isa *isa, const char *text,
			     struct watch *w)
{
	size_t length = strcspn(text, ",:");
	const char *colon = strchr(text, ':');
	enum found found = NO_PLACE;
	char *count;

	*w = (struct watch){ .count = word_units(isa), .write = true };
	if (colon && !read_kinds(colon + 1, w))
		return NO_PLACE;
	if (text[length] != ',')
		return read_place(image, text, length, &w->first);
	count = strndup(text + length + 1, strcspn(text + length + 1, ":"));
	if (count && number_parse(count, 1, UINT64_MAX, &w->count))
		found = read_place(image, text, length, &w->first);
	free(count);
	return found;
}

/* ---- hanging them up ---- */

static bool hang_place(struct view *v, const struct guest *g, const char *text, bool *anywhere)
{
	uint64_t place;
	enum found found = read_place(g->image, text, strlen(text), &place);

	if (found == NO_PLACE) {
		say_error("--break needs a number, a label or LABEL+N, not '%s'", text);
		return false;
	}
	if (found == FOUND) {
		stops_add_break(v->stops, place);
		*anywhere = true;
	}
	return true;
}

static bool hang_register(struct view *v, const struct guest *g, const char *name)
{
	unsigned element;
	const struct isa_reg *r = isa_slot_named(v->isa, name, &element);

	if (!r || image_symbol(g->image, name))
		return false;
	stops_add_register(v->stops, r->slot + element);
	return true;
}

static bool hang_range(struct view *v, const struct guest *g, const char *text, bool *anywhere)
{
	struct watch w;
	enum found found;

	if (hang_register(v, g, text))
		return *anywhere = true;
	found = read_range(g->image, v->isa, text, &w);
	if (found == NO_PLACE) {
		say_error("--watch needs PLACE[,COUNT][:r|:w|:rw], not '%s'", text);
		return false;
	}
	if (found == FOUND && !stops_add_watch(v->stops, &w)) {
		say_error("--watch %s: not within the storage of %s", text, g->path);
		return false;
	}
	*anywhere |= found == FOUND;
	return true;
}

typedef bool hang(struct view *, const struct guest *, const char *text, bool *anywhere);

static bool hang_all(const struct lab *l, const struct guest *g, const struct words *words,
		     hang *hang)
{
	for (unsigned n = 0; n < words->count; n++) {
		bool anywhere = false;

		for (unsigned i = 0; i < l->count; i++)
			if (!hang(l->view[i], &g[i], words->word[n], &anywhere))
				return false;
		if (!anywhere) {
			say_error("no guest has the label, nor its machine the register, of '%s'",
				  words->word[n]);
			return false;
		}
	}
	return true;
}

bool stop_hang(const struct lab *l, const struct guest *g, const struct stop_options *o)
{
	if (o->places.count + o->ranges.count == 0)
		return true;
	for (unsigned i = 0; i < l->count; i++)
		stops_new(l->view[i]);
	return hang_all(l, g, &o->places, hang_place) && hang_all(l, g, &o->ranges, hang_range);
}

void stop_remove(const struct lab *l)
{
	for (unsigned i = 0; i < l->count; i++)
		stops_free(l->view[i]->stops);
}

/* ---- what came of them ---- */

int stop_standing(const struct lab *l)
{
	for (unsigned i = 0; i < l->count; i++)
		if (stops_stand(l->view[i]))
			return (int)i;
	return -1;
}

unsigned stop_which(const struct lab *l)
{
	unsigned i = 0;

	while (l->monitor && l->vm[i] != monitor_stopped(l->outermost))
		i++;
	return i;
}

/* What was touched, and by whom. */
static void print_hit(const struct view *v, const struct hit *hit, const struct image *image,
		      FILE *f)
{
	char name[64];

	if (hit->slot >= 0) {
		fprintf(f, "%s from 0x%" PRIx64 " to 0x%" PRIx64,
			isa_slot_name(v->isa, (unsigned)hit->slot, name, sizeof(name)), hit->before,
			v->cpu->state[hit->slot]);
	} else {
		fprintf(f, "%s of 0x%" PRIx64, access_name(hit->access), hit->address);
		report_label(image, hit->address, f);
	}
	fprintf(f, " by 0x%" PRIx64, hit->p);
	report_label(image, hit->p, f);
}

void stop_print(const struct view *v, const char *name, const struct image *image, FILE *f)
{
	const struct hit *hit = stops_hit(v);

	fprintf(f, "%s: ", name);
	if (hit)
		print_hit(v, hit, image, f);
	else
		fputs("break", f);
	fprintf(f, " after %" PRIu64 " step%s, at ", v->cpu->steps, plural(v->cpu->steps));
	report_place(v, image, f);
}

static void set_number(json_t *o, const char *name, uint64_t n)
{
	json_object_set_new(o, name, json_integer((json_int_t)n));
}

static void add_hit(json_t *o, const struct view *v, const struct hit *hit)
{
	char name[64];

	set_number(o, "by", hit->p);
	if (hit->slot < 0) {
		set_number(o, "address", hit->address);
		return;
	}
	json_object_set_new(
		o, "register",
		json_string(isa_slot_name(v->isa, (unsigned)hit->slot, name, sizeof(name))));
	set_number(o, "before", hit->before);
	set_number(o, "value", v->cpu->state[hit->slot]);
}

/* "break", "read", "write", "register" */
static const char *kind_of(const struct hit *hit)
{
	return !hit ? "break" : hit->slot >= 0 ? "register" : access_name(hit->access);
}

json_t *stop_json(const struct view *v, const char *name)
{
	const struct hit *hit = stops_hit(v);
	json_t *o = json_object();

	json_object_set_new(o, "name", json_string(name));
	json_object_set_new(o, "kind", json_string(kind_of(hit)));
	set_number(o, "steps", v->cpu->steps);
	set_number(o, "p", v->cpu->state[v->isa->role[ROLE_PC]->slot]);
	if (hit)
		add_hit(o, v, hit);
	return o;
}
