; What YAMON, the Malta's boot ROM, does when it has put a program into storage.  The program begins
; at its entry with
;
;   R4 (a0)  the number of its arguments, 2
;   R5 (a1)  where their addresses are: of the program's name, and of what --append says, behind where
;            the initial disk is, as Linux wants it
;   R6 (a2)  where the environment is: addresses of names and values, by turns, and 0
;   R7 (a3)  the size of storage
;
; MIPS YAMON User's Manual (MD00008), "Program Execution".  All this is at the end of storage, behind
; the initial disk.

	.org	@BOOT@
start:	ori	R4, R0, 2
	lui	R5, arguments >> 16
	ori	R5, R5, arguments & 0xffff
	lui	R6, environment >> 16
	ori	R6, R6, environment & 0xffff
	lui	R7, @STORAGE@ >> 16
	ori	R7, R7, @STORAGE@ & 0xffff
	lui	R8, @ENTRY@ >> 16
	ori	R8, R8, @ENTRY@ & 0xffff
	jr	R8
	or	R8, R0, R0

arguments:
	.word	program, line, 0
environment:
	.word	memsize, storage, ememsize, storage, modetty0, mode, 0, 0
program:
	.asciz	"program"
line:	.asciz	"rd_start=@INITRD@ rd_size=@INITRD_SIZE@ @APPEND@"
memsize:
	.asciz	"memsize"
ememsize:
	.asciz	"ememsize"
storage:
	.asciz	"@STORAGE@"
modetty0:
	.asciz	"modetty0"
mode:	.asciz	"38400,n,8,1,hw"
