/*
 * The assembler's tokens and expressions: C's operators with C's precedence, on
 * numbers wide enough that nothing wraps unnoticed (asm_number).
 */
#include "isa/asm_private.h"

#include <ctype.h>
#include <stdarg.h>
#include <string.h>

struct spot asm_spot(const struct scan *s)
{
	return (struct spot){ s->source, s->line, s->start, s->p, s->end, s->here };
}

struct scan asm_scan(struct assembler *as, const struct spot *spot)
{
	return (struct scan){
		.as = as,
		.source = spot->source,
		.line = spot->line,
		.start = spot->start,
		.p = spot->p,
		.end = spot->end,
		.here = spot->here,
	};
}

struct place asm_place(const struct scan *s, const char *at)
{
	return (struct place){ s->source, s->line, (int)(at - s->start) + 1 };
}

bool asm_fail(struct scan *s, const char *at, const char *format, ...)
{
	va_list args;

	s->error_at = at;
	s->error_place = asm_place(s, at);
	va_start(args, format);
	vsnprintf(s->error, sizeof(s->error), format, args);
	va_end(args);
	return false;
}

bool asm_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\f' || c == '\v';
}

bool asm_name_start(char c)
{
	return isalpha((unsigned char)c) || c == '_' || c == '$';
}

bool asm_name_part(char c)
{
	return asm_name_start(c) || isdigit((unsigned char)c) || c == '.';
}

void asm_skip_blanks(struct scan *s)
{
	while (s->p < s->end && asm_blank(*s->p))
		s->p++;
}

bool asm_accept(struct scan *s, char c)
{
	asm_skip_blanks(s);
	if (s->p == s->end || *s->p != c)
		return false;
	s->p++;
	return true;
}

bool asm_at_end(struct scan *s)
{
	asm_skip_blanks(s);
	if (s->p < s->end)
		return asm_fail(s, s->p, "the statement should end here");
	return true;
}

size_t asm_name_length(const char *p, const char *end)
{
	const char *q = p;

	if (p == end || !asm_name_start(*p))
		return 0;
	while (q < end && asm_name_part(*q))
		q++;
	return (size_t)(q - p);
}

size_t asm_char_length(const char *p, const char *end)
{
	if (end - p < 3 || *p != '\'')
		return 0;
	if (p[1] != '\\')
		return p[1] != '\'' && p[2] == '\'' ? 3 : 0;
	for (int i = 3; i < 6 && i < end - p; i++)
		if (p[i] == '\'')
			return (size_t)i + 1;
	return 0;
}

/* The end of a string that begins at p. */
static const char *string_end(const char *p, const char *end)
{
	for (p++; p < end && *p != '"'; p++)
		if (*p == '\\' && p + 1 < end)
			p++;
	return p < end ? p + 1 : end;
}

const char *asm_statement_end(const char *p, const char *line_end)
{
	while (p < line_end) {
		size_t n = asm_char_length(p, line_end);

		if (*p == ';' || (*p == '/' && p + 1 < line_end && p[1] == '/'))
			break;
		if (*p == '"')
			p = string_end(p, line_end);
		else
			p += n ? n : 1;
	}
	return p;
}

/* ---- characters and numbers ---- */

static int digit(char c)
{
	if (isdigit((unsigned char)c))
		return c - '0';
	return isalpha((unsigned char)c) ? tolower((unsigned char)c) - 'a' + 10 : 99;
}

/* Up to `most` digits of a base; how many there were. */
static unsigned digits(struct scan *s, int base, unsigned most, unsigned __int128 *value)
{
	unsigned n = 0;

	*value = 0;
	while (n < most && s->p < s->end && digit(*s->p) < base) {
		if (*value >> 64 == 0)
			*value = *value * (unsigned)base + (unsigned)digit(*s->p);
		s->p++;
		n++;
	}
	return n;
}

