/*
 * serve - the cluster as a server of its own, for curl, wrk and a browser.
 *
 * This process is the primary: it watches over the workers, listens to signals
 * and tells those who watch; the workers answer (serve_site.c).
 */
#include <arpa/inet.h>
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "bench/cli/cli.h"
#include "bench/cli/serve_site.h"
#include "bench/models/cluster_primary.h"
#include "bench/registry.h"
#include "harness/base.h"
#include "harness/placement.h"
#include "harness/task.h"

/* Watchers get a new picture so often. */
#define TICK_NS (500 * NS_PER_MS)

/* Workers that are not ready by then never will be. */
#define READY_LIMIT_NS (30 * NS_PER_S)

struct serve_arguments {
	struct sockaddr_in address;
	const char *host; /* as it was given */
	uint32_t workers; /* 0: as many as there are processors */
	const struct cluster_policy *policy;
	const char *pin;
	uint64_t max_size;    /* times the default size */
	uint32_t connections; /* of each worker */
	uint64_t request_s, idle_s, task_s, drain_s;
};

struct server {
	struct serve_arguments a;
	struct job job;
	struct serve_facts facts;
	struct serve_site site;
	struct cluster_primary primary;
	int signals; /* signalfd(2) */
	bool ready;  /* and said so */

	uint64_t next_ns;  /* next tick */
	uint64_t short_ns; /* when a shortage was last complained of */
	uint32_t n_missed; /* workers that have died and have no successor */

	int signal;  /* that asked to end; 0: none */
	bool forced; /* not all workers ended in good order then */
};

enum key {
	KEY_MAX_SIZE = 256,
	KEY_CONNECTIONS,
	KEY_REQUEST,
	KEY_IDLE,
	KEY_TASK,
	KEY_DRAIN,
};

static const struct argp_option options[] = {
	{"workers", 'w', "N", 0, "worker processes (one a processor)", 0},
	{"port", 'p', "PORT", 0, "listen there; 0: any free one (8080)", 0},
	{"host", 'H', "ADDRESS", 0,
	 "IPv4 address to listen at; 0.0.0.0: all there are (127.0.0.1)", 0},
	{"policy", 'P', "NAME", 0,
	 "how connections come to workers: exclusive, herd, block, reuseport, "
	 "roundrobin or ack (exclusive)",
	 0},
	{"pin", 'i', "POLICY", 0,
	 "where workers run: compact, scatter, core, none or a CPU list (none)",
	 0},
	{"max-size", KEY_MAX_SIZE, "N", 0,
	 "refuse tasks of more than N times the default size (1000)", 0},
	{"connections", KEY_CONNECTIONS, "N", 0,
	 "of each worker at a time (1024)", 0},
	{"request-timeout", KEY_REQUEST, "SECONDS", 0,
	 "for a request to come whole, and for a client to read its answer (5)",
	 0},
	{"idle-timeout", KEY_IDLE, "SECONDS", 0,
	 "between the requests of a connection (30)", 0},
	{"task-timeout", KEY_TASK, "SECONDS", 0,
	 "kill a worker whose task takes longer; 0: never (60)", 0},
	{"drain-timeout", KEY_DRAIN, "SECONDS", 0,
	 "to end what was begun, after SIGTERM (5)", 0},
	{0},
};

