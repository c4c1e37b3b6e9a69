#!/bin/bash
# calibrate.sh TABLE PROGRAM ARGUMENT [PROGRAM ARGUMENT]...
#
# Print what each PROGRAM says of its claims as one Markdown table, below it the
# machine and the date, and keep it in the file TABLE.  Exit status 1 if a claim
# does not hold.
set -u -o pipefail

table=$1 status=0
shift

{
	echo '| claim | how | trials | measured | required | ok |'
	echo '|---|---|---|---|---|---|'
} | tee "$table"
while (($# > 1)); do
	"$1" "$2" | tee -a "$table" || status=1
	shift 2
done
{
	echo
	echo "Measured with \`make calibrate${CALIBRATE_OPTIONS:+ $CALIBRATE_OPTIONS}\`" \
		"on $(date -u +%F):$(sed -n 's/^model name[^:]*://p' \
			/proc/cpuinfo | head -n 1), $(nproc) processors," \
		"Linux $(uname -r), load average" \
		"$(cut -d ' ' -f 1 /proc/loadavg) at the end."
} | tee -a "$table"
exit $status
