	.include "loop2.s"
