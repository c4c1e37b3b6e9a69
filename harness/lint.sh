#!/bin/sh
# lint.sh FILE FLAG... - look for mistakes in one C file, compiled with FLAGs.
#
# With clang-tidy, as .clang-tidy says, or if there is none with cppcheck.
# Our headers are checked where they are included.  Prints what it found,
# nothing else; exit status 1 if there was anything.

file=$1
shift

if command -v clang-tidy >/dev/null 2>&1; then
	# Tests make up numbers and broken strings as they need them.
	case $file in
	*/tests/*)
		set -- --checks=-cert-err34-c,-bugprone-integer-division,\
-bugprone-not-null-terminated-result,-bugprone-suspicious-missing-comma \
			"$file" -- "$@"
		;;
	*) set -- "$file" -- "$@" ;;
	esac
	found=$(clang-tidy --quiet "$@" -include harness/tests/lint.h 2>&1)
	status=$?
	echo "$found" | grep -v -e '^[0-9]* warnings\{0,1\} generated' \
		-e '^Suppressed ' -e '^Use -header-filter' -e '^$'
	exit $status
fi

if command -v cppcheck >/dev/null 2>&1; then
	# Its guesses across functions (ctu) miss that outputs are outputs.
	exec cppcheck --quiet --error-exitcode=1 --std=c11 -I. -D_GNU_SOURCE \
		--enable=performance,portability --suppress=ctuuninitvar "$file"
fi

echo "lint.sh needs clang-tidy or cppcheck: on Debian or Ubuntu:" \
	"apt-get install clang-tidy" >&2
exit 1
