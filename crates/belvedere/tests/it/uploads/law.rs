//! Whatever happens to files in whichever order, the page shows what the model says, each is taken once,
//! and nothing is left of the others.

use belvedere::testing::TestView;
use proptest::prelude::*;

use super::album::Place;
use super::{auto, listed, text};

#[derive(Clone, Copy, Debug)]
enum Step {
    /// So many files, each of which comes as a whole or comes to a halt.
    Choose(u8, bool),
    Resume,
    Cancel(u8),
    Submit,
    Reset,
    Reconnect,
    /// The socket is joined anew, without being lost.
    Rejoin,
    Crash,
    Navigate,
    Load,
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        5 => (1..3_u8, any::<bool>()).prop_map(|(n_files, stalls)| Step::Choose(n_files, stalls)),
        3 => Just(Step::Resume),
        3 => (0..4_u8).prop_map(Step::Cancel),
        3 => Just(Step::Submit),
        1 => Just(Step::Reset),
        1 => Just(Step::Reconnect),
        1 => Just(Step::Rejoin),
        1 => Just(Step::Crash),
        1 => Just(Step::Navigate),
        1 => Just(Step::Load),
    ]
}

struct File {
    name: String,
    /// None of one for which there was no place.
    percent: Option<u8>,
    stalls: bool,
}

/// What is known of the files.
#[derive(Default)]
struct Model {
    files: Vec<File>,
    n_taken: usize,
    n_chosen: usize,
    saved: Vec<String>,
}

impl Model {
    fn choose(&mut self, n_files: u8, stalls: bool) -> Vec<String> {
        let names = (0..n_files).map(|index| format!("{}.txt", self.n_chosen + usize::from(index)));
        let names: Vec<_> = names.collect();
        self.n_chosen += names.len();
        let new = names.iter().map(|name| File { name: name.clone(), percent: None, stalls });
        self.files.extend(new);
        self.send();
        names
    }

    /// The browser asks for a place for all that have none.
    fn send(&mut self) {
        let mut n_free = 3 - self.n_taken.min(3);
        n_free -= self.files.iter().filter(|file| file.percent.is_some()).count().min(n_free);
        for file in self.files.iter_mut().filter(|file| file.percent.is_none()).take(n_free) {
            file.percent = Some(if file.stalls { 50 } else { 100 });
        }
    }

    fn is_too_many(&self) -> bool {
        self.n_taken + self.files.len() > 3
    }

    /// Whether the form can be sent now.
    fn is_ready(&self) -> bool {
        let is_ready =
            |file: &File| file.percent == Some(100) || file.percent.is_none() && !file.stalls;
        !self.is_too_many() && !self.files.is_empty() && self.files.iter().all(is_ready)
    }

    /// What was not taken is gone, and the view with it if it was mounted anew.
    fn lose(&mut self, is_mounted_anew: bool) {
        self.files.clear();
        if is_mounted_anew {
            self.n_taken = 0;
        }
    }

    fn shown(&self) -> Vec<String> {
        let shown = |file: &File| format!("{} {}%", file.name, file.percent.unwrap_or(0));
        self.files.iter().map(shown).collect()
    }
}

async fn take(view: &mut TestView, model: &mut Model, step: Step) {
    match step {
        Step::Choose(n_files, stalls) if !model.is_too_many() => {
            let names = model.choose(n_files, stalls);
            let file = |name: &String| {
                let file = text(name, 20_000);
                if stalls { file.stalling_after(1) } else { file }
            };
            view.form("#album").drop_files("Photos", names.iter().map(file)).await;
        }
        Step::Resume => {
            for file in &mut model.files {
                (file.stalls, file.percent) = (false, file.percent.map(|_| 100));
            }
            view.resume_uploads().await;
        }
        Step::Cancel(index) if usize::from(index) < model.files.len() => {
            model.files.remove(usize::from(index));
            view.click(&format!("li:nth-child({}) .cancel", index + 1)).await;
        }
        Step::Submit if model.is_ready() => {
            model.n_taken += model.files.len();
            model.saved.extend(model.files.drain(..).map(|file| file.name));
            view.form("#album").submit().await;
        }
        Step::Choose(..) | Step::Cancel(_) | Step::Submit => {}
        Step::Reset => {
            model.lose(true);
            view.click("#reset").await;
        }
        Step::Reconnect => {
            model.lose(false);
            view.reconnect().await;
        }
        Step::Rejoin => {
            model.lose(false);
            view.join().await;
        }
        Step::Crash => {
            model.lose(true);
            view.click("#crash").await;
            view.join().await;
        }
        Step::Navigate => {
            model.lose(true);
            view.navigate("/counter").await;
            view.navigate("/album").await;
        }
        Step::Load => {
            model.lose(true);
            view.load("/album").await;
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    #[test]
    fn the_page_shows_what_is_there_and_nothing_else_is(steps in prop::collection::vec(step(), 1..14)) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let place = Place::new(auto());
            let mut view = place.join().await;
            let mut model = Model::default();
            for step in steps {
                take(&mut view, &mut model, step).await;
                assert_eq!(listed(&view), model.shown(), "{step:?}");
                assert_eq!(view.texts("strong").len(), usize::from(model.is_too_many()), "{step:?}");
                let n_files = model.files.iter().filter(|file| file.percent.is_some()).count();
                assert_eq!(place.n_files(), n_files, "{step:?}");
                assert_eq!(place.saved(), model.saved, "{step:?}");
            }
            view.close().await;
            assert_eq!(place.n_files(), 0);
        });
    }
}
