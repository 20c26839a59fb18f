; allocator.s: A, which owns storage, the console and the drum, and alone gives any of them away.

; ---- Storage, at the start

; The machines stand one behind the other, in the order of their blocks, from `storage` on.  Each
; gets a small share of the drum, and the first all that is left.
boot:	ST	G1, new_bound(G0)	; after a reset G1 holds the storage's size
	ST	G1, idle_bound(G0)
	LA	G2, ON_DONE(G0)
	OUT	G2, DRUM_CONTROL	; interrupt when a transfer is done
	LD	G2, machine_count(G0)
	LA	G3, MACHINES(G0)
	LA	G10, no_machines_text(G0)
	BEQ	G2, G0, refuse
	BLTU	G3, G2, refuse
	ADDI	G3, G2, -1
	BNE	G3, G0, boot_shared
	LUI	G3, FAR >> 12
	ST	G3, quantum(G0)		; nobody waits for the end of it
boot_shared:
	LA	G3, vm_words(G0)
	MUL	G2, G2, G3
	LA	G9, machines(G2)
	ST	G9, machines_end(G0)
	LA	G2, -vm_words(G9)
	ST	G2, turn(G0)

	IN	G7, DRUM_SIZE
	LA	G1, machines + vm_words(G0)
boot_drum:
	BEQ	G1, G9, boot_rest
	LA	G2, SHARE(G0)
	BGEU	G7, G2, boot_share
	LA	G2, 0(G7)
boot_share:
	ST	G2, vm_blocks(G1)
	SUB	G7, G7, G2
	LA	G1, vm_words(G1)
	BR	boot_drum
boot_rest:
	ST	G7, machines + vm_blocks(G0)

	LA	G10, no_room_text(G0)
	LA	G1, machines(G0)
	ST	G1, keyboard(G0)
	LA	G11, storage(G0)	; what is left begins here
	LA	G12, 0(G0)		; and on the drum
	LA	G9, 1(G0)
boot_machine:
	LD	G2, vm_size(G1)
	LA	G3, LEAST_SIZE(G0)
	BLTU	G2, G3, refuse
	LD	G3, new_bound(G0)
	BLTU	G3, G11, refuse
	SUB	G3, G3, G11
	BLTU	G3, G2, refuse
	ST	G11, vm_base(G1)
	ADD	G11, G11, G2
	ST	G12, vm_first(G1)
	LD	G2, vm_blocks(G1)
	ADD	G12, G12, G2
	ST	G9, vm_number(G1)
	ADDI	G9, G9, 1
	CALL	G13, compose
	CALL	G13, reckon
	LA	G1, vm_words(G1)
	LD	G2, machines_end(G0)
	BNE	G1, G2, boot_machine
	BR	choose

refuse:	ADDI	G2, G10, 0
	CALL	G15, puts
	HALT	1
no_machines_text:
	.asciz	"monitor: load it with 1 to 8 guests\n"
no_room_text:
	.asciz	"monitor: there is no room for the guests\n"

; all_halted: halts if no machine can ever go on, with the greatest of their statuses.
; Changes G2 to G5; link G15.
all_halted:
	LA	G2, machines(G0)
	LA	G3, 0(G0)
	LD	G5, machines_end(G0)
all_next:
	LD	G4, vm_state(G2)
	ADDI	G4, G4, -HALTED
	BNE	G4, G0, all_return
	LD	G4, vm_status(G2)
	BGE	G3, G4, all_less
	LA	G3, 0(G4)
all_less:
	LA	G2, vm_words(G2)
	BNE	G2, G5, all_next
	LD	G2, all_end(G0)		; the status is part of the instruction
	OR	G2, G2, G3
	ST	G2, all_end(G0)
all_end:
	HALT	0
all_return:
	RET	G15

; ---- Devices: their time

