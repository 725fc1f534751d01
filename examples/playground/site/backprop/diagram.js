// The graph as a picture: boxes whose rows are numbers with their gradients, some of which can be dragged.
import {num} from '../lib/page.js';
import {ROW, TITLE, BOX} from './layout.js';
import {nameOf} from './rules.js';

const svg = (tag, attributes = {}, ...children) => {
    const node = document.createElementNS('http://www.w3.org/2000/svg', tag);
    for (const [name, value] of Object.entries(attributes)) if (value != null) node.setAttribute(name, value);
    node.append(...children);
    return node;
};

const middle = box => [box.x + box.width / 2, box.y + box.height / 2];

/** From box to box, side to side, by way of the bends. */
function route(edge, across) {
    const out = box => (across ? [box.x + box.width, middle(box)[1]] : [middle(box)[0], box.y + box.height]);
    const into = box => (across ? [box.x, middle(box)[1]] : [middle(box)[0], box.y]);
    return [out(edge.from), ...(edge.bends || []).map(middle), into(edge.to)];
}

function smooth(points, across) {
    let path = `M${points[0]}`;
    for (let i = 1; i < points.length; i++) {
        const [a, b] = [points[i - 1], points[i]], half = across ? (b[0] - a[0]) / 2 : (b[1] - a[1]) / 2;
        path += across ? `C${a[0] + half},${a[1]} ${b[0] - half},${b[1]} ${b}` : `C${a[0]},${a[1] + half} ${b[0]},${b[1] - half} ${b}`;
    }
    return path;
}

/** A diagram in an <svg>. onmove(value, element, by, fine) is told of drags and keys, onpick(value, element) of a choice. */
export class Diagram {
    constructor(canvas, graph, layout, zoom, {onmove, onpick}) {
        Object.assign(this, {canvas, graph, layout, onmove, onpick, rows: [], lines: []});
        canvas.setAttribute('viewBox', `0 0 ${layout.width} ${layout.height}`);
        canvas.setAttribute('width', layout.width * zoom);
        canvas.setAttribute('height', layout.height * zoom);
        const straight = layout.edges.some(edge => edge.row);
        const lines = layout.edges.map(edge => {
            const points = route(edge, layout.across), path = svg('path', {class: 'edge', d: straight ? `M${points[0]}L${points.at(-1)}` : smooth(points, layout.across)});
            this.lines.push({edge, path, points});
            return path;
        });
        canvas.replaceChildren(...lines);
        for (const box of layout.boxes) this.addBox(box);
        for (const line of this.lines) this.addLabel(line);
    }

    addBox(box) {
        const group = svg('g', {class: 'box', transform: `translate(${box.x} ${box.y})`},
            svg('rect', {width: box.width, height: box.height, rx: 10}), svg('text', {x: 9, y: 16, class: 'title'}, box.title));
        this.canvas.append(group);
        box.rows.forEach(([v, k], i) => group.append(this.row(v, k, 0, TITLE + ROW * i, BOX, box.title === 'constant')));
    }

    addLabel(line) {
        const {edge, points} = line, [a, b] = [points.at(-2), points.at(-1)];
        if (edge.row) {
            const x = a[0] + (b[0] - a[0]) * edge.part, y = a[1] + (b[1] - a[1]) * edge.part, width = 108;
            const group = svg('g', {class: 'box weight', transform: `translate(${x - width / 2} ${y - ROW / 2})`}, svg('rect', {width, height: ROW, rx: 9}));
            group.append(this.row(...edge.row, 0, 0, width));
            this.canvas.append(group);
        } else if (edge.share) {
            const {across} = this.layout, [u, v] = across ? [0.5, 0.5] : [0.1, 0.42]; // from the top down, apart where edges meet
            line.label = svg('text', {class: 'share', x: a[0] + u * (b[0] - a[0]), y: a[1] + v * (b[1] - a[1]) - (across ? 5 : 0), 'text-anchor': 'middle'});
            this.canvas.append(line.label);
        }
    }

    /** One number: its name, value and, below, its gradient. */
    row(v, k, x, y, width, constant = false) {
        const value = this.graph[v], knob = !value.operation, name = nameOf(value, k);
        const group = svg('g', {class: knob ? 'number knob' : 'number', transform: `translate(${x} ${y})`, 'data-name': name},
            svg('rect', {x: 2, y: 1, width: width - 4, height: ROW - 3, rx: 7, class: 'back'}),
            svg('text', {x: 9, y: 15, class: 'name'}, constant ? '' : name), svg('text', {x: width - 9, y: 15, class: 'value', 'text-anchor': 'end'}),
            svg('text', {x: width - 9, y: 29, class: 'gradient', 'text-anchor': 'end'}));
        this.rows.push({group, v, k, name, texts: group.querySelectorAll('text'), knob});
        if (knob) this.listen(group, v, k, name);
        else group.addEventListener('click', () => this.onpick(v, k));
        return group;
    }

    listen(group, v, k, name) {
        for (const [attribute, value] of Object.entries({tabindex: 0, role: 'slider', 'aria-label': name, 'aria-valuemin': -1000, 'aria-valuemax': 1000})) group.setAttribute(attribute, value);
        let from = null;
        group.addEventListener('pointerdown', event => {
            group.setPointerCapture(event.pointerId);
            from = event.clientX;
            this.onpick(v, k);
        });
        group.addEventListener('pointermove', event => {
            if (!group.hasPointerCapture(event.pointerId) || event.clientX === from) return;
            this.onmove(v, k, (event.clientX - from) * 0.01);
            from = event.clientX;
        });
        group.addEventListener('focus', () => this.onpick(v, k));
        group.addEventListener('keydown', event => {
            const by = {ArrowLeft: -0.01, ArrowDown: -0.01, ArrowRight: 0.01, ArrowUp: 0.01, PageUp: 0.1, PageDown: -0.1}[event.key];
            if (!by) return;
            event.preventDefault();
            this.onmove(v, k, event.shiftKey ? 10 * by : by);
        });
    }

    /** value(v, k) and gradient(v, k): a number, or NaN where it is not there yet; lit(v, k): 'in', 'out' or ''; share(edge). */
    update({value, gradient, lit, picked, share}) {
        for (const {group, v, k, texts, knob, name} of this.rows) {
            const now = value(v, k), slope = gradient(v, k), known = this.graph[v].trained && this.graph[v].operation !== 'number';
            texts[1].textContent = Number.isNaN(now) ? '?' : num(now, 5);
            texts[2].textContent = !known ? '' : Number.isNaN(slope) ? '·' : `∇ ${num(slope, 5)}`;
            group.classList.toggle('picked', picked[0] === v && picked[1] === k);
            group.dataset.lit = lit(v, k);
            Object.assign(group.dataset, {value: now, gradient: slope});
            if (!knob) continue;
            group.setAttribute('aria-valuenow', now);
            group.setAttribute('aria-valuetext', `${num(now, 5)}${known && !Number.isNaN(slope) ? `, gradient ${num(slope, 5)}` : ''}`);
            group.setAttribute('aria-label', name);
        }
        for (const {edge, path, label} of this.lines) {
            const weight = edge.row ? value(...edge.row) : 0;
            path.style.strokeWidth = edge.row ? 1.5 + Math.min(5, 2 * Math.abs(weight)) : 1.8;
            path.dataset.sign = edge.row && weight < 0 ? 'minus' : edge.row ? 'plus' : '';
            if (!label) continue;
            const flows = share(edge.share);
            label.textContent = Number.isNaN(flows) ? '' : `∇ ${flows > 0 ? '+' : ''}${num(flows, 4)}`;
        }
    }
}
