#include "bench/cli/xray_words.h"

#include <string.h>

#include "harness/base.h"

#define READS "read readv recvfrom recvmsg"
#define WRITES "write writev sendto sendmsg"
#define CLONES "clone clone3 fork vfork"
#define WAITS "wait4 waitid"
#define POLLS "epoll_wait epoll_pwait epoll_pwait2 poll ppoll select pselect6"

#define AT_RETURN .at_return = true
#define LOADS .loads = true
#define BY_CHANCE .by_chance = true

/* THE TABLE.  From the special to the general. */
static const struct xray_words table[] = {
	/* Lives of processes and threads. */
	{CLONES, .outcome = XRAY_FAILED, .says = "cannot make a worker"},
	{CLONES, .needs = "CLONE_THREAD",
	 .says = "makes the worker, a thread in the same memory",
	 .worker_says = "makes a thread"},
	{"vfork", .says = "makes the worker, in borrowed memory until execve",
	 .worker_says = "makes a process, in borrowed memory until execve"},
	{CLONES, .needs = "CLONE_VFORK",
	 .says = "makes the worker, in borrowed memory until execve",
	 .worker_says = "makes a process, in borrowed memory until execve"},
	{CLONES, .says = "makes the worker, a copy of this process",
	 .worker_says = "makes a process"},
	{"execve", .outcome = XRAY_FAILED,
	 .says = "looks for a program, not here"},
	{"execve", .says = "becomes another program"},
	{"waitid", .needs = "WNOWAIT", .says = "learns which worker has ended",
	 .worker_says = "learns which process has ended", AT_RETURN},
	{WAITS, .outcome = XRAY_NOTHING,
	 .says = "looks, but nobody has ended yet", AT_RETURN, BY_CHANCE},
	{WAITS, .outcome = XRAY_FAILED, .says = "nobody is left to wait for",
	 AT_RETURN},
	{WAITS, .says = "learns how the worker ended, and lets it go",
	 .worker_says = "learns how its process ended, and lets it go",
	 AT_RETURN},
	{"exit_group", .says = "ends",
	 .worker_says = "ends, and its process with it"},
	{"exit", .says = "ends, and its thread with it"},
	{"rt_sigtimedwait rt_sigsuspend pause",
	 .says = "sleeps until a worker has ended (a signal says so)",
	 .worker_says = "sleeps until a signal comes", AT_RETURN, BY_CHANCE},
	{"kill tgkill tkill pidfd_send_signal",
	 .says = "sends a signal, to end it", .worker_says = "sends a signal"},
	{"pidfd_open",
	 .says = "makes a descriptor that tells when the worker has ended"},

	/* Messages. */
	{READS, .on = "file", .says = "reads a file", LOADS},
	{WRITES, .on = "event", .says = "rings the other side's bell",
	 BY_CHANCE},
	{READS, .on = "event", .outcome = XRAY_SOME,
	 .says = "has heard the bell", AT_RETURN},
	{READS, .on = "signal", .outcome = XRAY_SOME,
	 .says = "reads which signal came", AT_RETURN},
	{READS " accept accept4", .outcome = XRAY_FAILED,
	 .says = "finds the other side broken", AT_RETURN},
	{READS, .on = "tcp", .outcome = XRAY_NOTHING,
	 .says = "looks, but nothing has come yet", AT_RETURN, BY_CHANCE},
	{READS, .on = "pipe", .outcome = XRAY_NOTHING,
	 .says = "looks, but the pipe is empty or ended", AT_RETURN, BY_CHANCE},
	{READS, .on = "socket", .outcome = XRAY_NOTHING,
	 .says = "looks, but the socket is empty or ended", AT_RETURN,
	 BY_CHANCE},
	{WRITES, .outcome = XRAY_FAILED, .says = "finds the other side gone"},
	{WRITES, .on = "pipe", .outcome = XRAY_ONE,
	 .says = "says go on, 1 byte",
	 .worker_says = "says that it is ready, 1 byte"},
	{READS, .on = "pipe", .outcome = XRAY_ONE,
	 .says = "hears that a worker is ready, 1 byte",
	 .worker_says = "hears go on, 1 byte", AT_RETURN},
	{WRITES, .on = "pipe", .says = "puts a task in a pipe, %n bytes",
	 .worker_says = "puts the result in a pipe, %n bytes"},
	{READS, .on = "pipe", .says = "takes a result off a pipe, %n bytes",
	 .worker_says = "takes a task off a pipe, %n bytes", AT_RETURN},
	{WRITES, .on = "socket", .needs = "SCM_RIGHTS",
	 .says = "sends %n bytes and a descriptor"},
	{READS, .on = "socket", .needs = "SCM_RIGHTS",
	 .says = "receives %n bytes and a descriptor", AT_RETURN},
	{WRITES, .on = "socket", .says = "sends a task, %n bytes",
	 .worker_says = "sends the result, %n bytes"},
	{READS, .on = "socket", .says = "receives a result, %n bytes",
	 .worker_says = "receives a task, %n bytes", AT_RETURN},
	{WRITES, .on = "tcp", .says = "sends a request over TCP, %n bytes",
	 .worker_says = "sends the answer over TCP, %n bytes"},
	{READS, .on = "tcp", .says = "receives the answer, %n bytes",
	 .worker_says = "receives a request, %n bytes", AT_RETURN},
	{"accept accept4", .outcome = XRAY_NOTHING,
	 .says = "looks, but nobody wants to connect", AT_RETURN, BY_CHANCE},
	{"accept accept4", .says = "takes a new connection", AT_RETURN},
	{WRITES, .says = "writes %n bytes"},
	{READS, .says = "reads %n bytes", AT_RETURN},

	/* Sleep. */
	{POLLS, .outcome = XRAY_NOTHING,
	 .says = "looks, but nothing has come yet", AT_RETURN, BY_CHANCE,
	 LOADS},
	{POLLS, .says = "sleeps until something has come", AT_RETURN,
	 BY_CHANCE},
	{"futex", .outcome = XRAY_NOTHING, .needs = "FUTEX_WAKE",
	 .says = "would wake another thread, but none sleeps", BY_CHANCE,
	 LOADS},
	{"futex", .needs = "FUTEX_WAKE", .says = "wakes another thread",
	 BY_CHANCE},
	{"futex", .outcome = XRAY_FAILED, .needs = "FUTEX_WAIT",
	 .says = "need not sleep, it has happened already", AT_RETURN,
	 BY_CHANCE},
	{"futex", .says = "sleeps until another thread wakes it", AT_RETURN,
	 BY_CHANCE},
	{"nanosleep clock_nanosleep", .says = "sleeps for a time", AT_RETURN,
	 BY_CHANCE},
	{"sched_yield", .says = "lets others run", BY_CHANCE},
	{"restart_syscall", .says = "goes on sleeping after an interruption",
	 AT_RETURN, BY_CHANCE},

	/* Things made and given back. */
	{"pipe pipe2", .says = "makes a pipe"},
	{"socketpair", .says = "makes two sockets, connected"},
	{"socket", .says = "makes a socket"},
	{"bind", .says = "gives the socket an address"},
	{"listen", .says = "lets others connect"},
	{"connect", .says = "connects"},
	{"shutdown", .says = "says that it will send no more"},
	{"getsockname", .says = "asks for its own port"},
	{"setsockopt getsockopt", .says = "sets or asks how a socket behaves"},
	{"epoll_create epoll_create1",
	 .says = "makes a list of descriptors to wait for"},
	{"epoll_ctl", .needs = "EPOLL_CTL_ADD",
	 .says = "puts a descriptor on its list"},
	{"epoll_ctl", .needs = "EPOLL_CTL_DEL",
	 .says = "takes a descriptor off its list"},
	{"epoll_ctl", .says = "changes what it waits for on its list"},
	{"eventfd eventfd2", .says = "makes a bell, a counter to wait for"},
	{"signalfd signalfd4",
	 .says = "makes a descriptor that signals come through"},
	{"timerfd_create timerfd_settime",
	 .says = "makes or sets an alarm clock"},
	{"memfd_create", .says = "makes memory to share"},
	{"dup dup2 dup3", .says = "puts a descriptor into another place",
	 LOADS},
	{"close close_range", .says = "closes what it has no more use for",
	 LOADS},
	{"open openat", .outcome = XRAY_FAILED,
	 .says = "looks for a file, not here", LOADS},
	{"open openat", .says = "opens a file", LOADS},
	{"pread64 stat fstat lstat newfstatat access faccessat2 readlink readlinkat getdents64 lseek statx",
	 .says = "looks at a file", LOADS},
	{"unlink unlinkat", .says = "removes a file"},
	{"ftruncate fallocate", .says = "sets a file's size"},
	{"fcntl ioctl", .says = "sets or asks how a descriptor behaves", LOADS},

	/* Memory. */
	{"mmap", .needs = "MAP_SHARED", .says = "gets memory that all share",
	 LOADS},
	{"mmap", .on = "", .says = "gets memory", LOADS},
	{"brk", .says = "gets memory", LOADS},
	{"munmap", .says = "gives memory back", LOADS},
	{"madvise", .says = "gives memory back, but keeps its place"},
	{"mprotect", .says = "sets who may touch memory", LOADS},

	/* Manners. */
	{"getuid geteuid getgid getegid", .says = "asks whose it is", LOADS},
	{"rt_sigreturn", .says = "goes on where a signal came between", LOADS},
	{"prctl", .needs = "PR_SET_PDEATHSIG",
	 .says = "asks to die with its parent", LOADS},
	{"getppid", .says = "asks if its parent is still there", LOADS},
	{"getpid gettid", .says = "asks for its own number", LOADS},
	{"sched_setaffinity", .says = "pins itself to its processor"},
	{"sched_getaffinity", .says = "asks on which processors it may run"},
	{"rt_sigaction", .says = "says what a signal does", LOADS},
	{"rt_sigprocmask", .says = "holds signals back, or no more", LOADS},
	{"setsid setpgid", .says = "begins a group of processes of its own"},
	{"prlimit64 setrlimit getrlimit",
	 .says = "sets or asks what it may use", LOADS},
	{"set_robust_list set_tid_address rseq arch_prctl",
	 .says = "the C library prepares a new thread or program", LOADS},
	{"getrandom", .says = "the C library asks for random numbers", LOADS},
};

