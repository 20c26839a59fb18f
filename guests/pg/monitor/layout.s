; layout.s: the control block of a virtual machine, as offsets.
;
; vm_NAME is where the block holds NAME of the virtual machine's state, by the name that the
; state table has for it, and CON.x and DRUM.x are a device's variables.  Whoever looks from
; outside, the loader and `trapeze equiv`, finds the blocks by these symbols.

	.equ	vm_G, 0			; the registers, while the machine does not run
	.equ	vm_M, 16		; the virtual PSW, from here on as LPSW loads
	.equ	vm_P, 17		; and a trap stores it
	.equ	vm_L, 18
	.equ	vm_B, 19
	.equ	vm_IE, 20
	.equ	vm_TIMER, 21
	.equ	vm_KIND, 22		; of the last trap that was reflected
	.equ	vm_INFO, 23

	.equ	vm_base, 24		; its storage: [base, base + size) of the real one
	.equ	vm_size, 25
	.equ	vm_real_L, 26		; R as the real machine has it while this one runs
	.equ	vm_real_B, 27

	.equ	vm_time, 28		; virtual time
	.equ	vm_state, 29
	.equ	vm_status, 30		; that it halted with
	.equ	vm_left, 31		; of its quantum
	.equ	vm_event, 32		; no device changes before this time
	.equ	vm_expected, 33		; 0: nothing will come by itself, and vm_event means nothing
	.equ	vm_line, 34		; the lowest line that interrupts; NO_LINE: none
	.equ	vm_ticked, 35		; the timer ran out in this unit of time
	.equ	vm_raised, 36		; this unit of time brought a trap
	.equ	vm_phase, 37		; of a WAIT

	.equ	vm_CON.data, 38
	.equ	vm_CON.status, 39
	.equ	vm_CON.control, 40
	.equ	vm_CON.arrival, 41
	.equ	vm_CON.done, 42
	.equ	vm_due, 43		; input has arrived, but nobody has looked what

	.equ	vm_DRUM.command, 44
	.equ	vm_DRUM.status, 45
	.equ	vm_DRUM.control, 46
	.equ	vm_DRUM.block, 47
	.equ	vm_DRUM.address, 48
	.equ	vm_DRUM.count, 49
	.equ	vm_DRUM.done, 50
	.equ	vm_first, 51		; its share of the drum: blocks [first, first + blocks)
	.equ	vm_blocks, 52
	.equ	vm_number, 53		; 1, 2, 3 ...
	.equ	vm_printed, 54		; bytes; for whoever looks from outside
	.equ	vm_last, 55		; the last of them
	.equ	vm_words, 56		; size of a block

; vm_state
	.equ	RUNNING, 0
	.equ	WAITING, 1		; executed WAIT, and nothing has come yet
	.equ	ON_DRUM, 2		; its time stands still while its transfer is made
	.equ	HALTED, 3

; vm_phase
	.equ	NO_WAIT, 0
	.equ	OWN_UNIT, 1		; the unit of time of the WAIT itself
	.equ	LATER, 2

	.equ	NO_LINE, -1
	.equ	MACHINES, 8		; at most
	.equ	QUANTUM, 4000		; units of virtual time until another machine may run
	.equ	SOON, 16		; units of real time, when there is something to come back for
	.equ	LEAST_SIZE, 16		; a trap needs E[0] to E[15]
	.equ	SHARE, 4		; blocks of the drum, for each machine but the first
	.equ	FAR, 0x40000000		; units of time

	.equ	USER, 1			; M

; Traps
	.equ	MEMORY_TRAP, 1
	.equ	TIMER_TRAP, 4
	.equ	DEVICE_TRAP, 5

	.include "../lib/drum.s"	; the console's registers are in lib/print.s

; As the machine's own devices have it, units of time
	.equ	CONSOLE_DELAY, 4
	.equ	DRUM_DELAY, 100
