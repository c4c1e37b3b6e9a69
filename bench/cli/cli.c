#include "bench/cli/cli.h"

#include <ctype.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <link.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "bench/cli/command.h"
#include "bench/registry.h"
#include "harness/base.h"
#include "harness/fault.h"
#include "harness/placement.h"

static void complain_list(const char *format, va_list args)
{
	fputs("manyhands: ", stderr);
	vfprintf(stderr, format, args);
	fputc('\n', stderr);
}

void complain(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	complain_list(format, args);
	va_end(args);
}

_Noreturn void die(enum exit_code code, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	complain_list(format, args);
	va_end(args);
	exit((int)code);
}

int finish_output(int code)
{
	if (fflush(stdout) != 0 || ferror(stdout))
		die(EXIT_ENVIRONMENT, "cannot write to standard output: %s",
		    strerror(errno));
	return code;
}

int stdout_take(void)
{
	int fd = fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, STDERR_FILENO + 1);

	/* If there is no standard output, writing to it will tell. */
	if (fd >= 0)
		(void)dup2(STDERR_FILENO, STDOUT_FILENO);
	return fd;
}

void stdout_give(int fd)
{
	(void)fflush(stdout); /* not ours, so its loss is none either */
	if (fd < 0)
		return;
	(void)dup2(fd, STDOUT_FILENO);
	(void)close(fd);
}

uint64_t parse_number(const char *option, const char *text, uint64_t min,
		      uint64_t max)
{
	unsigned long long value;
	char *end;

	errno = 0;
	value = strtoull(text, &end, 10);
	/* strtoull() takes "-1" and " 1"; we do not. */
	if (!isdigit((unsigned char)text[0]) || *end || errno || value < min ||
	    value > max)
		die(EXIT_USAGE, "%s '%s': a whole number from %llu to %llu",
		    option, text, (unsigned long long)min,
		    (unsigned long long)max);
	return value;
}

uint32_t parse_workers(const char *text)
{
	return (uint32_t)parse_number("--workers", text, 1, JOB_MAX_WORKERS);
}

uint32_t parse_depth(const char *text)
{
	return (uint32_t)parse_number("--depth", text, 1, JOB_MAX_DEPTH);
}

char *parse_item(const char *option, const char **rest)
{
	size_t n;
	char *item;

	if (!*rest)
		return NULL;
	n = strcspn(*rest, ",");
	if (n == 0)
		die(EXIT_USAGE, "%s: an empty item in the list", option);
	item = strndup(*rest, n);
	CHECK(item);
	*rest = (*rest)[n] ? *rest + n + 1 : NULL;
	return item;
}

/* Die naming @name and the @n valid names that name_of() gives. */
static _Noreturn void unknown(const char *what, const char *name, size_t n,
			      const char *(*name_of)(size_t))
{
	char list[512] = "";
	size_t used = 0;

	for (size_t i = 0; i < n && used < sizeof(list); i++)
		used += (size_t)snprintf(list + used, sizeof(list) - used,
					 "%s%s", i ? ", " : "", name_of(i));
	die(EXIT_USAGE, "unknown %s '%s'; one of: %s", what, name, list);
}

static const char *model_name(size_t i)
{
	return models[i]->name;
}

static const char *workload_name(size_t i)
{
	return workloads[i]->name;
}

static const char *experiment_name(size_t i)
{
	return experiments[i]->name;
}

const struct model *require_model(const char *name)
{
	const struct model *model = model_find(name);

	if (!model)
		unknown("model", name, n_models, model_name);
	return model;
}

/* The user's own, and the option that has named it. */
static const struct workload *loaded;
static char *loading[2];

const struct workload *require_workload(const char *name)
{
	const struct workload *workload = workload_find(name);

	if (loaded && strcmp(loaded->name, name) == 0)
		return loaded;
	if (!workload)
		workload = fault_workload(name, require_workload);
	if (!workload)
		unknown("workload", name, n_workloads, workload_name);
	return workload;
}

const struct experiment *require_experiment(const char *name)
{
	const struct experiment *experiment = experiment_find(name);

	if (!experiment)
		unknown("experiment", name, n_experiments, experiment_name);
	return experiment;
}

struct placement *require_placement(const char *policy, uint32_t workers,
				    const char *synthetic)
{
	struct placement *p;
	int r = placement_plan(policy, workers, synthetic, &p);

	if (r == 0)
		return p;
	if (r == -ERANGE)
		die(EXIT_USAGE,
		    "--pin '%s': a CPU that does not exist or may not be used "
		    "here; see manyhands topology",
		    policy);
	if (r == -EINVAL && synthetic) {
		/* Which of the two is wrong?  A good policy tells. */
		if (placement_plan("compact", 1, synthetic, &p) < 0)
			die(EXIT_USAGE,
			    "--synthetic '%s': not a description like "
			    "\"pack:2 numa:2 core:8 pu:2\"",
			    synthetic);
		placement_free(p);
	}
	if (r == -EINVAL)
		die(EXIT_USAGE,
		    "--pin '%s': one of compact, scatter, core, none or a CPU "
		    "list like 0,2,4-7",
		    policy);
	die(EXIT_ENVIRONMENT, "reading the topology: %s", strerror(-r));
}

