/*
 * calibration - what this suite claims of its own statistics, claim by claim,
 * each measured on many simulated runs whose truth is known.
 */
#ifndef HARNESS_TESTS_CALIBRATION_H
#define HARNESS_TESTS_CALIBRATION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "harness/tests/simulate.h"

struct claim {
	const char *text;

	/* Simulate one run; whether what the claim counts was so. */
	bool (*trial)(struct rng *r, const struct claim *c);

	/* What the trial is about; which fields count depends on it. */
	const struct weather *weather;
	size_t n;      /* blocks */
	bool looks;    /* up to @n = 40 blocks, in looks */
	size_t arms;   /* with the reference */
	double effect; /* of all arms but the reference */
	double q;      /* quantile */

	/* The share of trials allowed, in percent. */
	double at_least, at_most;
};

extern const struct claim claims[];
extern const size_t n_claims;

/* In how many of @trials runs it was so.  Always the same for the same. */
int claim_count(const struct claim *c, int trials);

/* Whether @count of @trials is what the claim allows. */
bool claim_holds(const struct claim *c, int count, int trials);

/* Measure all claims, a row of Markdown each; how many do not hold. */
int claims_print(FILE *out, int trials);

#endif
