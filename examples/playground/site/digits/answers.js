// What each layer answers to the picture, and a number of a convolution from what it is made of.
import {el} from '../lib/page.js';
import {paint, paintStrip, largest, percent} from './pictures.js';
import {showSum, spotUnder, spotBeside, markSpot} from './sum.js';
import {now, keepLink} from './situation.js';
import {network, seen} from './training.js';

const MAPS = [[2, 28, 6, 'convolution 5 × 5, ReLU'], [3, 14, 6, 'max pooling'], [5, 10, 16, 'convolution, ReLU'], [6, 5, 16, 'max pooling']];
const UNITS = [[9, 120, 4], [11, 84, 3]]; // layer, units, rows

const convolves = i => i === 0 || i === 2;
const maps = MAPS.map(([, , , name], i) => el('canvas', {role: 'img', 'aria-label': `Feature maps after ${name}${i < 2 ? ', the first' : ', the second'}`,
    ...(convolves(i) ? {'aria-describedby': 'mapkeys', tabindex: 0, class: 'swept', style: 'cursor:crosshair'} : {})}));
const marks = MAPS.slice(0, 3).map(() => el('span', {class: 'mark', hidden: true}));
const units = UNITS.map(([, count]) => el('canvas', {role: 'img', 'aria-label': `The ${count} units`, style: 'height:2.2rem'}));
const sum = {title: el('h3'), box: el('div', {class: 'sum'})};

export const answers = el('div', {class: 'answers', 'aria-hidden': 'true'});
export const said = el('p', {class: 'out', 'aria-live': 'polite', id: 'said'});

const layer = (text, ...pictures) => el('div', {class: 'layer'}, el('span', {}, text), ...pictures);
export const layers = [
    ...MAPS.map(([, side, channels, name], i) => layer(`${name}: ${[channels, side, side].join('\u00a0×\u00a0')}`, el('div', {class: 'marked'}, maps[i], marks[i]))),
    ...UNITS.map(([, count], i) => layer(`linear, ReLU: ${count}`, units[i])),
    sum.title, sum.box];

export function showSeen() {
    MAPS.forEach(([at, side, channels], i) => paintStrip(maps[i], seen[at], side, channels, false, channels === 16 ? 2 : 1));
    UNITS.forEach(([at, count, rows], i) => paint(units[i], rows, count / rows, (r, c) => seen[at][r * count / rows + c], false, largest(seen[at])));
    const p = seen[12], best = p.indexOf(Math.max(...p));
    answers.replaceChildren(...Array.from(p, (v, k) => el('div', {class: k === best ? 'best' : ''}, el('span', {}, String(k)),
        el('span', {}, el('i', {style: `width:${Math.round(100 * v)}%`})), el('span', {style: 'text-align:right'}, percent(v)))));
    said.textContent = `The network says ${best}, sure to ${percent(p[best])}`;
    showSpot();
}

function showSpot() {
    if (!seen || !network) return;
    showSum(sum, now.spot, seen, network, from => goTo({...now.spot, from}));
    markSpot(marks, now.spot);
}

function goTo(spot) {
    now.spot = spot;
    showSpot();
    keepLink();
}

export function listenToMaps() {
    for (const [at, canvas] of maps.filter((_, i) => convolves(i)).entries()) {
        const point = event => goTo(spotUnder(at, canvas, event, now.spot.at === at ? now.spot.from : 0));
        canvas.addEventListener('pointerdown', point);
        canvas.addEventListener('pointermove', point);
        canvas.addEventListener('keydown', event => {
            if (!event.key.startsWith('Arrow')) return;
            event.preventDefault();
            goTo(now.spot.at === at ? spotBeside(now.spot, event.key) : {at, k: 0, r: 0, c: 0, from: 0});
        });
    }
}
