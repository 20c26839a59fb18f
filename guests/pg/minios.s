; minios.s: a small multiprogramming operating system.
;
; Up to eight processes run in user mode, each in a region of its own with its own relocation
; and bounds.  The interval timer preempts them; they ask for services by SVC; one that reaches
; outside its bounds or uses a privileged instruction is killed with a message.  Input and drum
; transfers come by interrupts; while nobody can run, the processor waits.
;
; The first process is a shell.  It runs seven demonstration programs at the same time; when
; they have ended it prints the text in block 0 of the drum, if there is one, and obeys what is
; typed at the console: `help` tells the commands.  Input: lines of commands.  The system halts
; with status 0 when the shell is told to halt, or when all processes have ended; the shell ends
; at the end of input.  It needs about 10,300 words of storage; with less it halts with status 1.
;
; The operator may set before the start: G2 how far `primes` goes (0: 300).
;
;	kernel		traps, scheduler, services, devices
;	programs	the shell and the others; each is assembled to run at its own address 0
;			by writing `label - program` for an address

	.machine pg

	.equ	QUANTUM, 400		; instructions of a process until another one may run
	.equ	PROCESSES, 8
	.equ	REGION, 1024		; words of storage for each
	.equ	STACK, 32		; words behind a program's image, for its stack

; A process's record.  While it does not run its registers are here; PSW to TIMER
; is what LPSW loads, and PSW to INFO what a trap stores.
	.equ	PSW, 16			; M first
	.equ	P, 17
	.equ	BASE, 18
	.equ	BOUND, 19
	.equ	IE, 20
	.equ	TIMER, 21
	.equ	KIND, 22
	.equ	INFO, 23
	.equ	STATE, 24
	.equ	PID, 25			; 1, 2, 3 ... in order of creation
	.equ	PROGRAM, 26		; the program's entry in the directory
	.equ	WANTED, 27		; WAITING: which PID; ON_DRUM: the drum's command
	.equ	RECORD, 28		; words of a record

	.equ	FREE, 0			; no process has this record
	.equ	READY, 1
	.equ	READING, 2		; waits for input
	.equ	ON_DRUM, 3		; waits for the drum
	.equ	WAITING, 4		; waits for the end of another process

; A program's entry in the directory.
	.equ	ENTRY_NEXT, 0		; the next entry; 0: none
	.equ	ENTRY_IMAGE, 1		; where the image lies
	.equ	ENTRY_END, 2
	.equ	ENTRY_BOUND, 3		; words of storage that it gets
	.equ	ENTRY_NAME, 4

; Services: SVC n.  G2 has the argument and gets the result; no other register changes.
; A G2 that is an address outside the bounds is treated as the process's own access there.
	.equ	SYS_EXIT, 0		; end, with the status G2
	.equ	SYS_PUTC, 1		; print the character G2
	.equ	SYS_PUTS, 2		; print the string at G2
	.equ	SYS_PRINT, 3		; the same; each % in it prints one of G3, G4, G5 ...
	.equ	SYS_READ, 4		; the next character of the input; -1 at its end
	.equ	SYS_YIELD, 5		; let others run
	.equ	SYS_SPAWN, 6		; start the program named at G2: its PID, or -1, or -2
	.equ	SYS_WAIT, 7		; wait until the process with PID G2 has ended
	.equ	SYS_PID, 8		; the caller's PID
	.equ	SYS_DRUM_READ, 9	; read block G2 to the address G3: 0, or -1 if that failed
	.equ	SYS_DRUM_WRITE, 10	; write block G2 from the address G3: likewise
	.equ	SYS_PS, 11		; print who is there
	.equ	SYS_PROGRAMS, 12	; print what can be started
	.equ	SYS_HALT, 13		; halt the machine
	.equ	SERVICES, 14

	.equ	NO_PROGRAM, -1		; results of SYS_SPAWN
	.equ	NO_RECORD, -2

	.include "lib/drum.s"		; the console's registers are in lib/print.s

	.equ	DEVICE_TRAP, 5
	.equ	TRAPS, 7

; ======== The kernel ========
; It runs in supervisor mode, with L = 0 and interrupts disabled, so that nothing can come
; between.  G0 is 0, and G1 has the record of the process that it serves.

; The new PSW of all traps.
	.org	8
	.word	0, trapped, 0
new_bound:
	.word	0			; the storage's size: filled in at the start
	.word	0, 0

	.org	16
start:	BEQ	G2, G0, primes_as_usual
	ST	G2, primes_limit(G0)
primes_as_usual:
	LA	G2, regions + PROCESSES * REGION(G0)
	BLTU	G1, G2, too_small
	ST	G1, new_bound(G0)
	ST	G1, idle + BOUND(G0)
	LA	G2, 1(G0)
	OUT	G2, DRUM_CONTROL	; interrupt when a transfer is done

	; Give each record its region.
	LA	G2, records(G0)
	LA	G3, regions(G0)
	LA	G4, records_end(G0)
