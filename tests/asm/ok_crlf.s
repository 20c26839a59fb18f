; units 0: 1 2
	.machine pg
	.word 1 ; carriage returns
	.word 2