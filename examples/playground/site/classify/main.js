// The room Classify: a small network learns to tell points apart, and shows what it makes of the plane.
import {el, num, slider, header, showProgram, share, colour, toast, chapter} from '../lib/page.js';
import {choice, logSlider, rateOf, optimizerOptions, penalties, optionsText, later} from '../lib/controls.js';
import {chart, histogram} from '../lib/chart.js';
import {load} from '../lib/tarn.js';
import {drawPlane, drawNetwork, unitPlaces, CLASSES} from './pictures.js';
import {sets, activations, inits, situations, first, MOST_LAYERS, MOST_UNITS, MOST_STEPS, TOTAL, linkOf, readLink} from './situation.js';
import {program} from './program.js';

const SIDE = 96, BINS = 25, THUMB = 24; // the first two as in classify.c
const tarn = await load('classify');
const lists = JSON.parse(tarn.lists());
let now = {...first}, data = [], scores = [], playing = false, speed = 5, problem = '', pen = 1, goal = 0;

// ---- Tarn

const floats = (address, count) => tarn.module.HEAPF32.subarray(address / 4, address / 4 + count);
const keepLink = later(() => history.replaceState(null, '', linkOf(now)));
const output = () => [now.layers.length + 1, 0];
const chosen = () => now.chosen || output();

function takePoints() {
    let wrong;
    if (now.set === 'own') {
        const bytes = tarn.module._malloc(12 * Math.max(1, now.drawn.length));
        tarn.module.HEAPF32.set(now.drawn.flat(), bytes / 4);
        wrong = tarn.draw(bytes, now.drawn.length);
        tarn.module._free(bytes);
    } else wrong = tarn.set(now.set, now.points, now.noise, now.seed);
    data = [0, 1].map(part => {
        const count = tarn.count(part), labels = tarn.labels(part) / 4;
        return {places: floats(tarn.places(part), 2 * count).slice(), labels: Array.from(tarn.module.HEAP32.subarray(labels, labels + count))};
    });
    return wrong;
}

const batchOf = () => now.batch || Math.max(1, tarn.count(0));

/** A new network at step 0, which then is trained on to the step that is asked for. */
function startAgain(step = 0) {
    problem = takePoints();
    if (!problem) problem = tarn.begin(now.layers.join(), now.activation, now.init, now.dropout, now.optimizer, optionsText(now), now.schedule, TOTAL, batchOf(), now.seed);
    scores = [];
    now.step = 0;
    goal = step;
    if (!problem) score();
    if (goal > 0 && !problem) requestAnimationFrame(frame);
    show();
}

function score() {
    const at = tarn.score() / 8, [train, right, test, testRight] = tarn.module.HEAPF64.subarray(at, at + 4);
    scores.push({step: now.step, train, right, test, testRight});
}

/** So many steps; every tenth is scored, so that the curves are the same at any speed. */
function train(steps) {
    while (steps > 0 && !problem) {
        const some = Math.min(steps, 10 - now.step % 10);
        if (Number.isNaN(tarn.train(some))) problem = tarn.problem() || 'The loss is not a number any more: the steps are too large.';
        now.step += some;
        steps -= some;
        if (now.step % 10 === 0 || steps === 0) score();
    }
    if (scores.length > 1500) scores = scores.filter((s, i) => i === scores.length - 1 || s.step % (10 * Math.ceil(now.step / 10000)) === 0);
}

function play(on) {
    playing = on;
    ui.play.textContent = on ? '❚❚ Pause' : '▶ Train';
    ui.play.setAttribute('aria-pressed', on);
    document.documentElement.dataset.busy = on || goal > now.step;
    if (on) requestAnimationFrame(frame);
    else say();
}

/** Trains for a part of a frame, and shows what came of it. */
function frame() {
    const catching = goal > now.step;
    if (!playing && !catching) return;
    const begin = performance.now(), steps = catching ? goal - now.step : speed;
    for (let done = 0; done < steps && performance.now() - begin < 8 && !problem; done++) train(1);
    show();
    if (problem || now.step >= MOST_STEPS) goal = now.step, play(false);
    else if (!playing && goal <= now.step) play(false);
    else requestAnimationFrame(frame);
}

// ---- The pictures

let maps = null, places = [], spent = 0, frames = 0;

/** The map of a unit: inputs are x and y themselves. */
function mapOf(layer, unit, side) {
    if (layer === 0) return {signed: true, side: 2, values: unit === 0 ? [-1, 1, -1, 1] : [1, 1, -1, -1]};
    const before = now.layers.slice(0, layer - 1).reduce((a, b) => a + b, 0), from = maps + 4 * SIDE * SIDE * (before + unit);
    return {signed: layer <= now.layers.length, side, values: floats(from, side * side)};
}

