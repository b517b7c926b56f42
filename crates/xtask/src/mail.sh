#!/bin/sh
# Runs a postfix and a dovecot for the tests on loopback until standard input ends, then takes everything away again.
#
#   mail.sh PLAIN_PORT SUBMISSION_PORT IMAP_PORT IMAPS_PORT MAIL_UID MAIL_GID
#
# Prints `ready FOLDER` once the daemons run, or one line that says what failed. Standard input is the
# leash: a line `child PID` names a process group that dies with the servers, `child` alone forgets it,
# and the end of the input, which comes however the test command ends, stops all of it.
set -u
umask 022
export PATH="$PATH:/usr/local/sbin:/usr/sbin:/sbin"

plain_port=$1 submission_port=$2 imap_port=$3 imaps_port=$4 mail_uid=$5 mail_gid=$6
readers='reader1 reader2 reader3 reader4 reader5 reader6 reader7 reader8 reader9'
trap '' INT HUP TERM PIPE

child=
dir=$(mktemp -d /tmp/bereik-mail.XXXXXX) || { echo "cannot make a folder under /tmp"; exit 1; }

stop() {
    if [ -n "$child" ]; then kill -s TERM -- "-$child" 2>/dev/null; fi
    postfix -c "$dir/postfix" stop >/dev/null 2>&1
    if [ -s "$dir/run/master.pid" ]; then kill "$(cat "$dir/run/master.pid")" 2>/dev/null; fi
    if [ -n "$child" ]; then sleep 1; kill -s KILL -- "-$child" 2>/dev/null; fi
    rm -rf "$dir"
}
trap stop EXIT

