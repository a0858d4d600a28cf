check(sandbox LABELS pg NEEDS sandbox db TIMEOUT 300)
check(sandbox_mysql LABELS mysql NEEDS sandbox db TIMEOUT 300)
