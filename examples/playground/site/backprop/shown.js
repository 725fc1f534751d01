// What is seen of the graph: the diagram, the step with its numbers, one number beside its numeric derivative, all numbers.
import {el, num, slider} from '../lib/page.js';
import {rebuilt} from '../lib/controls.js';
import {drawCurve} from './curve.js';
import {Diagram} from './diagram.js';
import {networkLayout, graphLayout} from './layout.js';
import {forwardLines, backwardLines, nameOf} from './rules.js';
import {graph, values, numeric, gradients, now, known, lastStep, valueOf, set, compute, curveOf, progress, gradientsNow} from './numbers.js';
import {keepLink} from './situation.js';

const svg = document.createElementNS('http://www.w3.org/2000/svg', 'svg');
for (const [name, value] of Object.entries({class: 'diagram', role: 'group', 'aria-label': 'The graph: each number with its gradient. Numbers that are given are sliders.'})) svg.setAttribute(name, value);

export const scroll = el('div', {class: 'scroll'}, svg);
export const error = el('p', {class: 'error', role: 'alert', id: 'formula-error'});
export const said = el('p', {class: 'out', 'aria-live': 'polite'});
export const count = el('span', {class: 'numbers', id: 'count'});
export const time = el('input', {type: 'range', min: 0, max: 1, value: 0, 'aria-label': 'Step'});
export const stepTitle = el('h2'), stepBox = el('div', {class: 'rule', id: 'rule', tabindex: 0, role: 'region', 'aria-label': 'This step with its numbers'});
export const pickedTitle = el('h2');
export const knob = slider({label: 'value', min: -3, max: 3, step: 0.01, value: 0, oninput: v => move(...now.picked, v)});
export const compare = el('tbody', {id: 'compare'});
export const curve = el('canvas', {role: 'img', 'aria-label': 'The result as a function of this number, and a line whose slope is the gradient', style: 'height:12rem'});
export const allRows = el('tbody', {id: 'all'});

/** All numbers anew, and a mistake in words. */
export function computeAll() {
    const wrong = compute();
    if (wrong) error.textContent = wrong;
}

function move(v, k, to) {
    set(v, k, to);
    now.picked = [v, k];
    computeAll();
    show();
}

let diagram = null;

/** Lays the graph out for the width that there is. */
export function showDiagram() {
    const zoom = scroll.clientWidth >= 1500 ? 1.4 : 1, width = scroll.clientWidth / zoom; // on a projector
    const layout = now.formula ? graphLayout(graph, width) : networkLayout(graph, width);
    rebuilt(svg, () => { diagram = new Diagram(svg, graph, layout, zoom, {
        onmove: (v, k, by) => move(v, k, valueOf(v, k) + by),
        onpick: (v, k) => { now.picked = [v, k]; show(); }}); });
}

function stepLines(at) {
    const {operation, back, list} = at;
    if (now.step === 0) return {title: 'Nothing is computed yet', note: 'Only what is given is there. Take a step: it computes one operation from numbers that are there.', rows: []};
    if (back === 0) return {title: `Backward begins: d${graph.at(-1).name} = 1`, note: 'If the result grows by 1, the result grows by 1. Each operation now hands its gradient on to what it was computed from.', rows: []};
    const y = graph[operation], rule = `${y.name} = ${y.operation}(${[...y.inputs.map(i => graph[i].name), ...(y.number === null ? [] : [num(y.number)])].join(', ')})`;
    if (back < 0) return {title: `Forward: ${rule}`, note: '', rows: forwardLines(graph, operation, values).map(l => ({left: `${l.name} = ${l.formula}`, right: l.numbers, result: num(l.result, 6)}))};
    const after = gradientsNow(at), before = gradients[graph.length - operation - 1];
    return {title: `Backward through ${rule}`, note: '', rows: backwardLines(graph, operation, values, after).map(l => {
        const had = before[l.to], shared = !Number.isNaN(had) && had !== after[l.to];
        return {left: `d${l.name} ${shared ? '+=' : '='} ${l.formula}`, right: l.numbers, result: num(l.share, 6) + (shared ? `; together ${num(after[l.to], 6)}` : '')};
    })};
}