; advance: lets the devices' time pass up to G2.  A transfer that is due stops the machine until
; it is made.  Changes G2 to G8, G13; link G14.
advance:
	ST	G14, advance_link(G0)
	LD	G3, vm_CON.status(G1)
	ANDI	G4, G3, OUTPUT_READY
	BNE	G4, G0, advance_input
	LD	G4, vm_CON.done(G1)
	SUB	G4, G4, G2
	BLT	G0, G4, advance_input
	ORI	G3, G3, OUTPUT_READY
	ST	G3, vm_CON.status(G1)
advance_input:
	ANDI	G4, G3, INPUT_READY | INPUT_END
	LD	G5, vm_due(G1)
	OR	G4, G4, G5
	BNE	G4, G0, advance_look
	LD	G4, vm_CON.arrival(G1)
	SUB	G4, G4, G2
	BLT	G0, G4, advance_look
	LA	G4, 1(G0)
	ST	G4, vm_due(G1)
advance_look:
	LD	G4, vm_CON.control(G1)
	ANDI	G4, G4, ON_INPUT
	BEQ	G4, G0, advance_drum
	CALL	G14, look
advance_drum:
	LD	G4, vm_DRUM.status(G1)
	ANDI	G4, G4, DRUM_BUSY
	BEQ	G4, G0, advance_end
	LD	G4, vm_DRUM.done(G1)
	SUB	G4, G4, G2
	BLT	G0, G4, advance_end
	LA	G4, ON_DRUM(G0)
	ST	G4, vm_state(G1)
	LD	G4, work(G0)
	ADDI	G4, G4, 1
	ST	G4, work(G0)
advance_end:
	CALL	G13, reckon
	LD	G14, advance_link(G0)
	RET	G14
advance_link:
	.word	0

; reckon: finds out anew when a device changes next and which line interrupts.  To be called
; whenever a device has changed.  Changes G4 to G8; link G13.
reckon:	LD	G4, vm_time(G1)
	LUI	G5, FAR >> 12
	LA	G8, 0(G0)
	LD	G6, vm_CON.status(G1)
	ANDI	G7, G6, OUTPUT_READY
	BNE	G7, G0, reckon_input
	LD	G5, vm_CON.done(G1)
	SUB	G5, G5, G4
	LA	G8, 1(G0)
reckon_input:
	ANDI	G6, G6, INPUT_READY | INPUT_END
	LD	G7, vm_due(G1)
	OR	G6, G6, G7
	BNE	G6, G0, reckon_drum
	LA	G8, 1(G0)
	LD	G7, vm_CON.arrival(G1)
	SUB	G7, G7, G4
	BGE	G7, G5, reckon_drum
	LA	G5, 0(G7)
reckon_drum:
	LD	G6, vm_DRUM.status(G1)
	ANDI	G6, G6, DRUM_BUSY
	BEQ	G6, G0, reckon_line
	LA	G8, 1(G0)
	LD	G7, vm_DRUM.done(G1)
	SUB	G7, G7, G4
	BGE	G7, G5, reckon_line
	LA	G5, 0(G7)
reckon_line:
	ADD	G5, G5, G4
	ST	G5, vm_event(G1)
	ST	G8, vm_expected(G1)
	LA	G8, 0(G0)
	LD	G4, vm_CON.control(G1)
	LD	G5, vm_CON.status(G1)
	AND	G6, G4, G5
	BNE	G6, G0, reckon_end	; ON_INPUT and INPUT_READY, or the same for output
	ANDI	G4, G4, ON_INPUT
	ANDI	G5, G5, INPUT_END
	SRLI	G5, G5, 2
	AND	G4, G4, G5
	BNE	G4, G0, reckon_end
	LA	G8, 1(G0)
	LD	G4, vm_DRUM.status(G1)
	SRLI	G4, G4, 1		; DRUM_DONE, where ON_DONE stands
	LD	G5, vm_DRUM.control(G1)
	AND	G4, G4, G5
	BNE	G4, G0, reckon_end
	LA	G8, NO_LINE(G0)
reckon_end:
	ST	G8, vm_line(G1)
	RET	G13

; ---- Devices: their registers
;
; Routines that read a register to G3, or write G3 to it.  They leave G1 and G10, and may change
; G2, G4 to G8, G13, G14; link G15.

	.equ	DEVICE_REGISTERS, 0x17
