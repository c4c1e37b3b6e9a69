#!/bin/bash
# run.sh - run test programs, as many at a time as there are processors, and
# count.
#
#	run.sh [-v VARIANT] [-o SUM_FILE] PROGRAM...
#
# Most tests wait for processes and clocks, so programs can share a machine.
# They are told of in the order in which they were named.  A program speaks TAP,
# as cmocka does when asked.  One line a program, with the seconds it took; of
# one that failed also what it said.  What counts as failed, beside tests that
# say so: a program that crashed, did not end in TEST_TIMEOUT seconds, or ended
# before all the tests of its plan had their say.  The last line is the sum.
#
# TEST_EFFORT is how much a test repeats what is only made surer by repeating,
# in percent: see effort.h.
set -u

variant="" sum_file="" passed=0 failed=0
while getopts v:o: option; do
	case $option in
	v) variant=$OPTARG ;;
	o) sum_file=$OPTARG ;;
	*) exit 2 ;;
	esac
done
shift $((OPTIND - 1))

# Sanitisers make a program slower, and the machine may be busy.
case $variant in
asan | tsan) : "${TEST_TIMEOUT:=900}" "${TEST_EFFORT:=10}" ;;
*) : "${TEST_TIMEOUT:=300}" "${TEST_EFFORT:=100}" ;;
esac
export TEST_EFFORT

# The sanitisers of gcc 12 and clang 14 want their shadow memory at places
# which a kernel that randomises more than 28 bits may have given away.
wrap=()
bits=$(cat /proc/sys/vm/mmap_rnd_bits 2>/dev/null || echo 32)
if [[ $variant == [at]san && $bits -gt 28 ]] &&
	setarch -R true 2>/dev/null; then
	wrap=(setarch -R)
fi

export CMOCKA_MESSAGE_OUTPUT=TAP
work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT

# What runs in the background does not hear Ctrl-C.
stop() {
	jobs -p | xargs -r kill 2>/dev/null
	wait
	exit "$1"
}
trap 'stop 130' INT
trap 'stop 143' TERM

# Print "passed failed skipped unspoken" of the TAP in file $1.  cmocka 1.1.5
# calls a skipped test "not ok N # SKIP name", newer ones "ok N # SKIP name".
count_tap() {
	awk '
		/^1\.\.[0-9]+/ { plan += substr($1, 4) }
		/^(not )?ok [0-9]+/ {
			if (/^(not )?ok [0-9]+ # SKIP/) skipped++
			else if (/^ok/) passed++
			else failed++
		}
		END {
			print passed + 0, failed + 0, skipped + 0, \
				plan - passed - failed - skipped
		}' "$1"
}

# run_program NUMBER PROGRAM: its output to NUMBER.out; then, in NUMBER.end, its
# exit status and how many seconds it took.
run_program() {
	local run=("${wrap[@]}" "$2")

	[[ $2 == *.sh ]] && run=(sh "$2")
	SECONDS=0
	timeout -k 5 "$TEST_TIMEOUT" "${run[@]}" </dev/null \
		>"$work/$1.out" 2>&1 &
	trap 'kill $!' TERM
	wait $!
	echo "$? $SECONDS" >"$work/$1.tmp"
	mv "$work/$1.tmp" "$work/$1.end"
}

# report NUMBER PROGRAM: what came of it, and count.
report() {
	local output=$work/$1.out name why='' rc seconds p f s unspoken

	name=$(basename "$2")
	read -r rc seconds <"$work/$1.end"
	read -r p f s unspoken < <(count_tap "$output")
	if (((rc == 124 || rc == 137) && seconds >= TEST_TIMEOUT)); then
		why="no end within $TEST_TIMEOUT s"
	elif ((rc > 128)); then
		why="killed by $(kill -l "$rc")"
	elif ((unspoken != 0)); then
		why="ended early: exit $rc, $unspoken tests missing"
	elif ((rc != 0 && f == 0)); then
		why="exit $rc"
	elif ((p + f + s == 0)); then
		why="ran no test"
	fi
	[[ -n $why ]] && ((f++))
	((passed += p, failed += f))
	if ((f == 0)); then
		printf '  ok      %-28s %3d passed%s, %d s\n' "$name" "$p" \
			"$( ((s)) && echo ", $s skipped")" "$seconds"
	else
		printf '  FAILED  %-28s %3d passed, %d failed%s, %d s\n' "$name" \
			"$p" "$f" "${why:+ ($why)}" "$seconds"
		# What a sanitiser says in the end may be long.
		{
			grep -a -E '^(not ok|ERROR|# )' "$output" | head -n 30
			grep -a -v -E '^(ok |not ok|ERROR|# |$)' "$output" |
				tail -n 30
		} | sed 's/^/    | /'
	fi
}

# Report those that have ended, up to the first that has not.
programs=("$@") reported=0
report_ended() {
	while [[ -e $work/$reported.end ]]; do
		report "$reported" "${programs[reported]}"
		((reported++))
	done
}

width=$(nproc)
for i in "${!programs[@]}"; do
	# The braces catch what bash itself says of a program that is killed.
	{ run_program "$i" "${programs[i]}"; } 2>/dev/null &
	while (($(jobs -rp | wc -l) >= width)); do
		wait -n
		report_ended
	done
done
wait
report_ended

[[ -n $sum_file ]] && echo "$passed passed, $failed failed" >"$sum_file"
echo "$passed passed, $failed failed"
((failed == 0 && passed > 0))
