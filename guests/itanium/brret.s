; brret.s: br.ret from level 0 to level 3, on the itanium: unprivileged, sensitive, and not on
; Xen's list.
;
; Prints the privilege level that a break finds in IPSR: 3 on the machine.  Under a vmm monitor
; br.ret runs at level 3 and lowers nothing: virtual level 0 stays.  A hybrid monitor
; interprets it.

	.machine itanium
	.org	0x2c00			; the vectors stand from 0 on
	br.cond	(p0) call

	.org	0x6000
start:	mov	cr2 = r0		; IVA, where the vectors are
	movl	r16 = program
	mov	b0 = r16
	adds	r16 = -1, r0
	lrb	r0, r16			; level 3 has all of storage
	ssm	0x2000			; collection of interruptions
	movl	r16 = 3
	shl	r16 = r16, 62
	mov	ar.pfs = r16		; the caller's level: 3
	br.ret	b0

call:	movl	r18 = halted
	mov	b7 = r18
	mov	r18 = cr16		; IPSR
	shr.u	r18 = r18, 32
	and	r18 = 3, r18
	br.cond	(p0) putx
halted:	halt	0

	.include "print.s"

program:
	break	0
