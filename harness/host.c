#include "harness/host.h"

#include "harness/base.h"

#include <ctype.h>
#include <dirent.h>
#include <limits.h>
#include <math.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>
#include <unistd.h>

/* What is read here is short; what is longer is cut. */
#define TEXT_MAX 8192

#define CPUFREQ "/sys/devices/system/cpu/cpu0/cpufreq"
#define PSTATE "/sys/devices/system/cpu/intel_pstate"
#define BOOST "/sys/devices/system/cpu/cpufreq/boost"
#define SUPPLIES "/sys/class/power_supply"
#define CLOCKSOURCE "/sys/devices/system/clocksource/clocksource0"

/*
 * Read the start of the file that @format and what follows name, without white
 * space at its end.  False, and "", if there is no such file or it is empty.
 */
__attribute__((format(printf, 2, 3))) static bool
read_text(char ret[TEXT_MAX], const char *format, ...)
{
	char path[PATH_MAX];
	size_t n = 0;
	va_list args;
	FILE *f;
	int length;

	ret[0] = '\0';
	va_start(args, format);
	length = vsnprintf(path, sizeof(path), format, args);
	va_end(args);
	if (length < 0 || (size_t)length >= sizeof(path))
		return false;
	f = fopen(path, "re");
	if (!f)
		return false;
	n = fread(ret, 1, TEXT_MAX - 1, f);
	(void)fclose(f); /* only read */
	while (n > 0 && isspace((unsigned char)ret[n - 1]))
		n--;
	ret[n] = '\0';
	return n > 0;
}

/* Copy @text, cut to @size; a cut result is better than none. */
static void copy(char *ret, size_t size, const char *text)
{
	size_t n = strnlen(text, size - 1);

	memcpy(ret, text, n);
	ret[n] = '\0';
}

/*
 * The value of the first line "@key : value" of a text like /proc/cpuinfo, up
 * to the end of the line, in @ret; false if there is none.
 */
static bool find_value(const char *text, const char *key, char *ret,
		       size_t size)
{
	size_t n = strlen(key);

	for (const char *line = text; line; line = strchr(line, '\n')) {
		const char *s;

		line += *line == '\n';
		if (strncmp(line, key, n) != 0)
			continue;
		s = line + n + strspn(line + n, " \t");
		if (*s != ':')
			continue;
		s++;
		s += strspn(s, " \t");
		(void)snprintf(ret, size, "%.*s", (int)strcspn(s, "\n"), s);
		return true;
	}
	return false;
}

/* A number that is all of @text, else NaN. */
static double parse_number(const char *text)
{
	char *end;
	double x = strtod(text, &end);

	return end != text && *end == '\0' && isfinite(x) ? x : NAN;
}

static bool has_word(const char *text, const char *word)
{
	size_t n = strlen(word);

	for (const char *s = text; (s = strstr(s, word)); s += n)
		if ((s == text || s[-1] == ' ') && (s[n] == ' ' || !s[n]))
			return true;
	return false;
}

struct hint {
	const char *begin, *name;
};

/*
 * A guest may use a clock of its hypervisor, which tells more surely who that
 * is than the DMI tables do.
 */
static const struct hint clocks[] = {
	{"kvm-clock", "kvm"},
	{"hyperv_clocksource", "hyper-v"},
	{"xen", "xen"},
};

static const struct hint vendors[] = {
	{"QEMU", "qemu"},           {"VMware", "vmware"},
	{"innotek", "virtualbox"},  {"Microsoft", "hyper-v"},
	{"Amazon EC2", "amazon"},   {"Google", "google"},
	{"Parallels", "parallels"}, {"Xen", "xen"},
};

/* The name for the first of @n hints with which a word of @text begins. */
static const char *match_hint(const struct hint *hints, size_t n,
			      const char *text)
{
	for (size_t i = 0; i < n; i++) {
		const char *at = strstr(text, hints[i].begin);

		if (at && (at == text || at[-1] == ' '))
			return hints[i].name;
	}
	return NULL;
}

static void read_hypervisor(const char *root, const char *cpuinfo,
			    struct host *ret)
{
	char text[TEXT_MAX], flags[TEXT_MAX];
	const char *name = NULL;

	if (read_text(text, "%s/sys/hypervisor/type", root)) {
		copy(ret->hypervisor, sizeof(ret->hypervisor), text);
		return;
	}
	/* Only x86 tells by a flag whether there is one at all. */
	if (!find_value(cpuinfo, "flags", flags, sizeof(flags)))
		return;
	if (!has_word(flags, "hypervisor")) {
		copy(ret->hypervisor, sizeof(ret->hypervisor), "none");
		return;
	}
	if (read_text(text, "%s" CLOCKSOURCE "/available_clocksource", root))
		name = match_hint(clocks, ARRAY_LEN(clocks), text);
	if (!name && read_text(text, "%s/sys/class/dmi/id/sys_vendor", root))
		name = match_hint(vendors, ARRAY_LEN(vendors), text);
	copy(ret->hypervisor, sizeof(ret->hypervisor), name ? name : "vm");
}

static void read_mhz(const char *root, const char *cpuinfo, struct host *ret)
{
	char text[TEXT_MAX];

	if (read_text(text, "%s" CPUFREQ "/scaling_cur_freq", root))
		ret->mhz = parse_number(text) / 1000; /* was in kHz */
	else if (find_value(cpuinfo, "cpu MHz", text, sizeof(text)))
		ret->mhz = parse_number(text);
}