give_region:
	ST	G3, BASE(G2)
	ADDI	G3, G3, REGION
	ADDI	G2, G2, RECORD
	BNE	G2, G4, give_region

	LA	G2, welcome_text(G0)
	CALL	G15, puts
	LA	G2, shell_entry(G0)
	CALL	G12, create
	BR	schedule

too_small:
	LA	G2, too_small_text(G0)
	CALL	G15, puts
	HALT	1

; ---- Traps

; Every trap comes here, with the registers of whom it interrupted: save all of them in
; the record of `current`.  The first one goes to a fixed address, for which no
; register is needed.
trapped:
	ST	G2, saved(G0)
	LD	G2, current(G0)
	ST	G0, 0(G2)
	ST	G1, 1(G2)
	ST	G3, 3(G2)
	ST	G4, 4(G2)
	ST	G5, 5(G2)
	ST	G6, 6(G2)
	ST	G7, 7(G2)
	ST	G8, 8(G2)
	ST	G9, 9(G2)
	ST	G10, 10(G2)
	ST	G11, 11(G2)
	ST	G12, 12(G2)
	ST	G13, 13(G2)
	ST	G14, 14(G2)
	ST	G15, 15(G2)
	ADDI	G1, G2, 0
	LD	G2, saved(G0)
	ST	G2, 2(G1)
	LA	G2, PSW(G1)		; and the old PSW, eight words
	MOVE4	G2, 0(G0)
	LA	G2, PSW + 4(G1)
	MOVE4	G2, 4(G0)
	LA	G0, 0(G0)

	; A trap in supervisor mode: only the idle loop may be interrupted.
	LD	G2, KIND(G1)
	LD	G3, PSW(G1)
	BNE	G3, G0, from_user
	LA	G3, DEVICE_TRAP(G0)
	BNE	G2, G3, panic
from_user:
	LA	G3, TRAPS(G0)
	BGEU	G2, G3, panic
	LD	G3, handler(G2)
	JMP	0(G3)

handler:
	.word	on_illegal, on_memory, on_privileged, on_call, schedule, on_device, on_divide

panic:	LA	G2, panic_text(G0)
	CALL	G15, puts
	HALT	1

on_illegal:
	LA	G10, illegal_text(G0)
	BR	kill
on_memory:
	LA	G10, memory_text(G0)
	BR	kill
on_privileged:
	LA	G10, privileged_text(G0)
	BR	kill
on_divide:
	LA	G10, divide_text(G0)
	BR	kill
no_service:
	LA	G10, no_service_text(G0)

; The process is killed, and the text at G10 says why.
kill:	CALL	G12, print_process
	LA	G2, killed_text(G0)
	CALL	G15, puts
	LD	G2, P(G1)
	CALL	G15, putu
	LA	G2, colon_text(G0)
	CALL	G15, puts
	ADDI	G2, G10, 0
	CALL	G15, puts
	LA	G2, '\n'(G0)
	CALL	G13, putc
	CALL	G12, finish
	; and on to schedule

; ---- The scheduler

; The timer ran out, or the process gave up the processor: who is next?
schedule:
	LD	G2, turn(G0)
	LA	G4, READY(G0)
	CALL	G12, find
	BEQ	G2, G0, nobody
	ST	G2, turn(G0)
	ADDI	G1, G2, 0
	LA	G2, QUANTUM(G0)
	ST	G2, TIMER(G1)
	BR	resume

; Nobody can run.  `idle` is a record like those of processes, so that a trap finds where to
; save what it interrupts.  An interrupt that comes before WAIT is not missed: when it is served
; the kernel does not go back to the idle loop but asks anew who can run.
nobody:	LD	G2, alive(G0)
	BEQ	G2, G0, all_ended
	LA	G1, idle(G0)

; Goes on with G1: load its registers and its PSW.
resume:	ST	G1, current(G0)
	LA	G2, 0(G0)
	MOVE4	G2, PSW(G1)		; where LPSW finds it without a register
	LA	G2, 4(G0)
	MOVE4	G2, PSW + 4(G1)
	LD	G0, 0(G1)
	LD	G2, 2(G1)
	LD	G3, 3(G1)
	LD	G4, 4(G1)
	LD	G5, 5(G1)
	LD	G6, 6(G1)
	LD	G7, 7(G1)
	LD	G8, 8(G1)
	LD	G9, 9(G1)
	LD	G10, 10(G1)
	LD	G11, 11(G1)
	LD	G12, 12(G1)
	LD	G13, 13(G1)
	LD	G14, 14(G1)
	LD	G15, 15(G1)
	LD	G1, 1(G1)
	LPSW	0(G0)

idle_loop:
	WAIT
	BR	idle_loop

all_ended:
	LA	G2, all_ended_text(G0)
	CALL	G15, puts
	HALT	0

; find: the next record behind G2, going round, with the state G4; G2 gets it, or 0.
; Changes G3, G5; link G12.
find:	LA	G3, PROCESSES(G0)
find_next:
	ADDI	G2, G2, RECORD
	LA	G5, records_end(G0)
	BNE	G2, G5, find_look
	LA	G2, records(G0)
