// For ./run playground-test: opens each room of the site in a browser, clicks, drags, trains, draws, follows links, and
// compares its numbers with those of the programs that it shows, built natively.
// node playground.mjs SITE FOLDER_FOR_PICTURES FOLDER_OF_PLAYWRIGHT SAMPLES
import assert from 'node:assert/strict';
import {execFileSync} from 'node:child_process';
import {readFile, writeFile, mkdir} from 'node:fs/promises';
import {createServer} from 'node:http';
import {createRequire} from 'node:module';
import {extname, join, normalize} from 'node:path';

const [site, pictures, modules, samples] = process.argv.slice(2);
const {chromium} = createRequire(join(modules, 'index.js'))('playwright-core');
await mkdir(pictures, {recursive: true});

const types = {'.html': 'text/html', '.js': 'text/javascript', '.css': 'text/css', '.wasm': 'application/wasm', '.svg': 'image/svg+xml', '.png': 'image/png'};
const server = createServer(async (request, answer) => {
    try {
        const path = normalize(new URL(request.url, 'http://x').pathname);
        const body = await readFile(join(site, path === '/' ? 'index.html' : path));
        answer.writeHead(200, {'content-type': types[extname(path)] || 'text/html'}).end(body);
    } catch { answer.writeHead(404).end(); }
});
await new Promise(done => server.listen(0, '127.0.0.1', done));
const base = `http://127.0.0.1:${server.address().port}`;
const browser = await chromium.launch({executablePath: '/usr/bin/chromium', args: ['--no-sandbox', '--disable-gpu', '--disable-background-networking']});
const page = await browser.newPage({acceptDownloads: true});
const noise = [];
page.on('console', message => { if (['error', 'warning'].includes(message.type())) noise.push(message.text()); });
page.on('pageerror', error => noise.push(error.stack));
page.on('request', request => { if (!/^(http:\/\/127\.0\.0\.1|blob:|data:)/.test(request.url())) noise.push(`asks for ${request.url()}`); });
page.setDefaultTimeout(60000);

// A page is asked again and again: where the machine is busy, a browser without a screen makes no frames to wait for.
async function until(what, test, argument) {
    for (const end = Date.now() + 90000; Date.now() < end; await new Promise(done => setTimeout(done, 100))) {
        if (await page.evaluate(test, argument)) return;
        assert.deepEqual(noise, []);
    }
    assert.fail(`${what} takes too long`);
}

async function open(path) {
    await page.goto('about:blank');
    await page.goto(`${base}/${path}`);
    await until(path, () => document.documentElement.dataset.ready === 'true');
}

const hash = async () => new URLSearchParams((await page.evaluate(() => new Promise(done => setTimeout(() => done(location.hash), 400)))).slice(1));

async function programShown() {
    await page.getByRole('button', {name: 'Show me the C'}).click();
    const text = await page.locator('dialog pre').textContent();
    await page.getByRole('button', {name: 'Close'}).click();
    return text;
}

/** What the program prints, as lines of words. */
async function printed(text, ...args) {
    await writeFile(join(pictures, 'shown.c'), text);
    execFileSync('cc', ['-std=c11', '-D_POSIX_C_SOURCE=200809L', '-Wall', '-Werror', '-I.', join(pictures, 'shown.c'), 'build/libtarn.a', '-ljansson', '-lgomp', '-lpthread', '-lm',
        '-o', join(pictures, 'shown')]);
    return execFileSync(join(pictures, 'shown'), args, {encoding: 'utf8', env: {...process.env, TARN_SIMD: 'baseline'}}).trim().split('\n').map(l => l.split(/\s+/));
}

const shown = i => page.locator('.hiker .at').nth(i).evaluate(node => ({...node.dataset, text: node.textContent}));

