/*
 * User-mode Linux gives a process its floating point state with ptrace, from a buffer that has room for AVX-512. On a processor with
 * more (AMX) the kernel refuses a state that is not whole (EFAULT), and every process of the machine would end at its first
 * instruction. Loaded into linux.uml, this leaves what the buffer does not hold as it is.
 */
#define _GNU_SOURCE
#include <elf.h>
#include <errno.h>
#include <stdarg.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

long ptrace(enum __ptrace_request request, ...) {
    va_list arguments;
    va_start(arguments, request);
    pid_t pid = va_arg(arguments, pid_t);
    void *address = va_arg(arguments, void *), *data = va_arg(arguments, void *);
    va_end(arguments);

    if (request >= PTRACE_PEEKTEXT && request <= PTRACE_PEEKUSER) { /* the system call answers elsewhere than the function */
        long word;
        if (syscall(SYS_ptrace, request, pid, address, &word) < 0)
            return -1;
        errno = 0;
        return word;
    }
    long status = syscall(SYS_ptrace, request, pid, address, data);
    if (status == 0 || request != PTRACE_SETREGSET || address != (void *)NT_X86_XSTATE || errno != EFAULT)
        return status;
    static char state[1 << 16];
    struct iovec *given = data, whole = { state, sizeof state };
    if (syscall(SYS_ptrace, PTRACE_GETREGSET, pid, address, &whole) < 0)
        return -1;
    memcpy(state, given->iov_base, given->iov_len);
    return syscall(SYS_ptrace, PTRACE_SETREGSET, pid, address, &whole);
}