find_look:
	LD	G5, STATE(G2)
	BEQ	G5, G4, find_end
	ADDI	G3, G3, -1
	BNE	G3, G0, find_next
	LA	G2, 0(G0)
find_end:
	RET	G12

; ---- Creation and end

; create: a process for the program whose entry is G2; G2 gets its PID or NO_RECORD.
; Changes G3 to G9; link G12.
create:	ADDI	G9, G12, 0
	ADDI	G6, G2, 0
	LA	G2, records_end - RECORD(G0)
	LA	G4, FREE(G0)
	CALL	G12, find
	BEQ	G2, G0, no_record

	; Copy the image; clear the rest, so that nobody finds what another one left.
	LD	G3, BASE(G2)
	LD	G4, ENTRY_BOUND(G6)
	ST	G4, BOUND(G2)
	ADD	G4, G4, G3
	LD	G5, ENTRY_IMAGE(G6)
	LD	G7, ENTRY_END(G6)
copy:	LD	G8, 0(G5)
	ST	G8, 0(G3)
	ADDI	G5, G5, 1
	ADDI	G3, G3, 1
	BNE	G5, G7, copy
clear:	ST	G0, 0(G3)
	ADDI	G3, G3, 1
	BLTU	G3, G4, clear

	; All registers 0 but G1, the size of its storage: as a machine is after a reset.
	ADDI	G3, G2, 0
	LA	G4, PSW(G2)
clear_register:
	ST	G0, 0(G3)
	ADDI	G3, G3, 1
	BNE	G3, G4, clear_register
	LD	G3, BOUND(G2)
	ST	G3, 1(G2)

	LA	G3, 1(G0)
	ST	G3, PSW(G2)		; user mode
	ST	G0, P(G2)
	ST	G3, IE(G2)
	LA	G3, READY(G0)
	ST	G3, STATE(G2)
	ST	G6, PROGRAM(G2)
	LD	G3, alive(G0)
	ADDI	G3, G3, 1
	ST	G3, alive(G0)
	LD	G3, last_pid(G0)
	ADDI	G3, G3, 1
	ST	G3, last_pid(G0)
	ST	G3, PID(G2)
	ADDI	G2, G3, 0
	RET	G9

no_record:
	LA	G2, NO_RECORD(G0)
	RET	G9

; finish: the process G1 is no more; who waits for it, can run again.
; Changes G2 to G5; link G12.
finish:	ST	G0, STATE(G1)
	LD	G2, alive(G0)
	ADDI	G2, G2, -1
	ST	G2, alive(G0)
	LD	G3, PID(G1)
	LA	G2, records(G0)
	LA	G4, records_end(G0)
wake:	LD	G5, STATE(G2)
	ADDI	G5, G5, -WAITING
	BNE	G5, G0, wake_next
	LD	G5, WANTED(G2)
	BNE	G5, G3, wake_next
	LA	G5, READY(G0)
	ST	G5, STATE(G2)
wake_next:
	ADDI	G2, G2, RECORD
	BNE	G2, G4, wake
	RET	G12

; print_process: prints "process 3 (count)" of G1.  Changes G2 to G5, G15; link G12.
print_process:
	LA	G2, process_text(G0)
	CALL	G15, puts
	LD	G2, PID(G1)
	CALL	G15, putu
	LA	G2, open_text(G0)
	CALL	G15, puts
	LD	G2, PROGRAM(G1)
	ADDI	G2, G2, ENTRY_NAME
	CALL	G15, puts
	LA	G2, ')'(G0)
	CALL	G13, putc
	RET	G12

; ---- Services

on_call:
	LD	G2, INFO(G1)
	LA	G3, SERVICES(G0)
	BGEU	G2, G3, no_service
	LD	G3, service(G2)
	JMP	0(G3)

service:
	.word	sys_exit, sys_putc, sys_puts, sys_print, sys_read, schedule, sys_spawn
	.word	sys_wait, sys_pid, sys_drum_read, sys_drum_write, sys_ps, sys_programs, sys_halt

sys_exit:
	LD	G6, 2(G1)
	BEQ	G6, G0, exit		; only a failure is worth a line
	CALL	G12, print_process
	LA	G2, status_text(G0)
	CALL	G15, puts
	ADDI	G2, G6, 0
	CALL	G15, putn
	LA	G2, '\n'(G0)
	CALL	G13, putc
exit:	CALL	G12, finish
	BR	schedule

sys_putc:
	LD	G2, 2(G1)
	CALL	G13, putc
	BR	resume

; Both print the string at G2, of which every word must lie within the bounds.
; G6 address for the process, G7 base, G8 bound, G9 the character that prints a register,
; G10 where the next of these registers is
sys_puts:
	LA	G9, 0(G0)		; no character is that
	BR	print_string
sys_print:
	LA	G9, '%'(G0)
print_string:
	LD	G6, 2(G1)
	LD	G7, BASE(G1)
	LD	G8, BOUND(G1)
	ADDI	G10, G1, 3
