use axum::extract::Path;
use belvedere::{LiveEvent, LiveView, MountError, Render, Result, Socket, live};
use maud::html;

/// A template in one of 64 × 4 shapes: each bit of the number turns something on, and its last two
/// choose the arm of a `@match`.
pub(crate) struct Shapes {
    state: u32,
}

#[derive(LiveEvent)]
pub(crate) enum Event {
    Go { state: u32 },
}

impl Shapes {
    fn bit(&self, bit: u32) -> bool {
        self.state >> bit & 1 == 1
    }
}

impl LiveView for Shapes {
    type Extract = Path<u32>;
    type Params = ();
    type Event = Event;
    type Message = ();

    async fn mount(Path(state): Path<u32>, _: &mut Socket<Self>) -> Result<Self, MountError> {
        Ok(Self { state })
    }

    async fn handle_event(&mut self, Event::Go { state }: Event, _: &mut Socket<Self>) -> Result {
        self.state = state;
        Ok(())
    }

    fn render(&self) -> impl Render {
        let (state, kind) = (self.state, self.state >> 6 & 3);
        let title = self.bit(0).then(|| format!("\"{state}\" <&>"));
        live! {
            (super::actor())
            p.first.a[self.bit(0)].b[self.bit(1)] title=[&title] hidden[self.bit(2)] { (state) }
            @if self.bit(0) { p { "zero" } } @else if self.bit(1) { p { "one " (state) } }
            @else { ul { li { "neither" } } }
            @match kind {
                0 => {},
                1 => "text only",
                2 => { b { "two" } i { (state) } },
                _ => table { tbody { @for row in 0..state % 4 { tr key=(row) { td { (row) } } } } },
            }
            ul {
                @for n in 0..state % 7 {
                    li key=(n) {
                        @if self.bit(3) { b { (n) @if self.bit(4) { i { (state) } } } }
                        @else if n % 2 == 0 { (n) }
                        @for m in 0..n { @if self.bit(5) { u { (m) } } @else { (m) " " } }
                    }
                }
            }
            @if self.bit(4) { (self.nested()) } @else { "no " (html! { em { "nesting" } }) }
            input name="q" disabled[self.bit(5)] value=(if self.bit(1) { "1" } else { "" });
            svg viewBox={ "0 0 " (state) " 1" } { @if self.bit(2) { circle r="1"; } path d="M0 0"; }
        }
    }
}

impl Shapes {
    fn nested(&self) -> impl Render {
        live! {
            section data-state=(self.state) {
                @if self.bit(5) { (self.state) } @else { h2 { "five is off" } }
                @let deeper = self.bit(0).then(|| live! { p { "deeper " (self.state) } });
                (deeper)
            }
        }
    }
}
