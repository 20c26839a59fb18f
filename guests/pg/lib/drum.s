; drum.s: the drum's registers, and what stands in them.

	.equ	DRUM_COMMAND, 0x10
	.equ	DRUM_STATUS, 0x11
	.equ	DRUM_CONTROL, 0x12
	.equ	DRUM_BLOCK, 0x13
	.equ	DRUM_ADDRESS, 0x14
	.equ	DRUM_COUNT, 0x15
	.equ	DRUM_SIZE, 0x16

	.equ	DRUM_READ, 1		; commands
	.equ	DRUM_WRITE, 2
	.equ	DRUM_BUSY, 1		; in the status
	.equ	DRUM_DONE, 2
	.equ	DRUM_FAILED, 4
	.equ	ON_DONE, 1		; in the control register: interrupt then
	.equ	BLOCK_WORDS, 64
