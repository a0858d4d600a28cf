check(base_units LABELS unit NEEDS base)
check(base_json LABELS unit NEEDS base)
check(base_file LABELS unit NEEDS base)
