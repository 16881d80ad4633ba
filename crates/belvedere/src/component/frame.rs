//! One message: the view's diff, and the trees of its components that have changed.
//!
//! A message of components alone patches their elements. In any other, and in a component, the
//! client leaves a component as it is that is not listed, with all that stands in it; so the ones
//! around a change are listed too, with the way to it.

use std::any::TypeId;
use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::ComponentId;
use super::registry::{Attempt, Components};
use crate::diff::{Changes, Donor, Memory, Root};
use crate::template::renderer::Mode;
use crate::template::{Render, Renderer};
use crate::wire::json;

/// What one frame says, beside streams of components.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct FrameChanges {
    pub(crate) all: Changes,
    /// Streams within components that have forgotten items.
    pub(crate) component_streams: usize,
}

/// Appends the members of the diff of a view, or of its changed components alone. `None` when
/// components must be loaded first.
pub(crate) fn frame<T: Render + ?Sized>(
    view: Option<&T>,
    memory: &mut Memory,
    components: &mut Components,
    out: &mut String,
    attempt: Attempt,
) -> Option<FrameChanges> {
    Renderer::lending(Mode::Diff, components, |renderer| {
        renderer.components().begin_pass(view.is_some());
        renderer.components().mark_changing();
        let mut changes = FrameChanges::default();
        let start = out.len();
        let mut is_view_new = false;
        if let Some(view) = view {
            let (old, target) = (std::mem::take(&mut memory.0), std::mem::take(out));
            renderer.differ.begin(old, target, Root::View);
            renderer.live(view);
            if attempt == Attempt::First && renderer.components().has_wanted() {
                (memory.0, *out) = renderer.differ.give_up();
                return None;
            }
            is_view_new = renderer.differ.is_root_new;
            (memory.0, *out, changes.all) = renderer.differ.finish();
            note_rows(renderer, None);
        }
        if !renderer.components().are_none() {
            let is_view_listed = changes.all.holes > 0;
            let mut trees = Trees { is_view_listed, is_view_new, ..Trees::default() };
            trees.render(renderer, &mut changes);
            trees.write(out, start);
        }
        Some(changes)
    })
}

/// Tells the components of `owner`'s streams, whose template was just rendered, and of their rows.
fn note_rows(renderer: &mut Renderer, owner: Option<u64>) {
    let (news, names) = renderer.differ.take_row_news();
    let components = renderer.components();
    if components.has_rows() {
        components.keep_streams(owner, &names);
    }
    news.iter().for_each(|news| components.rows_sent(owner, news));
}

/// The trees of components in a message.
#[derive(Default)]
struct Trees {
    by_number: BTreeMap<u64, Tree>,
    /// By type, one that the message has changes of.
    donors: HashMap<TypeId, u64>,
    /// The message says something of the view's own template.
    is_view_listed: bool,
    /// It replaces the view's tree, and with it what the browser has of components.
    is_view_new: bool,
    /// Left to the next message.
    put_off: Vec<u64>,
    /// Changed, but on the page no more.
    off_page: Vec<u64>,
}

/// What a message could say of one component.
struct Tree {
    members: String,
    /// It does: there is a change in it, or it stands around one.
    is_listed: bool,
}

impl Trees {
    /// Renders every component of which the browser does not have all, then those around them.
    fn render(&mut self, renderer: &mut Renderer, changes: &mut FrameChanges) {
        loop {
            while let Some(number) = renderer.components().next_dirty() {
                if !renderer.components().is_read(number) {
                    self.off_page.push(number);
                } else if self.is_out_of_reach(renderer.components(), number) {
                    self.put_off.push(number);
                } else {
                    self.render_one(renderer, number, changes);
                }
            }
            let mut is_complete = !self.look_again(renderer.components());
            for number in self.enclosing(renderer.components()) {
                match self.by_number.get_mut(&number) {
                    Some(tree) => tree.is_listed = true,
                    None => is_complete &= !renderer.components().look_at(number),
                }
            }
            if is_complete {
                renderer.components().put_off(std::mem::take(&mut self.put_off));
                return;
            }
        }
    }

    /// Whether the page shows some after all that it did not when they were looked at: one rendered
    /// since has placed them.
    fn look_again(&mut self, components: &mut Components) -> bool {
        let off_page = std::mem::take(&mut self.off_page);
        let (on_page, off_page): (Vec<_>, Vec<_>) =
            off_page.into_iter().partition(|number| components.is_read(*number));
        self.off_page = off_page;
        let n_found = on_page.into_iter().filter(|number| components.look_at(*number)).count();
        n_found > 0
    }