function drawMaps() {
    if (problem && now.step === 0) return drawPlane(ui.plane, null, data);
    maps = tarn.maps(THUMB);
    const weights = [2, ...now.layers].map((inputs, i) => floats(tarn.weights(i), inputs * (i === now.layers.length ? 2 : now.layers[i])));
    places = unitPlaces(now.layers, ui.network.clientWidth, ui.network.clientHeight);
    drawNetwork(ui.network, places, now.layers, (layer, unit) => mapOf(layer, unit, THUMB), weights, chosen());
    maps = tarn.maps(playing ? 48 : SIDE);
    const [layer, unit] = chosen();
    drawPlane(ui.plane, mapOf(layer, unit, playing ? 48 : SIDE), data);
    return undefined;
}

function drawLayers() {
    const size = 5 + 2 * BINS, at = tarn.layers() / 8, units = [2, ...now.layers, 2];
    ui.rows.forEach((row, i) => {
        const numbers = tarn.module.HEAPF64.subarray(at + size * i, at + size * (i + 1)), [weight, gradient, update, mostWeight, mostGradient] = numbers, ratio = update / weight;
        histogram(row.weights, numbers.subarray(5, 5 + BINS), CLASSES[0]);
        histogram(row.gradients, numbers.subarray(5 + BINS, size), CLASSES[1]);
        row.weights.setAttribute('aria-label', `Weights of layer ${i + 1}, from ${num(-mostWeight, 3)} to ${num(mostWeight, 3)}`);
        row.gradients.setAttribute('aria-label', Number.isNaN(gradient) ? 'No gradients yet' : `Gradients of layer ${i + 1}, from ${num(-mostGradient, 3)} to ${num(mostGradient, 3)}`);
        row.most[0].textContent = `±${num(mostWeight, 2)}`;
        row.most[1].textContent = Number.isNaN(mostGradient) ? '' : `±${num(mostGradient, 2)}`;
        row.ratio.textContent = Number.isFinite(ratio) ? num(ratio, 3) : '–';
        row.ratio.dataset.ratio = ratio;
        row.name.textContent = `${units[i]} → ${units[i + 1]}`;
    });
}

function drawLosses() {
    const steps = Math.max(200, now.step);
    chart(ui.chart, [{points: scores.map(s => [s.step, s.test]), colour: CLASSES[1], dashed: true}, {points: scores.map(s => [s.step, s.train]), colour: CLASSES[0]}], {steps});
}

// ---- The words and numbers

const percent = v => `${(100 * v).toFixed(1)}%`;

function showScore() {
    const s = scores.at(-1);
    ui.error.textContent = problem ? `${problem[0].toUpperCase()}${problem.slice(1).replace(/\.$/, '')}.` : '';
    ui.count.textContent = `step ${String(now.step).replace(/\B(?=(\d{3})+$)/g, ' ')}`;
    if (!s) return;
    ui.train.textContent = num(s.train, 4);
    ui.test.textContent = num(s.test, 4);
    ui.right.textContent = `${percent(s.right)} right in training`;
    ui.testRight.textContent = `${percent(s.testRight)} right in test`;
    Object.assign(ui.figures.dataset, s);
}

function say() {
    const s = scores.at(-1);
    if (s) ui.said.textContent = `Step ${now.step}. Training: loss ${num(s.train, 3)}, ${percent(s.right)} right. Test: loss ${num(s.test, 3)}, ${percent(s.testRight)} right.`;
}

function showChosen() {
    const [layer, unit] = chosen(), last = layer === now.layers.length + 1;
    ui.planeTitle.textContent = last ? 'What the network says of the plane' : layer === 0 ? `Input ${unit ? 'y' : 'x'}` : `What unit ${unit + 1} of layer ${layer} says of the plane`;
    ui.plane.setAttribute('aria-label', `${ui.planeTitle.textContent}, with the points of both classes`);
}

function show() {
    const begin = performance.now(), every = playing && spent > 7 ? 3 : 1; // maps may be seen less often than frames, the numbers not
    if (frames++ % every === 0 || !playing) {
        drawMaps();
        spent += 0.2 * (performance.now() - begin - spent);
    }
    if (!problem || now.step > 0) drawLayers();
    drawLosses();
    showScore();
    showChosen();
    if (!playing) say();
    keepLink();
}

// ---- The controls

const ui = {rows: []};

function restart() {
    startAgain(0);
}

