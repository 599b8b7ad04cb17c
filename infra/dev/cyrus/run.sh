#!/bin/sh
# Cyrus over loopback, in clear text, until standard input ends.
# Usage: unshare --mount --pid --fork --kill-child sh run.sh FOLDER ROOT IMAP POP3 PASSWORD ACCOUNTS
#
# As ../courier/run.sh: ROOT holds the unpacked Debian packages, which are laid over the machine's files here alone.
# Accounts are user0, user1 and so on; each has its INBOX from its first sign-in on.
set -eu
folder=$1 root=$2 imap=$3 pop3=$4 password=$5 accounts=$6

mkdir -p "$folder/etc" "$folder/work"
mount -t overlay none -o "lowerdir=$root/usr:/usr" /usr
mount -t overlay none -o "lowerdir=$root/etc:/etc,upperdir=$folder/etc,workdir=$folder/work" /etc
mount -t tmpfs none /run
# The packages' scripts would make this user; here it is another name of the user `mail`.
echo "cyrus:x:$(id -u mail):$(id -g mail)::/var/lib/cyrus:/bin/sh" >> /etc/passwd

cat > /etc/imapd.conf <<END
configdirectory: $folder/lib
partition-default: $folder/mail
defaultpartition: default
proc_path: /run/cyrus/proc
mboxname_lockpath: /run/cyrus/lock
servername: localhost
virtdomains: off
unixhierarchysep: no
altnamespace: no
allowplaintext: yes
autocreate_quota: 0
popminpoll: 0
sasl_pwcheck_method: auxprop
sasl_auxprop_plugin: sasldb
sasl_sasldb_path: $folder/sasldb2
sasl_mech_list: PLAIN
END
cat > /etc/cyrus.conf <<END
START { recover cmd="/usr/sbin/cyrus ctl_cyrusdb -r" }
SERVICES {
  imap cmd="imapd -U 30" listen="127.0.0.1:$imap" prefork=2 maxchild=100
  pop3 cmd="pop3d -U 30" listen="127.0.0.1:$pop3" prefork=1 maxchild=100
}
EVENTS { checkpoint cmd="/usr/sbin/cyrus ctl_cyrusdb -c" period=30 }
END
mkdir -p "$folder/lib/socket" "$folder/mail" /run/cyrus/proc /run/cyrus/lock /run/cyrus/socket
number=0
while [ $number -lt "$accounts" ]; do
    printf %s "$password" | saslpasswd2 -p -c -f "$folder/sasldb2" -u localhost "user$number"
    number=$((number + 1))
done
chown -R mail:mail "$folder/lib" "$folder/mail" "$folder/sasldb2" /run/cyrus
/usr/lib/cyrus/bin/master -p /run/cyrus/master.pid -M /etc/cyrus.conf -C /etc/imapd.conf -D &
cat > /dev/null
