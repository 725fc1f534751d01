// The room Descent: what is chosen, the walk, and the pictures of it.
import {el, num, slider, header, copy, showProgram, sized, colour, toast} from '../lib/page.js';
import {load} from '../lib/tarn.js';
import {paintMap, drawTrails, Relief, trailColours} from '../lib/terrain.js';
import {surfaces, usefulRate, heights} from './surfaces.js';
import {explain} from './rules.js';
import {program} from './program.js';

const EXAMPLES = 64, MOST_STEPS = 20000, MOST_HIKERS = trailColours.length;
const at = (record, k) => record[3 + 11 * k], to = (record, k) => record[13 + 11 * k];

const tarn = await load('descent');
const lists = JSON.parse(tarn.lists());
const entry = name => lists.optimizers.find(o => o.name === name);

// ---- The situation, and its link

function firstSituation() {
    return {surface: 'rosenbrock', formula: surfaces.at(-1).formula, place: null, schedule: '', total: 500, batch: EXAMPLES, noise: 1,
        seed: 1, step: 0, turn: -0.5, tilt: 0.75, chosen: 0, hikers: ['sgd', 'momentum', 'rmsprop', 'adam'].map(optimizer => ({optimizer, options: {}}))};
}

let now = firstSituation();

const surfaceNow = () => {
    const s = surfaces.find(one => one.name === now.surface);
    return s.name === 'own' ? {...s, formula: now.formula} : s;
};
const start = () => now.place || surfaceNow().start;

/** All options of a hiker: the library's defaults, a rate that suits the surface, what was set. */
function optionsOf(hiker) {
    const all = Object.fromEntries(entry(hiker.optimizer).options.map(o => [o.name, o.value]));
    all.lr = usefulRate(hiker.optimizer, surfaceNow());
    return {...all, ...hiker.options};
}

/** Those to be told: the others are as the library, or the name, has them. */
function optionsText(hiker) {
    return Object.entries(optionsOf(hiker)).filter(([name, value]) =>
        name === 'lr' || value !== entry(hiker.optimizer).options.find(o => o.name === name).value)
        .map(([name, value]) => `${name}=${isSwitch(hiker, name) ? Boolean(value) : value}`).join(',');
}

const isSwitch = (hiker, name) => entry(hiker.optimizer).options.find(o => o.name === name).range === 'switch';