function buildLayers() {
    const set = layers => { now.layers = layers; now.chosen = null; buildLayers(); restart(); };
    const change = (i, by) => set(now.layers.map((n, k) => (k === i ? Math.max(1, Math.min(MOST_UNITS, n + by)) : n)));
    ui.layers.replaceChildren(...now.layers.map((units, i) => el('div', {class: 'stepper', role: 'group', 'aria-label': `Layer ${i + 1}`},
        el('span', {}, `layer ${i + 1}`), el('button', {'aria-label': `One unit less in layer ${i + 1}`, disabled: units === 1, onclick: () => change(i, -1)}, '−'),
        el('output', {}, String(units)), el('button', {'aria-label': `One unit more in layer ${i + 1}`, disabled: units === MOST_UNITS, onclick: () => change(i, 1)}, '+'),
        el('button', {class: 'quiet', 'aria-label': `Remove layer ${i + 1}`, onclick: () => set(now.layers.filter((n, k) => k !== i))}, '✕'))),
    el('button', {id: 'add-layer', disabled: now.layers.length === MOST_LAYERS, onclick: () => set([...now.layers, now.layers.at(-1) || 8])}, '+ a layer'));
    ui.rows = [...now.layers, 2].map(() => ({name: el('th', {scope: 'row'}), weights: el('canvas', {class: 'bars', role: 'img'}), gradients: el('canvas', {class: 'bars', role: 'img'}), ratio: el('td', {class: 'numbers'}),
        most: [el('span', {class: 'most'}), el('span', {class: 'most'})]}));
    ui.body.replaceChildren(...ui.rows.map(row => el('tr', {}, row.name, el('td', {}, row.weights, row.most[0]), el('td', {}, row.gradients, row.most[1]), row.ratio)));
}

function buildControls() {
    const pick = (label, name, options, then = () => {}) => choice({label, id: name, options, onchange: value => { now[name] = typeof first[name] === 'number' ? Number(value) : value; then(); restart(); }});
    const same = list => list.map(v => [v, v.replace('_', ' ')]);
    const slide = (name, label, more) => slider({label, value: now[name], oninput: v => { now[name] = v; restart(); }, ...more});
    ui.set = pick('points', 'set', sets, () => { play(false); sync(); });
    ui.points = slide('points', 'how many', {min: 20, max: 1000, step: 20, text: String});
    ui.noise = slide('noise', 'noise', {min: 0, max: 0.3, step: 0.01});
    ui.seed = slide('seed', 'seed', {min: 1, max: 100, step: 1, text: String});
    ui.activation = pick('activation', 'activation', same(activations));
    ui.init = pick('initialization', 'init', inits);
    ui.dropout = slide('dropout', 'dropout', {min: 0, max: 0.8, step: 0.05});
    ui.optimizer = pick('optimizer', 'optimizer', optimizerOptions(lists), () => { now.lr = rateOf(now.optimizer); if (!penalties(lists, now.optimizer).some(([v]) => v === now.penalty)) now.penalty = ''; sync(); });
    ui.lr = logSlider({label: 'rate, η', low: 1e-5, high: 100, value: now.lr, oninput: v => { now.lr = v; restart(); }});
    ui.penalty = pick('regularization', 'penalty', []);
    ui.strength = logSlider({label: 'its strength, λ', low: 1e-6, high: 1, value: now.strength, oninput: v => { now.strength = v; restart(); }});
    ui.schedule = pick('schedule', 'schedule', [['', 'constant'], ['cosine', `half a cosine, ${TOTAL} steps`], ['linear', `linear, ${TOTAL} steps`]]);
    ui.batch = pick('batch', 'batch', [[1, '1: stochastic'], [8, '8'], [32, '32'], [128, '128'], [0, 'all: batch']]);
}

function sync() {
    for (const name of ['set', 'activation', 'init', 'optimizer', 'schedule', 'batch', 'points', 'noise', 'seed', 'dropout', 'lr', 'strength']) ui[name].set(now[name]);
    ui.penalty.select.replaceChildren(...penalties(lists, now.optimizer).map(([value, text]) => el('option', {value}, text)));
    ui.penalty.set(now.penalty);
    ui.own.hidden = now.set !== 'own';
    ui.points.node.hidden = ui.noise.node.hidden = now.set === 'own';
}

