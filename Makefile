# manyhands: one Makefile, not recursive.  `make help' lists the targets.
#
# Sources are found by wildcard: a new file needs no edit here, a new model,
# workload or experiment only its row in bench/registry.def.  CFLAGS, CPPFLAGS,
# LDFLAGS, LDLIBS and WERROR=1 are yours, V=1 shows the commands, and
# VARIANT=release|debug|asan|tsan chooses how to compile.

ifeq ($(filter grouped-target,$(.FEATURES)),)
$(error manyhands needs GNU make 4.3 or newer, this is $(MAKE_VERSION))
endif

VARIANT ?= release
BUILD ?= build
O := $(BUILD)/$(VARIANT)
MAKEFLAGS += --no-builtin-rules --no-print-directory
.DELETE_ON_ERROR:
.DEFAULT_GOAL := all

ifneq ($(filter deps,$(MAKECMDGOALS)),)

# While make reads this file it asks pkg-config for flags, and `make deps test'
# may only just be installing pkg-config.  So with `deps' among the goals this
# make does nothing but deps, and then starts a second one for all the others.
OTHERS := $(filter-out deps,$(MAKECMDGOALS))
.PHONY: deps after-deps $(OTHERS)
deps:
	@CC='$(CC)' sh harness/deps.sh install
$(OTHERS): after-deps ; @:
after-deps: deps
	@+$(MAKE) $(OTHERS)

else

# These goals must work where nothing is installed yet.
BARE := help clean format format-check floors
GOALS := $(filter-out $(BARE),$(or $(MAKECMDGOALS),all))
ifneq ($(GOALS),)
FOR_TESTS := $(filter test tests check calibrate lint $(BUILD)/%,$(GOALS))
MISSING := $(shell CC='$(CC)' sh harness/deps.sh missing build \
	$(if $(FOR_TESTS),tests))
ifneq ($(MISSING),)
$(error $(MISSING))
endif

PKGS := hwloc jansson zlib libcrypto
# Debian 12 has llhttp only as C sources, in the package node-llhttp.
ifeq ($(shell pkg-config --exists libllhttp && echo yes),yes)
PKGS += libllhttp
else
LLHTTP := /usr/share/llhttp
LLHTTP_CPPFLAGS := -isystem /usr/share/include/llhttp
endif
PKG_CPPFLAGS := $(shell pkg-config --cflags $(PKGS)) $(LLHTTP_CPPFLAGS)
PKG_LIBS := $(shell pkg-config --libs $(PKGS))
TASK_LIBS := $(shell pkg-config --libs jansson zlib libcrypto) -ldl -lm
TEST_LIBS := $(if $(FOR_TESTS),$(shell pkg-config --libs cmocka))
endif

FLAGS_release := -O2 -g
FLAGS_debug := -O0 -g
FLAGS_asan := -O1 -g -fsanitize=address,undefined -fno-sanitize-recover=all \
	-fno-omit-frame-pointer
FLAGS_tsan := -O1 -g -fsanitize=thread
# Of `make fuzz' alone, with clang.
FLAGS_fuzz := -O1 -g -fsanitize=fuzzer-no-link,address,undefined \
	-fno-sanitize-recover=all -fno-omit-frame-pointer
ifndef FLAGS_$(VARIANT)
$(error no variant "$(VARIANT)"; there are: release debug asan tsan)
endif

WARNINGS_BOTH := -Wall -Wextra -Wshadow $(if $(WERROR),-Werror)
WARNINGS := $(WARNINGS_BOTH) -Wstrict-prototypes -Wmissing-prototypes \
	-Wconversion -Wvla
LANGUAGE := -std=c17 -D_GNU_SOURCE -I. $(PKG_CPPFLAGS)
# Last, so that no CFLAGS can change what a golden digest is.
EXACT := -ffp-contract=off -fno-fast-math
COMPILE = $(CC) $(LANGUAGE) -pthread $(FLAGS_$(VARIANT)) $(CPPFLAGS) $(CFLAGS) \
	$(EXACT) -MMD -MP
