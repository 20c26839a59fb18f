	.include "loop.s"
