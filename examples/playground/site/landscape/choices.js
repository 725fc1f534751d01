// The controls of Landscape: the optimizers, the network, the plane.
import {el, slider} from '../lib/page.js';
import {choice, optimizerOptions, logSlider, later, rebuilt, disable} from '../lib/controls.js';
import {trailColours} from '../lib/terrain.js';
import {lists, now, first, firstOf, usualRate, sets, networks, activations, MOST} from './situation.js';
import {compute, lay} from './survey.js';

const again = later(() => compute(), 200);

const pick = (label, name, options, then = compute) => choice({label, id: name, options, onchange: value => { now[name] = typeof first[name] === 'number' ? Number(value) : value; then(); }});
const count = (name, min, max) => slider({label: name, min, max, step: min, value: now[name], text: String, oninput: v => { now[name] = v; again(); }});

/** Digits have a network, steps and rates of their own. */
function takeSet() {
    const {steps, batch, at} = firstOf(now.set);
    Object.assign(now, {steps, batch, at});
    for (const path of now.paths) path.lr = usualRate(now.set, path.optimizer);
    sync();
    compute();
}

const controls = {
    set: pick('data', 'set', sets, takeSet),
    layers: pick('hidden layers', 'layers', networks.map(v => [v, v.replaceAll(',', ' and ')])),
    activation: pick('activation', 'activation', activations.map(v => [v, v])),
    batch: pick('batch', 'batch', []),
    steps: count('steps', 100, 3000),
    seed: count('seed', 1, 100),
    plane: pick('plane', 'plane', [['paths', 'of the paths'], ['random', 'random, around the end']], () => lay()),
};
export const fields = Object.values(controls).map(control => control.node);

// ---- The optimizers

export const paths = el('div');

export const another = el('button', {onclick: () => {
    const unused = lists.optimizers.find(o => !now.paths.some(p => p.optimizer === o.name)) || lists.optimizers[0];
    now.paths.push({optimizer: unused.name, lr: usualRate(now.set, unused.name)});
    showPaths();
    compute();
}}, '+ another optimizer');

function choose(i) {
    now.chosen = i;
    markChosen();
    lay();
}

function take(i, optimizer) {
    now.paths[i] = {optimizer, lr: usualRate(now.set, optimizer)};
    showPaths();
    compute();
}

function leave(i) {
    now.paths.splice(i, 1);
    now.chosen = 0;
    showPaths();
    compute();
}

function pathOf({optimizer, lr}, i) {
    const rate = logSlider({label: 'rate, η', low: 1e-4, high: 20, value: lr, oninput: v => { now.paths[i].lr = v; again(); }});
    return el('div', {class: 'hiker', role: 'group', 'aria-label': optimizer}, el('div', {class: 'row'},
        el('i', {class: 'dot', style: `background:${trailColours[i]}`}),
        el('select', {'aria-label': `Optimizer ${i + 1}`, onchange: event => take(i, event.target.value)},
            optimizerOptions(lists).map(([value, text]) => el('option', {value, selected: value === optimizer}, text))),
        el('button', {class: 'quiet centre', 'aria-label': `centre: lay the plane through the end of ${optimizer}`, onclick: () => choose(i)}, 'centre'),
        el('button', {class: 'quiet', 'aria-label': `Remove ${optimizer}`, disabled: now.paths.length === 1, onclick: () => leave(i)}, '✕')),
    el('div', {class: 'options'}, rate.node));
}

function showPaths() {
    rebuilt(paths, () => paths.replaceChildren(...now.paths.map(pathOf)));
    disable(another, now.paths.length === MOST, () => paths.querySelector('.hiker:last-child select'));
    markChosen();
}

function markChosen() {
    paths.querySelectorAll('.centre').forEach((button, i) => button.setAttribute('aria-pressed', i === now.chosen));
}

/** Shows what is chosen now. */
export function sync() {
    const lenet = now.set === 'digits', batches = [[1, '1: stochastic'], [8, '8'], [32, '32'], [64, '64'], ...(lenet ? [] : [[0, 'all']])]; // all digits would take a second a step
    controls.batch.select.replaceChildren(...batches.map(([value, text]) => el('option', {value}, text)));
    for (const [name, control] of Object.entries(controls)) control.set(now[name]);
    controls.layers.node.hidden = controls.activation.node.hidden = lenet;
    showPaths();
}
