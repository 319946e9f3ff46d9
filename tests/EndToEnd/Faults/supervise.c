// supervise CONTROL PROGRAM [ARGUMENT...]: runs a program and interferes with one of its system calls.
//
// A seccomp filter hands over each call that changes something: files, mounts, namespaces, processes, sockets, netlink; and the opening of
// files that hold somebody's state ("open"). The calls of the program's own threads are counted in the order in which the kernel handed
// them over; its children's go on unseen. Calls are equal that have the same name and are about the same, but for ids and numbers in
// paths: what several threads do comes in another order each time, what one does does not. Orders come as lines on the socket CONTROL,
// one a connection, and each is answered with "ok"; the first one may stand in the variable ORDER:
//
//   record FILE           counts from 1, and writes each call into FILE: its number among its equals, its name, what it is about
//   before N CALL ABOUT   counts from 1, and kills the program before the Nth of the calls that are equal to that
//   after N CALL ABOUT    the same, when the call has returned
//   fail ERRNO N CALL ABOUT   the same, and lets it fail with that number, without being made
//   stop                  counts no longer
//   signal N              sends the program that signal
//
// With the variable UNIT set, what the program has started ends with it, as systemd has it with a service; else it goes on, as under a
// shell.
//
// Ends with the program, with its status (128 + signal).
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/netlink.h>
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
    { __NR_chmod, "chmod", PATH0 }, { __NR_fchmod, "fchmod", FD0 }, { __NR_chown, "chown", PATH0 },
    { __NR_ftruncate, "ftruncate", FD0 }, { __NR_fsync, "fsync", FD0 },
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

