/* Code memory: one piece of memory mapped twice, to write and to execute. */
#define _GNU_SOURCE
#include "machine/translator/private.h"

#include <sys/mman.h>
#include <unistd.h>

bool code_memory_init(struct code_memory *m, size_t size)
{
	int fd = memfd_create("translations", MFD_CLOEXEC);
	void *write = MAP_FAILED, *execute = MAP_FAILED;

	*m = (struct code_memory){ .size = size };
	if (fd < 0)
		return false;
	if (ftruncate(fd, (off_t)size) == 0) {
		write = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
		execute = mmap(NULL, size, PROT_READ | PROT_EXEC, MAP_SHARED, fd, 0);
	}
	close(fd);
	if (write != MAP_FAILED)
		m->write = write;
	if (execute != MAP_FAILED)
		m->execute = execute;
	if (m->write && m->execute)
		return true;
	code_memory_fini(m);
	return false;
}

void code_memory_fini(struct code_memory *m)
{
	if (m->write)
		munmap(m->write, m->size);
	if (m->execute)
		munmap((void *)m->execute, m->size);
	*m = (struct code_memory){ 0 };
}

const void *code_memory_executable(const struct code_memory *m, const uint8_t *written)
{
	return m->execute + (written - m->write);
}
