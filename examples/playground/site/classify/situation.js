// What can be chosen in Classify, and its link.
import {rateOf, penalties, within, keeping} from '../lib/controls.js';
import {load} from '../lib/tarn.js';

export const tarn = await load('classify');
export const lists = JSON.parse(tarn.lists());

export const MOST_LAYERS = 6, MOST_UNITS = 16, MOST_STEPS = 20000, TOTAL = 2000; // the first two as in network.h
export const sets = [['spirals', 'Two spirals'], ['circles', 'Disc and ring'], ['xor', 'Exclusive or'], ['gauss', 'Two clouds'], ['own', 'Drawn by hand']];
export const activations = ['tanh', 'relu', 'sigmoid', 'leaky_relu', 'gelu', 'silu', 'softplus'];
export const inits = [['default', 'uniform, by inputs'], ['xavier', 'Xavier'], ['kaiming', 'Kaiming'], ['orthogonal', 'orthogonal'], ['small', 'normal, 0.01'], ['large', 'normal, 2'], ['zeros', 'all 0']];
export const first = {set: 'spirals', points: 400, noise: 0.03, seed: 1, layers: [16, 16], activation: 'relu', init: 'default', dropout: 0, optimizer: 'adam', lr: 0.02, penalty: '', strength: 1e-3,
    schedule: '', batch: 32, step: 0, chosen: null, drawn: []};

export const situations = [
    ['Two spirals', '#step=600'],
    ['A line cannot', '#set=xor&layers=none&step=300'],
    ['Four units: xor', '#set=xor&layers=4&activation=tanh&step=300'],
    ['Learned by heart', '#set=gauss&points=60&noise=0.3&step=1500'],
    ['…and held back by decay', '#set=gauss&points=60&noise=0.3&penalty=decay&strength=1&step=1500'],
    ['Stuck in the noise of batches', '#activation=tanh&step=800'],
    ['…and not with all points', '#activation=tanh&batch=0&step=400'],
    ['Asleep: weights near 0', '#set=circles&layers=8,8,8,8&activation=tanh&init=small&optimizer=sgd&step=500'],
    ['Deep sigmoids: no gradient', '#set=circles&layers=6,6,6,6,6&activation=sigmoid&optimizer=sgd&step=500'],
];

/** What is chosen now; readLink() alone makes it another. */
export let now = {...first};

/** The unit whose map is seen large: its layer, and which it is of it. */
export const chosen = () => now.chosen || [now.layers.length + 1, 0];

/** What differs from the first situation. */
export function link() {
    const p = new URLSearchParams();
    for (const [name, value] of Object.entries(now)) if (name !== 'lr' && JSON.stringify(value) !== JSON.stringify(first[name])) p.set(name, name === 'drawn' ? value.map(q => q.join(' ')).join(',') : value);
    if (now.lr !== rateOf(now.optimizer)) p.set('lr', now.lr);
    if (now.layers.length === 0) p.set('layers', 'none');
    return `#${p}`;
}

export const keepLink = keeping(link);

/** What a link says; what it says wrongly is as at first. */
export function readLink() {
    const p = new URLSearchParams(location.hash.slice(1)), one = (name, list) => (list.includes(p.get(name)) ? p.get(name) : first[name]);
    const layers = (p.get('layers') || '').split(',').map(Number), [layer, unit] = (p.get('chosen') || '').split(',').map(Number);
    now = {...first, set: one('set', sets.map(s => s[0])), points: Math.round(within(p.get('points'), 8, 1000, first.points)), noise: within(p.get('noise'), 0, 1, first.noise),
        seed: Math.round(within(p.get('seed'), 0, 1e6, first.seed)), activation: one('activation', activations), init: one('init', inits.map(i => i[0])), dropout: within(p.get('dropout'), 0, 0.9, 0),
        optimizer: one('optimizer', lists.optimizers.map(o => o.name)), strength: within(p.get('strength'), 1e-6, 1, first.strength), schedule: one('schedule', ['', 'cosine', 'linear']),
        batch: Math.round(within(p.get('batch'), 0, 1000, first.batch)), step: Math.round(within(p.get('step'), 0, MOST_STEPS, 0))};
    now.lr = within(p.get('lr'), 1e-6, 1000, rateOf(now.optimizer));
    now.penalty = penalties(lists, now.optimizer).some(([value]) => value === p.get('penalty')) ? p.get('penalty') : '';
    if (layers.length <= MOST_LAYERS && layers.every(n => n >= 1 && n <= MOST_UNITS && Number.isInteger(n))) now.layers = layers;
    if (p.get('layers') === 'none') now.layers = [];
    const inside = [2, ...now.layers, 1][layer];
    if (p.get('chosen') && Number.isInteger(unit) && unit >= 0 && unit < inside) now.chosen = [layer, unit];
    now.drawn = (p.get('drawn') || '').split(',').filter(Boolean).map(q => q.split(' ').map(Number)).filter(q => q.length === 3 && Math.abs(q[0]) <= 1.2 && Math.abs(q[1]) <= 1.2 && [0, 1].includes(q[2])).slice(0, 1000);
}
