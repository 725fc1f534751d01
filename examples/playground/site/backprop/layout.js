// Where the boxes of a graph stand, and where its edges run. A box shows numbers, its rows: [value, element].
export const BOX = 124, ROW = 36, TITLE = 24;
const heightOf = box => TITLE + ROW * box.rows.length;

/** Turns columns of boxes into places: across them the flow goes from left to right, or from the top down. */
function place(layers, across, gap, apart) {
    const size = box => (box.bend ? [8, 8] : [BOX, heightOf(box)]);
    const [main, cross] = across ? [0, 1] : [1, 0];
    const depth = layers.map(layer => Math.max(...layer.map(box => size(box)[main])));
    const spread = layers.map(layer => layer.reduce((sum, box) => sum + size(box)[cross] + apart, -apart));
    const widest = Math.max(...spread);
    let at = 1;
    layers.forEach((layer, i) => {
        let side = (widest - spread[i]) / 2 + 1;
        for (const box of layer) {
            const own = size(box), middle = at + (depth[i] - own[main]) / 2;
            Object.assign(box, {[across ? 'x' : 'y']: middle, [across ? 'y' : 'x']: side, width: own[0], height: own[1]});
            side += own[cross] + apart;
        }
        at += depth[i] + gap;
    });
    const length = at - gap + 1;
    return across ? {width: length, height: widest + 2} : {width: widest + 2, height: length};
}

/** The network of the chapter: inputs, hidden units, output, loss; its edges carry the weights W1 and W2. */
export function networkLayout(graph, width) {
    const [x, t, w1, b1, w2, b2, a, z, h, c, y, loss] = graph.keys(), across = width >= 860;
    const box = (title, ...rows) => ({title, rows});
    const inputs = [0, 1].map(k => box(`input ${k + 1}`, [x, k])), hidden = [0, 1].map(k => box(`hidden unit ${k + 1}`, [b1, k], [a, k], [z, k], [h, k]));
    const output = box('output', [b2, 0], [c, 0], [y, 0]), end = box('loss', [t, 0], [loss, 0]);
    const size = place([inputs, hidden, [output], [end]], across, across ? Math.min(220, (width - 4 * BOX) / 3 - 2) : 140, across ? 40 : Math.max(20, Math.min(90, width - 2 * BOX - 4)));
    const along = across ? 'y' : 'x', long = across ? 'height' : 'width'; // each input beside its hidden unit: the edges cross once
    inputs.forEach((input, i) => { input[along] = hidden[i][along] + (hidden[i][long] - input[long]) / 2; });
    const edges = [];
    inputs.forEach((from, i) => hidden.forEach((to, j) => edges.push({from, to, row: [w1, 2 * i + j], part: i === j ? 0.66 : across ? 0.28 : 0.19})));
    hidden.forEach((from, i) => edges.push({from, to: output, row: [w2, i], part: across ? 0.45 : 0.4}));
    edges.push({from: output, to: end});
    return {...size, across, boxes: [...inputs, ...hidden, output, end], edges};
}

/** Any graph: each operation a box behind those that it takes; long edges bend around what stands between. */
export function graphLayout(graph, width) {
    const across = width >= 700, layer = graph.map(() => 0), users = graph.map(() => []);
    graph.forEach((v, i) => v.inputs.forEach(k => { layer[i] = Math.max(layer[i], layer[k] + 1); users[k].push(i); }));
    graph.forEach((v, i) => { if (v.inputs.length === 0 && users[i].length) layer[i] = Math.min(...users[i].map(k => layer[k])) - 1; });
    const layers = Array.from({length: Math.max(...layer) + 1}, () => []), edges = [];
    const boxes = graph.map((v, i) => {
        const box = {title: v.operation === 'number' ? 'constant' : v.operation || 'variable', rows: [[i, 0]], number: v.number, near: []};
        layers[layer[i]].push(box);
        return box;
    });
    graph.forEach((v, i) => [...new Set(v.inputs)].forEach(k => {
        const bends = [];
        for (let l = layer[k] + 1; l < layer[i]; l++) {
            const bend = {bend: true, near: []};
            layers[l].push(bend);
            bends.push(bend);
        }
        const chain = [boxes[k], ...bends, boxes[i]];
        chain.slice(1).forEach((box, j) => { box.near.push(chain[j]); chain[j].near.push(box); });
        edges.push({from: boxes[k], to: boxes[i], bends, share: {of: k, by: i}});
    }));
    const order = () => layers.forEach(l => l.forEach((box, i) => { box.rank = i - l.length / 2; }));
    for (let sweep = 0; sweep < 6; sweep++) {
        order();
        for (const l of sweep % 2 ? [...layers].reverse() : layers) {
            const mean = box => box.near.reduce((sum, other) => sum + other.rank, 0) / (box.near.length || 1);
            l.sort((p, q) => mean(p) - mean(q));
            l.forEach((box, i) => { box.rank = i - l.length / 2; });
        }
    }
    const size = place(layers, across, across ? Math.max(56, Math.min(130, (width - layers.length * BOX) / Math.max(1, layers.length - 1) - 2)) : 56, 22);
    return {...size, across, boxes, edges};
}