async function descent() {
    await open('descent.html');
    const surfaces = await page.locator('#surface option').evaluateAll(all => all.map(o => o.value));
    const optimizers = await page.locator('.hiker select').first().locator('option').evaluateAll(all => all.map(o => o.value));
    assert.equal(surfaces.length, 8);
    assert.ok(optimizers.length >= 15);

    // The terminal's numbers, on another surface for each optimizer.
    for (const [i, optimizer] of optimizers.entries()) {
        const surface = surfaces[i % surfaces.length];
        await open(`descent.html#surface=${surface}&o=${optimizer}&step=25${i % 3 ? '' : '&schedule=cosine&total=40'}`);
        const now = await shown(0), lines = await printed(await programShown());
        assert.deepEqual(lines.at(-1).slice(1).map(Number).map(Math.fround), [now.x, now.y, now.f].map(Number).map(Math.fround), `${optimizer} on ${surface}: ${now.text}`);
        assert.ok(await page.locator('#rule tbody tr').count() >= 2, `${optimizer}: the rule has its lines`);
    }

    // What the rules are said to be is what Tarn does, with other options too.
    const worst = await page.evaluate(async () => {
        const {load} = await import('./lib/tarn.js'), {explain} = await import('./descent/rules.js');
        const tarn = await load('descent'), lists = JSON.parse(tarn.lists()), found = [];
        tarn.surface('(1 - x)^2 + 3 (y - x^2)^2');
        const more = ['', 'weight_decay=0.1,l1=0.01', 'weight_decay=0.1,decoupled=true', 'weight_decay=0.1,decoupled=true,independent=true', 'maximize=true', 'centered=true',
            'centered=true,momentum=0.5', 'momentum=0.9,dampening=0.5', 'momentum=0.9,nesterov=true,ema=true', 'amsgrad=true', 'bias_correction=false', 'lr_decay=0.1,initial_accumulator=0.5',
            'weight_decay=0.1,independent=true', 'nesterov=false', 'match_rms=true'];
        for (const o of lists.optimizers)
            for (const text of more) {
                if (tarn.drop(0, -1.5, 1.2, o.name, `lr=0.003${text && `,${text}`}`, '', 100, 64, 0, 1)) continue; // not an option of this one
                const options = Object.fromEntries(o.options.map(x => [x.name, x.value]));
                options.lr = 0.003;
                for (const pair of text.split(',').filter(Boolean)) {
                    const [name, value] = pair.split('=');
                    options[name] = value === 'true' ? 1 : value === 'false' ? 0 : Number(value);
                }
                for (let step = 0; step < 12; step++) {
                    const address = tarn.step(0), record = tarn.module.HEAPF64.slice(address / 8, address / 8 + 25);
                    if (![record[1], record[13], record[24]].every(Number.isFinite)) break; // climbed out of the numbers
                    const {error} = explain(o.rule, options, record);
                    if (!(error < 2e-3)) found.push(`${o.name} ${text} step ${step + 1}: ${error}`);
                }
            }
        return found;
    });
    assert.deepEqual(worst, []);

    // Noise is repeatable, and that of the whole set is none.
    await open('descent.html#surface=bowl&o=sgd,lr=0.1&batch=1&noise=2&step=30');
    const noisy = await shown(0);
    await open('descent.html#surface=bowl&o=sgd,lr=0.1&step=30');
    assert.notEqual((await shown(0)).f, noisy.f);
    await open('descent.html#surface=bowl&o=sgd,lr=0.1&batch=1&noise=2&step=30');
    assert.equal((await shown(0)).f, noisy.f);

    // Clicks, drags and keys, and what the link keeps of them.
    await open('descent.html');
    const map = page.locator('canvas').first(), relief = page.locator('canvas').nth(1);
    const box = await map.boundingBox();
    await page.mouse.click(box.x + box.width / 4, box.y + box.height / 4);
    const place = (await hash()).get('at').split(',').map(Number);
    assert.ok(Math.abs(place[0] + 1.125) < 0.03 && Math.abs(place[1] - 2.15) < 0.03, `at ${place}`);
    await page.getByRole('button', {name: 'One step on'}).click();
    assert.equal((await hash()).get('step'), '1');
    await map.focus();
    await page.keyboard.press('ArrowRight');
    assert.ok(Number((await hash()).get('at').split(',')[0]) > place[0]);
    const view = (await hash()).get('view'), on = await relief.boundingBox();
    await page.mouse.move(on.x + 100, on.y + 100);
    await page.mouse.down();
    await page.mouse.move(on.x + 180, on.y + 120, {steps: 4});
    await page.mouse.up();
    assert.notEqual((await hash()).get('view'), view);
    await page.locator('#play').click();
    await until('playing', () => Number(document.getElementById('count').textContent.replace(/\D/g, '')) > 20);
    await page.locator('#play').click();
    await page.locator('#formula').fill('x^2 + sin(3 y) + q');
    await page.locator('#formula').press('Enter');
    assert.match(await page.locator('#formula-error').textContent(), /q is not known/);
    await page.locator('#formula').fill('x^2 + sin(3 y)');
    await page.locator('#formula').press('Enter');
    assert.equal(await page.locator('#formula-error').textContent(), '');
    assert.equal((await hash()).get('f'), 'x^2 + sin(3 y)');
    await page.getByRole('link', {name: 'A valley of zigzags'}).click();
    await until('the link', () => document.getElementById('count').textContent === 'step 60');
    await page.locator('.hiker summary').first().click();
    await page.locator('.hiker .options input[type=range]').first().focus();
    await page.keyboard.press('ArrowRight');
    assert.match((await hash()).getAll('o')[0], /^sgd,lr=/);
}

