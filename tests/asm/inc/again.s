; found beside this file
	.include "word.s"
