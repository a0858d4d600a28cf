check(strategy LABELS unit NEEDS migrate)
