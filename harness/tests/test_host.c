#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "harness/base.h"
#include "harness/host.h"

#include <errno.h>
#include <ftw.h>
#include <limits.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/utsname.h>
#include <unistd.h>

/* A directory that stands for "/", made anew for each test. */
static char root[64];

static int make_root(void **state)
{
	(void)state;
	strcpy(root, "/tmp/test_host.XXXXXX");
	return mkdtemp(root) ? 0 : -1;
}

static int remove_one(const char *path, const struct stat *st, int type,
		      struct FTW *ftw)
{
	(void)st;
	(void)type;
	(void)ftw;
	return remove(path);
}

static int remove_root(void **state)
{
	(void)state;
	return nftw(root, remove_one, 8, FTW_DEPTH | FTW_PHYS);
}

/* Write @text to the file @path in the root, with all directories to it. */
static void put(const char *path, const char *text)
{
	char name[PATH_MAX];
	FILE *f;

	snprintf(name, sizeof(name), "%s%s", root, path);
	for (char *s = name + strlen(root) + 1; (s = strchr(s, '/')); s++) {
		*s = '\0';
		assert_true(mkdir(name, 0700) == 0 || errno == EEXIST);
		*s = '/';
	}
	f = fopen(name, "w");
	assert_non_null(f);
	assert_true(fputs(text, f) >= 0);
	assert_int_equal(fclose(f), 0);
}

/* NaN as @cpus: no quota. */
static void expect_quota(double cpus, const char *from)
{
	char told[8] = "?";
	double quota = host_quota(root, told);

	if (isnan(cpus))
		assert_true(isnan(quota));
	else
		assert_true(fabs(quota - cpus) < 1e-9);
	assert_string_equal(told, from);
}

#define CGROUP "/sys/fs/cgroup"

static void put_v1(const char *dir, const char *quota, const char *period)
{
	char path[PATH_MAX];

	snprintf(path, sizeof(path), CGROUP "%s/cpu.cfs_quota_us", dir);
	put(path, quota);
	snprintf(path, sizeof(path), CGROUP "%s/cpu.cfs_period_us", dir);
	put(path, period);
}

static void test_no_cgroup(void **state)
{
	(void)state;
	expect_quota(NAN, "");
	put("/proc/self/cgroup", "");
	expect_quota(NAN, "");
	put("/proc/self/cgroup", "0::/\n");
	expect_quota(NAN, "");
}

static void test_v2(void **state)
{
	(void)state;
	put("/proc/self/cgroup", "0::/user/session\n");
	put(CGROUP "/user/session/cpu.max", "150000 100000\n");
	expect_quota(1.5, "v2");
	put(CGROUP "/user/session/cpu.max", "max 100000\n");
	expect_quota(NAN, "v2");
}

/* The tightest limit on the way up counts, wherever it is. */
static void test_v2_nested(void **state)
{
	(void)state;
	put("/proc/self/cgroup", "0::/a/b/c\n");
	put(CGROUP "/a/b/c/cpu.max", "400000 100000\n");
	put(CGROUP "/a/b/cpu.max", "max 100000\n");
	put(CGROUP "/a/cpu.max", "125000 50000\n");
	expect_quota(2.5, "v2");
	put(CGROUP "/a/b/c/cpu.max", "50000 100000\n");
	expect_quota(0.5, "v2");
	put(CGROUP "/cpu.max", "10000 100000\n");
	expect_quota(0.1, "v2");
	/* A group that is not above us does not count. */
	put(CGROUP "/a/x/cpu.max", "1000 100000\n");
	expect_quota(0.1, "v2");
}

/* The path is the host's, but only our own group is mounted. */
static void test_container(void **state)
{
	(void)state;
	put("/proc/self/cgroup", "0::/docker/0123\n");
	put(CGROUP "/cpu.max", "300000 100000\n");
	expect_quota(3, "v2");
	put("/proc/self/cgroup", "0::/../../elsewhere\n");
	put("/sys/elsewhere/cpu.max", "100000 100000\n");
	expect_quota(3, "v2");
	put("/proc/self/cgroup", "0::/..\n");
	expect_quota(3, "v2");
}