# The first grave line of the logs says why; the later ones are its consequences.
fail() {
    reason=$(cat "$dir"/*.log | grep -E 'fatal|error|panic' | head -n 1)
    [ -n "$reason" ] || reason=$(cat "$dir"/*.log | tail -n 1)
    echo "$1: ${reason:-no reason given}"
    exit 1
}

# A root certificate and a leaf: rustls refuses a root that serves as a leaf.
certificates() {
    cd "$dir" || return 1
    openssl req -x509 -newkey rsa:2048 -nodes -days 30 -subj /CN=bereik-test-ca -keyout ca.key -out ca.pem &&
    openssl req -newkey rsa:2048 -nodes -subj /CN=localhost -keyout key.pem -out leaf.csr &&
    printf '%s\n' 'subjectAltName=IP:127.0.0.1,DNS:localhost' 'basicConstraints=CA:FALSE' \
        'extendedKeyUsage=serverAuth' >leaf.ext &&
    openssl x509 -req -in leaf.csr -CA ca.pem -CAkey ca.key -CAcreateserial -days 30 \
        -extfile leaf.ext -out cert.pem
}

# Dovecot checks passwords for postfix, on a socket in the folder, and serves mailboxes over IMAP. Those of the
# readers are for tests that read over IMAP: it moves the files that the other tests look at.
# Version 2.4 (Debian 13) spells its settings anew.
write_dovecot() {
    printf '%s\n' 'alice@bereik.test:{PLAIN}alicepw' 'bob@bereik.test:{PLAIN}bobpw' >"$dir/users"
    for reader in $readers; do
        echo "$reader@bereik.test:{PLAIN}readerpw" >>"$dir/users"
    done
    case $(dovecot --version) in
        2.[0-3].*) dovecot_2_3 ;;
        *) dovecot_2_4 ;;
    esac >"$dir/dovecot.conf"
    cat >>"$dir/dovecot.conf" <<END
protocols = imap
listen = 127.0.0.1
base_dir = $dir/run
state_dir = $dir/run
log_path = $dir/dovecot.log
ssl = yes
auth_failure_delay = 0
auth_mechanisms = plain login
service auth {
  unix_listener auth-smtp {
    mode = 0666
  }
}
service imap-login {
  inet_listener imap {
    port = $imap_port
  }
  inet_listener imaps {
    port = $imaps_port
    ssl = yes
  }
}
service stats {
  client_limit = 100
}
END
}

dovecot_2_3() {
    cat <<END
disable_plaintext_auth = no
mail_location = maildir:$dir/mail/%u
ssl_cert = <$dir/cert.pem
ssl_key = <$dir/key.pem
passdb {
  driver = passwd-file
  args = $dir/users
}
userdb {
  driver = static
  args = uid=$mail_uid gid=$mail_gid home=$dir/mail/%u
}
END
}

dovecot_2_4() {
    cat <<END
dovecot_config_version = 2.4.0
dovecot_storage_version = 2.4.0
auth_allow_cleartext = yes
mail_driver = maildir
mail_path = $dir/mail/%{user}
ssl_server_cert_file = $dir/cert.pem
ssl_server_key_file = $dir/key.pem
passdb passwd-file {
  passwd_file_path = $dir/users
}
userdb static {
  fields {
    uid = $mail_uid
    gid = $mail_gid
    home = $dir/mail/%{user}
  }
}
END
}

# Mail for the addresses below lands in mail/ADDRESS/new; any other address of the domain is refused. Mail to
# returned.test is taken and comes back; mail to late.test is taken and is late for ever.
write_postfix() {
    mailboxes=
    for name in alice bob calamity carol dave desk helpdesk oncall $readers; do
        mailboxes="$mailboxes $name@bereik.test=$name@bereik.test/,"
    done
    cat >"$dir/postfix/main.cf" <<END
compatibility_level = 3.6
queue_directory = $dir/queue
data_directory = $dir/data
command_directory = /usr/sbin
daemon_directory = /usr/lib/postfix/sbin
maillog_file_prefixes = $dir
maillog_file = $dir/postfix.log
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
myhostname = mx.bereik.test
mydestination =
mynetworks =
alias_maps =
virtual_mailbox_domains = bereik.test
virtual_mailbox_base = $dir/mail
virtual_mailbox_maps = inline:{${mailboxes%,} }
virtual_uid_maps = static:$mail_uid
virtual_gid_maps = static:$mail_gid
virtual_transport = virtual
default_transport = error:5.1.2 no outside world
transport_maps = inline:{ late.test=smtp:[127.0.0.1]:1, returned.test=virtual: }
queue_run_delay = 2s
minimal_backoff_time = 2s
maximal_backoff_time = 4s
delay_warning_time = 1s
smtpd_tls_cert_file = $dir/cert.pem
smtpd_tls_key_file = $dir/key.pem
smtpd_tls_security_level = may
smtpd_sasl_type = dovecot
smtpd_sasl_path = $dir/run/auth-smtp
smtpd_relay_restrictions = permit_sasl_authenticated, reject_unauth_destination
smtpd_recipient_restrictions = reject_unlisted_recipient, permit_sasl_authenticated
message_size_limit = 1048576
END
    cat >"$dir/postfix/master.cf" <<END
127.0.0.1:$plain_port inet n - n - - smtpd
127.0.0.1:$submission_port inet n - n - - smtpd
  -o smtpd_tls_security_level=encrypt
  -o smtpd_sasl_auth_enable=yes
  -o smtpd_client_restrictions=permit_sasl_authenticated,reject
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
tlsmgr unix - - n 1000? 1 tlsmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
error unix - - n - - error
retry unix - - n - - error
smtp unix - - n - - smtp
virtual unix - n n - - virtual
anvil unix - - n - 1 anvil
proxymap unix - - n - - proxymap
postlog unix-dgram n - n - 1 postlogd
END
}

mkdir "$dir/postfix" "$dir/queue" "$dir/data" "$dir/mail" "$dir/run" "$dir/tmp"
chmod 755 "$dir"
chmod 1777 "$dir/tmp"
chown "$mail_uid:$mail_gid" "$dir/mail"
chown postfix "$dir/data" 2>"$dir/step.log" || fail "there is no user postfix"
(certificates) >"$dir/step.log" 2>&1 </dev/null || fail "openssl made no certificates"
write_dovecot
write_postfix
dovecot -c "$dir/dovecot.conf" >"$dir/step.log" 2>&1 </dev/null || fail "dovecot did not start"
postfix -c "$dir/postfix" start >"$dir/step.log" 2>&1 </dev/null || fail "postfix did not start"
echo "ready $dir"

while read -r _ group; do child=$group; done
