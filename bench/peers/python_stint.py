"""python_stint - the closed loop that all peers in Python have in common: which
tasks, how long, and the account of them.  See harness/peer.h."""

import hashlib
import json
import sys
import time

SEEDS = 4
SETTLE_TASKS = 10  # for each worker, before the window
MASK = (1 << 64) - 1


def mix(x):
    x = x + 0x9E3779B97F4A7C15 & MASK
    x = (x ^ x >> 30) * 0xBF58476D1CE4E5B9 & MASK
    x = (x ^ x >> 27) * 0x94D049BB133111EB & MASK
    return x ^ x >> 31


def nop(size, seed):
    return mix(mix(seed) ^ size)


def pbkdf2(size, seed):
    key = hashlib.pbkdf2_hmac("sha256", b"%d" % seed, b"manyhands", size, 32)
    return int.from_bytes(key[:8], "big")


WORKLOADS = {"nop": nop, "pbkdf2": pbkdf2}


def task(arguments):
    """What a worker runs: from (workload, size, seed) to (seed, digest)."""
    workload, size, seed = arguments
    return seed, WORKLOADS[workload](size, seed)


class Stint:
    def __init__(self, workload, size, workers, depth, settle_ns, window_ns, _):
        self.workload = workload
        self.size = int(size)
        self.workers = int(workers)
        self.in_flight = self.workers * int(depth)
        self.settled_ns = time.monotonic_ns() + int(settle_ns)
        self.window_ns = int(window_ns)
        self.handed_out = 0
        self.done = 0
        self.begin_ns = 0  # of the window; 0: not yet
        self.over = False
        self.seeds = [["", 0, 0] for _ in range(SEEDS)]

    def next(self):
        """The arguments of the next task."""
        self.handed_out += 1
        return self.workload, self.size, (self.handed_out - 1) % SEEDS + 1

    def note(self, seed, digest):
        """A task has ended."""
        account = self.seeds[seed - 1]
        if account[1] == 0:
            account[0] = digest
        account[1] += 1
        account[2] += digest != account[0]
        self.done += 1
        if not self.over:
            self.look(time.monotonic_ns())

    def look(self, now):
        if self.begin_ns == 0:
            if (now >= self.settled_ns
                    and self.done >= SETTLE_TASKS * self.workers):
                self.begin_ns = now
                self.done_before = self.done
        elif now >= self.begin_ns + self.window_ns:
            self.end_ns = now
            self.tasks = self.done - self.done_before
            self.over = True

    def print(self):
        print(json.dumps({
            "tasks": self.tasks,
            "window_ns": self.end_ns - self.begin_ns,
            "seeds": [["%016x" % digest if tasks else "", tasks, differed]
                      for digest, tasks, differed in self.seeds],
        }))


def main(run):
    """Do what the command line says: print a version, or run a stint."""
    if sys.argv[1] == "probe":
        print("%d.%d.%d" % sys.version_info[:3])
        return
    stint = Stint(*sys.argv[2:])
    if stint.workload not in WORKLOADS:
        sys.exit("no workload '%s' here" % stint.workload)
    run(stint)
    stint.print()
