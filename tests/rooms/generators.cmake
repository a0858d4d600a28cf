check(generator_permute LABELS unit NEEDS generators)
check(generator_rows LABELS unit NEEDS generators)
check(fill LABELS pg NEEDS generators sandbox TIMEOUT 120)
