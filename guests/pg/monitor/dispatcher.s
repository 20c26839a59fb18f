; dispatcher.s: D, entered at every trap of the real machine.
;
; The monitor runs in supervisor mode with L = 0 and interrupts disabled.  G0 is 0, G1 has the
; control block of the machine that is served.  Virtual machines run in user mode with
; interrupts enabled.  At most four privileged instructions are executed for a trap, the LPSW that
; ends its service among them; each is one more trap for the monitor below, if there is one.

; A trap stores the old PSW in 0 to 7.
	.equ	OLD_M, 0
	.equ	OLD_P, 1
	.equ	OLD_TIMER, 5
	.equ	OLD_KIND, 6
	.equ	OLD_INFO, 7

	.org	8			; and loads the new one
	.word	0, trapped, 0
new_bound:
	.word	0			; the storage's size: filled in at the start
	.word	0, 0

	.org	16
start:	BR	boot			; allocator.s

; ---- A trap

; The registers go to the block; register 0 counts as 0 in an address, so no other is needed.
trapped:
	ST	G2, saved(G0)
	LD	G2, current(G0)
	ST	G0, vm_G(G2)
	ST	G1, vm_G + 1(G2)
	ST	G3, vm_G + 3(G2)
	ST	G4, vm_G + 4(G2)
	ST	G5, vm_G + 5(G2)
	ST	G6, vm_G + 6(G2)
	ST	G7, vm_G + 7(G2)
	ST	G8, vm_G + 8(G2)
	ST	G9, vm_G + 9(G2)
	ST	G10, vm_G + 10(G2)
	ST	G11, vm_G + 11(G2)
	ST	G12, vm_G + 12(G2)
	ST	G13, vm_G + 13(G2)
	ST	G14, vm_G + 14(G2)
	ST	G15, vm_G + 15(G2)
	LA	G1, 0(G2)
	LD	G2, saved(G0)
	ST	G2, vm_G + 2(G1)
	LA	G0, 0(G0)
	LD	G2, OLD_P(G0)
	ST	G2, vm_P(G1)
	ST	G0, looked(G0)

	; How long did it run?  The timer was set to `granted`, and each instruction that
	; completed took 1 off.
	LD	G10, granted(G0)
	LD	G2, OLD_TIMER(G0)
	SUB	G10, G10, G2
	LD	G2, OLD_KIND(G0)
	LD	G3, handler(G2)
	JMP	0(G3)

handler:
	.word	on_fault, on_fault, on_privileged, on_call, on_timer, on_device, on_fault

; A trap that the machine itself would have taken: it had no effect, and is reflected.
on_fault:
	CALL	G14, pass
reflect_fault:
	LD	G2, OLD_KIND(G0)
	LD	G3, OLD_INFO(G0)
	CALL	G14, reflect		; map.s
	BR	resume

; A supervisor call completes: time passes after it.
on_call:
	CALL	G14, pass
	LD	G2, OLD_KIND(G0)
	LD	G3, OLD_INFO(G0)
	CALL	G14, reflect
	CALL	G15, unit		; time.s
	BR	resume

; In virtual user mode the machine itself would have trapped.  In virtual supervisor mode it
; would have executed the instruction: its interpreter routine does.
on_privileged:
	CALL	G14, pass
	LD	G2, vm_M(G1)
	BNE	G2, G0, reflect_fault
	LD	G2, vm_real_L(G1)
	LD	G3, vm_P(G1)
	ADD	G2, G2, G3
	LD	G10, 0(G2)		; the instruction
	SRLI	G2, G10, 24		; its operation
	LD	G3, routine - 0x40(G2)
	JMP	0(G3)
routine:				; routines.s: by operation, from 0x40 on
	.word	v_lpsw, v_spsw, v_lrb, v_srb, v_stim, v_rtim, v_sie, impossible
	.word	v_in, v_out, v_wait, v_halt

; An interpreter routine ends in one of these three.

; The instruction is done, the next one follows.
done:	LD	G2, vm_P(G1)
	ADDI	G2, G2, 1
	ST	G2, vm_P(G1)
; The instruction is done, and has loaded P.
jumped:	CALL	G15, unit
	BR	resume
; It reached outside the bounds at the address G3: it had no effect, and traps.
memory_trap:
	LA	G2, MEMORY_TRAP(G0)
	CALL	G14, reflect
	BR	resume

impossible:
	HALT	99			; no such operation

; The time that was granted is over.  Its last unit may bring something.
on_timer:
	LD	G2, OLD_M(G0)
	BEQ	G2, G0, choose		; nobody ran
	ADDI	G10, G10, -1
	CALL	G14, pass
	CALL	G15, unit
	BR	resume

; An interrupt of the real machine: something of the monitor's own.
on_device:
	LD	G2, OLD_M(G0)
	BEQ	G2, G0, device_line
	CALL	G14, pass
device_line:
	LD	G2, OLD_INFO(G0)
	LD	G3, service(G2)
	CALLR	G15, 0(G3)
	LA	G2, idle(G0)
	BEQ	G1, G2, choose
	BR	resume
