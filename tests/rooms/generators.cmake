check(fill LABELS pg NEEDS generators sandbox TIMEOUT 120)
