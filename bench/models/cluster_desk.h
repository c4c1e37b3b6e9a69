/*
 * cluster_desk - a worker's answers to what every cluster is asked.
 *
 * Tasks and /ready are the same whether the load generator asks or a browser;
 * what else there is, the owner of the desk knows.
 */
#ifndef BENCH_MODELS_CLUSTER_DESK_H
#define BENCH_MODELS_CLUSTER_DESK_H

#include <stdbool.h>

#include "bench/models/cluster_board.h"
#include "bench/models/cluster_http.h"
#include "harness/model.h"

struct cluster_desk {
	const struct job *job; /* its workload and size are the call's */
	struct http_menu menu;
	struct worker self; /* of worker_begin() */
};

/*
 * Answer @request, whose bytes are at @bytes, with one message to @out, and
 * say on @seat what is going on.  False: its path is not known here, and there
 * is no answer yet.
 */
bool desk_answer(const struct cluster_desk *d, struct cluster_seat *seat,
		 struct http_request *request, const char *bytes,
		 struct http_out *out);

#endif
