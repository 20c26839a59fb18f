/*
 * Numbers and lists of words as the user gives them: read strictly.
 */
#include "cli/cli.h"

#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

void *make(size_t count, size_t size)
{
	void *p = calloc(count ? count : 1, size ? size : 1);

	if (!p) {
		say_error("out of memory");
		exit(argp_err_exit_status);
	}
	return p;
}

/* Reads digits and says where they end; false if there are none or too many. */
static bool read_digits(const char *text, uint64_t *value, const char **end)
{
	int base = 10;
	char *stop;

	if (text[0] == '0' && (text[1] == 'x' || text[1] == 'X'))
		base = 16;
	else if (text[0] == '0' && (text[1] == 'b' || text[1] == 'B'))
		base = 2;
	if (base != 10)
		text += 2;
	if (base == 16 ? !isxdigit((unsigned char)*text) : !isdigit((unsigned char)*text))
		return false;
	errno = 0;
	*value = strtoull(text, &stop, base);
	*end = stop;
	return stop != text && errno == 0;
}

bool number_parse(const char *text, uint64_t min, uint64_t max, uint64_t *value)
{
	const char *end;

	return read_digits(text, value, &end) && *end == '\0' && *value >= min && *value <= max;
}

bool size_parse(const char *text, uint64_t *units)
{
	static const char suffixes[] = "KMG";
	const char *end, *suffix;
	unsigned shift = 0;

	if (!read_digits(text, units, &end) || *units == 0)
		return false;
	if (*end) {
		suffix = strchr(suffixes, toupper((unsigned char)*end));
		if (!suffix || end[1])
			return false;
		shift = 10 * (unsigned)(suffix - suffixes + 1);
	}
	if (*units > UINT64_MAX >> shift)
		return false;
	*units <<= shift;
	return true;
}

uint64_t arg_number(struct argp_state *state, const char *option, const char *text, uint64_t min,
		    uint64_t max)
{
	uint64_t value = 0;

	if (!number_parse(text, min, max, &value)) {
		if (max == UINT64_MAX)
			argp_error(state, "%s needs a whole number from %" PRIu64 ", not '%s'",
				   option, min, text);
		else
			argp_error(state,
				   "%s needs a whole number from %" PRIu64 " to %" PRIu64
				   ", not '%s'",
				   option, min, max, text);
	}
	return value;
}

uint64_t arg_size(struct argp_state *state, const char *option, const char *text)
{
	uint64_t units = 0;

	if (!size_parse(text, &units))
		argp_error(state, "%s needs a size such as 16384, 64K or 1M, not '%s'", option,
			   text);
	return units;
}

void words_add(struct words *w, const char *word)
{
	const char **grown = realloc(w->word, (w->count + 1) * sizeof(*grown));

	if (!grown) {
		say_error("out of memory");
		exit(argp_err_exit_status);
	}
	w->word = grown;
	w->word[w->count++] = word;
}

void words_free(struct words *w)
{
	free(w->word);
}

const char *words_at(const struct words *w, unsigned n, bool repeat)
{
	if (n < w->count)
		return w->word[n];
	return repeat && w->count ? w->word[w->count - 1] : NULL;
}
