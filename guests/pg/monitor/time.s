; time.s: a unit of virtual time, and waiting.

; unit: one unit of time, with what it brings: the timer's trap or, failing that, an interrupt.
; Changes G2 to G8, G13, G14; link G15.
unit:	ST	G0, vm_raised(G1)
	ST	G0, vm_ticked(G1)
	LD	G2, vm_left(G1)
	ADDI	G2, G2, -1
	ST	G2, vm_left(G1)
	LD	G2, vm_time(G1)
	ADDI	G2, G2, 1
	ST	G2, vm_time(G1)
	LD	G3, vm_IE(G1)
	BEQ	G3, G0, devices
	LD	G3, vm_TIMER(G1)
	BEQ	G3, G0, devices
	ADDI	G3, G3, -1
	ST	G3, vm_TIMER(G1)
	BNE	G3, G0, devices
	LA	G3, 1(G0)
	ST	G3, vm_ticked(G1)
devices:
	LD	G3, vm_event(G1)
	SUB	G3, G3, G2
	BLT	G0, G3, sample
	CALL	G14, advance		; allocator.s
	LD	G2, vm_state(G1)
	ADDI	G2, G2, -ON_DRUM
	BNE	G2, G0, sample
	RET	G15			; the transfer first: `sample` comes after it

; sample: the rest of the unit.  Changes G2 to G4, G13, G14; link G15.
sample:	LA	G2, TIMER_TRAP(G0)
	LA	G3, 0(G0)
	LD	G4, vm_ticked(G1)
	BNE	G4, G0, raise
	LD	G4, vm_IE(G1)
	BEQ	G4, G0, sample_end
	LD	G3, vm_line(G1)
	BLT	G3, G0, sample_end
	LA	G2, DEVICE_TRAP(G0)
raise:	LA	G4, 1(G0)
	ST	G4, vm_raised(G1)
	CALL	G14, reflect		; map.s
sample_end:
	RET	G15

; wait: lets the time of a machine that waits go on to what it waits for; it goes on to run if
; that has come.  Changes G2 to G10, G13 to G15; link G12.
wait:	LA	G10, 0(G0)		; units until something comes; 0: nothing will
	LD	G2, looked(G0)
	BNE	G2, G0, wait_put_off	; enough privileged instructions for one trap
	LD	G2, vm_IE(G1)
	BEQ	G2, G0, wait_devices
	LD	G10, vm_TIMER(G1)
wait_devices:
	LA	G9, 0(G0)		; units until a device changes; 0: none will
	LD	G2, vm_expected(G1)
	BEQ	G2, G0, wait_known
	LD	G9, vm_event(G1)
	LD	G2, vm_time(G1)
	SUB	G9, G9, G2
	BLT	G0, G9, wait_least
	LA	G9, 1(G0)
wait_least:
	BEQ	G10, G0, wait_take
	BLTU	G10, G9, wait_known
wait_take:
	LA	G10, 0(G9)
wait_known:
	BEQ	G10, G0, wait_end
	SUB	G9, G9, G10		; 0: the device comes first
	ADDI	G10, G10, -1
	CALL	G14, pass
	LA	G2, LATER(G0)
	ST	G2, vm_phase(G1)
	CALL	G15, unit
	LD	G2, vm_state(G1)
	ADDI	G2, G2, -WAITING
	BNE	G2, G0, wait_end	; it is on the drum
	ST	G0, vm_phase(G1)
	BEQ	G9, G0, wait_over
	LD	G2, vm_raised(G1)
	BNE	G2, G0, wait_over
	LD	G2, vm_line(G1)
	BLT	G2, G0, wait
wait_over:
	LA	G2, RUNNING(G0)
	ST	G2, vm_state(G1)
wait_end:
	RET	G12
wait_put_off:
	ST	G2, put_off(G0)
	RET	G12
