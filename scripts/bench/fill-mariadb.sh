#!/bin/bash
# fill-mariadb.sh BUILD [PAIRS [ROWS]]: our load of the shop's orders against the mariadb client's LOAD DATA LOCAL of the same
# rows from a file, into tables alike (three secondary indexes), checks off in both, on one throw-away server. Pairs are
# interleaved and their order alternates. Prints every pair, then the medians; exit 1 when the median ratio is below 0.85.
set -euo pipefail

build=${1:?usage: fill-mariadb.sh BUILD [PAIRS [ROWS]]}
pairs=${2:-5}
rows=${3:-1000000}
bench=$(cd "$build" && pwd)/tests/fill_bench
schema=$(cd "$(dirname "$0")/../.." && pwd)/workloads/examples/shop-mysql/schema.sql

dir=$(mktemp -d /tmp/rh.bench.XXXXXX)
as=()
user=$(id -un)
if [ "$(id -u)" = 0 ]; then
    user=nobody
    chown nobody "$dir"
    as=(setpriv --reuid=nobody --clear-groups)
fi
cd /

finish() {
    [ -z "${server:-}" ] || { kill "$server" 2>/dev/null && wait "$server"; } || true
    rm -rf "$dir"
}
trap finish EXIT
trap 'exit 130' INT TERM

mariadb-install-db --no-defaults --user="$user" --datadir="$dir/data" --auth-root-authentication-method=normal \
    --skip-test-db >"$dir/install.log" 2>&1
"${as[@]}" mariadbd --no-defaults --datadir="$dir/data" --socket="$dir/s" --pid-file="$dir/pid" --skip-networking \
    --local-infile=1 --character-set-server=utf8mb4 --innodb-buffer-pool-size=512M 2>"$dir/server.log" &
server=$!
sql() {
    mariadb --no-defaults --local-infile=1 -S "$dir/s" -uroot "$@"
}
until sql -e 'SELECT 1' >"$dir/ready" 2>&1; do
    kill -0 "$server"
    sleep 0.1
done

ours() {
    sql -e 'DROP DATABASE IF EXISTS shop; CREATE DATABASE shop'
    sql shop <"$schema"
    "$bench" "mysql://root@localhost/shop?socket=$dir/s" "$rows" 1
}
theirs() {
    sql -e 'DROP DATABASE IF EXISTS copied; CREATE DATABASE copied; CREATE TABLE copied.orders LIKE shop.orders'
    begin=$(date +%s%N)
    sql copied -e "SET foreign_key_checks = 0, unique_checks = 0; LOAD DATA LOCAL INFILE '$dir/rows' INTO TABLE orders
        CHARACTER SET utf8mb4"
    echo "$begin $(date +%s%N)" | awk -v rows="$rows" '{ printf "%.0f\n", rows / ($2 - $1) * 1e9 }'
}

ours >"$dir/warm"
sql -N --quick shop -e 'SELECT * FROM orders' >"$dir/rows"
i=0
while [ "$i" -lt "$pairs" ]; do
    if [ $((i % 2)) = 0 ]; then
        a=$(ours) b=$(theirs)
    else
        b=$(theirs) a=$(ours)
    fi
    i=$((i + 1))
    echo "$a $b" | awk -v i="$i" '{ printf "pair %d: ours %d rows/s, LOAD DATA %d rows/s, ratio %.3f\n", i, $1, $2, $1 / $2 }'
    echo "$a" >>"$dir/ours"
    echo "$b" >>"$dir/theirs"
    echo "$a $b" | awk '{ print $1 / $2 }' >>"$dir/ratios"
done
median() {
    sort -n "$1" | awk '{ r[NR] = $1 } END { m = NR % 2 ? r[(NR + 1) / 2] : (r[NR / 2] + r[NR / 2 + 1]) / 2; print m }'
}
echo "$(median "$dir/ours") $(median "$dir/theirs") $(median "$dir/ratios")" | awk -v pairs="$pairs" '{
    printf "median of %d pairs: ours %d rows/s, LOAD DATA %d rows/s, ratio %.3f\n", pairs, $1, $2, $3
    exit $3 < 0.85 }'
