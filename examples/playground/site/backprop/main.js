// The room Backprop: a small network, or a formula, forward and backward one operation at a time.
import {el, num, slider, header, showProgram, share, toast, chapter} from '../lib/page.js';
import {later, rebuilt, shortcuts} from '../lib/controls.js';
import {load} from '../lib/tarn.js';
import {drawCurve} from './curve.js';
import {Diagram} from './diagram.js';
import {networkLayout, graphLayout} from './layout.js';
import {forwardLines, backwardLines, nameOf} from './rules.js';
import {program} from './program.js';

const NUMBERS = 64, CURVE = 161; // as in backprop.c; points of the curve
const defaults = [0.5, 2, -0.25, 0.75, 1.5, -0.5, 0.25, 3]; // of the variables of a formula, in their order

const tarn = await load('backprop');
const buffer = tarn.module._malloc(8 * CURVE);

let graph = [], values = [], numeric = [], gradients = []; // gradients[k]: after k results backward
let now = {formula: '', step: Infinity, picked: [0, 0]}, diagram = null, playing = 0;

// ---- The graph and its numbers

const given = () => graph.filter(v => !v.operation);
const steps = () => graph.map((v, i) => i).filter(i => graph[i].operation && graph[i].operation !== 'number');
const lastStep = () => 2 * steps().length + 1;

/** Takes the network ('') or a formula. Its mistake, or ''. */
function take(formula) {
    const wrong = formula ? tarn.formula(formula) : tarn.network();
    if (wrong) return wrong;
    graph = JSON.parse(tarn.graph());
    now = {formula, step: lastStep(), picked: formula ? [0, 0] : [2, 0]};
    if (formula) given().forEach((v, i) => tarn.set(i, 0, defaults[i % defaults.length]));
    return '';
}

function compute() {
    const address = tarn.run() / 8;
    if (!address) {
        ui.error.textContent = tarn.problem();
        return;
    }
    const part = i => tarn.module.HEAPF64.slice(address + NUMBERS * i, address + NUMBERS * (i + 1));
    values = part(0);
    numeric = part(1);
    gradients = Array.from({length: graph.length - given().length + 1}, (_, i) => part(2 + i));
}

/** Where the present step stands: the results that are there, and how many have been gone back over. */
function progress() {
    const list = steps(), forward = Math.min(now.step, list.length), back = now.step - list.length - 1; // −1: not begun
    const operation = now.step === 0 ? null : back < 0 ? list[forward - 1] : back === 0 ? null : list[list.length - back];
    return {list, forward, back, operation, seen: new Set(list.slice(0, forward))};
}

/** All gradients as they are after this step. */
function gradientsNow({list, back}) {
    if (back < 0) return new Float64Array(NUMBERS).fill(NaN);
    return gradients[back === 0 ? 0 : graph.length - list[list.length - back]];
}

function move(v, k, to) {
    tarn.set(v, k, Math.max(-1000, Math.min(1000, Math.round(to * 1e6) / 1e6)));
    now.picked = [v, k];
    compute();
    show();
}

const valueOf = (v, k) => values[graph[v].at + k];

// ---- The link

function link() {
    const p = new URLSearchParams();
    if (now.formula) p.set('formula', now.formula);
    given().forEach((v, i) => p.set(`v.${v.name}`, Array.from({length: v.size}, (_, k) => valueOf(i, k)).join()));
    if (now.step !== lastStep()) p.set('step', now.step);
    p.set('at', now.picked.join());
    return `#${p}`;
}

const keepLink = later(() => history.replaceState(null, '', link()));

