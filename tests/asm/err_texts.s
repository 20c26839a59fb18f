; expect: 8:9: a text in quotes is expected here
; expect: 9:13: the text does not end on this line
; expect: 10:15: a text in quotes is expected here
; expect: 11:11: there is no escape '\z'
; expect: 12:15: the statement should end here
; expect: 13:11: the text does not end on this line
	.machine pg
	.ascii abc
	.ascii "abc
	.asciz "abc",
	.ascii "a\z"
	.ascii "abc" 5
	.ascii "a\
