; An access, for searched.tz.
	.machine mipscp0
	.org	0x400
	lw	R2, 0(R4)