function link() {
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

let linkTimer;
function keepLink() {
    clearTimeout(linkTimer);
    linkTimer = setTimeout(() => history.replaceState(null, '', link()), 250);
}

const within = (text, low, high, otherwise) => {
    const value = Number(text);
    return text !== null && text !== '' && value >= low && value <= high ? value : otherwise;
};

/** What a link says; what it says wrongly is as at first. */
function readLink() {
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
    now.schedule = p.get('schedule') || '';
    now.total = within(p.get('total'), 1, MOST_STEPS, first.total);
    now.batch = [1, 8, EXAMPLES].includes(Number(p.get('batch'))) ? Number(p.get('batch')) : EXAMPLES;
    now.noise = within(p.get('noise'), 0, 1e4, first.noise);
    now.seed = Math.round(within(p.get('seed'), 0, 1e6, first.seed));
    now.step = Math.round(within(p.get('step'), 0, MOST_STEPS, 0));
    now.chosen = Math.round(within(p.get('chosen'), 0, now.hikers.length - 1, 0));
    const [turn, tilt] = (p.get('view') || '').split(',').map(Number);
    if (Number.isFinite(turn) && tilt >= 0.15 && tilt <= 1.57) Object.assign(now, {turn, tilt});
}

// ---- The walk. Every step of everyone is remembered, so that one can go back.

let walks = [];

function startAgain() {
    walks = now.hikers.map((hiker, i) => {
        const error = tarn.drop(i, ...start(), hiker.optimizer, optionsText(hiker), now.schedule, now.total, now.batch, now.noise, now.seed);
        return {error, records: [], ended: Boolean(error)};
    });
    goTo(now.step);
}

function stepOne(i) {
    const walk = walks[i], address = tarn.step(i);
    if (!address) {
        walk.ended = true;
        walk.error = tarn.problem();
        return;
    }
    const record = tarn.module.HEAPF64.slice(address / 8, address / 8 + 25);
    if (Number.isFinite(record[1])) walk.records.push(record);
    walk.ended = ![record[1], to(record, 0), to(record, 1)].every(Number.isFinite);
}

/** Shows the situation after so many steps, which are taken if they were not yet. */
function goTo(step) {
    now.step = Math.max(0, Math.min(step, MOST_STEPS));
    walks.forEach((walk, i) => {
        while (!walk.ended && walk.records.length < now.step) stepOne(i);
    });
    show();
}

let playing = false, speed = 1, owed = 0;

function play(on) {
    playing = on;
    controls.play.textContent = on ? '❚❚ Pause' : '▶ Play';
    controls.play.setAttribute('aria-pressed', on);
    if (on) requestAnimationFrame(frame);
    else say();
}

function frame() {
    if (!playing) return;
    owed += speed;
    const whole = Math.floor(owed);
    owed -= whole;
    if (whole) goTo(now.step + whole);
    if (now.step >= MOST_STEPS || walks.every(w => w.ended && w.records.length <= now.step)) play(false);
    requestAnimationFrame(frame);
}

// ---- The pictures

let terrain = null, relief = null, map = null, drawn = '';
const relief3d = new Relief();
const mapCanvas = el('canvas', {tabindex: 0, role: 'img', 'aria-describedby': 'mapkeys'});
const reliefCanvas = el('canvas', {class: 'turns', tabindex: 0, role: 'img', 'aria-describedby': 'reliefkeys'});
const chartCanvas = el('canvas', {role: 'img'});

function takeSurface() {
    const s = surfaceNow(), wrong = tarn.surface(s.formula);
    controls.error.textContent = wrong ? `The formula: ${wrong}.` : '';
    if (wrong && !terrain) tarn.surface(surfaces[0].formula);
    if (wrong) return false;
    terrain = heights(tarn, s, 200);
    relief = heights(tarn, s, 56);
    if (!terrain) {
        controls.error.textContent = 'The formula has no finite value here.';
        tarn.surface(surfaces[0].formula);
        terrain = heights(tarn, surfaces[0], 200);
        relief = heights(tarn, surfaces[0], 56);
    }
    map = null;
    return true;
}

const placeIn = (s, x, y) => [(x - s.low[0]) / (s.high[0] - s.low[0]), (y - s.low[1]) / (s.high[1] - s.low[1])];

/** The trail of a walk up to the step that is shown: [x, y, f]; the last place without its f. */
function trail(walk) {
    const shown = walk.records.slice(0, now.step), points = shown.map(r => [at(r, 0), at(r, 1), r[1]]);
    if (shown.length) points.push([to(shown.at(-1), 0), to(shown.at(-1), 1), (walk.records[shown.length] || shown.at(-1))[1]]);
    else points.push([...start(), NaN]);
    return points.filter(p => Number.isFinite(p[0]) && Number.isFinite(p[1]));
}

function drawMap() {
    const {context, width} = sized(mapCanvas, 1), s = surfaceNow();
    if (!map || map.width !== mapCanvas.width) map = paintMap(terrain, mapCanvas.width);
    context.drawImage(map, 0, 0, width, width);
    const pixel = ([x, y]) => {
        const [u, v] = placeIn(s, x, y);
        return [Math.max(-1e4, Math.min(1e4, u * width)), Math.max(-1e4, Math.min(1e4, (1 - v) * width))];
    };
    const [x, y] = pixel(start());
    context.strokeStyle = '#fff';
    context.lineWidth = 2;
    context.beginPath();
    context.arc(x, y, 11, 0, 7);
    context.stroke();
    drawTrails(context, walks.map((walk, i) => ({colour: trailColours[i], selected: i === now.chosen, points: trail(walk).map(pixel)})));
}

function drawRelief() {
    const s = surfaceNow(), {context, project} = relief3d.draw(reliefCanvas, relief, now.turn, now.tilt);
    drawTrails(context, walks.map((walk, i) => ({colour: trailColours[i], selected: i === now.chosen,
        points: trail(walk).map(([x, y, f]) => {
            const [u, v] = placeIn(s, x, y).map(p => Math.max(0, Math.min(1, p)));
            const column = Math.round(u * (terrain.n - 1)), row = Math.round(v * (terrain.n - 1));
            const level = u > 0 && u < 1 && v > 0 && v < 1 && Number.isFinite(f) ? relief.level(f) : terrain.levels[row * terrain.n + column];
            return project(2 * u - 1, 2 * v - 1, level + 0.012);
        })})));
}

/** f of each step, above the lowest point known, by logarithm. */
function drawChart() {
    const {context, width, height} = sized(chartCanvas), ink = colour('soft'), line = colour('line');
    const floor = walks.reduce((least, w) => w.records.reduce((low, r) => Math.min(low, r[1]), least), terrain.lowest);
    const seen = Math.max(1e-6, ...walks.map(w => w.records.slice(0, now.step + 1).reduce((most, r) => Math.max(most, r[1] - floor), 0)));
    const top = Math.log10(seen) + 0.3, bottom = top - 7, left = 52, base = height - 22;
    const steps = Math.max(100, now.step), x = t => left + (width - left - 8) * t / steps;
    const y = f => base - (base - 10) * Math.max(0, Math.min(1, (Math.log10(Math.max(f - floor, 1e-30)) - bottom) / (top - bottom)));
    context.clearRect(0, 0, width, height);
    context.font = '12px system-ui';
    context.fillStyle = ink;
    context.strokeStyle = line;
    context.textAlign = 'right';
    for (let power = Math.ceil(bottom); power <= top; power += 2) {
        const h = y(floor + 10 ** power);
        context.beginPath();
        context.moveTo(left, h);
        context.lineTo(width - 8, h);
        context.stroke();
        context.fillText(num(10 ** power, 3), left - 6, h + 4);
    }
    context.textAlign = 'center';
    for (let k = 0; k <= 4; k++) context.fillText(Math.round(steps * k / 4), Math.min(x(steps * k / 4), width - 22), height - 6);
    walks.forEach((walk, i) => {
        context.strokeStyle = context.fillStyle = trailColours[i];
        if (i === 1 && document.documentElement.dataset.theme === 'dark') context.strokeStyle = context.fillStyle = '#dfe7ee';
        context.lineWidth = i === now.chosen ? 2.6 : 1.6;
        context.beginPath();
        const count = Math.min(now.step, walk.records.length), every = Math.max(1, Math.floor(count / 1500));
        for (let t = 0; t < count; t += every) t ? context.lineTo(x(t), y(walk.records[t][1])) : context.moveTo(x(t), y(walk.records[t][1]));
        context.stroke();
    });
}

// ---- The words and numbers

const whole = text => String(text).replace(/\B(?=(\d{3})+$)/g, ' ');

function describe(walk, i) {
    const name = now.hikers[i].optimizer;
    if (walk.error) return `${name}: ${walk.error}`;
    const r = walk.records[now.step - 1];
    if (!r) return walk.records.length < now.step ? `left the numbers after step ${walk.records.length}` : `at (${start().map(v => num(v)).join(', ')})`;
    return `at (${num(to(r, 0))}, ${num(to(r, 1))}), f was ${num(r[1])}`;
}

function showRule() {
    const i = now.chosen, hiker = now.hikers[i], walk = walks[i], box = controls.rule, rule = entry(hiker.optimizer).rule;
    controls.ruleTitle.textContent = `${hiker.optimizer}: the rule, with the numbers of this step`;
    const record = walk.records[Math.max(0, Math.min(now.step, walk.records.length) - 1)];
    if (!record || now.step === 0) {
        box.replaceChildren(el('p', {class: 'hint'}, walk.error || 'Take a step, and its numbers stand here.'));
        return;
    }
    const {rows} = explain(rule, optionsOf(hiker), record), body = el('tbody');
    for (const row of rows) {
        const tr = el('tr');
        tr.innerHTML = `<td class="formula">${row.formula}</td><td>${row.x}</td><td>${row.y}</td>`;
        body.append(tr);
    }
    const head = el('thead', {}, el('tr', {}, el('th', {scope: 'col'}, `step ${record[0]}, η = ${num(record[2])}, f = ${num(record[1])}`),
        el('th', {scope: 'col'}, 'w = x'), el('th', {scope: 'col'}, 'w = y')));
    box.replaceChildren(el('table', {}, head, body));
}

function say() {
    controls.said.textContent = `Step ${now.step}. ${walks.map((w, i) => `${now.hikers[i].optimizer} ${describe(w, i)}`).join('. ')}`;
}

function show() {
    drawMap();
    drawRelief();
    drawChart();
    controls.count.textContent = `step ${whole(now.step)}`;
    const ahead = Math.max(100, ...walks.map(w => w.records.length));
    controls.time.max = ahead;
    controls.time.value = now.step;
    controls.time.setAttribute('aria-valuetext', `step ${now.step}`);
    document.querySelectorAll('.hiker').forEach((node, i) => {
        if (!walks[i]) return;
        const line = node.querySelector('.at'), record = walks[i].records[now.step - 1];
        line.textContent = describe(walks[i], i);
        if (record) Object.assign(line.dataset, {x: at(record, 0), y: at(record, 1), f: record[1]}); // all digits
    });
    showRule();
    if (!playing) say();
    keepLink();
}

// ---- The controls

const controls = {};

function logScale(low, high) {
    return {to: p => (p <= 0 ? 0 : Number((low * (high / low) ** ((p - 1) / 999)).toPrecision(3))),
        from: v => (v <= 0 ? 0 : 1 + 999 * Math.log(v / low) / Math.log(high / low))};
}
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
    return slider({label, min: option.range === 'positive' ? 1 : 0, max: 1000, step: 1, value, scale: logScale(low, high), oninput: set}).node;
}

