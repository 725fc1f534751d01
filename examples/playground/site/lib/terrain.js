// A surface as heights on a grid, and the two pictures of it: a map, and a relief that can be turned.
import {sized} from './page.js';

export const trailColours = ['#cf1038', '#15202b', '#7a22c9', '#f07800', '#0b4fe0', '#e3259c', '#6b3b12', '#3f7d00'];
const onDark = ['#ff5470', '#dfe7ee', '#b98aff', '#ffa040', '#7ba4ff', '#ff85cb', '#d6a06f', '#93cf4f'];

/** Of a curve on a card, which may be dark; maps are as light in either theme. */
export const curveColour = i => (document.documentElement.dataset.theme === 'dark' ? onDark : trailColours)[i];

// From the tarn at the bottom over meadows and rock to snow.
const stops = [[0, 9, 58, 92], [0.1, 22, 101, 130], [0.22, 74, 150, 148], [0.4, 150, 187, 140], [0.6, 214, 203, 152],
    [0.8, 203, 176, 146], [1, 246, 242, 236]];

function tint(level) {
    let i = 1;
    while (i < stops.length - 1 && level > stops[i][0]) i++;
    const [a, b] = [stops[i - 1], stops[i]], part = Math.min(1, Math.max(0, (level - a[0]) / (b[0] - a[0])));
    return [1, 2, 3].map(c => a[c] + part * (b[c] - a[c]));
}

/** Of values on n x n cells: level(f), where between the lowest (0) and the highest (1), by logarithm, and the levels of all. */
export function terrainOf(values, n) {
    const sorted = values.filter(Number.isFinite).sort();
    if (sorted.length === 0) return null;
    const lowest = sorted[0], highest = sorted[sorted.length - 1];
    const bend = Math.max(sorted[Math.floor(sorted.length / 3)] - lowest, (highest - lowest) * 1e-4, 1e-30);
    const whole = Math.log1p((highest - lowest) / bend);
    const level = f => Number.isFinite(f) ? Math.min(1.02, Math.log1p(Math.max(0, f - lowest) / bend) / (whole || 1)) : 1.02;
    return {n, values, lowest, highest, level, levels: Float32Array.from(values, level),
        at: l => lowest + bend * Math.expm1(l * whole)};
}

/** Lines of equal level, as pairs of points in cells. */
function contour(h, level, line) {
    const {n, levels} = h;
    for (let r = 0; r < n - 1; r++)
        for (let c = 0; c < n - 1; c++) {
            const i = r * n + c, below = levels[i] < level;
            if (below === levels[i + 1] < level && below === levels[i + n] < level && below === levels[i + n + 1] < level) continue;
            const corner = [levels[r * n + c], levels[r * n + c + 1], levels[(r + 1) * n + c + 1], levels[(r + 1) * n + c]];
            const at = [[c, r], [c + 1, r], [c + 1, r + 1], [c, r + 1]], cut = [];
            for (let k = 0; k < 4; k++) {
                const a = corner[k], b = corner[(k + 1) % 4];
                if ((a < level) !== (b < level)) {
                    const part = (level - a) / (b - a), [p, q] = [at[k], at[(k + 1) % 4]];
                    cut.push([p[0] + part * (q[0] - p[0]), p[1] + part * (q[1] - p[1])]);
                }
            }
            for (let k = 0; k + 1 < cut.length; k += 2) line(cut[k], cut[k + 1]);
        }
}

/** The map without trails, drawn once. */
export function paintMap(h, width) {
    const {n, levels} = h, image = new ImageData(n, n);
    for (let r = 0; r < n; r++)
        for (let c = 0; c < n; c++) {
            const i = r * n + c, right = levels[c + 1 < n ? i + 1 : i], up = levels[r + 1 < n ? i + n : i];
            const light = 1 + Math.max(-0.22, Math.min(0.22, (levels[i] - right + levels[i] - up) * n * 0.035));
            const rgb = tint(levels[i]), at = 4 * ((n - 1 - r) * n + c);
            for (let k = 0; k < 3; k++) image.data[at + k] = rgb[k] * light;
            image.data[at + 3] = 255;
        }
    const small = new OffscreenCanvas(n, n), large = new OffscreenCanvas(width, width);
    small.getContext('2d').putImageData(image, 0, 0);
    const context = large.getContext('2d');
    context.imageSmoothingQuality = 'high';
    context.drawImage(small, 0, 0, width, width);
    context.strokeStyle = '#0b2733';
    const scale = width / n;
    for (let k = 1; k < 20; k++) {
        context.globalAlpha = k % 5 ? 0.17 : 0.38;
        context.beginPath();
        contour(h, k / 20, (a, b) => {
            context.moveTo((a[0] + 0.5) * scale, width - (a[1] + 0.5) * scale);
            context.lineTo((b[0] + 0.5) * scale, width - (b[1] + 0.5) * scale);
        });
        context.stroke();
    }
    return large;
}

