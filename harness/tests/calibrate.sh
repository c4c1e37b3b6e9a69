#!/bin/bash
# calibrate.sh - all that `make calibrate' measures, as one table.
#
#	calibrate.sh -o TABLE -s SETTINGS COMMAND...
#
# Each COMMAND prints rows.  They go below one head, and below them when and
# where this was, to standard output and into the file TABLE.  Exit status 1 if
# a claim does not hold.
set -u -o pipefail

table="" settings="" status=0
while getopts o:s: option; do
	case $option in
	o) table=$OPTARG ;;
	s) settings=$OPTARG ;;
	*) exit 2 ;;
	esac
done
shift $((OPTIND - 1))

tee "$table" <<-'EOF'
	| claim | how | trials | measured | required | ok |
	|---|---|---|---|---|---|
EOF
for command; do
	# Program and arguments, without blanks of their own.
	$command | tee -a "$table" || status=1
done

cpu=$(sed -n 's/^model name[^:]*: *//p' /proc/cpuinfo | head -n 1)
tee -a "$table" <<-EOF

	\`make calibrate $settings\` on $(date -u +%F):
	${cpu:-unknown processor}, $(nproc) processors, Linux $(uname -r),
	load average $(cut -d ' ' -f 1 /proc/loadavg) at the end.
EOF
exit $status
