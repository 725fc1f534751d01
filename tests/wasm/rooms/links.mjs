// Share, Copy and Reset in every room: what is there when its link is opened is all that was there, numbers, controls and
// pictures; after Reset it is all that is there at first.
import assert from 'node:assert/strict';
import {page, base, open, until, drawn} from './browser.mjs';

/** All that is to be seen of a room, but for what differs from time to time. */
async function seen() {
    await until('the work', () => document.documentElement.dataset.busy !== 'true');
    await page.mouse.move(2, 2);
    await page.evaluate(() => document.querySelectorAll('details').forEach(node => { node.open = false; }));
    await drawn();
    return page.evaluate(async () => {
        const code = async text => Array.from(new Uint8Array(await crypto.subtle.digest('SHA-1', new TextEncoder().encode(text)))).join();
        return {
            words: [...document.querySelectorAll('main :is(h1, h2, h3, p, td, th, output, strong, span, button, option, text)')].filter(node => node.checkVisibility() && node.id !== 'seconds' && !node.matches('.out'))
                .map(node => [...node.childNodes].filter(one => one.nodeType === 3).map(one => one.data).join('').trim()).filter(Boolean),
            controls: [...document.querySelectorAll('main :is(input, select)')].map(node => `${node.getAttribute('aria-label') || node.labels[0]?.textContent}: ${node.type === 'checkbox' ? node.checked : node.value}`),
            pictures: await Promise.all([...document.querySelectorAll('main canvas')].map(async node => `${node.getAttribute('aria-label')}: ${await code(node.toDataURL())}`)),
        };
    });
}

const press = async (selector, ...keys) => {
    await page.locator(selector).first().focus();
    for (const key of keys) await page.keyboard.press(key);
};
const times = (count, key) => Array(count).fill(key);

