/*
 * order - in which order a block measures the cells of a plan.
 *
 * Floor 3.  What is compared is measured close together in time, because then
 * it had the same machine.
 *
 * Cells that differ only in model and placement form a group and are measured
 * back to back: models are compared with each other, and so are the policies of
 * one model.  Where a run has one policy, as most have, these are the models
 * alone.  Within a group the cells follow a Williams square: over the blocks of
 * one square every cell is at every position equally often and follows every
 * other equally often, so that what a slice leaves behind (a warm cache,
 * processes still being reaped) cancels out.
 *
 * Groups that differ only in the number of workers are neighbours, because they
 * share one ideal: serial, which has one worker.  All else is in random order.
 *
 * Source: E. J. Williams, "Experimental designs balanced for the estimation of
 * residual effects of treatments", Australian Journal of Scientific Research,
 * series A, 2 (1949).
 */
#ifndef HARNESS_ORDER_H
#define HARNESS_ORDER_H

#include <stdbool.h>
#include <stdint.h>

#include "harness/experiment.h"

/*
 * How many blocks make a whole square for @n models: n if n is even, 2 n if it
 * is odd; 1 for n = 1.
 */
uint32_t williams_rows(uint32_t n);

/* Row @row (< williams_rows(@n)) of the square for @n models: a permutation. */
void williams_row(uint32_t n, uint32_t row, uint32_t *ret);

/*
 * Whether @a and @b differ in nothing but the model, so that their ratio says
 * something about models.
 */
bool order_same_group(const struct cell_spec *a, const struct cell_spec *b);

/*
 * The order of block @block: a permutation of the cells' numbers in @ret
 * [plan->n].  Depends on plan, seed and block alone.  Which cell has which
 * place in the square, and the order of the square's rows, are drawn anew for
 * each group and each square.  0 or -ENOMEM.
 */
int order_block(const struct plan *plan, uint64_t seed, uint32_t block,
		uint32_t *ret);

#endif
