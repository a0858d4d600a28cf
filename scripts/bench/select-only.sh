#!/bin/sh
# select-only.sh BUILD [ROUNDS [SECONDS]]: the whole program in a closed loop against pgbench, prepared select-only, 16
# sessions, one throw-away server: observers idle, observers off, pgbench. Rounds are interleaved and their order turns, so
# that a machine that drifts drifts for all. Prints every round, then the median ratios; exit 1 when idle / pgbench is below
# 0.9 or idle / off below 0.97.
set -eu

build=${1:?usage: select-only.sh BUILD [ROUNDS [SECONDS]]}
rounds=${2:-5}
seconds=${3:-5}
sessions=16
scale=10
rehearse=$(cd "$build" && pwd)/bench/cli/rehearse

bin=${REHEARSE_PG_BIN:-$(ls -d /usr/lib/postgresql/*/bin 2>/dev/null | sort -V | tail -n 1)}
dir=$(mktemp -d /tmp/rh.bench.XXXXXX)
as=
if [ "$(id -u)" = 0 ]; then
    chown postgres "$dir"
    as="setpriv --reuid=postgres --regid=postgres --clear-groups"
fi
cd /

finish() {
    [ -z "${server:-}" ] || { kill -INT "$server" 2>/dev/null && wait "$server"; } || true
    rm -rf "$dir"
}
trap finish EXIT
trap 'exit 130' INT TERM

$as "$bin/initdb" -D "$dir/data" -A trust -U postgres >"$dir/initdb.log"
$as "$bin/postgres" -D "$dir/data" -k "$dir" -c listen_addresses= -c shared_buffers=256MB 2>"$dir/server.log" &
server=$!
until "$bin/pg_isready" -q -h "$dir" -U postgres; do
    kill -0 "$server"
    sleep 0.1
done
"$bin/pgbench" -h "$dir" -U postgres -i -q -s "$scale" postgres 2>/dev/null

"$rehearse" arm "host=$dir user=postgres dbname=postgres" --name postgres >/dev/null
echo "ALTER TABLE pgbench_accounts RESET (fillfactor);" >"$dir/nothing.sql"

# Requests a second of the baseline.
ours() {
    "$rehearse" run "$dir/nothing.sql" --dsn "host=$dir user=postgres dbname=postgres" -b select-only -R 0 \
        -c "$sessions" -T "$seconds" --observe="$1" -q --json -o "$dir/out.$1.$i" 2>/dev/null |
        sed -n 's/^ *"baseline": *{.*//; s/.*"throughput_per_s": *\([0-9.]*\),\{0,1\} *$/\1/p' | head -n 1
}
theirs() {
    "$bin/pgbench" -h "$dir" -U postgres -n -M prepared -c "$sessions" -j 4 -S -T "$seconds" postgres 2>/dev/null |
        sed -n 's/^tps = \([0-9]*\).*/\1/p'
}

i=0
theirs >/dev/null # warm
while [ "$i" -lt "$rounds" ]; do
    i=$((i + 1))
    case $((i % 3)) in
    0) idle=$(ours idle) off=$(ours off) peer=$(theirs) ;;
    1) peer=$(theirs) idle=$(ours idle) off=$(ours off) ;;
    2) off=$(ours off) peer=$(theirs) idle=$(ours idle) ;;
    esac
    echo "$idle $off $peer" | awk -v i="$i" '{ printf "round %d: idle %d/s, off %d/s, pgbench %d/s; idle/pgbench %.3f, idle/off %.3f\n", i, $1, $2, $3, $1 / $3, $1 / $2 }'
    echo "$idle $off $peer" | awk '{ print $1 / $3 }' >>"$dir/peer"
    echo "$idle $off $peer" | awk '{ print $1 / $2 }' >>"$dir/off"
done

median() {
    sort -n "$1" | awk '{ r[NR] = $1 } END { print NR % 2 ? r[(NR + 1) / 2] : (r[NR / 2] + r[NR / 2 + 1]) / 2 }'
}
against_peer=$(median "$dir/peer") against_off=$(median "$dir/off")
echo "median: observers idle / pgbench $against_peer (goal 0.9), observers idle / off $against_off (goal 0.97)"
awk -v a="$against_peer" -v b="$against_off" 'BEGIN { exit !(a >= 0.9 && b >= 0.97) }'
