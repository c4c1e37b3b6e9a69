// node_fork - child_process.fork() and send(), as a peer: a few child processes
// of Node.js that stay, and a message each way for a task, as JSON.
//
// Each child has DEPTH messages at hand.  No task takes stamps of time.
'use strict';

const { fork } = require('node:child_process');
const stint = require('./node_stint');

if (process.argv[2] === 'worker') {
	const task = stint.task(process.argv[3], process.argv[4]);
	process.on('message', (seed) => {
		process.send({ seed, digest: task(seed) });
	});
} else {
	stint.main((work) => {
		const children = [];
		const send = (child) => {
			const seed = work.next();
			if (seed)
				child.send(seed);
		};
		const begin = () => {
			const child = fork(__filename, ['worker', work.workload, work.size]);
			children.push(child);
			child.on('message', ({ seed, digest }) => {
				work.note(seed, digest);
				send(child);
				if (work.idle()) {
					children.forEach((c) => c.disconnect());
					work.print();
				}
			});
			child.on('exit', (code, signal) => {
				if (!work.idle())
					throw new Error(`a child ended: ${signal || code}`);
			});
			for (let i = 0; i < work.depth; i++)
				send(child);
		};
		for (let i = 0; i < work.workers; i++)
			begin();
	});
}
