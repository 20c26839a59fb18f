; units 0: 12 fffff 10 fffff 21 fffff 30 ffffe 30 ffff8 0 0 12345 80000 61
	.machine wide
	SET M2, 0xfffff
	SET M0, -1
	SETS M1, 0xfffff
	GO . - 2
	GO 0
	STOP
	.word 0x12345, -0x80000
	.ascii "a"
