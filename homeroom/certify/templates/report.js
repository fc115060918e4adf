// Search and filter; the report reads the same without it.
for (const form of document.querySelectorAll("form.filter")) {
  const rows = [...document.getElementById(form.dataset.for).querySelectorAll("tbody tr")];
  const show = () => {
    const words = form.words.value.toLowerCase().split(/\s+/).filter(Boolean);
    let shown = 0;
    for (const row of rows) {
      const text = (row.id + " " + row.textContent).toLowerCase();
      row.hidden = (form.outcome.value && row.dataset.outcome !== form.outcome.value)
        || !words.every((word) => text.includes(word));
      shown += row.hidden ? 0 : 1;
    }
    form.querySelector("output").textContent = shown === rows.length ? "" : shown + " of " + rows.length;
  };
  form.hidden = false;
  form.addEventListener("input", show);
  form.addEventListener("submit", (event) => event.preventDefault());
}
// A deep link into folded text unfolds it.
const unfold = () => {
  const target = location.hash && document.getElementById(location.hash.slice(1));
  for (let at = target; at; at = at.parentElement) { if (at.tagName === "DETAILS") { at.open = true; } }
  if (target && target.hidden) { target.hidden = false; }
};
addEventListener("hashchange", unfold);
unfold();
