() => {
  const root = document.documentElement;
  if (root.scrollWidth <= root.clientWidth) return [];
  const wide = [...document.body.querySelectorAll("*")].filter((e) => {
    if (e.closest("[role=region][tabindex]") && !e.matches("[role=region]")) return false;
    const box = e.getBoundingClientRect();
    return box.width > 0 && box.right > root.clientWidth + 0.5 && box.left >= 0;
  });
  const names = wide.slice(-3).map((e) => e.outerHTML.slice(0, 120));
  return [`${root.scrollWidth} > ${root.clientWidth}: ${names.join(" | ")}`];
}
