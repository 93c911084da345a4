# SPDX-License-Identifier: GPL-2.0-only
#
# make run     judge every hypervisor this machine has
# make check   run Assay's own tests, its sabotage and mutants among them
# make mutants break KVM on purpose, one edit at a time, and see that the suite notices
# make bochs   build Bochs, patched and not, into the cache (doc/bochs.md)
# make amx     judge AMX and XFD: Bochs itself, KVM in it, and two bugs of stock kernels
# make kernels build arm64 kernels with and without a bug, for what no distribution has
# make mutants-arm64  break the vGIC, the ITS and the timers on purpose, as make mutants does KVM on x86
# make arm64   judge Debian's arm64 kernels in a lab, and see that the suite notices faults
# make         build; see also: bench, fuzz, format, clean
#
# Nothing to configure: sources are found by folder, dependencies by the
# compiler, missing packages by ci/setup.

B := build
CC ?= gcc
MAKEFLAGS += --no-builtin-rules
.SECONDARY:

WARNINGS := -Wall -Wextra -Werror -Wshadow -Wstrict-prototypes -Wmissing-prototypes -Wundef
HOST_CFLAGS := -std=gnu11 -O2 -g -D_GNU_SOURCE -I. -isystem /usr/include/libxml2 $(WARNINGS) $(EXTRA_CFLAGS)
FUZZ_CFLAGS := -std=gnu11 -O1 -g -D_GNU_SOURCE -I. -isystem /usr/include/libxml2 -fno-sanitize-recover=all
GUEST_CFLAGS := -std=gnu11 -O2 -g -I. $(WARNINGS) -Wno-missing-prototypes \
	-ffreestanding -fno-pic -fno-pie -mcmodel=large -mno-red-zone -mgeneral-regs-only \
	-fno-stack-protector -fno-asynchronous-unwind-tables -fcf-protection=none \
	-fno-tree-loop-distribute-patterns -fno-jump-tables -fno-toplevel-reorder -march=x86-64 -DASSAY_GUEST

ARM64_CC := aarch64-linux-gnu-gcc
ARM64_GUEST_CFLAGS := -std=gnu11 -O2 -g -I. $(WARNINGS) -Wno-missing-prototypes \
	-ffreestanding -fno-pic -fno-pie -mgeneral-regs-only -mstrict-align -mno-outline-atomics \
	-fno-stack-protector -fno-asynchronous-unwind-tables -fno-tree-loop-distribute-patterns \
	-fno-toplevel-reorder -march=armv8-a -DASSAY_GUEST

