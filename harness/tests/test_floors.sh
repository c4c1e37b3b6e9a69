#!/bin/sh
# This tree keeps its floors; and floors.sh sees every kind of violation.

here=$(dirname "$0")
# shellcheck source=harness/tests/tap.sh
. "$here/tap.sh"

tree=$(mktemp -d) || exit 1
trap 'rm -rf "$tree"' EXIT

sh "$here/floors.sh" "$here/../.."
tap "this tree keeps its floors" $?

mkdir -p "$tree/harness/tests" "$tree/bench/cli" "$tree/bench/tests" \
	"$tree/bench/models" "$tree/bench/workloads" "$tree/bench/experiments" \
	"$tree/bench/peers" "$tree/bench/examples"
cat >"$tree/harness/floors" <<'EOF'
# floor module what
0	base	a
1	child	b
1	placement	c
2	model	d
2	task	e
3	slice	f
3	run,rows	g
4	report	h
EOF

# put FILE LINE...: write a file of the tree.
put() {
	file=$tree/$1
	shift
	printf '%s\n' "$@" >"$file"
}

for module in base child placement model task slice run rows report; do
	put "harness/$module.h" "/* $module */"
done
put harness/base.c '#include "harness/base.h"' \
	'void f(void) { fprintf(stderr, "x"); }'
put harness/placement_draw.c '#include "harness/placement_draw.h"' \
	'#include "harness/placement.h"' '#include "harness/base.h"' \
	'#include <hwloc.h>'
put harness/placement_draw.h '/* volatile printf(stdout) */'
put harness/task.c '#include "harness/model.h"' '#include "harness/task.h"' \
	'/* a comment: printf(stdout)' ' * volatile */' \
	'const char *s = "volatile \" stderr";' 'int q = snprintf(b, 1, "%d", 2);'
put harness/rows.c '#include "harness/run.h"'
put harness/run.c '#include "harness/rows.h"' '#include "harness/slice.h"' '#include "harness/task.h"'
put harness/report.c '#include "harness/run.h"' 'void r(void) { puts("x"); }'
put harness/tests/test_base.c '#include <assert.h>' \
	'#include "harness/report.h"' 'void r(void) { printf("x"); }'
put bench/models/pool.c '#include "harness/model.h"' \
	'#include "bench/models/pool_lane.h"'
put bench/models/pool_lane.h '#include "harness/child.h"'
put bench/models/pool_lane.c '#include "bench/models/pool_lane.h"'
put bench/models/pool_work.h '#include "bench/models/pool_lane.h"'
put bench/models/thread_per_task.c '#include "harness/task.h"'
put bench/models/thread_pool.c '#include "bench/models/thread_pool_lane.h"'
put harness/child.c 'int f(void) { return dup2(fd, STDERR_FILENO); }'
put bench/workloads/sort.c '#include "bench/workloads/digest.h"'
put bench/workloads/digest.h '#include "harness/base.h"'
put bench/peers/glib.c '#include "bench/peers/stint.h"' \
	'#include "bench/registry.def"' 'int x = puts("x");'
put bench/workloads/sort.h '/* sort */'
put bench/experiments/payload.c '#include "bench/workloads/sort.h"'
put bench/examples/mine.c '#include "harness/workload.h"'
put bench/main.c '#include "bench/registry.h"' '#include "bench/cli/cli.h"' \
	'#include "harness/report.h"' 'int m = puts("x");'
put bench/tests/test_pool.c '#include "bench/models/pool_lane.h"'

same "a tree in order passes" "" "$(sh "$here/floors.sh" "$tree" 2>&1)"

# sees NAME FILE LINE COMPLAINT: with only LINE in FILE, that is found.
sees() {
	kept=
	if [ -e "$tree/$2" ]; then
		kept=$(cat "$tree/$2")
	fi
	put "$2" '/* one */' "$3"
	got=$(sh "$here/floors.sh" "$tree" 2>&1)
	status=$?
	same "$1" "$2:$4 1" "$got $status"
	if [ -n "$kept" ]; then
		put "$2" "$kept"
	else
		rm "$tree/$2"
	fi
}

sees "a file that is not in the table" harness/extra.c 'int x;' \
	'1: is not in harness/floors'
sees "a module that includes a higher floor" harness/base.h \
	'#include "harness/child.h"' \
	'2: includes harness/child.h (floor 1) from floor 0'
sees "a mechanism that includes another one" harness/placement.h \
	'#include "harness/child.h"' \
	'2: includes harness/child.h (floor 1) from floor 1'
