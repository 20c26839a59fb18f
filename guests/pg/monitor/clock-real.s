; clock-real.s: the clock of a virtual machine, moved on wrongly.
;
; The interval timer counts real time here: what the monitor itself needs, and what its neighbours
; do while they run.  So how far a guest gets until it runs out depends on things that are no part
; of the guest's machine, and on no other machine would it see the same again.

	.equ	SERVICE, 110		; what serving a trap takes, about

; pass: as in clock.s, but changes G3, too.
pass:	LD	G2, vm_time(G1)
	ADD	G2, G2, G10
	ST	G2, vm_time(G1)
	LD	G2, vm_left(G1)
	SUB	G2, G2, G10
	ST	G2, vm_left(G1)
	LD	G2, real_time(G0)
	ADD	G2, G2, G10
	ADDI	G2, G2, SERVICE
	ST	G2, real_time(G0)
	LD	G3, vm_number(G1)
	XCHG	G2, last_seen(G3)
	LD	G3, real_time(G0)
	SUB	G3, G3, G2		; since this machine ran last
	LD	G2, vm_IE(G1)
	BEQ	G2, G0, pass_end
	LD	G2, vm_TIMER(G1)
	BEQ	G2, G0, pass_end
	SUB	G2, G2, G3
	BLT	G0, G2, pass_timer
	LA	G2, 1(G0)		; it runs out in the next unit
pass_timer:
	ST	G2, vm_TIMER(G1)
pass_end:
	RET	G14
real_time:
	.word	0
last_seen:
	.space	MACHINES + 1		; real time, by the machine's number
