/*
 * The strong Wolfe conditions of a length t along a direction (Nocedal, Wright 2006, chapter 3), f
 * being the function on the line and f' its slope:
 *
 *     f(t) <= f(0) + 1e-4 t f'(0)        it falls by enough
 *     |f'(t)| <= 0.9 |f'(0)|             and is flatter there
 *
 * First steps outwards until two places have such a t between them, then ever smaller brackets,
 * each new place being where the cubic through both ends, with their slopes, is least. The order of
 * the tests, and what happens where the search does not get on, are those of PyTorch's
 * _strong_wolfe().
 */
#include "optim/extras/wolfe.h"

#include <math.h>
#include <stdbool.h>

static const double armijo = 1e-4, curvature = 0.9;

/* The least place of the cubic, within the bounds; their middle where there is none. */
static double least_of_cubic(const tarn__place_on_line *a, const tarn__place_on_line *b, double low,
                             double high)
{
    const double d1 = a->slope + b->slope - 3 * (a->f - b->f) / (a->t - b->t);
    const double square = d1 * d1 - a->slope * b->slope, d2 = sqrt(square);
    const tarn__place_on_line *x = a->t <= b->t ? a : b, *y = a->t <= b->t ? b : a;
    const double t = y->t - (y->t - x->t) * ((y->slope + d2 - d1) / (y->slope - x->slope + 2 * d2));
    return square >= 0 && isfinite(t) ? fmin(fmax(t, low), high) : (low + high) / 2;
}

/* One of the room that neither of two places has. */
static tarn_real *free_room(const tarn__line *line, const tarn_real *a, const tarn_real *b)
{
    for (int i = 0; i < 2; i++)
        if (line->room[i] != a && line->room[i] != b)
            return line->room[i];
    return line->room[2];
}

static bool falls_enough(const tarn__place_on_line *start, const tarn__place_on_line *p)
{
    return p->f <= start->f + armijo * p->t * start->slope;
}

static bool is_flat(const tarn__place_on_line *start, const tarn__place_on_line *p)
{
    return fabs(p->slope) <= -curvature * start->slope;
}

/* Two places with a good one between them, or a good one, twice. */
typedef struct bracket {
    tarn__place_on_line low, high;
    bool done;
    int rounds;
} bracket;

static bracket ordered(tarn__place_on_line a, tarn__place_on_line b, int rounds)
{
    return a.f <= b.f ? (bracket){a, b, false, rounds} : (bracket){b, a, false, rounds};
}

static bracket step_out(const tarn__line *line, const tarn__place_on_line *start, double t,
                        int *looks)
{
    tarn__place_on_line before = *start, now = {.t = t, .g = line->room[0]};
    line->look(line->context, &now);
    ++*looks;
    for (int round = 0; round < line->most_looks; round++) {
        if (!falls_enough(start, &now) || (round > 1 && now.f >= before.f))
            return ordered(before, now, round);
        if (is_flat(start, &now))
            return (bracket){now, now, true, round};
        if (now.slope >= 0)
            return ordered(before, now, round);
        const double least = now.t + 0.01 * (now.t - before.t);
        tarn__place_on_line next = {.t = least_of_cubic(&before, &now, least, 10 * now.t)};
        next.g = free_room(line, before.g, now.g);
        before = now;
        now = next;
        line->look(line->context, &now);
        ++*looks;
    }
    return ordered(*start, now, line->most_looks);
}

/* Where to look next within the bracket: not again close to an end where that has not helped. */
static double divide(const bracket *b, bool *close)
{
    const double low = fmin(b->low.t, b->high.t), high = fmax(b->low.t, b->high.t);
    const double t = least_of_cubic(&b->low, &b->high, low, high), margin = 0.1 * (high - low);
    if (fmin(high - t, t - low) >= margin) {
        *close = false;
        return t;
    }
    if (!*close && t < high && t > low) {
        *close = true;
        return t;
    }
    *close = false;
    return fabs(t - high) < fabs(t - low) ? high - margin : low + margin;
}

static void narrow(const tarn__place_on_line *start, tarn__place_on_line now, bracket *b)
{
    if (!falls_enough(start, &now) || now.f >= b->low.f) {
        *b = ordered(b->low, now, b->rounds);
        return;
    }
    if (is_flat(start, &now))
        b->done = true;
    else if (now.slope * (b->high.t - b->low.t) >= 0)
        b->high = b->low;
    b->low = now;
}

tarn__place_on_line tarn__wolfe(const tarn__line *line, const tarn__place_on_line *start, double t,
                                int *looks)
{
    bracket b = step_out(line, start, t, looks);
    bool close = false;
    for (; !b.done && b.rounds < line->most_looks; b.rounds++) {
        if (fabs(b.high.t - b.low.t) * line->largest < line->tolerance)
            break;
        tarn__place_on_line now = {.t = divide(&b, &close)};
        now.g = free_room(line, b.low.g, b.high.g);
        line->look(line->context, &now);
        ++*looks;
        narrow(start, now, &b);
    }
    return b.low;
}
