// The room Landscape: the loss of a network in a plane of its weights, and the paths of optimizers over it.
import {el, num, header, showProgram, share, toast, chapter} from '../lib/page.js';
import {shortcuts, inFrame} from '../lib/controls.js';
import {onArrows, turns} from '../lib/pointer.js';
import {trailColours} from '../lib/terrain.js';
import {tarn, now, every, steps, optionsOf, situations, link, keepLink, readLink, places} from './situation.js';
import {walks, terrain, low, high, shares, problem, compute, whenSurveyed} from './survey.js';
import {mapCanvas, reliefCanvas, chartCanvas, drawMap, drawRelief, drawChart} from './pictures.js';
import {fields, paths, another, sync} from './choices.js';
import {program, programOfDigits} from './program.js';

const ui = {};
let spot = null; // where the pointer is on the plane

// ---- Numbers and words

function show() {
    drawMap(spot);
    drawRelief();
    drawChart();
    ui.error.textContent = problem ? `${problem}.` : '';
    ui.count.textContent = `step ${now.at * every()}`;
    ui.time.max = places();
    ui.time.value = now.at;
    ui.time.setAttribute('aria-valuetext', ui.count.textContent);
    ui.shares.textContent = now.plane === 'random' ? `Around the end of ${now.paths[now.chosen].optimizer}: two random directions, each filter as long as its weights. 1 is as far as the weights are large.`
        : `The plane of the paths' two main directions holds ${num(100 * shares[0], 3)}% and ${num(100 * shares[1], 3)}% of how they vary; the rest is off the picture.`;
    showSpot();
    keepLink();
}

const columns = ['optimizer', 'loss', 'in test', 'right', 'way', 'straight', 'off the plane'];

function showTable() {
    const percent = v => `${(100 * v).toFixed(1)}%`, cell = (text, i) => el('td', {class: 'numbers', 'data-column': columns[i + 1]}, text);
    ui.body.replaceChildren(...walks.map((walk, i) => el('tr', {'data-train': walk.train, 'data-test': walk.test, 'data-right': walk.testRight, 'data-losses': walk.losses.join(' ')},
        el('th', {scope: 'row'}, el('i', {class: 'dot', style: `background:${trailColours[i]}`}), ` ${now.paths[i].optimizer}`), [walk.error || num(walk.train, 4), num(walk.test, 4), percent(walk.testRight), num(walk.travelled, 3),
            num(walk.straight, 3), walk.points.length ? num(Math.max(...walk.points.map(p => p[3])), 3) : ''].map(cell))));
}

let asked = null; // {terrain, place, loss}: it takes LeNet half a frame

function lossAt(place) {
    if (asked?.terrain !== terrain || String(asked.place) !== String(place)) asked = {terrain, place, loss: tarn.at(...place)};
    return asked.loss;
}

/** The loss where the pointer is. */
function showSpot() {
    const place = spot || [0, 0], loss = walks.length && terrain ? lossAt(place) : NaN;
    ui.spot.textContent = Number.isNaN(loss) ? '' : `${spot ? `At (${num(place[0], 3)}, ${num(place[1], 3)})` : `At the end of ${now.paths[now.chosen].optimizer}`} the loss is ${num(loss, 4)}`;
    ui.spot.dataset.loss = loss;
}

function surveyed() {
    ui.work.hidden = true;
    showTable();
    show();
    ui.said.textContent = problem || `${walks.map((walk, i) => `${now.paths[i].optimizer}: loss ${num(walk.train, 3)}`).join(', ')}.`;
}

function progress(what, part) {
    ui.work.hidden = false;
    ui.progress.value = part;
    ui.state.textContent = `${what}…`;
}

// ---- Along the paths

let playing = false, owed = 0; // parts of a place

function play(on) {
    playing = on;
    ui.play.textContent = on ? '❚❚ Pause' : '▶ Play';
    ui.play.setAttribute('aria-pressed', on);
    if (on && now.at >= places()) now.at = owed = 0;
    if (on) next();
}

function frame() {
    if (!playing) return;
    owed += places() / 100; // all paths in a hundred frames
    if (owed >= 1) {
        now.at = Math.min(places(), now.at + Math.floor(owed));
        owed %= 1;
        show();
    }
    if (now.at >= places()) play(false);
    else next();
}
const next = inFrame(frame);

function goTo(place) {
    play(false);
    now.at = Math.max(0, Math.min(places(), place));
    show();
}

// ---- The page

function showC() {
    const path = now.paths[now.chosen];
    showProgram(`The C of ${path.optimizer}'s path`, 'It prints the losses along this path, to the last digits on the baseline kernels (TARN_SIMD=baseline).',
        (now.set === 'digits' ? programOfDigits : program)({...now, points: 400, noise: 0.03, init: 'default', dropout: 0, layers: now.layers.split(',').map(Number), optimizer: path.optimizer, options: optionsOf(path), steps: steps(), every: every()}));
}

