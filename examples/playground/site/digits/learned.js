// What is seen of the training: figures, the loss, the filters, what is taken for what, the surest mistakes.
import {el} from '../lib/page.js';
import {rebuilt} from '../lib/controls.js';
import {SIDE} from './drawing.js';
import {paint, paintStrip, drawLosses, fillConfusion, percent} from './pictures.js';
import {lookAt} from './paper.js';
import {now} from './situation.js';
import {network, tested, losses, epochs, done} from './training.js';

const SHOWN = 18; // of the mistakes

export const accuracy = el('strong', {id: 'accuracy'}, '–'), seconds = el('strong', {id: 'seconds'}, '–'), step = el('strong', {id: 'step'}, '–');
export const progress = el('progress', {max: 1, value: 0, 'aria-label': 'Training'});
export const chart = el('canvas', {role: 'img', 'aria-label': 'The loss, batch by batch', style: 'height:9.4rem'});
export const epochRows = el('tbody');
export const firstFilters = el('canvas', {role: 'img', 'aria-label': 'The six filters of the first convolution'});
export const secondFilters = el('canvas', {role: 'img', 'aria-label': 'The filters of the second convolution: a row for each map that they look at, a column for each that they make'});
export const mistakes = el('div', {class: 'mistakes'});

const all = Array.from({length: 10}, (_, k) => k);
export const confusion = el('table', {class: 'confusion'}, el('thead', {}, el('tr', {}, el('th', {}, ''), all.map(k => el('th', {scope: 'col'}, String(k))))),
    el('tbody', {}, all.map(k => el('tr', {}, el('th', {scope: 'row'}, String(k)), all.map(() => el('td'))))));

export const showLosses = () => drawLosses(chart, losses, now);

/** How far the training is. */
export function showProgress() {
    progress.value = done ? done.step / done.total : 0;
    step.textContent = done ? String(done.step) : '–';
    seconds.textContent = done ? done.seconds.toFixed(1) : '–';
    epochRows.replaceChildren(...epochs.map(e => el('tr', {}, el('td', {}, String(e.epoch)), el('td', {}, e.loss.toFixed(4)), el('td', {}, percent(e.accuracy, 2)))));
    showLosses();
}

export function showFilters() {
    paintStrip(firstFilters, network.filters[0], 5, 6, true);
    paintStrip(secondFilters, network.filters[1], 5, 96, true, 6); // (5, 5, 6, 16): a row for each input
}

function mistakeButton(m) {
    const canvas = el('canvas', {'aria-hidden': 'true'});
    paint(canvas, SIDE, SIDE, (r, c) => m.pixels[SIDE * r + c], false, 1);
    return el('button', {'aria-label': `Digit ${m.index} is a ${m.label}, taken for a ${m.said}, sure to ${percent(m.confidence)}: look at it`, onclick: () => lookAt(m)},
        canvas, el('span', {}, `${m.label}, not ${m.said}`), el('span', {}, percent(m.confidence)));
}

export function showTest() {
    accuracy.textContent = percent(tested.accuracy, 2);
    fillConfusion(confusion, tested.confusion);
    rebuilt(mistakes, () => mistakes.replaceChildren(...tested.mistakes.slice(0, SHOWN).map(mistakeButton)));
}
