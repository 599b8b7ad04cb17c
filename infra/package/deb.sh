#!/bin/sh
# Makes a Debian package of a built program: deb.sh PROGRAM FOLDER [OPTION OF dpkg-deb]...
# FOLDER gets the package, under the name that is printed at last, and what it was made of, in `tree`.
set -eu

program=$(realpath "$1")
mkdir -p "$2"
out=$(realpath "$2")
shift 2
here=$(dirname "$(realpath "$0")")
root=$(realpath "$here/../..")
tree=$out/tree
doc=$tree/usr/share/doc/maildocket
architecture=$(dpkg --print-architecture)
version=$("$program" --version | cut -d' ' -f2)
maintainer='The Maildocket authors <maildocket@example.invalid>'
# The same source makes the same bytes.
SOURCE_DATE_EPOCH=$(git -C "$root" log -1 --format=%ct 2> /dev/null || date +%s)
export SOURCE_DATE_EPOCH

rm -rf "$tree"
umask 022
# The program, without what only a debugger reads.
install -D -m 755 "$program" "$tree/usr/bin/maildocket"
strip --remove-section=.comment --remove-section=.note "$tree/usr/bin/maildocket"
install -D -m 644 "$here/maildocket.service" "$tree/usr/lib/systemd/system/maildocket.service"
# With the modes that they are to have: the first installation finds nothing to protect in it yet.
install -D -m 640 "$here/maildocket.env" "$tree/etc/maildocket/maildocket.env"

# What the command line says of itself.
"$program" man "$tree/usr/share/man/man1" > /dev/null
gzip -9n "$tree"/usr/share/man/man1/*.1
completions() { install -D -m 644 /dev/null "$tree/usr/share/$2"; "$program" completions "$1" > "$tree/usr/share/$2"; }
completions bash bash-completion/completions/maildocket
completions zsh zsh/vendor-completions/_maildocket
completions fish fish/vendor_completions.d/maildocket.fish

mkdir -p "$doc"
gzip -9nc "$root/CHANGELOG.md" > "$doc/CHANGELOG.md.gz"
gzip -9nc > "$doc/changelog.gz" << END
maildocket ($version) unstable; urgency=medium

  * See CHANGELOG.md.gz.

 -- $maintainer  $(LC_ALL=C date --utc --rfc-email --date "@$SOURCE_DATE_EPOCH")
END
sh "$here/notices.sh" | gzip -9nc > "$doc/third-party.gz"
copyright=$(sed -n 's/^Copyright (c) //p' "$root/LICENSE")
# Paragraphs of such a file are parted by a dot, and its lines are set in.
text=$(sed -n '5,$p' "$root/LICENSE" | sed 's/^$/./; s/^/ /')
{ sed "s/^Copyright: .*/Copyright: $copyright/" "$here/copyright"; echo "$text"; } > "$doc/copyright"

control=$tree/DEBIAN
mkdir "$control"
install -m 755 "$here/postinst" "$here/prerm" "$here/postrm" "$control"
(cd "$tree" && find etc -type f | sed 's|^|/|' > "$control/conffiles")
(cd "$tree" && find usr -type f -print0 | sort -z | xargs -0 md5sum > "$control/md5sums")
# The libraries that the program asks for, by the packages of this machine.
mkdir "$out/libraries" "$out/libraries/debian"
echo 'Source: maildocket' > "$out/libraries/debian/control"
libraries=$(cd "$out/libraries" && dpkg-shlibdeps -O "$tree/usr/bin/maildocket" | sed -n 's/^shlibs:Depends=//p')
rm -r "$out/libraries"
cat > "$control/control" <<END
Package: maildocket
Version: $version
Architecture: $architecture
Maintainer: $maintainer
Installed-Size: $(du --apparent-size -ks --exclude=DEBIAN "$tree" | cut -f1)
Depends: ${libraries:+$libraries, }ca-certificates, passwd
Recommends: systemd
Suggests: caddy | nginx
Section: mail
Priority: optional
Description: turns the mail that arrives in a mailbox into issues
 Maildocket reads Google, Microsoft and other mailboxes, signed in by OAuth 2.0
 or with a password, and makes every mail one issue or one comment, exactly
 once. It has an API, a console for the browser and an embedded database.
END

package=$out/maildocket_${version}_$architecture.deb
dpkg-deb --root-owner-group "$@" --build "$tree" "$package" > /dev/null
echo "$package"
