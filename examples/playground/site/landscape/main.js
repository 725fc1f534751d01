// The room Landscape: the loss of a network in a plane of its weights, and the paths of optimizers over it.
import {el, num, slider, header, showProgram, share, sized, toast, chapter} from '../lib/page.js';
import {choice, rateOf, optimizerOptions, logSlider, within, later} from '../lib/controls.js';
import {chart} from '../lib/chart.js';
import {terrainOf, paintMap, drawTrails, Relief, trailColours} from '../lib/terrain.js';
import {load} from '../lib/tarn.js';
import {program} from './program.js';

const GRID = 61, MOST = 8, PLACES = 100; // as in landscape.c, which counts the start too
const sets = [['spirals', 'Two spirals'], ['circles', 'Disc and ring'], ['xor', 'Exclusive or'], ['gauss', 'Two clouds']];
const networks = ['4', '8', '16', '8,8', '16,16', '8,8,8'], activations = ['tanh', 'relu', 'gelu', 'silu', 'sigmoid'];
const start = {set: 'circles', layers: '8', activation: 'tanh', steps: 500, batch: 32, seed: 1, plane: 'paths', chosen: 0, at: PLACES, turn: -0.5, tilt: 0.75,
    paths: ['sgd', 'momentum', 'adam', 'lion'].map(optimizer => ({optimizer, lr: rateOf(optimizer)}))};
const fresh = () => ({...start, paths: start.paths.map(p => ({...p}))});

const tarn = await load('landscape');
const lists = JSON.parse(tarn.lists());
let now = fresh(), walks = [], terrain = null, map = null, low = [-1, -1], high = [1, 1], work = 0, playing = false, spot = null, problem = '';
const relief = new Relief();

// ---- Tarn, a little in each frame, so that the page stays awake

const doubles = (address, count) => Array.from(tarn.module.HEAPF64.subarray(address / 8, address / 8 + count));
const pause = () => new Promise(done => requestAnimationFrame(done));
const every = () => Math.ceil(now.steps / PLACES);
const steps = () => every() * Math.floor(now.steps / every());
const optionsOf = path => `lr=${path.lr}`;

function takeOutcome(i) {
    const [count, train, right, test, testRight, travelled, straight] = doubles(tarn.outcome(i), 7);
    walks[i] = {count, train, right, test, testRight, travelled, straight, losses: doubles(tarn.losses(i), count), points: [], error: walks[i].error};
}

/** All paths, then the plane, then its heights row by row. What is begun anew meanwhile ends this. */
async function compute() {
    const own = ++work, wrong = tarn.set(now.set, 400, 0.03, now.seed) || tarn.begin(now.layers, now.activation, now.seed);
    document.documentElement.dataset.busy = true;
    walks = [];
    problem = wrong;
    for (let i = 0; i < now.paths.length && !wrong; i++) {
        progress('Walking', i / now.paths.length);
        await pause();
        if (own !== work) return;
        walks[i] = {error: tarn.walk(i, now.paths[i].optimizer, optionsOf(now.paths[i]), steps(), every(), now.batch || tarn.count(0), now.seed)};
        takeOutcome(i);
    }
    await lay(own);
}

async function lay(own = ++work) {
    document.documentElement.dataset.busy = true;
    const random = now.plane === 'random';
    problem = problem || tarn.plane(now.chosen, random, now.seed + 1);
    if (problem) return finish();
    shares = doubles(tarn.shares(), 2);
    walks.forEach((walk, i) => { const numbers = doubles(tarn.path(i), 4 * walk.count); walk.points = Array.from({length: walk.count}, (_, k) => numbers.slice(4 * k, 4 * k + 4)); });
    frameOf(random ? [[-1, -1], [1, 1]] : walks.flatMap(walk => walk.points));
    const values = new Float32Array(GRID * GRID);
    for (let row = 0; row < GRID;) {
        const until = performance.now() + 12;
        while (row < GRID && performance.now() < until) {
            const from = tarn.row(low[0], high[0], low[1] + (high[1] - low[1]) * (row + 0.5) / GRID, GRID) / 4;
            values.set(tarn.module.HEAPF32.subarray(from, from + GRID), GRID * row++);
        }
        progress('Looking around', row / GRID);
        await pause();
        if (own !== work) return;
    }
    terrain = terrainOf(values, GRID);
    map = null;
    finish();
}

let shares = [0, 0];