let restarting = 0;
function restart() {
    cancelAnimationFrame(restarting);
    restarting = requestAnimationFrame(startAgain);
}

function buildHikers(open = -1) {
    const list = document.getElementById('hikers');
    list.replaceChildren(...now.hikers.map((hiker, i) => {
        const choose = () => { now.chosen = i; mark(); show(); };
        const select = el('select', {'aria-label': `Optimizer ${i + 1}`, onchange: event => {
            now.hikers[i] = {optimizer: event.target.value, options: {}};
            now.chosen = i;
            buildHikers(i);
            restart();
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
                restart();
            }}, '✕')), el('p', {class: 'at'}), details);
    }));
    controls.add.disabled = now.hikers.length === MOST_HIKERS;
    mark();
}

function mark() {
    document.querySelectorAll('.hiker').forEach((node, i) => {
        node.querySelector('.row button:nth-of-type(2)').setAttribute('aria-pressed', i === now.chosen);
    });
}

function buildControls() {
    controls.error = el('p', {class: 'error', role: 'alert', id: 'formula-error'});
    controls.said = el('p', {class: 'out', 'aria-live': 'polite'});
    controls.about = el('p', {class: 'hint'});
    controls.surface = el('select', {id: 'surface', onchange: event => choose(event.target.value)}, surfaces.map(s => el('option', {value: s.name}, s.title)));
    controls.formula = el('input', {type: 'text', id: 'formula', spellcheck: 'false', autocomplete: 'off', style: 'width:100%', 'aria-describedby': 'formula-error',
        onchange: event => { now.surface = 'own'; now.formula = event.target.value; controls.surface.value = 'own'; if (takeSurface()) { now.step = 0; startAgain(); } }});
    controls.add = el('button', {onclick: () => {
        const unused = lists.optimizers.find(o => !now.hikers.some(h => h.optimizer === o.name));
        now.hikers.push({optimizer: (unused || lists.optimizers[0]).name, options: {}});
        now.chosen = now.hikers.length - 1;
        buildHikers(now.chosen);
        restart();
    }}, '+ another optimizer');
    controls.play = el('button', {class: 'primary', id: 'play', onclick: () => play(!playing)}, '▶ Play');
    controls.count = el('span', {class: 'numbers', id: 'count'});
    controls.time = el('input', {type: 'range', min: 0, max: 100, value: 0, 'aria-label': 'Step', oninput: event => { play(false); goTo(Number(event.target.value)); }});
    controls.rule = el('div', {class: 'rule', id: 'rule', tabindex: 0, role: 'region', 'aria-label': 'The rule with its numbers'});
    controls.ruleTitle = el('h2');
    controls.schedule = el('select', {id: 'schedule', onchange: event => {
        now.schedule = {step: `step:every=${Math.round(now.total / 4)}`, warmup: `warmup:steps=${Math.round(now.total / 5)}`,
            cosine_restarts: `cosine_restarts:first=${Math.round(now.total / 4)}`}[event.target.value] || event.target.value;
        restart();
    }}, [['', 'constant'], ...lists.schedules.map(s => [s.name, s.name.replace('_', ' ')])].map(([value, text]) => el('option', {value}, text)));
    controls.total = slider({label: 'over so many steps', min: 10, max: 2000, step: 10, value: now.total, text: v => String(v), oninput: v => {
        now.total = v;
        controls.schedule.dispatchEvent(new Event('change'));
    }});
    controls.batch = el('select', {id: 'batch', onchange: event => { now.batch = Number(event.target.value); restart(); }},
        [[EXAMPLES, 'batch: all 64 examples'], [8, 'mini-batch: 8 examples'], [1, 'stochastic: 1 example']].map(([v, t]) => el('option', {value: v}, t)));
    controls.noise = slider({label: 'how they differ', min: 0, max: 1000, step: 1, value: now.noise, scale: logScale(1e-2, 1e3), oninput: v => { now.noise = v; restart(); },
        hint: 'The loss of each example is the surface, tilted in its own way by about so much'});
    controls.seed = slider({label: 'seed', min: 1, max: 100, step: 1, value: now.seed, text: v => String(v), oninput: v => { now.seed = v; restart(); }});
}