static bool is_name(const char *name)
{
	return name && *name && strlen(name) < 32 &&
	       strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789_") ==
		       strlen(name);
}

/*
 * Whether the symbol at @address has the kind and size of a struct workload.
 * Anything may be called so, and a function read as a struct would crash us.
 */
static bool is_workload(const void *address)
{
	const ElfW(Sym) * symbol;
	Dl_info info;

	return dladdr1(address, &info, (void **)&symbol, RTLD_DL_SYMENT) &&
	       symbol && ELF64_ST_TYPE(symbol->st_info) == STT_OBJECT &&
	       symbol->st_size == sizeof(struct workload);
}

char *load_workload(const char *path)
{
	/* Without a slash, dlopen() would search the library path instead. */
	char *absolute = realpath(path, NULL);
	const struct workload *w;
	void *object;

	if (loaded)
		die(EXIT_USAGE,
		    "--load-workload '%s': there can be only one, and '%s' is "
		    "loaded already",
		    path, loaded->name);
	if (!absolute)
		die(EXIT_USAGE, "--load-workload '%s': %s", path,
		    strerror(errno));
	/* Never closed: its code runs until the process ends. */
	object = dlopen(absolute, RTLD_NOW | RTLD_LOCAL);
	if (!object)
		die(EXIT_USAGE, "--load-workload: %s", dlerror());
	w = dlsym(object, "workload");
	if (!w)
		die(EXIT_USAGE,
		    "--load-workload '%s': it defines no symbol 'workload' "
		    "(const struct workload workload = …)",
		    path);
	if (!is_workload(w))
		die(EXIT_USAGE,
		    "--load-workload '%s': its symbol 'workload' is not a "
		    "struct workload of harness/workload.h; compile it again",
		    path);
	if (!is_name(w->name) || !w->summary || !w->size_unit || !w->run ||
	    w->default_size == 0)
		die(EXIT_USAGE,
		    "--load-workload '%s': its workload needs a name (a-z, "
		    "0-9, _), summary, size_unit, default_size and run",
		    path);
	if (workload_find(w->name))
		die(EXIT_USAGE,
		    "--load-workload '%s': there is a workload '%s' already",
		    path, w->name);
	loaded = w;
	CHECK(asprintf(&loading[0], "--load-workload=%s", absolute) > 0);
	return absolute;
}

void load_command(const char *line)
{
	if (loaded)
		die(EXIT_USAGE,
		    "--command '%s': there can be only one workload of your "
		    "own, and '%s' is loaded already",
		    line, loaded->name);
	/* The line is a word of other processes' command lines, in turn. */
	if (strlen(line) > 1000)
		die(EXIT_USAGE, "--command: the line is too long");
	command_parse(line);
	loaded = &workload_command;
	CHECK(asprintf(&loading[0], "--command=%s", line) > 0);
}

const char *const *loading_words(void)
{
	return (const char *const *)loading;
}

const char *small_program(void)
{
	static char path[PATH_MAX + sizeof("manyhands-task")];
	ssize_t n = readlink("/proc/self/exe", path, PATH_MAX);

	if (n < 0)
		die(EXIT_ENVIRONMENT, "/proc/self/exe: %s", strerror(errno));
	path[n] = '\0';
	strcpy(strrchr(path, '/') + 1, "manyhands-task");
	return path;
}

const char *task_program(void)
{
	return loaded ? NULL : small_program();
}

const struct workload *loaded_workload(void)
{
	return loaded;
}

/* Whether results_read() failed because of what the user named. */
static bool is_no_run(int r)
{
	static const int errors[] = {EINVAL, ENOENT,       ENOTDIR, EISDIR,
				     ELOOP,  ENAMETOOLONG, ENOTSUP, EFBIG};

	for (size_t i = 0; i < ARRAY_LEN(errors); i++) {
		if (r == -errors[i])
			return true;
	}
	return false;
}

void require_run(const char *dir, struct run_results *run,
		 struct summary *summary)
{
	char error[512];
	int r = results_read(dir, run, error, sizeof(error));

	if (r < 0)
		die(is_no_run(r) ? EXIT_USAGE : EXIT_ENVIRONMENT, "%s", error);
	r = summary_make(run, summary);
	if (r < 0)
		die(EXIT_ENVIRONMENT, "%s: %s", dir, strerror(-r));
}
