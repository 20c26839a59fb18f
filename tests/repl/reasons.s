; Accesses to all kinds of addresses; reasons.tz makes the state for them.
	.machine mips32
	.org	0x1000
	lw	R2, 0(R4)
	sw	R2, 0(R4)
	lh	R2, 0(R4)
	sb	R2, 0(R4)
	jr	R4
	sll	R0, R0, 0
	syscall	0
	.org	0x1040
	.ascii	"end"