function choose(name) {
    now.surface = name;
    now.place = null;
    now.step = 0;
    play(false);
    syncControls();
    takeSurface();
    startAgain();
}

function syncControls() {
    const s = surfaceNow();
    controls.surface.value = now.surface;
    controls.formula.value = s.formula;
    controls.about.textContent = s.text;
    controls.schedule.value = now.schedule.split(':')[0];
    controls.total.set(now.total);
    controls.batch.value = now.batch;
    controls.noise.set(now.noise);
    controls.seed.set(now.seed);
    mapCanvas.setAttribute('aria-label', `${s.title} seen from above, with the trails of the optimizers`);
    reliefCanvas.setAttribute('aria-label', `${s.title} as a relief, with the trails of the optimizers`);
    chartCanvas.setAttribute('aria-label', 'The height of each optimizer above the lowest point, step by step');
    buildHikers();
}

const situations = [
    ['A valley of zigzags', '#surface=ravine&o=sgd&o=momentum&o=adam&step=60'],
    ['Too large a step', '#surface=bowl&o=sgd,lr=0.4&o=sgd,lr=0.98&o=sgd,lr=1.02&step=12'],
    ['Who leaves the pass?', '#surface=saddle&o=sgd&o=momentum&o=rmsprop&o=adam&step=60'],
    ['Without bias correction', '#surface=bowl&o=adam,lr=0.1&o=adam,lr=0.1,bias_correction=0&step=25'],
    ['Noise of small batches', '#surface=bowl&o=sgd,lr=0.2&o=momentum-ema,lr=0.2&batch=1&noise=2&step=120'],
    ['…and a rate that falls', '#surface=bowl&o=sgd,lr=0.2&batch=1&noise=2&schedule=cosine&total=300&step=300'],
    ['An egg box', '#surface=rastrigin&o=sgd&o=momentum,momentum=0.97&o=adam,lr=0.5&step=200'],
];

