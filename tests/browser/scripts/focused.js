() => {
  const e = document.activeElement;
  if (!e || e === document.body || e === document.documentElement) return null;
  const problems = [];
  const box = e.getBoundingClientRect();
  const { innerWidth: width, innerHeight: height } = window;
  if (box.width > 0 && (box.bottom <= 0 || box.right <= 0 || box.top >= height || box.left >= width)) {
    problems.push("is outside the viewport");
  } else {
    const spots = [0.5, 0.1, 0.9].flatMap((x) => [0.5, 0.1, 0.9].map((y) => [box.left + box.width * x, box.top + box.height * y]));
    const inside = spots.filter(([x, y]) => x >= 0 && y >= 0 && x < width && y < height);
    const related = (o) => o && (o === e || e.contains(o) || o.contains(e) || [...(e.labels || [])].some((l) => l === o || l.contains(o)));
    if (inside.length && !inside.some(([x, y]) => related(document.elementFromPoint(x, y)))) problems.push("is covered");
  }
  const marked = (o, pseudo) => {
    const s = getComputedStyle(o, pseudo);
    return (s.outlineStyle !== "none" && parseFloat(s.outlineWidth) >= 2) || s.boxShadow !== "none";
  };
  const label = (e.labels && e.labels[0]) || null;
  const around = [e, e.parentElement, label].filter(Boolean);
  const seen = around.some((o) => [null, "::before", "::after"].some((p) => marked(o, p)));
  if (!seen) problems.push("shows no focus");
  return { what: e.outerHTML.slice(0, 120), problems };
}
