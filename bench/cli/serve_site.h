/*
 * serve_site - what the workers of `serve' answer.
 *
 *	/task/<workload>  run a task       /ready    which worker is this?
 *	/                 the live page    /events   its numbers, as a stream
 *	/metrics          for Prometheus   /about    what there is
 */
#ifndef BENCH_CLI_SERVE_SITE_H
#define BENCH_CLI_SERVE_SITE_H

#include "bench/cli/serve_text.h"
#include "bench/cli/serve_watch.h"
#include "bench/models/cluster_desk.h"
#include "bench/models/cluster_peer.h"

struct serve_site {
	struct cluster_desk desk;
	const struct serve_facts *facts;
	const struct cluster_board *board;
	struct serve_watch watch;
	char *about; /* the text of GET /about … */
	size_t about_n;
};

/* The service of @site, which outlives it. */
struct cluster_service site_service(struct serve_site *site);

/* What the board knows of all workers, [facts->workers]; NULL: no memory. */
struct serve_worker *site_workers(const struct serve_site *site);

#endif
