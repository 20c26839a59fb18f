/*
 * x86-64 as the translator writes it: a buffer, and one function for each form of
 * instruction.  Operation codes are written as in Intel's manual, volume 2; those of
 * two bytes as 0x0fXX.  Private to machine/translator/.
 */
#ifndef MACHINE_TRANSLATOR_HOST_H
#define MACHINE_TRANSLATOR_HOST_H

#include <stdbool.h>
#include <stdint.h>

enum x86_reg { RAX, RCX, RDX, RBX, RSP, RBP, RSI, RDI, R8, R9, R10, R11, R12, R13, R14, R15 };

/* Conditions as they are encoded; the lowest bit negates. */
enum x86_condition {
	CC_B = 2,
	CC_AE,
	CC_E,
	CC_NE,
	CC_BE,
	CC_A,
	CC_S,
	CC_NS,
	CC_L = 12,
	CC_GE,
	CC_LE,
	CC_G,
};

/* The /digit of operations on an immediate (group 1) and of shifts (group 2). */
enum x86_group1 { G1_ADD = 0, G1_OR = 1, G1_AND = 4, G1_SUB = 5, G1_XOR = 6, G1_CMP = 7 };
enum x86_group2 { G2_SHL = 4, G2_SHR = 5, G2_SAR = 7 };

/* Operation codes: reg := reg op r/m */
enum {
	OP_ADD = 0x03,
	OP_OR = 0x0b,
	OP_AND = 0x23,
	OP_SUB = 0x2b,
	OP_XOR = 0x33,
	OP_CMP = 0x3b,
	OP_MOVSXD = 0x63,
	OP_TEST = 0x85,
	OP_STORE8 = 0x88,
	OP_STORE = 0x89,
	OP_LOAD = 0x8b,
	OP_LEA = 0x8d,
	OP_CMOVAE = 0x0f43,
	OP_IMUL = 0x0faf,
	OP_MOVZX8 = 0x0fb6,
	OP_MOVZX16 = 0x0fb7,
	OP_MOVSX8 = 0x0fbe,
	OP_MOVSX16 = 0x0fbf,
};

/* Where code is written.  Past its end nothing is, and `full` says so. */
struct x86 {
	uint8_t *at, *end;
	bool full;
};

/* A storage operand: [base + index * scale + disp]; index RSP: none. */
struct x86_memory {
	enum x86_reg base, index;
	unsigned scale; /* 1, 2, 4 or 8 */
	int32_t disp;
};

/* wide: the operation is on 64 bits, else on 32. */
void x86_rr(struct x86 *, bool wide, unsigned op, unsigned reg, unsigned rm);
void x86_rm(struct x86 *, bool wide, unsigned op, unsigned reg, struct x86_memory);
/* The same with an operand-size prefix (16 bits); and of registers' low bytes. */
void x86_rm16(struct x86 *, unsigned op, unsigned reg, struct x86_memory);
void x86_rr8(struct x86 *, unsigned op, unsigned reg, unsigned rm);
void x86_rm8(struct x86 *, unsigned op, unsigned reg, struct x86_memory);
/* Group 1 with an immediate of 32 bits, sign-extended if wide. */
void x86_ri(struct x86 *, bool wide, enum x86_group1, unsigned rm, int32_t);
/* cmp of a byte, word, double or quad word in storage with a small immediate. */
void x86_cmp_mi(struct x86 *, unsigned bytes, struct x86_memory, int8_t);
/* Bits of each byte, of 4 at most. */
void x86_test_mi(struct x86 *, unsigned bytes, struct x86_memory, uint8_t each);
/* test of a register's low bits with these. */
void x86_test_ri(struct x86 *, unsigned rm, uint32_t);
/* Of 64 bits, by a value that is extended to these. */
void x86_test_wide(struct x86 *, unsigned rm, int32_t);
void x86_shift(struct x86 *, bool wide, enum x86_group2, unsigned rm, unsigned count);
void x86_shift_cl(struct x86 *, bool wide, enum x86_group2, unsigned rm);
/* Any constant into a register, as short as it goes; flags may change. */
void x86_constant(struct x86 *, unsigned reg, uint64_t);
/* A constant into a quad word of storage: sign-extended from 32 bits. */
void x86_mov_mi(struct x86 *, struct x86_memory, int32_t);
void x86_move(struct x86 *, unsigned to, unsigned from);
void x86_imul_ri(struct x86 *, bool wide, unsigned reg, unsigned rm, int32_t);
void x86_bswap(struct x86 *, bool wide, unsigned reg);
void x86_set(struct x86 *, enum x86_condition, unsigned reg);
void x86_push(struct x86 *, unsigned reg);
void x86_pop(struct x86 *, unsigned reg);
void x86_byte(struct x86 *, unsigned);
/* Operations that do nothing, up to a multiple of so many bytes: a power of 2, 256 at most. */
void x86_align(struct x86 *, unsigned to);

/* ---- vectors of four lanes of 64 bits: AVX2 ---- */

/* Has the host them, and what counts zeros (BMI1)? */
bool x86_has_vectors(void);
/* What a VEX prefix says of an operation, and its code. */
struct x86_vex {
	enum { VEX_66 = 1, VEX_F3 = 2 } prefix;
	enum { VEX_0F = 1, VEX_0F38 = 2 } map;
	uint8_t op;
};
/* reg := a op rm; operations on one operand have 0 for a. */
void x86_vector_rr(struct x86 *, struct x86_vex, unsigned reg, unsigned a, unsigned rm);
/* reg := op of storage. */
void x86_vector_rm(struct x86 *, struct x86_vex, unsigned reg, struct x86_memory);
/* to := from, each lane moved by so many bits; left or right. */
void x86_vector_shift(struct x86 *, enum x86_group2, unsigned to, unsigned from, unsigned count);
/* The lowest lane := a register, the others 0. */
void x86_vector_from(struct x86 *, unsigned to, unsigned reg);
/* The upper halves are free for what knows nothing of them. */
void x86_vector_end(struct x86 *);
/* reg := how many bits of rm are 0 below its lowest 1; 64: all (BMI1). */
void x86_count_zeros(struct x86 *, unsigned reg, unsigned rm);

/* Jumps whose target is not known yet: where the distance stands. */
uint8_t *x86_jcc(struct x86 *, enum x86_condition);
uint8_t *x86_jmp(struct x86 *);
/* Lets such a jump go to a place. */
void x86_patch(uint8_t *jump, const uint8_t *to);
/* A jump to a place not far before; cc -1: always.  False, and nothing is written: it is far. */
bool x86_jump_back(struct x86 *, int cc, const uint8_t *to);
void x86_jmp_memory(struct x86 *, struct x86_memory);
void x86_jmp_reg(struct x86 *, unsigned reg);
void x86_call_reg(struct x86 *, unsigned reg);

#endif
