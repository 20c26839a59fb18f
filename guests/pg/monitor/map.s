; map.s: the VM map f, and the trap reflected.
;
; f places the virtual machine's storage at [base, base + size) of the real one, and relocates what
; it relocates itself once more.

; compose: the real R of the virtual one.  R' = (base + l, b) alone would be wrong where
; l + b exceeds the machine's storage: there the bound must be clipped, or it reaches into its
; neighbour's.  Changes G2 to G4; link G13.
compose:
	LD	G2, vm_size(G1)
	LD	G3, vm_L(G1)
	BGEU	G3, G2, compose_none
	SUB	G2, G2, G3		; what is left above l
	LD	G4, vm_base(G1)
	ADD	G4, G4, G3
	ST	G4, vm_real_L(G1)
	LD	G4, vm_B(G1)
	BGEU	G2, G4, compose_bound
	LA	G4, 0(G2)
compose_bound:
	ST	G4, vm_real_B(G1)
	RET	G13
compose_none:
	LD	G4, vm_base(G1)
	ST	G4, vm_real_L(G1)
	ST	G0, vm_real_B(G1)
	RET	G13

; reflect: a trap of kind G2 with the operand G3, as the machine itself would have taken it: the
; old PSW to its E[0] to E[7], the new one from its E[8] on.  Changes G2 to G4, G13; link G14.
reflect:
	ST	G2, vm_KIND(G1)
	ST	G3, vm_INFO(G1)
	LD	G4, vm_base(G1)
	MOVE4	G4, vm_M(G1)
	ADDI	G4, G4, 4
	MOVE4	G4, vm_M + 4(G1)
	LA	G3, vm_M(G1)
	MOVE4	G3, 4(G4)
	LA	G3, vm_M + 4(G1)
	MOVE4	G3, 8(G4)
	LD	G2, vm_M(G1)		; of these two words one bit counts
	ANDI	G2, G2, 1
	ST	G2, vm_M(G1)
	LD	G2, vm_IE(G1)
	ANDI	G2, G2, 1
	ST	G2, vm_IE(G1)
	CALL	G13, compose
	RET	G14
