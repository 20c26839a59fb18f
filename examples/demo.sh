#!/bin/bash
# ./run demo: an operating system on the bare machine; two copies of it beside each
# other under the monitor; and the question whether it could tell.
set -euo pipefail
cd "$(dirname "$0")/.."

input=$(mktemp)
trap 'rm -f "$input"' EXIT
# What is typed at each console.
cat >"$input" <<'END'
programs
run primes
write 3 kept on the drum
read 3
ps
halt
END

# step SENTENCE COMMAND...: says what comes, shows the command and runs it.
step()
{
	printf '\n== %s\n$ ' "$1"
	shift
	printf '%s ' "$@"
	echo '<input'
	"$@" <"$input"
}

echo 'The input, for every console:'
sed 's/^/    /' "$input"

step 'minios, an operating system for the machine pg, on the bare machine' \
	trapeze run guests/pg/minios.s

step 'The same, unmodified, on two virtual machines beside each other under the monitor' \
	trapeze run --monitor vmm --stats guests/pg/minios.s:64K guests/pg/minios.s:64K

step 'Could it tell? Bare and virtual run in lockstep, and every step is compared' \
	trapeze equiv --monitor vmm --input - \
	--neighbours guests/pg/minios.s:64K guests/pg/minios.s:64K