/** By room: what is done there before the link is taken, so that all that a link holds is another than at first. */
const used = {
    async descent() {
        await page.locator('#surface').selectOption('beale');
        await page.locator('.hiker select').nth(1).selectOption('nadam');
        await press('.hiker:nth-child(2) .options input', 'ArrowLeft', 'ArrowLeft');
        await page.getByRole('button', {name: 'Remove sgd'}).click();
        await page.locator('#schedule').selectOption('cosine');
        await page.locator('#batch').selectOption('8');
        await press('.card.options input[type=range] >> nth=1', 'ArrowRight');
        await press('.card.options input[type=range] >> nth=2', 'ArrowRight');
        await press('canvas', 'ArrowRight', 'ArrowUp');
        await press('canvas.turns', 'ArrowRight', 'ArrowUp');
        await press('#step', ...times(7, 'Enter'));
        await page.getByRole('button', {name: 'rule', exact: true}).nth(1).click();
    },
    async backprop() {
        await page.locator('#formula').fill('sigmoid(w*x+b) - t^2');
        await page.locator('#formula').press('Enter');
        await press('.knob[data-name=x]', 'ArrowRight', 'PageUp');
        await press('.knob[data-name=b]', 'ArrowLeft');
        await press('#back', 'Enter', 'Enter', 'Enter');
    },
    async classify() {
        await page.locator('#set').selectOption('own');
        for (const [pen, x, y] of [[0, 60, 80], [0, 90, 60], [0, 70, 120], [1, 200, 210], [1, 240, 180], [1, 220, 250]]) {
            await page.locator(`[data-pen="${pen}"]`).click();
            await page.locator('#plane').click({position: {x, y}});
        }
        await page.locator('[data-pen="1"]').click();
        await page.getByRole('button', {name: 'Remove layer 2'}).click();
        await page.getByRole('button', {name: 'One unit less in layer 1'}).click();
        for (const [id, value] of [['activation', 'silu'], ['init', 'xavier'], ['optimizer', 'momentum'], ['schedule', 'cosine'], ['batch', '8'], ['penalty', 'l2']]) await page.locator(`#${id}`).selectOption(value);
        await press('.settings .card:nth-child(2) input[type=range]', 'ArrowRight'); // dropout
        for (const place of [1, 2]) await press(`.settings .card:nth-child(3) input[type=range] >> nth=${place - 1}`, 'ArrowRight'); // rate, strength
        await press('#network', 'ArrowLeft', 'ArrowDown');
        await press('#step', ...times(23, 'Enter'));
    },
    async digits() {
        for (const [id, value] of [['optimizer', 'momentum'], ['schedule', 'cosine'], ['batch', '128']]) await page.locator(`#choose-${id}`).selectOption(value);
        for (const place of [0, 2]) await press(`.card.options input[type=range] >> nth=${place}`, 'ArrowRight'); // rate, seed
        await press('.card.options input[type=range] >> nth=1', 'Home'); // epochs
        await page.locator('#train').click();
        await until('training', () => document.documentElement.dataset.busy === 'true');
        await until('training', () => document.documentElement.dataset.busy === 'false');
        const paper = await page.locator('#paper').boundingBox();
        await page.mouse.move(paper.x + paper.width * 0.5, paper.y + paper.height * 0.2);
        await page.mouse.down();
        await page.mouse.move(paper.x + paper.width * 0.5, paper.y + paper.height * 0.8); // two points, which a link keeps both
        await page.mouse.up();
        await press('canvas.swept >> nth=1', 'ArrowDown', 'ArrowRight', 'ArrowDown');
    },
    async landscape() {
        for (const [id, value] of [['set', 'xor'], ['layers', '4'], ['activation', 'relu'], ['batch', '8'], ['plane', 'random']]) await page.locator(`#${id}`).selectOption(value);
        await press('.card.options > .field input[type=range] >> nth=0', 'ArrowLeft', 'ArrowLeft');
        await press('.card.options > .field input[type=range] >> nth=1', 'ArrowRight');
        await page.locator('.hiker select').nth(2).selectOption('rprop');
        await page.getByRole('button', {name: 'Remove lion'}).click();
        await press('.hiker input', 'ArrowRight');
        await page.locator('.hiker .centre').nth(1).click();
        await press('canvas.turns', 'ArrowLeft', 'ArrowDown');
        await press('[aria-label=Step]', ...times(9, 'ArrowLeft'));
        await until('the walks', () => document.documentElement.dataset.busy !== 'true');
    },
};

export async function links() {
    await page.context().grantPermissions(['clipboard-read', 'clipboard-write'], {origin: base});
    for (const [room, use] of Object.entries(used)) {
        await open(`${room}.html`);
        const first = await seen();
        await use();
        const before = await seen(), differ = Object.keys(before.controls).filter(i => before.controls[i] !== first.controls[i]);
        assert.ok(differ.length >= 1, room);
        await page.getByRole('button', {name: 'Share'}).click();
        await until('the link', () => /is copied/.test(document.querySelector('.toast')?.textContent));
        const link = await page.evaluate(() => navigator.clipboard.readText());
        await page.getByRole('button', {name: 'Show me the C'}).click();
        const program = await page.locator('dialog pre').textContent();
        await page.getByRole('button', {name: 'Copy', exact: true}).click();
        await until('the copy', () => /program is copied/.test(document.querySelector('.toast').textContent));
        assert.equal(await page.evaluate(() => navigator.clipboard.readText()), program, `${room}: Copy copies the program`);
        await open(link.slice(base.length + 1));
        assert.deepEqual(await seen(), before, `${room}: the link leads to what was shared`);
        await page.getByRole('button', {name: 'Reset'}).click();
        if (room === 'digits') await until('forgetting', () => document.querySelector('#step').textContent === '–' && parseFloat(document.querySelector('#accuracy').textContent) < 50);
        assert.deepEqual(await seen(), first, `${room}: Reset leads to what was at first`);
    }
}
