// The pictures of Landscape: the map, the relief, and the losses along the paths.
import {el, sized} from '../lib/page.js';
import {chart} from '../lib/chart.js';
import {paintMap, drawTrails, Relief, trailColours, curveColour} from '../lib/terrain.js';
import {now, every, steps} from './situation.js';
import {walks, terrain, low, high} from './survey.js';

export const mapCanvas = el('canvas', {class: 'swept', tabindex: 0, role: 'img', id: 'map', 'aria-label': 'The plane seen from above, with the paths. Arrow keys ask for the loss at a place.'});
export const reliefCanvas = el('canvas', {class: 'turns swept', tabindex: 0, role: 'img', 'aria-label': 'The plane as a relief, with the paths. Arrow keys turn it.'});
export const chartCanvas = el('canvas', {role: 'img', 'aria-label': 'The loss along each path', style: 'height:11.2rem'});

const relief = new Relief();
let map = null, mapped = null; // the map without trails, and what it is of

const placeIn = ([x, y]) => [(x - low[0]) / (high[0] - low[0]), (y - low[1]) / (high[1] - low[1])];

/** The trails up to the step that is shown, each point as at() places it; a random plane holds none of them. */
const trails = at => (now.plane === 'random' ? [] : walks).map((walk, i) => ({colour: trailColours[i], selected: i === now.chosen, points: walk.points.slice(0, now.at + 1).map(at)}));

/** spot: the place that is asked for, or null. */
export function drawMap(spot) {
    const {context, width} = sized(mapCanvas, 1);
    if (!terrain) {
        context.clearRect(0, 0, width, width);
        return;
    }
    if (mapped !== terrain || map.width !== mapCanvas.width) {
        map = paintMap(terrain, mapCanvas.width);
        mapped = terrain;
    }
    context.drawImage(map, 0, 0, width, width);
    const pixel = p => { const [u, v] = placeIn(p); return [u * width, (1 - v) * width]; };
    drawTrails(context, trails(pixel));
    const mark = (p, radius) => {
        const [x, y] = pixel(p);
        context.strokeStyle = '#fff';
        context.lineWidth = 2;
        context.beginPath();
        context.arc(x, y, radius, 0, 7);
        context.stroke();
    };
    if (now.plane === 'random') mark([0, 0], 8);
    else if (walks[0] && walks[0].points[0]) mark(walks[0].points[0], 11);
    if (spot) mark(spot, 4);
}

export function drawRelief() {
    if (!terrain) return;
    const {context, project} = relief.draw(reliefCanvas, terrain, now.turn, now.tilt), {n, levels} = terrain;
    drawTrails(context, trails(p => {
        const [u, v] = placeIn(p).map(q => Math.max(0, Math.min(0.999, q)));
        return project(2 * u - 1, 2 * v - 1, levels[Math.floor(v * n) * n + Math.floor(u * n)] + 0.012);
    }));
}

export function drawChart() {
    chart(chartCanvas, walks.map((walk, i) => ({points: walk.losses.slice(0, now.at + 1).map((f, k) => [k * every(), f]), colour: curveColour(i), thick: i === now.chosen ? 2.8 : 1.6})), {steps: steps(), low: 1e-5});
}
