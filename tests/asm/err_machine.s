; expect: 3:14: one name of a machine is expected, no more
	.machine pg
	.machine pg and more
