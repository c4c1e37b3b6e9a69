#include "harness/tests/children.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "harness/tests/fds.h"

int children_number(const char *text)
{
	return (int)strtol(text, NULL, 10);
}

int children_setup(void **state)
{
	struct children *b = calloc(1, sizeof(*b));

	assert_non_null(b);
	assert_int_equal(prctl(PR_SET_CHILD_SUBREAPER, 1), 0);
	b->fds = fds_count();
	strcpy(b->dir, "/tmp/test_child.XXXXXX");
	assert_non_null(mkdtemp(b->dir));
	snprintf(b->fifo, sizeof(b->fifo), "%s/fifo", b->dir);
	assert_int_equal(mkfifo(b->fifo, 0600), 0);
	b->fifo_fd = open(b->fifo, O_RDWR | O_CLOEXEC);
	assert_true(b->fifo_fd >= 0);
	*state = b;
	return 0;
}

int children_teardown(void **state)
{
	struct children *b = *state;
	int fds, nobody;

	close(b->fifo_fd);
	unlink(b->fifo);
	rmdir(b->dir);
	fds = fds_count();
	nobody = waitpid(-1, NULL, WNOHANG) == -1 && errno == ECHILD;
	if (fds != b->fds || !nobody)
		print_error("left behind: %d descriptors, %s\n", fds - b->fds,
			    nobody ? "no process" : "a process");
	nobody = nobody && fds == b->fds;
	free(b);
	return nobody ? 0 : -1;
}

int children_read_number(int fd)
{
	char text[32];
	ssize_t n = read(fd, text, sizeof(text) - 1);

	assert_true(n > 0);
	text[n] = '\0';
	return children_number(text);
}

const char *children_story(const struct child_options *o)
{
	static char text[1024];
	struct child_options options = *o;
	struct child_result r;
	char end[64];

	options.limit_ns = LONG;
	assert_int_equal(child_run(&options, &r), 0);
	assert_int_equal(strlen(r.out), r.out_bytes);
	snprintf(text, sizeof(text), "%s: %s",
		 child_result_text(&r, end, sizeof(end)), r.out);
	if (r.err_bytes > 0)
		print_error("it said: %s\n", r.err);
	child_result_done(&r);
	return text;
}

const char *children_sh(const char *command)
{
	return children_story(&(struct child_options){.command = command});
}

const char *children_call(int (*function)(void *), void *argument)
{
	return children_story(&(struct child_options){
		.function = function,
		.argument = argument,
	});
}

/* waitpid(2) with a deadline. */
static pid_t collect(pid_t pid, int *status)
{
	uint64_t deadline_ns = clock_ns() + LONG;
	pid_t r;

	while ((r = waitpid(pid, status, WNOHANG)) == 0) {
		assert_true(clock_ns() < deadline_ns);
		clock_sleep_until(clock_ns() + NS_PER_MS);
	}
	return r;
}

void children_expect_killed(pid_t pid, int sig)
{
	int status;

	assert_true(pid > 0);
	assert_int_equal(collect(pid, &status), pid);
	assert_true(WIFSIGNALED(status));
	assert_int_equal(WTERMSIG(status), sig);
}

int children_count_orphans(void)
{
	int n = 0, status;

	while (collect(-1, &status) > 0)
		n++;
	assert_int_equal(errno, ECHILD);
	return n;
}

int children_list_fds(void *nothing)
{
	DIR *d = opendir("/proc/self/fd");
	struct dirent *e;

	(void)nothing;
	CHECK(d);
	while ((e = readdir(d))) {
		if (e->d_name[0] != '.' &&
		    children_number(e->d_name) != dirfd(d))
			dprintf(1, "%s ", e->d_name);
	}
	return closedir(d);
}