# Bound to its libraries when it starts: what is bound at the first call, each
# forked child would bind anew, as its parent never makes the calls of a worker.
LINK = $(CC) -pthread -Wl,-z,now $(FLAGS_$(VARIANT)) $(CFLAGS) $(EXACT) \
	$(LDFLAGS)
LIBS = $(PKG_LIBS) -ldl -lm $(LDLIBS)

PROGRAM := $(if $(filter release,$(VARIANT)),$(BUILD),$O)/manyhands
MAIN := $O/bench/main.o
# The small program of the models exec and shell: the workloads, nothing else.
TASK_PROGRAM := $(PROGRAM)-task
ASSETS := $(wildcard harness/*.S)
SOURCES := $(wildcard harness/*.c bench/*.c bench/cli/*.c bench/models/*.c \
	bench/workloads/*.c bench/experiments/*.c)
OBJECTS := $(SOURCES:%.c=$O/%.o) $(ASSETS:%.S=$O/%.o) \
	$(if $(LLHTTP),$(patsubst %,$O/llhttp/%.o,llhttp api http))
PARTS := $(filter-out $(MAIN),$(OBJECTS))
TASK_OBJECTS := $(addprefix $O/,bench/task/main.o bench/registry_workloads.o \
	$(addprefix harness/,base.o errand.o fault.o task.o)) \
	$(patsubst %.c,$O/%.o,$(wildcard bench/workloads/*.c))

# Programs of bench/peers, beside ours: scripts as they are, and in C or C++ those
# whose library is found.  They are never compiled with sanitisers, which do not
# know what OpenMP and the like synchronise; but for feed, which is all ours.
PEERS := $(dir $(PROGRAM))peers
PEER_SCRIPTS := $(patsubst bench/peers/%,$(PEERS)/%,\
	$(wildcard bench/peers/*.js bench/peers/*.py bench/peers/programs.sh))
PEER_SOURCES := bench/peers/stint.c harness/base.c $(wildcard bench/workloads/*.c)
PLAIN_O := $O/plain
PLAIN_PARTS := $(PEER_SOURCES:%.c=$(PLAIN_O)/%.o)
FEED_PARTS := $(sort $(PEER_SOURCES:%.c=$O/%.o) $(filter $O/harness/%.o,$(PARTS)))
found = $(shell pkg-config --exists '$1' 2>/dev/null && echo yes)
links = $(shell echo 'int main() { return 0; }' | \
	$1 - -o /dev/null 2>/dev/null && echo yes)
ifneq ($(GOALS),)
LIBRARY_PEERS := $(if $(call links,$(CC) -xc -fopenmp),openmp) \
	$(if $(call found,glib-2.0),glib) $(if $(call found,libuv),libuv) \
	$(if $(call found,tbb),$(if $(call links,$(CXX) -xc++),tbb))
PEER_PROGRAMS := $(addprefix $(PEERS)/,feed $(LIBRARY_PEERS))
endif

# Every test_*.c is a program; what else lies beside it is linked to it, and the
# tests of bench/ may use what those of harness/ use.
# A fuzz_*.c is a program of `make fuzz'.
FUZZERS := $(wildcard harness/tests/fuzz_*.c bench/tests/fuzz_*.c)
TEST_SOURCES := $(filter-out $(FUZZERS),\
	$(wildcard harness/tests/*.c bench/tests/*.c))
TEST_MAINS := $(foreach f,$(TEST_SOURCES),$(if $(filter test_%,$(notdir $f)),$f))
TEST_PARTS := $(patsubst %.c,$O/%.o,$(filter-out $(TEST_MAINS),$(TEST_SOURCES)))
TESTS := $(sort $(patsubst %.c,$O/tests/%,$(notdir $(TEST_MAINS))))
TEST_SCRIPTS := $(wildcard harness/tests/test_*.sh bench/tests/test_*.sh)
EXAMPLES := $(patsubst bench/examples/%.c,$(BUILD)/examples/%.so,\
	$(wildcard bench/examples/*.c))
C_FILES := $(wildcard harness/*.[ch] harness/tests/*.[ch] bench/*.[ch] \
	bench/*/*.[ch])

