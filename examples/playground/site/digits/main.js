// The room Digits: a network learns digits while one looks on, and answers to a drawing.
import {el, num, slider, header, copy, showProgram, sized, colour, toast} from '../lib/page.js';
import {later} from '../lib/controls.js';
import {program} from './program.js';

const SIDE = 28, MAPS = [[2, 28, 6, 'convolution 5 × 5, ReLU'], [3, 14, 6, 'max pooling'], [5, 10, 16, 'convolution, ReLU'], [6, 5, 16, 'max pooling']];
const first = {optimizer: 'adam', lr: 0.004, schedule: 'linear', batch: 64, epochs: 3, seed: 1};
const optimizers = ['sgd', 'momentum', 'nesterov', 'adagrad', 'rmsprop', 'adadelta', 'adam', 'adamw', 'amsgrad', 'adamax', 'nadam', 'radam', 'lion', 'muon',
    'rprop', 'asgd', 'lars', 'lamb', 'adafactor', 'schedule_free_sgd', 'schedule_free_adamw', 'momentum-ema'];
const rates = {sgd: 0.1, momentum: 0.03, nesterov: 0.03, adagrad: 0.02, rmsprop: 0.002, adadelta: 1, lion: 0.0005, muon: 0.02,
    rprop: 0.0005, asgd: 0.1, 'momentum-ema': 0.1, lars: 1, lamb: 0.01, adafactor: 0.02, schedule_free_sgd: 0.5};
const rateOf = optimizer => rates[optimizer] || 0.004;

let now = {...first}, network = null, tested = null, seen = null, busy = false, trained = false, losses = [], epochs = [], spot = {k: 0, r: 13, c: 13};
const pixels = new Float32Array(SIDE * SIDE); // what the network looks at

const worker = new Worker(new URL('worker.js', import.meta.url), {type: 'module'});
const ask = (what, more = {}, transfer = []) => worker.postMessage({do: what, ...more}, transfer);

// ---- The link

const firstSpot = {k: 0, r: 13, c: 13};

/** The settings; whether they were trained by; what is drawn, four digits to a point; where the sum is looked at. */
function link() {
    const p = new URLSearchParams(now), code = v => Math.round(1295 * Math.max(0, Math.min(1, v))).toString(36).padStart(2, '0');
    if (trained) p.set('trained', 1);
    if (ui.strokes.length) p.set('ink', ui.strokes.map(stroke => thin(stroke).map(([x, y]) => code(x) + code(y)).join('')).join('-').slice(0, 4000));
    if (JSON.stringify(spot) !== JSON.stringify(firstSpot)) p.set('spot', Object.values(spot).join());
    return `#${p}`;
}

const thin = stroke => stroke.filter((p, i) => i === 0 || i === stroke.length - 1 || i % 3 === 0);

const readInk = text => text.split('-').map(stroke => (stroke.match(/[0-9a-z]{4}/g) || []).map(p => [0, 2].map(i => parseInt(p.slice(i, i + 2), 36) / 1295))).filter(stroke => stroke.length);

function readLink() {
    const p = new URLSearchParams(location.hash.slice(1)), read = (name, low, high) => {
        const v = Number(p.get(name));
        return p.get(name) && v >= low && v <= high ? v : first[name];
    };
    now = {optimizer: optimizers.includes(p.get('optimizer')) ? p.get('optimizer') : first.optimizer, lr: read('lr', 1e-6, 10),
        schedule: ['', 'linear', 'cosine', 'one_cycle'].includes(p.get('schedule')) ? p.get('schedule') : first.schedule,
        batch: Math.round(read('batch', 1, 1000)), epochs: Math.round(read('epochs', 1, 20)), seed: Math.round(read('seed', 1, 1000))};
    trained = p.get('trained') === '1';
    const [k, r, c] = (p.get('spot') || '').split(',').map(Number);
    spot = k >= 0 && k < 6 && r >= 0 && r < SIDE && c >= 0 && c < SIDE ? {k, r, c} : {...firstSpot};
    ui.strokes = readInk((p.get('ink') || '').slice(0, 4000));
}

