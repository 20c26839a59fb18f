/* The device classes, and devices as a description declares them. */
#include "machine/device.h"

#include "isa/alloc.h"

extern const struct device_class console_class, drum_class, malta_class, power_class;

const struct device_class *const device_classes[] = { &console_class, &drum_class, &malta_class,
						    &power_class, NULL };

const struct device_class *device_class_named(const char *name)
{
	for (unsigned i = 0; device_classes[i]; i++)
		if (strcmp(device_classes[i]->name, name) == 0)
			return device_classes[i];
	return NULL;
}

/* Appends a comma and a name to a list of names. */
static void list_name(char *list, size_t size, const char *name)
{
	size_t used = strlen(list);

	snprintf(list + used, size - used, "%s%s", used ? ", " : "", name);
}

static bool has_name(const char *const *names, const char *name)
{
	for (unsigned i = 0; names[i]; i++)
		if (strcmp(names[i], name) == 0)
			return true;
	return false;
}

static const struct device_class *class_of(const struct isa_device *decl, char *reason,
					   size_t reason_size)
{
	const struct device_class *class = device_class_named(decl->class);
	char list[256] = "";

	if (class)
		return class;
	for (unsigned i = 0; device_classes[i]; i++)
		list_name(list, sizeof list, device_classes[i]->name);
	snprintf(reason, reason_size, "device %s: there is no class %s; there are: %s", decl->name,
		 decl->class, list);
	return NULL;
}

static bool check_params(const struct device_class *class, const struct isa_device *decl,
			 char *reason, size_t reason_size)
{
	char list[256] = "line";

	for (unsigned i = 0; class->param_name[i]; i++)
		list_name(list, sizeof list, class->param_name[i]);
	for (unsigned i = 0; i < decl->nparams; i++) {
		const char *name = decl->param[i].name;

		if (strcmp(name, "line") == 0 || has_name(class->param_name, name))
			continue;
		snprintf(reason, reason_size, "device %s: a %s has no parameter %s; it has: %s",
			 decl->name, class->name, name, list);
		return false;
	}
	return true;
}

uint64_t device_param(const struct device *d, const char *name, uint64_t otherwise)
{
	for (unsigned i = 0; i < d->decl->nparams; i++)
		if (strcmp(d->decl->param[i].name, name) == 0)
			return d->decl->param[i].value;
	return otherwise;
}

struct device *device_new(const struct isa *isa, const struct isa_device *decl,
			  struct window window, char *reason, size_t reason_size)
{
	const struct device_class *class = class_of(decl, reason, reason_size);
	struct device *d;

	if (!class || !check_params(class, decl, reason, reason_size))
		return NULL;
	d = xcalloc(1, class->size);
	d->class = class;
	d->decl = decl;
	d->window = window;
	d->word_mask = isa_mask(isa->word);
	d->word_units = isa->word / isa->unit;
	d->big_endian = isa->endian == ENDIAN_BIG;
	d->var = xcalloc(class->nvars, sizeof *d->var);
	if (class->init(d, reason, reason_size))
		return d;
	free(d->var);
	free(d);
	return NULL;
}

void device_free(struct device *d)
{
	if (!d)
		return;
	d->class->fini(d);
	free(d->var);
	free(d);
}