Q := $(if $(V),,@)
say = $(if $(V),,@printf '  %-7s %s\n' $(1) $@)

##@ Measure
.PHONY: all peers bench quick full goals report
all: $(PROGRAM) $(TASK_PROGRAM) peers ## build the programs (the default)

bench: all ## measure, 3 minutes; more options with ARGS='...'
	$(Q)$(PROGRAM) run $(ARGS)

quick: all ## measure one workload for half a minute: a first impression
	$(Q)$(PROGRAM) run --quick $(ARGS)

full: all ## ask all questions, up to 40 blocks, at most 45 minutes
	$(Q)$(PROGRAM) run --full $(ARGS)

goals: all ## measure how this program itself does beside limits and rivals
	$(Q)dir=results/$$(date -u +%Y%m%dT%H%M%SZ)-goals && \
		$(PROGRAM) run --experiment goals --blocks 10 --no-plots \
		--budget 3600 --out $$dir $(ARGS) >/dev/null && \
		$(PROGRAM) goals $$dir

report: $(PROGRAM) ## make the plots and the report of the newest run again
	$(Q)$(PROGRAM) report $(ARGS)

##@ Test
.PHONY: test tests check calibrate fuzz floors lint format format-check
test: tests ## run all tests
	$(Q)MANYHANDS=$(PROGRAM) bash harness/tests/run.sh -v $(VARIANT) \
		-o $O/tests.sum $(TEST_SCRIPTS) $(TESTS)

check: ## run all tests as they are, then under asan and ubsan, then tsan
	$(Q)+rc=0; for v in release asan tsan; do \
		rm -f $(BUILD)/$$v/tests.sum; \
		$(MAKE) test VARIANT=$$v || rc=1; done; \
	awk '{ p += $$1; f += $$3 } END { print "all variants:"; \
		print p+0 " passed, " f+0 " failed" }' \
		$(BUILD)/release/tests.sum $(BUILD)/asan/tests.sum \
		$(BUILD)/tsan/tests.sum; exit $$rc

tests: all $(TESTS) $(EXAMPLES) $(FUZZERS:%.c=$O/%.o) ## build all that the tests need, run none

CALIBRATORS := $(addprefix $O/tests/,test_calibration test_live test_stall)
TRIALS ?= 5000
SLICE_MS ?= 20
STALL_SECONDS ?= 10
SETTINGS = $(foreach v,TRIALS SECONDS SLICE_MS STALL_SECONDS,$v=$($v))
calibrate: SECONDS := 180
calibrate: all $(CALIBRATORS) ## measure how often the tool is right, about 6 minutes; TRIALS=5000 SECONDS=180
	$(Q)MANYHANDS=$(PROGRAM) bash harness/tests/calibrate.sh \
		-o $(BUILD)/calibration.md -s '$(SETTINGS)' \
		'$O/tests/test_calibration $(TRIALS)' \
		'$O/tests/test_live $(SECONDS) $(SLICE_MS)' \
		'$O/tests/test_stall $(STALL_SECONDS)'