function showStep(at, quiet) {
    const {title, note, rows} = stepLines(at);
    stepTitle.textContent = title;
    stepBox.replaceChildren(...(note ? [el('p', {class: 'hint'}, note)] : []), ...(rows.length ? [el('table', {class: 'lines'}, el('tbody', {}, rows.map(row =>
        el('tr', {}, el('td', {class: 'formula'}, row.left), el('td', {}, `= ${row.right}`), el('td', {}, '= ', el('b', {}, row.result))))))] : []));
    said.textContent = quiet ? '' : `${title}. ${rows.map(row => `${row.left} = ${row.result}`).join('. ')}`;
    count.textContent = `step ${now.step} of ${lastStep()}`;
    time.max = lastStep();
    time.value = now.step;
    time.setAttribute('aria-valuetext', title);
}

function showPicked() {
    const [v, k] = now.picked, value = graph[v], name = nameOf(value, k), at = value.at + k, exact = gradients.at(-1)[at], isGiven = !value.operation;
    pickedTitle.textContent = `${name}: gradient and numeric derivative`;
    knob.node.hidden = curve.hidden = !isGiven;
    const has = value.trained && value.operation !== 'number', difference = Math.abs(exact - numeric[at]), scale = Math.max(1, Math.abs(exact));
    const agree = difference < 1e-6 * scale;
    compare.replaceChildren(...[['value', num(values[at], 8)], ['gradient, by backpropagation', has ? num(exact, 8) : 'not needed: this is data'], ['numeric derivative', num(numeric[at], 8)],
        ['difference', has ? `${num(difference, 2)}${agree ? ': they agree' : ''}` : '–']].map(([a, b]) => el('tr', {}, el('th', {scope: 'row'}, a), el('td', {class: 'numbers'}, b))));
    Object.assign(compare.dataset, {exact, numeric: numeric[at]});
    if (!isGiven) return;
    knob.input.setAttribute('aria-label', name);
    knob.node.querySelector('label').textContent = name;
    const range = [-2, 2].map(far => Math.round(values[at]) + far);
    knob.input.min = Math.min(-3, Math.floor(values[at]));
    knob.input.max = Math.max(3, Math.ceil(values[at]));
    knob.set(values[at]);
    drawCurve(curve, {curve: curveOf(v, k, range), range, x0: values[at], y0: values[graph.at(-1).at], slope: exact});
}

function showAll(at) {
    const slopes = gradientsNow(at);
    allRows.replaceChildren(...graph.flatMap((value, v) => Array.from({length: value.size}, (_, k) => {
        const place = value.at + k, there = known(value) || at.seen.has(v), needed = value.trained && value.operation !== 'number';
        const name = nameOf(value, k), cell = x => el('td', {class: 'numbers'}, x);
        return el('tr', {'data-name': name, 'data-value': values[place], 'data-gradient': gradients.at(-1)[place], 'data-numeric': numeric[place]},
            el('th', {scope: 'row'}, name), cell(value.operation || 'given'), cell(there ? num(values[place], 6) : ''),
            cell(!needed ? 'not needed' : Number.isNaN(slopes[place]) ? '' : num(slopes[place], 6)), cell(num(numeric[place], 6)));
    })));
}

/** quiet: nothing is said of the step. */
export function show(quiet = false) {
    const at = progress(), slopes = gradientsNow(at), inputs = at.operation === null ? [] : graph[at.operation].inputs;
    const there = v => known(graph[v]) || at.seen.has(v);
    diagram.update({
        value: (v, k) => (there(v) ? valueOf(v, k) : NaN),
        gradient: (v, k) => slopes[graph[v].at + k],
        lit: v => (v === at.operation ? 'out' : inputs.includes(v) ? 'in' : ''),
        picked: now.picked,
        share: ({of, by}) => {
            const before = gradients[graph.length - by - 1][graph[of].at], after = gradients[graph.length - by][graph[of].at];
            return at.back > 0 && at.list.slice(at.list.length - at.back).includes(by) ? after - (Number.isNaN(before) ? 0 : before) : NaN;
        }});
    showStep(at, quiet);
    showPicked();
    showAll(at);
    keepLink();
}
