// SPDX-License-Identifier: GPL-2.0-only
/* The two wires of x86: the doorbell port, and the first 16550 at 0x3f8. */
#include "x86/boot/machine.h"

enum uart {
	UART = 0x3f8,
	UART_DATA = UART,
	UART_INTERRUPTS = UART + 1,
	UART_FIFO = UART + 2,
	UART_LINE = UART + 3,
	UART_MODEM = UART + 4,
	UART_STATUS = UART + 5,
};
enum uart_bits {
	LINE_8N1 = 3,
	LINE_DIVISOR = BIT(7),
	FIFO_ON = 0xc7, /* trigger at 14: some VMMs fill the FIFO only up to the trigger level */
	MODEM_DTR_RTS = 3,
	STATUS_DATA = BIT(0),
	STATUS_EMPTY = BIT(5),
	UART_FIFO_BYTES = 16,
	UART_POLL_PAUSE = 300, /* iterations */
};

/* What a host reads and writes through the doorbell; a page of its own. */
static u8 buffer[4096] __attribute__((aligned(4096)));
static bool doorbell;

_Static_assert(WIRE_BYTES_MAX <= sizeof(buffer), "a message fits the doorbell's page");

void wire_init(void)
{
	doorbell = inl(WIRE_DOORBELL_PORT) == WIRE_MAGIC;
	if (doorbell)
		return;
	outb(UART_INTERRUPTS, 0);
	outb(UART_LINE, LINE_DIVISOR | LINE_8N1);
	outb(UART_DATA, 1); /* 115200 */
	outb(UART_INTERRUPTS, 0);
	outb(UART_LINE, LINE_8N1);
	outb(UART_FIFO, FIFO_ON);
	outb(UART_MODEM, MODEM_DTR_RTS);
}

static void uart_write(const u8 *bytes, size_t size)
{
	while (size) {
		size_t n = MIN(size, (size_t)UART_FIFO_BYTES);

		while (!(inb(UART_STATUS) & STATUS_EMPTY))
			;
		size -= n;
		asm volatile("rep outsb" : "+S"(bytes), "+c"(n) : "d"(UART_DATA) : "memory");
	}
}

/*
 * An emulator that serves the port under its one big lock cannot fill the FIFO
 * while we ask without end whether it is filled.
 */
static u8 uart_read(void)
{
	while (!(inb(UART_STATUS) & STATUS_DATA))
		for (unsigned int i = 0; i < UART_POLL_PAUSE; i++)
			asm volatile("");
	return inb(UART_DATA);
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

	if (doorbell)
		outl(WIRE_DOORBELL_PORT, (u32)(u64)buffer);
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