print_next:
	BGEU	G6, G8, on_memory
	ADD	G2, G6, G7
	LD	G2, 0(G2)
	ADDI	G6, G6, 1
	BEQ	G2, G0, resume
	BEQ	G2, G9, print_register
	CALL	G13, putc
	BR	print_next
print_register:
	LD	G2, 0(G10)
	ADDI	G10, G10, 1
	CALL	G15, putn
	BR	print_next

sys_pid:
	LD	G2, PID(G1)
result:	ST	G2, 2(G1)		; G2 is the service's result
	BR	resume

; Is the name at the process's G2 that of a program?  G6 entry, G7 base, G8 bound,
; G9 address of the name's next character, G10 of the entry's
sys_spawn:
	LA	G6, directory(G0)
	LD	G7, BASE(G1)
	LD	G8, BOUND(G1)
try_entry:
	LD	G6, ENTRY_NEXT(G6)
	BEQ	G6, G0, no_program
	LD	G9, 2(G1)
	ADDI	G10, G6, ENTRY_NAME
same_so_far:
	BGEU	G9, G8, on_memory
	ADD	G2, G9, G7
	LD	G2, 0(G2)
	LD	G3, 0(G10)
	ADDI	G9, G9, 1
	ADDI	G10, G10, 1
	BNE	G2, G3, try_entry
	BNE	G2, G0, same_so_far
	ADDI	G2, G6, 0
	CALL	G12, create
	BR	result
no_program:
	LA	G2, NO_PROGRAM(G0)
	BR	result

; If there is a process with that PID, and it is another one, sleep until it ends.
sys_wait:
	LD	G2, 2(G1)
	LD	G3, PID(G1)
	BEQ	G2, G3, resume
	LA	G3, records(G0)
	LA	G4, records_end(G0)
wait_look:
	LD	G5, PID(G3)
	BNE	G5, G2, wait_next
	LD	G5, STATE(G3)
	BNE	G5, G0, wait_sleep
wait_next:
	ADDI	G3, G3, RECORD
	BNE	G3, G4, wait_look
	BR	resume
wait_sleep:
	ST	G2, WANTED(G1)
	LA	G2, WAITING(G0)
	ST	G2, STATE(G1)
	BR	schedule

; For each process: PID, state, where its storage begins, how large it is, its program.
sys_ps:	LA	G2, ps_text(G0)
	CALL	G15, puts
	LA	G6, records(G0)
ps_look:
	LD	G7, STATE(G6)
	BEQ	G7, G0, ps_next
	LD	G2, PID(G6)
	CALL	G15, putu
	LD	G2, state_text(G7)
	CALL	G15, puts
	LD	G2, BASE(G6)
	CALL	G15, putu
	LA	G2, ' '(G0)
	CALL	G13, putc
	LD	G2, BOUND(G6)
	CALL	G15, putu
	LA	G2, ' '(G0)
	CALL	G13, putc
	LD	G2, PROGRAM(G6)
	ADDI	G2, G2, ENTRY_NAME
	CALL	G15, puts
	LA	G2, '\n'(G0)
	CALL	G13, putc
ps_next:
	ADDI	G6, G6, RECORD
	LA	G2, records_end(G0)
	BNE	G6, G2, ps_look
	BR	resume

sys_programs:
	LD	G6, directory(G0)
programs_next:
	ADDI	G2, G6, ENTRY_NAME
	CALL	G15, puts
	LD	G6, ENTRY_NEXT(G6)
	BEQ	G6, G0, programs_end
	LA	G2, ' '(G0)
	CALL	G13, putc
	BR	programs_next
programs_end:
	LA	G2, '\n'(G0)
	CALL	G13, putc
	BR	resume

sys_halt:
	CALL	G12, print_process
	LA	G2, halts_text(G0)
	CALL	G15, puts
	HALT	0

; ---- Devices

; The interrupted process goes on when the device has been served, except when it was
; none: then perhaps somebody can run now.  The operand is the device's line.
on_device:
	LD	G2, INFO(G1)
	BNE	G2, G0, on_drum
	BR	on_console
served:	LD	G1, current(G0)
	LA	G2, idle(G0)
	BEQ	G1, G2, schedule
	BR	resume

; A character that is there already needs no sleep.
sys_read:
	CALL	G12, take_input
	BNE	G3, G0, resume
	LA	G2, READING(G0)
	ST	G2, STATE(G1)
	LA	G2, ON_INPUT(G0)
	OUT	G2, CON_CONTROL
	BR	schedule

; Give what came to the readers.  The line stays up as long as there is something to take, so
; without a reader left the interrupt must be turned off.
on_console:
	LA	G1, records(G0)
	LA	G6, 0(G0)		; control: ON_INPUT if somebody still reads
reader:	LD	G2, STATE(G1)
	ADDI	G2, G2, -READING
	BNE	G2, G0, reader_next
	CALL	G12, take_input
	BEQ	G3, G0, still_reads
	LA	G2, READY(G0)
	ST	G2, STATE(G1)
	BR	reader_next
still_reads:
	LA	G6, ON_INPUT(G0)