/** The part of the plane that is shown: a square around all points. */
function frameOf(points) {
    const [least, most] = [Math.min, Math.max].map(f => [0, 1].map(k => f(...points.map(p => p[k]))));
    const half = 0.62 * Math.max(most[0] - least[0], most[1] - least[1], 1e-3);
    low = [0, 1].map(k => (least[k] + most[k]) / 2 - half);
    high = [0, 1].map(k => (least[k] + most[k]) / 2 + half);
}

function progress(what, part) {
    ui.work.hidden = false;
    ui.progress.value = part;
    ui.state.textContent = `${what}…`;
}

function finish() {
    ui.work.hidden = true;
    document.documentElement.dataset.busy = false;
    show();
    say();
}

// ---- The link

function link() {
    const p = new URLSearchParams();
    for (const name of ['set', 'layers', 'activation', 'steps', 'batch', 'seed', 'plane', 'chosen', 'at']) if (now[name] !== start[name]) p.set(name, now[name]);
    for (const path of now.paths) p.append('o', `${path.optimizer},lr=${path.lr}`);
    p.set('view', `${now.turn.toFixed(2)},${now.tilt.toFixed(2)}`);
    return `#${p}`;
}

const keepLink = later(() => history.replaceState(null, '', link()));

/** What a link says; what it says wrongly is as at first. */
function readLink() {
    const p = new URLSearchParams(location.hash.slice(1)), one = (name, list) => (list.includes(p.get(name)) ? p.get(name) : start[name]);
    now = {...fresh(), set: one('set', sets.map(s => s[0])), layers: one('layers', networks), activation: one('activation', activations), plane: one('plane', ['paths', 'random']),
        steps: Math.round(within(p.get('steps'), 50, 5000, start.steps)), batch: Math.round(within(p.get('batch'), 0, 400, start.batch)), seed: Math.round(within(p.get('seed'), 0, 1e6, 1)),
        at: Math.round(within(p.get('at'), 0, PLACES, PLACES))};
    const paths = p.getAll('o').map(text => {
        const [optimizer, rate] = text.split(',');
        return lists.optimizers.some(o => o.name === optimizer) ? {optimizer, lr: within((rate || '').replace('lr=', ''), 1e-6, 1000, rateOf(optimizer))} : null;
    }).filter(Boolean).slice(0, MOST);
    if (paths.length) now.paths = paths;
    now.chosen = Math.round(within(p.get('chosen'), 0, now.paths.length - 1, 0));
    const [turn, tilt] = (p.get('view') || '').split(',').map(Number);
    if (Number.isFinite(turn) && tilt >= 0.15 && tilt <= 1.57) Object.assign(now, {turn, tilt});
}

// ---- The pictures

const placeIn = ([x, y]) => [(x - low[0]) / (high[0] - low[0]), (y - low[1]) / (high[1] - low[1])];
const trail = walk => walk.points.slice(0, now.at + 1);
const shown = () => (now.plane === 'random' ? [] : walks);

function drawMap() {
    const {context, width} = sized(ui.map, 1);
    if (!terrain) return context.clearRect(0, 0, width, width);
    if (!map || map.width !== ui.map.width) map = paintMap(terrain, ui.map.width);
    context.drawImage(map, 0, 0, width, width);
    const pixel = p => { const [u, v] = placeIn(p); return [u * width, (1 - v) * width]; };
    drawTrails(context, shown().map((walk, i) => ({colour: trailColours[i], selected: i === now.chosen, points: trail(walk).map(pixel)})));
    const mark = (p, radius) => {
        const [x, y] = pixel(p);
        context.strokeStyle = '#fff';
        context.lineWidth = 2;
        context.beginPath();
        context.arc(x, y, radius, 0, 7);
        context.stroke();
    };
    if (now.plane === 'random') mark([0, 0], 8);
    else if (walks[0] && walks[0].points[0]) mark(walks[0].points[0], 11);
    if (spot) mark(spot, 4);
    return undefined;
}

function drawRelief() {
    if (!terrain) return;
    const {context, project} = relief.draw(ui.relief, terrain, now.turn, now.tilt);
    drawTrails(context, shown().map((walk, i) => ({colour: trailColours[i], selected: i === now.chosen, points: trail(walk).map(p => {
        const [u, v] = placeIn(p).map(q => Math.max(0, Math.min(0.999, q)));
        return project(2 * u - 1, 2 * v - 1, terrain.levels[Math.floor(v * GRID) * GRID + Math.floor(u * GRID)] + 0.012);
    })})));
}

const dark = () => document.documentElement.dataset.theme === 'dark';