device_read:
	.word	read_data, read_status, read_control, read_printer
	.word	read_none, read_none, read_none, read_none
	.word	read_none, read_none, read_none, read_none
	.word	read_none, read_none, read_none, read_none
	.word	read_command, read_drum_status, read_drum_control, read_block
	.word	read_address, read_count, read_size, read_none
device_write:
	.word	write_data, write_none, write_control, write_none
	.word	write_none, write_none, write_none, write_none
	.word	write_none, write_none, write_none, write_none
	.word	write_none, write_none, write_none, write_none
	.word	write_command, write_none, write_drum_control, write_block
	.word	write_address, write_count, write_none, write_none

read_none:
	LA	G3, 0(G0)
write_none:
	RET	G15

; -- the console

read_data:
	CALL	G14, look
	LA	G3, 0(G0)
	LD	G4, vm_CON.status(G1)
	ANDI	G5, G4, INPUT_READY
	BEQ	G5, G0, read_end
	LD	G3, vm_CON.data(G1)
	ST	G0, vm_CON.data(G1)
	XORI	G4, G4, INPUT_READY
	ST	G4, vm_CON.status(G1)
	LD	G4, vm_time(G1)
	ADDI	G4, G4, CONSOLE_DELAY
	ST	G4, vm_CON.arrival(G1)
	CALL	G13, reckon
read_end:
	RET	G15

read_status:
	CALL	G14, look
	LD	G3, vm_CON.status(G1)
	RET	G15

read_control:
	LD	G3, vm_CON.control(G1)
	RET	G15

read_printer:
	LD	G3, vm_CON.status(G1)
	ANDI	G3, G3, OUTPUT_READY
	RET	G15

; A byte that is written while the printer is busy is lost.
write_data:
	LD	G4, vm_CON.status(G1)
	ANDI	G5, G4, OUTPUT_READY
	BEQ	G5, G0, read_end
	XORI	G4, G4, OUTPUT_READY
	ST	G4, vm_CON.status(G1)
	LD	G4, vm_time(G1)
	ADDI	G4, G4, CONSOLE_DELAY
	ST	G4, vm_CON.done(G1)
	CALL	G14, speak
	CALL	G13, reckon
	RET	G15

write_control:
	ANDI	G3, G3, ON_INPUT | ON_OUTPUT
	ST	G3, vm_CON.control(G1)
	ANDI	G3, G3, ON_INPUT
	BEQ	G3, G0, write_controlled
	CALL	G14, look
write_controlled:
	CALL	G13, reckon
	RET	G15

; -- the drum

read_command:
	LD	G3, vm_DRUM.command(G1)
	RET	G15
read_drum_control:
	LD	G3, vm_DRUM.control(G1)
	RET	G15
read_block:
	LD	G3, vm_DRUM.block(G1)
	RET	G15
read_address:
	LD	G3, vm_DRUM.address(G1)
	RET	G15
read_count:
	LD	G3, vm_DRUM.count(G1)
	RET	G15
read_size:
	LD	G3, vm_blocks(G1)
	RET	G15

read_drum_status:
	LD	G3, vm_DRUM.status(G1)
	ANDI	G4, G3, DRUM_BUSY | DRUM_FAILED
	ST	G4, vm_DRUM.status(G1)
	CALL	G13, reckon
	RET	G15

write_drum_control:
	ANDI	G3, G3, ON_DONE
	ST	G3, vm_DRUM.control(G1)
	CALL	G13, reckon
	RET	G15

; While the drum is busy only its control register is written.
write_block:
	LA	G4, vm_DRUM.block(G1)
	BR	write_drum
write_address:
	LA	G4, vm_DRUM.address(G1)
	BR	write_drum
write_count:
	LA	G4, vm_DRUM.count(G1)
write_drum:
	LD	G5, vm_DRUM.status(G1)
	ANDI	G5, G5, DRUM_BUSY
	BNE	G5, G0, write_busy
	ST	G3, 0(G4)
