use belvedere::{live, template::Render};

fn page(numbers: &[f64]) -> impl Render {
    live! { @for number in numbers { li key=(number) { (number) } } }
}

fn main() {
    page(&[]);
}
