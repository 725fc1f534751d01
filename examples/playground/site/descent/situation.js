// What can be chosen in Descent, and its link.
import {within, keeping} from '../lib/controls.js';
import {trailColours} from '../lib/terrain.js';
import {load} from '../lib/tarn.js';
import {surfaces, usefulRate} from './surfaces.js';

export const EXAMPLES = 64, MOST_STEPS = 20000, MOST_HIKERS = trailColours.length; // the first as in descent.c

export const tarn = await load('descent');
export const lists = JSON.parse(tarn.lists());
export const entry = name => lists.optimizers.find(o => o.name === name);

export const situations = [
    ['A valley of zigzags', '#surface=ravine&o=sgd&o=momentum&o=adam&step=60'],
    ['Too large a step', '#surface=bowl&o=sgd,lr=0.4&o=sgd,lr=0.98&o=sgd,lr=1.02&step=12'],
    ['Who leaves the pass?', '#surface=saddle&o=sgd&o=momentum&o=rmsprop&o=adam&step=60'],
    ['Without bias correction', '#surface=bowl&o=adam,lr=0.1&o=adam,lr=0.1,bias_correction=0&step=25'],
    ['Noise of small batches', '#surface=bowl&o=sgd,lr=0.2&o=momentum-ema,lr=0.2&batch=1&noise=2&step=120'],
    ['…and a rate that falls', '#surface=bowl&o=sgd,lr=0.2&batch=1&noise=2&schedule=cosine&total=300&step=300'],
    ['An egg box', '#surface=rastrigin&o=sgd&o=momentum,momentum=0.97&o=adam,lr=0.5&step=200'],
];

function firstSituation() {
    return {surface: 'rosenbrock', formula: surfaces.at(-1).formula, place: null, schedule: '', total: 500, batch: EXAMPLES, noise: 1,
        seed: 1, step: 0, turn: -0.5, tilt: 0.75, chosen: 0, hikers: ['sgd', 'momentum', 'rmsprop', 'adam'].map(optimizer => ({optimizer, options: {}}))};
}

/** What is chosen now; readLink() alone makes it another. */
export let now = firstSituation();

export const surfaceNow = () => {
    const s = surfaces.find(one => one.name === now.surface);
    return s.name === 'own' ? {...s, formula: now.formula} : s;
};
export const start = () => now.place || surfaceNow().start;

/** All options of a hiker: the library's defaults, a rate that suits the surface, what was set. */
export function optionsOf(hiker) {
    const all = Object.fromEntries(entry(hiker.optimizer).options.map(o => [o.name, o.value]));
    all.lr = usefulRate(hiker.optimizer, surfaceNow());
    return {...all, ...hiker.options};
}

/** Those to be told: the others are as the library, or the name, has them. */
export function optionsText(hiker) {
    return Object.entries(optionsOf(hiker)).filter(([name, value]) =>
        name === 'lr' || value !== entry(hiker.optimizer).options.find(o => o.name === name).value)
        .map(([name, value]) => `${name}=${isSwitch(hiker, name) ? Boolean(value) : value}`).join(',');
}

const isSwitch = (hiker, name) => entry(hiker.optimizer).options.find(o => o.name === name).range === 'switch';

/** What differs from the first situation, and the view. */
export function link() {
    const p = new URLSearchParams({surface: now.surface});
    if (now.surface === 'own') p.set('f', now.formula);
    if (now.place) p.set('at', now.place.join(','));
    for (const h of now.hikers)
        p.append('o', [h.optimizer, ...Object.entries(h.options).map(([k, v]) => `${k}=${v}`)].join(','));
    if (now.schedule) p.set('schedule', now.schedule), p.set('total', now.total);
    if (now.batch !== EXAMPLES) p.set('batch', now.batch), p.set('noise', now.noise), p.set('seed', now.seed);
    if (now.step) p.set('step', now.step);
    if (now.chosen) p.set('chosen', now.chosen);
    p.set('view', `${now.turn.toFixed(2)},${now.tilt.toFixed(2)}`);
    return `#${p}`;
}

export const keepLink = keeping(link);

/** What a link says; what it says wrongly is as at first. */
export function readLink() {
    const p = new URLSearchParams(location.hash.slice(1)), first = firstSituation();
    now = first;
    if (surfaces.some(s => s.name === p.get('surface'))) now.surface = p.get('surface');
    if (p.get('f')) now.formula = p.get('f').slice(0, 300);
    const place = (p.get('at') || '').split(',').map(Number);
    if (place.length === 2 && place.every(v => Number.isFinite(v) && Math.abs(v) < 1e6) && p.get('at')) now.place = place;
    const hikers = p.getAll('o').map(text => {
        const [optimizer, ...settings] = text.split(',');
        if (!entry(optimizer)) return null;
        const options = {};
        for (const [name, value] of settings.map(s => s.split('=')))
            if (entry(optimizer).options.some(o => o.name === name) && Number.isFinite(Number(value))) options[name] = Number(value);
        return {optimizer, options};
    }).filter(Boolean).slice(0, MOST_HIKERS);
    if (hikers.length) now.hikers = hikers;
    const schedule = p.get('schedule') || ''; // it stands in the program too: nothing but what a schedule is made of
    if (/^[\w:=.,*+-]+$/.test(schedule) && lists.schedules.some(s => s.name === schedule.split(/[:*]/)[0])) now.schedule = schedule;
    now.total = within(p.get('total'), 1, MOST_STEPS, first.total);
    now.batch = [1, 8, EXAMPLES].includes(Number(p.get('batch'))) ? Number(p.get('batch')) : EXAMPLES;
    now.noise = within(p.get('noise'), 0, 1e4, first.noise);
    now.seed = Math.round(within(p.get('seed'), 0, 1e6, first.seed));
    now.step = Math.round(within(p.get('step'), 0, MOST_STEPS, 0));
    now.chosen = Math.round(within(p.get('chosen'), 0, now.hikers.length - 1, 0));
    const [turn, tilt] = (p.get('view') || '').split(',').map(Number);
    if (Number.isFinite(turn) && tilt >= 0.15 && tilt <= 1.57) Object.assign(now, {turn, tilt});
}