write_busy:
	RET	G15

write_command:
	LD	G5, vm_DRUM.status(G1)
	ANDI	G5, G5, DRUM_BUSY
	BNE	G5, G0, write_busy
	ADDI	G4, G3, -DRUM_READ
	LA	G5, DRUM_WRITE - DRUM_READ(G0)
	BLTU	G5, G4, write_busy	; no command
	ST	G3, vm_DRUM.command(G1)
	LA	G4, DRUM_BUSY(G0)
	ST	G4, vm_DRUM.status(G1)
	LD	G4, vm_DRUM.count(G1)
	LD	G5, vm_blocks(G1)
	BGEU	G5, G4, write_delay
	LA	G4, 0(G5)
write_delay:
	LA	G5, DRUM_DELAY(G0)
	MUL	G4, G4, G5
	LD	G5, vm_time(G1)
	ADD	G4, G4, G5
	ST	G4, vm_DRUM.done(G1)
	CALL	G13, reckon
	RET	G15

; ---- The keyboard
;
; One machine at a time has it: the first, until it halts or the operator types Ctrl-T.  All see
; the end of the input.  What has arrived is looked at when the machine can tell, not before.

	.equ	HAND_OVER, 0x14

; look: gives the machine what is due.  Changes G4 to G8, G13; link G14.
look:	LD	G4, vm_due(G1)
	BEQ	G4, G0, look_end
	LD	G4, looked(G0)
	BNE	G4, G0, look_end	; again at the next trap
	LA	G4, 1(G0)
	ST	G4, looked(G0)
	IN	G4, CON_STATUS
	ANDI	G5, G4, INPUT_READY
	BNE	G5, G0, look_byte
	ANDI	G5, G4, INPUT_END
	BEQ	G5, G0, look_nothing
	LD	G4, vm_CON.status(G1)
	ORI	G4, G4, INPUT_END
	BR	look_known
look_byte:
	LD	G4, keyboard(G0)
	BNE	G4, G1, look_end	; it is another's
	IN	G4, CON_DATA
	LA	G5, HAND_OVER(G0)
	BNE	G4, G5, look_given
	LD	G5, machine_count(G0)
	ADDI	G5, G5, -1
	BNE	G5, G0, look_hand_over
look_given:
	ST	G4, vm_CON.data(G1)
	LD	G4, vm_CON.status(G1)
	ANDI	G4, G4, OUTPUT_READY
	ORI	G4, G4, INPUT_READY
look_known:
	ST	G4, vm_CON.status(G1)
	ST	G0, vm_due(G1)
	CALL	G13, reckon
	CALL	G13, stir
look_end:
	RET	G14
look_hand_over:
	CALL	G13, next_keyboard
	CALL	G13, stir
	RET	G14
look_nothing:				; somebody types: an interrupt will tell
	LA	G4, ON_INPUT(G0)
	OUT	G4, CON_CONTROL
	RET	G14

; next_keyboard: the next machine that has not halted gets the keyboard, if there is one.
; Changes G4 to G6; link G13.
next_keyboard:
	LD	G4, keyboard(G0)
	LD	G5, machine_count(G0)
next_owner:
	LA	G4, vm_words(G4)
	LD	G6, machines_end(G0)
	BNE	G4, G6, next_look
	LA	G4, machines(G0)
next_look:
	LD	G6, vm_state(G4)
	ADDI	G6, G6, -HALTED
	BNE	G6, G0, next_found
	ADDI	G5, G5, -1
	BNE	G5, G0, next_owner
next_found:
	ST	G4, keyboard(G0)
	RET	G13

; keyboard_free: the machine G1 needs the keyboard no more.  Changes G4 to G8, G13; link G15.
keyboard_free:
	LD	G4, keyboard(G0)
	BNE	G4, G1, keyboard_kept
	CALL	G13, next_keyboard
	CALL	G13, stir
keyboard_kept:
	RET	G15

; stir: whoever waits for input looks again, one unit of its time later.  Changes G4 to G8;
; link G13.
stir:	ST	G13, stir_link(G0)
	ST	G1, stir_machine(G0)
	LA	G1, machines(G0)
