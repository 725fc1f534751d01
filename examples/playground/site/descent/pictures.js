// The pictures of Descent: the map, the relief, and the heights over the steps.
import {el, num, sized, colour} from '../lib/page.js';
import {paintMap, drawTrails, Relief, trailColours, curveColour} from '../lib/terrain.js';
import {tarn, now, surfaceNow, start} from './situation.js';
import {surfaces, heights} from './surfaces.js';
import {at, to, walks} from './walk.js';

let terrain = null, relief = null, map = null;
const relief3d = new Relief();
export const mapCanvas = el('canvas', {class: 'swept', tabindex: 0, role: 'img', 'aria-describedby': 'mapkeys'});
export const reliefCanvas = el('canvas', {class: 'turns swept', tabindex: 0, role: 'img', 'aria-describedby': 'reliefkeys'});
export const chartCanvas = el('canvas', {role: 'img'});

/** Takes the surface that is chosen; the bowl where there was none and this has no heights. "" or what is wrong. */
export function takeSurface() {
    const s = surfaceNow(), wrong = tarn.surface(s.formula);
    if (wrong && terrain) return `The formula: ${wrong}.`;
    const flat = !wrong && !take(s);
    if (wrong || flat) {
        tarn.surface(surfaces[0].formula);
        take(surfaces[0]);
    }
    return wrong ? `The formula: ${wrong}.` : flat ? 'The formula has no finite value here.' : '';
}

function take(s) {
    terrain = heights(tarn, s, 200);
    relief = heights(tarn, s, 56);
    map = null;
    return terrain && relief;
}

const placeIn = (s, x, y) => [(x - s.low[0]) / (s.high[0] - s.low[0]), (y - s.low[1]) / (s.high[1] - s.low[1])];

/** The trail of a walk up to the step that is shown: [x, y, f]; the last place without its f. */
function trail(walk) {
    const shown = walk.records.slice(0, now.step), points = shown.map(r => [at(r, 0), at(r, 1), r[1]]);
    if (shown.length) points.push([to(shown.at(-1), 0), to(shown.at(-1), 1), (walk.records[shown.length] || shown.at(-1))[1]]);
    else points.push([...start(), NaN]);
    return points.filter(p => Number.isFinite(p[0]) && Number.isFinite(p[1]));
}

export function drawMap() {
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

export function drawRelief() {
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
export function drawChart() {
    const {context, width, height, unit} = sized(chartCanvas), ink = colour('soft'), line = colour('line');
    const floor = walks.reduce((least, w) => w.records.reduce((low, r) => Math.min(low, r[1]), least), terrain.lowest);
    const seen = Math.max(1e-6, ...walks.map(w => w.records.slice(0, now.step + 1).reduce((most, r) => Math.max(most, r[1] - floor), 0)));
    const top = Math.log10(seen) + 0.3, bottom = top - 7, left = 52 * unit, base = height - 22 * unit;
    const steps = Math.max(100, now.step), x = t => left + (width - left - 8) * t / steps;
    const y = f => base - (base - 10) * Math.max(0, Math.min(1, (Math.log10(Math.max(f - floor, 1e-30)) - bottom) / (top - bottom)));
    context.clearRect(0, 0, width, height);
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
    for (let k = 0; k <= 4; k++) context.fillText(Math.round(steps * k / 4), Math.min(x(steps * k / 4), width - 22 * unit), height - 6);
    walks.forEach((walk, i) => {
        context.strokeStyle = curveColour(i);
        context.lineWidth = i === now.chosen ? 2.6 : 1.6;
        context.beginPath();
        const count = Math.min(now.step, walk.records.length), every = Math.max(1, Math.floor(count / 1500));
        for (let t = 0; t < count; t += every) t ? context.lineTo(x(t), y(walk.records[t][1])) : context.moveTo(x(t), y(walk.records[t][1]));
        context.stroke();
    });
}
