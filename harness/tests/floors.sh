#!/bin/sh
# floors.sh [TREE] - check that every file includes only what stands below it.
#
# The floors are those of harness/floors, which also says the rule.  Some other
# rules of the house that a grep can check are checked on the way.  Prints
# "FILE:LINE: what" for each violation; exit status 1 if there was any.

cd "${1:-.}" || exit 2
if [ ! -r harness/floors ]; then
	echo "floors.sh: no harness/floors here" >&2
	exit 2
fi

files=$(find harness bench -name '*.[ch]' | LC_ALL=C sort)

# shellcheck disable=SC2086 # a list of file names without spaces
awk '
function complain(what)
{
	print FILENAME ":" FNR ": " what
	bad = 1
}

# The module of harness file "placement_draw": the longest row it begins with.
function module_of(stem)
{
	while (!(stem in named) && sub(/_[^_]*$/, "", stem))
		;
	return stem in named ? named[stem] : ""
}

function stem_of(path)
{
	sub(/.*\//, "", path)
	sub(/\.[a-z]*$/, "", path)
	return path
}

function begins(s, prefix)
{
	return substr(s, 1, length(prefix)) == prefix
}

# Code alone: the line without comments, and without what is in strings.
function strip(line,    out, at, two)
{
	gsub(/\\./, "", line)
	out = ""
	while (line != "") {
		if (in_comment) {
			at = index(line, "*/")
			if (!at)
				return out
			line = substr(line, at + 2)
			in_comment = 0
			continue
		}
		two = substr(line, 1, 2)
		if (two == "//")
			return out
		if (two == "/*") {
			in_comment = 1
			line = substr(line, 3)
		} else if (match(line, /^"[^"]*"/) ||
			   match(line, /^\047[^\047]*\047/)) {
			out = out " _ "
			line = substr(line, RLENGTH + 1)
		} else {
			out = out substr(line, 1, 1)
			line = substr(line, 2)
		}
	}
	return out
}

# May harness file of module @from include harness file of module @to?
function may_include(from, to)
{
	if (from == to || floor[to] < floor[from])
		return 1
	if (floor[to] > floor[from] || floor[from] == 1)
		return 0
	return floor[from] == 2 || row[to] < row[from]
}

function check_harness(header,    to)
{
	if (header !~ /^harness\//) {
		complain("includes " header ": harness knows only harness/")
		return
	}
	to = module_of(stem_of(header))
	if (module != "" && to != "" && !may_include(module, to))
		complain("includes " header " (floor " floor[to] \
			 ") from floor " floor[module])
}

# The model to which part "cluster_http" in @dir belongs: the shortest beginning
# of its name that is a model.
function family_of(dir, stem,    n, parts, i, name)
{
	n = split(stem, parts, "_")
	name = parts[1]
	for (i = 2; i <= n && !((dir name ".c") in exists); i++)
		name = name "_" parts[i]
	return name
}

# Models, workloads and experiments: contracts, mechanisms and their own.
function check_part(header,    to, other, dir)
{
	if (place == "peers" && header == "bench/registry.def")
		return # a program of its own, with our workloads in it
	if (header ~ /^harness\//) {
		to = module_of(stem_of(header))
		if (to != "" && floor[to] > 2)
			complain("includes " header " (floor " floor[to] \
				 "): only floors 0 to 2")
		return
	}
	dir = FILENAME
	sub(/[^\/]*$/, "", dir)
	other = stem_of(header)
	if (begins(header, dir) &&
	    (family_of(dir, other) == family_of(dir, stem) ||
	     (place == "workloads" && other == "digest") ||
	     (place == "peers" && other == "stint")))
		return
	if (place == "experiments" && header ~ /^bench\/workloads\// &&
	    ("bench/workloads/" other ".c") in exists)
		return
	complain("includes " header ": not its own")
}

function check_include(header)
{
	if (header !~ /\//)
		complain("includes " header ": write it with its folder")
	else if (place ~ /^harness/)
		check_harness(header)
	else if (place ~ /^(models|workloads|experiments|peers)$/)
		check_part(header)
	else if (place == "examples" && header != "harness/workload.h")
		complain("includes " header ": only harness/workload.h")
	else if (place == "bench" && stem ~ /^serve/ && header ~ /^bench\/models\/cluster_/)
		return
	else if (place == "bench" && header !~ /^(harness|bench|bench\/cli)\/[^\/]*$/)
		complain("includes " header ": goes round bench/registry.def")
}

BEGIN {
	for (i = 1; i < ARGC; i++)
		exists[ARGV[i]] = 1
}

FILENAME == "harness/floors" {
	if ($0 !~ /^#/ && NF) {
		n = split($2, names, ",")
		for (i = 1; i <= n; i++)
			named[names[i]] = $2
		floor[$2] = $1
		row[$2] = FNR
	}
	next
}

FNR == 1 {
	in_comment = 0
	stem = stem_of(FILENAME)
	module = ""
	if (FILENAME ~ /\/tests\//)
		place = FILENAME ~ /^harness/ ? "harness tests" : "tests"
	else if (FILENAME ~ /^harness\//)
		place = "harness"
	else if (FILENAME ~ /^bench\/(models|workloads|experiments|peers|examples)\//)
		place = folder_of(FILENAME)
	else
		place = "bench"
	if (place == "harness") {
		module = module_of(stem)
		if (module == "")
			complain("is not in harness/floors")
		seen[module] = 1
	}
	quiet = place ~ /^(models|workloads|experiments)$/ ||
		(module != "" && floor[module] <= 3 && stem != "base")
}

# "models" of bench/models/fork.c.
function folder_of(path)
{
	sub(/^bench\//, "", path)
	sub(/\/.*/, "", path)
	return path
}

/^[ \t]*#[ \t]*include[ \t]*[<"]/ {
	header = $0
	sub(/^[^<"]*[<"]/, "", header)
	sub(/[>"].*/, "", header)
	if ($0 ~ /include[ \t]*"/) {
		check_include(header)
	} else if (header == "assert.h" && place !~ /tests/) {
		complain("includes assert.h: CHECK() is never compiled out")
	} else if (header ~ /^hwloc/ && place !~ /tests/ &&
		   module != "placement") {
		complain("includes " header ": only placement knows hwloc")
	}
	next
}

{
	code = " " strip($0) " "
	if (code ~ /[^A-Za-z0-9_]volatile[^A-Za-z0-9_]/)
		complain("volatile: use locks or stdatomic.h")
	if (quiet && code ~ /[^A-Za-z0-9_](stdout|stderr)[^A-Za-z0-9_]/)
		complain("names stdout or stderr: only floor 4 and bench print")
	else if (quiet && code ~ /[^A-Za-z0-9_](v?printf|puts|putchar|perror|psignal|warnx?|errx?)[ \t]*\(/ ||
		 quiet && code ~ /[^A-Za-z0-9_](write|dprintf)[ \t]*\([ \t]*([12]|STDOUT_FILENO|STDERR_FILENO)[ \t]*,/)
		complain("prints: only floor 4 and bench print")
}

END {
	FILENAME = "harness/floors"
	for (module in floor) {
		FNR = row[module]
		if (!(module in seen))
			complain("no file for module " module)
	}
	exit bad
}' harness/floors $files
