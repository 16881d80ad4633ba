//! A page of cards, each a live component.

use std::hint::black_box;

use belvedere::diff::Changes;
use belvedere::template::{Element, Render};
use belvedere::testing::Frames;
use belvedere::{ComponentId, ComponentSocket, LiveComponent, Result, component, live};
use criterion::Criterion;
use futures_util::FutureExt as _;

/// Cards on the page, and so many more that quadratic work would show.
const N_CARDS: [u32; 2] = [200, 800];

struct Card {
    id: u32,
    likes: u32,
}

impl LiveComponent for Card {
    type Props = u32;
    type Event = ();
    type Message = ();

    fn mount(id: &u32) -> Self {
        Self { id: *id, likes: 0 }
    }

    async fn update(&mut self, id: u32, _: &mut ComponentSocket<'_>) -> Result {
        self.id = id;
        Ok(())
    }

    async fn handle_message(&mut self, (): (), _: &mut ComponentSocket<'_>) -> Result {
        self.likes += 1;
        Ok(())
    }

    fn render(&self, target: ComponentId) -> impl Element {
        live! {
            article #{ "card-" (self.id) } {
                h2 { "Card " (self.id) }
                button phx-click="like" phx-target=(target) { (self.likes) " likes" }
            }
        }
    }
}

/// Cards in a place that another state of the page does not have.
fn page(n_cards: u32, heading: u32, is_grid: bool) -> Box<dyn Render> {
    let card = |id| component::<Card>(id, id);
    Box::new(live! {
        h1 { (heading) }
        @if is_grid {
            main { @for id in 0..n_cards { div key=(id) { (card(id)) } } }
        } @else {
            ul { @for id in 0..n_cards { li key=(id) { (card(id)) } } }
        }
    })
}

fn render(frames: &mut Frames, page: Option<&dyn Render>, out: &mut String) -> Changes {
    out.clear();
    frames.render(page, black_box(out)).now_or_never().expect("no card waits for anything")
}

fn joined(n_cards: u32, out: &mut String) -> Frames {
    let mut frames = Frames::default();
    render(&mut frames, Some(&*page(n_cards, 0, false)), out);
    frames
}

pub(crate) fn bench(criterion: &mut Criterion) {
    for n_cards in N_CARDS {
        let mut out = String::with_capacity(256 * 1024);
        let mut frames = joined(n_cards, &mut out);
        let mut id = 0;
        criterion.bench_function(&format!("components/one of {n_cards}"), |bencher| {
            bencher.iter(|| {
                id = (id + 1) % n_cards;
                frames.send::<Card>(&id, ()).now_or_never().expect("no card waits for anything");
                render(&mut frames, None, &mut out)
            });
        });
        let mut turn = 0;
        criterion.bench_function(&format!("components/page around {n_cards}"), |bencher| {
            bencher.iter(|| {
                turn += 1;
                render(&mut frames, Some(&*page(n_cards, turn, false)), &mut out)
            });
        });
        criterion.bench_function(&format!("components/all {n_cards} placed anew"), |bencher| {
            bencher.iter(|| {
                turn += 1;
                render(&mut frames, Some(&*page(n_cards, 0, turn % 2 == 0)), &mut out)
            });
        });
    }
}

pub(crate) fn print_kept() {
    let mut out = String::new();
    let frames = joined(N_CARDS[0], &mut out);
    eprintln!("components: {} bytes kept, full tree {} bytes", frames.bytes(), out.len());
}