reader_next:
	ADDI	G1, G1, RECORD
	LA	G2, records_end(G0)
	BNE	G1, G2, reader
	OUT	G6, CON_CONTROL
	BR	served

; take_input: a character, or -1 at the end of input, becomes the result for G1, and G3 is 1;
; while there is neither, G3 is 0.  Changes G2, G4; link G12.
take_input:
	IN	G4, CON_STATUS
	ANDI	G3, G4, INPUT_READY
	BNE	G3, G0, take_byte
	ANDI	G3, G4, INPUT_END
	BEQ	G3, G0, take_end
	LA	G2, -1(G0)
	BR	take_give
take_byte:
	IN	G2, CON_DATA
take_give:
	ST	G2, 2(G1)
	LA	G3, 1(G0)
take_end:
	RET	G12

; The drum transfers by storage addresses, past relocation and bounds: the kernel must
; look that all of the block lies within the process's bounds.
sys_drum_read:
	LA	G4, DRUM_READ(G0)
	BR	drum_request
sys_drum_write:
	LA	G4, DRUM_WRITE(G0)
drum_request:
	LD	G2, 3(G1)
	LD	G3, BOUND(G1)
	BGEU	G2, G3, on_memory
	ADDI	G2, G2, BLOCK_WORDS - 1
	BGEU	G2, G3, on_memory
	LD	G2, 2(G1)
	IN	G3, DRUM_SIZE
	BGEU	G2, G3, drum_refuse
	ST	G4, WANTED(G1)
	LA	G2, ON_DRUM(G0)
	ST	G2, STATE(G1)
	LD	G2, drum_owner(G0)
	BNE	G2, G0, schedule	; it is busy; drum_next comes when it is done
	ADDI	G2, G1, 0
	CALL	G13, drum_start
	BR	schedule
drum_refuse:
	LA	G2, -1(G0)
	BR	result

; A transfer is done: its owner can run.
on_drum:
	IN	G3, DRUM_STATUS		; reading takes the interrupt away
	LD	G1, drum_owner(G0)
	BEQ	G1, G0, served
	ST	G0, 2(G1)
	ANDI	G3, G3, DRUM_FAILED
	BEQ	G3, G0, drum_next
	LA	G2, -1(G0)
	ST	G2, 2(G1)
drum_next:
	LA	G2, READY(G0)
	ST	G2, STATE(G1)
	ADDI	G2, G1, 0
	LA	G4, ON_DRUM(G0)
	CALL	G12, find		; the next in turn, or 0
	CALL	G13, drum_start
	BR	served

; drum_start: begins the transfer that the process G2 wants; 0: none.
; Changes G3, G4; link G13.
drum_start:
	ST	G2, drum_owner(G0)
	BEQ	G2, G0, drum_started
	LD	G3, 2(G2)
	OUT	G3, DRUM_BLOCK
	LD	G3, 3(G2)
	LD	G4, BASE(G2)
	ADD	G3, G3, G4
	OUT	G3, DRUM_ADDRESS
	LA	G3, 1(G0)
	OUT	G3, DRUM_COUNT
	LD	G3, WANTED(G2)
	OUT	G3, DRUM_COMMAND
drum_started:
	RET	G13

; ---- The kernel's storage

saved:	.word	0			; G2 at a trap
current:
	.word	idle			; whose registers the processor has
turn:	.word	records_end - RECORD	; who ran last
alive:	.word	0			; processes
last_pid:
	.word	0
drum_owner:
	.word	0			; for whom the drum works; 0: nobody

records:
	.space	PROCESSES * RECORD
records_end:

idle:	.space	16
	.word	0, idle_loop, 0		; supervisor mode
	.word	0			; the storage's size: filled in at the start
	.word	1, 0			; interrupts enabled, timer off
	.space	RECORD - 22

state_text:
	.word	0, ready_text, reading_text, on_drum_text, waiting_text
ready_text:
	.asciz	" ready "
reading_text:
	.asciz	" reading "
on_drum_text:
	.asciz	" drum "
waiting_text:
	.asciz	" waiting "

welcome_text:
	.asciz	"minios\n"
too_small_text:
	.asciz	"minios: not enough storage\n"
all_ended_text:
	.asciz	"minios: all processes have ended\n"
panic_text:
	.asciz	"minios: a trap in the kernel\n"
process_text:
	.asciz	"process "
open_text:
	.asciz	" ("
killed_text:
	.asciz	" killed at "
colon_text:
	.asciz	": "
illegal_text:
	.asciz	"illegal instruction"
memory_text:
	.asciz	"address out of bounds"
privileged_text:
	.asciz	"privileged instruction"
divide_text:
	.asciz	"division by zero"
no_service_text:
	.asciz	"no such service"
status_text:
	.asciz	" ends with status "
halts_text:
	.asciz	" halts the machine\n"
ps_text:
	.asciz	"pid state base bound program\n"

	.include "lib/print.s"

; ======== The programs ========

; The directory: a chain of entries, the shell not among them.
directory:
	.word	count_entry

shell_entry:
	.word	0, shell, shell_end, shell_end - shell + STACK
	.asciz	"shell"

