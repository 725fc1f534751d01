// The room Classify: a small network learns to tell points apart, and shows what it makes of the plane.
import {el, header, showProgram, share, toast, chapter} from '../lib/page.js';
import {optionsText, shortcuts} from '../lib/controls.js';
import {now, situations, link, readLink, TOTAL} from './situation.js';
import {playing, play, startAgain, restart, oneStep, setSpeed, whenTrained} from './training.js';
import {planeTitle, plane, network, losses, count, error, said, figures, layerRows, show, say} from './shown.js';
import {layers, fields, own, sync} from './choices.js';
import {listenToPictures} from './pointer.js';
import {program} from './program.js';

const playButton = el('button', {class: 'primary', id: 'play', onclick: () => play(!playing)}, '▶ Train');

function showPlaying() {
    playButton.textContent = playing ? '❚❚ Pause' : '▶ Train';
    playButton.setAttribute('aria-pressed', playing);
    if (!playing) say();
}

function build() {
    header('Classify', [
        el('button', {onclick: () => showProgram('The C of this training', 'It prints the losses of this page, every hundred steps: to the last digits on the baseline kernels (TARN_SIMD=baseline).',
            program({...now, options: optionsText(now), steps: now.step || 100, total: TOTAL}))}, 'Show me the C'),
        share(link),
        el('button', {class: 'quiet', onclick: () => { location.hash = ''; begin(); toast('As at first'); }}, 'Reset')]);
    const speeds = [[1, '60 a second'], [5, '300 a second'], [20, '1200 a second'], [1000, 'as many as fit']];
    document.querySelector('main').append(
        el('h1', {}, 'Classify'),
        el('p', {class: 'lead'}, 'A network learns to tell two kinds of points apart. Change anything, and watch what it makes of the plane.'),
        el('div', {class: 'classify'},
            el('div', {class: 'stack'}, el('section', {class: 'card stack', 'aria-label': 'What it learns'},
                el('div', {class: 'row'}, playButton, el('button', {id: 'step', 'aria-label': 'One step', onclick: oneStep}, 'step ▸'),
                    el('button', {id: 'rewind', onclick: () => { play(false); restart(); }}, '◂◂ start'),
                    el('select', {id: 'speed', 'aria-label': 'Speed', onchange: event => setSpeed(Number(event.target.value))}, speeds.map(([v, t]) => el('option', {value: v, selected: v === 5}, t))), count),
                error, el('div', {}, planeTitle, plane, own), said),
                el('section', {class: 'card'}, el('h2', {}, 'Loss'), figures, losses)),
            el('div', {class: 'stack middle'},
                el('section', {class: 'card'}, el('h2', {}, 'The network, unit by unit'), network, el('p', {class: 'hint'}, 'Orange: more than 0, or class orange; blue: less. Lines are weights. Point at a unit to see its map large; click to keep it.')),
                el('section', {class: 'card'}, el('h2', {}, 'Layer by layer'), el('div', {class: 'scroll'}, el('table', {class: 'layer-table'}, el('thead', {}, el('tr', {}, ['layer', 'weights', 'gradients', 'update / weight'].map(t => el('th', {scope: 'col'}, t)))), layerRows)),
                    el('p', {class: 'hint'}, 'The last step of a layer beside the size of its weights: about 10⁻³ goes well, 10⁻¹ is wild, 10⁻⁶ asleep.'))),
            el('div', {class: 'stack settings'},
                el('section', {class: 'card'}, el('h2', {}, 'Points'), fields('set', 'points', 'noise', 'seed'), el('h3', {}, 'Situations'), el('div', {class: 'presets'}, situations.map(([text, href]) => el('a', {class: 'button', href}, text)))),
                el('section', {class: 'card'}, el('h2', {}, 'Network'), layers, fields('activation', 'init', 'dropout')),
                el('section', {class: 'card'}, el('h2', {}, 'Training'), fields('optimizer', 'lr', 'schedule', 'batch', 'penalty', 'strength')),
                chapter('docs/book/1-objective.md', 'the objective', ['examples/playground/classify.c', 'examples/playground/network.c', 'examples/playground/points.c', 'examples/spirals.c']))));
}

function begin() {
    play(false);
    readLink();
    sync();
    startAgain(now.step);
}

whenTrained(show, showPlaying);
build();
begin();
listenToPictures();
shortcuts({' ': () => play(!playing), '.': oneStep});
addEventListener('hashchange', begin);
addEventListener('themechange', show);
new ResizeObserver(() => requestAnimationFrame(show)).observe(document.querySelector('.classify'));
document.documentElement.dataset.ready = 'true';
