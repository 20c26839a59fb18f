/* Engines by name, and the settings of the translator for tests (machine/translator.h). */
#include "machine/translator.h"

#include <ctype.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

static const char *const engine_names[] = { "oracle", "translator" };

const char *engine_name(enum engine engine)
{
	return engine_names[engine];
}

/* What a setting does to the options, and between which bounds. */
struct setting {
	const char *name;
	uint64_t least, most;
	void (*set)(struct translator_options *, uint64_t);
};

static void set_flush(struct translator_options *o, uint64_t n)
{
	o->flush = (unsigned)n;
}

static void set_cache(struct translator_options *o, uint64_t n)
{
	o->memory = n;
}

static void set_blocks(struct translator_options *o, uint64_t n)
{
	o->blocks = (unsigned)n;
}

static void set_pool(struct translator_options *o, uint64_t n)
{
	o->pool = (unsigned)n + 1;
}

static void set_hot(struct translator_options *o, uint64_t n)
{
	o->hot = (unsigned)n;
}

static void set_vectors(struct translator_options *o, uint64_t n)
{
	o->vectors = (unsigned)n + 1;
}

static const struct setting settings[] = {
	{ "flush", 1, 1 << 30, set_flush },
	{ "cache", TRANSLATOR_LEAST_MEMORY, 1 << 30, set_cache },
	{ "blocks", 1, 1 << 10, set_blocks },
	{ "pool", 0, 64, set_pool },
	{ "hot", 1, 1 << 30, set_hot },
	{ "vectors", 0, 1, set_vectors },
};
enum { SETTINGS = sizeof settings / sizeof *settings };

/* Digits, and K or M behind them; false if there is anything else before the end. */
static bool read_number(const char *text, const char *end, uint64_t *n)
{
	*n = 0;
	if (text == end)
		return false;
	for (; text < end && isdigit((unsigned char)*text) && *n < 1 << 30; text++)
		*n = *n * 10 + (uint64_t)(*text - '0');
	if (text < end && (*text == 'K' || *text == 'M'))
		*n <<= *text++ == 'K' ? 10 : 20;
	return text == end;
}

static const struct setting *setting_named(const char *name, size_t length)
{
	for (unsigned i = 0; i < SETTINGS; i++)
		if (strlen(settings[i].name) == length &&
		    memcmp(settings[i].name, name, length) == 0)
			return &settings[i];
	return NULL;
}

/* "flush=3", up to end. */
static bool apply(const char *text, const char *end, struct translator_options *o, char *reason,
		  size_t size)
{
	size_t length = strcspn(text, "=");
	const struct setting *s = setting_named(text, length);
	uint64_t n;

	if (s && text + length < end && read_number(text + length + 1, end, &n) && n >= s->least &&
	    n <= s->most) {
		s->set(o, n);
		return true;
	}
	if (s)
		snprintf(reason, size,
			 "%s= needs a number from %" PRIu64 " to %" PRIu64 ", not '%.*s'", s->name,
			 s->least, s->most, (int)(end - text), text);
	else
		snprintf(reason, size, "'%.*s' is none of flush=, cache=, blocks=, pool=, hot=, vectors=",
			 (int)(end - text), text);
	return false;
}

bool engine_choose(const char *text, struct engine_choice *choice, char *reason, size_t size)
{
	size_t length = strcspn(text, ":"), named = strlen(engine_names[ENGINE_TRANSLATOR]);
	bool more = text[length] == ':';

	*choice = (struct engine_choice){ .engine = ENGINE_ORACLE };
	if (strcmp(text, engine_names[ENGINE_ORACLE]) == 0)
		return true;
	if (length != named || memcmp(text, engine_names[ENGINE_TRANSLATOR], length) != 0) {
		snprintf(reason, size, "the engine is translator or oracle, not '%s'", text);
		return false;
	}
	choice->engine = ENGINE_TRANSLATOR;
	for (text += length; more; more = *text == ',') {
		const char *from = text + 1;

		text = from + strcspn(from, ",");
		if (!apply(from, text, &choice->options, reason, size))
			return false;
	}
	return true;
}
