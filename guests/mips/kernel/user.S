# Where a process begins: at USER_TEXT.
	.set	noreorder
	.section .begin, "ax"
	jal	user
	nop
