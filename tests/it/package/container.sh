# Arguments: the root of an image, and its environment. As `--read-only --cap-drop ALL --security-opt no-new-privileges`
# has it: nothing can be written but the volume, and the program is no user of this machine.
set -eu
image=$0
# Where a container's own file systems are put.
mkdir -p "$image/proc" "$image/dev"
mount --bind "$image" "$image"
mount -o remount,bind,ro "$image"
mount -t proc none "$image/proc"
mount --bind /dev "$image/dev"
mount -t tmpfs -o uid=65532,gid=65532,mode=700 none "$image/var/lib/maildocket"
within="setpriv --no-new-privs chroot --userspec=65532:65532 --groups=65532 $image /usr/bin/maildocket"
if echo written 2> /dev/null > "$image/written"; then
    echo "the root can be written"
    exit 1
fi
$within --version
export "$@" MAILDOCKET_LISTEN=0.0.0.0:0 MAILDOCKET_BASE_URL=https://mail.example.com
$within serve & serving=$!
tries=0
until $within health; do
    tries=$((tries + 1))
    [ $tries -lt 300 ] && kill -0 $serving || { echo "it does not start"; exit 1; }
    sleep 0.1
done
[ "$(stat -c '%u %a' "$image/var/lib/maildocket/maildocket.db")" = "65532 600" ]
# What `docker exec` does.
$within status
kill $serving
wait $serving
echo "All is well."
