// node_cluster - the module cluster, as a peer: workers that serve HTTP on one
// port, and connections that are kept, DEPTH of them for each worker.
//
// The client is a few lines in the primary, which has nothing else to do: a
// socket each, a request when the answer to the last one is here.  It reads just
// enough of HTTP for the answers of this server; a client that can do more would
// take longer, and the processors are shared.  The primary hands connections to
// workers in turn, which is what cluster does if nobody says otherwise.  No task
// takes stamps of time.
'use strict';

const cluster = require('node:cluster');
const http = require('node:http');
const net = require('node:net');
const stint = require('./node_stint');

// A worker: GET /SEED is answered with the digest.
function serve(task) {
	const server = http.createServer((request, response) => {
		response.end(task(Number(request.url.slice(1))));
	});
	server.keepAliveTimeout = 0;
	server.listen(0, '127.0.0.1');
}

// A connection: the seeds that next() gives, one after the other.
function connect(work, port, end) {
	const socket = net.connect(port, '127.0.0.1');
	let seed = 0, text = '';
	const send = () => {
		seed = work.next();
		if (seed)
			socket.write(`GET /${seed} HTTP/1.1\r\nHost: localhost\r\n\r\n`);
	};
	socket.setNoDelay();
	socket.on('connect', send);
	socket.on('data', (data) => {
		text += data.latin1Slice();
		const body = text.indexOf('\r\n\r\n') + 4;
		if (body < 4 || text.length < body + 16)
			return;
		if (!text.startsWith('HTTP/1.1 200 ') || text.length > body + 16)
			throw new Error(`an answer that was not expected: ${text}`);
		work.note(seed, text.slice(body));
		text = '';
		send();
		if (work.idle())
			end();
	});
}

if (cluster.isWorker) {
	serve(stint.task(process.env.WORKLOAD, process.env.SIZE));
} else {
	stint.main((work) => {
		let listening = 0;
		const end = () => {
			work.print();
			for (const worker of Object.values(cluster.workers))
				worker.process.kill();
			process.exitCode = 0;
			process.stdout.write('', () => process.exit());
		};
		cluster.on('exit', (worker, code, signal) => {
			if (!work.idle())
				throw new Error(`a worker ended: ${signal || code}`);
		});
		cluster.on('listening', (worker, { port }) => {
			if (++listening < work.workers)
				return;
			for (let i = 0; i < work.inFlight; i++)
				connect(work, port, end);
		});
		for (let i = 0; i < work.workers; i++)
			cluster.fork({ WORKLOAD: work.workload, SIZE: work.size });
	});
}
