; thash.s: a program asks where the page table has its entries, on the itanium.
;
; Prints what thash finds for address 0 at level 3: 100000, where the kernel has put the table, on
; the machine.  Under either monitor level 3 runs directly, and thash reads the real PTA.

	.machine itanium
	.equ	BASE, 0x8000

	.org	0x2c00			; the vectors stand from 0 on
	br.cond	(p0) call

	.org	0x6000
start:	mov	cr2 = r0		; IVA, where the vectors are
	movl	r16 = 0x100000 + (15 << 2)
	mov	cr8 = r16		; PTA: short format, 32 KB
	movl	r16 = 12 << 2
	mov	rr[r0] = r16		; pages of 4 KB
	movl	r16 = BASE
	movl	r17 = 0x400
	lrb	r16, r17
	movl	r16 = 3			; PSR of the program: level 3, and collection of interruptions
	shl	r16 = r16, 32
	adds	r16 = 0x2000, r16
	mov	cr16 = r16		; IPSR
	mov	cr19 = r0		; IIP
	rfi

call:	movl	r18 = halted
	mov	b7 = r18
	adds	r18 = 0, r8
	br.cond	(p0) putx
halted:	halt	0

	.include "print.s"

	.org	BASE
	thash	r8 = r0
	break	0
