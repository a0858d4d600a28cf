check(migrator_pg LABELS pg NEEDS migrate sandbox TIMEOUT 120)
check(migrate_batches LABELS unit NEEDS migrate)
check(migrator_fake LABELS fake NEEDS migrate)
check(migrator_faults LABELS pg NEEDS migrate sandbox TIMEOUT 120)