function build() {
    buildControls();
    header('Descent', [
        el('button', {onclick: showC}, 'Show me the C'),
        el('button', {onclick: () => { history.replaceState(null, '', link()); copy(location.href, 'The link to this situation is copied'); }}, 'Share'),
        el('button', {class: 'quiet', onclick: () => { location.hash = ''; begin(); toast('As at first'); }}, 'Reset')]);
    const main = document.querySelector('main');
    main.append(
        el('h1', {}, 'Descent'),
        el('p', {class: 'lead'}, 'Optimizers on their way down a surface of two parameters. Click on the map to set them all down there.'),
        el('div', {class: 'descent'},
            el('div', {class: 'stack'},
                el('section', {class: 'card stack', 'aria-label': 'The surface'},
                    el('div', {class: 'views'},
                        el('div', {class: 'view'}, mapCanvas, el('span', {class: 'caption'}, 'from above: click to start there')),
                        el('div', {class: 'view'}, reliefCanvas, el('span', {class: 'caption'}, 'drag to turn'))),
                    el('div', {class: 'transport'},
                        el('div', {class: 'row'}, controls.play,
                            el('button', {id: 'back', 'aria-label': 'One step back', onclick: () => { play(false); goTo(now.step - 1); }}, '◂ step'),
                            el('button', {id: 'step', 'aria-label': 'One step on', onclick: () => { play(false); goTo(now.step + 1); }}, 'step ▸'),
                            el('button', {id: 'rewind', onclick: () => { play(false); goTo(0); }}, '◂◂ start'),
                            el('label', {for: 'speed'}, 'speed'),
                            el('select', {id: 'speed', onchange: event => { speed = Number(event.target.value); }},
                                [[0.05, '3 a second'], [0.25, '15 a second'], [1, '60 a second'], [5, '300 a second'], [20, '1200 a second']]
                                    .map(([v, t]) => el('option', {value: v, selected: v === 1}, t))),
                            controls.count), controls.time),
                    el('p', {class: 'out', id: 'mapkeys'}, 'Arrow keys move the start.'), el('p', {class: 'out', id: 'reliefkeys'}, 'Arrow keys turn it.'), controls.said),
                el('section', {class: 'card'}, controls.ruleTitle, controls.rule),
                el('section', {class: 'card chart'}, el('h2', {}, 'Height above the lowest point'), chartCanvas),
                analogy()),
            el('div', {class: 'stack'},
                el('section', {class: 'card'}, el('h2', {}, el('label', {for: 'surface', style: 'font-size:1.02rem;color:inherit'}, 'Surface')), controls.surface, controls.about,
                    el('p', {style: 'margin:.6rem 0 .2rem'}, el('label', {for: 'formula'}, 'f(x, y) =')), controls.formula, controls.error,
                    el('h3', {}, 'Situations'), el('div', {class: 'presets'}, situations.map(([text, href]) => el('a', {class: 'button', href}, text)))),
                el('section', {class: 'card'}, el('h2', {}, 'Optimizers'), el('div', {id: 'hikers'}), controls.add),
                el('section', {class: 'card options'}, el('h2', {}, 'The rate, and noise'),
                    el('div', {class: 'field wide'}, el('label', {for: 'schedule'}, 'schedule'), controls.schedule), controls.total.node,
                    el('div', {class: 'field wide'}, el('label', {for: 'batch'}, 'gradient of'), controls.batch), controls.noise.node, controls.seed.node))));
}

