/* udpecho PORT: answers every datagram with itself. busybox has no udp server that does. */
#include <netinet/in.h>
#include <stdlib.h>
#include <sys/socket.h>

int main(int count, char **words)
{
    struct sockaddr_in6 here = {.sin6_family = AF_INET6, .sin6_port = htons(count > 1 ? atoi(words[1]) : 7)}, from;
    int udp = socket(AF_INET6, SOCK_DGRAM, 0);
    if (udp < 0 || bind(udp, (struct sockaddr *)&here, sizeof here) != 0)
        return 1;
    for (;;) {
        char datagram[2048];
        socklen_t length = sizeof from;
        ssize_t size = recvfrom(udp, datagram, sizeof datagram, 0, (struct sockaddr *)&from, &length);
        if (size >= 0)
            sendto(udp, datagram, size, 0, (struct sockaddr *)&from, length);
    }
}
