// The pointer and the keys on the pictures of Classify.
import {num} from '../lib/page.js';
import {now, chosen} from './situation.js';
import {playing, restart} from './training.js';
import {plane, network, places, said, showChosen} from './shown.js';
import {pen} from './choices.js';

/** Units: pointed at, and they are seen large; kept by a click or by arrow keys. */
function listenToUnits() {
    let kept = null;
    const see = unit => {
        const there = unit && unit[1] < [2, ...now.layers, 1][unit[0]] ? unit : null; // layers may have gone
        if (String(there) === String(now.chosen)) return;
        now.chosen = there;
        if (!playing) showChosen();
    };
    const unitAt = event => {
        const box = network.getBoundingClientRect(), x = event.clientX - box.left, y = event.clientY - box.top;
        const p = places.find(one => x >= one.x && x <= one.x + one.size && y >= one.y && y <= one.y + one.size);
        return p ? [p.layer, p.unit] : null;
    };
    network.addEventListener('pointermove', event => see(unitAt(event) || kept));
    network.addEventListener('pointerleave', () => see(kept));
    network.addEventListener('click', event => {
        const unit = unitAt(event);
        kept = unit && unit[0] <= now.layers.length ? unit : null;
        see(kept);
    });
    network.addEventListener('keydown', event => {
        const by = {ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1]}[event.key], columns = [2, ...now.layers, 1];
        if (!by) return;
        event.preventDefault();
        const layer = Math.max(0, Math.min(columns.length - 1, chosen()[0] + by[0])), unit = Math.max(0, Math.min(columns[layer] - 1, chosen()[1] + by[1]));
        see(kept = [layer, unit]);
        said.textContent = layer === 0 ? `Input ${unit ? 'y' : 'x'}` : layer > now.layers.length ? 'The output' : `Layer ${layer}, unit ${unit + 1}`;
    });
}

/** Points drawn by hand: by clicks, by drags, and by arrow keys and Enter. */
function listenToPlane() {
    const put = (x, y) => {
        if (now.drawn.length >= 1000) return;
        now.drawn.push([x, y].map(v => Number(Math.max(-1.2, Math.min(1.2, v)).toFixed(3))).concat(pen));
        restart();
    };
    const at = event => {
        const box = plane.getBoundingClientRect();
        return [2.4 * (event.clientX - box.left) / box.width - 1.2, 1.2 - 2.4 * (event.clientY - box.top) / box.height];
    };
    let spotted = 0, spray = null;
    plane.addEventListener('pointerdown', event => {
        if (now.set !== 'own') return;
        plane.setPointerCapture(event.pointerId);
        spray = at(event);
        put(...spray);
    });
    plane.addEventListener('pointermove', event => {
        if (!spray || performance.now() - spotted < 40) return;
        const [x, y] = at(event);
        if (Math.hypot(x - spray[0], y - spray[1]) < 0.06) return;
        spotted = performance.now();
        put(x, y);
        spray = [x, y];
    });
    for (const end of ['pointerup', 'pointercancel']) plane.addEventListener(end, () => { spray = null; });
    const cursor = [0, 0];
    plane.addEventListener('keydown', event => {
        const by = {ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1]}[event.key];
        if (now.set !== 'own' || !(by || event.key === 'Enter')) return;
        event.preventDefault();
        if (!by) {
            put(...cursor);
            return;
        }
        by.forEach((d, k) => { cursor[k] = Math.max(-1.2, Math.min(1.2, cursor[k] + 0.1 * d)); });
        said.textContent = `Place ${num(cursor[0], 2)}, ${num(cursor[1], 2)}: Enter puts a point there`;
    });
}

export function listenToPictures() {
    listenToUnits();
    listenToPlane();
}
