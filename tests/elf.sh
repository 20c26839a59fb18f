#!/bin/bash
# Objects are ELF as other tools understand it: readelf and nm show what was assembled.
set -euo pipefail

. "$(dirname "$0")/tap.sh"
own_folder
export LC_ALL=C

# shows WORDS COMMAND...: is there such a line, blanks apart, and nothing on stderr?
shows()
{
	local words=$1
	shift
	"$@" >shown 2>complaints
	cat shown complaints
	[ ! -s complaints ] && grep -qF -- "$words" <<<"$(tr -s ' ' <shown)"
}

# status N COMMAND...: does it end so, with an error message if N is not 0?
status()
{
	local wanted=$1 got=0
	shift
	"$@" >said 2>&1 || got=$?
	cat said
	[ $got = "$wanted" ] || return 1
	[ "$wanted" = 0 ] || grep -q 'error: ' said
}

same_after_disassembly()
{
	trapeze disasm "$1" >again.s && trapeze asm again.s -o again.o && cmp "$1" again.o
}

cat >pg.s <<'END'
	.machine pg
	.deposit G3, 5
	.org	16
start:	ADDI	G1, G2, 10
	BR	start
	.org	0x100
table:	.word	1, -1
end:
BIG = 0x12345678
outside = 0x4000
END

ok "a program is assembled" trapeze asm pg.s -o pg.o
ok "readelf has nothing to complain of" shows "EXEC" readelf -a pg.o
ok "the class is that of the word" shows "Class: ELF32" readelf -h pg.o
ok "the byte order is little-endian" shows "2's complement, little endian" readelf -h pg.o
ok "the machine is none" shows "Machine: None" readelf -h pg.o
ok "the entry is the label start" shows "Entry point address: 0x10" readelf -h pg.o
ok "a segment is a section" shows ".storage.0x10 PROGBITS 00000010" readelf -S pg.o
ok "units are its entries" shows "000008 04 WAX" readelf -S pg.o
ok "each segment is a section" shows ".storage.0x100 PROGBITS 00000100" readelf -S pg.o
ok "the content is the units" shows "0x00000010 0a001211 ffff0f39" readelf -x .storage.0x10 pg.o
ok "the note is Trapeze's" shows "Trapeze 0x00000013" readelf -n pg.o
ok "nm shows labels" shows "00000100 T table" nm pg.o
ok "nm shows the label at the end of a segment" shows "00000102 T end" nm pg.o
ok "nm shows values" shows "12345678 A BIG" nm pg.o
ok "an object is disassembled to the same object" same_after_disassembly pg.o

cat >big.s <<'END'
	.machine big
	.org	0x123456789abcdef0
_start:	LI	X1, 0x1234
	.word	_start
END
export TRAPEZE_PATH=$TOP_SRCDIR/tests/asm:${TRAPEZE_PATH-}
ok "a 64-bit big-endian program is assembled" trapeze asm big.s -o big.o
ok "readelf has nothing to complain of it" shows "ELF64" readelf -a big.o
ok "its byte order is big-endian" shows "2's complement, big endian" readelf -h big.o
ok "its addresses have 64 bits" shows "123456789abcdef0 T _start" nm big.o
ok "its units are bytes" shows "04201234 12345678 9abcdef0" readelf -x 1 big.o
ok "it is disassembled to the same object" same_after_disassembly big.o

head -c 200 pg.o >short.o
ok "a truncated object is an error" status 2 trapeze disasm short.o
ok "another ELF file is an error" status 2 trapeze disasm "$(type -P trapeze)"
: >empty.o
ok "an empty file is an error" status 2 trapeze disasm empty.o
cp pg.s copy.s
ok "a source is not overwritten" status 2 trapeze asm pg.s -o copy.s
ok "it is as it was" cmp pg.s copy.s

plan
