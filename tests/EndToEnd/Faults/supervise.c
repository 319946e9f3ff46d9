// supervise CONTROL PROGRAM [ARGUMENT...]: runs a program and interferes with one of its system calls.
//
// A seccomp filter hands over each call that changes something: files, mounts, namespaces, processes, sockets, netlink. The calls of the
// program's own threads are counted in the order in which the kernel handed them over; its children's go on unseen. Orders come as lines
// on the socket CONTROL, one a connection, and each is answered with "ok"; the first one may stand in the variable ORDER:
//
//   record FILE           counts from 1, and writes each call into FILE: number, name, object
//   before N | after N    counts from 1, and kills the program before call N, or when call N has returned
//   fail N ERRNO          counts from 1, and lets call N fail with that number, without being made
//   stop                  counts no longer
//
// Ends with the program, with its status (128 + signal).
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#ifndef SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV
#define SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV (1UL << 5)
#endif

enum object { PATH0 = 1, PATH1, FD0, SOCKET0, NONE };
static const struct { int number; const char *name; enum object object; } calls[] = {
    { __NR_openat, "openat", PATH1 }, { __NR_rename, "rename", PATH0 }, { __NR_renameat2, "renameat2", PATH1 },
    { __NR_unlink, "unlink", PATH0 }, { __NR_unlinkat, "unlinkat", PATH1 }, { __NR_mkdir, "mkdir", PATH0 },
    { __NR_mkdirat, "mkdirat", PATH1 }, { __NR_rmdir, "rmdir", PATH0 }, { __NR_link, "link", PATH0 }, { __NR_symlink, "symlink", PATH0 },
    { __NR_chmod, "chmod", PATH0 }, { __NR_fchmod, "fchmod", FD0 }, { __NR_ftruncate, "ftruncate", FD0 }, { __NR_fsync, "fsync", FD0 },
    { __NR_fdatasync, "fdatasync", FD0 }, { __NR_write, "write", FD0 }, { __NR_pwrite64, "pwrite64", FD0 },
    { __NR_writev, "writev", FD0 }, { __NR_pwritev, "pwritev", FD0 }, { __NR_mount, "mount", PATH1 }, { __NR_umount2, "umount2", PATH0 },
    { __NR_setns, "setns", NONE }, { __NR_unshare, "unshare", NONE }, { __NR_clone, "clone", NONE }, { __NR_vfork, "vfork", NONE },
    { __NR_pidfd_open, "pidfd_open", NONE }, { __NR_socket, "socket", NONE }, { __NR_bind, "bind", SOCKET0 },
    { __NR_listen, "listen", SOCKET0 }, { __NR_sendto, "sendto", SOCKET0 }, { __NR_sendmsg, "sendmsg", SOCKET0 },
};
#define CALLS (sizeof calls / sizeof *calls)

static void die(const char *what) { perror(what); exit(125); }

static struct sock_filter program[8 + 5 * CALLS];
static unsigned short length;
static void put(struct sock_filter one) { program[length++] = one; }

// Calls are handed over, but for files that are only read and for threads. clone3 hides its flags: without it glibc takes clone.
static void build(void)
{
    const unsigned data = offsetof(struct seccomp_data, nr), args = offsetof(struct seccomp_data, args);
    put((struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS, data));
    put((struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, __NR_clone3, 0, 1));
    put((struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | ENOSYS));
    for (size_t i = 0; i < CALLS; i++) {
        unsigned argument = 0, flags = 0, wanted = 0;
        if (calls[i].number == __NR_openat) argument = 2, flags = O_WRONLY | O_RDWR | O_CREAT;
        if (calls[i].number == __NR_clone) argument = 0, flags = CLONE_THREAD, wanted = 1;
        if (!flags) {
            put((struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, calls[i].number, 0, 1));
            put((struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_USER_NOTIF));
            continue;
        }
        put((struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, calls[i].number, 0, 4));
        put((struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS, args + 8 * argument));
        put((struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, flags, wanted ? 1 : 0, wanted ? 0 : 1));
        put((struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_USER_NOTIF));
        put((struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW));
    }
    put((struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW));
}