function show() {
    drawMap();
    drawRelief();
    chart(ui.chart, walks.map((walk, i) => ({points: walk.losses.slice(0, now.at + 1).map((f, k) => [k * every(), f]), colour: dark() && i === 1 ? '#dfe7ee' : trailColours[i], thick: i === now.chosen ? 2.8 : 1.6})), {steps: steps(), low: 1e-5});
    ui.error.textContent = problem ? `${problem}.` : '';
    ui.count.textContent = `step ${Math.min(now.at, PLACES) * every()}`;
    ui.time.value = now.at;
    ui.time.setAttribute('aria-valuetext', ui.count.textContent);
    ui.shares.textContent = now.plane === 'random' ? `Around the end of ${now.paths[now.chosen].optimizer}: two random directions, each filter as long as its weights. 1 is as far as the weights are large.`
        : `The plane of the paths' two main directions holds ${num(100 * shares[0], 3)}% and ${num(100 * shares[1], 3)}% of how they vary; the rest is off the picture.`;
    showTable();
    showSpot();
    keepLink();
}

function showTable() {
    const percent = v => `${(100 * v).toFixed(1)}%`, cell = text => el('td', {class: 'numbers'}, text);
    ui.body.replaceChildren(...walks.map((walk, i) => el('tr', {'data-train': walk.train, 'data-test': walk.test, 'data-right': walk.testRight, 'data-losses': walk.losses.join(' ')},
        el('th', {scope: 'row'}, el('i', {class: 'dot', style: `background:${trailColours[i]}`}), ` ${now.paths[i].optimizer}`), cell(walk.error || num(walk.train, 4)), cell(num(walk.test, 4)), cell(percent(walk.testRight)),
        cell(num(walk.travelled, 3)), cell(num(walk.straight, 3)), cell(walk.points.length ? num(Math.max(...walk.points.map(p => p[3])), 3) : ''))));
}

/** The loss where the pointer is. */
function showSpot() {
    const place = spot || [0, 0], loss = walks.length && terrain ? tarn.at(...place) : NaN;
    ui.spot.textContent = Number.isNaN(loss) ? '' : `${spot ? `At (${num(place[0], 3)}, ${num(place[1], 3)})` : `At the end of ${now.paths[now.chosen].optimizer}`} the loss is ${num(loss, 4)}`;
    ui.spot.dataset.loss = loss;
}

function say() {
    ui.said.textContent = problem || `${walks.map((walk, i) => `${now.paths[i].optimizer}: loss ${num(walk.train, 3)}`).join(', ')}.`;
}

// ---- The controls

const ui = {};

function play(on) {
    playing = on;
    ui.play.textContent = on ? '❚❚ Pause' : '▶ Play';
    ui.play.setAttribute('aria-pressed', on);
    if (on && now.at >= PLACES) now.at = 0;
    if (on) requestAnimationFrame(frame);
}

function frame() {
    if (!playing) return;
    now.at++;
    show();
    if (now.at >= PLACES) play(false);
    else requestAnimationFrame(frame);
}

const again = later(() => compute(), 200);

function buildPaths() {
    ui.paths.replaceChildren(...now.paths.map((path, i) => {
        const rate = logSlider({label: 'rate, η', low: 1e-4, high: 20, value: path.lr, oninput: v => { path.lr = v; again(); }});
        const choose = () => { now.chosen = i; mark(); lay(); };
        return el('div', {class: 'hiker', role: 'group', 'aria-label': path.optimizer}, el('div', {class: 'row'},
            el('button', {class: 'dot', style: `background:${trailColours[i]};min-height:0;padding:0`, 'aria-label': `Lay the plane through the end of ${path.optimizer}`, onclick: choose}),
            el('select', {'aria-label': `Optimizer ${i + 1}`, onchange: event => { now.paths[i] = {optimizer: event.target.value, lr: rateOf(event.target.value)}; buildPaths(); compute(); }},
                optimizerOptions(lists).map(([value, text]) => el('option', {value, selected: value === path.optimizer}, text))),
            el('button', {class: 'quiet centre', onclick: choose}, 'centre'),
            el('button', {class: 'quiet', 'aria-label': `Remove ${path.optimizer}`, disabled: now.paths.length === 1, onclick: () => { now.paths.splice(i, 1); now.chosen = 0; buildPaths(); compute(); }}, '✕')),
        el('div', {class: 'options'}, rate.node));
    }));
    ui.add.disabled = now.paths.length === MOST;
    mark();
}

