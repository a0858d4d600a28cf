check(load_schedule LABELS unit NEEDS load)
check(load_pool LABELS fake NEEDS load ALONE)
check(load_pg LABELS pg NEEDS load sandbox TIMEOUT 300 ALONE)