static pid_t child;
static int listener, is_counting;
static long count, target;
static enum { RECORD, BEFORE, AFTER, FAIL } order;
static int failure;
static FILE *record;

static int index_of(int number)
{
    for (size_t i = 0; i < CALLS; i++)
        if (calls[i].number == number) return i;
    return -1;
}

static void read_text(pid_t pid, uint64_t at, char *text, size_t size)
{
    char path[64];
    snprintf(path, sizeof path, "/proc/%d/mem", pid);
    int memory = open(path, O_RDONLY | O_CLOEXEC);
    ssize_t got = memory < 0 ? -1 : pread(memory, text, size - 1, at);
    if (memory >= 0) close(memory);
    text[got < 0 ? 0 : got] = 0;
}

// Not devices, the names of threads, the log, the memory of the runtime itself.
static const char *counted(const char *path)
{
    return strncmp(path, "/dev/", 5) && strncmp(path, "/memfd:", 7) && !strstr(path, "/task/") && !strstr(path, ".log") ? path : NULL;
}

// What the call is about. Null: it is none of those that count (a pipe, a socket of the network).
static const char *object_of(const struct seccomp_notif *call, int at)
{
    static char text[512];
    char path[64];
    struct stat state;
    int fd = call->data.args[0];
    switch (calls[at].object) {
    case PATH0: read_text(call->pid, call->data.args[0], text, 256); return counted(text);
    case PATH1: read_text(call->pid, call->data.args[1], text, 256); return counted(text);
    case FD0:
        snprintf(path, sizeof path, "/proc/%d/fd/%d", call->pid, fd);
        if (stat(path, &state) || !S_ISREG(state.st_mode) || fd <= 2) return NULL;
        ssize_t size = readlink(path, text, sizeof text - 1);
        text[size < 0 ? 0 : size] = 0;
        return counted(text);
    case SOCKET0: {
        int process = syscall(__NR_pidfd_open, call->pid, 0), copy = -1, domain = 0;
        socklen_t room = sizeof domain;
        if (process < 0) process = syscall(__NR_pidfd_open, child, 0);
        copy = syscall(__NR_pidfd_getfd, process, fd, 0);
        close(process);
        int is_known = copy >= 0 && !getsockopt(copy, SOL_SOCKET, SO_DOMAIN, &domain, &room);
        if (copy >= 0) close(copy);
        if (!is_known || (domain != AF_NETLINK && domain != AF_UNIX && calls[at].number != __NR_bind)) return NULL;
        return domain == AF_NETLINK ? "netlink" : domain == AF_UNIX ? "unix" : "inet";
    }
    default: snprintf(text, sizeof text, "%llx", (unsigned long long)call->data.args[0]); return text;
    }
}

static int is_own(pid_t thread)
{
    char path[64];
    snprintf(path, sizeof path, "/proc/%d/task/%d", child, thread);
    return !access(path, F_OK);
}

// A call has returned when its thread is elsewhere. One that lasts (a lock) is as good as made after a while.
static void wait_for_return(pid_t thread, int number)
{
    char path[64], text[64];
    snprintf(path, sizeof path, "/proc/%d/task/%d/syscall", child, thread);
    for (int round = 0; round < 2000; round++) {
        int file = open(path, O_RDONLY | O_CLOEXEC);
        ssize_t got = file < 0 ? -1 : read(file, text, sizeof text - 1);
        if (file >= 0) close(file);
        if (got <= 0) return;
        text[got] = 0;
        if (strncmp(text, "running", 7) && atoi(text) != number) return;
        usleep(50);
    }
}

static void handle(void)
{
    struct seccomp_notif call;
    struct seccomp_notif_resp answer;
    memset(&call, 0, sizeof call);
    if (ioctl(listener, SECCOMP_IOCTL_NOTIF_RECV, &call)) return;
    memset(&answer, 0, sizeof answer);
    answer.id = call.id, answer.flags = SECCOMP_USER_NOTIF_FLAG_CONTINUE;
    int at = index_of(call.data.nr), is_after = 0;
    const char *object = is_counting && is_own(call.pid) ? object_of(&call, at) : NULL;
    if (object) {
        count++;
        if (order == RECORD) fprintf(record, "%ld %s %s\n", count, calls[at].name, object), fflush(record);
        else if (count == target) {
            is_counting = 0;
            if (order == BEFORE) { kill(child, SIGKILL); return; }
            if (order == FAIL) answer.flags = 0, answer.error = -failure;
            is_after = order == AFTER;
        }
    }
    ioctl(listener, SECCOMP_IOCTL_NOTIF_SEND, &answer);
    if (is_after) wait_for_return(call.pid, call.data.nr), kill(child, SIGKILL);
}

