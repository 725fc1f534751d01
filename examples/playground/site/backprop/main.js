// The room Backprop: a small network, or a formula, forward and backward one operation at a time.
import {el, header, showProgram, share, toast, chapter} from '../lib/page.js';
import {shortcuts} from '../lib/controls.js';
import {now, take, lastStep, inC} from './numbers.js';
import {situations, link, readLink} from './situation.js';
import {scroll, error, said, count, time, stepTitle, stepBox, pickedTitle, knob, compare, curve, allRows, computeAll, showDiagram, show} from './shown.js';
import {program} from './program.js';

const playButton = el('button', {class: 'primary', id: 'play', onclick: () => play(!playing)}, '▶ Play');
const formula = el('input', {type: 'text', id: 'formula', spellcheck: 'false', autocomplete: 'off', autocapitalize: 'off', placeholder: 'tanh(w*x+b)', 'aria-describedby': 'formula-error',
    onchange: event => chooseFormula(event.target.value)});
let playing = 0;

function goTo(step) {
    now.step = Math.max(0, Math.min(lastStep(), step));
    show(playing);
}

function pausedAt(step) {
    play(false);
    goTo(step);
}

function play(on) {
    clearInterval(playing);
    playing = 0;
    playButton.textContent = on ? '❚❚ Pause' : '▶ Play';
    playButton.setAttribute('aria-pressed', on);
    if (!on) return;
    if (now.step === lastStep()) goTo(0);
    playing = setInterval(() => {
        goTo(now.step + 1);
        if (now.step === lastStep()) play(false);
    }, 900);
}

function showMistake(wrong) {
    error.textContent = wrong ? `The formula: ${wrong}.` : '';
}

function showGraph() {
    computeAll();
    showDiagram();
    show();
}

function chooseFormula(text) {
    const wrong = take(text.trim());
    showMistake(wrong);
    if (wrong) return; // what was there stays
    play(false);
    showGraph();
}

function build() {
    header('Backprop', [
        el('button', {onclick: () => showProgram('The C of these numbers', 'It prints each number with its gradient, in double as this room computes.', program(inC()))}, 'Show me the C'),
        share(link),
        el('button', {class: 'quiet', onclick: () => { location.hash = ''; begin(); toast('As at first'); }}, 'Reset')]);
    time.addEventListener('input', event => pausedAt(Number(event.target.value)));
    const step = (id, text, label, to) => el('button', {id, 'aria-label': label, onclick: () => pausedAt(to())}, text);
    const columns = ['number', 'from', 'value', 'gradient', 'numeric'];
    document.querySelector('main').append(
        el('h1', {}, 'Backprop'),
        el('p', {class: 'lead'}, 'Every number of a small network with its gradient, forward and backward one operation at a time. Drag a number that is given, and see what follows.'),
        el('div', {class: 'stack'},
            el('section', {class: 'card stack', 'aria-label': 'The graph'},
                el('div', {class: 'row formula-row'}, el('label', {for: 'formula'}, 'Any expression:'), formula, el('div', {class: 'presets'}, situations.map(([text, href]) => el('a', {class: 'button', href}, text)))),
                error, scroll,
                el('div', {class: 'transport'}, el('div', {class: 'row'}, playButton, step('back', '◂ step', 'One step back', () => now.step - 1), step('step', 'step ▸', 'One step on', () => now.step + 1),
                    step('rewind', '◂◂ start', 'To the start', () => 0), step('end', 'end ▸▸', 'To the end', lastStep), count), time), said),
            el('div', {class: 'halves'},
                el('section', {class: 'card'}, stepTitle, stepBox),
                el('section', {class: 'card'}, pickedTitle, knob.node, el('table', {}, compare), curve,
                    el('p', {class: 'hint'}, 'The numeric derivative is the change of the result when this one number is moved by 10⁻⁵ up and down. The line touches the curve with the slope that backpropagation found.'))),
            el('section', {class: 'card'}, el('h2', {}, 'All numbers'), el('div', {class: 'scroll'}, el('table', {class: 'wide'}, el('thead', {}, el('tr', {}, columns.map(t => el('th', {scope: 'col'}, t)))), allRows))),
            chapter('docs/book/2-backprop.md', 'backpropagation', ['examples/playground/backprop.c', 'examples/playground/graph.c', 'examples/backprop.c', 'core/tape_backward.c', 'core/ops/sigmoid.c', 'core/ops/matmul.c'])));
}

function listen() {
    shortcuts({' ': () => play(!playing), '.': () => pausedAt(now.step + 1), ',': () => pausedAt(now.step - 1)});
    addEventListener('hashchange', begin);
    addEventListener('themechange', () => show());
    let width = scroll.clientWidth;
    new ResizeObserver(() => requestAnimationFrame(() => {
        if (scroll.clientWidth === width) return;
        width = scroll.clientWidth;
        showDiagram();
        show();
    })).observe(scroll);
}

function begin() {
    play(false);
    showMistake(readLink());
    formula.value = now.formula;
    showGraph();
}

build();
begin();
listen();
document.documentElement.dataset.ready = 'true';