    /// Whether the browser would not come to a component: it keeps nothing of a stream's rows but
    /// their elements, so a message that says something around one only shows those that it brings.
    /// A message of the component alone finds its element.
    fn is_out_of_reach(&self, components: &Components, number: u64) -> bool {
        let Some(row) = components.kept_row(number).filter(|_| !self.is_view_new) else {
            return false;
        };
        let mut around = components.around(row);
        self.is_view_listed || around.any(|outer| self.is_listed(outer))
    }

    fn is_listed(&self, number: u64) -> bool {
        self.by_number.get(&number).is_some_and(|tree| tree.is_listed)
    }

    /// Renders one component. A donor only serves one that the browser does not have.
    fn render_one(&mut self, renderer: &mut Renderer, number: u64, changes: &mut FrameChanges) {
        let own = renderer.components().take_memory(number);
        let is_new = own.0.is_empty();
        if self.is_view_new && !is_new {
            // The new tree does not place it, and the browser has dropped what it had of it.
            return;
        }
        let Some(instance) = renderer.components().take(number) else { return };
        let donor = if is_new { self.donor(renderer.components(), number) } else { None };
        let old = match donor {
            Some(donor) => renderer.components().take_memory(donor.number),
            None => own,
        };
        let n_shared = renderer.components().n_shared();
        let outer = renderer.components().enter(number);
        let is_back = renderer.components().render_sent(number);
        let root = Root::Component { donor, n_shared, is_back };
        renderer.differ.begin(old.0, String::new(), root);
        renderer.tree(|renderer| instance.render(ComponentId(number), renderer));
        renderer.components().leave(outer);
        if let Some(donor) = donor {
            let tape = std::mem::take(&mut renderer.differ.old);
            renderer.components().set_memory(donor.number, Memory(tape));
        }
        let n_shared = renderer.differ.n_shared();
        renderer.components().set_n_shared(n_shared);
        let (tape, members, sent) = renderer.differ.finish();
        note_rows(renderer, Some(number));
        renderer.components().set_memory(number, Memory(tape));
        if is_new {
            renderer.components().sent_whole(number, members.len());
        }
        renderer.components().put(number, instance);
        changes.all.holes += sent.holes;
        changes.all.streams += sent.streams;
        changes.component_streams += sent.streams;
        if sent.streams > 0 {
            renderer.components().streamed(number);
        }
        let is_listed = sent.holes > 0;
        if is_listed && let Some(kind) = renderer.components().type_of(number) {
            self.donors.insert(kind, number);
        }
        self.by_number.insert(number, Tree { members, is_listed });
    }

    /// One that lends its statics to a new component: another of this message, or of the page. One
    /// that is rendered again borrows nothing, since it may have lent.
    fn donor(&self, components: &Components, number: u64) -> Option<Donor> {
        if self.by_number.contains_key(&number) {
            return None;
        }
        if let Some(donor) = self.donors.get(&components.type_of(number)?) {
            return Some(Donor { number: *donor, in_message: true });
        }
        let on_page = || components.donor_on_page(number);
        let donor = if self.is_view_new { None } else { on_page() };
        let donor = donor.filter(|donor| *donor != number && !self.by_number.contains_key(donor));
        donor.map(|number| Donor { number, in_message: false })
    }

    /// The components around those listed, as far as the browser comes from outside to them: from
    /// the page or from another that is listed.
    fn enclosing(&self, components: &Components) -> BTreeSet<u64> {
        let mut enclosing = BTreeSet::new();
        for number in self.by_number.keys().copied().filter(|number| self.is_listed(*number)) {
            let mut between = Vec::new();
            let mut around = components.around(number).peekable();
            while let Some(outer) = around.next_if(|outer| !self.is_listed(*outer)) {
                between.push(outer);
            }
            if self.is_view_listed || around.peek().is_some() {
                enclosing.extend(between);
            }
        }
        enclosing
    }

    fn write(&self, out: &mut String, start: usize) {
        let mut listed = self.by_number.iter().filter(|(_, tree)| tree.is_listed).peekable();
        if listed.peek().is_none() {
            return;
        }
        if out.len() > start && !out.ends_with('{') {
            out.push(',');
        }
        out.push_str("\"c\":{");
        for (index, (number, tree)) in listed.enumerate() {
            out.push_str(if index == 0 { "\"" } else { ",\"" });
            json::number(out, *number);
            out.push_str("\":{");
            out.push_str(&tree.members);
            out.push('}');
        }
        out.push('}');
    }
}
