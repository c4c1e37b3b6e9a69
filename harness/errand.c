#include "harness/errand.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "harness/base.h"

static void add(struct errand_words *w, const char *format, ...)
{
	size_t room = sizeof(w->text) - w->used;
	va_list args;
	int n;

	va_start(args, format);
	n = vsnprintf(w->text + w->used, room, format, args);
	va_end(args);
	/* The words are ours, and of the user's, cli.c has refused long ones. */
	CHECK(n >= 0 && (size_t)n < room && w->n + 1 < ARRAY_LEN(w->argv));
	w->argv[w->n++] = w->text + w->used;
	w->argv[w->n] = NULL;
	w->used += (size_t)n + 1;
}

void errand_words(struct errand_words *ret, const struct job *job,
		  const struct worker *self, const struct task *task,
		  const char *program, pid_t owner)
{
	ret->n = ret->used = 0;
	if (program) {
		add(ret, "%s", program);
	} else {
		add(ret, "/proc/%d/exe", (int)owner);
		add(ret, "task");
		for (const char *const *w = job->words; w && *w; w++)
			add(ret, "%s", *w);
	}
	add(ret, "--record=%" PRIu64, task->id);
	add(ret, "--bind-errno=%" PRId32, self->bind_errno);
	add(ret, "--extra-ppm=%" PRIu32, job->extra_ppm);
	add(ret, "%s", job->workload->name);
	add(ret, "%" PRIu64, job->size);
	add(ret, "%" PRIu64, task->seed);
}

void errand_quote(const struct errand_words *words,
		  char ret[ERRAND_QUOTED_BYTES])
{
	for (size_t i = 0; i < words->n; i++) {
		*ret++ = '\'';
		for (const char *p = words->argv[i]; *p; p++) {
			/* A quote: end the quotes, say one, begin anew. */
			if (*p == '\'')
				ret = stpcpy(ret, "'\\''");
			else
				*ret++ = *p;
		}
		ret = stpcpy(ret, i + 1 < words->n ? "' " : "'");
	}
	*ret = '\0';
}

#define LINE_PRINT                                                             \
	"manyhands-task %" PRIu64 " %" PRIu64 " %" PRIu64 " %" PRIu64          \
	" %016" PRIx64 " %" PRId32 " %" PRId32 " %" PRId32 "\n"
#define LINE_SCAN                                                              \
	"manyhands-task %" SCNu64 " %" SCNu64 " %" SCNu64 " %" SCNu64          \
	" %" SCNx64 " %" SCNd32 " %" SCNd32 " %" SCNd32

size_t errand_print(const struct completion *c, char ret[ERRAND_LINE])
{
	int n = snprintf(ret, ERRAND_LINE, LINE_PRINT, c->id, c->created_ns,
			 c->start_ns, c->end_ns, c->digest, c->cpu,
			 c->bind_errno, c->status);

	CHECK(n > 0 && n < ERRAND_LINE);
	return (size_t)n;
}

bool errand_parse(const char *text, size_t bytes, struct completion *ret)
{
	char copy[ERRAND_LINE], again[ERRAND_LINE];
	struct completion c = {0};

	if (bytes >= sizeof(copy))
		return false;
	memcpy(copy, text, bytes);
	copy[bytes] = '\0';
	/* Written again below, to compare.  NOLINTNEXTLINE(cert-err34-c) */
	if (sscanf(copy, LINE_SCAN, &c.id, &c.created_ns, &c.start_ns,
		   &c.end_ns, &c.digest, &c.cpu, &c.bind_errno, &c.status) != 8)
		return false;
	/* scanf(3) is generous: blanks, signs, numbers that are too large. */
	if (errand_print(&c, again) != bytes || memcmp(again, text, bytes) != 0)
		return false;
	*ret = c;
	return true;
}

static void close_fd(int *fd)
{
	if (*fd >= 0)
		(void)close(*fd); /* Pipes and pidfds cannot lose data here. */
	*fd = -1;
}

static void close_all(struct errand *p)
{
	close_fd(&p->ended);
	close_fd(&p->out);
	close_fd(&p->report);
	close_fd(&p->child_out);
	close_fd(&p->child_report);
	p->pid = 0;
}

/* Never wait for the writer.  The other end stays as programs expect it. */
static int make_pipe(int *reader, int *writer)
{
	int ends[2];

	if (pipe2(ends, O_CLOEXEC) < 0)
		return -errno;
	CHECK(fcntl(ends[0], F_SETFL, O_NONBLOCK) == 0);
	*reader = ends[0];
	*writer = ends[1];
	return 0;
}

