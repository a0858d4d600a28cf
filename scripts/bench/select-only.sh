#!/bin/sh
# select-only.sh BUILD [PAIRS [SECONDS]]: our closed loop against pgbench, prepared select-only, 16 sessions, one
# throw-away server. Pairs are interleaved and their order alternates, so that a machine that drifts drifts for both; the
# ratio of a pair is ours / pgbench's. Prints every pair, then the median ratio; exit 1 when it is below 0.9.
set -eu

build=${1:?usage: select-only.sh BUILD [PAIRS [SECONDS]]}
pairs=${2:-5}
seconds=${3:-5}
sessions=16
scale=10
bench=$(cd "$build" && pwd)/tests/load_bench

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

ours() {
    "$bench" "host=$dir user=postgres dbname=postgres" "$sessions" "$seconds" "$scale"
}
theirs() {
    "$bin/pgbench" -h "$dir" -U postgres -n -M prepared -c "$sessions" -j 4 -S -T "$seconds" postgres 2>/dev/null |
        sed -n 's/^tps = \([0-9]*\).*/\1/p'
}

ours >/dev/null # warm
i=0
while [ "$i" -lt "$pairs" ]; do
    if [ $((i % 2)) = 0 ]; then
        a=$(ours) b=$(theirs)
    else
        b=$(theirs) a=$(ours)
    fi
    i=$((i + 1))
    echo "$a $b" | awk -v i="$i" '{ printf "pair %d: ours %d/s, pgbench %d/s, ratio %.3f\n", i, $1, $2, $1 / $2 }'
    echo "$a $b" | awk '{ print $1 / $2 }' >>"$dir/ratios"
done
sort -n "$dir/ratios" | awk '{ r[NR] = $1 }
    END { m = NR % 2 ? r[(NR + 1) / 2] : (r[NR / 2] + r[NR / 2 + 1]) / 2
          printf "median ratio %.3f of %d pairs (%.3f to %.3f)\n", m, NR, r[1], r[NR]; exit m < 0.9 }'
