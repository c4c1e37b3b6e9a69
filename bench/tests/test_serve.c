/*
 * `manyhands serve' as its users have it: pages, numbers, signals, errors.
 */
#include <ctype.h>
#include <inttypes.h>
#include <poll.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>
#include <jansson.h>

#include "bench/registry.h"
#include "bench/tests/program.h"
#include "bench/tests/talk.h"
#include "harness/assets.h"
#include "harness/base.h"

/* A task that takes about a minute. */
#define LONG "/task/primes?size=40000000000"
#define LONG_TASKS "--max-size 1000000 "

static struct talk_reply reply;

/* One request on a connection of its own. */
static int ask(uint16_t port, const char *target)
{
	int fd = talk_open(port, 0);

	talk_get(fd, target, &reply);
	close(fd);
	return reply.status;
}

static void answers_every_workload(void **state)
{
	uint16_t port;
	pid_t server = talk_start_server("--workers 2", &port);

	(void)state;
	for (size_t i = 0; i < n_workloads; i++) {
		const struct workload *w = workloads[i];
		char target[128], digest[64];
		json_t *o;

		snprintf(target, sizeof(target), "/task/%s", w->name);
		assert_int_equal(ask(port, target), 200);
		o = json_loads(reply.body, JSON_REJECT_DUPLICATES, NULL);
		assert_non_null(o);
		snprintf(digest, sizeof(digest), "%016" PRIx64, w->golden);
		assert_string_equal(
			json_string_value(json_object_get(o, "digest")),
			digest);
		assert_string_equal(
			json_string_value(json_object_get(o, "workload")),
			w->name);
		assert_int_equal(json_integer_value(json_object_get(o, "size")),
				 (json_int_t)w->default_size);
		json_decref(o);
	}
	talk_stop_server(server);
}

static void answers_pages(void **state)
{
	uint16_t port;
	pid_t server = talk_start_server("--workers 1 --policy herd", &port);
	int fd = talk_open(port, 0);
	json_t *o;

	(void)state;
	talk_get(fd, "/", &reply);
	assert_int_equal(reply.status, 200);
	assert_non_null(strstr(reply.head, "Content-Type: text/html; "));
	assert_string_equal(reply.body, asset_live_html);
	/* Without a network: nothing is fetched from anywhere else. */
	assert_null(strstr(reply.body, "//"));
	talk_get(fd, "/about", &reply);
	assert_non_null(strstr(reply.head, "Content-Type: application/json\r"));
	o = json_loads(reply.body, JSON_REJECT_DUPLICATES, NULL);
	assert_string_equal(json_string_value(json_object_get(o, "policy")),
			    "herd");
	assert_int_equal(json_array_size(json_object_get(o, "workloads")),
			 n_workloads);
	json_decref(o);
	talk_get(fd, "/ready", &reply);
	assert_string_equal(reply.body, "{\"worker\":0}\n");
	talk_say_text(fd, "HEAD / HTTP/1.1\r\nHost: a\r\n\r\n"
			  "HEAD /metrics HTTP/1.1\r\nHost: a\r\n\r\n"
			  "HEAD /events HTTP/1.0\r\n\r\n");
	talk_hear(fd, true, &reply);
	assert_int_equal(reply.n, strlen(asset_live_html));
	talk_hear(fd, true, &reply);
	assert_true(reply.n > 100);
	close(fd);
	assert_int_equal(ask(port, "/metrics/"), 404);
	assert_int_equal(ask(port, "/?"), 404);
	/* Refused by size: a thousand times the default is the limit. */
	assert_int_equal(ask(port, "/task/nop?size=1000"), 200);
	assert_int_equal(ask(port, "/task/nop?size=1001"), 422);
	assert_int_equal(ask(port, "/task/nop?close=1"), 200);
	assert_true(reply.close);
	talk_stop_server(server);
}

