#!/bin/sh
# Courier over loopback, in clear text, until standard input ends.
# Usage: unshare --mount --pid --fork --kill-child sh run.sh FOLDER ROOT IMAP POP3 PASSWORD ACCOUNTS
#
# ROOT holds the unpacked Debian packages: Debian lets no two mail servers be installed beside each other, and Courier's
# programs have their paths built in, so that they see ROOT laid over the machine's files in a mount namespace of their
# own, and end with their process namespace. Nothing outside of FOLDER is written.
# Accounts are user0, user1 and so on; the mail of each is FOLDER/mail/USER/Maildir.
set -eu
folder=$1 root=$2 imap=$3 pop3=$4 password=$5 accounts=$6

mkdir -p "$folder/etc" "$folder/work" "$folder/mail"
mount -t overlay none -o "lowerdir=$root/usr:/usr" /usr
mount -t overlay none -o "lowerdir=$root/etc:/etc,upperdir=$folder/etc,workdir=$folder/work" /etc
mount -t tmpfs none /run
mkdir -p /run/courier/authdaemon

uid=$(id -u mail) gid=$(id -g mail)
crypted=$(printf '%s\n' "$password" | userdbpw)
number=0
while [ $number -lt "$accounts" ]; do
    user=user$number
    home=$folder/mail/$user
    # Started again, it finds its mail as it was.
    if [ ! -d "$home" ]; then
        mkdir "$home"
        maildirmake.courier "$home/Maildir"
    fi
    printf '%s\tuid=%s|gid=%s|home=%s|systempw=%s\n' "$user" "$uid" "$gid" "$home" "$crypted"
    number=$((number + 1))
done > /etc/courier/userdb
chmod 700 /etc/courier/userdb
chown -R mail:mail "$folder/mail"
makeuserdb

sed -i 's/^authmodulelist=.*/authmodulelist="authuserdb"/' /etc/courier/authdaemonrc
# Shared with the servers by their environment, as Courier's own start scripts do it.
set -a +u
/usr/lib/courier/courier-authlib/authdaemond &
. /etc/courier/imapd-ssl
. /etc/courier/imapd
# The allowance for passwords in clear text is Maildocket's, for loopback.
IMAP_STARTTLS=NO
couriertcpd -address=127.0.0.1 -maxprocs=200 -maxperip=200 -nodnslookup -noidentlookup "$imap" \
    /usr/lib/courier/courier/imaplogin /usr/bin/imapd Maildir &
. /etc/courier/pop3d-ssl
. /etc/courier/pop3d
POP3_STARTTLS=NO
couriertcpd -address=127.0.0.1 -maxprocs=200 -maxperip=200 -nodnslookup -noidentlookup "$pop3" \
    /usr/lib/courier/courier/courierpop3login /usr/lib/courier/courier/courierpop3d Maildir &
cat > /dev/null
