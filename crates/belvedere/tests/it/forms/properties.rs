//! Random people at a random form, beside a model of what they should see.

use belvedere::{Form, FormData, LiveForm};
use proptest::prelude::*;

#[derive(Form, Debug, PartialEq)]
struct Order {
    note: String,
    amount: u8,
    gift: bool,
    lines: Vec<Line>,
}

#[derive(Form, Debug, PartialEq)]
struct Line {
    sku: i16,
}

/// What a person does.
#[derive(Debug, Clone)]
enum Act {
    Note(String),
    Amount(String),
    Gift(bool),
    Sku {
        row: usize,
        text: String,
    },
    Add,
    Remove(usize),
    MoveUp(usize),
    Submit,
    /// The server is replaced by one that knows nothing.
    Deploy,
}

fn acts() -> impl Strategy<Value = Vec<Act>> {
    let text = prop_oneof![Just("7"), Just("12a"), Just(""), Just(" 300 "), Just("-1")];
    let text = prop_oneof![text.prop_map(str::to_owned), "\\PC{0,5}"];
    let act = prop_oneof![
        text.clone().prop_map(Act::Note),
        text.clone().prop_map(Act::Amount),
        any::<bool>().prop_map(Act::Gift),
        (0..4_usize, text).prop_map(|(row, text)| Act::Sku { row, text }),
        Just(Act::Add),
        (0..4_usize).prop_map(Act::Remove),
        (0..4_usize).prop_map(Act::MoveUp),
        Just(Act::Submit),
        Just(Act::Deploy),
    ];
    prop::collection::vec(act, 1..25)
}

/// What stands in the page, and what the browser knows of it.
#[derive(Debug, Default)]
struct Model {
    note: (String, bool),
    amount: (String, bool),
    gift: bool,
    /// Key, text, whether used.
    lines: Vec<(u32, String, bool)>,
}

impl Model {
    /// What the browser sends, with the server's own marks of the rows in the page.
    fn sent(
        &self,
        form: &LiveForm<Order>,
        target: &str,
        more: &[(&str, String)],
    ) -> FormData<Order> {
        let mut pairs = form_urlencoded::Serializer::new(String::new());
        pairs.append_pair("o[_form]", "1");
        for key in ["o", target].iter().filter(|_| !target.is_empty()) {
            pairs.append_pair("_target[]", key);
        }
        let mut input = |name: &str, marker: &str, text: &str, used: bool| {
            if !used {
                pairs.append_pair(marker, "");
            }
            pairs.append_pair(name, text);
        };
        input("o[note]", "o[_unused_note]", &self.note.0, self.note.1);
        input("o[amount]", "o[_unused_amount]", &self.amount.0, self.amount.1);
        for (key, text, used) in &self.lines {
            let (name, marker) =
                (format!("o[lines][{key}][sku]"), format!("o[lines][{key}][_unused_sku]"));
            input(&name, &marker, text, *used);
        }
        pairs.append_pair("o[gift]", "");
        if self.gift {
            pairs.append_pair("o[gift]", "true");
        }
        let html = belvedere::template::to_html(&form.inside());
        for mark in html.split("name=\"o[_rows_lines][]\" value=\"").skip(1) {
            pairs.append_pair("o[_rows_lines][]", mark.split('"').next().unwrap());
        }
        for (name, value) in more {
            pairs.append_pair(name, value);
        }
        FormData::parse(&pairs.finish(), &Default::default()).unwrap()
    }

    fn value(&self) -> Option<Order> {
        let lines = self.lines.iter().map(|(_, text, _)| Some(Line { sku: number(text)? }));
        Some(Order {
            note: self.note.0.clone(),
            amount: number(&self.amount.0)?,
            gift: self.gift,
            lines: lines.collect::<Option<_>>()?,
        })
    }

    fn agrees_with(&self, form: &LiveForm<Order>) {
        let shows = |field: belvedere::Field<'_>, text: &str, used: bool, is_right: bool| {
            assert_eq!(field.value(), text, "no text is lost");
            assert_eq!(field.is_wrong(), used && !is_right, "{text:?} {used}");
        };
        shows(form.field(|f| f.note), &self.note.0, self.note.1, true);
        let amount = number::<u8>(&self.amount.0).is_some();
        shows(form.field(|f| f.amount), &self.amount.0, self.amount.1, amount);
        assert_eq!(form.field(|f| f.gift).holds("true"), self.gift);
        let rows = form.rows(|f| f.lines);
        assert_eq!(rows.len(), self.lines.len());
        for (row, (key, text, used)) in rows.into_iter().zip(&self.lines) {
            assert_eq!(row.key(), *key);
            shows(row.field(|l| l.sku), text, *used, number::<i16>(text).is_some());
        }
        assert_eq!(form.value(), self.value().as_ref(), "a value only if it is right");
    }
}

fn number<T: std::str::FromStr>(text: &str) -> Option<T> {
    text.trim().parse().ok()
}

fn play(acts: Vec<Act>) {
    let mut form = LiveForm::<Order>::new("o");
    let mut model = Model::default();
    let first = model.sent(&form, "_form", &[]);
    form.change(first);
    for act in acts {
        let key_at = |model: &Model, row: usize| model.lines.get(row).map(|line| line.0);
        let mut more = Vec::new();
        let mut is_submit = false;
        let mut target = "lines";
        match act {
            Act::Note(text) => (model.note, target) = ((text, true), "note"),
            Act::Amount(text) => (model.amount, target) = ((text, true), "amount"),
            Act::Gift(gift) => (model.gift, target) = (gift, "gift"),
            Act::Sku { row, text } => {
                if let Some(line) = model.lines.get_mut(row) {
                    (line.1, line.2) = (text, true);
                }
            }
            Act::Add => more.push(("o[_add_lines][]", "1".to_owned())),
            Act::Remove(row) => {
                more.extend(key_at(&model, row).map(|key| ("o[_drop_lines][]", key.to_string())));
            }
            Act::MoveUp(row) => {
                more.extend(key_at(&model, row).map(|key| ("o[_up_lines][]", key.to_string())));
            }
            Act::Submit => (is_submit, target) = (true, ""),
            Act::Deploy => {
                let recovered = model.sent(&form, "_form", &[]);
                form = LiveForm::new("o");
                form.change(recovered);
            }
        }
        let data = model.sent(&form, target, &more);
        match more.first() {
            Some(("o[_add_lines][]", _)) => {
                form.change(data);
                let key = form.rows(|f| f.lines).iter().last().unwrap().key();
                assert!(
                    key_at(&model, 0).is_none() || model.lines.iter().all(|line| line.0 != key)
                );
                model.lines.push((key, String::new(), false));
            }
            Some(("o[_drop_lines][]", key)) => {
                form.change(data);
                model.lines.retain(|line| line.0.to_string() != *key);
            }
            Some((_, key)) => {
                form.change(data);
                let at = model.lines.iter().position(|line| line.0.to_string() == *key).unwrap();
                model.lines.swap(at, at.saturating_sub(1));
            }
            None if is_submit => {
                assert_eq!(form.submit(data), model.value());
                (model.note.1, model.amount.1) = (true, true);
                model.lines.iter_mut().for_each(|line| line.2 = true);
            }
            None => form.change(data),
        }
        model.agrees_with(&form);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    #[test]
    fn a_person_sees_what_was_typed_and_what_is_wrong_where_it_was_used(acts in acts()) {
        play(acts);
    }
}
