#!/bin/sh
# The first minutes on a bare machine: make says in one line what is missing.

here=$(dirname "$0")
# shellcheck source=harness/tests/tap.sh
. "$here/tap.sh"

cd "$here/../.." || exit 1
bare=$(mktemp -d) || exit 1
trap 'rm -rf "$bare"' EXIT

# A PATH with make and the tools that every system has, and nothing else.
for tool in make sh awk sed tr cat rm find grep id env mkdir; do
	ln -s "$(command -v $tool)" "$bare/$tool"
done

# We may run below another make, which must not pass its options on to ours.
bare_make() {
	env -u MAKEFLAGS -u MFLAGS -u MAKELEVEL -u CC -u VARIANT PATH="$bare" \
		"$bare/make" BUILD="$bare/build" "$@" 2>&1
}

# has NAME TEXT WORD...: every WORD is in TEXT.
has() {
	name=$1
	text=$2
	shift 2
	for word in "$@"; do
		case $text in
		*"$word"*) ;;
		*)
			printf '# no "%s" in:\n%s\n' "$word" "$text"
			tap "$name" 1
			return
			;;
		esac
	done
	tap "$name" 0
}

got=$(bare_make)
status=$?
same "nothing there: exit status" 2 "$status"
same "nothing there: one line" 1 "$(echo "$got" | wc -l | tr -d ' ')"
has "nothing there: what, packages, and the way out" "$got" \
	"manyhands needs a C compiler (cc), pkg-config, hwloc, jansson, zlib" \
	"libcrypto" "apt-get install gcc libc6-dev pkg-config" \
	"libhwloc-dev libjansson-dev zlib1g-dev libssl-dev" \
	"make deps"
case $got in *cmocka*) false ;; *) true ;; esac
tap "cmocka is not needed to build" $?
has "but to test" "$(bare_make test)" "cmocka" "libcmocka-dev"

for goal in help clean; do
	got=$(bare_make $goal)
	tap "make $goal works with nothing there" $?
done
has "make help lists the targets" "$(bare_make help)" \
	"bench" "quick" "full" "report" "test" "check" "clean"
# "deps" is documented like all the others.
bare_make help | grep -q '^  deps  *install'
tap "make help lists deps" $?

got=$(bare_make deps)
same "make deps on an unknown system fails" 2 $?
has "and lists what to install" "$got" "no package manager known" \
	"libhwloc-dev" "cmocka" "gnuplot"

# A package manager that notes what it is asked, on a system without sudo.
printf '#!/bin/sh\necho "asked: $*"\n' >"$bare/dnf"
chmod +x "$bare/dnf"
rm "$bare/id"
printf '#!/bin/sh\necho 1000\n' >"$bare/id"
chmod +x "$bare/id"
got=$(bare_make deps)
same "make deps without root and sudo fails" 2 $?
has "and says what to do as root" "$got" "not root, and no sudo" \
	"with dnf:" "hwloc-devel"
printf '#!/bin/sh\necho "as root:"\n"$@"\n' >"$bare/sudo"
chmod +x "$bare/sudo"
got=$(bare_make deps)
same "make deps that changes nothing fails" 2 $?
has "and has asked with sudo" "$got" "deps: installing with dnf:" \
	"as root:" "asked: install -y gcc glibc-devel" "still not found"

# With all there, as on the machine that runs these tests, but a clang that has
# no fuzzer: make fuzz says which package would bring it.
mkdir "$bare/old"
printf '#!/bin/sh\nexit 1\n' >"$bare/old/clang"
chmod +x "$bare/old/clang"
got=$(env -u MAKEFLAGS -u MFLAGS -u MAKELEVEL PATH="$bare/old:$PATH" \
	make BUILD="$bare/build" fuzz 2>&1)
has "make fuzz without a fuzzer" "$got" "make fuzz needs clang" \
	"apt-get install clang libclang-rt-dev"

got=$(env -u MAKEFLAGS -u MAKELEVEL make VARIANT=fast 2>&1)
has "an unknown variant" "$got" 'no variant "fast"' "release debug asan tsan"

tap_end
