# Arguments: an empty folder, and the package. Nothing of the machine itself is written.
set -eu
mount -t tmpfs none "$0"
mkdir "$0/upper" "$0/work" "$0/root"
mount -t overlay none -o "lowerdir=/,upperdir=$0/upper,workdir=$0/work" "$0/root"
mount -t proc none "$0/root/proc"
mount --rbind /dev "$0/root/dev"
mount -t tmpfs none "$0/root/run"
cp "$1" "$0/root/run/maildocket.deb"
exec chroot "$0/root" sh -euc '
export DEBIAN_FRONTEND=noninteractive LC_ALL=C.UTF-8
is() { [ "$1" = "$2" ] || { echo "it is $1 and not $2"; exit 1; }; }
# What a package needs is there, or of no matter to what is tried here.
install() { dpkg --force-depends --install /run/maildocket.deb; }
env=/etc/maildocket/maildocket.env
data=/var/lib/maildocket

install
is "$(stat -c "%U %G %a" /etc/maildocket)" "root maildocket 750"
is "$(stat -c "%U %G %a" $env)" "root maildocket 640"
is "$(getent passwd maildocket | cut -d: -f6,7)" "$data:/usr/sbin/nologin"
systemd-analyze verify --man=no maildocket.service
systemctl enable maildocket.service

# As the unit starts it, as far as this can be without systemd.
echo "MAILDOCKET_LISTEN=0" >> $env
/usr/bin/install -d -m 700 -o maildocket -g maildocket $data
user="setpriv --reuid=maildocket --regid=maildocket --clear-groups --no-new-privs --bounding-set=-all --inh-caps=-all"
as_service="$user env -i MAILDOCKET_DATA_DIR=$data sh -c"
settings="set -a; . $env; exec /usr/bin/maildocket"
$as_service "$settings serve" & serving=$!
tries=0
until $as_service "$settings health"; do
    tries=$((tries + 1))
    [ $tries -lt 300 ] && kill -0 $serving || { echo "it does not start"; exit 1; }
    sleep 0.1
done
$as_service "$settings token create ci --role agent --expires-in-days 90"
is "$(stat -c "%U %a" $data/maildocket.db)" "maildocket 600"
kill $serving
wait $serving

# An update keeps what was set.
install
is "$(tail -n 1 $env)" "MAILDOCKET_LISTEN=0"
is "$(stat -c "%U %G %a" $env)" "root maildocket 640"
is "$(systemctl is-enabled maildocket.service)" enabled
dpkg --remove maildocket
[ -e $env ] && [ ! -e /usr/bin/maildocket ]
[ -z "$(find /etc/systemd/system -name "maildocket*")" ]
dpkg --purge maildocket
[ ! -e /etc/maildocket ] && [ -e $data/maildocket.db ]
echo "All is well."
'
