// Numbers as bars, each beside its name: a table, so that the picture and its twin are one.

const SVG = "http://www.w3.org/2000/svg";

export function bars(names, counts, data) {
  const most = Math.max(...data.map(({ value }) => value)) || 1;
  const table = document.createElement("table");
  table.className = "kg-bars";
  const caption = table.createCaption();
  caption.textContent = `${counts} by ${names}`;
  const body = table.createTBody();
  for (const { name, value } of data) {
    const row = body.insertRow();
    const head = document.createElement("th");
    head.scope = "row";
    head.append(name.cloneNode(true));
    const cell = document.createElement("td");
    cell.append(bar(value / most), value.toLocaleString("en-GB"));
    row.append(head, cell);
  }
  return table;
}

function bar(share) {
  const svg = document.createElementNS(SVG, "svg");
  const shape = document.createElementNS(SVG, "rect");
  svg.setAttribute("aria-hidden", "true");
  shape.setAttribute("width", `${Math.max(0.5, share * 100)}%`);
  shape.setAttribute("height", "100%");
  svg.append(shape);
  return svg;
}
