// What can be chosen in Digits, and its link.
import {within, keeping, rateOfLenet} from '../lib/controls.js';
import {convolutions, firstSpot} from './sum.js';

export const first = {optimizer: 'adam', lr: 0.004, schedule: 'linear', batch: 64, epochs: 3, seed: 1};
export const optimizers = ['sgd', 'momentum', 'nesterov', 'adagrad', 'rmsprop', 'adadelta', 'adam', 'adamw', 'amsgrad', 'adamax', 'nadam', 'radam', 'lion', 'muon',
    'rprop', 'asgd', 'lars', 'lamb', 'adafactor', 'schedule_free_sgd', 'schedule_free_adamw', 'momentum-ema'];

const FINEST = 36 ** 2 - 1, MOST_POINTS = 900; // two digits of a link for a number from 0 to 1
const finest = v => Math.round(FINEST * Math.max(0, Math.min(1, v)));

/** The settings; whether they were trained by; where the sum is looked at; what is drawn, or else which test digit is
    looked at, or null. readLink() alone makes it another. */
export let now = {...first, trained: false, spot: {...firstSpot}, strokes: [], digit: null};

/** A point goes on with the last stroke, or begins one; it is where a link can have it, and not where one is already. */
export function draw(x, y, begins) {
    const {strokes} = now, [last] = begins ? [] : strokes.at(-1).slice(-1), point = [x, y].map(v => finest(v) / FINEST);
    if (strokes.flat().length >= MOST_POINTS || last && Math.hypot(point[0] - last[0], point[1] - last[1]) < 0.015) return;
    now.digit = null;
    if (begins) strokes.push([]);
    strokes.at(-1).push(point);
}

export function link() {
    const {trained, spot, strokes, digit} = now, p = new URLSearchParams(Object.keys(first).map(name => [name, now[name]])), code = v => finest(v).toString(36).padStart(2, '0');
    if (trained) p.set('trained', 1);
    if (strokes.length) p.set('ink', strokes.map(stroke => stroke.map(([x, y]) => code(x) + code(y)).join('')).join('-'));
    else if (digit !== null) p.set('digit', digit);
    if (JSON.stringify(spot) !== JSON.stringify(firstSpot)) p.set('spot', [spot.k, spot.r, spot.c, ...(spot.at ? [spot.at, spot.from] : [])].join());
    return `#${p}`;
}

export const keepLink = keeping(link);

const readInk = text => text.split('-').map(stroke => (stroke.match(/[0-9a-z]{4}/g) || []).map(p => [0, 2].map(i => parseInt(p.slice(i, i + 2), 36) / FINEST))).filter(stroke => stroke.length);

function readSpot(text) {
    const [k, r, c, at = 0, from = 0] = (text || '').split(',').map(Number), of = convolutions[at], inside = (v, end) => Number.isInteger(v) && v >= 0 && v < end;
    return text && of && inside(k, of.channels) && inside(r, of.side) && inside(c, of.side) && inside(from, of.inputs) ? {at, k, r, c, from} : {...firstSpot};
}

/** What a link says; what it says wrongly is as at first. */
export function readLink() {
    const p = new URLSearchParams(location.hash.slice(1)), read = (name, low, high) => within(p.get(name), low, high, first[name]);
    const optimizer = optimizers.includes(p.get('optimizer')) ? p.get('optimizer') : first.optimizer;
    now = {optimizer, lr: within(p.get('lr'), 1e-6, 10, rateOfLenet(optimizer)),
        schedule: ['', 'linear', 'cosine', 'one_cycle'].includes(p.get('schedule')) ? p.get('schedule') : first.schedule,
        batch: Math.round(read('batch', 1, 1000)), epochs: Math.round(read('epochs', 1, 20)), seed: Math.round(read('seed', 1, 1000)),
        trained: p.get('trained') === '1', spot: readSpot(p.get('spot')), strokes: readInk((p.get('ink') || '').slice(0, 5 * MOST_POINTS)),
        digit: /^\d{1,4}$/.test(p.get('digit')) ? Number(p.get('digit')) : null};
}
