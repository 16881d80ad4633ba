// A list whose rows are dragged by mouse, pen or finger.
//
//   <ol id="items" phx-hook="Reorder" data-event="put">
//     <li id="…" data-id="…"> <span data-handle>⠿</span> … </li>
//   </ol>
//
// A row follows the pointer from place to place as soon as it is taken by its handle. When it is let go
// elsewhere, the view is sent `data-event` with the row's `data-id` as `item` and that of the row after it
// as `before`, null at the end, and answers `{ done: true }`. Any other answer, none, and Escape put the
// row back. A keyboard needs buttons beside it.
const Reorder = {
  mounted() {
    this.take = this.take.bind(this);
    this.el.addEventListener("pointerdown", this.take);
  },

  destroyed() {
    this.drop?.();
  },

  take(event) {
    const row = event.target.closest("[data-handle]")?.closest("[data-id]");
    if (!row || event.button !== 0 || this.drop) return;
    event.preventDefault();
    const list = this.el;
    const after = row.nextElementSibling;
    const putBack = () => {
      const isThere = (one) => one?.parentElement === list;
      if (isThere(row)) list.insertBefore(row, isThere(after) ? after : null);
    };
    // A second finger is none of this.
    const only = (listener) => (other) => other.pointerId === event.pointerId && listener(other);
    const follow = ({ clientY }) => {
      const isBelow = (other) => {
        const { top, height } = other.getBoundingClientRect();
        return other !== row && clientY < top + height / 2;
      };
      const next = [...list.children].find(isBelow) ?? null;
      if (next === row.nextElementSibling) return;
      list.insertBefore(row, next);
      row.scrollIntoView({ block: "nearest" });
    };
    const letGo = () => {
      this.drop();
      const before = row.nextElementSibling;
      if (before === after) return;
      const moved = { item: row.dataset.id, before: before?.dataset.id ?? null };
      this.pushEvent(list.dataset.event, moved).then((answer) => answer?.done || putBack(), putBack);
    };
    const giveUp = () => {
      this.drop();
      putBack();
    };
    const onKey = ({ key }) => key === "Escape" && giveUp();
    const pointer = { pointermove: only(follow), pointerup: only(letGo), pointercancel: only(giveUp) };
    const listeners = { ...pointer, keydown: onKey };
    // The list has the pointer: a row that is put elsewhere in the document loses it.
    list.setPointerCapture(event.pointerId);
    row.classList.add("dragged");
    for (const [name, listener] of Object.entries(listeners)) window.addEventListener(name, listener);
    this.drop = () => {
      for (const [name, listener] of Object.entries(listeners)) window.removeEventListener(name, listener);
      row.classList.remove("dragged");
      this.drop = null;
    };
  },
};
