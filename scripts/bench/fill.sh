#!/bin/bash
# fill.sh BUILD [PAIRS [ROWS [THREADS]]]: our load of the shop's orders against psql's \copy of the same rows from a file,
# into tables with the same constraints and no indexes, on one throw-away server. Pairs are interleaved and their order
# alternates; both start after a CHECKPOINT. Prints every pair, then the medians; exit 1 when the median ratio per stream is
# below 0.5.
set -euo pipefail

build=${1:?usage: fill.sh BUILD [PAIRS [ROWS [THREADS]]]}
pairs=${2:-5}
rows=${3:-1000000}
threads=${4:-1}
bench=$(cd "$build" && pwd)/tests/fill_bench
schema=$(cd "$(dirname "$0")/../.." && pwd)/workloads/examples/shop-postgresql/schema.sql

bin=${REHEARSE_PG_BIN:-$(ls -d /usr/lib/postgresql/*/bin 2>/dev/null | sort -V | tail -n 1)}
dir=$(mktemp -d /tmp/rh.bench.XXXXXX)
as=()
if [ "$(id -u)" = 0 ]; then
    chown postgres "$dir"
    as=(setpriv --reuid=postgres --regid=postgres --clear-groups)
fi
cd /

finish() {
    [ -z "${server:-}" ] || { kill -INT "$server" 2>/dev/null && wait "$server"; } || true
    rm -rf "$dir"
}
trap finish EXIT
trap 'exit 130' INT TERM

"${as[@]}" "$bin/initdb" -D "$dir/data" -A trust -U postgres >"$dir/initdb.log"
"${as[@]}" "$bin/postgres" -D "$dir/data" -k "$dir" -c listen_addresses= -c shared_buffers=256MB -c max_wal_size=8GB \
    2>"$dir/server.log" &
server=$!
until "$bin/pg_isready" -q -h "$dir" -U postgres; do
    kill -0 "$server"
    sleep 0.1
done

sql() {
    "$bin/psql" -h "$dir" -U postgres -X -q -v ON_ERROR_STOP=1 "$@" postgres
}
ours() {
    sql -c "SET client_min_messages = error" -c "DROP SCHEMA public CASCADE" -c "CREATE SCHEMA public"
    sql -f "$schema"
    sql -c CHECKPOINT
    "$bench" "host=$dir user=postgres dbname=postgres" "$rows" "$threads"
}
theirs() {
    sql -c "DROP TABLE IF EXISTS copied" -c "CREATE TABLE copied (LIKE orders INCLUDING CONSTRAINTS)" -c CHECKPOINT \
        2>"$dir/notices"
    sql -c '\timing on' -c "\\copy copied from '$dir/rows'" |
        awk -v rows="$rows" '/^Time:/ { printf "%.0f\n", rows / $2 * 1000 }'
}

ours >/dev/null # warm
sql -c "\\copy orders to '$dir/rows'"
i=0
while [ "$i" -lt "$pairs" ]; do
    if [ $((i % 2)) = 0 ]; then
        a=$(ours) b=$(theirs)
    else
        b=$(theirs) a=$(ours)
    fi
    i=$((i + 1))
    echo "$a $b" | awk -v i="$i" -v n="$threads" '{ printf "pair %d: ours %d rows/s by %d, \\copy %d rows/s, ratio %.3f\n",
        i, $1, n, $2, $1 / $2 }'
    echo "$a" >>"$dir/ours"
    echo "$b" >>"$dir/theirs"
    echo "$a $b" | awk '{ print $1 / $2 }' >>"$dir/ratios"
done
median() {
    sort -n "$1" | awk '{ r[NR] = $1 } END { m = NR % 2 ? r[(NR + 1) / 2] : (r[NR / 2] + r[NR / 2 + 1]) / 2; print m }'
}
echo "$(median "$dir/ours") $(median "$dir/theirs") $(median "$dir/ratios")" | awk -v n="$threads" -v pairs="$pairs" '{
    printf "median of %d pairs: ours %d rows/s, \\copy %d rows/s, ratio %.3f, per stream %.3f\n", pairs, $1, $2, $3, $3 / n
    exit $3 / n < 0.5 }'
