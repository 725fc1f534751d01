// The controls of Classify: points, layers, training.
import {el, slider} from '../lib/page.js';
import {choice, logSlider, rateOf, optimizerOptions, penalties, rebuilt} from '../lib/controls.js';
import {CLASSES} from './pictures.js';
import {lists, now, sets, activations, inits, first, MOST_LAYERS, MOST_UNITS, TOTAL} from './situation.js';
import {restart, play} from './training.js';
import {plane} from './shown.js';

export const layers = el('div', {class: 'layers'});

/** Layers with their units, as steppers. */
function showLayers() {
    const set = list => { now.layers = list; now.chosen = null; showLayers(); restart(); };
    const change = (i, by) => set(now.layers.map((n, k) => (k === i ? Math.max(1, Math.min(MOST_UNITS, n + by)) : n)));
    rebuilt(layers, () => layers.replaceChildren(...now.layers.map((units, i) => el('div', {class: 'stepper', role: 'group', 'aria-label': `Layer ${i + 1}`},
        el('span', {}, `layer ${i + 1}`), el('button', {'aria-label': `One unit less in layer ${i + 1}`, disabled: units === 1, onclick: () => change(i, -1)}, '−'),
        el('output', {}, String(units)), el('button', {'aria-label': `One unit more in layer ${i + 1}`, disabled: units === MOST_UNITS, onclick: () => change(i, 1)}, '+'),
        el('button', {class: 'quiet', 'aria-label': `Remove layer ${i + 1}`, onclick: () => set(now.layers.filter((n, k) => k !== i))}, '✕'))),
    el('button', {id: 'add-layer', disabled: now.layers.length === MOST_LAYERS, onclick: () => set([...now.layers, now.layers.at(-1) || 8])}, '+ a layer')));
}

const pick = (label, name, options, then = () => {}) => choice({label, id: name, options, onchange: value => { now[name] = typeof first[name] === 'number' ? Number(value) : value; then(); restart(); }});
const slide = (name, label, more) => slider({label, value: now[name], oninput: v => { now[name] = v; restart(); }, ...more});
const rate = (name, label, low, high) => logSlider({label, low, high, value: now[name], oninput: v => { now[name] = v; restart(); }});
const same = list => list.map(v => [v, v.replace('_', ' ')]);

function takeOptimizer() {
    now.lr = rateOf(now.optimizer);
    if (!penalties(lists, now.optimizer).some(([v]) => v === now.penalty)) now.penalty = '';
    sync();
}

const controls = {
    set: pick('points', 'set', sets, () => { play(false); sync(); }),
    points: slide('points', 'how many', {min: 20, max: 1000, step: 20, text: String}),
    noise: slide('noise', 'noise', {min: 0, max: 0.3, step: 0.01}),
    seed: slide('seed', 'seed', {min: 1, max: 100, step: 1, text: String}),
    activation: pick('activation', 'activation', same(activations)),
    init: pick('initialization', 'init', inits),
    dropout: slide('dropout', 'dropout', {min: 0, max: 0.8, step: 0.05}),
    optimizer: pick('optimizer', 'optimizer', optimizerOptions(lists), takeOptimizer),
    lr: rate('lr', 'rate, η', 1e-5, 100),
    schedule: pick('schedule', 'schedule', [['', 'constant'], ['cosine', `half a cosine, ${TOTAL} steps`], ['linear', `linear, ${TOTAL} steps`]]),
    batch: pick('batch', 'batch', [[1, '1: stochastic'], [8, '8'], [32, '32'], [128, '128'], [0, 'all: batch']]),
    penalty: pick('regularization', 'penalty', []),
    strength: rate('strength', 'its strength, λ', 1e-6, 1),
};

/** Some of the controls, below each other. */
export const fields = (...names) => el('div', {class: 'options'}, names.map(name => controls[name].node));

// ---- Points drawn by hand

export let pen = 1; // the class that is drawn

const penButton = label => el('button', {'aria-pressed': pen === label, 'data-pen': label, onclick: event => {
    pen = label;
    own.querySelectorAll('[data-pen]').forEach(b => b.setAttribute('aria-pressed', b === event.currentTarget));
}}, el('i', {class: 'dot', style: `background:${CLASSES[label]}`}), label ? 'orange' : 'blue');

export const own = el('div', {class: 'row', hidden: true}, el('span', {class: 'hint', style: 'margin:0'}, 'Click on the plane to put points there:'), penButton(0), penButton(1),
    el('button', {id: 'clear', onclick: () => { now.drawn = []; restart(); }}, 'Clear'));

/** Shows what is chosen now. */
export function sync() {
    controls.penalty.select.replaceChildren(...penalties(lists, now.optimizer).map(([value, text]) => el('option', {value}, text)));
    for (const [name, control] of Object.entries(controls)) control.set(now[name]);
    own.hidden = now.set !== 'own';
    plane.classList.toggle('drawn', !own.hidden);
    controls.points.node.hidden = controls.noise.node.hidden = now.set === 'own';
    showLayers();
}