// Calls are handed over, but for new threads. clone3 hides its flags: without it glibc takes clone.
static void build(void)
{
    const unsigned data = offsetof(struct seccomp_data, nr), args = offsetof(struct seccomp_data, args);
    put((struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS, data));
    put((struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, __NR_clone3, 0, 1));
    put((struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | ENOSYS));
    for (size_t i = 0; i < CALLS; i++) {
        if (calls[i].number != __NR_clone) {
            put((struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, calls[i].number, 0, 1));
            put((struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_USER_NOTIF));
            continue;
        }
        put((struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, __NR_clone, 0, 4));
        put((struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS, args));
        put((struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, CLONE_THREAD, 1, 0));
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
static char wanted[512];
static FILE *record;

// How often each was called.
static struct { char text[512]; long count; } equals[4096];

static long count_of(const char *text)
{
    for (size_t i = 0; i < sizeof equals / sizeof *equals; i++) {
        if (!*equals[i].text) snprintf(equals[i].text, sizeof equals[i].text, "%s", text);
        if (!strcmp(equals[i].text, text)) return ++equals[i].count;
    }
    return 0;
}

static int index_of(int number)
{
    for (size_t i = 0; i < CALLS; i++)
        if (calls[i].number == number) return i;
    return -1;
}

static ssize_t read_bytes(pid_t pid, uint64_t at, void *bytes, size_t size)
{
    char path[64];
    snprintf(path, sizeof path, "/proc/%d/mem", pid);
    int memory = open(path, O_RDONLY | O_CLOEXEC);
    ssize_t got = memory < 0 ? -1 : pread(memory, bytes, size, at);
    if (memory >= 0) close(memory);
    return got;
}

static void read_text(pid_t pid, uint64_t at, char *text, size_t size)
{
    ssize_t got = read_bytes(pid, at, text, size - 1);
    text[got < 0 ? 0 : got] = 0;
}

// Without ids and numbers: a "#" for each.
static const char *without_ids(const char *path)
{
    static char text[512];
    char *to = text;
    while (*path && to < text + sizeof text - 1) {
        size_t digits = strspn(path, "0123456789"), hex = strspn(path, "0123456789abcdef");
        size_t id = hex >= 4 ? hex : digits;
        if (id) path += id, *to++ = '#';
        else *to++ = *path++;
    }
    *to = 0;
    return text;
}

// Not devices, the names of threads, the log, the memory of the runtime itself.
static const char *counted(const char *path)
{
    return strncmp(path, "/dev/", 5) && strncmp(path, "/memfd:", 7) && !strstr(path, "/task/") && !strstr(path, ".log")
        ? without_ids(path) : NULL;
}

static int is_state(const char *path)
{
    return !strncmp(path, "/var/lib/cni", 12) || !strncmp(path, "/run/cnid", 9) || !strncmp(path, "/etc/cni", 8);
}

static int is_reading(const struct seccomp_notif *call)
{
    return call->data.nr == __NR_openat && !(call->data.args[2] & (O_WRONLY | O_RDWR | O_CREAT));
}

// The family, whether the message only asks, and its type: of a batch, the type of its first change.
static const char *netlink_of(const struct seccomp_notif *call, int protocol)
{
    static char text[64];
    struct msghdr message;
    struct iovec part = { (void *)call->data.args[1], 0 };
    struct { struct nlmsghdr head; char family[4]; struct nlmsghdr next; } sent;
    memset(&sent, 0, sizeof sent);
    const char *family = protocol == NETLINK_ROUTE ? "route" : protocol == NETLINK_NETFILTER ? "netfilter" : "other";
    if (call->data.nr == __NR_bind) return "netlink";
    if (call->data.nr == __NR_sendmsg && (read_bytes(call->pid, call->data.args[1], &message, sizeof message) != sizeof message
        || read_bytes(call->pid, (uint64_t)message.msg_iov, &part, sizeof part) != sizeof part)) return "netlink";
    if (read_bytes(call->pid, (uint64_t)part.iov_base, &sent, sizeof sent) < (ssize_t)sizeof sent.head) return "netlink";
    int is_batch = protocol == NETLINK_NETFILTER && sent.head.nlmsg_type == NLMSG_MIN_TYPE;
    int asks = protocol == NETLINK_ROUTE ? sent.head.nlmsg_type % 4 == 2 : !is_batch;
    snprintf(text, sizeof text, "netlink %s %s%d", family, asks ? "asks " : "", is_batch ? sent.next.nlmsg_type : sent.head.nlmsg_type);
    return text;
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
    case PATH1:
        read_text(call->pid, call->data.args[1], text, 256);
        return is_reading(call) && !is_state(text) ? NULL : counted(text);
    case FD0:
        snprintf(path, sizeof path, "/proc/%d/fd/%d", call->pid, fd);
        if (stat(path, &state) || (!S_ISREG(state.st_mode) && !S_ISDIR(state.st_mode)) || fd <= 2) return NULL;
        ssize_t size = readlink(path, text, sizeof text - 1);
        text[size < 0 ? 0 : size] = 0;
        return counted(text);
    case SOCKET0: {
        int process = syscall(__NR_pidfd_open, call->pid, 0), copy = -1, domain = 0, protocol = 0;
        socklen_t room = sizeof domain;
        if (process < 0) process = syscall(__NR_pidfd_open, child, 0);
        copy = syscall(__NR_pidfd_getfd, process, fd, 0);
        close(process);
        int is_known = copy >= 0 && !getsockopt(copy, SOL_SOCKET, SO_DOMAIN, &domain, &room)
            && !getsockopt(copy, SOL_SOCKET, SO_PROTOCOL, &protocol, &room);
        if (copy >= 0) close(copy);
        if (!is_known || (domain != AF_NETLINK && domain != AF_UNIX && calls[at].number != __NR_bind)) return NULL;
        return domain == AF_NETLINK ? netlink_of(call, protocol) : domain == AF_UNIX ? "unix" : "inet";
    }
    default:
        if (calls[at].number != __NR_socket && calls[at].number != __NR_unshare) return "";
        snprintf(text, sizeof text, "%llx", (unsigned long long)call->data.args[0]);
        return text;
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

// The file of the variable REACHED says that the call came.
static void reach(void)
{
    const char *path = getenv("REACHED");
    int file = path ? open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600) : -1;
    if (file >= 0) close(file);
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
        char text[512];
        snprintf(text, sizeof text, "%s %.480s", is_reading(&call) ? "open" : calls[at].name, object);
        if (order == RECORD) fprintf(record, "%ld %s\n", count_of(text), text), fflush(record);
        else if (!strcmp(text, wanted) && ++count == target) {
            is_counting = 0;
            reach();
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
    int number;
    if (sscanf(line, "signal %d", &number) == 1) return !kill(child, number);
    count = 0, is_counting = 1, *wanted = 0;
    memset(equals, 0, sizeof equals);
    if (record) fclose(record), record = NULL;
    if (sscanf(line, "record %399s", file) == 1 && (record = fopen(file, "we"))) order = RECORD;
    else if (sscanf(line, "before %ld %511[^\n]", &target, wanted) == 2) order = BEFORE;
    else if (sscanf(line, "after %ld %511[^\n]", &target, wanted) == 2) order = AFTER;
    else if (sscanf(line, "fail %d %ld %511[^\n]", &failure, &target, wanted) == 3) order = FAIL;
    else is_counting = 0;
    return is_counting || !strncmp(line, "stop", 4);
}

static void listen_to(int control)
{
    char line[1024];
    int peer = accept4(control, NULL, NULL, SOCK_CLOEXEC);
    ssize_t got = peer < 0 ? -1 : read(peer, line, sizeof line - 1);
    line[got < 0 ? 0 : got] = 0;
    const char *said = obey(line) ? "ok\n" : "what?\n";
    if (peer >= 0 && write(peer, said, strlen(said)) < 0) perror("answering");
    if (peer >= 0) close(peer);
}

// Of its own children only, which were the program's: the kernel has given them to the nearest that takes them.
static void end_rest(void)
{
    char path[64], *line = NULL;
    size_t room = 0;
    snprintf(path, sizeof path, "/proc/self/task/%d/children", getpid());
    do {
        FILE *list = fopen(path, "re");
        if (list && getline(&line, &room, list) > 0)
            for (char *word = strtok(line, " "); word; word = strtok(NULL, " ")) kill(atoi(word), SIGKILL);
        if (list) fclose(list);
    } while (waitpid(-1, NULL, 0) > 0 || errno == EINTR);
    free(line);
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
    if (getenv("UNIT")) prctl(PR_SET_CHILD_SUBREAPER, 1);
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
    if (getenv("UNIT")) end_rest();
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}
