#!/bin/bash
# `trapeze run --gdb`: the protocol, by packets of our own, damaged ones among them; and sessions of
# Debian's gdb-multiarch on programs for mips32-bench.
set -euo pipefail
. "$(dirname "$0")/tap.sh"
own_folder
trap 'stop; rm -rf "$work"' EXIT
trap '' PIPE # the server may close a link that we write to
server=

# start ARGUMENT...: a server; $port is where.
start()
{
	stop
	: >said
	trapeze run --gdb 0 "$@" >printed 2>said </dev/null &
	server=$!
	port=
	while [ -z "$port" ] && kill -0 $server 2>/dev/null; do
		sleep 0.05
		port=$(sed -n 's/.*127\.0\.0\.1:\([0-9]*\)$/\1/p' said)
	done
	[ -n "$port" ]
}

# stop: the server, if it is still there.
stop()
{
	[ -z "$server" ] || kill -KILL $server 2>/dev/null || true
	[ -z "$server" ] || wait $server 2>/dev/null || true
	server=
}

# ended STATUS: it ends by itself, so.
ended()
{
	local status=0
	wait $server || status=$?
	server=
	[ $status = "$1" ]
}

# try NAME COMMAND...: like ok, but in this shell, whose link it may close.
try()
{
	local verdict=0
	"${@:2}" >log 2>&1 || verdict=$?
	output=$(cat log)
	result $verdict "$1"
}

# ---- packets

open_link()
{
	close_link
	exec 3<>"/dev/tcp/127.0.0.1/$port"
}

# The link, if there is one.
close_link()
{
	exec 3>&- || true
}

