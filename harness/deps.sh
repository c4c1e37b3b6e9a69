#!/bin/sh
# deps.sh - what manyhands needs from the system, and how to get it.
#
#	deps.sh missing WHEN...   one line if something needed for WHEN (build,
#	                          tests, plots, traces) is not there, else nothing
#	deps.sh install           install what is missing, say what is done
#
# CC in the environment is the compiler to be used.  This runs before anything
# is installed: a POSIX shell and its usual tools must do.

cc=${CC:-cc}

# One row a need: how it is called, when it is needed, and the packages that
# bring it.  Packages of one need are joined by `+', alternatives by `|'.
# llhttp stands behind all that a build or a test needs, so that the line for a
# person can end in its alternatives.
#
# need     when  apt dnf pacman zypper apk
table() {
	cat <<'EOF'
compiler   build gcc+libc6-dev gcc+glibc-devel gcc+glibc gcc+glibc-devel gcc+musl-dev
make       build make make make make make
pkg-config build pkg-config pkgconf-pkg-config pkgconf pkg-config pkgconf
hwloc      build libhwloc-dev hwloc-devel hwloc hwloc-devel hwloc-dev
jansson    build libjansson-dev jansson-devel jansson libjansson-devel jansson-dev
zlib       build zlib1g-dev zlib-devel zlib zlib-devel zlib-dev
libcrypto  build libssl-dev openssl-devel openssl libopenssl-devel openssl-dev
argp       build libc6-dev glibc-devel glibc glibc-devel argp-standalone
cmocka     tests libcmocka-dev libcmocka-devel cmocka libcmocka-devel cmocka-dev
llhttp     build libllhttp-dev|node-llhttp llhttp-devel llhttp llhttp-devel llhttp-dev
gnuplot    plots gnuplot-nox gnuplot gnuplot gnuplot gnuplot
strace     traces strace strace strace strace strace
font       plots fonts-liberation liberation-sans-fonts ttf-liberation liberation-fonts font-liberation
EOF
}

have() {
	command -v "$1" >/dev/null 2>&1
}

has_header() {
	printf '#include <%s>\n' "$1" | $cc -E - >/dev/null 2>&1
}

present() {
	case $1 in
	compiler) has_header stdlib.h ;;
	argp) has_header argp.h || ! present compiler ;;
	font) find /usr/share/fonts -iname '*liberation*' 2>/dev/null |
		grep -q . ;;
	make | pkg-config | gnuplot | strace) have "$1" ;;
	llhttp) pkg-config --exists libllhttp 2>/dev/null ||
		[ -e /usr/share/llhttp/llhttp.c ] ;;
	*) pkg-config --exists "$1" 2>/dev/null ;;
	esac
}

# The needs that are not met, of the kinds given.
missing() {
	table | while read -r need when _; do
		case " $* " in
		*" $when "*) present "$need" || echo "$need" ;;
		esac
	done
}

# The packages of manager $1 for the needs $2..., alternatives still in them.
packages() {
	manager=$1
	shift
	table | while read -r need _ apt dnf pacman zypper apk; do
		case " $* " in *" $need "*) ;; *) continue ;; esac
		case $manager in
		apt) echo "$apt" ;;
		dnf) echo "$dnf" ;;
		pacman) echo "$pacman" ;;
		zypper) echo "$zypper" ;;
		apk) echo "$apk" ;;
		esac
	done | tr '+' '\n' | awk '!seen[$0]++' | tr '\n' ' ' | sed 's/ $//'
}

say_missing() {
	needs=$(missing "$@" | tr '\n' ' ')
	[ -n "$needs" ] || return 0
	# shellcheck disable=SC2086 # a list of words
	printf 'manyhands needs %s: on Debian or Ubuntu: %s, or run: make deps\n' \
		"$(echo "$needs" | sed "s/ \$//; s/ /, /g; s/compiler/a C compiler ($cc)/")" \
		"apt-get install $(packages apt $needs | sed 's/|\(.*\)/ (or \1)/')"
}

# Run a command as root: as we are, with sudo, or not at all.
as_root() {
	echo "deps: $sudo$*"
	# shellcheck disable=SC2086 # empty, or the one word sudo
	$sudo "$@"
}

apt_knows() {
	apt-cache show --no-all-versions "$1" >/dev/null 2>&1
}

# Of alternatives joined by `|', the first that apt knows, else the last.
apt_choose() {
	for entry in "$@"; do
		while [ "$entry" != "${entry#*|}" ]; do
			if apt_knows "${entry%%|*}"; then
				entry=${entry%%|*}
			else
				entry=${entry#*|}
			fi
		done
		echo "$entry"
	done
}

# shellcheck disable=SC2086,SC2046 # lists of words
install_apt() {
	# A fresh system or container has no package lists, old lists name
	# packages that are gone: in both cases only an update helps.
	apt_knows libhwloc-dev || as_root apt-get update || return
	if ! as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y \
		--no-install-recommends $(apt_choose $1); then
		echo "deps: once more with new package lists"
		as_root apt-get update && as_root env \
			DEBIAN_FRONTEND=noninteractive apt-get install -y \
			--no-install-recommends $(apt_choose $1)
	fi
}

# shellcheck disable=SC2086 # lists of words
install_packages() {
	case $1 in
	apt) install_apt "$2" ;;
	dnf) as_root dnf install -y $2 ;;
	pacman) as_root pacman -Sy --needed --noconfirm $2 ;;
	zypper) as_root zypper --non-interactive install $2 ;;
	apk) as_root apk add $2 ;;
	esac
}

find_manager() {
	for m in apt dnf pacman zypper apk; do
		case $m in apt) have apt-get ;; *) have $m ;; esac &&
			echo $m && return
	done
}

install_missing() {
	needs=$(missing build tests plots traces | tr '\n' ' ')
	if [ -z "$needs" ]; then
		echo "deps: all dependencies are present"
		return
	fi
	echo "deps: missing: $needs"
	manager=$(find_manager)
	if [ -z "$manager" ]; then
		echo "deps: no package manager known here; please install:"
		table | while read -r need _ apt _; do
			case " $needs " in
			*" $need "*) echo "  $need (Debian: $apt)" ;;
			esac
		done | sed 's/|/ or /; s/+/ and /'
		return 1
	fi
	# shellcheck disable=SC2086 # a list of words
	wanted=$(packages "$manager" $needs)
	sudo=
	if [ "$(id -u)" != 0 ]; then
		if ! have sudo; then
			echo "deps: not root, and no sudo; as root, please" \
				"install with $manager: $wanted"
			return 1
		fi
		sudo='sudo '
	fi
	echo "deps: installing with $manager: $wanted"
	install_packages "$manager" "$wanted" || return
	left=$(missing build tests plots traces | tr '\n' ' ')
	if [ -n "$left" ]; then
		echo "deps: installed, but still not found: $left"
		return 1
	fi
	echo "deps: all dependencies are present now"
}

case $1 in
missing)
	shift
	say_missing "$@"
	;;
install) install_missing ;;
*)
	echo "usage: deps.sh missing WHEN... | install" >&2
	exit 2
	;;
esac