# Every fuzzer has a folder of its own, where its corpus grows.
FUZZ := $(patsubst fuzz_%.c,%,$(notdir $(FUZZERS)))
FUZZ_DIR := $(BUILD)/fuzz
fuzz: SECONDS := 60
fuzz: ## feed bad input to what reads it, with clang's libFuzzer; FUZZ=name SECONDS=60
	$(Q)mkdir -p $(FUZZ_DIR)
	$(Q)echo 'int LLVMFuzzerTestOneInput(void) { return 0; }' | \
		clang -fsanitize=fuzzer,address -xc - -o $(FUZZ_DIR)/try \
		>$(FUZZ_DIR)/try.log 2>&1 || { \
		echo "make fuzz needs clang with its run-time libraries:" \
		"apt-get install clang libclang-rt-dev;" \
		"see $(FUZZ_DIR)/try.log" >&2; exit 1; }
	$(Q)+$(MAKE) VARIANT=fuzz CC=clang $(FUZZ:%=$(FUZZ_DIR)/tests/fuzz_%)
	$(Q)for f in $(FUZZ); do \
		mkdir -p $(FUZZ_DIR)/$$f/seeds $(FUZZ_DIR)/$$f/corpus && \
		$(FUZZ_DIR)/tests/fuzz_$$f --seed $(FUZZ_DIR)/$$f/seeds && \
		(cd $(FUZZ_DIR)/$$f && ../tests/fuzz_$$f -timeout=20 \
		-max_total_time=$(SECONDS) -rss_limit_mb=2048 \
		-max_len=65536 -print_final_stats=1 corpus seeds) || exit; \
	done

floors: ## check that every file includes only what stands below it
	$(Q)sh harness/tests/floors.sh

# Not what includes headers of libraries that may not be there.
NOT_LINTED := $(patsubst %,bench/peers/%.c,openmp glib libuv)
lint: $(patsubst %,$(BUILD)/lint/%.ok,$(filter-out $(NOT_LINTED),$(filter %.c,$(C_FILES)))) ## look for mistakes with clang-tidy

format: ## lay out the C files as .clang-format says
	$(Q)clang-format -i $(C_FILES)

format-check: ## say which C files `make format' would change
	$(Q)clang-format --dry-run -Werror $(C_FILES)

##@ Other
.PHONY: help clean
# `make deps' itself is at the top of this file.
deps: ## install what is missing, with the system's package manager

clean: ## remove everything built; results stay
	$(Q)rm -rf $(BUILD)

help: ## this list
	@awk 'BEGIN { FS = ":.*## " } \
		/^##@ / { printf "\n%s\n", substr($$0, 5) } \
		/^[a-z-]+:.*## / { printf "  %-14s %s\n", $$1, $$2 }' Makefile

$(PROGRAM): $(OBJECTS)
	$(call say,LINK)
	$(Q)mkdir -p $(@D) && $(LINK) $^ $(LIBS) -o $@

peers: $(PEER_PROGRAMS) $(PEER_SCRIPTS) ## build what others use, as far as there are libraries for it

$(PEERS)/%: bench/peers/%
	$(call say,COPY)
	$(Q)mkdir -p $(@D) && cp $< $@

$(PEERS)/feed: $O/bench/peers/feed.o $(FEED_PARTS)
	$(call say,LINK)
	$(Q)mkdir -p $(@D) && $(LINK) $^ $(LIBS) -o $@

PLAIN = $(FLAGS_release) -I. -pthread $(WARNINGS_BOTH) $(CPPFLAGS) -MMD -MP
$(PLAIN_O)/%.o: %.c Makefile
	$(call say,CC)
	$(Q)mkdir -p $(@D) && $(CC) $(LANGUAGE) $(PLAIN) $(CFLAGS) $(EXACT) \
		$(PEER_FLAGS) -c $< -o $@

$(PLAIN_O)/%.o: %.cpp Makefile
	$(call say,CXX)
	$(Q)mkdir -p $(@D) && $(CXX) -std=c++17 $(PLAIN) $(CXXFLAGS) \
		$(PEER_FLAGS) -c $< -o $@

