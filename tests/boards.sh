#!/bin/bash
# ELF files of other tools and raw images, on boards: which machine they are for, where they are put,
# what the boot program gives them; and what is refused, with which words.  The files are made here,
# so that no compiler is needed.
set -euo pipefail
. "$(dirname "$0")/tap.sh"
own_folder

# bytes WIDTH ORDER NUMBER: an integer of so many bytes, little or big.
bytes()
{
	local i text=
	for ((i = 0; i < $1; i++)); do
		if [ "$2" = little ]; then
			text+=$(printf '\\x%02x' $(($3 >> 8 * i & 255)))
		else
			text=$(printf '\\x%02x' $(($3 >> 8 * i & 255)))$text
		fi
	done
	printf "$text"
}

# elf CLASS ORDER MACHINE TYPE ADDRESS WORD...: an executable of one segment, which begins at its first
# word and has 64 zeros behind its last.
elf()
{
	local class=$1 order=$2 machine=$3 type=$4 address=$5 wide=$(($1 / 8)) header segment size
	shift 5
	header=$((class == 64 ? 64 : 52)) segment=$((class == 64 ? 56 : 32)) size=$((4 * $#))
	printf "\x7fELF\\x0$((class / 32))\\x0$([ $order = little ] && echo 1 || echo 2)\x01"
	printf '\0\0\0\0\0\0\0\0\0'
	bytes 2 $order $type; bytes 2 $order $machine; bytes 4 $order 1
	bytes $wide $order $address; bytes $wide $order $header; bytes $wide $order 0
	bytes 4 $order 0; bytes 2 $order $header; bytes 2 $order $segment; bytes 2 $order 1
	bytes 2 $order 0; bytes 2 $order 0; bytes 2 $order 0
	bytes 4 $order 1
	[ $class = 32 ] || bytes 4 $order 7
	bytes $wide $order $((header + segment)); bytes $wide $order $address
	bytes $wide $order $address; bytes $wide $order $size; bytes $wide $order $((size + 64))
	[ $class = 64 ] || bytes 4 $order 7
	bytes $wide $order 4
	for word; do bytes 4 $order $word; done
}

# Instructions of MIPS32: lui R8, 0xbf00; sw RN, 0x200(R8), which switches off with RN as status
lui8=0x3c08bf00
off() { echo $((0xad000200 | $1 << 16)); }
seven='0x24020007' # addiu R2, R0, 7

# status N COMMAND...: does it end so?  What it says is kept, and shown if it does not.
status()
{
	local wanted=$1 got=0
	shift
	timeout 60 "$@" >said 2>&1 </dev/null || got=$?
	cat said
	[ $got = "$wanted" ]
}

# refused WORDS COMMAND...: an error of these words, status 2.
refused()
{
	local words=$1
	shift
	status 2 "$@" && grep -qF -- "$words" said && grep -q 'trapeze run: \|error: ' said
}

run="trapeze run --guest-status --board bench"
elf 32 little 8 2 0x80000400 $lui8 $seven "$(off 2)" >seven
elf 32 big 8 2 0x80000400 $lui8 $seven "$(off 2)" >seven-big

for engine in oracle translator; do
	ok "a little-endian file runs, $engine" status 7 $run --engine $engine seven
	ok "a big-endian file runs, $engine" status 7 $run --engine $engine seven-big
done
ok 'the machine can be named' status 7 trapeze run --guest-status --isa mips32-bench seven
ok 'or be composed' status 7 $run --isa mips32eb seven-big
ok 'without a board it is the machine of the byte order' status 0 trapeze run --json --steps 3 seven
ok 'little' grep -q '"machine": "mips32"' said
ok 'which has no devices' grep -q 'mips32 alone, without devices; --board takes: bench, malta' said
ok 'without a board it is the machine of the byte order' status 0 trapeze run --json --steps 3 seven-big
ok 'big' grep -q '"machine": "mips32eb"' said
ok 'which has the same boards' grep -q 'mips32eb alone, without devices; --board takes: bench, malta' said

# what the boot program gives: addiu of the low half of a register, switch off
elf 32 little 8 2 0x80001000 $lui8 "$((0x00041502))" "$(off 2)" >storage # srl R2, R4, 20
ok 'a0 is the size of storage' status 3 $run storage:3M
ok 'without a size storage is enough' status 1 $run storage
elf 32 little 8 2 0x80001000 $lui8 0x80a20002 "$(off 2)" >append # lb R2, 2(R5)
ok 'a1 are the arguments' status 122 $run --append 'xyz' append
ok 'as they are given' status 34 $run --append '\\"' append
ok 'with line ends, too' status 10 $run --append $'ab\n' append
ok 'or none' status 0 $run append
elf 32 little 8 2 0x80001000 $lui8 0x80c20003 "$(off 2)" >initrd # lb R2, 3(R6)
printf 'abcdefgh' >disk
ok 'a2 is where the initial disk is' status 100 $run --initrd disk initrd
elf 32 little 8 2 0x80001000 $lui8 "$(off 7)" >length
ok 'a3 is how long it is' status 8 $run --initrd disk length
ok 'or 0' status 0 $run length
elf 32 little 8 2 0x80001000 $lui8 "$(off 6)" >where
ok 'a2 is 0 without one' status 0 $run where

# On the Malta: prints the second argument and the first value of the environment, then resets.
#	lui R11, 0xb800; lui R8, 0xbf00; lw R9, 4(R5); 1: lbu R10, 0(R9); beq R10, R0, 2f;
#	addiu R9, R9, 1; b 1b; sb R10, 0x3f8(R11); 2: lw R9, 4(R6); bne R12, R0, 3f;
#	addiu R12, R12, 1; b 1b; nop; 3: addiu R4, R0, 0x42; sw R4, 0x500(R8)
tell=(0x3c0bb800 0x3c08bf00 0x8ca90004 0x912a0000 0x11400003 0x25290001 0x1000fffc 0xa16a03f8
	0x8cc90004 0x15800003 0x258c0001 0x1000fff7 0 0x24040042 0xad040500)
elf 32 little 8 2 0x80100000 "${tell[@]}" >tell
ok 'the Malta tells where the initial disk is, in the arguments' status 0 \
	trapeze run --board malta --initrd disk --append 'quiet "x"' tell:4M
ok 'and how much storage there is' grep -q \
	'^rd_start=0x803fe000 rd_size=0x8 quiet "x"0x400000' said

# In the other byte order the same is told; and a program of bytes and of words that both orders have
# alike goes through the chips: prints the year of the clock; has the timer interrupt by vector 0x40,
# which it acknowledges and prints; configures the power management of the PIIX4, prints 0x30 more
# than the high half of its identification and switches off, before it prints a space.
#	lui R8, 0xb800; lui R9, 0xbbe0; addiu R2, R0, 9; sb R2, 0x70(R8); lbu R2, 0x71(R8);
#	srl R3, R2, 4; addiu R3, R3, 0x30; sb R3, 0x3f8(R8); andi R2, R2, 15; addiu R2, R2, 0x30;
#	1: lbu R3, 0x3fd(R8); andi R3, R3, 0x20; beq R3, R0, 1b; nop; sb R2, 0x3f8(R8)
year=(0x3c08b800 0x3c09bbe0 0x24020009 0xa1020070 0x91020071 0x00021902 0x24630030 0xa10303f8
	0x3042000f 0x24420030 0x910303fd 0x30630020 0x1060fffd 0 0xa10203f8)
#	bytes to the 8259: 0x11; 0x40, 4, 1, 0xfe; to the 8254: 0x30; 0, 0x30; 1: mfc0 R3, Cause;
#	andi R3, R3, 0x400; beq R3, R0, 1b; nop; lbu R2, 0xc34(R9); sb R2, 0x3f8(R8)
timer=(0x24020011 0xa1020020 0x24020040 0xa1020021 0x24020004 0xa1020021 0x24020001 0xa1020021
	0x240200fe 0xa1020021 0x24020030 0xa1020043 0xa1000040 0xa1020040 0x40036800 0x30630400
	0x1060fffd 0 0x91220c34 0xa10203f8)
#	bytes to the configuration address: 0x80 at 0xcfb, 0x53 at 0xcf9; 0x40 at 0xcf8; addiu R2, R0, 0x1001;
#	sw R2, 0xcfc(R9); 0x80 at 0xcf8; addiu R2, R0, 1; sw R2, 0xcfc(R9); 0 at 0xcf8;
#	lw R2, 0xcfc(R9); srl R2, R2, 16; addiu R2, R2, 0x30; 1: lbu R3, 0x3fd(R8); andi R3, R3, 0x20;
#	beq R3, R0, 1b; nop; sb R2, 0x3f8(R8); addiu R2, R0, 0x20; sb R2, 0x1005(R8);
#	sb R2, 0x3f8(R8); 2: b 2b; nop
power=(0x24020080 0xa1220cfb 0x24020053 0xa1220cf9 0x24020040 0xa1220cf8 0x24021001 0xad220cfc
	0x24020080 0xa1220cf8 0x24020001 0xad220cfc 0xa1200cf8 0x8d220cfc 0x00021402 0x24420030
	0x910303fd 0x30630020 0x1060fffd 0 0xa10203f8 0x24020020 0xa1021005 0xa10203f8 0x1000ffff 0)
elf 32 big 8 2 0x80100000 "${tell[@]}" >tell-big
ok 'a big-endian Malta tells its program the same' status 0 \
	trapeze run --board malta --initrd disk --append 'quiet "x"' tell-big:4M
ok 'in its own words' grep -q '^rd_start=0x803fe000 rd_size=0x8 quiet "x"0x400000' said
for order in little big; do
	elf 32 $order 8 2 0x80100000 "${year[@]}" "${timer[@]}" "${power[@]}" >chips-$order
	for engine in oracle translator; do
		ok "the Malta's chips answer a $order-endian processor, $engine" status 0 \
			trapeze run --steps 1000000 --engine $engine --board malta chips-$order
		ok 'with the year, the vector and the south bridge' grep -q '^26@C$' said
	done
done
ok 'it may be named by its processor' status 0 trapeze run --isa mips32eb --board malta chips-big
ok 'and is the board' grep -q '^26@C$' said

{ bytes 4 little $seven; bytes 4 little $lui8; bytes 4 little "$(off 2)"; } >raw
ok 'a raw image is put at its address and begins there' status 7 $run --isa mips32 --raw 0x80002000 raw
ok 'it may begin elsewhere' status 0 $run --isa mips32 --raw 0x80002000,0x80002004 raw

# a touch of nowhere, as on a real board: to the vector, which switches off with Cause
vector=$(for ((i = 0; i < 0x180 / 4; i++)); do echo 0; done)
# mfc0 R2, Cause; andi R2, R2, 0x7c
elf 32 little 8 2 0x80000000 $vector 0x40026800 0x3042007c $lui8 "$(off 2)" \
	$(for ((i = 0; i < (0x400 - 0x190) / 4; i++)); do echo 0; done) 0x3c09be00 0x8d220000 >nowhere
# put FILE OFFSET NUMBER: a little-endian word of a file
put()
{
	bytes 4 little "$3" | dd of="$1" bs=1 seek="$2" conv=notrunc status=none
}
entry=24 # of the header
put nowhere $entry 0x80000400
ok 'a load from nowhere is a bus error' status $((7 * 4)) $run nowhere
elf 32 little 8 2 0x80000000 $vector 0x40026800 0x3042007c $lui8 "$(off 2)" \
	$(for ((i = 0; i < (0x400 - 0x190) / 4; i++)); do echo 0; done) 0x3c09be00 0x01200008 0 >astray
put astray $entry 0x80000400
ok 'a fetch from nowhere is one of a fetch' status $((6 * 4)) $run astray

# the same on the Malta, whose vector prints the kind of trap as a digit, and resets:
#	mfc0 R2, Cause; andi R2, R2, 0x7c; srl R2, R2, 2; addiu R2, R2, 0x30; lui R11, 0xb800;
#	sb R2, 0x3f8(R11); lui R8, 0xbf00; addiu R4, R0, 0x42; sw R4, 0x500(R8)
tells=(0x40026800 0x3042007c 0x00021082 0x24420030 0x3c0bb800 0xa16203f8 0x3c08bf00 0x24040042 0xad040500)
gap=$(for ((i = 0; i < (0x400 - 0x180) / 4 - ${#tells[@]}; i++)); do echo 0; done)
# malta NAME WORD...: with these at its entry
malta()
{
	elf 32 little 8 2 0x80000000 $vector "${tells[@]}" $gap "${@:2}" >"$1"
	put "$1" $entry 0x80000400
}
malta load 0x3c09be80 0x8d220000  # lui R9, 0xbe80; lw R2, 0(R9): kseg1, behind the flash
malta beyond 0x3c098f00 0xad220000 # lui R9, 0x8f00; sw R2, 0(R9): kseg0, behind storage
malta fetch 0x3c09be80 0x01200008 0 # lui R9, 0xbe80; jr R9
for engine in oracle translator; do
	malta="trapeze run --board malta --engine $engine"
	ok "on the Malta a load from nowhere is a bus error, $engine" status 0 $malta load
	ok 'of data' grep -q ^7 said
	ok 'a store behind storage, too' status 0 $malta beyond:16M
	ok 'of data' grep -q ^7 said
	ok 'and a fetch' status 0 $malta fetch
	ok 'of an instruction' grep -q ^6 said
done

# the disk: block 0 to 0x2000, until status says that it is done; then its fourth byte
elf 32 little 8 2 0x80000400 $lui8 0x24092000 0xad090110 0x24090001 0xad090114 0xad090100 \
	0x8d0a0104 0x314a0002 0x1140fffd 0 0x3c0b8000 0x91622003 "$(off 2)" >disk-read
head -c 512 disk-read >blocks
printf 'abcd' | dd of=blocks conv=notrunc status=none
ok 'the disk is what --drum names' status 100 $run --drum blocks disk-read
ok 'else it is empty' status 0 $run disk-read

refusing="trapeze run --board bench"
ok 'an x86 file is refused' refused 'env: error: is a 64-bit little-endian ELF file for machine 62, x86-64' $refusing "$(type -P env)"
elf 32 little 3 2 0x80000400 0 >x86
ok 'one of 32 bits, too' refused 'x86: error: is a 32-bit little-endian ELF file for machine 3, x86' $refusing x86
elf 64 little 8 2 0x80000400 0 >wide
ok 'a 64-bit file is refused' refused \
	'wide: error: is a 64-bit little-endian ELF file for machine 8, MIPS; those known for that machine are of another kind' $refusing wide
ok 'by a machine that is named, too' refused 'mips32-bench takes 32-bit little-endian ones' \
	trapeze run --isa mips32-bench wide
ok 'the other byte order is refused' refused 'mips32-bench takes 32-bit little-endian ones' \
	trapeze run --isa mips32-bench seven-big
ok 'and the one the other way round' refused 'mips32eb-bench takes 32-bit big-endian ones' \
	trapeze run --isa mips32eb-bench seven
ok 'with the name of the one that takes it' refused 'for machine 8; it is one for mips32-bench' \
	trapeze run --isa mips32eb-bench seven
ok 'on the board that is asked for' refused \
	'mips32-malta takes 32-bit little-endian ones for machine 8; it is one for mips32eb-malta' \
	trapeze run --isa mips32 --board malta seven-big
ok 'by a machine of another kind, too' refused 'pg takes none: its description has no number for ELF; it is one for mips32' \
	trapeze run --isa pg seven
ok 'a machine without a number takes none' refused 'pg takes none' trapeze run --isa pg seven
elf 32 little 8 3 0x80000400 0 >shared
ok 'what is not linked is refused' refused 'not an executable one' $refusing shared
elf 32 little 8 2 0x400000 0 >user
ok 'so is an address that is none after a reset' refused 'address 0x400000 is not one that mips32-bench has' $refusing user
head -c 90 seven >short
ok 'a truncated file is refused' refused 'short: error: segment 0 is not within the file, which may be truncated' \
	$refusing short
head -c 70 seven >shorter
ok 'one that is shorter, too' refused 'shorter: error: is truncated: its table of segments' $refusing shorter
head -c 30 seven >stump
ok 'and a stump' refused 'stump: error: is not a whole ELF file; it may be truncated' $refusing stump
offset=56 address=64 file=68 size=72 # of the segment, behind the header of 52 bytes
damaged() # WORDS FIELD NUMBER
{
	cp seven damaged && put damaged "$2" "$3" && refused "damaged: error: $1" $refusing damaged
}
ok 'a segment behind the file is refused' damaged 'segment 0 is not within the file' $offset 0x7fffffff
ok 'one that reaches behind it, too' damaged 'segment 0 is not within the file' $file 0x7fffffff
ok 'one with more in the file than in storage' damaged 'segment 0 is larger than its place' $size 4
ok 'one beyond the last address' damaged 'segment 0 is larger than its place' $address 0xfffffff0
ok 'one that is too large' damaged 'holds more than 67108864 bytes' $size 0x70000000
ok 'one where a device is' damaged 'address 0x9f000000 is not storage of mips32-bench, but device CON' \
	$address 0x9f000000
ok 'one behind the devices' damaged 'address 0x9f800000 is not one that mips32-bench has' $address 0x9f800000
ok 'an entry elsewhere is refused' damaged 'begins at 0x81000000, which is in none of its segments' \
	$entry 0x81000000
ok 'a file larger than the storage is refused' refused 'its storage has 1024 units' $refusing seven:1K
ok 'so is storage without room for the boot program' refused 'too little' $refusing seven:4K
ok 'and for the initial disk' refused 'too little' $refusing --initrd "$(type -P env)" seven:16K
ok 'and storage that reaches the devices' refused 'would reach CON' $refusing seven:600M
ok 'a missing initial disk is refused' refused 'no-such-disk' $refusing --initrd no-such-disk seven
ok 'by its name' refused 'no-such-disk: error: the initial disk cannot be read: No such file' \
	$refusing --initrd no-such-disk seven
: >empty
ok 'so is an empty one' refused 'it is empty' $refusing --initrd empty seven
ok 'and a folder' refused 'not a regular file' $refusing --initrd . seven
mkfifo pipe
ok 'and a pipe, which nobody writes to' refused 'pipe: error: the initial disk cannot be read: it is not a regular file' \
	$refusing --initrd pipe seven
ok 'as a raw image, too' refused 'pipe: error: the image cannot be read: it is not a regular file' \
	$refusing --isa mips32 --raw 0x80000400 pipe
ok 'a program that is a folder is refused' refused ".: error: cannot read '.': Is a directory" $refusing .
ok 'one that is empty, too' refused 'empty: error: no machine is named' $refusing empty
ok 'one that is not there' refused "no-such-file: error: cannot read 'no-such-file': No such file" \
	$refusing no-such-file
ok 'and a board that there is not' refused "there is no board 'bensch' for mips32; there are: bench" \
	trapeze run --board bensch seven
ok 'arguments need a boot program' refused 'mips32 has no boot program' trapeze run --append x seven
ok 'and a program of another tool' refused 'ELF files of other tools' \
	trapeze run --append x "$TOP_SRCDIR/guests/pg/hello.s"
ok 'a raw image needs a machine' refused 'give --isa' trapeze run --raw 0 raw
ok 'and one that addresses bytes' refused 'addresses units of 32 bits' trapeze run --isa pg --raw 0 raw
ok 'and an address' refused '--raw' trapeze run --isa mips32 --raw here raw
ok 'disasm is for objects' refused "not one of Trapeze's" trapeze disasm seven

bench() { printf "$1" | timeout 60 trapeze repl --board bench seven 2>&1; }
at_entry()
{
	bench 'break 0x80000400\ncontinue\nstep 3\n' >said || return 1
	cat said
	grep -q 'halted with status 7' said
}
ok 'at the prompt a program begins with the boot program, and goes on' at_entry
ok 'a machine without relocation gets no monitor' refused 'cannot be given a vmm monitor' \
	trapeze run --monitor vmm --board bench seven

plan