/* \101 or \x41; the backslash is gone. */
static bool numeric_escape(struct scan *s, uint8_t *c)
{
	const char *at = s->p - 1;
	bool hex = *s->p == 'x';
	unsigned __int128 value;

	s->p += hex;
	if (!digits(s, hex ? 16 : 8, hex ? 2 : 3, &value) || value > 255)
		return asm_fail(s, at, "this escape is not a character: \\x41 or \\101 is");
	*c = (uint8_t)value;
	return true;
}

bool asm_character(struct scan *s, uint8_t *c)
{
	static const char letter[] = "abefnrtv\\\"'", meaning[] = "\a\b\033\f\n\r\t\v\\\"'";
	const char *found;

	if (s->p == s->end)
		return asm_fail(s, s->p, "the text does not end on this line");
	*c = (uint8_t)*s->p++;
	if (*c != '\\')
		return true;
	if (s->p == s->end)
		return asm_fail(s, s->p - 1, "the text does not end on this line");
	if (*s->p == 'x' || digit(*s->p) < 8)
		return numeric_escape(s, c);
	found = memchr(letter, *s->p, sizeof(letter) - 1);
	if (!found)
		return asm_fail(s, s->p - 1, "there is no escape '\\%c'", *s->p);
	*c = (uint8_t)meaning[found - letter];
	s->p++;
	return true;
}

static bool character_constant(struct scan *s, asm_number *value)
{
	const char *at = s->p;
	uint8_t c;

	if (!asm_char_length(s->p, s->end))
		return asm_fail(s, at, "one character is expected between apostrophes: 'a'");
	s->p++;
	if (!asm_character(s, &c))
		return false;
	if (s->p == s->end || *s->p != '\'')
		return asm_fail(s, at, "one character is expected between apostrophes: 'a'");
	s->p++;
	*value = c;
	return true;
}

static bool number(struct scan *s, asm_number *value)
{
	const char *at = s->p;
	char prefix = s->end - at > 1 && *at == '0' ? (char)tolower((unsigned char)at[1]) : ' ';
	int base = prefix == 'x' ? 16 : prefix == 'b' ? 2 : 10;
	unsigned __int128 v;

	s->p += base == 10 ? 0 : 2;
	if (!digits(s, base, UINT32_MAX, &v) || (s->p < s->end && asm_name_part(*s->p)))
		return asm_fail(s, at, "this is not a number: 10, 0x1f and 0b101 are");
	if (v >> 64)
		return asm_fail(s, at, "the number does not fit 64 bits");
	*value = (asm_number)v;
	return true;
}

char *asm_number_text(asm_number v, char buffer[ASM_NUMBER])
{
	uint64_t magnitude = (uint64_t)(v < 0 ? -v : v);

	snprintf(buffer, ASM_NUMBER, magnitude < 0x10000 ? "%s%llu" : "%s0x%llx", v < 0 ? "-" : "",
		 (unsigned long long)magnitude);
	return buffer;
}

/* ---- expressions ---- */

/* Keeps the bounds that asm_number promises. */
static bool bounded(struct scan *s, const char *at, bool overflow, asm_number v)
{
	asm_number limit = (asm_number)1 << 64;

	if (overflow || v >= limit || v <= -limit)
		return asm_fail(s, at, "the value does not fit 64 bits");
	return true;
}

static bool binary(struct scan *s, const char *, int least, asm_number *);

static bool primary(struct scan *s, asm_number *value)
{
	size_t n;

	asm_skip_blanks(s);
	n = asm_name_length(s->p, s->end);
	if (n) {
		s->p += n;
		return asm_symbol_value(s, s->p - n, n, value);
	}
	if (s->p < s->end && isdigit((unsigned char)*s->p))
		return number(s, value);
	if (s->p < s->end && *s->p == '\'')
		return character_constant(s, value);
	if (asm_accept(s, '.')) {
		*value = s->here;
		return true;
	}
	if (asm_accept(s, '(')) {
		if (!binary(s, s->p, 0, value))
			return false;
		return asm_accept(s, ')') || asm_fail(s, s->p, "')' is missing here");
	}
	return asm_fail(s, s->p, "a value is missing here");
}

