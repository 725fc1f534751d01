/*
 * How long each transform takes for one picture, on one thread:
 *
 *     bench-transforms [PYTHON]
 *
 * With an interpreter that has albumentations, OpenCV, Pillow and NumPy, beside the same done by
 * these (peer_transforms.py), right after each other. Microseconds of processor time, the shortest
 * of many rounds: machines have other things to do.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <tarn.h>

typedef struct subject {
    const char *name;
    tarn_transforms list;
} subject;

enum { SUBJECTS = 12 };

/* For pictures of this width: what is given in pixels grows with it. */
static void make_subjects(subject to[SUBJECTS], int width)
{
    const double unit = width / 28.0;
    const subject all[SUBJECTS] = {
        {"shift", tarn_transforms_of(tarn_transform_shift(2 * unit))},
        {"rotate", tarn_transforms_of(tarn_transform_rotate(15))},
        {"affine", tarn_transforms_of(tarn_transform_rotate(15), tarn_transform_shift(2 * unit),
                                      tarn_transform_scale(0.9, 1.1), tarn_transform_shear(5))},
        {"resized_crop", tarn_transforms_of(tarn_transform_resized_crop(0.3))},
        {"crop", tarn_transforms_of(tarn_transform_crop(4))},
        {"flip", tarn_transforms_of(tarn_transform_flip(1))},
        {"flip_vertical", tarn_transforms_of(tarn_transform_flip_vertical(1))},
        {"elastic", tarn_transforms_of(tarn_transform_elastic(34 * unit, 4 * unit))},
        {"cutout", tarn_transforms_of(tarn_transform_cutout(width / 4))},
        {"brightness", tarn_transforms_of(tarn_transform_brightness(0.3))},
        {"contrast", tarn_transforms_of(tarn_transform_contrast(0.3))},
        {"all",
         tarn_transforms_of(tarn_transform_rotate(15), tarn_transform_shift(2 * unit),
                            tarn_transform_scale(0.9, 1.1), tarn_transform_shear(5),
                            tarn_transform_flip(0.5), tarn_transform_elastic(34 * unit, 4 * unit),
                            tarn_transform_brightness(0.3), tarn_transform_contrast(0.3),
                            tarn_transform_cutout(width / 4))},
    };
    memcpy(to, all, sizeof all);
}

static double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec * 1e6 + (double)t.tv_nsec / 1e3;
}

static void *block(size_t count)
{
    void *memory = malloc(count * sizeof(tarn_real));
    if (!memory) {
        fprintf(stderr, "bench-transforms: out of memory\n");
        exit(1);
    }
    return memory;
}

/* Microseconds for a picture; each time a fresh one, as a loader reads it. */
static double time_of(const tarn_transforms *list, int height, int width, int channels)
{
    const size_t size = (size_t)height * (size_t)width * (size_t)channels;
    tarn_sample s = {.height = height, .width = width, .channels = channels};
    tarn_real *picture = block(size);
    double best = 1e30;
    s.values = block(size);
    s.spare = block(size);
    s.scratch = block((size_t)tarn_sample_scratch(height, width));
    for (size_t i = 0; i < size; i++)
        picture[i] = (tarn_real)(i * 2654435761u % 65536) / 65535;
    for (uint64_t round = 0, seed = 0; round < 60; round++) {
        double start = now(), passed;
        int count = 0;
        do {
            memcpy(s.values, picture, size * sizeof *picture);
            tarn_transforms_apply(list, &s, seed++);
            count++;
        } while ((passed = now() - start) < 3000);
        best = passed / count < best ? passed / count : best;
    }
    free(picture);
    free(s.values);
    free(s.spare);
    free(s.scratch);
    return best;
}

/* What the peers take: their script answers each line "NAME HEIGHT WIDTH CHANNELS" with two
   numbers, nan for what a peer does not have. */
static void print_peers(const char *python, const char *name, int height, int width, int channels)
{
    char command[2048], line[128];
    double albumentations, pillow;
    snprintf(command, sizeof command, "'%s' '%s/tests/bench/peer_transforms.py' %s %d %d %d",
             python, TARN_SOURCE_DIR, name, height, width, channels);
    FILE *answer = popen(command, "r");
    if (!answer || !fgets(line, sizeof line, answer) ||
        sscanf(line, "%lf %lf", &albumentations, &pillow) != 2) {
        fprintf(stderr, "bench-transforms: no answer from %s\n", command);
        exit(1);
    }
    pclose(answer);
    printf("%16.1f %10.1f", albumentations, pillow);
}

int main(int argc, char **argv)
{
    static const int sizes[][3] = {{28, 28, 1}, {32, 32, 3}, {224, 224, 3}};
    printf("microseconds  picture          Tarn%s\n",
           argc > 1 ? "  albumentations     Pillow" : "");
    for (int i = 0; i < 3; i++) {
        const int *size = sizes[i];
        subject subjects[SUBJECTS];
        make_subjects(subjects, size[1]);
        for (int k = 0; k < SUBJECTS; k++) {
            printf("%-13s %3d x %3d x %d %8.2f", subjects[k].name, size[0], size[1], size[2],
                   time_of(&subjects[k].list, size[0], size[1], size[2]));
            if (argc > 1)
                print_peers(argv[1], subjects[k].name, size[0], size[1], size[2]);
            printf("\n");
            fflush(stdout);
        }
    }
    return 0;
}