stir_next:
	LD	G4, vm_due(G1)
	BEQ	G4, G0, stir_not
	LD	G4, vm_state(G1)
	ADDI	G4, G4, -HALTED
	BEQ	G4, G0, stir_not
	ST	G0, vm_due(G1)
	LD	G4, vm_time(G1)
	ADDI	G4, G4, 1
	ST	G4, vm_CON.arrival(G1)
	CALL	G13, reckon
stir_not:
	LA	G1, vm_words(G1)
	LD	G4, machines_end(G0)
	BNE	G1, G4, stir_next
	LD	G1, stir_machine(G0)
	LD	G13, stir_link(G0)
	RET	G13
stir_link:
	.word	0
stir_machine:
	.word	0

; key_pressed: the console's interrupt.  Link G15.
key_pressed:
	LA	G4, 1(G0)
	ST	G4, looked(G0)
	OUT	G0, CON_CONTROL
	CALL	G13, stir
	RET	G15

; ---- The printer
;
; What machines print goes to a queue, and from there to the printer, a byte for each trap.  Where
; there are several, each line says whose it is.

	.equ	QUEUE, 256		; bytes, a power of 2
	.equ	FULL, 192		; nobody runs while there are more

; speak: the machine G1 prints the byte G3.  Changes G2, G4 to G8, G13; link G14.
speak:	LD	G4, vm_printed(G1)
	ADDI	G4, G4, 1
	ST	G4, vm_printed(G1)
	ANDI	G4, G3, 0xff
	ST	G4, vm_last(G1)
	LD	G4, machine_count(G0)
	ADDI	G4, G4, -1
	BEQ	G4, G0, speak_byte
	LD	G4, speaker(G0)
	BEQ	G4, G1, speak_same
	ST	G1, speaker(G0)
	LD	G4, line_open(G0)
	BEQ	G4, G0, speak_same
	LA	G2, '\n'(G0)
	CALL	G13, enqueue
	ST	G0, line_open(G0)
speak_same:
	LD	G4, line_open(G0)
	BNE	G4, G0, speak_byte
	LD	G2, vm_number(G1)
	ADDI	G2, G2, '0'
	CALL	G13, enqueue
	LA	G2, ':'(G0)
	CALL	G13, enqueue
	LA	G2, ' '(G0)
	CALL	G13, enqueue
speak_byte:
	ANDI	G2, G3, 0xff
	ADDI	G4, G2, -'\n'
	ST	G4, line_open(G0)
	; and on to enqueue
	ADDI	G13, G14, 0

; enqueue: the byte G2.  Changes G4, G5; link G13.
enqueue:
	LD	G4, queue_in(G0)
	ST	G2, queue(G4)
	ADDI	G4, G4, 1
	ANDI	G4, G4, QUEUE - 1
	ST	G4, queue_in(G0)
	LD	G4, queued(G0)
	ADDI	G4, G4, 1
	ST	G4, queued(G0)
	LD	G4, work(G0)
	ADDI	G4, G4, 1
	ST	G4, work(G0)
	RET	G13

; ---- The monitor's own work at the devices

; do_work: one thing of what there is to do, unless this trap has used a device already.
; Changes G2 to G10, G13, G14; link G15.
do_work:
	LD	G2, looked(G0)
	BNE	G2, G0, work_end
	LA	G2, 1(G0)
	ST	G2, looked(G0)
	LD	G2, queued(G0)
	BEQ	G2, G0, work_drum
	IN	G3, CON_PRINTER
	ANDI	G3, G3, OUTPUT_READY
	BEQ	G3, G0, work_end
	ADDI	G2, G2, -1
	ST	G2, queued(G0)
	LD	G2, queue_out(G0)
	LD	G3, queue(G2)
	OUT	G3, CON_DATA
	ADDI	G2, G2, 1
	ANDI	G2, G2, QUEUE - 1
	ST	G2, queue_out(G0)
