#!/bin/sh
# Builds a program for the bench by Debian's cross compiler: build.sh [-EB] [-O0 ...] NAME [FILE].
# NAME is one of the programs in C of this folder, or "kernel"; FILE is where it goes, NAME if none is
# given.  Options go to the compiler; -EB makes a big-endian program.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
options=
while case ${1-} in -*) true ;; *) false ;; esac; do
	options="$options $1"
	shift
done
name=${1:?a program\'s name is needed}
out=${2-$name}
objects=$(mktemp -d)
trap 'rm -rf "$objects"' EXIT
if [ "$name" = kernel ]; then
	script=$here/kernel/kernel.ld
	sources="$here/kernel/start.S $here/kernel/kernel.c $here/kernel/memory.c $here/kernel/user.S $here/kernel/user.c"
else
	script=$here/bench.ld
	sources="$here/start.S $here/$name.c"
fi
compiler="mipsel-linux-gnu-gcc -O2 $options -march=mips32r2 -msoft-float -mno-abicalls -fno-pic -G0
	-ffreestanding -fno-tree-loop-distribute-patterns -fno-stack-protector -nostdlib -static
	-Wall -Wextra -Werror"
for source in $sources; do
	base=$(basename "$source")
	case $base in *.S) object=${base%.S}-start.o ;; *) object=${base%.c}.o ;; esac
	$compiler -c -o "$objects/$object" "$source"
done
$compiler -Wl,--build-id=none -Wl,-z,max-page-size=4096 -T "$script" -o "$out" "$objects"/*.o
