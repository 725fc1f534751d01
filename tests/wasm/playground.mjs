// For ./run playground-test: opens each room of the site in a browser, clicks, drags, trains, draws, follows links, and
// compares its numbers with those of the programs that it shows, built natively. With names of rooms, only these.
// node playground.mjs SITE FOLDER_FOR_PICTURES FOLDER_OF_PLAYWRIGHT SAMPLES [ROOM]...
import assert from 'node:assert/strict';
import {join} from 'node:path';
import {page, pictures, noise, open, until, end} from './rooms/browser.mjs';
import {descent} from './rooms/descent.mjs';
import {backprop} from './rooms/backprop.mjs';
import {classify} from './rooms/classify.mjs';
import {digits} from './rooms/digits.mjs';
import {landscape} from './rooms/landscape.mjs';

async function looks() {
    for (const [name, width, height, colorScheme] of [['phone', 390, 844, 'dark'], ['laptop', 1280, 800, 'light'], ['projector', 1920, 1080, 'light']]) {
        await page.setViewportSize({width, height});
        await page.emulateMedia({colorScheme});
        for (const path of ['index.html', 'descent.html#surface=himmelblau&o=sgd&o=momentum&o=adam&o=lion&step=80', 'backprop.html', 'backprop.html#formula=(sigmoid(w*x%2Bb)-t)^2', 'classify.html#step=400', 'digits.html', 'landscape.html', 'source.html#optim/adam.c']) {
            await open(path);
            await until(path, () => document.documentElement.dataset.busy !== 'true');
            await page.screenshot({path: join(pictures, `${path.split('.')[0]}${path.includes('formula') ? '-formula' : ''}-${name}.png`), fullPage: true});
            const [wide, room] = await page.evaluate(() => [document.documentElement.scrollWidth, document.documentElement.clientWidth]);
            assert.ok(wide <= room + 1, `${path} is ${wide} wide on ${name}, which has ${room}`);
        }
    }
}

const tests = [descent, backprop, classify, digits, landscape, looks], asked = process.argv.slice(6);
try {
    for (const test of tests.filter(one => asked.length === 0 || asked.includes(one.name))) {
        const begin = Date.now();
        await page.setViewportSize({width: 1280, height: 900});
        await test();
        console.log(`${test.name}: ${((Date.now() - begin) / 1000).toFixed(1)} s`);
    }
    assert.deepEqual(noise, []);
} finally {
    await end();
}
