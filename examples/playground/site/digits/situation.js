// What can be chosen in Digits, and its link.
import {within} from '../lib/controls.js';
import {convolutions, firstSpot} from './sum.js';

export const first = {optimizer: 'adam', lr: 0.004, schedule: 'linear', batch: 64, epochs: 3, seed: 1};
export const optimizers = ['sgd', 'momentum', 'nesterov', 'adagrad', 'rmsprop', 'adadelta', 'adam', 'adamw', 'amsgrad', 'adamax', 'nadam', 'radam', 'lion', 'muon',
    'rprop', 'asgd', 'lars', 'lamb', 'adafactor', 'schedule_free_sgd', 'schedule_free_adamw', 'momentum-ema'];
const rates = {sgd: 0.1, momentum: 0.03, nesterov: 0.03, adagrad: 0.02, rmsprop: 0.002, adadelta: 1, lion: 0.0005, muon: 0.02,
    rprop: 0.0005, asgd: 0.1, 'momentum-ema': 0.1, lars: 1, lamb: 0.01, adafactor: 0.02, schedule_free_sgd: 0.5};
export const rateOf = optimizer => rates[optimizer] || 0.004;

/** The settings; whether they were trained by; what is drawn, four digits to a point; where the sum is looked at. */
export function linkOf({now, trained, spot, strokes}) {
    const p = new URLSearchParams(now), code = v => Math.round(1295 * Math.max(0, Math.min(1, v))).toString(36).padStart(2, '0');
    if (trained) p.set('trained', 1);
    if (strokes.length) p.set('ink', strokes.map(stroke => thin(stroke).map(([x, y]) => code(x) + code(y)).join('')).join('-').slice(0, 4000));
    if (JSON.stringify(spot) !== JSON.stringify(firstSpot)) p.set('spot', [spot.k, spot.r, spot.c, ...(spot.at ? [spot.at, spot.from] : [])].join());
    return `#${p}`;
}

const thin = stroke => stroke.filter((p, i) => i === 0 || i === stroke.length - 1 || i % 3 === 0);

const readInk = text => text.split('-').map(stroke => (stroke.match(/[0-9a-z]{4}/g) || []).map(p => [0, 2].map(i => parseInt(p.slice(i, i + 2), 36) / 1295))).filter(stroke => stroke.length);

function readSpot(text) {
    const [k, r, c, at = 0, from = 0] = (text || '').split(',').map(Number), of = convolutions[at], inside = (v, end) => Number.isInteger(v) && v >= 0 && v < end;
    return text && of && inside(k, of.channels) && inside(r, of.side) && inside(c, of.side) && inside(from, of.inputs) ? {at, k, r, c, from} : {...firstSpot};
}

/** What a link says; what it says wrongly is as at first. */
export function readLink() {
    const p = new URLSearchParams(location.hash.slice(1)), read = (name, low, high) => within(p.get(name), low, high, first[name]);
    return {
        now: {optimizer: optimizers.includes(p.get('optimizer')) ? p.get('optimizer') : first.optimizer, lr: read('lr', 1e-6, 10),
            schedule: ['', 'linear', 'cosine', 'one_cycle'].includes(p.get('schedule')) ? p.get('schedule') : first.schedule,
            batch: Math.round(read('batch', 1, 1000)), epochs: Math.round(read('epochs', 1, 20)), seed: Math.round(read('seed', 1, 1000))},
        trained: p.get('trained') === '1', spot: readSpot(p.get('spot')), strokes: readInk((p.get('ink') || '').slice(0, 4000))};
}