static void test_v1(void **state)
{
	(void)state;
	put("/proc/self/cgroup", "3:memory:/m\n2:cpu:/job\n1:cpuset:/job\n");
	put_v1("/cpu/job", "50000\n", "100000\n");
	put_v1("/cpu", "-1\n", "100000\n");
	put_v1("/cpuset/job", "1000\n", "100000\n");
	expect_quota(0.5, "v1");
	put_v1("/cpu/job", "-1\n", "100000\n");
	expect_quota(NAN, "v1");
	put_v1("/cpu", "250000\n", "100000\n");
	expect_quota(2.5, "v1");
}

static void test_v1_joint_mount(void **state)
{
	(void)state;
	put("/proc/self/cgroup", "4:cpu,cpuacct:/job\n");
	put_v1("/cpu,cpuacct/job", "75000\n", "50000\n");
	expect_quota(1.5, "v1");
	/* Some name the mount after one of them only. */
	put("/proc/self/cgroup", "4:cpuacct,cpu:/job\n");
	put_v1("/cpu/job", "20000\n", "50000\n");
	expect_quota(0.4, "v1");
	put("/proc/self/cgroup", "4:cpuacct:/job\n5:cpuset:/job\n");
	expect_quota(NAN, "");
}

static void test_hybrid(void **state)
{
	(void)state;
	put("/proc/self/cgroup", "1:cpu,cpuacct:/v1\n0::/v2\n");
	put_v1("/cpu,cpuacct/v1", "300000\n", "100000\n");
	expect_quota(3, "v1");
	put(CGROUP "/unified/v2/cpu.max", "200000 100000\n");
	expect_quota(2, "v2");
	put_v1("/cpu,cpuacct/v1", "100000\n", "100000\n");
	expect_quota(1, "v1");
	/* Who sets no limit does not hide the one who does. */
	put("/proc/self/cgroup", "0::/v2\n1:cpu,cpuacct:/v1\n");
	put_v1("/cpu,cpuacct/v1", "-1\n", "100000\n");
	expect_quota(2, "v2");
}

static void test_garbage(void **state)
{
	static const char *const bad[] = {
		"",           "\n",
		"max",        "100000",
		"100000 ",    "100000 0",
		"0 100000",   "-5 100000",
		"1e5 100000", "abc 100000",
		"1 2 3",      "max 0",
		"maximum 1",  "5 100000x",
		"nan 100000", "99999999999999999999 100000",
	};

	(void)state;
	put("/proc/self/cgroup", "\n:\n::\nx\n0:\n0::\n0::/g\n2:cpu:/g\n");
	for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
		put(CGROUP "/g/cpu.max", bad[i]);
		expect_quota(NAN, "");
	}
	put_v1("/cpu/g", "", "100000");
	expect_quota(NAN, "");
	put_v1("/cpu/g", "0", "100000");
	expect_quota(NAN, "");
	put_v1("/cpu/g", "100000", "0");
	expect_quota(NAN, "");
	put_v1("/cpu/g", "100000x", "100000");
	expect_quota(NAN, "");
	put_v1("/cpu/g", "-2", "100000");
	expect_quota(NAN, "");
	/* Garbage below does not hide the limit above. */
	put(CGROUP "/cpu.max", "700000 100000");
	expect_quota(7, "v2");
}

static void test_nothing_known(void **state)
{
	struct host h;

	(void)state;
	memset(&h, 0xaa, sizeof(h));
	host_read_below(root, &h);
	assert_string_equal(h.cpu, "");
	assert_string_equal(h.hypervisor, "");
	assert_string_equal(h.governor, "");
	assert_string_equal(h.clocksource, "");
	assert_int_equal(h.aslr, -1);
	assert_true(isnan(h.mhz));
	assert_int_equal(h.turbo, -1);
	assert_int_equal(h.on_battery, -1);
	for (size_t i = 0; i < ARRAY_LEN(h.load); i++)
		assert_true(isnan(h.load[i]));
	assert_true(isnan(h.quota_cpus));
	assert_string_equal(h.quota_from, "");
}