function build() {
    header('Classify', [
        el('button', {onclick: () => showProgram('The C of this training', 'It prints the losses of this page, every hundred steps: to the last digits on the baseline kernels (TARN_SIMD=baseline).',
            program({...now, options: optionsText(now), steps: now.step || 100, total: TOTAL}))}, 'Show me the C'),
        share(() => linkOf(now)),
        el('button', {class: 'quiet', onclick: () => { location.hash = ''; begin(); toast('As at first'); }}, 'Reset')]);
    ui.error = el('p', {class: 'error', role: 'alert'});
    ui.said = el('p', {class: 'out', 'aria-live': 'polite', id: 'said'});
    ui.play = el('button', {class: 'primary', id: 'play', onclick: () => play(!playing)}, '▶ Train');
    ui.count = el('span', {class: 'numbers', id: 'count'});
    ui.plane = el('canvas', {id: 'plane', tabindex: 0, role: 'img', class: 'plane'});
    ui.planeTitle = el('h2');
    ui.network = el('canvas', {id: 'network', tabindex: 0, role: 'img', 'aria-label': 'The network, each unit with its own map of the plane. Arrow keys choose a unit.'});
    ui.chart = el('canvas', {role: 'img', 'aria-label': 'The losses in training and, dashed, in test', style: 'height:170px'});
    ui.train = el('strong');
    ui.test = el('strong');
    ui.right = el('span');
    ui.testRight = el('span');
    ui.figures = el('div', {class: 'figures', id: 'figures'}, el('div', {class: 'of-train'}, ui.train, el('span', {}, 'loss in training'), ui.right), el('div', {class: 'of-test'}, ui.test, el('span', {}, 'loss in test'), ui.testRight));
    ui.layers = el('div', {class: 'layers'});
    ui.body = el('tbody');
    const penButton = label => el('button', {'aria-pressed': pen === label, 'data-pen': label, onclick: event => {
        pen = label;
        ui.own.querySelectorAll('[data-pen]').forEach(b => b.setAttribute('aria-pressed', b === event.currentTarget));
    }}, el('i', {class: 'dot', style: `background:${CLASSES[label]}`}), label ? 'orange' : 'blue');
    ui.own = el('div', {class: 'row', hidden: true}, el('span', {class: 'hint', style: 'margin:0'}, 'Click on the plane to put points there:'), penButton(0), penButton(1),
        el('button', {id: 'clear', onclick: () => { now.drawn = []; restart(); }}, 'Clear'));
    buildControls();
    const fields = (...list) => el('div', {class: 'options'}, list.map(c => c.node));
    document.querySelector('main').append(
        el('h1', {}, 'Classify'),
        el('p', {class: 'lead'}, 'A network learns to tell two kinds of points apart. Change anything, and watch what it makes of the plane.'),
        el('div', {class: 'classify'},
            el('div', {class: 'stack'}, el('section', {class: 'card stack', 'aria-label': 'What it learns'},
                el('div', {class: 'row'}, ui.play, el('button', {id: 'step', 'aria-label': 'One step', onclick: () => { play(false); train(1); show(); }}, 'step ▸'),
                    el('button', {id: 'rewind', onclick: () => { play(false); restart(); }}, '◂◂ start'),
                    el('select', {id: 'speed', 'aria-label': 'Speed', onchange: event => { speed = Number(event.target.value); }}, [[1, '60 steps a second'], [5, '300 a second'], [20, '1200 a second'], [1000, 'as many as fit']].map(([v, t]) => el('option', {value: v, selected: v === speed}, t))), ui.count),
                ui.error, el('div', {}, ui.planeTitle, ui.plane, ui.own), ui.said),
                el('section', {class: 'card'}, el('h2', {}, 'Loss'), ui.figures, ui.chart)),
            el('div', {class: 'stack middle'},
                el('section', {class: 'card'}, el('h2', {}, 'The network, unit by unit'), ui.network, el('p', {class: 'hint'}, 'Orange: more than 0, or class orange; blue: less. Lines are weights. Point at a unit to see its map large; click to keep it.')),
                el('section', {class: 'card'}, el('h2', {}, 'Layer by layer'), el('div', {class: 'scroll'}, el('table', {class: 'layer-table'}, el('thead', {}, el('tr', {}, ['layer', 'weights', 'gradients', 'update / weight'].map(t => el('th', {scope: 'col'}, t)))), ui.body)),
                    el('p', {class: 'hint'}, 'The last step of a layer beside the size of its weights: about 10⁻³ goes well, 10⁻¹ is wild, 10⁻⁶ asleep.'))),
            el('div', {class: 'stack settings'},
                el('section', {class: 'card'}, el('h2', {}, 'Points'), fields(ui.set, ui.points, ui.noise, ui.seed), el('h3', {}, 'Situations'), el('div', {class: 'presets'}, situations.map(([text, href]) => el('a', {class: 'button', href}, text)))),
                el('section', {class: 'card'}, el('h2', {}, 'Network'), ui.layers, fields(ui.activation, ui.init, ui.dropout)),
                el('section', {class: 'card'}, el('h2', {}, 'Training'), fields(ui.optimizer, ui.lr, ui.schedule, ui.batch, ui.penalty, ui.strength)),
                chapter('docs/book/1-objective.md', 'the objective', ['examples/playground/classify.c', 'examples/playground/network.c', 'examples/playground/points.c', 'examples/spirals.c']))));
}