/* "name{worker="0"} 12.5": the value; fails if the line is not of that form. */
static double sample_value(const char *line, const char *family)
{
	const char *at = line + strlen(family);
	char *end;
	double value;

	if (strncmp(line, family, strlen(family)) != 0)
		fail_msg("not of %s: %s", family, line);
	if (*at == '{') {
		at++;
		assert_true(isalpha((unsigned char)*at) || *at == '_');
		at += strspn(at, "abcdefghijklmnopqrstuvwxyz_0123456789");
		assert_memory_equal(at, "=\"", 2);
		at += 2;
		/* Nothing that would have to be escaped. */
		at += strcspn(at, "\"\\");
		assert_memory_equal(at, "\"}", 2);
		at += 2;
	}
	assert_true(*at == ' ');
	value = strtod(at + 1, &end);
	if (end == at + 1 || *end != '\0')
		fail_msg("no number: %s", line);
	return value;
}

/*
 * Read the metrics as strictly as the format's description has it: each family
 * has one HELP and one TYPE, in this order, then all its samples.  Returns the
 * sum of the family @wanted.
 */
static double sum_of(char *text, const char *wanted)
{
	char family[128] = "", type[32] = "";
	char seen[4096] = "";
	double sum = -1;
	size_t n = strlen(text);

	assert_true(n > 0 && text[n - 1] == '\n');
	text[n - 1] = '\0';
	for (char *line; (line = strsep(&text, "\n"));) {
		double value;

		if (strncmp(line, "# HELP ", 7) == 0) {
			char name[130];

			assert_int_equal(sscanf(line, "# HELP %127s ", family),
					 1);
			assert_int_equal(
				strspn(family, "abcdefghijklmnopqrstuvwxyz_"),
				strlen(family));
			snprintf(name, sizeof(name), " %s ", family);
			if (strstr(seen, name))
				fail_msg("twice: %s", family);
			strcat(seen, name);
			type[0] = '\0';
			continue;
		}
		if (line[0] == '#') {
			char again[128];

			assert_int_equal(
				sscanf(line, "# TYPE %127s %31s", again, type),
				2);
			assert_string_equal(again, family);
			assert_true(strcmp(type, "gauge") == 0 ||
				    strcmp(type, "counter") == 0);
			continue;
		}
		assert_true(type[0] != '\0');
		value = sample_value(line, family);
		/* What only grows is named so. */
		assert_int_equal(strcmp(type, "counter") == 0,
				 strstr(family, "_total") != NULL);
		assert_true(value >= 0);
		if (strcmp(family, wanted) == 0)
			sum = (sum < 0 ? 0 : sum) + value;
	}
	if (sum < 0)
		fail_msg("no %s", wanted);
	return sum;
}

static double metric(uint16_t port, const char *wanted)
{
	assert_int_equal(ask(port, "/metrics"), 200);
	assert_non_null(strstr(reply.head,
			       "\r\nContent-Type: text/plain; version=0.0.4; "
			       "charset=utf-8\r\n"));
	return sum_of(reply.body, wanted);
}

static void counts_for_prometheus(void **state)
{
	uint16_t port;
	pid_t server = talk_start_server("--workers 3", &port);
	int fd = talk_open(port, 0);
	double requests, connections, busy;

	(void)state;
	requests = metric(port, "manyhands_requests_total");
	connections = metric(port, "manyhands_connections_total");
	busy = metric(port, "manyhands_busy_seconds_total");
	for (int i = 0; i < 5; i++)
		talk_get(fd, "/task/nop", &reply);
	talk_get(fd, "/task/primes", &reply);
	/* Our six, those that asked for the numbers, and this one not yet. */
	assert_true(metric(port, "manyhands_requests_total") == requests + 9);
	assert_true(metric(port, "manyhands_connections_total") ==
		    connections + 3);
	assert_true(metric(port, "manyhands_busy_seconds_total") > busy);
	assert_true(metric(port, "manyhands_connections") >= 1);
	assert_true(metric(port, "manyhands_up") == 3);
	assert_true(metric(port, "manyhands_info") == 1);
	assert_true(metric(port, "manyhands_respawns_total") == 0);
	assert_true(metric(port, "manyhands_wakeups_total") > 0);
	assert_true(metric(port, "manyhands_wasted_wakeups_total") >= 0);
	close(fd);
	talk_stop_server(server);
}

