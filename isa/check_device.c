/* Devices as declared, and the places where they are reached like storage. */
#include "isa/check.h"

#include <inttypes.h>
#include <string.h>

static const struct val wrong = { NULL, false, 0 };

/* ---- places ---- */

static void check_overlap(struct checker *c, const struct ast_item *item,
			  const struct isa_device *d)
{
	for (const struct isa_device *o = c->isa->device; o < d; o++)
		if (o->units && d->at < o->at + o->units && o->at < d->at + d->units)
			complain(c, item->value->place, "%s is where %s is: %#" PRIx64, d->name,
				 o->name, d->at > o->at ? d->at : o->at);
}

/* Whole words, so that each is a register. */
static void check_places(struct checker *c, const struct ast_item *item, struct isa_device *d)
{
	uint64_t most = isa_mask(c->isa->word), word = c->isa->word / c->isa->unit, at, units;

	if (!item->units || !check_number(c, item->value, 1, most, "a device's place", &at) ||
	    !check_number(c, item->units, 1, most - at, "the number of a device's units", &units))
		return;
	if (at % word)
		complain(c, item->value->place, "a device begins at a word: a multiple of %" PRIu64,
			 word);
	if (units % word)
		complain(c, item->units->place, "a device has whole words: a multiple of %" PRIu64,
			 word);
	d->at = at;
	d->units = units;
	c->isa->mapped = true;
	check_overlap(c, item, d);
}

/* ---- devices ---- */

static void check_param(struct checker *c, const struct ast_entry *e, struct isa_device *d,
			struct isa_param *p)
{
	bool line = !strcmp(e->name, "line");

	*p = (struct isa_param){ e->name, 0, e->place };
	if (e->value)
		check_number(c, e->value, 0, line ? 63 : UINT64_MAX, "a parameter", &p->value);
	if (line)
		d->line = (int)p->value;
}

void check_device(struct checker *c, const struct ast_item *item, struct isa_device *device)
{
	struct isa_param *param;
	unsigned n = 0;

	for (const struct ast_entry *e = item->entries; e; e = e->next)
		n++;
	param = take(c, (n + 1) * sizeof *param);
	*device = (struct isa_device){ .name = item->name,
				       .doc = item->doc,
				       .place = item->place,
				       .class = item->other,
				       .line = -1,
				       .param = param,
				       .index = c->isa->ndevices };
	if (!item->other)
		complain(c, item->place, "device %s needs a class: device %s : console;",
			 item->name, item->name);
	for (const struct ast_entry *e = item->entries; e; e = e->next)
		check_param(c, e, device, &param[device->nparams++]);
	if (item->value)
		check_places(c, item, device);
}

/* ---- mapped(p) ---- */

/* Comparisons with constants, so that nobody else needs to know of it. */
struct val call_mapped(struct coder *k, const struct ast_expr *e)
{
	const struct isa *isa = k->c->isa;
	const struct expr *p, *any = x_const(k->c, 1, 0);

	if (!e->list || e->list->next) {
		complain(k->c, e->place, "mapped takes 1 argument, a place");
		return wrong;
	}
	p = check_word(k, e->list);
	if (!p)
		return wrong;
	for (const struct isa_device *d = isa->device; d < isa->device + isa->ndevices; d++) {
		const struct expr *from = x_const(k->c, isa->word, d->at),
				  *to = x_const(k->c, isa->word, d->at + d->units);

		if (d->units)
			any = x_binary(k->c, X_OR, any,
				       x_binary(k->c, X_AND, x_binary(k->c, X_ULE, from, p),
						x_binary(k->c, X_ULT, p, to)));
	}
	return fixed(any);
}
