#!/bin/bash
# fidelity.sh [--size S] [--only l0,l1] [--worst N] [--queries N] [--figures FILE] BUILD [SOURCE…]: how near rows come to sources that
# the generator was not designed around: shop, events, legacy (sources/*.sql), and pgbench after a long run, each in a throw-away
# PostgreSQL -> rehearse profile (l0; l1 with --counts) -> fill of an empty database -> ANALYZE, measured by SQL on both sides.
# Beside it noise (the source analysed again), naive (statistics taken literally, no order), and saboteurs (no order; half the
# different values), filled from profiles that say so. Prints a table for each source; "!" is beyond max(limit, 2 × noise); exit 1
# when a limit is missed. S: of all rows, 0.5 by default, which takes some minutes; 1: about 1 M rows each. Wants python3.
set -euo pipefail

here=$(cd "$(dirname "$0")" && pwd)
size=0.5 words=()
while [ "$#" -gt 0 ]; do
    case "$1" in
    --size) size=$2 && shift 2 ;;
    --worst | --queries | --only | --figures | --data) words+=("$1" "$2") && shift 2 ;;
    --keep) words+=("$1") && shift ;;
    *) break ;;
    esac
done
build=${1:?usage: fidelity.sh [--size S] BUILD [SOURCE…]}
rehearse=$(cd "$build" && pwd)/bench/cli/rehearse
shift
[ "$#" -gt 0 ] || set -- shop events legacy pgbench

bin=${REHEARSE_PG_BIN:-$(ls -d /usr/lib/postgresql/*/bin 2>/dev/null | sort -V | tail -n 1)}
dir=$(mktemp -d /tmp/rh.bench.XXXXXX)
as=()
if [ "$(id -u)" = 0 ]; then
    chown postgres "$dir"
    as=(setpriv --reuid=postgres --regid=postgres --clear-groups)
fi

finish() {
    [ -z "${server:-}" ] || { kill -INT "$server" 2>/dev/null && wait "$server"; } || true
    rm -rf "$dir"
}
trap finish EXIT
trap 'exit 130' INT TERM

cd /
"${as[@]}" "$bin/initdb" -D "$dir/data" -A trust -U postgres --no-sync >"$dir/initdb.log"
"${as[@]}" "$bin/postgres" -D "$dir/data" -k "$dir" -c listen_addresses= -c shared_buffers=1GB -c max_wal_size=8GB -c fsync=off \
    -c autovacuum=off -c maintenance_work_mem=256MB 2>"$dir/server.log" &
server=$!
until "$bin/pg_isready" -q -h "$dir" -U postgres; do
    kill -0 "$server"
    sleep 0.1
done

psql() {
    "$bin/psql" -h "$dir" -U postgres -X -q -v ON_ERROR_STOP=1 "$@"
}
make() { # SOURCE
    psql -d postgres -c "CREATE DATABASE $1"
    if [ "$1" = pgbench ]; then
        scale=$(awk -v s="$size" 'BEGIN { print (s < .1 ? 1 : int(10 * s)) }')
        transactions=$(awk -v s="$size" 'BEGIN { print int(25000 * s) }') # of each client
        "$bin/pgbench" -h "$dir" -U postgres -i -q -s "$scale" --foreign-keys pgbench >"$dir/out" 2>&1
        "$bin/pgbench" -h "$dir" -U postgres -n -c 4 -j 2 -t "$transactions" --random-seed=1 pgbench >>"$dir/out" 2>&1
        psql -d pgbench -c 'VACUUM ANALYZE'
    else
        psql -d "$1" -v "size=$size" -f "$here/sources/$1.sql" >"$dir/out"
    fi
}

failed=0
for source in "$@"; do
    make "$source"
    mkdir "$dir/$source"
    python3 "$here/fidelity.py" "${words[@]}" "$dir" "$bin/psql" "$rehearse" "$dir/$source" "$source" || failed=1
done
exit "$failed"
