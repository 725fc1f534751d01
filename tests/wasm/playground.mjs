// For ./run playground-test: opens each room of the site in a browser, clicks, drags, trains, draws, follows links, and
// compares its numbers with those of the programs that it shows, built natively. With names of rooms, only these.
// node playground.mjs SITE FOLDER_FOR_PICTURES FOLDER_OF_PLAYWRIGHT SAMPLES [ROOM]...
import assert from 'node:assert/strict';
import {page, noise, end, lateFrames} from './rooms/browser.mjs';
import {descent} from './rooms/descent.mjs';
import {backprop} from './rooms/backprop.mjs';
import {classify} from './rooms/classify.mjs';
import {digits} from './rooms/digits.mjs';
import {landscape} from './rooms/landscape.mjs';
import {links} from './rooms/links.mjs';
import {keys} from './rooms/keys.mjs';
import {looks} from './rooms/looks.mjs';

const tests = [descent, backprop, classify, digits, landscape, links, keys, looks], asked = process.argv.slice(6);
const late = [descent, backprop, links, keys]; // as on a busy machine
try {
    for (const test of tests.filter(one => asked.length === 0 || asked.includes(one.name))) {
        const begin = Date.now();
        await page.setViewportSize({width: 1280, height: 900});
        await lateFrames(late.includes(test) ? 300 : 0);
        await test();
        console.log(`${test.name}: ${((Date.now() - begin) / 1000).toFixed(1)} s`);
    }
    assert.deepEqual(noise, []);
} finally {
    await end();
}
