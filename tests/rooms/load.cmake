check(load_schedule LABELS unit NEEDS load)
check(load_pool LABELS fake NEEDS load)
check(load_pg LABELS pg NEEDS load sandbox TIMEOUT 120)

# Not a test: scripts/bench/select-only.sh compares it with pgbench.
add_executable(load_bench bench/load_bench.c)
target_link_libraries(load_bench PRIVATE load)
