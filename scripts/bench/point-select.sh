#!/bin/sh
# point-select.sh BUILD [ROUNDS [SECONDS]]: the whole program in a closed loop against sysbench oltp_point_select, prepared, 16
# sessions, one throw-away MariaDB: observers idle, observers off, sysbench. Rounds are interleaved and their order turns, so
# that a machine that drifts drifts for all. Prints every round, then the median ratios and their spread; exit 1 when
# idle / sysbench is below 0.9.
set -eu

build=${1:?usage: point-select.sh BUILD [ROUNDS [SECONDS]]}
rounds=${2:-5}
seconds=${3:-5}
sessions=16
rows=100000
rehearse=$(cd "$build" && pwd)/bench/cli/rehearse

PATH=$PATH:/usr/sbin
dir=$(mktemp -d /tmp/rh.bench.XXXXXX)
as=
if [ "$(id -u)" = 0 ]; then
    chown nobody "$dir"
    as="setpriv --reuid=nobody --clear-groups"
fi
cd /

finish() {
    [ -z "${server:-}" ] || { kill -TERM "$server" 2>/dev/null && wait "$server"; } || true
    rm -rf "$dir"
}
trap finish EXIT
trap 'exit 130' INT TERM

$as mariadb-install-db --no-defaults --datadir="$dir/data" --auth-root-authentication-method=normal --skip-test-db \
    >"$dir/install.log" 2>&1
$as "${REHEARSE_MYSQLD:-mariadbd}" --no-defaults --datadir="$dir/data" --socket="$dir/s.sock" --pid-file="$dir/pid" \
    --skip-networking --character-set-server=utf8mb4 --innodb-buffer-pool-size=256M --performance-schema=ON \
    --performance-schema-instrument='wait/lock/metadata/sql/mdl=ON' \
    --performance-schema-consumer-events-waits-current=ON 2>"$dir/server.log" &
server=$!
until mariadb --no-defaults -S "$dir/s.sock" -u root -e 'CREATE DATABASE sbtest' 2>/dev/null; do
    kill -0 "$server"
    sleep 0.1
done
bench() {
    sysbench oltp_point_select --tables=1 --table-size="$rows" --db-driver=mysql --mysql-socket="$dir/s.sock" \
        --mysql-user=root --mysql-db=sbtest --rand-type=uniform --threads="$sessions" --time="$seconds" "$@"
}
bench prepare >/dev/null

dsn="S=$dir/s.sock,u=root,D=sbtest"
"$rehearse" arm "$dsn" --name sbtest >/dev/null
echo "ALTER TABLE sbtest1 ALTER COLUMN pad SET DEFAULT '';" >"$dir/nothing.sql"
printf '\\set id random(1, %d)\nSELECT c FROM sbtest1 WHERE id = :id;\n' "$rows" >"$dir/point.sql"

# Requests a second of the baseline.
ours() {
    "$rehearse" run "$dir/nothing.sql" --dsn "$dsn" -f "$dir/point.sql" -R 0 -c "$sessions" -T "$seconds" \
        --observe="$1" -q --json -o "$dir/out.$1.$i" 2>/dev/null |
        sed -n 's/^ *"baseline": *{.*//; s/.*"throughput_per_s": *\([0-9.]*\),\{0,1\} *$/\1/p' | head -n 1
}
theirs() {
    bench run | sed -n 's/.*transactions: .*(\([0-9.]*\) per sec.*/\1/p'
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
    echo "$idle $off $peer" | awk -v i="$i" '{ printf "round %d: idle %d/s, off %d/s, sysbench %d/s; idle/sysbench %.3f, idle/off %.3f\n", i, $1, $2, $3, $1 / $3, $1 / $2 }'
    echo "$idle $off $peer" | awk '{ print $1 / $3 }' >>"$dir/peer"
    echo "$idle $off $peer" | awk '{ print $2 / $3 }' >>"$dir/bare"
    echo "$idle $off $peer" | awk '{ print $1 / $2 }' >>"$dir/off"
done

# "median (lowest to highest)"
spread() {
    sort -n "$1" | awk '{ r[NR] = $1 } END { m = NR % 2 ? r[(NR + 1) / 2] : (r[NR / 2] + r[NR / 2 + 1]) / 2
        printf "%.3f (%.3f to %.3f)", m, r[1], r[NR] }'
}
echo "median: idle / sysbench $(spread "$dir/peer"), goal 0.9; off / sysbench $(spread "$dir/bare"); idle / off $(spread "$dir/off")"
spread "$dir/peer" | awk '{ exit !($1 >= 0.9) }'