static void test_all_known(void **state)
{
	struct host h;

	(void)state;
	put("/proc/cpuinfo", "processor\t: 0\ncpu family\t: 6\n"
			     "model name\t: Example CPU @ 3.00GHz\n"
			     "cpu MHz\t\t: 2596.125\nflags\t\t: fpu vme\n\n"
			     "processor\t: 1\nmodel name\t: Other\n");
	put("/proc/loadavg", "0.50 1.25 2.00 3/123 4567\n");
	put("/proc/sys/kernel/randomize_va_space", "2\n");
	put("/sys/devices/system/cpu/cpu0/cpufreq/scaling_governor",
	    "performance\n");
	put("/sys/devices/system/clocksource/clocksource0/current_clocksource",
	    "tsc\n");
	put("/proc/self/cgroup", "0::/\n");
	put(CGROUP "/cpu.max", "150000 100000\n");
	host_read_below(root, &h);
	assert_string_equal(h.cpu, "Example CPU @ 3.00GHz");
	assert_string_equal(h.hypervisor, "none");
	assert_string_equal(h.governor, "performance");
	assert_string_equal(h.clocksource, "tsc");
	assert_int_equal(h.aslr, 2);
	assert_true(h.mhz == 2596.125);
	assert_true(h.load[0] == 0.5 && h.load[1] == 1.25 && h.load[2] == 2);
	assert_true(h.quota_cpus == 1.5);
	assert_string_equal(h.quota_from, "v2");
	/* What cpufreq says is newer. */
	put("/sys/devices/system/cpu/cpu0/cpufreq/scaling_cur_freq",
	    "3100500\n");
	host_read_below(root, &h);
	assert_true(h.mhz == 3100.5);
}

static void test_nonsense(void **state)
{
	char line[400];
	struct host h;

	(void)state;
	memset(line, 'x', sizeof(line) - 1);
	memcpy(line, "cpu : ", 6);
	line[sizeof(line) - 1] = '\0';
	put("/proc/cpuinfo", line);
	put("/proc/loadavg", "much 1.5 2.5x 1/2 3\n");
	put("/proc/sys/kernel/randomize_va_space", "12\n");
	put("/sys/devices/system/cpu/cpu0/cpufreq/scaling_cur_freq", "fast\n");
	put("/sys/devices/system/cpu/cpu0/cpufreq/scaling_governor", line);
	host_read_below(root, &h);
	assert_int_equal(strlen(h.cpu), sizeof(h.cpu) - 1);
	assert_int_equal(strlen(h.governor), sizeof(h.governor) - 1);
	assert_true(isnan(h.load[0]) && isnan(h.load[2]));
	assert_true(h.load[1] == 1.5);
	assert_int_equal(h.aslr, -1);
	assert_true(isnan(h.mhz));
	/* A longer key is another key. */
	put("/proc/cpuinfo", "cpu family\t: 6\n");
	host_read_below(root, &h);
	assert_string_equal(h.cpu, "");
}

static void expect_hypervisor(const char *wanted)
{
	struct host h;

	host_read_below(root, &h);
	assert_string_equal(h.hypervisor, wanted);
}

static void test_hypervisor(void **state)
{
	const char *const clocks =
		"/sys/devices/system/clocksource/clocksource0/"
		"available_clocksource";

	(void)state;
	/* No x86: nobody tells. */
	put("/proc/cpuinfo", "Features\t: fp asimd\n");
	expect_hypervisor("");
	put("/proc/cpuinfo", "flags\t\t: fpu hypervisor_not lm\n");
	expect_hypervisor("none");
	put("/proc/cpuinfo", "flags\t\t: fpu hypervisor\n");
	expect_hypervisor("vm");
	put("/sys/class/dmi/id/sys_vendor", "Example Computers\n");
	expect_hypervisor("vm");
	put("/sys/class/dmi/id/sys_vendor", "VMware, Inc.\n");
	expect_hypervisor("vmware");
	put("/sys/class/dmi/id/sys_vendor", "QEMU\n");
	expect_hypervisor("qemu");
	put(clocks, "tsc acpi_pm\n");
	expect_hypervisor("qemu");
	put(clocks, "tsc kvm-clock acpi_pm\n");
	expect_hypervisor("kvm");
	put("/sys/hypervisor/type", "xen\n");
	expect_hypervisor("xen");
}