// ---- Pictures of numbers

/** Puts numbers on a canvas, blue below 0, red above, or ink on paper. at(row, column) gives them. */
function paint(canvas, height, width, at, signed, most) {
    canvas.width = width;
    canvas.height = height;
    const context = canvas.getContext('2d'), image = context.createImageData(width, height);
    for (let r = 0; r < height; r++)
        for (let c = 0; c < width; c++) {
            const v = Math.max(-1, Math.min(1, at(r, c) / (most || 1))), i = 4 * (r * width + c), fade = Math.round(245 * (1 - Math.abs(v)));
            const rgb = !signed ? [245 - 225 * Math.max(v, 0), 245 - 205 * Math.max(v, 0), 242 - 190 * Math.max(v, 0)] : v < 0 ? [fade * 0.85 + 20, fade * 0.9 + 60 * -v + 20, 245] : [245, fade * 0.9 + 20, fade * 0.85 + 20];
            for (let k = 0; k < 3; k++) image.data[i + k] = rgb[k];
            image.data[i + 3] = 255;
        }
    context.putImageData(image, 0, 0);
}

const largest = values => values.reduce((most, v) => Math.max(most, Math.abs(v)), 1e-9);

/** Channels side by side, one pixel apart: a strip of maps of side x side. */
function paintStrip(canvas, values, side, channels, signed, rows = 1) {
    const across = channels / rows, most = largest(values), step = side + 1;
    paint(canvas, rows * step - 1, across * step - 1, (r, c) => {
        const k = Math.floor(r / step) * across + Math.floor(c / step), y = r % step, x = c % step;
        return y === side || x === side ? 0 : values[(y * side + x) * channels + k];
    }, signed, most);
}