function mark() {
    ui.paths.querySelectorAll('.centre').forEach((button, i) => button.setAttribute('aria-pressed', i === now.chosen));
}

function sync() {
    for (const name of ['set', 'layers', 'activation', 'batch', 'plane', 'steps', 'seed']) ui[name].set(now[name]);
    buildPaths();
}

const situations = [
    ['Four rules on one hill', '#o=sgd,lr=0.5&o=momentum,lr=0.05&o=adam,lr=0.02&o=lion,lr=0.005'],
    ['Around the end: a bowl', '#plane=random&o=adam,lr=0.02'],
    ['Batches of 1 and their noise', '#batch=1&o=sgd,lr=0.2&o=momentum,lr=0.02&o=adam,lr=0.01'],
    ['Wide steps, short steps', '#batch=0&o=sgd,lr=0.05&o=sgd,lr=0.5&o=sgd,lr=5'],
    ['Spirals, and a deep valley', '#set=spirals&layers=16,16&activation=relu&steps=1000&o=momentum,lr=0.1&o=adam,lr=0.02&o=rmsprop,lr=0.005'],
];

function build() {
    header('Landscape', [
        el('button', {onclick: () => { const path = now.paths[now.chosen]; showProgram(`The C of ${path.optimizer}'s path`, 'It prints the losses along this path, to the last digits on the baseline kernels (TARN_SIMD=baseline).',
            program({...now, points: 400, noise: 0.03, init: 'default', dropout: 0, layers: now.layers.split(',').map(Number), optimizer: path.optimizer, options: optionsOf(path), steps: steps(), every: every()})); }}, 'Show me the C'),
        share(link),
        el('button', {class: 'quiet', onclick: () => { location.hash = ''; begin(); toast('As at first'); }}, 'Reset')]);
    ui.map = el('canvas', {tabindex: 0, role: 'img', id: 'map', 'aria-label': 'The plane seen from above, with the paths. Arrow keys ask for the loss at a place.'});
    ui.relief = el('canvas', {class: 'turns', tabindex: 0, role: 'img', 'aria-label': 'The plane as a relief, with the paths. Arrow keys turn it.'});
    ui.chart = el('canvas', {role: 'img', 'aria-label': 'The loss along each path', style: 'height:180px'});
    ui.play = el('button', {class: 'primary', id: 'play', onclick: () => play(!playing)}, '▶ Play');
    ui.time = el('input', {type: 'range', min: 0, max: PLACES, value: PLACES, 'aria-label': 'Step', oninput: event => { play(false); now.at = Number(event.target.value); show(); }});
    ui.count = el('span', {class: 'numbers', id: 'count'});
    ui.progress = el('progress', {max: 1, value: 0, 'aria-label': 'Computing'});
    ui.state = el('span', {class: 'hint', style: 'margin:0'});
    ui.work = el('div', {class: 'row', style: 'flex-wrap:nowrap', hidden: true}, ui.progress, ui.state);
    ui.error = el('p', {class: 'error', role: 'alert'});
    ui.said = el('p', {class: 'out', 'aria-live': 'polite'});
    ui.shares = el('p', {class: 'hint'});
    ui.spot = el('p', {class: 'numbers', id: 'spot', style: 'margin:0'});
    ui.body = el('tbody', {id: 'outcomes'});
    ui.paths = el('div');
    ui.add = el('button', {onclick: () => {
        const unused = lists.optimizers.find(o => !now.paths.some(p => p.optimizer === o.name)) || lists.optimizers[0];
        now.paths.push({optimizer: unused.name, lr: rateOf(unused.name)});
        buildPaths();
        compute();
    }}, '+ another optimizer');
    const pick = (label, name, options, then = compute) => choice({label, id: name, options, onchange: value => { now[name] = typeof start[name] === 'number' ? Number(value) : value; then(); }});
    ui.set = pick('points', 'set', sets);
    ui.layers = pick('hidden layers', 'layers', networks.map(v => [v, v.replaceAll(',', ' and ')]));
    ui.activation = pick('activation', 'activation', activations.map(v => [v, v]));
    ui.batch = pick('batch', 'batch', [[1, '1: stochastic'], [8, '8'], [32, '32'], [0, 'all']]);
    ui.plane = pick('plane', 'plane', [['paths', 'of the paths'], ['random', 'random, around the end']], () => lay());
    ui.steps = slider({label: 'steps', min: 100, max: 3000, step: 100, value: now.steps, text: String, oninput: v => { now.steps = v; again(); }});
    ui.seed = slider({label: 'seed', min: 1, max: 100, step: 1, value: now.seed, text: String, oninput: v => { now.seed = v; again(); }});
    document.querySelector('main').append(
        el('h1', {}, 'Landscape'),
        el('p', {class: 'lead'}, 'The loss of a network around its trained weights, in a plane through hundreds of dimensions, and the ways that optimizers take over it.'),
        el('div', {class: 'descent'},
            el('div', {class: 'stack'},
                el('section', {class: 'card stack', 'aria-label': 'The landscape'},
                    el('div', {class: 'views'}, el('div', {class: 'view'}, ui.map, el('span', {class: 'caption'}, 'from above')), el('div', {class: 'view'}, ui.relief, el('span', {class: 'caption'}, 'drag to turn'))),
                    el('div', {class: 'transport'}, el('div', {class: 'row'}, ui.play, ui.count, ui.spot), ui.time, ui.work), ui.shares, ui.error, ui.said),
                el('section', {class: 'card chart'}, el('h2', {}, 'Loss in training'), ui.chart),
                el('section', {class: 'card'}, el('h2', {}, 'Where they came'), el('div', {class: 'scroll'}, el('table', {class: 'outcomes'}, el('thead', {}, el('tr', {}, ['optimizer', 'loss', 'in test', 'right', 'way', 'straight', 'off the plane'].map(t => el('th', {scope: 'col'}, t)))), ui.body)),
                    el('p', {class: 'hint'}, 'Way: the length of the path, from point to point; straight: from its start to its end; off the plane: how far it leaves what is drawn.'))),
            el('div', {class: 'stack'},
                el('section', {class: 'card'}, el('h2', {}, 'Optimizers'), ui.paths, ui.add),
                el('section', {class: 'card options'}, el('h2', {}, 'The network'), ui.set.node, ui.layers.node, ui.activation.node, ui.batch.node, ui.steps.node, ui.seed.node, ui.plane.node,
                    el('h3', {}, 'Situations'), el('div', {class: 'presets'}, situations.map(([text, href]) => el('a', {class: 'button', href}, text)))),
                chapter('docs/book/9-landscape.md', 'landscapes', ['examples/playground/landscape.c', 'examples/playground/network.c', 'examples/lab/landscape/directions.c', 'examples/lab/landscape/network.c']))));
}