/** Draws trails: each {colour, points: [[x, y] in pixels], selected}. */
export function drawTrails(context, trails) {
    context.lineJoin = context.lineCap = 'round';
    for (const pass of [0, 1])
        for (const {colour, points, selected} of trails) {
            if (points.length === 0) continue;
            context.strokeStyle = pass ? colour : '#ffffffd0';
            context.lineWidth = (pass ? 2 : 4) + (selected ? 1 : 0);
            context.beginPath();
            points.forEach(([x, y], i) => (i ? context.lineTo(x, y) : context.moveTo(x, y)));
            context.stroke();
        }
    for (const {colour, points, selected} of trails) {
        if (points.length === 0) continue;
        const [x, y] = points[points.length - 1];
        context.beginPath();
        context.arc(x, y, selected ? 8 : 6.5, 0, 7);
        context.fillStyle = colour;
        context.fill();
        context.lineWidth = 2.2;
        context.strokeStyle = '#fff';
        context.stroke();
    }
}

/** The relief: draw(canvas, h, turn, tilt) puts it on a canvas, and returns where a place is in it. */
export class Relief {
    #key = '';
    #picture = null;

    draw(canvas, h, turn, tilt) {
        const {context, width, height} = sized(canvas, 1);
        const size = width * 0.333, sin = Math.sin(turn), cos = Math.cos(turn), lean = Math.sin(tilt), stand = Math.cos(tilt);
        const project = (u, v, level) => { // u, v in [-1, 1]; level in [0, 1]
            const x = u * cos - v * sin, depth = u * sin + v * cos;
            return [width / 2 + size * 1.05 * x, height * 0.56 - size * (1.05 * depth * lean + (1.1 * level - 0.45) * stand), depth];
        };
        const key = [turn, tilt, canvas.width].join();
        if (key !== this.#key || this.of !== h) {
            this.#key = key;
            this.of = h;
            this.#picture = new OffscreenCanvas(canvas.width, canvas.height);
            const to = this.#picture.getContext('2d');
            to.scale(canvas.width / width, canvas.width / width);
            this.#paint(to, h, project);
        }
        context.clearRect(0, 0, width, height);
        context.drawImage(this.#picture, 0, 0, width, height);
        return {context, project};
    }

    #paint(context, h, project) {
        const {n, levels} = h, corners = [];
        for (let r = 0; r < n; r++)
            for (let c = 0; c < n; c++) corners.push(project(2 * c / (n - 1) - 1, 2 * r / (n - 1) - 1, levels[r * n + c]));
        const order = [];
        for (let r = 0; r < n - 1; r++) for (let c = 0; c < n - 1; c++) order.push(r * n + c);
        order.sort((a, b) => corners[b][2] + corners[b + n + 1][2] - corners[a][2] - corners[a + n + 1][2]);
        context.lineWidth = 0.7;
        for (const i of order) {
            const light = 0.97 + Math.max(-0.25, Math.min(0.2, (levels[i] - levels[i + 1] + levels[i] - levels[i + n]) * n * 0.06));
            const level = (levels[i] + levels[i + n + 1]) / 2;
            context.fillStyle = context.strokeStyle = `rgb(${tint(level).map(c => Math.round(Math.min(255, c * light))).join()})`;
            context.beginPath();
            for (const [k, at] of [i, i + 1, i + n + 1, i + n].entries())
                k ? context.lineTo(corners[at][0], corners[at][1]) : context.moveTo(corners[at][0], corners[at][1]);
            context.closePath();
            context.fill();
            context.stroke();
        }
    }
}