; ---- count: prints a line now and then; how two of them interleave shows the timer at work.
count_entry:
	.word	primes_entry, count, count_end, count_end - count + STACK
	.asciz	"count"
count:	SVC	SYS_PID
	ADDI	G3, G2, 0
	LA	G4, 1(G0)
count_step:
	LA	G2, count_text - count(G0)
	SVC	SYS_PRINT
	LA	G5, 500(G0)
count_work:
	ADDI	G5, G5, -1
	BNE	G5, G0, count_work
	ADDI	G4, G4, 1
	SLTI	G5, G4, 5
	BNE	G5, G0, count_step
	LA	G2, 0(G0)
	SVC	SYS_EXIT
count_text:
	.asciz	"count: process % at %\n"
count_end:

; ---- primes: computes for a while, by trial division, and never yields.
primes_entry:
	.word	polite_entry, primes, primes_end, primes_end - primes + STACK
	.asciz	"primes"
primes:	LA	G3, 0(G0)		; found
	LD	G4, primes_limit - primes(G0)
	LA	G5, 2(G0)		; candidate
primes_candidate:
	LA	G6, 2(G0)
primes_divisor:
	MUL	G7, G6, G6
	BLT	G5, G7, primes_found
	REM	G7, G5, G6
	BEQ	G7, G0, primes_next
	ADDI	G6, G6, 1
	BR	primes_divisor
primes_found:
	ADDI	G3, G3, 1
primes_next:
	ADDI	G5, G5, 1
	BLT	G5, G4, primes_candidate
	LA	G2, primes_text - primes(G0)
	SVC	SYS_PRINT
	LA	G2, 0(G0)
	LA	G5, 300(G0)
	BNE	G4, G5, primes_end_well
	ADDI	G2, G3, -62		; there are 62
primes_end_well:
	SVC	SYS_EXIT
primes_limit:
	.word	300
primes_text:
	.asciz	"primes: % below %\n"
primes_end:

; ---- polite: yields after each line.
polite_entry:
	.word	drum_entry, polite, polite_end, polite_end - polite + STACK
	.asciz	"polite"
polite:	LA	G3, 3(G0)
polite_again:
	LA	G2, polite_text - polite(G0)
	SVC	SYS_PRINT
	SVC	SYS_YIELD
	ADDI	G3, G3, -1
	BNE	G3, G0, polite_again
	LA	G2, 0(G0)
	SVC	SYS_EXIT
polite_text:
	.asciz	"polite: % more, after you\n"
polite_end:

; ---- drum: writes a block, reads it back to another place and compares.
drum_entry:
	.word	wild_entry, drum, drum_end, drum_end - drum + 2 * BLOCK_WORDS + STACK
	.asciz	"drum"
	.equ	DRUM_TEST_BLOCK, 40
drum:	LA	G4, drum_end - drum(G0)
	LA	G5, drum_end - drum + BLOCK_WORDS(G0)
drum_fill:
	MUL	G6, G4, G4
	ST	G6, 0(G4)
	ADDI	G4, G4, 1
	BNE	G4, G5, drum_fill
	LA	G2, DRUM_TEST_BLOCK(G0)
	LA	G3, drum_end - drum(G0)
	SVC	SYS_DRUM_WRITE
	BNE	G2, G0, drum_fail
	LA	G2, DRUM_TEST_BLOCK(G0)
	LA	G3, drum_end - drum + BLOCK_WORDS(G0)
	SVC	SYS_DRUM_READ
	BNE	G2, G0, drum_fail
	LA	G4, drum_end - drum(G0)
drum_compare:
	LD	G6, 0(G4)
	LD	G7, BLOCK_WORDS(G4)
	BNE	G6, G7, drum_fail
	ADDI	G4, G4, 1
	BNE	G4, G5, drum_compare
	LA	G2, drum_text - drum(G0)
	LA	G3, DRUM_TEST_BLOCK(G0)
	SVC	SYS_PRINT
	LA	G2, 0(G0)
	SVC	SYS_EXIT
drum_fail:
	LA	G2, 1(G0)
	SVC	SYS_EXIT
drum_text:
	.asciz	"drum: block % written, read back and compared\n"
drum_end:

; ---- wild: stores at ever higher addresses, until its bound stops it.
wild_entry:
	.word	rogue_entry, wild, wild_end, wild_end - wild + STACK
	.asciz	"wild"
wild:	LA	G2, wild_text - wild(G0)
	SVC	SYS_PUTS
	LA	G4, wild_end - wild(G0)
wild_store:
	ST	G4, 0(G4)
	ADDI	G4, G4, 1
	BR	wild_store
wild_text:
	.asciz	"wild: all storage is mine\n"
wild_end:

; ---- rogue: uses a privileged instruction.
rogue_entry:
	.word	zero_entry, rogue, rogue_end, rogue_end - rogue + STACK
	.asciz	"rogue"
rogue:	LA	G2, rogue_text - rogue(G0)
	SVC	SYS_PUTS
	HALT	13
rogue_text:
	.asciz	"rogue: I halt the machine\n"