static const struct cluster_policy *require_policy(const char *name)
{
	const struct cluster_policy *policy = cluster_policy_find(name);
	char list[256] = "";

	for (size_t i = 0; !policy && i < n_cluster_policies; i++) {
		strcat(list, i ? ", " : "");
		strcat(list, cluster_policies[i].name);
	}
	if (!policy)
		die(EXIT_USAGE, "--policy: unknown policy '%s'; one of: %s",
		    name, list);
	return policy;
}

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct serve_arguments *a = state->input;

	switch (key) {
	case 'w':
		a->workers = parse_workers(arg);
		return 0;
	case 'p':
		a->address.sin_port =
			htons((uint16_t)parse_number("--port", arg, 0, 65535));
		return 0;
	case 'H':
		if (inet_pton(AF_INET, arg, &a->address.sin_addr) != 1)
			die(EXIT_USAGE,
			    "--host: '%s' is not an IPv4 address, such as "
			    "127.0.0.1 or 0.0.0.0",
			    arg);
		a->host = arg;
		return 0;
	case 'P':
		a->policy = require_policy(arg);
		return 0;
	case 'i':
		a->pin = arg;
		return 0;
	case KEY_MAX_SIZE:
		a->max_size = parse_number("--max-size", arg, 1, 1000000000);
		return 0;
	case KEY_CONNECTIONS:
		a->connections = (uint32_t)parse_number("--connections", arg, 1,
							1000000);
		return 0;
	case KEY_REQUEST:
		a->request_s = parse_number("--request-timeout", arg, 1, 86400);
		return 0;
	case KEY_IDLE:
		a->idle_s = parse_number("--idle-timeout", arg, 1, 86400);
		return 0;
	case KEY_TASK:
		a->task_s = parse_number("--task-timeout", arg, 0, 86400);
		return 0;
	case KEY_DRAIN:
		a->drain_s = parse_number("--drain-timeout", arg, 0, 86400);
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

/* How a worker has ended, in words. */
static void complain_of_death(const struct primary_event *e)
{
	char how[64];

	(void)task_status_name(task_status_of_wait(e->wait_status), how,
			       sizeof(how));
	if (WIFEXITED(e->wait_status) && WEXITSTATUS(e->wait_status) == 0)
		strcpy(how, "exit:0");
	complain("worker %u, process %d, has ended: %s%s", e->index,
		 (int)e->pid, how,
		 e->was_late ? ", killed as it made no progress" : "");
}

/* What is worth a line: that something went wrong, and that it is well again. */
static void tell(void *arg, const struct primary_event *e)
{
	struct server *s = arg;

	switch (e->what) {
	case PRIMARY_READY:
		if (s->n_missed > 0) {
			s->n_missed--;
			complain("worker %u is process %d now", e->index,
				 (int)e->pid);
		}
		break;
	case PRIMARY_DIED:
		if (!e->was_asked)
			complain_of_death(e);
		s->n_missed += !e->was_asked;
		s->forced |= s->signal && e->wait_status != 0;
		break;
	case PRIMARY_GIVEN_UP:
		complain("worker %u keeps dying and is given up", e->index);
		break;
	case PRIMARY_SHORT:
		/* It may happen a thousand times a second. */
		if (clock_ns() - s->short_ns >= NS_PER_S)
			complain("a connection has to wait: %s",
				 strerror(e->error));
		s->short_ns = clock_ns();
		break;
	case PRIMARY_ROLLED:
		complain("every worker has a successor");
		break;
	case PRIMARY_STUCK:
		complain("a successor does not become ready: the workers "
			 "stay as they are");
		break;
	}
}

static void forget(void *arg)
{
	struct server *s = arg;

	watch_forget(&s->site.watch);
	(void)close(s->signals);
}

/* As many descriptors as we may have: each connection needs one. */
static void raise_limit(void)
{
	struct rlimit files;

	if (getrlimit(RLIMIT_NOFILE, &files) < 0)
		return;
	files.rlim_cur = files.rlim_max;
	(void)setrlimit(RLIMIT_NOFILE, &files); /* or with fewer */
}

static void prepare(struct server *s)
{
	const struct serve_arguments *a = &s->a;
	sigset_t signals;

	s->job = (struct job){.workers = a->workers, .depth = 1};
	s->job.placement = require_placement(a->pin, a->workers, NULL);
	s->facts = (struct serve_facts){
		.policy = a->policy->name,
		.policy_summary = a->policy->summary,
		.workers = a->workers,
		.workloads = workloads,
		.n_workloads = n_workloads,
		.max_size = a->max_size,
	};
	s->site.desk.job = &s->job;
	s->site.desk.menu =
		(struct http_menu){workloads, n_workloads, a->max_size, 0};
	s->site.facts = &s->facts;
	s->site.board = &s->primary.board;
	s->site.about = serve_about(&s->facts, &s->site.about_n);
	sigemptyset(&signals);
	sigaddset(&signals, SIGTERM);
	sigaddset(&signals, SIGINT);
	sigaddset(&signals, SIGHUP);
	CHECK(sigprocmask(SIG_BLOCK, &signals, NULL) == 0);
	s->signals = signalfd(-1, &signals, SFD_NONBLOCK | SFD_CLOEXEC);
	if (!s->site.about || s->signals < 0 || watch_open(&s->site.watch) < 0)
		die(EXIT_ENVIRONMENT, "serve: %s", strerror(errno));
	raise_limit();
}

static void open_primary(struct server *s)
{
	const struct serve_arguments *a = &s->a;
	struct cluster_options o = {
		.address = a->address,
		.policy = a->policy,
		.service = site_service(&s->site),
		.limits = {.connections = a->connections,
			   .request_ns = a->request_s * NS_PER_S,
			   .idle_ns = a->idle_s * NS_PER_S},
		.workers = a->workers,
		.run_limit_ns = a->task_s * NS_PER_S,
		.tell = tell,
		.forget = forget,
		.arg = s,
	};
	unsigned port = ntohs(a->address.sin_port);
	int r = primary_open(&s->primary, &o);

	if (r == -EADDRINUSE)
		die(EXIT_ENVIRONMENT,
		    "port %u is in use; --port 0 takes any that is free", port);
	if (r == -EACCES && port < 1024)
		die(EXIT_ENVIRONMENT,
		    "port %u is for root only; take one from 1024 on", port);
	if (r == -EADDRNOTAVAIL)
		die(EXIT_ENVIRONMENT, "%s is no address of this machine",
		    a->host);
	if (r < 0)
		die(EXIT_ENVIRONMENT, "cannot listen at %s, port %u: %s",
		    a->host, port, strerror(-r));
}

/* A line for programs that started us, and for whoever clicks on it. */
static void say_ready(struct server *s)
{
	unsigned port = ntohs(s->primary.address.sin_port);

	s->ready = true;
	printf("READY port=%u http://%s:%u/\n", port, s->a.host, port);
	(void)finish_output(0);
}

static _Noreturn void exit_at_once(struct server *s)
{
	primary_close(&s->primary);
	exit(128 + s->signal);
}

/* The first asks to end in good order, the second to end. */
static void take_signals(struct server *s)
{
	uint64_t grace_ns = s->a.drain_s * NS_PER_S;
	struct signalfd_siginfo info;

	while (read(s->signals, &info, sizeof(info)) == sizeof(info)) {
		if (info.ssi_signo != SIGHUP && !s->signal) {
			s->signal = (int)info.ssi_signo;
			primary_drain(&s->primary, grace_ns);
		} else if (info.ssi_signo != SIGHUP) {
			exit_at_once(s);
		} else if (!s->signal &&
			   primary_roll(&s->primary, grace_ns) < 0) {
			complain("SIGHUP: the workers are being replaced "
				 "already");
		}
	}
}

/* Show the workers to all who watch, if it is time. */
static void tick(struct server *s)
{
	uint64_t now_ns = clock_ns();
	struct serve_worker *workers;
	char *event = NULL;
	size_t n;

	if (watch_take(&s->site.watch) == 0 && now_ns < s->next_ns)
		return;
	s->next_ns = now_ns + TICK_NS;
	workers = site_workers(&s->site);
	if (workers)
		event = serve_event(&s->facts, workers, now_ns, &n);
	if (event)
		watch_tell(&s->site.watch, event, n);
	free(event);
	free(workers);
}

/* Wait until there is something to do. */
static void rest(const struct server *s)
{
	struct pollfd fds[] = {
		{.fd = s->primary.epoll, .events = POLLIN},
		{.fd = s->signals, .events = POLLIN},
		{.fd = s->site.watch.take, .events = POLLIN},
	};
	uint64_t until_ns = primary_deadline(&s->primary);

	if (s->site.watch.n > 0 && s->next_ns < until_ns)
		until_ns = s->next_ns;
	/* Whether it was interrupted: we look at everything anyway. */
	(void)poll(fds, ARRAY_LEN(fds), clock_poll_ms(until_ns));
}

/* Serve until told to end.  The exit code. */
static int loop(struct server *s)
{
	uint64_t ready_ns = clock_ns() + READY_LIMIT_NS;

	for (;;) {
		int r = primary_turn(&s->primary);

		if (r < 0)
			die(EXIT_ENVIRONMENT, "serve: %s", strerror(-r));
		take_signals(s);
		if (s->signal && s->primary.n_alive == 0)
			return s->forced ? 128 + s->signal : 0;
		if (s->primary.n_given_up == s->a.workers) {
			complain("no worker is left");
			return EXIT_ENVIRONMENT;
		}
		if (!s->ready && s->primary.n_ready == s->a.workers)
			say_ready(s);
		if (!s->ready && clock_ns() >= ready_ns) {
			complain("not all workers became ready");
			return EXIT_ENVIRONMENT;
		}
		tick(s);
		rest(s);
	}
}

int command_serve(int argc, char **argv)
{
	static const struct argp argp = {
		options,
		parse,
		NULL,
		"Run tasks for whoever asks, as a prefork HTTP server: "
		"GET /task/WORKLOAD?size=N&seed=S. Open / in a browser to see "
		"which worker answers.\vSIGTERM or Ctrl-C end it when all that "
		"was begun is answered, a second one at once; SIGHUP replaces "
		"the workers one by one. Nobody is asked for a password: "
		"think twice before you give an address of a network.",
		NULL,
		NULL,
		NULL};
	struct server s = {
		.a = {.address = {.sin_family = AF_INET},
		      .host = "127.0.0.1",
		      .pin = "none",
		      .max_size = 1000,
		      .connections = 1024,
		      .request_s = 5,
		      .idle_s = 30,
		      .task_s = 60,
		      .drain_s = 5},
	};
	int code;

	s.a.address.sin_port = htons(8080);
	s.a.address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	s.a.policy = cluster_policy_find("exclusive");
	parse_arguments(&argp, argc, argv, &s.a);
	if (s.a.workers == 0) {
		struct placement *p = require_placement("none", 1, NULL);

		s.a.workers = placement_usable_pus(p);
		placement_free(p);
	}
	prepare(&s);
	open_primary(&s);
	code = loop(&s);
	primary_close(&s.primary);
	watch_close(&s.site.watch);
	(void)close(s.signals);
	free(s.site.about);
	placement_free((struct placement *)s.job.placement);
	return finish_output(code);
}