AREAS := paging event xstate amx state instruction nested smm hyperv mmio self
ARM64_AREAS := gic its vgic doorbell self-arm64
LIB := $(wildcard lib/*.c lib/x86/*.c lib/arm64/*.c)
X86_GUEST := $(wildcard lib/*.c lib/x86/*.c x86/boot/*.c x86/boot/*.S lib/guest/*.c)
ARM64_GUEST := $(wildcard lib/*.c lib/arm64/*.c arm64/boot/*.c arm64/boot/*.S lib/guest/*.c)

BARE := harness/driver/kvm-bare.c
DRIVER_COMMON := $(filter-out $(wildcard $(patsubst %,harness/driver/%*.c,kvm q bochs)),\
	$(wildcard harness/driver/*.c))
IMAGE := $(wildcard harness/driver/image*.c)
KERNEL_SOURCES := $(wildcard harness/lab/kernel*.c)
ASSAY_SOURCES := $(wildcard harness/assay/*.c) $(KERNEL_SOURCES) $(IMAGE) $(LIB)
KVM_ARM64 := $(wildcard harness/driver/kvm-arm64*.c)
KVM_SHARED := $(addprefix harness/driver/kvm-,cpu.c irqfd.c large.c memory.c others.c pageout.c run.c scratch.c \
	vm.c)
KVM_SOURCES := $(filter-out $(BARE) $(KVM_ARM64),$(wildcard harness/driver/kvm*.c)) $(DRIVER_COMMON) $(LIB)
KVM_ARM64_SOURCES := $(KVM_ARM64) $(KVM_SHARED) $(DRIVER_COMMON) $(LIB)
QEMU_SOURCES := $(wildcard harness/driver/q*.c) $(DRIVER_COMMON) $(LIB)
BOCHS_SOURCES := $(wildcard harness/driver/bochs*.c) $(DRIVER_COMMON) $(LIB)
LAB_SOURCES := $(filter-out $(KERNEL_SOURCES),$(wildcard harness/lab/*.c harness/lab/*.S)) \
	$(addprefix harness/driver/,qmp.c terminal.c options.c kvm-arm64-options.c)

PAYLOADS := $(foreach a,$(AREAS),$(if $(wildcard x86/$a/*.c),$B/x86/$a))
ARM64_PAYLOADS := $(foreach a,$(ARM64_AREAS),$(if $(wildcard arm64/$a/*.c),$B/arm64/$a))
DRIVERS := $(if $(wildcard harness/driver/kvm.c),$B/assay-driver-kvm) \
	$(if $(wildcard harness/driver/qemu.c),$B/assay-driver-qemu) \
	$(if $(wildcard harness/driver/bochs.c),$B/assay-driver-bochs)

objects = $(patsubst %.c,$B/$1/%.o,$(filter %.c,$2)) $(patsubst %.S,$B/$1/%.o,$(filter %.S,$2))

.PHONY: all run check unit fuzzers bench fuzz mutants mutants-arm64 kernels arm64 bochs amx format clean setup
all: assay $(DRIVERS) $B/assay-lab $B/assay-ssh $(PAYLOADS) $(PAYLOADS:=.bin) $(PAYLOADS:=.img) \
	$B/arm64/driver/assay-driver-kvm $(ARM64_PAYLOADS) $(ARM64_PAYLOADS:=.bin) $B/.list-ok

setup:
	@ci/setup

run: setup
	@$(MAKE) --no-print-directory all
	@./assay run

check:
	@ci/setup check
	@$(MAKE) --no-print-directory all unit fuzzers
	@ci/check

# --- host ---

ASSAY_LIBRARIES := -ljansson -larchive -lmd -lxml2

assay: $(call objects,host,$(ASSAY_SOURCES))
	@echo "  LD    $@"
	@$(CC) -o $@ $^ $(ASSAY_LIBRARIES) $(EXTRA_LDFLAGS)

$B/assay-driver-kvm: $(call objects,host,$(KVM_SOURCES))
	@echo "  LD    $@"
	@$(CC) -static -o $@ $^ -lpthread

# What an arm64 lab boots; static, so that it runs on any kernel of that architecture.
$B/arm64/driver/assay-driver-kvm: $(call objects,arm64,$(KVM_ARM64_SOURCES))
	@mkdir -p $(@D)
	@echo "  LD    $@"
	@$(ARM64_CC) -static -o $@ $^ -lpthread

$B/arm64/%.o: %.c
	@mkdir -p $(@D)
	@echo "  CC    $< (arm64)"
	@$(ARM64_CC) $(HOST_CFLAGS) -MMD -MP -c -o $@ $<

$B/assay-driver-qemu: $(call objects,host,$(QEMU_SOURCES))
	@echo "  LD    $@"
	@$(CC) -o $@ $^ -ljansson

$B/assay-driver-bochs: $(call objects,host,$(BOCHS_SOURCES))
	@echo "  LD    $@"
	@$(CC) -o $@ $^

$B/assay.a: $(call objects,host,$(filter-out harness/assay/main.c,$(ASSAY_SOURCES)))
	@rm -f $@; ar rcs $@ $^

$B/assay-lab: $(call objects,host,$(LAB_SOURCES)) $B/assay.a
	@echo "  LD    $@"
	@$(CC) -o $@ $^ $(ASSAY_LIBRARIES)

$B/assay-ssh: harness/place/ssh.sh
	@install -D $< $@

$B/host/%.o: %.c
	@mkdir -p $(@D)
	@echo "  CC    $<"
	@$(CC) $(HOST_CFLAGS) -MMD -MP -c -o $@ $<

$B/host/%.o: %.S
	@mkdir -p $(@D)
	@echo "  AS    $<"
	@$(CC) -I. -MMD -MP -c -o $@ $<

# --- payloads: one image an area, in three forms ---
#
# x86/AREA      ELF64: PVH, direct entry; what drivers and `assay list` read
# x86/AREA.bin  flat: Multiboot 1 by its address fields
# x86/AREA.img  a raw disk: our boot sector, then the flat form
#
# arm64/AREA      ELF64: direct entry; what drivers and `assay list` read
# arm64/AREA.bin  flat: a Linux Image by its header

define payload
$B/x86/$1: $(call objects,guest/$1,$(wildcard x86/$1/*.c x86/$1/*.S) $(X86_GUEST)) x86/boot/payload.ld
	@mkdir -p $$(@D)
	@echo "  LD    $$@"
	@ld -nostdlib -static -z noexecstack --no-warn-rwx-segments -z max-page-size=0x4000 --build-id=none \
		-T x86/boot/payload.ld -o $$@ $$(filter %.o,$$^)
endef
$(foreach a,$(AREAS),$(eval $(call payload,$a)))

define arm64_payload
$B/arm64/$1: $(call objects,guest/$1,$(wildcard arm64/$1/*.c arm64/$1/*.S) $(ARM64_GUEST)) arm64/boot/payload.ld
	@mkdir -p $$(@D)
	@echo "  LD    $$@"
	@$(ARM64_CC:gcc=ld) -nostdlib -static -z noexecstack --no-warn-rwx-segments -z max-page-size=0x1000 \
		--build-id=none -T arm64/boot/payload.ld -o $$@ $$(filter %.o,$$^)
endef
$(foreach a,$(ARM64_AREAS),$(eval $(call arm64_payload,$a)))

$B/arm64/%.bin: $B/arm64/%
	@$(ARM64_CC:gcc=objcopy) -O binary $< $@

$B/x86/%.bin: $B/x86/%
	@objcopy -O binary $< $@

$B/x86/%.img: $B/x86/%.bin $B/guest/disk/boot-sector.bin
	@cat $B/guest/disk/boot-sector.bin $< > $@
	@truncate -s +32K $@	# the boot sector reads whole chunks of 32 KiB,
	@truncate -s %1M $@	# and SeaBIOS boots no disk smaller than a cylinder

$B/guest/disk/boot-sector.bin: x86/boot/disk/boot-sector.S
	@mkdir -p $(@D)
	@$(CC) -m32 -c -o $(@:.bin=.o) $<
	@ld -m elf_i386 -Ttext 0x7c00 --oformat binary -o $@ $(@:.bin=.o)

# guest/AREA/path.o: the area is the first folder, the source the rest.
define guest_rules
$B/guest/$1/%.o: %.c
	@mkdir -p $$(@D)
	@echo "  GCC   $$< ($1)"
	@$2 $3 -DASSAY_AREA='"$1"' -MMD -MP -c -o $$@ $$<
$B/guest/$1/%.o: %.S
	@mkdir -p $$(@D)
	@$2 -I. -DASSAY_GUEST -MMD -MP -c -o $$@ $$<
endef
$(foreach a,$(AREAS),$(eval $(call guest_rules,$a,$$(CC),$$(GUEST_CFLAGS))))
$(foreach a,$(ARM64_AREAS),$(eval $(call guest_rules,$a,$$(ARM64_CC),$$(ARM64_GUEST_CFLAGS))))

# Ids and sentences are unique, or nothing is built.
$B/.list-ok: assay $(PAYLOADS) $(ARM64_PAYLOADS)
	@./assay list --count >/dev/null && touch $@

# --- Assay's own unit tests: t/NAME.c beside what it tests, libcheck, TAP ---

UNIT_SOURCES := $(wildcard lib/t/*.c lib/x86/t/*.c lib/arm64/t/*.c harness/driver/t/*.c harness/assay/t/*.c \
	harness/lab/t/*.c)
UNIT_HELPERS := lib/t/tap.c harness/lab/t/make.c harness/lab/t/packages.c
UNIT_TESTS := $(patsubst %.c,$B/unit/%,$(filter-out $(UNIT_HELPERS),$(UNIT_SOURCES)))
UNIT_LIBRARY := $(filter-out %/main.c harness/driver/kvm%.c harness/driver/bochs%.c,\
	$(ASSAY_SOURCES) $(wildcard harness/driver/*.c) $(LAB_SOURCES)) $(UNIT_HELPERS)

unit: $(UNIT_TESTS)
$B/unit.a: $(call objects,host,$(sort $(UNIT_LIBRARY)))
	@rm -f $@; ar rcs $@ $^
$B/unit/%: $B/host/%.o $B/unit.a
	@mkdir -p $(@D)
	@echo "  LD    $@"
	@$(CC) -o $@ $^ -lcheck -lsubunit -lm -lrt -lpthread $(ASSAY_LIBRARIES)

# --- fuzzers: harness/fuzz/NAME.c is one each, built by clang with sanitizers ---

FUZZERS := $(patsubst harness/fuzz/%.c,$B/fuzz/%,$(wildcard harness/fuzz/*.c))
FUZZ_SOURCES := $(LIB) $(IMAGE) $(KERNEL_SOURCES) harness/driver/request.c \
	$(filter-out harness/assay/main.c,$(wildcard harness/assay/*.c))

fuzzers: $(FUZZERS)
$B/fuzz.a: $(FUZZ_SOURCES) $(wildcard lib/*.h harness/*/*.h)
	@echo "  CLANG $@"
	@rm -rf $B/fuzz-objects; mkdir -p $B/fuzz-objects
	@for source in $(FUZZ_SOURCES); do \
		clang $(FUZZ_CFLAGS) -fsanitize=fuzzer-no-link,address,undefined -c \
			-o $B/fuzz-objects/$$(echo $$source | tr / -).o $$source || exit 1; done
	@rm -f $@; ar rcs $@ $B/fuzz-objects/*.o
$B/fuzz/%: harness/fuzz/%.c $B/fuzz.a
	@mkdir -p $(@D)
	@echo "  CLANG $@"
	@clang $(FUZZ_CFLAGS) -fsanitize=fuzzer,address,undefined -o $@ $^ $(ASSAY_LIBRARIES)

$B/kvm-bare: $B/host/$(BARE:.c=.o)
	@$(CC) -o $@ $^
$B/replies: $(call objects,host,harness/bench/replies.c $(LIB))
	@$(CC) -o $@ $^

bench: setup
	@$(MAKE) --no-print-directory all $B/kvm-bare $B/replies
	@ci/bench

fuzz: setup
	@ci/setup check
	@$(MAKE) --no-print-directory all fuzzers
	@ci/fuzz $(SECONDS)

# KERNEL=RELEASE is another kernel of Debian's, MUTANTS="GLOB..." only some (doc/mutants.md).
mutants: setup
	@ci/setup mutants
	@$(MAKE) --no-print-directory all
	@ci/kvm-mutants/judge $(if $(KERNEL),--kernel '$(KERNEL)') $(foreach m,$(MUTANTS),'$m')

mutants-arm64: setup
	@ci/setup kernels
	@$(MAKE) --no-print-directory all
	@ci/kvm-mutants/judge --arm64 $(if $(KERNEL),--kernel '$(KERNEL)') $(foreach m,$(MUTANTS),'$m')

# Some minutes, once: then they are in the cache (doc/kernels.md).
kernels: setup
	@ci/setup kernels
	@$(MAKE) --no-print-directory all
	@ci/arm64-kernels/make

# Some minutes each, once: then they are in the cache.
bochs: setup
	@ci/setup bochs
	@$(MAKE) --no-print-directory all
	@ci/bochs/build patched
	@ci/bochs/build unpatched

# KERNEL=SPEC is another kernel.
amx: bochs
	@ci/amx $(if $(KERNEL),'$(KERNEL)')

# Verdicts of Debian's newest arm64 kernels, the lost doorbell, the sabotage of its driver.
arm64: kernels
	@ci/setup check
	@ci/arm64

# The action table of lib/sync.h as a document; harness/t/list.t sees that it is current.
doc/actions.md: assay lib/sync.h
	@sed '/^```/,$$d' $@ >$B/actions.md
	@{ echo '```'; ./assay actions; echo '```'; } >>$B/actions.md
	@mv $B/actions.md $@

format:
	@clang-format -i $$(git ls-files '*.c' '*.h')

clean:
	rm -rf $B assay

-include $(shell find $B -name '*.d' 2>/dev/null)
