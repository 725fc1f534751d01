// What is seen of the training: the plane, the units, the layers, the losses, in words too.
import {el, num} from '../lib/page.js';
import {chart, histogram} from '../lib/chart.js';
import {drawPlane, drawNetwork, unitPlaces, CLASSES} from './pictures.js';
import {tarn, now, chosen, keepLink} from './situation.js';
import {data, scores, playing, problem} from './training.js';

const SIDE = 96, BINS = 25, THUMB = 24; // the first two as in classify.c

export const planeTitle = el('h2'), plane = el('canvas', {id: 'plane', tabindex: 0, role: 'img', class: 'plane'});
export const network = el('canvas', {id: 'network', tabindex: 0, role: 'img', 'aria-label': 'The network, each unit with its own map of the plane. Arrow keys choose a unit.'});
export const losses = el('canvas', {role: 'img', 'aria-label': 'The losses in training and, dashed, in test', style: 'height:10.6rem'});
export const count = el('span', {class: 'numbers', id: 'count'});
export const error = el('p', {class: 'error', role: 'alert'});
export const said = el('p', {class: 'out', 'aria-live': 'polite', id: 'said'});
const ofTrain = {loss: el('strong'), right: el('span')}, ofTest = {loss: el('strong'), right: el('span')};
export const figures = el('div', {class: 'figures', id: 'figures'}, el('div', {class: 'of-train'}, ofTrain.loss, el('span', {}, 'loss in training'), ofTrain.right),
    el('div', {class: 'of-test'}, ofTest.loss, el('span', {}, 'loss in test'), ofTest.right));
export const layerRows = el('tbody');

// ---- The maps

const floats = (address, size) => tarn.module.HEAPF32.subarray(address / 4, address / 4 + size);
export let places = []; // where the units stand on their canvas

/** The map of a unit, among all maps of that side; inputs are x and y themselves. */
function mapOf(maps, layer, unit, side) {
    if (layer === 0) return {signed: true, side: 2, values: unit === 0 ? [-1, 1, -1, 1] : [1, 1, -1, -1]};
    const before = now.layers.slice(0, layer - 1).reduce((a, b) => a + b, 0), from = maps + 4 * SIDE * SIDE * (before + unit);
    return {signed: layer <= now.layers.length, side, values: floats(from, side * side)};
}

function drawMaps() {
    if (problem && now.step === 0) {
        drawPlane(plane, null, data);
        return;
    }
    const small = tarn.maps(THUMB), weights = [2, ...now.layers].map((inputs, i) => floats(tarn.weights(i), inputs * (i === now.layers.length ? 2 : now.layers[i])));
    places = unitPlaces(now.layers, network.clientWidth, network.clientHeight);
    drawNetwork(network, places, now.layers, (layer, unit) => mapOf(small, layer, unit, THUMB), weights, chosen());
    const side = playing ? SIDE / 2 : SIDE;
    drawPlane(plane, mapOf(tarn.maps(side), ...chosen(), side), data);
}

// ---- Layer by layer

/** Rows for as many layers as there are. */
function makeRows(layers) {
    const bars = () => ({canvas: el('canvas', {class: 'bars', role: 'img'}), most: el('span', {class: 'most'})});
    const rows = Array.from({length: layers}, () => ({name: el('th', {scope: 'row'}), weights: bars(), gradients: bars(), ratio: el('td', {class: 'numbers'})}));
    layerRows.replaceChildren(...rows.map(row => el('tr', {}, row.name, ...[row.weights, row.gradients].map(({canvas, most}) => el('td', {}, canvas, most)), row.ratio)));
    return rows;
}
let rows = [];

function drawLayers() {
    const size = 5 + 2 * BINS, at = tarn.layers() / 8, units = [2, ...now.layers, 2];
    if (rows.length !== units.length - 1) rows = makeRows(units.length - 1);
    rows.forEach((row, i) => {
        const numbers = tarn.module.HEAPF64.subarray(at + size * i, at + size * (i + 1)), [weight, , update, mostWeight, mostGradient] = numbers, ratio = update / weight;
        const show = ({canvas, most}, bins, colour, what, widest) => {
            histogram(canvas, bins, colour);
            canvas.setAttribute('aria-label', Number.isNaN(widest) ? `No ${what} yet` : `${what} of layer ${i + 1}, from ${num(-widest, 3)} to ${num(widest, 3)}`);
            most.textContent = Number.isNaN(widest) ? '' : `±${num(widest, 2)}`;
        };
        show(row.weights, numbers.subarray(5, 5 + BINS), CLASSES[0], 'weights', mostWeight);
        show(row.gradients, numbers.subarray(5 + BINS, size), CLASSES[1], 'gradients', mostGradient);
        row.ratio.textContent = Number.isFinite(ratio) ? num(ratio, 3) : '–';
        row.ratio.dataset.ratio = ratio;
        row.name.textContent = `${units[i]} → ${units[i + 1]}`;
    });
}

// ---- Numbers and words

const percent = v => `${(100 * v).toFixed(1)}%`;

function showScore() {
    const s = scores.at(-1);
    error.textContent = problem ? `${problem[0].toUpperCase()}${problem.slice(1).replace(/\.$/, '')}.` : '';
    count.textContent = `step ${String(now.step).replace(/\B(?=(\d{3})+$)/g, ' ')}`;
    if (!s) return;
    ofTrain.loss.textContent = num(s.train, 4);
    ofTest.loss.textContent = num(s.test, 4);
    ofTrain.right.textContent = `${percent(s.right)} right in training`;
    ofTest.right.textContent = `${percent(s.testRight)} right in test`;
    Object.assign(figures.dataset, s);
}

/** For those who hear the page: once it stands still. */
export function say() {
    const s = scores.at(-1);
    if (s) said.textContent = `Step ${now.step}. Training: loss ${num(s.train, 3)}, ${percent(s.right)} right. Test: loss ${num(s.test, 3)}, ${percent(s.testRight)} right.`;
}

function nameChosen() {
    const [layer, unit] = chosen(), last = layer === now.layers.length + 1;
    planeTitle.textContent = last ? 'What the network says of the plane' : layer === 0 ? `Input ${unit ? 'y' : 'x'}` : `What unit ${unit + 1} of layer ${layer} says of the plane`;
    plane.setAttribute('aria-label', `${planeTitle.textContent}, with the points of both classes${now.set === 'own' ? '. Arrow keys choose a place, Enter puts a point there.' : ''}`);
}

/** Another unit is seen. */
export function showChosen() {
    drawMaps();
    nameChosen();
    keepLink();
}

let spent = 0, frames = 0;

export function show() {
    const begin = performance.now(), every = playing && spent > 7 ? 3 : 1; // maps may be seen less often than frames, the numbers not
    if (frames++ % every === 0 || !playing) {
        drawMaps();
        spent += 0.2 * (performance.now() - begin - spent);
    }
    if (!problem || now.step > 0) drawLayers();
    const steps = Math.max(200, now.step), curve = name => scores.map(s => [s.step, s[name]]);
    chart(losses, [{points: curve('test'), colour: CLASSES[1], dashed: true}, {points: curve('train'), colour: CLASSES[0]}], {steps});
    showScore();
    nameChosen();
    keepLink();
}
