// node_spawn - child_process.spawn(), as a peer: a program for each task, as many
// at a time as there are workers, and its answer read from its output.
//
// The program is the one that our model exec runs.  No task takes stamps of time.
'use strict';

const { spawn } = require('node:child_process');
const stint = require('./node_stint');

stint.main((work) => {
	const begin = () => {
		const seed = work.next();
		if (!seed)
			return;
		const child = spawn(work.program, [work.workload, work.size, String(seed)],
			{ stdio: ['ignore', 'pipe', 'inherit'] });
		let text = '';
		child.stdout.on('data', (data) => {
			text += data;
		});
		child.on('close', (code, signal) => {
			if (code !== 0)
				throw new Error(`a task ended: ${signal || code}`);
			work.note(seed, text.trim());
			begin();
			if (work.idle())
				work.print();
		});
	};
	for (let i = 0; i < work.workers; i++)
		begin();
});