function showFilters() {
    if (!network) return;
    paintStrip(ui.first, network.first, 5, 6, true);
    paintStrip(ui.second, network.second, 5, 96, true, 6); // (5, 5, 6, 16): a row for each input
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

function drawLosses() {
    const {context, width, height} = sized(ui.chart), left = 40, base = height - 20, total = Math.max(now.epochs * Math.ceil(10000 / now.batch), 1);
    context.clearRect(0, 0, width, height);
    context.font = '12px system-ui';
    context.fillStyle = colour('soft');
    context.strokeStyle = colour('line');
    const x = t => left + (width - left - 6) * t / total, y = v => base - (base - 8) * Math.min(1, Math.max(0, (Math.log10(Math.max(v, 1e-3)) + 2.5) / 3));
    context.textAlign = 'right';
    for (const v of [2, 0.5, 0.1, 0.02]) {
        context.beginPath();
        context.moveTo(left, y(v));
        context.lineTo(width - 6, y(v));
        context.stroke();
        context.fillText(String(v), left - 6, y(v) + 4);
    }
    context.textAlign = 'center';
    for (let k = 0; k <= now.epochs; k++) context.fillText(`epoch ${k}`, Math.max(left + 20, Math.min(width - 30, x(total * k / now.epochs))), height - 4);
    context.strokeStyle = colour('accent');
    context.globalAlpha = 0.3;
    line(context, losses.map((v, t) => [x(t), y(v)]));
    context.globalAlpha = 1;
    context.lineWidth = 2;
    let smooth = losses[0];
    line(context, losses.map((v, t) => [x(t), y(smooth += 0.06 * (v - smooth))]));
    context.lineWidth = 1;
}

function line(context, points) {
    context.beginPath();
    points.forEach(([x, y], i) => (i ? context.lineTo(x, y) : context.moveTo(x, y)));
    context.stroke();
}

const percent = (v, digits = 1) => `${(100 * v).toFixed(digits)}%`;

function showTest() {
    ui.accuracy.textContent = percent(tested.accuracy, 2);
    const count = tested.confusion, rows = ui.confusion.querySelectorAll('tbody tr');
    rows.forEach((row, r) => row.querySelectorAll('td').forEach((cell, c) => {
        const v = count[10 * r + c], share = v / Math.max(1, count.slice(10 * r, 10 * r + 10).reduce((a, b) => a + b));
        cell.textContent = v || '';
        cell.style.background = v === 0 ? 'var(--shade)' : r === c ? `color-mix(in srgb, var(--accent) ${Math.round(15 + 50 * share)}%, var(--card))`
            : `color-mix(in srgb, #d5482a ${Math.round(15 + 60 * Math.min(1, share * 4))}%, var(--card))`;
    }));
    ui.mistakes.replaceChildren(...tested.mistakes.slice(0, 18).map(m => {
        const canvas = el('canvas', {'aria-hidden': 'true'});
        paint(canvas, SIDE, SIDE, (r, c) => m.pixels[SIDE * r + c], false, 1);
        return el('button', {'aria-label': `Digit ${m.index} is a ${m.label}, taken for a ${m.said}, sure to ${percent(m.confidence)}: look at it`, onclick: () => lookAt(m.pixels)},
            canvas, el('span', {}, `${m.label}, not ${m.said}`), el('span', {}, percent(m.confidence)));
    }));
}

// ---- The drawing

function lookAt(picture) {
    pixels.set(picture);
    ui.strokes = [];
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
    if (ui.strokes.length) return drawStrokes(context, width);
    const small = document.createElement('canvas');
    paint(small, SIDE, SIDE, (r, c) => pixels[SIDE * r + c], false, 1);
    context.drawImage(small, 0, 0, width, width);
}

function drawStrokes(context, width) {
    context.lineWidth = width / 13;
    context.lineCap = context.lineJoin = 'round';
    context.strokeStyle = '#14283a';
    for (const stroke of ui.strokes)
        line(context, stroke.length === 1 ? [stroke[0], stroke[0]].map(([x, y], i) => [x * width + i * 0.1, y * width]) : stroke.map(([x, y]) => [x * width, y * width]));
}

/** As MNIST was made: the ink in a box of 20 x 20 pixels, its centre of mass in the middle of 28 x 28. */
function takeDrawing() {
    const size = 280, canvas = new OffscreenCanvas(size, size), context = canvas.getContext('2d', {willReadFrequently: true});
    drawStrokes(context, size);
    const ink = context.getImageData(0, 0, size, size).data;
    let left = size, right = -1, top = size, bottom = -1;
    for (let y = 0; y < size; y++)
        for (let x = 0; x < size; x++)
            if (ink[4 * (y * size + x) + 3] > 40) {
                left = Math.min(left, x); right = Math.max(right, x); top = Math.min(top, y); bottom = Math.max(bottom, y);
            }
    pixels.fill(0);
    if (right >= 0) {
        const scale = 20 / Math.max(right - left + 1, bottom - top + 1, 60), small = new Float32Array(SIDE * SIDE);
        const put = (dx, dy, to) => {
            const box = new OffscreenCanvas(SIDE, SIDE).getContext('2d', {willReadFrequently: true});
            box.imageSmoothingQuality = 'high';
            box.setTransform(scale, 0, 0, scale, 14 - scale * (left + right + 1) / 2 + dx, 14 - scale * (top + bottom + 1) / 2 + dy);
            box.drawImage(canvas, 0, 0);
            const data = box.getImageData(0, 0, SIDE, SIDE).data;
            for (let i = 0; i < SIDE * SIDE; i++) to[i] = data[4 * i + 3] / 255;
        };
        put(0, 0, small);
        let mass = 0, mx = 0, my = 0;
        small.forEach((v, i) => { mass += v; mx += v * (i % SIDE + 0.5); my += v * (Math.floor(i / SIDE) + 0.5); });
        put(14 - mx / mass, 14 - my / mass, pixels);
    }
    look();
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
    showSum();
}

/** One number of the first convolution, from the numbers that it is made of. */
function showSum() {
    if (!seen || !network) return;
    const {k, r, c} = spot, patch = [], filter = [];
    let sum = 0;
    for (let i = 0; i < 25; i++) {
        const y = r + Math.floor(i / 5) - 2, x = c + i % 5 - 2, inside = y >= 0 && y < SIDE && x >= 0 && x < SIDE;
        patch.push(inside ? seen[0][SIDE * y + x] : 0);
        filter.push(network.first[6 * i + k]);
        sum += patch[i] * filter[i];
    }
    const most = largest(filter), table = (values, name, tinted) => el('table', {class: 'patch', 'aria-label': name}, el('tbody', {}, Array.from({length: 5}, (_, y) => el('tr', {},
        values.slice(5 * y, 5 * y + 5).map(v => el('td', {style: tinted ? `background:color-mix(in srgb, ${v < 0 ? '#3f6fe0' : '#d5482a'} ${Math.round(60 * Math.abs(v) / most)}%, var(--card))`
            : `background:color-mix(in srgb, var(--ink) ${Math.round(45 * Math.max(0, Math.min(1, v / 2.8)))}%, var(--card))`}, num(v, 2)))))));
    const told = seen[1][(SIDE * r + c) * 6 + k];
    ui.sum.replaceChildren(table(patch, 'The pixels under the filter', false), el('span', {}, '×'), table(filter, `Filter ${k + 1}`, true),
        el('p', {class: 'numbers', style: 'margin:0', id: 'sum'}, `sum ${num(sum)} + bias ${num(network.bias[k])} = ${num(told)}; ReLU makes ${num(Math.max(0, told))} of it`));
    ui.sumTitle.textContent = `Map ${k + 1}, row ${r + 1}, column ${c + 1}: 25 pixels, 25 weights`;
}

// ---- The page

const ui = {strokes: [], maps: [], units: []};

function download(bytes) {
    const url = URL.createObjectURL(new Blob([bytes], {type: 'application/octet-stream'}));
    el('a', {href: url, download: 'lenet.safetensors'}).click();
    setTimeout(() => URL.revokeObjectURL(url), 1000);
    toast('lenet.safetensors: ./run predict --load reads it too');
}

function choice(label, name, options, after = () => {}) {
    const id = `choose-${name}`, node = el('select', {id, onchange: event => {
        now[name] = typeof first[name] === 'number' ? Number(event.target.value) : event.target.value;
        after();
        changed();
    }}, options.map(([value, text]) => el('option', {value}, text)));
    ui[name] = node;
    return el('div', {class: 'field wide'}, el('label', {for: id}, label), node);
}

const changed = later(() => history.replaceState(null, '', link()));

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
    ui.strokes = [];
    ui.table.replaceChildren();
    ui.progress.value = 0;
    for (const figure of [ui.seconds, ui.step]) figure.textContent = '–';
    setBusy(false);
    sync();
    drawLosses();
    ask('forget'); // answered as at the beginning
    changed();
    toast('As at first');
}

