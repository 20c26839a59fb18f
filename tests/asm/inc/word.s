	.word SEVEN
