; tables.s: descriptor, interrupt and task tables, for the supervisors here.  CALL set_tables
; loads them and gives ring 3 the storage from BASE on.  They want the labels wrong, print and
; ended, for all interrupts but 48 and 49, for 48, and for 49.

	.equ	BASE, 0x2000		; the program's storage
	.equ	BOUND, 0x400

	.equ	KERNEL_CODE, 0x08
	.equ	USER_CODE, 0x18 + 3	; with RPL 3
	.equ	USER_DATA, 0x20 + 3
	.equ	TASK, 0x28

	.org	0x100
	; Limit in the low half; then the access rights in the second byte.
gdt:	.word	0, 0
	.word	0xffff, 0x9a00		; 0x08 code of ring 0
	.word	0xffff, 0x9200		; 0x10 data of ring 0
	.word	0xffff, 0xfa00		; 0x18 code of ring 3
	.word	0xffff, 0xf200		; 0x20 data of ring 3
	.word	tss << 16 | 103, 0x8900	; 0x28 the task, at an address below 64K
	.word	0, 0, 0, 0

tss:	.word	0, 0xf00, 0x10		; ESP0 and SS0: the stack of ring 0
	.space	92

gdtr:	.byte	8 * 8 - 1, 0, gdt & 0xff, gdt >> 8, 0, 0
idtr:	.byte	(8 * 50 - 1) & 0xff, (8 * 50 - 1) >> 8, idt & 0xff, idt >> 8, 0, 0

	; Gates for interrupts to ring 0: below vector 48 all the same.  What INT names has DPL 3.
	.align	8
idt:	.word	KERNEL_CODE << 16 | wrong, 0x8e00
	.word	KERNEL_CODE << 16 | wrong, 0x8e00
	.word	KERNEL_CODE << 16 | wrong, 0x8e00
	.word	KERNEL_CODE << 16 | wrong, 0x8e00
	.word	KERNEL_CODE << 16 | wrong, 0x8e00
	.word	KERNEL_CODE << 16 | wrong, 0x8e00
	.word	KERNEL_CODE << 16 | wrong, 0x8e00
	.word	KERNEL_CODE << 16 | wrong, 0x8e00
	.word	KERNEL_CODE << 16 | wrong, 0x8e00
	.word	KERNEL_CODE << 16 | wrong, 0x8e00
	.word	KERNEL_CODE << 16 | wrong, 0x8e00
	.word	KERNEL_CODE << 16 | wrong, 0x8e00
	.word	KERNEL_CODE << 16 | wrong, 0x8e00
	.word	KERNEL_CODE << 16 | wrong, 0x8e00
	.word	KERNEL_CODE << 16 | wrong, 0x8e00
	.org	idt + 8 * 48
	.word	KERNEL_CODE << 16 | print, 0xee00
	.word	KERNEL_CODE << 16 | ended, 0xee00

	.org	0xf00
set_tables:
	MOV	R6, 0
	LGDT	gdtr(R6)
	LIDT	idtr(R6)
	MOV	R0, TASK
	LTR	R0
	MOV	R0, BASE
	MOV	R1, BOUND
	LRB	R0, R1
	RET
