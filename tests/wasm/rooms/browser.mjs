// The browser that the tests of the rooms share, and what they do with every page.
import assert from 'node:assert/strict';
import {execFileSync, spawn} from 'node:child_process';
import {once} from 'node:events';
import {writeFile, mkdir} from 'node:fs/promises';
import {createRequire} from 'node:module';
import {join} from 'node:path';

const [site, pictures_, modules, samples_] = process.argv.slice(2);
export const pictures = pictures_, samples = samples_;
const {chromium} = createRequire(join(modules, 'index.js'))('playwright-core');
await mkdir(pictures, {recursive: true});

// The server of ./run playground, at a port that is free.
const server = spawn('python3', ['-u', '-m', 'http.server', '--bind', '127.0.0.1', '--directory', site, '0'], {stdio: ['ignore', 'pipe', 'ignore']});
process.on('exit', () => server.kill());
const [said] = await once(server.stdout, 'data');
export const base = `http://127.0.0.1:${String(said).match(/port (\d+)/)[1]}`;
export const browser = await chromium.launch({executablePath: '/usr/bin/chromium', args: ['--no-sandbox', '--disable-gpu', '--disable-background-networking']});
export const page = await browser.newPage({acceptDownloads: true});
export const noise = [];
page.on('console', message => { if (['error', 'warning'].includes(message.type())) noise.push(message.text()); });
page.on('pageerror', error => noise.push(error.stack));
page.on('request', request => { if (!/^(http:\/\/127\.0\.0\.1|blob:|data:)/.test(request.url())) noise.push(`asks for ${request.url()}`); });
page.setDefaultTimeout(150000);

// Where a machine is busy, frames come late; so they do in pages that are opened after lateFrames(milliseconds).
await page.addInitScript(() => {
    const wait = location.protocol === 'http:' ? Number(sessionStorage.getItem('late')) : 0, {requestAnimationFrame: own, cancelAnimationFrame: cancel} = window, asked = new Map();
    if (!wait) return;
    window.requestAnimationFrame = then => { const id = setTimeout(() => { asked.set(id, own(now => { asked.delete(id); then(now); })); }, wait); return id; };
    window.cancelAnimationFrame = id => { clearTimeout(id); cancel(asked.get(id)); };
});
export async function lateFrames(wait) {
    await page.goto(`${base}/index.html`);
    await page.evaluate(late => sessionStorage.setItem('late', late), wait);
}

// A page is asked again and again: where the machine is busy, a browser without a screen makes no frames to wait for.
export async function until(what, test, argument) {
    for (const end = Date.now() + 90000; Date.now() < end; await new Promise(done => setTimeout(done, 100))) {
        if (await page.evaluate(test, argument)) return;
        assert.deepEqual(noise, []);
    }
    assert.fail(`${what} takes too long`);
}

export async function open(path) {
    await page.goto('about:blank');
    await page.goto(`${base}/${path}`);
    await until(path, () => document.documentElement.dataset.ready === 'true');
}

/** Seconds of the processor that the pages have taken since they began, in all of their threads. */
export async function processorTime() {
    const session = await browser.newBrowserCDPSession(), {processInfo} = await session.send('SystemInfo.getProcessInfo');
    await session.detach();
    return processInfo.filter(one => one.type === 'renderer').reduce((sum, one) => sum + one.cpuTime, 0);
}

/** What the address says, once it says all that there is. */
export async function hash() {
    await until('the address', async () => (location.hash || '#') === (await import(`./${location.pathname.match(/(\w+)\.html/)[1]}/situation.js`)).link());
    return new URLSearchParams((await page.evaluate(() => location.hash)).slice(1));
}

/** Until what waits for frames is drawn: another size is noticed in one, and drawn in the next. */
export const drawn = () => page.evaluate(async () => { for (let i = 0; i < 3; i++) await new Promise(done => requestAnimationFrame(done)); });

/** How many steps a frame takes, in the median, after Play was pressed thrice within one. */
export const pace = () => page.evaluate(async () => {
    const step = () => Number(document.getElementById('count').textContent.replace(/\D/g, '')), taken = [], play = document.getElementById('play');
    for (let i = 0; i < 3; i++) play.click();
    for (let before = step(); taken.length < 9; before = step()) {
        await new Promise(done => requestAnimationFrame(done));
        taken.push(step() - before);
    }
    play.click();
    return taken.sort((a, b) => a - b)[4];
});

export async function programShown() {
    await page.getByRole('button', {name: 'Show me the C'}).click();
    const text = await page.locator('dialog pre').textContent();
    await page.getByRole('button', {name: 'Close'}).click();
    return text;
}

/** What the program prints, as lines of words; library: tarn, or tarn-double. */
export async function printed(text, args = [], library = 'tarn') {
    await writeFile(join(pictures, 'shown.c'), text);
    execFileSync('cc', ['-std=c11', '-D_POSIX_C_SOURCE=200809L', ...(library === 'tarn' ? [] : ['-DTARN_DOUBLE']), '-Wall', '-Werror', '-I.', join(pictures, 'shown.c'),
        `build/lib${library}.a`, '-ljansson', '-lgomp', '-lpthread', '-lm', '-o', join(pictures, 'shown')]);
    return runs(join(pictures, 'shown'), args).map(line => line.trim().split(/\s+/));
}

/** The lines that a program prints on the baseline kernels, which those of WebAssembly are. */
export function runs(file, args = [], environment = {}) {
    return execFileSync(file, args, {encoding: 'utf8', env: {...process.env, TARN_SIMD: 'baseline', ...environment}}).trim().split('\n');
}

/** A canvas as it is: {width, height, at(x, y)}, which gives [red, green, blue, opacity]. */
export async function pixelsOf(canvas) {
    const {width, height, data} = await canvas.evaluate(node => {
        const copy = new OffscreenCanvas(node.width, node.height).getContext('2d', {willReadFrequently: true});
        copy.drawImage(node, 0, 0);
        return {width: node.width, height: node.height, data: Array.from(copy.getImageData(0, 0, node.width, node.height).data)};
    });
    return {width, height, at: (x, y) => data.slice(4 * (y * width + x), 4 * (y * width + x) + 4)};
}

export async function end() {
    await browser.close();
    server.kill();
}
