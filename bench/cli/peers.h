/*
 * peers - the programs of bench/peers/ from where the commands stand.
 */
#ifndef BENCH_CLI_PEERS_H
#define BENCH_CLI_PEERS_H

#include "harness/peer.h"
#include "harness/results.h"

/* The folder `peers' beside our program, and the program; or die. */
const struct peer_home *peers_home(void);

/*
 * What is known of each peer of the registry: [n_peers].  All are asked at the
 * first call, which takes a second; or die.
 */
const struct peer_state *peers_states(void);

/*
 * Enter in @info who is there, "node:fork 20.19.2; …", and who is not: "libuv: no
 * peers/libuv here (apt-get install libuv1-dev); …"; nothing if none was asked.
 */
void peers_note(struct run_info *info);

#endif
