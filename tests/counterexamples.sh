#!/bin/bash
# The instructions that break the conditions of Theorem 1 and 3 break equivalence, are named
# as the cause, and hold where the theorem says so: guests/pg-jrst1, guests/pg-sgdt, and the
# guests of the zoo's machines that no theorem covers.
set -uo pipefail

. "$(dirname "$0")/tap.sh"

# verdict GUEST MONITOR INSTRUCTION [OPTION...]: differs with that cause, or holds ("-").
verdict()
{
	local name="$1 under $2${4+, ${*:4}}" status=0 wanted=1
	[ "$3" != - ] || wanted=0
	output=$(trapeze equiv --monitor "$2" "${@:4}" "$TOP_SRCDIR/guests/$1" 2>&1 </dev/null) || status=$?
	[ $status = $wanted ] &&
		{ [ "$3" = - ] || grep -qE "^  cause  .*: $3( |$)" <<<"$output"; }
	result $? "$name"
}

verdict pg-jrst1/jrst1.s vmm JRST1
verdict pg-jrst1/jrst1.s hybrid -
verdict pg-sgdt/sgdt.s vmm SGR
verdict pg-sgdt/sgdt.s hybrid SGR
verdict pg-sgdt/smsw.s vmm SMSW
verdict pg-sgdt/smsw.s hybrid -
verdict pg-sgdt/popf.s vmm POPF
verdict pg-sgdt/popf.s hybrid -
verdict m68000/sr.s vmm "MOVE SR,"
verdict m68000/sr.s hybrid "MOVE SR,"
verdict ka10/jrst1.s vmm JRST1
verdict ka10/jrst1.s hybrid -
verdict ka10/jsp.s vmm JSP
verdict ka10/jsp.s hybrid -
verdict s370/stck.s vmm STCK
verdict s370/stck.s hybrid STCK
verdict s370/stck.s vmm - --map clock
verdict s370/stck.s hybrid - --map clock
verdict s370/mc.s vmm -
verdict s370/mc.s vmm MC --map paper
verdict s370/mc.s hybrid MC --map paper
verdict armv7/movs.s vmm "MSR SPSR,"
verdict armv7/movs.s hybrid -
verdict armv7/mrs.s hybrid "MRS R0,"
verdict armv7/mrs.s hybrid - --map mirrored
verdict itanium/thash.s vmm thash
verdict itanium/thash.s hybrid thash
verdict itanium/brret.s vmm br.ret
verdict itanium/brret.s hybrid -
verdict rv32/clock.s vmm -
verdict rv32/clock.s hybrid -
verdict rv32/clock.s vmm csrrs --map clock
verdict rv32/clock.s hybrid csrrs --map clock
verdict x86/sgdt.s vmm SGDT
verdict x86/sgdt.s hybrid SGDT
verdict x86/iret.s vmm IRET
verdict x86/iret.s hybrid -
verdict x86-umip/pushf.s vmm PUSHF
verdict x86-umip/pushf.s hybrid PUSHF
verdict pdp11/spl.s vmm SPL
verdict pdp11/spl.s hybrid -
verdict pdp11/rti.s vmm RTI
verdict pdp11/rti.s hybrid -
verdict pdp11/mfpi.s vmm MFPI
verdict pdp11/mfpi.s hybrid MFPI
verdict vax/movpsl.s vmm MOVPSL
verdict vax/movpsl.s hybrid -
verdict vax/rei.s vmm REI
verdict vax/rei.s hybrid -
verdict vax/prober.s hybrid PROBER
verdict s370-das/call.s vmm -
verdict s370-das/call.s hybrid -
verdict s370-das/hello.s vmm EPAR --map given
verdict s370-das/hello.s hybrid EPAR --map given
plan
