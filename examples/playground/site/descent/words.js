// What Descent says: where each is, the rule with the numbers of the step, and the notes' analogy.
import {el, num} from '../lib/page.js';
import {lists, entry, now, start, optionsOf} from './situation.js';
import {walks, to} from './walk.js';
import {explain} from './rules.js';

/** A whole number, in groups of three digits. */
export const whole = text => String(text).replace(/\B(?=(\d{3})+$)/g, ' ');

/** Where a walk is, at the step that is shown. */
export function describe(walk, i) {
    const name = now.hikers[i].optimizer;
    if (walk.error) return `${name}: ${walk.error}`;
    const r = walk.records[now.step - 1];
    if (!r) return walk.records.length < now.step ? `left the numbers after step ${walk.records.length}` : `at (${start().map(v => num(v)).join(', ')})`;
    return `at (${num(to(r, 0))}, ${num(to(r, 1))}), f was ${num(r[1])}`;
}

/** Puts the rule of the chosen one, with the numbers of this step, into a box below its title. */
export function showRule(title, box) {
    const i = now.chosen, hiker = now.hikers[i], walk = walks[i], rule = entry(hiker.optimizer).rule;
    title.textContent = `${hiker.optimizer}: the rule, with the numbers of this step`;
    const record = walk.records[Math.max(0, Math.min(now.step, walk.records.length) - 1)];
    if (!record || now.step === 0) {
        box.replaceChildren(el('p', {class: 'hint'}, walk.error || 'Take a step, and its numbers stand here.'));
        return;
    }
    const {rows} = explain(rule, optionsOf(hiker), record), body = el('tbody');
    for (const row of rows) {
        const tr = el('tr');
        tr.innerHTML = `<td class="formula">${row.formula}</td><td data-column="x">${row.x}</td><td data-column="y">${row.y}</td>`;
        body.append(tr);
    }
    const head = el('thead', {}, el('tr', {}, el('th', {scope: 'col'}, `step ${record[0]}, η = ${num(record[2])}, f = ${num(record[1])}`),
        el('th', {scope: 'col'}, 'w = x'), el('th', {scope: 'col'}, 'w = y')));
    box.replaceChildren(el('table', {class: 'folds'}, head, body));
}

export function analogy() {
    const rows = [['the landscape', 'the objective: its height is what is to become small'],
        ['where you stand', 'the parameters, here x and y'],
        ['the slope under your feet', 'the gradient; in the fog it is all that you know of the landscape'],
        ['how far you step', 'the learning rate: too short, and evening comes; too long, and you leap from slope to slope'],
        ['how you walk', 'the optimizer: straight down (sgd), rolling on like a ball (momentum), shortening the stride where it is steep (Adagrad, RMSprop), or both (Adam)'],
        ['a valley that is not the deepest', 'a local minimum: only the way in shows, not that there is a deeper one behind the ridge'],
        ['a pass', 'a saddle: flat for a moment, yet no end'],
        ['gusts of wind', 'the noise of small batches: they push off the path, and sometimes out of a hollow']];
    const file = name => `source.html#${name}`;
    return el('section', {class: 'card analogy'}, el('h2', {}, 'Hills and valleys'), el('table', {}, el('tbody', {}, rows.map(([a, b]) => el('tr', {}, el('th', {scope: 'row'}, a), el('td', {}, b))))),
        el('p', {class: 'hint'}, 'More: ', el('a', {href: file('docs/book/3-descent.md')}, 'descent'), ', ', el('a', {href: file('docs/book/4-momentum.md')}, 'momentum'), ', ',
            el('a', {href: file('docs/book/6-adam.md')}, 'Adam'), ', ', el('a', {href: file('docs/optimizers.md')}, 'all optimizers'), '. What runs here: ',
            el('a', {href: file('examples/playground/descent.c')}, 'descent.c'), ', and in ', ...lists.optimizers.filter(o => o.preset === '').flatMap((o, i) => [i ? ', ' : '', el('a', {href: file(`optim/${o.extra ? 'extras/' : ''}${o.name}.c`)}, `${o.name}.c`)]), '.'));
}
