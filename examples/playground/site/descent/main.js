// The room Descent: what is chosen, the walk, and the pictures of it.
import {el, slider, header, showProgram, share, toast} from '../lib/page.js';
import {logSlider, shortcuts} from '../lib/controls.js';
import {onArrows, onDrags, turns} from '../lib/pointer.js';
import {surfaces} from './surfaces.js';
import {tarn, lists, situations, now, surfaceNow, start, optionsText, link, keepLink, readLink, EXAMPLES} from './situation.js';
import {at, walks, startAgain, goTo, play, playing, setSpeed, restart, whenWalked} from './walk.js';
import {mapCanvas, reliefCanvas, chartCanvas, takeSurface, drawMap, drawRelief, drawChart} from './pictures.js';
import {buildHikers, another, whenChosen} from './hikers.js';
import {whole, describe, showRule, analogy} from './words.js';
import {program} from './program.js';

const controls = {};

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
    showRule(controls.ruleTitle, controls.rule);
    if (!playing) say();
    keepLink();
}

function showPlaying() {
    controls.play.textContent = playing ? '❚❚ Pause' : '▶ Play';
    controls.play.setAttribute('aria-pressed', playing);
    if (!playing) say();
}

/** Takes the surface, and says what is wrong with it. */
function surfaceTaken() {
    const wrong = takeSurface();
    controls.error.textContent = wrong;
    return !wrong;
}

// ---- The controls

function buildControls() {
    controls.error = el('p', {class: 'error', role: 'alert', id: 'formula-error'});
    controls.said = el('p', {class: 'out', 'aria-live': 'polite'});
    controls.about = el('p', {class: 'hint'});
    controls.surface = el('select', {id: 'surface', onchange: event => choose(event.target.value)}, surfaces.map(s => el('option', {value: s.name}, s.title)));
    controls.formula = el('input', {type: 'text', id: 'formula', spellcheck: 'false', autocomplete: 'off', style: 'width:100%', 'aria-describedby': 'formula-error',
        onchange: event => { now.surface = 'own'; now.formula = event.target.value; controls.surface.value = 'own'; if (surfaceTaken()) { now.step = 0; startAgain(); } }});
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
    controls.noise = logSlider({label: 'how they differ', low: 1e-2, high: 1e3, zero: true, value: now.noise, oninput: v => { now.noise = v; restart(); },
        hint: 'The loss of each example is the surface, tilted in its own way by about so much'});
    controls.seed = slider({label: 'seed', min: 1, max: 100, step: 1, value: now.seed, text: v => String(v), oninput: v => { now.seed = v; restart(); }});
}

function choose(name) {
    now.surface = name;
    now.place = null;
    now.step = 0;
    play(false);
    syncControls();
    surfaceTaken();
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

function build() {
    buildControls();
    header('Descent', [
        el('button', {onclick: showC}, 'Show me the C'),
        share(link),
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
                            el('select', {id: 'speed', 'aria-label': 'Speed', onchange: event => { setSpeed(Number(event.target.value)); }},
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
                el('section', {class: 'card'}, el('h2', {}, 'Optimizers'), el('div', {id: 'hikers'}), another),
                el('section', {class: 'card options'}, el('h2', {}, 'The rate, and noise'),
                    el('div', {class: 'field wide'}, el('label', {for: 'schedule'}, 'schedule'), controls.schedule), controls.total.node,
                    el('div', {class: 'field wide'}, el('label', {for: 'batch'}, 'gradient of'), controls.batch), controls.noise.node, controls.seed.node))));
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
    onDrags(mapCanvas, event => {
        const box = mapCanvas.getBoundingClientRect(), s = surfaceNow();
        startAt(s.low[0] + (s.high[0] - s.low[0]) * (event.clientX - box.left) / box.width,
            s.high[1] - (s.high[1] - s.low[1]) * (event.clientY - box.top) / box.height);
    }, () => {
        const {place, step} = now;
        return () => {
            Object.assign(now, {place, step});
            startAgain();
        };
    });
    onArrows(mapCanvas, by => {
        const s = surfaceNow();
        startAt(...start().map((v, k) => v + by[k] * (s.high[k] - s.low[k]) / 40));
    });
    turns(reliefCanvas, () => now, show);
    const go = by => { play(false); goTo(now.step + by); };
    shortcuts({' ': () => play(!playing), '.': () => go(1), ',': () => go(-1)});
    addEventListener('hashchange', begin);
    addEventListener('themechange', show);
    new ResizeObserver(() => requestAnimationFrame(show)).observe(document.querySelector('.views'));
}

function begin() {
    play(false);
    readLink();
    syncControls();
    if (!surfaceTaken()) controls.about.textContent = '';
    startAgain();
}

whenWalked(show, showPlaying);
whenChosen(show);
build();
begin();
listen();
document.documentElement.dataset.ready = 'true';
