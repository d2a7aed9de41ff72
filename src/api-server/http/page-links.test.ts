import test from 'ava';
import fc from 'fast-check';
import { PageLinks } from './page-links.ts';

const prefix = '/api/v1/namespaces/n/pods/p/proxy';

function moved(page: string, cuts: readonly number[] = []): string {
  const links = new PageLinks(prefix);
  const at = [0, ...cuts.map((cut) => cut % (page.length + 1)).sort((a, b) => a - b), page.length];
  return (
    at
      .slice(1)
      .map((end, i) => links.push(page.slice(at[i], end)))
      .join('') + links.end()
  );
}

test('links that begin with a slash get the path of the proxy', (t) => {
  for (const [page, expected] of [
    ['<a href="/rewriteme">test</a>', `<a href="${prefix}/rewriteme">test</a>`],
    ["<IMG alt='/x' SRC='/a.png'/>", `<IMG alt='/x' SRC='${prefix}/a.png'/>`],
    ['<link rel=x href=/style.css>', `<link rel=x href=${prefix}/style.css>`],
    ['<form action = "/a?b=c#d">', `<form action = "${prefix}/a?b=c#d">`],
    ['<base href="/">', `<base href="${prefix}/">`],
    [
      '<script src="/a.js">if (a < b) x = \'<a href="/y">\'</script><a href=" /z">',
      `<script src="${prefix}/a.js">if (a < b) x = '<a href="/y">'</script><a href=" ${prefix}/z">`,
    ],
    ['a < b <a title="1 > 0" href="/c">', `a < b <a title="1 > 0" href="${prefix}/c">`],
  ] as const)
    t.is(moved(page), expected);
});

test('other links, other attributes, comments and text stay as they are', (t) => {
  for (const page of [
    '<a href="relative/path">',
    '<a href="//elsewhere/x">',
    '<a href="/\\elsewhere/x">',
    '<a href="https://elsewhere/x">',
    `<a href="${prefix}/x">`,
    `<a href="${prefix}">`,
    '<a data-href="/x" title="/x">/x</a>',
    '<p href="/x">',
    '<!-- <a href="/x"> --><!doctype html>',
    '<textarea><a href="/x"></textarea>',
    '<a href="/unfinished',
    '<',
    'ä < ö',
  ])
    t.is(moved(page), page);
  t.is(moved(`<a href="${prefix}-1/x">`), `<a href="${prefix}${prefix}-1/x">`);
});

test('a page comes out the same however it is cut into pieces', (t) => {
  const word = fc.constantFrom(
    '<a href="/x">',
    '<!--',
    '-->',
    '<script>',
    '</script>',
    '<',
    '>',
    '"',
    "'",
    ' src=/y ',
    '<img',
    'x',
    '=',
  );
  fc.assert(
    fc.property(fc.array(word, { maxLength: 12 }), fc.array(fc.nat(), { maxLength: 6 }), (words, cuts) => {
      const page = words.join('');
      t.is(moved(page, cuts), moved(page));
    }),
  );
});

test('a tag without an end is not held for ever', (t) => {
  const links = new PageLinks(prefix);
  let out = 0;
  for (let i = 0; i < 300; i++) out += links.push('<a x="'.padEnd(1000, 'y')).length;
  t.true(out > 200_000);
});

test('what is no part of an attribute gets into none', (t) => {
  const links = new PageLinks('/p"><script>');
  t.is(links.push('<a href="/x">'), '<a href="/p%22%3E%3Cscript%3E/x">');
});

test('pages that are made to be slow take time in proportion to their length', (t) => {
  const times = ['<script></script>', '<a "" "" ', 'x', '<a aaaaaaaa', "='", '<!-', '<a href= '].map((word) => {
    const links = new PageLinks(prefix);
    const piece = word.repeat(Math.ceil((1 << 16) / word.length));
    const from = performance.now();
    for (let i = 0; i < 4; i++) links.push(piece);
    return performance.now() - from;
  });
  t.true(Math.max(...times) < 1000, times.join(' '));
});
