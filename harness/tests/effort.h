/*
 * effort - how often tests repeat what is only made surer by repeating.
 *
 * A sanitiser looks for mistakes that every repetition makes, and each takes it
 * ten times as long.  So run.sh sets TEST_EFFORT, in percent; without it, tests
 * do all that they can.
 */
#ifndef HARNESS_TESTS_EFFORT_H
#define HARNESS_TESTS_EFFORT_H

/* That percentage of @n repetitions, at least 1. */
int effort_of(int n);

#endif
