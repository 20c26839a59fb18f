; monitor-holes.s: monitor.s with its heart missing, for you to write.
;
; The dispatcher, the scheduler, virtual time and the allocator are there: read them in the order in
; which monitor.s names them, layout.s first.  What makes it a monitor in the sense of Popek and
; Goldberg is not: each hole below says what belongs there.  Replace the HALT, whose number tells
; which hole was fallen into; the guests of guests/pg are the test, in about this order:
;
;	trapeze equiv --innermost 'monitor-holes.s[hello.s:1K]'		holes 1, 3 and 6
;	trapeze equiv --innermost 'monitor-holes.s[clock.s:1K]'		2 and 5
;	trapeze equiv --innermost 'monitor-holes.s[echo.s:1K]'		3
;	trapeze equiv --innermost 'monitor-holes.s[relocate.s:1K,hello.s:1K]'	4, and 1 again
;	trapeze equiv --innermost 'monitor-holes.s[traps.s:1K]'		7
;	trapeze equiv --innermost 'monitor-holes.s[minios.s:16K]'
;	trapeze equiv --innermost 'monitor-holes.s[monitor-holes.s[minios.s:16K]]'
;
; The solutions are in monitor/map.s and monitor/routines.s.

	.machine pg
	.include "monitor/layout.s"
	.include "monitor/dispatcher.s"
	.include "monitor/clock.s"
	.include "monitor/time.s"
	.include "monitor/operands.s"
	.include "monitor/allocator.s"

; ---- hole 1: the bound's clipping
;
; compose: from vm_L and vm_B, the machine's own R, and where its storage is, vm_base and vm_size,
; find the R of the real machine while it runs, vm_real_L and vm_real_B.  In no case may it reach
; outside of its storage, whatever it put into its R.  May change G2 to G4; link G13.
compose:
	HALT	101

; ---- hole 2: the reflected trap
;
; reflect: a trap of kind G2 with the operand G3, on the virtual machine: what trapseq in
; isa/machines/pg.isa does (trapeze doc pg), to the storage that begins at vm_base and to the
; virtual PSW, whose eight words stand in the block as in E[0] to E[7].  May change G2 to G4, G13;
; link G14.
reflect:
	HALT	102

; ---- hole 3: HALT and WAIT
;
; v_halt: vm_P and vm_time go on by 1; vm_status gets the operand and vm_state HALTED; then
; CALL G15, keyboard_free, and on to choose.
v_halt:	HALT	103

; v_wait: vm_P goes on by 1; vm_phase is OWN_UNIT during CALL G15, unit.  If the state is not RUNNING
; after that, BR resume at once.  Else the phase is NO_WAIT again.  If the unit brought a trap
; (vm_raised), or a line interrupts (vm_line), BR resume; else the state is WAITING, and BR choose.
v_wait:	HALT	104

; ---- hole 4: the relocation-bounds register
;
; Take the registers that field_rd, field_rs and field_rt find.  What must be done whenever the
; virtual R changes?
v_lrb:	HALT	105
v_srb:	HALT	106

; ---- hole 5: the interval timer, and the enabling of interrupts
v_stim:	HALT	107
v_rtim:	HALT	108
v_sie:	HALT	109

; ---- hole 6: the devices
;
; device_register tells the register's number; device_read and device_write (allocator.s) are
; tables of routines.
v_in:	HALT	110
v_out:	HALT	111

; ---- hole 7: the PSW
;
; psw_address finds its six words.  The virtual PSW is loaded; the real one never is.
v_lpsw:	HALT	112
v_spsw:	HALT	113

	.include "monitor/storage.s"
