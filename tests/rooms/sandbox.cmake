check(sandbox LABELS pg NEEDS sandbox db TIMEOUT 120)