function listen() {
    const arrows = {ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1]};
    const point = to => { spot = to; drawMap(); showSpot(); };
    ui.map.addEventListener('pointermove', event => {
        const box = ui.map.getBoundingClientRect();
        if (!playing) point([low[0] + (high[0] - low[0]) * (event.clientX - box.left) / box.width, high[1] - (high[1] - low[1]) * (event.clientY - box.top) / box.height]);
    });
    ui.map.addEventListener('pointerleave', () => point(null));
    ui.map.addEventListener('keydown', event => {
        const by = arrows[event.key];
        if (!by) return;
        event.preventDefault();
        point((spot || [0, 0]).map((v, k) => Math.max(low[k], Math.min(high[k], v + by[k] * (high[k] - low[k]) / 40))));
        ui.said.textContent = ui.spot.textContent;
    });
    const turn = (dx, dy) => {
        now.turn = (now.turn + dx) % (2 * Math.PI);
        now.tilt = Math.max(0.15, Math.min(1.57, now.tilt + dy));
        drawRelief();
        keepLink();
    };
    ui.relief.addEventListener('pointerdown', event => ui.relief.setPointerCapture(event.pointerId));
    ui.relief.addEventListener('pointermove', event => { if (ui.relief.hasPointerCapture(event.pointerId)) turn(event.movementX * 0.009, event.movementY * 0.006); });
    ui.relief.addEventListener('keydown', event => {
        const by = arrows[event.key];
        if (!by) return;
        event.preventDefault();
        turn(by[0] * 0.1, -by[1] * 0.06);
    });
    document.addEventListener('keydown', event => {
        if (event.target.closest('input, select, button, textarea, a, dialog, summary') || event.ctrlKey || event.metaKey || event.altKey) return;
        if (event.key === ' ') { event.preventDefault(); play(!playing); }
    });
    addEventListener('hashchange', begin);
    addEventListener('themechange', show);
    new ResizeObserver(() => requestAnimationFrame(show)).observe(document.querySelector('.views'));
}

function begin() {
    play(false);
    readLink();
    sync();
    return compute();
}

build();
listen();
begin();
document.documentElement.dataset.ready = 'true';
