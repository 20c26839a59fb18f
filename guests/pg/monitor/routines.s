; routines.s: the interpreter routines, one for each privileged instruction.
;
; Each finds the machine in G1 and the instruction in G10, does to the virtual machine what the
; instruction does to a real one, and ends at `done`, `jumped` or `memory_trap` (dispatcher.s).
; What its operands are operands.s tells.

; ---- the PSW

; LPSW: to be able to give R' the monitor's value it must know the virtual one.
v_lpsw:	CALL	G15, psw_address
	LD	G2, 0(G4)
	ANDI	G2, G2, 1
	ST	G2, vm_M(G1)
	LD	G2, 1(G4)
	ST	G2, vm_P(G1)
	LD	G2, 2(G4)
	ST	G2, vm_L(G1)
	LD	G2, 3(G4)
	ST	G2, vm_B(G1)
	LD	G2, 4(G4)
	ANDI	G2, G2, 1
	ST	G2, vm_IE(G1)
	LD	G2, 5(G4)
	ST	G2, vm_TIMER(G1)
	CALL	G13, compose
	BR	jumped

v_spsw:	CALL	G15, psw_address
	MOVE4	G4, vm_M(G1)
	LD	G2, vm_IE(G1)
	ST	G2, 4(G4)
	LD	G2, vm_TIMER(G1)
	ST	G2, 5(G4)
	BR	done

v_lrb:	CALL	G14, field_rs
	LD	G3, 0(G2)
	CALL	G14, field_rt
	LD	G4, 0(G2)
	ST	G3, vm_L(G1)
	ST	G4, vm_B(G1)
	CALL	G13, compose
	BR	done

; SRB: where both are one register, it gets the bound.
v_srb:	CALL	G14, field_rd
	LD	G3, vm_L(G1)
	ST	G3, 0(G2)
	CALL	G14, field_rs
	LD	G3, vm_B(G1)
	ST	G3, 0(G2)
	BR	done

v_stim:	CALL	G14, field_rs
	LD	G3, 0(G2)
	ST	G3, vm_TIMER(G1)
	BR	done

v_rtim:	CALL	G14, field_rd
	LD	G3, vm_TIMER(G1)
	ST	G3, 0(G2)
	BR	done

v_sie:	ANDI	G2, G10, 1
	ST	G2, vm_IE(G1)
	BR	done

; ---- the devices: the registers of each have a routine (allocator.s) that reads one to G3, or
; writes G3 to it.

v_in:	CALL	G15, device_register
	LD	G4, device_read(G2)
	CALLR	G15, 0(G4)
	CALL	G14, field_rd
	ST	G3, 0(G2)
	BR	done

v_out:	CALL	G14, field_rd
	LD	G3, 0(G2)
	CALL	G15, device_register
	LD	G4, device_write(G2)
	CALLR	G15, 0(G4)
	BR	done

; ---- stopping

; WAIT completes, with the unit of time that is its own, and waits if that brings nothing.
v_wait:	LD	G2, vm_P(G1)
	ADDI	G2, G2, 1
	ST	G2, vm_P(G1)
	LA	G2, OWN_UNIT(G0)
	ST	G2, vm_phase(G1)
	CALL	G15, unit
	LD	G2, vm_state(G1)
	BNE	G2, G0, resume		; it is on the drum
	ST	G0, vm_phase(G1)
	LD	G2, vm_raised(G1)
	BNE	G2, G0, resume
	LD	G2, vm_line(G1)
	BGE	G2, G0, resume
	LA	G2, WAITING(G0)
	ST	G2, vm_state(G1)
	BR	choose

v_halt:	LD	G2, vm_P(G1)
	ADDI	G2, G2, 1
	ST	G2, vm_P(G1)
	LD	G2, vm_time(G1)
	ADDI	G2, G2, 1
	ST	G2, vm_time(G1)
	ANDI	G2, G10, 0xffff
	ST	G2, vm_status(G1)
	LA	G2, HALTED(G0)
	ST	G2, vm_state(G1)
	CALL	G15, keyboard_free
	BR	choose
