
const box = document.getElementById("filter");
const rows = [...document.querySelectorAll("#index tbody tr")];
box.parentElement.hidden = false;
box.addEventListener("input", () => {
  const words = box.value.toLowerCase().split(/\s+/);
  for (const row of rows) {
    const text = row.textContent.toLowerCase();
    row.hidden = !words.every((word) => text.includes(word));
  }
});

// A number of the hash may lie in what is folded away.
const unfold = () => {
  const target = document.getElementById(location.hash.slice(1));
  for (let folded = target?.closest("details:not([open])"); folded; folded = target.closest("details:not([open])")) {
    folded.open = true;
    target.scrollIntoView();
  }
};
addEventListener("hashchange", unfold);
unfold();

const sort = (table, place, down) => {
  const key = (row) => row.cells[place].textContent.trim();
  const compare = (a, b) => {
    const [one, other] = [parseFloat(key(a)), parseFloat(key(b))];
    return isNaN(one) || isNaN(other) ? key(a).localeCompare(key(b)) : one - other;
  };
  const body = table.tBodies[0];
  body.append(...[...body.rows].sort((a, b) => (down ? compare(b, a) : compare(a, b))));
};
for (const head of document.querySelectorAll("table.grid thead th")) {
  const button = document.createElement("button");
  button.append(...head.childNodes);
  head.append(button);
  button.addEventListener("click", () => {
    const down = head.ariaSort ? head.ariaSort === "ascending" : head.classList.contains("number");
    for (const other of head.parentElement.cells) other.removeAttribute("aria-sort");
    head.ariaSort = down ? "descending" : "ascending";
    sort(head.closest("table"), head.cellIndex, down);
  });
}
