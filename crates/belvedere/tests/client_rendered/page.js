// A page without a browser: elements and texts, and what the client's patches make of them.

const TOKEN = /<(\/?)([^\s/>]+)((?:"[^"]*"|[^">])*)>|[^<]+/g;
const VOID = new Set(["br", "hr", "img", "input"]);
// What the client adds to the elements that it can find again.
const ADDED = / data-phx-(?:id|component|view)="[^"]*"/g;

const isElement = (node) => typeof node !== "string";
const attribute = (element, name) => element.attributes.match(` ${name}="([^"]*)"`)?.[1];
const idOf = (element) => attribute(element, "id");

const parse = (html) => {
  const root = { tag: "", attributes: "", children: [] };
  const open = [root];
  for (const [token, end, tag, attributes] of html.matchAll(TOKEN)) {
    if (tag === undefined) {
      open.at(-1).children.push(token);
    } else if (end) {
      open.pop();
    } else {
      const element = { tag, attributes: attributes.replace(/\/$/, ""), children: [] };
      open.at(-1).children.push(element);
      VOID.has(tag) || open.push(element);
    }
  }
  return root;
};

const elements = function* (element) {
  yield element;
  for (const child of element.children.filter(isElement)) {
    yield* elements(child);
  }
};

const print = (node) => {
  if (!isElement(node)) {
    return node;
  }
  const inner = node.children.map(print).join("");
  const start = `<${node.tag}${node.attributes.replace(ADDED, "")}>`;
  return VOID.has(node.tag) ? start : `${start}${inner}</${node.tag}>`;
};

// The items of a container after a message that brings `news`.
const streamed = (items, news, streams) => {
  for (const [ref, , deletes, reset] of streams) {
    const stays = (item) => !(reset && item.ref === ref) && !deletes.includes(idOf(item));
    items = items.filter(stays);
  }
  for (const item of news) {
    const id = idOf(item);
    const [ref, inserts] = streams.find(([, inserts]) => inserts.some((insert) => insert[0] === id));
    const [, at, limit, isUpdate] = inserts.find((insert) => insert[0] === id);
    item.ref = ref;
    const old = items.findIndex((item) => idOf(item) === id);
    if (old >= 0) {
      items[old] = item;
    } else if (!isUpdate) {
      items.splice(at < 0 ? items.length : at, 0, item);
      items = limit === null ? items : limit < 0 ? items.slice(limit) : items.slice(0, limit);
    }
  }
  return items;
};

export class Page {
  root = parse("");
  // How many elements the patches have left as they are.
  skipped = 0;

  html() {
    return this.root.children.map(print).join("");
  }

  // Replaces everything.
  patch({ buffer, streams }) {
    this.root = this.#morphed(buffer, streams);
  }

  // Replaces the element of one component.
  patchComponent(cid, { buffer, streams }) {
    const [element] = this.#morphed(buffer, streams).children;
    const isShown = (old) => attribute(old, "data-phx-component") === `${cid}`;
    Object.assign([...elements(this.root)].find(isShown), element);
  }

  // Of these components, those that stand on the page and in none of the others.
  outermost(cids) {
    const found = [];
    const visit = (element) => {
      const cid = Number(attribute(element, "data-phx-component"));
      if (cids.includes(cid)) {
        found.push(cid);
      } else {
        element.children.filter(isElement).forEach(visit);
      }
    };
    visit(this.root);
    return found;
  }

  // The new elements, with those of the page where they stay as they are.
  #morphed(html, streams) {
    const shown = new Map();
    for (const element of elements(this.root)) {
      shown.set(attribute(element, "data-phx-id"), element);
      shown.set(`#${attribute(element, "id")}`, element);
    }
    const root = parse(html);
    for (const element of elements(root)) {
      element.children = element.children.map((child) => {
        if (!isElement(child) || !/ data-phx-skip$/.test(child.attributes)) {
          return child;
        }
        const kept = shown.get(attribute(child, "data-phx-id"));
        if (!kept || idOf(kept) !== idOf(child)) {
          throw new Error(`left as it is, but not on the page: ${print(child)}`);
        }
        this.skipped += 1;
        return kept;
      });
      const old = shown.get(`#${attribute(element, "id")}`);
      if (attribute(element, "phx-update") === "stream" && old !== element) {
        element.children = streamed(old?.children ?? [], element.children, [...streams]);
      }
    }
    return root;
  }
}