sees "a contract that includes who keeps it" harness/task.h \
	'#include "harness/slice.h"' \
	'2: includes harness/slice.h (floor 3) from floor 2'
sees "a module of floor 3 that includes a later one" harness/slice.h \
	' # include  "harness/run.h"' \
	'2: includes harness/run.h (floor 3) from floor 3'
sees "a harness file that includes bench" harness/report.h \
	'#include "bench/registry.h"' \
	'2: includes bench/registry.h: harness knows only harness/'
sees "a harness test that includes bench" harness/tests/test_base.c \
	'#include "bench/registry.h"' \
	'2: includes bench/registry.h: harness knows only harness/'
sees "an include without its folder" harness/slice.h '#include "base.h"' \
	'2: includes base.h: write it with its folder'
sees "a model that includes another one" bench/models/fork.c \
	'#include "bench/models/pool_lane.h"' \
	'2: includes bench/models/pool_lane.h: not its own'
sees "a model that includes one of a like name" bench/models/thread_per_task.c \
	'#include "bench/models/thread_pool_lane.h"' \
	'2: includes bench/models/thread_pool_lane.h: not its own'
sees "a model that includes a workload's header" bench/models/fork.c \
	'#include "bench/workloads/digest.h"' \
	'2: includes bench/workloads/digest.h: not its own'
sees "a model that includes floor 3" bench/models/fork.c \
	'#include "harness/slice.h"' \
	'2: includes harness/slice.h (floor 3): only floors 0 to 2'
sees "a peer that includes another one" bench/peers/glib.c \
	'#include "bench/peers/tbb.h"' \
	'2: includes bench/peers/tbb.h: not its own'
sees "a peer that includes floor 3" bench/peers/glib.c \
	'#include "harness/slice.h"' \
	'2: includes harness/slice.h (floor 3): only floors 0 to 2'
sees "an experiment that includes the command line" \
	bench/experiments/scaling.c '#include "bench/cli/cli.h"' \
	'2: includes bench/cli/cli.h: not its own'
sees "an experiment that includes what is no workload's" \
	bench/experiments/payload.c '#include "bench/workloads/digest.h"' \
	'2: includes bench/workloads/digest.h: not its own'
sees "a workload that includes floor 4" bench/workloads/sort.c \
	'#include "harness/report.h"' \
	'2: includes harness/report.h (floor 4): only floors 0 to 2'
sees "a command that includes a model" bench/cli/run.c \
	'#include "bench/models/pool_lane.h"' \
	'2: includes bench/models/pool_lane.h: goes round bench/registry.def'
sees "an example that needs more than the contract" bench/examples/mine.c \
	'#include "harness/base.h"' \
	'2: includes harness/base.h: only harness/workload.h'
sees "hwloc outside placement" harness/slice.h '#include <hwloc.h>' \
	'2: includes hwloc.h: only placement knows hwloc'
sees "hwloc in a model" bench/models/fork.c '#include <hwloc/linux.h>' \
	'2: includes hwloc/linux.h: only placement knows hwloc'
sees "assert.h outside tests" harness/report.h '#include <assert.h>' \
	'2: includes assert.h: CHECK() is never compiled out'
sees "volatile" bench/main.c 'static volatile int x;' \
	'2: volatile: use locks or stdatomic.h'
sees "a floor that prints with printf" harness/slice.c 'x = printf("%d", 1);' \
	'2: prints: only floor 4 and bench print'
sees "a floor that prints with perror" harness/child.c '	perror ("x");' \
	'2: prints: only floor 4 and bench print'
sees "a floor that prints to stderr" harness/run.h 'fputs("a", stderr);' \
	'2: names stdout or stderr: only floor 4 and bench print'
sees "a floor that writes to stderr" harness/child.c \
	'	(void)write(STDERR_FILENO, s, n);' \
	'2: prints: only floor 4 and bench print'
sees "a model that prints" bench/models/fork.c 'fprintf(stdout, "a");' \
	'2: names stdout or stderr: only floor 4 and bench print'
sees "code after a comment on its line" harness/slice.c \
	'/* a */ int f(void) { puts("/*"); } // b' \
	'2: prints: only floor 4 and bench print'

rm "$tree/harness/slice.h"
same "a row without a file" \
	"harness/floors:7: no file for module slice 1" \
	"$(sh "$here/floors.sh" "$tree" 2>&1) $(
		sh "$here/floors.sh" "$tree" >/dev/null 2>&1
		echo $?
	)"

tap_end
