; hello.s: a kernel that runs one user program and serves its calls, on the itanium.
;
; The program, at level 3 and 0 of its own storage, prints "hello from user mode" by break 1 for
; each character in r8, and ends by break 0.  Then the kernel prints "bye" and halts with status 0.
; Any other interruption halts with status 1.  The kernel's registers are r16 to r31.

	.machine itanium
	.equ	BASE, 0x8000		; the program's storage
	.equ	BOUND, 0x400

	.org	0x2c00			; the vectors stand from 0 on
	br.cond	(p0) call
	.org	0x5200
	br.cond	(p0) wrong
	.org	0x5300
	br.cond	(p0) wrong
	.org	0x5400
	br.cond	(p0) wrong
	.org	0x5a00
	br.cond	(p0) wrong

	.org	0x6000
start:	mov	cr2 = r0		; IVA, where the vectors are
	movl	r16 = BASE
	movl	r17 = BOUND
	lrb	r16, r17
	movl	r16 = 3			; PSR of the program: level 3, and collection of interruptions
	shl	r16 = r16, 32
	adds	r16 = 0x2000, r16
	mov	cr16 = r16		; IPSR
	mov	cr19 = r0		; IIP
	mov	cr23 = r0		; IFS
	rfi

call:	mov	r18 = cr24		; IIM: what the break says
	cmp.eq	p6, p7 = 0, r18
	br.cond	(p6) ended
	movl	r18 = back
	mov	b6 = r18
	adds	r16 = 0, r8
	br.cond	(p0) putc
back:	rfi				; IIP is behind the break

ended:	movl	r18 = halted
	mov	b7 = r18
	movl	r18 = bye
	br.cond	(p0) puts
halted:	halt	0

wrong:	halt	1

	.include "print.s"

bye:	.asciz	"bye\n"

	.org	BASE
program:
	movl	r9 = hello - program
next:	ld1	r8 = [r9]
	cmp.eq	p1, p2 = 0, r8
	br.cond	(p1) done
	break	1
	adds	r9 = 1, r9
	br.cond	(p0) next
done:	break	0

hello:	.asciz	"hello from user mode\n"