static int obey(const char *line)
{
    char file[400];
    count = 0, is_counting = 1;
    if (record) fclose(record), record = NULL;
    if (sscanf(line, "record %399s", file) == 1 && (record = fopen(file, "we"))) order = RECORD;
    else if (sscanf(line, "before %ld", &target) == 1) order = BEFORE;
    else if (sscanf(line, "after %ld", &target) == 1) order = AFTER;
    else if (sscanf(line, "fail %ld %d", &target, &failure) == 2) order = FAIL;
    else is_counting = 0;
    return is_counting || !strncmp(line, "stop", 4);
}

static void listen_to(int control)
{
    char line[512];
    int peer = accept4(control, NULL, NULL, SOCK_CLOEXEC);
    ssize_t got = peer < 0 ? -1 : read(peer, line, sizeof line - 1);
    line[got < 0 ? 0 : got] = 0;
    const char *said = obey(line) ? "ok\n" : "what?\n";
    if (peer >= 0 && write(peer, said, strlen(said)) < 0) perror("answering");
    if (peer >= 0) close(peer);
}

int main(int argc, char **argv)
{
    if (argc < 3) { fprintf(stderr, "usage: supervise CONTROL PROGRAM [ARGUMENT...]\n"); return 125; }
    int pair[2], control = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    struct sockaddr_un address = { .sun_family = AF_UNIX };
    strncpy(address.sun_path, argv[1], sizeof address.sun_path - 1);
    unlink(argv[1]);
    if (bind(control, (struct sockaddr *)&address, sizeof address) || listen(control, 8)) die(argv[1]);
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair)) die("socketpair");
    build();
    child = fork();
    if (child < 0) die("fork");
    if (child == 0) {
        struct sock_fprog filter = { length, program };
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        prctl(PR_SET_NO_NEW_PRIVS, 0);
        int fd = syscall(__NR_seccomp, SECCOMP_SET_MODE_FILTER,
            SECCOMP_FILTER_FLAG_NEW_LISTENER | SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV, &filter);
        if (fd < 0) die("seccomp");
        dprintf(pair[1], "%d\n", fd);
        char go;
        if (read(pair[1], &go, 1) != 1) _exit(125);
        close(fd);
        execv(argv[2], argv + 2);
        die(argv[2]);
    }
    close(pair[1]);
    // The child's first notified call is the write that says the listener's number: it waits for us, and the number is looked up.
    int process = syscall(__NR_pidfd_open, child, 0);
    listener = -1;
    for (int round = 0; listener < 0 && round < 100000; round++) {
        for (int fd = 3; fd < 64 && listener < 0; fd++) {
            char path[64], text[64];
            snprintf(path, sizeof path, "/proc/%d/fd/%d", child, fd);
            ssize_t size = readlink(path, text, sizeof text - 1);
            text[size < 0 ? 0 : size] = 0;
            if (!strcmp(text, "anon_inode:seccomp notify")) listener = syscall(__NR_pidfd_getfd, process, fd, 0);
        }
        if (listener < 0) usleep(100);
    }
    if (listener < 0) die("the listener");
    handle(); // its write
    const char *first = getenv("ORDER");
    if (first && !obey(first)) { fprintf(stderr, "ORDER=%s: what?\n", first); return 125; }
    if (write(pair[0], "", 1) != 1) die("starting");
    struct pollfd wait[] = { { listener, POLLIN, 0 }, { control, POLLIN, 0 }, { process, POLLIN, 0 } };
    while (poll(wait, 3, -1) >= 0 || errno == EINTR) {
        if (wait[2].revents) break;
        if (wait[0].revents & POLLIN) handle();
        if (wait[1].revents & POLLIN) listen_to(control);
    }
    int status;
    waitpid(child, &status, 0);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}
