; call.s: a supervisor, with DAT on, calls a program by its number, which returns; sets its secondary
; address space to the primary one; and moves two bytes there and back.  It halts with status 0, or 1
; where something is not as it should be.

	.machine s370-das
	.equ	EC, 0x00080000		; extended-control mode
	.equ	DAT, 0x04000000		; PSW bit 5
	.equ	OTHER, 6
	.equ	ALWAYS, 15
	.equ	NUMBER, 1 << 8 | 2	; linkage index 1, entry index 2

	.org	104
	.word	EC, wrong		; new PSW of a program interruption

	.org	0x200
start:	LCTL	0, 0, spaces(G0)
	LCTL	1, 1, table(G0)
	LCTL	3, 3, keys(G0)
	LCTL	4, 4, space(G0)
	LCTL	5, 5, linkage(G0)
	LCTL	14, 14, translation(G0)
	LPSW	program(G0)

	.align	8
program:
	.word	DAT | EC, go
spaces:	.word	1 << 31 - 5		; secondary-space control
table:	.word	0xff << 24		; all storage
keys:	.word	1 << 31			; key 0
space:	.word	7
linkage:
	.word	1 << 31 | links
translation:
	.word	1 << 19			; ASN translation allowed

	.align	128
links:	.word	1 << 31			; 0: none
	.word	entries			; 1
	.align	64
entries:
	.space	32
	.word	0xffff << 16, called, 0x55, 1 << 30	; 2: any key, the same space

called:	C	G4, parameter(G0, G0)
	BC	OTHER, wrong(G0, G0)
	C	G3, mask(G0, G0)
	BC	OTHER, wrong(G0, G0)
	LA	G9, 1(G0, G0)
	PT	G3, G14

go:	PC	NUMBER(G0)
	C	G9, one(G0, G0)		; it was there
	BC	OTHER, wrong(G0, G0)
	L	G6, space(G0, G0)
	SSAR	G6
	ESAR	G7
	C	G7, space(G0, G0)
	BC	OTHER, wrong(G0, G0)
	LA	G8, 2(G0, G0)
	LA	G10, there(G0, G0)
	LA	G11, bytes(G0, G0)
	MVCS	0(G8, G10), 0(G11), G0
	LA	G11, back(G0, G0)
	MVCP	0(G8, G11), 0(G10), G0
	L	G12, back(G0, G0)
	C	G12, bytes(G0, G0)
	BC	OTHER, wrong(G0, G0)
	DIAG	0(G0)
wrong:	DIAG	1(G0)

	.align	4
parameter:
	.word	0x55
mask:	.word	1 << 31 | 7		; the caller's key mask and address space
one:	.word	1
bytes:	.word	0x68690000
there:	.word	0
back:	.word	0
