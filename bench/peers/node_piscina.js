// node_piscina - the package piscina, as a peer: a pool of worker_threads with a
// queue and a promise for each task.
//
// The promises of DEPTH tasks for each worker are open at a time.  It comes from
// npm, and is found where Node.js finds packages: in the folder where the run
// was started, or installed with -g.  No task takes stamps of time.
'use strict';

const path = require('node:path');
const { isMainThread, workerData } = require('node:worker_threads');
const stint = require('./node_stint');

function find() {
	const paths = [process.cwd(),
		path.join(path.dirname(process.execPath), '../lib')];
	try {
		return require(require.resolve('piscina', { paths }));
	} catch (error) {
		console.error('no package piscina here');
		process.exit(3);
	}
}

if (!isMainThread) {
	// piscina wraps what we give it in an array.
	const { workload, size } = [workerData].flat().find((d) => d && d.workload);
	module.exports = stint.task(workload, size);
} else {
	const { Piscina, version } = find();
	stint.main((work) => {
		const pool = new Piscina({
			filename: __filename,
			minThreads: work.workers,
			maxThreads: work.workers,
			workerData: { workload: work.workload, size: work.size },
		});
		const begin = async () => {
			for (let seed = work.next(); seed; seed = work.next())
				work.note(seed, await pool.run(seed));
			if (work.idle()) {
				work.print();
				await pool.destroy();
			}
		};
		for (let i = 0; i < work.inFlight; i++)
			begin();
	}, () => version);
}
