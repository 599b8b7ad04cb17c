#!/bin/sh
# Lays out what an image holds beside nothing: image.sh PROGRAM FOLDER. The program with the libraries that it asks for,
# the roots of certificates, and a user.
set -eu

program=$1
image=$2
user=65532
umask 022
install -D -m 755 "$program" "$image/usr/bin/maildocket"
strip --remove-section=.comment --remove-section=.note "$image/usr/bin/maildocket"
# Lines such as `libc.so.6 => /lib/x86_64-linux-gnu/libc.so.6 (0x…)`, and the loader's, which has its path alone.
ldd "$program" | grep -o '/[^ ]*' | while read -r library; do
    install -D -m 755 "$library" "$image$library"
done
# glibc asks name servers by itself since 2.34.
mkdir -p "$image/etc"
echo 'hosts: files dns' > "$image/etc/nsswitch.conf"
install -D -m 644 /etc/ssl/certs/ca-certificates.crt "$image/etc/ssl/certs/ca-certificates.crt"
echo "maildocket:x:$user:$user::/var/lib/maildocket:/usr/sbin/nologin" > "$image/etc/passwd"
echo "maildocket:x:$user:" > "$image/etc/group"
# An empty volume takes its owner and mode from here.
install -d -m 700 -o $user -g $user "$image/var/lib/maildocket"
