#!/bin/bash
# mips32: what each instruction does, by the table tests/mips/instructions.txt, on either engine; its words, assembled and disassembled, and beside the GNU assembler's, where
# that is there; what CP0 holds after a reset.
set -euo pipefail
. "$(dirname "$0")/tap.sh"
own_folder
table=$TOP_SRCDIR/tests/mips/instructions.txt
never=0xffffffffffffffff
stands='KSU=0 STATUS=0 CAUSE=0x08000000 DUE='$never' COUNT=0 COMPARE=0 EPC=0 ERROREPC=0 BADVADDR=0
	CONTEXT=0 ENTRYHI=0 ENTRYLO0=0 ENTRYLO1=0 PAGEMASK=0 INDEX=0 RANDOM=15 WIRED=0 HWRENA=0 K0=2
	EBASE=0x80000000 INTCTL=0xe0000000 LLBIT=0 SLOT=0 TLB0=0x1ffff TLBLO0=3 R1=0x11111111
	R2=0x22222222 R3=0x33333333 R4=0x44444444 R31=0 HI=0x55555555 LO=0x66666666'
for i in 1 2 4 5; do
	stands+=" TLB$i=$(((0x5ff00 + i) << 25)) TLBLO$i=0"
done

# number NAME TEXT: $number, as the bench prints it; registers have 32 bits, but for the TLB and the timer.
number()
{
	number=any
	[ "$2" != any ] || return 0
	case $1 in
	KSU) number=$2 ;;
	TLB* | DUE) printf -v number '0x%x' "$(($2))" ;;
	*) printf -v number '0x%x' "$((($2) & 0xffffffff))" ;;
	esac
}

# put NAME=TEXT...: the bench is to set these; $status, $cause, $storage and $steps are found out.
put()
{
	local item i
	for item; do
		[[ $item != *=* ]] || number "${item%%=*}" "${item#*=}"
		case $item in
		user) echo 'set KSU = 2' ;;
		super) echo 'set KSU = 1' ;;
		count) storage+=' count' ;;
		steps=*) steps=${item#*=} ;;
		M*)
			for i in 0 1 2 3; do
				echo "set phys[${item:1:6} + $i] = $((number >> 8 * i & 255))"
			done
			storage+=" ${item:1:6}"
			want "$item"
			;;
		*) echo "set ${item%%=*} = $number" ;;
		esac
		[[ $item != STATUS=* ]] || status=$number
		[[ $item != CAUSE=* ]] || cause=$number
	done
}

# want NAME=TEXT...: this is expected, the last of what is said of one name.
want()
{
	local item
	for item; do
		number "${item%%=*}" "${item#*=}"
		echo "$row ${item%%=*} $number" >&3
	done
}

# exception VECTOR CODE
exception()
{
	want EPC="$at" STATUS="$status|2" CAUSE="$cause|$2<<2"
	p=$1
}

# A row of the table: its number, instructions, what is before, what is after.  Program, commands for
# the bench, expectations and the list of rows grow by it.
add_row()
{
	local row=$1 text=$2 before=$3 after=$4 at steps p='' np='' item status=0 cause storage=''
	local place=$((0x10000 + 64 * row)) segment=$((0x80000000)) lines

	[[ $before != *user* && $before != *super* ]] || segment=0
	at=$((segment + place))
	IFS=: read -ra lines <<<"${text//@/t$row}"
	steps=${#lines[@]}
	printf '\t.org %s\nt%s:\n' $place "$row" >&4
	printf '\t%s\n' "${lines[@]}" >&4
	# shellcheck disable=SC2086  # words are meant
	put $stands P=$at NP=$at+4 ${before//@/$at}
	for item in ${after//@/$at}; do
		case $item in
		trap=*) exception 0x80000180 "${item#*=}" ;;
		refill=*) exception 0x80000000 "${item#*=}" ;;
		P=*) p=${item#*=} ;;
		NP=*) np=${item#*=} ;;
		*) want "$item" ;;
		esac
		[[ $item != M* || $storage = *${item:1:6}* ]] || storage+=" ${item:1:6}"
	done
	p=${p:-$at+4*steps}
	[ "$p" != any ] || np=any
	want P="$p" NP="${np:-$p+4}"
	[[ $storage != *count* ]] || printf '%s\n' "$row DUE any" "$row COUNT any" >&3
	printf '%s\n' "print t$row" registers "step $steps" registers
	for item in $storage; do
		[ "$item" = count ] || echo "print phys[$item]"
	done
	echo "$row $text ; $before ; $after" >&5
}

