/*
 * How an image lies in an ELF file.  Private to isa/elf.c and isa/elf_read.c.
 *
 *   header          ELF32, or ELF64 when a word has more than 32 bits; the byte order of the
 *                   description (little-endian where it has none); ET_EXEC, EM_NONE;
 *                   e_entry: the entry.  No program headers.
 *   .storage.ADDR   a section for each segment, ADDR its address.  Addresses count units:
 *                   sh_addr and st_value do, whatever the width of a unit; but sh_size and
 *                   sh_offset count bytes, as they must.  A unit takes ceil(unit / 8) bytes,
 *                   rounded up to 1, 2, 4 or 8, in the file's byte order; sh_entsize says how
 *                   many.
 *   .symtab         labels lie in the section that holds them or ends there, others are
 *                   absolute objects; equates are absolute and have no type.
 *   .note.trapeze   notes of the owner "Trapeze", integers in the file's byte order:
 *                     0x5401  the machine: 8 bytes hash of the description, 4 bytes bits of
 *                            a word, 4 bytes bits of a unit, name with a final NUL
 *                     0x5402  the entry: 8 bytes (e_entry cannot say that there is none)
 *                     0x5403  a deposit: 8 bytes value, name of the register with a final NUL
 */
#ifndef ISA_ELF_PRIVATE_H
#define ISA_ELF_PRIVATE_H

#include <stdbool.h>
#include <stdint.h>

#define ELF_NOTE_OWNER "Trapeze"

/* Other than the small numbers for which tools know names. */
enum elf_note { NOTE_MACHINE = 0x5401, NOTE_ENTRY = 0x5402, NOTE_DEPOSIT = 0x5403 };

/* Bytes of a unit in a file. */
static inline unsigned elf_unit_bytes(unsigned unit_bits)
{
	unsigned bytes = 1;

	while (bytes * 8 < unit_bits)
		bytes *= 2;
	return bytes;
}

/* Integers of n bytes in a file's byte order. */
static inline void elf_put(uint8_t *p, uint64_t value, unsigned n, bool big)
{
	for (unsigned i = 0; i < n; i++)
		p[big ? n - 1 - i : i] = (uint8_t)(value >> 8 * i);
}

static inline uint64_t elf_get(const uint8_t *p, unsigned n, bool big)
{
	uint64_t value = 0;

	for (unsigned i = 0; i < n; i++)
		value |= (uint64_t)p[big ? n - 1 - i : i] << 8 * i;
	return value;
}

#endif
