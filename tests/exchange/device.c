/* A program for a bare Cortex-M3 that asks an exported network for the digits in images.f32 and
   writes their scores to device.f32. It talks to the emulator by semihosting. With -icount shift=0
   qemu lets 1 ns pass for each instruction, so that a tick of the clock of 25 MHz is 40; the last
   of the file is how many ticks the last digit took. Without it time is the machine's. */
#include <stdint.h>

void predict(const float *image, float *scores);

enum { PIXELS = 28 * 28, CLASSES = 10 };
enum { SYS_OPEN = 1, SYS_CLOSE, SYS_WRITE = 5, SYS_READ, SYS_EXIT = 0x18 };
enum { OPEN_READ = 1, OPEN_WRITE = 5, EXIT_DONE = 0x20026 };
enum { TICKS = 0xffffff }; /* the clock counts down from here */

static int ask(int what, const void *arguments)
{
    register int r0 __asm__("r0") = what;
    register const void *r1 __asm__("r1") = arguments;
    __asm__ volatile("bkpt 0xab" : "+r"(r0) : "r"(r1) : "memory");
    return r0;
}

static int open_file(const char *name, int mode, int length)
{
    const intptr_t arguments[] = {(intptr_t)name, mode, length};
    return ask(SYS_OPEN, arguments);
}

/* How many bytes could not be read or written. */
static int move(int what, int file, void *bytes, int size)
{
    const intptr_t arguments[] = {file, (intptr_t)bytes, size};
    return ask(what, arguments);
}

static volatile uint32_t *const systick = (uint32_t *)0xe000e010; /* control, reload, value */

void reset(void);
void reset(void)
{
    static float image[PIXELS], scores[CLASSES];
    const int in = open_file("images.f32", OPEN_READ, 10);
    const int out = open_file("device.f32", OPEN_WRITE, 10);
    float ticks = 0;
    systick[1] = TICKS;
    systick[0] = 5; /* on, by the processor's clock */
    for (int i = 0; i < DIGITS && move(SYS_READ, in, image, sizeof image) == 0; i++) {
        systick[2] = 0;
        const uint32_t begin = systick[2];
        predict(image, scores);
        ticks = (float)((begin - systick[2]) & TICKS);
        move(SYS_WRITE, out, scores, sizeof scores);
    }
    move(SYS_WRITE, out, &ticks, sizeof ticks);
    ask(SYS_CLOSE, &(intptr_t){out});
    ask(SYS_EXIT, (const void *)EXIT_DONE);
    for (;;)
        ;
}

extern const uintptr_t vectors[];
__attribute__((section(".vectors"))) const uintptr_t vectors[2] = {0x20400000, (uintptr_t)reset};