/* What calls that load a program are together. */
static const struct xray_words loading = {
	.calls = "",
	.says = "loads the program and its libraries, and sets it up",
};

static const struct xray_words unknown = {
	.calls = "",
	.says = "see its page in section 2 of the manual",
};

/* Is @name one of the words of @list? */
static bool is_in(const char *name, const char *list)
{
	size_t n = strlen(name);

	for (const char *c = list; (c = strstr(c, name)); c++) {
		if ((c == list || c[-1] == ' ') && (c[n] == ' ' || !c[n]))
			return true;
	}
	return false;
}

static enum xray_outcome outcome_of(const struct xray_call *c)
{
	if (c->returned && c->value == 0)
		return XRAY_NOTHING;
	if (c->value != -1 || !c->error[0])
		return c->value == 1 ? XRAY_ONE : XRAY_SOME;
	return strcmp(c->error, "EAGAIN") == 0 ||
			       strcmp(c->error, "EINPROGRESS") == 0 ||
			       strcmp(c->error, "EINTR") == 0
		       ? XRAY_NOTHING
		       : XRAY_FAILED;
}

static bool fits(const struct xray_words *w, const struct xray_call *c)
{
	enum xray_outcome outcome = outcome_of(c);

	return is_in(c->name, w->calls) &&
	       (!w->on || strcmp(w->on, c->on) == 0) &&
	       (w->outcome == XRAY_ANY || w->outcome == outcome ||
		(w->outcome == XRAY_SOME && outcome == XRAY_ONE)) &&
	       (!w->needs || strstr(c->arguments, w->needs));
}

const struct xray_words *xray_words_of(const struct xray_call *call)
{
	for (size_t i = 0; i < ARRAY_LEN(table); i++) {
		if (fits(&table[i], call))
			return table[i].loads && call->after_exec ? &loading
								  : &table[i];
	}
	return &unknown;
}

const char *xray_words_name(const struct xray_words *words,
			    const struct xray_call *call)
{
	return words == &loading ? "(loading)" : call->name;
}

const char *xray_words_text(const struct xray_words *words, bool dispatcher)
{
	return dispatcher || !words->worker_says ? words->says
						 : words->worker_says;
}