work_less:
	LD	G2, work(G0)
	ADDI	G2, G2, -1
	ST	G2, work(G0)
work_end:
	RET	G15

; A transfer takes two traps to start, with two privileged instructions each.
work_drum:
	LD	G2, drum_owner(G0)
	BEQ	G2, G0, work_search
	LD	G3, drum_set(G0)
	BEQ	G3, G0, work_end	; it is under way
	ST	G0, drum_set(G0)
	LD	G3, vm_DRUM.count(G2)
	OUT	G3, DRUM_COUNT
	LD	G3, vm_DRUM.command(G2)
	OUT	G3, DRUM_COMMAND
	BR	work_less

work_search:
	LA	G2, machines(G0)
	LD	G3, machines_end(G0)
work_next:
	LD	G4, vm_state(G2)
	ADDI	G4, G4, -ON_DRUM
	BEQ	G4, G0, work_found
	LA	G2, vm_words(G2)
	BNE	G2, G3, work_next
	RET	G15
work_found:
	; Does it fit into the machine's share of the drum and into its storage?
	LD	G3, vm_DRUM.count(G2)
	LD	G4, vm_blocks(G2)
	BLTU	G4, G3, work_refuse
	SUB	G4, G4, G3
	LD	G5, vm_DRUM.block(G2)
	BLTU	G4, G5, work_refuse
	LA	G4, BLOCK_WORDS(G0)
	MUL	G4, G4, G3		; no more than the drum's words
	LD	G6, vm_size(G2)
	BLTU	G6, G4, work_refuse
	SUB	G6, G6, G4
	LD	G7, vm_DRUM.address(G2)
	BLTU	G6, G7, work_refuse
	BEQ	G3, G0, work_nothing
	ST	G2, drum_owner(G0)
	LA	G3, 1(G0)
	ST	G3, drum_set(G0)
	LD	G3, vm_first(G2)
	ADD	G3, G3, G5
	OUT	G3, DRUM_BLOCK
	LD	G3, vm_base(G2)
	ADD	G3, G3, G7
	OUT	G3, DRUM_ADDRESS
	RET	G15
work_refuse:
	LA	G3, DRUM_DONE | DRUM_FAILED(G0)
	BR	work_done
work_nothing:
	LA	G3, DRUM_DONE(G0)
work_done:
	ST	G15, work_link(G0)
	LD	G4, work(G0)
	ADDI	G4, G4, -1
	ST	G4, work(G0)
	CALL	G14, transferred
	LD	G15, work_link(G0)
	RET	G15
work_link:
	.word	0

; drum_done: the drum's interrupt.  Link G15.
drum_done:
	ST	G15, work_link(G0)
	LA	G3, 1(G0)
	ST	G3, looked(G0)
	IN	G3, DRUM_STATUS
	LD	G2, drum_owner(G0)
	ST	G0, drum_owner(G0)
	CALL	G14, transferred
	LD	G15, work_link(G0)
	RET	G15

; transferred: the transfer of the machine G2 has ended with the status G3, and its time goes on.
; Changes G2 to G8, G13, G15; link G14.
transferred:
	ST	G14, transferred_link(G0)
	ST	G1, transferred_machine(G0)
	LA	G1, 0(G2)
	ST	G3, vm_DRUM.status(G1)
	LA	G2, RUNNING(G0)
	ST	G2, vm_state(G1)
	CALL	G13, reckon
	CALL	G15, sample		; time.s
	LD	G2, vm_phase(G1)
	ADDI	G2, G2, -OWN_UNIT
	BNE	G2, G0, transferred_end
	LD	G2, vm_raised(G1)
	BNE	G2, G0, transferred_end
	LD	G2, vm_line(G1)
	BGE	G2, G0, transferred_end
	LA	G2, WAITING(G0)
	ST	G2, vm_state(G1)
transferred_end:
	ST	G0, vm_phase(G1)
	LD	G1, transferred_machine(G0)
	LD	G14, transferred_link(G0)
	RET	G14
transferred_link:
	.word	0
transferred_machine:
	.word	0
