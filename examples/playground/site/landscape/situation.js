// What can be chosen in Landscape, and its link.
import {rateOf, within, later} from '../lib/controls.js';
import {trailColours} from '../lib/terrain.js';
import {load} from '../lib/tarn.js';

export const tarn = await load('landscape');
export const lists = JSON.parse(tarn.lists());

export const MOST = trailColours.length, PLACES = 100; // as in landscape.c, which counts the start too
export const sets = [['spirals', 'Two spirals'], ['circles', 'Disc and ring'], ['xor', 'Exclusive or'], ['gauss', 'Two clouds']];
export const networks = ['4', '8', '16', '8,8', '16,16', '8,8,8'], activations = ['tanh', 'relu', 'gelu', 'silu', 'sigmoid'];
export const first = {set: 'circles', layers: '8', activation: 'tanh', steps: 500, batch: 32, seed: 1, plane: 'paths', chosen: 0, at: PLACES, turn: -0.5, tilt: 0.75};
const fresh = () => ({...first, paths: ['sgd', 'momentum', 'adam', 'lion'].map(optimizer => ({optimizer, lr: rateOf(optimizer)}))});

export const situations = [
    ['Four rules on one hill', '#o=sgd,lr=0.5&o=momentum,lr=0.05&o=adam,lr=0.02&o=lion,lr=0.005'],
    ['Around the end: a bowl', '#plane=random&o=adam,lr=0.02'],
    ['Batches of 1 and their noise', '#batch=1&o=sgd,lr=0.2&o=momentum,lr=0.02&o=adam,lr=0.01'],
    ['Wide steps, short steps', '#batch=0&o=sgd,lr=0.05&o=sgd,lr=0.5&o=sgd,lr=5'],
    ['Spirals, and a deep valley', '#set=spirals&layers=16,16&activation=relu&steps=1000&o=momentum,lr=0.1&o=adam,lr=0.02&o=rmsprop,lr=0.005'],
];

/** What is chosen now; readLink() alone makes it another. */
export let now = fresh();

/** A path has a place after each so many steps, and this many steps. */
export const every = () => Math.ceil(now.steps / PLACES);
export const steps = () => every() * Math.floor(now.steps / every());
export const optionsOf = path => `lr=${path.lr}`;

export function link() {
    const p = new URLSearchParams();
    for (const name of ['set', 'layers', 'activation', 'steps', 'batch', 'seed', 'plane', 'chosen', 'at']) if (now[name] !== first[name]) p.set(name, now[name]);
    for (const path of now.paths) p.append('o', `${path.optimizer},lr=${path.lr}`);
    p.set('view', `${now.turn.toFixed(2)},${now.tilt.toFixed(2)}`);
    return `#${p}`;
}

export const keepLink = later(() => history.replaceState(null, '', link()));

/** What a link says; what it says wrongly is as at first. */
export function readLink() {
    const p = new URLSearchParams(location.hash.slice(1)), one = (name, list) => (list.includes(p.get(name)) ? p.get(name) : first[name]);
    now = {...fresh(), set: one('set', sets.map(s => s[0])), layers: one('layers', networks), activation: one('activation', activations), plane: one('plane', ['paths', 'random']),
        steps: Math.round(within(p.get('steps'), 50, 5000, first.steps)), batch: Math.round(within(p.get('batch'), 0, 400, first.batch)), seed: Math.round(within(p.get('seed'), 0, 1e6, 1)),
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