function build() {
    header('Digits', [
        el('button', {onclick: () => showProgram('The C of this training', 'It prints the losses and accuracies of this page, the same digits with TARN_SIMD=baseline.', program(now))}, 'Show me the C'),
        el('button', {onclick: () => { history.replaceState(null, '', link()); copy(location.href, 'The link to these settings is copied'); }}, 'Share'),
        el('button', {class: 'quiet', onclick: startOver}, 'Reset')]);
    ui.train = el('button', {class: 'primary', id: 'train', disabled: true, onclick: train}, '▶ Train from scratch');
    ui.problem = el('p', {class: 'error', role: 'alert'});
    ui.progress = el('progress', {max: 1, value: 0, 'aria-label': 'Training'});
    ui.accuracy = el('strong', {id: 'accuracy'}, '–');
    ui.seconds = el('strong', {id: 'seconds'}, '–');
    ui.step = el('strong', {id: 'step'}, '–');
    ui.chart = el('canvas', {role: 'img', 'aria-label': 'The loss, batch by batch', style: 'height:150px'});
    ui.table = el('tbody');
    const scale = {to: p => Number((1e-5 * 1e5 ** (p / 1000)).toPrecision(2)), from: v => 1000 * Math.log(v / 1e-5) / Math.log(1e5)};
    ui.lr = slider({label: 'rate, η', min: 0, max: 1000, step: 1, value: now.lr, scale, oninput: v => { now.lr = v; changed(); }});
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
    ui.paper = el('canvas', {id: 'paper', tabindex: 0, role: 'img', 'aria-label': 'Paper to draw a digit on; the buttons of the surest mistakes put one there too'});
    ui.answers = el('div', {class: 'answers', 'aria-hidden': 'true'});
    ui.said = el('p', {class: 'out', 'aria-live': 'polite', id: 'said'});
    ui.maps = MAPS.map(([, , , name], i) => el('canvas', {role: 'img', 'aria-label': `Feature maps after ${name}`, tabindex: i === 0 ? 0 : null, style: i === 0 ? 'cursor:crosshair' : null}));
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
                    el('div', {class: 'row'}, ui.train, el('button', {id: 'save', onclick: () => ask('save')}, 'Save'), el('label', {class: 'button', for: 'file', style: 'color:inherit'}, 'Load…'), ui.file),
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
                    el('p', {class: 'row', style: 'margin:.5rem 0 0'}, el('button', {id: 'clear', onclick: () => { pixels.fill(0); ui.strokes = []; showPaper(); look(); changed(); }}, 'Clear'))), ui.answers), ui.said),
                el('section', {class: 'card maps'}, el('h2', {}, 'Every layer answers'),
                    MAPS.map(([, side, channels, name], i) => el('div', {class: 'layer'}, el('span', {}, `${name}: ${channels} × ${side} × ${side}`), ui.maps[i])),
                    el('div', {class: 'layer'}, el('span', {}, 'linear, ReLU: 120'), ui.units[0]), el('div', {class: 'layer'}, el('span', {}, 'linear, ReLU: 84'), ui.units[1]),
                    ui.sumTitle, ui.sum, el('p', {class: 'hint'}, 'Point at a map of the first row, or go there by arrow keys, to see what a number in it is made of.')),
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
        ui.strokes.push([place(event)]);
        showPaper();
    });
    ui.paper.addEventListener('pointermove', event => {
        if (!drawing) return;
        ui.strokes.at(-1).push(place(event));
        showPaper();
        takeDrawing();
    });
    const end = () => { if (drawing) takeDrawing(), changed(); drawing = false; };
    ui.paper.addEventListener('pointerup', end);
    ui.paper.addEventListener('pointercancel', end);
    const point = (k, r, c) => {
        spot = {k: Math.max(0, Math.min(5, k)), r: Math.max(0, Math.min(27, r)), c: Math.max(0, Math.min(27, c))};
        showSum();
        changed();
    };
    ui.maps[0].addEventListener('pointermove', event => {
        const box = ui.maps[0].getBoundingClientRect(), x = (event.clientX - box.left) / box.width * (6 * 29 - 1), y = (event.clientY - box.top) / box.height * 28;
        point(Math.floor(x / 29), Math.floor(y), Math.floor(x % 29));
    });
    ui.maps[0].addEventListener('keydown', event => {
        const by = {ArrowLeft: [0, -1], ArrowRight: [0, 1], ArrowUp: [-1, 0], ArrowDown: [1, 0]}[event.key];
        if (!by) return;
        event.preventDefault();
        const c = spot.c + by[1];
        point(spot.k + (c < 0 ? -1 : c > 27 ? 1 : 0), spot.r + by[0], c < 0 ? 27 : c > 27 ? 0 : c);
    });
    addEventListener('hashchange', () => { readLink(); sync(); begin(); });
    addEventListener('themechange', () => { drawLosses(); if (tested) showTest(); });
    new ResizeObserver(() => { drawLosses(); showPaper(); }).observe(document.querySelector('.digits'));
}

/** What the link asks for, once there is a network: a drawing, or the surest mistake; and to train. */
function begin() {
    const strokes = ui.strokes;
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
        drawLosses();
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

readLink();
build();
sync();
listen();
worker.addEventListener('message', ({data}) => hears[data.what](data));
worker.addEventListener('error', event => hears.problem({text: event.message || 'The worker could not start: this browser may be too old.'}));
