// The mean luminance of a picture, 0 to 255, and the least contrast of its text against its ground:
// the ground is a box's commonest colour, the text the pixel that differs most from it. Thin strokes
// are mixed with the ground, so that a true contrast is never less than the one found.
async ({ png, boxes }) => {
  const bitmap = await createImageBitmap(await (await fetch(`data:image/png;base64,${png}`)).blob());
  const { width, height } = bitmap;
  const canvas = new OffscreenCanvas(width, height);
  const context = canvas.getContext("2d", { willReadFrequently: true });
  context.drawImage(bitmap, 0, 0);
  const { data } = context.getImageData(0, 0, width, height);
  let sum = 0;
  for (let at = 0; at < data.length; at += 4)
    sum += 0.2126 * data[at] + 0.7152 * data[at + 1] + 0.0722 * data[at + 2];

  const linear = (value) =>
    value <= 10 ? value / 3294.6 : ((value / 255 + 0.055) / 1.055) ** 2.4;
  const luminance = (colour) =>
    0.2126 * linear(colour >> 16) + 0.7152 * linear((colour >> 8) & 255) + 0.0722 * linear(colour & 255);
  const contrast = (one, other) =>
    (Math.max(one, other) + 0.05) / (Math.min(one, other) + 0.05);
  let least = { contrast: 21, words: "" };
  for (const box of boxes) {
    const counted = new Map();
    const right = Math.min(width, Math.floor(box.x + box.width));
    for (let y = Math.max(0, Math.ceil(box.y)); y < Math.min(height, box.y + box.height); y++)
      for (let x = Math.max(0, Math.ceil(box.x)); x < right; x++) {
        const at = 4 * (y * width + x);
        const colour = (data[at] << 16) | (data[at + 1] << 8) | data[at + 2];
        counted.set(colour, (counted.get(colour) ?? 0) + 1);
      }
    if (!counted.size) continue;
    const ground = luminance([...counted].reduce((a, b) => (b[1] > a[1] ? b : a))[0]);
    const found = Math.max(...[...counted.keys()].map((colour) => contrast(luminance(colour), ground)));
    if (found < least.contrast) least = { contrast: found, words: box.words };
  }
  return { sum, pixels: width * height, least };
}
