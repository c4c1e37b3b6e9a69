#include "bench/tests/program.h"

#include <errno.h>
#include <fcntl.h>
#include <glob.h>
#include <limits.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "harness/base.h"

/* Nothing here takes long; a busy machine and a sanitiser may. */
#define LIMIT_NS (150 * NS_PER_S)
#define POLL_NS (5 * NS_PER_MS)

static char folder[] = "/tmp/manyhands-cli-XXXXXX";
static int home = -1; /* the folder we came from */

int program_setup(void **state)
{
	const char *program = getenv("MANYHANDS");
	char path[PATH_MAX];

	(void)state;
	if (!program || !realpath(program, path)) {
		print_error("MANYHANDS must name the program\n");
		return -1;
	}
	setenv("MANYHANDS", path, 1);
	if (!realpath(".", path))
		return -1;
	setenv("TREE", path, 1);
	/* Whoever loses its parent becomes our child, so we see it. */
	CHECK(prctl(PR_SET_CHILD_SUBREAPER, 1) == 0);
	home = open(".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	memcpy(folder + sizeof(folder) - 7, "XXXXXX", 6);
	return home < 0 || !mkdtemp(folder) || chdir(folder) < 0 ? -1 : 0;
}

int program_teardown(void **state)
{
	char *argv[] = {"rm", "-rf", folder, NULL};
	struct child_options options = {.argv = argv, .limit_ns = LIMIT_NS};
	struct child_result r;

	(void)state;
	program_expect_alone();
	if (fchdir(home) < 0 || close(home) < 0 || child_run(&options, &r) < 0)
		return -1;
	child_result_done(&r);
	return 0;
}

void program_run(const char *command, struct child_result *ret)
{
	struct child_options options = {
		.command = command,
		.limit_ns = LIMIT_NS,
		.out_cap = 1 << 20,
		.err_cap = 1 << 20,
	};

	assert_int_equal(child_run(&options, ret), 0);
	if (ret->late)
		fail_msg("no end: %s", command);
}

void program_expect_code(const struct child_result *r, int code,
			 const char *command)
{
	if (!WIFEXITED(r->wait_status) || WEXITSTATUS(r->wait_status) != code)
		fail_msg("%s: wait status %#x, not exit %d; it said: %s",
			 command, r->wait_status, code, r->err);
}

void program_expect_line(const struct child_result *r, const char *says,
			 const char *command)
{
	const char *end = strchr(r->err, '\n');

	if (strncmp(r->err, "manyhands: ", 11) != 0 || !end || end[1] ||
	    !strstr(r->err, says) || strchr(r->err, '\033'))
		fail_msg("%s: not one line with \"%s\": %s", command, says,
			 r->err);
}

void program_expect_misuse(const struct program_misuse *m, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		struct child_result r;
		char command[1024];

		snprintf(command, sizeof(command), "\"$MANYHANDS\" %s",
			 m[i].command);
		program_run(command, &r);
		program_expect_code(&r, m[i].code, command);
		program_expect_line(&r, m[i].says, command);
		if (r.out_bytes > 0)
			fail_msg("%s: printed: %s", command, r.out);
		if (program_has("out*") || program_has("results"))
			fail_msg("%s: left a folder", command);
		child_result_done(&r);
	}
}

char *program_output(const char *command, int code)
{
	struct child_result r;
	char *out;

	program_run(command, &r);
	program_expect_code(&r, code, command);
	out = strdup(r.out);
	child_result_done(&r);
	return out;
}

json_t *program_json(const char *command, int code)
{
	char *out = program_output(command, code);
	json_error_t error;
	json_t *json = json_loads(out, JSON_REJECT_DUPLICATES, &error);

	if (!json_is_object(json))
		fail_msg("%s: %s: %s", command, error.text, out);
	free(out);
	return json;
}

pid_t program_start(const char *env, const char *arguments)
{
	char command[4096];
	pid_t pid = fork();

	assert_true(pid >= 0);
	if (pid > 0) {
		(void)setpgid(pid, pid); /* as it does itself */
		return pid;
	}
	(void)setpgid(0, 0);
	(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
	snprintf(command, sizeof(command),
		 "%s exec \"$MANYHANDS\" %s >stdout 2>stderr", env, arguments);
	execlp("sh", "sh", "-c", command, NULL);
	_exit(127);
}

/* Between two looks at something that we cannot wait for otherwise. */
static void pause_until(uint64_t deadline_ns, const char *what)
{
	uint64_t now_ns = clock_ns();

	if (now_ns >= deadline_ns)
		fail_msg("waited in vain: %s", what);
	clock_sleep_until(now_ns + POLL_NS);
}

int program_wait(pid_t pid)
{
	uint64_t deadline_ns = clock_ns() + LIMIT_NS;
	int status;

	for (;;) {
		pid_t r = waitpid(pid, &status, WNOHANG);

		assert_true(r >= 0);
		if (r == pid)
			return status;
		pause_until(deadline_ns, "the program's end");
	}
}

void program_expect_exit(int status, int code)
{
	char *err = program_read("stderr");

	if (!WIFEXITED(status) || WEXITSTATUS(status) != code)
		fail_msg("wait status %#x, not exit %d: %s", status, code, err);
	free(err);
}

char *program_read(const char *name)
{
	FILE *f = fopen(name, "r");
	char *text = NULL;
	size_t room = 0;

	if (!f)
		return NULL;
	if (getdelim(&text, &room, '\0', f) < 0) {
		free(text);
		text = strdup("");
	}
	(void)fclose(f);
	return text;
}

void program_await(const char *name, size_t lines)
{
	uint64_t deadline_ns = clock_ns() + LIMIT_NS;

	for (;;) {
		char *text = program_read(name);
		size_t n = 0;

		for (const char *p = text; p && (p = strchr(p, '\n')); p++)
			n++;
		free(text);
		if (program_has(name) && n >= lines)
			return;
		pause_until(deadline_ns, name);
	}
}

pid_t program_child(pid_t pid)
{
	uint64_t deadline_ns = clock_ns() + LIMIT_NS;
	char path[64];

	snprintf(path, sizeof(path), "/proc/%d/task/%d/children", pid, pid);
	for (;;) {
		char *text = program_read(path);
		long child = text ? strtol(text, NULL, 10) : 0;

		free(text);
		if (child > 0)
			return (pid_t)child;
		pause_until(deadline_ns, path);
	}
}

/* Whoever is left becomes our child when its parent ends, so nobody escapes. */
static void end_all(void)
{
	char path[64];

	snprintf(path, sizeof(path), "/proc/self/task/%d/children", getpid());
	do {
		char *text = program_read(path);
		long child = text ? strtol(text, NULL, 10) : 0;

		free(text);
		if (child > 0)
			(void)kill((pid_t)child, SIGKILL);
	} while (wait(NULL) > 0);
}

void program_expect_alone(void)
{
	uint64_t deadline_ns = clock_ns() + LIMIT_NS;
	pid_t r;

	while ((r = waitpid(-1, NULL, WNOHANG)) >= 0) {
		if (r == 0 && clock_ns() >= deadline_ns) {
			end_all(); /* so that the next test begins alone */
			fail_msg("a process was left behind");
		}
		if (r == 0)
			clock_sleep_until(clock_ns() + POLL_NS);
	}
	assert_int_equal(errno, ECHILD);
}

bool program_has(const char *name)
{
	glob_t found;
	int r = glob(name, 0, NULL, &found);

	if (r == 0)
		globfree(&found);
	return r == 0;
}
