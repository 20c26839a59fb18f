SEVEN = 7
	.word SEVEN
