check(sandbox LABELS pg NEEDS sandbox db TIMEOUT 120)
check(sandbox_mysql LABELS mysql NEEDS sandbox db TIMEOUT 180)
