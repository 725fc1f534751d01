// The room Digits: a network learns digits while one looks on, and answers to a drawing.
import {el, slider, header, showProgram, share, sized, toast} from '../lib/page.js';
import {choice as choiceOf, logSlider, later, rebuilt} from '../lib/controls.js';
import {SIDE, drawStrokes, pictureOf} from './drawing.js';
import {paint, paintStrip, largest, drawLosses, fillConfusion, percent} from './pictures.js';
import {firstSpot, showSum, spotUnder, spotBeside, markSpot} from './sum.js';
import {first, optimizers, rateOf, linkOf, readLink} from './situation.js';
import {program} from './program.js';

const MAPS = [[2, 28, 6, 'convolution 5 × 5, ReLU'], [3, 14, 6, 'max pooling'], [5, 10, 16, 'convolution, ReLU'], [6, 5, 16, 'max pooling']];

const pixels = new Float32Array(SIDE * SIDE); // what the network looks at
let {now, trained, spot, strokes} = readLink(), network = null, tested = null, seen = null, busy = false, losses = [], epochs = [];

const worker = new Worker(new URL('worker.js', import.meta.url), {type: 'module'});
const ask = (what, more = {}, transfer = []) => worker.postMessage({do: what, ...more}, transfer);

function showFilters() {
    if (!network) return;
    paintStrip(ui.first, network.filters[0], 5, 6, true);
    paintStrip(ui.second, network.filters[1], 5, 96, true, 6); // (5, 5, 6, 16): a row for each input
}

// ---- Training

function train() {
    if (busy) {
        ask('stop');
        setBusy(false);
        return;
    }
    losses = [];
    epochs = [];
    trained = true;
    changed();
    setBusy(true);
    ask('train', {...now, options: `lr=${now.lr}`});
}

function setBusy(on) {
    busy = on;
    ui.train.textContent = on ? '■ Stop' : '▶ Train from scratch';
    document.documentElement.dataset.busy = on;
}

function showTest() {
    ui.accuracy.textContent = percent(tested.accuracy, 2);
    fillConfusion(ui.confusion, tested.confusion);
    rebuilt(ui.mistakes, () => ui.mistakes.replaceChildren(...tested.mistakes.slice(0, 18).map(m => {
        const canvas = el('canvas', {'aria-hidden': 'true'});
        paint(canvas, SIDE, SIDE, (r, c) => m.pixels[SIDE * r + c], false, 1);
        return el('button', {'aria-label': `Digit ${m.index} is a ${m.label}, taken for a ${m.said}, sure to ${percent(m.confidence)}: look at it`, onclick: () => lookAt(m.pixels)},
            canvas, el('span', {}, `${m.label}, not ${m.said}`), el('span', {}, percent(m.confidence)));
    })));
}

// ---- The drawing

function lookAt(picture) {
    pixels.set(picture);
    strokes = [];
    showPaper();
    look();
}

let waiting = false, again = false;
function look() {
    if (waiting) { again = true; return; }
    waiting = true;
    ask('look', {pixels: pixels.slice()});
}

function showPaper() {
    const {context, width} = sized(ui.paper, 1);
    context.imageSmoothingEnabled = false;
    context.clearRect(0, 0, width, width);
    if (strokes.length) return drawStrokes(context, width, strokes);
    const small = document.createElement('canvas');
    paint(small, SIDE, SIDE, (r, c) => pixels[SIDE * r + c], false, 1);
    context.drawImage(small, 0, 0, width, width);
}

function showSeen() {
    MAPS.forEach(([layer, side, channels], i) => paintStrip(ui.maps[i], seen[layer], side, channels, false, channels === 16 ? 2 : 1));
    [[9, 120, 4], [11, 84, 3]].forEach(([layer, count, rows], i) => {
        const most = largest(seen[layer]), across = count / rows;
        paint(ui.units[i], rows, across, (r, c) => seen[layer][r * across + c], false, most);
    });
    const p = seen[12], best = p.indexOf(Math.max(...p));
    ui.answers.replaceChildren(...Array.from(p, (v, k) => el('div', {class: k === best ? 'best' : ''}, el('span', {}, String(k)),
        el('span', {}, el('i', {style: `width:${Math.round(100 * v)}%`})), el('span', {style: 'text-align:right'}, percent(v)))));
    ui.said.textContent = `The network says ${best}, sure to ${percent(p[best])}`;
    showSpot();
}

function showSpot() {
    if (!seen || !network) return;
    showSum({title: ui.sumTitle, box: ui.sum}, spot, seen, network, from => goTo({...spot, from}));
    markSpot(ui.marks, spot);
}