/* One driver says whether turbo is off, the others whether it is on. */
static int read_turbo(const char *root)
{
	char text[TEXT_MAX];
	int off = 0;

	if (read_text(text, "%s" PSTATE "/no_turbo", root))
		off = 1;
	else
		(void)read_text(text, "%s" BOOST, root);
	if (strcmp(text, "0") != 0 && strcmp(text, "1") != 0)
		return -1;
	return (text[0] == '1') != off;
}

/*
 * What the power supply @name tells: 1 that there is only a battery, 0 that
 * there is more, -1 nothing.  @mains: it is a plug, which is sure of it.
 */
static int read_supply(const char *root, const char *name, bool *mains)
{
	char type[TEXT_MAX], text[TEXT_MAX];

	(void)read_text(type, "%s" SUPPLIES "/%s/type", root, name);
	*mains = strcmp(type, "Mains") == 0;
	if (*mains) {
		(void)read_text(text, "%s" SUPPLIES "/%s/online", root, name);
		if (strcmp(text, "0") == 0)
			return 1;
		return strcmp(text, "1") == 0 ? 0 : -1;
	}
	if (strcmp(type, "Battery") != 0)
		return -1;
	/* That of a mouse says nothing about us. */
	if (read_text(text, "%s" SUPPLIES "/%s/scope", root, name) &&
	    strcmp(text, "Device") == 0)
		return -1;
	if (!read_text(text, "%s" SUPPLIES "/%s/status", root, name) ||
	    strcmp(text, "Unknown") == 0)
		return -1;
	return strcmp(text, "Discharging") == 0;
}

/*
 * One plug with power is enough.  Where no plug tells anything, the batteries
 * do: one that discharges is enough.
 */
static int read_battery(const char *root)
{
	char path[PATH_MAX];
	int plug = -1, battery = -1;
	struct dirent *entry;
	DIR *d;

	if (snprintf(path, sizeof(path), "%s" SUPPLIES, root) >=
	    (int)sizeof(path))
		return -1;
	d = opendir(path);
	if (!d)
		return -1;
	while ((entry = readdir(d))) {
		bool mains;
		int told = read_supply(root, entry->d_name, &mains);

		if (mains && told >= 0 && plug != 0)
			plug = told;
		else if (!mains && told > battery)
			battery = told;
	}
	(void)closedir(d); /* only read */
	return plug >= 0 ? plug : battery;
}

/* Three numbers come first: the means of 1, 5 and 15 minutes. */
static void read_load(char *text, struct host *ret)
{
	for (size_t i = 0; i < ARRAY_LEN(ret->load); i++) {
		char *word = strsep(&text, " ");

		ret->load[i] = word ? parse_number(word) : NAN;
	}
}

static void read_system(struct host *ret)
{
	/* gcc's own text is a bare number, clang's begins with its name. */
	const char *compiler = strstr(__VERSION__, "lang") ? "" : "gcc ";
	long pages = sysconf(_SC_PHYS_PAGES), page = sysconf(_SC_PAGESIZE);
	long cpus = sysconf(_SC_NPROCESSORS_ONLN);
	struct utsname u;

	(void)snprintf(ret->compiler, sizeof(ret->compiler), "%s%s", compiler,
		       __VERSION__);
	if (uname(&u) == 0) {
		copy(ret->name, sizeof(ret->name), u.nodename);
		(void)snprintf(ret->kernel, sizeof(ret->kernel),
			       "%.16s %.60s %.16s", u.sysname, u.release,
			       u.machine);
	}
	if (pages > 0 && page > 0)
		ret->memory_bytes = (uint64_t)pages * (uint64_t)page;
	if (cpus > 0)
		ret->cpus = (uint32_t)cpus;
}

void host_read_below(const char *root, struct host *ret)
{
	char cpuinfo[TEXT_MAX], text[TEXT_MAX];

	*ret = (struct host){.aslr = -1, .mhz = NAN, .load = {NAN, NAN, NAN}};
	read_system(ret);
	(void)read_text(cpuinfo, "%s/proc/cpuinfo", root);
	/* x86 calls it "model name", POWER "cpu", ARM does not tell. */
	if (!find_value(cpuinfo, "model name", ret->cpu, sizeof(ret->cpu)))
		(void)find_value(cpuinfo, "cpu", ret->cpu, sizeof(ret->cpu));
	read_hypervisor(root, cpuinfo, ret);
	read_mhz(root, cpuinfo, ret);
	if (read_text(text, "%s" CPUFREQ "/scaling_governor", root))
		copy(ret->governor, sizeof(ret->governor), text);
	if (read_text(text, "%s" CLOCKSOURCE "/current_clocksource", root))
		copy(ret->clocksource, sizeof(ret->clocksource), text);
	if (read_text(text, "%s/proc/sys/kernel/randomize_va_space", root) &&
	    text[0] >= '0' && text[0] <= '9' && text[1] == '\0')
		ret->aslr = text[0] - '0';
	ret->turbo = read_turbo(root);
	ret->on_battery = read_battery(root);
	if (read_text(text, "%s/proc/loadavg", root))
		read_load(text, ret);
	ret->quota_cpus = host_quota(root, ret->quota_from);
}

void host_read(struct host *ret)
{
	host_read_below("/", ret);
}
