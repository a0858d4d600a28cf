check(migrator_pg LABELS pg NEEDS migrate sandbox TIMEOUT 120)
