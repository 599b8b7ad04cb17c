#!/bin/sh
# Prints the licences of all libraries that the program is linked with, each text once, with whom it belongs to.
set -eu

root=$(realpath "$(dirname "$(realpath "$0")")/../..")
sources=${CARGO_HOME:-$HOME/.cargo}/registry/src
texts=$(mktemp -d)
trap 'rm -rf "$texts"' EXIT

echo "Maildocket is linked with these libraries."
echo
(cd "$root" && cargo tree --offline --locked --edges normal --prefix none --no-dedupe --package local --format '{p}|{l}') |
    grep -v ' (/' | sed 's/ (.*)|/|/' | sort -u | while IFS='|' read -r package licence; do
    name=${package% v*}
    version=${package##* v}
    found=$(find "$sources"/*/"$name-$version" -maxdepth 3 -type f \
        \( -iname 'licen[sc]e*' -o -iname 'copying*' -o -iname 'notice*' -o -iname 'copyright*' -o -iname 'unlicense*' \) \
        ! -name '*.rs' ! -name '*.py' ! -name '*.go' ! -name '*.toml' | sort)
    echo "$name $version: $licence${found:+, with its text below}"
    for file in $found; do
        sum=$(md5sum < "$file" | cut -d' ' -f1)
        echo "$name $version" >> "$texts/$sum.of"
        cp "$file" "$texts/$sum.text"
    done
done

for text in "$texts"/*.text; do
    printf '\n%s\n' '========================================================================'
    sort -u "${text%.text}.of"
    printf '%s\n\n' '------------------------------------------------------------------------'
    cat "$text"
done
