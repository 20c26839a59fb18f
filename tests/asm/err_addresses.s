; expect: 6:7: -1 is not an address: 0 to 0xffffffff
; expect: 7:7: 0x100000000 is not an address: 0 to 0xffffffff
; expect: 10:1: a label cannot stand past the last address
; expect: 11:2: this reaches past the last address, 0xffffffff
	.machine pg
	.org -1
	.org 0x100000000
	.org 0xffffffff
	.word 1
end:
	WAIT
	WAIT            ; told once
	.org 5
	WAIT
