// What fingers, mice and keys do on pictures, the same in several rooms.

const arrows = {ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1]};

/** Calls act with the direction of an arrow key. */
export function onArrows(canvas, act) {
    canvas.addEventListener('keydown', event => {
        const by = arrows[event.key];
        if (!by) return;
        event.preventDefault();
        act(by);
    });
}

/** Drags, the press that they begin with among them: act(event). A finger that turns out to scroll the page undoes what it
    did: keep() is called before it does anything, and what that returns afterwards. */
export function onDrags(canvas, act, keep) {
    let undo;
    const move = event => { if (canvas.hasPointerCapture(event.pointerId)) act(event); };
    canvas.addEventListener('pointerdown', event => {
        canvas.setPointerCapture(event.pointerId);
        undo = keep();
        move(event);
    });
    canvas.addEventListener('pointermove', move);
    canvas.addEventListener('pointercancel', () => undo());
}

/** A relief that drags and arrow keys turn. view(): what has its turn and tilt. */
export function turns(canvas, view, show) {
    const to = (turn, tilt) => {
        Object.assign(view(), {turn: turn % (2 * Math.PI), tilt: Math.max(0.15, Math.min(1.57, tilt))});
        show();
    };
    const by = (dx, dy) => to(view().turn + dx, view().tilt + dy);
    onDrags(canvas, event => by(event.movementX * 0.009, event.movementY * 0.006), () => {
        const {turn, tilt} = view();
        return () => to(turn, tilt);
    });
    onArrows(canvas, ([x, y]) => by(x * 0.1, -y * 0.06));
}
