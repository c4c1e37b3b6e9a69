#!/bin/bash
# programs.sh xargs|parallel ... - a program for each task, as a peer.
#
# As people do it: a list of arguments on one side, a command with {} in it, as
# many at a time as there are workers.  The command is the one that our model
# exec runs.  What is at the ends of the pipe is `feed', see feed.c.  No task's
# stamps are used.
set -u

peers=$(dirname "$0")
tool=$1
shift

if ! command -v "$tool" >/dev/null; then
	echo "no $tool here" >&2
	exit 3
fi

if [ "$1" = probe ]; then
	# "xargs (GNU findutils) 4.9.0", "GNU parallel 20221122"
	"$tool" --version 2>&1 | sed -n '1s/.* //p'
	exit
fi

workload=$2 size=$3 workers=$4 task=$8
case $tool in
xargs) start=(xargs -P "$workers" -I '{}') ;;
parallel) start=(parallel --will-cite -j "$workers") ;;
esac

# Feed alone has the ends of the pipes: where they are now, an exec closes them.
coproc TOOL { exec "${start[@]}" "$task" '--record={}' "$workload" "$size" '{}'; }
exec "$peers/feed" "$@" <&"${TOOL[0]}" 3>&1 >&"${TOOL[1]}"