# framed TEXT: with its checksum.
framed()
{
	local LC_ALL=C i sum=0 c
	for ((i = 0; i < ${#1}; i++)); do
		printf -v c %d "'${1:i:1}"
		sum=$((sum + c))
	done
	printf '$%s#%02x' "$1" $((sum & 255))
}

# get: the next packet that comes, without what stands around it.
get()
{
	local LC_ALL=C text
	IFS= read -r -t 60 -d '#' text <&3 || return 1
	IFS= read -r -t 60 -n 2 <&3 || return 1
	printf '%s\n' "${text#*\$}"
}

put()
{
	framed "$1" >&3
}

# ask PACKET: what it is answered; what is said to gdb's user meanwhile is passed over.
ask()
{
	local answer
	put "$1"
	while answer=$(get) && [[ $answer = O?* && $answer != OK ]]; do
		:
	done
	printf '%s\n' "$answer"
}

# hex TEXT
hex()
{
	printf %s "$1" | od -An -v -tx1 | tr -d ' \n'
}

# text: what the digits on stdin say.
text()
{
	local digits
	read -r digits
	printf "$(sed 's/../\\x&/g' <<<"$digits")"
}

# typed LINE: what the bench prints.
typed()
{
	local answer
	put "qRcmd,$(hex "$1")"
	while answer=$(get) && [ "$answer" != OK ]; do
		text <<<"${answer#O}"
	done
}

# answers PACKET ANSWER...: each packet is answered so; an answer is a pattern.
answers()
{
	local answer
	while [ $# -gt 0 ]; do
		answer=$(ask "$1")
		[[ $answer = $2 ]] || {
			echo "$1: $answer, not $2"
			return 1
		}
		shift 2
	done
}

# pg addresses words; its guest prints, and halts.
pg=$TOP_SRCDIR/guests/pg/hello.s
start "$pg"
open_link
number_of() # NAME: of a register, as the description has it
{
	sed -n "s/.*name=\"$1\".* regnum=\"\([0-9]*\)\".*/\1/p" description
}
ask qXfer:features:read:target.xml:0,3000 >description
try 'a machine without a name for gdb has a description, too' grep -q 'name="G3" bitsize="32"' description
try 'it is said that gdb will not know it' grep -q 'gdb knows nothing of machine pg' said
p=$(printf %x "$(number_of P)") g2=$(printf %x "$(number_of G2)")
registers()
{
	answers "p$g2" 00000000 "P$g2=12345678" OK "p$g2" 12345678 "p$p" 00000010 \
		"P$p=00000011" OK "p$p" 00000011 "P$p=00000010" OK "P$p=10" 'E*' "P$g2=1234567x" 'E*' pfff 'E*' p 'E*' P 'E*'
}
try 'registers are read and written' registers
all()
{
	local values
	values=$(ask g)
	answers "G$values" OK g "$values" "G${values:0:5}" 'E*' G "OK"
}
try 'all at once' all
storage()
{
	answers m10,1 '????????' M100,2:0000000100000002 OK m100,2 0000000100000002 \
		M100,1:00 'E*' mfffffff0,1 'E*' Mfffffff0,1:00000000 'E*' m 'E*' m10 'E*' m10, 'E*' \
		mx,1 'E*' m10,ffffffff 'E*' m0,fff 'E*' M100,1:zz 'E*' 'X100,1:abcd' OK m100,1 61626364 \
		'X100,2:abcd' 'E*'
}
try 'storage is read and written, in words' storage
stops()
{
	answers Z0,11,4 OK Z0,11,4 OK c 'T05*' "p$p" 00000011 z0,11,4 OK z0,11,4 'E*' \
		s 'T05*' bs 'T05thread*' "p$p" 00000011 s 'T05*' bc 'T05replaylog:begin*' bs 'T05replaylog:begin*' \
		"p$p" 00000010 Z0,x,4 'E*' Z0 'E*' Z2,100,0 'E*' Z2,fffffff0,1 'E*' Z9,1,1 '' vCont 'E*' 'vCont;q' 'E*' \
		cx 'E*' 'vCont?' 'vCont;c*'
}
try 'breaks, steps, and back to the beginning' stops
bench()
{
	typed 'print P' | grep -q 'P = 0x10' && typed 'nonsense' | grep -q "there is no command 'nonsense'" &&
		typed '!echo shell' | grep -q 'the shell is not for whoever' &&
		typed 'load '"$pg" | grep -q 'gdb stays with bare' && answers qRcmd,7 OK qRcmd,zz 'E*' qRcmd,00 'E*'
}
try 'the bench does lines, and no shell' bench
others()
{
	answers '?' 'T05*' qC QC1 qfThreadInfo m1 qsThreadInfo l vMustReplyEmpty '' qCRC:0,1 '' '' '' \
		Hg0 OK T1 OK qAttached 1 "qXfer:features:read:target.xml:ffffff,10" l \
		"qXfer:features:read:target.xml:x" 'E*' qSupported:multiprocess+ '*ReverseContinue+*' QStartNoAckMode OK
}
try 'questions, and what is not known' others
acknowledged()
{
	local byte
	open_link
	printf '$?#00' >&3
	read -r -t 60 -n 1 byte <&3 && [ "$byte" = - ] || return 1
	put '?'
	get >first && printf - >&3 && get >second && cmp first second
}
try 'damaged packets are asked for again, and answers given again' acknowledged
odd()
{
	printf 'x#y+-\003$$$m10#$#\n' >&3
	printf '$?#3' >&3
	open_link
	{
		printf '$'
		head -c 100000 /dev/zero | tr '\0' a
		printf '#%02x' $((100000 * 97 % 256))
	} >&3
	get | grep -q E && answers '?' 'T05*'
}
try 'half packets, overlong ones and noise are survived' odd
noise()
{
	awk '
	function rand_() {
		seed = (seed * 1103 + 12345) % 1048576
		return seed / 1048576
	}
	BEGIN {
		seed = 7
		n = split("g G p P m M X Z0 z2 c? s0 vCont; q qRcmd, qXfer:features:read: H D? C S bs", word, " ")
		for (i = 0; i < 400; i++) {
			t = word[1 + int(rand_() * n)]
			for (k = int(rand_() * 12); k > 0; k--)
				t = t substr("0123456789abcdef,:;=x-}*", 1 + int(rand_() * 24), 1)
			print t
		}
	}' >packets
	while read -r packet; do
		[[ $packet != [cCSD]* && $packet != vCont* ]] || continue
		put "$packet"
	done <packets
	put vMustReplyEmpty
	open_link
	answers '?' 'T05*' && kill -0 $server
}
try 'random packets are survived' noise
stranger()
{
	open_link
	printf 'POST / HTTP/1.0\r\n\r\n%s' "$(framed k)" >&3 || true
	! get && open_link && answers '?' 'T05*' && grep -q 'does not speak as gdb does' said
}
try 'who does not speak as gdb does is sent away' stranger
busy()
{
	! trapeze run --gdb "$port" "$pg" 2>busy && grep -q "port $port: " busy
}
try 'a port that is taken is an error' busy
open_link
detached()
{
	start "$pg" && open_link && answers Z0,12,4 OK D OK && ended 0 && grep -q 'hello, world' printed
}
try 'when gdb detaches, the guest goes on to its end' detached
close_link

the_end()
{
	start "$pg" && open_link || return 1
	put c
	[[ $(get | sed 's/^O//' | text) = *'halted with status 0'* ]] && [[ $(get) = T05replaylog:end* ]] &&
		answers bs 'T05thread*' || return 1
	put c
	get >/dev/null && get >/dev/null && answers c W00 && ended 0 && grep -q '^hello, world$' printed
}
try 'at its end the guest can be gone back in, or ended' the_end
close_link
killed()
{
	start "$pg" && open_link && put k && ended 0 && [ ! -s printed ]
}
try 'a session is ended by gdb' killed
close_link
refused()
{
	! trapeze run --gdb 0 --steps 5 "$pg" 2>error && grep -q 'where runs stop is gdb' error &&
		! trapeze run --gdb 70000 "$pg" 2>error && grep -q -e --gdb error
}
try 'what gdb excludes is refused' refused

printf '\t.machine pg\n\t.org 16\nloop:\tJMP loop(G0)\n' >loop.s
interrupted()
{
	start loop.s && open_link && put c && sleep 0.2 && printf '\003' >&3 && [[ $(get) = T02* ]] && answers s 'T05*'
}
try 'Ctrl-C ends a run' interrupted
close_link
gone()
{
	open_link && put c && open_link && answers '?' 'T*' && grep -q 'gone without a word' said
}
try 'one that goes away leaves the machine to the next' gone
close_link
monitored()
{
	start --monitor vmm "$pg:16K" "$pg:16K" && grep -q '^trapeze run: vm1 waits' said && open_link &&
		answers Z0,12,4 OK c 'T05*' "p$p" 00000012 bs 'T05*' s 'T05*' "p$p" 00000012 &&
		typed 'switch vm2' >/dev/null && answers "p$p" '000000*' && [[ $(ask qThreadExtraInfo,1 | text) = vm2* ]]
}
try 'a machine under a monitor' monitored
close_link

# ---- delay slots

cat >slot.s <<'END'
	.machine mips32-bench
	.org	0x400
	addiu	R2, R0, 5
	beq	R0, R0, over
	addiu	R3, R0, 7
	addiu	R4, R0, 8
over:	addiu	R5, R0, 9
	lui	R9, 0x8000
	sll	R0, R0, 0
	sw	R2, 0x500(R9)
	lui	R8, 0xbf00
	sw	R2, 0x200(R8)
END
slots()
{
	start slot.s:64K && open_link && ask qXfer:features:read:target.xml:0,3000 >description &&
		grep -q '<architecture>mips:isa32r2</architecture>' description || return 1
	local pc
	pc=$(printf %x "$(number_of pc)")
	answers s 'T05*' s 'T05*' "p$pc" 10040080 p3 07000000 bs 'T05*' "p$pc" 04040080 p3 00000000 &&
		typed step | grep -q 0x80000408 && answers "p$pc" 08040080 "P$pc=0c040080" OK s 'T05*' \
		"p$pc" 10040080 p4 08000000 p3 00000000 bs 'T05*' bs 'T05*' "p$pc" '????0080' || return 1
	answers "P$pc=08040080" OK s 'T05*' "p$pc" 0c040080 s 'T05*' "p$pc" 10040080 p4 08000000 \
		"p$(printf %x "$(number_of f3)")" xxxxxxxx "P$(printf %x "$(number_of fir)")=00000000" 'E*'
}
try 'a branch and its slot are one step; P is set in a slot, too' slots
close_link
watched()
{
	local pc
	pc=$(printf %x "$(number_of pc)")
	start slot.s:64K && open_link &&
		answers Z2,80000500,4 OK Z3,80000430,2 OK z3,80000430,2 OK Z2,500,4 'E*' c T05watch:80000500\;* \
			"p$pc" 20040080 m80000500,4 05000000 bc T05watch:80000500\;* "p$pc" 1c040080 \
			m80000500,4 00000000 bc T05replaylog:begin* z2,80000500,4 OK Z4,80000502,1 OK \
			c T05awatch:80000502\;* c 'T05replaylog:end*' m500,4 'E*' m80000500,2 0500
}
try 'watches are at virtual addresses, and are reached before the access on the way back' watched
stop

# ---- gdb itself

tool=mipsel-linux-gnu
missing=
command -v $tool-gcc >/dev/null || missing="there is no $tool-gcc"
command -v gdb-multiarch >/dev/null || missing='there is no gdb-multiarch'

# build NAME OPTION...: NAME, by guests/mips/build.sh
build()
{
	sh "$TOP_SRCDIR/guests/mips/build.sh" -g "${@:2}" "$1"
}

# session NAME ARGUMENT...: what gdb says, of the commands on stdin, at the guest.
session()
{
	cat >commands
	start --board bench "${@:2}" "$1:1M" || return 1
	{
		printf 'set pagination off\nset confirm off\nset height 0\n'
		printf 'target remote 127.0.0.1:%s\n' "$port"
		cat commands
	} >all
	timeout 200 gdb-multiarch -nx -batch -x all "$1" 2>&1
}

# tells TEXT...: the lines of `session` hold these, in this order; a text is a pattern.
tells()
{
	local line
	while [ $# -gt 0 ]; do
		IFS= read -r line || {
			echo "not told: $1"
			cat told
			return 1
		}
		# shellcheck disable=SC2053
		[[ $line != $1 ]] || shift
	done <told
}

sorted() # OPTION ARGUMENT...
{
	build sort -O0 "$1" || return 1
	session sort "${@:2}" >told <<'END' || return 1
break main
continue
stepi
x/i $pc
next
print seed
print/x $sp == $s8
set variable seed = 1
print/x ($status & 0x10)
print $at = 7
print $at
break sort
continue
backtrace
print/x $pc
watch word[3]
continue
print word[3]
reverse-stepi
info symbol $pc
delete
watch word[3]
reverse-continue
print word[3] != $7
delete
continue
monitor print P
reverse-stepi
continue
continue
END
	tells 'Breakpoint 1, main () at *' '*0x8*main+*' '*= 1' '*= 0x1' '*= 0x0' '*= 7' '*= 7' \
		'Breakpoint 2, sort (a=0x*, n=1000) at *' '#0  sort *' '#1 *main () at *' 'Hardware watchpoint 3: *' \
		'Old value = *' '*= -*' 'sort + *' 'Old value = *' '*= 1' '*halted with status 0; going on*' \
		'P = 0x*' '*exited normally*' && ended 0 && grep -q '^1000 words sorted$' printed
}
exceptions()
{
	build syscall -O0 || return 1
	session syscall >told <<'END' || return 1
break exception
continue
print/x $cause & 0x7c
print/x $cause & 0x7c
print f->cause
backtrace 1
tbreak leave
delete 1
continue
print/x $pc
reverse-stepi
info symbol $pc
kill
END
	tells 'Breakpoint 1, exception (f=*' '*= 0x20' '#0 *exception (f=*' '*leave ()*' '*= 0x8*' 'exception + *' && ended 0
}
kernel()
{
	build kernel || return 1
	session kernel >told <<'END' || return 1
break primes
continue
print $KSU
x/2i $pc
monitor break trap refill_l
continue
print/x $pc
monitor explain --last
monitor info tlb
monitor delete 2
break page_fault
continue
print address == $badvaddr
reverse-continue
detach
END
	tells 'Breakpoint 1, *primes *' '*= 2' '=> *primes*' \
		'break 2: trap refill_l *' '*= 0x80000000' '*raises trap refill_l*' '*because *' \
		'TLB, 16 entries' '*VPN2 ASID G MASK*' 'Breakpoint 2.1, page_fault *' '*= 1' \
		'*rimes ()*' && ended 0 &&
		grep -q '^kernel: all have ended; switches 74, page faults 11$' printed
}
# A break in a delay slot, which is a function, lest gdb move it to the branch.
from_slot()
{
	cat >from_slot.S <<'END' || return 1
	.set	noreorder
	.section .start, "ax"
	.globl	_start, slot, over
_start:	addiu	$2, $0, 5
	b	over
slot:	addiu	$3, $0, 7
	addiu	$4, $0, 8
over:	addiu	$5, $0, 9
	lui	$8, 0xbf00
	sw	$2, 0x200($8)
END
	$tool-gcc -EL -march=mips32r2 -mno-abicalls -fno-pic -nostdlib -static -Wl,--build-id=none \
		-T "$TOP_SRCDIR/guests/mips/bench.ld" -o from_slot from_slot.S || return 1
	session from_slot >told <<'END' || return 1
break *slot
continue
print $v1
stepi
print $v1
print $a0 == 8
reverse-stepi
print $v1
delete
stepi
break *slot + 4
continue
END
	tells 'Breakpoint 1, *slot ()' '*= 0' '0x* in over ()' '*= 7' '*= 0' '0x* in _start ()' '*= 0' \
		'0x* in over ()' '*halted with status 5; going on*'
}

# with NAME COMMAND...: a test that needs gdb.
with()
{
	if [ -n "$missing" ]; then
		n=$((n + 1))
		echo "ok $n - $1 # SKIP $missing"
	else
		try "$@"
	fi
}
with 'gdb-multiarch: breaks, steps, registers, watches, back, and to the end' sorted -EL
with 'gdb-multiarch: the same on the oracle, in the other byte order' sorted -EB --engine oracle
with 'gdb-multiarch: a step out of a delay slot' from_slot
with 'gdb-multiarch: exceptions' exceptions
with 'gdb-multiarch: a kernel, why it was entered, and its TLB' kernel
stop
plan
