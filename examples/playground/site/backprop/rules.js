// What each operation computes, and what it hands back to its inputs, with the numbers of the moment.
import {num} from '../lib/page.js';

/** Of operations on single numbers: text(a, b, n) is the formula; slopes, one for each input, its derivative by that. */
const same = {of: () => 1, text: () => '1'};
export const operations = {
    add: {text: (a, b) => `${a} + ${b}`, slopes: [same, same]},
    sub: {text: (a, b) => `${a} − ${b}`, slopes: [same, {of: () => -1, text: () => '(−1)'}]},
    mul: {text: (a, b) => `${a} · ${b}`, slopes: [{of: (a, b) => b, text: (a, b) => b}, {of: a => a, text: a => a}]},
    div: {text: (a, b) => `${a} / ${b}`, slopes: [{of: (a, b) => 1 / b, text: (a, b) => `1 / ${b}`}, {of: (a, b) => -a / (b * b), text: (a, b) => `(−${a} / ${b}²)`}]},
    scale: {text: (a, _, n) => `${n} · ${a}`, slopes: [{of: (a, b, y, n) => n, text: (a, b, y, n) => n}]},
    pow: {text: (a, _, n) => `${a} to the power of ${n}`, slopes: [{of: (a, b, y, n) => n * a ** (n - 1), text: (a, b, y, n) => `${n} · ${a} to the power of (${n} − 1)`}]},
    neg: {text: a => `−${a}`, slopes: [{of: () => -1, text: () => '(−1)'}]},
    square: {text: a => `${a}²`, slopes: [{of: a => 2 * a, text: a => `2 · ${a}`}]},
    abs: {text: a => `|${a}|`, slopes: [{of: a => Math.sign(a), text: a => `sign(${a})`}]},
    exp: {text: a => `exp(${a})`, slopes: [{of: (a, b, y) => y, text: (a, b, y) => y}]},
    log: {text: a => `ln(${a})`, slopes: [{of: a => 1 / a, text: a => `1 / ${a}`}]},
    relu: {text: a => `max(${a}, 0)`, slopes: [{of: a => (a > 0 ? 1 : 0), text: a => `(1 if ${a} > 0, else 0)`}]},
    sigmoid: {text: a => `sigmoid(${a})`, slopes: [{of: (a, b, y) => y * (1 - y), text: (a, b, y) => `${y} · (1 − ${y})`}]},
    sqrt: {text: a => `√${a}`, slopes: [{of: (a, b, y) => 0.5 / y, text: (a, b, y) => `1 / (2 · ${y})`}]},
    tanh: {text: a => `tanh(${a})`, slopes: [{of: (a, b, y) => 1 - y * y, text: (a, b, y) => `(1 − ${y}²)`}]},
    cos: {text: a => `cos(${a})`, slopes: [{of: a => -Math.sin(a), text: a => `(−sin(${a}))`}]},
    sin: {text: a => `sin(${a})`, slopes: [{of: a => Math.cos(a), text: a => `cos(${a})`}]},
    mse: {text: (a, b) => `(${a} − ${b})²`, slopes: [{of: (a, b) => 2 * (a - b), text: (a, b) => `2 · (${a} − ${b})`}]},
};

/** "x", "b1[0]", "W1[1,0]": as the terminal names them. */
export function nameOf(value, k) {
    if (value.rows) return value.size === 1 ? value.name : `${value.name}[${Math.floor(k / value.columns)},${k % value.columns}]`;
    return value.columns > 1 ? `${value.name}[${k}]` : value.name;
}

const n = v => (v < 0 ? `(${num(v, 5)})` : num(v, 5));

/** Forward, a line for each number of value i: {formula, numbers, result}. values: of all numbers. */
export function forwardLines(graph, i, values) {
    const y = graph[i], [a, b] = y.inputs.map(k => graph[k]), lines = [];
    for (let k = 0; k < y.size; k++) {
        const result = values[y.at + k];
        if (y.operation === 'matmul') {
            const inner = a.columns, column = k % y.columns, each = [...Array(inner).keys()];
            const at = j => [a.at + j, b.at + j * b.columns + column];
            lines.push({name: nameOf(y, k), formula: each.map(j => `${nameOf(a, j)} · ${nameOf(b, j * b.columns + column)}`).join(' + '),
                numbers: each.map(j => at(j).map(place => n(values[place])).join(' · ')).join(' + '), result});
            continue;
        }
        const rule = operations[y.operation], own = y.number === null ? '' : n(y.number);
        lines.push({name: nameOf(y, k), formula: rule.text(nameOf(a, k), b && nameOf(b, k), own),
            numbers: rule.text(n(values[a.at + k]), b && n(values[b.at + k]), own), result});
    }
    return lines;
}

/** One share that an operation adds to a gradient: [{to: place of the number, name, formula, numbers, share}]. */
export function backwardLines(graph, i, values, gradients) {
    const y = graph[i], lines = [], [a, b] = y.inputs.map(k => graph[k]);
    if (y.operation === 'matmul') {
        const d = c => gradients[y.at + c], columns = [...Array(b.columns).keys()];
        if (a.trained)
            for (let r = 0; r < a.size; r++)
                lines.push({to: a.at + r, name: nameOf(a, r), formula: columns.map(c => `d${nameOf(y, c)} · ${nameOf(b, r * b.columns + c)}`).join(' + '),
                    numbers: columns.map(c => `${n(d(c))} · ${n(values[b.at + r * b.columns + c])}`).join(' + '),
                    share: columns.reduce((sum, c) => sum + d(c) * values[b.at + r * b.columns + c], 0)});
        for (let k = 0; k < b.size; k++) {
            const r = Math.floor(k / b.columns), c = k % b.columns;
            lines.push({to: b.at + k, name: nameOf(b, k), formula: `${nameOf(a, r)} · d${nameOf(y, c)}`, numbers: `${n(values[a.at + r])} · ${n(d(c))}`, share: values[a.at + r] * d(c)});
        }
        return lines;
    }
    const rule = operations[y.operation];
    y.inputs.forEach((input, j) => {
        const x = graph[input];
        if (!x.trained || x.operation === 'number') return;
        for (let k = 0; k < y.size; k++) {
            const places = [values[a.at + k], b ? values[b.at + k] : 0, values[y.at + k], y.number], slope = rule.slopes[j], dy = gradients[y.at + k];
            const names = [nameOf(a, k), b && nameOf(b, k), nameOf(y, k), y.number === null ? '' : n(y.number)];
            const one = slope === same, text = words => (one ? '' : ` · ${slope.text(...words)}`);
            lines.push({to: x.at + k, name: nameOf(x, k), formula: `d${nameOf(y, k)}${text(names)}`,
                numbers: `${n(dy)}${text([...places.slice(0, 3).map(n), names[3]])}`, share: dy * slope.of(...places)});
        }
    });
    return lines;
}
