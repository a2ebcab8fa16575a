#!/usr/bin/env bash
# Swift 6.3.1 on Linux (glibc) with Debian's libfaketime 0.9.10-2.1: a program under a library that is loaded before it
# sees no arguments at all, not even its own name.
#
# Expected: `CommandLine.arguments` is what the program was started with, in whatever surroundings. libfaketime is made
# to be put in front of any program (LD_PRELOAD), and changes nothing but clocks.
#
# What happens: while it is loaded, Swift's runtime looks for the arguments in front of where the environment begins, and
# only if that is on the stack. libfaketime sets a variable before (to share its clock with child processes), by which
# the environment moves to the heap: the runtime gives up without a word, and the array is empty. A C program in the
# same place has its arguments.
#
# For a user: a Swift command line tool under a preloaded library that sets a variable early behaves as if it had been
# called without arguments. One that prints its help then ends with status 0, so that a script believes that its command
# was carried out. Preload what leaves the environment alone, and look at what a command says, beside its status.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
swift_version=6.3.1
library_version=0.9.10-2.1
swiftc --version 2>&1 | grep -F "Swift version $swift_version " ||
    { echo "this is about Swift $swift_version"; exit 1; }
apt-get download -q "libfaketime=$library_version" >/dev/null 2>&1 ||
    { echo "libfaketime $library_version cannot be had"; exit 1; }
dpkg -x libfaketime_*.deb .
library=$(find "$PWD" -name libfaketime.so.1)
echo 'print(CommandLine.arguments.count)' > swift.swift
printf '#include <stdio.h>\nint main(int count, char **words) { (void)words; printf("%%d\\n", count); }\n' > c.c
swiftc swift.swift -o swift-program
clang c.c -o c-program

plain=$(./swift-program one two)
preloaded=$(LD_PRELOAD=$library ./swift-program one two)
in_c=$(LD_PRELOAD=$library ./c-program one two)
echo "arguments of a Swift program: $plain; under libfaketime: $preloaded; of a C program under libfaketime: $in_c"
[ "$plain" = 3 ] && [ "$in_c" = 3 ] && [ "$preloaded" = 0 ]
