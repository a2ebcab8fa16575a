#!/usr/bin/env bash
# Foundation of Swift 6.3.1 on Linux: JSON with a comma behind the last element is taken, although JSON5 is off.
#
# Expected: RFC 8259 has no such comma, and `JSONDecoder.allowsJSON5` (false unless it is set) is what allows more than
# the RFC: so `{"a":1,}` and `[1,]` are refused, as other parsers refuse them.
#
# What happens: JSONDecoder and JSONSerialization both take them with JSON5 off. Other slips are refused: a number that
# begins with 0, a missing colon, a text in single quotes, a comment.
#
# For a user: what a Swift program has accepted and handed on byte by byte (a settings file, a webhook, a test's
# expectation) may be refused by everything behind it. A parser that is to guard others must not be this one.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
swift_version=6.3.1
swiftc --version 2>&1 | grep -F "Swift version $swift_version " ||
    { echo "this is about Swift $swift_version"; exit 1; }
cat >read.swift <<'S'
import Foundation

for text in [#"{"a":1}"#, #"{"a":1,}"#, "[1,]", #"{"a":01}"#, #"{"a" 1}"#, "{'a':1}", #"{"a":1/*x*/}"#] {
    let data = Data(text.utf8)
    let decoder = JSONDecoder()
    let decoded =
        (try? decoder.decode([String: Int].self, from: data)) != nil
        || (try? decoder.decode([Int].self, from: data)) != nil
    let serialised = (try? JSONSerialization.jsonObject(with: data)) != nil
    print(decoder.allowsJSON5, decoded, serialised, text)
}
S
swiftc read.swift -o read
./read | tee swift
printf '%s\n' '{"a":1,}' '[1,]' | while read -r text; do
    if python3 -c 'import json, sys; json.loads(sys.argv[1])' "$text" 2>/dev/null; then
        echo "Python takes $text"
        exit 1
    fi
done
diff swift - <<'T'
false true true {"a":1}
false true true {"a":1,}
false true true [1,]
false false false {"a":01}
false false false {"a" 1}
false false false {'a':1}
false false false {"a":1/*x*/}
T
echo "taken with a comma behind the last element, and nothing else that RFC 8259 has not; Python takes neither"