function goTo(place) {
    spot = place;
    showSpot();
    changed();
}

function takeDrawing() {
    pixels.set(pictureOf(strokes));
    look();
}

// ---- The page

const ui = {};

function download(bytes) {
    const url = URL.createObjectURL(new Blob([bytes], {type: 'application/octet-stream'}));
    el('a', {href: url, download: 'lenet.safetensors'}).click();
    setTimeout(() => URL.revokeObjectURL(url), 1000);
    toast('lenet.safetensors: ./run predict --load reads it too');
}

const link = () => linkOf({now, trained, spot, strokes});
const changed = later(() => history.replaceState(null, '', link()));

function choice(label, name, options, after = () => {}) {
    const {node, select} = choiceOf({label, id: `choose-${name}`, options, onchange(value) {
        now[name] = typeof first[name] === 'number' ? Number(value) : value;
        after();
        changed();
    }});
    ui[name] = select;
    return node;
}

function sync() {
    for (const name of ['optimizer', 'schedule', 'batch']) ui[name].value = now[name];
    for (const name of ['lr', 'epochs', 'seed']) ui[name].set(now[name]);
}

function startOver() {
    now = {...first};
    trained = false;
    spot = {...firstSpot};
    losses = [];
    epochs = [];
    strokes = [];
    ui.table.replaceChildren();
    ui.progress.value = 0;
    for (const figure of [ui.seconds, ui.step]) figure.textContent = '–';
    setBusy(false);
    sync();
    drawLosses(ui.chart, losses, now);
    ask('forget'); // answered as at the beginning
    changed();
    toast('As at first');
}

