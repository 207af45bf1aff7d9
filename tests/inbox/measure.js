// What a reader meets on the page: lines of text and their letters, links, and where papers begin.
({ taps }) => {
  const doc = document.scrollingElement;
  const width = doc.clientWidth;
  const clean = (text) => text.replace(/\s+/g, " ").trim();

  const isShown = (element) =>
    element.checkVisibility({ opacityProperty: true, visibilityProperty: true });
  const blockOf = (element) => {
    while (/^(inline|contents|ruby)/.test(getComputedStyle(element).display))
      element = element.parentElement;
    return element;
  };

  // Pieces of text as they are laid out, by the block whose lines they fill.
  const blocks = new Map();
  const main = document.querySelector("main, [role=main]") ?? document.body;
  const letters = {};  // of the mail's own words, not of its small print
  const samples = {};
  let overflow = doc.scrollWidth - width;
  let culprit = overflow > 0 ? "the page itself" : "";
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    const parent = node.parentElement;
    const words = clean(node.data);
    if (!words || /^(STYLE|SCRIPT|TITLE)$/.test(parent.tagName) || !isShown(parent)) continue;
    const range = document.createRange();
    range.selectNodeContents(node);
    const size = parseFloat(getComputedStyle(parent).fontSize);
    if (main.contains(node)) letters[size] = (letters[size] ?? 0) + words.length;
    samples[size] ??= words.slice(0, 60);
    const block = blockOf(parent);
    if (!blocks.has(block)) blocks.set(block, []);
    for (const box of range.getClientRects()) {
      if (!box.width || !box.height) continue;
      blocks.get(block).push({ box, words });
      const out = Math.max(box.right - width, -box.left);
      if (out > overflow + 0.5) [overflow, culprit] = [out, words.slice(0, 80)];
    }
  }

  let line = { width: 0, words: "" };
  for (const pieces of blocks.values()) {
    const lines = [];
    for (const { box, words } of pieces) {
      const middle = (box.top + box.bottom) / 2;
      const found = lines.find((one) => one.top < middle && middle < one.bottom);
      if (!found) lines.push({ top: box.top, bottom: box.bottom, left: box.left, right: box.right, words });
      else {
        found.left = Math.min(found.left, box.left);
        found.right = Math.max(found.right, box.right);
      }
    }
    for (const one of lines)
      if (one.right - one.left > line.width)
        line = { width: one.right - one.left, words: one.words.slice(0, 80) };
  }

  // The tallest run of points that a finger can meet, along three lines down the link.
  const reach = (link) => {
    const box = link.getBoundingClientRect();
    scrollTo(0, scrollY + box.top - 100);
    const { left, top, width, height } = link.getBoundingClientRect();
    let most = 0;
    for (const share of [0.25, 0.5, 0.75]) {
      let met = 0;
      for (let y = Math.ceil(top - 2); y < top + height + 2; y++) {
        const hit = document.elementFromPoint(left + share * width, y);
        if (hit && link.contains(hit)) met++;
      }
      most = Math.max(most, met);
    }
    scrollTo(0, 0);
    return most;
  };
  const links = [];
  for (const link of document.querySelectorAll("a[href]")) {
    if (!isShown(link) || !clean(link.textContent)) continue;
    const block = blockOf(link.parentElement).cloneNode(true);
    for (const one of block.querySelectorAll("a[href]")) one.remove();
    if (/[\p{L}\p{N}]/u.test(block.textContent)) continue; // in a sentence
    const { height, width } = link.getBoundingClientRect();
    links.push({ words: clean(link.textContent).slice(0, 60), height, width, reach: taps ? reach(link) : null });
  }

  const papers = [...document.querySelectorAll("h2.title")].map((title) => {
    const row = title.closest("tr, article, li") ?? title;
    const box = row.getBoundingClientRect();
    return { top: title.getBoundingClientRect().top + scrollY, height: box.height };
  });
  return { overflow, culprit, line, letters, samples, links, papers };
}
