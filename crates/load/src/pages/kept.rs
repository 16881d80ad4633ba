//! `/counter-kept`, `/form-kept`, `/table-kept`: the same pages, whose state outlives their server.

use belvedere::{LiveView, MountError, Render, Result, Snapshot, Socket};

use super::{
    Counter, CounterEvent, Form, FormEvent, N_FIELDS, Table, TableEvent, User, table, users,
};

/// Letters of a draft that is kept beside the form's inputs.
const N_LETTERS: usize = 1_000;

/// One number.
#[derive(Debug)]
pub struct KeptCounter(Counter);

/// 30 inputs, and a draft of 1,000 letters.
#[derive(Debug)]
pub struct KeptForm {
    form: Form,
    draft: String,
}

/// 200 rows, all of them as they are.
#[derive(Debug)]
pub struct KeptTable(Table);

impl LiveView for KeptCounter {
    type Extract = ();
    type Params = ();
    type Event = CounterEvent;
    type Message = ();

    async fn mount((): (), _: &mut Socket<Self>) -> Result<Self, MountError> {
        Ok(Self(Counter::at(0)))
    }

    async fn handle_event(&mut self, event: CounterEvent, _: &mut Socket<Self>) -> Result {
        self.0.handle(&event);
        Ok(())
    }

    fn snapshot() -> Snapshot<Self> {
        Snapshot::version(1, |view| view.0.count(), |view, count| view.0 = Counter::at(count))
    }

    fn render(&self) -> impl Render {
        self.0.page()
    }
}

impl LiveView for KeptForm {
    type Extract = ();
    type Params = ();
    type Event = FormEvent;
    type Message = ();

    async fn mount((): (), _: &mut Socket<Self>) -> Result<Self, MountError> {
        let form = Form::of(vec![String::new(); N_FIELDS]);
        Ok(Self { form, draft: "x".repeat(N_LETTERS) })
    }

    async fn handle_event(&mut self, event: FormEvent, _: &mut Socket<Self>) -> Result {
        self.form.handle(event);
        Ok(())
    }

    fn snapshot() -> Snapshot<Self> {
        Snapshot::version(
            1,
            |view: &Self| (view.form.values().to_vec(), view.draft.clone()),
            |view, (values, draft)| *view = Self { form: Form::of(values), draft },
        )
    }

    fn render(&self) -> impl Render {
        self.form.page()
    }
}

impl LiveView for KeptTable {
    type Extract = ();
    type Params = ();
    type Event = TableEvent;
    type Message = ();

    async fn mount((): (), _: &mut Socket<Self>) -> Result<Self, MountError> {
        Ok(Self(Table::of(users())))
    }

    async fn handle_event(&mut self, event: TableEvent, _: &mut Socket<Self>) -> Result {
        self.0.handle(&event);
        Ok(())
    }

    fn snapshot() -> Snapshot<Self> {
        let give = |view: &mut Self, users: Vec<User>| view.0 = Table::of(users);
        Snapshot::version(1, |view: &Self| view.0.users().to_vec(), give)
    }

    fn render(&self) -> impl Render {
        table(self.0.users())
    }
}
