"""python_pool - multiprocessing.Pool and imap_unordered(), as a peer: worker
processes that stay, and a pipe to all of them.

A thread of the pool takes tasks from our iterator as fast as it can; a semaphore
holds it back, so that DEPTH of them for each worker are in flight.  Tasks go one
at a time (chunksize 1): there is no chunk in which they could wait for each
other.  No task takes stamps of time."""

import multiprocessing
import threading

import python_stint


def run(stint):
    room = threading.Semaphore(stint.in_flight)

    def tasks():
        while True:
            room.acquire()
            if stint.over:
                return
            yield stint.next()

    with multiprocessing.Pool(stint.workers) as pool:
        try:
            for result in pool.imap_unordered(python_stint.task, tasks()):
                stint.note(*result)
                room.release()
        finally:
            stint.over = True  # or the pool would wait for its thread
            room.release()


if __name__ == "__main__":
    python_stint.main(run)
