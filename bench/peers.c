/*
 * peers - what people would otherwise use: the rows that bench/registry.def
 * names.  Their programs are in bench/peers/; the contract is harness/peer.h.
 */
#include "harness/base.h"
#include "harness/model.h"
#include "harness/peer.h"

#define NODE "apt-get install nodejs"

/*
 * Until what is called for each task has been compiled: without a rest from us,
 * node:fork gets twice to four times faster in its first second.
 */
#define NODE_SETTLE_NS (1 * NS_PER_S)

/* Its workers must be there. */
#define PYTHON_SETTLE_NS (200 * NS_PER_MS)

/* What other languages can compute, too. */
static const char *const everybodys[] = {"nop", "pbkdf2", NULL};

/* The words of a command. */
#define COMMAND(...) ((const char *const[]){__VA_ARGS__, NULL})

const struct peer peer_openmp = {
	.name = "openmp",
	.summary = "#pragma omp task, with the libgomp of gcc",
	.traits = MODEL_THREAD,
	.command = COMMAND("peers/openmp"),
	.package = "a gcc with libgomp, then make",
};

const struct peer peer_tbb = {
	.name = "tbb",
	.summary = "oneTBB: task_group::run() and wait()",
	.traits = MODEL_THREAD,
	.command = COMMAND("peers/tbb"),
	.package = "apt-get install g++ libtbb-dev, then make",
};

const struct peer peer_glib = {
	.name = "glib",
	.summary = "GLib: g_thread_pool_push()",
	.traits = MODEL_THREAD,
	.command = COMMAND("peers/glib"),
	.package = "apt-get install libglib2.0-dev, then make",
};

const struct peer peer_libuv = {
	.name = "libuv",
	.summary = "libuv: uv_queue_work()",
	.traits = MODEL_THREAD,
	.command = COMMAND("peers/libuv"),
	.package = "apt-get install libuv1-dev, then make",
};

const struct peer peer_node_worker_threads = {
	.name = "node:worker_threads",
	.summary = "Node.js: worker_threads and postMessage()",
	.traits = MODEL_THREAD,
	.command = COMMAND("node", "peers/node_worker_threads.js"),
	.workloads = everybodys,
	.minimum = "18",
	.package = NODE,
	.settle_ns = NODE_SETTLE_NS,
};

const struct peer peer_node_piscina = {
	.name = "node:piscina",
	.summary = "Node.js: a pool of worker_threads from the package piscina",
	.traits = MODEL_THREAD,
	.command = COMMAND("node", "peers/node_piscina.js"),
	.workloads = everybodys,
	.minimum = "4",
	.package = "npm install piscina",
	.settle_ns = NODE_SETTLE_NS,
};

const struct peer peer_node_fork = {
	.name = "node:fork",
	.summary = "Node.js: child_process.fork() and send()",
	.traits = MODEL_PROCESS,
	.command = COMMAND("node", "peers/node_fork.js"),
	.workloads = everybodys,
	.minimum = "18",
	.package = NODE,
	.settle_ns = NODE_SETTLE_NS,
};

const struct peer peer_node_cluster = {
	.name = "node:cluster",
	.summary = "Node.js: cluster, HTTP with connections that are kept",
	.traits = MODEL_PROCESS | MODEL_NETWORK,
	.command = COMMAND("node", "peers/node_cluster.js"),
	.workloads = everybodys,
	.minimum = "18",
	.package = NODE,
	.settle_ns = NODE_SETTLE_NS,
};

const struct peer peer_node_spawn = {
	.name = "node:spawn",
	.summary = "Node.js: child_process.spawn() of a program for each task",
	.traits = MODEL_PROCESS | MODEL_PER_TASK | MODEL_PROGRAM,
	.command = COMMAND("node", "peers/node_spawn.js"),
	.minimum = "18",
	.package = NODE,
	.settle_ns = NODE_SETTLE_NS,
};

const struct peer peer_python_pool = {
	.name = "python:pool",
	.summary = "Python: multiprocessing.Pool.imap_unordered()",
	.traits = MODEL_PROCESS,
	.command = COMMAND("python3", "peers/python_pool.py"),
	.workloads = everybodys,
	.minimum = "3.7",
	.package = "apt-get install python3",
	.settle_ns = PYTHON_SETTLE_NS,
};

const struct peer peer_python_executor = {
	.name = "python:executor",
	.summary = "Python: concurrent.futures.ProcessPoolExecutor",
	.traits = MODEL_PROCESS,
	.command = COMMAND("python3", "peers/python_executor.py"),
	.workloads = everybodys,
	.minimum = "3.7",
	.package = "apt-get install python3",
	.settle_ns = PYTHON_SETTLE_NS,
};

const struct peer peer_xargs = {
	.name = "xargs",
	.summary = "xargs -P: a program for each task",
	.traits = MODEL_PROCESS | MODEL_PER_TASK | MODEL_PROGRAM,
	.command = COMMAND("bash", "peers/programs.sh", "xargs"),
	.package = "apt-get install findutils",
};

const struct peer peer_parallel = {
	.name = "parallel",
	.summary = "GNU parallel: a program for each task",
	.traits = MODEL_PROCESS | MODEL_PER_TASK | MODEL_PROGRAM,
	.command = COMMAND("bash", "peers/programs.sh", "parallel"),
	.package = "apt-get install parallel",
};
