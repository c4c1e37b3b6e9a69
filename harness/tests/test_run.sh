#!/bin/sh
# run.sh believes no program that did not prove that its tests passed.

here=$(dirname "$0")
# shellcheck source=harness/tests/tap.sh
. "$here/tap.sh"

dir=$(mktemp -d) || exit 1
trap 'rm -rf "$dir"' EXIT

# sums NAME WANTED BODY: a program of BODY makes a last line and status WANTED.
sums() {
	printf '#!/bin/sh\n%s\n' "$3" >"$dir/program.sh"
	got=$(TEST_TIMEOUT=${limit:-20} bash "$here/run.sh" -o "$dir/sum" \
		"$dir/program.sh" 2>&1)
	status=$?
	same "$1" "$2" "$(echo "$got" | tail -n 1), exit $status"
	same "$1, written down" "${2%, exit*}" "$(cat "$dir/sum")"
}

# says NAME TEXT: the last program's output, as shown, has TEXT.
says() {
	echo "$got" | grep -q -F -e "$2"
	tap "$1" $?
}

sums "all tests pass" "2 passed, 0 failed, exit 0" \
	'echo 1..2; echo "ok 1 - a"; echo "ok 2 - b"'
sums "a test fails" "1 passed, 1 failed, exit 1" \
	'echo 1..2; echo "ok 1 - a"; echo "not ok 2 - b"; echo "# why"; exit 1'
says "the reason is shown" "# why"
says "what passed is not" "FAILED  program.sh"
sums "a test is skipped" "1 passed, 0 failed, exit 0" \
	'echo 1..2; echo "ok 1 - a"; echo "not ok 2 # SKIP b"'
says "skipping is told" "1 skipped"
sums "everything passes but the exit status" "1 passed, 1 failed, exit 1" \
	'echo 1..1; echo "ok 1 - a"; exit 23'
says "the exit status is told" "exit 23"
sums "a crash in the middle" "1 passed, 1 failed, exit 1" \
	'echo 1..2; echo "ok 1 - a"; kill -SEGV $$'
says "the signal is told" "killed by SEGV"
sums "a killing of its whole group" "1 passed, 1 failed, exit 1" \
	'echo 1..2; echo "ok 1 - a"; kill -KILL 0'
says "the signal is told, not a limit" "killed by KILL"
sums "a clean exit in the middle" "1 passed, 1 failed, exit 1" \
	'echo 1..2; echo "ok 1 - a"; exit 0'
sums "more tests than planned" "2 passed, 1 failed, exit 1" \
	'echo 1..1; echo "ok 1 - a"; echo "ok 1 - a"'
sums "no test at all" "0 passed, 1 failed, exit 1" 'exit 0'
limit=1
sums "a hang" "1 passed, 1 failed, exit 1" \
	'echo 1..2; echo "ok 1 - a"; sleep 60'
says "the limit is told" "no end within 1 s"

# shellcheck disable=SC2016 # it is the program that is to read it
for effort in asan:10 tsan:10 release:100; do
	printf '#!/bin/sh\necho 1..1\n[ "$TEST_EFFORT" = %s ] && echo "ok 1"\n' \
		"${effort#*:}" >"$dir/program.sh"
	env -u TEST_EFFORT bash "$here/run.sh" -v "${effort%:*}" \
		"$dir/program.sh" >/dev/null
	tap "effort of ${effort%:*}" $?
done

got=$(bash "$here/run.sh" "$dir/absent" 2>&1)
says "a program that is not there" "0 passed, 1 failed"

tap_end
