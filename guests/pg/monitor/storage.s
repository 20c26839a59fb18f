; storage.s: what the monitor keeps of its machines; behind it, their storage.

looked:	.word	0			; this trap has used a device
quantum:
	.word	QUANTUM
put_off:
	.word	0			; a machine that waits was not looked at
work:	.word	0			; bytes in the queue, and transfers not yet started
queued:	.word	0
queue_in:
	.word	0
queue_out:
	.word	0
speaker:
	.word	0			; who printed last
line_open:
	.word	0			; the printer stands within a line
keyboard:
	.word	0			; the machine that has it
drum_owner:
	.word	0			; whose transfer is made; 0: nobody's
drum_set:
	.word	0			; its first half is told
queue:	.space	QUEUE

	.include "../lib/print.s"	; for what is said before the start

machines_end:
	.word	0
machine_count:
	.word	0			; filled in by the loader
idle:	.space	vm_words
machines:
	.space	MACHINES * vm_words
storage:
