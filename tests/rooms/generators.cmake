check(generator_permute LABELS unit NEEDS generators)
check(generator_rows LABELS unit NEEDS generators)
check(generator_distribution LABELS unit NEEDS generators)
check(generator_distinct LABELS unit NEEDS generators)
check(fill_binary LABELS pg NEEDS generators sandbox TIMEOUT 120)
check(fill_resume LABELS pg NEEDS generators sandbox TIMEOUT 120)
check(fill LABELS pg NEEDS generators sandbox TIMEOUT 120)
check(fill_resume_mysql LABELS mysql NEEDS generators sandbox TIMEOUT 120)
check(fill_mysql LABELS mysql NEEDS generators sandbox TIMEOUT 120)

# Not a test: scripts/bench/fill.sh compares it with psql's \copy.
add_executable(fill_bench bench/fill_bench.c)
target_link_libraries(fill_bench PRIVATE generators)
