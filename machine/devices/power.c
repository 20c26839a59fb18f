/* The power switch: a write ends the run.  Register: machine/device.h. */
#include "machine/device.h"

enum { VAR_STATUS, VAR_OFF, NVARS };

static const char *const var_names[NVARS] = { [VAR_STATUS] = "status", [VAR_OFF] = "off" };

static bool power_init(struct device *d, char *reason, size_t reason_size)
{
	(void)d;
	(void)reason;
	(void)reason_size;
	return true;
}

static void power_fini(struct device *d)
{
	(void)d;
}

static uint64_t power_read(struct device *d, uint64_t reg)
{
	(void)d;
	(void)reg;
	return 0;
}

static void power_write(struct device *d, uint64_t reg, uint64_t value)
{
	if (reg != 0)
		return;
	d->var[VAR_STATUS] = value & d->word_mask;
	d->var[VAR_OFF] = 1;
}

/* What is written ends the run. */
static uint64_t power_steady(const struct device *d, const struct device_access *a, uint64_t now)
{
	(void)d;
	return a->write ? now : NEVER;
}

static void power_advance(struct device *d, uint64_t now)
{
	(void)d;
	(void)now;
}

static uint64_t power_next_event(const struct device *d)
{
	(void)d;
	return NEVER;
}

static bool power_line(const struct device *d)
{
	(void)d;
	return false;
}

static bool power_off(const struct device *d, uint64_t *status)
{
	if (d->var[VAR_OFF])
		*status = d->var[VAR_STATUS];
	return d->var[VAR_OFF];
}

const struct device_class power_class = {
	.name = "power",
	.nvars = NVARS,
	.var_name = var_names,
	.param_name = (const char *const[]){ NULL },
	.size = sizeof(struct device),
	.init = power_init,
	.fini = power_fini,
	.read = power_read,
	.write = power_write,
	.steady = power_steady,
	.advance = power_advance,
	.next_event = power_next_event,
	.line = power_line,
	.off = power_off,
};