function build() {
    header('Landscape', [el('button', {onclick: showC}, 'Show me the C'), share(link), el('button', {class: 'quiet', onclick: () => { location.hash = ''; begin(); toast('As at first'); }}, 'Reset')]);
    ui.play = el('button', {class: 'primary', id: 'play', onclick: () => play(!playing)}, '▶ Play');
    ui.time = el('input', {type: 'range', min: 0, max: places(), value: places(), 'aria-label': 'Step', oninput: event => goTo(Number(event.target.value))});
    ui.count = el('span', {class: 'numbers', id: 'count'});
    ui.progress = el('progress', {max: 1, value: 0, 'aria-label': 'Computing'});
    ui.state = el('span', {class: 'hint', style: 'margin:0'});
    ui.work = el('div', {class: 'row', style: 'flex-wrap:nowrap', hidden: true}, ui.progress, ui.state);
    ui.error = el('p', {class: 'error', role: 'alert'});
    ui.said = el('p', {class: 'out', 'aria-live': 'polite'});
    ui.shares = el('p', {class: 'hint'});
    ui.spot = el('p', {class: 'numbers', id: 'spot', style: 'margin:0'});
    ui.body = el('tbody', {id: 'outcomes'});
    document.querySelector('main').append(
        el('h1', {}, 'Landscape'),
        el('p', {class: 'lead'}, 'The loss of a network around its trained weights, in a plane through hundreds of dimensions or, with LeNet, 61,706; and the ways that optimizers take over it.'),
        el('div', {class: 'descent'},
            el('div', {class: 'stack'},
                el('section', {class: 'card stack', 'aria-label': 'The landscape'},
                    el('div', {class: 'views'}, el('div', {class: 'view'}, mapCanvas, el('span', {class: 'caption'}, 'from above')), el('div', {class: 'view'}, reliefCanvas, el('span', {class: 'caption'}, 'drag to turn'))),
                    el('div', {class: 'transport'}, el('div', {class: 'row'}, ui.play, ui.count, ui.spot), ui.time, ui.work), ui.shares, ui.error, ui.said),
                el('section', {class: 'card chart'}, el('h2', {}, 'Loss in training'), chartCanvas),
                el('section', {class: 'card'}, el('h2', {}, 'Where they came'), el('div', {class: 'scroll'}, el('table', {class: 'outcomes folds'}, el('thead', {}, el('tr', {}, columns.map(t => el('th', {scope: 'col'}, t)))), ui.body)),
                    el('p', {class: 'hint'}, 'Way: the length of the path, from point to point; straight: from its start to its end; off the plane: how far it leaves what is drawn. Of digits, the loss and the heights are those of the first 256.'))),
            el('div', {class: 'stack'},
                el('section', {class: 'card'}, el('h2', {}, 'Optimizers'), paths, another),
                el('section', {class: 'card options'}, el('h2', {}, 'The network'), fields,
                    el('h3', {}, 'Situations'), el('div', {class: 'presets'}, situations.map(([text, href]) => el('a', {class: 'button', href}, text)))),
                chapter('docs/book/9-landscape.md', 'landscapes', ['examples/playground/landscape.c', 'examples/playground/network.c', 'examples/playground/lenet.c', 'examples/lab/landscape/directions.c', 'examples/lab/landscape/network.c']))));
}

// ---- The pointer and the keys

function listen() {
    const point = to => { spot = to; drawMap(spot); showSpot(); };
    mapCanvas.addEventListener('pointermove', event => {
        const box = mapCanvas.getBoundingClientRect();
        if (!playing) point([low[0] + (high[0] - low[0]) * (event.clientX - box.left) / box.width, high[1] - (high[1] - low[1]) * (event.clientY - box.top) / box.height]);
    });
    mapCanvas.addEventListener('pointerleave', () => point(null));
    onArrows(mapCanvas, by => {
        point((spot || [0, 0]).map((v, k) => Math.max(low[k], Math.min(high[k], v + by[k] * (high[k] - low[k]) / 40))));
        ui.said.textContent = ui.spot.textContent;
    });
    turns(reliefCanvas, () => now, () => { drawRelief(); keepLink(); });
    shortcuts({' ': () => play(!playing), '.': () => goTo(now.at + 1), ',': () => goTo(now.at - 1)});
    addEventListener('hashchange', begin);
    addEventListener('themechange', show);
    new ResizeObserver(() => requestAnimationFrame(show)).observe(document.querySelector('.views'));
}

function begin() {
    play(false);
    readLink();
    sync();
    return compute();
}

whenSurveyed(progress, surveyed);
build();
listen();
begin();
document.documentElement.dataset.ready = 'true';