/* The next event of the stream @fd, which must be well formed. */
static json_t *next_event(int fd)
{
	static char text[65536];
	size_t n = 0;
	char *data;
	json_t *o;

	while (n < 2 || memcmp(text + n - 2, "\n\n", 2) != 0) {
		assert_true(n < sizeof(text) - 1);
		assert_int_equal(recv(fd, text + n, 1, 0), 1);
		n++;
	}
	text[n] = '\0';
	data = strstr(text, "\ndata: ");
	assert_non_null(data);
	o = json_loads(data + 7, JSON_REJECT_DUPLICATES, NULL);
	assert_non_null(o);
	return o;
}

/* Ask for the stream and read its head. */
static int open_stream(uint16_t port)
{
	int fd = talk_open(port, 0);
	char head[512] = "";
	size_t n = 0;

	talk_say_text(fd, "GET /events HTTP/1.1\r\nHost: a\r\n\r\n");
	while (!strstr(head, "\r\n\r\n")) {
		assert_true(n < sizeof(head) - 1);
		assert_int_equal(recv(fd, head + n++, 1, 0), 1);
	}
	assert_non_null(strstr(head, "HTTP/1.1 200 OK\r\n"));
	assert_non_null(strstr(head, "Content-Type: text/event-stream\r\n"));
	return fd;
}

static json_int_t number_of(json_t *event, size_t worker, const char *key)
{
	json_t *w = json_array_get(json_object_get(event, "workers"), worker);
	json_t *value = json_object_get(w, key);

	assert_true(json_is_integer(value));
	return json_integer_value(value);
}

/* Whatever the workers do: here there is one, and it is busy. */
static void streams_events(const char *options)
{
	uint16_t port;
	uint64_t deadline_ns = clock_ns() + 60 * NS_PER_S;
	char arguments[128];
	json_t *first, *second;
	int fd, busy;
	pid_t server;

	snprintf(arguments, sizeof(arguments),
		 LONG_TASKS "--workers 1 --drain-timeout 0 %s", options);
	server = talk_start_server(arguments, &port);
	fd = open_stream(port);
	first = next_event(fd);
	assert_int_equal(json_array_size(json_object_get(first, "workers")), 1);
	assert_true(number_of(first, 0, "pid") > 0);
	/* The stream is none of the worker's connections, as it soon says. */
	while (number_of(first, 0, "open") != 0) {
		assert_true(clock_ns() < deadline_ns);
		json_decref(first);
		first = next_event(fd);
	}
	busy = talk_open(port, 0);
	talk_say_text(busy, "GET " LONG " HTTP/1.1\r\nHost: a\r\n\r\n");
	second = next_event(fd);
	while (number_of(second, 0, "open") != 1) {
		assert_true(clock_ns() < deadline_ns);
		json_decref(second);
		second = next_event(fd);
	}
	assert_true(number_of(second, 0, "connections") >
		    number_of(first, 0, "connections"));
	json_decref(first);
	json_decref(second);
	close(busy);
	close(fd);
	assert_int_equal(kill(server, SIGTERM), 0);
	program_expect_exit(program_wait(server), 128 + SIGTERM);
	program_expect_alone();
}

static void streams_to_watchers(void **state)
{
	(void)state;
	streams_events("");
	streams_events("--policy block");
	streams_events("--policy ack");
}

static void serves_with_every_policy(void **state)
{
	static const char *const policies[] = {
		"exclusive", "herd", "block", "reuseport", "roundrobin", "ack"};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(policies); i++) {
		char arguments[64];
		uint16_t port;
		pid_t server;

		snprintf(arguments, sizeof(arguments),
			 "--workers 2 --policy %s", policies[i]);
		server = talk_start_server(arguments, &port);
		for (int k = 0; k < 20; k++)
			assert_int_equal(ask(port, "/task/nop"), 200);
		assert_int_equal(ask(port, "/about"), 200);
		assert_non_null(strstr(reply.body, policies[i]));
		talk_stop_server(server);
	}
}

