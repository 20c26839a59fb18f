/*
 * Between what is written and what storage holds: operands and fields, fields
 * and instruction words, words and units.
 */
#include "isa/asm_private.h"

bool isa_field_fixed(const struct isa_instr *instr, unsigned field)
{
	const struct isa_field *f = &instr->format->field[field];
	uint64_t bits = isa_mask(f->width) << f->lo;

	return (instr->mask & bits) == bits;
}

uint64_t isa_encode(const struct isa_instr *instr, const uint64_t *field_values)
{
	uint64_t word = 0;

	for (unsigned i = 0; i < instr->format->nfields; i++) {
		const struct isa_field *f = &instr->format->field[i];

		word |= (field_values[i] & isa_mask(f->width)) << f->lo;
	}
	return (word & ~instr->mask) | instr->match;
}

unsigned isa_operand_width(const struct isa_instr *instr, const struct isa_syntax *syntax)
{
	unsigned width = 0;

	for (unsigned i = 0; i < syntax->nfields; i++)
		width += instr->format->field[syntax->field[i]].width;
	return width;
}

uint64_t isa_operand_of(const struct isa_instr *instr, const struct isa_syntax *syntax,
			uint64_t word)
{
	uint64_t value = 0;

	for (unsigned i = 0; i < syntax->nfields; i++) {
		const struct isa_field *f = &instr->format->field[syntax->field[i]];

		value = (i ? value << f->width : 0) | isa_field_of(f, word);
	}
	return value;
}

void isa_operand_split(const struct isa_instr *instr, const struct isa_syntax *syntax,
		       uint64_t value, uint64_t *field_values)
{
	for (unsigned i = syntax->nfields; i-- > 0;) {
		const struct isa_field *f = &instr->format->field[syntax->field[i]];

		field_values[syntax->field[i]] = value & isa_mask(f->width);
		value = i ? value >> f->width : 0;
	}
}

/* ---- units ---- */

unsigned asm_word_units(const struct isa *isa)
{
	return (isa->word + isa->unit - 1) / isa->unit;
}

/* The place in storage of the i-th unit from the low end. */
static unsigned unit_place(const struct isa *isa, unsigned nunits, unsigned i)
{
	bool low_first = isa->endian == ENDIAN_LITTLE || isa->endian == ENDIAN_STATE;

	return low_first ? i : nunits - 1 - i;
}

void asm_pack(const struct isa *isa, uint64_t value, unsigned nunits, uint64_t *units)
{
	for (unsigned i = 0; i < nunits; i++) {
		unsigned shift = i * isa->unit;

		units[unit_place(isa, nunits, i)] =
			shift < 64 ? value >> shift & isa_mask(isa->unit) : 0;
	}
}

uint64_t asm_unpack(const struct isa *isa, unsigned nunits, const uint64_t *units)
{
	uint64_t value = 0;

	for (unsigned i = 0; i < nunits && i * isa->unit < 64; i++)
		value |= units[unit_place(isa, nunits, i)] << i * isa->unit;
	return value;
}

void isa_pack(const struct isa *isa, uint64_t word, uint64_t *units)
{
	asm_pack(isa, word, isa->length, units);
}

uint64_t isa_unpack(const struct isa *isa, const uint64_t *units)
{
	return asm_unpack(isa, isa->length, units);
}

/* ---- operands ---- */

bool asm_fits(asm_number v, unsigned width)
{
	return v >= -((asm_number)1 << (width - 1)) && v < (asm_number)1 << width;
}

/* Like C's, but rounding down. */
static bool divide(asm_number *v, unsigned shift)
{
	asm_number low = *v & (((asm_number)1 << shift) - 1);

	*v >>= shift;
	return low == 0;
}

static bool out_of_range(asm_number v, asm_number low, asm_number high, unsigned shift,
			 const char *what, char reason[ASM_TEXT])
{
	char is[ASM_NUMBER], from[ASM_NUMBER], to[ASM_NUMBER];

	asm_number_text(v * ((asm_number)1 << shift), is);
	asm_number_text(low * ((asm_number)1 << shift), from);
	asm_number_text(high * ((asm_number)1 << shift), to);
	snprintf(reason, ASM_TEXT, "%s is out of range: %s, but it can be %s to %s", what, is, from,
		 to);
	return false;
}

static bool to_register(const struct isa_syntax *syntax, unsigned width, asm_number v,
			uint64_t *field, char reason[ASM_TEXT])
{
	char is[ASM_NUMBER];
	asm_number limit = (asm_number)1 << width;

	if (v < 0 || v >= syntax->file->count || v >= limit) {
		snprintf(reason, ASM_TEXT, "there is no register %s%s here: %s0 to %s%u",
			 syntax->file->name, asm_number_text(v, is), syntax->file->name,
			 syntax->file->name,
			 (unsigned)(syntax->file->count < limit ? syntax->file->count : limit) - 1);
		return false;
	}
	*field = (uint64_t)v;
	return true;
}

/* Addresses wrap: of the distances that lead to a target, the shortest. */
static asm_number distance(const struct isa *isa, asm_number target, uint64_t from)
{
	return isa_signed((uint64_t)(target - from) & isa_mask(isa->word), isa->word);
}

bool asm_to_field(const struct isa *isa, const struct isa_instr *instr,
		  const struct isa_syntax *syntax, asm_number v, uint64_t address, uint64_t *field,
		  char reason[ASM_TEXT])
{
	unsigned width = isa_operand_width(instr, syntax);
	bool is_signed = syntax->is_signed || syntax->relative;
	asm_number half = (asm_number)1 << (width - 1);
	asm_number low = is_signed ? -half : 0, high = is_signed ? half - 1 : 2 * half - 1;
	const char *what = syntax->relative ? "the distance" : "the value";
	char is[ASM_NUMBER];

	if (syntax->file)
		return to_register(syntax, width, v, field, reason);
	if (syntax->relative && (v < 0 || v >> isa->word != 0)) {
		snprintf(reason, ASM_TEXT, "%s is not an address of this machine",
			 asm_number_text(v, is));
		return false;
	}
	if (syntax->relative)
		v = distance(isa, v, address + syntax->relative_to);
	if (width + syntax->shift >= isa->word && !syntax->relative)
		low = -half, high = 2 * half - 1; /* all of a word, read as one likes */
	if (!divide(&v, syntax->shift)) {
		snprintf(reason, ASM_TEXT,
			 "%s must be a multiple of %llu: the field '%s' has no "
			 "place for the lower bits",
			 what, 1ULL << syntax->shift, instr->format->field[syntax->field[0]].name);
		return false;
	}
	if (v < low || v > high)
		return out_of_range(v, low, high, syntax->shift, what, reason);
	*field = (uint64_t)v & isa_mask(width);
	return true;
}

asm_number asm_from_field(const struct isa *isa, const struct isa_instr *instr,
			  const struct isa_syntax *syntax, uint64_t field, uint64_t address)
{
	unsigned width = isa_operand_width(instr, syntax);
	bool is_signed = syntax->is_signed || syntax->relative;
	asm_number v = is_signed ? (asm_number)isa_signed(field, width) : (asm_number)field;

	v *= (asm_number)1 << syntax->shift;
	if (syntax->relative)
		v = (uint64_t)(v + address + syntax->relative_to) & isa_mask(isa->word);
	return v;
}
