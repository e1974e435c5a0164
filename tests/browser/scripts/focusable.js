() => {
  const groups = new Set();
  let count = 0;
  for (const e of document.querySelectorAll("a[href], button, input:not([type=hidden]), select, textarea, summary, [tabindex='0'], video[controls]")) {
    if (e.tabIndex < 0 || e.disabled || !e.checkVisibility({ checkVisibilityCSS: true })) continue;
    if (e.type === "radio") {
      if (groups.has(e.name)) continue;
      groups.add(e.name);
    }
    count += 1;
  }
  return count;
}