function analogy() {
    const rows = [['the landscape', 'the objective: its height is what is to become small'],
        ['where you stand', 'the parameters, here x and y'],
        ['the slope under your feet', 'the gradient; in the fog it is all that you know of the landscape'],
        ['how far you step', 'the learning rate: too short, and evening comes; too long, and you leap from slope to slope'],
        ['how you walk', 'the optimizer: straight down (sgd), rolling on like a ball (momentum), shortening the stride where it is steep (Adagrad, RMSprop), or both (Adam)'],
        ['a valley that is not the deepest', 'a local minimum: only the way in shows, not that there is a deeper one behind the ridge'],
        ['a pass', 'a saddle: flat for a moment, yet no end'],
        ['gusts of wind', 'the noise of small batches: they push off the path, and sometimes out of a hollow']];
    const file = name => `source.html#${name}`;
    return el('section', {class: 'card analogy'}, el('h2', {}, 'Hills and valleys'), el('table', {}, el('tbody', {}, rows.map(([a, b]) => el('tr', {}, el('th', {scope: 'row'}, a), el('td', {}, b))))),
        el('p', {class: 'hint'}, 'More: ', el('a', {href: file('docs/book/3-descent.md')}, 'descent'), ', ', el('a', {href: file('docs/book/4-momentum.md')}, 'momentum'), ', ',
            el('a', {href: file('docs/book/6-adam.md')}, 'Adam'), ', ', el('a', {href: file('docs/optimizers.md')}, 'all optimizers'), '. What runs here: ',
            el('a', {href: file('examples/playground/descent.c')}, 'descent.c'), ', and in ', ...lists.optimizers.filter(o => o.preset === '').flatMap((o, i) => [i ? ', ' : '', el('a', {href: file(`optim/${o.extra ? 'extras/' : ''}${o.name}.c`)}, `${o.name}.c`)]), '.'));
}