async function digits() {
    await open('digits.html#epochs=3');
    await page.locator('#train').click();
    await until('training', () => document.documentElement.dataset.busy === 'true');
    await until('training', () => document.documentElement.dataset.busy === 'false');
    const accuracy = parseFloat(await page.locator('#accuracy').textContent()), seconds = Number(await page.locator('#seconds').textContent());
    console.log(`digits: ${accuracy}% after 3 epochs in ${seconds} s`);
    assert.ok(accuracy > 97);
    const rows = await page.locator('table.numbers tbody tr').evaluateAll(all => all.map(r => [...r.cells].map(c => c.textContent)));
    const lines = await printed(await programShown(), samples);
    assert.deepEqual(rows.map(([, loss, right]) => [loss, right]), lines.map(words => [words[3], words.at(-1)]));

    // A one, drawn; the sum under the pointer is the network's own number.
    const paper = await page.locator('#paper').boundingBox();
    await page.locator('#clear').click();
    await page.mouse.move(paper.x + paper.width * 0.52, paper.y + paper.height * 0.2);
    await page.mouse.down();
    await page.mouse.move(paper.x + paper.width * 0.48, paper.y + paper.height * 0.8, {steps: 12});
    await page.mouse.up();
    await until('the drawing', () => /says 1/.test(document.getElementById('said').textContent));
    assert.match(await page.locator('#sum').textContent(), /^sum .* = /);
    await page.locator('#paper').screenshot({path: join(pictures, 'drawing.png')});

    // Saved, and loaded into another page.
    const [download] = await Promise.all([page.waitForEvent('download'), page.locator('#save').click()]);
    const file = join(pictures, 'lenet.safetensors');
    await download.saveAs(file);
    await open('digits.html');
    assert.ok(parseFloat(await page.locator('#accuracy').textContent()) < 50);
    await page.locator('#file').setInputFiles(file);
    await until('loading', right => parseFloat(document.getElementById('accuracy').textContent) === right, accuracy);
    await writeFile(file, 'no network');
    await page.locator('#file').setInputFiles(file);
    await until('the message', () => document.querySelector('[role=alert]').textContent.length > 10);
}

async function pictureAll() {
    for (const [name, width, height, colorScheme] of [['phone', 390, 844, 'dark'], ['laptop', 1280, 800, 'light'], ['projector', 1920, 1080, 'light']]) {
        await page.setViewportSize({width, height});
        await page.emulateMedia({colorScheme});
        for (const path of ['index.html', 'descent.html#surface=himmelblau&o=sgd&o=momentum&o=adam&o=lion&step=80', 'digits.html', 'source.html#optim/adam.c']) {
            await open(path.startsWith('source') ? path : path);
            await page.screenshot({path: join(pictures, `${path.split('.')[0]}-${name}.png`), fullPage: true});
            const [wide, room] = await page.evaluate(() => [document.documentElement.scrollWidth, document.documentElement.clientWidth]);
            assert.ok(wide <= room + 1, `${path} is ${wide} wide on ${name}, which has ${room}`);
        }
    }
}

try {
    for (const test of [descent, digits, pictureAll]) {
        const begin = Date.now();
        await page.setViewportSize({width: 1280, height: 900});
        await test();
        console.log(`${test.name}: ${((Date.now() - begin) / 1000).toFixed(1)} s`);
    }
    assert.deepEqual(noise, []);
} finally {
    await browser.close();
    server.close();
}
