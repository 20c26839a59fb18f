#!/bin/bash
# The bench on a real terminal, which is tmux's: what is typed and what stands on the screen.
set -euo pipefail
. "$(dirname "$0")/tap.sh"

if ! command -v tmux >/dev/null; then
	echo '1..0 # SKIP tmux is not installed'
	exit 0
fi
own_folder
ln -s "$TOP_SRCDIR/guests" .
mkdir home state
cat >loop.s <<'EOF'
	.machine pg
	.org	16
again:	ADDI	G2, G2, 1
	BR	again
far:	HALT	0
EOF

tmux()
{
	command tmux -f /dev/null -S "$work/socket" "$@"
}
trap 'tmux kill-server 2>/dev/null || true; rm -rf "$work"' EXIT

# open COMMAND: in a terminal of 80 columns, a shell first, so that one sees what is left behind.
open()
{
	tmux new-session -d -x 80 -y 24 env -u TMUX HOME="$work/home" XDG_STATE_HOME="$work/state" \
		PS1='shell> ' PATH="$PATH" TRAPEZE_PATH="${TRAPEZE_PATH-}" TERM=screen \
		bash --norc --noprofile
	tmux send-keys "$1" Enter
}

screen()
{
	tmux capture-pane -p -S - | sed 's/ *$//'
}

# on_screen TEXT [N]: waits until it stands there, in N lines; at most 20 seconds.
on_screen()
{
	for _ in $(seq 200); do
		[ "$(screen | grep -cF -- "$1")" -lt "${2-1}" ] || return 0
		sleep 0.1
	done
	screen | tail -n 8
	return 1
}

# last_line TEXT: waits until it is the last one.
last_line()
{
	for _ in $(seq 200); do
		[ "$(screen | grep . | tail -n 1)" != "$1" ] || return 0
		sleep 0.1
	done
	screen | tail -n 8
	return 1
}

# keys WORD...: keys by their names, other words as they are; what follows waits for the screen.
keys()
{
	local word
	for word; do
		case $word in
		Enter | Tab | Up | C-?) tmux send-keys "$word" ;;
		*) tmux send-keys -l "$word" ;;
		esac
	done
}

open 'trapeze repl guests/pg/minios.s'
ok 'the prompt tells machine, mode and step' last_line 'bare s @0>'
keys step Enter
ok 'a step moves it' last_line 'bare s @1>'
keys Enter
ok 'an empty line steps again' last_line 'bare s @2>'
keys disas Tab
ok 'a command is completed' last_line 'bare s @2> disassemble'
keys C-u 'print TIM' Tab
ok 'a register is completed' last_line 'bare s @2> print TIMER'
keys C-u 'break putc' Tab Enter
ok 'a label is completed' on_screen 'break 1: putc on bare'
ok 'the prompt comes back' last_line 'bare s @2>'
keys 'break put' Tab Tab
ok 'labels are offered' on_screen 'puts_next'
keys C-u delete Enter
ok 'the break is gone' last_line 'bare s @2>'
keys 'load guests/pg/hel' Tab
ok 'a file is completed' last_line 'bare s @2> load guests/pg/hello.s'
keys C-u 'break trap sv' Tab
ok 'a trap is completed' last_line 'bare s @2> break trap svc'
keys C-u 'exec LPS' Tab
ok 'an instruction is completed' last_line 'bare s @2> exec LPSW'
keys C-u 'exec lps' Tab
ok 'in small letters, too' last_line 'bare s @2> exec lpsw'
keys C-u 'print mem[TIM' Tab
ok 'so is what stands between brackets' last_line 'bare s @2> print mem[TIMER'
keys C-u 'monitor hy' Tab
ok 'a kind of monitor is completed' last_line 'bare s @2> monitor hybrid'
keys 'guests/pg/hel' Tab
ok 'and then a file' last_line 'bare s @2> monitor hybrid guests/pg/hello.s'
keys C-u 'set pag' Tab 'of' Tab
ok 'a setting is completed' last_line 'bare s @2> set paging off'
keys C-u 'frobnicate' C-c
ok 'Ctrl-C at the prompt drops the line' last_line 'bare s @2>'
keys continue Enter
ok 'the guest has the terminal' last_line '>'
keys help Enter
ok 'and what is typed' on_screen 'kill'
keys C-c
ok 'Ctrl-C leads from a guest that waits to the prompt' on_screen 'interrupted'
ok 'which tells so' on_screen 'bare idle: it waits'
keys 'load loop.s' Enter
ok 'a guest that never ends' last_line 'bare2 s @0>'
keys 'break far' Enter
ok 'a break that is not reached' last_line 'bare2 s @0>'
keys continue Enter
sleep 0.5
keys C-c
ok 'Ctrl-C leads from a guest that runs to the prompt' on_screen 'interrupted' 2
ok 'which is there' on_screen 'bare2 s @' 3
interrupted=$(screen | grep . | tail -n 1)
keys 'reverse-step 4' Enter
step=${interrupted#*@}
ok 'with its state: it goes back' last_line "bare2 s @$((${step%>} - 4))>"
keys 'continue' Enter
sleep 0.2
keys C-c
ok 'and on' on_screen 'interrupted' 3
keys "goto ${step%>}" Enter
ok 'to where it was' last_line "$interrupted"
keys 'print G2' Enter
ok 'as it was' on_screen "= $(((${step%>} + 1) / 2))"
keys C-d
ok 'Ctrl-D leaves' last_line 'shell>'
nothing 'nothing is wider than 80 columns' < <(screen | awk 'length > 80')

keys 'trapeze repl' Enter
ok 'a session without a guest' last_line 'trapeze>'
keys Up
ok 'lines are remembered between sessions' last_line 'trapeze> print G2'
keys C-u help Enter
ok 'long output is paged' last_line ':'
keys q
ok 'the pager ends' last_line 'trapeze>'
keys quit Enter
ok 'quit leaves' last_line 'shell>'

keys 'trapeze run --monitor vmm guests/pg/minios.s' Enter
ok 'a run without the bench' on_screen 'primes: 62' 2
sleep 0.5
keys C-a c
ok 'Ctrl-A c leads to the bench' on_screen 'vm1 s @'
keys 'vm kill vm1' Enter
ok 'where the run itself stays as it is' on_screen "machines of 'trapeze run'"
keys run Enter
ok 'and is begun again on machines of the session' on_screen 'primes: 62' 3
keys C-c
ok 'which have their own names' on_screen 'vmm2.vm1 s @'
keys 'vm new guests/pg/hello.s' Enter
ok 'and company' on_screen 'vmm2.vm2 s @0'
keys C-d
ok 'and back to the shell' last_line 'shell>'
plan