static bool unary(struct scan *s, asm_number *value)
{
	const char *at;
	char op;

	asm_skip_blanks(s);
	at = s->p;
	if (at == s->end || !strchr("-+~", *at))
		return primary(s, value);
	op = *s->p++;
	if (++s->depth > ASM_DEPTH)
		return asm_fail(s, at, "this is nested too deeply");
	if (!unary(s, value))
		return false;
	s->depth--;
	*value = op == '-' ? -*value : op == '~' ? ~*value : *value;
	return bounded(s, at, false, *value);
}

enum op { O_MUL, O_DIV, O_REM, O_ADD, O_SUB, O_SHL, O_SHR, O_AND, O_XOR, O_OR, OPS };

static const struct {
	char text[3];
	int precedence;
} ops[OPS] = {
	[O_MUL] = { "*", 6 }, [O_DIV] = { "/", 6 },  [O_REM] = { "%", 6 },  [O_ADD] = { "+", 5 },
	[O_SUB] = { "-", 5 }, [O_SHL] = { "<<", 4 }, [O_SHR] = { ">>", 4 }, [O_AND] = { "&", 3 },
	[O_XOR] = { "^", 2 }, [O_OR] = { "|", 1 },
};

/* The operator at the scan; OPS if there is none. */
static enum op operator_at(const struct scan *s)
{
	size_t left = (size_t)(s->end - s->p);
	enum op op = 0;

	while (op < OPS && (strlen(ops[op].text) > left ||
			    memcmp(s->p, ops[op].text, strlen(ops[op].text)) != 0))
		op++;
	return op;
}

static bool shift(struct scan *s, const char *at, enum op op, asm_number a, asm_number b,
		  asm_number *value)
{
	if (b < 0 || b > 64)
		return asm_fail(s, at, "a shift is by 0 to 64 bits");
	if (op == O_SHR)
		*value = a >> b;
	else if (__builtin_mul_overflow(a, (asm_number)1 << b, value))
		return bounded(s, at, true, 0);
	return bounded(s, at, false, *value);
}

static bool apply(struct scan *s, const char *at, enum op op, asm_number a, asm_number b,
		  asm_number *value)
{
	bool overflow = false;

	if ((op == O_DIV || op == O_REM) && b == 0)
		return asm_fail(s, at, "division by zero");
	switch (op) {
	case O_MUL: overflow = __builtin_mul_overflow(a, b, value); break;
	case O_DIV: *value = a / b; break;
	case O_REM: *value = a % b; break;
	case O_ADD: *value = a + b; break;
	case O_SUB: *value = a - b; break;
	case O_AND: *value = a & b; break;
	case O_XOR: *value = a ^ b; break;
	case O_OR: *value = a | b; break;
	case O_SHL:
	case O_SHR: return shift(s, at, op, a, b, value);
	case OPS: break;
	}
	return bounded(s, at, overflow, *value);
}

/* Operators that bind at least as tightly as `least`, by precedence climbing. */
static bool binary(struct scan *s, const char *at, int least, asm_number *value)
{
	asm_number right;

	if (++s->depth > ASM_DEPTH)
		return asm_fail(s, at, "this is nested too deeply");
	if (!unary(s, value))
		return false;
	for (;;) {
		const char *before = s->p;
		enum op op;

		asm_skip_blanks(s);
		at = s->p;
		op = operator_at(s);
		if (op == OPS || ops[op].precedence < least) {
			s->p = before;
			break;
		}
		s->p += strlen(ops[op].text);
		if (!binary(s, at, ops[op].precedence + 1, &right) ||
		    !apply(s, at, op, *value, right, value))
			return false;
	}
	s->depth--;
	return true;
}

bool asm_expression(struct scan *s, asm_number *value)
{
	return binary(s, s->p, 0, value);
}
