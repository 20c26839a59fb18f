/* Processors, and machines made of storage, devices and a processor. */
#include "machine/machine.h"

#include "isa/alloc.h"
#include "machine/lower.h"
#include "machine/mapped.h"
#include "machine/translator.h"

#include <inttypes.h>

struct cpu *cpu_new(const struct isa *isa, uint64_t seed)
{
	struct cpu *cpu = xcalloc(1, sizeof *cpu);

	cpu->state = xcalloc(lower_layout(isa).total, sizeof *cpu->state);
	/* an odd multiplier (Steele and Vigna 2021) spreads neighbouring seeds */
	cpu->unspecified = (seed + 1) * UINT64_C(0xd1342543de82ef95);
	return cpu;
}

void cpu_free(struct cpu *cpu)
{
	if (!cpu)
		return;
	free(cpu->state);
	free(cpu);
}

void cpu_copy(const struct isa *isa, struct cpu *to, const struct cpu *from)
{
	uint64_t *state = to->state;

	memcpy(state, from->state, isa->nslots * sizeof *state);
	*to = *from;
	to->state = state;
}

struct device **devices_new(const struct isa *isa, struct window window, char *reason,
			    size_t reason_size)
{
	struct device **device = xcalloc(isa->ndevices, sizeof *device);

	for (unsigned i = 0; i < isa->ndevices; i++) {
		device[i] = device_new(isa, &isa->device[i], window, reason, reason_size);
		if (!device[i]) {
			devices_free(isa, device);
			return NULL;
		}
	}
	for (unsigned i = 0; i < isa->ndevices; i++)
		if (device[i]->class->connect)
			device[i]->class->connect(device[i], device, isa->ndevices);
	return device;
}

void devices_free(const struct isa *isa, struct device **device)
{
	if (!device)
		return;
	for (unsigned i = 0; i < isa->ndevices; i++)
		device_free(device[i]);
	free(device);
}

struct device *devices_find(const struct isa *isa, struct device *const *device,
			    const char *class_name)
{
	for (unsigned i = 0; i < isa->ndevices; i++)
		if (strcmp(device[i]->class->name, class_name) == 0)
			return device[i];
	return NULL;
}

/* Addresses are words, so they count no more units than a word has values. */
static bool check_size(const struct isa *isa, uint64_t size, char *reason, size_t reason_size)
{
	if (!size)
		snprintf(reason, reason_size, "a machine needs storage");
	else if (isa->word < 64 && size > UINT64_C(1) << isa->word)
		snprintf(reason, reason_size,
			 "addresses of %u bits reach %" PRIu64 " units of storage, not %" PRIu64,
			 isa->word, UINT64_C(1) << isa->word, size);
	else
		return mapped_fits(isa, size, reason, reason_size);
	return false;
}

/* Storage and devices; false with a reason. */
static bool equip(struct machine *m, uint64_t size, char *reason, size_t reason_size)
{
	m->storage = storage_new(size, m->isa->unit);
	if (!m->storage) {
		snprintf(reason, reason_size, "the host has no room for %" PRIu64 " units", size);
		return false;
	}
	m->device = devices_new(m->isa, (struct window){ .storage = m->storage, .size = size },
				reason, reason_size);
	return m->device != NULL;
}

struct machine *machine_new(const struct isa *isa, uint64_t size, uint64_t seed, char *reason,
			    size_t reason_size)
{
	struct machine *m;

	if (!check_size(isa, size, reason, reason_size))
		return NULL;
	m = xcalloc(1, sizeof *m);
	m->isa = isa;
	if (!equip(m, size, reason, reason_size)) {
		machine_free(m);
		return NULL;
	}
	m->oracle = oracle_new(isa);
	m->ncpus = 1;
	m->cpu = xcalloc(1, sizeof *m->cpu);
	m->cpu[0] = cpu_new(isa, seed);
	m->view = xcalloc(1, sizeof *m->view);
	m->view[0] = (struct view){ .isa = isa,
				    .cpu = m->cpu[0],
				    .window = { .storage = m->storage, .size = size },
				    .device = m->device,
				    .oracle = m->oracle };
	view_reset(&m->view[0]);
	return m;
}

static void set_translator(struct machine *m, struct translator *t)
{
	translator_free(m->translator);
	m->translator = t;
	for (unsigned i = 0; i < m->ncpus; i++)
		m->view[i].translator = t;
}

bool machine_translate(struct machine *m, const struct translator_options *options)
{
	set_translator(m, NULL);
	set_translator(m, translator_new(m->isa, m->storage, m->oracle, options));
	return m->translator != NULL;
}

bool machine_use(struct machine *m, enum engine engine)
{
	const struct translator_options usual = { 0 };

	if (engine == ENGINE_TRANSLATOR)
		return machine_translate(m, &usual);
	set_translator(m, NULL);
	return true;
}

void machine_free(struct machine *m)
{
	if (!m)
		return;
	translator_free(m->translator);
	devices_free(m->isa, m->device);
	for (unsigned i = 0; i < m->ncpus; i++)
		cpu_free(m->cpu[i]);
	free(m->cpu);
	free(m->view);
	oracle_free(m->oracle);
	storage_free(m->storage);
	free(m);
}
