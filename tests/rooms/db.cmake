check(db_outcome LABELS unit NEEDS db)
check(db_dialect LABELS unit NEEDS db)
check(db_fake LABELS fake NEEDS db)
check(db_postgres LABELS pg NEEDS db sandbox TIMEOUT 120)
