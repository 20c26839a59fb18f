# The vectors of the kernel, and what is done before C can run and after it has.

	.set	noreorder
	.set	noat

# No entry in the TLB: the one of the page table, or rather the pair of them.  Each step takes one more
# part of the address.  Only k0 ($26) and k1 ($27) may be changed.
	.section .refill, "ax"
	lui	$27, %hi(directory)
	lw	$27, %lo(directory)($27) # the process's directory
	mfc0	$26, $8			# BadVAddr: its bits 31 to 22
	srl	$26, $26, 22
	sll	$26, $26, 2
	addu	$27, $27, $26
	lw	$27, 0($27)		# the page table
	mfc0	$26, $4			# Context has bits 31 to 13 from bit 4 on: 21 to 13,
	srl	$26, $26, 1		# 8 bytes for each pair
	andi	$26, $26, 0xff8
	addu	$27, $27, $26
	lw	$26, 0($27)
	lw	$27, 4($27)
	mtc0	$26, $2			# EntryLo0
	mtc0	$27, $3			# EntryLo1
	ehb
	tlbwr				# an invalid one, too: then the general vector is next
	eret

# Any other exception.
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
1:	sltu	$10, $8, $9		# zeros where C expects them
	beqz	$10, 2f
	nop
	sw	$0, 0($8)
	b	1b
	addiu	$8, $8, 4
2:	jal	kernel			# a1 is as the boot program left it
	nop

	.text
# Saves the registers in the process that runs, and calls trap(), which may let another one run.
save:	lui	$26, %hi(current)
	lw	$26, %lo(current)($26)
	.irp	i, 1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,28,29,30,31
	sw	$\i, 4 * \i($26)
	.endr
	mfc0	$8, $14			# EPC
	sw	$8, 0($26)
	mfhi	$8
	sw	$8, 128($26)
	mflo	$8
	sw	$8, 132($26)
	mfc0	$8, $12			# Status
	sw	$8, 136($26)
	mfc0	$8, $13			# Cause
	sw	$8, 140($26)
	mfc0	$8, $8			# BadVAddr
	sw	$8, 144($26)
	move	$4, $26
	lui	$29, %hi(stack_top)
	jal	trap
	addiu	$29, $29, %lo(stack_top)

# Goes on with the process that is to run now.
	.globl	resume
resume:	lui	$26, %hi(current)
	lw	$26, %lo(current)($26)
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
	ehb
	eret				# into user mode

	.bss
	.balign	8
	.space	8192
stack_top:
