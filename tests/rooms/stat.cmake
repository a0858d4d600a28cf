check(stat_hist LABELS unit NEEDS stat)
check(stat_tally LABELS unit NEEDS stat)
check(stat_series LABELS unit NEEDS stat)