# The differences between what was expected and what the bench showed; each register that changed
# was to change.
compare()
{
	awk '
		FILENAME == "expected" { want[$1, $2] = $3; next }
		FILENAME == "rows" { row = $1; sub(/^[0-9]* /, ""); text[row] = $0; next }
		/^bare .*> / {
			command = $0
			sub(/^bare [^>]*> /, "", command)
			if (command == "registers")
				nth++
			next
		}
		command ~ /^print t/ && /^t[0-9]+ = / { finish(); row = substr($1, 2); nth = 0; rows++ }
		command == "registers" {
			for (i = 1; i <= NF; i++) {
				split($i, part, "=")
				if (nth == 1) before[part[1]] = part[2]; else after[part[1]] = part[2]
			}
		}
		/^phys\[/ { name = $1; gsub(/phys\[|\]/, "", name); after["M" name] = $3 }
		function finish(   name, wanted) {
			for (name in after) {
				wanted = (row, name) in want ? want[row, name] : before[name]
				if (wanted != "any" && after[name] != wanted)
					print text[row] ": " name " is " after[name] ", not " wanted
			}
			split("", before)
			split("", after)
		}
		END { finish(); if (rows < 250) print rows + 0 " rows were tried" }
	' expected rows -
}

row=0
while IFS=';' read -r text before after; do
	row=$((row + 1))
	add_row $row "$text" "$before" "$after"
done < <(sed -E 's/ *#.*//; /^ *$/d' "$table") >commands 3>expected 4>program.s 5>rows
for engine in oracle translator:hot=1,flush=40,blocks=1,pool=0; do
	nothing "instructions do what the manual says, on $engine" < <(
		trapeze repl --isa=mips32 --engine $engine -x commands program.s:256K 2>&1 </dev/null | compare)
done

# What a reset leaves, but for registers that hold 0 and the TLB.
reset_state()
{
	echo registers | trapeze repl --isa=mips32 program.s:256K 2>&1 | grep -o '[A-Z0-9]*=[^ ]*' |
		grep -v '=0x0$\|^TLB' | tr '\n' ' '
}
ok 'a reset begins at 0xbfc00000 with BEV and ERL' diff <(reset_state) <(echo -n 'KSU=k STATUS=0x400004' \
	'EBASE=0x80000000 INTCTL=0xe0000000 RANDOM=0xf K0=0x2 DUE=0x200000000 P=0xbfc00000' \
	'NP=0xbfc00004 ')

# The other byte order.
big_endian()
{
	cat >big.s <<'END'
	.machine mips32eb
	lb R1, 0x101(R0)
	lwl R2, 0x101(R0)
	lwr R2, 0x104(R0)
	swl R2, 0x10a(R0)
	swr R2, 0x10d(R0)
	lw R3, 0x108(R0)
	lw R4, 0x10c(R0)
	.org 0x100
	.word 0x11223344, 0x55667788, 0, 0
END
	printf 'step 7\nprint R1\nprint R2\nprint R3\nprint R4\n' | trapeze repl big.s:64K |
		sed -n 's/^R[0-9] = \(0x[0-9a-f]*\).*/\1/p' | tr '\n' ' '
}
ok 'mips32eb has the other byte order' diff <(big_endian) <(echo -n '0x22 0x22334455 0x2233 0x44550000 ')

# Every instruction of the description is in the table.
mnemonics()
{
	trapeze doc mips32 | sed -nE 's/^ +syntax +([a-z0-9.]+).*/\1/p' | sort -u
}
nothing 'every instruction has a row' < <(comm -23 <(mnemonics) <(
	sed -E 's/ *#.*//; s/;.*//' "$table" | tr : '\n' | awk 'NF { print $1 }' | sort -u))

# The program as text, and back.
round_trip()
{
	trapeze asm --isa=mips32 -o program.o program.s &&
		trapeze disasm --isa=mips32 program.o >again.s &&
		trapeze asm -o again.o again.s &&
		cmp program.o again.o &&
		[ "$(grep -c '\.word' again.s)" = "$(grep -c '\.word' program.s)" ]
}
ok 'the disassembler has a name for each, and the assembler takes it back' round_trip

# The table in the words of the GNU assembler: its registers, and sizes of fields as ext, ins, clz and
# clo have them there; break has its code elsewhere.
as_gnu()
{
	printf '\t.set noreorder\n\t.set noat\n\t.set nomacro\n'
	awk '
		function last(n) { return substr($0, 1, length($0) - length($NF)) n }
		{ gsub(/\.org /, ".org 0+"); gsub(/ +$/, "") }
		$1 == "ext" { $0 = last($NF + 1) }
		$1 == "ins" { $0 = last($NF + 1 - $(NF - 1)) }
		$1 == "clz" || $1 == "clo" { $0 = "\t" $1 " " $2 " " substr($3, 1, length($3) - 1) }
		$1 == "div" || $1 == "divu" { sub($1, $1 " $0,") }
		$1 == "break" { $0 = "\t.word " $2 * 64 + 13 }
		{ gsub(/R/, "$"); $0 = $1 == "rdhwr" ? "\t" $1 " " $2 " $" $3 : $0 }
		$1 ~ /^m[ft]c0$/ { $0 = "\t" $1 " " $2 " $" $3 " " $4 }
		{ print }' program.s
}

# Every word of the program is the one that it makes.
same_words()
{
	local tool=mipsel-linux-gnu
	as_gnu >gnu.s &&
		$tool-as -EL -mips32r2 -mno-fix-loongson3-llsc -o gnu.o gnu.s && $tool-ld -EL -Ttext 0 -e 0 -o gnu.elf gnu.o &&
		$tool-objcopy -O binary -j .text gnu.elf gnu.bin &&
		od -Ax -v -tx1 -w4 gnu.bin | awk '{ print "00" $1, $2 $3 $4 $5 }' >theirs &&
		trapeze asm --isa=mips32 --listing program.s |
		awk '/^[0-9a-f]+  [0-9a-f][0-9a-f] / { print $1, $2 $3 $4 $5 }' >ours &&
		! grep -vxFf theirs ours && [ "$(wc -l <ours)" -ge 250 ]
}
if command -v mipsel-linux-gnu-as >/dev/null; then
	ok 'the GNU assembler makes the same words' same_words
else
	result 0 'the GNU assembler makes the same words # SKIP no mipsel-linux-gnu-as'
fi
plan
