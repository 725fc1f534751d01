/* A folder of small pictures to train on. */
#ifndef TARN_TESTS_EXAMPLES_PHOTOS_H
#define TARN_TESTS_EXAMPLES_PHOTOS_H

#include <stdint.h>
#include <stdio.h>
#include <sys/stat.h>

#include "tests/examples/support.h"

/* A picture of 12 x 12 pixels of one colour with noise, as PNM. */
static inline void write_picture(const char *path, int class, int number)
{
    FILE *file = fopen(path, "wb");
    cr_assert(file, "%s", path);
    uint32_t noise = (uint32_t)(1000 * class + number);
    fprintf(file, "P6 12 12 255\n");
    for (int i = 0; i < 12 * 12; i++)
        for (int c = 0; c < 3; c++) {
            noise = noise * 1664525u + 1013904223u;
            putc((int)(noise >> 25) + (c == 2 - class ? 120 : 0), file);
        }
    cr_assert_eq(fclose(file), 0);
}

/* photos/CLASS/N.ppm, 20 of each class. */
static inline void write_pictures(void)
{
    static const char *const classes[] = {"blue <sky>", "grass", "red"};
    char path[200];
    make_folder();
    snprintf(path, sizeof path, "%s/photos", folder);
    cr_assert_eq(mkdir(path, 0777), 0);
    for (int c = 0; c < 3; c++) {
        snprintf(path, sizeof path, "%s/photos/%s", folder, classes[c]);
        cr_assert_eq(mkdir(path, 0777), 0);
        for (int n = 0; n < 20; n++) {
            snprintf(path, sizeof path, "%s/photos/%s/%d.ppm", folder, classes[c], n);
            write_picture(path, c, n);
        }
    }
}

#define SMALL "--model lenet --size 12 --batch-size 8 "

#endif
