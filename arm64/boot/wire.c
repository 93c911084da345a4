// SPDX-License-Identifier: GPL-2.0-only
/* The two wires of arm64: the doorbell in device memory, and the PL011. */
#include "arm64/boot/machine.h"

enum pl011 {
	UART_DR = PLATFORM_UART,
	UART_FR = PLATFORM_UART + 0x18,
	UART_IBRD = PLATFORM_UART + 0x24,
	UART_FBRD = PLATFORM_UART + 0x28,
	UART_LCRH = PLATFORM_UART + 0x2c,
	UART_CR = PLATFORM_UART + 0x30,
	UART_IMSC = PLATFORM_UART + 0x38,
};
enum pl011_bits {
	FR_RECEIVE_EMPTY = BIT(4),
	FR_TRANSMIT_EMPTY = BIT(7),
	LCRH_FIFO_8 = 0x70,
	CR_ON = 0x301,
	UART_FIFO_BYTES = 16,
	UART_POLL_PAUSE = 300, /* iterations */
};

/* What a host reads and writes through the doorbell; a page of its own. */
static u8 buffer[4096] __attribute__((aligned(4096)));
static bool doorbell;

_Static_assert(WIRE_BYTES_MAX <= sizeof(buffer), "a message fits the doorbell's page");

void wire_init(void)
{
	u32 magic = 0;
	struct fault f = TRY("ldr %w0, [%1]", : "+&r"(magic) : "r"((u64)PLATFORM_DOORBELL));

	doorbell = f.class == EC_NONE && magic == WIRE_MAGIC;
	if (doorbell)
		return;
	write32(UART_CR, 0);
	write32(UART_IMSC, 0);
	write32(UART_IBRD, 1);
	write32(UART_FBRD, 0);
	write32(UART_LCRH, LCRH_FIFO_8);
	write32(UART_CR, CR_ON);
}

static void uart_write(const u8 *bytes, size_t size)
{
	for (size_t i = 0; i < size; i++) {
		while (!(i % UART_FIFO_BYTES) && !(read32(UART_FR) & FR_TRANSMIT_EMPTY))
			;
		write32(UART_DR, bytes[i]);
	}
}

/*
 * An emulator that serves the port under its one big lock cannot fill the FIFO
 * while we ask without end whether it is filled.
 */
static u8 uart_read(void)
{
	while (read32(UART_FR) & FR_RECEIVE_EMPTY)
		for (unsigned int i = 0; i < UART_POLL_PAUSE; i++)
			asm volatile("");
	return (u8)read32(UART_DR);
}

static void uart_receive(struct message *m)
{
	size_t have = 0, used;

	for (;;) {
		switch (wire_decode(m, buffer, have, &used)) {
		case WIRE_OK:
			return;
		case WIRE_BAD:
			have -= used;
			memmove(buffer, buffer + used, have);
			break;
		case WIRE_SHORT:
			buffer[have++] = uart_read();
		}
	}
}

static void transmit(const struct message *m)
{
	size_t size = wire_encode(m, buffer);

	asm volatile("dsb sy" ::: "memory");
	if (doorbell)
		write64(PLATFORM_DOORBELL, (u64)buffer);
	else
		uart_write(buffer, size);
}

void wire_send(const struct message *m)
{
	transmit(m);
}

void wire_call(const struct message *m, struct message *reply)
{
	size_t used;

	transmit(m);
	if (!doorbell)
		uart_receive(reply);
	else if (wire_decode(reply, buffer, sizeof(buffer), &used) != WIRE_OK)
		machine_power_off();
}
