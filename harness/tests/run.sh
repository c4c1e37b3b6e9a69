#!/bin/bash
# run.sh - run test programs one after another and count.
#
#	run.sh [-v VARIANT] [-o SUM_FILE] PROGRAM...
#
# A program speaks TAP, as cmocka does when asked.  One line a program; of one
# that failed also what it said.  What counts as failed, beside tests that say
# so: a program that crashed, did not end in TEST_TIMEOUT seconds, or ended
# before all the tests of its plan had their say.  The last line is the sum.
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
: "${TEST_TIMEOUT:=$(case $variant in asan | tsan) echo 600 ;; *) echo 180 ;; esac)}"

# The sanitisers of gcc 12 and clang 14 want their shadow memory at places
# which a kernel that randomises more than 28 bits may have given away.
wrap=()
bits=$(cat /proc/sys/vm/mmap_rnd_bits 2>/dev/null || echo 32)
if [[ $variant == [at]san && $bits -gt 28 ]] &&
	setarch -R true 2>/dev/null; then
	wrap=(setarch -R)
fi

export CMOCKA_MESSAGE_OUTPUT=TAP
output=$(mktemp) || exit 1
trap 'rm -f "$output"' EXIT

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

for program in "$@"; do
	name=$(basename "$program")
	run=("${wrap[@]}" "$program")
	[[ $program == *.sh ]] && run=(sh "$program")
	SECONDS=0
	# The braces catch what bash itself says of a program that is killed.
	{
		timeout -k 5 "$TEST_TIMEOUT" "${run[@]}" </dev/null \
			>"$output" 2>&1
	} 2>/dev/null
	rc=$?
	read -r p f s unspoken < <(count_tap "$output")
	why=
	if (((rc == 124 || rc == 137) && SECONDS >= TEST_TIMEOUT)); then
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
		printf '  ok      %-28s %3d passed%s\n' "$name" "$p" \
			"$( ((s)) && echo ", $s skipped")"
	else
		printf '  FAILED  %-28s %3d passed, %d failed%s\n' "$name" "$p" \
			"$f" "${why:+ ($why)}"
		grep -a -v '^ok ' "$output" | tail -n 40 | sed 's/^/    | /'
	fi
done

[[ -n $sum_file ]] && echo "$passed passed, $failed failed" >"$sum_file"
echo "$passed passed, $failed failed"
((failed == 0 && passed > 0))
