/*
 * Rprop (Riedmiller, Braun 1993, in the form without weight backtracking): of gradients only the
 * signs are followed, by steps that grow while a sign stays and shrink when it changes.
 *
 *     g p > 0    s = min(eta_plus s, step_max)                    p is the g of the step before,
 *     g p < 0    s = max(eta_minus s, step_min), and g = 0        s starts at lr
 *     w -= s sign(g)                                              sign(0) = 0
 *     p = g
 *
 * Where a sign has changed the weight waits a step, since it went over a minimum. For gradients of
 * all the data: of mini-batches signs change by chance, and the steps shrink.
 *
 * A denormal gradient has no sign, also where a processor has no mode that takes it as 0
 * (WebAssembly): the weight would move by a whole step there, and nowhere else.
 *
 * Defaults lr 1e-2, etas 0.5 and 1.2, steps from 1e-6 to 50, as PyTorch, where s does not follow a
 * change of the rate; here the steps are scaled by lr / (the first lr).
 */
#include <float.h>

#include "core/base/clones.h"
#include "core/base/error.h"
#include "optim/rule_internal.h"

static const tarn_real least_normal =
    (tarn_real)(sizeof(tarn_real) == sizeof(float) ? FLT_MIN : DBL_MIN);

TARN__CLONES static void rprop_update(const tarn_optim *base, const tarn_optim_piece *piece)
{
    const tarn_optim_rprop_args *o = piece->args;
    const tarn_real minus = (tarn_real)o->eta_minus, plus = (tarn_real)o->eta_plus;
    const tarn_real least = (tarn_real)o->step_min, most = (tarn_real)o->step_max;
    const tarn_real scale = base->first_lr > 0 ? (tarn_real)(base->lr / base->first_lr) : 1;
    tarn_real *restrict w = piece->weights;
    tarn_real *restrict p = piece->state[0], *restrict s = piece->state[1];
    const tarn_real *restrict g = piece->gradients;

    if (piece->step == 1)
        for (int64_t i = 0; i < piece->count; i++)
            s[i] = (tarn_real)piece->lr;
    for (int64_t i = 0; i < piece->count; i++) {
        const tarn_real now = g[i] < least_normal && g[i] > -least_normal ? 0 : g[i];
        const bool same = (now > 0 && p[i] > 0) || (now < 0 && p[i] < 0);
        const bool turned = (now > 0 && p[i] < 0) || (now < 0 && p[i] > 0);
        const tarn_real step = s[i] * (same ? plus : turned ? minus : 1);
        s[i] = step < least ? least : step > most ? most : step;
        p[i] = turned ? 0 : now;
        w[i] -= scale * s[i] * (p[i] > 0 ? 1 : p[i] < 0 ? -1 : p[i]); /* NaN stays NaN */
    }
}

TARN__OPTIM_RULE(rprop, TARN_OPTIM_RPROP_OPTIONS, rprop_update);

tarn_optim *tarn_optim_rprop_with(tarn_optim_rprop_args args)
{
    if (!tarn_optim_check(&tarn__optim_rprop, &args))
        return NULL;
    if (args.eta_plus <= 1 || args.eta_minus == 0 || args.step_min > args.step_max)
        return tarn_fail(
            "optim_rprop: eta_minus is %g, eta_plus %g, steps from %g to %g, expects 0 "
            "< eta_minus < 1 < eta_plus and rising steps",
            args.eta_minus, args.eta_plus, args.step_min, args.step_max);
    return tarn_optim_new(&tarn__optim_rprop, sizeof(tarn_optim), 2, TARN_OPTIM_COMMON_OF(args));
}
