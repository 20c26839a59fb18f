; monitor.s: a virtual machine monitor, in the code of the machine that it virtualizes.
;
; It is the construction of Popek and Goldberg (1974): a control program <D, A, {v_i}> in low
; storage, with a dispatcher D that every trap enters, an allocator A that alone gives resources
; away, and an interpreter routine v_i for each privileged instruction.  Its virtual machines
; have storage, a timer, a console and a drum of their own, and their time is virtual: it passes
; only while they run.  So what runs on one of them cannot tell, and that may be this program
; again (Theorem 2).
;
; Two of its kind differ from it: monitor-realtime.s is wrong on purpose, in its virtual time, and
; monitor-holes.s lacks some of these parts, for students to write.
;
; Guests are loaded with it:  trapeze run 'guests/pg/monitor.s[guests/pg/minios.s:16K]'.
; Several share the machine:  trapeze run 'guests/pg/monitor.s[guests/pg/fib.s,guests/pg/sieve.s]'.
;
; To be read in this order:
;
;	monitor/layout.s	the control block of a virtual machine
;	monitor/dispatcher.s	the dispatcher, the scheduler, and how a machine is resumed
;	monitor/clock.s		virtual time
;	monitor/time.s		what a unit of it brings; waiting
;	monitor/map.s		the VM map f: relocation composed, a trap reflected
;	monitor/operands.s	the operands of an instruction
;	monitor/routines.s	the interpreter routines
;	monitor/allocator.s	storage at the start; console and drum

	.machine pg
	.include "monitor/layout.s"
	.include "monitor/dispatcher.s"
	.include "monitor/clock.s"
	.include "monitor/time.s"
	.include "monitor/map.s"
	.include "monitor/operands.s"
	.include "monitor/routines.s"
	.include "monitor/allocator.s"
	.include "monitor/storage.s"
