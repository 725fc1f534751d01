// The paper: a drawing, or one of the test digits, as the picture that the network looks at.
import {el, sized} from '../lib/page.js';
import {SIDE, drawStrokes, pictureOf} from './drawing.js';
import {paint} from './pictures.js';
import {now, draw, keepLink} from './situation.js';
import {tested, look} from './training.js';

const pixels = new Float32Array(SIDE * SIDE);

export const paper = el('canvas', {id: 'paper', class: 'drawn', tabindex: 0, role: 'img', 'aria-label': 'Paper to draw a digit on; the buttons of the surest mistakes put one there too'});

export function showPaper() {
    const {context, width} = sized(paper, 1);
    context.imageSmoothingEnabled = false;
    context.clearRect(0, 0, width, width);
    if (now.strokes.length) return drawStrokes(context, width, now.strokes);
    const small = document.createElement('canvas');
    paint(small, SIDE, SIDE, (r, c) => pixels[SIDE * r + c], false, 1);
    context.drawImage(small, 0, 0, width, width);
}

/** The network may be another: it looks again. */
export const lookAgain = () => look(pixels);

function put(picture) {
    pixels.set(picture);
    showPaper();
    lookAgain();
}

const takeDrawing = () => put(pictureOf(now.strokes));

export function clear() {
    Object.assign(now, {strokes: [], digit: null});
    put(new Float32Array(SIDE * SIDE));
    keepLink();
}

/** Puts a mistake on the paper in the place of a drawing. */
export function lookAt(mistake) {
    Object.assign(now, {strokes: [], digit: mistake.index});
    put(mistake.pixels);
    keepLink();
}

/** The mistake that is chosen, where it is one of this network's. */
export function lookAtChosen() {
    const mistake = now.strokes.length ? null : tested.mistakes.find(m => m.index === now.digit);
    if (mistake) put(mistake.pixels);
}

/** The drawing, the mistake that is chosen, or else the surest. */
export function lookAtFirst() {
    if (now.strokes.length) return takeDrawing();
    if (tested.mistakes.length) put(tested.mistakes[0].pixels);
    lookAtChosen();
}

export function listenToPaper() {
    let drawing = false;
    const putPoint = (event, begins) => {
        const box = paper.getBoundingClientRect();
        draw((event.clientX - box.left) / box.width, (event.clientY - box.top) / box.height, begins);
        takeDrawing();
    };
    paper.addEventListener('pointerdown', event => {
        paper.setPointerCapture(event.pointerId);
        drawing = true;
        putPoint(event, true);
    });
    paper.addEventListener('pointermove', event => { if (drawing) putPoint(event, false); });
    for (const end of ['pointerup', 'pointercancel']) paper.addEventListener(end, () => { drawing = false; keepLink(); });
}
