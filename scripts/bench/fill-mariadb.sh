#!/bin/bash
# fill-mariadb.sh BUILD [ROUNDS [ROWS]]: our load of sysbench's table, with its secondary index, against sysbench's own prepare
# with one thread, and of four such tables against prepare with four threads; and of the shop's orders, with three secondary indexes, against
# the mariadb client's LOAD DATA LOCAL of the same rows from a file with checks off. On one throw-away server; everything is
# run once a round, each round begins with another. sysbench's texts fill their columns, ours are shorter, but a CHAR column of
# utf8mb4 is stored padded: bytes per row of both are printed. Prints medians as ratios with their bounds; exit 1 when one is not met.
set -euo pipefail

build=${1:?usage: fill-mariadb.sh BUILD [ROUNDS [ROWS]]}
rounds=${2:-5}
rows=${3:-1000000}
bench=$(cd "$build" && pwd)/tests/fill_bench
here=$(cd "$(dirname "$0")" && pwd)
schema=$here/../../workloads/examples/shop-mysql/schema.sql
source "$here/lib.sh"

dir=$(mktemp -d /tmp/rh.bench.XXXXXX)
memory=$(mktemp -d /dev/shm/rh.bench.XXXXXX)
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
    rm -rf "$dir" "$memory"
}
trap finish EXIT
trap 'exit 130' INT TERM

mariadb-install-db --no-defaults --user="$user" --datadir="$dir/data" --auth-root-authentication-method=normal \
    --skip-test-db >"$dir/install.log" 2>&1
"${first[@]}" "${as[@]}" mariadbd --no-defaults --datadir="$dir/data" --socket="$dir/s" --pid-file="$dir/pid" --skip-networking \
    --local-infile=1 --character-set-server=utf8mb4 --innodb-buffer-pool-size=1G --innodb-log-file-size=1G \
    2>"$dir/server.log" &
server=$!
client=(mariadb --no-defaults --local-infile=1 -S "$dir/s" -uroot)
sql() {
    "${client[@]}" "$@"
}
until sql -e 'SELECT 1' >"$dir/ready" 2>&1; do
    kill -0 "$server"
    sleep 0.1
done

seconds() { # COMMAND…: how long it takes
    local begin
    begin=$(date +%s%N)
    "${first[@]}" "$@" >>"$dir/out" 2>&1
    echo "$begin $(date +%s%N)" | awk '{ print ($2 - $1) / 1e9 }'
}
fresh() { # DATABASE
    sql -e "DROP DATABASE IF EXISTS $1; CREATE DATABASE $1"
}
dsn() { echo "mysql://root@localhost/$1?socket=$dir/s"; }
bytes_per_row() { # DATABASE
    sql -N -e "SELECT round(data_length / table_rows) FROM information_schema.tables WHERE table_schema = '$1' LIMIT 1"
}

sysbench_theirs() { # TABLES THREADS
    fresh theirs
    note "sysbench_$1" "$(seconds sysbench oltp_read_write --db-driver=mysql --mysql-socket="$dir/s" --mysql-user=root \
        --mysql-db=theirs --tables="$1" --table-size="$((rows / $1))" --threads="$2" prepare)"
}
sysbench_ours() { # TABLES
    local i specs=()
    fresh ours
    for ((i = 1; i <= $1; i++)); do
        sql ours -e "CREATE TABLE sbtest$i (id int NOT NULL AUTO_INCREMENT, k int NOT NULL DEFAULT 0,
            c char(120) NOT NULL DEFAULT '', pad char(60) NOT NULL DEFAULT '', PRIMARY KEY (id), KEY k_$i (k))"
        specs+=("sbtest$i=$((rows / $1))")
    done
    note "ours_$1" "$(seconds "$bench" load "$(dsn ours)" 4 "${specs[@]}")"
}
theirs_1() { sysbench_theirs 1 1; }
theirs_4() { sysbench_theirs 4 4; }
ours_1() { sysbench_ours 1; }
ours_4() { sysbench_ours 4; }
orders_ours() {
    fresh shop
    sql shop <"$schema"
    "$bench" load "$(dsn shop)" 1 "orders=$rows" "customers=$((rows / 10))" >"$dir/loaded" 2>>"$dir/out"
    note orders_ours "$(awk '$1 == "orders" { print $2 }' "$dir/loaded")"
}
orders_theirs() {
    fresh copied
    sql -e 'CREATE TABLE copied.orders LIKE shop.orders'
    note orders_theirs "$(seconds "${client[@]}" copied -e "SET foreign_key_checks = 0, unique_checks = 0;
        LOAD DATA LOCAL INFILE '$memory/rows' INTO TABLE orders CHARACTER SET utf8mb4" |
        awk -v rows="$rows" '{ printf "%.0f", rows / $1 }')"
}

busy
orders_ours # warm, and what the client loads
rm -r "$dir/figures"
sql -N --quick shop -e 'SELECT * FROM orders' >"$memory/rows"
for ((round = 0; round < rounds; round++)); do
    interleave "$round" ours_1 theirs_1 ours_4 theirs_4 orders_ours orders_theirs
done
ratio "sysbench's table / its prepare, one thread" 1.4 ours_1 sysbench_1 inverse
ratio "its four tables / its prepare, four threads" 1.6 ours_4 sysbench_4 inverse
ratio "shop's orders / LOAD DATA LOCAL, checks off" 0.85 orders_ours orders_theirs
for name in ours_1 sysbench_1 ours_4 sysbench_4; do
    printf ' %s %s s' "$name" "$(median "$name")"
done
echo
echo "M rows/s:$(millions orders_ours orders_theirs); bytes per row: ours $(bytes_per_row ours), sysbench's $(bytes_per_row theirs)"
exit "$failed"
