// The optimizers that walk in Descent, with all that the library lets one choose of each.
import {el, slider} from '../lib/page.js';
import {logSlider, rebuilt, disable} from '../lib/controls.js';
import {trailColours} from '../lib/terrain.js';
import {tarn, lists, entry, now, optionsOf, MOST_HIKERS} from './situation.js';
import {startAgain, restart} from './walk.js';

/** Near 1, where most of it happens: 0.9, 0.99, 0.999. */
const fractionScale = {to: p => Number((1 - 10 ** (-p / 250)).toFixed(5)), from: v => -250 * Math.log10(1 - v)};

function optionControl(hiker, option) {
    const value = optionsOf(hiker)[option.name], set = v => { hiker.options[option.name] = v; restart(); };
    const label = {lr: 'lr, η', beta1: 'beta1, β₁', beta2: 'beta2, β₂', rho: 'rho, ρ', eps: 'eps, ε', weight_decay: 'weight_decay, λ'}[option.name] || option.name.replace('_', ' ');
    if (option.range === 'switch') {
        const id = `c${optionControl.count = (optionControl.count || 0) + 1}`;
        return el('div', {class: 'field wide'}, el('label', {for: id}, label), el('input', {type: 'checkbox', id, checked: Boolean(value),
            onchange: event => set(Number(event.target.checked))}));
    }
    if (option.range === 'fraction')
        return slider({label, min: 0, max: 1000, step: 1, value, scale: fractionScale, oninput: set}).node;
    if (option.range === 'unit' || option.range === 'count')
        return slider({label, min: option.range === 'unit' ? 0 : 1, max: option.range === 'unit' ? 1 : 20, step: option.range === 'unit' ? 0.01 : 1, value, oninput: set}).node;
    const [low, high] = option.name.includes('eps') ? [1e-12, 1] : option.name.includes('lr') ? [1e-5, 100] : [1e-5, 10];
    return logSlider({label, low, high, value, zero: option.range !== 'positive', oninput: set}).node;
}

let show = () => {};

/** shows: what is called when another of them is chosen. */
export const whenChosen = shows => { show = shows; };

export const another = el('button', {onclick: () => {
    const unused = lists.optimizers.find(o => !now.hikers.some(h => h.optimizer === o.name));
    now.hikers.push({optimizer: (unused || lists.optimizers[0]).name, options: {}});
    now.chosen = now.hikers.length - 1;
    buildHikers(now.chosen);
    startAgain();
}}, '+ another optimizer');

/** Builds the list anew, with the hyperparameters of one of them open. */
export function buildHikers(open = -1) {
    const list = document.getElementById('hikers');
    rebuilt(list, () => list.replaceChildren(...now.hikers.map((hiker, i) => {
        const choose = () => { now.chosen = i; mark(); show(); };
        const select = el('select', {'aria-label': `Optimizer ${i + 1}`, onchange: event => {
            now.hikers[i] = {optimizer: event.target.value, options: {}};
            now.chosen = i;
            buildHikers(i);
            startAgain();
        }}, lists.optimizers.map(o => el('option', {value: o.name, selected: o.name === hiker.optimizer},
            o.name === 'sgd' ? 'sgd: gradient descent' : o.name)));
        const details = el('details', {open: i === open}, el('summary', {class: 'hint'}, 'hyperparameters'),
            el('div', {class: 'options'}, entry(hiker.optimizer).options.filter(o => !(hiker.optimizer === 'muon' && o.name.startsWith('adam_'))).map(o => optionControl(hiker, o))));
        return el('div', {class: 'hiker', role: 'group', 'aria-label': hiker.optimizer}, el('div', {class: 'row'},
            el('button', {class: 'dot', style: `background:${trailColours[i]};min-height:0;padding:0`, 'aria-label': `Show the rule of ${hiker.optimizer}`, onclick: choose}),
            select,
            el('button', {class: 'quiet', onclick: choose}, 'rule'),
            el('button', {class: 'quiet', 'aria-label': `Remove ${hiker.optimizer}`, disabled: now.hikers.length === 1, onclick: () => {
                tarn.leave(now.hikers.length - 1);
                now.hikers.splice(i, 1);
                now.chosen = Math.min(now.chosen, now.hikers.length - 1);
                buildHikers();
                startAgain();
            }}, '✕')), el('p', {class: 'at'}), details);
    })));
    disable(another, now.hikers.length === MOST_HIKERS, () => list.querySelector('.hiker:last-child select'));
    mark();
}

function mark() {
    document.querySelectorAll('.hiker').forEach((node, i) => {
        node.querySelector('.row button:nth-of-type(2)').setAttribute('aria-pressed', i === now.chosen);
    });
}
