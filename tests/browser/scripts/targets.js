() => {
  const found = [];
  const visible = (e) => e.checkVisibility({ checkVisibilityCSS: true, checkOpacity: true });
  const inSentence = (e) =>
    e.localName === "a" &&
    getComputedStyle(e).display === "inline" &&
    [...e.parentElement.childNodes].some((n) => n.nodeType === 3 && n.data.trim().length > 1);
  for (const e of document.querySelectorAll("a[href], button, input:not([type=hidden]), select, textarea, summary")) {
    if (!visible(e) || inSentence(e) || e.tabIndex < 0) continue;
    let box = e.getBoundingClientRect();
    if (box.width <= 1 && box.height <= 1) continue; // shown when it has the focus
    let { width, height } = box;
    for (const label of e.labels || []) {
      if (!["radio", "checkbox"].includes(e.type)) break;
      const other = label.getBoundingClientRect();
      width = Math.max(width, other.width);
      height = Math.max(height, other.height);
    }
    if (width < 23.5 || height < 23.5) {
      found.push(`target ${width.toFixed(0)}×${height.toFixed(0)}: ${e.outerHTML.slice(0, 140)}`);
    }
  }
  return found.slice(0, 5);
}
