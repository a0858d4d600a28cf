check(sql_split LABELS unit NEEDS db)
check(sql_words LABELS unit NEEDS db)
check(sql_mysql LABELS unit NEEDS db)
