; print.s: printing on the console, at level 0.  None of these is a br.call's target, as br.call
; shows its level: they return by the address in b7, and putc by that in b6.
;
;	putc	prints the byte in r16			changes r17, p6 and p7
;	puts	prints the text at r18			changes r16, r17, r18, r19, b6, p6 and p7
;	putx	prints the number in r18, to the base 16, and ends the line
;							changes r16 to r20, b6, p6 and p7

	.equ	CON_DATA, 0
	.equ	CON_STATUS, 1
	.equ	OUTPUT_READY, 2

; A byte written while the console is busy is lost, so wait.
putc:	in	r17 = CON_STATUS
	and	r17 = OUTPUT_READY, r17
	cmp.eq	p6, p7 = 0, r17
	br.cond	(p6) putc
	out	CON_DATA = r16
	br.cond	(p0) b6

puts:	movl	r19 = puts_next
	mov	b6 = r19
	br.cond	(p0) puts_test
puts_next:
	adds	r18 = 1, r18
puts_test:
	ld1	r16 = [r18]
	cmp.eq	p6, p7 = 0, r16
	br.cond	(p7) putc
	br.cond	(p0) b7

putx:	movl	r19 = putx_next
	mov	b6 = r19
	movl	r20 = 16		; digits, the highest first
putx_digit:
	shr.u	r16 = r18, 60
	shl	r18 = r18, 4
	movl	r17 = 10
	cmp.ltu	p6, p7 = r16, r17
	br.cond	(p6) putx_decimal
	adds	r16 = 'a' - '0' - 10, r16
putx_decimal:
	adds	r16 = '0', r16
	br.cond	(p0) putc
putx_next:
	adds	r20 = -1, r20
	cmp.eq	p6, p7 = 0, r20
	br.cond	(p7) putx_digit
	movl	r16 = '\n'
	mov	r19 = b7
	mov	b6 = r19
	br.cond	(p0) putc