service:
	.word	key_pressed, drum_done	; allocator.s

; ---- The scheduler

; The machine G1 goes on, unless it cannot or has used up its quantum.
resume:	LD	G2, vm_state(G1)
	BNE	G2, G0, choose
	LD	G2, vm_left(G1)
	BLT	G0, G2, go

; Whose turn is it?  Round robin.  A machine that waits is taken if its wait is over.
choose:	LD	G1, turn(G0)
	LD	G11, machine_count(G0)	; so many are looked at
choose_next:
	LA	G1, vm_words(G1)
	LD	G2, machines_end(G0)
	BLTU	G1, G2, choose_look
	LA	G1, machines(G0)
choose_look:
	LD	G2, vm_state(G1)
	ADDI	G2, G2, -WAITING
	BNE	G2, G0, choose_state
	CALL	G12, wait		; time.s
choose_state:
	LD	G2, vm_state(G1)
	BEQ	G2, G0, chosen
	ADDI	G11, G11, -1
	BNE	G11, G0, choose_next
	BR	nobody
chosen:	ST	G1, turn(G0)
	LD	G2, quantum(G0)
	ST	G2, vm_left(G1)

; ---- Back to the machine G1

; For how long?  Until the quantum ends or its virtual time may bring something, which must then
; be there at once.
go:	LD	G10, vm_left(G1)
	LD	G2, work(G0)		; what the monitor has to do at its devices
	BEQ	G2, G0, no_work
	CALL	G15, do_work		; allocator.s
	LA	G2, FULL(G0)
	LD	G3, queued(G0)
	BLT	G2, G3, idle_soon	; the printer is far behind
	LD	G10, vm_left(G1)
	LA	G2, SOON(G0)
	BLT	G10, G2, no_work
	LD	G3, work(G0)
	BEQ	G3, G0, no_work
	LA	G10, 0(G2)
no_work:
	LD	G2, vm_event(G1)
	LD	G3, vm_time(G1)
	SUB	G2, G2, G3
	BLT	G0, G2, event_ahead
	LA	G2, 1(G0)
event_ahead:
	BGE	G2, G10, no_event
	LA	G10, 0(G2)
no_event:
	LD	G2, vm_IE(G1)
	BEQ	G2, G0, grant
	LD	G2, vm_TIMER(G1)
	BEQ	G2, G0, no_timer
	BGEU	G2, G10, no_timer
	LA	G10, 0(G2)
no_timer:
	LD	G2, vm_line(G1)
	BLT	G2, G0, grant
	LA	G10, 1(G0)		; an interrupt is pending: after one instruction

grant:	ST	G10, granted(G0)
	ADDI	G10, G10, 1		; LPSW itself takes 1 off
	ST	G10, real_psw + 5(G0)
	LD	G2, vm_P(G1)
	ST	G2, real_psw + 1(G0)
	LD	G2, vm_real_L(G1)
	ST	G2, real_psw + 2(G0)
	LD	G2, vm_real_B(G1)
	ST	G2, real_psw + 3(G0)
	ST	G1, current(G0)
	LD	G0, vm_G(G1)
	LD	G2, vm_G + 2(G1)
	LD	G3, vm_G + 3(G1)
	LD	G4, vm_G + 4(G1)
	LD	G5, vm_G + 5(G1)
	LD	G6, vm_G + 6(G1)
	LD	G7, vm_G + 7(G1)
	LD	G8, vm_G + 8(G1)
	LD	G9, vm_G + 9(G1)
	LD	G10, vm_G + 10(G1)
	LD	G11, vm_G + 11(G1)
	LD	G12, vm_G + 12(G1)
	LD	G13, vm_G + 13(G1)
	LD	G14, vm_G + 14(G1)
	LD	G15, vm_G + 15(G1)
	LD	G1, vm_G + 1(G1)
	LPSW	real_psw(G0)

; What the real machine holds while a virtual one runs: in no case what that one wants.
real_psw:
	.word	USER, 0, 0, 0, 1, 0	; P, L, B and TIMER are filled in

; ---- Nobody can run

; `idle` is a block like the others, so that a trap finds where to save what it interrupts.
nobody:	LD	G2, work(G0)
	BEQ	G2, G0, no_work_left
	CALL	G15, do_work
idle_soon:
	LA	G2, SOON(G0)
	BR	rest
no_work_left:
	LD	G2, put_off(G0)
	ST	G0, put_off(G0)
	BNE	G2, G0, idle_soon
	CALL	G15, all_halted		; does not return if they have
	LA	G2, 0(G0)		; an interrupt will come, or nothing
rest:	ST	G2, idle_psw + 5(G0)
	LA	G1, idle(G0)
	ST	G1, current(G0)
	LPSW	idle_psw(G0)
idle_loop:
	WAIT
	BR	idle_loop
idle_psw:
	.word	0, idle_loop, 0
idle_bound:
	.word	0			; filled in at the start
	.word	1, 0

saved:	.word	0			; G2, in between
current:
	.word	idle			; the block of the machine that runs
turn:	.word	machines		; whose quantum it is
granted:
	.word	0			; units of time, to the machine that runs