static void expect_turbo(int wanted)
{
	struct host h;

	host_read_below(root, &h);
	assert_int_equal(h.turbo, wanted);
}

static void test_turbo(void **state)
{
	const char *const boost = "/sys/devices/system/cpu/cpufreq/boost";
	const char *const off = "/sys/devices/system/cpu/intel_pstate/no_turbo";

	(void)state;
	put(boost, "1\n");
	expect_turbo(1);
	put(boost, "0\n");
	expect_turbo(0);
	put(boost, "10\n");
	expect_turbo(-1);
	put(boost, "1\n");
	/* Its own driver knows better, and says it the other way round. */
	put(off, "1\n");
	expect_turbo(0);
	put(off, "0\n");
	expect_turbo(1);
	put(off, "yes\n");
	expect_turbo(-1);
}

static void put_supply(const char *name, const char *file, const char *text)
{
	char path[PATH_MAX];

	snprintf(path, sizeof(path), "/sys/class/power_supply/%s/%s", name,
		 file);
	put(path, text);
}

static void expect_battery(int wanted)
{
	struct host h;

	host_read_below(root, &h);
	assert_int_equal(h.on_battery, wanted);
}

static void test_battery(void **state)
{
	(void)state;
	/* The mouse's. */
	put_supply("hidpp0", "type", "Battery\n");
	put_supply("hidpp0", "scope", "Device\n");
	put_supply("hidpp0", "status", "Discharging\n");
	expect_battery(-1);
	put_supply("BAT0", "type", "Battery\n");
	expect_battery(-1);
	put_supply("BAT0", "status", "Unknown\n");
	expect_battery(-1);
	put_supply("BAT0", "status", "Full\n");
	expect_battery(0);
	/* Of two batteries, one is emptied first. */
	put_supply("BAT1", "type", "Battery\n");
	put_supply("BAT1", "status", "Discharging\n");
	expect_battery(1);
	put_supply("BAT1", "status", "Not charging\n");
	put_supply("BAT0", "status", "Discharging\n");
	expect_battery(1);
}

/* A plug is believed before a battery. */
static void test_plug(void **state)
{
	(void)state;
	put_supply("BAT0", "type", "Battery\n");
	put_supply("BAT0", "status", "Discharging\n");
	put_supply("AC", "type", "Mains\n");
	put_supply("AC", "online", "?\n");
	expect_battery(1);
	put_supply("AC", "online", "1\n");
	expect_battery(0);
	put_supply("AC", "online", "0\n");
	put_supply("BAT0", "status", "Not charging\n");
	expect_battery(1);
	/* One of two plugs with power is enough, whichever is read first. */
	put_supply("AC2", "type", "Mains\n");
	put_supply("AC2", "online", "1\n");
	expect_battery(0);
	put_supply("AC2", "online", "0\n");
	put_supply("AC", "online", "1\n");
	expect_battery(0);
}

static void test_this_machine(void **state)
{
	struct utsname u;
	struct host h;

	(void)state;
	memset(&h, 0xaa, sizeof(h));
	host_read(&h);
	assert_int_equal(uname(&u), 0);
	assert_non_null(strstr(h.kernel, u.release));
	assert_true(strncmp(h.name, u.nodename, sizeof(h.name) - 1) == 0);
	assert_int_equal(h.cpus, sysconf(_SC_NPROCESSORS_ONLN));
	assert_true(h.memory_bytes > 1 << 20);
	assert_non_null(strstr(h.compiler, __VERSION__));
	assert_true(h.compiler[0] != '1'); /* a name before the number */
	assert_true(isnan(h.quota_cpus) || h.quota_cpus > 0);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, make_root, remove_root)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_no_cgroup),
		TEST(test_v2),
		TEST(test_v2_nested),
		TEST(test_container),
		TEST(test_v1),
		TEST(test_v1_joint_mount),
		TEST(test_hybrid),
		TEST(test_garbage),
		TEST(test_nothing_known),
		TEST(test_all_known),
		TEST(test_nonsense),
		TEST(test_hypervisor),
		TEST(test_turbo),
		TEST(test_battery),
		TEST(test_plug),
		TEST(test_this_machine),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
