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
failed=0
line() { # WHAT FIGURE SIGN BOUND VERDICT [MORE]
    printf '%-46s %8s %2s %-4s %-7s %s\n' "$1" "$2" "$3" "$4" "$5" "${6:-}"
}
shared() { # NAME OVER [inverse]: the rounds' own ratios of NAME's figures over OVER's, sorted; inverse: figures are seconds
    local a=$1 b=$2
    [ "${3:-}" != inverse ] || { a=$2 b=$1; }
    paste -d ' ' "$dir/figures/$a" "$dir/figures/$b" | awk '{ print $1 / $2 }' | sort -n >"$dir/figures/ratio"
}
# WHAT BOUND NAME OVER [inverse [CORES [MORE]]]: CORES: with fewer the bound is not judged. What it is the median of follows.
ratio() {
    local r verdict=met
    shared "$3" "$4" "${5:-}"
    r=$(median ratio)
    if awk -v r="$r" -v bound="$2" 'BEGIN { exit r >= bound }'; then
        verdict=MISSED
        if [ "$(nproc)" -lt "${6:-1}" ]; then verdict="$(nproc) cores"; else failed=1; fi
    fi
    line "$1" "$(printf '%.2f' "$r")" '>=' "$2" "$verdict" "of$(awk '{ printf " %.2f", $1 }' "$dir/figures/ratio")${7:+; $7}"
}
limit() { # WHAT SIGN BOUND FIGURE [FORMAT]
    local verdict=met
    awk -v f="$4" -v sign="$2" -v bound="$3" 'BEGIN { exit !(sign == "<=" ? f <= bound : f >= bound) }' || {
        verdict=MISSED
        failed=1
    }
    # shellcheck disable=SC2059 # the format is the caller's
    line "$1" "$(printf "${5:-%.0f}" "$4")" "$2" "$3" "$verdict"
}
at_most() { limit "$1" '<=' "$2" "$3"; }
at_least() { limit "$1" '>=' "$2" "$3" %.4f; }
millions() { # NAME…: medians of rows/s, on a line
    local name
    for name in "$@"; do
        printf ' %s %s' "$name" "$(median "$name" | awk '{ printf "%.2f", $1 / 1e6 }')"
    done
}
cpu_seconds() { # PID: user and system, of its children that have ended
    awk -v tick="$(getconf CLK_TCK)" '{ sub(/.*\) /, ""); print ($14 + $15) / tick }' "/proc/$1/stat"
}
# Both sides go before what else the machine does, where that is allowed.
first=()
[ -n "$(nice -n -19 true 2>&1)" ] || first=(nice -n -19)
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