function showC() {
    const hiker = now.hikers[now.chosen];
    const text = program({surface: tarn.surface_in_c(), hiker: {optimizer: hiker.optimizer, options: optionsText(hiker)},
        place: start(), schedule: now.schedule, total: now.total, steps: Math.max(now.step, 10), noise: now.batch === EXAMPLES ? null : {batch: now.batch, noise: now.noise, seed: now.seed}});
    showProgram(`The C of ${hiker.optimizer}`, 'It prints the numbers of this page, to the last digit on the baseline kernels (TARN_SIMD=baseline).', text);
}

// ---- The pointer and the keys

function startAt(x, y) {
    const s = surfaceNow();
    now.place = [x, y].map((v, k) => Number(Math.max(s.low[k], Math.min(s.high[k], v)).toPrecision(4)));
    now.step = 0;
    startAgain();
}

function listen() {
    mapCanvas.addEventListener('pointerdown', event => {
        mapCanvas.setPointerCapture(event.pointerId);
        drag(event);
    });
    const drag = event => {
        if (!mapCanvas.hasPointerCapture(event.pointerId)) return;
        const box = mapCanvas.getBoundingClientRect(), s = surfaceNow();
        startAt(s.low[0] + (s.high[0] - s.low[0]) * (event.clientX - box.left) / box.width,
            s.high[1] - (s.high[1] - s.low[1]) * (event.clientY - box.top) / box.height);
    };
    mapCanvas.addEventListener('pointermove', drag);
    const arrows = {ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1]};
    mapCanvas.addEventListener('keydown', event => {
        const by = arrows[event.key], s = surfaceNow();
        if (!by) return;
        event.preventDefault();
        startAt(...start().map((v, k) => v + by[k] * (s.high[k] - s.low[k]) / 40));
    });
    const turn = (dx, dy) => {
        now.turn = (now.turn + dx) % (2 * Math.PI);
        now.tilt = Math.max(0.15, Math.min(1.57, now.tilt + dy));
        show();
    };
    reliefCanvas.addEventListener('pointerdown', event => reliefCanvas.setPointerCapture(event.pointerId));
    reliefCanvas.addEventListener('pointermove', event => {
        if (reliefCanvas.hasPointerCapture(event.pointerId)) turn(event.movementX * 0.009, event.movementY * 0.006);
    });
    reliefCanvas.addEventListener('keydown', event => {
        const by = arrows[event.key];
        if (!by) return;
        event.preventDefault();
        turn(by[0] * 0.1, -by[1] * 0.06);
    });
    document.addEventListener('keydown', event => {
        if (event.target.closest('input, select, button, textarea, a, dialog, summary') || event.ctrlKey || event.metaKey || event.altKey) return;
        if (event.key === ' ') { event.preventDefault(); play(!playing); }
        if (event.key === '.') { play(false); goTo(now.step + 1); }
        if (event.key === ',') { play(false); goTo(now.step - 1); }
    });
    addEventListener('hashchange', begin);
    addEventListener('themechange', show);
    new ResizeObserver(() => requestAnimationFrame(show)).observe(document.querySelector('.views'));
}

function begin() {
    play(false);
    readLink();
    syncControls();
    if (!takeSurface()) controls.about.textContent = '';
    startAgain();
}

build();
begin();
listen();
document.documentElement.dataset.ready = 'true';
