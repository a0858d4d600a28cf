# shellcheck shell=bash
# For scripts/bench/fill*.sh: figures are kept in files of $dir/figures, one a round. What is compared is the median of the
# rounds' own ratios: what disturbs a round disturbs both sides of it.

note() { # NAME FIGURE
    mkdir -p "$dir/figures"
    echo "$2" >>"$dir/figures/$1"
}
median() { # NAME
    sort -n "$dir/figures/$1" | awk '{ r[NR] = $1 } END { print NR % 2 ? r[(NR + 1) / 2] : (r[NR / 2] + r[NR / 2 + 1]) / 2 }'
}
spread() { # NAME: (largest − smallest) / median, in percent
    sort -n "$dir/figures/$1" | awk '{ r[NR] = $1 } END { m = NR % 2 ? r[(NR + 1) / 2] : (r[NR / 2] + r[NR / 2 + 1]) / 2
        printf "%.0f", (m > 0 ? 100 * (r[NR] - r[1]) / m : 0) }'
}
failed=0
# WHAT BOUND NAME OVER [inverse [CORES]]: NAME's figures over OVER's; inverse: figures are seconds; CORES: with fewer the bound
# is not judged.
ratio() {
    local a=$3 b=$4
    [ "${5:-}" != inverse ] || { a=$4 b=$3; }
    paste -d ' ' "$dir/figures/$a" "$dir/figures/$b" | awk '{ print $1 / $2 }' >"$dir/figures/ratio"
    awk -v what="$1" -v bound="$2" -v r="$(median ratio)" -v all="$(sort -n "$dir/figures/ratio" | awk '{ printf " %.2f", $1 }')" \
        -v sa="$(spread "$3")" -v sb="$(spread "$4")" -v cores="$(nproc)" -v wanted="${6:-1}" 'BEGIN {
        judged = cores >= wanted
        printf "ratio %-52s %6.2f, at least %s: %s of%s (spread of rounds %d %% and %d %%)\n", what, r, bound,
            (r >= bound ? "met" : judged ? "NOT MET" : "not judged with " cores " cores"), all, sa, sb
        exit judged && r < bound }' || failed=1
}
at_most() { # WHAT BOUND FIGURE
    awk -v what="$1" -v bound="$2" -v f="$3" 'BEGIN { printf "%-64s %6g, at most %s: %s\n", what, f, bound,
        (f <= bound ? "met" : "NOT MET"); exit f > bound }' || failed=1
}
at_least() {
    awk -v what="$1" -v bound="$2" -v f="$3" 'BEGIN { printf "%-64s %7.5f, at least %s: %s\n", what, f, bound,
        (f >= bound ? "met" : "NOT MET"); exit f < bound }' || failed=1
}
# Runs its arguments, functions, in this order or from another one on: round I begins at the I-th.
interleave() { # ROUND FUNCTION…
    local from=$1 i
    shift
    local all=("$@")
    for ((i = 0; i < $#; i++)); do
        "${all[(from + i) % $#]}"
    done
}
busy() {
    awk -v cores="$(nproc)" '{ printf "machine: %d cores, load %s before the first round\n", cores, $1 }' /proc/loadavg
}
