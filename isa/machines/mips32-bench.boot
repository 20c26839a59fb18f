; What the bench's boot ROM does when it has put a program into storage that another tool linked.  The
; program begins at its entry with
;
;   R4 (a0)  the size of storage
;   R5 (a1)  where its arguments are, a string: what --append says
;   R6 (a2)  where its initial disk is: the bytes of --initrd; 0 without one
;   R7 (a3)  the bytes of that
;
; Both, and this, are at the end of storage, the initial disk first.

	.org	@BOOT@
start:	lui	R4, @STORAGE@ >> 16
	ori	R4, R4, @STORAGE@ & 0xffff
	lui	R5, arguments >> 16
	ori	R5, R5, arguments & 0xffff
	lui	R6, @INITRD@ >> 16
	ori	R6, R6, @INITRD@ & 0xffff
	lui	R7, @INITRD_SIZE@ >> 16
	ori	R7, R7, @INITRD_SIZE@ & 0xffff
	lui	R8, @ENTRY@ >> 16
	ori	R8, R8, @ENTRY@ & 0xffff
	jr	R8
	or	R8, R0, R0
arguments:
	.asciz	"@APPEND@"
