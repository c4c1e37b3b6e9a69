"""python_executor - concurrent.futures.ProcessPoolExecutor and submit(), as a
peer: worker processes that stay, and a future for each task.

DEPTH futures for each worker are open at a time; each that is done is answered
with the next.  No task takes stamps of time."""

import concurrent.futures

import python_stint

FIRST = concurrent.futures.FIRST_COMPLETED


def run(stint):
    with concurrent.futures.ProcessPoolExecutor(stint.workers) as pool:
        open_ones = {pool.submit(python_stint.task, stint.next())
                     for _ in range(stint.in_flight)}
        while open_ones:
            done, open_ones = concurrent.futures.wait(open_ones, None, FIRST)
            for future in done:
                stint.note(*future.result())
                if not stint.over:
                    open_ones.add(
                        pool.submit(python_stint.task, stint.next()))


if __name__ == "__main__":
    python_stint.main(run)
