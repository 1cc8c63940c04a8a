// The least contrast of any text in sight with the ground behind it (WCAG 2.2, 1.4.3): 1 to 21.
(() => {
  const canvas = document.createElement("canvas").getContext("2d", {willReadFrequently: true});

  const channels = (color) => {
    canvas.clearRect(0, 0, 1, 1);
    canvas.fillStyle = color;
    canvas.fillRect(0, 0, 1, 1);
    return Array.from(canvas.getImageData(0, 0, 1, 1).data);
  };

  const linear = (value) => value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;

  const luminance = (color) => {
    const [red, green, blue] = channels(color).map((value) => linear(value / 255));
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
  };

  const ground = (element) => {
    const color = getComputedStyle(element).backgroundColor;
    return channels(color)[3] === 255 ? color : ground(element.parentElement);
  };

  const contrast = ([one, other]) => {
    const [low, high] = [luminance(one), luminance(other)].sort((a, b) => a - b);
    return (high + 0.05) / (low + 0.05);
  };

  const hasText = (element) => Array.from(element.childNodes).some((node) => node.nodeType === 3 && node.data.trim());
  const told = Array.from(document.body.querySelectorAll("*")).filter((e) => e.checkVisibility() && hasText(e));
  const pairs = told.map((element) => [getComputedStyle(element).color, ground(element)]);
  for (const field of document.querySelectorAll("[placeholder]")) {
    pairs.push([getComputedStyle(field, "::placeholder").color, ground(field)]);
  }
  return Math.min(...pairs.map(contrast));
})()
