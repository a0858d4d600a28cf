check(plan LABELS unit NEEDS run)
