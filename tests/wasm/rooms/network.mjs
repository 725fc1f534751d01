// What the room Digits shows of its network, beside what the library says of the same one: filters, feature maps, what is
// taken for what, the surest mistakes.
import assert from 'node:assert/strict';
import {readFile} from 'node:fs/promises';
import {page, samples, until, printed, pixelsOf} from './browser.mjs';

/** The number behind a colour, in parts of the largest: red above 0, blue below, or ink on paper. */
const signed = ([red, green, blue]) => (red === 245 && green === 240 ? 0 : red === 245 ? 1 - (green - 20) / 220.5 : blue === 245 ? (red - 20) / 208.25 - 1 : NaN);
const ink = ([red]) => (245 - red) / 225;

/** Maps side by side in rows on a canvas are those numbers, (side, side, channels). */
async function strip(label, numbers, side, channels, rows, read) {
    const picture = await pixelsOf(page.getByRole('img', {name: label})), across = channels / rows, most = Math.max(...numbers.map(Math.abs));
    assert.deepEqual([picture.width, picture.height], [across * (side + 1) - 1, rows * (side + 1) - 1], label);
    for (let k = 0; k < channels; k++)
        for (let i = 0; i < side * side; i++) {
            const x = i % side, y = Math.floor(i / side), seen = read(picture.at((k % across) * (side + 1) + x, Math.floor(k / across) * (side + 1) + y)), number = numbers[i * channels + k] / most;
            assert.ok(Math.abs(seen - number) < 0.02, `${label}, ${k + 1}, row ${y + 1}, column ${x + 1}: ${seen} of the largest, expects ${number}`);
        }
}

/** Units in rows on a canvas. */
async function units(label, numbers, across) {
    const picture = await pixelsOf(page.getByRole('img', {name: label})), most = Math.max(...numbers);
    assert.equal(picture.width * picture.height, numbers.length, label);
    numbers.forEach((number, i) => assert.ok(Math.abs(ink(picture.at(i % across, Math.floor(i / across))) - number / most) < 0.01, `${label}: unit ${i + 1}`));
}

/** The page has the network of this file: it looks at its surest mistake. */
export async function compareNetwork(file, what) {
    const lines = await printed(await readFile('tests/wasm/look.c', 'utf8'), [file, samples]), of = name => lines.filter(words => words[0] === name).map(words => words.slice(1).map(Number));
    assert.equal(await page.locator('#accuracy').textContent(), `${(100 * of('accuracy')[0][0]).toFixed(2)}%`, what);
    const table = await page.locator('.confusion tbody tr').evaluateAll(rows => rows.map(row => [...row.cells].map(cell => Number(cell.textContent))));
    assert.deepEqual(table, of('confusion'), what);
    const mistakes = await page.locator('.mistakes button').evaluateAll(all => all.map(button => button.getAttribute('aria-label')));
    assert.deepEqual(mistakes, of('mistake').slice(0, 18).map(([index, digit, said, sure]) => `Digit ${index} is a ${digit}, taken for a ${said}, sure to ${(100 * sure).toFixed(1)}%: look at it`), what);

    const filters = of('parameter').map(numbers => numbers.slice(1)), [, , said, sure] = of('mistake')[0], layers = of('layer').map(numbers => numbers.slice(1));
    await strip(/The six filters/, filters[0], 5, 6, 1, signed);
    await strip(/The filters of the second/, filters[2], 5, 96, 6, signed);
    await page.locator('.mistakes button').first().click();
    await until('looking', text => document.getElementById('said').textContent === text, `The network says ${said}, sure to ${(100 * sure).toFixed(1)}%`);
    const paper = await pixelsOf(page.locator('.mistakes canvas').first());
    layers[0].forEach((number, i) => assert.ok(Math.abs(ink(paper.at(i % 28, Math.floor(i / 28))) - (number * 0.3081 + 0.1307)) < 0.01, `${what}: the picture of its surest mistake`));
    await strip(/Feature maps after convolution 5 × 5, ReLU, the first/, layers[2], 28, 6, 1, ink);
    await strip(/Feature maps after max pooling, the first/, layers[3], 14, 6, 1, ink);
    await strip(/Feature maps after convolution, ReLU, the second/, layers[5], 10, 16, 2, ink);
    await strip(/Feature maps after max pooling, the second/, layers[6], 5, 16, 2, ink);
    await units('The 120 units', layers[9], 30);
    await units('The 84 units', layers[11], 28);
    const answers = await page.locator('.answers div').evaluateAll(all => all.map(one => one.lastChild.textContent));
    assert.deepEqual(answers, layers[12].map(v => `${(100 * v).toFixed(1)}%`), what);
}
