# tap.sh - for the test scripts beside it: say in TAP how each test went.
# shellcheck shell=sh

tap_n=0
tap_failed=0

# tap NAME STATUS: count a test; it passed if STATUS is 0.
tap() {
	tap_n=$((tap_n + 1))
	if [ "$2" -eq 0 ]; then
		echo "ok $tap_n - $1"
	else
		echo "not ok $tap_n - $1"
		tap_failed=$((tap_failed + 1))
	fi
}

# same NAME WANTED GOT: the two texts are equal.
same() {
	if [ "$2" = "$3" ]; then
		tap "$1" 0
	else
		printf '# wanted:\n%s\n# got:\n%s\n' "$2" "$3"
		tap "$1" 1
	fi
}

# The plan comes last, so that a script that broke off is found out.
tap_end() {
	echo "1..$tap_n"
	[ "$tap_failed" -eq 0 ]
}
