; operands.s: the operands of the instruction in G10, for the interpreter routines.
;
; An instruction is  op:8 rd:4 rs:4 imm:16,  or  op:8 rd:4 rs:4 rt:4 0:12.

; field_rd, field_rs, field_rt: where the block holds the register that the field names, in G2.
; Link G14.
field_rd:
	SRLI	G2, G10, 20
	BR	field
field_rs:
	SRLI	G2, G10, 16
	BR	field
field_rt:
	SRLI	G2, G10, 12
field:	ANDI	G2, G2, 15
	ADD	G2, G2, G1
	RET	G14

; psw_address: the virtual address of six words, in G3, which may be reached all of them; and
; their real address, in G4.  Ends at memory_trap otherwise.  Changes G2; link G15.
psw_address:
	CALL	G14, field_rs
	LA	G3, 0(G0)
	BEQ	G2, G1, psw_offset	; register 0 contributes 0
	LD	G3, 0(G2)
psw_offset:
	SLLI	G2, G10, 16
	SRAI	G2, G2, 16
	ADD	G3, G3, G2
	LD	G2, vm_real_B(G1)
	LA	G4, 6(G0)
psw_reach:
	BGEU	G3, G2, memory_trap
	ADDI	G3, G3, 1
	ADDI	G4, G4, -1
	BNE	G4, G0, psw_reach
	ADDI	G3, G3, -6
	LD	G4, vm_real_L(G1)
	ADD	G4, G4, G3
	RET	G15

; device_register: the number of the register that the instruction names, in G2, or of one that
; does nothing.  Changes G4; link G15.
device_register:
	ANDI	G2, G10, 0xffff
	LA	G4, DEVICE_REGISTERS(G0)
	BLTU	G2, G4, device_known
	LA	G2, DEVICE_REGISTERS(G0)
device_known:
	RET	G15