int errand_open(struct errand *p)
{
	*p = (struct errand){
		.ended = -1,
		.out = -1,
		.report = -1,
		.child_out = -1,
		.child_report = -1,
	};
	return make_pipe(&p->out, &p->child_out);
}

int errand_open_report(struct errand *p)
{
	int r = make_pipe(&p->report, &p->child_report);

	if (r < 0)
		close_all(p);
	return r;
}

int errand_begin(const struct errand *p)
{
	int nothing = open("/dev/null", O_RDONLY | O_CLOEXEC);

	(void)setpgid(0, 0); /* fails never: we are nobody's leader yet */
	if (nothing < 0 || dup2(nothing, STDIN_FILENO) < 0 ||
	    dup2(p->child_out, STDOUT_FILENO) < 0)
		return -errno;
	/* What others have left open is not for it; needs Linux 5.11. */
	(void)close_range(STDERR_FILENO + 1, ~0u, CLOSE_RANGE_CLOEXEC);
	return 0;
}

_Noreturn void errand_fail(const struct errand *p, int error)
{
	/* If not even this works, the parent sees the exit status. */
	(void)!write(p->child_report, &error, sizeof(error));
	_exit(127);
}

int errand_started(struct errand *p, pid_t pid, int pidfd)
{
	int r = pid < 0 ? pid : 0;

	if (r == 0) {
		/* The child does the same; both must, see child.c. */
		(void)setpgid(pid, pid);
		p->pid = pid;
		p->ended = pidfd >= 0 ? pidfd
				      : (int)syscall(SYS_pidfd_open, pid, 0);
		r = p->ended < 0 ? -errno : 0;
	}
	/* Were the child's ends open here too, they would never end. */
	close_fd(&p->child_out);
	close_fd(&p->child_report);
	if (r < 0) {
		struct completion nobody;

		errand_end(p, 0, &nobody);
	}
	return r;
}

void errand_read(struct errand *p)
{
	size_t room = sizeof(p->text) - p->bytes;
	ssize_t n = read(p->out, p->text + p->bytes, room);

	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (n > 0)
		p->bytes += (size_t)n;
	/* No answer is so long. */
	if (p->bytes == sizeof(p->text))
		(void)kill(-p->pid, SIGKILL);
	if (n <= 0 || p->bytes == sizeof(p->text))
		close_fd(&p->out);
}

void errand_kill(struct errand *p)
{
	/* Not TERM: who hangs may be stopped, or deaf to all else. */
	p->killed = kill(-p->pid, SIGKILL) == 0;
}

/*
 * Kill the group, then collect its leader, and whoever of it has come to us with
 * the leader's death.  In this order: until the leader is collected, the group's
 * number cannot have become somebody else's.
 */
static int collect(const struct errand *p)
{
	int leaders = 0, status;
	pid_t pid;

	if (p->pid == 0)
		return 0;
	(void)kill(-p->pid, SIGKILL);
	while ((pid = waitpid(-p->pid, &status, 0)) >= 0 || errno == EINTR) {
		if (pid == p->pid)
			leaders = status;
	}
	return leaders;
}

/* Why there is no answer. */
static int32_t trouble_of(const struct errand *p, int wait_status)
{
	int error;

	if (p->killed)
		return TASK_STATUS(TASK_TIMEOUT, 0);
	if (p->report >= 0 &&
	    read(p->report, &error, sizeof(error)) == sizeof(error))
		return TASK_STATUS(TASK_START, error);
	if (p->bytes == sizeof(p->text))
		return TASK_STATUS(TASK_PROTOCOL, 0);
	return task_status_of_wait(wait_status);
}

void errand_end(struct errand *p, uint64_t id, struct completion *ret)
{
	int wait_status = collect(p);
	struct completion c;

	if (p->out >= 0)
		errand_read(p); /* What has come since; all is there now. */
	if (wait_status == 0 && errand_parse(p->text, p->bytes, &c) &&
	    c.id == id && task_status_end(c.status) != TASK_LOST)
		*ret = c;
	else
		*ret = (struct completion){
			.id = id,
			.cpu = -1,
			.status = trouble_of(p, wait_status),
		};
	close_all(p);
}

void errand_die_with_reader(void)
{
	struct pollfd reader = {.fd = STDOUT_FILENO};

	(void)prctl(PR_SET_PDEATHSIG, SIGKILL); /* fails for no known signal */
	/* A parent that is gone already reads the pipe no more. */
	if (poll(&reader, 1, 0) > 0 && reader.revents & POLLERR)
		(void)kill(getpid(), SIGKILL);
}
