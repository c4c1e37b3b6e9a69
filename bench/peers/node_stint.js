// node_stint - the closed loop that all peers in Node.js have in common: which
// tasks, how long, and the account of them.  See harness/peer.h.
'use strict';

const { pbkdf2Sync } = require('node:crypto');
const { isMainThread } = require('node:worker_threads');

const SEEDS = 4;
const SETTLE_TASKS = 10; // for each worker, before the window

// The digest of the workload nop, which needs more than the 53 bits of a
// Number: made once for each seed, and not in the task.
function nopDigest(size, seed) {
	const mix = (x) => {
		x = BigInt.asUintN(64, x + 0x9e3779b97f4a7c15n);
		x = BigInt.asUintN(64, (x ^ (x >> 30n)) * 0xbf58476d1ce4e5b9n);
		x = BigInt.asUintN(64, (x ^ (x >> 27n)) * 0x94d049bb133111ebn);
		return x ^ (x >> 31n);
	};
	return mix(mix(BigInt(seed)) ^ BigInt(size)).toString(16).padStart(16, '0');
}

// The function that is a task: from a seed to a digest of 16 digits.
exports.task = (workload, size) => {
	if (workload === 'nop') {
		const digests = [];
		for (let seed = 1; seed <= SEEDS; seed++)
			digests[seed] = nopDigest(size, seed);
		return (seed) => digests[seed];
	}
	if (workload === 'pbkdf2') {
		return (seed) => pbkdf2Sync(String(seed), 'manyhands', Number(size),
			32, 'sha256').toString('hex', 0, 8);
	}
	throw new Error(`no workload '${workload}' here`);
};

class Stint {
	constructor([workload, size, workers, depth, settleNs, windowNs, program]) {
		this.workload = workload;
		this.size = size;
		this.workers = Number(workers);
		this.depth = Number(depth);
		this.inFlight = this.workers * this.depth;
		this.program = program;
		this.settledNs = this.now() + Number(settleNs);
		this.windowNs = Number(windowNs);
		this.handedOut = 0;
		this.done = 0;
		this.beginNs = 0; // of the window; 0: not yet
		this.over = false;
		this.seeds = Array.from({ length: SEEDS },
			() => ({ digest: '', tasks: 0, differed: 0 }));
	}

	now() {
		return performance.now() * 1e6;
	}

	// The seed of the next task; 0: there are no more.
	next() {
		return this.over ? 0 : this.handedOut++ % SEEDS + 1;
	}

	// A task has ended.
	note(seed, digest) {
		const s = this.seeds[seed - 1];
		if (s.tasks++ === 0)
			s.digest = digest;
		if (digest !== s.digest)
			s.differed++;
		this.done++;
		if (!this.over)
			this.look(this.now());
	}

	look(now) {
		if (this.beginNs === 0) {
			if (now >= this.settledNs &&
			    this.done >= SETTLE_TASKS * this.workers) {
				this.beginNs = now;
				this.doneBefore = this.done;
			}
		} else if (now >= this.beginNs + this.windowNs) {
			this.endNs = now;
			this.tasks = this.done - this.doneBefore;
			this.over = true;
		}
	}

	// Whether all that was handed out has ended, and no more comes.
	idle() {
		return this.over && this.done === this.handedOut;
	}

	print() {
		console.log(JSON.stringify({
			tasks: this.tasks,
			window_ns: Math.ceil(this.endNs - this.beginNs),
			seeds: this.seeds.map((s) => [s.digest, s.tasks, s.differed]),
		}));
	}
}

// What goes wrong is one line and the end of the process, be it a worker or who
// started them.  What goes wrong in a thread comes to the main one as an error.
if (isMainThread) {
	process.on('uncaughtException', (error) => {
		console.error(error.message);
		process.exit(1);
	});
}

// Do what the command line says: print a version, or begin a stint.
exports.main = (begin, version = () => process.versions.node) => {
	if (process.argv[2] === 'probe')
		console.log(version());
	else
		begin(new Stint(process.argv.slice(3)));
};
