#!/bin/bash
# Towers: the monitor in pg's own assembly, guests/pg/monitor.s, with the guests of guests/pg in
# the innermost machines.
set -euo pipefail

. "$(dirname "$0")/tap.sh"
guests=$TOP_SRCDIR/guests/pg
cases=$TOP_SRCDIR/tests/expected
steps=1000000000 # more than any of them needs
own_folder

# tower DEPTH GUEST: the guest under so many monitors, each on the machine of the one before.
tower()
{
	local guest=$2
	for _ in $(seq "$1"); do
		guest="$guests/monitor.s[$guest]"
	done
	echo "$guest"
}

# prints EXPECTED INPUT ARGUMENT...: does a run print this and end with status 0?
prints()
{
	trapeze run --guest-status --steps $steps "${@:3}" <"$2" >said && diff -u "$1" said
}

# ends ARGUMENT...: is it equivalent, up to its end?
ends()
{
	trapeze equiv "$@" | tee said && grep -q 'guest halted$' said
}

# cannot_tell ARGUMENT...: is the innermost guest equivalent, up to its end?
cannot_tell()
{
	ends --innermost "$@"
}

# beside EXPECTED INPUT GUEST: is this what the first of three machines prints, whose lines others may
# interrupt?
beside()
{
	trapeze run --guest-status --steps $steps \
		"$guests/monitor.s[$3:16K,$guests/sieve.s:16K,$guests/hello.s:1K]" <"$2" >said &&
		diff <(sed -n 's/^1: //p' said | tr -d '\n') <(tr -d '\n' <"$1")
}