function build() {
    header('Digits', [
        el('button', {onclick: () => showProgram('The C of this training', 'It prints the losses and accuracies of this page, the same digits with TARN_SIMD=baseline.', program(now))}, 'Show me the C'),
        share(link, 'The link to these settings is copied'),
        el('button', {class: 'quiet', onclick: startOver}, 'Reset')]);
    ui.train = el('button', {class: 'primary', id: 'train', disabled: true, onclick: train}, '▶ Train from scratch');
    ui.problem = el('p', {class: 'error', role: 'alert'});
    ui.progress = el('progress', {max: 1, value: 0, 'aria-label': 'Training'});
    ui.accuracy = el('strong', {id: 'accuracy'}, '–');
    ui.seconds = el('strong', {id: 'seconds'}, '–');
    ui.step = el('strong', {id: 'step'}, '–');
    ui.chart = el('canvas', {role: 'img', 'aria-label': 'The loss, batch by batch', style: 'height:9.4rem'});
    ui.table = el('tbody');
    ui.lr = logSlider({label: 'rate, η', low: 1e-5, high: 1, value: now.lr, oninput: v => { now.lr = v; changed(); }});
    ui.epochs = slider({label: 'epochs', min: 1, max: 10, step: 1, value: now.epochs, text: String, oninput: v => { now.epochs = v; changed(); }});
    ui.seed = slider({label: 'seed', min: 1, max: 100, step: 1, value: now.seed, text: String, oninput: v => { now.seed = v; changed(); }});
    ui.file = el('input', {type: 'file', id: 'file', class: 'out', accept: '.safetensors,.npz', 'aria-label': 'Load a network', onchange: async event => {
        const file = event.target.files[0];
        if (!file) return;
        setBusy(false);
        trained = false;
        ask('load', {bytes: new Uint8Array(await file.arrayBuffer()), name: file.name.endsWith('.npz') ? 'given.npz' : 'given.safetensors'});
        event.target.value = '';
    }});
    ui.first = el('canvas', {role: 'img', 'aria-label': 'The six filters of the first convolution'});
    ui.second = el('canvas', {role: 'img', 'aria-label': 'The filters of the second convolution: a row for each map that they look at, a column for each that they make'});
    ui.paper = el('canvas', {id: 'paper', class: 'drawn', tabindex: 0, role: 'img', 'aria-label': 'Paper to draw a digit on; the buttons of the surest mistakes put one there too'});
    ui.answers = el('div', {class: 'answers', 'aria-hidden': 'true'});
    ui.said = el('p', {class: 'out', 'aria-live': 'polite', id: 'said'});
    const pointed = i => i === 0 || i === 2; // the convolutions
    ui.maps = MAPS.map(([, , , name], i) => el('canvas', {role: 'img', 'aria-label': `Feature maps after ${name}${i < 2 ? ', the first' : ', the second'}`, 'aria-describedby': pointed(i) ? 'mapkeys' : null,
        tabindex: pointed(i) ? 0 : null, class: pointed(i) ? 'swept' : null, style: pointed(i) ? 'cursor:crosshair' : null}));
    ui.marks = MAPS.slice(0, 3).map(() => el('span', {class: 'mark', hidden: true}));
    ui.units = ['120 units', '84 units'].map(name => el('canvas', {role: 'img', 'aria-label': `The ${name}`, style: 'height:2.2rem'}));
    ui.sum = el('div', {class: 'sum'});
    ui.sumTitle = el('h3');
    ui.mistakes = el('div', {class: 'mistakes'});
    const digit = k => el('th', {scope: 'col'}, String(k)), all = Array.from({length: 10}, (_, k) => k);
    ui.confusion = el('table', {class: 'confusion'}, el('thead', {}, el('tr', {}, el('th', {}, ''), all.map(digit))),
        el('tbody', {}, all.map(k => el('tr', {}, el('th', {scope: 'row'}, String(k)), all.map(() => el('td'))))));
    const file = name => `source.html#${name}`;
    document.querySelector('main').append(
        el('h1', {}, 'Digits'),
        el('p', {class: 'lead'}, 'LeNet learns 10,000 handwritten digits in this page, in seconds, and then answers to yours.'),
        el('div', {class: 'digits'},
            el('div', {class: 'stack'},
                el('section', {class: 'card'}, el('h2', {}, 'Training'),
                    el('div', {class: 'row'}, ui.train, el('button', {id: 'save', onclick: () => ask('save')}, 'Save'), ui.file, el('label', {class: 'button', for: 'file'}, 'Load…')),
                    el('div', {class: 'figures', 'aria-live': 'off'}, el('div', {}, ui.accuracy, el('span', {}, 'of 2,000 test digits right')), el('div', {}, ui.seconds, el('span', {}, 'seconds of training')), el('div', {}, ui.step, el('span', {}, 'steps'))),
                    ui.progress, ui.problem, ui.chart,
                    el('table', {class: 'numbers'}, el('thead', {}, el('tr', {}, ['epoch', 'loss', 'test accuracy'].map(t => el('th', {scope: 'col'}, t)))), ui.table)),
                el('section', {class: 'card options'}, el('h2', {}, 'Settings'),
                    choice('optimizer', 'optimizer', optimizers.map(o => [o, o]), () => { now.lr = rateOf(now.optimizer); ui.lr.set(now.lr); }), ui.lr.node,
                    choice('schedule', 'schedule', [['linear', 'linear, to 0'], ['cosine', 'half a cosine, to 0'], ['one_cycle', 'one cycle'], ['', 'constant']]),
                    choice('batch size', 'batch', [8, 16, 32, 64, 128, 256].map(v => [v, String(v)])), ui.epochs.node, ui.seed.node),
                el('section', {class: 'card maps'}, el('h2', {}, 'Filters, as they form'), el('p', {class: 'hint'}, 'Red weights want ink, blue ones paper. Six filters of the first convolution:'), ui.first,
                    el('p', {class: 'hint'}, 'and the sixteen of the second, for each of the six maps they look at:'), ui.second),
                el('section', {class: 'card'}, el('h2', {}, 'What is taken for what'), el('p', {class: 'hint'}, 'Rows: the digit; columns: what the network said.'), ui.confusion)),
            el('div', {class: 'stack'},
                el('section', {class: 'card'}, el('h2', {}, 'Draw a digit'), el('div', {class: 'drawing'}, el('div', {}, ui.paper,
                    el('p', {class: 'row', style: 'margin:.5rem 0 0'}, el('button', {id: 'clear', onclick: () => { pixels.fill(0); strokes = []; showPaper(); look(); changed(); }}, 'Clear'))), ui.answers), ui.said),
                el('section', {class: 'card maps'}, el('h2', {}, 'Every layer answers'),
                    MAPS.map(([, side, channels, name], i) => el('div', {class: 'layer'}, el('span', {}, `${name}: ${[channels, side, side].join('\u00a0×\u00a0')}`), el('div', {class: 'marked'}, ui.maps[i], ui.marks[i]))),
                    el('div', {class: 'layer'}, el('span', {}, 'linear, ReLU: 120'), ui.units[0]), el('div', {class: 'layer'}, el('span', {}, 'linear, ReLU: 84'), ui.units[1]),
                    ui.sumTitle, ui.sum, el('p', {class: 'hint', id: 'mapkeys'}, 'Point at a map of either convolution, or go there by arrow keys, to see what a number in it is made of.')),
                el('section', {class: 'card'}, el('h2', {}, 'The surest mistakes'), el('p', {class: 'hint'}, 'Press one to look at it.'), ui.mistakes),
                el('p', {class: 'hint'}, 'What runs here: ', el('a', {href: file('examples/playground/digits.c')}, 'digits.c'), ', ', el('a', {href: file('core/ops/conv2d.c')}, 'conv2d.c'), '. The chapter: ',
                    el('a', {href: file('docs/book/11-program.md')}, 'the program'), '. The digits are from MNIST, under CC BY-SA 3.0: ', el('a', {href: file('samples/README.md')}, 'the sample'), '.'))));
}

