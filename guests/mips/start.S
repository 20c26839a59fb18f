# Start-up code of the mips32-bench: vectors, a stack, zeros where they belong; then main, whose
# result is the status.

	.set	noreorder
	.set	noat

# A TLB refill: kuseg is the storage, page by page, and may be written.  k0 and k1 are ours.
	.section .refill, "ax"
	mfc0	$26, $10		# EntryHi: the pair of pages
	srl	$26, $26, 13
	sll	$26, $26, 7		# EntryLo0: the even one's frame
	ori	$26, $26, 0x1f		# cached, dirty, valid, global
	mtc0	$26, $2
	addiu	$26, $26, 0x40
	mtc0	$26, $3
	lui	$27, %hi(refills)
	lw	$26, %lo(refills)($27)
	ehb
	tlbwr
	addiu	$26, $26, 1
	sw	$26, %lo(refills)($27)
	eret

# Any other exception: the frame of bench.h, on a stack of its own.
	.section .general, "ax"
	j	save
	nop

	.section .start, "ax"
	.globl	_start
_start:	lui	$29, %hi(stack_top)
	addiu	$29, $29, %lo(stack_top)
	lui	$8, %hi(_bss)
	addiu	$8, $8, %lo(_bss)
	lui	$9, %hi(_end)
	addiu	$9, $9, %lo(_end)
1:	sltu	$10, $8, $9
	beqz	$10, 2f
	nop
	sw	$0, 0($8)
	b	1b
	addiu	$8, $8, 4
2:	jal	main
	nop
	lui	$8, 0xbf00		# switch off
	sw	$2, 0x200($8)
1:	b	1b
	nop
	.text

save:	lui	$26, %hi(exception_top - 152)
	addiu	$26, $26, %lo(exception_top - 152)
	.irp	i, 1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,28,29,30,31
	sw	$\i, 4 * \i($26)
	.endr
	mfc0	$8, $14
	sw	$8, 0($26)
	mfhi	$8
	sw	$8, 128($26)
	mflo	$8
	sw	$8, 132($26)
	mfc0	$8, $12
	sw	$8, 136($26)
	mfc0	$8, $13
	sw	$8, 140($26)
	mfc0	$8, $8
	sw	$8, 144($26)
	move	$4, $26
	jal	exception
	addiu	$29, $26, -32

	lui	$26, %hi(exception_top - 152)
	addiu	$26, $26, %lo(exception_top - 152)
	lw	$8, 0($26)
	mtc0	$8, $14
	lw	$8, 128($26)
	mthi	$8
	lw	$8, 132($26)
	mtlo	$8
	lw	$8, 136($26)
	mtc0	$8, $12
	.irp	i, 1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,28,29,30,31
	lw	$\i, 4 * \i($26)
	.endr
	eret

# void enter_user(void (*where)(void), unsigned stack): what a caller keeps is kept in `kept`.
	.globl	enter_user
enter_user:
	lui	$8, %hi(kept)
	addiu	$8, $8, %lo(kept)
	.irp	i, 16,17,18,19,20,21,22,23,29,30,31
	sw	$\i, 4 * (\i - 16)($8)
	.endr
	move	$29, $5
	addiu	$9, $0, 0x12		# EXL, and user mode below it
	mtc0	$9, $12
	sll	$4, $4, 3		# as kuseg has it
	srl	$4, $4, 3
	mtc0	$4, $14
	ehb
	eret

# void leave(void): from within an exception back to who called enter_user.
	.globl	leave
leave:	lui	$8, %hi(kept)
	addiu	$8, $8, %lo(kept)
	.irp	i, 16,17,18,19,20,21,22,23,29,30,31
	lw	$\i, 4 * (\i - 16)($8)
	.endr
	mtc0	$0, $12
	ehb
	jr	$31
	nop

	.bss
	.balign	8
	.globl	refills
refills: .space	8
kept:	.space	64
	.space	4096
exception_top:
	.space	8192
stack_top:
