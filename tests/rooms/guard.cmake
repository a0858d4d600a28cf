check(guard LABELS pg NEEDS run sandbox TIMEOUT 120)
check(guard_mysql LABELS mysql NEEDS run sandbox TIMEOUT 120)
check(keyload_mysql LABELS mysql NEEDS run sandbox TIMEOUT 120)
