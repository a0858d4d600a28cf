check(guard LABELS pg NEEDS run TIMEOUT 120)