/** What a link says; what it says wrongly is as at first. */
function readLink() {
    const p = new URLSearchParams(location.hash.slice(1)), wrong = take((p.get('formula') || '').slice(0, 300));
    ui.error.textContent = wrong ? `The formula: ${wrong}.` : '';
    if (wrong) take('');
    given().forEach((v, i) => {
        const told = (p.get(`v.${v.name}`) || '').split(',').map(Number);
        if (p.has(`v.${v.name}`) && told.length === v.size && told.every(x => Math.abs(x) <= 1000)) told.forEach((x, k) => tarn.set(i, k, x));
    });
    const step = Number(p.get('step')), [v, k] = (p.get('at') || '').split(',').map(Number);
    if (p.has('step') && step >= 0 && step <= lastStep()) now.step = Math.round(step);
    if (graph[v] && k >= 0 && k < graph[v].size) now.picked = [v, Math.floor(k)];
}

// ---- What is shown

function showDiagram() {
    const zoom = ui.scroll.clientWidth >= 1500 ? 1.4 : 1, width = ui.scroll.clientWidth / zoom; // on a projector
    const layout = now.formula ? graphLayout(graph, width) : networkLayout(graph, width);
    rebuilt(ui.svg, () => { diagram = new Diagram(ui.svg, graph, layout, zoom, {
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

function showStep(at) {
    const {title, note, rows} = stepLines(at);
    ui.stepTitle.textContent = title;
    ui.step.replaceChildren(...(note ? [el('p', {class: 'hint'}, note)] : []), ...(rows.length ? [el('table', {class: 'lines'}, el('tbody', {}, rows.map(row =>
        el('tr', {}, el('td', {class: 'formula'}, row.left), el('td', {}, `= ${row.right}`), el('td', {}, '= ', el('b', {}, row.result))))))] : []));
    ui.said.textContent = playing ? '' : `${title}. ${rows.map(row => `${row.left} = ${row.result}`).join('. ')}`;
    ui.count.textContent = `step ${now.step} of ${lastStep()}`;
    ui.time.max = lastStep();
    ui.time.value = now.step;
    ui.time.setAttribute('aria-valuetext', title);
}

function showPicked() {
    const [v, k] = now.picked, value = graph[v], name = nameOf(value, k), at = value.at + k, exact = gradients.at(-1)[at], isGiven = !value.operation;
    ui.pickedTitle.textContent = `${name}: gradient and numeric derivative`;
    ui.knob.node.hidden = ui.curve.hidden = !isGiven;
    const has = value.trained && value.operation !== 'number', difference = Math.abs(exact - numeric[at]), scale = Math.max(1, Math.abs(exact));
    const agree = difference < 1e-6 * scale;
    ui.compare.replaceChildren(...[['value', num(values[at], 8)], ['gradient, by backpropagation', has ? num(exact, 8) : 'not needed: this is data'], ['numeric derivative', num(numeric[at], 8)],
        ['difference', has ? `${num(difference, 2)}${agree ? ': they agree' : ''}` : '–']].map(([a, b]) => el('tr', {}, el('th', {scope: 'row'}, a), el('td', {class: 'numbers'}, b))));
    Object.assign(ui.compare.dataset, {exact, numeric: numeric[at]});
    if (!isGiven) return;
    ui.knob.input.setAttribute('aria-label', name);
    ui.knob.node.querySelector('label').textContent = name;
    const range = [-2, 2].map(far => Math.round(values[at]) + far);
    ui.knob.input.min = Math.min(-3, Math.floor(values[at]));
    ui.knob.input.max = Math.max(3, Math.ceil(values[at]));
    ui.knob.set(values[at]);
    tarn.curve(v, k, ...range, CURVE, buffer);
    drawCurve(ui.curve, {curve: tarn.module.HEAPF64.slice(buffer / 8, buffer / 8 + CURVE), range, x0: values[at], y0: values[graph.at(-1).at], slope: exact});
}

function showAll(at) {
    const slopes = gradientsNow(at);
    ui.all.replaceChildren(...graph.flatMap((value, v) => Array.from({length: value.size}, (_, k) => {
        const place = value.at + k, there = !value.operation || value.operation === 'number' || at.seen.has(v), known = value.trained && value.operation !== 'number';
        const name = nameOf(value, k), cell = x => el('td', {class: 'numbers'}, x);
        return el('tr', {'data-name': name, 'data-value': values[place], 'data-gradient': gradients.at(-1)[place], 'data-numeric': numeric[place]},
            el('th', {scope: 'row'}, name), cell(value.operation || 'given'), cell(there ? num(values[place], 6) : ''),
            cell(!known ? 'not needed' : Number.isNaN(slopes[place]) ? '' : num(slopes[place], 6)), cell(num(numeric[place], 6)));
    })));
}

function show() {
    const at = progress(), slopes = gradientsNow(at), inputs = at.operation === null ? [] : graph[at.operation].inputs;
    const there = v => !graph[v].operation || graph[v].operation === 'number' || at.seen.has(v);
    diagram.update({
        value: (v, k) => (there(v) ? valueOf(v, k) : NaN),
        gradient: (v, k) => slopes[graph[v].at + k],
        lit: v => (v === at.operation ? 'out' : inputs.includes(v) ? 'in' : ''),
        picked: now.picked,
        share: ({of, by}) => {
            const before = gradients[graph.length - by - 1][graph[of].at], after = gradients[graph.length - by][graph[of].at];
            return at.back > 0 && at.list.slice(at.list.length - at.back).includes(by) ? after - (Number.isNaN(before) ? 0 : before) : NaN;
        }});
    showStep(at);
    showPicked();
    showAll(at);
    keepLink();
}

// ---- The page

const ui = {};

function goTo(step) {
    now.step = Math.max(0, Math.min(lastStep(), step));
    show();
}

function play(on) {
    clearInterval(playing);
    playing = 0;
    ui.play.textContent = on ? '❚❚ Pause' : '▶ Play';
    ui.play.setAttribute('aria-pressed', on);
    if (!on) return;
    if (now.step === lastStep()) goTo(0);
    playing = setInterval(() => {
        goTo(now.step + 1);
        if (now.step === lastStep()) play(false);
    }, 900);
}

const situations = [
    ['The network of the chapter', '#step=0'],
    ['A unit: tanh(w x + b)', '#formula=tanh(w*x%2Bb)'],
    ['Its squared error', '#formula=(sigmoid(w*x%2Bb)-t)^2'],
    ['Used twice: gradients add', '#formula=x*y%2Bsin(x)&v.x=0.5&v.y=2&at=0,0'],
    ['Where a ReLU is shut', '#formula=relu(w*x%2Bb)^2&v.w=1&v.x=1&v.b=-2'],
    ['Vanishing gradients', '#formula=sigmoid(sigmoid(sigmoid(sigmoid(4*x))))&v.x=0.8'],
];

function chooseFormula(text) {
    const wrong = take(text.trim());
    ui.error.textContent = wrong ? `The formula: ${wrong}.` : '';
    if (wrong) return;
    play(false);
    compute();
    showDiagram();
    show();
}

function build() {
    header('Backprop', [
        el('button', {onclick: () => showProgram('The C of these numbers', 'It prints each number with its gradient, in double as this room computes.', program(tarn.program()))}, 'Show me the C'),
        share(link),
        el('button', {class: 'quiet', onclick: () => { location.hash = ''; begin(); toast('As at first'); }}, 'Reset')]);
    ui.svg = document.createElementNS('http://www.w3.org/2000/svg', 'svg');
    ui.svg.setAttribute('class', 'diagram');
    ui.svg.setAttribute('role', 'group');
    ui.svg.setAttribute('aria-label', 'The graph: each number with its gradient. Numbers that are given are sliders.');
    ui.scroll = el('div', {class: 'scroll'}, ui.svg);
    ui.error = el('p', {class: 'error', role: 'alert', id: 'formula-error'});
    ui.formula = el('input', {type: 'text', id: 'formula', spellcheck: 'false', autocomplete: 'off', autocapitalize: 'off', placeholder: 'tanh(w*x+b)', 'aria-describedby': 'formula-error',
        onchange: event => chooseFormula(event.target.value)});
    ui.play = el('button', {class: 'primary', id: 'play', onclick: () => play(!playing)}, '▶ Play');
    ui.count = el('span', {class: 'numbers', id: 'count'});
    ui.time = el('input', {type: 'range', min: 0, max: 1, value: 0, 'aria-label': 'Step', oninput: event => { play(false); goTo(Number(event.target.value)); }});
    ui.said = el('p', {class: 'out', 'aria-live': 'polite'});
    ui.stepTitle = el('h2');
    ui.step = el('div', {class: 'rule', id: 'rule', tabindex: 0, role: 'region', 'aria-label': 'This step with its numbers'});
    ui.pickedTitle = el('h2');
    ui.knob = slider({label: 'value', min: -3, max: 3, step: 0.01, value: 0, oninput: v => move(...now.picked, v)});
    ui.compare = el('tbody', {id: 'compare'});
    ui.curve = el('canvas', {role: 'img', 'aria-label': 'The result as a function of this number, and a line whose slope is the gradient', style: 'height:12rem'});
    ui.all = el('tbody', {id: 'all'});
    const step = (id, text, label, by) => el('button', {id, 'aria-label': label, onclick: () => { play(false); goTo(by()); }}, text);
    document.querySelector('main').append(
        el('h1', {}, 'Backprop'),
        el('p', {class: 'lead'}, 'Every number of a small network with its gradient, forward and backward one operation at a time. Drag a number that is given, and see what follows.'),
        el('div', {class: 'stack'},
            el('section', {class: 'card stack', 'aria-label': 'The graph'},
                el('div', {class: 'row formula-row'}, el('label', {for: 'formula'}, 'Any expression:'), ui.formula, el('div', {class: 'presets'}, situations.map(([text, href]) => el('a', {class: 'button', href}, text)))),
                ui.error, ui.scroll,
                el('div', {class: 'transport'}, el('div', {class: 'row'}, ui.play, step('back', '◂ step', 'One step back', () => now.step - 1), step('step', 'step ▸', 'One step on', () => now.step + 1),
                    step('rewind', '◂◂ start', 'To the start', () => 0), step('end', 'end ▸▸', 'To the end', lastStep), ui.count), ui.time), ui.said),
            el('div', {class: 'halves'},
                el('section', {class: 'card'}, ui.stepTitle, ui.step),
                el('section', {class: 'card'}, ui.pickedTitle, ui.knob.node, el('table', {}, ui.compare), ui.curve,
                    el('p', {class: 'hint'}, 'The numeric derivative is the change of the result when this one number is moved by 10⁻⁵ up and down. The line touches the curve with the slope that backpropagation found.'))),
            el('section', {class: 'card'}, el('h2', {}, 'All numbers'), el('div', {class: 'scroll'}, el('table', {class: 'wide'}, el('thead', {}, el('tr', {}, ['number', 'from', 'value', 'gradient', 'numeric'].map(t => el('th', {scope: 'col'}, t)))), ui.all))),
            chapter('docs/book/2-backprop.md', 'backpropagation', ['examples/playground/backprop.c', 'examples/playground/graph.c', 'examples/backprop.c', 'core/tape.c', 'core/ops/sigmoid.c', 'core/ops/matmul.c'])));
}

function listen() {
    const go = by => { play(false); goTo(now.step + by); };
    shortcuts({' ': () => play(!playing), '.': () => go(1), ',': () => go(-1)});
    addEventListener('hashchange', begin);
    addEventListener('themechange', show);
    let width = 0;
    new ResizeObserver(() => requestAnimationFrame(() => {
        if (ui.scroll.clientWidth === width) return;
        width = ui.scroll.clientWidth;
        showDiagram();
        show();
    })).observe(ui.scroll);
}

function begin() {
    play(false);
    readLink();
    ui.formula.value = now.formula;
    compute();
    showDiagram();
    show();
}

build();
begin();
listen();
document.documentElement.dataset.ready = 'true';