for expected in "$cases"/*.expected; do
	name=$(basename "$expected" .expected)
	guest=$guests/$name.s
	[ -f "$guest" ] || guest=$guests/${name%-*}.s
	input=${expected%.expected}.input
	[ -f "$input" ] || input=/dev/null
	for depth in 1 2 3 4; do
		ok "$name under the monitor at depth $depth" \
			prints "$expected" "$input" "$(tower $depth "$guest":16K)"
	done
	for depth in 1 2 3 4; do
		ok "$name cannot tell the monitor from the machine at depth $depth" \
			cannot_tell --input "$input" "$(tower $depth "$guest":16K)"
	done
	# monitors of Trapeze's on each other, of all kinds, faithful and collapsed
	for kinds in vmm/vmm hybrid/vmm vmm/hybrid/vmm hybrid/vmm/vmm/hybrid; do
		for how in '' --collapsed; do
			# shellcheck disable=SC2086  # nothing, or one option
			ok "$name cannot tell $kinds $how" \
				ends --input "$input" $how --monitor $kinds "$guest:16K"
		done
	done
	if [ "$name" != "${name#minios}" ]; then
		continue # it asks for the size of the drum, of which a neighbour has a share
	fi
	ok "$name cannot tell, with neighbours at two levels" cannot_tell --input "$input" \
		"$guests/monitor.s[$guests/monitor.s[$guest:16K,$guests/fib.s:16K],$guests/sieve.s:16K]"
	ok "$name prints the same beside others" beside "$expected" "$input" "$guest"
	ok "$name under the monitor under the hosted one" \
		prints "$expected" "$input" --monitor vmm "$(tower 1 "$guest":16K)"
done

# The monitor that counts real time is told from the machine by a guest that counts rounds.
timing()
{
	local told=0
	trapeze equiv --innermost "$guests/monitor-realtime.s[$guests/clock.s:1K]" >said || told=$?
	[ $told = 1 ] && grep -q 'TIMER is' said &&
		grep -q "Theorem 2's second condition" said &&
		! trapeze run --guest-status "$guests/monitor-realtime.s[$guests/clock.s:1K]" \
			</dev/null >said && grep -q 'time passes while I do not run' said
}
ok 'a virtual timer that counts real time is found' timing

# The monitor with holes, its holes filled from the monitor, is a monitor.
fill()
{
	cp -r "$guests"/monitor* "$guests/lib" . && sed -i '/^; ---- hole/,$d' monitor-holes.s &&
		printf '\t.include "monitor/%s.s"\n' map routines storage >>monitor-holes.s &&
		trapeze equiv --innermost "monitor-holes.s[$guests/minios.s:16K]"
}
ok 'the monitor with holes lacks what its holes say' fill
falls()
{
	local status=0
	trapeze run --guest-status "$guests/monitor-holes.s[$guests/hello.s:1K]" </dev/null ||
		status=$?
	[ $status = 101 ]
}
ok 'an empty hole tells its number' falls

for below in 1 2 3; do
	ok "random guests cannot tell $((below + 1)) monitors" trapeze fuzz --below $below --count 60 pg
done

# The deepest tower for a storage: one more is refused, with the reason.
planned()
{
	trapeze run --plan --monitor vmm --storage 20K "$guests/hello.s:16K" |
		grep -x 'at most 4 monitors would fit' &&
		trapeze run --monitor vmm/vmm/vmm/vmm --storage 20K "$guests/hello.s:16K" </dev/null &&
		! trapeze run --monitor vmm/vmm/vmm/vmm/vmm --storage 20K "$guests/hello.s:16K" \
			2>said && grep 'at most 4 monitors' said
}
ok 'a tower is as high as its storage allows' planned

# Guests of each monitor run beside the tower that it carries.
outer()
{
	trapeze run --monitor vmm/hybrid/vmm "$@" "$guests/fib.s:16K" "$guests/sieve.s:16K@1" \
		"$guests/hello.s:16K@2" </dev/null | sort |
		diff - <(printf '%s\n' 'vm1: fib(19) = 4181' 'vm2: 1229 primes below 10000' \
			'vm3: hello, world')
}
ok 'each monitor has guests of its own' outer
ok 'each monitor has guests of its own, collapsed' outer --collapsed
for level in 1 2 3; do
	for how in '' --collapsed; do
		# shellcheck disable=SC2086  # nothing, or one option
		ok "a guest of monitor $level cannot tell who else there is $how" \
			trapeze equiv --slice 1000 $how --monitor vmm/hybrid/vmm \
			--neighbours "$guests/sieve.s:16K@1" --neighbours "$guests/clock.s:16K@2" \
			--neighbours "$guests/fib.s:16K@3" "$guests/minios.s:16K@$level"
	done
done
no_such_level()
{
	! trapeze run --monitor vmm/vmm "$guests/fib.s:16K@3" 2>said && grep 'there are 2 monitors' said
}
ok 'a monitor that there is not has no guests' no_such_level

several()
{
	trapeze run --guest-status "$guests/monitor.s[$guests/fib.s:16K,$guests/sieve.s:16K]" \
		</dev/null | sort | diff - <(printf '1: fib(19) = 4181\n2: 1229 primes below 10000\n')
}
ok 'machines of one monitor share it' several

# ---- somebody types

# typed ARGUMENT...: runs it with somebody at the terminal, who does what stdin says.
typed()
{
	timeout 120 "${TOP_BUILDDIR:-.}/tests/typed" trapeze run "$@" | tr -d '\r' >said
}

# At each machine the answer is awaited before more is typed.
echoes()
{
	printf '%s\n' pause 'type abc' 'see abc' pause 'type Hello' 'see Hello' 'type \x01x' |
		typed --record "record$1" "$(tower "$1" "$guests/echo.s":1K)" &&
		[ "$(cat said)" = abcHello ] &&
		[ "$(trapeze run --replay "record$1" "$(tower "$1" "$guests/echo.s":1K)")" = abcHello ]
}
for depth in 1 2 3 4; do
	ok "what is typed is echoed from depth $depth, and again from its record" echoes $depth
done

# Ctrl-T hands the keyboard on: of the outermost monitor that has several machines.
handed_on()
{
	printf '%s\n' 'see 1: > ' 'see 2: > ' pause 'type ps\n' 'see 1: ' 'see shell' 'see 1: > ' \
		pause 'type \x14' pause 'type programs\n' 'see 2: ' 'see primes' 'see 2: > ' pause \
		'type halt\n' 'see 2: process 1 (shell) halts the machine' 'type halt\n' \
		'see 1: process 1 (shell) halts the machine' | typed "$1" &&
		! grep '^1: count primes' said
}
ok 'Ctrl-T hands the keyboard on' \
	handed_on "$guests/monitor.s[$guests/minios.s:16K,$guests/minios.s:16K]"
ok 'Ctrl-T hands the keyboard on at depth 2' \
	handed_on "$guests/monitor.s[$guests/monitor.s[$guests/minios.s:16K,$guests/minios.s:16K]]"

# A level that ends takes its inner machines with it, and nothing else: there is a tower of two in the
# first machine, of which the inner monitor falls into a hole.
killed()
{
	local inner="$guests/monitor.s[$guests/monitor-holes.s[$guests/hello.s:1K],$guests/fib.s:16K]"
	trapeze run --guest-status "$guests/monitor.s[$inner,$guests/sieve.s:16K]" </dev/null >said ||
		[ $? = 101 ]
	# a line that another machine's interrupts is printed in parts
	[ "$(sed -n 's/^1: //p' said | tr -d '\n')" = '2: fib(19) = 4181' ] &&
		[ "$(sed -n 's/^2: //p' said | tr -d '\n')" = '1229 primes below 10000' ]
}
ok 'a level that ends takes its inner machines with it, and nothing else' killed

# Operations are counted at each level: through all of them, or to its own directly.
counted()
{
	trapeze run --json --monitor vmm/vmm/vmm "$@" "$guests/traps.s:16K" </dev/null |
		jq -e '[.monitors[].operations | .run + .["run in place"]] |
			length == 3 and (.[0] > 0) == '"$([ $# = 0 ] && echo true || echo false)"
}
ok 'operations are counted at each level' counted
ok 'operations are counted, collapsed' counted --collapsed

# refused TEXT ARGUMENT...: is it refused, and why?
refused()
{
	! trapeze run "${@:2}" </dev/null 2>said && grep -F -e "$1" said
}
ok 'what is no monitor carries nothing' \
	refused "it defines no 'machine_count'" "$guests/hello.s[$guests/fib.s]"
ok 'guests in brackets have names' \
	refused 'has no name' "$guests/monitor.s[$guests/fib.s,]"
ok 'a monitor has room for 8 machines' refused 'no room for so many machines' \
	"$guests/monitor.s[$(printf "$guests/hello.s,%.0s" 1 2 3 4 5 6 7 8)$guests/hello.s]"
ok '--collapsed is of monitors' refused '--collapsed need --monitor' --collapsed "$guests/fib.s"
innermost_fault()
{
	! trapeze equiv --innermost --fault no-clip "$guests/monitor.s[$guests/fib.s]" 2>said &&
		grep -F -e '--innermost takes' said
}
ok "what is said of Trapeze's monitors is not of the one in assembly" innermost_fault
ok 'guests must fit into the storage that they are given' \
	refused 'reaches up to' "$guests/monitor.s[$guests/minios.s:64]"

plan