function listen() {
    const unitAt = event => {
        const box = ui.network.getBoundingClientRect(), x = event.clientX - box.left, y = event.clientY - box.top;
        return places.find(p => x >= p.x && x <= p.x + p.size && y >= p.y && y <= p.y + p.size);
    };
    let kept = null;
    ui.network.addEventListener('pointermove', event => {
        const p = unitAt(event), to = p ? [p.layer, p.unit] : kept;
        if (String(to || output()) === String(chosen())) return;
        now.chosen = to;
        if (!playing) show();
    });
    ui.network.addEventListener('pointerleave', () => { now.chosen = kept; if (!playing) show(); });
    ui.network.addEventListener('click', event => {
        const p = unitAt(event);
        now.chosen = kept = p && p.layer <= now.layers.length ? [p.layer, p.unit] : null;
        if (!playing) show();
    });
    ui.network.addEventListener('keydown', event => {
        const by = {ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1]}[event.key], columns = [2, ...now.layers, 1];
        if (!by) return;
        event.preventDefault();
        const layer = Math.max(0, Math.min(columns.length - 1, chosen()[0] + by[0])), unit = Math.max(0, Math.min(columns[layer] - 1, chosen()[1] + by[1]));
        now.chosen = kept = [layer, unit];
        ui.said.textContent = layer === 0 ? `Input ${unit ? 'y' : 'x'}` : layer > now.layers.length ? 'The output' : `Layer ${layer}, unit ${unit + 1}`;
        if (!playing) { drawMaps(); showChosen(); keepLink(); }
    });
    const put = (x, y) => {
        if (now.drawn.length >= 1000) return;
        now.drawn.push([x, y].map(v => Number(Math.max(-1.2, Math.min(1.2, v)).toFixed(3))).concat(pen));
        restart();
    };
    let spotted = 0, spray = null;
    const at = event => {
        const box = ui.plane.getBoundingClientRect();
        return [2.4 * (event.clientX - box.left) / box.width - 1.2, 1.2 - 2.4 * (event.clientY - box.top) / box.height];
    };
    ui.plane.addEventListener('pointerdown', event => {
        if (now.set !== 'own') return;
        ui.plane.setPointerCapture(event.pointerId);
        spray = at(event);
        put(...spray);
    });
    ui.plane.addEventListener('pointermove', event => {
        if (!spray || performance.now() - spotted < 40) return;
        const [x, y] = at(event);
        if (Math.hypot(x - spray[0], y - spray[1]) < 0.06) return;
        spotted = performance.now();
        put(x, y);
        spray = [x, y];
    });
    for (const end of ['pointerup', 'pointercancel']) ui.plane.addEventListener(end, () => { spray = null; });
    const cursor = [0, 0];
    ui.plane.addEventListener('keydown', event => {
        const by = {ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1]}[event.key];
        if (now.set !== 'own' || !(by || event.key === 'Enter')) return;
        event.preventDefault();
        if (!by) return put(...cursor);
        by.forEach((d, k) => { cursor[k] = Math.max(-1.2, Math.min(1.2, cursor[k] + 0.1 * d)); });
        ui.said.textContent = `Place ${num(cursor[0], 2)}, ${num(cursor[1], 2)}: Enter puts a point there`;
    });
    document.addEventListener('keydown', event => {
        if (event.target.closest('input, select, button, textarea, a, dialog, summary') || event.ctrlKey || event.metaKey || event.altKey) return;
        if (event.key === ' ') { event.preventDefault(); play(!playing); }
        if (event.key === '.') { play(false); train(1); show(); }
    });
    addEventListener('hashchange', begin);
    addEventListener('themechange', show);
    new ResizeObserver(() => requestAnimationFrame(show)).observe(document.querySelector('.classify'));
}

function begin() {
    play(false);
    now = readLink(lists);
    sync();
    buildLayers();
    startAgain(now.step);
    document.documentElement.dataset.busy = goal > now.step;
}

build();
begin();
listen();
document.documentElement.dataset.ready = 'true';
