#!/bin/bash
# fill.sh BUILD [ROUNDS [ROWS]]: our load of an order_items-like table of eight columns into a throw-away PostgreSQL, against
# psql's \copy of the same rows from files in memory, as text and BINARY; with three indexes against loading with the indexes in
# place; pgbench's tables at scale 50 or more, by rehearse fill from their profile into an empty database, against pgbench -i into
# one: the same rows, key, statistics and visibility map in the end. Everything is run once a round, each round begins with
# another, each after a CHECKPOINT. Prints the bounds on one screen, each with the median of the rounds' own ratios; exit 1 when one is
# missed. Four streams want four cores: with fewer that bound is not judged, and psql's own four BINARY streams say what they reach.
set -euo pipefail

build=${1:?usage: fill.sh BUILD [ROUNDS [ROWS]]}
rounds=${2:-5}
rows=${3:-2000000}
slow_rounds=3 # of what takes longest
bench=$(cd "$build" && pwd)/tests/fill_bench
rehearse=$(cd "$build" && pwd)/bench/cli/rehearse
source "$(cd "$(dirname "$0")" && pwd)/lib.sh"

bin=${REHEARSE_PG_BIN:-$(ls -d /usr/lib/postgresql/*/bin 2>/dev/null | sort -V | tail -n 1)}
dir=$(mktemp -d /tmp/rh.bench.XXXXXX)
memory=$(mktemp -d /dev/shm/rh.bench.XXXXXX)
as=()
if [ "$(id -u)" = 0 ]; then
    chown postgres "$dir"
    as=(setpriv --reuid=postgres --regid=postgres --clear-groups)
fi
cd /

finish() {
    [ -z "${server:-}" ] || { kill -INT "$server" 2>/dev/null && wait "$server"; } || true
    rm -rf "$dir" "$memory"
}
trap finish EXIT
trap 'exit 130' INT TERM

"${as[@]}" "$bin/initdb" -D "$dir/data" -A trust -U postgres >"$dir/initdb.log"
"${first[@]}" "${as[@]}" "$bin/postgres" -D "$dir/data" -k "$dir" -c listen_addresses= -c shared_buffers=1GB -c max_wal_size=16GB \
    -c autovacuum=off 2>"$dir/server.log" &
server=$!
until "$bin/pg_isready" -q -h "$dir" -U postgres; do
    kill -0 "$server"
    sleep 0.1
done

dsn="host=$dir user=postgres dbname=postgres"
columns="id bigint, order_id bigint NOT NULL, product_id integer NOT NULL, quantity smallint NOT NULL,
    unit_price numeric(10,2) NOT NULL, discount_percent smallint, status varchar(12) NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now()"
three="ALTER TABLE TABLE_NAME ADD PRIMARY KEY (id); CREATE INDEX ON TABLE_NAME (order_id);
    CREATE INDEX ON TABLE_NAME (product_id, created_at)"

psql=("$bin/psql" -h "$dir" -U postgres -X -q -v ON_ERROR_STOP=1 -c 'SET client_min_messages = error')
sql() {
    "${psql[@]}" "$@" postgres
}
seconds() { # COMMAND…: how long it takes
    local begin
    begin=$(date +%s%N)
    "${first[@]}" "$@" >>"$dir/out" 2>&1
    echo "$begin $(date +%s%N)" | awk '{ print ($2 - $1) / 1e9 }'
}
rate() { # NAME SECONDS
    note "$1" "$(awk -v s="$2" -v rows="$rows" 'BEGIN { printf "%.0f", rows / s }')"
}
fresh() { # TABLE [INDEXES]
    sql -c "DROP TABLE IF EXISTS $1" -c "CREATE TABLE $1 ($columns)" ${2:+-c "${2//TABLE_NAME/$1}"} -c CHECKPOINT
}

make() {
    sql -c "CREATE TABLE IF NOT EXISTS order_items ($columns)"
    "${first[@]}" "$bench" make "$dsn" 1 "order_items=$rows" >"$dir/made"
    note make "$(awk '$1 == "binary" { print $2 }' "$dir/made")"
    "${first[@]}" "$bench" make "$dsn" 4 "order_items=$rows" >"$dir/made"
    note make_rss "$(awk '$1 == "rss_kb" { print $2 / 1024 }' "$dir/made")"
}
ours() { # STREAMS [RANGE]
    fresh order_items "ALTER TABLE TABLE_NAME ADD PRIMARY KEY (id)"
    "${first[@]}" "$bench" load "$dsn" "$1${2:+:$2}" "order_items=$rows" >"$dir/loaded" 2>>"$dir/out"
    note "ours_$1" "$(awk '$1 == "order_items" { print $2 }' "$dir/loaded")"
    note "rss_$1" "$(awk '$1 == "rss_kb" { print $2 / 1024 }' "$dir/loaded")"
}
ours_1() { ours 1; }
ours_4() {
    ours 4 $((rows / 16)) # cut as finely as one of 16 M rows
    note correlation "$(sql -At -c "SELECT min(abs(correlation)) FROM pg_stats WHERE tablename = 'order_items'
        AND attname IN ('id', 'created_at')")"
}
copy_text() {
    fresh copied
    rate copy_text "$(seconds "${psql[@]}" -c "\\copy copied from '$memory/text'" postgres)"
}
copy_binary() {
    fresh copied
    rate copy_binary "$(seconds "${psql[@]}" -c "\\copy copied from '$memory/binary' with (format binary)" postgres)"
}
copies() { # four at once, a quarter of the rows each
    local i jobs=()
    for i in 0 1 2 3; do
        "${psql[@]}" -c "\\copy copied from '$memory/binary.$i' with (format binary)" postgres &
        jobs+=($!)
    done
    wait "${jobs[@]}"
}
copy_four() {
    fresh copied
    local begin
    begin=$(date +%s%N)
    copies >>"$dir/out" 2>&1
    rate copy_four "$(echo "$begin $(date +%s%N)" | awk '{ print ($2 - $1) / 1e9 }')"
}
indexed_ours() {
    fresh order_items "$three"
    "${first[@]}" "$bench" load "$dsn" 2 "order_items=$rows" >"$dir/loaded" 2>>"$dir/out"
    note indexed_ours "$(awk '$1 == "total" { print $2 }' "$dir/loaded")"
}
indexed_copy() {
    fresh copied "$three"
    note indexed_copy "$(seconds "${psql[@]}" -c "\\copy copied from '$memory/binary' with (format binary)" -c 'VACUUM ANALYZE copied' postgres)"
}
scale=$((rows > 5000000 ? (rows + 99999) / 100000 : 50))
accounts() { # NAME COMMAND…: its seconds, and the server's of CPU
    local name=$1 cpu
    shift
    sql -c CHECKPOINT
    cpu=$(cpu_seconds "$server")
    note "accounts_$name" "$(seconds "$@")"
    sleep 0.3 # until the server has buried its children
    note "cpu_$name" "$(echo "$cpu $(cpu_seconds "$server")" | awk '{ print $2 - $1 }')"
}
accounts_theirs() {
    sql -c 'DROP DATABASE IF EXISTS accounts' -c 'CREATE DATABASE accounts'
    accounts theirs "$bin/pgbench" -h "$dir" -U postgres -i -q -s "$scale" accounts
}
accounts_ours() {
    sql -c 'DROP DATABASE IF EXISTS accounts' -c 'CREATE DATABASE accounts'
    "$rehearse" arm "${dsn/dbname=postgres/dbname=accounts}" --name accounts >>"$dir/out" 2>&1
    accounts ours "$rehearse" fill "$dir/accounts.json"
}
accounts_profile() {
    accounts_theirs
    "$rehearse" profile --dsn "${dsn/dbname=postgres/dbname=accounts}" -o "$dir/profile.json" >>"$dir/out" 2>&1
    echo "{\"name\": \"accounts\", \"target\": {\"dsn\": \"${dsn/dbname=postgres/dbname=accounts}\"},
        \"data\": {\"profile\": \"profile.json\"}}" >"$dir/accounts.json"
}

busy
ours 1 # warm, and what psql copies
sql -c "\\copy order_items to '$memory/text'" -c "\\copy order_items to '$memory/binary' with (format binary)"
for quarter in 0 1 2 3; do
    sql -c "\\copy (SELECT * FROM order_items WHERE id > $rows::bigint * $quarter / 4
        AND id <= $rows::bigint * ($quarter + 1) / 4) to '$memory/binary.$quarter' with (format binary)"
done
accounts_profile
rm -r "$dir/figures"
for ((round = 0; round < rounds; round++)); do
    interleave "$round" ours_1 copy_text copy_binary ours_4 copy_four make
    [ "$round" -ge "$slow_rounds" ] || interleave "$round" indexed_ours indexed_copy accounts_ours accounts_theirs
done
ratio "generator, one core / a stream of COPY BINARY" 2.5 make copy_binary
at_most "MB of memory, generator of 4 threads" 50 "$(median make_rss)"
at_most "MB of memory, fill by 4 streams" 100 "$(median rss_4)"
ratio "one stream / psql \\copy, text" 1.5 ours_1 copy_text
ratio "one stream / psql \\copy, BINARY" 0.9 ours_1 copy_binary
shared copy_four copy_text
ratio "four streams / one psql \\copy, text" 2.8 ours_4 copy_text "" 4 "psql's own four, BINARY: $(median ratio | awk '{ printf "%.2f", $1 }')"
at_least "physical correlation after four streams" 0.999 "$(median correlation)"
ratio "three indexes afterwards / in place" 2.5 indexed_ours indexed_copy inverse
shared cpu_ours cpu_theirs inverse
ratio "pgbench's tables / pgbench -i" 1.1 accounts_ours accounts_theirs inverse 1 \
    "of the server's CPU: $(median ratio | awk '{ printf "%.2f", $1 }')"
echo "M rows/s:$(millions make ours_1 copy_text copy_binary ours_4 copy_four)"
for name in indexed_ours indexed_copy accounts_ours accounts_theirs cpu_ours cpu_theirs; do
    printf ' %s %s s' "$name" "$(median "$name")"
done
echo
exit "$failed"
