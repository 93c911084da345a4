#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# One payload, every way into it: PVH, Multiboot, a disk with our boot sector,
# directly in long mode; with every kind of interrupt controller.
. "$(dirname "$0")/tap.sh"

targets="
qemu,machine=microvm,boot=pvh
qemu,machine=pc,boot=pvh
qemu,machine=q35,boot=pvh
qemu,machine=microvm,boot=multiboot
qemu,machine=pc,boot=multiboot
qemu,machine=q35,boot=multiboot
qemu,machine=pc,boot=disk
qemu,machine=q35,boot=disk
kvm,irqchip=kernel
kvm,irqchip=split
kvm,irqchip=none
kvm,isolation=image
"
plan 12
for target in $targets; do
	case $target in
	kvm*) have_kvm || { skip "$target" "no usable /dev/kvm"; continue; } ;;
	esac
	./assay run --target "$target" self/passes self/user self/saves-and-restores --no-known \
		--format tap >"$work/run" 2>&1
	is 0 $? "$target" || explain "$work/run"
done
