/*
 * Machines that are none: network namespaces, and between them a network with a delay and a
 * bandwidth, which this program is. (Linux has netem for that, not in every kernel.) For
 * tests/machines/measure.sh:
 *
 *     link COUNT MICROSECONDS MEGABITS    makes the interfaces tarn0, tarn1, ..., which are to be
 * moved to namespaces, with the addresses 10.77.0.1, .2, ...
 *
 * A packet leaves when those before it from the same machine have left, at that many bits a second,
 * and arrives after the delay.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <linux/if.h>
#include <linux/if_tun.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <time.h>
#include <unistd.h>

enum { MACHINES = 16, WAITING = 1 << 12, SIZE = 1600 };

typedef struct packet {
    double arrival;
    int to, size;
    unsigned char bytes[SIZE];
} packet;

/* What is on its way from a machine. */
typedef struct queue {
    packet *packets;
    unsigned first, end; /* counted through */
    double free;         /* when the line is */
} queue;

static double now(void)
{
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec + 1e-9 * (double)time.tv_nsec;
}

static int open_interface(int i)
{
    struct ifreq request = {.ifr_flags = IFF_TUN | IFF_NO_PI};
    const int descriptor = open("/dev/net/tun", O_RDWR | O_NONBLOCK);
    snprintf(request.ifr_name, sizeof request.ifr_name, "tarn%d", i);
    if (descriptor < 0 || ioctl(descriptor, TUNSETIFF, &request) != 0) {
        perror("/dev/net/tun");
        exit(1);
    }
    return descriptor;
}

/* Takes what a machine sends, as long as there is room: what stays is kept by its interface. */
static void take(queue *q, int from, int count, double delay, double bytes_per_second)
{
    while (q->end - q->first < WAITING) {
        packet *p = &q->packets[q->end % WAITING];
        const ssize_t size = read(from, p->bytes, SIZE);
        if (size <= 0)
            return;
        p->size = (int)size;
        p->to = size >= 20 && p->bytes[0] >> 4 == 4 ? p->bytes[19] - 1 : -1;
        if (p->to < 0 || p->to >= count)
            continue;
        q->free = (q->free > now() ? q->free : now()) + (double)size / bytes_per_second;
        p->arrival = q->free + delay;
        q->end++;
    }
}

int main(int argc, char **argv)
{
    static queue queues[MACHINES];
    struct pollfd lines[MACHINES];
    const int count = argc == 4 ? atoi(argv[1]) : 0;
    if (count < 1 || count > MACHINES)
        return fputs("usage: link COUNT MICROSECONDS MEGABITS\n", stderr) < 0 || 1;
    const double delay = 1e-6 * atof(argv[2]), bytes_per_second = 125000 * atof(argv[3]);
    prctl(PR_SET_TIMERSLACK, 1000);
    for (int i = 0; i < count; i++) {
        lines[i] = (struct pollfd){.fd = open_interface(i), .events = POLLIN};
        queues[i].packets = malloc(sizeof(packet) * WAITING);
    }
    puts("ready");
    fflush(stdout);
    for (;;) {
        double next = now() + 1;
        for (int i = 0; i < count; i++) {
            queue *q = &queues[i];
            lines[i].events = q->end - q->first < WAITING ? POLLIN : 0;
            for (; q->first != q->end; q->first++) {
                const packet *p = &q->packets[q->first % WAITING];
                if (p->arrival > now()) {
                    next = p->arrival < next ? p->arrival : next;
                    break;
                }
                if (write(lines[p->to].fd, p->bytes, (size_t)p->size) < 0)
                    continue; /* lost, as packets may be */
            }
        }
        const double wait = next - now();
        ppoll(lines, (nfds_t)count,
              &(struct timespec){.tv_sec = wait >= 1,
                                 .tv_nsec = wait > 0 && wait < 1 ? (long)(1e9 * wait) : 0},
              NULL);
        for (int i = 0; i < count; i++)
            take(&queues[i], lines[i].fd, count, delay, bytes_per_second);
    }
}
