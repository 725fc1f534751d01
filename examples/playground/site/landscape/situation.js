// What can be chosen in Landscape, and its link.
import {rateOf, rateOfLenet, within, keeping} from '../lib/controls.js';
import {trailColours} from '../lib/terrain.js';
import {load} from '../lib/tarn.js';

export const tarn = await load('landscape');
export const lists = JSON.parse(tarn.lists());

export const MOST = trailColours.length;
export const sets = [['spirals', 'Two spirals'], ['circles', 'Disc and ring'], ['xor', 'Exclusive or'], ['gauss', 'Two clouds'], ['digits', 'Handwritten digits: LeNet']];
export const networks = ['4', '8', '16', '8,8', '16,16', '8,8,8'], activations = ['tanh', 'relu', 'gelu', 'silu', 'sigmoid'];
export const first = {set: 'circles', layers: '8', activation: 'tanh', steps: 500, batch: 32, seed: 1, plane: 'paths', chosen: 0, at: 100, turn: -0.5, tilt: 0.75};

/** LeNet has a hundred times the weights: fewer steps, and fewer places on the way and in the plane are looked at. */
const ofLenet = {...first, set: 'digits', steps: 200, batch: 64, at: 20};
export const firstOf = set => (set === 'digits' ? ofLenet : {...first, set});
export const usualRate = (set, optimizer) => (set === 'digits' ? rateOfLenet : rateOf)(optimizer);
const fresh = set => ({...firstOf(set), paths: ['sgd', 'momentum', 'adam', 'lion'].map(optimizer => ({optimizer, lr: usualRate(set, optimizer)}))});

export const situations = [
    ['Four rules on one hill', '#o=sgd,lr=0.5&o=momentum,lr=0.05&o=adam,lr=0.02&o=lion,lr=0.005'],
    ['Around the end: a bowl', '#plane=random&o=adam,lr=0.02'],
    ['Batches of 1 and their noise', '#batch=1&o=sgd,lr=0.2&o=momentum,lr=0.02&o=adam,lr=0.01'],
    ['Wide steps, short steps', '#batch=0&o=sgd,lr=0.05&o=sgd,lr=0.5&o=sgd,lr=5'],
    ['Spirals, and a deep valley', '#set=spirals&layers=16,16&activation=relu&steps=1000&o=momentum,lr=0.1&o=adam,lr=0.02&o=rmsprop,lr=0.005'],
    ['LeNet on digits', '#set=digits'],
];

/** What is chosen now; readLink() alone makes it another. */
export let now = fresh(first.set);

/** So many places a path has behind its start, one after each so many steps, and so many steps; the plane has so many on a side. */
export const places = () => firstOf(now.set).at;
export const side = () => (now.set === 'digits' ? 31 : 61);
export const every = () => Math.ceil(now.steps / places());
export const steps = () => every() * Math.floor(now.steps / every());
export const optionsOf = path => `lr=${path.lr}`;

export function link() {
    const p = new URLSearchParams();
    if (now.set !== first.set) p.set('set', now.set);
    for (const [name, usual] of Object.entries(firstOf(now.set))) if (!['set', 'turn', 'tilt'].includes(name) && now[name] !== usual) p.set(name, now[name]);
    for (const path of now.paths) p.append('o', `${path.optimizer},lr=${path.lr}`);
    p.set('view', `${now.turn.toFixed(2)},${now.tilt.toFixed(2)}`);
    return `#${p}`;
}

export const keepLink = keeping(link);

/** What a link says; what it says wrongly is as at first. */
export function readLink() {
    const p = new URLSearchParams(location.hash.slice(1)), one = (name, list) => (list.includes(p.get(name)) ? p.get(name) : first[name]);
    const set = one('set', sets.map(s => s[0])), usual = firstOf(set), whole = (name, low, high) => Math.round(within(p.get(name), low, high, usual[name]));
    now = {...fresh(set), layers: one('layers', networks), activation: one('activation', activations), plane: one('plane', ['paths', 'random']),
        steps: whole('steps', 50, 5000), batch: whole('batch', set === 'digits' ? 1 : 0, 400), seed: whole('seed', 0, 1e6), at: whole('at', 0, usual.at)};
    const paths = p.getAll('o').map(text => {
        const [optimizer, rate] = text.split(',');
        return lists.optimizers.some(o => o.name === optimizer) ? {optimizer, lr: within((rate || '').replace('lr=', ''), 1e-6, 1000, usualRate(set, optimizer))} : null;
    }).filter(Boolean).slice(0, MOST);
    if (paths.length) now.paths = paths;
    now.chosen = Math.round(within(p.get('chosen'), 0, now.paths.length - 1, 0));
    const [turn, tilt] = (p.get('view') || '').split(',').map(Number);
    if (Number.isFinite(turn) && tilt >= 0.15 && tilt <= 1.57) Object.assign(now, {turn, tilt});
}
