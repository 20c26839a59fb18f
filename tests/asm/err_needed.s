; expect: 7:7: 'later' is not known yet: its value is needed here, so it must be defined on an earlier line
; expect: 8:9: 'later' is not known yet: its value is needed here, so it must be defined on an earlier line
; expect: 9:9: the value of 'soon' is needed here, but is not known yet
; expect: 10:9: 'nothing' is not known yet: its value is needed here, so it must be defined on an earlier line
	.machine pg
soon = later
	.org later
	.space later
	.space soon + 1
	.align nothing
later:
