// The rule of each optimizer as lines: a formula, and the same with the numbers of one step. What stands at the end of a
// line is Tarn's own number where Tarn keeps it (m, v, the place), and computed here where it does not.
import {num} from '../lib/page.js';

/** One coordinate of a record of pg_step(): the place, gradient, state before and after, the new place. */
export function coordinate(record, k) {
    const at = 3 + 11 * k;
    return {w: record[at], g: record[at + 1], before: record.subarray(at + 2, at + 6), after: record.subarray(at + 6, at + 10), to: record[at + 10]};
}

const n = v => (v < 0 ? `(${num(v)})` : num(v));
const result = v => `<b>${num(v)}</b>`;
const squared = v => `${n(v)}²`;

const average = (name, beta, symbol, j, of, text) => ({
    formula: `<i>${name}</i> ← ${symbol} <i>${name}</i> + (1 − ${symbol}) ${of}`,
    numbers: c => `${num(beta)} · ${n(c.before[j])} + ${num(1 - beta)} · ${text(c)} = ${result(c.after[j])}`,
});
const gradient = c => n(c.p);
const gradientSquared = c => squared(c.p);
const G = '<i>g</i>', G2 = '<i>g</i>²';

function sgd(o, t) {
    const gain = o.ema ? 1 - o.momentum : o.dampening && t > 1 ? 1 - o.dampening : 1;
    const share = o.ema ? '(1 − β) ' : o.dampening ? '(1 − τ) ' : '';
    if (!o.momentum)
        return {move: '<i>g</i>', lines: [], size: c => c.p, text: c => n(c.p)};
    const v = {
        formula: `<i>v</i> ← β <i>v</i> + ${share}<i>g</i>`,
        numbers: c => `${num(o.momentum)} · ${n(c.before[0])} + ${gain !== 1 ? `${num(gain)} · ` : ''}${n(c.p)} = ${result(c.after[0])}`,
    };
    if (!o.nesterov)
        return {move: '<i>v</i>', lines: [v], size: c => c.after[0], text: c => n(c.after[0])};
    const u = c => gain * c.p + o.momentum * c.after[0];
    return {move: '<i>u</i>', size: u, text: c => n(u(c)), lines: [v, {
        formula: `<i>u</i> = ${share}<i>g</i> + β <i>v</i>`,
        numbers: c => `${n(gain * c.p)} + ${num(o.momentum)} · ${n(c.after[0])} = ${result(u(c))}`,
    }]};
}

const root = (c, over, v, eps) => `${n(over)} / (√${n(v)} + ${num(eps)})`;

function adagrad(o, t) {
    const slower = 1 + (t - 1) * o.lr_decay, over = o.lr_decay ? ` / ${num(slower)}` : '';
    const begin = c => (t === 1 ? o.initial_accumulator : c.before[0]);
    return {lines: [{formula: '<i>s</i> ← <i>s</i> + <i>g</i>²', numbers: c => `${n(begin(c))} + ${squared(c.p)} = ${result(c.after[0])}`}],
        move: `<i>g</i> / (√<i>s</i> + ε)${o.lr_decay ? ' / (1 + (<i>t</i> − 1) decay)' : ''}`,
        size: c => c.p / (Math.sqrt(c.after[0]) + o.eps) / slower, text: c => root(c, c.p, c.after[0], o.eps) + over};
}

function rmsprop(o) {
    const mean = 1 + (o.momentum > 0);
    const v = o.centered ? [average('m', o.rho, 'ρ', mean, G, gradient), {
        formula: '<i>v</i> ← mean of <i>g</i>² less <i>m</i>²', numbers: c => result(c.after[0])}]
        : [average('v', o.rho, 'ρ', 0, G2, gradientSquared)];
    const d = c => c.p / (Math.sqrt(c.after[0]) + o.eps);
    if (!o.momentum)
        return {lines: v, move: '<i>g</i> / (√<i>v</i> + ε)', size: d, text: c => root(c, c.p, c.after[0], o.eps)};
    return {lines: [...v, {formula: '<i>b</i> ← β <i>b</i> + <i>g</i> / (√<i>v</i> + ε)',
        numbers: c => `${num(o.momentum)} · ${n(c.before[1])} + ${root(c, c.p, c.after[0], o.eps)} = ${result(c.after[1])}`}],
    move: '<i>b</i>', size: c => c.after[1], text: c => n(c.after[1])};
}

function adadelta(o) {
    const d = c => Math.sqrt(c.before[1] + o.eps) / Math.sqrt(c.after[0] + o.eps) * c.p;
    return {lines: [average('v', o.rho, 'ρ', 0, G2, gradientSquared), {
        formula: '<i>d</i> = √(<i>u</i> + ε) / √(<i>v</i> + ε) · <i>g</i>',
        numbers: c => `√${n(c.before[1] + o.eps)} / √${n(c.after[0] + o.eps)} · ${n(c.p)} = ${result(d(c))}`},
    {...average('u', o.rho, 'ρ', 1, '<i>d</i>²', c => squared(d(c))), after: true}], move: '<i>d</i>', size: d, text: c => n(d(c))};
}

function moments(o) {
    return [average('m', o.beta1, 'β₁', 0, G, gradient), average('v', o.beta2, 'β₂', 1, G2, gradientSquared)];
}

function corrected(name, beta, symbol, t, value) {
    return {formula: `<i>${name}̂</i> = <i>${name}</i> / (1 − ${symbol}<sup><i>t</i></sup>)`,
        numbers: c => `${n(value(c))} / (1 − ${num(beta)}<sup>${t}</sup>) = ${result(value(c) / (1 - beta ** t))}`};
}

function adam(o, t) {
    const c1 = o.bias_correction ? 1 - o.beta1 ** t : 1, c2 = o.bias_correction ? 1 - o.beta2 ** t : 1;
    const v = c => (o.amsgrad ? c.after[2] : c.after[1]), lines = moments(o);
    if (o.amsgrad)
        lines.push({formula: '<i>v</i><sub>max</sub> ← max(<i>v</i><sub>max</sub>, <i>v</i>)',
            numbers: c => `max(${num(c.before[2])}, ${num(c.after[1])}) = ${result(c.after[2])}`});
    if (o.bias_correction)
        lines.push(corrected('m', o.beta1, 'β₁', t, c => c.after[0]), corrected('v', o.beta2, 'β₂', t, v));
    const hat = o.bias_correction ? '̂' : '';
    return {lines, move: `<i>m${hat}</i> / (√<i>v${hat}</i> + ε)`, size: c => c.after[0] / c1 / (Math.sqrt(v(c) / c2) + o.eps),
        text: c => root(c, c.after[0] / c1, v(c) / c2, o.eps)};
}

function adamax(o, t) {
    const c1 = 1 - o.beta1 ** t;
    return {lines: [average('m', o.beta1, 'β₁', 0, G, gradient), {formula: '<i>u</i> ← max(β₂ <i>u</i>, |<i>g</i>| + ε)',
        numbers: c => `max(${num(o.beta2)} · ${n(c.before[1])}, ${num(Math.abs(c.p))} + ${num(o.eps)}) = ${result(c.after[1])}`}],
    move: '<i>m</i> / ((1 − β₁<sup><i>t</i></sup>) <i>u</i>)', size: c => c.after[0] / (c1 * c.after[1]),
    text: c => `${n(c.after[0])} / (${num(c1)} · ${n(c.after[1])})`};
}

function nadam(o, t) {
    const mu = k => o.beta1 * (1 - 0.5 * 0.96 ** (k * o.momentum_decay));
    let p = 1;
    for (let k = 1; k <= t; k++) p *= mu(k);
    const hat = c => mu(t + 1) * c.after[0] / (1 - p * mu(t + 1)) + (1 - mu(t)) * c.p / (1 - p), c2 = 1 - o.beta2 ** t;
    return {lines: [...moments(o), {formula: '<i>m̂</i> = μ<sub>t+1</sub> <i>m</i> / (1 − <i>p</i><sub>t+1</sub>) + (1 − μ<sub>t</sub>) <i>g</i> / (1 − <i>p</i><sub>t</sub>)',
        numbers: c => `${num(mu(t + 1))} · ${n(c.after[0])} / ${num(1 - p * mu(t + 1))} + ${num(1 - mu(t))} · ${n(c.p)} / ${num(1 - p)} = ${result(hat(c))}`},
    corrected('v', o.beta2, 'β₂', t, c => c.after[1])], move: '<i>m̂</i> / (√<i>v̂</i> + ε)',
    size: c => hat(c) / (Math.sqrt(c.after[1] / c2) + o.eps), text: c => root(c, hat(c), c.after[1] / c2, o.eps)};
}

function radam(o, t) {
    const r = 2 / (1 - o.beta2) - 1, rt = r - 2 * t * o.beta2 ** t / (1 - o.beta2 ** t), c1 = 1 - o.beta1 ** t;
    const lines = [...moments(o), corrected('m', o.beta1, 'β₁', t, c => c.after[0])];
    const trusts = rt > 5, trust = trusts ? Math.sqrt((rt - 4) * (rt - 2) * r / ((r - 4) * (r - 2) * rt)) : 0;
    lines.push({formula: '<i>r</i><sub>t</sub> > 5?', numbers: () => `${num(rt)}: ${trusts ? `<i>v</i> is trusted, <i>c</i> = ${result(trust)}` : '<i>v</i> is not trusted yet'}`});
    if (!trusts) return {lines, move: '<i>m̂</i>', size: c => c.after[0] / c1, text: c => n(c.after[0] / c1)};
    const c2 = Math.sqrt(1 - o.beta2 ** t);
    return {lines, move: '<i>c m̂</i> √(1 − β₂<sup><i>t</i></sup>) / (√<i>v</i> + ε)', size: c => trust * c.after[0] / c1 * c2 / (Math.sqrt(c.after[1]) + o.eps),
        text: c => `${num(trust)} · ${n(c.after[0] / c1)} · ${num(c2)} / (√${n(c.after[1])} + ${num(o.eps)})`};
}

function lion(o) {
    const u = c => o.beta1 * c.before[0] + (1 - o.beta1) * c.p;
    return {lines: [{formula: '<i>u</i> = β₁ <i>m</i> + (1 − β₁) <i>g</i>',
        numbers: c => `${num(o.beta1)} · ${n(c.before[0])} + ${num(1 - o.beta1)} · ${n(c.p)} = ${result(u(c))}`},
    {...average('m', o.beta2, 'β₂', 0, G, gradient), after: true}],
    move: 'sign(<i>u</i>)', size: c => Math.sign(u(c)), text: c => `${num(Math.sign(u(c)))}`};
}

function muon(o) {
    return {lines: [{formula: '<i>v</i> ← β <i>v</i> + <i>g</i>', numbers: c => `${num(o.momentum)} · ${n(c.before[0])} + ${n(c.p)} = ${result(c.after[0])}`},
        {formula: 'made orthogonal: about length 1', numbers: c => result((c.w * (1 - c.decay) - c.to) / c.lr)}],
    move: '<i>x</i>', size: c => (c.w * (1 - c.decay) - c.to) / c.lr, text: c => n((c.w * (1 - c.decay) - c.to) / c.lr)};
}

// Those of optim/extras, whose last line is one of their own: last, and next(), what it gives.

function rprop(o, t) {
    const begin = c => (t === 1 ? o.lr : c.before[1]), turn = c => Math.sign(c.p * c.before[0]);
    const next = c => c.base - c.lr / o.lr * c.after[1] * Math.sign(c.after[0]);
    return {lines: [{formula: '<i>s</i> ← η₊ <i>s</i> if <i>g</i> keeps its sign, η₋ <i>s</i> if not', numbers: c => {
        const by = turn(c) > 0 ? o.eta_plus : turn(c) < 0 ? o.eta_minus : 1;
        return `${num(by)} · ${n(begin(c))} = ${result(c.after[1])}${turn(c) < 0 ? ', and it waits' : ''}`;
    }}], last: '<i>w</i> ← <i>w</i> − <i>s</i> sign(<i>g</i>)', next, text: c => `${n(c.base)} − ${num(c.after[1])} · ${n(Math.sign(c.after[0]))}`};
}

function asgd(o, t) {
    const eta = c => c.lr / (1 + o.lambd * c.lr * (t - 1)) ** o.alpha, mu = 1 / Math.max(1, t - 1 - o.t0);
    return {lines: [{formula: '<i>η</i><sub>t</sub> = η / (1 + λ η (<i>t</i> − 1))<sup>α</sup>', numbers: c => `${num(c.lr)} / ${num(1 + o.lambd * c.lr * (t - 1))}<sup>${num(o.alpha)}</sup> = ${result(eta(c))}`},
        {formula: '<i>a</i> ← <i>a</i> + μ (<i>w</i> − <i>a</i>)', numbers: c => (mu === 1 ? `no mean yet: ${result(c.after[0])}` : `${n(c.before[0])} + ${num(mu)} · (${num(c.to)} − ${n(c.before[0])}) = ${result(c.after[0])}`), after: true}],
    last: '<i>w</i> ← <i>w</i> − <i>η</i><sub>t</sub> (<i>g</i> + λ <i>w</i>)', next: c => c.base - eta(c) * (c.p + o.lambd * c.base), text: c => `${n(c.base)} − ${num(eta(c))} · ${n(c.p + o.lambd * c.base)}`};
}

function lars(o) {
    const q = c => (o.vectors && c.w && c.g ? o.trust * Math.abs(c.w) / (Math.abs(c.g) + o.weight_decay * Math.abs(c.w) + o.eps) : 1);
    const v = {formula: `<i>v</i> ← β <i>v</i> + η ${o.vectors ? '<i>q</i> ' : ''}<i>g</i>`, numbers: c => `${num(o.momentum)} · ${n(c.before[0])} + ${num(c.lr * q(c))} · ${n(c.p)} = ${result(c.after[0])}`};
    const trust = {formula: '<i>q</i> = trust |<i>w</i>| / |<i>g</i>|', numbers: c => result(q(c))};
    return {lines: o.vectors ? [trust, v] : [v], last: '<i>w</i> ← <i>w</i> − <i>v</i>', next: c => c.w - (o.momentum * c.before[0] + c.lr * q(c) * c.p), text: c => `${n(c.w)} − ${n(c.after[0])}`};
}

function lamb(o, t) {
    const c1 = 1 - o.beta1 ** t, c2 = 1 - o.beta2 ** t, r = c => c.after[0] / c1 / (Math.sqrt(c.after[1] / c2) + o.eps) + o.weight_decay * c.w;
    const q = c => (c.w && r(c) ? Math.abs(c.w / r(c)) : 1);
    return {lines: [...moments(o), corrected('m', o.beta1, 'β₁', t, c => c.after[0]), corrected('v', o.beta2, 'β₂', t, c => c.after[1]),
        {formula: `<i>r</i> = <i>m̂</i> / (√<i>v̂</i> + ε)${o.weight_decay ? ' + λ <i>w</i>' : ''}`, numbers: c => `${root(c, c.after[0] / c1, c.after[1] / c2, o.eps)}${o.weight_decay ? ` + ${num(o.weight_decay)} · ${n(c.w)}` : ''} = ${result(c.after[2])}`},
        {formula: '<i>q</i> = |<i>w</i>| / |<i>r</i>|', numbers: c => result(q(c))}],
    last: '<i>w</i> ← <i>w</i> − η <i>q r</i>', next: c => c.w - c.lr * q(c) * r(c), text: c => `${n(c.w)} − ${num(c.lr)} · ${num(q(c))} · ${n(c.after[2])}`};
}

function adafactor(o, t) {
    const rate = c => Math.min(c.lr, 1 / Math.sqrt(t)) * Math.max(o.eps2, Math.abs(c.w)), u = c => (c.w * (1 - c.decay) - c.to) / rate(c);
    return {lines: [{formula: '<i>b</i> = <i>t</i><sup>decay</sup>, the share of <i>g</i>² in <i>v</i>', numbers: () => `${t}<sup>${num(o.beta2_decay)}</sup> = ${result(t ** o.beta2_decay)}`},
        {formula: '<i>u</i> = <i>g</i> / √<i>v</i>, cut', numbers: c => result(u(c))},
        {formula: '<i>r</i> = min(η, 1 / √<i>t</i>) max(ε₂, |<i>w</i>|)', numbers: c => `${num(Math.min(c.lr, 1 / Math.sqrt(t)))} · ${num(Math.max(o.eps2, Math.abs(c.w)))} = ${result(rate(c))}`}],
    last: '<i>w</i> ← <i>w</i> − <i>r u</i>', next: c => c.to, text: c => `${n(c.w * (1 - c.decay))} − ${num(rate(c))} · ${n(u(c))}`};
}

/** move: how far z goes, in units of η, and the same as text. */
function scheduleFree(o, t, beta, lines, move) {
    const before = (c, j) => (t === 1 ? c.w : c.before[j]), share = c => (c.after[0] - before(c, 0)) / (c.after[1] - before(c, 0) || 1);
    return {lines: [...lines, {formula: `<i>z</i> ← <i>z</i> − η ${move.formula}`, numbers: c => `${n(before(c, 1))} − ${num(c.lr)} · ${move.text(c)} = ${result(c.after[1])}`},
        {formula: '<i>x</i> ← <i>x</i> + <i>c</i> (<i>z</i> − <i>x</i>)', numbers: c => `${n(before(c, 0))} + ${num(share(c), 3)} · (${num(c.after[1])} − ${n(before(c, 0))}) = ${result(c.after[0])}`}],
    last: '<i>w</i> ← β <i>x</i> + (1 − β) <i>z</i>', next: c => { const z = before(c, 1) - c.lr * move.size(c); return c.after[0] + (1 - beta) * (z - c.after[0]); },
    text: c => `${num(beta)} · ${n(c.after[0])} + ${num(1 - beta)} · ${n(c.after[1])}`};
}

const schedule_free_sgd = (o, t) => scheduleFree(o, t, o.momentum, [], {formula: '<i>g</i>', size: c => c.p, text: c => n(c.p)});

function schedule_free_adamw(o, t) {
    const c2 = 1 - o.beta2 ** t, size = c => c.p / (Math.sqrt(c.after[2] / c2) + o.eps) + o.weight_decay * c.w;
    return scheduleFree(o, t, o.beta1, [average('v', o.beta2, 'β₂', 2, G2, gradientSquared), corrected('v', o.beta2, 'β₂', t, c => c.after[2])],
        {formula: `${o.weight_decay ? '(' : ''}<i>g</i> / (√<i>v̂</i> + ε)${o.weight_decay ? ' + λ <i>w</i>)' : ''}`, size, text: c => n(size(c))});
}

const extras = {rprop, asgd, lars, lamb, adafactor, schedule_free_sgd, schedule_free_adamw};
const rules = {...extras, sgd, adagrad, rmsprop, adadelta, adam, adamw: adam, adamax, nadam, radam, lion, muon};

/** The lines of a step: [{formula, x, y}], and error: how far what is computed here is from Tarn's step, in parts of it. */
export function explain(rule, options, record) {
    const t = record[0], lr = record[2], decoupled = options.decoupled || ['adamw', 'lion', 'muon', 'adafactor'].includes(rule);
    const within = ['lamb', 'schedule_free_adamw'].includes(rule); // they decay in a line of their own
    const both = [0, 1].map(k => {
        const c = coordinate(record, k), decay = options.weight_decay || 0;
        const share = options.independent ? lr / options.lr : lr; // of the decay, in this step
        const own = decoupled ? share * decay : 0;
        return {...c, lr, decay: own, base: c.w * (1 - own),
            p: (options.maximize ? -c.g : c.g) + (decoupled || within ? 0 : decay * c.w) + (options.l1 || 0) * Math.sign(c.w)};
    });
    const {lines, move, size, text, last, next} = rules[rule](options, t);
    const up = options.maximize ? -1 : 1, sign = options.maximize ? '−' : '';
    const rows = [], add = (formula, numbers) => rows.push({formula, x: numbers(both[0]), y: numbers(both[1])});
    if ((!decoupled && !within && options.weight_decay > 0) || options.l1 > 0)
        add(`<i>g</i> = ${sign}∇<i>f</i> + penalties`, c => `${n(up * c.g)} + ${n(c.p - up * c.g)} = ${result(c.p)}`);
    else add(`<i>g</i> = ${sign}∇<i>f</i>`, c => result(c.p));
    for (const line of lines.filter(l => !l.after)) add(line.formula, line.numbers);
    if (both[0].decay > 0) add(`<i>w</i> ← <i>w</i> − ${options.independent ? 'η/η₀' : 'η'} λ <i>w</i>`, c => `${n(c.w)} − ${num(c.decay)} · ${n(c.w)} = ${result(c.w * (1 - c.decay))}`);
    if (last) add(last, c => `${text(c)} = ${result(c.to)}`);
    else add(`<i>w</i> ← <i>w</i> − η · ${move}`, c => `${n(c.w * (1 - c.decay))} − ${num(lr)} · ${text(c)} = ${result(c.to)}`);
    for (const line of lines.filter(l => l.after)) add(line.formula, line.numbers);
    const rounding = 2 ** -23; // of a float, relative
    const error = Math.max(...both.map(c => Math.max(0, Math.abs((next ? next(c) : c.w * (1 - c.decay) - lr * size(c)) - c.to) - rounding * Math.abs(c.w))
        / (Math.abs(c.to - c.w) + 1e-12)));
    return {rows, error};
}
