; clock.s: the clock of a virtual machine, moved on.
;
; The machine's time is 1 for each instruction that completed.  A virtual machine must not see
; the monitor's instructions in it, nor its neighbours' (the second condition of Theorem 2): its
; clock is moved on by what it did itself, and by nothing else.  clock-real.s does it wrong.

; pass: G10 units of time, which surely bring nothing.  Changes G2; link G14.
pass:	LD	G2, vm_time(G1)
	ADD	G2, G2, G10
	ST	G2, vm_time(G1)
	LD	G2, vm_left(G1)
	SUB	G2, G2, G10
	ST	G2, vm_left(G1)
	LD	G2, vm_IE(G1)
	BEQ	G2, G0, pass_end
	LD	G2, vm_TIMER(G1)
	BEQ	G2, G0, pass_end
	SUB	G2, G2, G10
	ST	G2, vm_TIMER(G1)
pass_end:
	RET	G14
