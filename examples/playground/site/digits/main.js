// The room Digits: a network learns digits while one looks on, and answers to a drawing.
import {el, header, showProgram, share, toast} from '../lib/page.js';
import {now, link, readLink} from './situation.js';
import {tested, busy, train, startOver, save, load, whenHeard, begin} from './training.js';
import {paper, showPaper, clear, lookAgain, lookAtChosen, lookAtFirst, listenToPaper} from './paper.js';
import {accuracy, seconds, step, progress, chart, epochRows, firstFilters, secondFilters, mistakes, confusion, showLosses, showProgress, showFilters, showTest} from './learned.js';
import {answers, said, layers, showSeen, listenToMaps} from './answers.js';
import {fields, sync} from './choices.js';
import {percent} from './pictures.js';
import {program} from './program.js';

const trainButton = el('button', {class: 'primary', id: 'train', disabled: true, onclick: train}, '▶ Train from scratch');
const saveButton = el('button', {id: 'save', disabled: true, onclick: save}, 'Save');
const problem = el('p', {class: 'error', role: 'alert'});
const chosenFile = el('input', {type: 'file', id: 'file', class: 'out', disabled: true, accept: '.safetensors,.npz', 'aria-label': 'Load a network', onchange: event => {
    if (event.target.files[0]) load(event.target.files[0]);
    event.target.value = '';
}});

function download(bytes) {
    const url = URL.createObjectURL(new Blob([bytes], {type: 'application/octet-stream'}));
    el('a', {href: url, download: 'lenet.safetensors'}).click();
    setTimeout(() => URL.revokeObjectURL(url), 1000);
    toast('lenet.safetensors: ./run predict --load reads it too');
}

/** A link is followed as by a page that is opened with it, with a network that has learned nothing. */
function followLink() {
    readLink();
    sync();
    startOver();
}

function reset() {
    location.hash = '';
    followLink();
    toast('As at first');
}

function training() {
    const figure = (number, text) => el('div', {}, number, el('span', {}, text));
    return el('section', {class: 'card'}, el('h2', {}, 'Training'),
        el('div', {class: 'row'}, trainButton, saveButton, chosenFile, el('label', {class: 'button', for: 'file'}, 'Load…')),
        el('div', {class: 'figures', 'aria-live': 'off'}, figure(accuracy, 'of 2,000 test digits right'), figure(seconds, 'seconds of training'), figure(step, 'steps')),
        progress, problem, chart,
        el('table', {class: 'numbers'}, el('thead', {}, el('tr', {}, ['epoch', 'loss', 'test accuracy'].map(t => el('th', {scope: 'col'}, t)))), epochRows));
}

function build() {
    header('Digits', [
        el('button', {onclick: () => showProgram('The C of this training', 'It prints the losses and accuracies of this page, the same digits with TARN_SIMD=baseline.', program(now))}, 'Show me the C'),
        share(link), el('button', {class: 'quiet', onclick: reset}, 'Reset')]);
    const hint = text => el('p', {class: 'hint'}, text), file = (name, text) => el('a', {href: `source.html#${name}`}, text);
    document.querySelector('main').append(
        el('h1', {}, 'Digits'),
        el('p', {class: 'lead'}, 'LeNet learns 10,000 handwritten digits in this page, in seconds, and then answers to yours.'),
        el('div', {class: 'digits'},
            el('div', {class: 'stack'}, training(),
                el('section', {class: 'card options'}, el('h2', {}, 'Settings'), fields),
                el('section', {class: 'card maps'}, el('h2', {}, 'Filters, as they form'), hint('Red weights want ink, blue ones paper. Six filters of the first convolution:'), firstFilters,
                    hint('and the sixteen of the second, for each of the six maps they look at:'), secondFilters),
                el('section', {class: 'card'}, el('h2', {}, 'What is taken for what'), hint('Rows: the digit; columns: what the network said.'), confusion)),
            el('div', {class: 'stack'},
                el('section', {class: 'card'}, el('h2', {}, 'Draw a digit'), el('div', {class: 'drawing'},
                    el('div', {}, paper, el('p', {class: 'row', style: 'margin:.5rem 0 0'}, el('button', {id: 'clear', onclick: clear}, 'Clear'))), answers), said),
                el('section', {class: 'card maps'}, el('h2', {}, 'Every layer answers'), layers,
                    el('p', {class: 'hint', id: 'mapkeys'}, 'Point at a map of either convolution, or go there by arrow keys, to see what a number in it is made of.')),
                el('section', {class: 'card'}, el('h2', {}, 'The surest mistakes'), hint('Press one to look at it.'), mistakes),
                el('p', {class: 'hint'}, 'What runs here: ', file('examples/playground/digits.c', 'digits.c'), ', ', file('core/ops/conv2d.c', 'conv2d.c'), '. The chapter: ',
                    file('docs/book/11-program.md', 'the program'), '. The digits are from MNIST, under CC BY-SA 3.0: ', file('samples/README.md', 'the sample'), '.'))));
}

function showAll() {
    showFilters();
    showTest();
    showProgress();
}

/** What the link asks for, once there is a network: a drawing, or the surest mistake; and to train. */
function follow() {
    lookAtFirst();
    if (now.trained && !busy) train();
}

whenHeard({
    ready() {
        for (const control of [trainButton, saveButton, chosenFile]) control.disabled = false;
        problem.textContent = '';
        showAll();
        follow();
        document.documentElement.dataset.ready = 'true';
    },
    busy() {
        trainButton.textContent = busy ? '■ Stop' : '▶ Train from scratch';
        lookAgain();
    },
    learned(anew) {
        showProgress();
        showFilters();
        if (anew) showTest();
        lookAgain();
        if (anew) lookAtChosen();
    },
    loaded() {
        problem.textContent = '';
        showAll();
        lookAgain();
        toast(`Loaded: ${percent(tested.accuracy, 2)} of the test digits right`);
    },
    seen: showSeen,
    saved: download,
    problem(text) { problem.textContent = text; },
});
readLink();
build();
sync();
listenToPaper();
listenToMaps();
addEventListener('hashchange', followLink);
addEventListener('themechange', () => { showLosses(); if (tested) showTest(); });
new ResizeObserver(() => { showLosses(); showPaper(); }).observe(document.querySelector('.digits'));
begin();
