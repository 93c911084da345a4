// SPDX-License-Identifier: GPL-2.0-only
/* See terminal.h. */
#include "harness/driver/terminal.h"

#include <fcntl.h>
#include <stdlib.h>
#include <termios.h>
#include <unistd.h>

int terminal_open(char *name, size_t size, int *slave)
{
	int fd = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC | O_NONBLOCK);
	struct termios raw;

	*slave = -1;
	if (fd < 0)
		return -1;
	if (!grantpt(fd) && !unlockpt(fd) && !ptsname_r(fd, name, size))
		*slave = open(name, O_RDWR | O_NOCTTY | O_CLOEXEC);
	if (*slave >= 0 && !tcgetattr(*slave, &raw)) {
		cfmakeraw(&raw);
		if (!tcsetattr(*slave, TCSANOW, &raw))
			return fd;
	}
	if (*slave >= 0)
		close(*slave);
	*slave = -1;
	close(fd);
	return -1;
}