# What a peer needs goes to its own object, too.
PEER_FLAGS_openmp := -fopenmp
PEER_FLAGS_glib = $(shell pkg-config --cflags glib-2.0)
PEER_FLAGS_libuv = $(shell pkg-config --cflags libuv)
PEER_FLAGS_tbb = $(shell pkg-config --cflags tbb)
PEER_LIBS_openmp := -fopenmp
PEER_LIBS_glib = $(shell pkg-config --libs glib-2.0)
PEER_LIBS_libuv = $(shell pkg-config --libs libuv)
PEER_LIBS_tbb = $(shell pkg-config --libs tbb) -lstdc++
$(PLAIN_O)/bench/peers/%.o: PEER_FLAGS = $(PEER_FLAGS_$(notdir $*))
$(LIBRARY_PEERS:%=$(PEERS)/%): $(PEERS)/%: $(PLAIN_O)/bench/peers/%.o $(PLAIN_PARTS)
	$(call say,LINK)
	$(Q)mkdir -p $(@D) && $(CC) -pthread $(LDFLAGS) $^ $(PEER_LIBS_$*) $(LIBS) -o $@

# Without a dynamic linker it starts three times as fast.  Where archives of the
# libraries are missing, or a sanitizer wants its own, it is linked as usual.
STATIC_release := -static
STATIC_debug := -static
$(TASK_PROGRAM): $(TASK_OBJECTS)
	$(call say,LINK)
	$(Q)mkdir -p $(@D) && { $(if $(STATIC_$(VARIANT)),$(LINK) -static $^ \
		$(TASK_LIBS) $(LDLIBS) -o $@ 2>$O/static.log ||) \
		$(LINK) -Wl,--as-needed $^ $(TASK_LIBS) $(LDLIBS) -o $@; }

$O/%.o: %.c Makefile
	$(call say,CC)
	$(Q)mkdir -p $(@D) && $(COMPILE) $(WARNINGS) -c $< -o $@

# The assembler reads the files of .incbin unseen by -MMD.
$O/%.o: %.S Makefile $(wildcard plots/*.gp harness/*.css harness/*.html)
	$(call say,AS)
	$(Q)mkdir -p $(@D) && $(COMPILE) -c $< -o $@

$O/llhttp/%.o: $(LLHTTP)/%.c Makefile
	$(call say,CC)
	$(Q)mkdir -p $(@D) && $(COMPILE) -w -c $< -o $@

$O/tests/%: $O/harness/tests/%.o $(filter $O/harness/%,$(TEST_PARTS)) $(PARTS)
	$(call say,LINK)
	$(Q)mkdir -p $(@D) && $(LINK) $^ $(LIBS) $(TEST_LIBS) -o $@

$O/tests/fuzz_%: LDFLAGS += -fsanitize=fuzzer
$O/tests/%: $O/bench/tests/%.o $(TEST_PARTS) $(PARTS)
	$(call say,LINK)
	$(Q)mkdir -p $(@D) && $(LINK) $^ $(LIBS) $(TEST_LIBS) -o $@

$(BUILD)/examples/%.so: bench/examples/%.c harness/workload.h Makefile
	$(call say,CC)
	$(Q)mkdir -p $(@D) && $(CC) -std=c17 -I. -O2 $(CPPFLAGS) $(CFLAGS) \
		$(EXACT) -shared -fPIC $< -o $@

$(BUILD)/lint/%.ok: % $(filter %.h,$(C_FILES)) .clang-tidy Makefile
	$(call say,LINT)
	$(Q)mkdir -p $(@D) && sh harness/lint.sh $< $(LANGUAGE) && touch $@

.PRECIOUS: $O/%.o
-include $(patsubst %.o,%.d,$(OBJECTS) $O/bench/task/main.o $(TEST_PARTS) \
	$(FEED_PARTS) $(PLAIN_PARTS) $(TEST_MAINS:%.c=$O/%.o)) \
	$(PEER_PROGRAMS:$(PEERS)/%=$(PLAIN_O)/bench/peers/%.d)
endif