rogue_end:

; ---- zero: divides by zero.
zero_entry:
	.word	0, zero, zero_end, zero_end - zero + STACK
	.asciz	"zero"
zero:	LA	G2, 1(G0)
	DIV	G2, G2, G0
	SVC	SYS_EXIT
zero_end:

; ---- shell: starts the demonstration, then obeys the operator.
; G14 is the stack's top.
	.equ	LINE, 80		; characters of a line that count
shell:	ADDI	G14, G1, 0		; G1: size of its storage
	LA	G6, shell_demo - shell(G0)
shell_start:
	LD	G2, 0(G6)
	BEQ	G2, G0, shell_started	; an empty name ends the list
	ADDI	G2, G6, 0
	SVC	SYS_SPAWN
	ADDI	G14, G14, -1		; keep the PID
	ST	G2, 0(G14)
shell_skip:
	LD	G2, 0(G6)
	ADDI	G6, G6, 1
	BNE	G2, G0, shell_skip
	BR	shell_start
shell_started:
	BEQ	G14, G1, shell_greet
	LD	G2, 0(G14)
	ADDI	G14, G14, 1
	SVC	SYS_WAIT
	BR	shell_started
shell_greet:
	LA	G2, 0(G0)		; an empty block, as on a new drum, is an empty text
	LA	G3, shell_block - shell(G0)
	SVC	SYS_DRUM_READ
	BNE	G2, G0, shell_prompt
	LD	G2, 0(G3)
	BNE	G2, G0, shell_show_text
	BR	shell_prompt

shell_demo:
	.asciz	"count"
	.asciz	"primes"
	.asciz	"count"
	.asciz	"polite"
	.asciz	"drum"
	.asciz	"wild"
	.asciz	"rogue"
	.word	0

; Read a line into shell_line and echo it.  G6 where the next character goes.
shell_prompt:
	LA	G2, shell_prompt_text - shell(G0)
	SVC	SYS_PUTS
	LA	G6, shell_line - shell(G0)
shell_read:
	SVC	SYS_READ
	BLT	G2, G0, shell_input_end
	ADDI	G3, G2, -8		; backspace, or delete
	BEQ	G3, G0, shell_rub_out
	ADDI	G3, G2, -127
	BEQ	G3, G0, shell_rub_out
	ADDI	G3, G2, -'\r'		; the return key of a terminal
	BEQ	G3, G0, shell_newline
	ADDI	G3, G2, -'\n'
	BEQ	G3, G0, shell_newline
	SLTI	G3, G2, ' '		; no other control characters
	BNE	G3, G0, shell_read
	LA	G3, shell_line_end - shell(G0)
	BEQ	G6, G3, shell_read	; the line is full
	ST	G2, 0(G6)
	ADDI	G6, G6, 1
	SVC	SYS_PUTC
	BR	shell_read
shell_rub_out:
	LA	G3, shell_line - shell(G0)
	BEQ	G6, G3, shell_read
	ADDI	G6, G6, -1
	LA	G2, shell_rub_out_text - shell(G0)
	SVC	SYS_PUTS
	BR	shell_read
shell_input_end:
	LA	G3, shell_line - shell(G0)
	BNE	G6, G3, shell_newline	; a last line without its end
	LA	G2, '\n'(G0)
	SVC	SYS_PUTC
	BR	shell_exit
shell_newline:
	ST	G0, 0(G6)
	LA	G2, '\n'(G0)
	SVC	SYS_PUTC

	; Split the first word off: G7 the word, G8 what follows it.
	LA	G8, shell_line - shell(G0)
	CALL	G15, shell_blanks
	LD	G2, 0(G8)
	BEQ	G2, G0, shell_prompt
	ADDI	G7, G8, 0
shell_word:
	LD	G2, 0(G8)
	BEQ	G2, G0, shell_search	; no argument: G8 is an empty string
	ADDI	G8, G8, 1
	ADDI	G2, G2, -' '
	BNE	G2, G0, shell_word
	ST	G0, -1(G8)
	CALL	G15, shell_blanks

	; Look the word up: G9 the command's entry, its routine first and then its name.
shell_search:
	LA	G9, shell_commands - shell(G0)
shell_command:
	LD	G3, 0(G9)
	BEQ	G3, G0, shell_unknown
	ADDI	G9, G9, 1
	ADDI	G4, G7, 0
shell_compare:
	LD	G5, 0(G9)
	LD	G2, 0(G4)
	BNE	G5, G2, shell_differs
	ADDI	G9, G9, 1
	ADDI	G4, G4, 1
	BNE	G5, G0, shell_compare
	JMP	0(G3)
shell_differs:
	LD	G5, 0(G9)		; past the rest of the name
	ADDI	G9, G9, 1
	BNE	G5, G0, shell_differs
	BR	shell_command
shell_unknown:
	LA	G2, shell_unknown_text - shell(G0)
	BR	shell_say

