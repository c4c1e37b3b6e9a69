#include "bench/cli/command.h"

#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "bench/cli/cli.h"
#include "harness/base.h"
#include "harness/child.h"
#include "harness/task.h"

#define MAX_WORDS 64

/* Who prints more than so much has not printed a result. */
#define MAX_OUTPUT (16 << 20)
#define MAX_ERRORS 512

/* Before it is measured, the program is run so often, or for so long. */
#define TRIES 5
#define TRY_NS (2 * NS_PER_S)

/* The words of the command, {seed} and {size} still in them. */
static char *words[MAX_WORDS + 1];
static uint64_t limit_ns = COMMAND_LIMIT_NS;
static pid_t limited; /* the process for which it holds; 0: all */

/* One word of *@line, which moves behind it; to be freed.  NULL: no more. */
static char *parse_word(const char **line)
{
	const char *p = *line + strspn(*line, " \t\n");
	char *word = malloc(strlen(p) + 1), *end = word;
	char quote = '\0';

	CHECK(word);
	if (*p == '\0') {
		free(word);
		return NULL;
	}
	for (; *p && (quote || !strchr(" \t\n", *p)); p++) {
		if (*p == quote)
			quote = '\0';
		else if (!quote && (*p == '\'' || *p == '"'))
			quote = *p;
		else if (*p == '\\' && quote != '\'' && p[1] &&
			 (!quote || p[1] == '"' || p[1] == '\\'))
			*end++ = *++p;
		else
			*end++ = *p;
	}
	if (quote)
		die(EXIT_USAGE, "--command: a %s quote is not closed",
		    quote == '"' ? "double" : "single");
	*end = '\0';
	*line = p;
	return word;
}

void command_parse(const char *line)
{
	const char *rest = line;
	size_t n = 0;
	char *word;

	while ((word = parse_word(&rest))) {
		if (n == MAX_WORDS)
			die(EXIT_USAGE, "--command: more than %d words",
			    MAX_WORDS);
		words[n++] = word;
	}
	words[n] = NULL;
	if (n == 0 || !words[0][0])
		die(EXIT_USAGE, "--command '%s': name a program", line);
}

void command_limit(uint64_t ns)
{
	limit_ns = ns;
	limited = getpid();
}

/* @word with {seed} and {size} replaced; to be freed. */
static char *fill_word(const char *word, uint64_t size, uint64_t seed)
{
	char *text = NULL;
	size_t bytes = 0;
	FILE *f = open_memstream(&text, &bytes);

	CHECK(f);
	while (*word) {
		bool is_seed = strncmp(word, "{seed}", 6) == 0;

		if (is_seed || strncmp(word, "{size}", 6) == 0) {
			fprintf(f, "%" PRIu64, is_seed ? seed : size);
			word += 6;
		} else {
			fputc(*word++, f);
		}
	}
	CHECK(fclose(f) == 0);
	return text;
}

/* Run the program; as child_run(). */
static int run_program(uint64_t size, uint64_t seed, struct child_result *ret)
{
	char *argv[MAX_WORDS + 1] = {NULL};
	bool watch = limit_ns && (!limited || limited == getpid());
	const struct child_options options = {
		.argv = argv,
		.limit_ns = watch ? limit_ns : 0,
		.group = watch ? CHILD_NEW_GROUP : CHILD_OUR_GROUP,
		.out_cap = MAX_OUTPUT,
		.err_cap = MAX_ERRORS,
	};
	int r;

	for (size_t i = 0; words[i]; i++)
		argv[i] = fill_word(words[i], size, seed);
	r = child_run(&options, ret);
	for (size_t i = 0; argv[i]; i++)
		free(argv[i]);
	return r;
}

/* How a task ends whose program came to this end. */
static int32_t status_of(const struct child_result *child)
{
	if (child->out_cut)
		return TASK_STATUS(TASK_PROTOCOL, 0);
	if (child->late)
		return TASK_STATUS(TASK_TIMEOUT, 0);
	if (child->wait_status != 0)
		return task_status_of_wait(child->wait_status);
	return TASK_STATUS(child->out_bytes > 0 ? TASK_OK : TASK_PROTOCOL, 0);
}

/* All bytes and their number decide the digest. */
static uint64_t digest_of(const char *text, size_t bytes)
{
	uint64_t digest = mix64(bytes);

	while (bytes > 0) {
		size_t n = bytes < sizeof(uint64_t) ? bytes : sizeof(uint64_t);
		uint64_t piece = 0;

		for (size_t i = 0; i < n; i++)
			piece |= (uint64_t)(unsigned char)text[i] << 8 * i;
		digest = mix64(digest ^ piece);
		text += n;
		bytes -= n;
	}
	return digest;
}

static uint64_t command_run_once(uint64_t size, uint64_t seed)
{
	struct child_result child;
	uint64_t digest;
	int r = run_program(size, seed, &child);

	if (r < 0) {
		task_fail(TASK_STATUS(TASK_START, -r));
		return 0;
	}
	if (status_of(&child) != TASK_STATUS(TASK_OK, 0))
		task_fail(status_of(&child));
	digest = digest_of(child.out, child.out_bytes);
	child_result_done(&child);
	return digest;
}

const struct workload workload_command = {
	.name = "command",
	.summary = "a program of your own: run --command './mytool {seed}'",
	.size_unit = "units of its own",
	.default_size = 1,
	.run = command_run_once,
};

/* Die if the program has not ended well. */
static void require_result(int r, const struct child_result *child)
{
	char how[64];

	if (r < 0)
		die(EXIT_USAGE, "--command: cannot start '%s': %s", words[0],
		    strerror(-r));
	if (status_of(child) == TASK_STATUS(TASK_OK, 0))
		return;
	child->err[strcspn(child->err, "\n")] = '\0';
	if (child->out_cut)
		die(EXIT_USAGE, "--command: '%s' prints more than %d MiB",
		    words[0], MAX_OUTPUT >> 20);
	if (child->wait_status == 0 && !child->late)
		die(EXIT_USAGE,
		    "--command: '%s' prints nothing on standard output, so "
		    "there is no result to compare",
		    words[0]);
	die(EXIT_USAGE, "--command: '%s': %s%s%s", words[0],
	    child_result_text(child, how, sizeof(how)),
	    child->err[0] ? "; it says: " : "", child->err);
}

uint64_t command_try(uint64_t size)
{
	uint64_t best_ns = UINT64_MAX, begun_ns = clock_ns();
	uint64_t first = 0;
	bool differs = false;

	for (int i = 0; i < TRIES; i++) {
		struct child_result child;
		int r = run_program(size, 1, &child);
		uint64_t digest;

		require_result(r, &child);
		digest = digest_of(child.out, child.out_bytes);
		if (i == 0)
			first = digest;
		differs = differs || digest != first;
		if (child.wall_ns < best_ns)
			best_ns = child.wall_ns;
		child_result_done(&child);
		/* Two at least, for they must be alike. */
		if (i > 0 && clock_ns() - begun_ns >= TRY_NS)
			break;
	}
	if (differs)
		complain("--command: '%s' prints something else each time for "
			 "the same seed, so the digests will be unequal",
			 words[0]);
	return best_ns;
}
