// Tarn itself, compiled to WebAssembly, as functions of JavaScript: what a room needs of it is a module of its own.
const text = 'string', number = 'number', truth = 'boolean', numbers = count => Array(count).fill(number);

/** By room the functions of its C file, without pg_: what they return (an address is a number) and what they take. */
const signatures = {
    descent: {
        surface: [text, [text]],
        grid: [truth, numbers(7)],
        lists: [text, []],
        leave: [null, [number]],
        drop: [text, [number, number, number, text, text, text, number, number, number, number]],
        step: [number, [number]],
        problem: [text, []],
        surface_in_c: [text, []],
    },
    backprop: {
        network: [text, []],
        formula: [text, [text]],
        graph: [text, []],
        set: [null, numbers(3)],
        run: [number, []],
        agrees: [truth, []],
        curve: [null, numbers(6)],
        problem: [text, []],
        program: [text, []],
    },
    classify: {
        lists: [text, []],
        set: [text, [text, number, number, number]],
        draw: [text, numbers(2)],
        count: [number, [number]],
        places: [number, [number]],
        labels: [number, [number]],
        begin: [text, [text, text, text, number, text, text, text, number, number, number]],
        train: [number, [number]],
        problem: [text, []],
        score: [number, []],
        layers: [number, []],
        weights: [number, [number]],
        maps: [number, [number]],
    },
    landscape: {
        lists: [text, []],
        set: [text, [text, number, number, number]],
        count: [number, [number]],
        digits: [text, [text]],
        begin: [text, [text, text, number]],
        walk: [text, [number, text, text, number, number, number]],
        go: [truth, [number]],
        arrive: [text, []],
        outcome: [number, [number]],
        losses: [number, [number]],
        plane: [text, [number, truth, number]],
        shares: [number, []],
        path: [number, [number]],
        at: [number, numbers(2)],
        row: [number, numbers(4)],
    },
    digits: {
        lists: [text, []],
        digits: [text, [text]],
        begin: [text, [text, text, text, number, number, number]],
        steps: [number, []],
        train: [number, []],
        test: [number, []],
        look: [text, [number]],
        seen: [number, [number]],
        seen_size: [number, [number]],
        weights: [number, [number]],
        save: [text, [text]],
        load: [text, [text]],
    },
};

/** Puts the digits of the sample of MNIST where the module finds them, and has it read them. What is wrong, or ''. */
export async function readDigits(tarn) {
    const folder = '/samples', files = ['train.png', 'train-labels.txt', 'test.png', 'test-labels.txt'];
    if (!tarn.module.FS.analyzePath(folder).exists) tarn.module.FS.mkdir(folder);
    for (const file of files) {
        const answer = await fetch(new URL(`../samples/${file}`, import.meta.url));
        if (!answer.ok) return `samples/${file} cannot be read`;
        tarn.module.FS.writeFile(`${folder}/${file}`, new Uint8Array(await answer.arrayBuffer()));
    }
    return tarn.digits(folder);
}

export async function load(room) {
    const {default: create} = await import(`./${room}.js`);
    const module = await create({locateFile: file => new URL(file, import.meta.url).href});
    const tarn = {module};
    for (const [name, [result, of]] of Object.entries(signatures[room])) tarn[name] = module.cwrap(`pg_${name}`, result, of);
    return tarn;
}
