; traps.s: all the traps there are, again and again.
;
; A program in user mode, with relocation and bounds of its own, provokes every kind of
; trap; the supervisor counts them and resumes it.  Prints how many there were of each kind, and
; keeps a checksum over where they came from and their operands.  Halts with status 1 if any
; number is not what it must be.
;
; The operator may set before the start: G2 the number of rounds (0: 600).

	.machine pg
	.equ	DEFAULT_ROUNDS, 600

; The old PSW, stored by every trap.
	.equ	OLD_P, 1
	.equ	OLD_BOUND, 3
	.equ	OLD_TIMER, 5
	.equ	OLD_KIND, 6
	.equ	OLD_INFO, 7
	.equ	KINDS, 7

; The new one, loaded by it: M, P, L, B, IE, TIMER.
	.org	8
	.word	0, trapped, 0
new_bound:
	.word	0			; the storage's size: filled in at the start
	.word	0, 0

; Supervisor calls of the program.
	.equ	CALL_NOTHING, 0
	.equ	CALL_TIMER, 1		; let the interval timer run out soon
	.equ	CALL_PRINTER, 2		; let the console interrupt when it can print
	.equ	CALL_WIDE, 3		; a bound far beyond the end of storage
	.equ	CALL_NARROW, 4		; the bound as it was
	.equ	CALL_END, 5

	.equ	TICKS, 4		; for CALL_TIMER; the LPSW that sets it counts as one

	.org	16
start:	BNE	G2, G0, rounds_given
	LA	G2, DEFAULT_ROUNDS(G0)
rounds_given:
	ST	G2, rounds(G0)
	ST	G1, new_bound(G0)	; after a reset G1 holds the storage's size
	ADDI	G3, G2, 0		; the program finds the rounds in G3, and in G6 its
	LA	G6, user(G0)		; own address of the first word behind the storage
	SUB	G6, G1, G6
	ST	G6, behind(G0)
	LPSW	user_psw(G0)

user_psw:
	.word	1, 0, user, USER_SIZE, 1, 0

; ---- the program, in user mode; its address 0 is at `user`, so addresses within it are
; differences.  Each line that traps has a label, for the checksum below.
user:	SVC	CALL_NOTHING
at_priv:
	HALT	9			; a privileged instruction in user mode
at_memory:
	LD	G4, USER_SIZE(G0)	; the first word that is not the program's
at_divide:
	DIVU	G4, G3, G0		; G0 is 0
at_illegal:
	.word	ILLEGAL_WORD
at_call_timer:
	SVC	CALL_TIMER
	ADDI	G5, G5, 1		; the time runs out while it does this
	ADDI	G5, G5, 1
	ADDI	G5, G5, 1
	ADDI	G5, G5, 1
at_call_printer:
	SVC	CALL_PRINTER
at_call_wide:
	SVC	CALL_WIDE
at_behind:
	LD	G4, 0(G6)		; within the bound, but there is no such storage
at_call_narrow:
	SVC	CALL_NARROW
	ADDI	G3, G3, -1
	BNE	G3, G0, user
at_end:	SVC	CALL_END
user_end:
	.equ	USER_SIZE, user_end - user
	.equ	ILLEGAL_WORD, 0

; What a round adds to the checksum: for each trap P, then the operand.  P of a call is behind
; it; that of the timer is where the time ran out, after TICKS - 1 additions; that of the
; printer is behind the call that asked for it.
	.equ	SUM_NOTHING, 1 + CALL_NOTHING
	.equ	SUM_PRIV, at_priv - user
	.equ	SUM_MEMORY, at_memory - user + USER_SIZE
	.equ	SUM_DIVIDE, at_divide - user
	.equ	SUM_ILLEGAL, at_illegal - user + ILLEGAL_WORD
	.equ	SUM_TIMER, at_call_timer + 1 - user + CALL_TIMER + at_call_timer + TICKS - user
	.equ	SUM_PRINTER, 2 * (at_call_printer + 1 - user) + CALL_PRINTER
	.equ	SUM_WIDE, at_call_wide + 1 - user + CALL_WIDE
	.equ	SUM_BEHIND, at_behind - user	; the operand, G6, is added below
	.equ	SUM_NARROW, at_call_narrow + 1 - user + CALL_NARROW
	.equ	SUM_FAULTS, SUM_PRIV + SUM_MEMORY + SUM_DIVIDE + SUM_ILLEGAL + SUM_BEHIND
	.equ	SUM_CALLS, SUM_NOTHING + SUM_TIMER + SUM_PRINTER + SUM_WIDE + SUM_NARROW
	.equ	ROUND_SUM, SUM_FAULTS + SUM_CALLS
	.equ	END_SUM, user_end - user + CALL_END