/* An end in good order: what was begun is answered. */
static void drains(void **state)
{
	static const int signals[] = {SIGTERM, SIGINT};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(signals); i++) {
		uint16_t port;
		pid_t server = talk_start_server("--workers 1", &port);
		int idle = talk_open(port, 0);
		int half = talk_open(port, 0);

		talk_get(idle, "/task/nop", &reply);
		talk_get(half, "/task/nop", &reply);
		talk_say_text(half, "GET /task/nop HTTP/1.1\r\n");
		/* The byte has come if a later one of the same worker has. */
		assert_int_equal(ask(port, "/task/primes?size=20000000"), 200);
		assert_int_equal(kill(server, signals[i]), 0);
		talk_expect_end(idle);
		talk_say_text(half, "Host: a\r\n\r\n");
		talk_hear(half, false, &reply);
		assert_int_equal(reply.status, 200);
		assert_true(reply.close);
		close(half);
		program_expect_exit(program_wait(server), 0);
		program_expect_alone();
	}
}

/* What takes too long does not keep it; nor does anything, if asked twice. */
static void ends_at_last(void **state)
{
	(void)state;
	for (int twice = 0; twice < 2; twice++) {
		uint16_t port;
		pid_t server = talk_start_server(
			twice ? LONG_TASKS "--workers 2 --drain-timeout 3600"
			      : LONG_TASKS "--workers 2 --drain-timeout 1",
			&port);
		int watcher = open_stream(port);
		int busy = talk_open(port, 0);
		json_t *event;

		talk_say_text(busy, "GET " LONG " HTTP/1.1\r\nHost: a\r\n\r\n");
		for (json_int_t open = 0; open == 0; json_decref(event)) {
			event = next_event(watcher);
			open = number_of(event, 0, "open") +
			       number_of(event, 1, "open");
		}
		assert_int_equal(kill(server, SIGTERM), 0);
		/* The idle worker leaves, so the other has been told to. */
		for (int both = 1; twice && both; json_decref(event)) {
			event = next_event(watcher);
			both = number_of(event, 0, "pid") != 0 &&
			       number_of(event, 1, "pid") != 0;
		}
		if (twice)
			assert_int_equal(kill(server, SIGINT), 0);
		program_expect_exit(program_wait(server), 128 + SIGTERM);
		close(busy);
		close(watcher);
		program_expect_alone();
	}
}

/* Requests without end, until killed: exits with 1 at the first that fails. */
static pid_t start_load(uint16_t port, bool keep)
{
	pid_t pid = fork();

	assert_true(pid >= 0);
	if (pid > 0)
		return pid;
	for (int fd = -1;;) {
		if (fd < 0)
			fd = talk_open(port, 0);
		talk_get(fd, "/task/nop", &reply);
		/* The server may end a connection between two requests. */
		if (reply.status == 0 && keep) {
			close(fd);
			fd = talk_open(port, 0);
			talk_get(fd, "/task/nop", &reply);
		}
		if (reply.status != 200)
			_exit(1);
		if (reply.close || !keep) {
			close(fd);
			fd = -1;
		}
	}
}

static void restarts_without_a_failure(void **state)
{
	uint16_t port;
	pid_t server = talk_start_server("--workers 2", &port);
	pid_t loads[] = {start_load(port, true), start_load(port, false)};
	int watcher = open_stream(port);

	(void)state;
	for (int i = 1; i <= 5; i++) {
		json_t *event;

		assert_int_equal(kill(server, SIGHUP), 0);
		for (json_int_t least = 0; least < i; json_decref(event)) {
			event = next_event(watcher);
			least = number_of(event, 0, "respawns");
			if (number_of(event, 1, "respawns") < least)
				least = number_of(event, 1, "respawns");
		}
	}
	for (size_t i = 0; i < ARRAY_LEN(loads); i++) {
		int status;

		assert_int_equal(waitpid(loads[i], NULL, WNOHANG), 0);
		assert_int_equal(kill(loads[i], SIGKILL), 0);
		assert_int_equal(waitpid(loads[i], &status, 0), loads[i]);
		assert_true(WIFSIGNALED(status));
	}
	close(watcher);
	talk_stop_server(server);
}

/* A worker that is killed is said to be, and has a successor. */
static void replaces_the_dead(void **state)
{
	uint16_t port;
	pid_t server = talk_start_server("--workers 1", &port);

	(void)state;
	assert_int_equal(ask(port, "/task/nop"), 200);
	assert_int_equal(kill(program_child(server), SIGKILL), 0);
	program_await("stderr", 2);
	assert_int_equal(ask(port, "/task/nop"), 200);
	assert_true(metric(port, "manyhands_respawns_total") == 1);
	{
		char *said = program_read("stderr");

		assert_non_null(strstr(said, "signal:KILL"));
		assert_non_null(strstr(said, "worker 0"));
		free(said);
	}
	talk_stop_server(server);
}

