// Where the page's words stand: the boxes of its lines, of three letters and more.
() => {
  const boxes = [];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    const words = node.data.trim();
    if (words.length < 3 || !node.parentElement.checkVisibility({ opacityProperty: true })) continue;
    const range = document.createRange();
    range.selectNodeContents(node);
    for (const { x, y, width, height } of range.getClientRects())
      if (width > 12 && height)
        boxes.push({ x, y: y + scrollY, width, height, words: words.slice(0, 60) });
  }
  return boxes;
}
