check(guard LABELS pg NEEDS run sandbox TIMEOUT 300)
check(guard_mysql LABELS mysql NEEDS run sandbox TIMEOUT 300)
check(keyload_mysql LABELS mysql NEEDS run sandbox TIMEOUT 300)
