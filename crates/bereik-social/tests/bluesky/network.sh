#!/bin/sh
# Runs the servers of Bluesky and a PostgreSQL for them on loopback until standard input ends, then takes everything away again.
#
#   network.sh FOLDER_OF_PACKAGES SCRIPT
#
# Prints the URL of the server of accounts once all run, or nothing where something fails.
set -eu
umask 022

bin=$(ls -d /usr/lib/postgresql/*/bin | sort -V | tail -n 1)
dir=$(mktemp -d /tmp/bereik-bluesky.XXXXXX)
database=

stop() {
    if [ -n "$database" ]; then kill -s INT "$database" 2>/dev/null || true; wait "$database" || true; fi
    rm -rf "$dir"
}
trap stop EXIT
trap '' INT HUP TERM PIPE

mkdir "$dir/database" "$dir/tmp"
chmod 755 "$dir"
as=
# PostgreSQL refuses to run as root.
if [ "$(id -u)" = 0 ]; then
    as='setpriv --reuid=nobody --regid=nogroup --clear-groups'
    chown nobody "$dir/database"
fi
cd "$dir"
$as "$bin/initdb" -D database/data -U bereik -A trust --no-sync >database.log 2>&1
$as "$bin/postgres" -D database/data -k "$dir/database" -c listen_addresses= -c fsync=off \
    </dev/null >>database.log 2>&1 &
database=$!
for _ in $(seq 300); do
    if [ -S database/.s.PGSQL.5432 ]; then break; fi
    sleep 0.1
done

cd "$1"
# Not exec: the database is to end after it.
DATABASE="postgresql://bereik@localhost/postgres?host=$dir/database" LOG_ENABLED=0 NODE_NO_WARNINGS=1 TMPDIR="$dir/tmp" \
    node "$2"