; shell_blanks: moves G8 past blanks.  Changes G2; link G15.
shell_blanks:
	LD	G2, 0(G8)
	ADDI	G2, G2, -' '
	BNE	G2, G0, shell_blanks_end
	ADDI	G8, G8, 1
	BR	shell_blanks
shell_blanks_end:
	RET	G15

; shell_number: the number at G8 goes to G6, G8 behind it and its blanks.
; Says so and returns to the prompt if there is none.  Changes G2, G3, G4; link G13.
shell_number:
	LA	G6, 0(G0)
	ADDI	G4, G8, 0
shell_digit:
	LD	G2, 0(G8)
	ADDI	G2, G2, -'0'
	LA	G3, 10(G0)
	BGEU	G2, G3, shell_number_end
	MUL	G6, G6, G3
	ADD	G6, G6, G2
	ADDI	G8, G8, 1
	BR	shell_digit
shell_number_end:
	BEQ	G8, G4, shell_no_number
	CALL	G15, shell_blanks
	RET	G13
shell_no_number:
	LA	G2, shell_no_number_text - shell(G0)
	BR	shell_say

shell_help:
	LA	G2, shell_help_text - shell(G0)
shell_say:
	SVC	SYS_PUTS
	BR	shell_prompt
shell_ps:
	SVC	SYS_PS
	BR	shell_prompt
shell_programs:
	SVC	SYS_PROGRAMS
	BR	shell_prompt
shell_halt:
	SVC	SYS_HALT
shell_exit:
	LA	G2, 0(G0)
	SVC	SYS_EXIT

shell_spawn:
	CALL	G15, shell_create
	ADDI	G3, G2, 0
	LA	G2, shell_spawn_text - shell(G0)
	SVC	SYS_PRINT
	BR	shell_prompt
shell_run:
	CALL	G15, shell_create
	SVC	SYS_WAIT
	BR	shell_prompt

; shell_create: starts the program named at G8; G2 gets its PID.
; Says so and returns to the prompt if that is not possible.  Link G15.
shell_create:
	ADDI	G2, G8, 0
	SVC	SYS_SPAWN
	BLT	G2, G0, shell_not_created
	RET	G15
shell_not_created:
	ADDI	G3, G2, 0
	LA	G2, shell_no_program_text - shell(G0)
	ADDI	G3, G3, -NO_PROGRAM
	BEQ	G3, G0, shell_say
	LA	G2, shell_no_record_text - shell(G0)
	BR	shell_say

; A block holds a text, a character in each word and zeros behind it.
shell_write:
	CALL	G13, shell_number
	LA	G3, shell_block - shell(G0)
	LA	G4, shell_block_end - shell(G0)
	ADDI	G5, G3, 0
shell_text:
	LD	G2, 0(G8)
	ST	G2, 0(G5)
	ADDI	G5, G5, 1
	BEQ	G2, G0, shell_text_zero	; stays there: zeros to the block's end
	ADDI	G8, G8, 1
shell_text_zero:
	BNE	G5, G4, shell_text
	ADDI	G2, G6, 0
	SVC	SYS_DRUM_WRITE
	BNE	G2, G0, shell_refused
	BR	shell_prompt
shell_show:
	CALL	G13, shell_number
	ADDI	G2, G6, 0
	LA	G3, shell_block - shell(G0)
	SVC	SYS_DRUM_READ
	BNE	G2, G0, shell_refused
shell_show_text:
	ADDI	G2, G3, 0
	SVC	SYS_PUTS		; the word behind the block is 0
	LA	G2, '\n'(G0)
	SVC	SYS_PUTC
	BR	shell_prompt
shell_refused:
	LA	G2, shell_refused_text - shell(G0)
	BR	shell_say

shell_commands:
	.word	shell_help - shell
	.asciz	"help"
	.word	shell_ps - shell
	.asciz	"ps"
	.word	shell_programs - shell
	.asciz	"programs"
	.word	shell_spawn - shell
	.asciz	"spawn"
	.word	shell_run - shell
	.asciz	"run"
	.word	shell_write - shell
	.asciz	"write"
	.word	shell_show - shell
	.asciz	"read"
	.word	shell_exit - shell
	.asciz	"exit"
	.word	shell_halt - shell
	.asciz	"halt"
	.word	0

shell_prompt_text:
	.asciz	"> "
shell_rub_out_text:
	.word	8, ' ', 8, 0
shell_unknown_text:
	.asciz	"no such command; try help\n"
shell_no_number_text:
	.asciz	"which block?\n"
shell_no_program_text:
	.asciz	"no such program; try programs\n"
shell_no_record_text:
	.asciz	"too many processes\n"
shell_spawn_text:
	.asciz	"process %\n"
shell_refused_text:
	.asciz	"the drum refuses\n"
shell_help_text:
	.ascii	"ps  programs  spawn PROGRAM  run PROGRAM\n"
	.asciz	"write BLOCK TEXT  read BLOCK  exit  halt\n"

shell_line:
	.space	LINE
shell_line_end:
	.word	0
shell_block:
	.space	BLOCK_WORDS
shell_block_end:
	.word	0
shell_end:

regions:				; of the processes; nothing may stand behind
