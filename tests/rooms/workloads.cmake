check(workload_expression LABELS unit NEEDS workloads)
check(workload_draw LABELS unit NEEDS workloads)
check(workload_script LABELS unit NEEDS workloads)
check(workload_apps LABELS unit NEEDS workloads)
