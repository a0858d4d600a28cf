check(profile_json LABELS unit NEEDS generators)
check(profile_pg LABELS pg NEEDS generators sandbox TIMEOUT 120)