; ---- the supervisor, entered at every trap with L = 0.  It changes G2 and G3, which the
; program uses, and saves them first; register 0 counts as 0 in an address, so that no other
; register is needed to say where.
trapped:
	ST	G2, saved(G0)
	ST	G3, saved + 1(G0)
	LD	G2, OLD_KIND(G0)
	LA	G3, KINDS(G0)
	BGEU	G2, G3, unknown
	LD	G3, count(G2)
	ADDI	G3, G3, 1
	ST	G3, count(G2)
	LD	G3, checksum(G0)	; plus P and the operand
	LD	G2, OLD_P(G0)
	ADD	G3, G3, G2
	LD	G2, OLD_INFO(G0)
	ADD	G3, G3, G2
	ST	G3, checksum(G0)
	LD	G2, OLD_KIND(G0)
	LD	G3, action(G2)
	JMP	0(G3)

action:	.word	skip, skip, skip, on_call, resume, on_device, skip

; P is still at the instruction that trapped, as it had no effect: step over it.
skip:	LD	G2, OLD_P(G0)
	ADDI	G2, G2, 1
	ST	G2, OLD_P(G0)

; The PSW that the trap stored is the one to go on with.
resume:	LD	G2, saved(G0)
	LD	G3, saved + 1(G0)
	LPSW	0(G0)

on_device:
	OUT	G0, CON_CONTROL		; no more interrupts from the console
	BR	resume

on_call:
	LD	G2, OLD_INFO(G0)
	LD	G3, call(G2)
	JMP	0(G3)
call:	.word	resume, call_timer, call_printer, call_wide, call_narrow, call_end

call_timer:
	LA	G2, TICKS(G0)
	ST	G2, OLD_TIMER(G0)
	BR	resume

; The printer is ready, so the interrupt comes as soon as interrupts are enabled.
call_printer:
	LA	G2, ON_OUTPUT(G0)
	OUT	G2, CON_CONTROL
	BR	resume

call_wide:
	LA	G2, -1(G0)
	ST	G2, OLD_BOUND(G0)
	BR	resume

call_narrow:
	LA	G2, USER_SIZE(G0)
	ST	G2, OLD_BOUND(G0)
	BR	resume

; ---- the end: print the table, then compare it with the number of rounds.
call_end:
	LA	G6, 0(G0)
print:	LD	G2, name(G6)
	CALL	G15, puts
	LD	G2, count(G6)
	CALL	G15, putu
	LA	G2, '\n'(G0)
	CALL	G13, putc
	ADDI	G6, G6, 1
	SLTI	G2, G6, KINDS
	BNE	G2, G0, print

	; Each kind as often as a round has it, the last call apart.
	LD	G7, count + 3(G0)
	ADDI	G7, G7, -1
	ST	G7, count + 3(G0)
	LD	G7, rounds(G0)
	LA	G6, 0(G0)
check:	LD	G2, in_round(G6)
	MUL	G2, G2, G7
	LD	G3, count(G6)
	BNE	G2, G3, differs
	ADDI	G6, G6, 1
	SLTI	G2, G6, KINDS
	BNE	G2, G0, check
	LD	G2, behind(G0)
	ADDI	G2, G2, ROUND_SUM
	MUL	G2, G2, G7
	ADDI	G2, G2, END_SUM
	LD	G3, checksum(G0)
	BNE	G2, G3, differs
	HALT	0

; How often each kind traps in a round.
in_round:
	.word	1, 2, 1, 5, 1, 1, 1

differs:
	LA	G2, wrong(G0)
	CALL	G15, puts
	HALT	1

unknown:
	HALT	1

rounds:	.word	0
behind:	.word	0			; what the program has in G6
saved:	.space	2
checksum:
	.word	0
count:	.space	KINDS
name:	.word	text_illegal, text_memory, text_priv, text_svc
	.word	text_timer, text_device, text_divide
text_illegal:
	.asciz	"illegal "
text_memory:
	.asciz	"memory "
text_priv:
	.asciz	"privileged "
text_svc:
	.asciz	"supervisor call "
text_timer:
	.asciz	"timer "
text_device:
	.asciz	"device "
text_divide:
	.asciz	"divide "
wrong:	.asciz	"that is wrong\n"

	.include "lib/print.s"