function listen() {
    let drawing = false;
    const place = event => {
        const box = ui.paper.getBoundingClientRect();
        return [(event.clientX - box.left) / box.width, (event.clientY - box.top) / box.height];
    };
    ui.paper.addEventListener('pointerdown', event => {
        ui.paper.setPointerCapture(event.pointerId);
        drawing = true;
        strokes.push([place(event)]);
        showPaper();
    });
    ui.paper.addEventListener('pointermove', event => {
        if (!drawing) return;
        strokes.at(-1).push(place(event));
        showPaper();
        takeDrawing();
    });
    const end = () => { if (drawing) takeDrawing(), changed(); drawing = false; };
    ui.paper.addEventListener('pointerup', end);
    ui.paper.addEventListener('pointercancel', end);
    for (const [at, canvas] of [ui.maps[0], ui.maps[2]].entries()) {
        const point = event => goTo(spotUnder(at, canvas, event, spot.at === at ? spot.from : 0));
        canvas.addEventListener('pointerdown', point);
        canvas.addEventListener('pointermove', point);
        canvas.addEventListener('keydown', event => {
            if (!event.key.startsWith('Arrow')) return;
            event.preventDefault();
            goTo(spot.at === at ? spotBeside(spot, event.key) : {at, k: 0, r: 0, c: 0, from: 0});
        });
    }
    addEventListener('hashchange', () => { ({now, trained, spot, strokes} = readLink()); sync(); begin(); });
    addEventListener('themechange', () => { drawLosses(ui.chart, losses, now); if (tested) showTest(); });
    new ResizeObserver(() => { drawLosses(ui.chart, losses, now); showPaper(); }).observe(document.querySelector('.digits'));
}

/** What the link asks for, once there is a network: a drawing, or the surest mistake; and to train. */
function begin() {
    if (!strokes.length) lookAt(tested.mistakes.length ? tested.mistakes[0].pixels : pixels);
    else {
        showPaper();
        takeDrawing();
    }
    if (trained && !busy) train();
}

const hears = {
    ready(data) {
        ui.train.disabled = false;
        hears.loaded(data, false);
        begin();
        document.documentElement.dataset.ready = 'true';
    },
    trained({step, total, losses: more, seconds, weights, test, epoch}) {
        if (!busy) return;
        losses.push(...more);
        network = weights;
        ui.progress.value = step / total;
        ui.step.textContent = String(step);
        ui.seconds.textContent = seconds.toFixed(1);
        if (test) {
            const perEpoch = step / epoch, mean = losses.slice(step - perEpoch).reduce((a, b) => a + b) / perEpoch;
            tested = test;
            epochs.push({epoch, loss: mean, accuracy: test.accuracy});
            showTest();
        }
        ui.table.replaceChildren(...epochs.map(e => el('tr', {}, el('td', {}, String(e.epoch)), el('td', {}, e.loss.toFixed(4)), el('td', {}, percent(e.accuracy, 2)))));
        drawLosses(ui.chart, losses, now);
        showFilters();
        look();
    },
    done() { setBusy(false); look(); },
    loaded({weights, test}, said = true) {
        network = weights;
        tested = test;
        showFilters();
        showTest();
        if (said) {
            ui.problem.textContent = '';
            look();
            toast(`Loaded: ${percent(test.accuracy, 2)} of the test digits right`);
        }
    },
    seen({layers, weights}) {
        waiting = false;
        seen = layers;
        network = weights;
        showSeen();
        if (again) { again = false; look(); }
    },
    saved({bytes}) { download(bytes); },
    problem({text}) {
        waiting = false;
        setBusy(false);
        ui.problem.textContent = text;
    },
};

build();
sync();
listen();
worker.addEventListener('message', ({data}) => hears[data.what](data));
worker.addEventListener('error', event => hears.problem({text: event.message || 'The worker could not start: this browser may be too old.'}));
