check(guard LABELS pg NEEDS run sandbox TIMEOUT 120)
