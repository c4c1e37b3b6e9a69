#!/bin/sh
# Requests per second of `manyhands serve' beside nginx, round by round.
#
#	bench/peers/nginx.sh [ROUNDS [SECONDS [WORKERS]]]
#
# nginx gives a fixed answer of 13 bytes, we run the task `nop' and answer with
# its times and digest.  Both have the same number of workers, the same client
# (wrk, one thread, 16 connections) and the same machine: in turn, so that a
# noisy neighbour disturbs both.  First with connections that are kept, then
# with one for each request.  Needs nginx and wrk (apt-get install nginx-light
# wrk); MANYHANDS names the program, MANYHANDS_SERVE more of its options.
set -eu

rounds=${1:-10}
seconds=${2:-3}
workers=${3:-2}
manyhands=${MANYHANDS:-build/manyhands}

for program in nginx wrk; do
	if ! command -v $program >/dev/null; then
		echo "nginx.sh: no $program here: apt-get install nginx-light wrk" >&2
		exit 3
	fi
done

dir=$(mktemp -d)
serve_pid=''
end() {
	[ ! -e "$dir/nginx.pid" ] || nginx -e "$dir/log" -c "$dir/conf" -s stop
	[ -z "$serve_pid" ] || kill "$serve_pid" 2>/dev/null || :
	wait
	rm -rf "$dir"
}
trap end EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

# It goes to the background by itself, once it listens.
start_nginx() {
	cat >"$dir/conf" <<-EOF
		worker_processes $workers;
		pid $dir/nginx.pid;
		error_log $dir/log;
		events { worker_connections 1024; }
		http {
			access_log off;
			keepalive_requests 1000000000;
			client_body_temp_path $dir/body;
			proxy_temp_path $dir/proxy;
			fastcgi_temp_path $dir/fastcgi;
			uwsgi_temp_path $dir/uwsgi;
			scgi_temp_path $dir/scgi;
			server {
				listen 127.0.0.1:$1;
				location / { return 200 "Hello, world!"; }
			}
		}
	EOF
	nginx -e "$dir/log" -c "$dir/conf" 2>/dev/null
}

# It has no way to say "any port": try until one is free.
nginx_port=20000
until start_nginx $nginx_port; do
	nginx_port=$((nginx_port + 1))
	if [ $nginx_port -gt 20020 ]; then
		cat "$dir/log" >&2
		exit 3
	fi
done

# The line `READY …' tells the port, once all workers are ready.
mkfifo "$dir/ready"
# shellcheck disable=SC2086
$manyhands serve --workers "$workers" --port 0 ${MANYHANDS_SERVE:-} \
	>"$dir/ready" &
serve_pid=$!
read -r ready <"$dir/ready"
serve_port=$(echo "$ready" | sed -n 's/^READY .*port=\([0-9]*\).*/\1/p')
[ -n "$serve_port" ]

# requests URL [HEADER]: a round; prints requests per second.
requests() {
	wrk -t1 -c16 -d"${seconds}s" ${2:+-H "$2"} "$1" >"$dir/wrk"
	if grep -q 'Non-2xx\|Socket errors' "$dir/wrk"; then
		grep 'Non-2xx\|Socket errors' "$dir/wrk" >&2
	fi
	sed -n 's/^Requests.sec: *//p' "$dir/wrk"
}

# compare NAME [HEADER]
compare() {
	i=0
	: >"$dir/rounds"
	while [ $i -lt "$rounds" ]; do
		a=$(requests "http://127.0.0.1:$nginx_port/" ${2:+"$2"})
		b=$(requests "http://127.0.0.1:$serve_port/task/nop" ${2:+"$2"})
		echo "$a $b" >>"$dir/rounds"
		i=$((i + 1))
	done
	awk -v name="$1" '
		{ a[NR] = $1; b[NR] = $2; r[NR] = $2 / $1 }
		function sort(x, i, j, t) {
			for (i = 2; i <= NR; i++)
				for (j = i; j > 1 && x[j - 1] > x[j]; j--) {
					t = x[j]; x[j] = x[j - 1]; x[j - 1] = t
				}
		}
		function median(x) {
			return (x[int((NR + 1) / 2)] + x[int(NR / 2) + 1]) / 2
		}
		END {
			sort(a); sort(b); sort(r)
			printf "%-26s nginx %8.0f/s  manyhands %8.0f/s  " \
				"ratio %.2f [%.2f ... %.2f] in %d rounds\n",
				name, median(a), median(b), median(r),
				r[1], r[NR], NR
		}' "$dir/rounds"
}

compare 'kept connections'
compare 'a connection per request' 'Connection: close'