static void leaves_nobody_behind(void **state)
{
	uint16_t port;
	pid_t server = talk_start_server("--workers 4", &port);
	int status;

	(void)state;
	assert_int_equal(ask(port, "/task/nop"), 200);
	assert_int_equal(kill(server, SIGKILL), 0);
	status = program_wait(server);
	assert_true(WIFSIGNALED(status));
	program_expect_alone();
}

static void refuses_in_one_line(void **state)
{
	static const struct program_misuse misuse[] = {
		{"serve --policy bogus", 2,
		 "unknown policy 'bogus'; one of: exclusive, herd, block, "
		 "reuseport, roundrobin, ack"},
		{"serve --host localhost", 2, "'localhost' is not an IPv4"},
		{"serve --host 256.0.0.1", 2, "'256.0.0.1' is not an IPv4"},
		{"serve --host ''", 2, "'' is not an IPv4"},
		{"serve --host 203.0.113.1", 3,
		 "203.0.113.1 is no address of this machine"},
		{"serve --port 65536", 2, "--port"},
		{"serve --port http", 2, "--port"},
		{"serve --workers 0", 2, "--workers"},
		{"serve --workers 1025", 2, "--workers"},
		{"serve --pin bogus", 2, "bogus"},
		{"serve --max-size 0", 2, "--max-size"},
		{"serve --connections 0", 2, "--connections"},
		{"serve --request-timeout 0", 2, "--request-timeout"},
		{"serve --idle-timeout 0", 2, "--idle-timeout"},
		{"serve --drain-timeout -1", 2, "--drain-timeout"},
		{"serve --bogus", 2, "unknown option '--bogus'"},
		{"serve now", 2, "'now'"},
	};
	uint16_t port;
	char again[64];
	struct program_misuse taken = {again, 3, "is in use"};
	pid_t server = talk_start_server("--workers 1", &port);

	(void)state;
	program_expect_misuse(misuse, ARRAY_LEN(misuse));
	snprintf(again, sizeof(again), "serve --port %u", port);
	program_expect_misuse(&taken, 1);
	talk_stop_server(server);
}

/* README.md has a row for each option, and no other. */
static void readme_has_every_option(void **state)
{
	char *help = program_output("\"$MANYHANDS\" serve --help", 0);
	char *text = program_output("sed -n '/^## Serve/,/^## [^S]/p' "
				    "\"$TREE/README.md\"",
				    0);
	size_t n_rows = 0, n_options = 0;

	(void)state;
	for (const char *at = help; (at = strstr(at, "--")); at += 2) {
		char row[128];

		if (strncmp(at, "--help", 6) == 0)
			continue;
		snprintf(row, sizeof(row), "\n| `%.*s", (int)strcspn(at, "=[ "),
			 at);
		if (!strchr(at, '=') || !islower((unsigned char)at[2]))
			continue;
		n_options++;
		if (!strstr(text, row))
			fail_msg("not in README.md: %s", row);
	}
	for (const char *at = text; (at = strstr(at, "\n| `--")); at++)
		n_rows++;
	assert_true(n_options > 5);
	assert_int_equal(n_rows, n_options);
	free(help);
	free(text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(answers_every_workload),
		cmocka_unit_test(answers_pages),
		cmocka_unit_test(counts_for_prometheus),
		cmocka_unit_test(streams_to_watchers),
		cmocka_unit_test(serves_with_every_policy),
		cmocka_unit_test(drains),
		cmocka_unit_test(ends_at_last),
		cmocka_unit_test(restarts_without_a_failure),
		cmocka_unit_test(replaces_the_dead),
		cmocka_unit_test(leaves_nobody_behind),
		cmocka_unit_test(refuses_in_one_line),
		cmocka_unit_test(readme_has_every_option),
	};

	return cmocka_run_group_tests(tests, program_setup, program_teardown);
}
