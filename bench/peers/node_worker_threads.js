// node_worker_threads - worker_threads and postMessage(), as a peer: a few
// threads that stay, each with a Node.js of its own, and a message each way for
// a task.
//
// Each thread has DEPTH messages at hand.  No task takes stamps of time.
'use strict';

const { Worker, isMainThread, parentPort, workerData } =
	require('node:worker_threads');
const stint = require('./node_stint');

if (!isMainThread) {
	const task = stint.task(workerData.workload, workerData.size);
	parentPort.on('message', (seed) => {
		parentPort.postMessage({ seed, digest: task(seed) });
	});
} else {
	stint.main((work) => {
		const workers = [];
		const send = (worker) => {
			const seed = work.next();
			if (seed)
				worker.postMessage(seed);
		};
		const begin = () => {
			const worker = new Worker(__filename,
				{ workerData: { workload: work.workload, size: work.size } });
			workers.push(worker);
			worker.on('message', ({ seed, digest }) => {
				work.note(seed, digest);
				send(worker);
				if (work.idle()) {
					workers.forEach((w) => w.terminate());
					work.print();
				}
			});
			for (let i = 0; i < work.depth; i++)
				send(worker);
		};
		for (let i = 0; i < work.workers; i++)
			begin();
	});
}
