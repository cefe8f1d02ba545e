// Draws the pictures of a page with vis-network. Everything it needs stands in the page, as data; every position comes
// from the server, in two versions: for a wide place and for a narrow one.
(function () {
  "use strict";

  const PADDING = 18;
  const LEGIBLE = 0.8; // below this scale a picture is turned, if that makes it larger
  const SMALLEST = 0.62; // below this one it is moved about rather than shrunk further
  const LARGEST = 1.5;
  const NAME = 12; // pixels of a name in a picture that is seen whole
  const STEP = 80;

  function element(name, text) {
    return Object.assign(document.createElement(name), { textContent: text });
  }

  // A link, or nothing for an address that is not one of the web.
  function link(href, text) {
    if (!href || !/^https?:$/.test(new URL(href, document.baseURI).protocol)) return null;
    const made = element("a", text);
    made.href = href;
    return made;
  }

  // In forced colours the drawing takes the reader's own, which CSS cannot give to a canvas.
  const FORCED = window.matchMedia("(forced-colors: active)");

  function inColours(options, nodes) {
    if (!FORCED.matches) return { options, nodes };
    // An element for each: of one whose colour changes, a transition would tell the colour before.
    const colour = (name) => {
      const probe = document.body.appendChild(document.createElement("span"));
      probe.style.color = name;
      const found = window.getComputedStyle(probe).color;
      probe.remove();
      return found;
    };
    const [ink, ground, mark] = ["CanvasText", "Canvas", "Highlight"].map(colour);
    const lettered = (font) => font && { ...font, color: ink, background: font.background === "none" ? "none" : ground };
    return {
      options: {
        ...options,
        nodes: { ...options.nodes, font: lettered(options.nodes.font) },
        edges: { ...options.edges, color: { ...options.edges.color, color: ink, highlight: mark, hover: mark } },
      },
      nodes: nodes.map((node) => ({
        ...node,
        ...(node.font ? { font: lettered(node.font) } : {}),
        ...(node.color ? { color: { ...node.color, border: ink, highlight: { background: mark, border: ink } } } : {}),
      })),
    };
  }

  class Picture {
    constructor(figure) {
      this.figure = figure;
      this.stage = figure.querySelector("[data-picture-stage]");
      this.detail = figure.querySelector("[data-picture-detail]");
      this.data = JSON.parse(figure.querySelector("script[type='application/json']").textContent);
      for (const live of figure.querySelectorAll("[data-picture-live]")) live.hidden = false;
      for (const still of figure.querySelectorAll("[data-picture-still]")) still.hidden = true;
      this.coloured = inColours(this.data.options, this.data.nodes);
      this.named = null; // which nodes have their names, where not all can have them
      this.choose();
      performance.mark("picture-start");
      this.network = new window.vis.Network(this.stage, this.placed(), this.coloured.options);
      const frame = this.stage.firstElementChild;
      frame.removeAttribute("tabindex"); // the stage around it is what takes the keys
      frame.style.touchAction = "pan-y"; // a finger that moves up and down scrolls the page
      this.network.on("click", (event) => {
        const chosen = this.data.details.nodes[event.nodes[0]];
        // A community opens, in this very picture; anything else is told about first.
        if (chosen && chosen.kind === "community") this.open(chosen.href);
        else {
          this.chosen = chosen ? event.nodes[0] : "";
          this.tell(event.nodes[0], event.edges[0]);
        }
      });
      this.showAll();
      this.listen();
      figure.dataset.pictureDrawn = this.layout.direction;
      // The second frame begins when the first has been painted.
      requestAnimationFrame(() => requestAnimationFrame(() => performance.measure("picture", "picture-start")));
    }

    // The version that can be read without being moved about, else the one that is larger when it is seen whole.
    choose() {
      const { wide, tall } = this.data.layouts;
      const room = this.stage.clientWidth - 2 * PADDING;
      const most = Math.max(320, window.innerHeight * 0.85);
      const fit = ({ frame }) => Math.min(room / frame[2], (most - 2 * PADDING) / frame[3]);
      const chosen = room / wide.frame[2] >= LEGIBLE || fit(wide) >= fit(tall) ? wide : tall;
      const [, , width, height] = chosen.frame;
      const changed = chosen !== this.layout;
      this.layout = chosen;
      this.scale = Math.max(SMALLEST, Math.min(LARGEST, room / width, (most - 2 * PADDING) / height));
      this.stage.style.height = `${Math.round(Math.min(height * this.scale + 2 * PADDING, most))}px`;
      return changed;
    }

    placed() {
      const { positions, labels, direction } = this.layout;
      const named = this.named;
      const nodes = this.coloured.nodes.map((node) => {
        const [x, y] = positions[node.id];
        const placed = { ...node, label: labels[node.id] || node.label, x, y };
        if (!named) return placed;
        if (node.shape === "text") return { ...placed, hidden: true };
        const font = { ...this.coloured.options.nodes.font, size: NAME / named.scale };
        return named.nodes.has(node.id) ? { ...placed, font } : { ...placed, label: undefined };
      });
      const edges = this.data.edges.map((edge) => ({
        ...edge,
        ...this.arrowBelowLabel(edge),
        smooth: { ...this.data.options.edges.smooth, forceDirection: direction },
      }));
      return { nodes, edges };
    }

    // Where lines run downwards, an arrow that points up ends below the node's label rather than behind it.
    arrowBelowLabel({ from, arrows }) {
      const { labels, direction } = this.layout;
      if (direction !== "vertical" || !arrows.includes("from")) return {};
      const lines = labels[from].split("\n").length;
      return { endPointOffset: { from: lines * this.data.options.nodes.font.size + 6 }, arrowStrikethrough: true };
    }

    // At a scale at which the names cannot be read, those of what is tied to most are written large, as many as fit.
    name(scale) {
      const before = this.named;
      this.named = scale < SMALLEST ? { scale, nodes: this.telling(scale) } : null;
      if (before === this.named || (before && this.named && before.scale === scale)) return;
      const position = this.network.getViewPosition();
      this.network.setData(this.placed());
      this.network.moveTo({ position, scale, animation: false });
      if (this.chosen) this.network.selectNodes([this.chosen]);
    }

    telling(scale) {
      const { positions, labels, middle, frame } = this.layout;
      const [least, most] = [frame[0] * scale - PADDING, (frame[0] + frame[2]) * scale + PADDING];
      const ties = {};
      for (const ends of Object.values(this.data.details.ends)) for (const end of ends) ties[end] = (ties[end] || 0) + 1;
      const rank = (node) => (node === middle ? Infinity : ties[node] || 0);
      const taken = [];
      const found = new Set();
      for (const node of Object.keys(labels).sort((one, other) => rank(other) - rank(one))) {
        const lines = labels[node].split("\n");
        const wide = Math.max(...lines.map((line) => line.length)) * NAME * 0.6;
        const [x, y] = positions[node].map((at) => at * scale);
        const box = [x - wide / 2, y - NAME, x + wide / 2, y + NAME * (1.3 * lines.length + 1)];
        if (box[0] < least || box[2] > most) continue; // it would be cut at the side
        if (taken.some(([left, top, right, bottom]) => box[0] < right && left < box[2] && box[1] < bottom && top < box[3])) continue;
        taken.push(box);
        found.add(node);
      }
      return found;
    }

    showAll(whole = false) {
      const [left, top, width, height] = this.layout.frame;
      const room = { x: this.stage.clientWidth - 2 * PADDING, y: this.stage.clientHeight - 2 * PADDING };
      const scale = whole ? Math.min(LARGEST, room.x / width, room.y / height) : this.scale;
      const middle = this.layout.middle && !whole && this.layout.positions[this.layout.middle];
      const fits = width * scale <= room.x + 1 && height * scale <= room.y + 1;
      this.name(scale);
      if (middle && !fits) {
        return this.network.moveTo({ position: { x: middle[0], y: middle[1] }, scale, animation: false });
      }
      // What does not fit begins at its beginning.
      const x = width * scale > room.x ? left + room.x / scale / 2 : left + width / 2;
      const y = height * scale > room.y ? top + room.y / scale / 2 : top + height / 2;
      this.network.moveTo({ position: { x, y }, scale, animation: false });
    }

    move(x, y) {
      const { x: atX, y: atY } = this.network.getViewPosition();
      const step = STEP / this.network.getScale();
      this.network.moveTo({ position: { x: atX + x * step, y: atY + y * step }, animation: false });
    }

    zoom(factor) {
      const scale = Math.min(4, Math.max(0.1, this.network.getScale() * factor));
      this.network.moveTo({ scale, animation: false });
      this.name(scale);
    }

    act(name) {
      const acts = {
        in: () => this.zoom(1.25),
        out: () => this.zoom(0.8),
        all: () => this.showAll(true),
        left: () => this.move(-1, 0),
        right: () => this.move(1, 0),
        up: () => this.move(0, -1),
        down: () => this.move(0, 1),
      };
      acts[name]();
    }

    // To the nearest node that way: among those tied to the chosen one if there are such, else among all.
    step(x, y) {
      const { positions, labels, middle } = this.layout;
      if (!this.chosen) return this.select(middle || this.data.nodes[0].id);
      const [hereX, hereY] = positions[this.chosen];
      const nearest = (names) => {
        let [best, least] = ["", Infinity];
        for (const name of names) {
          const [toX, toY] = positions[name];
          const along = (toX - hereX) * x + (toY - hereY) * y;
          const across = Math.abs((toX - hereX) * y) + Math.abs((toY - hereY) * x);
          if (along > 0 && along >= across / 2 && along + 2 * across < least) [best, least] = [name, along + 2 * across];
        }
        return best;
      };
      const tied = [];
      for (const [one, other] of Object.values(this.data.details.ends)) {
        if (one === this.chosen || other === this.chosen) tied.push(one === this.chosen ? other : one);
      }
      const found = nearest(tied) || nearest(Object.keys(labels));
      if (found) this.select(found);
    }

    open(href) {
      if (link(href, "")) window.location.assign(href);
    }

    select(node) {
      this.chosen = node;
      this.network.selectNodes([node]);
      this.tell(node);
      // Brought into sight if it is out of it.
      const { x, y } = this.network.canvasToDOM(this.network.getPosition(node));
      const { clientWidth, clientHeight } = this.stage;
      const hidden = Math.min(x, y, clientWidth - x, clientHeight - y) < 2 * PADDING;
      if (hidden) this.network.moveTo({ position: this.network.getPosition(node), animation: false });
    }

    listen() {
      const keys = { "+": "in", "=": "in", "-": "out", 0: "all" };
      const ways = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
      this.stage.addEventListener("keydown", (event) => {
        if (event.ctrlKey || event.metaKey || event.altKey) return;
        if (event.key in ways && event.shiftKey) this.move(...ways[event.key]);
        else if (event.key in ways) this.step(...ways[event.key]);
        else if (event.key in keys) this.act(keys[event.key]);
        else if (event.key === "Enter" && this.chosen) this.open(this.data.details.nodes[this.chosen].href);
        else if (event.key === "Escape" && this.chosen) {
          this.chosen = "";
          this.network.unselectAll();
        } else return;
        event.preventDefault();
      });
      this.figure.addEventListener("click", (event) => {
        const tool = event.target.closest("[data-picture-act]");
        if (tool) this.act(tool.dataset.pictureAct);
      });
      // The wheel scrolls the page; with Ctrl, as everywhere, it zooms. A pinch on a touchpad arrives as the same.
      this.stage.addEventListener(
        "wheel",
        (event) => {
          if (!event.ctrlKey) return;
          event.preventDefault();
          this.zoom(event.deltaY < 0 ? 1.1 : 1 / 1.1);
        },
        { passive: false },
      );
      FORCED.addEventListener("change", () => {
        this.coloured = inColours(this.data.options, this.data.nodes);
        this.network.setOptions(this.coloured.options);
        this.network.setData(this.placed());
        this.showAll();
        this.figure.dataset.pictureColours = FORCED.matches ? "forced" : "own";
      });
      let width = this.stage.clientWidth;
      new ResizeObserver(() => {
        if (this.stage.clientWidth === width) return;
        width = this.stage.clientWidth;
        if (this.choose()) this.network.setData(this.placed());
        this.network.setSize("100%", "100%");
        this.network.redraw();
        this.showAll();
        this.figure.dataset.pictureDrawn = this.layout.direction;
      }).observe(this.stage);
    }

    // Says in words, below the picture, what was clicked on.
    tell(node, edge) {
      const found = this.data.details.nodes[node];
      const words = /^(.*)\/words$/.exec(node || "");
      const line = words ? words[1] : (edge || "").split(".")[0];
      const relations = this.data.details.lines[line] || [];
      if (found) {
        const said = [element("strong", found.label), ` (${found.kind}) `, link(found.href, "Open its page")];
        this.detail.replaceChildren(...said.filter(Boolean));
      } else if (relations.length) {
        const list = document.createElement("ul");
        for (const { source, words, target, href } of relations) {
          const item = element("li", "");
          const said = [element("strong", source), ` ${words} `, element("strong", target), " ", link(href, "Evidence")];
          item.append(...said.filter(Boolean));
          list.append(item);
        }
        this.detail.replaceChildren(list);
      }
    }
  }

  for (const figure of document.querySelectorAll("[data-picture]")) new Picture(figure);
})();
